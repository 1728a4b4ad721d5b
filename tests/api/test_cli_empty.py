"""The command line before anything is recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api import cli
from application.database import Database, nameless
from tests.conftest import Run

QUESTIONS = (
    ("statistics",),
    ("statistics", "--region", "371200", "--as-of", "2019-01-01"),
    ("ledger", "cases"),
    ("ledger", "cases", "--csv"),
    ("diff", "--from-as-of", "1"),
    ("history", "7173ea77-cd17-5365-9588-b9a457ce7407"),
    ("regions",),
    ("deadlines",),
)


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_a_question_to_an_empty_log_is_told_how_to_begin(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    tmp_path: Path, question: tuple[str, ...],
) -> None:  # fmt: skip
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(database.administrator))
    monkeypatch.setenv("HUHANG_OWNER_URL", database.administrator)
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["huhang", *question])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert said.err.startswith("Nothing is recorded yet; run make demo")
    assert said.err.count("\n") == 1


def test_an_empty_log_has_nothing_to_be_sealed(
    database: Database, huhang: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(database.administrator))
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path))
    code, out, err = huhang("seal", "--once")
    assert (code, out) == (1, "")
    assert err.startswith("Nothing is recorded yet, so there is nothing to seal")
    code, out, _ = huhang("status", "--json")
    assert json.loads(out)["sealing"]["sealed_at"] is None
    code, out, _ = huhang("status")
    assert "sealing sealed at  none" in out
    assert "{" not in out
