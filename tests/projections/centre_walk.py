"""Centres to which anything may happen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from domain import centre_assistance, centre_existence, centre_work
from domain.base import SHANGHAI, Event, Place
from domain.centre import Centre
from domain.centre_events import (
    Appropriation,
    AssistanceRequest,
    Establishment,
    Evidence,
    Outreach,
    RegistryOffice,
    Shift,
    Spending,
    Subsidy,
)
from domain.values import CentreGrade, CentreKind, FundSource, OutreachKind
from tests.domain.scenario import known, stamp
from tests.projections.walks import walks

NAMES = ("one", "two", "three", "four")
FOUNDED = date(2019, 1, 2)
LAIWU, JINAN = known("laiwu"), known("jinan")
AT_LAIWU = Place(centre=known("centre"), region=LAIWU)
AT_JINAN = Place(centre=known("centre"), region=JINAN)
OFFICE = RegistryOffice(id=known("office"), name="莱城区婚姻登记处", county_level=True)
RULING = Evidence(document="莱妇〔2019〕3号")
TOWNSHIP_OFFICE = RegistryOffice(id=known("other"), name="口镇登记点", county_level=False)


def why(on: Any) -> Any:
    return stamp(on, reason="entered wrongly")


def at(on: date, hour: int) -> datetime:
    return datetime.combine(on, datetime.min.time(), SHANGHAI) + timedelta(hours=hour)


def founding(**changes: Any) -> Establishment:
    facts = {
        "kind": CentreKind.CENTRE,
        "name": "莱城区辅导中心",
        "region": LAIWU,
        "established_on": FOUNDED,
        "registry_offices": (OFFICE,),
    }
    return Establishment(**{**facts, **changes})


def established(c: Centre) -> Iterator[Event]:
    return centre_existence.establish(c, founding(), stamp(FOUNDED))


def outreach(name: str = "one", on: date = FOUNDED, **facts: Any) -> Outreach:
    known_facts = {
        "id": known(name),
        "kind": OutreachKind.LECTURE,
        "held_on": on,
        "title": "婚前课堂",
        "persons": 40,
    }
    return Outreach(**{**known_facts, **facts})


def shift(name: str = "one", on: date = FOUNDED, minutes: int = 240, who: str = "wang") -> Shift:
    return Shift(id=known(name), practitioner=known(who), started_at=at(on, 8), minutes=minutes)


def appropriation(name: str = "one", on: date = FOUNDED, fen: int = 100_000) -> Appropriation:
    return Appropriation(
        id=known(name),
        source=FundSource.COUNTY,
        document="莱财〔2019〕1号",
        fen=fen,
        appropriated_on=on,
    )


def spending(name: str = "one", on: date = FOUNDED, fen: int = 40_000) -> Spending:
    return Spending(id=known(name), purpose="资料印刷", fen=fen, spent_on=on)


def subsidy(name: str = "one", on: date = FOUNDED, fen: int = 5_000) -> Subsidy:
    return Subsidy(id=known(name), practitioner=known("wang"), fen=fen, paid_on=on)


def whistle(name: str = "one", on: date = FOUNDED, hour: int = 8) -> AssistanceRequest:
    return AssistanceRequest(id=known(name), requested_at=at(on, hour), what="需要心理支持")


def step(centre: Centre, random: Random, now: date) -> Callable[[Centre], Iterator[Event]]:
    """Something that might happen to a centre, entered on this day."""
    name, who = random.choice(NAMES), random.choice(("wang", "zhao"))
    on = max(FOUNDED, now - timedelta(days=random.choice((0, 0, 0, 1, 20))))
    by, reason, tonight = stamp(now), why(now), why(at(now, 23))
    number = random.randint(1, 500)
    held = outreach(name, on, persons=number, couples=number // 3)
    if whistles := [w.assistance for w in centre.whistles.values() if w is not None]:
        asked = random.choice(whistles).id
    else:
        asked = known("nothing")
    offices = random.choice(((), (OFFICE,), (OFFICE, TOWNSHIP_OFFICE)))
    grade = random.choice([*CentreGrade])
    return random.choice(
        (
            lambda c: centre_existence.correct_establishment(
                c, founding(kind=random.choice([*CentreKind]), registry_offices=offices), reason
            ),
            lambda c: centre_existence.revise_registry_offices(c, offices, by),
            lambda c: centre_existence.relocate(c, f"龙潭东大街{number}号", by),
            lambda c: centre_existence.award_grade(c, grade, RULING, by),
            lambda c: centre_existence.lower_grade(c, grade, RULING, by),
            lambda c: centre_existence.revoke_grade(c, RULING, by),
            lambda c: centre_existence.suspend(c, by),
            *2 * (lambda c: centre_existence.resume(c, by),),
            lambda c: centre_existence.reassign(c, random.choice((LAIWU, JINAN)), on, by),
            lambda c: (
                centre_existence.close(c, by)
                if random.random() < 0.2
                else centre_existence.void_closing(c, reason)
            ),
            lambda c: centre_existence.void_closing(c, reason),
            lambda c: centre_work.hold_outreach(c, held, reason),
            lambda c: centre_work.correct_outreach(c, held, reason),
            lambda c: centre_work.void_outreach(c, some(random, c.outreach), reason),
            lambda c: centre_work.work_shift(c, shift(name, on, number, who), tonight),
            lambda c: centre_work.correct_shift(c, shift(name, on, number, who), tonight),
            lambda c: centre_work.void_shift(c, some(random, c.shifts), reason),
            lambda c: centre_work.appropriate_funds(c, appropriation(name, on, number), reason),
            lambda c: centre_work.correct_appropriation(c, appropriation(name, on, number), reason),
            lambda c: centre_work.void_appropriation(c, some(random, c.appropriations), reason),
            lambda c: centre_work.spend_funds(c, spending(name, on, number), reason),
            lambda c: centre_work.correct_spending(c, spending(name, on, number), reason),
            lambda c: centre_work.void_spending(c, some(random, c.spendings), reason),
            lambda c: centre_work.pay_subsidy(c, subsidy(name, on, number), reason),
            lambda c: centre_work.correct_subsidy(c, subsidy(name, on, number), reason),
            lambda c: centre_work.void_subsidy(c, some(random, c.subsidies), reason),
            *2 * (lambda c: centre_assistance.request_assistance(c, whistle(name, now), tonight),),
            *3
            * (
                lambda c: centre_assistance.dispatch_volunteer(
                    c, asked, known(who), at(now, 9), tonight
                ),
            ),
            *3
            * (
                lambda c: centre_assistance.volunteer_arrives(
                    c, asked, known(who), at(now, 10), tonight
                ),
            ),
            lambda c: centre_assistance.complete_assistance(
                c, asked, at(now, 12), "settled", tonight
            ),
            lambda c: centre_assistance.cancel_assistance(c, asked, tonight),
            lambda c: centre_assistance.correct_assistance(
                c, whistle(name, on, 7), random.choice((None, at(now, 11))), tonight
            ),
            lambda c: centre_assistance.void_assistance(c, asked, reason),
        )
    )


def some(random: Random, book: Collection[UUID]) -> UUID:
    return random.choice([*book]) if book else known("nothing")


centre_walks = walks(lambda: Centre(known("centre")), (established,), step, FOUNDED)
