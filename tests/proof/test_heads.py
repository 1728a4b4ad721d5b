"""How far each stream went is said by the log itself, so that a stream lacks nothing up to then."""

from __future__ import annotations

from typing import LiteralString
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import tuple_row

from application.alarms import Alarm
from application.beginning import by_the_system
from application.codec import statement_of
from application.heads import Heads, ends_now, head_proof, note_heads
from application.inspection import Check
from application.keys import author_of
from application.leaf import Leaf
from application.log_stream import newest_noted
from application.settings import DangerousSetting
from application.tree import Unproven, leaf_hash, root_of
from application.verification import Verification, trust_of, verify
from domain.log import LOG_ID, Log, StreamHeads
from tests.proof.ledger import Ledger


def note(ledger: Ledger) -> bool:
    by = by_the_system(author_of(ledger.settings))
    with psycopg.connect(ledger.database.reader, autocommit=True) as connection:
        return note_heads(connection, ledger.records, by, ledger.settings.home) is not None


@pytest.mark.parametrize("streams", [1, 3, 256, 300])
def test_each_stream_is_proven_to_end_where_it_ends(ledger: Ledger, streams: int) -> None:
    known = [ledger.record(2) for _ in range(streams)]
    assert note(ledger)
    ledger.record(1, known[0])
    with psycopg.connect(ledger.database.reader, autocommit=True) as connection:
        position, noted = newest_noted(connection, StreamHeads, 10_000)
        assert (noted.size, noted.streams) == (1 + 2 * streams, 1 + streams)
        proofs = [head_proof(connection, stream, 10_000) for stream in known[:5]]
        lines = sorted(
            f"{stream} {version} {index}\n"
            for stream, version, index in connection.execute(
                "select originator_id, max(originator_version), max(position) - 1 from log.event"
                " where position <= %s group by 1",
                (noted.size,),
            )
        )
    assert noted.root == root_of(leaf_hash(line.encode()) for line in lines).hex()
    for stream, proof in zip(known, proofs, strict=False):
        proof.check(bytes.fromhex(noted.root))
        assert proof.line.startswith(f"{stream} 2 ")
        assert proof.noted_at == position


def test_heads_are_noted_once_for_the_same_log(ledger: Ledger) -> None:
    ledger.record(1)
    assert note(ledger)
    assert not note(ledger)
    ledger.record(1)
    assert note(ledger)


def test_a_stream_that_had_not_begun_has_no_proof(ledger: Ledger) -> None:
    with psycopg.connect(ledger.database.reader, autocommit=True) as connection:
        assert head_proof(connection, uuid4(), 100) is None
        ledger.record(1)
        note(ledger)
        late = ledger.record(1)
        assert head_proof(connection, late, 100) is None


@pytest.mark.parametrize(
    "attack",
    [
        "delete from log.event where position = 3",
        "insert into log.event select -1, gen_random_uuid(), 1, topic, state, recorded_at, author,"
        " signature, leaf from log.event where position = 3",
        "update log.event set originator_id = gen_random_uuid() where position = 3",
    ],
)
def test_an_event_taken_out_or_put_in_is_found_by_the_heads(ledger: Ledger, attack: str) -> None:
    stream = ledger.record(1)
    ledger.record(1)
    assert note(ledger)
    ledger.attack(attack)
    with (
        psycopg.connect(ledger.database.reader, autocommit=True) as connection,
        pytest.raises(Unproven, match="taken out or put in"),
    ):
        head_proof(connection, stream, 1000)


def test_a_proof_for_another_line_does_not_hold(ledger: Ledger) -> None:
    ledger.record(3)
    stream = ledger.record(2)
    note(ledger)
    with psycopg.connect(ledger.database.reader, autocommit=True) as connection:
        proof = head_proof(connection, stream, 1000)
        root = Heads(proof.size, ends_now(connection, proof.size)).root
    proof.check(root)
    shorter = type(proof)(
        proof.line.replace(" 2 ", " 1 "), proof.index, proof.streams, proof.path, proof.size, 1
    )
    with pytest.raises(Unproven):
        shorter.check(root)


def trusting(ledger: Ledger) -> Verification:
    return verify(ledger.database.reader, lambda *_: None, trust_of(ledger.settings))


@pytest.mark.parametrize(
    "lie",
    [
        "update log.event set originator_version = originator_version + 100 where position = {}",
        "delete from log.event where position = {}",
        "update log.event set position = position + 100 where position = {}",
        "update log.event set originator_id = gen_random_uuid() where position = {}",
    ],
)
@pytest.mark.parametrize("noted", [False, True])
@pytest.mark.parametrize("position", [3, 8])
def test_what_the_log_said_only_for_that_moment_is_not_noted(
    ledger: Ledger, lie: LiteralString, noted: bool, position: int
) -> None:
    """Signed, it would stand there for good: of old records, of new ones and of the last."""
    ledger.record(4)
    ledger.seal()
    if noted:
        assert note(ledger)
    ledger.record(6)
    ledger.seal()
    with psycopg.connect(ledger.database.reader) as connection:
        newest = newest_noted(connection, StreamHeads, 100)
        honest = connection.execute("select max(position) from log.event").fetchone()
    ledger.attack("create table public.kept as table log.event", lie.format(position))
    with pytest.raises(Alarm, match="How far each stream goes was not noted"):
        note(ledger)
    ledger.attack("delete from log.event", "insert into log.event table public.kept")
    with psycopg.connect(ledger.database.reader) as connection:
        assert newest_noted(connection, StreamHeads, 100) == newest
        assert connection.execute("select max(position) from log.event").fetchone() == honest
    assert note(ledger)
    ledger.seal()
    assert trusting(ledger).sound


@pytest.mark.parametrize("bogus", [1, 1001])
def test_checkpoints_of_nothing_before_the_signed_one_hide_no_lie(
    ledger: Ledger, bogus: int
) -> None:
    """Where no sealer remembers, what is published is all that is known; the newest is any row."""
    ledger.record(4)
    ledger.seal()
    (ledger.settings.home / "seal" / "checkpoint").unlink()
    ledger.attack(
        "insert into seal.checkpoint (size, root, note, sealed_at)"
        f" select size + more, root, 'x', sealed_at from seal.checkpoint,"
        f" generate_series(1, {bogus}) more",
        "update log.event set originator_id = gen_random_uuid() where position = 3",
    )
    with pytest.raises(Alarm, match="How far each stream goes was not noted"):
        note(ledger)


def test_records_that_were_exchanged_under_keys_of_ours_are_not_noted(ledger: Ledger) -> None:
    """Two of them in each other's place have leaves and signatures that fit, and another root."""
    ledger.record(1)
    ledger.record(1)
    ledger.seal()
    ledger.attack(
        "update log.event set position = position + 10 where position in (2, 3)",
        "update log.event set position = 15 - position, recorded_at ="
        " (select recorded_at from log.event where position = 1) where position > 10",
    )
    with psycopg.connect(ledger.database.administrator, row_factory=tuple_row) as attacker:
        attacker.execute("alter table log.event disable trigger user")
        for at in (2, 3):
            row = attacker.execute(
                "select originator_id, originator_version, topic, state, recorded_at, author,"
                " signature from log.event where position = %s",
                (at,),
            ).fetchone()
            assert row is not None
            leaf = leaf_hash(Leaf(at - 1, row[4], statement_of(*row[:4]), *row[5:]).entry())
            attacker.execute("update log.event set leaf = %s where position = %s", (leaf, at))
        attacker.execute("alter table log.event enable always trigger event_is_final")
    with pytest.raises(Alarm, match="The first 3 records are not those that were sealed"):
        note(ledger)


@pytest.fixture
def misnoted(ledger: Ledger) -> Ledger:
    """A log whose heads were noted wrongly at position 4, and rightly at 6."""
    ledger.record(2)
    by = by_the_system(author_of(ledger.settings))
    ledger.records.change(by, Log, LOG_ID, Log.note_heads, 3, 2, "a" * 64)
    ledger.record(1)
    assert note(ledger)
    ledger.seal()
    return ledger


def test_heads_that_are_wrong_end_no_other_check(misnoted: Ledger) -> None:
    verification = trusting(misnoted)
    outcomes = verification.outcomes()
    assert outcomes.pop(Check.HEADS) == (
        "FAILED: Position 4: the streams of the first 3 records do not end where it says."
    )
    assert not verification.sound
    assert not [one for one in outcomes.values() if not one.startswith(("passed", "nothing to"))]
    misnoted.attack(
        "update pg_index set indisvalid = false"
        " where indexrelid = 'log.event_recorded_at'::regclass"
    )
    assert trusting(misnoted).outcomes()[Check.TABLES].startswith("FAILED: Position 1: the index")


def test_wrong_heads_of_which_somebody_says_why_fail_nothing(misnoted: Ledger) -> None:
    path = misnoted.settings.home / "misnoted"
    path.write_text("4-4 a drill of 25 November (Zhang)\n", encoding="utf-8")
    verification = trusting(misnoted)
    assert verification.sound
    assert verification.outcomes()[Check.HEADS] == (
        "passed for 2 of 2 but for 1 at positions 4 to 4 (a drill of 25 November (Zhang)), as the "
        "file misnoted says"
    )
    path.write_text("1-3 another one\n", encoding="utf-8")
    assert trusting(misnoted).outcomes()[Check.HEADS].startswith("FAILED: Position 4")
    path.write_text("1-9999 whatever comes\n", encoding="utf-8")
    assert "name none that is still to come" in trusting(misnoted).outcomes()[Check.HEADS]
    path.write_text("4 a drill\n", encoding="utf-8")
    with pytest.raises(DangerousSetting, match="names no noted heads in"):
        trust_of(misnoted.settings)
