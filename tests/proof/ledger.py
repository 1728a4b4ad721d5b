"""A small log with its sealer, to be grown, sealed, attacked and verified."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4, uuid5

import psycopg
from psycopg.rows import tuple_row

from application.beginning import begin, by_the_system
from application.database import Database
from application.fence import schema_fingerprint
from application.keys import author_of, signer_of
from application.note import Signer
from application.records import Records
from application.sealer import Sealer
from application.settings import Settings
from application.tree import root_of
from domain.base import Event, decide
from domain.log import LOG_ID, AuthorKey, Log
from domain.region import Region
from domain.region_events import JointMeeting, JointMeetingHeld
from tests.domain.scenario import stamp
from tests.unasked import Unasked


@dataclass
class Ledger:
    """A real log of small events in some streams."""

    database: Database
    settings: Settings
    versions: Counter[UUID] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        author = author_of(self.settings)
        self.records = Records(self.database, author, jurisdiction=Unasked)
        with psycopg.connect(self.database.application) as connection:
            fingerprint = schema_fingerprint(connection)
        begin(self.records, self.settings, author, fingerprint)

    @property
    def signer(self) -> Signer:
        return signer_of(self.settings)

    @classmethod
    def under(cls, database: Database, settings: Settings) -> Ledger:
        """A log that has begun already, recorded in by an instance that may be a stranger to it."""
        ledger = object.__new__(cls)
        ledger.database, ledger.settings, ledger.versions = database, settings, Counter()
        ledger.records = Records(database, author_of(settings), jurisdiction=Unasked)
        return ledger

    def let_in(self, author: AuthorKey) -> None:
        """Register a further instance."""
        by = by_the_system(author_of(self.settings))
        self.records.change(by, Log, LOG_ID, Log.register_author, author)

    def record(self, events: int, stream: UUID | None = None) -> UUID:
        """Record events in one save and one stream."""
        stream = stream or uuid4()
        region = Region(stream)
        object.__setattr__(region, "version", self.versions[stream])
        self.records.save(*decide(region, lambda region: met(region, events)))
        self.versions[stream] += events
        return stream

    def seal(self) -> int:
        """Seal all that is there, as a sealer that starts and stops; the sealed size."""
        with Sealer(self.database, self.settings) as sealer:
            while sealer.seal_next() is not None:
                pass
            return sealer.size

    def attack(self, *statements: str) -> None:
        """What a superuser can do: take the triggers away, write any row, put them back."""
        tables = ("log.event", "seal.tile", "seal.checkpoint", "seal.cosignature")
        with psycopg.connect(self.database.administrator) as attacker:
            for table in tables:
                attacker.execute(f"alter table {table} disable trigger user")
            for statement in statements:
                attacker.execute(statement)
            for table in tables:
                name = table.partition(".")[2]
                attacker.execute(f"alter table {table} enable always trigger {name}_is_final")

    def leaves(self) -> list[bytes]:
        with psycopg.connect(self.database.reader, row_factory=tuple_row) as connection:
            return [
                leaf
                for (leaf,) in connection.execute("select leaf from log.event order by position")
            ]

    def root(self, size: int) -> bytes:
        """The root over the first leaves, computed in the plainest way."""
        return root_of(self.leaves()[:size])


def met(region: Region, times: int) -> Iterator[Event]:
    """Joint meetings of a region that nobody founded: the tree of regions stays as it is."""
    for number in range(times):
        meeting = JointMeeting(
            id=uuid5(region.id, str(number)),
            held_on=date(2019, 3, 1),
            title=f"某街道第{number}次",
            departments=("民政局", "妇联"),
            attendance=number,
        )
        yield JointMeetingHeld.of(region, stamp(), meeting=meeting)
