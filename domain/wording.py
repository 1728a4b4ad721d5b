"""What people read: a sentence for every refusal in English and Chinese, a title for every event.

Sentences name the rule and say what to do next; `{name}` is filled from the refusal's context.
"""

from __future__ import annotations

from typing import NamedTuple


class Sentence(NamedTuple):
    """One sentence in two languages."""

    en: str
    zh: str


class Said(Exception):  # noqa: N818 - said to people
    """An error in a sentence for people: in English as its text, in Chinese as `zh`."""

    def __init__(self, en: str, zh: str | None = None) -> None:
        super().__init__(en)
        self.zh = en if zh is None else zh


STAMP = {
    "occurred-in-future": Sentence(
        "The business time {occurred} lies in the future; enter when it really happened.",
        "业务时间 {occurred} 在未来，请填写实际发生的时间。",
    ),
    "late-entry-needs-reason": Sentence(
        "This happened {days} days ago; give a reason for the late entry.",
        "该事项发生于 {days} 天前，补录须填写原因。",
    ),
}

CASE_REFUSALS = {
    "correction-needs-reason": Sentence(
        "Say why this is corrected or voided.",
        "更正或作废须填写原因。",
    ),
    "correction-changes-nothing": Sentence(
        "The correction is the same as the record; change something or leave it.",
        "更正内容与原记录相同，请修改后再提交。",
    ),
    "record-exists": Sentence(
        "This record was entered before; correct the one that is there.",
        "该记录已经录入，请更正原记录，不要重复录入。",
    ),
    "record-unknown": Sentence(
        "There is no such record here; check which one you mean.",
        "没有这条记录，请核对。",
    ),
    "record-voided": Sentence(
        "This record was voided; enter a new one.",
        "该记录已作废，请重新录入。",
    ),
    "not-yet-happened": Sentence(
        "{occurred} lies after the time of this entry; enter when it really happened.",
        "{occurred} 晚于本次业务时间，请填写实际发生的时间。",
    ),
    "times-out-of-order": Sentence(
        "{on} does not fit the order of events; check the date against the file.",
        "{on} 与前后事项的时间顺序不符，请对照档案核对日期。",
    ),
    "case-already-opened": Sentence(
        "This case is open already; open another one under a new id.",
        "该个案已立案，请用新的编号另立个案。",
    ),
    "case-not-opened": Sentence(
        "There is no such case yet; open it first.",
        "该个案尚未立案，请先立案。",
    ),
    "case-open": Sentence(
        "The case is still open; close it first.",
        "该个案尚未结案，请先结案。",
    ),
    "case-closed": Sentence(
        "The case is closed; reopen it first.",
        "该个案已结案，请先重新开启。",
    ),
    "case-archived": Sentence(
        "The case is in the archive; only corrections are possible.",
        "该个案已归档，只能更正，不能新增。",
    ),
    "case-voided": Sentence(
        "The case was voided; record this in the right case.",
        "该个案已作废，请记入正确的个案。",
    ),
    "before-opening": Sentence(
        "The case was opened on {opened_on}; this lies before it. Check the date, or correct the "
        "opening.",
        "该个案于 {opened_on} 立案，此事项早于立案日期，请核对日期或更正立案信息。",
    ),
    "after-first-fact": Sentence(
        "The case has a fact of {first}; it cannot be opened later than that.",
        "该个案在 {first} 已有记录，立案日期不能更晚。",
    ),
    "party-already-identified": Sentence(
        "This party ({party}) is identified already; correct the identity if it is wrong.",
        "该当事人（{party}）已登记身份，如有误请更正。",
    ),
    "party-not-identified": Sentence(
        "This party ({party}) is not identified yet; identify it first.",
        "该当事人（{party}）尚未登记身份，请先登记。",
    ),
    "identity-already-noted": Sentence(
        "Who they are, or that they stay unnamed, is noted already.",
        "当事人身份或匿名情况已登记。",
    ),
    "encounter-already-linked": Sentence(
        "This encounter is linked to the case already.",
        "该次接触已关联本个案。",
    ),
    "receipt-needed": Sentence(
        "Since 2021 an application is accepted with a receipt and two periods; enter them.",
        "2021年起离婚申请凭受理回执单并有冷静期和领证期，请填写。",
    ),
    "no-receipt-then": Sentence(
        "On {on} agreement divorce was registered on the spot; leave receipt and periods out.",
        "{on} 时协议离婚为当场登记，请勿填写回执单和期限。",
    ),
    "periods-out-of-order": Sentence(
        "The ends of the cooling-off period and the certificate window do not follow {on} in "
        "order; compute them anew.",
        "冷静期、领证期届满日与受理日 {on} 的先后顺序不符，请重新计算。",
    ),
    "application-exists": Sentence(
        "The case has an application already; correct it, or open a new case for a new one.",
        "该个案已有离婚申请，请更正，或为新的申请另立个案。",
    ),
    "no-application": Sentence(
        "The couple has not applied for divorce; record the application first.",
        "该个案没有离婚申请，请先登记申请。",
    ),
    "application-of-other-regime": Sentence(
        "The correction would move the application across 2021-01-01; void it and record it anew.",
        "更正后申请将跨越2021年1月1日，请作废后重新登记。",
    ),
    "not-offered": Sentence(
        "Counselling was not offered by that day; first explain that it is voluntary and free.",
        "当日尚未告知辅导服务，请先告知当事人辅导自愿、免费。",
    ),
    "already-consented": Sentence(
        "This party ({party}) has consented already.",
        "该当事人（{party}）已同意辅导。",
    ),
    "already-declined": Sentence(
        "This party ({party}) has declined; offer counselling again before recording an answer.",
        "该当事人（{party}）已拒绝，请再次告知后再登记答复。",
    ),
    "consent-stands": Sentence(
        "This party ({party}) has consented; record that the consent is withdrawn.",
        "该当事人（{party}）已同意辅导，请登记撤回同意。",
    ),
    "consent-missing": Sentence(
        "The consent of this party ({party}) is missing on that day; ask for it first.",
        "当日缺少该当事人（{party}）的同意，请先征得同意。",
    ),
    "session-needs-consent": Sentence(
        "The session of {held_on} needs this consent ({party}); correct or void the session first.",
        "{held_on} 的辅导以该同意（{party}）为前提，请先更正或作废该次辅导。",
    ),
    "answer-unknown": Sentence(
        "No such offer, consent or refusal is recorded ({kind}).",
        "没有相应的告知、同意或拒绝记录（{kind}）。",
    ),
    "not-alone": Sentence(
        "A safety screening counts only alone; screen this party ({party}) without anyone else.",
        "安全筛查须单独进行，请单独筛查该当事人（{party}）。",
    ),
    "hour-needed": Sentence(
        "Severe danger is reported within 24 hours; enter the hour, not only the day.",
        "现实严重危险须在24小时内报告，请填写具体时间。",
    ),
    "risk-unchanged": Sentence(
        "The case is at this risk level already ({level}).",
        "该个案已是该风险等级（{level}）。",
    ),
    "risk-unknown": Sentence(
        "No risk level was set for {on}.",
        "{on} 没有设定风险等级。",
    ),
    "counsellor-recused": Sentence(
        "This practitioner stays out of the case; choose another one.",
        "该辅导员已回避本个案，请另行安排。",
    ),
    "recusal-needs-reason": Sentence(
        "Say why the practitioner stays out of the case.",
        "回避须填写原因。",
    ),
    "already-assigned": Sentence(
        "This practitioner has the case already.",
        "该辅导员已负责本个案。",
    ),
    "appointment-in-past": Sentence(
        "The time {starts_at} is past; choose a later one.",
        "预约时间 {starts_at} 已过，请另选时间。",
    ),
    "appointment-ahead": Sentence(
        "The appointment is at {starts_at}; it cannot be missed before.",
        "预约时间为 {starts_at}，未到时间不能登记爽约。",
    ),
    "appointment-unknown": Sentence(
        "There is no such appointment ahead; check which one you mean.",
        "没有这个待办预约，请核对。",
    ),
    "session-on-another-day": Sentence(
        "The session was held on {held_on}; the business time must be that day.",
        "该次辅导于 {held_on} 进行，业务时间须为同一天。",
    ),
    "closed-on-that-day": Sentence(
        "The case was closed on {held_on}; a closed case takes no session.",
        "{held_on} 个案处于结案状态，不能登记辅导。",
    ),
    "violence-known": Sentence(
        "Domestic violence is known: no joint session. See each party alone.",
        "已知存在家庭暴力，不得联合辅导，请分别单独辅导。",
    ),
    "not-screened": Sentence(
        "No joint session before this party ({party}) was screened alone; screen first.",
        "该当事人（{party}）尚未单独进行安全筛查，不得联合辅导，请先筛查。",
    ),
    "report-owed": Sentence(
        "A mandatory report is owed, due {due}; make it first. The first receiver is responsible.",
        "尚有强制报告未完成（时限 {due}），请先报告；首接单位负责到底。",
    ),
    "report-stands": Sentence(
        "A mandatory report answers this screening; void or correct the report first.",
        "该筛查已有强制报告，请先更正或作废报告。",
    ),
    "report-not-due": Sentence(
        "That screening shows no severe danger; report without naming it.",
        "该筛查未显示现实严重危险，报告时请勿关联该筛查。",
    ),
    "report-of-other-screening": Sentence(
        "The report answers another screening; void it and enter a new one.",
        "该报告对应另一次筛查，请作废后重新录入。",
    ),
    "already-reported": Sentence(
        "This danger was reported already; enter a further report without naming the screening.",
        "该危险情形已报告，如另行报告请勿关联该筛查。",
    ),
    "outcome-stands": Sentence(
        "The case has an outcome; revise or void it first.",
        "该个案已有结果，请先修正或作废结果。",
    ),
    "outcome-confirmed": Sentence(
        "The registry has confirmed the outcome; revise it if it is wrong.",
        "登记机关已确认结果，如有误请修正。",
    ),
    "no-outcome": Sentence(
        "The case has no outcome yet; record it first.",
        "该个案尚无结果，请先登记结果。",
    ),
    "outcome-needs-application": Sentence(
        "Without an application for divorce there is no such outcome ({outcome}).",
        "没有离婚申请，不能登记该结果（{outcome}）。",
    ),
    "outcome-of-other-regime": Sentence(
        "The law under which they applied does not know this outcome ({outcome}); choose another.",
        "申请时适用的法律没有该结果（{outcome}），请另选。",
    ),
    "outcome-before-application": Sentence(
        "They applied on {applied_on}; the outcome of {on} lies before it.",
        "申请日期为 {applied_on}，结果日期 {on} 早于申请。",
    ),
    "withdrawn-too-late": Sentence(
        "An application is withdrawn until {until}; after that it can only lapse.",
        "撤回申请须在 {until} 前（含当日）提出，此后只能视为撤回。",
    ),
    "registered-outside-window": Sentence(
        "Divorce is registered after {after} and until {until}; check the date.",
        "离婚登记须在 {after} 之后、{until} 之前（含当日）办理，请核对日期。",
    ),
    "lapsed-too-early": Sentence(
        "An application lapses only after the certificate window, which ends on {after}.",
        "领证期于 {after} 届满，此前不能视为撤回。",
    ),
    "no-deferral": Sentence(
        "This outcome ({outcome}) is no deferral that could break; revise it if it is wrong.",
        "该结果（{outcome}）不是取消、暂缓或撤回，不存在反复；如有误请修正。",
    ),
    "deferral-already-broken": Sentence(
        "It is recorded that they came back to the divorce on {broken_on}.",
        "已登记当事人于 {broken_on} 再次提出离婚。",
    ),
    "deferral-not-broken": Sentence(
        "It is not recorded that they came back to the divorce.",
        "没有再次提出离婚的记录。",
    ),
    "referral-answered": Sentence(
        "The referral has this answer already; correct it if it is wrong.",
        "该转介已有答复，如有误请更正。",
    ),
    "referral-not-accepted": Sentence(
        "The referral was not accepted; record the acceptance first.",
        "该转介尚未被接收，请先登记接收。",
    ),
    "due-in-past": Sentence(
        "The due day {due_on} is past; choose a later one.",
        "到期日 {due_on} 已过，请另选日期。",
    ),
    "follow-up-settled": Sentence(
        "This follow-up ended on {settled_on}; schedule another one.",
        "该回访已于 {settled_on} 办结，请另行安排。",
    ),
    "follow-up-ends-once": Sentence(
        "A follow-up is made, lost after three tries, or cancelled; enter one of them.",
        "回访只能为已完成、三次未联系上（失访）或已取消之一，请核对。",
    ),
    "follow-up-not-made": Sentence(
        "That follow-up was not made; record it before its rating.",
        "该回访尚未完成，请先登记回访再评价。",
    ),
    "follow-ups-open": Sentence(
        "Follow-ups are still to be made; make or cancel them before archiving.",
        "尚有未完成的回访，请完成或取消后再归档。",
    ),
    "transfer-to-same-place": Sentence(
        "The case is at this place already; choose another one.",
        "该个案已在此处，请选择其他单位。",
    ),
    "transfer-pending": Sentence(
        "A transfer waits for its answer; wait for it first.",
        "移交申请尚待答复，请先等待答复。",
    ),
    "no-transfer-requested": Sentence(
        "No transfer was requested; request it first.",
        "没有移交申请，请先提出移交。",
    ),
    "not-receiving-centre": Sentence(
        "Only the receiving centre answers a transfer; let it decide.",
        "移交只能由接收单位答复。",
    ),
    "rejection-needs-reason": Sentence(
        "Say why it is rejected or returned.",
        "拒绝或退回须填写原因。",
    ),
    "closure-pending": Sentence(
        "A closure waits for approval; approve or return it first.",
        "结案申请尚待审批，请先审批或退回。",
    ),
    "no-closure-proposed": Sentence(
        "No closure was proposed; propose it first.",
        "没有结案申请，请先提出结案。",
    ),
    "approver-is-proposer": Sentence(
        "Someone else must approve what you proposed.",
        "结案审批人不能是申请人，请由他人审批。",
    ),
    "reopening-needs-reason": Sentence(
        "Say why the case is reopened.",
        "重新开启须填写原因。",
    ),
    "retention-in-past": Sentence(
        "The retention period would end on {keep_until}, before the archiving; check it.",
        "保管期限 {keep_until} 早于归档日期，请核对。",
    ),
    "no-sealed-note": Sentence(
        "This session has no such sealed notes.",
        "该次辅导没有相应的密封笔记。",
    ),
    "personal-data-erased": Sentence(
        "The key of these notes was destroyed; nobody can read them any more.",
        "该笔记的密钥已销毁，无法再读取。",
    ),
    "erasure-needs-reason": Sentence(
        "Say why the personal data is erased.",
        "删除个人信息须填写原因。",
    ),
    "duplicate-of-itself": Sentence(
        "A case is no duplicate of itself; name the case that stays.",
        "个案不能是自身的重复，请填写保留的个案。",
    ),
}

CASE_TITLES = {
    "case.opened.v1": "立案",
    "case.opening-corrected.v1": "更正立案信息",
    "case.party-identified.v1": "登记当事人身份",
    "case.party-identity-corrected.v1": "更正当事人身份",
    "case.anonymous-noted.v1": "登记匿名",
    "case.encounter-linked.v1": "关联此前接触",
    "case.application-observed.v1": "登记离婚申请",
    "case.application-accepted.v1": "受理离婚申请",
    "case.application-corrected.v1": "更正离婚申请",
    "case.application-voided.v1": "作废离婚申请",
    "case.counselling-offered.v1": "告知辅导服务",
    "case.consent-given.v1": "同意辅导",
    "case.counselling-declined.v1": "拒绝辅导",
    "case.consent-withdrawn.v1": "撤回同意",
    "case.answer-corrected.v1": "更正告知或答复",
    "case.answer-voided.v1": "作废告知或答复",
    "case.safety-screened.v1": "安全筛查",
    "case.screening-corrected.v1": "更正安全筛查",
    "case.screening-voided.v1": "作废安全筛查",
    "case.risk-level-set.v1": "设定风险等级",
    "case.risk-level-corrected.v1": "更正风险等级",
    "case.risk-level-voided.v1": "作废风险等级",
    "case.assessment-recorded.v1": "登记评估",
    "case.plan-agreed.v1": "商定辅导计划",
    "case.counsellor-assigned.v1": "指派辅导员",
    "case.counsellor-recused.v1": "辅导员回避",
    "case.appointment-booked.v1": "预约辅导",
    "case.appointment-rescheduled.v1": "改约",
    "case.appointment-missed.v1": "爽约",
    "case.appointment-cancelled.v1": "取消预约",
    "case.session-held.v1": "开展辅导",
    "case.session-corrected.v1": "更正辅导记录",
    "case.session-voided.v1": "作废辅导记录",
    "case.counselling-began.v1": "开始接受辅导",
    "case.counselling-redated.v1": "首次辅导变更",
    "case.counselling-undone.v1": "撤销接受辅导",
    "case.outcome-declared.v1": "当事人告知结果",
    "case.outcome-confirmed.v1": "登记机关确认结果",
    "case.outcome-revised.v1": "修正结果",
    "case.outcome-voided.v1": "作废结果",
    "case.deferral-broken.v1": "再次提出离婚",
    "case.deferral-break-voided.v1": "作废再次提出离婚",
    "case.referral-made.v1": "转介",
    "case.referral-accepted.v1": "转介被接收",
    "case.referral-declined.v1": "转介被拒绝",
    "case.referral-completed.v1": "转介办结",
    "case.referral-corrected.v1": "更正转介",
    "case.referral-voided.v1": "作废转介",
    "case.mandatory-report-made.v1": "强制报告",
    "case.mandatory-report-corrected.v1": "更正强制报告",
    "case.mandatory-report-voided.v1": "作废强制报告",
    "case.warning-letter-noted.v1": "登记告诫书",
    "case.protection-order-noted.v1": "登记人身安全保护令",
    "case.safety-document-voided.v1": "作废告诫书或保护令登记",
    "case.follow-up-scheduled.v1": "安排回访",
    "case.follow-up-made.v1": "完成回访",
    "case.follow-up-missed.v1": "回访未联系上",
    "case.follow-up-cancelled.v1": "取消回访",
    "case.follow-up-corrected.v1": "更正回访",
    "case.follow-up-voided.v1": "作废回访",
    "case.satisfaction-rated.v1": "满意度评价",
    "case.satisfaction-corrected.v1": "更正满意度评价",
    "case.satisfaction-voided.v1": "作废满意度评价",
    "case.transfer-requested.v1": "申请移交",
    "case.transfer-accepted.v1": "接收移交",
    "case.transfer-rejected.v1": "拒绝移交",
    "case.closure-proposed.v1": "申请结案",
    "case.closure-approved.v1": "批准结案",
    "case.closure-returned.v1": "退回结案申请",
    "case.closure-voided.v1": "作废结案",
    "case.reopened.v1": "重新开启",
    "case.archived.v1": "归档",
    "case.sealed-note-opened.v1": "查阅密封笔记",
    "case.personal-data-erased.v1": "删除个人信息",
    "case.voided.v1": "作废个案",
}

CENTRE_REFUSALS = {
    "centre-exists": Sentence(
        "This centre was established before; use a new id for another one.",
        "该机构已设立，另设机构请使用新的编号。",
    ),
    "centre-not-established": Sentence(
        "There is no such centre; establish it first.",
        "该机构尚未设立，请先登记设立。",
    ),
    "centre-closed": Sentence(
        "The centre closed on {closed_on}; enter facts of days up to then, or void the closing.",
        "该机构已于 {closed_on} 撤销，只能补录该日及以前的事项，或先作废撤销登记。",
    ),
    "centre-not-closed": Sentence(
        "The centre is not closed; there is no closing to void.",
        "该机构未撤销，没有可作废的撤销登记。",
    ),
    "centre-suspended": Sentence(
        "The centre does not work after {suspended_on}; check the date, or resume work first.",
        "该机构自 {suspended_on} 后暂停服务，请核对日期，或先恢复服务。",
    ),
    "centre-already-suspended": Sentence(
        "The centre is suspended already.",
        "该机构已暂停服务。",
    ),
    "centre-not-suspended": Sentence(
        "The centre is not suspended; there is nothing to resume.",
        "该机构未暂停服务，无须恢复。",
    ),
    "before-establishment": Sentence(
        "The centre was established on {established_on}; check the date.",
        "该机构设立于 {established_on}，请核对日期。",
    ),
    "establishment-built-upon": Sentence(
        "Later steps build on this establishment; enter a change instead of a correction.",
        "设立登记后已有变更，请登记新的变更，不能更正或作废设立。",
    ),
    "establishment-has-records": Sentence(
        "Facts were counted here; void them first, or reassign the centre.",
        "该机构已有计数的记录，请先作废这些记录，或登记区划调整。",
    ),
    "registry-office-twice": Sentence(
        "A registry office is named twice; name each once.",
        "同一婚姻登记处重复填写，请只填一次。",
    ),
    "region-unchanged": Sentence(
        "The centre lies in this region already.",
        "该机构已在此行政区，无须调整。",
    ),
    "steps-out-of-order": Sentence(
        "The last change was on {changed_on}; this one must not be earlier.",
        "上一次变更日期为 {changed_on}，本次不得早于该日。",
    ),
    "work-recorded-after": Sentence(
        "Work of {last_work_on} is on record; choose that day or a later one, or void the work.",
        "已有 {last_work_on} 的工作记录，请选择该日或以后的日期，或先作废该记录。",
    ),
    "inspection-empty": Sentence(
        "The inspection names no point of the standard; enter what passed and what failed.",
        "检查未填写任何项目，请填写达标与未达标的项目。",
    ),
    "inspection-point-twice": Sentence(
        "A point of the standard is named twice; it either passed or failed.",
        "同一检查项目重复填写，只能填达标或未达标。",
    ),
    "inspection-unknown": Sentence(
        "The inspection named as evidence is not one of this centre; record it first.",
        "所引用的检查不属于该机构，请先登记检查。",
    ),
    "centre-not-graded": Sentence(
        "The centre has no grade yet; award one first.",
        "该机构尚未评定等级，请先评定。",
    ),
    "grade-not-higher": Sentence(
        "The grade is {grade}; award a higher one, or review or lower it.",
        "现等级为 {grade}，授予须高于现等级，否则请登记复核或降级。",
    ),
    "grade-not-lower": Sentence(
        "The grade is {grade}; only a lower one lowers it.",
        "现等级为 {grade}，降级须低于现等级。",
    ),
    "volunteer-already-dispatched": Sentence(
        "This volunteer was sent already.",
        "该志愿者已派出。",
    ),
    "volunteer-not-dispatched": Sentence(
        "This volunteer was not sent; dispatch before the arrival.",
        "该志愿者未被派出，请先登记派员再登记报到。",
    ),
    "volunteer-already-arrived": Sentence(
        "This volunteer has reported already; correct the time if it is wrong.",
        "该志愿者已报到，时间有误请更正。",
    ),
    "assistance-unanswered": Sentence(
        "Nobody has reported yet; record the arrival first.",
        "尚无志愿者报到，请先登记报到。",
    ),
    "assistance-answered": Sentence(
        "A volunteer has reported already; complete the request instead of cancelling it.",
        "已有志愿者报到，请办结而不是取消。",
    ),
    "assistance-settled": Sentence(
        "The request is completed or cancelled; make a new one, or correct or void this one.",
        "该吹哨事项已办结或取消，请另行吹哨，或更正、作废原记录。",
    ),
}

CENTRE_TITLES = {
    "centre.established.v1": "设立机构",
    "centre.establishment-corrected.v1": "更正机构设立",
    "centre.establishment-voided.v1": "作废机构设立",
    "centre.relocated.v1": "机构迁址",
    "centre.registry-offices-revised.v1": "调整覆盖的婚姻登记处",
    "centre.suspended.v1": "暂停服务",
    "centre.resumed.v1": "恢复服务",
    "centre.closed.v1": "撤销机构",
    "centre.closing-voided.v1": "作废机构撤销",
    "centre.reassigned.v1": "机构随区划调整",
    "centre.facilities-inspected.v1": "设施检查",
    "centre.grade-awarded.v1": "授予等级",
    "centre.grade-reviewed.v1": "等级复核",
    "centre.grade-lowered.v1": "等级降低",
    "centre.grade-revoked.v1": "取消等级",
    "centre.outreach-held.v1": "举办培训宣传",
    "centre.outreach-corrected.v1": "更正培训宣传",
    "centre.outreach-voided.v1": "作废培训宣传",
    "centre.assistance-requested.v1": "吹哨",
    "centre.volunteer-dispatched.v1": "派出志愿者",
    "centre.volunteer-arrived.v1": "志愿者报到",
    "centre.assistance-completed.v1": "吹哨事项办结",
    "centre.assistance-cancelled.v1": "取消吹哨",
    "centre.assistance-corrected.v1": "更正吹哨报到",
    "centre.assistance-voided.v1": "作废吹哨报到",
    "centre.shift-worked.v1": "值班",
    "centre.shift-corrected.v1": "更正值班",
    "centre.shift-voided.v1": "作废值班",
    "centre.funds-appropriated.v1": "经费拨付",
    "centre.appropriation-corrected.v1": "更正经费拨付",
    "centre.appropriation-voided.v1": "作废经费拨付",
    "centre.funds-spent.v1": "经费支出",
    "centre.spending-corrected.v1": "更正经费支出",
    "centre.spending-voided.v1": "作废经费支出",
    "centre.subsidy-paid.v1": "发放补贴",
    "centre.subsidy-corrected.v1": "更正补贴",
    "centre.subsidy-voided.v1": "作废补贴",
}

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

CALENDAR_REFUSALS = {
    "calendar-missing": Sentence(
        "No holiday calendar of {year} was known then; load the State Council's notice for {year} "
        "first.",
        "当时尚无 {year} 年节假日安排，请先导入国务院办公厅关于 {year} 年放假安排的通知。",
    ),
    "no-cooling-off": Sentence(
        "On {on} there was no cooling-off period yet; enter the application as registered on the "
        "spot.",
        "{on} 时尚未实行离婚冷静期，请按即时登记录入。",
    ),
}

LOG_REFUSALS = {
    "log-already-begun": Sentence(
        "This log has begun already; what it said of itself stays.",
        "本日志已启用，其性质声明不可更改。",
    ),
}

LOG_TITLES = {
    "log.genesis.v1": "启用日志",
}

REGION_REFUSALS = {
    "region-exists": Sentence(
        "This region is established already; choose another code or first day.",
        "该行政区已设立，请核对代码和设立日期。",
    ),
    "region-not-established": Sentence(
        "There is no such region yet; establish it first.",
        "该行政区尚未设立，请先设立。",
    ),
    "region-id-differs": Sentence(
        "The id does not belong to the code {region}; take the one of scheme, code and first day.",
        "编号与代码 {region} 不符，请使用由编码体系、代码和设立日期得出的编号。",
    ),
    "region-kind-of-other-level": Sentence(
        "A region of kind {kind} does not stand at level {level}; correct one of the two.",
        "类别 {kind} 与层级 {level} 不符，请更正其一。",
    ),
    "region-parent-missing": Sentence(
        "A region of level {level} lies in another one; name it.",
        "层级 {level} 的行政区须指明上级行政区。",
    ),
    "region-parent-not-possible": Sentence(
        "A province lies in no other region here; leave the parent out.",
        "省级行政区没有上级，请勿填写上级行政区。",
    ),
    "region-name-unchanged": Sentence(
        "The region is called {name} already; enter the new name.",
        "该行政区名称已是 {name}，请填写新名称。",
    ),
    "region-parent-unchanged": Sentence(
        "The region lies there already, or would lie in itself; name the new one.",
        "上级行政区没有变化或指向自身，请填写新的上级行政区。",
    ),
    "region-succeeds-itself": Sentence(
        "A region cannot succeed itself; name its successor.",
        "行政区不能由自身承继，请指明承继的行政区。",
    ),
    "region-succession-exists": Sentence(
        "This succession of {effective_on} is recorded already.",
        "{effective_on} 的该项区划承继已登记。",
    ),
    "region-part-needs-area": Sentence(
        "Say which part of the region went to the successor.",
        "部分划转须写明划出的范围。",
    ),
    "region-succession-unknown": Sentence(
        "No succession to this region took effect on {effective_on}; check successor and day.",
        "没有于 {effective_on} 生效的该项区划承继，请核对承继的行政区和日期。",
    ),
    "region-identity-fixed": Sentence(
        "Scheme, code {region} and first day stay; void the region and establish the right one.",
        "编码体系、代码 {region} 和设立日期不可更正，请作废该行政区后另行设立。",
    ),
    "region-not-renamed": Sentence(
        "The region bears its first name; there is no renaming to void.",
        "该行政区未曾更名，没有可作废的更名。",
    ),
    "region-not-moved": Sentence(
        "The region lies where it first lay; there is no move to void.",
        "该行政区未曾改隶，没有可作废的改隶。",
    ),
    "founding-built-upon": Sentence(
        "The region was renamed, moved or passed on since; void that first.",
        "该行政区设立后已更名、改隶或承继，请先作废这些变更。",
    ),
    "founding-has-records": Sentence(
        "Meetings, leading groups or reports of the region stand; void or waive them first.",
        "该行政区名下尚有领导小组、会议、调度或报表，请先作废或免报。",
    ),
    "region-closed": Sentence(
        "The region went to its successor on {closed_on}; record this there.",
        "该行政区已于 {closed_on} 整体并入承继的行政区，请在承继的行政区登记。",
    ),
    "before-region": Sentence(
        "The region exists only from {valid_from} on; check the date.",
        "该行政区自 {valid_from} 起设立，请核对日期。",
    ),
    "leading-group-replaced": Sentence(
        "Another leading group was formed after this one; void that one first.",
        "此后已另行成立领导小组，请先作废后者。",
    ),
    "dispatch-position-pinned": Sentence(
        "What was on screen is pinned at position {position}; void it and record it anew.",
        "调度所示数据固定于日志位置 {position}，如有误请作废后重新登记。",
    ),
    "report-levels-wrong": Sentence(
        "Name the levels that pass the report, each once.",
        "请列明审核层级，每级一次。",
    ),
    "report-already-required": Sentence(
        "The report {form} of this period is required already.",
        "该报告期的 {form} 已布置。",
    ),
    "report-not-required": Sentence(
        "The report {form} of this period is not required; require it first.",
        "该报告期的 {form} 尚未布置，请先布置。",
    ),
    "report-already-submitted": Sentence(
        "The report {form} was submitted already; have it returned, or restate the final one.",
        "{form} 已上报，如需修改请先退回；核定后请重报。",
    ),
    "report-not-submitted": Sentence(
        "The report {form} does not wait for approval; check its status.",
        "{form} 不在待审核状态，请核对。",
    ),
    "report-of-other-level": Sentence(
        "It is the turn of level {level}; wait for it.",
        "当前应由 {level} 级审核，请等待。",
    ),
    "report-approver-submitted": Sentence(
        "Who submitted a report does not decide on it; let someone else do it.",
        "上报人不得审核本人上报的报告，请由他人审核。",
    ),
    "report-already-passed": Sentence(
        "The report {form} was passed by a level; return or restate it.",
        "{form} 已通过审核，请退回或重报。",
    ),
    "report-not-final": Sentence(
        "Only a final report is restated; have {form} returned and submit it again.",
        "只有核定的报告才能重报；请将 {form} 退回后重新上报。",
    ),
    "return-needs-reason": Sentence(
        "Say why it is returned.",
        "退回须填写原因。",
    ),
    "period-reopening-needs-reason": Sentence(
        "Say why the period is opened again.",
        "重新开放报告期须填写原因。",
    ),
    "period-ends-before-it-starts": Sentence(
        "The period ends on {last}, before it starts on {first}; correct one of the two.",
        "报告期止于 {last}，早于起始日 {first}，请更正。",
    ),
    "period-not-over": Sentence(
        "The period runs until {last}; wait for its last day.",
        "报告期至 {last} 止，请待期满。",
    ),
    "period-locked": Sentence(
        "{on} lies in a locked period; have the period opened again.",
        "{on} 所在报告期已锁定，请申请重新开放。",
    ),
    "period-already-locked": Sentence(
        "The period is locked already.",
        "该报告期已锁定。",
    ),
    "period-not-locked": Sentence(
        "The period is not locked; there is nothing to open.",
        "该报告期未锁定，无需开放。",
    ),
    "period-already-open": Sentence(
        "The period is open again already.",
        "该报告期已重新开放。",
    ),
}

REGION_TITLES = {
    "region.established.v1": "设立行政区",
    "region.founding-corrected.v1": "更正行政区设立",
    "region.founding-voided.v1": "作废行政区设立",
    "region.renamed.v1": "行政区更名",
    "region.renaming-voided.v1": "作废行政区更名",
    "region.moved.v1": "行政区改隶",
    "region.move-voided.v1": "作废行政区改隶",
    "region.succeeded.v1": "区划承继",
    "region.succession-corrected.v1": "更正区划承继",
    "region.succession-voided.v1": "作废区划承继",
    "region.leading-group-formed.v1": "成立领导小组",
    "region.leading-group-corrected.v1": "更正领导小组",
    "region.leading-group-voided.v1": "作废领导小组",
    "region.joint-meeting-held.v1": "召开联席会议",
    "region.joint-meeting-corrected.v1": "更正联席会议",
    "region.joint-meeting-voided.v1": "作废联席会议",
    "region.dispatch-held.v1": "情况调度",
    "region.dispatch-corrected.v1": "更正情况调度",
    "region.dispatch-voided.v1": "作废情况调度",
    "region.report-required.v1": "布置报表",
    "region.report-waived.v1": "免报",
    "region.report-submitted.v1": "上报报表",
    "region.report-returned.v1": "退回报表",
    "region.report-approved.v1": "报表审核通过",
    "region.report-restated.v1": "重报报表",
    "region.period-locked.v1": "锁定报告期",
    "region.period-reopened.v1": "重新开放报告期",
}

SUPERVISION_REFUSALS = {
    "order-exists": Sentence(
        "This order was issued before; use a new id for another one.",
        "该督办单已下达，另行督办请使用新的编号。",
    ),
    "order-not-issued": Sentence(
        "There is no such order; issue it first.",
        "该督办单尚未下达，请先下达。",
    ),
    "order-voided": Sentence(
        "The order was voided; issue a new one.",
        "该督办单已作废，请重新下达。",
    ),
    "order-written-off": Sentence(
        "The order was written off on {written_off_on}; void the write-off first if that is wrong.",
        "该督办单已于 {written_off_on} 销号，有误请先作废销号。",
    ),
    "order-not-written-off": Sentence(
        "The order is not written off; there is no write-off to void.",
        "该督办单未销号，没有可作废的销号。",
    ),
    "order-already-acknowledged": Sentence(
        "The order was acknowledged before; go on with rectification.",
        "该督办单已签收，请继续整改。",
    ),
    "order-not-acknowledged": Sentence(
        "The addressee has not acknowledged the order; do that first.",
        "该督办单尚未签收，请先签收。",
    ),
    "order-not-submitted": Sentence(
        "No evidence is waiting to be checked; the addressee must submit it first.",
        "没有待核验的整改材料，请先由承办单位提交。",
    ),
    "order-verified": Sentence(
        "The order is verified; write it off, or return it first.",
        "该督办单已核验，请销号，或先退回整改。",
    ),
    "order-not-verified": Sentence(
        "Only a verified order is written off; have the evidence checked first.",
        "核验通过后方可销号，请先核验。",
    ),
    "verifier-rectified": Sentence(
        "Who took part in rectification may not judge it; ask a colleague.",
        "参与整改的人不得核验、退回或销号，请由他人办理。",
    ),
    "supervision-needs-reason": Sentence(
        "Say why the order is returned, escalated or extended.",
        "退回、升级或延期须填写原因。",
    ),
    "escalation-at-top": Sentence(
        "The order is on the highest step already; there is none above.",
        "该督办单已是最高级别，不能再升级。",
    ),
    "escalation-out-of-order": Sentence(
        "Escalation goes one step at a time; the next one is {following}.",
        "升级须逐级进行，下一级为“{following}”。",
    ),
    "deadline-before-issue": Sentence(
        "The deadline lies before the day of issue, {issued_on}; check both dates.",
        "办结期限早于下达日期 {issued_on}，请核对。",
    ),
    "deadline-not-later": Sentence(
        "The deadline is {deadline} already; name a later day.",
        "现期限为 {deadline}，延期须晚于该日。",
    ),
    "deadline-passed": Sentence(
        "The deadline passed on {deadline}; an overdue order is escalated, not extended.",
        "期限 {deadline} 已过，逾期的督办单不得延期，请按程序升级。",
    ),
    "addressee-elsewhere": Sentence(
        "The addressee is neither the centre nor the region of this place; name one of them.",
        "承办单位不是所填地点的机构或行政区，请核对。",
    ),
}

SUPERVISION_TITLES = {
    "order.issued.v1": "下达督办单",
    "order.acknowledged.v1": "签收督办单",
    "order.progress-reported.v1": "报告整改进展",
    "order.evidence-submitted.v1": "提交整改材料",
    "order.returned.v1": "退回整改",
    "order.verified.v1": "核验整改",
    "order.written-off.v1": "销号",
    "order.write-off-voided.v1": "作废销号",
    "order.escalated.v1": "督办升级",
    "order.deadline-extended.v1": "延长期限",
    "order.corrected.v1": "更正督办单",
    "order.voided.v1": "作废督办单",
}

REVIEW_REFUSALS = {
    "review-exists": Sentence(
        "This review was opened before; use a new id for another one.",
        "该检查已立项，另行检查请使用新的编号。",
    ),
    "review-not-opened": Sentence(
        "There is no such review; open it first.",
        "该检查尚未立项，请先立项。",
    ),
    "review-closed": Sentence(
        "The review is closed; open a new one for what came up since.",
        "该检查已结束，新的问题请另行立项。",
    ),
    "sample-already-drawn": Sentence(
        "The sample is drawn once; review the cases that were drawn.",
        "样本只抽取一次，请检查已抽取的个案。",
    ),
    "sample-not-drawn": Sentence(
        "No sample was drawn yet; draw it first.",
        "尚未抽样，请先抽样。",
    ),
    "case-not-in-sample": Sentence(
        "This case is not in the sample; raise findings about cases that were drawn.",
        "该个案不在样本中，只能对抽中的个案提出问题。",
    ),
    "answer-by-reviewer": Sentence(
        "A reviewer does not answer findings; let the reviewed party answer.",
        "检查人不得答复问题，请由被检查单位答复。",
    ),
    "reviewer-answered": Sentence(
        "Who answered for the reviewed party takes no part in reviewing; ask a colleague.",
        "代表被检查单位答复的人不得参与检查，请由他人办理。",
    ),
    "finding-not-answered": Sentence(
        "The finding is not answered yet; wait for the answer, or withdraw the finding.",
        "该问题尚未答复，请等待答复，或撤回该问题。",
    ),
    "finding-already-settled": Sentence(
        "The finding is settled already; raise a new one if something else came up.",
        "该问题已办结，如有新情况请另行提出。",
    ),
    "findings-unsettled": Sentence(
        "Findings not settled yet: {unsettled}; settle them before closing.",
        "尚有 {unsettled} 个问题未办结，办结后方可结束检查。",
    ),
}

REVIEW_TITLES = {
    "review.opened.v1": "检查立项",
    "review.sample-drawn.v1": "抽取样本",
    "review.finding-raised.v1": "提出问题",
    "review.finding-answered.v1": "答复问题",
    "review.finding-settled.v1": "办结问题",
    "review.closed.v1": "结束检查",
}

ACCESS_REFUSALS = {
    "access-of-another": Sentence(
        "This trace belongs to another reader or day; record it under your own.",
        "该记录属于其他查阅人或其他日期，请记入本人当日的查阅记录。",
    ),
    "access-needs-instant": Sentence(
        "Give the exact time, not only the day.",
        "请填写具体时间，不能只填日期。",
    ),
    "access-ends-first": Sentence(
        "The access would end at {until}, before it begins; name a later time.",
        "查阅截止时间 {until} 早于开始时间，请另行填写。",
    ),
    "access-too-long": Sentence(
        "Until {until} is more than four hours; ask for less, and again if needed.",
        "截止 {until} 超过四小时，请缩短时间，需要时再次申请。",
    ),
    "self-grant": Sentence(
        "Nobody decides on a request of his own; ask a colleague.",
        "不得审批本人的查阅申请，请由他人审批。",
    ),
    "access-already-decided": Sentence(
        "This request is decided already; make a new one if needed.",
        "该申请已审批，需要时请重新申请。",
    ),
    "access-refusal-needs-reason": Sentence(
        "Say why the request is refused.",
        "不予批准须填写原因。",
    ),
    "access-not-granted": Sentence(
        "This access was not granted; wait for the decision, or ask again.",
        "该查阅未获批准，请等待审批或重新申请。",
    ),
    "access-to-another-record": Sentence(
        "The access was granted for another record; request this one.",
        "获准查阅的不是该记录，请另行申请。",
    ),
    "access-over": Sentence(
        "The access ended at {until}; request a new one.",
        "该查阅已于 {until} 到期，请重新申请。",
    ),
    "access-not-over": Sentence(
        "The access lasts until {until}; come back after it has ended.",
        "该查阅至 {until} 方到期，请在到期后办理。",
    ),
    "access-already-expired": Sentence(
        "The end of this access is noted already.",
        "该查阅的到期已登记，无须重复办理。",
    ),
    "owner-already-notified": Sentence(
        "This person was told already.",
        "已告知该负责人，无须重复告知。",
    ),
    "review-due-too-early": Sentence(
        "The verdict is due after the access ends at {until}; name the fifth working day after.",
        "复核期限须晚于查阅到期时间 {until}，请填写其后第五个工作日。",
    ),
    "access-already-reviewed": Sentence(
        "This access has its verdict; there is only one.",
        "该查阅已复核，只能复核一次。",
    ),
    "verdict-by-reader": Sentence(
        "Nobody judges an access of his own; ask a colleague.",
        "不得复核本人的查阅，请由他人复核。",
    ),
    "late-verdict-needs-reason": Sentence(
        "The verdict was due on {due}; say why it is late.",
        "复核期限为 {due}，逾期复核须填写原因。",
    ),
}

ACCESS_TITLES = {
    "access.record-opened.v1": "查阅记录",
    "access.list-opened.v1": "查阅列表",
    "access.search-made.v1": "查询",
    "access.export-made.v1": "导出",
    "access.print-made.v1": "打印",
    "access.requested.v1": "申请紧急查阅",
    "access.granted.v1": "批准紧急查阅",
    "access.refused.v1": "不予批准紧急查阅",
    "access.expired.v1": "紧急查阅到期",
    "access.owner-notified.v1": "告知档案负责人",
    "access.after-reviewed.v1": "事后复核",
}

APPLICATION_REFUSALS = {
    "place-elsewhere": Sentence(
        "On that day the centre lay in another region ({region}); enter that one.",
        "该中心当日所属的行政区为 {region}，请填写该行政区。",
    ),
}

REFUSALS: dict[str, Sentence] = {
    **STAMP,
    **APPLICATION_REFUSALS,
    **CALENDAR_REFUSALS,
    **CASE_REFUSALS,
    **CENTRE_REFUSALS,
    **PRACTITIONER_REFUSALS,
    **LOG_REFUSALS,
    **REGION_REFUSALS,
    **SUPERVISION_REFUSALS,
    **REVIEW_REFUSALS,
    **ACCESS_REFUSALS,
}

TITLES: dict[str, str] = {
    **CASE_TITLES,
    **CENTRE_TITLES,
    **PRACTITIONER_TITLES,
    **LOG_TITLES,
    **REGION_TITLES,
    **SUPERVISION_TITLES,
    **REVIEW_TITLES,
    **ACCESS_TITLES,
}
