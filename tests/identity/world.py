"""An installation whose time is set by hand, its administrator, and people who sign in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pyotp

from application.accounts import OpeningFacts
from application.beginning import by_the_system, open_records
from application.database import Database
from application.identity import Identity, open_identity
from application.keys import author_of
from application.records import Actor, Command, Records
from application.sessions import Session
from application.settings import Settings
from application.vault import open_vault
from domain.account import Account
from domain.account_events import Post, account_id
from domain.base import day
from domain.values import Role, SignInMethod

GOOD = "四月 湖边 自行车 与 茶叶蛋"
BETTER = "八月 山中 火车 与 西瓜汁"
HOME = "203.0.113.7"


class Clock:
    """The time, as the test says."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 9 in the morning in Shanghai

    def __call__(self) -> datetime:
        return self.now

    def wait(self, span: timedelta) -> None:
        self.now += span


@dataclass
class World:
    """The system, and what happened in it."""

    database: Database
    settings: Settings
    records: Records
    identity: Identity
    clock: Clock
    office: UUID = field(default_factory=uuid4)

    def system(self, reason: str | None = None) -> Command:
        by = by_the_system(author_of(self.settings))
        return Command(by.by, by.request, reason=reason)

    def opened(self, login: str, *roles: Role, person: UUID | None = None) -> UUID:
        """A person with an account and these posts from today on."""
        person = person or uuid4()
        desk = self.identity.accounts
        desk.open(person, OpeningFacts(login=login, name="李某", office=self.office), self.system())
        for role in roles:
            self.granted(person, role)
        return person

    def granted(self, person: UUID, role: Role, **changes: Any) -> Post:
        """A post given from today on."""
        facts = {"role": role, "office": self.office, "since": day(self.clock.now), **changes}
        post = Post(**facts)
        self.identity.accounts.grant_role(person, post, self.system())
        return post

    def joined(self, login: str, *roles: Role) -> UUID:
        """A person who has chosen a password."""
        person = self.opened(login, *(roles or (Role.COUNSELLOR,)))
        given = self.identity.accounts.reset_password(person, self.system())
        session = self.signs_in(login, given.password)
        self.identity.sign_in.change_password(session, given.password, GOOD)
        return person

    def signs_in(self, login: str, password: str = GOOD, **post: Any) -> Session:
        """A session after a password."""
        return self.identity.sign_in.with_password(login, password, post.get("post"), HOME)

    def noted(self) -> None:
        """Wait until the log says what followed from failed tries."""
        self.identity.sign_in.aftermath.submit(lambda: None).result()

    def with_totp(self, session: Session) -> tuple[Session, str]:
        """The session after adding a telephone, and its secret."""
        enrolment = self.identity.sign_in.enrol(session, "手机")
        code = self.code(enrolment.secret)
        return self.identity.sign_in.confirm(session, enrolment.factor, code), enrolment.secret

    def code(self, secret: str) -> str:
        """What the telephone shows now."""
        return pyotp.TOTP(secret).at(self.clock.now)

    def account(self, person: UUID) -> Account:
        return self.identity.states.newest(account_id(person))

    def topics(self, person: UUID) -> list[str]:
        """What the log says of an account, without the common first word."""
        stored = self.records.recorder.select_events(account_id(person))
        return [event.topic.removeprefix("account.").removesuffix(".v1") for event in stored]

    def fetch(self, query: Any, *parameters: Any) -> list[Any]:
        """Rows, as who administers the database."""
        with psycopg.connect(self.database.administrator or "") as connection:
            return connection.execute(query, parameters).fetchall()

    def administrator(self, office: UUID | None = None) -> Command:
        """A command of an administrator of an office."""
        return Command(Actor(uuid4(), Role.ADMINISTRATOR, office or self.office))


PASSWORD = (SignInMethod.PASSWORD,)


@contextmanager
def world_over(database: Database, home: Path) -> Iterator[World]:
    """A world over a fresh database."""
    clock, settings = Clock(), Settings(home=home)
    opened = open_records(database, settings)
    opened.close()
    records = Records(database, author_of(settings), clock=clock)
    try:
        with (
            open_vault(database, settings) as vault,
            open_identity(database, settings, records, vault, clock) as identity,
        ):
            yield World(database, settings, records, identity, clock)
    finally:
        records.close()
