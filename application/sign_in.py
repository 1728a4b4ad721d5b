"""Signing in: a password, a code, and what is to be done before acting.

Whoever fails learns nothing: an unknown name, a wrong password, a locked account, no post and a
password past its time get the same answer after the same work.
"""

from __future__ import annotations

import logging
from base64 import b64decode, b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Final, NamedTuple
from uuid import UUID, uuid4

import pyotp

from application.accounts import AccountStates
from application.identity_keys import IdentityKeys
from application.identity_store import Attempt, IdentityStore, KeptFactor, KeptPassword
from application.limits import Buckets, TooMany
from application.passwords import Passwords, require_fit
from application.records import Command, Records
from application.sessions import NotActing, Session, SessionOver, Sessions
from domain.account import Account
from domain.account_events import Factor
from domain.base import Refused
from domain.values import FactorKind, Role, SignInMethod, SignInStep

STEP: Final = 30  # seconds that a code lasts (RFC 6238)
DRIFT: Final = (0, -1, 1)  # steps: clocks of telephones are half a minute off at most
ENROLLING: Final = timedelta(minutes=10)  # to put a secret into a telephone

TRIES: Final = 30  # in a row from one address, an office behind one router
TRIES_PER_SECOND: Final = 0.5  # after those

LOG: Final = logging.getLogger("huhang")


class SignInRefused(Exception):  # noqa: N818 - said to people
    """Nobody is let in; it does not say why."""


class Enrolment(NamedTuple):
    """The secret of a TOTP factor to be confirmed, as text and as an address for a QR code."""

    factor: UUID
    secret: str
    uri: str


def door() -> Buckets:
    """The tries of each address."""
    return Buckets(TRIES_PER_SECOND, TRIES)


@dataclass(frozen=True, slots=True)
class SignIn:
    """The steps from a stranger to somebody who acts."""

    records: Records
    store: IdentityStore
    keys: IdentityKeys
    states: AccountStates
    sessions: Sessions
    passwords: Passwords
    system: Callable[[], Command]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    door: Buckets = field(default_factory=door)
    aftermath: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="lock-out")
    )
    """Notes lock-outs and rings after the answer: its time must not tell which names exist."""

    def with_password(
        self, login: str, password: str, post: tuple[Role, UUID] | None, address: str
    ) -> Session:
        """A session after a password. Raises `SignInRefused`, `TooMany`."""
        self.door.take(address)
        key = self.keys.tag("login", login)
        with self.passwords.places.taken():
            attempt = self.attempt(key)
            kept = self.store.password_for(login)
            account = self.matching(kept, password)
        session = self.begun(account, post)
        if session is None:
            if kept is not None:
                self.note_failure(kept.account, attempt)
            raise SignInRefused
        self.store.forget_failures(key)
        return session

    def begun(self, account: Account | None, post: tuple[Role, UUID] | None) -> Session | None:
        """The session after the password of an account; None where none may begin.

        A right password that lets nobody in counts as a failure: it would tell that it is right.
        """
        if account is None:
            return None
        try:
            return self.sessions.begin(account, SignInMethod.PASSWORD, post)
        except SessionOver:
            return None

    def matching(self, kept: KeptPassword | None, password: str) -> Account | None:
        """The account of a password; None when it is another, void, or past its time."""
        if not self.passwords.matches(kept.hash if kept else None, password) or kept is None:
            return None
        account = self.states.newest(kept.account)
        expired = kept.expires_at is not None and self.clock() >= kept.expires_at
        return None if expired or account.password != kept.version else account

    def with_code(self, session: Session, code: str) -> Session:
        """The session after a code of a TOTP factor. Raises `SignInRefused`, `TooMany`."""
        key = self.keys.tag("code", str(session.account.id))
        attempt = self.attempt(key)
        for factor in self.store.factors_of(session.account.id):
            if factor.kind is FactorKind.TOTP and factor.id in session.account.factors:
                secret = self.keys.unseal(factor.id, factor.secret).decode()
                step = self.step_of(secret, code)
                if step is not None and step > factor.counter:
                    if not self.store.advance(factor.id, factor.counter, step):
                        break  # the same code was used at the same time
                    proved = self.sessions.prove(session, SignInMethod.TOTP)
                    self.store.forget_failures(key)
                    return proved
        self.note_failure(session.account.id, attempt)
        raise SignInRefused

    def step_of(self, secret: str, code: str) -> int | None:
        """The step of time whose code this is, now or half a minute off."""
        totp, now = pyotp.TOTP(secret, interval=STEP), int(self.clock().timestamp()) // STEP
        for drift in DRIFT:
            if compare_digest(totp.generate_otp(now + drift).encode(), code.encode()):
                return now + drift
        return None

    def change_password(self, session: Session, present: str, new: str) -> Session:
        """Choose another password, proving the present one; all other sessions are void.

        Raises `NotActing`, `SignInRefused`, `TooMany`, `Refused`.
        """
        if session.step(self.clock()) not in (None, SignInStep.CHANGE_PASSWORD):
            raise NotActing
        stream, opening = session.account.id, session.account.opening
        assert opening is not None, "only who has an account has a session"
        key = self.keys.tag("login", opening.login)
        with self.passwords.places.taken():
            attempt = self.attempt(key)
            kept = self.store.password_of(stream)
            if self.matching(kept, present) is None:
                self.note_failure(stream, attempt)
                raise SignInRefused
            self.store.forget_failures(key)
            if new == present:
                raise Refused("password-same")
            office = self.records.jurisdiction.name_of(session.actor.office)
            require_fit(new, opening.login, (office,))
            hashed = self.passwords.hash(new)
        receipt = self.records.change(
            Command(session.actor),
            Account,
            stream,
            Account.change_password,
            check=self.sessions.standing(session),
        )
        version = self.records.version_at(receipt.last_position)
        self.store.keep_password(KeptPassword(stream, version, hashed, None))
        return self.sessions.renew(session, version, proved_at=self.clock())

    def enrol(self, session: Session, label: str) -> Enrolment:
        """A secret for a telephone, which counts once a code of it was shown."""
        self.require_may_add(session)
        opening = session.account.opening
        assert opening is not None, "only who has an account has a session"
        factor, secret = uuid4(), pyotp.random_base32()
        sealed = b64encode(self.keys.seal(factor, secret.encode())).decode()
        now = self.clock()
        self.store.ask(
            self.keys.hash_of(str(factor)),
            "totp",
            {"account": str(session.account.id), "label": label, "sealed": sealed},
            now,
            now + ENROLLING,
        )
        uri = pyotp.TOTP(secret).provisioning_uri(name=opening.login, issuer_name="Huhang")
        return Enrolment(factor, secret, uri)

    def confirm(self, session: Session, factor: UUID, code: str) -> Session:
        """Add the factor whose code this is. Raises `SignInRefused`: a new secret is needed."""
        self.require_may_add(session)
        stream = session.account.id
        asked = self.store.answered(self.keys.hash_of(str(factor)), "totp", self.clock())
        if asked is None or asked["account"] != str(stream):
            raise SignInRefused
        sealed = b64decode(asked["sealed"])
        step = self.step_of(self.keys.unseal(factor, sealed).decode(), code)
        if step is None:
            raise SignInRefused
        kept = KeptFactor(factor, stream, FactorKind.TOTP, asked["label"], sealed, None, step)
        self.add(session, kept)
        return self.sessions.prove(session, SignInMethod.TOTP)

    def add(self, session: Session, kept: KeptFactor) -> None:
        """Let the log say that the person has a factor, whose row is there already."""
        self.store.keep_factor(kept)
        factor = Factor(id=kept.id, kind=kept.kind, label=kept.label)
        self.records.change(
            Command(session.actor),
            Account,
            kept.account,
            Account.add_factor,
            factor,
            check=self.sessions.standing(session),
        )

    def remove(self, session: Session, factor: UUID) -> Session:
        """Remove a factor of one's own. Raises `NotActing`, `Refused`, `StaleProof`."""
        self.sessions.require_finished(session)
        self.sessions.require_fresh(session)
        self.records.change(
            Command(session.actor),
            Account,
            session.account.id,
            Account.remove_factor,
            factor,
            check=self.sessions.standing(session),
        )
        self.store.forget_factor(factor)
        return self.sessions.renew(session)

    def require_may_add(self, session: Session) -> None:
        """Refuse to add a factor in place of one that is asked for, or long after proving oneself.

        Raises `NotActing`, `StaleProof`.
        """
        if session.step(self.clock()) not in (None, SignInStep.ADD_FACTOR):
            raise NotActing
        self.sessions.require_fresh(session)

    def attempt(self, key: bytes) -> Attempt:
        """Count a try. Raises `TooMany` while tries wait."""
        attempt = self.store.attempt(key, self.clock())
        if attempt is None:
            until = self.store.blocked_until(key) or self.clock()
            raise TooMany((until - self.clock()).total_seconds())
        return attempt

    def note_failure(self, account: UUID, attempt: Attempt) -> None:
        """Let the log say, soon, that further tries wait because of this one."""
        if attempt.blocked_until is not None:
            self.aftermath.submit(self.note_lock_out, account, attempt)

    def note_lock_out(self, account: UUID, attempt: Attempt) -> None:
        """Let the log say that tries of an account wait."""
        try:
            self.records.change(
                self.system(),
                Account,
                account,
                Account.lock_out,
                attempt.failures,
                attempt.blocked_until,
            )
        except Exception as error:
            LOG.error("a lock-out of account %s was not noted: %s", account, error)

    def close(self) -> None:
        """Note what is still to be noted."""
        self.aftermath.shutdown()
