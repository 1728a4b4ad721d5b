"""The list of legal holds is what was placed and lifted, as known at any position, and signed."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.holds import SAID, Held, holds
from application.keys import Author
from application.records import Records
from domain.subject import LegalHold, LegalHoldLifted, LegalHoldPlaced, Subject, subject_id
from domain.values import HoldGround
from tests.unasked import Unasked
from tests.vault.test_administrator import rewrite
from tests.vault.test_destructions import append
from tests.vault.test_erasure import HOLD
from tests.vault.world import World, ago, officer

LATEST = 2**53
AUDIT = LegalHold(id=UUID(int=6), ground=HoldGround.AUDIT)


def told(world: World, *, until: int = LATEST, **asked: Any) -> list[Held]:
    return holds(world.records, None, until, **{"limit": 1000, **asked}).found


def test_a_hold_is_listed_with_who_placed_and_lifted_it_when_and_why(world: World) -> None:
    first, second = world.closed_case(), world.closed_case()
    by = replace(officer(), reason="法院来函", occurred=ago(40))
    later = replace(officer(), reason="案件审结", occurred=ago(20))
    placed = world.erasures.place_hold(first, HOLD, by)
    world.erasures.place_hold(second, AUDIT, officer())
    lifted = world.erasures.lift_hold(first, HOLD.id, later)
    ended, stands = told(world)
    assert (ended.id, ended.record, ended.ground) == (HOLD.id, first, HoldGround.LITIGATION)
    assert ended.label == "诉讼或者仲裁"
    for step, receipt, of in ((ended.placed, placed, by), (ended.lifted, lifted, later)):
        assert step is not None
        assert (step.position, step.recorded_at) == (receipt.first_position, receipt.recorded_at)
        assert (step.actor, step.role, step.office) == (of.by.id, of.by.role, of.by.office)
        assert (step.reason, step.occurred) == (of.reason, of.occurred)
    assert (stands.record, stands.lifted, stands.placed.reason) == (second, None, None)
    assert told(world, standing=True) == [stands]
    (then, _) = told(world, until=lifted.first_position - 1)
    assert (then.id, then.lifted) == (HOLD.id, None), "as it was known before it was lifted"
    assert told(world, until=placed.first_position - 1) == []


def test_a_page_goes_on_behind_the_one_before(world: World) -> None:
    for _ in range(5):
        case = world.case()
        world.erasures.place_hold(case, HOLD, officer())
        world.erasures.place_hold(case, AUDIT, officer())
        world.erasures.lift_hold(case, HOLD.id, officer())
    for standing, there in ((False, 10), (True, 5)):
        found, after = [], 0
        while True:
            page = holds(world.records, None, LATEST, standing=standing, after=after, limit=2)
            assert 0 < len(page.found) <= 2
            found += page.found
            if page.next is None:
                break
            after = page.next
        assert found == told(world, standing=standing)
        assert len({(one.record, one.id) for one in found}) == there


def test_a_record_whose_rows_are_hidden_ends_no_list(world: World) -> None:
    hidden, there = world.closed_case(), world.closed_case()
    for record in (hidden, there):
        world.erasures.place_hold(record, HOLD, officer())
    rewrite(world, "delete from log.event where originator_id = %s", hidden)
    found = holds(world.records, officer().by, LATEST, limit=1000).found
    assert there in {one.record for one in found}
    assert hidden not in {one.record for one in found}


def test_who_signs_with_no_key_of_ours_places_and_lifts_nothing(world: World) -> None:
    held, free = world.closed_case(), world.closed_case()
    world.erasures.place_hold(held, HOLD, officer())
    thief = Author("app1", Ed25519PrivateKey.generate())
    with closing(Records(world.database, thief, jurisdiction=Unasked)) as records:
        for record, kind in ((held, LegalHoldLifted), (free, LegalHoldPlaced)):
            subject = records.find(Subject, subject_id(record)) or Subject(subject_id(record))
            stamp = records.stamp(officer())
            records.save(kind.of(subject, stamp, record=record, hold=HOLD))
    append(world, b"{}", subject_id(uuid4()), 1, LegalHoldPlaced.topic)
    (one,) = told(world)
    assert (one.record, one.lifted) == (held, None)


def test_an_end_whose_beginning_is_hidden_ends_no_list(world: World) -> None:
    held, other = world.closed_case(), world.closed_case()
    placed = world.erasures.place_hold(held, HOLD, officer())
    world.erasures.lift_hold(held, HOLD.id, officer())
    world.erasures.place_hold(other, HOLD, officer())
    with psycopg.connect(world.database.administrator) as connection:
        connection.execute("alter table log.event disable trigger event_is_final")
        connection.execute(
            "update log.event set topic = 'x' where position = %s", (placed.first_position,)
        )
        connection.execute("alter table log.event enable always trigger event_is_final")
    (one,) = told(world)
    assert one.record == other


STEP = st.tuples(st.integers(0, 2), st.integers(0, 3))


@settings(
    max_examples=20, suppress_health_check=[*HealthCheck]
)  # the world goes on: each example has records of its own
@given(steps=st.lists(STEP, min_size=1, max_size=12))
def test_the_list_at_any_position_is_what_was_placed_and_lifted_up_to_it(
    world: World, steps: list[tuple[int, int]]
) -> None:
    """A step of 0 places another hold, any other lifts the one that has stood so long."""
    records = [world.case() for _ in range(3)]
    plain: dict[tuple[UUID, UUID], bool] = {}
    then: list[tuple[int, dict[tuple[UUID, UUID], bool]]] = []
    for which, lifting in steps:
        record = records[which]
        standing = [key for key, stands in plain.items() if stands and key[0] == record]
        if lifting and standing:
            key = standing[lifting % len(standing)]
            receipt = world.erasures.lift_hold(record, key[1], officer())
            plain[key] = False
        else:
            hold = LegalHold(id=uuid4(), ground=HoldGround.COMPLAINT)
            receipt = world.erasures.place_hold(record, hold, officer())
            plain[record, hold.id] = True
        then.append((receipt.last_position, dict(plain)))
    for position, wanted in then:
        found = [one for one in told(world, until=position) if one.record in records]
        assert {(one.record, one.id): one.lifted is None for one in found} == wanted
        assert [(one.record, one.id) for one in found] == list(wanted)
        still = told(world, until=position, standing=True)
        assert {one.id for one in still if one.record in records} == {
            hold for (_, hold), stands in wanted.items() if stands
        }


def test_the_list_is_read_by_the_index_of_just_them(world: World) -> None:
    with psycopg.connect(world.database.application) as connection:
        connection.execute("set enable_seqscan = off")
        plan = str(connection.execute(f"explain {SAID}", (LATEST,)).fetchall())
    assert "event_legal_hold" in plan
