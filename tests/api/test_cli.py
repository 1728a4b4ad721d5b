"""The command line: reading commands for people and for programs, one clear line for a mistake."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from shutil import copytree
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from api import cli
from api.app import create_app
from application.alarms import Alarm, ring
from application.database import Database, nameless
from application.keys import author_of, make_identity_key
from application.note import Verifier
from application.policy import Actor
from application.proof import LogProof
from application.settings import Settings
from application.tokens import Tokens
from domain.subject import subject_id
from domain.values import CaseChannel, Role
from projections.history import MASKED
from tests.api.conftest import served
from tests.conftest import Databases
from tests.projections.test_findings import FIRST, at, working
from tests.workbooks import sheets

Run = Callable[..., tuple[int, str, str]]

OFFICE = "6f1c2b1e-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installation that simulated the year, in which the commands run."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def simulated(module_database: Database, home: Path) -> Iterator[Database]:
    """A simulated year, sealed, that the commands of this module read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUHANG_DATABASE_URL", nameless(module_database.administrator))
        patch.setenv("HUHANG_OWNER_URL", module_database.administrator)
        patch.setenv("HUHANG_HOME", str(home))
        patch.setattr("sys.argv", ["huhang", "simulate", "--scale", "1/1000", "--json"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 0
        patch.setattr("sys.argv", ["huhang", "seal", "--once"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 0
        yield module_database


@pytest.fixture
def run(
    simulated: Database, home: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:  # fmt: skip
    """Run a command; returns its exit code, output and errors."""
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(simulated.administrator))
    monkeypatch.setenv("HUHANG_OWNER_URL", simulated.administrator)
    monkeypatch.setenv("HUHANG_HOME", str(home))
    monkeypatch.setattr(cli.out, "width", 200)

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["huhang", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return command


@pytest.fixture
def elsewhere(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same, in an installation whose key the log does not know."""
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path))
    return run


def answer(run: Run, *arguments: str) -> Any:
    code, out, err = run(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def test_statistics_tell_the_applications_of_the_year(run: Run) -> None:
    table = answer(run, "statistics", "--indicators", "applications")
    assert table["lines"][0]["figures"]["applications"][0]["value"] == 215
    assert table["reading"]["simulated"] is True


def test_statistics_print_that_the_log_is_simulated(run: Run) -> None:
    code, out, _ = run("statistics", "--by", "city", "--columns", "quarter")
    assert code == 0
    assert "SIMULATED" in out
    assert "济南市" in out


def test_statistics_as_of_an_earlier_date_know_less(run: Run) -> None:
    first = ("statistics", "--indicators", "applications", "--as-of")
    earlier = answer(run, *first, "2019-06-30")["lines"][0]["figures"]["applications"][0]["value"]
    later = answer(run, *first, "2019-12-31")["lines"][0]["figures"]["applications"][0]["value"]
    assert earlier < later


def test_diff_lists_the_entries_between_two_moments(run: Run) -> None:
    found = answer(run, "diff", "--from-as-of", "2019-12-31", "--indicators", "applications")
    moments = [
        answer(run, "statistics", "--indicators", "applications", *as_of)
        for as_of in (("--as-of", "2019-12-31"), ())
    ]
    before, after = (m["lines"][0]["figures"]["applications"][0]["value"] for m in moments)
    assert sum(one["quantity"] for one in (*found["changes"], *found["moves"])) == after - before
    code, out, _ = run("diff", "--from-as-of", "2019-12-31", "--indicators", "applications")
    assert code == 0
    assert "entries." in out


def test_diff_says_for_each_figure_that_was_asked_by_how_much_it_differs(run: Run) -> None:
    asked = ("--from-as-of", "2019-12-31", "--indicators", "deferred,cancelled,applications")
    found = answer(run, "diff", *asked)
    cancelled = sum(one["quantity"] for one in found["changes"] if one["indicator"] == "cancelled")
    code, out, _ = run("diff", *asked)
    assert code == 0
    told = dict(line.split(": ") for line in out.splitlines() if re.match(r"\w+: [+-]", line))
    assert told.keys() == {"deferred", "cancelled", "applications"}
    assert told["cancelled"] == f"{cancelled:+,}"


def test_a_ledger_is_printed_in_the_order_of_any_column(run: Run) -> None:
    rows = answer(run, "ledger", "cases", "--sort", "-closed_on", "--limit", "1000")["rows"]
    closed = [row["closed_on"] for row in rows if row["closed_on"] is not None]
    assert closed == sorted(closed, reverse=True)
    code, _, err = run("ledger", "cases", "--sort", "nothing")
    assert (code, len(err.strip().splitlines())) == (2, 1)


def test_the_orders_that_are_settled_are_told_by_who_has_them_and_how_they_ended(run: Run) -> None:
    asked = ("ledger", "orders", "--equals", "stage:settled", "--sort", "deadline")
    rows = answer(run, *asked, "--limit", "1000")["rows"]
    assert rows
    assert [row["deadline"] for row in rows] == sorted(row["deadline"] for row in rows)
    assert {row["status"] for row in rows} <= {"written-off", "voided"}
    code, out, _ = run(*asked, "--csv")
    assert code == 0
    assert out.count("已了结") == out.count("已销号") + out.count("已作废") == len(rows)


def test_what_leaves_a_simulated_log_says_so_beside_what_programs_read(run: Run) -> None:
    for leaves in (("ledger", "cases", "--csv"), ("receipt", "5"), ("entry", "5")):
        code, _, err = run(*leaves)
        assert code == 0
        assert "SIMULATED" in err
    _, out, err = run("ledger", "cases", "--csv")
    assert re.search(r"as of position \d+", err)
    assert "as of position" not in out
    assert "SIMULATED" in run("verify")[1]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("cases", "--equals", "status:open", "--equals", "status:closed"), "give it once"),
        (("cases", "--csv", "--json"), "choose one"),
        (("cases", "--csv", "--excel", "new.xlsx"), "choose one"),
        (("cases", "--excel", "pyproject.toml"), "another name"),
        (("cases", "--limit", "100000000000000000000"), "1000000"),
        (("cases", "--equals", "sessions:2"), "filter by"),
    ],
)
def test_a_ledger_is_not_asked_for_in_two_ways_at_once(
    run: Run, wrong: tuple[str, ...], said: str
) -> None:
    code, out, err = run("ledger", *wrong)
    assert (code, out, len(err.strip().splitlines())) == (2, "", 1)
    assert said in err


def test_boundaries_are_asked_for_of_days_that_facts_can_have(run: Run) -> None:
    for on in ("1800-01-01", "2300-01-01"):
        code, _, err = run("statistics", "--boundaries", on)
        assert (code, len(err.strip().splitlines())) == (2, 1)


def test_diff_lists_what_boundaries_moved(run: Run, simulated: Database) -> None:
    with psycopg.connect(simulated.reader) as connection:
        row = connection.execute(
            "select max(position) from log.event where topic = 'region.succeeded.v1'"
            " and recorded_at < '2019-12-01'"
        ).fetchone()
    assert row is not None
    asked = ("diff", "--region", "371503", "--indicators", "open_cases,cases_opened,records")
    between = ("--from-as-of", str(row[0] - 1), "--to-as-of", str(row[0]))
    found = answer(run, *asked, *between, "--boundaries", "now")
    assert {move["topic"] for move in found["moves"]} == {"region.succeeded.v1"}
    code, out, _ = run(*asked, *between, "--boundaries", "now")
    assert code == 0
    assert "moves by boundary changes" in out


def test_a_ledger_is_listed_and_streamed(run: Run) -> None:
    found = answer(run, "ledger", "outreach", "--limit", "5")
    assert len(found["rows"]) == 1, "1,431 events at 1/1000"
    code, out, _ = run("ledger", "cases", "--limit", "3")
    assert code == 0
    assert "个案" in out
    code, out, _ = run("ledger", "cases", "--csv")
    assert code == 0
    assert len(out.splitlines()) > 215


def test_a_ledger_is_written_as_a_workbook(run: Run, tmp_path: Path) -> None:
    _, out, _ = run("ledger", "cases", "--csv")
    code, _, err = run("ledger", "cases", "--excel", str(tmp_path / "cases.xlsx"))
    assert code == 0
    assert re.search(r"as of position \d+", err)
    cases, about = sheets((tmp_path / "cases.xlsx").read_bytes()).values()
    assert len(cases) == len(out.splitlines())
    assert ["台账", "个案台账"] in about


def test_a_workbook_that_cannot_be_written_is_refused_before_the_trace_of_its_export(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    before = answer(run, "status")["position"]
    code, _, err = run("ledger", "cases", "--excel", str(tmp_path / "file" / "cases.xlsx"))
    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith("Nothing can be written in")
    assert answer(run, "status")["position"] == before
    assert run("ledger", "cases", "--excel", str(tmp_path / "new" / "cases.xlsx"))[0] == 0


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("ledger disposals", "The ledger disposals has no row."),
        ("ledger cases --region 370102 --equals status:voided", "no row that was asked for."),
        ("holds", "No legal hold was placed."),
        ("holds --standing", "No legal hold stands."),
        ("unusual-looks --from 2019-01-01 --to 2019-01-02", "No look is unusual."),
        ("overlaps --from 2019-01-01 --to 2019-01-01", "No sessions of one practitioner overlap."),
        ("deadlines", "No deadline of an open application has moved."),
    ],
)
def test_where_there_is_nothing_a_sentence_says_so_and_as_of_when(
    run: Run, command: str, said: str
) -> None:
    code, out, _ = run(*command.split())
    assert code == 0
    assert out.splitlines()[0].endswith(said)
    assert re.match(r"as of position \d+.*SIMULATED", out.splitlines()[1])


def test_the_practitioners_of_a_centre_are_listed(run: Run) -> None:
    on_post = ("ledger", "practitioners", "--equals", "status:on-post")
    (person,) = answer(run, *on_post, "--limit", "1")["rows"]
    here = (*on_post, "--equals", f"centre:{person['centre']}")
    team = answer(run, *here)["rows"]
    assert person in team
    assert {one["centre_name"] for one in team} == {person["centre_name"]}
    _, out, _ = run(*here)
    assert out.count(person["centre_name"]) == len(team)
    _, out, _ = run(*here, "--csv")
    assert len(out.splitlines()) == len(team) + 2, "a notice and the headings"


def test_a_ledger_is_read_in_chinese_and_stored_values_stay_in_json(run: Run) -> None:
    (row,) = answer(run, "ledger", "cases", "--limit", "1")["rows"]
    stored, label = row["channel"], CaseChannel(row["channel"]).label
    _, out, _ = run("ledger", "cases", "--limit", "1")
    _, exported, _ = run("ledger", "cases", "--csv")
    assert f"来源渠道{label}" in re.sub(r"[\s│]", "", out)
    assert stored not in out
    assert label in exported
    assert stored not in exported


def test_sessions_of_one_practitioner_that_overlap_are_listed(
    run: Run, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with working(database) as desk:
        for minute, name in ((0, "a"), (45, "b"), (50, "c")):
            desk.hold(FIRST, at(minute, name))
    make_identity_key(tmp_path)
    author_of(Settings(home=tmp_path))
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path))
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(database.administrator))
    monkeypatch.setenv("HUHANG_OWNER_URL", database.administrator)
    found = answer(run, "overlaps", "--from", "2019-03-01", "--to", "2019-03-01", "--limit", "2")
    assert found["found"][0]["minutes"] == 15
    code, out, _ = run("overlaps", "--limit", "2")
    assert (code, "ask for more with --limit" in out) == (0, True)
    assert "2019-03-01 10:45, 60 min" in out
    assert answer(run, "overlaps", "--region", "370102", "--as-of", "3")["found"] == []
    code, _, err = run("overlaps", "--from", "2019-03-02", "--to", "2019-03-01")
    assert (code, err.count("\n")) == (2, 1)


def test_no_deadline_of_a_year_without_cooling_off_has_moved(run: Run) -> None:
    assert answer(run, "deadlines", "--region", "370000")["deadlines"] == []
    _, out, _ = run("deadlines")
    assert "No deadline of an open application has moved." in out


def looks_of(database: Database) -> list[dict[str, Any]]:
    with psycopg.connect(database.reader) as connection:
        rows = connection.execute(
            "select convert_from(state, 'UTF8')::jsonb from log.event"
            " where topic like 'access.%' order by position"
        )
        return [state for (state,) in rows]


def a_case(run: Run) -> tuple[str, str]:
    """A case of a centre, and that centre."""
    rows = answer(run, "ledger", "cases", "--limit", "200")["rows"]
    row = next(row for row in rows if row["centre"] is not None)
    return row["row"], row["centre"]


def test_who_the_parties_of_a_simulated_case_are_is_opened_like_any(
    run: Run, simulated: Database
) -> None:
    """A newcomer tries it on the demonstration."""
    rows = answer(run, "ledger", "cases", "--limit", "200")["rows"]
    settings, people = Settings(), list[Any]()
    with served(create_app(simulated, settings)) as address:
        for row in [row for row in rows if row["centre"]][:20]:
            manager = Actor(uuid4(), Role.CENTRE_MANAGER, UUID(row["centre"]))
            headers = {"Authorization": f"Bearer {Tokens(settings).issue(manager)}"}
            path = f"{address}/api/v1/cases/{row['row']}/identities"
            opened = httpx.get(path, headers=headers, timeout=30, verify=False)
            assert opened.status_code in (200, 404), opened.text  # where nobody was identified
            people += opened.json().get("parties", ())
    assert people
    for one in people:
        assert "（模拟）" in one["identity"]["name"]
        assert one["identity"]["document"].startswith("SIM")


def test_whoever_runs_the_machine_leaves_a_trace_too(run: Run, simulated: Database) -> None:
    case, _ = a_case(run)
    before = len(looks_of(simulated))
    run("statistics")
    assert len(looks_of(simulated)) == before, "figures are of nobody"
    run("history", case)
    run("ledger", "cases", "--equals", "status:open")
    run("ledger", "cases", "--csv")
    opened, listed, exported = looks_of(simulated)[before:]
    assert opened["viewing"]["record"] == case
    assert opened["viewing"]["surface"] == "command-line"
    assert listed["selection"]["what"] == "ledger cases by status"
    assert exported["selection"]["rows"] > 0
    assert {one["stamp"]["role"] for one in (opened, listed, exported)} == {"system"}


def a_region(simulated: Database) -> str:
    """The region that was founded first, which all others lie in."""
    with psycopg.connect(simulated.reader) as connection:
        row = connection.execute(
            "select originator_id from log.event where topic = 'region.established.v1'"
            " order by position limit 1"
        ).fetchone()
    assert row is not None
    return str(row[0])


def test_under_a_token_one_sees_what_the_api_would_show(
    run: Run, simulated: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, centre = a_case(run)
    every = len(answer(run, "ledger", "cases", "--limit", "1000")["rows"])
    bearer = str(uuid4())

    def become(role: str, office: str) -> None:
        _, token, _ = run("token", "--role", role, "--office", office, "--actor", bearer)
        monkeypatch.setenv("HUHANG_TOKEN", token.strip())

    become("centre-manager", centre)
    rows = answer(run, "ledger", "cases", "--limit", "1000")["rows"]
    assert {row["centre"] for row in rows} == {centre}
    assert 0 < len(rows) < every
    before = len(looks_of(simulated))
    assert run("history", case)[0] == 0
    (look,) = looks_of(simulated)[before:]
    assert (look["stamp"]["actor"], look["stamp"]["office"]) == (bearer, centre)
    monkeypatch.delenv("HUHANG_TOKEN")
    become("supervisor", a_region(simulated))
    assert run("history", case)[0] == 0
    monkeypatch.delenv("HUHANG_TOKEN")
    _, out, _ = run("unusual-looks", "--reason", "unassigned")
    assert bearer not in out, "in the course of duty"
    _, out, _ = run("unusual-looks", "--reason", "several-offices")
    (row,) = (line for line in out.splitlines() if bearer in line)
    assert [cell.strip() for cell in row.split("│")][5:7] == ["2", "1"], "two looks at one record"
    become("volunteer", centre)
    for refused in (("history", case), ("ledger", "cases", "--csv"), ("overlaps",)):
        code, out, err = run(*refused)
        assert (code, out) == (2, "")
        assert len(err.strip().splitlines()) == 1
    monkeypatch.setenv("HUHANG_TOKEN", "made up")
    assert run("statistics")[0] == 2


def test_a_history_is_masked_and_traced_on_the_command_line_as_by_the_api(
    run: Run, simulated: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(simulated.reader) as connection:
        paid, province = (
            str(row[0])
            for row in connection.execute(
                "select originator_id from (values ('centre.subsidy-paid.v1', 1),"
                " ('region.established.v1', 2)) as wanted (topic, n),"
                " lateral (select originator_id from log.event where event.topic = wanted.topic"
                " order by position limit 1) as first order by n"
            )
        )
    case, _ = a_case(run)
    assert run("hold", case, "--ground", "litigation", "--officer", str(uuid4()),
               "--office", province)[0] == 0  # fmt: skip
    before = len(looks_of(simulated))
    assert run("history", str(subject_id(UUID(case))))[0] == 0
    (look,) = looks_of(simulated)[before:]
    assert (look["viewing"]["record"], look["viewing"]["kind"]) == (case, "case")
    _, token, _ = run("token", "--role", "privacy-officer", "--office", province)
    monkeypatch.setenv("HUHANG_TOKEN", token.strip())
    shown = answer(run, "history", paid)["timeline"]
    (first, *_) = (one for one in shown if one["topic"] == "centre.subsidy-paid.v1")
    assert first["facts"]["subsidy"]["fen"] == MASKED


def test_history_tells_the_life_of_a_case(run: Run, simulated: Database) -> None:
    with psycopg.connect(simulated.reader) as connection:
        row = connection.execute(
            "select originator_id from log.event where topic = 'case.closure-approved.v1' limit 1"
        ).fetchone()
    assert row is not None
    found = answer(run, "history", str(row[0]))
    assert found["timeline"][0]["topic"] == "case.opened.v1"
    code, out, _ = run("history", str(row[0]))
    assert code == 0
    assert found["timeline"][0]["title"] in out


def test_status_says_where_the_log_is(run: Run) -> None:
    answer(run, "statistics")  # catches up with what other commands recorded
    found = answer(run, "status")
    assert found["lag"] == 0
    assert found["position"] == found["projected"] > 1000
    assert "position" in run("status")[1]


def test_rebuild_switches_to_an_equal_build(run: Run) -> None:
    before = answer(run, "status")["build"]
    assert run("rebuild", "--workers", "1")[0] == 0
    assert answer(run, "status")["build"] > before


def test_database_prints_a_connection_string_a_role(run: Run) -> None:
    strings = answer(run, "database")
    assert set(strings) == {
        "application",
        "projector",
        "sealer",
        "vault",
        "identity",
        "reader",
        "owner",
    }
    assert "reader" in run("database")[1]


@pytest.mark.parametrize("command", ["ledger centres --limit 1", "regions"])
def test_a_token_is_issued_for_a_centre_or_a_region(run: Run, command: str) -> None:
    found = answer(run, *command.split())
    office = found["rows"][0]["row"] if "rows" in found else found["regions"][0]["id"]
    code, out, err = run("token", "--role", "counsellor", "--office", office)
    assert (code, err) == (0, "")
    assert out.count(".") == 2


def test_an_account_has_an_office_that_is_there_a_login_name_and_a_name(run: Run) -> None:
    there = answer(run, "regions")["regions"][0]["id"]
    for login, name, office, slip in (
        ("lw-1", "李某", OFFICE, "neither a centre nor a region"),
        ("x", "李某", there, "LOGIN cannot be “x”: write 3 to 32 lower-case letters"),
        ("lw-1", "", there, "--name cannot be “”: write the person's name."),
    ):
        code, out, err = run("account", "open", login, "--name", name, "--office", office)
        assert (code, out) == (2, "")
        assert slip in err
        assert len(err.strip().splitlines()) == 1
    who = answer(run, "account", "open", "lw-1", "--name", "李某", "--office", there)["person"]
    long_ago = ("--role", "auditor", "--office", there, "--since", "1020-01-01")
    code, _, err = run("account", "grant", who, *long_ago)
    assert (code, err.startswith("--since cannot be “1020-01-01”: write a day")) == (2, True)
    code, _, err = run("account", "grant", who, "--role", "auditor", "--office", OFFICE)
    assert code == 2
    assert "neither a centre nor a region" in err


def test_no_token_is_issued_for_a_case(run: Run) -> None:
    (case,) = answer(run, "ledger", "cases", "--limit", "1")["rows"]
    code, out, err = run("token", "--role", "counsellor", "--office", case["row"])
    assert (code, out) == (2, "")
    assert f"{case['row']} is neither a centre nor a region" in err


def test_a_token_for_an_empty_log_says_that_its_office_is_still_to_be_founded(
    run: Run, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(database.administrator))
    code, out, err = run("token", "--role", "administrator", "--office", OFFICE)
    assert (code, out.count(".")) == (0, 2)
    assert "no centre and no region yet" in err
    assert "huhang account first" in err, "which says the one office that may found the first one"
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("statistics", "--region", "999999"), "no region “999999”"),
        (("statistics", "--region", "济南市"), "huhang regions or GET /regions lists them."),
        (("statistics", "--from", "2019-12-31", "--to", "2019-01-01"), "before it starts"),
        (("statistics", "--as-of", "2999-01-01"), "in the future"),
        (("statistics", "--as-of", "2001-01-01"), "began after"),
        (("statistics", "--as-of", "soon"), "is no moment"),
        (("statistics", "--from", "2019-02-30"), "is no date"),
        (("statistics", "--from", "20190101"), "is no date"),
        (("statistics", "--from", "2019-W05-1"), "is no date"),
        (("statistics", "--from", "0001-01-01", "--to", "9999-12-31"), "is outside 1900-01-01"),
        (("statistics", "--as-of", "2019-W05-1"), "is no moment"),
        (("statistics", "--as-of", "²"), "is no moment"),
        (("statistics", "--as-of", "9" * 5000), "is no moment"),
        (("statistics", "--boundaries", "20190101"), "is no boundaries"),
        (("statistics", "--region", ""), "no region “”"),
        (("statistics", "--columns", "month", "--from", "1900-01-01"), "columns do not fit"),
        (("statistics", "--boundaries", "never"), "is no boundaries"),
        (("statistics", "--indicators", "aplications"), "did you mean applications"),
        (("statistics", "--by", "street"), "street"),
        (("ledger", "nothing"), "nothing"),
        (("history", "no-id"), "is no id"),
        (("history", "6f1c2b1e-0000-4000-8000-000000000000"), "6f1c2b1e"),
        (("simulate", "--scale", "much"), "is no scale"),
        (("simulate", "--scale", "1/1000"), "not empty"),
        (("token", "--role", "king", "--office", "x"), "“king”: write one of counsellor, "),
        (("token", "--role", "auditor", "--office", "x"), "--office cannot be “x”: it is an id"),
        (("token", "--role", "auditor", "--office", OFFICE), "neither a centre nor a region"),
        (("ledger", "centres", "--equals", "status"), "is no filter"),
        (("ledger", "centres", "--equals", "shape:round"), "no column “shape”"),
        (("ledger", "practitioners", "--equals", "centre:here"), "holds ids"),
        (("unheard-of",), "unheard-of"),
        (("diff",), "--from-as-of"),
        (("diff", "--from-as-of", "2019-06-30", "--limit", "0"), "--limit"),
        (("ledger", "cases", "--limit", "0"), "--limit"),
        (("rebuild", "--workers", "0"), "--workers"),
        (("simulate", "--scale", "1/1000", "--workers", "0"), "--workers"),
        (("serve", "--port", "99999"), "--port cannot be “99999”: write 65535 or less."),
        (("serve", "--port", "none"), "--port cannot be “none”: write a whole number."),
        (("receipt", "abc"), "POSITION cannot be “abc”: write a whole number."),
        (("receipt", "0"), "POSITION cannot be “0”: write 1 or more."),
        (("erase", "nonsense", "--ground", "consent-withdrawn"), "RECORD cannot be “nonsense”"),
        (("hold", OFFICE, "--ground", "fun"), "--ground cannot be “fun”: write one of "),
        (("regions", "--region", "999999"), "no region “999999”"),
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


@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid"])
def test_an_address_that_cannot_be_served_at_gets_one_line_before_anything_is_started(
    run: Run, host: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, out, err = run("serve", "--host", host, "--port", str(taken.getsockname()[1]))
    assert code == 1
    assert out == ""
    assert err.startswith(f"Cannot listen on {host}, port ")
    assert len(err.strip().splitlines()) == 1


def test_indicators_may_be_written_with_blanks_between_them(run: Run) -> None:
    table = answer(run, "statistics", "--indicators", "applications, couples_counselled")
    assert [one["code"] for one in table["indicators"]] == ["applications", "couples_counselled"]


def test_the_lists_that_errors_send_one_to_are_commands(run: Run) -> None:
    regions = answer(run, "regions", "--region", "370100", "--on", "2019-12-31")["regions"]
    assert {"371200", "371202"}.isdisjoint(one["code"] for one in regions)
    assert {"370100", "370116", "370117"} <= {one["code"] for one in regions}
    assert "莱芜区" in run("regions", "--region", "370100")[1]
    assert "applications" in [one["code"] for one in answer(run, "indicators")]
    assert "counselling_rate" in run("indicators")[1]


def test_a_table_on_a_narrow_terminal_is_folded_and_loses_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli.out, "width", 80)
    code, out, _ = run("diff", "--from-as-of", "2019-12-31", "--indicators", "late_entries")
    assert code == 0
    assert "…" not in out


def test_a_ledger_says_when_it_shows_only_its_first_rows(run: Run) -> None:
    assert "The first 3 rows; ask for more" in run("ledger", "cases", "--limit", "3")[1]
    assert "The first row; ask for more" in run("ledger", "cases", "--limit", "1")[1]
    assert "The first" not in run("ledger", "outreach")[1]


def test_an_unreachable_database_gets_one_clear_line_and_exit_1(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUHANG_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    code, _, err = run("status")
    assert code == 1
    assert "does not answer the role huhang_application (connection to server at" in err
    assert "port 1 failed" in err
    assert "Is the server running" not in err
    assert len(err.strip().splitlines()) == 1


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
    run: Run, simulated: Database, tmp_path: Path
) -> None:
    """Who logs in as the reader itself can change its password, and the system reads no more."""
    with psycopg.connect(simulated.owner, autocommit=True) as administrator:
        administrator.execute("create role auditor login in role huhang_reader")
        run("nightly")  # notes the new member of the fence
        try:
            with pytest.MonkeyPatch.context() as his:
                his.setenv("HUHANG_HOME", str(tmp_path))
                his.setenv("HUHANG_READER_URL", make_conninfo(simulated.owner, user="auditor"))
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


def test_a_record_gets_the_proof_that_it_is_in_the_log(run: Run) -> None:
    code, proof, _ = run("receipt", "5")
    assert code == 0
    assert LogProof.parse(proof.encode()).index == 4
    code, _, err = run("receipt", "99999999")
    assert code == 2
    assert "The log has no position 99,999,999; its last is" in err


def test_a_record_that_is_not_sealed_yet_has_no_proof(run: Run) -> None:
    case, _ = a_case(run)
    run("history", case)
    code, _, err = run("receipt", str(answer(run, "status")["position"]))
    assert code == 1
    assert "is not sealed yet" in err


def test_a_patrol_and_the_read_models_are_verified(run: Run) -> None:
    found = answer(run, "verify", "--patrol", "2", "--projections")
    assert (found["first"], found["last"]) == (1, 512)
    assert found["checks"]["read models"] == "passed"


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
    run: Run, simulated: Database, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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


def test_alarms_are_listed_and_settled_with_a_reason(run: Run) -> None:
    ring(Settings().home, Alarm("a drill"))
    assert answer(run, "status")["alarm"] == "a drill"
    assert answer(run, "alarms")["standing"] == "a drill"
    (number,) = answer(run, "alarms")["numbered"]
    assert run("alarms", number)[0] == 2
    code, out, _ = run("alarms", number, "--settle", "it was one")
    assert code == 0
    assert "standing: none" in out


def test_a_sealer_without_its_memory_ends_with_an_alarm(
    elsewhere: Run, home: Path, tmp_path: Path
) -> None:
    copytree(home / "keys", tmp_path / "keys")
    code, _, err = elsewhere("seal", "--once")
    assert code == 1
    assert len(err.strip().splitlines()) == 1
    assert answer(elsewhere, "alarms")["standing"] is not None


def test_the_night_is_noted_and_a_further_author_let_in(
    run: Run, databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with databases() as database:
        monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(database.administrator))
        monkeypatch.setenv("HUHANG_HOME", str(tmp_path))
        assert len(answer(run, "nightly")["positions"]) == 2
        monkeypatch.setenv("HUHANG_INSTANCE", "app2")
        name, key = run("author")[1].split()
        monkeypatch.delenv("HUHANG_INSTANCE")
        assert run("register-author", name, key)[0] == 0
        assert answer(run, "keys")["authors"]["app2"] == key
        assert run("register-author", name, key)[0] == 2
        assert run("register-author", "Bad Name", key)[0] == 2


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


def test_serving_beside_a_damaged_note_of_the_key_store_is_refused_in_one_line(
    run: Run, home: Path
) -> None:
    note = home / "seal" / "store"
    kept = note.read_bytes() if note.exists() else None
    note.parent.mkdir(exist_ok=True)
    note.write_text("no key store")
    try:
        code, _, err = run("serve", "--port", "0")
    finally:
        note.unlink() if kept is None else note.write_bytes(kept)
    assert code == 1
    assert "seal/store is damaged" in err
    assert len(err.strip().splitlines()) == 1


def test_a_full_disk_is_told_in_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with suppress(OSError), Path("/dev/full").open("w", buffering=1) as full:
        monkeypatch.setattr("sys.stdout", full)
        code, _, err = run("ledger", "cases", "--csv")
    assert code == 1
    assert "No space left" in err
    assert len(err.strip().splitlines()) == 1


def test_an_empty_setting_is_none_and_nothing_is_written_to_the_current_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HUHANG_HOME", "HUHANG_DATABASE_URL", "HUHANG_ORIGIN"):
        monkeypatch.setenv(name, "")
    settings = Settings()
    assert (settings.home, settings.database_url, settings.origin) == (Path(".huhang"), None, None)


def test_a_setting_that_cannot_be_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value, fitting in (
        ("HUHANG_INSTANCE", "Bad Name", "at most 32 lower-case letters, digits and hyphens"),
        ("HUHANG_SUITE", "9", "2 or less"),
        ("HUHANG_SM2", "perhaps", "true or false"),
        ("HUHANG_TRUSTED_PROXIES", "home", "networks such as 10.0.0.0/8, with commas between them"),
    ):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            code, _, err = run("status")
        assert (code, err) == (2, f"{name} cannot be “{value}”: write {fitting}.\n")
