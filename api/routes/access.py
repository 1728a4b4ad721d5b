"""Access (查阅): what only the reader knows of, break-glass, and who must know of it.

A reader's day is one stream; the answer to any command on it gives its id.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Body, Depends, Query
from pydantic import BaseModel

from api.commands import AnswerDep, CommandDep, CommandRoute, Recorded
from api.dependencies import CurrentActor, SystemDep
from api.desks import AccessesDep, ReadersDep
from api.looks import LooksDep, require_fitting
from api.parts import Part
from api.questions import BoundariesDep, Moment, PeriodDep, ReadAt, RegionParameter
from api.seeing import Seen, SeenDep
from application.policy import Action, Reach, reach
from application.readers import Reader
from application.records import Command, Records, no_record
from domain.access import AccessRequest, Selection
from domain.account_events import account_id
from domain.base import Count, FreeText, Instant, Place, Value
from domain.looked import Looked, Printed
from domain.values import AccessPurpose, AccessVerdict, RecordKind
from projections.access_patches import position_of
from projections.emergencies import (
    Notice,
    Own,
    Use,
    Waiting,
    notices,
    own,
    use,
    verdicts_owed,
    waiting,
)
from projections.ledger_reading import Wanted, page
from projections.ledgers import patches_of
from projections.readings import Reading

router = Part(prefix="/access", tags=["查阅 Access"], route_class=CommandRoute)


queries = Part(prefix="/access", tags=["查阅 Access"])


def own_day_of(by: CommandDep, desk: AccessesDep) -> UUID:
    """The stream of the reader's day."""
    return desk.own_day(by)


OwnDay = Annotated[UUID, Depends(own_day_of)]


class Print(Value):
    """Rows that somebody printed; `record` is the one record that all belong to, if there is."""

    kind: RecordKind
    what: Printed
    rows: Count
    purpose: AccessPurpose
    place: Place | None = None
    record: UUID | None = None


@router.post("/prints", status_code=201)
def make_print(
    stream: OwnDay,
    selection: Annotated[Print, Body(embed=True)],
    by: CommandDep,
    desk: AccessesDep,
    answer: AnswerDep,
) -> Recorded:
    """打印 Trace a print: only who prints knows of it; all other looks are traced by the system."""
    require_fitting(selection.purpose, by.by)
    printed = Selection(**{**dict(selection), "what": selection.what.value})
    return answer(stream, desk.make_print(stream, printed, by))


@router.post("/requests", status_code=201)
def request_access(
    stream: OwnDay, request: AccessRequest, by: CommandDep, desk: AccessesDep, answer: AnswerDep
) -> Recorded:
    """申请紧急查阅 Ask to see a closed record, for at most four hours."""
    return answer(stream, desk.request(stream, request, by))


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


@router.post("/{stream}/requests/{access}/verdict", status_code=201)
def review_access(
    stream: UUID,
    access: UUID,
    verdict: Annotated[AccessVerdict, Body()],
    text: Annotated[FreeText, Body()],
    by: CommandDep,
    desk: AccessesDep,
    answer: AnswerDep,
) -> Recorded:
    """事后复核 Judge an access after its end, as another than the reader."""
    return answer(stream, desk.after_review(stream, access, verdict, text, by))


class Notices(BaseModel):
    """Break-glass accesses to records that whoever asks takes care of or is in charge of."""

    reading: ReadAt
    boundaries: str
    now: datetime
    notices: list[Notice]


class Told(Notices):
    """The same, and for who decides what is asked for and not decided."""

    waiting: list[Waiting]


class OwnAccesses(BaseModel):
    """What somebody asked for himself."""

    reading: ReadAt
    boundaries: str
    now: datetime
    accesses: list[Own]


class AccessUse(BaseModel):
    """What became of the accesses asked for in a period, by reason."""

    reading: ReadAt
    boundaries: str
    lines: list[Use]


def instant_of(seen: SeenDep, desk: AccessesDep, as_of: Moment | None = None) -> datetime:
    """The present, or the moment of a reading of the past: what is open and overdue then."""
    return seen.reading.recorded_at if as_of else desk.clock()


Now = Annotated[datetime, Depends(instant_of)]
AtMost = Annotated[int, Query(ge=1, le=1000)]


@queries.get("/requests")
def list_own_accesses(
    actor: CurrentActor,
    seen: SeenDep,
    boundaries: BoundariesDep,
    now: Now,
    system: SystemDep,
    looks: LooksDep,
    limit: AtMost = 100,
) -> OwnAccesses:
    """本人的紧急查阅申请 What one asked for oneself and what became of it, newest first."""
    found = own(system.readings, seen.reading, now, actor.id, limit=limit)
    looks.list(RecordKind.ACCESS, Looked.OWN_ACCESSES, len(found))
    return OwnAccesses(
        reading=ReadAt.of(seen.reading), boundaries=str(boundaries), now=now, accesses=found
    )


def is_look_of(person: UUID, row: UUID, records: Records, reading: Reading) -> bool:
    """Whether the log itself has a look of a person at that row, and it lies in sight.

    Nobody signs the rows of a ledger: whoever writes there could have anybody's name opened.
    """
    recorded = records.signed_at(position_of(row))
    return recorded is not None and any(
        patch.values.get("reader") == person
        and patch.place is not None
        and reading.sight.sees(patch.place.centre, patch.place.region)
        for patch in patches_of(recorded)
        if patch.ledger == "looks"
    )


@queries.get("/readers/{person}/identity")
def read_reader(
    person: UUID,
    actor: CurrentActor,
    seen: SeenDep,
    system: SystemDep,
    looks: LooksDep,
    desk: ReadersDep,
) -> Reader:
    """查阅人身份 Who somebody is of whom a look can be seen in the reading log, by login and name.

    Opened under a trace; who has no account is known to whoever runs the machine.
    """
    wanted = Wanted(equals={"reader": str(person)})
    rows = page(system.readings, seen.reading, "looks", wanted, limit=1).rows
    if not any(is_look_of(person, row["row"], system.records, seen.reading) for row in rows):
        raise no_record(person)
    viewing = looks.viewing(account_id(person), RecordKind.ACCOUNT, None, what=Looked.READER)
    return desk.reader(person, viewing, Command(actor))


@queries.get("/notices")
def list_access_notices(
    actor: CurrentActor,
    seen: SeenDep,
    boundaries: BoundariesDep,
    now: Now,
    system: SystemDep,
    looks: LooksDep,
    limit: AtMost = 100,
) -> Told:
    """紧急查阅告知 Who was let into a record in an emergency, why and until when; newest first.

    A counsellor sees those to her cases, the offices in charge those to what lies with them. Who
    decides on requests sees those that wait for it.
    """
    found, asked = notices(system.readings, seen.reading, now, limit=limit), []
    if reach(actor, Action.DECIDE_ACCESS) is not Reach.NONE:
        asked = waiting(system.readings, seen.by(Action.DECIDE_ACCESS), limit=limit)
    looks.list(RecordKind.ACCESS, Looked.NOTICES, len(found) + len(asked))
    return Told(**dict(noticed(seen, boundaries, now, found)), waiting=asked)


@queries.get("/reviews")
def list_access_reviews(
    _: CurrentActor,
    seen: SeenDep,
    boundaries: BoundariesDep,
    now: Now,
    system: SystemDep,
    looks: LooksDep,
    overdue: Annotated[
        bool, Query(description="仅列逾期未复核的。Only those past their day.")
    ] = False,
    limit: AtMost = 100,
) -> Notices:
    """待复核的紧急查阅 Accesses that are over and have no verdict, the most urgent first."""
    found = verdicts_owed(system.readings, seen.reading, now, overdue=overdue, limit=limit)
    looks.list(RecordKind.ACCESS, Looked.VERDICTS, len(found))
    return noticed(seen, boundaries, now, found)


@queries.get("/statistics")
def read_access_use(
    _: CurrentActor,
    region: RegionParameter,
    period: PeriodDep,
    seen: SeenDep,
    boundaries: BoundariesDep,
    now: Now,
    system: SystemDep,
) -> AccessUse:
    """紧急查阅统计 How often break-glass was asked for, granted, used and judged, by reason."""
    lines = use(
        system.readings,
        seen.reading,
        now,
        region=region,
        boundaries=boundaries,
        first=period.first,
        last=period.last,
    )
    return AccessUse(reading=ReadAt.of(seen.reading), boundaries=str(boundaries), lines=lines)


def noticed(seen: Seen, boundaries: object, now: datetime, found: list[Notice]) -> Notices:
    """The answer of a list of accesses."""
    return Notices(
        reading=ReadAt.of(seen.reading), boundaries=str(boundaries), now=now, notices=found
    )
