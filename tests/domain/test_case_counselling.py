"""Offer, consent, safety, appointments, sessions: counselling is voluntary, free and safe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain import case_care, case_counselling, case_file, case_safety
from domain.base import Stamp
from domain.case import Case
from domain.case_care_events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentRescheduled,
    AssessmentCorrected,
    AssessmentRecorded,
    AssessmentVoided,
    CounsellorAssigned,
    CounsellorRecused,
    PlanAgreed,
    PlanCorrected,
    PlanVoided,
)
from domain.case_counselling_events import (
    AnswerCorrected,
    AnswerVoided,
    ConsentGiven,
    ConsentWithdrawn,
    CounsellingBegan,
    CounsellingDeclined,
    CounsellingOffered,
    CounsellingRedated,
    CounsellingUndone,
    SessionCorrected,
    SessionHeld,
    SessionVoided,
)
from domain.case_facts import Assessment, Began, CaseEvent, Milestone, Plan, Session, Words
from domain.case_safety_events import (
    ProtectionOrderNoted,
    SafetyDocumentVoided,
    SafetyScreened,
    ScreeningCorrected,
    ScreeningVoided,
    WarningLetterNoted,
)
from domain.values import AnswerKind, CaseOutcome, SafetyDocumentKind, SafetyLevel, SessionForm
from tests.domain.case_cast import (
    CLOSED,
    COUNSELLED,
    HER,
    HIM,
    JINAN,
    OTHER,
    QINGDAO,
    SAFE,
    SEALED,
    SEVERE,
    WILLING,
    D,
    Step,
    a_case,
    applied,
    appointment,
    booked,
    compartment,
    consented,
    declined,
    document,
    ended,
    held,
    hour,
    later,
    offered,
    reopened,
    reported,
    screened,
    screening,
    session,
    transfer_requested,
    transferred,
    why,
)
from tests.domain.scenario import known, stamp

WANG = known("wang")
JOINT = session("joint", HER, HIM)


def withdrawn(party=HER, on=D):
    return lambda c: case_counselling.withdraw_consent(c, party, stamp(on))


def voided(name="session", on=D):
    return lambda c: case_counselling.void_session(c, known(name), why(on))


def test_only_the_first_offer_of_a_case_counts() -> None:
    (first,) = a_case().when(offered).then(CounsellingOffered)
    (again,) = a_case(offered).when(offered).then(CounsellingOffered)
    assert (first.first, again.first) == (True, False)


def test_a_couple_is_counted_once_as_accepting() -> None:
    (first,) = a_case(offered).when(consented(HER)).then(ConsentGiven)
    (second,) = a_case(offered, consented(HER)).when(consented(HIM)).then(ConsentGiven)
    assert (first.first, second.first) == (True, False)


def test_a_couple_is_counted_once_as_declining() -> None:
    (first,) = a_case(offered).when(declined(HER)).then(CounsellingDeclined)
    (second,) = a_case(offered, declined(HER)).when(declined(HIM)).then(CounsellingDeclined)
    assert (first.first, second.first) == (True, False)


def test_a_couple_of_which_one_consents_does_not_count_as_declining() -> None:
    (event,) = a_case(offered, consented(HER)).when(declined(HIM)).then(CounsellingDeclined)
    assert not event.first


def test_a_later_consent_takes_the_counted_refusal_back() -> None:
    (event,) = a_case(offered, declined(HIM)).when(consented(HER, later())).then(ConsentGiven)
    assert event.first
    assert event.declined == Milestone(on=D, place=JINAN)


def test_consent_answers_an_offer() -> None:
    a_case().when(consented(HER)).refused("not-offered")


def test_a_refusal_answers_an_offer() -> None:
    a_case().when(declined(HER)).refused("not-offered")


def test_an_offer_of_a_later_day_is_no_offer_yet() -> None:
    a_case(lambda c: case_counselling.offer(c, stamp(later(2)))).when(
        consented(HER, later())
    ).refused("not-offered")


def test_consent_is_given_once() -> None:
    a_case(offered, consented(HER)).when(consented(HER)).refused("already-consented", party=HER)


def test_a_party_that_consents_withdraws_instead_of_declining() -> None:
    a_case(offered, consented(HER)).when(declined(HER)).refused("consent-stands", party=HER)


def test_a_refusal_is_not_repeated_without_another_offer() -> None:
    a_case(offered, declined(HER)).when(declined(HER)).refused("already-declined", party=HER)
    a_case(offered, declined(HER), offered).when(declined(HER)).then(CounsellingDeclined)


def test_consent_can_be_withdrawn() -> None:
    a_case(*WILLING).when(withdrawn()).then(ConsentWithdrawn)
    a_case(*WILLING, withdrawn()).when(held(session())).refused("consent-missing", party=HER)


def test_only_a_standing_consent_can_be_withdrawn() -> None:
    a_case(offered).when(withdrawn()).refused("consent-missing", party=HER)
    a_case(*WILLING, withdrawn()).when(withdrawn()).refused("consent-missing", party=HER)


def test_a_withdrawn_consent_can_be_given_again() -> None:
    case = a_case(*WILLING, withdrawn(), consented(HER))
    case.when(held(session())).then(SessionHeld, CounsellingBegan)


def test_consent_is_not_withdrawn_from_before_a_session_that_needed_it() -> None:
    after = held(session(on=later(2)))
    a_case(*WILLING, after).when(withdrawn(on=later())).refused("session-needs-consent", party=HER)


def test_a_withdrawal_does_not_precede_its_consent() -> None:
    case = a_case(offered, consented(HER, later(2)))
    case.when(withdrawn(on=later())).refused("times-out-of-order")


def test_a_corrected_offer_moves_the_day_on_which_it_counts() -> None:
    case = a_case(lambda c: case_counselling.offer(c, stamp(later())))
    (event,) = case.when(
        lambda c: case_counselling.correct_answer(c, AnswerKind.OFFERED, None, D, why(later()))
    ).then(AnswerCorrected)
    assert event.counted_before.offered.on == later()
    assert event.counted_after.offered.on == D


def test_a_voided_consent_lets_the_next_one_count() -> None:
    case = a_case(offered, consented(HER), consented(HIM, later()))
    (event,) = case.when(
        lambda c: case_counselling.void_answer(c, AnswerKind.CONSENTED, HER, why(later()))
    ).then(AnswerVoided)
    assert event.counted_before.accepted.on == D
    assert event.counted_after.accepted.on == later()


def test_a_voided_consent_lets_a_refusal_count_again() -> None:
    case = a_case(offered, declined(HIM), consented(HER))
    (event,) = case.when(
        lambda c: case_counselling.void_answer(c, AnswerKind.CONSENTED, HER, why())
    ).then(AnswerVoided)
    assert event.counted_before.declined is None
    assert event.counted_after.declined == Milestone(on=D, place=JINAN)


def test_an_offer_with_answers_cannot_be_voided() -> None:
    case = a_case(offered, consented(HER))
    case.when(lambda c: case_counselling.void_answer(c, AnswerKind.OFFERED, None, why())).refused(
        "not-offered"
    )


def test_a_consent_that_a_session_needs_cannot_be_voided() -> None:
    case = a_case(*COUNSELLED)
    case.when(lambda c: case_counselling.void_answer(c, AnswerKind.CONSENTED, HER, why())).refused(
        "session-needs-consent", party=HER
    )


def test_a_voided_answer_was_recorded() -> None:
    a_case().when(
        lambda c: case_counselling.void_answer(c, AnswerKind.DECLINED, HER, why())
    ).refused("answer-unknown")


def test_a_corrected_answer_changes_and_stays_after_the_opening() -> None:
    def to(on):
        return lambda c: case_counselling.correct_answer(
            c, AnswerKind.OFFERED, None, on, why(later())
        )

    a_case(offered).when(to(D)).refused("correction-changes-nothing")
    a_case(offered).when(to(later(-1))).refused("before-opening")
    a_case(offered).when(to(later(2))).refused("not-yet-happened")
    a_case(offered, consented(HER)).when(to(later())).refused("not-offered")


def test_severe_danger_makes_a_report_due_within_24_hours() -> None:
    (event,) = a_case().when(SEVERE).then(SafetyScreened)
    assert event.report_due == hour(33)


def test_violence_short_of_severe_danger_makes_no_report_due() -> None:
    (event,) = a_case().when(screened(HER, SafetyLevel.VIOLENCE)).then(SafetyScreened)
    assert event.report_due is None


def test_severe_danger_needs_the_hour() -> None:
    a_case().when(screened(HER, SafetyLevel.SEVERE)).refused("hour-needed")


def test_a_screening_counts_only_alone() -> None:
    together = screening(HER, alone=False)
    a_case().when(lambda c: case_safety.screen(c, together, stamp())).refused(
        "not-alone", party=HER
    )


@pytest.mark.parametrize(
    ("level", "positive"),
    [
        (SafetyLevel.NONE, False),
        (SafetyLevel.CONCERN, False),
        (SafetyLevel.VIOLENCE, True),
        (SafetyLevel.SEVERE, True),
    ],
)
def test_violence_and_severe_danger_are_positive(level: SafetyLevel, positive: bool) -> None:
    assert level.positive is positive


def test_a_corrected_screening_carries_both_sides() -> None:
    case = a_case(screened(HER))
    after = screening(HER, SafetyLevel.SEVERE)
    (event,) = case.when(
        lambda c: case_safety.correct_screening(c, after, hour(9), why(hour(10)))
    ).then(ScreeningCorrected)
    assert event.before.screening.level is SafetyLevel.NONE
    assert event.before.on == D
    assert event.after.report_due == hour(33)


def test_a_corrected_screening_changes_and_stays_after_the_opening() -> None:
    def to(at):
        return lambda c: case_safety.correct_screening(c, screening(HER), at, why(later()))

    a_case(screened(HER)).when(to(D)).refused("correction-changes-nothing")
    a_case(screened(HER)).when(to(later(-1))).refused("before-opening")
    a_case(screened(HER)).when(to(later(2))).refused("not-yet-happened")
    a_case().when(to(D)).refused("record-unknown")


def test_a_screening_that_a_report_answers_stays_severe() -> None:
    case = a_case(SEVERE, reported(hour(12)))
    lower = screening(HER, SafetyLevel.VIOLENCE)
    case.when(lambda c: case_safety.correct_screening(c, lower, hour(9), why(hour(13)))).refused(
        "report-stands"
    )
    case.when(lambda c: case_safety.void_screening(c, lower.id, why(hour(13)))).refused(
        "report-stands"
    )


def test_the_tool_of_a_reported_screening_can_be_corrected() -> None:
    case = a_case(SEVERE, screened(HIM, SafetyLevel.SEVERE, hour(10)), reported(hour(12)))
    other_tool = screening(HER, SafetyLevel.SEVERE).model_copy(update={"tool_version": "2"})
    case.when(lambda c: case_safety.correct_screening(c, other_tool, hour(9), why(hour(13)))).then(
        ScreeningCorrected
    )
    his = screening(HIM, SafetyLevel.NONE)
    case.when(lambda c: case_safety.correct_screening(c, his, hour(10), why(hour(13)))).then(
        ScreeningCorrected
    )


def test_a_voided_screening_no_longer_allows_a_joint_session() -> None:
    void = lambda c: case_safety.void_screening(c, known(f"screening {HER}"), why())  # noqa: E731
    a_case(*SAFE).when(void).then(ScreeningVoided)
    a_case(*SAFE, void).when(held(JOINT)).refused("not-screened", party=HER)


def test_a_session_needs_the_consent_of_each_party_present() -> None:
    a_case(offered, consented(HER)).when(held(session("s", HIM))).refused(
        "consent-missing", party=HIM
    )


def test_a_session_needs_a_consent_of_its_own_day() -> None:
    case = a_case(offered, consented(HER, later(2)))
    case.when(held(session(on=later()))).refused("consent-missing", party=HER)


def test_no_joint_session_before_both_were_screened_alone() -> None:
    a_case(*WILLING, screened(HER)).when(held(JOINT)).refused("not-screened", party=HIM)
    a_case(*SAFE).when(held(JOINT)).then(SessionHeld, CounsellingBegan)


def test_a_screening_after_the_session_does_not_make_it_safe() -> None:
    case = a_case(*WILLING, screened(HER), screened(HIM, at=hour(11)))
    case.when(held(JOINT)).refused("not-screened", party=HIM)


@pytest.mark.parametrize("level", [SafetyLevel.VIOLENCE, SafetyLevel.SEVERE])
def test_no_joint_session_at_all_once_violence_is_known(level: SafetyLevel) -> None:
    case = a_case(*WILLING, screened(HER, level, hour(9)), screened(HIM))
    case.when(held(JOINT)).refused("violence-known")


def test_individual_sessions_remain_possible_once_violence_is_known() -> None:
    case = a_case(*WILLING, screened(HER, SafetyLevel.VIOLENCE))
    case.when(held(session())).then(SessionHeld, CounsellingBegan)


def test_violence_stays_known_after_a_screening_that_shows_none() -> None:
    again = screening(HER, name="second")
    case = a_case(
        *WILLING,
        screened(HER, SafetyLevel.VIOLENCE),
        screened(HIM),
        lambda c: case_safety.screen(c, again, stamp()),
    )
    case.when(held(JOINT)).refused("violence-known")


def test_a_joint_session_held_before_violence_was_known_can_be_entered_late() -> None:
    case = a_case(
        *SAFE,
        lambda c: case_safety.screen(c, screening(HER, SafetyLevel.VIOLENCE, "2"), stamp(later())),
    )
    case.when(held(JOINT)).then(SessionHeld, CounsellingBegan)
    case.when(held(session("j", HER, HIM, on=later()))).refused("violence-known")


def test_a_warning_letter_makes_violence_known() -> None:
    note = lambda c: case_safety.note_warning_letter(c, document(), stamp())  # noqa: E731
    a_case().when(note).then(WarningLetterNoted)
    a_case(*SAFE, note).when(held(JOINT)).refused("violence-known")


def test_a_protection_order_makes_violence_known() -> None:
    order = document(expires_on=later(180), protects=HER)
    note = lambda c: case_safety.note_protection_order(c, order, stamp())  # noqa: E731
    a_case().when(note).then(ProtectionOrderNoted)
    a_case(*SAFE, note).when(held(JOINT)).refused("violence-known")


@pytest.mark.parametrize("kind", list(SafetyDocumentKind))
def test_a_document_noted_by_mistake_no_longer_bars_a_joint_session(kind) -> None:
    def note(c):
        letter = kind is SafetyDocumentKind.WARNING_LETTER
        decide = case_safety.note_warning_letter if letter else case_safety.note_protection_order
        return decide(c, document(), stamp())

    def void(c):
        return case_safety.void_document(c, known("document"), why())

    (event,) = a_case(note).when(void).then(SafetyDocumentVoided)
    assert event.kind is kind
    a_case(*SAFE, note, void).when(held(JOINT)).then(SessionHeld, CounsellingBegan)


def test_a_document_issued_long_ago_is_no_late_entry_for_others_issued_it() -> None:
    letter = document(issued_on=later(-300))
    a_case().when(lambda c: case_safety.note_warning_letter(c, letter, stamp(D))).then(
        WarningLetterNoted
    )


def test_a_document_is_noted_once_not_from_the_future_and_expires_after_its_issue() -> None:
    def note(noted):
        return lambda c: case_safety.note_protection_order(c, noted, stamp())

    a_case(note(document())).when(note(document())).refused("record-exists")
    a_case().when(note(document(issued_on=later()))).refused("not-yet-happened")
    a_case().when(note(document(expires_on=D))).refused("times-out-of-order")


def test_the_first_session_counts_the_couple_as_counselled() -> None:
    _, began = a_case(*WILLING).when(held(session())).then(SessionHeld, CounsellingBegan)
    assert (began.held_on, began.applied, began.place, began.outcome) == (D, False, JINAN, None)


def test_a_couple_that_applied_for_divorce_is_counselled_as_such() -> None:
    _, began = a_case(applied, *WILLING).when(held(session())).then(SessionHeld, CounsellingBegan)
    assert began.applied


def test_a_couple_counts_as_counselled_once() -> None:
    a_case(*COUNSELLED).when(held(session("second", on=later()))).then(SessionHeld)


def test_an_earlier_session_entered_late_dates_the_beginning_back() -> None:
    case = a_case(*WILLING, held(session("second", on=later(5))))
    _, event = case.when(held(session())).then(SessionHeld, CounsellingRedated)
    assert (event.before.on, event.after.on) == (later(5), D)


def test_counselling_after_an_outcome_moves_the_outcome_to_those_counselled() -> None:
    case = a_case(applied, *WILLING, ended(CaseOutcome.REGISTERED))
    _, began = case.when(held(session())).then(SessionHeld, CounsellingBegan)
    assert began.outcome.counselled is False
    held_after = case.and_then(held(session())).aggregate
    assert held_after.outcome.counselled_on == D


def test_an_outcome_knows_since_when_the_couple_is_counselled() -> None:
    case = a_case(applied, *WILLING, held(session("second", on=later(5))))
    late = case.and_then(ended(CaseOutcome.REGISTERED, later(5)))
    _, redated = late.when(held(session("first", on=later(2)))).then(
        SessionHeld, CounsellingRedated
    )
    assert redated.outcome.counselled_on == later(5)
    now = late.and_then(held(session("first", on=later(2)))).aggregate
    assert now.outcome.counselled_on == later(2)


def test_a_couple_is_counselled_as_one_that_applied_where_it_did_also_after_a_transfer() -> None:
    case = a_case(applied, *WILLING, transfer_requested(), transferred(later()))
    _, began = case.when(held(session(on=later(2)))).then(SessionHeld, CounsellingBegan)
    assert (began.began.place, began.began.applied_at) == (QINGDAO, JINAN)


def test_a_session_is_entered_for_the_day_on_which_it_was_held() -> None:
    case = a_case(*WILLING)
    case.when(lambda c: case_counselling.hold_session(c, session(), stamp(later()))).refused(
        "session-on-another-day"
    )


@pytest.mark.parametrize("written", [SEALED, "as it was written before it was sealed"])
def test_what_was_written_of_who_was_there_is_not_kept_for_others(written: Words) -> None:
    def corrected(after: Session) -> Step:
        return lambda c: case_counselling.correct_session(c, after, why(hour(20)))

    alone = session(facts=written)
    joint, with_another = (
        alone.model_copy(update={"present": present}) for present in ((HER, HIM), (HER, OTHER))
    )
    anew = {"facts": SEALED.model_copy(update={"n": "anew"})}
    for before, after in ((alone, joint), (joint, alone), (with_another, joint)):
        case = a_case(*SAFE, consented(OTHER), screened(OTHER), held(before))
        case.when(corrected(after)).refused("words-of-others")
        for words in (anew, {"facts": "from before they were sealed"}):
            case.when(corrected(after.model_copy(update=words))).then(SessionCorrected)


def test_notes_of_what_was_said_together_are_not_kept_for_others_and_ones_own_are() -> None:
    def corrected(after: Session) -> Step:
        return lambda c: case_counselling.correct_session(c, after, why(hour(20)))

    together, hers = compartment(), compartment(HER)
    for notes, step in (((together, hers), None), ((hers,), SessionCorrected)):
        with_another = session("session", HER, OTHER, notes=notes)
        case = a_case(*SAFE, consented(OTHER), screened(OTHER), held(with_another))
        change = case.when(corrected(with_another.model_copy(update={"present": (HER, HIM)})))
        change.refused("words-of-others") if step is None else change.then(step)


def test_a_session_that_is_still_to_come_today_was_not_held() -> None:
    def at_nine(occurred: date | datetime) -> Stamp:
        return Stamp.issue(now=hour(9), **{**dict(stamp()), "occurred": occurred})

    case = a_case(*WILLING)
    for occurred in (D, hour(9)):
        by = at_nine(occurred)
        case.when(lambda c, by=by: case_counselling.hold_session(c, session(), by)).refused(
            "not-over-yet"
        )
    case.when(
        lambda c: case_counselling.hold_session(c, session(started_at=hour(8)), at_nine(D))
    ).then(SessionHeld, CounsellingBegan)


def test_a_session_is_entered_when_it_is_over() -> None:
    def entered(now: datetime, **fields: object) -> Step:
        by = Stamp.issue(now=now, **{**dict(stamp()), "occurred": D})
        return lambda c: case_counselling.hold_session(c, session(**fields), by)

    case, over = a_case(*WILLING), session().ends_at
    case.when(entered(over - timedelta(minutes=1))).refused("not-over-yet", ends_at=over)
    case.when(entered(over)).then(SessionHeld, CounsellingBegan)


def test_a_session_is_not_corrected_to_end_ahead() -> None:
    by = Stamp.issue(
        now=session().ends_at, **{**dict(stamp()), "occurred": D, "reason": "录入有误"}
    )
    after = session(minutes=session().minutes + 1)
    a_case(*COUNSELLED).when(lambda c: case_counselling.correct_session(c, after, by)).refused(
        "not-over-yet"
    )


def test_a_session_is_entered_once() -> None:
    a_case(*COUNSELLED).when(held(session())).refused("record-exists")


def test_a_session_ends_after_it_starts() -> None:
    assert session().ends_at - session().started_at == timedelta(minutes=50)
    with pytest.raises(ValidationError):
        session(minutes=0)


def test_a_session_at_night_counts_on_its_day_in_shanghai() -> None:
    assert session(started_at=hour(23)).held_on == D
    assert session(started_at=hour(24)).held_on == later()


def test_those_present_are_kept_once_in_one_order() -> None:
    assert session("s", HIM, HER, HIM).present == (HER, HIM)
    assert session("s", practitioners=(WANG, known("li"), WANG)).practitioners == (
        WANG,
        known("li"),
    )
    with pytest.raises(ValidationError):
        session(present=())


def test_a_session_with_another_of_the_family_needs_their_consent_and_screening() -> None:
    three = session("s", HER, OTHER)
    a_case(*SAFE).when(held(three)).refused("consent-missing", party=OTHER)
    a_case(*SAFE, consented(OTHER)).when(held(three)).refused("not-screened", party=OTHER)


def test_a_closed_case_takes_no_session_until_reopened() -> None:
    case = a_case(*WILLING, *CLOSED)
    case.when(held(session(on=later()))).refused("case-closed")
    case.and_then(reopened(later())).when(held(session(on=later()))).then(
        SessionHeld, CounsellingBegan
    )


def test_a_reopened_case_takes_no_session_of_the_time_it_was_closed() -> None:
    case = a_case(*WILLING, *CLOSED, reopened(later(9)))
    case.when(held(session(on=later(5)))).refused("closed-on-that-day", held_on=later(5))


def test_a_recused_practitioner_holds_no_session() -> None:
    recuse = lambda c: case_care.recuse(c, WANG, why(later()))  # noqa: E731
    case = a_case(*WILLING, recuse)
    case.when(held(session(on=later()))).refused("counsellor-recused", practitioner=WANG)
    case.when(held(session())).then(SessionHeld, CounsellingBegan)


def test_a_corrected_session_carries_both_sides() -> None:
    after = session(minutes=80, form=SessionForm.PHONE)
    case = a_case(*COUNSELLED)
    (event,) = case.when(lambda c: case_counselling.correct_session(c, after, why(later()))).then(
        SessionCorrected
    )
    assert (event.before, event.after) == (session(), after)


def test_a_correction_says_why() -> None:
    after = session(minutes=80)
    a_case(*COUNSELLED).when(lambda c: case_counselling.correct_session(c, after, stamp())).refused(
        "correction-needs-reason"
    )
    a_case(*COUNSELLED).when(lambda c: case_counselling.void_session(c, after.id, stamp())).refused(
        "correction-needs-reason"
    )


def test_a_correction_of_the_first_day_redates_the_beginning() -> None:
    case = a_case(*WILLING, held(session(on=later(40))))
    _, event = case.when(
        lambda c: case_counselling.correct_session(c, session(), why(later(50)))
    ).then(SessionCorrected, CounsellingRedated)
    assert (event.before.on, event.after.on) == (later(40), D)


def test_a_correction_changes_something_that_has_happened() -> None:
    case = a_case(*COUNSELLED)
    case.when(lambda c: case_counselling.correct_session(c, session(), why())).refused(
        "correction-changes-nothing"
    )
    case.when(lambda c: case_counselling.correct_session(c, session(on=later()), why())).refused(
        "not-yet-happened"
    )


def test_a_corrected_session_must_have_been_admissible() -> None:
    case = a_case(*COUNSELLED)
    joint = session("session", HER, HIM)
    case.when(lambda c: case_counselling.correct_session(c, joint, why())).refused("not-screened")
    early = session(on=later(-1))
    case.when(lambda c: case_counselling.correct_session(c, early, why())).refused("before-opening")


def test_the_minutes_of_a_joint_session_can_be_corrected_after_violence_became_known() -> None:
    wrongly_safe = screening(HER, SafetyLevel.VIOLENCE)
    case = a_case(
        *SAFE, held(JOINT), lambda c: case_safety.correct_screening(c, wrongly_safe, D, why())
    )
    after = JOINT.model_copy(update={"minutes": 90})
    case.when(lambda c: case_counselling.correct_session(c, after, why())).then(SessionCorrected)


def test_a_voided_session_cannot_be_corrected_or_voided_again() -> None:
    case = a_case(*COUNSELLED, voided())
    case.when(lambda c: case_counselling.correct_session(c, session(minutes=5), why())).refused(
        "record-voided"
    )
    case.when(voided()).refused("record-voided")


def test_the_id_of_a_voided_session_is_never_used_again() -> None:
    a_case(*COUNSELLED, voided()).when(held(session())).refused("record-exists")


def test_voiding_the_last_session_undoes_counselling() -> None:
    case = a_case(applied, *COUNSELLED, ended(CaseOutcome.CANCELLED))
    _, undone = case.when(voided()).then(SessionVoided, CounsellingUndone)
    assert undone.began == Began(on=D, place=JINAN, applied_at=JINAN)
    assert undone.outcome.counselled is True
    after = case.and_then(voided()).aggregate
    assert (after.began, after.outcome.counselled) == (None, False)


def test_after_all_sessions_were_voided_the_next_one_begins_anew() -> None:
    case = a_case(*COUNSELLED, voided())
    case.when(held(session("second"))).then(SessionHeld, CounsellingBegan)


def test_voiding_a_first_session_redates_the_beginning_to_the_next() -> None:
    case = a_case(*COUNSELLED, held(session("second", on=later(3))))
    _, event = case.when(voided()).then(SessionVoided, CounsellingRedated)
    assert event.after.on == later(3)


def test_a_session_held_before_a_transfer_is_reversed_where_it_counted() -> None:
    moved = (transfer_requested(), transferred(later()))
    case = a_case(*COUNSELLED, *moved, held(session("second", on=later(2))))
    corrected, redated = case.when(voided()).then(SessionVoided, CounsellingRedated)
    assert corrected.place == JINAN
    assert (redated.before.place, redated.after.place) == (JINAN, QINGDAO)


def test_an_unknown_session_cannot_be_voided() -> None:
    a_case().when(voided()).refused("record-unknown")


def test_an_appointment_lies_ahead() -> None:
    a_case().when(booked).then(AppointmentBooked)
    past = appointment(hour(8))
    a_case().when(lambda c: case_care.book(c, past, stamp(hour(9)))).refused("appointment-in-past")
    a_case().when(lambda c: case_care.book(c, past, stamp(later()))).refused("appointment-in-past")
    a_case().when(lambda c: case_care.book(c, past, stamp(D))).then(AppointmentBooked)


def test_an_appointment_is_booked_once() -> None:
    a_case(booked).when(booked).refused("record-exists")


def test_an_appointment_can_be_moved_ahead() -> None:
    def move(starts_at):
        return lambda c: case_care.reschedule(c, appointment(starts_at), stamp(hour(12)))

    (event,) = a_case(booked).when(move(hour(58))).then(AppointmentRescheduled)
    assert (event.before.starts_at, event.after.starts_at) == (hour(34), hour(58))
    a_case(booked).when(move(hour(34))).refused("correction-changes-nothing")
    a_case(booked).when(move(hour(10))).refused("appointment-in-past")
    a_case(booked, move(hour(58))).when(move(hour(34))).then(AppointmentRescheduled)


def test_an_appointment_is_missed_once_its_time_has_come() -> None:
    def miss(at):
        return lambda c: case_care.miss(c, known("appointment"), (HIM,), stamp(at))

    a_case(booked).when(miss(hour(33))).refused("appointment-ahead")
    a_case(booked).when(miss(D)).refused("appointment-ahead")
    (event,) = a_case(booked).when(miss(hour(35))).then(AppointmentMissed)
    assert event.absent == (HIM,)
    a_case(booked).when(miss(later())).then(AppointmentMissed)
    a_case(booked, miss(later())).when(miss(later())).refused("appointment-unknown")


def test_an_appointment_is_cancelled_before_its_time() -> None:
    def cancel(at):
        return lambda c: case_care.cancel_appointment(c, known("appointment"), stamp(at))

    a_case(booked).when(cancel(hour(12))).then(AppointmentCancelled)
    a_case(booked).when(cancel(hour(40))).refused("appointment-in-past")
    a_case(booked, cancel(hour(12))).when(cancel(hour(13))).refused("appointment-unknown")


def test_a_session_settles_its_appointment() -> None:
    kept = session(on=later(), appointment=known("appointment"))
    a_case(*WILLING).when(held(kept)).refused("appointment-unknown")
    a_case(*WILLING, booked, held(kept)).when(
        lambda c: case_care.miss(c, known("appointment"), (HIM,), stamp(later()))
    ).refused("appointment-unknown")


def test_a_counsellor_is_assigned_once_and_not_after_recusal() -> None:
    assign = lambda c: case_care.assign(c, WANG, stamp())  # noqa: E731
    recuse = lambda c: case_care.recuse(c, WANG, why())  # noqa: E731
    a_case().when(assign).then(CounsellorAssigned)
    a_case(assign).when(assign).refused("already-assigned")
    a_case(assign).when(recuse).then(CounsellorRecused)
    a_case(assign, recuse).when(assign).refused("counsellor-recused")
    a_case(recuse).when(recuse).refused("counsellor-recused")
    assert a_case(assign, recuse).aggregate.assigned == frozenset()


def test_a_recusal_says_why() -> None:
    a_case().when(lambda c: case_care.recuse(c, WANG, stamp())).refused("recusal-needs-reason")


WHY = why()
NEEDS = Assessment(id=known("a"), method="interview", summary="wants to be heard")
PLAN = Plan(id=known("p"), goals="talk without shouting", sessions=4, review_on=date(2019, 6, 1))


def assessed(c: Case) -> Iterator[CaseEvent]:
    return case_care.assess(c, NEEDS, stamp())


def anonymous(c: Case) -> Iterator[CaseEvent]:
    return case_file.note_anonymous(c, stamp())


def planned(c: Case) -> Iterator[CaseEvent]:
    return case_care.agree_plan(c, PLAN, stamp())


def test_assessment_and_plan_are_recorded_once() -> None:
    a_case().when(assessed).then(AssessmentRecorded)
    a_case(assessed).when(assessed).refused("record-exists")
    a_case().when(planned).then(PlanAgreed)
    a_case(planned).when(planned).refused("record-exists")


def test_a_correction_of_an_assessment_or_a_plan_carries_both_sides() -> None:
    found = NEEDS.model_copy(update={"method": "interview and scale"})
    correct: Any = lambda c, by=WHY: case_care.correct_assessment(c, found, by)  # noqa: E731
    (event,) = a_case(assessed).when(correct).then(AssessmentCorrected)
    assert (event.before, event.after) == (NEEDS, found)
    a_case(assessed, correct).when(correct).refused("correction-changes-nothing")
    a_case(assessed).when(lambda c: correct(c, stamp())).refused("correction-needs-reason")
    a_case().when(correct).refused("record-unknown")

    agreed = PLAN.model_copy(update={"sessions": 6})
    replan: Any = lambda c, by=WHY: case_care.correct_plan(c, agreed, by)  # noqa: E731
    (event,) = a_case(planned).when(replan).then(PlanCorrected)
    assert (event.before, event.after) == (PLAN, agreed)
    a_case(planned, replan).when(replan).refused("correction-changes-nothing")
    a_case(planned).when(lambda c: replan(c, stamp())).refused("correction-needs-reason")


def test_an_assessment_or_a_plan_that_never_was_is_taken_back_for_good() -> None:
    void = lambda c: case_care.void_assessment(c, NEEDS.id, why())  # noqa: E731
    (event,) = a_case(assessed).when(void).then(AssessmentVoided)
    assert event.record == NEEDS
    a_case(assessed, void).when(assessed).refused("record-exists")
    a_case(assessed, void).when(void).refused("record-voided")

    cancel = lambda c: case_care.void_plan(c, PLAN.id, why())  # noqa: E731
    (event,) = a_case(planned).when(cancel).then(PlanVoided)
    assert event.record == PLAN
    a_case(planned, cancel).when(cancel).refused("record-voided")


@pytest.mark.parametrize(
    ("entered", "back"),
    [
        (assessed, lambda c: case_care.void_assessment(c, NEEDS.id, why())),
        (planned, lambda c: case_care.void_plan(c, PLAN.id, why())),
    ],
)
def test_a_file_is_not_complete_by_an_assessment_or_a_plan_that_never_was(
    entered: Any, back: Any
) -> None:
    assert a_case(anonymous, entered).aggregate.filed
    assert not a_case(anonymous, entered, back).aggregate.filed
