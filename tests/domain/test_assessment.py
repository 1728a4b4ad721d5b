"""The rules of the register of impact assessments, and of the years that it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from domain.assessment import (
    AssessmentApproved,
    AssessmentCorrected,
    AssessmentReturned,
    Findings,
    ImpactAssessed,
    ImpactAssessment,
)
from domain.base import Event, Place
from domain.retention import SCHEDULE, RecordClass, years_after
from domain.rights import AssessmentOutcome, AssessmentStatus, AssessmentTrigger
from tests.domain.scenario import Given, given, known, stamp

Step = Callable[[ImpactAssessment], Iterator[Event]]
PLACE = Place(region=known("county"))


def on(day: int, who: str = "author", reason: str | None = None) -> Any:
    return stamp(date(2024, 3, day), actor=who, reason=reason)


def findings(**changes: Any) -> Findings:
    facts = {
        "activity": "向法院提供涉家暴个案材料",
        "triggers": (AssessmentTrigger.ENTRUSTED, AssessmentTrigger.SENSITIVE),
        "assessed_on": date(2024, 2, 29),
        "assessors": "市妇联权益部",
        "lawful": "履行法定职责所必需",
        "risks": "对方获知保护地址",
        "measures": "分隔、遮蔽、登记",
        "outcome": AssessmentOutcome.WITH_MEASURES,
    }
    return Findings(**{**facts, **changes})


def recorded(a: ImpactAssessment) -> Iterator[Event]:
    return a.record(findings(), PLACE, on(1))


def corrected(a: ImpactAssessment) -> Iterator[Event]:
    return a.correct(findings(assessed_on=date(2024, 2, 28)), on(2, "helper", "日期有误"))


def approved(a: ImpactAssessment) -> Iterator[Event]:
    return a.approve(on(3, "head"))


def returned(a: ImpactAssessment) -> Iterator[Event]:
    return a.send_back(on(3, "head", "风险分析不足"))


def after(*steps: Step) -> Given[ImpactAssessment]:
    return given(ImpactAssessment(known("assessment")), *steps)


def test_an_assessment_says_why_it_was_due_in_the_order_of_the_law_and_is_kept_three_years() -> (
    None
):
    (event,) = after().when(recorded).then(ImpactAssessed)
    assert event.findings.triggers == (AssessmentTrigger.SENSITIVE, AssessmentTrigger.ENTRUSTED)
    assert event.keep_until == date(2027, 2, 28)
    after(recorded).when(recorded).refused("assessment-exists")


def test_an_assessment_is_not_of_the_future() -> None:
    later = findings(assessed_on=date(2024, 3, 2))
    after().when(lambda a: a.record(later, PLACE, on(1))).refused("not-yet-happened")


def test_nobody_approves_what_he_wrote_or_corrected() -> None:
    written = after(recorded, corrected)
    for author in ("author", "helper"):
        written.when(lambda a, who=author: a.approve(on(3, who))).refused("approver-is-author")
    (event,) = written.when(approved).then(AssessmentApproved)
    assert event.outcome is AssessmentOutcome.WITH_MEASURES


def test_a_correction_holds_both_sides_and_moves_the_end_of_its_years() -> None:
    (event,) = after(recorded).when(corrected).then(AssessmentCorrected)
    assert (event.before, event.keep_until) == (findings(), date(2027, 2, 28))
    same = lambda a: a.correct(findings(), on(2, reason="日期有误"))  # noqa: E731
    after(recorded).when(same).refused("correction-changes-nothing")
    silent = lambda a: a.correct(findings(risks="无"), on(2))  # noqa: E731
    after(recorded).when(silent).refused("correction-needs-reason")


def test_a_returned_assessment_is_done_again() -> None:
    back = after(recorded, returned)
    back.when(approved).refused("assessment-at-other-step", status=AssessmentStatus.RETURNED)
    again = lambda a: a.correct(findings(risks="对方可能跟踪"), on(4, reason="重做"))  # noqa: E731
    back.and_then(again).when(lambda a: a.approve(on(5, "head"))).then(AssessmentApproved)
    after(recorded).when(lambda a: a.send_back(on(3))).refused("rejection-needs-reason")
    after(recorded).when(returned).then(AssessmentReturned)


def test_what_was_approved_stays_as_it_is() -> None:
    for step in (corrected, approved, returned):
        after(recorded, approved).when(step).refused("assessment-at-other-step")
        after().when(step).refused("assessment-not-recorded")


def test_the_steps_are_taken_in_order() -> None:
    after(recorded, corrected).when(lambda a: a.approve(on(1, "head"))).refused(
        "times-out-of-order"
    )


def test_the_schedule_has_one_row_a_class_and_says_who_says_so() -> None:
    assert [row.kind for row in SCHEDULE] == list(RecordClass)
    assert all(row.years > 0 and len(row.source) > 20 for row in SCHEDULE)


@pytest.mark.parametrize(
    ("on_", "years", "until"),
    [
        (date(2024, 2, 29), 3, date(2027, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2024, 3, 1), 10, date(2034, 3, 1)),
    ],
)
def test_years_end_on_the_same_day_or_the_last_of_february(
    on_: date, years: int, until: date
) -> None:
    assert years_after(on_, years) == until
