"""What happens to an account (账号): posts, factors, tokens, signing in; no secret, no hash."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Annotated
from uuid import UUID, uuid5

from pydantic import Field, StringConstraints

from domain.base import Day, Event, Instant, Sealed, Text, Value, moment
from domain.values import AcquaintanceRelation, ConflictRelation, FactorKind, Role, SignInMethod

NAMESPACE = UUID("00000000-0000-5000-8000-000000000005")
"""Of the names of streams."""


@lru_cache(10_000)  # each question about a person asks for his
def account_id(person: UUID) -> UUID:
    """The stream of a person's account.

    The person is who acts in stamps; of a counsellor or volunteer it is the practitioner's record,
    which has a stream of its own.
    """
    return uuid5(NAMESPACE, str(person))


LoginName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{2,31}$")]
"""Under which a person signs in: a staff number or a pseudonym, for it stands in the log in clear.

Only lower-case letters, so that two people never look the same.
"""

Scope = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z]+(-[a-z]+)*):(read|write)$")]
"""What an API token may be used for: the first part of an address, or any, to read or to write."""

Label = Annotated[Text, StringConstraints(max_length=64)]
"""How a person tells own devices and tokens apart."""


class Opening(Value):
    """Whose account it is, and which office looks after it."""

    person: UUID
    login: LoginName
    name: Sealed
    office: UUID


class Post(Value):
    """A role at an office, a centre or a region, from a day up to and including another one."""

    role: Role
    office: UUID
    since: Day
    until: Day | None = None

    def held_on(self, on: date) -> bool:
        """Whether it is held on a date."""
        return self.since <= on and (self.until is None or on <= self.until)

    def lasts_to(self, on: date) -> bool:
        """Whether it is held on a date, or will be after it."""
        return self.until is None or on <= self.until

    def overlaps(self, other: Post) -> bool:
        """Whether both are the same role at the same office on some day."""
        return (
            (self.role, self.office) == (other.role, other.office)
            and (self.until is None or other.since <= self.until)
            and (other.until is None or self.since <= other.until)
        )


class Factor(Value):
    """A second factor; its secret or key is kept outside of the log."""

    id: UUID
    kind: FactorKind
    label: Label


class ApiToken(Value):
    """What a token lets a program do in a person's post, and until when."""

    id: UUID
    label: Label
    role: Role
    office: UUID
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=32)]
    expires_at: Instant

    def admits(self, area: str, kind: str) -> bool:
        """Whether it opens an area of the API, to `read` or to `write`."""
        return not {f"{area}:{kind}", f"*:{kind}"}.isdisjoint(self.scopes)

    def live_at(self, now: datetime) -> bool:
        """Whether it has not expired."""
        return now < moment(self.expires_at)


class IdentityLink(Value):
    """Who a person is for an OpenID Connect provider."""

    id: UUID
    issuer: Label
    subject: Sealed


class Conflict(Value):
    """With what a person must not work: a case, somebody of the team, or both.

    `person` is who it is in every stamp.
    """

    id: UUID
    relation: ConflictRelation
    case: UUID | None = None
    person: UUID | None = None


class Acquaintance(Value):
    """Somebody near to a person, known by a sealed number alone; or the person's own number."""

    id: UUID
    relation: AcquaintanceRelation
    number: Sealed


class AccountOpened(Event, topic="account.opened.v1"):
    """A person can be given posts, and a way to sign in."""

    opening: Opening


class RoleGranted(Event, topic="account.role-granted.v1"):
    """The person holds a post from its first day on."""

    post: Post


class RoleEnded(Event, topic="account.role-ended.v1"):
    """The post is over as soon as this is recorded, whatever its last day was to be."""

    post: Post


class PasswordReset(Event, topic="account.password-reset.v1"):
    """An administrator gave a password for once; the former one, sessions and tokens are void."""


class PasswordChanged(Event, topic="account.password-changed.v1"):
    """The person chose a password; the former one and all other sessions are void."""


class FactorAdded(Event, topic="account.factor-added.v1"):
    """The person proved to have a second factor."""

    factor: Factor


class FactorRemoved(Event, topic="account.factor-removed.v1"):
    """The second factor proves nothing any more."""

    factor: UUID


class IdentityLinked(Event, topic="account.identity-linked.v1"):
    """The person may sign in by way of a provider."""

    link: IdentityLink


class IdentityUnlinked(Event, topic="account.identity-unlinked.v1"):
    """The provider's word lets nobody in any more."""

    link: UUID


class AccountLocked(Event, topic="account.locked.v1"):
    """Nobody acts under the account until it is unlocked; all sessions are void."""


class AccountUnlocked(Event, topic="account.unlocked.v1"):
    """The person may sign in again."""


class AccountLockedOut(Event, topic="account.locked-out.v1"):
    """Wrong passwords or codes in a row: no further one is looked at for some time.

    Sessions go on, so that a stranger's guesses throw nobody out.
    """

    failures: Annotated[int, Field(ge=1)]
    until: Instant


class TokenIssued(Event, topic="account.token-issued.v1"):
    """A program may act in the person's post."""

    token: ApiToken


class TokenRevoked(Event, topic="account.token-revoked.v1"):
    """The token lets nobody in any more."""

    token: UUID


class ConflictDeclared(Event, topic="account.conflict-declared.v1"):
    """The person must not work with a case or somebody."""

    conflict: Conflict


class ConflictWithdrawn(Event, topic="account.conflict-withdrawn.v1"):
    """The declaration was wrong or is over; the stamp says why."""

    conflict: UUID


class AcquaintanceDeclared(Event, topic="account.acquaintance-declared.v1"):
    """The person is, or is near to, whoever bears a number."""

    acquaintance: Acquaintance


class AcquaintanceWithdrawn(Event, topic="account.acquaintance-withdrawn.v1"):
    """The declaration was wrong or is over; the stamp says why."""

    acquaintance: UUID


class SignedIn(Event, topic="account.signed-in.v1"):
    """The stamp's actor began to act in the stamp's post."""

    session: UUID
    methods: tuple[SignInMethod, ...]


class PostSwitched(Event, topic="account.post-switched.v1"):
    """The stamp's actor goes on in another post, that of the stamp."""

    session: UUID


class SignedOut(Event, topic="account.signed-out.v1"):
    """The session is over; `everywhere` voids all others of the person as well."""

    session: UUID
    everywhere: bool = False


AnyAccountEvent = (
    AccountOpened
    | RoleGranted
    | RoleEnded
    | PasswordReset
    | PasswordChanged
    | FactorAdded
    | FactorRemoved
    | IdentityLinked
    | IdentityUnlinked
    | AccountLocked
    | AccountUnlocked
    | AccountLockedOut
    | TokenIssued
    | TokenRevoked
    | ConflictDeclared
    | ConflictWithdrawn
    | AcquaintanceDeclared
    | AcquaintanceWithdrawn
    | SignedIn
    | PostSwitched
    | SignedOut
)
