"""What the log promises (issue point 2), promise by promise."""

from __future__ import annotations

import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import (
    DataError,
    IntegrityError,
    OperationalError,
    PersistenceError,
    StoredEvent,
)
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool

from application import log_writer, recorder
from application.as_of import AsOfRefused, position_at
from application.database import Database
from application.eventlog import (
    AlreadyRecorded,
    Conflict,
    NotRecorded,
    Receipt,
    RequestReused,
    Save,
    fingerprint_of,
    head,
    read_page,
)
from application.recorder import EventLog, datastore_of
from tests.author import APPEND, AUTHOR, by_hand
from tests.writers import until, waiting_writers, writers_held

NOW = datetime.now(UTC)


def event(
    stream: UUID | None = None, version: int = 1, topic: str = "thing.happened.v1"
) -> StoredEvent:
    return StoredEvent(stream or uuid4(), version, topic, b"{}")


def events(stream: UUID, *versions: int) -> list[StoredEvent]:
    return [event(stream, version) for version in versions]


def record(log: EventLog, *recorded: StoredEvent, **request: Any) -> Receipt:
    save = Save(**request)
    log.insert_events(recorded or [event()], save=save)
    assert save.receipt is not None
    return save.receipt


def fetch(database: Database, query: str, *parameters: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.administrator) as connection:
        return connection.execute(query, parameters).fetchall()


def positions(database: Database) -> list[int]:
    return [p for (p,) in fetch(database, "select position from log.event order by position")]


def test_positions_count_from_one_without_gaps(log: EventLog, database: Database) -> None:
    assert [log.insert_events(events(uuid4(), 1, 2)) for _ in range(3)] == [[1, 2], [3, 4], [5, 6]]
    assert positions(database) == [1, 2, 3, 4, 5, 6]


def test_a_conflict_leaves_no_gap(log: EventLog, database: Database) -> None:
    stream = uuid4()
    record(log, event(stream, 1))
    with pytest.raises(Conflict):
        record(log, event(stream, 1))
    assert record(log, event(stream, 2)).first_position == 2
    assert positions(database) == [1, 2]


def test_a_save_rolled_back_leaves_no_gap(log: EventLog, database: Database) -> None:
    record(log)
    with psycopg.connect(database.application) as connection:
        connection.execute(f"select {APPEND}", by_hand(uuid4(), 1))
        assert head(connection) == 2
        connection.rollback()
    assert record(log).first_position == 2
    assert positions(database) == [1, 2]


def test_a_save_is_recorded_whole_or_not_at_all(log: EventLog, database: Database) -> None:
    with pytest.raises(Conflict):
        record(log, *events(uuid4(), 1, 2), *events(uuid4(), 1, 3))
    assert positions(database) == []


def test_recorded_times_increase_strictly_save_by_save(log: EventLog) -> None:
    times = [record(log).recorded_at for _ in range(50)]
    assert times == sorted(set(times))


def test_no_instant_splits_a_save(log: EventLog, database: Database) -> None:
    receipt = record(log, *events(uuid4(), 1, 2, 3))
    assert fetch(database, "select distinct recorded_at from log.event") == [(receipt.recorded_at,)]


def test_recorded_times_increase_when_the_servers_clock_runs_backwards(
    log: EventLog, database: Database
) -> None:
    ahead = NOW + timedelta(days=1)
    with psycopg.connect(database.administrator) as connection:
        connection.execute(
            "insert into log.event values (1, %s, 1, 'thing.happened.v1', '', %s, 'a', '', '')",
            (uuid4(), ahead),
        )
    assert record(log).recorded_at == ahead + timedelta(microseconds=1)
    assert record(log).recorded_at == ahead + timedelta(microseconds=2)


def test_recorded_times_come_from_the_database(log: EventLog, database: Database) -> None:
    ((before,),) = fetch(database, "select clock_timestamp()")
    recorded_at = record(log).recorded_at
    ((after,),) = fetch(database, "select clock_timestamp()")
    assert before < recorded_at < after


def test_the_receipt_says_what_the_log_holds(log: EventLog, database: Database) -> None:
    receipt = record(log, *events(uuid4(), 1, 2))
    assert fetch(
        database, "select min(position), max(position), max(recorded_at) from log.event"
    ) == [(receipt.first_position, receipt.last_position, receipt.recorded_at)]


def test_what_is_stored_comes_back_byte_by_byte(log: EventLog, database: Database) -> None:
    state = bytes(range(256)) * 40_000  # 10 MB: larger than any socket buffer
    stream = uuid4()
    log.insert_events([StoredEvent(stream, 1, "event-of-any-name.v1", state)])
    assert log.select_events(stream) == [StoredEvent(stream, 1, "event-of-any-name.v1", state)]


def test_a_conflict_tells_the_current_version(log: EventLog) -> None:
    stream = uuid4()
    record(log, *events(stream, 1, 2, 3))
    with pytest.raises(Conflict) as conflict:
        record(log, event(stream, 3))
    assert (conflict.value.originator, conflict.value.current_version) == (stream, 3)


def test_a_conflict_is_the_librarys_integrity_error(log: EventLog) -> None:
    with pytest.raises(IntegrityError):
        record(log, event(version=5))


def test_versions_are_dense(log: EventLog) -> None:
    stream = uuid4()
    record(log, event(stream, 1))
    with pytest.raises(Conflict) as conflict:
        record(log, event(stream, 3))
    assert conflict.value.current_version == 1


def test_a_stream_does_not_begin_in_its_middle(log: EventLog) -> None:
    with pytest.raises(Conflict) as conflict:
        record(log, event(version=2))
    assert conflict.value.current_version == 0


def test_the_stream_that_conflicts_is_named_among_several(log: EventLog) -> None:
    stream = uuid4()
    record(log, event(stream, 1))
    with pytest.raises(Conflict) as conflict:
        record(log, event(), event(stream, 1), event())
    assert conflict.value.originator == stream


def test_a_repeated_request_is_answered_with_the_first_receipt(
    log: EventLog, database: Database
) -> None:
    request = {"request": uuid4(), "fingerprint": fingerprint_of(b"body")}
    first = record(log, **request)
    with pytest.raises(AlreadyRecorded) as repeated:
        record(log, **request)
    assert repeated.value.receipt == first
    assert positions(database) == [1]


def test_a_repeated_request_is_answered_even_where_it_would_conflict_by_now(log: EventLog) -> None:
    stream, request = uuid4(), uuid4()
    first = record(log, event(stream, 1), request=request)
    record(log, event(stream, 2))
    with pytest.raises(AlreadyRecorded) as repeated:
        record(log, event(stream, 1), request=request)
    assert repeated.value.receipt == first


def test_a_request_id_with_another_body_is_refused(log: EventLog, database: Database) -> None:
    request = uuid4()
    record(log, request=request, fingerprint=fingerprint_of(b"body"))
    with pytest.raises(RequestReused, match="another body"):
        record(log, request=request, fingerprint=fingerprint_of(b"other body"))
    assert positions(database) == [1]


def test_a_conflicting_request_may_be_repeated_with_the_same_id(log: EventLog) -> None:
    stream, request = uuid4(), uuid4()
    record(log, event(stream, 1))
    with pytest.raises(Conflict):
        record(log, event(stream, 1), request=request)
    assert record(log, event(stream, 2), request=request).first_position == 2


def test_the_receipt_of_a_request_is_found_again(log: EventLog) -> None:
    request, fingerprint = uuid4(), fingerprint_of(b"body")
    assert log.receipt_of(request, fingerprint) is None
    receipt = record(log, request=request, fingerprint=fingerprint)
    assert log.receipt_of(request, fingerprint) == receipt
    with pytest.raises(RequestReused):
        log.receipt_of(request, fingerprint_of(b"other body"))


ROLES = ("application", "projector", "sealer", "vault", "identity", "reader")
TABLES = ("log.event", "log.request", "log.schema_version")
VIEW = "log.stored_events"
WRITES = (
    "insert into {} default values",
    "update {} set {column} = {column}",
    "delete from {}",
    "truncate {}",
)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("table", "write"),
    [
        *((table, write) for table in TABLES for write in WRITES),
        *((VIEW, write) for write in WRITES[:3]),
    ],
)
def test_no_role_may_write_a_table_of_the_log(
    log: EventLog, database: Database, role: str, table: str, write: str
) -> None:
    record(log)
    ((column,),) = fetch(
        database,
        "select attname from pg_attribute where attrelid = to_regclass(%s) and attnum = 1",
        table,
    )
    with (
        psycopg.connect(getattr(database, role)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(write.format(table, column=column))


@pytest.mark.parametrize("table", ["log.event", "log.request"])
@pytest.mark.parametrize(
    "setup", ["", "set role huhang_owner", "set session_replication_role = replica"]
)
@pytest.mark.parametrize("write", WRITES[1:])
def test_not_even_owner_and_superuser_change_what_was_recorded(
    log: EventLog, database: Database, table: str, setup: str, write: str
) -> None:
    record(log)
    column = {"log.event": "topic", "log.request": "fingerprint"}[table]
    with psycopg.connect(database.administrator) as connection:
        if setup:
            connection.execute(setup)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever appended to"):
            connection.execute(write.format(table, column=column))


@pytest.mark.parametrize("role", ["projector", "sealer", "vault", "identity", "reader"])
def test_only_the_application_appends(database: Database, role: str) -> None:
    with (
        psycopg.connect(getattr(database, role)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(f"select {APPEND}", by_hand(uuid4(), 1))


@pytest.mark.parametrize("role", ROLES)
def test_no_role_makes_objects_in_the_logs_schema(database: Database, role: str) -> None:
    with (
        psycopg.connect(getattr(database, role)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("create table log.mine ()")


def test_the_owner_of_the_log_cannot_log_in(database: Database) -> None:
    assert fetch(database, "select rolcanlogin from pg_roles where rolname = 'huhang_owner'") == [
        (False,)
    ]
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        psycopg.connect(make_conninfo(database.administrator, user="huhang_owner"))


def test_functions_with_the_owners_rights_have_a_pinned_search_path(database: Database) -> None:
    pinned = fetch(
        database,
        "select proname, proowner::regrole::text, proconfig from pg_proc"
        " where prosecdef and pronamespace = 'log'::regnamespace order by proname",
    )
    assert pinned == [
        (name, "huhang_owner", ["search_path=pg_catalog, pg_temp"])
        for name in ("append", "hold_territory", "hold_writers", "load", "wait_for_writers")
    ]


LOCK_MODES = (
    "access share",
    "row share",
    "row exclusive",
    "share update exclusive",
    "share",
    "share row exclusive",
    "exclusive",
    "access exclusive",
)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("mode", LOCK_MODES)
def test_no_role_locks_the_lock_of_the_log_itself(database: Database, role: str, mode: str) -> None:
    with (
        psycopg.connect(getattr(database, role)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(f"lock table log.append_lock in {mode} mode")


@pytest.mark.parametrize("role", ["application", "projector", "sealer", "reader", "administrator"])
@pytest.mark.parametrize(
    "statement", ["select pg_advisory_xact_lock(7268841)", "select log.wait_for_writers()"]
)
def test_no_open_transaction_of_a_reader_stops_the_writers(
    log: EventLog, database: Database, role: str, statement: str
) -> None:
    with psycopg.connect(getattr(database, role)) as outsider, ThreadPoolExecutor() as threads:
        outsider.execute(statement)
        saving = threads.submit(record, log)
        try:
            assert saving.result(timeout=4).first_position == 1
        finally:
            outsider.rollback()


@pytest.mark.parametrize("role", ["application", "vault", "reader"])
def test_only_the_projector_holds_the_writers(database: Database, role: str) -> None:
    with (
        psycopg.connect(getattr(database, role)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("select log.hold_writers()")


@pytest.mark.parametrize("role", ["projector", "sealer", "vault", "identity", "reader"])
def test_only_the_application_holds_the_tree_of_regions(database: Database, role: str) -> None:
    with psycopg.connect(getattr(database, role)) as connection:
        for held in ("select log.hold_territory()", "lock table log.territory_lock in share mode"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(held)


@pytest.mark.parametrize("function", ["wait_for_writers", "hold_writers", "hold_territory"])
def test_a_stranger_of_the_server_reaches_no_lock_of_the_log(
    database: Database, function: str
) -> None:
    with psycopg.connect(database.administrator) as connection:
        connection.execute("create role stranger")
        connection.execute("set role stranger")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute(f"select log.{function}()")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute("lock table log.append_lock in access share mode")
        connection.rollback()


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_append_refuses_an_isolation_that_could_not_see_the_last_position(
    database: Database, level: str
) -> None:
    with psycopg.connect(database.application) as connection:
        connection.execute(f"set transaction isolation level {level}")
        with pytest.raises(psycopg.errors.RaiseException, match="READ COMMITTED"):
            connection.execute(f"select {APPEND}", by_hand(uuid4(), 1))


class Proxy:
    """Stands between a client and the server's socket; counts round trips, loses replies."""

    def __init__(self, database: Database, directory: Path) -> None:
        parts = conninfo_to_dict(database.administrator)
        self._server = f"{parts['host']}/.s.PGSQL.{parts['port']}"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"{directory}/.s.PGSQL.{parts['port']}")
        self._listener.listen()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        self.database = Database(make_conninfo(database.administrator, host=str(directory)))
        self.requests = 0
        self.lose_next: str | None = None

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._forward, args=(client,)))
            self._threads[-1].start()

    def _forward(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self._server)
            replied, losing_reply = True, False
            while True:
                readable, _, _ = select.select([client, server], [], [])
                if client in readable:
                    request = client.recv(1 << 20)
                    if not request:
                        return
                    self.requests += replied
                    replied = False
                    if self.lose_next is not None and b"\0append\0" in request:
                        if self.lose_next == "request":
                            self.lose_next = None
                            return
                        self.lose_next, losing_reply = None, True
                    server.sendall(request)
                if server in readable:
                    reply = server.recv(1 << 20)
                    if not reply or losing_reply:
                        return
                    replied = True
                    client.sendall(reply)


@pytest.fixture
def proxy(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    proxy = Proxy(database, tmp_path_factory.mktemp("p"))
    yield proxy
    proxy.close()


@pytest.fixture
def far_log(proxy: Proxy) -> Iterator[EventLog]:
    """A log whose database is reached through the proxy."""
    with opened(proxy.database) as log:
        yield log


@contextmanager
def opened(database: Database) -> Iterator[EventLog]:
    datastore = datastore_of(database.application)
    log = EventLog(datastore, AUTHOR)
    yield log
    log.close()
    datastore.close()


def test_a_save_takes_one_round_trip(far_log: EventLog, proxy: Proxy) -> None:
    record(far_log)  # connects
    before = proxy.requests
    record(far_log, *events(uuid4(), 1, 2, 3))
    assert proxy.requests == before + 1


def test_a_save_whose_reply_is_lost_after_the_commit_is_recorded_once(
    far_log: EventLog, proxy: Proxy, database: Database
) -> None:
    record(far_log)
    stream = uuid4()
    proxy.lose_next = "reply"
    receipt = record(far_log, event(stream, 1))
    assert proxy.lose_next is None
    assert fetch(database, "select position, originator_id from log.event where position > 1") == [
        (receipt.first_position, stream)
    ]


def test_a_save_lost_before_it_arrived_is_recorded_once(
    far_log: EventLog, proxy: Proxy, database: Database
) -> None:
    record(far_log)
    proxy.lose_next = "request"
    assert record(far_log).first_position == 2
    assert proxy.lose_next is None
    assert positions(database) == [1, 2]


def test_a_conflict_is_told_after_a_lost_reply(far_log: EventLog, proxy: Proxy) -> None:
    stream = uuid4()
    record(far_log, *events(stream, 1, 2))
    proxy.lose_next = "reply"
    with pytest.raises(Conflict) as conflict:
        record(far_log, event(stream, 2))
    assert conflict.value.current_version == 2


def test_a_connection_that_the_server_closed_while_idle_is_replaced(
    log: EventLog, database: Database
) -> None:
    record(log)
    fetch(
        database,
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
        " where usename = 'huhang_application' and datname = current_database()",
    )
    assert record(log).first_position == 2


def test_a_reading_goes_on_after_the_server_closed_every_connection(
    log: EventLog, database: Database
) -> None:
    stream = uuid4()
    record(log, *events(stream, 1))
    assert log.version_at(stream, 1) == 1
    fetch(
        database,
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
        " where usename = 'huhang_application' and datname = current_database()",
    )
    assert log.version_at(stream, 1) == 1


def test_a_connection_of_which_nothing_is_heard_is_not_asked_whether_it_lives(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = uuid4()
    record(log, *events(stream, 1))
    assert log.version_at(stream, 1) == 1
    monkeypatch.setattr(ConnectionPool, "check_connection", pytest.fail)
    assert log.version_at(stream, 1) == 1


def test_one_plan_serves_statements_by_key(database: Database) -> None:
    conninfo = make_conninfo(database.application, options="-c application_name=before")
    datastore = datastore_of(conninfo)
    try:
        with datastore.get_connection() as connection:
            for setting, value in (
                ("plan_cache_mode", "force_generic_plan"),
                ("application_name", "before"),
            ):
                shown = connection.execute(f"show {setting}").fetchone()
                assert shown == {setting: value}
    finally:
        datastore.close()


def test_a_session_killed_in_the_middle_of_an_append_is_recorded_once(
    log: EventLog, database: Database
) -> None:
    with ThreadPoolExecutor() as threads:
        with writers_held(database):
            saving = threads.submit(record, log)
            until(lambda: waiting_writers(database) != [])
            for pid in waiting_writers(database):
                fetch(database, "select pg_terminate_backend(%s, 5000)", pid)
        assert saving.result().first_position == 1
    assert positions(database) == [1]


def test_a_database_that_stays_away_is_told_with_what_to_do(
    far_log: EventLog, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(far_log)
    monkeypatch.setattr(recorder, "RETRIES", ())
    proxy.lose_next = "request"
    request = uuid4()
    with pytest.raises(OperationalError, match=rf"{request}.*Repeat it with the same id"):
        record(far_log, request=request)
    assert record(far_log, request=request).first_position == 2


def test_a_log_that_is_held_up_says_that_nothing_was_recorded(
    log: EventLog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_writer, "LOCK_TIMEOUT", 0.05)
    monkeypatch.setattr(recorder, "RETRIES", (0.0,))
    request = uuid4()
    with writers_held(database), pytest.raises(NotRecorded, match=rf"{request} was NOT recorded"):
        record(log, request=request)
    assert positions(database) == []
    assert record(log, request=request).first_position == 1


def test_a_log_that_is_free_again_before_patience_ends_takes_the_whole_batch(
    log: EventLog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_writer, "LOCK_TIMEOUT", 0.05)
    saves = together(log, database, [[event()] for _ in range(5)], lambda: time.sleep(0.3))
    assert [save.result().first_position for save in saves] == [2, 3, 4, 5, 6]
    assert positions(database) == [1, 2, 3, 4, 5, 6]


def test_the_fate_of_a_save_stays_unknown_when_a_lock_fails_after_a_lost_reply(
    far_log: EventLog, proxy: Proxy, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(far_log)
    monkeypatch.setattr(log_writer, "LOCK_TIMEOUT", 0.05)
    monkeypatch.setattr(recorder, "RETRIES", (0.3,))
    proxy.lose_next = "reply"
    with ThreadPoolExecutor() as threads:
        saving = threads.submit(record, far_log)
        until(lambda: positions(database) == [1, 2])
        with writers_held(database):
            error = saving.exception()
    assert isinstance(error, OperationalError)
    assert not isinstance(error, NotRecorded)
    assert "not known" in str(error)


def test_a_deadlock_of_an_append_is_tried_again(
    log: EventLog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the owner can lock log.event against an append that is half done."""
    with (
        psycopg.connect(database.administrator) as owner,
        ThreadPoolExecutor() as threads,
    ):
        owner.execute("set deadlock_timeout = '10s'")  # the writer is the one that finds it
        owner.execute("lock table log.request in exclusive mode")
        saving = threads.submit(record, log)
        until(lambda: waiting_for(database, "log.request"))
        owner.execute("lock table log.append_lock in share mode")
        owner.commit()
        assert saving.result().first_position == 1
    assert positions(database) == [1]


def waiting_for(database: Database, table: str) -> bool:
    query = "select from pg_locks where relation = %s::regclass and not granted"
    return fetch(database, query, table) != []


def together(
    log: EventLog,
    database: Database,
    saves: Sequence[Sequence[StoredEvent]],
    meanwhile: Callable[[], object] = lambda: None,
) -> list[Future[Receipt]]:
    """Let these saves wait behind another one, so that they share the next transaction."""
    with ThreadPoolExecutor(len(saves) + 1) as threads:
        with writers_held(database):
            threads.submit(record, log)
            until(lambda: waiting_writers(database) != [])
            futures = []
            for save in saves:
                futures.append(threads.submit(record, log, *save))
                until(lambda: len(log._waiting) == len(futures))
            meanwhile()
        return futures


def test_savers_that_wait_share_a_transaction_in_their_order(
    log: EventLog, database: Database
) -> None:
    receipts = [save.result() for save in together(log, database, [[event()] for _ in range(20)])]
    assert [receipt.first_position for receipt in receipts] == list(range(2, 22))
    assert fetch(database, "select count(distinct xmin::text) from log.event") == [(2,)]


def test_saves_that_share_a_transaction_have_their_own_recorded_times(
    log: EventLog, database: Database
) -> None:
    receipts = [save.result() for save in together(log, database, [[event()] for _ in range(5)])]
    times = [receipt.recorded_at for receipt in receipts]
    assert times == sorted(set(times))


def test_a_conflict_of_one_saver_does_not_fail_the_others(
    log: EventLog, database: Database
) -> None:
    stream = uuid4()
    first, loser, last = together(log, database, [[event(stream)], [event(stream)], [event()]])
    assert first.result().first_position == 2
    assert isinstance(loser.exception(), Conflict)
    assert last.result().first_position == 3


@pytest.mark.parametrize("lost", ["request", "reply"])
def test_saves_that_share_a_transaction_are_recorded_once_when_the_connection_is_lost(
    far_log: EventLog, proxy: Proxy, database: Database, lost: str
) -> None:
    def lose() -> None:
        proxy.lose_next = lost

    saves = together(far_log, database, [[event()] for _ in range(5)], meanwhile=lose)
    assert [save.result().first_position for save in saves] == [2, 3, 4, 5, 6]
    assert proxy.lose_next is None
    assert positions(database) == [1, 2, 3, 4, 5, 6]


def test_large_saves_share_a_transaction(log: EventLog, database: Database) -> None:
    large = [[StoredEvent(uuid4(), 1, "thing.happened.v1", bytes(1 << 20))] for _ in range(16)]
    saves = together(log, database, large)
    assert [save.result().first_position for save in saves] == list(range(2, 18))


def test_no_more_saves_than_a_batch_share_a_transaction(
    log: EventLog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "BATCH", 4)
    saves = together(log, database, [[event()] for _ in range(10)])
    assert [save.result().first_position for save in saves] == list(range(2, 12))
    assert fetch(database, "select count(distinct xmin::text) from log.event") == [(4,)]


@pytest.mark.parametrize(
    "unstorable",
    [event(topic="nul\0"), event(topic="\ud800"), event(version=2**63), event(version=-1)],
    ids=["a topic with NUL", "half a character", "a version too large", "a negative version"],
)
def test_what_makes_no_leaf_is_refused_before_it_is_sent(
    log: EventLog, database: Database, unstorable: StoredEvent
) -> None:
    with pytest.raises(DataError):
        record(log, unstorable)
    assert positions(database) == []


def test_a_save_that_cannot_be_stored_does_not_fail_the_others(
    log: EventLog, database: Database
) -> None:
    with psycopg.connect(database.administrator) as connection:
        connection.execute("alter table log.event add check (topic <> 'thing.too-much.v1')")
    unstorable = event(topic="thing.too-much.v1")
    before, broken, after = together(log, database, [[event()], [unstorable], [event()]])
    assert before.result().first_position == 2
    assert isinstance(broken.exception(), DataError | IntegrityError)
    assert after.result().first_position == 3
    assert positions(database) == [1, 2, 3]


def test_a_database_that_takes_no_writes_is_told(log: EventLog, database: Database) -> None:
    with psycopg.connect(database.administrator) as connection:
        name = connection.info.dbname
        connection.execute(f"alter database {name} set default_transaction_read_only = on")
    with pytest.raises(PersistenceError, match="read-only transaction"):
        record(log)


def test_a_repeated_request_in_one_transaction_is_recorded_once(
    log: EventLog, database: Database
) -> None:
    request = uuid4()
    with ThreadPoolExecutor() as threads:
        with writers_held(database):
            saves = [threads.submit(record, log, request=request) for _ in range(3)]
            until(lambda: len(log._waiting) == 2)
        outcomes = [save.exception() or save.result() for save in saves]
    assert sum(isinstance(outcome, Receipt) for outcome in outcomes) == 1
    assert {getattr(outcome, "receipt", outcome) for outcome in outcomes} == {
        Receipt(request, 1, 1, fetch(database, "select recorded_at from log.event")[0][0])
    }


@pytest.fixture
def interruptible() -> Iterator[None]:
    """As in a terminal: a process that was started in the background ignores the signal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_saver_leaves_the_queue_to_the_others(
    log: EventLog, database: Database
) -> None:
    with ThreadPoolExecutor() as threads:
        with writers_held(database):
            before = threads.submit(record, log)
            until(lambda: waiting_writers(database) != [])

            def interrupt() -> Future[Receipt]:
                until(lambda: len(log._waiting) == 1)
                after = threads.submit(record, log)
                until(lambda: len(log._waiting) == 2)
                os.kill(os.getpid(), signal.SIGINT)
                return after

            interrupting = threads.submit(interrupt)
            with pytest.raises(KeyboardInterrupt):
                record(log)
            after = interrupting.result()
        assert before.result().first_position == 1
        assert after.result().first_position == 2
    assert positions(database) == [1, 2]


def test_a_saver_interrupted_just_when_it_was_given_the_lead_passes_it_on(log: EventLog) -> None:
    heir, next_one, answered = (Save(woken=asleep()) for _ in range(3))
    log._leader, log._waiting, log._settled = heir, [heir, next_one], [answered]
    heir.wake()
    log._abandon(heir)
    assert is_awake(next_one)
    assert log._leader is next_one
    assert log._waiting == [next_one]
    log._waiting = []
    log._abandon(next_one)
    assert is_awake(answered), "nobody is left to wake it"
    assert log._leader is None


def asleep() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


def is_awake(save: Save) -> bool:
    return save.woken is not None and not save.woken.locked()


def test_a_leader_that_is_interrupted_hands_the_lead_on(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: Sequence[Save]) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(log, "_append", interrupted)
        with pytest.raises(KeyboardInterrupt):
            record(log)
    assert record(log).first_position == 1


def test_each_savers_own_saves_keep_their_order_among_many(
    log: EventLog, database: Database
) -> None:
    def save_all(_: int) -> list[int]:
        stream = uuid4()
        return [record(log, event(stream, n)).first_position for n in range(1, 31)]

    with ThreadPoolExecutor(16) as threads:
        orders = list(threads.map(save_all, range(16)))
    assert all(order == sorted(order) for order in orders)
    assert sorted(p for order in orders for p in order) == positions(database)


GENESIS = (datetime(2019, 1, 1, tzinfo=UTC), uuid4(), 1, "log.genesis.v1", b'{"simulated":true}')


def staged(database: Database, *rows: tuple[datetime, UUID, int, str, bytes]) -> None:
    with psycopg.connect(database.administrator) as connection:
        connection.cursor().executemany(
            "insert into log.staged values"
            " (%s, 1, %s, %s, %s, %s, %s, gen_random_uuid(), '-', %s, 'tests', %s)",
            [(row[0], number, *row[1:], bytes(32), bytes(64)) for number, row in enumerate(rows)],
        )


def load(database: Database) -> int:
    with psycopg.connect(database.administrator) as connection:
        connection.execute("set role huhang_owner")
        row = connection.execute("select log.load()").fetchone()
    assert row is not None
    return int(row[0])


def happened(at: datetime, stream: UUID | None = None, version: int = 1) -> tuple[Any, ...]:
    return (at, stream or uuid4(), version, "thing.happened.v1", b"{}")


def test_an_empty_log_takes_a_simulated_year_in_the_order_of_its_times(database: Database) -> None:
    stream = uuid4()
    march, june = datetime(2019, 3, 1, tzinfo=UTC), datetime(2019, 6, 1, tzinfo=UTC)
    staged(database, happened(june, stream, 2), happened(march, stream, 1), GENESIS)
    assert load(database) == 3
    assert fetch(
        database,
        "select position, recorded_at, originator_version from log.event order by position",
    ) == [(1, GENESIS[0], 1), (2, march, 1), (3, june, 2)]
    assert fetch(database, "select from log.staged") == []


def test_a_loaded_log_goes_on_at_the_databases_time(database: Database, log: EventLog) -> None:
    staged(database, GENESIS)
    load(database)
    receipt = record(log)
    assert receipt.first_position == 2
    assert receipt.recorded_at > NOW


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "statement",
    ["select log.load()", "insert into log.staged default values", "select from log.staged"],
)
def test_only_the_owner_loads(database: Database, role: str, statement: str) -> None:
    with (
        psycopg.connect(getattr(database, role)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


def test_only_an_empty_log_takes_a_simulated_year(database: Database, log: EventLog) -> None:
    record(log)
    staged(database, GENESIS)
    with pytest.raises(psycopg.Error, match="not empty"):
        load(database)
    assert positions(database) == [1]


@pytest.mark.parametrize(
    "first",
    [
        happened(GENESIS[0]),
        (*GENESIS[:4], b'{"simulated":false}'),
        (*GENESIS[:4], b"{}"),
    ],
    ids=["no genesis", "a genesis of a real log", "a genesis that does not say"],
)
def test_a_log_that_does_not_declare_itself_simulated_is_not_loaded(
    database: Database, first: tuple[Any, ...]
) -> None:
    staged(database, first, happened(datetime(2019, 3, 1, tzinfo=UTC)))
    with pytest.raises(psycopg.errors.CheckViolation, match="declares the log simulated"):
        load(database)
    assert positions(database) == []


def test_a_recorded_time_in_the_future_is_not_loaded(database: Database) -> None:
    staged(database, GENESIS, happened(NOW + timedelta(days=1)))
    with pytest.raises(psycopg.errors.CheckViolation, match="future"):
        load(database)


@pytest.mark.parametrize("versions", [(1, 3), (2, 3), (2, 1)])
def test_versions_that_are_not_dense_in_time_are_not_loaded(
    database: Database, versions: tuple[int, int]
) -> None:
    stream = uuid4()
    later = [datetime(2019, month, 1, tzinfo=UTC) for month in (2, 3)]
    staged(
        database,
        GENESIS,
        *(happened(at, stream, version) for at, version in zip(later, versions, strict=True)),
    )
    with pytest.raises(psycopg.errors.CheckViolation, match=f"{stream} are not dense"):
        load(database)


LAST_OF_MARCH_1 = datetime(2019, 3, 1, 15, 59, 59, 999999, tzinfo=UTC)  # 23:59:59.999999 +08:00
FIRST_OF_MARCH_2 = datetime(2019, 3, 1, 16, 0, tzinfo=UTC)
NOON = datetime(2019, 12, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def reader(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """Reads a log of three events: New Year, the last moment of 1 March, the first of 2 March."""
    staged(database, GENESIS, happened(LAST_OF_MARCH_1), happened(FIRST_OF_MARCH_2))
    load(database)
    with psycopg.connect(database.reader) as connection:
        yield connection


@pytest.mark.parametrize(
    ("as_of", "position"),
    [
        (None, 3),
        (1, 1),
        (3, 3),
        (date(2019, 3, 1), 2),
        (date(2019, 3, 2), 3),
        (date(2019, 12, 1), 3),
        (GENESIS[0], 1),
        (LAST_OF_MARCH_1 - timedelta(microseconds=1), 1),
        (LAST_OF_MARCH_1, 2),
        (datetime.fromisoformat("2019-03-02T00:00:00+08:00"), 3),
        (NOON, 3),
    ],
)
def test_a_moment_names_the_last_position_known_then(
    reader: psycopg.Connection[Any], as_of: Any, position: int
) -> None:
    assert position_at(reader, as_of, now=NOON) == position


@pytest.mark.parametrize(
    ("as_of", "reason"),
    [
        (0, "positions 1 to 3"),
        (4, "positions 1 to 3"),
        (-1, "positions 1 to 3"),
        (date(2018, 12, 31), "began after 2018-12-31"),
        (date.min, "began after"),
        (GENESIS[0] - timedelta(microseconds=1), "began after"),
        (datetime.fromisoformat("0001-01-01T00:00:00+08:00"), "began after"),
        (date(2019, 12, 2), "in the future"),
        (date.max, "in the future"),
        (NOON + timedelta(microseconds=1), "in the future"),
        (datetime(2019, 3, 1), "no time zone"),  # noqa: DTZ001
    ],
)
def test_a_moment_that_does_not_exist_is_refused(
    reader: psycopg.Connection[Any], as_of: Any, reason: str
) -> None:
    with pytest.raises(AsOfRefused, match=reason):
        position_at(reader, as_of, now=NOON)


def test_an_empty_log_is_at_position_zero_and_has_no_past(database: Database) -> None:
    with psycopg.connect(database.reader) as connection:
        assert position_at(connection, None, now=NOW) == 0
        with pytest.raises(AsOfRefused):
            position_at(connection, NOW, now=NOW)


def test_a_moment_waits_for_a_save_that_got_its_time_but_cannot_be_seen_yet(
    database: Database,
) -> None:
    with (
        psycopg.connect(database.application) as writer,
        psycopg.connect(database.reader) as reader,
        ThreadPoolExecutor() as threads,
    ):
        ((recorded_at,),) = writer.execute(f"select recorded_at from {APPEND}", by_hand(uuid4(), 1))
        reading = threads.submit(position_at, reader, recorded_at, now=recorded_at)
        until(lambda: waiting_writers(database) != [])
        writer.commit()
        assert reading.result() == 1


def test_a_reader_in_a_transaction_does_not_keep_others_from_recording(
    log: EventLog, database: Database
) -> None:
    recorded_at = record(log).recorded_at
    with psycopg.connect(database.reader) as connection:
        assert position_at(connection, recorded_at, now=recorded_at) == 1
        with ThreadPoolExecutor() as threads:
            saving = threads.submit(record, log)
            try:
                assert saving.result(timeout=5).first_position == 2
            finally:
                connection.rollback()


def test_today_includes_what_was_just_recorded_though_the_clocks_differ(
    log: EventLog, database: Database
) -> None:
    recorded_at = record(log).recorded_at
    with psycopg.connect(database.reader) as connection:
        slow_clock = recorded_at - timedelta(milliseconds=1)
        today = (recorded_at + timedelta(hours=8)).date()
        assert position_at(connection, today, now=slow_clock) == 1


def test_a_page_continues_after_a_position_and_stops_where_told(
    log: EventLog, database: Database
) -> None:
    log.insert_events(events(uuid4(), *range(1, 11)))
    with psycopg.connect(database.projector) as connection:
        assert [row.position for row in read_page(connection, 3, 4)] == [4, 5, 6, 7]
        assert [row.position for row in read_page(connection, 3, 100, stop=5)] == [4, 5]
        assert read_page(connection, 10, 5) == []


def test_append_refuses_saves_that_hold_no_event_or_leave_one_out(database: Database) -> None:
    for lasts in ([0], [2], [], [1, 1]):
        with (
            psycopg.connect(database.application) as connection,
            pytest.raises(psycopg.errors.InvalidParameterValue),
        ):
            connection.execute(f"select {APPEND}", by_hand(uuid4(), 1, lasts=lasts))
    with psycopg.connect(database.reader) as connection:
        assert connection.execute("select count(*) from log.request").fetchone() == (0,)
