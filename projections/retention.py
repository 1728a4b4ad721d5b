"""Which archived cases have been kept as long as they had to be, as of a reading."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from application.keystore import KeyStore
from projections.readings import Reading, Readings

OVER: Final = """
select row as case_id, number, archived_on, keep_until
from reading.ledger_cases
where from_position <= %(position)s and to_position > %(position)s
  and status = 'archived' and keep_until < %(today)s and place = any(%(places)s)
  and row <> all(%(without)s::uuid[])
order by keep_until, row
"""


class Over(NamedTuple):
    """A case whose time is over, to be appraised."""

    case_id: UUID
    number: str
    archived_on: date
    keep_until: date


def over(readings: Readings, reading: Reading, store: KeyStore, limit: int) -> list[Over]:
    """The cases in sight whose time is over, the longest first; none with a declared conflict.

    Only those of which anything sealed can still be read: nothing else is disposed of.

    Raises `Lagging`.
    """
    asked = {
        "position": reading.position,
        "today": reading.today,
        "places": [place for place, _, _ in readings.places(reading)],
        "without": list(reading.sight.without),
    }
    with readings.connection() as connection:
        found = [Over(**row) for row in connection.execute(OVER, asked)]
    readings.require_same_build(reading)
    left = store.with_keys([one.case_id for one in found])
    return [one for one in found if one.case_id in left][:limit]
