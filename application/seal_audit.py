"""Audits the seal while the log is read: tiles, checkpoints and cosignatures against the leaves."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from functools import partial
from types import MappingProxyType
from typing import Any, Final, LiteralString

import psycopg
from cryptography.x509 import Certificate
from psycopg.rows import tuple_row

from application.eventlog import Position
from application.inspection import Check, Defect
from application.note import (
    MalformedNote,
    Note,
    Unverified,
    Verifier,
    open_checkpoint,
)
from application.seal import Sealed, TileReader, cosignature_of, read_tile
from application.sm2_audit import Sm2Audit
from application.timestamp import Stamp, check_stored, missing_stamps
from application.tree import (
    EMPTY_ROOT,
    HASH_BYTES,
    TILE_BITS,
    TILE_WIDTH,
    Frontier,
    GrownTile,
    RightEdge,
    Tile,
    hashes_of_tiles,
)

CHECKPOINTS: Final = """
select size, coalesce(root, ''), coalesce(note, ''),
       least(greatest(sealed_at, '0001-01-02'), '9999-12-30'),
       array(select coalesce(line, '') from seal.cosignature c
             where c.size = checkpoint.size order by witness, line),
       array(select coalesce(witness, '') from seal.cosignature c
             where c.size = checkpoint.size order by witness, line)
from seal.checkpoint
where size > %(after)s and size <= %(until)s
order by size
"""
TILES: Final = """
select level, number, coalesce(hashes, ''), coalesce(root, '')
from seal.tile join unnest(%(levels)s::int[], %(numbers)s::bigint[]) as asked (l, n)
    on level = l and number = n
"""
STAMPS: Final = "select count(*) from seal.timestamp"
SEALED: Final = """
select coalesce(max(size), 0), count(*), coalesce(min(size), 0) from seal.checkpoint
"""
SPARE_TILES: Final = """
select level, number from seal.tile
where not coalesce(
    level between 0 and 7 and number >= 0
    and (number::numeric + 1) * power(256::numeric, least(level, 8) + 1)
        <= (select coalesce(max(size), 0) from seal.checkpoint),
    false
)
order by level, number
limit 1
"""
NO_CHECKPOINTS: Final = """
select coalesce(size::text, 'nothing') from seal.checkpoint
where not coalesce(size > 0, false)
limit 1
"""


class SealAudit:
    """Takes the leaf hashes of the log in order and holds the seal against them.

    `log` is the key that must have signed. `unchecked` are checks that cannot run and `idle` those
    with nothing to look at, each with the reason; `said` tells how far others went, `reached` the
    last position up to which each found all right. `newest` is the size and root of the last
    checkpoint that was in order. `miscosigned` is the first line of a witness
    that is not by it: anybody who writes into the database can put one there, so it ends nothing.

    Of the witnesses those that are `retired` by name are verified and not missed.

    One that begins `after` some leaves believes the tiles for these, as `read` reads them. Raises
    `Unproven` where those have a gap.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        log: Verifier | None,
        witnesses: Sequence[Verifier],
        cosigned: Mapping[str, int],
        sm2_keys: Mapping[bytes, Position] = MappingProxyType({}),
        after: int = 0,
        retired: Collection[str] = (),
        read: TileReader | None = None,
    ) -> None:
        self._connection = connection
        self._log = log
        self._witnesses = witnesses
        read = partial(read_tile, connection) if read is None else read
        self.tree = Frontier.of(after, hashes_of_tiles(after, read))
        self._edge = RightEdge(after, read)
        self.sealed, self.checkpoints, self.oldest = self._counts(SEALED)
        self.newest: tuple[int, bytes] = (0, EMPTY_ROOT)
        self.reached: dict[Check, Position] = {}
        self.unchecked: dict[Check, str] = {}
        self.idle: dict[Check, str] = {}
        self.said: dict[Check, str] = {}
        self._outside: dict[int, dict[str, bytes]] = {}
        self._known = 0
        if self.sealed == 0:
            for check in (Check.TILES, Check.SEALING_TIMES):
                self.idle[check] = "nothing is sealed yet"
        if log is None:
            self.unchecked[Check.CHECKPOINTS] = "the log does not begin with its keys"
        self._sm2 = Sm2Audit(log.name if log else "", sm2_keys)
        self.miscosigned: Defect | None = None
        self._cosigned = cosigned
        self._retired = retired
        self._cosigners: dict[str, int] = {}

    def expect(self, outside: Mapping[str, bytes]) -> None:
        """Take checkpoints that were kept outside, under the names of where they were kept."""
        for where, message in outside.items():
            try:
                if self._log is None:
                    raise Unverified("the log does not begin with its keys")
                opened = open_checkpoint(message, self._log.name, [self._log], self._witnesses)
            except (MalformedNote, Unverified) as wrong:
                self.unchecked[Check.OUTSIDE] = f"{where}: {wrong}"
                continue
            self._expect(opened.checkpoint.size, opened.checkpoint.root, where)
        if not outside:
            self.idle[Check.OUTSIDE] = "none was shown; keep one elsewhere: huhang checkpoint"

    def know(self, size: int, root: bytes, where: str) -> None:
        """Take size and root of a checkpoint that was in order before, known without its note."""
        self._expect(size, root, where)
        self.idle.pop(Check.OUTSIDE, None)

    def _expect(self, size: int, root: bytes, where: str) -> None:
        self._outside.setdefault(size, {})[where] = root
        self._known = max(size, self._known)

    def take(self, leaves: Sequence[bytes]) -> None:
        """Take the next leaves. Raises `Defect`."""
        after, until = self.tree.size, self.tree.size + len(leaves)
        sealed = self._sealed(after, until)
        asked = sealed.keys() | self._outside.keys()
        roots: dict[int, bytes] = {}
        grown: list[GrownTile] = []
        for row in rows_of_tiles(after, leaves):
            completed = self._edge.push(b"".join(row))
            roots |= self._grow(row, asked, completed)
            grown += completed
        # The tiles first: they name the very record, a root only that one of many is wrong.
        self._compare_tiles([tile for tile in grown if last_of(tile) <= self.sealed])
        for size, root in roots.items():
            self._compare_outside(size, root)
            if size in sealed:
                self._compare(sealed[size], root)

    def _grow(
        self, row: Sequence[bytes], asked: Set[int], completed: Sequence[GrownTile]
    ) -> dict[int, bytes]:
        """Add the leaves of a tile to the tree; its roots at those sizes that are asked."""
        next_ = self.tree.size + 1
        if len(row) == TILE_WIDTH and asked.isdisjoint(range(next_, next_ + TILE_WIDTH - 1)):
            self.tree.push(completed[0].root, TILE_BITS)  # hashed for the tile already
            row = ()
        roots = {}
        for size, leaf in enumerate(row, start=next_):
            self.tree.push(leaf)
            if size in asked:
                roots[size] = self.tree.root()
        if self.tree.size in asked:
            roots[self.tree.size] = self.tree.root()
        return roots

    def finish(self) -> None:
        """Look for what is sealed or known beyond the leaves. Raises `Defect`."""
        size = self.tree.size
        if self.sealed > size:
            raise Defect(
                size + 1,
                Check.CHECKPOINTS,
                f"the log ends here, but {self.sealed:,} records were sealed: the last were "
                "removed.",
            )
        for beyond in sorted(known for known in self._outside if known > size):
            raise Defect(
                size + 1,
                Check.OUTSIDE,
                f"the log ends here, but a checkpoint over {beyond:,} records is known "
                f"({', '.join(self._outside[beyond])}): the last were removed.",
            )
        now, *_ = self._counts(SEALED)  # the sealer remembers a moment before it publishes
        if self._known > now:
            raise Defect(
                now + 1,
                Check.CHECKPOINTS,
                f"{self._known:,} records were sealed ({', '.join(self._outside[self._known])}), "
                f"and {now:,} are now: the last checkpoints were removed, or the sealer was ended "
                "before it published them.",
            )
        # Against what is sealed by now: tiles and checkpoints grow while the log is read.
        of_none = self._connection.execute(NO_CHECKPOINTS).fetchone()
        if of_none is not None:
            raise Defect(
                1,
                Check.CHECKPOINTS,
                f"there is a checkpoint over {of_none[0]} records, which is no size.",
            )
        spare = self._connection.execute(SPARE_TILES).fetchone()
        if spare is not None:
            raise Defect(
                self.sealed + 1,
                Check.TILES,
                "tile {1} of level {0} covers records that no checkpoint does.".format(*spare),
            )
        for name, known in self._cosigned.items():
            if known > self._cosigners.get(name, 0) and known <= size:
                self.unchecked.setdefault(
                    Check.COSIGNATURES,
                    f"“{name}” cosigned {known:,} records, but its cosignature is missing here",
                )
        asked = {witness.name for witness in self._witnesses}.difference(self._retired)
        silent = asked - self._cosigners.keys()
        if self._retired and not asked:
            self.unchecked.setdefault(
                Check.COSIGNATURES,
                f"every witness known here is retired ({self._said_of_retired()}); nobody outside "
                "vouches for what was sealed since: name a new one",
            )
        elif silent:
            self.unchecked.setdefault(
                Check.COSIGNATURES, f"no checkpoint is cosigned by {', '.join(sorted(silent))}"
            )
        elif not self._witnesses and Check.COSIGNATURES not in self.unchecked:
            self.idle[Check.COSIGNATURES] = "no witness is known here, and none has cosigned"
        if self._retired:
            self.said[Check.COSIGNATURES] = f"passed; retired here: {self._said_of_retired()}"
        self._sm2.finish(self.unchecked, self.idle)
        self.said[Check.SM2] = self._sm2.said
        if self.sealed == 0:
            if size == 0:
                self.idle[Check.CHECKPOINTS] = "the log is empty"
            else:
                self.unchecked.setdefault(
                    Check.CHECKPOINTS,
                    "nothing is sealed yet; run huhang seal --once, or huhang serve",
                )

    def check_stamps(
        self, authorities: Sequence[Certificate], remembered: Collection[Stamp] = ()
    ) -> None:
        """Check what time-stamping authorities said of checkpoints. Raises `Defect`.

        `remembered` are those that this installation got.
        """
        (stamps,) = self._counts(STAMPS)
        gone = missing_stamps(self._connection, remembered)
        if gone:
            first = gone[0]
            self.unchecked[Check.STAMPS] = (
                f"{first.authority} stamped the checkpoint of {first.size:,}, and the database has "
                f"another time stamp or none; so it is with {len(gone):,} in all"
            )
        elif stamps == 0 and authorities:
            self.unchecked[Check.STAMPS] = "no checkpoint is stamped by the authority trusted here"
        elif stamps == 0:
            self.idle[Check.STAMPS] = "no authority is trusted here, and none has stamped"
        elif not authorities:
            self.unchecked[Check.STAMPS] = (
                f"there are {stamps:,}, and no authority is trusted here (HUHANG_TSA_CERTIFICATES)"
            )
        else:
            checked = 0
            for stamp in check_stored(self._connection, authorities):
                checked += 1
                if stamp.wrong is not None:
                    raise Defect(stamp.size, Check.STAMPS, stamp.wrong)
            if checked < stamps:
                raise Defect(
                    self.sealed, Check.STAMPS, "there are time stamps of checkpoints that are gone."
                )
            self.said[Check.STAMPS] = "passed"

    def _said_of_retired(self) -> str:
        return ", ".join(
            f"{name}, whose last cosignature here is over {self._cosigners.get(name, 0):,} records"
            for name in sorted(self._retired)
        )

    def _compare(self, sealed: Sealed, root: bytes) -> None:
        """A checkpoint must be signed by the log, and be over this tree."""
        if self._log is None:
            return
        try:
            stated = open_checkpoint(sealed.note, self._log.name, [self._log]).checkpoint
        except (MalformedNote, Unverified) as wrong:
            raise Defect(sealed.size, Check.CHECKPOINTS, str(wrong)) from None
        if (stated.size, stated.root) != (sealed.size, sealed.root):
            raise Defect(sealed.size, Check.CHECKPOINTS, "its checkpoint was exchanged.")
        if stated.root != root:
            raise Defect(
                sealed.size,
                Check.CHECKPOINTS,
                "the records up to here are not those that were sealed.",
            )
        self.reached[Check.CHECKPOINTS] = sealed.size
        self.newest = (sealed.size, root)
        self._sm2.take(sealed, self._log)
        self._compare_cosignatures(sealed)

    def _compare_cosignatures(self, sealed: Sealed) -> None:
        text = Note.parse(sealed.note).text
        known = {witness.name for witness in self._witnesses}
        for name, line in zip(sealed.witnesses, sealed.cosignatures, strict=True):
            try:
                signature = cosignature_of(name, line)
                if signature.name not in known:
                    self.unchecked[Check.COSIGNATURES] = (
                        f"the key of the witness “{signature.name}” is not known here"
                    )
                    continue
                Note(text, (signature,)).verified(self._witnesses)
                self._cosigners[signature.name] = sealed.size
                self.reached[Check.COSIGNATURES] = sealed.size
            except (MalformedNote, Unverified, ValueError) as wrong:
                # A line that no witness signed must not hide what lies behind it.
                if self.miscosigned is None:
                    self.miscosigned = Defect(sealed.size, Check.COSIGNATURES, str(wrong))

    def _compare_outside(self, size: int, root: bytes) -> None:
        for where, known in self._outside.get(size, {}).items():
            if known != root:
                raise Defect(
                    size,
                    Check.OUTSIDE,
                    f"the records up to here are not those of the checkpoint known to {where}.",
                )
            self.reached[Check.OUTSIDE] = size

    def _compare_tiles(self, grown: Sequence[GrownTile]) -> None:
        asked = {
            "levels": [tile.level for tile, _, _ in grown],
            "numbers": [tile.number for tile, _, _ in grown],
        }
        with self._connection.cursor(row_factory=tuple_row, binary=True) as cursor:
            rows = cursor.execute(TILES, asked).fetchall()
        stored = {
            (level, number): (bytes(hashes), bytes(root)) for level, number, hashes, root in rows
        }
        if len(stored) < len(rows):
            raise Defect(
                first_of(grown[0].tile, 0), Check.TILES, "there is more than one tile of a place."
            )
        for tile, row, root in grown:
            found = stored.get((tile.level, tile.number))
            if found is None:
                raise Defect(first_of(tile, 0), Check.TILES, f"{tile.path} is missing.")
            if found == (row, root):
                self.reached[Check.TILES] = first_of(tile, TILE_WIDTH) - 1
                continue
            hashes, _ = found
            place = next((at for at in PLACES if row[at : at + 32] != hashes[at : at + 32]), 0)
            raise Defect(
                first_of(tile, place // HASH_BYTES),
                Check.TILES,
                f"{tile.path} holds another hash: the record was changed after it was sealed, "
                "or the tile was.",
            )

    def _sealed(self, after: int, until: int) -> dict[int, Sealed]:
        """The checkpoints of some sizes, one each. Raises `Defect`."""
        found: dict[int, Sealed] = {}
        with self._connection.cursor(row_factory=tuple_row) as cursor:
            rows = cursor.execute(CHECKPOINTS, {"after": after, "until": until}, prepare=True)
            for sealed in map(Sealed._make, rows):
                if sealed.size in found:
                    raise Defect(
                        sealed.size,
                        Check.CHECKPOINTS,
                        "there is more than one checkpoint of this size.",
                    )
                found[sealed.size] = sealed
        return found

    def _counts(self, query: LiteralString) -> tuple[int, ...]:
        with self._connection.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute(query).fetchone()
        assert row is not None
        return row


def rows_of_tiles(after: int, leaves: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Cut the leaves behind so many where tiles of level 0 end."""
    start = 0
    for stop in range(TILE_WIDTH - after % TILE_WIDTH, len(leaves) + TILE_WIDTH, TILE_WIDTH):
        yield leaves[start:stop]
        start = stop


PLACES: Final = range(0, TILE_WIDTH * HASH_BYTES, HASH_BYTES)


def first_of(tile: Tile, place: int) -> Position:
    """The position of the first record under a hash of a tile."""
    return ((tile.number * TILE_WIDTH + place) << TILE_BITS * tile.level) + 1


def last_of(grown: GrownTile) -> Position:
    """The position of the last record under a tile."""
    return (grown.tile.number + 1) << TILE_BITS * (grown.tile.level + 1)
