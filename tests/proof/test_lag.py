"""A seal that does not keep up rings, whatever keeps it back, and work goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event, Timer

import psycopg
import pytest

from api.upkeep import keep_prompt
from application import alarms
from application.cosigning import cosigned_sizes, remember_cosigned
from application.first_event import first_file
from application.lag import LagWatch
from application.note import Checkpoint, Cosigner, Note, Signer
from application.seal import newest_checkpoint
from application.sealer import LOCK, Busy, Sealer
from application.settings import DangerousSetting, Settings
from tests.proof.ledger import Ledger

WITNESS = Cosigner("witness.example/w1", bytes(range(1, 33)))


class Clock:
    """A clock that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def looked(ledger: Ledger, watch: LagWatch) -> list[str]:
    with psycopg.connect(ledger.database.reader, autocommit=True) as connection:
        return [str(alarm) for alarm in watch.look(connection)]


def test_a_sealer_kept_out_by_its_lock_rings_although_it_only_waits(ledger: Ledger) -> None:
    """Whoever may log in, if only to read, can take the lock of the one sealer and sit on it."""
    ledger.seal()
    ledger.record(1)
    steady = Clock()
    watch = LagWatch(ledger.settings, steady=steady)
    with psycopg.connect(ledger.database.reader, autocommit=True) as idler:
        idler.execute("select pg_advisory_lock(%s)", (LOCK,))
        with pytest.raises(Busy), Sealer(ledger.database, ledger.settings):
            pass
        assert looked(ledger, watch) == []
        steady.now += ledger.settings.seal_lag
        assert looked(ledger, watch) == []
        steady.now += 1
        (said,) = looked(ledger, watch)
    assert "Nothing was sealed for more than 60 seconds" in said
    ledger.seal()
    assert looked(ledger, watch) == []


@pytest.mark.parametrize("remembering", [True, False])
@pytest.mark.parametrize("size", ["max(position)", "max(position) + 1000000"])
@pytest.mark.parametrize(
    "note", ["'x'", "(select note from seal.checkpoint order by size limit 1)"]
)
def test_checkpoints_that_the_log_did_not_sign_silence_no_alarm(
    ledger: Ledger, note: str, size: str, remembering: bool
) -> None:
    """Whoever may write into the seal and holds the sealer's lock could go on for ever."""
    ledger.seal()
    if not remembering:
        (ledger.settings.home / "seal" / "checkpoint").unlink()
    steady = Clock()
    watch = LagWatch(ledger.settings, steady=steady)
    assert looked(ledger, watch) == []
    for _ in range(3):
        ledger.record(2)
        with psycopg.connect(ledger.database.administrator) as attacker:
            attacker.execute(
                f"insert into seal.checkpoint select {size}, sha256('x'), {note}, now()"
                " from log.event"
            )
        steady.now += ledger.settings.seal_lag
        said = looked(ledger, watch)
    assert "Nothing was sealed for more than 60 seconds" in said[0]


def test_a_log_that_is_smaller_after_a_restore_grows_again(ledger: Ledger) -> None:
    for _ in range(2):
        ledger.record(5)
        ledger.seal()
    steady = Clock()
    watch = LagWatch(ledger.settings, steady=steady)
    assert looked(ledger, watch) == []
    (ledger.settings.home / "seal" / "checkpoint").unlink()
    ledger.attack(
        "delete from seal.checkpoint where size > 6", "delete from log.event where position > 6"
    )
    (outside,) = sealed_notes(ledger)
    Sealer(ledger.database, ledger.settings).accept(outside)
    further = Ledger.under(ledger.database, ledger.settings)
    for _ in range(2):
        further.record(1)
        ledger.seal()
        further.record(1)
        steady.now += ledger.settings.seal_lag
        assert looked(ledger, watch) == []
    further.records.close()


def test_a_memory_of_less_than_another_sealer_signed_lags_behind_nothing(ledger: Ledger) -> None:
    ledger.record(5)
    ledger.seal()
    memory = ledger.settings.home / "seal" / "checkpoint"
    older = memory.read_bytes()
    steady = Clock()
    watch = LagWatch(ledger.settings, steady=steady)
    for _ in range(2):
        ledger.record(5)
        ledger.seal()
        newer = memory.read_bytes()
        memory.write_bytes(older)  # as where one installation was shown a checkpoint and waits
        ledger.record(1)
        assert looked(ledger, watch) == []
        steady.now += ledger.settings.seal_lag + 1
        memory.write_bytes(newer)


def sealed_notes(ledger: Ledger) -> list[bytes]:
    with psycopg.connect(ledger.database.reader) as connection:
        return [note for (note,) in connection.execute("select note from seal.checkpoint")]


def test_a_log_without_new_records_lags_never(ledger: Ledger) -> None:
    ledger.seal()
    steady = Clock()
    watch = LagWatch(ledger.settings, steady=steady)
    assert looked(ledger, watch) == []
    steady.now += 10_000
    assert looked(ledger, watch) == []
    ledger.record(1)
    assert looked(ledger, watch) == [], "it has only just come"


@pytest.mark.parametrize(("address", "late"), [("http://w", 3601), ("-", 3600 + 24 * 3600 + 1)])
def test_a_witness_that_stays_behind_rings_after_the_time_that_is_set(
    ledger: Ledger, address: str, late: float
) -> None:
    (ledger.settings.home / "witnesses").write_text(f"{address} {WITNESS.verifier.text}\n")
    watch = LagWatch(ledger.settings)
    assert looked(ledger, watch) == [], "nothing is sealed that it could have cosigned"
    ledger.seal()
    sealed_at = datetime.now(UTC)
    watch.clock = lambda: sealed_at
    assert looked(ledger, watch) == []
    watch.clock = lambda: sealed_at + timedelta(seconds=late - 2)
    assert looked(ledger, watch) == []
    watch.clock = lambda: sealed_at + timedelta(seconds=late)
    (said,) = looked(ledger, watch)
    assert f"“{WITNESS.name}” has not cosigned" in said
    impatient = Settings(home=ledger.settings.home, witness_lag=1)
    watch = LagWatch(impatient, clock=lambda: sealed_at + timedelta(days=1, seconds=3))
    assert len(looked(ledger, watch)) == 1


@pytest.mark.parametrize("time", ["infinity", "-infinity", "2400-01-01"])
def test_a_time_that_a_checkpoint_cannot_have_silences_no_alarm(ledger: Ledger, time: str) -> None:
    (ledger.settings.home / "witnesses").write_text(f"http://w {WITNESS.verifier.text}\n")
    ledger.seal()
    assert looked(ledger, LagWatch(ledger.settings)) == []
    ledger.attack(f"update seal.checkpoint set sealed_at = '{time}'")
    late = datetime.now(UTC) + timedelta(seconds=3601)
    (said,) = looked(ledger, LagWatch(ledger.settings, clock=lambda: late))
    assert f"“{WITNESS.name}” has not cosigned" in said


def test_a_new_witness_of_an_old_log_has_its_time_from_when_it_is_named(ledger: Ledger) -> None:
    ledger.seal()
    named_at = datetime.now(UTC) + timedelta(days=400)
    ledger.attack("update seal.checkpoint set sealed_at = sealed_at - interval '400 days'")
    watch = LagWatch(ledger.settings, clock=lambda: named_at)
    assert looked(ledger, watch) == []
    (ledger.settings.home / "witnesses").write_text(f"http://w {WITNESS.verifier.text}\n")
    assert looked(ledger, watch) == []
    watch.clock = lambda: named_at + timedelta(hours=1)
    assert looked(ledger, watch) == []
    watch.clock = lambda: named_at + timedelta(hours=1, seconds=1)
    assert len(looked(ledger, watch)) == 1


def test_a_witness_that_is_taken_out_and_named_again_is_behind_all_the_same(ledger: Ledger) -> None:
    witnesses = ledger.settings.home / "witnesses"
    witnesses.write_text(f"http://w {WITNESS.verifier.text}\n")
    ledger.seal()
    named_at = datetime.now(UTC)
    assert looked(ledger, LagWatch(ledger.settings, clock=lambda: named_at)) == []
    late = named_at + timedelta(hours=1, seconds=1)
    witnesses.unlink()
    assert looked(ledger, LagWatch(ledger.settings, clock=lambda: late)) == []
    witnesses.write_text(f"http://w {WITNESS.verifier.text}\n")
    assert len(looked(ledger, LagWatch(ledger.settings, clock=lambda: late))) == 1


def test_a_witness_has_its_time_anew_from_each_cosignature(ledger: Ledger) -> None:
    (ledger.settings.home / "witnesses").write_text(f"http://w {WITNESS.verifier.text}\n")
    began = datetime.now(UTC)
    watch = LagWatch(ledger.settings, clock=lambda: began)
    for hour in range(3):
        ledger.record(1)
        size = ledger.seal()
        watch.clock = lambda hour=hour: began + timedelta(hours=hour)
        assert looked(ledger, watch) == []
        remember_cosigned(ledger.settings, WITNESS.name, size)
        assert looked(ledger, watch) == []
    watch.clock = lambda: began + timedelta(days=9)
    assert looked(ledger, watch) == [], "it has cosigned all there is"


def test_a_clock_that_was_ahead_when_a_witness_was_named_does_not_silence_it(
    ledger: Ledger,
) -> None:
    (ledger.settings.home / "witnesses").write_text(f"http://w {WITNESS.verifier.text}\n")
    ledger.seal()
    now = datetime.now(UTC)
    for clock in (now + timedelta(days=4000), now):
        assert looked(ledger, LagWatch(ledger.settings, clock=lambda at=clock: at)) == []
    late = now + timedelta(hours=1, seconds=1)
    assert len(looked(ledger, LagWatch(ledger.settings, clock=lambda: late))) == 1


def beside(ledger: Ledger) -> Settings:
    """Another installation over the log, where a witness is known by files alone."""
    home = ledger.settings.home / "beside"
    first_file(home).parent.mkdir(parents=True)
    first_file(home).write_bytes(first_file(ledger.settings.home).read_bytes())
    (home / "witnesses").write_text(f"- {WITNESS.verifier.text}\n")
    return Settings(home=home, instance="app2")


def bring(ledger: Ledger, size: int, line: str) -> None:
    """Put the line of a witness under a checkpoint."""
    ledger.attack(
        f"insert into seal.cosignature values ({size}, '{WITNESS.name}', '{line}', now())"
    )


def text_of(ledger: Ledger, size: int) -> str:
    """What the log says of so many records."""
    with psycopg.connect(ledger.database.reader) as connection:
        sealed = newest_checkpoint(connection, size)
    assert sealed is not None
    return Note.parse(sealed.note).text


LATE = timedelta(days=1, hours=1, seconds=1)


def test_what_another_installation_brought_of_a_witness_counts_here(ledger: Ledger) -> None:
    size, began = ledger.seal(), datetime.now(UTC)
    settings = beside(ledger)
    assert looked(ledger, LagWatch(settings, clock=lambda: began)) == []
    bring(ledger, size, WITNESS.cosign(text_of(ledger, size), 1).line)
    assert looked(ledger, LagWatch(settings, clock=lambda: began + LATE)) == []
    assert cosigned_sizes(settings) == {WITNESS.name: size}
    ledger.record(1)
    ledger.seal()
    later = began + LATE
    assert looked(ledger, LagWatch(settings, clock=lambda: later)) == []
    (said,) = looked(ledger, LagWatch(settings, clock=lambda: later + LATE))
    assert "has not cosigned for more than 1 day, 1:00:00" in said


OTHER = Cosigner(WITNESS.name, bytes(range(2, 34)))


@pytest.mark.parametrize("forged", ["rubbish", "another key", "another size", "another log"])
def test_a_line_in_the_database_is_believed_by_its_signature_alone(
    ledger: Ledger, forged: str
) -> None:
    size, began = ledger.seal(), datetime.now(UTC)
    ledger.record(1)
    newer, settings = ledger.seal(), beside(ledger)
    assert looked(ledger, LagWatch(settings, clock=lambda: began)) == []
    match forged:
        case "rubbish":
            bring(ledger, newer, "x")
        case "another key":
            bring(ledger, newer, OTHER.cosign(text_of(ledger, newer), 1).line)
        case "another size":
            bring(ledger, newer, WITNESS.cosign(text_of(ledger, size), 1).line)
        case _:
            key = Signer("other.example/log", bytes(32))
            text = Checkpoint(key.name, 10**6, bytes(32)).text
            note = Note(text, (key.sign(text),)).encode().hex()
            ledger.attack(
                f"insert into seal.checkpoint values (1000000, sha256('x'), '\\x{note}', now())"
            )
            bring(ledger, 10**6, WITNESS.cosign(text, 1).line)
    (said,) = looked(ledger, LagWatch(settings, clock=lambda: began + LATE))
    assert "has not cosigned for more than" in said
    assert cosigned_sizes(settings) == {}
    bring(ledger, size, WITNESS.cosign(text_of(ledger, size), 1).line)
    looked(ledger, LagWatch(settings, clock=lambda: began + LATE))
    assert cosigned_sizes(settings) == {WITNESS.name: size}, "what is true is found behind it"


def test_a_line_that_is_taken_out_and_put_back_is_no_progress(ledger: Ledger) -> None:
    size, began = ledger.seal(), datetime.now(UTC)
    ledger.record(1)
    ledger.seal()
    settings, said = beside(ledger), []
    for turn in range(4):
        if turn % 2 == 0:
            bring(ledger, size, WITNESS.cosign(text_of(ledger, size), 1).line)
        else:
            ledger.attack("delete from seal.cosignature")
        at = began + turn * (LATE / 2)
        said = looked(ledger, LagWatch(settings, clock=lambda at=at: at))
    assert "has not cosigned for more than" in said[0]


def test_a_damaged_note_of_who_is_behind_is_told(ledger: Ledger) -> None:
    (ledger.settings.home / "witnesses").write_text(f"http://w {WITNESS.verifier.text}\n")
    ledger.seal()
    (ledger.settings.home / "seal" / "behind.json").write_text("[]")
    with pytest.raises(DangerousSetting, match="is damaged"):
        looked(ledger, LagWatch(ledger.settings))


@pytest.mark.parametrize("remembering", [True, False])
def test_checkpoints_taken_out_and_put_back_are_no_progress(
    ledger: Ledger, remembering: bool
) -> None:
    """Whoever holds the lock of the sealer could else let the seal grow for ever."""
    for _ in range(2):
        ledger.record(5)
        ledger.seal()
    ledger.record(1)
    memory = ledger.settings.home / "seal" / "checkpoint"
    ledger.attack("create table public.kept as table seal.checkpoint")
    steady, said = Clock(), []
    watch = LagWatch(ledger.settings, steady=steady)
    if remembering:  # taken out before this process began
        ledger.attack("delete from seal.checkpoint where size > 6")
    else:
        memory.unlink()
    for size in (11, 6, 11, 6):
        said = looked(ledger, watch)
        steady.now += ledger.settings.seal_lag / 2 + 1
        ledger.attack(
            "delete from seal.checkpoint",
            f"insert into seal.checkpoint select * from public.kept where size <= {size}",
        )
    assert "Nothing was sealed for more than 60 seconds" in said[0]


def test_records_taken_out_and_put_back_are_not_sealed(ledger: Ledger) -> None:
    ledger.record(5)
    ledger.seal()
    ledger.record(1)
    steady, said = Clock(), []
    watch = LagWatch(ledger.settings, steady=steady)
    waits = "position > 6"
    ledger.attack(f"create table public.kept as select * from log.event where {waits}")
    for statement in (
        f"delete from log.event where {waits}",
        "insert into log.event select * from public.kept",
    ) * 2:
        said = looked(ledger, watch)
        steady.now += ledger.settings.seal_lag / 2 + 1
        ledger.attack(statement)
    assert "Nothing was sealed for more than 60 seconds" in said[0]


def test_a_serving_process_rings_the_lag(ledger: Ledger) -> None:
    ledger.seal()
    ledger.record(1)
    stop = Event()
    Timer(2.0, stop.set).start()
    keep_prompt(ledger.database, Settings(home=ledger.settings.home, seal_lag=1), stop, pause=0.1)
    assert "Nothing was sealed" in str(alarms.standing(ledger.settings.home))
    assert len(alarms.rung(ledger.settings.home)) == 1
