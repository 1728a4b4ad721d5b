"""The key store: a key for every person and record, wrapped for the epoch, destroyed for good."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Final, LiteralString, NamedTuple
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool
from pydantic import AfterValidator

from application.alarms import Alarm, ring
from application.binding import bound, unbound
from application.custody import AnotherStore, Custody
from application.database import Database, DatabaseUnavailable, statement
from application.destroyed import Destroyed, NotRemembered
from application.destructions import Destructions, Last
from application.drafts import Key, KeyDestroyed, KeyTaken, Whose
from application.envelope import Unopened
from application.epochs import EPOCH, Connection, Epochs, current, going
from application.eventlog import Position, head
from application.instants import bound_instants
from application.keys import make_identity_key
from application.keys_named import KeysNamed
from application.own_rows import OwnRows, own_rows
from application.wrapping import WrappingKeys, WrongWrappingKey
from domain.base import Value
from domain.values import AcquaintanceRelation, ErasureGround, Party, Role

SHARED: Final = 50  # parties that bear one number: what more bear is an office's or nobody's
NONE: Final = UUID(int=0)  # before every key
BATCH: Final = 1000  # keys wrapped anew in one transaction
ROUND: Final = 168  # looks in which each key is opened once: a week of hours
SAID_WITHIN: Final = timedelta(hours=1)  # of its beginning, what an erasure destroyed is in the log
LOCK_TIMEOUT: Final = 40  # seconds; who holds a lock may wait for a key service, which has 30

RELATIONS: Final = {str(relation): relation for relation in AcquaintanceRelation}
MAKING: Final = "lock table vault.key_lock in share mode"
ALONE: Final = "lock table vault.key_lock in exclusive mode"
ROTATING: Final = "lock table vault.rotation_lock in exclusive mode"
# Every column by which a row of an erasure tells whether it is ours.
ERASURES: Final = """
select request, record, keys, missing, ground, actor, role, office, occurred, mark
from vault.erasure"""
# Of keys that are remembered as destroyed, those that stand or are not noted.
LEFT: Final = """
select id from unnest(%(remembered)s::uuid[]) as remembered (id)
where not exists (select from vault.destroyed where destroyed.id = remembered.id)
union select id from vault.key where id = any(%(remembered)s::uuid[])
"""
# Before what a row of a key says, whether vault.destroyed says that it was destroyed.
IN_TURN: Final = """
select id, record, part, epoch, wrapped
from vault.key
where id > %s
order by id
limit (select ceil(count(*)::numeric / %s) from vault.key)
"""
NOTED: Final = """
select exists (select from vault.destroyed where destroyed.id = key.id) as noted,
       id, record, part, epoch, wrapped
from vault.key
"""

LOG: Final = logging.getLogger("huhang")


class Erasure(Value):
    """An erasure that was begun: what it destroys, why, and who asked for it."""

    request: UUID
    record: UUID
    keys: tuple[UUID, ...]
    missing: tuple[UUID, ...] = ()
    """Those of them that were not in the key store although the log names them."""
    ground: ErasureGround
    actor: UUID
    role: Role
    office: UUID
    occurred: Annotated[datetime, AfterValidator(lambda instant: instant.astimezone(UTC))]
    """In UTC whatever the server's zone is, so that healing repeats the same request."""


class Entry(NamedTuple):
    """Where the blind index leads: a person's part of a record, its key, the identity's nonce."""

    record: UUID
    part: str
    key: UUID
    nonce: str


class Near(NamedTuple):
    """Entries from where a number was registered or declared to the party of a case."""

    relation: AcquaintanceRelation
    way: tuple[Entry, ...]


class Rotation(NamedTuple):
    """What a rotation did: the epoch that goes on, keys wrapped anew, wrapping keys destroyed."""

    epoch: int
    rewrapped: int
    destroyed: tuple[int, ...]


class EpochsChanged(Alarm):
    """The key store says something else of its epochs than was noted outside of the database."""

    def __init__(self, changed: Collection[str]) -> None:
        super().__init__(
            f"Somebody changed vault.epoch: {'; '.join(changed)}. Rotation goes by what is noted "
            "here and was not held up by it; find out who did it, and put the rows right."
        )


class KeysLost(Alarm):
    """Keys that the log names are not in the key store, and nobody destroyed them."""

    def __init__(self, lost: Collection[UUID]) -> None:
        super().__init__(
            f"{len(lost):,} keys, such as {min(lost)}, which the log names, are not in the key "
            "store, and nobody destroyed them. No wrapping key is destroyed meanwhile, so that a "
            "backup can still be opened: restore the key store from its newest one, and find out "
            "who took them out. What no backup holds is given up by: huhang rotate-keys --give-up "
            "REASON"
        )


class KeySpoiled(Unopened):
    """What stands in the place of a key was changed, or is another's."""

    def __init__(self, key: UUID) -> None:
        super().__init__(
            f"The key store holds something else in the place of the key {key}, and what it seals "
            "cannot be read. Restore the row from a backup of before, and find out who changed it."
        )


class KeysHeldUp(DatabaseUnavailable):
    """Other work on the keys did not end in time; nothing was done."""


@dataclass(frozen=True, slots=True)
class KeyStore:
    """Keys by whose data they seal; no key is kept in memory for longer than one command.

    What `destroyed` remembers is never opened, kept or found again, whatever the database says.
    """

    conninfo: str = field(repr=False)
    pool: ConnectionPool[Connection]
    wrapping: WrappingKeys
    custody: Custody
    destroyed: Destroyed
    destructions: Destructions
    id: UUID
    rows: OwnRows
    epochs: Epochs
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def require_wrapping(self) -> None:
        """Check that personal data can be sealed and opened. Raises `DangerousSetting`.

        The wrapping key of the epoch must be within reach now, and the right one.
        """
        with self.pool.connection() as connection:
            epoch, _ = current(connection)
            self.epochs.proved_now(connection, epoch)

    def key_of(self, whose: Whose) -> Key | None:
        """The key that seals somebody's data in a record; None where there is none.

        Raises `DangerousSetting` when the wrapping key is missing or another one, and `KeySpoiled`,
        with an alarm.
        """
        with self.pool.connection() as connection:
            for noted, *row in connection.execute(
                NOTED + "where record = %s and part = %s", whose
            ).fetchall():
                if row[0] not in self.dead({row[0]: noted}):
                    return self.opened(connection, *row)
        return None

    def keep(
        self, whose: Whose, key: Key, nonce: str = "", digests: Collection[bytes] = ()
    ) -> None:
        """Store somebody's new key; again changes nothing.

        Beside it go the digests by which the identity that was sealed with a nonce is found. Raises
        `KeyTaken` when another process was faster and somebody has another key by now,
        `KeyDestroyed` when the key was destroyed since it was read.
        """
        # To the commit no key is destroyed, and no wrapping key of an epoch in which one is made.
        with self.locked(MAKING) as connection:
            rows = connection.execute(NOTED + "where record = %s and part = %s", whose).fetchall()
            there = {standing: noted for noted, standing, *_ in rows}
            back = self.dead(there)
            # Who destroys one deletes its row: of one that stands, a note alone says nothing.
            noted = "select true from vault.destroyed where id = %s"
            if key.id in self.destroyed or (
                key.id not in there.keys() - back
                and connection.execute(noted, (key.id,)).fetchone()
            ):
                raise KeyDestroyed
            if back:  # what came back would stand in the way of who comes again
                self.bury(connection, back)
            epoch, _ = current(connection)
            wrapped = self.wrapping.wrap(self.epochs.proved(connection, epoch), bound(key, whose))
            connection.execute(
                "insert into vault.key (id, record, part, epoch, wrapped, made_at)"
                " values (%s, %s, %s, %s, %s, %s) on conflict (record, part) do nothing",
                (key.id, *whose, epoch, wrapped, self.clock()),
            )
            row = connection.execute(
                "select id from vault.key where record = %s and part = %s", whose
            ).fetchone()
            if row != (key.id,):
                raise KeyTaken
            if digests:
                connection.execute(
                    "insert into vault.term (key, nonce, digest)"
                    " select %s, %s, unnest(%s::bytea[]) on conflict do nothing",
                    (key.id, nonce, list(digests)),
                )

    def entries(self, digest: bytes) -> list[Entry]:
        """Which identities held the number that a digest is of."""
        with self.pool.connection() as connection:
            rows = connection.execute(
                "select record, part, id, nonce from vault.term join vault.key on key.id = term.key"
                " where digest = %s order by record, part, nonce",
                (digest,),
            ).fetchall()
        entries = [Entry(*row) for row in rows]
        back = self.put_down([entry.key for entry in entries])
        return [entry for entry in entries if entry.key not in back]

    def near(self, records: Collection[UUID] | None = None) -> list[Near]:
        """Which parties of cases bear the numbers registered or declared in some records, or all.

        Or those that stand beside one's own in a case, as a relative's.
        """
        with self.pool.connection() as connection:
            rows = connection.execute(
                statement("acquainted.sql"),
                {
                    "records": None if records is None else list(records),
                    "relations": list(AcquaintanceRelation),
                    "parties": list(Party),
                    "shared": SHARED,
                },
                prepare=False,  # a plan for all records is none for those of one person
            ).fetchall()
        found = [
            Near(RELATIONS[relation], tuple(map(Entry._make, zip(*way, strict=True))))
            for relation, *way in rows
        ]
        back = self.put_down({entry.key for near in found for entry in near.way})
        return [near for near in found if back.isdisjoint(entry.key for entry in near.way)]

    def indexed(self) -> bool:
        """Whether anybody's number has a digest."""
        with self.pool.connection() as connection:
            return connection.execute("select from vault.term limit 1").fetchone() is not None

    def keys(self, ids: Collection[UUID]) -> dict[UUID, Key]:
        """Those of these keys that there are. Raises as `key_of` does."""
        ids = set(ids) - self.destroyed.among(ids)
        with self.pool.connection() as connection:
            rows = connection.execute(
                "select id, record, part, epoch, wrapped from vault.key where id = any(%s)",
                (list(ids),),
            ).fetchall()
            return {row[0]: self.opened(connection, *row) for row in rows}

    def parts_of(self, record: UUID) -> Mapping[str, UUID]:
        """The keys of a record by whose data they seal.

        One that is remembered as destroyed and stands there all the same is destroyed again.
        """
        with self.pool.connection() as connection:
            rows = connection.execute(
                "select part, id from vault.key where record = %s order by part", (record,)
            ).fetchall()
        there: dict[str, UUID] = dict(rows)
        back = self.put_down(there.values())
        return {part: key for part, key in there.items() if key not in back}

    def standing(self, keys: Collection[UUID]) -> frozenset[UUID]:
        """Those of some keys that there are, for whomever."""
        with self.pool.connection() as connection:
            rows = connection.execute(
                "select id from vault.key where id = any(%s)", (list(keys),)
            ).fetchall()
        return frozenset(key for (key,) in rows)

    def bound_to(self, record: UUID, keys: Collection[UUID]) -> frozenset[UUID]:
        """Those of some keys that were made for a record, whatever else their rows say.

        Raises `DangerousSetting` as `key_of` does.
        """
        if not keys:
            return frozenset()
        found = set[UUID]()
        with self.pool.connection() as connection:
            rows = connection.execute(
                "select id, record, part, epoch, wrapped from vault.key"
                " where record = %s and id = any(%s)",
                (record, list(keys)),
            ).fetchall()
            for row in rows:
                with suppress(Unopened):
                    found.add(self.unwrapped(connection, *row).id)
        return frozenset(found)

    def lost(self, record: UUID, keys: Collection[UUID]) -> frozenset[UUID]:
        """Those of some keys of a record, that are not where they belong, that nobody destroyed."""
        # Asked after who calls saw them gone: what is destroyed meanwhile is begun by now, or said.
        lost = frozenset(keys)
        if not lost:
            return lost
        begun = {key for erasure in self.unrecorded() for key in erasure.keys}
        self.learn_of(record)
        return lost - begun - self.destroyed.among(lost)

    def with_keys(self, records: Collection[UUID]) -> frozenset[UUID]:
        """Those of some records of which anything sealed can still be read."""
        with self.pool.connection() as connection:
            rows = connection.execute(NOTED + "where record = any(%s)", (list(records),)).fetchall()
        gone = self.dead({key: noted for noted, key, *_ in rows})
        return frozenset(record for _, key, record, *_ in rows if key not in gone)

    def dead(self, keys: Mapping[UUID, bool]) -> frozenset[UUID]:
        """Those of some keys that were destroyed; of each is said whether vault.destroyed says so.

        That alone is no proof: rings for those that neither this installation remembers, nor the
        log or an erasure that was begun says to be destroyed. They live on.
        """
        gone = self.destroyed.among(keys)
        doubtful = {key for key, noted in keys.items() if noted} - gone
        if not doubtful:
            return gone
        begun = self.begun_of(doubtful)
        self.learn()
        gone = self.destroyed.among(keys) | begun
        forged = doubtful - gone
        if forged:
            self.ring(
                f"vault.destroyed says of {len(forged):,} keys, such as {min(forged)}, that they "
                "were destroyed, and neither the log nor this installation does. None is deleted "
                "for it; find out who wrote there, and have the administrator of the database "
                "delete these rows."
            )
        return gone

    def begun_of(self, keys: Collection[UUID]) -> frozenset[UUID]:
        """Those of some keys that an erasure destroys of which the log does not say all yet."""
        begun = {key for erasure in self.unrecorded() for key in erasure.keys}
        return frozenset(begun.intersection(keys))

    def require_none_lost(self) -> None:
        """Check that every key that the log names is here or was destroyed. Raises `KeysLost`."""
        if lost := self.lost_of_all():
            raise KeysLost(lost)

    def lost_of_all(self) -> frozenset[UUID]:
        """The keys that the log names and that are not there although nobody destroyed them.

        Raises what `KeysNamed.all` does.
        """
        with self.pool.connection() as connection:
            # The log first: a key is in the store before the log names it.
            memory = KeysNamed(self.custody.home)
            named = memory.all(connection)
            rows = connection.execute("select id::text from vault.key").fetchall()
        standing = {key for (key,) in rows}
        memory.ask_again(standing)
        missing = frozenset(map(UUID, named - standing))
        if not missing:
            return missing
        begun = self.begun_of(missing)
        self.learn()
        return missing - begun - self.destroyed.among(missing)

    def give_up(self, lost: Collection[UUID]) -> None:
        """Ask no more about lost keys, as long as they do not come back. Raises `OSError`."""
        KeysNamed(self.custody.home).give_up(lost)

    def put_down(self, standing: Collection[UUID]) -> frozenset[UUID]:
        """Destroy again those of some keys that are remembered as destroyed; returns which."""
        back = self.destroyed.among(standing)
        if back:
            LOG.error("keys that were destroyed stood in the key store again: %s", sorted(back))
            with self.locked(ALONE) as connection:
                self.bury(connection, back)
            self.remembered(back)
        return back

    def opened(
        self, connection: Connection, key: UUID, record: UUID, part: str, epoch: int, wrapped: bytes
    ) -> Key:
        """A key that somebody asks for. Raises `KeySpoiled`, with an alarm."""
        try:
            return self.unwrapped(connection, key, record, part, epoch, wrapped)
        except KeySpoiled as spoiled:
            self.ring(str(spoiled))
            raise

    def unwrapped(
        self, connection: Connection, key: UUID, record: UUID, part: str, epoch: int, wrapped: bytes
    ) -> Key:
        """A key from its row. Raises `KeySpoiled` for a row that was changed, or is another's."""
        try:
            unwrapped = self.wrapping.unwrap(self.epochs.name_of(epoch), wrapped)
            return unbound(unwrapped, key, Whose(record, part))
        except WrongWrappingKey:
            self.epochs.proved(connection, epoch)  # where that is wrong, it is what to say
            raise KeySpoiled(key) from None

    def prepare(self) -> None:
        """Begin the first epoch of a new store, and destroy anew what the log says is destroyed.

        Who makes a store has the custody of its wrapping keys.
        """
        first = None
        with self.locked(ALONE) as connection:
            if connection.execute("select from vault.epoch limit 1").fetchone() is None:
                first = self.epochs.begin(connection, 1)
                self.custody.take(connection, self.id)
        if first is not None:
            self.custody.note(self.id, first)
        self.replay()

    def replay(self) -> int:
        """Destroy again every key that was destroyed before; returns how many there were."""
        self.learn()
        remembered = list(self.destroyed.all())
        # Not under the lock: they are the more the longer one erases, and mostly all are buried.
        with self.pool.connection() as connection:
            left = {key for (key,) in connection.execute(LEFT, {"remembered": remembered})}
            noted = connection.execute("select id from vault.key join vault.destroyed using (id)")
            left |= self.dead({key: True for (key,) in noted.fetchall()})
        if not left:
            return 0
        with self.locked(ALONE) as connection:
            return self.bury(connection, left)

    def learn(self) -> Position:
        """Remember every key of which the log says, since it was read last, that it is gone.

        Returns the position of the newest row that says so, believed or not.
        """
        last = self.last_destruction()
        if last != self.destructions.looked:
            remembered = self.destroyed.all()
            with self.pool.connection() as connection:
                said = self.destructions.unread(connection, remembered)
            if self.remembered(said):
                self.destructions.note(last, len(self.destroyed.all()))
        return last.position

    def learn_anew(self) -> bool:
        """Whether the log says of all keys that are remembered that they are gone; then it is read.

        For a newest row that is not where it stood: it may have been moved for a moment. What an
        erasure that goes on is about to say counts as not said: that it goes on, anybody may write.
        """
        if self.not_said(self.destroyed.all()):
            return False
        self.destructions.begin_anew()
        self.learn()
        return True

    def learn_of(self, record: UUID) -> Mapping[UUID, Position]:
        """Remember every key of a record that the log says is gone; returns where it says so."""
        with self.pool.connection() as connection:
            said = self.destructions.of(connection, record)
        self.remembered(said)
        return said

    def remembered(self, keys: Collection[UUID]) -> bool:
        """Remember keys that the log says are gone; rings where only this process can."""
        try:
            self.destroyed.remember(keys)
        except NotRemembered as alarm:
            self.ring(str(alarm))
            return False
        return True

    def unsaid(self) -> frozenset[UUID]:
        """Keys that are remembered as destroyed although the log says it of them no more.

        Those of an erasure that was begun just now, and goes on or is to be healed, are none of
        them. What the log says is proved anew, and remembered.
        """
        # In this order: what is destroyed meanwhile is not asked about, what is said by then is.
        remembered = self.destroyed.all()
        # When it was begun stands under its mark; that it is unsaid, anybody may have written.
        since = self.clock() - SAID_WITHIN
        begun = {
            key for erasure in self.unrecorded() if erasure.occurred > since for key in erasure.keys
        }
        return self.not_said(remembered) - begun

    def not_said(self, keys: frozenset[UUID]) -> frozenset[UUID]:
        """Of which of these keys the log does not say that they are gone, every row proved anew.

        What it says is remembered.
        """
        self.destructions.doubt_again()
        with self.pool.connection() as connection:
            said = self.destructions.after(connection, 0)
        self.remembered(said)
        return keys - said.keys()

    def destroy_again(self, keys: Collection[UUID]) -> None:
        """Destroy keys of which the log says that they were destroyed, or is about to.

        From then on they are remembered outside of the database. Raises `NotRemembered`.
        """
        with self.locked(ALONE) as connection:
            self.bury(connection, keys)
        self.destroyed.remember(keys)

    def bury(self, connection: Connection, keys: Collection[UUID]) -> int:
        """Delete keys, and never keep them again, in a transaction; returns how many there were."""
        connection.execute(
            "insert into vault.destroyed (id) select unnest(%s::uuid[]) on conflict do nothing",
            (list(keys),),
        )
        gone = "delete from vault.key where id = any(%s)"
        return connection.execute(gone, (list(keys),)).rowcount

    def last_destruction(self) -> Last:
        """The last row by which a key is said to be gone."""
        with self.pool.connection() as connection:
            return self.destructions.last(connection)

    def database_clock(self) -> datetime:
        """What time the database takes it to be."""
        with self.pool.connection() as connection:
            row = connection.execute("select clock_timestamp()").fetchone()
        assert row is not None, "it answers with a row"
        at: datetime = row[0]
        return at.astimezone(UTC)

    def destroy(self, erasure: Erasure) -> None:
        """Destroy keys, and note for whom until the log says it; again changes nothing."""
        # Alone: a key that is just being kept would else come back behind the deletion.
        with self.locked(ALONE) as connection:
            connection.execute(
                statement("erasure_begun.sql"),
                self.rows.marked(
                    "erasure",
                    {
                        **erasure.model_dump(),
                        "keys": list(erasure.keys),
                        "missing": list(erasure.missing),
                    },
                ),
            )
            self.bury(connection, erasure.keys)

    def unrecorded(self) -> list[Erasure]:
        """Erasures of which the log does not say everything yet, the oldest first.

        Rings for rows that this installation did not write: they are none.
        """
        with self.pool.connection() as connection:
            cursor = connection.cursor(row_factory=dict_row)
            rows = cursor.execute(
                ERASURES + " where recorded_at is null order by occurred, request"
            ).fetchall()
        begun = [self.begun(row) for row in rows]
        if None in begun:
            self.ring(
                f"{begun.count(None):,} rows of vault.erasure were put there or changed by somebody"
                f" else than this installation, such as {rows[begun.index(None)]['request']}: "
                "nothing is recorded or destroyed for them. Find out who administers the database, "
                "and delete them."
            )
        return [erasure for erasure in begun if erasure is not None]

    def begun(self, row: DictRow) -> Erasure | None:
        """The erasure of a row, if this installation wrote it."""
        if not self.rows.wrote("erasure", row):
            return None
        return Erasure(**{name: row[name] for name in Erasure.model_fields})

    def ring(self, said: str) -> None:
        """Let a person look at something."""
        ring(self.custody.home, Alarm(said))

    def erasure(self, request: UUID) -> Erasure | None:
        """An erasure that was begun by a request, if there is one."""
        with self.pool.connection() as connection:
            cursor = connection.cursor(row_factory=dict_row)
            row = cursor.execute(
                ERASURES + " where request = %s",
                (request,),
            ).fetchone()
        return self.begun(row) if row else None

    def last_erasure(self, record: UUID) -> Erasure | None:
        """The last erasure that this installation began of a record, if there is one."""
        with self.pool.connection() as connection:
            cursor = connection.cursor(row_factory=dict_row)
            rows = cursor.execute(
                ERASURES + " where record = %s order by occurred desc, request",
                (record,),
            ).fetchall()
        return next(filter(None, map(self.begun, rows)), None)

    def note_recorded(self, request: UUID) -> None:
        """Note that the log says all of an erasure."""
        with self.pool.connection() as connection:
            connection.execute(
                "update vault.erasure set recorded_at = %s where request = %s",
                (self.clock(), request),
            )

    @contextmanager
    def alone(self, record: UUID) -> Iterator[None]:
        """Hold a record against every other erasure and legal hold of it.

        Raises `KeysHeldUp`, with an alarm where somebody holds it for good.
        """
        held = self.holding("insert into vault.record_lock (record) values (%s)", record)
        with ExitStack() as stack:
            try:
                stack.enter_context(held)
            except psycopg.errors.UniqueViolation:
                told = (
                    f"A row of vault.record_lock keeps the record {record} from every erasure and "
                    "hold, and no work leaves one: somebody wrote it. Nothing was done; have the "
                    "administrator of the database delete it, and change the passwords."
                )
                self.ring(told)
                raise KeysHeldUp(told) from None
            yield

    @contextmanager
    def holding(self, lock: LiteralString, *values: object) -> Iterator[None]:
        """Hold what a statement locks until the block ends; what it writes is never committed.

        Raises `KeysHeldUp`.
        """
        # A connection of its own: the holders of all others of the pool may wait for just this one.
        with psycopg.connect(self.conninfo) as connection:
            patient(connection)
            # Nothing may take the lock away while the work goes on over other connections.
            connection.execute("set idle_in_transaction_session_timeout = 0")
            with in_time():
                connection.execute(lock, values)
            try:
                yield
            finally:
                connection.rollback()

    @contextmanager
    def locked(self, lock: LiteralString) -> Iterator[Connection]:
        """A transaction under a lock. Raises `KeysHeldUp`."""
        with in_time(), self.pool.connection() as connection, connection.transaction():
            connection.execute(lock)
            yield connection

    def take_over(self) -> None:
        """Change the wrapping keys from this installation on, and from no other.

        Not while another process does. Raises `KeysHeldUp`.
        """
        with self.holding(ROTATING), self.pool.connection() as connection:
            self.custody.take(connection, self.id)

    def rotate(self, *, at_once: bool = False) -> Rotation:
        """Begin a new epoch when it is time or wanted, wrap all keys anew, destroy the old keys.

        May be stopped and started again at any point. Raises `NotCustodian` where the wrapping keys
        are not this installation's to change, and `KeysHeldUp`. Before any old key is destroyed,
        raises `KeysLost` for keys that the log names and that are gone, and `Unopened` for rows
        that were changed: every wrapping key stays then. `Unopened` also at the end, where such a
        row stands and no old key was left. Last, raises `EpochsChanged` where the database says of
        epochs what was not noted here: it is done by the note, and rings whatever else is raised.
        """
        with self.holding(ROTATING), self.pool.connection() as connection:
            self.custody.require(connection, self.id)
            with in_time(), connection.transaction():
                connection.execute(ALONE)
                epoch = self.epochs.going_on(connection)
                changed = tuple(self.epochs.changed(connection, epoch))
                over = going(connection) != epoch.number
                # One noted by a clock that was ahead is due too: its days would not end in time.
                due = not timedelta() <= self.clock() - epoch.began_at < EPOCH
                if at_once or over or due:
                    connection.execute(
                        "update vault.epoch set ended_at = %s where ended_at is null",
                        (self.clock(),),
                    )
                    epoch = self.epochs.begin(
                        connection, self.epochs.next_free(connection, epoch.number)
                    )
            self.custody.note(self.id, epoch)
            if changed:  # at once, for what else is wrong is raised before it
                self.ring(str(EpochsChanged(changed)))
            rewrapped, last, wrapped = 0, NONE, dict[UUID, int]()
            while batch := self.rewrap(connection, epoch.number, last, wrapped):
                rewrapped, last = rewrapped + len(batch), batch[-1]
            # Once, before the first: each look opens or compares every key.
            kept = cache(partial(self.require_all_kept, connection, epoch.number, wrapped))
            ended = tuple(self.epochs.end_epochs(connection, epoch.number, kept))
            require_none_left(self.elsewhere(connection, epoch.number))
            if changed:
                raise EpochsChanged(changed)
            return Rotation(epoch.number, rewrapped, ended)

    def elsewhere(self, connection: Connection, epoch: int) -> list[UUID]:
        """The keys that stand in another epoch than this one: none is but by somebody's hand."""
        rows = connection.execute(
            "select id from vault.key where epoch <> %s order by id", (epoch,)
        ).fetchall()
        return [key for (key,) in rows]

    def require_all_kept(
        self, connection: Connection, epoch: int, wrapped: Mapping[UUID, int]
    ) -> None:
        """Check that no key would be lost with the wrapping keys of earlier epochs.

        `wrapped` are the hashes of those that were wrapped for this epoch just now; any other must
        open. Raises `KeysLost`, `Unopened`.
        """
        self.require_none_lost()
        changed, after = self.elsewhere(connection, epoch), NONE
        while rows := connection.execute(
            "select id, record, part, epoch, wrapped from vault.key"
            " where epoch = %s and id > %s order by id limit %s",
            (epoch, after, BATCH),
        ).fetchall():
            after = rows[-1][0]
            for row in rows:
                if wrapped.get(row[0]) != hash(row[4]):
                    try:
                        self.unwrapped(connection, *row)
                    except Unopened:
                        changed.append(row[0])
        require_none_left(changed)

    def spoiled(self, after: UUID) -> tuple[list[UUID], UUID]:
        """Of the next keys behind an id those that do not open, and the id to go on from.

        After `ROUND` looks and one, wherever they began, each key was opened. Raises
        `NotCustodian`, as another installation may not have each wrapping key yet; `KeysHeldUp`.
        """
        with self.holding(ROTATING), self.pool.connection() as connection:
            self.custody.require(connection, self.id)
            spoiled, last = [], NONE
            rows = connection.execute(IN_TURN, (after, ROUND)).fetchall()
            for row in rows or connection.execute(IN_TURN, (NONE, ROUND)).fetchall():
                last = row[0]
                try:
                    self.unwrapped(connection, *row)
                except Unopened:
                    spoiled.append(last)
            return spoiled, last

    def rewrap(
        self, connection: Connection, epoch: int, after: UUID, hashes: dict[UUID, int]
    ) -> list[UUID]:
        """Wrap some keys of other epochs for this one, in the order of their ids.

        Returns those that were looked at: each is once, whatever becomes of it. What is broken
        stays; what was destroyed and came back is destroyed again, not wrapped. The hashes are of
        what was wrapped.
        """
        rows = connection.execute(
            NOTED + "where epoch <> %s and id > %s order by id limit %s",
            (epoch, after, BATCH),
        ).fetchall()
        noted = {key: noted for noted, key, *_ in rows}
        rows = [row[1:] for row in rows]
        ids = list(noted)
        if not ids:
            return ids
        self.learn()
        destroyed = self.dead(noted)
        back = [row[0] for row in rows if row[0] in destroyed]
        connection.execute("delete from vault.key where id = any(%s)", (back,))
        name, kept, before, wrapped = self.epochs.proved(connection, epoch), [], [], []
        for row in rows:
            if row[0] in destroyed or row[3] > epoch:  # of an epoch to come no key is
                continue
            try:
                key = self.unwrapped(connection, *row)
            except Unopened:
                continue
            kept.append(key.id)
            before.append(row[4])
            wrapped.append(self.wrapping.wrap(name, bound(key, Whose(row[1], row[2]))))
            hashes[key.id] = hash(wrapped[-1])
        connection.execute(
            statement("keys_rewrapped.sql"),
            {"epoch": epoch, "ids": kept, "before": before, "wrapped": wrapped},
        )
        return ids


def require_none_left(keys: Collection[UUID]) -> None:
    """Refuse to go on without keys that could not be wrapped anew. Raises `Unopened`."""
    if keys:
        raise Unopened(
            f"The key store holds something else in the place of {len(keys):,} keys, such as "
            f"{min(keys)}, or lets nothing be changed there, and the wrapping key of their time "
            "stays until these rows are restored or removed, or what keeps them as they are."
        )


@contextmanager
def in_time() -> Iterator[None]:
    """Say in words that a lock was not got."""
    try:
        yield
    except psycopg.errors.LockNotAvailable:
        raise KeysHeldUp(
            "Other work on the keys of personal data takes long, and nothing was done; repeat it "
            "in a moment."
        ) from None


def patient(connection: Connection) -> None:
    """Let a connection wait for locks for as long as work on keys may take, and no longer.

    Times that no calendar has end nothing of what it reads.
    """
    bound_instants(connection)
    connection.execute(f"set lock_timeout = '{LOCK_TIMEOUT}s'")
    connection.commit()


def store_id(connection: Connection, home: Path) -> UUID:
    """The name of the key store in a database, given once.

    Raises `AnotherStore`, with an alarm, where this installation knows it by another one.
    """
    noted = Custody(home).stores()
    if not noted:
        connection.execute(
            "insert into vault.store (id) values (%s) on conflict do nothing", (uuid4(),)
        )
    row = connection.execute("select id from vault.store").fetchone()
    said = None if row is None else UUID(str(row[0]))
    if said is None or (noted and said not in noted):
        refused = AnotherStore(said, noted)
        ring(home, refused)
        raise refused
    Custody(home).note_store(said)
    return said


@contextmanager
def open_store(
    database: Database,
    wrapping: WrappingKeys,
    home: Path,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[KeyStore]:
    """The key store, prepared; whatever the log says is destroyed is destroyed in it.

    `home` is the HUHANG_HOME that knows whether the wrapping keys are changed from here, and
    which keys were destroyed. Raises `DangerousSetting` without its key of marks, once the log has
    begun, and `AnotherStore` where it has worked with another key store.
    """
    pool: ConnectionPool[Connection] = ConnectionPool(
        database.vault,
        min_size=1,
        max_size=4,
        kwargs={"autocommit": True},
        configure=patient,
        open=True,
    )
    try:
        with pool.connection() as connection:
            name = store_id(connection, home)
            if head(connection) == 0:
                make_identity_key(home)
            destroyed, destructions = Destroyed(home, name), Destructions(home)
            destructions.take_up(connection, len(destroyed.all()))
        rows, custody = own_rows(home, "vault"), Custody(home)
        store = KeyStore(
            database.vault,
            pool,
            wrapping,
            custody,
            destroyed,
            destructions,
            name,
            rows,
            Epochs(pool, wrapping, custody, name, clock),
            clock,
        )
        store.prepare()
        yield store
    finally:
        pool.close()
        wrapping.close()
