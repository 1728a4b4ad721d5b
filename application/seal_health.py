"""How the seal is: how far it goes, who vouches for it, and whether an alarm stands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import psycopg
from psycopg.rows import class_row, tuple_row

from application import alarms
from application.database import Database, statement
from application.note import MalformedNote, Note, Unverified, Verifier, moment_of
from application.seal import cosignature_of

WITNESSED: Final = """
select distinct on (witness) witness, size, coalesce(line, ''), coalesce(note, '')
from seal.cosignature join seal.checkpoint using (size)
where witness is not null
order by witness, size desc
"""


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The largest tree that a witness cosigned."""

    witness: str
    size: int
    cosigned_at: datetime

    @classmethod
    def of(
        cls, witness: str, size: int, line: str, note: bytes, keys: Sequence[Verifier]
    ) -> Witnessed | None:
        """What a stored line says; None where it is not by that witness, which `verify` names."""
        known = [key for key in keys if key.name == witness]
        try:
            signature = cosignature_of(witness, line)
            if known:
                Note(Note.parse(note).text, (signature,)).verified(known)
            return cls(witness, size, moment_of(signature))
        except (MalformedNote, Unverified):
            return None


@dataclass(frozen=True, slots=True)
class Sealing:
    """How many records are sealed, and since when; how many are not yet."""

    sealed: int
    sealed_at: datetime | None
    unsealed: int
    warnings: int


@dataclass(frozen=True, slots=True)
class SealHealth:
    """The seal now. While an alarm stands nothing is sealed, and a person must look.

    `silent` are the witnesses that are known here, not retired, and have cosigned nothing yet.
    """

    sealing: Sealing
    witnesses: list[Witnessed]
    silent: list[str]
    alarm: str | None


def seal_health(
    database: Database,
    home: Path,
    keys: Sequence[Verifier] = (),
    retired: Collection[str] = (),
) -> SealHealth:
    """The state of the seal now, believing those witnesses whose keys are known by their keys."""
    with psycopg.connect(database.reader, autocommit=True) as connection:
        with connection.cursor(row_factory=class_row(Sealing)) as cursor:
            sealing = cursor.execute(statement("seal_health.sql")).fetchone()
        with connection.cursor(row_factory=tuple_row) as cursor:
            found = [
                Witnessed.of(witness, size, line, note, keys)
                for witness, size, line, note in cursor.execute(WITNESSED)
            ]
    assert sealing is not None
    witnesses = [witnessed for witnessed in found if witnessed is not None]
    heard = {witnessed.witness for witnessed in witnesses}
    silent = [key.name for key in keys if key.name not in heard and key.name not in retired]
    return SealHealth(sealing, witnesses, silent, alarms.standing(home))
