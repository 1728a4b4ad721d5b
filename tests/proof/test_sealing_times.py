"""When a checkpoint was sealed no key signs: a wrong time is named, and hides nothing behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event, Timer

import psycopg
import pytest

from application import alarms
from application.alarms import Alarm
from application.inspection import Check
from application.patrol import patrol
from application.sealer import Sealer, keep_sealed
from application.sealing_times import allow_ahead
from application.settings import DangerousSetting
from application.verification import Verification, trust_of, verify
from tests.proof.ledger import Ledger
from tests.proof.test_attacks import found, verified

pytestmark = pytest.mark.attack


@pytest.fixture
def marred(ledger: Ledger) -> Ledger:
    """A log of 1,204 records; the first checkpoint, over 4, says that it was sealed long before."""
    ledger.record(3)
    ledger.seal()
    for _ in range(4):
        ledger.record(300)
        ledger.seal()
    ledger.attack("update seal.checkpoint set sealed_at = '2001-01-01' where size = 4")
    return ledger


def name_accident(ledger: Ledger, line: str) -> None:
    (ledger.settings.home / "untimely").write_text(f"# wrong clocks\n\n{line}\n", "utf-8-sig")


def trusting(ledger: Ledger) -> Verification:
    return verify(ledger.database.reader, lambda *_: None, trust_of(ledger.settings))


@pytest.mark.parametrize("time", ["infinity", "-infinity", "2001-01-01", "2400-01-01"])
def test_a_wrong_time_fails_a_check_of_its_own_and_ends_no_other(marred: Ledger, time: str) -> None:
    marred.attack(f"update seal.checkpoint set sealed_at = '{time}' where size in (4, 304)")
    verification = verified(marred)
    outcomes = verification.outcomes()
    said = outcomes.pop(Check.SEALING_TIMES)
    assert said.startswith("FAILED: Position 4: its checkpoint says that it was sealed before")
    assert "so do 2, the last over 304 records" in said
    assert not verification.sound
    assert verification.defect is None
    assert not [one for one in outcomes.values() if not one.startswith(("passed", "nothing to"))]


def test_what_is_changed_behind_a_wrong_time_is_found(
    marred: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.log_pages.PAGE", 100)
    marred.attack("update log.event set state = state || ' '::bytea where position = 900")
    assert found(verified(marred)) == (900, Check.LEAF)
    assert verified(marred).outcomes()[Check.SEALING_TIMES].startswith("FAILED: Position 4")
    marred.attack("delete from log.event where position > 800")
    assert found(verified(marred)) == (801, Check.CHECKPOINTS)


def test_what_is_cosigned_is_looked_at_behind_a_wrong_time(marred: Ledger) -> None:
    marred.attack("insert into seal.cosignature values (604, 'w', 'no line', now())")
    assert found(verified(marred)) == (604, Check.COSIGNATURES)


def test_a_line_that_no_witness_signed_hides_nothing_behind_it(
    marred: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.log_pages.PAGE", 100)
    marred.attack(
        "update seal.checkpoint set sealed_at = now() where size = 4",
        "insert into seal.cosignature values (4, 'w', 'no line', now())",
    )
    outcomes = verified(marred).outcomes()
    assert found(verified(marred)) == (4, Check.COSIGNATURES)
    del outcomes[Check.COSIGNATURES]
    assert not [one for one in outcomes.values() if not one.startswith(("passed", "nothing to"))]
    marred.attack("update log.event set state = state || ' '::bytea where position = 900")
    assert found(verified(marred)) == (900, Check.LEAF)
    assert verified(marred).outcomes()[Check.COSIGNATURES].startswith("FAILED: Position 4")
    monkeypatch.undo()
    went = patrol(marred.database.reader, marred.settings, trust_of(marred.settings), 9)
    named = [(defect.position, defect.check) for defect in went.defects]
    assert named == [(4, Check.COSIGNATURES), (900, Check.LEAF)]


def test_an_accident_that_somebody_names_with_its_reason_is_said_and_fails_nothing(
    marred: Ledger,
) -> None:
    name_accident(marred, "1-10 the battery of the server was empty")
    verification = trusting(marred)
    assert verification.sound
    assert verification.outcomes()[Check.SEALING_TIMES] == (
        "passed but for 1 over 1 to 10 records (the battery of the server was empty), as the file "
        "untimely says"
    )
    went = patrol(marred.database.reader, marred.settings, trust_of(marred.settings), 2)
    assert went.sound
    assert went.outcomes()[Check.SEALING_TIMES].startswith(
        "passed for positions 1 to 512 but for 1 over 1 to 10 records (the battery"
    )
    marred.attack("update seal.checkpoint set sealed_at = '2001-01-01' where size = 904")
    verification = trusting(marred)
    assert not verification.sound, "another one than was named"
    said = verification.outcomes()[Check.SEALING_TIMES]
    assert said.startswith("FAILED: Position 904")


def test_nobody_names_an_accident_that_is_still_to_come(marred: Ledger) -> None:
    name_accident(marred, "1-9999 whatever comes")
    verification = trusting(marred)
    assert not verification.sound
    assert "name none that is still to come" in verification.outcomes()[Check.SEALING_TIMES]


@pytest.mark.parametrize("line", ["4 why", "4-4", "4-4 ", "10-4 why", "-4 why", "0-4 why", "a-b c"])
def test_a_line_that_names_no_checkpoints_is_told(marred: Ledger, line: str) -> None:
    name_accident(marred, line)
    with pytest.raises(DangerousSetting, match="names no checkpoints in"):
        trust_of(marred.settings)


@pytest.mark.parametrize("ahead", [timedelta(days=-2), timedelta(days=2)])
def test_nothing_is_sealed_by_a_clock_that_is_a_day_from_the_databases(
    ledger: Ledger, ahead: timedelta
) -> None:
    ledger.seal()
    ledger.record(3)
    clock = lambda: datetime.now(UTC) + ahead  # noqa: E731
    with (
        Sealer(ledger.database, ledger.settings, clock=clock) as sealer,
        pytest.raises(Alarm, match="nothing is sealed while they are more than 1 day apart"),
    ):
        sealer.seal_next()
    assert ledger.seal() == 4
    assert trusting(ledger).sound


def test_what_was_signed_is_not_published_by_a_wrong_clock_after_a_crash(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record(3)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Sealer, "_publish", crash)
        with pytest.raises(KeyboardInterrupt):
            ledger.seal()
    with (
        pytest.raises(Alarm, match="more than 1 day apart"),
        Sealer(
            ledger.database, ledger.settings, clock=lambda: datetime.now(UTC) - timedelta(days=2)
        ),
    ):
        pass
    assert ledger.seal() == 4


def test_nothing_is_sealed_while_the_newest_record_is_days_ahead_of_all_clocks(
    ledger: Ledger,
) -> None:
    """As after the one clock of a machine was set back: the log itself never goes back."""
    ledger.seal()
    with psycopg.connect(ledger.database.administrator) as owner:
        row = owner.execute("select prosrc from pg_proc where proname = 'append'").fetchone()
        ahead = row[0].replace("clock_timestamp()", "clock_timestamp() + interval '2 days'")
        owner.execute("update pg_proc set prosrc = %s where proname = 'append'", (ahead,))
    ledger.record(3)
    with (
        Sealer(ledger.database, ledger.settings) as sealer,
        pytest.raises(Alarm, match=r"but the newest record came at .* more than 1 day ahead"),
    ):
        sealer.seal_next()
    with psycopg.connect(ledger.database.reader) as connection:
        allow_ahead(connection, ledger.settings.home, "they were ahead over the holidays")
    assert alarms.rung(ledger.settings.home)[-1]["said"] == "they were ahead over the holidays"
    assert ledger.seal() == 4
    ledger.record(1)
    assert ledger.seal() == 5, "the log goes on from there, by microseconds"
    (ledger.settings.home / "seal" / "ahead").write_text(str(datetime.now(UTC)))
    ledger.record(1)
    with pytest.raises(Alarm, match="more than 1 day ahead"):
        ledger.seal()


def test_the_wrong_clock_rings_by_name_where_the_process_serves(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record(3)
    late = partial(Sealer, clock=lambda: datetime.now(UTC) - timedelta(days=2))
    monkeypatch.setattr("application.sealer.Sealer", late)
    stop = Event()
    Timer(5.0, stop.set).start()
    keep_sealed(ledger.database, ledger.settings, stop)
    assert "The clock here says" in str(alarms.standing(ledger.settings.home))
