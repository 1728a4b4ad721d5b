"""The own part of a case: nothing of the other's, and nothing of which nobody knows whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from hypothesis import given as holds
from hypothesis import settings
from pydantic import BaseModel

from domain import case_care, case_counselling, case_file
from domain.base import Event, decide, fold
from domain.case import AnyCaseEvent, Case
from domain.case_counselling_events import (
    ConsentGiven,
    SessionCorrected,
    SessionHeld,
    SessionVoided,
)
from domain.case_facts import CaseEvent, Session
from domain.own_part import (
    DERIVED,
    OF_ONE,
    OF_THE_COUPLE,
    SHARED,
    TOGETHER,
    WITH_OPEN_REASON,
    is_own,
    is_own_alone,
    is_shown,
    named_in,
    own_part,
    owners_in,
    present_in,
    puts_right,
    told_only,
)
from domain.values import AnswerKind, CaseOutcome, Party, SafetyLevel
from tests.domain.case_cast import (
    CLOSED,
    COUNSELLED,
    HER,
    HIM,
    JINAN,
    OPENING,
    SAFE,
    SEALED,
    WILLING,
    D,
    Step,
    a_case,
    applied,
    appointment,
    booked,
    compartment,
    consented,
    ended,
    held,
    hour,
    later,
    offered,
    opened,
    rated,
    reported,
    screened,
    session,
    why,
)
from tests.domain.case_cast import SEVERE as IN_DANGER
from tests.domain.scenario import given, known, stamp
from tests.projections.case_walk import case_walks
from tests.projections.walks import Walk

ALONE = session("alone", HER, facts="她说他酗酒")
JOINT = session("joint", HER, HIM, facts="商量抚养")


NONE = SafetyLevel.NONE
DECIDED = {
    "Answer": "kind on party withdrawn_on",
    "AnswerCorrected": "after before",
    "AnswerVoided": "record",
    "Application": "deadlines on receipt",
    "ApplicationAccepted": "application",
    "ApplicationCorrected": "after before",
    "ApplicationObserved": "application",
    "ApplicationVoided": "application",
    "Appointment": "form id parties practitioner starts_at",
    "AppointmentBooked": "appointment",
    "AppointmentCancelled": "appointment",
    "AppointmentMissed": "absent appointment",
    "AppointmentRescheduled": "after before",
    "CaseOpened": "opening",
    "Compartment": "note party",
    "ConsentGiven": "party",
    "ConsentWithdrawn": "party",
    "CounsellingDeclined": "party",
    "CounsellingOffered": "first",
    "Deadlines": "calendar_version closing cooling_off_effective cooling_off_nominal "
    "window_effective window_nominal",
    "DeferralBreakVoided": "broken_on days deferred_on record",
    "DeferralBroken": "broken_on days deferred_on record",
    "MinorApproved": "age guardian_consented party",
    "Opening": "channel number service visit",
    "OpeningCorrected": "after after_on before before_on",
    "OutcomeConfirmed": "before record",
    "OutcomeDeclared": "record",
    "OutcomeRecord": "applied at broken_on outcome source",
    "OutcomeRevised": "after before",
    "OutcomeVoided": "record",
    "PartyIdentified": "identity party profile",
    "PartyIdentityCorrected": "after before identity party",
    "Profile": "birth_decade divorce_reason marriage_length sex",
    "ProtectedAddressNoted": "address party",
    "ProtectionOrderNoted": "document",
    "Rating": "follow_up id party score",
    "RatingRecord": "on rating",
    "SafeContactNoted": "contact do_not_contact party",
    "SafetyDocument": "expires_on id issued_on issuer number protects",
    "SafetyScreened": "report_due screening",
    "SatisfactionCorrected": "after before",
    "SatisfactionRated": "rating",
    "SatisfactionVoided": "record",
    "Screening": "alone id level party tool tool_version",
    "ScreeningCorrected": "after before",
    "ScreeningRecord": "at report_due screening",
    "ScreeningVoided": "record",
    "Sealed": "c h k n z",
    "Session": "appointment facts form id minutes notes practitioners present started_at summary",
    "SessionCorrected": "after before",
    "SessionHeld": "session",
    "SessionVoided": "record",
    "WarningLetterNoted": "document",
}
"""The fields of own parts from which nothing of the other follows, by the model they stand in."""


def the(step: Step, *before: Step) -> Event:
    """The one event of a step."""
    (event,) = a_case(*before).when(step).events[:1]
    return event


def identified(party: Party) -> Step:
    return lambda c: case_file.identify(c, party, SEALED, None, stamp())


def test_what_one_said_alone_is_not_the_others() -> None:
    event = the(held(ALONE), *WILLING)
    assert isinstance(event, SessionHeld)
    assert is_own(event, HER)
    assert not is_own(event, HIM)


def test_what_both_said_is_both_s() -> None:
    event = the(held(JOINT), *SAFE)
    assert is_own(event, HER)
    assert is_own(event, HIM)


def test_a_compartment_of_one_takes_the_session_from_the_other() -> None:
    mixed = session("joint", HER, HIM, notes=(compartment(), compartment(HER, "k:her")))
    event = the(held(mixed), *SAFE)
    assert is_own(event, HER)
    assert not is_own(event, HIM)


def test_a_session_put_right_is_whose_both_sides_are() -> None:
    both = ALONE.model_copy(update={"present": (HER, HIM), "facts": JOINT.facts})
    steps = (*SAFE, held(ALONE))
    event = the(lambda c: case_counselling.correct_session(c, both, why()), *steps)
    assert isinstance(event, SessionCorrected)
    assert is_own(event, HER)
    assert not is_own(event, HIM)


@pytest.mark.parametrize("party", [HER, HIM])
def test_identity_consent_and_screening_are_of_one(party: Party) -> None:
    (other,) = {HER, HIM} - {party}
    for event in (
        the(identified(party)),
        the(screened(party, SafetyLevel.VIOLENCE)),
        a_case(*WILLING).when(identified(party)).events[0],
    ):
        assert is_own(event, party)
        assert not is_own(event, other)


def test_reports_to_the_police_and_ratings_of_nobody_stay_out() -> None:
    from tests.domain.case_cast import hour

    report = the(reported(hour(20)), IN_DANGER)
    rating = the(rated, *COUNSELLED)
    for party in (HER, HIM):
        assert not is_own(report, party)
        assert not is_own(rating, party)


def test_an_appointment_is_of_those_who_are_to_come() -> None:
    event = the(booked, *WILLING)
    assert is_own(event, HER)
    assert is_own(event, HIM)


def test_every_kind_of_event_stands_in_one_list_at_most() -> None:
    kinds = {kind for family in get_args(AnyCaseEvent) for kind in (get_args(family) or (family,))}
    assert kinds > SHARED | TOGETHER | OF_ONE
    assert not SHARED & TOGETHER
    assert not SHARED & OF_ONE
    assert not TOGETHER & OF_ONE


def fields_of(kind: type[BaseModel]) -> Iterator[str]:
    """The fields of a fact at whatever depth, each by the model in which it stands."""
    for name, field in kind.model_fields.items():
        if name in CaseEvent.model_fields or name in DERIVED.get(kind, ()):
            continue
        yield f"{kind.__name__}.{name}"
        parts = [field.annotation]
        for part in parts:
            parts.extend(get_args(part))
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from fields_of(part)


def test_every_field_of_an_own_part_is_decided_on() -> None:
    """A new one stands here once it is known that nothing of the other's follows from it."""
    found = {name for kind in SHARED | TOGETHER | OF_ONE for name in fields_of(kind)}
    known = {f"{kind}.{name}" for kind, names in DECIDED.items() for name in names.split()}
    assert found == known


def test_what_the_couple_counts_as_is_left_out_and_such_a_fact_is_not_handed_out() -> None:
    her_refusal = case_counselling.decline
    declined = lambda c: her_refusal(c, HER, stamp())  # noqa: E731
    his = the(consented(HIM), offered, declined)
    assert isinstance(his, ConsentGiven)
    assert his.declined is not None
    began = the(applied, *COUNSELLED)
    ended_after = the(ended(CaseOutcome.CANCELLED), applied, *COUNSELLED)
    kept = the(lambda c: case_file.archive(c, None, stamp()), *CLOSED)
    for event in (his, began, ended_after, kept):
        assert is_own(event, HIM)
        assert not is_own_alone(event, HIM)
    assert {"declined", "first", "began", "counselled_on", "keep_until"} < OF_THE_COUPLE


def test_a_fact_is_handed_out_or_not_by_its_kind_and_not_by_what_the_other_did() -> None:
    for event in (the(applied), the(applied, *COUNSELLED), the(consented(HIM), offered)):
        assert not is_own_alone(event, HIM)
    for event in (the(held(JOINT), *SAFE), the(identified(HIM)), the(screened(HIM, NONE))):
        assert is_own_alone(event, HIM)


@settings(deadline=None, max_examples=60)
@holds(case_walks)
def test_no_event_that_names_the_other_alone_is_anybody_elses(walk: Walk[Any]) -> None:
    for event in walk.events:
        owners = [owned for _, value in event for owned in owners_in(value)]
        for party in Party:
            if any(party not in owned for owned in owners):
                assert type(event) in SHARED or not is_own(event, party)
            if type(event) in SHARED:
                assert not owners


def test_that_one_was_brought_to_safety_is_in_nobody_elses_part() -> None:
    for outcome in (CaseOutcome.SAFETY_DIVERTED, CaseOutcome.LITIGATION, CaseOutcome.LOST):
        event = the(ended(outcome), applied, *COUNSELLED)
        assert not is_own(event, HIM)
    assert is_own(the(ended(CaseOutcome.CANCELLED), applied, *COUNSELLED), HIM)


def test_no_reason_of_what_both_know_is_handed_out() -> None:
    late = lambda c: case_file.open_case(c, OPENING, JINAN, stamp(reason="妻子说他打她"))  # noqa: E731
    (event,) = given(Case(known("case"))).when(late).events
    assert is_own(event, HIM)
    assert type(event) in WITH_OPEN_REASON
    assert not is_own_alone(event, HIM)


def test_who_never_appeared_has_no_part_in_what_both_know() -> None:
    hers = a_case(offered, consented(HER), screened(HER), identified(HER)).aggregate
    opening = the(offered)
    assert present_in(hers) == {HER}
    assert is_shown(opening, HER, hers)
    assert not is_shown(opening, HIM, hers)
    for steps in ((offered, consented(HIM)), (screened(HIM),)):
        assert present_in(a_case(*steps).aggregate) == {HIM}


def test_whom_the_other_named_did_not_appear() -> None:
    named = a_case(identified(HER), identified(HIM)).aggregate
    assert present_in(named) == frozenset()
    assert not is_shown(the(offered), HIM, named)


def corrected(after: Session) -> Step:
    return lambda c: case_counselling.correct_session(c, after, why())


def test_a_correction_of_a_session_is_for_who_was_there_whoever_else_was() -> None:
    notes = tuple(compartment(party) for party in (None, HER, HIM))
    together = JOINT.model_copy(update={"notes": notes})
    longer = the(corrected(together.model_copy(update={"minutes": 90})), *SAFE, held(together))
    his_alone = (*notes[:2], compartment(HIM, "k:anew"))
    of_him = the(corrected(together.model_copy(update={"notes": his_alone})), *SAFE, held(together))
    void = the(lambda c: case_counselling.void_session(c, ALONE.id, why()), *WILLING, held(ALONE))
    other = Party.OTHER
    assert [puts_right(longer, party) for party in (HER, HIM, other)] == [True, True, False]
    assert [puts_right(of_him, party) for party in (HER, HIM, other)] == [False, True, False]
    assert [puts_right(void, party) for party in (HER, HIM, other)] == [True, False, False]


def facts_of(*steps: Step) -> list[Event]:
    """All facts of a case that took these steps."""
    case, facts = Case(known("case")), list[Event]()
    for step in (opened, *steps):
        facts += decide(case, step)
        case = fold(Case(known("case")), facts)
    return facts


def handed(*steps: Step) -> list[str]:
    """What is handed out to her of a case that took these steps."""
    return [type(event).__name__ for event in own_part(facts_of(*steps), HER)]


def told(party: Party, *steps: Step) -> list[Session]:
    """Of which sessions a party is only told."""
    return told_only(facts_of(*steps), party)


LONGER = JOINT.model_copy(update={"minutes": 90})


def test_a_joint_session_that_was_put_right_is_told_to_both_as_it_stands() -> None:
    for party in (HER, HIM):
        assert told(party, *SAFE, held(JOINT)) == []
        assert told(party, *SAFE, held(JOINT), corrected(LONGER)) == [LONGER]
    assert told(Party.OTHER, *SAFE, held(JOINT), corrected(LONGER)) == []


def test_a_joint_session_that_was_entered_late_is_told_without_its_reason() -> None:
    late = lambda c: case_counselling.hold_session(c, JOINT, why())  # noqa: E731
    assert told(HIM, *SAFE, late) == [JOINT]


def test_a_session_of_which_anything_ever_was_hers_alone_is_not_told_to_him() -> None:
    both = ALONE.model_copy(update={"present": (HER, HIM), "facts": "商量抚养"})
    assert told(HIM, *SAFE, held(ALONE), corrected(both)) == []
    assert told(HER, *SAFE, held(ALONE), corrected(both)) == [both]
    noted = JOINT.model_copy(update={"notes": (compartment(HER),)})
    for steps in ((held(noted),), (held(noted), corrected(JOINT)), (held(JOINT), corrected(noted))):
        assert told(HIM, *SAFE, *steps) == []


def test_nothing_that_was_taken_back_is_told() -> None:
    voided = lambda c: case_counselling.void_session(c, JOINT.id, why())  # noqa: E731
    void = lambda c: case_file.void(c, None, why())  # noqa: E731
    for end in (voided, void):
        assert told(HER, *SAFE, held(JOINT), corrected(LONGER), end) == []


@settings(deadline=None, max_examples=60)
@holds(case_walks)
def test_a_session_stands_in_a_copy_or_is_told_and_never_both(walk: Walk[Any]) -> None:
    for party in Party:
        handed_out = {name for event in own_part(walk.events, party) for name in named_in(event)}
        for one in told_only(walk.events, party):
            assert party in one.present
            assert one.id not in handed_out


def test_what_was_taken_back_is_not_handed_out_as_what_holds() -> None:
    voided = lambda c: case_counselling.void_session(c, JOINT.id, why())  # noqa: E731
    longer = corrected(JOINT.model_copy(update={"minutes": 90}))
    assert handed(*SAFE, held(JOINT)).count("SessionHeld") == 1
    for putting_right in (voided, longer):
        assert "SessionHeld" not in handed(*SAFE, held(JOINT), putting_right)
    renumbered = lambda c: case_file.correct_opening(  # noqa: E731
        c, OPENING.model_copy(update={"number": "2019-0002"}), D, why()
    )
    assert "CaseOpened" in handed(*SAFE)
    assert "CaseOpened" not in handed(*SAFE, renumbered)


@settings(deadline=None, max_examples=60)
@holds(case_walks)
def test_the_last_that_is_handed_out_of_a_session_is_the_last_there_is(walk: Walk[Any]) -> None:
    for party in Party:
        told, known = (
            {
                session: event
                for event in events
                if isinstance(event, SessionHeld | SessionCorrected | SessionVoided)
                for session in named_in(event)
            }
            for events in (own_part(walk.events, party), walk.events)
        )
        assert told.items() <= known.items()


def test_what_was_put_right_of_her_alone_is_handed_out_with_what_stood_there() -> None:
    longer = corrected(ALONE.model_copy(update={"minutes": 90}))
    voided = lambda c: case_counselling.void_session(c, ALONE.id, why())  # noqa: E731
    told = handed(*SAFE, held(ALONE), longer, voided)
    assert told[-3:] == ["SessionHeld", "SessionCorrected", "SessionVoided"]


def test_an_offer_whose_day_was_wrong_is_not_handed_out() -> None:
    moved = lambda c: case_counselling.correct_answer(  # noqa: E731
        c, AnswerKind.OFFERED, None, D, why(later())
    )
    late = lambda c: case_counselling.offer(c, stamp(later()))  # noqa: E731
    assert "CounsellingOffered" in handed(offered, screened(HER))
    assert "CounsellingOffered" not in handed(late, screened(HER, at=later()), moved)


def test_that_his_answer_was_put_right_is_told_by_nothing_that_is_missing() -> None:
    voided = lambda c: case_counselling.void_answer(c, AnswerKind.CONSENTED, HIM, why())  # noqa: E731
    answered = (offered, consented(HER), consented(HIM), screened(HER))
    assert handed(*answered, voided) == handed(*answered)


def test_a_case_that_was_taken_back_hands_out_none_of_its_work() -> None:
    void = lambda c: case_file.void(c, None, why())  # noqa: E731
    assert handed(*SAFE, held(ALONE), applied, void).count("SessionHeld") == 0


def test_that_she_withdrew_a_consent_that_was_voided_is_not_handed_out() -> None:
    withdrawn = lambda c: case_counselling.withdraw_consent(c, HER, stamp(later()))  # noqa: E731
    voided = lambda c: case_counselling.void_answer(  # noqa: E731
        c, AnswerKind.CONSENTED, HER, why(later())
    )
    assert "ConsentWithdrawn" in handed(*SAFE, withdrawn)
    assert "ConsentWithdrawn" not in handed(*SAFE, withdrawn, voided)


def test_an_appointment_that_was_called_off_is_not_handed_out_as_what_holds() -> None:
    by = stamp(hour(9), reason="她说他打人，不再一起来")
    off = lambda c: case_care.cancel_appointment(c, appointment(hour(34)).id, by)  # noqa: E731
    assert "AppointmentBooked" in handed(*SAFE, booked)
    assert "AppointmentBooked" not in handed(*SAFE, booked, off)


def test_nothing_of_a_case_that_was_taken_back_is_handed_out_as_what_holds() -> None:
    withdrawn = lambda c: case_counselling.withdraw_consent(c, HER, stamp(later()))  # noqa: E731
    void = lambda c: case_file.void(c, None, why())  # noqa: E731
    assert handed(*SAFE, held(ALONE), booked, withdrawn, void) == []
