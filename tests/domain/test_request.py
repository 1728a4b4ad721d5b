"""The rules of a person's request: who asks, by when, who decides, and what proves the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as holds
from hypothesis import strategies as st

from application.calendars import calendar_on
from domain.base import Event, Place, Refused, Sealed
from domain.request import (
    Demand,
    Due,
    IdentityVerified,
    PersonRequest,
    RequestExtended,
    RequestFulfilled,
    RequestGranted,
    RequestReceived,
    RequestRefused,
    RequestWithdrawn,
)
from domain.rights import (
    TERM,
    Applicant,
    PersonPart,
    RequestChannel,
    RequestKind,
    RequestRefusal,
    RequestStatus,
    VerificationMeans,
)
from domain.values import ErasureGround, Role
from tests.domain.scenario import Given, given, known, stamp

Step = Callable[[PersonRequest], Iterator[Event]]

PLACE = Place(centre=known("centre"), region=known("county"))
DUE = Due(on=date(2021, 3, 22), calendar_version="CN-2020-11-25")
LATER = Due(on=date(2021, 4, 13), calendar_version="CN-2020-11-25")
WHY = Sealed(z=1, k="k:a", n="n", h="h", c="c")


def on(day: int, role: Role = Role.PRIVACY_OFFICER, reason: str | None = None) -> Any:
    actor = "officer" if role is Role.PRIVACY_OFFICER else "clerk"
    return stamp(date(2021, 3, day), actor=actor, role=role, reason=reason)


def received(
    kind: RequestKind = RequestKind.COPY, applicant: Applicant = Applicant.SELF, due: Due = DUE
) -> Step:
    demand = Demand(
        record=known("case"),
        part=PersonPart.WIFE,
        kind=kind,
        applicant=applicant,
        channel=RequestChannel.IN_PERSON,
    )
    return lambda r: r.receive(demand, due, PLACE, on(1, Role.REGISTRAR))


def verified(means: VerificationMeans = VerificationMeans.DOCUMENT) -> Step:
    return lambda r: r.verify_identity(means, on(2, Role.REGISTRAR))


def extended(day: int = 3, reason: str | None = "须调阅纸质档案", after: Due = LATER) -> Step:
    return lambda r: r.extend(after, on(day, reason=reason))


def granted(ground: ErasureGround | None = None, role: Role = Role.PRIVACY_OFFICER) -> Step:
    return lambda r: r.grant(ground, on(4, role))


def refused(
    ground: RequestRefusal = RequestRefusal.OTHERS_PRIVACY, role: Role = Role.PRIVACY_OFFICER
) -> Step:
    return lambda r: r.refuse(ground, WHY, on(4, role))


def fulfilled(r: PersonRequest) -> Iterator[Event]:
    return r.fulfil(7, on(5))


def withdrawn(r: PersonRequest) -> Iterator[Event]:
    return r.withdraw(on(5, reason="当事人来电表示不再申请"))


def after(*steps: Step) -> Given[PersonRequest]:
    return given(PersonRequest(known("request")), *steps)


def test_a_request_goes_from_receipt_to_its_answer() -> None:
    asked = after(received(), verified(), granted())
    (event,) = asked.when(fulfilled).then(RequestFulfilled)
    assert (event.answer, event.due_on, event.place) == (7, DUE.on, PLACE)
    assert asked.and_then(fulfilled).aggregate.status is RequestStatus.FULFILLED


def test_a_request_is_received_once_with_the_day_by_which_it_is_due() -> None:
    (event,) = after().when(received()).then(RequestReceived)
    assert (event.due, event.demand.part) == (DUE, PersonPart.WIFE)
    after(received()).when(received()).refused("request-exists")
    yesterday = Due(on=date(2021, 2, 28), calendar_version="CN")
    after().when(received(due=yesterday)).refused("times-out-of-order")


@pytest.mark.parametrize("step", [verified(), extended(), granted(), refused(), withdrawn])
def test_nothing_happens_to_what_was_not_received(step: Step) -> None:
    after().when(step).refused("request-not-received")


@pytest.mark.parametrize(
    "end", [(verified(), granted(), fulfilled), (verified(), refused()), (withdrawn,)]
)
@pytest.mark.parametrize("step", [verified(), granted(), refused(), fulfilled, withdrawn])
def test_what_is_settled_stays_settled(end: tuple[Step, ...], step: Step) -> None:
    after(received(), *end).when(step).refused("request-at-other-step")


def test_nothing_is_granted_before_it_is_known_who_asks() -> None:
    after(received()).when(granted()).refused("request-at-other-step", status="received")
    after(received(), verified()).when(granted()).then(RequestGranted)


def test_who_made_sure_who_asks_neither_grants_nor_sees_what_is_held() -> None:
    alone = lambda r: r.verify_identity(VerificationMeans.CALL_BACK, on(2))  # noqa: E731
    asked = after(received(), alone)
    asked.when(granted()).refused("verifier-answers")
    with pytest.raises(Refused, match="verifier-answers"):
        asked.aggregate.require_answerable(known("officer"))
    assert asked.aggregate.require_answerable(known("another")).record == known("case")


def test_who_made_sure_who_asks_ends_no_request() -> None:
    alone = lambda r: r.verify_identity(VerificationMeans.CALL_BACK, on(2))  # noqa: E731
    another = lambda r: r.grant(None, replace_actor(on(4)))  # noqa: E731
    asked = after(received(), alone)
    for step in (refused(), withdrawn):
        asked.when(step).refused("verifier-answers")
    asked.and_then(another)
    for step in (refused(), withdrawn, fulfilled):
        asked.when(step).refused("verifier-answers")
    asked.when(lambda r: r.fulfil(7, replace_actor(on(5)))).then(RequestFulfilled)


def replace_actor(by: Any) -> Any:
    """The same step of another person."""
    return by.model_copy(update={"actor": known("another")})


def test_a_request_is_withdrawn_for_a_reason_and_once_known_by_who_decides() -> None:
    window = lambda r: r.withdraw(on(5, Role.REGISTRAR, "当事人当面撤回"))  # noqa: E731
    after(received()).when(window).then(RequestWithdrawn)
    after(received()).when(lambda r: r.withdraw(on(5))).refused("withdrawal-needs-reason")
    for steps in ((verified(),), (verified(), granted())):
        after(received(), *steps).when(window).refused("privacy-officer-only")
        after(received(), *steps).when(withdrawn).then(RequestWithdrawn)


@pytest.mark.parametrize(
    ("steps", "shown"),
    [
        ((), False),
        ((verified(),), True),
        ((verified(), granted()), True),
        ((verified(), granted(), fulfilled), True),
        ((verified(), withdrawn), False),
        ((verified(), refused()), False),
        ((refused(RequestRefusal.IDENTITY_UNPROVEN),), False),
    ],
)
def test_what_is_held_is_shown_while_it_is_known_who_asks_and_still_asked_for(
    steps: tuple[Step, ...], *, shown: bool
) -> None:
    request = after(received(), *steps).aggregate
    if shown:
        assert request.require_answerable(known("officer")) == request.demand
    else:
        with pytest.raises(Refused) as refusal:
            request.require_answerable(known("officer"))
        assert refusal.value.code == "request-at-other-step"


def test_the_end_of_a_retention_is_no_ground_of_a_request() -> None:
    asked = after(received(RequestKind.ERASE), verified())
    asked.when(granted(ErasureGround.RETENTION_OVER)).refused("retention-over-by-disposal")


@pytest.mark.parametrize("means", VerificationMeans)
@pytest.mark.parametrize("applicant", Applicant)
def test_who_asks_for_another_shows_authority_and_only_then(
    applicant: Applicant, means: VerificationMeans
) -> None:
    outcome = after(received(applicant=applicant)).when(verified(means))
    if (applicant is Applicant.SELF) is (means is VerificationMeans.AUTHORITY):
        outcome.refused("means-do-not-fit", applicant=applicant)
    else:
        outcome.then(IdentityVerified)


@pytest.mark.parametrize("kind", RequestKind)
def test_only_an_erasure_has_a_ground_and_each_has_one(kind: RequestKind) -> None:
    asked = after(received(kind), verified())
    with_ground, without = granted(ErasureGround.CONSENT_WITHDRAWN), granted()
    if kind is RequestKind.ERASE:
        with_ground, without = without, with_ground
    asked.when(without).then(RequestGranted)
    asked.when(with_ground).refused("ground-of-erasure-only")


def test_a_refusal_tells_why_and_is_sealed() -> None:
    (event,) = after(received(), verified()).when(refused()).then(RequestRefused)
    assert (event.ground, event.explanation) == (RequestRefusal.OTHERS_PRIVACY, WHY)


def test_what_was_granted_can_still_turn_out_impossible() -> None:
    after(received(), verified(), granted()).when(refused(RequestRefusal.LEGAL_HOLD)).then(
        RequestRefused
    )


def test_an_unverified_request_is_refused_only_for_that() -> None:
    unproven = refused(RequestRefusal.IDENTITY_UNPROVEN)
    after(received()).when(unproven).then(RequestRefused)
    after(received()).when(refused()).refused("refusal-beside-identity")
    after(received(), verified()).when(unproven).refused("refusal-beside-identity")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PRIVACY_OFFICER])
def test_only_a_privacy_officer_decides(role: Role) -> None:
    asked = after(received(), verified())
    for step in (
        granted(role=role),
        refused(role=role),
        lambda r: r.extend(LATER, on(3, role, "须调阅")),
    ):
        asked.when(step).refused("privacy-officer-only", role=role)


def test_the_term_is_extended_once_for_a_reason_and_before_it_is_over() -> None:
    asked = after(received(), verified())
    (event,) = asked.when(extended()).then(RequestExtended)
    assert (event.before, event.after) == (DUE, LATER)
    asked.when(extended(reason=None)).refused("extension-needs-reason")
    asked.when(extended(day=22)).then(RequestExtended)
    asked.when(extended(day=23)).refused("already-overdue", due_on=DUE.on)
    earlier = Due(on=DUE.on - timedelta(days=1), calendar_version="CN")
    asked.when(extended(after=earlier)).refused("times-out-of-order")
    asked.and_then(extended()).when(extended()).refused("already-extended")


def test_the_steps_are_taken_in_order() -> None:
    asked = after(received(), verified(), granted())
    asked.when(lambda r: r.withdraw(on(3))).refused("times-out-of-order")


def test_a_person_may_stop_asking_at_any_time_before_the_answer() -> None:
    for steps in ((), (verified(),), (verified(), granted())):
        after(received(), *steps).when(withdrawn).then(RequestWithdrawn)


def test_the_term_skips_the_spring_festival() -> None:
    """Received 2021-02-05: the festival is 11 to 17 February, Sundays 7 and 20 (Sat.) are worked.

    Notice 国办发明电〔2020〕27号.
    """
    calendar = calendar_on(date(2021, 2, 5))
    assert calendar.working_days_after(date(2021, 2, 5), TERM.working_days) == date(2021, 3, 3)


@holds(st.dates(date(2019, 1, 1), date(2025, 9, 30)), st.integers(1, 40))
def test_so_many_working_days_lie_between_a_day_and_the_last_of_its_term(
    received_on: date, days: int
) -> None:
    calendar = calendar_on(date(2026, 1, 1))
    last = calendar.working_days_after(received_on, days)
    between = [received_on + timedelta(days=n) for n in range(1, (last - received_on).days + 1)]
    assert sum(map(calendar.is_working_day, between)) == days
    assert calendar.is_working_day(last)
