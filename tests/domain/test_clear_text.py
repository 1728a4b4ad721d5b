"""What stays in clear in the log names nobody, as far as numbers tell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain import case_care, case_file, case_safety
from domain.base import Event, Refused
from domain.case import Case
from domain.case_facts import Assessment, ReferralRecord
from domain.clear_text import require_nobody
from domain.review import Finding, FindingRaised
from domain.values import FindingSeverity
from tests.domain.case_cast import JINAN, OPENING, SEALED, D, a_case, document, referral, why
from tests.domain.scenario import given, known, stamp

PHONE = "13800138000"


def written(text: str) -> Iterator[Event]:
    """Facts of several kinds in whose clear texts this stands."""
    to = referral().model_copy(update={"to": text})
    yield from a_case().when(lambda c: case_care.refer(c, to, stamp())).events
    number = OPENING.model_copy(update={"number": text})
    opening = lambda c: case_file.open_case(c, number, JINAN, stamp(D))  # noqa: E731
    yield from given(Case(known("case"))).when(opening).events
    letter = document().model_copy(update={"number": text})
    yield from a_case().when(lambda c: case_safety.note_warning_letter(c, letter, stamp())).events
    found = Assessment(id=known("assessment"), method=text, summary=SEALED)
    yield from a_case().when(lambda c: case_care.assess(c, found, stamp())).events
    finding = Finding(
        id=known("finding"),
        case=known("case"),
        rule="建档",
        text=text,
        severity=FindingSeverity.MINOR,
    )
    yield FindingRaised(
        originator_id=known("review"),
        originator_version=2,
        stamp=stamp(),
        place=JINAN,
        finding=finding,
    )


def test_what_stays_in_clear_holds_no_number_of_a_person() -> None:
    require_nobody(written("县医院心理科"))
    for event in written(f"李医生 {PHONE}"):
        with pytest.raises(Refused, match="number-in-text"):
            require_nobody([event])


def test_what_holds_a_number_can_be_put_right() -> None:
    made = ReferralRecord(referral=referral().model_copy(update={"to": PHONE}), made_on=D)
    case = a_case(lambda c: case_care.refer(c, made.referral, stamp(D)))
    after = made.model_copy(update={"referral": referral().model_copy(update={"to": "县医院"})})
    require_nobody(case.when(lambda c: case_care.correct_referral(c, after, why())).events)
