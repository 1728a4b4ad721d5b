"""The fence around the log: what the database itself refuses, and whether it still does."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import psycopg

from application.database import statement


def schema_fingerprint(connection: psycopg.Connection[Any]) -> str:
    """The digest of what may be done to the log and by whom, in hexadecimal.

    Over tables, columns, constraints, triggers and whether they are enabled, functions, owners,
    grants, roles, memberships and settings (see sql/fingerprint.sql).
    """
    with connection.transaction():
        # Names are written out with their schema only when no search path finds them.
        connection.execute("set local search_path = pg_catalog")
        rows = connection.execute(statement("fingerprint.sql")).fetchall()
    return sha256("".join(f"{line}\n" for (line,) in rows).encode()).hexdigest()
