"""What the events of a case write in the ledgers of cases, sessions and follow-ups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, get_args
from uuid import UUID

from application.eventlog import Recorded
from domain.base import Place, Stamp
from domain.calendar import Deadlines
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
from domain.case_facts import (
    Application,
    CaseEvent,
    FollowUpRecord,
    Opening,
    OutcomeRecord,
    Rating,
    Session,
)
from domain.case_file_events import (
    AnonymousNoted,
    CaseArchived,
    CaseOpened,
    CaseReopened,
    CaseVoided,
    ClosureApproved,
    ClosureProposed,
    ClosureReturned,
    ClosureVoided,
    EncounterLinked,
    OpeningCorrected,
    PartyIdentified,
    PartyIdentityCorrected,
    PersonalDataErased,
    SealedNoteOpened,
    TransferAccepted,
    TransferRejected,
    TransferRequested,
)
from domain.case_protection_events import ProtectionEvent
from domain.case_registry_events import (
    ApplicationAccepted,
    ApplicationCorrected,
    ApplicationObserved,
    ApplicationVoided,
    DeferralBreakVoided,
    DeferralBroken,
    OutcomeConfirmed,
    OutcomeDeclared,
    OutcomeRevised,
    OutcomeVoided,
)
from domain.case_safety_events import (
    MandatoryReportCorrected,
    MandatoryReportMade,
    MandatoryReportVoided,
    ProtectionOrderNoted,
    RiskLevelCorrected,
    RiskLevelSet,
    RiskLevelVoided,
    SafetyDocumentVoided,
    SafetyScreened,
    ScreeningCorrected,
    ScreeningVoided,
    WarningLetterNoted,
)
from domain.values import CaseStatus, FollowUpStatus, RecordStatus
from projections.patches import NOTHING_ADDED, Kinds, Patch, Patchers

COUNTERS: Final[dict[str, object]] = {"sessions": 0, "minutes": 0, "rated": 0, "satisfied": 0}
NOT_CLOSED: Final[dict[str, object]] = {
    "status": CaseStatus.OPEN,
    "closed_on": None,
    "closure": None,
    "filed": None,
}


def of_case(
    event: CaseEvent,
    recorded: Recorded,
    values: dict[str, object],
    place: Place | None = None,
    added: dict[str, int] = NOTHING_ADDED,
) -> Patch:
    """A change of the case's own row."""
    return Patch("cases", event.originator_id, recorded.position, place, values, added)


def of_session(
    session: UUID, recorded: Recorded, values: dict[str, object], place: Place | None = None
) -> Patch:
    """A change of a session's row."""
    return Patch("sessions", session, recorded.position, place, values)


def of_follow_up(
    follow_up: UUID, recorded: Recorded, values: dict[str, object], place: Place | None = None
) -> Patch:
    """A change of a follow-up's row."""
    return Patch("follow_ups", follow_up, recorded.position, place, values)


def opened(event: CaseOpened, recorded: Recorded) -> list[Patch]:
    values = {
        **opening_values(event.opening),
        **COUNTERS,
        "opened_on": event.stamp.occurred_on,
        "status": CaseStatus.OPEN,
        **received(event.stamp),
        "recorded_at": recorded.recorded_at,
    }
    return [of_case(event, recorded, values, event.place)]


def received(by: Stamp) -> dict[str, object]:
    """Who is responsible for a case from now on."""
    return {"receiver": by.actor, "received_as": by.role}


def opening_corrected(event: OpeningCorrected, recorded: Recorded) -> list[Patch]:
    values = {**opening_values(event.after), "opened_on": event.after_on}
    return [of_case(event, recorded, values)]


def opening_values(opening: Opening) -> dict[str, object]:
    return {
        "number": opening.number,
        "service": opening.service,
        "channel": opening.channel,
        "visit": opening.visit,
    }


def applied(event: ApplicationObserved | ApplicationAccepted, recorded: Recorded) -> list[Patch]:
    return [of_case(event, recorded, application_values(event.application))]


def application_corrected(event: ApplicationCorrected, recorded: Recorded) -> list[Patch]:
    return [of_case(event, recorded, application_values(event.after))]


def application_voided(event: ApplicationVoided, recorded: Recorded) -> list[Patch]:
    return [of_case(event, recorded, application_values(None))]


def application_values(application: Application | None) -> dict[str, object]:
    ends = application.deadlines if application is not None else None
    return {
        "applied_on": application.on if application is not None else None,
        "receipt": application.receipt if application is not None else None,
        **{name: getattr(ends, name, None) for name in Deadlines.model_fields},
    }


def consented(event: ConsentGiven, recorded: Recorded) -> list[Patch]:
    if not event.first:
        return []
    values: dict[str, object] = {"accepted_on": event.stamp.occurred_on}
    if event.declined is not None:
        values["declined_on"] = None
    return [of_case(event, recorded, values)]


def declined(event: CounsellingDeclined, recorded: Recorded) -> list[Patch]:
    if not event.first:
        return []
    return [of_case(event, recorded, {"declined_on": event.stamp.occurred_on})]


def answer_changed(event: AnswerCorrected | AnswerVoided, recorded: Recorded) -> list[Patch]:
    accepted, refused = event.counted_after.accepted, event.counted_after.declined
    values: dict[str, object] = {
        "accepted_on": accepted.on if accepted is not None else None,
        "declined_on": refused.on if refused is not None else None,
    }
    return [of_case(event, recorded, values)]


def risk_set(event: RiskLevelSet, recorded: Recorded) -> list[Patch]:
    return [of_case(event, recorded, {"risk": event.after})]


def risk_changed(event: RiskLevelCorrected | RiskLevelVoided, recorded: Recorded) -> list[Patch]:
    return [of_case(event, recorded, {"risk": event.now})]


def assigned(event: CounsellorAssigned, recorded: Recorded) -> list[Patch]:
    values: dict[str, object] = {
        "counsellor": event.practitioner,
        "counsellors": listed(event.counsellors),
    }
    return [of_case(event, recorded, values)]


def recused(event: CounsellorRecused, recorded: Recorded) -> list[Patch]:
    values: dict[str, object] = {"counsellors": listed(event.counsellors)}
    if event.receiver:
        values |= {"receiver": None, "received_as": None}
    return [of_case(event, recorded, values)]


def listed(counsellors: tuple[UUID, ...]) -> str | None:
    return ",".join(map(str, counsellors)) or None


def session_held(event: SessionHeld, recorded: Recorded) -> list[Patch]:
    session = event.session
    values = {
        **session_values(session),
        "case_id": event.originator_id,
        "status": RecordStatus.VALID,
        "recorded_at": recorded.recorded_at,
    }
    return [
        of_session(session.id, recorded, values, event.place),
        of_case(event, recorded, {}, added={"sessions": 1, "minutes": session.minutes}),
    ]


def session_corrected(event: SessionCorrected, recorded: Recorded) -> list[Patch]:
    before, after = event.before, event.after
    values = {**session_values(after), "status": RecordStatus.CORRECTED}
    patches = [of_session(after.id, recorded, values)]
    if more := after.minutes - before.minutes:
        patches.append(of_case(event, recorded, {}, added={"minutes": more}))
    return patches


def session_voided(event: SessionVoided, recorded: Recorded) -> list[Patch]:
    session = event.record
    return [
        of_session(session.id, recorded, {"status": RecordStatus.VOIDED}),
        of_case(event, recorded, {}, added={"sessions": -1, "minutes": -session.minutes}),
    ]


def session_values(session: Session) -> dict[str, object]:
    leading, *assisting = session.practitioners
    return {
        "held_on": session.held_on,
        "started_at": session.started_at,
        "minutes": session.minutes,
        "form": session.form,
        "present": ",".join(session.present),
        "practitioner": leading,
        "assisting": len(assisting),
        "assistants": ",".join(map(str, assisting)) or None,
    }


def counselling_began(event: CounsellingBegan, recorded: Recorded) -> list[Patch]:
    return [of_case(event, recorded, {"counselled_on": event.began.on})]


def counselling_redated(event: CounsellingRedated, recorded: Recorded) -> list[Patch]:
    return [of_case(event, recorded, {"counselled_on": event.after.on})]


def counselling_undone(event: CounsellingUndone, recorded: Recorded) -> list[Patch]:
    return [of_case(event, recorded, {"counselled_on": None})]


def outcome_known(
    event: OutcomeDeclared | OutcomeConfirmed | DeferralBroken, recorded: Recorded
) -> list[Patch]:
    return [of_case(event, recorded, outcome_values(event.record))]


def outcome_revised(event: OutcomeRevised, recorded: Recorded) -> list[Patch]:
    return [of_case(event, recorded, outcome_values(event.after))]


def outcome_voided(event: OutcomeVoided, recorded: Recorded) -> list[Patch]:
    return [of_case(event, recorded, outcome_values(None))]


def deferral_break_voided(event: DeferralBreakVoided, recorded: Recorded) -> list[Patch]:
    return [of_case(event, recorded, {"broken_on": None})]


def outcome_values(record: OutcomeRecord | None) -> dict[str, object]:
    if record is None:
        return {"outcome": None, "outcome_on": None, "outcome_source": None, "broken_on": None}
    return {
        "outcome": record.outcome,
        "outcome_on": record.on,
        "outcome_source": record.source,
        "broken_on": record.broken_on,
    }


def follow_up_scheduled(event: FollowUpScheduled, recorded: Recorded) -> list[Patch]:
    follow_up = event.follow_up
    values = {
        **follow_up_values(FollowUpRecord(follow_up=follow_up)),
        "case_id": event.originator_id,
        "recorded_at": recorded.recorded_at,
    }
    return [of_follow_up(follow_up.id, recorded, values, event.place)]


def follow_up_made(event: FollowUpMade, recorded: Recorded) -> list[Patch]:
    values = {"made_on": event.stamp.occurred_on, "status": FollowUpStatus.MADE}
    return [of_follow_up(event.follow_up.id, recorded, values)]


def follow_up_missed(event: FollowUpMissed, recorded: Recorded) -> list[Patch]:
    values: dict[str, object] = {"tries": event.try_number}
    if event.lost:
        values |= {"lost_on": event.stamp.occurred_on, "status": FollowUpStatus.LOST}
    return [of_follow_up(event.follow_up.id, recorded, values)]


def follow_up_cancelled(event: FollowUpCancelled, recorded: Recorded) -> list[Patch]:
    values = {"cancelled_on": event.stamp.occurred_on, "status": FollowUpStatus.CANCELLED}
    return [of_follow_up(event.follow_up.id, recorded, values)]


def follow_up_corrected(event: FollowUpCorrected, recorded: Recorded) -> list[Patch]:
    return [of_follow_up(event.after.follow_up.id, recorded, follow_up_values(event.after))]


def follow_up_voided(event: FollowUpVoided, recorded: Recorded) -> list[Patch]:
    row = event.record.follow_up.id
    return [of_follow_up(row, recorded, {"status": RecordStatus.VOIDED})]


def follow_up_values(record: FollowUpRecord) -> dict[str, object]:
    return {
        "kind": record.follow_up.kind,
        "due_on": record.follow_up.due_on,
        "made_on": record.made_on,
        "lost_on": record.lost_on,
        "cancelled_on": record.cancelled_on,
        "tries": record.tries,
        "status": follow_up_status(record),
    }


def follow_up_status(record: FollowUpRecord) -> FollowUpStatus:
    if record.made_on is not None:
        return FollowUpStatus.MADE
    if record.lost_on is not None:
        return FollowUpStatus.LOST
    if record.cancelled_on is not None:
        return FollowUpStatus.CANCELLED
    return FollowUpStatus.SCHEDULED


def rated(event: SatisfactionRated, recorded: Recorded) -> list[Patch]:
    return [of_case(event, recorded, {}, added=rating_counts(event.rating, 1))]


def rating_corrected(event: SatisfactionCorrected, recorded: Recorded) -> list[Patch]:
    more = event.after.rating.satisfied - event.before.rating.satisfied
    return [of_case(event, recorded, {}, added={"satisfied": more})] if more else []


def rating_voided(event: SatisfactionVoided, recorded: Recorded) -> list[Patch]:
    return [of_case(event, recorded, {}, added=rating_counts(event.record.rating, -1))]


def rating_counts(rating: Rating, number: int) -> dict[str, int]:
    return {"rated": number, "satisfied": number} if rating.satisfied else {"rated": number}


def transferred(event: TransferAccepted, recorded: Recorded) -> list[Patch]:
    handed: dict[str, object] = {**received(event.stamp), "counsellors": None}
    return [of_case(event, recorded, handed, event.to_place)]


def closed(event: ClosureApproved, recorded: Recorded) -> list[Patch]:
    record = event.record
    values: dict[str, object] = {
        "status": CaseStatus.CLOSED,
        "closed_on": record.on,
        "closure": record.kind,
        "filed": int(record.filed),
    }
    return [of_case(event, recorded, values)]


def open_again(event: ClosureVoided | CaseReopened, recorded: Recorded) -> list[Patch]:
    return [of_case(event, recorded, NOT_CLOSED)]


def archived(event: CaseArchived, recorded: Recorded) -> list[Patch]:
    values: dict[str, object] = {
        "status": CaseStatus.ARCHIVED,
        "archived_on": event.stamp.occurred_on,
        "keep_until": event.keep_until,
    }
    return [of_case(event, recorded, values)]


def voided(event: CaseVoided, recorded: Recorded) -> list[Patch]:
    sessions = each(s.id for tally in event.counted for s in tally.sessions)
    follow_ups = each(f.follow_up.id for tally in event.counted for f in tally.follow_ups)
    values: dict[str, object] = {
        "status": CaseStatus.VOIDED,
        "duplicate_of": event.duplicate_of,
    }
    marker: dict[str, object] = {"status": RecordStatus.VOIDED}
    return [
        of_case(event, recorded, values),
        *(of_session(row, recorded, marker) for row in sessions),
        *(of_follow_up(row, recorded, marker) for row in follow_ups),
    ]


def each(rows: Iterable[UUID]) -> Iterable[UUID]:
    """Each row once: a transfer leaves one follow-up in two places, in one row."""
    return dict.fromkeys(rows)


PATCHERS: Final[Patchers] = {
    CaseOpened: opened,
    OpeningCorrected: opening_corrected,
    ApplicationObserved: applied,
    ApplicationAccepted: applied,
    ApplicationCorrected: application_corrected,
    ApplicationVoided: application_voided,
    ConsentGiven: consented,
    CounsellingDeclined: declined,
    AnswerCorrected: answer_changed,
    AnswerVoided: answer_changed,
    RiskLevelSet: risk_set,
    RiskLevelCorrected: risk_changed,
    RiskLevelVoided: risk_changed,
    CounsellorAssigned: assigned,
    CounsellorRecused: recused,
    SessionHeld: session_held,
    SessionCorrected: session_corrected,
    SessionVoided: session_voided,
    CounsellingBegan: counselling_began,
    CounsellingRedated: counselling_redated,
    CounsellingUndone: counselling_undone,
    OutcomeDeclared: outcome_known,
    OutcomeConfirmed: outcome_known,
    OutcomeRevised: outcome_revised,
    OutcomeVoided: outcome_voided,
    DeferralBroken: outcome_known,
    DeferralBreakVoided: deferral_break_voided,
    FollowUpScheduled: follow_up_scheduled,
    FollowUpMade: follow_up_made,
    FollowUpMissed: follow_up_missed,
    FollowUpCancelled: follow_up_cancelled,
    FollowUpCorrected: follow_up_corrected,
    FollowUpVoided: follow_up_voided,
    SatisfactionRated: rated,
    SatisfactionCorrected: rating_corrected,
    SatisfactionVoided: rating_voided,
    TransferAccepted: transferred,
    ClosureApproved: closed,
    ClosureVoided: open_again,
    CaseReopened: open_again,
    CaseArchived: archived,
    CaseVoided: voided,
}

UNLISTED: Final[Kinds] = frozenset(
    {
        PartyIdentified,
        PartyIdentityCorrected,
        AnonymousNoted,
        EncounterLinked,
        CounsellingOffered,
        ConsentWithdrawn,
        SafetyScreened,
        ScreeningCorrected,
        ScreeningVoided,
        AssessmentRecorded,
        AssessmentCorrected,
        AssessmentVoided,
        PlanAgreed,
        PlanCorrected,
        PlanVoided,
        AppointmentBooked,
        AppointmentRescheduled,
        AppointmentMissed,
        AppointmentCancelled,
        ReferralMade,
        ReferralAccepted,
        ReferralDeclined,
        ReferralCompleted,
        ReferralCorrected,
        ReferralVoided,
        MandatoryReportMade,
        MandatoryReportCorrected,
        MandatoryReportVoided,
        WarningLetterNoted,
        ProtectionOrderNoted,
        SafetyDocumentVoided,
        TransferRequested,
        TransferRejected,
        ClosureProposed,
        ClosureReturned,
        SealedNoteOpened,
        PersonalDataErased,
        *get_args(ProtectionEvent),
    }
)
