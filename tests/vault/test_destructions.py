"""Destructions that no instance of ours signed: who has the application's database role alone."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import copytree
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.alarms import numbered, settle, standing
from application.database import Database
from application.destructions import Destructions
from application.envelope import Spoiled
from application.inspection import entry_of, read_rows
from application.key_use import NotWhole
from application.keys import Author
from application.records import Records
from application.rotation import ring_of_the_unsaid
from application.seal import RolledBack
from application.settings import Settings
from application.tree import leaf_hash
from application.vault import Field, fields_of, open_vault
from domain.base import Refused
from domain.case import Case
from domain.case_file_events import PartyIdentified
from domain.subject import LegalHoldPlaced, Subject, SubjectKeyDestroyed, subject_id
from tests.domain.case_cast import HER
from tests.unasked import Unasked
from tests.vault.test_administrator import dumped, put_back, rewrite, run
from tests.vault.test_erasure import HOLD, UNLAWFUL, erase
from tests.vault.world import SECRETS, World, command, officer

pytestmark = pytest.mark.attack

TOPIC = SubjectKeyDestroyed.topic

APPEND = """
select outcome from log.append(
    array[gen_random_uuid()], array[sha256('x')], array[1], array[%s::uuid], array[%s::bigint],
    array[%s], array[%s::bytea], array[gen_random_uuid()], array['-'],
    array[sha256('x')], array[decode(repeat('00', 64), 'hex')], 'app1'
)
"""


def forge(world: World, case: UUID) -> None:
    """Say that all keys that a case names were destroyed, under a key of one's own.

    Whatever the record's stream says of holds.
    """
    author = Author("app1", Ed25519PrivateKey.generate())
    with closing(Records(world.database, author, jurisdiction=Unasked)) as thief:
        for name in sorted({field.sealed.k for field in fields_of(thief, case)}):
            subject = thief.find(Subject, subject_id(case)) or Subject(subject_id(case))
            said = {"record": case, "key": name, "ground": UNLAWFUL}
            thief.save(SubjectKeyDestroyed.of(subject, thief.stamp(officer()), **said))


def append(world: World, state: bytes, stream: UUID, version: int = 1, topic: str = TOPIC) -> None:
    """Append a row, of the topic of destructions, as the application's role does."""
    with psycopg.connect(world.database.application, autocommit=True) as connection:
        connection.execute(APPEND, (stream, version, topic, state))


def append_event(world: World, case: UUID, field: Field) -> None:
    """Let the stream of a case repeat, under a key of one's own, what is sealed in another."""
    author = Author("app1", Ed25519PrivateKey.generate())
    with closing(Records(world.database, author, jurisdiction=Unasked)) as thief:
        state = thief.get(Case, case)
        thief.save(
            PartyIdentified.of(
                state, thief.stamp(command()), party=HER, place=state.place, identity=field.sealed
            )
        )


@contextmanager
def started(database: Database, home: Path, world: World) -> Iterator[World]:
    """The same log under another process."""
    with open_vault(database, Settings(home=home)) as vault:
        yield World(database, world.records, vault)


FORGED = "says that keys were destroyed, and no instance of ours signed it"


@pytest.mark.parametrize("restart", [False, True])
def test_a_destruction_that_no_instance_of_ours_signed_destroys_no_key(
    world: World, tmp_path: Path, restart: bool
) -> None:
    case, held = world.case(), world.closed_case()
    world.erasures.place_hold(held, HOLD, officer())
    assert len(world.texts(case)) == len(SECRETS), "the gate was passed"
    forge(world, case)
    forge(world, held)
    if restart:
        with started(world.database, tmp_path, world) as again:
            assert len(again.texts(case)) == len(SECRETS)
    assert len(world.texts(case)) == len(world.texts(held)) == len(SECRETS)
    world.vault.rotate(at_once=True)
    assert len(dumped(world, case)) == len(dumped(world, held)) == 3
    assert world.vault.store.destroyed.all() == frozenset()
    assert FORGED in (standing(tmp_path) or "")


def test_it_rings_once_and_by_its_position(world: World, tmp_path: Path) -> None:
    case = world.case()
    forge(world, case)
    ((first, last),) = run(
        world, "select min(position), max(position) from log.event where topic = %s", TOPIC
    )
    world.texts(case)
    assert f"A row at position {first} (and {last - first} others) {FORGED}" in (
        standing(tmp_path) or ""
    )
    settle(tmp_path, "somebody has the password of the application", numbered(tmp_path))
    for _ in range(2):
        world.texts(case)
        ring_of_the_unsaid(world.vault, tmp_path)
    assert standing(tmp_path) is None


@pytest.mark.parametrize("state", [b"\xff\xfe", b"{}", b'{"key":"k:zzz"}', b"no json", b"[]"])
@pytest.mark.parametrize("there", [False, True])
def test_rubbish_under_the_topic_of_destructions_stops_nothing(
    world: World, tmp_path: Path, state: bytes, there: bool
) -> None:
    case, other = world.case(), world.closed_case()
    kept = dumped(world, other)
    append(world, state, subject_id(case) if there else uuid4())
    assert len(world.texts(case)) == len(SECRETS)
    assert FORGED in (standing(tmp_path) or "")
    with started(world.database, tmp_path, world) as again:
        again.vault.rotate()
        assert len(again.texts(case)) == len(SECRETS)
    erase(world, other)
    put_back(world, kept)
    assert world.texts(other) == [], "what we signed after it is believed"
    assert len(world.vault.store.destroyed.all()) == 3
    assert world.vault.store.unsaid() == frozenset()


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("state", [b"{}", b"no json"])
def test_rubbish_about_a_record_keeps_nobody_from_erasing_it(
    world: World, tmp_path: Path, state: bytes, version: int
) -> None:
    case = world.closed_case()
    append(world, state, subject_id(case), version)
    world.erasures.place_hold(case, HOLD, officer())
    world.erasures.lift_hold(case, HOLD.id, officer())
    assert len(erase(world, case).keys) == 3
    assert world.texts(case) == []
    assert FORGED in (standing(tmp_path) or "")


def test_a_destruction_that_nobody_signed_keeps_nobody_from_erasing_the_record(
    world: World, tmp_path: Path
) -> None:
    case, by = world.closed_case(), officer()
    forge(world, case)
    certificate = erase(world, case, by=by)
    assert len(certificate.keys) == 3
    assert certificate == erase(world, case, by=by)
    assert world.texts(case) == []
    assert world.vault.store.unsaid() == frozenset(), "the log says it, and we signed it"
    assert FORGED in (standing(tmp_path) or "")
    with pytest.raises(Refused, match="no-personal-data"):
        erase(world, case)


def test_a_hold_that_nobody_signed_is_neither_believed_nor_passed_over(
    world: World, tmp_path: Path
) -> None:
    """It may be one of ours that somebody changed: a person looks, by its position."""
    case, by = world.closed_case(), officer()
    world.erasures.place_hold(case, HOLD, officer())
    rewrite(
        world,
        "update log.event set signature = sha512('x') where topic = %s",
        LegalHoldPlaced.topic,
    )
    with pytest.raises(NotWhole, match="and try again"):
        erase(world, case, by=by)
    ((position,),) = run(
        world, "select position from log.event where topic = %s", LegalHoldPlaced.topic
    )
    said = standing(tmp_path) or ""
    assert f"The record {case} is not whole in the log" in said
    assert f"Position {position}" in said
    assert len(dumped(world, case)) == 3


def test_nobody_ends_a_legal_hold_without_the_key_of_an_instance(world: World) -> None:
    case = world.closed_case()
    world.erasures.place_hold(case, HOLD, officer())
    author = Author("app1", Ed25519PrivateKey.generate())
    with closing(Records(world.database, author, jurisdiction=Unasked)) as thief:
        thief.change(officer(), Subject, subject_id(case), Subject.lift_hold, case, HOLD.id)
    with pytest.raises(NotWhole, match="Position"):
        erase(world, case)
    assert len(dumped(world, case)) == 3


def test_a_hold_that_was_taken_out_is_missed(world: World) -> None:
    case = world.closed_case()
    world.erasures.place_hold(case, HOLD, officer())
    other = HOLD.model_copy(update={"id": uuid4()})
    world.erasures.place_hold(case, other, officer())
    rewrite(
        world,
        "delete from log.event where originator_id = %s and originator_version = 1",
        subject_id(case),
    )
    with pytest.raises(NotWhole, match="version 2"):
        world.erasures.lift_hold(case, other.id, officer())
    with pytest.raises(NotWhole, match="version 2"):
        erase(world, case)


def test_a_row_that_is_not_ours_and_goes_again_is_no_rollback(world: World) -> None:
    case = world.case()
    append(world, b"{}", uuid4())
    assert world.texts(case)
    rewrite(world, "delete from log.event where topic = %s", TOPIC)
    assert world.texts(case)


@pytest.mark.parametrize("forged_at", [None, 10**15])
def test_a_row_that_is_not_ours_and_goes_again_hides_none_that_comes_then(
    world: World, tmp_path: Path, forged_at: int | None
) -> None:
    """Where another installation records a destruction at the very position, or in front of it."""
    case, other = world.closed_case(), world.closed_case()
    copytree(tmp_path / "keys", tmp_path / "two" / "keys")
    with started(world.database, tmp_path / "two", world) as second:
        append(world, b"{}", uuid4())
        if forged_at is not None:
            rewrite(world, "update log.event set position = %s where topic = %s", forged_at, TOPIC)
        assert second.texts(other), "it looked while the row was there"
        rewrite(
            world,
            "delete from log.event where position >= (select position from log.event"
            " where topic = %s)",
            TOPIC,
        )
        erase(world, case)
        second.vault.pass_gate()
        assert len(second.vault.store.destroyed.all()) == 3


def test_what_is_forged_does_not_say_that_a_key_was_destroyed(world: World, tmp_path: Path) -> None:
    """Rows that deny an erasure are not made good by others that nobody signed."""
    case = world.closed_case()
    erase(world, case)
    rewrite(world, "update log.event set signature = sha512('x') where topic = %s", TOPIC)
    ring_of_the_unsaid(world.vault, tmp_path)
    assert "does not say of 3 keys" in (standing(tmp_path) or "")


FAR = 10**12


def move(world: World, position: int, to: int) -> None:
    """Put a row elsewhere, with the leaf that it has there; its author signed no position."""
    with psycopg.connect(world.database.reader) as connection:
        (row,) = read_rows(connection, position - 1, position)[:1]
    leaf = leaf_hash(entry_of(row._replace(position=to)))
    rewrite(
        world, "update log.event set position = %s, leaf = %s where position = %s",
        to, leaf, position,
    )  # fmt: skip


def test_a_destruction_that_stood_far_behind_for_a_moment_shuts_nothing_for_good(
    world: World, tmp_path: Path
) -> None:
    case, other = world.closed_case(), world.closed_case()
    erase(world, case, HER)
    assert world.texts(case)
    ((at,),) = run(world, "select max(position) from log.event where topic = %s", TOPIC)
    move(world, at, FAR)
    ring_of_the_unsaid(world.vault, tmp_path)
    assert world.vault.store.destructions.newest == FAR
    move(world, FAR, at)
    assert world.texts(case)
    assert world.vault.store.destructions.newest == at
    with started(world.database, tmp_path, world) as another:
        erase(another, other, HER)
    assert world.texts(other)
    ((newest,),) = run(world, "select max(position) from log.event where topic = %s", TOPIC)
    assert world.vault.store.destructions.newest == newest > at


def test_nor_does_it_open_anything_where_another_was_taken_out_meanwhile(
    world: World, tmp_path: Path
) -> None:
    case, other = world.closed_case(), world.closed_case()
    erase(world, other, HER)
    ((first,),) = run(world, "select max(position) from log.event where topic = %s", TOPIC)
    erase(world, case, HER)
    assert world.texts(case)
    ((at,),) = run(world, "select max(position) from log.event where topic = %s", TOPIC)
    move(world, at, FAR)
    ring_of_the_unsaid(world.vault, tmp_path)
    rewrite(world, "delete from log.event where position = %s", first)
    move(world, FAR, at)
    for _ in range(2):
        with pytest.raises(RolledBack, match="says so no longer"):
            world.texts(case)


def test_a_destruction_that_was_changed_and_put_right_is_learned(
    world: World, tmp_path: Path
) -> None:
    """Another installation looks while the row is broken, and an hour later."""
    case = world.closed_case()
    copytree(tmp_path / "keys", tmp_path / "two" / "keys")
    erase(world, case)
    ((position, signature),) = run(
        world, "select position, signature from log.event where topic = %s limit 1", TOPIC
    )
    change = "update log.event set signature = %s where position = %s"
    rewrite(world, change, bytes(64), position)
    with started(world.database, tmp_path / "two", world) as second:
        assert len(second.vault.store.destroyed.all()) == 2
        rewrite(world, change, signature, position)
        ring_of_the_unsaid(second.vault, tmp_path / "two")
        assert len(second.vault.store.destroyed.all()) == 3


def test_who_doubts_again_takes_nothing_away_that_is_just_being_proved(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    destructions = world.vault.store.destructions

    class Doubted(dict[bytes, UUID | None]):
        """What was proved, and doubted again by the hourly look as soon as it stands here."""

        def __setitem__(self, row: bytes, key: UUID | None) -> None:
            super().__setitem__(row, key)
            hourly = threading.Thread(target=destructions.doubt_again)
            hourly.start()
            hourly.join(0.2)

    case = world.case()
    append(world, b"{}", subject_id(case))
    monkeypatch.setattr(destructions, "_proved", Doubted())
    assert len(world.texts(case)) == len(SECRETS)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each look at the destructions read."""
    looks: list[int] = []
    said = Destructions._said

    def counted(self: Destructions, connection: Any, rows: Any, remembered: Any) -> Any:
        looks.append(len(rows))
        return said(self, connection, rows, remembered)

    monkeypatch.setattr(Destructions, "_said", counted)
    return looks


@pytest.fixture
def second(world: World, tmp_path: Path) -> Path:
    """An installation that has read three destructions, and ended."""
    home = tmp_path / "two"
    copytree(tmp_path / "keys", home / "keys")
    erase(world, world.closed_case())
    with started(world.database, home, world):
        pass
    return home


def test_a_start_reads_only_the_destructions_that_came_since(
    world: World, second: Path, read: list[int]
) -> None:
    erase(world, world.closed_case(), HER)
    read.clear()
    for new in (1, 0):
        with started(world.database, second, world) as again:
            assert sum(read) == new
            assert len(again.vault.store.destroyed.all()) == 4
        read.clear()


def test_a_start_reads_all_where_less_is_remembered_than_was_noted(
    world: World, second: Path
) -> None:
    (file,) = (second / "seal").glob("destroyed-*")
    kept = file.read_bytes()
    for left in (b"".join(kept.splitlines(keepends=True)[2:]), b""):
        file.write_bytes(left)
        with started(world.database, second, world) as again:
            assert len(again.vault.store.destroyed.all()) == 3


@pytest.mark.parametrize("note", [b"", b"x", b"1 zz 3", b"\xff", b"9" * 30 + b" 00 3"])
def test_a_start_reads_all_where_its_note_is_damaged(
    world: World, second: Path, read: list[int], note: bytes
) -> None:
    (second / "seal" / "destructions").write_bytes(note)
    read.clear()
    with started(world.database, second, world):
        assert sum(read) == 3
    read.clear()
    with started(world.database, second, world):
        assert sum(read) == 0, "it was noted anew"


def test_a_start_reads_all_where_the_log_has_another_row_there(
    world: World, second: Path, read: list[int]
) -> None:
    """As after a restore from before the last erasure, when others were recorded since."""
    rewrite(
        world,
        "delete from log.event where position >="
        " (select max(position) from log.event where topic = %s)",
        TOPIC,
    )
    erase(world, world.closed_case())
    read.clear()
    with started(world.database, second, world) as again:
        assert sum(read) == 5
        assert len(again.vault.store.destroyed.all()) == 6


def test_what_was_not_believed_is_looked_at_by_the_next_start(world: World, tmp_path: Path) -> None:
    home = tmp_path / "two"
    copytree(tmp_path / "keys", home / "keys")
    erase(world, world.closed_case())
    ((position, signature),) = run(
        world, "select position, signature from log.event where topic = %s limit 1", TOPIC
    )
    change = "update log.event set signature = %s where position = %s"
    rewrite(world, change, bytes(64), position)
    with started(world.database, home, world) as second:
        assert len(second.vault.store.destroyed.all()) == 2
    rewrite(world, change, signature, position)
    with started(world.database, home, world) as second:
        assert len(second.vault.store.destroyed.all()) == 3


NO_KEY = orjson.dumps(
    {"z": 1, "k": "k:zz", **{name: b64encode(bytes(32)).decode() for name in "nh"}}
    | {"c": b64encode(bytes(48)).decode()}
)


@pytest.mark.parametrize("state", [b'{"z":1}', NO_KEY])
def test_what_nobody_signed_and_is_nothing_sealed_keeps_nobody_from_opening_the_rest(
    world: World, state: bytes
) -> None:
    case = world.case()
    append(world, state, case, world.records.get(Case, case).version + 1, "case.x.v1")
    assert len(world.texts(case)) == len(SECRETS)


def test_what_is_signed_and_cannot_be_read_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.case()

    def newer(_: object) -> object:
        raise Spoiled("update the program")

    monkeypatch.setattr("application.vault.envelopes_in", newer)
    with pytest.raises(Spoiled, match="update the program"):
        world.release(case)
