"""What stays in clear in the log names nobody, as far as numbers tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from domain import case_care, case_safety
from domain.base import Event, Refused
from domain.case_facts import Assessment, ReferralRecord
from domain.clear_text import require_nobody
from domain.review import Finding, FindingRaised
from domain.values import FindingSeverity
from tests.domain.case_cast import (
    HER,
    JINAN,
    SEALED,
    D,
    Step,
    a_case,
    referral,
    screening,
    why,
)
from tests.domain.scenario import known, stamp

PHONE = "13800138000"

Fact = tuple[list[Event], object]
"""What was decided, and what somebody gave for it."""


def written(text: str) -> Iterator[Fact]:
    """Facts of several kinds in whose clear texts this stands."""

    def said(given: object, decision: Callable[..., Iterator[Event]]) -> Fact:
        return a_case().when(lambda c: decision(c, given, stamp())).events, given

    yield said(referral().model_copy(update={"to": text}), case_care.refer)
    yield said(screening(HER).model_copy(update={"tool": text}), case_safety.screen)
    found = Assessment(id=known("assessment"), method=text, summary=SEALED)
    yield said(found, case_care.assess)
    finding = Finding(
        id=known("finding"),
        case=known("case"),
        rule="建档",
        text=text,
        severity=FindingSeverity.MINOR,
    )
    raised = FindingRaised(
        originator_id=known("review"),
        originator_version=2,
        stamp=stamp(),
        place=JINAN,
        finding=finding,
    )
    yield [raised], finding


def test_what_stays_in_clear_holds_no_number_of_a_person() -> None:
    for events, given in written("县医院心理科"):
        require_nobody(events, (given,))
    for events, given in written(f"李医生 {PHONE}"):
        with pytest.raises(Refused, match="number-in-text"):
            require_nobody(events, (given,))


def test_what_holds_a_number_can_be_gone_on_with_put_right_and_taken_back() -> None:
    to = referral().model_copy(update={"to": f"李医生 {PHONE}"})
    made = ReferralRecord(referral=to, made_on=D)
    case = a_case(lambda c: case_care.refer(c, to, stamp(D)))
    after = made.model_copy(update={"referral": referral().model_copy(update={"to": "县医院"})})
    accept: Step = lambda c: case_care.accept_referral(c, to.id, stamp(D))  # noqa: E731
    void: Step = lambda c: case_care.void_referral(c, to.id, why(D))  # noqa: E731
    for step in (accept, void):
        events = case.when(step).events
        assert PHONE in str(events)
        require_nobody(events, (to.id,))
    correct: Step = lambda c: case_care.correct_referral(c, after, why(D))  # noqa: E731
    require_nobody(case.when(correct).events, (after,))
