"""The rules of a case that need no state of it: what makes its facts agree with each other."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from domain.base import Occurred, Place, Refused, Stamp, day, moment
from domain.calendar import regime_on
from domain.case_facts import (
    REPORT_WITHIN,
    REVISIT_MONTHS,
    Answer,
    Application,
    Appointment,
    Began,
    Milestone,
    OutcomeRecord,
    Response,
    RiskReading,
    Screening,
    ScreeningRecord,
    Stay,
)
from domain.values import AnswerKind, CaseOutcome, Party, Regime, RiskLevel, SafetyLevel

WITHOUT_APPLICATION = {CaseOutcome.LITIGATION, CaseOutcome.SAFETY_DIVERTED, CaseOutcome.LOST}
OF_OTHER_REGIME = {
    Regime.A: {CaseOutcome.WITHDRAWN, CaseOutcome.LAPSED},
    Regime.B: {CaseOutcome.CANCELLED, CaseOutcome.POSTPONED},
}

Fact = TypeVar("Fact")


class Placed(NamedTuple, Generic[Fact]):
    """A fact, and the place where it counts also after a transfer."""

    fact: Fact
    place: Place


Book = Mapping[UUID, Placed[Fact] | None]
"""Facts by id; None where one was voided, so that its id is never used again."""


def put(book: Book[Fact], key: UUID, fact: Fact, place: Place) -> Book[Fact]:
    """The book with one fact more, or exchanged."""
    return {**book, key: Placed(fact, place)}


def strike(book: Book[Fact], key: UUID) -> Book[Fact]:
    """The book with one fact voided."""
    return {**book, key: None}


def standing(book: Book[Fact]) -> Iterator[Placed[Fact]]:
    """The facts that were not voided, in the order in which they were recorded."""
    return (placed for placed in book.values() if placed is not None)


def find(book: Book[Fact], key: UUID) -> Placed[Fact]:
    """A fact that stands; refused when it was never recorded or was voided."""
    if key not in book:
        raise Refused("record-unknown", record=key)
    placed = book[key]
    if placed is None:
        raise Refused("record-voided", record=key)
    return placed


def at(place: Place, placed: Iterable[Placed[Fact]]) -> tuple[Fact, ...]:
    """The facts that count at a place."""
    return tuple(fact for fact, where in placed if where == place)


def reached(milestone: Milestone | None, place: Place) -> date | None:
    """The day of a milestone that counts at a place."""
    return milestone.on if milestone is not None and milestone.place == place else None


def require_new(book: Mapping[UUID, object], key: UUID) -> None:
    """Refuse an id that was used before, also by a fact that was voided."""
    if key in book:
        raise Refused("record-exists", record=key)


def require_change(before: object, after: object) -> None:
    """Refuse a correction that changes nothing."""
    if before == after:
        raise Refused("correction-changes-nothing")


def require_ahead(appointment: Appointment, by: Stamp) -> None:
    """Refuse an appointment for a time that is past; of a bare date the whole day is ahead."""
    starts_at, occurred = appointment.starts_at, by.occurred
    instant = isinstance(occurred, datetime)
    if starts_at < moment(occurred) if instant else day(starts_at) < by.occurred_on:
        raise Refused("appointment-in-past", starts_at=starts_at)


def require_come(appointment: Appointment, by: Stamp) -> None:
    """Refuse while the time of an appointment has not come; of a bare date the whole day has."""
    starts_at, occurred = appointment.starts_at, by.occurred
    instant = isinstance(occurred, datetime)
    if starts_at > moment(occurred) if instant else day(starts_at) > by.occurred_on:
        raise Refused("appointment-ahead", starts_at=starts_at)


def require_periods(application: Application) -> None:
    """Refuse what an application of that day's regime does not have, and periods out of order."""
    receipt, deadlines = application.receipt, application.deadlines
    if regime_on(application.on) is Regime.A:
        if receipt is not None or deadlines is not None:
            raise Refused("no-receipt-then", on=application.on)
        return
    if receipt is None or deadlines is None:
        raise Refused("receipt-needed", on=application.on)
    if not (
        application.on
        < deadlines.cooling_off_nominal
        <= deadlines.cooling_off_effective
        < deadlines.window_effective
        and deadlines.cooling_off_nominal < deadlines.window_nominal <= deadlines.window_effective
    ):
        raise Refused("periods-out-of-order", on=application.on)


def require_possible(outcome: CaseOutcome, at: Occurred, application: Application | None) -> None:
    """Refuse an outcome that the application cannot have, or not then (Civil Code 203, 1077).

    On the last day of a period its end is the closing time of the registry; where of an outcome
    only that day is known, it came before.
    """
    if application is None:
        if outcome not in WITHOUT_APPLICATION:
            raise Refused("outcome-needs-application", outcome=outcome)
        return
    if (on := day(at)) < application.on:
        raise Refused("outcome-before-application", on=on, applied_on=application.on)
    if outcome in OF_OTHER_REGIME[regime_on(application.on)]:
        raise Refused("outcome-of-other-regime", outcome=outcome)
    deadlines = application.deadlines
    if deadlines is None:
        return
    cooled_off, window = deadlines.cooling_off_ends, deadlines.window_ends
    if outcome is CaseOutcome.WITHDRAWN and is_over(cooled_off, at):
        raise Refused("withdrawn-too-late", until=cooled_off)
    # The window begins with the day after the cooling-off period (art. 201), not with its closing.
    if outcome is CaseOutcome.REGISTERED and (on <= day(cooled_off) or is_over(window, at)):
        raise Refused("registered-outside-window", after=day(cooled_off), until=window)
    if outcome is CaseOutcome.LAPSED and not is_over(window, at):
        raise Refused("lapsed-too-early", after=window)


def is_over(end: datetime, at: Occurred) -> bool:
    """Whether a period that ends at an instant was over; of a bare date, on all of that day."""
    return at > end if isinstance(at, datetime) else at > day(end)


def revisit_due(level: RiskLevel, on: date) -> date:
    """When the revisit after a day is due: the same day of a later month, or that month's last day.

    So months are counted (Civil Code art. 202).
    """
    months = on.month - 1 + REVISIT_MONTHS[level]
    year, month = on.year + months // 12, months % 12 + 1
    return date(year, month, min(on.day, monthrange(year, month)[1]))


def require_offered(answers: Iterable[Placed[Answer]], on: date) -> None:
    """Refuse an answer on a day before anything was offered."""
    if not any(a.kind is AnswerKind.OFFERED and a.on <= on for a, _ in answers):
        raise Refused("not-offered")


def consented(party: Party, on: date, answers: Iterable[Placed[Answer]]) -> bool:
    """Whether a party's consent held on a day."""
    return any(
        a.kind is AnswerKind.CONSENTED
        and a.party is party
        and a.on <= on
        and (a.withdrawn_on is None or on < a.withdrawn_on)
        for a, _ in answers
    )


def consent_of(party: Party, answers: tuple[Placed[Answer], ...]) -> Placed[Answer] | None:
    """A party's consent that was not withdrawn."""
    for placed in answers:
        answer = placed.fact
        if (
            answer.kind is AnswerKind.CONSENTED
            and answer.party is party
            and answer.withdrawn_on is None
        ):
            return placed
    return None


def exchanged(
    answers: tuple[Placed[Answer], ...], before: Placed[Answer], after: Answer | None
) -> tuple[Placed[Answer], ...]:
    """The answers with one exchanged, or without it."""
    exchange = () if after is None else (Placed(after, before.place),)
    number = next(n for n, placed in enumerate(answers) if placed is before)
    return (*answers[:number], *exchange, *answers[number + 1 :])


def response_in(answers: tuple[Placed[Answer], ...]) -> Response:
    """What counts once a case: the first offer, consent and, without any consent, refusal."""
    first: dict[AnswerKind, Milestone] = {}
    for answer, place in answers:
        first.setdefault(answer.kind, Milestone(on=answer.on, place=place))
    accepted = first.get(AnswerKind.CONSENTED)
    return Response(
        offered=first.get(AnswerKind.OFFERED),
        accepted=accepted,
        declined=first.get(AnswerKind.DECLINED) if accepted is None else None,
    )


def red_in(stays: tuple[Stay, ...], risks: tuple[RiskReading, ...]) -> tuple[Stay, ...]:
    """The stretches in which the case counts as open and high-risk."""
    red = []
    for number, reading in enumerate(risks):
        if reading.level is not RiskLevel.RED:
            continue
        end = risks[number + 1].on if number + 1 < len(risks) else None
        for stay in stays:
            since = max(stay.since, reading.on)
            until = min((d for d in (stay.until, end) if d is not None), default=None)
            if until is None or since < until:
                red.append(Stay(place=stay.place, since=since, until=until))
    return tuple(red)


def lengthened(stays: tuple[Stay, ...], until: date | None) -> tuple[Stay, ...]:
    """The stays with the last one ending on another day, or not at all."""
    return (*stays[:-1], stays[-1].model_copy(update={"until": until}))


def screened(screening: Screening, at: Occurred) -> ScreeningRecord:
    """The record of a screening; refused when it was not alone, or severe without its hour."""
    if not screening.alone:
        raise Refused("not-alone", party=screening.party)
    if screening.level is not SafetyLevel.SEVERE:
        return ScreeningRecord(screening=screening, at=at)
    if not isinstance(at, datetime):
        raise Refused("hour-needed")
    return ScreeningRecord(screening=screening, at=at, report_due=moment(at) + REPORT_WITHIN)


def applied(began: Began | None, place: Place | None) -> Began | None:
    """The beginning as that of a couple that applied for divorce at a place, or did not."""
    return began.model_copy(update={"applied_at": place}) if began is not None else None


def counselled(outcome: OutcomeRecord | None, on: date | None) -> OutcomeRecord | None:
    """The outcome as that of a couple that is counselled since a day, or was not."""
    return outcome.model_copy(update={"counselled_on": on}) if outcome is not None else None
