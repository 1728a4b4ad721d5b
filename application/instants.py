"""Times from tables into which somebody may have written one that no calendar has.

`infinity` or a year beyond 9999 would end whatever reads the row in an error. Read as the first or
last day of ours it is a time that nobody wrote here, and refused like any other.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import psycopg
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

FIRST: Final = datetime(2, 1, 1, tzinfo=UTC)
LAST: Final = datetime(9998, 12, 31, tzinfo=UTC)  # a year more can be added, in any zone

OID: Final = psycopg.adapters.types["timestamptz"].oid
EXACT: Final = psycopg.adapters.get_loader(OID, Format.TEXT)


class BoundedInstants(Loader):
    """Loads `timestamptz` as ever, and what is beyond all calendars as the first or last."""

    def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
        super().__init__(oid, context)
        assert EXACT is not None
        self._exact = EXACT(oid, context)

    def load(self, data: Buffer) -> datetime:
        """A time, in the zone of the connection."""
        try:
            instant: datetime = self._exact.load(data)
        except psycopg.DataError:
            said = bytes(data)
            return FIRST if said.startswith(b"-") or said.endswith(b"BC") else LAST
        return instant


def bound_instants(connection: psycopg.Connection[Any]) -> None:
    """Have a connection read times so."""
    connection.adapters.register_loader("timestamptz", BoundedInstants)
