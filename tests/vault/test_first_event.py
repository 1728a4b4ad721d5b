"""Who administers the database exchanges the log's first event for a moment, to be an author."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.alarms import standing
from application.beginning import open_records
from application.codec import encode, statement_of
from application.database import Database
from application.destructions import Destructions
from application.disposals import Disposals
from application.first_event import AnotherBeginning, first_file, first_noted
from application.keys import Author, author_of
from application.leaf import Leaf
from application.log_stream import beginning_of
from application.records import NotFound, Records
from application.sealer import Sealer
from application.settings import DangerousSetting, Settings
from application.tree import leaf_hash
from application.vault import fields_of, open_vault
from domain import case_file
from domain.base import Place
from domain.case import Case
from domain.disposal import Candidate, Disposal, Proposal
from domain.log import LOG_ID, Log
from domain.retention import RecordClass
from domain.subject import Subject, SubjectKeyDestroyed, subject_id
from tests.domain.case_cast import HER, HIM, OPENING
from tests.proof.test_own_stream import append_to
from tests.unasked import Unasked
from tests.vault.test_administrator import dumped, run
from tests.vault.test_erasure import UNLAWFUL, erase
from tests.vault.world import OFFICE, SECRETS, World, command, officer

ROWS = """
select position, originator_id, originator_version, topic, state, recorded_at, author, signature,
       leaf
from log.event where position = 1 or originator_id = %s order by position
"""
CHANGE = """
update log.event set originator_id = %s, originator_version = %s, topic = %s, state = %s,
    recorded_at = %s, author = %s, signature = %s, leaf = %s
where position = %s
"""
TRIGGERS = "update pg_class set relhastriggers = %s where oid = 'log.event'::regclass"
Row = tuple[Any, ...]


def change(world: World, rows: list[Row]) -> None:
    """Let rows of the log be others; no trigger of it runs."""
    with psycopg.connect(world.database.administrator) as connection:
        connection.execute(TRIGGERS, (False,))
        connection.commit()
        for position, *row in rows:
            connection.execute(CHANGE, (*row, position))
        connection.execute(TRIGGERS, (True,))


@contextmanager
def instead(world: World, rows: list[Row], of: list[Row]) -> Iterator[None]:
    """The log with other rows in the place of some, for a moment."""
    change(world, rows)
    try:
        yield
    finally:
        change(world, of)


@contextmanager
def naming_too(database: Database, thief: Author) -> Iterator[None]:
    """The first event says for a moment that the thief's key is one of ours as well."""
    with psycopg.connect(database.administrator or "", autocommit=True) as connection:
        ((said,),) = connection.execute("select state from log.event where position = 1").fetchall()
        genesis = orjson.loads(said)
        genesis["keys"]["authors"].append(thief.registered.model_dump(mode="json"))
        for state in (orjson.dumps(genesis, option=orjson.OPT_SORT_KEYS), said):
            connection.execute(TRIGGERS, (False,))
            try:
                connection.execute("update log.event set state = %s where position = 1", (state,))
            finally:
                connection.execute(TRIGGERS, (True,))
            if state is not said:
                yield


def signed(thief: Author, row: Row, stream: UUID, version: int, topic: str, state: bytes) -> Row:
    """What stands at the position of a row instead of it, under the thief's key."""
    position, *_, recorded_at, _, _, _ = row
    said = statement_of(stream, version, topic, state)
    signature = thief.key.sign(said.signed_bytes())
    leaf = leaf_hash(Leaf(position - 1, recorded_at, said, thief.name, signature).entry())
    return (position, stream, version, topic, state, recorded_at, thief.name, signature, leaf)


def naming(thief: Author, first: Row) -> Row:
    """The first event, which says that the thief's key is that of an instance of ours."""
    genesis = orjson.loads(first[4])
    genesis["keys"]["authors"][0]["key"] = thief.registered.key
    return signed(thief, first, *first[1:4], orjson.dumps(genesis))


@pytest.fixture
def thief() -> Author:
    return Author("app1", Ed25519PrivateKey.generate())


def test_who_is_an_author_for_a_moment_hides_no_key_from_an_erasure(
    world: World, tmp_path: Path, thief: Author
) -> None:
    case = world.closed_case()
    first, *rows = run(world, ROWS, case)
    (hers,) = (row for row in dumped(world, case) if row[2] == HER)
    (his,) = (row for row in dumped(world, case) if row[2] == HIM)
    other = [
        signed(thief, row, *row[1:4], row[4].replace(str(hers[0]).encode(), str(his[0]).encode()))
        for row in rows
    ]
    run(world, "update vault.key set record = %s where id = %s", uuid4(), hers[0])
    with (
        instead(world, [naming(thief, first), *other], of=[first, *rows]),
        pytest.raises(AnotherBeginning),
    ):
        erase(world, case)
    run(world, "update vault.key set record = %s where id = %s", case, hers[0])
    assert "first event of the log" in (standing(tmp_path) or "")
    assert len(world.texts(case)) == len(SECRETS), "nothing was certified"
    assert len(erase(world, case).keys) == 3


def test_who_is_an_author_for_a_moment_destroys_no_key(
    world: World, tmp_path: Path, thief: Author
) -> None:
    victim, other = world.closed_case(), world.closed_case()
    first, *rows = run(world, ROWS, other)
    subject, forged = Subject(subject_id(victim)), []
    names = sorted({field.sealed.k for field in fields_of(world.records, victim)})
    for version, (name, row) in enumerate(zip(names, rows, strict=False), start=1):
        event = SubjectKeyDestroyed.of(
            subject, world.records.stamp(officer()), record=victim, key=name, ground=UNLAWFUL
        )
        said = (subject.id, version, SubjectKeyDestroyed.topic, encode(event))
        forged.append(signed(thief, row, *said))
    assert len(forged) == 3
    with instead(world, [naming(thief, first), *forged], of=[first, *rows[:3]]):
        with (
            pytest.raises(AnotherBeginning),
            open_vault(world.database, Settings(home=tmp_path)),
        ):
            pass
        with pytest.raises(AnotherBeginning):
            world.texts(victim)
    assert "first event of the log" in (standing(tmp_path) or "")
    assert world.vault.store.destroyed.all() == frozenset()
    assert len(dumped(world, victim)) == 3
    assert len(world.texts(victim)) == len(world.texts(other)) == len(SECRETS)


def test_a_request_is_not_answered_by_the_word_of_another_beginning(
    world: World, thief: Author
) -> None:
    by, case, here = command(), uuid4(), Place(region=OFFICE)
    asked = (by, Case, case, case_file.open_case, OPENING, here)
    receipt = world.records.change(*asked)
    (first, *_) = run(world, ROWS, case)
    with instead(world, [naming(thief, first)], of=[first]), pytest.raises(AnotherBeginning):
        world.records.change(*asked)
    assert world.records.change(*asked) == receipt


def test_who_is_an_author_for_a_moment_disposes_of_nothing(world: World, tmp_path: Path) -> None:
    """Of a case that was closed today, and by one officer where it takes two."""
    case, disposal = world.closed_case(), uuid4()
    thief = Author("app9", Ed25519PrivateKey.generate())
    proposal = Proposal(
        kind=RecordClass.CASE,
        candidates=(Candidate(record=case, keep_until=date(2020, 1, 1)),),
        appraisal="无保存价值",
    )
    with closing(Records(world.database, thief, jurisdiction=Unasked)) as theirs:
        for decision, *facts in (
            (Disposal.propose, proposal, Place(region=OFFICE)),
            (Disposal.approve, (), "同意"),
        ):
            found = partial(theirs._as_it_is, Disposal, disposal)
            theirs.change(officer(), Disposal, disposal, decision, *facts, found=found)
    append_to(world.database, "log.x.v1", b"3", LOG_ID)  # so that authors are read anew at once
    with naming_too(world.database, thief), pytest.raises(AnotherBeginning):
        world.records.proved(disposal)
    assert "first event of the log" in (standing(tmp_path) or "")
    with pytest.raises(NotFound):
        Disposals(world.records, world.vault).dispose(disposal, case, officer())
    assert len(world.texts(case)) == len(SECRETS)


def first_leaf(world: World) -> bytes:
    with psycopg.connect(world.database.reader, autocommit=True) as connection:
        return beginning_of(connection).first


def test_the_first_event_is_noted_where_the_log_begins(world: World, tmp_path: Path) -> None:
    assert first_noted(tmp_path) == first_leaf(world)


def test_an_older_installation_notes_the_first_event_that_it_signed_itself(
    world: World, tmp_path: Path, thief: Author
) -> None:
    settings = Settings(home=tmp_path)
    first_file(tmp_path).unlink()
    (first,) = run(world, ROWS, uuid4())
    also = orjson.loads(first[4])
    also["keys"]["authors"].append({"name": "app0", "key": thief.registered.key})
    forged = signed(thief, first, *first[1:4], orjson.dumps(also))
    with instead(world, [forged], of=[first]):
        open_records(world.database, settings, Unasked).close()
    assert first_noted(tmp_path) is None, "it names our key too, but we did not sign it"
    open_records(world.database, settings, Unasked).close()
    assert first_noted(tmp_path) == first_leaf(world)


def test_the_sealer_notes_the_first_event_that_it_sealed(world: World, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    first_file(tmp_path).unlink()
    with Sealer(world.database, settings) as sealer:
        sealer.seal_next()
    assert first_noted(tmp_path) == first_leaf(world)
    first_file(tmp_path).unlink()
    with Sealer(world.database, settings):
        assert first_noted(tmp_path) == first_leaf(world)


def test_the_sealer_seals_nothing_over_another_beginning(world: World, tmp_path: Path) -> None:
    """Before the first seal nothing else tells: the thief's key stands beside ours."""
    settings, thief = Settings(home=tmp_path), Author("app0", Ed25519PrivateKey.generate())
    (first,) = run(world, ROWS, uuid4())
    genesis = orjson.loads(first[4])
    genesis["keys"]["authors"].append(thief.registered.model_dump())
    forged = signed(thief, first, *first[1:4], orjson.dumps(genesis))
    with (
        instead(world, [forged], of=[first]),
        pytest.raises(AnotherBeginning),
        Sealer(world.database, settings),
    ):
        pass
    with Sealer(world.database, settings) as sealer:
        with instead(world, [forged], of=[first]), pytest.raises(AnotherBeginning):
            sealer.seal_next()
        assert sealer.size == 0
        assert sealer.seal_next() is not None


def test_a_further_instance_goes_by_the_first_event_that_it_was_given(
    world: World, tmp_path: Path
) -> None:
    second = Settings(home=tmp_path / "second", instance="app2")
    known = author_of(second).registered
    world.records.change(officer(), Log, LOG_ID, Log.register_author, known)
    open_records(world.database, second, Unasked).close()
    assert first_noted(second.home) == first_leaf(world), "what it found when it came"
    first_file(second.home).write_text("00" * 32)
    open_records(world.database, second, Unasked).close()
    assert first_noted(second.home) == bytes(32), "what it was given stays"
    case = world.closed_case()
    erase(world, case)
    with (
        psycopg.connect(world.database.reader, autocommit=True) as connection,
        pytest.raises(AnotherBeginning, match=r"second/keys/log\.first"),
    ):
        Destructions(second.home).of(connection, case)


@pytest.mark.parametrize("said", ["", "zz", "00", "é"])
def test_a_damaged_note_of_the_first_event_is_told(world: World, tmp_path: Path, said: str) -> None:
    case = world.closed_case()
    first_file(tmp_path).write_text(said)
    with pytest.raises(DangerousSetting, match=r"log\.first is damaged"):
        erase(world, case)
