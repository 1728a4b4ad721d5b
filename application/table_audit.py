"""Audits the tables themselves: that each is what rows are read from, and each index leads to all.

A stream is read by an index. One that was kept from new rows for a while, or from some, hides them
from whoever reads a stream although the table has them, and the tree over the log is whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, LiteralString, NamedTuple

import psycopg
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composed, Literal

from application.inspection import Check, Defect

ONE_MOMENT: Final = "set transaction isolation level repeatable read, read only"
SHAPES: Final = """
select nspname || '.' || relname, c.relkind::text, c.relrowsecurity,
       array(select attname || ' ' || format_type(atttypid, atttypmod) from pg_attribute
             where attrelid = c.oid and attnum > 0 and not attisdropped order by attnum)
from pg_class c join pg_namespace n on n.oid = relnamespace
where nspname || '.' || relname = any(%s)
"""
INDEXES: Final = """
select relname, indisvalid and indisready and indislive
from pg_index join pg_class on oid = indexrelid
where indrelid = %s::regclass
order by relname
"""
BY_TABLE: Final = "enable_seqscan"
BY_INDEX: Final = "enable_indexonlyscan"
WAYS: Final = (
    BY_TABLE, BY_INDEX, "enable_indexscan", "enable_bitmapscan", "enable_sort",
    "enable_incremental_sort",
)  # fmt: skip
"""What the planner may use to read rows in an order."""

COLUMNS: Final = {
    "log.event": (
        "position bigint", "originator_id uuid", "originator_version bigint", "topic text",
        "state bytea", "recorded_at timestamp with time zone", "author text", "signature bytea",
        "leaf bytea",
    ),
    "seal.tile": ("level smallint", "number bigint", "hashes bytea", "root bytea"),
    "seal.checkpoint": (
        "size bigint", "root bytea", "note bytea", "sealed_at timestamp with time zone",
    ),
    "seal.cosignature": (
        "size bigint", "witness text", "line text", "cosigned_at timestamp with time zone",
    ),
    "seal.timestamp": (
        "size bigint", "authority text", "token bytea", "stamped_at timestamp with time zone",
    ),
}  # fmt: skip
"""The columns of each table that is read, in their order, as `application/sql` makes them."""


class Index(NamedTuple):
    """An index of ours: by which columns it is ordered, and of which rows it is."""

    table: LiteralString
    name: str
    order: LiteralString
    rows: LiteralString = "true"


TERRITORIAL: Final = """topic in (
    'centre.established.v1', 'centre.establishment-corrected.v1', 'centre.establishment-voided.v1',
    'centre.reassigned.v1', 'region.established.v1', 'region.founding-corrected.v1',
    'region.founding-voided.v1', 'region.move-voided.v1', 'region.moved.v1', 'region.renamed.v1',
    'region.renaming-voided.v1', 'region.succeeded.v1', 'region.succession-corrected.v1',
    'region.succession-voided.v1'
)"""
OURS: Final = (
    Index("log.event", "event_pkey", "position"),
    Index(
        "log.event",
        "event_originator_id_originator_version_key",
        "originator_id, originator_version",
    ),
    Index("log.event", "event_recorded_at", "recorded_at, position"),
    Index("log.event", "event_territorial", "position", TERRITORIAL),
    Index("log.event", "event_key_destroyed", "position", "topic = 'subject.key-destroyed.v1'"),
    Index("seal.tile", "tile_pkey", "level, number"),
    Index("seal.checkpoint", "checkpoint_pkey", "size"),
    Index("seal.cosignature", "cosignature_pkey", "size, witness"),
    Index("seal.timestamp", "timestamp_pkey", "size, authority"),
)
"""Every index by which the log and its seal are read."""


def require_shapes(connection: psycopg.Connection[Any]) -> None:
    """Check that the tables are tables with the columns that we read. Raises `Defect`.

    A column of another type would be read as something else; a policy hides rows from some.
    """
    with connection.cursor(row_factory=tuple_row) as cursor:
        found = {
            name: (kind, hidden, tuple(columns))
            for name, kind, hidden, columns in cursor.execute(SHAPES, (list(COLUMNS),))
        }
    for table, columns in COLUMNS.items():
        kind, hidden, there = found.get(table, ("", False, ()))
        if kind != "r":
            raise Defect(1, Check.TABLES, f"{table} is no table of rows any more.")
        if hidden:
            raise Defect(1, Check.TABLES, f"a policy hides rows of {table} from some who read it.")
        if there != columns:
            strange = ", ".join(sorted(set(there) ^ set(columns))) or "their order"
            raise Defect(1, Check.TABLES, f"{table} has other columns than ours: {strange}.")


def require_complete(connection: psycopg.Connection[Any]) -> str | None:
    """Check that each index leads to every row of its table, over a connection that reads.

    Each is counted by the index alone and by the table alone, at one moment; an index holds nothing
    but places of rows of its table, so equal counts are equal rows. What could not be counted, in
    words. Raises `Defect`.
    """
    with connection.transaction():
        connection.execute(ONE_MOMENT)
        unchecked = [said for table in COLUMNS for said in audited(connection, table)]
    return "; ".join(unchecked) or None


def audited(connection: psycopg.Connection[Any], table: LiteralString) -> Iterator[str]:
    """Each index of a table that cannot be counted, in words. Raises `Defect`."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        there: dict[str, bool] = dict(cursor.execute(INDEXES, (table,)).fetchall())
    ours = [index for index in OURS if index.table == table]
    for name in sorted(there.keys() - {index.name for index in ours}):
        yield f"{table} has an index that is none of ours, {name}, and may be read by it"
    for index, rows in zip(ours, counts_by_table(connection, table, ours), strict=True):
        if index.name not in there:
            raise Defect(1, Check.TABLES, f"the index {index.name} of {table} is missing.")
        if not there[index.name]:
            raise Defect(
                1,
                Check.TABLES,
                f"the index {index.name} of {table} is not kept up with its table; find out who "
                "did that, then reindex it.",
            )
        only_by(connection, BY_INDEX)
        plan = planned(connection, index)
        if index.name not in plan:
            yield f"the server does not read {table} by {index.name} ({plan})"
        elif count_by_index(connection, index) != rows:
            raise Defect(
                first_missing(connection, index) if table == "log.event" else 1,
                Check.TABLES,
                f"the index {index.name} of {table} does not lead to all of its rows: whoever "
                "reads by it does not see what is missing. Find out who did that, then reindex it.",
            )


def only_by(connection: psycopg.Connection[Any], way: str) -> None:
    """Let the planner read in one way, until the transaction ends."""
    for other in WAYS:
        connection.execute(SQL("set local {} = {}").format(SQL(other), Literal(other == way)))


def counts_by_table(
    connection: psycopg.Connection[Any], table: LiteralString, indexes: Sequence[Index]
) -> tuple[int, ...]:
    """How many rows of a table each index must lead to, in one reading of the table alone."""
    only_by(connection, BY_TABLE)
    counts = [SQL("count(*) filter (where {})").format(SQL(index.rows)) for index in indexes]
    query = SQL("select {} from only {}").format(SQL(", ").join(counts), SQL(table))
    with connection.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(query).fetchone()
    assert row is not None, "an aggregate function has one row"
    return row


def by_index(index: Index, what: LiteralString = "") -> Composed:
    """A query of the rows of an index in its order, in which nothing else has them."""
    return SQL("select {} from only {} where {} order by {} offset 0").format(
        SQL(what), SQL(index.table), SQL(index.rows), SQL(index.order)
    )


def planned(connection: psycopg.Connection[Any], index: Index) -> str:
    """How the server would read by an index."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        query = SQL("explain (costs off) {}").format(by_index(index))
        rows = cursor.execute(query).fetchall()
    return " ".join(line.strip() for (line,) in rows)


def count_by_index(connection: psycopg.Connection[Any], index: Index) -> int:
    """To how many rows an index leads."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        query = SQL("select count(*) from ({}) as its").format(by_index(index))
        row = cursor.execute(query).fetchone()
    assert row is not None, "an aggregate function has one row"
    return int(row[0])


def first_missing(connection: psycopg.Connection[Any], index: Index) -> int:
    """The first position of the log to which an index does not lead."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        only_by(connection, BY_TABLE)
        query = SQL("select position from only log.event where {}").format(SQL(index.rows))
        there = {position for (position,) in cursor.execute(query)}
        only_by(connection, BY_INDEX)
        connection.execute("set local enable_indexscan = on")  # not every index holds positions
        found = {position for (position,) in cursor.execute(by_index(index, "position"))}
    return min(there - found, default=1)
