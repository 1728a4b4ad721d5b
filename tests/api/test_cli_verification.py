"""The command line of the proof: what is verified, with what it is compared, and by whom."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from api import cli
from application.database import Database, nameless
from application.keys import author_of
from application.note import Verifier
from application.settings import Settings
from tests.proof.ledger import Ledger

Run = Callable[..., tuple[int, str, str]]

OFFICE = "6f1c2b1e-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installation that recorded and sealed what the commands verify."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def sealed(module_database: Database, home: Path) -> Iterator[Database]:
    """A log of few records, as each verification reads them all."""
    ledger = Ledger(module_database, Settings(home=home))
    ledger.record(10)
    ledger.seal()
    yield module_database
    ledger.records.close()


@pytest.fixture
def run(sealed: Database, home: Path, huhang: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command; returns its exit code, output and errors."""
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(sealed.administrator))
    monkeypatch.setenv("HUHANG_OWNER_URL", sealed.administrator)
    monkeypatch.setenv("HUHANG_HOME", str(home))
    monkeypatch.setattr(cli.out, "width", 200)
    return huhang


@pytest.fixture
def elsewhere(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same, in an installation whose key the log does not know."""
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path))
    return run


def answer(run: Run, *arguments: str) -> Any:
    code, out, err = run(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def test_a_log_is_verified_and_its_keys_are_shown_where_none_is_kept_here(
    elsewhere: Run,
) -> None:
    code, out, err = elsewhere("verify", "--json")
    assert code == 3
    assert "compared with nothing that is known outside of the log" in err
    found = json.loads(out)
    assert (found["sound"], found["compared_with_outside"]) == (True, False)
    outcomes = {said.partition(":")[0] for said in found["checks"].values()}
    assert outcomes == {"passed", "nothing to check"}
    assert found["compared_with_own_key"] is False
    assert f"compare them with yours: app1 {found['authors']['app1']}" in elsewhere("verify")[1]
    assert elsewhere("verify", "--patrol", "1")[0] == 3
    key = answer(elsewhere, "keys")["log"]
    assert answer(elsewhere, "verify", "--key", key)["compared_with_outside"] is True


def test_an_installation_with_keys_of_its_own_compares_with_them(run: Run) -> None:
    assert run("seal", "--once")[0] == 0
    assert answer(run, "verify")["compared_with_outside"] is True


def test_a_checkpoint_that_was_kept_is_something_to_compare_with(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("seal", "--once")[0] == 0
    (tmp_path / "kept").write_text(run("checkpoint")[1])
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path / "another"))
    assert run("verify", "--min-checkpoint", str(tmp_path / "kept"))[0] == 0


CHECKING = (
    ("verify", "--patrol", "1"),
    ("timestamp", "--check"),
    ("checkpoint",),
    ("keys",),
    ("receipt", "1"),
    ("entry", "1"),
)


WORKING = (
    ("nightly",),
    ("serve", "--port", "0"),
    ("seal", "--once"),
    ("rebuild",),
    ("status",),
    ("database",),
    ("timestamp",),
    ("simulate", "--scale", "1/1000"),
    ("rotate-keys",),
)


def test_an_auditor_verifies_under_a_login_of_his_own_and_does_nothing_else(
    run: Run, sealed: Database, tmp_path: Path
) -> None:
    """Who logs in as the reader itself can change its password, and the system reads no more."""
    with psycopg.connect(sealed.owner, autocommit=True) as administrator:
        administrator.execute("create role auditor login in role huhang_reader")
        run("nightly")  # notes the new member of the fence
        try:
            with pytest.MonkeyPatch.context() as his:
                his.setenv("HUHANG_HOME", str(tmp_path))
                his.setenv("HUHANG_READER_URL", make_conninfo(sealed.owner, user="auditor"))
                key = answer(run, "keys")["log"]
                assert answer(run, "verify", "--key", key)["sound"] is True
                for checking in CHECKING:
                    assert "HUHANG_READER_URL" not in run(*checking)[2]
                for working in WORKING:
                    code, _, err = run(*working)
                    assert (code, "HUHANG_READER_URL is set" in err) == (1, True), working
                code, out, _ = run("verify", "--projections")
                assert (code, "read models: COULD NOT RUN: " in out) == (1, True)
                assert not (tmp_path / "keys").exists(), "no wrong command makes a key"
                assert answer(run, "verify", "--key", key)["sound"] is True
        finally:
            administrator.execute("drop role auditor")
            run("nightly")
            numbers = answer(run, "alarms")["numbered"]
            run("alarms", *numbers, "--settle", "a login for the auditor, given and taken back")


def test_a_checkpoint_kept_outside_is_printed_and_compared_with(run: Run, tmp_path: Path) -> None:
    assert run("seal", "--once")[0] == 0
    code, note, _ = run("checkpoint")
    assert code == 0
    kept = tmp_path / "kept"
    kept.write_text(note)
    found = answer(run, "verify", "--min-checkpoint", str(kept))
    assert found["checks"]["checkpoints kept outside"] == "passed"
    assert found["sealed"] == found["size"] == answer(run, "checkpoint")["size"]
    kept.write_text("nonsense")
    code, out, _ = run("verify", "--min-checkpoint", str(kept))
    assert code == 1
    assert "COULD NOT RUN" in out
    code, _, err = run("verify", "--min-checkpoint", str(tmp_path / "none"))
    assert (code, len(err.strip().splitlines())) == (2, 1)


def test_what_was_verified_is_kept_in_a_file_of_ones_own(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("seal", "--once")[0] == 0
    kept = tmp_path / "kept"
    key = answer(run, "keys")["log"]
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path / "another"))
    assert run("verify", "--remember", str(kept))[0] == 3
    assert not kept.exists(), "nothing vouches for what is compared with nothing"
    first = answer(run, "verify", "--remember", str(kept), "--key", key)
    assert first["checks"]["author's signature"] == "passed"
    assert json.loads(kept.read_text())["size"] == first["sealed"]
    again = answer(run, "verify", "--remember", str(kept))
    assert again["checks"]["author's signature"].startswith(
        f"passed; the first {first['sealed']:,}"
    )
    assert again["compared_with_outside"] is True
    wrong = kept.read_text().replace(first["root"], "0" * 64)
    kept.write_text(wrong)
    code, out, _ = run("verify", "--remember", str(kept))
    assert (code, "known to your verification of " in out) == (1, True)
    assert kept.read_text() == wrong, "only what is in order is kept"
    code, _, err = run("verify", "--key", key, "--remember", str(tmp_path / ("x" * 250)))
    assert (code, "All is in order, but " in err, err.count("\n")) == (2, True, 1)
    code, _, err = run("verify", "--key", key, "--remember", str(tmp_path / ("x" * 300)))
    assert (code, err.count("\n")) == (2, 1)


@pytest.mark.parametrize("said", ["", "nonsense", '{"size": 1}'])
def test_a_file_that_does_not_say_what_was_verified_is_refused(
    run: Run, tmp_path: Path, said: str
) -> None:
    (tmp_path / "kept").write_text(said)
    os.mkfifo(tmp_path / "pipe")
    for wrong in (["kept"], ["."], ["pipe"], ["none", "--patrol", "1"]):
        file, *more = wrong
        code, out, err = run("verify", "--remember", str(tmp_path / file), *more)
        assert (code, out, len(err.strip().splitlines())) == (2, "", 1)
    assert (tmp_path / "kept").read_text() == said


def test_no_folder_is_made_for_what_was_verified(run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "deep"
    (tmp_path / "link").symlink_to(missing / "kept")
    for file in (missing / "kept", tmp_path / "link"):
        code, out, err = run("verify", "--remember", str(file))
        assert (code, out) == (2, "")
        assert err == (
            f"There is no folder {missing}; make it, or name another file as --remember. Nothing "
            "was verified.\n"
        )
    assert not missing.parent.exists()


def test_a_checkpoint_older_than_the_oldest_is_told_apart_from_none(run: Run) -> None:
    assert run("seal", "--once")[0] == 0
    code, out, err = run("checkpoint", "--size", "1")
    assert (code, out) == (2, "")
    told = re.fullmatch(r"There is no checkpoint of at most 1; .+: --size (\d+)\n", err)
    assert told is not None, err
    assert run("checkpoint", "--size", told[1])[0] == 0


@pytest.mark.parametrize(
    "command",
    [
        "--help",
        "indicators",
        "indicators --json",
        "verifier",
        "keys",
        "checkpoint",
        "verify",
        "alarms --json",
    ],
)
def test_a_command_whose_reader_has_gone_says_nothing_about_what_it_was_asked(
    run: Run, command: str
) -> None:
    nobody_reads, pipe = os.pipe()
    os.close(nobody_reads)
    done = subprocess.run(
        [sys.executable, "-m", "api", *command.split()],
        stdout=pipe, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    os.close(pipe)
    assert (done.returncode, done.stderr) == (141, b"")


def test_the_keys_of_the_log_are_printed_for_its_witnesses(run: Run) -> None:
    keys = answer(run, "keys")
    assert Verifier.of_text(keys["log"]).name == keys["log"].partition("+")[0]
    assert keys["authors"].keys() == {"app1"}


def test_what_an_unknown_witness_should_cosign_is_refused(
    run: Run, home: Path, tmp_path: Path
) -> None:
    (home / "witnesses").unlink(missing_ok=True)  # of another test that came before this one
    code, _, err = run("cosign-request", "witness.example/w1", str(tmp_path / "request"))
    assert code == 2
    assert "is no witness of this log; known here: none" in err


def test_a_witness_is_made_once_and_cosigns_files(
    run: Run, sealed: Database, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, request, cosigned = (str(tmp_path / name) for name in ("w", "request", "cosigned"))
    monkeypatch.setenv("HUHANG_HOME", str(home))
    key = run("keys")[1].split()[1]
    code, out, _ = run("witness", "new", "witness.example/w1", "--dir", folder)
    assert code == 0
    witness = out.split()[-1]
    assert run("witness", "new", "witness.example/w1", "--dir", folder)[0] == 2
    (home / "witnesses").write_text(f"- {witness}\n")
    code, _, err = run("cosign-request", "witness.example/w1", str(tmp_path))
    assert (code, "is a folder; name a file" in err) == (2, True)
    assert run("cosign-request", "witness.example/w1", request)[0] == 0
    unwritable = f"{request}/answer"
    code, _, err = run("witness", "cosign", request, unwritable, "--dir", folder, "--log", key)
    assert (code, "Nothing can be written in" in err) == (2, True)
    code, _, err = run("witness", "cosign", request, cosigned, "--dir", folder, "--log", key)
    assert code == 0, err
    assert run("cosigned", cosigned)[0] == 0
    found = answer(run, "verify")
    assert found["checks"]["cosignatures of witnesses"] == "passed"
    assert "witness.example/w1" in run("checkpoint")[1]
    assert run("cosigned", request)[0] == 1
    assert run("witness", "cosign", request, cosigned, "--dir", folder, "--log", "nonsense")[0] == 2
    assert run("witness", "cosign", "none", cosigned, "--dir", folder, "--log", key)[0] == 2
    assert run("witness", "cosign", request, cosigned, "--dir", "none", "--log", key)[0] == 2


def test_a_sealer_without_its_memory_ends_with_an_alarm(
    elsewhere: Run, home: Path, tmp_path: Path
) -> None:
    copytree(home / "keys", tmp_path / "keys")
    code, _, err = elsewhere("seal", "--once")
    assert code == 1
    assert len(err.strip().splitlines()) == 1
    assert answer(elsewhere, "alarms")["standing"] is not None


@pytest.mark.parametrize("reason", ["", " \t"])
@pytest.mark.parametrize(
    "command",
    [
        ("alarms", "1", "--settle"),
        ("seal", "--once", "--anew"),
        ("seal", "--once", "--clock-right"),
        ("seal", "--once", "--new-sm2"),
        ("rotate-keys", "--give-up"),
    ],
)
def test_a_reason_that_says_nothing_is_refused_and_nothing_is_done(
    elsewhere: Run, tmp_path: Path, command: tuple[str, ...], reason: str
) -> None:
    said = f"Say why, in words: {command[-1]} REASON. Nothing was done.\n"
    assert elsewhere(*command, reason) == (2, "", said)
    assert not list(tmp_path.iterdir())


def test_no_key_is_made_for_a_log_that_names_another(elsewhere: Run, tmp_path: Path) -> None:
    """Else a wrong command would make every later verification say that the log is forged."""
    for wrong in (("seal", "--once"), ("nightly",), ("history", OFFICE)):
        code, _, err = elsewhere(*wrong)
        assert (code, "estore the folder keys of the HUHANG_HOME that began" in err) == (
            1,
            True,
        ), err
    assert not list((tmp_path / "keys").glob("*.key"))
    assert "keys known outside: nothing to check" in elsewhere("verify")[1]


def test_a_log_under_another_key_than_is_kept_here_fails(elsewhere: Run) -> None:
    author_of(Settings())
    code, out, _ = elsewhere("verify")
    assert code == 1
    assert "keys known outside: FAILED: Position 1: the log names another key" in out


def test_serving_under_a_key_that_the_log_does_not_know_is_refused_in_one_line(
    elsewhere: Run,
) -> None:
    code, _, err = elsewhere("serve", "--port", "0")
    assert code == 1
    assert "does not know the key" in err
    assert len(err.strip().splitlines()) == 1
