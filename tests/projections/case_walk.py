"""Cases to which anything may happen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from domain import case_care, case_counselling, case_file, case_registry, case_safety
from domain.base import SHANGHAI, Event
from domain.case import Case
from domain.case_facts import (
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
    registry,
    screening,
    session,
    wanted,
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
            lambda c: case_counselling.offer(c, stamp(on)),
            lambda c: case_counselling.consent(c, party, stamp(on)),
            lambda c: case_counselling.decline(c, party, stamp(on)),
            lambda c: case_counselling.withdraw_consent(c, party, by),
            lambda c: case_counselling.correct_answer(c, kind, answerer, on, reason),
            lambda c: case_counselling.void_answer(c, kind, answerer, reason),
            lambda c: case_registry.observe_application(c, stamp(on)),
            lambda c: case_registry.correct_application(c, Application(on=on), reason),
            lambda c: case_registry.void_application(c, reason),
            *4 * (lambda c: case_counselling.hold_session(c, held, stamp(held.started_at)),),
            *3 * (lambda c: case_counselling.correct_session(c, held, why(at(now, 23))),),
            *2 * (lambda c: case_counselling.void_session(c, some(random, c.sessions), reason),),
            lambda c: case_registry.declare_outcome(c, end, on, by),
            lambda c: case_registry.confirm_outcome(c, end, on, registry(now)),
            lambda c: case_registry.revise_outcome(c, end, on, registry(now, reason="wrong")),
            lambda c: case_registry.void_outcome(c, registry(now, reason="wrong")),
            lambda c: case_registry.break_deferral(
                c, stamp(now + timedelta(days=random.choice((0, 180, 300))))
            ),
            lambda c: case_registry.void_deferral_break(c, why(now + timedelta(days=900))),
            lambda c: case_safety.set_risk(c, level, by),
            lambda c: case_safety.correct_risk(
                c, known_risk, RiskReading(level=level, on=on), reason
            ),
            lambda c: case_safety.void_risk(c, known_risk, reason),
            lambda c: case_safety.screen(c, found, stamp(at(on, random.randrange(24)))),
            lambda c: case_safety.screen(c, severe, stamp(at(on, random.randrange(24)))),
            lambda c: case_safety.correct_screening(c, found, at(on, 9), why(at(now, 23))),
            lambda c: case_safety.void_screening(c, some(random, c.screenings), reason),
            lambda c: case_safety.report(c, report, stamp(at(now, random.randrange(24)))),
            lambda c: case_safety.correct_report(c, report, at(on, 22), why(at(now, 23))),
            lambda c: case_safety.void_report(c, some(random, c.reports), reason),
            lambda c: case_care.schedule_follow_up(c, wanted(due), stamp(on)),
            lambda c: case_care.make_follow_up(c, some(random, c.follow_ups), None, by),
            lambda c: case_care.miss_follow_up(c, some(random, c.follow_ups), by),
            lambda c: case_care.cancel_follow_up(c, some(random, c.follow_ups), by),
            lambda c: case_care.correct_follow_up(c, FollowUpRecord(follow_up=due, **made), reason),
            lambda c: case_care.void_follow_up(c, some(random, c.follow_ups), reason),
            lambda c: case_care.rate(c, rating(random.randint(1, 5), name), stamp(on)),
            lambda c: case_care.correct_rating(
                c, RatingRecord(rating=rating(random.randint(1, 5), name), on=on), reason
            ),
            lambda c: case_care.void_rating(c, some(random, c.ratings), reason),
            lambda c: case_care.refer(c, referral(name), stamp(on)),
            lambda c: case_care.accept_referral(c, some(random, c.referrals), by),
            lambda c: case_care.complete_referral(c, some(random, c.referrals), by),
            lambda c: case_care.correct_referral(
                c, ReferralRecord(referral=referral(name), made_on=on, accepted_on=now), reason
            ),
            lambda c: case_care.void_referral(c, some(random, c.referrals), reason),
            lambda c: case_care.assign(c, known(name), by),
            lambda c: case_file.request_transfer(c, QINGDAO if c.place == JINAN else JINAN, by),
            *2 * (lambda c: case_file.accept_transfer(c, acting_for(c, now)),),
            lambda c: case_file.reject_transfer(c, acting_for(c, now)),
            lambda c: case_file.propose_closure(c, PROPOSAL, stamp(now, actor="li")),
            *2 * (lambda c: case_file.approve_closure(c, stamp(now, actor="zhao")),),
            lambda c: case_file.return_closure(c, reason),
            lambda c: case_file.void_closure(c, reason),
            *2 * (lambda c: case_file.reopen(c, reason),),
            lambda c: case_file.correct_opening(
                c,
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
