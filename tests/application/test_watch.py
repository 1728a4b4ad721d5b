"""A watch that cannot look says so: who ends its connections would else silence it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread, Timer
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL

from api.upkeep import keep_noted, keep_prompt
from application import alarms
from application.database import Database
from application.rotation import keep_rotated
from application.settings import Settings
from application.watch import Watch
from tests.proof.ledger import Ledger


class Clock:
    """A clock that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def failing(watch: Watch) -> None:
    with watch.look():
        raise OSError("terminating connection due to administrator command")


@pytest.mark.parametrize(("pause", "allowed"), [(10.0, 300), (3600.0, 10_800)])
def test_what_nobody_saw_for_long_rings_by_its_name(
    tmp_path: Path, pause: float, allowed: float, caplog: pytest.LogCaptureFixture
) -> None:
    steady = Clock()
    watch = Watch(tmp_path, "whether the seal keeps up", pause, steady)
    for _ in range(2):
        steady.now += allowed
        failing(watch)
        assert alarms.standing(tmp_path) is None, "the database may come back"
        assert "whether the seal keeps up: terminating connection" in caplog.messages[-1]
        with watch.look():
            pass
    steady.now += allowed + 1
    failing(watch)
    assert f"For more than {allowed:,} seconds nobody saw whether the seal keeps up" in str(
        alarms.standing(tmp_path)
    )
    failing(watch)
    assert len(alarms.rung(tmp_path)) == 1


class Unreachable:
    """A vault whose database ends each connection."""

    def __getattr__(self, name: str) -> Any:
        raise OSError(name)


@pytest.mark.parametrize(
    ("keep", "what"),
    [
        (lambda d, s, r, stop: keep_prompt(d, s, stop, 0.02), "the seal and its witnesses keep up"),
        (lambda d, s, r, stop: keep_noted(d, s, r, stop, 0.02), "the fence around the log stands"),
        (lambda d, s, r, stop: keep_rotated(Unreachable(), s.home, stop, 0.02), "were destroyed"),
    ],
)
def test_a_serving_process_that_sees_nothing_any_more_rings(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    keep: Callable[..., None],
    what: str,
) -> None:
    monkeypatch.setattr("application.watch.UNSEEN", 0.1)
    monkeypatch.setattr("application.rotation.rotate_when_due", lambda *_: None)
    ledger, stop = Ledger(database, Settings(home=tmp_path)), Event()
    gone = Database(make_conninfo(database.administrator, dbname="not_there"))
    Timer(1.0, stop.set).start()
    keep(gone, ledger.settings, ledger.records, stop)
    ledger.records.close()
    assert what in str(alarms.standing(tmp_path))
    assert len(alarms.rung(tmp_path)) == 1


@pytest.mark.parametrize(
    ("keep", "held", "what"),
    [
        (
            lambda d, s, r, stop: keep_prompt(d, s, stop, 0.02),
            "seal.checkpoint",
            "the seal and its witnesses keep up",
        ),
        (
            lambda d, s, r, stop: keep_noted(d, s, r, stop, 0.02),
            "log.event",
            "the fence around the log stands",
        ),
    ],
)
def test_a_watch_that_somebody_keeps_waiting_rings(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    keep: Callable[..., None],
    held: LiteralString,
    what: str,
) -> None:
    monkeypatch.setattr("application.watch.UNSEEN", 0.1)
    monkeypatch.setattr("application.database.PATIENCE", 1)
    ledger, stop = Ledger(database, Settings(home=tmp_path)), Event()
    with psycopg.connect(ledger.database.administrator) as attacker:
        attacker.execute(SQL("lock table {} in access exclusive mode").format(SQL(held)))
        watch = Thread(
            target=keep, args=(ledger.database, ledger.settings, ledger.records, stop), daemon=True
        )
        watch.start()
        watch.join(3.0)
        rung = str(alarms.standing(ledger.settings.home))
        stop.set()
    watch.join()
    ledger.records.close()
    assert what in rung


def test_a_sealer_that_somebody_keeps_waiting_tries_anew(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(database, Settings(home=tmp_path))
    monkeypatch.setattr("application.database.PATIENCE", 1)
    ledger.record(3)
    failed: list[Exception] = []

    def seal() -> None:
        try:
            ledger.seal()
        except psycopg.OperationalError as error:
            failed.append(error)

    with psycopg.connect(ledger.database.administrator) as attacker:
        attacker.execute("lock table seal.checkpoint in access exclusive mode")
        sealing = Thread(target=seal, daemon=True)
        sealing.start()
        sealing.join(5.0)
        told = [type(error) for error in failed]
    sealing.join()
    assert told == [psycopg.errors.LockNotAvailable]
    assert ledger.seal() == 4
    ledger.records.close()
