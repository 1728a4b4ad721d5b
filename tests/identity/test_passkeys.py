"""Passkeys: two factors at once, bound to our pages, shown once a challenge."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from application.passkeys import ASKED, Passkeys, Site
from application.sign_in import SignInRefused
from domain.values import Role, SignInMethod, SignInStep
from tests.identity.authenticator import PRESENT, Device
from tests.identity.world import HOME, World

SITE = Site("https://huhang.example")


@pytest.fixture
def device(world: World) -> Device:
    """A device that an auditor has added, signed in with a password before."""
    world.joined("sj-1", Role.AUDITOR)
    device, session = Device(SITE.origin, SITE.name), world.signs_in("sj-1")
    assert session.step(world.clock()) is SignInStep.ADD_FACTOR
    options = keys(world).begin_adding(session, "电脑", SITE)
    assert keys(world).add(session, device.made(options), SITE).kept.acting
    return device


def keys(world: World) -> Passkeys:
    return world.identity.passkeys


def asked(world: World) -> Any:
    return keys(world).challenge(SITE, HOME)


def shown(world: World, credential: Any, site: Site = SITE) -> Any:
    return keys(world).sign_in(credential, None, site, HOME)


def test_a_passkey_alone_lets_an_auditor_act(world: World, device: Device) -> None:
    session = shown(world, device.shown(asked(world)))
    assert session.kept.acting
    assert session.kept.methods == (SignInMethod.PASSKEY,)
    assert world.topics(session.person)[-1] == "signed-in"


def test_a_challenge_is_answered_once_and_in_time(world: World, device: Device) -> None:
    options = asked(world)
    answer = device.shown(options)
    shown(world, answer)
    with pytest.raises(SignInRefused):
        shown(world, answer)
    options = asked(world)
    world.clock.wait(ASKED)
    with pytest.raises(SignInRefused):
        shown(world, device.shown(options))


def test_a_challenge_that_we_did_not_make_is_not_answered(world: World, device: Device) -> None:
    with pytest.raises(SignInRefused):
        shown(world, device.shown({"challenge": "q83vEjRWeJA"}))


@pytest.mark.parametrize(
    "change",
    [{"origin": "https://huhang.evil"}, {"name": "huhang.evil"}, {"flags": PRESENT}],
    ids=["another page", "another site", "not unlocked"],
)
def test_what_was_shown_elsewhere_or_not_unlocked_lets_nobody_in(
    world: World, device: Device, change: Any
) -> None:
    with pytest.raises(SignInRefused):
        shown(world, replace(device, **change).shown(asked(world)))


def test_another_key_under_the_same_id_lets_nobody_in(world: World, device: Device) -> None:
    forged = Device(SITE.origin, SITE.name, counter=9, id=device.id)
    with pytest.raises(SignInRefused):
        shown(world, forged.shown(asked(world)))


def test_a_copy_that_counts_behind_lets_nobody_in(world: World, device: Device) -> None:
    copy = replace(device)
    shown(world, device.shown(asked(world)))
    with pytest.raises(SignInRefused):
        shown(world, copy.shown(asked(world)))


def test_a_passkey_that_was_removed_lets_nobody_in(world: World, device: Device) -> None:
    person = shown(world, device.shown(asked(world))).person
    (factor,) = world.account(person).factors
    world.identity.accounts.remove_factor(person, factor, world.system())
    with pytest.raises(SignInRefused):
        shown(world, device.shown(asked(world)))


def test_a_passkey_is_not_guessed_at_so_it_works_under_a_lock_out(
    world: World, device: Device
) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused):
            world.signs_in("sj-1", "wrong")
    assert shown(world, device.shown(asked(world))).kept.acting


def test_a_locked_account_is_not_opened_by_a_passkey(world: World, device: Device) -> None:
    person = shown(world, device.shown(asked(world))).person
    world.identity.accounts.lock(person, world.system())
    with pytest.raises(SignInRefused):
        shown(world, device.shown(asked(world)))


def test_a_challenge_for_one_person_adds_nothing_to_another(world: World) -> None:
    world.joined("lw-1")
    world.joined("lw-2")
    one, other = world.signs_in("lw-1"), world.signs_in("lw-2")
    made = Device(SITE.origin, SITE.name).made(keys(world).begin_adding(one, "电脑", SITE))
    with pytest.raises(SignInRefused):
        keys(world).add(other, made, SITE)


def test_one_device_is_added_once(world: World) -> None:
    world.joined("lw-1")
    device, session = Device(SITE.origin, SITE.name), world.signs_in("lw-1")
    session = keys(world).add(
        session, device.made(keys(world).begin_adding(session, "a", SITE)), SITE
    )
    options = keys(world).begin_adding(session, "b", SITE)
    assert len(options["excludeCredentials"]) == 1
    with pytest.raises(SignInRefused):
        keys(world).add(session, device.made(options), SITE)


@pytest.mark.parametrize(
    "nonsense",
    [
        {},
        {"response": {}},
        {"response": {"clientDataJSON": "e30"}},
        {"response": {"clientDataJSON": 7}},
    ],
    ids=["nothing", "no client", "no challenge", "a number"],
)
def test_nonsense_lets_nobody_in(world: World, nonsense: Any) -> None:
    with pytest.raises(SignInRefused):
        shown(world, nonsense)


def test_challenges_that_nobody_answered_are_dropped(world: World) -> None:
    for _ in range(3):
        asked(world)
    world.clock.wait(ASKED + timedelta(seconds=1))
    asked(world)
    assert world.fetch("select count(*) from identity.challenge") == [(1,)]
