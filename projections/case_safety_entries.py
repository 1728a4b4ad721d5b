"""What safety counts: screenings, and the reports that they call for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from domain.base import Place, day
from domain.case_facts import REPORT_WITHIN, ReportRecord, Screening
from domain.case_safety_events import (
    MandatoryReportCorrected,
    MandatoryReportMade,
    MandatoryReportVoided,
    ProtectionOrderNoted,
    SafetyDocumentVoided,
    SafetyScreened,
    ScreeningCorrected,
    ScreeningVoided,
    WarningLetterNoted,
)
from domain.values import SafetyLevel
from projections.entries import (
    ONLY_CORRECTS,
    Entry,
    Kinds,
    Rule,
    Rules,
    changed,
    correcting,
    number,
    taken_back,
)

SCREENINGS: Final = number("screenings")
SCREENINGS_POSITIVE: Final = number("screenings_positive")
REPORTS_REQUIRED: Final = number("reports_required")
REPORTS_WITHIN_24H: Final = number("reports_within_24h")
REPORTS_MADE: Final = number("reports_made")
REPORTS_OWED: Final = number("reports_owed")


def screened(event: SafetyScreened) -> list[Entry]:
    on = event.stamp.occurred_on
    return screening_entries(event.screening, on, event.report_due, event.place)


def screening_corrected(event: ScreeningCorrected) -> list[Entry]:
    before, after = event.before, event.after
    return changed(
        screening_entries(before.screening, before.on, before.report_due, event.place),
        screening_entries(after.screening, after.on, after.report_due, event.place),
    )


def screening_voided(event: ScreeningVoided) -> list[Entry]:
    record = event.record
    return taken_back(
        screening_entries(record.screening, record.on, record.report_due, event.place)
    )


def screening_entries(
    screening: Screening, on: date, report_due: datetime | None, place: Place
) -> list[Entry]:
    """A screening; the report it calls for is required from its day, and owed when due passes."""
    at = (place.centre, place.region, screening.id)
    entries = []
    if screening.alone:
        entries.append(Entry(SCREENINGS, *at, on, 1))
        if screening.level in (SafetyLevel.VIOLENCE, SafetyLevel.SEVERE):
            entries.append(Entry(SCREENINGS_POSITIVE, *at, on, 1))
    if report_due is not None:
        entries.append(Entry(REPORTS_REQUIRED, *at, on, 1))
        entries.append(Entry(REPORTS_OWED, *at, day(report_due), 1))
    return entries


def report_made(event: MandatoryReportMade) -> list[Entry]:
    return report_entries(event.record, event.place)


def report_corrected(event: MandatoryReportCorrected) -> list[Entry]:
    return changed(
        report_entries(event.before, event.place), report_entries(event.after, event.place)
    )


def report_voided(event: MandatoryReportVoided) -> list[Entry]:
    return taken_back(report_entries(event.record, event.place))


def report_entries(record: ReportRecord, place: Place) -> list[Entry]:
    """A mandatory report; whether in time is dated at the screening that calls for it."""
    at = (place.centre, place.region)
    entries = [Entry(REPORTS_MADE, *at, record.report.id, record.on, 1)]
    screening, due = record.report.screening, record.due
    if screening is not None and due is not None:
        if record.within_24h:
            screened_on = day(due - REPORT_WITHIN)
            entries.append(Entry(REPORTS_WITHIN_24H, *at, screening, screened_on, 1))
        entries.append(Entry(REPORTS_OWED, *at, screening, max(day(due), record.on), -1))
    return entries


RULES: Final[Rules] = {
    SafetyScreened: Rule(screened),
    ScreeningCorrected: correcting(screening_corrected),
    ScreeningVoided: correcting(screening_voided),
    MandatoryReportMade: Rule(report_made),
    MandatoryReportCorrected: correcting(report_corrected),
    MandatoryReportVoided: correcting(report_voided),
    SafetyDocumentVoided: ONLY_CORRECTS,
}

UNCOUNTED: Final[Kinds] = frozenset({WarningLetterNoted, ProtectionOrderNoted})
