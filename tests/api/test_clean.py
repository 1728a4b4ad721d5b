"""`make clean` deletes what any command makes again, and real work only on purpose."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
import pytest

import api
from api import cli
from application.beginning import by_the_system, open_records
from application.database import install
from application.embedded import embedded_server
from application.fence import schema_fingerprint
from application.installation import keep_passwords
from application.keys import author_of, log_keys
from application.records import Actor, Command, Records
from application.settings import Settings
from application.territory import Regions
from domain.log import LOG_ID, Log
from domain.region_events import Founding
from domain.values import RegionKind, RegionLevel, Role
from tests.conftest import CARELESS, PROGRAMS
from tests.unasked import Unasked

PROJECT = Path(api.__file__).parent.parent

pytestmark = pytest.mark.skipif(
    PROGRAMS is not None, reason="make starts the server that comes with the system"
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with our Makefile, an environment and something that a test run left."""
    with TemporaryDirectory(prefix="huhang-tests-") as name:
        folder = Path(name)
        copy(PROJECT / "Makefile", folder)
        programs = folder / ".venv" / "bin"
        programs.mkdir(parents=True)
        huhang = programs / "huhang"
        huhang.write_text(f'#!/bin/sh\nPYTHONPATH={PROJECT} exec {sys.executable} -m api "$@"\n')
        huhang.chmod(0o755)
        (folder / ".pytest_cache").mkdir()
        yield folder


def make_clean(folder: Path, *words: str) -> tuple[int, str]:
    """Its exit code and what it said."""
    made = subprocess.run(
        ["make", "clean", *words], cwd=folder, capture_output=True, text=True, check=False
    )
    return made.returncode, made.stdout + made.stderr


def record(home: Path, *, simulated: bool) -> None:
    """A log that begins as simulated or real, and in which somebody founds a region."""
    settings = Settings(home=home)
    with embedded_server(home / "postgres", **CARELESS) as database:
        install(database)
        author = author_of(settings)
        records = Records(database, author, jurisdiction=Unasked)
        with psycopg.connect(database.application) as connection:
            keys = log_keys(settings, schema_fingerprint(connection))
        records.change(by_the_system(author), Log, LOG_ID, Log.begin, simulated, "试", keys)
        founding = Founding(
            scheme="test",
            code="37",
            name="山东省",
            level=RegionLevel.PROVINCE,
            kind=RegionKind.PROVINCE,
            valid_from="2000-01-01",
        )
        Regions(records).establish(founding, Command(Actor(uuid4(), Role.ADMINISTRATOR, uuid4())))
        records.close()


def test_a_folder_without_a_log_is_cleaned(folder: Path) -> None:
    code, said = make_clean(folder)
    assert code == 0, said
    assert {path.name for path in folder.iterdir()} == {"Makefile"}


def test_a_simulated_log_may_go(folder: Path) -> None:
    record(folder / ".huhang", simulated=True)
    code, said = make_clean(folder)
    assert code == 0, said
    assert {path.name for path in folder.iterdir()} == {"Makefile"}


def test_real_work_is_deleted_on_purpose_only(folder: Path) -> None:
    record(folder / ".huhang", simulated=False)
    code, said = make_clean(folder)
    assert code != 0
    assert ".huhang holds a log of real work; events recorded: 1." in said
    assert "make clean FORCE=1" in said
    assert (folder / ".huhang" / "postgres" / "PG_VERSION").exists()
    assert (folder / ".venv").exists()
    assert (folder / ".pytest_cache").exists()
    code, said = make_clean(folder, "FORCE=1")
    assert code == 0, said
    assert {path.name for path in folder.iterdir()} == {"Makefile"}


def test_a_log_in_which_nobody_worked_yet_may_go(folder: Path) -> None:
    settings = Settings(home=folder / ".huhang")
    with embedded_server(settings.home / "postgres", **CARELESS) as database:
        install(database)
        open_records(database, settings).close()
    code, said = make_clean(folder)
    assert code == 0, said


def test_without_an_environment_nobody_can_tell_and_nothing_is_deleted(folder: Path) -> None:
    (folder / ".venv" / "bin" / "huhang").unlink()
    (folder / ".huhang").mkdir()
    code, said = make_clean(folder)
    assert code != 0
    assert "Nothing was deleted" in said
    assert (folder / ".huhang").exists()


@pytest.mark.parametrize(
    ("kept", "said"), [("database.json", "on a server of its own"), ("keys", "lies elsewhere")]
)
def test_the_keys_of_a_log_elsewhere_are_not_disposable(
    kept: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if kept == "keys":
        author_of(Settings(home=tmp_path))
    else:
        keep_passwords(tmp_path, {"huhang_reader": "secret"})
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["huhang", "disposable"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert said in capsys.readouterr().err
