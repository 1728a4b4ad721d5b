"""What the log says of destroyed keys, believed where an instance of ours signed it.

A destruction that is believed kills a key for good, on the disk of every installation. Who can
append to the log and has no author's key, as with the application's role of the database alone,
kills none: the row rings an alarm, and nothing else follows from it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
import psycopg
from psycopg.rows import tuple_row

from application.alarms import Alarm, ring
from application.codec import UnknownTopic, decode
from application.drafts import id_of
from application.eventlog import Position
from application.first_event import known_beginning
from application.inspection import Defect, SealedRow, emptied, inspect_leaf
from application.log_stream import Registered
from application.memory import write_durably
from domain.subject import SubjectKeyDestroyed, subject_id

# A time that no calendar has cannot be read; the row is none of ours then.
ROWS: Final = """
select position, originator_id, originator_version, topic, state,
       case when recorded_at >= '0001-01-02' and recorded_at < '9999-12-31' then recorded_at end,
       author, signature, leaf
from only log.event
"""
SAID: Final = ROWS + "where topic = 'subject.key-destroyed.v1'"
AFTER: Final = SAID + " and position > %s order by position desc"
OF_RECORD: Final = SAID + " and originator_id = %s order by position desc"
LAST: Final = """
select position, leaf from only log.event
where topic = 'subject.key-destroyed.v1' order by position desc limit 1
"""
STANDS: Final = """
select from only log.event
where topic = 'subject.key-destroyed.v1' and position = %s and leaf = %s
"""


LOG: Final = logging.getLogger("huhang")


class Last(NamedTuple):
    """The last row that says that a key was destroyed, believed or not; its leaf tells it."""

    position: Position = 0
    leaf: bytes = b""


class ReadTo(NamedTuple):
    """Up to which row an installation read and believed all, and how many keys it knew then."""

    last: Last
    remembered: int

    def line(self) -> bytes:
        """As it stands in the note."""
        return f"{self.last.position} {self.last.leaf.hex()} {self.remembered}\n".encode()

    @classmethod
    def of(cls, note: bytes) -> ReadTo:
        """What a note says. Raises `ValueError`."""
        position, leaf, remembered = note.decode("ascii").split()
        return cls(Last(int(position), bytes.fromhex(leaf)), int(remembered))


class Destructions:
    """The destructions in one log, as one process read them; each row is proved once.

    Reading raises `AnotherBeginning`, with an alarm, where the log names other authors than here.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self.looked = Last()
        """Up to where every row was read, and what it says is remembered."""
        self.newest: Position = 0
        """The position of the newest row that was believed."""
        self._doubtful = False  # whether a row was met that is not believed
        self._noted: ReadTo | None = None
        self._proved: dict[bytes, UUID | None] = {}  # by a digest of the row; None is not believed
        self._rung: set[Position] = set()
        self._lock = threading.Lock()

    @property
    def _note(self) -> Path:
        return self._home / "seal" / "destructions"

    def take_up(self, connection: psycopg.Connection[Any], remembered: int) -> None:
        """Begin where an earlier process of this installation ended: what it read is remembered.

        Not where fewer keys are remembered than then, or the log has another row there: then all
        are read.
        """
        try:
            noted = ReadTo.of(self._note.read_bytes())
            stands = connection.execute(STANDS, noted.last).fetchone() is not None
        except (OSError, ValueError):
            return  # nothing was noted, or it cannot be read, and costs no more than the time
        if stands and remembered >= noted.remembered:
            self.looked, self.newest, self._noted = noted.last, noted.last.position, noted

    def note(self, last: Last, remembered: int) -> None:
        """Note that all was read up to a row and is remembered, unless one was not believed."""
        self.looked = last
        read = ReadTo(last, remembered)
        if self._doubtful or last == Last() or read == self._noted:
            return
        try:
            write_durably(self._note, read.line())
        except OSError as error:
            LOG.warning("how far the destructions were read was not noted: %s", error)
        else:
            self._noted = read

    def last(self, connection: psycopg.Connection[Any]) -> Last:
        """The last row in the log."""
        row = connection.execute(LAST).fetchone()
        return Last() if row is None else Last(row[0], bytes(row[1] or b""))

    def unread(
        self, connection: psycopg.Connection[Any], remembered: Collection[UUID]
    ) -> Mapping[UUID, Position]:
        """The keys that rows say were destroyed since it was looked, and where, as of `after`.

        Where the row up to which it was looked is gone, others may stand in its place, or in front
        of it: then all after the newest that was believed are read.
        """
        stands = connection.execute(STANDS, self.looked).fetchone() is not None
        read = self.looked.position if stands else self.newest
        return self.after(connection, read, remembered)

    def after(
        self,
        connection: psycopg.Connection[Any],
        position: Position,
        remembered: Collection[UUID] = frozenset(),
    ) -> Mapping[UUID, Position]:
        """The keys that were destroyed after a position, and where the log says so.

        Of what is remembered no row is proved but the newest, nor is it among them.
        """
        return self._believed(connection, AFTER, position, remembered)

    def of(self, connection: psycopg.Connection[Any], record: UUID) -> Mapping[UUID, Position]:
        """The keys of a record that were destroyed, and where the log says so."""
        return self._believed(connection, OF_RECORD, subject_id(record))

    def begin_anew(self) -> None:
        """Read all from the first on, whatever was read: the newest is not where it stood."""
        self.looked, self.newest = Last(), 0

    def doubt_again(self) -> None:
        """Prove again what was not believed: the log may have been changed and put right."""
        with self._lock:
            self._proved = {row: key for row, key in self._proved.items() if key is not None}

    def _believed(
        self,
        connection: psycopg.Connection[Any],
        query: str,
        value: Position | UUID,
        remembered: Collection[UUID] = frozenset(),
    ) -> Mapping[UUID, Position]:
        with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
            rows = [SealedRow(*row) for row in cursor.execute(query, (value,))]
        with self._lock:  # who doubts again must not take away what is just being proved
            return self._said(connection, rows, remembered)

    def _said(
        self,
        connection: psycopg.Connection[Any],
        rows: Collection[SealedRow],
        remembered: Collection[UUID],
    ) -> Mapping[UUID, Position]:
        said: dict[UUID, Position] = {}
        forged: dict[Position, str] = {}
        authors: Mapping[str, Registered] | None = None
        for row in rows:
            if row.position < self.newest and named_in(row) in remembered:
                continue
            digest = sha256(repr(row).encode()).digest()
            if digest not in self._proved:
                if authors is None:
                    authors = known_beginning(connection, self._home).authors
                try:
                    self._proved[digest] = proved(row, authors)
                except (Defect, UnknownTopic, ValueError, TypeError) as wrong:
                    self._proved[digest] = None
                    forged[row.position] = str(wrong)
            key = self._proved[digest]
            if key is None:
                self._doubtful = True
            else:
                said[key] = row.position
                self.newest = max(self.newest, row.position)
        self._ring(forged)
        return said

    def _ring(self, forged: Mapping[Position, str]) -> None:
        """Let a person look at rows that are not believed, once."""
        new = sorted(forged.keys() - self._rung)
        if new:
            self._rung.update(new)
            more = f" (and {len(new) - 1:,} others)" if len(new) > 1 else ""
            ring(
                self._home,
                Alarm(
                    f"A row at position {new[0]:,}{more} says that keys were destroyed, and no "
                    f"instance of ours signed it ({forged[new[0]]}). No key is destroyed for it; "
                    "find out who can write into the log."
                ),
            )


def proved(row: SealedRow, authors: Mapping[str, Registered]) -> UUID:
    """The key that a row says was destroyed, its leaf and its author's signature inspected.

    Raises `Defect`, `UnknownTopic`, `TypeError` or `ValueError` for a row that says no such thing.
    """
    if None in row:
        raise emptied(row)
    inspect_leaf(row, authors)
    event = decode(row.topic, row.originator_id, row.originator_version, row.state)
    assert isinstance(event, SubjectKeyDestroyed), "it was asked for by its topic"
    return id_of(event.key)


def named_in(row: SealedRow) -> UUID | None:
    """The key that a row names, whether it is to be believed or not."""
    try:
        return id_of(orjson.loads(row.state)["key"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
