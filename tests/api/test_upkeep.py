"""What a serving process does beside serving: it seals, watches the fence, and notes each night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from shutil import copytree
from threading import Event, Thread
from time import monotonic, sleep

import psycopg
import pytest

from api.upkeep import is_due, keep_noted, kept_up, note, watch_fence
from application import alarms
from application.alarms import Alarm
from application.database import Database
from application.eventlog import Conflict, head
from application.log_stream import newest_noted
from application.seal_health import seal_health
from application.settings import Settings
from application.simulation import simulate
from domain.log import LOG_ID, ReadingsDigested, StreamHeads
from projections.comparison import ComparisonFailed
from projections.projector import Projector
from tests.conftest import Copies
from tests.proof.ledger import Ledger


@pytest.fixture
def ledger(database: Database, tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(database, Settings(home=tmp_path))
    yield ledger
    ledger.records.close()


@pytest.fixture(scope="module")
def year(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Database, Path]:
    """A simulated year whose read models are live, and the folder of who recorded it."""
    home = tmp_path_factory.mktemp("home")
    simulate(module_database, Settings(home=home), Fraction(1, 1000))
    Projector(module_database).rebuild()
    return module_database, home


@pytest.fixture
def simulated(year: tuple[Database, Path], copies: Copies, tmp_path: Path) -> Iterator[Ledger]:
    """A year of the test's own."""
    original, home = year
    settings = Settings(home=copytree(home, tmp_path / "home"))
    with copies(original) as database:
        ledger = Ledger.under(database, settings)
        yield ledger
        ledger.records.close()


def until(happened: object, seconds: float = 10) -> bool:
    deadline = monotonic() + seconds
    while monotonic() < deadline:
        if happened():  # type: ignore[operator]
            return True
        sleep(0.05)
    return False


def test_what_is_recorded_while_serving_is_sealed_within_a_moment(ledger: Ledger) -> None:
    def unsealed() -> int:
        return seal_health(ledger.database, ledger.settings.home).sealing.unsealed

    with kept_up(ledger.database, ledger.settings, ledger.records):
        for events in (1, 5):
            ledger.record(events)
            assert until(lambda: unsealed() == 0)
    health = seal_health(ledger.database, ledger.settings.home)
    assert (health.sealing.sealed, health.alarm) == (7, None)


def test_an_alarm_ends_the_sealing_and_is_kept_until_a_person_settles_it(ledger: Ledger) -> None:
    home = ledger.settings.home
    ledger.record(3)
    ledger.attack("update log.event set state = '{}' where position = 2")
    with kept_up(ledger.database, ledger.settings, ledger.records):
        assert until(lambda: alarms.standing(home))
        ledger.record(1)
    assert "Position 2" in str(seal_health(ledger.database, home).alarm)
    alarms.settle(home, "a drill", alarms.numbered(home))
    assert seal_health(ledger.database, home).alarm is None
    assert [one["what"] for one in alarms.rung(home)] == ["alarm", "settled"]


def test_a_change_of_the_fence_is_noted_once_and_rings(ledger: Ledger) -> None:
    with psycopg.connect(ledger.database.administrator, autocommit=True) as connection:
        assert watch_fence(connection, ledger.settings, ledger.records) is None
        connection.execute("alter table log.event disable trigger event_is_final")
        assert watch_fence(connection, ledger.settings, ledger.records) is not None
        assert watch_fence(connection, ledger.settings, ledger.records) is None
    assert "was changed" in str(alarms.standing(ledger.settings.home))


def test_a_watch_that_fails_once_goes_on(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as when another process changed the log's own stream in the same moment."""
    failing = [Conflict(LOG_ID, 1)]

    def once(*arguments: object) -> object:
        if failing:
            raise failing.pop()
        return watch_fence(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("api.upkeep.watch_fence", once)
    with psycopg.connect(ledger.database.administrator, autocommit=True) as connection:
        connection.execute("alter table log.event disable trigger event_is_final")
    stop = Event()
    watch = Thread(
        target=keep_noted,
        args=(ledger.database, ledger.settings, ledger.records, stop, 0.05),
    )
    watch.start()
    try:
        assert until(lambda: alarms.standing(ledger.settings.home))
    finally:
        stop.set()
        watch.join()
    assert not failing


def test_the_night_notes_how_far_the_streams_go_and_what_the_read_models_say(
    ledger: Ledger,
) -> None:
    ledger.record(3)
    Projector(ledger.database).catch_up()
    with psycopg.connect(ledger.database.reader, autocommit=True) as connection:
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        assert is_due(connection, tomorrow)
        assert not is_due(connection, datetime.now(UTC))
        heads, readings = note(connection, ledger.settings, ledger.records)
        assert heads is not None
        assert readings is not None
        assert not is_due(connection, tomorrow), "what was noted is not noted again"
        assert newest_noted(connection, StreamHeads, 100)[1].size == 4
        assert newest_noted(connection, ReadingsDigested, 100)[1].position == 4


def test_a_night_in_which_the_log_reads_otherwise_than_it_was_sealed_rings_and_notes_nothing(
    ledger: Ledger,
) -> None:
    ledger.record(3)
    ledger.seal()
    Projector(ledger.database).catch_up()
    ledger.attack("update log.event set originator_version = 100 where position = 4")
    with psycopg.connect(ledger.database.reader, autocommit=True) as connection:
        with pytest.raises(Alarm, match="was not noted"):
            note(connection, ledger.settings, ledger.records)
        assert head(connection) == 4
    assert "version 100 of" in str(alarms.standing(ledger.settings.home))


def test_a_cell_of_a_read_model_that_was_changed_is_found(simulated: Ledger) -> None:
    """Found by the rebuild; and where the live build was made anew meanwhile, by what was noted."""
    projector = Projector(simulated.database)
    projector.check(workers=1)
    with psycopg.connect(simulated.database.administrator, autocommit=True) as attacker:
        attacker.execute(
            "update reading.journal set quantity = quantity + 1"
            " where position = (select min(position) from reading.journal)"
        )
    with psycopg.connect(simulated.database.reader, autocommit=True) as connection:
        note(connection, simulated.settings, simulated.records)
    with pytest.raises(ComparisonFailed, match="journal of the live build and of the new one"):
        projector.check(workers=1)
    with psycopg.connect(simulated.database.administrator, autocommit=True) as attacker:
        attacker.execute(
            "update reading.journal set quantity = quantity - 1"
            " where position = (select min(position) from reading.journal)"
        )
    with pytest.raises(ComparisonFailed, match="the read models had been changed then"):
        projector.check(workers=1)


@pytest.mark.parametrize(
    "change",
    [
        "update reading.journal set quantity = quantity + 1"
        " where position = (select min(position) from reading.journal)",
        "delete from reading.journal where position = (select min(position) from reading.journal)",
        "insert into reading.journal select * from reading.journal order by position limit 1",
        "update reading.ledger_centres set from_position = from_position + 1",
        "update reading.rollup set quantity = quantity + 1 where (indicator, from_block) ="
        " (select indicator, from_block from reading.rollup order by from_block limit 1)",
    ],
)
def test_a_past_that_the_read_models_tell_otherwise_than_last_night_rings(
    simulated: Ledger, change: str
) -> None:
    """And what grew since, or was corrected, does not."""
    home = simulated.settings.home

    def night() -> None:
        Projector(simulated.database).catch_up()
        with psycopg.connect(simulated.database.reader, autocommit=True) as connection:
            note(connection, simulated.settings, simulated.records)

    night()
    simulated.record(3)
    night()
    assert alarms.standing(home) is None
    with psycopg.connect(simulated.database.administrator, autocommit=True) as attacker:
        assert attacker.execute(change).rowcount
    night()
    assert "is not what the log noted of it at position" in str(alarms.standing(home))
    night()
    assert len(alarms.rung(home)) == 1
