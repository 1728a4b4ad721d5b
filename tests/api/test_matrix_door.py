"""How far somebody has come in × operations: nobody, half signed in, signed in, a program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final
from uuid import UUID

import httpx
import pytest

from domain.values import Role
from tests.api.cast import Person
from tests.api.matrix_world import OPERATIONS, World, listed
from tests.api.test_accounts import issued, signed_in_twice, staff
from tests.api.test_session import Browser, Cast

pytestmark = pytest.mark.exhaustive

STATES: Final = ("nobody", "code awaited", "factor to add", "password to change", "in", "program")

AT_THE_DOOR: Final = listed("""
...... live ready sign_in challenge_passkey show_passkey start_oidc arrive_from_oidc
x....x read_session enter_code sign_out
xuu..x change_password
xu.u.x begin_totp confirm_totp begin_passkey add_passkey
xuuu.x drop_factor link_provider switch_post
""")
"""What one does to become somebody, by how far one has come.

A cell is . where it is let in as far as the facts (a wrong password, no provider), x where nobody
is known who could do it, and u where something else comes first. An API token is no session.
"""

INSIDE: Final = "xuuu."
"""All other operations; of a program it is told below."""

FOR_PEOPLE: Final = {
    "open_account", "list_accounts", "read_account", "grant_role", "end_role", "reset_password",
    "lock_account", "unlock_account", "remove_factor", "unlink_identity", "revoke_token",
    "declare_conflict", "withdraw_conflict", "declare_acquaintance", "withdraw_acquaintance",
    "issue_token", "list_tokens", "find_persons",
    "read_identities", "read_notes", "read_texts", "read_safe_contacts", "read_protected_addresses",
    "read_holdings", "read_reader", "read_request_words",
}  # fmt: skip
"""What no program does, whatever the scopes of its token: who may sign in, and what is sealed."""

HOW: Final = {"x": (401, "unauthenticated"), "u": (403, "sign-in-unfinished")}


def browsers(world: World) -> dict[str, Callable[[], Browser]]:
    """A browser of each state, of people at the first centre and its county."""
    service, county = world.service, world.county

    def entered(login: str, password: str | None = None) -> Browser:
        browser = Browser(service)
        answer = browser.signs_in(login, password) if password else browser.signs_in(login)
        assert answer.status_code == 201, answer.text
        return browser

    def overseer() -> str:
        return Cast(service, UUID(county.region)).joined(Role.AUDITOR)[1]

    def awaited() -> Browser:
        login = overseer()
        signed_in_twice(county, login)
        return entered(login)

    def reset() -> Browser:
        cast = Cast(service, UUID(county.centre))
        person, login = cast.joined(Role.COUNSELLOR)
        given = cast.identity.accounts.reset_password(person, cast.system())
        return entered(login, given.password)

    return {
        "nobody": lambda: Browser(service),
        "code awaited": awaited,
        "factor to add": lambda: entered(overseer()),
        "password to change": reset,
        "in": lambda: entered(staff(county)[1]),
    }


def headers_of(browser: Browser) -> dict[str, str]:
    """What a browser of this state sends from one of our pages."""
    own = {"Origin": browser.service.address, "Huhang-CSRF": browser.csrf}
    cookies = {"Cookie": f"huhang={browser.cookie}"} if "huhang" in browser.jar else {}
    return {"X-Forwarded-For": browser.address, "Sec-Fetch-Site": "same-origin", **own, **cookies}


@pytest.fixture(scope="module")
def states(world: World) -> dict[str, Person]:
    """Who sends, by how far he has come."""
    made = {state: make() for state, make in browsers(world).items()}
    program = issued(browsers(world)["in"](), "*:read", "*:write")
    nobody = world.service.stranger()
    return {
        **{state: replace(nobody, headers=headers_of(one)) for state, one in made.items()},
        "program": replace(nobody, headers=program),
    }


@pytest.fixture
def door(world: World) -> Iterator[World]:
    """The world, asked by a client that keeps no cookie that it was given."""
    with httpx.Client(base_url=world.service.address, timeout=60) as client:
        yield replace(world, client=client)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """By which status and rule a request is refused."""
    if answer.headers.get("content-type") != "application/problem+json":
        return answer.status_code, ""
    return answer.status_code, str(answer.json()["type"]).removeprefix("urn:huhang:")


def let_in(found: tuple[int, str]) -> bool:
    """Whether a request came as far as the facts."""
    return found not in HOW.values() and found[1] != "token-too-narrow" and found[0] < 500


def test_every_state_has_a_cell() -> None:
    assert {len(cells) for cells in AT_THE_DOOR.values()} == {len(STATES)}
    assert set(OPERATIONS) >= FOR_PEOPLE


@pytest.mark.parametrize("state", STATES)
def test_at_the_door_one_goes_only_the_next_step(
    state: str, states: dict[str, Person], door: World
) -> None:
    by, column, wrong = states[state], STATES.index(state), []
    # Who signs out is nobody: that comes last.
    for operation in sorted(AT_THE_DOOR, key=lambda name: name == "sign_out"):
        cell = AT_THE_DOOR[operation][column]
        door.client.cookies.clear()
        found = refusal(door.send(by, operation, follow_redirects=False))
        if not (let_in(found) if cell == "." else found == HOW[cell]):
            wrong.append((operation, cell, found))
    assert wrong == []


@pytest.mark.parametrize("state", STATES[:-1])
def test_whoever_has_not_come_in_does_and_sees_nothing(
    state: str, world: World, door: World
) -> None:
    browser = browsers(world)[state]()
    by, cell, wrong = replace(world.service.stranger(), headers=headers_of(browser)), "", []
    cell = INSIDE[STATES.index(state)]
    for operation in OPERATIONS:
        if operation in AT_THE_DOOR or (cell == "." and OPERATIONS[operation][0] == "POST"):
            continue  # who is in changes things by other rosters
        door.client.cookies.clear()
        found = refusal(door.send(by, operation))
        if not (let_in(found) if cell == "." else found == HOW[cell]):
            wrong.append((operation, found))
    assert wrong == []


def test_a_program_does_what_is_not_for_people_alone(
    states: dict[str, Person], door: World
) -> None:
    wrong, headers = [], {"If-Match": '"999999"'}
    for operation in OPERATIONS:
        if operation in AT_THE_DOOR:
            continue
        found = refusal(door.send(states["program"], operation, headers=headers))
        too_narrow = found == (403, "token-too-narrow")
        if too_narrow is not (operation in FOR_PEOPLE) or found[0] == 401:
            wrong.append((operation, found))
    assert wrong == []


def test_a_program_does_nothing_beyond_the_scopes_of_its_token(world: World, door: World) -> None:
    narrow = issued(browsers(world)["in"](), "log:read")
    by, wrong = replace(world.service.stranger(), headers=narrow), []
    for operation in OPERATIONS:
        if operation in AT_THE_DOOR:
            continue
        found = refusal(door.send(by, operation))
        expected = (200, "") if operation == "read_log" else (403, "token-too-narrow")
        if found != expected:
            wrong.append((operation, found))
    assert wrong == []
