"""Case (个案): one couple or person, one course of counselling; its state and its decisions.

The values and events are in `domain.case_events`. A correction or voiding says why in its stamp.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import assert_never
from uuid import UUID

from domain.base import Aggregate, Occurred, Place, Refused, Sealed, Stamp, Text, day, moment
from domain.calendar import Deadlines, regime_on
from domain.case_events import (
    TRIES_UNTIL_LOST,
    AnonymousNoted,
    Answer,
    AnswerCorrected,
    AnswerVoided,
    AnyCaseEvent,
    Application,
    ApplicationAccepted,
    ApplicationCorrected,
    ApplicationObserved,
    ApplicationVoided,
    Appointment,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentRescheduled,
    Assessment,
    AssessmentRecorded,
    Began,
    CaseArchived,
    CaseEvent,
    CaseOpened,
    CaseReopened,
    CaseVoided,
    ClosureApproved,
    ClosureProposal,
    ClosureProposed,
    ClosureRecord,
    ClosureReturned,
    ClosureVoided,
    ConsentGiven,
    ConsentWithdrawn,
    CounsellingBegan,
    CounsellingDeclined,
    CounsellingOffered,
    CounsellingRedated,
    CounsellingUndone,
    CounsellorAssigned,
    CounsellorRecused,
    DeferralBreakVoided,
    DeferralBroken,
    EncounterLinked,
    FollowUp,
    FollowUpCancelled,
    FollowUpCorrected,
    FollowUpMade,
    FollowUpMissed,
    FollowUpRecord,
    FollowUpScheduled,
    FollowUpVoided,
    MandatoryReportCorrected,
    MandatoryReportMade,
    MandatoryReportVoided,
    NoteReading,
    Opening,
    OpeningCorrected,
    OutcomeConfirmed,
    OutcomeDeclared,
    OutcomeRecord,
    OutcomeRevised,
    OutcomeVoided,
    Parties,
    PartyIdentified,
    PartyIdentityCorrected,
    PersonalDataErased,
    Plan,
    PlanAgreed,
    Profile,
    ProtectionOrderNoted,
    Rating,
    RatingRecord,
    Referral,
    ReferralAccepted,
    ReferralCompleted,
    ReferralCorrected,
    ReferralDeclined,
    ReferralMade,
    ReferralRecord,
    ReferralVoided,
    Report,
    ReportRecord,
    Response,
    RiskLevelCorrected,
    RiskLevelSet,
    RiskLevelVoided,
    RiskReading,
    SafetyDocument,
    SafetyDocumentVoided,
    SafetyScreened,
    SatisfactionCorrected,
    SatisfactionRated,
    SatisfactionVoided,
    Screening,
    ScreeningCorrected,
    ScreeningRecord,
    ScreeningVoided,
    SealedNoteOpened,
    Session,
    SessionCorrected,
    SessionHeld,
    SessionVoided,
    Stay,
    Tally,
    TransferAccepted,
    TransferRejected,
    TransferRequested,
    WarningLetterNoted,
)
from domain.case_rules import (
    Book,
    Placed,
    applied,
    at,
    consent_of,
    consented,
    counselled,
    exchanged,
    find,
    lengthened,
    put,
    reached,
    red_in,
    require_ahead,
    require_change,
    require_come,
    require_happened,
    require_new,
    require_offered,
    require_periods,
    require_possible,
    response_in,
    screened,
    standing,
    strike,
)
from domain.record import require_reason
from domain.values import (
    AnswerKind,
    CaseOutcome,
    CaseStatus,
    OutcomeSource,
    Party,
    Regime,
    RiskLevel,
    SafetyDocumentKind,
)

MINUTE = timedelta(minutes=1)

OPEN, CLOSED, ARCHIVED, VOIDED = CaseStatus
LIVE = (OPEN, CLOSED)
STANDING = (OPEN, CLOSED, ARCHIVED)


@dataclass(frozen=True, slots=True)
class Case(Aggregate):
    """One couple or person, one course of counselling."""

    place: Place | None = None
    status: CaseStatus = OPEN
    opening: Opening | None = None
    stays: tuple[Stay, ...] = ()
    risks: tuple[RiskReading, ...] = ()
    parties: Mapping[Party, Profile | None] = field(default_factory=dict)
    anonymous: bool = False
    encounters: frozenset[UUID] = frozenset()
    application: Placed[Application] | None = None
    answers: tuple[Placed[Answer], ...] = ()
    screenings: Book[ScreeningRecord] = field(default_factory=dict)
    assessed: bool = False
    assigned: frozenset[UUID] = frozenset()
    recused: Mapping[UUID, date] = field(default_factory=dict)
    appointments: Mapping[UUID, Appointment | None] = field(default_factory=dict)
    sessions: Book[Session] = field(default_factory=dict)
    began: Began | None = None
    outcome: OutcomeRecord | None = None
    referrals: Book[ReferralRecord] = field(default_factory=dict)
    reports: Book[ReportRecord] = field(default_factory=dict)
    documents: Book[tuple[SafetyDocumentKind, SafetyDocument]] = field(default_factory=dict)
    follow_ups: Book[FollowUpRecord] = field(default_factory=dict)
    left_behind: tuple[Placed[FollowUpRecord], ...] = ()
    ratings: Book[RatingRecord] = field(default_factory=dict)
    transfer_to: Place | None = None
    proposed: tuple[ClosureProposal, UUID] | None = None
    closures: tuple[Placed[ClosureRecord], ...] = ()
    erased: frozenset[str] = frozenset()

    @property
    def opened_on(self) -> date:
        """The business date since which the case counts as open."""
        return self.stays[0].since

    @property
    def moved_on(self) -> date:
        """The latest business date on which a stock of cases moved."""
        stay = self.stays[-1]
        latest = stay.until or stay.since
        return max(latest, self.risks[-1].on) if self.risks else latest

    @property
    def risk(self) -> RiskLevel | None:
        """The present risk level."""
        return self.risks[-1].level if self.risks else None

    @property
    def response(self) -> Response:
        """How the couple stands towards counselling, as it counts."""
        return response_in(self.answers)

    @property
    def filed(self) -> bool:
        """Whether the file is complete (建档); defined at `ClosureRecord`."""
        return bool(self.parties or self.anonymous) and (
            self.assessed or any(s.fact.facts or s.fact.summary for s in standing(self.sessions))
        )

    def open(self, opening: Opening, place: Place, by: Stamp) -> Iterator[CaseEvent]:
        """Open the case at a place."""
        if self.version > 0:
            raise Refused("case-already-opened")
        yield CaseOpened.of(self, by, place=place, opening=opening)

    def correct_opening(self, after: Opening, on: date, by: Stamp) -> Iterator[CaseEvent]:
        """Correct what the case was opened with or the day; no later than any other fact of it."""
        self.require(by, *STANDING)
        require_reason(by)
        require_happened(on, by)
        if (self.opening, self.opened_on) == (after, on):
            raise Refused("correction-changes-nothing")
        for earliest in self.days():
            if on > earliest:
                raise Refused("after-first-fact", first=earliest)
        yield OpeningCorrected.of(
            self,
            by,
            place=self.stays[0].place,
            before=self.opening,
            after=after,
            before_on=self.opened_on,
            after_on=on,
        )

    def identify(
        self, party: Party, identity: Sealed, profile: Profile | None, by: Stamp
    ) -> Iterator[CaseEvent]:
        """Note who a party is, sealed, with coarse attributes for statistics."""
        self.require(by, *LIVE)
        if party in self.parties:
            raise Refused("party-already-identified", party=party)
        yield PartyIdentified.of(self, by, party=party, identity=identity, profile=profile)

    def correct_identity(
        self, party: Party, identity: Sealed, profile: Profile | None, by: Stamp
    ) -> Iterator[CaseEvent]:
        """Note that a party is someone else, or its attributes are others."""
        self.require(by, *STANDING)
        require_reason(by)
        if party not in self.parties:
            raise Refused("party-not-identified", party=party)
        yield PartyIdentityCorrected.of(
            self, by, party=party, identity=identity, before=self.parties[party], after=profile
        )

    def note_anonymous(self, by: Stamp) -> Iterator[CaseEvent]:
        """Note that they prefer to stay unnamed."""
        self.require(by, *LIVE)
        if self.parties or self.anonymous:
            raise Refused("identity-already-noted")
        yield AnonymousNoted.of(self, by)

    def link_encounter(self, encounter: UUID, by: Stamp) -> Iterator[CaseEvent]:
        """Link an earlier encounter to the case."""
        self.require(by, *LIVE)
        if encounter in self.encounters:
            raise Refused("encounter-already-linked", encounter=encounter)
        yield EncounterLinked.of(self, by, encounter=encounter)

    def observe_application(self, by: Stamp) -> Iterator[CaseEvent]:
        """Note an application made on the stamp's day under regime A, which left no receipt."""
        self.require_unapplied()
        if regime_on(by.occurred_on) is not Regime.A:
            raise Refused("receipt-needed", on=by.occurred_on)
        application = Application(on=by.occurred_on)
        yield ApplicationObserved.of(self, by, application=application, began=self.began)

    def accept_application(
        self, receipt: str, deadlines: Deadlines, by: Stamp
    ) -> Iterator[CaseEvent]:
        """Note an application that the registry accepted on the stamp's day under regime B."""
        self.require_unapplied()
        application = Application(on=by.occurred_on, receipt=receipt, deadlines=deadlines)
        require_periods(application)
        yield ApplicationAccepted.of(self, by, application=application, began=self.began)

    def correct_application(self, after: Application, by: Stamp) -> Iterator[CaseEvent]:
        """Correct the day, receipt or periods; one of the other regime is another application."""
        self.require(by, *STANDING)
        require_reason(by)
        before = self.require_application()
        require_happened(after.on, by)
        if before.fact == after:
            raise Refused("correction-changes-nothing")
        if regime_on(before.fact.on) is not regime_on(after.on):
            raise Refused("application-of-other-regime")
        require_periods(after)
        if self.outcome is not None:
            require_possible(self.outcome.outcome, self.outcome.on, after)
        yield ApplicationCorrected.of(self, by, place=before.place, before=before.fact, after=after)

    def void_application(self, by: Stamp) -> Iterator[CaseEvent]:
        """Take back an application that was none; its outcome is to be voided first."""
        self.require(by, *STANDING)
        require_reason(by)
        application = self.require_application()
        if self.outcome is not None:
            raise Refused("outcome-stands")
        yield ApplicationVoided.of(
            self, by, place=application.place, application=application.fact, began=self.began
        )

    def offer(self, by: Stamp) -> Iterator[CaseEvent]:
        """Offer counselling: voluntary, free, and no precondition of registration."""
        self.require(by, OPEN)
        yield CounsellingOffered.of(self, by, first=self.response.offered is None)

    def consent(self, party: Party, by: Stamp) -> Iterator[CaseEvent]:
        """Note a party's consent to what was offered."""
        self.require(by, OPEN)
        require_offered(self.answers, by.occurred_on)
        if consent_of(party, self.answers) is not None:
            raise Refused("already-consented", party=party)
        response = self.response
        first = response.accepted is None
        declined = response.declined if first else None
        yield ConsentGiven.of(self, by, party=party, first=first, declined=declined)

    def decline(self, party: Party, by: Stamp) -> Iterator[CaseEvent]:
        """Note that a party declines what was offered."""
        self.require(by, OPEN)
        require_offered(self.answers, by.occurred_on)
        if consent_of(party, self.answers) is not None:
            raise Refused("consent-stands", party=party)
        last = [a.fact.kind for a in self.answers if a.fact.party in (None, party)][-1]
        if last is AnswerKind.DECLINED:
            raise Refused("already-declined", party=party)
        response = self.response
        first = response.accepted is None and response.declined is None
        yield CounsellingDeclined.of(self, by, party=party, first=first)

    def withdraw_consent(self, party: Party, by: Stamp) -> Iterator[CaseEvent]:
        """Note that a party no longer consents, from the stamp's day on."""
        self.require(by, OPEN)
        consent = consent_of(party, self.answers)
        if consent is None:
            raise Refused("consent-missing", party=party)
        withdrawn = consent.fact.model_copy(update={"withdrawn_on": by.occurred_on})
        self.require_answers(exchanged(self.answers, consent, withdrawn))
        yield ConsentWithdrawn.of(self, by, party=party)

    def correct_answer(
        self, kind: AnswerKind, party: Party | None, on: date, by: Stamp
    ) -> Iterator[CaseEvent]:
        """Correct the day of the latest such offer (without a party), consent or refusal."""
        self.require(by, *STANDING)
        require_reason(by)
        require_happened(on, by)
        before = self.find_answer(kind, party)
        if before.fact.on == on:
            raise Refused("correction-changes-nothing")
        if on < self.opened_on:
            raise Refused("before-opening", opened_on=self.opened_on)
        after = before.fact.model_copy(update={"on": on})
        answers = exchanged(self.answers, before, after)
        self.require_answers(answers)
        yield AnswerCorrected.of(
            self,
            by,
            place=before.place,
            before=before.fact,
            after=after,
            counted_before=self.response,
            counted_after=response_in(answers),
        )

    def void_answer(self, kind: AnswerKind, party: Party | None, by: Stamp) -> Iterator[CaseEvent]:
        """Take back the latest such offer (without a party), consent or refusal."""
        self.require(by, *STANDING)
        require_reason(by)
        before = self.find_answer(kind, party)
        answers = exchanged(self.answers, before, None)
        self.require_answers(answers)
        yield AnswerVoided.of(
            self,
            by,
            place=before.place,
            record=before.fact,
            counted_before=self.response,
            counted_after=response_in(answers),
        )

    def screen(self, screening: Screening, by: Stamp) -> Iterator[CaseEvent]:
        """Record a safety screening; severe danger makes a report due 24 hours later."""
        self.require(by, *LIVE)
        require_new(self.screenings, screening.id)
        record = screened(screening, by.occurred)
        yield SafetyScreened.of(self, by, screening=screening, report_due=record.report_due)

    def correct_screening(self, after: Screening, at: Occurred, by: Stamp) -> Iterator[CaseEvent]:
        """Correct a screening; a report that answers it must stay an answer to it."""
        self.require(by, *STANDING)
        require_reason(by)
        require_happened(at, by)
        before = find(self.screenings, after.id)
        record = screened(after, at)
        require_change(before.fact, record)
        if day(at) < self.opened_on:
            raise Refused("before-opening", opened_on=self.opened_on)
        if record.report_due != before.fact.report_due:
            self.require_unreported(after.id)
        yield ScreeningCorrected.of(self, by, place=before.place, before=before.fact, after=record)

    def void_screening(self, screening: UUID, by: Stamp) -> Iterator[CaseEvent]:
        """Take back a screening that never was."""
        self.require(by, *STANDING)
        require_reason(by)
        before = find(self.screenings, screening)
        self.require_unreported(screening)
        yield ScreeningVoided.of(self, by, place=before.place, record=before.fact)

    def set_risk(self, level: RiskLevel, by: Stamp) -> Iterator[CaseEvent]:
        """Set the risk level from the stamp's day on."""
        self.require(by, OPEN)
        self.require_after_moves(by)
        if level is self.risk:
            raise Refused("risk-unchanged", level=level)
        yield RiskLevelSet.of(self, by, before=self.risk, after=level)

    def correct_risk(self, on: date, after: RiskReading, by: Stamp) -> Iterator[CaseEvent]:
        """Correct the last risk level set for a day; its new day stays between its neighbours'."""
        self.require(by, *STANDING)
        require_reason(by)
        require_happened(after.on, by)
        number = self.find_risk(on)
        before = self.risks[number]
        require_change(before, after)
        earliest = self.risks[number - 1].on if number > 0 else self.opened_on
        latest = self.risks[number + 1].on if number + 1 < len(self.risks) else after.on
        if not earliest <= after.on <= latest:
            raise Refused("times-out-of-order", on=after.on)
        risks = (*self.risks[:number], after, *self.risks[number + 1 :])
        yield RiskLevelCorrected.of(
            self,
            by,
            before=before,
            after=after,
            now=risks[-1].level,
            red_before=red_in(self.stays, self.risks),
            red_after=red_in(self.stays, risks),
        )

    def void_risk(self, on: date, by: Stamp) -> Iterator[CaseEvent]:
        """Take back the last risk level set for a day; the one before goes on."""
        self.require(by, *STANDING)
        require_reason(by)
        number = self.find_risk(on)
        risks = (*self.risks[:number], *self.risks[number + 1 :])
        yield RiskLevelVoided.of(
            self,
            by,
            record=self.risks[number],
            now=risks[-1].level if risks else None,
            red_before=red_in(self.stays, self.risks),
            red_after=red_in(self.stays, risks),
        )

    def assess(self, assessment: Assessment, by: Stamp) -> Iterator[CaseEvent]:
        """Record an assessment."""
        self.require(by, OPEN)
        yield AssessmentRecorded.of(self, by, assessment=assessment)

    def agree_plan(self, plan: Plan, by: Stamp) -> Iterator[CaseEvent]:
        """Record a plan agreed with the couple."""
        self.require(by, OPEN)
        yield PlanAgreed.of(self, by, plan=plan)

    def assign(self, practitioner: UUID, by: Stamp) -> Iterator[CaseEvent]:
        """Give the case to a practitioner."""
        self.require(by, OPEN)
        if practitioner in self.recused:
            raise Refused("counsellor-recused", practitioner=practitioner)
        if practitioner in self.assigned:
            raise Refused("already-assigned", practitioner=practitioner)
        yield CounsellorAssigned.of(self, by, practitioner=practitioner)

    def recuse(self, practitioner: UUID, by: Stamp) -> Iterator[CaseEvent]:
        """Keep a practitioner out of the case from the stamp's day on, for the stamp's reason."""
        self.require(by, OPEN)
        if by.reason is None:
            raise Refused("recusal-needs-reason")
        if practitioner in self.recused:
            raise Refused("counsellor-recused", practitioner=practitioner)
        yield CounsellorRecused.of(self, by, practitioner=practitioner)

    def book(self, appointment: Appointment, by: Stamp) -> Iterator[CaseEvent]:
        """Agree on a session for a later time."""
        self.require(by, OPEN)
        if appointment.id in self.appointments:
            raise Refused("record-exists", record=appointment.id)
        require_ahead(appointment, by)
        yield AppointmentBooked.of(self, by, appointment=appointment)

    def reschedule(self, after: Appointment, by: Stamp) -> Iterator[CaseEvent]:
        """Move an appointment."""
        self.require(by, OPEN)
        before = self.find_appointment(after.id)
        require_change(before, after)
        require_ahead(after, by)
        yield AppointmentRescheduled.of(self, by, before=before, after=after)

    def miss(self, appointment: UUID, absent: Parties, by: Stamp) -> Iterator[CaseEvent]:
        """Note who did not come, once the time had come."""
        self.require(by, OPEN)
        missed = self.find_appointment(appointment)
        require_come(missed, by)
        yield AppointmentMissed.of(self, by, appointment=missed, absent=absent)

    def cancel_appointment(self, appointment: UUID, by: Stamp) -> Iterator[CaseEvent]:
        """Call an appointment off before its time."""
        self.require(by, *LIVE)
        cancelled = self.find_appointment(appointment)
        require_ahead(cancelled, by)
        yield AppointmentCancelled.of(self, by, appointment=cancelled)

    def hold_session(self, session: Session, by: Stamp) -> Iterator[CaseEvent]:
        """Record a session on the day it was held; the first one counts the couple as counselled.

        Refused without the consent of everyone present, for a joint session before everyone present
        was screened alone, and for any joint session once violence is known.
        """
        self.require(by, OPEN)
        require_new(self.sessions, session.id)
        if session.held_on != by.occurred_on:
            raise Refused("session-on-another-day", held_on=session.held_on)
        if session.appointment is not None:
            self.find_appointment(session.appointment)
        self.require_admissible(session)
        yield SessionHeld.of(self, by, session=session)
        assert self.place is not None
        yield from self.beginning(put(self.sessions, session.id, session, self.place), by)

    def correct_session(self, after: Session, by: Stamp) -> Iterator[CaseEvent]:
        """Correct a session; other people, or another time, must have been admissible too."""
        self.require(by, *STANDING)
        require_reason(by)
        require_happened(after.started_at, by)
        before = find(self.sessions, after.id)
        require_change(before.fact, after)
        if (before.fact.started_at, before.fact.present, before.fact.practitioners) != (
            after.started_at,
            after.present,
            after.practitioners,
        ):
            self.require_admissible(after)
        yield SessionCorrected.of(self, by, place=before.place, before=before.fact, after=after)
        yield from self.beginning(put(self.sessions, after.id, after, before.place), by)

    def void_session(self, session: UUID, by: Stamp) -> Iterator[CaseEvent]:
        """Take back a session that never was; without any left the couple is not counselled."""
        self.require(by, *STANDING)
        require_reason(by)
        before = find(self.sessions, session)
        yield SessionVoided.of(self, by, place=before.place, record=before.fact)
        yield from self.beginning(strike(self.sessions, session), by)

    def declare_outcome(self, outcome: CaseOutcome, on: date, by: Stamp) -> Iterator[CaseEvent]:
        """Note how it ended on a day, as the parties say; it counts until the registry confirms.

        Counselling is no precondition of any outcome.
        """
        self.require(by, *STANDING)
        if self.outcome is not None:
            raise Refused("outcome-stands")
        record = self.ended(outcome, on, OutcomeSource.DECLARED, by)
        yield OutcomeDeclared.of(self, by, place=record.place, record=record)

    def confirm_outcome(self, outcome: CaseOutcome, on: date, by: Stamp) -> Iterator[CaseEvent]:
        """Note how it ended on a day, as the registry says; this replaces what the parties said."""
        self.require(by, *STANDING)
        if self.outcome is not None and self.outcome.source is OutcomeSource.CONFIRMED:
            raise Refused("outcome-confirmed")
        record = self.ended(outcome, on, OutcomeSource.CONFIRMED, by)
        yield OutcomeConfirmed.of(self, by, place=record.place, record=record, before=self.outcome)

    def revise_outcome(self, outcome: CaseOutcome, on: date, by: Stamp) -> Iterator[CaseEvent]:
        """Correct an outcome that was another one, or of another day; its source stays."""
        self.require(by, *STANDING)
        require_reason(by)
        before = self.require_outcome()
        after = self.ended(outcome, on, before.source, by)
        require_change(before, after)
        yield OutcomeRevised.of(self, by, place=before.place, before=before, after=after)

    def void_outcome(self, by: Stamp) -> Iterator[CaseEvent]:
        """Take back an outcome: there is none yet."""
        self.require(by, *STANDING)
        require_reason(by)
        record = self.require_outcome()
        yield OutcomeVoided.of(self, by, place=record.place, record=record)

    def break_deferral(self, by: Stamp) -> Iterator[CaseEvent]:
        """Note that the couple came back to the divorce on the stamp's day."""
        self.require(by, *STANDING)
        record = self.require_outcome()
        if not record.outcome.deferral:
            raise Refused("no-deferral", outcome=record.outcome)
        if record.broken_on is not None:
            raise Refused("deferral-already-broken", broken_on=record.broken_on)
        if by.occurred_on < record.on:
            raise Refused("times-out-of-order", on=by.occurred_on)
        yield DeferralBroken.of(
            self,
            by,
            place=record.place,
            record=record.model_copy(update={"broken_on": by.occurred_on}),
            deferred_on=record.on,
            broken_on=by.occurred_on,
            days=(by.occurred_on - record.on).days,
        )

    def void_deferral_break(self, by: Stamp) -> Iterator[CaseEvent]:
        """Take back that the couple came back to the divorce."""
        self.require(by, *STANDING)
        require_reason(by)
        record = self.require_outcome()
        if record.broken_on is None:
            raise Refused("deferral-not-broken")
        yield DeferralBreakVoided.of(
            self,
            by,
            place=record.place,
            record=record,
            deferred_on=record.on,
            broken_on=record.broken_on,
            days=(record.broken_on - record.on).days,
        )

    def refer(self, referral: Referral, by: Stamp) -> Iterator[CaseEvent]:
        """Refer the case to another body."""
        self.require(by, *LIVE)
        require_new(self.referrals, referral.id)
        yield ReferralMade.of(self, by, referral=referral)

    def accept_referral(self, referral: UUID, by: Stamp) -> Iterator[CaseEvent]:
        """Note that the other body takes the referral on."""
        yield self.answer_referral(ReferralAccepted, referral, "accepted_on", by)

    def decline_referral(self, referral: UUID, by: Stamp) -> Iterator[CaseEvent]:
        """Note that the other body does not take the referral on."""
        yield self.answer_referral(ReferralDeclined, referral, "declined_on", by)

    def complete_referral(self, referral: UUID, by: Stamp) -> Iterator[CaseEvent]:
        """Note that the other body, having accepted, has done its part."""
        yield self.answer_referral(ReferralCompleted, referral, "completed_on", by)

    def correct_referral(self, after: ReferralRecord, by: Stamp) -> Iterator[CaseEvent]:
        """Correct a referral or its dates."""
        self.require(by, *STANDING)
        require_reason(by)
        before = find(self.referrals, after.referral.id)
        require_change(before.fact, after)
        self.require_referral_order(after, by)
        yield ReferralCorrected.of(self, by, place=before.place, before=before.fact, after=after)

    def void_referral(self, referral: UUID, by: Stamp) -> Iterator[CaseEvent]:
        """Take back a referral that never was."""
        self.require(by, *STANDING)
        require_reason(by)
        before = find(self.referrals, referral)
        yield ReferralVoided.of(self, by, place=before.place, record=before.fact)

    def report(self, report: Report, by: Stamp) -> Iterator[CaseEvent]:
        """Record a mandatory report; it counts with the place that first saw the danger."""
        self.require(by, *STANDING)
        require_new(self.reports, report.id)
        record, place = self.reported(report, by.occurred)
        yield MandatoryReportMade.of(self, by, place=place, record=record)

    def correct_report(self, after: Report, at: datetime, by: Stamp) -> Iterator[CaseEvent]:
        """Correct a report or its instant; the screening it answers stays the same."""
        self.require(by, *STANDING)
        require_reason(by)
        require_happened(at, by)
        before = find(self.reports, after.id)
        if before.fact.report.screening != after.screening:
            raise Refused("report-of-other-screening")
        record, _ = self.reported(after, at)
        require_change(before.fact, record)
        yield MandatoryReportCorrected.of(
            self, by, place=before.place, before=before.fact, after=record
        )

    def void_report(self, report: UUID, by: Stamp) -> Iterator[CaseEvent]:
        """Take back a report that never was; the one due is owed again."""
        self.require(by, *STANDING)
        require_reason(by)
        before = find(self.reports, report)
        yield MandatoryReportVoided.of(self, by, place=before.place, record=before.fact)

    def note_warning_letter(self, document: SafetyDocument, by: Stamp) -> Iterator[CaseEvent]:
        """Note a warning letter of the police (告诫书)."""
        self.require_document(document, by)
        yield WarningLetterNoted.of(self, by, document=document)

    def note_protection_order(self, document: SafetyDocument, by: Stamp) -> Iterator[CaseEvent]:
        """Note a personal protection order of a court (人身安全保护令)."""
        self.require_document(document, by)
        yield ProtectionOrderNoted.of(self, by, document=document)

    def void_document(self, document: UUID, by: Stamp) -> Iterator[CaseEvent]:
        """Take back a warning letter or protection order noted by mistake."""
        self.require(by, *STANDING)
        require_reason(by)
        (kind, record), place = find(self.documents, document)
        yield SafetyDocumentVoided.of(self, by, place=place, kind=kind, document=record)

    def schedule_follow_up(self, follow_up: FollowUp, by: Stamp) -> Iterator[CaseEvent]:
        """Schedule a follow-up, also of a closed case."""
        self.require(by, *LIVE)
        require_new(self.follow_ups, follow_up.id)
        if follow_up.due_on < by.occurred_on:
            raise Refused("due-in-past", due_on=follow_up.due_on)
        yield FollowUpScheduled.of(self, by, follow_up=follow_up)

    def make_follow_up(
        self, follow_up: UUID, summary: Text | None, by: Stamp
    ) -> Iterator[CaseEvent]:
        """Record that they were reached."""
        self.require(by, *LIVE)
        record, place = self.find_unsettled(follow_up)
        yield FollowUpMade.of(self, by, place=place, follow_up=record.follow_up, summary=summary)

    def miss_follow_up(self, follow_up: UUID, by: Stamp) -> Iterator[CaseEvent]:
        """Record a try that did not reach them; the third one makes the follow-up lost."""
        self.require(by, *LIVE)
        record, place = self.find_unsettled(follow_up)
        number = record.tries + 1
        yield FollowUpMissed.of(
            self,
            by,
            place=place,
            follow_up=record.follow_up,
            try_number=number,
            lost=number == TRIES_UNTIL_LOST,
        )

    def cancel_follow_up(self, follow_up: UUID, by: Stamp) -> Iterator[CaseEvent]:
        """Cancel a follow-up that is not needed any more."""
        self.require(by, *LIVE)
        record, place = self.find_unsettled(follow_up)
        yield FollowUpCancelled.of(self, by, place=place, follow_up=record.follow_up)

    def correct_follow_up(self, after: FollowUpRecord, by: Stamp) -> Iterator[CaseEvent]:
        """Correct a follow-up or its dates; it ends once, and is lost after three tries only."""
        self.require(by, *STANDING)
        require_reason(by)
        before = find(self.follow_ups, after.follow_up.id)
        require_change(before.fact, after)
        ends = [on for on in (after.made_on, after.lost_on, after.cancelled_on) if on is not None]
        if len(ends) > 1 or (after.lost_on is None) is (after.tries == TRIES_UNTIL_LOST):
            raise Refused("follow-up-ends-once")
        for on in ends:
            require_happened(on, by)
        yield FollowUpCorrected.of(self, by, place=before.place, before=before.fact, after=after)

    def void_follow_up(self, follow_up: UUID, by: Stamp) -> Iterator[CaseEvent]:
        """Take back a follow-up that never was, also where a transfer left it behind."""
        self.require(by, *STANDING)
        require_reason(by)
        before = find(self.follow_ups, follow_up)
        for record, place in (*self.left_behind, before):
            if record.follow_up.id == follow_up:
                yield FollowUpVoided.of(self, by, place=place, record=record)

    def rate(self, rating: Rating, by: Stamp) -> Iterator[CaseEvent]:
        """Record how satisfied someone was, at a follow-up that was made or at any other time."""
        self.require(by, *LIVE)
        require_new(self.ratings, rating.id)
        self.require_rateable(rating)
        yield SatisfactionRated.of(self, by, rating=rating)

    def correct_rating(self, after: RatingRecord, by: Stamp) -> Iterator[CaseEvent]:
        """Correct a rating or its day."""
        self.require(by, *STANDING)
        require_reason(by)
        require_happened(after.on, by)
        before = find(self.ratings, after.rating.id)
        require_change(before.fact, after)
        self.require_rateable(after.rating)
        yield SatisfactionCorrected.of(
            self, by, place=before.place, before=before.fact, after=after
        )

    def void_rating(self, rating: UUID, by: Stamp) -> Iterator[CaseEvent]:
        """Take back a rating that never was."""
        self.require(by, *STANDING)
        require_reason(by)
        before = find(self.ratings, rating)
        yield SatisfactionVoided.of(self, by, place=before.place, record=before.fact)

    def request_transfer(self, to: Place, by: Stamp) -> Iterator[CaseEvent]:
        """Ask another centre to take over; the first receiver is responsible until it accepts."""
        self.require(by, OPEN)
        self.require_undecided()
        self.require_reports_made()
        if to == self.place:
            raise Refused("transfer-to-same-place")
        yield TransferRequested.of(self, by, to_place=to)

    def accept_transfer(self, by: Stamp) -> Iterator[CaseEvent]:
        """Take the case over, as an office of the receiving centre.

        Follow-ups still to be made are cancelled here and scheduled there, due on the day of the
        transfer at the earliest.
        """
        self.require(by, OPEN)
        to = self.require_receiver(by)
        self.require_after_moves(by)
        self.require_reports_made()
        waiting = [f for f in standing(self.follow_ups) if f.fact.settled_on is None]
        for record, place in waiting:
            yield FollowUpCancelled.of(self, by, place=place, follow_up=record.follow_up)
        yield TransferAccepted.of(
            self, by, place=to, from_place=self.place, to_place=to, risk=self.risk
        )
        for record, _ in waiting:
            due_on = max(record.follow_up.due_on, by.occurred_on)
            follow_up = record.follow_up.model_copy(update={"due_on": due_on})
            yield FollowUpScheduled.of(self, by, place=to, follow_up=follow_up)

    def reject_transfer(self, by: Stamp) -> Iterator[CaseEvent]:
        """Decline to take the case over, as an office of the receiving centre, for a reason."""
        self.require(by, OPEN)
        to = self.require_receiver(by)
        if by.reason is None:
            raise Refused("rejection-needs-reason")
        yield TransferRejected.of(self, by, to_place=to)

    def propose_closure(self, proposal: ClosureProposal, by: Stamp) -> Iterator[CaseEvent]:
        """Propose to close the case; nothing that the law demands may be left undone."""
        self.require(by, OPEN)
        self.require_undecided()
        self.require_reports_made()
        yield ClosureProposed.of(self, by, proposal=proposal)

    def approve_closure(self, by: Stamp) -> Iterator[CaseEvent]:
        """Close the case, as someone other than the proposer."""
        self.require(by, OPEN)
        proposal, proposer = self.require_proposal()
        if by.actor == proposer:
            raise Refused("approver-is-proposer")
        self.require_after_moves(by)
        self.require_reports_made()
        record = ClosureRecord(
            on=by.occurred_on,
            kind=proposal.kind,
            counselled=self.began is not None,
            sessions=sum(1 for _ in standing(self.sessions)),
            filed=self.filed,
            risk=self.risk,
            number=len(self.closures) + 1,
        )
        yield ClosureApproved.of(self, by, record=record)

    def return_closure(self, by: Stamp) -> Iterator[CaseEvent]:
        """Send a proposal back, for a reason."""
        self.require(by, OPEN)
        self.require_proposal()
        if by.reason is None:
            raise Refused("rejection-needs-reason")
        yield ClosureReturned.of(self, by)

    def void_closure(self, by: Stamp) -> Iterator[CaseEvent]:
        """Take back a closure that was a mistake: the case was open all the time."""
        self.require(by, CLOSED)
        require_reason(by)
        closure = self.closures[-1]
        yield ClosureVoided.of(
            self,
            by,
            place=closure.place,
            record=closure.fact,
            red_before=red_in(self.stays, self.risks),
            red_after=red_in(lengthened(self.stays, None), self.risks),
        )

    def reopen(self, by: Stamp) -> Iterator[CaseEvent]:
        """Go on with a closed case from the stamp's day, for a reason."""
        self.require(by, CLOSED)
        if by.reason is None:
            raise Refused("reopening-needs-reason")
        self.require_after_moves(by)
        yield CaseReopened.of(self, by, closed=self.closures[-1].fact, risk=self.risk)

    def archive(self, keep_until: date | None, by: Stamp) -> Iterator[CaseEvent]:
        """Hand a closed case to the archive once no follow-up is waited for."""
        self.require(by, CLOSED)
        self.require_after_moves(by)
        if any(f.fact.settled_on is None for f in standing(self.follow_ups)):
            raise Refused("follow-ups-open")
        if keep_until is not None and keep_until <= by.occurred_on:
            raise Refused("retention-in-past", keep_until=keep_until)
        yield CaseArchived.of(self, by, keep_until=keep_until)

    def read_note(self, reading: NoteReading, by: Stamp) -> Iterator[CaseEvent]:
        """Note that someone reads the sealed notes of a session, of one party or of the whole."""
        self.require(by, *STANDING)
        session = find(self.sessions, reading.session).fact
        notes = [c.note for c in session.notes or () if c.party is reading.party]
        if not notes:
            raise Refused("no-sealed-note", session=reading.session)
        if any(note.k in self.erased for note in notes):
            raise Refused("personal-data-erased")
        yield SealedNoteOpened.of(self, by, reading=reading)

    def erase(self, keys: tuple[str, ...], by: Stamp) -> Iterator[CaseEvent]:
        """Note that the vault destroyed these keys, for a reason; never of a case still open."""
        self.require(by, CLOSED, ARCHIVED, VOIDED)
        if by.reason is None:
            raise Refused("erasure-needs-reason")
        yield PersonalDataErased.of(self, by, keys=keys)

    def void(self, duplicate_of: UUID | None, by: Stamp) -> Iterator[CaseEvent]:
        """Take back the whole case with everything it counted, for a reason."""
        self.require(by, *STANDING)
        require_reason(by)
        if duplicate_of == self.id:
            raise Refused("duplicate-of-itself")
        yield CaseVoided.of(self, by, counted=self.tallies(), duplicate_of=duplicate_of)

    def tallies(self) -> tuple[Tally, ...]:
        """What the case counts at each place it came to, in that order; nothing once voided."""
        if self.status is VOIDED:
            return ()
        red = red_in(self.stays, self.risks)
        response = self.response
        tallies = []
        for number, here in enumerate(dict.fromkeys(stay.place for stay in self.stays)):
            application = self.application
            tallies.append(
                Tally(
                    place=here,
                    opened_on=self.opened_on if number == 0 else None,
                    opening=self.opening if number == 0 else None,
                    open=tuple(stay for stay in self.stays if stay.place == here),
                    red=tuple(stay for stay in red if stay.place == here),
                    application=application.fact
                    if application is not None and application.place == here
                    else None,
                    offered_on=reached(response.offered, here),
                    accepted_on=reached(response.accepted, here),
                    declined_on=reached(response.declined, here),
                    began=self.began if self.began and self.began.place == here else None,
                    sessions=at(here, standing(self.sessions)),
                    outcome=self.outcome if self.outcome and self.outcome.place == here else None,
                    screenings=at(here, standing(self.screenings)),
                    reports=at(here, standing(self.reports)),
                    referrals=at(here, standing(self.referrals)),
                    follow_ups=at(here, (*self.left_behind, *standing(self.follow_ups))),
                    ratings=at(here, standing(self.ratings)),
                    closures=at(here, self.closures),
                )
            )
        return tuple(tallies)

    def days(self) -> Iterator[date]:
        """The days of facts that the opening must not follow, in no order."""
        yield from (stay.until for stay in self.stays if stay.until is not None)
        yield from (reading.on for reading in self.risks)
        yield from (answer.fact.on for answer in self.answers)
        yield from (session.fact.held_on for session in standing(self.sessions))
        yield from (screening.fact.on for screening in standing(self.screenings))
        yield from (report.fact.on for report in standing(self.reports))
        yield from (referral.fact.made_on for referral in standing(self.referrals))
        yield from (rating.fact.on for rating in standing(self.ratings))
        if self.outcome is not None:
            yield self.outcome.on

    def require_status(self, *statuses: CaseStatus) -> None:
        """Refuse unless the case was opened and is in one of these states."""
        if self.version == 0:
            raise Refused("case-not-opened")
        if self.status not in statuses:
            raise Refused(f"case-{self.status}")

    def require(self, by: Stamp, *statuses: CaseStatus) -> None:
        """Refuse unless the case is in one of these states and the fact not before its opening."""
        self.require_status(*statuses)
        if by.occurred_on < self.opened_on:
            raise Refused("before-opening", opened_on=self.opened_on)

    def require_after_moves(self, by: Stamp) -> None:
        """Refuse what would put a stock of cases out of order."""
        if by.occurred_on < self.moved_on:
            raise Refused("times-out-of-order", on=by.occurred_on)

    def require_unapplied(self) -> None:
        """Refuse a second application, and one after the outcome; it may precede the opening."""
        self.require_status(OPEN)
        if self.application is not None:
            raise Refused("application-exists")
        if self.outcome is not None:
            raise Refused("outcome-stands")

    def require_application(self) -> Placed[Application]:
        """The application; refused when there is none."""
        if self.application is None:
            raise Refused("no-application")
        return self.application

    def require_outcome(self) -> OutcomeRecord:
        """The outcome; refused when there is none."""
        if self.outcome is None:
            raise Refused("no-outcome")
        return self.outcome

    def require_proposal(self) -> tuple[ClosureProposal, UUID]:
        """The proposed closure and who proposed it; refused when there is none."""
        if self.proposed is None:
            raise Refused("no-closure-proposed")
        return self.proposed

    def require_undecided(self) -> None:
        """Refuse while a transfer or a closure waits for its answer."""
        if self.transfer_to is not None:
            raise Refused("transfer-pending")
        if self.proposed is not None:
            raise Refused("closure-pending")

    def require_receiver(self, by: Stamp) -> Place:
        """The place asked to take over; refused to anyone who does not act for it."""
        to = self.transfer_to
        if to is None:
            raise Refused("no-transfer-requested")
        if by.office != (to.centre or to.region):
            raise Refused("not-receiving-centre")
        return to

    def require_reports_made(self) -> None:
        """Refuse while a mandatory report is owed: the first receiver stays responsible."""
        reported = {r.fact.report.screening for r in standing(self.reports)}
        for record, _ in standing(self.screenings):
            if record.report_due is not None and record.screening.id not in reported:
                raise Refused("report-owed", due=record.report_due)

    def require_unreported(self, screening: UUID) -> None:
        """Refuse while a mandatory report answers this screening."""
        for record, _ in standing(self.reports):
            if record.report.screening == screening:
                raise Refused("report-stands", report=record.report.id)

    def require_document(self, document: SafetyDocument, by: Stamp) -> None:
        """Refuse a document noted before, from the future, or expired before it was issued."""
        self.require(by, *LIVE)
        require_new(self.documents, document.id)
        require_happened(document.issued_on, by)
        if document.expires_on is not None and document.expires_on <= document.issued_on:
            raise Refused("times-out-of-order", on=document.expires_on)

    def require_rateable(self, rating: Rating) -> None:
        """Refuse a rating at a follow-up that was not made."""
        if (
            rating.follow_up is not None
            and find(self.follow_ups, rating.follow_up).fact.made_on is None
        ):
            raise Refused("follow-up-not-made")

    def require_referral_order(self, record: ReferralRecord, by: Stamp) -> None:
        """Refuse both answers, a completion without acceptance, and dates out of order."""
        if record.accepted_on is not None and record.declined_on is not None:
            raise Refused("referral-answered")
        if record.completed_on is not None and record.accepted_on is None:
            raise Refused("referral-not-accepted")
        dates = (
            self.opened_on,
            record.made_on,
            record.accepted_on,
            record.declined_on,
            record.completed_on,
            by.occurred_on,
        )
        known = [on for on in dates if on is not None]
        if known != sorted(known):
            raise Refused("times-out-of-order", on=record.made_on)

    def require_answers(self, answers: tuple[Placed[Answer], ...]) -> None:
        """Refuse answers to no offer, out of order, or that leave a session without consent."""
        for answer, _ in answers:
            if answer.kind is not AnswerKind.OFFERED:
                require_offered(answers, answer.on)
            if answer.withdrawn_on is not None and answer.withdrawn_on < answer.on:
                raise Refused("times-out-of-order", on=answer.withdrawn_on)
        for session, _ in standing(self.sessions):
            for party in session.present:
                if not consented(party, session.held_on, answers):
                    raise Refused("session-needs-consent", party=party, held_on=session.held_on)

    def require_admissible(self, session: Session) -> None:
        """Refuse a session that must not have been held on its day with these people."""
        if session.held_on < self.opened_on:
            raise Refused("before-opening", opened_on=self.opened_on)
        if not any(
            stay.since <= session.held_on and (stay.until is None or session.held_on <= stay.until)
            for stay in self.stays
        ):
            raise Refused("closed-on-that-day", held_on=session.held_on)
        for practitioner in session.practitioners:
            if self.recused.get(practitioner, date.max) <= session.held_on:
                raise Refused("counsellor-recused", practitioner=practitioner)
        for party in session.present:
            if not consented(party, session.held_on, self.answers):
                raise Refused("consent-missing", party=party)
        if session.joint:
            self.require_safe_together(session)

    def require_safe_together(self, session: Session) -> None:
        """Refuse a joint session where violence is known or someone was not screened alone before.

        A screening or document of a bare date counts from the first moment of that day.
        """
        instant = session.started_at
        known = [record for record, _ in standing(self.screenings) if moment(record.at) <= instant]
        if any(record.screening.level.positive for record in known):
            raise Refused("violence-known")
        if any(
            moment(document.issued_on) <= instant for (_, document), _ in standing(self.documents)
        ):
            raise Refused("violence-known")
        screened_alone = {record.screening.party for record in known}
        for party in session.present:
            if party not in screened_alone:
                raise Refused("not-screened", party=party)

    def find_answer(self, kind: AnswerKind, party: Party | None) -> Placed[Answer]:
        """The latest such answer; refused when there is none."""
        for answer in reversed(self.answers):
            if answer.fact.kind is kind and answer.fact.party is party:
                return answer
        raise Refused("answer-unknown", kind=kind)

    def find_risk(self, on: date) -> int:
        """The number of the last risk level set for a day; refused when there is none."""
        for number in range(len(self.risks) - 1, -1, -1):
            if self.risks[number].on == on:
                return number
        raise Refused("risk-unknown", on=on)

    def find_appointment(self, appointment: UUID) -> Appointment:
        """An appointment still ahead of its session; refused when there is none."""
        found = self.appointments.get(appointment)
        if found is None:
            raise Refused("appointment-unknown", appointment=appointment)
        return found

    def find_unsettled(self, follow_up: UUID) -> Placed[FollowUpRecord]:
        """A follow-up that is waited for; refused when it was made, lost or cancelled."""
        found = find(self.follow_ups, follow_up)
        if found.fact.settled_on is not None:
            raise Refused("follow-up-settled", settled_on=found.fact.settled_on)
        return found

    def ended(
        self, outcome: CaseOutcome, on: date, source: OutcomeSource, by: Stamp
    ) -> OutcomeRecord:
        """The record of an outcome, which must be possible for the application and on that day.

        It counts where the application was made, or where the previous outcome counted, or here.
        """
        require_happened(on, by)
        application = self.application
        require_possible(outcome, on, application.fact if application is not None else None)
        if application is None and on < self.opened_on:
            raise Refused("before-opening", opened_on=self.opened_on)
        before = self.outcome
        place = application.place if application is not None else self.place
        broken_on = before.broken_on if before is not None and outcome.deferral else None
        if broken_on is not None and broken_on < on:
            raise Refused("times-out-of-order", on=on)
        return OutcomeRecord(
            outcome=outcome,
            on=on,
            source=source,
            applied=application is not None,
            counselled=self.began is not None,
            place=before.place if before is not None else place,
            broken_on=broken_on,
        )

    def beginning(self, sessions: Book[Session], by: Stamp) -> Iterator[CaseEvent]:
        """What these sessions change in whether and since when the couple is counselled."""
        first = min(standing(sessions), key=lambda s: s.fact.started_at, default=None)
        before = self.began
        after = (
            Began(on=first.fact.held_on, place=first.place, applied=self.application is not None)
            if first is not None
            else None
        )
        if before is None and after is not None:
            yield CounsellingBegan.of(
                self, by, place=after.place, began=after, outcome=self.outcome
            )
        elif before is not None and after is None:
            yield CounsellingUndone.of(
                self, by, place=before.place, began=before, outcome=self.outcome
            )
        elif after is not None and before != after:
            yield CounsellingRedated.of(self, by, place=after.place, before=before, after=after)

    def answer_referral(
        self,
        event: type[ReferralAccepted | ReferralDeclined | ReferralCompleted],
        referral: UUID,
        step: str,
        by: Stamp,
    ) -> CaseEvent:
        """The next step of a referral, in order and once."""
        self.require(by, *LIVE)
        before, place = find(self.referrals, referral)
        if getattr(before, step) is not None:
            raise Refused("referral-answered")
        self.require_referral_order(before.model_copy(update={step: by.occurred_on}), by)
        return event.of(self, by, place=place, referral=before.referral)

    def reported(self, report: Report, at: Occurred) -> tuple[ReportRecord, Place | None]:
        """The record of a mandatory report, and where it counts."""
        if not isinstance(at, datetime):
            raise Refused("hour-needed")
        due, place = None, self.place
        if report.screening is not None:
            screening, place = find(self.screenings, report.screening)
            due = screening.report_due
            if due is None:
                raise Refused("report-not-due")
            if at < moment(screening.at):
                raise Refused("times-out-of-order", on=day(at))
            for other, _ in standing(self.reports):
                if other.report.screening == report.screening and other.report.id != report.id:
                    raise Refused("already-reported", report=other.report.id)
        elif day(at) < self.opened_on:
            raise Refused("before-opening", opened_on=self.opened_on)
        late = 0 if due is None or at <= due else -((due - at) // MINUTE)
        record = ReportRecord(
            report=report, made_at=at, due=due, within_24h=late == 0, minutes_late=late
        )
        return record, place

    def evolve(self, event: AnyCaseEvent) -> Case:
        """The state after one more event."""
        on, here = event.stamp.occurred_on, event.place
        match event:
            case ConsentGiven(party=party):
                return self.answered(AnswerKind.CONSENTED, party, on, here)
            case SafetyScreened(screening=screening, report_due=due):
                screened = ScreeningRecord(
                    screening=screening, at=event.stamp.occurred, report_due=due
                )
                return replace(self, screenings=put(self.screenings, screening.id, screened, here))
            case SessionHeld(session=session):
                appointments = self.appointments
                if session.appointment is not None:
                    appointments = {**appointments, session.appointment: None}
                return replace(
                    self,
                    sessions=put(self.sessions, session.id, session, here),
                    appointments=appointments,
                )
            case CaseOpened(opening=opening):
                return replace(
                    self, place=here, opening=opening, stays=(Stay(place=here, since=on),)
                )
            case ApplicationObserved() | ApplicationAccepted():
                return replace(
                    self,
                    application=Placed(event.application, here),
                    began=applied(self.began, True),
                )
            case CounsellingOffered():
                return self.answered(AnswerKind.OFFERED, None, on, here)
            case CounsellingBegan(began=began):
                return replace(self, began=began, outcome=counselled(self.outcome, True))
            case OutcomeDeclared(record=outcome) | OutcomeConfirmed(record=outcome):
                return replace(self, outcome=outcome)
            case ClosureProposed(proposal=proposal):
                return replace(self, proposed=(proposal, event.stamp.actor))
            case ClosureApproved(record=closure):
                return replace(
                    self,
                    status=CLOSED,
                    proposed=None,
                    stays=lengthened(self.stays, on),
                    closures=(*self.closures, Placed(closure, here)),
                )
            case CounsellingDeclined(party=party):
                return self.answered(AnswerKind.DECLINED, party, on, here)
            case FollowUpScheduled(follow_up=follow_up):
                old = self.follow_ups.get(follow_up.id)
                return replace(
                    self,
                    left_behind=self.left_behind if old is None else (*self.left_behind, old),
                    follow_ups=put(
                        self.follow_ups, follow_up.id, FollowUpRecord(follow_up=follow_up), here
                    ),
                )
            case FollowUpMade(follow_up=follow_up):
                return self.followed_up(follow_up, made_on=on)
            case FollowUpMissed(follow_up=follow_up, try_number=tries, lost=lost):
                return self.followed_up(follow_up, tries=tries, lost_on=on if lost else None)
            case FollowUpCancelled(follow_up=follow_up):
                return self.followed_up(follow_up, cancelled_on=on)
            case SatisfactionRated(rating=rating):
                rated = RatingRecord(rating=rating, on=on)
                return replace(self, ratings=put(self.ratings, rating.id, rated, here))
            case RiskLevelSet(after=level):
                return replace(self, risks=(*self.risks, RiskReading(level=level, on=on)))
            case PartyIdentified(party=party, profile=profile):
                return replace(self, parties={**self.parties, party: profile})
            case CounsellorAssigned(practitioner=practitioner):
                return replace(self, assigned=self.assigned | {practitioner})
            case AssessmentRecorded() | PlanAgreed():
                return replace(self, assessed=True)
            case AppointmentBooked(appointment=appointment):
                return replace(
                    self, appointments={**self.appointments, appointment.id: appointment}
                )
            case AppointmentRescheduled(after=appointment):
                return replace(
                    self, appointments={**self.appointments, appointment.id: appointment}
                )
            case AppointmentMissed(appointment=appointment):
                return replace(self, appointments={**self.appointments, appointment.id: None})
            case AppointmentCancelled(appointment=appointment):
                return replace(self, appointments={**self.appointments, appointment.id: None})
            case ReferralMade(referral=referral):
                made = ReferralRecord(referral=referral, made_on=on)
                return replace(self, referrals=put(self.referrals, referral.id, made, here))
            case ReferralAccepted(referral=referral):
                return self.referred(referral, accepted_on=on)
            case ReferralDeclined(referral=referral):
                return self.referred(referral, declined_on=on)
            case ReferralCompleted(referral=referral):
                return self.referred(referral, completed_on=on)
            case MandatoryReportMade(record=report):
                return replace(self, reports=put(self.reports, report.report.id, report, here))
            case OpeningCorrected(after=opening, after_on=opened_on):
                first = self.stays[0].model_copy(update={"since": opened_on})
                return replace(self, opening=opening, stays=(first, *self.stays[1:]))
            case PartyIdentityCorrected(party=party, after=profile):
                return replace(self, parties={**self.parties, party: profile})
            case AnonymousNoted():
                return replace(self, anonymous=True)
            case EncounterLinked(encounter=encounter):
                return replace(self, encounters=self.encounters | {encounter})
            case ApplicationCorrected(after=application):
                return replace(self, application=Placed(application, here))
            case ApplicationVoided():
                return replace(self, application=None, began=applied(self.began, False))
            case ConsentWithdrawn(party=party):
                consent = consent_of(party, self.answers)
                assert consent is not None
                withdrawn = consent.fact.model_copy(update={"withdrawn_on": on})
                return replace(self, answers=exchanged(self.answers, consent, withdrawn))
            case AnswerCorrected(before=answer, after=corrected):
                found = self.find_answer(answer.kind, answer.party)
                return replace(self, answers=exchanged(self.answers, found, corrected))
            case AnswerVoided(record=answer):
                found = self.find_answer(answer.kind, answer.party)
                return replace(self, answers=exchanged(self.answers, found, None))
            case ScreeningCorrected(after=screened):
                return replace(
                    self,
                    screenings=put(self.screenings, screened.screening.id, screened, here),
                )
            case ScreeningVoided(record=screened):
                return replace(self, screenings=strike(self.screenings, screened.screening.id))
            case RiskLevelCorrected(before=reading, after=corrected_reading):
                number = self.find_risk(reading.on)
                return replace(
                    self,
                    risks=(*self.risks[:number], corrected_reading, *self.risks[number + 1 :]),
                )
            case RiskLevelVoided(record=reading):
                number = self.find_risk(reading.on)
                return replace(self, risks=(*self.risks[:number], *self.risks[number + 1 :]))
            case CounsellorRecused(practitioner=practitioner):
                return replace(
                    self,
                    recused={**self.recused, practitioner: on},
                    assigned=self.assigned - {practitioner},
                )
            case SessionCorrected(after=session):
                return replace(self, sessions=put(self.sessions, session.id, session, here))
            case SessionVoided(record=session):
                return replace(self, sessions=strike(self.sessions, session.id))
            case CounsellingRedated(after=began):
                return replace(self, began=began)
            case CounsellingUndone():
                return replace(self, began=None, outcome=counselled(self.outcome, False))
            case OutcomeRevised(after=outcome) | DeferralBroken(record=outcome):
                return replace(self, outcome=outcome)
            case OutcomeVoided():
                return replace(self, outcome=None)
            case DeferralBreakVoided(record=outcome):
                return replace(self, outcome=outcome.model_copy(update={"broken_on": None}))
            case ReferralCorrected(after=referral_record):
                return replace(
                    self,
                    referrals=put(
                        self.referrals, referral_record.referral.id, referral_record, here
                    ),
                )
            case ReferralVoided(record=referral_record):
                return replace(self, referrals=strike(self.referrals, referral_record.referral.id))
            case MandatoryReportCorrected(after=report):
                return replace(self, reports=put(self.reports, report.report.id, report, here))
            case MandatoryReportVoided(record=report):
                return replace(self, reports=strike(self.reports, report.report.id))
            case WarningLetterNoted(document=document):
                noted = (SafetyDocumentKind.WARNING_LETTER, document)
                return replace(self, documents=put(self.documents, document.id, noted, here))
            case ProtectionOrderNoted(document=document):
                noted = (SafetyDocumentKind.PROTECTION_ORDER, document)
                return replace(self, documents=put(self.documents, document.id, noted, here))
            case SafetyDocumentVoided(document=document):
                return replace(self, documents=strike(self.documents, document.id))
            case FollowUpCorrected(after=follow_up_record):
                return replace(
                    self,
                    follow_ups=put(
                        self.follow_ups, follow_up_record.follow_up.id, follow_up_record, here
                    ),
                )
            case FollowUpVoided(record=follow_up_record):
                voided = Placed(follow_up_record, here)
                return replace(
                    self,
                    left_behind=tuple(old for old in self.left_behind if old != voided),
                    follow_ups={
                        key: None if value == voided else value
                        for key, value in self.follow_ups.items()
                    },
                )
            case SatisfactionCorrected(after=rated):
                return replace(self, ratings=put(self.ratings, rated.rating.id, rated, here))
            case SatisfactionVoided(record=rated):
                return replace(self, ratings=strike(self.ratings, rated.rating.id))
            case TransferRequested(to_place=to):
                return replace(self, transfer_to=to)
            case TransferAccepted(to_place=to):
                stays = (*lengthened(self.stays, on), Stay(place=to, since=on))
                return replace(self, place=to, transfer_to=None, stays=stays)
            case TransferRejected():
                return replace(self, transfer_to=None)
            case ClosureReturned():
                return replace(self, proposed=None)
            case ClosureVoided():
                return replace(
                    self,
                    status=OPEN,
                    stays=lengthened(self.stays, None),
                    closures=self.closures[:-1],
                )
            case CaseReopened():
                return replace(self, status=OPEN, stays=(*self.stays, Stay(place=here, since=on)))
            case CaseArchived():
                return replace(self, status=ARCHIVED)
            case SealedNoteOpened():
                return self
            case PersonalDataErased(keys=keys):
                return replace(self, erased=self.erased.union(keys))
            case CaseVoided():
                return replace(self, status=VOIDED)
            case _:
                assert_never(event)

    def answered(self, kind: AnswerKind, party: Party | None, on: date, place: Place) -> Case:
        """The state after an offer or answer."""
        answer = Answer(kind=kind, on=on, party=party)
        return replace(self, answers=(*self.answers, Placed(answer, place)))

    def followed_up(self, follow_up: FollowUp, **steps: date | int | None) -> Case:
        """The state after a step of a follow-up."""
        before, place = find(self.follow_ups, follow_up.id)
        after = before.model_copy(update=steps)
        return replace(self, follow_ups=put(self.follow_ups, follow_up.id, after, place))

    def referred(self, referral: Referral, **steps: date) -> Case:
        """The state after a step of a referral."""
        before, place = find(self.referrals, referral.id)
        after = before.model_copy(update=steps)
        return replace(self, referrals=put(self.referrals, referral.id, after, place))
