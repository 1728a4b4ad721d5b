"""Who administers the database writes what he likes into it, and is nobody by it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from argon2 import PasswordHasher
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from application.alarms import standing
from application.api_tokens import IssuedToken, TokenFacts
from application.beginning import open_records
from application.database import Database
from application.identity_keys import identity_keys
from application.keys import anew_identity_key
from application.own_rows import OwnRows, own_rows
from application.passkeys import Site
from application.records import Command
from application.sessions import ROTATED, Session, SessionOver
from application.settings import DangerousSetting, Settings
from application.sign_in import SignInRefused
from application.tokens import TokenRefused
from application.vault import open_vault
from domain.account_events import account_id
from domain.base import SHANGHAI
from domain.values import Role
from tests.identity.authenticator import Device
from tests.identity.world import BETTER, GOOD, HOME, World, world_over

SITE = Site("https://huhang.example")
CHOSEN = "a secret of the administrator"
BESIDE = {"counter"}  # columns that no mark covers


def written_by_hand(world: World, query: Any, *values: Any) -> None:
    """A row changed or put there by who administers the database."""
    with psycopg.connect(world.database.administrator or "", autocommit=True) as connection:
        assert connection.execute(query, values).rowcount == 1


def rows_of(world: World, table: str) -> list[dict[str, Any]]:
    with psycopg.connect(world.database.administrator or "", row_factory=dict_row) as connection:
        return connection.execute(f"select * from identity.{table}").fetchall()


def rung(world: World) -> str:
    """What the alarms say by now."""
    world.noted()
    return standing(world.settings.home) or ""


@pytest.fixture
def victim(world: World) -> UUID:
    """The account of an auditor in whose name somebody else would like to act."""
    return account_id(world.joined("sj-1", Role.AUDITOR))


@pytest.fixture
def own(world: World) -> Session:
    """A session of the administrator himself, who counsels as well."""
    world.joined("dba-1")
    return world.signs_in("dba-1")


def issued(world: World, session: Session) -> IssuedToken:
    expires_at = world.clock.now + timedelta(days=90)
    facts = TokenFacts(label="导出", scopes=("ledgers:read",), expires_at=expires_at)
    return world.identity.api_tokens.issue(facts, session, Command(session.actor))


def refused(world: World, *secrets: str) -> None:
    """None of these secrets opens a session."""
    for secret in secrets:
        with pytest.raises(SessionOver):
            world.identity.sessions.check(secret)


@pytest.mark.parametrize("mark", [bytes(32), None], ids=["no mark", "the mark of another row"])
def test_a_session_that_somebody_put_there_lets_nobody_in(
    world: World, victim: UUID, own: Session, mark: bytes | None
) -> None:
    now = world.clock.now
    written_by_hand(
        world,
        "insert into identity.session (id, hash, account, role, office, methods, acting, version,"
        " opened_at, proved_at, used_at, rotated_at, ends_at, mark)"
        " select %s, %s, %s, 'auditor', %s, '{passkey}', true, 1000, %s, %s, %s, %s, %s,"
        " coalesce(%s, mark) from identity.session where id = %s",
        uuid4(), sha256(CHOSEN.encode()).digest(), victim, world.office,
        now, now, now, now, now + timedelta(hours=12), mark, own.kept.id,
    )  # fmt: skip
    refused(world, CHOSEN)


@pytest.mark.parametrize(
    "change",
    [
        "account = (select account from identity.login where login = 'sj-1')",
        "role = 'auditor'",
        "role = 'nothing that we know'",
        "office = gen_random_uuid()",
        "methods = '{password,totp}'",
        "acting = not acting",
        "version = version + 1",
        "proved_at = proved_at + interval '1 hour'",
        "used_at = used_at + interval '1 hour'",
        "ends_at = ends_at + interval '1 day'",
    ],
)
def test_a_session_that_somebody_changed_lets_nobody_in(
    world: World, victim: UUID, own: Session, change: str
) -> None:
    written_by_hand(world, f"update identity.session set {change} where id = %s", own.kept.id)
    refused(world, own.secret or "")
    assert "identity.session was put there or changed" in rung(world)


ABSURD = pytest.mark.parametrize("time", ["infinity", "-infinity", "20000-01-01", "0044-03-15 BC"])


@ABSURD
def test_a_session_of_a_time_that_no_calendar_has_lets_nobody_in(
    world: World, own: Session, time: str
) -> None:
    columns = ("opened_at", "proved_at", "used_at", "rotated_at", "ends_at")
    changes = ", ".join(f"{column} = '{time}'" for column in columns)
    written_by_hand(world, f"update identity.session set {changes} where id = %s", own.kept.id)
    refused(world, own.secret or "")
    assert "identity.session was put there or changed" in rung(world)


@ABSURD
def test_a_password_of_a_time_that_no_calendar_has_lets_nobody_in(
    world: World, own: Session, time: str
) -> None:
    written_by_hand(world, f"update identity.password set expires_at = '{time}'")
    with pytest.raises(SignInRefused):
        world.signs_in("dba-1")
    assert "identity.password was put there or changed" in rung(world)


@pytest.mark.parametrize("time", ["infinity", "20000-01-01", "2026-03-02 03:00:00Z"])
def test_nobody_waits_for_longer_than_there_is_to_wait(
    world: World, own: Session, time: str
) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused):
            world.signs_in("dba-1", "not it at all")
    written_by_hand(
        world,
        "update identity.failure set blocked_until = %s where blocked_until is not null",
        time,
    )
    world.signs_in("dba-1")
    assert "identity.failure was put there or changed" in rung(world)


def test_a_row_of_what_we_cannot_write_is_none_of_ours(world: World) -> None:
    store, now = world.identity.store, world.clock.now
    with psycopg.connect(world.database.administrator or "", autocommit=True) as connection:
        connection.execute("alter table identity.challenge alter mark drop not null")
    for change in ("holds = %s", "mark = nullif(%s, '')::bytea"):
        store.ask(bytes(32), "oidc", {"version": 7}, now, now + timedelta(minutes=1))
        value = f'{{"version": {10**30}}}' if "holds" in change else ""
        written_by_hand(world, f"update identity.challenge set {change}", value)
        assert store.answered(bytes(32), "oidc", now) is None
    assert "identity.challenge was put there or changed" in rung(world)


def test_the_secret_of_ones_own_session_does_not_open_that_of_another(
    world: World, victim: UUID, own: Session
) -> None:
    theirs = world.signs_in("sj-1")
    ((hashed,),) = world.fetch("select hash from identity.session where id = %s", own.kept.id)
    written_by_hand(world, "delete from identity.session where id = %s", own.kept.id)
    written_by_hand(
        world, "update identity.session set hash = %s where id = %s", hashed, theirs.kept.id
    )
    world.identity.sessions.renew(theirs)  # does not mark what was put there meanwhile
    refused(world, own.secret or "")


def test_a_session_is_marked_anew_with_whatever_it_becomes(world: World, victim: UUID) -> None:
    session, _ = world.with_totp(world.signs_in("sj-1"))
    world.clock.wait(ROTATED)
    renewed = world.identity.sessions.check(session.secret or "")
    assert world.identity.sessions.check(renewed.secret or "").kept.acting
    assert world.identity.sessions.check(session.secret or "").kept.by_former


def test_a_token_of_ones_own_does_not_act_for_another(world: World, own: Session) -> None:
    world.joined("lw-1")
    session = world.signs_in("lw-1")
    mine, theirs = issued(world, own), issued(world, session)
    written_by_hand(world, "delete from identity.token where id = %s", theirs.token)
    written_by_hand(
        world,
        "update identity.token set id = %s, account = %s",
        theirs.token,
        session.account.id,
    )
    with pytest.raises(TokenRefused, match="no token of this installation"):
        world.identity.api_tokens.check(mine.secret)


@pytest.mark.parametrize("columns", [("hash",), ("hash", "mark")], ids=str)
def test_the_password_of_one_is_not_that_of_another(
    world: World, victim: UUID, own: Session, columns: tuple[str, ...]
) -> None:
    change = ", ".join(f"{column} = mine.{column}" for column in columns)
    written_by_hand(
        world,
        f"update identity.password as theirs set {change} from identity.password as mine"
        " where theirs.account = %s and mine.account = %s",
        victim,
        own.account.id,
    )
    with pytest.raises(SignInRefused):
        world.signs_in("sj-1", GOOD)
    assert "identity.password was put there or changed" in rung(world)


def test_a_password_that_somebody_put_there_is_none(world: World, victim: UUID) -> None:
    hashed = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(CHOSEN)
    written_by_hand(
        world, "update identity.password set hash = %s where account = %s", hashed, victim
    )
    with pytest.raises(SignInRefused):
        world.signs_in("sj-1", CHOSEN)


def test_a_former_password_does_not_come_back_with_its_row(world: World, own: Session) -> None:
    (before,) = rows_of(world, "password")
    world.identity.sign_in.change_password(own, GOOD, BETTER)
    written_by_hand(
        world, "update identity.password set hash = %s, mark = %s", before["hash"], before["mark"]
    )
    with pytest.raises(SignInRefused):
        world.signs_in("dba-1", GOOD)


def test_a_password_for_once_does_not_last_longer_than_was_said(world: World) -> None:
    person = world.opened("lw-1", Role.COUNSELLOR)
    given = world.identity.accounts.reset_password(person, world.system())
    written_by_hand(world, "update identity.password set expires_at = null")
    with pytest.raises(SignInRefused):
        world.signs_in("lw-1", given.password)


def test_a_hash_is_not_tried_by_who_has_not_the_key_file(world: World, own: Session) -> None:
    ((hashed,),) = world.fetch("select hash from identity.password")
    with pytest.raises(Exception, match="does not match"):
        PasswordHasher().verify(hashed, GOOD)


def test_a_passkey_that_was_exchanged_lets_nobody_in(world: World, victim: UUID) -> None:
    keys, session = world.identity.passkeys, world.signs_in("sj-1")
    theirs = Device(SITE.origin, SITE.name)
    session = keys.add(session, theirs.made(keys.begin_adding(session, "电脑", SITE)), SITE)
    world.joined("dba-1")
    mine, other = Device(SITE.origin, SITE.name), world.signs_in("dba-1")
    keys.add(other, mine.made(keys.begin_adding(other, "电脑", SITE)), SITE)
    (own,) = [row for row in rows_of(world, "factor") if row["account"] != victim]
    written_by_hand(
        world, "update identity.factor set secret = %s, counter = 0 where account = %s",
        own["secret"], victim,
    )  # fmt: skip
    forged = replace(mine, id=theirs.id)
    with pytest.raises(SignInRefused):
        keys.sign_in(forged.shown(keys.challenge(SITE, HOME)), None, SITE, HOME)
    (theirs_id,) = [row["id"] for row in rows_of(world, "factor") if row["account"] == victim]
    written_by_hand(world, "delete from identity.factor where account = %s", victim)
    written_by_hand(world, "update identity.factor set id = %s, account = %s", theirs_id, victim)
    with pytest.raises(SignInRefused):
        keys.sign_in(mine.shown(keys.challenge(SITE, HOME)), None, SITE, HOME)
    assert "identity.factor was put there or changed" in rung(world)


def test_a_code_of_ones_own_telephone_does_not_stand_in_for_that_of_another(
    world: World, victim: UUID, own: Session
) -> None:
    world.with_totp(world.signs_in("sj-1"))
    _, secret = world.with_totp(own)
    ((theirs,),) = world.fetch("select id from identity.factor where account = %s", victim)
    written_by_hand(world, "delete from identity.factor where account = %s", victim)
    written_by_hand(world, "update identity.factor set id = %s, account = %s", theirs, victim)
    world.clock.wait(timedelta(minutes=2))
    with pytest.raises(SignInRefused):
        world.identity.sign_in.with_code(world.signs_in("sj-1"), world.code(secret))


def test_who_is_known_to_a_provider_is_not_turned_into_another(world: World, victim: UUID) -> None:
    store, tag = world.identity.store, world.identity.oidc.keys.tag("oidc", "mine")
    assert store.link(tag, uuid4(), uuid4())
    written_by_hand(world, "update identity.subject set account = %s", victim)
    assert store.linked(tag) is None
    with pytest.raises(SignInRefused):
        world.identity.oidc.sign_in(tag)


@pytest.mark.parametrize("change", [None, "person", "purpose", "expires_at"])
def test_a_question_that_somebody_changed_is_not_answered(world: World, change: str | None) -> None:
    store, now = world.identity.store, world.clock.now
    holds = {"person": str(uuid4()), "version": 7}
    store.ask(bytes(32), "oidc", holds, now, now + timedelta(minutes=1))
    later, changed = now + timedelta(hours=1), Jsonb({**holds, "person": str(uuid4())})
    match change:
        case "person":
            written_by_hand(world, "update identity.challenge set holds = %s", changed)
        case "purpose":
            written_by_hand(world, "update identity.challenge set purpose = 'totp'")
        case "expires_at":
            written_by_hand(world, "update identity.challenge set expires_at = %s", later)
    found = store.answered(bytes(32), "totp" if change == "purpose" else "oidc", now)
    assert found == (None if change else holds)


def test_an_account_that_the_log_gives_to_another_for_a_moment_lets_nobody_in(
    world: World,
) -> None:
    ours = world.joined("dba-1")
    theirs = world.account(world.joined("lw-1")).require_opened().person
    with (
        reopened(world) as later,
        psycopg.connect(world.database.administrator or "", autocommit=True) as connection,
    ):
        connection.execute("alter table log.event disable trigger user")
        connection.execute(
            "update log.event set state = convert_to(replace(convert_from(state, 'UTF8'), %s, %s),"
            " 'UTF8') where originator_id = %s",
            (str(ours), str(theirs), account_id(ours)),
        )
        with pytest.raises(SignInRefused):
            later.signs_in("dba-1")


def test_a_mark_covers_every_column_of_its_row(world: World, own: Session) -> None:
    issued(world, own)
    keys = world.identity.passkeys
    keys.begin_adding(own, "电脑", SITE)
    world.with_totp(own)
    world.identity.store.link(bytes(32), uuid4(), uuid4())
    ours = own_rows(world.settings.home, "identity")
    for table in ("session", "password", "factor", "token", "subject", "challenge"):
        rows = rows_of(world, table)
        assert rows, table
        for row in rows:
            covered = {name: value for name, value in row.items() if name not in BESIDE}
            assert ours.wrote(table, covered), table
            assert not ours.wrote("another", covered)
            assert not own_rows(world.settings.home, "vault").wrote(table, covered)
    assert not OwnRows(bytes(32)).wrote("session", rows_of(world, "session")[0])


def test_a_time_is_digested_alike_whatever_zone_shows_it() -> None:
    rows, now = OwnRows(bytes(32)), datetime(2026, 3, 2, 1, tzinfo=UTC)
    here = rows.mark("session", {"at": now.astimezone(SHANGHAI)})
    assert here == rows.mark("session", {"at": now})


def reopened(world: World) -> AbstractContextManager[World]:
    """The installation after a new start, at the same time as before."""
    return world_over(world.database, world.settings.home)


def test_a_log_that_has_begun_gets_no_other_key_of_marks(world: World) -> None:
    """It would be made unseen, and every honest row look foreign."""
    key = world.settings.home / "keys" / "identity.key"
    kept = key.read_bytes()
    key.unlink()
    told = 'from another installation over this log; .*: huhang account new-key "why"'
    with pytest.raises(DangerousSetting, match=told), reopened(world):
        pass
    with pytest.raises(DangerousSetting, match=told):
        identity_keys(world.settings)
    assert not key.exists()
    key.write_bytes(kept)
    with reopened(world):
        pass


def test_the_key_of_marks_is_made_where_the_log_begins(database: Database, tmp_path: Path) -> None:
    """By whoever comes first, the vault or the log; and by nobody who comes later."""
    settings = Settings(home=tmp_path / "first")
    with open_vault(database, settings):
        made = (tmp_path / "first" / "keys" / "identity.key").read_bytes()
    open_records(database, settings).close()
    assert (tmp_path / "first" / "keys" / "identity.key").read_bytes() == made
    second = Settings(home=tmp_path / "second", instance="app2")
    with pytest.raises(DangerousSetting, match=r"identity\.key is not here"):
        open_vault(database, second).__enter__()
    assert not (tmp_path / "second" / "keys" / "identity.key").exists()


def test_the_log_begins_with_a_key_of_marks(database: Database, tmp_path: Path) -> None:
    open_records(database, Settings(home=tmp_path)).close()
    assert len((tmp_path / "keys" / "identity.key").read_bytes()) == 32


@pytest.mark.parametrize("lost", [False, True])
def test_without_its_key_file_an_installation_lets_nobody_in_until_an_operator_does(
    world: World, lost: bool
) -> None:
    person = world.joined("root-1", Role.ADMINISTRATOR)
    session, _ = world.with_totp(world.signs_in("root-1"))
    token = issued(world, session)
    if lost:
        (world.settings.home / "keys" / "identity.key").unlink()
        anew_identity_key(world.settings.home)
    with reopened(world) as later:
        later.clock.now = world.clock.now + timedelta(minutes=2)
        doors: list[Callable[[], object]] = [
            lambda: later.identity.sessions.check(session.secret or ""),
            lambda: later.identity.api_tokens.check(token.secret),
            lambda: later.signs_in("root-1"),
        ]
        for door in doors:
            if not lost:
                door()
                continue
            with pytest.raises((SessionOver, TokenRefused, SignInRefused)):
                door()
        if not lost:
            return
        desk = later.identity.accounts
        given = desk.reset_password(person, later.system("钥匙文件丢失"))
        (factor,) = later.account(person).factors
        desk.remove_factor(person, factor, later.system("钥匙文件丢失"))
        begun = later.signs_in("root-1", given.password)
        begun = later.identity.sign_in.change_password(begun, given.password, BETTER)
        assert later.with_totp(begun)[0].kept.acting
        assert "Where keys/identity.key was replaced" in rung(later)
