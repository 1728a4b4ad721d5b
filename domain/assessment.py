"""An impact assessment (个人信息保护影响评估): before processing, by whom, with what outcome.

Personal Information Protection Law, arts. 55 and 56. A register entry is approved by another
person, never taken out, and kept for three years at least.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Final, Self, assert_never
from uuid import UUID

from pydantic import AfterValidator, Field

from domain.base import LAST_DAY, Aggregate, Day, Event, Place, Refused, Stamp, Text, Value
from domain.record import require_happened, require_in_order, require_reason
from domain.retention import years_after
from domain.rights import AssessmentOutcome, AssessmentStatus, AssessmentTrigger

KEPT_YEARS: Final = 3  # art. 56 para. 2: the report and the record of processing

RECORDED, APPROVED, RETURNED = AssessmentStatus


def in_order(triggers: tuple[AssessmentTrigger, ...]) -> tuple[AssessmentTrigger, ...]:
    """Each once, in the order of the law."""
    return tuple(trigger for trigger in AssessmentTrigger if trigger in triggers)


class Findings(Value):
    """What was assessed when and by whom, and the three questions of art. 56 para. 1.

    `assessors` names offices or roles. `lawful`: whether purpose and manner are lawful, legitimate
    and necessary; `risks`: what it does to persons' rights, and the dangers; `measures`: whether
    the protection is lawful, effective and fit for the risk.
    """

    activity: Text
    triggers: Annotated[
        tuple[AssessmentTrigger, ...], Field(min_length=1), AfterValidator(in_order)
    ]
    assessed_on: Day
    assessors: Text
    lawful: Text
    risks: Text
    measures: Text
    outcome: AssessmentOutcome


class AssessmentEvent(Event):
    """A fact of an impact assessment; `place` is whose processing was assessed."""

    place: Place

    @classmethod
    def of(cls, aggregate: Any, by: Stamp, **facts: Any) -> Self:
        """The next event of an assessment, at its place."""
        facts.setdefault("place", aggregate.place)
        return super().of(aggregate, by, **facts)


class ImpactAssessed(AssessmentEvent, topic="assessment.recorded.v1"):
    """The assessment stands in the register, to be kept until a day at least."""

    findings: Findings
    keep_until: Day


class AssessmentCorrected(AssessmentEvent, topic="assessment.corrected.v1"):
    """It said something else than recorded, or was done anew after it was returned."""

    before: Findings
    after: Findings
    keep_until: Day


class AssessmentApproved(AssessmentEvent, topic="assessment.approved.v1"):
    """Somebody else took responsibility for its outcome."""

    outcome: AssessmentOutcome


class AssessmentReturned(AssessmentEvent, topic="assessment.returned.v1"):
    """It goes back to be done better; the stamp says why."""


AnyAssessmentEvent = ImpactAssessed | AssessmentCorrected | AssessmentApproved | AssessmentReturned


@dataclass(frozen=True, slots=True)
class ImpactAssessment(Aggregate):
    """An entry of the register; `offices` are those of its authors."""

    about = "assessment"

    place: Place | None = None
    findings: Findings | None = None
    status: AssessmentStatus = RECORDED
    authors: frozenset[UUID] = frozenset()
    offices: frozenset[UUID] = frozenset()
    changed_on: date = date.min

    def record(self, findings: Findings, place: Place, by: Stamp) -> Iterator[Event]:
        """Enter an assessment that was done."""
        if self.exists:
            raise Refused("assessment-exists")
        require_happened(findings.assessed_on, by)
        until = kept_until(findings)
        yield ImpactAssessed.of(self, by, place=place, findings=findings, keep_until=until)

    def correct(self, after: Findings, by: Stamp) -> Iterator[Event]:
        """Correct what was entered, as long as nobody approved it."""
        before = self.require(by, RECORDED, RETURNED)
        require_reason(by)
        require_happened(after.assessed_on, by)
        if before == after:
            raise Refused("correction-changes-nothing")
        until = kept_until(after)
        yield AssessmentCorrected.of(self, by, before=before, after=after, keep_until=until)

    def approve(self, by: Stamp) -> Iterator[Event]:
        """Take responsibility for its outcome, as somebody who did not write it."""
        findings = self.require(by, RECORDED)
        if by.actor in self.authors:
            raise Refused("approver-is-author")
        yield AssessmentApproved.of(self, by, outcome=findings.outcome)

    def send_back(self, by: Stamp) -> Iterator[Event]:
        """Let it be done better, for a reason."""
        self.require(by, RECORDED)
        if by.reason is None:
            raise Refused("rejection-needs-reason")
        yield AssessmentReturned.of(self, by)

    def require(self, by: Stamp, *statuses: AssessmentStatus) -> Findings:
        """What was assessed; refused unless it was entered, has come so far, and in order."""
        if self.findings is None:
            raise Refused("assessment-not-recorded")
        if self.status not in statuses:
            raise Refused("assessment-at-other-step", status=self.status)
        require_in_order(self.changed_on, by.occurred_on)
        return self.findings

    def evolve(self, event: AnyAssessmentEvent) -> Self:
        """The state after one more event."""
        after = replace(self, changed_on=event.stamp.occurred_on)
        match event:
            case ImpactAssessed(place=place, findings=findings):
                written = after.written(findings, event.stamp)
                return replace(written, place=place)
            case AssessmentCorrected(after=findings):
                return replace(after.written(findings, event.stamp), status=RECORDED)
            case AssessmentApproved():
                return replace(after, status=APPROVED)
            case AssessmentReturned():
                return replace(after, status=RETURNED)
            case _:
                assert_never(event)

    def written(self, findings: Findings, by: Stamp) -> Self:
        """With what was assessed, and who wrote it for which office."""
        authors, offices = self.authors | {by.actor}, self.offices | {by.office}
        return replace(self, findings=findings, authors=authors, offices=offices)


def kept_until(findings: Findings) -> date:
    """The last day of the three years, or the last that there is."""
    return min(years_after(findings.assessed_on, KEPT_YEARS), LAST_DAY)
