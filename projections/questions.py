"""What may be asked of figures, and what is answered: periods, rows, columns, tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from application.eventlog import Position
from domain.base import FIRST_DAY, LAST_DAY
from domain.values import RegionLevel
from domain.wording import Said
from projections.indicators import Indicator
from projections.readings import Boundaries, Reading


class Columns(StrEnum):
    """How a period is cut into columns."""

    TOTAL = "total"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class By(StrEnum):
    """What the rows of a table are."""

    TOTAL = "total"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    CENTRE = "centre"


LEVELS: Final = {
    By.CITY: (RegionLevel.CITY,),
    By.COUNTY: (RegionLevel.COUNTY, RegionLevel.FUNCTIONAL_ZONE),
    By.TOWNSHIP: (RegionLevel.TOWNSHIP,),
}
"""Whose rows are meant; functional zones (功能区) stand beside the counties."""


class QuestionRefused(Said):
    """A question that has no answer; the sentence says how to ask."""


def no_region(region: str | UUID) -> QuestionRefused:
    """The refusal of a region that is not known at a reading."""
    return QuestionRefused(
        f"There is no region “{region}”; write its code, such as 370000: huhang regions or GET "
        "/regions lists them.",
        f"没有区划“{region}”，请填写区划代码（如 370000），"
        "可由 huhang regions 或 GET /regions 查得。",
    )


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last date, both included, in Asia/Shanghai."""

    first: date
    last: date

    def __post_init__(self) -> None:
        for on in (self.first, self.last):
            if not FIRST_DAY <= on <= LAST_DAY:
                raise QuestionRefused(
                    f"{on} is outside {FIRST_DAY} to {LAST_DAY}; choose another day.",
                    f"{on} 不在 {FIRST_DAY} 至 {LAST_DAY} 之间，请另选日期。",
                )
        if self.last < self.first:
            raise QuestionRefused(
                f"The period ends on {self.last}, before it starts on {self.first}; swap them.",
                f"起始日期 {self.first} 晚于截止日期 {self.last}，请对调。",
            )


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an answer: its label, first and last date."""

    label: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. A ratio shows what it is made of.

    A small sensitive cell is suppressed, and so is one from which it could be worked out.

    A median shows as `denominator` of how many things it is one.
    """

    value: int | float | None
    numerator: int | None = None
    denominator: int | None = None
    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: a region or centre, and for each indicator one figure a column.

    A `partial` one counts only what lies in the reach of whoever asks, and is not the whole of it.
    """

    id: UUID
    code: str | None
    name: str
    figures: dict[str, list[Figure]]
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """An answer: what was asked, as of when, and the figures."""

    reading: Reading
    boundaries: Boundaries
    columns: list[Column]
    indicators: list[Indicator]
    lines: list[Line]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Counted:
    """One thing that a number counts, and the last event that touched it."""

    subject: UUID
    quantity: int
    occurred_on: date
    position: Position
    aggregate: UUID
    topic: str
    recorded_at: datetime
    centre: UUID | None
    region: UUID
