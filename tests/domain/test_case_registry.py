"""Applications and outcomes under the two regimes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from application.calendars import calendar_on
from domain import case_registry
from domain.base import SHANGHAI, Stamp, day, moment
from domain.calendar import deadlines
from domain.case_facts import Application
from domain.case_registry_events import (
    ApplicationAccepted,
    ApplicationCorrected,
    ApplicationObserved,
    ApplicationVoided,
    DeferralBreakVoided,
    DeferralBroken,
    OutcomeConfirmed,
    OutcomeDeclared,
    OutcomeRevised,
    OutcomeVoided,
)
from domain.values import CaseOutcome, OutcomeSource
from tests.domain.case_cast import (
    CLOSED,
    COUNSELLED,
    DEADLINES,
    JINAN,
    QINGDAO,
    B,
    D,
    a_case,
    a_case_of_2021,
    accepted,
    applied,
    ended,
    hour,
    later,
    registry,
    transfer_requested,
    transferred,
    why,
)
from tests.domain.scenario import stamp

MOVED = (transfer_requested(), transferred(later()))
AT_WINDOW_END = DEADLINES.window_effective
BEFORE_OPENING = later(-2)


def confirmed(outcome, on=D, at=None):
    return lambda c: case_registry.confirm_outcome(c, outcome, on, registry(at or on))


def put_right(on=D):
    return registry(on, reason="entered wrongly")


def revised(outcome, on=D, at=None):
    return lambda c: case_registry.revise_outcome(c, outcome, on, put_right(at or on))


def broken(on):
    return lambda c: case_registry.break_deferral(c, stamp(on))


def void_break(c):
    return case_registry.void_deferral_break(c, why(later(100)))


def void_outcome(c):
    return case_registry.void_outcome(c, why(later(100)))


def test_an_application_before_2021_leaves_no_receipt() -> None:
    (event,) = a_case().when(applied).then(ApplicationObserved)
    assert event.application == Application(on=D)
    a_case().when(
        lambda c: case_registry.accept_application(c, "R-1", DEADLINES, registry(D))
    ).refused("no-receipt-then")


def test_an_application_from_2021_on_needs_its_receipt_and_periods() -> None:
    (event,) = a_case_of_2021().when(accepted).then(ApplicationAccepted)
    assert event.application == Application(on=B, receipt="R-1", deadlines=DEADLINES)
    a_case_of_2021().when(lambda c: case_registry.observe_application(c, stamp(B))).refused(
        "receipt-needed"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"cooling_off_nominal": B},
        {"cooling_off_effective": date(2021, 2, 2)},
        {"window_nominal": date(2021, 2, 3)},
        {"window_effective": date(2021, 3, 4)},
        {"cooling_off_effective": date(2021, 3, 5)},
    ],
)
def test_the_periods_of_an_application_follow_each_other(wrong) -> None:
    periods = DEADLINES.model_copy(update=wrong)
    a_case_of_2021().when(
        lambda c: case_registry.accept_application(c, "R-1", periods, registry())
    ).refused("periods-out-of-order")


def test_a_case_has_one_application() -> None:
    a_case(applied).when(applied).refused("application-exists")


def test_an_application_may_precede_the_opening() -> None:
    a_case().when(lambda c: case_registry.observe_application(c, stamp(BEFORE_OPENING))).then(
        ApplicationObserved
    )


def test_an_application_comes_before_the_outcome() -> None:
    a_case(ended(CaseOutcome.LOST)).when(applied).refused("outcome-stands")


def test_an_application_after_counselling_moves_the_couple_to_those_who_applied() -> None:
    (event,) = a_case(*COUNSELLED).when(applied).then(ApplicationObserved)
    assert (event.began.on, event.began.applied) == (D, False)
    assert a_case(*COUNSELLED, applied).aggregate.began.applied is True


def test_a_corrected_application_carries_both_sides() -> None:
    after = Application(on=BEFORE_OPENING)
    (event,) = (
        a_case(applied)
        .when(lambda c: case_registry.correct_application(c, after, why()))
        .then(ApplicationCorrected)
    )
    assert (event.before.on, event.after.on) == (D, BEFORE_OPENING)


def test_a_corrected_application_changes_what_has_happened_under_the_same_regime() -> None:
    def to(after, on=None):
        return lambda c: case_registry.correct_application(c, after, put_right(on or later()))

    of_2021 = Application(on=B, receipt="R-1", deadlines=DEADLINES)
    a_case(applied).when(to(Application(on=D))).refused("correction-changes-nothing")
    a_case(applied).when(to(Application(on=later(2)))).refused("not-yet-happened")
    a_case(applied).when(to(of_2021, B)).refused("application-of-other-regime")
    a_case().when(to(of_2021, B)).refused("no-application")
    a_case_of_2021(accepted).when(to(Application(on=B), B)).refused("receipt-needed")


def test_provisional_periods_are_computed_anew_by_a_correction_that_keeps_both() -> None:
    on = date(2022, 11, 22)
    first, anew = (deadlines(on, calendar_on(known_on)) for known_on in (on, date(2022, 12, 8)))
    case = a_case_of_2021(lambda c: case_registry.accept_application(c, "R-1", first, registry(on)))
    recomputed = Application(on=on, receipt="R-1", deadlines=anew)
    (event,) = case.when(
        lambda c: case_registry.correct_application(c, recomputed, put_right(on))
    ).then(ApplicationCorrected)
    assert (event.before.deadlines, event.after.deadlines) == (first, anew)
    assert (first.provisional, anew.provisional) == (True, False)


def test_a_corrected_application_still_fits_its_outcome() -> None:
    case = a_case(applied, ended(CaseOutcome.REGISTERED))
    case.when(
        lambda c: case_registry.correct_application(c, Application(on=later()), why(later(2)))
    ).refused("outcome-before-application")


def test_a_voided_application_moves_a_counselled_couple_back() -> None:
    case = a_case(applied, *COUNSELLED)
    (event,) = case.when(lambda c: case_registry.void_application(c, why())).then(ApplicationVoided)
    assert event.began.applied is True
    assert (
        case.and_then(lambda c: case_registry.void_application(c, why())).aggregate.began.applied
        is False
    )


def test_an_application_with_an_outcome_cannot_be_voided() -> None:
    case = a_case(applied, ended(CaseOutcome.LITIGATION))
    case.when(lambda c: case_registry.void_application(c, why())).refused("outcome-stands")
    a_case().when(lambda c: case_registry.void_application(c, why())).refused("no-application")


def test_counselling_is_no_precondition_of_registration() -> None:
    (event,) = a_case(applied).when(ended(CaseOutcome.REGISTERED)).then(OutcomeDeclared)
    assert (event.record.applied, event.record.counselled) == (True, False)


def test_an_outcome_says_whether_the_couple_was_counselled() -> None:
    case = a_case(applied, *COUNSELLED)
    (event,) = case.when(ended(CaseOutcome.CANCELLED)).then(OutcomeDeclared)
    assert event.record.counselled is True
    assert event.record.source is OutcomeSource.DECLARED


@pytest.mark.parametrize("outcome", [CaseOutcome.WITHDRAWN, CaseOutcome.LAPSED])
def test_an_outcome_of_regime_b_cannot_be_given_to_an_application_of_regime_a(outcome) -> None:
    a_case(applied).when(ended(outcome)).refused("outcome-of-other-regime", outcome=outcome)


@pytest.mark.parametrize("outcome", [CaseOutcome.CANCELLED, CaseOutcome.POSTPONED])
def test_an_outcome_of_regime_a_cannot_be_given_to_an_application_of_regime_b(outcome) -> None:
    a_case_of_2021(accepted).when(ended(outcome, B)).refused("outcome-of-other-regime")


@pytest.mark.parametrize(
    ("outcome", "needs"),
    [
        (CaseOutcome.CANCELLED, True),
        (CaseOutcome.POSTPONED, True),
        (CaseOutcome.WITHDRAWN, True),
        (CaseOutcome.LAPSED, True),
        (CaseOutcome.REGISTERED, True),
        (CaseOutcome.LITIGATION, False),
        (CaseOutcome.SAFETY_DIVERTED, False),
        (CaseOutcome.LOST, False),
    ],
)
def test_without_an_application_there_is_no_outcome_of_the_registry(outcome, needs) -> None:
    if needs:
        a_case().when(ended(outcome)).refused("outcome-needs-application", outcome=outcome)
    else:
        (event,) = a_case().when(ended(outcome)).then(OutcomeDeclared)
        assert event.record.applied is False


def test_an_outcome_does_not_precede_the_application_or_the_opening() -> None:
    late_application = lambda c: case_registry.observe_application(c, stamp(later(2)))  # noqa: E731
    a_case(late_application).when(ended(CaseOutcome.REGISTERED, later())).refused(
        "outcome-before-application"
    )
    a_case().when(
        lambda c: case_registry.declare_outcome(c, CaseOutcome.LOST, BEFORE_OPENING, stamp(D))
    ).refused("before-opening")


def test_an_outcome_has_happened() -> None:
    a_case(applied).when(
        lambda c: case_registry.declare_outcome(c, CaseOutcome.REGISTERED, later(), stamp(D))
    ).refused("not-yet-happened")


@pytest.mark.parametrize("decision", [case_registry.declare_outcome, case_registry.confirm_outcome])
@pytest.mark.parametrize(
    ("noted", "received", "days"),
    [
        (3, 3, None),  # three days are no late entry
        (4, 4, 4),  # the day of the outcome counts, though the stamp is of today
        (2, 4, 4),  # and so does the day of recording, however near the stamp lies
    ],
)
def test_an_outcome_entered_more_than_three_days_after_its_own_day_says_why(
    decision, noted, received, days
) -> None:
    def at(reason):
        now = moment(later(received)) + timedelta(hours=9)
        return Stamp.issue(now=now, **dict(registry(later(noted), reason=reason)))

    case = a_case(applied)
    unexplained = case.when(lambda c: decision(c, CaseOutcome.LITIGATION, D, at(None)))
    if days is None:
        assert unexplained.refusal is None
    else:
        unexplained.refused("late-entry-needs-reason", days=days)
    explained = case.when(lambda c: decision(c, CaseOutcome.LITIGATION, D, at("补录")))
    assert explained.refusal is None


@pytest.mark.parametrize(
    ("outcome", "on", "refusal"),
    [
        (CaseOutcome.WITHDRAWN, date(2021, 2, 3), None),
        (CaseOutcome.WITHDRAWN, date(2021, 2, 4), "withdrawn-too-late"),
        (CaseOutcome.REGISTERED, date(2021, 2, 3), "registered-outside-window"),
        (CaseOutcome.REGISTERED, date(2021, 2, 4), None),
        (CaseOutcome.REGISTERED, date(2021, 3, 5), None),
        (CaseOutcome.REGISTERED, date(2021, 3, 6), "registered-outside-window"),
        (CaseOutcome.LAPSED, date(2021, 3, 5), "lapsed-too-early"),
        (CaseOutcome.LAPSED, date(2021, 3, 6), None),
        (CaseOutcome.LITIGATION, date(2021, 1, 5), None),
    ],
)
def test_an_outcome_of_regime_b_keeps_to_the_two_periods(outcome, on, refusal) -> None:
    result = a_case_of_2021(accepted).when(ended(outcome, on))
    if refusal is None:
        result.then(OutcomeDeclared)
    else:
        result.refused(refusal)


LAST_OF_COOLING_OFF, LAST_OF_WINDOW = date(2021, 2, 3), date(2021, 3, 5)
CLOSED_AT = timedelta(hours=17)
A_SECOND = timedelta(seconds=1)


def closing(on: date) -> datetime:
    return hour(0, on) + CLOSED_AT


@pytest.mark.parametrize(
    ("outcome", "at", "refusal"),
    [
        (CaseOutcome.WITHDRAWN, closing(LAST_OF_COOLING_OFF), None),
        (CaseOutcome.WITHDRAWN, closing(LAST_OF_COOLING_OFF) + A_SECOND, "withdrawn-too-late"),
        (CaseOutcome.WITHDRAWN, LAST_OF_COOLING_OFF, None),  # of a bare day: while it was open
        (
            CaseOutcome.REGISTERED,
            closing(LAST_OF_COOLING_OFF) + A_SECOND,
            "registered-outside-window",
        ),
        (CaseOutcome.REGISTERED, closing(LAST_OF_WINDOW), None),
        (CaseOutcome.REGISTERED, closing(LAST_OF_WINDOW) + A_SECOND, "registered-outside-window"),
        (CaseOutcome.REGISTERED, LAST_OF_WINDOW, None),
        (CaseOutcome.LAPSED, closing(LAST_OF_WINDOW), "lapsed-too-early"),
        (CaseOutcome.LAPSED, closing(LAST_OF_WINDOW) + A_SECOND, None),
    ],
)
@pytest.mark.parametrize("zone", [SHANGHAI, UTC], ids=str)
def test_on_the_last_day_of_a_period_it_ends_when_the_office_closes(
    outcome, at, refusal, zone
) -> None:
    when = at.astimezone(zone) if isinstance(at, datetime) else at
    result = a_case_of_2021(accepted).when(ended(outcome, when))
    if refusal is None:
        (event,) = result.then(OutcomeDeclared)
        assert (event.record.at, event.record.on) == (when, day(at))
    else:
        result.refused(refusal)


def test_the_refusal_after_closing_time_names_the_instant_at_which_the_office_closed() -> None:
    result = a_case_of_2021(accepted).when(
        ended(CaseOutcome.WITHDRAWN, closing(LAST_OF_COOLING_OFF) + A_SECOND)
    )
    result.refused("withdrawn-too-late", until=closing(LAST_OF_COOLING_OFF))


def test_an_office_that_closes_later_takes_them_later() -> None:
    late = DEADLINES.model_copy(update={"closing": "18:00"})
    at = closing(LAST_OF_WINDOW) + timedelta(minutes=30)
    case = a_case_of_2021(lambda c: case_registry.accept_application(c, "R-1", late, registry()))
    case.when(ended(CaseOutcome.REGISTERED, at)).then(OutcomeDeclared)


def test_a_corrected_application_still_fits_the_instant_of_its_outcome() -> None:
    at = closing(LAST_OF_WINDOW)
    earlier = DEADLINES.model_copy(update={"closing": "16:30"})
    corrected = Application(on=B, receipt="R-1", deadlines=earlier)
    a_case_of_2021(accepted, ended(CaseOutcome.REGISTERED, at)).when(
        lambda c: case_registry.correct_application(c, corrected, put_right(at))
    ).refused("registered-outside-window")


def test_an_outcome_is_declared_once() -> None:
    case = a_case(applied, ended(CaseOutcome.CANCELLED))
    case.when(ended(CaseOutcome.POSTPONED)).refused("outcome-stands")


def test_the_registry_replaces_what_the_parties_declared() -> None:
    case = a_case(applied, ended(CaseOutcome.CANCELLED))
    (event,) = case.when(confirmed(CaseOutcome.REGISTERED, later())).then(OutcomeConfirmed)
    assert not event.first
    assert event.before.outcome is CaseOutcome.CANCELLED
    assert (event.record.outcome, event.record.on) == (CaseOutcome.REGISTERED, later())
    assert event.record.source is OutcomeSource.CONFIRMED


def test_the_registry_may_be_the_first_to_know() -> None:
    (event,) = a_case(applied).when(confirmed(CaseOutcome.REGISTERED)).then(OutcomeConfirmed)
    assert event.first


def test_an_outcome_is_confirmed_once() -> None:
    case = a_case(applied, confirmed(CaseOutcome.REGISTERED))
    case.when(confirmed(CaseOutcome.REGISTERED)).refused("outcome-confirmed")


def test_a_revised_outcome_carries_both_sides() -> None:
    case = a_case(applied, confirmed(CaseOutcome.CANCELLED))
    (event,) = case.when(revised(CaseOutcome.POSTPONED, D, later())).then(OutcomeRevised)
    assert event.before.outcome is CaseOutcome.CANCELLED
    assert event.after.outcome is CaseOutcome.POSTPONED
    assert event.after.source is OutcomeSource.CONFIRMED


def test_a_revision_changes_an_outcome() -> None:
    a_case(applied).when(revised(CaseOutcome.LOST)).refused("no-outcome")
    case = a_case(applied, ended(CaseOutcome.LOST))
    case.when(revised(CaseOutcome.LOST)).refused("correction-changes-nothing")


def test_a_voided_outcome_leaves_the_application_pending() -> None:
    case = a_case(applied, ended(CaseOutcome.CANCELLED))
    (event,) = case.when(void_outcome).then(OutcomeVoided)
    assert event.record.applied
    case.and_then(void_outcome).when(ended(CaseOutcome.REGISTERED)).then(OutcomeDeclared)
    a_case(applied).when(void_outcome).refused("no-outcome")


def test_an_outcome_counts_where_the_application_was_made() -> None:
    (event,) = (
        a_case(applied, *MOVED).when(ended(CaseOutcome.CANCELLED, later())).then(OutcomeDeclared)
    )
    assert event.place == event.record.place == JINAN


def test_an_outcome_without_application_counts_where_the_case_is_and_stays_there() -> None:
    (event,) = a_case(*MOVED).when(ended(CaseOutcome.LOST, later())).then(OutcomeDeclared)
    assert event.place == QINGDAO
    case = a_case(ended(CaseOutcome.LOST), *MOVED)
    (revision,) = case.when(revised(CaseOutcome.LITIGATION, D, later(2))).then(OutcomeRevised)
    assert revision.place == revision.after.place == JINAN


def test_an_outcome_may_become_known_after_the_case_was_closed() -> None:
    a_case(applied, *CLOSED).when(ended(CaseOutcome.POSTPONED, later())).then(OutcomeDeclared)


@pytest.mark.parametrize("outcome", [CaseOutcome.CANCELLED, CaseOutcome.POSTPONED])
def test_a_deferral_that_breaks_is_dated_at_both_ends(outcome) -> None:
    case = a_case(applied, ended(outcome))
    (event,) = case.when(broken(later(100))).then(DeferralBroken)
    assert (event.deferred_on, event.broken_on, event.days) == (D, later(100), 100)
    assert event.record.broken_on == later(100)


def test_only_a_deferral_breaks_once_and_afterwards() -> None:
    a_case(applied).when(broken(D)).refused("no-outcome")
    a_case(applied, ended(CaseOutcome.REGISTERED)).when(broken(D)).refused("no-deferral")
    case = a_case(applied, ended(CaseOutcome.CANCELLED, later()))
    case.when(broken(D)).refused("times-out-of-order")
    case.and_then(broken(later(5))).when(broken(later(6))).refused("deferral-already-broken")


def test_a_break_that_was_none_is_voided() -> None:
    case = a_case(applied, ended(CaseOutcome.CANCELLED))
    case.when(void_break).refused("deferral-not-broken")
    case.and_then(broken(later(90)))
    (event,) = case.when(void_break).then(DeferralBreakVoided)
    assert (event.deferred_on, event.broken_on, event.days) == (D, later(90), 90)
    assert case.and_then(void_break).aggregate.outcome.broken_on is None


def test_a_revised_deferral_stays_broken_and_another_outcome_does_not() -> None:
    case = a_case(applied, ended(CaseOutcome.CANCELLED), broken(later(90)))
    (still,) = case.when(revised(CaseOutcome.POSTPONED, D, later(91))).then(OutcomeRevised)
    assert still.after.broken_on == later(90)
    (other,) = case.when(revised(CaseOutcome.REGISTERED, D, later(91))).then(OutcomeRevised)
    assert other.after.broken_on is None


def test_a_revised_deferral_does_not_start_after_it_broke() -> None:
    case = a_case(applied, ended(CaseOutcome.CANCELLED), broken(later(90)))
    case.when(revised(CaseOutcome.CANCELLED, later(91), later(92))).refused("times-out-of-order")
