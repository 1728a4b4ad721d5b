"""Persons' requests (个人信息权益申请): from receipt to answer, what is held, what is overdue."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Body, Query
from pydantic import BaseModel

from api.commands import AnswerDep, CommandDep, CommandRoute, NewId, Recorded, new_id
from api.dependencies import CurrentActor, SystemDep
from api.desks import RequestsDep, UnsealingDep
from api.looks import LooksDep
from api.parts import Part
from api.questions import BoundariesDep, ReadAt, ReadingDep
from api.routes.history import PERSONAL
from api.routes.ledgers import AfterParameter, LedgerPage, Sheet
from api.seeing import SeenDep
from application.erasure import Certificate
from application.jurisdiction import LOOKING, place_of
from application.policy import Action
from application.records import Command
from application.requests import Claim, Words
from application.unsealing import Passage
from domain.base import Day, Event, Place, Text
from domain.case import Case
from domain.log import LogPosition
from domain.looked import Looked
from domain.own_part import OF_THE_COUPLE, WITH_OPEN_REASON, is_shown
from domain.request import PersonRequest
from domain.rights import PersonPart, RequestRefusal, Stage, VerificationMeans
from domain.values import ErasureGround, RecordKind
from projections.history import Moment, timeline
from projections.ledger_reading import Wanted, page

router = Part(prefix="/requests", tags=["个人信息 Personal data"], route_class=CommandRoute)
queries = Part(prefix="/requests", tags=["个人信息 Personal data"])

DAY = timedelta(days=1)


class Holdings(BaseModel):
    """What is held about a person in a record; `withheld` events belong to others or to nobody.

    `texts` is what was written in the moments shown, where these say that it is sealed. `look` is
    the position of the trace of this look: of a request that was granted, its answer.
    `withheld` is for who decides, and not for the person.
    """

    reading: ReadAt
    record: UUID
    part: PersonPart
    moments: list[Moment]
    texts: list[Passage]
    withheld: int
    look: LogPosition


class Progress(BaseModel):
    """How far a request came, for who hands it on: neither what is asked nor what was answered.

    `settled_on` is the day on which it was answered, or taken back by who asked.
    """

    request: UUID
    stage: Stage
    label: str
    due_on: Day
    settled_on: Day | None


@router.post("", status_code=201)
def receive_request(
    claim: Claim,
    place: Place,
    by: CommandDep,
    desk: RequestsDep,
    answer: AnswerDep,
    chosen: NewId = None,
) -> Recorded:
    """受理申请 Receive a request; by when it is due follows from the day."""
    request_id = new_id(chosen, by)
    return answer(request_id, desk.receive(request_id, claim, place, by))


@router.post("/{request_id}/identity", status_code=201)
def verify_identity(
    request_id: UUID,
    means: Annotated[VerificationMeans, Body()],
    by: CommandDep,
    desk: RequestsDep,
    answer: AnswerDep,
) -> Recorded:
    """核实身份 Note by what it was made sure who asks."""
    return answer(request_id, desk.verify_identity(request_id, means, by))


@router.post("/{request_id}/extension", status_code=201)
def extend_request(
    request_id: UUID, by: CommandDep, desk: RequestsDep, answer: AnswerDep
) -> Recorded:
    """延长期限 Give the answer more time, once, for a reason."""
    return answer(request_id, desk.extend(request_id, by))


@router.post("/{request_id}/grant", status_code=201)
def grant_request(
    request_id: UUID,
    by: CommandDep,
    desk: RequestsDep,
    answer: AnswerDep,
    ground: Annotated[ErasureGround | None, Body()] = None,
) -> Recorded:
    """准予申请 Let the person have it; an erasure has a ground."""
    return answer(request_id, desk.grant(request_id, ground, by))


@router.post("/{request_id}/refusal", status_code=201)
def refuse_request(
    request_id: UUID,
    ground: Annotated[RequestRefusal, Body()],
    explanation: Annotated[Text, Body()],
    by: CommandDep,
    desk: RequestsDep,
    answer: AnswerDep,
) -> Recorded:
    """拒绝申请 Say no, and why; what the person is told is sealed."""
    return answer(request_id, desk.refuse(request_id, ground, explanation, by))


@router.post("/{request_id}/fulfilment", status_code=201)
def fulfil_request(
    request_id: UUID,
    position: Annotated[LogPosition, Body()],
    by: CommandDep,
    desk: RequestsDep,
    answer: AnswerDep,
) -> Recorded:
    """办结申请 Note that it was done, and which event of the log did it."""
    return answer(request_id, desk.fulfil(request_id, position, by))


@router.post("/{request_id}/withdrawal", status_code=201)
def withdraw_request(
    request_id: UUID, by: CommandDep, desk: RequestsDep, answer: AnswerDep
) -> Recorded:
    """撤回申请 Note that the person no longer asks."""
    return answer(request_id, desk.withdraw(request_id, by))


@router.post("/{request_id}/erasure", status_code=201)
def erase_as_requested(request_id: UUID, by: CommandDep, desk: RequestsDep) -> Certificate:
    """按申请删除 Destroy the person's keys as was granted; it cannot be taken back."""
    return desk.erase(request_id, by)


@queries.get("/overdue")
def read_overdue_requests(
    _: CurrentActor,
    seen: SeenDep,
    boundaries: BoundariesDep,
    system: SystemDep,
    looks: LooksDep,
    after: AfterParameter = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> LedgerPage:
    """逾期申请 Requests that wait for an answer past their day, the longest first."""
    found = page(
        system.readings,
        seen.reading,
        "requests",
        Wanted(
            boundaries=boundaries,
            last=seen.reading.today - DAY,
            equals={"stage": Stage.WAITING},
        ),
        after=after,
        limit=limit,
    )
    looks.list(RecordKind.REQUEST, Looked.OVERDUE, len(found.rows))
    return LedgerPage(
        reading=ReadAt.of(seen.reading),
        boundaries=str(boundaries),
        ledger=Sheet.of(found.ledger),
        rows=found.rows,
        next=found.next,
    )


@queries.get("/{request_id}")
def read_request(
    request_id: UUID, actor: CurrentActor, system: SystemDep, looks: LooksDep
) -> Progress:
    """申请办理进度 Whether a request waits for its answer, and since when it does not.

    Who received it at the window tells the person so; the answer itself comes from who decides.
    """
    records, jurisdiction = system.records, system.records.jurisdiction
    request = records.get_proved(PersonRequest, request_id)
    jurisdiction.require_sight(actor, Action.RECEIVE_REQUESTS, request)
    looks.record(
        request_id, RecordKind.REQUEST, next(iter(jurisdiction.whereabouts(request).spots))
    )
    return Progress(
        request=request_id,
        stage=request.stage,
        label=request.stage.label,
        due_on=request.due_on,
        settled_on=request.changed_on if request.stage is Stage.SETTLED else None,
    )


@queries.get("/{request_id}/words")
def read_request_words(
    request_id: UUID, actor: CurrentActor, system: SystemDep, looks: LooksDep, desk: RequestsDep
) -> Words:
    """申请内容与答复 What the person wrote and was told, opened under a trace."""
    request = system.records.get_proved(PersonRequest, request_id)
    system.records.jurisdiction.require_sight(actor, Action.DECIDE_REQUESTS, request)
    viewing = looks.viewing(request_id, RecordKind.REQUEST, request.place, what=Looked.WORDS)
    return desk.read(request_id, viewing, Command(actor))


@queries.get("/{request_id}/holdings")
def read_holdings(
    request_id: UUID,
    actor: CurrentActor,
    reading: ReadingDep,
    boundaries: BoundariesDep,
    system: SystemDep,
    looks: LooksDep,
    desk: UnsealingDep,
) -> Holdings:
    """所持个人信息 What is held about the person who asks, and nothing of the other's.

    It is shown once it is known who asks and as long as the person does, to somebody else than who
    made sure of it. What a couple counts as is left out: it follows from the
    other's steps as well. Who the person is and notes stay sealed here; a copy discloses them.
    """
    records, jurisdiction = system.records, system.records.jurisdiction
    request = records.get_proved(PersonRequest, request_id)
    jurisdiction.require_sight(actor, Action.DECIDE_REQUESTS, request)
    demand = request.require_answerable(actor.id)
    record = records.proved(demand.record)
    jurisdiction.require_sight(actor, LOOKING[type(record)], record)
    party = demand.part.party

    def of(event: Event) -> bool:
        return party is None or (isinstance(record, Case) and is_shown(event, party, record))

    moments = timeline(system.readings, reading, demand.record, boundaries=boundaries)
    own = timeline(
        system.readings,
        reading,
        demand.record,
        boundaries=boundaries,
        left_out=() if party is None else OF_THE_COUPLE,
        of=of,
        unexplained=() if party is None else WITH_OPEN_REASON,
    )
    spots = jurisdiction.whereabouts(record).spots
    kind, spot = PERSONAL[type(record)], spots[0] if spots else None
    shown = {moment.version for moment in own}
    # What is shown need not be signed: what is opened goes by what is.
    written = desk.written(
        demand.record, of=lambda event: event.originator_version in shown and of(event)
    )
    viewing = looks.viewing(demand.record, kind, spot and place_of(spot), what=Looked.HOLDINGS)
    texts, look = desk.texts(written, viewing, Command(actor))
    return Holdings(
        reading=ReadAt.of(reading),
        record=demand.record,
        part=demand.part,
        moments=own,
        withheld=len(moments) - len(own),
        texts=texts,
        look=look.last_position,
    )
