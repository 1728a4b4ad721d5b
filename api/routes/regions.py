"""Regions (行政区): the tree as of any moment, and the commands on regions."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Body, Query
from pydantic import BaseModel

from api.commands import AnswerDep, CommandDep, CommandRoute, Recorded
from api.dependencies import CurrentActor, SystemDep
from api.desks import RegionsDep
from api.parts import Part
from api.questions import BoundariesDep, ReadAt, ReadingDep, RegionParameter
from application.territory import id_of
from domain.base import Day, Text
from domain.log import LogPosition
from domain.region_events import (
    Dispatch,
    Founding,
    JointMeeting,
    LeadingGroup,
    Report,
    ReportingPeriod,
    Requirement,
    Succession,
    Village,
)
from domain.territory import Territory
from domain.values import RegionLevel
from projections.questions import no_region

queries = Part(prefix="/regions", tags=["区划 Regions"])
router = Part(prefix="/regions", tags=["区划 Regions"], route_class=CommandRoute)


class Branch(BaseModel):
    """A region as of a date, and the regions in it."""

    id: UUID
    code: str | None
    name: str
    level: str
    since: date
    children: list["Branch"]


class Tree(BaseModel):
    """Regions as of a date, as known at the reading."""

    reading: ReadAt
    boundaries: str
    on: date
    regions: list[Branch]


@queries.get("")
def read_regions(
    _: CurrentActor,
    reading: ReadingDep,
    boundaries: BoundariesDep,
    system: SystemDep,
    region: RegionParameter | None = None,
    depth: Annotated[int, Query(ge=1, le=6, description="层数 How many levels.")] = 6,
) -> Tree:
    """区划树 The tree of regions, whole or below one, by the boundaries asked for."""
    territory = system.readings.territory(reading)
    on = boundaries if isinstance(boundaries, date) else reading.today
    return Tree(
        reading=ReadAt.of(reading),
        boundaries=str(boundaries),
        on=on,
        regions=branches(territory, tops(territory, region, on), on, depth),
    )


def tops(territory: Territory, region: UUID | str | None, on: date) -> list[UUID]:
    """Where a tree begins. Raises `QuestionRefused`."""
    if region is None:
        return [node for node, parent in parents(territory, on) if parent is None]
    found = territory.with_code(region, on) if isinstance(region, str) else region
    if found is None or found not in territory.regions:
        raise no_region(region)
    return [found]


def parents(territory: Territory, on: date) -> list[tuple[UUID, UUID | None]]:
    """Every region that exists on a date, with the one it lies in."""
    found = []
    for node in territory.regions.values():
        if node.since <= on and territory.region_at(node.id, on) == node.id:
            path = territory.path_at(node.id, on)
            found.append((node.id, path[1] if len(path) > 1 else None))
    return found


def branches(territory: Territory, roots: list[UUID], on: date, depth: int) -> list[Branch]:
    """Regions with what lies in them, in the order of their codes."""
    below: dict[UUID | None, list[UUID]] = {}
    for node, parent in parents(territory, on):
        below.setdefault(parent, []).append(node)

    def branch(node: UUID, left: int) -> Branch:
        region = territory.regions[node]
        children = below.get(node, []) if left > 1 else []
        return Branch(
            id=node,
            code=region.code,
            name=territory.name_at(node, on),
            level=region.level,
            since=region.since,
            children=in_order(branch(child, left - 1) for child in children),
        )

    return in_order(branch(root, depth) for root in roots)


def in_order(found: Iterable[Branch]) -> list[Branch]:
    """Branches by code."""
    return sorted(found, key=lambda branch: (branch.code or "", branch.name))


@router.post("", status_code=201)
def establish_region(
    founding: Founding, by: CommandDep, desk: RegionsDep, answer: AnswerDep
) -> Recorded:
    """设立行政区 Begin a region; its id follows from scheme, code and first day."""
    return answer(id_of(founding), desk.establish(founding, by))


@router.post("/{region_id}/villages", status_code=201)
def establish_village(
    region_id: UUID,
    village: Village,
    by: CommandDep,
    desk: RegionsDep,
    answer: AnswerDep,
) -> Recorded:
    """登记村居 Make a region of a village of this township, in which a room is to open."""
    receipt = desk.establish_village(region_id, village, by)
    return answer(desk.id_of_village(region_id, village), receipt)


@router.post("/{region_id}/founding/correction", status_code=201)
def correct_founding(
    region_id: UUID,
    after: Founding,
    by: CommandDep,
    desk: RegionsDep,
    answer: AnswerDep,
) -> Recorded:
    """更正设立信息 Put name, level, kind or parent right."""
    return answer(region_id, desk.correct_founding(region_id, after, by))


@router.post("/{region_id}/founding/voiding", status_code=201)
def void_founding(
    region_id: UUID,
    by: CommandDep,
    desk: RegionsDep,
    answer: AnswerDep,
) -> Recorded:
    """作废设立 Take back a region entered by mistake."""
    return answer(region_id, desk.void_founding(region_id, by))


@router.post("/{region_id}/renaming", status_code=201)
def rename_region(
    region_id: UUID,
    name: Annotated[Text, Body()],
    effective_on: Annotated[Day, Body()],
    by: CommandDep,
    desk: RegionsDep,
    answer: AnswerDep,
) -> Recorded:
    """更名 Bear another name."""
    return answer(region_id, desk.rename(region_id, name, effective_on, by))


@router.post("/{region_id}/renaming/voiding", status_code=201)
def void_renaming(
    region_id: UUID,
    by: CommandDep,
    desk: RegionsDep,
    answer: AnswerDep,
) -> Recorded:
    """作废更名 Take back the last renaming."""
    return answer(region_id, desk.void_renaming(region_id, by))


@router.post("/{region_id}/move", status_code=201)
def move_region(
    region_id: UUID,
    to_parent: Annotated[UUID, Body()],
    effective_on: Annotated[Day, Body()],
    by: CommandDep,
    desk: RegionsDep,
    answer: AnswerDep,
) -> Recorded:
    """隶属调整 Lie in another region."""
    return answer(region_id, desk.move(region_id, to_parent, effective_on, by))


@router.post("/{region_id}/move/voiding", status_code=201)
def void_move(
    region_id: UUID,
    by: CommandDep,
    desk: RegionsDep,
    answer: AnswerDep,
) -> Recorded:
    """作废隶属调整 Take back the last move."""
    return answer(region_id, desk.void_move(region_id, by))


@router.post("/{region_id}/succession", status_code=201)
def succeed_region(
    region_id: UUID, succession: Succession, by: CommandDep, desk: RegionsDep, answer: AnswerDep
) -> Recorded:
    """区划变更 Pass all or part of the territory on."""
    return answer(region_id, desk.succeed(region_id, succession, by))


@router.post("/{region_id}/succession/correction", status_code=201)
def correct_succession(
    region_id: UUID,
    successor: Annotated[UUID, Body()],
    effective_on: Annotated[Day, Body()],
    after: Succession,
    by: CommandDep,
    desk: RegionsDep,
    answer: AnswerDep,
) -> Recorded:
    """更正区划变更 Put right the succession to a region on a day."""
    return answer(region_id, desk.correct_succession(region_id, successor, effective_on, after, by))


@router.post("/{region_id}/succession/voiding", status_code=201)
def void_succession(
    region_id: UUID,
    successor: Annotated[UUID, Body()],
    effective_on: Annotated[Day, Body()],
    by: CommandDep,
    desk: RegionsDep,
    answer: AnswerDep,
) -> Recorded:
    """作废区划变更 Take back the succession to a region on a day."""
    return answer(region_id, desk.void_succession(region_id, successor, effective_on, by))


@router.post("/{region_id}/leading-groups", status_code=201)
def form_leading_group(
    region_id: UUID, group: LeadingGroup, by: CommandDep, desk: RegionsDep, answer: AnswerDep
) -> Recorded:
    """成立领导小组 Form a joint leading group."""
    return answer(region_id, desk.form_leading_group(region_id, group, by))


@router.post("/{region_id}/leading-groups/correction", status_code=201)
def correct_leading_group(
    region_id: UUID, after: LeadingGroup, by: CommandDep, desk: RegionsDep, answer: AnswerDep
) -> Recorded:
    """更正领导小组 Put a leading group right."""
    return answer(region_id, desk.correct_leading_group(region_id, after, by))


@router.post("/{region_id}/leading-groups/{group}/voiding", status_code=201)
def void_leading_group(
    region_id: UUID, group: UUID, by: CommandDep, desk: RegionsDep, answer: AnswerDep
) -> Recorded:
    """作废领导小组 Take a leading group back."""
    return answer(region_id, desk.void_leading_group(region_id, group, by))


@router.post("/{region_id}/joint-meetings", status_code=201)
def hold_joint_meeting(
    region_id: UUID, meeting: JointMeeting, by: CommandDep, desk: RegionsDep, answer: AnswerDep
) -> Recorded:
    """联席会议 Record a joint meeting."""
    return answer(region_id, desk.hold_joint_meeting(region_id, meeting, by))


@router.post("/{region_id}/joint-meetings/correction", status_code=201)
def correct_joint_meeting(
    region_id: UUID, after: JointMeeting, by: CommandDep, desk: RegionsDep, answer: AnswerDep
) -> Recorded:
    """更正联席会议 Put a joint meeting right."""
    return answer(region_id, desk.correct_joint_meeting(region_id, after, by))


@router.post("/{region_id}/joint-meetings/{meeting}/voiding", status_code=201)
def void_joint_meeting(
    region_id: UUID, meeting: UUID, by: CommandDep, desk: RegionsDep, answer: AnswerDep
) -> Recorded:
    """作废联席会议 Take a joint meeting back."""
    return answer(region_id, desk.void_joint_meeting(region_id, meeting, by))


@router.post("/{region_id}/dispatches", status_code=201)
def hold_dispatch(
    region_id: UUID, dispatch: Dispatch, by: CommandDep, desk: RegionsDep, answer: AnswerDep
) -> Recorded:
    """情况调度 Record a situation round-up."""
    return answer(region_id, desk.hold_dispatch(region_id, dispatch, by))


@router.post("/{region_id}/dispatches/correction", status_code=201)
def correct_dispatch(
    region_id: UUID, after: Dispatch, by: CommandDep, desk: RegionsDep, answer: AnswerDep
) -> Recorded:
    """更正情况调度 Put a dispatch right."""
    return answer(region_id, desk.correct_dispatch(region_id, after, by))


@router.post("/{region_id}/dispatches/{dispatch}/voiding", status_code=201)
def void_dispatch(
    region_id: UUID, dispatch: UUID, by: CommandDep, desk: RegionsDep, answer: AnswerDep
) -> Recorded:
    """作废情况调度 Take a dispatch back."""
    return answer(region_id, desk.void_dispatch(region_id, dispatch, by))


@router.post("/{region_id}/reports/requirement", status_code=201)
def require_report(
    region_id: UUID, requirement: Requirement, by: CommandDep, desk: RegionsDep, answer: AnswerDep
) -> Recorded:
    """布置报表 Expect a report by a date."""
    return answer(region_id, desk.require_report(region_id, requirement, by))


@router.post("/{region_id}/reports/waiver", status_code=201)
def waive_report(
    region_id: UUID,
    form: Annotated[Text, Body()],
    period: ReportingPeriod,
    by: CommandDep,
    desk: RegionsDep,
    answer: AnswerDep,
) -> Recorded:
    """免报 Expect a report no longer."""
    return answer(region_id, desk.waive_report(region_id, form, period, by))


@router.post("/{region_id}/reports/submission", status_code=201)
def submit_report(
    region_id: UUID, report: Report, by: CommandDep, desk: RegionsDep, answer: AnswerDep
) -> Recorded:
    """上报 Submit a report."""
    return answer(region_id, desk.submit_report(region_id, report, by))


@router.post("/{region_id}/reports/return", status_code=201)
def return_report(
    region_id: UUID,
    form: Annotated[Text, Body()],
    period: ReportingPeriod,
    level: Annotated[RegionLevel, Body()],
    due_on: Annotated[Day, Body()],
    by: CommandDep,
    desk: RegionsDep,
    answer: AnswerDep,
) -> Recorded:
    """退回 Return a report for rework."""
    return answer(region_id, desk.return_report(region_id, form, period, level, due_on, by))


@router.post("/{region_id}/reports/approval", status_code=201)
def approve_report(
    region_id: UUID,
    form: Annotated[Text, Body()],
    period: ReportingPeriod,
    level: Annotated[RegionLevel, Body()],
    by: CommandDep,
    desk: RegionsDep,
    answer: AnswerDep,
) -> Recorded:
    """通过 Pass a report at a level."""
    return answer(region_id, desk.approve_report(region_id, form, period, level, by))


@router.post("/{region_id}/reports/restatement", status_code=201)
def restate_report(
    region_id: UUID, after: Report, by: CommandDep, desk: RegionsDep, answer: AnswerDep
) -> Recorded:
    """重报 Replace a final report by a new edition."""
    return answer(region_id, desk.restate_report(region_id, after, by))


@router.post("/{region_id}/periods/lock", status_code=201)
def lock_period(
    region_id: UUID,
    period: ReportingPeriod,
    position: Annotated[LogPosition, Body()],
    by: CommandDep,
    desk: RegionsDep,
    answer: AnswerDep,
) -> Recorded:
    """锁定报告期 Close the records of a period."""
    return answer(region_id, desk.lock_period(region_id, period, position, by))


@router.post("/{region_id}/periods/reopening", status_code=201)
def reopen_period(
    region_id: UUID,
    period: ReportingPeriod,
    expires_on: Annotated[Day, Body()],
    by: CommandDep,
    desk: RegionsDep,
    answer: AnswerDep,
) -> Recorded:
    """重新开放报告期 Open a locked period again until a date."""
    return answer(region_id, desk.reopen_period(region_id, period, expires_on, by))
