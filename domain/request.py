"""A person's request (个人信息权益申请): received, its identity verified, decided, answered.

The request lies in a stream of its own and names the record and whose part of it. What the person
wrote, and why it was refused, are sealed under the person's key of that record.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Self, assert_never
from uuid import UUID

from domain.base import Aggregate, Day, Event, Place, Refused, Sealed, Stamp, Text, Value
from domain.log import LogPosition
from domain.record import require_in_order
from domain.rights import (
    Applicant,
    PersonPart,
    RequestChannel,
    RequestKind,
    RequestRefusal,
    RequestStatus,
    Stage,
    VerificationMeans,
)
from domain.subject import require_privacy_officer
from domain.values import ErasureGround

RECEIVED, VERIFIED, GRANTED, FULFILLED, REFUSED, WITHDRAWN = RequestStatus
WAITING: Final = (RECEIVED, VERIFIED, GRANTED)
KNOWN: Final = (VERIFIED, GRANTED, FULFILLED)  # who asks, and that it is still asked for


class Demand(Value):
    """What somebody asks for: which right, in which record, whose part of it."""

    record: UUID
    part: PersonPart
    kind: RequestKind
    applicant: Applicant
    channel: RequestChannel
    details: Sealed | None = None


class Due(Value):
    """The last day for an answer, by that version of the holiday calendar."""

    on: Day
    calendar_version: Text


class RequestEvent(Event):
    """A fact of a request; `place` is where it was received."""

    place: Place

    @classmethod
    def of(cls, aggregate: Any, by: Stamp, **facts: Any) -> Self:
        """The next event of a request, at its place."""
        facts.setdefault("place", aggregate.place)
        return super().of(aggregate, by, **facts)


class RequestReceived(RequestEvent, topic="request.received.v1"):
    """Somebody asks; an answer is due."""

    demand: Demand
    due: Due


class IdentityVerified(RequestEvent, topic="request.identity-verified.v1"):
    """It was made sure who asks."""

    means: VerificationMeans


class RequestExtended(RequestEvent, topic="request.extended.v1"):
    """The answer is due later, once; the stamp says why."""

    before: Due
    after: Due


class RequestGranted(RequestEvent, topic="request.granted.v1"):
    """The person gets what it asks for; data to be erased, on this ground."""

    ground: ErasureGround | None = None


class RequestRefused(RequestEvent, topic="request.refused.v1"):
    """The person does not get it; `explanation` is what it is told."""

    ground: RequestRefusal
    explanation: Sealed


class RequestFulfilled(RequestEvent, topic="request.fulfilled.v1"):
    """It was done: the event of the log at `answer` is what did it."""

    answer: LogPosition
    due_on: Day


class RequestWithdrawn(RequestEvent, topic="request.withdrawn.v1"):
    """The person no longer asks."""


AnyRequestEvent = (
    RequestReceived
    | IdentityVerified
    | RequestExtended
    | RequestGranted
    | RequestRefused
    | RequestFulfilled
    | RequestWithdrawn
)


@dataclass(frozen=True, slots=True)
class PersonRequest(Aggregate):
    """A person's request."""

    about = "request"

    place: Place | None = None
    demand: Demand | None = None
    due: Due | None = None
    status: RequestStatus = RECEIVED
    verified_by: UUID | None = None
    ground: ErasureGround | None = None
    extended: bool = False
    changed_on: date = date.min

    def receive(self, demand: Demand, due: Due, place: Place, by: Stamp) -> Iterator[Event]:
        """Note a request and by when it is to be answered."""
        if self.exists:
            raise Refused("request-exists")
        require_in_order(by.occurred_on, due.on)
        yield RequestReceived.of(self, by, place=place, demand=demand, due=due)

    def verify_identity(self, means: VerificationMeans, by: Stamp) -> Iterator[Event]:
        """Note by what it was made sure who asks; for another person only with authority."""
        demand = self.require(by, RECEIVED)
        if (demand.applicant is Applicant.SELF) is (means is VerificationMeans.AUTHORITY):
            raise Refused("means-do-not-fit", applicant=demand.applicant)
        yield IdentityVerified.of(self, by, means=means)

    def extend(self, after: Due, by: Stamp) -> Iterator[Event]:
        """Give the answer more time, once, for a reason, before it is overdue."""
        self.require(by, *WAITING)
        require_privacy_officer(by)
        if by.reason is None:
            raise Refused("extension-needs-reason")
        if self.extended:
            raise Refused("already-extended")
        if by.occurred_on > self.due_on:
            raise Refused("already-overdue", due_on=self.due_on)
        require_in_order(self.due_on, after.on)
        yield RequestExtended.of(self, by, before=self.due, after=after)

    def grant(self, ground: ErasureGround | None, by: Stamp) -> Iterator[Event]:
        """Let the person have it; an erasure has a ground, and nothing else has one.

        Who made sure who asks does not grant it as well, or one person alone could ask in the name
        of anybody.
        """
        demand = self.require(by, VERIFIED)
        require_privacy_officer(by)
        self.require_other_than_verifier(by.actor)
        if (demand.kind is RequestKind.ERASE) is (ground is None):
            raise Refused("ground-of-erasure-only")
        if ground is ErasureGround.RETENTION_OVER:
            raise Refused("retention-over-by-disposal")
        yield RequestGranted.of(self, by, ground=ground)

    def refuse(self, ground: RequestRefusal, explanation: Sealed, by: Stamp) -> Iterator[Event]:
        """Say no, and why; before the identity is verified only because it cannot be.

        Not as who verified it: whoever can say yes or no to a request of his own making answers it.
        """
        self.require(by, *WAITING)
        require_privacy_officer(by)
        self.require_other_than_verifier(by.actor)
        unproven = ground is RequestRefusal.IDENTITY_UNPROVEN
        if (self.status is RECEIVED) is not unproven:
            raise Refused("refusal-beside-identity", status=self.status)
        yield RequestRefused.of(self, by, ground=ground, explanation=explanation)

    def fulfil(self, answer: LogPosition, by: Stamp) -> Iterator[Event]:
        """Note that it was done, and which event of the log did it; not as who verified it."""
        self.require(by, GRANTED)
        self.require_other_than_verifier(by.actor)
        yield RequestFulfilled.of(self, by, answer=answer, due_on=self.due_on)

    def withdraw(self, by: Stamp) -> Iterator[Event]:
        """Note that the person no longer asks; the stamp says how that became known.

        Once it is known who asks, as a privacy officer who did not make sure of it: whoever hears
        it at the window passes it on.
        """
        self.require(by, *WAITING)
        if by.reason is None:
            raise Refused("withdrawal-needs-reason")
        if self.status is not RECEIVED:
            require_privacy_officer(by)
            self.require_other_than_verifier(by.actor)
        yield RequestWithdrawn.of(self, by)

    def require(self, by: Stamp, *statuses: RequestStatus) -> Demand:
        """What is asked for; refused unless it was received, has come so far, and in order."""
        if self.demand is None:
            raise Refused("request-not-received")
        if self.status not in statuses:
            raise Refused("request-at-other-step", status=self.status)
        require_in_order(self.changed_on, by.occurred_on)
        return self.demand

    def require_answerable(self, reader: UUID) -> Demand:
        """What is asked for, to be shown to who answers it.

        Refused unless it is known who asks and the person still does, and to who made sure of it.
        """
        if self.demand is None:
            raise Refused("request-not-received")
        if self.status not in KNOWN:
            raise Refused("request-at-other-step", status=self.status)
        self.require_other_than_verifier(reader)
        return self.demand

    def require_other_than_verifier(self, person: UUID) -> None:
        """Refuse whoever made sure who asks."""
        if person == self.verified_by:
            raise Refused("verifier-answers")

    @property
    def stage(self) -> Stage:
        """Whether anybody still waits for an answer."""
        return Stage.WAITING if self.status in WAITING else Stage.SETTLED

    @property
    def due_on(self) -> date:
        """The last day for an answer."""
        assert self.due is not None, "it was received"
        return self.due.on

    def evolve(self, event: AnyRequestEvent) -> Self:
        """The state after one more event."""
        after = replace(self, changed_on=event.stamp.occurred_on)
        match event:
            case RequestReceived(place=place, demand=demand, due=due):
                return replace(after, place=place, demand=demand, due=due)
            case IdentityVerified():
                return replace(after, status=VERIFIED, verified_by=event.stamp.actor)
            case RequestExtended(after=due):
                return replace(after, due=due, extended=True)
            case RequestGranted(ground=ground):
                return replace(after, status=GRANTED, ground=ground)
            case RequestRefused():
                return replace(after, status=REFUSED)
            case RequestFulfilled():
                return replace(after, status=FULFILLED)
            case RequestWithdrawn():
                return replace(after, status=WITHDRAWN)
            case _:
                assert_never(event)
