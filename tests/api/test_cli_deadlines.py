"""The command that lists moved deadlines, over a log in which some moved."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from api import cli
from application.database import Database, nameless
from application.keys import author_file
from application.records import Records
from application.settings import Settings
from tests.author import AUTHOR
from tests.projections.test_deadlines import ACCEPTED, CONFIRMED, Registry
from tests.projections.work import establish_regions


def test_moved_deadlines_are_listed_with_what_was_recorded_and_what_they_are_now(
    database: Database, records: Records, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], tmp_path: Path,
) -> None:  # fmt: skip
    establish_regions(records)
    registry = Registry(database, records)
    for day in (ACCEPTED, ACCEPTED, CONFIRMED):
        registry.accepts(day)
    registry.readings.close()
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(database.administrator))
    monkeypatch.setenv("HUHANG_OWNER_URL", database.administrator)
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path))
    monkeypatch.setenv("HUHANG_INSTANCE", AUTHOR.name)
    author_file(Settings()).parent.mkdir()
    author_file(Settings()).write_bytes(AUTHOR.key.private_bytes_raw())
    monkeypatch.setattr(cli.out, "width", 200)
    monkeypatch.setattr("sys.argv", ["huhang", "deadlines", "--limit", "1"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    assert ended.value.code in (0, None), said.err
    assert said.out.count("2023-01-23 → 2023-01-28") == 1
    assert "历下区" in said.out
    assert "2 open applications" in said.out
    assert "The first row; ask for more with --limit." in said.out
    (look,) = records.recorder.select_notifications(records.recorder.max_notification_id() or 0, 1)
    traced = orjson.loads(look.state)["selection"]
    assert (traced["what"], traced["rows"]) == ("moved deadlines", 1)
    assert traced["record"], "a list of one case is a look at it"
