"""Commands on practitioners (辅导员/志愿者)."""

from typing import Annotated
from uuid import UUID

from fastapi import Body

from api.commands import AnswerDep, CommandDep, CommandRoute, NewId, Recorded, new_id
from api.desks import TeamDep
from api.parts import Part
from application.team import CertificateFacts, RegistrationFacts
from domain.practitioner_events import (
    AppointmentLetter,
    Appraisal,
    Post,
    ServiceHours,
    Star,
    Tenure,
    Training,
)

router = Part(prefix="/practitioners", tags=["队伍 Team"], route_class=CommandRoute)


@router.post("", status_code=201)
def register_practitioner(
    registration: RegistrationFacts,
    by: CommandDep,
    desk: TeamDep,
    answer: AnswerDep,
    chosen: NewId = None,
) -> Recorded:
    """登记人员 Join the team; the identity is sealed."""
    practitioner_id = new_id(chosen, by)
    return answer(practitioner_id, desk.register(practitioner_id, registration, by))


@router.post("/{practitioner_id}/registration/correction", status_code=201)
def correct_registration(
    practitioner_id: UUID,
    after: RegistrationFacts,
    by: CommandDep,
    desk: TeamDep,
    answer: AnswerDep,
) -> Recorded:
    """更正登记 Put right what was entered at registration."""
    return answer(practitioner_id, desk.correct_registration(practitioner_id, after, by))


@router.post("/{practitioner_id}/registration/voiding", status_code=201)
def void_registration(
    practitioner_id: UUID, by: CommandDep, desk: TeamDep, answer: AnswerDep
) -> Recorded:
    """作废登记 Take back a registration made by mistake."""
    return answer(practitioner_id, desk.void_registration(practitioner_id, by))


@router.post("/{practitioner_id}/deregistration", status_code=201)
def deregister_practitioner(
    practitioner_id: UUID, by: CommandDep, desk: TeamDep, answer: AnswerDep
) -> Recorded:
    """退出队伍 Leave the team, and every post."""
    return answer(practitioner_id, desk.deregister(practitioner_id, by))


@router.post("/{practitioner_id}/deregistration/voiding", status_code=201)
def void_deregistration(
    practitioner_id: UUID, by: CommandDep, desk: TeamDep, answer: AnswerDep
) -> Recorded:
    """作废退出 Take back a leaving entered by mistake."""
    return answer(practitioner_id, desk.void_deregistration(practitioner_id, by))


@router.post("/{practitioner_id}/certificates", status_code=201)
def register_certificate(
    practitioner_id: UUID,
    certificate: CertificateFacts,
    by: CommandDep,
    desk: TeamDep,
    answer: AnswerDep,
) -> Recorded:
    """登记证书 Present a certificate; it counts once verified."""
    return answer(practitioner_id, desk.register_certificate(practitioner_id, certificate, by))


@router.post("/{practitioner_id}/certificates/correction", status_code=201)
def correct_certificate(
    practitioner_id: UUID, after: CertificateFacts, by: CommandDep, desk: TeamDep, answer: AnswerDep
) -> Recorded:
    """更正证书 Put a certificate right."""
    return answer(practitioner_id, desk.correct_certificate(practitioner_id, after, by))


@router.post("/{practitioner_id}/certificates/{certificate}/verification", status_code=201)
def verify_certificate(
    practitioner_id: UUID, certificate: UUID, by: CommandDep, desk: TeamDep, answer: AnswerDep
) -> Recorded:
    """核验证书 Confirm that a certificate is genuine."""
    return answer(practitioner_id, desk.verify_certificate(practitioner_id, certificate, by))


@router.post("/{practitioner_id}/certificates/{certificate}/revocation", status_code=201)
def revoke_certificate(
    practitioner_id: UUID, certificate: UUID, by: CommandDep, desk: TeamDep, answer: AnswerDep
) -> Recorded:
    """撤销证书 Note that a certificate is valid no longer."""
    return answer(practitioner_id, desk.revoke_certificate(practitioner_id, certificate, by))


@router.post("/{practitioner_id}/certificates/{certificate}/voiding", status_code=201)
def void_certificate(
    practitioner_id: UUID, certificate: UUID, by: CommandDep, desk: TeamDep, answer: AnswerDep
) -> Recorded:
    """作废证书 Take back a certificate entered by mistake."""
    return answer(practitioner_id, desk.void_certificate(practitioner_id, certificate, by))


@router.post("/{practitioner_id}/letters", status_code=201)
def issue_letter(
    practitioner_id: UUID,
    letter: AppointmentLetter,
    by: CommandDep,
    desk: TeamDep,
    answer: AnswerDep,
) -> Recorded:
    """颁发聘书 Hand over a letter of appointment."""
    return answer(practitioner_id, desk.issue_letter(practitioner_id, letter, by))


@router.post("/{practitioner_id}/posts", status_code=201)
def assume_post(
    practitioner_id: UUID, post: Post, by: CommandDep, desk: TeamDep, answer: AnswerDep
) -> Recorded:
    """到岗 Take a post."""
    return answer(practitioner_id, desk.assume_post(practitioner_id, post, by))


@router.post("/{practitioner_id}/posts/correction", status_code=201)
def correct_post(
    practitioner_id: UUID, after: Tenure, by: CommandDep, desk: TeamDep, answer: AnswerDep
) -> Recorded:
    """更正岗位 Put a post or its end right."""
    return answer(practitioner_id, desk.correct_post(practitioner_id, after, by))


@router.post("/{practitioner_id}/posts/{post}/leaving", status_code=201)
def leave_post(
    practitioner_id: UUID, post: UUID, by: CommandDep, desk: TeamDep, answer: AnswerDep
) -> Recorded:
    """离岗 Leave a post."""
    return answer(practitioner_id, desk.leave_post(practitioner_id, post, by))


@router.post("/{practitioner_id}/posts/{post}/primary", status_code=201)
def move_primary_post(
    practitioner_id: UUID, post: UUID, by: CommandDep, desk: TeamDep, answer: AnswerDep
) -> Recorded:
    """变更主岗 Be counted at another post."""
    return answer(practitioner_id, desk.move_primary(practitioner_id, post, by))


@router.post("/{practitioner_id}/posts/{post}/voiding", status_code=201)
def void_post(
    practitioner_id: UUID, post: UUID, by: CommandDep, desk: TeamDep, answer: AnswerDep
) -> Recorded:
    """作废岗位 Take back a post entered by mistake."""
    return answer(practitioner_id, desk.void_post(practitioner_id, post, by))


@router.post("/{practitioner_id}/trainings", status_code=201)
def complete_training(
    practitioner_id: UUID, training: Training, by: CommandDep, desk: TeamDep, answer: AnswerDep
) -> Recorded:
    """完成培训 Record a course."""
    return answer(practitioner_id, desk.complete_training(practitioner_id, training, by))


@router.post("/{practitioner_id}/trainings/correction", status_code=201)
def correct_training(
    practitioner_id: UUID, after: Training, by: CommandDep, desk: TeamDep, answer: AnswerDep
) -> Recorded:
    """更正培训 Put a course right."""
    return answer(practitioner_id, desk.correct_training(practitioner_id, after, by))


@router.post("/{practitioner_id}/trainings/{training}/voiding", status_code=201)
def void_training(
    practitioner_id: UUID, training: UUID, by: CommandDep, desk: TeamDep, answer: AnswerDep
) -> Recorded:
    """作废培训 Take a course out of the figures."""
    return answer(practitioner_id, desk.void_training(practitioner_id, training, by))


@router.post("/{practitioner_id}/hours", status_code=201)
def credit_hours(
    practitioner_id: UUID, hours: ServiceHours, by: CommandDep, desk: TeamDep, answer: AnswerDep
) -> Recorded:
    """认定服务时长 Credit service."""
    return answer(practitioner_id, desk.credit_hours(practitioner_id, hours, by))


@router.post("/{practitioner_id}/hours/correction", status_code=201)
def correct_hours(
    practitioner_id: UUID,
    after: ServiceHours,
    requested_by: Annotated[UUID, Body()],
    by: CommandDep,
    desk: TeamDep,
    answer: AnswerDep,
) -> Recorded:
    """更正服务时长 Put service hours right; requester and verifier differ."""
    return answer(practitioner_id, desk.correct_hours(practitioner_id, after, requested_by, by))


@router.post("/{practitioner_id}/hours/{hours}/voiding", status_code=201)
def void_hours(
    practitioner_id: UUID, hours: UUID, by: CommandDep, desk: TeamDep, answer: AnswerDep
) -> Recorded:
    """作废服务时长 Take service hours out of the figures."""
    return answer(practitioner_id, desk.void_hours(practitioner_id, hours, by))


@router.post("/{practitioner_id}/stars", status_code=201)
def award_star(
    practitioner_id: UUID,
    star: Annotated[Star, Body()],
    by: CommandDep,
    desk: TeamDep,
    answer: AnswerDep,
) -> Recorded:
    """评定星级 Award a volunteer a star."""
    return answer(practitioner_id, desk.award_star(practitioner_id, star, by))


@router.post("/{practitioner_id}/stars/revocation", status_code=201)
def revoke_star(
    practitioner_id: UUID,
    by: CommandDep,
    desk: TeamDep,
    answer: AnswerDep,
    after: Annotated[Star | None, Body()] = None,
) -> Recorded:
    """取消星级 Take a star back."""
    return answer(practitioner_id, desk.revoke_star(practitioner_id, after, by))


@router.post("/{practitioner_id}/appraisals", status_code=201)
def record_appraisal(
    practitioner_id: UUID, appraisal: Appraisal, by: CommandDep, desk: TeamDep, answer: AnswerDep
) -> Recorded:
    """年度考核 Appraise a year."""
    return answer(practitioner_id, desk.record_appraisal(practitioner_id, appraisal, by))


@router.post("/{practitioner_id}/appraisals/correction", status_code=201)
def correct_appraisal(
    practitioner_id: UUID, after: Appraisal, by: CommandDep, desk: TeamDep, answer: AnswerDep
) -> Recorded:
    """更正年度考核 Put an appraisal right."""
    return answer(practitioner_id, desk.correct_appraisal(practitioner_id, after, by))
