"""How far streams go, by the newest signed heads and every later row: so that none is cut short.

Who administers the database can hide the last rows of a stream for as long as we look; what is left
is whole, in order and signed. What he cannot do is fill their places in the log, or change what
the log signed of the heads of all streams.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

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
from application.memory import Memory
from application.note import Checkpoint, MalformedNote, Note
from domain.log import LOG_ID, StreamHeads
from domain.request import RequestReceived

HEADS: Final = ROWS + "where originator_id = %s and topic = %s order by position desc"
ONE_MOMENT: Final = "set transaction isolation level repeatable read, read only"


@contextmanager
def one_moment(
    pool: ConnectionPool[psycopg.Connection[Any]],
) -> Iterator[psycopg.Connection[Any]]:
    """A connection that sees the database as of one moment until the block ends."""
    with pool.connection() as connection, connection.transaction():
        connection.execute(ONE_MOMENT)
        yield connection


class Extent:
    """How far each stream goes in what one moment shows of the log.

    Of what is sealed, as this disk knows it, every row after the newest noted heads must be whole,
    in order and signed. A later row that nobody signed neither denies anything nor allows it: it
    is passed over, and rings. Raises `Defect`; `AnotherBeginning`, with an alarm.
    """

    def __init__(
        self, connection: psycopg.Connection[Any], home: Path, pinned: Position = 0
    ) -> None:
        """`pinned` is a position that is known to have been recorded."""
        self.authors = known_beginning(connection, home).authors
        self._connection = connection
        self._heads: Heads | None = None
        self._noted_at: Position = 0
        self._last: dict[UUID, int] = {}
        self._received: list[SealedRow] = []
        self._passed_over: list[Defect] = []
        last, sealed = head(connection), sealed_here(home)
        size = self._take_heads(sealed)
        known = max(pinned, sealed)
        if last < known:
            raise missing(last + 1, None)
        while size < last:
            rows = read_rows(connection, size, last)
            for at, row in enumerate(rows, start=size + 1):
                if row.position != at:
                    raise missing(at, row.position)
                self._take(row, sealed)
            size += len(rows)
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
        """The streams of persons' requests about a record that came after the noted heads."""
        found = set[UUID]()
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

    def _take(self, row: SealedRow, sealed: Position) -> None:
        try:
            if None in row:
                raise emptied(row)
            inspect_leaf(row, self.authors)
        except Defect as unsigned:
            if row.position <= sealed:
                raise
            self._passed_over.append(unsigned)
            return
        self._last[row.originator_id] = row.originator_version
        if row.topic == RequestReceived.topic:
            self._received.append(row)


def sealed_here(home: Path) -> Position:
    """How many records are sealed, as this installation's disk knows it.

    Raises `Defect` where that cannot be read.
    """
    note = Memory(home / "seal").read()
    if note is None:
        return 0
    try:
        return Checkpoint.parse(Note.parse(note).text).size
    except MalformedNote as damaged:
        raise Defect(
            0, Check.OUTSIDE, f"the checkpoint on this disk cannot be read: {damaged}."
        ) from None
