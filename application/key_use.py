"""Under which keys the data of a record were sealed, as its own rows say: whole, in order, signed.

Who administers the database can hide a row of the key store while an erasure looks, and put it back
afterwards. What the log names he cannot.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg
from eventsourcing.persistence import StoredEvent
from psycopg.rows import tuple_row

from application.alarms import Alarm
from application.codec import UnknownTopic, decode
from application.destructions import ROWS
from application.drafts import COUPLE, SELF, id_of
from application.eventlog import Position
from application.inspection import Defect, SealedRow, emptied, inspect_leaf, misplaced
from application.log_stream import Registered
from application.nothing_hidden import Extent
from domain.case import Case
from domain.own_part import sealed_in
from domain.request import RequestReceived

RECEIVED: Final = """
select originator_id, state from only log.event
where position > %s and position <= %s and topic = 'request.received.v1'
"""
LAST: Final = "select position, leaf from only log.event order by position desc limit 1"
STANDS: Final = "select from only log.event where position = %s and leaf = %s"
OF_RECORD: Final = ROWS + "where originator_id = %s order by originator_version, position"


class NotWhole(Alarm):
    """The log does not hold the whole of a record as it was signed."""

    def __init__(self, record: UUID, why: object) -> None:
        self.why = why
        super().__init__(
            f"The record {record} is not whole in the log as it was signed ({why}), so that nobody "
            "can say who may read it, which keys it used and whether it is held. Nothing of it was "
            "opened, no key destroyed, no hold placed or lifted; find out who changed, hid or "
            "added records, and try again."
        )


class RequestsAbout:
    """Which persons' requests are about which record, as one process read it in the log.

    What cannot be read is about none. All is read once; then what came since, as long as the last
    row that was read stands where it stood.
    """

    def __init__(self) -> None:
        self._read: tuple[Position, bytes] = (0, b"")
        self._about: defaultdict[UUID, set[UUID]] = defaultdict(set)
        self._lock = threading.Lock()

    def record(self, connection: psycopg.Connection[Any], record: UUID) -> frozenset[UUID]:
        """The streams of the requests about a record."""
        with self._lock, connection.cursor(row_factory=tuple_row, binary=True) as cursor:
            if cursor.execute(STANDS, self._read).fetchone() is None:
                self._read = (0, b"")
            last = cursor.execute(LAST).fetchone()
            if last is not None and last != self._read:
                for stream, state in cursor.execute(RECEIVED, (self._read[0], last[0])):
                    with suppress(ValueError, TypeError, KeyError, AttributeError):
                        self._about[UUID(orjson.loads(state)["demand"]["record"])].add(stream)
                self._read = last
            return frozenset(self._about.get(record, ()))


def keys_named(
    connection: psycopg.Connection[Any],
    record: UUID,
    extent: Extent,
    requests: Collection[UUID] = (),
) -> Mapping[tuple[UUID, str], Position]:
    """Each key that ever sealed anything in a record or a request about it, and whose it is.

    With the position of the first row that names it. Raises `NotWhole`: what is not signed may
    name the keys of another record, or hide one.
    """
    used: dict[tuple[UUID, str], Position] = {}
    try:
        for row in whole_rows(connection, record, extent):
            if b'"z":' in row.state:
                for key in used_in(row, record):
                    used.setdefault(key, row.position)
        for request in {*requests, *extent.requests_about(record)}:
            rows = whole_rows(connection, request, extent)
            for key, position in used_in_request(rows, record):
                used[key] = min(position, used.get(key, position))
    except (Defect, UnknownTopic, ValueError, TypeError) as wrong:
        raise NotWhole(record, wrong) from None
    return used


def whole_rows(
    connection: psycopg.Connection[Any], stream: UUID, extent: Extent
) -> list[SealedRow]:
    """The rows of a stream to its end: whole, in order and signed. Raises `Defect`."""
    rows = signed_rows(connection, stream, extent.authors)
    extent.require(stream, len(rows))
    return rows


def signed_rows(
    connection: psycopg.Connection[Any], stream: UUID, authors: Mapping[str, Registered]
) -> list[SealedRow]:
    """The rows of a stream: whole, in order and signed. Raises `Defect`."""
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        rows = [SealedRow(*row) for row in cursor.execute(OF_RECORD, (stream,))]
    for version, row in enumerate(rows, start=1):
        if None in row:
            raise emptied(row)
        if row.originator_version != version:
            raise misplaced(row.position, stream, row.originator_version, version)
        inspect_leaf(row, authors)
    return rows


def used_in_request(
    rows: Sequence[SealedRow], record: UUID
) -> Iterator[tuple[tuple[UUID, str], Position]]:
    """The keys under which something in a person's request about a record is sealed, and whose.

    And the position of the row that names it. Raises `UnknownTopic`, `ValueError`.
    """
    whose = None
    for row in rows:
        event = decode(row.topic, row.originator_id, row.originator_version, row.state)
        if isinstance(event, RequestReceived) and event.demand.record == record:
            whose = event.demand.part.value
        if whose is not None:
            for sealed, *_ in sealed_in(event):
                yield (id_of(sealed.k), whose), row.position


def used_in(row: SealedRow | StoredEvent, record: UUID) -> Iterator[tuple[UUID, str]]:
    """The keys under which something in an event of a record is sealed, and whose they are."""
    event = decode(row.topic, record, row.originator_version, row.state)
    of_all = COUPLE if row.topic.partition(".")[0] == Case.about else SELF
    for sealed, party, _ in sealed_in(event):
        yield id_of(sealed.k), of_all if party is None else party.value
