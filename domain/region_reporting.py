"""The reporting of a region (行政区): what is due, submitted, passed, restated; locked periods."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.base import Event, Refused, Stamp, Text
from domain.log import LogPosition
from domain.record import require_in_order, require_reason
from domain.region import Filing, Region, key_of
from domain.region_events import (
    PeriodLocked,
    PeriodReopened,
    Report,
    ReportApproved,
    ReportingPeriod,
    ReportRequired,
    ReportRestated,
    ReportReturned,
    ReportSubmitted,
    ReportWaived,
    Requirement,
)
from domain.values import RegionLevel, ReportStatus


def require_report(region: Region, requirement: Requirement, by: Stamp) -> Iterator[Event]:
    """Expect a report by a date, passed by one level after the other.

    An office above replaces what one below it expects, with a reason; what came of that is waived.
    """
    require_a_period(requirement.period)
    region.require_open(requirement.period.first)
    if not requirement.levels or len(set(requirement.levels)) < len(requirement.levels):
        raise Refused("report-levels-wrong")
    require_in_order(requirement.period.first, requirement.due_on)
    filing = region.filings.get(key_of(requirement))
    if filing is not None and filing.status is not ReportStatus.WAIVED:
        if filing.required_by == by.office:
            raise Refused("report-already-required", form=requirement.form)
        require_reason(by)
        yield waiver(region, filing, by)
    yield ReportRequired.of(region, by, requirement=requirement)


def waive_report(region: Region, form: Text, period: ReportingPeriod, by: Stamp) -> Iterator[Event]:
    """Expect a report no longer; one that a level has passed stays."""
    filing = find_filing(region, form, period)
    require_reason(by)
    if filing.status is ReportStatus.APPROVED or filing.passed or filing.edition > 1:
        raise Refused("report-already-passed", form=form)
    yield waiver(region, filing, by)


def submit_report(region: Region, report: Report, by: Stamp) -> Iterator[Event]:
    """Submit a required or returned report once its period is over."""
    filing = find_filing(region, report.form, report.period)
    region.require_unlocked(report.period.last, by)
    if filing.status not in (ReportStatus.REQUIRED, ReportStatus.RETURNED):
        raise Refused("report-already-submitted", form=report.form)
    require_ended(report.period, by)
    yield ReportSubmitted.of(
        region, by, report=report, edition=max(filing.edition, 1), due_on=filing.due_on
    )


def return_report(
    region: Region, form: Text, period: ReportingPeriod, level: RegionLevel, due_on: date, by: Stamp
) -> Iterator[Event]:
    """Return a report for rework by a date, with a reason; not by its submitter."""
    filing, report = find_filing_at(region, form, period, level, by)
    if by.reason is None:
        raise Refused("return-needs-reason")
    require_in_order(by.occurred_on, due_on)
    yield ReportReturned.of(
        region, by, report=report, edition=filing.edition, level=level, due_on=due_on
    )


def approve_report(
    region: Region, form: Text, period: ReportingPeriod, level: RegionLevel, by: Stamp
) -> Iterator[Event]:
    """Pass a report at the level whose turn it is; not by its submitter."""
    filing, report = find_filing_at(region, form, period, level, by)
    yield ReportApproved.of(
        region,
        by,
        report=report,
        edition=filing.edition,
        level=level,
        final=filing.passed + 1 == len(filing.requirement.levels),
    )


def restate_report(region: Region, after: Report, by: Stamp) -> Iterator[Event]:
    """Replace a final report by a new edition (重报), with a reason."""
    filing = find_filing(region, after.form, after.period)
    region.require_unlocked(after.period.last, by)
    require_reason(by)
    if filing.status is not ReportStatus.APPROVED:
        raise Refused("report-not-final", form=after.form)
    if filing.report == after:
        raise Refused("correction-changes-nothing")
    yield ReportRestated.of(
        region, by, before=filing.report, after=after, edition=filing.edition + 1
    )


def lock_period(
    region: Region, period: ReportingPeriod, position: LogPosition, by: Stamp
) -> Iterator[Event]:
    """Close the records of a period that is over; a reopened one can be closed early.

    An office above closes what one below it closed too: it is then for the one above to open it.
    """
    require_a_period(period)
    region.require_open(period.first)
    require_ended(period, by)
    lockers = region.lockers.get(period, frozenset())
    if by.office in lockers and region.is_locked(period, by.occurred_on):
        raise Refused("period-already-locked")
    yield PeriodLocked.of(region, by, period=period, position=position)


def reopen_period(
    region: Region, period: ReportingPeriod, expires_on: date, by: Stamp
) -> Iterator[Event]:
    """Open a locked period again until a date, with a reason; then it is locked by itself."""
    if period not in region.locks:
        raise Refused("period-not-locked")
    if by.reason is None:
        raise Refused("period-reopening-needs-reason")
    if not region.is_locked(period, by.occurred_on):
        raise Refused("period-already-open")
    require_in_order(by.occurred_on, expires_on)
    yield PeriodReopened.of(region, by, period=period, expires_on=expires_on)


def waiver(region: Region, filing: Filing, by: Stamp) -> ReportWaived:
    """The event of expecting a report no longer; of one that is outstanding, since when it was."""
    outstanding = filing.status in (ReportStatus.REQUIRED, ReportStatus.RETURNED)
    return ReportWaived.of(
        region,
        by,
        requirement=filing.requirement,
        due_on=filing.due_on if outstanding else None,
    )


def find_filing(region: Region, form: str, period: ReportingPeriod) -> Filing:
    """A report that is expected or has come."""
    region.require_established()
    filing = region.filings.get((form, period))
    if filing is None or filing.status is ReportStatus.WAIVED:
        raise Refused("report-not-required", form=form)
    return filing


def find_filing_at(
    region: Region, form: str, period: ReportingPeriod, level: RegionLevel, by: Stamp
) -> tuple[Filing, Report]:
    """A report that waits for this level and was not submitted by the same person."""
    filing = find_filing(region, form, period)
    if filing.status is not ReportStatus.SUBMITTED or filing.report is None:
        raise Refused("report-not-submitted", form=form)
    turn = filing.requirement.levels[filing.passed]
    if level is not turn:
        raise Refused("report-of-other-level", level=turn)
    if by.actor == filing.submitter:
        raise Refused("report-approver-submitted")
    return filing, filing.report


def require_a_period(period: ReportingPeriod) -> None:
    """Refuse a period that ends before it starts."""
    if period.last < period.first:
        raise Refused("period-ends-before-it-starts", first=period.first, last=period.last)


def require_ended(period: ReportingPeriod, by: Stamp) -> None:
    """Refuse while a period has not reached its last day."""
    if by.occurred_on < period.last:
        raise Refused("period-not-over", last=period.last)
