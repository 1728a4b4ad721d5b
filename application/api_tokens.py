"""API tokens: what lets a program act in a person's post, for some purposes and some time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final, NamedTuple
from uuid import UUID, uuid5

from pydantic import Field

from application.accounts import AccountStates
from application.eventlog import Receipt
from application.identity_keys import IdentityKeys, new_secret
from application.identity_store import IdentityStore
from application.records import Actor, Command, Records
from application.sessions import Session, Sessions
from application.tokens import TokenRefused
from domain.account import Account
from domain.account_events import ApiToken, Label, Scope, account_id
from domain.base import Instant, Value, day

PREFIX: Final = "huhang_"  # so that scanners find one that was published by mistake


class TokenFacts(Value):
    """A token as it is asked for; it acts in the post in which it is asked for."""

    label: Label
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=32)]
    expires_at: Instant


class IssuedToken(NamedTuple):
    """A new token, its secret said once; `receipt` is that of its trace in the log."""

    receipt: Receipt
    token: UUID
    secret: str


@dataclass(frozen=True, slots=True)
class ApiTokens:
    """Issues tokens and reads them."""

    records: Records
    store: IdentityStore
    keys: IdentityKeys
    states: AccountStates
    sessions: Sessions
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def issue(self, facts: TokenFacts, session: Session, by: Command) -> IssuedToken:
        """A token in one's own post; the same request again gives another secret in its place.

        Only as long as the session counts in which it is asked for. Raises `SessionOver`.
        """
        token = ApiToken(
            id=uuid5(by.request, "token"), role=by.by.role, office=by.by.office, **dict(facts)
        )
        stream, secret = account_id(by.by.id), PREFIX + new_secret()
        check = self.sessions.standing(session)
        receipt = self.records.change(by, Account, stream, Account.issue_token, token, check=check)
        self.store.keep_token(token.id, self.keys.hash_of(secret), stream)
        return IssuedToken(receipt, token.id, secret)

    def live(self, person: UUID) -> list[ApiToken]:
        """The tokens of a person that open something now."""
        now = self.clock()
        tokens = self.states.newest(account_id(person)).tokens.values()
        return [token for token in tokens if token is not None and token.live_at(now)]

    def check(self, secret: str) -> tuple[Actor, Account, ApiToken]:
        """Who acts under a token, his account, and what it opens. Raises `TokenRefused`."""
        kept, now = self.store.token(self.keys.hash_of(secret)), self.clock()
        if kept is None:
            raise TokenRefused("This is no token of this installation; take a new one.")
        token_id, stream, head = kept
        account = self.states.at(stream, head)
        token = account.tokens.get(token_id)
        if token is None:
            raise TokenRefused("The token was revoked; take a new one.")
        if not token.live_at(now):
            raise TokenRefused("The token has expired; take a new one.", expired=True)
        if account.locked or not account.holds(token.role, token.office, day(now)):
            raise TokenRefused("Whose token this is may not act any more; ask an administrator.")
        assert account.opening is not None, "only who has an account issues tokens"
        return Actor(account.opening.person, token.role, token.office), account, token
