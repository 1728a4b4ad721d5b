"""The review desk: every change of a compliance review (合规检查)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from application.eventlog import Receipt
from application.records import Command, Records
from application.territory import require_position
from domain.base import Place, Text
from domain.review import Finding, Review, ReviewPlan
from domain.values import FindingSettlement


@dataclass(frozen=True, slots=True)
class Reviews:
    """The commands on reviews."""

    records: Records

    def open(self, review_id: UUID, plan: ReviewPlan, place: Place, by: Command) -> Receipt:
        """Settle what is reviewed, as of which position of the log, before anything is drawn."""
        return self.records.change(
            by,
            Review,
            review_id,
            Review.open,
            plan,
            place,
            check=lambda _: require_position(self.records, plan.as_of),
        )

    def draw_sample(self, review_id: UUID, population: tuple[UUID, ...], by: Command) -> Receipt:
        """Draw once from all cases of the scope; fewer than the sample size are drawn whole."""
        return self.records.change(by, Review, review_id, Review.draw_sample, population)

    def raise_finding(self, review_id: UUID, finding: Finding, by: Command) -> Receipt:
        """Say where a case of the sample breaks a rule."""
        return self.records.change(by, Review, review_id, Review.raise_finding, finding)

    def answer_finding(self, review_id: UUID, finding: UUID, text: Text, by: Command) -> Receipt:
        """Answer for the reviewed party, again if need be until it is settled; never a reviewer."""
        return self.records.change(by, Review, review_id, Review.answer_finding, finding, text)

    def settle_finding(
        self,
        review_id: UUID,
        finding: UUID,
        settlement: FindingSettlement,
        text: Text | None,
        by: Command,
    ) -> Receipt:
        """Be done with a finding; only a withdrawn one needs no answer."""
        return self.records.change(
            by, Review, review_id, Review.settle_finding, finding, settlement, text
        )

    def close(self, review_id: UUID, by: Command) -> Receipt:
        """End the review, once every finding is settled."""
        return self.records.change(by, Review, review_id, Review.close)
