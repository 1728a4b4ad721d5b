"""The keys of a record: held by law, destroyed by a privacy officer, never named twice."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from domain.base import Refused, Stamp, decide, fold
from domain.subject import (
    LegalHold,
    LegalHoldLifted,
    LegalHoldPlaced,
    Subject,
    SubjectKeyDestroyed,
    subject_id,
)
from domain.values import ErasureGround, HoldGround, Role

RECORD = UUID(int=1)
HOLD = LegalHold(id=UUID(int=2), ground=HoldGround.LITIGATION)
OTHER = LegalHold(id=UUID(int=3), ground=HoldGround.AUDIT)
OVER = ErasureGround.RETENTION_OVER


def by(role: Role = Role.PRIVACY_OFFICER) -> Stamp:
    now = datetime(2021, 6, 1, tzinfo=UTC)
    return Stamp(actor=uuid4(), role=role, office=uuid4(), occurred=now, request=uuid4())


NEW = Subject(subject_id(RECORD))


def placed(subject: Subject, hold: LegalHold = HOLD) -> Subject:
    events = decide(subject, lambda s: s.place_hold(RECORD, hold, by()))
    assert [type(event) for event in events] == [LegalHoldPlaced]
    return fold(subject, events)


def lifted(subject: Subject, hold: UUID = HOLD.id) -> Subject:
    events = decide(subject, lambda s: s.lift_hold(RECORD, hold, by()))
    assert [type(event) for event in events] == [LegalHoldLifted]
    return fold(subject, events)


def destroyed(subject: Subject, *keys: str) -> Subject:
    return fold(subject, decide(subject, lambda s: s.destroy_keys(RECORD, keys, OVER, by())))


def test_each_key_is_destroyed_once_and_named_in_an_event_of_its_own() -> None:
    events = decide(NEW, lambda s: s.destroy_keys(RECORD, ("k:b", "k:a", "k:b"), OVER, by()))
    assert [event.key for event in events if isinstance(event, SubjectKeyDestroyed)] == [
        "k:a",
        "k:b",
    ]
    assert [event.originator_version for event in events] == [1, 2]
    with pytest.raises(Refused, match="key-already-destroyed"):
        destroyed(fold(NEW, events), "k:b")


def test_nothing_is_destroyed_while_any_hold_lasts() -> None:
    held = placed(placed(NEW), OTHER)
    for subject in (held, lifted(held), lifted(held, OTHER.id)):
        with pytest.raises(Refused, match="legal-hold"):
            destroyed(subject, "k:a")
    assert destroyed(lifted(lifted(held), OTHER.id), "k:a").destroyed == {"k:a"}


def test_a_hold_is_placed_once_and_lifted_once() -> None:
    with pytest.raises(Refused, match="record-exists"):
        placed(placed(NEW))
    with pytest.raises(Refused, match="record-exists"):
        placed(lifted(placed(NEW)))
    with pytest.raises(Refused, match="record-unknown"):
        lifted(lifted(placed(NEW)))


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PRIVACY_OFFICER])
def test_only_a_privacy_officer_decides(role: Role) -> None:
    held = placed(NEW)
    for decision in (
        lambda: held.place_hold(RECORD, OTHER, by(role)),
        lambda: held.lift_hold(RECORD, HOLD.id, by(role)),
        lambda: NEW.destroy_keys(RECORD, ("k:a",), OVER, by(role)),
    ):
        with pytest.raises(Refused, match="privacy-officer-only"):
            list(decision())


def test_a_fact_stands_in_the_stream_of_its_own_record() -> None:
    for decision in (
        lambda: NEW.place_hold(UUID(int=9), HOLD, by()),
        lambda: NEW.lift_hold(UUID(int=9), HOLD.id, by()),
        lambda: NEW.destroy_keys(UUID(int=9), ("k:a",), OVER, by()),
    ):
        with pytest.raises(Refused, match="subject-of-another"):
            list(decision())
