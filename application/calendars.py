"""The holiday calendars: one version from each notice of the State Council's General Office on.

Each version also knows the lunar holidays of the years after it, as far as they were reckoned.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.base import Refused
from domain.calendar import HolidayCalendar


class Notice(BaseModel):
    """A notice as the data file holds it; spans are `first/last`, both included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    year: int
    number: str
    issued_on: date
    off: tuple[str, ...]
    working: tuple[date, ...]
    note: str | None = None


class Reckoning(BaseModel):
    """The lunar holidays of a year without a notice, as the data file holds them: provisional."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    year: int
    status: Literal["provisional"]
    spring_festival: str
    qingming: date
    dragon_boat: date
    mid_autumn: date
    source: str
    certainty: str

    def days(self) -> Iterator[date]:
        """The holidays one by one."""
        yield from days_of(self.spring_festival)
        yield from (self.qingming, self.dragon_boat, self.mid_autumn)


class Notices(BaseModel):
    """The data file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    jurisdiction: str
    about: str
    notices: tuple[Notice, ...]
    reckoned: tuple[Reckoning, ...]


@cache
def load_calendars() -> dict[str, HolidayCalendar]:
    """All versions by their names, the oldest first; each holds every year announced by then."""
    known = Notices.model_validate_json(
        files("application").joinpath("data/holidays-cn.json").read_text("utf-8")
    )
    calendars: dict[str, HolidayCalendar] = {}
    by_year: dict[int, Notice] = {}
    for notice in sorted(known.notices, key=lambda notice: notice.issued_on):
        by_year[notice.year] = notice
        in_force = by_year.values()
        version = f"{known.jurisdiction}-{notice.issued_on}"
        calendars[version] = HolidayCalendar(
            version=version,
            jurisdiction=known.jurisdiction,
            known_from=notice.issued_on,
            years=tuple(by_year),
            days_off=frozenset(day for n in in_force for span in n.off for day in days_of(span)),
            working_days=frozenset(day for n in in_force for day in n.working),
            lunar_holidays=frozenset(day for year in known.reckoned for day in year.days()),
            sources=tuple(f"{n.number} ({n.issued_on})" for n in in_force),
            note="\n".join(f"{n.year}: {n.note}" for n in in_force if n.note) or None,
        )
    return calendars


def calendar_on(known_on: date) -> HolidayCalendar:
    """The version known at the end of a date; refused before the first notice on file."""
    known = [c for c in load_calendars().values() if c.known_from <= known_on]
    if not known:
        raise Refused("calendar-missing", year=known_on.year)
    return known[-1]


def days_of(span: str) -> Iterator[date]:
    """The days of a span `first/last`, or the single day."""
    first, _, last = span.partition("/")
    day, end = date.fromisoformat(first), date.fromisoformat(last or first)
    while day <= end:
        yield day
        day += timedelta(days=1)
