"""The one connection that appends to the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.pq import ConnStatus, ExecStatus, Format
from psycopg.pq.abc import PGresult

from application.eventlog import AlreadyRecorded, Answer, Conflict, Receipt, Save, reused

CONNECT_TIMEOUT: Final = 5  # seconds
LOCK_TIMEOUT: Final = 5  # seconds; a full batch of another writer takes less, a held log is told

APPEND: Final = b"""
select outcome, first_position, last_position, recorded_at, originator, current_version
from log.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""


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
                array(INTEGER_OID, [INTEGER.pack(last) for last in lasts]),
                array(UUID_OID, [statement.stream.bytes for statement, *_ in events]),
                array(BIGINT_OID, [BIGINT.pack(statement.version) for statement, *_ in events]),
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
ARRAY_HEAD: Final = Struct("!iiIii")  # dimensions, has nulls, type, number of elements, first index
LENGTH: Final = Struct("!i")
INTEGER: Final = Struct("!i")
BIGINT: Final = Struct("!q")
ALL_BINARY: Final = [Format.BINARY] * 12
POSTGRES_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


def array(element_type: int, elements: Sequence[bytes]) -> bytes:
    """A one-dimensional PostgreSQL array in its binary format, from elements in theirs."""
    head = ARRAY_HEAD.pack(1, 0, element_type, len(elements), 1)
    return head + b"".join([LENGTH.pack(len(element)) + element for element in elements])


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
