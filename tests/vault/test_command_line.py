"""The keys of personal data by command line: hold, erase, rotate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from api import cli, cli_vault
from application.database import Database, nameless
from application.first_event import first_file, first_noted
from application.settings import Settings
from tests.conftest import Run
from tests.vault.test_erasure import forge
from tests.vault.world import OFFICE, World

OFFICER = ("--officer", str(uuid4()), "--office", str(OFFICE))


@pytest.fixture
def run(database: Database, huhang: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command over the log of the test; its exit code, output and errors."""
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(database.administrator or ""))
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path))
    return huhang


def answer(run: Run, *arguments: str) -> Any:
    code, out, err = run(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def test_a_held_record_is_erased_once_the_hold_is_lifted(run: Run, world: World) -> None:
    case = str(world.closed_case())
    held = answer(run, "hold", case, "--ground", "litigation", *OFFICER)
    erase = ("erase", case, "--ground", "unlawful", "--yes", *OFFICER)
    code, _, err = run(*erase)
    assert code == 2
    assert "under a legal hold" in err
    answer(run, "lift-hold", case, held["hold"], *OFFICER)
    certificate = answer(run, *erase, "--part", "wife")
    assert len(certificate["keys"]) == 1
    code, out, _ = run(*erase)
    assert code == 0
    assert "不能证明" in out
    assert world.texts(world.closed_case())


def test_a_misspelt_part_is_refused_in_one_line_and_a_certificate_says_who_stays_readable(
    run: Run, world: World
) -> None:
    case = world.closed_case()
    erase = ("erase", str(case), "--ground", "unlawful", "--yes", *OFFICER, "--part", "wife")
    for misspelt in ("husbend", "both", "all"):
        code, out, err = run(*erase, "--part", misspelt)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert f"no part “{misspelt}”" in err
        assert "wife, husband, other, couple" in err
    assert len(world.texts(case)) == 4
    code, out, _ = run(*erase)
    assert code == 0
    assert "Only some parts were erased" in out
    assert "husband" in out


def test_holds_are_listed_to_who_has_the_machine(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli.out, "width", 200)
    first, second = str(world.closed_case()), str(world.closed_case())
    ended, stands = (
        answer(run, "hold", case, "--ground", "litigation", *OFFICER)["hold"]
        for case in (first, second)
    )
    answer(run, "lift-hold", first, ended, *OFFICER)
    told = answer(run, "holds")
    assert [(one["id"], one["record"]) for one in told["holds"]] == [
        (ended, first),
        (stands, second),
    ]
    assert [one["id"] for one in answer(run, "holds", "--standing")["holds"]] == [stands]
    code, out, _ = run("holds", "--limit", "1")
    assert code == 0
    for said in ("诉讼或者仲裁", OFFICER[1][:8], "The first row; ask for more"):
        assert said in out


def test_what_somebody_put_into_the_key_store_keeps_no_officer_from_his_work(
    run: Run, world: World
) -> None:
    first, second = world.closed_case(), str(world.closed_case())
    held = answer(run, "hold", str(first), "--ground", "litigation", *OFFICER)
    forge(world, first, uuid4())
    answer(run, "hold", second, "--ground", "litigation", *OFFICER)
    answer(run, "lift-hold", str(first), held["hold"], *OFFICER)
    assert answer(run, "erase", str(first), "--ground", "unlawful", "--yes", *OFFICER)["keys"]


def test_the_log_is_known_by_its_first_event_before_the_vault_believes_it(
    run: Run, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, opened = str(world.closed_case()), cli_vault.open_vault
    first_file(tmp_path).unlink()

    def opened_after(database: Database, settings: Settings) -> Any:
        assert first_noted(tmp_path) is not None
        return opened(database, settings)

    monkeypatch.setattr(cli_vault, "open_vault", opened_after)
    answer(run, "hold", case, "--ground", "litigation", *OFFICER)


def test_nothing_is_erased_by_mistake(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.closed_case()
    monkeypatch.setattr("typer.confirm", lambda *_, **__: (_ for _ in ()).throw(cli.typer.Abort()))
    code, _, err = run("erase", str(case), "--ground", "unlawful", *OFFICER)
    assert code == 1
    assert "Stopped" in err
    assert len(world.texts(case)) == 4


def test_no_wrapping_key_is_destroyed_before_its_time_by_mistake(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Backups of the key store from before would open nothing any more."""
    world.closed_case()
    asked = []

    def refuse(question: str, **_: object) -> None:
        asked.append(question)
        raise cli.typer.Abort

    monkeypatch.setattr("typer.confirm", refuse)
    code, _, err = run("rotate-keys", "--at-once")
    assert (code, "Stopped" in err) == (1, True)
    assert asked == [
        "Destroy the wrapping key of now? No backup of the key store from before will open "
        "anything then."
    ]
    assert answer(run, "rotate-keys") == {"epoch": 1, "rewrapped": 0, "destroyed": []}
    assert answer(run, "rotate-keys", "--at-once", "--yes")["destroyed"] == [1]


def test_the_wrapping_key_changes_when_it_is_due_or_wanted(
    run: Run, world: World, tmp_path: Path
) -> None:
    case = world.case()
    assert answer(run, "rotate-keys") == {"epoch": 1, "rewrapped": 0, "destroyed": []}
    assert answer(run, "rotate-keys", "--at-once", "--yes") == {
        "epoch": 2,
        "rewrapped": 4,
        "destroyed": [1],
    }
    (custody,) = (tmp_path / "seal").glob("custody-*")
    custody.unlink()
    code, _, err = run("rotate-keys", "--at-once", "--yes")
    assert code == 1
    assert "--take-over" in err
    code, out, _ = run("rotate-keys", "--take-over", "--yes")
    assert code == 0
    assert "Epoch 2; 0 keys wrapped anew" in out
    assert len(world.texts(case)) == 4
