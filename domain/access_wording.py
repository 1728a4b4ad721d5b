"""What people read of access (查阅): refusals as sentences, titles of events."""

from __future__ import annotations

from domain.sentence import Sentence

ACCESS_REFUSALS = {
    "access-of-another": Sentence(
        "This trace belongs to another reader, office or day; record it under your own.",
        "该记录属于其他查阅人、其他单位或其他日期，请记入本人在本单位当日的查阅记录。",
    ),
    "access-in-other-post": Sentence(
        "You asked for this access as {role} for one office; use it in that post, or ask anew.",
        "该查阅是以 {role} 身份、为申请时的单位批准的，请以该岗位查阅，或者重新申请。",
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
    "access-not-to-notes": Sentence(
        "The access was granted for the case without its sealed notes; request those by name.",
        "获准查阅的是个案，不含密封笔记；如需查阅笔记，请按“密封笔记”另行申请。",
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
    "verdict-by-grantor": Sentence(
        "Nobody judges an access that he granted; ask a colleague.",
        "不得复核本人批准的查阅，请由他人复核。",
    ),
    "access-never-opens": Sentence(
        "No emergency opens a record of this kind ({kind}); ask who is in charge of it.",
        "此类记录（{kind}）不适用紧急查阅，请联系主管单位。",
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
    "access.key-released.v1": "启封个人信息",
    "access.requested.v1": "申请紧急查阅",
    "access.granted.v1": "批准紧急查阅",
    "access.refused.v1": "不予批准紧急查阅",
    "access.expired.v1": "紧急查阅到期",
    "access.after-reviewed.v1": "事后复核",
}
