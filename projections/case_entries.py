"""What the events of a case count: cohorts, sessions, outcomes, safety, follow-ups, stocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Final
from uuid import UUID, uuid5

from domain.base import Place, day
from domain.case_care_events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentRescheduled,
    AssessmentRecorded,
    CounsellorAssigned,
    CounsellorRecused,
    FollowUpCancelled,
    FollowUpCorrected,
    FollowUpMade,
    FollowUpMissed,
    FollowUpScheduled,
    FollowUpVoided,
    PlanAgreed,
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
    REPORT_WITHIN,
    Application,
    Began,
    ClosureRecord,
    FollowUp,
    FollowUpRecord,
    Milestone,
    Opening,
    OutcomeRecord,
    Rating,
    ReferralRecord,
    ReportRecord,
    Response,
    Screening,
    Session,
    Stay,
    Tally,
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
from domain.values import RiskLevel, SafetyLevel, ServiceType
from projections.entries import (
    ONLY_CORRECTS,
    Entry,
    Kinds,
    Rule,
    Rules,
    changed,
    correcting,
    number,
    taken_back,
)
from projections.indicators import OUTCOMES, WITHOUT_APPLICATION

APPLICATIONS: Final = number("applications")
OFFERED: Final = number("offered")
ACCEPTED: Final = number("accepted")
DECLINED: Final = number("declined")
COUPLES_COUNSELLED: Final = number("couples_counselled")
COUPLES_COUNSELLED_OTHER: Final = number("couples_counselled_other")
SESSIONS: Final = number("sessions")
SESSION_MINUTES: Final = number("session_minutes")
SESSIONS_ASSISTED: Final = number("sessions_assisted")
SESSION_MINUTES_ASSISTED: Final = number("session_minutes_assisted")
CASES_CLOSED: Final = number("cases_closed")
CASES_FILED: Final = number("cases_filed")
OPEN_CASES: Final = number("open_cases")
OPEN_HIGH_RISK: Final = number("open_high_risk")
PENDING: Final = number("pending")
PENDING_COUNSELLED: Final = number("pending_counselled")
DEFERRALS_BROKEN_180: Final = number("deferrals_broken_180")
DEFERRALS_BROKEN_365: Final = number("deferrals_broken_365")
DEFERRALS_SUSTAINED_180: Final = number("deferrals_sustained_180")
DEFERRALS_SUSTAINED_365: Final = number("deferrals_sustained_365")
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
SCREENINGS: Final = number("screenings")
SCREENINGS_POSITIVE: Final = number("screenings_positive")
REPORTS_REQUIRED: Final = number("reports_required")
REPORTS_WITHIN_24H: Final = number("reports_within_24h")
REPORTS_MADE: Final = number("reports_made")
REPORTS_OWED: Final = number("reports_owed")
CASES: Final = {
    ServiceType.PREMARITAL: number("cases_premarital"),
    ServiceType.RELATIONSHIP: number("cases_relationship"),
    ServiceType.DIVORCE_ADJUSTMENT: number("cases_divorce_adjustment"),
}
ENDED: Final = {outcome: number(code) for outcome, (code, _) in OUTCOMES.items()}
ENDED_UNCOUNSELLED: Final = {
    outcome: number(f"{code}_uncounselled") for outcome, (code, _) in OUTCOMES.items()
}
ENDED_OTHER: Final = {
    outcome: number(f"{OUTCOMES[outcome][0]}_other") for outcome in WITHOUT_APPLICATION
}
SUSTAINED: Final = (
    (180, DEFERRALS_BROKEN_180, DEFERRALS_SUSTAINED_180),
    (365, DEFERRALS_BROKEN_365, DEFERRALS_SUSTAINED_365),
)

NEXT_DAY: Final = timedelta(days=1)  # a day that is due is in time to its end


def opened(event: CaseOpened) -> list[Entry]:
    on, subject = event.stamp.occurred_on, event.originator_id
    return [
        opening_entry(subject, event.opening, on, event.place),
        Entry(OPEN_CASES, event.place.centre, event.place.region, subject, on, 1),
    ]


def opening_corrected(event: OpeningCorrected) -> list[Entry]:
    subject, place = event.originator_id, event.place
    before = [
        opening_entry(subject, event.before, event.before_on, place),
        Entry(OPEN_CASES, place.centre, place.region, subject, event.before_on, 1),
    ]
    after = [
        opening_entry(subject, event.after, event.after_on, place),
        Entry(OPEN_CASES, place.centre, place.region, subject, event.after_on, 1),
    ]
    return changed(before, after)


def opening_entry(subject: UUID, opening: Opening, on: date, place: Place) -> Entry:
    return Entry(CASES[opening.service], place.centre, place.region, subject, on, 1)


def applied(event: ApplicationObserved | ApplicationAccepted) -> list[Entry]:
    subject, began = event.originator_id, event.began
    entries = application_entries(subject, event.application, event.place)
    if began is not None:
        entries += changed(
            began_entries(subject, began, applied=False),
            began_entries(subject, began, applied=True),
        )
    return entries


def application_corrected(event: ApplicationCorrected) -> list[Entry]:
    subject, place = event.originator_id, event.place
    return changed(
        application_entries(subject, event.before, place),
        application_entries(subject, event.after, place),
    )


def application_voided(event: ApplicationVoided) -> list[Entry]:
    subject, began = event.originator_id, event.began
    entries = taken_back(application_entries(subject, event.application, event.place))
    if began is not None:
        entries += changed(
            began_entries(subject, began, applied=True),
            began_entries(subject, began, applied=False),
        )
    return entries


def application_entries(subject: UUID, application: Application, place: Place) -> list[Entry]:
    at = (place.centre, place.region, subject, application.on)
    return [Entry(APPLICATIONS, *at, 1), Entry(PENDING, *at, 1)]


def offered(event: CounsellingOffered) -> list[Entry]:
    if not event.first:
        return []
    place, on = event.place, event.stamp.occurred_on
    return [Entry(OFFERED, place.centre, place.region, event.originator_id, on, 1)]


def consented(event: ConsentGiven) -> list[Entry]:
    if not event.first:
        return []
    place, on, subject = event.place, event.stamp.occurred_on, event.originator_id
    entries = [Entry(ACCEPTED, place.centre, place.region, subject, on, 1)]
    if event.declined is not None:
        entries.append(reached(DECLINED, subject, event.declined, -1))
    return entries


def declined(event: CounsellingDeclined) -> list[Entry]:
    if not event.first:
        return []
    place, on = event.place, event.stamp.occurred_on
    return [Entry(DECLINED, place.centre, place.region, event.originator_id, on, 1)]


def answer_changed(event: AnswerCorrected | AnswerVoided) -> list[Entry]:
    subject = event.originator_id
    return changed(
        response_entries(subject, event.counted_before),
        response_entries(subject, event.counted_after),
    )


def response_entries(subject: UUID, response: Response) -> list[Entry]:
    steps = (
        (OFFERED, response.offered),
        (ACCEPTED, response.accepted),
        (DECLINED, response.declined),
    )
    return [reached(indicator, subject, step) for indicator, step in steps if step is not None]


def reached(indicator: int, subject: UUID, step: Milestone, quantity: int = 1) -> Entry:
    return Entry(indicator, step.place.centre, step.place.region, subject, step.on, quantity)


def screened(event: SafetyScreened) -> list[Entry]:
    on = event.stamp.occurred_on
    return screening_entries(event.screening, on, event.report_due, event.place)


def screening_corrected(event: ScreeningCorrected) -> list[Entry]:
    before, after = event.before, event.after
    return changed(
        screening_entries(before.screening, before.on, before.report_due, event.place),
        screening_entries(after.screening, after.on, after.report_due, event.place),
    )


def screening_voided(event: ScreeningVoided) -> list[Entry]:
    record = event.record
    return taken_back(
        screening_entries(record.screening, record.on, record.report_due, event.place)
    )


def screening_entries(
    screening: Screening, on: date, report_due: datetime | None, place: Place
) -> list[Entry]:
    """A screening; the report it calls for is required from its day, and owed when due passes."""
    at = (place.centre, place.region, screening.id)
    entries = []
    if screening.alone:
        entries.append(Entry(SCREENINGS, *at, on, 1))
        if screening.level in (SafetyLevel.VIOLENCE, SafetyLevel.SEVERE):
            entries.append(Entry(SCREENINGS_POSITIVE, *at, on, 1))
    if report_due is not None:
        entries.append(Entry(REPORTS_REQUIRED, *at, on, 1))
        entries.append(Entry(REPORTS_OWED, *at, day(report_due), 1))
    return entries


def report_made(event: MandatoryReportMade) -> list[Entry]:
    return report_entries(event.record, event.place)


def report_corrected(event: MandatoryReportCorrected) -> list[Entry]:
    return changed(
        report_entries(event.before, event.place), report_entries(event.after, event.place)
    )


def report_voided(event: MandatoryReportVoided) -> list[Entry]:
    return taken_back(report_entries(event.record, event.place))


def report_entries(record: ReportRecord, place: Place) -> list[Entry]:
    """A mandatory report; whether in time is dated at the screening that calls for it."""
    at = (place.centre, place.region)
    entries = [Entry(REPORTS_MADE, *at, record.report.id, record.on, 1)]
    screening, due = record.report.screening, record.due
    if screening is not None and due is not None:
        if record.within_24h:
            screened_on = day(due - REPORT_WITHIN)
            entries.append(Entry(REPORTS_WITHIN_24H, *at, screening, screened_on, 1))
        entries.append(Entry(REPORTS_OWED, *at, screening, max(day(due), record.on), -1))
    return entries


def risk_set(event: RiskLevelSet) -> list[Entry]:
    change = (event.after is RiskLevel.RED) - (event.before is RiskLevel.RED)
    if not change:
        return []
    place, on = event.place, event.stamp.occurred_on
    return [Entry(OPEN_HIGH_RISK, place.centre, place.region, event.originator_id, on, change)]


def risk_changed(event: RiskLevelCorrected | RiskLevelVoided) -> list[Entry]:
    return changed(
        stay_entries(OPEN_HIGH_RISK, event.originator_id, event.red_before),
        stay_entries(OPEN_HIGH_RISK, event.originator_id, event.red_after),
    )


def stay_entries(indicator: int, subject: UUID, stays: Iterable[Stay]) -> list[Entry]:
    """Stretches of time in a stock: in on the first day, out on the last."""
    entries = []
    for stay in stays:
        at = (stay.place.centre, stay.place.region, subject)
        entries.append(Entry(indicator, *at, stay.since, 1))
        if stay.until is not None:
            entries.append(Entry(indicator, *at, stay.until, -1))
    return entries


def session_held(event: SessionHeld) -> list[Entry]:
    return session_entries(event.session, event.place)


def session_corrected(event: SessionCorrected) -> list[Entry]:
    return changed(
        session_entries(event.before, event.place), session_entries(event.after, event.place)
    )


def session_voided(event: SessionVoided) -> list[Entry]:
    return taken_back(session_entries(event.record, event.place))


def session_entries(session: Session, place: Place) -> list[Entry]:
    """A session counts once, for who led it; the help of each who assisted is counted apart."""
    at = (place.centre, place.region, session.id, session.held_on)
    minutes, (leading, *assisting) = session.minutes, session.practitioners
    entries = [
        Entry(SESSIONS, *at, 1, leading),
        Entry(SESSION_MINUTES, *at, minutes, leading),
    ]
    for person in assisting:
        help_given = uuid5(session.id, f"assisted:{person}")
        at = (place.centre, place.region, help_given, session.held_on)
        entries.append(Entry(SESSIONS_ASSISTED, *at, 1, person))
        entries.append(Entry(SESSION_MINUTES_ASSISTED, *at, minutes, person))
    return entries


def counselling_began(event: CounsellingBegan) -> list[Entry]:
    subject, outcome = event.originator_id, event.outcome
    entries = began_entries(subject, event.began, applied=event.began.applied)
    if outcome is not None:
        entries += changed(
            outcome_entries(subject, outcome, counselled=False),
            outcome_entries(subject, outcome, counselled=True),
        )
    return entries


def counselling_redated(event: CounsellingRedated) -> list[Entry]:
    subject, before, after = event.originator_id, event.before, event.after
    return changed(
        began_entries(subject, before, applied=before.applied),
        began_entries(subject, after, applied=after.applied),
    )


def counselling_undone(event: CounsellingUndone) -> list[Entry]:
    subject, outcome = event.originator_id, event.outcome
    entries = taken_back(began_entries(subject, event.began, applied=event.began.applied))
    if outcome is not None:
        entries += changed(
            outcome_entries(subject, outcome, counselled=True),
            outcome_entries(subject, outcome, counselled=False),
        )
    return entries


def began_entries(subject: UUID, began: Began, *, applied: bool) -> list[Entry]:
    """A couple is counselled, once a case; of those who applied an outcome is awaited."""
    at = (began.place.centre, began.place.region, subject, began.on, 1)
    if not applied:
        return [Entry(COUPLES_COUNSELLED_OTHER, *at)]
    return [Entry(COUPLES_COUNSELLED, *at), Entry(PENDING_COUNSELLED, *at)]


def outcome_declared(event: OutcomeDeclared) -> list[Entry]:
    return outcome_as_recorded(event.originator_id, event.record)


def outcome_confirmed(event: OutcomeConfirmed) -> list[Entry]:
    entries = outcome_as_recorded(event.originator_id, event.record)
    if event.before is None:
        return entries
    return changed(outcome_as_recorded(event.originator_id, event.before), entries)


def outcome_revised(event: OutcomeRevised) -> list[Entry]:
    return changed(
        outcome_as_recorded(event.originator_id, event.before),
        outcome_as_recorded(event.originator_id, event.after),
    )


def outcome_voided(event: OutcomeVoided) -> list[Entry]:
    return taken_back(outcome_as_recorded(event.originator_id, event.record))


def deferral_broken(event: DeferralBroken) -> list[Entry]:
    if not (event.record.applied and event.record.counselled):
        return []
    before = event.record.model_copy(update={"broken_on": None})
    return changed(
        sustained_entries(event.originator_id, before),
        sustained_entries(event.originator_id, event.record),
    )


def deferral_break_voided(event: DeferralBreakVoided) -> list[Entry]:
    if not (event.record.applied and event.record.counselled):
        return []
    after = event.record.model_copy(update={"broken_on": None})
    return changed(
        sustained_entries(event.originator_id, event.record),
        sustained_entries(event.originator_id, after),
    )


def outcome_as_recorded(subject: UUID, record: OutcomeRecord) -> list[Entry]:
    return outcome_entries(subject, record, counselled=record.counselled)


def outcome_entries(subject: UUID, record: OutcomeRecord, *, counselled: bool) -> list[Entry]:
    """An outcome, which ends the waiting; counselled couples are counted apart from all others."""
    at = (record.place.centre, record.place.region, subject, record.on)
    outcome = record.outcome
    if not record.applied:
        return [Entry(ENDED_OTHER[outcome], *at, 1)]
    if not counselled:
        return [Entry(ENDED_UNCOUNSELLED[outcome], *at, 1), Entry(PENDING, *at, -1)]
    return [
        Entry(ENDED[outcome], *at, 1),
        Entry(PENDING, *at, -1),
        Entry(PENDING_COUNSELLED, *at, -1),
        *sustained_entries(subject, record),
    ]


def sustained_entries(subject: UUID, record: OutcomeRecord) -> list[Entry]:
    """Whether a deferral held so many days, dated at the deferral: it holds until it is broken."""
    if not record.outcome.deferral:
        return []
    at = (record.place.centre, record.place.region, subject, record.on, 1)
    days = None if record.broken_on is None else (record.broken_on - record.on).days
    return [
        Entry(broken if days is not None and days <= within else sustained, *at)
        for within, broken, sustained in SUSTAINED
    ]


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


def transferred(event: TransferAccepted) -> list[Entry]:
    """The stocks move with the case; what was counted before stays where it was."""
    on, subject = event.stamp.occurred_on, event.originator_id
    entries = []
    for stock in stocks(event.risk):
        for place, quantity in ((event.from_place, -1), (event.to_place, 1)):
            entries.append(Entry(stock, place.centre, place.region, subject, on, quantity))
    return entries


def closed(event: ClosureApproved) -> list[Entry]:
    subject, record, place = event.originator_id, event.record, event.place
    at = (place.centre, place.region, subject, record.on, -1)
    return [
        *closure_entries(subject, record, place),
        *(Entry(stock, *at) for stock in stocks(record.risk)),
    ]


def closure_voided(event: ClosureVoided) -> list[Entry]:
    subject, record, place = event.originator_id, event.record, event.place
    return [
        *taken_back(closure_entries(subject, record, place)),
        Entry(OPEN_CASES, place.centre, place.region, subject, record.on, 1),
        *changed(
            stay_entries(OPEN_HIGH_RISK, subject, event.red_before),
            stay_entries(OPEN_HIGH_RISK, subject, event.red_after),
        ),
    ]


def reopened(event: CaseReopened) -> list[Entry]:
    place, on, subject = event.place, event.stamp.occurred_on, event.originator_id
    at = (place.centre, place.region, subject, on, 1)
    return [Entry(stock, *at) for stock in stocks(event.risk)]


def closure_entries(case: UUID, record: ClosureRecord, place: Place) -> list[Entry]:
    """A closure, which is a thing of its own: a case that was reopened is closed again."""
    closure = case if record.number is None else uuid5(case, f"closure:{record.number}")
    at = (place.centre, place.region, closure, record.on, 1)
    entries = [Entry(CASES_CLOSED, *at)]
    if record.filed:
        entries.append(Entry(CASES_FILED, *at))
    return entries


def stocks(risk: RiskLevel | None) -> tuple[int, ...]:
    """The stocks that an open case is in."""
    return (OPEN_CASES, OPEN_HIGH_RISK) if risk is RiskLevel.RED else (OPEN_CASES,)


def case_voided(event: CaseVoided) -> list[Entry]:
    subject = event.originator_id
    return [entry for tally in event.counted for entry in taken_back(tally_entries(subject, tally))]


def tally_entries(subject: UUID, tally: Tally) -> Iterator[Entry]:
    """Everything that a case counts at one place."""
    place = tally.place
    if tally.opening is not None and tally.opened_on is not None:
        yield opening_entry(subject, tally.opening, tally.opened_on, place)
    yield from stay_entries(OPEN_CASES, subject, tally.open)
    yield from stay_entries(OPEN_HIGH_RISK, subject, tally.red)
    if tally.application is not None:
        yield from application_entries(subject, tally.application, place)
    steps = (
        (OFFERED, tally.offered_on),
        (ACCEPTED, tally.accepted_on),
        (DECLINED, tally.declined_on),
    )
    for indicator, on in steps:
        if on is not None:
            yield Entry(indicator, place.centre, place.region, subject, on, 1)
    if tally.began is not None:
        yield from began_entries(subject, tally.began, applied=tally.began.applied)
    for session in tally.sessions:
        yield from session_entries(session, place)
    if tally.outcome is not None:
        yield from outcome_as_recorded(subject, tally.outcome)
    for screening in tally.screenings:
        yield from screening_entries(screening.screening, screening.on, screening.report_due, place)
    for report in tally.reports:
        yield from report_entries(report, place)
    for referral in tally.referrals:
        yield from referral_entries(referral, place)
    for follow_up in tally.follow_ups:
        yield from follow_up_entries(follow_up, place)
    for rating in tally.ratings:
        yield from rating_entries(rating.rating, rating.on, place)
    for closure in tally.closures:
        yield from closure_entries(subject, closure, place)


RULES: Final[Rules] = {
    CaseOpened: Rule(opened),
    OpeningCorrected: correcting(opening_corrected),
    PartyIdentityCorrected: ONLY_CORRECTS,
    ApplicationObserved: Rule(applied, on=attrgetter("application.on")),
    ApplicationAccepted: Rule(applied, on=attrgetter("application.on")),
    ApplicationCorrected: correcting(application_corrected),
    ApplicationVoided: correcting(application_voided),
    CounsellingOffered: Rule(offered),
    ConsentGiven: Rule(consented),
    CounsellingDeclined: Rule(declined),
    AnswerCorrected: correcting(answer_changed),
    AnswerVoided: correcting(answer_changed),
    SafetyScreened: Rule(screened),
    ScreeningCorrected: correcting(screening_corrected),
    ScreeningVoided: correcting(screening_voided),
    RiskLevelSet: Rule(risk_set),
    RiskLevelCorrected: correcting(risk_changed),
    RiskLevelVoided: correcting(risk_changed),
    SessionHeld: Rule(session_held, on=attrgetter("session.held_on")),
    SessionCorrected: correcting(session_corrected),
    SessionVoided: correcting(session_voided),
    CounsellingBegan: Rule(counselling_began, record=False),
    CounsellingRedated: Rule(counselling_redated, record=False),
    CounsellingUndone: Rule(counselling_undone, record=False),
    OutcomeDeclared: Rule(outcome_declared, on=attrgetter("record.on")),
    OutcomeConfirmed: Rule(outcome_confirmed, on=attrgetter("record.on")),
    OutcomeRevised: correcting(outcome_revised),
    OutcomeVoided: correcting(outcome_voided),
    DeferralBroken: Rule(deferral_broken),
    DeferralBreakVoided: correcting(deferral_break_voided),
    ReferralMade: Rule(referral_made),
    ReferralAccepted: Rule(referral_accepted),
    ReferralCompleted: Rule(referral_completed),
    ReferralCorrected: correcting(referral_corrected),
    ReferralVoided: correcting(referral_voided),
    MandatoryReportMade: Rule(report_made),
    MandatoryReportCorrected: correcting(report_corrected),
    MandatoryReportVoided: correcting(report_voided),
    SafetyDocumentVoided: ONLY_CORRECTS,
    FollowUpScheduled: Rule(follow_up_scheduled),
    FollowUpMade: Rule(follow_up_made),
    FollowUpMissed: Rule(follow_up_missed),
    FollowUpCancelled: Rule(follow_up_cancelled),
    FollowUpCorrected: correcting(follow_up_corrected),
    FollowUpVoided: correcting(follow_up_voided),
    SatisfactionRated: Rule(rated),
    SatisfactionCorrected: correcting(rating_corrected),
    SatisfactionVoided: correcting(rating_voided),
    TransferAccepted: Rule(transferred),
    ClosureApproved: Rule(closed),
    ClosureVoided: correcting(closure_voided),
    CaseReopened: Rule(reopened),
    CaseVoided: correcting(case_voided),
}

UNCOUNTED: Final[Kinds] = frozenset(
    {
        PartyIdentified,
        AnonymousNoted,
        EncounterLinked,
        ConsentWithdrawn,
        AssessmentRecorded,
        PlanAgreed,
        CounsellorAssigned,
        CounsellorRecused,
        AppointmentBooked,
        AppointmentRescheduled,
        AppointmentMissed,
        AppointmentCancelled,
        ReferralDeclined,
        WarningLetterNoted,
        ProtectionOrderNoted,
        TransferRequested,
        TransferRejected,
        ClosureProposed,
        ClosureReturned,
        CaseArchived,
        SealedNoteOpened,
        PersonalDataErased,
    }
)
