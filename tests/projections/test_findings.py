"""Sessions of one practitioner that overlap are a finding: it spans cases, and refuses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from application.database import Database
from application.records import Records
from domain import case_counselling, case_file
from domain.base import Place
from domain.case import Case
from domain.case_facts import Session
from domain.values import SessionForm
from projections.findings import Overlap, Overlaps, overlaps
from projections.projector import Projector
from projections.questions import QuestionRefused
from projections.readings import Readings
from tests.author import AUTHOR
from tests.conftest import Databases
from tests.domain.case_cast import HER, OPENING, D, hour, later, session
from tests.domain.scenario import known
from tests.projections.work import COUNTY, PLACE, PROVINCE, command, establish_regions
from tests.unasked import Unasked

ELSEWHERE = Place(centre=known("other centre"), region=PROVINCE)
WANG, ZHAO, SUN = (known(name) for name in ("wang", "zhao", "sun"))
FIRST, SECOND = known("first case"), known("second case")


class Desk:
    """Records sessions in two cases, and asks what overlaps."""

    def __init__(self, database: Database, records: Records) -> None:
        self.records = records
        self.projector = Projector(database)
        self.projector.catch_up()
        self.readings = Readings(database)

    def open_case(self, case: UUID, place: Place = PLACE) -> None:
        opening = OPENING.model_copy(update={"number": str(case)[:8]})
        self.records.change(command(D), Case, case, case_file.open_case, opening, place)
        self.records.change(command(D), Case, case, case_counselling.offer)
        self.records.change(command(D), Case, case, case_counselling.consent, HER)

    def hold(self, case: UUID, held: Session) -> int:
        """The position at which it is recorded."""
        return self.records.change(
            command(held.started_at), Case, case, case_counselling.hold_session, held
        ).last_position

    def correct(self, case: UUID, after: Session) -> int:
        return self.records.change(
            command(later(9)), Case, case, case_counselling.correct_session, after
        ).last_position

    def void(self, case: UUID, held: Session) -> int:
        return self.records.change(
            command(later(9)), Case, case, case_counselling.void_session, held.id
        ).last_position

    def found(self, as_of: int | None = None, **wanted: Any) -> Overlaps:
        self.projector.catch_up()
        return overlaps(self.readings, self.readings.at(as_of), **wanted)

    def pairs(self, as_of: int | None = None, **wanted: Any) -> list[tuple[UUID, UUID]]:
        return [
            (one.earlier.session, one.later.session) for one in self.found(as_of, **wanted).found
        ]


@contextmanager
def working(database: Database) -> Iterator[Desk]:
    records = Records(database, AUTHOR, jurisdiction=Unasked)
    desk = Desk(database, records)
    try:
        establish_regions(records)
        desk.open_case(FIRST)
        desk.open_case(SECOND, ELSEWHERE)
        yield desk
    finally:
        desk.readings.close()
        records.close()


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    with working(database) as desk:
        yield desk


def at(minute: int, name: str, minutes: int = 60, **facts: Any) -> Session:
    """A session that starts so many minutes after ten."""
    return session(name, started_at=hour(10) + timedelta(minutes=minute), minutes=minutes, **facts)


def test_two_sessions_of_one_practitioner_that_overlap_are_a_finding_and_are_not_refused(
    desk: Desk,
) -> None:
    desk.hold(FIRST, at(0, "a"))
    desk.hold(SECOND, at(45, "b", minutes=30))
    (found,) = desk.found().found
    assert (found.practitioner, found.minutes) == (WANG, 15)
    assert (found.earlier.case, found.later.case) == (FIRST, SECOND)
    assert found.later.started_at == hour(10) + timedelta(minutes=45)
    assert (found.earlier.centre, found.earlier.region_name) == (PLACE.centre, "历下区")


def test_a_session_that_begins_when_another_ends_does_not_overlap_with_it(desk: Desk) -> None:
    desk.hold(FIRST, at(0, "a", minutes=60))
    desk.hold(SECOND, at(60, "b"))
    assert desk.pairs() == []


def test_sessions_of_two_practitioners_at_once_are_no_finding(desk: Desk) -> None:
    desk.hold(FIRST, at(0, "a"))
    desk.hold(SECOND, at(0, "b", practitioners=(ZHAO,)))
    assert desk.pairs() == []


def test_whoever_assists_sits_in_the_session_too(desk: Desk) -> None:
    desk.hold(FIRST, at(0, "a", practitioners=(WANG, ZHAO)))
    desk.hold(SECOND, at(30, "b", practitioners=(SUN, ZHAO)))
    (found,) = desk.found().found
    assert found.practitioner == ZHAO


def test_a_group_session_in_the_cases_of_two_couples_is_one_sitting(desk: Desk) -> None:
    desk.hold(FIRST, at(0, "a", form=SessionForm.GROUP))
    desk.hold(SECOND, at(0, "b", form=SessionForm.GROUP))
    assert desk.pairs() == []
    desk.hold(SECOND, at(10, "c", form=SessionForm.GROUP))
    assert len(desk.pairs()) == 2


def test_a_corrected_or_voided_session_counts_as_it_stood_at_the_position(desk: Desk) -> None:
    desk.hold(FIRST, at(0, "a"))
    apart = desk.hold(SECOND, at(90, "b"))
    pair = [(known("a"), known("b"))]
    overlapping = desk.correct(SECOND, at(30, "b"))
    voided = desk.void(FIRST, at(0, "a"))
    assert [desk.pairs(as_of) for as_of in (apart, overlapping, voided, None)] == [[], pair, [], []]


def test_a_session_past_midnight_overlaps_with_one_of_the_next_day(desk: Desk) -> None:
    desk.hold(FIRST, session("a", started_at=hour(23), minutes=120))
    desk.hold(SECOND, session("b", started_at=hour(24), minutes=30))
    assert desk.pairs(first=later(), last=later()) == [(known("a"), known("b"))]
    assert desk.pairs(first=D, last=D) == []  # it overlaps from the day on which the later began


def test_an_overlap_counts_in_the_regions_of_both_sessions(desk: Desk) -> None:
    desk.hold(FIRST, at(0, "a"))
    desk.hold(SECOND, at(30, "b"))
    desk.hold(SECOND, session("c", on=later()))
    desk.hold(SECOND, session("d", on=later()))
    assert desk.pairs(region=COUNTY) == [(known("a"), known("b"))]
    assert len(desk.pairs(region="370000")) == 2
    with pytest.raises(QuestionRefused, match="no region"):
        desk.pairs(region="999999")


def test_a_period_that_ends_before_it_starts_is_refused(desk: Desk) -> None:
    with pytest.raises(QuestionRefused, match="swap them"):
        desk.pairs(first=later(), last=D)


def test_overlaps_are_read_page_by_page(desk: Desk) -> None:
    for name in "abcd":
        desk.hold(FIRST, at(0, name))
    seen: list[Overlap] = []
    after = None
    while len(seen) < 6:
        page = desk.found(limit=4, after=after)
        seen += page.found
        after = page.next
    assert after is None
    assert len({(one.earlier.session, one.later.session) for one in seen}) == 6
    for wrong in ("nonsense", "bm8gbWFyaw=="):
        with pytest.raises(QuestionRefused, match="no place in this list"):
            desk.found(after=wrong)


class Held(NamedTuple):
    """A session at random; `fate` is what becomes of it."""

    start: int
    minutes: int
    who: tuple[UUID, ...]
    form: SessionForm
    case: UUID
    fate: str


held_sessions = st.builds(
    Held,
    start=st.integers(0, 30).map(lambda tens: tens * 10),
    minutes=st.integers(1, 12).map(lambda tens: tens * 10),
    who=st.sampled_from(((WANG,), (ZHAO,), (WANG, ZHAO), (ZHAO, SUN))),
    form=st.sampled_from((SessionForm.ON_SITE, SessionForm.GROUP)),
    case=st.sampled_from((FIRST, SECOND)),
    fate=st.sampled_from(("stands", "stands", "moved", "voided")),
)


@settings(max_examples=25)
@for_all(plan=st.lists(held_sessions, max_size=12))
def test_the_findings_are_those_of_a_comparison_of_each_with_each(
    databases: Databases, plan: list[Held]
) -> None:
    with databases() as database, working(database) as desk:
        standing: dict[UUID, Session] = {}
        for number, one in enumerate(plan):
            held = at(one.start, f"{number}", one.minutes, practitioners=one.who, form=one.form)
            desk.hold(one.case, held)
            if one.fate == "voided":
                desk.void(one.case, held)
                continue
            if one.fate == "moved":
                held = held.model_copy(
                    update={"started_at": held.started_at + timedelta(minutes=10)}
                )
                desk.correct(one.case, held)
            standing[held.id] = held
        found = {
            (one.practitioner, frozenset((one.earlier.session, one.later.session)), one.minutes)
            for one in desk.found(limit=1000).found
        }
        assert found == naively(list(standing.values()))


def naively(sessions: list[Session]) -> set[tuple[UUID, frozenset[UUID], int]]:
    return {
        (who, frozenset((one.id, other.id)), shared(one, other))
        for one, other in combinations(sessions, 2)
        for who in set(one.practitioners) & set(other.practitioners)
        if shared(one, other) > 0 and not one_group(one, other)
    }


def shared(one: Session, other: Session) -> int:
    begin: datetime = max(one.started_at, other.started_at)
    return int((min(one.ends_at, other.ends_at) - begin) / timedelta(minutes=1))


def one_group(one: Session, other: Session) -> bool:
    return one.form is other.form is SessionForm.GROUP and (one.started_at, one.minutes) == (
        other.started_at,
        other.minutes,
    )
