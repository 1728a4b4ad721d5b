"""What somebody tries who may do a little and wants more: each way is closed."""

from __future__ import annotations

import csv
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import orjson
import psycopg
import pytest
from fastapi import Request

from api.admission import require_scope
from api.examples import EXAMPLES
from api.routes.history import router as history_routes
from application.database import nameless
from domain.account_events import ApiToken
from domain.region_events import region_id
from domain.values import Role
from projections.ledger_reading import cell
from projections.ledgers import LEDGERS
from tests.api.cast import COUNSELLOR, REGISTRATION, County, Person, Service, session
from tests.api.office import Office
from tests.api.test_access import asked, overdue, soon
from tests.api.test_commands import consented
from tests.api.test_erasures import closed, looked
from tests.api.test_queries import MARCH
from tests.api.test_reach import MONTH, SIGNED
from tests.api.test_session import Browser, Cast
from tests.conftest import Run
from tests.identity.world import GOOD
from tests.workbooks import all_told, sheets

pytestmark = pytest.mark.attack

PATHS = (
    "/history/{case}",
    "/history/{centre}",
    "/history/{order}",
    "/history/{review}",
    "/statistics/pins/{pin}/reproduced",
    "/history/{pin}",
)


@pytest.fixture
def other(service: Service) -> County:
    """A county whose people have no business with the first."""
    return County.founded(service)


def denied(answer: httpx.Response) -> None:
    """Turned away, without a word about the record."""
    assert answer.status_code == 403, answer.text
    assert set(answer.json()) == {"type", "title", "status", "detail"}
    assert answer.headers.get("etag") is None


def records_of(county: County) -> dict[str, str]:
    """A record of every kind that an id can name."""
    supervisor = county.person(Role.SUPERVISOR)
    question = {"region": county.code, "first": "2019-03-01", "last": "2019-03-31"}
    question |= {"by": "total", "columns": "total", "boundaries": "then"}
    order = {"addressee": county.centre, "what": "回访", "issued_on": "2019-03-01"}
    plan = {"scope": "个案", "as_of": 1, "rules_version": "1", "sample_size": 1, "seed": "s"}
    return {
        "case": county.opened(county.person()).removeprefix("/cases/"),
        "centre": county.centre,
        "order": supervisor.does(
            "/orders",
            order={**order, "deadline": "2019-03-31", "evidence": [1]},
            place=county.place,
            occurred="2019-03-01",
        )["id"],
        "review": supervisor.does("/reviews", plan=plan, place=county.place)["id"],
        "pin": supervisor.does(
            "/statistics/pins", question={**question, "indicators": ["cases_opened"]}
        )["id"],
    }


def test_an_id_of_another_office_opens_nothing(county: County, other: County) -> None:
    ids = records_of(county)
    for role in (Role.SUPERVISOR, Role.CENTRE_MANAGER):
        stranger = other.person(role)
        for path in PATHS:
            denied(stranger.ask(path.format(**ids)))


def test_a_version_does_not_tell_whether_a_record_of_another_office_was_changed(
    county: County, other: County
) -> None:
    case = county.opened(county.person())
    stranger = other.person(Role.CENTRE_MANAGER)
    for version in ('"1"', '"2"'):
        headers = {"If-Match": version}
        denied(stranger.send("POST", f"{case}/risk", json={"level": "red"}, headers=headers))


def test_nothing_is_destroyed_by_a_privacy_officer_of_another_office(
    county: County, other: County
) -> None:
    _, record = closed(county)
    denied(
        other.person(Role.PRIVACY_OFFICER).order(f"/records/{record}/erasure", ground="unlawful")
    )
    certificate = county.person(Role.PRIVACY_OFFICER).does(
        f"/records/{record}/erasure", ground="unlawful"
    )
    assert len(certificate["keys"]) == 1


def test_what_was_said_in_a_session_goes_with_the_case_and_the_work_stays(
    county: County, other: County
) -> None:
    said = "移交前的事实"
    giver, taker = county.person(Role.CENTRE_MANAGER), other.person(Role.CENTRE_MANAGER)
    team = county.person()
    case = consented(county, team)
    held = session(facts=said)
    team.does(f"{case}/sessions", session=held, occurred="2019-03-01T11:00:00+08:00")

    def told(by: Person, after: int) -> tuple[bool, bool]:
        """Whether somebody reads what was said, and sees in the list that there was a session."""
        rows = by.reads("/ledgers/sessions", min_position=after)["rows"]
        return said in by.ask(f"{case}/texts").text, held["id"] in [row["row"] for row in rows]

    assert told(giver, county.service.recorded[0]) == (True, True)
    giver.does(f"{case}/transfer/request", to=other.place, reason="搬迁")
    after = taker.does(f"{case}/transfer/acceptance", reason="同意")["last_position"]
    assert told(giver, after) == (False, True)
    assert told(taker, after) == (True, False)
    taker.does(f"{case}/transfer/request", to=county.place, reason="搬回")
    back = giver.does(f"{case}/transfer/acceptance", reason="同意")["last_position"]
    assert told(giver, back) == (True, True)


def test_a_record_is_not_seen_by_way_of_the_past_when_it_lies_elsewhere_now(
    county: County, other: County
) -> None:
    giver, taker = county.person(Role.CENTRE_MANAGER), other.person(Role.CENTRE_MANAGER)
    case = county.opened(county.person())
    before = giver.does(f"{case}/risk", level="red", occurred="2019-03-01")["last_position"]
    giver.does(f"{case}/transfer/request", to=other.place, reason="搬迁")
    after = taker.does(f"{case}/transfer/acceptance", reason="同意")["last_position"]

    def cases(by: Person, **moment: Any) -> list[str]:
        rows = by.reads("/ledgers/cases", **moment)["rows"]
        lines = by.ask("/ledgers/cases.csv", **moment).text.strip().splitlines()
        assert len(lines) - 1 == len(rows)
        return [row["row"] for row in rows]

    case_id = case.removeprefix("/cases/")
    assert cases(taker, min_position=after) == [case_id]
    for moment in ({"as_of": before}, {"as_of": after}):
        assert cases(giver, **moment) == []
        denied(giver.ask(f"/history/{case_id}", **moment))
    assert cases(taker, as_of=before) == []  # it did not lie there then
    assert taker.ask(f"/history/{case_id}", as_of=before).status_code == 200


def test_figures_of_another_county_are_not_pinned(county: County, other: County) -> None:
    question = {"region": county.code, "first": "2019-03-01", "last": "2019-03-31"}
    question |= {"by": "total", "columns": "total", "boundaries": "then"}
    question |= {"indicators": ["cases_opened"]}
    denied(other.person(Role.SUPERVISOR).order("/statistics/pins", question=question))


def asked_for(county: County, **changes: Any) -> dict[str, Any]:
    """A question about the cases of March in a county."""
    asked = {"region": county.code, "first": "2019-03-01", "last": "2019-03-31", "by": "centre"}
    asked |= {"columns": "total", "boundaries": "then"}
    return {**asked, "indicators": ["cases_opened"], **changes}


def pinned(by: Person, question: dict[str, Any], **moment: int) -> httpx.Response:
    """Ask for a pin once the read models hold all that was recorded."""
    by.reads("/log")
    return by.order("/statistics/pins", question=question, **moment)


def test_the_code_of_another_region_is_not_taken_for_a_town_of_ones_own(
    county: County, other: County
) -> None:
    supervisor, theirs = county.person(Role.SUPERVISOR), other.person(Role.SUPERVISOR)
    other.opened(other.person())
    position = theirs.reads("/log")["reading"]["position"]
    for code in (other.code, other.province):
        for since in ("1990-01-01", "2018-12-31"):
            founding = {**town(county), "scheme": "aaa", "code": code, "valid_from": since}
            refused = supervisor.order("/regions", founding=founding)
            assert refused.json()["code"] == "region-code-borne"
        question = asked_for(other, region=code)
        denied(pinned(supervisor, question, position=position))
    assert other.figures(theirs, "cases_opened") == {"cases_opened": 1}
    assert pinned(theirs, asked_for(other)).status_code == 201


def test_the_command_line_pins_no_more_of_a_code_than_the_api(
    county: County, huhang: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other, supervisor = county.neighbour(), county.person(Role.SUPERVISOR)
    heir = county.neighbour("0123")
    other.opened(other.person())
    position = other.manager.reads("/log")["reading"]["position"]
    path = f"/regions/{other.region}/succession"
    county.supervisor.does(path, succession=passing(heir.region), reason="补录")
    founding = {**town(county), "code": other.code, "valid_from": ON["effective_on"]}
    supervisor.does("/regions", founding=founding)
    service = county.service
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(service.database.administrator or ""))
    monkeypatch.setenv("HUHANG_HOME", str(service.settings.home))
    monkeypatch.setenv("HUHANG_TOKEN", supervisor.headers["Authorization"].partition(" ")[2])
    asked = ("--region", other.code, "--from", "2019-03-01", "--to", "2019-07-01")
    pin = ("pin", *asked, "--indicators", "cases_opened", "--out", str(tmp_path / "pin.json"))
    code, out, err = huhang(*pin, "--as-of", str(position))
    assert (code, out) == (2, "")
    assert "outside of what you may act on" in err
    assert huhang(*pin)[0] == 0, "the town is one's own now"


def test_a_code_that_was_given_to_a_town_opens_nothing_of_the_region_that_bore_it(
    county: County,
) -> None:
    other, supervisor = county.neighbour(), county.person(Role.SUPERVISOR)
    heir, above = county.neighbour("0123"), county.supervisor
    other.opened(other.person())
    theirs = other.person(Role.SUPERVISOR)
    pin = pinned(theirs, asked_for(other)).json()
    position = pin["last_position"]
    path = f"/regions/{other.region}/succession"
    above.does(path, succession=passing(heir.region), reason="补录")
    founding = {**town(county), "code": other.code, "valid_from": ON["effective_on"]}
    supervisor.does("/regions", founding=founding)
    for boundaries in ("then", "now", "2019-07-01"):
        question = asked_for(other, last="2019-07-01", boundaries=boundaries)
        nothing = {**question, "by": "total", "indicators": ["whistles"]}
        for one in (question, nothing):
            denied(pinned(supervisor, one, position=position))
        assert pinned(supervisor, question).status_code == 201
    question = asked_for(other, last="2019-07-01")
    pin = pinned(above, question, position=position).json()
    path, held = f"/statistics/pins/{pin['id']}/reproduced", pin["last_position"]
    assert above.reads(path, min_position=held)["equal"] is True
    denied(supervisor.ask(path, min_position=held))


def test_figures_of_a_centre_that_lies_elsewhere_today_are_not_pinned_from_below(
    county: County,
) -> None:
    supervisor = county.person(Role.SUPERVISOR)
    county.opened(county.person())
    assert pinned(supervisor, asked_for(county)).status_code == 201
    path = f"/centres/{county.centre}/reassignment"
    county.supervisor.does(path, to_region=county.neighbour().region, **ON)
    denied(pinned(supervisor, asked_for(county)))
    assert pinned(supervisor, asked_for(county, boundaries="2019-06-01")).status_code == 201
    pin = pinned(county.supervisor, asked_for(county)).json()
    (line,) = pin["report"]["lines"]
    assert line["figures"][0]["values"] == ["1"]


ON: dict[str, Any] = {"effective_on": "2019-06-01", "reason": "区划调整补录"}


def town(county: County) -> dict[str, Any]:
    """What a town of a county is founded with."""
    return {
        "scheme": "test",
        "code": f"{county.code}001",
        "name": "城关镇",
        "level": "township",
        "kind": "town",
        "parent": county.region,
        "valid_from": "2000-01-01",
    }


def passing(successor: str) -> dict[str, Any]:
    """All of a region going to another one."""
    on = ON["effective_on"]
    return {"successor": successor, "extent": "whole", "announced_on": on, "effective_on": on}


def test_a_region_or_centre_is_not_put_below_another_office(county: County, other: County) -> None:
    supervisor = county.person(Role.SUPERVISOR)
    path = f"/regions/{supervisor.does('/regions', founding=town(county))['id']}"
    elsewhere = {**town(county), "parent": other.region}
    for region in (f"/regions/{county.region}", path):
        denied(supervisor.order(f"{region}/move", to_parent=other.region, **ON))
        succession = passing(other.region)
        denied(supervisor.order(f"{region}/succession", succession=succession, reason="补录"))
    denied(supervisor.order(f"{path}/founding/correction", after=elsewhere, reason="误录"))
    centre = f"/centres/{county.centre}/reassignment"
    denied(supervisor.order(centre, to_region=other.region, **ON))


def test_what_an_office_above_passed_on_or_moved_is_not_taken_back_from_below(
    county: County,
) -> None:
    other, supervisor = county.neighbour(), county.person(Role.SUPERVISOR)
    path = f"/regions/{supervisor.does('/regions', founding=town(county))['id']}"
    above = county.supervisor
    above.does(f"{path}/move", to_parent=other.region, **ON)
    denied(other.person(Role.SUPERVISOR).order(f"{path}/move/voiding", reason="误录"))
    above.does(f"{path}/move/voiding", reason="误录")
    named = {"successor": other.region, **ON}
    path = f"/regions/{county.region}"
    above.does(f"{path}/succession", succession=passing(other.region), reason="补录")
    denied(supervisor.order(f"{path}/succession/voiding", **named))
    after = {**passing(other.region), "document": "国函〔2018〕162号"}
    denied(supervisor.order(f"{path}/succession/correction", after=after, **named))
    above.does(f"{path}/succession/voiding", **named)


def test_a_voided_region_is_not_founded_again_below_another_office(
    county: County, other: County
) -> None:
    supervisor = county.person(Role.SUPERVISOR)
    region = supervisor.does("/regions", founding=town(county))["id"]
    supervisor.does(f"/regions/{region}/founding/voiding", reason="误录")
    denied(supervisor.order("/regions", founding={**town(county), "parent": other.region}))
    supervisor.does("/regions", founding=town(county))


def test_the_name_of_a_region_is_put_right_by_its_own_office(county: County) -> None:
    supervisor, own = county.person(Role.SUPERVISOR), {"level": "county", "kind": "county"}
    above = str(region_id("test", f"{county.province}01", date(2000, 1, 1)))
    after = {**town(county), **own, "code": county.code, "parent": above, "name": "某县"}
    path = f"/regions/{county.region}/founding/correction"
    supervisor.does(path, after=after, reason="笔误")


def overlapping(county: County, other: County) -> None:
    """One practitioner in sessions of two counties at once, thrice."""
    for place in (county, other, county):
        person = place.person()
        case = consented(place, person)
        on = "2019-03-01T11:00:00+08:00"
        person.does(f"{case}/sessions", session=session(), occurred=on)


def test_overlaps_and_their_next_page_name_no_session_of_another_office(
    county: County, other: County
) -> None:
    overlapping(county, other)
    supervisor = county.person(Role.SUPERVISOR)
    theirs = {
        row[name]
        for row in other.person(Role.SUPERVISOR).reads("/ledgers/sessions")["rows"]
        for name in ("row", "case_id")
    }
    after, seen = None, []
    while True:
        asked = {"region": county.code, "limit": 1, **({"after": after} if after else {})}
        answer = supervisor.ask("/findings/overlapping-sessions", **asked)
        page = answer.json()
        cases = {one[each]["case"] for one in page["found"] for each in ("earlier", "later")}
        sole = next(iter(cases - {None})) if len(cases - {None}) == 1 else None
        assert looked(county, supervisor)[-1].get("record") == sole
        seen += page["found"]
        after = page["next"]
        told = answer.text + (urlsafe_b64decode(after).decode() if after else "")
        assert not [one for one in theirs if one in told]
        if after is None:
            break
    shared = [one for one in seen if one["practitioner"] == COUNSELLOR]
    assert len({str(one) for one in shared}) >= 3 - 1
    assert any(None in (one["earlier"]["session"], one["later"]["session"]) for one in seen)


def test_a_place_in_the_list_of_another_person_leads_nowhere_else(
    county: County, other: County
) -> None:
    theirs = other.person()
    for _ in range(3):
        other.opened(theirs)
    mine = county.opened(county.person()).removeprefix("/cases/")
    page = other.person(Role.CENTRE_MANAGER).reads("/ledgers/cases", limit=1)
    manager = county.person(Role.CENTRE_MANAGER)
    rows = manager.reads("/ledgers/cases", after=page["next"])["rows"]
    assert {row["row"] for row in rows} <= {mine}
    counted = other.person(Role.CENTRE_MANAGER).reads(
        "/statistics/behind", indicator="cases_opened", region=other.code, limit=1, **MARCH
    )
    asked = {"indicator": "cases_opened", "region": other.code, **MARCH}
    refused = manager.ask("/statistics/behind", after=counted["next"], **asked)
    assert refused.status_code == 403


def test_an_answer_is_waited_for_as_oneself(county: County, other: County) -> None:
    theirs = other.person()
    case = other.opened(theirs)
    position = theirs.does(f"{case}/risk", level="red")["last_position"]
    manager = county.person(Role.CENTRE_MANAGER)
    headers = {"Huhang-Position": str(position)}
    answer = manager.send("GET", "/ledgers/cases", headers=headers)
    assert answer.json()["rows"] == []


@pytest.mark.parametrize("by", ["total", "county", "centre"])
@pytest.mark.parametrize("where", ["code", "city", "province"])
def test_a_small_sensitive_figure_is_not_had_by_asking_for_more_than_one_sees(
    by: str, where: str, county: County
) -> None:
    counsellor = county.person()
    case = consented(county, counsellor)
    screened = {
        "id": str(uuid4()),
        "party": "wife",
        "tool": "问卷",
        "tool_version": "1",
        "level": "violence",
        "alone": True,
    }
    counsellor.does(f"{case}/screenings", screening=screened, occurred="2019-03-02")
    position = counsellor.does(f"{case}/risk", level="red", occurred="2019-03-02")["last_position"]
    region = {"code": county.code, "city": county.province + "01", "province": county.province}
    asked = {"region": region[where], "by": by, **MARCH, "min_position": position}
    for role in (Role.SUPERVISOR, Role.CENTRE_MANAGER, Role.AUDITOR):
        table = county.person(role).reads(
            "/statistics", indicators=["screenings_positive", "open_high_risk"], **asked
        )
        shown = [
            figure["value"]
            for line in table["lines"]
            for figures in line["figures"].values()
            for figure in figures
        ]
        assert not {1, 2, 3, 4} & set(shown), (role, table["lines"])
        assert None in shown
        opened = county.person(role).ask("/statistics/behind", indicator="open_high_risk", **asked)
        assert opened.json()["type"] == "urn:huhang:question-refused"


def test_nobody_approves_what_he_proposed_in_another_role_either(county: County) -> None:
    manager = county.person(Role.CENTRE_MANAGER)
    case = county.opened(county.person())
    manager.does(f"{case}/closure/proposal", proposal={"kind": "goals-reached"})
    answer = manager.order(f"{case}/closure/approval")
    assert answer.status_code == 422
    both = county.service.member(manager.actor.id, Role.COUNSELLOR, UUID(county.centre))
    denied(both.order(f"{case}/closure/approval"))


def test_nobody_answers_judges_or_passes_what_he_began_himself(county: County) -> None:
    why = {"reason": "补录"}
    supervisor = county.person(Role.SUPERVISOR)
    who, case = supervisor.actor.id, county.opened(county.person()).removeprefix("/cases/")
    officer = county.service.member(who, Role.PRIVACY_OFFICER, UUID(county.region))
    stream, access = asked(supervisor, case)
    grant = f"/access/{stream}/requests/{access}/grant"
    for by in (supervisor, officer):
        assert by.order(grant, until=soon(hours=1)).json()["code"] == "self-grant"

    stream, access = overdue(county, supervisor, case)
    verdict = {"verdict": "justified", "text": "属实", **why}
    for by in (supervisor, officer):
        refused = by.order(f"/access/{stream}/requests/{access}/verdict", **verdict)
        assert refused.json()["code"] == "verdict-by-reader"

    reports, form = f"/regions/{county.region}/reports", {"form": "月报表", "period": MONTH}
    asks = {**form, "due_on": "2019-04-05", "levels": ["county"]}
    supervisor.does(f"{reports}/requirement", requirement=asks)
    report = {**form, "definitions": "2019", "position": 1, **SIGNED}
    supervisor.does(f"{reports}/submission", report=report)
    refused = supervisor.order(f"{reports}/approval", **form, level="county")
    assert refused.json()["code"] == "report-approver-submitted"


def test_nobody_vouches_for_his_own_certificate_or_for_the_age_that_he_enters(
    county: County,
) -> None:
    manager = county.person(Role.CENTRE_MANAGER)
    member = manager.does("/practitioners", registration=REGISTRATION, occurred="2019-02-01")
    certificate = {**EXAMPLES["register_certificate"]["certificate"], "id": str(uuid4())}
    path = f"/practitioners/{member['id']}/certificates"
    manager.does(path, certificate=certificate, reason="补录")
    refused = manager.order(f"{path}/{certificate['id']}/verification")
    assert refused.json()["code"] == "verifier-not-independent"

    case = county.opened(county.person())
    approval = {"party": "other", "age": "under-14", "guardian_consented": True}
    manager.does(f"{case}/minors", **approval, occurred="2019-03-01")
    child = {"party": "other", "identity": {"name": "小明", "born_on": "2010-05-01"}}
    refused = manager.order(f"{case}/parties", **child, occurred="2019-03-01")
    assert refused.json()["code"] == "minor-approved-by-oneself"


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "evil"]
)
def test_signing_in_elsewhere_leads_on_to_pages_of_ours_alone(to: str, service: Service) -> None:
    answer = service.stranger().ask("/oidc/start", to=to)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:huhang:invalid")
    assert "location" not in answer.headers


@pytest.mark.parametrize("path", ["//evil.example/%2e%2e", "/%5cevil.example/", "/api/v1/log/"])
def test_no_address_sends_a_browser_elsewhere(path: str, service: Service) -> None:
    for host in ({}, {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}):
        with httpx.Client() as client:
            request = client.build_request("GET", service.address, headers=host)
            request.url = request.url.copy_with(raw_path=path.encode())
            answer = client.send(request)
        assert answer.status_code == 404
        assert "location" not in answer.headers
        assert "evil" not in answer.text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1", "＠x"])
def test_no_text_of_any_ledger_runs_in_a_spreadsheet(text: str) -> None:
    for ledger in LEDGERS.values():
        for column in ledger.columns:
            if column.kind == "text":
                assert cell(text, column).startswith("'"), (ledger.name, column.name)


def test_no_export_of_an_office_runs_in_a_spreadsheet(county: County) -> None:
    with httpx.Client(base_url=county.service.address, timeout=60) as client:
        office = Office.furnished(county, client, "=HYPERLINK(1)&", "0036")
        kept = set()
        for name in LEDGERS:
            for role in (Role.CENTRE_MANAGER, Role.AUDITOR, Role.SUPERVISOR):
                by, ids = office.members[role], {"name": name}
                answer = office.sent(by, "download_ledger", ids, at=office.position)
                cells = {cell for row in csv.reader(StringIO(answer.text)) for cell in row}
                kept |= {name for cell in cells if cell.startswith(f"'{office.mark}")}
                assert not [cell for cell in cells if cell.startswith(office.mark)], name
                told = office.sent(by, "download_workbook", ids, at=office.position)
                assert told.status_code == answer.status_code
                if told.status_code == 200:
                    assert "<f>" not in all_told(told), "no cell is a formula"
                    rows = next(iter(sheets(told.content).values()))
                    texts = [cell for row in rows for cell in row if isinstance(cell, str)]
                    assert not [cell for cell in texts if cell.startswith(office.mark)], name
                    assert {cell for cell in cells if office.mark in cell} <= {*texts}, name
    assert {"cases", "outreach", "funds", "assistance"} <= kept


CLEAR: Final = {"issuer", "method", "number", "reason", "to", "tool", "tool_version"}
"""Members of a case's events that hold text in clear: none is about the couple."""


def test_nothing_that_is_written_about_a_couple_stands_in_the_log(county: County) -> None:
    def written(name: str, value: Any) -> Iterator[str]:
        """The members that hold a text with the mark."""
        match value:
            case str() if "写下" in value:
                yield name
            case dict():
                for inner, held in value.items():
                    yield from written(inner, held)
            case list():
                for held in value:
                    yield from written(name, held)

    with httpx.Client(base_url=county.service.address, timeout=60) as client:
        office = Office.furnished(county, client, "写下", "0037")
    with psycopg.connect(county.service.database.administrator) as connection:
        found = connection.execute(
            "select topic, state from log.event where originator_id = %s",
            (office.ids["case_id"],),
        ).fetchall()
    members = {(topic, name) for topic, state in found for name in written("", orjson.loads(state))}
    assert {name for _, name in members} <= CLEAR, members
    assert ("case.assessment-recorded.v1", "method") in members, "the mark is found where it is"


def test_no_error_holds_what_is_sealed_or_masked(county: County, other: County) -> None:
    secrets = ("王秘密", "她单独说的", "只给主管看的小结")
    counsellor = county.person()
    case = consented(county, counsellor)
    identity = {"party": "wife", "identity": {"name": secrets[0]}}
    counsellor.does(f"{case}/parties", **identity)
    told = session(notes=[{"text": secrets[1], "party": "wife"}], summary=secrets[2])
    on = "2019-03-01T11:00:00+08:00"
    counsellor.does(f"{case}/sessions", session=told, occurred=on)
    attempts = [
        counsellor.order(f"{case}/parties", **identity),
        counsellor.order(f"{case}/sessions", session=told, occurred=on),
        counsellor.order(f"{case}/sessions", session={**told, "minutes": "60"}, occurred=on),
        counsellor.order(f"{case}/sessions", session={**told, "form": secrets[1]}, occurred=on),
        counsellor.order(f"{case}/sessions/correction", after=told, reason=None, occurred=on),
        counsellor.order(f"{case}/risk", level=secrets[1]),
        other.person().order(f"{case}/parties", **identity),
        other.person().order(f"{case}/sessions", session=told, occurred=on),
    ]
    for answer in attempts:
        assert answer.status_code >= 400, answer.text
        assert not [secret for secret in secrets if secret in answer.text]


def test_the_scope_of_a_token_goes_by_the_address_that_is_served() -> None:
    token = ApiToken(
        id=uuid4(),
        label="月报",
        scopes=("ledgers:read",),
        role=Role.SUPERVISOR,
        office=uuid4(),
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )
    (history,) = (route for route in history_routes.routes if route.name == "read_history")
    for host in (b"x/api/v1/ledgers?", b"x/api/v1/ledgers/", b"x/api/v1/ledgers#"):
        request = Request(
            {
                "type": "http",
                "method": "GET",
                "scheme": "http",
                "server": ("127.0.0.1", 80),
                "path": "/api/v1/history/1",
                "route": history,
                "query_string": b"",
                "headers": [(b"host", host)],
            }
        )
        with pytest.raises(Exception, match="history:read"):
            require_scope(request, token)


def test_a_page_and_an_export_begun_before_a_post_ended_go_no_further(
    service: Service, county: County
) -> None:
    cast = Cast(service, UUID(county.centre))
    person, login = cast.joined()
    browser = Browser(service)
    browser.signs_in(login, GOOD)
    token = {"label": "月报", "scopes": ["ledgers:read"]}
    expires = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    secret = browser.post("/tokens", token={**token, "expires_at": expires}).json()["secret"]
    mine = service.member(person, Role.COUNSELLOR, UUID(county.centre))
    for _ in range(2):
        county.opened(mine)
    newest = service.recorded[0]
    first = browser.send("GET", f"/ledgers/cases?limit=1&min_position={newest}").json()
    assert len(first["rows"]) == 1
    cast.identity.accounts.end_role(person, Role.COUNSELLOR, cast.office, cast.system())
    following = f"/ledgers/cases?limit=1&after={first['next']}"
    assert browser.send("GET", following).status_code == 401
    program = {"Authorization": f"Bearer {secret}"}
    for path in (following, "/ledgers/cases.csv"):
        for headers in (program, mine.headers):
            answer = httpx.get(
                f"{service.address}/api/v1{path}", headers=headers, timeout=30, verify=False
            )
            assert answer.status_code == 401, answer.text


def test_nobody_credits_his_own_hours_or_has_them_asked_for_by_a_stranger(county: County) -> None:
    worker, colleague = (county.person(Role.STATION_WORKER) for _ in range(2))
    own = str(worker.actor.id)
    county.person(Role.CENTRE_MANAGER).does(
        "/practitioners", registration=REGISTRATION, id=own, occurred="2019-01-02"
    )
    hours = {
        "id": str(uuid4()),
        "place": county.place,
        "started_at": "2019-03-01T09:00:00+08:00",
        "ended_at": "2019-03-01T11:00:00+08:00",
        "credited": 120,
    }
    path, why = f"/practitioners/{own}/hours", {"reason": "补录"}
    assert "own-service" in worker.order(path, hours=hours, **why).text
    colleague.does(path, hours=hours, **why)
    after = {**hours, "ended_at": "2019-03-01T19:00:00+08:00", "credited": 600}
    correction = f"{path}/correction"
    for by, asks, rule in (
        (worker, own, "own-service"),
        (worker, str(uuid4()), "requester-unknown"),
        (colleague, county.centre, "requester-unknown"),
    ):
        assert rule in by.order(correction, after=after, requested_by=asks, **why).text
    colleague.does(correction, after=after, requested_by=own, **why)
