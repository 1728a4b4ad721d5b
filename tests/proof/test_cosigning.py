"""A witness is asked for its cosignature, and what it knows that must not be is an alarm."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from threading import Event
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI, Request, Response

from application import alarms, cosigning, lag
from application.alarms import Alarm, standing
from application.cosigning import (
    Cosigning,
    ImplausibleSize,
    KnownWitness,
    WitnessAway,
    cosigned_file,
    keep_cosigned,
    known_witnesses,
    said_by,
)
from application.database import nameless
from application.lag import LagWatch
from application.memory import Memory
from application.note import Checkpoint, Cosigner, Note, Unverified, open_checkpoint
from application.outside import Answer
from application.seal import NotSealed, cosigned_size, newest_checkpoint
from application.seal_health import seal_health
from application.settings import DangerousSetting, Settings
from application.simulation import silently
from application.verification import Check, trust_of, verify
from application.witness import Refusal, Witness, cosign_file, make_memory, witness_app
from tests.api.conftest import served
from tests.conftest import Run
from tests.proof.ledger import Ledger
from tests.writers import until

ROUND = 0.1  # seconds between two rounds
KEY = Cosigner("witness.example/w1", bytes(range(1, 33)))


class Companion:
    """A witness that watches the ledger, with its own folder."""

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        self.memory = folder / "memory.sqlite"
        make_memory(self.memory)
        verifier = ledger.signer.verifier
        self.witness = Witness(self.memory, KEY, {verifier.name: [verifier]})
        self.cosigning = Cosigning(ledger.database, ledger.settings)

    def ask(self) -> int:
        with served(witness_app(self.witness)) as address, httpx.Client() as client:
            return self.cosigning.ask(client, KnownWitness(address, KEY.verifier))


@pytest.fixture
def companion(ledger: Ledger, tmp_path_factory: pytest.TempPathFactory) -> Companion:
    (ledger.settings.home / "witnesses").write_text(f"http://witness {KEY.verifier.text}\n")
    return Companion(ledger, tmp_path_factory.mktemp("witness"))


def opened(ledger: Ledger) -> dict[str, int]:
    verifier = ledger.signer.verifier
    with psycopg.connect(ledger.database.reader) as connection:
        newest = newest_checkpoint(connection)
    return open_checkpoint(newest.message, verifier.name, [verifier], [KEY.verifier]).witnessed


@contextmanager
def keeping_cosigned(ledger: Ledger) -> Iterator[None]:
    """As a process that serves does, whose rounds follow sooner."""
    stop = Event()
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as thread:
        patch.setattr(cosigning, "PAUSE", ROUND)
        kept = thread.submit(keep_cosigned, ledger.database, ledger.settings, stop)
        try:
            yield
        finally:
            stop.set()
            kept.result()


def cut_back(ledger: Ledger, companion: Companion) -> None:
    """Take log, seal and the sealer's memory back to before the witness cosigned the last time."""
    ledger.seal()
    backup = Memory(ledger.settings.home / "seal").read()
    ledger.record(3)
    ledger.seal()
    companion.ask()
    ledger.attack(
        "delete from log.event where position > 1",
        "delete from seal.cosignature",
        "delete from seal.checkpoint where size > 1",
    )
    Memory(ledger.settings.home / "seal").keep(backup)


def test_a_witness_cosigns_what_has_grown(ledger: Ledger, companion: Companion) -> None:
    with pytest.raises(NotSealed):
        companion.ask()
    for events in (3, 300):
        ledger.record(events)
        size = ledger.seal()
        assert opened(ledger) == {}
        assert companion.ask() == size == companion.witness.known(ledger.signer.name).size
        assert KEY.name in opened(ledger)
    assert companion.ask() == size, "what is cosigned already is not asked again"
    found = verify(ledger.database.reader, silently, trust_of(ledger.settings))
    assert found.sound
    assert found.outcomes()[Check.COSIGNATURES] == "passed"


def test_a_witness_that_knows_less_than_we_thought_is_told_from_there(
    ledger: Ledger, companion: Companion
) -> None:
    ledger.seal()
    ledger.record(3)
    companion.ask()  # cosigns size 1
    ledger.seal()
    cosigned_file(ledger.settings).unlink()
    assert companion.ask() == 4


@pytest.mark.parametrize("moment", ["reading", "asking", "answered"])
@pytest.mark.parametrize("shared", [True, False], ids=["one home", "two homes"])
@pytest.mark.parametrize("rounds", [1, 3])
def test_two_instances_that_ask_at_one_moment_ring_nothing(
    ledger: Ledger, companion: Companion, moment: str, shared: bool, rounds: int,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    """Whatever the other does between two steps of the one: the log only grew."""
    other, was = companion.cosigning, 0
    if not shared:
        elsewhere = Settings(home=tmp_path / "elsewhere")
        companion.cosigning = Cosigning(ledger.database, elsewhere)
    name = "newest_checkpoint" if moment == "reading" else "post"
    real = getattr(cosigning, name)

    def goes_on() -> None:
        monkeypatch.setattr(cosigning, name, real)
        ledger.record(2)
        ledger.seal()
        other.ask(client, witness)
        monkeypatch.setattr(cosigning, name, lockstep)

    def lockstep(*arguments: Any) -> Any:
        nonlocal was
        was += 1
        if moment != "reading" and was <= rounds:
            goes_on()
        answer = real(*arguments)
        if moment != "asking" and was <= rounds:
            goes_on()
        return answer

    ledger.seal()
    with served(witness_app(companion.witness)) as address, httpx.Client() as client:
        witness = KnownWitness(address, KEY.verifier)
        monkeypatch.setattr(cosigning, name, lockstep)
        companion.cosigning.ask(client, witness)
        monkeypatch.setattr(cosigning, name, real)
        assert companion.cosigning.ask(client, witness) == ledger.seal()
    assert was > rounds


def test_who_is_overtaken_again_and_again_asks_later(
    ledger: Ledger, companion: Companion, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 0

    def busy(*_: object) -> Answer:
        nonlocal size
        ledger.record(1)
        size = ledger.seal()
        return Answer(httpx.codes.CONFLICT, str(size).encode())

    ledger.seal()
    monkeypatch.setattr(cosigning, "post", busy)
    with pytest.raises(WitnessAway, match="Others are faster"):
        companion.ask()


def test_a_witness_that_lost_its_memory_is_an_alarm(ledger: Ledger, companion: Companion) -> None:
    old = companion.memory.with_suffix(".old")
    ledger.seal()
    copyfile(companion.memory, old)
    companion.ask()
    ledger.record(1)
    ledger.seal()
    copyfile(old, companion.memory)
    with pytest.raises(Alarm, match="lost its memory"):
        companion.ask()


def test_a_log_restored_from_an_old_backup_is_betrayed_by_its_witness(
    ledger: Ledger, companion: Companion
) -> None:
    cut_back(ledger, companion)
    cosigned_file(ledger.settings).unlink()
    ledger.seal()
    with pytest.raises(Alarm, match="the log was taken back"):
        companion.ask()


def test_a_log_smaller_than_what_was_cosigned_is_an_alarm_without_asking(
    ledger: Ledger, companion: Companion
) -> None:
    ledger.seal()
    ledger.record(3)
    ledger.seal()
    companion.ask()
    ledger.attack("delete from seal.cosignature", "delete from seal.checkpoint where size > 1")
    with pytest.raises(Alarm, match="cosigned 4 records, but 1 are sealed here"):
        companion.ask()


def test_a_fork_signed_with_the_stolen_log_key_is_betrayed_by_its_witness(
    ledger: Ledger, companion: Companion
) -> None:
    """The log is cut back and continued differently, with every key that the operator has."""
    cut_back(ledger, companion)
    ledger.record(5)
    ledger.seal()
    found = verify(ledger.database.reader, silently, trust_of(ledger.settings))
    assert found.defect is None, "rows, seal and keys all fit each other"
    assert found.outcomes()[Check.COSIGNATURES].startswith("COULD NOT RUN")
    with pytest.raises(Alarm, match="another tree"):
        companion.ask()
    assert companion.witness.suspects(ledger.signer.name), "the witness keeps the proof of it"


def test_a_witness_that_is_away_or_answers_nonsense_is_asked_again(ledger: Ledger) -> None:
    ledger.seal()

    def asked(answer: httpx.Response | Exception) -> str:
        def handler(request: httpx.Request) -> httpx.Response:
            if isinstance(answer, Exception):
                raise answer
            return answer

        cosigning = Cosigning(ledger.database, ledger.settings)
        with (
            httpx.Client(transport=httpx.MockTransport(handler)) as client,
            pytest.raises(WitnessAway) as away,
        ):
            cosigning.ask(client, KnownWitness("http://witness", KEY.verifier))
        return str(away.value)

    assert "does not answer" in asked(httpx.ConnectError("refused"))
    assert "answers 503: busy" in asked(httpx.Response(503, text="busy"))
    assert "409 without a size" in asked(httpx.Response(409, text="no"))
    assert "did not cosign" in asked(httpx.Response(200, text="thanks"))
    stranger = Cosigner(KEY.name, bytes(32)).cosign("another text\n", 1)
    assert "did not cosign" in asked(httpx.Response(200, text=stranger.line))
    assert opened(ledger) == {}


@pytest.mark.parametrize("time", [2**62, 2**63 - 1])
def test_a_witness_whose_time_no_calendar_has_stops_nobody_from_asking_the_others(
    ledger: Ledger, time: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    ledger.seal()
    companion = Companion(ledger, tmp_path_factory.mktemp("witness"))
    mean = Cosigner("mean.example/w2", bytes(range(2, 34)))
    mocker = FastAPI()

    @mocker.post("/add-checkpoint")
    async def add_checkpoint(request: Request) -> Response:
        text = Note.parse((await request.body()).partition(b"\n\n")[2]).text
        return Response(mean.cosign(text, time).line, media_type="text/plain")

    with served(witness_app(companion.witness)) as address, served(mocker) as other:
        witnesses = ledger.settings.home / "witnesses"
        witnesses.write_text(f"{other} {mean.verifier.text}\n{address} {KEY.verifier.text}\n")
        with keeping_cosigned(ledger):
            until(lambda: KEY.name in opened(ledger))
    assert companion.cosigning.remembered(mean.name) == 0


def test_one_witness_that_breaks_everything_stops_nobody_from_asking_the_others(
    ledger: Ledger, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.seal()
    companion = Companion(ledger, tmp_path_factory.mktemp("witness"))
    other = Cosigner("other.example/w2", bytes(range(2, 34))).verifier
    asked = Cosigning.ask

    def breaking(self: Cosigning, client: httpx.Client, witness: KnownWitness) -> int:
        if witness.key == other:
            raise OSError(28, "No space left on device")
        return asked(self, client, witness)

    monkeypatch.setattr(Cosigning, "ask", breaking)
    with served(witness_app(companion.witness)) as address:
        witnesses = ledger.settings.home / "witnesses"
        witnesses.write_text(f"http://o {other.text}\n{address} {KEY.verifier.text}\n")
        with keeping_cosigned(ledger):
            until(lambda: KEY.name in opened(ledger))
    assert "No space left" in str(alarms.standing(ledger.settings.home))


def test_what_a_witness_says_moves_no_terminals_cursor(ledger: Ledger) -> None:
    answer = Answer(422, b"a\x1b[2J\x1b[H all is well \xe2\x80\xae")
    assert said_by(answer) == "a\ufffd[2J\ufffd[H all is well \ufffd"


def test_a_witness_without_a_network_cosigns_a_file(
    ledger: Ledger, companion: Companion, tmp_path: Path
) -> None:
    request, answer = tmp_path / "request", tmp_path / "answer"
    for events in (2, 3):
        ledger.record(events)
        size = ledger.seal()
        with psycopg.connect(ledger.database.sealer, autocommit=True) as connection:
            request.write_bytes(companion.cosigning.request(connection, KEY.verifier))
            cosign_file(companion.witness, request, answer)
            names = companion.cosigning.accept(connection, answer.read_bytes(), [KEY.verifier])
        assert names == [KEY.name]
        assert KEY.name in opened(ledger)
        assert companion.cosigning.remembered(KEY.name) == size


def test_a_witness_whose_answer_got_lost_goes_on_from_what_it_knows(
    ledger: Ledger, companion: Companion, tmp_path: Path
) -> None:
    request, answer = tmp_path / "request", tmp_path / "answer"
    with psycopg.connect(ledger.database.sealer, autocommit=True) as connection:

        def carried(knows: int | None = None) -> None:
            request.write_bytes(companion.cosigning.request(connection, KEY.verifier, knows))
            cosign_file(companion.witness, request, answer)

        ledger.record(3)
        lost = ledger.seal()
        carried()
        ledger.record(3)
        newest = ledger.seal()
        with pytest.raises(Refusal, match=f"--knows {lost}"):
            carried()
        carried(knows=lost)
        companion.cosigning.accept(connection, answer.read_bytes(), [KEY.verifier])
        assert companion.cosigning.remembered(KEY.name) == newest
        for mistyped in (lost, newest + 1):
            with pytest.raises(ImplausibleSize, match=f"it cannot know {mistyped}"):
                carried(knows=mistyped)


def test_a_mistyped_size_is_refused_and_rings_nothing(
    ledger: Ledger, companion: Companion, huhang: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record(3)
    ledger.seal()
    companion.ask()
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(ledger.database.owner))
    monkeypatch.setenv("HUHANG_HOME", str(ledger.settings.home))
    (ledger.settings.home / "witnesses").write_text(f"- {KEY.verifier.text}\n")
    request = str(ledger.settings.home / "request")
    code, _, err = huhang("cosign-request", KEY.name, request, "--knows", "1")
    assert (code, "it cannot know 1" in err) == (2, True)
    assert alarms.standing(ledger.settings.home) is None


def test_a_witness_named_while_the_process_serves_is_asked_in_the_next_round(
    ledger: Ledger, tmp_path_factory: pytest.TempPathFactory
) -> None:
    companion = Companion(ledger, tmp_path_factory.mktemp("witness"))
    ledger.seal()
    home = ledger.settings.home
    with served(witness_app(companion.witness)) as address, keeping_cosigned(ledger):
        time.sleep(4 * ROUND)
        (home / "witnesses").write_text(f"{address} {KEY.verifier.text}\n")
        until(lambda: KEY.name in opened(ledger))


def test_a_known_witness_that_has_cosigned_nothing_yet_is_shown(ledger: Ledger) -> None:
    ledger.seal()
    found = seal_health(ledger.database, ledger.settings.home, [KEY.verifier])
    assert found.witnesses == []
    assert found.silent == [KEY.name]


def test_an_answer_over_a_checkpoint_that_we_never_published_is_refused(
    ledger: Ledger, companion: Companion, tmp_path: Path
) -> None:
    ledger.seal()
    other = f"{ledger.signer.name}\n1\n{'A' * 43}=\n"
    note = open_note(other, ledger)
    with (
        psycopg.connect(ledger.database.sealer, autocommit=True) as connection,
        pytest.raises(Unverified, match="no checkpoint that this log published"),
    ):
        companion.cosigning.accept(connection, note, [KEY.verifier])


def open_note(text: str, ledger: Ledger) -> bytes:
    return Note(text, (ledger.signer.sign(text), KEY.cosign(text, 1))).encode()


def test_cosignatures_of_a_witness_that_is_not_known_are_a_check_that_could_not_run(
    ledger: Ledger, companion: Companion
) -> None:
    ledger.seal()
    companion.ask()
    (ledger.settings.home / "witnesses").unlink()
    found = verify(ledger.database.reader, silently, trust_of(ledger.settings))
    assert not found.sound
    assert found.outcomes()[Check.COSIGNATURES].startswith("COULD NOT RUN: the key of the witness")
    stranger = Cosigner("witness.example/other", bytes(32)).verifier
    (ledger.settings.home / "witnesses").write_text(f"- {stranger.text}\n")
    found = verify(ledger.database.reader, silently, trust_of(ledger.settings))
    assert "is not known here" in found.outcomes()[Check.COSIGNATURES]


def test_cosignatures_that_were_removed_are_a_check_that_could_not_run(
    ledger: Ledger, companion: Companion
) -> None:
    ledger.seal()
    companion.ask()
    assert verify(ledger.database.reader, silently, trust_of(ledger.settings)).sound
    ledger.attack("delete from seal.cosignature")
    found = verify(ledger.database.reader, silently, trust_of(ledger.settings))
    assert not found.sound
    assert f"“{KEY.name}” cosigned 1 records" in found.outcomes()[Check.COSIGNATURES]


NEW = Cosigner("witness.example/w2", bytes(range(2, 34)))


def retire(ledger: Ledger, *others: str) -> None:
    lines = (f"retired {KEY.verifier.text}", *others)
    (ledger.settings.home / "witnesses").write_text("".join(f"{line}\n" for line in lines))


def looked(ledger: Ledger, days: int) -> list[str]:
    """What the watch of the lag says after some days."""
    watch = LagWatch(ledger.settings, clock=lambda: datetime.now(UTC) + timedelta(days=days))
    with psycopg.connect(ledger.database.reader, autocommit=True) as connection:
        return [str(alarm) for alarm in watch.look(connection)]


def cosigned_by_new(ledger: Ledger, folder: Path) -> None:
    """Let a new witness without a network cosign what is sealed."""
    make_memory(folder / "new.sqlite")
    verifier = ledger.signer.verifier
    witness = Witness(folder / "new.sqlite", NEW, {verifier.name: [verifier]})
    cosigning = Cosigning(ledger.database, ledger.settings)
    with psycopg.connect(ledger.database.sealer, autocommit=True) as connection:
        asked = cosigning.request(connection, NEW.verifier)
        cosigning.accept(connection, witness.add_checkpoint(asked).encode(), [NEW.verifier])


def test_a_retired_witness_vouches_for_what_it_cosigned_and_is_not_missed(
    ledger: Ledger, companion: Companion, tmp_path: Path
) -> None:
    ledger.record(3)
    ledger.seal()
    companion.ask()
    ledger.record(3)
    ledger.seal()
    retire(ledger, f"- {NEW.verifier.text}")
    cosigned_by_new(ledger, tmp_path)
    (said,) = looked(ledger, 0)
    assert "The witness “witness.example/w1” is retired since it had cosigned 4 records" in said
    assert looked(ledger, 9) == [], "it is said once, and lags behind nothing"
    found = verify(ledger.database.reader, silently, trust_of(ledger.settings))
    assert found.sound
    assert found.outcomes()[Check.COSIGNATURES] == (
        "passed; retired here: witness.example/w1, whose last cosignature here is over 4 records"
    )
    health = seal_health(ledger.database, ledger.settings.home, [KEY.verifier], {KEY.name})
    assert health.silent == []
    ledger.attack("delete from seal.cosignature where size = 4")
    found = verify(ledger.database.reader, silently, trust_of(ledger.settings))
    assert not found.sound, "what it cosigned must be there all the same"


def test_who_retires_the_last_witness_gets_no_sound_log(
    ledger: Ledger, companion: Companion
) -> None:
    ledger.seal()
    companion.ask()
    retire(ledger)
    found = verify(ledger.database.reader, silently, trust_of(ledger.settings))
    assert not found.sound
    said = found.outcomes()[Check.COSIGNATURES]
    assert said.startswith("COULD NOT RUN: every witness known here is retired")


def test_each_time_a_witness_is_retired_it_is_said(ledger: Ledger, companion: Companion) -> None:
    """So nobody lets one rest for a night and takes the mark away in the morning, unheard."""
    ledger.seal()
    companion.ask()
    asked = (ledger.settings.home / "witnesses").read_text()
    for _ in range(2):
        retire(ledger)
        assert len(looked(ledger, 0)) == 1
        (ledger.settings.home / "witnesses").write_text(asked)
        assert looked(ledger, 0) == []
    ledger.record(1)
    ledger.seal()
    watch = LagWatch(ledger.settings)
    retire(ledger)
    with psycopg.connect(ledger.database.reader, autocommit=True) as connection:
        watch.look(connection)
        (ledger.settings.home / "witnesses").write_text(asked)
        assert watch.look(connection) == []
        watch.clock = lambda: datetime.now(UTC) + timedelta(hours=2)
        (said,) = watch.look(connection)
    assert "has not cosigned" in str(said)


def test_a_retirement_that_could_not_be_noted_has_rung(
    ledger: Ledger, companion: Companion, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.seal()
    companion.ask()
    retire(ledger)

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(lag, "write_durably", full)
    with pytest.raises(OSError, match="no space"):
        looked(ledger, 0)
    assert "is retired since it had cosigned" in (standing(ledger.settings.home) or "")


def test_a_retired_witness_is_asked_by_nobody(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, huhang: Run, tmp_path: Path
) -> None:
    retire(ledger)
    monkeypatch.setenv("HUHANG_HOME", str(ledger.settings.home))
    code, _, err = huhang("cosign-request", KEY.name, str(tmp_path / "request"))
    assert code == 2
    assert "is retired in the file of witnesses" in err
    assert [one.address for one in known_witnesses(ledger.settings)] == [None]


def test_a_mark_of_the_order_of_bytes_is_no_part_of_an_address(
    ledger: Ledger, companion: Companion
) -> None:
    """As an editor puts it before a file that it saves."""
    file = ledger.settings.home / "witnesses"
    file.write_text(f"http://witness {KEY.verifier.text}\n", encoding="utf-8-sig")
    assert [one.address for one in known_witnesses(ledger.settings)] == ["http://witness"]
    line = f"http://witness/add-checkpoint {KEY.verifier.text}\n"
    (ledger.settings.home / "witnesses").write_text(line)
    assert [one.address for one in known_witnesses(ledger.settings)] == ["http://witness"]


def test_a_changed_cosignature_is_found(ledger: Ledger, companion: Companion) -> None:
    ledger.seal()
    companion.ask()
    line = Cosigner(KEY.name, KEY.seed).cosign("another text\n", 1).line
    ledger.attack(f"update seal.cosignature set line = '{line}'")
    found = verify(ledger.database.reader, silently, trust_of(ledger.settings))
    assert found.defect is not None
    assert found.defect.check is Check.COSIGNATURES


def test_a_line_under_the_name_of_another_witness_vouches_for_nothing(
    ledger: Ledger, companion: Companion
) -> None:
    """Neither where the seal is looked at, nor where a dossier picks its checkpoint."""
    court = Cosigner("court.example/w", bytes(range(2, 34))).verifier
    home = ledger.settings.home
    with (home / "witnesses").open("a") as file:
        file.write(f"- {court.text}\n")
    ledger.seal()
    companion.ask()
    assert [one.witness for one in seal_health(ledger.database, home, [court]).witnesses] == [
        KEY.name
    ]
    ledger.attack(f"update seal.cosignature set witness = '{court.name}'")
    found = seal_health(ledger.database, home, [court])
    assert (found.witnesses, found.silent) == ([], [court.name])
    with psycopg.connect(ledger.database.reader) as connection:
        assert cosigned_size(connection, 1, [court]) is None
    defect = verify(ledger.database.reader, silently, trust_of(ledger.settings)).defect
    assert defect is not None
    assert defect.check is Check.COSIGNATURES
    assert f"“{court.name}” cosigned, but the line is by “{KEY.name}”" in str(defect)
    forged = Cosigner(court.name, bytes(range(3, 35))).cosign("another text\n", 1).line
    ledger.attack(f"update seal.cosignature set line = '{forged}'")
    assert [one.witness for one in seal_health(ledger.database, home).witnesses] == [court.name]
    other = Cosigner(court.name, bytes(range(3, 35))).verifier
    assert seal_health(ledger.database, home, [other]).witnesses == [], "its key did not sign that"


@pytest.mark.parametrize("line", ["http://w nonsense", "- ", "http://w log", "twice", "renamed"])
def test_a_file_of_witnesses_that_names_none_is_told(line: str, ledger: Ledger) -> None:
    if line == "twice":
        line = f"- {KEY.verifier.text}\n- {KEY.verifier.text}"
    if line == "renamed":
        other = replace(KEY.verifier, name="other.example/witness")
        line = f"- {KEY.verifier.text}\n- {other.text}"
    if line == "http://w log":
        line = f"http://w {ledger.signer.verifier.text}"
    (ledger.settings.home / "witnesses").write_text(f"# ours\n\n{line}\n")
    with pytest.raises(DangerousSetting):
        known_witnesses(ledger.settings)


def test_a_serving_process_keeps_asking_and_keeps_an_alarm(
    ledger: Ledger, tmp_path_factory: pytest.TempPathFactory
) -> None:
    companion = Companion(ledger, tmp_path_factory.mktemp("witness"))
    ledger.seal()
    with served(witness_app(companion.witness)) as address:
        witnesses = ledger.settings.home / "witnesses"
        witnesses.write_text(f"{address} {KEY.verifier.text}\n")
        with keeping_cosigned(ledger):
            until(lambda: KEY.name in opened(ledger))
        ledger.attack("delete from seal.cosignature", "delete from seal.checkpoint")
        ledger.attack("update log.event set leaf = sha256(leaf)")
        Memory(ledger.settings.home / "seal")._newest.unlink()
        (ledger.settings.home / "seal" / "witnesses.json").unlink()
        forge(ledger)
        with keeping_cosigned(ledger):
            until(lambda: "another tree" in str(alarms.standing(ledger.settings.home)))


def forge(ledger: Ledger) -> None:
    """Sign another tree of the same size, as whoever stole the log's key can."""
    text = Checkpoint(ledger.signer.name, 1, ledger.root(1)).text
    note = Note(text, (ledger.signer.sign(text),)).encode()
    with psycopg.connect(ledger.database.sealer, autocommit=True) as connection:
        connection.execute(
            "insert into seal.checkpoint values (1, %s, %s, now())", (ledger.root(1), note)
        )
