"""Rows in the binary format of PostgreSQL's COPY (PostgreSQL manual, COPY, “Binary Format”).

Most of a rebuild is rows on their way into the database. Packing them here costs a quarter of what
a driver needs, which must ask each value for its type; and a version of a ledger's row, which
changes few of many columns, keeps the packed cells of the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from struct import Struct, pack
from typing import Any, Final, Literal
from uuid import UUID

from application.eventlog import Position
from projections.entries import Entry

HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER: Final = b"\xff\xff"
NULL: Final = b"\xff\xff\xff\xff"  # the length that says there is no value

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)  # PostgreSQL counts days and microseconds from here
DAY_ZERO: Final = EPOCH.toordinal()
MICROSECOND: Final = timedelta(microseconds=1)

# The number of columns, then each one's length and value in the order of the table.
JOURNAL_ROW: Final = Struct(">h iq iq i16s i16s ii ii ih")
JOURNAL_ROW_ALONE: Final = Struct(">h iq iq i16s i ii ii ih")  # its practitioner is null
VERSION_HEAD: Final = Struct(">h i16s iq iq ii")  # row, from_position, to_position, place
VERSION_HEAD_COLUMNS: Final = 4
INTEGER: Final = Struct(">iq")
DATE: Final = Struct(">ii")
IDENTITY: Final = Struct(">i16s")

Kind = Literal["text", "date", "instant", "integer", "uuid"]


def journal_row(position: Position, entry: Entry, place: int) -> bytes:
    """An entry as a row of the journal."""
    indicator, _, _, subject, occurred_on, quantity, practitioner = entry
    on = occurred_on.toordinal() - DAY_ZERO
    if practitioner is None:
        return JOURNAL_ROW_ALONE.pack(
            7, 8, position, 8, quantity, 16, subject.bytes, -1, 4, place, 4, on, 2, indicator
        )
    return JOURNAL_ROW.pack(
        7, 8, position, 8, quantity, 16, subject.bytes, 16, practitioner.bytes,
        4, place, 4, on, 2, indicator,
    )  # fmt: skip


def version_row(
    row: UUID, from_position: Position, to_position: Position, place: int, cells: list[bytes]
) -> bytes:
    """A version of a ledger's row, its own columns packed already."""
    head = VERSION_HEAD.pack(
        VERSION_HEAD_COLUMNS + len(cells),
        16, row.bytes, 8, from_position, 8, to_position, 4, place,
    )  # fmt: skip
    return head + b"".join(cells)


def _text(value: str) -> bytes:
    encoded = value.encode()
    return pack(">i", len(encoded)) + encoded


def _date(value: date) -> bytes:
    return DATE.pack(4, value.toordinal() - DAY_ZERO)


def _instant(value: datetime) -> bytes:
    return INTEGER.pack(8, (value - EPOCH) // MICROSECOND)


def _integer(value: int) -> bytes:
    return INTEGER.pack(8, value)


def _identity(value: UUID) -> bytes:
    return IDENTITY.pack(16, value.bytes)


CELLS: Final[Mapping[Kind, Callable[[Any], bytes]]] = {
    "text": _text,
    "date": _date,
    "instant": _instant,
    "integer": _integer,
    "uuid": _identity,
}
"""How a value of each kind of column is packed; a missing one is `NULL`."""


def integer_of(cell: bytes) -> int:
    """The number in a packed cell; 0 where there is none."""
    return 0 if cell == NULL else int.from_bytes(cell[4:], "big", signed=True)
