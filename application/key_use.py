"""Under which keys the data of a record were sealed, as its own rows say: whole, in order, signed.

Who administers the database can hide a row of the key store while an erasure looks, and put it back
afterwards. What the log names he cannot.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent
from psycopg.rows import tuple_row

from application.alarms import Alarm
from application.codec import UnknownTopic, decode
from application.destructions import ROWS
from application.drafts import COUPLE, SELF, id_of
from application.first_event import known_beginning
from application.inspection import Defect, SealedRow, emptied, inspect_leaf, misplaced
from domain.case import Case
from domain.own_part import sealed_in

OF_RECORD: Final = ROWS + "where originator_id = %s order by originator_version, position"


class NotWhole(Alarm):
    """The log does not hold the whole of a record as it was signed."""

    def __init__(self, record: UUID, why: object) -> None:
        super().__init__(
            f"The record {record} is not whole in the log as it was signed ({why}), so that nobody "
            "can say which keys it used and whether it is held. None was destroyed, no hold placed "
            "or lifted; find out who changed or added records, and try again."
        )


def keys_named(
    connection: psycopg.Connection[Any], record: UUID, home: Path
) -> frozenset[tuple[UUID, str]]:
    """Each key that ever sealed anything in a record, and the person behind it.

    Raises `NotWhole`: what is not signed may name the keys of another record, or hide one; and
    `AnotherBeginning`.
    """
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        rows = [SealedRow(*row) for row in cursor.execute(OF_RECORD, (record,))]
    authors = known_beginning(connection, home).authors
    try:
        for version, row in enumerate(rows, start=1):
            if None in row:
                raise emptied(row)
            if row.originator_version != version:
                raise misplaced(row.position, record, row.originator_version, version)
            inspect_leaf(row, authors)
        return frozenset(
            used for row in rows if b'"z":' in row.state for used in used_in(row, record)
        )
    except (Defect, UnknownTopic, ValueError, TypeError) as wrong:
        raise NotWhole(record, wrong) from None


def used_in(row: SealedRow | StoredEvent, record: UUID) -> Iterator[tuple[UUID, str]]:
    """The keys under which something in an event of a record is sealed, and whose they are."""
    event = decode(row.topic, record, row.originator_version, row.state)
    of_all = COUPLE if row.topic.partition(".")[0] == Case.about else SELF
    for sealed, party in sealed_in(event):
        yield id_of(sealed.k), of_all if party is None else party.value
