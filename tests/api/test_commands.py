"""Commands: what they answer, that repeating is safe, and that the main flow counts."""

from __future__ import annotations

import inspect
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, get_type_hints
from uuid import UUID, uuid4

import psycopg
import pytest
from fastapi.routing import APIRoute

import domain
from api.app import create_app
from api.examples import EXAMPLES
from api.routes import (
    access,
    accounts,
    case_results,
    cases,
    centres,
    disposals,
    erasures,
    impact_assessments,
    pins,
    practitioners,
    protection,
    regions,
    requests,
    reviews,
    supervision,
)
from application.access import Accesses
from application.accounts import Accounts
from application.assessments import Assessments
from application.casework import Casework
from application.centres import Centres
from application.database import Database
from application.disposals import Disposals
from application.erasure import Erasures
from application.eventlog import Receipt
from application.inspection import entry_of, read_rows
from application.keys import author_of
from application.keys_named import INDEX
from application.pins import Pins
from application.protection import Protection
from application.records import Command, Records
from application.requests import Requests
from application.reviews import Reviews
from application.settings import Settings
from application.supervision import Supervision
from application.team import Team
from application.territory import Regions
from application.tree import leaf_hash
from domain.access import Access, access_id
from domain.account import Account
from domain.assessment import ImpactAssessment
from domain.base import Aggregate
from domain.case import Case
from domain.case_safety import set_risk
from domain.centre import Centre
from domain.disposal import Disposal
from domain.pin import Pin
from domain.practitioner import Practitioner
from domain.region import Region
from domain.request import PersonRequest
from domain.review import Review
from domain.subject import Subject
from domain.supervision import SupervisionOrder
from domain.values import RiskLevel, Role
from tests.api.cast import COUNSELLOR, REGISTRATION, County, Person, Service, screening, session
from tests.unasked import Unasked
from tests.writers import until, waiting_writers, writers_held

DOCUMENT = create_app(Database("host=/nowhere"), Settings()).openapi()
COMMANDS = {
    operation["operationId"]: path
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if method == "post"
}


def consented(county: County, by: Person) -> str:
    """The path of a case whose couple applied, consented and was screened on 2019-03-01."""
    case = county.opened(by)
    by.does(f"{case}/application/observation", occurred="2019-03-01")
    by.does(f"{case}/offers", occurred="2019-03-01")
    for party in ("wife", "husband"):
        by.does(f"{case}/consents", party=party, occurred="2019-03-01")
        by.does(
            f"{case}/screenings",
            screening=screening(party),
            occurred="2019-03-01T09:00:00+08:00",
        )
    return case


def counselled(county: County, by: Person) -> str:
    """The same, and both came to a session."""
    case = consented(county, by)
    by.does(f"{case}/sessions", session=session(), occurred="2019-03-01T11:00:00+08:00")
    return case


def test_a_case_goes_from_opening_to_closure_and_counts_as_of_before_and_after(
    county: County,
) -> None:
    counsellor, manager = county.person(), county.person(Role.CENTRE_MANAGER)
    case = consented(county, counsellor)
    held = counsellor.does(
        f"{case}/sessions", session=session(), occurred="2019-03-01T11:00:00+08:00"
    )
    counsellor.does(
        f"{case}/outcome/confirmation", outcome="cancelled", at="2019-03-02", occurred="2019-03-02"
    )
    proposal = {"kind": "outcome-known"}
    counsellor.does(f"{case}/closure/proposal", proposal=proposal, occurred="2019-03-03")
    closed = manager.does(f"{case}/closure/approval", occurred="2019-03-04")

    codes = ("applications", "couples_counselled", "sessions", "cancelled", "open_cases")
    before = county.figures(manager, *codes, as_of=held["last_position"])
    after = county.figures(manager, *codes, min_position=closed["last_position"])
    assert before == {
        "applications": 1,
        "couples_counselled": 1,
        "sessions": 1,
        "cancelled": 0,
        "open_cases": 1,
    }
    assert after == {**before, "cancelled": 1, "open_cases": 0}


def test_a_receipt_names_the_record_its_version_and_where_the_log_says_so(county: County) -> None:
    person = county.person()
    answer = person.order("/cases", opening=county.opening(), place=county.place)
    receipt = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/history/{receipt['id']}"
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["huhang-position"] == str(receipt["last_position"])
    assert receipt["version"] == 1
    assert receipt["first_position"] == receipt["last_position"]
    with psycopg.connect(county.service.database.reader) as connection:
        at = receipt["last_position"]
        (row,) = read_rows(connection, at - 1, at)
    assert receipt["leaf"] == leaf_hash(entry_of(row)).hex()


def test_a_client_may_choose_the_id_of_a_new_record(county: County) -> None:
    chosen = str(uuid4())
    receipt = county.person().does(
        "/cases", opening=county.opening(), place=county.place, id=chosen
    )
    assert receipt["id"] == chosen


def test_a_chosen_id_is_random(county: County) -> None:
    by = county.person()
    day_of_another = access_id(uuid4(), uuid4(), date(2019, 3, 1))
    for taken in (INDEX.record, day_of_another, UUID(int=7)):
        answer = by.order("/cases", opening=county.opening(), place=county.place, id=str(taken))
        assert answer.status_code == 422
        assert answer.json()["code"] == "id-not-random"


def test_the_same_key_again_records_once_also_where_the_server_made_the_id(
    county: County,
) -> None:
    person, key = county.person(), {"Idempotency-Key": str(uuid4())}
    body = {"opening": county.opening(), "place": county.place}
    first = person.send("POST", "/cases", json=body, headers=key)
    again = person.send("POST", "/cases", json=body, headers=key)
    assert first.status_code == 201
    assert again.json() == first.json()


def test_the_same_key_again_records_sealed_facts_once(county: County) -> None:
    person, key = county.person(), {"Idempotency-Key": str(uuid4())}
    case = county.opened(person)
    body = {"party": "wife", "identity": {"name": "王某"}}
    first = person.send("POST", f"{case}/parties", json=body, headers=key)
    again = person.send("POST", f"{case}/parties", json=body, headers=key)
    assert first.status_code == 201, first.text
    assert again.json() == first.json()


def test_a_key_is_not_used_for_another_body(county: County) -> None:
    person, key = county.person(), {"Idempotency-Key": str(uuid4())}
    case = county.opened(person)
    person.send("POST", f"{case}/risk", json={"level": "red"}, headers=key)
    other = person.send("POST", f"{case}/risk", json={"level": "green"}, headers=key)
    assert other.status_code == 422
    assert other.json()["type"] == "urn:huhang:request-reused"


def test_a_change_of_a_version_that_is_no_longer_the_last_fails_its_precondition(
    county: County,
) -> None:
    person = county.person()
    case = county.opened(person)
    person.does(f"{case}/risk", level="red")
    late = person.send("POST", f"{case}/risk", json={"level": "green"}, headers={"If-Match": '"1"'})
    assert late.status_code == 412  # RFC 9110, 13.1.1
    assert late.headers["etag"] == '"2"'
    assert late.json()["status"] == 412
    assert late.json()["type"] == "urn:huhang:conflict"
    assert late.json()["current_version"] == 2


@pytest.mark.parametrize(("headers", "status"), [({}, 409), ({"If-Match": '"1"'}, 412)])
def test_of_two_changes_at_once_the_slower_is_a_conflict_that_names_the_version(
    county: County, headers: dict[str, str], status: int
) -> None:
    person = county.person()
    case = county.opened(person)
    case_id = UUID(case.removeprefix("/cases/"))
    database = county.service.database
    faster = Records(database, author_of(county.service.settings), jurisdiction=Unasked)
    with ThreadPoolExecutor() as threads:
        with writers_held(database):
            first = threads.submit(
                faster.change, Command(person.actor), Case, case_id, set_risk, RiskLevel.RED
            )
            until(lambda: len(waiting_writers(database)) == 1)
            green = {"json": {"level": "green"}, "headers": headers}
            second = threads.submit(person.send, "POST", f"{case}/risk", **green)
            until(lambda: len(waiting_writers(database)) == 2)
        first.result()
        late = second.result()
    faster.close()
    assert late.status_code == status
    assert late.json()["type"] == "urn:huhang:conflict"
    assert late.json()["current_version"] == 2


def test_a_change_of_the_version_that_was_seen_is_recorded(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    seen = person.send("POST", f"{case}/risk", json={"level": "red"}, headers={"If-Match": '"1"'})
    assert seen.status_code == 201


def test_a_command_in_as_of_mode_is_refused_and_nothing_is_written(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    refused = person.send(
        "POST", f"{case}/risk", json={"level": "red"}, params={"as_of": "2019-12-31"}
    )
    assert refused.status_code == 422
    assert refused.json()["type"] == "urn:huhang:command-in-the-past"
    history = person.reads(case.replace("/cases", "/history"))
    assert [moment["topic"] for moment in history["moments"]] == ["case.opened.v1"]


def test_an_accepted_application_gets_its_30_and_30_days_by_the_calendar(county: County) -> None:
    person = county.person(Role.REGISTRAR)
    case = county.opened(person, "2022-01-04")
    person.does(f"{case}/application/acceptance", receipt="2022-1", occurred="2022-01-04")
    moments = person.reads(case.replace("/cases", "/history"))["moments"]
    deadlines = moments[-1]["facts"]["application"]["deadlines"]
    assert deadlines["cooling_off_nominal"] == "2022-02-03"
    assert deadlines["cooling_off_effective"] > "2022-02-03"
    assert deadlines["calendar_version"]
    assert deadlines["closing"] == "17:00"


def test_the_periods_of_an_application_end_when_the_office_of_the_centre_closes(
    county: County,
) -> None:
    offices = [
        {"id": str(uuid4()), "name": name, "county_level": True, "closing": closing}
        for name, closing in (("城东婚姻登记处", "17:30"), ("城西婚姻登记处", "16:30"))
    ]
    county.manager.does(
        f"/centres/{county.centre}/registry-offices", offices=offices, occurred="2021-01-01"
    )
    person = county.person(Role.REGISTRAR)
    case = county.opened(person, "2021-01-04")
    person.does(f"{case}/application/acceptance", receipt="2021-1", occurred="2021-01-04")
    late, in_time = "2021-03-05T17:31:00+08:00", "2021-03-05T17:30:00+08:00"
    refused = person.order(
        f"{case}/outcome/confirmation", outcome="registered", at=late, occurred=late
    )
    assert refused.json()["type"] == "urn:huhang:refused:registered-outside-window"
    assert "2021-03-05 17:30" in refused.json()["detail"]
    person.does(f"{case}/outcome/confirmation", outcome="registered", at=in_time, occurred=late)


def test_a_room_makes_a_region_of_its_village_once(county: County) -> None:
    manager = county.manager
    founding = {
        "scheme": "test",
        "code": f"{county.code}001",
        "name": "城关镇",
        "level": "township",
        "kind": "town",
        "parent": county.region,
        "valid_from": "2000-01-01",
    }
    township = manager.does("/regions", founding=founding)["id"]
    room = {"kind": "room", "name": "东升村辅导室", "established_on": "2019-03-01"}

    def opened(region: str) -> Any:
        return manager.order("/centres", establishment={**room, "region": region}, reason="补录")

    assert opened(township).json()["code"] == "room-outside-village"
    village = {"code": f"{county.code}001201", "name": "东升村"}
    refused = manager.order(f"/regions/{county.region}/villages", village=village)
    assert refused.json()["code"] == "village-outside-township"
    region = manager.does(f"/regions/{township}/villages", village=village)["id"]
    again = manager.order(f"/regions/{township}/villages", village=village)
    assert again.json()["code"] == "region-exists"
    founded = opened(region)
    assert founded.status_code == 201, founded.text
    centre = founded.json()["id"]
    moved = manager.order(
        f"/centres/{centre}/reassignment",
        to_region=township,
        effective_on="2019-06-01",
        reason="误",
    )
    assert moved.json()["code"] == "room-outside-village"
    tree = manager.reads("/regions", region=township, min_position=founded.json()["last_position"])
    ((town,),) = (tree["regions"],)
    assert [child["name"] for child in town["children"]] == ["东升村"]


def test_a_follow_up_without_a_day_is_due_as_the_risk_level_demands(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    wanted = {"id": str(uuid4()), "kind": "phone"}
    refused = person.order(f"{case}/follow-ups", follow_up=wanted, occurred="2019-03-01")
    assert refused.json()["code"] == "due-day-needs-risk-level"
    person.does(f"{case}/risk", level="yellow", occurred="2019-03-01")
    person.does(f"{case}/follow-ups", follow_up=wanted, occurred="2019-03-01")
    moments = person.reads(case.replace("/cases", "/history"))["moments"]
    assert moments[-1]["facts"]["follow_up"]["due_on"] == "2019-06-01"


def test_process_notes_and_identities_are_sealed_before_they_are_recorded(county: County) -> None:
    person = county.person()
    case = consented(county, person)
    person.does(f"{case}/parties", party="wife", identity={"name": "王秘密"})
    note = {"text": "她单独说的秘密", "party": "wife"}
    person.does(
        f"{case}/sessions", session=session(notes=[note]), occurred="2019-03-01T11:00:00+08:00"
    )
    history = person.reads(case.replace("/cases", "/history"))
    assert "秘密" not in str(history)
    moments = history["moments"]
    assert moments[-3]["facts"]["identity"] == "〔密封〕"
    assert moments[-2]["facts"]["session"]["notes"] == [{"note": "〔密封〕", "party": "wife"}]


def test_what_is_sealed_of_a_referral_and_a_report_stays_where_a_correction_leaves_it_out(
    county: County,
) -> None:
    counsellor = county.person(Role.COUNSELLOR)
    case = county.opened(counsellor)
    record, on = {"id": str(uuid4()), "summary": "她的母亲陪同"}, {"occurred": "2019-03-01"}
    counsellor.does(f"{case}/referrals", referral={**record, "kind": "legal-aid"}, **on)
    after = {"referral": {"id": record["id"], "kind": "psychological"}, "made_on": "2019-03-01"}
    counsellor.does(f"{case}/referrals/correction", after=after, reason="写错")
    at = "2019-03-01T11:00:00+08:00"
    counsellor.does(f"{case}/reports", report={**record, "to": "police"}, occurred=at)
    counsellor.does(
        f"{case}/reports/correction",
        after={"id": record["id"], "to": "womens-federation"}, at=at, reason="写错",
    )  # fmt: skip
    told = counsellor.reads(case.replace("/cases", "/history"))["moments"]
    referral, report = (moment["after"] for moment in (told[-3], told[-1]))
    assert referral["referral"]["summary"] == report["report"]["summary"] == "〔密封〕"
    texts = [(one["title"], one["text"]) for one in counsellor.reads(f"{case}/texts")["texts"]]
    assert texts == [("转介", "她的母亲陪同"), ("强制报告", "她的母亲陪同")]


def test_a_persons_number_in_what_stays_in_clear_is_refused(county: County) -> None:
    counsellor = county.person(Role.COUNSELLOR)
    case = county.opened(counsellor)
    referral = {"id": str(uuid4()), "kind": "hospital", "to": "李医生 13800138000"}
    answer = counsellor.order(f"{case}/referrals", referral=referral, occurred="2019-03-01")
    assert (answer.status_code, answer.json()["code"]) == (422, "number-in-text")
    counsellor.does(
        f"{case}/referrals", referral={**referral, "to": "县医院"}, occurred="2019-03-01"
    )


def test_notes_left_out_of_a_correction_stay_as_they_were(county: County) -> None:
    person = county.person()
    case = consented(county, person)
    held = session(notes=[{"text": "过程"}])
    person.does(f"{case}/sessions", session=held, occurred="2019-03-01T11:00:00+08:00")
    after = {name: value for name, value in held.items() if name != "notes"}
    person.does(f"{case}/sessions/correction", after={**after, "minutes": 45}, reason="时长有误")
    moments = person.reads(case.replace("/cases", "/history"))["moments"]
    assert moments[-1]["before"]["minutes"] == 60
    assert moments[-1]["after"]["minutes"] == 45
    assert moments[-1]["after"]["notes"] == [{"note": "〔密封〕"}]


def test_a_place_must_be_where_the_centre_lay(county: County, service: Service) -> None:
    elsewhere = County.founded(service)
    refused = county.person().order(
        "/cases",
        opening=county.opening(),
        place={"centre": county.centre, "region": elsewhere.region},
    )
    assert refused.json()["type"] == "urn:huhang:refused:place-elsewhere"


def test_a_place_without_a_centre_must_be_a_region_that_exists(county: County) -> None:
    region = uuid4()
    unknown = county.service.person(Role.COUNSELLOR, region).order(
        "/cases", opening=county.opening(), place={"region": str(region)}
    )
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    "command",
    [
        "session", "correction", "appointment", "assignment", "recusal", "shift", "subsidy",
        "dispatch",
    ],
)  # fmt: skip
@pytest.mark.parametrize("named", ["nobody", "a centre"])
def test_a_practitioner_whom_nobody_registered_is_not_found(
    county: County, command: str, named: str
) -> None:
    person = county.person()
    unknown = county.centre if named == "a centre" else str(uuid4())
    path, facts = naming(command, county, person, unknown)
    answer = person.order(path, **facts)
    assert answer.status_code == 404, answer.text
    assert unknown in answer.json()["detail"]


def naming(
    command: str, county: County, person: Person, practitioner: str
) -> tuple[str, dict[str, Any]]:
    """A command that names a practitioner, and could be given but for that."""
    on = "2019-03-01T11:00:00+08:00"
    centre = f"/centres/{county.centre}"
    record: dict[str, Any] = {"id": str(uuid4()), "practitioner": practitioner}
    if command in ("shift", "subsidy"):
        record |= {"started_at": on, "minutes": 60} if command == "shift" else {}
        record |= {"fen": 100, "paid_on": "2019-03-01"} if command == "subsidy" else {}
        where = "shifts" if command == "shift" else "funds/subsidies"
        return f"{centre}/{where}", {command: record, "occurred": "2019-03-02"}
    if command == "dispatch":
        asked = {"id": str(uuid4()), "requested_at": "2019-03-01T09:00:00+08:00", "what": "上门"}
        person.does(f"{centre}/assistance", request=asked, occurred=on)
        facts = {"practitioner": practitioner, "dispatched_at": on, "occurred": on}
        return f"{centre}/assistance/{asked['id']}/dispatch", facts
    case = consented(county, person)
    if command == "appointment":
        booked = {**record, "starts_at": "2019-03-05T09:00:00+08:00", "form": "on-site"}
        booked |= {"parties": ["wife"]}
        return f"{case}/appointments", {"appointment": booked, "occurred": on}
    if command == "assignment":
        return f"{case}/counsellors", {"practitioner": practitioner, "occurred": on}
    if command == "recusal":
        return f"{case}/counsellors/{practitioner}/recusal", {"occurred": on}
    held = session(practitioners=[COUNSELLOR, practitioner])
    if command == "session":
        return f"{case}/sessions", {"session": held, "occurred": on}
    person.does(f"{case}/sessions", session={**held, "practitioners": [COUNSELLOR]}, occurred=on)
    return f"{case}/sessions/correction", {"after": held, "reason": "笔误"}


def test_who_had_left_the_team_by_then_worked_no_more(county: County) -> None:
    person = county.person()
    registered = person.does("/practitioners", registration=REGISTRATION, occurred="2019-01-07")
    person.does(f"/practitioners/{registered['id']}/deregistration", occurred="2019-02-28")
    case = consented(county, person)
    held = session(practitioners=[registered["id"]])
    answer = person.order(f"{case}/sessions", session=held, occurred="2019-03-01T11:00:00+08:00")
    assert answer.json()["type"] == "urn:huhang:refused:practitioner-deregistered"


def test_a_round_up_is_of_regions_that_exist(county: County) -> None:
    dispatch = {"id": str(uuid4()), "held_on": "2019-03-01", "title": "调度", "position": 1}
    path = f"/regions/{county.region}/dispatches"
    unknown = {**dispatch, "regions": [county.region, str(uuid4())]}
    assert county.manager.order(path, dispatch=unknown, occurred="2019-03-01").status_code == 404
    known = {**dispatch, "regions": [county.region]}
    county.manager.does(path, dispatch=known, occurred="2019-03-01")


def test_what_was_on_screen_is_pinned_only_by_a_position_of_the_log(county: County) -> None:
    dispatch = {"id": str(uuid4()), "held_on": "2019-03-01", "title": "调度", "position": 10**12}
    refused = county.manager.order(
        f"/regions/{county.region}/dispatches", dispatch=dispatch, occurred="2019-03-01"
    )
    assert refused.json()["type"] == "urn:huhang:as-of-refused"


def test_a_practitioner_takes_a_post_and_is_counted(county: County) -> None:
    manager, verifier = county.manager, county.person(Role.CENTRE_MANAGER)
    registered = manager.does("/practitioners", registration=REGISTRATION, occurred="2019-03-01")
    who = f"/practitioners/{registered['id']}"
    post = {
        "id": str(uuid4()),
        "place": county.place,
        "title": "志愿者",
        "from_on": "2019-03-01",
        "primary": True,
    }
    manager.does(f"{who}/posts", post=post, occurred="2019-03-01")
    certificate = {
        "id": str(uuid4()),
        "kind": "social-worker",
        "number": "鲁2018",
        "issuer": "民政部",
        "issued_on": "2018-01-01",
    }
    manager.does(f"{who}/certificates", certificate=certificate, occurred="2019-03-01")
    verified = verifier.does(
        f"{who}/certificates/{certificate['id']}/verification", occurred="2019-03-05"
    )
    figures = county.figures(
        manager, "volunteers", "volunteers_qualified", min_position=verified["last_position"]
    )
    assert figures == {"volunteers": 1, "volunteers_qualified": 1}


def test_a_whistle_is_answered_and_the_centre_holds_outreach(county: County) -> None:
    manager, volunteer = county.manager, COUNSELLOR
    centre = f"/centres/{county.centre}"
    asked = {"id": str(uuid4()), "requested_at": "2019-03-01T09:00:00+08:00", "what": "上门"}
    at = "2019-03-01T12:00:00+08:00"
    manager.does(f"{centre}/assistance", request=asked, occurred=at)
    whistle = f"{centre}/assistance/{asked['id']}"
    sent, came = "2019-03-01T09:05:00+08:00", "2019-03-01T09:25:00+08:00"
    manager.does(f"{whistle}/dispatch", practitioner=volunteer, dispatched_at=sent, occurred=at)
    manager.does(f"{whistle}/arrival", practitioner=volunteer, arrived_at=came, occurred=at)
    outreach = {
        "id": str(uuid4()),
        "kind": "lecture",
        "held_on": "2019-03-02",
        "title": "讲座",
        "persons": 30,
    }
    held = manager.does(f"{centre}/outreach", outreach=outreach, occurred="2019-03-02")
    figures = county.figures(
        manager,
        "whistles",
        "whistles_answered",
        "outreach_events",
        "outreach_attendance",
        min_position=held["last_position"],
    )
    assert list(figures.values()) == [1, 1, 1, 30]


@pytest.mark.parametrize("operation", sorted(EXAMPLES))
def test_the_example_of_every_command_is_a_body_that_it_takes(
    operation: str, service: Service
) -> None:
    body: dict[str, Any] = {**EXAMPLES[operation]}
    if "id" in body:
        body["id"] = str(uuid4())
    path = COMMANDS[operation].removeprefix("/api/v1")
    while "{" in path:
        start, _, rest = path.partition("{")
        path = start + str(uuid4()) + rest.partition("}")[2]
    answer = service.person().send("POST", path, json=body)
    assert answer.status_code in (200, 201, 401, 403, 404, 422)
    assert answer.json().get("type") not in ("urn:huhang:invalid", "urn:huhang:no-such-address")


def test_every_command_has_an_example_and_every_example_a_command() -> None:
    assert COMMANDS.keys() == EXAMPLES.keys()


DESKS: dict[type, type[Aggregate]] = {
    Casework: Case,
    Centres: Centre,
    Team: Practitioner,
    Regions: Region,
    Supervision: SupervisionOrder,
    Reviews: Review,
    Accesses: Access,
    Erasures: Subject,
    Pins: Pin,
    Accounts: Account,
    Requests: PersonRequest,
    Assessments: ImpactAssessment,
    Disposals: Disposal,
}
BESIDE: dict[type, type] = {Casework: Protection}
"""Desks that share the decisions on one kind of record."""

ROUTES = [
    route
    for module in (
        cases,
        case_results,
        centres,
        practitioners,
        regions,
        supervision,
        reviews,
        access,
        erasures,
        pins,
        accounts,
        protection,
        requests,
        impact_assessments,
        disposals,
    )
    for route in module.router.routes
    if isinstance(route, APIRoute)
]


SHORTER = {"open_case": "open"}  # a desk's methods need not say what they open

NO_COMMAND = {
    "beginning": "a step of other decisions: what sessions change in the beginning of counselling",
    "erase": "a step of an erasure: the key is destroyed before the case says so",
    "destroy_keys": "a step of an erasure: the key is destroyed before the log says so",
    "release_keys": "recorded by the vault itself before it opens anything",
    "reset_password": "answers with a password beside the receipt",
    "change_password": "a step of one's own session, as those that follow",
    "add_factor": "a step of one's own session",
    "link_identity": "a step of one's own session",
    "sign_in": "a step of one's own session",
    "switch_post": "a step of one's own session",
    "sign_out": "a step of one's own session",
    "issue_token": "answers with a secret beside the receipt",
    "lock_out": "noted by sign-in itself, when too many tries failed",
    "dispose": "a step of a disposal: the keys are destroyed before the log says so",
    "read_note": "the vault leaves the trace of what it opens, in the reading log",
}


BY_ITSELF = {
    "open_record": "traced by the system before it shows a record",
    "open_list": "traced by the system before it shows a list",
    "make_search": "traced by the system before it shows what was found",
    "make_export": "traced by the system before rows leave it",
    "expire": "noted by the system when the time of an access is over",
    "untie": "told to the system by who has the machine",
}
"""Commands of a desk that no client gives."""


def commands_of(desk: type) -> set[str]:
    """The methods of a desk that give a receipt."""
    return {
        name
        for name, method in inspect.getmembers(desk, inspect.isfunction)
        if not name.startswith("_") and get_type_hints(method).get("return") is Receipt
    }


def decisions_of(aggregate: type[Aggregate]) -> set[str]:
    """What yields events of an aggregate under a stamp: its methods, and functions that take it."""
    homes: list[object] = [aggregate]
    homes += [
        module
        for name, module in inspect.getmembers(domain, inspect.ismodule)
        if name.startswith(f"{aggregate.__module__.removeprefix('domain.')}_")
    ]
    return {
        SHORTER.get(name, name)
        for home in homes
        for name, decision in inspect.getmembers(home, inspect.isgeneratorfunction)
        if "by" in inspect.signature(decision).parameters
    }


def routed(desk: type) -> set[str]:
    """The methods of a desk that some route calls."""
    return {
        name
        for route in ROUTES
        if get_type_hints(route.endpoint).get("desk") is desk
        for name in route.endpoint.__code__.co_names
    }


@pytest.mark.parametrize("desk", [*DESKS, *BESIDE.values()])
def test_every_command_of_a_desk_has_an_address(desk: type) -> None:
    assert commands_of(desk) - routed(desk) - BY_ITSELF.keys() == set()


@pytest.mark.parametrize(("desk", "aggregate"), DESKS.items())
def test_every_decision_of_the_domain_has_its_command(
    desk: type, aggregate: type[Aggregate]
) -> None:
    commands = commands_of(desk) | commands_of(BESIDE.get(desk, desk))
    assert decisions_of(aggregate) - NO_COMMAND.keys() == commands
