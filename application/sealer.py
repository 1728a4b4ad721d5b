"""The sealer: follows the log, inspects each new row, and signs a checkpoint over the grown tree.

It trusts the database with nothing that it can compute itself, and remembers outside of it what it
signed: (size, root, note) are on its own disk before anybody sees the checkpoint, so that no crash
and no restored database makes it sign two trees of one size (audit §2). One sealer runs at a time.
"""

from __future__ import annotations

import threading
from base64 import b64decode
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row

from application.alarms import Alarm, ring
from application.database import AT_LENGTH, Database, impatient
from application.eventlog import Position, head
from application.first_event import require_known
from application.first_seal import FirstSeal
from application.inspection import (
    PAGE,
    Continuity,
    Defect,
    Inspected,
    inspect,
    read_page,
    read_rows,
    require_none_before,
)
from application.keys import (
    another_key,
    checkpoint_signers,
    checkpoint_verifier,
    require_log_key,
)
from application.log_stream import Beginning, beginning_of
from application.memory import Busy, Memory
from application.note import Checkpoint, MalformedNote, Note, Signer, Unverified, open_checkpoint
from application.seal import (
    RolledBack,
    Sealed,
    newest_checkpoint,
    read_tile,
    require_extension,
)
from application.sealing_times import CLOCKS_APART, is_allowed_ahead
from application.settings import Settings
from application.table_audit import require_shapes
from application.tree import (
    GrownTile,
    RightEdge,
    Unproven,
    check_inclusion,
    hashes_of_tiles,
    inclusion_proof,
)
from domain.log import LogGenesis

RECONNECT: Final = 2.0  # seconds before asking a database that does not answer again
INTERVAL: Final = 0.5  # seconds between checkpoints: less than the one second that is promised
CLOCK_TOLERANCE: Final = timedelta(seconds=5)  # between the database's clock and ours
LOCK: Final = 7268843  # the advisory lock of the one sealer of a database

LAST_VERSIONS: Final = """
select originator_id, max(originator_version) from only log.event
where originator_id = any(%s) and position <= %s
group by originator_id
"""
ONE_MOMENT: Final = "set transaction isolation level repeatable read, read only"
SERVER_CLOCK: Final = "select clock_timestamp()"
RECORDED_AT: Final = "select recorded_at from only log.event where position = %s"
PUBLISH_TILE: Final = "insert into seal.tile (level, number, hashes, root) values (%s, %s, %s, %s)"
PUBLISH: Final = "insert into seal.checkpoint (size, root, note, sealed_at) values (%s, %s, %s, %s)"
WARN: Final = "insert into seal.warning (noticed_at, position, sentence) values (%s, %s, %s)"


class Sealer:
    """Seals what is in the log, page by page, as a context.

    Entering raises `Busy` while another sealer is at work, `DangerousSetting` without the log's
    key, and `Alarm` when the log or its seal is not what this one signed.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._conninfo = impatient(database.sealer, AT_LENGTH)
        self._settings = settings
        self._memory = Memory(settings.home / "seal")
        self._first = FirstSeal(settings)
        self._clock = clock
        self._caught_up_at: datetime | None = None
        self._behind = True

    def __enter__(self) -> Self:
        """Take up where the last sealer stopped."""
        with ExitStack() as stack:
            stack.enter_context(self._memory.locked())
            self._connection = stack.enter_context(psycopg.connect(self._conninfo, autocommit=True))
            self._connection.execute("set synchronous_commit = on")
            locked = self._connection.execute("select pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
            if locked != (True,):
                raise Busy("Another sealer is at work on this log; it seals what is recorded.")
            stack.callback(self._unlock)
            require_log_key(self._settings)
            self._resume()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let another sealer take over."""
        self._stack.close()

    def _unlock(self) -> None:
        """Let another take over at once: the server notices a closed connection a moment later."""
        with suppress(psycopg.Error):  # one that was lost holds nothing
            self._connection.execute("select pg_advisory_unlock(%s)", (LOCK,))

    @cached_property
    def _signers(self) -> Sequence[Signer]:
        return checkpoint_signers(self._settings)

    @property
    def _signer(self) -> Signer:
        return self._signers[0]

    @property
    def size(self) -> int:
        """How many records are sealed."""
        return self._edge.size

    @property
    def behind(self) -> bool:
        """Whether the last page left something to be sealed at once."""
        return self._behind

    def seal_next(self) -> Checkpoint | None:
        """Seal the next page of the log; None when everything is sealed. Raises `Alarm`."""
        started = self._clock()
        until = head(self._connection)
        if until < self.size:
            raise Alarm(
                f"The log ends at position {until:,}, but {self.size:,} records were sealed: "
                "records were removed. Stop recording and restore the newest backup."
            )
        self._behind = until > self.size + PAGE
        if until == self.size:
            self._caught_up_at = started
            return None
        page, tiles = self._grow(min(until, self.size + PAGE))
        checkpoint = Checkpoint(self._signer.name, self.size, self._edge.root())
        note = self._signed(checkpoint)
        self._memory.keep(note)
        self._first.note(self._first_leaf)
        self._publish(checkpoint, note, tiles)
        self._watch_clock(page)
        self._caught_up_at = None if self._behind else started
        return checkpoint

    def accept(self, note: bytes) -> None:
        """Begin a new memory, where the old one was lost, from a checkpoint kept outside.

        The log must go on from it, from what is published, and from a memory that is there; the
        largest is remembered. Raises `RolledBack`, `MalformedNote`, `Unverified`, `Unproven`,
        `DangerousSetting`; `Alarm` where the log is not the one that our key began.
        """
        with (
            self._memory.locked(),
            psycopg.connect(self._conninfo, autocommit=True) as connection,
        ):
            require_log_key(self._settings)
            self._own_genesis(beginning_of(connection))
            known = [self._extended(connection, note)]
            newest = newest_checkpoint(connection)
            if newest is not None:
                known.append(self._extended_published(connection, newest))
            remembered = self._memory.read()
            if remembered is not None:
                known.append(self._extended_memory(connection, remembered))
            self._memory.keep(self._signed(max(known, key=lambda checkpoint: checkpoint.size)))

    def _extended(self, connection: psycopg.Connection[Any], note: bytes) -> Checkpoint:
        signer = self._signer
        return require_extension(connection, note, signer.name, [signer.verifier]).checkpoint

    def _extended_published(
        self, connection: psycopg.Connection[Any], published: Sealed
    ) -> Checkpoint:
        """What is published, last of all. Raises `RolledBack`."""
        try:
            return self._extended(connection, published.note)
        except (MalformedNote, RolledBack, Unproven, Unverified) as wrong:
            raise RolledBack(
                f"The newest checkpoint in the database, over {published.size:,} records, is none "
                f"that the log goes on from: {wrong} The file that was shown is another one and "
                "may be right. Look with huhang verify who put that row there; it must be taken "
                "out of seal.checkpoint before a memory can begin anew."
            ) from None

    def _extended_memory(self, connection: psycopg.Connection[Any], note: bytes) -> Checkpoint:
        """What the sealer remembers. Raises `RolledBack`."""
        try:
            return self._extended(connection, note)
        except (MalformedNote, RolledBack, Unproven, Unverified) as wrong:
            raise RolledBack(
                f"The log does not go on from what this sealer remembers. {wrong} No checkpoint "
                "from outside takes the place of that, else two trees of one size could be signed: "
                "restore a newer backup. Only who knows why those records are gone moves the file "
                "seal/checkpoint of HUHANG_HOME away by hand, and tells the witnesses."
            ) from None

    def _signed(self, checkpoint: Checkpoint) -> bytes:
        signatures = tuple(signer.sign(checkpoint.text) for signer in self._signers)
        return Note(checkpoint.text, signatures).encode()

    def _resume(self) -> None:
        """Compare what is published with what was signed, and finish what a crash interrupted."""
        try:
            require_shapes(self._connection)
        except Defect as misshapen:
            raise Alarm(f"{misshapen} ({misshapen.check.value})") from None
        beginning = beginning_of(self._connection)
        if beginning.genesis is not None:
            self._own_genesis(beginning)
        remembered = self._memory.read()
        published = newest_checkpoint(self._connection)
        if remembered is None and published is None:
            doubt = self._first.doubt(self._connection, self._clock())
            if doubt is not None:
                raise Alarm(doubt)
        signed = None if remembered is None else self._opened(remembered)
        self._require_no_more(published, signed)
        self._edge = self._edge_at(published)
        self._take_up()
        self._continuity = Continuity(self.size, self._recorded_at(self.size))
        if signed is not None and signed.size > self.size:
            assert remembered is not None
            self._republish(signed, remembered)
        if remembered is not None:
            self._first.note(self._first_leaf)

    def _require_no_more(self, published: Sealed | None, signed: Checkpoint | None) -> None:
        if published is None:
            return
        if signed is None:
            raise Alarm(
                "The log is sealed, but the sealer's memory (the folder seal of HUHANG_HOME) is "
                "lost; begin it anew from a checkpoint kept outside: huhang seal --from FILE"
            )
        if published.size > signed.size:
            raise Alarm(
                f"The log is sealed up to {published.size:,}, but this sealer signed "
                f"{signed.size:,} at most: its memory is older than the seal. Begin it anew from a "
                "checkpoint kept outside: huhang seal --from FILE"
            )

    def _edge_at(self, published: Sealed | None) -> RightEdge:
        if published is None:
            return RightEdge(0, partial(read_tile, self._connection))
        stated = self._opened(published.note)
        try:
            edge = RightEdge(published.size, partial(read_tile, self._connection))
        except Unproven as unproven:
            raise Alarm(str(unproven)) from None
        if (stated.size, stated.root) != (published.size, published.root):
            raise Alarm(f"The checkpoint of size {published.size:,} was exchanged.")
        if edge.root() != stated.root:
            raise Alarm(
                f"The tiles of the first {published.size:,} records do not lead to the root that "
                "was signed: the seal or the leaves were changed."
            )
        return edge

    def _take_up(self) -> None:
        """Believe the first and the last record that are sealed by their place in the tree alone.

        The first one names the authors; the last one tells later whether the log still ends there.
        """
        self._genesis, self._last, self._first_leaf = None, b"", b""
        if self.size == 0:
            return
        hashes = hashes_of_tiles(self.size, partial(read_tile, self._connection))
        with self._connection.transaction():
            self._connection.execute(ONE_MOMENT)
            self._genesis = beginning_of(self._connection).genesis
            for at in (1, self.size):
                self._last = self._leaf_now(at)
                self._first_leaf = self._last if at == 1 else self._first_leaf
                try:
                    path = inclusion_proof(at - 1, self.size, hashes)
                    check_inclusion(at - 1, self.size, self._last, self._edge.root(), path)
                except Unproven as unproven:
                    raise Alarm(
                        f"Position {at:,}: it is not the record that was sealed there. {unproven}"
                    ) from None

    def _leaf_now(self, at: Position) -> bytes:
        try:
            return inspect(read_rows(self._connection, at - 1, at), at - 1, None).leaves[0]
        except Defect as defect:
            raise Alarm(f"{defect} ({defect.check.value})") from None

    def _republish(self, signed: Checkpoint, note: bytes) -> None:
        until = head(self._connection)
        if until < signed.size:
            raise Alarm(
                f"The log ends at position {until:,}, but this sealer signed {signed.size:,}: "
                "records are missing, as after a restore from an old backup."
            )
        tiles: list[GrownTile] = []
        while self.size < signed.size:
            tiles += self._grow(min(signed.size, self.size + PAGE))[1]
        if self._edge.root() != signed.root:
            raise Alarm(
                f"The first {signed.size:,} records are not those that this sealer signed: the "
                "log was changed, or restored and continued."
            )
        self._publish(signed, note, tiles)

    def _grow(self, until: Position) -> tuple[Inspected, list[GrownTile]]:
        """Inspect the rows up to a position and add their leaves to the tree."""
        with self._connection.transaction():
            # Else the authors could be of one moment and the rows that they signed of another.
            self._connection.execute(ONE_MOMENT)
            beginning = beginning_of(self._connection)
            self._require_own(beginning)
            page = self._inspected(until, beginning)
            self._require_clock(page.recorded_to)
        self._genesis, self._last = beginning.genesis, page.leaves[-1]
        if page.after == 0:
            self._first_leaf = page.leaves[0]
        return page, [tile for leaf in page.leaves for tile in self._edge.push(leaf)]

    def _require_own(self, beginning: Beginning) -> None:
        """Check that the log is the one begun with our key, and still begins and ends so."""
        genesis = self._own_genesis(beginning)
        if self.size and genesis != self._genesis:
            raise Alarm(
                "The first event of the log, which names its keys, is not the one that was sealed: "
                "somebody changed it, perhaps for a moment. Find out who, and run huhang verify."
            )
        if self.size and self._leaf_now(self.size) != self._last:
            raise Alarm(
                f"Position {self.size:,}: it is not the record that was sealed there. Sealed "
                "records were removed, and others took their place."
            )
        self._simulated = genesis.simulated

    def _own_genesis(self, beginning: Beginning) -> LogGenesis:
        """The first event of a log that was begun with our key, as it is known outside.

        Raises `Alarm`, `DangerousSetting`.
        """
        require_known(beginning, self._settings.home)
        genesis, own = beginning.genesis, self._signer.verifier
        if genesis is None:
            raise Alarm("The log does not begin with its keys; nobody can prove it.")
        if checkpoint_verifier(genesis.keys) != own:
            remedy = ""
            if b64decode(genesis.keys.checkpoint_key) != own.public:
                remedy = "; restore the folder keys of the HUHANG_HOME that began it"
            said = another_key(genesis.keys, own)
            raise Alarm(f"{said[0].upper()}{said[1:]}{remedy}.")
        return genesis

    def _inspected(self, until: Position, beginning: Beginning) -> Inspected:
        try:
            require_none_before(self._connection)
            rows = read_page(self._connection, self.size, until)
            page = inspect(rows, self.size, beginning.authors)
            # What this process sealed itself it knows better than the index that is asked.
            self._continuity.versions = self._last_versions(page) | self._continuity.versions
            self._continuity.follow(page)
        except Defect as defect:
            raise Alarm(f"{defect} ({defect.check.value})") from None
        return page

    def _last_versions(self, page: Inspected) -> dict[int, int]:
        streams = [UUID(int=stream) for stream in page.spans]
        with self._connection.cursor(row_factory=tuple_row, binary=True) as cursor:
            found = cursor.execute(LAST_VERSIONS, (streams, self.size))
            return {stream.int: version for stream, version in found}

    def _publish(self, checkpoint: Checkpoint, note: bytes, tiles: Sequence[GrownTile]) -> None:
        try:
            with self._connection.transaction(), self._connection.cursor() as cursor:
                cursor.executemany(
                    PUBLISH_TILE,
                    [(tile.level, tile.number, row, root) for tile, row, root in tiles],
                )
                cursor.execute(PUBLISH, (checkpoint.size, checkpoint.root, note, self._clock()))
        except psycopg.errors.UniqueViolation:
            raise Alarm(
                f"Something else was published as the seal of {checkpoint.size:,} records."
            ) from None

    def _require_clock(self, recorded_at: datetime) -> None:
        """Refuse to write at which time was sealed, by a clock that cannot be right.

        Not compared with the time of an older checkpoint: whoever wrote one of next year into the
        database could end the sealing until then.
        """
        row = self._connection.execute(SERVER_CLOCK).fetchone()
        assert row is not None
        now = self._clock()
        if abs(now - row[0]) > CLOCKS_APART:
            raise Alarm(
                f"The clock here says {now.isoformat(timespec='seconds')}, the database's "
                f"{row[0].isoformat(timespec='seconds')}: nothing is sealed while they are more "
                f"than {CLOCKS_APART.days} day apart. Put right the one that is wrong, and start "
                "again."
            )
        if now < recorded_at - CLOCKS_APART:
            if is_allowed_ahead(self._settings.home, recorded_at):
                return
            raise Alarm(
                f"The clocks here and in the database say {now.isoformat(timespec='seconds')}, but "
                f"the newest record came at {recorded_at.isoformat(timespec='seconds')}: nothing "
                f"is sealed while that is more than {CLOCKS_APART.days} day ahead. Put the clocks "
                "right and start again; only where they are right and were ahead before, say so: "
                "huhang seal --clock-right REASON"
            )

    def _watch_clock(self, page: Inspected) -> None:
        """Warn when rows that just came say that they came at another time."""
        if self._caught_up_at is None or self._simulated:
            return
        earliest = self._caught_up_at - CLOCK_TOLERANCE
        latest = self._clock() + CLOCK_TOLERANCE
        for recorded_at in (page.recorded_from, page.recorded_to):
            if not earliest <= recorded_at <= latest:
                sentence = (
                    f"Recorded at {recorded_at.isoformat()} by the database's clock, but between "
                    f"{earliest.isoformat()} and {latest.isoformat()} by the sealer's."
                )
                self._connection.execute(WARN, (self._clock(), page.after + 1, sentence))
                return

    def _recorded_at(self, position: Position) -> datetime | None:
        row = self._connection.execute(RECORDED_AT, (position,)).fetchone()
        return None if row is None else row[0]

    def _opened(self, note: bytes) -> Checkpoint:
        signer = self._signer
        try:
            return open_checkpoint(note, signer.name, [signer.verifier]).checkpoint
        except (MalformedNote, Unverified) as wrong:
            raise Alarm(f"A checkpoint of this log is not one that it signed: {wrong}") from None


def follow(database: Database, settings: Settings, stop: threading.Event) -> None:
    """Seal whatever is recorded until told to stop, also across restarts of the database.

    Raises `Alarm`.
    """
    while not stop.is_set():
        try:
            with Sealer(database, settings) as sealer:
                while not stop.is_set():
                    while sealer.seal_next() is not None and sealer.behind:
                        pass
                    stop.wait(INTERVAL)
        except (Busy, psycopg.OperationalError):  # whoever seals may end, the database come back
            stop.wait(RECONNECT)


def keep_sealed(database: Database, settings: Settings, stop: threading.Event) -> None:
    """Follow the log; an alarm is kept for people to see and ends the sealing, not the work.

    So is whatever else ends it, such as a full disk: sealing never ends unheard.
    """
    try:
        follow(database, settings, stop)
    except Alarm as alarm:
        ring(settings.home, alarm)
    except Exception as error:
        ring(settings.home, Alarm(f"Sealing ended ({error}); mend that and start it again."))
