"""What care counts: referrals, follow-ups, satisfaction."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from uuid import uuid5

from domain.base import Place
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
from domain.case_facts import FollowUp, FollowUpRecord, Rating, ReferralRecord
from projections.entries import Entry, Kinds, Rule, Rules, changed, correcting, number, taken_back

FOLLOWUPS_DUE: Final = number("followups_due")
FOLLOWUPS_DUE_MADE: Final = number("followups_due_made")
FOLLOWUPS_IN_TIME: Final = number("followups_in_time")
FOLLOWUPS_MADE: Final = number("followups_made")
FOLLOWUPS_LOST: Final = number("followups_lost")
FOLLOWUPS_OVERDUE: Final = number("followups_overdue")
RATED: Final = number("rated")
SATISFIED: Final = number("satisfied")
RATED_AT_FOLLOWUP: Final = number("rated_at_followup")
REFERRALS_MADE: Final = number("referrals_made")
REFERRALS_ACCEPTED: Final = number("referrals_accepted")
REFERRALS_COMPLETED: Final = number("referrals_completed")
NEXT_DAY: Final = timedelta(days=1)  # a day that is due is in time to its end


def referral_made(event: ReferralMade) -> list[Entry]:
    return [referral_step(REFERRALS_MADE, event)]


def referral_accepted(event: ReferralAccepted) -> list[Entry]:
    return [referral_step(REFERRALS_ACCEPTED, event)]


def referral_completed(event: ReferralCompleted) -> list[Entry]:
    return [referral_step(REFERRALS_COMPLETED, event)]


def referral_step(
    indicator: int, event: ReferralMade | ReferralAccepted | ReferralCompleted
) -> Entry:
    place, on = event.place, event.stamp.occurred_on
    return Entry(indicator, place.centre, place.region, event.referral.id, on, 1)


def referral_corrected(event: ReferralCorrected) -> list[Entry]:
    return changed(
        referral_entries(event.before, event.place), referral_entries(event.after, event.place)
    )


def referral_voided(event: ReferralVoided) -> list[Entry]:
    return taken_back(referral_entries(event.record, event.place))


def referral_entries(record: ReferralRecord, place: Place) -> list[Entry]:
    steps = (
        (REFERRALS_MADE, record.made_on),
        (REFERRALS_ACCEPTED, record.accepted_on),
        (REFERRALS_COMPLETED, record.completed_on),
    )
    at = (place.centre, place.region, record.referral.id)
    return [Entry(indicator, *at, on, 1) for indicator, on in steps if on is not None]


def follow_up_scheduled(event: FollowUpScheduled) -> list[Entry]:
    return scheduled_entries(event.follow_up, event.place)


def follow_up_made(event: FollowUpMade) -> list[Entry]:
    on = event.stamp.occurred_on
    return settled_entries(FollowUpRecord(follow_up=event.follow_up, made_on=on), on, event.place)


def follow_up_missed(event: FollowUpMissed) -> list[Entry]:
    if not event.lost:
        return []
    on = event.stamp.occurred_on
    return settled_entries(FollowUpRecord(follow_up=event.follow_up, lost_on=on), on, event.place)


def follow_up_cancelled(event: FollowUpCancelled) -> list[Entry]:
    on = event.stamp.occurred_on
    cancelled = FollowUpRecord(follow_up=event.follow_up, cancelled_on=on)
    return settled_entries(cancelled, on, event.place)


def follow_up_corrected(event: FollowUpCorrected) -> list[Entry]:
    return changed(
        follow_up_entries(event.before, event.place), follow_up_entries(event.after, event.place)
    )


def follow_up_voided(event: FollowUpVoided) -> list[Entry]:
    return taken_back(follow_up_entries(event.record, event.place))


def follow_up_entries(record: FollowUpRecord, place: Place) -> list[Entry]:
    entries = scheduled_entries(record.follow_up, place)
    if record.settled_on is not None:
        entries += settled_entries(record, record.settled_on, place)
    return entries


def scheduled_entries(follow_up: FollowUp, place: Place) -> list[Entry]:
    """A follow-up, due on its day and overdue from the next one unless it is settled before."""
    at = (place.centre, place.region, follow_up.id)
    return [
        due_entry(FOLLOWUPS_DUE, follow_up, place),
        Entry(FOLLOWUPS_OVERDUE, *at, follow_up.due_on + NEXT_DAY, 1),
    ]


def settled_entries(record: FollowUpRecord, settled_on: date, place: Place) -> list[Entry]:
    """What the end of a follow-up adds to what was counted when it was scheduled."""
    due_on = record.follow_up.due_on
    at = (place.centre, place.region, record.follow_up.id)
    entries = [Entry(FOLLOWUPS_OVERDUE, *at, max(due_on + NEXT_DAY, settled_on), -1)]
    if not record.ever_due:
        entries.append(due_entry(FOLLOWUPS_DUE, record.follow_up, place, -1))
    if record.made_on is not None:
        entries.append(Entry(FOLLOWUPS_MADE, *at, record.made_on, 1))
        entries.append(due_entry(FOLLOWUPS_DUE_MADE, record.follow_up, place))
        if record.made_on <= due_on:
            entries.append(due_entry(FOLLOWUPS_IN_TIME, record.follow_up, place))
    if record.lost_on is not None:
        entries.append(Entry(FOLLOWUPS_LOST, *at, record.lost_on, 1))
    return entries


def due_entry(indicator: int, follow_up: FollowUp, place: Place, quantity: int = 1) -> Entry:
    """A follow-up on its due day: one left overdue by a transfer is due again where it went."""
    due = uuid5(follow_up.id, f"due:{follow_up.due_on}")
    return Entry(indicator, place.centre, place.region, due, follow_up.due_on, quantity)


def rated(event: SatisfactionRated) -> list[Entry]:
    return rating_entries(event.rating, event.stamp.occurred_on, event.place)


def rating_corrected(event: SatisfactionCorrected) -> list[Entry]:
    before, after = event.before, event.after
    return changed(
        rating_entries(before.rating, before.on, event.place),
        rating_entries(after.rating, after.on, event.place),
    )


def rating_voided(event: SatisfactionVoided) -> list[Entry]:
    return taken_back(rating_entries(event.record.rating, event.record.on, event.place))


def rating_entries(rating: Rating, on: date, place: Place) -> list[Entry]:
    at = (place.centre, place.region, rating.id, on, 1)
    entries = [Entry(RATED, *at)]
    if rating.satisfied:
        entries.append(Entry(SATISFIED, *at))
    if rating.follow_up is not None:
        entries.append(Entry(RATED_AT_FOLLOWUP, *at))
    return entries


RULES: Final[Rules] = {
    ReferralMade: Rule(referral_made),
    ReferralAccepted: Rule(referral_accepted),
    ReferralCompleted: Rule(referral_completed),
    ReferralCorrected: correcting(referral_corrected),
    ReferralVoided: correcting(referral_voided),
    FollowUpScheduled: Rule(follow_up_scheduled),
    FollowUpMade: Rule(follow_up_made),
    FollowUpMissed: Rule(follow_up_missed),
    FollowUpCancelled: Rule(follow_up_cancelled),
    FollowUpCorrected: correcting(follow_up_corrected),
    FollowUpVoided: correcting(follow_up_voided),
    SatisfactionRated: Rule(rated),
    SatisfactionCorrected: correcting(rating_corrected),
    SatisfactionVoided: correcting(rating_voided),
}

UNCOUNTED: Final[Kinds] = frozenset(
    {
        AssessmentRecorded,
        AssessmentCorrected,
        AssessmentVoided,
        PlanAgreed,
        PlanCorrected,
        PlanVoided,
        CounsellorAssigned,
        CounsellorRecused,
        AppointmentBooked,
        AppointmentRescheduled,
        AppointmentMissed,
        AppointmentCancelled,
        ReferralDeclined,
    }
)
