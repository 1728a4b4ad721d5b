"""Queries: read at one moment that they name, page by page; a simulated log says so."""

from __future__ import annotations

import csv
import io
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.errors import NotReady
from api.routes.log import require_ready
from application.database import Database
from application.keys import author_of, log_keys, make_identity_key
from application.records import Actor, Command, Records
from application.settings import Settings
from domain.base import SHANGHAI
from domain.log import LOG_ID, Log
from domain.region_events import region_id
from domain.values import Role
from projections import ledger_reading
from projections.health import Health, health
from projections.ledger_order import Key
from projections.ledger_reading import NOTICE
from projections.ledgers import LEDGERS
from tests.api.cast import COUNSELLOR, REGISTRATION, County, Service, screening, session
from tests.api.conftest import served
from tests.api.test_errors import PERIOD, QUERIES
from tests.conftest import TEMPLATE, fresh
from tests.unasked import Unasked

MARCH = {"from": "2019-03-01", "to": "2019-03-31"}


def asked(path: str, county: County) -> dict[str, Any]:
    """The parameters that a query cannot do without."""
    needed: dict[str, dict[str, Any]] = {
        "/statistics": {"indicators": ["applications"], "region": county.code, **MARCH},
        "/access/statistics": {"region": county.code, **MARCH},
        "/statistics/behind": {"indicator": "applications", "region": county.code, **MARCH},
        "/statistics/difference": {
            "indicators": ["applications"],
            "region": county.code,
            "from_as_of": 1,
            **MARCH,
        },
    }
    return needed.get(path, {})


def sent(county: County, path: str) -> str:
    """A query's path, of a history that exists."""
    return f"/history/{county.centre}" if path.startswith("/history") else path


@pytest.mark.parametrize("path", [path for path in QUERIES if not path.endswith((".csv", ".xlsx"))])
def test_every_answer_names_the_moment_it_was_read_at(path: str, county: County) -> None:
    answer = county.manager.reads(sent(county, path), **asked(path, county))
    assert answer["reading"].keys() == {"position", "recorded_at", "lag", "simulated", "notice"}
    assert answer["reading"]["simulated"] is False


@pytest.mark.parametrize("path", QUERIES)
def test_every_query_takes_as_of_and_boundaries(path: str, county: County) -> None:
    position = county.manager.does(
        f"/centres/{county.centre}/relocation", address="新址", occurred="2019-03-01"
    )["last_position"]
    answer = county.manager.ask(
        sent(county, path), **asked(path, county), as_of=position, boundaries="2019-06-30"
    )
    assert answer.status_code == 200, answer.text
    if "json" in answer.headers["content-type"]:
        assert answer.json()["reading"]["position"] == position
        assert answer.json()["boundaries"] == "2019-06-30"


def test_a_moment_is_a_position_a_date_or_an_instant_with_its_offset(county: County) -> None:
    person = county.person()
    recorded = person.does("/cases", opening=county.opening(), place=county.place)
    at, position = recorded["recorded_at"], recorded["last_position"]
    moments = (str(position), at, at.replace("Z", "+00:00"), at.replace("Z", " 00:00"))
    read = [person.reads("/log", as_of=moment)["reading"]["position"] for moment in moments]
    assert read == [position] * 4
    later = person.reads("/log", as_of=datetime.now(SHANGHAI).date().isoformat())
    assert later["reading"]["position"] >= position


def test_a_query_waits_for_what_its_client_wrote(county: County) -> None:
    person = county.person()
    for waiting in ("parameter", "header"):
        position = person.does("/cases", opening=county.opening(), place=county.place)[
            "last_position"
        ]
        if waiting == "parameter":
            answer = person.ask("/ledgers/cases", region=county.code, min_position=position)
        else:
            answer = person.send(
                "GET", "/ledgers/cases", headers={"Huhang-Position": str(position)}
            )
        assert answer.json()["reading"]["position"] >= position


def test_a_number_opens_to_as_many_things_as_it_counts_page_by_page(county: County) -> None:
    person = county.person()
    for _ in range(3):
        case = county.opened(person)
        last = person.does(f"{case}/application/observation", occurred="2019-03-01")
    position = last["last_position"]
    number = county.figures(person, "applications", min_position=position)["applications"]
    seen: list[str] = []
    after: dict[str, Any] = {}
    while True:
        page = person.reads(
            "/statistics/behind",
            indicator="applications",
            region=county.code,
            limit=2,
            **MARCH,
            **after,
        )
        seen += [thing["subject"] for thing in page["counted"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert number == 3
    assert len(set(seen)) == len(seen) == number


def test_a_table_of_centres_as_of_a_moment_stays_as_it_was(county: County) -> None:
    def centres(position: int | None = None) -> set[str]:
        asked = {"indicators": ["cases_opened"], "region": county.code, "by": "centre"}
        asked |= {"from": "2019-03-01", "to": "2019-03-31"}
        moment = {} if position is None else {"as_of": position}
        table = county.supervisor.reads("/statistics", **asked, **moment)
        return {line["id"] for line in table["lines"]}

    county.opened(county.person())
    then = county.service.recorded[0]
    assert centres(then) == centres() == {county.centre}
    other = County.with_centre(county.service, county.supervisor, county.code, UUID(county.region))
    other.opened(other.person())
    assert centres() == {county.centre, other.centre}
    assert centres(then) == {county.centre}


def test_a_centre_in_which_nothing_counts_has_a_line(county: County) -> None:
    table = county.supervisor.reads(
        "/statistics", indicators=["cases_opened"], region=county.code, by="centre",
        **{"from": "2019-03-01", "to": "2019-03-31"},
    )  # fmt: skip
    (line,) = table["lines"]
    assert (line["id"], line["figures"]["cases_opened"][0]["value"]) == (county.centre, 0)


SMALLEST = str(UUID(int=0, version=4))


def test_the_list_behind_a_number_holds_the_thing_with_the_smallest_id_too(county: County) -> None:
    person = county.person()
    receipt = person.does(
        "/cases", opening=county.opening(), place=county.place, occurred="2019-03-01",
        id=SMALLEST,
    )  # fmt: skip
    found = person.reads(
        "/statistics/behind", indicator="cases_opened", region=county.code, limit=1,
        min_position=receipt["last_position"], **{"from": "2019-03-01", "to": "2019-03-31"},
    )  # fmt: skip
    assert [one["subject"] for one in found["counted"]] == [SMALLEST]


def test_a_number_in_the_row_of_a_centre_opens_to_its_things(county: County) -> None:
    person = county.person()
    county.opened(person)
    asked = {"region": county.code, "from": "2019-03-01", "to": "2019-03-31", "by": "centre"}
    table = person.reads("/statistics", indicators="cases_opened", **asked)
    (line,) = [line for line in table["lines"] if line["id"] == str(county.centre)]
    nowhere = person.ask("/statistics/behind", indicator="cases_opened", row=str(uuid4()), **asked)
    assert nowhere.json()["type"] == "urn:huhang:question-refused"
    found = person.reads("/statistics/behind", indicator="cases_opened", row=line["id"], **asked)
    assert len(found["counted"]) == line["figures"]["cases_opened"][0]["value"] == 1


def test_two_readings_differ_by_entries_that_say_who_and_why(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    before = person.does(f"{case}/application/observation", occurred="2019-03-01")
    after = person.does(f"{case}/application/voiding", reason="误录")
    found = person.reads(
        "/statistics/difference",
        indicators=["applications"],
        region=county.code,
        from_as_of=before["last_position"],
        min_position=after["last_position"],
        **MARCH,
    )
    (change,) = found["changes"]
    assert change["quantity"] == -1
    assert change["reason"] == "误录"
    assert change["actor"] == str(person.actor.id)
    assert change["topic"] == "case.application-voided.v1"
    assert found["next"] is None
    assert found["moves"] == []
    assert found["earlier"]["position"] == before["last_position"]


def test_what_a_boundary_moved_between_two_readings_is_told_with_who_and_why(
    county: County,
) -> None:
    person = county.person()
    case = county.opened(person)
    before = person.does(f"{case}/application/observation", occurred="2019-03-02")
    founding = {
        "scheme": "test", "code": f"{county.province}02", "name": "另一市", "level": "city",
        "kind": "prefecture-city", "valid_from": "2000-01-01",
        "parent": str(region_id("test", county.province, date(2000, 1, 1))),
    }  # fmt: skip
    city = county.manager.does("/regions", founding=founding)["id"]
    moved = county.manager.does(
        f"/regions/{county.region}/move",
        to_parent=city, effective_on="2019-03-01", reason="区划调整补录",
    )  # fmt: skip
    for code, sign in ((f"{county.province}01", -1), (f"{county.province}02", 1)):
        found = person.reads(
            "/statistics/difference",
            indicators=["applications"],
            region=code,
            from_as_of=before["last_position"],
            min_position=moved["last_position"],
            **MARCH,
        )
        (move,) = found["moves"]
        assert found["changes"] == []
        assert (move["quantity"], move["things"], move["indicator"]) == (sign, 1, "applications")
        assert (move["topic"], move["reason"]) == ("region.moved.v1", "区划调整补录")
        assert (move["centre"], move["region"]) == (county.centre, county.region)
        assert move["actor"] == str(county.manager.actor.id)


def test_a_table_has_rows_and_columns(county: County) -> None:
    person = county.person()
    last = county.opened(person)
    person.does(f"{last}/application/observation", occurred="2019-03-01")
    position = person.does(f"{last}/offers", occurred="2019-03-02")["last_position"]
    table = person.reads(
        "/statistics",
        indicators=["applications", "acceptance_rate"],
        region=county.code,
        by="centre",
        columns="month",
        min_position=position,
        **{"from": "2019-02-01", "to": "2019-04-30"},
    )
    assert [column["label"] for column in table["columns"]] == ["2019-02", "2019-03", "2019-04"]
    (line,) = table["lines"]
    assert line["id"] == county.centre
    assert [figure["value"] for figure in line["figures"]["applications"]] == [0, 1, 0]
    assert {indicator["code"] for indicator in table["indicators"]} == {
        "applications",
        "acceptance_rate",
    }


def test_the_dictionary_says_what_each_indicator_counts(service: Service) -> None:
    found = service.person().reads("/indicators")["indicators"]
    by_code = {indicator["code"]: indicator for indicator in found}
    assert by_code["couples_counselled"]["unit"]
    assert by_code["couples_counselled"]["cohort"]


def test_the_ledgers_name_their_columns_in_chinese(service: Service) -> None:
    found = service.person().reads("/ledgers")["ledgers"]
    assert [ledger["name"] for ledger in found] == list(LEDGERS)
    assert found[0]["columns"][0] == {"name": "number", "title": "个案编号", "kind": "text"}


def test_a_ledger_is_read_page_by_page_in_its_order(county: County) -> None:
    person = county.person()
    for on in ("2019-03-03", "2019-03-01", "2019-03-02", "2019-03-01", "2019-04-01"):
        last = county.opened(person, on)
    position = person.does(f"{last}/risk", level="red")["last_position"]
    rows: list[dict[str, Any]] = []
    after: dict[str, Any] = {"min_position": position}
    while True:
        page = person.reads("/ledgers/cases", region=county.code, limit=2, **MARCH, **after)
        rows += page["rows"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert [row["opened_on"] for row in rows] == [
        "2019-03-01",
        "2019-03-01",
        "2019-03-02",
        "2019-03-03",
    ]
    assert len({row["row"] for row in rows}) == 4
    assert {row["centre_name"] for row in rows} == {f"{county.code}婚姻家庭辅导中心"}


def test_a_ledger_sorted_by_an_instant_is_read_page_by_page(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    person.does(f"{case}/offers", occurred="2019-03-01")
    for party in ("wife", "husband"):
        person.does(f"{case}/consents", party=party, occurred="2019-03-01")
    for hour in ("12", "10", "14"):
        held = session(present=["wife"], started_at=f"2019-03-02T{hour}:00:00+08:00")
        last = person.does(f"{case}/sessions", session=held, occurred="2019-03-02")
    rows: list[str] = []
    after: dict[str, Any] = {"min_position": last["last_position"]}
    while True:
        page = person.reads("/ledgers/sessions", region=county.code, limit=1, **MARCH, **after)
        rows += [row["started_at"] for row in page["rows"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert rows == [f"2019-03-02T0{hour}:00:00Z" for hour in (2, 4, 6)]
    other = person.ask("/ledgers/cases", after=Key("started_at", datetime.now(UTC), uuid4()).text())
    assert other.json()["type"] == "urn:huhang:question-refused"


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("opened_on", "2019-02-30"),
        ("recorded_at", "2019-03-01T09:00:00"),
        ("sessions", 2**63),
        ("sessions", "1"),
        ("sessions", True),
        ("number", "a\0"),
        ("receiver", "somebody"),
        ("-opened_on", "2019-03-01"),
    ],
)
def test_what_is_no_place_in_a_ledgers_order_is_refused(
    sort: str, value: Any, county: County
) -> None:
    after = urlsafe_b64encode(orjson.dumps([sort.strip("-"), value, str(uuid4())])).decode()
    refused = county.person().ask("/ledgers/cases", sort=sort, after=after)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:huhang:question-refused")


@pytest.mark.parametrize("filters", ["status:banana", "risk:red,banana"])
def test_a_value_that_no_row_can_have_is_refused_with_those_there_are(
    filters: str, county: County
) -> None:
    refused = county.person().ask("/ledgers/cases", equals=[filters])
    assert refused.json()["type"] == "urn:huhang:question-refused"
    assert "banana" in refused.json()["detail"]


def test_a_ledger_is_sorted_by_any_column_from_either_end(county: County) -> None:
    person = county.person()
    cases = [county.opened(person) for _ in range(3)]
    for case, level in zip(cases[:2], ("red", "green"), strict=True):
        last = person.does(f"{case}/risk", level=level, occurred="2019-03-01")
    order = {
        sort: [
            row["risk"]
            for row in person.reads(
                "/ledgers/cases", sort=sort, min_position=last["last_position"], region=county.code
            )["rows"]
        ]
        for sort in ("risk", "-risk")
    }
    assert order == {"risk": ["green", "red", None], "-risk": ["red", "green", None]}


def test_a_ledger_is_filtered_by_what_its_columns_hold(county: County) -> None:
    person = county.person()
    red, _green = county.opened(person), county.opened(person)
    person.does(f"{red}/risk", level="red", occurred="2019-03-01")
    last = person.does(f"{red}/counsellors", practitioner=COUNSELLOR, occurred="2019-03-01")
    page = person.reads(
        "/ledgers/cases",
        region=county.region,
        equals=["risk:red", f"counsellor:{COUNSELLOR}"],
        min_position=last["last_position"],
    )
    assert [row["row"] for row in page["rows"]] == [red.removeprefix("/cases/")]


def test_a_ledger_is_filtered_by_one_of_several_that_a_column_holds(county: County) -> None:
    person, case = county.person(), county.opened(county.person())
    registered = {"registration": REGISTRATION, "occurred": "2019-02-01"}
    second = str(county.manager.does("/practitioners", **registered)["id"])
    for practitioner in (COUNSELLOR, second):
        last = person.does(f"{case}/counsellors", practitioner=practitioner, occurred="2019-03-01")
    for wanted in (COUNSELLOR, second, f"{second},{COUNSELLOR}"):
        page = person.reads(
            "/ledgers/cases",
            region=county.code,
            equals=[f"counsellors:{wanted}"],
            min_position=last["last_position"],
        )
        assert [row["row"] for row in page["rows"]] == [case.removeprefix("/cases/")]
    refused = person.ask("/ledgers/cases", equals=["counsellors:x"])
    assert refused.json()["type"] == "urn:huhang:question-refused"


def test_a_ledger_of_a_past_moment_is_what_it_was_then(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    before = person.does(f"{case}/risk", level="red", occurred="2019-03-01")["last_position"]
    after = person.does(f"{case}/risk", level="green", occurred="2019-03-02")["last_position"]
    levels = [
        person.reads("/ledgers/cases", region=county.code, as_of=position)["rows"][0]["risk"]
        for position in (before, after)
        if person.ask("/log", min_position=position).status_code == 200
    ]
    assert levels == ["red", "green"]


def test_a_centre_is_listed_where_it_lies_at_the_reading(county: County) -> None:
    other = county.neighbour()
    founded = county.manager.reads("/ledgers/centres")["reading"]["position"]
    moved = county.manager.does(
        f"/centres/{county.centre}/reassignment",
        to_region=other.region,
        effective_on="2019-06-01",
        occurred="2019-06-01",
    )["last_position"]
    manager = county.person(Role.CENTRE_MANAGER)
    here = manager.reads("/ledgers/centres", region=county.code, as_of=founded)["rows"]
    assert [row["row"] for row in here] == [county.centre]
    there = other.manager.reads("/ledgers/centres", region=other.code, min_position=moved)["rows"]
    assert {row["row"] for row in there} == {county.centre, other.centre}
    assert {row["region_name"] for row in there} == {other.code}
    assert not county.supervisor.reads("/ledgers/centres", region=county.code)["rows"]
    assert manager.ask("/ledgers/centres", region=county.code).status_code == 403
    then = {"region": county.code, "boundaries": "2019-05-31"}
    assert [row["row"] for row in manager.reads("/ledgers/centres", **then)["rows"]] == [
        county.centre
    ]


def test_the_team_of_a_centre_is_listed_without_a_name(county: County) -> None:
    manager = county.person(Role.CENTRE_MANAGER)
    person = manager.does("/practitioners", registration=REGISTRATION, occurred="2019-03-01")
    waiting = {"equals": ["status:waiting", f"centre:{county.centre}"]}
    asked = manager.ask("/ledgers/practitioners", min_position=person["last_position"], **waiting)
    assert [row["row"] for row in asked.json()["rows"]] == [person["id"]]
    assert REGISTRATION["identity"]["name"] not in asked.text
    post = {
        "id": str(uuid4()),
        "place": county.place,
        "title": "志愿者",
        "from_on": "2019-03-02",
    }
    posted = manager.does(f"/practitioners/{person['id']}/posts", post=post, occurred="2019-03-02")
    (row,) = manager.reads(
        "/ledgers/practitioners", region=county.code, min_position=posted["last_position"]
    )["rows"]
    assert (row["status"], row["post_since"], row["centre"]) == (
        "on-post",
        "2019-03-02",
        county.centre,
    )
    again = manager.reads("/ledgers/practitioners", as_of=person["last_position"], **waiting)
    assert [row["status"] for row in again["rows"]] == ["waiting"]


def test_a_ledger_follows_the_boundaries_that_are_asked_for(county: County) -> None:
    person, other = county.supervisor, county.neighbour()
    case = county.opened(county.manager)
    moved = county.manager.does(
        f"/centres/{county.centre}/reassignment",
        to_region=other.region,
        effective_on="2019-06-01",
        occurred="2019-06-01",
    )["last_position"]
    found = {
        (asked_for.code, boundaries): [
            row["row"]
            for row in person.reads(
                "/ledgers/cases",
                region=asked_for.code,
                boundaries=boundaries,
                min_position=moved,
            )["rows"]
        ]
        for asked_for in (county, other)
        for boundaries in ("then", "now", "2019-05-31")
    }
    here = [case.removeprefix("/cases/")]
    assert found == {
        (county.code, "then"): here,
        (county.code, "now"): [],
        (county.code, "2019-05-31"): here,
        (other.code, "then"): [],
        (other.code, "now"): here,
        (other.code, "2019-05-31"): [],
    }


def downloaded(county: County, name: str, **parameters: Any) -> list[list[str]]:
    """A ledger of a county as a spreadsheet sees it."""
    answer = county.manager.ask(f"/ledgers/{name}.csv", region=county.code, **parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_sessions_of_one_practitioner_that_overlap_are_found_across_cases(county: County) -> None:
    person = county.person()
    registered = person.does("/practitioners", registration=REGISTRATION, occurred="2019-02-01")
    wang, sessions, position = registered["id"], [], 0
    for start in ("10:00", "10:45"):
        case = county.opened(person)
        person.does(f"{case}/offers", occurred="2019-03-01")
        person.does(f"{case}/consents", party="wife", occurred="2019-03-01")
        held = session(
            started_at=f"2019-03-01T{start}:00+08:00", present=["wife"], practitioners=[wang]
        )
        before = position
        position = person.does(f"{case}/sessions", session=held, occurred="2019-03-01")[
            "last_position"
        ]
        sessions.append(held["id"])
    path = "/findings/overlapping-sessions"
    page = person.reads(path, region=county.code, min_position=position, **MARCH)
    (found,) = page["found"]
    assert (found["practitioner"], found["minutes"]) == (wang, 15)
    assert [found["earlier"]["session"], found["later"]["session"]] == sessions
    assert page["next"] is None
    assert person.reads(path, region=county.code, as_of=before)["found"] == []


def test_a_download_has_chinese_headings_and_labels(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    position = person.does(f"{case}/risk", level="red", occurred="2019-03-01")["last_position"]
    heading, row = downloaded(county, "cases", min_position=position)
    shown = dict(zip(heading, row, strict=True))
    assert heading[:4] == ["记录编号", "地区", "单位", "个案编号"]
    assert shown["风险等级"] == "红色"
    assert shown["状态"] == "在办"
    assert shown["开案日期"] == "2019-03-01"
    assert shown["结果"] == ""
    assert shown["录入时间"].endswith("+08:00")


def test_a_download_labels_each_of_several_codes_in_a_cell(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    person.does(f"{case}/offers", occurred="2019-03-01")
    for party in ("wife", "husband"):
        person.does(f"{case}/consents", party=party, occurred="2019-03-01")
        person.does(
            f"{case}/screenings",
            screening=screening(party),
            occurred="2019-03-01T09:00:00+08:00",
        )
    held = person.does(f"{case}/sessions", session=session(), occurred="2019-03-01T11:00:00+08:00")
    heading, row = downloaded(county, "sessions", min_position=held["last_position"])
    assert row[heading.index("在场人员")] == "女方、男方"


def test_a_download_of_many_pages_has_one_heading_and_every_row_once(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_reading, "FETCHED", 2)
    person = county.person()
    cases = [county.opened(person) for _ in range(5)]
    position = person.does(f"{cases[-1]}/risk", level="red")["last_position"]
    _heading, *rows = downloaded(county, "cases", min_position=position)
    assert sorted(row[0] for row in rows) == sorted(case.removeprefix("/cases/") for case in cases)


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@x"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(title: str, county: County) -> None:
    outreach = {
        "id": str(uuid4()),
        "kind": "lecture",
        "held_on": "2019-03-02",
        "title": title,
        "persons": 1,
    }
    held = county.manager.does(
        f"/centres/{county.centre}/outreach", outreach=outreach, occurred="2019-03-02"
    )
    heading, row = downloaded(county, "outreach", min_position=held["last_position"])
    assert row[heading.index("名称")] == f"'{title}"


def test_every_page_and_download_of_a_simulated_log_says_so(
    server: Database, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path)
    with fresh(server, TEMPLATE) as database:
        records = Records(database, author_of(settings), jurisdiction=Unasked)
        make_identity_key(tmp_path)
        by = Command(Actor(uuid4(), Role.ADMINISTRATOR, uuid4()))
        records.change(by, Log, LOG_ID, Log.begin, True, "模拟", log_keys(settings, "0" * 64))
        records.close()
        with served(create_app(database, settings)) as address:
            service = Service(address, FastAPI(), database, settings)
            person = service.person(Role.SUPERVISOR)
            page = person.reads("/ledgers/cases", min_position=1)
            download = person.ask("/ledgers/cases.csv")
            documentation = httpx.get(f"{address}/docs")
    assert page["reading"]["simulated"] is True
    assert NOTICE in page["reading"]["notice"]
    assert download.content.decode("utf-8-sig").splitlines()[0] == NOTICE
    assert download.headers["huhang-simulated"] == "true"
    assert NOTICE in documentation.text
    assert documentation.headers["huhang-simulated"] == "true"


def test_a_history_tells_what_when_by_whom_and_why(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    person.does(
        f"{case}/opening/correction",
        after={**county.opening(), "visit": "repeat"},
        on="2019-03-01",
        reason="看错登记表",
    )
    opened, corrected = person.reads(case.replace("/cases", "/history"))["moments"]
    assert opened["title"] == "立案"
    assert opened["occurred"] == "2019-03-01"
    assert opened["late_days"] > 365
    assert opened["role"] == "辅导员"
    assert opened["actor"] == str(person.actor.id)
    assert opened["office"] == county.centre
    assert opened["where"].endswith(f"{county.code}婚姻家庭辅导中心")
    assert corrected["reason"] == "看错登记表"
    assert (corrected["before"]["visit"], corrected["after"]["visit"]) == ("first", "repeat")
    assert corrected["late_days"] == 0


def test_a_history_shows_an_outcome_entered_late_as_late_as_the_figures_count_it(
    county: County,
) -> None:
    person = county.person(role=Role.REGISTRAR)
    case = county.opened(person)
    person.does(f"{case}/application/observation", occurred="2019-03-01")
    person.does(
        f"{case}/outcome/confirmation", outcome="registered", at="2019-03-02", reason="补录"
    )
    *_, confirmed = person.reads(case.replace("/cases", "/history"))["moments"]
    assert confirmed["topic"] == "case.outcome-confirmed.v1"
    assert confirmed["occurred"] == "2019-03-02"
    assert confirmed["late_days"] > 365


def test_a_history_is_read_as_of_a_moment_and_page_by_page(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    path = case.replace("/cases", "/history")
    first = person.does(f"{case}/risk", level="red")["last_position"]
    person.does(f"{case}/risk", level="green")
    assert len(person.reads(path, as_of=first)["moments"]) == 2
    page = person.reads(path, limit=2)
    rest = person.reads(path, limit=2, after=page["next"])
    assert [moment["version"] for moment in page["moments"] + rest["moments"]] == [1, 2, 3]
    assert rest["next"] is None


def test_a_history_before_the_first_event_does_not_exist(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    answer = person.ask(case.replace("/cases", "/history"), as_of=1)
    assert answer.status_code == 404


def test_regions_are_a_tree_as_of_a_date(county: County) -> None:
    manager = county.manager
    renamed = manager.does(
        f"/regions/{county.region}/renaming", name="新名", effective_on="2019-06-01", reason="更名"
    )["last_position"]
    province = county.province
    names = []
    for boundaries in ("2019-05-31", "now"):
        (top,) = manager.reads(
            "/regions", region=province, boundaries=boundaries, min_position=renamed
        )["regions"]
        names.append(top["children"][0]["children"][0]["name"])
    assert names == [county.code, "新名"]
    (shallow,) = manager.reads("/regions", region=province, depth=1)["regions"]
    assert shallow["children"] == []
    tops = {top["code"] for top in manager.reads("/regions")["regions"]}
    assert province in tops


def test_an_unknown_region_has_no_tree(county: County) -> None:
    answer = county.manager.ask("/regions", region=str(uuid4()))
    assert answer.json()["type"] == "urn:huhang:question-refused"


def test_the_log_tells_position_lag_and_heartbeat(county: County) -> None:
    person = county.person()
    position = person.does("/cases", opening=county.opening(), place=county.place)["last_position"]
    now = person.reads("/log", min_position=position)["now"]
    assert now["position"] >= position
    assert now["lag"] == 0
    assert now["lag_seconds"] == 0
    assert now["heartbeat_seconds"] < 15


@pytest.mark.parametrize("probe", ["/healthz", "/readyz"])
def test_probes_need_no_token(probe: str, service: Service) -> None:
    assert service.stranger().ask(probe).json() == {"status": "ok"}


@pytest.mark.parametrize(
    "trouble",
    [
        {"halted_at": 7, "halted_because": "KeyError"},
        {"heartbeat_seconds": 60.0},
        {"heartbeat_seconds": None},
        {"build": None},
    ],
)
def test_a_system_whose_projector_is_dead_or_halted_is_not_ready(
    trouble: dict[str, Any], service: Service
) -> None:
    now: Health = health(service.database)
    require_ready(now)
    with pytest.raises(NotReady):
        require_ready(replace(now, **trouble))


def test_the_document_is_served_with_stable_names_and_an_example_a_command(
    service: Service,
) -> None:
    document = service.stranger().send("GET", "/../../openapi.json").json()
    operations = [
        operation for methods in document["paths"].values() for operation in methods.values()
    ]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert "hold_session" in names
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    bodies = [operation["requestBody"] for operation in operations if "requestBody" in operation]
    assert all(body["content"]["application/json"]["example"] is not None for body in bodies)


def test_a_region_may_be_named_by_its_id(county: County) -> None:
    table = county.manager.reads(
        "/statistics", indicators=["applications"], region=UUID(county.region), **PERIOD
    )
    assert table["lines"][0]["code"] == county.code
