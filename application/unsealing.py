"""The desk at which what is sealed of a case is read: its people, what was written of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from application.casework import WORDS, Identity
from application.drafts import COUPLE
from application.eventlog import Receipt
from application.policy import MASKED
from application.protection import ERASED, released_or_traced, text_of, unopened
from application.records import Command, Records
from application.vault import NothingToOpen, Released, Vault
from domain.access import Viewing
from domain.base import Day, Event, Instant, Sealed, Text, Value
from domain.case import Case
from domain.case_care_events import FollowUpMade, FollowUpVoided
from domain.case_file_events import PartyIdentified, PartyIdentityCorrected
from domain.case_rules import standing
from domain.members import MEMBERS
from domain.own_part import SealedPart, no_longer_standing, sealed_in
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

    `name` says what stands there, facts, summary or goals; `label` the same in Chinese. It no
    longer `stands` once it was written anew or taken back.
    """

    version: int
    title: str
    on: Day
    name: str
    label: str
    text: Text
    stands: bool


class Written(NamedTuple):
    """What somebody wrote, still sealed, the first event in which it stands, and if it still does.

    It does until it is written anew or taken back.
    """

    event: Event
    part: SealedPart
    stands: bool


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
        names: Collection[str] = WORDS,
    ) -> Opened:
        """What was written, in the order in which it was recorded. Raises `Unopened`, `Refused`.

        What stands under other `names` is masked; of what was erased, it says so.
        """
        parts = sorted({one.part.party or COUPLE for one in written if one.part.name in names})
        released = None
        try:
            released = released_or_traced(self.vault, self.records, parts, viewing, by, stream)
            receipt = released.receipt
        except NothingToOpen as nothing:
            if nothing.traced is None:
                raise
            receipt = nothing.traced

        def text(one: Written) -> str:
            if one.part.name not in names:
                return MASKED
            return ERASED if released is None else text_of(released, one.part.sealed)

        passages = [
            Passage(
                version=one.event.originator_version,
                title=TITLES[one.event.topic],
                on=one.event.stamp.occurred_on,
                name=one.part.name,
                label=MEMBERS[one.part.name],
                text=text(one),
                stands=one.stands,
            )
            for one in written
        ]
        return Opened(passages, receipt)

    def written(self, case_id: UUID, of: Callable[[Event], bool] = lambda _: True) -> list[Written]:
        """What somebody wrote in a case, each in the first of such events in which it stands."""
        events = self.records.proved_events_of(case_id)
        gone = no_longer_standing(events) | taken_back(events)
        found: dict[str, Written] = {}
        for event in filter(of, events):
            fact = event.follow_up.id if isinstance(event, FollowUpMade) else None
            for part in sealed_in(event):
                if part.name in WORDS:
                    stands = gone.isdisjoint({part.sealed.n, fact})
                    found.setdefault(part.sealed.n, Written(event, part, stands))
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


def taken_back(events: Sequence[Event]) -> frozenset[UUID]:
    """The follow-ups that were taken back, of which no fact says again what was written."""
    return frozenset(e.record.follow_up.id for e in events if isinstance(e, FollowUpVoided))
