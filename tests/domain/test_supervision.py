"""The rules of a supervision order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as holds
from hypothesis import strategies as st
from pydantic import ValidationError

from domain import supervision
from domain.base import Event, Place, Refused, decide, fold
from domain.supervision import (
    DeadlineExtended,
    EvidenceSubmitted,
    Order,
    OrderAcknowledged,
    OrderCorrected,
    OrderEscalated,
    OrderIssued,
    OrderReturned,
    OrderVerified,
    OrderVoided,
    OrderWrittenOff,
    ProgressReported,
    SupervisionOrder,
    WriteOffVoided,
)
from domain.supervision_wording import SUPERVISION_REFUSALS, SUPERVISION_TITLES
from domain.values import EscalationStep, OrderStatus
from tests.domain.refusals import refusals_of, topics_of, unfilled
from tests.domain.scenario import Given, given, known, stamp

Step = Callable[[SupervisionOrder], Iterator[Event]]

ISSUED, DEADLINE = date(2019, 3, 1), date(2019, 3, 31)
CENTRE, COUNTY = known("centre"), known("county")
PLACE = Place(centre=CENTRE, region=COUNTY)
ELSEWHERE = Place(centre=known("other centre"), region=COUNTY)


def order(**changes: Any) -> Order:
    facts = {
        "addressee": CENTRE,
        "what": "补齐三月份回访记录",
        "issued_on": ISSUED,
        "deadline": DEADLINE,
        "evidence": (12, 40),
    }
    return Order(**{**facts, **changes})


def on(month: int, day: int, who: str = "supervisor", **fields: Any) -> Any:
    return stamp(date(2019, month, day), actor=who, **fields)


def why(month: int, day: int, who: str = "supervisor") -> Any:
    return on(month, day, who, reason="核实后发现有误")


def issued(o: SupervisionOrder) -> Iterator[Event]:
    return o.issue(order(), PLACE, on(3, 1))


def acknowledged(o: SupervisionOrder) -> Iterator[Event]:
    return o.acknowledge(on(3, 2, "wang"))


def progressed(o: SupervisionOrder) -> Iterator[Event]:
    return o.report_progress("已回访二十户", on(3, 5, "wang"))


def submitted(o: SupervisionOrder) -> Iterator[Event]:
    return o.submit_evidence("回访记录已补齐", (77, 91), on(3, 10, "zhao"))


def returned(o: SupervisionOrder) -> Iterator[Event]:
    return o.send_back(why(3, 12))


def verified(o: SupervisionOrder) -> Iterator[Event]:
    return o.verify(on(3, 15))


def written_off(o: SupervisionOrder) -> Iterator[Event]:
    return o.write_off(on(3, 16))


def escalated(step: EscalationStep) -> Step:
    return lambda o: o.escalate(step, why(4, 2))


def voided(o: SupervisionOrder) -> Iterator[Event]:
    return o.void(why(3, 20))


SUBMITTED = (issued, acknowledged, submitted)
VERIFIED = (*SUBMITTED, verified)
SETTLED = (*VERIFIED, written_off)


def after(*steps: Step) -> Given[SupervisionOrder]:
    return given(SupervisionOrder(known("order")), *steps)


def test_an_order_says_to_whom_what_by_when_and_on_what_evidence() -> None:
    (event,) = after().when(issued).then(OrderIssued)
    assert event.order == order()
    assert event.place == PLACE


def test_an_order_is_issued_once() -> None:
    after(issued).when(issued).refused("order-exists")


def test_an_order_may_go_to_the_region_about_one_of_its_centres() -> None:
    after().when(lambda o: o.issue(order(addressee=COUNTY), PLACE, on(3, 1))).then(OrderIssued)


def test_an_order_goes_to_someone_at_its_place() -> None:
    wrong = order(addressee=known("another county"))
    after().when(lambda o: o.issue(wrong, PLACE, on(3, 1))).refused("addressee-elsewhere")


def test_an_order_is_not_due_before_it_is_issued() -> None:
    wrong = order(deadline=date(2019, 2, 28))
    after().when(lambda o: o.issue(wrong, PLACE, on(3, 1))).refused(
        "deadline-before-issue", issued_on=ISSUED
    )


def test_an_order_may_be_due_on_the_day_of_issue() -> None:
    after().when(lambda o: o.issue(order(deadline=ISSUED), PLACE, on(3, 1))).then(OrderIssued)


def test_an_order_of_tomorrow_is_not_issued_yet() -> None:
    after().when(lambda o: o.issue(order(), PLACE, on(2, 28))).refused("not-yet-happened")


def test_an_order_entered_over_three_days_late_needs_a_reason() -> None:
    after().when(lambda o: o.issue(order(), PLACE, on(3, 5))).refused("late-entry-needs-reason")


def test_evidence_names_each_position_once_in_the_order_of_the_log() -> None:
    assert order(evidence=(40, 12, 40)).evidence == (12, 40)


def test_evidence_lies_in_the_log() -> None:
    with pytest.raises(ValidationError):
        order(evidence=(0,))


@pytest.mark.parametrize(
    "step",
    [
        acknowledged,
        progressed,
        submitted,
        returned,
        verified,
        written_off,
        voided,
        escalated(EscalationStep.REMINDER),
        lambda o: o.extend_deadline(date(2019, 5, 1), why(3, 3)),
        lambda o: o.correct(order(what="另"), PLACE, why(3, 3)),
        lambda o: o.void_write_off(why(3, 3)),
    ],
)
def test_nothing_happens_to_an_order_before_it_is_issued_or_after_it_is_voided(step: Step) -> None:
    after().when(step).refused("order-not-issued")
    after(issued, voided).when(step).refused("order-voided")


def test_a_voided_order_is_not_issued_again() -> None:
    after(issued, voided).when(issued).refused("order-exists")


def test_an_order_is_acknowledged_once() -> None:
    after(issued).when(acknowledged).then(OrderAcknowledged)
    after(issued, acknowledged).when(acknowledged).refused("order-already-acknowledged")


@pytest.mark.parametrize("step", [progressed, submitted])
def test_rectification_begins_with_the_acknowledgement(step: Step) -> None:
    after(issued).when(step).refused("order-not-acknowledged")


def test_progress_is_reported_as_often_as_needed() -> None:
    (event,) = after(issued, acknowledged, progressed).when(progressed).then(ProgressReported)
    assert event.text == "已回访二十户"


def test_submitted_evidence_pins_what_the_log_showed() -> None:
    (event,) = after(issued, acknowledged).when(submitted).then(EvidenceSubmitted)
    assert event.evidence == (77, 91)


def test_more_evidence_may_follow_until_it_is_verified() -> None:
    after(*SUBMITTED).when(submitted).then(EvidenceSubmitted)


@pytest.mark.parametrize("step", [progressed, submitted])
def test_a_verified_order_takes_no_more_rectification(step: Step) -> None:
    late = {
        progressed: lambda o: o.report_progress("又", on(3, 16, "wang")),
        submitted: lambda o: o.submit_evidence("又", (), on(3, 16, "wang")),
    }[step]
    after(*VERIFIED).when(late).refused("order-verified")


@pytest.mark.parametrize("step", [returned, verified])
def test_only_submitted_evidence_is_judged(step: Step) -> None:
    after(issued, acknowledged, progressed).when(step).refused("order-not-submitted")


def test_a_returned_order_goes_back_to_rectification_as_often_as_needed() -> None:
    again = (
        lambda o: o.submit_evidence("再次补齐", (99,), on(3, 13, "zhao")),
        lambda o: o.send_back(why(3, 14)),
    )
    scenario = after(*SUBMITTED, returned, *again)
    assert scenario.aggregate.status is OrderStatus.RETURNED
    scenario.when(lambda o: o.report_progress("继续", on(3, 15, "wang"))).then(ProgressReported)


def test_an_order_is_returned_with_a_reason() -> None:
    after(*SUBMITTED).when(returned).then(OrderReturned)
    after(*SUBMITTED).when(lambda o: o.send_back(on(3, 12))).refused("supervision-needs-reason")


def test_a_hasty_verification_is_undone_by_returning_the_order() -> None:
    after(*VERIFIED).when(lambda o: o.send_back(why(3, 16))).then(OrderReturned)


@pytest.mark.parametrize("rectifier", ["wang", "zhao"])
def test_the_verifier_is_not_one_who_reported_progress_or_submitted_evidence(
    rectifier: str,
) -> None:
    steps = (issued, acknowledged, progressed, submitted)
    after(*steps).when(lambda o: o.verify(on(3, 15, rectifier))).refused("verifier-rectified")
    after(*steps).when(lambda o: o.verify(on(3, 15))).then(OrderVerified)


@pytest.mark.parametrize(
    ("steps", "change"),
    [
        (SUBMITTED, lambda o: o.extend_deadline(date(2019, 5, 1), why(3, 11, "zhao"))),
        (SUBMITTED, lambda o: o.correct(order(what="缓办"), PLACE, why(3, 11, "zhao"))),
        (SUBMITTED, lambda o: o.void(why(3, 11, "zhao"))),
        (SETTLED, lambda o: o.void_write_off(why(3, 20, "zhao"))),
    ],
    ids=["extend", "correct", "void", "void-write-off"],
)
def test_who_rectified_neither_extends_corrects_nor_voids(
    steps: tuple[Step, ...], change: Step
) -> None:
    after(*steps).when(change).refused("verifier-rectified")


def test_who_rectified_before_a_return_still_does_not_verify() -> None:
    again = lambda o: o.submit_evidence("再次补齐", (), on(3, 13, "wang"))  # noqa: E731
    after(*SUBMITTED, returned, again).when(lambda o: o.verify(on(3, 15, "zhao"))).refused(
        "verifier-rectified"
    )


def test_who_rectified_neither_returns_nor_writes_off() -> None:
    after(*SUBMITTED).when(lambda o: o.send_back(why(3, 12, "zhao"))).refused("verifier-rectified")
    after(*VERIFIED).when(lambda o: o.write_off(on(3, 16, "zhao"))).refused("verifier-rectified")


def test_who_only_acknowledged_may_verify() -> None:
    after(*SUBMITTED).when(lambda o: o.verify(on(3, 15, "wang"))).then(OrderVerified)


def test_only_a_verified_order_is_written_off() -> None:
    after(*SUBMITTED).when(written_off).refused("order-not-verified")


def test_a_write_off_carries_what_the_figures_need() -> None:
    (event,) = after(*VERIFIED).when(written_off).then(OrderWrittenOff)
    assert event.place == PLACE
    assert (event.issued_on, event.deadline) == (ISSUED, DEADLINE)
    assert event.written_off_on == date(2019, 3, 16)


@pytest.mark.parametrize(
    "step",
    [
        lambda o: o.acknowledge(on(3, 17)),
        lambda o: o.report_progress("又", on(3, 17)),
        lambda o: o.submit_evidence("又", (), on(3, 17)),
        lambda o: o.send_back(why(3, 17)),
        lambda o: o.verify(on(3, 17)),
        lambda o: o.write_off(on(3, 17)),
        lambda o: o.escalate(EscalationStep.REMINDER, why(3, 17)),
        lambda o: o.extend_deadline(date(2019, 5, 1), why(3, 17)),
    ],
)
def test_a_written_off_order_takes_no_further_step(step: Step) -> None:
    after(*SETTLED).when(step).refused("order-written-off", written_off_on=date(2019, 3, 16))


def test_a_mistaken_write_off_is_voided_and_may_be_made_again() -> None:
    scenario = after(*SETTLED)
    (event,) = scenario.when(lambda o: o.void_write_off(why(3, 20))).then(WriteOffVoided)
    assert (event.deadline, event.written_off_on) == (DEADLINE, date(2019, 3, 16))
    scenario.and_then(lambda o: o.void_write_off(why(3, 20)))
    scenario.when(lambda o: o.write_off(on(3, 18))).then(OrderWrittenOff)


def test_voiding_a_write_off_needs_one_and_a_reason() -> None:
    after(*VERIFIED).when(lambda o: o.void_write_off(why(3, 20))).refused("order-not-written-off")
    after(*SETTLED).when(lambda o: o.void_write_off(on(3, 20))).refused("correction-needs-reason")


def test_an_order_climbs_the_ladder_from_the_bottom_to_the_top() -> None:
    scenario = after(issued)
    before = None
    for step in EscalationStep:
        (event,) = scenario.when(escalated(step)).then(OrderEscalated)
        assert (event.before, event.after) == (before, step)
        scenario.and_then(escalated(step))
        before = step
    scenario.when(escalated(EscalationStep.LISTED)).refused("escalation-at-top")


@pytest.mark.parametrize("step", [*EscalationStep])
def test_no_step_of_the_ladder_is_left_out_repeated_or_gone_back(step: EscalationStep) -> None:
    climbed = (escalated(EscalationStep.REMINDER), escalated(EscalationStep.SUPERVISION))
    outcome = after(issued, *climbed).when(escalated(step))
    if step is EscalationStep.NOTICE:
        outcome.then(OrderEscalated)
    else:
        outcome.refused("escalation-out-of-order", following="通报")


def test_an_escalation_says_why() -> None:
    after(issued).when(lambda o: o.escalate(EscalationStep.REMINDER, on(4, 2))).refused(
        "supervision-needs-reason"
    )


def test_a_verified_order_is_not_escalated() -> None:
    after(*VERIFIED).when(escalated(EscalationStep.REMINDER)).refused("order-verified")


def test_an_escalated_order_is_rectified_and_written_off_like_any_other() -> None:
    steps = (
        lambda o: o.escalate(EscalationStep.REMINDER, why(3, 4)),
        submitted,
        verified,
    )
    after(issued, acknowledged, *steps).when(written_off).then(OrderWrittenOff)


def test_an_extension_carries_both_deadlines_and_moves_the_one_that_counts() -> None:
    later = date(2019, 4, 30)
    scenario = after(*VERIFIED)
    (event,) = scenario.when(lambda o: o.extend_deadline(later, why(3, 31))).then(DeadlineExtended)
    assert (event.issued_on, event.before, event.after) == (ISSUED, DEADLINE, later)
    scenario.and_then(lambda o: o.extend_deadline(later, why(3, 31)))
    (settled,) = scenario.when(lambda o: o.write_off(on(4, 1))).then(OrderWrittenOff)
    assert settled.deadline == later


@pytest.mark.parametrize("deadline", [DEADLINE, date(2019, 3, 30)])
def test_an_extension_gives_more_time(deadline: date) -> None:
    after(issued).when(lambda o: o.extend_deadline(deadline, why(3, 3))).refused(
        "deadline-not-later", deadline=DEADLINE
    )


def test_an_overdue_order_is_not_extended() -> None:
    after(issued).when(lambda o: o.extend_deadline(date(2019, 5, 1), why(4, 1))).refused(
        "deadline-passed", deadline=DEADLINE
    )


def test_an_extension_says_why() -> None:
    after(issued).when(lambda o: o.extend_deadline(date(2019, 5, 1), on(3, 3))).refused(
        "supervision-needs-reason"
    )


def test_steps_are_dated_in_order() -> None:
    after(issued, acknowledged, progressed).when(
        lambda o: o.submit_evidence("补", (), on(3, 4, "wang"))
    ).refused("times-out-of-order")


def test_a_correction_carries_both_orders_their_places_and_the_write_off() -> None:
    right = order(addressee=known("other centre"), deadline=date(2019, 3, 20))
    (event,) = (
        after(*SETTLED).when(lambda o: o.correct(right, ELSEWHERE, why(3, 20))).then(OrderCorrected)
    )
    assert (event.place_before, event.place) == (PLACE, ELSEWHERE)
    assert (event.before, event.after) == (order(), right)
    assert event.written_off_on == date(2019, 3, 16)


def test_later_events_count_where_the_correction_put_the_order() -> None:
    right = order(addressee=known("other centre"))
    moved = after(issued, lambda o: o.correct(right, ELSEWHERE, why(3, 2)))
    (event,) = moved.when(acknowledged).then(OrderAcknowledged)
    assert event.place == ELSEWHERE


def test_a_correction_starts_from_the_deadline_as_extended() -> None:
    later = date(2019, 4, 30)
    extended = after(issued, lambda o: o.extend_deadline(later, why(3, 3)))
    (event,) = extended.when(lambda o: o.correct(order(), PLACE, why(3, 4))).then(OrderCorrected)
    assert (event.before.deadline, event.after.deadline) == (later, DEADLINE)


def test_a_correction_needs_a_reason_and_a_change() -> None:
    after(issued).when(lambda o: o.correct(order(what="另"), PLACE, on(3, 2))).refused(
        "correction-needs-reason"
    )
    after(issued).when(lambda o: o.correct(order(), PLACE, why(3, 2))).refused(
        "correction-changes-nothing"
    )


def test_a_corrected_order_obeys_the_rules_of_a_new_one() -> None:
    for wrong, code in (
        (order(deadline=date(2019, 2, 1)), "deadline-before-issue"),
        (order(addressee=known("nobody")), "addressee-elsewhere"),
        (order(issued_on=date(2019, 3, 9)), "not-yet-happened"),
    ):
        after(issued).when(lambda o, w=wrong: o.correct(w, PLACE, why(3, 5))).refused(code)


def test_a_correction_leaves_the_issue_before_the_first_step() -> None:
    def moved(day: int) -> Step:
        return lambda o: o.correct(order(issued_on=date(2019, 3, day)), PLACE, why(3, 20))

    after(issued, acknowledged, progressed).when(moved(3)).refused("times-out-of-order")
    after(issued, acknowledged, progressed).when(moved(2)).then(OrderCorrected)


def test_steps_follow_the_corrected_day_of_issue() -> None:
    later = after(issued, lambda o: o.correct(order(issued_on=date(2019, 3, 4)), PLACE, why(3, 5)))
    later.when(acknowledged).refused("times-out-of-order")


def test_a_correction_after_a_step_does_not_let_later_ones_go_back_before_it() -> None:
    corrected = after(
        issued, acknowledged, progressed, lambda o: o.correct(order(what="另"), PLACE, why(3, 9))
    )
    corrected.when(lambda o: o.report_progress("又", on(3, 4, "wang"))).refused(
        "times-out-of-order"
    )


def test_an_order_issued_by_mistake_is_voided_with_its_write_off() -> None:
    (event,) = after(*SETTLED).when(voided).then(OrderVoided)
    assert (event.order, event.place) == (order(), PLACE)
    assert event.written_off_on == date(2019, 3, 16)


def test_voiding_an_order_says_why() -> None:
    after(issued).when(lambda o: o.void(on(3, 20))).refused("correction-needs-reason")


def overdue(event: Event, on: date) -> int:
    """What an event adds to the orders overdue on a date, seen alone."""

    def span(deadline: date, written_off_on: date | None) -> int:
        until = date.max if written_off_on is None else max(deadline + DAY, written_off_on)
        return int(deadline < on < until)

    match event:
        case OrderIssued(order=o):
            return span(o.deadline, None)
        case OrderWrittenOff(deadline=d, written_off_on=w):
            return span(d, w) - span(d, None)
        case WriteOffVoided(deadline=d, written_off_on=w):
            return span(d, None) - span(d, w)
        case DeadlineExtended(before=b, after=a):
            return span(a, None) - span(b, None)
        case OrderCorrected(before=b, after=a, written_off_on=w):
            return span(a.deadline, w) - span(b.deadline, w)
        case OrderVoided(order=o, written_off_on=w):
            return -span(o.deadline, w)
    return 0


DAY = timedelta(days=1)
DAYS = st.dates(ISSUED, date(2019, 6, 30))
ACTIONS = st.tuples(st.sampled_from("apsrvwubxce"), DAYS)


@holds(st.lists(ACTIONS, max_size=25), DAYS)
def test_the_events_one_by_one_add_up_to_what_is_overdue(
    actions: list[tuple[str, date]], asked: date
) -> None:
    state = after(issued).aggregate
    happened = decide(SupervisionOrder(known("order")), issued)
    for what, day in sorted(actions, key=lambda action: action[1]):
        by, judge = (stamp(day, actor=who, reason="说明") for who in ("wang", "supervisor"))
        height = sum(isinstance(event, OrderEscalated) for event in happened)
        decision: Step = {
            "a": lambda o, by=by: o.acknowledge(by),
            "p": lambda o, by=by: o.report_progress("进展", by),
            "s": lambda o, by=by: o.submit_evidence("材料", (5,), by),
            "r": lambda o, by=judge: o.send_back(by),
            "v": lambda o, by=judge: o.verify(by),
            "w": lambda o, by=judge: o.write_off(by),
            "u": lambda o, by=judge: o.void_write_off(by),
            "b": lambda o, by=judge: o.void(by),
            "x": lambda o, by=judge: o.extend_deadline(by.occurred_on + 20 * DAY, by),
            "c": lambda o, by=judge: o.correct(order(deadline=by.occurred_on + DAY), PLACE, by),
            "e": lambda o, by=judge, h=height: o.escalate([*EscalationStep][h % 6], by),
        }[what]
        try:
            events = decide(state, decision)
        except Refused:
            continue
        state = fold(state, events)
        happened += events
    total = sum(overdue(event, asked) for event in happened)
    if state.status is OrderStatus.VOIDED:
        assert total == 0
    else:
        assert state.order is not None
        ended = state.written_off_on or date.max
        assert total == int(state.order.deadline < asked < ended)


def test_every_event_of_an_order_has_its_chinese_title() -> None:
    assert topics_of(supervision) == set(SUPERVISION_TITLES)


@pytest.mark.parametrize(("code", "context"), refusals_of(supervision).items())
def test_every_refusal_of_an_order_has_a_sentence_that_its_context_fills(
    code: str, context: set[str]
) -> None:
    assert not unfilled(code, context)


def test_no_sentence_about_orders_is_left_over() -> None:
    assert set(SUPERVISION_REFUSALS) <= set(refusals_of(supervision))
