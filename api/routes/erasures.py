"""Commands on the keys of personal data (个人信息密钥): legal holds, and erasure for good."""

from typing import Annotated
from uuid import UUID

from fastapi import Body
from pydantic import Field

from api.commands import AnswerDep, CommandDep, CommandRoute, Recorded
from api.desks import ErasuresDep
from api.parts import Part
from application.erasure import Certificate
from domain.subject import LegalHold, subject_id
from domain.values import ErasureGround

router = Part(prefix="/records/{record}", tags=["个人信息 Personal data"], route_class=CommandRoute)

Parts = Annotated[list[str], Field(min_length=1, max_length=4)]
"""Of a case `wife`, `husband`, `other` and `couple`; of a practitioner or an account `self`."""


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
