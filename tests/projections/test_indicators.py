"""The dictionary says what every figure counts, and refuses sums and rates that say nothing."""

from __future__ import annotations

import pytest

from domain.values import Counts, IndicatorKind, Unit
from projections import indicators
from projections.indicators import (
    INDICATORS,
    NUMBERED,
    CohortsDiffer,
    UnitsDiffer,
    UnknownIndicator,
    common_unit,
    get,
    numbers_of,
    rate,
)

MINIMUM = """
    applications offered accepted declined couples_counselled couples_counselled_other sessions
    session_minutes cancelled postponed deferred withdrawn lapsed registered litigation
    safety_diverted lost pending outreach_events outreach_attendance whistles whistles_answered
    response_minutes followups_due followups_made followups_overdue satisfied rated
    referrals_made referrals_completed screenings screenings_positive reports_required
    reports_within_24h service_minutes shifts training_minutes funds_appropriated funds_spent
    subsidies_paid orders_issued orders_written_off orders_overdue late_entries corrections
    centres registry_offices counsellors volunteers volunteers_qualified open_cases
    open_high_risk deferrals_broken_180 deferrals_broken_365 counselling_rate deferral_rate
    sustained_rate_180 sustained_rate_365 acceptance_rate followup_rate satisfaction_rate
    satisfaction_response_rate filing_rate qualified_rate whistle_response_median late_rate
    write_off_rate funds_execution posts centre_coverage
""".split()  # noqa: SIM905 - a list of words


@pytest.mark.parametrize("code", MINIMUM)
def test_the_minimum_dictionary_is_there(code: str) -> None:
    assert get(code).code == code


def test_an_unknown_code_is_answered_with_the_closest_ones() -> None:
    with pytest.raises(
        UnknownIndicator, match="no indicator “sesions”; did you mean sessions"
    ) as no:
        get("sesions")
    assert "sessions" in no.value.closest


def test_an_unknown_code_like_no_other_points_to_the_list() -> None:
    with pytest.raises(UnknownIndicator, match="see the list"):
        get("zzzz")


def test_a_figure_that_lists_things_is_told_from_one_that_adds_quantities() -> None:
    adding = {"sessions", "cases_closed", "rated", "sessions_assisted", "trainings", "deferred"}
    measuring = {"session_minutes", "outreach_attendance", "funds_spent", "outreach_couples"}
    assert {get(code).counts for code in adding} == {Counts.THINGS}
    assert {get(code).counts for code in measuring} == {Counts.QUANTITY}
    assert {i.counts for i in INDICATORS.values() if i.numerator} == {None}
    assert all(i.counts for i in INDICATORS.values() if not i.numerator)


def test_numbers_fit_a_smallint_and_are_given_once() -> None:
    stored = [i for i in INDICATORS.values() if i.number is not None]
    assert {i.number: i for i in stored} == NUMBERED
    assert len(stored) == len(NUMBERED)
    assert all(0 < number < 2**15 for number in NUMBERED)


def test_a_stored_indicator_is_a_flow_or_a_stock() -> None:
    for indicator in NUMBERED.values():
        assert indicator.kind in (IndicatorKind.FLOW, IndicatorKind.STOCK)
        assert not indicator.terms
        assert indicator.numerator is None


def test_every_indicator_has_names_in_two_languages_and_a_cohort() -> None:
    for indicator in INDICATORS.values():
        assert indicator.zh
        assert indicator.en.isascii()
        assert indicator.cohort


def test_no_two_indicators_share_a_name() -> None:
    assert len({i.zh for i in INDICATORS.values()}) == len(INDICATORS)


def test_a_sum_has_the_unit_and_kind_of_its_terms() -> None:
    for indicator in INDICATORS.values():
        for term in indicator.terms:
            assert (get(term).unit, get(term).kind) == (indicator.unit, indicator.kind)


def test_a_sum_of_something_sensitive_is_sensitive() -> None:
    assert get("safety_diverted_all").sensitive


def test_deferred_is_cancelled_and_postponed() -> None:
    assert get("deferred").terms == ("cancelled", "postponed")
    assert numbers_of("deferred") == (*numbers_of("cancelled"), *numbers_of("postponed"))


def test_centres_are_summed_over_their_kinds() -> None:
    assert len(numbers_of("centres")) == 3


def test_a_ratio_has_no_entries_of_its_own() -> None:
    assert numbers_of("counselling_rate") == ()


def test_a_ratio_divides_two_figures_that_exist() -> None:
    for indicator in INDICATORS.values():
        if indicator.kind is IndicatorKind.RATIO:
            assert indicator.numerator is not None
            assert indicator.denominator is not None
            assert numbers_of(indicator.numerator)
            assert numbers_of(indicator.denominator)


def test_quantities_of_one_unit_can_be_added() -> None:
    assert common_unit(["cancelled", "registered"]) is Unit.COUPLE


def test_adding_couples_and_sessions_is_refused() -> None:
    with pytest.raises(UnitsDiffer, match=r"couples_counselled .*对.*, sessions .*次"):
        common_unit(["couples_counselled", "sessions"])


def test_adding_a_flow_and_a_stock_is_refused() -> None:
    with pytest.raises(UnitsDiffer):
        common_unit(["applications", "pending"])


def test_adding_ratios_is_refused() -> None:
    with pytest.raises(UnitsDiffer):
        common_unit(["counselling_rate", "deferral_rate"])


def test_a_named_rate_may_cross_cohorts() -> None:
    assert rate("couples_counselled", "applications") is get("counselling_rate")


def test_a_rate_within_a_cohort_needs_no_name() -> None:
    share = rate("registered", "deferred")
    assert share.kind is IndicatorKind.RATIO
    assert (share.numerator, share.denominator) == ("registered", "deferred")
    assert share.cohort == get("registered").cohort


def test_a_rate_within_a_cohort_is_as_sensitive_as_its_parts() -> None:
    assert rate("safety_diverted", "registered").sensitive


def test_an_unnamed_rate_across_cohorts_is_refused() -> None:
    with pytest.raises(CohortsDiffer, match="different cohorts"):
        rate("sessions", "applications")


def test_a_rate_of_rates_is_refused() -> None:
    with pytest.raises(CohortsDiffer):
        rate("deferral_rate", "deferral_rate")


def test_the_published_identities_are_ratios_of_the_dictionary() -> None:
    published = {
        "qualified_rate": (2_940, 6_880, 42.73),
        "counselling_rate": (113_000, 215_000, 52.56),
        "deferral_rate": (46_700, 113_000, 41.33),
        "deferral_rate_of_applications": (46_700, 215_000, 21.72),
    }
    for code, (above, below, percent) in published.items():
        indicator = get(code)
        assert indicator.numerator in INDICATORS
        assert round(100 * above / below, 2) == percent


def test_outcomes_of_the_old_law_and_of_the_new_are_different_indicators() -> None:
    assert get("cancelled").until == indicators.REGIME_A_ENDS
    assert get("withdrawn").since == indicators.REGIME_B_BEGINS


def test_a_sustained_rate_is_preliminary_until_its_days_have_passed() -> None:
    assert get("sustained_rate_180").matures_after == 180
