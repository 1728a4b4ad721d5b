"""Who is near to a party (本人、近亲属、近邻): found by numbers that people bear, never by a name.

The records know one's own number, and whose stand beside it in a case; everybody else is declared.
All is as the numbers stand today, whatever they were when somebody looked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from application.keystore import Entry, Near
from application.policy import Action, Reach, reach
from application.records import Actor, Records
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

    def shown_to(self, actor: Actor) -> frozenset[Acquainted]:
        """Those of whom somebody may be told: who may not, would find persons by their numbers.

        Never his own, for he may declare whose number he likes. Raises what `all` does.
        """
        if reach(actor, Action.READ_NEAR) is Reach.NONE:
            return frozenset()
        return frozenset(one for one in self.all() if one.person != actor.id)

    def keep_out(self, acting: Collection[UUID], case: UUID) -> bool:
        """Whether somebody, by one of the ids he acts under, is a party of a case or near to one.

        A neighbour is kept out of nothing.
        """
        near = self.vault.store.near({*acting, *map(account_id, acting)})
        here = [one for one in near if one.relation in KEPT_OUT and one.way[-1].record == case]
        return bool(list(self.standing(here)))

    def standing(self, near: Collection[Near]) -> Iterator[Acquainted]:
        """Those of which the log says every step of the way now."""
        stand = self.vault.standing(self.records, {entry for one in near for entry in one.way})
        people: dict[Entry, list[UUID]] = {}
        for one in near:
            if stand.issuperset(one.way):
                source = one.way[0]
                if source not in people:
                    people[source] = list(self.bearers(source))
                for person in people[source]:
                    yield Acquainted(person, one.way[-1].record, one.relation)

    def bearers(self, entry: Entry) -> Iterator[UUID]:
        """Under which ids somebody acts whose number is registered, or declared still."""
        match self.records.record(entry.record):
            case Practitioner() as practitioner if practitioner.registration is not None:
                yield from practitioner.acting
            case Account(opening=opening, acquaintances=declared) if opening is not None:
                if declared.get(UUID(entry.part.partition(":")[2])) is not None:
                    yield opening.person
