"""What people read of a supervision order (督办单): refusals as sentences, titles of events."""

from __future__ import annotations

from domain.sentence import Sentence

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
        "Who took part in rectification may neither judge nor change the order; ask a colleague.",
        "参与整改的人不得核验、退回、销号、延期、更正或作废，请由他人办理。",
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
