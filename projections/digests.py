"""Digests of the read models, noted in the log each night: a cell changed later is found."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from application.eventlog import Position, Receipt
from application.log_stream import newest_noted
from application.records import Command, Records
from domain.log import LOG_ID, Log, ReadingsDigested, TableDigest
from projections import builds
from projections.builds import Build
from projections.comparison import ComparisonFailed, compared, rows_of


def digests_of(
    connection: psycopg.Connection[Any], build: Build, position: Position
) -> tuple[TableDigest, ...]:
    """The digest of each table of a build as of a position that it has reached."""
    found = []
    with connection.transaction():
        # Rows are hashed as text, which must not depend on who asks.
        connection.execute("set local timezone = 'UTC'; set local datestyle = 'ISO'")
        for table in compared():
            query = sql.SQL(builds.file("sealed_digest.sql"))
            row = connection.execute(query.format(rows=rows_of(table, build, position))).fetchone()
            assert row is not None
            found.append(TableDigest(table=table, rows=row[0], digest=row[1]))
    return tuple(found)


def note_readings(
    connection: psycopg.Connection[Any], records: Records, by: Command
) -> Receipt | None:
    """Let the log say what the live read models hold now; None where there are none yet."""
    live = builds.live(connection)
    if live is None or live.position == 0:
        return None
    digests = digests_of(connection, live, live.position)
    return records.change(by, Log, LOG_ID, Log.note_readings, live.position, live.version, digests)


def require_noted(connection: psycopg.Connection[Any], build: Build) -> None:
    """Compare a build made anew with what the log noted last of one by the same code.

    Raises `ComparisonFailed`.
    """
    unlike = unlike_noted(connection, build)
    if unlike is not None:
        raise ComparisonFailed(f"{unlike}: the read models had been changed then.")


def changed_since(connection: psycopg.Connection[Any]) -> str | None:
    """What of the live read models is not as the log noted it last, if anything, in a sentence.

    They grow, and are corrected by new rows: as of an earlier position they never change.
    """
    live = builds.live(connection)
    unlike = None if live is None else unlike_noted(connection, live)
    return unlike and (
        f"{unlike}: somebody changed the read models since, or they had been changed then and were "
        "made anew. The log is whole; run huhang verify --projections, which says what differs."
    )


def unlike_noted(connection: psycopg.Connection[Any], build: Build) -> str | None:
    """Which table of a build is another, as of the position that the log noted last, than noted."""
    newest = newest_noted(connection, ReadingsDigested, build.position)
    if newest is None or newest[1].version != build.version:
        return None
    noted = newest[1]
    now = {found.table: found for found in digests_of(connection, build, noted.position)}
    for then in noted.digests:
        if now[then.table] != then:
            return (
                f"{then.table} as of position {noted.position:,} is not what the log noted of it "
                f"at position {newest[0]:,}"
            )
    return None
