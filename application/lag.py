"""Watches that the seal keeps up: what is not sealed can be removed, what no witness knows forged.

A sealer that waits for ever fails in silence: whoever may log in to the database can hold the lock
of the one sealer, or cut its connection again and again. So this looks from beside it, and counts
what the log's key signed, here or for everybody to see, and never down again: nothing that somebody
takes out of a table and puts back, and no time that stands in one, looks like progress.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Final, NamedTuple

import psycopg
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from application.alarms import Alarm, ring
from application.cosigning import (
    KnownWitness,
    cosigned_sizes,
    known_witnesses,
    remember_cosigned,
)
from application.eventlog import head
from application.first_event import known_beginning
from application.keys import checkpoint_verifier, known_signer
from application.memory import Memory, held, write_durably
from application.note import MalformedNote, Note, Unverified, Verifier, open_checkpoint
from application.seal import cosignature_of, newest_checkpoint
from application.settings import DangerousSetting, Settings

BOGUS: Final = 100  # lines of a witness that are none, looked past to find the newest that is
BROUGHT: Final = """
select size, line from seal.cosignature
where witness = %s and size > %s
order by size desc
limit %s
"""
BY_FILE: Final = timedelta(days=1)  # more for a witness whose cosignatures are carried once a day


def signed_size(connection: psycopg.Connection[Any], key: Verifier | None, remembered: int) -> int:
    """How many records the newest checkpoint covers that the log's key signed; 0 for any other.

    Where the newest is none, the newest counts that is not beyond the sealer's memory here: another
    installation may be the one that seals.
    """
    if key is None:
        return 0
    return signed_up_to(connection, key, None) or signed_up_to(connection, key, remembered)


def remembered_size(settings: Settings, key: Verifier | None) -> int:
    """How many records the sealer here remembers to have sealed; 0 where it remembers nothing."""
    note = Memory(settings.home / "seal").read()
    if key is not None and note is not None:
        with suppress(MalformedNote, Unverified):
            return opened_size(note, key)
    return 0


def signed_up_to(connection: psycopg.Connection[Any], key: Verifier, most: int | None) -> int:
    """How many records the newest checkpoint of at most a size covers; 0 where it is unsigned."""
    newest = newest_checkpoint(connection, most)
    with suppress(MalformedNote, Unverified):
        if newest is not None and opened_size(newest.note, key) == newest.size:
            return newest.size
    return 0


def log_key(connection: psycopg.Connection[Any], settings: Settings) -> Verifier | None:
    """The key that signs the log's checkpoints: the one kept here, else the log's own word.

    Raises `AnotherBeginning`, with an alarm.
    """
    signer = known_signer(settings)
    if signer is not None:
        return signer.verifier
    genesis = known_beginning(connection, settings.home).genesis
    return None if genesis is None else checkpoint_verifier(genesis.keys)


def remember_brought(
    connection: psycopg.Connection[Any],
    settings: Settings,
    key: Verifier,
    witnesses: Sequence[Verifier],
) -> None:
    """Remember here what another installation brought of the cosignatures of our witnesses.

    The witness's own key signed the line, over a checkpoint that the log's key signed; and what is
    remembered is not forgotten, so that no line that somebody takes out and puts back is progress.
    """
    known = cosigned_sizes(settings)
    for witness in witnesses:
        asked = (witness.name, known.get(witness.name, 0), BOGUS)
        for size, line in connection.execute(BROUGHT, asked).fetchall():
            sealed = newest_checkpoint(connection, size)
            with suppress(MalformedNote, Unverified):
                if sealed is None or opened_size(sealed.note, key) != size:
                    continue
                text = Note.parse(sealed.note).text
                Note(text, (cosignature_of(witness.name, line),)).verified([witness])
                remember_cosigned(settings, witness.name, size)
                break


def opened_size(note: bytes, key: Verifier) -> int:
    """How many records a checkpoint covers. Raises `MalformedNote`, `Unverified`."""
    return open_checkpoint(note, key.name, [key]).checkpoint.size


class Behind(NamedTuple):
    """Since when more is sealed than a witness has cosigned, as was seen here; and how much it had.

    In UTC, by the clock of this computer.
    """

    size: int
    since: AwareDatetime


NOTED: Final = TypeAdapter(dict[str, Behind])


@dataclass(slots=True)
class LagWatch:
    """Looks again and again, and remembers when the seal grew last, by a clock nobody sets.

    Since when a witness is behind stands on the disk, also of one that is not named at present: it
    neither counts from before it was named, nor anew when it is named again.
    """

    settings: Settings
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    steady: Callable[[], float] = monotonic
    _remembered: int = field(default=0, init=False)
    _sealed: int = field(default=0, init=False)
    _head: int = field(default=0, init=False)
    _grew_at: float | None = field(default=None, init=False)

    def look(self, connection: psycopg.Connection[Any]) -> list[Alarm]:
        """What lags behind now. Each says the same however often one looks."""
        known = known_witnesses(self.settings)
        asked = [witness for witness in known if not witness.retired]
        key = log_key(connection, self.settings)
        if key is not None:
            remember_brought(connection, self.settings, key, [one.key for one in asked])
        retired = [witness.key.name for witness in known if witness.retired]
        told = newly_retired(self.settings, retired)
        return [*self._sealing(connection, key), *self._witnessing(asked), *told]

    def _sealing(self, connection: psycopg.Connection[Any], key: Verifier | None) -> list[Alarm]:
        now, until = self.steady(), head(connection)
        remembered = remembered_size(self.settings, key)
        if self._grew_at is None or remembered < self._remembered:
            # A first look, or a person began the memory anew: nothing else makes it smaller.
            self._sealed, self._head, self._grew_at = remembered, until, now
        self._remembered, self._head = remembered, max(self._head, until)
        sealed = signed_size(connection, key, remembered)
        if sealed > self._sealed or sealed >= self._head:
            self._grew_at = now
        self._sealed = max(self._sealed, sealed)
        if now - self._grew_at <= self.settings.seal_lag:
            return []
        return [
            Alarm(
                f"Nothing was sealed for more than {self.settings.seal_lag:,} seconds although "
                "records wait: what is not sealed can be removed unseen. Look whether huhang serve "
                "or huhang seal runs, and who else holds the sealer's lock in the database."
            )
        ]

    def _witnessing(self, witnesses: list[KnownWitness]) -> list[Alarm]:
        now, cosigned = self.clock(), cosigned_sizes(self.settings)
        names = [witness.key.name for witness in witnesses]
        behind = self._behind({name: cosigned.get(name, 0) for name in names}, now)
        late = []
        for witness, name in zip(witnesses, names, strict=True):
            allowed = timedelta(seconds=self.settings.witness_lag)
            allowed += timedelta() if witness.address else BY_FILE
            if name in behind and now - behind[name] > allowed:
                late.append(
                    Alarm(
                        f"The witness “{name}” has not cosigned for more than {allowed}: what was "
                        "sealed since, nobody outside vouches for. Ask who runs it."
                    )
                )
        return late

    def _behind(self, cosigned: Mapping[str, int], now: datetime) -> dict[str, datetime]:
        """Since when each witness is behind that cosigned so much; no other is in it."""
        path = self.settings.home / "seal" / "behind.json"
        with held(path):
            noted = noted_behind(path)
            seen = {}
            for name, size in cosigned.items():
                before = noted.get(name)
                if before is None or before.size != size:
                    if self._sealed > size:
                        seen[name] = Behind(size, now)
                elif before.since > now:  # by a clock that was ahead
                    seen[name] = Behind(size, now)
            if seen:
                noted |= seen
                write_durably(path, NOTED.dump_json(noted))
        return {
            name: noted[name].since
            for name, size in cosigned.items()
            if name in noted and noted[name].size == size
        }


def newly_retired(settings: Settings, names: Sequence[str]) -> list[Alarm]:
    """An alarm for each witness that is retired since the last look: who silences one is heard.

    It has rung before the retirement is noted: a crash in between loses none.
    """
    path, cosigned = settings.home / "seal" / "retired", cosigned_sizes(settings)
    if not names and not path.exists():
        return []
    with held(path):
        noted = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        alarms = [
            Alarm(
                f"The witness “{name}” is retired since it had cosigned {cosigned.get(name, 0):,} "
                "records: nobody asks it any more, and nobody misses it. Settle this with the name "
                "of who decided so; if nobody did, put its address back."
            )
            for name in names
            if name not in noted
        ]
        for alarm in alarms:
            ring(settings.home, alarm)
        if set(noted) != set(names):
            write_durably(path, "".join(f"{name}\n" for name in names).encode())
    return alarms


def noted_behind(path: Path) -> dict[str, Behind]:
    """Since when witnesses are behind, as noted here. Raises `DangerousSetting`."""
    if not path.exists():
        return {}
    try:
        return NOTED.validate_json(path.read_bytes())
    except ValidationError:
        raise DangerousSetting(
            f"{path} is damaged. Find out by what; then remove it: the lag of each witness counts "
            "from the next look."
        ) from None
