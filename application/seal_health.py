"""How the seal is: how far it goes, who vouches for it, and whether an alarm stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import psycopg
from psycopg.rows import class_row, tuple_row

from application import alarms
from application.database import Database, statement

WITNESSED: Final = """
select distinct on (witness) witness, size, cosigned_at
from seal.cosignature
order by witness, size desc
"""


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The largest tree that a witness cosigned."""

    witness: str
    size: int
    cosigned_at: datetime


@dataclass(frozen=True, slots=True)
class Sealing:
    """How many records are sealed, and since when; how many are not yet."""

    sealed: int
    sealed_at: datetime | None
    unsealed: int
    warnings: int


@dataclass(frozen=True, slots=True)
class SealHealth:
    """The seal now. While an alarm stands nothing is sealed, and a person must look."""

    sealing: Sealing
    witnesses: list[Witnessed]
    alarm: str | None


def seal_health(database: Database, home: Path) -> SealHealth:
    """The state of the seal now."""
    with psycopg.connect(database.reader, autocommit=True) as connection:
        with connection.cursor(row_factory=class_row(Sealing)) as cursor:
            sealing = cursor.execute(statement("seal_health.sql")).fetchone()
        with connection.cursor(row_factory=tuple_row) as cursor:
            witnesses = [Witnessed(*row) for row in cursor.execute(WITNESSED)]
    assert sealing is not None
    return SealHealth(sealing, witnesses, alarms.standing(home))
