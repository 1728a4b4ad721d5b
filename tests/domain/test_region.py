"""The rules of a region: its validity, its meetings, its reports and locked periods."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as holds
from hypothesis import strategies as st
from pydantic import ValidationError

from domain import region, region_boundaries, region_events, region_mechanism, region_reporting
from domain.base import Event, Place, Refused, decide, fold
from domain.region import Region
from domain.region_boundaries import LEVEL_OF
from domain.region_events import (
    Dispatch,
    DispatchCorrected,
    DispatchHeld,
    DispatchVoided,
    Founding,
    FoundingCorrected,
    FoundingVoided,
    JointMeeting,
    JointMeetingCorrected,
    JointMeetingHeld,
    JointMeetingVoided,
    LeadingGroup,
    LeadingGroupCorrected,
    LeadingGroupFormed,
    LeadingGroupVoided,
    Move,
    MoveVoided,
    PeriodLocked,
    PeriodReopened,
    RegionEstablished,
    RegionMoved,
    RegionRenamed,
    RegionSucceeded,
    Renaming,
    RenamingVoided,
    Report,
    ReportApproved,
    ReportingPeriod,
    ReportRequired,
    ReportRestated,
    ReportReturned,
    ReportSubmitted,
    ReportWaived,
    Requirement,
    Succession,
    SuccessionCorrected,
    SuccessionVoided,
    Village,
    region_id,
)
from domain.region_wording import REGION_TITLES
from domain.values import Extent, RegionKind, RegionLevel
from tests.domain.refusals import refusals_of, topics_of, unfilled
from tests.domain.scenario import Given, given, known, stamp

Step = Callable[[Region], Iterator[Event]]

SCHEME, CODE, FIRST = "cn-stats", "371202", date(2016, 7, 31)
LAIWU_CITY, JINAN, SUCCESSOR = known("371200"), known("370100"), known("370116")
ID = region_id(SCHEME, CODE, FIRST)
MERGER = date(2019, 1, 9)
FORM = "季报表"
QUARTER = ReportingPeriod(first=date(2019, 1, 1), last=date(2019, 3, 31))
DUE = date(2019, 4, 10)
CITY, PROVINCE = RegionLevel.CITY, RegionLevel.PROVINCE


def on(when: date, who: str = "administrator", **fields: Any) -> Any:
    return stamp(when, actor=who, **fields)


def why(when: date, who: str = "administrator") -> Any:
    return on(when, who, reason="核对后更正")


def founding(**changes: Any) -> Founding:
    facts = {
        "scheme": SCHEME,
        "code": CODE,
        "name": "莱城区",
        "level": RegionLevel.COUNTY,
        "kind": RegionKind.DISTRICT,
        "parent": LAIWU_CITY,
        "valid_from": FIRST,
    }
    return Founding(**{**facts, **changes})


def succession(**changes: Any) -> Succession:
    facts = {
        "successor": SUCCESSOR,
        "extent": Extent.WHOLE,
        "announced_on": MERGER,
        "effective_on": MERGER,
        "document": "国函〔2018〕163号",
    }
    return Succession(**{**facts, **changes})


def established(r: Region) -> Iterator[Event]:
    return region_boundaries.establish(r, founding(), on(date(2018, 12, 31)))


def succeeded(r: Region) -> Iterator[Event]:
    return region_boundaries.succeed(r, succession(), on(MERGER))


def part(area: str | None = "雪野镇", successor: Any = SUCCESSOR) -> Succession:
    return succession(extent=Extent.PART, area=area, successor=successor)


def after(*steps: Step) -> Given[Region]:
    return given(Region(ID), established, *steps)


def group(name: str = "group", formed_on: date = date(2019, 1, 4), **changes: Any) -> LeadingGroup:
    facts = {"leader": "分管副区长", "members": ("妇联", "民政局")}
    return LeadingGroup(id=known(name), formed_on=formed_on, **{**facts, **changes})


def meeting(held_on: date = date(2019, 1, 4), **changes: Any) -> JointMeeting:
    facts = {"title": "第一次联席会议", "departments": ("妇联", "法院"), "attendance": 9}
    return JointMeeting(id=known("meeting"), held_on=held_on, **{**facts, **changes})


def dispatch(held_on: date = date(2019, 1, 4), **changes: Any) -> Dispatch:
    facts = {"title": "一月调度", "position": 100}
    return Dispatch(id=known("dispatch"), held_on=held_on, **{**facts, **changes})


def requirement(**changes: Any) -> Requirement:
    facts = {"form": FORM, "period": QUARTER, "due_on": DUE, "levels": (CITY, PROVINCE)}
    return Requirement(**{**facts, **changes})


def report(**changes: Any) -> Report:
    facts = {"form": FORM, "period": QUARTER, "definitions": "2019-1", "position": 500}
    return Report(**{**facts, **changes})


def required(r: Region) -> Iterator[Event]:
    return region_reporting.require_report(r, requirement(), on(date(2019, 3, 20)))


def submitted(r: Region) -> Iterator[Event]:
    return region_reporting.submit_report(r, report(), on(date(2019, 4, 8), "zhang"))


def returned(r: Region) -> Iterator[Event]:
    return region_reporting.return_report(
        r, FORM, QUARTER, CITY, date(2019, 4, 15), why(date(2019, 4, 11), "wang")
    )


def approved(level: RegionLevel, who: str) -> Step:
    return lambda r: region_reporting.approve_report(
        r, FORM, QUARTER, level, on(date(2019, 4, 12), who)
    )


def restated(r: Region) -> Iterator[Event]:
    return region_reporting.restate_report(r, report(position=900), why(date(2019, 6, 3), "zhang"))


FINAL = (required, submitted, approved(CITY, "wang"), approved(PROVINCE, "sun"))


def locked(r: Region) -> Iterator[Event]:
    return region_reporting.lock_period(r, QUARTER, 800, on(date(2019, 5, 6)))


def reopened(r: Region) -> Iterator[Event]:
    return region_reporting.reopen_period(r, QUARTER, date(2019, 5, 20), why(date(2019, 5, 13)))


def grouped(r: Region) -> Iterator[Event]:
    return region_mechanism.form_leading_group(r, group(), on(date(2019, 1, 4)))


def regrouped(r: Region) -> Iterator[Event]:
    return region_mechanism.form_leading_group(
        r, group("second", date(2019, 1, 7)), on(date(2019, 1, 7))
    )


def met(r: Region) -> Iterator[Event]:
    return region_mechanism.hold_joint_meeting(r, meeting(), on(date(2019, 1, 4)))


def dispatched(r: Region) -> Iterator[Event]:
    return region_mechanism.hold_dispatch(r, dispatch(), on(date(2019, 1, 4)))


@pytest.mark.parametrize(
    ("scheme", "code", "first"),
    [("local", CODE, FIRST), (SCHEME, "371203", FIRST), (SCHEME, CODE, FIRST + timedelta(days=1))],
)
def test_a_region_is_one_code_of_one_scheme_during_one_validity(
    scheme: str, code: str, first: date
) -> None:
    assert region_id(scheme, code, first) != ID


def test_the_same_scheme_code_and_first_day_name_the_same_region() -> None:
    assert region_id("cn-stats", "371202", date(2016, 7, 31)) == ID


def test_a_region_begins_with_its_code_name_level_kind_parent_and_first_day() -> None:
    (event,) = given(Region(ID)).when(established).then(RegionEstablished)
    assert Founding(**{name: getattr(event, name) for name in Founding.model_fields}) == founding()
    assert event.place == Place(region=ID)


def test_a_region_is_established_once() -> None:
    after().when(established).refused("region-exists")


def test_a_region_bears_the_id_of_its_code() -> None:
    given(Region(known("other"))).when(established).refused("region-id-differs", region=CODE)


def test_a_kind_stands_at_its_own_level() -> None:
    wrong = founding(kind=RegionKind.TOWN)
    given(Region(ID)).when(lambda r: region_boundaries.establish(r, wrong, on(MERGER))).refused(
        "region-kind-of-other-level"
    )


def test_every_kind_of_region_has_a_level() -> None:
    assert set(LEVEL_OF) == set(RegionKind)


def test_a_functional_zone_is_no_county() -> None:
    assert LEVEL_OF[RegionKind.FUNCTIONAL_ZONE] is RegionLevel.FUNCTIONAL_ZONE


def test_a_region_below_the_province_lies_in_another_one() -> None:
    wrong = founding(parent=None)
    given(Region(ID)).when(lambda r: region_boundaries.establish(r, wrong, on(MERGER))).refused(
        "region-parent-missing"
    )


def test_a_province_lies_in_no_other_region() -> None:
    wrong = founding(level=PROVINCE, kind=RegionKind.PROVINCE)
    given(Region(ID)).when(lambda r: region_boundaries.establish(r, wrong, on(MERGER))).refused(
        "region-parent-not-possible"
    )


def test_a_province_begins_without_a_parent() -> None:
    right = founding(level=PROVINCE, kind=RegionKind.PROVINCE, parent=None)
    given(Region(ID)).when(lambda r: region_boundaries.establish(r, right, on(MERGER))).then(
        RegionEstablished
    )


TOWNSHIP = founding(
    code="371202001", name="凤城街道", level=RegionLevel.TOWNSHIP, kind=RegionKind.SUBDISTRICT
)
VILLAGE = Village(code="371202001001", name="东升村")
VILLAGE_ID = region_id(SCHEME, VILLAGE.code, FIRST)


def a_township(of: Founding = TOWNSHIP) -> Region:
    township = region_id(SCHEME, of.code, FIRST)
    enter = lambda r: region_boundaries.establish(r, of, on(date(2018, 12, 31)))  # noqa: E731
    return given(Region(township), enter).aggregate


def settled(r: Region) -> Iterator[Event]:
    return region_boundaries.establish_village(r, a_township(), VILLAGE, on(date(2019, 1, 2)))


def test_a_village_becomes_a_region_of_its_township_and_is_as_old_as_its_code() -> None:
    (event,) = given(Region(VILLAGE_ID)).when(settled).then(RegionEstablished)
    founded = event.founding
    assert (founded.level, founded.kind) == (RegionLevel.VILLAGE, RegionKind.VILLAGE)
    assert (founded.parent, founded.scheme) == (a_township().id, SCHEME)
    assert (founded.code, founded.valid_from) == (VILLAGE.code, FIRST)


def test_a_village_becomes_a_region_once() -> None:
    given(Region(VILLAGE_ID), settled).when(settled).refused("region-exists")


def test_a_village_is_reference_data_and_no_region_like_others() -> None:
    village = VILLAGE.founding_in(a_township().id, TOWNSHIP)
    given(Region(VILLAGE_ID)).when(
        lambda r: region_boundaries.establish(r, village, on(date(2019, 1, 2)))
    ).refused("village-needs-room")


def test_no_correction_makes_a_village_of_another_region_or_another_of_a_village() -> None:
    made = founding(level=RegionLevel.VILLAGE, kind=RegionKind.VILLAGE)
    after().when(
        lambda r: region_boundaries.correct_founding(r, made, why(date(2019, 1, 2)))
    ).refused("village-needs-room")
    village = VILLAGE.founding_in(a_township().id, TOWNSHIP)
    town = village.model_copy(update={"level": RegionLevel.TOWNSHIP, "kind": RegionKind.TOWN})
    given(Region(VILLAGE_ID), settled).when(
        lambda r: region_boundaries.correct_founding(r, town, why(date(2019, 1, 2)))
    ).refused("village-needs-room")


def test_only_a_township_that_exists_has_villages() -> None:
    county = given(Region(ID), established).aggregate
    given(Region(VILLAGE_ID)).when(
        lambda r: region_boundaries.establish_village(r, county, VILLAGE, on(date(2019, 1, 2)))
    ).refused("village-outside-township", level=RegionLevel.COUNTY)
    nobody = Region(known("nobody"))
    given(Region(VILLAGE_ID)).when(
        lambda r: region_boundaries.establish_village(r, nobody, VILLAGE, on(date(2019, 1, 2)))
    ).refused("region-not-established")


def test_only_a_village_or_a_residential_community_is_one() -> None:
    town = VILLAGE.model_copy(update={"kind": RegionKind.TOWN})
    given(Region(VILLAGE_ID)).when(
        lambda r: region_boundaries.establish_village(r, a_township(), town, on(date(2019, 1, 2)))
    ).refused("region-kind-of-other-level")


def test_a_region_that_does_not_exist_yet_is_not_established() -> None:
    early = on(FIRST - timedelta(days=1))
    given(Region(ID)).when(lambda r: region_boundaries.establish(r, founding(), early)).refused(
        "not-yet-happened", occurred=FIRST
    )


def test_a_code_has_the_form_of_a_code() -> None:
    with pytest.raises(ValidationError):
        founding(code="莱城")


def test_nothing_happens_in_a_region_before_it_is_established() -> None:
    given(Region(ID)).when(met).refused("region-not-established")


def test_nothing_happens_in_a_region_before_its_first_day() -> None:
    early = FIRST - timedelta(days=1)
    after().when(
        lambda r: region_mechanism.hold_joint_meeting(r, meeting(early), why(date(2019, 1, 4)))
    ).refused("before-region", valid_from=FIRST)


def test_a_region_does_not_begin_in_itself() -> None:
    wrong = founding(parent=ID)
    given(Region(ID)).when(lambda r: region_boundaries.establish(r, wrong, on(MERGER))).refused(
        "region-parent-unchanged", parent=ID
    )


def correct(**changes: Any) -> Step:
    return lambda r: region_boundaries.correct_founding(r, founding(**changes), why(MERGER))


def void(r: Region) -> Iterator[Event]:
    return region_boundaries.void_founding(r, why(MERGER))


def test_a_corrected_founding_carries_both_sides() -> None:
    (event,) = after().when(correct(name="莱城县", parent=JINAN)).then(FoundingCorrected)
    assert (event.before, event.after) == (founding(), founding(name="莱城县", parent=JINAN))


def test_a_corrected_region_is_what_it_was_corrected_to() -> None:
    region = after(correct(name="莱城县", parent=JINAN)).aggregate
    assert (region.name, region.parent) == ("莱城县", JINAN)


def test_a_correction_of_a_founding_says_why() -> None:
    after().when(
        lambda r: region_boundaries.correct_founding(r, founding(name="莱城县"), on(MERGER))
    ).refused("correction-needs-reason")


def test_a_founding_corrected_in_vain_is_refused() -> None:
    after().when(correct()).refused("correction-changes-nothing")


def test_a_region_that_is_not_established_is_not_corrected() -> None:
    given(Region(ID)).when(correct(name="莱城县")).refused("region-not-established")


@pytest.mark.parametrize(
    "changes",
    [{"scheme": "local"}, {"code": "371203"}, {"valid_from": FIRST + timedelta(days=1)}],
    ids=str,
)
def test_scheme_code_and_first_day_of_a_region_are_not_corrected(changes: dict[str, Any]) -> None:
    after().when(correct(**changes)).refused("region-identity-fixed", region=CODE)


def test_a_kind_is_corrected_together_with_its_level() -> None:
    after().when(correct(kind=RegionKind.TOWN)).refused("region-kind-of-other-level")
    after().when(correct(kind=RegionKind.TOWN, level=RegionLevel.TOWNSHIP)).then(FoundingCorrected)


def test_a_region_is_not_corrected_to_lie_nowhere_or_in_itself() -> None:
    after().when(correct(parent=None)).refused("region-parent-missing")
    after().when(correct(parent=ID)).refused("region-parent-unchanged")


def test_a_founding_is_corrected_while_records_of_the_region_stand() -> None:
    after(met).when(correct(name="莱城县")).then(FoundingCorrected)


def test_a_founding_voided_carries_what_was_entered() -> None:
    (event,) = after().when(void).then(FoundingVoided)
    assert event.founding == founding()


def test_a_voiding_of_a_founding_says_why() -> None:
    after().when(lambda r: region_boundaries.void_founding(r, on(MERGER))).refused(
        "correction-needs-reason"
    )


def test_nothing_happens_in_a_region_that_was_voided() -> None:
    for step in (met, required, submitted, correct(name="莱城县"), void, rename(), succeeded):
        after(void).when(step).refused("region-not-established")


def test_a_region_voided_by_mistake_is_established_again() -> None:
    (event,) = after(void).when(established).then(RegionEstablished)
    assert event.founding == founding()


def test_a_region_established_again_takes_facts() -> None:
    after(void, established).when(met).then(JointMeetingHeld)


def test_a_region_established_again_has_no_locked_period() -> None:
    region = after(locked, void, established).aggregate
    assert not region.is_locked(QUARTER, date(2019, 6, 3))


@pytest.mark.parametrize("act", [correct(name="莱城县"), void], ids=["correct", "void"])
@pytest.mark.parametrize("change", ["rename", "move", "succeed"])
def test_a_founding_stands_as_long_as_a_change_builds_on_it(act: Step, change: str) -> None:
    step, undo = {
        "rename": (rename(), lambda r: region_boundaries.void_renaming(r, why(MERGER))),
        "move": (move(), lambda r: region_boundaries.void_move(r, why(MERGER))),
        "succeed": (
            succeeded,
            lambda r: region_boundaries.void_succession(r, SUCCESSOR, MERGER, why(MERGER)),
        ),
    }[change]
    after(step).when(act).refused("founding-built-upon")
    assert after(step, undo).when(act).refusal is None


@pytest.mark.parametrize("what", ["group", "meeting", "dispatch", "report"])
def test_a_region_with_records_is_not_voided_until_they_are(what: str) -> None:
    late = date(2019, 4, 1)
    step, undo = {
        "group": (
            grouped,
            lambda r: region_mechanism.void_leading_group(r, known("group"), why(late)),
        ),
        "meeting": (
            met,
            lambda r: region_mechanism.void_joint_meeting(r, known("meeting"), why(late)),
        ),
        "dispatch": (
            dispatched,
            lambda r: region_mechanism.void_dispatch(r, known("dispatch"), why(late)),
        ),
        "report": (required, lambda r: region_reporting.waive_report(r, FORM, QUARTER, why(late))),
    }[what]
    after(step).when(void).refused("founding-has-records")
    after(step, undo).when(void).then(FoundingVoided)


def rename(name: str = "莱芜区", effective_on: date = MERGER) -> Step:
    return lambda r: region_boundaries.rename(r, name, effective_on, on(MERGER))


def test_a_renaming_says_both_names_and_from_when() -> None:
    (event,) = after().when(rename()).then(RegionRenamed)
    assert (event.before, event.after, event.effective_on) == ("莱城区", "莱芜区", MERGER)


def test_a_second_renaming_starts_from_the_first() -> None:
    (event,) = after(rename()).when(rename("赢城区")).then(RegionRenamed)
    assert event.before == "莱芜区"


def test_a_renaming_changes_the_name() -> None:
    after().when(rename("莱城区")).refused("region-name-unchanged", name="莱城区")


def test_renamings_are_in_order_of_time() -> None:
    after(rename()).when(rename("赢城区", MERGER - timedelta(days=1))).refused("times-out-of-order")


def test_a_renaming_is_not_recorded_before_it_takes_effect() -> None:
    after().when(rename(effective_on=MERGER + timedelta(days=1))).refused("not-yet-happened")


def unrenamed(r: Region) -> Iterator[Event]:
    return region_boundaries.void_renaming(r, why(MERGER))


def test_a_renaming_voided_is_the_last_that_stands() -> None:
    (event,) = after(rename(), rename("嬴城区")).when(unrenamed).then(RenamingVoided)
    assert event.renaming == Renaming(before="莱芜区", after="嬴城区", effective_on=MERGER)


def test_after_voiding_a_renaming_the_name_before_it_is_in_force() -> None:
    assert after(rename(), rename("嬴城区"), unrenamed).aggregate.name == "莱芜区"
    assert after(rename(), unrenamed).aggregate.name == "莱城区"


def test_after_voiding_a_renaming_an_earlier_one_may_be_entered() -> None:
    after(rename(), unrenamed).when(rename("嬴城区", MERGER - timedelta(days=1))).then(
        RegionRenamed
    )


def test_a_region_that_bears_its_first_name_has_no_renaming_to_void() -> None:
    after().when(unrenamed).refused("region-not-renamed")
    after(rename(), unrenamed).when(unrenamed).refused("region-not-renamed")


def test_a_voiding_of_a_renaming_says_why() -> None:
    after(rename()).when(lambda r: region_boundaries.void_renaming(r, on(MERGER))).refused(
        "correction-needs-reason"
    )


def move(to_parent: Any = JINAN, effective_on: date = MERGER) -> Step:
    return lambda r: region_boundaries.move(r, to_parent, effective_on, on(MERGER))


def test_a_move_says_from_where_to_where_and_from_when() -> None:
    (event,) = after().when(move()).then(RegionMoved)
    assert (event.from_parent, event.to_parent) == (LAIWU_CITY, JINAN)
    assert event.effective_on == MERGER


def test_a_second_move_starts_from_the_first() -> None:
    (event,) = after(move()).when(move(LAIWU_CITY)).then(RegionMoved)
    assert event.from_parent == JINAN


def test_a_move_changes_the_parent() -> None:
    after().when(move(LAIWU_CITY)).refused("region-parent-unchanged", parent=LAIWU_CITY)


def test_a_region_does_not_move_into_itself() -> None:
    after().when(move(ID)).refused("region-parent-unchanged")


def test_moves_are_in_order_of_time() -> None:
    after(move()).when(move(LAIWU_CITY, MERGER - timedelta(days=1))).refused("times-out-of-order")


def test_a_move_is_not_recorded_before_it_takes_effect() -> None:
    after().when(move(effective_on=MERGER + timedelta(days=1))).refused("not-yet-happened")


def test_a_province_does_not_move() -> None:
    province = founding(level=PROVINCE, kind=RegionKind.PROVINCE, parent=None)
    given(Region(ID), lambda r: region_boundaries.establish(r, province, on(MERGER))).when(
        move()
    ).refused("region-parent-not-possible")


def unmoved(r: Region) -> Iterator[Event]:
    return region_boundaries.void_move(r, why(MERGER))


def test_a_move_voided_is_the_last_that_stands() -> None:
    (event,) = after(move(), move(LAIWU_CITY)).when(unmoved).then(MoveVoided)
    assert event.move == Move(from_parent=JINAN, to_parent=LAIWU_CITY, effective_on=MERGER)


def test_after_voiding_a_move_the_region_lies_where_it_lay_before() -> None:
    assert after(move(), move(LAIWU_CITY), unmoved).aggregate.parent == JINAN
    assert after(move(), unmoved).aggregate.parent == LAIWU_CITY


def test_a_region_that_never_moved_has_no_move_to_void() -> None:
    after().when(unmoved).refused("region-not-moved")
    after(move(), unmoved).when(unmoved).refused("region-not-moved")


def test_a_voiding_of_a_move_says_why() -> None:
    after(move()).when(lambda r: region_boundaries.void_move(r, on(MERGER))).refused(
        "correction-needs-reason"
    )


def test_a_succession_keeps_announced_effective_and_adopted_dates_apart() -> None:
    dated = succession(
        announced_on=date(2019, 8, 7),
        effective_on=date(2019, 8, 2),
        adopted_on=date(2019, 9, 6),
    )
    (event,) = (
        after()
        .when(lambda r: region_boundaries.succeed(r, dated, on(date(2019, 9, 6))))
        .then(RegionSucceeded)
    )
    assert Succession(**{f: getattr(event, f) for f in Succession.model_fields}) == dated


def test_after_a_whole_succession_the_region_takes_no_later_facts() -> None:
    later = MERGER + timedelta(days=1)
    after(succeeded).when(
        lambda r: region_mechanism.hold_joint_meeting(r, meeting(later), on(later))
    ).refused("region-closed", closed_on=MERGER)


def test_facts_up_to_the_day_of_a_whole_succession_may_still_be_entered() -> None:
    after(succeeded).when(
        lambda r: region_mechanism.hold_joint_meeting(
            r, meeting(MERGER), on(MERGER + timedelta(days=1))
        )
    ).then(JointMeetingHeld)


def test_a_region_is_wholly_succeeded_once() -> None:
    after(succeeded).when(succeeded).refused("region-closed")


def test_after_a_part_succession_the_region_lives_on() -> None:
    later = MERGER + timedelta(days=1)
    after(lambda r: region_boundaries.succeed(r, part(), on(MERGER))).when(
        lambda r: region_mechanism.hold_joint_meeting(r, meeting(later), on(later))
    ).then(JointMeetingHeld)


def test_parts_may_go_to_several_successors() -> None:
    after(lambda r: region_boundaries.succeed(r, part(), on(MERGER))).when(
        lambda r: region_boundaries.succeed(r, part(successor=known("370114")), on(MERGER))
    ).then(RegionSucceeded)


def test_what_is_left_after_a_part_may_go_as_a_whole() -> None:
    rest = succession(successor=known("370114"))
    after(lambda r: region_boundaries.succeed(r, part(), on(MERGER))).when(
        lambda r: region_boundaries.succeed(r, rest, on(MERGER))
    ).then(RegionSucceeded)


def test_the_same_succession_is_recorded_once() -> None:
    after(lambda r: region_boundaries.succeed(r, part(), on(MERGER))).when(
        lambda r: region_boundaries.succeed(r, part(), on(MERGER))
    ).refused("region-succession-exists")


def test_a_part_succession_says_which_part() -> None:
    after().when(lambda r: region_boundaries.succeed(r, part(area=None), on(MERGER))).refused(
        "region-part-needs-area"
    )


def test_a_region_does_not_succeed_itself() -> None:
    after().when(
        lambda r: region_boundaries.succeed(r, succession(successor=ID), on(MERGER))
    ).refused("region-succeeds-itself")


@pytest.mark.parametrize("field", ["announced_on", "effective_on"])
def test_a_succession_is_not_recorded_before_it_is_announced_and_takes_effect(field: str) -> None:
    future = succession(**{field: MERGER + timedelta(days=1)})
    after().when(lambda r: region_boundaries.succeed(r, future, on(MERGER))).refused(
        "not-yet-happened"
    )


def test_a_succession_is_not_adopted_before_it_is_announced() -> None:
    early = succession(adopted_on=MERGER - timedelta(days=1))
    after().when(lambda r: region_boundaries.succeed(r, early, on(MERGER))).refused(
        "times-out-of-order"
    )


def test_a_whole_succession_is_not_dated_before_a_part() -> None:
    early = succession(effective_on=MERGER - timedelta(days=1))
    after(lambda r: region_boundaries.succeed(r, part(), on(MERGER))).when(
        lambda r: region_boundaries.succeed(r, early, on(MERGER))
    ).refused("times-out-of-order")


LATER = date(2019, 3, 1)


def correct_succession(right: Succession, successor: Any = SUCCESSOR) -> Step:
    return lambda r: region_boundaries.correct_succession(r, successor, MERGER, right, why(LATER))


def void_succession(successor: Any = SUCCESSOR, effective_on: date = MERGER) -> Step:
    return lambda r: region_boundaries.void_succession(r, successor, effective_on, why(LATER))


def passed_on(right: Succession) -> Step:
    return lambda r: region_boundaries.succeed(r, right, on(LATER))


def test_a_corrected_succession_carries_both_sides_and_the_level() -> None:
    right = succession(successor=known("370117"), effective_on=MERGER + timedelta(days=1))
    (event,) = after(succeeded).when(correct_succession(right)).then(SuccessionCorrected)
    assert (event.before, event.after) == (succession(), right)
    assert event.level is RegionLevel.COUNTY


def test_after_a_correction_the_region_is_closed_from_the_right_day_on() -> None:
    right = succession(effective_on=LATER)
    assert after(succeeded, correct_succession(right)).aggregate.closed_on == LATER


def test_a_succession_corrected_to_a_part_leaves_the_region_open() -> None:
    assert after(succeeded, correct_succession(part())).aggregate.closed_on is None


def test_a_document_of_a_succession_is_corrected() -> None:
    after(succeeded).when(correct_succession(succession(document="鲁政发〔2019〕1号"))).then(
        SuccessionCorrected
    )


def test_a_succession_corrected_in_vain_is_refused() -> None:
    after(succeeded).when(correct_succession(succession())).refused("correction-changes-nothing")


def test_a_correction_of_a_succession_says_why() -> None:
    after(succeeded).when(
        lambda r: region_boundaries.correct_succession(r, SUCCESSOR, MERGER, part(), on(LATER))
    ).refused("correction-needs-reason")


def test_only_a_succession_that_is_there_is_corrected_or_voided() -> None:
    other = known("370117")
    for step in (
        correct_succession(part(), other),
        void_succession(other),
        void_succession(effective_on=LATER),
    ):
        after(succeeded).when(step).refused("region-succession-unknown")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"successor": ID}, "region-succeeds-itself"),
        ({"extent": Extent.PART}, "region-part-needs-area"),
        ({"effective_on": LATER + timedelta(days=1)}, "not-yet-happened"),
        ({"announced_on": LATER + timedelta(days=1)}, "not-yet-happened"),
        ({"adopted_on": MERGER - timedelta(days=1)}, "times-out-of-order"),
        ({"effective_on": FIRST - timedelta(days=1)}, "before-region"),
    ],
    ids=str,
)
def test_a_succession_is_corrected_only_to_one_that_can_be(
    changes: dict[str, Any], code: str
) -> None:
    after(succeeded).when(correct_succession(succession(**changes))).refused(code)


def test_a_succession_is_not_corrected_into_another_that_stands() -> None:
    other = part(successor=known("370117"))
    after(passed_on(other), succeeded).when(correct_succession(other)).refused(
        "region-succession-exists"
    )


def test_a_part_is_not_corrected_to_all_when_all_went_elsewhere() -> None:
    rest = succession(successor=known("370117"))
    after(passed_on(part()), passed_on(rest)).when(correct_succession(succession())).refused(
        "region-closed", closed_on=MERGER
    )


def test_a_part_is_not_corrected_to_a_day_after_the_rest_had_gone() -> None:
    rest = succession(successor=known("370117"))
    late = part().model_copy(update={"effective_on": MERGER + timedelta(days=1)})
    after(passed_on(part()), passed_on(rest)).when(correct_succession(late)).refused(
        "region-closed", closed_on=MERGER
    )


def test_a_part_that_went_before_the_rest_is_corrected_after_it() -> None:
    rest = succession(successor=known("370117"))
    after(passed_on(part()), passed_on(rest)).when(correct_succession(part("雪野街道"))).then(
        SuccessionCorrected
    )


def test_a_succession_voided_carries_what_was_entered_and_the_level() -> None:
    (event,) = after(succeeded).when(void_succession()).then(SuccessionVoided)
    assert (event.succession, event.level) == (succession(), RegionLevel.COUNTY)


def test_a_voiding_of_a_succession_says_why() -> None:
    after(succeeded).when(
        lambda r: region_boundaries.void_succession(r, SUCCESSOR, MERGER, on(LATER))
    ).refused("correction-needs-reason")


def test_after_voiding_a_whole_succession_the_region_lives_on() -> None:
    after(succeeded, void_succession()).when(
        lambda r: region_mechanism.hold_joint_meeting(r, meeting(LATER), on(LATER))
    ).then(JointMeetingHeld)


def test_after_voiding_a_part_the_rest_stays_gone() -> None:
    rest = succession(successor=known("370117"))
    region = after(passed_on(part()), passed_on(rest), void_succession()).aggregate
    assert region.closed_on == MERGER
    assert [*region.successions.values()] == [rest]


def test_a_succession_voided_by_mistake_is_entered_again() -> None:
    after(succeeded, void_succession()).when(passed_on(succession())).then(RegionSucceeded)


def test_a_leading_group_is_formed() -> None:
    (event,) = after().when(grouped).then(LeadingGroupFormed)
    assert (event.group, event.replaces) == (group(), None)


def test_a_later_leading_group_replaces_the_one_before() -> None:
    (event,) = after(grouped).when(regrouped).then(LeadingGroupFormed)
    assert event.replaces == known("group")


def test_a_leading_group_is_not_formed_before_the_one_it_replaces() -> None:
    early = group("early", date(2019, 1, 2))
    after(grouped).when(
        lambda r: region_mechanism.form_leading_group(r, early, on(date(2019, 1, 4)))
    ).refused("times-out-of-order")


def test_a_leading_group_is_entered_once() -> None:
    after(grouped).when(grouped).refused("record-exists")


def test_a_corrected_leading_group_carries_both_sides() -> None:
    right = group(leader="区长")
    (event,) = (
        after(grouped)
        .when(lambda r: region_mechanism.correct_leading_group(r, right, why(date(2019, 1, 7))))
        .then(LeadingGroupCorrected)
    )
    assert (event.before, event.after) == (group(), right)


def test_a_leading_group_corrected_in_vain_is_refused() -> None:
    after(grouped).when(
        lambda r: region_mechanism.correct_leading_group(r, group(), why(date(2019, 1, 7)))
    ).refused("correction-changes-nothing")


def test_a_voided_leading_group_gives_way_to_the_one_before() -> None:
    (event,) = (
        after(grouped, regrouped)
        .when(
            lambda r: region_mechanism.void_leading_group(r, known("second"), why(date(2019, 1, 8)))
        )
        .then(LeadingGroupVoided)
    )
    assert event.group.id == known("second")
    assert event.restores == known("group")


def test_the_only_leading_group_is_voided_without_another() -> None:
    (event,) = (
        after(grouped)
        .when(
            lambda r: region_mechanism.void_leading_group(r, known("group"), why(date(2019, 1, 8)))
        )
        .then(LeadingGroupVoided)
    )
    assert event.restores is None


def test_after_voiding_the_next_leading_group_replaces_none() -> None:
    (event,) = (
        after(
            grouped,
            lambda r: region_mechanism.void_leading_group(r, known("group"), why(date(2019, 1, 7))),
        )
        .when(regrouped)
        .then(LeadingGroupFormed)
    )
    assert event.replaces is None


def test_a_replaced_leading_group_is_not_voided() -> None:
    after(grouped, regrouped).when(
        lambda r: region_mechanism.void_leading_group(r, known("group"), why(date(2019, 1, 8)))
    ).refused("leading-group-replaced")


def test_a_joint_meeting_is_recorded_at_its_region() -> None:
    (event,) = after().when(met).then(JointMeetingHeld)
    assert event.meeting == meeting()
    assert event.place == Place(region=ID)


def test_a_joint_meeting_is_entered_once() -> None:
    after(met).when(met).refused("record-exists")


def test_a_joint_meeting_of_tomorrow_is_not_held_yet() -> None:
    after().when(
        lambda r: region_mechanism.hold_joint_meeting(r, meeting(), on(date(2019, 1, 3)))
    ).refused("not-yet-happened")


def test_a_joint_meeting_entered_over_three_days_late_needs_a_reason() -> None:
    after().when(
        lambda r: region_mechanism.hold_joint_meeting(r, meeting(), on(date(2019, 1, 8)))
    ).refused("late-entry-needs-reason")


def test_a_corrected_joint_meeting_carries_both_sides() -> None:
    right = meeting(attendance=11)
    (event,) = (
        after(met)
        .when(lambda r: region_mechanism.correct_joint_meeting(r, right, why(date(2019, 1, 7))))
        .then(JointMeetingCorrected)
    )
    assert (event.before, event.after) == (meeting(), right)


def test_a_correction_says_why() -> None:
    after(met).when(
        lambda r: region_mechanism.correct_joint_meeting(
            r, meeting(attendance=11), on(date(2019, 1, 7))
        )
    ).refused("correction-needs-reason")


def test_a_second_correction_starts_from_the_first() -> None:
    first, second = meeting(attendance=11), meeting(attendance=12)
    (event,) = (
        after(
            met, lambda r: region_mechanism.correct_joint_meeting(r, first, why(date(2019, 1, 7)))
        )
        .when(lambda r: region_mechanism.correct_joint_meeting(r, second, why(date(2019, 1, 8))))
        .then(JointMeetingCorrected)
    )
    assert event.before == first


def test_a_joint_meeting_is_not_corrected_into_a_time_after_the_region() -> None:
    later = MERGER + timedelta(days=1)
    after(met, succeeded).when(
        lambda r: region_mechanism.correct_joint_meeting(r, meeting(later), why(later))
    ).refused("region-closed")


def test_a_voided_joint_meeting_carries_the_whole_record() -> None:
    (event,) = (
        after(met)
        .when(
            lambda r: region_mechanism.void_joint_meeting(
                r, known("meeting"), why(date(2019, 1, 7))
            )
        )
        .then(JointMeetingVoided)
    )
    assert event.meeting == meeting()


def test_a_joint_meeting_is_voided_once() -> None:
    def void(r: Region) -> Iterator[Event]:
        return region_mechanism.void_joint_meeting(r, known("meeting"), why(date(2019, 1, 7)))

    after(met, void).when(void).refused("record-voided")


def test_an_unknown_joint_meeting_is_not_voided() -> None:
    after().when(
        lambda r: region_mechanism.void_joint_meeting(r, known("meeting"), why(date(2019, 1, 7)))
    ).refused("record-unknown")


def test_a_dispatch_pins_what_was_on_screen() -> None:
    (event,) = after().when(dispatched).then(DispatchHeld)
    assert event.dispatch.position == 100


def test_a_position_of_the_log_is_at_least_one() -> None:
    with pytest.raises(ValidationError):
        dispatch(position=0)


def test_a_dispatch_is_entered_once() -> None:
    after(dispatched).when(dispatched).refused("record-exists")


def test_a_corrected_dispatch_carries_both_sides() -> None:
    right = dispatch(title="二月调度")
    (event,) = (
        after(dispatched)
        .when(lambda r: region_mechanism.correct_dispatch(r, right, why(date(2019, 1, 7))))
        .then(DispatchCorrected)
    )
    assert (event.before, event.after) == (dispatch(), right)


def test_a_correction_does_not_change_what_was_on_screen() -> None:
    after(dispatched).when(
        lambda r: region_mechanism.correct_dispatch(
            r, dispatch(position=101), why(date(2019, 1, 7))
        )
    ).refused("dispatch-position-pinned", position=100)


def test_a_corrected_dispatch_is_the_one_that_is_voided() -> None:
    right = dispatch(title="二月调度")
    (event,) = (
        after(
            dispatched, lambda r: region_mechanism.correct_dispatch(r, right, why(date(2019, 1, 7)))
        )
        .when(lambda r: region_mechanism.void_dispatch(r, known("dispatch"), why(date(2019, 1, 8))))
        .then(DispatchVoided)
    )
    assert event.dispatch == right


def test_a_voided_dispatch_is_not_corrected() -> None:
    after(
        dispatched,
        lambda r: region_mechanism.void_dispatch(r, known("dispatch"), why(date(2019, 1, 7))),
    ).when(
        lambda r: region_mechanism.correct_dispatch(
            r, dispatch(title="二月调度"), why(date(2019, 1, 8))
        )
    ).refused("record-voided")


def test_a_corrected_leading_group_is_the_one_in_force() -> None:
    right = group(leader="区长")
    (event,) = (
        after(
            grouped,
            lambda r: region_mechanism.correct_leading_group(r, right, why(date(2019, 1, 7))),
        )
        .when(
            lambda r: region_mechanism.void_leading_group(r, known("group"), why(date(2019, 1, 8)))
        )
        .then(LeadingGroupVoided)
    )
    assert event.group == right


def test_a_report_is_required_by_a_date_and_through_levels() -> None:
    (event,) = after().when(required).then(ReportRequired)
    assert event.requirement == requirement()


def test_a_report_is_required_once() -> None:
    after(required).when(required).refused("report-already-required", form=FORM)


@pytest.mark.parametrize("levels", [(), (CITY, CITY)])
def test_a_report_passes_each_level_once_and_at_least_one(levels: tuple[RegionLevel, ...]) -> None:
    wrong = requirement(levels=levels)
    after().when(
        lambda r: region_reporting.require_report(r, wrong, on(date(2019, 3, 20)))
    ).refused("report-levels-wrong")


def test_a_period_does_not_end_before_it_starts() -> None:
    wrong = requirement(period=ReportingPeriod(first=QUARTER.last, last=QUARTER.first))
    after().when(
        lambda r: region_reporting.require_report(r, wrong, on(date(2019, 3, 20)))
    ).refused("period-ends-before-it-starts")


def test_a_report_is_not_due_before_its_period_begins() -> None:
    wrong = requirement(due_on=date(2018, 12, 31))
    after().when(
        lambda r: region_reporting.require_report(r, wrong, on(date(2019, 3, 20)))
    ).refused("times-out-of-order")


def test_no_report_is_required_of_a_period_after_the_region() -> None:
    second = ReportingPeriod(first=date(2019, 4, 1), last=date(2019, 6, 30))
    after(succeeded).when(
        lambda r: region_reporting.require_report(
            r, requirement(period=second), on(date(2019, 3, 20))
        )
    ).refused("region-closed")


def test_a_report_is_submitted_with_the_date_by_which_it_was_due() -> None:
    (event,) = after(required).when(submitted).then(ReportSubmitted)
    assert (event.report, event.edition, event.due_on) == (report(), 1, DUE)


def test_only_a_required_report_is_submitted() -> None:
    after().when(submitted).refused("report-not-required", form=FORM)


def test_there_are_no_reports_of_a_region_that_is_not_established() -> None:
    given(Region(ID)).when(submitted).refused("region-not-established")


def test_a_report_is_submitted_once() -> None:
    after(required, submitted).when(submitted).refused("report-already-submitted")


def test_a_report_waits_for_the_end_of_its_period() -> None:
    after(required).when(
        lambda r: region_reporting.submit_report(r, report(), on(date(2019, 3, 30)))
    ).refused("period-not-over", last=QUARTER.last)


def test_a_report_may_be_submitted_on_the_last_day_of_its_period() -> None:
    after(required).when(
        lambda r: region_reporting.submit_report(r, report(), on(QUARTER.last))
    ).then(ReportSubmitted)


def test_a_late_report_is_accepted() -> None:
    (event,) = (
        after(required)
        .when(lambda r: region_reporting.submit_report(r, report(), on(DUE + timedelta(days=30))))
        .then(ReportSubmitted)
    )
    assert event.due_on == DUE


def test_a_report_is_not_approved_by_its_submitter() -> None:
    after(required, submitted).when(approved(CITY, "zhang")).refused("report-approver-submitted")


def test_a_report_passes_its_levels_in_order() -> None:
    after(required, submitted).when(approved(PROVINCE, "sun")).refused(
        "report-of-other-level", level=CITY
    )


def test_a_report_passed_by_one_level_of_two_is_not_final() -> None:
    (event,) = after(required, submitted).when(approved(CITY, "wang")).then(ReportApproved)
    assert not event.final


def test_a_report_passed_by_its_last_level_is_final() -> None:
    (event,) = (
        after(required, submitted, approved(CITY, "wang"))
        .when(approved(PROVINCE, "sun"))
        .then(ReportApproved)
    )
    assert event.final


def test_a_final_report_is_approved_no_more() -> None:
    after(*FINAL).when(approved(PROVINCE, "sun")).refused("report-not-submitted")


def test_a_report_that_was_not_submitted_is_not_approved() -> None:
    after(required).when(approved(CITY, "wang")).refused("report-not-submitted")


def test_a_returned_report_has_a_new_date_by_which_it_is_due() -> None:
    (event,) = after(required, submitted).when(returned).then(ReportReturned)
    assert (event.level, event.due_on) == (CITY, date(2019, 4, 15))


def test_a_report_is_returned_with_a_reason() -> None:
    after(required, submitted).when(
        lambda r: region_reporting.return_report(r, FORM, QUARTER, CITY, DUE, on(DUE, "wang"))
    ).refused("return-needs-reason")


def test_a_report_is_not_returned_by_its_submitter() -> None:
    after(required, submitted).when(
        lambda r: region_reporting.return_report(r, FORM, QUARTER, CITY, DUE, why(DUE, "zhang"))
    ).refused("report-approver-submitted")


def test_a_returned_report_is_not_due_before_it_was_returned() -> None:
    after(required, submitted).when(
        lambda r: region_reporting.return_report(
            r, FORM, QUARTER, CITY, date(2019, 4, 10), why(date(2019, 4, 11))
        )
    ).refused("times-out-of-order")


def test_a_returned_report_is_submitted_again_in_the_same_edition() -> None:
    (event,) = (
        after(required, submitted, returned)
        .when(
            lambda r: region_reporting.submit_report(
                r, report(position=600), on(date(2019, 4, 14), "zhang")
            )
        )
        .then(ReportSubmitted)
    )
    assert (event.edition, event.due_on) == (1, date(2019, 4, 15))


def test_a_report_returned_by_the_province_goes_through_the_city_again() -> None:
    after(
        required,
        submitted,
        approved(CITY, "wang"),
        lambda r: region_reporting.return_report(r, FORM, QUARTER, PROVINCE, DUE, why(DUE, "sun")),
        lambda r: region_reporting.submit_report(r, report(), on(date(2019, 4, 14), "zhang")),
    ).when(approved(PROVINCE, "sun")).refused("report-of-other-level", level=CITY)


def test_a_restatement_carries_both_editions() -> None:
    (event,) = after(*FINAL).when(restated).then(ReportRestated)
    assert (event.before, event.after, event.edition) == (report(), report(position=900), 2)


def test_a_restatement_says_why() -> None:
    after(*FINAL).when(
        lambda r: region_reporting.restate_report(r, report(position=900), on(date(2019, 6, 3)))
    ).refused("correction-needs-reason")


def test_a_restatement_changes_something() -> None:
    after(*FINAL).when(
        lambda r: region_reporting.restate_report(r, report(), why(date(2019, 6, 3)))
    ).refused("correction-changes-nothing")


def test_only_a_final_report_is_restated() -> None:
    after(required, submitted).when(restated).refused("report-not-final", form=FORM)


def test_a_restated_report_goes_through_all_levels_again() -> None:
    (event,) = after(*FINAL, restated).when(approved(CITY, "wang")).then(ReportApproved)
    assert (event.edition, event.final) == (2, False)


def test_who_restated_a_report_does_not_approve_it() -> None:
    after(*FINAL, restated).when(approved(CITY, "zhang")).refused("report-approver-submitted")


def test_a_returned_restatement_keeps_its_edition() -> None:
    (event,) = (
        after(*FINAL, restated, returned)
        .when(
            lambda r: region_reporting.submit_report(
                r, report(position=950), on(date(2019, 6, 10), "zhang")
            )
        )
        .then(ReportSubmitted)
    )
    assert event.edition == 2


def waived(r: Region) -> Iterator[Event]:
    return region_reporting.waive_report(r, FORM, QUARTER, why(date(2019, 4, 2)))


def test_a_waived_report_is_overdue_no_more() -> None:
    (event,) = after(required).when(waived).then(ReportWaived)
    assert (event.requirement, event.due_on) == (requirement(), DUE)


def test_waiving_a_submitted_report_ends_no_delay() -> None:
    (event,) = after(required, submitted).when(waived).then(ReportWaived)
    assert event.due_on is None


def test_waiving_a_returned_report_ends_the_delay_of_its_new_date() -> None:
    (event,) = after(required, submitted, returned).when(waived).then(ReportWaived)
    assert event.due_on == date(2019, 4, 15)


def test_a_report_is_waived_with_a_reason() -> None:
    after(required).when(
        lambda r: region_reporting.waive_report(r, FORM, QUARTER, on(date(2019, 4, 2)))
    ).refused("correction-needs-reason")


@pytest.mark.parametrize(
    "steps", [FINAL[:3], FINAL, (*FINAL, restated)], ids=["one level", "final", "restated"]
)
def test_a_report_that_a_level_has_passed_is_not_waived(steps: tuple[Step, ...]) -> None:
    after(*steps).when(waived).refused("report-already-passed")


def test_a_waived_report_is_not_submitted() -> None:
    after(required, waived).when(submitted).refused("report-not-required")


def test_a_waived_report_can_be_required_again() -> None:
    after(required, waived).when(required).then(ReportRequired)


def test_a_locked_period_pins_its_figures() -> None:
    (event,) = after().when(locked).then(PeriodLocked)
    assert (event.period, event.position) == (QUARTER, 800)


def test_a_period_is_locked_once() -> None:
    after(locked).when(locked).refused("period-already-locked")


def test_a_period_is_locked_when_it_is_over() -> None:
    after().when(
        lambda r: region_reporting.lock_period(r, QUARTER, 800, on(date(2019, 3, 30)))
    ).refused("period-not-over")


def test_a_locked_period_does_not_end_before_it_starts() -> None:
    wrong = ReportingPeriod(first=QUARTER.last, last=QUARTER.first)
    after().when(
        lambda r: region_reporting.lock_period(r, wrong, 800, on(date(2019, 5, 6)))
    ).refused("period-ends-before-it-starts")


def late_meeting(today: date) -> Step:
    return lambda r: region_mechanism.hold_joint_meeting(r, meeting(date(2019, 3, 31)), why(today))


def test_a_locked_period_takes_no_new_facts() -> None:
    after(locked).when(late_meeting(date(2019, 5, 7))).refused(
        "period-locked", on=date(2019, 3, 31)
    )


def test_facts_after_a_locked_period_are_free() -> None:
    second = meeting(date(2019, 4, 1))
    after(locked).when(
        lambda r: region_mechanism.hold_joint_meeting(r, second, why(date(2019, 5, 7)))
    ).then(JointMeetingHeld)


AFTER_LOCK = why(date(2019, 5, 7))


@pytest.mark.parametrize(
    "change",
    [
        lambda r: region_mechanism.correct_joint_meeting(r, meeting(attendance=1), AFTER_LOCK),
        lambda r: region_mechanism.void_joint_meeting(r, known("meeting"), AFTER_LOCK),
        lambda r: region_mechanism.correct_dispatch(r, dispatch(title="二月"), AFTER_LOCK),
        lambda r: region_mechanism.void_dispatch(r, known("dispatch"), AFTER_LOCK),
        lambda r: region_mechanism.correct_leading_group(r, group(leader="区长"), AFTER_LOCK),
        lambda r: region_mechanism.void_leading_group(r, known("group"), AFTER_LOCK),
        lambda r: region_reporting.restate_report(r, report(position=900), AFTER_LOCK),
    ],
    ids=["correct meeting", "void meeting", "correct dispatch", "void dispatch", "correct group",
         "void group", "restate report"],
)  # fmt: skip
def test_facts_of_a_locked_period_are_neither_corrected_nor_voided(change: Step) -> None:
    after(met, dispatched, grouped, *FINAL, locked).when(change).refused("period-locked")


def test_a_fact_is_not_moved_out_of_a_locked_period() -> None:
    after(met, locked).when(
        lambda r: region_mechanism.correct_joint_meeting(
            r, meeting(date(2019, 4, 1)), why(date(2019, 5, 7))
        )
    ).refused("period-locked", on=date(2019, 1, 4))


def test_a_report_of_a_locked_period_is_not_submitted() -> None:
    after(required, locked).when(
        lambda r: region_reporting.submit_report(r, report(), on(date(2019, 5, 7), "zhang"))
    ).refused("period-locked")


def test_a_period_is_opened_again_with_a_reason_and_an_expiry() -> None:
    (event,) = after(locked).when(reopened).then(PeriodReopened)
    assert event.expires_on == date(2019, 5, 20)
    assert event.stamp.reason == "核对后更正"


def test_a_period_is_not_opened_again_without_a_reason() -> None:
    after(locked).when(
        lambda r: region_reporting.reopen_period(
            r, QUARTER, date(2019, 5, 20), on(date(2019, 5, 13))
        )
    ).refused("period-reopening-needs-reason")


def test_a_period_that_is_not_locked_is_not_opened() -> None:
    after().when(reopened).refused("period-not-locked")


def test_a_period_open_again_is_not_opened_twice() -> None:
    after(locked, reopened).when(reopened).refused("period-already-open")


def test_an_opening_does_not_expire_before_it_begins() -> None:
    after(locked).when(
        lambda r: region_reporting.reopen_period(
            r, QUARTER, date(2019, 5, 12), why(date(2019, 5, 13))
        )
    ).refused("times-out-of-order")


@pytest.mark.parametrize("today", [date(2019, 5, 13), date(2019, 5, 20)])
def test_a_reopened_period_takes_facts_to_its_last_day(today: date) -> None:
    after(locked, reopened).when(late_meeting(today)).then(JointMeetingHeld)


@pytest.mark.parametrize("today", [date(2019, 5, 12), date(2019, 5, 21)])
def test_a_reopened_period_is_locked_before_and_after(today: date) -> None:
    after(locked, reopened).when(late_meeting(today)).refused("period-locked")


def test_a_reopened_period_can_be_locked_early() -> None:
    after(
        locked,
        reopened,
        lambda r: region_reporting.lock_period(r, QUARTER, 850, on(date(2019, 5, 14))),
    ).when(late_meeting(date(2019, 5, 15))).refused("period-locked")


def test_an_opening_that_expired_needs_no_second_lock() -> None:
    after(locked, reopened).when(
        lambda r: region_reporting.lock_period(r, QUARTER, 850, on(date(2019, 5, 21)))
    ).refused("period-already-locked")


def test_a_month_stays_locked_in_a_locked_year() -> None:
    month = ReportingPeriod(first=date(2019, 3, 1), last=date(2019, 3, 31))
    after(
        locked,
        lambda r: region_reporting.lock_period(r, month, 820, on(date(2019, 5, 7))),
        lambda r: region_reporting.reopen_period(
            r, month, date(2019, 5, 20), why(date(2019, 5, 13))
        ),
    ).when(late_meeting(date(2019, 5, 14))).refused("period-locked")


days = st.dates(date(2019, 4, 1), date(2019, 12, 31))


@holds(st.lists(st.tuples(days, st.one_of(st.none(), st.integers(0, 60))), max_size=12), days, days)
def test_a_day_is_locked_unless_the_last_opening_covers_the_day_of_work(
    acts: list[tuple[date, int | None]], today: date, fact: date
) -> None:
    region = fold(Region(ID), decide(Region(ID), established))
    opening: tuple[date, date] | None = None
    is_locked = False
    for when, length in acts:
        try:
            if length is None:
                events = decide(
                    region, lambda r, on_=when: region_reporting.lock_period(r, QUARTER, 1, on(on_))
                )
                is_locked, opening = True, None
            else:
                until = when + timedelta(days=length)
                events = decide(
                    region,
                    lambda r, on_=when, to=until: region_reporting.reopen_period(
                        r, QUARTER, to, why(on_)
                    ),
                )
                opening = (when, until)
        except Refused:
            continue
        region = fold(region, events)
    covered = opening is not None and opening[0] <= today <= opening[1]
    assert region.locked_on(date(2019, 2, 1), today) is (is_locked and not covered)
    assert not region.locked_on(fact, today)


DECIDING = (region, region_boundaries, region_mechanism, region_reporting)


@pytest.mark.parametrize(("code", "context"), sorted(refusals_of(*DECIDING).items()))
def test_every_refusal_has_a_sentence_that_its_context_fills(code: str, context: set[str]) -> None:
    assert not unfilled(code, context)


def test_every_event_has_a_chinese_title() -> None:
    assert topics_of(region_events) == set(REGION_TITLES)
