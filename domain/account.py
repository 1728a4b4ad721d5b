"""Account (账号): who may act, in which posts, and what he must prove first.

Its state decides at every request whether a session, a token or a factor still counts: an event
that takes one away works from the moment it is recorded.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Self, assert_never
from uuid import UUID

from domain.account_events import (
    AccountLocked,
    AccountLockedOut,
    AccountOpened,
    AccountUnlocked,
    Acquaintance,
    AcquaintanceDeclared,
    AcquaintanceWithdrawn,
    AnyAccountEvent,
    ApiToken,
    Conflict,
    ConflictDeclared,
    ConflictWithdrawn,
    Factor,
    FactorAdded,
    FactorRemoved,
    IdentityLink,
    IdentityLinked,
    IdentityUnlinked,
    Opening,
    PasswordChanged,
    PasswordReset,
    Post,
    PostSwitched,
    RoleEnded,
    RoleGranted,
    SignedIn,
    SignedOut,
    TokenIssued,
    TokenRevoked,
    account_id,
)
from domain.base import Aggregate, Event, Instant, Refused, Stamp, moment
from domain.record import find, present, require_in_order, require_reason
from domain.values import FactorKind, Role, SignInMethod, SignInStep

TWO_FACTORS = frozenset({Role.SUPERVISOR, Role.AUDITOR, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR})
"""Roles that see or decide on much: a password alone is not enough for them."""

MOST_ACQUAINTANCES = 50  # of one person that stand: relatives and neighbours, not a village
LONGEST_TOKEN = timedelta(days=180)  # a forgotten token ends by itself within half a year

FIRST = frozenset({SignInMethod.PASSWORD, SignInMethod.OIDC})
SECOND = frozenset({SignInMethod.TOTP, SignInMethod.PASSKEY})

PERSONAL = re.compile(r"1[0-9]{10}|[0-9]{15}|[0-9]{17}[0-9x]")
"""What a mobile telephone's number and identity numbers, old and new, look like."""


@dataclass(frozen=True, slots=True)
class Account(Aggregate):
    """The account of a person.

    `password` is the version of the event since which the present password counts, 0 without one;
    `sessions_from` that since which sessions count; `locked_by` the office that locked it.
    """

    about = "account"

    opening: Opening | None = None
    posts: tuple[Post, ...] = ()
    password: int = 0
    must_change: bool = False
    factors: Mapping[UUID, FactorKind] = field(default_factory=dict)
    links: frozenset[UUID] = frozenset()
    tokens: Mapping[UUID, ApiToken | None] = field(default_factory=dict)
    conflicts: Mapping[UUID, Conflict | None] = field(default_factory=dict)
    acquaintances: Mapping[UUID, Acquaintance | None] = field(default_factory=dict)
    locked: bool = False
    locked_by: UUID | None = None
    sessions_from: int = 0

    def posts_on(self, on: date) -> tuple[Post, ...]:
        """The posts held on a date."""
        return tuple(post for post in self.posts if post.held_on(on))

    def holds(self, role: Role, office: UUID, on: date) -> bool:
        """Whether a post is held on a date."""
        return any((post.role, post.office) == (role, office) for post in self.posts_on(on))

    def needs_two_factors(self, on: date) -> bool:
        """Whether any post held on a date, or to come, asks for a second factor."""
        return any(
            post.role in TWO_FACTORS
            for post in self.posts
            if post.until is None or on <= post.until
        )

    def honours(self, version: int) -> bool:
        """Whether a session that began at a version of the account still counts."""
        return not self.locked and self.sessions_from <= version

    def step_after(self, proofs: Collection[SignInMethod], on: date) -> SignInStep | None:
        """What is still to be done before acting, after these proofs; None when it is enough.

        A passkey is two factors at once: a device, and who unlocks it.
        """
        proved_twice = not SECOND.isdisjoint(proofs)
        if not proved_twice and self.factors:
            return SignInStep.SECOND_FACTOR
        if self.must_change and SignInMethod.PASSWORD in proofs:
            return SignInStep.CHANGE_PASSWORD
        if not proved_twice and self.needs_two_factors(on):
            return SignInStep.ADD_FACTOR
        return None

    def open(self, opening: Opening, by: Stamp) -> Iterator[Event]:
        """Open an account; nobody opens his own."""
        if account_id(opening.person) != self.id:
            raise Refused("account-of-another", person=opening.person)
        if self.exists:
            raise Refused("account-exists")
        if by.actor == opening.person:
            raise Refused("self-administered")
        if PERSONAL.fullmatch(opening.login):
            raise Refused("login-is-personal")
        yield AccountOpened.of(self, by, opening=opening)

    def grant_role(self, post: Post, by: Stamp) -> Iterator[Event]:
        """Give a post, from a day in the past or to come; never to oneself."""
        self.require_other(by)
        if post.role is Role.SYSTEM:
            raise Refused("system-is-no-post")
        require_in_order(post.since, post.until)
        if any(post.overlaps(other) for other in self.posts):
            raise Refused("role-already-held", role=post.role)
        yield RoleGranted.of(self, by, post=post)

    def end_role(self, role: Role, office: UUID, by: Stamp) -> Iterator[Event]:
        """End every post of a role at an office, held or to come, at once; also one's own."""
        self.require_opened()
        ended = [post for post in self.posts if (post.role, post.office) == (role, office)]
        if not ended:
            raise Refused("role-not-held", role=role)
        for post in ended:
            yield RoleEnded.of(self, by, post=post)

    def reset_password(self, by: Stamp) -> Iterator[Event]:
        """Give a password for once, to somebody else."""
        self.require_other(by)
        yield PasswordReset.of(self, by)

    def change_password(self, by: Stamp) -> Iterator[Event]:
        """Choose one's own password."""
        self.require_own(by)
        yield PasswordChanged.of(self, by)

    def add_factor(self, factor: Factor, by: Stamp) -> Iterator[Event]:
        """Add a second factor of one's own."""
        self.require_own(by)
        if factor.id in self.factors:
            raise Refused("record-exists", record=factor.id)
        yield FactorAdded.of(self, by, factor=factor)

    def remove_factor(self, factor_id: UUID, by: Stamp) -> Iterator[Event]:
        """Remove a second factor: one's own except the last that a post asks for; or another's."""
        opening = self.require_opened()
        if factor_id not in self.factors:
            raise Refused("record-unknown", record=factor_id)
        own = by.actor == opening.person
        if own and len(self.factors) == 1 and self.needs_two_factors(by.received_on):
            raise Refused("last-factor")
        yield FactorRemoved.of(self, by, factor=factor_id)

    def link_identity(self, link: IdentityLink, by: Stamp) -> Iterator[Event]:
        """Let a provider vouch for oneself."""
        self.require_own(by)
        if link.id in self.links:
            raise Refused("record-exists", record=link.id)
        yield IdentityLinked.of(self, by, link=link)

    def unlink_identity(self, link_id: UUID, by: Stamp) -> Iterator[Event]:
        """Let a provider vouch no longer."""
        self.require_opened()
        if link_id not in self.links:
            raise Refused("record-unknown", record=link_id)
        yield IdentityUnlinked.of(self, by, link=link_id)

    def lock(self, by: Stamp) -> Iterator[Event]:
        """Let nobody act under the account; never one's own."""
        self.require_other(by)
        if self.locked:
            raise Refused("account-locked")
        yield AccountLocked.of(self, by)

    def unlock(self, by: Stamp) -> Iterator[Event]:
        """Let the person sign in again; never oneself."""
        self.require_other(by)
        if not self.locked:
            raise Refused("account-not-locked")
        yield AccountUnlocked.of(self, by)

    def lock_out(self, failures: int, until: Instant, by: Stamp) -> Iterator[Event]:
        """Note that guesses are not looked at for some time."""
        self.require_opened()
        yield AccountLockedOut.of(self, by, failures=failures, until=until)

    def issue_token(self, token: ApiToken, by: Stamp) -> Iterator[Event]:
        """Let a program act in one's own post, for half a year at most."""
        self.require_own(by)
        if token.id in self.tokens:
            raise Refused("record-exists", record=token.id)
        if not self.holds(token.role, token.office, by.received_on):
            raise Refused("role-not-held", role=token.role)
        lasts = moment(token.expires_at) - (by.received_at or moment(by.occurred))
        if lasts <= timedelta():
            raise Refused("token-ends-first", expires=token.expires_at)
        if lasts > LONGEST_TOKEN:
            raise Refused("token-too-long", days=LONGEST_TOKEN.days)
        yield TokenIssued.of(self, by, token=token)

    def revoke_token(self, token_id: UUID, by: Stamp) -> Iterator[Event]:
        """Let a token open nothing any more."""
        self.require_opened()
        find(self.tokens, token_id)
        yield TokenRevoked.of(self, by, token=token_id)

    def declare_conflict(self, conflict: Conflict, by: Stamp) -> Iterator[Event]:
        """Say with what the person must not work; by himself or whoever knows."""
        self.require_opened()
        if conflict.case is None and conflict.person is None:
            raise Refused("conflict-with-nothing")
        if conflict.id in self.conflicts:
            raise Refused("record-exists", record=conflict.id)
        yield ConflictDeclared.of(self, by, conflict=conflict)

    def withdraw_conflict(self, conflict_id: UUID, by: Stamp) -> Iterator[Event]:
        """Take a declaration back, with a reason; never one's own."""
        self.require_other(by)
        require_reason(by)
        find(self.conflicts, conflict_id)
        yield ConflictWithdrawn.of(self, by, conflict=conflict_id)

    def declare_acquaintance(self, acquaintance: Acquaintance, by: Stamp) -> Iterator[Event]:
        """Say by a number who is near to the person; by himself or whoever knows."""
        self.require_opened()
        if acquaintance.id in self.acquaintances:
            raise Refused("record-exists", record=acquaintance.id)
        if len(present(self.acquaintances)) >= MOST_ACQUAINTANCES:
            raise Refused("too-many-acquaintances", most=MOST_ACQUAINTANCES)
        yield AcquaintanceDeclared.of(self, by, acquaintance=acquaintance)

    def withdraw_acquaintance(self, acquaintance_id: UUID, by: Stamp) -> Iterator[Event]:
        """Take a declaration back, with a reason; never one's own."""
        self.require_other(by)
        require_reason(by)
        find(self.acquaintances, acquaintance_id)
        yield AcquaintanceWithdrawn.of(self, by, acquaintance=acquaintance_id)

    def sign_in(
        self, session: UUID, methods: tuple[SignInMethod, ...], by: Stamp
    ) -> Iterator[Event]:
        """Begin to act in a post, with all proved that is asked for."""
        self.require_acting(by)
        step = self.step_after(methods, by.received_on)
        if step is not None:
            raise Refused("sign-in-unfinished", step=step)
        yield SignedIn.of(self, by, session=session, methods=methods)

    def switch_post(self, session: UUID, by: Stamp) -> Iterator[Event]:
        """Go on in another post of one's own."""
        self.require_acting(by)
        yield PostSwitched.of(self, by, session=session)

    def sign_out(self, session: UUID, everywhere: bool, by: Stamp) -> Iterator[Event]:
        """End one's own session, or all of them."""
        self.require_own(by)
        yield SignedOut.of(self, by, session=session, everywhere=everywhere)

    def administered_from(self, today: date) -> set[UUID]:
        """The offices whose administrators together may administer it: those of all its posts.

        Who gets hold of an account acts in each of them. Without a post it is the office that looks
        after it.
        """
        held = self.offices_held(today)
        return {self.opening.office} if self.opening is not None and not held else held

    def offices_held(self, today: date) -> set[UUID]:
        """The offices at which it has a post, today or later."""
        return {post.office for post in self.posts if post.lasts_to(today)}

    def require_opened(self) -> Opening:
        """Refuse what nobody has an account for."""
        if self.opening is None:
            raise Refused("account-not-opened")
        return self.opening

    def require_other(self, by: Stamp) -> None:
        """Refuse to do to oneself what only somebody else may."""
        if by.actor == self.require_opened().person:
            raise Refused("self-administered")

    def require_own(self, by: Stamp) -> None:
        """Refuse to do for somebody else what everybody does himself."""
        if by.actor != self.require_opened().person:
            raise Refused("account-of-another", person=by.actor)

    def require_acting(self, by: Stamp) -> None:
        """Refuse to act under a lock, or in a post that is not held on the day."""
        self.require_own(by)
        if self.locked:
            raise Refused("account-locked")
        if not self.holds(by.role, by.office, by.received_on):
            raise Refused("role-not-held", role=by.role)

    def evolve(self, event: AnyAccountEvent) -> Self:
        """The state after one more event."""
        version = event.originator_version
        match event:
            case AccountOpened(opening=opening):
                return replace(self, opening=opening)
            case RoleGranted(post=post):
                return replace(self, posts=(*self.posts, post))
            case RoleEnded(post=ended):
                return replace(self, posts=tuple(post for post in self.posts if post != ended))
            case PasswordReset():
                # Whoever had the former password may have issued tokens that live for half a year.
                return replace(
                    self,
                    password=version,
                    must_change=True,
                    sessions_from=version,
                    tokens=dict.fromkeys(self.tokens),
                )
            case PasswordChanged():
                return replace(self, password=version, must_change=False, sessions_from=version)
            case FactorAdded(factor=factor):
                return replace(self, factors={**self.factors, factor.id: factor.kind})
            case FactorRemoved(factor=factor_id):
                return self.without_factor(factor_id, event.stamp, version)
            case IdentityLinked(link=link):
                return replace(self, links=self.links | {link.id})
            case IdentityUnlinked(link=link_id):
                return replace(self, links=self.links - {link_id})
            case AccountLocked():
                return replace(
                    self, locked=True, locked_by=event.stamp.office, sessions_from=version
                )
            case AccountUnlocked():
                return replace(self, locked=False, locked_by=None)
            case TokenIssued(token=token):
                return replace(self, tokens={**self.tokens, token.id: token})
            case TokenRevoked(token=token_id):
                return replace(self, tokens={**self.tokens, token_id: None})
            case ConflictDeclared(conflict=conflict):
                return replace(self, conflicts={**self.conflicts, conflict.id: conflict})
            case ConflictWithdrawn(conflict=conflict_id):
                return replace(self, conflicts={**self.conflicts, conflict_id: None})
            case AcquaintanceDeclared(acquaintance=declared):
                return replace(self, acquaintances={**self.acquaintances, declared.id: declared})
            case AcquaintanceWithdrawn(acquaintance=withdrawn):
                return replace(self, acquaintances={**self.acquaintances, withdrawn: None})
            case SignedOut(everywhere=True):
                return replace(self, sessions_from=version)
            case AccountLockedOut() | SignedIn() | PostSwitched() | SignedOut():
                return self
            case _:
                assert_never(event)

    def without_factor(self, factor_id: UUID, by: Stamp, version: int) -> Self:
        """The state without a second factor; what another person removes voids all sessions."""
        factors = {one: kind for one, kind in self.factors.items() if one != factor_id}
        changes: dict[str, Any] = {"factors": factors}
        if by.actor != self.require_opened().person:
            changes["sessions_from"] = version
        return replace(self, **changes)
