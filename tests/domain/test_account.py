"""The rules of an account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as holds
from hypothesis import strategies as st
from pydantic import ValidationError

from domain import account, account_events
from domain.account import LONGEST_TOKEN, TWO_FACTORS, Account
from domain.account_events import (
    AccountLocked,
    AccountLockedOut,
    AccountOpened,
    AccountUnlocked,
    Acquaintance,
    AcquaintanceDeclared,
    AcquaintanceWithdrawn,
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
from domain.account_wording import ACCOUNT_REFUSALS, ACCOUNT_TITLES
from domain.base import Event, Sealed
from domain.values import (
    AcquaintanceRelation,
    ConflictRelation,
    FactorKind,
    Role,
    SignInMethod,
    SignInStep,
)
from tests.domain.refusals import refusals_of, topics_of, unfilled
from tests.domain.scenario import Given, given, known, stamp

Step = Callable[[Account], Iterator[Event]]

NAME = Sealed(z=1, k="k:name", n="n", h="h", c="c")
PERSON = known("li")
OFFICE = known("centre")
FIRST, LAST = date(2019, 3, 1), date(2019, 6, 30)
AT = datetime(2019, 3, 4, 9, tzinfo=UTC)
PHONE = Factor(id=known("phone"), kind=FactorKind.TOTP, label="手机")
KEY = Factor(id=known("key"), kind=FactorKind.PASSKEY, label="电脑")
CLASH = Conflict(id=known("clash"), relation=ConflictRelation.RELATIVE, case=known("case"))
NEAR = Acquaintance(id=known("near"), relation=AcquaintanceRelation.RELATIVE, number=NAME)
LINK = IdentityLink(id=known("link"), issuer="https://sso.example", subject=NAME)


def own(occurred: Any = AT, **changes: Any) -> Any:
    return stamp(occurred, actor="li", **changes)


def admin(occurred: Any = AT, **changes: Any) -> Any:
    return stamp(occurred, **{"actor": "admin", "role": Role.ADMINISTRATOR, **changes})


def post(role: Role = Role.COUNSELLOR, since: date = FIRST, until: date | None = None) -> Post:
    return Post(role=role, office=OFFICE, since=since, until=until)


def opening(**changes: Any) -> Opening:
    return Opening(
        **{"person": PERSON, "login": "lw-0412", "name": NAME, "office": OFFICE, **changes}
    )


def opened(a: Account) -> Iterator[Event]:
    return a.open(opening(), admin())


def granted(role: Role = Role.COUNSELLOR, **dates: Any) -> Step:
    return lambda a: a.grant_role(post(role, **dates), admin())


def reset(a: Account) -> Iterator[Event]:
    return a.reset_password(admin())


def changed(a: Account) -> Iterator[Event]:
    return a.change_password(own())


def added(factor: Factor = PHONE) -> Step:
    return lambda a: a.add_factor(factor, own())


def linked(a: Account) -> Iterator[Event]:
    return a.link_identity(LINK, own())


def locked(a: Account) -> Iterator[Event]:
    return a.lock(admin())


def declared(a: Account) -> Iterator[Event]:
    return a.declare_conflict(CLASH, own())


def acquainted(a: Account) -> Iterator[Event]:
    return a.declare_acquaintance(NEAR, own())


def token(**changes: Any) -> ApiToken:
    facts = {
        "id": known("token"),
        "label": "月报",
        "role": Role.COUNSELLOR,
        "office": OFFICE,
        "scopes": ("statistics:read",),
        "expires_at": AT + timedelta(days=30),
    }
    return ApiToken(**{**facts, **changes})


def issued(a: Account) -> Iterator[Event]:
    return a.issue_token(token(), own())


def signed_in(*methods: SignInMethod, **by: Any) -> Step:
    return lambda a: a.sign_in(known("session"), methods, own(**by))


def after(*steps: Step) -> Given[Account]:
    return given(Account(account_id(PERSON)), opened, *steps)


def test_an_account_is_opened_once_by_somebody_else_for_its_own_person() -> None:
    nothing = given(Account(account_id(PERSON)))
    (event,) = nothing.when(opened).then(AccountOpened)
    assert event.opening == opening()
    after().when(opened).refused("account-exists")
    nothing.when(lambda a: a.open(opening(), own())).refused("self-administered")
    other = opening(person=known("wang"))
    nothing.when(lambda a: a.open(other, admin())).refused("account-of-another")


@pytest.mark.parametrize("login", ["13812345678", "370102198001011234", "37010219800101123x"])
def test_a_login_name_is_no_telephone_and_no_identity_number(login: str) -> None:
    nothing = given(Account(account_id(PERSON)))
    nothing.when(lambda a: a.open(opening(login=login), admin())).refused("login-is-personal")


@pytest.mark.parametrize("login", ["Li", "li", "李某某", "li li", "-lw", "a" * 33, "lw@x.cn"])
def test_a_login_name_is_a_short_word_in_lower_case(login: str) -> None:
    with pytest.raises(ValidationError):
        opening(login=login)


@pytest.mark.parametrize(
    "step",
    [granted(), reset, changed, added(), locked, declared, issued, linked, signed_in()],
)
def test_nothing_happens_to_an_account_that_was_not_opened(step: Step) -> None:
    given(Account(account_id(PERSON))).when(step).refused("account-not-opened")


def test_a_post_is_granted_by_somebody_else_for_a_time() -> None:
    (event,) = after().when(granted(until=LAST)).then(RoleGranted)
    assert event.post == post(until=LAST)
    after().when(lambda a: a.grant_role(post(), own())).refused("self-administered")
    after().when(granted(Role.SYSTEM)).refused("system-is-no-post")
    after().when(granted(until=date(2019, 2, 1))).refused("times-out-of-order")


@pytest.mark.parametrize(
    ("since", "until", "clashes"),
    [
        (FIRST, None, True),
        (LAST, None, True),
        (LAST + timedelta(days=1), None, False),
        (date(2019, 1, 1), FIRST, True),
        (date(2019, 1, 1), FIRST - timedelta(days=1), False),
    ],
)
def test_one_role_at_an_office_is_held_once_at_a_time(
    since: date, until: date | None, clashes: bool
) -> None:
    outcome = after(granted(until=LAST)).when(granted(since=since, until=until))
    if clashes:
        outcome.refused("role-already-held", role=Role.COUNSELLOR)
    else:
        outcome.then(RoleGranted)


@holds(st.dates(date(2019, 1, 1), date(2019, 12, 31)))
def test_a_post_is_held_from_its_first_to_its_last_day(on: date) -> None:
    a = after(granted(until=LAST)).aggregate
    assert a.holds(Role.COUNSELLOR, OFFICE, on) == (FIRST <= on <= LAST)
    assert not a.holds(Role.SUPERVISOR, OFFICE, on)
    assert not a.holds(Role.COUNSELLOR, known("elsewhere"), on)


def test_a_post_that_ends_is_not_held_any_more_whatever_its_last_day_was() -> None:
    def ended(a: Account) -> Iterator[Event]:
        return a.end_role(Role.COUNSELLOR, OFFICE, admin())

    after(granted(until=LAST)).when(ended).then(RoleEnded)
    a = after(granted(until=LAST), ended).aggregate
    assert not a.holds(Role.COUNSELLOR, OFFICE, FIRST)
    after().when(ended).refused("role-not-held")


@pytest.mark.parametrize(
    "step",
    [
        reset,
        locked,
        lambda a: a.unlock(admin()),
        lambda a: a.withdraw_conflict(CLASH.id, admin(reason="误报")),
    ],
)
def test_nobody_administers_himself(step: Any) -> None:
    class Oneself:
        """An account whose every decision is asked for by its own person."""

        def __init__(self, a: Account) -> None:
            self.a = a

        def __getattr__(self, name: str) -> Any:
            return lambda *facts: getattr(self.a, name)(*facts[:-1], own(reason="误报"))

    after(declared).when(lambda a: step(Oneself(a))).refused("self-administered")


@pytest.mark.parametrize(
    "step",
    [
        lambda a, by: a.change_password(by),
        lambda a, by: a.add_factor(PHONE, by),
        lambda a, by: a.link_identity(LINK, by),
        lambda a, by: a.issue_token(token(), by),
        lambda a, by: a.sign_in(known("session"), (SignInMethod.PASSWORD,), by),
        lambda a, by: a.switch_post(known("session"), by),
        lambda a, by: a.sign_out(known("session"), False, by),
    ],
)
def test_nobody_signs_in_for_somebody_else(step: Any) -> None:
    after(granted()).when(lambda a: step(a, admin())).refused("account-of-another")


def test_a_password_that_was_reset_must_be_changed_and_each_voids_sessions() -> None:
    after().when(reset).then(PasswordReset)
    a = after(reset).aggregate
    assert (a.must_change, a.password, a.sessions_from) == (True, 2, 2)
    after(reset).when(changed).then(PasswordChanged)
    b = after(reset, changed).aggregate
    assert (b.must_change, b.password, b.sessions_from) == (False, 3, 3)


def test_only_who_was_granted_a_post_signs_in_and_only_in_it() -> None:
    after(granted()).when(signed_in(SignInMethod.PASSWORD)).then(SignedIn)
    for by in ({"role": Role.SUPERVISOR}, {"office": "elsewhere"}, {"occurred": date(2019, 2, 1)}):
        after(granted()).when(signed_in(SignInMethod.PASSWORD, **by)).refused("role-not-held")


def test_another_post_is_taken_only_if_it_is_held() -> None:
    after(granted()).when(lambda a: a.switch_post(known("s"), own())).then(PostSwitched)
    after(granted()).when(
        lambda a: a.switch_post(known("s"), own(role=Role.CENTRE_MANAGER))
    ).refused("role-not-held")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_who_decides_on_much_needs_two_factors(role: Role) -> None:
    a = after(granted(role)).aggregate
    step = SignInStep.ADD_FACTOR if role in TWO_FACTORS else None
    assert a.step_after([SignInMethod.PASSWORD], FIRST) is step
    assert a.step_after([SignInMethod.OIDC], FIRST) is step
    assert a.step_after([SignInMethod.PASSKEY], FIRST) is None


def test_a_post_of_another_day_that_needs_two_factors_counts_unless_it_is_over() -> None:
    a = after(granted(), granted(Role.AUDITOR, since=FIRST, until=LAST)).aggregate
    assert a.needs_two_factors(date(2019, 1, 1))
    assert not a.needs_two_factors(LAST + timedelta(days=1))


def test_who_has_a_second_factor_is_asked_for_it_first() -> None:
    a = after(granted(), reset, added()).aggregate
    assert a.step_after([SignInMethod.PASSWORD], FIRST) is SignInStep.SECOND_FACTOR
    both = [SignInMethod.PASSWORD, SignInMethod.TOTP]
    assert a.step_after(both, FIRST) is SignInStep.CHANGE_PASSWORD
    after(granted(), added()).when(signed_in(SignInMethod.PASSWORD)).refused(
        "sign-in-unfinished", step=SignInStep.SECOND_FACTOR
    )
    after(granted(), added()).when(signed_in(*both)).then(SignedIn)


def test_a_forced_change_is_asked_only_of_who_came_by_password() -> None:
    a = after(granted(), reset).aggregate
    assert a.step_after([SignInMethod.PASSWORD], FIRST) is SignInStep.CHANGE_PASSWORD
    assert a.step_after([SignInMethod.OIDC], FIRST) is None


def test_a_factor_is_added_once_and_removed_once() -> None:
    def removed(a: Account) -> Iterator[Event]:
        return a.remove_factor(PHONE.id, own())

    after().when(added()).then(FactorAdded)
    after(added()).when(added()).refused("record-exists")
    after(added()).when(removed).then(FactorRemoved)
    after(added(), removed).when(removed).refused("record-unknown")


def test_the_last_factor_that_a_post_asks_for_is_removed_only_by_somebody_else() -> None:
    def by_own(a: Account) -> Iterator[Event]:
        return a.remove_factor(PHONE.id, own())

    def by_admin(a: Account) -> Iterator[Event]:
        return a.remove_factor(PHONE.id, admin())

    auditor = after(granted(Role.AUDITOR), added())
    auditor.when(by_own).refused("last-factor")
    auditor.when(by_admin).then(FactorRemoved)
    after(granted(Role.AUDITOR), added(), added(KEY)).when(by_own).then(FactorRemoved)


def test_what_an_administrator_removes_voids_sessions_and_what_oneself_does_not() -> None:
    a = after(added()).and_then(lambda a: a.remove_factor(PHONE.id, admin())).aggregate
    assert a.sessions_from == a.version
    b = after(added()).and_then(lambda a: a.remove_factor(PHONE.id, own())).aggregate
    assert b.sessions_from == 0


def test_a_locked_account_lets_nobody_in_until_it_is_unlocked() -> None:
    def unlocked(a: Account) -> Iterator[Event]:
        return a.unlock(admin())

    after(granted()).when(locked).then(AccountLocked)
    after(granted(), locked).when(locked).refused("account-locked")
    after(granted(), locked).when(signed_in(SignInMethod.PASSWORD)).refused("account-locked")
    after(granted(), locked).when(lambda a: a.switch_post(known("s"), own())).refused(
        "account-locked"
    )
    after(granted(), locked).when(unlocked).then(AccountUnlocked)
    after(granted(), locked, unlocked).when(signed_in(SignInMethod.PASSWORD)).then(SignedIn)
    after(granted()).when(unlocked).refused("account-not-locked")
    assert after(granted(), locked).aggregate.sessions_from == 3
    assert not after(granted(), locked).aggregate.honours(3)
    assert [after(granted(), locked, unlocked).aggregate.honours(v) for v in (2, 3)] == [
        False,
        True,
    ]


def test_guesses_of_a_stranger_throw_nobody_out() -> None:
    def locked_out(a: Account) -> Iterator[Event]:
        return a.lock_out(5, AT, stamp(AT, actor="system", role=Role.SYSTEM))

    after(granted()).when(locked_out).then(AccountLockedOut)
    a = after(granted(), locked_out).aggregate
    assert (a.locked, a.sessions_from) == (False, 0)


def test_a_token_is_of_ones_own_post_and_ends_within_half_a_year() -> None:
    after(granted()).when(issued).then(TokenIssued)
    after(granted(), issued).when(issued).refused("record-exists")
    after().when(issued).refused("role-not-held")

    def lasting(span: timedelta) -> Step:
        return lambda a: a.issue_token(token(expires_at=AT + span), own())

    after(granted()).when(lasting(timedelta())).refused("token-ends-first")
    after(granted()).when(lasting(LONGEST_TOKEN)).then(TokenIssued)
    after(granted()).when(lasting(LONGEST_TOKEN + timedelta(seconds=1))).refused("token-too-long")


def test_a_token_is_revoked_once_and_is_never_used_again() -> None:
    def revoked(a: Account) -> Iterator[Event]:
        return a.revoke_token(token().id, admin())

    after(granted(), issued).when(revoked).then(TokenRevoked)
    assert after(granted(), issued, revoked).aggregate.tokens == {token().id: None}
    after(granted(), issued, revoked).when(revoked).refused("record-voided")
    after(granted(), issued, revoked).when(issued).refused("record-exists")
    after(granted()).when(revoked).refused("record-unknown")


def test_a_password_that_was_reset_ends_every_token() -> None:
    assert after(granted(), issued, reset).aggregate.tokens == {token().id: None}
    after(granted(), issued, reset).when(issued).refused("record-exists")
    assert after(granted(), issued, changed).aggregate.tokens == {token().id: token()}


@pytest.mark.parametrize(
    ("scopes", "area", "kind", "admitted"),
    [
        (("statistics:read",), "statistics", "read", True),
        (("statistics:read",), "statistics", "write", False),
        (("statistics:read",), "ledgers", "read", False),
        (("*:read",), "cases", "read", True),
        (("*:read", "pins:write"), "pins", "write", True),
        (("*:read", "pins:write"), "cases", "write", False),
    ],
)
def test_a_token_opens_what_it_names_and_nothing_else(
    scopes: tuple[str, ...], area: str, kind: str, admitted: bool
) -> None:
    assert token(scopes=scopes).admits(area, kind) is admitted


@pytest.mark.parametrize("scope", ["", "cases", "cases:*", "*:*", "cases:all", "Cases:read"])
def test_a_scope_is_a_part_of_the_api_and_to_read_or_to_write(scope: str) -> None:
    with pytest.raises(ValidationError):
        token(scopes=(scope,))


def test_a_provider_vouches_until_it_is_unlinked() -> None:
    def unlinked(a: Account) -> Iterator[Event]:
        return a.unlink_identity(LINK.id, own())

    after().when(linked).then(IdentityLinked)
    after(linked).when(linked).refused("record-exists")
    after(linked).when(unlinked).then(IdentityUnlinked)
    after(linked, unlinked).when(unlinked).refused("record-unknown")


def test_a_conflict_names_something_and_is_withdrawn_by_somebody_else_with_a_reason() -> None:
    after().when(declared).then(ConflictDeclared)
    after(declared).when(declared).refused("record-exists")
    empty = Conflict(id=known("empty"), relation=ConflictRelation.INTEREST)
    after().when(lambda a: a.declare_conflict(empty, own())).refused("conflict-with-nothing")

    def withdrawn(a: Account) -> Iterator[Event]:
        return a.withdraw_conflict(CLASH.id, admin(reason="误报"))

    after(declared).when(lambda a: a.withdraw_conflict(CLASH.id, admin())).refused(
        "correction-needs-reason"
    )
    after(declared).when(withdrawn).then(ConflictWithdrawn)
    after(declared, withdrawn).when(withdrawn).refused("record-voided")


def test_who_is_near_is_declared_once_and_withdrawn_by_somebody_else_with_a_reason() -> None:
    after().when(acquainted).then(AcquaintanceDeclared)
    after().when(lambda a: a.declare_acquaintance(NEAR, admin())).then(AcquaintanceDeclared)
    after(acquainted).when(acquainted).refused("record-exists")
    assert after(acquainted).aggregate.acquaintances == {NEAR.id: NEAR}

    def withdrawn(a: Account) -> Iterator[Event]:
        return a.withdraw_acquaintance(NEAR.id, admin(reason="误报"))

    after(acquainted).when(lambda a: a.withdraw_acquaintance(NEAR.id, admin())).refused(
        "correction-needs-reason"
    )
    after(acquainted).when(lambda a: a.withdraw_acquaintance(NEAR.id, own(reason="误报"))).refused(
        "self-administered"
    )
    after(acquainted).when(withdrawn).then(AcquaintanceWithdrawn)
    assert after(acquainted, withdrawn).aggregate.acquaintances == {NEAR.id: None}
    after(acquainted, withdrawn).when(withdrawn).refused("record-voided")


def test_who_is_near_is_declared_of_fifty_people_at_most() -> None:
    def known_as(name: str) -> Step:
        near = NEAR.model_copy(update={"id": known(name)})
        return lambda a: a.declare_acquaintance(near, own())

    fifty = [known_as(f"near {number}") for number in range(50)]
    after(*fifty).when(known_as("one more")).refused("too-many-acquaintances", most=50)
    back: Step = lambda a: a.withdraw_acquaintance(known("near 7"), admin(reason="误报"))  # noqa: E731
    after(*fifty, back).when(known_as("one more")).then(AcquaintanceDeclared)


def test_signing_out_everywhere_voids_all_sessions_and_signing_out_here_does_not() -> None:
    def out(everywhere: bool) -> Step:
        return lambda a: a.sign_out(known("session"), everywhere, own())

    after(granted()).when(out(False)).then(SignedOut)
    assert after(granted(), out(False)).aggregate.sessions_from == 0
    assert after(granted(), out(True)).aggregate.sessions_from == 3


def test_the_stream_of_an_account_is_not_that_of_its_persons_own_record() -> None:
    assert account_id(PERSON) != PERSON
    assert account_id(PERSON) != account_id(known("wang"))


def test_everything_that_happens_has_a_title() -> None:
    assert ACCOUNT_TITLES.keys() == topics_of(account_events)


def test_every_refusal_is_worded_with_what_it_knows() -> None:
    for code, context in refusals_of(account).items():
        if code in ACCOUNT_REFUSALS:
            assert unfilled(code, context) == set()
