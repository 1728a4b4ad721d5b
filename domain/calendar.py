"""The law by date: regimes of agreement divorce, working days, and the 30 + 30 days.

A calendar version holds every year announced up to one day, so that a deadline computed then can be
told apart from what a later notice made of it. The years after those are provisional, and a
deadline in them says so. All dates are in Asia/Shanghai.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, NamedTuple

from pydantic import StringConstraints

from domain.base import SHANGHAI, Refused, Text, Value
from domain.values import Regime

COOLING_OFF = timedelta(days=30)  # Civil Code art. 1077 para. 1
CERTIFICATE_WINDOW = timedelta(days=30)  # Civil Code art. 1077 para. 2
YEAR_END = timedelta(days=3)  # next year's notice may still move them: it moved 2018-12-29 to 31
SATURDAY = 5

FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Month and day of the holidays of all citizens that no lunar calendar moves.

State Council, regulation on national holidays and memorial days (全国年节及纪念日放假办法), art. 2,
as amended by Decree 795, in force from 2025-01-01.
"""

ClosingTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""When an office stops its work on a working day, HH:MM in Asia/Shanghai."""

CLOSING: ClosingTime = "17:00"
"""Policy: when a registry office closes of which `RegistryOffice.closing` says nothing.

A default of this system and no published figure: no law fixes the hour, each office publishes its
own.
"""

PROVISIONAL = "provisional"  # the last word of a version by which a year was not announced yet


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

    `days_off` and `working_days` are the exceptions to the five-day week in the announced `years`.
    After them only what the regulation fixes is known: `FIXED_HOLIDAYS`, and `lunar_holidays` as
    far as they were reckoned; a notice still adds transferred days and days in lieu of holidays
    that fall on a weekend (arts. 6 and 7). `note` says what is uncertain.
    """

    version: Text
    jurisdiction: Text
    known_from: date
    years: tuple[int, ...]
    days_off: frozenset[date]
    working_days: frozenset[date]
    lunar_holidays: frozenset[date] = frozenset()
    sources: tuple[Text, ...]
    note: Text | None = None

    def is_provisional(self, on: date) -> bool:
        """Whether a date lies in a year after the last one announced."""
        return on.year > max(self.years)

    def is_working_day(self, on: date) -> bool:
        """Whether offices work on a date; refused before the years covered."""
        if self.is_provisional(on):
            holiday = on in self.lunar_holidays or (on.month, on.day) in FIXED_HOLIDAYS
            return not holiday and on.weekday() < SATURDAY
        if on.year not in self.years:
            raise Refused("calendar-missing", year=on.year)
        return on in self.working_days or (on not in self.days_off and on.weekday() < SATURDAY)

    def next_working_day(self, on: date) -> date:
        """The date itself when offices work on it, else the first one after it when they do."""
        while not self.is_working_day(on):
            on += timedelta(days=1)
        return on

    def working_days_after(self, on: date, days: int) -> date:
        """The last of so many working days, of which the first comes after the date."""
        for _ in range(days):
            on = self.next_working_day(on + timedelta(days=1))
        return on


class Deadlines(Value):
    """The ends of the cooling-off period and of the certificate window of an application.

    The nominal ends count calendar days and are printed on the receipt; the effective ends are the
    last days on which the parties may act, by that version of the calendar. On those days they may
    act until the office stops its work, at `closing` (Civil Code art. 203 para. 2).
    """

    cooling_off_nominal: date
    cooling_off_effective: date
    window_nominal: date
    window_effective: date
    calendar_version: Text
    closing: ClosingTime

    @property
    def cooling_off_ends(self) -> datetime:
        """The last instant at which the application can be withdrawn."""
        return self.closed_on(self.cooling_off_effective)

    @property
    def window_ends(self) -> datetime:
        """The last instant at which the divorce can be registered."""
        return self.closed_on(self.window_effective)

    def closed_on(self, on: date) -> datetime:
        """When the office stops its work on a day."""
        return datetime.combine(on, time.fromisoformat(self.closing), SHANGHAI)

    @property
    def provisional(self) -> bool:
        """Whether a notice that was not known when they were computed may still move an end."""
        return self.calendar_version.endswith(PROVISIONAL)


def deadlines(
    accepted_on: date, calendar: HolidayCalendar, closing: ClosingTime = CLOSING
) -> Deadlines:
    """The 30 + 30 days of an application accepted on a date by an office that closes at `closing`.

    Day 1 is the day after (Civil Code art. 201). A period whose last day is a statutory rest day
    (法定休假日) ends on the next working day (art. 203). The reading taken: weekly rest days are
    rest days too, and swapped days count as they are really taken (Supreme People's Court, opinions
    on the General Principles of Civil Law, 1988, no. 198). The window follows the end of the
    cooling-off period (art. 1077 para. 2), so its effective end counts from the effective end
    before it. Where a notice not out yet may still move an end, the version says that they are
    provisional; the registry accepts an application either way. Refused for regime A.
    """
    if regime_on(accepted_on) is not Regime.B:
        raise Refused("no-cooling-off", on=accepted_on)
    cooling_off = accepted_on + COOLING_OFF
    cooling_off_effective = calendar.next_working_day(cooling_off)
    window_effective = calendar.next_working_day(cooling_off_effective + CERTIFICATE_WINDOW)
    version = calendar.version
    unannounced = window_effective + YEAR_END
    if calendar.is_provisional(unannounced):
        version = f"{version}+{unannounced.year}-{PROVISIONAL}"
    return Deadlines(
        cooling_off_nominal=cooling_off,
        cooling_off_effective=cooling_off_effective,
        window_nominal=cooling_off + CERTIFICATE_WINDOW,
        window_effective=window_effective,
        calendar_version=version,
        closing=closing,
    )


def outdated(before: Deadlines, accepted_on: date, calendar: HolidayCalendar) -> bool:
    """Whether provisional deadlines end on other days by this calendar and are to be corrected.

    The version alone is no reason: days that the notice confirmed stay as they are.
    """
    after = deadlines(accepted_on, calendar, before.closing)
    ends = {"calendar_version": before.calendar_version}
    return before.provisional and after.model_copy(update=ends) != before
