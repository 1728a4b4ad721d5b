"""The key store: a key for every person and record, wrapped for the epoch, destroyed for good."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool, PoolTimeout
from pydantic import AfterValidator

from application.database import Database, statement
from application.drafts import Key, KeyTaken, Whose
from application.envelope import KEY_BYTES, Unopened
from application.settings import DangerousSetting
from application.wrapping import WrappingKeys, WrongWrappingKey
from domain.base import Value
from domain.values import ErasureGround, Role

EPOCH: Final = timedelta(days=30)
"""How long one wrapping key is used: the erasure horizon, after which no backup restores a key."""

LOOK: Final = 3600.0  # seconds between two looks whether a rotation is due
STOPPED: Final = 3.0  # seconds within which a rotation is waited for; a later one takes it up
PROOF: Final = bytes(KEY_BYTES)  # wrapped, it tells the right wrapping key of an epoch from another
EPOCHS: Final = 7268844  # the lock of who begins an epoch, shared by who makes keys in one
ROTATING: Final = 7268845  # the lock of who wraps all keys anew
BATCH: Final = 1000  # keys wrapped anew in one transaction

LOG: Final = logging.getLogger("huhang")

Connection = psycopg.Connection[tuple[Any, ...]]


class Erasure(Value):
    """An erasure that was begun: what it destroys, why, and who asked for it."""

    request: UUID
    record: UUID
    keys: tuple[UUID, ...]
    ground: ErasureGround
    actor: UUID
    role: Role
    office: UUID
    occurred: Annotated[datetime, AfterValidator(lambda instant: instant.astimezone(UTC))]
    """In UTC whatever the server's zone is, so that healing repeats the same request."""


class Entry(NamedTuple):
    """Where the blind index leads: a person's part of a record, its key, the identity's nonce."""

    record: UUID
    part: str
    key: UUID
    nonce: str


class Rotation(NamedTuple):
    """What a rotation did: the epoch that goes on, keys wrapped anew, wrapping keys destroyed."""

    epoch: int
    rewrapped: int
    destroyed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeyStore:
    """Keys by whose data they seal; no key is kept in memory for longer than one command."""

    conninfo: str = field(repr=False)
    pool: ConnectionPool[Connection]
    wrapping: WrappingKeys
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    proven: set[int] = field(default_factory=set)

    def keys_of(self, record: UUID) -> dict[str, Key]:
        """The keys of a record by whose data they seal.

        Raises `DangerousSetting` when the wrapping key is missing or another one.
        """
        with self.pool.connection() as connection:
            rows = connection.execute(
                "select part, id, epoch, wrapped from vault.key where record = %s", (record,)
            ).fetchall()
            return {part: self.unwrapped(connection, *row) for part, *row in rows}

    def keep(
        self, whose: Whose, key: Key, nonce: str = "", digests: Collection[bytes] = ()
    ) -> None:
        """Store somebody's new key; again changes nothing.

        Beside it go the digests by which the identity that was sealed with a nonce is found. Raises
        `KeyTaken` when another process was faster and somebody has another key by now.
        """
        with self.pool.connection() as connection, connection.transaction():
            # Shared to the commit: no wrapping key is destroyed while a key is wrapped under it.
            connection.execute("select pg_advisory_xact_lock_shared(%s)", (EPOCHS,))
            epoch, _ = current(connection)
            wrapped = self.wrapping.wrap(self.proved(connection, epoch), key.secret)
            connection.execute(
                "insert into vault.key (id, record, part, epoch, wrapped, made_at)"
                " values (%s, %s, %s, %s, %s, %s) on conflict (record, part) do nothing",
                (key.id, *whose, epoch, wrapped, self.clock()),
            )
            row = connection.execute(
                "select id from vault.key where record = %s and part = %s", whose
            ).fetchone()
            if row != (key.id,):
                raise KeyTaken
            if digests:
                connection.execute(
                    "insert into vault.term (key, nonce, digest)"
                    " select %s, %s, unnest(%s::bytea[]) on conflict do nothing",
                    (key.id, nonce, list(digests)),
                )

    def entries(self, digest: bytes) -> list[Entry]:
        """Which identities held the number that a digest is of."""
        with self.pool.connection() as connection:
            rows = connection.execute(
                "select record, part, id, nonce from vault.term join vault.key on key.id = term.key"
                " where digest = %s order by record, part, nonce",
                (digest,),
            ).fetchall()
        return [Entry(*row) for row in rows]

    def keys(self, ids: Collection[UUID]) -> dict[UUID, Key]:
        """Those of these keys that there are."""
        with self.pool.connection() as connection:
            rows = connection.execute(
                "select id, epoch, wrapped from vault.key where id = any(%s)", (list(ids),)
            ).fetchall()
            return {row[0]: self.unwrapped(connection, *row) for row in rows}

    def parts_of(self, record: UUID) -> Mapping[str, UUID]:
        """The keys of a record by whose data they seal."""
        with self.pool.connection() as connection:
            return dict(
                connection.execute(
                    "select part, id from vault.key where record = %s order by part", (record,)
                ).fetchall()
            )

    def unwrapped(self, connection: Connection, key: UUID, epoch: int, wrapped: bytes) -> Key:
        """A key from its row. Raises `Unopened` for a row that was changed."""
        try:
            return Key(key, self.wrapping.unwrap(self.proved(connection, epoch), wrapped))
        except WrongWrappingKey:
            raise Unopened(
                f"The key store holds something else in the place of the key {key}; restore it."
            ) from None

    def proved(self, connection: Connection, epoch: int) -> int:
        """An epoch whose wrapping key here is the right one. Raises `DangerousSetting`."""
        if epoch in self.proven:
            return epoch
        row = connection.execute(
            "select proof from vault.epoch where number = %s", (epoch,)
        ).fetchone()
        if row is None or not self.opens(epoch, row[0]):
            raise DangerousSetting(
                f"The wrapping key of epoch {epoch} is not the one with which this key store was "
                "made; restore the folder keys of the installation that made it."
            )
        self.proven.add(epoch)
        return epoch

    def opens(self, epoch: int, proof: bytes) -> bool:
        """Whether the wrapping key here is the one under which the known value was wrapped."""
        try:
            return self.wrapping.unwrap(epoch, proof) == PROOF
        except WrongWrappingKey:
            return False

    def prepare(self) -> None:
        """Begin the first epoch of a new store, and destroy anew what the log says is destroyed."""
        with self.pool.connection() as connection, connection.transaction():
            connection.execute("select pg_advisory_xact_lock(%s)", (EPOCHS,))
            if connection.execute("select from vault.epoch limit 1").fetchone() is None:
                self.begin(connection, 1)
        self.replay()

    def begin(self, connection: Connection, epoch: int) -> None:
        """Begin an epoch, in a transaction."""
        self.wrapping.begin(epoch)
        connection.execute(
            "insert into vault.epoch (number, proof, began_at) values (%s, %s, %s)",
            (epoch, self.wrapping.wrap(epoch, PROOF), self.clock()),
        )

    def replay(self) -> int:
        """Destroy again every key that the log says is destroyed; returns how many there were."""
        with self.pool.connection() as connection:
            return connection.execute(statement("keys_replayed.sql")).rowcount

    def destroy(self, erasure: Erasure) -> None:
        """Destroy keys, and note for whom until the log says it; again changes nothing."""
        with self.pool.connection() as connection, connection.transaction():
            connection.execute(
                statement("erasure_begun.sql"),
                {**erasure.model_dump(), "keys": list(erasure.keys)},
            )
            connection.execute("delete from vault.key where id = any(%s)", (list(erasure.keys),))

    def unrecorded(self) -> list[Erasure]:
        """Erasures of which the log does not say everything yet, the oldest first."""
        with self.pool.connection() as connection:
            cursor = connection.cursor(row_factory=dict_row)
            rows = cursor.execute(statement("erasures_unrecorded.sql")).fetchall()
        return [Erasure(**row) for row in rows]

    def erasure(self, request: UUID) -> Erasure | None:
        """An erasure that was begun by a request, if there is one."""
        with self.pool.connection() as connection:
            cursor = connection.cursor(row_factory=dict_row)
            row = cursor.execute(
                "select request, record, keys, ground, actor, role, office, occurred"
                " from vault.erasure where request = %s",
                (request,),
            ).fetchone()
        return Erasure(**row) if row else None

    def note_recorded(self, request: UUID) -> None:
        """Note that the log says all of an erasure."""
        with self.pool.connection() as connection:
            connection.execute(
                "update vault.erasure set recorded_at = %s where request = %s",
                (self.clock(), request),
            )

    @contextmanager
    def alone(self, record: UUID) -> Iterator[None]:
        """Hold a record against every other erasure and legal hold of it."""
        # A connection of its own: the holders of all others of the pool may wait for just this one.
        with psycopg.connect(self.conninfo) as connection:
            connection.execute(
                "select pg_advisory_xact_lock(hashtextextended(%s, %s))", (str(record), EPOCHS)
            )
            yield

    def epoch(self) -> int:
        """The number of the epoch that goes on."""
        with self.pool.connection() as connection:
            return current(connection)[0]

    def horizon_of(self, destroyed_at: datetime) -> datetime:
        """When no backup opens a key any more that was destroyed at a time.

        That is when the wrapping key of its epoch was destroyed, or is when rotation runs in time.
        """
        with self.pool.connection() as connection:
            row = connection.execute(
                "select began_at, destroyed_at from vault.epoch"
                " order by began_at <= %s desc, number desc limit 1",
                (destroyed_at,),
            ).fetchone()
        assert row is not None, "a store is prepared before it is used"
        horizon: datetime = row[1] or max(row[0] + EPOCH, self.clock())
        return horizon

    def rotate(self, *, at_once: bool = False) -> Rotation:
        """Begin a new epoch when it is time or wanted, wrap all keys anew, destroy the old keys.

        May be stopped and started again at any point.
        """
        with self.pool.connection() as connection, one_at_a_time(connection):
            with connection.transaction():
                connection.execute("select pg_advisory_xact_lock(%s)", (EPOCHS,))
                number, began_at = current(connection)
                if at_once or self.clock() - began_at >= EPOCH:
                    connection.execute(
                        "update vault.epoch set ended_at = %s where number = %s",
                        (self.clock(), number),
                    )
                    number += 1
                    self.begin(connection, number)
            rewrapped = 0
            while batch := self.rewrap(connection, number):
                rewrapped += batch
            return Rotation(number, rewrapped, tuple(self.end_epochs(connection)))

    def rewrap(self, connection: Connection, epoch: int) -> int:
        """Wrap some keys of earlier epochs for this one; returns how many."""
        with connection.transaction():
            rows = connection.execute(
                "select id, epoch, wrapped from vault.key where epoch < %s"
                " order by id limit %s for update",
                (epoch, BATCH),
            ).fetchall()
            wrapped = [
                self.wrapping.wrap(epoch, self.unwrapped(connection, *row).secret) for row in rows
            ]
            connection.execute(
                statement("keys_rewrapped.sql"),
                {"epoch": epoch, "ids": [row[0] for row in rows], "wrapped": wrapped},
            )
            return len(rows)

    def end_epochs(self, connection: Connection) -> Iterator[int]:
        """Destroy the wrapping keys of epochs that ended and keep no key."""
        ended = connection.execute(
            "select number from vault.epoch where ended_at is not null and destroyed_at is null"
            " and not exists (select from vault.key where epoch = number) order by number"
        ).fetchall()
        for (number,) in ended:
            self.wrapping.destroy(number)
            connection.execute(
                "update vault.epoch set destroyed_at = %s where number = %s",
                (self.clock(), number),
            )
            yield number


@contextmanager
def rotated(store: KeyStore) -> Iterator[None]:
    """Rotate whenever it is due, in a thread of this process, until the block ends."""
    stop = threading.Event()
    thread = threading.Thread(target=keep_rotated, args=(store, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(STOPPED)


def keep_rotated(store: KeyStore, stop: threading.Event, pause: float = LOOK) -> None:
    """Look whether it is time, again and again; what fails is tried anew the next time."""
    while not stop.wait(pause):
        try:
            store.rotate()
        except (psycopg.Error, PoolTimeout, DangerousSetting, Unopened) as error:
            LOG.warning("the wrapping key was not changed: %s", error)


def current(connection: Connection) -> tuple[int, datetime]:
    """The epoch that goes on, and since when."""
    row = connection.execute(
        "select number, began_at from vault.epoch where ended_at is null"
    ).fetchone()
    assert row is not None, "a store is prepared before it is used"
    return row[0], row[1]


@contextmanager
def one_at_a_time(connection: Connection) -> Iterator[None]:
    """Rotate alone: a wrapping key must not be destroyed while another process wraps with it."""
    connection.execute("select pg_advisory_lock(%s)", (ROTATING,))
    try:
        yield
    finally:
        connection.execute("select pg_advisory_unlock(%s)", (ROTATING,))


@contextmanager
def open_store(
    database: Database,
    wrapping: WrappingKeys,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[KeyStore]:
    """The key store, prepared; whatever the log says is destroyed is destroyed in it."""
    pool: ConnectionPool[Connection] = ConnectionPool(
        database.vault, min_size=1, max_size=4, kwargs={"autocommit": True}, open=True
    )
    try:
        store = KeyStore(database.vault, pool, wrapping, clock)
        store.prepare()
        yield store
    finally:
        pool.close()
        wrapping.close()
