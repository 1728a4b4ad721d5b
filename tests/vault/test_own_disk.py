"""What an installation goes by stands on its own disk, and what it does where that fails."""

from __future__ import annotations

import errno
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import LiteralString
from uuid import uuid4

import psycopg
import pytest

from application.alarms import numbered, settle, standing
from application.beginning import open_records
from application.custody import AnotherStore
from application.destroyed import Destroyed, NotRemembered
from application.envelope import Unopened
from application.keystore import MAKING, open_store
from application.rotation import ring_of_the_unsaid
from application.settings import DangerousSetting, Settings
from application.vault import open_vault
from application.wrapping import FileKeys, wrapping_keys
from domain.base import Refused
from domain.subject import SubjectKeyDestroyed
from tests.conftest import Databases
from tests.unasked import Unasked
from tests.vault.test_administrator import (
    Clock,
    clock,
    dumped,
    put_back,
    run,
    say_again,
    unsay,
    world,
)
from tests.vault.test_erasure import HOLD, erase, topics
from tests.vault.test_keystore import copied
from tests.vault.world import SECRETS, World, command, officer, viewing

__all__ = ["clock", "world"]  # fixtures of the key store with a clock


@pytest.mark.parametrize(
    "change",
    [
        "update vault.store set id = gen_random_uuid()",
        "delete from vault.store",
    ],
)
def test_a_key_store_under_another_name_is_refused(
    world: World, tmp_path: Path, change: LiteralString
) -> None:
    case = world.closed_case()
    kept = run(world, "select id from vault.store")
    run(world, change)
    for _ in range(2):
        with (
            pytest.raises(AnotherStore, match="somebody changed vault"),
            open_vault(world.database, Settings(home=tmp_path)),
        ):
            pass
    assert f"has worked with {kept[0][0]}" in (standing(tmp_path) or "")
    run(world, "delete from vault.store")
    run(world, "insert into vault.store values (%s)", kept[0][0])
    with open_vault(world.database, Settings(home=tmp_path)) as vault:
        again = World(world.database, world.records, vault)
        assert len(again.texts(case)) == len(SECRETS)


def test_what_was_remembered_under_another_name_is_known_all_the_same(world: World) -> None:
    case = world.closed_case()
    kept = dumped(world, case)
    assert world.texts(case)
    home = world.vault.store.custody.home
    Destroyed(home, uuid4()).remember([row[0] for row in kept])
    assert world.texts(case) == []
    assert dumped(world, case) == []


def test_an_installation_of_before_that_was_noted_goes_by_its_files(
    world: World, tmp_path: Path
) -> None:
    (tmp_path / "seal" / "store").unlink()
    with open_vault(world.database, Settings(home=tmp_path)):
        pass
    (tmp_path / "seal" / "store").unlink()
    run(world, "update vault.store set id = gen_random_uuid()")
    with pytest.raises(AnotherStore), open_vault(world.database, Settings(home=tmp_path)):
        pass


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("store", b"no key store"),
        ("store", b"\xff\xfe"),
        ("store", b""),
        ("destroyed-x", b""),
        ("custody-x", b""),
        ("custody-{store}", b""),
        ("custody-{store}", b"cluster 1 database 1\nepoch one\n"),
        ("custody-{store}", b"cluster 1 database 1\nepoch 1 began 2026-11-01T00:00:00\n"),
        ("custody-{store}", b"cluster 1 database 1\n\xff\n"),
    ],
)
def test_a_note_that_is_damaged_or_none_of_ours_is_said_in_one_sentence_and_opens_nothing(
    world: World, tmp_path: Path, name: str, said: bytes
) -> None:
    folder, settings = tmp_path / "seal", Settings(home=tmp_path)
    if name.endswith("-x"):
        (folder / "store").unlink()  # as an installation of before there was that file
    path = folder / name.format(store=world.vault.store.id)
    path.write_bytes(said)
    with (
        pytest.raises(DangerousSetting, match=f"{path.name} is damaged, or none of ours"),
        open_vault(world.database, settings) as vault,
    ):
        vault.store.epochs.overdue()


def test_a_restored_database_is_the_same_key_store(
    world: World, tmp_path: Path, databases: Databases
) -> None:
    """With the folder `seal`, as where a server was moved, and without it, as in a drill."""
    case = world.case()
    key = next(iter(world.vault.store.parts_of(case).values()))
    copytree(tmp_path / "keys", tmp_path / "drill" / "keys")
    with databases() as other:
        copied(world.database, other)
        for home in (tmp_path, tmp_path / "drill"):
            wrapping = wrapping_keys(Settings(home=home))
            with open_store(other, wrapping, home) as store:
                assert store.id == world.vault.store.id
                assert store.keys([key]).keys() == {key}
    assert standing(tmp_path) is None


def test_the_alarm_of_the_unsaid_is_not_silenced_by_what_bears_no_mark(
    world: World, tmp_path: Path, clock: Clock
) -> None:
    case = world.closed_case()
    erase(world, case)
    said = unsay(world)
    run(world, "update vault.erasure set recorded_at = null")
    clock.gone = timedelta(minutes=61)
    ring_of_the_unsaid(world.vault, tmp_path)
    assert "does not say of 3 keys" in (standing(tmp_path) or "")
    say_again(world, said)
    assert world.vault.store.unsaid() == frozenset()


def test_a_line_that_was_taken_out_hides_no_later_one(tmp_path: Path) -> None:
    store, keys = uuid4(), [uuid4() for _ in range(3)]
    serving = Destroyed(tmp_path, store)
    serving.remember(keys)
    file = tmp_path / "seal" / f"destroyed-{store}"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if str(keys[1]) not in line))
    new = [uuid4() for _ in range(2)]
    for key in new:
        Destroyed(tmp_path, store).remember([key])
        assert key in serving
    assert keys[1] in serving, "as long as the process runs"
    assert Destroyed(tmp_path, store).all() == {keys[0], keys[2], *new}
    file.unlink()
    serving.remember([keys[0]])
    assert Destroyed(tmp_path, store).all() == {keys[0]}, "it is on the disk again"


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("at", ["Destroyed._write", "sync_folder"])
def test_on_a_full_disk_nothing_is_certified_and_everything_else_goes_on(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    case, other, by = world.closed_case(), world.closed_case(), officer()
    kept = dumped(world, case)
    with monkeypatch.context() as patch:
        patch.setattr(f"application.destroyed.{at}", full)
        for _ in range(2):
            with pytest.raises(NotRemembered, match="No space left on device"):
                erase(world, case, by=by)
        assert SubjectKeyDestroyed.topic not in topics(world)
        world.erasures.heal()
        put_back(world, kept)
        assert world.texts(case) == [], "this process knows"
        world.erasures.place_hold(other, HOLD, officer())
        assert len(world.texts(other)) == len(SECRETS)
    assert "was not said" in (standing(tmp_path) or "")
    assert len(erase(world, case, by=by).keys) == 3
    assert len(Destroyed(tmp_path, world.vault.store.id).all()) == 3


def test_on_a_full_disk_what_another_installation_destroyed_stops_no_start(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, two = world.closed_case(), tmp_path / "two"
    copytree(tmp_path / "keys", two / "keys")
    with open_vault(world.database, Settings(home=two)):
        pass
    erase(world, case)
    monkeypatch.setattr(Destroyed, "_write", full)
    with open_vault(world.database, Settings(home=two)) as vault:
        assert World(world.database, world.records, vault).texts(case) == []
        assert len(vault.store.destroyed.all()) == 3


def test_a_clock_that_is_ahead_of_the_databases_opens_what_is_asked_for_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, by = world.case(), command()
    ahead = lambda: datetime.now(UTC) + timedelta(minutes=6)  # noqa: E731
    monkeypatch.setattr(world.vault, "clock", ahead)
    monkeypatch.setattr(world.records, "_clock", ahead)
    assert world.vault.release(world.records, viewing(case), by).fields
    with pytest.raises(Unopened, match="are 360 seconds apart: set them right"):
        world.vault.release(world.records, viewing(case), by)


def test_a_further_installation_without_the_newest_file_is_told_what_to_do(
    tmp_path: Path,
) -> None:
    with pytest.raises(DangerousSetting, match="must share its folder keys"):
        FileKeys(tmp_path).wrap(f"{uuid4()}-2", bytes(32))


def test_after_a_restore_from_before_an_erasure_it_is_said_again(
    world: World, tmp_path: Path
) -> None:
    case = world.closed_case()
    kept = dumped(world, case)
    ((until,),) = run(world, "select max(position) from log.event")
    erase(world, case)
    for query in (
        "update pg_class set relhastriggers = false"
        " where oid in ('log.event'::regclass, 'log.request'::regclass)",
        f"delete from log.request where last_position > {until}",
        f"delete from log.event where position > {until}",
        "delete from vault.erasure",
        "update pg_class set relhastriggers = true"
        " where oid in ('log.event'::regclass, 'log.request'::regclass)",
    ):
        run(world, query)
    put_back(world, kept)
    settings = Settings(home=tmp_path)
    with (  # as after each restore, in a process that remembers nothing of what came later
        open_vault(world.database, settings) as vault,
        closing(open_records(world.database, settings, Unasked)) as records,
    ):
        restored = World(world.database, records, vault)
        assert restored.texts(case) == []
        ring_of_the_unsaid(vault, tmp_path)
        assert "The log does not say of 3 keys" in (standing(tmp_path) or "")
        settle(tmp_path, "restored", numbered(tmp_path))
        certificate = erase(restored, case)
        assert (len(certificate.keys), certificate.missing) == (3, ())
        ring_of_the_unsaid(vault, tmp_path)
        assert standing(tmp_path) is None
        with pytest.raises(Refused, match="no-personal-data"):
            erase(restored, case)


def test_what_is_buried_already_holds_nobody_up_at_the_gate(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.closed_case()
    kept = dumped(world, case)
    erase(world, case)
    monkeypatch.setattr("application.keystore.LOCK_TIMEOUT", 1)
    with open_vault(world.database, Settings(home=tmp_path)) as vault:
        with psycopg.connect(world.database.vault) as sealing:
            sealing.execute(MAKING)
            assert vault.store.replay() == 0
        run(world, "delete from vault.destroyed")
        put_back(world, kept)
        assert vault.store.replay() == len(kept)
        assert len(run(world, "select id from vault.destroyed")) == len(kept)
        put_back(world, kept)
        assert vault.store.replay() == len(kept)


def test_what_came_back_since_the_start_holds_nobody_up_at_the_gate(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was destroyed again where the store was opened, and is wherever it is met."""
    case, other = world.closed_case(), world.closed_case()
    kept = dumped(world, case)
    erase(world, case)
    put_back(world, kept)
    with open_vault(world.database, Settings(home=tmp_path)) as vault:
        assert dumped(world, case) == []
        put_back(world, kept)
        monkeypatch.setattr("application.keystore.LOCK_TIMEOUT", 1)
        with psycopg.connect(world.database.vault) as sealing:
            sealing.execute(MAKING)
            vault.pass_gate()
        reopened = World(world.database, world.records, vault)
        assert len(reopened.texts(other)) == len(SECRETS)
        assert reopened.texts(case) == []
        assert dumped(world, case) == []
