"""Signing in: who is let in, after what, and that whoever fails learns nothing."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from statistics import median
from uuid import uuid4

import pytest
from argon2 import PasswordHasher

from application.accounts import ONCE_LASTS
from application.identity_store import ALLOWED, FIRST_BLOCK, LONGEST_BLOCK
from application.limits import TooMany
from application.passwords import SLOTS, WAITING
from application.sessions import FRESH, NotActing, SessionOver, StaleProof
from application.sign_in import TRIES, SignInRefused
from domain.base import Refused
from domain.values import Role, SignInMethod, SignInStep
from tests.identity.world import BETTER, GOOD, HOME, World

SECOND = timedelta(seconds=1)
ROUNDS = 9  # of each try whose time is taken; most of it is the comparison


def test_a_new_person_chooses_a_password_before_acting(world: World) -> None:
    person = world.opened("lw-1", Role.COUNSELLOR)
    given = world.identity.accounts.reset_password(person, world.system())
    session = world.signs_in("lw-1", given.password)
    assert session.step(world.clock()) is SignInStep.CHANGE_PASSWORD
    assert not session.kept.acting
    after = world.identity.sign_in.change_password(session, given.password, GOOD)
    assert after.kept.acting
    assert after.actor.id == person
    assert world.signs_in("lw-1").kept.acting
    assert world.topics(person) == [
        "opened", "role-granted", "password-reset", "password-changed", "signed-in", "signed-in",
    ]  # fmt: skip


def test_who_decides_on_much_adds_a_second_factor_before_acting(world: World) -> None:
    person = world.joined("sj-1", Role.AUDITOR)
    session = world.signs_in("sj-1")
    assert session.step(world.clock()) is SignInStep.ADD_FACTOR
    session, secret = world.with_totp(session)
    assert session.kept.acting
    world.clock.wait(timedelta(minutes=1))
    again = world.signs_in("sj-1")
    assert again.step(world.clock()) is SignInStep.SECOND_FACTOR
    proved = world.identity.sign_in.with_code(again, world.code(secret))
    assert proved.kept.acting
    assert proved.kept.methods == (SignInMethod.PASSWORD, SignInMethod.TOTP)
    assert world.topics(person)[-1] == "signed-in"


def test_a_code_is_used_once(world: World) -> None:
    world.joined("sj-1", Role.AUDITOR)
    _, secret = world.with_totp(world.signs_in("sj-1"))
    with pytest.raises(SignInRefused):  # the one that added it
        world.identity.sign_in.with_code(world.signs_in("sj-1"), world.code(secret))
    world.clock.wait(timedelta(minutes=1))
    code = world.code(secret)
    world.identity.sign_in.with_code(world.signs_in("sj-1"), code)
    with pytest.raises(SignInRefused):
        world.identity.sign_in.with_code(world.signs_in("sj-1"), code)


@pytest.mark.parametrize(("seconds", "taken"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_telephone_may_be_half_a_minute_off(world: World, seconds: int, taken: bool) -> None:
    world.joined("sj-1", Role.AUDITOR)
    _, secret = world.with_totp(world.signs_in("sj-1"))
    world.clock.wait(timedelta(minutes=5))
    session = world.signs_in("sj-1")
    world.clock.wait(timedelta(seconds=seconds))
    code = world.code(secret)
    world.clock.wait(timedelta(seconds=-seconds))
    if taken:
        assert world.identity.sign_in.with_code(session, code).kept.acting
    else:
        with pytest.raises(SignInRefused):
            world.identity.sign_in.with_code(session, code)


def test_a_factor_counts_only_after_its_first_code(world: World) -> None:
    world.joined("sj-1", Role.AUDITOR)
    session = world.signs_in("sj-1")
    enrolment = world.identity.sign_in.enrol(session, "手机")
    with pytest.raises(SignInRefused):
        world.identity.sign_in.confirm(session, enrolment.factor, "000000")
    with pytest.raises(SignInRefused):  # one answer a question
        world.identity.sign_in.confirm(session, enrolment.factor, world.code(enrolment.secret))
    assert world.signs_in("sj-1").step(world.clock()) is SignInStep.ADD_FACTOR


def test_nobody_adds_a_factor_instead_of_showing_the_one_there_is(world: World) -> None:
    world.joined("sj-1", Role.AUDITOR)
    world.with_totp(world.signs_in("sj-1"))
    with pytest.raises(NotActing):
        world.identity.sign_in.enrol(world.signs_in("sj-1"), "另一部")


def test_who_knows_only_the_password_changes_nothing_of_an_account_with_two_factors(
    world: World,
) -> None:
    person = world.joined("lw-1")
    owner, _ = world.with_totp(world.signs_in("lw-1"))
    thief, steps = world.signs_in("lw-1"), world.identity.sign_in
    assert thief.step(world.clock()) is SignInStep.SECOND_FACTOR
    (factor,) = world.account(person).factors
    for attempt in (
        lambda: steps.remove(thief, factor),
        lambda: steps.change_password(thief, GOOD, BETTER),
        lambda: steps.enrol(thief, "另一部"),
        lambda: world.identity.sessions.end(thief, everywhere=True),
        lambda: world.identity.sessions.switch(thief, Role.COUNSELLOR, world.office),
        lambda: world.identity.oidc.depart_to_link(thief, "/docs"),
    ):
        with pytest.raises(NotActing):
            attempt()
    assert world.identity.sessions.check(owner.secret or "").kept.acting
    assert set(world.account(person).factors) == {factor}


def test_a_post_that_asks_for_more_is_not_taken_in_a_session_that_proved_less(
    world: World,
) -> None:
    person = world.joined("lw-1")
    session = world.signs_in("lw-1")
    world.granted(person, Role.AUDITOR)
    found = world.identity.sessions.check(session.secret or "")
    assert found.step(world.clock()) is SignInStep.ADD_FACTOR
    with pytest.raises(NotActing):
        world.identity.sessions.require_finished(found)
    with pytest.raises(NotActing):
        world.identity.sessions.switch(found, Role.AUDITOR, world.office)
    proved, _ = world.with_totp(found)
    assert world.identity.sessions.switch(proved, Role.AUDITOR, world.office).kept.acting


def test_factors_are_changed_only_shortly_after_signing_in(world: World) -> None:
    world.joined("lw-1")
    session = world.signs_in("lw-1")
    world.clock.wait(FRESH + SECOND)
    with pytest.raises(StaleProof):
        world.identity.sign_in.enrol(session, "手机")
    with pytest.raises(StaleProof):
        world.identity.sign_in.remove(session, uuid4())


def test_one_removes_a_factor_of_ones_own(world: World) -> None:
    person = world.joined("lw-1")
    session, _ = world.with_totp(world.signs_in("lw-1"))
    (factor,) = world.account(person).factors
    after = world.identity.sign_in.remove(session, factor)
    assert after.kept.acting
    assert world.signs_in("lw-1").kept.acting


@pytest.mark.parametrize("why", ["unknown", "wrong", "locked", "no post", "not yet", "late"])
def test_whoever_is_not_let_in_is_not_told_why(world: World, why: str) -> None:
    person, password, login = world.opened("lw-1"), "", "lw-1"
    if why == "not yet":
        world.granted(person, Role.COUNSELLOR, since=world.clock.now.date() + timedelta(days=2))
    elif why != "no post":
        world.granted(person, Role.COUNSELLOR)
    password = world.identity.accounts.reset_password(person, world.system()).password
    if why == "unknown":
        login = "nobody"
    elif why == "wrong":
        password = "x" + password
    elif why == "locked":
        world.identity.accounts.lock(person, world.system())
    elif why == "late":
        world.clock.wait(ONCE_LASTS)
    with pytest.raises(SignInRefused) as refused:
        world.signs_in(login, password)
    assert refused.value.args == ()


@pytest.mark.parametrize(
    ("login", "password"), [("lw-1", GOOD), ("lw-1", "wrong"), ("nobody", GOOD)]
)
def test_the_right_password_of_a_locked_account_is_told_by_no_wait(
    world: World, login: str, password: str
) -> None:
    world.identity.accounts.lock(world.joined("lw-1"), world.system())
    for _ in range(ALLOWED):
        with pytest.raises(SignInRefused):
            world.signs_in(login, password)
    with pytest.raises(TooMany) as waits:
        world.signs_in(login, password)
    assert waits.value.seconds == FIRST_BLOCK.total_seconds()


def test_the_right_password_for_a_post_that_is_not_held_is_told_by_no_wait(world: World) -> None:
    world.joined("lw-1")
    for _ in range(ALLOWED):
        with pytest.raises(SignInRefused):
            world.signs_in("lw-1", post=(Role.AUDITOR, world.office))
    with pytest.raises(TooMany):
        world.signs_in("lw-1", post=(Role.AUDITOR, world.office))


@pytest.mark.parametrize("login", ["lw-1", "nobody"])
def test_tries_wait_longer_and_longer_whether_or_not_there_is_such_a_name(
    world: World, login: str
) -> None:
    world.joined("lw-1")
    block = FIRST_BLOCK
    for _ in range(3):
        for _ in range(ALLOWED):
            with pytest.raises(SignInRefused):
                world.signs_in(login, "wrong")
        with pytest.raises(TooMany) as waits:
            world.signs_in(login, GOOD)
        assert waits.value.seconds == block.total_seconds()
        world.clock.wait(block - SECOND)
        with pytest.raises(TooMany):
            world.signs_in(login, GOOD)
        world.clock.wait(SECOND)
        block *= 2


def test_no_block_lasts_longer_than_an_hour(world: World) -> None:
    store, key, now = world.identity.store, b"somebody", world.clock.now
    for _ in range(40):
        attempt = store.attempt(key, now)
        assert attempt is not None
        if attempt.blocked_until:
            assert attempt.blocked_until - now <= LONGEST_BLOCK
            now = attempt.blocked_until
    assert attempt.failures == 40
    assert attempt.blocked_until - now <= timedelta()


def test_tries_at_once_are_no_more_than_tries_in_a_row(world: World) -> None:
    now = world.clock.now
    with ThreadPoolExecutor(20) as threads:
        tries = list(
            threads.map(lambda _: world.identity.store.attempt(b"somebody", now), range(40))
        )
    assert sum(attempt is not None for attempt in tries) == ALLOWED


def test_failures_are_forgotten_after_a_success_or_a_day(world: World) -> None:
    world.joined("lw-1")
    for _ in range(3):
        for _ in range(ALLOWED - 1):
            with pytest.raises(SignInRefused):
                world.signs_in("lw-1", "wrong")
        world.signs_in("lw-1")
    store, now = world.identity.store, world.clock.now
    for _ in range(ALLOWED - 1):
        store.attempt(b"somebody", now)
    attempt = store.attempt(b"somebody", now + timedelta(days=1, seconds=1))
    assert attempt is not None
    assert (attempt.failures, attempt.blocked_until) == (1, None)


def test_only_the_lock_out_is_recorded_and_it_names_how_many_and_until_when(world: World) -> None:
    person = world.joined("lw-1")
    for _ in range(ALLOWED):
        with pytest.raises(SignInRefused):
            world.signs_in("lw-1", "wrong")
    world.identity.sign_in.close()
    assert world.topics(person)[-2:] == ["signed-in", "locked-out"]
    stored = list(world.records.recorder.select_events(world.account(person).id))[-1]
    assert b'"failures":5' in stored.state
    assert b"2026-03-02T01:01:00Z" in stored.state


def cost_of(kept: str) -> str:
    """What comparing with a hash costs: its kind and parameters."""
    return kept.rpartition("$")[0].rpartition("$")[0]


@pytest.mark.parametrize("login", ["lw-1", "nobody"])
def test_a_name_that_there_is_takes_no_more_work_than_one_that_there_is_not(
    world: World, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.joined("lw-1")
    compared: list[str] = []
    passwords = world.identity.sign_in.passwords
    hasher = passwords._hasher

    class Counting:
        """Compares as before, and remembers with what."""

        def verify(self, kept: str, password: str) -> bool:
            compared.append(cost_of(kept))
            return hasher.verify(kept, password)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    with pytest.raises(SignInRefused):
        world.signs_in(login, "wrong")
    assert compared == [cost_of(hasher.hash("any"))]


def test_whoever_is_not_let_in_waits_as_long_as_a_comparison_takes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords, hasher = world.identity.sign_in.passwords, PasswordHasher(4, 16_384, 1)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    monkeypatch.setattr(passwords, "_decoy", hasher.hash("any"))
    world.joined("lw-1")
    world.identity.accounts.lock(world.joined("lw-2"), world.system())
    tries = [("nobody", "wrong"), ("lw-1", "wrong"), ("lw-2", "wrong"), ("lw-2", GOOD)]
    waits: dict[tuple[str, str], list[float]] = {one: [] for one in tries}
    compared = []
    for number in range(ROUNDS):  # in turns, so that a busy machine slows down each alike
        for login, password in tries:
            begun = time.perf_counter()
            with pytest.raises(SignInRefused):
                world.identity.sign_in.with_password(login, password, None, f"192.0.2.{number}")
            waits[login, password].append(time.perf_counter() - begun)
        begun = time.perf_counter()
        passwords.matches(None, "any")
        compared.append(time.perf_counter() - begun)
        world.clock.wait(timedelta(days=1, seconds=1))
    medians = [median(times) for times in waits.values()]
    assert min(medians) > median(compared) / 2
    assert max(medians) < min(medians) * 2


def test_who_is_sent_away_for_want_of_a_place_has_not_failed(world: World) -> None:
    world.joined("lw-1")
    with ExitStack() as places:
        for _ in range(SLOTS + WAITING):
            places.enter_context(world.identity.sign_in.passwords.places.taken())
        for _ in range(ALLOWED):
            with pytest.raises(TooMany):
                world.signs_in("lw-1", "wrong")
    assert world.signs_in("lw-1").kept.acting


def test_what_is_over_is_dropped(world: World) -> None:
    world.joined("lw-1")
    with pytest.raises(SignInRefused):
        world.signs_in("nobody")
    world.identity.revoke(uuid4())
    world.clock.wait(timedelta(days=2))
    world.signs_in("lw-1")
    for table, rows in (("failure", 0), ("revoked", 0), ("session", 1)):
        assert world.fetch(f"select count(*) from identity.{table}") == [(rows,)]


def test_codes_are_guessed_as_seldom_as_passwords(world: World) -> None:
    world.joined("sj-1", Role.AUDITOR)
    world.with_totp(world.signs_in("sj-1"))
    for _ in range(ALLOWED):
        with pytest.raises(SignInRefused):
            world.identity.sign_in.with_code(world.signs_in("sj-1"), "000000")
    with pytest.raises(TooMany):
        world.identity.sign_in.with_code(world.signs_in("sj-1"), "000000")


def test_one_address_gets_so_many_tries(world: World) -> None:
    door = world.identity.sign_in.door
    door.clock = lambda: 0.0
    for _ in range(TRIES):
        door.take(HOME)
    with pytest.raises(TooMany) as waits:
        world.signs_in("lw-1")
    assert waits.value.seconds == 2
    with pytest.raises(SignInRefused):
        world.identity.sign_in.with_password("nobody", GOOD, None, "203.0.113.8")


def test_a_password_is_changed_by_who_knows_the_present_one_and_ends_other_sessions(
    world: World,
) -> None:
    world.joined("lw-1")
    here, there = world.signs_in("lw-1"), world.signs_in("lw-1")
    with pytest.raises(SignInRefused):
        world.identity.sign_in.change_password(here, "wrong", BETTER)
    with pytest.raises(Refused, match="password-same"):
        world.identity.sign_in.change_password(here, GOOD, GOOD)
    with pytest.raises(Refused, match="password-short"):
        world.identity.sign_in.change_password(here, GOOD, "short")
    here = world.identity.sign_in.change_password(here, GOOD, BETTER)
    assert world.identity.sessions.check(here.secret or "").kept.acting
    with pytest.raises(SessionOver):
        world.identity.sessions.check(there.secret or "")
    with pytest.raises(SignInRefused):
        world.signs_in("lw-1", GOOD)
    assert world.signs_in("lw-1", BETTER).kept.acting


def test_a_reset_voids_the_password_before_the_new_one_is_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = world.joined("lw-1")
    session = world.signs_in("lw-1")

    def crash(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(type(world.identity.store), "keep_password", lambda self, kept: crash(kept))
    with pytest.raises(KeyboardInterrupt):
        world.identity.accounts.reset_password(person, world.system())
    with pytest.raises(SignInRefused):
        world.signs_in("lw-1")
    with pytest.raises(SessionOver):
        world.identity.sessions.check(session.secret or "")


def test_a_person_acts_in_the_post_chosen_or_held_longest(world: World) -> None:
    person = world.joined("lw-1", Role.VOLUNTEER)
    world.clock.wait(timedelta(days=1))
    post = world.granted(person, Role.COUNSELLOR)
    assert world.signs_in("lw-1").actor.role is Role.VOLUNTEER
    chosen = world.signs_in("lw-1", post=(post.role, post.office))
    assert chosen.actor.role is Role.COUNSELLOR
    with pytest.raises(SignInRefused):
        world.signs_in("lw-1", post=(Role.AUDITOR, post.office))


def test_no_secret_stands_in_the_log_or_in_any_table(world: World) -> None:
    person = world.joined("sj-1", Role.AUDITOR)
    session, secret = world.with_totp(world.signs_in("sj-1"))
    given = world.identity.accounts.reset_password(person, world.system())
    tables = world.fetch(
        "select oid::regclass::text from pg_class where relkind = 'r' and relnamespace in"
        " ('log'::regnamespace, 'identity'::regnamespace)"
    )
    states = world.fetch("select convert_from(state, 'UTF8') from log.event")
    for (table,) in tables:
        for (text,) in [*world.fetch(f"select to_jsonb(t)::text from {table} t"), *states]:
            for hidden in (GOOD, given.password, secret, session.secret):
                assert str(hidden) not in text
    hashes = world.fetch("select hash from identity.password")
    assert all(one.startswith("$argon2id$") for (one,) in hashes)
    assert not any("argon2" in text for (text,) in states)
