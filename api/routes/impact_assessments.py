"""Commands on the register of impact assessments (个人信息保护影响评估)."""

from uuid import UUID

from api.commands import AnswerDep, CommandDep, CommandRoute, NewId, Recorded, new_id
from api.desks import AssessmentsDep
from api.parts import Part
from domain.assessment import Findings
from domain.base import Place

router = Part(
    prefix="/impact-assessments", tags=["个人信息 Personal data"], route_class=CommandRoute
)


@router.post("", status_code=201)
def record_impact_assessment(
    findings: Findings,
    place: Place,
    by: CommandDep,
    desk: AssessmentsDep,
    answer: AnswerDep,
    chosen: NewId = None,
) -> Recorded:
    """登记影响评估 Enter an assessment that was done."""
    assessment = new_id(chosen, by)
    return answer(assessment, desk.record(assessment, findings, place, by))


@router.post("/{assessment}/correction", status_code=201)
def correct_impact_assessment(
    assessment: UUID, after: Findings, by: CommandDep, desk: AssessmentsDep, answer: AnswerDep
) -> Recorded:
    """更正影响评估 Correct what was entered, as long as nobody approved it."""
    return answer(assessment, desk.correct(assessment, after, by))


@router.post("/{assessment}/approval", status_code=201)
def approve_impact_assessment(
    assessment: UUID, by: CommandDep, desk: AssessmentsDep, answer: AnswerDep
) -> Recorded:
    """审定影响评估 Take responsibility for its outcome, as somebody who did not write it."""
    return answer(assessment, desk.approve(assessment, by))


@router.post("/{assessment}/return", status_code=201)
def return_impact_assessment(
    assessment: UUID, by: CommandDep, desk: AssessmentsDep, answer: AnswerDep
) -> Recorded:
    """退回影响评估 Let it be done better, for a reason."""
    return answer(assessment, desk.send_back(assessment, by))
