"""The law by date: regimes of agreement divorce, working days, and the 30 + 30 days.

A calendar version holds every year announced up to one day, so that a deadline computed then can be
told apart from what a later notice made of it. All dates are in Asia/Shanghai.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from domain.base import Refused, Text, Value
from domain.values import Regime

COOLING_OFF = timedelta(days=30)  # Civil Code art. 1077 para. 1
CERTIFICATE_WINDOW = timedelta(days=30)  # Civil Code art. 1077 para. 2
SATURDAY = 5


class Law(NamedTuple):
    """The law of agreement divorce from one day on."""

    since: date
    regime: Regime
    any_office: bool
    source: str


LAWS = (
    Law(date.min, Regime.A, False, "Marriage Law art. 31; Marriage Registration Regulations 2003"),
    Law(date(2021, 1, 1), Regime.B, False, "Civil Code art. 1076-1078"),
    Law(date(2025, 5, 10), Regime.B, True, "State Council Decree 804: any office in the country"),
)


def law_on(on: date) -> Law:
    """The law in force on a date."""
    return next(law for law in reversed(LAWS) if law.since <= on)


def regime_on(on: date) -> Regime:
    """The regime under which an application of this date is registered."""
    return law_on(on).regime


class HolidayCalendar(Value):
    """The working days of some years as they were known when the last of its notices was issued.

    `days_off` and `working_days` are the exceptions to the five-day week. `note` says what is
    uncertain about it.
    """

    version: Text
    jurisdiction: Text
    known_from: date
    years: tuple[int, ...]
    days_off: frozenset[date]
    working_days: frozenset[date]
    sources: tuple[Text, ...]
    note: Text | None = None

    def is_working_day(self, on: date) -> bool:
        """Whether offices work on a date; refused outside the years covered."""
        if on.year not in self.years:
            raise Refused("calendar-missing", year=on.year)
        return on in self.working_days or (on not in self.days_off and on.weekday() < SATURDAY)

    def next_working_day(self, on: date) -> date:
        """The date itself when offices work on it, else the first one after it when they do."""
        while not self.is_working_day(on):
            on += timedelta(days=1)
        return on


class Deadlines(Value):
    """The ends of the cooling-off period and of the certificate window of an application.

    The nominal ends count calendar days and are printed on the receipt; the effective ends are the
    last days on which the parties may act, by that version of the calendar.
    """

    cooling_off_nominal: date
    cooling_off_effective: date
    window_nominal: date
    window_effective: date
    calendar_version: Text


def deadlines(accepted_on: date, calendar: HolidayCalendar) -> Deadlines:
    """The 30 + 30 days of an application accepted on a date.

    Day 1 is the day after (Civil Code art. 201). A period whose last day is a statutory rest day
    (法定休假日) ends on the next working day (art. 203). The reading taken: weekly rest days are
    rest days too, and swapped days count as they are really taken (Supreme People's Court, opinions
    on the General Principles of Civil Law, 1988, no. 198). The window follows the end of the
    cooling-off period (art. 1077 para. 2), so its effective end counts from the effective end
    before it. Refused for regime A, and where the calendar does not cover a last day.
    """
    if regime_on(accepted_on) is not Regime.B:
        raise Refused("no-cooling-off", on=accepted_on)
    cooling_off = accepted_on + COOLING_OFF
    cooling_off_effective = calendar.next_working_day(cooling_off)
    return Deadlines(
        cooling_off_nominal=cooling_off,
        cooling_off_effective=cooling_off_effective,
        window_nominal=cooling_off + CERTIFICATE_WINDOW,
        window_effective=calendar.next_working_day(cooling_off_effective + CERTIFICATE_WINDOW),
        calendar_version=calendar.version,
    )
