"""Which office stands behind what a decision judges, undoes or passes (上级事项不得由下级撤改).

What an office issued, locked, opened or expects of a place is in reach of those below it as well,
for it lies with them: to answer it, not to be done with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from domain import region_reporting
from domain.base import Aggregate
from domain.region import Region
from domain.review import Review
from domain.supervision import SupervisionOrder
from domain.territory import Territory
from domain.values import RegionLevel

JUDGED: Final = frozenset(
    {
        SupervisionOrder.send_back,
        SupervisionOrder.verify,
        SupervisionOrder.write_off,
        SupervisionOrder.void_write_off,
        SupervisionOrder.escalate,
        SupervisionOrder.extend_deadline,
        SupervisionOrder.correct,
        SupervisionOrder.void,
        Review.draw_sample,
        Review.raise_finding,
        Review.settle_finding,
        Review.close,
    }
)
"""What only the office that issued an order or opened a review does, or one above it."""

PASSED: Final = frozenset({region_reporting.approve_report, region_reporting.return_report})
"""What the office of the level does whose turn it is."""

HEIGHTS: Final = {
    level.value: height
    for height, level in enumerate(
        (
            RegionLevel.VILLAGE,
            RegionLevel.TOWNSHIP,
            RegionLevel.COUNTY,
            RegionLevel.CITY,
            RegionLevel.PROVINCE,
        )
    )
}
"""How high a level stands; a functional zone stands nowhere: it governs nobody."""


def issuers(
    aggregate: Aggregate, decision: Callable[..., Any], facts: Sequence[Any]
) -> frozenset[UUID]:
    """The offices of which each, or one above it, must let a decision be taken."""
    match aggregate:
        case SupervisionOrder(issued_by=UUID() as office) if decision in JUDGED:
            return frozenset({office})
        case Review(opened_by=UUID() as office, findings=findings) if decision in JUDGED:
            # An office above may have raised a finding in a review that one below it opened.
            ids = {fact for fact in facts if isinstance(fact, UUID)}
            raised = {findings[one].raised_by for one in ids & findings.keys()}
            return frozenset({office, *raised})
        case Region(filings=filings) if decision is region_reporting.waive_report:
            filing = filings.get((facts[0], facts[1]))
            return frozenset() if filing is None else frozenset({filing.required_by})
        case Region(lockers=lockers) if decision is region_reporting.reopen_period:
            return lockers.get(facts[0], frozenset())
        case _:
            return frozenset()


def level_asked(decision: Callable[..., Any], facts: Sequence[Any]) -> RegionLevel | None:
    """The level at which a decision passes or returns a report."""
    if decision not in PASSED:
        return None
    return next(fact for fact in facts if isinstance(fact, RegionLevel))


def office_of_level(
    territory: Territory, region: UUID, level: RegionLevel, today: date
) -> UUID | None:
    """The region whose office is a level above a region; where there is none, the next above it.

    A county right below a province has no city: the province passes in its stead.
    """
    path = territory.path_at(territory.region_at(region, today) or region, today)
    levels = {a: territory.regions[a].level for a in path if a in territory.regions}
    exact = next((above for above, found in levels.items() if found == level.value), None)
    if exact is not None or level.value not in HEIGHTS:
        return exact
    height = HEIGHTS[level.value]
    return next((a for a, found in levels.items() if HEIGHTS.get(found, -1) > height), None)
