"""The proof layer: sealing, verifying, and proofs in a large tree, beside the plain arithmetic."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from hashlib import sha256
from itertools import repeat
from multiprocessing import get_context
from statistics import median, quantiles

import psycopg
from psycopg.rows import tuple_row

from application.database import Database
from application.inspection import PAGE
from application.log_pages import open_worker, work
from application.log_stream import beginning_of
from application.seal import proof_of
from application.sealer import Sealer
from application.settings import Settings
from application.simulation import silently
from application.tree import RightEdge, Tile, hashes_of_tiles, inclusion_proof
from application.verification import Trust, trust_of, verify
from application.verified_before import VerifiedBefore

LEAVES = 1_000_000  # of the tree in which proofs are made from tiles
PROOFS = 1000
ROWS = 16 * PAGE  # inspected with and without signatures
PAGES = range(0, ROWS, PAGE)
RUNS = range(5)


def measure(database: Database, settings: Settings) -> dict[str, float]:
    """Records sealed and verified a second; milliseconds of a proof, from tiles and end to end."""
    with Sealer(database, settings) as sealer:
        started = time.perf_counter()
        while sealer.seal_next() is not None:
            pass
        sealing = time.perf_counter() - started
        size = sealer.size
    first, before = verified(database, trust_of(settings))
    remembering = replace(trust_of(settings), verified=before)
    again, _ = verified(database, remembering)
    alone, _ = verified(database, remembering, workers=1)
    with psycopg.connect(database.reader, autocommit=True) as connection:
        plain = hashed(connection)
        receipts = [timed(partial(proof_of, connection, at)) for at in positions(size)]
    return {
        "seal_events_per_second": size / sealing,
        "verify_events_per_second": size / first,
        "verify_again_events_per_second": size / again,
        "verify_again_events_per_second_one_process": size / alone,
        "inspect_events_per_second_a_core": inspected(database, 0),
        "inspect_events_per_second_a_core_without_signatures": inspected(database, ROWS),
        "plain_hash_of_states_per_second": plain,
        "receipt_p95_ms": p95(receipts),
        "proof_p95_ms_at_1m_leaves": p95(proofs()),
    }


def verified(database: Database, trust: Trust, workers: int = 2) -> tuple[float, VerifiedBefore]:
    """Seconds of a verification by so many processes, and what it found."""
    started = time.perf_counter()
    verification = verify(database.reader, silently, trust, workers)
    seconds = time.perf_counter() - started
    assert verification.sound, verification.outcomes()
    return seconds, VerifiedBefore.now(*verification.newest)


def inspected(database: Database, before: int) -> float:
    """Rows a second that a worker process reads and inspects; none `before` for its author."""
    with psycopg.connect(database.reader) as connection:
        first = beginning_of(connection).first
    started = (database.reader, first, before)
    with ProcessPoolExecutor(1, get_context("spawn"), open_worker, started) as pool:
        pool.submit(work, 0, PAGE).result()
        return ROWS / median(timed(lambda: list(pool.map(work, PAGES, repeat(ROWS)))) for _ in RUNS)


def hashed(connection: psycopg.Connection) -> float:
    """States a second that are read and merely hashed."""
    started = time.perf_counter()
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        cursor.execute("select state from log.event where position <= %s", (ROWS,))
        for (state,) in cursor:
            sha256(state).digest()
    return ROWS / (time.perf_counter() - started)


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
