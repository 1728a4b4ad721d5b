"""The desk of protection: safe contact, protected addresses, minors; and what is opened of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID, uuid5

from application.drafts import ADDRESS, CONTACT, id_of
from application.envelope import Unopened
from application.eventlog import Receipt
from application.records import Command, Records
from application.vault import NothingToOpen, Released, Vault
from domain import case_protection
from domain.access import Access, Viewing, access_id
from domain.base import Sealed, Text, Value, day
from domain.case import Case
from domain.case_protection_events import ProtectedAddressNoted, SafeContactNoted
from domain.rights import Age
from domain.values import Party

ERASED: Final = "〔已删除〕"  # what stands where the key is gone
ERASED_AT: Final = "〔已删除，见日志位置 {position}〕"
LOST: Final = "〔密钥不在密钥库中，且无删除记录，请恢复密钥库〕"


class Reach(Value):
    """How a party is reached without danger, or where it stays; `only` says in no other way."""

    party: Party
    text: Text
    only: bool = False


@dataclass(frozen=True, slots=True)
class Protection:
    """The commands on what protects the people of a case."""

    records: Records
    vault: Vault

    def note_safe_contact(
        self, case_id: UUID, party: Party, contact: Text, do_not_contact: bool, by: Command
    ) -> Receipt:
        """Note how and when a party is reached without danger; recorded sealed."""
        draft = self.vault.drafts(case_id).of(f"{party}{CONTACT}", contact)
        return self.records.change(
            by, Case, case_id, case_protection.note_safe_contact, party, draft, do_not_contact
        )

    def note_protected_address(
        self, case_id: UUID, party: Party, address: Text, by: Command
    ) -> Receipt:
        """Note where a party stays and the other must not learn; recorded sealed."""
        draft = self.vault.drafts(case_id).of(f"{party}{ADDRESS}", address)
        return self.records.change(
            by, Case, case_id, case_protection.note_protected_address, party, draft
        )

    def approve_minor(
        self, case_id: UUID, party: Party, age: Age, guardian_consented: bool, by: Command
    ) -> Receipt:
        """Allow that somebody else records a minor's identity."""
        return self.records.change(
            by, Case, case_id, case_protection.approve_minor, party, age, guardian_consented
        )

    def contacts(self, viewing: Viewing, by: Command, stream: UUID | None = None) -> list[Reach]:
        """How the parties are reached now, opened under a trace. Raises `Unopened`.

        `stream` is that of a break-glass access, if it is looked at under one.
        """
        parts = [f"{party}{CONTACT}" for party in Party]
        released = released_or_traced(self.vault, self.records, parts, viewing, by, stream)
        newest = {
            event.party: event
            for event in self.noted(viewing.record)
            if isinstance(event, SafeContactNoted)
        }
        return [
            Reach(party=party, text=text_of(released, one.contact), only=one.do_not_contact)
            for party, one in newest.items()
        ]

    def address(self, party: Party, viewing: Viewing, by: Command) -> Reach:
        """Where one party stays now, opened under a trace. Raises `Unopened`."""
        parts = [f"{party}{ADDRESS}"]
        released = released_or_traced(self.vault, self.records, parts, viewing, by)
        *_, newest = (
            event
            for event in self.noted(viewing.record)
            if isinstance(event, ProtectedAddressNoted) and event.party is party
        )
        return Reach(party=party, text=text_of(released, newest.address))

    def noted(self, case_id: UUID) -> Iterator[SafeContactNoted | ProtectedAddressNoted]:
        """What was noted for protection, the newest last."""
        for event in self.records.proved_events_of(
            case_id, (SafeContactNoted.topic, ProtectedAddressNoted.topic)
        ):
            assert isinstance(event, SafeContactNoted | ProtectedAddressNoted)
            yield event


def released_or_traced(
    vault: Vault,
    records: Records,
    parts: list[str],
    viewing: Viewing,
    by: Command,
    stream: UUID | None = None,
) -> Released:
    """What is opened of these parts, under a trace, also where there is nothing to open.

    That a party has no safe contact, address or note is worth knowing, too. `stream` is that of a
    break-glass access, if it is looked at under one. Raises `Unopened`.
    """
    try:
        return vault.release(records, viewing, by, parts, stream)
    except Unopened as wrong:
        today = access_id(by.by.id, by.by.office, day(by.occurred or vault.clock()))
        looked = replace(by, request=uuid5(by.request, "nothing to open"))
        traced = records.insist(looked, Access, stream or today, Access.open_record, viewing)
        if isinstance(wrong, NothingToOpen):
            wrong.traced = traced
        raise


def text_of(released: Released, sealed: Sealed) -> str:
    """The text of a field, or why there is none. Raises `Unopened` for one that was changed."""
    return unopened(released, sealed) or released.open(sealed)


def unopened(released: Released, sealed: Sealed) -> str | None:
    """Why there is no text of a field: it was erased, or its key is lost; None where there is."""
    key = id_of(sealed.k)
    if key in released.keys:
        return None
    if key in released.lost:
        return LOST
    position = released.gone.get(key)
    return ERASED if position is None else ERASED_AT.format(position=position)
