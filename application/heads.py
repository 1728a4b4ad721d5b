"""The heads of all streams: once a day the log says how far each went, so that nothing is missing.

Every leaf of their tree is the line `stream SP version SP index LF` of a stream's last event, in
the order of the streams' ids; hashing and proofs are those of RFC 9162, as over the log itself.

What is noted is signed and stays, so nothing is noted that was read only for a moment: older rows
come to what was noted last, and newer ones, as far as they are sealed, to what the log's key
signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row

from application.alarms import Alarm
from application.codec import decode
from application.eventlog import Position, Receipt, head
from application.first_event import known_beginning
from application.inspection import PAGE, Continuity, Defect, inspect, read_rows
from application.keys import checkpoint_verifier
from application.log_stream import Beginning, newest_noted
from application.memory import Memory
from application.note import Checkpoint, MalformedNote, Unverified, open_checkpoint
from application.seal import hashes_at, signed_downwards
from application.tree import (
    TILE_WIDTH,
    Frontier,
    RightEdge,
    Tile,
    Unproven,
    check_inclusion,
    hashes_of_tiles,
    inclusion_proof,
    leaf_hash,
)
from domain.log import LOG_ID, Log, StreamHeads

if TYPE_CHECKING:
    from application.records import Command, Records

BEFORE_ALL: Final = -(2**63)  # in front of every position, also of one that no log has
HEADS: Final = """
select originator_id, max(originator_version), max(position) - 1
from only log.event
where position > %s and position <= %s
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
    """The tree over the heads of the streams as of a size of the log.

    `ends` are each stream, its last version and the index of that, in the order of their ids.
    """

    def __init__(self, size: int, ends: Iterable[tuple[UUID, int, int]]) -> None:
        self.size = size
        self.streams: dict[UUID, int] = {}
        self._lines: list[str] = []
        self._versions: list[int] = []
        self._tiles: dict[Tile, bytes] = {}
        self._edge = RightEdge(0, self._tiles.__getitem__)
        for stream, version, index in ends:
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

    def come_to(self, noted: StreamHeads) -> bool:
        """Whether these are the heads that the log noted."""
        return (self.root.hex(), len(self.streams)) == (noted.root, noted.streams)

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
    connection: psycopg.Connection[Any], records: Records, by: Command, home: Path
) -> Receipt | None:
    """Let the log say how far each stream goes now; None when it said so since the last event.

    Raises `Alarm` where what it reads is not what was recorded and sealed: then nothing is noted.
    """
    beginning = known_beginning(connection, home)
    signed = largest_signed(connection, beginning, home)
    size = head(connection)
    last = newest_noted(connection, StreamHeads, size)
    if size == 0 or (last is not None and last[0] == size):
        return None
    try:
        heads = inspected_heads(connection, size, beginning, signed)
    except (Defect, Unproven, ValueError) as wrong:
        raise Alarm(
            f"How far each stream goes was not noted, for the log does not read as it was "
            f"recorded. {wrong} Find out who changed it, perhaps for a moment: huhang verify."
        ) from None
    return records.change(
        by, Log, LOG_ID, Log.note_heads, size, len(heads.streams), heads.root.hex()
    )


def largest_signed(
    connection: psycopg.Connection[Any], beginning: Beginning, home: Path
) -> Checkpoint | None:
    """The largest checkpoint that the log's key signed, as remembered here or published.

    One of nothing, published for a moment before those that are signed, hides none of them.
    """
    if beginning.genesis is None:
        return None
    key = checkpoint_verifier(beginning.genesis.keys)
    remembered = None
    with suppress(MalformedNote, Unverified):
        note = Memory(home / "seal").read()
        if note is not None:
            remembered = open_checkpoint(note, key.name, [key]).checkpoint
    for size, published in signed_downwards(connection, key):
        if remembered is not None and size <= remembered.size:
            break
        if isinstance(published, Checkpoint):
            return published
    return remembered


def inspected_heads(
    connection: psycopg.Connection[Any],
    size: int,
    beginning: Beginning,
    signed: Checkpoint | None,
) -> Heads:
    """The heads of so many records; each that is sealed was inspected, or is under heads of before.

    Where those of before do not hold, all are inspected. Of what is not sealed the table's word is
    taken: there may be rows that nobody signed, and they stop nothing that is noted (193).

    Raises `Defect`, `Unproven`; `ValueError` for hashes of the seal that are none.
    """
    ends: dict[UUID, tuple[int, int]] = {}
    after = 0
    noted = newest_signed_heads(connection, size, beginning)
    if noted is not None:
        known = list(ends_now(connection, noted.size))
        if Heads(noted.size, known).come_to(noted):
            ends = {stream: (version, index) for stream, version, index in known}
            after = noted.size
    continuity = Continuity(after)
    continuity.versions = {stream.int: version for stream, (version, _) in ends.items()}
    sealed = 0 if signed is None or signed.size < after else signed.size
    tree = Frontier.of(after, hashes_at(connection, after)) if sealed else Frontier()
    authors = None if beginning.genesis is None else beginning.authors
    while continuity.position < sealed:
        at = continuity.position
        page = inspect(read_rows(connection, at, min(at + PAGE, sealed)), at, authors)
        continuity.follow(page)
        for index, (stream, version) in enumerate(
            zip(page.streams, page.versions, strict=True), start=at
        ):
            ends[UUID(int=stream)] = (version, index)
        for leaf in page.leaves:
            tree.push(leaf)
    if signed is not None and sealed and (tree.size, tree.root()) != (sealed, signed.root):
        raise Unproven(f"The first {sealed:,} records are not those that were sealed.")
    for name, version, index in ends_now(connection, size, continuity.position):
        ends[name] = (version, index)
    return Heads(size, [(stream, *ends[stream]) for stream in sorted(ends)])


def newest_signed_heads(
    connection: psycopg.Connection[Any], until: Position, beginning: Beginning
) -> StreamHeads | None:
    """The newest heads that the log noted, by a row that an author signed. Raises `Defect`."""
    newest = newest_noted(connection, StreamHeads, until)
    if newest is None or beginning.genesis is None:
        return None
    after = newest[0] - 1
    rows = read_rows(connection, after, newest[0])
    inspect(rows, after, beginning.authors)
    row = rows[0]
    if (row.originator_id, row.topic) != (LOG_ID, StreamHeads.topic):
        return None
    noted = decode(row.topic, LOG_ID, row.originator_version, row.state)
    assert isinstance(noted, StreamHeads)
    return noted


def ends_now(
    connection: psycopg.Connection[Any], size: int, after: Position = BEFORE_ALL
) -> Iterator[tuple[UUID, int, int]]:
    """Where each stream of the first records, or those after one, ends, as the table says."""
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        yield from cursor.execute(HEADS, (after, size))


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
    heads = Heads(noted.size, ends_now(connection, noted.size))
    if not heads.come_to(noted):
        raise Unproven(
            f"The streams of the first {noted.size:,} records do not end where position "
            f"{noted_at:,} says: events were taken out or put in."
        )
    return heads.proof(stream, noted_at) if stream in heads.streams else None
