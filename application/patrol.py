"""Patrols old rows: a slice of the log each time, against what was sealed over it.

A full verification reads everything; a patrol of some tiles a night comes round to every row, and
finds what was changed long ago and is never read. It goes on past what is wrong, and looks there
again each time until it is mended.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.rows import tuple_row

from application.eventlog import Position
from application.inspection import Check, Defect, require_none_before
from application.log_pages import inspect_range
from application.log_stream import Beginning, beginning_of
from application.memory import write_durably
from application.note import (
    Checkpoint,
    MalformedNote,
    Unverified,
    Verifier,
)
from application.seal import (
    NotSealed,
    RolledBack,
    TileReader,
    newest_checkpoint,
    read_tile,
    require_extension,
    signed_downwards,
)
from application.seal_audit import SealAudit, first_of
from application.sealing_times import SealingTimes
from application.settings import Settings
from application.table_audit import require_complete, require_shapes
from application.tree import (
    TILE_BITS,
    TILE_WIDTH,
    Tile,
    Unproven,
    check_inclusion,
    hashes_of_tiles,
    inclusion_proof,
    tile_above,
)
from application.verification import (
    Outcomes,
    Trust,
    first_positions,
    log_verifier,
    require_trusted,
    said_of_keys,
    said_of_times,
)


@dataclass(frozen=True, slots=True)
class Patrol:
    """What a patrol looked at, and what was wrong: the first thing in each tile, and beside them.

    `outside` is how many checkpoints kept elsewhere it compared with; `found` tells of the keys,
    and of the times and cosignatures of the slice. Of one that could look at nothing the `size` is
    0, and its slice is none.
    """

    first: Position
    last: Position
    size: int
    outside: int
    defects: tuple[Defect, ...]
    found: Outcomes

    @property
    def defect(self) -> Defect | None:
        """The first thing that is wrong."""
        return self.defects[0] if self.defects else None

    def outcomes(self) -> dict[str, str]:
        """What ran, by name; continuity with the rows around the slice is for the full check."""
        if self.defects:
            open_ = "COULD NOT RUN: not everywhere, for the patrol ended at position "
            open_ += f"{self.defects[0].position:,}"
            if len(self.defects) > 1:
                open_ += f" and {len(self.defects) - 1:,} others"
            found = {check.value: open_ for check in (*CHECKS, *ALWAYS)}
            failed = self.found.failed
            return found | Outcomes(failed=failed).in_words() | named(self.defects)
        slice_ = f"passed for positions {self.first:,} to {self.last:,}"
        found = {check.value: slice_ for check in CHECKS}
        found[Check.TABLES.value] = "passed"
        found[Check.CHECKPOINTS.value] = f"{slice_}, and for the newest"
        found[Check.OUTSIDE.value] = (
            "passed" if self.outside else "nothing to check: none was shown"
        )
        return found | self.found.in_words()

    def bad_positions(self) -> dict[str, Position]:
        """Of each check that failed the first position at which it did."""
        return first_positions([*self.defects, *self.found.failed.values()])

    def summary(self) -> dict[str, object]:
        """How far the checks came; None where they reached nothing."""
        if self.size == 0:
            return dict.fromkeys(("first", "last", "size"))
        return {"first": self.first, "last": self.last, "size": self.size}

    @property
    def sound(self) -> bool:
        """Whether every check ran and found nothing."""
        return not (self.defects or self.found.unchecked or self.found.failed)


def named(defects: Iterable[Defect]) -> dict[str, str]:
    """Of each check the first thing that is wrong, and how much more it found."""
    by_check: dict[Check, list[Defect]] = {}
    for defect in defects:
        by_check.setdefault(defect.check, []).append(defect)
    return {
        check.value: f"FAILED: {first}"
        + (f" So it is elsewhere too: {', '.join(f'{more.position:,}' for more in rest[:SHOWN])}"
           f"{' …' if rest[SHOWN:] else ''}." if rest else "")
        for check, (first, *rest) in by_check.items()
    }  # fmt: skip


LONGEST: Final = 19  # digits that a number of a tile can have
SHOWN: Final = 8  # positions that are named after the first of a check
BOGUS: Final = 100  # checkpoints that the log did not sign and that are named; more are counted
GONE: Final = 100  # tiles that are missing, or their roots, and are named and done without
MISSING: Final = """
select number from generate_series(0, %(full)s::bigint - 1) as expected (number)
where not exists (
    select from seal.tile
    where tile.level = %(level)s and tile.number = expected.number and octet_length(root) = 32
)
order by number
limit %(most)s
"""
ALWAYS: Final = (Check.TABLES, Check.OUTSIDE, Check.COSIGNATURES)
CHECKS: Final = (
    Check.DENSE, Check.TIMES, Check.LEAF, Check.AUTHOR, Check.TILES, Check.CHECKPOINTS,
    Check.SEALING_TIMES,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Round:
    """How far the patrols came, and in which tiles something was wrong, on this disk."""

    folder: Path

    def next(self, tiles: int, count: int) -> range:
        """The next slice, of a log of so many tiles; the first one after the last."""
        first = next(iter(self._numbers("patrol")), 0) % count
        return range(first, min(first + tiles, count))

    def wrong(self, count: int) -> list[int]:
        """The tiles in which something was wrong, of those that the log has."""
        return sorted({number for number in self._numbers("patrol-found") if number < count})

    def note(self, last: int, wrong: Iterable[int]) -> None:
        """Note where the next patrol begins, and where it is to look again."""
        said = "".join(f"{number}\n" for number in sorted(wrong))
        if said or (self.folder / "patrol-found").exists():
            write_durably(self.folder / "patrol-found", said.encode())
        write_durably(self.folder / "patrol", str(last).encode())

    def _numbers(self, name: str) -> list[int]:
        path = self.folder / name
        lines = path.read_bytes().split() if path.exists() else []
        return [int(line) for line in lines if line.isdigit() and len(line) <= LONGEST]


def patrol(conninfo: str, settings: Settings, trust: Trust, tiles: int) -> Patrol:
    """Check the next tiles of 256 rows, beginning anew after the last. Raises `NotSealed`.

    Of the tiles in which something was wrong as many are looked at again, the first of them.
    """
    round_ = Round(settings.home / "seal")
    outside = len(trust.checkpoints)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        try:
            require_shapes(connection)
            if newest_checkpoint(connection) is None:
                raise NotSealed("Nothing is sealed yet; run huhang seal --once, or huhang serve.")
            beginning = beginning_of(connection)
            found = said_of_keys(beginning, trust, require_trusted(beginning, trust))
            log = log_verifier(beginning, trust)
            if log is None:
                raise Defect(1, Check.AUTHOR, "the log does not begin with its keys.")
            newest, defects = newest_and_unsigned(connection, log)
        except Defect as blinding:
            return Patrol(1, 0, 0, outside, (blinding,), Outcomes())
        count = -(-newest.size // TILE_WIDTH)
        slice_ = round_.next(tiles, count)
        before = round_.wrong(count)
        look = Look(connection, trust, beginning, log, newest)
        looked = {*before[:tiles], *slice_}
        wrong = look.at(sorted(looked))
        look.beside()
        round_.note(slice_.stop, {*wrong, *before} - (looked - wrong))
    first, last = slice_.start * TILE_WIDTH + 1, min(slice_.stop * TILE_WIDTH, newest.size)
    found = found.also(look.said(f"passed for positions {first:,} to {last:,}"))
    return Patrol(first, last, newest.size, outside, (*look.defects, *defects), found)


def newest_and_unsigned(
    connection: psycopg.Connection[Any], log: Verifier
) -> tuple[Checkpoint, list[Defect]]:
    """The newest checkpoint that the log signed, and those after it that it did not.

    However many those are: the first of them are named, and the others counted. Raises `Defect`
    where it signed none.
    """
    defects: list[Defect] = []
    more = 0
    for size, found in signed_downwards(connection, log):
        if isinstance(found, Checkpoint):
            if more:
                said = f"{defects[0].what} Of {more:,} that are not named it is the same."
                defects[0] = Defect(defects[0].position, Check.CHECKPOINTS, said)
            return found, defects
        if len(defects) < BOGUS:
            defects.append(Defect(size, Check.CHECKPOINTS, found))
        else:
            more += 1
    raise defects[0]


class Tiles:
    """The tiles of a sealed log, of which some may be missing.

    Every proof leads over the tiles of others: one that is missing is named once, for itself, and
    the others are read past it, from what lies below. Where more are missing than can be named the
    log would have to be read whole, and none is done without.
    """

    def __init__(self, connection: psycopg.Connection[Any], size: int) -> None:
        self._connection = connection
        self._computed: dict[Tile, bytes] = {}
        self.missing: list[Tile] = []
        level = 0
        while full := size >> TILE_BITS * (level + 1):
            asked = {"full": full, "level": level, "most": GONE + 1}
            with connection.cursor(row_factory=tuple_row) as cursor:
                rows = cursor.execute(MISSING, asked).fetchall()
            self.missing += [Tile(level, number) for (number,) in rows]
            level += 1

    @property
    def defects(self) -> list[Defect]:
        """What is wrong with those that are missing, the first of them."""
        found = [
            Defect(first_of(tile, 0), Check.TILES, f"{tile.path} is missing, or its root.")
            for tile in self.missing[:GONE]
        ]
        if self.missing[GONE:]:
            said = f"{found[0].what} So it is with more than {GONE:,}."
            found[0] = Defect(found[0].position, Check.TILES, said)
        return found

    def read(self, tile: Tile) -> bytes:
        """The hashes of a tile, full or partial. Raises `Unproven`."""
        if tile in self._computed:
            return self._computed[tile]
        try:
            return read_tile(self._connection, tile)
        except Unproven:
            if tile.level == 0 or not 0 < len(self.missing) <= GONE:
                raise
        self._computed[tile] = tile_above(tile, self.read)
        return self._computed[tile]


class Look:
    """Looks at tiles of level 0, the rows under them and what was sealed of those.

    What is wrong it keeps and goes on. `newest` is the checkpoint to whose root each tile leads.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        trust: Trust,
        beginning: Beginning,
        log: Verifier,
        newest: Checkpoint,
    ) -> None:
        self._connection = connection
        self._trust = trust
        self._beginning = beginning
        self._log = log
        self._newest = newest
        self._tiles = Tiles(connection, newest.size)
        self._times = SealingTimes(connection, trust.accidents)
        self._seals: list[SealAudit] = []
        self._current: SealAudit | None = None
        self._uncounted: str | None = None
        self.defects: list[Defect] = []

    def at(self, numbers: Iterable[int]) -> set[int]:
        """Look at the tiles of these numbers, which rise; those in which something is wrong."""
        wrong: set[int] = set()
        for number in numbers:
            try:
                self._tile(number)
            except Defect as defect:
                self.defects.append(defect)
                wrong.add(number)
                self._current = None  # its tree holds what is wrong
        return wrong

    def beside(self) -> None:
        """Look at what is not of one tile of the slice, such as others that are missing."""
        try:
            require_none_before(self._connection)
            # A checkpoint kept outside tells only that one of many records is wrong.
            require_outside(
                self._connection, self._trust, self._log, self._newest.size, self._tiles.read
            )
        except Defect as defect:
            self.defects.append(defect)
        known = {(defect.position, defect.check) for defect in self.defects}
        gone = self._tiles.defects
        self.defects += [one for one in gone if (one.position, one.check) not in known]
        try:
            self._uncounted = require_complete(self._connection)
        except Defect as defect:
            self.defects.append(defect)

    def said(self, passed: str) -> Outcomes:
        """What is to be said of times, cosignatures and indexes, where the rest `passed`."""
        of_all = [cosigned_in(seal) for seal in self._seals]
        worst = max(of_all, default=Outcomes(), key=lambda of: (bool(of.unchecked), bool(of.said)))
        said = said_of_times(self._times, self._newest.size, passed).also(worst)
        if self._uncounted is None:
            return said
        return said.also(Outcomes(unchecked={Check.TABLES: self._uncounted}))

    def _tile(self, number: int) -> None:
        """Raises `Defect`."""
        after = number * TILE_WIDTH
        end = min(after + TILE_WIDTH, self._newest.size)
        self._times.take(after, end)
        seal = self._seal(after)
        page = inspect_range(self._connection, after, end, self._beginning.authors)
        seal.take(page.leaves)
        require_sealed(self._tiles.read, number, page.leaves, self._newest.size, self._newest.root)
        if seal.miscosigned is not None:
            raise seal.miscosigned

    def _seal(self, after: Position) -> SealAudit:
        """What looks at the seal from there on: anew behind a gap, or where something was wrong."""
        if self._current is not None and self._current.tree.size == after:
            return self._current
        beginning, trust = self._beginning, self._trust
        try:
            seal = SealAudit(
                self._connection,
                self._log,
                trust.witnesses,
                {},
                beginning.sm2_keys,
                after,
                read=self._tiles.read,
            )
        except (Unproven, ValueError) as gap:
            raise Defect(after + 1, Check.TILES, str(gap)) from None
        self._seals.append(seal)
        self._current = seal
        return seal


def cosigned_in(seal: SealAudit) -> Outcomes:
    """What is to be said of the cosignatures of a slice."""
    unchecked = seal.unchecked.get(Check.COSIGNATURES)
    if unchecked is not None:
        return Outcomes(unchecked={Check.COSIGNATURES: unchecked})
    if Check.COSIGNATURES in seal.reached:
        return Outcomes(said={Check.COSIGNATURES: "passed for the checkpoints of these positions"})
    return Outcomes(idle={Check.COSIGNATURES: "no checkpoint of these positions bears one"})


def require_outside(
    connection: psycopg.Connection[Any],
    trust: Trust,
    log: Verifier,
    size: int,
    read: TileReader,
) -> None:
    """Check that what is sealed goes on from every checkpoint kept outside. Raises `Defect`."""
    for where, note in trust.checkpoints.items():
        try:
            require_extension(connection, note, log.name, [log], trust.witnesses, read)
        except (MalformedNote, RolledBack, Unverified, Unproven) as wrong:
            raise Defect(size, Check.OUTSIDE, f"{where}: {wrong}") from None


def require_sealed(
    read: TileReader, number: int, leaves: list[bytes], size: int, root: bytes
) -> None:
    """Check that a tile's leaves, computed from its rows, lead to a signed root.

    A proof for one leaf takes in all its neighbours in the tile. Raises `Defect`.
    """

    def by_rows(tile: Tile) -> bytes:
        if (tile.level, tile.number) == (0, number):
            return b"".join(leaves)
        return read(tile)

    first = number * TILE_WIDTH
    try:
        path = inclusion_proof(first, size, hashes_of_tiles(size, by_rows))
        check_inclusion(first, size, leaves[0], root, path)
    except (Unproven, ValueError) as unproven:  # a tile that somebody cut has no such hash
        raise Defect(first + 1, Check.TILES, str(unproven)) from None
