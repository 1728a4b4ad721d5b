"""The heads of all streams: once a day the log says how far each went, so that nothing is missing.

Every leaf of their tree is the line `stream SP version SP index LF` of a stream's last event, in
the order of the streams' ids; hashing and proofs are those of RFC 9162, as over the log itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row

from application.eventlog import Position, Receipt, head
from application.log_stream import newest_noted
from application.records import Command, Records
from application.tree import (
    TILE_WIDTH,
    RightEdge,
    Tile,
    Unproven,
    check_inclusion,
    hashes_of_tiles,
    inclusion_proof,
    leaf_hash,
)
from domain.log import LOG_ID, Log, StreamHeads

HEADS: Final = """
select originator_id, max(originator_version), max(position) - 1
from only log.event
where position <= %s
group by originator_id
order by originator_id
"""


@dataclass(frozen=True, slots=True)
class HeadProof:
    """Proof of a stream's last event among the first `size` of the log.

    `noted_at` is the position of the event `StreamHeads` that holds the tree's root; that event's
    own proof makes it part of the log.
    """

    line: str
    index: int
    streams: int
    path: tuple[bytes, ...]
    size: int
    noted_at: Position

    def check(self, root: bytes) -> None:
        """Check that the line is under the root of the heads. Raises `Unproven`."""
        leaf = leaf_hash(self.line.encode("ascii"))
        check_inclusion(self.index, self.streams, leaf, root, self.path)


class Heads:
    """The tree over the heads of the streams as of a size of the log."""

    def __init__(self, connection: psycopg.Connection[Any], size: int) -> None:
        self.size = size
        self.streams: dict[UUID, int] = {}
        self._lines: list[str] = []
        self._versions: list[int] = []
        self._tiles: dict[Tile, bytes] = {}
        self._edge = RightEdge(0, self._tiles.__getitem__)
        with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
            for stream, version, index in cursor.execute(HEADS, (size,)):
                line = f"{stream} {version} {index}\n"
                self.streams[stream] = len(self._lines)
                self._lines.append(line)
                self._versions.append(version)
                for tile, row, _ in self._edge.push(leaf_hash(line.encode("ascii"))):
                    self._tiles[tile] = row

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return self._edge.root()

    def version(self, stream: UUID) -> int | None:
        """The last version of a stream; None for one that had not begun."""
        index = self.streams.get(stream)
        return None if index is None else self._versions[index]

    def proof(self, stream: UUID, noted_at: Position) -> HeadProof:
        """The proof of a stream's head. Raises `KeyError` for one that had not begun."""
        index = self.streams[stream]
        count = len(self._lines)
        path = inclusion_proof(index, count, hashes_of_tiles(count, self._read))
        return HeadProof(self._lines[index], index, count, tuple(path), self.size, noted_at)

    def _read(self, tile: Tile) -> bytes:
        full = self._tiles.get(tile._replace(width=TILE_WIDTH))
        return self._edge.row(tile.level) if full is None else full


def note_heads(
    connection: psycopg.Connection[Any], records: Records, by: Command
) -> Receipt | None:
    """Let the log say how far each stream goes now; None when it said so since the last event."""
    size = head(connection)
    last = newest_noted(connection, StreamHeads, size)
    if size == 0 or (last is not None and last[0] == size):
        return None
    heads = Heads(connection, size)
    return records.change(
        by, Log, LOG_ID, Log.note_heads, size, len(heads.streams), heads.root.hex()
    )


def head_proof(
    connection: psycopg.Connection[Any], stream: UUID, until: Position
) -> HeadProof | None:
    """The newest proof, in a log of so many records, that a stream has no event but those known.

    None where no heads were noted since the stream began. Raises `Unproven` when the log does not
    come to the heads that it noted.
    """
    newest = newest_noted(connection, StreamHeads, until)
    if newest is None:
        return None
    noted_at, noted = newest
    heads = Heads(connection, noted.size)
    if heads.root.hex() != noted.root or len(heads.streams) != noted.streams:
        raise Unproven(
            f"The streams of the first {noted.size:,} records do not end where position "
            f"{noted_at:,} says: events were taken out or put in."
        )
    return heads.proof(stream, noted_at) if stream in heads.streams else None
