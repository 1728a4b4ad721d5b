"""The lock under which the tree of regions and centres is changed, one change at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

import psycopg

from application.database import CONNECT_TIMEOUT, DatabaseUnavailable

PATIENCE: Final = 10  # seconds; a change takes a twentieth of one, more only where the log is held
HELD_AT_MOST: Final = 180  # seconds; an append ends after 41, behind two batches that take as long


class TerritoryHeldUp(DatabaseUnavailable):
    """Other changes of regions and centres did not end in time; nothing was recorded."""

    def __init__(self) -> None:
        super().__init__(
            "Another change of regions or centres takes long, and nothing was recorded; repeat it "
            "in a moment with the same id."
        )


class TerritoryLock:
    """The lock, of all processes. Whoever holds it and hangs loses it, and then records nothing."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._turn = Lock()  # of this process: one connection waits, however many requests do

    @contextmanager
    def held(self) -> Iterator[Callable[[], None]]:
        """Hold the lock until the block ends; what is yielded refuses where it was lost meanwhile.

        Raises `TerritoryHeldUp`.
        """
        if not self._turn.acquire(timeout=PATIENCE):
            raise TerritoryHeldUp
        try:
            # A connection of its own: the holders of all others of the pool may wait for this one.
            with psycopg.connect(self._conninfo, connect_timeout=CONNECT_TIMEOUT) as connection:
                connection.execute(f"set local lock_timeout = '{PATIENCE}s'")
                connection.execute(
                    f"set local idle_in_transaction_session_timeout = '{HELD_AT_MOST}s'"
                )
                try:
                    connection.execute("select log.hold_territory()")
                except psycopg.errors.LockNotAvailable:
                    raise TerritoryHeldUp from None

                def require_held() -> None:
                    try:
                        connection.execute("select")
                    except psycopg.Error:
                        raise TerritoryHeldUp from None

                yield require_held
                connection.close()
        finally:
            self._turn.release()
