"""The database of an installation: its own server, or one by URL that was prepared once for it."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from stat import S_IRWXG, S_IRWXO
from typing import Any, Final

import psycopg
from psycopg import sql
from pydantic import TypeAdapter

from application.database import (
    ONLY_CHECKS,
    ROLES,
    Database,
    DatabaseUnavailable,
    administering,
    check,
    check_answers,
    in_session_of_ours,
    install,
    install_log,
    nameless,
    schema_version,
    statement,
)
from application.embedded import embedded_server
from application.settings import DangerousSetting, Settings

PASSWORD_BYTES: Final = 32  # of randomness: beyond all trying


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The database of this installation; the embedded one is started and installed when need be.

    The embedded server stops when the last process that uses it leaves. A server by URL must have
    been prepared by `huhang init-db`; from then on the system needs no administrator.
    Raises `DatabaseUnavailable`; `DangerousSetting` when the server could lose what is recorded, or
    anybody get past the fence, and under the login of who only checks, for whom nothing is asked.
    """
    require_own_logins(settings)
    with reached(settings) as database:
        check(database)
        yield database


@contextmanager
def open_as_it_is(settings: Settings) -> Iterator[Database]:
    """The database of this installation for who inspects it: what is wrong must be told.

    So it opens too where no work begins, as the fence is down or the server careless. Who has a
    login of his own reads under that one alone. Raises `DatabaseUnavailable`; `DangerousSetting`
    for passwords that others can read.
    """
    with reached(settings) as database:
        if settings.reader_url is None:
            check_answers(database)
        yield database


def require_own_logins(settings: Settings) -> None:
    """Refuse to work under the login of who only checks. Raises `DangerousSetting`."""
    if settings.reader_url is not None:
        raise DangerousSetting(ONLY_CHECKS)


@contextmanager
def reached(settings: Settings) -> Iterator[Database]:
    """The database of this installation, by URL or started and installed, not looked at yet."""
    if settings.reader_url is not None:
        yield Database(None, nameless(settings.reader_url), reading=settings.reader_url)
        return
    if settings.database_url is not None:
        yield Database(settings.owner_url, settings.database_url, kept_passwords(settings.home))
        return
    with embedded_server(settings.home / "postgres") as database:
        install(database)
        yield database


def init_database(owner_url: str, home: Path, *, renew_passwords: bool = False) -> Database:
    """Install the log on a server by URL and leave the passwords of its roles in `home`.

    May be repeated, also to bring an older log up to date. Roles that were there before keep their
    passwords unless new ones are wanted. Raises `DatabaseUnavailable`, also when roles that were
    there before do not let this installation in; `DangerousSetting`.
    """
    with administering(owner_url) as connection:
        before = existing_roles(connection)
        install_log(connection)
        # One at a time; who may only read can lock no table so that anybody waits for it.
        connection.execute("set local role huhang_owner")
        connection.execute("lock table log.schema_version in exclusive mode")
        connection.execute("reset role")
        for part in ("grants.sql", "connections.sql"):  # anew, where a copy or a mistake lost them
            connection.execute(statement(part))
        passwords = {} if renew_passwords else kept_passwords(home)
        renewed = [role for role in ROLES if renew_passwords or role not in before]
        passwords |= {role: secrets.token_urlsafe(PASSWORD_BYTES) for role in renewed}
        for role in renewed:
            set_password(connection, role, passwords[role])
        if renewed:  # before the commit: a password that nobody knows would need a new one
            keep_passwords(home, passwords)
    database = Database(owner_url, nameless(owner_url), passwords)
    try:
        check(database)
    except DatabaseUnavailable as error:
        if not before or renew_passwords:
            raise
        raise DatabaseUnavailable(
            "The log is installed, but its roles were there before, and "
            f"{password_file(home)} does not hold their passwords ({error.__cause__ or error}). If "
            "another installation uses this server, copy its database.json here; or set new "
            "passwords with --renew-passwords, and copy them there."
        ) from error
    return database


def irreplaceable(home: Path) -> str | None:
    """What would be lost for good with this folder; None where that is a simulated year at most.

    Raises `DatabaseUnavailable` when the embedded server does not start.
    """
    if password_file(home).exists():
        return f"{home} holds the keys and passwords of a log on a server of its own."
    cluster = home / "postgres"
    if not (cluster / "PG_VERSION").exists():
        keys = (home / "keys").exists()
        return f"{home} holds the keys of a log that lies elsewhere." if keys else None
    with (
        embedded_server(cluster) as database,
        psycopg.connect(in_session_of_ours(database.owner)) as connection,
    ):
        if schema_version(connection) is None:
            return None
        row = connection.execute(
            "select (select convert_from(state, 'UTF8')::jsonb -> 'simulated' = 'true'::jsonb"
            " from log.event where position = 1),"
            " (select count(*) from log.event where topic not like 'log.%')"  # which tell of itself
        ).fetchone()
    assert row is not None, "a select without a table has a row"
    simulated, events = row
    if simulated or events == 0:
        return None
    return f"{home} holds a log of real work; events recorded: {events:,}."


def existing_roles(connection: psycopg.Connection[Any]) -> set[str]:
    """Which of the roles the server knows already."""
    query = "select rolname from pg_roles where rolname = any(%s)"
    return {role for (role,) in connection.execute(query, (list(ROLES),))}


def set_password(connection: psycopg.Connection[Any], role: str, password: str) -> None:
    """Give a role a password; it leaves this process only as its verifier, for no log to keep."""
    verifier = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    connection.execute(
        sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(verifier))
    )


def password_file(home: Path) -> Path:
    """Where an installation keeps the passwords of its roles."""
    return home / "database.json"


def kept_passwords(home: Path) -> dict[str, str]:
    """The passwords of the roles, if there are any.

    Raises `DatabaseUnavailable`; `DangerousSetting` when other people can read them.
    """
    path = password_file(home)
    try:
        if path.stat().st_mode & (S_IRWXG | S_IRWXO):
            raise DangerousSetting(
                f"Others can read the passwords in {path}; let only its owner: chmod 600 {path}."
            )
        return TypeAdapter(dict[str, str]).validate_json(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise DatabaseUnavailable(  # not the error itself, which may quote a password
            f"{path} does not hold the passwords of the roles; restore it, or let who administers "
            "the server run huhang init-db --renew-passwords."
        ) from None


def keep_passwords(home: Path, passwords: Mapping[str, str]) -> None:
    """Write the passwords where only their owner reads them, whole or not at all."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (home / "postgres").exists():  # an embedded server's own user passes through there
        home.chmod(0o700)
    path = password_file(home)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(passwords, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
