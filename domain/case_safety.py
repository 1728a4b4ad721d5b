"""Safety in a case (个案): the decisions on screenings, risk, mandatory reports and documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from domain.base import Occurred, Place, Refused, Stamp, day, moment
from domain.case import LIVE, OPEN, STANDING, Case
from domain.case_facts import (
    CaseEvent,
    Report,
    ReportRecord,
    RiskReading,
    SafetyDocument,
    Screening,
)
from domain.case_rules import find, red_in, require_change, require_new, screened, standing
from domain.case_safety_events import (
    MandatoryReportCorrected,
    MandatoryReportMade,
    MandatoryReportVoided,
    ProtectionOrderNoted,
    RiskLevelCorrected,
    RiskLevelSet,
    RiskLevelVoided,
    SafetyDocumentVoided,
    SafetyScreened,
    ScreeningCorrected,
    ScreeningVoided,
    WarningLetterNoted,
)
from domain.record import require_happened, require_past, require_reason
from domain.values import RiskLevel

MINUTE = timedelta(minutes=1)


def screen(case: Case, screening: Screening, by: Stamp) -> Iterator[CaseEvent]:
    """Record a safety screening; severe danger makes a report due 24 hours later."""
    case.require(by, *LIVE)
    require_new(case.screenings, screening.id)
    record = screened(screening, by.occurred)
    yield SafetyScreened.of(case, by, screening=screening, report_due=record.report_due)


def correct_screening(case: Case, after: Screening, at: Occurred, by: Stamp) -> Iterator[CaseEvent]:
    """Correct a screening; a report that answers it must stay an answer to it."""
    case.require(by, *STANDING)
    require_reason(by)
    require_happened(at, by)
    before = find(case.screenings, after.id)
    record = screened(after, at)
    require_change(before.fact, record)
    if day(at) < case.opened_on:
        raise Refused("before-opening", opened_on=case.opened_on)
    if record.report_due != before.fact.report_due:
        require_unreported(case, after.id)
    yield ScreeningCorrected.of(case, by, place=before.place, before=before.fact, after=record)


def void_screening(case: Case, screening: UUID, by: Stamp) -> Iterator[CaseEvent]:
    """Take back a screening that never was."""
    case.require(by, *STANDING)
    require_reason(by)
    before = find(case.screenings, screening)
    require_unreported(case, screening)
    yield ScreeningVoided.of(case, by, place=before.place, record=before.fact)


def set_risk(case: Case, level: RiskLevel, by: Stamp) -> Iterator[CaseEvent]:
    """Set the risk level from the stamp's day on."""
    case.require(by, OPEN)
    case.require_after_moves(by)
    if level is case.risk:
        raise Refused("risk-unchanged", level=level)
    yield RiskLevelSet.of(case, by, before=case.risk, after=level)


def correct_risk(case: Case, on: date, after: RiskReading, by: Stamp) -> Iterator[CaseEvent]:
    """Correct the last risk level set for a day; its new day stays between its neighbours'."""
    case.require(by, *STANDING)
    require_reason(by)
    require_happened(after.on, by)
    number = case.find_risk(on)
    before = case.risks[number]
    require_change(before, after)
    earliest = case.risks[number - 1].on if number > 0 else case.opened_on
    latest = case.risks[number + 1].on if number + 1 < len(case.risks) else after.on
    if not earliest <= after.on <= latest:
        raise Refused("times-out-of-order", on=after.on)
    risks = (*case.risks[:number], after, *case.risks[number + 1 :])
    yield RiskLevelCorrected.of(
        case,
        by,
        before=before,
        after=after,
        now=risks[-1].level,
        red_before=red_in(case.stays, case.risks),
        red_after=red_in(case.stays, risks),
    )


def void_risk(case: Case, on: date, by: Stamp) -> Iterator[CaseEvent]:
    """Take back the last risk level set for a day; the one before goes on."""
    case.require(by, *STANDING)
    require_reason(by)
    number = case.find_risk(on)
    risks = (*case.risks[:number], *case.risks[number + 1 :])
    yield RiskLevelVoided.of(
        case,
        by,
        record=case.risks[number],
        now=risks[-1].level if risks else None,
        red_before=red_in(case.stays, case.risks),
        red_after=red_in(case.stays, risks),
    )


def report(case: Case, report: Report, by: Stamp) -> Iterator[CaseEvent]:
    """Record a mandatory report; it counts with the place that first saw the danger."""
    case.require(by, *STANDING)
    require_new(case.reports, report.id)
    record, place = reported(case, report, by.occurred)
    yield MandatoryReportMade.of(case, by, place=place, record=record)


def correct_report(case: Case, after: Report, at: datetime, by: Stamp) -> Iterator[CaseEvent]:
    """Correct a report or its instant; the screening it answers stays the same."""
    case.require(by, *STANDING)
    require_reason(by)
    require_happened(at, by)
    before = find(case.reports, after.id)
    if before.fact.report.screening != after.screening:
        raise Refused("report-of-other-screening")
    record, _ = reported(case, after, at)
    require_change(before.fact, record)
    yield MandatoryReportCorrected.of(
        case, by, place=before.place, before=before.fact, after=record
    )


def void_report(case: Case, report: UUID, by: Stamp) -> Iterator[CaseEvent]:
    """Take back a report that never was; the one due is owed again."""
    case.require(by, *STANDING)
    require_reason(by)
    before = find(case.reports, report)
    yield MandatoryReportVoided.of(case, by, place=before.place, record=before.fact)


def note_warning_letter(case: Case, document: SafetyDocument, by: Stamp) -> Iterator[CaseEvent]:
    """Note a warning letter of the police (告诫书)."""
    require_document(case, document, by)
    yield WarningLetterNoted.of(case, by, document=document)


def note_protection_order(case: Case, document: SafetyDocument, by: Stamp) -> Iterator[CaseEvent]:
    """Note a personal protection order of a court (人身安全保护令)."""
    require_document(case, document, by)
    yield ProtectionOrderNoted.of(case, by, document=document)


def void_document(case: Case, document: UUID, by: Stamp) -> Iterator[CaseEvent]:
    """Take back a warning letter or protection order noted by mistake."""
    case.require(by, *STANDING)
    require_reason(by)
    (kind, record), place = find(case.documents, document)
    yield SafetyDocumentVoided.of(case, by, place=place, kind=kind, document=record)


def reported(case: Case, report: Report, at: Occurred) -> tuple[ReportRecord, Place | None]:
    """The record of a mandatory report, and where it counts."""
    if not isinstance(at, datetime):
        raise Refused("hour-needed")
    due, place = None, case.place
    if report.screening is not None:
        screening, place = find(case.screenings, report.screening)
        due = screening.report_due
        if due is None:
            raise Refused("report-not-due")
        if at < moment(screening.at):
            raise Refused("times-out-of-order", on=day(at))
        for other, _ in standing(case.reports):
            if other.report.screening == report.screening and other.report.id != report.id:
                raise Refused("already-reported", report=other.report.id)
    elif day(at) < case.opened_on:
        raise Refused("before-opening", opened_on=case.opened_on)
    late = 0 if due is None or at <= due else -((due - at) // MINUTE)
    record = ReportRecord(
        report=report, made_at=at, due=due, within_24h=late == 0, minutes_late=late
    )
    return record, place


def require_unreported(case: Case, screening: UUID) -> None:
    """Refuse while a mandatory report answers this screening."""
    for record, _ in standing(case.reports):
        if record.report.screening == screening:
            raise Refused("report-stands", report=record.report.id)


def require_document(case: Case, document: SafetyDocument, by: Stamp) -> None:
    """Refuse a document noted before, from the future, or expired before it was issued."""
    case.require(by, *LIVE)
    require_new(case.documents, document.id)
    require_past(document.issued_on, by)
    if document.expires_on is not None and document.expires_on <= document.issued_on:
        raise Refused("times-out-of-order", on=document.expires_on)
