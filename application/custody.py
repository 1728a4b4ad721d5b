"""Custody of the wrapping keys: the one installation that may change and destroy them.

A restored backup, a drill and a copy of the database reach the same security module or key service
as the live installation, under the same names. What tells them apart is a note in the folder `seal`
of HUHANG_HOME, which no backup holds: it names the database whose keys are changed from there.
Below stands when each epoch began, and since when its wrapping key is gone: by this the wrapping
key is changed in time, and not by what the database says of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg

from application.memory import held, write_durably
from application.settings import DangerousSetting

UUID_LENGTH: Final = 36  # characters; behind them stands what a crash left of a draft
STORE: Final = "store"
"""The file that names the key store: what stands in the database, its administrator may change."""

# The cluster and the database in it: another after a dump and restore, and in every other cluster.
DATABASE: Final = """
select system_identifier, pg_database.oid
from pg_control_system(), pg_database
where datname = current_database()
"""


class NotCustodian(DangerousSetting):
    """The wrapping keys are another installation's to change, or nobody has said whose."""


class AnotherStore(DangerousSetting):
    """The database names another key store than the one that this installation works with."""

    def __init__(self, said: UUID | None, noted: Collection[UUID]) -> None:
        known = ", ".join(map(str, sorted(noted)))
        super().__init__(
            f"The database calls its key store {said or 'by no name'}, and this installation has "
            f"worked with {known}: somebody changed vault.store, or it is another database. "
            "Nothing sealed is read, sealed or erased. Put the name in vault.store right, or give "
            "the other database a HUHANG_HOME of its own."
        )


class DamagedNote(DangerousSetting):
    """A note by which the key store, or its epochs, are known does not say what it should."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is damaged, or none of ours: it names no key store, or no epochs of one. Find "
            "out who changed the folder, and put the file right, or move it away where it was put "
            "there. Nothing sealed is read, sealed or erased meanwhile."
        )


class Epoch(NamedTuple):
    """A stretch of time with one wrapping key, and since when nobody has that any more."""

    number: int
    began_at: datetime
    gone_at: datetime | None = None

    def line(self) -> bytes:
        """As it stands in the note: `epoch 1 began TIME`, and behind it `gone TIME`."""
        gone = f" gone {self.gone_at.isoformat()}" if self.gone_at else ""
        return f"epoch {self.number} began {self.began_at.isoformat()}{gone}\n".encode()

    @classmethod
    def of(cls, line: str) -> Epoch:
        """An epoch from its line. Raises `ValueError`, `IndexError`."""
        _, number, _, began_at, *gone = line.split()
        return cls(int(number), instant(began_at), instant(gone[1]) if gone else None)


@dataclass(frozen=True, slots=True)
class Custody:
    """What an installation knows of whose wrapping keys it changes; `home` is its HUHANG_HOME."""

    home: Path

    def stores(self) -> frozenset[UUID]:
        """The key store that this installation works with, once it has.

        Where that was noted before it stood in a file of its own: every one that is named here.
        Raises `DamagedNote`.
        """
        folder = self.home / "seal"
        note = folder / STORE
        if note.exists():
            return frozenset({store_in(note.read_text("ascii", "replace").strip(), note)})
        named = [*folder.glob("custody-*"), *folder.glob("destroyed-*")]
        return frozenset(
            store_in(path.name.partition("-")[2][:UUID_LENGTH], path) for path in named
        )

    def note_store(self, store: UUID) -> None:
        """Note the key store that this installation works with, for good."""
        note = self.home / "seal" / STORE
        if not note.exists():
            write_durably(note, f"{store}\n".encode())

    def take(self, connection: psycopg.Connection[Any], store: UUID) -> None:
        """Change the wrapping keys of a key store from here on."""
        with held(self._note(store)):
            self._write(store, named(connection), self.epochs(store))

    def require(self, connection: psycopg.Connection[Any], store: UUID) -> None:
        """Refuse to change wrapping keys that are not this installation's. Raises `NotCustodian`.

        That is wherever the database, or the installation, came from a backup or a copy.
        """
        note = self._note(store)
        if not note.exists() or self._database(store) != named(connection):
            raise NotCustodian(
                "The wrapping keys are not changed here: this installation or its database came "
                "from a copy or a backup, as in a drill, and the live one may use the same keys. "
                "Once it alone is in use: huhang rotate-keys --take-over."
            )

    def epochs(self, store: UUID) -> dict[int, Epoch]:
        """The epochs of a key store by their numbers, as this installation noted them.

        Raises `DamagedNote`.
        """
        note = self._note(store)
        if not note.exists():
            return {}
        try:
            _, *lines = note.read_text("ascii").splitlines()
            return {epoch.number: epoch for epoch in map(Epoch.of, lines)}
        except (ValueError, IndexError):
            raise DamagedNote(note) from None

    def note(self, store: UUID, epoch: Epoch) -> None:
        """Note an epoch that began, or that its wrapping key is gone, as who has the custody."""
        with held(self._note(store)):
            known = self.epochs(store)
            if known.get(epoch.number) != epoch:
                self._write(store, self._database(store), {**known, epoch.number: epoch})

    def _database(self, store: UUID) -> bytes:
        return b"".join(self._note(store).read_bytes().partition(b"\n")[:2])

    def _write(self, store: UUID, database: bytes, epochs: Mapping[int, Epoch]) -> None:
        lines = (epochs[number].line() for number in sorted(epochs))
        write_durably(self._note(store), database + b"".join(lines))

    def _note(self, store: UUID) -> Path:
        return self.home / "seal" / f"custody-{store}"


def instant(text: str) -> datetime:
    """The instant that a note names. Raises `ValueError`."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("an instant is one of a zone")
    return at


def store_in(text: str, path: Path) -> UUID:
    """The key store that a note, or its name, names. Raises `DamagedNote`."""
    try:
        return UUID(text)
    except ValueError:
        raise DamagedNote(path) from None


def named(connection: psycopg.Connection[Any]) -> bytes:
    """The name of a database that a copy of it does not bear."""
    row = connection.execute(DATABASE).fetchone()
    assert row is not None, "a connection is to a database"
    return f"cluster {row[0]} database {row[1]}\n".encode()
