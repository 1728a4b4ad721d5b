"""A supervision order (督办单): what is to be put right by when, until it is written off (销号)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Self, assert_never
from uuid import UUID

from pydantic import AfterValidator

from domain.base import Aggregate, Day, Event, FreeText, Place, Refused, Stamp, Text, Value
from domain.log import LogPosition
from domain.record import require_happened, require_in_order, require_reason
from domain.values import EscalationStep, OrderStatus

Evidence = Annotated[tuple[LogPosition, ...], AfterValidator(lambda p: tuple(sorted(set(p))))]
"""What the log showed, pinned by position: each one once, in the log's order."""

LADDER = tuple(EscalationStep)  # the mildest first
RECTIFYING = frozenset({OrderStatus.ACKNOWLEDGED, OrderStatus.SUBMITTED, OrderStatus.RETURNED})


class Order(Value):
    """What a centre or a region must do, by the end of its `deadline` in Asia/Shanghai."""

    addressee: UUID
    what: FreeText
    issued_on: Day
    deadline: Day
    evidence: Evidence = ()


class OrderEvent(Event):
    """A fact of a supervision order; `place` is where the order counts."""

    place: Place

    @classmethod
    def of(cls, aggregate: Any, by: Stamp, **facts: Any) -> Self:
        """The next event of an order, at its place unless another is given."""
        facts.setdefault("place", aggregate.place)
        return super().of(aggregate, by, **facts)


class OrderIssued(OrderEvent, topic="order.issued.v1"):
    """The order counts as issued on its date, and as overdue from the day after its deadline."""

    order: Order


class OrderAcknowledged(OrderEvent, topic="order.acknowledged.v1"):
    """The addressee has received the order (签收)."""


class ProgressReported(OrderEvent, topic="order.progress-reported.v1"):
    """What was done so far."""

    text: FreeText


class EvidenceSubmitted(OrderEvent, topic="order.evidence-submitted.v1"):
    """The addressee says that it is done and shows it."""

    text: FreeText
    evidence: Evidence


class OrderReturned(OrderEvent, topic="order.returned.v1"):
    """The supervisor is not satisfied; the stamp says why. Rectification goes on."""


class OrderVerified(OrderEvent, topic="order.verified.v1"):
    """Someone who did not rectify has checked it."""


class OrderWrittenOff(OrderEvent, topic="order.written-off.v1"):
    """The order is settled (销号) and no longer overdue from `written_off_on` on."""

    issued_on: Day
    deadline: Day
    written_off_on: Day


class WriteOffVoided(OrderEvent, topic="order.write-off-voided.v1"):
    """The order was written off by mistake and stands as verified again."""

    issued_on: Day
    deadline: Day
    written_off_on: Day


class OrderEscalated(OrderEvent, topic="order.escalated.v1"):
    """One step up the ladder; the stamp says why. What is to be done and by when stays."""

    before: EscalationStep | None = None
    after: EscalationStep


class DeadlineExtended(OrderEvent, topic="order.deadline-extended.v1"):
    """There is more time; the stamp says why."""

    issued_on: Day
    before: Day
    after: Day


class OrderCorrected(OrderEvent, topic="order.corrected.v1"):
    """The order was entered wrongly: `before` at `place_before`, `after` at `place`.

    `before` has the deadline as last extended; `written_off_on` stays as it was, if it was.
    """

    place_before: Place
    before: Order
    after: Order
    written_off_on: Day | None = None


class OrderVoided(OrderEvent, topic="order.voided.v1"):
    """The order was issued by mistake; neither it nor its write-off counts any longer."""

    order: Order
    written_off_on: Day | None = None


AnyOrderEvent = (
    OrderIssued
    | OrderAcknowledged
    | ProgressReported
    | EvidenceSubmitted
    | OrderReturned
    | OrderVerified
    | OrderWrittenOff
    | WriteOffVoided
    | OrderEscalated
    | DeadlineExtended
    | OrderCorrected
    | OrderVoided
)


@dataclass(frozen=True, slots=True)
class SupervisionOrder(Aggregate):
    """A supervision order; `order` has the deadline as last extended, `issued_by` is an office."""

    about = "order"

    place: Place | None = None
    order: Order | None = None
    issued_by: UUID | None = None
    status: OrderStatus | None = None
    escalated_to: EscalationStep | None = None
    rectifiers: frozenset[UUID] = frozenset()
    first_step_on: date | None = None
    changed_on: date = date.min
    written_off_on: date | None = None

    def issue(self, order: Order, place: Place, by: Stamp) -> Iterator[Event]:
        """Issue the order to a centre or a region, which lies at `place`."""
        if self.exists:
            raise Refused("order-exists")
        require_orderly(order, place, by)
        yield OrderIssued.of(self, by, place=place, order=order)

    def acknowledge(self, by: Stamp) -> Iterator[Event]:
        """Confirm receipt, once."""
        self.require_step(by)
        if self.status is not OrderStatus.ISSUED:
            raise Refused("order-already-acknowledged")
        yield OrderAcknowledged.of(self, by)

    def report_progress(self, text: Text, by: Stamp) -> Iterator[Event]:
        """Say how far rectification has come, as often as needed until it is verified."""
        self.require_rectifying(by)
        yield ProgressReported.of(self, by, text=text)

    def submit_evidence(self, text: Text, evidence: Evidence, by: Stamp) -> Iterator[Event]:
        """Show that it is done; more may be added until it is verified."""
        self.require_rectifying(by)
        yield EvidenceSubmitted.of(self, by, text=text, evidence=evidence)

    def send_back(self, by: Stamp) -> Iterator[Event]:
        """Return it for further rectification, saying why; also when the verification was hasty."""
        self.require_step(by)
        if self.status not in (OrderStatus.SUBMITTED, OrderStatus.VERIFIED):
            raise Refused("order-not-submitted")
        self.require_independent(by)
        require_said_why(by)
        yield OrderReturned.of(self, by)

    def verify(self, by: Stamp) -> Iterator[Event]:
        """Confirm the evidence; not by anyone who reported progress or submitted evidence."""
        self.require_step(by)
        if self.status is not OrderStatus.SUBMITTED:
            raise Refused("order-not-submitted")
        self.require_independent(by)
        yield OrderVerified.of(self, by)

    def write_off(self, by: Stamp) -> Iterator[Event]:
        """Settle a verified order on the stamp's date; not by anyone who rectified."""
        order = self.require_step(by)
        if self.status is not OrderStatus.VERIFIED:
            raise Refused("order-not-verified")
        self.require_independent(by)
        yield OrderWrittenOff.of(
            self,
            by,
            issued_on=order.issued_on,
            deadline=order.deadline,
            written_off_on=by.occurred_on,
        )

    def void_write_off(self, by: Stamp) -> Iterator[Event]:
        """Take back a write-off entered by mistake; not by anyone who rectified."""
        order = self.require_issued()
        require_reason(by)
        self.require_independent(by)
        if self.written_off_on is None:
            raise Refused("order-not-written-off")
        yield WriteOffVoided.of(
            self,
            by,
            issued_on=order.issued_on,
            deadline=order.deadline,
            written_off_on=self.written_off_on,
        )

    def escalate(self, step: EscalationStep, by: Stamp) -> Iterator[Event]:
        """Go up the ladder, saying why: from the bottom, one step at a time, none left out."""
        self.require_step(by)
        if self.status is OrderStatus.VERIFIED:
            raise Refused("order-verified")
        height = 0 if self.escalated_to is None else LADDER.index(self.escalated_to) + 1
        if height == len(LADDER):
            raise Refused("escalation-at-top")
        if step is not LADDER[height]:
            raise Refused("escalation-out-of-order", following=LADDER[height].label)
        require_said_why(by)
        yield OrderEscalated.of(self, by, before=self.escalated_to, after=step)

    def extend_deadline(self, after: date, by: Stamp) -> Iterator[Event]:
        """Give more time, saying why, on a day up to the deadline; not by anyone who rectified.

        Refused once the deadline has passed: days overdue are never made good afterwards.
        """
        order = self.require_step(by)
        self.require_independent(by)
        if after <= order.deadline:
            raise Refused("deadline-not-later", deadline=order.deadline)
        if by.occurred_on > order.deadline:
            raise Refused("deadline-passed", deadline=order.deadline)
        require_said_why(by)
        yield DeadlineExtended.of(
            self, by, issued_on=order.issued_on, before=order.deadline, after=after
        )

    def correct(self, after: Order, place: Place, by: Stamp) -> Iterator[Event]:
        """Put right what was entered at issue, the deadline too; not by anyone who rectified."""
        before = self.require_issued()
        require_reason(by)
        self.require_independent(by)
        if (before, self.place) == (after, place):
            raise Refused("correction-changes-nothing", record=self.id)
        require_orderly(after, place, by)
        require_in_order(after.issued_on, self.first_step_on)
        yield OrderCorrected.of(
            self,
            by,
            place_before=self.place,
            place=place,
            before=before,
            after=after,
            written_off_on=self.written_off_on,
        )

    def void(self, by: Stamp) -> Iterator[Event]:
        """Take back an order issued by mistake, with its write-off; not by anyone who rectified."""
        order = self.require_issued()
        require_reason(by)
        self.require_independent(by)
        yield OrderVoided.of(self, by, order=order, written_off_on=self.written_off_on)

    def require_issued(self) -> Order:
        """Refuse anything before an order is issued, or after it was voided."""
        if self.status is OrderStatus.VOIDED:
            raise Refused("order-voided")
        if self.order is None:
            raise Refused("order-not-issued")
        return self.order

    def require_step(self, by: Stamp) -> Order:
        """Refuse a step of a settled order, or one dated before the last step."""
        order = self.require_issued()
        if self.written_off_on is not None:
            raise Refused("order-written-off", written_off_on=self.written_off_on)
        require_in_order(self.changed_on, by.occurred_on)
        return order

    def require_rectifying(self, by: Stamp) -> None:
        """Refuse to rectify an order not yet acknowledged, or verified already."""
        self.require_step(by)
        if self.status is OrderStatus.ISSUED:
            raise Refused("order-not-acknowledged")
        if self.status not in RECTIFYING:
            raise Refused("order-verified")

    def require_independent(self, by: Stamp) -> None:
        """Refuse a judgement by someone who rectified."""
        if by.actor in self.rectifiers:
            raise Refused("verifier-rectified")

    def evolve(self, event: AnyOrderEvent) -> Self:
        """The state after one more event."""
        on, actor = event.stamp.occurred_on, event.stamp.actor
        match event:
            case OrderIssued(order=order, place=place):
                return replace(
                    self,
                    place=place,
                    order=order,
                    issued_by=event.stamp.office,
                    status=OrderStatus.ISSUED,
                    changed_on=order.issued_on,
                )
            case OrderAcknowledged():
                return self.stepping(on, status=OrderStatus.ACKNOWLEDGED)
            case ProgressReported():
                return self.stepping(on, rectifiers=self.rectifiers | {actor})
            case EvidenceSubmitted():
                rectifiers = self.rectifiers | {actor}
                return self.stepping(on, status=OrderStatus.SUBMITTED, rectifiers=rectifiers)
            case OrderReturned():
                return self.stepping(on, status=OrderStatus.RETURNED)
            case OrderVerified():
                return self.stepping(on, status=OrderStatus.VERIFIED)
            case OrderWrittenOff(written_off_on=settled_on):
                return replace(self, status=OrderStatus.WRITTEN_OFF, written_off_on=settled_on)
            case WriteOffVoided():
                return replace(self, status=OrderStatus.VERIFIED, written_off_on=None)
            case OrderEscalated(after=step):
                return self.stepping(on, escalated_to=step)
            case DeadlineExtended(after=deadline):
                extended = self.require_issued().model_copy(update={"deadline": deadline})
                return self.stepping(on, order=extended)
            case OrderCorrected(after=order, place=place):
                since = order.issued_on if self.first_step_on is None else self.changed_on
                return replace(self, place=place, order=order, changed_on=since)
            case OrderVoided():
                return replace(self, status=OrderStatus.VOIDED)
            case _:
                assert_never(event)

    def stepping(self, on: date, **changes: Any) -> Self:
        """The state after a step towards the write-off."""
        return replace(self, first_step_on=self.first_step_on or on, changed_on=on, **changes)


def require_orderly(order: Order, place: Place, by: Stamp) -> None:
    """Refuse an order not issued yet, due before it is issued, or to someone elsewhere."""
    require_happened(order.issued_on, by)
    if order.deadline < order.issued_on:
        raise Refused("deadline-before-issue", issued_on=order.issued_on)
    if order.addressee not in (place.centre, place.region):
        raise Refused("addressee-elsewhere", addressee=order.addressee)


def require_said_why(by: Stamp) -> None:
    """Refuse a step of supervision that gives no reason."""
    if by.reason is None:
        raise Refused("supervision-needs-reason")
