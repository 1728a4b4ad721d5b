"""The person behind a record (信息主体): legal holds on personal data, and the end of its keys.

One stream a record, a case or a practitioner. Nothing here names anybody or holds free text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Self, assert_never
from uuid import UUID, uuid5

from domain.base import Aggregate, Event, KeyName, Refused, Stamp, Value
from domain.values import ErasureGround, HoldGround, Role

NAMESPACE = UUID("00000000-0000-5000-8000-000000000003")
"""Of the names of streams."""


def subject_id(record: UUID) -> UUID:
    """The stream of the people behind a record."""
    return uuid5(NAMESPACE, str(record))


class LegalHold(Value):
    """Why the personal data of a record must be kept, whoever asks for its erasure."""

    id: UUID
    ground: HoldGround


class LegalHoldPlaced(Event, topic="subject.legal-hold-placed.v1"):
    """From now on no key of the record is destroyed."""

    record: UUID
    hold: LegalHold


class LegalHoldLifted(Event, topic="subject.legal-hold-lifted.v1"):
    """The hold ended; others on the record go on."""

    record: UUID
    hold: LegalHold


class SubjectKeyDestroyed(Event, topic="subject.key-destroyed.v1"):
    """A key is gone: what it sealed in the record can never be read again."""

    record: UUID
    key: KeyName
    ground: ErasureGround


SubjectEvent = LegalHoldPlaced | LegalHoldLifted | SubjectKeyDestroyed


@dataclass(frozen=True, slots=True)
class Subject(Aggregate):
    """What is known of the keys of one record: holds that stand and were lifted, keys destroyed.

    `placed_by` are the offices that placed the holds, by their ids.
    """

    about = "subject"

    record: UUID | None = None
    holds: tuple[LegalHold, ...] = ()
    lifted: frozenset[UUID] = frozenset()
    placed_by: Mapping[UUID, UUID] = field(default_factory=dict)
    destroyed: frozenset[KeyName] = frozenset()

    def place_hold(self, record: UUID, hold: LegalHold, by: Stamp) -> Iterator[SubjectEvent]:
        """Keep the personal data of the record, as a privacy officer."""
        self.require_of(record)
        require_privacy_officer(by)
        if hold.id in self.lifted or any(hold.id == other.id for other in self.holds):
            raise Refused("record-exists", record=hold.id)
        yield LegalHoldPlaced.of(self, by, record=record, hold=hold)

    def lift_hold(self, record: UUID, hold_id: UUID, by: Stamp) -> Iterator[SubjectEvent]:
        """End a hold, as a privacy officer."""
        self.require_of(record)
        require_privacy_officer(by)
        for hold in self.holds:
            if hold.id == hold_id:
                yield LegalHoldLifted.of(self, by, record=record, hold=hold)
                return
        raise Refused("record-unknown", record=hold_id)

    def destroy_keys(
        self, record: UUID, keys: tuple[KeyName, ...], ground: ErasureGround, by: Stamp
    ) -> Iterator[SubjectEvent]:
        """Note that the vault destroyed these keys, as a privacy officer; never under a hold."""
        self.require_of(record)
        require_privacy_officer(by)
        if self.holds:
            raise Refused("legal-hold", ground=self.holds[0].ground)
        for key in sorted(set(keys)):
            if key in self.destroyed:
                raise Refused("key-already-destroyed", key=key)
            yield SubjectKeyDestroyed.of(self, by, record=record, key=key, ground=ground)

    def require_of(self, record: UUID) -> None:
        """Refuse a fact in the stream of another record."""
        if subject_id(record) != self.id:
            raise Refused("subject-of-another", record=record)

    def evolve(self, event: SubjectEvent) -> Self:
        """The state after one more event."""
        match event:
            case LegalHoldPlaced(record=record, hold=hold):
                placed_by = {**self.placed_by, hold.id: event.stamp.office}
                return replace(self, record=record, holds=(*self.holds, hold), placed_by=placed_by)
            case LegalHoldLifted(hold=lifted):
                left = tuple(hold for hold in self.holds if hold.id != lifted.id)
                return replace(self, holds=left, lifted=self.lifted | {lifted.id})
            case SubjectKeyDestroyed(record=record, key=key):
                return replace(self, record=record, destroyed=self.destroyed | {key})
            case _:
                assert_never(event)


def require_privacy_officer(by: Stamp) -> None:
    """Refuse anybody else: who works with a record does not decide on its erasure."""
    if by.role is not Role.PRIVACY_OFFICER:
        raise Refused("privacy-officer-only", role=by.role)
