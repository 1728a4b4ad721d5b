"""A disposal (鉴定销毁): records whose time is over, proposed by one, approved by another.

The appraisal may keep some of them. Each disposal of a record names the event of the log by which
its keys were destroyed; the events of the record themselves stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Self, assert_never
from uuid import UUID

from pydantic import Field

from domain.base import Aggregate, Count, Day, Event, Place, Refused, Stamp, Text, Value
from domain.log import LogPosition
from domain.record import require_in_order
from domain.retention import DISPOSED, RecordClass
from domain.rights import DisposalStatus
from domain.subject import require_privacy_officer

PROPOSED, APPROVED, RETURNED, DONE = DisposalStatus


class Candidate(Value):
    """A record and the last day on which it had to be kept."""

    record: UUID
    keep_until: Day


class Proposal(Value):
    """What is to be disposed of, and what the first appraisal says of it."""

    kind: RecordClass
    candidates: Annotated[tuple[Candidate, ...], Field(min_length=1, max_length=200)]
    appraisal: Text


class DisposalEvent(Event):
    """A fact of a disposal; `place` is whose records they are."""

    place: Place

    @classmethod
    def of(cls, aggregate: Any, by: Stamp, **facts: Any) -> Self:
        """The next event of a disposal, at its place."""
        facts.setdefault("place", aggregate.place)
        return super().of(aggregate, by, **facts)


class DisposalProposed(DisposalEvent, topic="disposal.proposed.v1"):
    """Somebody looked at these records and proposes to dispose of them."""

    proposal: Proposal


class DisposalApproved(DisposalEvent, topic="disposal.approved.v1"):
    """Somebody else agrees; what is `kept` has lasting value and stays."""

    disposed: tuple[UUID, ...]
    kept: tuple[UUID, ...]
    appraisal: Text


class DisposalReturned(DisposalEvent, topic="disposal.returned.v1"):
    """Nothing is disposed of; the stamp says why."""


class RecordDisposed(DisposalEvent, topic="disposal.record-disposed.v1"):
    """The keys of a record are gone: the event of the log at `evidence` says so.

    `left` is how many of the approved records are still to be disposed of.
    """

    record: UUID
    evidence: LogPosition
    left: Count


AnyDisposalEvent = DisposalProposed | DisposalApproved | DisposalReturned | RecordDisposed


@dataclass(frozen=True, slots=True)
class Disposal(Aggregate):
    """A disposal; `left` are the records approved and not disposed of yet."""

    about = "disposal"

    place: Place | None = None
    proposal: Proposal | None = None
    proposer: UUID | None = None
    status: DisposalStatus = PROPOSED
    left: frozenset[UUID] = frozenset()
    changed_on: date = date.min

    def propose(self, proposal: Proposal, place: Place, by: Stamp) -> Iterator[Event]:
        """Propose to dispose of records whose time is over."""
        if self.exists:
            raise Refused("disposal-exists")
        if proposal.kind not in DISPOSED:
            raise Refused("class-not-disposed", kind=proposal.kind)
        records = [candidate.record for candidate in proposal.candidates]
        if len(set(records)) < len(records):
            raise Refused("candidate-named-twice")
        for candidate in proposal.candidates:
            if candidate.keep_until >= by.occurred_on:
                raise Refused(
                    "still-to-be-kept", record=candidate.record, keep_until=candidate.keep_until
                )
        yield DisposalProposed.of(self, by, place=place, proposal=proposal)

    def approve(self, kept: tuple[UUID, ...], appraisal: Text, by: Stamp) -> Iterator[Event]:
        """Agree, but for what is kept, as a privacy officer who did not propose it."""
        proposal = self.require_decidable(by)
        records = tuple(candidate.record for candidate in proposal.candidates)
        for record in kept:
            if record not in records:
                raise Refused("no-candidate", record=record)
        disposed = tuple(record for record in records if record not in kept)
        if not disposed:
            raise Refused("nothing-disposed")
        yield DisposalApproved.of(self, by, disposed=disposed, kept=kept, appraisal=appraisal)

    def send_back(self, by: Stamp) -> Iterator[Event]:
        """Disagree, for a reason, as a privacy officer who did not propose it."""
        self.require_decidable(by)
        if by.reason is None:
            raise Refused("rejection-needs-reason")
        yield DisposalReturned.of(self, by)

    def dispose(self, record: UUID, evidence: LogPosition, by: Stamp) -> Iterator[Event]:
        """Note that the keys of an approved record were destroyed."""
        self.require(by, APPROVED)
        require_privacy_officer(by)
        if record not in self.left:
            raise Refused("not-to-be-disposed", record=record)
        left = len(self.left) - 1
        yield RecordDisposed.of(self, by, record=record, evidence=evidence, left=left)

    def require_decidable(self, by: Stamp) -> Proposal:
        """The proposal; refused to its proposer and to anybody but a privacy officer."""
        proposal = self.require(by, PROPOSED)
        require_privacy_officer(by)
        if by.actor == self.proposer:
            raise Refused("approver-is-proposer")
        return proposal

    def require(self, by: Stamp, *statuses: DisposalStatus) -> Proposal:
        """The proposal; refused unless it was made, has come so far, and in order."""
        if self.proposal is None:
            raise Refused("disposal-not-proposed")
        if self.status not in statuses:
            raise Refused("disposal-at-other-step", status=self.status)
        require_in_order(self.changed_on, by.occurred_on)
        return self.proposal

    def evolve(self, event: AnyDisposalEvent) -> Self:
        """The state after one more event."""
        after = replace(self, changed_on=event.stamp.occurred_on)
        match event:
            case DisposalProposed(place=place, proposal=proposal):
                proposer = event.stamp.actor
                return replace(after, place=place, proposal=proposal, proposer=proposer)
            case DisposalApproved(disposed=disposed):
                return replace(after, status=APPROVED, left=frozenset(disposed))
            case DisposalReturned():
                return replace(after, status=RETURNED)
            case RecordDisposed(record=record):
                left = self.left - {record}
                return replace(after, left=left, status=APPROVED if left else DONE)
            case _:
                assert_never(event)
