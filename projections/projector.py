"""Runs the projections: live from the log, and rebuilt beside the live build by many workers.

An event counts exactly once: its rows and the build's new position are written in one transaction,
which only the runner of the current epoch can commit, and only if nobody moved the position.
"""

from __future__ import annotations

import gc
import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import sql

from application.database import Database
from application.eventlog import Position, Row, decoded, head, read_page
from application.workers import undisturbed
from domain.access import ExportMade, ListOpened, PrintMade, RecordOpened, SearchMade
from domain.base import EVENTS
from projections import builds
from projections.builds import Build
from projections.comparison import ComparisonFailed, compare, compared
from projections.digests import require_noted
from projections.rows import TOPICS, Batch, Places, write

PAGE: Final = 2000  # events a transaction; more would keep a reader after his own write waiting
POLL: Final = 1.0  # seconds; NOTIFY wakes earlier, a lost one must not stop the work
ALIVE: Final = 3 * POLL  # seconds for which a sign of life of a runner holds
LOOK: Final = 0.01  # seconds between two looks at how far a running projector is
SOON: Final = 0.05  # seconds for which this process's own projector is waited for unseen
GATHER: Final = 0.25  # seconds for which traces of looks are gathered unless somebody waits
ASIDE: Final = 0.02  # seconds between two looks whether something else came meanwhile
TRACES: Final = sorted(
    event.topic for event in (RecordOpened, ListOpened, SearchMade, ExportMade, PrintMade)
)
ONLY_TRACES: Final = """
select not exists (
    select from (
        select topic from only log.event where position > %s order by position limit %s
    ) as came
    where topic <> all(%s)
)
"""
SLICES: Final = 64  # parts of a rebuild by aggregate id; small enough for an even load and progress

Connection = psycopg.Connection[Any]

Step = Callable[[Connection], object]

Progress = Callable[[int, int], None]
"""Told how many of how many parts are done."""


Despite = Callable[[ComparisonFailed], object]
"""Told by what a new build differs from the live one; it raises unless that may be replaced."""


def silently(done: int, of: int) -> None:
    """Tell nobody."""


def refused(different: ComparisonFailed) -> None:
    """Let the live build stay. Raises `ComparisonFailed`."""
    raise different


class Halted(Exception):  # noqa: N818 - said to people
    """An event could not be projected; nothing after it is, until that is mended."""


class Superseded(Exception):  # noqa: N818 - not an error: another runner does the work
    """Another runner took over this build."""


class Lagging(Exception):  # noqa: N818 - said to people
    """The read models did not reach `position`, the one that was asked for, in time."""

    def __init__(self, sentence: str, position: Position = 0) -> None:
        super().__init__(sentence)
        self.position = position


class Projector:
    """The read models over one database."""

    def __init__(self, database: Database) -> None:
        self._conninfo = database.projector
        self._moved = threading.Condition()
        self._reached: Position | None = None  # as long as it projects live
        self._asked: Position = 0  # how far somebody who waits wants it to be
        with self._connect() as connection:
            builds.install(connection)

    def catch_up(self) -> Position:
        """Project all that the log holds and return the position reached; makes the first build.

        Where another process projects live, it is left to its work and waited for, as long as it
        lives. Raises `Halted`, `Superseded`.
        """
        with self._connect() as connection:
            until = head(connection)
            while builds.is_attended(connection):
                if (live := builds.live(connection)) and live.position >= until:
                    return live.position
                time.sleep(LOOK)
            build = builds.take_over(connection) or builds.first(connection)
            return follow(connection, build).position

    def run(self, stop: threading.Event) -> None:
        """Project live until told to stop; a second runner takes over from the first.

        Raises `Halted`, `Superseded`.
        """
        with self._connect() as connection, self._connect() as listener:
            listener.execute("listen stored_events")
            while not stop.is_set():
                build = builds.take_over(connection) or builds.first(connection)
                try:
                    self._serve(connection, listener, build, stop)
                except Superseded:
                    now_live = builds.live(connection)
                    if now_live is None or now_live.number == build.number:
                        raise  # another runner; after a switch the new build is ours to run
                finally:
                    self._reached = None

    def wait(self, position: Position, timeout: float = 5.0) -> None:
        """Wait until readings hold everything up to a position, at 0 until there are any.

        Raises `Lagging`.
        """
        if self._reaches(position):
            return
        deadline = time.monotonic() + timeout
        with self._connect() as connection:
            while True:
                build = builds.live(connection)
                if build is not None and build.position >= position:
                    return
                if time.monotonic() > deadline:
                    reached = build.position if build else 0
                    raise Lagging(
                        f"The read models are at {reached}, not yet at {position}; ask again."
                    )
                time.sleep(LOOK)

    def _reaches(self, position: Position) -> bool:
        """Whether this process itself has projected up to a position, or will in a moment."""

        def reached() -> bool:
            return self._reached is not None and self._reached >= position

        with self._moved:
            if self._reached is None or reached():
                return reached()
            self._asked = max(self._asked, position)
            self._moved.notify_all()
            return self._moved.wait_for(reached, SOON)

    def rebuild(
        self, workers: int = 2, progress: Progress = silently, despite: Despite = refused
    ) -> Build:
        """Build all read models anew beside the live ones, compare, and switch.

        The live build keeps serving until the switch and stays, retired, until dropped. Where the
        same code came to other figures `despite` is told each table that differs; it raises, and
        the live build stays, or returns, and the new one replaces it.
        """
        with self._connect() as connection:
            build = builds.begin(connection)
            until = head(connection)
            self._fill(build, until, workers, progress)
            self._finish(build, until, workers)
            connection.execute(
                "update reading.build set position = %s where number = %s", (until, build.number)
            )
            build = replace(build, position=until)
            for different in self._differences(builds.live(connection), build, workers):
                despite(different)
            build = follow(connection, build)
            with connection.transaction():
                # While writers are held no event is recorded, so none slips between.
                connection.execute("select log.hold_writers()")
                build = follow(connection, build)
                builds.make_live(connection, build)
        return replace(build, status="live")

    def check(self, workers: int = 2, progress: Progress = silently) -> Build:
        """Build all read models anew, compare with the live ones and what was noted of them, drop.

        Returns the live build. Raises `ComparisonFailed`.
        """
        with self._connect() as connection:
            self.catch_up()
            live = builds.live(connection)
            assert live is not None
            if displaced := builds.displaced(connection, live):
                raise ComparisonFailed(
                    f"Readings do not ask the live build for {', '.join(displaced)}, but something "
                    "that somebody put before it; huhang rebuild puts it right."
                )
            build = builds.begin(connection)
            if live.version != build.version:
                builds.drop(connection, build)
                raise ComparisonFailed(
                    f"The live read models are of version {live.version}, this program makes "
                    f"{build.version}; run huhang rebuild, and compare then."
                )
            try:
                self._fill(build, live.position, workers, progress)
                self._finish(build, live.position, workers)
                build = replace(build, position=live.position)
                for different in self._differences(live, build, workers):
                    raise different
                require_noted(connection, build)
            finally:
                builds.drop(connection, build)
        return live

    def drop_unused(self) -> list[str]:
        """Drop the builds that no reading uses; returns their names."""
        with self._connect() as connection:
            return builds.drop_unused(connection)

    def wake(self) -> None:
        """Have whoever projects live look round at once, if the database is there."""
        with suppress(psycopg.OperationalError), self._connect() as connection:
            connection.execute("notify stored_events")

    def run_when_free(self, stop: threading.Event) -> None:
        """Project live as soon as no other runner does. Raises `Halted`, `Superseded`."""
        with self._connect() as connection:
            while builds.is_attended(connection):
                if stop.wait(POLL):
                    return
        self.run(stop)

    def _serve(
        self, connection: Connection, listener: Connection, build: Build, stop: threading.Event
    ) -> None:
        _beat(connection, build)
        while not stop.is_set():
            build = follow(connection, build)
            _beat(connection, build)  # which also shows that no other build is the live one by now
            with self._moved:
                self._reached = build.position
                self._moved.notify_all()
            if list(listener.notifies(timeout=POLL, stop_after=1)):
                self._gather(connection, build, stop)
                list(listener.notifies(timeout=0))  # of what is projected now
        _beat(connection, build, seconds=0)  # whoever waits for this runner need not any more

    def _gather(self, connection: Connection, build: Build, stop: threading.Event) -> None:
        """Wait a moment as long as nothing came but traces of looks, and nobody waits for one.

        There are more of them than of all else together, and a page of many costs what one costs.
        """
        until = time.monotonic() + GATHER
        while time.monotonic() < until and not stop.is_set():
            only = connection.execute(ONLY_TRACES, (build.position, PAGE, TRACES)).fetchone()
            if only != (True,):
                return
            with self._moved:
                if self._moved.wait_for(lambda: self._asked > build.position, ASIDE):
                    return

    def _connect(self) -> Connection:
        connection = psycopg.connect(self._conninfo, autocommit=True)
        # What a crash takes of the read models is projected anew: they need not wait for the disk.
        connection.execute("set synchronous_commit = off")
        return connection

    def _fill(self, build: Build, until: Position, workers: int, progress: Progress) -> None:
        """Project everything up to a position, split by aggregate among processes."""
        slices = [(number, build.schema, until) for number in range(SLICES)]
        # fork: the workers share the imported modules; each opens a connection of its own.
        processes = multiprocessing.get_context("fork")
        with undisturbed():
            pool = processes.Pool(workers, _open_worker, (self._conninfo, build.schema))
        with pool:
            for done, _ in enumerate(pool.imap_unordered(_fill_slice, slices), start=1):
                progress(done, SLICES)
            pool.close()
            pool.join()

    def _finish(self, build: Build, until: Position, workers: int) -> None:
        """Sum the rollup, make the indexes and gather statistics of a build just filled."""
        size = {"position": until, "size": builds.BLOCK}
        rollup = builds.within(build, "rollup_all.sql")
        self._side_by_side(
            [
                lambda connection: connection.execute(rollup, size),
                *(partial(_execute, statement=index) for index in builds.indexes(build)),
            ],
            workers,
        )
        # Vacuumed too: only then can readings stay within an index.
        vacuum = sql.SQL("vacuum (analyze) {}").format
        self._side_by_side(
            [
                partial(_execute, statement=vacuum(sql.Identifier(build.schema, table)))
                for table in builds.tables()
            ],
            workers,
        )

    def _differences(self, old: Build | None, new: Build, workers: int) -> list[ComparisonFailed]:
        """By what the live build differs, if the same code made it, up to where both have come."""
        found: list[ComparisonFailed] = []
        if old is not None and old.version == new.version:
            position = min(old.position, new.position)

            def look(connection: Connection, table: str) -> None:
                try:
                    compare(connection, table, old, new, position)
                except ComparisonFailed as different:
                    found.append(different)

            self._side_by_side([partial(look, table=table) for table in compared()], workers)
        return sorted(found, key=str)

    def _side_by_side(self, steps: Sequence[Step], workers: int) -> None:
        """Take steps that do not depend on each other, each on a connection of its own."""

        def take(step: Step) -> None:
            with self._connect() as connection:
                step(connection)

        with ThreadPoolExecutor(workers) as threads:
            for taken in [threads.submit(take, step) for step in steps]:
                taken.result()


def _execute(connection: Connection, statement: sql.Composed) -> None:
    connection.execute(statement)


def follow(connection: Connection, build: Build) -> Build:
    """Project page after page until the log's head; returns the build as it is then.

    Raises `Halted`, `Superseded`.
    """
    places = Places(connection, build.schema)
    while rows := read_page(connection, build.position, PAGE):
        try:
            project(connection, build, places, rows)
        except (Superseded, psycopg.OperationalError):
            raise
        except Exception:
            places.forget()
            build = _one_by_one(connection, build, places, rows)
        build = replace(build, position=rows[-1].position)
    return build


def project(connection: Connection, build: Build, places: Places, rows: Sequence[Row]) -> None:
    """Write the rows of a page and move the build's position, or neither."""
    expected = range(build.position + 1, build.position + 1 + len(rows))
    if any(row.position != at for row, at in zip(rows, expected, strict=True)):
        raise Halted(f"The log has a hole after position {build.position}; call the auditor.")
    last = rows[-1].position
    with connection.transaction():
        batch = Batch(places)
        # What leaves no row is not read: rubbish in the log's own stream stops no reading.
        said = (row for row in rows if row.topic in TOPICS or row.topic not in EVENTS)
        for recorded in decoded(said):
            batch.take(recorded)
        moved = connection.execute(
            "update reading.build set position = %s, heartbeat = now(), halted_at = null,"
            " halted_because = null where number = %s and position = %s and epoch = %s",
            (last, build.number, build.position, build.epoch),
        ).rowcount
        if moved == 0:
            raise Superseded(f"Another runner projects build {build.number}.")
        write(connection, build.schema, batch, onto_existing=True)
        size = builds.BLOCK
        for block in range(build.position // size + 1, last // size + 1):
            connection.execute(
                builds.within(build, "rollup_block.sql"), {"block": block, "size": size}
            )


def _one_by_one(connection: Connection, build: Build, places: Places, rows: Sequence[Row]) -> Build:
    """Project a page that failed event by event, and halt at the one that cannot be."""
    for row in rows:
        try:
            project(connection, build, places, [row])
        except (Superseded, psycopg.OperationalError):
            raise
        except Exception as error:
            connection.execute(
                "update reading.build set halted_at = %s, halted_because = %s where number = %s",
                (row.position, f"{type(error).__name__}: {error}", build.number),
            )
            raise Halted(
                f"Event {row.position} ({row.topic}) cannot be projected: {error}. "
                "Readings stay as of the event before it."
            ) from error
        build = replace(build, position=row.position)
    return build


def _beat(connection: Connection, build: Build, seconds: float = ALIVE) -> None:
    """Show that this runner lives and will for some seconds more. Raises `Superseded`."""
    beaten = connection.execute(
        "update reading.build set heartbeat = now(),"
        " attended_until = clock_timestamp() + make_interval(secs => %s)"
        " where number = %s and epoch = %s and status = 'live'",
        (seconds, build.number, build.epoch),
    ).rowcount
    if beaten == 0:
        raise Superseded(f"Another runner or build took over from build {build.number}.")


_worker: Connection
_places: Places


def _open_worker(conninfo: str, schema: str) -> None:
    global _worker, _places
    # Events and rows hold no cycles; looking for some among millions would take most of the time.
    gc.disable()
    _worker = psycopg.connect(conninfo, autocommit=True)
    _places = Places(_worker, schema)


def _fill_slice(part: tuple[int, str, Position]) -> None:
    """Project the aggregates whose ids begin with one slice's bits."""
    number, schema, until = part
    width = 256 // SLICES
    first = UUID(bytes=bytes([number * width]) + bytes(15))
    last = UUID(bytes=bytes([number * width + width - 1]) + b"\xff" * 15)
    batch = Batch(_places)
    with _worker.cursor(binary=True) as cursor:
        cursor.execute(builds.file("slice.sql"), (first, last, until, sorted(TOPICS)))
        for recorded in decoded(Row(*row) for row in cursor):
            batch.take(recorded)
    with _worker.transaction():
        write(_worker, schema, batch, onto_existing=False)


@contextmanager
def running(projector: Projector) -> Iterator[None]:
    """Project live in a thread of this process, until the block ends.

    A halted projector leaves its reason in the register, where health shows it.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_run_quietly, args=(projector, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        projector.wake()
        thread.join(timeout=3 * POLL)


def _run_quietly(projector: Projector, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            projector.run_when_free(stop)
        except (Superseded, Halted, psycopg.OperationalError):
            # Another runner works, an event must be mended, or the database went away: each may
            # pass, and then this process goes on. Health shows which it is.
            stop.wait(ALIVE)
