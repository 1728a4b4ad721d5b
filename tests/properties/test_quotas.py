"""Quotas by largest remainder: parts add up, stay within one of their share, and respect caps."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from application.simulation_plan import (
    AT_REGISTRY,
    DAYS,
    SimulationRefused,
    Targets,
    dealt,
    plan_year,
    share,
)

WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=60)
SCALES = st.fractions(Fraction(1, 1000), Fraction(1, 20), max_denominator=2000)


@given(st.integers(0, 10**6), WEIGHTS)
def test_parts_add_up_to_the_whole(total: int, weights: list[int]) -> None:
    assert sum(share(total, weights)) == total


@given(st.integers(0, 10**6), WEIGHTS)
def test_each_part_lies_within_one_of_its_share(total: int, weights: list[int]) -> None:
    assume(sum(weights) > 0)
    for part, weight in zip(share(total, weights), weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


@given(st.integers(0, 10**6), WEIGHTS)
def test_a_part_with_more_weight_is_never_smaller(total: int, weights: list[int]) -> None:
    assume(sum(weights) > 0)
    by_weight = sorted(zip(weights, share(total, weights), strict=True))
    assert all(
        less <= more for (light, less), (heavy, more) in pairwise(by_weight)
        if light < heavy
    )  # fmt: skip


@given(st.data(), st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 50)), min_size=1))
def test_no_part_exceeds_its_cap_and_all_is_given_out(
    data: st.DataObject, parts: list[tuple[int, int]]
) -> None:
    weights, caps = [w for w, _ in parts], [c for _, c in parts]
    total = data.draw(st.integers(0, sum(caps)))
    shared = share(total, weights, caps)
    assert sum(shared) == total
    assert all(0 <= part <= cap for part, cap in zip(shared, caps, strict=True))


def test_more_than_the_caps_hold_is_an_error() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        share(4, [1, 1], [1, 2])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=20), st.integers(0, 2**32))
def test_days_are_dealt_so_that_counties_and_months_keep_their_quotas(
    counts: list[int], seed: int
) -> None:
    days = dealt(Random(seed), counts, AT_REGISTRY)
    assert [len(part) for part in days] == counts
    weights = [0] * 12
    dealt_out = [0] * 12
    for on, weight in zip(DAYS, AT_REGISTRY, strict=True):
        weights[on.month - 1] += weight
    for part in days:
        for number in part:
            dealt_out[DAYS[number].month - 1] += 1
            assert AT_REGISTRY[number] > 0, "registry offices are closed on that day"
    assert dealt_out == share(sum(counts), weights)


@settings(max_examples=15, deadline=None)
@given(SCALES, st.integers(0, 100))
def test_counties_add_up_to_the_published_figures_at_any_scale(scale: Fraction, seed: int) -> None:
    targets, plans = Targets.at(scale), plan_year(scale, seed)
    cancelled = sum(len(plan.cancelled) for plan in plans)
    deferred = cancelled + sum(len(plan.postponed) for plan in plans)
    counselled = deferred + sum(len(plan.counselled_otherwise) for plan in plans)
    applied = counselled + sum(len(plan.uncounselled) for plan in plans)
    assert (applied, counselled, deferred, cancelled) == (
        targets.applications, targets.counselled, targets.deferred, targets.cancelled,
    )  # fmt: skip
    assert sum(len(plan.outreach) for plan in plans) == targets.outreach_events
    attendance = sum(persons for plan in plans for _, persons in plan.outreach)
    assert attendance == targets.outreach_attendance
    assert sum(plan.counsellors for plan in plans) == targets.counsellors
    assert sum(plan.volunteers for plan in plans) == targets.volunteers
    assert sum(plan.volunteers_qualified for plan in plans) == targets.volunteers_qualified
    assert all(plan.volunteers_qualified <= plan.volunteers for plan in plans)


@given(SCALES)
def test_a_scaled_figure_is_rounded_once_for_the_whole_province(scale: Fraction) -> None:
    targets = Targets.at(scale)
    assert abs(targets.applications - 215_000 * scale) <= Fraction(1, 2)
    assert abs(targets.deferred - 46_700 * scale) <= Fraction(1, 2)
    assert abs(targets.counsellors - 497 * scale) <= Fraction(1, 2)


@given(SCALES)
def test_the_published_rates_survive_rounding(scale: Fraction) -> None:
    targets = Targets.at(scale)
    assert targets.counselled / targets.applications == pytest.approx(113 / 215, abs=0.005)
    assert targets.deferred / targets.counselled == pytest.approx(46.7 / 113, abs=0.01)
    assert 0 < targets.cancelled < targets.deferred, "both kinds of deferral are present"


def test_a_scale_that_leaves_no_rate_is_refused() -> None:
    with pytest.raises(SimulationRefused, match=r"0\.001 or more"):
        plan_year(Fraction(1, 2000), 2019)
