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
    Index(
        "log.event",
        "event_legal_hold",
        "position",
        "topic in ('subject.legal-hold-placed.v1', 'subject.legal-hold-lifted.v1')",
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
        elif not leads_to(connection, index, rows):
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


ENTRIES: Final = "select count(*) from only {table} where {rows}"
"""How many entries an index has."""

PAIRS: Final = """
select count(*), count(*) filter (where said.of_ours and found.of_ours)
from (
    select {order}, true as of_ours from only {table} where {rows} order by {order} offset 0
) as said
full join (
    select {order}, ({rows}) and ctid is not null as of_ours
    from only {table} where {rows} order by {order} offset 0
) as found using ({order})
"""
"""How often an entry, by what it says, meets a row to which an entry leads; and where both do.

What entries say the server asks the index alone; no index knows the `ctid` of a row, so that the
rows themselves are fetched. Where there are as many meetings as entries and as rows, and both sides
meet in each, no entry says or finds what another does, and each finds what it says.
"""


def asking(index: Index, query: LiteralString) -> Composed:
    """A query of an index, of its columns and rows."""
    return SQL(query).format(order=SQL(index.order), table=SQL(index.table), rows=SQL(index.rows))


def planned(connection: psycopg.Connection[Any], index: Index) -> str:
    """How the server would read by an index."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        query = SQL("explain (costs off) {}").format(asking(index, PAIRS))
        rows = cursor.execute(query).fetchall()
    return " ".join(line.strip() for (line,) in rows)


def as_wanted(plan: str, index: Index) -> bool:
    """Whether a plan reads the index alone, then with its rows, in its own order."""
    alone, with_rows = f"Index Only Scan using {index.name}", f"Index Scan using {index.name}"
    scans = re.findall(r"-> +(?!Subquery)([\w ]*Scan[\w ]*) on ", plan)
    return sorted(scans) == [alone, with_rows] and "Sort" not in plan


def leads_to(connection: psycopg.Connection[Any], index: Index, rows: int) -> bool:
    """Whether an index leads to so many rows, each by what stands in it."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        if cursor.execute(asking(index, ENTRIES)).fetchone() != (rows,):
            return False
    try:
        with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
            return cursor.execute(asking(index, PAIRS)).fetchone() == (rows, rows)
    except psycopg.errors.InternalError_:  # rows that come in another order than the index says
        return False


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
