"""Any reading equals the fold of the raw log up to its position: rollup, journal and log agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random
from statistics import median_low
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from application.database import Database
from application.divisions import divisions_on
from application.eventlog import Recorded, decoded, read_page
from application.keys import Author, author_of
from application.records import Records
from application.settings import Settings
from application.simulation import simulate
from domain import case_file, centre_existence, region_boundaries
from domain.base import FIRST_DAY, Place
from domain.case import Case
from domain.centre import Centre
from domain.centre_events import CentreEstablished, CentreReassigned
from domain.region import Region
from domain.region_events import (
    FoundingCorrected,
    MoveVoided,
    RegionEstablished,
    RegionMoved,
    RegionSucceeded,
    SuccessionCorrected,
    SuccessionVoided,
)
from domain.territory import TERRITORIAL
from domain.values import CentreKind, Counts, IndicatorKind
from projections import builds
from projections.differences import difference
from projections.indicators import INDICATORS, NUMBERED, SMALL_CELL, numbers_of
from projections.journal import Entry, entries_of
from projections.ledger_reading import Wanted, page
from projections.ledgers import LEDGERS, Column
from projections.projector import Projector
from projections.questions import LEVELS, By, Columns, Counted, Figure, Period, QuestionRefused
from projections.readings import Boundaries, Reading, Readings
from projections.statistics import Statistics, everything_behind
from tests.domain.case_cast import OPENING
from tests.projections.work import command
from tests.unasked import Unasked

pytestmark = pytest.mark.exhaustive

PROVINCE, JINAN, LAIWU_CITY, LAIWU, LIAOCHENG = "370000", "370100", "371200", "370116", "371500"
REGIONS = [PROVINCE, JINAN, LAIWU_CITY, LAIWU, LIAOCHENG, "370102", "371503", "371523"]
SUMMER = date(2019, 7, 1)


class Year:
    """A small simulated year with its raw events; not a dataclass, whose repr would be the year."""

    def __init__(self, readings: Readings, events: list[Recorded]) -> None:
        self.readings = readings
        self.statistics = Statistics(readings)
        self.events = events
        self.entries = [
            (recorded.position, entry) for recorded in events for entry in entries_of(recorded)
        ]


@pytest.fixture(scope="module")
def year(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builds, "BLOCK", 256)  # many blocks even in a small log
        settings = Settings(home=tmp_path_factory.mktemp("home"))
        simulate(module_database, settings, Fraction(1, 1000))
        redraw(module_database, author_of(settings))
        Projector(module_database).rebuild(workers=2)
        with psycopg.connect(module_database.reader) as connection:
            events = list(decoded(read_page(connection, 0, 10**9)))
        readings = Readings(module_database)
        yield Year(readings, events)
        readings.close()


def redraw(database: Database, author: Author) -> None:
    """Boundaries are entered late, corrected and taken back, and cases opened in between."""
    records = Records(database, author, jurisdiction=Unasked)
    jinan, liaocheng, chiping = (
        divisions_on(date(2019, 12, 31))[code].region for code in ("370100", "371500", "371503")
    )
    lixia, huaiyin = (
        divisions_on(date(2019, 12, 31))[code].region for code in ("370102", "370104")
    )
    laiwu, chiping_county = (
        divisions_on(date(2018, 12, 31))[c].region for c in ("371202", "371523")
    )
    with psycopg.connect(database.reader) as connection:
        events = [one.event for one in decoded(read_page(connection, 0, 10**9))]
    centres = {
        event.place.region: event.originator_id
        for event in events
        if isinstance(event, CentreEstablished) and event.establishment.kind is CentreKind.CENTRE
    }
    [passed] = [
        e for e in events if isinstance(e, RegionSucceeded) and e.originator_id == chiping_county
    ]
    [merged] = [e for e in events if isinstance(e, RegionSucceeded) and e.originator_id == laiwu]
    later = passed.succession.model_copy(update={"effective_on": date(2019, 10, 1)})
    founding = next(
        e.founding
        for e in events
        if isinstance(e, RegionEstablished) and e.originator_id == huaiyin
    )

    def enter(kind: type[Region] | type[Centre], of: UUID, decision: Any, *facts: object) -> None:
        records.change(command(datetime.now(UTC)), kind, of, decision, *facts)
        for region in (lixia, huaiyin, chiping):
            place = Place(centre=centres.get(region), region=region)
            opening = OPENING.model_copy(update={"number": f"late-{uuid4()}"})
            records.change(command(SUMMER), Case, uuid4(), case_file.open_case, opening, place)

    enter(Region, lixia, region_boundaries.move, liaocheng, date(2019, 3, 15))
    enter(
        Region,
        chiping_county,
        region_boundaries.correct_succession,
        chiping,
        passed.effective_on,
        later,
    )
    enter(Region, lixia, region_boundaries.void_move)
    enter(
        Region,
        huaiyin,
        region_boundaries.correct_founding,
        founding.model_copy(update={"parent": liaocheng}),
    )
    enter(Region, lixia, region_boundaries.move, liaocheng, date(2019, 5, 1))
    enter(Region, laiwu, region_boundaries.void_succession, merged.successor, merged.effective_on)
    enter(Centre, centres[lixia], centre_existence.reassign, huaiyin, SUMMER)
    enter(Region, chiping_county, region_boundaries.void_succession, chiping, date(2019, 10, 1))
    enter(Region, huaiyin, region_boundaries.correct_founding, founding)
    enter(Region, lixia, region_boundaries.move, jinan, SUMMER)
    records.close()


def is_stock(code: str) -> bool:
    return NUMBERED[numbers_of(code)[0]].kind is IndicatorKind.STOCK


class Naive:
    """The plain fold: every event, every entry, no index, no rollup, no shared code of the tree."""

    def __init__(self, year: Year, position: int) -> None:
        known = [recorded for recorded in year.events if recorded.position <= position]
        self.entries = [entry for at, entry in year.entries if at <= position]
        self.today = known[-1].recorded_at + timedelta(hours=8)
        self.since: dict[UUID, date] = {}
        self.levels: dict[UUID, str] = {}
        self.parents: dict[UUID, list[tuple[date, UUID | None]]] = {}
        self.gone: dict[UUID, tuple[UUID, date]] = {}
        self.moves: dict[UUID, list[tuple[date, UUID]]] = {}
        for event, _, _ in known:
            match event:
                case RegionEstablished():
                    self.since[event.originator_id] = event.valid_from
                    self.levels[event.originator_id] = event.level
                    self.parents[event.originator_id] = [(date.min, event.parent)]
                case FoundingCorrected():
                    self.parents[event.originator_id] = [(date.min, event.after.parent)]
                case RegionMoved():
                    self.parents[event.originator_id].append((event.effective_on, event.to_parent))
                case MoveVoided():
                    self.parents[event.originator_id].pop()
                case RegionSucceeded():
                    self.gone[event.originator_id] = (event.successor, event.effective_on)
                case SuccessionCorrected():
                    self.gone[event.originator_id] = (
                        event.after.successor, event.after.effective_on,
                    )  # fmt: skip
                case SuccessionVoided():
                    del self.gone[event.originator_id]
                case CentreReassigned():
                    self.moves.setdefault(event.originator_id, [(date.min, event.from_region)])
                    self.moves[event.originator_id].append((event.effective_on, event.to_region))

    def region(self, centre: UUID | None, region: UUID, on: date) -> UUID:
        if centre in self.moves:
            region = [to for since, to in self.moves[centre] if since <= on][-1]
        while region in self.gone and self.gone[region][1] <= on:
            region = self.gone[region][0]
        while on < self.since[region]:
            before = [
                old
                for old, (new, gone) in self.gone.items()
                if new == region and gone <= self.since[region]
            ]
            if len(before) != 1:
                break
            region = before[0]
        return region

    def lies_in(self, region: UUID, asked: UUID, on: date) -> bool:
        current: UUID | None = region
        while current is not None:
            if current == asked:
                return True
            current = [parent for since, parent in self.parents[current] if since <= on][-1]
            if current is not None:
                current = self.region(None, current, on)
        return False

    def turns(self, first: date, last: date) -> set[date]:
        """The days after the first on which any region began, moved or ended."""
        began = self.since.values()
        ended = (on for _, on in self.gone.values())
        moved = (on for parents in self.parents.values() for on, _ in parents)
        return {on for on in (*began, *ended, *moved) if first < on <= last}

    def existed(self, levels: Sequence[str], asked: UUID, days: Iterable[date]) -> set[UUID]:
        return {
            region
            for region, level in self.levels.items()
            for on in days
            if level in levels
            and self.since[region] <= on
            and self.region(None, region, on) == region
            and self.lies_in(region, asked, on)
        }

    def counted(self, code: str, first: date, last: date) -> Iterator[Entry]:
        numbers = numbers_of(code)
        for entry in self.entries:
            since_ever = is_stock(code) or entry.occurred_on >= first
            if entry.indicator in numbers and since_ever and entry.occurred_on <= last:
                yield entry

    def total(
        self, code: str, asked: UUID | None, first: date, last: date, boundaries: Boundaries
    ) -> int:
        if asked is None:
            return 0  # nobody knew of the region yet
        total = 0
        for entry in self.counted(code, first, last):
            on = last if is_stock(code) else entry.occurred_on
            if boundaries == "now":
                on = self.today.date()
            elif boundaries != "then":
                on = boundaries
            if self.lies_in(self.region(entry.centre, entry.region, on), asked, on):
                total += entry.quantity
        return total


dates = st.dates(date(2018, 12, 1), date(2020, 3, 31))
moments = st.dates(date(2019, 1, 2), date(2020, 2, 28))
last_positions = st.integers(-45, 0)  # counted from the end, where the boundaries are redrawn
trees = st.one_of(st.just("then"), st.just("now"), st.dates(date(2018, 12, 20), date(2019, 12, 31)))
codes = st.sampled_from(
    sorted(c for c, i in INDICATORS.items() if i.kind in (IndicatorKind.FLOW, IndicatorKind.STOCK))
)
unhurried = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read(year: Year, moment: date | int) -> Reading:
    """The reading of a date, or of a position counted from the end."""
    if isinstance(moment, int):
        moment += year.events[-1].position
    return year.readings.at(moment)


def shown(naive: int, code: str, region: str) -> Figure:
    if INDICATORS[code].sensitive and region != PROVINCE and 0 < abs(naive) < SMALL_CELL:
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
    naive = Naive(year, reading.position)
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
    pair=st.tuples(st.one_of(moments, last_positions), st.one_of(moments, last_positions)),
    tree=trees,
)
@settings(unhurried, max_examples=150)
def test_entries_and_moves_between_two_readings_add_up_to_the_difference_of_the_figures(
    year: Year, code: str, region: str, span: tuple[date, date], pair: tuple[Any, Any], tree: Any
) -> None:
    before, after = sorted((read(year, moment) for moment in pair), key=lambda r: r.position)
    period = Period(min(span), max(span))
    asked = [
        year.readings.territory(reading).with_code(
            region, {"then": period.last, "now": reading.today}.get(tree, tree)
        )
        for reading in (before, after)
    ]
    assume(asked[1] is not None)
    assume(region == PROVINCE or not INDICATORS[code].sensitive)
    found = difference(
        year.statistics, before, after, [code], region, period, boundaries=tree, limit=10**6
    )
    totals = [
        Naive(year, reading.position).total(code, of, period.first, period.last, tree)
        for reading, of in zip((before, after), asked, strict=True)
    ]
    listed = sum(one.quantity for one in (*found.changes, *found.moves))
    assert listed == totals[1] - totals[0]
    assert all(before.position < change.position <= after.position for change in found.changes)
    for move in found.moves:
        assert before.position < move.position <= after.position
        assert move.topic in TERRITORIAL
        assert move.things > 0
        event = next(e for e, position, _ in year.events if position == move.position)
        assert move.actor == str(event.stamp.actor)
        assert move.reason == event.stamp.reason


@given(pair=st.tuples(last_positions, last_positions), region=st.sampled_from(REGIONS))
@settings(unhurried, max_examples=20)
def test_pages_of_any_size_make_up_the_whole_difference(
    year: Year, pair: tuple[int, int], region: str
) -> None:
    before, after = (read(year, back) for back in sorted(pair))
    wanted = ["cases_opened", "open_cases", "records", "cases_divorce_adjustment"]
    period = Period(date(2019, 1, 1), date(2019, 12, 31))
    whole = difference(year.statistics, before, after, wanted, region, period, limit=10**6)
    for limit in (1, 2, 3, 7):
        pages = [difference(year.statistics, before, after, wanted, region, period, limit=limit)]
        while pages[-1].next is not None:
            pages.append(
                difference(
                    year.statistics, before, after, wanted, region, period,
                    after=pages[-1].next, limit=limit,
                )
            )  # fmt: skip
        assert [change for page in pages for change in page.changes] == whole.changes
        assert [move for page in pages for move in page.moves] == whole.moves


def test_what_a_boundary_entered_late_moves_names_that_entry(year: Year) -> None:
    [void] = [one for one in year.events if isinstance(one.event, MoveVoided)]
    before, after = (year.readings.at(void.position - back) for back in (1, 0))
    period = Period(date(2019, 1, 1), date(2019, 12, 31))
    wanted = "applications"
    for region, sign in ((JINAN, 1), (LIAOCHENG, -1)):
        found = difference(year.statistics, before, after, [wanted], region, period)
        [early, late] = (
            year.statistics.figure(reading, wanted, region, period).value
            for reading in (before, after)
        )
        assert found.changes == []
        assert isinstance(early, int)
        assert isinstance(late, int)
        assert sum(move.quantity for move in found.moves) == late - early != 0
        assert {move.position for move in found.moves} == {void.position}
        assert all(move.quantity * sign == move.things for move in found.moves)
        assert min(move.first for move in found.moves) == date(2019, 3, 15)


def test_a_province_has_no_moves_within_it(year: Year) -> None:
    before, after = year.readings.at(date(2019, 12, 31)), year.readings.at()
    period = Period(date(2019, 1, 1), date(2019, 12, 31))
    found = difference(year.statistics, before, after, ["applications"], PROVINCE, period)
    assert found.moves == []


@given(
    code=codes,
    region=st.sampled_from(REGIONS),
    span=st.tuples(dates, dates),
    moment=st.one_of(moments, last_positions),
)
@unhurried
def test_the_list_behind_a_number_adds_up_to_it_and_has_a_row_for_each_thing(
    year: Year, code: str, region: str, span: tuple[date, date], moment: date | int
) -> None:
    reading = read(year, moment)
    period = Period(min(span), max(span))
    assume(year.readings.territory(reading).with_code(region, period.last) is not None)
    assume(region == PROVINCE or not INDICATORS[code].sensitive)
    behind = list(everything_behind(year.statistics, reading, code, region, period))
    figure = year.statistics.figure(reading, code, region, period)
    if not figure.suppressed:
        assert sum(counted.quantity for counted in behind) == figure.value
        if INDICATORS[code].counts is Counts.THINGS:
            assert len(behind) == figure.value
    assert len({counted.subject for counted in behind}) == len(behind)


@given(
    code=codes,
    span=st.tuples(dates, dates),
    moment=st.one_of(moments, last_positions),
    by=st.sampled_from(By),
    columns=st.sampled_from(Columns),
    tree=trees,
    choice=st.randoms(use_true_random=False),
)
@unhurried
def test_every_number_of_a_table_opens_to_what_it_counts(
    year: Year, code: str, span: tuple[date, date], moment: date | int, by: By, columns: Columns,
    tree: Any, choice: Random,
) -> None:  # fmt: skip
    assume(not INDICATORS[code].sensitive)
    reading, period = read(year, moment), Period(min(span), max(span))
    table = year.statistics.table(
        reading, [code], PROVINCE, period, by=by, columns=columns, boundaries=tree
    )
    assume(table.lines)
    for line in choice.sample(table.lines, min(4, len(table.lines))):
        column = choice.randrange(len(table.columns))
        cut = table.columns[column]
        behind = year.statistics.behind(
            reading, code, PROVINCE, Period(cut.first, cut.last),
            boundaries=tree, by=by, row=line.id, limit=10_000,
        )  # fmt: skip
        value = line.figures[code][column].value
        assert sum(counted.quantity for counted in behind) == value
        if INDICATORS[code].counts is Counts.THINGS:
            assert len(behind) == value


def test_a_stock_does_not_depend_on_when_the_period_of_its_table_begins(year: Year) -> None:
    reading = year.readings.at()
    found = [
        year.statistics.table(
            reading, ["centres", "applications"], PROVINCE, Period(first, date(2019, 12, 31))
        ).lines[0].figures
        for first in (FIRST_DAY, FIRST_DAY + timedelta(days=1), date(2019, 1, 1))
    ]  # fmt: skip
    assert found[0] == found[1] == found[2]
    assert found[0]["centres"][0].value


@given(code=codes, moment=moments, limit=st.integers(1, 9))
@settings(unhurried, max_examples=20)
def test_pages_of_any_size_make_up_the_whole_list(
    year: Year, code: str, moment: date, limit: int
) -> None:
    reading, period = year.readings.at(moment), Period(date(2019, 1, 1), date(2019, 3, 31))
    whole = list(everything_behind(year.statistics, reading, code, PROVINCE, period))
    seen: list[Counted] = []
    while more := year.statistics.behind(
        reading, code, PROVINCE, period, after=seen[-1].subject if seen else None, limit=limit
    ):
        assert len(more) == limit or len(seen) + len(more) == len(whole)
        seen += more
    assert seen == whole


@given(
    column=st.sampled_from(
        [(ledger.name, column) for ledger in LEDGERS.values() for column in ledger.columns]
    ),
    descending=st.booleans(),
    moment=moments,
    limit=st.integers(5, 400),
)
@settings(unhurried, max_examples=80)
def test_pages_of_any_size_make_up_a_ledger_in_the_order_of_any_column(
    year: Year, column: tuple[str, Column], descending: bool, moment: date, limit: int
) -> None:
    name, by = column
    reading = year.readings.at(moment)

    def walked(limit: int, sort: str | None = None) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        after = None
        while True:
            found = page(year.readings, reading, name, Wanted(sort=sort), after=after, limit=limit)
            rows += found.rows
            if (after := found.next) is None:
                return rows

    whole = walked(10**6)
    there = sorted((r for r in whole if r[by.name] is not None), key=lambda row: row["row"])
    there.sort(key=lambda row: row[by.name], reverse=descending)
    missing = sorted((r for r in whole if r[by.name] is None), key=lambda row: row["row"])
    assert walked(limit, f"{'-' if descending else ''}{by.name}") == there + missing


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


@given(
    code=codes,
    region=st.sampled_from((PROVINCE, JINAN, LAIWU_CITY, LIAOCHENG)),
    span=st.tuples(dates, dates),
    moment=st.one_of(moments, last_positions),
    by=st.sampled_from((By.CITY, By.COUNTY)),
    columns=st.sampled_from(Columns),
    tree=trees,
)
@example(  # a district that nothing was before it, counted as of a day before it
    code="counties",
    region=PROVINCE,
    span=(date(2018, 12, 1), date(2019, 2, 1)),
    moment=0,
    by=By.COUNTY,
    columns=Columns.TOTAL,
    tree=date(2018, 12, 20),
)
@example(  # what counts there comes to nothing: sheets were overdue and handed in
    code="sheets_overdue",
    region=PROVINCE,
    span=(date(2018, 12, 1), date(2020, 1, 1)),
    moment=0,
    by=By.COUNTY,
    columns=Columns.TOTAL,
    tree=date(2018, 12, 20),
)
@settings(unhurried, max_examples=30)
def test_a_table_has_a_line_for_every_region_that_existed_whatever_counts_there(
    year: Year, code: str, region: str, span: tuple[date, date], moment: date | int, by: By,
    columns: Columns, tree: Any,
) -> None:  # fmt: skip
    reading, period = read(year, moment), Period(min(span), max(span))
    naive, territory = Naive(year, reading.position), year.readings.territory(reading)
    fixed = {"then": None, "now": reading.today}.get(tree, tree)
    asked = territory.with_code(region, fixed or period.last)
    assume(asked is not None)
    assert asked is not None
    days = {fixed} if fixed else {period.first, *naive.turns(period.first, period.last)}
    table = year.statistics.table(
        reading, [code], region, period, by=by, columns=columns, boundaries=tree
    )
    at_level = {line.id: line for line in table.lines if naive.levels.get(line.id) in LEVELS[by]}
    existed = naive.existed(LEVELS[by], asked, days)
    assert existed <= at_level.keys()
    for unborn in at_level.keys() - existed:
        # What counts in a region that nothing was before it has nowhere else to stand.
        assert fixed is not None
        assert fixed < naive.since[unborn]
        assert naive.region(None, unborn, fixed) == unborn
        assert any(
            naive.region(entry.centre, entry.region, fixed) == unborn
            for entry in naive.counted(code, period.first, period.last)
        )


def test_a_county_and_a_month_in_which_nothing_happened_show_a_zero(year: Year) -> None:
    period = Period(date(2018, 11, 1), date(2018, 12, 31))
    table = year.statistics.table(
        year.readings.at(), ["applications", "counselling_rate", "whistle_response_median"],
        JINAN, period, by=By.COUNTY, columns=Columns.MONTH, boundaries=date(2019, 12, 31),
    )  # fmt: skip
    assert {line.code for line in table.lines} >= {"370102", "370104", "370112", "370117"}
    for line in table.lines:
        assert line.figures["applications"] == [Figure(0), Figure(0)]
        assert line.figures["counselling_rate"] == [Figure(None, 0, 0)] * 2
        assert line.figures["whistle_response_median"] == [Figure(None, denominator=0)] * 2


def test_a_median_is_that_of_the_things_it_counts(year: Year) -> None:
    reading = year.readings.at()
    period = Period(date(2019, 1, 1), date(2019, 12, 31))
    answered: dict[UUID, int] = {}
    [number] = numbers_of("response_minutes")
    for entry in Naive(year, reading.position).entries:
        if entry.indicator == number and period.first <= entry.occurred_on <= period.last:
            answered[entry.subject] = answered.get(entry.subject, 0) + entry.quantity
    [code] = [c for c, i in INDICATORS.items() if i.kind is IndicatorKind.MEDIAN]
    figure = year.statistics.figure(reading, code, PROVINCE, period)
    minutes = [quantity for quantity in answered.values() if quantity]
    assert figure == Figure(median_low(minutes), denominator=len(minutes))


def test_before_the_merger_laiwu_counts_for_itself_and_after_it_for_jinan(year: Year) -> None:
    reading = year.readings.at(date(2020, 12, 31))
    whole = Period(date(2019, 1, 1), date(2019, 12, 31))
    figure = year.statistics.figure
    then = figure(reading, "applications", JINAN, whole, "then").value
    now = figure(reading, "applications", JINAN, whole, "now").value
    early = figure(reading, "applications", LAIWU_CITY, Period(date(2019, 1, 1), date(2019, 1, 8)))
    assert isinstance(then, int)
    assert isinstance(early.value, int)
    assert now == then + early.value


def test_a_region_that_went_elsewhere_says_where(year: Year) -> None:
    reading = year.readings.at(date(2020, 12, 31))
    whole = Period(date(2019, 1, 1), date(2019, 12, 31))
    gone = year.statistics.table(reading, ["applications"], LAIWU_CITY, whole, boundaries="now")
    assert gone.lines[0].figures["applications"][0].value == 0
    assert any("莱芜市 went to 济南市" in note for note in gone.notes)
    stayed = year.statistics.table(reading, ["applications"], JINAN, whole, boundaries="now")
    assert stayed.notes == []


def test_an_as_of_reading_does_not_change_when_more_is_recorded(year: Year) -> None:
    period = Period(date(2019, 1, 1), date(2019, 6, 30))
    naive = Naive(year, year.readings.at(date(2019, 6, 30)).position)
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
        lambda: year.statistics.behind(
            reading, "screenings_positive", PROVINCE, period, by=By.COUNTY, row=uuid4()
        ),
        lambda: difference(
            year.statistics, reading, reading, ["screenings_positive"], "370102", period
        ),
    ):
        with pytest.raises(QuestionRefused, match="sensitive"):
            question()


@pytest.mark.parametrize("by", [By.CITY, By.COUNTY, By.CENTRE])
def test_a_small_cell_of_a_table_is_hidden_with_one_of_its_row_and_of_its_column(
    year: Year, by: By
) -> None:
    reading, period = year.readings.at(date(2020, 1, 31)), Period(SUMMER, date(2019, 12, 31))
    wanted = ["screenings_positive", "positive_rate"]
    table = year.statistics.table(reading, wanted, PROVINCE, period, by=by, columns=Columns.QUARTER)
    cells = [[figure.suppressed for figure in line.figures[wanted[0]]] for line in table.lines]
    rates = [[figure.suppressed for figure in line.figures[wanted[1]]] for line in table.lines]
    assert any(map(any, cells))
    assert rates == cells
    assert all(sum(line) != 1 for line in cells)
    assert all(sum(column) != 1 for column in zip(*cells, strict=True))
    assert any("Hidden" in note for note in table.notes)


def test_a_ratio_is_not_opened_but_its_parts_are_named(year: Year) -> None:
    reading, period = year.readings.at(), Period(date(2019, 1, 1), date(2019, 12, 31))
    with pytest.raises(QuestionRefused, match="couples_counselled or applications"):
        difference(year.statistics, reading, reading, ["counselling_rate"], PROVINCE, period)


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
