"""Everything that tells who somebody is, wired once over the log and the schema `identity`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from application.accounts import Accounts, AccountStates
from application.alarms import Alarm, ring
from application.api_tokens import ApiTokens
from application.beginning import by_the_system
from application.database import Database
from application.identity_keys import identity_keys
from application.identity_store import IdentityStore, open_identity_store
from application.keys import author_of
from application.oidc import Oidc
from application.own_rows import own_rows
from application.passkeys import Passkeys
from application.passwords import Passwords
from application.records import Actor, Records
from application.sessions import Sessions
from application.settings import Settings
from application.sign_in import SignIn
from application.tokens import LONGEST_HOURS, TokenRefused, Tokens
from application.vault import Vault
from domain.account import Account
from domain.account_events import account_id
from domain.base import day


@dataclass(frozen=True, slots=True)
class Identity:
    """The ways to be somebody here."""

    store: IdentityStore
    states: AccountStates
    accounts: Accounts
    sessions: Sessions
    sign_in: SignIn
    passkeys: Passkeys
    oidc: Oidc
    api_tokens: ApiTokens
    tokens: Tokens
    clock: Callable[[], datetime]

    def operator(self, token: str) -> tuple[Actor, Account | None]:
        """Who acts under a token of `huhang token`, and his account. Raises `TokenRefused`.

        Whoever has an account acts only as the account allows.
        """
        claims = self.tokens.read(token)
        revoked, head = self.store.standing_of(claims.jti, account_id(claims.sub))
        if revoked:
            raise TokenRefused("The token was revoked; take a new one.")
        if not head:
            return claims.actor, None
        account = self.states.at(account_id(claims.sub), head)
        if not account.exists and not self.states.opened(account.id):
            return claims.actor, None  # what stands there nobody signed
        if account.locked or not account.holds(claims.role, claims.office, day(self.clock())):
            raise TokenRefused("Whose token this is may not act so any more; take a new one.")
        return claims.actor, account

    def revoke(self, token: UUID) -> None:
        """Let a token of `huhang token` open nothing any more."""
        self.store.revoke(token, self.clock() + timedelta(hours=LONGEST_HOURS))


@contextmanager
def open_identity(
    database: Database,
    settings: Settings,
    records: Records,
    vault: Vault,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[Identity]:
    """The identity of this installation."""
    author = author_of(settings)
    aftermath = ThreadPoolExecutor(1, thread_name_prefix="sign-in-aftermath")

    def doubt(table: str) -> None:
        """Ring, after the answer, for a row that is as if it was not there."""
        aftermath.submit(ring, settings.home, not_written_here(table))

    with open_identity_store(database, own_rows(settings.home, "identity"), doubt) as store:
        keys, states = identity_keys(settings), AccountStates(records.newest[Account])
        passwords = Passwords(keys.pepper)
        sessions = Sessions(records, store, keys, states, clock)
        sign_in = SignIn(
            records, store, keys, states, sessions, passwords, lambda: by_the_system(author),
            clock, aftermath=aftermath,
        )  # fmt: skip
        try:
            yield Identity(
                store,
                states,
                Accounts(records, vault, store, keys, states, passwords, clock),
                sessions,
                sign_in,
                Passkeys(store, keys, states, sessions, sign_in, clock),
                Oidc(settings, records, vault, store, keys, states, sessions, sign_in, clock),
                ApiTokens(records, store, keys, states, sessions, clock),
                Tokens(settings, clock=clock),
                clock,
            )
        finally:
            sign_in.close()


def not_written_here(table: str) -> Alarm:
    """What is to be said of a row that gives power and does not bear our mark."""
    return Alarm(
        f"A row of identity.{table} was put there or changed by somebody else than this "
        "installation; it lets nobody in, and the log of the program says whose it is. Find out "
        "who administers the database. Where keys/identity.key was replaced, older rows are such."
    )
