"""What people read of a review (合规检查): refusals as sentences, titles of events."""

from __future__ import annotations

from domain.sentence import Sentence

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
