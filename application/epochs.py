"""The epochs of a key store: one wrapping key each, proved to be the right one, and destroyed.

What the installation noted outside of the database counts; what stands there is compared with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg_pool import ConnectionPool

from application.binding import unbound
from application.custody import Custody, Epoch
from application.drafts import Whose
from application.envelope import KEY_BYTES
from application.settings import DangerousSetting
from application.wrapping import WrappingKeys, WrongWrappingKey

EPOCH: Final = timedelta(days=30)
"""How long one wrapping key is used: the erasure horizon, after which no backup restores a key."""

PROOF: Final = bytes(KEY_BYTES)  # wrapped, it tells the right wrapping key of an epoch from another
TRIED: Final = 1000  # keys of an epoch that are tried where its proof says nothing

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Epochs:
    """The wrapping keys of one key store, by the epochs in which they are used."""

    pool: ConnectionPool[Connection]
    wrapping: WrappingKeys
    custody: Custody
    id: UUID
    clock: Callable[[], datetime]
    proven: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    """Epochs whose wrapping keys this process knows to be gone."""

    def number(self) -> int:
        """The number of the epoch that goes on."""
        with self.pool.connection() as connection:
            return current(connection)[0]

    def horizon_of(self, destroyed_at: datetime) -> datetime:
        """When no backup opens a key any more that was destroyed at a time.

        That is when the wrapping key of its epoch was destroyed, or is when rotation runs in time;
        none of an earlier one may be left, nor one that nobody noted. Where that epoch is not
        noted, the last it can be: what the database says of epochs, and of how many there were,
        anybody may have written there.
        """
        noted = self.custody.epochs(self.id)
        begun = [epoch for epoch in noted.values() if epoch.began_at <= destroyed_at]
        if not begun:
            return max(destroyed_at + EPOCH, self.clock())
        epoch, later = max(begun), noted.keys() - {epoch.number for epoch in begun}
        left = (n for n in range(1, max(noted) + 1) if n not in later | self.gone)
        if epoch.gone_at is None or any(self.wrapping.holds(self.name_of(n)) for n in left):
            return max(epoch.began_at + EPOCH, self.clock())
        return epoch.gone_at

    def overdue(self) -> timedelta:
        """For how long the wrapping key should have been changed; negative before it is due."""
        noted = self.custody.epochs(self.id)
        if noted:
            return self.clock() - noted[max(noted)].began_at - EPOCH
        with self.pool.connection() as connection:
            return self.clock() - current(connection)[1] - EPOCH

    def name_of(self, epoch: int) -> str:
        """How the wrapping key of an epoch is called where it is kept."""
        return f"{self.id}-{epoch}"

    def proved_now(self, connection: Connection, epoch: int) -> str:
        """The same as `proved`, whatever was proved before. Raises `DangerousSetting`."""
        self.proven.discard(epoch)
        return self.proved(connection, epoch)

    def proved(self, connection: Connection, epoch: int) -> str:
        """The name of an epoch's wrapping key, proved to be right. Raises `DangerousSetting`."""
        if epoch in self.proven:
            return self.name_of(epoch)
        row = connection.execute(
            "select proof from vault.epoch where number = %s", (epoch,)
        ).fetchone()
        proof = None if row is None else row[0]
        if not self.opens(epoch, proof) and not self.opens_one(connection, epoch):
            raise DangerousSetting(
                f"The wrapping key of epoch {epoch} is not the one with which this key store was "
                "made; restore the folder keys of the installation that made it. Where they are "
                "the right ones, somebody changed vault.epoch."
            )
        self.proven.add(epoch)
        return self.name_of(epoch)

    def opens(self, epoch: int, proof: bytes | None) -> bool:
        """Whether the wrapping key here is the one under which the known value was wrapped."""
        try:
            return proof is not None and self.wrapping.unwrap(self.name_of(epoch), proof) == PROOF
        except WrongWrappingKey:
            return False

    def opens_one(self, connection: Connection, epoch: int) -> bool:
        """Whether the wrapping key here opens a key of its epoch, whatever the known value says."""
        rows = connection.execute(
            "select id, record, part, wrapped from vault.key where epoch = %s order by id limit %s",
            (epoch, TRIED),
        ).fetchall()
        for key, record, part, wrapped in rows:
            with suppress(WrongWrappingKey):
                unbound(
                    self.wrapping.unwrap(self.name_of(epoch), wrapped), key, Whose(record, part)
                )
                return True
        return False

    def holds_proved(self, connection: Connection, epoch: int) -> bool:
        """Whether the wrapping key of an epoch is here, and the right one."""
        try:
            self.proved(connection, epoch)
        except DangerousSetting:
            return False
        return True

    def begin(self, connection: Connection, number: int) -> Epoch:
        """Begin an epoch, in a transaction."""
        name = self.name_of(number)
        self.wrapping.begin(name)
        epoch = Epoch(number, self.clock())
        connection.execute(
            "insert into vault.epoch (number, proof, began_at) values (%s, %s, %s)",
            (number, self.wrapping.wrap(name, PROOF), epoch.began_at),
        )
        return epoch

    def going_on(self, connection: Connection) -> Epoch:
        """The last epoch that was begun, its wrapping key proved: as it was noted here, if it was.

        One that the database says goes on and nobody noted was begun when its wrapping key is here.
        """
        noted = self.custody.epochs(self.id)
        newest = max(noted.values(), default=None)
        if newest is None or going(connection) not in {*noted, None}:
            number, began_at = current(connection)
            if newest is None or (number > newest.number and self.holds_proved(connection, number)):
                newest = Epoch(number, min(began_at, self.clock()))
        self.proved(connection, newest.number)
        return newest

    def next_free(self, connection: Connection, number: int) -> int:
        """The number of the epoch that follows one: somebody may have put others in its place."""
        rows = connection.execute("select number from vault.epoch where number > %s", (number,))
        taken = {taken for (taken,) in rows}
        return next(free for free in count(number + 1) if free not in taken)

    def changed(self, connection: Connection, newest: Epoch) -> Iterator[str]:
        """What the database says of epochs that may still have their wrapping keys, and is not so.

        The newest is the one that goes on.
        """
        rows = connection.execute("select number, began_at, proof from vault.epoch").fetchall()
        said = {number: began_at for number, began_at, _ in rows}
        number = going(connection)
        if number != newest.number:
            yield f"epoch {newest.number} goes on, and it says that {number or 'none'} does"
        proofs = {number: proof for number, _, proof in rows}
        if newest.number in proofs and not self.opens(newest.number, proofs[newest.number]):
            yield f"its proof of epoch {newest.number} is not the one that was made with it"
        for epoch in self.custody.epochs(self.id).values():
            if epoch.gone_at is not None or said.get(epoch.number) == epoch.began_at:
                continue
            says = f"says {said[epoch.number]}" if epoch.number in said else "knows nothing of it"
            yield f"epoch {epoch.number} began at {epoch.began_at}, and it {says}"

    def end_epochs(
        self, connection: Connection, current: int, require_kept: Callable[[], None]
    ) -> Iterator[int]:
        """Destroy the wrapping keys of all epochs before the current one that keep no key.

        None where keys are lost: a backup brings them back, and one of these opens them.
        Whether one is gone is asked where it was kept: what the database says of it, anybody who
        administers it may have written, and taken out its row.
        """
        noted = self.custody.epochs(self.id)
        ended = connection.execute(
            "select number, epoch.number is not null and destroyed_at is null"
            " from generate_series(1, %s) as number left join vault.epoch using (number)"
            " where number <> all(%s)"
            " and not exists (select from vault.key where epoch = number) order by number",
            (current - 1, list(self.gone)),
        ).fetchall()
        for number, unsaid in ended:
            name, epoch = self.name_of(number), noted.get(number)
            unnoted = epoch is not None and epoch.gone_at is None
            if unsaid or unnoted or self.wrapping.holds(name):
                require_kept()
                self.wrapping.destroy(name)
                if self.wrapping.holds(name):
                    raise DangerousSetting(
                        f"The wrapping key {name} is still there although it was destroyed; destroy"
                        " it where it is kept."
                    )
                if epoch is not None:
                    self.custody.note(self.id, epoch._replace(gone_at=self.clock()))
                connection.execute(
                    "update vault.epoch set destroyed_at = %s where number = %s",
                    (self.clock(), number),
                )
                yield number
            self.gone.add(number)


def current(connection: Connection) -> tuple[int, datetime]:
    """The epoch that goes on, and since when. Raises `DangerousSetting` where none does."""
    row = connection.execute(
        "select number, began_at from vault.epoch where ended_at is null"
    ).fetchone()
    if row is None:
        raise DangerousSetting(
            "Somebody changed vault.epoch: it says that no epoch goes on, and without one nothing "
            "is sealed. The installation with the custody of the wrapping keys begins another: "
            "huhang rotate-keys."
        )
    return row[0], row[1]


def going(connection: Connection) -> int | None:
    """The number of the epoch that the database says goes on; None where it says of none."""
    row = connection.execute("select number from vault.epoch where ended_at is null").fetchone()
    return None if row is None else int(row[0])
