"""What a case counts: the sum of its events and the tally it carries when it is voided are one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from math import gcd
from typing import Any

from hypothesis import event as note
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain import case_care, case_counselling, case_file, case_registry, case_safety
from domain.base import EVENTS, Event, Place, Refused, decide, fold
from domain.case import AnyCaseEvent, Case
from domain.case_care_events import (
    FollowUpCancelled,
    FollowUpCorrected,
    FollowUpMade,
    FollowUpMissed,
    FollowUpScheduled,
    FollowUpVoided,
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
    Assessment,
    CaseEvent,
    FollowUp,
    FollowUpRecord,
    OutcomeRecord,
    RatingRecord,
    ReferralRecord,
    ReportRecord,
    RiskReading,
    ScreeningRecord,
    Session,
    Stay,
    Tally,
)
from domain.case_file_events import (
    CaseOpened,
    CaseReopened,
    CaseVoided,
    ClosureApproved,
    ClosureVoided,
    OpeningCorrected,
    TransferAccepted,
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
    RiskLevelCorrected,
    RiskLevelSet,
    RiskLevelVoided,
    SafetyScreened,
    ScreeningCorrected,
    ScreeningVoided,
)
from domain.values import (
    AnswerKind,
    CaseOutcome,
    FollowUpKind,
    Party,
    RiskLevel,
    SafetyLevel,
)
from tests.domain.case_cast import (
    HER,
    HIM,
    JINAN,
    OPENING,
    PROPOSAL,
    QINGDAO,
    D,
    appointment,
    compartment,
    document,
    hour,
    later,
    rating,
    referral,
    registry,
    report,
    screening,
    session,
    wanted,
    why,
)
from tests.domain.scenario import known

Figures = Counter[tuple[str, Place, date]]
Entry = tuple[str, Place, date, int]


def of_stay(figure: str, stay: Stay) -> Iterator[Entry]:
    yield figure, stay.place, stay.since, 1
    if stay.until is not None:
        yield figure, stay.place, stay.until, -1


def of_application(place: Place, application: Application) -> Iterator[Entry]:
    yield "applications", place, application.on, 1
    yield "pending", place, application.on, 1


def of_outcome(record: OutcomeRecord) -> Iterator[Entry]:
    since = record.counselled_on
    yield f"{record.outcome} counselled={since}", record.place, record.on, 1
    if record.applied:
        yield "pending", record.place, record.on, -1
    if record.broken_on is not None:
        yield f"broken {(record.broken_on - record.on).days}", record.place, record.on, 1


def of_began(began: Any) -> Iterator[Entry]:
    yield f"counselled applied={began.applied}", began.applied_at or began.place, began.on, 1


def of_session(place: Place, held: Session) -> Iterator[Entry]:
    yield "sessions", place, held.held_on, 1
    yield "session_minutes", place, held.held_on, held.minutes


def of_screening(place: Place, record: ScreeningRecord) -> Iterator[Entry]:
    yield "screenings", place, record.on, 1
    yield "screenings_positive", place, record.on, int(record.screening.level.positive)
    yield "reports_required", place, record.on, int(record.report_due is not None)


def of_report(place: Place, record: ReportRecord) -> Iterator[Entry]:
    in_time = record.due is not None and record.within_24h
    yield "reports", place, record.on, 1
    yield "reports_within_24h", place, record.on, int(in_time)


def of_referral(place: Place, record: ReferralRecord) -> Iterator[Entry]:
    yield "referrals_made", place, record.made_on, 1
    for step in ("accepted_on", "declined_on", "completed_on"):
        if (on := getattr(record, step)) is not None:
            yield step, place, on, 1


def of_follow_up(place: Place, record: FollowUpRecord) -> Iterator[Entry]:
    if record.ever_due:
        yield "followups_due", place, record.follow_up.due_on, 1
    yield "followups_overdue", place, record.overdue_since, 1
    if record.settled_on is not None:
        yield "followups_overdue", place, max(record.overdue_since, record.settled_on), -1
    if record.made_on is not None:
        yield "followups_made", place, record.made_on, 1


def of_rating(place: Place, record: RatingRecord) -> Iterator[Entry]:
    yield "rated", place, record.on, 1
    yield "satisfied", place, record.on, int(record.rating.satisfied)


def of_closure(place: Place, record: Any) -> Iterator[Entry]:
    yield "closures", place, record.on, 1
    yield "filed", place, record.on, int(record.filed)


def of_response(response: Any) -> Iterator[Entry]:
    for figure in ("offered", "accepted", "declined"):
        milestone = getattr(response, figure)
        if milestone is not None:
            yield figure, milestone.place, milestone.on, 1


def of_tally(tally: Tally) -> Iterator[Entry]:
    here = tally.place
    for stay in tally.open:
        yield from of_stay("open", stay)
    for stay in tally.red:
        yield from of_stay("red", stay)
    if tally.application is not None:
        yield from of_application(here, tally.application)
    for figure in ("offered", "accepted", "declined"):
        on = getattr(tally, f"{figure}_on")
        if on is not None:
            yield figure, here, on, 1
    if tally.began is not None:
        yield from of_began(tally.began)
    if tally.outcome is not None:
        yield from of_outcome(tally.outcome)
    kinds: list[tuple[Callable[[Place, Any], Iterator[Entry]], Iterable[Any]]] = [
        (of_session, tally.sessions),
        (of_screening, tally.screenings),
        (of_report, tally.reports),
        (of_referral, tally.referrals),
        (of_follow_up, tally.follow_ups),
        (of_rating, tally.ratings),
        (of_closure, tally.closures),
    ]
    for entries, records in kinds:
        for record in records:
            yield from entries(here, record)


def reverse(entries: Iterable[Entry]) -> Iterator[Entry]:
    return ((figure, place, on, -quantity) for figure, place, on, quantity in entries)


def of_event(event: AnyCaseEvent) -> Iterator[Entry]:
    here, on = event.place, event.stamp.occurred_on
    red = RiskLevel.RED
    match event:
        case CaseOpened():
            yield "open", here, on, 1
        case OpeningCorrected(before_on=before, after_on=after):
            yield "open", here, before, -1
            yield "open", here, after, 1
        case ApplicationObserved() | ApplicationAccepted():
            yield from of_application(here, event.application)
            yield from moved(event.began, here)
        case ApplicationCorrected(before=before, after=after):
            yield from reverse(of_application(here, before))
            yield from of_application(here, after)
        case ApplicationVoided():
            yield from reverse(of_application(here, event.application))
            yield from moved(event.began, None)
        case CounsellingOffered(first=True):
            yield "offered", here, on, 1
        case ConsentGiven(first=True, declined=declined):
            yield "accepted", here, on, 1
            if declined is not None:
                yield "declined", declined.place, declined.on, -1
        case CounsellingDeclined(first=True):
            yield "declined", here, on, 1
        case AnswerCorrected() | AnswerVoided():
            yield from reverse(of_response(event.counted_before))
            yield from of_response(event.counted_after)
        case SafetyScreened():
            record = ScreeningRecord(
                screening=event.screening, at=event.stamp.occurred, report_due=event.report_due
            )
            yield from of_screening(here, record)
        case RiskLevelSet(before=before, after=after):
            yield "red", here, on, (after is red) - (before is red)
        case RiskLevelCorrected() | RiskLevelVoided():
            yield from red_moved(event)
        case SessionHeld():
            yield from of_session(here, event.session)
        case CounsellingBegan():
            yield from of_began(event.began)
            yield from counselled(event.outcome, event.began.on)
        case CounsellingRedated(before=before, after=after):
            yield from reverse(of_began(before))
            yield from of_began(after)
            yield from counselled(event.outcome, after.on)
        case CounsellingUndone():
            yield from reverse(of_began(event.began))
            yield from counselled(event.outcome, None)
        case OutcomeDeclared():
            yield from of_outcome(event.record)
        case OutcomeConfirmed(before=before):
            if before is not None:
                yield from reverse(of_outcome(before))
            yield from of_outcome(event.record)
        case OutcomeRevised(before=before, after=after):
            yield from reverse(of_outcome(before))
            yield from of_outcome(after)
        case OutcomeVoided():
            yield from reverse(of_outcome(event.record))
        case DeferralBroken():
            yield f"broken {event.days}", here, event.deferred_on, 1
        case DeferralBreakVoided():
            yield f"broken {event.days}", here, event.deferred_on, -1
        case ReferralMade():
            yield "referrals_made", here, on, 1
        case ReferralAccepted():
            yield "accepted_on", here, on, 1
        case ReferralDeclined():
            yield "declined_on", here, on, 1
        case ReferralCompleted():
            yield "completed_on", here, on, 1
        case MandatoryReportMade():
            yield from of_report(here, event.record)
        case FollowUpScheduled(follow_up=due):
            yield from of_follow_up(here, FollowUpRecord(follow_up=due))
        case FollowUpMade(follow_up=due):
            yield "followups_made", here, on, 1
            yield from settled(here, due, on)
        case FollowUpMissed(follow_up=due, lost=True):
            yield from settled(here, due, on)
        case FollowUpCancelled(follow_up=due):
            yield from settled(here, due, on)
            if on <= due.due_on:
                yield "followups_due", here, due.due_on, -1
        case SatisfactionRated():
            yield from of_rating(here, RatingRecord(rating=event.rating, on=on))
        case TransferAccepted():
            high = int(event.risk is red)
            yield "open", event.from_place, on, -1
            yield "open", event.to_place, on, 1
            yield "red", event.from_place, on, -high
            yield "red", event.to_place, on, high
        case ClosureApproved():
            yield from of_closure(here, event.record)
            yield "open", here, on, -1
            yield "red", here, on, -int(event.record.risk is red)
        case ClosureVoided(record=record):
            yield from reverse(of_closure(here, record))
            yield "open", here, record.on, 1
            yield from red_moved(event)
        case CaseReopened():
            yield "open", here, on, 1
            yield "red", here, on, int(event.risk is red)
        case CaseVoided():
            for tally in event.counted:
                yield from reverse(of_tally(tally))
        case _:
            for pair, entries in REVERSIBLE.items():
                if isinstance(event, pair[0]):
                    yield from reverse(entries(here, event.before))
                    yield from entries(here, event.after)
                elif isinstance(event, pair[1]):
                    yield from reverse(entries(here, event.record))


REVERSIBLE: dict[tuple[type[Any], type[Any]], Callable[[Place, Any], Iterator[Entry]]] = {
    (SessionCorrected, SessionVoided): of_session,
    (ScreeningCorrected, ScreeningVoided): of_screening,
    (MandatoryReportCorrected, MandatoryReportVoided): of_report,
    (ReferralCorrected, ReferralVoided): of_referral,
    (FollowUpCorrected, FollowUpVoided): of_follow_up,
    (SatisfactionCorrected, SatisfactionVoided): of_rating,
}


def moved(began: Any, applied_at: Place | None) -> Iterator[Entry]:
    """A counselled couple moves between those who applied for divorce and the others."""
    if began is not None:
        yield from reverse(of_began(began))
        yield from of_began(began.model_copy(update={"applied_at": applied_at}))


def counselled(outcome: OutcomeRecord | None, since: date | None) -> Iterator[Entry]:
    """An outcome moves between those of counselled couples and the others."""
    if outcome is not None:
        yield from reverse(of_outcome(outcome))
        yield from of_outcome(outcome.model_copy(update={"counselled_on": since}))


def settled(place: Place, follow_up: FollowUp, on: date) -> Iterator[Entry]:
    overdue_since = follow_up.due_on + timedelta(days=1)
    yield "followups_overdue", place, max(overdue_since, on), -1


def red_moved(event: Any) -> Iterator[Entry]:
    for stay in event.red_before:
        yield from reverse(of_stay("red", stay))
    for stay in event.red_after:
        yield from of_stay("red", stay)


def total(entries: Iterable[Entry]) -> Figures:
    figures: Figures = Counter()
    for figure, place, on, quantity in entries:
        figures[figure, place, on] += quantity
    return Counter({key: quantity for key, quantity in figures.items() if quantity})


def counted(case: Case) -> Figures:
    return total(entry for tally in case.tallies() for entry in of_tally(tally))


def summed(events: Iterable[Any]) -> Figures:
    return total(entry for event in events for entry in of_event(event))


Choice = tuple[int, int, int, int]
"""A decision by number, days that pass before it, a small number, days it looks back."""


def now(on: date) -> Any:
    return why(hour(12, on), office="other centre", actor=f"actor {on.day % 3}")


def registrar(on: date) -> Any:
    return registry(hour(12, on), reason="entered wrongly")


def parties(n: int) -> tuple[Party, ...]:
    return ((HER,), (HIM,), (HER, HIM))[n]


def move_to(case: Case) -> Place:
    return QINGDAO if case.place == JINAN else JINAN


DECISIONS: list[Callable[[Case, date, int, date], Iterator[CaseEvent]]] = [
    lambda c, d, n, b: case_file.correct_opening(c, OPENING, b, now(d)),
    lambda c, d, n, b: case_registry.observe_application(c, now(d)),
    lambda c, d, n, b: case_registry.observe_application(c, now(b)),
    lambda c, d, n, b: case_registry.correct_application(c, Application(on=b), now(d)),
    lambda c, d, n, b: case_registry.void_application(c, now(d)),
    lambda c, d, n, b: case_counselling.offer(c, now(d)),
    lambda c, d, n, b: case_counselling.consent(c, parties(n)[0], now(d)),
    lambda c, d, n, b: case_counselling.consent(c, parties(n)[-1], now(d)),
    lambda c, d, n, b: case_counselling.decline(c, parties(n)[0], now(d)),
    lambda c, d, n, b: case_counselling.withdraw_consent(c, parties(n)[0], now(d)),
    lambda c, d, n, b: case_counselling.correct_answer(
        c, list(AnswerKind)[n], HER if n else None, b, now(d)
    ),
    lambda c, d, n, b: case_counselling.void_answer(
        c, list(AnswerKind)[n], HER if n else None, now(d)
    ),
    lambda c, d, n, b: case_safety.screen(c, screening(HER, list(SafetyLevel)[n], str(n)), now(d)),
    lambda c, d, n, b: case_safety.screen(c, screening(HIM, SafetyLevel.NONE, str(n)), now(d)),
    lambda c, d, n, b: case_safety.screen(
        c, screening(HER, SafetyLevel.SEVERE, "screening"), now(d)
    ),
    lambda c, d, n, b: case_safety.correct_screening(
        c, screening(HER, list(SafetyLevel)[-n], str(n)), hour(9, b), now(d)
    ),
    lambda c, d, n, b: case_safety.void_screening(c, screening(HER, name=str(n)).id, now(d)),
    lambda c, d, n, b: case_safety.set_risk(c, list(RiskLevel)[n], now(d)),
    lambda c, d, n, b: case_safety.set_risk(c, RiskLevel.RED, now(d)),
    lambda c, d, n, b: case_safety.correct_risk(
        c,
        c.risks[n % len(c.risks)].on if c.risks else b,
        RiskReading(level=list(RiskLevel)[n], on=b),
        now(d),
    ),
    lambda c, d, n, b: case_safety.void_risk(
        c, c.risks[n % len(c.risks)].on if c.risks else b, now(d)
    ),
    lambda c, d, n, b: case_care.assess(
        c, Assessment(id=known("a"), method="talk", summary="s"), now(d)
    ),
    lambda c, d, n, b: case_file.note_anonymous(c, now(d)),
    lambda c, d, n, b: case_counselling.hold_session(
        c, session(f"s{n}", *parties(n), on=d), now(d)
    ),
    lambda c, d, n, b: case_counselling.hold_session(c, session(f"s{n}", HER, on=b), now(b)),
    lambda c, d, n, b: case_counselling.hold_session(
        c, session(f"t{n}", HER, on=d, notes=(compartment(HER),)), now(d)
    ),
    lambda c, d, n, b: case_counselling.correct_session(
        c, session(f"s{n}", HER, on=b, minutes=30 + n), now(d)
    ),
    lambda c, d, n, b: case_counselling.void_session(c, known(f"s{n}"), now(d)),
    lambda c, d, n, b: case_counselling.void_session(c, known(f"t{n}"), now(d)),
    lambda c, d, n, b: case_registry.declare_outcome(c, list(CaseOutcome)[n], b, now(d)),
    lambda c, d, n, b: case_registry.declare_outcome(c, list(CaseOutcome)[-n], b, now(d)),
    lambda c, d, n, b: case_registry.confirm_outcome(c, list(CaseOutcome)[2 * n], b, registrar(d)),
    lambda c, d, n, b: case_registry.revise_outcome(c, list(CaseOutcome)[n], b, registrar(d)),
    lambda c, d, n, b: case_registry.void_outcome(c, registrar(d)),
    lambda c, d, n, b: case_registry.break_deferral(c, now(d)),
    lambda c, d, n, b: case_registry.void_deferral_break(c, now(d)),
    lambda c, d, n, b: case_care.refer(c, referral(f"r{n}"), now(d)),
    lambda c, d, n, b: case_care.accept_referral(c, known(f"r{n}"), now(d)),
    lambda c, d, n, b: case_care.decline_referral(c, known(f"r{n}"), now(d)),
    lambda c, d, n, b: case_care.complete_referral(c, known(f"r{n}"), now(d)),
    lambda c, d, n, b: case_care.correct_referral(
        c, ReferralRecord(referral=referral(f"r{n}"), made_on=b, accepted_on=d), now(d)
    ),
    lambda c, d, n, b: case_care.void_referral(c, known(f"r{n}"), now(d)),
    lambda c, d, n, b: case_safety.report(c, report(f"p{n}", (HER, None, None)[n]), now(d)),
    lambda c, d, n, b: case_safety.correct_report(
        c, report(f"p{n}", (HER, None, None)[n]), hour(13, b), now(d)
    ),
    lambda c, d, n, b: case_safety.void_report(c, known(f"p{n}"), now(d)),
    lambda c, d, n, b: case_safety.note_warning_letter(c, document(f"d{n}", b), now(d)),
    lambda c, d, n, b: case_safety.note_protection_order(c, document(f"d{n}", b), now(d)),
    lambda c, d, n, b: case_safety.void_document(c, known(f"d{n}"), now(d)),
    lambda c, d, n, b: case_care.schedule_follow_up(
        c, wanted(due(n, d + timedelta(days=2 * n))), now(d)
    ),
    lambda c, d, n, b: case_care.make_follow_up(c, known(f"f{n}"), None, now(d)),
    lambda c, d, n, b: case_care.miss_follow_up(c, known(f"f{n}"), now(d)),
    lambda c, d, n, b: case_care.cancel_follow_up(c, known(f"f{n}"), now(d)),
    lambda c, d, n, b: case_care.correct_follow_up(
        c, FollowUpRecord(follow_up=due(n, b), made_on=d if n else None), now(d)
    ),
    lambda c, d, n, b: case_care.void_follow_up(c, known(f"f{n}"), now(d)),
    lambda c, d, n, b: case_care.rate(c, rating(n + 3, f"m{n}"), now(d)),
    lambda c, d, n, b: case_care.correct_rating(
        c, RatingRecord(rating=rating(n + 2, f"m{n}"), on=b), now(d)
    ),
    lambda c, d, n, b: case_care.void_rating(c, known(f"m{n}"), now(d)),
    lambda c, d, n, b: case_file.request_transfer(c, move_to(c), now(d)),
    lambda c, d, n, b: case_file.accept_transfer(
        c,
        now(d).model_copy(update={"office": c.transfer_to.centre})
        if c.transfer_to is not None
        else now(d),
    ),
    lambda c, d, n, b: case_file.reject_transfer(c, now(d)),
    lambda c, d, n, b: case_file.propose_closure(c, PROPOSAL, now(d)),
    lambda c, d, n, b: case_file.approve_closure(c, now(d)),
    lambda c, d, n, b: case_file.return_closure(c, now(d)),
    lambda c, d, n, b: case_file.void_closure(c, now(d)),
    lambda c, d, n, b: case_file.reopen(c, now(d)),
    lambda c, d, n, b: case_care.book(
        c, appointment(hour(12, d + timedelta(days=n)), f"b{n}"), now(d)
    ),
    lambda c, d, n, b: case_care.miss(c, known(f"b{n}"), (HER,), now(d)),
]


def due(n: int, on: date) -> FollowUp:
    return FollowUp(id=known(f"f{n}"), kind=FollowUpKind.PHONE, due_on=on)


choices = st.lists(
    st.tuples(
        st.integers(0, len(DECISIONS) - 1),
        st.sampled_from([0, 0, 0, 1, 2]),
        st.integers(0, 2),
        st.sampled_from([0, 0, 1, 3, 9]),
    ),
    min_size=25,
    max_size=60,
)

STRIDE = 25  # prime to the number of decisions: walks through all of them in a mixed order
assert gcd(STRIDE, len(DECISIONS)) == 1

PROLOGUE: list[Callable[[Case], Iterator[CaseEvent]]] = [
    lambda c: case_file.open_case(c, OPENING, JINAN, now(D)),
    lambda c: case_counselling.offer(c, now(D)),
    lambda c: case_counselling.consent(c, HER, now(D)),
]


def history(taken: list[Choice]) -> tuple[Case, list[Any]]:
    """A case after these decisions, and its events; for one refused the next possible is taken."""
    case, events = Case(known("case")), []
    for step in PROLOGUE:
        new = decide(case, step)
        case, events = fold(case, new), [*events, *new]
    today = D
    for number, days, small, back in taken:
        today = later(days, today)
        new = possible(case, number, today, small, max(later(-back, today), later(-1)))
        case, events = fold(case, new), [*events, *new]
    return case, events


def possible(case: Case, number: int, today: date, small: int, back: date) -> list[Event]:
    for tried in range(len(DECISIONS)):
        decision = DECISIONS[(number + STRIDE * tried) % len(DECISIONS)]
        try:
            return decide(case, lambda c, d=decision: d(c, today, small, back))
        except Refused:
            continue
    return []


@for_all(choices)
@settings(max_examples=200, deadline=None)
def test_what_a_case_counts_is_what_its_events_say(taken: list[Choice]) -> None:
    case, events = history(taken)
    for kind in {type(e) for e in events}:
        note(kind.__name__)
    assert counted(case) == summed(events)


@for_all(choices)
@settings(max_examples=100, deadline=None)
def test_a_voided_case_leaves_nothing_counted_on_any_day(taken: list[Choice]) -> None:
    case, events = history(taken)
    voided = decide(case, lambda c: case_file.void(c, None, now(later(200))))
    assert summed([*events, *voided]) == Counter()


@for_all(choices)
@settings(max_examples=100, deadline=None)
def test_counselling_begins_once_unless_all_its_sessions_were_voided(taken: list[Choice]) -> None:
    _, events = history(taken)
    turns = [type(e) for e in events if isinstance(e, CounsellingBegan | CounsellingUndone)]
    assert turns == [CounsellingBegan, CounsellingUndone] * (len(turns) // 2) + [
        CounsellingBegan
    ] * (len(turns) % 2)


@for_all(choices)
@settings(max_examples=100, deadline=None)
def test_a_couple_counts_once_in_every_figure_of_couples(taken: list[Choice]) -> None:
    case, events = history(taken)
    figures: Counter[str] = Counter()
    for (figure, _, _), quantity in summed(events).items():
        figures[figure.split(" ")[0]] += quantity
    for figure in ("applications", "offered", "accepted", "declined", "counselled"):
        assert figures[figure] in (0, 1)
    assert figures["accepted"] + figures["declined"] <= figures["offered"]
    assert figures["open"] == (case.status.value == "open")
    assert 0 <= figures["red"] <= figures["open"]
    assert figures["pending"] == int(case.application is not None and case.outcome is None)


@for_all(choices)
@settings(max_examples=50, deadline=None)
def test_every_event_survives_its_json(taken: list[Choice]) -> None:
    case, events = history(taken)
    events += decide(case, lambda c: case_file.void(c, None, now(later(200))))
    for event in events:
        text = event.model_dump_json(exclude_none=True)
        assert type(event).model_validate_json(text) == event


def test_every_event_of_a_case_has_its_place_in_the_union() -> None:
    known_events = {cls for topic, cls in EVENTS.items() if topic.startswith("case.")}
    assert set(AnyCaseEvent.__args__) == known_events
    assert all(issubclass(cls, Event) for cls in known_events)
