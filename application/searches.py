"""The search desk (查找): which records know the bearer of a number, as far as one may see."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from application.blind_index import NumberKind, Term
from application.keystore import Entry
from application.limits import Buckets
from application.policy import Action
from application.records import Actor, Records
from application.vault import Vault
from domain.base import Refused, Value
from domain.case import Case
from domain.practitioner import Practitioner
from domain.values import CaseStatus, RecordKind

STEP: Final = 0.25
"""Seconds of which every answer takes a multiple: what lies out of reach costs time to look at, and
whoever measures it would learn that the number is known."""


def guesses() -> Buckets:
    """How often one may look for a number: as at a window, and not through all numbers."""
    return Buckets(rate=1 / 30, burst=30)


class Found(Value):
    """A record that holds somebody's identity; `part` is a party of a case or a practitioner's own.

    `number` and `status` are those of a case.
    """

    record: UUID
    kind: RecordKind
    part: str
    number: str | None = None
    status: CaseStatus | None = None


@dataclass(frozen=True, slots=True)
class Searches:
    """Looks for persons; who asks leaves the trace of it before he is told."""

    records: Records
    vault: Vault
    guesses: Buckets = field(default_factory=guesses)
    pause: Callable[[float], None] = time.sleep

    def find(self, kind: NumberKind, text: str, actor: Actor) -> list[Found]:
        """The records in an actor's reach in which somebody bears a number now, in any spelling.

        An identity that was corrected is found by what it is now, one that was erased by nothing.
        Raises `Refused` for what holds no number, `TooMany` to whoever tries many.
        """
        term = Term.of(kind, text)
        if term is None:
            raise Refused("number-missing", by=kind)
        self.guesses.take(str(actor.id))
        self.vault.pass_gate()
        begun = time.monotonic()
        found = list(self.seen(self.vault.index.find(term), actor))
        self.pause(STEP - (time.monotonic() - begun) % STEP)
        return found

    def seen(self, entries: list[Entry], actor: Actor) -> Iterator[Found]:
        """What an actor may be told of these."""
        # What somebody declared of who is near to him leads to no record.
        borne = [entry for entry in entries if ":" not in entry.part]
        standing = self.vault.standing(self.records, borne)
        for entry in borne:
            if entry not in standing:
                continue
            record = self.records.proved(entry.record)
            if not self.records.jurisdiction.may_see(actor, Action.FIND_PERSONS, record):
                continue
            match record:
                case Case(opening=opening, status=status) if opening is not None:
                    yield Found(
                        record=entry.record,
                        kind=RecordKind.CASE,
                        part=entry.part,
                        number=opening.number,
                        status=status,
                    )
                case Practitioner():
                    yield Found(record=entry.record, kind=RecordKind.PRACTITIONER, part=entry.part)
