"""Every event counts exactly once, whatever crashes; a new build takes over without a gap."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from application.access import Accesses
from application.alarms import standing
from application.database import Database, nameless
from application.eventlog import Receipt, head
from application.records import Command, Records
from domain import case_file
from domain.access import Viewing, access_id
from domain.base import day
from domain.case import Case
from domain.log import LOG_ID, Log, TableDigest
from domain.values import AccessPurpose, RecordKind, RecordSurface
from projections import builds, projector, rows
from projections.comparison import ComparisonFailed
from projections.digests import changed_since, digests_of, note_readings
from projections.health import health
from projections.projector import Halted, Lagging, Projector, Superseded, running
from projections.questions import Period
from projections.readings import Readings
from projections.statistics import Statistics
from tests.author import APPEND, KEYS, by_hand
from tests.conftest import Run
from tests.projections.work import ACTOR, command, counsel, establish_regions, open_case

YEAR = Period(date(2019, 1, 1), date(2019, 12, 31))


@pytest.fixture
def readings(database: Database, records: Records) -> Iterator[Readings]:
    establish_regions(records)
    Projector(database).catch_up()
    readings = Readings(database)
    yield readings
    readings.close()


def applications(readings: Readings, as_of: int | None = None) -> int | float | None:
    reading = readings.at(as_of)
    return Statistics(readings).figure(reading, "applications", "370000", YEAR).value


def log_head(database: Database) -> int:
    with psycopg.connect(database.reader) as connection:
        return head(connection)


def looked_at(records: Records) -> Receipt:
    """The trace of a look at some record."""
    viewing = Viewing(
        record=uuid4(),
        kind=RecordKind.CASE,
        surface=RecordSurface.API,
        purpose=AccessPurpose.SERVICE,
    )
    day_of = access_id(ACTOR.id, ACTOR.office, day(datetime.now(UTC)))
    return Accesses(records).open_record(day_of, viewing, Command(ACTOR))


def test_a_running_projector_follows_the_log(
    database: Database, records: Records, readings: Readings
) -> None:
    runner = Projector(database)
    with running(runner):
        receipt = counsel(records, open_case(records))
        runner.wait(receipt.last_position)
        assert applications(readings) == 1
    assert health(database).lag == 0


def test_catching_up_twice_counts_once(
    database: Database, records: Records, readings: Readings
) -> None:
    counsel(records, open_case(records))
    Projector(database).catch_up()
    Projector(database).catch_up()
    assert applications(readings) == 1


def test_a_second_runner_takes_over_and_the_first_can_write_no_more(
    database: Database, records: Records, readings: Readings
) -> None:
    with psycopg.connect(database.projector, autocommit=True) as first:
        build = builds.take_over(first)
        assert build is not None
        with psycopg.connect(database.projector, autocommit=True) as second:
            assert builds.take_over(second) is not None
        counsel(records, open_case(records))
        with pytest.raises(Superseded):
            projector.follow(first, build)
    assert applications(readings) == 0
    Projector(database).catch_up()
    assert applications(readings) == 1


def test_a_killed_runner_leaves_nothing_twice_and_nothing_out(
    database: Database, records: Records, readings: Readings
) -> None:
    """kill −9 in the middle of the work, again and again."""
    script = (
        "import sys, threading;"
        "from application.database import Database;"
        "from projections import projector;"
        "projector.PAGE = 7;"
        "projector.Projector(Database(sys.argv[1])).run(threading.Event())"
    )
    cases = [open_case(records) for _ in range(25)]
    for start in range(0, 25, 5):
        for case in cases[start : start + 5]:
            counsel(records, case)
        process = subprocess.Popen([sys.executable, "-c", script, database.administrator])
        deadline = time.monotonic() + 10
        before = health(database).projected
        while health(database).projected == before and time.monotonic() < deadline:
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    Projector(database).catch_up()
    assert applications(readings) == 25
    with psycopg.connect(database.reader) as connection:
        sessions = connection.execute(
            "select count(*), count(distinct row) from reading.ledger_sessions"
        ).fetchone()
    assert sessions == (25, 25)


def test_an_event_that_cannot_be_projected_halts_there_and_says_so(
    database: Database,
    records: Records,
    readings: Readings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = open_case(records)
    counsel(records, good)
    bad = open_case(records)
    halts_at = log_head(database)
    counsel(records, bad)
    take = rows.Batch.take

    def broken(batch: rows.Batch, recorded: object) -> None:
        if recorded.position == halts_at:  # type: ignore[attr-defined]
            raise ValueError("cannot be")
        take(batch, recorded)  # type: ignore[arg-type]

    monkeypatch.setattr(rows.Batch, "take", broken)
    with pytest.raises(Halted, match=f"Event {halts_at} .* cannot be"):
        Projector(database).catch_up()
    found = health(database)
    assert (found.projected, found.halted_at) == (halts_at - 1, halts_at)
    assert applications(readings) == 1
    monkeypatch.undo()
    Projector(database).catch_up()
    assert applications(readings) == 2
    assert health(database).halted_at is None


def test_a_hole_in_the_log_halts_everything(
    database: Database, records: Records, readings: Readings
) -> None:
    open_case(records)
    open_case(records)
    with psycopg.connect(database.administrator) as attacker:
        attacker.execute("alter table log.event disable trigger event_is_final")
        attacker.execute("delete from log.event where position = 3")
    with pytest.raises(Halted, match="hole after position 2"):
        Projector(database).catch_up()


def test_a_rebuild_says_the_same_and_takes_over(
    database: Database, records: Records, readings: Readings
) -> None:
    for _ in range(3):
        counsel(records, open_case(records))
    Projector(database).catch_up()
    before = applications(readings)
    told: list[tuple[int, int]] = []
    build = Projector(database).rebuild(2, lambda done, of: told.append((done, of)))
    assert told[-1] == (projector.SLICES, projector.SLICES)
    assert build.status == "live"
    assert build.position == log_head(database)
    assert applications(readings) == before == 3
    assert Projector(database).drop_unused() == ["build_1"]
    assert applications(readings) == 3


def test_a_rebuild_that_comes_to_other_figures_is_not_switched_to(
    database: Database,
    records: Records,
    readings: Readings,
) -> None:
    counsel(records, open_case(records))
    Projector(database).catch_up()
    with psycopg.connect(database.administrator) as attacker:
        attacker.execute("update build_1.journal set quantity = 7 where indicator = 1")
    with pytest.raises(ComparisonFailed):
        Projector(database).rebuild(1)
    live = health(database).build
    assert live == 1


def test_what_was_changed_is_replaced_when_a_person_says_so_and_rings(
    database: Database,
    records: Records,
    readings: Readings,
    huhang: Run,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(database.owner))
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path))
    counsel(records, open_case(records))
    Projector(database).catch_up()
    before = applications(readings)
    with psycopg.connect(database.administrator) as attacker:
        attacker.execute("update build_1.territory set name = name || '?' where name is not null")
        attacker.execute("update build_1.journal set quantity = quantity + 1 where indicator = 1")
    code, _, err = huhang("rebuild")
    assert (code, "huhang rebuild --replace" in err) == (1, True)
    assert "journal of the live build" in str(standing(tmp_path))
    assert health(database).build == 1
    code, out, err = huhang("rebuild", "--replace", "--json")
    assert code == 0, err
    assert [said.split()[0] for said in json.loads(out)["differences"]] == ["journal", "territory"]
    assert "territory of the live build" in str(standing(tmp_path))
    assert applications(readings) == before
    Projector(database).check(1)


def test_a_rebuild_that_loses_a_ledger_row_is_not_switched_to(
    database: Database, records: Records, readings: Readings
) -> None:
    counsel(records, open_case(records))
    Projector(database).catch_up()
    with psycopg.connect(database.administrator) as attacker:
        attacker.execute("delete from build_1.ledger_sessions")
    with pytest.raises(ComparisonFailed, match="sessions"):
        Projector(database).rebuild(1)


@pytest.mark.parametrize(
    ("change", "table"),
    [
        ("update build_1.ledger_cases set status = 'closed' where sessions = 1", "ledger_cases"),
        ("update build_1.journal set subject = gen_random_uuid() where indicator = 1", "journal"),
        ("update build_1.territory set name = name || '?' where name is not null", "territory"),
    ],
)
def test_a_rebuild_that_differs_in_one_cell_names_the_table_and_the_row(
    database: Database, records: Records, readings: Readings, change: str, table: str
) -> None:
    counsel(records, open_case(records))
    Projector(database).catch_up()
    with psycopg.connect(database.administrator) as attacker:
        attacker.execute(change)  # type: ignore[arg-type]
    with pytest.raises(ComparisonFailed, match=rf"{table} of .* first row .*: (live|new), \d+"):
        Projector(database).rebuild(2)
    assert health(database).build == 1


FALSIFIED_PASTS = {
    "a sum that ended long ago": "update build_1.rollup set quantity = quantity + 1000"
    " where until_block = 4 and from_block <= 3",
    "ended sums that are gone": "delete from build_1.rollup where until_block < 5",
    "a sum put in that ended": "insert into build_1.rollup"
    " select month, place, indicator, 1, 2, 999 from build_1.rollup limit 1",
    "a sum that ends sooner": "update build_1.rollup set until_block = until_block - 1"
    " where until_block = 4",
    "a total that nobody finds": "update build_1.rollup set place = 999 where place = 0",
    "an entry of no place": "insert into build_1.journal"
    " select position, quantity, subject, practitioner, 999, occurred_on, indicator"
    " from build_1.journal limit 1",
}


@pytest.mark.parametrize("name", FALSIFIED_PASTS)
def test_past_figures_that_were_falsified_are_found(
    database: Database,
    records: Records,
    readings: Readings,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """By the comparison with a build made anew, and by what the log noted while they were so."""
    monkeypatch.setattr(builds, "BLOCK", 8)
    for _ in range(7):
        counsel(records, open_case(records))
    Projector(database).catch_up()
    before = noted(database)
    with psycopg.connect(database.administrator) as attacker:
        assert attacker.execute(FALSIFIED_PASTS[name]).rowcount > 0  # type: ignore[arg-type]
    with pytest.raises(ComparisonFailed, match="of the live build and of the new one"):
        Projector(database).check(1)
    assert noted(database) != before


def test_a_view_put_before_the_live_build_is_found(
    database: Database, records: Records, readings: Readings
) -> None:
    counsel(records, open_case(records))
    Projector(database).check(1)
    with psycopg.connect(database.administrator) as attacker:
        attacker.execute(
            "create or replace view reading.rollup as select month, place, indicator, from_block,"
            " until_block, quantity + 1000 as quantity from build_1.rollup"
        )
    with pytest.raises(ComparisonFailed, match="do not ask the live build for rollup, but"):
        Projector(database).check(1)
    Projector(database).rebuild(1)
    Projector(database).check(1)


def test_what_is_noted_of_the_past_stays_reproducible_while_the_log_grows(
    database: Database, records: Records, readings: Readings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sums that end after the noted position were open then, whoever builds them."""
    monkeypatch.setattr(builds, "BLOCK", 8)
    for _ in range(4):
        counsel(records, open_case(records))
    position = Projector(database).catch_up()
    before = noted(database)
    for _ in range(4):
        counsel(records, open_case(records))
    Projector(database).catch_up()
    assert noted(database, position) == before
    Projector(database).check(1)
    Projector(database).rebuild(1)
    assert noted(database, position) == before


def test_what_is_noted_does_not_depend_on_who_asks(
    database: Database, records: Records, readings: Readings
) -> None:
    counsel(records, open_case(records))
    Projector(database).catch_up()
    with psycopg.connect(database.reader, autocommit=True) as elsewhere:
        elsewhere.execute("set timezone = 'Asia/Tokyo'; set datestyle = 'German'")
        live = builds.live(elsewhere)
        assert live is not None
        assert digests_of(elsewhere, live, live.position) == noted(database)


def test_last_night_is_compared_with_what_the_same_code_made(
    database: Database, records: Records
) -> None:
    """Another version of the code makes other read models of the same log, and nobody rings."""
    records.change(
        command(), Log, LOG_ID, Log.begin, False, "正式记录。Records of real work.", KEYS
    )
    establish_regions(records)
    counsel(records, open_case(records))
    Projector(database).catch_up()
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        note_readings(connection, records, command())
        Projector(database).catch_up()
        assert changed_since(connection) is None
        connection.execute("update build_1.ledger_cases set sessions = sessions + 1")
        assert "ledger_cases as of position" in str(changed_since(connection))
        connection.execute("update reading.build set version = 'of before'")
        assert changed_since(connection) is None


def noted(database: Database, position: int | None = None) -> tuple[TableDigest, ...]:
    with psycopg.connect(database.reader) as connection:
        live = builds.live(connection)
        assert live is not None
        return digests_of(connection, live, position or live.position)


def test_a_rebuild_is_compared_with_a_live_build_that_lags_behind(
    database: Database, records: Records, readings: Readings
) -> None:
    counsel(records, open_case(records))
    Projector(database).catch_up()
    with psycopg.connect(database.administrator) as attacker:
        attacker.execute("delete from build_1.ledger_sessions")
    counsel(records, open_case(records))
    with pytest.raises(ComparisonFailed, match="ledger_sessions"):
        Projector(database).rebuild(1)


def test_no_event_slips_between_while_builds_are_switched(
    database: Database, records: Records, readings: Readings
) -> None:
    stop = threading.Event()
    opened = []

    def work() -> None:
        while not stop.is_set():
            counsel(records, open_case(records))
            opened.append(1)

    runner = Projector(database)
    thread = threading.Thread(target=work)
    with running(runner):
        thread.start()
        time.sleep(0.2)
        Projector(database).rebuild(1)
        time.sleep(0.2)
        stop.set()
        thread.join()
        runner.wait(log_head(database))
    assert applications(readings) == len(opened)


def test_a_ledger_of_a_past_position_shows_the_row_as_it_was(
    database: Database, records: Records, readings: Readings
) -> None:
    case = open_case(records)
    opened_at = log_head(database)
    counsel(records, case)
    records.change(command(), Case, case, case_file.void, None)
    Projector(database).catch_up()
    statement = (
        "select status, sessions from reading.ledger_cases where row = %s"
        " and from_position <= %s and to_position > %s"
    )
    with psycopg.connect(database.reader) as connection:
        then = connection.execute(statement, (case, opened_at, opened_at)).fetchone()
        last = log_head(database)
        now = connection.execute(statement, (case, last, last)).fetchall()
    assert then == ("open", 0)
    assert [status for status, _ in now] == ["voided"]


def test_readings_wait_for_what_was_just_written_but_not_for_ever(
    database: Database, records: Records, readings: Readings
) -> None:
    open_case(records)
    with pytest.raises(Lagging, match="ask again"):
        Projector(database).wait(log_head(database), timeout=0.05)


def test_a_trace_of_a_look_waits_for_more_unless_somebody_asks_for_it(
    database: Database, records: Records, readings: Readings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector, "GATHER", 30)
    monkeypatch.setattr(projector, "SOON", 10)
    runner = Projector(database)
    with running(runner):
        runner.wait(counsel(records, open_case(records)).last_position)
        traced = [looked_at(records) for _ in range(3)]
        time.sleep(4 * projector.ASIDE)
        assert health(database).lag == 3
        runner.wait(traced[0].last_position, timeout=5)
        assert health(database).lag == 0


def test_who_ends_waits_for_no_trace_of_a_look(
    database: Database, records: Records, readings: Readings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector, "GATHER", 30)
    runner = Projector(database)
    with running(runner):
        runner.wait(counsel(records, open_case(records)).last_position)
        looked_at(records)
    assert not [thread for thread in threading.enumerate() if "_run_quietly" in thread.name]


def test_what_is_no_trace_of_a_look_does_not_wait(
    database: Database, records: Records, readings: Readings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector, "GATHER", 30)
    runner, other = Projector(database), Projector(database)
    with running(runner):
        runner.wait(counsel(records, open_case(records)).last_position)
        looked_at(records)
        open_case(records)
        other.wait(log_head(database), timeout=5)  # who only looks does not hurry the runner


def test_traces_are_projected_although_nobody_asks(
    database: Database, records: Records, readings: Readings
) -> None:
    with running(Projector(database)):
        Projector(database).wait(looked_at(records).last_position, timeout=5)


def test_before_the_first_build_even_nothing_is_waited_for(database: Database) -> None:
    projector = Projector(database)
    with pytest.raises(Lagging):
        projector.wait(0, timeout=0.05)
    projector.catch_up()
    projector.wait(0, timeout=0.05)


def test_an_unknown_event_halts_the_projector(
    database: Database, records: Records, readings: Readings
) -> None:
    with psycopg.connect(database.administrator) as connection:
        connection.execute(f"select {APPEND}", by_hand(uuid4(), 1, topic="thing.unheard-of.v1"))
    with pytest.raises(Halted, match="unheard-of"):
        Projector(database).catch_up()


def test_the_readers_role_can_write_no_read_model(database: Database, readings: Readings) -> None:
    with (
        psycopg.connect(database.reader) as reader,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        reader.execute("delete from reading.journal")


def test_a_command_that_catches_up_leaves_a_running_projector_to_its_work(
    database: Database, records: Records, readings: Readings
) -> None:
    runner = Projector(database)
    with running(runner):
        runner.wait(counsel(records, open_case(records)).last_position)
        assert Projector(database).catch_up() == log_head(database)
        runner.wait(counsel(records, open_case(records)).last_position)
    assert applications(readings) == 2


def test_a_projector_goes_on_when_the_one_before_it_stops(
    database: Database, records: Records, readings: Readings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector, "POLL", 0.05)
    monkeypatch.setattr(projector, "ALIVE", 0.15)
    first, second = Projector(database), Projector(database)
    with running(second):
        with running(first):
            first.wait(counsel(records, open_case(records)).last_position)
        second.wait(counsel(records, open_case(records)).last_position)
    assert applications(readings) == 2


def test_readings_do_not_wait_for_the_disk_and_the_log_does(database: Database) -> None:
    with Projector(database)._connect() as connection:
        assert connection.execute("show synchronous_commit").fetchone() == ("off",)
    with psycopg.connect(database.application) as connection:
        assert connection.execute("show synchronous_commit").fetchone() == ("on",)
