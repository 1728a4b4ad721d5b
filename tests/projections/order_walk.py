"""Supervision orders to which anything may happen, and a region with its duties."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from domain import region_boundaries, region_reporting
from domain.base import Event, Place
from domain.region import Region
from domain.region_events import (
    Dispatch,
    Founding,
    JointMeeting,
    Report,
    ReportingPeriod,
    Requirement,
    Succession,
    region_id,
)
from domain.supervision import LADDER, Order, SupervisionOrder
from domain.values import EscalationStep, Extent, RegionKind, RegionLevel
from tests.domain.scenario import known, stamp
from tests.projections.walks import walks

ISSUED = date(2019, 3, 1)
LICHENG = Place(centre=known("licheng centre"), region=known("licheng"))
ZHANGQIU = Place(centre=known("zhangqiu centre"), region=known("zhangqiu"))

FOUNDED = date(2019, 1, 1)
COUNTY = Founding(
    scheme="statistics",
    code="370116",
    name="莱芜区",
    level=RegionLevel.COUNTY,
    kind=RegionKind.DISTRICT,
    parent=known("jinan"),
    valid_from=FOUNDED,
)
COUNTY_ID = region_id(COUNTY.scheme, COUNTY.code, COUNTY.valid_from)
MARCH = ReportingPeriod(first=date(2019, 3, 1), last=date(2019, 3, 31))
DUE = date(2019, 4, 5)


def why(on: date, actor: str = "supervisor") -> Any:
    return stamp(on, actor=actor, reason="entered wrongly")


def order(on: date = ISSUED, days: int = 30, place: Place = LICHENG) -> Order:
    assert place.centre is not None
    return Order(
        addressee=place.centre,
        what="补做逾期回访",
        issued_on=on,
        deadline=on + timedelta(days=days),
    )


def following(o: SupervisionOrder) -> EscalationStep:
    """The step to which an order is escalated next; at the top there is none above."""
    return LADDER[min(LADDER.index(o.escalated_to) + 1, 5)] if o.escalated_to else LADDER[0]


def issued(o: SupervisionOrder) -> Iterator[Event]:
    return o.issue(order(), LICHENG, stamp(ISSUED))


def rectified(on: date) -> tuple[Callable[[SupervisionOrder], Iterator[Event]], ...]:
    """Acknowledged, shown to be done, verified and written off, all on one day."""
    return (
        lambda o: o.acknowledge(stamp(on, actor="centre")),
        lambda o: o.submit_evidence("done", (), stamp(on, actor="centre")),
        lambda o: o.verify(stamp(on, actor="supervisor")),
        lambda o: o.write_off(stamp(on, actor="supervisor")),
    )


def step(
    order_then: SupervisionOrder, random: Random, now: date
) -> Callable[[SupervisionOrder], Iterator[Event]]:
    """Something that might happen to an order, entered on this day."""
    place = random.choice((LICHENG, ZHANGQIU))
    other = order(ISSUED - timedelta(days=random.choice((0, 3))), random.choice((5, 40)), place)
    return random.choice(
        (
            *2 * rectified(now),
            lambda o: o.report_progress("half done", stamp(now, actor="centre")),
            lambda o: o.send_back(why(now)),
            lambda o: o.escalate(following(o), why(now)),
            lambda o: o.void_write_off(why(now)),
            lambda o: o.extend_deadline(now + timedelta(days=random.choice((10, 50))), why(now)),
            lambda o: o.correct(other, place, why(now)),
        )
    )


order_walks = walks(lambda: SupervisionOrder(known("order")), (issued,), step, ISSUED)


def founded(r: Region) -> Iterator[Event]:
    return region_boundaries.establish(r, COUNTY, stamp(FOUNDED))


def region_step(region: Region, random: Random, now: date) -> Callable[[Region], Iterator[Event]]:
    """Something that might happen to the shape of a region, entered on this day."""
    on = max(FOUNDED, now - timedelta(days=random.choice((0, 3, 20))))
    extent = random.choice([*Extent])
    passing = Succession(
        successor=known(random.choice(("laicheng", "gangcheng"))),
        extent=extent,
        announced_on=on,
        effective_on=on,
        area="四个村" if extent is Extent.PART else None,
    )
    kind = random.choice((RegionKind.COUNTY, RegionKind.DISTRICT, RegionKind.TOWN))
    level = RegionLevel.TOWNSHIP if kind is RegionKind.TOWN else RegionLevel.COUNTY
    right = COUNTY.model_copy(update={"kind": kind, "level": level})
    one = random.choice([*region.successions, (known("nobody"), on)])
    return random.choice(
        (
            *2 * (founded,),
            lambda r: region_boundaries.correct_founding(r, right, why(now)),
            lambda r: region_boundaries.void_founding(r, why(now)),
            lambda r: region_boundaries.rename(
                r, random.choice(("莱城区", "嬴城区")), on, why(now)
            ),
            lambda r: region_boundaries.void_renaming(r, why(now)),
            lambda r: region_boundaries.succeed(r, passing, why(now)),
            lambda r: region_boundaries.correct_succession(r, *one, passing, why(now)),
            lambda r: region_boundaries.void_succession(r, *one, why(now)),
        )
    )


region_walks = walks(lambda: Region(COUNTY_ID), (founded,), region_step, FOUNDED)


def meeting(on: date = ISSUED) -> JointMeeting:
    return JointMeeting(
        id=known("meeting"),
        held_on=on,
        title="联席会议",
        departments=("妇联", "民政"),
        attendance=12,
    )


def dispatch(on: date = ISSUED) -> Dispatch:
    return Dispatch(id=known("dispatch"), held_on=on, title="一季度调度", position=7)


def required(r: Region) -> Iterator[Event]:
    requirement = Requirement(
        form="月报表", period=MARCH, due_on=DUE, levels=(RegionLevel.CITY, RegionLevel.PROVINCE)
    )
    return region_reporting.require_report(r, requirement, stamp(ISSUED))


def submitted(on: date) -> Callable[[Region], Iterator[Event]]:
    report = Report(form="月报表", period=MARCH, definitions="1", position=9)
    return lambda r: region_reporting.submit_report(r, report, stamp(on, actor="county"))


def returned(on: date, due_on: date) -> Callable[[Region], Iterator[Event]]:
    by = stamp(on, actor="city", reason="figures differ")
    return lambda r: region_reporting.return_report(
        r, "月报表", MARCH, RegionLevel.CITY, due_on, by
    )


def waived(on: date) -> Callable[[Region], Iterator[Event]]:
    return lambda r: region_reporting.waive_report(r, "月报表", MARCH, why(on))
