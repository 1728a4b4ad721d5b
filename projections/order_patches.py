"""What supervision orders (督办单) write in their ledger: how far each has come, and not a word."""

from __future__ import annotations

from typing import Final

from application.eventlog import Recorded
from domain.rights import Stage
from domain.supervision import (
    DeadlineExtended,
    EvidenceSubmitted,
    Order,
    OrderAcknowledged,
    OrderCorrected,
    OrderEscalated,
    OrderEvent,
    OrderIssued,
    OrderReturned,
    OrderVerified,
    OrderVoided,
    OrderWrittenOff,
    ProgressReported,
    WriteOffVoided,
)
from domain.values import OrderStatus
from projections.patches import NOTHING_ADDED, Patch, Patchers


def of_order(
    event: OrderEvent,
    recorded: Recorded,
    values: dict[str, object],
    added: dict[str, int] = NOTHING_ADDED,
) -> list[Patch]:
    """A change of an order's row, which lies where the order counts."""
    row, place = event.originator_id, event.place
    return [Patch("orders", row, recorded.position, place, values, added)]


def issued(event: OrderIssued, recorded: Recorded) -> list[Patch]:
    values = {
        **order_values(event.order),
        "issued_by": event.stamp.office,
        "issuer": event.stamp.actor,
        "status": OrderStatus.ISSUED,
        "stage": Stage.WAITING,
        "escalations": 0,
        "extensions": 0,
        "returns": 0,
        "recorded_at": recorded.recorded_at,
    }
    return of_order(event, recorded, values)


def acknowledged(event: OrderAcknowledged, recorded: Recorded) -> list[Patch]:
    values = {"status": OrderStatus.ACKNOWLEDGED, "acknowledged_on": event.stamp.occurred_on}
    return of_order(event, recorded, values)


def progressed(event: ProgressReported, recorded: Recorded) -> list[Patch]:
    return of_order(event, recorded, {"reported_on": event.stamp.occurred_on})


def submitted(event: EvidenceSubmitted, recorded: Recorded) -> list[Patch]:
    values = {"status": OrderStatus.SUBMITTED, "submitted_on": event.stamp.occurred_on}
    return of_order(event, recorded, values)


def returned(event: OrderReturned, recorded: Recorded) -> list[Patch]:
    values: dict[str, object] = {
        "status": OrderStatus.RETURNED,
        "verified_on": None,
        "verified_by": None,
    }
    return of_order(event, recorded, values, {"returns": 1})


def verified(event: OrderVerified, recorded: Recorded) -> list[Patch]:
    values = {
        "status": OrderStatus.VERIFIED,
        "verified_on": event.stamp.occurred_on,
        "verified_by": event.stamp.actor,
    }
    return of_order(event, recorded, values)


def written_off(event: OrderWrittenOff, recorded: Recorded) -> list[Patch]:
    values = {
        "status": OrderStatus.WRITTEN_OFF,
        "stage": Stage.SETTLED,
        "written_off_on": event.written_off_on,
    }
    return of_order(event, recorded, values)


def write_off_voided(event: WriteOffVoided, recorded: Recorded) -> list[Patch]:
    values: dict[str, object] = {
        "status": OrderStatus.VERIFIED,
        "stage": Stage.WAITING,
        "written_off_on": None,
    }
    return of_order(event, recorded, values)


def escalated(event: OrderEscalated, recorded: Recorded) -> list[Patch]:
    values = {"escalated_to": event.after, "escalated_on": event.stamp.occurred_on}
    return of_order(event, recorded, values, {"escalations": 1})


def extended(event: DeadlineExtended, recorded: Recorded) -> list[Patch]:
    return of_order(event, recorded, {"deadline": event.after}, {"extensions": 1})


def corrected(event: OrderCorrected, recorded: Recorded) -> list[Patch]:
    return of_order(event, recorded, order_values(event.after))


def voided(event: OrderVoided, recorded: Recorded) -> list[Patch]:
    return of_order(event, recorded, {"status": OrderStatus.VOIDED, "stage": Stage.SETTLED})


def order_values(order: Order) -> dict[str, object]:
    return {
        "addressee": order.addressee,
        "issued_on": order.issued_on,
        "deadline": order.deadline,
    }


PATCHERS: Final[Patchers] = {
    OrderIssued: issued,
    OrderAcknowledged: acknowledged,
    ProgressReported: progressed,
    EvidenceSubmitted: submitted,
    OrderReturned: returned,
    OrderVerified: verified,
    OrderWrittenOff: written_off,
    WriteOffVoided: write_off_voided,
    OrderEscalated: escalated,
    DeadlineExtended: extended,
    OrderCorrected: corrected,
    OrderVoided: voided,
}
