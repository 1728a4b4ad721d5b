"""How far streams go, by the newest signed heads and every later row: so that none is cut short.

Who administers the database can hide the last rows of a stream for as long as we look; what is left
is whole, in order and signed. What he cannot do is change what the log signed of the heads of all
streams, or of the tree over what is sealed: signed rows from elsewhere, which fill the places of
what he hides, do not come to its root, nor follow in their streams.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
import psycopg
from psycopg.rows import tuple_row
from psycopg_pool import ConnectionPool

from application.alarms import Alarm, ring
from application.codec import UnknownTopic, decode
from application.destructions import ROWS
from application.eventlog import Position, head
from application.first_event import known_beginning
from application.heads import Heads, ends_now
from application.inspection import (
    Check,
    Defect,
    SealedRow,
    emptied,
    inspect_leaf,
    misplaced,
    missing,
    read_rows,
)
from application.keys import checkpoint_verifier
from application.log_stream import Beginning
from application.memory import Memory
from application.note import Checkpoint, MalformedNote, Note, Unverified, open_checkpoint
from application.seal import LEAVES, newest_checkpoint, signed_downwards
from application.tree import HASH_BYTES, Frontier
from domain.log import LOG_ID, StreamHeads
from domain.request import RequestReceived

HEADS: Final = ROWS + "where originator_id = %s and topic = %s order by position desc"
FIRST: Final = (
    ROWS + "where originator_version <= 1 and position > %s and position <= %s order by position"
)
AT_ONCE: Final = 20_000  # positions whose first rows are read together
ONE_MOMENT: Final = "set transaction isolation level repeatable read, read only"


@contextmanager
def one_moment(
    pool: ConnectionPool[psycopg.Connection[Any]],
) -> Iterator[psycopg.Connection[Any]]:
    """A connection that sees the database as of one moment until the block ends."""
    with pool.connection() as connection, connection.transaction():
        connection.execute(ONE_MOMENT)
        yield connection


class KnownSeal(NamedTuple):
    """What is sealed: as this installation's disk knows it, and the newest note that was signed.

    It is to be read before the moment that is looked at: what is sealed meanwhile is not in that.
    """

    own: Checkpoint | None
    published: bytes | None

    @classmethod
    def read(cls, home: Path, connection: psycopg.Connection[Any]) -> KnownSeal:
        """What is known now; a note of nothing in front hides none.

        Raises `Defect` where the disk's own cannot be read; `AnotherBeginning`, with an alarm.
        """
        published, note = None, Memory(home / "seal").read()
        beginning = known_beginning(connection, home)
        if beginning.genesis is not None:
            key = checkpoint_verifier(beginning.genesis.keys)
            for size, found in signed_downwards(connection, key):
                if isinstance(found, Checkpoint):
                    published = newest_checkpoint(connection, size)
                    break
        try:
            own = None if note is None else Checkpoint.parse(Note.parse(note).text)
        except MalformedNote as damaged:
            raise Defect(
                0, Check.OUTSIDE, f"the checkpoint on this disk cannot be read: {damaged}."
            ) from None
        return cls(own, None if published is None else published.note)

    def signed(self, beginning: Beginning) -> Checkpoint:
        """The larger of both, of nothing where there is none that the log's key signed."""
        found = [EMPTY] if self.own is None else [EMPTY, self.own]
        if beginning.genesis is not None and self.published is not None:
            key = checkpoint_verifier(beginning.genesis.keys)
            with suppress(MalformedNote, Unverified):
                found.append(open_checkpoint(self.published, key.name, [key]).checkpoint)
        return max(found, key=lambda checkpoint: checkpoint.size)


EMPTY: Final = Checkpoint("-", 0, Frontier().root())


class Begun:
    """How streams began, and which were of requests about a record, as one process proved it.

    `tree` is over so many of the first records, of which all that is sealed by now.
    """

    def __init__(self) -> None:
        self.tree = Frontier()
        self.streams: set[UUID] = set()
        self.about: defaultdict[UUID, set[UUID]] = defaultdict(set)
        self.lock = threading.Lock()

    def take(self, stream: UUID, about: UUID | None) -> None:
        """Take a stream whose first row is proved, and which record it is about, if any."""
        self.streams.add(stream)
        if about is not None:
            self.about[about].add(stream)


def asked_about(row: SealedRow) -> UUID | None:
    """The record that a person's request is about; None of any other row."""
    if row.topic == RequestReceived.topic:
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            return UUID(orjson.loads(row.state)["demand"]["record"])
    return None


class Extent:
    """How far each stream goes in what one moment shows of the log.

    Of what is sealed, as this disk knows it, every row after the newest noted heads must be whole,
    in order and signed. A later row that nobody signed neither denies anything nor allows it: it
    is passed over, and rings. Raises `Defect`; `AnotherBeginning`, with an alarm.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        home: Path,
        seal: KnownSeal,
        begun: Begun,
        pinned: Position = 0,
    ) -> None:
        """`pinned` is a position that is known to have been recorded."""
        beginning = known_beginning(connection, home)
        self.authors = beginning.authors
        self._connection = connection
        self._begun = begun
        self._heads: Heads | None = None
        self._noted_at: Position = 0
        self._last: dict[UUID, int] = {}
        self._received: list[SealedRow] = []
        self._passed_over: list[Defect] = []
        signed = seal.signed(beginning)
        last, sealed = head(connection), signed.size
        size = self._take_heads(sealed)
        known = max(pinned, sealed)
        if last < known:
            raise missing(last + 1, None)
        with begun.lock:
            self._prove(size, last, signed)
        if self._passed_over:
            alarm = Alarm(
                f"{self._passed_over[0]} That was passed over while keys were looked for "
                "that are to be destroyed; find out who can write into the log."
            )
            ring(home, alarm)

    def version(self, stream: UUID) -> int:
        """The last version of a stream; 0 of one that has none."""
        version = self._last.get(stream)
        if version is None and self._heads is not None:
            version = self._heads.version(stream)
        return version or 0

    def require(self, stream: UUID, version: int) -> None:
        """Check that a stream was read to its end. Raises `Defect`."""
        if version < self.version(stream):
            raise misplaced(self._noted_at, stream, self.version(stream), version + 1)

    def requests_about(self, record: UUID) -> frozenset[UUID]:
        """The streams of persons' requests about a record."""
        found = set(self._begun.about.get(record, ()))
        for row in self._received:
            event = decode(row.topic, row.originator_id, row.originator_version, row.state)
            if isinstance(event, RequestReceived) and event.demand.record == record:
                found.add(row.originator_id)
        return frozenset(found)

    def _take_heads(self, sealed: Position) -> Position:
        """Take the newest noted heads; returns up to where they speak of the log."""
        row = self._newest_heads(sealed)
        if row is None:
            return 0
        try:
            noted = decode(row.topic, row.originator_id, row.originator_version, row.state)
        except (UnknownTopic, ValueError, TypeError) as unread:
            raise Defect(row.position, Check.HEADS, str(unread)) from None
        assert isinstance(noted, StreamHeads), "it was asked for by its topic"
        heads = Heads(noted.size, ends_now(self._connection, noted.size))
        if not heads.come_to(noted):
            raise Defect(
                row.position,
                Check.HEADS,
                f"the streams of the first {noted.size:,} records do not end where it says.",
            )
        self._heads, self._noted_at = heads, row.position
        return noted.size

    def _newest_heads(self, sealed: Position) -> SealedRow | None:
        """The newest row that notes heads and is signed."""
        with self._connection.cursor(row_factory=tuple_row, binary=True) as cursor:
            rows = cursor.execute(HEADS, (LOG_ID, StreamHeads.topic)).fetchall()
        for row in map(SealedRow._make, rows):
            try:
                if None in row:
                    raise emptied(row)
                inspect_leaf(row, self.authors)
            except Defect:
                if row.position <= sealed:
                    raise
            else:
                return row
        return None

    def _prove(self, size: Position, last: Position, signed: Checkpoint) -> None:
        """Read on from what is proved, and hold what is sealed against the tree."""
        proven = min(size, signed.size)
        tree = self._leaves(proven)
        first = self._first_rows(min(self._begun.tree.size, proven), size, signed.size)
        before = Frontier(tree.size, tree.edge)
        while size < last:
            rows = read_rows(self._connection, size, last)
            for at, row in enumerate(rows, start=size + 1):
                if row.position != at:
                    raise missing(at, row.position)
                self._take(row, signed.size)
                if at <= signed.size:
                    tree.push(row.leaf)
            size += len(rows)
        if (tree.size, tree.root()) != (signed.size, signed.root):
            raise Defect(
                signed.size,
                Check.TILES,
                "the records up to there are not those that were sealed.",
            )
        for stream, about in first:
            self._begun.take(stream, about)
        if proven >= self._begun.tree.size:
            self._begun.tree = before

    def _leaves(self, until: Position) -> Frontier:
        """The tree over the leaves of the first records, as the table says."""
        known = self._begun.tree
        start = known if known.size <= until else Frontier()
        tree = Frontier(start.size, start.edge)
        with self._connection.cursor(row_factory=tuple_row, binary=True) as cursor:
            for (leaf,) in cursor.execute(LEAVES, (tree.size, until)):
                if len(leaf) != HASH_BYTES:
                    raise Defect(tree.size + 1, Check.LEAF, "its leaf is no hash.")
                tree.push(leaf)
        if tree.size != until:
            raise Defect(until, Check.DENSE, "rows are missing up to there, or stand twice.")
        return tree

    def _first_rows(
        self, after: Position, until: Position, sealed: Position
    ) -> list[tuple[UUID, UUID | None]]:
        """Read the first rows of the streams that the heads know; returns those that are sealed.

        Each stream with what it is about, as rows themselves would fill the memory. Of these the
        leaf alone is inspected, which the tree proves, and of others the author too.
        """
        found: list[tuple[UUID, UUID | None]] = []
        streams = set[UUID]()
        with self._connection.cursor(row_factory=tuple_row, binary=True) as cursor:
            for start in range(after, until, AT_ONCE):
                asked = (start, min(start + AT_ONCE, until))
                for row in map(SealedRow._make, cursor.execute(FIRST, asked)):
                    streams.add(row.originator_id)
                    if row.position <= sealed:
                        if None in row:
                            raise emptied(row)
                        inspect_leaf(row, None)
                        found.append((row.originator_id, asked_about(row)))
                    elif self._is_signed(row) and row.topic == RequestReceived.topic:
                        self._received.append(row)
        begun = () if self._heads is None else self._heads.streams
        if lost := [one for one in begun if one not in streams and one not in self._begun.streams]:
            raise Defect(self._noted_at, Check.VERSIONS, f"the first record of {lost[0]} is gone.")
        return found

    def _is_signed(self, row: SealedRow) -> bool:
        """Whether a row that is not sealed is whole and signed; any other is passed over."""
        try:
            if None in row:
                raise emptied(row)
            inspect_leaf(row, self.authors)
        except Defect as unsigned:
            self._passed_over.append(unsigned)
            return False
        return True

    def _take(self, row: SealedRow, sealed: Position) -> None:
        if row.position <= sealed:
            if None in row:
                raise emptied(row)
            inspect_leaf(row, self.authors)
        elif not self._is_signed(row):
            if row.originator_id is not None and row.originator_version is not None:
                self._last[row.originator_id] = row.originator_version  # it is gone on from there
            return
        expected = self.version(row.originator_id) + 1
        if row.originator_version != expected:
            raise misplaced(row.position, row.originator_id, row.originator_version, expected)
        self._last[row.originator_id] = row.originator_version
        if row.topic == RequestReceived.topic:
            self._received.append(row)
