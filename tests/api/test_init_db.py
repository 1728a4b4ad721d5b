"""A server of one's own: prepared once by its administrator, then used without him."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from api import cli
from application import embedded
from application.database import ROLES, Database
from application.embedded import embedded_server
from application.eventlog import Save
from application.fence import schema_fingerprint
from application.installation import set_password
from application.records import Records
from tests.author import AUTHOR
from tests.conftest import TEMPORARY

ODD = "p'a\\ss @:/%?&\"wörd=1"  # what a password may hold
HBA = """
local all postgres trust
host all all 127.0.0.1/32 scram-sha-256
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    """A server that asks everyone for a password over its network address; its superuser's URL."""
    with (
        pytest.MonkeyPatch.context() as patch,
        TemporaryDirectory(prefix="huhang-tests-", dir=TEMPORARY) as folder,
        socket.socket() as free,
    ):
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        patch.setattr(embedded, "PORT", port)
        cluster = Path(folder, "postgres")
        settings = {"listen_addresses": "'127.0.0.1'", "fsync": "off"}
        with embedded_server(cluster, **settings) as server:
            with psycopg.connect(server.owner, autocommit=True) as connection:
                set_password(connection, "postgres", ODD)
                (cluster / "pg_hba.conf").write_text(HBA)
                connection.execute("select pg_reload_conf()")
            yield make_conninfo(server.owner, host="127.0.0.1", port=port, password=ODD)


@pytest.fixture(scope="module")
def owner(root: str) -> str:
    """The URL of who administers a database without being a superuser, as clouds give it."""
    with psycopg.connect(root, autocommit=True) as connection:
        connection.execute("create role administrator login createrole")
        set_password(connection, "administrator", ODD)
        connection.execute("create database huhang owner administrator")
    port = conninfo_to_dict(root)["port"]
    return f"postgresql://administrator:{quote(ODD, safe='')}@127.0.0.1:{port}/huhang"


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with TemporaryDirectory(prefix="huhang-tests-") as folder:
        yield Path(folder, "home")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path) -> Run:
    """Run a command; returns its exit code, output and errors."""
    monkeypatch.setenv("HUHANG_HOME", str(home))
    monkeypatch.delenv("HUHANG_DATABASE_URL", raising=False)
    monkeypatch.delenv("HUHANG_OWNER_URL", raising=False)
    monkeypatch.setattr(cli.out, "width", 200)

    def command(*arguments: str, **environment: str) -> tuple[int, str, str]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.argv", ["huhang", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return command


@pytest.fixture
def address(run: Run, owner: str) -> str:
    """The prepared database, as init-db says it is to be named."""
    code, out, err = run("init-db", "--owner-url", owner)
    assert code == 0, err
    assert "administrator" not in out
    return out.split("HUHANG_DATABASE_URL='")[1].split("'")[0]


@pytest.fixture
def prepared(address: str, home: Path) -> Database:
    return Database(None, address, json.loads((home / "database.json").read_text()))


@pytest.fixture(scope="module")
def once(owner: str, home: Path) -> str:
    """The database prepared once, for tests that are refused all they try."""
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as said:
        patch.setenv("HUHANG_HOME", str(home))
        patch.delenv("HUHANG_DATABASE_URL", raising=False)
        patch.setattr("sys.argv", ["huhang", "init-db", "--owner-url", owner])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    assert ended.value.code == 0
    return said.getvalue().split("HUHANG_DATABASE_URL='")[1].split("'")[0]


@pytest.fixture
def fenced(once: str, home: Path) -> Database:
    return Database(None, once, json.loads((home / "database.json").read_text()))


def test_without_an_administrator_nothing_is_prepared(run: Run) -> None:
    code, _, err = run("init-db")
    assert code == 2
    assert "HUHANG_OWNER_URL" in err


def test_a_server_that_was_not_prepared_says_what_to_do(run: Run, owner: str, home: Path) -> None:
    code, _, err = run("status", HUHANG_DATABASE_URL=owner)
    assert code == 1
    assert "init-db" in err
    assert len(err.strip().splitlines()) == 1
    assert not home.exists()


def test_the_passwords_are_for_their_owner_only(address: str, home: Path) -> None:
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "database.json").stat().st_mode & 0o777 == 0o600
    passwords = json.loads((home / "database.json").read_text())
    assert set(passwords) == set(ROLES)
    assert all(len(password) >= 43 for password in passwords.values())


def test_a_year_is_loaded_by_the_owner_and_read_without_one(
    run: Run, address: str, owner: str
) -> None:
    simulate = ("simulate", "--scale", "1/1000", "--json")
    code, _, err = run(*simulate, HUHANG_DATABASE_URL=address)
    assert code == 1
    assert "HUHANG_OWNER_URL" in err
    code, _, err = run(*simulate, HUHANG_OWNER_URL=owner)
    assert code == 0, err
    code, out, err = run("status", "--json", HUHANG_OWNER_URL="postgresql://nobody@127.0.0.1:1/no")
    assert code == 0, err
    assert json.loads(out)["position"] > 1000
    assert run("rebuild", "--workers", "1")[0] == 0


def test_preparing_again_keeps_everything(
    run: Run, prepared: Database, owner: str, home: Path
) -> None:
    before = (home / "database.json").read_text()
    fence = fingerprint(prepared)
    assert run("init-db", HUHANG_OWNER_URL=owner)[0] == 0
    assert (home / "database.json").read_text() == before
    assert fingerprint(prepared) == fence, "nothing changed, so nothing rings"


LOST_AND_GAINED = (
    "revoke execute on function log.wait_for_writers from huhang_sealer",
    "grant execute on function log.load to public",
)


def test_preparing_again_gives_and_takes_the_rights_that_a_mistake_took_and_gave(
    run: Run, prepared: Database, owner: str, root: str
) -> None:
    with psycopg.connect(root, autocommit=True, dbname="huhang") as administrator:
        for mistake in LOST_AND_GAINED:
            administrator.execute(mistake)
    assert run("init-db", HUHANG_OWNER_URL=owner)[0] == 0
    with psycopg.connect(prepared.sealer) as sealer:
        sealer.execute("select log.wait_for_writers()")
    with (
        psycopg.connect(prepared.reader) as reader,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        reader.execute("select log.load()")


def test_the_login_of_who_only_checks_prepares_nothing(run: Run, owner: str) -> None:
    code, _, err = run("init-db", HUHANG_OWNER_URL=owner, HUHANG_READER_URL=owner)
    assert (code, "HUHANG_READER_URL is set" in err) == (1, True)


def fingerprint(prepared: Database) -> str:
    with psycopg.connect(prepared.reader) as connection:
        return schema_fingerprint(connection)


def test_another_installation_is_told_and_may_renew_the_passwords(
    run: Run, prepared: Database, owner: str, tmp_path: Path, home: Path
) -> None:
    assert prepared.address is not None
    others = {"HUHANG_DATABASE_URL": prepared.address, "HUHANG_HOME": str(tmp_path)}
    ours = {**others, "HUHANG_HOME": str(home)}
    code, _, err = run("init-db", "--owner-url", owner, **others)
    assert code == 1
    assert "--renew-passwords" in err
    assert len(err.strip().splitlines()) == 1
    code, _, err = run("init-db", "--owner-url", owner, "--renew-passwords", **others)
    assert code == 0, err
    assert run("status", **others)[0] == 0
    code, _, err = run("status", **ours)
    assert code == 1
    assert "huhang_application" in err
    assert "init-db" in err
    assert len(err.strip().splitlines()) == 1
    (tmp_path / "database.json").rename(home / "database.json")
    assert run("status", **ours)[0] == 0


def test_passwords_are_shown_only_when_asked_for(
    run: Run, prepared: Database, address: str, owner: str
) -> None:
    environment = {"HUHANG_DATABASE_URL": address, "HUHANG_OWNER_URL": owner}
    _, out, _ = run("database", "--json", **environment)
    hidden = json.loads(out)
    assert set(hidden) == {name.removeprefix("huhang_") for name in ROLES} | {"owner"}
    assert "password" not in out
    _, out, _ = run("database", "--json", "--show-passwords", **environment)
    assert json.loads(out)["reader"] == prepared.reader
    psycopg.connect(json.loads(out)["owner"]).close()
    assert "password" not in run("database")[1]


def test_a_password_may_hold_anything(run: Run, prepared: Database, root: str, home: Path) -> None:
    assert prepared.address is not None
    with psycopg.connect(root, autocommit=True, dbname="huhang") as connection:
        set_password(connection, "huhang_application", ODD)
    passwords = {**prepared.passwords, "huhang_application": ODD}
    (home / "database.json").write_text(json.dumps(passwords))
    assert run("status", HUHANG_DATABASE_URL=prepared.address)[0] == 0
    records = Records(Database(None, prepared.address, passwords), AUTHOR)
    save = Save()
    records.recorder.insert_events([StoredEvent(uuid4(), 1, "thing.happened.v1", b"{}")], save=save)
    assert save.receipt is not None
    assert records.recorder.receipt_of(save.request, b"") == save.receipt
    records.close()


FORBIDDEN = (
    "set role huhang_owner",
    "set role administrator",
    "set role postgres",
    "set session authorization administrator",
    "insert into log.event values (1, gen_random_uuid(), 1, 'a.b.v1', '', now())",
    "update log.event set topic = topic",
    "delete from log.event",
    "truncate log.event",
    "insert into log.request default values",
    "update log.schema_version set version = 9",
    "lock table log.append_lock in access share mode",
    "lock table log.event in exclusive mode",
    "alter table log.event disable trigger event_is_final",
    "select log.load()",
    "insert into log.staged default values",
    "create table log.mine ()",
    "create table public.mine ()",
    "create temporary table mine ()",
    "alter role huhang_application superuser",
    "create role another",
)


@pytest.mark.parametrize("role", ["application", "projector", "sealer", "vault", "reader"])
@pytest.mark.parametrize("statement", FORBIDDEN)
def test_no_login_of_the_system_gets_past_the_fence(
    fenced: Database, role: str, statement: str
) -> None:
    with (
        psycopg.connect(getattr(fenced, role)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


@pytest.mark.parametrize("role", ["application", "projector", "sealer", "vault", "reader"])
def test_no_role_is_left_to_go_back_to(fenced: Database, role: str) -> None:
    with psycopg.connect(getattr(fenced, role)) as connection:
        connection.execute("set role none")
        connection.execute("reset session authorization")
        found = connection.execute("select session_user::text, current_user::text").fetchone()
        assert found == (f"huhang_{role}", f"huhang_{role}")


def test_nobody_else_enters_the_database(root: str, prepared: Database) -> None:
    with psycopg.connect(root, autocommit=True) as connection:
        connection.execute("create role stranger login")
        set_password(connection, "stranger", ODD)
    stranger: dict[str, Any] = {"user": "stranger", "password": ODD}
    psycopg.connect(root, **stranger).close()
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(root, **stranger, dbname="huhang")
