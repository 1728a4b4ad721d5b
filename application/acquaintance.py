"""Who is near to a party (本人、近亲属、近邻): found by numbers that people bear, never by a name.

The records know one's own number, and whose stand beside it in a case; everybody else is declared.
All is as the numbers stand today, whatever they were when somebody looked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from application.keystore import Entry, Near
from application.records import Records
from application.vault import Vault
from domain.account import Account
from domain.account_events import account_id
from domain.practitioner import Practitioner
from domain.values import AcquaintanceRelation

KEPT_OUT: Final = frozenset({AcquaintanceRelation.SELF, AcquaintanceRelation.RELATIVE})
"""As whom nobody counsels; a neighbour may be the only counsellor of a township."""


class Acquainted(NamedTuple):
    """That a person is a party of a case, or near to one."""

    person: UUID
    case: UUID
    relation: AcquaintanceRelation


@dataclass(frozen=True, slots=True)
class Acquaintances:
    """Finds cases of who is near; nothing is opened for it."""

    records: Records
    vault: Vault

    def all(self) -> frozenset[Acquainted]:
        """Everybody who is near to a party of some case, under each id that acts for the person.

        Whose own case it is, is near to nobody else in it. Raises what `Vault.pass_gate` does.
        """
        self.vault.pass_gate()
        found = frozenset(self.standing(self.vault.store.near()))
        own = {(one.person, one.case) for one in found if one.relation is AcquaintanceRelation.SELF}
        return frozenset(
            one
            for one in found
            if one.relation is AcquaintanceRelation.SELF or (one.person, one.case) not in own
        )

    def keep_out(self, practitioner: UUID, case: UUID) -> bool:
        """Whether somebody of the team is a party of a case, or a relative of one."""
        registration = self.records.get(Practitioner, practitioner).require_registered()
        acting = {practitioner, registration.account or practitioner}
        near = self.vault.store.near(acting | {account_id(person) for person in acting})
        here = [one for one in near if one.relation in KEPT_OUT and one.way[-1].record == case]
        return any(True for _ in self.standing(here))

    def standing(self, near: Iterable[Near]) -> Iterator[Acquainted]:
        """Those of which the log says every step of the way now."""
        known: dict[Entry, bool] = {}
        for one in near:
            for entry in one.way:
                if entry not in known:
                    known[entry] = self.vault.stands(self.records, entry)
            if all(known[entry] for entry in one.way):
                for person in self.bearers(one.way[0]):
                    yield Acquainted(person, one.way[-1].record, one.relation)

    def bearers(self, entry: Entry) -> Iterator[UUID]:
        """Under which ids somebody acts whose number is registered, or declared still."""
        match self.records.get(self.records.kind_of(entry.record), entry.record):
            case Practitioner(registration=registration) if registration is not None:
                yield entry.record
                if registration.account is not None:
                    yield registration.account
            case Account(opening=opening, acquaintances=declared) if opening is not None:
                if declared.get(UUID(entry.part.partition(":")[2])) is not None:
                    yield opening.person
