"""What people read of a case (个案): refusals as sentences, titles of events."""

from __future__ import annotations

from domain.sentence import Sentence

CASE_REFUSALS = {
    "guardian-consent-missing": Sentence(
        "A child under 14 is recorded only with the consent of a parent or guardian; get it first.",
        "登记不满十四周岁未成年人的信息须取得父母或者其他监护人同意，请先取得同意。",
    ),
    "minor-not-approved": Sentence(
        "The {party} is a minor ({age}); let somebody else approve first that it is recorded.",
        "{party}为未成年人（{age}），须先由他人审批后方可登记其身份。",
    ),
    "minor-approved-by-oneself": Sentence(
        "Who approved that a minor is recorded does not record it; ask a colleague.",
        "审批登记未成年人信息的人不得自行登记，请由他人办理。",
    ),
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
    "outcome-not-known": Sentence(
        "No outcome of this case stands in the log; enter it first, or close for another reason.",
        "该个案尚无结果记录，请先登记结果，或选择其他结案原因。",
    ),
    "not-over-yet": Sentence(
        "It ends at {ends_at}, which is still to come; enter it when it is over, or with the "
        "minutes it really took.",
        "结束时间 {ends_at} 尚未到，请在结束后录入，或填写实际时长。",
    ),
    "times-out-of-order": Sentence(
        "{on} does not fit the order of events; check the date against the file.",
        "{on} 与前后事项的时间顺序不符，请对照档案核对日期。",
    ),
    "case-already-opened": Sentence(
        "This case is open already; open another one under a new id.",
        "该个案已立案，请用新的编号另立个案。",
    ),
    "registrar-counsels": Sentence(
        "{person} took part in this case as {role}; registering and counselling a couple are the "
        "work of two persons, whatever their posts. Let a colleague do this.",
        "{person} 已以{role}身份参与办理该个案；登记与辅导须由不同人员承担，不论以何岗位，"
        "请由同事办理。",
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
    "before-last-fact": Sentence(
        "The case has a fact of {last}; it ends on that day or later. Check the date.",
        "该个案在 {last} 还有记录，结案、归档日期不能早于该日，请核对日期。",
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
    "words-of-others": Sentence(
        "What was written of this session is of who was there, and now others were. Write facts, "
        "summary and the notes of what was said together anew.",
        "原客观记录、摘要与共同辅导笔记所记为当时在场人员，现在场人员已变更，请一并重新填写。",
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
        "An application is withdrawn until {until}, when the office closes; after that it can only "
        "lapse. If its periods were provisional or the office closes later, correct the "
        "application first: they are then computed anew.",
        "撤回申请须在 {until}（登记机关停止业务活动时）前提出，此后只能视为撤回；"
        "期限如为暂定，或登记机关停止业务活动的时间更晚，请先更正申请以重新计算。",
    ),
    "registered-outside-window": Sentence(
        "Divorce is registered after {after} and until {until}, when the office closes; check it. "
        "If its periods were provisional or the office closes later, correct the application "
        "first: they are then computed anew.",
        "离婚登记须在 {after} 之后、{until}（登记机关停止业务活动时）前办理，请核对；"
        "期限如为暂定，或登记机关停止业务活动的时间更晚，请先更正申请以重新计算。",
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
    "due-day-needs-risk-level": Sentence(
        "No risk level holds from which the day of the follow-up would follow; give its day, or "
        "set the risk level first.",
        "尚无风险等级可据以确定回访日期，请填写到期日，或先设定风险等级。",
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
    "retention-too-short": Sentence(
        "By the retention schedule such a file is kept for {years} years, to {earliest} at least; "
        "give that day or a later one, or none to keep it for good.",
        "按保管期限表，{kind}至少保管 {years} 年（至 {earliest}），请填该日或者更晚的日期；"
        "不填则永久保管。",
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
    "case.safe-contact-noted.v1": "登记安全联系方式",
    "case.protected-address-noted.v1": "登记保护地址",
    "case.minor-approved.v1": "准予登记未成年人信息",
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
    "case.assessment-corrected.v1": "更正评估",
    "case.assessment-voided.v1": "作废评估",
    "case.plan-agreed.v1": "商定辅导计划",
    "case.plan-corrected.v1": "更正辅导计划",
    "case.plan-voided.v1": "作废辅导计划",
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
