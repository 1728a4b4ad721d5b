"""Any reading equals the fold of the raw log up to its position: rollup, journal and log agree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from statistics import median_low
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from application.database import Database
from application.eventlog import Recorded, decoded, read_page
from application.settings import Settings
from application.simulation import simulate
from domain.centre_events import CentreReassigned
from domain.region_events import RegionEstablished, RegionSucceeded
from domain.values import IndicatorKind
from projections import builds
from projections.indicators import INDICATORS, NUMBERED, SMALL_CELL, numbers_of
from projections.journal import entries_of
from projections.projector import Projector
from projections.readings import Boundaries, Readings
from projections.statistics import (
    By,
    Columns,
    Figure,
    Period,
    QuestionRefused,
    Statistics,
    everything_behind,
)

PROVINCE, JINAN, LAIWU_CITY, LAIWU, LIAOCHENG = "370000", "370100", "371200", "370116", "371500"
REGIONS = [PROVINCE, JINAN, LAIWU_CITY, LAIWU, LIAOCHENG, "370102", "371503", "371523"]


class Year:
    """A small simulated year with its raw events; not a dataclass, whose repr would be the year."""

    def __init__(self, readings: Readings, events: list[Recorded]) -> None:
        self.readings = readings
        self.statistics = Statistics(readings)
        self.events = events


@pytest.fixture(scope="module")
def year(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builds, "BLOCK", 256)  # many blocks even in a small log
        simulate(module_database, Settings(home=tmp_path_factory.mktemp("home")), Fraction(1, 1000))
        Projector(module_database).rebuild(workers=2)
        with psycopg.connect(module_database.reader) as connection:
            events = list(decoded(read_page(connection, 0, 10**9)))
        readings = Readings(module_database)
        yield Year(readings, events)
        readings.close()


class Naive:
    """The plain fold: every event, every entry, no index, no rollup, no shared code of the tree."""

    def __init__(self, events: list[Recorded], position: int) -> None:
        known = [recorded for recorded in events if recorded.position <= position]
        self.entries = [entry for recorded in known for entry in entries_of(recorded)]
        self.today = known[-1].recorded_at + timedelta(hours=8)
        self.codes: dict[UUID, tuple[str, date, UUID | None]] = {}
        self.gone: dict[UUID, tuple[UUID, date]] = {}
        self.moves: dict[UUID, list[tuple[date, UUID]]] = {}
        for event, _, _ in known:
            match event:
                case RegionEstablished():
                    self.codes[event.originator_id] = (event.code, event.valid_from, event.parent)
                case RegionSucceeded():
                    self.gone[event.originator_id] = (event.successor, event.effective_on)
                case CentreReassigned():
                    self.moves.setdefault(event.originator_id, [(date.min, event.from_region)])
                    self.moves[event.originator_id].append((event.effective_on, event.to_region))

    def region(self, centre: UUID | None, region: UUID, on: date) -> UUID:
        if centre in self.moves:
            region = [to for since, to in self.moves[centre] if since <= on][-1]
        while region in self.gone and self.gone[region][1] <= on:
            region = self.gone[region][0]
        while on < self.codes[region][1]:
            before = [old for old, (new, _) in self.gone.items() if new == region]
            if len(before) != 1:
                break
            region = before[0]
        return region

    def lies_in(self, region: UUID, asked: UUID, on: date) -> bool:
        current: UUID | None = region
        while current is not None:
            if current == asked:
                return True
            current = self.codes[current][2]
            if current is not None:
                current = self.region(None, current, on)
        return False

    def total(self, code: str, asked: UUID, first: date, last: date, boundaries: Boundaries) -> int:
        numbers = numbers_of(code)
        stock = NUMBERED[numbers[0]].kind is IndicatorKind.STOCK
        total = 0
        for entry in self.entries:
            if entry.indicator not in numbers or entry.occurred_on > last:
                continue
            if not stock and entry.occurred_on < first:
                continue
            on = last if stock else entry.occurred_on
            if boundaries == "now":
                on = self.today.date()
            elif boundaries != "then":
                on = boundaries
            if self.lies_in(self.region(entry.centre, entry.region, on), asked, on):
                total += entry.quantity
        return total


dates = st.dates(date(2018, 12, 1), date(2020, 3, 31))
moments = st.dates(date(2019, 1, 2), date(2020, 2, 28))
trees = st.one_of(st.just("then"), st.just("now"), st.dates(date(2018, 12, 20), date(2019, 12, 31)))
codes = st.sampled_from(
    sorted(c for c, i in INDICATORS.items() if i.kind in (IndicatorKind.FLOW, IndicatorKind.STOCK))
)
unhurried = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def shown(naive: int, code: str, region: str) -> Figure:
    if INDICATORS[code].sensitive and region != PROVINCE and 0 < naive < SMALL_CELL:
        return Figure(None, suppressed=True)
    return Figure(naive)


@given(
    code=codes,
    region=st.sampled_from(REGIONS),
    span=st.tuples(dates, dates),
    moment=moments,
    tree=trees,
)
@unhurried
def test_a_figure_of_any_region_period_moment_and_tree_is_the_fold_of_the_log(
    year: Year, code: str, region: str, span: tuple[date, date], moment: date, tree: Any
) -> None:
    reading = year.readings.at(moment)
    period = Period(min(span), max(span))
    naive = Naive(year.events, reading.position)
    territory = year.readings.territory(reading)
    on = {"then": period.last, "now": reading.today}.get(tree, tree)
    asked = territory.with_code(region, on)
    assume(asked is not None)  # nobody knew of the region yet
    assert asked is not None
    found = year.statistics.figure(reading, code, region, period, tree)
    assert found == shown(naive.total(code, asked, period.first, period.last, tree), code, region)


@given(
    code=codes,
    region=st.sampled_from(REGIONS),
    span=st.tuples(dates, dates),
    earlier=moments,
    later=moments,
)
@unhurried
def test_a_difference_of_two_readings_is_exactly_the_entries_between_them(
    year: Year, code: str, region: str, span: tuple[date, date], earlier: date, later: date
) -> None:
    before, after = (year.readings.at(moment) for moment in sorted((earlier, later)))
    period = Period(min(span), max(span))
    asked = year.readings.territory(after).with_code(region, period.last)
    assume(asked is not None)
    assert asked is not None
    assume(region == PROVINCE or not INDICATORS[code].sensitive)
    changes = year.statistics.difference(before, after, [code], region, period, limit=10**6)
    late = Naive(year.events, after.position)
    expected = late.total(code, asked, period.first, period.last, "then")
    late.entries = Naive(year.events, before.position).entries
    expected -= late.total(code, asked, period.first, period.last, "then")
    assert sum(change.quantity for change in changes) == expected
    assert all(before.position < change.position <= after.position for change in changes)


@given(code=codes, region=st.sampled_from(REGIONS), span=st.tuples(dates, dates), moment=moments)
@unhurried
def test_the_list_behind_a_number_adds_up_to_it(
    year: Year, code: str, region: str, span: tuple[date, date], moment: date
) -> None:
    reading = year.readings.at(moment)
    period = Period(min(span), max(span))
    assume(year.readings.territory(reading).with_code(region, period.last) is not None)
    assume(region == PROVINCE or not INDICATORS[code].sensitive)
    behind = list(everything_behind(year.statistics, reading, code, region, period))
    figure = year.statistics.figure(reading, code, region, period)
    if not figure.suppressed:
        assert sum(counted.quantity for counted in behind) == figure.value
    assert len({counted.subject for counted in behind}) == len(behind)


@given(moment=moments, by=st.sampled_from([By.CITY, By.COUNTY, By.CENTRE]), tree=trees)
@unhurried
def test_the_rows_of_a_flow_add_up_to_the_total(
    year: Year, moment: date, by: By, tree: Any
) -> None:
    reading = year.readings.at(moment)
    wanted = ["applications", "couples_counselled", "sessions", "service_minutes"]
    period = Period(date(2019, 1, 1), date(2019, 12, 31))
    parts = year.statistics.table(
        reading, wanted, PROVINCE, period, by=by, columns=Columns.MONTH, boundaries=tree
    )
    whole = year.statistics.table(reading, wanted, PROVINCE, period, columns=Columns.MONTH)
    for code in wanted:
        sums = [
            sum(line.figures[code][column].value or 0 for line in parts.lines)
            for column in range(12)
        ]
        assert sums == [figure.value for figure in whole.lines[0].figures[code]]


def test_a_median_is_that_of_the_things_it_counts(year: Year) -> None:
    reading = year.readings.at()
    period = Period(date(2019, 1, 1), date(2019, 12, 31))
    answered: dict[UUID, int] = {}
    [number] = numbers_of("response_minutes")
    for entry in Naive(year.events, reading.position).entries:
        if entry.indicator == number and period.first <= entry.occurred_on <= period.last:
            answered[entry.subject] = answered.get(entry.subject, 0) + entry.quantity
    [code] = [c for c, i in INDICATORS.items() if i.kind is IndicatorKind.MEDIAN]
    figure = year.statistics.figure(reading, code, PROVINCE, period)
    minutes = [quantity for quantity in answered.values() if quantity]
    assert figure == Figure(median_low(minutes), denominator=len(minutes))


def test_before_the_merger_laiwu_counts_for_itself_and_after_it_for_jinan(year: Year) -> None:
    reading = year.readings.at()
    whole = Period(date(2019, 1, 1), date(2019, 12, 31))
    figure = year.statistics.figure
    then = figure(reading, "applications", JINAN, whole, "then").value
    now = figure(reading, "applications", JINAN, whole, "now").value
    early = figure(reading, "applications", LAIWU_CITY, Period(date(2019, 1, 1), date(2019, 1, 8)))
    assert isinstance(then, int)
    assert isinstance(early.value, int)
    assert now == then + early.value


def test_an_as_of_reading_does_not_change_when_more_is_recorded(year: Year) -> None:
    period = Period(date(2019, 1, 1), date(2019, 6, 30))
    naive = Naive(year.events, year.readings.at(date(2019, 6, 30)).position)
    reading = year.readings.at(date(2019, 6, 30))
    asked = year.readings.territory(reading).with_code(PROVINCE, period.last)
    assert asked is not None
    preliminary = year.statistics.figure(reading, "records", PROVINCE, period).value
    final = year.statistics.figure(year.readings.at(), "records", PROVINCE, period).value
    assert preliminary == naive.total("records", asked, period.first, period.last, "then")
    assert preliminary != final, "the simulated year has late entries"


def test_now_is_the_moment_of_the_clock(year: Year) -> None:
    reading = year.readings.at(datetime.now(UTC))
    assert reading.position == year.events[-1].position


def test_a_sensitive_figure_of_a_county_opens_to_no_list(year: Year) -> None:
    reading, period = year.readings.at(), Period(date(2019, 1, 1), date(2019, 12, 31))
    for question in (
        lambda: year.statistics.behind(reading, "screenings_positive", "370102", period),
        lambda: year.statistics.difference(
            reading, reading, ["screenings_positive"], "370102", period
        ),
    ):
        with pytest.raises(QuestionRefused, match="sensitive"):
            question()


def test_a_ratio_is_not_opened_but_its_parts_are_named(year: Year) -> None:
    reading, period = year.readings.at(), Period(date(2019, 1, 1), date(2019, 12, 31))
    with pytest.raises(QuestionRefused, match="couples_counselled or applications"):
        year.statistics.difference(reading, reading, ["counselling_rate"], PROVINCE, period)


def test_a_table_beyond_all_measure_is_refused(year: Year) -> None:
    with pytest.raises(QuestionRefused, match="too large"):
        year.statistics.table(
            year.readings.at(),
            list(INDICATORS),
            PROVINCE,
            Period(date(1950, 1, 1), date(2199, 12, 31)),
            by=By.CENTRE,
            columns=Columns.MONTH,
        )
