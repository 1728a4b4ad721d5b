"""A review (合规检查): a sample of cases, drawn so that anyone can repeat it, and its findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from heapq import nsmallest
from typing import Annotated, Any, NamedTuple, Self, assert_never
from uuid import UUID

from pydantic import Field

from domain.base import Aggregate, Count, Event, FreeText, Place, Refused, Stamp, Text, Value
from domain.log import LogPosition
from domain.record import find, require_in_order
from domain.values import FindingSettlement, FindingSeverity, FindingStatus

SampleSize = Annotated[int, Field(ge=1, le=10_000)]
"""How many cases are drawn."""


class ReviewPlan(Value):
    """What is reviewed: the cases of a scope as the log stood at `as_of`, by one version of rules.

    `seed` decides the draw and is recorded before it.
    """

    scope: Text
    as_of: LogPosition
    rules_version: Text
    sample_size: SampleSize
    seed: Text


class Finding(Value):
    """Where a case of the sample breaks a rule."""

    id: UUID
    case: UUID
    rule: Text
    text: FreeText
    severity: FindingSeverity


class ReviewEvent(Event):
    """A fact of a review; `place` is what was reviewed."""

    place: Place

    @classmethod
    def of(cls, aggregate: Any, by: Stamp, **facts: Any) -> Self:
        """The next event of a review, at its place."""
        facts.setdefault("place", aggregate.place)
        return super().of(aggregate, by, **facts)


class ReviewOpened(ReviewEvent, topic="review.opened.v1"):
    """What is reviewed is settled, the seed included; nothing was drawn yet."""

    plan: ReviewPlan


class SampleDrawn(ReviewEvent, topic="review.sample-drawn.v1"):
    """These cases were drawn, the smallest hash first; `draw` of the same population repeats it.

    `population` is how many cases there were, `population_digest` tells whether another list of
    them is the same.
    """

    cases: tuple[UUID, ...]
    population: Count
    population_digest: str


class FindingRaised(ReviewEvent, topic="review.finding-raised.v1"):
    """A case of the sample breaks a rule."""

    finding: Finding


class FindingAnswered(ReviewEvent, topic="review.finding-answered.v1"):
    """The reviewed party says what it has to say."""

    finding: UUID
    case: UUID
    text: FreeText


class FindingSettled(ReviewEvent, topic="review.finding-settled.v1"):
    """The finding is done with: its answer accepted, the fault rectified, or itself withdrawn."""

    finding: UUID
    case: UUID
    settlement: FindingSettlement
    text: FreeText | None = None


class ReviewClosed(ReviewEvent, topic="review.closed.v1"):
    """Every finding is settled; `cases` were looked at and `findings` raised."""

    cases: Count
    findings: Count


AnyReviewEvent = (
    ReviewOpened | SampleDrawn | FindingRaised | FindingAnswered | FindingSettled | ReviewClosed
)


class Matter(NamedTuple):
    """A finding, the office that raised it, and how far it has come."""

    case: UUID
    raised_by: UUID
    status: FindingStatus = FindingStatus.RAISED


@dataclass(frozen=True, slots=True)
class Review(Aggregate):
    """A review, opened by an office."""

    about = "review"

    place: Place | None = None
    opened_by: UUID | None = None
    plan: ReviewPlan | None = None
    sample: frozenset[UUID] | None = None
    findings: Mapping[UUID, Matter] = field(default_factory=dict)
    reviewers: frozenset[UUID] = frozenset()
    answerers: frozenset[UUID] = frozenset()
    changed_on: date = date.min
    closed: bool = False

    def open(self, plan: ReviewPlan, place: Place, by: Stamp) -> Iterator[Event]:
        """Settle what is reviewed, before anything is drawn."""
        if self.exists:
            raise Refused("review-exists")
        yield ReviewOpened.of(self, by, place=place, plan=plan)

    def draw_sample(self, population: tuple[UUID, ...], by: Stamp) -> Iterator[Event]:
        """Draw once from all cases of the scope; fewer than the sample size are drawn whole."""
        plan = self.require_open(by)
        if self.sample is not None:
            raise Refused("sample-already-drawn")
        distinct = frozenset(population)
        yield SampleDrawn.of(
            self,
            by,
            cases=draw(distinct, plan.sample_size, plan.seed),
            population=len(distinct),
            population_digest=digest(distinct),
        )

    def raise_finding(self, finding: Finding, by: Stamp) -> Iterator[Event]:
        """Say where a case of the sample breaks a rule."""
        self.require_open(by)
        self.require_reviewer(by)
        if finding.case not in self.require_sample():
            raise Refused("case-not-in-sample", case=finding.case)
        if finding.id in self.findings:
            raise Refused("record-exists", record=finding.id)
        yield FindingRaised.of(self, by, finding=finding)

    def answer_finding(self, finding: UUID, text: Text, by: Stamp) -> Iterator[Event]:
        """Answer for the reviewed party, again if need be until it is settled; never a reviewer."""
        self.require_open(by)
        matter = self.require_unsettled(finding)
        if by.actor in self.reviewers:
            raise Refused("answer-by-reviewer")
        yield FindingAnswered.of(self, by, finding=finding, case=matter.case, text=text)

    def settle_finding(
        self, finding: UUID, settlement: FindingSettlement, text: Text | None, by: Stamp
    ) -> Iterator[Event]:
        """Be done with a finding; only a withdrawn one needs no answer."""
        self.require_open(by)
        self.require_reviewer(by)
        matter = self.require_unsettled(finding)
        withdrawn = settlement is FindingSettlement.WITHDRAWN
        if matter.status is FindingStatus.RAISED and not withdrawn:
            raise Refused("finding-not-answered", finding=finding)
        yield FindingSettled.of(
            self, by, finding=finding, case=matter.case, settlement=settlement, text=text
        )

    def close(self, by: Stamp) -> Iterator[Event]:
        """End the review, once every finding is settled."""
        self.require_open(by)
        self.require_reviewer(by)
        cases = self.require_sample()
        unsettled = sum(m.status is not FindingStatus.SETTLED for m in self.findings.values())
        if unsettled:
            raise Refused("findings-unsettled", unsettled=unsettled)
        yield ReviewClosed.of(self, by, cases=len(cases), findings=len(self.findings))

    def require_open(self, by: Stamp) -> ReviewPlan:
        """Refuse a step before the review is opened, after it is closed, or before the last one."""
        if self.plan is None:
            raise Refused("review-not-opened")
        if self.closed:
            raise Refused("review-closed")
        require_in_order(self.changed_on, by.occurred_on)
        return self.plan

    def require_reviewer(self, by: Stamp) -> None:
        """Refuse a reviewer's step by someone who answered for the reviewed party."""
        if by.actor in self.answerers:
            raise Refused("reviewer-answered")

    def require_sample(self) -> frozenset[UUID]:
        """Refuse to go on before the draw."""
        if self.sample is None:
            raise Refused("sample-not-drawn")
        return self.sample

    def require_unsettled(self, finding: UUID) -> Matter:
        """The finding, as long as it is open."""
        matter = find(self.findings, finding)
        if matter.status is FindingStatus.SETTLED:
            raise Refused("finding-already-settled", finding=finding)
        return matter

    def evolve(self, event: AnyReviewEvent) -> Self:
        """The state after one more event."""
        match event:
            case ReviewOpened(place=place, plan=plan):
                return self.reviewed_by(
                    event.stamp, place=place, plan=plan, opened_by=event.stamp.office
                )
            case SampleDrawn(cases=cases):
                return self.reviewed_by(event.stamp, sample=frozenset(cases))
            case FindingRaised(finding=finding):
                matter = Matter(finding.case, event.stamp.office)
                raised = {**self.findings, finding.id: matter}
                return self.reviewed_by(event.stamp, findings=raised)
            case FindingAnswered(finding=finding_id):
                matter = self.findings[finding_id]._replace(status=FindingStatus.ANSWERED)
                return replace(
                    self,
                    findings={**self.findings, finding_id: matter},
                    answerers=self.answerers | {event.stamp.actor},
                    changed_on=event.stamp.occurred_on,
                )
            case FindingSettled(finding=finding_id):
                matter = self.findings[finding_id]._replace(status=FindingStatus.SETTLED)
                return self.reviewed_by(event.stamp, findings={**self.findings, finding_id: matter})
            case ReviewClosed():
                return self.reviewed_by(event.stamp, closed=True)
            case _:
                assert_never(event)

    def reviewed_by(self, stamp: Stamp, **changes: Any) -> Self:
        """The state after a step of a reviewer."""
        reviewers = self.reviewers | {stamp.actor}
        return replace(self, reviewers=reviewers, changed_on=stamp.occurred_on, **changes)


def draw(population: Iterable[UUID], sample_size: int, seed: str) -> tuple[UUID, ...]:
    """The `sample_size` cases with the smallest SHA-256 of seed ‖ id, the smallest first.

    The seed is hashed as UTF-8, an id as its 16 bytes in network order. Neither the order of the
    population nor a case named twice changes the draw; a smaller population is drawn whole.
    """
    key = seed.encode()
    return tuple(
        nsmallest(sample_size, set(population), key=lambda case: sha256(key + case.bytes).digest())
    )


def digest(population: Iterable[UUID]) -> str:
    """SHA-256, in hexadecimal, over the 16 bytes of each distinct id in ascending order."""
    return sha256(b"".join(sorted({case.bytes for case in population}))).hexdigest()
