"""Sessions: who is signed in, in which post, as long as the account's log allows it.

A session is a row, never what a browser says. Its secret is replaced every quarter of an hour; one
that was replaced before opens nothing and ends the session, for somebody else may have it.
"""

from __future__ import annotations

import logging
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Final
from uuid import UUID, uuid4

from application.accounts import AccountStates
from application.eventlog import Conflict, Receipt
from application.identity_keys import IdentityKeys, new_secret
from application.identity_store import IdentityStore, KeptSession
from application.records import Actor, Check, Command, Records
from domain.account import Account
from domain.account_events import Post
from domain.base import Stamp, day
from domain.values import Role, SignInMethod, SignInStep

IDLE: Final = timedelta(minutes=30)  # a desk that somebody left
LONGEST: Final = timedelta(hours=12)  # a working day, with overtime
UNFINISHED: Final = timedelta(minutes=10)  # for a second factor, or to choose a password
ROTATED: Final = timedelta(minutes=15)  # how long one secret is used
GRACE: Final = timedelta(seconds=60)  # requests under way when it was replaced come in within that
NOTED: Final = timedelta(minutes=1)  # how exactly the last use is kept: no write a request
AGAIN: Final = 5  # times that a signing in is noted anew when its account changed meanwhile
FRESH: Final = timedelta(minutes=15)  # how long one may change factors after having proved oneself

LOG: Final = logging.getLogger("huhang")


class SessionOver(Exception):  # noqa: N818 - said to people
    """The session lets nobody in: it ended, or what it rests on was taken away."""


class NotActing(Exception):  # noqa: N818 - said to people
    """The session is not there yet: something is still to be proved or chosen."""


class StaleProof(Exception):  # noqa: N818 - said to people
    """Too long ago to change factors or to issue tokens."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is good, and its account; `secret` where the browser gets a new one."""

    kept: KeptSession
    account: Account
    secret: str | None = None

    @property
    def person(self) -> UUID:
        """Whose session it is."""
        opening = self.account.opening
        assert opening is not None, "only who has an account signs in"
        return opening.person

    @property
    def actor(self) -> Actor:
        """Who acts in it."""
        return Actor(self.person, self.kept.role, self.kept.office)

    def step(self, now: datetime) -> SignInStep | None:
        """What is still to be done before acting."""
        return self.account.step_after(self.kept.methods, day(now))


@dataclass(frozen=True, slots=True)
class Sessions:
    """Begins, checks and ends sessions."""

    records: Records
    store: IdentityStore
    keys: IdentityKeys
    states: AccountStates
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def begin(
        self, account: Account, method: SignInMethod, post: tuple[Role, UUID] | None
    ) -> Session:
        """A session after a first proof, in the post that was asked for or the one held longest.

        Raises `SessionOver` where no such post is held, or the account is locked.
        """
        now = self.clock()
        chosen = chosen_post(account, post, now)
        if chosen is None or account.locked:
            raise SessionOver
        secret = new_secret()
        kept = KeptSession(
            uuid4(), account.id, chosen.role, chosen.office, (method,), False, account.version,
            now, now, now, now, now + UNFINISHED,
        )  # fmt: skip
        self.store.begin_session(kept, self.keys.hash_of(secret))
        return self.go_on(Session(kept, account, secret))

    def prove(self, session: Session, method: SignInMethod) -> Session:
        """The session after one more proof, under a new secret."""
        methods = tuple(dict.fromkeys((*session.kept.methods, method)))
        return self.renew(session, methods=methods, proved_at=self.clock())

    def renew(self, session: Session, own: int = 0, **changes: object) -> Session:
        """The session with these changes, under a new secret, as its account is now.

        Raises `SessionOver` where it was voided meanwhile; `own` is the version of an event that
        voids only the others.
        """
        account, secret = self.states.newest(session.account.id), new_secret()
        if not account.honours(max(session.kept.version, own)):
            raise SessionOver
        kept = replace(
            session.kept,
            version=account.version,
            rotated_at=self.clock(),
            **changes,  # type: ignore[arg-type]  # names of its own fields
        )
        self.store.change_session(kept, self.keys.hash_of(secret))
        return self.go_on(Session(kept, account, secret))

    def go_on(self, session: Session) -> Session:
        """Let the person act, once nothing is left to be proved; the log says so first."""
        now = self.clock()
        if session.kept.acting or session.step(now) is not None:
            return session
        receipt = self._signed_in(session)
        # Of the signing in, not of what the account is now: that may void this session already.
        version = self.records.version_at(receipt.last_position)
        account = self.states.newest(session.account.id)
        kept = replace(
            session.kept, acting=True, version=version, used_at=now, ends_at=now + LONGEST
        )
        self.store.change_session(kept)
        return Session(kept, account, session.secret)

    def _signed_in(self, session: Session) -> Receipt:
        """What the log says of a signing in, asked again where the account changed meanwhile.

        The note of a lock-out does that a moment after the failures.
        """
        command, account = Command(session.actor), session.account.id
        facts, check = (session.kept.id, session.kept.methods), self.standing(session)
        for _ in range(AGAIN):
            with suppress(Conflict):
                return self.records.change(
                    command, Account, account, Account.sign_in, *facts, check=check
                )
        return self.records.change(command, Account, account, Account.sign_in, *facts, check=check)

    def switch(self, session: Session, role: Role, office: UUID) -> Session:
        """Go on in another post that is held. Raises `NotActing`, `Refused`."""
        self.require_finished(session)
        actor = Actor(session.person, role, office)
        self.records.change(
            Command(actor),
            Account,
            session.account.id,
            Account.switch_post,
            session.kept.id,
            check=self.standing(session),
        )
        return self.renew(session, role=role, office=office)

    def end(self, session: Session, *, everywhere: bool = False) -> None:
        """End a session, or all of its person; it is over even where the log cannot say so.

        All only for who has proved enough to act. Raises `NotActing`.
        """
        if everywhere:
            self.require_finished(session)
        self.store.end_session(session.kept.id)
        self.records.change(
            Command(session.actor),
            Account,
            session.account.id,
            Account.sign_out,
            session.kept.id,
            everywhere,
        )

    def check(self, secret: str) -> Session:
        """The session of a secret, as far as it still counts. Raises `SessionOver`."""
        kept = self.store.session(self.keys.hash_of(secret))
        if kept is None:
            raise SessionOver
        now = self.clock()
        account = self.states.at(kept.account, kept.head)
        replaced = kept.by_former and now - kept.rotated_at > GRACE
        if replaced:
            LOG.warning("session %s ended: a secret was used that had been replaced", kept.id)
        if (
            replaced
            or now >= kept.ends_at
            or now - kept.used_at >= IDLE
            or not account.honours(kept.version)
            or not account.holds(kept.role, kept.office, day(now))
        ):
            self.store.end_session(kept.id)
            raise SessionOver
        return self.used(Session(kept, account), secret, now)

    def used(self, session: Session, secret: str, now: datetime) -> Session:
        """Note that it was used, and replace its secret when it is time."""
        kept = session.kept
        if kept.by_former:
            return session
        hashed = self.keys.hash_of(secret)
        if now - kept.rotated_at >= ROTATED:
            fresh, renewed = new_secret(), replace(kept, used_at=now, rotated_at=now)
            if self.store.change_session(renewed, self.keys.hash_of(fresh), hashed):
                return Session(renewed, session.account, fresh)
        elif now - kept.used_at >= NOTED:
            self.store.change_session(replace(kept, used_at=now), seen=hashed)
        return session

    def require_finished(self, session: Session) -> None:
        """Refuse to act before everything is proved, also what a new post asks for since.

        Raises `NotActing`.
        """
        if not session.kept.acting or session.step(self.clock()) is not None:
            raise NotActing

    def require_fresh(self, session: Session) -> None:
        """Refuse what a passer-by at an open desk must not do. Raises `StaleProof`."""
        if self.clock() - session.kept.proved_at > FRESH:
            raise StaleProof

    def standing(self, session: Session) -> Check:
        """Refuse what is asked in a session that was voided meanwhile. Raises `SessionOver`.

        Asked when the account is loaded: what voids the session later makes the step a conflict, so
        that nothing it brings outlives it.
        """

        def require(_: Stamp) -> None:
            if not self.states.newest(session.account.id).honours(session.kept.version):
                raise SessionOver

        return require

    def csrf_token(self, session: Session) -> str:
        """What a page of ours sends along with every change, and no other page can know."""
        return urlsafe_b64encode(self.keys.tag("csrf", str(session.kept.id))).decode().rstrip("=")

    def knows_csrf_token(self, session: Session, token: str) -> bool:
        """Whether a request comes with the token of its session."""
        return compare_digest(token.encode(), self.csrf_token(session).encode())


def chosen_post(account: Account, wanted: tuple[Role, UUID] | None, now: datetime) -> Post | None:
    """The post to act in; None when it is not held, or none is."""
    held = account.posts_on(day(now))
    if wanted is None:
        return min(held, key=lambda post: post.since, default=None)
    return next((post for post in held if (post.role, post.office) == wanted), None)
