"""Findings: what only shows when cases, or looks, are held side by side (疑点)."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from api.dependencies import CurrentActor, SystemDep
from api.looks import LooksDep
from api.parts import Part
from api.questions import BoundariesDep, Day, ReadAt, RegionParameter
from api.seeing import SeenDep
from application.acquaintance import Acquaintances
from domain.base import FIRST_DAY, LAST_DAY
from domain.looked import Looked
from domain.values import RecordKind, UnusualLook
from projections.findings import Overlap, overlaps
from projections.ledger_reading import only
from projections.unusual import Unusual, unusual_looks

router = Part(prefix="/findings", tags=["疑点 Findings"])


class OverlapPage(BaseModel):
    """Sessions of one practitioner that overlap, by the time the overlap began.

    `next` leads to the following page.
    """

    reading: ReadAt
    boundaries: str
    found: list[Overlap]
    next: str | None


class UnusualPage(BaseModel):
    """Looks that somebody should ask about, by when they began, each with its reason.

    `next` leads to the following page.
    """

    reading: ReadAt
    boundaries: str
    found: list[Unusual]
    next: str | None


@router.get("/overlapping-sessions")
def read_overlaps(
    _: CurrentActor,
    seen: SeenDep,
    looks: LooksDep,
    boundaries: BoundariesDep,
    system: SystemDep,
    region: RegionParameter | None = None,
    first: Annotated[Day, Query(alias="from")] = FIRST_DAY,
    last: Annotated[Day, Query(alias="to")] = LAST_DAY,
    after: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> OverlapPage:
    """时间重叠 Sessions of one practitioner that overlap; a finding, no refusal: it spans cases."""
    reading = seen.reading
    answer = overlaps(
        system.readings,
        reading,
        region=region,
        boundaries=boundaries,
        first=first,
        last=last,
        after=after,
        limit=limit,
    )
    cases = (each.case for one in answer.found for each in (one.earlier, one.later))
    sole = only(filter(None, cases))
    looks.list(RecordKind.CASE, Looked.OVERLAPS, len(answer.found), sole)
    return OverlapPage(
        reading=ReadAt.of(reading),
        boundaries=str(boundaries),
        found=answer.found,
        next=answer.next,
    )


@router.get("/unusual-looks")
def read_unusual_looks(
    actor: CurrentActor,
    seen: SeenDep,
    looks: LooksDep,
    boundaries: BoundariesDep,
    system: SystemDep,
    region: RegionParameter | None = None,
    first: Annotated[Day, Query(alias="from")] = FIRST_DAY,
    last: Annotated[Day, Query(alias="to")] = LAST_DAY,
    reason: UnusualLook | None = None,
    after: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> UnusualPage:
    """异常查阅 Looks at many records in a short time, at night, without assignment, or as several.

    To auditors and privacy officers also others' looks at their own case, a relative's or a
    neighbour's, as numbers stand today.
    """
    reading = seen.reading
    answer = unusual_looks(
        system.readings,
        reading,
        lambda: Acquaintances(system.records, system.vault).shown_to(actor),
        region=region,
        boundaries=boundaries,
        first=first,
        last=last,
        reason=reason,
        after=after,
        limit=limit,
    )
    looks.list(RecordKind.ACCESS, Looked.UNUSUAL, len(answer.found))
    return UnusualPage(
        reading=ReadAt.of(reading),
        boundaries=str(boundaries),
        found=answer.found,
        next=answer.next,
    )
