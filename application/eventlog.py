"""What the log holds and answers: pages of events, and what becomes of a save."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import psycopg
from eventsourcing.persistence import IntegrityError, OperationalError

from application.codec import decode
from application.leaf import Statement
from domain.base import Event

Position = int
"""A place in the log, from 1; 0 is before the first event."""


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
    `repeated` says that its receipt is the one of an earlier attempt, as when a reply was lost.
    With `beside` it is appended there while its caller goes on; `pending` tells what became of it.
    """

    request: UUID = field(default_factory=uuid4)
    fingerprint: bytes = b""
    events: Sequence[Attested] = ()
    receipt: Receipt | None = None
    repeated: bool = False
    error: Exception | None = None
    woken: threading.Lock | None = None
    beside: Executor | None = None
    pending: Future[Receipt] | None = None

    @property
    def settled(self) -> bool:
        """Whether its fate is known."""
        return self.receipt is not None or self.error is not None

    def wake(self) -> None:
        """Wake the thread that waits for it, if one does."""
        if self.woken is not None and self.woken.locked():
            self.woken.release()


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


Answer = Receipt | AlreadyRecorded | RequestReused | Conflict


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
            " from only log.event"
            " where position > %s and position <= coalesce(%s, 9223372036854775807)"
            " order by position limit %s",
            (after, stop, limit),
            prepare=True,
        )
        return [Row(*row) for row in cursor]


def head(connection: psycopg.Connection[Any]) -> Position:
    """The last position of the log; 0 when it is empty."""
    with connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        row = cursor.execute("select coalesce(max(position), 0) from only log.event").fetchone()
    assert row is not None
    return int(row[0])


def decoded(rows: Iterable[Row]) -> Iterator[Recorded]:
    """The events of rows."""
    for row in rows:
        event = decode(row.topic, row.originator_id, row.originator_version, row.state)
        yield Recorded(event, row.position, row.recorded_at)
