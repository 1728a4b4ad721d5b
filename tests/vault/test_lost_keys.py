"""Who has the rights of the vault on its tables, and no right on the log, empties the key store."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest

from application import keys_named
from application.alarms import rung, standing
from application.casework import Identity
from application.database import nameless
from application.epochs import EPOCH
from application.keys_named import INDEX
from application.keystore import NONE, KeysLost, KeyStore
from application.rotation import (
    keep_rotated,
    ring_of_the_lost,
    ring_of_the_spoiled,
    rotate_when_due,
)
from application.settings import Settings
from application.vault import open_vault
from tests.conftest import Run
from tests.domain.case_cast import HER
from tests.vault.test_administrator import (
    Clock,
    clock,
    dumped,
    put_back,
    rewrite,
    run,
    world,
    wrapping_files,
)
from tests.vault.test_blind_index import NUMBER, identified
from tests.vault.test_epochs import anew
from tests.vault.test_erasure import erase
from tests.vault.world import SECRETS, World, command

pytestmark = pytest.mark.attack

__all__ = ["clock", "world"]  # fixtures of the key store with a clock


def as_vault(world: World, query: LiteralString, *values: object) -> None:
    """What the login of the vault says to the database."""
    with psycopg.connect(world.database.vault, autocommit=True) as connection:
        connection.execute(query, values)


def test_keys_that_somebody_deleted_ring_and_their_wrapping_key_stays_until_they_are_back(
    world: World, tmp_path: Path, clock: Clock
) -> None:
    case, other = world.case(), world.case()
    kept = dumped(world, case)
    as_vault(world, "delete from vault.key where record = %s", case)
    for days in (1, 31, 62):
        clock.gone = timedelta(days=days)
        with anew(world, tmp_path, clock) as again:
            rotate_when_due(again.vault, tmp_path)
    assert f"{len(kept)} keys, such as {min(row[0] for row in kept)}" in (standing(tmp_path) or "")
    assert "1" in wrapping_files(tmp_path)
    assert len(world.texts(other)) == len(SECRETS)
    put_back(world, kept)
    assert len(world.texts(case)) == len(SECRETS)
    world.vault.rotate()
    assert wrapping_files(tmp_path) == ["3"]
    assert len(world.texts(case)) == len(SECRETS)


def test_lost_keys_hide_no_epoch_that_somebody_changed(
    world: World, tmp_path: Path, clock: Clock
) -> None:
    case = world.case()
    as_vault(world, "delete from vault.key where record = %s", case)
    clock.gone = timedelta(days=31)
    run(world, "update vault.epoch set began_at = began_at - interval '1 day'")
    with anew(world, tmp_path, clock) as again:
        rotate_when_due(again.vault, tmp_path)
    told = standing(tmp_path) or ""
    assert "3 keys, such as" in told
    assert "Somebody changed vault.epoch: epoch 1 began at" in told


def test_nor_do_rows_that_somebody_changed(world: World, tmp_path: Path, clock: Clock) -> None:
    world.case()
    as_vault(world, "update vault.key set wrapped = decode(repeat('00', 40), 'hex')")
    clock.gone = timedelta(days=31)
    run(world, "update vault.epoch set began_at = began_at - interval '1 day'")
    with anew(world, tmp_path, clock) as again:
        rotate_when_due(again.vault, tmp_path)
    told = standing(tmp_path) or ""
    assert "holds something else in the place of" in told
    assert "Somebody changed vault.epoch: epoch 1 began at" in told


def test_a_look_names_lost_keys_before_any_rotation(world: World, tmp_path: Path) -> None:
    case = world.case()
    ring_of_the_lost(world.vault, tmp_path)
    assert standing(tmp_path) is None
    as_vault(world, "delete from vault.key where record = %s", case)
    ring_of_the_lost(world.vault, tmp_path)
    assert "3 keys, such as" in (standing(tmp_path) or "")


def test_keys_that_an_erasure_destroyed_are_not_lost(
    world: World, tmp_path: Path, clock: Clock
) -> None:
    case = world.closed_case()
    erase(world, case)
    clock.gone = EPOCH
    assert world.vault.rotate().destroyed == (1,)
    ring_of_the_lost(world.vault, tmp_path)
    assert standing(tmp_path) is None


def test_a_key_is_known_although_the_log_names_it_no_more(world: World, tmp_path: Path) -> None:
    case = world.case()
    assert world.vault.store.lost_of_all() == frozenset()
    as_vault(world, "delete from vault.key where record = %s", case)
    run(world, "update pg_class set relhastriggers = false where oid = 'log.event'::regclass")
    run(world, "update log.event set state = '{}' where originator_id = %s", case)
    assert len(world.vault.store.lost_of_all()) == 3


@pytest.mark.parametrize("name", ["keys-named", "keys-named-to"])
def test_what_was_taken_off_the_disk_is_read_in_the_log_again(
    world: World, tmp_path: Path, name: str
) -> None:
    case = world.case()
    assert world.vault.store.lost_of_all() == frozenset()
    (tmp_path / "seal" / name).write_bytes(b"")
    as_vault(world, "delete from vault.key where record = %s", case)
    assert len(world.vault.store.lost_of_all()) == 3


def test_the_log_is_read_once_and_then_what_came_since(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    found_between = keys_named.found_between

    def counted(connection, after, until, known, authors):  # type: ignore[no-untyped-def]
        read.append(until - after)
        return found_between(connection, after, until, known, authors)

    monkeypatch.setattr(keys_named, "found_between", counted)
    world.case()
    length = run(world, "select count(*) from log.event")[0][0]
    world.vault.store.lost_of_all()
    world.vault.store.lost_of_all()
    world.practitioner()
    world.vault.store.lost_of_all()
    assert read == [length, 1]


def test_a_row_that_somebody_moved_far_behind_for_a_moment_keeps_no_look_from_ending(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    found_between = keys_named.found_between

    def counted(connection, after, until, known, authors):  # type: ignore[no-untyped-def]
        read.append(until)
        assert len(read) < 5, "page after page of nothing"
        return found_between(connection, after, until, known, authors)

    monkeypatch.setattr(keys_named, "found_between", counted)
    case = world.case()
    ((last,),) = run(world, "select max(position) from log.event")
    rewrite(world, "update log.event set position = 1000000000000 where position = %s", last)
    assert world.vault.store.lost_of_all() == frozenset()
    rewrite(world, "update log.event set position = %s where position = 1000000000000", last)
    as_vault(world, "delete from vault.key where record = %s", case)
    assert len(world.vault.store.lost_of_all()) == 3
    assert read == [10**12, last]


def test_a_row_that_nobody_signed_holds_no_wrapping_key_back(
    world: World, tmp_path: Path, clock: Clock
) -> None:
    world.case()
    run(world, "update pg_class set relhastriggers = false where oid = 'log.event'::regclass")
    run(
        world,
        """update log.event set state = convert_to(regexp_replace(convert_from(state, 'UTF8'),
           '"k":"k:[0-9a-f-]{36}"', '"k":"k:' || gen_random_uuid() || '"'), 'UTF8')
           where position = (select max(position) from log.event
                             where convert_from(state, 'UTF8') like '%"k":"k:%')""",
    )
    clock.gone = EPOCH
    assert world.vault.rotate().destroyed == (1,)


def test_what_is_given_up_holds_no_wrapping_key_back(
    world: World, tmp_path: Path, clock: Clock
) -> None:
    case = world.case()
    as_vault(world, "delete from vault.key where record = %s", case)
    clock.gone = EPOCH
    with pytest.raises(KeysLost):
        world.vault.rotate()
    assert len(world.vault.lost_of_all()) == 3
    world.vault.store.give_up(world.vault.lost_of_all())
    assert world.vault.rotate().destroyed == (1,)
    other = world.case()
    as_vault(world, "delete from vault.key where record = %s", other)
    clock.gone = EPOCH * 2
    with pytest.raises(KeysLost):
        world.vault.rotate()


def test_a_key_that_was_given_up_and_came_back_is_missed_when_it_is_lost_again(
    world: World, clock: Clock
) -> None:
    """Meanwhile more was sealed under it."""
    case = world.case()
    kept = dumped(world, case)
    as_vault(world, "delete from vault.key where record = %s", case)
    world.vault.store.give_up(world.vault.lost_of_all())
    assert world.vault.lost_of_all() == frozenset()
    put_back(world, kept[1:])
    assert world.vault.lost_of_all() == frozenset()
    as_vault(world, "delete from vault.key where record = %s", case)
    assert world.vault.lost_of_all() == {row[0] for row in kept[1:]}


def test_lost_keys_are_given_up_with_a_reason_and_seen_at_night(
    world: World, huhang: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path))
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(world.database.administrator or ""))
    case = world.case()
    as_vault(world, "delete from vault.key where record = %s", case)
    assert huhang("nightly")[0] == 0
    assert "3 keys, such as" in (standing(tmp_path) or "")
    code, _, said = huhang("rotate-keys", "--give-up", " ")
    assert (code, said) == (2, "Say why, in words: --give-up REASON. Nothing was done.\n")
    assert len(world.vault.store.lost_of_all()) == 3
    code, _, said = huhang("rotate-keys", "--give-up", "no backup")
    assert code == 1
    assert "Give 3 keys, such as" in said, "more may be lost by now than rang"
    assert len(world.vault.store.lost_of_all()) == 3
    assert huhang("rotate-keys", "--give-up", "no backup", "--yes")[0] == 0
    assert rung(tmp_path)[-1]["said"] == "3 lost keys are given up: no backup"
    assert world.vault.store.lost_of_all() == frozenset()


def test_the_key_of_the_index_is_missed_too(world: World, tmp_path: Path, clock: Clock) -> None:
    identified(world, NUMBER)
    world.vault.store.lost_of_all()
    (kept,) = dumped(world, INDEX.record)
    as_vault(world, "delete from vault.key where record = %s", INDEX.record)
    assert world.vault.store.lost_of_all() == {kept[0]}


def test_what_vault_destroyed_alone_says_deletes_nothing_and_rings(
    world: World, tmp_path: Path, clock: Clock
) -> None:
    case = world.closed_case()
    kept = dumped(world, case)
    as_vault(world, "insert into vault.destroyed select id from vault.key where record = %s", case)
    with open_vault(world.database, Settings(home=tmp_path)) as vault:
        assert World(world.database, world.records, vault).texts(case) == world.texts(case)
    assert dumped(world, case) == kept
    assert "vault.destroyed says of 3 keys, such as" in (standing(tmp_path) or "")
    clock.gone = EPOCH
    assert world.vault.rotate().rewrapped >= len(kept)
    assert len(world.texts(case)) == len(SECRETS)


def test_what_vault_destroyed_alone_says_keeps_nobody_from_sealing(
    world: World, tmp_path: Path
) -> None:
    case = world.case()
    as_vault(world, "insert into vault.destroyed select id from vault.key where record = %s", case)
    kept = dumped(world, case)
    told = Identity(name="王丽丽")
    world.casework.correct_identity(case, HER, told, None, command(reason="写错"))
    assert dumped(world, case) == kept
    assert world.vault.store.with_keys([case]) == {case}
    assert "vault.destroyed says of" in (standing(tmp_path) or "")


PARKED: LiteralString = (
    "insert into vault.epoch (number, proof, began_at, ended_at, destroyed_at)"
    " values (1000000, '\\x00', now(), now(), now())"
)
SPOILED: LiteralString = (
    "update vault.key set epoch = %s, wrapped = decode(repeat('00', 40), 'hex') where record = %s"
)


@pytest.mark.parametrize("epoch", [1, 1000000])
def test_keys_that_somebody_spoiled_in_another_epoch_keep_every_wrapping_key(
    world: World, tmp_path: Path, clock: Clock, epoch: int
) -> None:
    """They are there by their ids, and a backup holds what they were."""
    case = world.case()
    clock.gone = timedelta(days=31)
    world.vault.rotate()
    kept = dumped(world, case)
    as_vault(world, PARKED)
    as_vault(world, SPOILED, epoch, case)
    for days in (62, 93):
        clock.gone = timedelta(days=days)
        with anew(world, tmp_path, clock) as again:
            rotate_when_due(again.vault, tmp_path)
    assert "The wrapping key could not be changed" in (standing(tmp_path) or "")
    assert "2" in wrapping_files(tmp_path)
    run(world, "delete from vault.key where record = %s", case)
    put_back(world, kept)
    world.vault.rotate()
    assert wrapping_files(tmp_path) == ["4"]
    assert len(world.texts(case)) == len(SECRETS)


def test_keys_that_are_spoiled_while_all_are_wrapped_anew_keep_their_wrapping_key(
    world: World, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, rewrap = world.case(), KeyStore.rewrap
    kept = dumped(world, case)

    def overtaken(store: KeyStore, connection: Any, epoch: int, *more: Any) -> Any:
        as_vault(world, SPOILED, epoch, case)
        return rewrap(store, connection, epoch, *more)

    clock.gone = timedelta(days=31)
    monkeypatch.setattr(KeyStore, "rewrap", overtaken)
    rotate_when_due(world.vault, tmp_path)
    monkeypatch.undo()
    assert f"in the place of {len(kept)} keys" in (standing(tmp_path) or "")
    assert wrapping_files(tmp_path) == ["1", "2"]
    run(world, "delete from vault.key where record = %s", case)
    put_back(world, kept)
    world.vault.rotate()
    assert wrapping_files(tmp_path) == ["2"]
    assert len(world.texts(case)) == len(SECRETS)


def test_a_key_that_somebody_overwrote_rings_within_a_round_of_looks(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.keystore.ROUND", 3)
    cases = [world.case() for _ in range(3)]

    def round_of_looks() -> None:
        last = uuid4()
        for _ in range(4):
            last = ring_of_the_spoiled(world.vault, tmp_path, last)

    round_of_looks()
    assert standing(tmp_path) is None
    spoil = "update vault.key set wrapped = decode(repeat('00', 40), 'hex') where record = %s"
    as_vault(world, spoil, cases[1])
    round_of_looks()
    assert "holds something else in the place of" in (standing(tmp_path) or "")


def test_each_key_is_opened_within_a_round_of_looks(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.keystore.ROUND", 3)
    for _ in range(5):
        world.case()
    opened, last = list[UUID](), NONE
    unwrapped = KeyStore.unwrapped

    def noted(store: KeyStore, connection: Any, key: UUID, *row: Any) -> Any:
        opened.append(key)
        return unwrapped(store, connection, key, *row)

    monkeypatch.setattr(KeyStore, "unwrapped", noted)
    for _ in range(3):
        _, last = world.vault.store.spoiled(last)
    with psycopg.connect(world.database.administrator) as connection:
        standing_keys = connection.execute("select id from vault.key order by id").fetchall()
    assert [(key,) for key in opened] == standing_keys


def test_a_serving_process_opens_keys_in_turn(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.keystore.ROUND", 1)
    world.case()
    as_vault(world, "update vault.key set wrapped = decode(repeat('00', 40), 'hex')")
    stop = threading.Event()
    thread = threading.Thread(target=keep_rotated, args=(world.vault, tmp_path, stop, 0.01))
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while standing(tmp_path) is None and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        stop.set()
        thread.join()
    assert "holds something else in the place of" in (standing(tmp_path) or "")
