"""The fence around the log: what the database itself refuses, and whether it still does."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import psycopg

from application.database import statement
from application.eventlog import Receipt, head
from application.log_stream import Beginning, newest_noted
from application.records import Command, Records
from domain.log import LOG_ID, Log, SchemaChanged


def note_fence(
    connection: psycopg.Connection[Any], records: Records, by: Command
) -> Receipt | None:
    """Let the log say that its fence changed; None when it did not since it said so last."""
    fingerprint = schema_fingerprint(connection)
    log = records.find(Log, LOG_ID)
    if log is None or log.schema_fingerprint == fingerprint:
        return None
    return records.change(by, Log, LOG_ID, Log.note_schema, fingerprint)


def fence_now(connection: psycopg.Connection[Any], beginning: Beginning) -> str:
    """How the fence is against what the log noted of it last, as a check says it.

    `beginning` is what the log says of itself.
    """
    changed = newest_noted(connection, SchemaChanged, head(connection))
    if changed is None and beginning.genesis is None:
        return "COULD NOT RUN: the log does not begin with its keys"
    noted_at, noted = 1, beginning.genesis and beginning.genesis.keys.schema_fingerprint
    if changed is not None:
        noted_at, noted = changed[0], changed[1].after
    if schema_fingerprint(connection) == noted:
        return "passed"
    return (
        "FAILED: what may be done to the log in its database, or what hides rows of it, is not "
        f"what the log noted at position {noted_at:,}; find out who changed it. After a restore "
        "it is another in any case: huhang nightly notes it"
    )


def schema_fingerprint(connection: psycopg.Connection[Any]) -> str:
    """The digest of what may be done to the log and by whom, in hexadecimal.

    Over tables and their files, columns, constraints, triggers and functions and when they were
    made, what inherits or is published, owners, grants, roles that are ours or as strong as an
    administrator, memberships and settings (see sql/fingerprint.sql).
    """
    with connection.transaction():
        # Names are written out with their schema only when no search path finds them.
        connection.execute("set local search_path = pg_catalog")
        rows = connection.execute(statement("fingerprint.sql")).fetchall()
    return sha256("".join(f"{line}\n" for (line,) in rows).encode()).hexdigest()
