"""The rules of a disposal: time over, two persons, one record after the other, with its trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from domain.base import Event, Place
from domain.disposal import (
    Candidate,
    Disposal,
    DisposalApproved,
    DisposalProposed,
    DisposalReturned,
    Proposal,
    RecordDisposed,
)
from domain.retention import DISPOSED, RecordClass
from domain.rights import DisposalStatus
from domain.values import Role
from tests.domain.scenario import Given, given, known, stamp

Step = Callable[[Disposal], Iterator[Event]]
PLACE = Place(centre=known("centre"), region=known("county"))
ONE, TWO, OTHER = known("one"), known("two"), known("other")
OVER = date(2030, 5, 31)


def on(
    day: int, who: str = "officer", role: Role = Role.PRIVACY_OFFICER, reason: str | None = None
) -> Any:
    return stamp(date(2030, 6, day), actor=who, role=role, reason=reason)


def proposal(*candidates: Candidate, kind: RecordClass = RecordClass.CASE) -> Proposal:
    both = tuple(Candidate(record=record, keep_until=OVER) for record in (ONE, TWO))
    return Proposal(kind=kind, candidates=candidates or both, appraisal="期限届满，无保存价值")


def proposed(what: Proposal | None = None) -> Step:
    return lambda d: d.propose(what or proposal(), PLACE, on(1, "manager", Role.CENTRE_MANAGER))


def approved(*kept: Any) -> Step:
    return lambda d: d.approve(kept, "同意", on(2))


def returned(d: Disposal) -> Iterator[Event]:
    return d.send_back(on(2, reason="其中有涉诉个案"))


def disposed(record: Any) -> Step:
    return lambda d: d.dispose(record, 99, on(3))


def after(*steps: Step) -> Given[Disposal]:
    return given(Disposal(known("disposal")), *steps)


def test_a_disposal_goes_record_by_record_to_its_end() -> None:
    going = after(proposed(), approved(), disposed(ONE))
    assert going.aggregate.status is DisposalStatus.APPROVED
    (event,) = going.when(disposed(TWO)).then(RecordDisposed)
    assert (event.record, event.evidence) == (TWO, 99)
    assert going.and_then(disposed(TWO)).aggregate.status is DisposalStatus.DONE


def test_nothing_is_proposed_before_its_time_is_over() -> None:
    today = Candidate(record=ONE, keep_until=date(2030, 6, 1))
    after().when(proposed(proposal(today))).refused("still-to-be-kept", record=ONE)
    after().when(proposed()).then(DisposalProposed)


def test_a_record_is_proposed_once() -> None:
    one = Candidate(record=ONE, keep_until=OVER)
    after().when(proposed(proposal(one, one))).refused("candidate-named-twice")
    after(proposed()).when(proposed()).refused("disposal-exists")


@pytest.mark.parametrize("kind", RecordClass)
def test_only_classes_of_the_schedule_are_disposed_of(kind: RecordClass) -> None:
    outcome = after().when(proposed(proposal(kind=kind)))
    if kind in DISPOSED:
        outcome.then(DisposalProposed)
    else:
        outcome.refused("class-not-disposed", kind=kind)


def test_who_proposed_does_not_decide() -> None:
    mine = after(lambda d: d.propose(proposal(), PLACE, on(1)))
    mine.when(approved()).refused("approver-is-proposer")
    mine.when(returned).refused("approver-is-proposer")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PRIVACY_OFFICER])
def test_only_a_privacy_officer_approves_returns_and_disposes(role: Role) -> None:
    by = on(3, role=role, reason="期限届满")
    after(proposed()).when(lambda d: d.approve((), "同意", by)).refused("privacy-officer-only")
    after(proposed()).when(lambda d: d.send_back(by)).refused("privacy-officer-only")
    after(proposed(), approved()).when(lambda d: d.dispose(ONE, 99, by)).refused(
        "privacy-officer-only"
    )


def test_the_appraisal_keeps_what_has_lasting_value() -> None:
    (event,) = after(proposed()).when(approved(ONE)).then(DisposalApproved)
    assert (event.disposed, event.kept) == ((TWO,), (ONE,))
    after(proposed(), approved(ONE)).when(disposed(ONE)).refused("not-to-be-disposed", record=ONE)
    after(proposed()).when(approved(OTHER)).refused("no-candidate", record=OTHER)
    after(proposed()).when(approved(ONE, TWO)).refused("nothing-disposed")


def test_a_proposal_is_sent_back_for_a_reason() -> None:
    after(proposed()).when(returned).then(DisposalReturned)
    after(proposed()).when(lambda d: d.send_back(on(2))).refused("rejection-needs-reason")
    after(proposed(), returned).when(approved()).refused("disposal-at-other-step")


def test_nothing_is_disposed_of_without_approval_or_twice() -> None:
    after().when(disposed(ONE)).refused("disposal-not-proposed")
    after(proposed()).when(disposed(ONE)).refused("disposal-at-other-step")
    after(proposed(), approved(), disposed(ONE)).when(disposed(ONE)).refused("not-to-be-disposed")
    after(proposed(), approved(), disposed(ONE), disposed(TWO)).when(disposed(ONE)).refused(
        "disposal-at-other-step"
    )


def test_the_steps_are_taken_in_order() -> None:
    early = lambda d: d.dispose(ONE, 99, on(1))  # noqa: E731
    after(proposed(), approved()).when(early).refused("times-out-of-order")
