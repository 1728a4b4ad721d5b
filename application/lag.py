"""Watches that the seal keeps up: what is not sealed can be removed, what no witness knows forged.

A sealer that waits for ever fails in silence: whoever may log in to the database can hold the lock
of the one sealer, or cut its connection again and again. So this looks from beside it, and counts
what the log's key signed, not what somebody wrote into the table.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Final

import psycopg

from application.alarms import Alarm
from application.cosigning import KnownWitness, cosigned_sizes, known_witnesses
from application.database import statement
from application.eventlog import head
from application.keys import checkpoint_verifier, known_signer
from application.log_stream import beginning_of
from application.memory import Memory
from application.note import MalformedNote, Unverified, Verifier, open_checkpoint
from application.seal import newest_checkpoint
from application.settings import Settings

BY_FILE: Final = timedelta(days=1)  # more for a witness whose cosignatures are carried once a day


def signed_size(connection: psycopg.Connection[Any], settings: Settings) -> int:
    """How many records the newest checkpoint covers that the log's key signed; 0 for any other.

    Where the newest is none, the newest counts that is not beyond the sealer's memory here: another
    installation may be the one that seals.
    """
    key = log_key(connection, settings)
    if key is None:
        return 0
    size = signed_up_to(connection, key, None)
    remembered = Memory(settings.home / "seal").read()
    if size == 0 and remembered is not None:
        with suppress(MalformedNote, Unverified):
            size = signed_up_to(connection, key, opened_size(remembered, key))
    return size


def signed_up_to(connection: psycopg.Connection[Any], key: Verifier, most: int | None) -> int:
    """How many records the newest checkpoint of at most a size covers; 0 where it is unsigned."""
    newest = newest_checkpoint(connection, most)
    with suppress(MalformedNote, Unverified):
        if newest is not None and opened_size(newest.note, key) == newest.size:
            return newest.size
    return 0


def log_key(connection: psycopg.Connection[Any], settings: Settings) -> Verifier | None:
    """The key that signs the log's checkpoints: the one kept here, else the log's own word."""
    signer = known_signer(settings)
    if signer is not None:
        return signer.verifier
    genesis = beginning_of(connection).genesis
    return None if genesis is None else checkpoint_verifier(genesis.keys)


def opened_size(note: bytes, key: Verifier) -> int:
    """How many records a checkpoint covers. Raises `MalformedNote`, `Unverified`."""
    return open_checkpoint(note, key.name, [key]).checkpoint.size


@dataclass(slots=True)
class LagWatch:
    """Looks again and again, and remembers when the seal grew last, by a clock nobody sets."""

    settings: Settings
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    steady: Callable[[], float] = monotonic
    _sealed: int = field(default=-1, init=False)
    _grew_at: float = field(default=0.0, init=False)

    def look(self, connection: psycopg.Connection[Any]) -> list[Alarm]:
        """What lags behind now. Each says the same however often one looks."""
        witnesses = known_witnesses(self.settings)
        return [*self._sealing(connection), *self._witnessing(connection, witnesses)]

    def _sealing(self, connection: psycopg.Connection[Any]) -> list[Alarm]:
        sealed, now = signed_size(connection, self.settings), self.steady()
        if sealed > self._sealed or head(connection) == sealed:
            self._grew_at = now
        self._sealed = sealed
        if now - self._grew_at <= self.settings.seal_lag:
            return []
        return [
            Alarm(
                f"Nothing was sealed for more than {self.settings.seal_lag:,} seconds although "
                "records wait: what is not sealed can be removed unseen. Look whether huhang serve "
                "or huhang seal runs, and who else holds the sealer's lock in the database."
            )
        ]

    def _witnessing(
        self, connection: psycopg.Connection[Any], witnesses: list[KnownWitness]
    ) -> list[Alarm]:
        sizes = cosigned_sizes(self.settings)
        late = []
        for witness in witnesses:
            name = witness.key.name
            row = connection.execute(statement("seal_lag.sql"), (sizes.get(name, 0),)).fetchone()
            allowed = timedelta(seconds=self.settings.witness_lag)
            allowed += timedelta() if witness.address else BY_FILE
            if row is not None and row[0] is not None and self.clock() - row[0] > allowed:
                late.append(
                    Alarm(
                        f"The witness “{name}” has not cosigned for more than {allowed}: what was "
                        "sealed since, nobody outside vouches for. Ask who runs it."
                    )
                )
        return late
