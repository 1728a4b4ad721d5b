"""What `huhang verify --remember` does with its file; each of these shows a hole."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest

from application.database import Database
from tests.api.test_cli import Run, answer, home, run, simulated  # noqa: F401

TABLES = ["log.event", "seal.tile", "seal.checkpoint", "seal.cosignature"]


@pytest.fixture
def key(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:  # noqa: F811
    """The log's key, for an auditor who keeps nothing else of the installation."""
    assert run("seal", "--once")[0] == 0
    key: str = answer(run, "keys")["log"]
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path / "auditor"))
    return key


class Late(Exception):  # noqa: N818 - no `OSError`, which would be taken for one of the file
    """It went on and on."""


@pytest.fixture
def limited() -> Iterator[None]:
    """Ends what does not end by itself."""

    def late(*_: object) -> NoReturn:
        raise Late

    signal.signal(signal.SIGALRM, late)
    signal.alarm(60)
    yield
    signal.alarm(0)


def test_a_verification_that_cannot_be_kept_is_not_said_to_have_failed(
    run: Run,  # noqa: F811
    tmp_path: Path,
    key: str,
) -> None:
    """Exit 1 says that something is wrong with the log. A draft has a longer name than its file."""
    code, _, err = run("verify", "--key", key, "--remember", str(tmp_path / ("x" * 250)))
    assert (code, len(err.strip().splitlines())) == (2, 1)


def test_a_pipe_is_no_file_that_keeps_anything(
    run: Run,  # noqa: F811
    tmp_path: Path,
    key: str,
    limited: None,
) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert run("verify", "--key", key, "--remember", str(tmp_path / "pipe"))[0] == 2


def test_records_that_were_verified_are_missed_whatever_the_seal_says_meanwhile(
    run: Run,  # noqa: F811
    simulated: Database,  # noqa: F811
    tmp_path: Path,
    key: str,
) -> None:
    """By two steps of who administers the database and has no key at all."""
    kept = tmp_path / "kept"
    command = ("verify", "--key", key, "--remember", str(kept))
    assert run(*command)[0] == 0
    size = json.loads(kept.read_text())["size"]
    with psycopg.connect(simulated.administrator) as connection:
        (older,) = connection.execute(
            "select max(size) from seal.checkpoint where size < %s", (size,)
        ).fetchone() or (0,)
    unguarded(
        simulated,
        f"delete from seal.checkpoint where size > {older}",
        f"delete from seal.tile where (number + 1) * power(256, level + 1) > {older}",
    )
    between = run(*command)
    unguarded(simulated, f"delete from log.event where position > {older}")
    code, out, _ = run(*command)
    assert code == 1, f"{size - older:,} records are gone; in between {between}: {out[-900:]}"


def unguarded(database: Database, *statements: str) -> None:
    """What a superuser does where no trigger is looked for; nothing of it shows afterwards."""
    silence = "update pg_class set relhastriggers = {} where oid = any(%s::regclass[])"
    with psycopg.connect(database.administrator) as attacker:
        attacker.execute(silence.format("false"), (TABLES,))
    with psycopg.connect(database.administrator) as attacker:
        for statement in statements:
            attacker.execute(statement)
        attacker.execute(silence.format("true"), (TABLES,))
