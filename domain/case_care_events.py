"""What surrounds counselling in a case (个案): counsellors, appointments, referrals, follow-ups."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from domain.case_facts import (
    TRIES_UNTIL_LOST,
    Appointment,
    Assessment,
    CaseEvent,
    FollowUp,
    FollowUpRecord,
    Parties,
    Plan,
    Rating,
    RatingRecord,
    Referral,
    ReferralRecord,
    Words,
)


class AssessmentRecorded(CaseEvent, topic="case.assessment-recorded.v1"):
    """The counsellor assessed the couple's needs."""

    assessment: Assessment


class AssessmentCorrected(CaseEvent, topic="case.assessment-corrected.v1"):
    """An assessment was other than recorded."""

    before: Assessment
    after: Assessment


class AssessmentVoided(CaseEvent, topic="case.assessment-voided.v1"):
    """An assessment never was."""

    record: Assessment


class PlanAgreed(CaseEvent, topic="case.plan-agreed.v1"):
    """A plan was agreed with the couple."""

    plan: Plan


class PlanCorrected(CaseEvent, topic="case.plan-corrected.v1"):
    """A plan was agreed otherwise than recorded."""

    before: Plan
    after: Plan


class PlanVoided(CaseEvent, topic="case.plan-voided.v1"):
    """A plan was never agreed."""

    record: Plan


class CounsellorAssigned(CaseEvent, topic="case.counsellor-assigned.v1"):
    """A practitioner takes care of the case; `counsellors` are all who do from now on."""

    practitioner: UUID
    counsellors: tuple[UUID, ...]


class CounsellorRecused(CaseEvent, topic="case.counsellor-recused.v1"):
    """A practitioner stays out of the case, for a reason such as kinship.

    `counsellors` are all who take care of it from now on; `receiver` says that whoever stays out
    had received it, and that nobody stands in that place.
    """

    practitioner: UUID
    counsellors: tuple[UUID, ...]
    receiver: bool = False


class AppointmentBooked(CaseEvent, topic="case.appointment-booked.v1"):
    """A session was agreed for a later time."""

    appointment: Appointment


class AppointmentRescheduled(CaseEvent, topic="case.appointment-rescheduled.v1"):
    """An appointment was moved."""

    before: Appointment
    after: Appointment


class AppointmentMissed(CaseEvent, topic="case.appointment-missed.v1"):
    """They did not come."""

    appointment: Appointment
    absent: Parties


class AppointmentCancelled(CaseEvent, topic="case.appointment-cancelled.v1"):
    """An appointment was called off before its time."""

    appointment: Appointment


class ReferralMade(CaseEvent, topic="case.referral-made.v1"):
    """The case was referred to another body."""

    referral: Referral


class ReferralAccepted(CaseEvent, topic="case.referral-accepted.v1"):
    """That body takes it on."""

    referral: Referral


class ReferralDeclined(CaseEvent, topic="case.referral-declined.v1"):
    """That body does not take it on."""

    referral: Referral


class ReferralCompleted(CaseEvent, topic="case.referral-completed.v1"):
    """That body has done its part."""

    referral: Referral


class ReferralCorrected(CaseEvent, topic="case.referral-corrected.v1"):
    """A referral or its dates were other than recorded."""

    before: ReferralRecord
    after: ReferralRecord


class ReferralVoided(CaseEvent, topic="case.referral-voided.v1"):
    """A referral never was."""

    record: ReferralRecord


class FollowUpScheduled(CaseEvent, topic="case.follow-up-scheduled.v1"):
    """A follow-up is to be made by its due day."""

    follow_up: FollowUp


class FollowUpMade(CaseEvent, topic="case.follow-up-made.v1"):
    """They were reached; `follow_up` as it was scheduled."""

    follow_up: FollowUp
    summary: Words | None = None


class FollowUpMissed(CaseEvent, topic="case.follow-up-missed.v1"):
    """They were not reached; after the third try it is `lost` and nobody waits for it."""

    follow_up: FollowUp
    try_number: Annotated[int, Field(ge=1, le=TRIES_UNTIL_LOST)]
    lost: bool


class FollowUpCancelled(CaseEvent, topic="case.follow-up-cancelled.v1"):
    """A follow-up is not needed any more, or goes on at another centre after a transfer."""

    follow_up: FollowUp


class FollowUpCorrected(CaseEvent, topic="case.follow-up-corrected.v1"):
    """A follow-up or its dates were other than recorded."""

    before: FollowUpRecord
    after: FollowUpRecord


class FollowUpVoided(CaseEvent, topic="case.follow-up-voided.v1"):
    """A follow-up was never scheduled."""

    record: FollowUpRecord


class SatisfactionRated(CaseEvent, topic="case.satisfaction-rated.v1"):
    """Someone of the case said how satisfied they were."""

    rating: Rating


class SatisfactionCorrected(CaseEvent, topic="case.satisfaction-corrected.v1"):
    """A rating was other than recorded."""

    before: RatingRecord
    after: RatingRecord


class SatisfactionVoided(CaseEvent, topic="case.satisfaction-voided.v1"):
    """A rating never was."""

    record: RatingRecord


CareEvent = (
    AssessmentRecorded
    | AssessmentCorrected
    | AssessmentVoided
    | PlanAgreed
    | PlanCorrected
    | PlanVoided
    | CounsellorAssigned
    | CounsellorRecused
    | AppointmentBooked
    | AppointmentRescheduled
    | AppointmentMissed
    | AppointmentCancelled
    | ReferralMade
    | ReferralAccepted
    | ReferralDeclined
    | ReferralCompleted
    | ReferralCorrected
    | ReferralVoided
    | FollowUpScheduled
    | FollowUpMade
    | FollowUpMissed
    | FollowUpCancelled
    | FollowUpCorrected
    | FollowUpVoided
    | SatisfactionRated
    | SatisfactionCorrected
    | SatisfactionVoided
)
