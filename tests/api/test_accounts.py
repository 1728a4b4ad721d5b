"""Whose account an administrator touches and sees, and what no token does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pyotp
import pytest

from application import sessions
from domain.account_events import Post, account_id
from domain.values import Role
from tests.api.cast import REGISTRATION, County, Person, Service
from tests.api.test_session import Browser, Cast


@pytest.fixture
def other(service: Service) -> County:
    """Another county."""
    return County.founded(service)


def administrator(county: County) -> Person:
    """Who administers the accounts of a county."""
    return county.service.person(Role.ADMINISTRATOR, UUID(county.region))


def staff(county: County, role: Role = Role.COUNSELLOR) -> tuple[UUID, str]:
    """Somebody who signs in at the centre, and the login name."""
    return Cast(county.service, UUID(county.centre)).joined(role)


def posted(county: County, person: UUID) -> None:
    """A side post at the centre."""
    cast = Cast(county.service)
    post = Post(role=Role.VOLUNTEER, office=UUID(county.centre), since="2019-03-01")
    cast.identity.accounts.grant_role(person, post, cast.system())


def kind(answer: httpx.Response) -> tuple[int, str]:
    """By which status and rule a request is refused."""
    return answer.status_code, answer.json()["type"].removeprefix("urn:huhang:")


def told(answer: httpx.Response, *names: object) -> dict[str, Any]:
    """What an error says, but for the ids that were asked for."""
    text = {name: value for name, value in answer.json().items() if name != "instance"}
    for name in names:
        text = {key: str(value).replace(str(name), "…") for key, value in text.items()}
    return text


def opening(county: County) -> dict[str, str]:
    return {"login": f"lw-{uuid4().hex[:8]}", "name": "李某", "office": county.region}


def test_the_account_of_a_member_of_the_team_is_opened_where_the_member_is(
    county: County, other: County
) -> None:
    member = county.manager.does("/practitioners", registration=REGISTRATION)["id"]
    foreign = administrator(other).order("/accounts", id=member, account=opening(other))
    assert kind(foreign) == (403, "forbidden")
    administrator(county).does("/accounts", id=member, account=opening(county))


def test_an_account_beyond_reach_reads_as_if_there_was_none(county: County, other: County) -> None:
    (person, _), nobody, stranger = staff(county), uuid4(), administrator(other)
    for path, there, none in (
        ("/accounts", person, nobody),
        ("/history", account_id(person), account_id(nobody)),
    ):
        answers = [stranger.ask(f"{path}/{one}") for one in (there, none)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert told(answers[0], there) == told(answers[1], none)
        assert administrator(county).ask(f"{path}/{there}").status_code == 200


def test_the_history_of_an_account_is_read_by_who_administers_all_its_posts(
    county: County, other: County
) -> None:
    person, _ = staff(county)
    posted(other, person)
    for county_alone in (county, other):
        assert administrator(county_alone).ask(f"/history/{account_id(person)}").status_code == 404


def test_who_looks_at_accounts_is_seen(county: County) -> None:
    person, _ = staff(county)
    by = administrator(county)
    assert by.reads("/accounts")["accounts"]
    by.reads(f"/accounts/{person}")
    head = by.reads("/log")["now"]["position"]
    auditor = county.person(Role.AUDITOR)
    rows = auditor.reads(
        "/ledgers/looks", min_position=head, equals=[f"reader:{by.actor.id}"], limit=10
    )["rows"]
    assert [(row["kind"], row["what"], row["record"]) for row in rows] == [
        ("account", "accounts", None),
        ("account", None, str(account_id(person))),
    ]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets the time be over in which a sign-in is proof enough."""
    return lambda: monkeypatch.setattr(sessions, "FRESH", timedelta(seconds=-1))


def test_nobody_removes_a_factor_of_ones_own_at_the_desk_of_accounts(county: County) -> None:
    person, login = staff(county)
    browser = Browser(county.service)
    browser.signs_in(login)
    answer = browser.post(f"/accounts/{person}/factors/{uuid4()}/removal")
    assert kind(answer) == (422, "refused:self-administered")


def test_a_link_of_ones_own_is_removed_only_shortly_after_signing_in(
    county: County, later: Any
) -> None:
    person, login = staff(county)
    browser = Browser(county.service)
    browser.signs_in(login)
    mine = county.service.member(person, Role.COUNSELLOR, UUID(county.centre))
    path = f"/accounts/{person}/links/{uuid4()}/removal"
    assert kind(browser.post(path)) == (422, "refused:record-unknown"), "as far as the facts"
    assert kind(mine.order(path)) == (403, "prove-again"), "a token is no proof"
    later()
    assert kind(browser.post(path)) == (403, "prove-again")


def issued(browser: Browser, *scopes: str) -> dict[str, str]:
    """Headers of a program under a token that somebody issues who signed in."""
    expires = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    token = {"label": "月报", "scopes": scopes, "expires_at": expires}
    answer = browser.post("/tokens", token=token)
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['secret']}"}


def test_a_token_issues_no_token(county: County, later: Any) -> None:
    person, login = staff(county)
    browser = Browser(county.service)
    browser.signs_in(login)
    program = issued(browser, "*:read", "*:write")
    operator = county.service.member(person, Role.COUNSELLOR, UUID(county.centre))
    expires = (datetime.now(UTC) + timedelta(days=179)).isoformat()
    token = {"label": "月报", "scopes": ["*:read"], "expires_at": expires}
    assert kind(operator.order("/tokens", token=token)) == (403, "prove-again")
    by_program = operator.send("POST", "/tokens", json={"token": token}, headers=program)
    assert kind(by_program) == (403, "token-too-narrow")
    later()
    assert kind(browser.post("/tokens", token=token)) == (403, "prove-again")


def test_a_program_of_an_administrator_reads_no_account(county: County, other: County) -> None:
    cast = Cast(county.service, UUID(county.region))
    mine, login = cast.joined(Role.ADMINISTRATOR)
    (there, _), (beyond, _) = staff(county), staff(other)
    program = issued(signed_in_twice(county, login), "history:read")
    person = county.service.member(mine, Role.ADMINISTRATOR, UUID(county.region))

    def asks(path: str) -> tuple[int, str]:
        answer = person.send("GET", path, headers=program)
        return (200, "") if answer.status_code == 200 else kind(answer)

    assert asks(f"/history/{county.region}") == (200, "")
    assert asks(f"/history/{account_id(there)}") == (403, "token-too-narrow")
    assert asks(f"/history/{account_id(beyond)}") == (404, "not-found")
    assert person.ask(f"/history/{account_id(there)}").status_code == 200


def test_a_password_that_was_reset_ends_the_programs_of_its_person(county: County) -> None:
    person, login = staff(county)
    browser = Browser(county.service)
    browser.signs_in(login)
    program = issued(browser, "log:read")
    stranger = county.service.stranger()
    assert stranger.send("GET", "/log", headers=program).status_code == 200
    administrator(county).does(f"/accounts/{person}/password-reset")
    assert kind(stranger.send("GET", "/log", headers=program)) == (401, "token-refused")


def signed_in_twice(county: County, login: str) -> Browser:
    """The browser of somebody whose post asks for a second factor, and who added it."""
    browser = Browser(county.service)
    browser.signs_in(login)
    begun = browser.post("/session/factors/totp", label="手机").json()
    code = pyotp.TOTP(begun["secret"]).now()
    done = browser.post("/session/factors/totp/confirmation", factor=begun["factor"], code=code)
    assert done.json()["next"] is None, done.text
    return browser
