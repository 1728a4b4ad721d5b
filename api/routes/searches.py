"""Finding a person by document or telephone (查找)."""

from typing import Annotated

from fastapi import Body
from pydantic import BaseModel

from api.commands import CommandRoute, NowDep
from api.dependencies import CurrentActor
from api.desks import SearchesDep
from api.looks import LooksDep
from api.parts import Part
from application.blind_index import NumberKind
from application.searches import Found
from domain.base import Text
from domain.looked import Looked
from domain.values import RecordKind
from projections.ledger_reading import only

router = Part(prefix="/searches", tags=["查阅 Access"], route_class=CommandRoute)


class Findings(BaseModel):
    """The records within one's reach that are about the bearer of a number."""

    found: list[Found]


@router.post("")
def find_persons(
    _: NowDep,
    by: Annotated[NumberKind, Body()],
    number: Annotated[Text, Body()],
    actor: CurrentActor,
    desk: SearchesDep,
    looks: LooksDep,
) -> Findings:
    """查找当事人 Find by document or telephone, in any spelling; the number goes in no address.

    The search is traced, the number is not. What lies with other offices is not told of.
    """
    found = desk.find(by, number, actor)
    sole = only(one.record for one in found)
    looks.search(RecordKind.CASE, Looked.PERSONS, len(found), sole, by)
    return Findings(found=found)
