"""The simulated year: exact at any scale, the same for the same seed, and believable."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from application.casework import WORDS
from application.codec import decode
from application.database import Database
from application.divisions import published_figures, region_id
from application.eventlog import Recorded
from application.keystore import open_store
from application.records import Records
from application.settings import Settings
from application.simulation import Sealing, SimulationRefused, alone, live, rows_of, simulate
from application.simulation_cases import FACTS, SUMMARIES
from application.simulation_life import Row
from application.simulation_people import Year
from application.simulation_plan import calendar, plan_year
from application.simulation_province import province_of
from application.simulation_vault import SimulatedVault
from application.wrapping import wrapping_keys
from domain.base import SHANGHAI, day, fold, moment
from domain.case import Case
from domain.case_counselling_events import SessionHeld
from domain.case_facts import CaseEvent
from domain.case_file_events import CaseOpened
from domain.case_registry_events import ApplicationObserved
from domain.centre_events import CentreEstablished, CentreReassigned
from domain.log import LogGenesis
from domain.own_part import sealed_in
from domain.region_events import DispatchHeld, RegionEstablished, RegionSucceeded
from domain.values import CentreKind, Party, RegionLevel
from projections.indicators import NUMBERED, IndicatorKind, numbers_of
from projections.journal import entries_of
from tests.author import KEYS

pytestmark = pytest.mark.exhaustive

YEAR = (date(2019, 1, 1), date(2019, 12, 31))
LAIWU_GOES, CHIPING_GOES = date(2019, 1, 9), date(2019, 8, 2)

FLOWS = {
    "applications": 215_000,
    "couples_counselled": 113_000,
    "deferred": 46_700,
    "outreach_events": 1431,
    "outreach_attendance": 97_000,
}
STOCKS = {"counsellors": 497, "volunteers": 6880, "volunteers_qualified": 2940}


class Lived:
    """A year in memory, in the order in which the log would hold it."""

    def __init__(self, scale: Fraction, seed: int) -> None:
        year = Year(scale, seed, plan_year(scale, seed))
        seal = SimulatedVault(SECRET).draft
        lanes = [list(rows_of(county, seal)) for county in year.counties]
        times = sorted(row.recorded_at for rows in lanes for row in rows)

        def counted(moments: Sequence[datetime]) -> Sequence[int]:
            return [bisect_left(times, moment) for moment in moments]

        lanes.insert(0, province_of(year, KEYS, counted))
        numbered = [
            (row.recorded_at, lane, number, row)
            for lane, rows in enumerate(lanes)
            for number, row in enumerate(rows)
        ]
        self.year = year
        self.rows: list[Row] = [row for *_, row in sorted(numbered, key=lambda n: n[:3])]

    @cached_property
    def recorded(self) -> list[Recorded]:
        """Every event with its position, read back from its bytes."""
        return [
            Recorded(
                decode(row.topic, row.originator_id, row.originator_version, row.state),
                position,
                row.recorded_at,
            )
            for position, row in enumerate(self.rows, start=1)
        ]

    @cached_property
    def figures(self) -> Mapping[int, int]:
        """Each indicator of 2019 at the log's end: the plain sums of the entries of every event."""
        sums: Counter[int] = Counter()
        for recorded in self.recorded:
            for entry in entries_of(recorded):
                stock = NUMBERED[entry.indicator].kind is IndicatorKind.STOCK
                if entry.occurred_on <= YEAR[1] and (stock or entry.occurred_on >= YEAR[0]):
                    sums[entry.indicator] += entry.quantity
        return sums

    def events(self, *kinds: type[Any]) -> Iterator[Any]:
        """The events of some classes, in the log's order."""
        return (recorded.event for recorded in self.recorded if isinstance(recorded.event, kinds))


SECRET = bytes(range(32))  # one, so that all years of this module are sealed alike


@pytest.fixture(scope="module")
def small() -> Lived:
    """The smallest year."""
    return Lived(Fraction(1, 1000), 2019)


@pytest.fixture(scope="module")
def year() -> Lived:
    """A hundredth of the year, as in the demonstration."""
    return Lived(Fraction(1, 100), 2019)


@pytest.fixture(params=["small", "year"])
def either(request: pytest.FixtureRequest) -> Lived:
    """Both years, one after the other."""
    lived: Lived = request.getfixturevalue(request.param)
    return lived


def figure(lived: Lived, code: str) -> int:
    return sum(lived.figures[number] for number in numbers_of(code))


def scaled(lived: Lived, value: int) -> int:
    return int(value * lived.year.scale + Fraction(1, 2))


@pytest.mark.parametrize("code", FLOWS | STOCKS)
def test_a_published_figure_comes_out_exactly(either: Lived, code: str) -> None:
    assert figure(either, code) == scaled(either, (FLOWS | STOCKS)[code])


def test_the_figures_aimed_at_are_the_published_ones() -> None:
    assert published_figures() == FLOWS | STOCKS


def test_couples_cancel_and_postpone(either: Lived) -> None:
    cancelled, postponed = figure(either, "cancelled"), figure(either, "postponed")
    assert cancelled > 0
    assert postponed > 0
    assert cancelled + postponed == figure(either, "deferred")


def test_what_is_not_deferred_ended_otherwise_or_is_pending(either: Lived) -> None:
    others = ("registered", "litigation", "safety_diverted", "lost", "pending_counselled")
    rest = figure(either, "couples_counselled") - figure(either, "deferred")
    assert rest == sum(figure(either, code) for code in others)


def test_every_legal_county_has_a_centre_at_its_registry_office(either: Lived) -> None:
    assert figure(either, "centres_centre") == 137
    assert figure(either, "registry_offices_county") == 137


def test_centres_follow_a_change_of_boundaries_on_its_day(small: Lived) -> None:
    changes = {
        (event.from_region, event.to_region): event.effective_on
        for event in small.events(CentreReassigned)
    }
    expected = {
        ("371202", "370116"): LAIWU_GOES,
        ("371203", "370117"): LAIWU_GOES,
        ("371523", "371503"): CHIPING_GOES,
    }
    assert changes == {
        (region_id(old, YEAR[0]), region_id(new, YEAR[1])): on
        for (old, new), on in expected.items()
    }


def test_no_fact_lies_in_a_region_before_its_establishment_is_recorded(year: Lived) -> None:
    known: set[UUID] = set()
    for event in year.events(object):
        if event.topic == "region.established.v1":
            known.add(event.originator_id)
        place = getattr(event, "place", None)
        assert place is None or place.region in known


def test_a_region_that_went_to_another_is_used_no_more_once_that_is_announced(year: Lived) -> None:
    gone = {e.originator_id: e.announced_on for e in year.events(RegionSucceeded)}
    for event in year.events(CaseOpened):
        announced_on = gone.get(event.place.region)
        assert announced_on is None or event.stamp.occurred_on < announced_on


def test_the_same_seed_gives_the_same_bytes(small: Lived) -> None:
    assert Lived(small.year.scale, 2019).rows == small.rows


def test_another_seed_gives_another_year_with_the_same_figures(small: Lived) -> None:
    other = Lived(small.year.scale, 2020)
    assert {row.originator_id for row in other.rows} != {row.originator_id for row in small.rows}
    assert figure(other, "deferred") == figure(small, "deferred")


@pytest.mark.parametrize("seed", [1, 2])
def test_no_chance_leads_to_a_refusal(seed: int) -> None:
    assert Lived(Fraction(1, 250), seed).rows


def test_versions_are_dense_and_recorded_times_rise_in_every_stream(year: Lived) -> None:
    streams: dict[UUID, list[Row]] = defaultdict(list)
    for row in year.rows:
        streams[row.originator_id].append(row)
    for rows in streams.values():
        assert [row.originator_version for row in rows] == list(range(1, len(rows) + 1))
        assert all(first.recorded_at <= second.recorded_at for first, second in pairwise(rows))


def test_nothing_is_recorded_before_it_happened(year: Lived) -> None:
    for event, _, recorded_at in year.recorded:
        assert moment(event.stamp.occurred) <= recorded_at


def test_the_log_runs_from_the_set_up_to_the_end_of_february(either: Lived) -> None:
    first, last = either.rows[0].recorded_at, either.rows[-1].recorded_at
    assert first.astimezone(SHANGHAI).date() == date(2018, 12, 15)
    assert date(2020, 1, 15) < last.astimezone(SHANGHAI).date() <= date(2020, 2, 29)


def test_the_first_event_declares_the_log_simulated(either: Lived) -> None:
    genesis = either.recorded[0].event
    assert isinstance(genesis, LogGenesis)
    assert genesis.simulated


def test_the_stocks_of_the_year_before_are_set_up_before_it_begins(year: Lived) -> None:
    founded = [event for event in year.events(CentreEstablished) if event.place.centre]
    county_centres = [e for e in founded if e.establishment.kind == "centre"]
    assert all(e.stamp.occurred_on < YEAR[0] for e in county_centres)


def test_each_room_lies_in_a_village_that_became_a_region_before_it(year: Lived) -> None:
    villages = {
        event.originator_id: position
        for event, position, _ in year.recorded
        if isinstance(event, RegionEstablished) and event.level is RegionLevel.VILLAGE
    }
    rooms = {
        event.place.region: position
        for event, position, _ in year.recorded
        if isinstance(event, CentreEstablished) and event.establishment.kind is CentreKind.ROOM
    }
    assert rooms.keys() == villages.keys() != set()
    assert all(villages[region] < rooms[region] for region in rooms)


def lateness(lived: Lived) -> list[timedelta]:
    """How long after their business time the records of the year were entered."""
    return [
        recorded_at - moment(event.stamp.occurred)
        for event, _, recorded_at in lived.recorded
        if isinstance(event, CaseEvent)
    ]


def test_most_facts_are_entered_within_hours_and_few_very_late(year: Lived) -> None:
    late = lateness(year)
    within_hours = sum(lag < timedelta(hours=8) for lag in late) / len(late)
    past_three_days = sum(lag > timedelta(days=3) for lag in late) / len(late)
    assert within_hours > 0.85
    assert 0.003 < past_three_days < 0.04
    assert max(late) > timedelta(days=14)


def test_whoever_enters_late_says_why(year: Lived) -> None:
    for event, _, recorded_at in year.recorded:
        if (day(recorded_at) - event.stamp.occurred_on).days > 3:
            assert event.stamp.reason is not None


def test_no_record_counts_as_late_without_saying_why(year: Lived) -> None:
    late = set(numbers_of("late_entries"))
    counted = [
        recorded.event
        for recorded in year.recorded
        if any(entry.indicator in late for entry in entries_of(recorded))
    ]
    assert counted
    assert [event for event in counted if event.stamp.reason is None] == []


def test_couples_apply_only_while_registry_offices_are_open(year: Lived) -> None:
    days = {event.application.on for event in year.events(ApplicationObserved)}
    assert all(calendar.is_working_day(on) for on in days)
    assert date(2019, 2, 4) not in days, "Spring Festival"
    assert date(2019, 2, 2) in days or date(2019, 2, 3) in days, "worked in exchange"


def test_more_couples_apply_after_the_spring_festival_than_before(year: Lived) -> None:
    days = Counter(event.application.on for event in year.events(ApplicationObserved))

    def couples_a_day(first: date, last: date) -> float:
        span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return sum(days[on] for on in span) / sum(calendar.is_working_day(on) for on in span)

    before = couples_a_day(date(2019, 1, 21), date(2019, 2, 3))
    after = couples_a_day(date(2019, 2, 11), date(2019, 3, 8))
    assert after > 1.5 * before


def test_sessions_are_held_by_practitioners_who_hold_a_post_then(year: Lived) -> None:
    team = {member.id: member for county in year.year.counties for member in county.team}
    for event in year.events(SessionHeld):
        for practitioner in event.session.practitioners:
            assert team[practitioner].serves_on(event.session.held_on)


def test_what_is_written_about_a_couple_is_sealed_for_it_or_for_who_was_there_alone(
    year: Lived,
) -> None:
    sealed = [part for event in year.events(CaseEvent) for part in sealed_in(event)]
    written = Counter(part.name for part in sealed)
    assert {*WORDS} <= written.keys()
    assert {part.party for part in sealed if part.name == "facts"} >= {None, Party.WIFE}
    states = b"".join(row.state for row in year.rows)
    assert not [text for text in (*FACTS, *SUMMARIES) if text.encode() in states]


def test_what_was_on_screen_is_pinned_by_the_position_of_the_evening_before(year: Lived) -> None:
    dispatches = list(year.events(DispatchHeld))
    assert len(dispatches) > 50
    times = [row.recorded_at for row in year.rows]
    for event in dispatches:
        on = event.dispatch.held_on
        midnight = datetime(on.year, on.month, on.day, tzinfo=SHANGHAI).astimezone(UTC)
        assert event.dispatch.position == bisect_left(times, midnight)


MAIN_FLOWS = {
    "case.opened.v1", "case.application-observed.v1", "case.counselling-offered.v1",
    "case.consent-given.v1", "case.counselling-declined.v1", "case.safety-screened.v1",
    "case.risk-level-set.v1", "case.party-identified.v1", "case.anonymous-noted.v1",
    "case.appointment-booked.v1", "case.appointment-missed.v1", "case.appointment-rescheduled.v1",
    "case.session-held.v1", "case.session-corrected.v1", "case.session-voided.v1",
    "case.counselling-began.v1", "case.outcome-declared.v1", "case.outcome-confirmed.v1",
    "case.outcome-revised.v1", "case.deferral-broken.v1", "case.referral-made.v1",
    "case.referral-accepted.v1", "case.referral-completed.v1", "case.follow-up-scheduled.v1",
    "case.follow-up-made.v1", "case.follow-up-missed.v1", "case.satisfaction-rated.v1",
    "case.transfer-requested.v1", "case.closure-proposed.v1", "case.closure-approved.v1",
    "case.closure-returned.v1", "case.archived.v1", "case.voided.v1",
    "centre.established.v1", "centre.reassigned.v1", "centre.outreach-held.v1",
    "centre.facilities-inspected.v1", "centre.grade-awarded.v1", "centre.grade-reviewed.v1",
    "centre.assistance-requested.v1", "centre.volunteer-dispatched.v1",
    "centre.volunteer-arrived.v1", "centre.assistance-completed.v1", "centre.shift-worked.v1",
    "centre.funds-appropriated.v1", "centre.funds-spent.v1", "centre.spending-corrected.v1",
    "centre.subsidy-paid.v1",
    "practitioner.registered.v1", "practitioner.post-assumed.v1", "practitioner.post-left.v1",
    "practitioner.certificate-registered.v1", "practitioner.certificate-verified.v1",
    "practitioner.letter-issued.v1", "practitioner.training-completed.v1",
    "practitioner.service-hours-credited.v1", "practitioner.appraisal-recorded.v1",
    "region.established.v1", "region.renamed.v1", "region.succeeded.v1",
    "region.leading-group-formed.v1", "region.joint-meeting-held.v1", "region.dispatch-held.v1",
    "region.report-required.v1", "region.report-submitted.v1", "region.report-returned.v1",
    "region.report-approved.v1", "region.report-restated.v1",
    "order.issued.v1", "order.acknowledged.v1", "order.evidence-submitted.v1",
    "order.verified.v1", "order.written-off.v1",
}  # fmt: skip


def test_every_main_flow_of_the_work_occurs_at_a_hundredth(year: Lived) -> None:
    assert {row.topic for row in year.rows} >= MAIN_FLOWS


def test_the_log_is_filled_with_just_these_events(
    database: Database, small: Lived, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    simulated = simulate(
        database,
        Settings(home=tmp_path),
        0.001,
        workers=2,
        progress=lambda done, of: told.append((done, of)),
        secret=SECRET,
    )
    with psycopg.connect(database.reader) as connection:
        rows = connection.execute(
            "select recorded_at, originator_id, originator_version, topic, state"
            " from log.event order by position"
        ).fetchall()
    # The first event names the keys of the installation and the schema of its own database.
    assert [Row(*row) for row in rows[1:]] == small.rows[1:]
    assert simulated.events == len(rows)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == told[-1][1]


def test_a_log_that_holds_anything_is_refused(
    database: Database, records: Records, tmp_path: Path
) -> None:
    with psycopg.connect(database.administrator) as connection:
        connection.execute("set role huhang_owner")
        connection.execute(
            "insert into log.event values"
            " (1, gen_random_uuid(), 1, 'case.opened.v1', '{}', now(), 'tests', '', '')"
        )
    with pytest.raises(SimulationRefused, match="not empty"):
        simulate(database, Settings(home=tmp_path), 0.001)


def test_a_simulation_that_fails_leaves_nothing_behind(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> list[Row]:
        raise KeyboardInterrupt

    monkeypatch.setattr("application.simulation.province_of", fail)
    with pytest.raises(KeyboardInterrupt):
        simulate(database, Settings(home=tmp_path), 0.001)
    with psycopg.connect(database.administrator) as connection:
        assert connection.execute("select count(*) from vault.key").fetchone() == (0,)
        assert connection.execute("select count(*) from log.staged").fetchone() == (0,)
        assert connection.execute("select count(*) from log.event").fetchone() == (0,)


def test_a_process_that_ends_too_early_is_told_in_one_sentence(
    small: Lived, tmp_path: Path
) -> None:
    nowhere = Database("host=/nowhere user=nobody")
    with pytest.raises(SimulationRefused, match="ended too early"):
        list(live(nowhere, Settings(home=tmp_path), small.year, 1, Sealing(SECRET, 1, "key-1")))


def test_only_one_simulation_fills_a_log(database: Database, tmp_path: Path) -> None:
    with (
        psycopg.connect(database.administrator) as other,
        psycopg.connect(database.reader, autocommit=True) as reader,
    ):
        reader.execute("select pg_advisory_lock(7268846)")
        with alone(database):
            pass
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("begin; lock table log.simulation_lock in access share mode")
        other.execute("lock table log.simulation_lock in exclusive mode")
        with pytest.raises(SimulationRefused, match="Another simulation"):
            simulate(database, Settings(home=tmp_path), 0.001)


def test_no_key_is_stored_under_a_wrapping_key_that_is_gone(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rotated(*_: object) -> list[Row]:
        settings = Settings(home=tmp_path)
        with open_store(database, wrapping_keys(settings), tmp_path) as store:
            assert store.rotate(at_once=True).destroyed == (1,)
        return []

    monkeypatch.setattr("application.simulation.province_of", rotated)
    with pytest.raises(SimulationRefused, match="wrapping key changed"):
        simulate(database, Settings(home=tmp_path), 0.001)


def test_a_stream_folds_to_the_aggregate_it_claims_to_be(small: Lived) -> None:
    streams: dict[UUID, list[CaseEvent]] = defaultdict(list)
    for event in small.events(CaseEvent):
        streams[event.originator_id].append(event)
    began = sum(fold(Case(case), events).began is not None for case, events in streams.items())
    assert began >= figure(small, "couples_counselled")
