"""The register of impact assessments (个人信息保护影响评估): every change of an entry."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from application.eventlog import Receipt
from application.records import Command, Records
from application.territory import require_place
from domain.assessment import Findings, ImpactAssessment
from domain.base import Place


@dataclass(frozen=True, slots=True)
class Assessments:
    """The commands on impact assessments."""

    records: Records

    def record(self, assessment: UUID, findings: Findings, place: Place, by: Command) -> Receipt:
        """Enter an assessment that was done of the processing at a place."""
        return self.records.change(
            by,
            ImpactAssessment,
            assessment,
            ImpactAssessment.record,
            findings,
            place,
            check=lambda stamp: require_place(self.records, place, stamp.occurred_on),
        )

    def correct(self, assessment: UUID, after: Findings, by: Command) -> Receipt:
        """Correct what was entered, as long as nobody approved it."""
        return self.records.change(
            by, ImpactAssessment, assessment, ImpactAssessment.correct, after
        )

    def approve(self, assessment: UUID, by: Command) -> Receipt:
        """Take responsibility for its outcome, as somebody who did not write it."""
        return self.records.change(by, ImpactAssessment, assessment, ImpactAssessment.approve)

    def send_back(self, assessment: UUID, by: Command) -> Receipt:
        """Let it be done better, for a reason."""
        return self.records.change(by, ImpactAssessment, assessment, ImpactAssessment.send_back)
