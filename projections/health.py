"""Where the log and the read models are: position, lag, and whether anybody still projects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from application.database import Database
from projections.builds import file


@dataclass(frozen=True, slots=True)
class Health:
    """`lag` in events, `lag_seconds` since the oldest of them was recorded.

    A dead runner may have no lag, but it has an old heartbeat.
    """

    position: int
    recorded_at: datetime | None
    simulated: bool
    build: int | None
    version: str | None
    projected: int
    lag: int
    lag_seconds: float
    heartbeat_seconds: float | None
    halted_at: int | None
    halted_because: str | None


def health(database: Database) -> Health:
    """The state of things now."""
    with (
        psycopg.connect(database.reader, autocommit=True) as connection,
        connection.cursor(row_factory=class_row(Health)) as cursor,
    ):
        found = cursor.execute(file("health.sql")).fetchone()
    assert found is not None
    return found
