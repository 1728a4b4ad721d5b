"""Commands on what becomes of a case: outcome, referrals, reports, follow-ups, satisfaction."""

from typing import Annotated
from uuid import UUID

from fastapi import Body

from api.commands import AnswerDep, CommandDep, CommandRoute, Recorded
from api.desks import CaseworkDep
from api.parts import Part
from application.casework import CaseText, ReferralFacts, ReferralRecordFacts, ReportFacts
from domain.base import Instant, Occurred
from domain.case_facts import (
    FollowUpRecord,
    FollowUpWanted,
    Rating,
    RatingRecord,
    SafetyDocument,
)
from domain.values import CaseOutcome

router = Part(prefix="/cases", tags=["个案 Cases"], route_class=CommandRoute)


@router.post("/{case_id}/outcome/declaration", status_code=201)
def declare_outcome(
    case_id: UUID,
    outcome: Annotated[CaseOutcome, Body()],
    at: Annotated[Occurred, Body()],
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
) -> Recorded:
    """当事人告知结果 Note how it ended, as the parties say."""
    return answer(case_id, desk.declare_outcome(case_id, outcome, at, by))


@router.post("/{case_id}/outcome/confirmation", status_code=201)
def confirm_outcome(
    case_id: UUID,
    outcome: Annotated[CaseOutcome, Body()],
    at: Annotated[Occurred, Body()],
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
) -> Recorded:
    """登记机关确认结果 Note how it ended, as the registry says."""
    return answer(case_id, desk.confirm_outcome(case_id, outcome, at, by))


@router.post("/{case_id}/outcome/revision", status_code=201)
def revise_outcome(
    case_id: UUID,
    outcome: Annotated[CaseOutcome, Body()],
    at: Annotated[Occurred, Body()],
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
) -> Recorded:
    """修正结果 Correct an outcome."""
    return answer(case_id, desk.revise_outcome(case_id, outcome, at, by))


@router.post("/{case_id}/outcome/voiding", status_code=201)
def void_outcome(case_id: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep) -> Recorded:
    """作废结果 Take an outcome back."""
    return answer(case_id, desk.void_outcome(case_id, by))


@router.post("/{case_id}/outcome/break", status_code=201)
def break_deferral(case_id: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep) -> Recorded:
    """再次提出离婚 Note that the couple came back to the divorce."""
    return answer(case_id, desk.break_deferral(case_id, by))


@router.post("/{case_id}/outcome/break/voiding", status_code=201)
def void_deferral_break(
    case_id: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """作废再次提出离婚 Take back that they came back to the divorce."""
    return answer(case_id, desk.void_deferral_break(case_id, by))


@router.post("/{case_id}/referrals", status_code=201)
def make_referral(
    case_id: UUID, referral: ReferralFacts, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """转介 Refer the case to another body."""
    return answer(case_id, desk.refer(case_id, referral, by))


@router.post("/{case_id}/referrals/correction", status_code=201)
def correct_referral(
    case_id: UUID, after: ReferralRecordFacts, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """更正转介 Correct a referral or its dates."""
    return answer(case_id, desk.correct_referral(case_id, after, by))


@router.post("/{case_id}/referrals/{referral}/acceptance", status_code=201)
def accept_referral(
    case_id: UUID, referral: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """转介被接收 Note that the other body takes it on."""
    return answer(case_id, desk.accept_referral(case_id, referral, by))


@router.post("/{case_id}/referrals/{referral}/refusal", status_code=201)
def decline_referral(
    case_id: UUID, referral: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """转介被拒绝 Note that the other body does not take it on."""
    return answer(case_id, desk.decline_referral(case_id, referral, by))


@router.post("/{case_id}/referrals/{referral}/completion", status_code=201)
def complete_referral(
    case_id: UUID, referral: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """转介办结 Note that the other body has done its part."""
    return answer(case_id, desk.complete_referral(case_id, referral, by))


@router.post("/{case_id}/referrals/{referral}/voiding", status_code=201)
def void_referral(
    case_id: UUID, referral: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """作废转介 Take a referral back."""
    return answer(case_id, desk.void_referral(case_id, referral, by))


@router.post("/{case_id}/reports", status_code=201)
def make_report(
    case_id: UUID, report: ReportFacts, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """强制报告 Record a mandatory report."""
    return answer(case_id, desk.report(case_id, report, by))


@router.post("/{case_id}/reports/correction", status_code=201)
def correct_report(
    case_id: UUID,
    after: ReportFacts,
    at: Annotated[Instant, Body()],
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
) -> Recorded:
    """更正强制报告 Correct a mandatory report, with its instant."""
    return answer(case_id, desk.correct_report(case_id, after, at, by))


@router.post("/{case_id}/reports/{report}/voiding", status_code=201)
def void_report(
    case_id: UUID, report: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """作废强制报告 Take a mandatory report back."""
    return answer(case_id, desk.void_report(case_id, report, by))


@router.post("/{case_id}/warning-letters", status_code=201)
def note_warning_letter(
    case_id: UUID, document: SafetyDocument, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """登记告诫书 Note a warning letter of the police."""
    return answer(case_id, desk.note_warning_letter(case_id, document, by))


@router.post("/{case_id}/protection-orders", status_code=201)
def note_protection_order(
    case_id: UUID, document: SafetyDocument, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """登记人身安全保护令 Note a protection order of a court."""
    return answer(case_id, desk.note_protection_order(case_id, document, by))


@router.post("/{case_id}/documents/{document}/voiding", status_code=201)
def void_safety_document(
    case_id: UUID, document: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """作废告诫书或保护令登记 Take back a letter or order noted by mistake."""
    return answer(case_id, desk.void_document(case_id, document, by))


@router.post("/{case_id}/follow-ups", status_code=201)
def schedule_follow_up(
    case_id: UUID, follow_up: FollowUpWanted, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """安排回访 Schedule a follow-up; without a day it is due as the risk level demands."""
    return answer(case_id, desk.schedule_follow_up(case_id, follow_up, by))


@router.post("/{case_id}/follow-ups/correction", status_code=201)
def correct_follow_up(
    case_id: UUID, after: FollowUpRecord, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """更正回访 Correct a follow-up or its dates."""
    return answer(case_id, desk.correct_follow_up(case_id, after, by))


@router.post("/{case_id}/follow-ups/{follow_up}/completion", status_code=201)
def make_follow_up(
    case_id: UUID,
    follow_up: UUID,
    by: CommandDep,
    desk: CaseworkDep,
    answer: AnswerDep,
    summary: Annotated[CaseText | None, Body()] = None,
) -> Recorded:
    """完成回访 Record that they were reached."""
    return answer(case_id, desk.make_follow_up(case_id, follow_up, summary, by))


@router.post("/{case_id}/follow-ups/{follow_up}/miss", status_code=201)
def miss_follow_up(
    case_id: UUID, follow_up: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """回访未联系上 Record a try that did not reach them."""
    return answer(case_id, desk.miss_follow_up(case_id, follow_up, by))


@router.post("/{case_id}/follow-ups/{follow_up}/cancellation", status_code=201)
def cancel_follow_up(
    case_id: UUID, follow_up: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """取消回访 Cancel a follow-up."""
    return answer(case_id, desk.cancel_follow_up(case_id, follow_up, by))


@router.post("/{case_id}/follow-ups/{follow_up}/voiding", status_code=201)
def void_follow_up(
    case_id: UUID, follow_up: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """作废回访 Take a follow-up back."""
    return answer(case_id, desk.void_follow_up(case_id, follow_up, by))


@router.post("/{case_id}/ratings", status_code=201)
def rate_satisfaction(
    case_id: UUID, rating: Rating, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """满意度评价 Record how satisfied someone was."""
    return answer(case_id, desk.rate(case_id, rating, by))


@router.post("/{case_id}/ratings/correction", status_code=201)
def correct_rating(
    case_id: UUID, after: RatingRecord, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """更正满意度评价 Correct a rating."""
    return answer(case_id, desk.correct_rating(case_id, after, by))


@router.post("/{case_id}/ratings/{rating}/voiding", status_code=201)
def void_rating(
    case_id: UUID, rating: UUID, by: CommandDep, desk: CaseworkDep, answer: AnswerDep
) -> Recorded:
    """作废满意度评价 Take a rating back."""
    return answer(case_id, desk.void_rating(case_id, rating, by))
