"""Pinned answers of the statistics (固定报表): made as a command, computed again as a query."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Body
from pydantic import BaseModel

from api.commands import AnswerDep, CommandDep, CommandRoute, NewId, Recorded, new_id
from api.dependencies import CurrentActor, SystemDep
from api.desks import PinsDep
from api.parts import Part
from api.questions import (
    BoundariesDep,
    PositionNumber,
    ReadAt,
    ReadingDep,
    StatisticsDep,
    read_at,
)
from application.jurisdiction import forbidden
from application.policy import Action
from application.records import NotFound
from domain.pin import Pin, PinnedReport, Question
from projections.pins import Cell, Fault, kept_root, pinned, recorded_pin, reproduced, shows
from projections.questions import Period

router = Part(prefix="/statistics/pins", tags=["统计 Statistics"], route_class=CommandRoute)
queries = Part(prefix="/statistics/pins", tags=["统计 Statistics"])


class Pinned(Recorded):
    """The receipt of a pin, and what was pinned."""

    report: PinnedReport


class Reproduced(BaseModel):
    """A pinned answer beside the one computed now.

    `faults` name a definition, the root of the log or the pin itself that is another now; `cells`
    the figures. Another `code` that counts the same is no fault.
    """

    reading: ReadAt
    boundaries: str
    id: UUID
    equal: bool
    report: PinnedReport
    digest: str | None
    root: str | None
    code: str
    faults: list[Fault]
    cells: list[Cell]


@router.post("", status_code=201)
def pin_statistics(
    question: Question,
    by: CommandDep,
    desk: PinsDep,
    statistics: StatisticsDep,
    system: SystemDep,
    answer: AnswerDep,
    chosen: NewId = None,
    position: Annotated[
        PositionNumber | None,
        Body(
            description="截至位置，缺省为现在。The position to read at; default: now.",
        ),
    ] = None,
) -> Pinned:
    """固定报表 Pin figures: recorded with the log's size and root, to be computed again.

    Figures of places that whoever pins may not see today are not pinned.
    """
    Period(question.first, question.last)
    pin_id = new_id(chosen, by)
    jurisdiction = system.records.jurisdiction

    def made(question: Question) -> PinnedReport:
        reading = read_at(system.readings, None if position is None else str(position))
        jurisdiction.require_question(
            by.by, Action.PIN, question, reading.position, reading.recorded_at
        )
        with system.readings.connection() as connection:
            report = pinned(statistics, reading, question, partial(kept_root, connection))
        seen = reading.seen(jurisdiction.sight(by.by, Action.PIN))
        if not shows(statistics, seen, report):
            raise forbidden(by.by, Action.PIN)
        return report

    receipt = desk.pin(pin_id, question, position, by, made)
    return Pinned(
        **answer(pin_id, receipt).model_dump(), report=found(system, pin_id, receipt.last_position)
    )


@queries.get("/{pin_id}/reproduced")
def reproduce_pin(
    actor: CurrentActor,
    pin_id: UUID,
    reading: ReadingDep,
    boundaries: BoundariesDep,
    statistics: StatisticsDep,
    system: SystemDep,
) -> Reproduced:
    """复算报表 Compute pinned figures again and name what differs.

    The root comes from the tree as it is kept; `huhang reproduce` inspects every row of the log.
    """
    report = found(system, pin_id, reading.position)
    jurisdiction = system.records.jurisdiction
    jurisdiction.require_sight(actor, Action.READ_FIGURES, Pin(pin_id, report=report))
    then = system.readings.at(report.size)
    jurisdiction.require_question(
        actor, Action.READ_FIGURES, report.question, then.position, then.recorded_at
    )
    with system.readings.connection() as connection:
        now = reproduced(statistics, report, partial(kept_root, connection))
    return Reproduced(
        reading=ReadAt.of(reading),
        boundaries=str(boundaries),
        id=pin_id,
        equal=now.equal,
        report=report,
        digest=now.digest,
        root=now.root,
        code=now.code,
        faults=list(now.faults),
        cells=list(now.cells),
    )


def found(system: SystemDep, pin_id: UUID, position: int) -> PinnedReport:
    """What was pinned under an id, as known at a position. Raises `NotFound`."""
    with system.readings.connection() as connection:
        recorded = recorded_pin(connection, pin_id, position)
    if recorded is None:
        raise NotFound(
            f"There is no pin {pin_id}; check the number.", f"没有固定报表 {pin_id}，请核对编号。"
        )
    return recorded.report
