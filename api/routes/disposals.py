"""Retention and disposal (保管期限与鉴定销毁): the schedule, what is over, two persons, the end."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body, Query
from pydantic import BaseModel, Field

from api.commands import AnswerDep, CommandDep, CommandRoute, NewId, Recorded, new_id
from api.dependencies import CurrentActor, SystemDep
from api.desks import DisposalsDep
from api.looks import LooksDep
from api.parts import Part
from api.questions import ReadAt, ReadingDep
from api.seeing import SeenDep
from application.erasure import Certificate
from domain.base import Place, Text
from domain.looked import Looked
from domain.retention import SCHEDULE, RecordClass
from domain.values import RecordKind
from projections.ledger_reading import only
from projections.retention import over

router = Part(prefix="/disposals", tags=["个人信息 Personal data"], route_class=CommandRoute)
queries = Part(prefix="/retention", tags=["个人信息 Personal data"])

Several = Annotated[tuple[UUID, ...], Field(min_length=1, max_length=200)]


class Rule(BaseModel):
    """How long a class of records is kept, and who says so."""

    kind: RecordClass
    title: str
    years: int
    since: str
    disposed: bool
    source: str


class Schedule(BaseModel):
    """The retention schedule."""

    rules: list[Rule]


class RetentionOver(BaseModel):
    """Cases whose time is over, to be appraised."""

    reading: ReadAt
    cases: list[dict[str, Any]]


@router.post("", status_code=201)
def propose_disposal(
    kind: Annotated[RecordClass, Body()],
    records: Annotated[Several, Body()],
    appraisal: Annotated[Text, Body()],
    place: Place,
    by: CommandDep,
    desk: DisposalsDep,
    answer: AnswerDep,
    chosen: NewId = None,
) -> Recorded:
    """提出鉴定销毁 Propose to dispose of records whose time is over."""
    disposal = new_id(chosen, by)
    return answer(disposal, desk.propose(disposal, kind, records, appraisal, place, by))


@router.post("/{disposal}/approval", status_code=201)
def approve_disposal(
    disposal: UUID,
    kept: Annotated[tuple[UUID, ...], Body()],
    appraisal: Annotated[Text, Body()],
    by: CommandDep,
    desk: DisposalsDep,
    answer: AnswerDep,
) -> Recorded:
    """批准鉴定销毁 Agree as a second person, but for what has lasting value."""
    return answer(disposal, desk.approve(disposal, kept, appraisal, by))


@router.post("/{disposal}/return", status_code=201)
def return_disposal(
    disposal: UUID, by: CommandDep, desk: DisposalsDep, answer: AnswerDep
) -> Recorded:
    """退回鉴定销毁 Disagree, for a reason."""
    return answer(disposal, desk.send_back(disposal, by))


@router.post("/{disposal}/records/{record}", status_code=201)
def dispose_record(disposal: UUID, record: UUID, by: CommandDep, desk: DisposalsDep) -> Certificate:
    """执行销毁 Destroy the keys of an approved record for good."""
    return desk.dispose(disposal, record, by)


@queries.get("")
def read_retention(_: CurrentActor, __: ReadingDep) -> Schedule:
    """保管期限表 How long the records of each class are kept, and who says so."""
    return Schedule(rules=[Rule(title=rule.kind.label, **rule._asdict()) for rule in SCHEDULE])


@queries.get("/over")
def read_retention_over(
    _: CurrentActor,
    seen: SeenDep,
    system: SystemDep,
    looks: LooksDep,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> RetentionOver:
    """期满待鉴定 Archived cases whose time is over at the reading, the longest first.

    Of which anything sealed can still be read: of the others there is nothing to dispose of.
    """
    found = over(system.readings, seen.reading, system.vault.store, limit)
    sole = only(one.case_id for one in found)
    looks.list(RecordKind.CASE, Looked.RETENTION, len(found), sole)
    return RetentionOver(reading=ReadAt.of(seen.reading), cases=[one._asdict() for one in found])
