"""The command line pins figures and says whether they are still the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from api import cli
from application.beginning import open_records
from application.database import Database, nameless
from application.records import Records
from application.settings import Settings
from tests.projections.work import counsel, establish_regions, open_case
from tests.unasked import Unasked

Run = Callable[..., tuple[int, str, str]]
ASKED = ("--region", "370000", "--indicators", "applications,counselling_rate", "--by", "county")


@pytest.fixture
def begun(database: Database, tmp_path: Path) -> Iterator[Records]:
    """A log of this installation with one couple counselled."""
    records = open_records(database, Settings(home=tmp_path), Unasked)
    establish_regions(records)
    counsel(records, open_case(records))
    yield records
    records.close()


@pytest.fixture
def run(
    begun: Records,
    database: Database,
    tmp_path: Path,
    huhang: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Run a command; returns its exit code, output and errors."""
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(database.administrator))
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path))
    monkeypatch.setattr(cli.out, "width", 200)
    return huhang


def pin(run: Run, *more: str) -> dict[str, Any]:
    code, out, err = run("pin", *ASKED, *more, "--json")
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def test_under_a_token_figures_out_of_reach_are_not_reproduced(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned = pin(run)
    _, out, _ = run("regions", "--json")
    for code, reproduced in (("370000", 0), ("370102", 2)):
        office = next(one["id"] for one in json.loads(out)["regions"] if one["code"] == code)
        _, token, _ = run("token", "--role", "supervisor", "--office", office)
        monkeypatch.setenv("HUHANG_TOKEN", token.strip())
        assert run("reproduce", pinned["id"])[0] == reproduced
        monkeypatch.delenv("HUHANG_TOKEN")


def reproduction(run: Run, what: str) -> tuple[int, dict[str, Any]]:
    code, out, _ = run("reproduce", what, "--json")
    return code, json.loads(out)


def test_figures_are_pinned_to_a_file_and_to_the_log(run: Run, tmp_path: Path) -> None:
    pinned = pin(run, "--out", str(tmp_path / "made" / "report.json"))
    assert pinned["report"]["lines"][0]["figures"] == [
        {"indicator": "applications", "values": ["1"]},
        {"indicator": "counselling_rate", "values": ["1.0 = 1/1"]},
    ]
    for what in (pinned["file"], pinned["id"]):
        code, found = reproduction(run, what)
        assert code == 0
        assert found["equal"] is True
        assert found["now"] == found["pinned"] == {
            "root": pinned["report"]["root"],
            "digest": pinned["report"]["digest"],
            "code": pinned["report"]["code"],
        }  # fmt: skip


def test_pinned_figures_stay_equal_when_more_is_recorded(run: Run, begun: Records) -> None:
    pinned = pin(run)
    counsel(begun, open_case(begun))
    assert pin(run)["report"]["digest"] != pinned["report"]["digest"]
    code, out, _ = run("reproduce", pinned["id"])
    assert code == 0
    assert out.startswith("equal: 2 figures")


def test_without_a_file_a_pin_lies_below_home(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("pin", *ASKED)
    assert code == 0
    [kept] = (tmp_path / "pins").iterdir()
    assert out.startswith(f"Pinned as {kept.stem}: 2 figures, sha256 ")
    assert str(kept) in out


def test_a_file_that_cannot_be_written_leaves_the_pin_with_its_id(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pins").write_text("in the way")
    code, _, err = run("pin", *ASKED)
    assert code == 1
    assert len(err.strip().splitlines()) == 1
    assert run("reproduce", err.split()[2].rstrip(","))[0] == 0


def test_where_no_file_can_be_is_said_before_anything_is_pinned(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    before = json.loads(run("status", "--json")[1])["position"]
    for place in ("file/report.json", "."):
        code, _, err = run("pin", *ASKED, "--out", str(tmp_path / place))
        assert (code, err.endswith("Nothing was done.\n")) == (2, True)
    assert json.loads(run("status", "--json")[1])["position"] == before


def test_a_figure_that_is_another_now_is_named_and_exits_1(run: Run, database: Database) -> None:
    pinned = pin(run)
    with psycopg.connect(database.administrator) as attacker:
        attacker.execute("update reading.journal set quantity = 7")
    code, found = reproduction(run, pinned["id"])
    assert code == 1
    assert found["faults"] == []
    assert {(cell["indicator"], cell["pinned"], cell["now"]) for cell in found["cells"]} == {
        ("applications", "1", "7"),
        ("counselling_rate", "1.0 = 1/1", "1.0 = 7/7"),
    }
    code, out, _ = run("reproduce", pinned["id"])
    assert code == 1
    assert "applications: pinned 1, now 7" in out
    assert "NOT EQUAL" in out


def test_a_row_changed_in_the_log_is_named_and_exits_1(run: Run, database: Database) -> None:
    pinned = pin(run)
    with psycopg.connect(database.administrator) as attacker:
        attacker.execute("alter table log.event disable trigger user")
        attacker.execute(
            "update log.event set recorded_at = recorded_at + interval '1 microsecond'"
            " where position = 2"
        )
        attacker.execute("alter table log.event enable always trigger event_is_final")
    code, out, _ = run("reproduce", pinned["id"])
    assert code == 1
    assert "log: Position 2: the row is not the one" in out


@pytest.mark.parametrize(
    ("pattern", "by", "said"),
    [
        (r'"values":\["1"\]', '"values":["2"]', "log: Position "),
        (r"report", "tropor", "it cannot be read. Look with: huhang verify"),
    ],
)
def test_a_pin_changed_in_the_log_itself_is_named_with_its_position(
    run: Run, database: Database, pattern: str, by: str, said: str
) -> None:
    pinned = pin(run)
    assert run("statistics", *ASKED)[0] == 0, "the read models hold the pin, as they soon do"
    with psycopg.connect(database.administrator) as attacker:
        attacker.execute("alter table log.event disable trigger user")
        attacker.execute(
            "update log.event set state = convert_to(regexp_replace(convert_from(state, 'UTF8'),"
            " %s, %s), 'UTF8') where originator_id = %s",
            (pattern, by, pinned["id"]),
        )
        attacker.execute("alter table log.event enable always trigger event_is_final")
    code, out, err = run("reproduce", pinned["id"])
    assert code == 1
    assert said in out + err
    assert f"Position {pinned['position']}" in out + err


def test_a_file_changed_by_hand_is_not_what_was_recorded(run: Run) -> None:
    pinned = pin(run)
    file = Path(pinned["file"])
    file.write_text(file.read_text().replace('["1"]', '["2"]'))
    code, found = reproduction(run, pinned["file"])
    assert code == 1
    assert {fault["kind"] for fault in found["faults"]} == {"pin", "record"}
    assert [cell["pinned"] for cell in found["cells"]] == ["2"]


def test_a_file_whose_pin_was_never_recorded_is_told_so(run: Run) -> None:
    pinned = pin(run)
    file = Path(pinned["file"])
    file.write_text(file.read_text().replace(pinned["id"], str(uuid4())))
    code, out, _ = run("reproduce", pinned["file"])
    assert code == 1
    assert "record: The log holds no pin" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("reproduce", "nothing"), "neither a file nor the id of a pin"),
        (("reproduce", "6f1c2b1e-0000-4000-8000-000000000000"), "holds no pin"),
        (("pin", "--indicators", "aplications"), "did you mean applications"),
        (("pin", "--region", "no place"), "no region “no place”"),
        (("pin", "--from", "2019-12-31", "--to", "2019-01-01"), "before it starts"),
    ],
)
def test_a_wrong_argument_gets_one_clear_line_and_exit_2(
    run: Run, arguments: tuple[str, ...], said: str
) -> None:
    code, out, err = run(*arguments)
    assert code == 2
    assert said in err
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in out + err


def test_a_file_that_is_no_pin_is_told_so(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    for content in ("{}", "nothing", '{"huhang_pin": 1}'):
        other.write_text(content)
        code, _, err = run("reproduce", str(other))
        assert code == 2
        assert "is no file of huhang pin" in err
