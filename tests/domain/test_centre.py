"""The rules of a centre, station or room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as holds
from hypothesis import strategies as st

from domain import centre_assistance, centre_events, centre_existence, centre_work
from domain.base import EVENTS, Event, Place, Stamp, decide, fold
from domain.centre import Centre
from domain.centre_events import (
    Appropriation,
    AppropriationCorrected,
    AppropriationVoided,
    Assistance,
    AssistanceCancelled,
    AssistanceCompleted,
    AssistanceCorrected,
    AssistanceRequest,
    AssistanceRequested,
    AssistanceVoided,
    CentreClosed,
    CentreEstablished,
    CentreReassigned,
    CentreRelocated,
    CentreResumed,
    CentreSuspended,
    ClosingVoided,
    Establishment,
    EstablishmentCorrected,
    EstablishmentVoided,
    Evidence,
    FacilitiesInspected,
    FundsAppropriated,
    FundsSpent,
    GradeAwarded,
    GradeLowered,
    GradeReviewed,
    GradeRevoked,
    Inspection,
    Outreach,
    OutreachCorrected,
    OutreachHeld,
    OutreachVoided,
    RegistryOffice,
    RegistryOfficesRevised,
    Shift,
    ShiftCorrected,
    ShiftVoided,
    ShiftWorked,
    Spending,
    SpendingCorrected,
    SpendingVoided,
    Subsidy,
    SubsidyCorrected,
    SubsidyPaid,
    SubsidyVoided,
    VolunteerArrived,
    VolunteerDispatched,
)
from domain.centre_wording import CENTRE_REFUSALS, CENTRE_TITLES
from domain.values import AssistanceStatus, CentreGrade, CentreKind, FundSource, OutreachKind
from domain.wording import REFUSALS
from tests.domain.scenario import given, known, stamp

Step = Callable[[Centre], Iterator[Event]]

FOUNDED = date(2019, 1, 2)
WANG, ZHAO = known("wang"), known("zhao")
LAIWU, JINAN = known("laiwu"), known("jinan")
AT_LAIWU = Place(centre=known("centre"), region=LAIWU)
AT_JINAN = Place(centre=known("centre"), region=JINAN)
OFFICE = RegistryOffice(id=known("office"), name="莱城区婚姻登记处", county_level=True)
TOWNSHIP_OFFICE = RegistryOffice(id=known("other"), name="口镇登记点", county_level=False)


def founding(**changes: Any) -> Establishment:
    facts = {
        "kind": CentreKind.CENTRE,
        "name": "莱城区婚姻家庭辅导中心",
        "region": LAIWU,
        "established_on": FOUNDED,
        "registry_offices": (OFFICE,),
        "address": "文化北路 1 号",
    }
    return Establishment(**{**facts, **changes})


def established(c: Centre) -> Iterator[Event]:
    return centre_existence.establish(c, founding(), stamp(FOUNDED))


def on(month: int, day: int, **fields: Any) -> Any:
    return stamp(date(2019, month, day), **fields)


def why(month: int, day: int) -> Any:
    return on(month, day, reason="录入有误")


def suspended(month: int, day: int) -> Step:
    return lambda c: centre_existence.suspend(c, on(month, day))


def resumed(month: int, day: int) -> Step:
    return lambda c: centre_existence.resume(c, on(month, day))


def closed(month: int, day: int) -> Step:
    return lambda c: centre_existence.close(c, on(month, day))


def reassigned(month: int, day: int) -> Step:
    return lambda c: centre_existence.reassign(c, JINAN, date(2019, month, day), why(12, 1))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2019, 3, day, hour, minute, tzinfo=UTC)


ASKED, SENT, CAME = at(1, 1), at(1, 2), at(1, 3, 30)


def lecture(held_on: date = date(2019, 3, 1), name: str = "lecture", **changes: Any) -> Outreach:
    facts = {
        "id": known(name),
        "kind": OutreachKind.LECTURE,
        "held_on": held_on,
        "title": "幸福婚姻讲座",
        "persons": 80,
        "couples": 12,
    }
    return Outreach(**{**facts, **changes})


def shift(started_at: datetime = ASKED, **changes: Any) -> Shift:
    facts = {"id": known("shift"), "practitioner": WANG, "started_at": started_at, "minutes": 240}
    return Shift(**{**facts, **changes})


def grant(granted_on: date = date(2019, 3, 1), fen: int = 5_000_000) -> Appropriation:
    return Appropriation(
        id=known("grant"),
        source=FundSource.PROVINCIAL,
        document="鲁妇发〔2019〕3号",
        fen=fen,
        appropriated_on=granted_on,
    )


def bill(spent_on: date = date(2019, 3, 1), fen: int = 120_000) -> Spending:
    return Spending(id=known("bill"), purpose="宣传材料", fen=fen, spent_on=spent_on)


def subsidy(paid_on: date = date(2019, 3, 1), fen: int = 20_000) -> Subsidy:
    return Subsidy(id=known("subsidy"), practitioner=WANG, fen=fen, paid_on=paid_on)


WHISTLE = known("whistle")


def request(requested_at: datetime = ASKED, what: str = "家庭纠纷调解") -> AssistanceRequest:
    return AssistanceRequest(id=WHISTLE, requested_at=requested_at, what=what)


def whistled(c: Centre) -> Iterator[Event]:
    return centre_assistance.request_assistance(c, request(), on(3, 1))


def sent(who: Any = WANG, when: datetime = SENT) -> Step:
    return lambda c: centre_assistance.dispatch_volunteer(c, WHISTLE, who, when, on(3, 1))


def came(who: Any = WANG, when: datetime = CAME) -> Step:
    return lambda c: centre_assistance.volunteer_arrives(c, WHISTLE, who, when, on(3, 1))


def settled(c: Centre) -> Iterator[Event]:
    return centre_assistance.complete_assistance(c, WHISTLE, at(1, 5), "已和解", on(3, 1))


def centre() -> Centre:
    return Centre(known("centre"))


def test_a_centre_is_established_at_its_region_with_the_offices_it_covers() -> None:
    (event,) = given(centre()).when(established).then(CentreEstablished)
    assert event.place == AT_LAIWU
    assert event.establishment.registry_offices == (OFFICE,)


def test_a_centre_is_established_once() -> None:
    given(centre(), established).when(established).refused("centre-exists")


def test_nothing_happens_at_a_centre_that_was_never_established() -> None:
    given(centre()).when(closed(3, 1)).refused("centre-not-established")
    given(centre()).when(whistled).refused("centre-not-established")


def test_a_registry_office_is_covered_once() -> None:
    twice = founding(registry_offices=(OFFICE, OFFICE))
    given(centre()).when(lambda c: centre_existence.establish(c, twice, stamp(FOUNDED))).refused(
        "registry-office-twice"
    )


def test_a_centre_is_not_established_in_the_future() -> None:
    later = founding(established_on=date(2019, 1, 3))
    given(centre()).when(lambda c: centre_existence.establish(c, later, stamp(FOUNDED))).refused(
        "not-yet-happened"
    )


def test_an_establishment_is_corrected_with_both_sides_and_both_places() -> None:
    right = founding(kind=CentreKind.STATION, region=JINAN)
    (event,) = (
        given(centre(), established)
        .when(lambda c: centre_existence.correct_establishment(c, right, why(1, 5)))
        .then(EstablishmentCorrected)
    )
    assert (event.before, event.after) == (founding(), right)
    assert (event.place_before, event.place) == (AT_LAIWU, AT_JINAN)


def test_later_facts_count_in_the_corrected_region() -> None:
    (event,) = (
        given(
            centre(),
            established,
            lambda c: centre_existence.correct_establishment(c, founding(region=JINAN), why(1, 5)),
        )
        .when(lambda c: centre_work.hold_outreach(c, lecture(), on(3, 1)))
        .then(OutreachHeld)
    )
    assert event.place == AT_JINAN


def test_an_establishment_is_not_corrected_without_a_reason() -> None:
    given(centre(), established).when(
        lambda c: centre_existence.correct_establishment(c, founding(name="另一名称"), on(1, 5))
    ).refused("correction-needs-reason")


def test_a_correction_of_the_establishment_changes_something() -> None:
    given(centre(), established).when(
        lambda c: centre_existence.correct_establishment(c, founding(), why(1, 5))
    ).refused("correction-changes-nothing")


def test_an_establishment_with_later_steps_is_not_corrected() -> None:
    given(centre(), established, suspended(2, 1)).when(
        lambda c: centre_existence.correct_establishment(c, founding(name="另一名称"), why(2, 5))
    ).refused("establishment-built-upon")


@pytest.mark.parametrize("wrong", [{"region": JINAN}, {"established_on": date(2019, 1, 1)}])
def test_region_and_first_day_stay_once_facts_were_counted(wrong: dict[str, Any]) -> None:
    given(centre(), established, lambda c: centre_work.hold_outreach(c, lecture(), on(3, 1))).when(
        lambda c: centre_existence.correct_establishment(c, founding(**wrong), why(3, 5))
    ).refused("establishment-has-records")


def test_the_kind_is_corrected_although_facts_were_counted() -> None:
    given(centre(), established, lambda c: centre_work.hold_outreach(c, lecture(), on(3, 1))).when(
        lambda c: centre_existence.correct_establishment(
            c, founding(kind=CentreKind.ROOM), why(3, 5)
        )
    ).then(EstablishmentCorrected)


def test_a_centre_entered_by_mistake_is_voided_with_what_it_counted() -> None:
    (event,) = (
        given(centre(), established)
        .when(lambda c: centre_existence.void_establishment(c, why(1, 5)))
        .then(EstablishmentVoided)
    )
    assert event.establishment == founding()


def test_a_voided_centre_takes_nothing_more() -> None:
    voided = given(
        centre(), established, lambda c: centre_existence.void_establishment(c, why(1, 5))
    )
    voided.when(lambda c: centre_work.hold_outreach(c, lecture(), on(3, 1))).refused(
        "centre-not-established"
    )
    voided.when(established).refused("centre-exists")


def test_a_centre_is_voided_only_after_its_records() -> None:
    busy = given(centre(), established, lambda c: centre_work.spend_funds(c, bill(), on(3, 1)))
    busy.when(lambda c: centre_existence.void_establishment(c, why(3, 5))).refused(
        "establishment-has-records"
    )
    busy.and_then(lambda c: centre_work.void_spending(c, known("bill"), why(3, 4))).when(
        lambda c: centre_existence.void_establishment(c, why(3, 5))
    ).then(EstablishmentVoided)


def test_a_relocation_names_the_old_and_the_new_address() -> None:
    (event,) = (
        given(centre(), established)
        .when(lambda c: centre_existence.relocate(c, "胜利路 2 号", on(2, 1)))
        .then(CentreRelocated)
    )
    assert (event.before, event.after) == ("文化北路 1 号", "胜利路 2 号")


def test_a_second_relocation_starts_from_the_first() -> None:
    (event,) = (
        given(
            centre(), established, lambda c: centre_existence.relocate(c, "胜利路 2 号", on(2, 1))
        )
        .when(lambda c: centre_existence.relocate(c, "新华路 3 号", on(2, 2)))
        .then(CentreRelocated)
    )
    assert event.before == "胜利路 2 号"


def test_revised_registry_offices_carry_both_sides() -> None:
    both = (OFFICE, TOWNSHIP_OFFICE)
    revised = given(centre(), established).when(
        lambda c: centre_existence.revise_registry_offices(c, both, on(2, 1))
    )
    (event,) = revised.then(RegistryOfficesRevised)
    assert (event.before, event.after, event.suspended) == ((OFFICE,), both, False)


def test_a_closing_carries_the_offices_covered_last() -> None:
    (event,) = (
        given(
            centre(),
            established,
            lambda c: centre_existence.revise_registry_offices(c, (TOWNSHIP_OFFICE,), on(2, 1)),
            suspended(2, 2),
        )
        .when(closed(2, 3))
        .then(CentreClosed)
    )
    assert event.kind is CentreKind.CENTRE
    assert event.registry_offices == (TOWNSHIP_OFFICE,)
    assert event.suspended


def test_revised_registry_offices_are_distinct() -> None:
    given(centre(), established).when(
        lambda c: centre_existence.revise_registry_offices(c, (OFFICE, OFFICE), on(2, 1))
    ).refused("registry-office-twice")


def test_a_suspension_carries_kind_and_offices() -> None:
    (event,) = given(centre(), established).when(suspended(2, 1)).then(CentreSuspended)
    assert (event.kind, event.registry_offices) == (CentreKind.CENTRE, (OFFICE,))


def test_a_suspended_centre_is_not_suspended_again() -> None:
    given(centre(), established, suspended(2, 1)).when(suspended(2, 2)).refused(
        "centre-already-suspended"
    )


def test_only_a_suspended_centre_resumes() -> None:
    given(centre(), established).when(resumed(2, 1)).refused("centre-not-suspended")
    given(centre(), established, suspended(2, 1)).when(resumed(2, 5)).then(CentreResumed)


def test_a_suspended_centre_holds_no_outreach() -> None:
    given(centre(), established, suspended(2, 1)).when(
        lambda c: centre_work.hold_outreach(c, lecture(), on(3, 1))
    ).refused("centre-suspended", suspended_on=date(2019, 2, 1))


@pytest.mark.parametrize(("day", "works"), [(1, True), (2, False), (4, False), (5, True)])
def test_work_stops_strictly_between_suspension_and_resumption(day: int, works: bool) -> None:
    outcome = given(centre(), established, suspended(3, 1), resumed(3, 5)).when(
        lambda c: centre_work.work_shift(c, shift(at(day, 1)), why(3, 6))
    )
    if works:
        outcome.then(ShiftWorked)
    else:
        outcome.refused("centre-suspended")


def test_a_centre_is_not_suspended_before_work_that_was_counted() -> None:
    given(centre(), established, lambda c: centre_work.hold_outreach(c, lecture(), on(3, 1))).when(
        suspended(2, 28)
    ).refused("work-recorded-after", last_work_on=date(2019, 3, 1))


def test_steps_of_a_centre_are_in_order() -> None:
    given(centre(), established, suspended(2, 2)).when(resumed(2, 1)).refused(
        "steps-out-of-order", changed_on=date(2019, 2, 2)
    )
    given(centre(), established).when(closed(1, 1)).refused("steps-out-of-order")


def test_a_centre_closes_once() -> None:
    given(centre(), established, closed(6, 1)).when(closed(6, 2)).refused("centre-closed")


def test_a_closed_centre_is_neither_suspended_nor_moved() -> None:
    gone = given(centre(), established, closed(6, 1))
    gone.when(suspended(6, 2)).refused("centre-closed")
    gone.when(lambda c: centre_existence.relocate(c, "胜利路 2 号", on(6, 2))).refused(
        "centre-closed"
    )
    gone.when(reassigned(6, 2)).refused("centre-closed")


def test_a_closed_centre_holds_no_outreach_after_its_closing() -> None:
    given(centre(), established, closed(2, 1)).when(
        lambda c: centre_work.hold_outreach(c, lecture(), on(3, 1))
    ).refused("centre-closed", closed_on=date(2019, 2, 1))


def test_a_closed_centre_works_no_shift_after_its_closing() -> None:
    given(centre(), established, closed(2, 28)).when(
        lambda c: centre_work.work_shift(c, shift(at(1, 1)), on(3, 1))
    ).refused("centre-closed")


def test_outreach_of_before_the_closing_is_entered_late() -> None:
    given(centre(), established, closed(6, 1)).when(
        lambda c: centre_work.hold_outreach(c, lecture(), why(6, 3))
    ).then(OutreachHeld)


def test_work_of_the_closing_day_counts() -> None:
    given(centre(), established, closed(3, 1)).when(
        lambda c: centre_work.hold_outreach(c, lecture(), on(3, 1))
    ).then(OutreachHeld)


@pytest.mark.parametrize(
    "work",
    [
        lambda c: centre_work.hold_outreach(c, lecture(), on(3, 1)),
        lambda c: centre_work.work_shift(c, shift(), on(3, 1)),
        whistled,
    ],
)
def test_a_centre_is_not_closed_before_work_that_was_counted(work: Step) -> None:
    given(centre(), established, work).when(closed(2, 28)).refused("work-recorded-after")


def test_voided_work_does_not_keep_a_centre_open() -> None:
    given(
        centre(),
        established,
        lambda c: centre_work.hold_outreach(c, lecture(), on(3, 1)),
        lambda c: centre_work.void_outreach(c, known("lecture"), why(3, 2)),
    ).when(closed(2, 28)).then(CentreClosed)


def test_a_closing_by_mistake_is_voided_and_work_goes_on() -> None:
    voided = given(centre(), established, closed(2, 1)).when(
        lambda c: centre_existence.void_closing(c, why(2, 5))
    )
    (event,) = voided.then(ClosingVoided)
    assert (event.closed_on, event.registry_offices) == (date(2019, 2, 1), (OFFICE,))
    given(
        centre(), established, closed(2, 1), lambda c: centre_existence.void_closing(c, why(2, 5))
    ).when(lambda c: centre_work.hold_outreach(c, lecture(), on(3, 1))).then(OutreachHeld)


def test_only_a_closing_is_voided() -> None:
    given(centre(), established).when(
        lambda c: centre_existence.void_closing(c, why(2, 5))
    ).refused("centre-not-closed")


def test_a_reassignment_carries_what_moves_the_stocks() -> None:
    (event,) = given(centre(), established).when(reassigned(1, 9)).then(CentreReassigned)
    assert (event.from_region, event.to_region) == (LAIWU, JINAN)
    assert event.effective_on == date(2019, 1, 9)
    assert (event.kind, event.registry_offices) == (CentreKind.CENTRE, (OFFICE,))
    assert event.place == AT_JINAN


def test_a_date_before_the_first_day_lies_in_the_first_region() -> None:
    moved = given(centre(), established, reassigned(1, 9)).aggregate
    assert moved.place_on(date(2018, 12, 31)) == AT_LAIWU


@pytest.mark.parametrize(("day", "place"), [(8, AT_LAIWU), (9, AT_JINAN), (10, AT_JINAN)])
def test_a_fact_counts_in_the_region_of_its_own_date(day: int, place: Place) -> None:
    (event,) = (
        given(centre(), established, reassigned(1, 9))
        .when(lambda c: centre_work.hold_outreach(c, lecture(date(2019, 1, day)), why(12, 2)))
        .then(OutreachHeld)
    )
    assert event.place == place


def test_voiding_names_the_place_where_the_fact_counted_before_the_reassignment() -> None:
    (event,) = (
        given(
            centre(),
            established,
            lambda c: centre_work.hold_outreach(c, lecture(), on(3, 1)),
            reassigned(1, 9),
        )
        .when(lambda c: centre_work.void_outreach(c, known("lecture"), why(12, 2)))
        .then(OutreachVoided)
    )
    assert event.place == AT_LAIWU


def test_a_correction_across_the_boundary_change_names_both_places() -> None:
    (event,) = (
        given(
            centre(),
            established,
            reassigned(1, 9),
            lambda c: centre_work.hold_outreach(c, lecture(date(2019, 1, 8)), why(12, 2)),
        )
        .when(lambda c: centre_work.correct_outreach(c, lecture(date(2019, 1, 10)), why(12, 3)))
        .then(OutreachCorrected)
    )
    assert (event.place_before, event.place) == (AT_LAIWU, AT_JINAN)


def test_a_correction_that_keeps_the_date_keeps_the_place() -> None:
    (event,) = (
        given(
            centre(),
            established,
            lambda c: centre_work.hold_outreach(c, lecture(), on(3, 1)),
            reassigned(1, 9),
        )
        .when(lambda c: centre_work.correct_outreach(c, lecture(persons=81), why(12, 3)))
        .then(OutreachCorrected)
    )
    assert (event.place_before, event.place) == (AT_LAIWU, AT_LAIWU)


def test_a_reassignment_leads_to_another_region() -> None:
    given(centre(), established).when(
        lambda c: centre_existence.reassign(c, LAIWU, date(2019, 1, 9), why(1, 9))
    ).refused("region-unchanged")


def test_a_reassignment_is_not_dated_in_the_future() -> None:
    given(centre(), established).when(
        lambda c: centre_existence.reassign(c, JINAN, date(2019, 1, 9), on(1, 8))
    ).refused("not-yet-happened")


def test_a_reassignment_does_not_precede_the_last_step() -> None:
    given(centre(), established, suspended(2, 1)).when(reassigned(1, 9)).refused(
        "steps-out-of-order"
    )


def inspection(name: str = "inspection", **changes: Any) -> Inspection:
    facts = {
        "id": known(name),
        "standard": "辅导中心设施标准",
        "version": "2018",
        "inspected_on": date(2019, 3, 1),
        "passed": ("独立房间", "标识"),
        "failed": ("心理沙盘",),
    }
    return Inspection(**{**facts, **changes})


def inspected(**changes: Any) -> Step:
    return lambda c: centre_existence.inspect_facilities(c, inspection(**changes), on(3, 1))


def test_facilities_are_inspected_against_a_version_of_a_standard() -> None:
    (event,) = given(centre(), established).when(inspected()).then(FacilitiesInspected)
    assert (event.inspection.version, event.inspection.failed) == ("2018", ("心理沙盘",))


def test_an_inspection_names_points() -> None:
    given(centre(), established).when(inspected(passed=(), failed=())).refused("inspection-empty")


def test_a_point_does_not_both_pass_and_fail() -> None:
    given(centre(), established).when(inspected(failed=("标识",))).refused("inspection-point-twice")


def test_an_inspection_is_entered_once() -> None:
    given(centre(), established, inspected()).when(inspected()).refused("record-exists")


def test_an_inspection_of_tomorrow_is_refused() -> None:
    given(centre(), established).when(inspected(inspected_on=date(2019, 3, 2))).refused(
        "not-yet-happened"
    )


EVIDENCE = Evidence(document="评定报告")


def graded(grade: CentreGrade) -> Step:
    return lambda c: centre_existence.award_grade(c, grade, EVIDENCE, on(3, 1))


def test_a_first_grade_is_awarded_with_its_evidence() -> None:
    evidence = Evidence(document="评定报告", inspection=known("inspection"))
    (event,) = (
        given(centre(), established, inspected())
        .when(lambda c: centre_existence.award_grade(c, CentreGrade.STANDARD, evidence, on(3, 2)))
        .then(GradeAwarded)
    )
    assert (event.before, event.grade, event.evidence) == (None, CentreGrade.STANDARD, evidence)


def test_evidence_names_an_inspection_of_this_centre() -> None:
    evidence = Evidence(document="评定报告", inspection=known("elsewhere"))
    given(centre(), established).when(
        lambda c: centre_existence.award_grade(c, CentreGrade.STANDARD, evidence, on(3, 2))
    ).refused("inspection-unknown")


def test_an_award_raises_the_grade() -> None:
    county = given(centre(), established, graded(CentreGrade.COUNTY_MODEL))
    (event,) = county.when(graded(CentreGrade.CITY_MODEL)).then(GradeAwarded)
    assert event.before is CentreGrade.COUNTY_MODEL
    county.when(graded(CentreGrade.COUNTY_MODEL)).refused("grade-not-higher")
    county.when(graded(CentreGrade.STANDARD)).refused("grade-not-higher")


def test_a_review_confirms_the_grade() -> None:
    (event,) = (
        given(centre(), established, graded(CentreGrade.STANDARD))
        .when(lambda c: centre_existence.review_grade(c, EVIDENCE, on(3, 2)))
        .then(GradeReviewed)
    )
    assert event.grade is CentreGrade.STANDARD


def test_lowering_leads_to_a_lower_grade() -> None:
    county = given(centre(), established, graded(CentreGrade.COUNTY_MODEL))
    (event,) = county.when(
        lambda c: centre_existence.lower_grade(c, CentreGrade.STANDARD, EVIDENCE, on(3, 2))
    ).then(GradeLowered)
    assert (event.before, event.grade) == (CentreGrade.COUNTY_MODEL, CentreGrade.STANDARD)
    for grade in (CentreGrade.COUNTY_MODEL, CentreGrade.CITY_MODEL):
        county.when(
            lambda c, grade=grade: centre_existence.lower_grade(c, grade, EVIDENCE, on(3, 2))
        ).refused("grade-not-lower")


def test_a_revoked_grade_is_gone() -> None:
    standard = given(centre(), established, graded(CentreGrade.STANDARD))
    standard.when(lambda c: centre_existence.revoke_grade(c, EVIDENCE, on(3, 2))).then(GradeRevoked)
    standard.and_then(lambda c: centre_existence.revoke_grade(c, EVIDENCE, on(3, 2))).when(
        lambda c: centre_existence.review_grade(c, EVIDENCE, on(3, 3))
    ).refused("centre-not-graded")


def test_only_a_graded_centre_is_reviewed_lowered_or_revoked() -> None:
    fresh = given(centre(), established)
    fresh.when(lambda c: centre_existence.review_grade(c, EVIDENCE, on(3, 1))).refused(
        "centre-not-graded"
    )
    fresh.when(lambda c: centre_existence.revoke_grade(c, EVIDENCE, on(3, 1))).refused(
        "centre-not-graded"
    )
    fresh.when(
        lambda c: centre_existence.lower_grade(c, CentreGrade.STANDARD, EVIDENCE, on(3, 1))
    ).refused("centre-not-graded")


def test_a_closed_centre_is_not_graded() -> None:
    given(centre(), established, closed(2, 1)).when(graded(CentreGrade.STANDARD)).refused(
        "centre-closed"
    )


def test_attendance_and_couples_are_counted_apart() -> None:
    (event,) = (
        given(centre(), established)
        .when(lambda c: centre_work.hold_outreach(c, lecture(persons=3, couples=2), on(3, 1)))
        .then(OutreachHeld)
    )
    assert (event.outreach.persons, event.outreach.couples) == (3, 2)


def test_outreach_before_the_establishment_is_refused() -> None:
    given(centre(), established).when(
        lambda c: centre_work.hold_outreach(c, lecture(date(2019, 1, 1)), why(1, 3))
    ).refused("before-establishment", established_on=FOUNDED)


def test_outreach_entered_more_than_three_days_late_says_why() -> None:
    given(centre(), established).when(
        lambda c: centre_work.hold_outreach(c, lecture(), on(3, 5))
    ).refused("late-entry-needs-reason", days=4)
    given(centre(), established).when(
        lambda c: centre_work.hold_outreach(c, lecture(), on(3, 4))
    ).then(OutreachHeld)


def test_a_shift_that_starts_after_the_stamped_instant_has_not_happened() -> None:
    given(centre(), established).when(
        lambda c: centre_work.work_shift(c, shift(at(1, 3)), stamp(at(1, 2)))
    ).refused("not-yet-happened")
    given(centre(), established).when(
        lambda c: centre_work.work_shift(c, shift(at(1, 2)), stamp(at(1, 2)))
    ).then(ShiftWorked)


def test_a_shift_corrected_into_the_future_is_refused() -> None:
    given(centre(), established, lambda c: centre_work.work_shift(c, shift(), on(3, 1))).when(
        lambda c: centre_work.correct_shift(c, shift(at(2, 3)), stamp(at(2, 2), reason="录入有误"))
    ).refused("not-yet-happened")


def test_a_shift_is_entered_and_corrected_when_it_is_over() -> None:
    def received(now: datetime) -> Stamp:
        return Stamp.issue(now=now, **{**dict(on(3, 1)), "reason": "录入有误"})

    over = shift().ends_at
    early, in_time = received(over - timedelta(minutes=1)), received(over)
    opened = given(centre(), established)
    opened.when(lambda c: centre_work.work_shift(c, shift(), early)).refused("not-over-yet")
    opened.when(lambda c: centre_work.work_shift(c, shift(), in_time)).then(ShiftWorked)
    longer = shift().model_copy(update={"minutes": shift().minutes + 1})
    given(centre(), established, lambda c: centre_work.work_shift(c, shift(), in_time)).when(
        lambda c: centre_work.correct_shift(c, longer, in_time)
    ).refused("not-over-yet")


def test_a_shift_counts_on_its_date_in_shanghai() -> None:
    assert shift(datetime(2019, 3, 1, 17, tzinfo=UTC)).on == date(2019, 3, 2)


def test_spending_more_than_was_appropriated_is_not_refused() -> None:
    given(
        centre(), established, lambda c: centre_work.appropriate_funds(c, grant(fen=1), on(3, 1))
    ).when(lambda c: centre_work.spend_funds(c, bill(fen=2), on(3, 1))).then(FundsSpent)


def test_a_closed_centre_settles_bills_and_subsidies_but_is_granted_nothing() -> None:
    gone = given(centre(), established, closed(2, 1))
    gone.when(lambda c: centre_work.spend_funds(c, bill(), on(3, 1))).then(FundsSpent)
    gone.when(lambda c: centre_work.pay_subsidy(c, subsidy(), on(3, 1))).then(SubsidyPaid)
    gone.when(lambda c: centre_work.appropriate_funds(c, grant(), on(3, 1))).refused(
        "centre-closed"
    )


def test_nothing_is_spent_before_the_establishment() -> None:
    early = date(2019, 1, 1)
    fresh = given(centre(), established)
    fresh.when(lambda c: centre_work.spend_funds(c, bill(early), on(1, 2))).refused(
        "before-establishment"
    )
    fresh.when(lambda c: centre_work.pay_subsidy(c, subsidy(early), on(1, 2))).refused(
        "before-establishment"
    )
    fresh.when(lambda c: centre_work.appropriate_funds(c, grant(early), on(1, 2))).refused(
        "before-establishment"
    )


LATER = date(2019, 3, 2)
KINDS_OF_RECORD: list[Any] = [
    pytest.param(
        (centre_work.hold_outreach, OutreachHeld, "outreach"),
        (centre_work.correct_outreach, OutreachCorrected),
        (centre_work.void_outreach, OutreachVoided),
        (lecture(), lecture(LATER, persons=90)),
        id="outreach",
    ),
    pytest.param(
        (centre_work.work_shift, ShiftWorked, "shift"),
        (centre_work.correct_shift, ShiftCorrected),
        (centre_work.void_shift, ShiftVoided),
        (shift(), shift(at(2, 1), minutes=120)),
        id="shift",
    ),
    pytest.param(
        (centre_work.appropriate_funds, FundsAppropriated, "appropriation"),
        (centre_work.correct_appropriation, AppropriationCorrected),
        (centre_work.void_appropriation, AppropriationVoided),
        (grant(), grant(LATER, 1)),
        id="appropriation",
    ),
    pytest.param(
        (centre_work.spend_funds, FundsSpent, "spending"),
        (centre_work.correct_spending, SpendingCorrected),
        (centre_work.void_spending, SpendingVoided),
        (bill(), bill(LATER, 1)),
        id="spending",
    ),
    pytest.param(
        (centre_work.pay_subsidy, SubsidyPaid, "subsidy"),
        (centre_work.correct_subsidy, SubsidyCorrected),
        (centre_work.void_subsidy, SubsidyVoided),
        (subsidy(), subsidy(LATER, 1)),
        id="subsidy",
    ),
]
of_every_kind = pytest.mark.parametrize(("enter", "correct", "void", "records"), KINDS_OF_RECORD)


@of_every_kind
def test_a_record_is_entered_once(enter: Any, correct: Any, void: Any, records: Any) -> None:
    decision, happened, name = enter
    fresh = given(centre(), established)
    (event,) = fresh.when(lambda c: decision(c, records[0], on(3, 1))).then(happened)
    assert getattr(event, name) == records[0]
    assert event.place == AT_LAIWU
    fresh.and_then(lambda c: decision(c, records[0], on(3, 1))).when(
        lambda c: decision(c, records[0], on(3, 1))
    ).refused("record-exists")


@of_every_kind
def test_a_record_of_tomorrow_is_refused(enter: Any, correct: Any, void: Any, records: Any) -> None:
    given(centre(), established).when(lambda c: enter[0](c, records[1], on(3, 1))).refused(
        "not-yet-happened"
    )


@of_every_kind
def test_a_correction_carries_both_sides(enter: Any, correct: Any, void: Any, records: Any) -> None:
    before, after = records
    (event,) = (
        given(centre(), established, lambda c: enter[0](c, before, on(3, 1)))
        .when(lambda c: correct[0](c, after, why(3, 2)))
        .then(correct[1])
    )
    assert (event.before, event.after) == (before, after)


@of_every_kind
def test_a_second_correction_starts_from_the_first(
    enter: Any, correct: Any, void: Any, records: Any
) -> None:
    before, after = records
    (event,) = (
        given(
            centre(),
            established,
            lambda c: enter[0](c, before, on(3, 1)),
            lambda c: correct[0](c, after, why(3, 2)),
        )
        .when(lambda c: correct[0](c, before, why(3, 3)))
        .then(correct[1])
    )
    assert (event.before, event.after) == (after, before)


@of_every_kind
def test_a_correction_needs_a_reason_and_a_change(
    enter: Any, correct: Any, void: Any, records: Any
) -> None:
    entered = given(centre(), established, lambda c: enter[0](c, records[0], on(3, 1)))
    entered.when(lambda c: correct[0](c, records[1], on(3, 2))).refused("correction-needs-reason")
    entered.when(lambda c: correct[0](c, records[0], why(3, 2))).refused(
        "correction-changes-nothing"
    )


@of_every_kind
def test_a_correction_does_not_move_a_record_before_the_first_day(
    enter: Any, correct: Any, void: Any, records: Any
) -> None:
    early = {"held_on", "appropriated_on", "spent_on", "paid_on"} & set(
        type(records[0]).model_fields
    )
    moved = {name: date(2019, 1, 1) for name in early} or {
        "started_at": datetime(2019, 1, 1, 1, tzinfo=UTC)
    }
    given(centre(), established, lambda c: enter[0](c, records[0], on(3, 1))).when(
        lambda c: correct[0](c, records[0].model_copy(update=moved), why(3, 2))
    ).refused("before-establishment")


@of_every_kind
def test_voiding_carries_the_full_record_and_needs_a_reason(
    enter: Any, correct: Any, void: Any, records: Any
) -> None:
    entered = given(centre(), established, lambda c: enter[0](c, records[0], on(3, 1)))
    (event,) = entered.when(lambda c: void[0](c, records[0].id, why(3, 2))).then(void[1])
    assert getattr(event, enter[2]) == records[0]
    assert event.place == AT_LAIWU
    entered.when(lambda c: void[0](c, records[0].id, on(3, 2))).refused("correction-needs-reason")


@of_every_kind
def test_a_voided_record_is_neither_corrected_nor_voided_nor_entered_again(
    enter: Any, correct: Any, void: Any, records: Any
) -> None:
    voided = given(
        centre(),
        established,
        lambda c: enter[0](c, records[0], on(3, 1)),
        lambda c: void[0](c, records[0].id, why(3, 2)),
    )
    voided.when(lambda c: correct[0](c, records[1], why(3, 3))).refused("record-voided")
    voided.when(lambda c: void[0](c, records[0].id, why(3, 3))).refused("record-voided")
    voided.when(lambda c: enter[0](c, records[0], why(3, 3))).refused("record-exists")


@of_every_kind
def test_an_unknown_record_is_neither_corrected_nor_voided(
    enter: Any, correct: Any, void: Any, records: Any
) -> None:
    fresh = given(centre(), established)
    fresh.when(lambda c: correct[0](c, records[0], why(3, 3))).refused("record-unknown")
    fresh.when(lambda c: void[0](c, records[0].id, why(3, 3))).refused("record-unknown")


def test_a_correction_does_not_move_work_behind_the_closing() -> None:
    given(
        centre(),
        established,
        lambda c: centre_work.hold_outreach(c, lecture(), on(3, 1)),
        lambda c: centre_work.work_shift(c, shift(), on(3, 1)),
        closed(3, 1),
    ).when(lambda c: centre_work.correct_outreach(c, lecture(LATER), why(3, 5))).refused(
        "centre-closed"
    )


def test_a_station_whistles_for_help() -> None:
    (event,) = given(centre(), established).when(whistled).then(AssistanceRequested)
    assert event.assistance == Assistance(id=WHISTLE, requested_at=at(1, 1), what="家庭纠纷调解")


def test_a_whistle_is_entered_once_even_if_voided() -> None:
    once = given(centre(), established, whistled)
    once.when(whistled).refused("record-exists")
    once.and_then(lambda c: centre_assistance.void_assistance(c, WHISTLE, why(3, 2))).when(
        whistled
    ).refused("record-exists")


def test_a_closed_station_does_not_whistle() -> None:
    given(centre(), established, closed(2, 1)).when(whistled).refused("centre-closed")


def test_a_whistle_of_tomorrow_is_refused() -> None:
    given(centre(), established).when(
        lambda c: centre_assistance.request_assistance(c, request(at(2, 1)), on(3, 1))
    ).refused("not-yet-happened")


def test_a_volunteer_is_sent_to_a_whistle() -> None:
    (event,) = given(centre(), established, whistled).when(sent()).then(VolunteerDispatched)
    assert event.practitioner == WANG
    assert event.assistance.status is AssistanceStatus.DISPATCHED
    assert event.assistance.dispatched_at == at(1, 2)


def test_a_volunteer_is_sent_once_and_not_before_the_whistle() -> None:
    asked = given(centre(), established, whistled)
    asked.when(sent(when=at(1, 0))).refused("times-out-of-order", on=at(1, 0))
    asked.and_then(sent()).when(sent()).refused("volunteer-already-dispatched")


def test_the_first_dispatch_is_the_one_that_the_whistle_shows() -> None:
    (event,) = (
        given(centre(), established, whistled, sent())
        .when(sent(ZHAO, at(1, 4)))
        .then(VolunteerDispatched)
    )
    assert (event.dispatched_at, event.assistance.dispatched_at) == (at(1, 4), at(1, 2))


def test_an_unknown_or_voided_whistle_is_not_answered() -> None:
    given(centre(), established).when(sent()).refused("record-unknown")
    given(
        centre(),
        established,
        whistled,
        lambda c: centre_assistance.void_assistance(c, WHISTLE, why(3, 2)),
    ).when(sent()).refused("record-voided")


def test_the_first_arrival_answers_the_whistle_with_its_minutes() -> None:
    (event,) = given(centre(), established, whistled, sent()).when(came()).then(VolunteerArrived)
    assert (event.requested_at, event.arrived_at) == (at(1, 1), at(1, 3, 30))
    assert (event.response_minutes, event.first) == (150, True)
    assert event.assistance.status is AssistanceStatus.ARRIVED
    assert event.assistance.response_minutes == 150


def test_a_second_arrival_does_not_answer_the_whistle_again() -> None:
    (event,) = (
        given(centre(), established, whistled, sent(), sent(ZHAO), came())
        .when(came(ZHAO, at(1, 4)))
        .then(VolunteerArrived)
    )
    assert (event.first, event.response_minutes) == (False, 180)
    assert event.assistance.response_minutes == 150


def test_only_a_volunteer_who_was_sent_arrives_once_and_after_that() -> None:
    on_the_way = given(centre(), established, whistled, sent())
    on_the_way.when(came(ZHAO)).refused("volunteer-not-dispatched")
    on_the_way.when(came(when=at(1, 1, 30))).refused("times-out-of-order")
    on_the_way.when(came(when=at(2, 1))).refused("not-yet-happened")
    on_the_way.and_then(came()).when(came()).refused("volunteer-already-arrived")


def test_assistance_is_completed_after_an_arrival() -> None:
    given(centre(), established, whistled, sent()).when(settled).refused("assistance-unanswered")
    (event,) = (
        given(centre(), established, whistled, sent(), came())
        .when(settled)
        .then(AssistanceCompleted)
    )
    assert event.assistance.status is AssistanceStatus.COMPLETED


def test_assistance_is_not_completed_before_the_arrival() -> None:
    given(centre(), established, whistled, sent(), came()).when(
        lambda c: centre_assistance.complete_assistance(c, WHISTLE, at(1, 3), None, on(3, 1))
    ).refused("times-out-of-order")


def test_assistance_is_cancelled_only_before_an_arrival() -> None:
    cancel: Step = lambda c: centre_assistance.cancel_assistance(c, WHISTLE, on(3, 1))  # noqa: E731
    (event,) = given(centre(), established, whistled).when(cancel).then(AssistanceCancelled)
    assert event.assistance.status is AssistanceStatus.CANCELLED
    given(centre(), established, whistled, sent(), came()).when(cancel).refused(
        "assistance-answered"
    )


def test_a_settled_whistle_takes_no_further_step() -> None:
    done = given(centre(), established, whistled, sent(), came(), settled)
    done.when(sent(ZHAO)).refused("assistance-settled")
    done.when(came(ZHAO)).refused("assistance-settled")
    done.when(settled).refused("assistance-settled")
    done.when(lambda c: centre_assistance.cancel_assistance(c, WHISTLE, on(3, 1))).refused(
        "assistance-settled"
    )
    given(
        centre(),
        established,
        whistled,
        lambda c: centre_assistance.cancel_assistance(c, WHISTLE, on(3, 1)),
    ).when(sent()).refused("assistance-settled")


def test_a_corrected_whistle_gets_its_response_minutes_anew() -> None:
    (event,) = (
        given(centre(), established, whistled, sent(), came(), settled)
        .when(
            lambda c: centre_assistance.correct_assistance(
                c, request(at(1, 2)), at(1, 3), why(3, 2)
            )
        )
        .then(AssistanceCorrected)
    )
    assert (event.before.response_minutes, event.after.response_minutes) == (150, 60)
    assert event.after.status is AssistanceStatus.COMPLETED
    assert (event.place_before, event.place) == (AT_LAIWU, AT_LAIWU)


def test_a_corrected_arrival_still_stands() -> None:
    there = given(
        centre(),
        established,
        whistled,
        sent(),
        came(),
        lambda c: centre_assistance.correct_assistance(c, request(), at(1, 3), why(3, 2)),
    )
    there.when(came()).refused("volunteer-already-arrived")
    there.when(settled).then(AssistanceCompleted)


def test_a_corrected_whistle_stays_in_order() -> None:
    there = given(centre(), established, whistled, sent(), came())
    there.when(
        lambda c: centre_assistance.correct_assistance(
            c, request(at(1, 2, 30)), at(1, 3), why(3, 2)
        )
    ).refused("times-out-of-order")
    there.when(
        lambda c: centre_assistance.correct_assistance(c, request(), at(1, 1), why(3, 2))
    ).refused("times-out-of-order")
    there.when(
        lambda c: centre_assistance.correct_assistance(c, request(), at(9, 1), why(3, 2))
    ).refused("not-yet-happened")


def test_an_arrival_is_not_invented_by_a_correction() -> None:
    given(centre(), established, whistled, sent()).when(
        lambda c: centre_assistance.correct_assistance(c, request(), at(1, 3), why(3, 2))
    ).refused("assistance-unanswered")


def test_an_arrival_entered_by_mistake_is_taken_back_and_the_next_one_answers() -> None:
    there = given(centre(), established, whistled, sent(), came())
    take_back: Step = lambda c: centre_assistance.correct_assistance(c, request(), None, why(3, 2))  # noqa: E731
    (event,) = there.when(take_back).then(AssistanceCorrected)
    assert (event.after.arrived_at, event.after.response_minutes) == (None, None)
    assert event.after.status is AssistanceStatus.DISPATCHED
    (arrival,) = there.and_then(take_back).when(came(when=at(1, 6))).then(VolunteerArrived)
    assert (arrival.first, arrival.response_minutes) == (True, 300)


def test_the_arrival_of_a_completed_whistle_is_not_taken_back() -> None:
    given(centre(), established, whistled, sent(), came(), settled).when(
        lambda c: centre_assistance.correct_assistance(c, request(), None, why(3, 2))
    ).refused("assistance-settled")


def test_a_whistle_that_moves_across_the_boundary_change_names_both_places() -> None:
    (event,) = (
        given(centre(), established, whistled, reassigned(3, 2))
        .when(
            lambda c: centre_assistance.correct_assistance(c, request(at(3, 1)), None, why(12, 2))
        )
        .then(AssistanceCorrected)
    )
    assert (event.place_before, event.place) == (AT_LAIWU, AT_JINAN)


def test_a_correction_of_a_whistle_says_why_and_changes_something() -> None:
    asked = given(centre(), established, whistled)
    asked.when(
        lambda c: centre_assistance.correct_assistance(c, request(what="探访"), None, on(3, 2))
    ).refused("correction-needs-reason")
    asked.when(
        lambda c: centre_assistance.correct_assistance(c, request(), None, why(3, 2))
    ).refused("correction-changes-nothing")
    (event,) = asked.when(
        lambda c: centre_assistance.correct_assistance(c, request(what="探访"), None, why(3, 2))
    ).then(AssistanceCorrected)
    assert event.after.what == "探访"


def test_a_voided_whistle_carries_its_answer_and_says_why() -> None:
    there = given(centre(), established, whistled, sent(), came())
    (event,) = there.when(lambda c: centre_assistance.void_assistance(c, WHISTLE, why(3, 2))).then(
        AssistanceVoided
    )
    assert event.assistance.response_minutes == 150
    there.when(lambda c: centre_assistance.void_assistance(c, WHISTLE, on(3, 2))).refused(
        "correction-needs-reason"
    )


@holds(
    st.lists(st.tuples(st.sampled_from("acv"), st.integers(0, 3), st.integers(1, 9)), max_size=30)
)
def test_what_was_counted_less_what_was_taken_back_is_what_the_centre_keeps(
    steps: list[tuple[str, int, int]],
) -> None:
    """A figure that adds every side it is told of ends at the sum of what still counts."""
    state = given(centre(), established).aggregate
    figure = 0
    for what, number, persons in steps:
        outreach = lecture(name=str(number), persons=persons)
        decision: Step = {
            "a": lambda c, o=outreach: centre_work.hold_outreach(c, o, on(3, 1)),
            "c": lambda c, o=outreach: centre_work.correct_outreach(c, o, why(3, 1)),
            "v": lambda c, o=outreach: centre_work.void_outreach(c, o.id, why(3, 1)),
        }[what]
        for event in given(state).when(decision).events:
            match event:
                case OutreachHeld(outreach=held):
                    figure += held.persons
                case OutreachCorrected(before=before, after=after):
                    figure += after.persons - before.persons
                case OutreachVoided(outreach=held):
                    figure -= held.persons
            state = fold(state, [event])
    assert figure == sum(kept.record.persons for kept in state.outreach.values() if kept)


@holds(st.dates(FOUNDED, date(2019, 12, 1)), st.dates(FOUNDED, date(2019, 12, 1)))
def test_a_record_lies_in_the_new_region_from_the_effective_day_on(
    effective_on: date, held_on: date
) -> None:
    moved = given(
        centre(),
        established,
        lambda c: centre_existence.reassign(c, JINAN, effective_on, why(12, 1)),
    ).aggregate
    (event,) = decide(moved, lambda c: centre_work.hold_outreach(c, lecture(held_on), why(12, 1)))
    assert isinstance(event, OutreachHeld)
    assert (event.place == AT_JINAN) is (held_on >= effective_on)


def test_every_event_of_a_centre_has_its_chinese_title() -> None:
    topics = {
        topic for topic, event in EVENTS.items() if event.__module__ == centre_events.__name__
    }
    assert topics == set(CENTRE_TITLES)


def test_every_refusal_of_a_centre_has_a_sentence_that_its_context_fills() -> None:
    context = {
        "closed_on": FOUNDED,
        "suspended_on": FOUNDED,
        "established_on": FOUNDED,
        "changed_on": FOUNDED,
        "last_work_on": FOUNDED,
        "grade": CentreGrade.STANDARD.label,
    }
    for code, sentence in CENTRE_REFUSALS.items():
        assert REFUSALS[code] == sentence
        assert sentence.en.format(**context)
        assert sentence.zh.format(**context)


def test_a_response_is_counted_in_whole_minutes() -> None:
    arrival = came(when=at(1, 3) + timedelta(seconds=59))
    (event,) = given(centre(), established, whistled, sent()).when(arrival).then(VolunteerArrived)
    assert event.response_minutes == 120
