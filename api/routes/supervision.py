"""Commands on supervision orders (督办单)."""

from typing import Annotated
from uuid import UUID

from fastapi import Body

from api.commands import AnswerDep, CommandDep, CommandRoute, NewId, Recorded, new_id
from api.desks import SupervisionDep
from api.parts import Part
from domain.base import Day, FreeText, Place
from domain.supervision import Evidence, Order
from domain.values import EscalationStep

router = Part(prefix="/orders", tags=["督办 Supervision orders"], route_class=CommandRoute)


@router.post("", status_code=201)
def issue_order(
    order: Order,
    place: Place,
    by: CommandDep,
    desk: SupervisionDep,
    answer: AnswerDep,
    chosen: NewId = None,
) -> Recorded:
    """下达督办单 Issue an order, its evidence pinned by positions in the log."""
    order_id = new_id(chosen, by)
    return answer(order_id, desk.issue(order_id, order, place, by))


@router.post("/{order_id}/correction", status_code=201)
def correct_order(
    order_id: UUID,
    after: Order,
    place: Place,
    by: CommandDep,
    desk: SupervisionDep,
    answer: AnswerDep,
) -> Recorded:
    """更正督办单 Put right what was entered at issue."""
    return answer(order_id, desk.correct(order_id, after, place, by))


@router.post("/{order_id}/voiding", status_code=201)
def void_order(order_id: UUID, by: CommandDep, desk: SupervisionDep, answer: AnswerDep) -> Recorded:
    """作废督办单 Take back an order issued by mistake, with its write-off."""
    return answer(order_id, desk.void(order_id, by))


@router.post("/{order_id}/acknowledgement", status_code=201)
def acknowledge_order(
    order_id: UUID, by: CommandDep, desk: SupervisionDep, answer: AnswerDep
) -> Recorded:
    """签收 Confirm receipt."""
    return answer(order_id, desk.acknowledge(order_id, by))


@router.post("/{order_id}/progress", status_code=201)
def report_progress(
    order_id: UUID,
    text: Annotated[FreeText, Body()],
    by: CommandDep,
    desk: SupervisionDep,
    answer: AnswerDep,
) -> Recorded:
    """报告进展 Say how far rectification has come."""
    return answer(order_id, desk.report_progress(order_id, text, by))


@router.post("/{order_id}/evidence", status_code=201)
def submit_evidence(
    order_id: UUID,
    text: Annotated[FreeText, Body()],
    by: CommandDep,
    desk: SupervisionDep,
    answer: AnswerDep,
    evidence: Annotated[Evidence, Body()] = (),
) -> Recorded:
    """提交整改材料 Show that it is done, by text and by positions in the log."""
    return answer(order_id, desk.submit_evidence(order_id, text, evidence, by))


@router.post("/{order_id}/return", status_code=201)
def return_order(
    order_id: UUID, by: CommandDep, desk: SupervisionDep, answer: AnswerDep
) -> Recorded:
    """退回整改 Return it for further rectification, with the reason."""
    return answer(order_id, desk.send_back(order_id, by))


@router.post("/{order_id}/verification", status_code=201)
def verify_order(
    order_id: UUID, by: CommandDep, desk: SupervisionDep, answer: AnswerDep
) -> Recorded:
    """核查 Confirm the evidence, as someone who did not rectify."""
    return answer(order_id, desk.verify(order_id, by))


@router.post("/{order_id}/write-off", status_code=201)
def write_off_order(
    order_id: UUID, by: CommandDep, desk: SupervisionDep, answer: AnswerDep
) -> Recorded:
    """销号 Settle a verified order."""
    return answer(order_id, desk.write_off(order_id, by))


@router.post("/{order_id}/write-off/voiding", status_code=201)
def void_write_off(
    order_id: UUID, by: CommandDep, desk: SupervisionDep, answer: AnswerDep
) -> Recorded:
    """作废销号 Take back a write-off entered by mistake."""
    return answer(order_id, desk.void_write_off(order_id, by))


@router.post("/{order_id}/escalation", status_code=201)
def escalate_order(
    order_id: UUID,
    step: Annotated[EscalationStep, Body()],
    by: CommandDep,
    desk: SupervisionDep,
    answer: AnswerDep,
) -> Recorded:
    """升级督办 Go one step up the ladder, with the reason."""
    return answer(order_id, desk.escalate(order_id, step, by))


@router.post("/{order_id}/deadline", status_code=201)
def extend_deadline(
    order_id: UUID,
    after: Annotated[Day, Body()],
    by: CommandDep,
    desk: SupervisionDep,
    answer: AnswerDep,
) -> Recorded:
    """延期 Give more time, with the reason, before the deadline has passed."""
    return answer(order_id, desk.extend_deadline(order_id, after, by))
