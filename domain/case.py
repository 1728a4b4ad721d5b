"""Case (个案): one couple or person, one course of counselling; its state and how it evolves.

The decisions are functions of this state in the modules beside it: `case_registry`,
`case_counselling`, `case_safety`, `case_protection`, `case_care` and `case_file`. A correction or
voiding says why in its stamp.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple, assert_never
from uuid import UUID

from domain.base import Aggregate, Place, Refused, Stamp
from domain.case_care_events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentRescheduled,
    AssessmentCorrected,
    AssessmentRecorded,
    AssessmentVoided,
    CareEvent,
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
    CounsellingEvent,
    CounsellingOffered,
    CounsellingRedated,
    CounsellingUndone,
    SessionCorrected,
    SessionHeld,
    SessionVoided,
)
from domain.case_facts import (
    Answer,
    Application,
    Appointment,
    Assessment,
    Began,
    ClosureProposal,
    ClosureRecord,
    FollowUp,
    FollowUpRecord,
    Opening,
    OutcomeRecord,
    Plan,
    Profile,
    RatingRecord,
    Referral,
    ReferralRecord,
    ReportRecord,
    Response,
    RiskReading,
    SafetyDocument,
    ScreeningRecord,
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
    FileEvent,
    OpeningCorrected,
    PartyIdentified,
    PartyIdentityCorrected,
    PersonalDataErased,
    SealedNoteOpened,
    TransferAccepted,
    TransferRejected,
    TransferRequested,
)
from domain.case_protection_events import (
    MinorApproved,
    ProtectedAddressNoted,
    ProtectionEvent,
    SafeContactNoted,
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
    RegistryEvent,
)
from domain.case_rules import (
    Book,
    Placed,
    applied,
    at,
    consent_of,
    counselled,
    exchanged,
    find,
    lengthened,
    put,
    reached,
    red_in,
    response_in,
    standing,
    strike,
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
    SafetyEvent,
    SafetyScreened,
    ScreeningCorrected,
    ScreeningVoided,
    WarningLetterNoted,
)
from domain.rights import Age
from domain.values import (
    AnswerKind,
    CaseStatus,
    OutcomeSource,
    Party,
    RiskLevel,
    Role,
    SafetyDocumentKind,
)

AnyCaseEvent = (
    RegistryEvent | CounsellingEvent | SafetyEvent | CareEvent | FileEvent | ProtectionEvent
)

OPEN, CLOSED, ARCHIVED, VOIDED = CaseStatus
LIVE = (OPEN, CLOSED)
STANDING = (OPEN, CLOSED, ARCHIVED)

TELL_OF_VIOLENCE = (SafetyScreened, ScreeningCorrected, WarningLetterNoted, ProtectionOrderNoted)
"""The facts after which violence can be known that was not before."""

COUNSELLING = (Role.COUNSELLOR, Role.VOLUNTEER)
"""The posts in which people counsel; a manager who holds a session counsels in it as well."""

WORK = (
    SessionHeld,
    SessionCorrected,
    AssessmentRecorded,
    AssessmentCorrected,
    PlanAgreed,
    PlanCorrected,
    FollowUpMade,
    FollowUpCorrected,
)
"""What is counselling in whatever post: the work, and putting right what was written of it."""


class Approval(NamedTuple):
    """How young a party is that somebody allowed to be recorded, and who did."""

    age: Age
    by: UUID


@dataclass(frozen=True, slots=True)
class Case(Aggregate):
    """One couple or person, one course of counselling.

    `registered` are the people who had a part in registering it, `counselled` those who had one in
    counselling the couple: nobody is both, in whatever posts. `reached` says of whom a safe contact
    is known, and whether nobody gets in touch otherwise; `sheltered` whose address is protected.
    `violence_recorded` says whether violence was ever, also where that was voided.
    """

    about = "case"

    place: Place | None = None
    receiver: UUID | None = None
    received_as: Role | None = None
    registered: frozenset[UUID] = frozenset()
    counselled: frozenset[UUID] = frozenset()
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
    assessments: Book[Assessment] = field(default_factory=dict)
    plans: Book[Plan] = field(default_factory=dict)
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
    keep_until: date | None = None
    reached: Mapping[Party, bool] = field(default_factory=dict)
    sheltered: frozenset[Party] = frozenset()
    violence_recorded: bool = False
    minors: Mapping[Party, Approval] = field(default_factory=dict)

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

    def risk_on(self, on: date) -> RiskLevel | None:
        """The risk level of a day."""
        return next((risk.level for risk in reversed(self.risks) if risk.on <= on), None)

    @property
    def response(self) -> Response:
        """How the couple stands towards counselling, as it counts."""
        return response_in(self.answers)

    @property
    def filed(self) -> bool:
        """Whether the file is complete (建档); defined at `ClosureRecord`."""
        return bool(self.parties or self.anonymous) and (
            any(standing(self.assessments))
            or any(standing(self.plans))
            or any(s.fact.facts or s.fact.summary for s in standing(self.sessions))
        )

    @property
    def violent(self) -> bool:
        """Whether violence is known, by a screening or a paper of police or court."""
        return any(standing(self.documents)) or any(
            record.screening.level.positive for record, _ in standing(self.screenings)
        )

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

    def require_status(self, *statuses: CaseStatus) -> None:
        """Refuse unless the case was opened and is in one of these states."""
        if not self.exists:
            raise Refused("case-not-opened")
        if self.status not in statuses:
            raise Refused(f"case-{self.status}")

    def require(self, by: Stamp, *statuses: CaseStatus) -> None:
        """Refuse unless the case is in one of these states and the fact not before its opening."""
        self.require_status(*statuses)
        if by.occurred_on < self.opened_on:
            raise Refused("before-opening", opened_on=self.opened_on)
        self.require_apart(by)

    @property
    def window(self) -> UUID | None:
        """The registrar who received the case, if one did: in no counselling post is it his own."""
        return self.receiver if self.received_as is Role.REGISTRAR else None

    @property
    def counsellors(self) -> frozenset[UUID]:
        """Who counsels the couple or did: by what they recorded, by assignment, in a session."""
        return self.counselled.union(
            self.assigned, *(session.practitioners for session, _ in standing(self.sessions))
        )

    def require_apart(self, by: Stamp) -> None:
        """Refuse in a counsellor's post who registered, in a registrar's who counselled."""
        if by.role in COUNSELLING:
            self.require_no_registrar(by.actor)
        elif by.role is Role.REGISTRAR:
            self.require_no_counsellor(by.actor)

    def require_no_registrar(self, *people: UUID) -> None:
        """Refuse as a counsellor, in whatever post, who had a part in registering the case."""
        for person in people:
            if person in self.registered:
                raise Refused("registrar-counsels", person=person, role=Role.REGISTRAR)

    def require_no_counsellor(self, person: UUID) -> None:
        """Refuse as a registrar, in whatever post, who had a part in counselling the couple."""
        if person in self.counsellors:
            raise Refused("registrar-counsels", person=person, role=Role.COUNSELLOR)

    def require_after_moves(self, by: Stamp) -> None:
        """Refuse what would put a stock of cases out of order."""
        if by.occurred_on < self.moved_on:
            raise Refused("times-out-of-order", on=by.occurred_on)

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

    def evolve(self, event: AnyCaseEvent) -> Case:
        """The state after one more event."""
        after, actor = self.changed(event), event.stamp.actor
        if isinstance(event, TELL_OF_VIOLENCE) and after.violent:
            after = replace(after, violence_recorded=True)
        if registers(event):
            if actor not in self.registered:
                return replace(after, registered=self.registered | {actor})
        elif counsels(event) and actor not in self.counselled:
            return replace(after, counselled=self.counselled | {actor})
        return after

    def changed(self, event: AnyCaseEvent) -> Case:
        """The state after what one more event says of the case."""
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
                    self,
                    place=here,
                    receiver=event.stamp.actor,
                    received_as=event.stamp.role,
                    opening=opening,
                    stays=(Stay(place=here, since=on),),
                )
            case ApplicationObserved() | ApplicationAccepted():
                return replace(
                    self,
                    application=Placed(event.application, here),
                    began=applied(self.began, here),
                )
            case CounsellingOffered():
                return self.answered(AnswerKind.OFFERED, None, on, here)
            case CounsellingBegan(began=began):
                return replace(self, began=began, outcome=counselled(self.outcome, began.on))
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
            case AssessmentRecorded(assessment=needs) | AssessmentCorrected(after=needs):
                return replace(self, assessments=put(self.assessments, needs.id, needs, here))
            case PlanAgreed(plan=plan) | PlanCorrected(after=plan):
                return replace(self, plans=put(self.plans, plan.id, plan, here))
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
                return replace(self, application=None, began=applied(self.began, None))
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
                    receiver=None if self.receiver == practitioner else self.receiver,
                )
            case SessionCorrected(after=session):
                return replace(self, sessions=put(self.sessions, session.id, session, here))
            case SessionVoided(record=session):
                return replace(self, sessions=strike(self.sessions, session.id))
            case CounsellingRedated(after=began):
                return replace(self, began=began, outcome=counselled(self.outcome, began.on))
            case CounsellingUndone():
                return replace(self, began=None, outcome=counselled(self.outcome, None))
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
            case AssessmentVoided(record=needs):
                return replace(self, assessments=strike(self.assessments, needs.id))
            case PlanVoided(record=plan):
                return replace(self, plans=strike(self.plans, plan.id))
            case TransferRequested(to_place=to):
                return replace(self, transfer_to=to)
            case TransferAccepted(to_place=to):
                stays = (*lengthened(self.stays, on), Stay(place=to, since=on))
                return replace(
                    self,
                    place=to,
                    receiver=event.stamp.actor,
                    received_as=event.stamp.role,
                    assigned=frozenset(),
                    transfer_to=None,
                    stays=stays,
                )
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
            case CaseArchived(keep_until=keep_until):
                return replace(self, status=ARCHIVED, keep_until=keep_until)
            case SealedNoteOpened():
                return self
            case SafeContactNoted(party=party, do_not_contact=do_not_contact):
                return replace(self, reached={**self.reached, party: do_not_contact})
            case ProtectedAddressNoted(party=party):
                return replace(self, sheltered=self.sheltered | {party})
            case MinorApproved(party=party, age=age):
                approval = Approval(age, event.stamp.actor)
                return replace(self, minors={**self.minors, party: approval})
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


def registers(event: AnyCaseEvent) -> bool:
    """Whether a fact is a part in registering: all that a registrar does, and what is official."""
    match event:
        case ApplicationAccepted() | OutcomeConfirmed():
            return True
        case ApplicationCorrected(before=application) | ApplicationVoided(application=application):
            if application.receipt is not None:
                return True
        case OutcomeRevised(before=outcome) | OutcomeVoided(record=outcome):
            if outcome.source is OutcomeSource.CONFIRMED:
                return True
        case _:
            pass
    return event.stamp.role is Role.REGISTRAR


def counsels(event: AnyCaseEvent) -> bool:
    """Whether a fact is a part in counselling: all that a counsellor does, and the work itself."""
    return event.stamp.role in COUNSELLING or isinstance(event, WORK)
