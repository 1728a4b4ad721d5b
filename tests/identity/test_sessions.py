"""Sessions: how long they last, and that what they rest on is looked at each time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from application import newest
from application.api_tokens import TokenFacts
from application.eventlog import Conflict, Receipt
from application.identity_store import Attempt
from application.records import Actor, Command
from application.sessions import (
    GRACE,
    IDLE,
    LONGEST,
    NOTED,
    ROTATED,
    UNFINISHED,
    Session,
    SessionOver,
)
from application.sign_in import SignInRefused
from application.tokens import Tokens
from domain.account_events import SignedIn, account_id
from domain.base import Refused
from domain.values import Role
from tests.identity.world import BETTER, GOOD, World
from tests.proof.test_own_stream import append_to, said

SECOND = timedelta(seconds=1)
LAST = """
select topic, state, originator_version from log.event
where originator_id = %s and topic like %s
order by originator_version desc limit 1
"""


@pytest.fixture
def session(world: World) -> Session:
    world.joined("lw-1")
    return world.signs_in("lw-1")


def check(world: World, session: Session) -> Session:
    """The session as the browser that has its secret finds it."""
    found = world.identity.sessions.check(session.secret or "")
    return found if found.secret else Session(found.kept, found.account, session.secret)


def over(world: World, session: Session) -> None:
    """Nothing is let in by it any more."""
    with pytest.raises(SessionOver):
        world.identity.sessions.check(session.secret or "")


def test_a_session_is_a_row_and_only_a_hash_of_its_secret(world: World, session: Session) -> None:
    assert check(world, session).kept.id == session.kept.id
    with pytest.raises(SessionOver):
        world.identity.sessions.check("guessed")
    assert len(session.secret or "") >= 43


def test_a_session_that_nobody_uses_ends(world: World, session: Session) -> None:
    for _ in range(3):
        world.clock.wait(IDLE - SECOND)
        session = check(world, session)
    world.clock.wait(IDLE)
    over(world, session)


def test_a_session_ends_after_a_working_day_however_busy(world: World, session: Session) -> None:
    began = world.clock.now
    while world.clock.now - began < LONGEST - IDLE / 2:
        session = check(world, session)
        world.clock.wait(IDLE / 2)
    world.clock.now = began + LONGEST - SECOND
    session = check(world, session)
    world.clock.wait(SECOND)
    over(world, session)


def test_signing_in_is_finished_soon_or_begun_anew(world: World) -> None:
    world.joined("sj-1", Role.AUDITOR)
    unfinished = world.signs_in("sj-1")
    world.clock.wait(UNFINISHED)
    over(world, unfinished)


def test_a_secret_is_replaced_every_quarter_of_an_hour(world: World, session: Session) -> None:
    world.clock.wait(ROTATED)
    renewed = check(world, session)
    assert renewed.secret != session.secret
    world.clock.wait(GRACE)
    assert check(world, session).kept.id == renewed.kept.id  # a request that was under way
    assert check(world, renewed).kept.id == renewed.kept.id


def test_a_replaced_secret_that_turns_up_later_ends_the_session(
    world: World, session: Session
) -> None:
    world.clock.wait(ROTATED)
    renewed = check(world, session)
    world.clock.wait(GRACE + SECOND)
    over(world, session)
    over(world, renewed)


def test_a_proof_replaces_the_secret(world: World) -> None:
    world.joined("sj-1", Role.AUDITOR)
    before = world.signs_in("sj-1")
    after, _ = world.with_totp(before)
    assert after.secret != before.secret


def test_use_is_noted_by_the_minute(world: World, session: Session) -> None:
    world.clock.wait(NOTED - SECOND)
    assert check(world, session).kept.used_at == session.kept.used_at
    world.clock.wait(SECOND)
    check(world, session)
    assert check(world, session).kept.used_at == world.clock.now


def test_the_end_of_a_post_ends_what_is_done_in_it_at_once(world: World) -> None:
    person = world.joined("lw-1", Role.COUNSELLOR, Role.VOLUNTEER)
    here = world.signs_in("lw-1", post=(Role.COUNSELLOR, world.office))
    other = world.signs_in("lw-1", post=(Role.VOLUNTEER, world.office))
    world.identity.accounts.end_role(person, Role.COUNSELLOR, world.office, world.system())
    over(world, here)
    assert check(world, other).actor.role is Role.VOLUNTEER


def test_a_post_with_a_last_day_ends_with_that_day_in_shanghai(world: World) -> None:
    person = world.joined("lw-1", Role.VOLUNTEER)
    world.granted(person, Role.COUNSELLOR, until=world.clock.now.date())
    world.clock.wait(timedelta(hours=14, minutes=40))  # 23:40 in Shanghai
    session = world.signs_in("lw-1", post=(Role.COUNSELLOR, world.office))
    world.clock.wait(timedelta(minutes=19))
    session = check(world, session)
    world.clock.wait(timedelta(minutes=1))
    over(world, session)


@pytest.mark.parametrize("what", ["lock", "reset_password"])
def test_a_lock_and_a_reset_end_all_sessions_at_once(
    world: World, session: Session, what: str
) -> None:
    getattr(world.identity.accounts, what)(session.person, world.system())
    over(world, session)


def test_a_removed_factor_ends_all_sessions_at_once(world: World) -> None:
    person = world.joined("sj-1", Role.AUDITOR)
    session, _ = world.with_totp(world.signs_in("sj-1"))
    (factor,) = world.account(person).factors
    world.identity.accounts.remove_factor(person, factor, world.system())
    over(world, session)


def test_what_was_voided_meanwhile_is_not_renewed(world: World, session: Session) -> None:
    world.identity.accounts.reset_password(session.person, world.system())
    with pytest.raises(SessionOver):
        world.identity.sessions.renew(session)


def test_one_signs_out_here_or_everywhere(world: World, session: Session) -> None:
    there = world.signs_in("lw-1")
    world.identity.sessions.end(session)
    over(world, session)
    assert check(world, there).kept.acting
    third = world.signs_in("lw-1")
    world.identity.sessions.end(third, everywhere=True)
    over(world, there)
    assert world.topics(session.person)[-2:] == ["signed-in", "signed-out"]
    assert world.signs_in("lw-1").kept.acting


def test_one_goes_on_in_another_post_that_one_holds(world: World) -> None:
    world.joined("lw-1", Role.COUNSELLOR, Role.VOLUNTEER)
    session = world.signs_in("lw-1", post=(Role.COUNSELLOR, world.office))
    switched = world.identity.sessions.switch(session, Role.VOLUNTEER, world.office)
    assert check(world, switched).actor.role is Role.VOLUNTEER
    with pytest.raises(Refused, match="role-not-held"):
        world.identity.sessions.switch(switched, Role.AUDITOR, world.office)


def test_the_csrf_token_is_of_one_session(world: World, session: Session) -> None:
    sessions, other = world.identity.sessions, world.signs_in("lw-1")
    assert sessions.knows_csrf_token(session, sessions.csrf_token(session))
    assert not sessions.knows_csrf_token(session, sessions.csrf_token(other))
    assert not sessions.knows_csrf_token(session, "")


Step = Callable[[World, Session], object]


def issue_token(world: World, session: Session) -> object:
    facts = TokenFacts(
        label="导出", scopes=("ledgers:read",), expires_at=world.clock.now + timedelta(days=90)
    )
    return world.identity.api_tokens.issue(facts, session, Command(session.actor))


def add_factor(world: World, session: Session) -> object:
    return world.with_totp(session)


def change_password(world: World, session: Session) -> object:
    return world.identity.sign_in.change_password(session, GOOD, BETTER)


def remove_factor(world: World, session: Session) -> object:
    (factor,) = world.account(session.person).factors
    return world.identity.sign_in.remove(session, factor)


def switch_post(world: World, session: Session) -> object:
    return world.identity.sessions.switch(session, session.kept.role, session.kept.office)


def meanwhile(
    world: World,
    patch: pytest.MonkeyPatch,
    happens: Callable[[], object],
    *,
    after: bool = False,
) -> None:
    """Let something happen just before the next step is decided, or just after its recording."""
    change = world.records.change

    def hooked(*facts: Any, **options: Any) -> Receipt:
        patch.setattr(world.records, "change", change)
        receipt = change(*facts, **options) if after else None
        happens()
        return receipt or change(*facts, **options)

    patch.setattr(world.records, "change", hooked)


@pytest.mark.parametrize(
    "step", [issue_token, add_factor, change_password, remove_factor, switch_post]
)
def test_nothing_is_taken_along_from_a_session_that_is_voided_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch, step: Step
) -> None:
    person = world.joined("lw-1")
    session = world.signs_in("lw-1")
    if step is remove_factor:
        session, _ = world.with_totp(session)
    accounts = world.identity.accounts
    meanwhile(world, monkeypatch, lambda: accounts.reset_password(person, world.system()))
    with pytest.raises(SessionOver):
        step(world, session)
    assert world.topics(person)[-1] == "password-reset"


@pytest.mark.parametrize("after", [False, True])
def test_a_session_that_begins_while_the_password_is_reset_lets_nobody_in(
    world: World, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    person, accounts = world.joined("lw-1"), world.identity.accounts
    meanwhile(
        world, monkeypatch, lambda: accounts.reset_password(person, world.system()), after=after
    )
    with pytest.raises((SignInRefused, SessionOver)):
        check(world, world.signs_in("lw-1"))


def test_what_voids_a_session_before_its_step_is_recorded_makes_the_step_a_conflict(
    world: World, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = world.records.save

    def hooked(*events: Any, **options: Any) -> Any:
        monkeypatch.setattr(world.records, "save", save)
        world.identity.accounts.reset_password(session.person, world.system())
        return save(*events, **options)

    monkeypatch.setattr(world.records, "save", hooked)
    with pytest.raises(Conflict):
        issue_token(world, session)
    assert world.topics(session.person)[-1] == "password-reset"


def test_a_lock_out_that_is_noted_meanwhile_keeps_nobody_from_signing_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, save = world.joined("lw-1"), world.records.save

    def hooked(*events: Any, **options: Any) -> Any:
        monkeypatch.setattr(world.records, "save", save)
        attempt = Attempt(5, world.clock() + timedelta(minutes=1))
        world.identity.sign_in.note_lock_out(account_id(person), attempt)
        return save(*events, **options)

    monkeypatch.setattr(world.records, "save", hooked)
    check(world, world.signs_in("lw-1"))
    assert world.topics(person)[-2:] == ["locked-out", "signed-in"]


def swap(world: World, account: UUID, row: tuple[str, bytes] | None = None) -> tuple[str, bytes]:
    """As who administers the database: make an account's last row another one; what it was.

    By default one like that of its last sign-in, which changes nothing.
    """
    silence = "update pg_class set relhastriggers = %s where oid = 'log.event'::regclass"
    with psycopg.connect(world.database.administrator) as connection:
        *found, version = connection.execute(LAST, (account, "%")).fetchone() or ()
        other = row or (connection.execute(LAST, (account, SignedIn.topic)).fetchone() or ())[:2]
        connection.execute(silence, (False,))
        connection.commit()
        connection.execute(
            "update log.event set topic = %s, state = %s"
            " where originator_id = %s and originator_version = %s",
            (*other, account, version),
        )
        connection.execute(silence, (True,))
    topic, state = found
    return topic, state


def test_a_post_whose_end_was_hidden_for_a_moment_is_over_after_some_minutes(
    world: World, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = account_id(session.person)
    world.identity.accounts.end_role(session.person, Role.COUNSELLOR, world.office, world.system())
    ended = swap(world, account)
    assert check(world, session).account.posts
    swap(world, account, ended)
    assert check(world, session).account.posts, "what is remembered does not read that row again"
    monkeypatch.setattr(newest, "ANEW", -1.0)
    over(world, session)


def test_a_token_is_its_bearers_whatever_nobody_signed_stands_where_his_account_would(
    world: World,
) -> None:
    bearer = Actor(uuid4(), Role.SUPERVISOR, world.office)
    token = Tokens(world.settings, clock=world.clock).issue(bearer)
    append_to(world.database, "x", b"3", account_id(bearer.id))
    assert world.identity.operator(token) == (bearer, None)


def test_a_post_that_ended_is_given_back_by_no_row_that_nobody_signed(world: World) -> None:
    """Both rows together leave the account as it was, and each of them does not."""
    person = world.joined("lw-1", Role.COUNSELLOR)
    session = world.signs_in("lw-1")
    (post,) = world.account(person).posts
    world.identity.accounts.end_role(person, Role.COUNSELLOR, world.office, world.system())
    given = said(post=post.model_dump(mode="json", exclude_none=True))
    append_to(world.database, "account.role-granted.v1", given, account_id(person))
    over(world, session)
    assert world.account(person).posts == ()
