"""How far each stream went is said by the log itself, so that a stream lacks nothing up to then."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from application.beginning import by_the_system
from application.heads import Heads, head_proof, note_heads
from application.keys import author_of
from application.log_stream import newest_noted
from application.tree import Unproven, leaf_hash, root_of
from domain.log import StreamHeads
from tests.proof.ledger import Ledger


def note(ledger: Ledger) -> bool:
    by = by_the_system(author_of(ledger.settings))
    with psycopg.connect(ledger.database.reader, autocommit=True) as connection:
        return note_heads(connection, ledger.records, by) is not None


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
        root = Heads(connection, proof.size).root
    proof.check(root)
    shorter = type(proof)(
        proof.line.replace(" 2 ", " 1 "), proof.index, proof.streams, proof.path, proof.size, 1
    )
    with pytest.raises(Unproven):
        shorter.check(root)
