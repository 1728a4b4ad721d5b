"""Commands on centres, stations and rooms (中心/站/室)."""

from typing import Annotated
from uuid import UUID

from fastapi import Body

from api.commands import AnswerDep, CommandDep, CommandRoute, NewId, Recorded, new_id
from api.desks import CentresDep
from api.parts import Part
from domain.base import Day, FreeText, Instant, Text
from domain.centre_events import (
    Appropriation,
    AssistanceRequest,
    Establishment,
    Evidence,
    Inspection,
    Outreach,
    RegistryOffice,
    Shift,
    Spending,
    Subsidy,
)
from domain.values import CentreGrade

router = Part(prefix="/centres", tags=["中心 Centres"], route_class=CommandRoute)


@router.post("", status_code=201)
def establish_centre(
    establishment: Establishment,
    by: CommandDep,
    desk: CentresDep,
    answer: AnswerDep,
    chosen: NewId = None,
) -> Recorded:
    """设立中心/站/室 Found a centre, station or room."""
    centre_id = new_id(chosen, by)
    return answer(centre_id, desk.establish(centre_id, establishment, by))


@router.post("/{centre_id}/establishment/correction", status_code=201)
def correct_establishment(
    centre_id: UUID, after: Establishment, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """更正设立信息 Put right what was entered at the founding."""
    return answer(centre_id, desk.correct_establishment(centre_id, after, by))


@router.post("/{centre_id}/establishment/voiding", status_code=201)
def void_establishment(
    centre_id: UUID, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """作废设立 Take back a centre entered by mistake."""
    return answer(centre_id, desk.void_establishment(centre_id, by))


@router.post("/{centre_id}/relocation", status_code=201)
def relocate_centre(
    centre_id: UUID,
    address: Annotated[Text, Body()],
    by: CommandDep,
    desk: CentresDep,
    answer: AnswerDep,
) -> Recorded:
    """迁址 Move to another address within the region."""
    return answer(centre_id, desk.relocate(centre_id, address, by))


@router.post("/{centre_id}/registry-offices", status_code=201)
def revise_registry_offices(
    centre_id: UUID,
    offices: Annotated[tuple[RegistryOffice, ...], Body()],
    by: CommandDep,
    desk: CentresDep,
    answer: AnswerDep,
) -> Recorded:
    """调整覆盖的婚姻登记处 Cover these registry offices from now on."""
    return answer(centre_id, desk.revise_registry_offices(centre_id, offices, by))


@router.post("/{centre_id}/suspension", status_code=201)
def suspend_centre(
    centre_id: UUID, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """暂停 Stop work for a time."""
    return answer(centre_id, desk.suspend(centre_id, by))


@router.post("/{centre_id}/resumption", status_code=201)
def resume_centre(centre_id: UUID, by: CommandDep, desk: CentresDep, answer: AnswerDep) -> Recorded:
    """恢复 Work again."""
    return answer(centre_id, desk.resume(centre_id, by))


@router.post("/{centre_id}/closing", status_code=201)
def close_centre(centre_id: UUID, by: CommandDep, desk: CentresDep, answer: AnswerDep) -> Recorded:
    """撤销 Close a centre for good."""
    return answer(centre_id, desk.close(centre_id, by))


@router.post("/{centre_id}/closing/voiding", status_code=201)
def void_closing(centre_id: UUID, by: CommandDep, desk: CentresDep, answer: AnswerDep) -> Recorded:
    """作废撤销 Take a closing back."""
    return answer(centre_id, desk.void_closing(centre_id, by))


@router.post("/{centre_id}/reassignment", status_code=201)
def reassign_centre(
    centre_id: UUID,
    to_region: Annotated[UUID, Body()],
    effective_on: Annotated[Day, Body()],
    by: CommandDep,
    desk: CentresDep,
    answer: AnswerDep,
) -> Recorded:
    """区划调整 Follow a change of boundaries."""
    return answer(centre_id, desk.reassign(centre_id, to_region, effective_on, by))


@router.post("/{centre_id}/inspections", status_code=201)
def inspect_facilities(
    centre_id: UUID, inspection: Inspection, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """设施检查 Record an inspection against a standard."""
    return answer(centre_id, desk.inspect_facilities(centre_id, inspection, by))


@router.post("/{centre_id}/grade/award", status_code=201)
def award_grade(
    centre_id: UUID,
    grade: Annotated[CentreGrade, Body()],
    evidence: Evidence,
    by: CommandDep,
    desk: CentresDep,
    answer: AnswerDep,
) -> Recorded:
    """评定等级 Award a first or a higher grade."""
    return answer(centre_id, desk.award_grade(centre_id, grade, evidence, by))


@router.post("/{centre_id}/grade/review", status_code=201)
def review_grade(
    centre_id: UUID, evidence: Evidence, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """复核等级 Confirm the grade."""
    return answer(centre_id, desk.review_grade(centre_id, evidence, by))


@router.post("/{centre_id}/grade/lowering", status_code=201)
def lower_grade(
    centre_id: UUID,
    grade: Annotated[CentreGrade, Body()],
    evidence: Evidence,
    by: CommandDep,
    desk: CentresDep,
    answer: AnswerDep,
) -> Recorded:
    """降低等级 Lower the grade."""
    return answer(centre_id, desk.lower_grade(centre_id, grade, evidence, by))


@router.post("/{centre_id}/grade/revocation", status_code=201)
def revoke_grade(
    centre_id: UUID, evidence: Evidence, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """取消等级 Take the grade away."""
    return answer(centre_id, desk.revoke_grade(centre_id, evidence, by))


@router.post("/{centre_id}/outreach", status_code=201)
def hold_outreach(
    centre_id: UUID, outreach: Outreach, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """培训宣传 Record a training or publicity event."""
    return answer(centre_id, desk.hold_outreach(centre_id, outreach, by))


@router.post("/{centre_id}/outreach/correction", status_code=201)
def correct_outreach(
    centre_id: UUID, after: Outreach, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """更正培训宣传 Put an event right."""
    return answer(centre_id, desk.correct_outreach(centre_id, after, by))


@router.post("/{centre_id}/outreach/{outreach}/voiding", status_code=201)
def void_outreach(
    centre_id: UUID, outreach: UUID, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """作废培训宣传 Take an event out of the figures."""
    return answer(centre_id, desk.void_outreach(centre_id, outreach, by))


@router.post("/{centre_id}/assistance", status_code=201)
def request_assistance(
    centre_id: UUID, request: AssistanceRequest, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """吹哨 Whistle for volunteers."""
    return answer(centre_id, desk.request_assistance(centre_id, request, by))


@router.post("/{centre_id}/assistance/correction", status_code=201)
def correct_assistance(
    centre_id: UUID,
    after: AssistanceRequest,
    by: CommandDep,
    desk: CentresDep,
    answer: AnswerDep,
    arrived_at: Annotated[Instant | None, Body()] = None,
) -> Recorded:
    """更正吹哨 Put a whistle and the time of its first answer right."""
    return answer(centre_id, desk.correct_assistance(centre_id, after, arrived_at, by))


@router.post("/{centre_id}/assistance/{assistance}/dispatch", status_code=201)
def dispatch_volunteer(
    centre_id: UUID,
    assistance: UUID,
    practitioner: Annotated[UUID, Body()],
    dispatched_at: Annotated[Instant, Body()],
    by: CommandDep,
    desk: CentresDep,
    answer: AnswerDep,
) -> Recorded:
    """派员 Send a volunteer."""
    return answer(
        centre_id, desk.dispatch_volunteer(centre_id, assistance, practitioner, dispatched_at, by)
    )


@router.post("/{centre_id}/assistance/{assistance}/arrival", status_code=201)
def record_arrival(
    centre_id: UUID,
    assistance: UUID,
    practitioner: Annotated[UUID, Body()],
    arrived_at: Annotated[Instant, Body()],
    by: CommandDep,
    desk: CentresDep,
    answer: AnswerDep,
) -> Recorded:
    """报到 A volunteer reports."""
    return answer(
        centre_id, desk.volunteer_arrives(centre_id, assistance, practitioner, arrived_at, by)
    )


@router.post("/{centre_id}/assistance/{assistance}/completion", status_code=201)
def complete_assistance(
    centre_id: UUID,
    assistance: UUID,
    completed_at: Annotated[Instant, Body()],
    by: CommandDep,
    desk: CentresDep,
    answer: AnswerDep,
    result: Annotated[FreeText | None, Body()] = None,
) -> Recorded:
    """办结 Settle the matter."""
    return answer(
        centre_id, desk.complete_assistance(centre_id, assistance, completed_at, result, by)
    )


@router.post("/{centre_id}/assistance/{assistance}/cancellation", status_code=201)
def cancel_assistance(
    centre_id: UUID, assistance: UUID, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """取消吹哨 Call the request off."""
    return answer(centre_id, desk.cancel_assistance(centre_id, assistance, by))


@router.post("/{centre_id}/assistance/{assistance}/voiding", status_code=201)
def void_assistance(
    centre_id: UUID, assistance: UUID, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """作废吹哨 Take a whistle out of the figures."""
    return answer(centre_id, desk.void_assistance(centre_id, assistance, by))


@router.post("/{centre_id}/shifts", status_code=201)
def work_shift(
    centre_id: UUID, shift: Shift, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """值班 Record a shift."""
    return answer(centre_id, desk.work_shift(centre_id, shift, by))


@router.post("/{centre_id}/shifts/correction", status_code=201)
def correct_shift(
    centre_id: UUID, after: Shift, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """更正值班 Put a shift right."""
    return answer(centre_id, desk.correct_shift(centre_id, after, by))


@router.post("/{centre_id}/shifts/{shift}/voiding", status_code=201)
def void_shift(
    centre_id: UUID, shift: UUID, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """作废值班 Take a shift out of the figures."""
    return answer(centre_id, desk.void_shift(centre_id, shift, by))


@router.post("/{centre_id}/funds/appropriations", status_code=201)
def appropriate_funds(
    centre_id: UUID,
    appropriation: Appropriation,
    by: CommandDep,
    desk: CentresDep,
    answer: AnswerDep,
) -> Recorded:
    """拨款 Record funds granted."""
    return answer(centre_id, desk.appropriate_funds(centre_id, appropriation, by))


@router.post("/{centre_id}/funds/appropriations/correction", status_code=201)
def correct_appropriation(
    centre_id: UUID, after: Appropriation, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """更正拨款 Put an appropriation right."""
    return answer(centre_id, desk.correct_appropriation(centre_id, after, by))


@router.post("/{centre_id}/funds/appropriations/{appropriation}/voiding", status_code=201)
def void_appropriation(
    centre_id: UUID, appropriation: UUID, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """作废拨款 Take an appropriation out of the figures."""
    return answer(centre_id, desk.void_appropriation(centre_id, appropriation, by))


@router.post("/{centre_id}/funds/spendings", status_code=201)
def spend_funds(
    centre_id: UUID, spending: Spending, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """支出 Record a spending."""
    return answer(centre_id, desk.spend_funds(centre_id, spending, by))


@router.post("/{centre_id}/funds/spendings/correction", status_code=201)
def correct_spending(
    centre_id: UUID, after: Spending, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """更正支出 Put a spending right."""
    return answer(centre_id, desk.correct_spending(centre_id, after, by))


@router.post("/{centre_id}/funds/spendings/{spending}/voiding", status_code=201)
def void_spending(
    centre_id: UUID, spending: UUID, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """作废支出 Take a spending out of the figures."""
    return answer(centre_id, desk.void_spending(centre_id, spending, by))


@router.post("/{centre_id}/funds/subsidies", status_code=201)
def pay_subsidy(
    centre_id: UUID, subsidy: Subsidy, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """补贴 Record a subsidy."""
    return answer(centre_id, desk.pay_subsidy(centre_id, subsidy, by))


@router.post("/{centre_id}/funds/subsidies/correction", status_code=201)
def correct_subsidy(
    centre_id: UUID, after: Subsidy, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """更正补贴 Put a subsidy right."""
    return answer(centre_id, desk.correct_subsidy(centre_id, after, by))


@router.post("/{centre_id}/funds/subsidies/{subsidy}/voiding", status_code=201)
def void_subsidy(
    centre_id: UUID, subsidy: UUID, by: CommandDep, desk: CentresDep, answer: AnswerDep
) -> Recorded:
    """作废补贴 Take a subsidy out of the figures."""
    return answer(centre_id, desk.void_subsidy(centre_id, subsidy, by))
