"""What is known of danger in a case (个案): screenings, risk levels, reports, documents."""

from __future__ import annotations

from domain.base import Instant
from domain.case_facts import (
    CaseEvent,
    ReportRecord,
    RiskReading,
    SafetyDocument,
    Screening,
    ScreeningRecord,
    Stay,
)
from domain.values import RiskLevel, SafetyDocumentKind


class SafetyScreened(CaseEvent, topic="case.safety-screened.v1"):
    """A party was screened alone; severe danger makes a report due within 24 hours."""

    screening: Screening
    report_due: Instant | None = None


class ScreeningCorrected(CaseEvent, topic="case.screening-corrected.v1"):
    """A screening showed something else, or at another time, than recorded."""

    before: ScreeningRecord
    after: ScreeningRecord


class ScreeningVoided(CaseEvent, topic="case.screening-voided.v1"):
    """A screening never was."""

    record: ScreeningRecord


class RiskLevelSet(CaseEvent, topic="case.risk-level-set.v1"):
    """From this day on the case is at the risk level `after`."""

    before: RiskLevel | None = None
    after: RiskLevel


class RiskLevelCorrected(CaseEvent, topic="case.risk-level-corrected.v1"):
    """A risk level was other, or of another day; red goes from `red_before` to `red_after`.

    `now` is the level that the case is at then.
    """

    before: RiskReading
    after: RiskReading
    now: RiskLevel
    red_before: tuple[Stay, ...]
    red_after: tuple[Stay, ...]


class RiskLevelVoided(CaseEvent, topic="case.risk-level-voided.v1"):
    """A risk level was never set; red goes from `red_before` to `red_after`.

    `now` is the level that the case is at then, if any.
    """

    record: RiskReading
    now: RiskLevel | None = None
    red_before: tuple[Stay, ...]
    red_after: tuple[Stay, ...]


class MandatoryReportMade(CaseEvent, topic="case.mandatory-report-made.v1"):
    """Severe danger or violence was reported; it counts where the danger was screened."""

    record: ReportRecord

    @property
    def within_24h(self) -> bool:
        """Whether it was made in time."""
        return self.record.within_24h


class MandatoryReportCorrected(CaseEvent, topic="case.mandatory-report-corrected.v1"):
    """A mandatory report was other, or at another time, than recorded."""

    before: ReportRecord
    after: ReportRecord


class MandatoryReportVoided(CaseEvent, topic="case.mandatory-report-voided.v1"):
    """A mandatory report never was; one may be owed again."""

    record: ReportRecord


class WarningLetterNoted(CaseEvent, topic="case.warning-letter-noted.v1"):
    """The police issued a warning letter (告诫书): violence is known."""

    document: SafetyDocument


class ProtectionOrderNoted(CaseEvent, topic="case.protection-order-noted.v1"):
    """A court issued a personal protection order (人身安全保护令): violence is known."""

    document: SafetyDocument


class SafetyDocumentVoided(CaseEvent, topic="case.safety-document-voided.v1"):
    """A warning letter or protection order was noted by mistake."""

    kind: SafetyDocumentKind
    document: SafetyDocument


SafetyEvent = (
    SafetyScreened
    | ScreeningCorrected
    | ScreeningVoided
    | RiskLevelSet
    | RiskLevelCorrected
    | RiskLevelVoided
    | MandatoryReportMade
    | MandatoryReportCorrected
    | MandatoryReportVoided
    | WarningLetterNoted
    | ProtectionOrderNoted
    | SafetyDocumentVoided
)
