"""Cases to which anything may happen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from domain.base import SHANGHAI, Event
from domain.case import Case
from domain.case_events import (
    Application,
    FollowUpRecord,
    Opening,
    RatingRecord,
    ReferralRecord,
    Report,
    RiskReading,
    Session,
)
from domain.values import (
    AnswerKind,
    CaseChannel,
    CaseOutcome,
    Party,
    ReportedTo,
    RiskLevel,
    SafetyLevel,
    ServiceType,
    Visit,
)
from tests.domain.case_cast import (
    HER,
    HIM,
    JINAN,
    PROPOSAL,
    QINGDAO,
    WILLING,
    D,
    follow_up,
    opened,
    rating,
    referral,
    screening,
    session,
    why,
)
from tests.domain.scenario import known, stamp
from tests.projections.walks import walks

NAMES = ("one", "two", "three", "four")
OUTCOMES = [o for o in CaseOutcome if o not in (CaseOutcome.WITHDRAWN, CaseOutcome.LAPSED)]


def at(on: date, hour: int) -> datetime:
    return datetime.combine(on, datetime.min.time(), SHANGHAI) + timedelta(hours=hour)


def step(case: Case, random: Random, now: date) -> Callable[[Case], Iterator[Event]]:
    """Something that might happen to a case, entered on this day."""
    name, party = random.choice(NAMES), random.choice((HER, HIM))
    on = max(case.opened_on, now - timedelta(days=random.choice((0, 0, 0, 1, 5, 20))))
    by, reason = stamp(now), why(now)
    kind, answerer = random.choice([*AnswerKind]), party
    if kind is AnswerKind.OFFERED:
        answerer = None  # type: ignore[assignment]
    held = some_session(random, name, party, on)
    end = random.choice(OUTCOMES)
    level = random.choice([*RiskLevel])
    known_risk = random.choice([reading.on for reading in case.risks] or [on])
    found = screening(party, random.choice([*SafetyLevel]), name)
    severe = screening(party, SafetyLevel.SEVERE, name)
    report = Report(
        id=known(f"report {name}"), to=ReportedTo.POLICE, screening=known(f"{name} {party}")
    )
    due = follow_up(name, on + timedelta(days=random.choice((0, 3, 10, 30))))
    made = {
        random.choice(("made_on", "cancelled_on")): random.choice((on, now, None)),
    }
    return random.choice(
        (
            lambda c: c.offer(stamp(on)),
            lambda c: c.consent(party, stamp(on)),
            lambda c: c.decline(party, stamp(on)),
            lambda c: c.withdraw_consent(party, by),
            lambda c: c.correct_answer(kind, answerer, on, reason),
            lambda c: c.void_answer(kind, answerer, reason),
            lambda c: c.observe_application(stamp(on)),
            lambda c: c.correct_application(Application(on=on), reason),
            lambda c: c.void_application(reason),
            *4 * (lambda c: c.hold_session(held, stamp(held.started_at)),),
            *3 * (lambda c: c.correct_session(held, why(at(now, 23))),),
            *2 * (lambda c: c.void_session(some(random, c.sessions), reason),),
            lambda c: c.declare_outcome(end, on, by),
            lambda c: c.confirm_outcome(end, on, by),
            lambda c: c.revise_outcome(end, on, reason),
            lambda c: c.void_outcome(reason),
            lambda c: c.break_deferral(stamp(now + timedelta(days=random.choice((0, 180, 300))))),
            lambda c: c.void_deferral_break(why(now + timedelta(days=900))),
            lambda c: c.set_risk(level, by),
            lambda c: c.correct_risk(known_risk, RiskReading(level=level, on=on), reason),
            lambda c: c.void_risk(known_risk, reason),
            lambda c: c.screen(found, stamp(at(on, random.randrange(24)))),
            lambda c: c.screen(severe, stamp(at(on, random.randrange(24)))),
            lambda c: c.correct_screening(found, at(on, 9), why(at(now, 23))),
            lambda c: c.void_screening(some(random, c.screenings), reason),
            lambda c: c.report(report, stamp(at(now, random.randrange(24)))),
            lambda c: c.correct_report(report, at(on, 22), why(at(now, 23))),
            lambda c: c.void_report(some(random, c.reports), reason),
            lambda c: c.schedule_follow_up(due, stamp(on)),
            lambda c: c.make_follow_up(some(random, c.follow_ups), None, by),
            lambda c: c.miss_follow_up(some(random, c.follow_ups), by),
            lambda c: c.cancel_follow_up(some(random, c.follow_ups), by),
            lambda c: c.correct_follow_up(FollowUpRecord(follow_up=due, **made), reason),
            lambda c: c.void_follow_up(some(random, c.follow_ups), reason),
            lambda c: c.rate(rating(random.randint(1, 5), name), stamp(on)),
            lambda c: c.correct_rating(
                RatingRecord(rating=rating(random.randint(1, 5), name), on=on), reason
            ),
            lambda c: c.void_rating(some(random, c.ratings), reason),
            lambda c: c.refer(referral(name), stamp(on)),
            lambda c: c.accept_referral(some(random, c.referrals), by),
            lambda c: c.complete_referral(some(random, c.referrals), by),
            lambda c: c.correct_referral(
                ReferralRecord(referral=referral(name), made_on=on, accepted_on=now), reason
            ),
            lambda c: c.void_referral(some(random, c.referrals), reason),
            lambda c: c.assign(known(name), by),
            lambda c: c.request_transfer(QINGDAO if c.place == JINAN else JINAN, by),
            *2 * (lambda c: c.accept_transfer(acting_for(c, now)),),
            lambda c: c.reject_transfer(acting_for(c, now)),
            lambda c: c.propose_closure(PROPOSAL, stamp(now, actor="li")),
            *2 * (lambda c: c.approve_closure(stamp(now, actor="zhao")),),
            lambda c: c.return_closure(reason),
            lambda c: c.void_closure(reason),
            *2 * (lambda c: c.reopen(reason),),
            lambda c: c.correct_opening(
                some_opening(random),
                case.opened_on + timedelta(days=random.choice((-2, 0, 1))),
                reason,
            ),
        )
    )


def some(random: Random, book: Collection[UUID]) -> UUID:
    return random.choice([*book]) if book else known("nothing")


def some_session(random: Random, name: str, party: Party, on: date) -> Session:
    facts: dict[str, Any] = {
        "minutes": random.randint(1, 100),
        "practitioners": tuple(map(known, random.sample(("wang", "zhao", "sun"), 2))),
        "facts": random.choice((None, "they talked")),
    }
    return session(name, party, on=on, **facts)


def some_opening(random: Random) -> Opening:
    return Opening(
        number=random.choice(("2019-0001", "2019-0002")),
        service=random.choice([*ServiceType]),
        channel=random.choice([*CaseChannel]),
        visit=random.choice([*Visit]),
    )


def acting_for(case: Case, now: date) -> Any:
    """A stamp of the office that is asked to take the case over."""
    return why(now, office="other centre" if case.place == JINAN else "centre")


case_walks = walks(lambda: Case(known("case")), (opened, *WILLING), step, D)
