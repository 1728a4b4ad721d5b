"""Work ledgers as Excel workbooks: what another program reads in them, what they leave."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import pytest

from api.looks import Looks
from domain.base import SHANGHAI
from projections import ledger_reading, workbook
from tests.api.cast import County
from tests.api.test_commands import counselled
from tests.api.test_queries import downloaded
from tests.workbooks import Rows, sheets


def opened(county: County, name: str, **parameters: Any) -> tuple[Rows, Rows]:
    """The two sheets of a ledger of a county: its rows, and what they are of."""
    answer = county.manager.ask(f"/ledgers/{name}.xlsx", region=county.code, **parameters)
    assert answer.status_code == 200, answer.text
    rows, about = sheets(answer.content).values()
    return rows, about


def held(county: County) -> int:
    """A session of a county is recorded; returns the position."""
    counselled(county, county.person())
    return county.service.recorded[0]


@pytest.mark.parametrize("name", ["cases", "sessions"])
def test_a_workbook_holds_what_the_csv_holds(name: str, county: County) -> None:
    position = held(county)
    wanted = downloaded(county, name, min_position=position)
    rows, _ = opened(county, name, min_position=position)
    assert [[as_in_csv(value) for value in row] for row in rows] == wanted


def as_in_csv(value: Any) -> str:
    """A cell as the CSV tells it."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=SHANGHAI).isoformat(sep=" ", timespec="seconds")
    return str(int(value)) if isinstance(value, float) else str(value)


def test_days_instants_and_numbers_are_what_a_spreadsheet_calculates_with(county: County) -> None:
    position = held(county)
    (heading, row), _ = opened(county, "sessions", min_position=position)
    told = dict(zip(heading, row, strict=True))
    assert told["时长（分钟）"] == 60
    assert isinstance(told["录入时间"], datetime)
    now = datetime.now(SHANGHAI).replace(tzinfo=None)
    assert abs(now - told["录入时间"]) < timedelta(minutes=10), "as the clock shows it in China"
    (heading, row), _ = opened(county, "cases", min_position=position)
    assert dict(zip(heading, row, strict=True))["开案日期"] == date(2019, 3, 1)


def test_the_second_sheet_says_of_what_as_of_when_and_by_which_boundaries(county: County) -> None:
    position = held(county)
    (_, about) = opened(
        county, "cases", as_of=position, boundaries="now", equals="status:open", to="2019-12-31"
    )
    told = dict(about)
    assert told["台账"] == "个案台账"
    assert told["日志位置"] == str(position)
    assert told["地区"] == county.code
    assert told["区划口径"] == "按现行区划"
    assert told["筛选"] == "status:open"
    assert told["期间"].endswith("2019-12-31")
    assert (told["行数"], told["数据性质"]) == ("1", "真实记录")


def test_a_workbook_of_many_pages_has_every_row_once(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_reading, "FETCHED", 2)
    person = county.person()
    cases = [county.opened(person) for _ in range(5)]
    position = person.does(f"{cases[-1]}/risk", level="red")["last_position"]
    (_heading, *rows), _ = opened(county, "cases", min_position=position)
    assert sorted(row[0] for row in rows) == sorted(case.removeprefix("/cases/") for case in cases)


def test_more_rows_than_a_sheet_has_are_refused_before_anything_is_read(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "LONGEST", 3)
    person = county.person()
    cases = [county.opened(person) for _ in range(3)]
    position = person.does(f"{cases[-1]}/risk", level="red")["last_position"]
    asked = {"region": county.code, "min_position": position}
    answer = county.manager.ask("/ledgers/cases.xlsx", **asked)
    assert answer.status_code == 422
    assert "3 rows here, and a sheet holds 2; ask for a shorter period" in answer.text


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> list[IO[bytes]]:
    """The files in which workbooks are made."""
    made: list[IO[bytes]] = []

    def noted(**options: int) -> IO[bytes]:
        made.append(tempfile.SpooledTemporaryFile(**options))  # noqa: SIM115 - that is looked at
        return made[-1]

    monkeypatch.setattr(workbook, "SpooledTemporaryFile", noted)
    return made


def test_a_workbook_that_is_broken_off_leaves_nothing_on_the_disk(
    county: County, files: list[IO[bytes]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def breaking(*asked: Any) -> Iterator[dict[str, Any]]:
        yield next(every_row(*asked))
        assert any(tmp_path.iterdir()), "what is drafted lies here"
        raise OSError("the disk is full")

    every_row = workbook.every_row
    position = held(county)
    monkeypatch.setattr(workbook, "every_row", breaking)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    answer = county.manager.ask("/ledgers/cases.xlsx", min_position=position)
    assert answer.status_code >= 500
    assert not list(tmp_path.iterdir())
    assert [file.closed for file in files] == [True]


def test_a_workbook_leaves_no_file_open_whether_or_not_its_trace_can_be_written(
    county: County, files: list[IO[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise OSError("the log is full")

    opened(county, "cases", min_position=held(county))
    monkeypatch.setattr(Looks, "export", failing)
    assert county.manager.ask("/ledgers/cases.xlsx").status_code >= 500
    assert [file.closed for file in files] == [True, True]
