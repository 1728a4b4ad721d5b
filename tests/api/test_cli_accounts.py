"""Accounts by command line: the first administrator, and how a log begins with him."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pyotp
import pytest

from api.app import create_app
from application.database import Database, nameless
from application.settings import Settings
from application.territory import id_of
from domain.base import day
from domain.region_events import Founding
from domain.values import Role
from tests.api.cast import Person, Service
from tests.api.conftest import served
from tests.api.test_session import GOOD, Browser
from tests.conftest import Run

PROVINCE = ("--region-code", "370000", "--region-name", "山东省", "--region-since", "1949-10-01")
PROVINCE_FOUNDED = {
    "scheme": "gb2260",
    "code": "370000",
    "name": "山东省",
    "level": "province",
    "kind": "province",
    "valid_from": "1949-10-01",
}
CITY = {
    "scheme": "gb2260",
    "code": "370100",
    "name": "济南市",
    "level": "city",
    "kind": "prefecture-city",
    "valid_from": "1949-10-01",
}
COUNTY = {
    "scheme": "gb2260",
    "code": "370102",
    "name": "历下区",
    "level": "county",
    "kind": "district",
    "valid_from": "1955-09-01",
}
CENTRE = {"kind": "centre", "name": "历下区婚姻家庭辅导中心", "established_on": "2019-01-01"}
MEMBER = {
    "kind": "counsellor",
    "source": "open-recruitment",
    "identity": {"name": "李某"},
    "sex": "female",
    "birth_year": 1985,
    "education": "bachelor",
}


@pytest.fixture
def empty(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation in which nothing is recorded, and its commands."""
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(database.administrator or ""))
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path))
    return Settings(home=tmp_path)


@pytest.fixture
def begun(database: Database, empty: Settings) -> Iterator[Service]:
    """The same, served."""
    app = create_app(database, empty)
    with served(app) as address:
        yield Service(address, app, database, empty)


@dataclass(frozen=True)
class Terminal:
    """Who has the machine."""

    run: Run

    def said(self, *arguments: str) -> str:
        """What a command says that does what it is asked."""
        code, out, err = self.run(*arguments)
        assert code == 0, err
        return out

    def told(self, *arguments: str) -> dict[str, Any]:
        """The same, for programs."""
        told: dict[str, Any] = json.loads(self.said(*arguments, "--json"))
        return told

    def refused(self, *arguments: str) -> str:
        """The one sentence by which a command is refused."""
        code, out, err = self.run("account", "first", "chief-2", "--name", "王某", *arguments)
        assert (code, out, err.count("\n")) == (2, "", 1), err
        return err

    def first(self, login: str, *where: str) -> dict[str, Any]:
        return self.told("account", "first", login, "--name", "李某", *where)

    def token(self, service: Service, who: str, role: Role, office: str) -> Person:
        """Somebody with a token of the machine."""
        arguments = ("--role", role, "--office", office, "--actor", who)
        token = self.said("token", *arguments).strip()
        person = service.member(UUID(who), role, UUID(office))
        person.headers["Authorization"] = f"Bearer {token}"
        return person


@pytest.fixture
def terminal(empty: Settings, huhang: Run) -> Terminal:
    return Terminal(huhang)


def test_there_is_one_first_administrator(terminal: Terminal) -> None:
    said_of_none = terminal.said("account", "list")
    assert said_of_none.startswith("No account is open; ")
    assert "huhang account first" in said_of_none
    assert terminal.first("chief", *PROVINCE)["password"]
    err = terminal.refused(*PROVINCE)
    assert "“chief” is administrator already" in err, "administrator-there"


def test_whoever_begins_a_log_is_told_what_founds_its_first_region(terminal: Terminal) -> None:
    said = terminal.said("account", "first", "chief", "--name", "李某", *PROVINCE)
    assert "POST /api/v1/regions" in said
    body = json.loads(said.splitlines()[-1])
    assert body == {"founding": {**PROVINCE_FOUNDED, "parent": None}}


def test_a_log_begins_with_its_first_administrator_and_comes_to_a_counsellor(
    begun: Service, terminal: Terminal
) -> None:
    first = terminal.first("chief", *PROVINCE)
    chief = signed_in(begun, "chief", first["password"])
    province = said(chief, "/regions", **first["next"])["id"]
    assert province == first["office"], "the one region that he could found"
    city = said(chief, "/regions", founding={**CITY, "parent": province})["id"]
    county = said(chief, "/regions", founding={**COUNTY, "parent": city})["id"]
    establishment = {**CENTRE, "region": county}
    centre = said(chief, "/centres", establishment=establishment, reason="基础数据录入")["id"]
    since = day(datetime.now(UTC)).isoformat()

    def joined(login: str, role: Role, **who: str) -> tuple[str, Browser]:
        account = {"login": login, "name": "张某", "office": centre}
        person = said(chief, "/accounts", account=account, **who)["person"]
        post = {"role": role, "office": centre, "since": since}
        said(chief, f"/accounts/{person}/roles", post=post)
        password = said(chief, f"/accounts/{person}/password-reset")["password"]
        return person, signed_in(begun, login, password)

    _, manager = joined("manager-1", Role.CENTRE_MANAGER)
    member = said(manager, "/practitioners", registration=MEMBER)["id"]
    place = {"centre": centre, "region": county}
    post = {"id": str(uuid4()), "place": place, "title": "辅导员", "from_on": since}
    said(manager, f"/practitioners/{member}/posts", post=post)
    counsellor, browser = joined("counsellor-1", Role.COUNSELLOR, id=member)
    assert counsellor == member
    opening = {"number": "1", "service": "relationship", "channel": "walk-in", "visit": "first"}
    assert said(browser, "/cases", opening=opening, place=place)["version"] == 1


def test_a_token_of_the_machine_founds_the_first_region_in_that_name(
    begun: Service, terminal: Terminal
) -> None:
    first = terminal.first("chief", *PROVINCE)
    who, office = first["person"], first["office"]
    chief = terminal.token(begun, who, Role.ADMINISTRATOR, office)
    assert chief.order("/regions", founding={**CITY, "parent": office}).status_code == 404
    assert chief.does("/regions", **first["next"])["id"] == office
    chief.does("/regions", founding={**CITY, "parent": office})
    anybody = terminal.token(begun, str(uuid4()), Role.ADMINISTRATOR, office)
    assert anybody.order("/regions", founding={**COUNTY, "parent": office}).status_code == 201


def test_before_there_is_a_region_the_first_administrator_comes_with_it(terminal: Terminal) -> None:
    for arguments in ((), ("--office", str(uuid4()))):
        assert "The log has no region yet" in terminal.refused(*arguments)
    both = (*PROVINCE, "--office", str(uuid4()))
    for arguments in (both, PROVINCE[:2], PROVINCE[2:]):
        assert "Give --office ID" in terminal.refused(*arguments)


@pytest.mark.parametrize(
    ("option", "wrong", "fitting"),
    [
        ("--region-code", "37 00", "letters, digits and hyphens"),
        ("--region-name", " ", "write the region's name"),
        ("--region-scheme", "GB", "lower-case letters"),
        ("--region-since", "1020-01-01", "a day that can be meant"),
        ("--region-since", "2199-01-01", "lies after the time of this entry"),
        ("--region-since", "1949", "is no date"),
    ],
)
def test_a_region_that_could_not_be_founded_is_nobodys_office(
    terminal: Terminal, option: str, wrong: str, fitting: str
) -> None:
    err = terminal.refused(*PROVINCE, option, wrong)
    assert fitting in err
    assert wrong in err


def test_whoever_got_the_first_region_wrong_begins_again(
    begun: Service, terminal: Terminal
) -> None:
    slipped = (*PROVINCE, "--region-since", "1949-10-10")
    wrong = terminal.first("chief", *slipped)
    right = terminal.first("chief-1", *PROVINCE)
    assert wrong["office"] != right["office"]
    former = terminal.token(begun, wrong["person"], Role.ADMINISTRATOR, wrong["office"])
    assert former.order("/regions", **right["next"]).status_code == 403
    founded = former.does("/regions", **wrong["next"])["id"]
    former.does(f"/regions/{founded}/founding/voiding", reason="日期录入错误")
    chief = terminal.token(begun, right["person"], Role.ADMINISTRATOR, right["office"])
    assert chief.does("/regions", **right["next"])["id"] == right["office"]


def test_where_there_are_regions_the_first_administrator_is_above_all_of_them(
    begun: Service, terminal: Terminal
) -> None:
    province = id_of(Founding.model_validate(PROVINCE_FOUNDED))
    founder = begun.person(Role.SUPERVISOR, province)
    founder.does("/regions", founding=PROVINCE_FOUNDED)
    city = founder.does("/regions", founding={**CITY, "parent": str(province)})["id"]
    named = f"at the region above all others: --office {province} (山东省)."
    for arguments in ((), ("--office", city), ("--office", str(uuid4())), PROVINCE):
        assert terminal.refused(*arguments).strip().endswith(named)
    first = terminal.first("chief", "--office", str(province))
    assert (first["office"], first["next"]) == (str(province), None)
    assert "administrator already" in terminal.refused("--office", str(province))


def test_an_administrator_of_a_county_is_no_first_one(begun: Service, terminal: Terminal) -> None:
    founder = begun.person(Role.SUPERVISOR, id_of(Founding.model_validate(PROVINCE_FOUNDED)))
    province = founder.does("/regions", founding=PROVINCE_FOUNDED)["id"]
    city = founder.does("/regions", founding={**CITY, "parent": province})["id"]
    opened = ("account", "open", "city-1", "--name", "王某", "--office", city)
    person = terminal.told(*opened)["person"]
    terminal.said("account", "grant", person, "--role", "administrator", "--office", city)
    assert terminal.first("chief", "--office", province)["password"]


def said(browser: Browser, path: str, **facts: Any) -> dict[str, Any]:
    """What a command answers that must succeed."""
    answer = browser.post(path, **facts)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def signed_in(service: Service, login: str, password: str) -> Browser:
    """Somebody who signed in with what he was given, in whatever post he has."""
    browser = Browser(service)
    browser.signs_in(login, password)
    answer = browser.post("/session/password", present=password, new=GOOD)
    if answer.json()["next"] == "add-factor":
        enrolled = browser.post("/session/factors/totp", label="手机").json()
        code = pyotp.TOTP(enrolled["secret"]).now()
        answer = browser.post(
            "/session/factors/totp/confirmation", factor=enrolled["factor"], code=code
        )
    assert answer.json()["next"] is None, answer.text
    return browser
