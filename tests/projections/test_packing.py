"""A row packed by hand is the row that PostgreSQL reads back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg
from hypothesis import given
from hypothesis import strategies as st

from application.database import Database
from projections.entries import Entry
from projections.packing import (
    CELLS,
    HEADER,
    NULL,
    TRAILER,
    integer_of,
    journal_row,
    version_row,
)

BIG = st.integers(-(2**63), 2**63 - 1)
INTEGER = st.integers(0, 2**31 - 1)
DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))
INSTANTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def read_back(database: Database, columns: str, rows: list[bytes]) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.administrator) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"create temporary table packed ({columns})")  # type: ignore[arg-type]
        with connection.cursor().copy("copy packed from stdin (format binary)") as copy:
            copy.write(b"".join((HEADER, *rows, TRAILER)))
        return connection.execute("select * from packed").fetchall()


@given(
    st.lists(
        st.builds(
            Entry, st.integers(1, 2**15 - 1), st.none(), st.uuids(), st.uuids(), DAYS, BIG,
            st.none() | st.uuids(),
        ),
        max_size=20,
    ),
    BIG,
    INTEGER,
)  # fmt: skip
def test_a_journal_row_is_its_entry(
    module_database: Database, entries: list[Entry], position: int, place: int
) -> None:
    found = read_back(
        module_database,
        "position bigint, quantity bigint, subject uuid, practitioner uuid, place integer,"
        " occurred_on date, indicator smallint",
        [journal_row(position, entry, place) for entry in entries],
    )
    assert found == [
        (position, e.quantity, e.subject, e.practitioner, place, e.occurred_on, e.indicator)
        for e in entries
    ]


@given(
    st.uuids(), BIG, BIG, INTEGER,
    st.tuples(
        st.none() | TEXTS, st.none() | DAYS, st.none() | INSTANTS, st.none() | BIG,
        st.none() | st.uuids(),
    ),
)  # fmt: skip
def test_a_version_is_its_values(
    module_database: Database,
    row: UUID,
    first: int,
    last: int,
    place: int,
    values: tuple[Any, ...],
) -> None:
    cells = [
        NULL if value is None else pack(value)
        for pack, value in zip(CELLS.values(), values, strict=True)
    ]
    found = read_back(
        module_database,
        "row uuid, from_position bigint, to_position bigint, place integer,"
        " t text, d date, i timestamptz, n bigint, u uuid",
        [version_row(row, first, last, place, cells)],
    )
    assert found == [(row, first, last, place, *values)]


@given(BIG)
def test_a_packed_number_can_be_added_to(number: int) -> None:
    assert integer_of(CELLS["integer"](number)) == number
    assert integer_of(NULL) == 0
