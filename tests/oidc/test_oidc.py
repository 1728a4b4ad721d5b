"""Signing in by a real provider: the code flow with PKCE, and what must not get through it."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit
from uuid import UUID

import httpx
import psycopg
import pytest

from application.oidc import ASKED, CALLBACK
from domain.account_events import Post, account_id
from domain.values import Role
from tests.api.cast import Service
from tests.api.test_session import Browser, Cast

MOST_STEPS = 12  # of redirections and forms at the provider


def at_provider(location: str, person: str) -> str:
    """The address to which the provider sends back who signs in there under a name."""
    jar, body = httpx.Cookies(), None
    for _ in range(MOST_STEPS):
        if urlsplit(location).path == CALLBACK:
            return location
        method = "POST" if body else "GET"
        answer = httpx.request(method, location, data=body, cookies=jar, timeout=120)
        jar.extract_cookies(answer)
        if answer.is_redirect:
            location, body = urljoin(location, answer.headers["location"]), None
            continue
        action = re.search(r'action="([^"]+)"', answer.text)
        prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)
        assert action, answer.text
        assert prompt, answer.text
        location = urljoin(location, action[1])
        body = {"prompt": prompt[1], "login": person, "password": "any"}
    raise AssertionError(f"still at {location}")


def departed(browser: Browser, to: str = "/docs") -> str:
    """Where the browser is sent to sign in."""
    answer = browser.send("GET", "/oidc/start", params={"to": to})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def arrives(browser: Browser, back: str) -> httpx.Response:
    """The browser comes back from the provider, another site."""
    path = back.removeprefix(f"{browser.service.address}/api/v1")
    return browser.send("GET", path, headers={"Sec-Fetch-Site": "cross-site", "Origin": "null"})


@pytest.fixture
def cast(office: Service) -> Cast:
    return Cast(office)


@pytest.fixture
def browser(office: Service) -> Browser:
    return Browser(office)


def linked(cast: Cast, *roles: Role) -> str:
    """The name at the provider of a person who linked himself."""
    person, login = cast.joined(*roles)
    browser = Browser(cast.service)
    browser.signs_in(login)
    location = browser.post("/oidc/link").json()["location"]
    assert arrives(browser, at_provider(location, f"staff {person}")).status_code == 200
    return f"staff {person}"


def test_who_linked_himself_signs_in_by_the_provider(cast: Cast, browser: Browser) -> None:
    name = linked(cast)
    answer = arrives(browser, at_provider(departed(browser), name))
    assert answer.status_code == 200
    assert 'content="0;url=/docs"' in answer.text
    session = browser.send("GET", "/session").json()
    assert (session["methods"], session["next"]) == (["oidc"], None)
    assert browser.send("GET", "/log").status_code == 200


def test_the_provider_is_asked_with_pkce_and_for_nothing_but_who_it_is(browser: Browser) -> None:
    asked = httpx.URL(departed(browser)).params
    assert asked["code_challenge_method"] == "S256"
    assert (asked["response_type"], asked["scope"]) == ("code", "openid")
    assert {"state", "nonce", "code_challenge"} <= asked.keys()


def test_a_second_factor_is_asked_here_all_the_same(cast: Cast, browser: Browser) -> None:
    name = linked(cast, Role.COUNSELLOR)
    person = name.removeprefix("staff ")
    desk = cast.identity.accounts
    post = Post(role=Role.AUDITOR, office=cast.office, since="2019-03-01")
    desk.grant_role(UUID(person), post, cast.system())
    arrives(browser, at_provider(departed(browser), name))
    assert browser.send("GET", "/session").json()["next"] == "add-factor"
    assert browser.send("GET", "/log").status_code == 403


def test_who_is_linked_to_nobody_is_not_let_in(browser: Browser) -> None:
    answer = arrives(browser, at_provider(departed(browser), "a stranger"))
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:huhang:sign-in-refused")
    assert "stranger" not in answer.text


def test_one_person_of_the_provider_is_one_person_here(cast: Cast, browser: Browser) -> None:
    name = linked(cast)
    _, login = cast.joined()
    browser.signs_in(login)
    location = browser.post("/oidc/link").json()["location"]
    assert arrives(browser, at_provider(location, name)).status_code == 401


def test_who_was_unlinked_is_not_let_in(cast: Cast, browser: Browser) -> None:
    name = linked(cast)
    person = UUID(name.removeprefix("staff "))
    (link,) = cast.identity.states.newest(account_id(person)).links
    cast.identity.accounts.unlink_identity(person, link, cast.system())
    assert arrives(browser, at_provider(departed(browser), name)).status_code == 401


def test_another_browser_does_not_bring_the_code(cast: Cast, browser: Browser) -> None:
    name = linked(cast)
    back = at_provider(departed(browser), name)
    assert arrives(Browser(cast.service), back).status_code == 401
    assert arrives(browser, back).status_code == 200


def test_a_code_is_brought_once(cast: Cast, browser: Browser) -> None:
    name = linked(cast)
    back = at_provider(departed(browser), name)
    state = browser.jar["huhang-oidc"]
    assert arrives(browser, back).status_code == 200
    browser.jar.set("huhang-oidc", state)
    assert arrives(browser, back).status_code == 401


@pytest.mark.parametrize(
    "change", [{"iss": "https://evil.example"}, {"code": "x"}, {"error": "no"}], ids=str
)
def test_a_changed_answer_lets_nobody_in(
    cast: Cast, browser: Browser, change: dict[str, str]
) -> None:
    back = httpx.URL(at_provider(departed(browser), linked(cast)))
    assert arrives(browser, str(back.copy_merge_params(change))).status_code == 401


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:x",
        "evil",
        "/a\r\nb",
    ],
)
def test_nobody_is_led_to_a_page_that_is_not_ours(browser: Browser, to: str) -> None:
    answer = browser.send("GET", "/oidc/start", params={"to": to})
    assert answer.status_code == 422
    assert "location" not in answer.headers


def test_the_subject_stands_sealed_in_the_log_and_hashed_in_the_table(cast: Cast) -> None:
    name = linked(cast)
    with psycopg.connect(cast.service.database.administrator or "") as connection:
        for query in (
            "select convert_from(state, 'UTF8') from log.event",
            "select to_jsonb(s)::text from identity.subject s",
        ):
            assert not any(name in text for (text,) in connection.execute(query))


def test_the_way_is_open_for_some_minutes() -> None:
    assert ASKED.total_seconds() == 600
