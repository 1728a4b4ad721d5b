"""Attacks that look where a check does not: beside its rows, between two looks, at who checks.

Whoever attacks may write any row, has no key of the application unless it says so, and picks the
moment.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import psycopg
import pytest
from psycopg.rows import tuple_row

from application import alarms
from application.alarms import Alarm, NotStanding
from application.beginning import by_the_system
from application.codec import statement_of
from application.database import nameless
from application.first_event import first_file, note_first
from application.heads import Heads, ends_now, note_heads
from application.inspection import PAGE, Check, Defect, read_rows
from application.keys import Author, author_of
from application.log_stream import Beginning, beginning_of
from application.note import Signer
from application.patrol import patrol
from application.sealer import Sealer
from application.settings import DangerousSetting, Settings
from application.simulation import silently
from application.tree import HASH_BYTES
from application.verification import Trust, trust_of, verify
from domain.log import LOG_ID, Log
from tests.conftest import Run
from tests.proof.ledger import Ledger
from tests.proof.test_attacks import found, verified

pytestmark = pytest.mark.attack


def forge(ledger: Ledger, author: Author, position: int, **changes: Any) -> None:
    """Exchange a row for one that somebody else signed, with the leaf that fits it."""
    with psycopg.connect(ledger.database.administrator, row_factory=tuple_row) as attacker:
        stream, version, topic, state, at = attacker.execute(
            "select originator_id, originator_version, topic, state, recorded_at from log.event"
            " where position = %s",
            (position,),
        ).fetchone()
        state = changes.get("state", state)
        said = statement_of(stream, version, topic, state)
        attacker.execute("alter table log.event disable trigger user")
        attacker.execute("delete from log.event where position = %s", (position,))
        attacker.execute(
            "insert into log.event select %(position)s, %(stream)s, %(version)s, %(topic)s,"
            " %(state)s, at, %(author)s, %(signature)s, log.leaf(%(position)s - 1, %(stream)s,"
            " %(version)s, %(topic)s, at, %(actor)s, '-', %(state)s, %(sm3)s, %(author)s,"
            " %(signature)s) from (select %(at)s::timestamptz as at) as its",
            {
                "position": position,
                "at": at,
                "stream": stream,
                "version": version,
                "topic": topic,
                "state": state,
                "author": author.name,
                "signature": said.sign(author.key),
                "actor": said.actor,
                "sm3": said.state.sm3,
            },
        )
        attacker.execute("alter table log.event enable always trigger event_is_final")


def test_a_row_in_front_of_the_first_position_is_found(ledger: Ledger) -> None:
    """Who reads a stream by its id meets it; who reads by position does not."""
    ledger.record(3)
    ledger.seal()
    ledger.attack(
        "insert into log.event select -7, originator_id, 4, topic, state, recorded_at, author,"
        " signature, leaf from log.event where position = 4"
    )
    assert found(verified(ledger)) == (-7, Check.DENSE)
    trust = trust_of(ledger.settings)
    patrolled = patrol(ledger.database.reader, ledger.settings, trust, 1)
    assert patrolled.defect is not None
    ledger.record(1)
    with pytest.raises(Alarm, match="Position -7"):
        ledger.seal()


def test_a_second_row_of_the_last_position_of_a_page_is_found(ledger: Ledger) -> None:
    ledger.record(PAGE - 1)
    ledger.seal()
    ledger.attack(
        "alter table log.event drop constraint event_pkey",
        f"insert into log.event select position, originator_id, {PAGE}, topic, state, recorded_at,"
        f" author, signature, leaf from log.event where position = {PAGE}",
    )
    assert found(verified(ledger)) == (PAGE, Check.DENSE)


@pytest.mark.parametrize("time", ["infinity", "-infinity", "20000-01-01", "0044-03-15 BC"])
def test_a_time_that_no_calendar_has_is_named_and_stops_no_check(ledger: Ledger, time: str) -> None:
    ledger.record(3)
    ledger.seal()
    ledger.record(2)
    ledger.attack(f"update log.event set recorded_at = '{time}' where position = 5")
    with pytest.raises(Alarm, match="Position 5"):
        ledger.seal()
    assert found(verified(ledger)) == (5, Check.TIMES)
    ledger.attack(f"update log.event set recorded_at = '{time}' where position = 2")
    assert found(verified(ledger)) == (2, Check.TIMES)
    patrolled = patrol(ledger.database.reader, ledger.settings, trust_of(ledger.settings), 1)
    assert patrolled.defect is not None
    assert patrolled.defect.position == 2


def test_who_exchanges_the_first_event_for_a_moment_gets_nothing_sealed(
    ledger: Ledger, tmp_path: Path
) -> None:
    """With an author of his own in the beginning, a forged row would pass the sealer's look."""
    ledger.record(3)
    forger = author_of(Settings(home=tmp_path / "forger", instance="forger"))
    with Sealer(ledger.database, ledger.settings) as sealer:
        sealer.seal_next()
        ledger.record(1)
        with psycopg.connect(ledger.database.administrator) as attacker:
            (state,) = attacker.execute("select state from log.event where position = 1").fetchone()
        fields = orjson.loads(state)
        fields["keys"]["authors"].append(forger.registered.model_dump())
        ledger.attack(
            f"update log.event set state = '\\x{orjson.dumps(fields).hex()}' where position = 1"
        )
        forge(ledger, forger, 5)
        with pytest.raises(Alarm, match="first event"):
            sealer.seal_next()
        assert sealer.size == 4


@pytest.mark.parametrize("noted", [True, False])
def test_who_exchanges_the_first_event_while_the_sealer_rests_is_met_when_it_starts(
    ledger: Ledger, tmp_path: Path, noted: bool
) -> None:
    """By what is noted of it outside, and by the seal where nothing is."""
    ledger.record(300)
    ledger.seal()
    if not noted:
        first_file(ledger.settings.home).unlink()
    forger = author_of(Settings(home=tmp_path / "forger", instance="forger"))
    with psycopg.connect(ledger.database.administrator) as attacker:
        (state,) = attacker.execute("select state from log.event where position = 1").fetchone()
    fields = orjson.loads(state)
    fields["keys"]["authors"].append(forger.registered.model_dump())
    forge(ledger, forger, 1, state=orjson.dumps(fields))
    ledger.record(1)
    with pytest.raises(Alarm, match="not the one that is noted" if noted else "Position 1"):
        ledger.seal()


@pytest.mark.parametrize("workers", [1, 2])
def test_who_shows_the_verifier_another_first_event_for_a_moment_is_found(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    """A row forged behind the seal has only its author's signature against it."""
    monkeypatch.setattr("application.log_pages.INLINE", 0)
    ledger.record(3)
    ledger.seal()
    ledger.record(1)
    forger = author_of(Settings(home=tmp_path / "forger", instance="forger"))
    forge(ledger, forger, 5)
    assert found(verified(ledger)) == (5, Check.AUTHOR)

    def shown_another(connection: psycopg.Connection[Any]) -> Beginning:
        with psycopg.connect(ledger.database.administrator) as attacker:
            (state,) = attacker.execute("select state from log.event where position = 1").fetchone()
        fields = orjson.loads(state)
        fields["keys"]["authors"].append(forger.registered.model_dump())
        for shown in (orjson.dumps(fields), None, state):
            if shown is None:
                beginning = beginning_of(connection)
            else:
                ledger.attack(f"update log.event set state = '\\x{shown.hex()}' where position = 1")
        return beginning

    monkeypatch.setattr("application.verification.beginning_of", shown_another)
    assert found(verified(ledger, workers=workers)) == (1, Check.KEYS)


def test_a_sealed_tail_that_was_cut_and_has_grown_again_stops_the_sealer(ledger: Ledger) -> None:
    """Between two looks the log is shorter, and by the next one it is longer than before."""
    ledger.record(5)
    with Sealer(ledger.database, ledger.settings) as sealer:
        sealer.seal_next()
        ledger.attack("delete from log.event where position > 1")
        ledger.versions.clear()
        ledger.record(8)
        with pytest.raises(Alarm, match="sealed"):
            sealer.seal_next()


def test_what_grows_while_it_is_verified_is_no_defect(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records are recorded and sealed all the time; whoever verifies must not cry wolf."""
    ledger.record(300)
    ledger.seal()

    def growing(done: int, of: int) -> None:
        ledger.record(300)
        ledger.seal()

    monkeypatch.setattr("application.verification.head", sealing_first(ledger))
    verification = verify(ledger.database.reader, growing, trust_of(ledger.settings))
    assert verification.defect is None, str(verification.defect)
    assert verification.sound


def sealing_first(ledger: Ledger) -> Any:
    """The log's end, and right after it something is recorded and sealed."""
    from application.eventlog import head

    def seen(connection: psycopg.Connection[Any]) -> int:
        position = head(connection)
        ledger.record(1)
        ledger.seal()
        return position

    return seen


def test_an_alarm_is_not_hidden_by_a_smaller_one_that_rings_after_it(tmp_path: Path) -> None:
    alarms.ring(tmp_path, Alarm("Records were removed."))
    alarms.ring(tmp_path, Alarm("The fence was changed."))
    alarms.ring(tmp_path, Alarm("Records were removed."))
    standing = alarms.standing(tmp_path)
    assert standing is not None
    assert standing.splitlines() == ["Records were removed.", "The fence was changed."]
    assert [one["what"] for one in alarms.rung(tmp_path)] == ["alarm", "alarm"]
    alarms.settle(tmp_path, "looked into", [1, 2])
    assert alarms.standing(tmp_path) is None


def test_an_alarm_that_rings_between_reading_and_settling_stands(
    tmp_path: Path, huhang: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path))
    alarms.ring(tmp_path, Alarm("The disk was full."))
    read = alarms.numbered(tmp_path)
    alarms.ring(tmp_path, Alarm("The fence was changed."))
    code, _, err = huhang("alarms", "--settle", "mended")
    assert code == 2
    assert "Now stand: 1: The disk was full.; 2: The fence was changed." in err
    assert huhang("alarms", *map(str, read), "--settle", "mended")[0] == 0
    assert alarms.standing(tmp_path) == "The fence was changed."
    assert alarms.rung(tmp_path)[-1]["said"] == "1: mended"


def test_an_alarm_that_rings_anew_is_another_than_the_one_that_was_read(tmp_path: Path) -> None:
    alarms.ring(tmp_path, Alarm("The disk was full."))
    (read,) = alarms.numbered(tmp_path)
    alarms.settle(tmp_path, "by a colleague", [read])
    alarms.ring(tmp_path, Alarm("The disk was full."))
    with pytest.raises(NotStanding, match="under the number 1; nothing was settled"):
        alarms.settle(tmp_path, "mended", [read, 3])
    assert alarms.numbered(tmp_path) == {3: "The disk was full."}
    (tmp_path / "seal" / "alarms.jsonl").unlink()
    assert alarms.numbered(tmp_path) == {0: "The disk was full."}
    alarms.settle(tmp_path, "its list is lost", [0])
    assert alarms.standing(tmp_path) is None


def test_no_alarm_is_lost_that_rings_while_others_are_settled(tmp_path: Path) -> None:
    alarms.ring(tmp_path, Alarm("The first."))
    with ThreadPoolExecutor() as pool:
        for number in range(40):
            ringing = pool.submit(alarms.ring, tmp_path, Alarm(f"Number {number}."))
            alarms.settle(tmp_path, "read", list(alarms.numbered(tmp_path))[:1])
            ringing.result()
            alarms.ring(tmp_path, Alarm("The last."))
    said = [one for one in alarms.rung(tmp_path) if one["what"] == "alarm"]
    settled = [one for one in alarms.rung(tmp_path) if one["what"] == "settled"]
    stands = alarms.standing(tmp_path)
    assert stands is not None
    assert len(said) - len(settled) == len(stands.splitlines())


def test_an_alarm_is_heard_although_the_disk_takes_nothing_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk ends the sealing, and would end the ringing too."""
    (tmp_path / "seal").write_text("no folder can be made here")
    alarms.ring(tmp_path, Alarm("Sealing ended."))
    assert "alarm: Sealing ended." in caplog.text
    assert "could not be kept" in caplog.text


def test_what_is_remembered_between_two_patrols_and_of_witnesses_may_be_damaged(
    ledger: Ledger,
) -> None:
    ledger.record(3)
    ledger.seal()
    trust = trust_of(ledger.settings)
    for said in ("nonsense", "-7", "\u0663", ""):
        (ledger.settings.home / "seal" / "patrol").write_text(said)
        assert patrol(ledger.database.reader, ledger.settings, trust, 1).sound
    (ledger.settings.home / "seal" / "witnesses.json").write_text("nonsense")
    with pytest.raises(DangerousSetting, match="is damaged"):
        trust_of(ledger.settings)


def test_a_patrol_that_found_something_says_of_no_other_check_that_it_passed(
    ledger: Ledger,
) -> None:
    ledger.record(300)
    ledger.seal()
    ledger.attack("update log.event set leaf = sha256(leaf) where position = 5")
    patrolled = patrol(ledger.database.reader, ledger.settings, trust_of(ledger.settings), 2)
    outcomes = patrolled.outcomes()
    assert outcomes[Check.LEAF].startswith("FAILED: Position 5")
    assert not [said for said in outcomes.values() if said.startswith("passed")]


def test_a_log_under_its_own_word_alone_says_so(ledger: Ledger) -> None:
    """Who rewrote all under a key of his own passes, unless the key is known from elsewhere."""
    ledger.record(3)
    ledger.seal()
    own_word = verify(ledger.database.reader, silently, Trust())
    assert own_word.sound
    assert "the log's own word" in own_word.outcomes()[Check.KEYS]
    own = verified(ledger).outcomes()[Check.KEYS]
    assert own == "passed for the log's key and the log's first event and the author “app1”"
    known = Trust(log=ledger.signer.verifier)
    assert verified(ledger, known).outcomes()[Check.KEYS] == "passed for the log's key"
    other = Signer(ledger.signer.name, bytes(range(32))).verifier
    assert found(verified(ledger, Trust(log=other))) == (1, Check.KEYS)


def test_a_key_that_the_log_does_not_know_is_compared_with_nothing(
    ledger: Ledger, tmp_path: Path
) -> None:
    """As of an instance that nobody registered: its own key tells nothing of this log."""
    ledger.record(3)
    ledger.seal()
    stranger = author_of(Settings(home=tmp_path / "stranger", instance="app9")).registered
    verification = verified(ledger, Trust(author=stranger))
    assert not verification.sound
    said = verification.outcomes()[Check.KEYS]
    assert said.startswith("COULD NOT RUN: the log does not know the author “app9”")
    trust = Trust(author=stranger, log=ledger.signer.verifier)
    assert verified(ledger, trust).sound
    said = verified(ledger, trust).outcomes()[Check.KEYS]
    assert said.startswith("passed for the log's key; the log does not know the author “app9”")


def test_an_author_known_alone_does_not_vouch_for_the_key_of_the_checkpoints(
    ledger: Ledger,
) -> None:
    ledger.seal()
    trust = Trust(author=author_of(ledger.settings).registered)
    said = verified(ledger, trust).outcomes()[Check.KEYS]
    assert said == (
        "passed for the author “app1”; the key of the checkpoints is the log's own word; give it: "
        "--key"
    )


def test_a_log_made_anew_that_lets_our_author_in_is_not_the_one_whose_first_event_we_know(
    ledger: Ledger, tmp_path: Path
) -> None:
    """Of a further instance the log's key is not here, and its own is known to everybody."""
    further = Settings(home=tmp_path / "further", instance="app9")
    ledger.let_in(author_of(further).registered)
    ledger.seal()
    assert not trust_of(further).compares
    note_first(further.home, bytes(HASH_BYTES))
    assert found(verified(ledger, trust_of(further))) == (1, Check.KEYS)
    with psycopg.connect(ledger.database.reader) as connection:
        first = beginning_of(connection).first
    right = replace(trust_of(further), first=first)
    assert right.compares
    said = verified(ledger, right).outcomes()[Check.KEYS]
    assert said == "passed for the log's first event and the author “app9”"


def test_after_a_defect_nothing_is_said_of_what_did_not_run(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.log_pages.PAGE", 100)
    ledger.record(149)
    ledger.seal()
    ledger.record(200)
    ledger.seal()
    ledger.attack("update log.event set leaf = sha256(leaf) where position = 250")
    verification = verified(ledger)
    outcomes = verification.outcomes()
    assert found(verification) == (250, Check.LEAF)
    assert outcomes[Check.AUTHOR] == outcomes[Check.DENSE] == "passed up to position 200"
    assert outcomes[Check.CHECKPOINTS] == "passed up to position 150"
    not_reached = "not reached: the inspection ended at position 250"
    for check in (Check.TILES, Check.COSIGNATURES, Check.SM2, Check.OUTSIDE):
        assert outcomes[check] == not_reached, check
    assert outcomes[Check.KEYS].startswith("passed for the log's key")
    ledger.attack("update log.event set position = -1 where position = 3")
    outcomes = verified(ledger).outcomes()
    assert outcomes[Check.KEYS].startswith("passed for the log's key")
    assert outcomes[Check.DENSE] == (
        "FAILED: Position 3: the row is missing; the next that is there has 4. Position -1: the "
        "log begins at 1; somebody put this row in."
    )


@pytest.mark.parametrize(
    ("attack", "position", "check"),
    [
        (
            "update seal.tile set hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1)"
            " where number = 1",
            258, Check.TILES,
        ),
        (
            "alter table seal.tile alter hashes drop not null;"
            "update seal.tile set hashes = null where number = 1",
            257, Check.TILES,
        ),
        (
            "update seal.checkpoint set note = set_byte(note, 3, get_byte(note, 3) # 1)"
            " where size = 401",
            401, Check.CHECKPOINTS,
        ),
        (
            "alter table seal.checkpoint alter note drop not null;"
            "update seal.checkpoint set note = null where size = 401",
            401, Check.CHECKPOINTS,
        ),
        (
            "alter table seal.checkpoint alter sealed_at drop not null;"
            "update seal.checkpoint set root = sha256(root), sealed_at = null where size = 401",
            401, Check.CHECKPOINTS,
        ),
        (
            "alter table seal.cosignature alter line drop not null;"
            "insert into seal.cosignature values (401, 'w', null, now())",
            401, Check.COSIGNATURES,
        ),
    ],
)  # fmt: skip
def test_a_seal_changed_long_ago_is_named_by_the_patrol_and_by_the_verifier(
    ledger: Ledger, attack: str, position: int, check: Check
) -> None:
    """Also where something was emptied, which no table of ours allows."""
    ledger.record(400)
    ledger.seal()
    ledger.record(400)
    ledger.seal()
    trust = trust_of(ledger.settings)
    assert patrol(ledger.database.reader, ledger.settings, trust, 4).sound
    ledger.attack(attack)
    assert found(verified(ledger)) == (position, check)
    went = patrol(ledger.database.reader, ledger.settings, trust, 4)
    assert went.defect is not None
    assert (went.defect.position, went.defect.check) == (position, check)
    assert went.outcomes()[check].startswith(f"FAILED: Position {position}")


@pytest.mark.parametrize(
    "attack",
    [
        "delete from seal.tile where number = 1",
        "alter table seal.tile alter root drop not null;"
        "update seal.tile set root = null where number = 1",
    ],
)
def test_what_cannot_be_proven_over_a_gap_in_the_tiles_is_named(
    ledger: Ledger, attack: str
) -> None:
    """By the verifier and by the patrol, though proofs of all other records need what is gone."""
    ledger.record(800)
    ledger.seal()
    ledger.attack(attack)
    assert found(verified(ledger)) == (257, Check.TILES)
    for tiles in (1, 4):
        went = patrol(ledger.database.reader, ledger.settings, trust_of(ledger.settings), tiles)
        assert [(one.position, one.check) for one in went.defects] == [(257, Check.TILES)]
        assert "tile/0/001" in str(went.defect)


def test_a_patrol_looks_at_the_cosignatures_of_its_slice(ledger: Ledger) -> None:
    ledger.record(3)
    ledger.seal()
    trust = trust_of(ledger.settings)
    went = patrol(ledger.database.reader, ledger.settings, trust, 1)
    assert went.sound
    assert went.outcomes()[Check.COSIGNATURES].startswith("nothing to check")
    assert went.outcomes()[Check.KEYS].startswith("passed for the log's key")
    line = Signer("witness.example/w1", bytes(range(32))).sign("another text").line
    ledger.attack(f"insert into seal.cosignature values (4, 'witness.example/w1', '{line}', now())")
    went = patrol(ledger.database.reader, ledger.settings, trust, 1)
    assert not went.sound
    assert went.outcomes()[Check.COSIGNATURES].startswith("COULD NOT RUN: the key of the witness")
    known = replace(trust, witnesses=(Signer("witness.example/w1", bytes(range(32))).verifier,))
    went = patrol(ledger.database.reader, ledger.settings, known, 1)
    assert went.defect is not None
    assert (went.defect.position, went.defect.check) == (4, Check.COSIGNATURES)


def test_a_row_missing_among_others_is_not_said_to_be_missing_with_all_after_it(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.log_pages.PAGE", 4)
    ledger.record(20)
    ledger.seal()
    ledger.attack("delete from log.event where position between 9 and 12")
    defect = verified(ledger).defect
    assert defect is not None
    assert str(defect) == "Position 9: the row is missing; the next that is there has 13."
    ledger.attack("delete from log.event where position > 12")
    with (
        psycopg.connect(ledger.database.reader) as connection,
        pytest.raises(Defect, match="Position 9: the row is missing, and all after it"),
    ):
        read_rows(connection, 8, 12)


def test_old_checkpoints_may_be_missing_and_it_is_said_since_when_they_stand(
    ledger: Ledger,
) -> None:
    for _ in range(3):
        ledger.record(3)
        ledger.seal()
    assert verified(ledger).summary() | {"root": ""} == {
        "records": 10, "ended_at": None, "size": 10, "sealed": 10, "root": "",
        "checkpoints": 3, "oldest_checkpoint": 4,
    }  # fmt: skip
    ledger.attack("delete from seal.checkpoint where size = 4")
    assert verified(ledger).sound
    assert verified(ledger).summary()["oldest_checkpoint"] == 7


def test_what_is_put_in_a_table_that_inherits_moves_no_position(ledger: Ledger) -> None:
    """It would be read with the log by whoever does not ask for the log alone."""
    ledger.record(3)
    ledger.attack(
        "create table public.child () inherits (log.event)",
        "insert into public.child select 1000, gen_random_uuid(), 1, topic, state, now(), author,"
        " signature, leaf from only log.event where position = 4",
    )
    ledger.record(2)
    assert ledger.seal() == 6
    assert verified(ledger).sound


def test_the_key_known_outside_is_given_to_the_command(
    ledger: Ledger, huhang: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record(3)
    ledger.seal()
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(ledger.database.administrator))
    monkeypatch.setenv("HUHANG_HOME", str(ledger.settings.home))
    ours = ledger.signer.verifier.text
    other = Signer(ledger.signer.name, bytes(range(32))).verifier.text
    code, out, _ = huhang("verify", "--key", ours)
    assert (code, "keys known outside: passed for the log's key" in out) == (0, True)
    code, out, _ = huhang("verify", "--key", other)
    assert (code, "keys known outside: FAILED: Position 1" in out) == (1, True)
    assert huhang("verify", "--key", "nonsense")[0] == 2
    assert huhang("verify", "--patrol", "0")[0] == 2, "a patrol of nothing would pass"


def test_an_instance_that_nobody_registered_is_told_that_it_compared_nothing(
    ledger: Ledger, huhang: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ledger.record(3)
    ledger.seal()
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(ledger.database.administrator))
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path / "further"))
    monkeypatch.setenv("HUHANG_INSTANCE", "app9")
    assert huhang("author")[0] == 0
    code, out, _ = huhang("verify")
    assert (code, "keys known outside: COULD NOT RUN: the log does not know" in out) == (1, True)
    assert "The authors' keys are the log's own word" in out


@pytest.mark.parametrize("how", [("verify",), ("verify", "--patrol", "9")])
def test_a_program_is_told_the_first_bad_position_of_each_check(
    ledger: Ledger, huhang: Run, monkeypatch: pytest.MonkeyPatch, how: tuple[str, ...]
) -> None:
    ledger.record(3)
    ledger.seal()
    ledger.record(300)
    ledger.seal()
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(ledger.database.administrator))
    monkeypatch.setenv("HUHANG_HOME", str(ledger.settings.home))

    def bad() -> dict[str, int]:
        told = json.loads(huhang(*how, "--json")[1])
        assert told["bad_positions"].keys() == told["checks"].keys()
        found = {check: at for check, at in told["bad_positions"].items() if at is not None}
        for check, said in told["checks"].items():
            assert said.startswith(f"FAILED: Position {found.get(check)}: ") == (check in found)
        return found

    assert bad() == {}
    ledger.attack(
        "update seal.checkpoint set sealed_at = '2001-01-01'",
        "insert into seal.cosignature values (304, 'w', 'no line', now())",
    )
    assert bad() == {Check.SEALING_TIMES: 4, Check.COSIGNATURES: 304}
    ledger.attack("update log.event set state = state || ' '::bytea where position > 200")
    assert bad()[Check.LEAF] == 201


@pytest.mark.parametrize("topic", ["[/red]", "\x1b[2J\x1b[H all passed", "x\u202ey"])
def test_no_row_moves_the_cursor_or_ends_the_command_that_shows_what_is_wrong(
    ledger: Ledger, topic: str, huhang: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record(3)
    ledger.seal()
    with psycopg.connect(ledger.database.administrator) as attacker:
        attacker.execute("alter table log.event disable trigger user")
        attacker.execute("update log.event set topic = %s where position = 3", (topic,))
        attacker.execute("alter table log.event enable always trigger event_is_final")
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(ledger.database.administrator))
    monkeypatch.setenv("HUHANG_OWNER_URL", ledger.database.administrator)
    monkeypatch.setenv("HUHANG_HOME", str(ledger.settings.home))
    code, out, err = huhang("verify")
    assert code == 1
    assert "FAILED: Position 3" in out
    assert all(line.isprintable() for line in (out + err).splitlines())


NO_TEXT = "('\\xff41'::bytea)::text"


@pytest.fixture
def rubbish(ledger: Ledger, huhang: Run, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A sealed log in whose database somebody can make texts of bytes that are none."""
    ledger.record(3)
    ledger.seal()
    ledger.attack("create cast (bytea as text) without function")
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(ledger.database.administrator))
    monkeypatch.setenv("HUHANG_HOME", str(ledger.settings.home))
    return ledger


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("verify",), 1),
        (("verify", "--patrol", "1"), 1),
        (("status",), 0),
        (("checkpoint",), 0),
        (("seal", "--once"), 0),
    ],
)
def test_a_line_of_bytes_that_are_no_text_ends_no_command(
    rubbish: Ledger, huhang: Run, command: tuple[str, ...], code: int
) -> None:
    rubbish.attack(f"insert into seal.cosignature values (4, {NO_TEXT}, {NO_TEXT}, now())")
    ended, out, err = huhang(*command)
    assert (ended, err) == (code, "")
    if command == ("verify",):
        assert "cosignatures of witnesses: FAILED: Position 4: " in out
        assert "tables and their indexes: passed" in out
        assert "time stamps: nothing to check" in out


@pytest.mark.parametrize("column", ["topic", "author"])
def test_a_text_of_bytes_that_are_none_is_a_defect_of_its_row(
    rubbish: Ledger, huhang: Run, column: str
) -> None:
    rubbish.attack(f"update log.event set {column} = {NO_TEXT} where position = 3")
    code, out, err = huhang("verify")
    assert (code, err) == (1, "")
    assert "leaf of the row: FAILED: Position 3: “�\\xffA”" in out
    went = patrol(rubbish.database.reader, rubbish.settings, trust_of(rubbish.settings), 1)
    assert [(defect.position, defect.check) for defect in went.defects] == [(3, Check.LEAF)]
    rubbish.record(1)
    assert rubbish.seal() == 5, "older rows are for who verifies"
    rubbish.record(1)
    rubbish.attack(f"update log.event set {column} = {NO_TEXT} where position = 6")
    with pytest.raises(Alarm, match="Position 6: “�"):
        rubbish.seal()


def note(ledger: Ledger, size: int, streams: int, root: str) -> None:
    by = by_the_system(author_of(ledger.settings))
    ledger.records.change(by, Log, LOG_ID, Log.note_heads, size, streams, root)


def test_noted_heads_are_computed_anew(ledger: Ledger) -> None:
    by = by_the_system(author_of(ledger.settings))
    for _ in range(3):
        ledger.record(3)
        ledger.record(2)
        with psycopg.connect(ledger.database.reader) as connection:
            note_heads(
                connection, ledger.records, replace(by, request=uuid4()), ledger.settings.home
            )
    ledger.seal()
    verification = verified(ledger)
    assert verification.sound
    assert verification.outcomes()[Check.HEADS] == "passed for 3 of 3"


@pytest.mark.parametrize(
    ("size", "streams", "root"),
    [(4, 2, "a" * 64), (4, 3, None), (3, 2, None), (5, 2, None), (400, 2, None)],
)
def test_heads_that_an_author_noted_wrongly_are_found(
    ledger: Ledger, size: int, streams: int, root: str | None
) -> None:
    """As whoever stole an author's key can, to hide an event from a dossier."""
    ledger.record(3)
    with psycopg.connect(ledger.database.reader) as connection:
        root = root or Heads(4, ends_now(connection, 4)).root.hex()
    note(ledger, size, streams, root)
    ledger.record(1)
    ledger.seal()
    assert found(verified(ledger)) == (5, Check.HEADS)


def test_of_many_heads_the_newest_is_computed_and_as_many_as_the_reading_pays_for(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.heads_audit.BUDGET", 0)
    by = by_the_system(author_of(ledger.settings))
    for _ in range(3):
        ledger.record(1)
        with psycopg.connect(ledger.database.reader) as connection:
            note_heads(
                connection, ledger.records, replace(by, request=uuid4()), ledger.settings.home
            )
    ledger.seal()
    assert verified(ledger).outcomes()[Check.HEADS] == "passed for 1 of 3"


def test_newer_cosignatures_that_were_removed_are_missed_although_older_ones_stand(
    ledger: Ledger,
) -> None:
    trust = Trust(cosigned={"witness.example/w1": 4})
    ledger.record(3)
    ledger.seal()
    verification = verify(ledger.database.reader, silently, trust)
    assert not verification.sound
    said = verification.outcomes()[Check.COSIGNATURES]
    assert said.startswith("COULD NOT RUN")
    assert "witness.example/w1" in said


@pytest.mark.parametrize("kept", [-2, -20, 3, -60])
def test_an_alarm_of_which_a_crash_wrote_a_part_hides_no_other(
    kept: int, huhang: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    alarms.ring(tmp_path, Alarm("Records were removed."))
    alarms.ring(tmp_path, Alarm("围栏被改动。"))
    list_ = tmp_path / "seal" / "alarms.jsonl"
    first, second = list_.read_bytes().splitlines(keepends=True)
    list_.write_bytes(first + second[:kept])
    alarms.ring(tmp_path, Alarm("A witness is away."))
    assert [one["what"] for one in alarms.rung(tmp_path)] == ["alarm", "cut", "alarm"]
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path))
    code, out, _ = huhang("alarms")
    assert (code, "cut: A line of seal/alarms.jsonl cannot be read" in out) == (0, True)
    assert "Records were removed." in out
    assert "A witness is away." in out


@pytest.mark.parametrize("command", [("verify",), ("seal", "--once")])
def test_a_key_that_was_cut_is_said_in_a_sentence(
    ledger: Ledger, command: tuple[str, ...], huhang: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.seal()
    key = ledger.settings.home / "keys" / "log.key"
    key.write_bytes(key.read_bytes()[:20])
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(ledger.database.administrator))
    monkeypatch.setenv("HUHANG_HOME", str(ledger.settings.home))
    code, _, err = huhang(*command)
    assert (code, "log.key is damaged: it has 20 bytes" in err) == (1, True)


def test_a_seal_that_is_there_is_not_begun_anew_by_command(
    ledger: Ledger, huhang: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.seal()
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(ledger.database.administrator))
    monkeypatch.setenv("HUHANG_HOME", str(ledger.settings.home))
    code, _, err = huhang("seal", "--once", "--anew", "by mistake")
    assert (code, "the seal does not begin anew" in err) == (1, True)
