"""The recorder: appends saves to the log in one round trip.

What it promises: positions without gaps in commit order; `recorded_at` from the database, strictly
later save by save; a save is recorded whole or not at all, and once for one request id; a conflict
tells the version that was faster. Savers that wait share a transaction, and none fails for another.
"""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from eventsourcing.persistence import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    PersistenceError,
    StoredEvent,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.utils import retry
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import tuple_row
from psycopg_pool import ConnectionPool

from application.codec import UnknownTopic, decode, statement_of
from application.eventlog import (
    AlreadyRecorded,
    Answer,
    Attested,
    Position,
    Receipt,
    Save,
    not_known,
    not_recorded,
    reused,
)
from application.keys import Author
from application.leaf import MalformedLeaf
from application.log_writer import Writer
from domain.base import Event
from domain.territory import TERRITORIAL

BATCH: Final = 64  # saves that share a transaction; more would keep the first one waiting
RETRIES: Final = (0.0, 0.2, 0.4, 0.8, 1.6, 3.2)
"""Pauses in seconds before asking again; the first is none, for a connection that died idle."""
BY_KEY: Final = "-c plan_cache_mode=force_generic_plan"
"""All statements here go by keys: one plan serves them, and planning took longer than they do."""
# The topics stand in the statement, so that the index of just them can answer it.
OF_THE_TREE: Final = sql.SQL("topic in ({})").format(
    sql.SQL(", ").join(map(sql.Literal, sorted(TERRITORIAL)))
)
NUMBERED: Final = (
    sql.SQL(
        "select position, originator_version, topic, state,"
        " (select max(position) from only log.event where {of_the_tree})"
        " from only log.event where originator_id = {aggregate} order by originator_version"
    )
    .format(of_the_tree=OF_THE_TREE, aggregate=sql.Placeholder())
    .as_bytes(None)
)
AFTER: Final = """
select originator_version, topic, state from only log.event
where originator_id = %s and originator_version > %s
order by originator_version
"""


class EventLog(PostgresApplicationRecorder):
    """The library's application recorder over the append function of our schema."""

    def __init__(
        self,
        datastore: PostgresDatastore,
        author: Author,
        *,
        events_table_name: str = "stored_events",
    ) -> None:
        super().__init__(datastore, events_table_name=events_table_name)
        self._author = author
        self._waiting: list[Save] = []
        self._waiting_lock = threading.Lock()
        self._leader: Save | None = None
        self._settled: list[Save] = []
        self._writer: Writer | None = None

    def insert_events(
        self, stored_events: Sequence[StoredEvent], *, save: Save | None = None, **_: Any
    ) -> Sequence[int] | None:
        """Record events in one save and return their positions; beside the caller, none yet.

        Raises `Conflict`, `RequestReused`, `AlreadyRecorded`; `DataError` for what cannot be
        stored; `NotRecorded` when the log stays held up; `OperationalError` when the database
        stays away. After the last two the same request may be repeated safely.
        """
        if not stored_events:
            return None
        save = save or Save()
        save.events = [self._attested(event) for event in stored_events]
        if save.beside is not None:
            save.pending = save.beside.submit(self._record, save)
            return None
        receipt = self._record(save)
        return list(range(receipt.first_position, receipt.last_position + 1))

    def receipt_of(self, request: UUID, fingerprint: bytes) -> Receipt | None:
        """What an earlier request was answered, if it was recorded. Raises `RequestReused`."""
        with self.datastore.get_connection() as connection:
            row = connection.execute(
                "select fingerprint, first_position, last_position, recorded_at"
                " from log.request where request_id = %s",
                (request,),
                prepare=True,
            ).fetchone()
        if row is None:
            return None
        if row["fingerprint"] != fingerprint:
            raise reused(request)
        return Receipt(request, row["first_position"], row["last_position"], row["recorded_at"])

    def aggregate_of(self, request: UUID) -> UUID | None:
        """What an earlier request changed, if it was recorded."""
        with self.datastore.get_connection() as connection:
            row = connection.execute(
                "select originator_id from only log.event"
                " join log.request on position = first_position"
                " where request_id = %s",
                (request,),
                prepare=True,
            ).fetchone()
        return None if row is None else UUID(str(row["originator_id"]))

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
    def events_after(self, aggregate: UUID, version: int) -> list[Event]:
        """What was recorded of an aggregate after a version."""
        with (
            self.datastore.get_connection() as connection,
            connection.cursor(row_factory=tuple_row, binary=True) as cursor,
        ):
            rows = cursor.execute(AFTER, (aggregate, version), prepare=True).fetchall()
        return [decode(topic, aggregate, number, state) for number, topic, state in rows]

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
    def numbered(self, aggregate: UUID) -> tuple[list[tuple[Position, StoredEvent]], Position]:
        """What was recorded of an aggregate and where in the log; where the tree last changed.

        The second is 0 where nothing was recorded of the first.
        """
        with (
            self.datastore.get_connection() as connection,
            connection.cursor(row_factory=tuple_row, binary=True) as cursor,
        ):
            rows = cursor.execute(NUMBERED, (aggregate,), prepare=True).fetchall()
        recorded = [(at, StoredEvent(aggregate, *stored)) for at, *stored, _ in rows]
        return recorded, rows[0][-1] or 0 if rows else 0

    def version_at(self, aggregate: UUID, position: int) -> int:
        """The version that an aggregate had at a position; 0 before its first event."""
        with self.datastore.get_connection() as connection:
            row = connection.execute(
                "select coalesce(max(originator_version), 0) as version from only log.event"
                " where originator_id = %s and position <= %s",
                (aggregate, position),
                prepare=True,
            ).fetchone()
        assert row is not None, "an aggregate function has one row"
        return int(row["version"])

    def recorded_at(self, aggregate: UUID, topic: str) -> datetime | None:
        """When the last event of a topic was recorded of an aggregate; None where none was."""
        with self.datastore.get_connection() as connection:
            row = connection.execute(
                "select max(recorded_at) as recorded_at from only log.event"
                " where originator_id = %s and topic = %s",
                (aggregate, topic),
            ).fetchone()
        assert row is not None, "an aggregate function has one row"
        recorded_at: datetime | None = row["recorded_at"]
        return recorded_at

    def latest(
        self, aggregates: Sequence[UUID], topics: Sequence[str], position: int
    ) -> Iterator[Event]:
        """The last event of one of these topics of each aggregate, as of a position.

        None of an aggregate where the row that should be it is no event.
        """
        with self.datastore.get_connection() as connection:
            rows = connection.execute(
                "select distinct on (originator_id)"
                " originator_id, originator_version, topic, state from only log.event"
                " where originator_id = any(%s) and topic = any(%s) and position <= %s"
                " order by originator_id, originator_version desc",
                (list(aggregates), list(topics), position),
            ).fetchall()
        for row in rows:
            stream, version = row["originator_id"], row["originator_version"]
            try:
                event = decode(row["topic"], stream, version, row["state"])
            except (UnknownTopic, ValueError, TypeError):
                continue
            yield event

    def close(self) -> None:
        """Give up the writer's connection."""
        self._discard_writer()

    def _attested(self, event: StoredEvent) -> Attested:
        assert isinstance(event.originator_id, UUID)  # the library also knows text ids
        statement = statement_of(
            event.originator_id, event.originator_version, event.topic, event.state
        )
        try:
            return Attested(statement, event.state, statement.sign(self._author.key))
        except MalformedLeaf as malformed:
            raise DataError(str(malformed)) from None

    def _record(self, save: Save) -> Receipt:
        # Whoever finds nobody writing leads: it writes all that wait, wakes them, and hands the
        # lead to the first that came meanwhile. One client never waits; many share a commit.
        with self._waiting_lock:
            if self._leader is None:
                self._leader = save
            else:
                save.woken = threading.Lock()
                save.woken.acquire()
            self._waiting.append(save)
        try:
            if save.woken is not None:
                save.woken.acquire()
            if not save.settled:
                self._lead()
        except BaseException:
            self._abandon(save)
            raise
        if save.error is not None:
            raise save.error
        assert save.receipt is not None
        return save.receipt

    def _lead(self) -> None:
        with self._waiting_lock:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            settled, self._settled = self._settled, []
        try:
            for save in settled:
                save.wake()
            self._write(batch)
        except BaseException as error:
            self._discard_writer()
            for save in batch:
                if not save.settled:
                    save.error = not_known(save, error)
            raise
        finally:
            self._hand_over([*settled, *batch])  # an interrupted leader has not woken them all

    def _hand_over(self, settled: Sequence[Save] = ()) -> None:
        # The next one leads first and wakes these when its batch is on its way: woken at once they
        # would compete with it for the interpreter, and all would come to wait in one batch again
        # while the database is idle.
        with self._waiting_lock:
            self._settled += settled
            self._leader = self._waiting[0] if self._waiting else None
            if self._leader is not None:
                self._leader.wake()
                return
            settled, self._settled = self._settled, []
        for save in settled:
            save.wake()

    def _abandon(self, save: Save) -> None:
        """Leave the queue, as an interrupted thread does, without keeping a lead given to it."""
        with self._waiting_lock:
            if save in self._waiting:
                self._waiting.remove(save)
            leads = self._leader is save
        if leads:
            self._hand_over()

    def _write(self, batch: Sequence[Save]) -> None:
        lost: psycopg.OperationalError | None = None
        rolled_back: psycopg.OperationalError | None = None
        for pause in (None, *RETRIES):
            if pause is not None:
                time.sleep(pause)
            try:
                answers = self._append(batch)
            except psycopg.OperationalError as error:
                if is_rolled_back(error):  # for all in the batch, such as a lock that others hold
                    rolled_back = error
                    continue
                # The reply is lost, the save perhaps not. Asking again with the same request ids is
                # safe: the request table settles whether the first attempt was recorded.
                self._discard_writer()
                lost = error
            except Exception as error:
                if len(batch) == 1:
                    batch[0].error = translated(error)
                else:  # one save that cannot be stored must not fail the others
                    for save in batch:
                        self._write([save])
                return
            else:
                for save, answer in zip(batch, answers, strict=True):
                    self._settle(save, answer, asked_again=lost is not None)
                return
        for save in batch:
            save.error = not_known(save, lost) if lost else not_recorded(save, rolled_back)

    def _append(self, batch: Sequence[Save]) -> list[Answer]:
        if self._writer is None:
            kwargs = self.datastore.pool.kwargs
            assert isinstance(kwargs, dict)
            self._writer = Writer(kwargs, self._author.name)
        return self._writer.append(batch)

    def _settle(self, save: Save, answer: Answer, *, asked_again: bool) -> None:
        match answer:
            case Receipt():
                save.receipt = answer
            case AlreadyRecorded(receipt=receipt) if asked_again and fits(receipt, save):
                save.receipt, save.repeated = receipt, True
            case _:
                save.error = answer

    def _discard_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def fits(receipt: Receipt, save: Save) -> bool:
    """Whether a receipt is for as many events as a save has."""
    return receipt.last_position - receipt.first_position + 1 == len(save.events)


def translated(error: Exception) -> PersistenceError:
    """The library's error for one of the driver's."""
    match error:
        case psycopg.IntegrityError():
            return IntegrityError(str(error))
        case psycopg.Error() if not isinstance(error, psycopg.DataError):
            return PersistenceError(str(error))
        case _:
            return DataError(str(error))


def is_rolled_back(error: psycopg.Error) -> bool:
    """Whether the server itself said that the transaction failed, and lives on.

    After a lost connection nobody said so, and before a broken one (FATAL) it may have committed.
    """
    return error.diag.severity_nonlocalized == "ERROR"


def datastore_of(conninfo: str, *, pool_size: int = 8) -> PostgresDatastore:
    """The library's connection pool for a connection string."""
    parts = conninfo_to_dict(conninfo)
    parts["options"] = f"{parts.get('options') or ''} {BY_KEY}".strip()
    datastore = PostgresDatastore(
        dbname=str(parts.pop("dbname", "postgres")),
        host=str(parts.pop("host", "")),
        port=str(parts.pop("port", "5432")),
        user=str(parts.pop("user", "")),
        password=str(parts.pop("password", "")),
        schema="log",
        pool_size=1,
        max_overflow=pool_size - 1,
    )
    assert isinstance(datastore.pool.kwargs, dict)
    datastore.pool.kwargs.update(parts)  # what the library has no name for, such as sslmode
    datastore.pool._check = require_alive  # the library knows its own check or none
    return datastore


def require_alive(connection: psycopg.Connection[Any]) -> None:
    """Raise `psycopg.OperationalError` where the server closed a connection while it was idle.

    A server that goes says so: only where it said something it is asked, which would cost each
    question of each request as much as the question itself.
    """
    said = select.poll()
    said.register(connection.pgconn.socket, select.POLLIN)
    if said.poll(0):
        ConnectionPool.check_connection(connection)
