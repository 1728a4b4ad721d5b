"""The supervision desk: every change of a supervision order (督办单)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from application.eventlog import Position, Receipt
from application.records import Command, Records
from application.territory import require_place, require_position
from domain.base import Place, Text
from domain.supervision import Evidence, Order, SupervisionOrder
from domain.values import EscalationStep


@dataclass(frozen=True, slots=True)
class Supervision:
    """The commands on supervision orders."""

    records: Records

    def issue(self, order_id: UUID, order: Order, place: Place, by: Command) -> Receipt:
        """Issue an order to a centre or a region, its evidence pinned by positions in the log."""
        return self.records.change(
            by,
            SupervisionOrder,
            order_id,
            SupervisionOrder.issue,
            order,
            place,
            check=lambda _: self.require_grounds(order, place),
        )

    def acknowledge(self, order_id: UUID, by: Command) -> Receipt:
        """Confirm receipt, once."""
        return self.records.change(by, SupervisionOrder, order_id, SupervisionOrder.acknowledge)

    def report_progress(self, order_id: UUID, text: Text, by: Command) -> Receipt:
        """Say how far rectification has come, as often as needed until it is verified."""
        return self.records.change(
            by, SupervisionOrder, order_id, SupervisionOrder.report_progress, text
        )

    def submit_evidence(
        self, order_id: UUID, text: Text, evidence: Evidence, by: Command
    ) -> Receipt:
        """Show that it is done; more may be added until it is verified."""
        return self.records.change(
            by,
            SupervisionOrder,
            order_id,
            SupervisionOrder.submit_evidence,
            text,
            evidence,
            check=lambda _: require_positions(self.records, evidence),
        )

    def send_back(self, order_id: UUID, by: Command) -> Receipt:
        """Return it for further rectification, saying why; also when the verification was hasty."""
        return self.records.change(by, SupervisionOrder, order_id, SupervisionOrder.send_back)

    def verify(self, order_id: UUID, by: Command) -> Receipt:
        """Confirm the evidence; not by anyone who reported progress or submitted evidence."""
        return self.records.change(by, SupervisionOrder, order_id, SupervisionOrder.verify)

    def write_off(self, order_id: UUID, by: Command) -> Receipt:
        """Settle a verified order on the stamp's date; not by anyone who rectified."""
        return self.records.change(by, SupervisionOrder, order_id, SupervisionOrder.write_off)

    def void_write_off(self, order_id: UUID, by: Command) -> Receipt:
        """Take back a write-off entered by mistake."""
        return self.records.change(by, SupervisionOrder, order_id, SupervisionOrder.void_write_off)

    def escalate(self, order_id: UUID, step: EscalationStep, by: Command) -> Receipt:
        """Go up the ladder, saying why: from the bottom, one step at a time, none left out."""
        return self.records.change(by, SupervisionOrder, order_id, SupervisionOrder.escalate, step)

    def extend_deadline(self, order_id: UUID, after: date, by: Command) -> Receipt:
        """Give more time, saying why, on a day up to the deadline."""
        return self.records.change(
            by, SupervisionOrder, order_id, SupervisionOrder.extend_deadline, after
        )

    def correct(self, order_id: UUID, after: Order, place: Place, by: Command) -> Receipt:
        """Put right what was entered at issue; a written-off order too."""
        return self.records.change(
            by,
            SupervisionOrder,
            order_id,
            SupervisionOrder.correct,
            after,
            place,
            check=lambda _: self.require_grounds(after, place),
        )

    def void(self, order_id: UUID, by: Command) -> Receipt:
        """Take back an order issued by mistake, with its write-off."""
        return self.records.change(by, SupervisionOrder, order_id, SupervisionOrder.void)

    def require_grounds(self, order: Order, place: Place) -> None:
        """Refuse evidence that the log does not hold, and a place that is elsewhere."""
        require_positions(self.records, order.evidence)
        require_place(self.records, place, order.issued_on)


def require_positions(records: Records, positions: Iterable[Position]) -> None:
    """Refuse to pin what the log does not hold. Raises `AsOfRefused`."""
    for position in positions:
        require_position(records, position)
