"""The desk at which what is sealed of a case is read: its people, what was written of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from application.casework import WORDS, Identity
from application.drafts import COUPLE
from application.eventlog import Receipt
from application.protection import released_or_traced, text_of, unopened
from application.records import Command, Records
from application.vault import NothingToOpen, Released, Vault
from domain.access import Viewing
from domain.base import Day, Event, Instant, Sealed, Text, Value
from domain.case import Case
from domain.case_file_events import PartyIdentified, PartyIdentityCorrected
from domain.case_rules import standing
from domain.members import MEMBERS
from domain.own_part import SealedPart, sealed_in
from domain.values import Party
from domain.wording import TITLES


class Who(Value):
    """Who a party is; without `identity`, `instead` says why: it was erased, or its key is lost."""

    party: Party
    identity: Identity | None = None
    instead: Text | None = None


class ProcessNote(Value):
    """Process notes of a session; with a party, what that party said alone."""

    session: UUID
    started_at: Instant
    party: Party | None = None
    text: Text


class Passage(Value):
    """What somebody wrote in a version of a case, which is called `title` and is of that day.

    `name` says what stands there, facts, summary or goals; `label` the same in Chinese.
    """

    version: int
    title: str
    on: Day
    name: str
    label: str
    text: Text


class Written(NamedTuple):
    """What somebody wrote, still sealed, and the first event in which it stands."""

    event: Event
    part: SealedPart


class Opened(NamedTuple):
    """What was written in a case, and where the log says that it was opened."""

    passages: list[Passage]
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Unsealing:
    """What is opened of a case, each time under a trace of its own.

    Who may look is asked before; under a break-glass access, of which `stream` is that of the day
    on which it was asked for, the trace itself asks whether it is open.
    """

    records: Records
    vault: Vault

    def identities(self, viewing: Viewing, by: Command, stream: UUID | None = None) -> list[Who]:
        """Who the parties are, as recorded last. Raises `Unopened`, `Refused`."""
        newest = dict(self.identified(viewing.record))
        released = released_or_traced(self.vault, self.records, list(newest), viewing, by, stream)
        return [who(released, party, sealed) for party, sealed in newest.items()]

    def notes(
        self,
        party: Party | None,
        session: UUID | None,
        viewing: Viewing,
        by: Command,
        stream: UUID | None = None,
    ) -> list[ProcessNote]:
        """The notes in one compartment: of one party alone, or of what was said together.

        Of one session or of all that stand. Raises `Unopened`, `Refused`.
        """
        case = self.records.get_proved(Case, viewing.record)
        found = [
            (held, compartment.note)
            for held, _ in standing(case.sessions)
            for compartment in held.notes or ()
            if compartment.party is party and session in (None, held.id)
        ]
        sought = [party or COUPLE] if found else []
        released = released_or_traced(self.vault, self.records, sought, viewing, by, stream)
        return [
            ProcessNote(
                session=held.id,
                started_at=held.started_at,
                party=party,
                text=text_of(released, note),
            )
            for held, note in found
        ]

    def texts(
        self,
        written: Sequence[Written],
        viewing: Viewing,
        by: Command,
        stream: UUID | None = None,
    ) -> Opened:
        """What was written, in the order in which it was recorded. Raises `Unopened`, `Refused`.

        Of what was erased, it says so; where that is all, it is `Unopened`.
        """
        parts = sorted({part.party or COUPLE for _, part in written})
        released = released_or_traced(self.vault, self.records, parts, viewing, by, stream)
        passages = [
            Passage(
                version=event.originator_version,
                title=TITLES[event.topic],
                on=event.stamp.occurred_on,
                name=part.name,
                label=MEMBERS[part.name],
                text=text_of(released, part.sealed),
            )
            for event, part in written
        ]
        return Opened(passages, released.receipt)

    def texts_left(
        self, written: Sequence[Written], viewing: Viewing, by: Command
    ) -> Opened | None:
        """The same; None where nothing of it is left. Raises `Unopened`, `Refused`."""
        try:
            return self.texts(written, viewing, by)
        except NothingToOpen:
            return None

    def written(
        self,
        case_id: UUID,
        names: Collection[str] = WORDS,
        of: Callable[[Event], bool] = lambda _: True,
    ) -> list[Written]:
        """What somebody wrote in a case under these names, each in the first of such events."""
        found: dict[str, Written] = {}
        for event in filter(of, self.records.proved_events_of(case_id)):
            for part in sealed_in(event):
                if part.name in names:
                    found.setdefault(part.sealed.n, Written(event, part))
        return list(found.values())

    def identified(self, case_id: UUID) -> Iterator[tuple[Party, Sealed]]:
        """Who the parties were said to be, the newest last."""
        topics = (PartyIdentified.topic, PartyIdentityCorrected.topic)
        for event in self.records.proved_events_of(case_id, topics):
            assert isinstance(event, PartyIdentified | PartyIdentityCorrected)
            yield event.party, event.identity


def who(released: Released, party: Party, sealed: Sealed) -> Who:
    """Who a party is, as far as it can be opened. Raises `Unopened` for what was changed."""
    instead = unopened(released, sealed)
    if instead is not None:
        return Who(party=party, instead=instead)
    identity = Identity.model_validate_json(released.open(sealed))
    return Who(party=party, identity=identity)
