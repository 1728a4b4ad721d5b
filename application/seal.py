"""Reads the seal: the newest signed checkpoint, the tree of any size, the proof for any record.

What stands in the tables is as good as who wrote it: a proof is checked before it is handed out,
and whoever gets it checks it anew against a checkpoint and keys of his own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple

import psycopg
from psycopg.rows import tuple_row

from application.eventlog import Position
from application.note import (
    NOTE_LIMIT,
    Checkpoint,
    MalformedNote,
    Note,
    Opened,
    Signature,
    Unverified,
    Verifier,
    open_checkpoint,
    parse_signatures,
)
from application.proof import LogProof
from application.tree import (
    HASH_BYTES,
    TILE_WIDTH,
    Hashes,
    RightEdge,
    Tile,
    Unproven,
    hashes_of_tiles,
    inclusion_proof,
    root_at,
)

# What somebody emptied reads as nothing, and is then no note or hash; nobody signed `sealed_at`.
CHECKPOINT: Final = """
select size, coalesce(root, ''), coalesce(note, ''),
       least(greatest(sealed_at, '0001-01-02'), '9999-12-30'),
       array(select coalesce(line, '') from seal.cosignature c
             where c.size = checkpoint.size order by witness, line),
       array(select coalesce(witness, '') from seal.cosignature c
             where c.size = checkpoint.size order by witness, line)
from seal.checkpoint
where size > 0 and size <= coalesce(%(size)s, size)
order by size desc
limit 1
"""
NOTES: Final = """
select size, substring(coalesce(note, '') for %(most)s)
from seal.checkpoint
where size > 0 and size < coalesce(%(below)s, 9223372036854775807)
order by size desc
limit 1000
"""
COSIGNED = """
select size from seal.cosignature
where size >= %s and witness = any(%s)
group by size
having count(*) >= %s
order by size desc
"""
FULL_TILE = "select coalesce(hashes, '') from seal.tile where level = %s and number = %s"
LEAVES = (
    "select coalesce(leaf, '') from only log.event"
    " where position > %s and position <= %s order by position"
)
ROOTS = (
    "select coalesce(root, '') from seal.tile"
    " where level = %s and number >= %s and number < %s order by number"
)


TileReader = Callable[[Tile], bytes]
"""Answers with the hashes of a tile, full or partial, as `read_tile` does."""


class NotSealed(Exception):  # noqa: N818 - said to people
    """There is no signed checkpoint over that yet."""


class RolledBack(Exception):  # noqa: N818 - said to people
    """The log does not go on from where somebody outside knows it to have been."""


class Sealed(NamedTuple):
    """A checkpoint as it is stored: the note that the log signed, and lines of witnesses."""

    size: int
    root: bytes
    note: bytes
    sealed_at: datetime
    cosignatures: list[str]
    witnesses: list[str]
    """Whose each of the cosignatures is, as the table says."""

    @property
    def message(self) -> bytes:
        """The note with the cosignatures that have come so far. Raises `MalformedNote`.

        What somebody wrote among them that is none is left out; `verify` names it.
        """
        note = Note.parse(self.note)
        signers = {signature.name for signature in note.signatures}
        message = note.encode()
        for name, line in zip(self.witnesses, self.cosignatures, strict=True):
            if name in signers:  # it would take the place of the log's own signature
                continue
            with suppress(MalformedNote, Unverified):
                more = note.also_signed([cosignature_of(name, line)])
                message, note = more.encode(), more
        return message

    def cosigned_by(self, keys: Sequence[Verifier]) -> set[str]:
        """Which of these witnesses cosigned, by their own lines.

        Raises `MalformedNote`, `Unverified` for a line that is not by whom the table says.
        """
        text = Note.parse(self.note).text
        found = set()
        for name, line in zip(self.witnesses, self.cosignatures, strict=True):
            signature = cosignature_of(name, line)
            if any(key.name == name for key in keys):
                Note(text, (signature,)).verified(keys)
                found.add(name)
        return found


def cosignature_of(witness: str, line: str) -> Signature:
    """The signature in a line that is kept under the name of a witness.

    Raises `MalformedNote`; `Unverified` for the line of somebody else.
    """
    signatures = parse_signatures(line)
    if len(signatures) != 1:
        raise MalformedNote(f"What is kept as the line of “{witness}” is not one line.")
    if signatures[0].name != witness:
        raise Unverified(
            f"The table says that “{witness}” cosigned, but the line is by “{signatures[0].name}”."
        )
    return signatures[0]


def newest_checkpoint(
    connection: psycopg.Connection[Any], size: int | None = None
) -> Sealed | None:
    """The newest checkpoint, or the newest of at most that size; None where there is none."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(CHECKPOINT, {"size": size}, prepare=True).fetchone()
    return None if row is None else Sealed(*row)


def oldest_size(connection: psycopg.Connection[Any]) -> int | None:
    """Over how many records the oldest checkpoint is; None where there is none."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute("select min(size) from seal.checkpoint where size > 0").fetchone()
    return None if row is None else row[0]


def signed_downwards(
    connection: psycopg.Connection[Any], log: Verifier
) -> Iterator[tuple[int, Checkpoint | str]]:
    """The size of each checkpoint, the newest first, with what the log signed, or why it did not.

    Of a note that is none only a part is read.
    """
    below: int | None = None
    asked = {"most": NOTE_LIMIT + 1}
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        while rows := cursor.execute(NOTES, {**asked, "below": below}, prepare=True).fetchall():
            for size, note in rows:
                try:
                    stated = open_checkpoint(note, log.name, [log]).checkpoint
                except (MalformedNote, Unverified) as unsigned:
                    yield size, str(unsigned)
                else:
                    yield size, stated if stated.size == size else "its checkpoint was exchanged."
            below = rows[-1][0]


def cosigned_size(
    connection: psycopg.Connection[Any], position: Position, witnesses: Sequence[Verifier]
) -> int | None:
    """The newest size of at least a position that all these witnesses cosigned, by their lines."""
    names = [witness.name for witness in witnesses]
    asked = (position, names, len(names))
    for (size,) in connection.execute(COSIGNED, asked).fetchall():
        sealed = newest_checkpoint(connection, size)
        with suppress(MalformedNote, Unverified):
            if sealed is not None and sealed.cosigned_by(witnesses) == set(names):
                return int(size)
    return None


def hashes_at(connection: psycopg.Connection[Any], size: int) -> Hashes:
    """The hashes of the tree of the first `size` leaves, which must be sealed.

    Asking them raises `Unproven` where the tiles have a gap.
    """
    return hashes_of_tiles(size, partial(read_tile, connection))


def read_tile(connection: psycopg.Connection[Any], tile: Tile) -> bytes:
    """The hashes of a tile, full or partial, of a tree that is sealed.

    What no full tile holds yet is read below it: leaves, or the roots of full tiles. Raises
    `Unproven` where there is a gap.
    """
    first = tile.number * TILE_WIDTH
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        cursor.execute(FULL_TILE, (tile.level, tile.number), prepare=True)
        if (full := cursor.fetchone()) is not None:
            row = bytes(full[0][: tile.width * HASH_BYTES])
        else:
            if tile.level == 0:
                cursor.execute(LEAVES, (first, first + tile.width), prepare=True)
            else:
                cursor.execute(ROOTS, (tile.level - 1, first, first + tile.width), prepare=True)
            row = b"".join(hash_ for (hash_,) in cursor)
    if len(row) != tile.width * HASH_BYTES:
        raise Unproven(f"The tree cannot be read: {tile.path} is not whole.")
    return row


def proof_of(
    connection: psycopg.Connection[Any], position: Position, extra: bytes | None = None
) -> LogProof:
    """The proof that the event at a position is under the newest checkpoint.

    Raises `NotSealed`; `Unproven` when the tables do not prove it.
    """
    newest = newest_checkpoint(connection)
    if newest is None or newest.size < position:
        raise NotSealed(
            f"Position {position} is not sealed yet; that takes about a second while huhang serve "
            "or huhang seal runs."
        )
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        leaf = cursor.execute(LEAVES, (position - 1, position)).fetchone()
    if leaf is None:
        raise Unproven(f"The log has no position {position}.")
    hashes = hashes_at(connection, newest.size)
    path = inclusion_proof(position - 1, newest.size, hashes)
    proof = LogProof(position - 1, tuple(path), newest.message, extra)
    proof.check_path(leaf[0])
    return proof


def sealed_size(connection: psycopg.Connection[Any]) -> int:
    """How many records are sealed."""
    newest = newest_checkpoint(connection)
    return 0 if newest is None else newest.size


def require_extension(
    connection: psycopg.Connection[Any],
    note: bytes,
    origin: str,
    log: Sequence[Verifier],
    witnesses: Sequence[Verifier] = (),
    read: TileReader | None = None,
) -> Opened:
    """Check that the log goes on from a checkpoint that was kept outside of it.

    Tiles are read by `read`, by default as they are stored. Raises `RolledBack`; `MalformedNote`,
    `Unverified` for what is no checkpoint of this log.
    """
    read = partial(read_tile, connection) if read is None else read
    opened = open_checkpoint(note, origin, log, witnesses)
    size, root = opened.checkpoint.size, opened.checkpoint.root
    sealed = sealed_size(connection)
    found = (
        root_at(size, hashes_of_tiles(size, read))
        if size <= sealed
        else root_beyond(connection, sealed, size, read)
    )
    if found != root:
        raise RolledBack(
            f"The first {size:,} records are not those that a known checkpoint sealed."
        )
    return opened


def root_beyond(
    connection: psycopg.Connection[Any], sealed: int, size: int, read: TileReader
) -> bytes:
    """The root over more records than are sealed: of what was signed, and not published yet.

    Raises `RolledBack` where the log has fewer, `Unproven`.
    """
    edge = RightEdge(sealed, read)
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        for (leaf,) in cursor.execute(LEAVES, (sealed, size)):
            edge.push(leaf)
    if edge.size < size:
        raise RolledBack(
            f"The log is sealed up to {sealed:,} records, but a checkpoint of {size:,} is known: "
            "records are missing, as after a restore from an old backup."
        )
    return edge.root()
