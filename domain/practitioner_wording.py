"""What people read of a practitioner (辅导员/志愿者): refusals as sentences, titles of events."""

from __future__ import annotations

from domain.sentence import Sentence

PRACTITIONER_REFUSALS = {
    "practitioner-exists": Sentence(
        "This person was registered before; use a new id for another one.",
        "该人员已登记，登记他人请使用新的编号。",
    ),
    "practitioner-not-registered": Sentence(
        "There is no such practitioner; register the person first.",
        "该人员尚未登记，请先登记。",
    ),
    "practitioner-deregistered": Sentence(
        "The practitioner left on {left_on}; enter facts of days up to then, or void the leaving.",
        "该人员已于 {left_on} 离队，只能补录该日及以前的事项，或先作废离队登记。",
    ),
    "practitioner-not-deregistered": Sentence(
        "The practitioner has not left; there is no leaving to void.",
        "该人员未离队，没有可作废的离队登记。",
    ),
    "registration-has-records": Sentence(
        "Posts, certificates, training or hours are on record; void them first.",
        "该人员已有岗位、证书、培训或时长记录，请先作废这些记录。",
    ),
    "certificate-already-verified": Sentence(
        "The certificate was verified on {verified_on}.",
        "该证书已于 {verified_on} 核验。",
    ),
    "certificate-expired": Sentence(
        "The certificate expired on {expires_on}; register the renewed one.",
        "该证书已于 {expires_on} 到期，请登记换发的新证书。",
    ),
    "certificate-revoked": Sentence(
        "The certificate was revoked on {revoked_on}; register a new one.",
        "该证书已于 {revoked_on} 吊销，请登记新证书。",
    ),
    "certificate-not-yet-presented": Sentence(
        "The certificate was presented on {presented_on}; verify it on that day or a later one.",
        "该证书于 {presented_on} 提交，核验日期不得早于该日。",
    ),
    "certificate-issued-later": Sentence(
        "The certificate was presented on {presented_on}, so it was issued by then; check the day.",
        "该证书于 {presented_on} 提交，签发日期不得晚于该日，请核对。",
    ),
    "certificate-registered-twice": Sentence(
        "A certificate of this kind and number is registered; correct that one.",
        "同类同号证书已登记，请更正原记录。",
    ),
    "verifier-not-independent": Sentence(
        "Neither the holder nor who registered the certificate may verify it; ask a colleague.",
        "持证人和登记人不得核验该证书，请由他人核验。",
    ),
    "revocation-needs-reason": Sentence(
        "Say why this is revoked.",
        "吊销或取消须填写原因。",
    ),
    "post-needs-centre": Sentence(
        "A post is at a centre, station or room; name it.",
        "岗位须在具体的中心、站或室，请填写。",
    ),
    "post-already-held": Sentence(
        "The practitioner holds a post at this centre in that time; leave or correct it first.",
        "该人员同期已在该机构任职，请先离岗或更正原岗位。",
    ),
    "post-already-left": Sentence(
        "The post was left on {left_on}; correct it if that is wrong.",
        "该岗位已于 {left_on} 离岗，有误请更正。",
    ),
    "post-already-primary": Sentence(
        "This post is the primary one already.",
        "该岗位已是主岗位。",
    ),
    "post-after-leaving": Sentence(
        "A post begins or ends after this day; leave later, or correct the post first.",
        "有岗位的起止日期晚于该日，请改用更晚的离队日期，或先更正岗位。",
    ),
    "requester-verifies": Sentence(
        "Who asks for this correction cannot verify it; let someone else enter it.",
        "申请更正时长的人不得自行核验，请由他人录入。",
    ),
    "own-service": Sentence(
        "Nobody credits, trains, rewards, pays, appoints or appraises himself; "
        "let someone else enter it.",
        "不得为本人认定时长、登记培训、授予星级、发放补贴、任职或登记、更正考核，请由他人录入。",
    ),
    "hours-need-rule": Sentence(
        "{passed} minutes passed and {credited} are credited; name the rule for the difference.",
        "实际 {passed} 分钟，认定 {credited} 分钟，二者不同须写明认定规则。",
    ),
    "stars-are-for-volunteers": Sentence(
        "Stars are for volunteers; full-time counsellors are appraised.",
        "星级只授予志愿者，专职辅导员请登记考核。",
    ),
    "star-unknown": Sentence(
        "There is no star {star}; the policy has one to five.",
        "没有 {star} 星，星级为一至五星。",
    ),
    "star-already-held": Sentence(
        "The volunteer has star {star}; award a higher one.",
        "该志愿者已是 {star} 星，只能授予更高星级。",
    ),
    "star-not-held": Sentence(
        "There is no such star to take back; check the present one.",
        "没有可取消的星级，请核对现有星级。",
    ),
    "star-not-reached": Sentence(
        "{hours} hours are needed, {credited} minutes are credited; credit the missing ones first.",
        "该星级需 {hours} 小时，现认定 {credited} 分钟，请待达到时长或补录后再授予。",
    ),
    "year-already-appraised": Sentence(
        "The year {year} is appraised already; correct that appraisal.",
        "{year} 年度已考核，请更正原考核。",
    ),
    "year-not-appraised": Sentence(
        "The year {year} has no appraisal; record it first.",
        "{year} 年度尚未考核，请先登记。",
    ),
}

PRACTITIONER_TITLES = {
    "practitioner.registered.v1": "人员登记",
    "practitioner.registration-corrected.v1": "更正人员登记",
    "practitioner.registration-voided.v1": "作废人员登记",
    "practitioner.certificate-registered.v1": "登记证书",
    "practitioner.certificate-verified.v1": "核验证书",
    "practitioner.certificate-revoked.v1": "吊销证书",
    "practitioner.certificate-corrected.v1": "更正证书",
    "practitioner.certificate-voided.v1": "作废证书",
    "practitioner.letter-issued.v1": "颁发聘书",
    "practitioner.post-assumed.v1": "到岗",
    "practitioner.post-left.v1": "离岗",
    "practitioner.primary-post-moved.v1": "变更主岗位",
    "practitioner.post-corrected.v1": "更正岗位",
    "practitioner.post-voided.v1": "作废岗位",
    "practitioner.training-completed.v1": "完成培训",
    "practitioner.training-corrected.v1": "更正培训",
    "practitioner.training-voided.v1": "作废培训",
    "practitioner.service-hours-credited.v1": "认定服务时长",
    "practitioner.service-hours-corrected.v1": "更正服务时长",
    "practitioner.service-hours-voided.v1": "作废服务时长",
    "practitioner.star-awarded.v1": "授予星级",
    "practitioner.star-revoked.v1": "取消星级",
    "practitioner.appraisal-recorded.v1": "登记考核",
    "practitioner.appraisal-corrected.v1": "更正考核",
    "practitioner.deregistered.v1": "离队",
    "practitioner.deregistration-voided.v1": "作废离队",
}
