"""The log is installed once and checked ever after; a database that cannot be used says why."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from application import database as module
from application import embedded, server_settings
from application.database import (
    ROLES,
    SCHEMA_VERSION,
    SESSION,
    Database,
    DatabaseUnavailable,
    administering,
    check,
    impatient,
    install,
    nameless,
    schema_version,
    statement,
)
from application.embedded import embedded_server
from application.fence import schema_fingerprint
from application.installation import init_database, open_as_it_is, open_database
from application.log_writer import Writer
from application.recorder import datastore_of
from application.settings import DangerousSetting, Settings
from tests.conftest import CARELESS, TEMPORARY

FSYNC = server_settings.NEEDED["fsync"]  # before the tests waive it for their own server


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


@pytest.fixture
def stranger(database: Database) -> Iterator[str]:
    """A role that may log in and is none of ours, as another program on the server has one."""
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute("create role stranger login")
        yield "stranger"
        connection.execute("reassign owned by stranger to current_user")
        connection.execute("drop owned by stranger; drop role stranger")


def told(database: Database) -> str:
    """What a start says of this database, whose log is there to be inspected all the same."""
    settings = Settings(database_url=nameless(database.administrator))
    with open_as_it_is(settings) as inspected, psycopg.connect(inspected.reader) as connection:
        connection.execute("select from log.schema_version")
    with pytest.raises(DangerousSetting) as refused, open_database(settings):
        pass
    return str(refused.value)


GRANTED = {
    "select on identity.password": "revoke SELECT on table identity.password from stranger",
    "select (wrapped) on vault.key": "revoke SELECT (wrapped) on table vault.key from stranger",
    "usage on schema vault": "revoke USAGE on schema vault from stranger",
    "select on log.event": "revoke SELECT on table log.event from stranger",
    "insert on seal.checkpoint": "revoke INSERT on table seal.checkpoint from stranger",
    "create on schema log": "revoke CREATE on schema log from stranger",
    "execute on function log.load()": "revoke EXECUTE on routine log.load() from stranger",
    "execute on function log.hold_writers()": "on routine log.hold_writers() from stranger",
    "execute on function log.append": "from stranger",
    "huhang_identity": "revoke huhang_identity from stranger",
    "huhang_owner": "stranger can become huhang_owner",
    "pg_read_all_data": "revoke pg_read_all_data from stranger",
}


@pytest.mark.parametrize("right", GRANTED)
def test_whoever_else_may_do_anything_with_the_log_stops_everything(
    database: Database, stranger: str, right: str
) -> None:
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute(f"grant {right} to {stranger}")
    assert GRANTED[right] in told(database)


def test_what_everybody_may_and_what_a_role_of_ours_may_beyond_its_work_stops_everything(
    database: Database,
) -> None:
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute(
            "grant select on identity.session to public;"
            "grant execute on function log.load to huhang_reader;"
            "grant create on schema vault to huhang_vault"
        )
    said = told(database)
    assert "revoke SELECT on table identity.session from public" in said
    assert "revoke EXECUTE on routine log.load() from huhang_reader" in said
    assert "revoke CREATE on schema vault from huhang_vault" in said


BEYOND = {
    "update, delete on vault.destroyed to huhang_vault": (
        "revoke DELETE, UPDATE on table vault.destroyed from huhang_vault"
    ),
    "update on vault.epoch to huhang_vault": "revoke UPDATE on table vault.epoch from huhang_vault",
    "update on vault.key to huhang_vault": "revoke UPDATE on table vault.key from huhang_vault",
    "update (record) on vault.key to huhang_vault": (
        "revoke UPDATE (record) on table vault.key from huhang_vault"
    ),
    "update, delete on vault.erasure to huhang_vault": (
        "revoke DELETE, UPDATE on table vault.erasure from huhang_vault"
    ),
    "update on identity.factor to huhang_identity": (
        "revoke UPDATE on table identity.factor from huhang_identity"
    ),
    "update on identity.login to huhang_identity": (
        "revoke UPDATE on table identity.login from huhang_identity"
    ),
    "select on vault.key to huhang_vault with grant option": (
        "revoke grant option for SELECT on table vault.key from huhang_vault cascade"
    ),
    "select on log.event to huhang_reader with grant option": (
        "revoke grant option for SELECT on table log.event from huhang_reader cascade"
    ),
    "update (wrapped) on vault.key to huhang_vault with grant option": (
        "revoke grant option for UPDATE (wrapped) on table vault.key from huhang_vault cascade"
    ),
    "execute on function log.hold_writers() to huhang_projector with grant option": (
        "revoke grant option for EXECUTE on routine log.hold_writers() from huhang_projector "
        "cascade"
    ),
    "create on schema public to public": "revoke CREATE on schema public from public",
    "create on schema public to huhang_reader": "revoke CREATE on schema public from huhang_reader",
    "connect, create, temporary on database {name} to public": (
        "revoke CONNECT, CREATE, TEMPORARY on database {name} from public"
    ),
    "create on database {name} to huhang_vault": (
        "revoke CREATE on database {name} from huhang_vault"
    ),
}


@pytest.mark.parametrize("right", BEYOND)
def test_a_right_beyond_those_that_are_granted_stops_everything_until_it_is_taken_back(
    database: Database, right: str
) -> None:
    name = conninfo_to_dict(database.administrator)["dbname"]
    remedy = BEYOND[right].format(name=name)
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute(f"grant {right.format(name=name)}")
        said = told(database)
        assert remedy in said
        connection.execute(remedy)
        if "run huhang init-db" in said:
            connection.execute(statement("grants.sql"))
    check(database)
    needed = "select has_column_privilege('vault.key', 'wrapped', 'update')"
    with psycopg.connect(database.vault) as vault:
        assert vault.execute(needed).fetchone() == (True,)


PEEK = (
    "create function {} returns bigint language sql security definer"
    " as 'select count(*) from vault.key'"
)
TRIGGERED = (
    "create table public.t (x text);"
    "create function public.peek() returns trigger language plpgsql security definer"
    " as $$ begin new.x := (select count(*)::text from vault.key); return new; end $$;"
    "revoke execute on function public.peek() from public;"
    "create trigger peek before insert on public.t for each row execute function public.peek()"
)
ON_EVENT = (
    "create function public.peek() returns event_trigger language plpgsql security definer"
    " as $$ begin end $$;"
    "revoke execute on function public.peek() from public;"
    "create event trigger peek on ddl_command_end execute function public.peek()"
)
SUMMED = (
    "create function public.peek(bigint, text) returns bigint language sql security definer"
    " as 'select count(*) from vault.key';"
    "revoke execute on function public.peek(bigint, text) from public;"
    "create aggregate public.peeked(text) (sfunc = public.peek, stype = bigint)"
)
BACK_DOORS = {
    PEEK.format("pg_catalog.peek()"): "drop routine peek()",
    PEEK.format("information_schema.peek()"): "drop routine information_schema.peek()",
    PEEK.format("public.peek()") + "; alter extension plpgsql add function public.peek()": (
        "alter extension plpgsql drop routine public.peek(); drop routine public.peek()"
    ),
    TRIGGERED: "drop routine public.peek()",
    ON_EVENT: "drop routine public.peek()",
    SUMMED: "drop routine public.peek(bigint,text)",
    "create function public.peek(text) returns bytea language internal"
    " as 'pg_read_binary_file_all'": "drop routine public.peek(text)",
    "grant execute on function pg_read_binary_file(text) to huhang_reader": (
        "revoke EXECUTE on routine pg_read_binary_file(text) from huhang_reader"
    ),
    "update pg_proc set proacl = null where oid = 'pg_read_file(text)'::regprocedure": (
        "revoke EXECUTE on routine pg_read_file(text) from public"
    ),
    "grant alter system on parameter archive_command to huhang_reader": (
        "revoke ALTER SYSTEM on parameter archive_command from huhang_reader"
    ),
    "grant set on parameter session_replication_role to public": (
        "revoke SET on parameter session_replication_role from public"
    ),
    "grant select on pg_authid to huhang_reader": (
        "revoke SELECT on table pg_authid from huhang_reader"
    ),
    "grant select (stavalues1) on pg_statistic to public": (
        "revoke SELECT (stavalues1) on table pg_statistic from public"
    ),
    "grant create on schema pg_catalog to huhang_vault": (
        "revoke CREATE on schema pg_catalog from huhang_vault"
    ),
    "update pg_language set lanpltrusted = true where lanname = 'c'": (
        "update pg_language set lanpltrusted = false where lanname = 'c'"
    ),
    "create schema anywhere; create view anywhere.peek as select * from vault.key": (
        "anywhere.peek shows or changes vault.key"
    ),
    "create table public.t (x text);"
    "create rule peek as on insert to public.t do also select * from identity.password": (
        "public.t shows or changes identity.password"
    ),
}


@pytest.mark.parametrize("opened", BACK_DOORS)
def test_a_way_in_by_what_is_postgresqls_own_or_what_calls_for_others_stops_everything(
    database: Database, opened: str
) -> None:
    remedy = BACK_DOORS[opened]
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        before = schema_fingerprint(connection)
        try:
            connection.execute(opened)
            assert remedy in told(database)
            assert schema_fingerprint(connection) != before, "and a running system notices"
            if not remedy.startswith(("public.t", "anywhere")):
                connection.execute(f"{remedy}{' cascade' * remedy.startswith('drop')}")
                check(database)
        finally:  # what is granted on parameters is granted in all databases of the server
            connection.execute(
                "revoke all on parameter archive_command from huhang_reader;"
                "revoke all on parameter session_replication_role from public"
            )


def test_the_event_trigger_of_an_extensions_library_stops_nobody(database: Database) -> None:
    """As pgaudit has them; here a library that is there takes the place of its own."""
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute(
            "create function public.audit() returns event_trigger language c security definer"
            " as '$libdir/plpgsql', 'plpgsql_call_handler'"
        )
        assert "public.audit()" in told(database)
        connection.execute("alter extension plpgsql add function public.audit()")
        check(database)


def test_the_fence_means_all_rights_that_a_new_log_gives_and_no_other(database: Database) -> None:
    known = statement("fence.sql").decode().partition("\nselect ")[0]
    rights = "select grantee::regrole::text, kind, thing, words from {}"
    ours = " where grantee in (select oid from ours where rolname <> 'huhang_owner')"
    with psycopg.connect(database.application) as connection:
        meant = connection.execute(known + rights.format("meant")).fetchall()  # type: ignore[arg-type]
        granted = connection.execute(
            known + rights.format("granted") + ours  # type: ignore[arg-type]
        ).fetchall()
    assert sorted(meant) == sorted(granted)


def test_a_function_of_the_same_name_as_one_of_ours_is_none_of_ours(database: Database) -> None:
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute(
            "create function log.append(integer) returns integer language sql security definer"
            " as 'select 1';"
            "alter function log.append(integer) owner to huhang_owner;"
            "revoke all on function log.append(integer) from public;"
            "grant execute on function log.append(integer) to huhang_application"
        )
    said = told(database)
    assert "revoke EXECUTE on routine log.append(integer) from huhang_application" in said
    assert "log.append(integer) runs with the rights of huhang_owner for others" in said


DEFAULTS = {
    "in schema vault grant select on tables to huhang_reader": (
        "alter default privileges for role postgres in schema vault revoke all on tables "
        "from huhang_reader"
    ),
    "for role huhang_owner in schema identity grant select on tables to public": (
        "alter default privileges for role huhang_owner in schema identity revoke all on tables "
        "from public"
    ),
    "for role huhang_projector grant select on tables to stranger": (
        "alter default privileges for role huhang_projector revoke all on tables from stranger"
    ),
    "for role huhang_owner grant execute on routines to stranger": (
        "alter default privileges for role huhang_owner revoke all on routines from stranger"
    ),
}


@pytest.mark.parametrize("default", DEFAULTS)
def test_a_right_on_what_will_be_made_stops_everything_until_it_is_taken_back(
    database: Database, stranger: str, default: str
) -> None:
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute(f"alter default privileges {default}")
        assert DEFAULTS[default] in told(database)
        connection.execute(DEFAULTS[default])
    check(database)


def test_defaults_of_others_elsewhere_are_their_own(database: Database, stranger: str) -> None:
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute("alter default privileges grant select on tables to stranger")
        connection.execute(
            "alter default privileges for role huhang_owner revoke execute on routines from public"
        )
        check(database)
        connection.execute("alter default privileges revoke select on tables from stranger")


PASSED_OVER = {
    "update pg_class set relhastriggers = false where oid = 'log.event'::regclass": (
        "update pg_class set relhastriggers = true where oid = 'log.event'::regclass"
    ),
    "update pg_class set relhastriggers = false where oid = 'vault.term'::regclass": (
        "update pg_class set relhastriggers = true where oid = 'vault.term'::regclass"
    ),
    "update pg_class set relhasindex = false where oid = 'vault.destroyed'::regclass": (
        "update pg_class set relhasindex = true where oid = 'vault.destroyed'::regclass"
    ),
    "update pg_class set relchecks = 0 where oid = 'seal.tile'::regclass": (
        "update pg_class set relchecks = 4 where oid = 'seal.tile'::regclass"
    ),
    "update pg_index set indisready = false where indexrelid = 'log.event_pkey'::regclass": (
        "reindex index log.event_pkey"
    ),
    "update pg_index set indisvalid = false where indexrelid = 'vault.one_store'::regclass": (
        "reindex index vault.one_store"
    ),
    "update pg_index set indislive = false where indexrelid = 'vault.key_epoch'::regclass": (
        "reindex index vault.key_epoch"
    ),
    "update pg_index set indisunique = false where indexrelid = 'log.request_pkey'::regclass": (
        "update pg_index set indisunique = true, indimmediate = true where indexrelid = "
        "'log.request_pkey'::regclass"
    ),
    "update pg_index set indimmediate = false where indexrelid = 'vault.one_store'::regclass": (
        "update pg_index set indisunique = true, indimmediate = true where indexrelid = "
        "'vault.one_store'::regclass"
    ),
}


@pytest.mark.parametrize("attack", PASSED_OVER)
def test_what_the_server_was_told_to_pass_over_stops_everything_until_it_is_told_again(
    database: Database, attack: str
) -> None:
    """It shows only as long as it lasts: nothing of it stays in the catalogue."""
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute(attack)
        assert PASSED_OVER[attack] in told(database)
        connection.execute(PASSED_OVER[attack])
    check(database)


def test_a_trigger_that_the_server_passes_over_refuses_nothing(database: Database) -> None:
    """Why a start asks for it: enabled always, and yet silent."""
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever appended to"):
            connection.execute("delete from log.event")
        connection.execute(
            "update pg_class set relhastriggers = false where oid = 'log.event'::regclass"
        )
        connection.execute("delete from log.event")


def test_no_setting_waives_what_a_start_asks(database: Database, tmp_path: Path) -> None:
    """The login of who checks the log opens it for nothing else, whatever the fence is like."""
    reading = make_conninfo(database.administrator, user="huhang_reader")
    settings = Settings(home=tmp_path, reader_url=reading)
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute("grant select on vault.key to public")
    with pytest.raises(DangerousSetting, match="HUHANG_READER_URL is set"), open_database(settings):
        pass


@pytest.mark.parametrize("role", ROLES)
def test_who_checks_under_his_own_login_gets_no_other(
    database: Database, tmp_path: Path, role: str
) -> None:
    reading = make_conninfo(database.administrator, user="huhang_reader")
    with open_as_it_is(Settings(home=tmp_path, reader_url=reading)) as opened:
        with psycopg.connect(opened.reader) as connection:
            assert connection.execute("select session_user").fetchone() == ("huhang_reader",)
        with pytest.raises(DangerousSetting, match="HUHANG_READER_URL is set"):
            opened.login(role)


FALLEN = {
    "alter table vault.key owner to stranger": "vault.key belongs to stranger",
    "create function public.peek() returns setof vault.key language sql security definer as "
    "'select * from vault.key'": "peek() runs with the rights of",
    "create view public.peek as select hash from identity.password": "peek shows or changes "
    "identity.password",
    "create rule quiet as on insert to log.request do instead nothing": "rule quiet on log.request",
    "drop trigger event_is_final on log.event": "trigger event_is_final of log.event is missing",
    "alter table log.event disable trigger event_is_final": "event_is_final of log.event",
    "alter table seal.tile enable trigger tile_is_final": "trigger tile_is_final of seal.tile",
    "drop trigger event_is_final on log.event; create trigger event_is_final before update of "
    "topic on log.event for each statement execute function log.refuse(); alter table log.event "
    "enable always trigger event_is_final": "trigger event_is_final of log.event",
    "create trigger more before insert on log.event for each row execute function log.refuse()": (
        "drop trigger more on log.event"
    ),
    "alter table vault.term disable trigger all": "alter table vault.term enable trigger all",
    "alter table log.event enable row level security": "log.event hides rows",
    "alter table vault.epoch force row level security": "vault.epoch hides rows",
    "create policy few on seal.tile using (level > 0)": "drop policy few on seal.tile",
    "alter role huhang_vault in database {name} set session_replication_role = replica": (
        "alter role huhang_vault in database {name} reset session_replication_role"
    ),
    "alter role postgres in database {name} set session_replication_role = replica": (
        "alter role postgres in database {name} reset session_replication_role"
    ),
}


@pytest.mark.parametrize("attack", FALLEN)
def test_a_fence_that_was_taken_away_stops_everything(
    database: Database, stranger: str, attack: str
) -> None:
    name = conninfo_to_dict(database.administrator)["dbname"]
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute(attack.format(name=name))
    assert FALLEN[attack].format(name=name) in told(database)


def test_a_server_that_could_lose_what_is_recorded_is_refused_in_all_that_it_lacks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As it is made by `initdb --no-data-checksums`, and set up to be quick."""
    monkeypatch.setitem(server_settings.NEEDED, "fsync", FSYNC)
    with TemporaryDirectory(prefix="huhang-tests-", dir=TEMPORARY) as folder:
        home, cluster = Path(folder, "home"), Path(folder, "postgres")
        with embedded_server(cluster, **CARELESS, full_page_writes="off"):
            pass
        program = embedded.PROGRAMS / "pg_checksums"
        subprocess.run([program, "--disable", "-D", cluster], check=True, capture_output=True)
        with embedded_server(cluster) as server:
            for refused in (partial(init_database, server.owner, home), partial(install, server)):
                with pytest.raises(DangerousSetting) as said:
                    refused()
                for setting in ("fsync", "full_page_writes", "data_checksums"):
                    assert f"{setting} is off, so that" in str(said.value)
            with psycopg.connect(server.owner) as connection:
                assert connection.execute("select to_regnamespace('log')").fetchone() == (None,)


def test_a_database_that_knows_no_letters_is_refused(server: Database) -> None:
    with psycopg.connect(server.administrator, autocommit=True) as connection:
        connection.execute(
            "create database bytes template template0 encoding 'SQL_ASCII' locale 'C'"
        )
        try:
            with pytest.raises(DangerousSetting, match=r"server_encoding is SQL_ASCII.*UTF8"):
                install(Database(make_conninfo(server.administrator, dbname="bytes")))
        finally:
            connection.execute("drop database bytes")


@pytest.mark.parametrize("whose", ["database {name}", "role huhang_application in database {name}"])
def test_no_default_of_the_server_makes_a_commit_that_a_crash_loses(
    database: Database, whose: str
) -> None:
    name = conninfo_to_dict(database.administrator)["dbname"]
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute(f"alter {whose.format(name=name)} set synchronous_commit = off")
    for role in ROLES:
        with psycopg.connect(database.login(role)) as connection:
            assert connection.execute("show synchronous_commit").fetchone() == ("on",)
    datastore = datastore_of(database.application)
    writer = Writer(dict(datastore.pool.kwargs), "app1")
    assert writer._connection.execute("show synchronous_commit").fetchone() == ("on",)
    writer.close()
    datastore.close()


def test_no_statement_of_ours_is_compiled_before_it_runs(database: Database) -> None:
    """As PostgreSQL by default does with what it thinks dear, such as a look at the fence."""
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute(f"alter database {connection.info.dbname} set jit = on")
    with psycopg.connect(database.administrator) as stock:
        assert stock.execute("show jit").fetchone() == ("on",)
    own = Database(None, nameless(database.administrator), reading=database.administrator)
    for conninfo in (*map(database.login, ROLES), own.reader, impatient(own.reader)):
        with psycopg.connect(conninfo) as session:
            assert session.execute("show jit").fetchone() == ("off",)
    with administering(database.owner) as session:
        assert session.execute("show jit").fetchone() == ("off",)
    datastore = datastore_of(database.application)
    writer = Writer(dict(datastore.pool.kwargs), "app1")
    assert writer._connection.execute("show jit").fetchone() == ("off",)
    writer.close()
    datastore.close()


def test_a_start_is_refused_where_the_options_of_a_connection_are_lost_on_the_way(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SESSION", "")  # the server of these tests has it off
    assert "synchronous_commit is off" in told(database)


@pytest.mark.parametrize("whose", ["database {name}", "role huhang_vault in database {name}"])
def test_a_session_in_which_triggers_stay_silent_is_refused(database: Database, whose: str) -> None:
    name = conninfo_to_dict(database.administrator)["dbname"]
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute(
            f"alter {whose.format(name=name)} set session_replication_role = replica"
        )
    assert "session_replication_role" in told(database)


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


def test_who_waits_for_another_installer_sees_what_he_installed(empty_database: Database) -> None:
    # A small schema: one as large as ours makes PostgreSQL forget by the way what it remembers.
    with (
        psycopg.connect(empty_database.administrator) as first,
        psycopg.connect(empty_database.administrator) as second,
    ):
        first.execute("create schema log create table schema_version (version int)")
        first.execute("insert into log.schema_version values (7)")
        assert schema_version(second) is None
        first.commit()
        assert schema_version(second) == 7


def test_no_lock_of_a_reader_keeps_a_log_from_being_opened(
    database: Database,
) -> None:
    impatient = Database(make_conninfo(database.owner, options="-c lock_timeout=2s"))
    with psycopg.connect(database.reader) as reader:
        reader.execute("select pg_advisory_lock(7268842), version from log.schema_version")
        install(impatient)


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
