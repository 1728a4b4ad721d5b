"""Risk, mandatory reports, referrals, follow-ups, satisfaction."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from domain import case_care, case_safety
from domain.case_care_events import (
    FollowUpCancelled,
    FollowUpCorrected,
    FollowUpMade,
    FollowUpMissed,
    FollowUpScheduled,
    FollowUpVoided,
    ReferralAccepted,
    ReferralCompleted,
    ReferralCorrected,
    ReferralDeclined,
    ReferralMade,
    ReferralVoided,
    SatisfactionCorrected,
    SatisfactionRated,
    SatisfactionVoided,
)
from domain.case_facts import (
    FollowUpRecord,
    FollowUpWanted,
    RatingRecord,
    ReferralRecord,
    RiskReading,
    Stay,
)
from domain.case_safety_events import (
    MandatoryReportCorrected,
    MandatoryReportMade,
    MandatoryReportVoided,
    RiskLevelCorrected,
    RiskLevelSet,
    RiskLevelVoided,
)
from domain.values import FollowUpKind, ReferralKind, RiskLevel, SafetyLevel
from tests.domain.case_cast import (
    CLOSED,
    HER,
    JINAN,
    QINGDAO,
    SEVERE,
    D,
    Step,
    a_case,
    approved,
    follow_up,
    hour,
    later,
    proposed,
    rated,
    rating,
    referral,
    referred,
    report,
    reported,
    risk,
    scheduled,
    screened,
    transfer_requested,
    transferred,
    why,
)
from tests.domain.scenario import known, stamp

RED, YELLOW, GREEN = RiskLevel
MOVED = (transfer_requested(), transferred(later(2)))


def test_a_risk_level_carries_the_one_before() -> None:
    (first,) = a_case().when(risk(YELLOW)).then(RiskLevelSet)
    (second,) = a_case(risk(YELLOW)).when(risk(RED, later())).then(RiskLevelSet)
    assert (first.before, first.after) == (None, YELLOW)
    assert (second.before, second.after) == (YELLOW, RED)


def test_a_risk_level_is_set_in_order_and_changes() -> None:
    a_case(risk(RED)).when(risk(RED)).refused("risk-unchanged", level=RED)
    a_case(risk(RED, later(2))).when(risk(GREEN, later())).refused("times-out-of-order")


def test_a_corrected_risk_level_says_since_when_the_case_was_red_before_and_after() -> None:
    case = a_case(risk(RED), risk(GREEN, later(10)))
    yellow = RiskReading(level=YELLOW, on=D)
    (event,) = case.when(lambda c: case_safety.correct_risk(c, D, yellow, why(later(20)))).then(
        RiskLevelCorrected
    )
    assert event.red_before == (Stay(place=JINAN, since=D, until=later(10)),)
    assert event.red_after == ()


def test_a_corrected_red_level_follows_the_case_through_a_transfer_and_its_closure() -> None:
    case = a_case(risk(GREEN), *MOVED, proposed(later(5)), approved(later(5)))
    red = RiskReading(level=RED, on=D)
    (event,) = case.when(lambda c: case_safety.correct_risk(c, D, red, why(later(9)))).then(
        RiskLevelCorrected
    )
    assert event.red_before == ()
    assert event.red_after == (
        Stay(place=JINAN, since=D, until=later(2)),
        Stay(place=QINGDAO, since=later(2), until=later(5)),
    )


def test_a_voided_risk_level_lets_the_one_before_go_on() -> None:
    case = a_case(risk(RED), risk(GREEN, later(10)))
    (event,) = case.when(lambda c: case_safety.void_risk(c, later(10), why(later(20)))).then(
        RiskLevelVoided
    )
    assert event.red_after == (Stay(place=JINAN, since=D),)
    assert (
        case.and_then(lambda c: case_safety.void_risk(c, later(10), why(later(20)))).aggregate.risk
        is RED
    )


def test_of_two_levels_of_one_day_the_last_is_corrected() -> None:
    case = a_case(risk(RED), risk(GREEN))
    (event,) = case.when(
        lambda c: case_safety.correct_risk(c, D, RiskReading(level=YELLOW, on=D), why())
    ).then(RiskLevelCorrected)
    assert event.before.level is GREEN


def test_a_corrected_risk_level_stays_between_its_neighbours() -> None:
    case = a_case(risk(RED, later(2)), risk(YELLOW, later(4)), risk(GREEN, later(6)))

    def move(on):
        reading = RiskReading(level=YELLOW, on=on)
        return lambda c: case_safety.correct_risk(c, later(4), reading, why(later(8)))

    case.when(move(later(1))).refused("times-out-of-order")
    case.when(move(later(7))).refused("times-out-of-order")
    case.when(move(later(9))).refused("not-yet-happened")
    case.when(move(later(4))).refused("correction-changes-nothing")
    case.when(move(later(6))).then(RiskLevelCorrected)
    case.when(lambda c: case_safety.void_risk(c, later(5), why(later(8)))).refused("risk-unknown")
    first = RiskReading(level=RED, on=later(-1))
    case.when(lambda c: case_safety.correct_risk(c, later(2), first, why(later(8)))).refused(
        "times-out-of-order"
    )


def test_a_report_within_24_hours_is_in_time() -> None:
    (event,) = a_case(SEVERE).when(reported(hour(33))).then(MandatoryReportMade)
    assert event.within_24h
    assert (event.record.minutes_late, event.record.on) == (0, later())


def test_a_report_after_24_hours_is_late_by_the_minute() -> None:
    late = hour(33) + timedelta(minutes=4, seconds=10)
    (event,) = a_case(SEVERE).when(reported(late)).then(MandatoryReportMade)
    assert not event.within_24h
    assert event.record.minutes_late == 5


def test_a_report_without_severe_danger_is_never_late() -> None:
    (event,) = (
        a_case()
        .when(lambda c: case_safety.report(c, report(party=None), stamp(hour(40))))
        .then(MandatoryReportMade)
    )
    assert (event.record.due, event.within_24h) == (None, True)


def test_a_report_counts_where_the_danger_was_screened() -> None:
    void = lambda c: case_safety.void_report(c, known("report"), why(later(2)))  # noqa: E731
    case = a_case(SEVERE, reported(hour(12)), *MOVED, void)
    anew = lambda c: case_safety.report(c, report("anew"), stamp(hour(30, later(4))))  # noqa: E731
    (event,) = case.when(anew).then(MandatoryReportMade)
    assert event.place == JINAN


def test_a_report_needs_the_hour_and_follows_its_screening() -> None:
    a_case(SEVERE).when(lambda c: case_safety.report(c, report(), stamp(later()))).refused(
        "hour-needed"
    )
    a_case(SEVERE).when(reported(hour(8))).refused("times-out-of-order")
    a_case().when(reported(hour(8))).refused("record-unknown")
    a_case().when(
        lambda c: case_safety.correct_report(c, report(party=None), hour(1), why())
    ).refused("record-unknown")


def test_a_report_answers_a_screening_of_severe_danger_once() -> None:
    a_case(screened(HER, SafetyLevel.VIOLENCE)).when(reported(hour(9))).refused("report-not-due")
    case = a_case(SEVERE, reported(hour(10)))
    case.when(reported(hour(11))).refused("record-exists")
    case.when(lambda c: case_safety.report(c, report("second"), stamp(hour(11)))).refused(
        "already-reported"
    )


def test_a_corrected_report_carries_both_sides() -> None:
    case = a_case(SEVERE, reported(hour(40)))
    (event,) = case.when(
        lambda c: case_safety.correct_report(c, report(), hour(20), why(hour(41)))
    ).then(MandatoryReportCorrected)
    assert (event.before.within_24h, event.after.within_24h) == (False, True)


def test_a_corrected_report_and_referral_are_what_the_case_counts() -> None:
    later_report = lambda c: case_safety.correct_report(c, report(), hour(20), why(hour(41)))  # noqa: E731
    (tally,) = a_case(SEVERE, reported(hour(40)), later_report).aggregate.tallies()
    assert [r.made_at for r in tally.reports] == [hour(20)]
    after = ReferralRecord(referral=referral(), made_on=later())
    redated = lambda c: case_care.correct_referral(c, after, why(later(2)))  # noqa: E731
    (tally,) = a_case(referred, redated).aggregate.tallies()
    assert tally.referrals == (after,)


def test_a_corrected_report_changes_and_answers_the_same_screening() -> None:
    case = a_case(SEVERE, reported(hour(10)))
    case.when(lambda c: case_safety.correct_report(c, report(), hour(10), why(hour(11)))).refused(
        "correction-changes-nothing"
    )
    case.when(
        lambda c: case_safety.correct_report(c, report(party=None), hour(9), why(hour(11)))
    ).refused("report-of-other-screening")
    case.when(lambda c: case_safety.correct_report(c, report(), hour(60), why(hour(11)))).refused(
        "not-yet-happened"
    )


def test_a_report_without_screening_is_not_moved_before_the_opening() -> None:
    free = report(party=None)
    case = a_case(lambda c: case_safety.report(c, free, stamp(hour(10))))
    case.when(lambda c: case_safety.correct_report(c, free, hour(-5), why())).refused(
        "before-opening"
    )


def test_a_voided_report_is_owed_again() -> None:
    void = lambda c: case_safety.void_report(c, known("report"), why(hour(12)))  # noqa: E731
    a_case(SEVERE, reported(hour(10))).when(void).then(MandatoryReportVoided)
    a_case(SEVERE, reported(hour(10)), void).when(transfer_requested()).refused("report-owed")


def accept(on=D):
    return lambda c: case_care.accept_referral(c, known("referral"), stamp(on))


def decline(on=D):
    return lambda c: case_care.decline_referral(c, known("referral"), stamp(on))


def complete(on=D):
    return lambda c: case_care.complete_referral(c, known("referral"), stamp(on))


def test_a_referral_is_made_accepted_and_completed() -> None:
    (made,) = a_case().when(referred).then(ReferralMade)
    assert made.referral.kind is ReferralKind.LEGAL_AID
    a_case(referred).when(accept()).then(ReferralAccepted)
    a_case(referred, accept()).when(complete(later(9))).then(ReferralCompleted)


def test_a_referral_is_completed_once() -> None:
    case = a_case(referred, accept(), complete(later(9)))
    assert case.aggregate.tallies()[0].referrals == (
        ReferralRecord(referral=referral(), made_on=D, accepted_on=D, completed_on=later(9)),
    )
    case.when(complete(later(10))).refused("referral-answered")


def test_a_referral_can_be_declined() -> None:
    a_case(referred).when(decline()).then(ReferralDeclined)


def test_a_referral_is_made_and_answered_once() -> None:
    a_case(referred).when(referred).refused("record-exists")
    a_case(referred, accept()).when(accept()).refused("referral-answered")
    a_case(referred, accept()).when(decline()).refused("referral-answered")
    a_case(referred, decline()).when(accept()).refused("referral-answered")


def test_a_referral_is_completed_after_it_was_accepted() -> None:
    a_case(referred).when(complete()).refused("referral-not-accepted")
    a_case(referred, accept(later(3))).when(complete(later(2))).refused("times-out-of-order")


def test_the_steps_of_a_referral_count_where_it_was_made() -> None:
    case = a_case(referred, *MOVED)
    (event,) = case.when(accept(later(4))).then(ReferralAccepted)
    assert event.place == JINAN


def test_a_corrected_referral_carries_both_sides_in_order() -> None:
    def correct(**dates):
        after = ReferralRecord(**{"referral": referral(), "made_on": D} | dates)
        return lambda c: case_care.correct_referral(c, after, why(later(5)))

    case = a_case(referred)
    (event,) = case.when(correct(made_on=later())).then(ReferralCorrected)
    assert (event.before.made_on, event.after.made_on) == (D, later())
    case.when(correct()).refused("correction-changes-nothing")
    case.when(correct(made_on=later(-1))).refused("times-out-of-order")
    case.when(correct(made_on=later(6))).refused("times-out-of-order")


def test_a_voided_referral_carries_how_far_it_got() -> None:
    void = lambda c: case_care.void_referral(c, known("referral"), why(later(3)))  # noqa: E731
    (event,) = a_case(referred, accept()).when(void).then(ReferralVoided)
    assert event.record == ReferralRecord(referral=referral(), made_on=D, accepted_on=D)
    a_case(referred, void).when(accept()).refused("record-voided")


def make(on=D, name="follow-up"):
    return lambda c: case_care.make_follow_up(c, known(name), "they talk again", stamp(on))


def miss(on=D):
    return lambda c: case_care.miss_follow_up(c, known("follow-up"), stamp(on))


def cancel(on=D):
    return lambda c: case_care.cancel_follow_up(c, known("follow-up"), stamp(on))


def test_a_follow_up_is_due_from_now_on() -> None:
    a_case().when(scheduled()).then(FollowUpScheduled)
    a_case().when(scheduled(follow_up(due_on=D))).then(FollowUpScheduled)
    a_case().when(scheduled(follow_up(due_on=later()), later(2))).refused("due-in-past")
    a_case(scheduled()).when(scheduled()).refused("record-exists")


def unscheduled(on: date) -> Step:
    wanted = FollowUpWanted(id=known("follow-up"), kind=FollowUpKind.PHONE)
    return lambda c: case_care.schedule_follow_up(c, wanted, stamp(on))


@pytest.mark.parametrize(
    ("level", "on", "due_on"),
    [
        (RiskLevel.RED, date(2019, 3, 15), date(2019, 4, 15)),
        (RiskLevel.YELLOW, date(2019, 3, 15), date(2019, 6, 15)),
        (RiskLevel.GREEN, date(2019, 3, 15), date(2019, 9, 15)),
        (RiskLevel.RED, date(2020, 1, 31), date(2020, 2, 29)),  # the last day of a shorter month
        (RiskLevel.YELLOW, date(2019, 11, 30), date(2020, 2, 29)),
        (RiskLevel.RED, date(2019, 12, 31), date(2020, 1, 31)),
    ],
)
def test_a_revisit_is_due_monthly_quarterly_or_half_yearly_as_the_risk_level_demands(
    level, on, due_on
) -> None:
    (event,) = a_case(risk(level)).when(unscheduled(on)).then(FollowUpScheduled)
    assert event.follow_up.due_on == due_on


def test_the_risk_level_of_the_day_of_scheduling_counts() -> None:
    case = a_case(risk(RiskLevel.GREEN), risk(RiskLevel.RED, later(5)))
    (before,) = case.when(unscheduled(later(4))).then(FollowUpScheduled)
    (since,) = case.when(unscheduled(later(5))).then(FollowUpScheduled)
    assert before.follow_up.due_on == date(2019, 9, 5)
    assert since.follow_up.due_on == date(2019, 4, 6)


def test_without_a_risk_level_a_follow_up_needs_its_day() -> None:
    a_case().when(unscheduled(D)).refused("due-day-needs-risk-level")
    a_case(risk(RiskLevel.RED, later())).when(unscheduled(D)).refused("due-day-needs-risk-level")


def test_a_follow_up_that_was_made_carries_its_due_day() -> None:
    (event,) = a_case(scheduled()).when(make(later(40))).then(FollowUpMade)
    assert event.follow_up.due_on == later(30)


def test_a_follow_up_of_a_closed_case_can_be_made() -> None:
    a_case(scheduled(), *CLOSED).when(make(later(9))).then(FollowUpMade)


def test_a_follow_up_is_lost_after_the_third_try() -> None:
    case = a_case(scheduled())
    tries = []
    for number in range(3):
        (event,) = case.when(miss(later(number))).then(FollowUpMissed)
        tries.append((event.try_number, event.lost))
        case.and_then(miss(later(number)))
    assert tries == [(1, False), (2, False), (3, True)]
    case.when(make(later(9))).refused("follow-up-settled", settled_on=later(2))


def test_a_follow_up_ends_once() -> None:
    for end in (make(), cancel()):
        for again in (make(later()), miss(later()), cancel(later())):
            a_case(scheduled(), end).when(again).refused("follow-up-settled", settled_on=D)


def test_a_cancelled_follow_up_carries_its_due_day() -> None:
    (event,) = a_case(scheduled()).when(cancel()).then(FollowUpCancelled)
    assert event.follow_up == follow_up()


@pytest.mark.parametrize(("days", "due"), [(29, False), (30, False), (31, True)])
def test_a_follow_up_cancelled_by_its_due_day_was_never_due(days: int, due: bool) -> None:
    record = FollowUpRecord(follow_up=follow_up(), cancelled_on=later(days))
    assert record.ever_due is due
    assert record.overdue_since == later(31)


def correct(**facts):
    after = FollowUpRecord(**{"follow_up": follow_up()} | facts)
    return lambda c: case_care.correct_follow_up(c, after, why(later(50)))


def test_a_corrected_follow_up_carries_both_sides() -> None:
    case = a_case(scheduled(), make(later(40)))
    (event,) = case.when(correct(made_on=later(20))).then(FollowUpCorrected)
    assert (event.before.made_on, event.after.made_on) == (later(40), later(20))


def test_a_corrected_follow_up_ends_at_most_once_and_is_lost_after_three_tries() -> None:
    case = a_case(scheduled(), make(later(40)))
    case.when(correct(made_on=later(40))).refused("correction-changes-nothing")
    case.when(correct(made_on=D, cancelled_on=D)).refused("follow-up-ends-once")
    case.when(correct(lost_on=D, tries=2)).refused("follow-up-ends-once")
    case.when(correct(tries=3)).refused("follow-up-ends-once")
    case.when(correct(made_on=later(60))).refused("not-yet-happened")
    case.when(correct(lost_on=later(40), tries=3)).then(FollowUpCorrected)
    case.when(correct()).then(FollowUpCorrected)


def test_a_voided_follow_up_carries_what_became_of_it() -> None:
    void = lambda c: case_care.void_follow_up(c, known("follow-up"), why(later(50)))  # noqa: E731
    (event,) = a_case(scheduled(), make(later(40))).when(void).then(FollowUpVoided)
    assert event.record == FollowUpRecord(follow_up=follow_up(), made_on=later(40))
    a_case(scheduled(), void).when(make()).refused("record-voided")


def test_a_follow_up_voided_after_a_transfer_is_voided_at_both_places() -> None:
    case = a_case(scheduled(), scheduled(follow_up("other")), *MOVED)
    void = lambda c: case_care.void_follow_up(c, known("follow-up"), why(later(50)))  # noqa: E731
    there, here = case.when(void).then(FollowUpVoided, FollowUpVoided)
    assert (there.place, here.place) == (JINAN, QINGDAO)
    assert (there.record.cancelled_on, here.record.cancelled_on) == (later(2), None)
    after = case.and_then(void).aggregate
    assert [old.fact.follow_up.id for old in after.left_behind] == [known("other")]


@pytest.mark.parametrize(("score", "satisfied"), [(1, False), (3, False), (4, True), (5, True)])
def test_a_rating_counts_as_satisfied_from_4_of_5(score: int, satisfied: bool) -> None:
    assert rating(score).satisfied is satisfied


@pytest.mark.parametrize("score", [0, 6])
def test_a_rating_is_from_1_to_5(score: int) -> None:
    with pytest.raises(ValidationError):
        rating(score)


def test_a_rating_is_entered_once() -> None:
    a_case().when(rated).then(SatisfactionRated)
    a_case(rated).when(rated).refused("record-exists")


def test_a_rating_at_a_follow_up_waits_until_it_was_made() -> None:
    at_follow_up = lambda c: case_care.rate(c, rating(follow_up=known("follow-up")), stamp(later()))  # noqa: E731
    a_case(scheduled()).when(at_follow_up).refused("follow-up-not-made")
    a_case(scheduled(), make()).when(at_follow_up).then(SatisfactionRated)


def test_a_corrected_rating_carries_both_sides() -> None:
    def correct_to(score, on=D):
        after = RatingRecord(rating=rating(score), on=on)
        return lambda c: case_care.correct_rating(c, after, why(later()))

    (event,) = a_case(rated).when(correct_to(2)).then(SatisfactionCorrected)
    assert (event.before.rating.score, event.after.rating.score) == (5, 2)
    a_case(rated).when(correct_to(5)).refused("correction-changes-nothing")
    a_case(rated).when(correct_to(5, later(2))).refused("not-yet-happened")


def test_a_voided_rating_carries_the_record() -> None:
    void = lambda c: case_care.void_rating(c, known("rating"), why())  # noqa: E731
    (event,) = a_case(rated).when(void).then(SatisfactionVoided)
    assert event.record == RatingRecord(rating=rating(), on=D)
    a_case(rated, void).when(void).refused("record-voided")
