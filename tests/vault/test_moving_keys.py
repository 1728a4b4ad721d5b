"""A log that began with its wrapping keys in files, for which a token or a service is set later."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from shutil import copytree
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from application.custody import Custody, NotCustodian
from application.database import nameless
from application.drafts import Key, Whose
from application.keystore import KeyStore
from application.settings import DangerousSetting, Settings
from application.vault import open_vault
from application.wrapping import (
    FileKeys,
    MovingKeys,
    WrappingKeys,
    WrongWrappingKey,
    outside_of_files,
    wrapping_keys,
)
from tests.conftest import Databases, Run
from tests.vault.conftest import service_in
from tests.vault.test_keystore import copied
from tests.vault.world import SECRETS, World

FOREIGN = f"{uuid4()}-1"
Crash = KeyboardInterrupt


@pytest.fixture(params=["token", "service"])
def told(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """What the installation is told once there is a token or a service."""
    if request.param == "token":
        settings: Settings = request.getfixturevalue("token")
    else:
        (tmp_path / "service").mkdir()
        settings = service_in(tmp_path / "service")
    return settings.model_copy(update={"home": tmp_path})


@pytest.fixture
def run(
    told: Settings, world: World, huhang: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Run a command as whoever set the token or the service in the environment."""
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(world.database.administrator or ""))
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path))
    if told.kms_command is not None:
        monkeypatch.setenv("HUHANG_KMS_COMMAND", str(told.kms_command))
    else:
        monkeypatch.setenv("HUHANG_PKCS11_MODULE", str(told.pkcs11_module))
        monkeypatch.setenv("HUHANG_PKCS11_PIN", "1234")
    return huhang


def files(home: Path) -> list[str]:
    """The wrapping keys in files, but for that of another key store."""
    names = {path.name for path in (home / "keys").glob("vault-*")}
    return sorted(name.removesuffix(".key").rpartition("-")[2] for name in names - {named(FOREIGN)})


def named(name: str) -> str:
    return f"vault-{name}.key"


@contextmanager
def started(world: World, settings: Settings) -> Iterator[World]:
    """An installation in a process of its own, as it starts with these settings."""
    with open_vault(world.database, settings) as vault:
        vault.store.require_wrapping()
        yield World(world.database, world.records, vault)


@contextmanager
def place_of(told: Settings) -> Iterator[WrappingKeys]:
    """The token or the service alone."""
    place = outside_of_files(told)
    assert place is not None
    yield place
    place.close()


def opens(world: World, *cases: UUID) -> bool:
    return all(len(world.texts(case)) == len(SECRETS) for case in cases)


def test_the_next_rotation_brings_the_wrapping_keys_out_of_files(
    run: Run, world: World, told: Settings, tmp_path: Path
) -> None:
    case, store = world.case(), world.vault.store
    FileKeys(tmp_path / "keys").begin(FOREIGN)
    code, out, err = run("rotate-keys", "--at-once", "--yes", "--json")
    assert code == 0, err
    assert json.loads(out) == {"epoch": 2, "rewrapped": 4, "destroyed": [1]}
    assert files(tmp_path) == []
    foreign = tmp_path / "keys" / named(FOREIGN)
    assert foreign.exists(), "another key store's is not ours to destroy"
    foreign.unlink()
    with started(world, told) as later:
        assert not isinstance(later.vault.store.wrapping, MovingKeys)
        assert opens(later, case, later.case())
    _, out, _ = run("rotate-keys", "--at-once", "--yes", "--json")
    assert json.loads(out)["destroyed"] == [2]
    with place_of(told) as place:
        assert [place.holds(store.epochs.name_of(n)) for n in (1, 2, 3)] == [False, False, True]


def test_until_then_everything_is_opened_and_sealed_with_the_file(
    world: World, told: Settings
) -> None:
    case = world.case()
    with started(world, told) as again:
        assert opens(again, case)
        new = again.case()
    assert opens(world, case, new), "an installation that was not told goes on too"


def stop(monkeypatch: pytest.MonkeyPatch, of: type, step: str, *, after: bool) -> None:
    """A process that ends before or after it does something for the first time."""
    do: Callable[..., Any] = getattr(of, step)

    def stopped(*given: Any) -> Any:
        if after:
            do(*given)
        raise Crash

    monkeypatch.setattr(of, step, stopped)


STEPS: list[tuple[type, str, bool]] = [
    (MovingKeys, "begin", True),  # before the database says so
    (Custody, "note", False),
    (KeyStore, "rewrap", True),
    (FileKeys, "destroy", False),
    (FileKeys, "destroy", True),  # before anybody noted that it is gone
]


@pytest.mark.parametrize(("of", "step", "after"), STEPS)
def test_a_move_that_was_stopped_goes_on(
    world: World,
    told: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    of: type,
    step: str,
    after: bool,
) -> None:
    case = world.case()
    with started(world, told) as first, monkeypatch.context() as patch:
        stop(patch, of, step, after=after)
        with pytest.raises(Crash):
            first.vault.store.rotate(at_once=True)
    with started(world, told) as again:
        new = again.case()
        assert opens(again, case, new)
        horizon = again.vault.store.epochs.horizon_of
        gone = (of, after) == (FileKeys, True)
        assert files(tmp_path) == ([] if gone else ["1"])
        assert horizon(world.vault.clock()) > datetime.now(UTC)
        again.vault.store.rotate(at_once=step == "begin")
        assert files(tmp_path) == []
        assert opens(again, case, new)
    with started(world, told) as later:
        assert opens(later, case, new)


def test_a_wrapping_key_is_gone_once_neither_place_has_it(
    world: World, told: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.case()
    with started(world, told) as again:
        store = again.vault.store
        with monkeypatch.context() as patch:
            patch.setattr(FileKeys, "destroy", lambda *_: None)
            with pytest.raises(DangerousSetting, match=r"-1 is still there"):
                store.rotate(at_once=True)
        noted = store.custody.epochs(store.id)[1]
        assert noted.gone_at is None
        assert store.epochs.horizon_of(noted.began_at) > noted.began_at
        assert store.rotate().destroyed == (1,)
        gone = store.custody.epochs(store.id)[1].gone_at
        assert gone == store.epochs.horizon_of(noted.began_at)


def test_a_file_that_lies_there_before_its_epoch_begins_wraps_nothing(
    world: World, told: Settings, tmp_path: Path
) -> None:
    """Whoever put it there knows it, and would open whatever is in a copy of the database."""
    case, name = world.case(), world.vault.store.epochs.name_of(2)
    known = FileKeys(tmp_path / "keys")
    known.begin(name)
    with started(world, told) as again:
        again.vault.store.rotate(at_once=True)
        new = again.case()
        for (wrapped,) in world.fetch("select wrapped from vault.key"):
            with pytest.raises(WrongWrappingKey):
                known.unwrap(name, wrapped)
    (tmp_path / "keys" / named(name)).unlink()
    with started(world, told) as later:
        assert opens(later, case, new)


def test_a_file_put_there_for_a_key_of_the_token_opens_and_goes_with_it(
    world: World, told: Settings, tmp_path: Path
) -> None:
    case = world.case()
    with started(world, told) as again:
        again.vault.store.rotate(at_once=True)
    (tmp_path / "keys" / named(world.vault.store.epochs.name_of(2))).write_bytes(b"rubbish")
    with started(world, told) as later:
        assert opens(later, case, later.case())
        assert later.vault.store.rotate(at_once=True).destroyed == (2,)
    assert files(tmp_path) == []


def test_the_setting_can_be_taken_back_before_the_token_wrapped_anything(
    world: World, told: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the next epoch has a key in the token that was never used, and one in a file."""
    case = world.case()
    with started(world, told) as first, monkeypatch.context() as patch:
        stop(patch, MovingKeys, "begin", after=True)
        with pytest.raises(Crash):
            first.vault.store.rotate(at_once=True)
    world.vault.store.rotate(at_once=True)
    assert files(tmp_path) == ["2"]
    with started(world, told) as again:
        new = again.case()
        assert opens(again, case, new)
        assert again.vault.store.rotate(at_once=True).destroyed == (2,)
        assert opens(again, case, new)
    assert files(tmp_path) == []
    with place_of(told) as place:
        assert not place.holds(world.vault.store.epochs.name_of(2))


def test_who_empties_the_key_store_for_a_moment_hides_no_file(
    world: World, told: Settings, tmp_path: Path
) -> None:
    """The first epoch begins again, in the token and under the name of the file."""
    case = world.case()
    with psycopg.connect(world.database.administrator, autocommit=True) as administrator:
        administrator.execute("create table taken as select * from vault.key")
        administrator.execute("truncate vault.key, vault.epoch cascade")
        with started(world, told):
            pass
        administrator.execute("insert into vault.key select * from taken")
    with started(world, told) as again:
        assert opens(again, case)
        assert again.vault.store.rotate(at_once=True).rewrapped >= 4
        assert opens(again, case)
    assert files(tmp_path) == []


def test_an_installation_that_was_not_told_says_what_to_set(world: World, told: Settings) -> None:
    case = world.case()
    with started(world, told) as again:
        again.vault.store.rotate(at_once=True)
    said = r"vault-.*-2\.key is missing.*HUHANG_PKCS11_MODULE or HUHANG_KMS_COMMAND must be set"
    keep = partial(world.vault.store.keep, Whose(uuid4(), "self"), Key(uuid4(), bytes(32)))
    for refused in (
        world.vault.store.require_wrapping,
        lambda: world.release(case),
        keep,
        lambda: world.vault.store.rotate(at_once=True),
    ):
        with pytest.raises(DangerousSetting, match=said):
            refused()
    with started(world, told) as again:
        assert opens(again, case), "it changed nothing"


def test_an_installation_without_the_file_says_which_one_it_lacks(
    world: World, told: Settings, tmp_path: Path
) -> None:
    case, two = world.case(), tmp_path / "two"
    copytree(tmp_path / "keys", two / "keys", ignore=lambda *_: [*map(named, names(world))])
    further = told.model_copy(update={"home": two})
    with (
        pytest.raises(DangerousSetting, match=r"bring vault-.*-1\.key to the folder keys"),
        started(world, further),
    ):
        pass
    (kept,) = (tmp_path / "keys").glob("vault-*")
    (two / "keys" / kept.name).write_bytes(kept.read_bytes())
    with started(world, further) as there:
        assert opens(there, case)
        with started(world, told) as here:
            here.vault.store.rotate(at_once=True)
        assert opens(there, case, there.case()), "who was told before need not start again"


def names(world: World) -> list[str]:
    """The names of this store's first wrapping keys."""
    return [world.vault.store.epochs.name_of(number) for number in (1, 2)]


def test_a_drill_over_a_backup_of_before_the_move_destroys_nothing(
    world: World, told: Settings, tmp_path: Path, databases: Databases
) -> None:
    case, drill = world.case(), told.model_copy(update={"home": tmp_path / "drill"})
    (key, *_) = world.vault.store.parts_of(case).values()
    copytree(tmp_path / "keys", drill.home / "keys")
    with databases() as other:
        copied(world.database, other)
        with started(world, told) as live:
            live.vault.store.rotate(at_once=True)
        with open_vault(other, drill) as vault:
            assert isinstance(vault.store.wrapping, MovingKeys)
            assert vault.store.keys([key]).keys() == {key}
            with pytest.raises(NotCustodian):
                vault.store.rotate(at_once=True)
        assert files(drill.home) == ["1"]
    with started(world, told) as live:
        assert opens(live, case)


def test_a_file_comes_from_nowhere_but_the_folder_keys(told: Settings, tmp_path: Path) -> None:
    """A draft that a crash left, and the keys of the installation, are no wrapping keys."""
    folder = tmp_path / "keys"
    folder.mkdir()
    for other in ("log.key", "author-app.key", f"{named(FOREIGN)}.4711.0a0b0c0d"):
        (folder / other).write_bytes(bytes(32))
    keys = wrapping_keys(told)
    assert not isinstance(keys, MovingKeys)
    keys.close()
