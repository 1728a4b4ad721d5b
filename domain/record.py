"""A record that figures count: entered once, corrected with a reason, voided once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from domain.base import LATE_AFTER, Occurred, Place, Refused, Stamp, Value, day, moment


class Record(Value):
    """A fact that figures count; its id names it when a figure is opened."""

    id: UUID

    @property
    def on(self) -> date:
        """The business date on which it counts, in Asia/Shanghai."""
        raise NotImplementedError


AnyRecord = TypeVar("AnyRecord", bound=Record)
Kept = TypeVar("Kept")


class Entered(NamedTuple, Generic[AnyRecord]):
    """A record as it counts now, and where; its reversal must name the same place."""

    record: AnyRecord
    place: Place | None


Book = Mapping[UUID, Entered[AnyRecord] | None]
"""Counted records by id; None where one was voided, so that its id is never used again."""


def require_happened(occurred: Occurred, by: Stamp) -> None:
    """Refuse a fact later than the stamp, or entered over three days late without a reason (§2).

    An instant that lies ahead of the command is refused too where only the day was stamped.
    """
    if by.received_at is not None and moment(occurred) > by.received_at:
        raise Refused("not-yet-happened", occurred=occurred)
    on = day(occurred)
    both_instants = isinstance(occurred, datetime) and isinstance(by.occurred, datetime)
    if on > by.occurred_on or (both_instants and moment(occurred) > moment(by.occurred)):
        raise Refused("not-yet-happened", occurred=occurred)
    late = by.received_on - on
    if late > LATE_AFTER and by.reason is None:
        raise Refused("late-entry-needs-reason", days=late.days)


def require_over(ends_at: datetime, by: Stamp) -> None:
    """Refuse work that is still going on when its record reaches us."""
    if by.received_at is not None and ends_at > by.received_at:
        raise Refused("not-over-yet", ends_at=ends_at)


def require_past(on: date, by: Stamp) -> None:
    """Refuse a date not come yet of what others did; however long past, it is no late entry."""
    if on > by.occurred_on:
        raise Refused("not-yet-happened", occurred=on)


def require_reason(by: Stamp) -> None:
    """Refuse a correction or voiding that does not say why."""
    if by.reason is None:
        raise Refused("correction-needs-reason")


def require_new(book: Book[AnyRecord], record: AnyRecord, by: Stamp) -> None:
    """Refuse a record whose id was used before, voided or not, or that has not happened yet."""
    if record.id in book:
        raise Refused("record-exists", record=record.id)
    require_happened(record.on, by)


def find(book: Mapping[UUID, Kept | None], record_id: UUID) -> Kept:
    """What is kept under an id; refused when there is nothing or it was voided."""
    if record_id not in book:
        raise Refused("record-unknown", record=record_id)
    kept = book[record_id]
    if kept is None:
        raise Refused("record-voided", record=record_id)
    return kept


def present(book: Mapping[UUID, Kept | None]) -> list[Kept]:
    """All that was not voided."""
    return [kept for kept in book.values() if kept is not None]


def find_corrected(book: Book[AnyRecord], after: AnyRecord, by: Stamp) -> Entered[AnyRecord]:
    """The record as it counted before this correction."""
    require_reason(by)
    before = find(book, after.id)
    if before.record == after:
        raise Refused("correction-changes-nothing", record=after.id)
    require_happened(after.on, by)
    return before


def find_voided(book: Book[AnyRecord], record_id: UUID, by: Stamp) -> Entered[AnyRecord]:
    """The record that stops counting."""
    require_reason(by)
    return find(book, record_id)


def require_in_order(earlier: date | None, later: date | None) -> None:
    """Refuse a date before the one it follows, or an instant; a missing one is in order."""
    if earlier is not None and later is not None and later < earlier:
        raise Refused("times-out-of-order", on=later)


def minutes_between(start: datetime, end: datetime) -> int:
    """Whole minutes from one instant to another."""
    return (end - start) // timedelta(minutes=1)
