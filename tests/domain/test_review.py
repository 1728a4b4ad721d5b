"""The rules of a review."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as holds
from hypothesis import strategies as st

from domain import review
from domain.base import Event, Place
from domain.review import (
    Finding,
    FindingAnswered,
    FindingRaised,
    FindingSettled,
    Review,
    ReviewClosed,
    ReviewOpened,
    ReviewPlan,
    SampleDrawn,
    digest,
    draw,
)
from domain.review_wording import REVIEW_REFUSALS, REVIEW_TITLES
from domain.values import FindingSettlement, FindingSeverity
from tests.domain.refusals import refusals_of, topics_of, unfilled
from tests.domain.scenario import Given, given, known, stamp

Step = Callable[[Review], Iterator[Event]]

PLACE = Place(region=known("county"))
POPULATION = tuple(known(f"case {number}") for number in range(40))
PLAN = ReviewPlan(
    scope="莱城区 2019 年一季度结案个案",
    as_of=1234,
    rules_version="2019-1",
    sample_size=5,
    seed="9f2c",
)
SAMPLE = draw(POPULATION, 5, "9f2c")
MISSING = known("finding")


def on(day: int, who: str = "reviewer") -> Any:
    return stamp(date(2019, 4, day), actor=who)


def finding(**changes: Any) -> Finding:
    facts = {
        "id": MISSING,
        "case": SAMPLE[0],
        "rule": "一案一档",
        "text": "缺安全筛查记录",
        "severity": FindingSeverity.SERIOUS,
    }
    return Finding(**{**facts, **changes})


def opened(r: Review) -> Iterator[Event]:
    return r.open(PLAN, PLACE, on(1))


def drawn(r: Review) -> Iterator[Event]:
    return r.draw_sample(POPULATION, on(2))


def raised(r: Review) -> Iterator[Event]:
    return r.raise_finding(finding(), on(3, "colleague"))


def answered(r: Review) -> Iterator[Event]:
    return r.answer_finding(MISSING, "已补录", on(4, "centre"))


def settled(settlement: FindingSettlement = FindingSettlement.RECTIFIED) -> Step:
    return lambda r: r.settle_finding(MISSING, settlement, None, on(5))


def closed(r: Review) -> Iterator[Event]:
    return r.close(on(6))


ANSWERED = (opened, drawn, raised, answered)


def after(*steps: Step) -> Given[Review]:
    return given(Review(known("review")), *steps)


def test_a_review_says_what_as_of_when_by_which_rules_and_with_which_seed() -> None:
    (event,) = after().when(opened).then(ReviewOpened)
    assert (event.plan, event.place) == (PLAN, PLACE)


def test_a_review_is_opened_once() -> None:
    after(opened).when(opened).refused("review-exists")


@pytest.mark.parametrize("step", [drawn, raised, answered, settled(), closed])
def test_nothing_happens_before_a_review_is_opened_or_after_it_is_closed(step: Step) -> None:
    after().when(step).refused("review-not-opened")
    after(opened, drawn, closed).when(step).refused("review-closed")


def test_the_seed_is_recorded_before_the_draw_and_the_draw_follows_it() -> None:
    after().when(drawn).refused("review-not-opened")
    (event,) = after(opened).when(drawn).then(SampleDrawn)
    assert event.cases == draw(POPULATION, PLAN.sample_size, PLAN.seed)


def test_the_sample_has_exactly_the_size_that_was_settled() -> None:
    (event,) = after(opened).when(drawn).then(SampleDrawn)
    assert len(event.cases) == PLAN.sample_size
    assert event.population == len(POPULATION)


def test_a_population_smaller_than_the_sample_is_drawn_whole() -> None:
    few = POPULATION[:3]
    (event,) = after(opened).when(lambda r: r.draw_sample(few, on(2))).then(SampleDrawn)
    assert sorted(event.cases) == sorted(few)
    assert event.population == 3


def test_a_case_named_twice_counts_once_in_the_population() -> None:
    twice = POPULATION + POPULATION
    (event,) = after(opened).when(lambda r: r.draw_sample(twice, on(2))).then(SampleDrawn)
    assert event.population == len(POPULATION)
    assert event.cases == SAMPLE


def test_a_drawn_sample_tells_its_population_from_another() -> None:
    (event,) = after(opened).when(drawn).then(SampleDrawn)
    assert event.population_digest == digest(reversed(POPULATION))
    assert event.population_digest != digest(POPULATION[1:])


def test_a_sample_is_drawn_once() -> None:
    after(opened, drawn).when(drawn).refused("sample-already-drawn")


def test_a_finding_is_about_a_case_of_the_sample() -> None:
    (event,) = after(opened, drawn).when(raised).then(FindingRaised)
    assert event.finding == finding()
    other = next(case for case in POPULATION if case not in SAMPLE)
    after(opened, drawn).when(lambda r: r.raise_finding(finding(case=other), on(3))).refused(
        "case-not-in-sample", case=other
    )


@pytest.mark.parametrize("step", [raised, closed])
def test_findings_and_the_close_wait_for_the_draw(step: Step) -> None:
    after(opened).when(step).refused("sample-not-drawn")


def test_a_finding_is_raised_once() -> None:
    after(opened, drawn, raised).when(raised).refused("record-exists", record=MISSING)


@pytest.mark.parametrize("step", [answered, settled()])
def test_only_a_finding_that_was_raised_is_answered_or_settled(step: Step) -> None:
    after(opened, drawn).when(step).refused("record-unknown", record=MISSING)


def test_an_answer_names_the_finding_and_its_case() -> None:
    (event,) = after(opened, drawn, raised).when(answered).then(FindingAnswered)
    assert (event.finding, event.case, event.text) == (MISSING, SAMPLE[0], "已补录")


@pytest.mark.parametrize("who", ["reviewer", "colleague"])
def test_no_reviewer_answers_whether_of_the_review_or_of_the_finding(who: str) -> None:
    after(opened, drawn, raised).when(
        lambda r: r.answer_finding(MISSING, "已补录", on(4, who))
    ).refused("answer-by-reviewer")


def test_a_finding_may_be_answered_again_until_it_is_settled() -> None:
    after(*ANSWERED).when(answered).then(FindingAnswered)
    after(*ANSWERED, settled()).when(
        lambda r: r.answer_finding(MISSING, "又", on(6, "centre"))
    ).refused("finding-already-settled")


@pytest.mark.parametrize(
    "step",
    [
        lambda r: r.raise_finding(finding(id=known("another")), on(5, "centre")),
        lambda r: r.settle_finding(MISSING, FindingSettlement.ACCEPTED, None, on(5, "centre")),
        lambda r: r.close(on(5, "centre")),
    ],
)
def test_who_answered_takes_no_part_in_reviewing(step: Step) -> None:
    after(*ANSWERED).when(step).refused("reviewer-answered")


@pytest.mark.parametrize("settlement", [*FindingSettlement])
def test_an_answered_finding_is_settled_in_any_way(settlement: FindingSettlement) -> None:
    (event,) = after(*ANSWERED).when(settled(settlement)).then(FindingSettled)
    assert (event.finding, event.case, event.settlement) == (MISSING, SAMPLE[0], settlement)


@pytest.mark.parametrize("settlement", [*FindingSettlement])
def test_without_an_answer_a_finding_is_only_withdrawn(settlement: FindingSettlement) -> None:
    outcome = after(opened, drawn, raised).when(settled(settlement))
    if settlement is FindingSettlement.WITHDRAWN:
        outcome.then(FindingSettled)
    else:
        outcome.refused("finding-not-answered", finding=MISSING)


def test_a_finding_is_settled_once() -> None:
    after(*ANSWERED, settled()).when(settled()).refused("finding-already-settled")


def test_a_review_closes_only_when_every_finding_is_settled() -> None:
    another = lambda r: r.raise_finding(finding(id=known("another")), on(5))  # noqa: E731
    after(*ANSWERED).when(closed).refused("findings-unsettled", unsettled=1)
    after(*ANSWERED, another).when(closed).refused("findings-unsettled", unsettled=2)
    after(*ANSWERED, another, settled()).when(closed).refused("findings-unsettled", unsettled=1)
    (event,) = after(*ANSWERED, settled()).when(closed).then(ReviewClosed)
    assert (event.cases, event.findings) == (5, 1)


def test_a_review_without_findings_closes_after_the_draw() -> None:
    (event,) = after(opened, drawn).when(closed).then(ReviewClosed)
    assert (event.cases, event.findings) == (5, 0)


def test_steps_are_dated_in_order() -> None:
    after(opened, drawn).when(lambda r: r.raise_finding(finding(), on(1))).refused(
        "times-out-of-order"
    )


def test_every_step_counts_where_the_review_does() -> None:
    scenario = after(opened)
    for step in (drawn, raised, answered, settled(), closed):
        (event,) = scenario.when(step).events
        assert isinstance(event, review.ReviewEvent)
        assert event.place == PLACE
        scenario.and_then(step)


DRAWN_ELSEWHERE = [523, 188, 485, 215, 902]
"""Computed with `sha256sum` over printf '2019-Q1' and the 16 bytes of each number, sorted."""

populations = st.lists(st.uuids(), unique=True, max_size=30)


@holds(populations, st.integers(1, 40), st.text(min_size=1), st.randoms(use_true_random=False))
def test_the_draw_does_not_depend_on_the_order_of_the_population(
    population: list[UUID], size: int, seed: str, random: Any
) -> None:
    shuffled = [*population, *population[:3]]
    random.shuffle(shuffled)
    drawn = draw(population, size, seed)
    assert draw(shuffled, size, seed) == drawn
    assert len(drawn) == len(set(drawn)) == min(size, len(population))
    assert set(drawn) <= set(population)


@holds(populations, st.integers(1, 30), st.text(min_size=1))
def test_a_larger_sample_of_the_same_seed_begins_with_the_smaller_one(
    population: list[UUID], size: int, seed: str
) -> None:
    assert draw(population, size + 1, seed)[:size] == draw(population, size, seed)


def test_the_draw_takes_the_smallest_hashes_as_anyone_can_compute_them() -> None:
    ranked = sorted(POPULATION, key=lambda case: sha256("抽样".encode() + case.bytes).hexdigest())
    assert draw(POPULATION, 7, "抽样") == tuple(ranked[:7])


def test_the_draw_is_the_same_in_every_version_of_the_program() -> None:
    cases = [UUID(int=number) for number in range(1, 1001)]
    assert [case.int for case in draw(cases, 5, "2019-Q1")] == DRAWN_ELSEWHERE
    assert digest(cases[:1]) == sha256(b"\0" * 15 + b"\1").hexdigest()


def test_another_seed_draws_another_sample() -> None:
    assert draw(POPULATION, 5, "9f2c") != draw(POPULATION, 5, "9f2d")


def test_every_event_of_a_review_has_its_chinese_title() -> None:
    assert topics_of(review) == set(REVIEW_TITLES)


@pytest.mark.parametrize(("code", "context"), refusals_of(review).items())
def test_every_refusal_of_a_review_has_a_sentence_that_its_context_fills(
    code: str, context: set[str]
) -> None:
    assert not unfilled(code, context)


def test_no_sentence_about_reviews_is_left_over() -> None:
    assert set(REVIEW_REFUSALS) <= set(refusals_of(review))
