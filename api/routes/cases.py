"""Commands on cases (个案): one couple or person, one course of counselling."""

from typing import Annotated
from uuid import UUID

from fastapi import Body

from api.commands import AnswerDep, CommandDep, CommandRoute, NewId, Recorded, new_id
from api.desks import CaseworkDep
from api.parts import Part
from application.casework import AssessmentFacts, ClosureFacts, Identity, PlanFacts, SessionFacts
from domain.base import Day, Occurred, Place
from domain.case_facts import (
    Appointment,
    Number,
    Opening,
    Parties,
    Profile,
    RiskReading,
    Screening,
)
from domain.values import AnswerKind, Party, RiskLevel

router = Part(prefix="/cases", tags=["个案 Cases"], route_class=CommandRoute)


@router.post("", status_code=201)
def open_case(
    opening: Opening,
    place: Place,
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
    chosen: NewId = None,
) -> Recorded:
    """立案 Open a case where the couple came."""
    case_id = new_id(chosen, by)
    return answer(case_id, desk.open(case_id, opening, place, by))


@router.post("/{case_id}/opening/correction", status_code=201)
def correct_case_opening(
    case_id: UUID,
    after: Opening,
    on: Annotated[Day, Body()],
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
) -> Recorded:
    """更正立案 Correct what a case was opened with, or the day."""
    return answer(case_id, desk.correct_opening(case_id, after, on, by))


@router.post("/{case_id}/parties", status_code=201)
def identify_party(
    case_id: UUID,
    party: Annotated[Party, Body()],
    identity: Identity,
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
    profile: Profile | None = None,
) -> Recorded:
    """登记当事人 Note who a party is; the identity is sealed."""
    return answer(case_id, desk.identify(case_id, party, identity, profile, by))


@router.post("/{case_id}/parties/correction", status_code=201)
def correct_party(
    case_id: UUID,
    party: Annotated[Party, Body()],
    identity: Identity,
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
    profile: Profile | None = None,
) -> Recorded:
    """更正当事人 Note that a party is someone else, or its attributes are others."""
    return answer(case_id, desk.correct_identity(case_id, party, identity, profile, by))


@router.post("/{case_id}/anonymity", status_code=201)
def note_anonymous(case_id: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep) -> Recorded:
    """登记匿名 Note that they prefer to stay unnamed."""
    return answer(case_id, desk.note_anonymous(case_id, by))


@router.post("/{case_id}/encounters", status_code=201)
def link_encounter(
    case_id: UUID,
    encounter: Annotated[UUID, Body()],
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
) -> Recorded:
    """关联此前接触 Link an earlier encounter."""
    return answer(case_id, desk.link_encounter(case_id, encounter, by))


@router.post("/{case_id}/application/observation", status_code=201)
def observe_application(
    case_id: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """登记离婚申请（2020年底前） Note an application before 2021."""
    return answer(case_id, desk.observe_application(case_id, by))


@router.post("/{case_id}/application/acceptance", status_code=201)
def accept_application(
    case_id: UUID,
    receipt: Annotated[Number, Body()],
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
) -> Recorded:
    """受理离婚申请（2021年起） Note an accepted application; its 30 + 30 days are computed."""
    return answer(case_id, desk.accept_application(case_id, receipt, by))


@router.post("/{case_id}/application/correction", status_code=201)
def correct_application(
    case_id: UUID,
    on: Annotated[Day, Body()],
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
    receipt: Annotated[Number | None, Body()] = None,
) -> Recorded:
    """更正离婚申请 Correct the day or receipt; the periods are computed anew."""
    return answer(case_id, desk.correct_application(case_id, on, receipt, by))


@router.post("/{case_id}/application/voiding", status_code=201)
def void_application(
    case_id: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """作废离婚申请 Take an application back."""
    return answer(case_id, desk.void_application(case_id, by))


@router.post("/{case_id}/offers", status_code=201)
def offer_counselling(
    case_id: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """告知辅导服务 Offer counselling: voluntary and free."""
    return answer(case_id, desk.offer(case_id, by))


@router.post("/{case_id}/consents", status_code=201)
def give_consent(
    case_id: UUID,
    party: Annotated[Party, Body()],
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
) -> Recorded:
    """同意辅导 Note the consent of a party."""
    return answer(case_id, desk.consent(case_id, party, by))


@router.post("/{case_id}/refusals", status_code=201)
def decline_counselling(
    case_id: UUID,
    party: Annotated[Party, Body()],
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
) -> Recorded:
    """拒绝辅导 Note that a party declines."""
    return answer(case_id, desk.decline(case_id, party, by))


@router.post("/{case_id}/consents/withdrawal", status_code=201)
def withdraw_consent(
    case_id: UUID,
    party: Annotated[Party, Body()],
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
) -> Recorded:
    """撤回同意 Note that a party no longer consents."""
    return answer(case_id, desk.withdraw_consent(case_id, party, by))


@router.post("/{case_id}/answers/correction", status_code=201)
def correct_answer(
    case_id: UUID,
    kind: Annotated[AnswerKind, Body()],
    on: Annotated[Day, Body()],
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
    party: Annotated[Party | None, Body()] = None,
) -> Recorded:
    """更正告知或答复 Correct the day of an offer, consent or refusal."""
    return answer(case_id, desk.correct_answer(case_id, kind, party, on, by))


@router.post("/{case_id}/answers/voiding", status_code=201)
def void_answer(
    case_id: UUID,
    kind: Annotated[AnswerKind, Body()],
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
    party: Annotated[Party | None, Body()] = None,
) -> Recorded:
    """作废告知或答复 Take an offer, consent or refusal back."""
    return answer(case_id, desk.void_answer(case_id, kind, party, by))


@router.post("/{case_id}/screenings", status_code=201)
def screen_party(
    case_id: UUID, screening: Screening, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """安全筛查 Record a safety screening of one party alone."""
    return answer(case_id, desk.screen(case_id, screening, by))


@router.post("/{case_id}/screenings/correction", status_code=201)
def correct_screening(
    case_id: UUID,
    after: Screening,
    at: Annotated[Occurred, Body()],
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
) -> Recorded:
    """更正安全筛查 Correct a screening, with the time it took place."""
    return answer(case_id, desk.correct_screening(case_id, after, at, by))


@router.post("/{case_id}/screenings/{screening}/voiding", status_code=201)
def void_screening(
    case_id: UUID, screening: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """作废安全筛查 Take a screening back."""
    return answer(case_id, desk.void_screening(case_id, screening, by))


@router.post("/{case_id}/risk", status_code=201)
def set_risk(
    case_id: UUID,
    level: Annotated[RiskLevel, Body()],
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
) -> Recorded:
    """设定风险等级 Set the risk level."""
    return answer(case_id, desk.set_risk(case_id, level, by))


@router.post("/{case_id}/risk/correction", status_code=201)
def correct_risk(
    case_id: UUID,
    on: Annotated[Day, Body()],
    after: RiskReading,
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
) -> Recorded:
    """更正风险等级 Correct the risk level set for a day."""
    return answer(case_id, desk.correct_risk(case_id, on, after, by))


@router.post("/{case_id}/risk/voiding", status_code=201)
def void_risk(
    case_id: UUID, on: Annotated[Day, Body()], by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """作废风险等级 Take back the risk level set for a day."""
    return answer(case_id, desk.void_risk(case_id, on, by))


@router.post("/{case_id}/assessments", status_code=201)
def record_assessment(
    case_id: UUID, assessment: AssessmentFacts, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """登记评估 Record an assessment."""
    return answer(case_id, desk.assess(case_id, assessment, by))


@router.post("/{case_id}/assessments/correction", status_code=201)
def correct_assessment(
    case_id: UUID, after: AssessmentFacts, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """更正评估 Correct an assessment."""
    return answer(case_id, desk.correct_assessment(case_id, after, by))


@router.post("/{case_id}/assessments/{assessment}/voiding", status_code=201)
def void_assessment(
    case_id: UUID, assessment: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """作废评估 Take an assessment back."""
    return answer(case_id, desk.void_assessment(case_id, assessment, by))


@router.post("/{case_id}/plans", status_code=201)
def agree_plan(
    case_id: UUID, plan: PlanFacts, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """商定辅导计划 Record a plan agreed with the couple."""
    return answer(case_id, desk.agree_plan(case_id, plan, by))


@router.post("/{case_id}/plans/correction", status_code=201)
def correct_plan(
    case_id: UUID, after: PlanFacts, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """更正辅导计划 Correct a plan."""
    return answer(case_id, desk.correct_plan(case_id, after, by))


@router.post("/{case_id}/plans/{plan}/voiding", status_code=201)
def void_plan(
    case_id: UUID, plan: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """作废辅导计划 Take a plan back."""
    return answer(case_id, desk.void_plan(case_id, plan, by))


@router.post("/{case_id}/counsellors", status_code=201)
def assign_counsellor(
    case_id: UUID,
    practitioner: Annotated[UUID, Body()],
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
) -> Recorded:
    """指派辅导员 Give the case to a practitioner."""
    return answer(case_id, desk.assign(case_id, practitioner, by))


@router.post("/{case_id}/counsellors/{practitioner}/recusal", status_code=201)
def recuse_counsellor(
    case_id: UUID, practitioner: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """辅导员回避 Keep a practitioner out of the case."""
    return answer(case_id, desk.recuse(case_id, practitioner, by))


@router.post("/{case_id}/appointments", status_code=201)
def book_appointment(
    case_id: UUID, appointment: Appointment, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """预约辅导 Agree on a session for a later time."""
    return answer(case_id, desk.book(case_id, appointment, by))


@router.post("/{case_id}/appointments/rescheduling", status_code=201)
def reschedule_appointment(
    case_id: UUID, after: Appointment, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """改约 Move an appointment."""
    return answer(case_id, desk.reschedule(case_id, after, by))


@router.post("/{case_id}/appointments/{appointment}/absence", status_code=201)
def miss_appointment(
    case_id: UUID,
    appointment: UUID,
    absent: Annotated[Parties, Body()],
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
) -> Recorded:
    """爽约 Note who did not come."""
    return answer(case_id, desk.miss(case_id, appointment, absent, by))


@router.post("/{case_id}/appointments/{appointment}/cancellation", status_code=201)
def cancel_appointment(
    case_id: UUID, appointment: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """取消预约 Call an appointment off."""
    return answer(case_id, desk.cancel_appointment(case_id, appointment, by))


@router.post("/{case_id}/sessions", status_code=201)
def hold_session(
    case_id: UUID, session: SessionFacts, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """辅导记录 Record a counselling session; its process notes are sealed."""
    return answer(case_id, desk.hold_session(case_id, session, by))


@router.post("/{case_id}/sessions/correction", status_code=201)
def correct_session(
    case_id: UUID, after: SessionFacts, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """更正辅导记录 Correct a session; notes that are left out stay."""
    return answer(case_id, desk.correct_session(case_id, after, by))


@router.post("/{case_id}/sessions/{session}/voiding", status_code=201)
def void_session(
    case_id: UUID, session: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """作废辅导记录 Take a session back."""
    return answer(case_id, desk.void_session(case_id, session, by))


@router.post("/{case_id}/transfer/request", status_code=201)
def request_transfer(
    case_id: UUID, to: Place, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """申请移交 Ask another centre to take over."""
    return answer(case_id, desk.request_transfer(case_id, to, by))


@router.post("/{case_id}/transfer/acceptance", status_code=201)
def accept_transfer(
    case_id: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """接收移交 Take the case over, as the receiving centre."""
    return answer(case_id, desk.accept_transfer(case_id, by))


@router.post("/{case_id}/transfer/rejection", status_code=201)
def reject_transfer(
    case_id: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """拒绝移交 Decline to take over, with the reason."""
    return answer(case_id, desk.reject_transfer(case_id, by))


@router.post("/{case_id}/closure/proposal", status_code=201)
def propose_closure(
    case_id: UUID, proposal: ClosureFacts, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """申请结案 Propose to close the case."""
    return answer(case_id, desk.propose_closure(case_id, proposal, by))


@router.post("/{case_id}/closure/approval", status_code=201)
def approve_closure(
    case_id: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """批准结案 Close the case, as someone other than the proposer."""
    return answer(case_id, desk.approve_closure(case_id, by))


@router.post("/{case_id}/closure/return", status_code=201)
def return_closure(case_id: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep) -> Recorded:
    """退回结案申请 Send the proposal back, with the reason."""
    return answer(case_id, desk.return_closure(case_id, by))


@router.post("/{case_id}/closure/voiding", status_code=201)
def void_closure(case_id: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep) -> Recorded:
    """作废结案 Take a closure back that was a mistake."""
    return answer(case_id, desk.void_closure(case_id, by))


@router.post("/{case_id}/reopening", status_code=201)
def reopen_case(case_id: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep) -> Recorded:
    """重新开启 Go on with a closed case, with the reason."""
    return answer(case_id, desk.reopen(case_id, by))


@router.post("/{case_id}/archiving", status_code=201)
def archive_case(
    case_id: UUID,
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
    keep_until: Annotated[
        Day | None,
        Body(
            description="保管期限至；不填为永久保管，以后不能更改。"
            "Until when it is kept; without it for good, which nothing changes later. "
            "`GET /retention` has the shortest terms."
        ),
    ] = None,
) -> Recorded:
    """归档 Hand a closed case to the archive."""
    return answer(case_id, desk.archive(case_id, keep_until, by))


@router.post("/{case_id}/voiding", status_code=201)
def void_case(
    case_id: UUID,
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
    duplicate_of: Annotated[UUID | None, Body()] = None,
) -> Recorded:
    """作废个案 Take back a whole case with all that it counted."""
    return answer(case_id, desk.void(case_id, duplicate_of, by))
