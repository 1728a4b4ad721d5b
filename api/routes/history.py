"""The history of any record: a case, a centre, a person, a region."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from api.dependencies import CurrentActor, SystemDep
from api.questions import BoundariesDep, ReadAt, ReadingDep
from projections.history import Moment, timeline

router = APIRouter(prefix="/history", tags=["历史 History"])


class History(BaseModel):
    """What happened, in the order of recording; `next` leads to the following page."""

    reading: ReadAt
    boundaries: str
    id: UUID
    moments: list[Moment]
    next: int | None


@router.get("/{aggregate_id}")
def read_history(
    _: CurrentActor,
    aggregate_id: UUID,
    reading: ReadingDep,
    boundaries: BoundariesDep,
    system: SystemDep,
    response: Response,
    after: Annotated[int, Query(ge=0, le=2**31, description="The last version seen.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> History:
    """历史 What happened, when it was recorded, by whom and why, and what it corrected.

    The last page bears the record's version as ETag, for the `If-Match` of a command.
    """
    moments = timeline(
        system.readings, reading, aggregate_id, boundaries=boundaries, after=after, limit=limit
    )
    if len(moments) < limit:
        response.headers["ETag"] = f'"{moments[-1].version if moments else after}"'
    return History(
        reading=ReadAt.of(reading),
        boundaries=str(boundaries),
        id=aggregate_id,
        moments=moments,
        next=moments[-1].version if len(moments) == limit else None,
    )
