"""The tour: published figures rebuilt, moments that differ, a second run that keeps the log."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from shutil import copytree
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from api import cli
from api.demo import MOMENTS, WATCHED
from application.centres import Centres
from application.database import Database
from application.divisions import load_published
from application.keys import author_of
from application.records import Actor, Command, Records
from application.settings import Settings
from application.territory import Regions
from domain.centre_events import Outreach
from domain.region_events import Founding
from domain.values import OutreachKind, RegionKind, RegionLevel, Role
from tests.conftest import Databases, fresh
from tests.unasked import Unasked

Run = Callable[..., tuple[int, str, str]]
SCALE = ("--scale", "1/1000")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installation that all tours are made from; it keeps the keys of their log."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path) -> Run:
    """Run a command over a database; returns its exit code, output and errors."""
    monkeypatch.setenv("HUHANG_HOME", str(home))
    monkeypatch.setattr(cli.out, "width", 200)

    def command(database: Database, *arguments: str) -> tuple[int, str, str]:
        monkeypatch.setenv("HUHANG_DATABASE_URL", database.owner)
        monkeypatch.setenv("HUHANG_OWNER_URL", database.owner)
        monkeypatch.setattr("sys.argv", ["huhang", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return command


@pytest.fixture(scope="module")
def toured(databases: Databases) -> Iterator[Database]:
    """A database that starts empty; the first tour simulates into it, every later one keeps it."""
    with databases() as database:
        yield database


def rows(printed: str) -> list[list[str]]:
    """The lines of the printed tables, cell by cell."""
    lines = [line for line in printed.splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]


def last_position(database: Database) -> int:
    with psycopg.connect(database.reader) as connection:
        row = connection.execute("select max(position) from log.event").fetchone()
    assert row is not None
    return int(row[0] or 0)


def test_every_published_figure_is_rebuilt(run: Run, toured: Database) -> None:
    code, out, err = run(toured, "demo", *SCALE)
    assert code == 0, err
    told = [row for row in rows(out) if len(row) == 5]
    assert len(told) == len(load_published()) == 10
    assert {row[-1] for row in told} == {"yes"}
    for _, _, wanted, rebuilt, _ in told:
        assert rebuilt.split(" ")[0] == wanted, "one reads at a glance that they are equal"
    assert "a share is that of its two scaled counts" in out
    assert "SIMULATED" in out


def test_its_moments_are_those_that_statistics_tell(run: Run, toured: Database) -> None:
    _, out, _ = run(toured, "demo", *SCALE)
    told = [row for row in rows(out) if len(row) == 2 + len(WATCHED)]
    assert len(told) == len(MOMENTS)
    positions = [int(row[1].replace(",", "")) for row in told]
    assert positions == sorted(set(positions))
    assert positions[-1] == last_position(toured)
    for row, moment in zip(told, MOMENTS, strict=True):
        as_of = ("--as-of", str(moment)) if moment else ()
        half = ("--to", "2019-06-30", "--indicators", ",".join(WATCHED), "--json")
        figures = json.loads(run(toured, "statistics", *half, *as_of)[1])["lines"][0]["figures"]
        assert row[2:] == [f"{figures[code][0]['value']:,}" for code in WATCHED]
    late = WATCHED.index("late_entries") + 2
    assert int(told[0][late]) < int(told[-1][late]), "what came late is known only later"


def test_a_second_tour_keeps_the_log_whatever_scale_it_is_asked_for(
    run: Run, toured: Database
) -> None:
    run(toured, "demo", *SCALE)
    before = last_position(toured)
    code, out, _ = run(toured, "demo", "--scale", "1/100")
    assert code == 0
    assert last_position(toured) == before
    assert "already holds a year at scale 1/1000 and keeps it; for one at 1/100 begin anew" in out
    assert "simulating" not in out
    assert "begin anew" not in run(toured, "demo")[1]


def test_one_event_too_many_is_a_figure_that_is_not_rebuilt(
    run: Run,
    toured: Database,
    server: Database,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run(toured, "demo", *SCALE)
    monkeypatch.setenv("HUHANG_HOME", str(copytree(home, tmp_path / "home")))
    with fresh(server, str(conninfo_to_dict(toured.administrator)["dbname"])) as copy:
        hold_outreach(copy)
        code, out, err = run(copy, "demo")
    assert code == 1
    assert re.search("not rebuilt; see the table", err)
    assert [row[0] for row in rows(out) if row[-1] == "NO"] == ["培训宣传活动", "培训宣传受益人次"]


def hold_outreach(database: Database) -> None:
    """Add an outreach event of 2019 at some centre."""
    with psycopg.connect(database.reader) as connection:
        row = connection.execute(
            "select originator_id from log.event where topic like 'centre.established.%' limit 1"
        ).fetchone()
    assert row is not None
    centre = UUID(str(row[0]))
    on = date(2019, 12, 31)
    outreach = Outreach(id=uuid4(), kind=OutreachKind.LECTURE, held_on=on, title="讲座", persons=30)
    by = Command(Actor(uuid4(), Role.CENTRE_MANAGER, centre), occurred=on, reason="补录")
    records = Records(database, author_of(Settings()), jurisdiction=Unasked)
    Centres(records).hold_outreach(centre, outreach, by)
    records.close()


def test_a_log_of_real_work_is_left_alone(run: Run, databases: Databases) -> None:
    with databases() as database:
        establish_region(database)
        code, _, err = run(database, "demo", *SCALE)
        assert last_position(database) == 1
    assert code == 1
    assert "another HUHANG_HOME" in err
    assert len(err.strip().splitlines()) == 1


def establish_region(database: Database) -> None:
    """Record something that nobody simulated."""
    founding = Founding(
        scheme="test",
        code="37",
        name="山东省",
        level=RegionLevel.PROVINCE,
        kind=RegionKind.PROVINCE,
        valid_from=date(2000, 1, 1),
    )
    records = Records(database, author_of(Settings()), jurisdiction=Unasked)
    Regions(records).establish(founding, Command(Actor(uuid4(), Role.ADMINISTRATOR, uuid4())))
    records.close()


def test_a_scale_that_is_none_is_told_so(run: Run, toured: Database) -> None:
    code, _, err = run(toured, "demo", "--scale", "much")
    assert code == 2
    assert "is no scale" in err
