"""The proof layer: sealing, verifying, and proofs in a large tree, beside the plain arithmetic."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from statistics import quantiles

import psycopg
from psycopg.rows import tuple_row

from application.database import Database
from application.inspection import PAGE, inspect, read_rows
from application.log_stream import beginning_of
from application.seal import proof_of
from application.sealer import Sealer
from application.settings import Settings
from application.simulation import silently
from application.tree import RightEdge, Tile, hashes_of_tiles, inclusion_proof
from application.verification import trust_of, verify

LEAVES = 1_000_000  # of the tree in which proofs are made from tiles
PROOFS = 1000
ROWS = 16 * PAGE  # inspected with and without signatures


def measure(database: Database, settings: Settings) -> dict[str, float]:
    """Records sealed and verified a second; milliseconds of a proof, from tiles and end to end."""
    with Sealer(database, settings) as sealer:
        started = time.perf_counter()
        while sealer.seal_next() is not None:
            pass
        sealing = time.perf_counter() - started
        size = sealer.size
    started = time.perf_counter()
    verification = verify(database.reader, silently, trust_of(settings), workers=2)
    verifying = time.perf_counter() - started
    assert verification.sound, verification.outcomes()
    with psycopg.connect(database.reader, autocommit=True) as connection:
        signed, unsigned, plain = inspected(connection)
        receipts = [timed(partial(proof_of, connection, at)) for at in positions(size)]
    return {
        "seal_events_per_second": size / sealing,
        "verify_events_per_second": size / verifying,
        "inspect_events_per_second_a_core": signed,
        "inspect_events_per_second_a_core_without_signatures": unsigned,
        "plain_hash_of_states_per_second": plain,
        "receipt_p95_ms": p95(receipts),
        "proof_p95_ms_at_1m_leaves": p95(proofs()),
    }


def inspected(connection: psycopg.Connection) -> tuple[float, float, float]:
    """Rows a second read and inspected with signatures, without, and states merely hashed."""
    authors = beginning_of(connection).authors
    rates = []
    for known in (authors, None):
        started = time.perf_counter()
        for after in range(0, ROWS, PAGE):
            inspect(read_rows(connection, after, after + PAGE), after, known)
        rates.append(ROWS / (time.perf_counter() - started))
    started = time.perf_counter()
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        cursor.execute("select state from log.event where position <= %s", (ROWS,))
        for (state,) in cursor:
            sha256(state).digest()
    return rates[0], rates[1], ROWS / (time.perf_counter() - started)


def proofs() -> list[float]:
    """Seconds of inclusion proofs from the tiles of a tree in memory."""
    tiles: dict[Tile, bytes] = {}
    edge = RightEdge(0, tiles.__getitem__)
    for number in range(LEAVES):
        for tile, row, _ in edge.push(sha256(number.to_bytes(8)).digest()):
            tiles[tile] = row

    def read(tile: Tile) -> bytes:
        full = tiles.get(Tile(tile.level, tile.number))
        return edge.row(tile.level) if full is None else full

    return [timed(partial(proven, at - 1, read)) for at in positions(LEAVES)]


def proven(index: int, read: Callable[[Tile], bytes]) -> list[bytes]:
    """An inclusion proof by somebody who has read no tile yet."""
    return inclusion_proof(index, LEAVES, hashes_of_tiles(LEAVES, read))


def positions(size: int) -> list[int]:
    """Places all over a log, the same in every run."""
    return [1 + number * (size - 1) // (PROOFS - 1) for number in range(PROOFS)]


def timed(work: Callable[[], object]) -> float:
    """The seconds that a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def p95(seconds: Sequence[float]) -> float:
    """The 95th percentile in milliseconds."""
    return quantiles(seconds, n=20)[-1] * 1000
