"""One PostgreSQL for each process that tests; each test gets a database of its own."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache, partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
import typer.main
from argon2 import PasswordHasher
from hypothesis import settings
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Composable, Identifier

from api import cli
from application import embedded, identity, server_settings
from application.database import Database, install, statement
from application.embedded import embedded_server
from application.passwords import Passwords
from application.recorder import EventLog
from application.records import Records
from application.settings import Settings
from application.vault import Vault, open_vault
from tests.author import AUTHOR
from tests.unasked import Unasked

# A busy machine is slow, which says nothing about an example.
settings.register_profile("huhang", deadline=None)
settings.load_profile("huhang")

TEMPLATE = "installed"
NUMBERS = count(1)
CARELESS = {"fsync": "off", "synchronous_commit": "off", "max_wal_size": "'256MB'"}
"""A crash of this server loses nothing that anybody wants."""
CARELESSLY = """
from application import server_settings
del server_settings.NEEDED["fsync"]
from api.cli import main
main()
"""
"""The program `huhang` for a process of its own, which works on such a server too."""
CONNECTIONS: Any = statement("connections.sql").decode()

MEMORY = Path("/dev/shm")
ROOM = 2_000_000_000  # bytes; one server's cluster has grown to a tenth of that at most
TEMPORARY = MEMORY if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM else None
"""Where tests write: in memory where there is room, as copying a database takes a fifth there."""

PROGRAMS = os.environ.get("HUHANG_TEST_POSTGRES")
"""The folder of another PostgreSQL's programs, to test with its server."""

Run = Callable[..., tuple[int, str, str]]
"""Runs a command; its exit code, output and errors."""

Databases = Callable[[], AbstractContextManager[Database]]
"""Makes a fresh database with an empty log, and drops it."""

Copies = Callable[[Database], AbstractContextManager[Database]]
"""Makes a database like another one, to which nobody is connected, and drops it."""


def pytest_configure(config: pytest.Config) -> None:
    """What tests write lies in memory: a world has a dozen files that must be on the disk first."""
    if TEMPORARY is None or hasattr(config, "workerinput"):
        return
    folder, patch = TemporaryDirectory(prefix="huhang-tests-", dir=TEMPORARY), pytest.MonkeyPatch()
    patch.setenv("TMPDIR", folder.name)
    patch.setattr(tempfile, "tempdir", folder.name)
    config.add_cleanup(folder.cleanup)
    config.add_cleanup(patch.undo)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is loaded here stays until the end: no garbage collector need go through it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first: at the end it would keep one worker busy and none other."""
    items.sort(key=lambda item: "properties" not in item.path.parts)


@pytest.fixture(scope="session", autouse=True)
def programs() -> Iterator[Path]:
    """The programs of the server with which everything is tested."""
    with pytest.MonkeyPatch.context() as patch:
        if PROGRAMS is not None:
            patch.setattr(embedded, "PROGRAMS", Path(PROGRAMS))
        yield embedded.PROGRAMS


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Passwords hashed in no time; that they are slow where people work has a test of its own."""
    quick = partial(Passwords, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identity, "Passwords", quick)
        yield


@pytest.fixture(scope="session", autouse=True)
def commands_read_once() -> Iterator[None]:
    """Commands are read from their functions once a process, as where people type one each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", cache(typer.main.get_command))
        yield


@pytest.fixture(scope="session", autouse=True)
def careless() -> Iterator[None]:
    """The one thing that a server of tests need not do, and that no setting can waive."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(server_settings.NEEDED, "fsync")
        yield


@pytest.fixture(scope="session")
def server(programs: Path, careless: None) -> Iterator[Database]:
    """The server's maintenance database; its template holds an empty log.

    Its folder is not pytest's own: each pytest session closes that one to other users, and a server
    that root started runs as another user.
    """
    with (
        TemporaryDirectory(prefix="huhang-tests-", dir=TEMPORARY) as folder,
        embedded_server(Path(folder, "postgres"), **CARELESS) as server,
    ):
        execute(server, SQL("create database {}").format(Identifier(TEMPLATE)))
        install(named(server, TEMPLATE))
        yield server


@pytest.fixture(scope="session")
def databases(server: Database) -> Databases:
    """For tests that need several databases, such as one an example."""
    return lambda: fresh(server, TEMPLATE)


@pytest.fixture(scope="session")
def copies(server: Database) -> Copies:
    """For tests that each change what takes long to make."""
    return lambda original: fresh(
        server, str(conninfo_to_dict(original.administrator or "")["dbname"])
    )


@pytest.fixture
def database(databases: Databases) -> Iterator[Database]:
    """A fresh database with an empty log."""
    with databases() as database:
        yield database


@pytest.fixture(scope="module")
def module_database(databases: Databases) -> Iterator[Database]:
    """A database that the tests of one module fill once and then only read."""
    with databases() as database:
        yield database


@pytest.fixture
def empty_database(server: Database) -> Iterator[Database]:
    """A fresh database into which nothing was installed."""
    with fresh(server, "template1") as database:
        yield database


@pytest.fixture
def huhang(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command of `huhang`; its exit code, output and errors."""

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["huhang", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return command


@pytest.fixture
def records(database: Database) -> Iterator[Records]:
    """The event-sourced application over a fresh database."""
    records = Records(database, AUTHOR, jurisdiction=Unasked)
    yield records
    records.close()


@pytest.fixture
def vault(database: Database, tmp_path: Path) -> Iterator[Vault]:
    """The vault over a fresh database, its wrapping keys in a folder of the test."""
    with open_vault(database, Settings(home=tmp_path)) as vault:
        yield vault


@pytest.fixture
def log(records: Records) -> EventLog:
    """The recorder over a fresh database."""
    return records.recorder


@contextmanager
def fresh(server: Database, template: str) -> Iterator[Database]:
    name = f"test_{next(NUMBERS)}"
    execute(
        server,
        SQL("create database {} template {} strategy file_copy").format(
            Identifier(name), Identifier(template)
        ),
    )
    if template != "template1":  # its contents are copied, the grants on itself are not
        execute(named(server, name), SQL(CONNECTIONS))
    yield named(server, name)
    execute(server, SQL("drop database {} with (force)").format(Identifier(name)))


def named(server: Database, name: str) -> Database:
    return Database(make_conninfo(server.administrator, dbname=name))


def execute(server: Database, statement: Composable) -> None:
    with psycopg.connect(server.administrator, autocommit=True) as connection:
        connection.execute(statement)
