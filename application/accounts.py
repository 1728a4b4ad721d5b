"""The accounts desk: who may act, given and taken by administrators; what each account is now."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from application.blind_index import NumberKind, Term
from application.drafts import SELF
from application.eventlog import Conflict as Overtaken
from application.eventlog import Receipt
from application.identity_keys import IdentityKeys
from application.identity_store import IdentityStore, KeptPassword
from application.jurisdiction import Forbidden, NotFound, Spot, forbidden
from application.keys import pseudonym_of
from application.newest import Newest
from application.passwords import Passwords, once
from application.policy import Action, Reach, reach
from application.records import Actor, Check, Command, Decision, Records
from application.vault import Drafts, Vault
from domain.account import Account
from domain.account_events import (
    Acquaintance,
    Conflict,
    LoginName,
    Opening,
    Post,
    account_id,
)
from domain.base import Refused, Stamp, Text, Value, day
from domain.log import LOG_ID, Log
from domain.practitioner import Practitioner
from domain.values import AcquaintanceRelation, Role

ONCE_LASTS: Final = timedelta(hours=72)  # of a password that an administrator gave: a long weekend
AT_ONCE: Final = 200  # login names looked at together

LOG: Final = logging.getLogger("huhang")


class OpeningFacts(Value):
    """A new account as it is written down: the name is not sealed yet."""

    login: LoginName
    name: Text
    office: UUID


class AcquaintanceFacts(Value):
    """Who is near to a person, as it is written down: the number is not sealed yet."""

    id: UUID
    relation: AcquaintanceRelation
    by: NumberKind
    number: Text

    def draft(self, drafts: Drafts) -> Acquaintance:
        """As the domain passes it on, to be found by the number; raises `Refused` without one.

        Under a key of its own: what is said of one is erased beside nobody else.
        """
        term = Term.of(self.by, self.number)
        if term is None:
            raise Refused("number-missing", by=self.by)
        number = drafts.of(f"{self.relation}:{self.id}", self.number, [term])
        return Acquaintance(id=self.id, relation=self.relation, number=number)


class OnePassword(NamedTuple):
    """A password for one sign-in, said once; `receipt` is that of its trace in the log."""

    receipt: Receipt
    password: str
    expires_at: datetime


class Listed(NamedTuple):
    """An account in a list; its person's name is sealed."""

    person: UUID
    login: str
    office: UUID
    posts: tuple[Post, ...]
    factors: int
    locked: bool


@dataclass(frozen=True, slots=True)
class AccountStates:
    """What accounts are now: folded once, then only what was recorded since."""

    accounts: Newest[Account]

    def at(self, account: UUID, head: int) -> Account:
        """An account after at least so many of its events."""
        known = self.accounts.known(account)
        return self.newest(account) if known is None or known.version < head else own(known)

    def newest(self, account: UUID) -> Account:
        """An account after all of its events; without any, one that nobody opened."""
        return own(self.accounts.of(account))

    def opened(self, account: UUID) -> bool:
        """Whether somebody opened an account, in whatever name."""
        return self.accounts.of(account).exists


def own(account: Account) -> Account:
    """An account, as if nobody had opened it where the log names another person than its stream.

    Who signs in there would act in that name.
    """
    if account.opening is not None and account_id(account.opening.person) != account.id:
        LOG.error("account %s is opened in the name of somebody else in the log", account.id)
        return Account(account.id)
    return account


@dataclass(frozen=True, slots=True)
class Accounts:
    """The commands of administrators on accounts, which are named by their person."""

    records: Records
    vault: Vault
    store: IdentityStore
    keys: IdentityKeys
    states: AccountStates
    passwords: Passwords
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def open(self, person: UUID, facts: OpeningFacts, by: Command) -> Receipt:
        """Open an account that its office looks after; the name is recorded sealed.

        Of a member of the team only where he is in reach: who opens an account gives its password.
        """
        stream = account_id(person)
        name = self.vault.drafts(stream).of(SELF, facts.name)
        opening = Opening(person=person, login=facts.login, name=name, office=facts.office)

        def check(_: Stamp) -> None:
            self.require_free(person)
            self.require_administrator(by.by, [facts.office, *self.offices_of_record(person)])
            if not self.store.reserve(facts.login, stream):
                raise Refused("login-taken", login=facts.login)

        try:
            return self.records.change(by, Account, stream, Account.open, opening, check=check)
        except Refused:
            if self.states.newest(stream).opening is None:
                self.store.release(facts.login, stream)
            raise

    def grant_role(self, person: UUID, post: Post, by: Command) -> Receipt:
        """Give a post at an office of one's own or below."""
        with self.within_sight(by.by, person):
            return self.records.change(
                by,
                Account,
                account_id(person),
                Account.grant_role,
                post,
                check=lambda _: self.require_administrator(by.by, [post.office]),
            )

    def end_role(self, person: UUID, role: Role, office: UUID, by: Command) -> Receipt:
        """End a post; whoever acts in it is refused from now on."""
        with self.within_sight(by.by, person):
            return self._insist(
                by,
                person,
                Account.end_role,
                role,
                office,
                check=lambda _: self.require_administrator(by.by, [office]),
            )

    def lock(self, person: UUID, by: Command) -> Receipt:
        """Let nobody act under an account."""
        return self._insist(by, person, Account.lock, check=self.reach(person, by))

    def unlock(self, person: UUID, by: Command) -> Receipt:
        """Let the person sign in again, whatever was guessed before."""
        stream = account_id(person)
        receipt = self.records.change(
            by, Account, stream, Account.unlock, check=self.reach(person, by)
        )
        self.forgive(stream)
        return receipt

    def remove_factor(self, person: UUID, factor: UUID, by: Command) -> Receipt:
        """Remove a second factor that its person has lost; all sessions are void.

        Never one's own: that is done in one's session, where it is asked who one is.
        """
        if by.by.id == person:
            raise Refused("self-administered")
        receipt = self._insist(
            by, person, Account.remove_factor, factor, check=self.reach(person, by)
        )
        self.store.forget_factor(factor)
        return receipt

    def unlink_identity(self, person: UUID, link: UUID, by: Command) -> Receipt:
        """Let a provider vouch no longer for a person."""
        receipt = self._insist(
            by, person, Account.unlink_identity, link, check=self.reach(person, by)
        )
        self.store.unlink(link)
        return receipt

    def revoke_token(self, person: UUID, token: UUID, by: Command) -> Receipt:
        """Let an API token of a person, or of one's own, open nothing any more."""
        return self._insist(by, person, Account.revoke_token, token, check=self.reach(person, by))

    def declare_conflict(self, person: UUID, conflict: Conflict, by: Command) -> Receipt:
        """Say with what a person, or oneself, must not work."""
        return self.records.change(
            by,
            Account,
            account_id(person),
            Account.declare_conflict,
            conflict,
            check=self.reach(person, by),
        )

    def withdraw_conflict(self, person: UUID, conflict: UUID, by: Command) -> Receipt:
        """Take a declaration of somebody else back, with a reason."""
        return self.records.change(
            by,
            Account,
            account_id(person),
            Account.withdraw_conflict,
            conflict,
            check=self.reach(person, by),
        )

    def declare_acquaintance(self, person: UUID, facts: AcquaintanceFacts, by: Command) -> Receipt:
        """Say by a number who is near to a person, or to oneself; it is recorded sealed."""
        stream, check = account_id(person), self.reach(person, by)
        acquaintance = facts.draft(self.vault.drafts(stream))
        return self.records.change(
            by, Account, stream, Account.declare_acquaintance, acquaintance, check=check
        )

    def withdraw_acquaintance(self, person: UUID, acquaintance: UUID, by: Command) -> Receipt:
        """Take such a declaration of somebody else back, with a reason."""
        return self.records.change(
            by,
            Account,
            account_id(person),
            Account.withdraw_acquaintance,
            acquaintance,
            check=self.reach(person, by),
        )

    def reset_password(self, person: UUID, by: Command) -> OnePassword:
        """Give a password for one sign-in, which voids the former one, all sessions and tokens.

        Recorded before the new one counts. The same request again gives another one in its place,
        to who reaches the account still.
        """
        check = self.reach(person, by)  # before a place is taken to hash what nobody will get
        stream, password = account_id(person), once()
        with self.passwords.places.taken():
            hashed = self.passwords.hash(password)
        receipt = self._insist(by, person, Account.reset_password, check=check)
        version = self.records.version_at(receipt.last_position)
        expires_at = self.clock() + ONCE_LASTS
        self.store.keep_password(KeptPassword(stream, version, hashed, expires_at))
        self.forgive(stream)
        return OnePassword(receipt, password, expires_at)

    def read(self, person: UUID, actor: Actor) -> Account:
        """An account that an actor administers, or his own. Raises `Forbidden`, `Refused`."""
        return self.require_reach(actor, person)

    def listed(self, actor: Actor, after: str) -> Iterator[Listed]:
        """The accounts within an administrator's reach, in the order of names after one of them.

        No page ends with a name that is not within reach: it would tell that there is one.
        """
        for login, stream in self.following(after):
            account = self.states.newest(stream)
            if account.opening is None or not self.reaches(actor, account):
                continue
            yield Listed(
                account.opening.person,
                login,
                account.opening.office,
                account.posts,
                len(account.factors),
                account.locked,
            )

    def following(self, after: str) -> Iterator[tuple[str, UUID]]:
        """The login names after one, with their accounts."""
        while names := self.store.logins(after, AT_ONCE):
            yield from names
            after = names[-1][0]

    def forgive(self, stream: UUID) -> None:
        """Count failures of an account from one again."""
        opening = self.states.newest(stream).opening
        assert opening is not None, "only an account that was opened is reset or unlocked"
        self.store.forget_failures(self.keys.tag("login", opening.login))
        self.store.forget_failures(self.keys.tag("code", str(stream)))

    def _insist(
        self, by: Command, person: UUID, decision: Decision, *facts: object, check: Check
    ) -> Receipt:
        """Take something away from an account, decided anew as often as it changes meanwhile.

        Otherwise its person puts it off by changing what is his own. Who names the version that he
        looked at is told of a change as ever. Raises `Overtaken` after many of them.
        """
        return self.records.insist(by, Account, account_id(person), decision, *facts, check=check)

    def reach(self, person: UUID, by: Command) -> Check:
        """Refuse whoever does not reach an account, now and once more before a step is recorded.

        Now, since of a request that was recorded before nothing else is asked, and what a step
        entails outside of the log, such as a new password, is done again.
        """
        self.require_reach(by.by, person)
        return lambda _: self.require_reach(by.by, person)

    @contextmanager
    def within_sight(self, actor: Actor, person: UUID) -> Iterator[None]:
        """Say to an administrator that there is no account, where it is nothing of his.

        Otherwise what is forbidden, or its version, would tell that there is one. Raises `Refused`.
        """
        try:
            yield
        except (Forbidden, Overtaken):
            if reach(actor, Action.MANAGE_ACCOUNTS) is Reach.NONE:
                raise
            account, sees = self.states.newest(account_id(person)), self.records.jurisdiction
            account.require_opened()
            if not sees.may_see(actor, Action.MANAGE_ACCOUNTS, account):
                raise Refused("account-not-opened") from None
            raise

    def require_reach(self, actor: Actor, person: UUID) -> Account:
        """The account of a person, for himself and for who administers all its offices.

        All of them: who gets hold of an account acts in each of its posts. To another
        administrator it is as if there was none. Raises `Forbidden`, `Refused`.
        """
        own = actor.id == person
        if not own and reach(actor, Action.MANAGE_ACCOUNTS) is Reach.NONE:
            raise forbidden(actor, Action.MANAGE_ACCOUNTS)
        account = self.states.newest(account_id(person))
        if not own and not self.reaches(actor, account):
            raise Refused("account-not-opened")
        account.require_opened()
        return account

    def reaches(self, actor: Actor, account: Account) -> bool:
        """Whether an actor administers an account, of nobody with whom he declared a conflict."""
        try:
            self.require_administrator(actor, account.administered_from(day(self.clock())))
        except Forbidden:
            return False
        return not self.records.jurisdiction.stays_out(actor, account)

    def require_administrator(self, actor: Actor, offices: Iterable[UUID]) -> None:
        """Refuse whoever does not administer all of these offices today. Raises `Forbidden`."""
        self.records.jurisdiction.require_offices(actor, Action.MANAGE_ACCOUNTS, offices)

    def spot_of(self, account: Account) -> Spot:
        """Where the office is that looks after an account."""
        return self.records.jurisdiction.spot_of_office(account.require_opened().office)

    def require_free(self, person: UUID) -> None:
        """Refuse the id of what is no person: of the system itself, a centre, a region, a case.

        Whoever acted under it would be told from it nowhere. Raises `Refused`, as for an account.
        """
        try:
            taken = self.records.kind_of(person) is not Practitioner
        except NotFound:
            log = self.records.find(Log, LOG_ID)
            taken = log is not None and person in map(pseudonym_of, log.authors)
        if taken:
            raise Refused("account-exists")

    def offices_of_record(self, person: UUID) -> Iterator[UUID]:
        """Where the record lies whose id a person has, such as a member of the team; if any."""
        try:
            record = self.records.record(person)
        except NotFound:
            return
        for spot in self.records.jurisdiction.whereabouts(record).spots:
            yield spot.centre or spot.region
