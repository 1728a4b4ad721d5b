"""What happens in a case (个案): its values and its events.

`place` of an event is where the fact counts. A new fact counts at the case's present place; a
correction, a voiding or a later step of a fact counts where that fact was first counted, also after
a transfer. An application, the time it is pending and its outcome count where the application was
made.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from domain.base import Event, Minutes, Occurred, Place, Sealed, Stamp, Text, Value, day
from domain.calendar import Deadlines
from domain.values import (
    AnswerKind,
    CaseChannel,
    CaseOutcome,
    ClosureKind,
    DivorceReason,
    FollowUpKind,
    MarriageLength,
    OutcomeSource,
    Party,
    ReferralKind,
    ReportedTo,
    RiskLevel,
    SafetyDocumentKind,
    SafetyLevel,
    ServiceType,
    SessionForm,
    Sex,
    Visit,
)

REPORT_WITHIN = timedelta(hours=24)  # severe danger is reported within a day (domain §3)
TRIES_UNTIL_LOST = 3  # policy: a couple that three tries did not reach is lost
SATISFIED_FROM = 4  # of 5: the score from which a rating counts as satisfied

Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
"""A number that people write: of a case file, a receipt, an order."""

KeyName = Annotated[str, StringConstraints(min_length=1, max_length=128)]
"""The name of a key in the vault."""


def in_order(parties: tuple[Party, ...]) -> tuple[Party, ...]:
    """Each once, in the order of the value list, so that equal facts are equal bytes."""
    return tuple(party for party in Party if party in parties)


def each_once(people: tuple[UUID, ...]) -> tuple[UUID, ...]:
    """Each once, the leading one first as written."""
    return tuple(dict.fromkeys(people))


Parties = Annotated[tuple[Party, ...], Field(min_length=1), AfterValidator(in_order)]
Practitioners = Annotated[tuple[UUID, ...], Field(min_length=1), AfterValidator(each_once)]


class Opening(Value):
    """What a case is opened with; `number` is the case number on the file."""

    number: Number
    service: ServiceType
    channel: CaseChannel
    visit: Visit


class Profile(Value):
    """Coarse attributes of a party for statistics only; nothing here names a person."""

    sex: Sex
    birth_decade: Annotated[int, Field(ge=1900, le=2100, multiple_of=10)] | None = None
    marriage_length: MarriageLength | None = None
    divorce_reason: DivorceReason | None = None


class Application(Value):
    """An application for agreement divorce; with a receipt and periods from 2021-01-01 on."""

    on: date
    receipt: Number | None = None
    deadlines: Deadlines | None = None


class Answer(Value):
    """An offer of counselling to the couple, or one party's answer to it.

    `withdrawn_on` is the first day on which a consent no longer holds.
    """

    kind: AnswerKind
    on: date
    party: Party | None = None
    withdrawn_on: date | None = None


class Milestone(Value):
    """When and where a couple reached something that counts once a case."""

    on: date
    place: Place


class Response(Value):
    """How the couple stands towards counselling, each counted once a case.

    A couple counts as declined only while nobody of it has consented.
    """

    offered: Milestone | None = None
    accepted: Milestone | None = None
    declined: Milestone | None = None


class Began(Value):
    """The couple is counselled since its earliest standing session; it had `applied` or not."""

    on: date
    place: Place
    applied: bool


class Screening(Value):
    """A safety screening of one party; it was `alone`, or it does not count as one."""

    id: UUID
    party: Party
    tool: Text
    tool_version: Number
    level: SafetyLevel
    alone: bool


class ScreeningRecord(Value):
    """A screening with its business time and the instant by which a mandatory report is due."""

    screening: Screening
    at: Occurred
    report_due: AwareDatetime | None = None

    @property
    def on(self) -> date:
        """The business date of the screening."""
        return day(self.at)


class RiskReading(Value):
    """The risk level from a day on."""

    level: RiskLevel
    on: date


class Stay(Value):
    """A stretch of time that counts in a stock at one place: from `since` until before `until`."""

    place: Place
    since: date
    until: date | None = None


class Compartment(Value):
    """Sealed process notes; with a party, what that party said alone and the other never sees."""

    note: Sealed
    party: Party | None = None


class Session(Value):
    """A counselling session with its three layers of text: facts, service summary, sealed notes."""

    id: UUID
    started_at: AwareDatetime
    minutes: Minutes
    form: SessionForm
    present: Parties
    practitioners: Practitioners
    appointment: UUID | None = None
    facts: Text | None = None
    summary: Text | None = None
    notes: tuple[Compartment, ...] | None = None

    @property
    def held_on(self) -> date:
        """The business date in Asia/Shanghai on which it started."""
        return day(self.started_at)

    @property
    def ends_at(self) -> datetime:
        """The instant at which it ended."""
        return self.started_at + timedelta(minutes=self.minutes)

    @property
    def joint(self) -> bool:
        """Whether parties sat together."""
        return len(self.present) > 1


class Assessment(Value):
    """What the counsellor found out about the couple and its needs."""

    id: UUID
    method: Text
    summary: Text


class Plan(Value):
    """What the couple and the counsellor agreed to work on."""

    id: UUID
    goals: Text
    sessions: Annotated[int, Field(ge=1, le=100)] | None = None
    review_on: date | None = None


class Appointment(Value):
    """A session agreed for a later time."""

    id: UUID
    starts_at: AwareDatetime
    form: SessionForm
    parties: Parties
    practitioner: UUID | None = None


class OutcomeRecord(Value):
    """How the case ended, as counted now.

    `applied` and `counselled` say whether the couple had applied for divorce and was counselled;
    `place` is where the outcome counts; `broken_on` is when a deferral came to an end.
    """

    outcome: CaseOutcome
    on: date
    source: OutcomeSource
    applied: bool
    counselled: bool
    place: Place
    broken_on: date | None = None


class Referral(Value):
    """A referral of the case to another body."""

    id: UUID
    kind: ReferralKind
    to: Text | None = None
    summary: Text | None = None


class ReferralRecord(Value):
    """A referral and how far it got."""

    referral: Referral
    made_on: date
    accepted_on: date | None = None
    declined_on: date | None = None
    completed_on: date | None = None


class Report(Value):
    """A mandatory report; `screening` is the finding of severe danger that it answers."""

    id: UUID
    to: ReportedTo
    screening: UUID | None = None
    summary: Text | None = None


class ReportRecord(Value):
    """A mandatory report with its instant; it counts as required when it was `due`."""

    report: Report
    made_at: AwareDatetime
    due: AwareDatetime | None = None
    within_24h: bool
    minutes_late: Annotated[int, Field(ge=0)]

    @property
    def on(self) -> date:
        """The business date on which it was made."""
        return day(self.made_at)


class SafetyDocument(Value):
    """A warning letter (告诫书) or personal protection order (人身安全保护令)."""

    id: UUID
    number: Number
    issuer: Text
    issued_on: date
    expires_on: date | None = None
    protects: Party | None = None


class FollowUp(Value):
    """A follow-up that is to be made by a day."""

    id: UUID
    kind: FollowUpKind
    due_on: date


class FollowUpRecord(Value):
    """A follow-up and what became of it; at most one of the three dates is set.

    It is overdue from the day after `due_on` until before the day it was made, lost or cancelled.
    Cancelled before or on its due day, it was never due.
    """

    follow_up: FollowUp
    made_on: date | None = None
    lost_on: date | None = None
    cancelled_on: date | None = None
    tries: Annotated[int, Field(ge=0, le=TRIES_UNTIL_LOST)] = 0

    @property
    def settled_on(self) -> date | None:
        """The day from which nobody waits for it any more."""
        return self.made_on or self.lost_on or self.cancelled_on

    @property
    def ever_due(self) -> bool:
        """Whether its due day passed while it stood."""
        return self.cancelled_on is None or self.cancelled_on > self.follow_up.due_on

    @property
    def overdue_since(self) -> date:
        """The first day on which it is overdue unless it was settled before."""
        return self.follow_up.due_on + timedelta(days=1)


class Rating(Value):
    """How satisfied a party was, 1 to 5."""

    id: UUID
    score: Annotated[int, Field(ge=1, le=5)]
    party: Party | None = None
    follow_up: UUID | None = None

    @property
    def satisfied(self) -> bool:
        """Whether it counts as satisfied."""
        return self.score >= SATISFIED_FROM


class RatingRecord(Value):
    """A rating and the day it was given."""

    rating: Rating
    on: date


class ClosureProposal(Value):
    """Why a case is to be closed."""

    kind: ClosureKind
    summary: Text | None = None


class ClosureRecord(Value):
    """An approved closure.

    `number` tells the closures of a case apart, from 1; one that was voided gives its number on.
    Those recorded before there were numbers have none.

    `filed` (建档): a party is identified or they are noted as anonymous, and the file holds an
    assessment, a plan, or a session with facts or a summary.
    """

    on: date
    kind: ClosureKind
    counselled: bool
    sessions: Annotated[int, Field(ge=0)]
    filed: bool
    risk: RiskLevel | None = None
    number: Annotated[int, Field(ge=1)] | None = None


class NoteReading(Value):
    """Which sealed notes are read, what for, and by which approved access if one was needed."""

    session: UUID
    party: Party | None = None
    purpose: Text
    access: UUID | None = None


class Tally(Value):
    """Everything that a case counted at one place, so that all of it can be taken back exactly.

    `open` and `red` are the stretches in the stocks of open and of high-risk cases; an application
    without an outcome is pending since `application.on`, with one until `outcome.on`.
    """

    place: Place
    opened_on: date | None = None
    opening: Opening | None = None
    open: tuple[Stay, ...] = ()
    red: tuple[Stay, ...] = ()
    application: Application | None = None
    offered_on: date | None = None
    accepted_on: date | None = None
    declined_on: date | None = None
    began: Began | None = None
    sessions: tuple[Session, ...] = ()
    outcome: OutcomeRecord | None = None
    screenings: tuple[ScreeningRecord, ...] = ()
    reports: tuple[ReportRecord, ...] = ()
    referrals: tuple[ReferralRecord, ...] = ()
    follow_ups: tuple[FollowUpRecord, ...] = ()
    ratings: tuple[RatingRecord, ...] = ()
    closures: tuple[ClosureRecord, ...] = ()


class CaseEvent(Event):
    """A fact of a case, and where it counts."""

    place: Place

    @classmethod
    def of(cls, aggregate: Any, by: Stamp, **facts: Any) -> Self:
        """The next event of a case; it counts at the present place unless another is given."""
        facts.setdefault("place", aggregate.place)
        return super().of(aggregate, by, **facts)


class CaseOpened(CaseEvent, topic="case.opened.v1"):
    """A couple or a person came; the case is open from this day on."""

    opening: Opening


class OpeningCorrected(CaseEvent, topic="case.opening-corrected.v1"):
    """The case was opened with other facts or on another day than recorded."""

    before: Opening
    after: Opening
    before_on: date
    after_on: date


class PartyIdentified(CaseEvent, topic="case.party-identified.v1"):
    """A party said who it is; only the vault can read the identity."""

    party: Party
    identity: Sealed
    profile: Profile | None = None


class PartyIdentityCorrected(CaseEvent, topic="case.party-identity-corrected.v1"):
    """A party is someone else than recorded, or its profile differs."""

    party: Party
    identity: Sealed
    before: Profile | None = None
    after: Profile | None = None


class AnonymousNoted(CaseEvent, topic="case.anonymous-noted.v1"):
    """They prefer to stay unnamed; counselling does not depend on names."""


class EncounterLinked(CaseEvent, topic="case.encounter-linked.v1"):
    """An earlier encounter, such as an outreach event or a hotline call, belongs to this case."""

    encounter: UUID


class ApplicationObserved(CaseEvent, topic="case.application-observed.v1"):
    """The couple applied for agreement divorce before 2021 (regime A).

    `began` is set when the couple was counselled already: it then no longer counts among those
    without an application.
    """

    application: Application
    began: Began | None = None


class ApplicationAccepted(CaseEvent, topic="case.application-accepted.v1"):
    """The registry accepted an application for agreement divorce (regime B); `began` as above."""

    application: Application
    began: Began | None = None


class ApplicationCorrected(CaseEvent, topic="case.application-corrected.v1"):
    """The application was made on another day or with another receipt than recorded."""

    before: Application
    after: Application


class ApplicationVoided(CaseEvent, topic="case.application-voided.v1"):
    """There was no application; `began` counts among those without one from here on."""

    application: Application
    began: Began | None = None


class CounsellingOffered(CaseEvent, topic="case.counselling-offered.v1"):
    """Counselling was offered as voluntary and free; `first` for the case counts."""

    first: bool


class ConsentGiven(CaseEvent, topic="case.consent-given.v1"):
    """A party consents; `first` of the case counts and takes back `declined`."""

    party: Party
    first: bool
    declined: Milestone | None = None


class CounsellingDeclined(CaseEvent, topic="case.counselling-declined.v1"):
    """A party declines; `first` counts: nobody of the case consented or declined before."""

    party: Party
    first: bool


class ConsentWithdrawn(CaseEvent, topic="case.consent-withdrawn.v1"):
    """A party no longer consents, from this day on; sessions held before stay."""

    party: Party


class AnswerCorrected(CaseEvent, topic="case.answer-corrected.v1"):
    """An offer or answer was of another day; figures go from `counted_before` to `_after`."""

    before: Answer
    after: Answer
    counted_before: Response
    counted_after: Response


class AnswerVoided(CaseEvent, topic="case.answer-voided.v1"):
    """An offer or answer never was; figures go from `counted_before` to `counted_after`."""

    record: Answer
    counted_before: Response
    counted_after: Response


class SafetyScreened(CaseEvent, topic="case.safety-screened.v1"):
    """A party was screened alone; severe danger makes a report due within 24 hours."""

    screening: Screening
    report_due: AwareDatetime | None = None


class ScreeningCorrected(CaseEvent, topic="case.screening-corrected.v1"):
    """A screening showed something else, or at another time, than recorded."""

    before: ScreeningRecord
    after: ScreeningRecord


class ScreeningVoided(CaseEvent, topic="case.screening-voided.v1"):
    """A screening never was."""

    record: ScreeningRecord


class RiskLevelSet(CaseEvent, topic="case.risk-level-set.v1"):
    """From this day on the case is at the risk level `after`."""

    before: RiskLevel | None = None
    after: RiskLevel


class RiskLevelCorrected(CaseEvent, topic="case.risk-level-corrected.v1"):
    """A risk level was other, or of another day; red goes from `red_before` to `red_after`.

    `now` is the level that the case is at then.
    """

    before: RiskReading
    after: RiskReading
    now: RiskLevel
    red_before: tuple[Stay, ...]
    red_after: tuple[Stay, ...]


class RiskLevelVoided(CaseEvent, topic="case.risk-level-voided.v1"):
    """A risk level was never set; red goes from `red_before` to `red_after`.

    `now` is the level that the case is at then, if any.
    """

    record: RiskReading
    now: RiskLevel | None = None
    red_before: tuple[Stay, ...]
    red_after: tuple[Stay, ...]


class AssessmentRecorded(CaseEvent, topic="case.assessment-recorded.v1"):
    """The counsellor assessed the couple's needs."""

    assessment: Assessment


class PlanAgreed(CaseEvent, topic="case.plan-agreed.v1"):
    """A plan was agreed with the couple."""

    plan: Plan


class CounsellorAssigned(CaseEvent, topic="case.counsellor-assigned.v1"):
    """A practitioner takes care of the case."""

    practitioner: UUID


class CounsellorRecused(CaseEvent, topic="case.counsellor-recused.v1"):
    """A practitioner stays out of the case, for a reason such as kinship."""

    practitioner: UUID


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


class SessionHeld(CaseEvent, topic="case.session-held.v1"):
    """A counselling session took place."""

    session: Session


class SessionCorrected(CaseEvent, topic="case.session-corrected.v1"):
    """A session was other than recorded."""

    before: Session
    after: Session


class SessionVoided(CaseEvent, topic="case.session-voided.v1"):
    """A session never was."""

    record: Session


class CounsellingBegan(CaseEvent, topic="case.counselling-began.v1"):
    """The first counted session: the couple is counselled from here on, once.

    `outcome` is the one counted so far as of a couple not counselled; it now counts among those
    counselled.
    """

    began: Began
    outcome: OutcomeRecord | None = None

    @property
    def applied(self) -> bool:
        """Whether the couple had applied for divorce."""
        return self.began.applied

    @property
    def held_on(self) -> date:
        """The day of the first session."""
        return self.began.on


class CounsellingRedated(CaseEvent, topic="case.counselling-redated.v1"):
    """A late entry, correction or voiding changed which session is the earliest one."""

    before: Began
    after: Began


class CounsellingUndone(CaseEvent, topic="case.counselling-undone.v1"):
    """The last standing session was voided: the couple is no longer counted as counselled.

    `outcome` is the one counted so far as of a couple counselled. A later session begins anew.
    """

    began: Began
    outcome: OutcomeRecord | None = None


class OutcomeDeclared(CaseEvent, topic="case.outcome-declared.v1"):
    """The parties say how it ended; this counts until the registry confirms another."""

    record: OutcomeRecord


class OutcomeConfirmed(CaseEvent, topic="case.outcome-confirmed.v1"):
    """The registry confirms how it ended; `before` is what counted until now."""

    record: OutcomeRecord
    before: OutcomeRecord | None = None

    @property
    def first(self) -> bool:
        """Whether the case had no outcome before."""
        return self.before is None


class OutcomeRevised(CaseEvent, topic="case.outcome-revised.v1"):
    """The outcome was another than recorded. A deferral that broke later is `DeferralBroken`."""

    before: OutcomeRecord
    after: OutcomeRecord


class OutcomeVoided(CaseEvent, topic="case.outcome-voided.v1"):
    """There is no outcome yet; an application is pending again since the day it was made."""

    record: OutcomeRecord


class DeferralBroken(CaseEvent, topic="case.deferral-broken.v1"):
    """A couple that had given up the divorce came back to it, so many `days` later.

    The deferral itself stays: it was one. The renewed application opens a case of its own.
    """

    record: OutcomeRecord
    deferred_on: date
    broken_on: date
    days: Annotated[int, Field(ge=0)]


class DeferralBreakVoided(CaseEvent, topic="case.deferral-break-voided.v1"):
    """The couple did not come back to the divorce."""

    record: OutcomeRecord
    deferred_on: date
    broken_on: date
    days: Annotated[int, Field(ge=0)]


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


class MandatoryReportMade(CaseEvent, topic="case.mandatory-report-made.v1"):
    """Severe danger or violence was reported; it counts where the danger was screened."""

    record: ReportRecord

    @property
    def within_24h(self) -> bool:
        """Whether it was made in time."""
        return self.record.within_24h


class MandatoryReportCorrected(CaseEvent, topic="case.mandatory-report-corrected.v1"):
    """A mandatory report was other, or at another time, than recorded."""

    before: ReportRecord
    after: ReportRecord


class MandatoryReportVoided(CaseEvent, topic="case.mandatory-report-voided.v1"):
    """A mandatory report never was; one may be owed again."""

    record: ReportRecord


class WarningLetterNoted(CaseEvent, topic="case.warning-letter-noted.v1"):
    """The police issued a warning letter (告诫书): violence is known."""

    document: SafetyDocument


class ProtectionOrderNoted(CaseEvent, topic="case.protection-order-noted.v1"):
    """A court issued a personal protection order (人身安全保护令): violence is known."""

    document: SafetyDocument


class SafetyDocumentVoided(CaseEvent, topic="case.safety-document-voided.v1"):
    """A warning letter or protection order was noted by mistake."""

    kind: SafetyDocumentKind
    document: SafetyDocument


class FollowUpScheduled(CaseEvent, topic="case.follow-up-scheduled.v1"):
    """A follow-up is to be made by its due day."""

    follow_up: FollowUp


class FollowUpMade(CaseEvent, topic="case.follow-up-made.v1"):
    """They were reached; `follow_up` as it was scheduled."""

    follow_up: FollowUp
    summary: Text | None = None


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


class TransferRequested(CaseEvent, topic="case.transfer-requested.v1"):
    """Another centre is asked to take over; until it accepts, the first receiver is responsible."""

    to_place: Place


class TransferAccepted(CaseEvent, topic="case.transfer-accepted.v1"):
    """The other centre took over; `place` is the new one, and the stocks move with the case.

    `risk` is the level at that moment. Facts counted before stay where they are counted.
    """

    from_place: Place
    to_place: Place
    risk: RiskLevel | None = None


class TransferRejected(CaseEvent, topic="case.transfer-rejected.v1"):
    """The other centre does not take over."""

    to_place: Place


class ClosureProposed(CaseEvent, topic="case.closure-proposed.v1"):
    """The counsellor proposes to close the case."""

    proposal: ClosureProposal


class ClosureApproved(CaseEvent, topic="case.closure-approved.v1"):
    """Someone else approved: the case is closed from this day on."""

    record: ClosureRecord


class ClosureReturned(CaseEvent, topic="case.closure-returned.v1"):
    """The proposal goes back, for a reason; the case stays open."""


class ClosureVoided(CaseEvent, topic="case.closure-voided.v1"):
    """The closure was a mistake: the case counts as open all the time since.

    Stretches at red go from `red_before` to `red_after`.
    """

    record: ClosureRecord
    red_before: tuple[Stay, ...]
    red_after: tuple[Stay, ...]


class CaseReopened(CaseEvent, topic="case.reopened.v1"):
    """Work goes on from this day; the closure stays counted, the stocks grow again."""

    closed: ClosureRecord
    risk: RiskLevel | None = None


class CaseArchived(CaseEvent, topic="case.archived.v1"):
    """The file went to the archive, to be kept until a day or for good."""

    keep_until: date | None = None


class SealedNoteOpened(CaseEvent, topic="case.sealed-note-opened.v1"):
    """Someone read sealed process notes."""

    reading: NoteReading


class PersonalDataErased(CaseEvent, topic="case.personal-data-erased.v1"):
    """The vault destroyed these keys: what they sealed can never be read again."""

    keys: Annotated[tuple[KeyName, ...], Field(min_length=1)]


class CaseVoided(CaseEvent, topic="case.voided.v1"):
    """The case should not exist, such as a duplicate: all that it counted is taken back.

    `counted` has one element for each place, in the order in which the case came there.
    """

    counted: tuple[Tally, ...]
    duplicate_of: UUID | None = None


AnyCaseEvent = (
    CaseOpened
    | OpeningCorrected
    | PartyIdentified
    | PartyIdentityCorrected
    | AnonymousNoted
    | EncounterLinked
    | ApplicationObserved
    | ApplicationAccepted
    | ApplicationCorrected
    | ApplicationVoided
    | CounsellingOffered
    | ConsentGiven
    | CounsellingDeclined
    | ConsentWithdrawn
    | AnswerCorrected
    | AnswerVoided
    | SafetyScreened
    | ScreeningCorrected
    | ScreeningVoided
    | RiskLevelSet
    | RiskLevelCorrected
    | RiskLevelVoided
    | AssessmentRecorded
    | PlanAgreed
    | CounsellorAssigned
    | CounsellorRecused
    | AppointmentBooked
    | AppointmentRescheduled
    | AppointmentMissed
    | AppointmentCancelled
    | SessionHeld
    | SessionCorrected
    | SessionVoided
    | CounsellingBegan
    | CounsellingRedated
    | CounsellingUndone
    | OutcomeDeclared
    | OutcomeConfirmed
    | OutcomeRevised
    | OutcomeVoided
    | DeferralBroken
    | DeferralBreakVoided
    | ReferralMade
    | ReferralAccepted
    | ReferralDeclined
    | ReferralCompleted
    | ReferralCorrected
    | ReferralVoided
    | MandatoryReportMade
    | MandatoryReportCorrected
    | MandatoryReportVoided
    | WarningLetterNoted
    | ProtectionOrderNoted
    | SafetyDocumentVoided
    | FollowUpScheduled
    | FollowUpMade
    | FollowUpMissed
    | FollowUpCancelled
    | FollowUpCorrected
    | FollowUpVoided
    | SatisfactionRated
    | SatisfactionCorrected
    | SatisfactionVoided
    | TransferRequested
    | TransferAccepted
    | TransferRejected
    | ClosureProposed
    | ClosureApproved
    | ClosureReturned
    | ClosureVoided
    | CaseReopened
    | CaseArchived
    | SealedNoteOpened
    | PersonalDataErased
    | CaseVoided
)
