"""The casework desk: every change of a case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Final, TypeVar
from uuid import UUID

from pydantic import Field, StringConstraints

from application.blind_index import NumberKind, Term
from application.calendars import calendar_on
from application.drafts import COUPLE
from application.eventlog import Receipt
from application.membership import (
    require_counsellors,
    require_members,
    require_practitioner,
    require_unrelated,
)
from application.records import Command, Records
from application.territory import require_place
from application.vault import Drafts, Vault
from domain import case_care, case_counselling, case_file, case_registry, case_safety
from domain.base import Day, Event, Occurred, Place, Refused, Sealed, Stamp, Text, Value, day
from domain.calendar import CLOSING, Deadlines, deadlines, regime_on
from domain.case import Case
from domain.case_facts import (
    Application,
    Appointment,
    Assessment,
    ClosureProposal,
    Compartment,
    FollowUpRecord,
    FollowUpWanted,
    Opening,
    Parties,
    Plan,
    Profile,
    Rating,
    RatingRecord,
    Referral,
    ReferralRecord,
    Report,
    RiskReading,
    SafetyDocument,
    Screening,
    Session,
)
from domain.centre import Centre
from domain.retention import years_after
from domain.rights import Age
from domain.values import AnswerKind, CaseOutcome, Party, Regime, RiskLevel

OF_AGE: Final = 18  # Civil Code art. 17
SENSITIVE_UNTIL: Final = 14  # Personal Information Protection Law art. 28
NUMBER: Final = re.compile(r"(?<![0-9])[0-9]{17}[0-9X](?![0-9])")

FACTS: Final = ("facts",)  # members of an event in which somebody wrote what happened
WORDS: Final = (*FACTS, "summary", "goals")  # or anything about the people of a case
SEALED: Final = (*WORDS, "notes")

AnyValue = TypeVar("AnyValue", bound=Value)

NoteText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
"""Process notes of one session."""


def birthday_in(document: str) -> date | None:
    """The birthday in a citizen's number (GB 11643), however it is written, if it is one."""
    term = Term.of(NumberKind.DOCUMENT, document)
    found = None if term is None else NUMBER.search(term.number)
    if found is None:
        return None
    try:
        return datetime.strptime(found[0][6:14], "%Y%m%d").date()  # noqa: DTZ007 - a date alone
    except ValueError:
        return None


class Identity(Value):
    """Who a person is, in plain text: only on the way into the vault, never recorded so."""

    name: Text
    document: Text | None = None
    phone: Text | None = None
    born_on: Day | None = None

    def age_on(self, on: date) -> Age | None:
        """How young a minor is on a date, as far as a birthday is given; None for a grown-up.

        Refused where the birthday and that in the number are two: one of them is wrong.
        """
        in_number = birthday_in(self.document or "")
        if self.born_on is not None and in_number not in (None, self.born_on):
            raise Refused("birthday-beside-number")
        born_on = self.born_on or in_number
        if born_on is None or years_after(born_on, OF_AGE) <= on:
            return None
        return Age.UNDER_18 if years_after(born_on, SENSITIVE_UNTIL) <= on else Age.UNDER_14

    def draft(self, drafts: Drafts, part: str) -> Sealed:
        """The identity as the domain passes it on, to be found by its numbers."""
        return drafts.of(part, self.model_dump_json(exclude_none=True), self.terms)

    @property
    def terms(self) -> list[Term]:
        """The numbers by which the person is looked for."""
        written = {NumberKind.DOCUMENT: self.document, NumberKind.PHONE: self.phone}
        terms = (Term.of(kind, number) for kind, number in written.items() if number)
        return [term for term in terms if term is not None]


class Note(Value):
    """Process notes in plain text; with a party, what that party said alone."""

    text: NoteText
    party: Party | None = None


CaseText = Annotated[
    Text,
    Field(
        description="加密保存，删除个人信息时一并失效。"
        "Recorded sealed; `GET /cases/{case_id}/texts` opens it, and an erasure ends it."
    ),
]
"""What somebody writes about the people of a case, in plain text on the way into the vault."""


class SessionFacts(Session):
    """A session as a counsellor writes it: what was said there is not sealed yet."""

    facts: CaseText | None = None
    summary: CaseText | None = None
    notes: tuple[Note, ...] | None = None  # type: ignore[assignment]  # by `draft`

    def draft(self, drafts: Drafts) -> Session:
        """The session as the domain passes it on; without notes where none were written down."""
        notes = None
        if self.notes is not None:
            notes = tuple(self.compartment(note, drafts) for note in self.notes)
        return drafted(Session, self, drafts, self.alone or COUPLE, notes=notes)

    def compartment(self, note: Note, drafts: Drafts) -> Compartment:
        """A note as the domain passes it on: of who was there alone, unless of another."""
        party = note.party or self.alone
        return Compartment(note=drafts.of(party or COUPLE, note.text), party=party)


class AssessmentFacts(Assessment):
    """An assessment as a counsellor writes it."""

    summary: CaseText


class PlanFacts(Plan):
    """A plan as a counsellor writes it."""

    goals: CaseText


class ReferralFacts(Referral):
    """A referral as a counsellor writes it."""

    summary: CaseText | None = None


class ReferralRecordFacts(ReferralRecord):
    """A referral with its dates as a counsellor corrects it."""

    referral: ReferralFacts


class ReportFacts(Report):
    """A mandatory report as whoever makes it writes it."""

    summary: CaseText | None = None


class ClosureFacts(ClosureProposal):
    """Why a case is to be closed, as its proposer writes it."""

    summary: CaseText | None = None


def drafted(
    kind: type[AnyValue], written: AnyValue, drafts: Drafts, part: str = COUPLE, **sealed: object
) -> AnyValue:
    """What somebody wrote as the domain passes it on, to be sealed for the couple or for one."""
    facts = dict(written) | sealed
    words = {name: facts[name] for name in WORDS if facts.get(name) is not None}
    return kind(**facts | {name: drafts.of(part, text) for name, text in words.items()})


def kept(after: AnyValue, before: AnyValue) -> AnyValue:
    """A correction in which what was sealed and is left out stays as it is."""
    left_out = {
        name: words for name, words in before if name in SEALED and getattr(after, name) is None
    }
    return after.model_copy(update=left_out)


@dataclass(frozen=True, slots=True)
class Casework:
    """The commands on cases."""

    records: Records
    vault: Vault
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def open(self, case_id: UUID, opening: Opening, place: Place, by: Command) -> Receipt:
        """Open a case at a place; refused where the centre lay in another region on that day."""
        return self.records.change(
            by,
            Case,
            case_id,
            case_file.open_case,
            opening,
            place,
            check=lambda stamp: self.require_begun(place, stamp.occurred_on),
        )

    def correct_opening(self, case_id: UUID, after: Opening, on: date, by: Command) -> Receipt:
        """Correct what the case was opened with or the day; no later than any other fact of it.

        Nor to a day before its centre began, or on which that lay in another region.
        """

        def check(_: Stamp) -> None:
            case = self.records.find(Case, case_id)
            if case is not None and case.opened_on != on:
                self.require_begun(case.stays[0].place, on)

        return self.records.change(
            by, Case, case_id, case_file.correct_opening, after, on, check=check
        )

    def identify(
        self, case_id: UUID, party: Party, identity: Identity, profile: Profile | None, by: Command
    ) -> Receipt:
        """Note who a party is; the identity is recorded sealed."""
        draft = identity.draft(self.vault.drafts(case_id), party)

        def identify(
            case: Case, party: Party, draft: Sealed, profile: Profile | None, stamp: Stamp
        ) -> Iterator[Event]:
            age = identity.age_on(stamp.occurred_on)
            return case_file.identify(case, party, draft, profile, stamp, age=age)

        return self.records.change(by, Case, case_id, identify, party, draft, profile)

    def correct_identity(
        self, case_id: UUID, party: Party, identity: Identity, profile: Profile | None, by: Command
    ) -> Receipt:
        """Note that a party is someone else, or its attributes are others."""
        draft = identity.draft(self.vault.drafts(case_id), party)

        def correct(
            case: Case, party: Party, draft: Sealed, profile: Profile | None, stamp: Stamp
        ) -> Iterator[Event]:
            age = identity.age_on(stamp.occurred_on)
            return case_file.correct_identity(case, party, draft, profile, stamp, age=age)

        return self.records.change(by, Case, case_id, correct, party, draft, profile)

    def note_anonymous(self, case_id: UUID, by: Command) -> Receipt:
        """Note that they prefer to stay unnamed."""
        return self.records.change(by, Case, case_id, case_file.note_anonymous)

    def link_encounter(self, case_id: UUID, encounter: UUID, by: Command) -> Receipt:
        """Link an earlier encounter to the case."""
        return self.records.change(by, Case, case_id, case_file.link_encounter, encounter)

    def observe_application(self, case_id: UUID, by: Command) -> Receipt:
        """Note an application made on the stamp's day under regime A, which left no receipt."""
        return self.records.change(by, Case, case_id, case_registry.observe_application)

    def accept_application(self, case_id: UUID, receipt: str, by: Command) -> Receipt:
        """Note an application that the registry accepted; its 30 + 30 days follow from the day.

        Computed by the holiday calendar and the closing time known today.
        """

        def accept(case: Case, receipt: str, stamp: Stamp) -> Iterator[Event]:
            periods = self.deadlines_of(case, stamp.occurred_on)
            return case_registry.accept_application(case, receipt, periods, stamp)

        return self.records.change(by, Case, case_id, accept, receipt)

    def correct_application(
        self, case_id: UUID, on: date, receipt: str | None, by: Command
    ) -> Receipt:
        """Correct the day or receipt of an application; its periods are computed anew."""

        def correct(case: Case, on: date, receipt: str | None, stamp: Stamp) -> Iterator[Event]:
            periods = self.deadlines_of(case, on) if regime_on(on) is Regime.B else None
            after = Application(on=on, receipt=receipt, deadlines=periods)
            return case_registry.correct_application(case, after, stamp)

        return self.records.change(by, Case, case_id, correct, on, receipt)

    def void_application(self, case_id: UUID, by: Command) -> Receipt:
        """Take back an application that was none; its outcome is to be voided first."""
        return self.records.change(by, Case, case_id, case_registry.void_application)

    def offer(self, case_id: UUID, by: Command) -> Receipt:
        """Offer counselling: voluntary, free, and no precondition of registration."""
        return self.records.change(by, Case, case_id, case_counselling.offer)

    def consent(self, case_id: UUID, party: Party, by: Command) -> Receipt:
        """Note a party's consent to what was offered."""
        return self.records.change(by, Case, case_id, case_counselling.consent, party)

    def decline(self, case_id: UUID, party: Party, by: Command) -> Receipt:
        """Note that a party declines what was offered."""
        return self.records.change(by, Case, case_id, case_counselling.decline, party)

    def withdraw_consent(self, case_id: UUID, party: Party, by: Command) -> Receipt:
        """Note that a party no longer consents, from the stamp's day on."""
        return self.records.change(by, Case, case_id, case_counselling.withdraw_consent, party)

    def correct_answer(
        self, case_id: UUID, kind: AnswerKind, party: Party | None, on: date, by: Command
    ) -> Receipt:
        """Correct the day of the latest such offer (without a party), consent or refusal."""
        return self.records.change(
            by, Case, case_id, case_counselling.correct_answer, kind, party, on
        )

    def void_answer(
        self, case_id: UUID, kind: AnswerKind, party: Party | None, by: Command
    ) -> Receipt:
        """Take back the latest such offer (without a party), consent or refusal."""
        return self.records.change(by, Case, case_id, case_counselling.void_answer, kind, party)

    def screen(self, case_id: UUID, screening: Screening, by: Command) -> Receipt:
        """Record a safety screening; severe danger makes a report due 24 hours later."""
        return self.records.change(by, Case, case_id, case_safety.screen, screening)

    def correct_screening(
        self, case_id: UUID, after: Screening, at: Occurred, by: Command
    ) -> Receipt:
        """Correct a screening; a report that answers it must stay an answer to it."""
        return self.records.change(by, Case, case_id, case_safety.correct_screening, after, at)

    def void_screening(self, case_id: UUID, screening: UUID, by: Command) -> Receipt:
        """Take back a screening that never was."""
        return self.records.change(by, Case, case_id, case_safety.void_screening, screening)

    def set_risk(self, case_id: UUID, level: RiskLevel, by: Command) -> Receipt:
        """Set the risk level from the stamp's day on."""
        return self.records.change(by, Case, case_id, case_safety.set_risk, level)

    def correct_risk(self, case_id: UUID, on: date, after: RiskReading, by: Command) -> Receipt:
        """Correct the last risk level set for a day; its new day stays between its neighbours'."""
        return self.records.change(by, Case, case_id, case_safety.correct_risk, on, after)

    def void_risk(self, case_id: UUID, on: date, by: Command) -> Receipt:
        """Take back the last risk level set for a day; the one before goes on."""
        return self.records.change(by, Case, case_id, case_safety.void_risk, on)

    def assess(self, case_id: UUID, assessment: AssessmentFacts, by: Command) -> Receipt:
        """Record an assessment."""
        draft = drafted(Assessment, assessment, self.vault.drafts(case_id))
        return self.records.change(
            by, Case, case_id, case_care.assess, draft, check=self.unrelated(case_id)
        )

    def correct_assessment(self, case_id: UUID, after: AssessmentFacts, by: Command) -> Receipt:
        """Correct what was found out."""
        draft = drafted(Assessment, after, self.vault.drafts(case_id))
        return self.records.change(by, Case, case_id, case_care.correct_assessment, draft)

    def void_assessment(self, case_id: UUID, assessment: UUID, by: Command) -> Receipt:
        """Take back an assessment that never was."""
        return self.records.change(by, Case, case_id, case_care.void_assessment, assessment)

    def agree_plan(self, case_id: UUID, plan: PlanFacts, by: Command) -> Receipt:
        """Record a plan agreed with the couple."""
        draft = drafted(Plan, plan, self.vault.drafts(case_id))
        return self.records.change(
            by, Case, case_id, case_care.agree_plan, draft, check=self.unrelated(case_id)
        )

    def correct_plan(self, case_id: UUID, after: PlanFacts, by: Command) -> Receipt:
        """Correct what was agreed; what is agreed anew is another plan."""
        draft = drafted(Plan, after, self.vault.drafts(case_id))
        return self.records.change(by, Case, case_id, case_care.correct_plan, draft)

    def void_plan(self, case_id: UUID, plan: UUID, by: Command) -> Receipt:
        """Take back a plan that was never agreed."""
        return self.records.change(by, Case, case_id, case_care.void_plan, plan)

    def assign(self, case_id: UUID, practitioner: UUID, by: Command) -> Receipt:
        """Give the case to a practitioner."""
        return self.records.change(
            by,
            Case,
            case_id,
            case_care.assign,
            practitioner,
            check=lambda stamp: require_counsellors(
                self.records, self.vault, case_id, [practitioner], stamp.occurred_on
            ),
        )

    def recuse(self, case_id: UUID, practitioner: UUID, by: Command) -> Receipt:
        """Keep a practitioner out of the case from the stamp's day on, for the stamp's reason."""
        return self.records.change(
            by,
            Case,
            case_id,
            case_care.recuse,
            practitioner,
            check=lambda _: require_practitioner(self.records, practitioner),
        )

    def book(self, case_id: UUID, appointment: Appointment, by: Command) -> Receipt:
        """Agree on a session for a later time."""
        return self.records.change(
            by,
            Case,
            case_id,
            case_care.book,
            appointment,
            check=lambda stamp: self.require_counsellor(case_id, appointment, stamp),
        )

    def reschedule(self, case_id: UUID, after: Appointment, by: Command) -> Receipt:
        """Move an appointment."""
        return self.records.change(
            by,
            Case,
            case_id,
            case_care.reschedule,
            after,
            check=lambda stamp: self.require_counsellor(case_id, after, stamp),
        )

    def miss(self, case_id: UUID, appointment: UUID, absent: Parties, by: Command) -> Receipt:
        """Note who did not come, once the time had come."""
        return self.records.change(by, Case, case_id, case_care.miss, appointment, absent)

    def cancel_appointment(self, case_id: UUID, appointment: UUID, by: Command) -> Receipt:
        """Call an appointment off before its time."""
        return self.records.change(by, Case, case_id, case_care.cancel_appointment, appointment)

    def hold_session(self, case_id: UUID, session: SessionFacts, by: Command) -> Receipt:
        """Record a session; what was said is sealed, each party's apart."""
        draft = session.draft(self.vault.drafts(case_id))

        def check(stamp: Stamp) -> None:
            require_unrelated(self.records, self.vault, case_id, stamp)
            require_counsellors(
                self.records, self.vault, case_id, draft.practitioners, draft.held_on
            )

        return self.records.change(
            by, Case, case_id, case_counselling.hold_session, draft, check=check
        )

    def correct_session(self, case_id: UUID, after: SessionFacts, by: Command) -> Receipt:
        """Correct a session; facts, summary and notes that are left out stay as they are.

        Whether somebody may work with the case is asked of those whom the correction adds.
        """

        def correct(case: Case, after: Session, stamp: Stamp) -> Iterator[Event]:
            held = case.sessions.get(after.id)
            if held is not None:
                after = kept(after, held.fact)
            return case_counselling.correct_session(case, after, stamp)

        def check(_: Stamp) -> None:
            # What became known of who held it keeps nobody from putting it right.
            held = self.records.get(Case, case_id).sessions.get(after.id)
            known = held.fact.practitioners if held is not None else ()
            new = [one for one in draft.practitioners if one not in known]
            require_members(self.records, draft.practitioners, draft.held_on)
            require_counsellors(self.records, self.vault, case_id, new, draft.held_on)

        draft = after.draft(self.vault.drafts(case_id))
        return self.records.change(by, Case, case_id, correct, draft, check=check)

    def void_session(self, case_id: UUID, session: UUID, by: Command) -> Receipt:
        """Take back a session that never was; without any left the couple is not counselled."""
        return self.records.change(by, Case, case_id, case_counselling.void_session, session)

    def declare_outcome(
        self, case_id: UUID, outcome: CaseOutcome, at: Occurred, by: Command
    ) -> Receipt:
        """Note how and when it ended, as the parties say; it counts until the registry confirms."""
        return self.records.change(by, Case, case_id, case_registry.declare_outcome, outcome, at)

    def confirm_outcome(
        self, case_id: UUID, outcome: CaseOutcome, at: Occurred, by: Command
    ) -> Receipt:
        """Note how and when it ended, as the registry says; this replaces what the parties said."""
        return self.records.change(by, Case, case_id, case_registry.confirm_outcome, outcome, at)

    def revise_outcome(
        self, case_id: UUID, outcome: CaseOutcome, at: Occurred, by: Command
    ) -> Receipt:
        """Correct an outcome that was another one, or of another time; its source stays."""
        return self.records.change(by, Case, case_id, case_registry.revise_outcome, outcome, at)

    def void_outcome(self, case_id: UUID, by: Command) -> Receipt:
        """Take back an outcome: there is none yet."""
        return self.records.change(by, Case, case_id, case_registry.void_outcome)

    def break_deferral(self, case_id: UUID, by: Command) -> Receipt:
        """Note that the couple came back to the divorce on the stamp's day."""
        return self.records.change(by, Case, case_id, case_registry.break_deferral)

    def void_deferral_break(self, case_id: UUID, by: Command) -> Receipt:
        """Take back that the couple came back to the divorce."""
        return self.records.change(by, Case, case_id, case_registry.void_deferral_break)

    def refer(self, case_id: UUID, referral: ReferralFacts, by: Command) -> Receipt:
        """Refer the case to another body."""
        draft = drafted(Referral, referral, self.vault.drafts(case_id))
        return self.records.change(by, Case, case_id, case_care.refer, draft)

    def accept_referral(self, case_id: UUID, referral: UUID, by: Command) -> Receipt:
        """Note that the other body takes the referral on."""
        return self.records.change(by, Case, case_id, case_care.accept_referral, referral)

    def decline_referral(self, case_id: UUID, referral: UUID, by: Command) -> Receipt:
        """Note that the other body does not take the referral on."""
        return self.records.change(by, Case, case_id, case_care.decline_referral, referral)

    def complete_referral(self, case_id: UUID, referral: UUID, by: Command) -> Receipt:
        """Note that the other body, having accepted, has done its part."""
        return self.records.change(by, Case, case_id, case_care.complete_referral, referral)

    def correct_referral(self, case_id: UUID, after: ReferralRecordFacts, by: Command) -> Receipt:
        """Correct a referral or its dates; a summary that is left out stays as it is."""

        def correct(case: Case, after: ReferralRecord, stamp: Stamp) -> Iterator[Event]:
            made = case.referrals.get(after.referral.id)
            if made is not None:
                referral = kept(after.referral, made.fact.referral)
                after = after.model_copy(update={"referral": referral})
            return case_care.correct_referral(case, after, stamp)

        referral = drafted(Referral, after.referral, self.vault.drafts(case_id))
        draft = ReferralRecord(**dict(after) | {"referral": referral})
        return self.records.change(by, Case, case_id, correct, draft)

    def void_referral(self, case_id: UUID, referral: UUID, by: Command) -> Receipt:
        """Take back a referral that never was."""
        return self.records.change(by, Case, case_id, case_care.void_referral, referral)

    def report(self, case_id: UUID, report: ReportFacts, by: Command) -> Receipt:
        """Record a mandatory report; it counts with the place that first saw the danger."""
        draft = drafted(Report, report, self.vault.drafts(case_id))
        return self.records.change(by, Case, case_id, case_safety.report, draft)

    def correct_report(
        self, case_id: UUID, after: ReportFacts, at: datetime, by: Command
    ) -> Receipt:
        """Correct a report or its instant; the screening it answers stays the same.

        A summary that is left out stays as it is, too.
        """

        def correct(case: Case, after: Report, at: datetime, stamp: Stamp) -> Iterator[Event]:
            made = case.reports.get(after.id)
            if made is not None:
                after = kept(after, made.fact.report)
            return case_safety.correct_report(case, after, at, stamp)

        draft = drafted(Report, after, self.vault.drafts(case_id))
        return self.records.change(by, Case, case_id, correct, draft, at)

    def void_report(self, case_id: UUID, report: UUID, by: Command) -> Receipt:
        """Take back a report that never was; the one due is owed again."""
        return self.records.change(by, Case, case_id, case_safety.void_report, report)

    def note_warning_letter(self, case_id: UUID, document: SafetyDocument, by: Command) -> Receipt:
        """Note a warning letter of the police (告诫书)."""
        return self.records.change(by, Case, case_id, case_safety.note_warning_letter, document)

    def note_protection_order(
        self, case_id: UUID, document: SafetyDocument, by: Command
    ) -> Receipt:
        """Note a personal protection order of a court (人身安全保护令)."""
        return self.records.change(by, Case, case_id, case_safety.note_protection_order, document)

    def void_document(self, case_id: UUID, document: UUID, by: Command) -> Receipt:
        """Take back a warning letter or protection order noted by mistake."""
        return self.records.change(by, Case, case_id, case_safety.void_document, document)

    def schedule_follow_up(self, case_id: UUID, wanted: FollowUpWanted, by: Command) -> Receipt:
        """Schedule a follow-up, also of a closed case; by default as the risk level demands."""
        return self.records.change(by, Case, case_id, case_care.schedule_follow_up, wanted)

    def make_follow_up(
        self, case_id: UUID, follow_up: UUID, summary: CaseText | None, by: Command
    ) -> Receipt:
        """Record that they were reached."""
        draft = None if summary is None else self.vault.drafts(case_id).of(COUPLE, summary)
        return self.records.change(
            by,
            Case,
            case_id,
            case_care.make_follow_up,
            follow_up,
            draft,
            check=self.unrelated(case_id),
        )

    def miss_follow_up(self, case_id: UUID, follow_up: UUID, by: Command) -> Receipt:
        """Record a try that did not reach them; the third one makes the follow-up lost."""
        return self.records.change(by, Case, case_id, case_care.miss_follow_up, follow_up)

    def cancel_follow_up(self, case_id: UUID, follow_up: UUID, by: Command) -> Receipt:
        """Cancel a follow-up that is not needed any more."""
        return self.records.change(by, Case, case_id, case_care.cancel_follow_up, follow_up)

    def correct_follow_up(self, case_id: UUID, after: FollowUpRecord, by: Command) -> Receipt:
        """Correct a follow-up or its dates; it ends once, and is lost after three tries only."""
        return self.records.change(by, Case, case_id, case_care.correct_follow_up, after)

    def void_follow_up(self, case_id: UUID, follow_up: UUID, by: Command) -> Receipt:
        """Take back a follow-up that never was, also where a transfer left it behind."""
        return self.records.change(by, Case, case_id, case_care.void_follow_up, follow_up)

    def rate(self, case_id: UUID, rating: Rating, by: Command) -> Receipt:
        """Record how satisfied someone was, at a follow-up that was made or at any other time."""
        return self.records.change(by, Case, case_id, case_care.rate, rating)

    def correct_rating(self, case_id: UUID, after: RatingRecord, by: Command) -> Receipt:
        """Correct a rating or its day."""
        return self.records.change(by, Case, case_id, case_care.correct_rating, after)

    def void_rating(self, case_id: UUID, rating: UUID, by: Command) -> Receipt:
        """Take back a rating that never was."""
        return self.records.change(by, Case, case_id, case_care.void_rating, rating)

    def request_transfer(self, case_id: UUID, to: Place, by: Command) -> Receipt:
        """Ask another centre to take over; the first receiver is responsible until it accepts."""
        return self.records.change(
            by,
            Case,
            case_id,
            case_file.request_transfer,
            to,
            check=lambda stamp: require_place(self.records, to, stamp.occurred_on),
        )

    def accept_transfer(self, case_id: UUID, by: Command) -> Receipt:
        """Take the case over, as an office of the receiving centre."""
        return self.records.change(by, Case, case_id, case_file.accept_transfer)

    def reject_transfer(self, case_id: UUID, by: Command) -> Receipt:
        """Decline to take the case over, as an office of the receiving centre, for a reason."""
        return self.records.change(by, Case, case_id, case_file.reject_transfer)

    def propose_closure(self, case_id: UUID, proposal: ClosureFacts, by: Command) -> Receipt:
        """Propose to close the case; nothing that the law demands may be left undone."""
        draft = drafted(ClosureProposal, proposal, self.vault.drafts(case_id))
        return self.records.change(by, Case, case_id, case_file.propose_closure, draft)

    def approve_closure(self, case_id: UUID, by: Command) -> Receipt:
        """Close the case, as someone other than the proposer."""
        return self.records.change(by, Case, case_id, case_file.approve_closure)

    def return_closure(self, case_id: UUID, by: Command) -> Receipt:
        """Send a proposal back, for a reason."""
        return self.records.change(by, Case, case_id, case_file.return_closure)

    def void_closure(self, case_id: UUID, by: Command) -> Receipt:
        """Take back a closure that was a mistake: the case was open all the time."""
        return self.records.change(by, Case, case_id, case_file.void_closure)

    def reopen(self, case_id: UUID, by: Command) -> Receipt:
        """Go on with a closed case from the stamp's day, for a reason."""
        return self.records.change(by, Case, case_id, case_file.reopen)

    def archive(self, case_id: UUID, keep_until: date | None, by: Command) -> Receipt:
        """Hand a closed case to the archive once no follow-up is waited for."""
        return self.records.change(by, Case, case_id, case_file.archive, keep_until)

    def void(self, case_id: UUID, duplicate_of: UUID | None, by: Command) -> Receipt:
        """Take back the whole case with everything it counted, for a reason."""
        return self.records.change(by, Case, case_id, case_file.void, duplicate_of)

    def unrelated(self, case_id: UUID) -> Callable[[Stamp], None]:
        """Refuses counselling in a case by who is a party of it or a relative of one."""
        return lambda stamp: require_unrelated(self.records, self.vault, case_id, stamp)

    def require_begun(self, place: Place, on: date) -> None:
        """Refuse a case of a day before its centre began, or on which that lay elsewhere."""
        require_place(self.records, place, on)
        if place.centre is not None:
            self.records.get(Centre, place.centre).require_begun(on)

    def require_counsellor(self, case_id: UUID, appointment: Appointment, stamp: Stamp) -> None:
        """Refuse an appointment with whom nobody knows in the team, or who must not take part."""
        named = [] if appointment.practitioner is None else [appointment.practitioner]
        require_counsellors(self.records, self.vault, case_id, named, stamp.occurred_on)

    def deadlines_of(self, case: Case, accepted_on: date) -> Deadlines:
        """The two periods of an application, by the holiday calendar known today.

        They end when the registry office closes: the last of those that the centre covers, as a
        receipt does not say which of them gave it.
        """
        placed = case.application
        place = placed.place if placed is not None else case.place
        centre = self.records.find(Centre, place.centre) if place and place.centre else None
        hours = [office.closing or CLOSING for office in centre.registry_offices] if centre else []
        return deadlines(accepted_on, calendar_on(day(self.clock())), max(hours, default=CLOSING))
