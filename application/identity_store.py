"""What proves who somebody is, in its own schema under its own role: hashes, keys, counters.

A row counts only while the account's log says so; so nothing here needs to change at once when the
log takes something away. And only if this installation wrote it: any other is as if it was not
there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final, LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from application.database import Database, statement
from application.instants import bound_instants
from application.own_rows import OwnRows
from domain.values import FactorKind, Role, SignInMethod

ALLOWED: Final = 5  # failures in a row until the next try waits
FIRST_BLOCK: Final = timedelta(minutes=1)  # doubled with every further five
LONGEST_BLOCK: Final = timedelta(hours=1)  # 120 guesses a day at most
FORGOTTEN: Final = timedelta(days=1)  # without a try, failures count from one again

MOST_CONNECTIONS: Final = 8  # a check holds one for well below a millisecond
ANSWERED_WITHIN: Final = 5  # seconds; then the database is said to be away, not waited for

SESSION: Final = statement("session.sql")
SESSION_HELD: Final = statement("session_held.sql")
SESSION_CHANGED: Final = statement("session_changed.sql")
TOKEN: Final = statement("token.sql")
OPERATOR_TOKEN: Final = statement("operator_token.sql")
ATTEMPT: Final = statement("attempt.sql")

ROLES: Final = {role.value: role for role in Role}
METHODS: Final = {method.value: method for method in SignInMethod}
FACTORS: Final = {kind.value: kind for kind in FactorKind}

LOG: Final = logging.getLogger("huhang")

Connection = psycopg.Connection[DictRow]


@dataclass(frozen=True, slots=True)
class KeptPassword:
    """The hash of a password and the version of the event that it belongs to."""

    account: UUID
    version: int
    hash: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeptFactor:
    """A second factor with its sealed secret or its public key."""

    id: UUID
    account: UUID
    kind: FactorKind
    label: str
    secret: bytes
    credential: bytes | None
    counter: int


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session as it is kept; `head` is the version that the account's log has reached."""

    id: UUID
    account: UUID
    role: Role
    office: UUID
    methods: tuple[SignInMethod, ...]
    acting: bool
    version: int
    opened_at: datetime
    proved_at: datetime
    used_at: datetime
    rotated_at: datetime
    ends_at: datetime
    by_former: bool = False
    head: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that is counted: how many in a row, and until when further ones wait."""

    failures: int
    blocked_until: datetime | None


class IdentityStore:
    """The schema `identity`; `doubt` is told in which table a row is that nobody here wrote."""

    def __init__(
        self, pool: ConnectionPool[Connection], rows: OwnRows, doubt: Callable[[str], None]
    ) -> None:
        self._pool = pool
        self._rows = rows
        self._doubt = doubt

    def one(self, query: LiteralString | bytes, parameters: Any) -> DictRow | None:
        """The row of a statement, if there is one."""
        with self._pool.connection() as connection:
            return connection.execute(query, parameters).fetchone()

    def do(self, query: LiteralString, parameters: Any) -> int:
        """Carry out a statement; returns how many rows it changed."""
        with self._pool.connection() as connection:
            return connection.execute(query, parameters).rowcount

    def own(self, table: str, row: DictRow | None, *beside: str) -> DictRow | None:
        """A row if this installation wrote it; what is `beside` it, its mark does not cover."""
        if row is None:
            return None
        covered = {name: value for name, value in row.items() if name not in beside}
        if self._rows.wrote(table, covered):
            return row
        LOG.warning("a row of identity.%s was not written here: %s", table, row.get("account"))
        self._doubt(table)
        return None

    def reserve(self, login: str, account: UUID) -> bool:
        """Let an account sign in under a name; whether no other account does already."""
        self.do(
            "insert into identity.login (login, account) values (%s, %s) on conflict do nothing",
            (login, account),
        )
        return self.account_of(login) == account

    def release(self, login: str, account: UUID) -> None:
        """Give a name back under which no account was opened."""
        self.do("delete from identity.login where login = %s and account = %s", (login, account))

    def account_of(self, login: str) -> UUID | None:
        """Which account signs in under a name."""
        row = self.one("select account from identity.login where login = %s", (login,))
        return row["account"] if row else None

    def logins(self, after: str, limit: int) -> list[tuple[str, UUID]]:
        """Names and accounts in the order of names, after one of them."""
        with self._pool.connection() as connection:
            rows = connection.execute(
                "select login, account from identity.login where login > %s"
                " order by login limit %s",
                (after, limit),
            )
            return [(row["login"], row["account"]) for row in rows]

    def keep_password(self, password: KeptPassword) -> None:
        """Replace the password of an account, unless a newer one is kept."""
        self.do(
            "insert into identity.password as p (account, version, hash, expires_at, mark)"
            " values (%(account)s, %(version)s, %(hash)s, %(expires_at)s, %(mark)s)"
            " on conflict (account) do update set version = excluded.version,"
            " hash = excluded.hash, expires_at = excluded.expires_at, mark = excluded.mark"
            " where p.version <= excluded.version",
            self._rows.marked("password", asdict(password)),
        )

    def password_for(self, login: str) -> KeptPassword | None:
        """The password under a name: one statement, whether or not there is such a name."""
        row = self.one(
            "select p.account, p.version, p.hash, p.expires_at, p.mark"
            " from identity.login join identity.password as p using (account) where login = %s",
            (login,),
        )
        return self.password_from(row)

    def password_of(self, account: UUID) -> KeptPassword | None:
        """The password of an account."""
        row = self.one(
            "select account, version, hash, expires_at, mark"
            " from identity.password where account = %s",
            (account,),
        )
        return self.password_from(row)

    def password_from(self, row: DictRow | None) -> KeptPassword | None:
        """A password of a row that this installation wrote."""
        own = self.own("password", row)
        return KeptPassword(**kept_in(KeptPassword, own)) if own else None

    def keep_factor(self, factor: KeptFactor) -> None:
        """Keep a second factor; it proves nothing before the log has it."""
        facts = {**asdict(factor), "kind": factor.kind.value}
        counter = facts.pop("counter")
        self.do(
            "insert into identity.factor"
            " (id, account, kind, label, secret, credential, counter, mark)"
            " values (%(id)s, %(account)s, %(kind)s, %(label)s, %(secret)s, %(credential)s,"
            " %(counter)s, %(mark)s) on conflict do nothing",
            {**self._rows.marked("factor", facts), "counter": counter},
        )

    def factors_of(self, account: UUID) -> list[KeptFactor]:
        """The second factors of an account."""
        with self._pool.connection() as connection:
            rows = connection.execute(
                "select id, account, kind, label, secret, credential, counter, mark"
                " from identity.factor where account = %s order by id",
                (account,),
            )
            return [factor for row in rows if (factor := self.factor_from(row)) is not None]

    def factor_by(self, credential: bytes) -> KeptFactor | None:
        """The passkey with this id."""
        row = self.one(
            "select id, account, kind, label, secret, credential, counter, mark"
            " from identity.factor where credential = %s",
            (credential,),
        )
        return self.factor_from(row)

    def factor_from(self, row: DictRow | None) -> KeptFactor | None:
        """A factor of a row that this installation wrote; when it was used last, nothing proves."""
        own = self.own("factor", row, "counter")
        if own is None:
            return None
        return KeptFactor(**{**kept_in(KeptFactor, own), "kind": FACTORS[own["kind"]]})

    def advance(self, factor: UUID, seen: int, counter: int) -> bool:
        """Note the last use of a factor; False when another use came in between."""
        return bool(
            self.do(
                "update identity.factor set counter = %s where id = %s and counter = %s",
                (counter, factor, seen),
            )
        )

    def forget_factor(self, factor: UUID) -> None:
        """Drop the secret of a factor that the log has no more."""
        self.do("delete from identity.factor where id = %s", (factor,))

    def begin_session(self, session: KeptSession, hashed: bytes) -> None:
        """Keep a new session; whatever is over is dropped."""
        self.tidy(session.opened_at)
        self.do(
            "insert into identity.session (id, hash, former, account, role, office, methods,"
            " acting, version, opened_at, proved_at, used_at, rotated_at, ends_at, mark)"
            " values (%(id)s, %(hash)s, %(former)s, %(account)s, %(role)s, %(office)s, %(methods)s,"
            " %(acting)s, %(version)s, %(opened_at)s, %(proved_at)s, %(used_at)s, %(rotated_at)s,"
            " %(ends_at)s, %(mark)s)",
            self._rows.marked("session", facts_of(session, hashed, None)),
        )

    def tidy(self, now: datetime) -> None:
        """Drop sessions that ended, failures long past, and revocations of what has expired."""
        self.do("delete from identity.session where ends_at < %s", (now,))
        self.do("delete from identity.revoked where expires_at < %s", (now,))
        self.do(
            "delete from identity.failure where last_at < %s"
            " and (blocked_until is null or blocked_until < %s)",
            (now - FORGOTTEN, now),
        )

    def session(self, hashed: bytes) -> KeptSession | None:
        """The session of a secret, also of the secret before the last rotation."""
        row = self.own("session", self.one(SESSION, {"hash": hashed}), "by_former", "head")
        return session_from(row) if row else None

    def change_session(
        self, session: KeptSession, hashed: bytes | None = None, seen: bytes | None = None
    ) -> bool:
        """Keep what a session became, under a new secret if there is one.

        With `seen`, the hash under which it was found, only if it is still that; then False tells
        that another request was faster. What is there is looked at before it is marked anew.
        """
        with self._pool.connection() as connection, connection.transaction():
            row = connection.execute(SESSION_HELD, {"id": session.id}).fetchone()
            held = self.own("session", row)
            if held is None or seen not in (None, held["hash"]):
                return False
            former = held["former"] if hashed is None else held["hash"]
            facts = facts_of(session, hashed or held["hash"], former)
            connection.execute(SESSION_CHANGED, self._rows.marked("session", facts))
            return True

    def end_session(self, session: UUID) -> None:
        """Drop a session."""
        self.do("delete from identity.session where id = %s", (session,))

    def keep_token(self, token: UUID, hashed: bytes, account: UUID) -> None:
        """Keep the hash of a token's secret; a later one takes the place of an earlier."""
        self.do(
            "insert into identity.token (id, hash, account, mark)"
            " values (%(id)s, %(hash)s, %(account)s, %(mark)s) on conflict (id) do update set"
            " hash = excluded.hash, account = excluded.account, mark = excluded.mark",
            self._rows.marked("token", {"id": token, "hash": hashed, "account": account}),
        )

    def token(self, hashed: bytes) -> tuple[UUID, UUID, int] | None:
        """Id and account of the token of a secret, and the version of the account's log."""
        row = self.own("token", self.one(TOKEN, {"hash": hashed}), "head")
        return (row["id"], row["account"], row["head"]) if row else None

    def revoke(self, token: UUID, expires_at: datetime) -> None:
        """Let a token of `huhang token` open nothing any more."""
        self.do(
            "insert into identity.revoked (token, expires_at) values (%s, %s)"
            " on conflict do nothing",
            (token, expires_at),
        )

    def standing_of(self, token: UUID, account: UUID) -> tuple[bool, int]:
        """Whether a token of `huhang token` was revoked; how far the account's log goes, 0 none."""
        row = self.one(OPERATOR_TOKEN, {"token": token, "account": account})
        assert row is not None, "the statement always answers"
        return row["revoked"], row["head"]

    def link(self, hashed: bytes, link: UUID, account: UUID) -> bool:
        """Keep who somebody is for a provider; whether it is nobody else already."""
        self.do(
            "insert into identity.subject (hash, link, account, mark)"
            " values (%(hash)s, %(link)s, %(account)s, %(mark)s) on conflict do nothing",
            self._rows.marked("subject", {"hash": hashed, "link": link, "account": account}),
        )
        return self.linked(hashed) == (link, account)

    def linked(self, hashed: bytes) -> tuple[UUID, UUID] | None:
        """The link and account of somebody at a provider."""
        found = self.one(
            "select hash, link, account, mark from identity.subject where hash = %s", (hashed,)
        )
        row = self.own("subject", found)
        return (row["link"], row["account"]) if row else None

    def unlink(self, link: UUID) -> None:
        """Drop a link."""
        self.do("delete from identity.subject where link = %s", (link,))

    def attempt(self, key: bytes, now: datetime) -> Attempt | None:
        """Count a try before it is looked at; None while tries wait, which are not counted.

        A waiting of longer than there is was put there: it is as if there was none.
        """
        asked = {
            "key": key,
            "now": now,
            "forgotten": now - FORGOTTEN,
            "allowed": ALLOWED,
            "first": FIRST_BLOCK,
            "longest": LONGEST_BLOCK,
        }
        row = self.one(ATTEMPT, asked)
        until = self.blocked_until(key) if row is None else None
        if until is not None and until > now + LONGEST_BLOCK:
            LOG.warning("a row of identity.failure was not written here: tries wait to %s", until)
            self._doubt("failure")
            self.forget_failures(key)
            row = self.one(ATTEMPT, asked)
        return Attempt(**row) if row else None

    def blocked_until(self, key: bytes) -> datetime | None:
        """Until when tries wait."""
        row = self.one("select blocked_until from identity.failure where key = %s", (key,))
        return row["blocked_until"] if row else None

    def forget_failures(self, key: bytes) -> None:
        """Count from one again, after a success or by an administrator."""
        self.do("delete from identity.failure where key = %s", (key,))

    def ask(
        self, hashed: bytes, purpose: str, holds: Mapping[str, Any], now: datetime, ends: datetime
    ) -> None:
        """Keep a question for a while; those that nobody answered in time are dropped."""
        self.do("delete from identity.challenge where expires_at < %s", (now,))
        facts = {"hash": hashed, "purpose": purpose, "holds": dict(holds), "expires_at": ends}
        self.do(
            "insert into identity.challenge (hash, purpose, holds, expires_at, mark)"
            " values (%(hash)s, %(purpose)s, %(holds)s, %(expires_at)s, %(mark)s)",
            {**self._rows.marked("challenge", facts), "holds": Jsonb(dict(holds))},
        )

    def answered(self, hashed: bytes, purpose: str, now: datetime) -> dict[str, Any] | None:
        """What a question holds, once; None for one not asked, answered before or too old."""
        found = self.one(
            "delete from identity.challenge where hash = %s and purpose = %s and expires_at > %s"
            " returning hash, purpose, holds, expires_at, mark",
            (hashed, purpose, now),
        )
        row = self.own("challenge", found)
        return row["holds"] if row else None


def kept_in(kind: type, row: DictRow) -> dict[str, Any]:
    """The columns of a row that are fields of what it keeps."""
    return {field.name: row[field.name] for field in fields(kind)}


def session_from(row: DictRow) -> KeptSession:
    """A session of a row."""
    methods = tuple(METHODS[method] for method in row["methods"])
    known = kept_in(KeptSession, row)
    return KeptSession(**{**known, "role": ROLES[row["role"]], "methods": methods})


def facts_of(session: KeptSession, hashed: bytes, former: bytes | None) -> dict[str, Any]:
    """The columns of a session's row under a secret, and the one before it."""
    facts = {
        **asdict(session),
        "role": session.role.value,
        "methods": [method.value for method in session.methods],
        "hash": hashed,
        "former": former,
    }
    del facts["by_former"], facts["head"]
    return facts


@contextmanager
def open_identity_store(
    database: Database, rows: OwnRows, doubt: Callable[[str], None]
) -> Iterator[IdentityStore]:
    """The store over a pool of connections."""
    pool: ConnectionPool[Connection] = ConnectionPool(
        database.identity,
        min_size=1,
        max_size=MOST_CONNECTIONS,
        timeout=ANSWERED_WITHIN,
        kwargs={"autocommit": True, "row_factory": dict_row},
        configure=bound_instants,
        open=True,
    )
    try:
        yield IdentityStore(pool, rows, doubt)
    finally:
        pool.close()
