"""Whether two builds say the same: every row of every table, as of a position that both reached.

Builds number their places as they meet them, so rows are compared with centre and region written
out. Rows that ended before the position are compared like all others: readings of the past use
them. What happened after the position is looked away from; so a build that is still being written
to can be compared.
"""

from __future__ import annotations

from typing import Any, Final

import psycopg
from psycopg import sql

from application.eventlog import Position
from projections import builds
from projections.builds import Build
from projections.ledgers import LEDGERS
from projections.rows import OPEN

Connection = psycopg.Connection[Any]

JOURNAL: Final = """
select position, indicator, occurred_on, quantity, subject, practitioner, centre, region
from {schema}.journal left join {schema}.place using (place)
where position <= {position}
"""
TERRITORY: Final = """
select position, fact, subject, effective, other, code, name, level
from {schema}.territory
where position <= {position}
"""
ROLLUP: Final = """
select from_block::bigint * {block} as position, month, indicator, quantity,
       place = {total} as total, centre, region,
       case when until_block <= {position}::bigint / {block} then until_block end as until_block
from {schema}.rollup left join {schema}.place using (place)
where from_block <= {position}::bigint / {block}
"""
LEDGER: Final = """
select from_position as position, row, centre, region, {columns},
       case when to_position <= {position} then to_position else {open} end as to_position
from {schema}.{table} left join {schema}.place using (place)
where from_position <= {position}
"""


class ComparisonFailed(Exception):  # noqa: N818 - said to people
    """A new build does not equal the live one."""


def compare(connection: Connection, table: str, old: Build, new: Build, position: Position) -> None:
    """Raise `ComparisonFailed`, naming the first different row, unless a table is the same in both.

    Both builds must have reached the position.
    """
    before, after = rows_of(table, old, position), rows_of(table, new, position)
    digests = [
        connection.execute(sql.SQL(builds.file("digest.sql")).format(rows=rows)).fetchone()
        for rows in (before, after)
    ]
    if digests[0] != digests[1]:
        first = connection.execute(
            sql.SQL(builds.file("first_difference.sql")).format(old=before, new=after)
        ).fetchone()
        assert first is not None
        raise ComparisonFailed(
            f"{table} of the live build and of the new one differ as of position {position}; the "
            f"first row that only one of them has: {', '.join(map(str, first))}."
        )


def compared() -> list[str]:
    """The tables that are compared; places stand written out in all the others."""
    return [table for table in builds.tables() if table != "place"]


def rows_of(table: str, build: Build, position: Position) -> sql.Composed:
    """The rows of one of a build's tables as of a position, the same in every equal build."""
    names: dict[str, sql.Composable] = {
        "schema": sql.Identifier(build.schema),
        "position": sql.Literal(position),
    }
    match table:
        case "journal":
            return sql.SQL(JOURNAL).format(**names)
        case "territory":
            return sql.SQL(TERRITORY).format(**names)
        case "rollup":
            return sql.SQL(ROLLUP).format(
                **names, block=sql.Literal(builds.BLOCK), total=sql.Literal(builds.TOTAL)
            )
        case _:
            ledger = LEDGERS[table.removeprefix("ledger_")]
            columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in ledger.columns)
            return sql.SQL(LEDGER).format(
                **names, columns=columns, table=sql.Identifier(table), open=sql.Literal(OPEN)
            )
