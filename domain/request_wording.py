"""What people read of a person's request (个人信息权益申请): refusals, titles of events."""

from __future__ import annotations

from domain.sentence import Sentence

REQUEST_REFUSALS = {
    "request-exists": Sentence(
        "This request was received before; use a new id for another one.",
        "该申请已受理，另行申请请使用新的编号。",
    ),
    "request-not-received": Sentence(
        "There is no such request; receive it first.",
        "该申请尚未受理，请先受理。",
    ),
    "request-at-other-step": Sentence(
        "The request stands at “{status}”; look at its history for the step that is next.",
        "该申请当前为“{status}”，不能办理此步骤，请查看其历史。",
    ),
    "means-do-not-fit": Sentence(
        "Who asks as {applicant} is verified by other means: papers of authority for another "
        "person, and only then.",
        "申请人为 {applicant} 时不适用该核实方式：代他人申请须核对授权或者关系证明，"
        "本人申请则不需要。",
    ),
    "extension-needs-reason": Sentence(
        "Say why the answer takes longer; the person is told.",
        "延长办理期限须说明理由，并告知申请人。",
    ),
    "already-extended": Sentence(
        "The term was extended once already; decide the request.",
        "办理期限只能延长一次，请作出决定。",
    ),
    "already-overdue": Sentence(
        "The answer was due on {due_on}; a term that is over is not extended, decide the request.",
        "办理期限已于 {due_on} 届满，不得再延长，请作出决定。",
    ),
    "ground-of-erasure-only": Sentence(
        "An erasure is granted on a ground, and nothing else has one; give it or leave it out.",
        "准予删除须注明法定事由，其他申请不填该项。",
    ),
    "verifier-answers": Sentence(
        "You made sure who asks; let another privacy officer see what is held and decide, so that "
        "nobody asks in another's name alone.",
        "您已核实申请人身份；查看所持信息和作出决定须由另一名个人信息保护负责人办理。",
    ),
    "refusal-beside-identity": Sentence(
        "At “{status}” this ground does not hold: an identity that is not verified is the ground "
        "before it is, and never after.",
        "当前为“{status}”，不适用该拒绝理由：身份核实之前只能以身份无法核实为由，核实之后不得以此为由。",
    ),
    "part-of-other-record": Sentence(
        "This record has no part “{part}”; a case has wife, husband and other, a member of the "
        "team self.",
        "该记录没有“{part}”部分：个案为女方、男方或其他家庭成员，人员档案为本人。",
    ),
    "part-erased": Sentence(
        "What was said of “{part}” in this record is erased; receive the request without details.",
        "该记录中“{part}”的个人信息已删除，请不填写申请内容后受理。",
    ),
    "record-without-persons": Sentence(
        "Record {record} is of no person; name a case or a member of the team.",
        "记录 {record} 不涉及个人，请填写个案或者人员的编号。",
    ),
    "answer-is-another": Sentence(
        "Position {position} does not answer a request to {kind} this record; name the event that "
        "did it.",
        "位置 {position} 的记录不是对该记录“{kind}”申请的办理，请填写实际办理的记录位置。",
    ),
    "request-of-other-kind": Sentence(
        "This request is one to {kind}; that step belongs to another kind.",
        "该申请为“{kind}”，不适用此步骤。",
    ),
    "withdrawal-needs-reason": Sentence(
        "Say how you know that the person no longer asks.",
        "撤回申请须写明申请人如何表示撤回。",
    ),
    "no-copy-of-team": Sentence(
        "Copies are made of cases; show a member of the team what is held, and fulfil the request "
        "with the position of that look.",
        "副本只从个案制作；人员本人请当面查阅所持信息，并以该次查阅的记录位置办结申请。",
    ),
    "record-held": Sentence(
        "The record is under a legal hold ({ground}); refuse the request, or wait for its end.",
        "该记录因 {ground} 须依法保全，请拒绝申请或待解除保全后办理。",
    ),
}

REQUEST_TITLES = {
    "request.received.v1": "受理个人信息申请",
    "request.identity-verified.v1": "核实申请人身份",
    "request.extended.v1": "延长办理期限",
    "request.granted.v1": "准予申请",
    "request.refused.v1": "拒绝申请",
    "request.fulfilled.v1": "办结申请",
    "request.withdrawn.v1": "撤回申请",
}
