"""The recorder: appends saves to the log in one round trip, and turns moments into positions.

What it promises: positions without gaps in commit order; `recorded_at` from the database, strictly
later save by save; a save is recorded whole or not at all, and once for one request id; a conflict
tells the version that was faster. Savers that wait share a transaction, and none fails for another.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from struct import pack
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

import psycopg
from eventsourcing.persistence import (
    DataError,
    IntegrityError,
    OperationalError,
    PersistenceError,
    StoredEvent,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import ConnStatus, ExecStatus, Format
from psycopg.pq.abc import PGresult

from application.codec import decode, statement_of
from application.keys import Author
from application.leaf import MalformedLeaf, Statement
from domain.base import Event

Position = int
"""A place in the log, from 1; 0 is before the first event."""

BATCH: Final = 64  # saves that share a transaction; more would keep the first one waiting
RETRIES: Final = (0.0, 0.2, 0.4, 0.8, 1.6, 3.2)
"""Pauses in seconds before asking again; the first is none, for a connection that died idle."""

CONNECT_TIMEOUT: Final = 5  # seconds
LOCK_TIMEOUT: Final = 5  # seconds; a full batch of another writer takes less, a held log is told

APPEND: Final = b"""
select outcome, first_position, last_position, recorded_at, originator, current_version
from log.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""


class Receipt(NamedTuple):
    """Proof for the caller: where and when a save was recorded."""

    request: UUID
    first_position: Position
    last_position: Position
    recorded_at: datetime


class Attested(NamedTuple):
    """An event on its way into the log, with what its author says of it and signed."""

    statement: Statement
    state: bytes
    signature: bytes


class Conflict(IntegrityError):  # noqa: N818 - said to people
    """Somebody changed the aggregate first.

    `current_version` is what to look at before trying again; 0 when there is no such aggregate.
    """

    def __init__(self, originator: UUID, current_version: int) -> None:
        super().__init__(
            f"{originator} was changed meanwhile and is now at version {current_version}; "
            "look at it again and repeat the change if it still applies."
        )
        self.originator = originator
        self.current_version = current_version


class NotRecorded(OperationalError):  # noqa: N818 - said to people
    """The database rolled a save back, as when the log is held up: nothing was recorded."""


class RequestReused(Exception):  # noqa: N818 - said to people
    """A request id was used before for something else."""


class AlreadyRecorded(Exception):  # noqa: N818 - not an error: the first receipt answers
    """The same request was recorded before."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(receipt)
        self.receipt = receipt


@dataclass(slots=True, eq=False)
class Save:
    """Events that are recorded together, under the request that caused them.

    `fingerprint` is a digest of the request's body: the same id with another body is refused.
    """

    request: UUID = field(default_factory=uuid4)
    fingerprint: bytes = b""
    events: Sequence[Attested] = ()
    receipt: Receipt | None = None
    error: Exception | None = None
    woken: threading.Event | None = None

    @property
    def settled(self) -> bool:
        """Whether its fate is known."""
        return self.receipt is not None or self.error is not None

    def wake(self) -> None:
        """Wake the thread that waits for it, if one does."""
        if self.woken is not None:
            self.woken.set()


class Recorded(NamedTuple):
    """An event as the log holds it."""

    event: Event
    position: Position
    recorded_at: datetime


class Row(NamedTuple):
    """A row of the log, undecoded."""

    position: Position
    originator_id: UUID
    originator_version: int
    topic: str
    state: bytes
    recorded_at: datetime


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
        self._led = False
        self._writer: Writer | None = None

    def insert_events(
        self, stored_events: Sequence[StoredEvent], *, save: Save | None = None, **_: Any
    ) -> Sequence[int] | None:
        """Record events in one save and return their positions.

        Raises `Conflict`, `RequestReused`, `AlreadyRecorded`; `DataError` for what cannot be
        stored; `NotRecorded` when the log stays held up; `OperationalError` when the database
        stays away. After the last two the same request may be repeated safely.
        """
        if not stored_events:
            return None
        save = save or Save()
        save.events = [self._attested(event) for event in stored_events]
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
                "select originator_id from log.event"
                " join log.request on position = first_position"
                " where request_id = %s",
                (request,),
                prepare=True,
            ).fetchone()
        return None if row is None else UUID(str(row["originator_id"]))

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
            leads = not self._led
            self._led = True
            if not leads:
                save.woken = threading.Event()
            self._waiting.append(save)
        try:
            if save.woken is not None:
                save.woken.wait()
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
        try:
            self._write(batch)
        except BaseException as error:
            self._discard_writer()
            for save in batch:
                if not save.settled:
                    save.error = not_known(save, error)
            raise
        finally:
            self._hand_over()
            for save in batch:
                save.wake()

    def _hand_over(self) -> None:
        with self._waiting_lock:
            self._led = bool(self._waiting)
            if self._led:
                self._waiting[0].wake()

    def _abandon(self, save: Save) -> None:
        """Leave the queue, as an interrupted thread does, without keeping a lead given to it."""
        with self._waiting_lock:
            queued = save in self._waiting
            if queued:
                self._waiting.remove(save)
        if queued and (save.woken is None or save.woken.is_set()):
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
            case AlreadyRecorded() if asked_again:
                save.receipt = answer.receipt
            case _:
                save.error = answer

    def _discard_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


Answer = Receipt | AlreadyRecorded | RequestReused | Conflict


class Writer:
    """The one connection that appends.

    It speaks the binary protocol by itself: a cursor polls the socket and converts lists element by
    element, which would make an append at one client take half as long again.
    """

    def __init__(self, parameters: dict[str, Any], author: str) -> None:
        self._author = author.encode()
        self._connection = psycopg.connect(
            **{
                "connect_timeout": CONNECT_TIMEOUT,
                **parameters,
                "client_encoding": "utf8",
                "row_factory": psycopg.rows.tuple_row,
            },
            autocommit=True,
        )
        self._connection.execute(f"set lock_timeout = '{LOCK_TIMEOUT}s'")
        self._require(ExecStatus.COMMAND_OK, self._connection.pgconn.prepare(b"append", APPEND))

    def append(self, batch: Sequence[Save]) -> list[Answer]:
        """Append saves in one transaction; one answer a save, in order. Raises `psycopg.Error`."""
        events = [event for save in batch for event in save.events]
        lasts = []
        last = 0
        for save in batch:
            last += len(save.events)
            lasts.append(last)
        result = self._connection.pgconn.exec_prepared(
            b"append",
            (
                array(UUID_OID, [save.request.bytes for save in batch]),
                array(BYTEA_OID, [save.fingerprint for save in batch]),
                array(INTEGER_OID, [pack("!i", last) for last in lasts]),
                array(UUID_OID, [statement.stream.bytes for statement, *_ in events]),
                array(BIGINT_OID, [pack("!q", statement.version) for statement, *_ in events]),
                array(TEXT_OID, [statement.topic.encode() for statement, *_ in events]),
                array(BYTEA_OID, [state for _, state, _ in events]),
                array(UUID_OID, [statement.actor.bytes for statement, *_ in events]),
                array(TEXT_OID, [statement.keys_text.encode() for statement, *_ in events]),
                array(BYTEA_OID, [statement.state.sm3 for statement, *_ in events]),
                array(BYTEA_OID, [signature for *_, signature in events]),
                self._author,
            ),
            ALL_BINARY,
            Format.BINARY,
        )
        self._require(ExecStatus.TUPLES_OK, result)
        return [answer_of(save, result, row) for row, save in enumerate(batch)]

    def close(self) -> None:
        """Give up the connection."""
        self._connection.close()

    def _require(self, status: ExecStatus, result: PGresult) -> None:
        if self._connection.pgconn.status != ConnStatus.OK:
            raise psycopg.OperationalError(result.get_error_message())
        if result.status != status:
            raise psycopg.errors.error_from_result(result)


UUID_OID: Final = 2950
BYTEA_OID: Final = 17
INTEGER_OID: Final = 23
BIGINT_OID: Final = 20
TEXT_OID: Final = 25
ALL_BINARY: Final = [Format.BINARY] * 12
POSTGRES_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


def array(element_type: int, elements: Sequence[bytes]) -> bytes:
    """A one-dimensional PostgreSQL array in its binary format, from elements in theirs."""
    parts = [pack("!iiIii", 1, 0, element_type, len(elements), 1)]
    for element in elements:
        parts.append(pack("!i", len(element)))
        parts.append(element)
    return b"".join(parts)


def answer_of(save: Save, result: PGresult, row: int) -> Answer:
    """What `log.append` says about one save."""
    match result.get_value(row, 0):
        case b"conflict":
            stream = UUID(bytes=result.get_value(row, 4))
            return Conflict(stream, integer(result.get_value(row, 5)))
        case b"reused":
            return reused(save.request)
        case outcome:
            receipt = Receipt(
                save.request,
                integer(result.get_value(row, 1)),
                integer(result.get_value(row, 2)),
                POSTGRES_EPOCH + timedelta(microseconds=integer(result.get_value(row, 3))),
            )
            return receipt if outcome == b"recorded" else AlreadyRecorded(receipt)


def integer(binary: bytes | None) -> int:
    """An integer from PostgreSQL's binary format."""
    assert binary is not None
    return int.from_bytes(binary, "big", signed=True)


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


def not_recorded(save: Save, error: psycopg.Error | None) -> NotRecorded:
    """The error of a save that was certainly rolled back."""
    return NotRecorded(
        f"The log is held up ({error}); request {save.request} was NOT recorded. "
        "Repeat it in a moment with the same id."
    )


def not_known(save: Save, error: BaseException | None) -> OperationalError:
    """The error of a save whose fate nobody told us."""
    return OperationalError(
        f"The database does not answer ({error}); it is not known whether request {save.request} "
        "was recorded. Repeat it with the same id."
    )


def reused(request: UUID) -> RequestReused:
    """The refusal of a request id that came with another body before."""
    return RequestReused(
        f"Request {request} was used before with another body; take a new id for a new request."
    )


def fingerprint_of(body: bytes) -> bytes:
    """The digest that tells whether two requests with one id ask for the same."""
    return sha256(body).digest()


def read_page(
    connection: psycopg.Connection[Any], after: Position, limit: int, stop: Position | None = None
) -> list[Row]:
    """The next rows of the log after a position, in order, without a hole. `stop` is inclusive."""
    with connection.cursor(row_factory=psycopg.rows.tuple_row, binary=True) as cursor:
        cursor.execute(
            "select position, originator_id, originator_version, topic, state, recorded_at"
            " from log.event where position > %s and position <= coalesce(%s, 9223372036854775807)"
            " order by position limit %s",
            (after, stop, limit),
            prepare=True,
        )
        return [Row(*row) for row in cursor]


def head(connection: psycopg.Connection[Any]) -> Position:
    """The last position of the log; 0 when it is empty."""
    with connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        row = cursor.execute("select coalesce(max(position), 0) from log.event").fetchone()
    assert row is not None
    return int(row[0])


def decoded(rows: Iterable[Row]) -> Iterator[Recorded]:
    """The events of rows."""
    for row in rows:
        event = decode(row.topic, row.originator_id, row.originator_version, row.state)
        yield Recorded(event, row.position, row.recorded_at)


def datastore_of(conninfo: str, *, pool_size: int = 8) -> PostgresDatastore:
    """The library's connection pool for a connection string."""
    parts = conninfo_to_dict(conninfo)
    datastore = PostgresDatastore(
        dbname=str(parts.pop("dbname", "postgres")),
        host=str(parts.pop("host", "")),
        port=str(parts.pop("port", "5432")),
        user=str(parts.pop("user", "")),
        password=str(parts.pop("password", "")),
        schema="log",
        pool_size=1,
        max_overflow=pool_size - 1,
        pre_ping=True,
    )
    assert isinstance(datastore.pool.kwargs, dict)
    datastore.pool.kwargs.update(parts)  # what the library has no name for, such as sslmode
    return datastore
