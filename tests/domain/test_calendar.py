"""The law by date, working days, and the 30 + 30 days."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from application.calendars import calendar_on, load_calendars
from domain.base import SHANGHAI, Refused
from domain.calendar import (
    CLOSING,
    FIXED_HOLIDAYS,
    HolidayCalendar,
    deadlines,
    law_on,
    outdated,
    regime_on,
)
from domain.values import Regime

LATEST = list(load_calendars().values())[-1]
UNTIL_2026 = load_calendars()["CN-2025-11-04"]


def test_agreement_divorce_was_registered_on_the_spot_until_the_end_of_2020() -> None:
    assert regime_on(date(2019, 6, 1)) is Regime.A
    assert regime_on(date(2020, 12, 31)) is Regime.A


def test_the_cooling_off_period_applies_from_2021_01_01() -> None:
    assert regime_on(date(2021, 1, 1)) is Regime.B
    assert regime_on(date(2026, 1, 1)) is Regime.B


def test_any_office_may_register_from_2025_05_10() -> None:
    assert not law_on(date(2025, 5, 9)).any_office
    assert law_on(date(2025, 5, 10)).any_office


def test_a_plain_weekday_is_a_working_day_and_a_plain_weekend_is_none() -> None:
    assert LATEST.is_working_day(date(2019, 3, 15))
    assert not LATEST.is_working_day(date(2019, 3, 16))
    assert not LATEST.is_working_day(date(2019, 3, 17))


def test_a_holiday_on_a_weekday_is_no_working_day() -> None:
    assert not LATEST.is_working_day(date(2019, 10, 1))


def test_a_swapped_weekend_is_a_working_day() -> None:
    assert LATEST.is_working_day(date(2019, 10, 12))


def test_before_its_years_a_calendar_says_nothing() -> None:
    with pytest.raises(Refused, match="calendar-missing") as refusal:
        LATEST.is_working_day(date(2018, 1, 4))
    assert refusal.value.context == {"year": 2018}


def test_the_next_working_day_of_a_working_day_is_itself() -> None:
    assert LATEST.next_working_day(date(2022, 2, 7)) == date(2022, 2, 7)


def test_the_next_working_day_passes_over_a_whole_holiday() -> None:
    assert LATEST.next_working_day(date(2022, 1, 31)) == date(2022, 2, 7)


def test_day_one_is_the_day_after_acceptance() -> None:
    ends = deadlines(date(2021, 1, 4), calendar_on(date(2021, 1, 4)))
    assert (ends.cooling_off_nominal, ends.cooling_off_effective) == (date(2021, 2, 3),) * 2
    assert (ends.window_nominal, ends.window_effective) == (date(2021, 3, 5),) * 2


def test_a_last_day_in_the_spring_festival_moves_to_the_next_working_day() -> None:
    ends = deadlines(date(2022, 1, 4), calendar_on(date(2022, 1, 4)))
    assert ends.cooling_off_nominal == date(2022, 2, 3)
    assert ends.cooling_off_effective == date(2022, 2, 7)


def test_the_window_follows_the_effective_end_of_the_cooling_off_period() -> None:
    ends = deadlines(date(2022, 1, 4), calendar_on(date(2022, 1, 4)))
    assert ends.window_nominal == date(2022, 3, 5)
    assert ends.window_effective == date(2022, 3, 9)


def test_a_last_day_on_a_weekend_moves_too() -> None:
    ends = deadlines(date(2021, 3, 11), LATEST)
    assert ends.cooling_off_nominal == date(2021, 4, 10)  # a Saturday
    assert ends.cooling_off_effective == date(2021, 4, 12)


def test_a_last_day_on_a_swapped_saturday_stays() -> None:
    ends = deadlines(date(2021, 1, 21), LATEST)
    assert ends.cooling_off_nominal == ends.cooling_off_effective == date(2021, 2, 20)


def test_deadlines_name_the_version_of_the_calendar() -> None:
    assert deadlines(date(2021, 1, 4), LATEST).calendar_version == LATEST.version


def test_on_the_last_day_a_period_ends_when_the_office_closes_and_not_at_midnight() -> None:
    ends = deadlines(date(2021, 1, 4), LATEST)
    assert ends.closing == CLOSING == "17:00"
    assert ends.cooling_off_ends == datetime(2021, 2, 3, 17, tzinfo=SHANGHAI)
    assert ends.window_ends == datetime(2021, 3, 5, 17, tzinfo=SHANGHAI)
    summer = deadlines(date(2021, 1, 4), LATEST, "17:30")
    assert summer.window_ends - ends.window_ends == timedelta(minutes=30)


@pytest.mark.parametrize("wrong", ["24:00", "5:00", "17:60", "17:00:00", "17:00+08:00", "1７:00"])
def test_a_closing_time_is_an_hour_and_a_minute_of_a_day(wrong: str) -> None:
    ends = deadlines(date(2021, 1, 4), LATEST)
    with pytest.raises(ValidationError):
        type(ends)(**{**dict(ends), "closing": wrong})


def test_a_notice_that_moves_no_day_makes_no_deadline_outdated_whatever_the_closing_time() -> None:
    accepted_on = date(2022, 11, 22)
    known_then = calendar_on(accepted_on)
    assert not outdated(deadlines(accepted_on, known_then, "18:00"), accepted_on, known_then)


def test_regime_a_has_no_deadlines() -> None:
    with pytest.raises(Refused, match="no-cooling-off"):
        deadlines(date(2020, 12, 31), LATEST)


def test_registration_goes_on_in_late_autumn_while_next_years_notice_is_not_out() -> None:
    ends = deadlines(date(2026, 11, 25), UNTIL_2026)
    assert (ends.cooling_off_nominal, ends.cooling_off_effective) == (date(2026, 12, 25),) * 2
    assert (ends.window_nominal, ends.window_effective) == (date(2027, 1, 24), date(2027, 1, 25))
    assert ends.provisional
    assert ends.calendar_version == "CN-2025-11-04+2027-provisional"


def test_deadlines_within_the_announced_years_are_not_provisional() -> None:
    assert not deadlines(date(2026, 10, 26), UNTIL_2026).provisional


def test_the_last_days_of_december_are_provisional_too_for_the_new_year_may_move_them() -> None:
    ends = deadlines(date(2026, 11, 1), UNTIL_2026)
    assert ends.window_effective == date(2026, 12, 31)
    assert ends.provisional


def test_a_provisional_window_passes_over_the_holidays_that_the_regulation_fixes() -> None:
    after_new_year = deadlines(date(2026, 11, 2), UNTIL_2026)
    assert after_new_year.window_nominal == date(2027, 1, 1)
    assert after_new_year.window_effective == date(2027, 1, 4)
    after_spring_festival = deadlines(date(2026, 12, 7), UNTIL_2026)
    assert after_spring_festival.window_nominal == date(2027, 2, 5)  # the eve
    assert after_spring_festival.window_effective == date(2027, 2, 9)


def test_a_year_beyond_every_calendar_has_weekends_and_the_fixed_holidays() -> None:
    assert not LATEST.is_working_day(date(2040, 10, 3))  # a Wednesday
    assert LATEST.is_working_day(date(2040, 10, 4))
    assert not LATEST.is_working_day(date(2040, 10, 6))  # a Saturday


@pytest.mark.parametrize("year", [2027, 2028])
def test_a_provisional_year_has_the_13_holidays_of_all_citizens(year: int) -> None:
    reckoned = {(d.month, d.day) for d in UNTIL_2026.lunar_holidays if d.year == year}
    assert len(reckoned | FIXED_HOLIDAYS) == 13 - (year == 2028)  # Mid-Autumn falls on 3 October


def test_the_reckoned_holidays_are_those_of_the_regulation() -> None:
    off = {d for d in UNTIL_2026.lunar_holidays if d.year == 2027}
    assert sorted(off) == [
        date(2027, 2, 5),
        date(2027, 2, 6),
        date(2027, 2, 7),
        date(2027, 2, 8),
        date(2027, 4, 5),
        date(2027, 6, 9),
        date(2027, 9, 15),
    ]


def test_provisional_deadlines_are_outdated_once_a_notice_makes_other_days_of_them() -> None:
    accepted_on = date(2022, 11, 22)  # the notice for 2023 came on 2022-12-08
    before = deadlines(accepted_on, calendar_on(accepted_on))
    assert (before.window_effective, before.provisional) == (date(2023, 1, 23), True)
    assert not outdated(before, accepted_on, calendar_on(date(2022, 12, 7)))
    assert outdated(before, accepted_on, calendar_on(date(2022, 12, 8)))
    after = deadlines(accepted_on, calendar_on(date(2022, 12, 8)))
    assert (after.window_effective, after.provisional) == (date(2023, 1, 28), False)
    assert not outdated(after, accepted_on, LATEST)


def test_provisional_deadlines_that_the_notice_confirms_are_not_outdated() -> None:
    accepted_on = date(2022, 11, 10)
    before = deadlines(accepted_on, calendar_on(accepted_on))
    assert before.provisional
    assert not outdated(before, accepted_on, calendar_on(date(2022, 12, 8)))


@given(st.dates(date(2021, 1, 1), date(2050, 12, 31)))
def test_effective_ends_are_working_days_and_never_before_nominal_ones(accepted_on: date) -> None:
    ends = deadlines(accepted_on, LATEST)
    assert ends.cooling_off_nominal - accepted_on == timedelta(days=30)
    assert ends.window_nominal - ends.cooling_off_nominal == timedelta(days=30)
    assert ends.window_effective - ends.cooling_off_effective >= timedelta(days=30)
    for nominal, effective in (
        (ends.cooling_off_nominal, ends.cooling_off_effective),
        (ends.window_nominal, ends.window_effective),
    ):
        assert nominal <= effective
        assert LATEST.is_working_day(effective)


@given(st.dates(date(2019, 1, 1), date(2050, 12, 31)))
def test_no_working_day_lies_between_a_date_and_the_next_working_day(on: date) -> None:
    following = LATEST.next_working_day(on)
    between = (following - on).days
    assert not any(LATEST.is_working_day(on + timedelta(days=n)) for n in range(between))


def test_the_notices_cover_every_year_from_2019_to_2026() -> None:
    assert UNTIL_2026.years == tuple(range(2019, 2027))


def test_may_day_2019_was_lengthened_by_a_second_version() -> None:
    before, after = calendar_on(date(2019, 3, 21)), calendar_on(date(2019, 3, 22))
    assert before.is_working_day(date(2019, 5, 2))
    assert not after.is_working_day(date(2019, 5, 2))
    assert after.is_working_day(date(2019, 4, 28))


def test_the_epidemic_lengthened_the_spring_festival_of_2020_by_a_second_version() -> None:
    before, after = calendar_on(date(2020, 1, 25)), calendar_on(date(2020, 1, 26))
    assert before.next_working_day(date(2020, 1, 24)) == date(2020, 1, 31)
    assert after.next_working_day(date(2020, 1, 24)) == date(2020, 2, 3)


def test_before_the_first_notice_no_calendar_is_known() -> None:
    with pytest.raises(Refused, match="calendar-missing"):
        calendar_on(date(2018, 12, 3))


def test_a_version_covers_only_the_years_announced_by_then() -> None:
    assert calendar_on(date(2021, 10, 24)).years == (2019, 2020, 2021)
    assert calendar_on(date(2021, 10, 25)).years == (2019, 2020, 2021, 2022)


@pytest.mark.parametrize("calendar", load_calendars().values(), ids=lambda c: c.version)
def test_every_extra_working_day_is_a_weekend_and_never_off_too(calendar: HolidayCalendar) -> None:
    assert all(day.weekday() >= 5 for day in calendar.working_days)
    assert not calendar.working_days & calendar.days_off


@pytest.mark.parametrize(
    ("year", "statutory"),
    # 11 days, 13 since the regulation of November 2024; two more by the epidemic's extension
    [
        (2019, 11),
        (2020, 13),
        (2021, 11),
        (2022, 11),
        (2023, 11),
        (2024, 11),
        (2025, 13),
        (2026, 13),
    ],
)
def test_weekdays_off_less_weekends_worked_are_the_statutory_holidays(
    year: int, statutory: int
) -> None:
    off = sum(day.year == year and day.weekday() < 5 for day in LATEST.days_off)
    worked = sum(day.year == year for day in LATEST.working_days)
    assert off - worked == statutory
