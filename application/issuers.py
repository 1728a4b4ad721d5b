"""Which office stands behind what a decision judges, undoes or passes (上级事项不得由下级撤改).

What an office issued, locked, opened or expects of a place is in reach of those below it as well,
for it lies with them: to answer it, not to be done with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from application.policy import name_of
from domain import (
    centre_existence,
    centre_work,
    practitioner_certificates,
    practitioner_posts,
    practitioner_service,
    region_mechanism,
    region_reporting,
)
from domain.account import Account
from domain.assessment import ImpactAssessment
from domain.base import Aggregate
from domain.centre import Centre
from domain.log import LOG_ID
from domain.practitioner import Practitioner
from domain.practitioner_events import Appraisal, Tenure
from domain.region import FilingKey, Region, key_of
from domain.region_events import Requirement
from domain.review import Review
from domain.subject import Subject
from domain.supervision import SupervisionOrder
from domain.territory import Territory
from domain.values import RegionLevel, ReportStatus

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

NOTED: Final = frozenset(
    {
        region_mechanism.correct_leading_group,
        region_mechanism.void_leading_group,
        region_mechanism.correct_joint_meeting,
        region_mechanism.void_joint_meeting,
        region_mechanism.correct_dispatch,
        region_mechanism.void_dispatch,
    }
)
"""What changes a group, a meeting or a dispatch that an office entered."""

BOOKED: Final = frozenset(
    {
        centre_work.correct_appropriation,
        centre_work.void_appropriation,
        centre_work.correct_spending,
        centre_work.void_spending,
        centre_work.correct_subsidy,
        centre_work.void_subsidy,
    }
)
"""What changes funds that an office booked."""

GRADED: Final = frozenset(
    {
        centre_existence.award_grade,
        centre_existence.lower_grade,
        centre_existence.revoke_grade,
    }
)
"""What replaces a grade, or the taking of one."""

SETTLED: Final = frozenset(
    {
        practitioner_posts.correct_post,
        practitioner_posts.void_post,
        practitioner_certificates.correct_certificate,
        practitioner_certificates.revoke_certificate,
        practitioner_certificates.void_certificate,
        practitioner_service.correct_training,
        practitioner_service.void_training,
        practitioner_service.correct_hours,
        practitioner_service.void_hours,
        practitioner_service.correct_appraisal,
    }
)
"""What changes what an office ended, put right, verified, revoked or appraised of a member."""

STARRED: Final = frozenset(
    {"application.team.Team.award_star", name_of(practitioner_service.revoke_star)}
)
"""What replaces a star that an office awarded, or the taking of one, by name."""

ASSESSED: Final = frozenset({ImpactAssessment.correct, ImpactAssessment.send_back})
"""What changes an impact assessment that an office wrote."""

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
    aggregate: Aggregate, decision: Callable[..., Any], facts: Sequence[Any], today: date
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
        case Region() if decision in (
            region_reporting.require_report,
            region_reporting.waive_report,
        ):
            filing = aggregate.filings.get(filing_named(facts))
            standing = filing is not None and filing.status is not ReportStatus.WAIVED
            return frozenset({filing.required_by}) if filing and standing else frozenset()
        case Region(lockers=lockers) if decision is region_reporting.reopen_period:
            return lockers.get(facts[0], frozenset())
        case Region(lockers=lockers) if decision is region_reporting.lock_period:
            # To close what is open is for anybody; to join who closed it, for who is above them.
            locked = aggregate.is_locked(facts[0], today)
            return lockers[facts[0]] if locked else frozenset()
        case Region(noted_by=noted_by) if decision in NOTED:
            return noted_by.get(id_in(facts[0]), frozenset())
        case Centre(booked_by=booked_by) if decision in BOOKED:
            return booked_by.get(id_in(facts[0]), frozenset())
        case Centre(graded_by=UUID() as office) if decision in GRADED:
            return frozenset({office})
        case Centre(suspensions=[*_, last]) if decision is centre_existence.resume:
            return frozenset({last.suspended_by})
        case Practitioner(deregistered_by=UUID() as office) if (
            decision is practitioner_posts.void_deregistration
        ):
            return frozenset({office})
        case Practitioner(settled_by=settled_by) if decision in SETTLED:
            return settled_by.get(settled(facts[0]), frozenset())
        case Practitioner(settled_by=settled_by) if name_of(decision) in STARRED:
            return settled_by.get(aggregate.id, frozenset())
        case Account(locked_by=UUID() as office) if decision is Account.unlock:
            return frozenset({office} - {LOG_ID})  # who sits at the machine is above nobody
        case Subject(placed_by=placed_by) if decision is Subject.lift_hold:
            _, hold = facts
            return frozenset({placed_by[hold]} if hold in placed_by else ())
        case ImpactAssessment(offices=offices) if decision in ASSESSED:
            return offices
        case _:
            return frozenset()


def id_in(fact: Any) -> UUID:
    """The id of the record that a fact names or puts right."""
    named: UUID = fact if isinstance(fact, UUID) else fact.id
    return named


def settled(fact: Any) -> UUID | int:
    """The record, or the year of an appraisal, that a decision on a member of the team is about."""
    match fact:
        case Appraisal(year=year):
            return year
        case Tenure(post=post):
            return post.id
        case _:
            return id_in(fact)


def filing_named(facts: Sequence[Any]) -> FilingKey:
    """The report that a requirement is of, or that a waiver names."""
    first = facts[0]
    return key_of(first) if isinstance(first, Requirement) else (first, facts[1])


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
