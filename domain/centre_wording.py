"""What people read of a centre (中心): refusals as sentences, titles of events."""

from __future__ import annotations

from domain.sentence import Sentence

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
