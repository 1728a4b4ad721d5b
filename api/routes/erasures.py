"""The keys of personal data (个人信息密钥): legal holds and their list, and erasure for good."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Query
from pydantic import BaseModel, Field

from api.commands import AnswerDep, CommandDep, CommandRoute, Recorded
from api.dependencies import CurrentActor, SystemDep
from api.desks import ErasuresDep
from api.looks import LooksDep
from api.parts import Part
from api.questions import ReadAt, ReadingDep
from application.erasure import Certificate
from application.holds import Held, holds
from domain.looked import Looked
from domain.subject import LegalHold, subject_id
from domain.values import ErasureGround, RecordKind
from projections.ledger_reading import only

router = Part(prefix="/records/{record}", tags=["个人信息 Personal data"], route_class=CommandRoute)

queries = Part(prefix="/records", tags=["个人信息 Personal data"])

Parts = Annotated[list[str], Field(min_length=1, max_length=4)]
"""Of a case `wife`, `husband`, `other` and `couple`; of a practitioner or an account `self`.

Of an account also whom it declared near: the relation, a colon and the declaration's id.
"""


class HoldPage(BaseModel):
    """Legal holds in the order in which they were placed; `next` leads to the following page."""

    reading: ReadAt
    holds: list[Held]
    next: int | None


@router.post("/holds", status_code=201)
def place_hold(
    record: UUID, hold: LegalHold, by: CommandDep, desk: ErasuresDep, answer: AnswerDep
) -> Recorded:
    """依法保全 Keep the personal data of a record, whoever asks for their erasure."""
    return answer(subject_id(record), desk.place_hold(record, hold, by))


@router.post("/holds/{hold}/lifting", status_code=201)
def lift_hold(
    record: UUID, hold: UUID, by: CommandDep, desk: ErasuresDep, answer: AnswerDep
) -> Recorded:
    """解除保全 End a legal hold."""
    return answer(subject_id(record), desk.lift_hold(record, hold, by))


@router.post("/erasure", status_code=201)
def erase(
    record: UUID,
    ground: Annotated[ErasureGround, Body()],
    by: CommandDep,
    desk: ErasuresDep,
    parts: Annotated[Parts | None, Body()] = None,
) -> Certificate:
    """删除个人信息 Destroy the keys of a record, all or those of some of its people.

    It happens now and cannot be taken back. The ground is all that is recorded of the reason.
    """
    return desk.erase(record, ground, by, parts)


@queries.get("/holds")
def read_holds(
    actor: CurrentActor,
    reading: ReadingDep,
    system: SystemDep,
    looks: LooksDep,
    standing: Annotated[
        bool, Query(description="只列尚未解除的。Only those that were not lifted.")
    ] = False,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> HoldPage:
    """依法保全清单 Which records are held, since when, by whom and why, and which holds ended."""
    found = holds(
        system.records, actor, reading.position, standing=standing, after=after, limit=limit
    )
    held = only(one.record for one in found.found)
    looks.list(RecordKind.CASE, Looked.HOLDS, len(found.found), held)
    return HoldPage(reading=ReadAt.of(reading), holds=found.found, next=found.next)
