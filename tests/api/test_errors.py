"""Errors: each a problem with a stable type and a sentence in the reader's language."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier
from starlette.exceptions import HTTPException

from api.app import create_app
from api.errors import FORBIDDEN, MISSING, NotReady, prefers_english, told
from api.wording import fault_zh
from application.database import Database
from application.envelope import Spoiled, Unopened
from application.eventlog import NotRecorded
from application.keystore import KeysHeldUp
from application.records import Actor
from application.settings import Settings
from application.territory_lock import TerritoryHeldUp
from application.tokens import Tokens
from application.vault import NothingToOpen
from domain.base import Refused
from domain.values import Role
from domain.wording import REFUSALS
from projections.projector import Lagging
from tests.api.cast import County, Service, screening, session
from tests.api.conftest import served
from tests.conftest import TEMPLATE, fresh

PERIOD = {"from": "2019-01-01", "to": "2019-12-31"}
NOBODY = UUID(int=4)  # not a random one: all workers of a run must find the same tests
QUERIES = (
    "/statistics",
    "/statistics/behind",
    "/statistics/difference",
    "/indicators",
    "/ledgers",
    "/ledgers/cases",
    "/ledgers/cases.csv",
    "/ledgers/cases.xlsx",
    "/findings/overlapping-sessions",
    "/findings/unusual-looks",
    "/ledgers/cases/deadlines",
    "/ledgers/looks",
    "/access/notices",
    "/access/reviews",
    "/access/statistics",
    f"/history/{NOBODY}",
    "/regions",
    "/log",
)


@pytest.mark.parametrize("path", QUERIES)
def test_nobody_reads_without_a_token(path: str, service: Service) -> None:
    answer = service.stranger().ask(path)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["type"] == "urn:huhang:unauthenticated"


def test_nobody_writes_without_a_token_not_even_nonsense(service: Service) -> None:
    for content in (b"{}", b"nonsense"):
        answer = service.stranger().send(
            "POST", "/cases", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 401


def test_a_token_of_another_installation_lets_nobody_in(service: Service, tmp_path: Path) -> None:
    foreign = Tokens(Settings(home=tmp_path)).issue(Actor(uuid4(), Role.COUNSELLOR, uuid4()))
    answer = service.stranger().send("GET", "/log", headers={"Authorization": f"Bearer {foreign}"})
    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:huhang:token-refused"


def test_an_expired_token_says_that_it_expired(service: Service) -> None:
    past = Tokens(service.settings, clock=lambda: datetime.now(UTC) - timedelta(days=2))
    token = past.issue(Actor(uuid4(), Role.COUNSELLOR, uuid4()))
    answer = service.stranger().send("GET", "/log", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["type"] == "urn:huhang:token-expired"


@pytest.mark.parametrize("credentials", ["Bearer", "Basic YTpi", "Token x"])
def test_other_credentials_are_none(credentials: str, service: Service) -> None:
    answer = service.stranger().send("GET", "/log", headers={"Authorization": credentials})
    assert answer.json()["type"] == "urn:huhang:unauthenticated"


def test_a_refusal_names_the_rule_and_says_what_to_do(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    answer = person.order(
        f"{case}/sessions", session=session(), occurred="2019-03-01T11:00:00+08:00"
    )
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "urn:huhang:refused:consent-missing"
    assert problem["code"] == "consent-missing"
    assert problem["context"] == {"party": "wife"}
    assert problem["detail"] == REFUSALS["consent-missing"].en.format(party="wife")


def test_a_refusal_is_in_chinese_unless_english_is_wanted(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    body = {"session": session(), "occurred": "2019-03-01T11:00:00+08:00", "reason": "补录"}
    answer = person.send(
        "POST", f"{case}/sessions", json=body, headers={"Accept-Language": "de, zh;q=0.5"}
    )
    assert answer.headers["content-language"] == "zh"
    assert answer.json()["detail"] == REFUSALS["consent-missing"].zh.format(party="女方")


@pytest.mark.parametrize(
    ("wanted", "english"),
    [
        ("", False),
        ("en", True),
        ("en-GB,en;q=0.9", True),
        ("zh-CN,zh;q=0.9,en;q=0.8", False),
        ("zh;q=0.1,en;q=0.2", True),
        ("en;q=x", False),
        ("*", False),
    ],
)
def test_chinese_is_spoken_unless_english_is_wanted_more(wanted: str, english: bool) -> None:
    assert prefers_english(wanted) is english


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_every_refusal_of_the_domain_has_a_type_of_its_own(code: str) -> None:
    context = AnyContext()
    problem = told(Refused(code, **context))
    assert problem.type == f"urn:huhang:refused:{code}"
    assert problem.status == (404 if code in MISSING else 403 if code in FORBIDDEN else 422)
    assert "{" not in problem.detail.en + problem.detail.zh


class AnyContext(dict[str, str]):
    """Every name that any sentence mentions."""

    def __init__(self) -> None:
        from string import Formatter

        names = {
            name
            for sentence in REFUSALS.values()
            for text in sentence
            for _, name, _, _ in Formatter().parse(text)
            if name
        }
        super().__init__(dict.fromkeys(names - {"code"}, "x"))


def test_what_nobody_foresaw_tells_nothing_about_the_inside() -> None:
    problem = told(KeyError("王秘密"))
    assert problem.type == "urn:huhang:internal"
    assert problem.status == 500
    assert "秘密" not in str(problem)


def test_a_lagging_answer_says_when_to_come_back() -> None:
    problem = told(Lagging("The read models are at 1, not yet at 2; ask again."))
    assert problem.status == 503
    assert problem.headers["Retry-After"] == "1"


def test_a_log_that_is_held_up_says_that_nothing_was_recorded() -> None:
    problem = told(NotRecorded("held up"))
    assert problem.status == 503
    assert problem.headers["Retry-After"] == "5"
    assert "nothing was recorded" in problem.detail.en


def test_what_cannot_be_opened_and_is_there_is_never_told_to_be_missing() -> None:
    for error, kind in (
        (Unopened("This field was not released."), "not-opened"),
        (Spoiled("A part of the sealed data has a wrong length."), "sealed-spoiled"),
    ):
        problem = told(error)
        assert (problem.status, problem.type) == (503, f"urn:huhang:{kind}")
        assert "并非没有内容" in problem.detail.zh
    assert told(NothingToOpen()).status == 404


def test_keys_that_are_held_up_are_told_from_a_database_that_is_away() -> None:
    problem = told(KeysHeldUp("held up"))
    assert (problem.type, problem.status) == ("urn:huhang:keys-held-up", 503)
    assert "nothing was done" in problem.detail.en


def test_a_tree_that_is_held_up_is_told_from_a_database_that_is_away() -> None:
    problem = told(TerritoryHeldUp())
    assert (problem.type, problem.status) == ("urn:huhang:territory-held-up", 503)
    assert "nothing was recorded" in problem.detail.en


def test_a_system_that_is_not_ready_says_why() -> None:
    problem = told(NotReady("The projector halted at event 7.", "投影停在事件 7。"))
    assert (problem.type, problem.status) == ("urn:huhang:not-ready", 503)
    assert "7" in problem.detail.zh


def test_an_http_error_of_the_framework_is_a_problem_too() -> None:
    problem = told(HTTPException(418))
    assert problem.type == "urn:huhang:http-418"


@pytest.mark.parametrize(
    ("kind", "limits", "said"),
    [
        ("missing", {}, "缺少必填项"),
        ("greater_than_equal", {"ge": 1}, "不得小于 1"),
        ("enum", {"expected": "'red' or 'green'"}, "须为以下之一：'red' 或 'green'"),
        ("date_from_datetime_parsing", {}, "不是有效的日期或时间"),
        ("uuid_parsing", {}, "不是有效的编号（UUID）"),
        ("value_error", {}, "填写不正确"),
    ],
)
def test_every_fault_is_said_in_chinese(kind: str, limits: dict[str, object], said: str) -> None:
    assert fault_zh(kind, limits) == said


@pytest.mark.parametrize("occurred", ["2019-02-30", "yesterday", "2019-03-01T10:00:00", 1551398400])
def test_a_wrong_business_time_is_one_fault_that_says_how_to_write_it(
    occurred: object, county: County
) -> None:
    person = county.person()
    case = county.opened(person)
    answer = person.order(f"{case}/offers", occurred=occurred)
    (fault,) = answer.json()["errors"]
    assert fault["where"] == "body.occurred"
    assert "2019-12-31T18:00:00+08:00" in fault["what"]


@pytest.mark.parametrize(
    ("path", "parameters", "where", "said"),
    [
        ("/log", {"as_of": "soon"}, "query.as_of", "a date such as 2019-12-31"),
        ("/log", {"boundaries": "soon"}, "query.boundaries", "then, now"),
        ("/regions", {"region": "济南"}, "query.region", "such as 370000"),
        ("/regions", {"asof": "2019-12-31"}, "query.asof", "no such parameter"),
        ("/regions", {"depth": [1, 2]}, "query.depth", "given once"),
    ],
)
def test_a_parameter_that_cannot_be_meant_is_told_how_it_is_written(
    path: str, parameters: dict[str, object], where: str, said: str, county: County
) -> None:
    answer = county.manager.ask(path, **parameters)
    assert answer.status_code == 422, answer.text
    (fault,) = answer.json()["errors"]
    assert fault["where"] == where
    assert said in fault["what"]


def test_a_version_is_named_as_its_etag(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    answer = person.send("POST", f"{case}/offers", json={}, headers={"If-Match": "1"})
    assert 'such as "3"' in answer.json()["errors"][0]["what"]


def test_a_command_takes_no_parameters_in_its_address(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    answer = person.send("POST", f"{case}/offers", json={}, params={"occurred": "2019-03-01"})
    assert answer.json()["errors"][0]["where"] == "query.occurred"


def test_refusals_that_mean_absence_are_known_to_the_domain() -> None:
    assert REFUSALS.keys() >= MISSING


@pytest.mark.parametrize(
    ("parameters", "type_"),
    [
        ({"region": "999999"}, "question-refused"),
        ({"from": "2019-12-31", "to": "2019-01-01"}, "question-refused"),
        ({"from": "1666-01-01"}, "question-refused"),
        ({"from": "2019-02-30"}, "invalid"),
        ({"from": "1546300800"}, "invalid"),
        ({"as_of": "2999-01-01"}, "as-of-refused"),
        ({"as_of": "1999-01-01"}, "as-of-refused"),
        ({"as_of": "9999-12-31"}, "as-of-refused"),
        ({"as_of": "2019-13-01"}, "as-of-refused"),
        ({"as_of": "2019-12-31T10:00:00"}, "as-of-refused"),
        ({"as_of": "999999999999"}, "as-of-refused"),
        ({"as_of": "yesterday"}, "invalid"),
        ({"min_position": 10**15}, "as-of-refused"),
        ({"boundaries": "tomorrow"}, "invalid"),
        ({"boundaries": "2019-99-99"}, "as-of-refused"),
        ({"indicators": ["aplications"]}, "unknown-indicator"),
        ({"indicators": []}, "invalid"),
    ],
)
def test_a_question_that_makes_no_sense_is_told_so(
    parameters: dict[str, object], type_: str, county: County
) -> None:
    asked = {"indicators": ["applications"], "region": county.code, **PERIOD, **parameters}
    answer = county.manager.ask("/statistics", **asked)
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == f"urn:huhang:{type_}"
    chinese = county.manager.send(
        "GET", "/statistics", params=asked, headers={"Accept-Language": "zh-CN"}
    )
    assert not is_english(chinese.json()["detail"])


def is_english(sentence: str) -> bool:
    """Whether three English words stand beside each other."""
    return re.search(r"[A-Za-z]+ [A-Za-z]+ [A-Za-z]+", sentence) is not None


def test_an_unknown_indicator_names_those_that_look_like_it(county: County) -> None:
    answer = county.manager.ask(
        "/statistics", indicators=["aplications"], region=county.code, **PERIOD
    )
    assert answer.json()["closest"][0] == "applications"


def test_what_was_sent_is_not_repeated_in_an_error(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    secret = {"name": "王秘密", "documents": "370102198001010000"}
    answer = person.order(f"{case}/parties", party="she", identity=secret)
    assert answer.status_code == 422
    assert {error["where"] for error in answer.json()["errors"]} == {
        "body.party",
        "body.identity.documents",
    }
    assert "秘密" not in answer.text
    assert "370102198001010000" not in answer.text


def test_faults_of_a_body_are_named_in_chinese_too(county: County) -> None:
    answer = county.person().send(
        "POST", "/cases", json={"place": county.place}, headers={"Accept-Language": "zh"}
    )
    assert answer.json()["errors"] == [{"where": "body.opening", "what": "缺少必填项"}]


@pytest.mark.parametrize(
    "facts",
    [
        {"ocurred": "2019-03-01"},
        {"level": "red", "reason": ""},
        {"level": "red", "reason": "\u0000"},
        {"level": "red", "occurred": 1551398400},
        {"level": "red", "occurred": "2019-03-01T10:00:00"},
        {"level": 1},
        [],
        None,
    ],
)
def test_a_body_that_is_not_exactly_what_is_asked_for_is_refused(
    facts: object, county: County
) -> None:
    person = county.person()
    case = county.opened(person)
    answer = person.send("POST", f"{case}/risk", json=facts)
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "urn:huhang:invalid"


def test_a_number_in_quotes_is_no_number(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    answer = person.order(f"{case}/sessions", session=session(minutes="60"))
    assert answer.json()["errors"][0]["where"] == "body.session.minutes"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_json_is_refused(content: bytes, county: County) -> None:
    person = county.person()
    case = county.opened(person)
    answer = person.send(
        "POST", f"{case}/risk", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:huhang:invalid"


def test_a_date_at_the_end_of_the_calendar_is_refused_and_nothing_breaks(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    for end in ("0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-12:00", "0001-01-01"):
        answer = person.order(f"{case}/risk", level="red", occurred=end, reason="x")
        assert answer.json()["errors"][0]["where"] == "body.occurred"


@pytest.mark.parametrize("occurred", ["1899-12-31", "1899-12-31T12:00:00+08:00", "2200-01-01"])
def test_a_fact_of_a_day_that_no_ledger_and_no_figure_reaches_is_refused(
    occurred: str, county: County
) -> None:
    answer = county.person().order(
        "/cases", opening=county.opening(), place=county.place, occurred=occurred
    )
    (fault,) = answer.json()["errors"]
    assert answer.status_code == 422
    assert fault["where"] == "body.occurred"
    assert answer.json()["type"] == "urn:huhang:date-out-of-range"
    assert "from 1900 to 2199" in fault["what"]


@pytest.mark.parametrize("due_on", ["2200-01-01", "9999-12-31"])
def test_nothing_is_due_on_a_day_that_no_ledger_reaches(due_on: str, county: County) -> None:
    person = county.person()
    case = county.opened(person)
    follow_up = {"id": str(uuid4()), "kind": "phone", "due_on": due_on}
    answer = person.order(f"{case}/follow-ups", follow_up=follow_up)
    assert answer.status_code == 422
    assert [fault["where"] for fault in answer.json()["errors"]] == ["body.follow_up.due_on"]


@pytest.mark.parametrize("reason", ["\u200b", "\ufeff\u2060", "good \u202edoog"])
def test_a_reason_that_nobody_can_read_as_it_was_written_is_none(
    reason: str, county: County
) -> None:
    person = county.person()
    case = county.opened(person)
    answer = person.order(f"{case}/risk", level="red", occurred="2019-03-01", reason=reason)
    assert [fault["where"] for fault in answer.json()["errors"]] == ["body.reason"]


def test_of_many_mistakes_a_stranger_is_told_that_they_are_many(service: Service) -> None:
    """Nobody else is answered while they are listed: 90,000 of one body took minutes."""
    many = "{" + ",".join(f'"k{number}":1' for number in range(5_000)) + "}"
    answer = httpx.post(
        f"{service.address}/api/v1/session",
        content=many,
        headers={"Content-Type": "application/json", "Accept-Language": "en"},
        timeout=30,
        verify=False,
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][:2] == [
        {"where": "body", "what": "More than 1,000 things are wrong here"}
    ]


@pytest.mark.parametrize(
    "nested", ["[" * 100 + "]" * 100, '{"k":' * 100 + "0" + "}" * 100, ",".join("1" * 100)]
)
def test_of_a_body_of_nothing_but_parts_no_object_is_made(service: Service, nested: str) -> None:
    """Half a million of them took two or three seconds, in which nobody else was answered."""
    body = '{"x":[' + ",".join([nested] * 300) + "]}"
    answer = httpx.post(
        f"{service.address}/api/v1/session",
        content=body,
        headers={"Content-Type": "application/json", "Accept-Language": "en"},
        timeout=30,
        verify=False,
    )
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"where": "body", "what": "More than 20,000 opening brackets and commas are in the body"}
    ]


def test_of_many_parameters_a_stranger_is_told_of_the_first(service: Service) -> None:
    many = "&".join(f"p{number}" for number in range(5_000))
    answer = httpx.get(f"{service.address}/api/v1/log?{many}", timeout=30, verify=False)
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 1_000


def test_a_body_above_the_limit_is_refused_by_its_announced_length(service: Service) -> None:
    limit = service.settings.body_limit
    answer = service.person().send("POST", "/cases", content=b"x" * (limit + 1))
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:huhang:too-large"


def test_a_body_above_the_limit_is_refused_where_it_announces_no_length(service: Service) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(service.settings.body_limit // 100_000 + 1):
            yield b"x" * 100_000

    answer = service.person().send("POST", "/cases", content=pieces())
    assert answer.status_code == 413


def test_a_broken_upload_writes_nothing_and_breaks_nothing(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    address = httpx.URL(county.service.address)
    with socket.create_connection((address.host, address.port)) as connection:
        connection.sendall(
            f"POST /api/v1{case}/risk HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Authorization: {person.headers['Authorization']}\r\nContent-Length: 99\r\n\r\n"
            '{"level": "red"'.encode()
        )
    moments = person.reads(case.replace("/cases", "/history"))["moments"]
    assert len(moments) == 1


@pytest.mark.parametrize(
    ("method", "path", "status", "type_"),
    [
        ("GET", "/nothing", 404, "no-such-address"),
        ("GET", f"/cases/{NOBODY}/risk", 405, "method-not-allowed"),
        ("GET", "/ledgers/nothing", 404, "not-found"),
        ("GET", f"/history/{NOBODY}", 404, "not-found"),
        ("POST", f"/cases/{NOBODY}/offers", 404, "refused:case-not-opened"),
    ],
)
def test_what_does_not_exist_is_a_problem_too(
    method: str, path: str, status: int, type_: str, county: County
) -> None:
    answer = county.manager.send(method, path)
    assert answer.status_code == status, answer.text
    assert answer.json()["type"] == f"urn:huhang:{type_}"
    chinese = county.manager.send(method, path, headers={"Accept-Language": "zh-CN"})
    assert not is_english(chinese.json()["detail"])


@pytest.mark.parametrize("equals", ["nothing:x", "sessions:1", "counsellor:x", "status"])
def test_a_ledger_is_filtered_by_columns_it_has(equals: str, county: County) -> None:
    answer = county.manager.ask("/ledgers/cases", equals=[equals])
    assert answer.status_code == 422
    chinese = county.manager.send(
        "GET", "/ledgers/cases", params={"equals": equals}, headers={"Accept-Language": "zh-CN"}
    )
    assert not is_english(chinese.json()["detail"])


def test_a_column_is_filtered_by_one_value(county: County) -> None:
    answer = county.manager.ask("/ledgers/cases", equals=["status:open", "status:closed"])
    assert answer.json()["type"] == "urn:huhang:question-refused"


def test_a_ledger_of_a_period_that_ends_before_it_starts_is_refused(county: County) -> None:
    answer = county.manager.ask("/ledgers/cases", **{"from": "2019-12-31", "to": "2019-01-01"})
    assert answer.json()["type"] == "urn:huhang:question-refused"


@pytest.mark.parametrize("after", ["x", "eA==", "MjAxOS0wMS0wMSB4", "MjAxOS0xMy0wMSB4"])
def test_a_page_follows_only_a_page(after: str, county: County) -> None:
    answer = county.manager.ask("/ledgers/cases", after=after)
    assert answer.json()["type"] == "urn:huhang:question-refused"


def test_a_download_that_is_refused_is_a_problem_and_no_broken_file(county: County) -> None:
    answer = county.manager.ask("/ledgers/cases.csv", region="999999")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_database_that_went_away_is_told_with_when_to_come_back(
    server: Database, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path)
    with fresh(server, TEMPLATE) as database, served(create_app(database, settings)) as address:
        person = Service(address, FastAPI(), database, settings).person()
        assert person.ask("/log").status_code == 200
        forbid_connections(database, server)
        answers = [
            person.ask("/log"),
            person.order("/cases/" + str(uuid4()) + "/offers"),
            person.ask("/readyz"),
        ]
    for answer in answers:
        assert answer.status_code == 503, answer.text
        assert answer.headers["retry-after"] == "5"
        assert answer.json()["type"] == "urn:huhang:database-away"


def forbid_connections(database: Database, server: Database) -> None:
    """Let nobody use a database any more."""
    name = str(conninfo_to_dict(database.administrator)["dbname"])
    with psycopg.connect(server.administrator, autocommit=True) as connection:
        connection.execute(
            SQL("alter database {} allow_connections false").format(Identifier(name))
        )
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,)
        )


def test_severe_danger_needs_its_hour(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    answer = person.order(
        f"{case}/screenings", screening=screening("wife", level="severe"), occurred="2019-03-01"
    )
    assert answer.json()["code"] == "hour-needed"
