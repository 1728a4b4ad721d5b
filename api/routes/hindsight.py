"""What somebody could see on a past day (权限回溯): a question of auditors."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from api.dependencies import CurrentActor, SystemDep
from api.looks import LooksDep
from api.parts import Part
from api.questions import BoundariesDep, ReadAt, ReadingDep
from application.hindsight import could_see, told_to
from application.policy import Action
from domain.base import Day
from domain.looked import Looked
from domain.values import RecordKind, Role

router = Part(prefix="/access", tags=["查阅 Access"])


class Permission(BaseModel):
    """A post held then, and what of the record could be seen from it: actions of the roster."""

    role: Role
    office: UUID
    since: Day
    until: Day | None
    actions: list[str]


class Permissions(BaseModel):
    """What a person could see of a record at a moment, post by post."""

    reading: ReadAt
    boundaries: str
    permissions: list[Permission]


@router.get("/permissions")
def read_permissions(
    actor: CurrentActor,
    person: Annotated[UUID, Query(description="查阅人。Who might have looked.")],
    record: Annotated[UUID, Query(description="记录。The record.")],
    reading: ReadingDep,
    boundaries: BoundariesDep,
    system: SystemDep,
    looks: LooksDep,
) -> Permissions:
    """权限回溯 What a person could see of a record, by the posts and boundaries of then.

    Posts that allowed nothing are told only to who reads looks for a region, of offices in it;
    somebody of another office, to whom the record was closed, answers as one who is not known.
    What a break-glass access opened stands in the ledger `accesses`, and not here.
    """
    records, jurisdiction = system.records, system.records.jurisdiction
    asked = records.record(record)
    jurisdiction.require_sight(actor, Action.READ_LOOKS, asked)
    found = could_see(records, person, record, reading.position, reading.recorded_at)
    found = told_to(records, actor, person, found, reading.position)
    looks.list(RecordKind.ACCESS, Looked.PERMISSIONS, len(found), record)
    return Permissions(
        reading=ReadAt.of(reading),
        boundaries=str(boundaries),
        permissions=[
            Permission(
                role=post.role,
                office=post.office,
                since=post.since,
                until=post.until,
                actions=[str(action) for action in actions],
            )
            for post, actions in found
        ],
    )
