"""Care around counselling in a case (个案): counsellors, appointments, referrals, follow-ups."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from domain.base import Refused, Stamp
from domain.case import LIVE, OPEN, STANDING, Case
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
    FollowUpCancelled,
    FollowUpCorrected,
    FollowUpMade,
    FollowUpMissed,
    FollowUpScheduled,
    FollowUpVoided,
    PlanAgreed,
    PlanCorrected,
    PlanVoided,
    ReferralAccepted,
    ReferralCompleted,
    ReferralCorrected,
    ReferralDeclined,
    ReferralMade,
    ReferralVoided,
    SatisfactionCorrected,
    SatisfactionRated,
    SatisfactionVoided,
)
from domain.case_facts import (
    TRIES_UNTIL_LOST,
    Appointment,
    Assessment,
    CaseEvent,
    FollowUp,
    FollowUpRecord,
    FollowUpWanted,
    Parties,
    Plan,
    Rating,
    RatingRecord,
    Referral,
    ReferralRecord,
    Words,
)
from domain.case_rules import (
    Placed,
    find,
    require_ahead,
    require_change,
    require_come,
    require_new,
    revisit_due,
)
from domain.record import require_happened, require_reason


def assess(case: Case, assessment: Assessment, by: Stamp) -> Iterator[CaseEvent]:
    """Record an assessment."""
    case.require(by, OPEN)
    case.require_no_registrar(by.actor)
    require_new(case.assessments, assessment.id)
    yield AssessmentRecorded.of(case, by, assessment=assessment)


def correct_assessment(case: Case, after: Assessment, by: Stamp) -> Iterator[CaseEvent]:
    """Correct what was found out."""
    case.require(by, *STANDING)
    case.require_no_registrar(by.actor)
    require_reason(by)
    before = find(case.assessments, after.id)
    require_change(before.fact, after)
    yield AssessmentCorrected.of(case, by, place=before.place, before=before.fact, after=after)


def void_assessment(case: Case, assessment: UUID, by: Stamp) -> Iterator[CaseEvent]:
    """Take back an assessment that never was."""
    case.require(by, *STANDING)
    require_reason(by)
    before = find(case.assessments, assessment)
    yield AssessmentVoided.of(case, by, place=before.place, record=before.fact)


def agree_plan(case: Case, plan: Plan, by: Stamp) -> Iterator[CaseEvent]:
    """Record a plan agreed with the couple."""
    case.require(by, OPEN)
    case.require_no_registrar(by.actor)
    require_new(case.plans, plan.id)
    yield PlanAgreed.of(case, by, plan=plan)


def correct_plan(case: Case, after: Plan, by: Stamp) -> Iterator[CaseEvent]:
    """Correct what was agreed; what is agreed anew is another plan."""
    case.require(by, *STANDING)
    case.require_no_registrar(by.actor)
    require_reason(by)
    before = find(case.plans, after.id)
    require_change(before.fact, after)
    yield PlanCorrected.of(case, by, place=before.place, before=before.fact, after=after)


def void_plan(case: Case, plan: UUID, by: Stamp) -> Iterator[CaseEvent]:
    """Take back a plan that was never agreed."""
    case.require(by, *STANDING)
    require_reason(by)
    before = find(case.plans, plan)
    yield PlanVoided.of(case, by, place=before.place, record=before.fact)


def assign(case: Case, practitioner: UUID, by: Stamp) -> Iterator[CaseEvent]:
    """Give the case to a practitioner."""
    case.require(by, OPEN)
    if practitioner in case.recused:
        raise Refused("counsellor-recused", practitioner=practitioner)
    if practitioner in case.assigned:
        raise Refused("already-assigned", practitioner=practitioner)
    case.require_no_registrar(practitioner)
    counsellors = tuple(sorted(case.assigned | {practitioner}))
    yield CounsellorAssigned.of(case, by, practitioner=practitioner, counsellors=counsellors)


def recuse(case: Case, practitioner: UUID, by: Stamp) -> Iterator[CaseEvent]:
    """Keep a practitioner out of the case from the stamp's day on, for the stamp's reason."""
    case.require(by, OPEN)
    if by.reason is None:
        raise Refused("recusal-needs-reason")
    if practitioner in case.recused:
        raise Refused("counsellor-recused", practitioner=practitioner)
    counsellors = tuple(sorted(case.assigned - {practitioner}))
    yield CounsellorRecused.of(
        case,
        by,
        practitioner=practitioner,
        counsellors=counsellors,
        receiver=practitioner == case.receiver,
    )


def book(case: Case, appointment: Appointment, by: Stamp) -> Iterator[CaseEvent]:
    """Agree on a session for a later time."""
    case.require(by, OPEN)
    if appointment.id in case.appointments:
        raise Refused("record-exists", record=appointment.id)
    require_bookable(case, appointment, by)
    yield AppointmentBooked.of(case, by, appointment=appointment)


def reschedule(case: Case, after: Appointment, by: Stamp) -> Iterator[CaseEvent]:
    """Move an appointment."""
    case.require(by, OPEN)
    before = case.find_appointment(after.id)
    require_change(before, after)
    require_bookable(case, after, by)
    yield AppointmentRescheduled.of(case, by, before=before, after=after)


def miss(case: Case, appointment: UUID, absent: Parties, by: Stamp) -> Iterator[CaseEvent]:
    """Note who did not come, once the time had come."""
    case.require(by, OPEN)
    missed = case.find_appointment(appointment)
    require_come(missed, by)
    yield AppointmentMissed.of(case, by, appointment=missed, absent=absent)


def cancel_appointment(case: Case, appointment: UUID, by: Stamp) -> Iterator[CaseEvent]:
    """Call an appointment off before its time."""
    case.require(by, *LIVE)
    cancelled = case.find_appointment(appointment)
    require_ahead(cancelled, by)
    yield AppointmentCancelled.of(case, by, appointment=cancelled)


def refer(case: Case, referral: Referral, by: Stamp) -> Iterator[CaseEvent]:
    """Refer the case to another body."""
    case.require(by, *LIVE)
    require_new(case.referrals, referral.id)
    yield ReferralMade.of(case, by, referral=referral)


def accept_referral(case: Case, referral: UUID, by: Stamp) -> Iterator[CaseEvent]:
    """Note that the other body takes the referral on."""
    yield answer_referral(case, ReferralAccepted, referral, "accepted_on", by)


def decline_referral(case: Case, referral: UUID, by: Stamp) -> Iterator[CaseEvent]:
    """Note that the other body does not take the referral on."""
    yield answer_referral(case, ReferralDeclined, referral, "declined_on", by)


def complete_referral(case: Case, referral: UUID, by: Stamp) -> Iterator[CaseEvent]:
    """Note that the other body, having accepted, has done its part."""
    yield answer_referral(case, ReferralCompleted, referral, "completed_on", by)


def correct_referral(case: Case, after: ReferralRecord, by: Stamp) -> Iterator[CaseEvent]:
    """Correct a referral or its dates."""
    case.require(by, *STANDING)
    require_reason(by)
    before = find(case.referrals, after.referral.id)
    require_change(before.fact, after)
    require_referral_order(case, after, by)
    yield ReferralCorrected.of(case, by, place=before.place, before=before.fact, after=after)


def void_referral(case: Case, referral: UUID, by: Stamp) -> Iterator[CaseEvent]:
    """Take back a referral that never was."""
    case.require(by, *STANDING)
    require_reason(by)
    before = find(case.referrals, referral)
    yield ReferralVoided.of(case, by, place=before.place, record=before.fact)


def schedule_follow_up(case: Case, wanted: FollowUpWanted, by: Stamp) -> Iterator[CaseEvent]:
    """Schedule a follow-up, also of a closed case.

    Without a due day it is due as the risk level of the stamp's day demands.
    """
    case.require(by, *LIVE)
    require_new(case.follow_ups, wanted.id)
    due_on = wanted.due_on
    if due_on is None:
        level = case.risk_on(by.occurred_on)
        if level is None:
            raise Refused("due-day-needs-risk-level")
        due_on = revisit_due(level, by.occurred_on)
    if due_on < by.occurred_on:
        raise Refused("due-in-past", due_on=due_on)
    follow_up = FollowUp(id=wanted.id, kind=wanted.kind, due_on=due_on)
    yield FollowUpScheduled.of(case, by, follow_up=follow_up)


def make_follow_up(
    case: Case, follow_up: UUID, summary: Words | None, by: Stamp
) -> Iterator[CaseEvent]:
    """Record that they were reached."""
    case.require(by, *LIVE)
    case.require_no_registrar(by.actor)
    record, place = find_unsettled(case, follow_up)
    yield FollowUpMade.of(case, by, place=place, follow_up=record.follow_up, summary=summary)


def miss_follow_up(case: Case, follow_up: UUID, by: Stamp) -> Iterator[CaseEvent]:
    """Record a try that did not reach them; the third one makes the follow-up lost."""
    case.require(by, *LIVE)
    record, place = find_unsettled(case, follow_up)
    number = record.tries + 1
    yield FollowUpMissed.of(
        case,
        by,
        place=place,
        follow_up=record.follow_up,
        try_number=number,
        lost=number == TRIES_UNTIL_LOST,
    )


def cancel_follow_up(case: Case, follow_up: UUID, by: Stamp) -> Iterator[CaseEvent]:
    """Cancel a follow-up that is not needed any more."""
    case.require(by, *LIVE)
    record, place = find_unsettled(case, follow_up)
    yield FollowUpCancelled.of(case, by, place=place, follow_up=record.follow_up)


def correct_follow_up(case: Case, after: FollowUpRecord, by: Stamp) -> Iterator[CaseEvent]:
    """Correct a follow-up or its dates; it ends once, and is lost after three tries only."""
    case.require(by, *STANDING)
    case.require_no_registrar(by.actor)
    require_reason(by)
    before = find(case.follow_ups, after.follow_up.id)
    require_change(before.fact, after)
    ends = [on for on in (after.made_on, after.lost_on, after.cancelled_on) if on is not None]
    if len(ends) > 1 or (after.lost_on is None) is (after.tries == TRIES_UNTIL_LOST):
        raise Refused("follow-up-ends-once")
    for on in ends:
        require_happened(on, by)
    yield FollowUpCorrected.of(case, by, place=before.place, before=before.fact, after=after)


def void_follow_up(case: Case, follow_up: UUID, by: Stamp) -> Iterator[CaseEvent]:
    """Take back a follow-up that never was, also where a transfer left it behind."""
    case.require(by, *STANDING)
    require_reason(by)
    before = find(case.follow_ups, follow_up)
    for record, place in (*case.left_behind, before):
        if record.follow_up.id == follow_up:
            yield FollowUpVoided.of(case, by, place=place, record=record)


def rate(case: Case, rating: Rating, by: Stamp) -> Iterator[CaseEvent]:
    """Record how satisfied someone was, at a follow-up that was made or at any other time."""
    case.require(by, *LIVE)
    require_new(case.ratings, rating.id)
    require_rateable(case, rating)
    yield SatisfactionRated.of(case, by, rating=rating)


def correct_rating(case: Case, after: RatingRecord, by: Stamp) -> Iterator[CaseEvent]:
    """Correct a rating or its day."""
    case.require(by, *STANDING)
    require_reason(by)
    require_happened(after.on, by)
    before = find(case.ratings, after.rating.id)
    require_change(before.fact, after)
    require_rateable(case, after.rating)
    yield SatisfactionCorrected.of(case, by, place=before.place, before=before.fact, after=after)


def void_rating(case: Case, rating: UUID, by: Stamp) -> Iterator[CaseEvent]:
    """Take back a rating that never was."""
    case.require(by, *STANDING)
    require_reason(by)
    before = find(case.ratings, rating)
    yield SatisfactionVoided.of(case, by, place=before.place, record=before.fact)


def require_bookable(case: Case, appointment: Appointment, by: Stamp) -> None:
    """Refuse an appointment in the past, and one with who must not counsel in this case."""
    require_ahead(appointment, by)
    if appointment.practitioner is not None:
        case.require_no_registrar(appointment.practitioner)
        if appointment.practitioner in case.recused:
            raise Refused("counsellor-recused", practitioner=appointment.practitioner)


def answer_referral(
    case: Case,
    event: type[ReferralAccepted | ReferralDeclined | ReferralCompleted],
    referral: UUID,
    step: str,
    by: Stamp,
) -> CaseEvent:
    """The next step of a referral, in order and once."""
    case.require(by, *LIVE)
    before, place = find(case.referrals, referral)
    if getattr(before, step) is not None:
        raise Refused("referral-answered")
    require_referral_order(case, before.model_copy(update={step: by.occurred_on}), by)
    return event.of(case, by, place=place, referral=before.referral)


def require_referral_order(case: Case, record: ReferralRecord, by: Stamp) -> None:
    """Refuse both answers, a completion without acceptance, and dates out of order."""
    if record.accepted_on is not None and record.declined_on is not None:
        raise Refused("referral-answered")
    if record.completed_on is not None and record.accepted_on is None:
        raise Refused("referral-not-accepted")
    dates = (
        case.opened_on,
        record.made_on,
        record.accepted_on,
        record.declined_on,
        record.completed_on,
        by.occurred_on,
    )
    known = [on for on in dates if on is not None]
    if known != sorted(known):
        raise Refused("times-out-of-order", on=record.made_on)


def require_rateable(case: Case, rating: Rating) -> None:
    """Refuse a rating at a follow-up that was not made."""
    if (
        rating.follow_up is not None
        and find(case.follow_ups, rating.follow_up).fact.made_on is None
    ):
        raise Refused("follow-up-not-made")


def find_unsettled(case: Case, follow_up: UUID) -> Placed[FollowUpRecord]:
    """A follow-up that is waited for; refused when it was made, lost or cancelled."""
    found = find(case.follow_ups, follow_up)
    if found.fact.settled_on is not None:
        raise Refused("follow-up-settled", settled_on=found.fact.settled_on)
    return found
