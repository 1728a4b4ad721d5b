"""Patrols old rows: a slice of the log each time, against what was sealed over it.

A full verification reads everything; a patrol of some tiles a night comes round to every row, and
finds what was changed long ago and is never read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from application.eventlog import Position
from application.inspection import Check, Defect, require_none_before
from application.log_stream import beginning_of
from application.memory import write_durably
from application.note import MalformedNote, Unverified, Verifier, open_checkpoint
from application.seal import (
    NotSealed,
    RolledBack,
    newest_checkpoint,
    read_tile,
    require_extension,
)
from application.seal_audit import SealAudit
from application.settings import Settings
from application.table_audit import require_complete, require_shapes
from application.tree import (
    TILE_WIDTH,
    Tile,
    Unproven,
    check_inclusion,
    hashes_of_tiles,
    inclusion_proof,
)
from application.verification import (
    Outcomes,
    Trust,
    inspect_range,
    log_verifier,
    require_trusted,
    said_of_keys,
)


@dataclass(frozen=True, slots=True)
class Patrol:
    """What a patrol looked at, and the first thing that was wrong.

    `outside` is how many checkpoints kept elsewhere it compared with; `found` tells of the keys,
    and of the cosignatures of the slice.
    """

    first: Position
    last: Position
    size: int
    outside: int
    defect: Defect | None
    found: Outcomes

    def outcomes(self) -> dict[str, str]:
        """What ran, by name; continuity with the rows around the slice is for the full check."""
        if self.defect is not None:
            open_ = f"COULD NOT RUN: the patrol ended at position {self.defect.position:,}"
            found = {check.value: open_ for check in (*CHECKS, *ALWAYS)}
            return {**found, self.defect.check.value: f"FAILED: {self.defect}"}
        slice_ = f"passed for positions {self.first:,} to {self.last:,}"
        found = {check.value: slice_ for check in CHECKS}
        found[Check.TABLES.value] = "passed"
        found[Check.CHECKPOINTS.value] = f"{slice_}, and for the newest"
        found[Check.OUTSIDE.value] = (
            "passed" if self.outside else "nothing to check: none was shown"
        )
        return found | self.found.in_words()

    def summary(self) -> dict[str, object]:
        """How far the checks came."""
        return {"first": self.first, "last": self.last, "size": self.size}

    @property
    def sound(self) -> bool:
        """Whether every check ran and found nothing."""
        return self.defect is None and not self.found.unchecked


LONGEST = 19  # digits that a number of a tile can have
ALWAYS = (Check.TABLES, Check.OUTSIDE, Check.COSIGNATURES)
CHECKS = (Check.DENSE, Check.TIMES, Check.LEAF, Check.AUTHOR, Check.TILES, Check.CHECKPOINTS)


def patrol(conninfo: str, settings: Settings, trust: Trust, tiles: int) -> Patrol:
    """Check the next tiles of 256 rows, beginning anew after the last. Raises `NotSealed`."""
    file = settings.home / "seal" / "patrol"
    with psycopg.connect(conninfo, autocommit=True) as connection:
        try:
            require_shapes(connection)
        except Defect as misshapen:
            return Patrol(1, 1, 0, len(trust.checkpoints), misshapen, Outcomes())
        newest = newest_checkpoint(connection)
        if newest is None:
            raise NotSealed("Nothing is sealed yet; run huhang seal --once, or huhang serve.")
        count = -(-newest.size // TILE_WIDTH)
        said = file.read_bytes() if file.exists() else b""
        begun = int(said) if said.isdigit() and len(said) <= LONGEST else 0
        first = begun % count
        last = min(first + tiles, count)
        defect, found = None, Outcomes()
        try:
            found = inspect_slice(connection, trust, newest.note, range(first, last))
            uncounted = require_complete(connection)
            if uncounted is not None:
                found = found.also(Outcomes(unchecked={Check.TABLES: uncounted}))
        except Defect as wrong:
            defect = wrong
    if defect is None:
        write_durably(file, str(last).encode())
    return Patrol(
        first * TILE_WIDTH + 1,
        min(last * TILE_WIDTH, newest.size),
        newest.size,
        len(trust.checkpoints),
        defect,
        found,
    )


def inspect_slice(
    connection: psycopg.Connection[Any], trust: Trust, note: bytes, numbers: range
) -> Outcomes:
    """Inspect the rows of some tiles of level 0, and what was sealed of them. Raises `Defect`.

    Only keys and cosignatures are not always compared: what is to be said of them.
    """
    beginning = beginning_of(connection)
    found = said_of_keys(beginning, trust, require_trusted(beginning, trust))
    log = log_verifier(beginning, trust)
    if log is None:
        raise Defect(1, Check.AUTHOR, "the log does not begin with its keys.")
    try:
        stated = open_checkpoint(note, log.name, [log]).checkpoint
    except (MalformedNote, Unverified) as wrong:
        raise Defect(1, Check.CHECKPOINTS, str(wrong)) from None
    require_none_before(connection)
    after = numbers.start * TILE_WIDTH
    try:
        seal = SealAudit(connection, log, trust.witnesses, {}, beginning.sm2_keys, after)
    except (Unproven, ValueError) as gap:
        raise Defect(after + 1, Check.TILES, str(gap)) from None
    for number in numbers:
        after = number * TILE_WIDTH
        end = min(after + TILE_WIDTH, stated.size)
        page = inspect_range(connection, after, end, beginning.authors)
        seal.take(page.leaves)
        require_sealed(connection, number, page.leaves, stated.size, stated.root)
    # Last: a checkpoint kept outside tells only that one of many records is wrong.
    require_outside(connection, trust, log, stated.size)
    return found.also(cosigned_in(seal))


def cosigned_in(seal: SealAudit) -> Outcomes:
    """What is to be said of the cosignatures of a slice."""
    unchecked = seal.unchecked.get(Check.COSIGNATURES)
    if unchecked is not None:
        return Outcomes(unchecked={Check.COSIGNATURES: unchecked})
    if Check.COSIGNATURES in seal.reached:
        return Outcomes(said={Check.COSIGNATURES: "passed for the checkpoints of these positions"})
    return Outcomes(idle={Check.COSIGNATURES: "no checkpoint of these positions bears one"})


def require_outside(
    connection: psycopg.Connection[Any], trust: Trust, log: Verifier, size: int
) -> None:
    """Check that what is sealed goes on from every checkpoint kept outside. Raises `Defect`."""
    for where, note in trust.checkpoints.items():
        try:
            require_extension(connection, note, log.name, [log], trust.witnesses)
        except (MalformedNote, RolledBack, Unverified, Unproven) as wrong:
            raise Defect(size, Check.OUTSIDE, f"{where}: {wrong}") from None


def require_sealed(
    connection: psycopg.Connection[Any],
    number: int,
    leaves: list[bytes],
    size: int,
    root: bytes,
) -> None:
    """Check that a tile's leaves, computed from its rows, lead to a signed root.

    A proof for one leaf takes in all its neighbours in the tile. Raises `Defect`.
    """

    def read(tile: Tile) -> bytes:
        if (tile.level, tile.number) == (0, number):
            return b"".join(leaves)
        return read_tile(connection, tile)

    first = number * TILE_WIDTH
    try:
        path = inclusion_proof(first, size, hashes_of_tiles(size, read))
        check_inclusion(first, size, leaves[0], root, path)
    except (Unproven, ValueError) as unproven:  # a tile that somebody cut has no such hash
        raise Defect(first + 1, Check.TILES, str(unproven)) from None
