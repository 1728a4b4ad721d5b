"""The fence around the log: what the database itself refuses, and whether it still does."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import psycopg

from application.database import statement
from application.eventlog import Receipt
from application.records import Command, Records
from domain.log import LOG_ID, Log


def note_fence(
    connection: psycopg.Connection[Any], records: Records, by: Command
) -> Receipt | None:
    """Let the log say that its fence changed; None when it did not since it said so last."""
    fingerprint = schema_fingerprint(connection)
    log = records.find(Log, LOG_ID)
    if log is None or log.schema_fingerprint == fingerprint:
        return None
    return records.change(by, Log, LOG_ID, Log.note_schema, fingerprint)


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
