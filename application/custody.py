"""Custody of the wrapping keys: the one installation that may change and destroy them.

A restored backup, a drill and a copy of the database reach the same security module or key service
as the live installation, under the same names. What tells them apart is a note in the folder `seal`
of HUHANG_HOME, which no backup holds: it names the database whose keys are changed from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg

from application.memory import write_durably
from application.settings import DangerousSetting

# The cluster and the database in it: another after a dump and restore, and in every other cluster.
DATABASE: Final = """
select system_identifier, pg_database.oid
from pg_control_system(), pg_database
where datname = current_database()
"""


class NotCustodian(DangerousSetting):
    """The wrapping keys are another installation's to change, or nobody has said whose."""


@dataclass(frozen=True, slots=True)
class Custody:
    """What an installation knows of whose wrapping keys it changes; `home` is its HUHANG_HOME."""

    home: Path

    def take(self, connection: psycopg.Connection[Any], store: UUID) -> None:
        """Change the wrapping keys of a key store from here on."""
        write_durably(self._note(store), named(connection))

    def require(self, connection: psycopg.Connection[Any], store: UUID) -> None:
        """Refuse to change wrapping keys that are not this installation's. Raises `NotCustodian`.

        That is wherever the database, or the installation, came from a backup or a copy.
        """
        note = self._note(store)
        if not note.exists() or note.read_bytes() != named(connection):
            raise NotCustodian(
                "The wrapping keys are not changed here: this installation or its database came "
                "from a copy or a backup, as in a drill, and the live one may use the same keys. "
                "Once it alone is in use: huhang rotate-keys --take-over."
            )

    def _note(self, store: UUID) -> Path:
        return self.home / "seal" / f"custody-{store}"


def named(connection: psycopg.Connection[Any]) -> bytes:
    """The name of a database that a copy of it does not bear."""
    row = connection.execute(DATABASE).fetchone()
    assert row is not None, "a connection is to a database"
    return f"cluster {row[0]} database {row[1]}\n".encode()
