"""What people read of impact assessments (个人信息保护影响评估): refusals, titles of events."""

from __future__ import annotations

from domain.sentence import Sentence

ASSESSMENT_REFUSALS = {
    "assessment-exists": Sentence(
        "This assessment was entered before; use a new id for another one.",
        "该评估已登记，另行评估请使用新的编号。",
    ),
    "assessment-not-recorded": Sentence(
        "There is no such assessment; enter it first.",
        "该评估尚未登记，请先登记。",
    ),
    "assessment-at-other-step": Sentence(
        "The assessment stands at “{status}”; enter a new one for what changed since.",
        "该评估当前为“{status}”，情况有变请另行评估。",
    ),
    "approver-is-author": Sentence(
        "Who wrote an assessment does not approve it; ask a colleague.",
        "评估的填写人不得审定，请由他人办理。",
    ),
}

ASSESSMENT_TITLES = {
    "assessment.recorded.v1": "登记个人信息保护影响评估",
    "assessment.corrected.v1": "更正影响评估",
    "assessment.approved.v1": "审定影响评估",
    "assessment.returned.v1": "退回影响评估",
}
