"""Signing in over HTTP: cookies, what another page cannot do, addresses, posts that end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import httpx
import pyotp
import pytest

from api.admission import known_scopes
from application.accounts import OpeningFacts
from application.beginning import by_the_system
from application.identity import Identity
from application.keys import author_of
from application.records import Command
from application.sign_in import TRIES
from domain.account_events import Post, account_id
from domain.values import Role
from tests.api.cast import Service
from tests.api.test_commands import DOCUMENT

NUMBERS = count(1)
AT_THE_DOOR = ("session", "oidc")  # parts of the API that ask for no token
GOOD = "四月 湖边 自行车 与 茶叶蛋"


@dataclass
class Browser:
    """A browser that keeps cookies, comes from an address of its own, and loads our pages."""

    service: Service
    address: str = field(default_factory=lambda: f"198.51.100.{next(NUMBERS)}")
    csrf: str = ""
    jar: httpx.Cookies = field(default_factory=httpx.Cookies)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A request of one of our pages; headers given here come on top."""
        headers = {
            "X-Forwarded-For": self.address,
            "Sec-Fetch-Site": "same-origin",
            "Origin": self.service.address,
            "Huhang-CSRF": self.csrf,
            "Accept-Language": "en",
            **options.pop("headers", {}),
        }
        url = f"{self.service.address}/api/v1{path}"
        answer = httpx.request(
            method, url, headers=headers, cookies=self.jar, timeout=120, verify=False, **options
        )
        self.jar.extract_cookies(answer)
        if answer.headers.get("content-type") == "application/json" and "csrf" in answer.json():
            self.csrf = answer.json()["csrf"]
        return answer

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.send("POST", path, json=body)

    def signs_in(self, login: str, password: str = GOOD, **more: Any) -> httpx.Response:
        return self.post("/session", login=login, password=password, **more)

    @property
    def cookie(self) -> str:
        return self.jar["huhang"]


@dataclass
class Cast:
    """People with accounts in a county office."""

    service: Service
    office: UUID = field(default_factory=uuid4)

    @property
    def identity(self) -> Identity:
        identity: Identity = self.service.app.state.system.identity
        return identity

    def system(self) -> Command:
        return by_the_system(author_of(self.service.settings))

    def joined(self, *roles: Role) -> tuple[UUID, str]:
        """A person who has chosen a password, and the login name."""
        person, login = uuid4(), f"lw-{next(NUMBERS)}"
        desk = self.identity.accounts
        desk.open(person, OpeningFacts(login=login, name="李某", office=self.office), self.system())
        for role in roles or (Role.COUNSELLOR,):
            post = Post(role=role, office=self.office, since="2019-03-01")
            desk.grant_role(person, post, self.system())
        given = desk.reset_password(person, self.system())
        browser = Browser(self.service)
        browser.signs_in(login, given.password)
        answer = browser.post("/session/password", present=given.password, new=GOOD)
        assert answer.status_code == 201, answer.text
        return person, login


@pytest.fixture
def cast(service: Service) -> Cast:
    return Cast(service)


@pytest.fixture
def browser(service: Service) -> Browser:
    return Browser(service)


@pytest.fixture
def moment(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """No time passes at the door, however slow the machine is."""
    monkeypatch.setattr(cast.identity.sign_in.door, "clock", lambda: 0.0)


def test_who_signs_in_acts_by_a_cookie_until_signing_out(cast: Cast, browser: Browser) -> None:
    person, login = cast.joined()
    answer = browser.signs_in(login)
    assert answer.status_code == 201
    assert answer.json()["person"] == str(person)
    assert answer.json()["next"] is None
    assert browser.send("GET", "/log").status_code == 200
    assert browser.send("GET", "/session").json()["role"] == "counsellor"
    assert browser.post("/session/end").status_code == 201
    assert browser.send("GET", "/log").status_code == 401


def test_the_cookie_is_for_this_origin_and_no_script(cast: Cast, browser: Browser) -> None:
    _, login = cast.joined()
    cookie = browser.signs_in(login).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_the_secret_of_a_session_stands_in_no_body(cast: Cast, browser: Browser) -> None:
    _, login = cast.joined()
    assert browser.signs_in(login).text.find(browser.cookie) == -1


def test_an_unfinished_session_only_goes_on(cast: Cast, browser: Browser) -> None:
    _, login = cast.joined(Role.AUDITOR)
    assert browser.signs_in(login).json()["next"] == "add-factor"
    refused = browser.send("GET", "/log")
    assert (refused.status_code, refused.json()["type"]) == (
        403,
        "urn:huhang:sign-in-unfinished",
    )
    enrolment = browser.post("/session/factors/totp", label="手机").json()
    assert enrolment["uri"].startswith("otpauth://totp/")
    code = pyotp.TOTP(enrolment["secret"]).now()
    done = browser.post("/session/factors/totp/confirmation", factor=enrolment["factor"], code=code)
    assert done.json()["next"] is None
    assert [factor["label"] for factor in done.json()["factors"]] == ["手机"]
    assert browser.send("GET", "/log").status_code == 200
    removed = browser.post(f"/session/factors/{enrolment['factor']}/removal")
    assert removed.json()["type"] == "urn:huhang:refused:last-factor"


CROSS: dict[str, dict[str, str]] = {
    "no token": {"Huhang-CSRF": ""},
    "another token": {"Huhang-CSRF": "x" * 43},
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "another host of ours": {"Sec-Fetch-Site": "same-site"},
    "another origin": {"Origin": "https://evil.example"},
    "an opaque origin": {"Origin": "null"},
}


@pytest.mark.parametrize("how", CROSS)
@pytest.mark.parametrize("path", ["/session/end", "/cases", "/session/post", "/accounts"])
def test_another_page_changes_nothing_by_the_cookie(
    cast: Cast, browser: Browser, how: str, path: str
) -> None:
    _, login = cast.joined()
    browser.signs_in(login)
    answer = browser.send("POST", path, json={}, headers=CROSS[how])
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:huhang:cross-site")
    assert browser.send("GET", "/log").status_code == 200


@pytest.mark.parametrize("how", ["another site", "another origin", "an opaque origin"])
def test_another_page_signs_nobody_in(cast: Cast, browser: Browser, how: str) -> None:
    _, login = cast.joined()
    body = {"login": login, "password": GOOD}
    answer = browser.send("POST", "/session", json=body, headers=CROSS[how])
    assert answer.json()["type"] == "urn:huhang:cross-site"
    assert "set-cookie" not in answer.headers


def test_a_form_of_another_page_is_no_json(cast: Cast, browser: Browser) -> None:
    _, login = cast.joined()
    answer = browser.send("POST", "/session", data={"login": login, "password": GOOD})
    assert answer.status_code == 415


def test_a_post_that_ended_lets_nobody_in_with_the_next_request(
    cast: Cast, browser: Browser
) -> None:
    person, login = cast.joined()
    browser.signs_in(login)
    assert browser.send("GET", "/log").status_code == 200
    cast.identity.accounts.end_role(person, Role.COUNSELLOR, cast.office, cast.system())
    answer = browser.send("GET", "/log")
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:huhang:session-over")


def test_an_unknown_name_and_a_wrong_password_answer_alike(cast: Cast, service: Service) -> None:
    _, login = cast.joined()
    wrong = Browser(service).signs_in(login, "wrong")
    unknown = Browser(service).signs_in("nobody-there", "wrong")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert dict(wrong.headers).keys() == dict(unknown.headers).keys()


def test_one_address_is_told_to_come_again_and_another_is_not(
    cast: Cast, service: Service, moment: None
) -> None:
    _, login = cast.joined()
    flood = Browser(service)
    answers = [flood.signs_in(f"nobody-{number}", "x") for number in range(TRIES + 5)]
    last = answers[-1]
    assert last.status_code == 429
    assert last.json()["type"] == "urn:huhang:too-many"
    assert int(last.headers["retry-after"]) >= 1
    assert Browser(service).signs_in(login).status_code == 201


def test_a_header_that_anybody_can_write_gives_no_other_address(
    service: Service, moment: None
) -> None:
    flood = Browser(service)
    for number in range(TRIES + 5):
        forged = f"192.0.2.{number}, {flood.address}"
        answer = flood.send(
            "POST",
            "/session",
            json={"login": f"nobody-{number}", "password": "x"},
            headers={"X-Forwarded-For": forged},
        )
    assert answer.status_code == 429


def test_a_token_of_the_machine_acts_only_as_the_account_allows(
    cast: Cast, service: Service
) -> None:
    person, _ = cast.joined()
    allowed = service.member(person, Role.COUNSELLOR, cast.office)
    assert allowed.ask("/log").status_code == 200
    other = service.member(person, Role.AUDITOR, cast.office)
    assert other.ask("/log").json()["type"] == "urn:huhang:token-refused"
    cast.identity.accounts.lock(person, cast.system())
    assert allowed.ask("/log").json()["type"] == "urn:huhang:token-refused"


def test_a_token_of_the_machine_is_revoked(cast: Cast, service: Service) -> None:
    person = service.member(uuid4(), Role.AUDITOR, uuid4())
    assert person.ask("/log").status_code == 200
    token = person.headers["Authorization"].removeprefix("Bearer ")
    cast.identity.revoke(cast.identity.tokens.read(token).jti)
    assert person.ask("/log").json()["type"] == "urn:huhang:token-refused"


@pytest.fixture
def program(cast: Cast, browser: Browser) -> Any:
    """Sends requests under a token with these scopes, of somebody who signed in."""
    _, login = cast.joined()
    browser.signs_in(login)

    def sends(*scopes: str) -> Any:
        token = {"label": "月报", "scopes": scopes, "expires_at": "2100-01-01T00:00:00Z"}
        long = browser.post("/tokens", token=token)
        assert long.json()["type"] == "urn:huhang:refused:token-too-long"
        token["expires_at"] = (datetime.now(UTC) + timedelta(days=30)).isoformat()
        issued = browser.post("/tokens", token=token).json()
        headers = {"Authorization": f"Bearer {issued['secret']}"}
        return issued, lambda method, path, **more: httpx.request(
            method,
            f"{browser.service.address}/api/v1{path}",
            headers=headers,
            timeout=120,
            verify=False,
            **more,
        )

    return sends


def test_a_program_acts_within_its_scopes_and_no_further(program: Any, browser: Browser) -> None:
    issued, send = program("log:read", "regions:read")
    assert issued["secret"].startswith("huhang_")
    assert send("GET", "/log").status_code == 200
    for method, path in (("GET", "/ledgers"), ("POST", "/regions"), ("GET", "/tokens")):
        answer = send(method, path, **({"json": {}} if method == "POST" else {}))
        assert (answer.status_code, answer.json()["type"]) == (
            403,
            "urn:huhang:token-too-narrow",
        )
    (listed,) = browser.send("GET", "/tokens").json()["tokens"]
    assert listed["id"] == issued["token"]


@pytest.mark.parametrize(
    "scope", ["statistic:read", "log:write", "accounts:read", "searches:write", "cases:read"]
)
def test_a_scope_that_opens_nothing_is_refused_with_those_there_are(
    scope: str, cast: Cast, browser: Browser
) -> None:
    browser.signs_in(cast.joined()[1])
    expires = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    token = {"label": "月报", "scopes": ["statistics:read", scope], "expires_at": expires}
    refused = browser.post("/tokens", token=token)
    told = refused.json()
    assert (refused.status_code, told["type"]) == (422, "urn:huhang:refused:scope-unknown")
    for named in (scope, "statistics:read", "cases:write", "*:read"):
        assert named in told["detail"]
    assert browser.send("GET", "/tokens").json()["tokens"] == []


def test_a_token_to_read_changes_nothing_and_one_to_write_shows_nothing(program: Any) -> None:
    for kind, other in (("read", "POST"), ("write", "GET")):
        _, send = program(f"*:{kind}")
        for path, methods in DOCUMENT["paths"].items():
            area = path.removeprefix("/api/v1/")
            if other.lower() in methods and area != path and not area.startswith(AT_THE_DOOR):
                address = re.sub(r"{\w+}", str(uuid4()), f"/{area}")
                answer = send(other, address, **({"json": {}} if other == "POST" else {}))
                assert answer.json()["type"] == "urn:huhang:token-too-narrow", (other, path)


def test_every_known_scope_opens_something(program: Any) -> None:
    known = known_scopes(DOCUMENT["paths"])
    assert {"log:read", "history:read", "cases:write", "*:write"} <= set(known)
    _, reads = program(*[scope for scope in known if scope.endswith(":read")])
    for path in ("/log", "/ledgers", "/regions", f"/cases/{uuid4()}/texts"):
        narrow = reads("GET", path).json().get("type") == "urn:huhang:token-too-narrow"
        assert narrow is path.endswith("texts")


def test_no_program_administers_whatever_its_scopes(program: Any) -> None:
    _, send = program("*:read", "*:write")
    for path in ("/accounts", "/tokens"):
        assert send("GET", path).status_code == 403
    assert send("POST", "/accounts", json={}).status_code == 403
    assert send("POST", "/searches", json={}).status_code == 403, "persons are for people to find"
    for sealed in ("identities", "notes"):
        answer = send("GET", f"/cases/{uuid4()}/{sealed}")
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:huhang:token-too-narrow")
    held = send("GET", f"/requests/{uuid4()}/holdings")
    assert held.json()["type"] == "urn:huhang:token-too-narrow", "what was written is opened there"


def test_a_token_that_was_revoked_lets_nobody_in(program: Any, browser: Browser) -> None:
    issued, send = program("*:read")
    person = browser.send("GET", "/session").json()["person"]
    revoked = browser.post(f"/accounts/{person}/tokens/{issued['token']}/revocation")
    assert revoked.status_code == 201
    assert send("GET", "/log").json()["type"] == "urn:huhang:token-refused"


def test_a_token_ends_with_the_post_it_was_issued_in(
    program: Any, browser: Browser, cast: Cast
) -> None:
    _, send = program("*:read")
    person = UUID(browser.send("GET", "/session").json()["person"])
    assert cast.identity.states.newest(account_id(person)).tokens
    cast.identity.accounts.end_role(person, Role.COUNSELLOR, cast.office, cast.system())
    assert send("GET", "/log").json()["type"] == "urn:huhang:token-refused"
