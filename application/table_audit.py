"""Audits the tables themselves: that each is what rows are read from, and each index leads to all.

A stream is read by an index. One that was kept from new rows for a while, or from some, hides them
from whoever reads a stream although the table has them, and the tree over the log is whole. So does
one whose entry leads to another row than it says: a row that came to where one of before had lain.
"""

from __future__ import annotations

import re
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
select relname, indisvalid and indisready and indislive, indisunique and indimmediate
from pg_index join pg_class on oid = indexrelid
where indrelid = %s::regclass
order by relname
"""
BY_TABLE: Final = ("enable_seqscan",)
BY_INDEX: Final = ("enable_indexonlyscan", "enable_indexscan", "enable_mergejoin")
WAYS: Final = (
    *BY_TABLE, *BY_INDEX, "enable_bitmapscan", "enable_sort", "enable_incremental_sort",
    "enable_hashjoin", "enable_nestloop",
)  # fmt: skip
"""What the planner may use to read rows in an order and to lay two readings side by side."""

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
    """An index of ours: by which columns it is ordered, of which rows it is, and whether unique."""

    table: LiteralString
    name: str
    order: LiteralString
    rows: LiteralString = "true"
    unique: bool = True


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
    Index("log.event", "event_recorded_at", "recorded_at, position", unique=False),
    Index("log.event", "event_territorial", "position", TERRITORIAL, unique=False),
    Index(
        "log.event",
        "event_key_destroyed",
        "position",
        "topic = 'subject.key-destroyed.v1'",
        unique=False,
    ),
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

    What could not be counted, in words. Raises `Defect`.
    """
    with connection.transaction():
        connection.execute(ONE_MOMENT)
        connection.execute("set local max_parallel_workers_per_gather = 0")
        unchecked = [said for table in COLUMNS for said in audited(connection, table)]
    return "; ".join(unchecked) or None


def audited(connection: psycopg.Connection[Any], table: LiteralString) -> Iterator[str]:
    """Each index of a table that cannot be counted, in words. Raises `Defect`."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        there = {name: flags for name, *flags in cursor.execute(INDEXES, (table,))}
    ours = [index for index in OURS if index.table == table]
    for name in sorted(there.keys() - {index.name for index in ours}):
        yield f"{table} has an index that is none of ours, {name}, and may be read by it"
    for index, rows in zip(ours, counts_by_table(connection, table, ours), strict=True):
        require_kept_up(index, there.get(index.name))
        only_by(connection, BY_INDEX)
        plan = planned(connection, index)
        if not as_wanted(plan, index):
            yield f"the server does not read {table} by {index.name} ({plan})"
        elif counts_by_index(connection, index) != (rows, rows):
            raise Defect(
                first_missing(connection, index) if table == "log.event" else 1,
                Check.TABLES,
                f"the index {index.name} of {table} does not lead to all of its rows by what "
                "stands in them: whoever reads by it does not see what is missing. Find out who "
                "did that, then reindex it.",
            )


def require_kept_up(index: Index, flags: Sequence[bool] | None) -> None:
    """Check that an index is there, takes new rows, and refuses what it must. Raises `Defect`."""
    if flags is None:
        wrong = "is missing."
    elif not flags[0]:
        wrong = "is not kept up with its table; find out who did that, then reindex it."
    elif index.unique and not flags[1]:
        wrong = "lets two rows be of one place; find out who did that, then make it unique."
    else:
        return
    raise Defect(1, Check.TABLES, f"the index {index.name} of {index.table} {wrong}")


def only_by(connection: psycopg.Connection[Any], ways: Sequence[LiteralString]) -> None:
    """Let the planner read in some ways alone, until the transaction ends."""
    for way in WAYS:
        connection.execute(SQL("set local {} = {}").format(SQL(way), Literal(way in ways)))


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


KEYS: Final = "select {order}, {rising} as rising from only {table} where {rows} window {window}"
"""What the entries of an index say: of these columns the server asks the index alone."""

FETCHED: Final = """
select {order}, {rising} as rising, ({rows}) and ctid is not null as fetched
from only {table} where {rows} window {window}
"""
"""The rows to which the entries of an index lead, in its order: no index holds a place of a row."""

COUNTS: Final = """
select count(*), count(*) filter (where said.rising and found.rising and found.fetched)
from ({keys}) as said full join ({fetched}) as found using ({order})
"""
"""How many entries and rows there are, and how many entries lead to the row that they name.

Both readings must rise without an equal: then the entries are as many different rows.
"""


def asking(index: Index, query: LiteralString, **parts: Composed) -> Composed:
    """A query of an index, of its columns and rows."""
    columns = index.order.split(", ")
    before = SQL(", ").join(SQL("lag({}) over its").format(SQL(column)) for column in columns)
    order = SQL(index.order)
    return SQL(query).format(
        order=order,
        rising=SQL("(({}) > ({})) is not false").format(order, before),
        window=SQL("its as (order by {})").format(order),
        table=SQL(index.table),
        rows=SQL(index.rows),
        **parts,
    )


def counting(index: Index) -> Composed:
    """The query that lays what an index says beside the rows to which it leads."""
    return asking(index, COUNTS, keys=asking(index, KEYS), fetched=asking(index, FETCHED))


def planned(connection: psycopg.Connection[Any], index: Index) -> str:
    """How the server would read by an index."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        query = SQL("explain (costs off) {}").format(counting(index))
        rows = cursor.execute(query).fetchall()
    return " ".join(line.strip() for (line,) in rows)


def as_wanted(plan: str, index: Index) -> bool:
    """Whether a plan reads the index alone, then with its rows, in its own order."""
    alone, with_rows = f"Index Only Scan using {index.name}", f"Index Scan using {index.name}"
    scans = re.findall(r"-> +(?!Subquery)([\w ]*Scan[\w ]*) on ", plan)
    return sorted(scans) == [alone, with_rows] and "Sort" not in plan


def counts_by_index(connection: psycopg.Connection[Any], index: Index) -> tuple[int, int] | None:
    """How many entries and rows an index has, and how many entries lead to the row they name.

    None where the server itself finds the rows out of order.
    """
    try:
        with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute(counting(index)).fetchone()
    except psycopg.errors.InternalError_:
        return None
    assert row is not None, "an aggregate function has one row"
    entries, good = row
    return entries, good


def first_missing(connection: psycopg.Connection[Any], index: Index) -> int:
    """The first position of the log to which an index does not lead by what stands there."""
    query = "select {order} from only {table} where {rows} order by {order}"
    rows = "select position, {order} from only {table} where {rows} and leaf is not null"
    with connection.cursor(row_factory=tuple_row) as cursor:
        only_by(connection, BY_TABLE)
        there = {position for position, *_ in cursor.execute(asking(index, rows))}
        only_by(connection, BY_INDEX)
        said = cursor.execute(asking(index, query)).fetchall()
        led = cursor.execute(asking(index, f"{rows} order by {index.order}")).fetchall()
    found = {place for keys, (place, *names) in zip(said, led, strict=False) if [*keys] == names}
    return min(there - found, default=1)
