"""What counselling counts: who was offered it and how they answered; sessions and minutes."""

from __future__ import annotations

from operator import attrgetter
from typing import Final
from uuid import UUID, uuid5

from domain.base import Place
from domain.case_counselling_events import (
    AnswerCorrected,
    AnswerVoided,
    ConsentGiven,
    ConsentWithdrawn,
    CounsellingDeclined,
    CounsellingOffered,
    SessionCorrected,
    SessionHeld,
    SessionVoided,
)
from domain.case_facts import Milestone, Response, Session
from projections.entries import Entry, Kinds, Rule, Rules, changed, correcting, number, taken_back

OFFERED: Final = number("offered")
ACCEPTED: Final = number("accepted")
DECLINED: Final = number("declined")
SESSIONS: Final = number("sessions")
SESSION_MINUTES: Final = number("session_minutes")
SESSIONS_ASSISTED: Final = number("sessions_assisted")
SESSION_MINUTES_ASSISTED: Final = number("session_minutes_assisted")


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


RULES: Final[Rules] = {
    CounsellingOffered: Rule(offered),
    ConsentGiven: Rule(consented),
    CounsellingDeclined: Rule(declined),
    AnswerCorrected: correcting(answer_changed),
    AnswerVoided: correcting(answer_changed),
    SessionHeld: Rule(session_held, on=attrgetter("session.held_on")),
    SessionCorrected: correcting(session_corrected),
    SessionVoided: correcting(session_voided),
}

UNCOUNTED: Final[Kinds] = frozenset({ConsentWithdrawn})
