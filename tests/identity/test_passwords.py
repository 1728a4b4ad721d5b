"""What a password must be, and that a login name is had by one person."""

from __future__ import annotations

import pytest

from application.accounts import OpeningFacts
from application.passwords import MOST, require_fit
from domain.base import Refused
from tests.identity.world import GOOD, World


@pytest.mark.parametrize("password", ["湖" * 4, "elevenchars", GOOD[:11]])
def test_a_password_has_twelve_characters(password: str) -> None:
    refused(password, "password-short")


def test_a_password_that_is_a_whole_text_only_costs_time() -> None:
    refused(GOOD * MOST, "password-long")


@pytest.mark.parametrize("password", ["my wang.li rides", "rides il.gnaw today"])
def test_a_password_does_not_hold_the_login_name(password: str) -> None:
    refused(password, "password-personal")


@pytest.mark.parametrize(
    "password",
    ["Password2026!", "aaaaaaaaaaaaa", "abcdefghijklmn", "1qaz2wsx3edc4rfv", "woaini123456789"],
)
def test_a_password_is_none_of_those_that_are_tried_first(password: str) -> None:
    refused(password, "password-known")


@pytest.mark.parametrize("password", [GOOD, "correct horse battery staple", "Xk9-vQ2m_Lr7p"])
def test_a_long_phrase_is_a_good_password(password: str) -> None:
    require_fit(password, "wang.li")


def test_a_login_name_is_had_by_one_person(world: World) -> None:
    world.opened("wang.li")
    with pytest.raises(Refused) as taken:
        world.opened("wang.li")
    assert (taken.value.code, taken.value.context) == ("login-taken", {"login": "wang.li"})


def test_a_name_that_was_refused_for_another_reason_can_still_be_had(world: World) -> None:
    person = world.opened("wang.li")
    facts = OpeningFacts(login="li.wang", name="李某", office=world.office)
    with pytest.raises(Refused):
        world.identity.accounts.open(person, facts, world.system())
    world.opened("li.wang")


def refused(password: str, code: str) -> None:
    """A password that is refused by this rule."""
    with pytest.raises(Refused) as refusal:
        require_fit(password, "wang.li")
    assert refusal.value.code == code
