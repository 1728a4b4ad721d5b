"""The review desk: every change of a compliance review (合规检查)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from application.eventlog import Receipt
from application.records import Command, Records
from application.territory import require_position
from domain.base import Place, Refused, Text
from domain.case_facts import CaseEvent
from domain.case_file_events import CaseOpened, TransferAccepted
from domain.review import Finding, Review, ReviewPlan
from domain.territory import Territory
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
        return self.records.change(
            by,
            Review,
            review_id,
            Review.draw_sample,
            population,
            check=lambda _: require_in_scope(
                self.records, self.records.get(Review, review_id), population
            ),
        )

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


def require_in_scope(records: Records, review: Review, population: Sequence[UUID]) -> None:
    """Refuse to draw from what was no case of the reviewed place as the log stood at `as_of`.

    By today's boundaries, as the reach over the review itself.
    """
    plan, scope = review.plan, review.place
    if plan is None or scope is None:
        return  # the domain refuses to draw before a review is opened
    topics = (CaseOpened.topic, TransferAccepted.topic)  # what puts a case somewhere
    found = records.recorder.latest(population, topics, plan.as_of)
    places = {event.originator_id: event.place for event in found if isinstance(event, CaseEvent)}
    territory, today = records.jurisdiction.territory, records.jurisdiction.today
    within = {
        place: place.centre == scope.centre
        if scope.centre is not None
        else lies_in(territory, place, scope.region, today)
        for place in set(places.values())
    }
    for case in population:
        if case not in places or not within[places[case]]:
            raise Refused("case-out-of-scope", case=case)


def lies_in(territory: Territory, place: Place, region: UUID, today: date) -> bool:
    """Whether a place lies in a region or below it."""
    lies_at = territory.of_place(place.centre, place.region, today)
    whole = territory.region_at(region, today) or region
    return lies_at is not None and whole in territory.path_at(lies_at, today)
