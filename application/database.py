"""The system's PostgreSQL, whichever server it is: where it is, its roles and schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from application.server_settings import require_settings
from application.settings import DangerousSetting
from application.texts import read_any_text

SCHEMA_VERSION: Final = 10
SCHEMA: Final = (
    "schema.sql", "append_lock.sql", "territory_lock.sql", "leaf.sql", "append.sql", "load.sql",
    "seal.sql", "vault.sql", "identity.sql", "grants.sql", "connections.sql",
)  # fmt: skip
"""The files that make the log, its seal, its keys and sign-in, in their order."""

OLDEST_SERVER: Final = 150000  # PostgreSQL 15, as server_version_num counts
CONNECT_TIMEOUT: Final = 10  # seconds; a server far away and asleep answers within
PATIENCE: Final = 30  # seconds for which a watch waits for a lock, or for a server that is silent
AT_LENGTH: Final = 600  # seconds; reading a large log whole goes by statements that take less
SESSION: Final = (
    "-c search_path=pg_catalog -c row_security=off -c datestyle=ISO -c client_encoding=UTF8"
    " -c synchronous_commit=on -c jit=off"
)
"""How every session of ours is set, whatever the server, a database or a role says.

Else an `=` of another schema could be found before PostgreSQL's own, and hide rows from a query;
or a record be lost in a crash although its receipt was given. With `row_security` off a policy that
would hide rows makes the query fail instead. Compiling a look at the fence takes the server
seconds, and running it a tenth of one (decision 219).
"""

APPLICATION: Final = "huhang_application"
PROJECTOR: Final = "huhang_projector"
SEALER: Final = "huhang_sealer"
VAULT: Final = "huhang_vault"
IDENTITY: Final = "huhang_identity"
READER: Final = "huhang_reader"
ROLES: Final = (APPLICATION, PROJECTOR, SEALER, VAULT, IDENTITY, READER)

read_any_text(psycopg.adapters)  # of all connections of this process, also of worker processes


ONLY_CHECKS: Final = (
    "HUHANG_READER_URL is set, the login of who checks the log: under it go huhang verify without "
    "--projections, timestamp --check, checkpoint, keys, receipt and entry. For anything else take "
    "it away; HUHANG_DATABASE_URL names the server."
)


class DatabaseUnavailable(Exception):  # noqa: N818 - said to people
    """The database cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Database:
    """Where the system's PostgreSQL is: one connection string a role."""

    administrator: str | None = field(repr=False)
    """Of who may take the owner's role; None where nobody told the system."""

    address: str | None = field(default=None, repr=False)
    """Of the server and its database, whatever user it names; by default the administrator's."""

    passwords: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    """Of the roles; one without logs in as a socket, a certificate or a password file allows."""

    reading: str | None = field(default=None, repr=False)
    """Of who may read and has a login of his own: then there is no other; else the system's."""

    @property
    def owner(self) -> str:
        """Loads a simulated year. Raises `DatabaseUnavailable` where nobody told who it is."""
        if self.administrator is None:
            raise DatabaseUnavailable(
                "Only the owner of the log can do that: set HUHANG_OWNER_URL to the URL under "
                "which huhang init-db was run, and try again."
            )
        return self.administrator

    @property
    def application(self) -> str:
        """Reads the log and appends to it."""
        return self.login(APPLICATION)

    @property
    def projector(self) -> str:
        """Reads the log and writes read models."""
        return self.login(PROJECTOR)

    @property
    def sealer(self) -> str:
        """Reads the log and adds to its seal."""
        return self.login(SEALER)

    @property
    def vault(self) -> str:
        """Reads the log and keeps the keys of personal data, as nobody else may."""
        return self.login(VAULT)

    @property
    def identity(self) -> str:
        """Reads the log and keeps what proves who somebody is, as nobody else may."""
        return self.login(IDENTITY)

    @property
    def reader(self) -> str:
        """Reads everything but keys, writes nothing."""
        if self.reading is not None:
            return in_session_of_ours(self.reading)
        return self.login(READER)

    def login(self, role: str) -> str:
        """Under which a role logs in by itself.

        Raises `DangerousSetting` where somebody reads under a login of his own.
        """
        if self.reading is not None:
            raise DangerousSetting(ONLY_CHECKS)
        server = in_session_of_ours(nameless(self.address or self.owner))
        if role in self.passwords:
            return make_conninfo(server, user=role, password=self.passwords[role])
        return make_conninfo(server, user=role)


def in_session_of_ours(conninfo: str) -> str:
    """A connection string under which a session is set as ours are; ours come last and win."""
    options = str(conninfo_to_dict(conninfo).get("options") or "").removesuffix(SESSION).strip()
    return make_conninfo(conninfo, options=f"{options} {SESSION}".strip())


def impatient(conninfo: str, at_work: int = PATIENCE) -> str:
    """A connection string under which no statement works longer than so many seconds.

    Nor does it wait longer than `PATIENCE` for a lock: whoever holds a table against a watch that
    waits for ever has silenced it.
    """
    options = str(conninfo_to_dict(conninfo).get("options") or "")
    limits = f"-c lock_timeout={PATIENCE}s -c statement_timeout={at_work}s"
    return make_conninfo(
        conninfo,
        options=f"{limits} {options}".strip(),
        connect_timeout=CONNECT_TIMEOUT,
        tcp_user_timeout=PATIENCE * 1000,
    )


def nameless(conninfo: str) -> str:
    """A connection string without its user and password."""
    parts = conninfo_to_dict(conninfo)
    return make_conninfo("", **{k: v for k, v in parts.items() if k not in ("user", "password")})


def install(database: Database) -> None:
    """Create the log, its functions and roles once; check them ever after.

    Raises `DatabaseUnavailable` when the server does not answer, is too old, or holds a newer
    schema; `DangerousSetting` when it would not keep what is recorded.
    """
    with administering(database.owner) as connection:
        install_log(connection)


@contextmanager
def administering(owner: str) -> Iterator[psycopg.Connection[Any]]:
    """A transaction of who administers the log. Raises `DatabaseUnavailable`."""
    try:
        with psycopg.connect(
            in_session_of_ours(owner), connect_timeout=CONNECT_TIMEOUT
        ) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(
            f"The database does not answer ({_why(error)}); "
            "check HUHANG_OWNER_URL and that the server runs."
        ) from error
    except psycopg.Error as error:
        raise DatabaseUnavailable(
            f"The database cannot be used ({_why(error)}); HUHANG_OWNER_URL must name a "
            "database of its own and a user who owns it and may create roles and schemas."
        ) from error


def install_log(connection: psycopg.Connection[Any]) -> None:
    """Create the log, its functions and roles, in a transaction, where there is none yet."""
    require_server(connection)
    if schema_version(connection) is None:
        # One installer at a time. As soon as others can connect, and hold it, nobody asks for it.
        connection.execute("select pg_advisory_xact_lock(7268842)")
    version = schema_version(connection)
    if version is not None:
        require_schema(version)
        return
    require_settings(connection)
    for part in SCHEMA:
        connection.execute(statement(part))


def require_server(connection: psycopg.Connection[Any]) -> None:
    """Refuse a server that is too old. Raises `DatabaseUnavailable`."""
    if connection.info.server_version < OLDEST_SERVER:
        raise DatabaseUnavailable(
            f"The server is PostgreSQL {connection.info.server_version // 10000}; "
            f"install {OLDEST_SERVER // 10000} or newer, or leave HUHANG_DATABASE_URL "
            "unset to use the embedded one."
        )


def schema_version(connection: psycopg.Connection[Any]) -> int | None:
    """The version of the log's schema; None where there is no log."""
    # By a snapshot: a name that PostgreSQL did not find it remembers, past a commit of another's.
    found = connection.execute(
        "select from pg_class join pg_namespace n on n.oid = relnamespace"
        " where nspname = 'log' and relname = 'schema_version'"
    ).fetchone()
    if found is None:
        return None
    row = connection.execute("select version from log.schema_version").fetchone()
    return row and int(row[0])


def require_schema(version: int | None) -> None:
    """Refuse a log that this program does not know. Raises `DatabaseUnavailable`."""
    if version is None:
        raise DatabaseUnavailable(
            "The database holds no log yet; let who administers the server run huhang init-db."
        )
    if version < SCHEMA_VERSION:
        raise DatabaseUnavailable(
            f"The database has schema {version}, made by a program before the first release; "
            "move it away and begin a new log."
        )
    if version > SCHEMA_VERSION:
        raise DatabaseUnavailable(
            f"The database has schema {version}, this program knows {SCHEMA_VERSION}; "
            "update the program."
        )


def check(database: Database) -> None:
    """Look whether every role can log in, the server keeps what is recorded and the fence stands.

    Raises `DatabaseUnavailable`; `DangerousSetting` when the server could lose records, or a role
    get past the fence.
    """
    for role in ROLES:
        with logged_in(database, role) as connection:
            require_settings(connection)
            if role == APPLICATION:
                require_fence(connection)


def check_answers(database: Database) -> None:
    """Look whether every role can log in and the log is there, and no further.

    Raises `DatabaseUnavailable`.
    """
    for role in ROLES:
        with logged_in(database, role):
            pass


@contextmanager
def logged_in(database: Database, role: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection of a role to a log that this program knows. Raises `DatabaseUnavailable`."""
    try:
        with psycopg.connect(database.login(role), connect_timeout=CONNECT_TIMEOUT) as connection:
            if role == APPLICATION:
                require_server(connection)
                require_schema(schema_version(connection))
            yield connection
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(
            f"The database does not answer the role {role} ({_why(error)}); check "
            "HUHANG_DATABASE_URL and that the server runs, or let who administers it run "
            "huhang init-db."
        ) from error
    except psycopg.Error as error:
        raise DatabaseUnavailable(
            f"The database cannot be used ({_why(error)}); HUHANG_DATABASE_URL must name "
            "a database that huhang init-db prepared."
        ) from error


def require_fence(connection: psycopg.Connection[Any]) -> None:
    """Refuse whatever lets anybody but an administrator past the fence, or takes it away.

    Raises `DangerousSetting`.
    """
    breaches = [breach for (breach,) in connection.execute(statement("fence.sql"))]
    if breaches:
        raise DangerousSetting(
            f"The log is not protected: {'; '.join(breaches)}. Take that away and start again."
        )


def _why(error: psycopg.Error) -> str:
    lines = str(error).strip().splitlines()
    said = [line for line in lines if not line.startswith("\t")] or lines  # else only a hint
    return said[-1].removeprefix("connection failed: ").strip()


def statement(name: str) -> bytes:
    """An SQL file of this package."""
    return (files("application") / "sql" / name).read_bytes()
