"""What the administrator writes into vault.epoch, or hangs on vault.key, before a new process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from resource import RLIMIT_AS, getrlimit, setrlimit
from shutil import copytree
from typing import LiteralString
from uuid import uuid4

import pytest

from application.drafts import Key, Whose
from application.envelope import KEY_BYTES
from application.epochs import EPOCH
from application.keystore import open_store
from application.settings import DangerousSetting, Settings
from application.vault import Vault
from application.wrapping import wrapping_keys
from tests.vault.test_administrator import Clock, clock, look, run, world, wrapping_files
from tests.vault.test_erasure import erase
from tests.vault.world import SECRETS, World

__all__ = ["clock", "world"]  # fixtures of the key store with a clock


@contextmanager
def anew(world: World, home: Path, clock: Clock) -> Iterator[World]:
    """The same installation in a process that has proved nothing yet."""
    with open_store(world.database, wrapping_keys(Settings(home=home)), home, clock) as store:
        yield World(world.database, world.records, Vault(store, lambda: None))


ANOTHER: LiteralString = "update vault.epoch set ended_at = now() where ended_at is null"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            [ANOTHER, "update vault.epoch set ended_at = null where number = 1"],
            "epoch 2 goes on, and it says that 1 does",
        ),
        ([ANOTHER], "epoch 2 goes on, and it says that none does"),
        (
            ["update vault.epoch set proof = decode(repeat('00', 40), 'hex') where number = 2"],
            "its proof of epoch 2 is not the one",
        ),
        (
            [
                ANOTHER,
                "insert into vault.epoch select 7, proof, began_at from vault.epoch limit 1",
            ],
            "epoch 2 goes on, and it says that 7 does",
        ),
        (
            [
                "insert into vault.epoch select number + 1, proof, began_at, now()"
                " from vault.epoch where ended_at is null",
            ],
            "",
        ),
    ],
)
def test_what_is_written_of_epochs_holds_no_rotation_up(
    world: World, tmp_path: Path, clock: Clock, changes: list[LiteralString], said: str
) -> None:
    case = world.case()
    clock.gone = EPOCH
    assert look(world, tmp_path) == ""
    for change in changes:
        run(world, change)
    clock.gone = EPOCH * 2
    with anew(world, tmp_path, clock) as again:
        rung = look(again, tmp_path)
        assert (f"Somebody changed vault.epoch: {said}" if said else "") in rung
        assert "restore the folder keys" not in rung
        (number,) = wrapping_files(tmp_path)
        assert int(number) > 2, "the old one is gone"
        assert len(again.texts(case)) == len(SECRETS)
        again.vault.store.keep(Whose(uuid4(), "self"), Key(uuid4(), bytes(KEY_BYTES)))
    with anew(world, tmp_path, clock) as later:
        assert len(later.texts(case)) == len(SECRETS)


def test_where_no_epoch_goes_on_it_is_said_who_begins_one(
    world: World, tmp_path: Path, clock: Clock
) -> None:
    run(world, ANOTHER)
    key = Key(uuid4(), bytes(KEY_BYTES))
    with pytest.raises(DangerousSetting, match="huhang rotate-keys"):
        world.vault.store.keep(Whose(uuid4(), "self"), key)
    assert "it says that none does" in look(world, tmp_path)
    world.vault.store.keep(Whose(uuid4(), "self"), key)


def test_a_broken_proof_keeps_nobody_from_sealing(
    world: World, tmp_path: Path, clock: Clock
) -> None:
    world.case()
    run(world, "update vault.epoch set proof = decode(repeat('00', 40), 'hex')")
    with anew(world, tmp_path, clock) as again:
        assert "its proof of epoch 1 is not the one" in look(again, tmp_path)
        assert again.case()


KEPT: LiteralString = """
create function public.kept() returns trigger language plpgsql as $$ begin return null; end $$
"""


def test_a_rotation_ends_where_nothing_can_be_changed(
    world: World, tmp_path: Path, clock: Clock
) -> None:
    case = world.case()
    run(world, KEPT)
    run(
        world,
        "create trigger kept before update on vault.key"
        " for each row execute function public.kept()",
    )
    clock.gone = timedelta(days=31)
    assert "lets nothing be changed there" in look(world, tmp_path)
    assert wrapping_files(tmp_path) == ["1", "2"]
    run(world, "drop trigger kept on vault.key")
    assert look(world, tmp_path) == ""
    assert wrapping_files(tmp_path) == ["2"]
    assert len(world.texts(case)) == len(SECRETS)


def test_a_further_installation_counts_no_epochs_that_there_never_were(
    world: World, tmp_path: Path, clock: Clock
) -> None:
    """By two thousand million of them it would end for want of memory, the keys destroyed."""
    case, further = world.closed_case(), tmp_path / "further"
    copytree(tmp_path / "keys", further / "keys")
    run(
        world,
        "insert into vault.epoch (number, proof, began_at, ended_at, destroyed_at)"
        " values (2147483647, '\\x00', now(), now(), now())",
    )
    limit = getrlimit(RLIMIT_AS)
    with anew(world, further, clock) as again:
        setrlimit(RLIMIT_AS, (4_000_000_000, limit[1]))
        try:
            assert len(erase(again, case).keys) == 3
        finally:
            setrlimit(RLIMIT_AS, limit)


HIDDEN: list[LiteralString] = [
    "select 1",
    "delete from vault.epoch where number = 1",
    "delete from vault.epoch where number = 2",
    "delete from vault.epoch where number < 3",
    "update vault.epoch set began_at = '2001-01-01', destroyed_at = '2002-02-02'",
    "insert into vault.epoch select 7, proof, now(), now(), now() from vault.epoch limit 1",
]


@pytest.mark.parametrize("change", HIDDEN)
@pytest.mark.parametrize("left", [1, 2])
def test_a_further_installation_believes_no_horizon_that_the_database_names(
    world: World, tmp_path: Path, clock: Clock, change: LiteralString, left: int
) -> None:
    """Else a certificate says that no backup opens what a wrapping key that is left here opens."""
    world.case()
    further = tmp_path / "further"
    for epoch in (1, 2):
        if epoch == left:
            copytree(tmp_path / "keys", further / "keys")
        clock.gone = EPOCH * epoch
        assert look(world, tmp_path) == ""
    assert (wrapping_files(further), wrapping_files(tmp_path)) == ([str(left)], ["3"])
    destroyed_at = clock() - EPOCH + timedelta(days=1)
    run(world, change)
    clock.gone += timedelta(days=7)
    with anew(world, further, clock) as again:
        horizon = again.vault.store.epochs.horizon_of(destroyed_at)
    assert horizon >= clock() - timedelta(minutes=1)
