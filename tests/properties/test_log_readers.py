"""No reader ever skips a position, whatever open transactions, rollbacks and killed sessions do."""

from __future__ import annotations

import itertools
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, suppress
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from application.database import Database
from application.eventlog import (
    Position,
    Row,
    Save,
    read_page,
)
from application.recorder import EventLog, datastore_of
from tests.author import APPEND, AUTHOR, by_hand
from tests.conftest import Databases
from tests.writers import until

WRITERS = 3
TAILS = 2
PATIENCE = 10  # seconds; a wait this long is a deadlock


class Writer:
    """A session that may hold a transaction open, or wait for another one's."""

    def __init__(self, database: Database) -> None:
        self.connection = psycopg.connect(database.application)
        self.thread = ThreadPoolExecutor(1)
        self.appending: Future[Any] | None = None
        self.streams: list[UUID] = []

    def append(self, events: int) -> None:
        stream = uuid4()
        self.streams += [stream] * events
        self.appending = self.thread.submit(
            self.connection.execute,
            f"select first_position from {APPEND}",
            by_hand(stream, *range(1, events + 1)),
        )

    def close(self) -> None:
        self.thread.shutdown()
        self.connection.close()


class Tail:
    """A reader that goes on from the last position it saw, as a projector does."""

    def __init__(self, database: Database) -> None:
        self.connection = psycopg.connect(database.projector, autocommit=True)
        self.rows: list[Row] = []

    @property
    def position(self) -> Position:
        return self.rows[-1].position if self.rows else 0

    def read(self, limit: int) -> None:
        page = read_page(self.connection, self.position, limit)
        assert [row.position for row in page] == [
            self.position + offset for offset, _ in enumerate(page, start=1)
        ]
        self.rows += page


class OpenTransactions(RuleBasedStateMachine):
    """Sessions append, wait, commit, roll back and are killed, while tails and a glance read."""

    databases: Databases

    def __init__(self) -> None:
        super().__init__()
        self.resources = ExitStack()
        self.database = self.resources.enter_context(self.databases())
        self.admin = self.connect(self.database.administrator)
        self.glance = self.connect(self.database.reader)
        self.tails = [Tail(self.database) for _ in range(TAILS)]
        for tail in self.tails:
            self.resources.callback(tail.connection.close)
        self.writers = [Writer(self.database) for _ in range(WRITERS)]
        self.committed: list[UUID] = []

    def connect(self, conninfo: str) -> psycopg.Connection[Any]:
        connection = psycopg.connect(conninfo, autocommit=True)
        self.resources.callback(connection.close)
        return connection

    def teardown(self) -> None:
        for writer in self.writers:
            self.admin.execute(
                "select pg_terminate_backend(%s)", (writer.connection.info.backend_pid,)
            )
        for writer in self.writers:
            writer.close()
        self.resources.close()

    def holder(self) -> Writer | None:
        """The writer that got through and did not end its transaction yet."""
        appending = [w.appending for w in self.writers if w.appending is not None]
        if not appending:
            return None
        done, _ = wait(appending, PATIENCE, FIRST_COMPLETED)
        assert done, "all writers wait for each other"
        (holder,) = (w for w in self.writers if w.appending in done)
        assert holder.appending is not None
        holder.appending.result()
        return holder

    @rule(number=st.integers(0, WRITERS - 1), events=st.integers(1, 3))
    def append(self, number: int, events: int) -> None:
        writer = self.writers[number]
        if writer.appending is None or writer is self.holder():
            writer.append(events)
            self.holder()

    @precondition(lambda self: self.holder() is not None)
    @rule()
    def commit(self) -> None:
        holder = self.holder()
        assert holder is not None
        holder.connection.commit()
        self.committed += holder.streams
        holder.appending, holder.streams = None, []

    @precondition(lambda self: self.holder() is not None)
    @rule()
    def roll_back(self) -> None:
        holder = self.holder()
        assert holder is not None
        holder.connection.rollback()
        holder.appending, holder.streams = None, []

    @rule(number=st.integers(0, WRITERS - 1))
    def kill(self, number: int) -> None:
        writer = self.writers[number]
        pid = writer.connection.info.backend_pid
        self.admin.execute("select pg_terminate_backend(%s)", (pid,))
        until(lambda: not self.works(pid))
        if writer.appending is not None:
            with suppress(psycopg.Error):
                writer.appending.result(PATIENCE)
        writer.close()
        self.writers[number] = Writer(self.database)

    def works(self, pid: int) -> bool:
        """Whether there is such a backend; asking the server to wait for its end takes 0.1 s."""
        query = "select from pg_stat_activity where pid = %s"
        return self.admin.execute(query, (pid,)).fetchone() is not None

    @rule(number=st.integers(0, TAILS - 1), limit=st.integers(1, 5))
    def read_on(self, number: int, limit: int) -> None:
        self.tails[number].read(limit)

    @invariant()
    def the_log_is_the_commits_in_their_order(self) -> None:
        rows = read_page(self.glance, 0, 10_000)
        assert [row.originator_id for row in rows] == self.committed
        assert [row.position for row in rows] == list(range(1, len(rows) + 1))

    @invariant()
    def recorded_times_increase_save_by_save(self) -> None:
        rows = read_page(self.glance, 0, 10_000)
        for before, after in itertools.pairwise(rows):
            if before.originator_id == after.originator_id:
                assert before.recorded_at == after.recorded_at
            else:
                assert before.recorded_at < after.recorded_at

    @invariant()
    def no_tail_skipped_anything(self) -> None:
        for tail in self.tails:
            seen = [row.originator_id for row in tail.rows]
            assert seen == self.committed[: len(seen)]


@pytest.mark.exhaustive
def test_no_reader_skips_a_position_whatever_open_transactions_do(databases: Databases) -> None:
    class Here(OpenTransactions):
        pass

    Here.databases = staticmethod(databases)
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_no_reader_skips_a_position_while_processes_save_at_once(database: Database) -> None:
    saves = 40
    savers = 4

    def save(log: EventLog) -> None:
        stream = uuid4()
        for version in range(1, saves + 1):
            log.insert_events(
                [StoredEvent(stream, version, "thing.happened.v1", b"{}")], save=Save()
            )

    def read(_: int) -> list[Row]:
        tail = Tail(database)
        while tail.position < 2 * savers * saves:
            tail.read(7)
        tail.connection.close()
        return tail.rows

    datastores = [datastore_of(database.application) for _ in range(2)]
    logs = [EventLog(datastore, AUTHOR) for datastore in datastores]
    with ThreadPoolExecutor() as threads:
        saving = [threads.submit(save, log) for log in logs for _ in range(savers)]
        reading = [threads.submit(read, number) for number in range(TAILS)]
        for future in saving:
            future.result()
        first, second = (future.result() for future in reading)
    for closing in (*logs, *datastores):
        closing.close()
    assert first == second
    assert [row.position for row in first] == list(range(1, 2 * savers * saves + 1))
    assert all(a.recorded_at < b.recorded_at for a, b in itertools.pairwise(first))
