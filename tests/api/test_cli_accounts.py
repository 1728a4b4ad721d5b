"""Accounts by command line: the first administrator."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest

from api import cli
from application.database import Database, nameless


def test_there_is_one_first_administrator(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(database.administrator or ""))
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path))

    def run(*arguments: str, command: str = "first") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["huhang", "account", command, *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    code, said_of_none, err = run(command="list")
    assert code == 0, err
    assert said_of_none.startswith("No account is open; ")
    assert "huhang account first" in said_of_none
    office = ("--office", str(uuid4()))
    code, opened, err = run("chief", "--name", "李某", *office, "--json")
    assert code == 0, err
    assert json.loads(opened)["password"]
    code, _, err = run("second", "--name", "王某", *office)
    assert code == 2
    assert "“chief” is administrator already" in err, "administrator-there"
