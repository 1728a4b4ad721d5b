"""The file of a case (个案): opening, parties, transfer, closure, archive, erasure, voiding."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from domain.base import Place, Refused, Sealed, Stamp
from domain.case import ARCHIVED, CLOSED, LIVE, OPEN, STANDING, VOIDED, Case
from domain.case_care_events import FollowUpCancelled, FollowUpScheduled
from domain.case_facts import (
    CaseEvent,
    ClosureProposal,
    ClosureRecord,
    NoteReading,
    Opening,
    Profile,
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
from domain.case_protection import require_minor_approved
from domain.case_rules import find, lengthened, red_in, standing
from domain.record import require_happened, require_reason
from domain.retention import YEARS, RecordClass, years_after
from domain.rights import Age
from domain.values import ClosureKind, Party


def open_case(case: Case, opening: Opening, place: Place, by: Stamp) -> Iterator[CaseEvent]:
    """Open the case at a place."""
    if case.exists:
        raise Refused("case-already-opened")
    yield CaseOpened.of(case, by, place=place, opening=opening)


def correct_opening(case: Case, after: Opening, on: date, by: Stamp) -> Iterator[CaseEvent]:
    """Correct what the case was opened with or the day; no later than any other fact of it."""
    case.require(by, *STANDING)
    require_reason(by)
    require_happened(on, by)
    if (case.opening, case.opened_on) == (after, on):
        raise Refused("correction-changes-nothing")
    for earliest in days_of_facts(case):
        if on > earliest:
            raise Refused("after-first-fact", first=earliest)
    yield OpeningCorrected.of(
        case,
        by,
        place=case.stays[0].place,
        before=case.opening,
        after=after,
        before_on=case.opened_on,
        after_on=on,
    )


def identify(
    case: Case,
    party: Party,
    identity: Sealed,
    profile: Profile | None,
    by: Stamp,
    *,
    age: Age | None = None,
) -> Iterator[CaseEvent]:
    """Note who a party is, sealed, with coarse attributes for statistics.

    Of a minor, whose `age` is given, only after somebody else allowed it.
    """
    case.require(by, *LIVE)
    require_minor_approved(case, party, age, by)
    if party in case.parties:
        raise Refused("party-already-identified", party=party)
    yield PartyIdentified.of(case, by, party=party, identity=identity, profile=profile)


def correct_identity(
    case: Case,
    party: Party,
    identity: Sealed,
    profile: Profile | None,
    by: Stamp,
    *,
    age: Age | None = None,
) -> Iterator[CaseEvent]:
    """Note that a party is someone else, or its attributes are others."""
    case.require(by, *STANDING)
    require_minor_approved(case, party, age, by)
    require_reason(by)
    if party not in case.parties:
        raise Refused("party-not-identified", party=party)
    yield PartyIdentityCorrected.of(
        case, by, party=party, identity=identity, before=case.parties[party], after=profile
    )


def note_anonymous(case: Case, by: Stamp) -> Iterator[CaseEvent]:
    """Note that they prefer to stay unnamed."""
    case.require(by, *LIVE)
    if case.parties or case.anonymous:
        raise Refused("identity-already-noted")
    yield AnonymousNoted.of(case, by)


def link_encounter(case: Case, encounter: UUID, by: Stamp) -> Iterator[CaseEvent]:
    """Link an earlier encounter to the case."""
    case.require(by, *LIVE)
    if encounter in case.encounters:
        raise Refused("encounter-already-linked", encounter=encounter)
    yield EncounterLinked.of(case, by, encounter=encounter)


def request_transfer(case: Case, to: Place, by: Stamp) -> Iterator[CaseEvent]:
    """Ask another centre to take over; the first receiver is responsible until it accepts."""
    case.require(by, OPEN)
    require_undecided(case)
    require_reports_made(case)
    if to == case.place:
        raise Refused("transfer-to-same-place")
    yield TransferRequested.of(case, by, to_place=to)


def accept_transfer(case: Case, by: Stamp) -> Iterator[CaseEvent]:
    """Take the case over, as an office of the receiving centre.

    Follow-ups still to be made are cancelled here and scheduled there, due on the day of the
    transfer at the earliest.
    """
    case.require(by, OPEN)
    if by.actor in case.recused:
        raise Refused("counsellor-recused", practitioner=by.actor)
    to = require_receiver(case, by)
    case.require_after_moves(by)
    require_reports_made(case)
    waiting = [f for f in standing(case.follow_ups) if f.fact.settled_on is None]
    for record, place in waiting:
        yield FollowUpCancelled.of(case, by, place=place, follow_up=record.follow_up)
    yield TransferAccepted.of(
        case, by, place=to, from_place=case.place, to_place=to, risk=case.risk
    )
    for record, _ in waiting:
        due_on = max(record.follow_up.due_on, by.occurred_on)
        follow_up = record.follow_up.model_copy(update={"due_on": due_on})
        yield FollowUpScheduled.of(case, by, place=to, follow_up=follow_up)


def reject_transfer(case: Case, by: Stamp) -> Iterator[CaseEvent]:
    """Decline to take the case over, as an office of the receiving centre, for a reason."""
    case.require(by, OPEN)
    to = require_receiver(case, by)
    if by.reason is None:
        raise Refused("rejection-needs-reason")
    yield TransferRejected.of(case, by, to_place=to)


def propose_closure(case: Case, proposal: ClosureProposal, by: Stamp) -> Iterator[CaseEvent]:
    """Propose to close the case; nothing that the law demands may be left undone."""
    case.require(by, OPEN)
    require_undecided(case)
    require_reports_made(case)
    require_outcome_known(case, proposal.kind)
    yield ClosureProposed.of(case, by, proposal=proposal)


def approve_closure(case: Case, by: Stamp) -> Iterator[CaseEvent]:
    """Close the case, as someone other than the proposer."""
    case.require(by, OPEN)
    proposal, proposer = require_proposal(case)
    if by.actor == proposer:
        raise Refused("approver-is-proposer")
    case.require_after_moves(by)
    require_after_facts(case, by)
    require_reports_made(case)
    require_outcome_known(case, proposal.kind)
    record = ClosureRecord(
        on=by.occurred_on,
        kind=proposal.kind,
        counselled=case.began is not None,
        sessions=sum(1 for _ in standing(case.sessions)),
        filed=case.filed,
        risk=case.risk,
        number=len(case.closures) + 1,
    )
    yield ClosureApproved.of(case, by, record=record)


def return_closure(case: Case, by: Stamp) -> Iterator[CaseEvent]:
    """Send a proposal back, for a reason."""
    case.require(by, OPEN)
    require_proposal(case)
    if by.reason is None:
        raise Refused("rejection-needs-reason")
    yield ClosureReturned.of(case, by)


def void_closure(case: Case, by: Stamp) -> Iterator[CaseEvent]:
    """Take back a closure that was a mistake: the case was open all the time."""
    case.require(by, CLOSED)
    require_reason(by)
    closure = case.closures[-1]
    yield ClosureVoided.of(
        case,
        by,
        place=closure.place,
        record=closure.fact,
        red_before=red_in(case.stays, case.risks),
        red_after=red_in(lengthened(case.stays, None), case.risks),
    )


def reopen(case: Case, by: Stamp) -> Iterator[CaseEvent]:
    """Go on with a closed case from the stamp's day, for a reason."""
    case.require(by, CLOSED)
    if by.reason is None:
        raise Refused("reopening-needs-reason")
    case.require_after_moves(by)
    yield CaseReopened.of(case, by, closed=case.closures[-1].fact, risk=case.risk)


def archive(case: Case, keep_until: date | None, by: Stamp) -> Iterator[CaseEvent]:
    """Hand a closed case to the archive once no follow-up is waited for.

    It is kept as long as the retention schedule says for its class, longer, or for good; what is
    entered late, from the day of its entry: nobody shortens the time by the date he writes.
    """
    case.require(by, CLOSED)
    case.require_after_moves(by)
    require_after_facts(case, by)
    if any(f.fact.settled_on is None for f in standing(case.follow_ups)):
        raise Refused("follow-ups-open")
    kind = class_of(case)
    earliest = years_after(max(by.occurred_on, by.received_on), YEARS[kind])
    if keep_until is not None and keep_until < earliest:
        raise Refused("retention-too-short", kind=kind, years=YEARS[kind], earliest=earliest)
    yield CaseArchived.of(case, by, keep_until=keep_until)


def read_note(case: Case, reading: NoteReading, by: Stamp) -> Iterator[CaseEvent]:
    """Note that someone reads the sealed notes of a session, of one party or of the whole."""
    case.require(by, *STANDING)
    session = find(case.sessions, reading.session).fact
    notes = [c.note for c in session.notes or () if c.party is reading.party]
    if not notes:
        raise Refused("no-sealed-note", session=reading.session)
    if any(note.k in case.erased for note in notes):
        raise Refused("personal-data-erased")
    yield SealedNoteOpened.of(case, by, reading=reading)


def erase(case: Case, keys: tuple[str, ...], by: Stamp) -> Iterator[CaseEvent]:
    """Note that the vault destroyed these keys, for a reason; never of a case still open."""
    case.require(by, CLOSED, ARCHIVED, VOIDED)
    if by.reason is None:
        raise Refused("erasure-needs-reason")
    yield PersonalDataErased.of(case, by, keys=keys)


def void(case: Case, duplicate_of: UUID | None, by: Stamp) -> Iterator[CaseEvent]:
    """Take back the whole case with everything it counted, for a reason."""
    case.require(by, *STANDING)
    require_reason(by)
    if duplicate_of == case.id:
        raise Refused("duplicate-of-itself")
    yield CaseVoided.of(case, by, counted=case.tallies(), duplicate_of=duplicate_of)


def require_proposal(case: Case) -> tuple[ClosureProposal, UUID]:
    """The proposed closure and who proposed it; refused when there is none."""
    if case.proposed is None:
        raise Refused("no-closure-proposed")
    return case.proposed


def require_undecided(case: Case) -> None:
    """Refuse while a transfer or a closure waits for its answer."""
    if case.transfer_to is not None:
        raise Refused("transfer-pending")
    if case.proposed is not None:
        raise Refused("closure-pending")


def require_outcome_known(case: Case, kind: ClosureKind) -> None:
    """Refuse to close a case for its outcome while there is none."""
    if kind is ClosureKind.OUTCOME_KNOWN and case.outcome is None:
        raise Refused("outcome-not-known")


def require_receiver(case: Case, by: Stamp) -> Place:
    """The place asked to take over; refused to anyone who does not act for it."""
    to = case.transfer_to
    if to is None:
        raise Refused("no-transfer-requested")
    if by.office != (to.centre or to.region):
        raise Refused("not-receiving-centre")
    return to


def require_reports_made(case: Case) -> None:
    """Refuse while a mandatory report is owed: the first receiver stays responsible."""
    reported = {r.fact.report.screening for r in standing(case.reports)}
    for record, _ in standing(case.screenings):
        if record.report_due is not None and record.screening.id not in reported:
            raise Refused("report-owed", due=record.report_due)


def class_of(case: Case) -> RecordClass:
    """The class of the retention schedule that a case is of; of violence once that was recorded.

    That the record of it was voided changes nothing: who voids it would shorten the time alone.
    """
    return RecordClass.CASE_OF_VIOLENCE if case.violence_recorded else RecordClass.CASE


def require_after_facts(case: Case, by: Stamp) -> None:
    """Refuse to end a case on a day before something of it happened."""
    last = max((*days_of_facts(case), *days_of_work(case)), default=case.opened_on)
    if by.occurred_on < last:
        raise Refused("before-last-fact", last=last)


def days_of_work(case: Case) -> Iterator[date]:
    """The days of what may follow other facts of a case, in no order."""
    if case.application is not None:
        yield case.application.fact.on
    yield from (on for follow_up, _ in standing(case.follow_ups) if (on := follow_up.settled_on))
    for referral, _ in standing(case.referrals):
        ends = (referral.accepted_on, referral.declined_on, referral.completed_on)
        yield from (on for on in ends if on is not None)
    yield from (a.fact.withdrawn_on for a in case.answers if a.fact.withdrawn_on is not None)


def days_of_facts(case: Case) -> Iterator[date]:
    """The days of facts that the opening must not follow, in no order."""
    yield from (stay.until for stay in case.stays if stay.until is not None)
    yield from (reading.on for reading in case.risks)
    yield from (answer.fact.on for answer in case.answers)
    yield from (session.fact.held_on for session in standing(case.sessions))
    yield from (screening.fact.on for screening in standing(case.screenings))
    yield from (report.fact.on for report in standing(case.reports))
    yield from (referral.fact.made_on for referral in standing(case.referrals))
    yield from (rating.fact.on for rating in standing(case.ratings))
    if case.outcome is not None:
        yield case.outcome.on
