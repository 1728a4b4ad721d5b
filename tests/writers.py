"""Writers that queue behind one another, for tests of what happens to the slower one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from application.database import Database


@contextmanager
def writers_held(database: Database) -> Iterator[None]:
    """No append gets through meanwhile."""
    with psycopg.connect(database.projector) as connection:
        connection.execute("select log.hold_writers()")
        yield


def waiting_writers(database: Database) -> list[int]:
    """The backends of a database that wait to append."""
    query = (
        "select pid from pg_locks where relation = 'log.append_lock'::regclass and not granted"
        " and database = (select oid from pg_database where datname = current_database())"
    )
    with psycopg.connect(database.administrator) as connection:
        return [pid for (pid,) in connection.execute(query)]


def until(condition: Callable[[], bool]) -> None:
    """Return once something holds, which it must soon."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.002)
