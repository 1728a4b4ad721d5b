"""Counselling itself in a case (个案): the decisions on offers, consents and sessions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from domain.base import Refused, Stamp, moment
from domain.case import OPEN, STANDING, Case
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
from domain.case_facts import Answer, Began, CaseEvent, Compartment, Session, Words
from domain.case_rules import (
    Book,
    Placed,
    consent_of,
    consented,
    exchanged,
    find,
    put,
    require_change,
    require_new,
    require_offered,
    response_in,
    standing,
    strike,
)
from domain.record import require_happened, require_over, require_reason
from domain.values import AnswerKind, Party


def offer(case: Case, by: Stamp) -> Iterator[CaseEvent]:
    """Offer counselling: voluntary, free, and no precondition of registration."""
    case.require(by, OPEN)
    yield CounsellingOffered.of(case, by, first=case.response.offered is None)


def consent(case: Case, party: Party, by: Stamp) -> Iterator[CaseEvent]:
    """Note a party's consent to what was offered."""
    case.require(by, OPEN)
    require_offered(case.answers, by.occurred_on)
    if consent_of(party, case.answers) is not None:
        raise Refused("already-consented", party=party)
    response = case.response
    first = response.accepted is None
    declined = response.declined if first else None
    yield ConsentGiven.of(case, by, party=party, first=first, declined=declined)


def decline(case: Case, party: Party, by: Stamp) -> Iterator[CaseEvent]:
    """Note that a party declines what was offered."""
    case.require(by, OPEN)
    require_offered(case.answers, by.occurred_on)
    if consent_of(party, case.answers) is not None:
        raise Refused("consent-stands", party=party)
    last = [a.fact.kind for a in case.answers if a.fact.party in (None, party)][-1]
    if last is AnswerKind.DECLINED:
        raise Refused("already-declined", party=party)
    response = case.response
    first = response.accepted is None and response.declined is None
    yield CounsellingDeclined.of(case, by, party=party, first=first)


def withdraw_consent(case: Case, party: Party, by: Stamp) -> Iterator[CaseEvent]:
    """Note that a party no longer consents, from the stamp's day on."""
    case.require(by, OPEN)
    consent = consent_of(party, case.answers)
    if consent is None:
        raise Refused("consent-missing", party=party)
    withdrawn = consent.fact.model_copy(update={"withdrawn_on": by.occurred_on})
    require_answers(case, exchanged(case.answers, consent, withdrawn))
    yield ConsentWithdrawn.of(case, by, party=party)


def correct_answer(
    case: Case, kind: AnswerKind, party: Party | None, on: date, by: Stamp
) -> Iterator[CaseEvent]:
    """Correct the day of the latest such offer (without a party), consent or refusal."""
    case.require(by, *STANDING)
    require_reason(by)
    require_happened(on, by)
    before = case.find_answer(kind, party)
    if before.fact.on == on:
        raise Refused("correction-changes-nothing")
    if on < case.opened_on:
        raise Refused("before-opening", opened_on=case.opened_on)
    after = before.fact.model_copy(update={"on": on})
    answers = exchanged(case.answers, before, after)
    require_answers(case, answers)
    yield AnswerCorrected.of(
        case,
        by,
        place=before.place,
        before=before.fact,
        after=after,
        counted_before=case.response,
        counted_after=response_in(answers),
    )


def void_answer(
    case: Case, kind: AnswerKind, party: Party | None, by: Stamp
) -> Iterator[CaseEvent]:
    """Take back the latest such offer (without a party), consent or refusal."""
    case.require(by, *STANDING)
    require_reason(by)
    before = case.find_answer(kind, party)
    answers = exchanged(case.answers, before, None)
    require_answers(case, answers)
    yield AnswerVoided.of(
        case,
        by,
        place=before.place,
        record=before.fact,
        counted_before=case.response,
        counted_after=response_in(answers),
    )


def hold_session(case: Case, session: Session, by: Stamp) -> Iterator[CaseEvent]:
    """Record a session on the day it was held; the first one counts the couple as counselled.

    Refused without the consent of everyone present, for a joint session before everyone present
    was screened alone, and for any joint session once violence is known.
    """
    case.require(by, OPEN)
    require_new(case.sessions, session.id)
    if session.held_on != by.occurred_on:
        raise Refused("session-on-another-day", held_on=session.held_on)
    require_over(session.ends_at, by)
    if session.appointment is not None:
        case.find_appointment(session.appointment)
    case.require_no_registrar(by.actor)
    require_admissible(case, session)
    yield SessionHeld.of(case, by, session=session)
    assert case.place is not None
    yield from beginning(case, put(case.sessions, session.id, session, case.place), by)


def correct_session(case: Case, after: Session, by: Stamp) -> Iterator[CaseEvent]:
    """Correct a session; other people, or another time, must have been admissible too."""
    case.require(by, *STANDING)
    case.require_no_registrar(by.actor)
    require_reason(by)
    require_happened(after.started_at, by)
    require_over(after.ends_at, by)
    before = find(case.sessions, after.id)
    require_change(before.fact, after)
    if (before.fact.started_at, before.fact.present, before.fact.practitioners) != (
        after.started_at,
        after.present,
        after.practitioners,
    ):
        require_admissible(case, after)
    require_own_words(before.fact, after)
    yield SessionCorrected.of(case, by, place=before.place, before=before.fact, after=after)
    yield from beginning(case, put(case.sessions, after.id, after, before.place), by)


def require_own_words(before: Session, after: Session) -> None:
    """Refuse to keep what was written of who was there, once others were."""
    if before.present != after.present and of_all_present(before) & of_all_present(after):
        raise Refused("words-of-others")


def of_all_present(session: Session) -> set[Words | Compartment]:
    """What was written of a session that is of everybody who was there."""
    together = [note for note in session.notes or () if note.party is None]
    return {one for one in (session.facts, session.summary, *together) if one is not None}


def void_session(case: Case, session: UUID, by: Stamp) -> Iterator[CaseEvent]:
    """Take back a session that never was; without any left the couple is not counselled."""
    case.require(by, *STANDING)
    require_reason(by)
    before = find(case.sessions, session)
    yield SessionVoided.of(case, by, place=before.place, record=before.fact)
    yield from beginning(case, strike(case.sessions, session), by)


def beginning(case: Case, sessions: Book[Session], by: Stamp) -> Iterator[CaseEvent]:
    """What these sessions change in whether and since when the couple is counselled."""
    first = min(standing(sessions), key=lambda s: s.fact.started_at, default=None)
    before, application, outcome = case.began, case.application, case.outcome
    applied_at = application.place if application is not None else None
    after = (
        Began(on=first.fact.held_on, place=first.place, applied_at=applied_at)
        if first is not None
        else None
    )
    if before is None and after is not None:
        yield CounsellingBegan.of(case, by, place=after.place, began=after, outcome=outcome)
    elif before is not None and after is None:
        yield CounsellingUndone.of(case, by, place=before.place, began=before, outcome=outcome)
    elif after is not None and before != after:
        yield CounsellingRedated.of(
            case, by, place=after.place, before=before, after=after, outcome=outcome
        )


def require_answers(case: Case, answers: tuple[Placed[Answer], ...]) -> None:
    """Refuse answers to no offer, out of order, or that leave a session without consent."""
    for answer, _ in answers:
        if answer.kind is not AnswerKind.OFFERED:
            require_offered(answers, answer.on)
        if answer.withdrawn_on is not None and answer.withdrawn_on < answer.on:
            raise Refused("times-out-of-order", on=answer.withdrawn_on)
    for session, _ in standing(case.sessions):
        for party in session.present:
            if not consented(party, session.held_on, answers):
                raise Refused("session-needs-consent", party=party, held_on=session.held_on)


def require_admissible(case: Case, session: Session) -> None:
    """Refuse a session that must not have been held on its day with these people."""
    if session.held_on < case.opened_on:
        raise Refused("before-opening", opened_on=case.opened_on)
    if not any(
        stay.since <= session.held_on and (stay.until is None or session.held_on <= stay.until)
        for stay in case.stays
    ):
        raise Refused("closed-on-that-day", held_on=session.held_on)
    case.require_no_registrar(*session.practitioners)
    for practitioner in session.practitioners:
        if case.recused.get(practitioner, date.max) <= session.held_on:
            raise Refused("counsellor-recused", practitioner=practitioner)
    for party in session.present:
        if not consented(party, session.held_on, case.answers):
            raise Refused("consent-missing", party=party)
    if session.joint:
        require_safe_together(case, session)


def require_safe_together(case: Case, session: Session) -> None:
    """Refuse a joint session where violence is known or someone was not screened alone before.

    A screening or document of a bare date counts from the first moment of that day.
    """
    instant = session.started_at
    known = [record for record, _ in standing(case.screenings) if moment(record.at) <= instant]
    if any(record.screening.level.positive for record in known):
        raise Refused("violence-known")
    if any(moment(document.issued_on) <= instant for (_, document), _ in standing(case.documents)):
        raise Refused("violence-known")
    screened_alone = {record.screening.party for record in known}
    for party in session.present:
        if party not in screened_alone:
            raise Refused("not-screened", party=party)
