"""The key store: keys wrapped for an epoch, wrapped anew in the next, and the old key destroyed."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding

from application.database import Database
from application.drafts import Key, KeyTaken, Whose
from application.envelope import Unopened
from application.keystore import EPOCH, KeyStore, keep_rotated, open_store
from application.settings import DangerousSetting, Settings
from application.wrapping import FileKeys, WrappingKeys, WrongWrappingKey, wrapping_keys

SERVICE = Path(__file__).with_name("key_service.py")
SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")
SECRET = bytes(range(32))
PEOPLE = [Whose(UUID(int=n), "self") for n in range(1, 6)]


class Clock:
    """A time that the test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def token(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Settings]:
    """A token of a software module of its own."""
    if not SOFTHSM.exists() or shutil.which("softhsm2-util") is None:
        reason = f"NOT CHECKED ON A SECURITY MODULE: softhsm2-util or {SOFTHSM} not found"
        capture = pytestconfig.pluginmanager.getplugin("capturemanager")
        assert capture is not None
        with capture.global_and_fixture_disabled():
            print(f"\n*** {reason}; apt-get install softhsm2 ***")
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "huhang", "--pin", "1234",
         "--so-pin", "5678"],
        check=True, capture_output=True,
    )  # fmt: skip
    yield Settings(pkcs11_module=SOFTHSM, pkcs11_pin="1234")
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


def service_in(folder: Path) -> Settings:
    """A key service of its own, as a program."""
    program = folder / "kms"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{SERVICE}" "{folder}" "$@"\n')
    program.chmod(0o700)
    return Settings(home=folder, kms_command=program)


@pytest.fixture(params=["file", "token", "service"])
def wrapping(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WrappingKeys]:
    """Each place where wrapping keys can be; any other must pass all that asks for this."""
    if request.param == "file":
        keys = wrapping_keys(Settings(home=tmp_path))
    elif request.param == "service":
        keys = wrapping_keys(service_in(tmp_path))
    else:
        keys = wrapping_keys(request.getfixturevalue("token"))
        for epoch in range(1, 10):  # left by the test before
            keys.destroy(epoch)
    yield keys
    keys.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(database: Database, wrapping: WrappingKeys, clock: Clock) -> Iterator[KeyStore]:
    with open_store(database, wrapping, clock) as store:
        yield store


def wrapped_in(database: Database) -> list[tuple[int, bytes]]:
    with psycopg.connect(database.vault) as connection:
        return connection.execute("select epoch, wrapped from vault.key order by id").fetchall()


def test_a_secret_comes_back_under_its_epoch_alone(wrapping: WrappingKeys) -> None:
    wrapping.begin(1)
    wrapping.begin(2)
    with pytest.raises(DangerousSetting):
        wrapping.wrap(3, SECRET)
    wrapped = wrapping.wrap(1, SECRET)
    assert 40 <= len(wrapped) <= 4096
    assert SECRET not in wrapped
    assert wrapping.unwrap(1, wrapped) == SECRET
    with pytest.raises(WrongWrappingKey):
        wrapping.unwrap(2, wrapped)
    with pytest.raises(WrongWrappingKey):
        wrapping.unwrap(1, bytes(40))


def test_an_epoch_that_began_keeps_its_key(wrapping: WrappingKeys) -> None:
    wrapping.begin(1)
    wrapped = wrapping.wrap(1, SECRET)
    wrapping.begin(1)
    assert wrapping.unwrap(1, wrapped) == SECRET


def test_a_destroyed_wrapping_key_opens_nothing_at_once(wrapping: WrappingKeys) -> None:
    wrapping.begin(1)
    wrapped = wrapping.wrap(1, SECRET)
    wrapping.destroy(1)
    with pytest.raises(DangerousSetting):
        wrapping.unwrap(1, wrapped)
    wrapping.destroy(1)
    wrapping.begin(1)
    with pytest.raises(WrongWrappingKey):
        wrapping.unwrap(1, wrapped)


def test_files_and_modules_wrap_to_the_same_bytes(tmp_path: Path, token: Settings) -> None:
    """RFC 5649, whoever computes it: the token takes a key of which we know the bytes."""
    from pkcs11 import Attribute, KeyType, ObjectClass

    from application.token_keys import TokenKeys, label

    keys = wrapping_keys(token)
    assert isinstance(keys, TokenKeys)
    keys.destroy(77)
    keys._session.create_object(
        {
            Attribute.CLASS: ObjectClass.SECRET_KEY,
            Attribute.KEY_TYPE: KeyType.AES,
            Attribute.LABEL: label(77),
            Attribute.VALUE: SECRET,
            Attribute.TOKEN: False,
            Attribute.WRAP: True,
            Attribute.UNWRAP: True,
        }
    )
    assert keys.wrap(77, bytes(32)) == aes_key_wrap_with_padding(SECRET, bytes(32))
    keys.close()


def test_a_key_in_a_module_cannot_be_read_out(token: Settings) -> None:
    from pkcs11 import Attribute
    from pkcs11.exceptions import AttributeSensitive

    from application.token_keys import TokenKeys

    keys = wrapping_keys(token)
    assert isinstance(keys, TokenKeys)
    keys.begin(1)
    with pytest.raises(AttributeSensitive):
        keys._key(1)[Attribute.VALUE]
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
        keys.begin(1)
    program = tmp_path / "program"
    for script, said in (
        ("echo 'no \x1b[2J way' >&2; exit 1", "does not “wrap” for epoch 1"),
        ("exit 3", "no reason"),
        ("exit 0", "with 0 bytes"),
        ("head -c 5000 /dev/zero", "with 5,000 bytes"),
    ):
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o700)
        with pytest.raises(DangerousSetting, match=said) as refused:
            wrapping_keys(Settings(kms_command=program)).wrap(1, SECRET)
        assert str(refused.value).isprintable()


def test_a_key_service_gets_the_secret_on_its_input_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUHANG_PKCS11_PIN", "1234")
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\necho "$@"\nenv\nwc -c\n')
    program.chmod(0o700)
    told = wrapping_keys(Settings(kms_command=program)).wrap(7, SECRET).decode()
    assert told.splitlines()[0] == "wrap 7"
    assert told.splitlines()[-1].strip() == "32"
    assert "HUHANG" not in told


def test_wrapping_keys_are_in_one_place(tmp_path: Path) -> None:
    both = Settings(kms_command=tmp_path, pkcs11_module=tmp_path)
    with pytest.raises(DangerousSetting, match="both set"):
        wrapping_keys(both)


def test_a_wrapping_key_in_a_file_is_its_owners_alone(tmp_path: Path) -> None:
    FileKeys(tmp_path / "keys").begin(1)
    (path,) = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_new_key_is_stored_once(store: KeyStore, database: Database) -> None:
    key = Key(uuid4(), SECRET)
    store.keep(PEOPLE[0], key)
    store.keep(PEOPLE[0], key)
    assert store.keys_of(PEOPLE[0].record) == {"self": key}
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
            store.wrapping.unwrap(epoch, wrapped)


def test_a_rotation_that_was_stopped_goes_on(
    store: KeyStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = filled(store)
    monkeypatch.setattr("application.keystore.BATCH", 2)
    rewrap: Callable[..., int] = KeyStore.rewrap
    left = [1, 1]

    def stopped(self: KeyStore, *arguments: object) -> int:
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


def test_a_serving_process_rotates_when_it_is_due(store: KeyStore, clock: Clock) -> None:
    keys, stop = filled(store), threading.Event()
    clock.now += EPOCH
    thread = threading.Thread(target=keep_rotated, args=(store, stop, 0.01))
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while store.epoch() == 1 and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        stop.set()
        thread.join()
    assert store.epoch() == 2
    assert store.keys(list(keys)) == keys


def test_the_horizon_of_a_destruction_is_the_end_of_its_wrapping_key(
    store: KeyStore, clock: Clock
) -> None:
    began_at = clock.now
    clock.now += timedelta(days=12)
    destroyed_at = clock.now
    assert store.horizon_of(destroyed_at) == began_at + EPOCH
    clock.now += timedelta(days=20)
    assert store.horizon_of(destroyed_at) == clock.now, "the rotation is late"
    store.rotate()
    clock.now += timedelta(days=3)
    assert store.horizon_of(destroyed_at) == clock.now - timedelta(days=3)


def test_the_wrapping_key_of_another_installation_is_refused(
    database: Database, tmp_path: Path
) -> None:
    with open_store(database, FileKeys(tmp_path / "one")) as store:
        filled(store)
    with (
        open_store(database, FileKeys(tmp_path / "two")) as store,
        pytest.raises(DangerousSetting, match="is missing"),
    ):
        store.keys_of(PEOPLE[0].record)
    FileKeys(tmp_path / "two").begin(1)
    with (
        open_store(database, FileKeys(tmp_path / "two")) as store,
        pytest.raises(DangerousSetting, match="not the one"),
    ):
        store.keep(Whose(uuid4(), "self"), Key(uuid4(), SECRET))


def test_a_row_that_was_changed_opens_nothing(store: KeyStore, database: Database) -> None:
    filled(store)
    with psycopg.connect(database.administrator) as connection:
        connection.execute("update vault.key set wrapped = decode(repeat('00', 40), 'hex')")
    with pytest.raises(Unopened, match="something else"):
        store.keys_of(PEOPLE[0].record)
