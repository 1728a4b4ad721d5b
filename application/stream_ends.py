"""How far each stream goes in what is sealed, as one process proved it, and what it saw since.

Who administers the database can hide the last rows of a record for one request, such as the one by
which somebody is kept out of a case; what is left is whole, in order and signed. Before what is
sealed is opened by a record, the record is asked for as far as it is known to go.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from application.eventlog import Position
from application.first_event import first_noted, known_beginning
from application.heads import Heads, ends_now, newest_signed_heads
from application.inspection import Check, Defect, SealedRow, inspect, read_rows
from application.keys import checkpoint_verifier
from application.log_stream import Beginning
from application.memory import Memory
from application.note import (
    Checkpoint,
    MalformedNote,
    Note,
    Unverified,
    Verifier,
    open_checkpoint,
)
from application.seal import hashes_at, newest_checkpoint, signed_downwards
from application.tree import Frontier, Unproven
from domain.base import Event


class StreamEnds:
    """The last version of each stream that is sealed, or that was met in this process before.

    At first the newest noted heads are taken and what was sealed since is inspected, or all where
    they do not hold; then at each question what was sealed meanwhile. All of it must come to the
    root that the log's key signed.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._key: Verifier | None = None
        self._tree = Frontier()
        self._sealed: dict[int, int] = {}  # by the number of the id, which takes less room
        self._met: dict[int, int] = {}
        self._lock = threading.Lock()
        self._met_lock = threading.Lock()  # who records does not wait for who reads on

    def of(self, connection: psycopg.Connection[Any], stream: UUID) -> tuple[int, int]:
        """Up to which version a stream is sealed, and up to which it is known to go at least.

        Raises `Defect` where the log does not read as it was sealed; `AnotherBeginning`, with an
        alarm.
        """
        with self._lock:
            self._read_on(connection)
            sealed = self._sealed.get(stream.int, 0)
            return sealed, max(sealed, self._met.get(stream.int, 0))

    def met(self, stream: UUID, version: int) -> None:
        """Keep that a stream goes as far as a row that is signed, until it is sealed."""
        with self._met_lock:
            known = max(self._sealed.get(stream.int, 0), self._met.get(stream.int, 0))
            if version > known:
                self._met[stream.int] = version

    def _read_on(self, connection: psycopg.Connection[Any]) -> None:
        signed = self._newest(connection)
        if signed is None or signed.size <= self._tree.size:
            return  # also where an older one is shown: what is known stays
        try:
            tree, ends = self._tree, dict[int, int]()
            if tree.size == 0:
                tree, ends = begun(connection, known_beginning(connection, self._home), signed)
            tree = Frontier(tree.size, tree.edge)
            while tree.size < signed.size:
                # Who signed them was looked at before they were sealed.
                page = inspect(read_rows(connection, tree.size, signed.size), tree.size, None)
                for leaf in page.leaves:
                    tree.push(leaf)
                ends.update((stream, span.last_version) for stream, span in page.spans.items())
        except (Unproven, ValueError) as wrong:
            raise Defect(signed.size, Check.TILES, str(wrong)) from None
        if (tree.size, tree.root()) != (signed.size, signed.root):
            raise Defect(
                signed.size, Check.TILES, "the records up to there are not those that were sealed."
            )
        self._tree = tree
        self._sealed.update(ends)
        with self._met_lock:
            known = self._sealed
            self._met = {one: to for one, to in self._met.items() if to > known.get(one, 0)}

    def _newest(self, connection: psycopg.Connection[Any]) -> Checkpoint | None:
        """The largest checkpoint that is known to be signed, if it is larger than what was read."""
        own, note = None, Memory(self._home / "seal").read()
        if note is not None:
            try:
                own = Checkpoint.parse(Note.parse(note).text)
            except MalformedNote as damaged:
                raise Defect(
                    0, Check.OUTSIDE, f"the checkpoint on this disk cannot be read: {damaged}."
                ) from None
        known = max(self._tree.size, 0 if own is None else own.size)
        published = newest_checkpoint(connection)
        if published is None or published.size <= known:
            return own
        key = self._verifier(connection)
        if key is None:
            return own
        with suppress(MalformedNote, Unverified):
            return open_checkpoint(published.note, key.name, [key]).checkpoint
        for size, found in signed_downwards(connection, key):
            if size <= known:
                break
            if isinstance(found, Checkpoint):
                return found
        return own

    def _verifier(self, connection: psycopg.Connection[Any]) -> Verifier | None:
        """The log's key, which is kept once its first event is the one that is noted."""
        if self._key is not None:
            return self._key
        noted = first_noted(self._home) is not None
        beginning = known_beginning(connection, self._home)
        if beginning.genesis is None:
            return None
        key = checkpoint_verifier(beginning.genesis.keys)
        if noted:
            self._key = key
        return key


def begun(
    connection: psycopg.Connection[Any], beginning: Beginning, signed: Checkpoint
) -> tuple[Frontier, dict[int, int]]:
    """The tree and the ends of streams that the newest noted heads speak of; nothing without them.

    Raises `Defect`, `Unproven`; `ValueError` for hashes of the seal that are none.
    """
    noted = newest_signed_heads(connection, signed.size, beginning)
    if noted is not None:
        ends = list(ends_now(connection, noted.size))
        if Heads(noted.size, ends).come_to(noted):
            tree = Frontier.of(noted.size, hashes_at(connection, noted.size))
            return tree, {stream.int: version for stream, version, _ in ends}
    return Frontier(), {}


def require_whole(
    stream: UUID, rows: Iterable[tuple[SealedRow, Event | None]], sealed: int, known: int
) -> int:
    """Check that rows of a stream, each with its event if it is signed, are all of it.

    Each that is sealed must be there and signed, and so must the last that was met; none is missing
    in front of one that is signed. Returns up to where they are signed. Raises `Defect`.
    """
    there = {row.originator_version: (row.position, event is not None) for row, event in rows}
    last = max((version for version, (_, signed) in there.items() if signed), default=0)
    position: Position = 0
    for version in range(1, max(known, last) + 1):
        if version not in there:
            raise Defect(
                position, Check.VERSIONS, f"version {version} of {stream} does not come after it."
            )
        position, signed = there[version]
        if not signed and (version <= sealed or version == known):
            raise Defect(position, Check.AUTHOR, "it was signed, and is not as it was.")
    return last
