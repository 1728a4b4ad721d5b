"""Commands on access (查阅): what the reader saw today, and break-glass.

A reader's day is one stream; the answer to any command on it gives its id.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends

from api.commands import AccessesDep, AnswerDep, CommandDep, CommandRoute, Recorded
from domain.access import AccessRequest, Selection, Viewing
from domain.base import Instant, Text
from domain.values import AccessVerdict

router = APIRouter(prefix="/access", tags=["查阅 Access"], route_class=CommandRoute)


def own_day_of(by: CommandDep, desk: AccessesDep) -> UUID:
    """The stream of the reader's day."""
    return desk.own_day(by)


OwnDay = Annotated[UUID, Depends(own_day_of)]


@router.post("/records", status_code=201)
def open_record(
    stream: OwnDay, viewing: Viewing, by: CommandDep, desk: AccessesDep, answer: AnswerDep
) -> Recorded:
    """查阅记录 Trace that a record was seen."""
    return answer(stream, desk.open_record(stream, viewing, by))


@router.post("/lists", status_code=201)
def open_list(
    stream: OwnDay, selection: Selection, by: CommandDep, desk: AccessesDep, answer: AnswerDep
) -> Recorded:
    """查阅列表 Trace that a list was seen."""
    return answer(stream, desk.open_list(stream, selection, by))


@router.post("/searches", status_code=201)
def make_search(
    stream: OwnDay, selection: Selection, by: CommandDep, desk: AccessesDep, answer: AnswerDep
) -> Recorded:
    """查询 Trace a search."""
    return answer(stream, desk.make_search(stream, selection, by))


@router.post("/exports", status_code=201)
def make_export(
    stream: OwnDay, selection: Selection, by: CommandDep, desk: AccessesDep, answer: AnswerDep
) -> Recorded:
    """导出 Trace an export."""
    return answer(stream, desk.make_export(stream, selection, by))


@router.post("/prints", status_code=201)
def make_print(
    stream: OwnDay, selection: Selection, by: CommandDep, desk: AccessesDep, answer: AnswerDep
) -> Recorded:
    """打印 Trace a print."""
    return answer(stream, desk.make_print(stream, selection, by))


@router.post("/requests", status_code=201)
def request_access(
    stream: OwnDay, request: AccessRequest, by: CommandDep, desk: AccessesDep, answer: AnswerDep
) -> Recorded:
    """申请紧急查阅 Ask to see a closed record, for at most four hours."""
    return answer(stream, desk.request(stream, request, by))


@router.post("/{stream}/records", status_code=201)
def open_record_by_access(
    stream: UUID, viewing: Viewing, by: CommandDep, desk: AccessesDep, answer: AnswerDep
) -> Recorded:
    """凭批准查阅记录 Trace that a record was seen under an access granted on that day."""
    return answer(stream, desk.open_record(stream, viewing, by))


@router.post("/{stream}/requests/{access}/grant", status_code=201)
def grant_access(
    stream: UUID,
    access: UUID,
    until: Annotated[Instant, Body()],
    by: CommandDep,
    desk: AccessesDep,
    answer: AnswerDep,
) -> Recorded:
    """批准紧急查阅 Open the record for at most four hours, to somebody else."""
    return answer(stream, desk.grant(stream, access, until, by))


@router.post("/{stream}/requests/{access}/refusal", status_code=201)
def refuse_access(
    stream: UUID, access: UUID, by: CommandDep, desk: AccessesDep, answer: AnswerDep
) -> Recorded:
    """不予批准 Keep the record closed, with the reason."""
    return answer(stream, desk.refuse(stream, access, by))


@router.post("/{stream}/requests/{access}/expiry", status_code=201)
def expire_access(
    stream: UUID, access: UUID, by: CommandDep, desk: AccessesDep, answer: AnswerDep
) -> Recorded:
    """到期 Note that the time of an access is over."""
    return answer(stream, desk.expire(stream, access, by))


@router.post("/{stream}/requests/{access}/notice", status_code=201)
def notify_owner(
    stream: UUID,
    access: UUID,
    owner: Annotated[UUID, Body()],
    by: CommandDep,
    desk: AccessesDep,
    answer: AnswerDep,
) -> Recorded:
    """告知负责人 Note that who is responsible for the record was told."""
    return answer(stream, desk.notify_owner(stream, access, owner, by))


@router.post("/{stream}/requests/{access}/verdict", status_code=201)
def review_access(
    stream: UUID,
    access: UUID,
    verdict: Annotated[AccessVerdict, Body()],
    text: Annotated[Text, Body()],
    by: CommandDep,
    desk: AccessesDep,
    answer: AnswerDep,
) -> Recorded:
    """事后复核 Judge an access after its end, as another than the reader."""
    return answer(stream, desk.after_review(stream, access, verdict, text, by))
