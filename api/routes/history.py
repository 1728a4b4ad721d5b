"""The history of any record: a case, a centre, a person, a region."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from api.dependencies import BoundariesDep, CurrentActor, ReadAt, ReadingDep, SystemDep
from api.looks import LooksDep
from application.jurisdiction import LOOKING
from application.policy import Action
from domain.access import Access
from domain.base import Aggregate
from domain.case import Case
from domain.disposal import Disposal
from domain.practitioner import Practitioner
from domain.request import PersonRequest
from domain.review import Review
from domain.subject import Subject
from domain.supervision import SupervisionOrder
from domain.values import Party, RecordKind
from projections.history import SUMMARIES, Moment, timeline

PERSONAL: Final[dict[type[Aggregate], RecordKind]] = {
    Case: RecordKind.CASE,
    Practitioner: RecordKind.PRACTITIONER,
    SupervisionOrder: RecordKind.ORDER,
    Review: RecordKind.REVIEW,
    Access: RecordKind.ACCESS,
    Subject: RecordKind.CASE,
    PersonRequest: RecordKind.REQUEST,
    Disposal: RecordKind.REQUEST,
}
"""Whose opening leaves a trace; regions, centres, pins and the log itself hold nothing personal."""

router = APIRouter(prefix="/history", tags=["历史 History"])


class Safety(BaseModel):
    """What to know before anything else of a case, as it is now, whatever moment is asked for."""

    violence_known: bool
    only_by_safe_contact: list[Party]
    safe_contact: list[Party]
    protected_address: list[Party]

    @classmethod
    def of(cls, record: Aggregate) -> "Safety | None":
        """What is to be known of a record; None where there is no danger."""
        if not isinstance(record, Case) or not (
            record.violent or record.reached or record.sheltered
        ):
            return None
        return cls(
            violence_known=record.violent,
            only_by_safe_contact=[party for party in Party if record.reached.get(party)],
            safe_contact=[party for party in Party if party in record.reached],
            protected_address=[party for party in Party if party in record.sheltered],
        )


class History(BaseModel):
    """What happened, in the order of recording; `next` leads to the following page."""

    safety: Safety | None = None
    reading: ReadAt
    boundaries: str
    id: UUID
    moments: list[Moment]
    next: int | None


@router.get("/{aggregate_id}")
def read_history(
    aggregate_id: UUID,
    reading: ReadingDep,
    boundaries: BoundariesDep,
    system: SystemDep,
    response: Response,
    actor: CurrentActor,
    looks: LooksDep,
    after: Annotated[int, Query(ge=0, le=2**31, description="The last version seen.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> History:
    """历史 What happened, when it was recorded, by whom and why, and what it corrected.

    The last page bears the record's version as ETag, for the `If-Match` of a command.
    """
    records, jurisdiction = system.records, system.records.jurisdiction
    record = records.get(records.kind_of(aggregate_id), aggregate_id)
    jurisdiction.require_sight(actor, LOOKING[type(record)], record)
    masked = () if jurisdiction.may_see(actor, Action.READ_SUMMARIES, record) else SUMMARIES
    moments = timeline(
        system.readings,
        reading,
        aggregate_id,
        boundaries=boundaries,
        after=after,
        limit=limit,
        masked=masked,
    )
    if (kind := PERSONAL.get(type(record))) is not None:
        spots = jurisdiction.whereabouts(record).spots
        looks.record(aggregate_id, kind, spots[0] if spots else None)
    if len(moments) < limit:
        response.headers["ETag"] = f'"{moments[-1].version if moments else after}"'
    return History(
        safety=Safety.of(record),
        reading=ReadAt.of(reading),
        boundaries=str(boundaries),
        id=aggregate_id,
        moments=moments,
        next=moments[-1].version if len(moments) == limit else None,
    )
