"""The key store: keys wrapped for an epoch, wrapped anew in the next, and the old key destroyed."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString
from unittest.mock import Mock
from uuid import UUID, uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding

from application.alarms import standing
from application.custody import Custody, NotCustodian
from application.database import Database
from application.drafts import Key, KeyDestroyed, KeyTaken, Whose
from application.envelope import Unopened
from application.epochs import EPOCH
from application.keystore import ALONE, MAKING, EpochsChanged, KeysHeldUp, KeyStore, open_store
from application.rotation import keep_rotated, rotate_when_due
from application.settings import DangerousSetting, Settings
from application.vault import Vault
from application.wrapping import (
    FileKeys,
    MovingKeys,
    WrappingKeys,
    WrongWrappingKey,
    outside_of_files,
    wrapping_keys,
)
from tests.conftest import Databases
from tests.vault.conftest import service_in

SECRET = bytes(range(32))
ONE, TWO, THREE = (f"{UUID(int=5)}-{number}" for number in (1, 2, 3))
PEOPLE = [Whose(UUID(int=n), "self") for n in range(1, 6)]


class Clock:
    """A time that the test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(
    params=["file", "token", "service", "from files to a token", "from files to a service"]
)
def wrapping(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WrappingKeys]:
    """Each place where wrapping keys can be; any other must pass all that asks for this."""
    if request.param.startswith("from files"):
        FileKeys(tmp_path / "keys").begin(ONE)
    if request.param == "file":
        keys = wrapping_keys(Settings(home=tmp_path))
    elif request.param.endswith("service"):
        keys = wrapping_keys(service_in(tmp_path))
    else:
        token = request.getfixturevalue("token")
        left = outside_of_files(token)
        assert left is not None
        for name in (ONE, TWO):
            left.destroy(name)
        left.close()
        keys = wrapping_keys(token.model_copy(update={"home": tmp_path}))
    assert isinstance(keys, MovingKeys) == request.param.startswith("from files")
    yield keys
    keys.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(
    database: Database, wrapping: WrappingKeys, clock: Clock, tmp_path: Path
) -> Iterator[KeyStore]:
    with open_store(database, wrapping, tmp_path, clock) as store:
        yield store


@pytest.fixture
def files(database: Database, clock: Clock, tmp_path: Path) -> Iterator[KeyStore]:
    """A key store for what is the same wherever its wrapping keys are."""
    with open_store(database, FileKeys(tmp_path), tmp_path, clock) as store:
        yield store


def wrapped_in(database: Database) -> list[tuple[int, bytes]]:
    with psycopg.connect(database.vault) as connection:
        return connection.execute("select epoch, wrapped from vault.key order by id").fetchall()


def test_a_secret_comes_back_under_its_epoch_alone(wrapping: WrappingKeys) -> None:
    wrapping.begin(ONE)
    wrapping.begin(TWO)
    with pytest.raises(DangerousSetting):
        wrapping.wrap(THREE, SECRET)
    wrapped = wrapping.wrap(ONE, SECRET)
    assert 40 <= len(wrapped) <= 4096
    assert SECRET not in wrapped
    assert wrapping.unwrap(ONE, wrapped) == SECRET
    with pytest.raises(WrongWrappingKey):
        wrapping.unwrap(TWO, wrapped)
    with pytest.raises(WrongWrappingKey):
        wrapping.unwrap(ONE, bytes(40))


def test_an_epoch_that_began_keeps_its_key(wrapping: WrappingKeys) -> None:
    wrapping.begin(ONE)
    wrapped = wrapping.wrap(ONE, SECRET)
    wrapping.begin(ONE)
    assert wrapping.unwrap(ONE, wrapped) == SECRET


def test_a_destroyed_wrapping_key_opens_nothing_at_once(wrapping: WrappingKeys) -> None:
    wrapping.begin(ONE)
    wrapped = wrapping.wrap(ONE, SECRET)
    wrapping.destroy(ONE)
    with pytest.raises(DangerousSetting):
        wrapping.unwrap(ONE, wrapped)
    wrapping.destroy(ONE)
    wrapping.begin(ONE)
    with pytest.raises(WrongWrappingKey):
        wrapping.unwrap(ONE, wrapped)


def test_files_and_modules_wrap_to_the_same_bytes(tmp_path: Path, token: Settings) -> None:
    """RFC 5649, whoever computes it: the token takes a key of which we know the bytes."""
    from pkcs11 import Attribute, KeyType, ObjectClass

    from application.token_keys import TokenKeys, label

    keys = wrapping_keys(token)
    assert isinstance(keys, TokenKeys)
    keys.destroy(ONE)
    keys._session.create_object(
        {
            Attribute.CLASS: ObjectClass.SECRET_KEY,
            Attribute.KEY_TYPE: KeyType.AES,
            Attribute.LABEL: label(ONE),
            Attribute.VALUE: SECRET,
            Attribute.TOKEN: False,
            Attribute.WRAP: True,
            Attribute.UNWRAP: True,
        }
    )
    assert keys.wrap(ONE, bytes(32)) == aes_key_wrap_with_padding(SECRET, bytes(32))
    keys.close()


def test_a_key_in_a_module_cannot_be_read_out(token: Settings) -> None:
    from pkcs11 import Attribute
    from pkcs11.exceptions import AttributeSensitive

    from application.token_keys import TokenKeys

    keys = wrapping_keys(token)
    assert isinstance(keys, TokenKeys)
    keys.begin(ONE)
    with pytest.raises(AttributeSensitive):
        keys._key(ONE)[Attribute.VALUE]
    keys.close()


@pytest.mark.parametrize(
    "wrong", [{"pkcs11_pin": "4321"}, {"pkcs11_token": "another"}, {"pkcs11_module": "/nowhere.so"}]
)
def test_a_module_that_cannot_be_used_is_said_in_one_sentence(
    token: Settings, wrong: dict[str, str]
) -> None:
    settings = Settings(**{**token.model_dump(), **wrong})
    with pytest.raises(DangerousSetting, match="security module cannot be used"):
        wrapping_keys(settings)
    assert "1234" not in repr(token)


def test_a_key_service_that_cannot_be_asked_is_said_in_one_sentence(tmp_path: Path) -> None:
    keys = wrapping_keys(Settings(kms_command=tmp_path / "nothing"))
    with pytest.raises(DangerousSetting, match=r"FileNotFoundError.*HUHANG_KMS_COMMAND"):
        keys.begin(ONE)
    program = tmp_path / "program"
    for script, said in (
        ("echo 'no \x1b[2J way' >&2; exit 1", "does not “wrap” for the key 0"),
        ("exit 3", "no reason"),
        ("exit 0", "with 0 bytes"),
        ("head -c 5000 /dev/zero", "with 5,000 bytes"),
    ):
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o700)
        with pytest.raises(DangerousSetting, match=said) as refused:
            wrapping_keys(Settings(kms_command=program)).wrap(ONE, SECRET)
        assert str(refused.value).isprintable()


def test_a_key_service_gets_the_secret_on_its_input_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUHANG_PKCS11_PIN", "1234")
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\necho "$@"\nenv\nwc -c\n')
    program.chmod(0o700)
    told = wrapping_keys(Settings(kms_command=program)).wrap(ONE, SECRET).decode()
    assert told.splitlines()[0] == f"wrap {ONE}"
    assert told.splitlines()[-1].strip() == "32"
    assert "HUHANG" not in told


def test_wrapping_keys_are_in_one_place(tmp_path: Path) -> None:
    both = Settings(kms_command=tmp_path, pkcs11_module=tmp_path)
    with pytest.raises(DangerousSetting, match="both set"):
        wrapping_keys(both)


def test_a_wrapping_key_in_a_file_is_its_owners_alone(tmp_path: Path) -> None:
    FileKeys(tmp_path / "keys").begin(ONE)
    (path,) = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_new_key_is_stored_once(store: KeyStore, database: Database) -> None:
    key = Key(uuid4(), SECRET)
    store.keep(PEOPLE[0], key)
    store.keep(PEOPLE[0], key)
    assert store.key_of(PEOPLE[0]) == key
    with pytest.raises(KeyTaken):
        store.keep(PEOPLE[0], Key(uuid4(), SECRET))
    ((_, wrapped),) = wrapped_in(database)
    assert SECRET not in wrapped


def filled(store: KeyStore) -> dict[UUID, Key]:
    keys = [Key(uuid4(), os.urandom(32)) for _ in PEOPLE]
    for whose, key in zip(PEOPLE, keys, strict=True):
        store.keep(whose, key)
    return {key.id: key for key in keys}


def test_after_thirty_days_all_keys_are_wrapped_anew_and_the_old_wrapping_key_is_gone(
    store: KeyStore, database: Database, clock: Clock
) -> None:
    keys = filled(store)
    backup = wrapped_in(database)
    clock.now += EPOCH - timedelta(seconds=1)
    assert store.rotate() == (1, 0, ())
    clock.now += timedelta(seconds=1)
    assert store.rotate() == (2, len(keys), (1,))
    assert store.keys(list(keys)) == keys
    assert {epoch for epoch, _ in wrapped_in(database)} == {2}
    for epoch, wrapped in backup:
        with pytest.raises(DangerousSetting):
            store.wrapping.unwrap(store.epochs.name_of(epoch), wrapped)


def test_a_rotation_that_was_stopped_goes_on(
    store: KeyStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = filled(store)
    monkeypatch.setattr("application.keystore.BATCH", 2)
    rewrap: Callable[..., list[UUID]] = KeyStore.rewrap
    left = [1, 1]

    def stopped(self: KeyStore, *arguments: object) -> list[UUID]:
        if not left:
            raise KeyboardInterrupt
        left.pop()
        return rewrap(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(KeyStore, "rewrap", stopped)
        with pytest.raises(KeyboardInterrupt):
            store.rotate(at_once=True)
    assert sorted(epoch for epoch, _ in wrapped_in(database)) == [1, 2, 2, 2, 2]
    assert store.keys(list(keys)) == keys
    late = Key(uuid4(), SECRET)
    store.keep(Whose(uuid4(), "self"), late)
    assert store.rotate() == (2, 1, (1,))
    assert store.keys([*keys, late.id]) == {**keys, late.id: late}


def test_a_serving_process_rotates_when_it_is_due(
    store: KeyStore, clock: Clock, tmp_path: Path
) -> None:
    keys, stop = filled(store), threading.Event()
    clock.now += EPOCH
    vault = Vault(store, lambda: None)
    thread = threading.Thread(target=keep_rotated, args=(vault, tmp_path, stop, 0.01))
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while store.epochs.number() == 1 and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        stop.set()
        thread.join()
    assert store.epochs.number() == 2
    assert store.keys(list(keys)) == keys


def test_the_horizon_of_a_destruction_is_the_end_of_its_wrapping_key(
    store: KeyStore, clock: Clock
) -> None:
    began_at = clock.now
    clock.now += timedelta(days=12)
    destroyed_at = clock.now
    assert store.epochs.horizon_of(destroyed_at) == began_at + EPOCH
    clock.now += timedelta(days=20)
    assert store.epochs.horizon_of(destroyed_at) == clock.now, "the rotation is late"
    store.rotate()
    clock.now += timedelta(days=3)
    assert store.epochs.horizon_of(destroyed_at) == clock.now - timedelta(days=3)


def test_the_horizon_waits_for_a_wrapping_key_that_went_on_and_was_not_noted(
    files: KeyStore, database: Database, clock: Clock, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """As where a move was stopped, others went on in the new place, and the setting was undone."""
    clock.now += EPOCH
    with monkeypatch.context() as stopped:
        stopped.setattr(Custody, "note", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            files.rotate()
    destroyed_at = clock.now
    unnoted = tmp_path / f"vault-{files.epochs.name_of(2)}.key"
    elsewhere = unnoted.rename(tmp_path / "elsewhere")
    clock.now += EPOCH
    with pytest.raises(EpochsChanged):
        files.rotate(at_once=True)
    clock.now += timedelta(days=1)
    elsewhere.rename(unnoted)
    with open_store(database, FileKeys(tmp_path), tmp_path, clock) as again:
        assert again.epochs.horizon_of(destroyed_at) == clock.now, "it opens what was destroyed"
        again.rotate(at_once=True)
        assert not unnoted.exists()
        clock.now += timedelta(days=1)
        assert again.epochs.horizon_of(destroyed_at) < clock.now


def test_a_wrapping_key_that_was_cut_is_told(tmp_path: Path) -> None:
    FileKeys(tmp_path).begin("cut")
    (tmp_path / "vault-cut.key").write_bytes(b"not as long as a key")
    with pytest.raises(DangerousSetting, match="is damaged: it has 20 bytes, and a key has 32"):
        FileKeys(tmp_path).wrap("cut", b"secret")


def test_the_wrapping_key_of_another_installation_is_refused(
    database: Database, tmp_path: Path
) -> None:
    with open_store(database, FileKeys(tmp_path / "one"), tmp_path) as store:
        filled(store)
    with (
        open_store(database, FileKeys(tmp_path / "two"), tmp_path) as store,
        pytest.raises(DangerousSetting, match="is missing"),
    ):
        store.key_of(PEOPLE[0])
    FileKeys(tmp_path / "two").begin(store.epochs.name_of(1))
    with (
        open_store(database, FileKeys(tmp_path / "two"), tmp_path) as store,
        pytest.raises(DangerousSetting, match="not the one"),
    ):
        store.keep(Whose(uuid4(), "self"), Key(uuid4(), SECRET))


def test_a_key_that_is_kept_while_it_is_destroyed_stays_destroyed(files: KeyStore) -> None:
    key = Key(uuid4(), SECRET)
    files.keep(PEOPLE[0], key)
    with ThreadPoolExecutor() as threads:
        with files.locked(ALONE) as connection:
            files.bury(connection, [key.id])
            keeping = threads.submit(files.keep, PEOPLE[0], key)
            with pytest.raises(TimeoutError):
                keeping.result(timeout=0.2)
        with pytest.raises(KeyDestroyed):
            keeping.result(timeout=10)
    assert files.keys([key.id]) == {}
    again = Key(uuid4(), SECRET)
    files.keep(PEOPLE[0], again)
    assert files.key_of(PEOPLE[0]) == again


def copied(source: Database, target: Database) -> None:
    """Copy a key store into another database, as a restored backup holds it."""
    with (
        psycopg.connect(source.administrator) as there,
        psycopg.connect(target.administrator) as here,
    ):
        for table in ("vault.store", "vault.epoch", "vault.key"):
            for row in there.execute(f"select * from {table}").fetchall():
                values = ", ".join(["%s"] * len(row))
                here.execute(f"insert into {table} values ({values})", row)


def test_a_copy_of_the_database_changes_no_wrapping_key(
    store: KeyStore, database: Database, databases: Databases, tmp_path: Path
) -> None:
    """A drill reaches the module or service of the live installation, under the same names."""
    keys = filled(store)
    with databases() as other:
        copied(database, other)
        with open_store(other, store.wrapping, tmp_path, store.clock) as drill:
            assert drill.keys(list(keys)) == keys
            for there in (drill, replace(drill, custody=Custody(tmp_path / "another"))):
                with pytest.raises(NotCustodian, match="--take-over"):
                    there.rotate(at_once=True)
            assert store.wrapping.holds(store.epochs.name_of(1))
            assert not store.wrapping.holds(store.epochs.name_of(2))
            assert store.keys(list(keys)) == keys


def test_an_installation_that_came_from_a_backup_rotates_once_it_took_over(
    database: Database, tmp_path: Path
) -> None:
    with open_store(database, FileKeys(tmp_path), tmp_path) as store:
        keys = filled(store)
    with open_store(database, FileKeys(tmp_path), tmp_path / "restored") as store:
        with pytest.raises(NotCustodian):
            store.rotate(at_once=True)
        store.take_over()
        assert store.rotate(at_once=True) == (2, len(keys), (1,))


def test_another_installation_makes_wrapping_keys_of_its_own(
    store: KeyStore, databases: Databases, tmp_path: Path
) -> None:
    keys = filled(store)
    with (
        databases() as other,
        open_store(other, store.wrapping, tmp_path / "another", store.clock) as another,
    ):
        assert another.rotate(at_once=True).destroyed == (1,)
        another.wrapping.destroy(another.epochs.name_of(2))
        assert store.keys(list(keys)) == keys


def changed(database: Database, query: LiteralString, *values: object) -> None:
    """What somebody who administers the database does to it."""
    with psycopg.connect(database.administrator) as connection:
        connection.execute(query, values)


COPY: LiteralString = (
    "insert into vault.key select %s, %s, part, epoch, wrapped, made_at from vault.key"
    " where id = %s"
)


def test_a_copy_of_a_key_under_another_record_does_not_survive_a_rotation(
    files: KeyStore, database: Database, clock: Clock, tmp_path: Path
) -> None:
    """Wrapped anew it would bring her texts back, put in its old place after the horizon."""
    keys = filled(files)
    hers, copy = next(iter(keys)), uuid4()
    changed(database, COPY, copy, uuid4(), hers)
    clock.now += EPOCH
    with pytest.raises(Unopened, match=f"in the place of 1 keys, such as {copy}"):
        files.rotate()
    assert files.keys(list(keys)) == keys, "all others are wrapped anew"
    rotate_when_due(Vault(files, lambda: None), tmp_path)
    assert "wrapping key could not be changed" in (standing(tmp_path) or "")
    changed(database, "delete from vault.key where id = %s", copy)
    assert files.rotate().destroyed == (1,)


def test_a_destroyed_key_that_is_put_back_is_not_wrapped_anew(
    files: KeyStore, database: Database
) -> None:
    keys = filled(files)
    hers, record = next(iter(keys)), PEOPLE[0].record
    changed(database, "create table copy as select * from vault.key where id = %s", hers)
    files.destroy_again([hers])
    changed(database, "insert into vault.key select * from copy")
    files.rotate(at_once=True)
    assert hers not in files.keys(list(keys))
    assert files.parts_of(record) == {}


def test_the_keys_are_looked_at_once_however_many_wrapping_keys_are_destroyed(
    files: KeyStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(files)
    broken, looks, look = uuid4(), list[int](), KeyStore.require_all_kept
    row = "insert into vault.key values (%s, %s, 'wife', 1, decode(repeat('00', 72), 'hex'), now())"
    changed(database, row, broken, uuid4())

    def counted(store: KeyStore, connection: Any, epoch: int, wrapped: Mapping[UUID, int]) -> None:
        looks.append(epoch)
        look(store, connection, epoch, wrapped)

    monkeypatch.setattr(KeyStore, "require_all_kept", counted)
    for epoch in (2, 3):
        with pytest.raises(Unopened, match="such as"):
            files.rotate(at_once=True)
        assert all(files.wrapping.holds(files.epochs.name_of(n)) for n in range(1, epoch + 1))
    changed(database, "delete from vault.key where id = %s", broken)
    looks.clear()
    assert files.rotate(at_once=True).destroyed == (1, 2, 3)
    assert looks == [4]
    assert files.rotate().destroyed == ()
    assert looks == [4]


def test_a_wrapping_key_is_gone_only_where_it_was_kept(
    store: KeyStore, database: Database, clock: Clock
) -> None:
    filled(store)
    destroyed_at = clock.now
    clock.now += EPOCH
    changed(database, "update vault.epoch set destroyed_at = %s", destroyed_at)
    assert store.epochs.horizon_of(destroyed_at) == clock.now, "the rotation is late"
    assert store.rotate().destroyed == (1,)
    assert not store.wrapping.holds(store.epochs.name_of(1))
    assert store.epochs.horizon_of(destroyed_at) == clock.now
    clock.now += timedelta(days=1)
    assert store.epochs.horizon_of(destroyed_at) == clock.now - timedelta(days=1)


def test_what_is_wrapped_opens_in_its_own_place_alone(files: KeyStore, database: Database) -> None:
    one, other, *_ = filled(files)
    changed(
        database,
        "update vault.key set wrapped = (select wrapped from vault.key as k where k.id <> key.id"
        " and k.id = any(%s)) where id = any(%s)",
        [one, other],
        [one, other],
    )
    for key in (one, other):
        with pytest.raises(Unopened):
            files.keys([key])


def test_the_known_value_of_an_epoch_is_nobodys_key(files: KeyStore, database: Database) -> None:
    """Under it whatever is sealed from now on would be read by who knows it: everybody."""
    filled(files)
    changed(database, "update vault.key set wrapped = (select proof from vault.epoch)")
    with pytest.raises(Unopened):
        files.key_of(PEOPLE[0])


def test_who_was_to_rotate_and_did_not_is_told_after_a_day(
    database: Database, tmp_path: Path, clock: Clock
) -> None:
    with open_store(database, FileKeys(tmp_path), tmp_path / "live", clock):
        pass
    with open_store(database, FileKeys(tmp_path), tmp_path, clock) as store:
        vault = Vault(store, lambda: None)
        clock.now += EPOCH
        rotate_when_due(vault, tmp_path)
        assert standing(tmp_path) is None, "the live installation looks every hour"
        clock.now += timedelta(days=1)
        rotate_when_due(vault, tmp_path)
    assert "not changed although it is time" in (standing(tmp_path) or "")


@pytest.mark.parametrize("role", ["application", "projector", "sealer", "identity", "reader"])
@pytest.mark.parametrize("table", ["key_lock", "rotation_lock", "record_lock"])
def test_no_other_role_takes_a_lock_of_the_vault(
    database: Database, role: str, table: LiteralString
) -> None:
    with (
        psycopg.connect(getattr(database, role)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(f"lock table vault.{table} in access share mode")


def test_no_advisory_lock_of_a_reader_stops_the_vault(database: Database, tmp_path: Path) -> None:
    with psycopg.connect(database.reader, autocommit=True) as reader, ThreadPoolExecutor() as pool:
        for lock in (7268844, 7268845):
            reader.execute("select pg_advisory_lock(%s)", (lock,))
        reader.execute(
            "select pg_advisory_lock(hashtextextended(%s, 7268844))", (str(PEOPLE[0].record),)
        )

        def work() -> None:
            with open_store(database, FileKeys(tmp_path), tmp_path) as store:
                filled(store)
                store.rotate(at_once=True)
                with store.alone(PEOPLE[0].record):
                    pass

        working = pool.submit(work)
        try:
            working.result(timeout=20)
        finally:
            reader.close()


def test_who_waits_too_long_for_other_work_on_keys_is_told_so(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.keystore.LOCK_TIMEOUT", 0.05)
    with open_store(database, FileKeys(tmp_path), tmp_path) as store:
        with store.locked(MAKING), pytest.raises(KeysHeldUp, match="nothing was done"):
            store.destroy_again([uuid4()])
        alone = store.alone(PEOPLE[0].record)
        with store.alone(PEOPLE[0].record), pytest.raises(KeysHeldUp):
            alone.__enter__()


def test_a_row_that_was_changed_opens_nothing(store: KeyStore, database: Database) -> None:
    filled(store)
    with psycopg.connect(database.administrator) as connection:
        connection.execute("update vault.key set wrapped = decode(repeat('00', 40), 'hex')")
    with pytest.raises(Unopened, match="something else"):
        store.key_of(PEOPLE[0])
