"""The log is installed once and checked ever after; a database that cannot be used says why."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from application import database as module
from application.database import (
    ROLES,
    SCHEMA_VERSION,
    SESSION,
    Database,
    DatabaseUnavailable,
    install,
    nameless,
)
from application.installation import open_database
from application.settings import DangerousSetting, Settings


def test_an_installation_starts_and_installs_its_own_server(tmp_path: Path) -> None:
    with (
        open_database(Settings(home=tmp_path, database_url=None)) as database,
        psycopg.connect(database.reader) as connection,
    ):
        assert connection.execute("select count(*) from log.event").fetchone() == (0,)
    assert (tmp_path / "postgres" / "PG_VERSION").exists()


def test_a_server_by_url_is_used_as_it_is_and_no_other_started(
    database: Database, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, database_url=nameless(database.administrator))
    with open_database(settings) as found, psycopg.connect(found.reader) as connection:
        assert connection.execute("select count(*) from log.event").fetchone() == (0,)
        with pytest.raises(DatabaseUnavailable, match="HUHANG_OWNER_URL"):
            print(found.owner)
    assert list(tmp_path.iterdir()) == []


def test_a_server_by_url_without_a_log_is_not_installed_by_the_way(
    empty_database: Database, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, database_url=empty_database.administrator)
    with (
        pytest.raises(DatabaseUnavailable, match=r"holds no log yet.*huhang init-db"),
        open_database(settings),
    ):
        pass
    with psycopg.connect(empty_database.administrator) as connection:
        assert connection.execute("select to_regnamespace('log')").fetchone() == (None,)


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (2, "has schema 2, .*begin a new log"),
        (SCHEMA_VERSION + 1, f"knows {SCHEMA_VERSION}; update"),
    ],
)
def test_a_server_by_url_with_another_schema_is_refused(
    database: Database, tmp_path: Path, version: int, said: str
) -> None:
    with psycopg.connect(database.administrator) as connection:
        connection.execute("update log.schema_version set version = %s", (version,))
    settings = Settings(home=tmp_path, database_url=database.administrator)
    with pytest.raises(DatabaseUnavailable, match=said), open_database(settings):
        pass


@pytest.mark.parametrize(
    ("mistake", "repair", "said"),
    [
        ("alter role {role} superuser", "alter role {role} nosuperuser", "bypass the rules"),
        ("alter role {role} createrole", "alter role {role} nocreaterole", "bypass the rules"),
        ("alter role {role} createdb", "alter role {role} nocreatedb", "bypass the rules"),
        ("alter role {role} bypassrls", "alter role {role} nobypassrls", "bypass the rules"),
        ("alter role {role} replication", "alter role {role} noreplication", "bypass the rules"),
        (
            "grant huhang_owner to {role}",
            "revoke huhang_owner from {role}",
            "{role} is a member of huhang_owner",
        ),
        (
            "grant pg_write_all_data to {role}",
            "revoke pg_write_all_data from {role}",
            "{role} can write log.*; {role} is a member of pg_write_all_data",
        ),
        ("alter role huhang_owner login", "alter role huhang_owner nologin", "owner can log in"),
        ("grant insert on log.event to {role}", "", "{role} can write log.event"),
        ("grant update (topic) on log.event to {role}", "", "{role} can write log.event"),
        ("grant delete on log.request to public", "", "{role} can write log.request"),
        ("grant truncate on log.append_lock to {role}", "", "{role} can write log.append_lock"),
    ],
)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_could_get_past_the_fence_stops_everything(
    database: Database, tmp_path: Path, role: str, mistake: str, repair: str, said: str
) -> None:
    settings = Settings(home=tmp_path, database_url=database.administrator)
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute(mistake.format(role=role))
        try:
            with (
                pytest.raises(DangerousSetting, match=said.format(role=role)),
                open_database(settings),
            ):
                pass
        finally:
            connection.execute(repair.format(role=role))


@pytest.mark.parametrize("right", ["select", "insert", "update", "delete", "truncate"])
@pytest.mark.parametrize("role", ["application", "projector", "sealer", "identity", "reader"])
def test_a_role_that_could_use_the_keys_of_personal_data_stops_everything(
    database: Database, tmp_path: Path, role: str, right: str
) -> None:
    settings = Settings(home=tmp_path, database_url=database.administrator)
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute(f"grant {right} on vault.key to huhang_{role}")
    said = f"huhang_{role} can use vault.key"
    with pytest.raises(DangerousSetting, match=said), open_database(settings):
        pass


@pytest.mark.parametrize("right", ["select", "insert", "update", "delete", "truncate"])
@pytest.mark.parametrize("role", ["application", "projector", "sealer", "vault", "reader"])
def test_a_role_that_could_use_what_proves_who_somebody_is_stops_everything(
    database: Database, tmp_path: Path, role: str, right: str
) -> None:
    settings = Settings(home=tmp_path, database_url=database.administrator)
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute(f"grant {right} on identity.password to huhang_{role}")
    said = f"huhang_{role} can use identity.password"
    with pytest.raises(DangerousSetting, match=said), open_database(settings):
        pass


def test_nobody_else_uses_the_database(database: Database) -> None:
    query = (
        "select has_database_privilege('public', current_database(), 'connect'),"
        " has_database_privilege('public', current_database(), 'temporary'),"
        " has_schema_privilege('public', 'public', 'create')"
    )
    with psycopg.connect(database.administrator) as connection:
        assert connection.execute(query).fetchone() == (False, False, False)


@pytest.mark.parametrize(
    ("kept", "mode", "error"),
    [
        ("{", 0o600, DatabaseUnavailable),
        ("[]", 0o600, DatabaseUnavailable),
        ('{"huhang_reader": 1}', 0o600, DatabaseUnavailable),
        ("{}", 0o640, DangerousSetting),
    ],
)
def test_a_file_of_passwords_that_is_broken_or_open_to_others_is_told(
    database: Database, tmp_path: Path, kept: str, mode: int, error: type[Exception]
) -> None:
    (tmp_path / "database.json").write_text(kept)
    (tmp_path / "database.json").chmod(mode)
    settings = Settings(home=tmp_path, database_url=database.administrator)
    with pytest.raises(error, match=r"database\.json"), open_database(settings):
        pass


def test_installing_again_changes_nothing(database: Database) -> None:
    query = "select relname, oid, relfilenode from pg_class order by oid"
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        before = connection.execute(query).fetchall()
        install(database)
        assert connection.execute(query).fetchall() == before


def test_a_log_that_cannot_be_proven_is_refused(database: Database) -> None:
    with psycopg.connect(database.administrator) as connection:
        connection.execute("update log.schema_version set version = 2")
    with pytest.raises(DatabaseUnavailable, match=r"has schema 2, .*begin a new log"):
        install(database)


def test_of_two_installers_at_once_one_installs(empty_database: Database) -> None:
    with ThreadPoolExecutor() as threads:
        for installed in [threads.submit(install, empty_database) for _ in range(2)]:
            installed.result()


def test_an_installation_that_fails_leaves_nothing(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    statement = module.statement
    monkeypatch.setattr(
        module, "statement", lambda name: b"nonsense" if name == "grants.sql" else statement(name)
    )
    with pytest.raises(DatabaseUnavailable):
        install(empty_database)
    with psycopg.connect(empty_database.administrator) as connection:
        assert connection.execute("select to_regnamespace('log')").fetchone() == (None,)


def test_a_database_of_a_newer_schema_is_refused(database: Database) -> None:
    with psycopg.connect(database.administrator) as connection:
        connection.execute("update log.schema_version set version = version + 1")
    with pytest.raises(DatabaseUnavailable, match=f"knows {SCHEMA_VERSION}; update the program"):
        install(database)


def test_a_server_too_old_is_refused(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "OLDEST_SERVER", 990000)
    with pytest.raises(DatabaseUnavailable, match=r"is PostgreSQL \d+; install 99 or newer"):
        install(empty_database)


@pytest.mark.parametrize("address", ["host={nowhere}", "postgresql://127.0.0.1:1/huhang"])
def test_a_server_that_does_not_answer_is_told(tmp_path: Path, address: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=r"does not answer.*check HUHANG_OWNER_URL"):
        install(Database(address.format(nowhere=tmp_path)))
    settings = Settings(home=tmp_path, database_url=address.format(nowhere=tmp_path))
    with (
        pytest.raises(DatabaseUnavailable, match=r"does not answer.*check HUHANG_DATABASE_URL"),
        open_database(settings),
    ):
        pass


def test_a_url_that_is_none_is_told(tmp_path: Path) -> None:
    nonsense = "the big server in the basement"
    with pytest.raises(DatabaseUnavailable, match="HUHANG_OWNER_URL must name"):
        install(Database(nonsense))
    settings = Settings(home=tmp_path, database_url=nonsense)
    with (
        pytest.raises(DatabaseUnavailable, match="HUHANG_DATABASE_URL must name"),
        open_database(settings),
    ):
        pass


def test_a_user_who_may_not_install_is_told(database: Database, empty_database: Database) -> None:
    weak = Database(make_conninfo(empty_database.administrator, user="huhang_reader"))
    with pytest.raises(DatabaseUnavailable, match="may create roles and schemas"):
        install(weak)


@pytest.mark.parametrize("role", ["application", "projector", "sealer", "vault", "reader"])
def test_on_the_embedded_server_each_role_logs_in_by_itself(database: Database, role: str) -> None:
    with psycopg.connect(getattr(database, role)) as connection:
        assert connection.execute("select session_user").fetchone() == (f"huhang_{role}",)


@pytest.mark.parametrize("role", ["application", "projector", "sealer", "vault", "reader"])
def test_on_a_server_by_url_each_role_logs_in_with_its_own_password(role: str) -> None:
    address = "postgresql://admin:secret@db.example:5433/huhang?sslmode=verify-full"
    odd = "p'a\\ss @:/%?&\"word=1"
    far = Database(None, address, {f"huhang_{role}": odd})
    parts = conninfo_to_dict(getattr(far, role))
    assert parts == {
        "host": "db.example",
        "port": "5433",
        "dbname": "huhang",
        "sslmode": "verify-full",
        "user": f"huhang_{role}",
        "password": odd,
        "options": SESSION,
    }
    assert "password" not in conninfo_to_dict(getattr(Database(None, address), role))
    assert "secret" not in repr(Database(address, address, {"huhang_reader": "secret"}))
