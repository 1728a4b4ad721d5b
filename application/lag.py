"""Watches that the seal keeps up: what is not sealed can be removed, what no witness knows forged.

A sealer that waits for ever fails in silence: whoever may log in to the database can hold the lock
of the one sealer, or cut its connection again and again. So this looks from beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Final

import psycopg

from application.alarms import Alarm
from application.cosigning import KnownWitness, cosigned_sizes, known_witnesses
from application.database import statement
from application.eventlog import head
from application.seal import sealed_size
from application.settings import Settings

BY_FILE: Final = timedelta(days=1)  # more for a witness whose cosignatures are carried once a day


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
        sealed, now = sealed_size(connection), self.steady()
        if sealed != self._sealed or head(connection) == sealed:
            self._sealed, self._grew_at = sealed, now
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
