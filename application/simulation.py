"""A believable year of the whole network, 2019, at any scale: planned, lived by workers, loaded.

Only an empty log takes it, and its first event declares it simulated. The same scale and seed give
the same events in the same order, however many workers there are; only what is sealed differs, and
not under the same secret.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import UTC, datetime
from fractions import Fraction
from itertools import accumulate
from secrets import token_bytes
from typing import Any, Final, NamedTuple

import psycopg

from application.codec import statement_of
from application.database import Database, in_session_of_ours
from application.envelope import KEY_BYTES
from application.fence import schema_fingerprint
from application.keys import Author, author_of, log_keys
from application.keystore import open_store
from application.settings import Settings
from application.simulation_cases import cases_of
from application.simulation_centres import centres_of
from application.simulation_life import Row, Seal
from application.simulation_people import County, Year
from application.simulation_plan import SimulationRefused, plan_year
from application.simulation_province import province_of
from application.simulation_team import team_of
from application.simulation_vault import KeyRow, SimulatedVault
from application.workers import undisturbed
from application.wrapping import WrappingKeys, wrapping_keys
from domain.base import Refused

__all__ = ["Simulated", "SimulationRefused", "simulate"]

OWNER: Final = "huhang_owner"
SORT_MEMORY: Final = "256MB"  # for the one big sort of the load
PROVINCE_LANE: Final = 0  # of what concerns no single county; counties follow
LOADING: Final = 5  # what part of the whole the load is in the progress: one fifth more

STAGE: Final = """
copy log.staged (
    recorded_at, lane, number, originator_id, originator_version, topic, state,
    actor, keys, sm3, author, signature
) from stdin (format binary)
"""
COLUMNS: Final = (
    "timestamptz", "int4", "int8", "uuid", "int8", "text", "bytea",
    "uuid", "text", "bytea", "text", "bytea",
)  # fmt: skip
KEEP: Final = (
    "copy vault.key (id, record, part, wrapped, epoch, made_at) from stdin (format binary)"
)
# One row is the number of staged events between two moments.
BETWEEN: Final = """
select width_bucket(recorded_at, %s::timestamptz[]), count(*) from log.staged group by 1
"""

Progress = Callable[[int, int], None]
"""Told how many of how many parts are done."""


def silently(done: int, of: int) -> None:
    """Tell nobody."""


class Simulated(NamedTuple):
    """What a simulation came to: events in the log, and the seconds of its two steps."""

    events: int
    seconds_lived: float
    seconds_loaded: float


def simulate(
    database: Database,
    settings: Settings,
    scale: Fraction | float,
    seed: int = 2019,
    workers: int = 2,
    progress: Progress = silently,
    secret: bytes | None = None,
) -> Simulated:
    """Fill an empty log with the simulated year at a scale from 0.001 on; 1 is the whole province.

    `secret` makes the keys of the invented people; without one it is random and known to nobody.
    Raises `SimulationRefused` when the log is not empty, when another simulation fills it, or for a
    scale that is too small; `DatabaseUnavailable` where the log's owner is not known.
    """
    exact = Fraction(str(scale))
    with alone(database) as connection:
        started = time.monotonic()
        year = Year(exact, seed, plan_year(exact, seed))
        whole = sum(weight_of(county) for county in year.counties)
        sealing = Sealing(secret or token_bytes(KEY_BYTES), *epoch_of(database, settings))
        done, sealed_under = 0, list[KeyRow]()
        for county, made in live(database, settings, year, workers, sealing):
            sealed_under += made
            done += weight_of(county)
            progress(done, whole + whole // LOADING)
        keys = log_keys(settings, schema_fingerprint(connection))
        province = province_of(year, keys, counted(connection))
        stage(connection, author_of(settings), PROVINCE_LANE, province)
        lived = time.monotonic()
        events = load(connection, sealing.epoch, sealed_under)
        progress(whole + whole // LOADING, whole + whole // LOADING)
        return Simulated(events, lived - started, time.monotonic() - lived)


def weight_of(county: County) -> int:
    """How much work a county's year is, roughly; a centre without cases has funds and shifts."""
    return county.plan.weight + 20


def rows_of(county: County, seal: Seal) -> Iterator[Row]:
    """Every event of a county's year, aggregate by aggregate."""
    yield from centres_of(county)
    yield from team_of(county, seal)
    yield from cases_of(county, seal)


@contextmanager
def alone(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the log's owner, the only one that simulates, over an empty log."""
    owner = in_session_of_ours(database.owner)
    with (
        psycopg.connect(owner) as lock,
        psycopg.connect(owner, autocommit=True) as connection,
    ):
        lock.execute(f"set role {OWNER}")
        lock.execute("set idle_in_transaction_session_timeout = 0")
        connection.execute(f"set role {OWNER}")
        try:
            lock.execute("lock table log.simulation_lock in exclusive mode nowait")
        except psycopg.errors.LockNotAvailable:
            raise SimulationRefused(
                "Another simulation is filling this log; wait for it to end."
            ) from None
        if connection.execute("select from only log.event limit 1").fetchone() is not None:
            raise SimulationRefused(
                "The log is not empty, and a simulated year is mixed with nothing else; "
                "choose an empty database or another HUHANG_HOME."
            )
        connection.execute("truncate log.staged")
        try:
            yield connection
        except BaseException:
            connection.execute("truncate log.staged")
            raise


class Sealing(NamedTuple):
    """What all processes seal with: the secret of the run, and the epoch that wraps its keys.

    `name` is that of the epoch's wrapping key.
    """

    secret: bytes
    epoch: int
    name: str


def epoch_of(database: Database, settings: Settings) -> tuple[int, str]:
    """The epoch in which the key store keeps what is made now, and the name of its wrapping key."""
    with open_store(database, wrapping_keys(settings), settings.home) as store:
        epoch = store.epochs.number()
        return epoch, store.epochs.name_of(epoch)


def live(
    database: Database, settings: Settings, year: Year, workers: int, sealing: Sealing
) -> Iterator[tuple[County, list[KeyRow]]]:
    """Let every county live its year in one of several processes.

    Yields each when it is staged, with the keys of its people.

    Raises `SimulationRefused` when a process ends before its work is done.
    """
    # spawn: a process with threads, such as that of a progress bar, must not fork.
    context = multiprocessing.get_context("spawn")
    set_up = (database.owner, settings, year, sealing)
    counties = sorted(year.counties, key=weight_of, reverse=True)
    with ProcessPoolExecutor(workers, context, open_worker, set_up) as pool:
        try:
            with undisturbed():
                staged = {pool.submit(stage_county, c.plan.index): c for c in counties}
            for future in as_completed(staged):
                yield staged[future], future.result()
        except BrokenProcessPool:
            raise SimulationRefused(
                "A process that simulates ended too early: memory ran out, or the database went "
                "away. Nothing was loaded; try again, perhaps with fewer workers."
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)


class Worker(NamedTuple):
    """What a process works with."""

    connection: psycopg.Connection[Any]
    author: Author
    year: Year
    vault: SimulatedVault
    wrapping: WrappingKeys
    name: str


worker: Worker
"""Of this process; set as it starts."""


def open_worker(owner: str, settings: Settings, year: Year, sealing: Sealing) -> None:
    """Set a worker process up."""
    global worker  # a pool hands its workers nothing else
    connection = psycopg.connect(in_session_of_ours(owner), autocommit=True)
    connection.execute(f"set role {OWNER}")
    vault = SimulatedVault(sealing.secret, settings.suite)
    worker = Worker(
        connection, author_of(settings), year, vault, wrapping_keys(settings), sealing.name
    )


def stage_county(index: int) -> list[KeyRow]:
    """Live a county's year and stage it; the keys of its people are still to be stored."""
    county = worker.year.counties[index]
    try:
        stage(worker.connection, worker.author, index + 1, rows_of(county, worker.vault.draft))
    except Refused as refused:
        # A refusal is a fault of the simulation; it does not travel between processes as it is.
        raise RuntimeError(f"{county.title} did what the domain refuses: {refused}") from None
    return list(worker.vault.take_rows(worker.wrapping, worker.name))


def stage(
    connection: psycopg.Connection[Any], author: Author, lane: int, rows: Iterable[Row]
) -> None:
    """Copy a lane's events into the staging table, numbered in their order and signed."""
    with connection.cursor() as cursor, cursor.copy(STAGE) as copy:
        copy.set_types(COLUMNS)
        for number, row in enumerate(rows, start=1):
            said = statement_of(*row[1:])
            copy.write_row(
                (
                    row.recorded_at, lane, number, *row[1:],
                    said.actor, said.keys_text, said.state.sm3, author.name, said.sign(author.key),
                )
            )  # fmt: skip


def counted(
    connection: psycopg.Connection[Any],
) -> Callable[[Sequence[datetime]], Sequence[int]]:
    """How many of the staged events lie before each of some moments in order."""

    def count(moments: Sequence[datetime]) -> Sequence[int]:
        between = dict(connection.execute(BETWEEN, (list(moments),)).fetchall())
        return list(accumulate(between.get(number, 0) for number in range(len(moments))))

    return count


def load(connection: psycopg.Connection[Any], epoch: int, keys: Iterable[KeyRow]) -> int:
    """Move what was staged into the log, in the order of time, and the keys into their store.

    Returns the number of events. Raises `SimulationRefused` when the wrapping key of the epoch was
    destroyed meanwhile.
    """
    connection.execute(f"set work_mem = '{SORT_MEMORY}'")
    with connection.transaction():
        connection.execute("lock table vault.rotation_lock in share mode")
        kept = connection.execute(
            "select from vault.epoch where number = %s and destroyed_at is null", (epoch,)
        )
        if kept.fetchone() is None:
            raise SimulationRefused("The wrapping key changed meanwhile; simulate again.")
        with connection.cursor() as cursor, cursor.copy(KEEP) as copy:
            copy.set_types(("uuid", "uuid", "text", "bytea", "int4", "timestamptz"))
            now = datetime.now(UTC)
            for key in keys:
                copy.write_row((*key, epoch, now))
        row = connection.execute("select log.load()").fetchone()
    assert row is not None
    connection.execute("analyze log.event")
    return int(row[0])
