"""Bodies of the commands on supervision orders, reviews, access and pins."""

from __future__ import annotations

from typing import Final

from api.examples.shared import (
    AT,
    CASE,
    CENTRE,
    HERE,
    RECORD,
    SECOND_RECORD,
    WHEN,
    WHY,
    Body,
)

ORDER: Final[Body] = {
    "addressee": CENTRE,
    "what": "三十日内完成逾期回访",
    "issued_on": "2019-03-01",
    "deadline": "2019-03-31",
    "evidence": [1],
}
SAID_WHY: Final[Body] = {"reason": "材料不全，回访记录缺失", "occurred": "2019-03-20"}

ORDERS: Final[dict[str, Body]] = {
    "issue_order": {"order": ORDER, "place": HERE, "id": RECORD, **WHEN},
    "correct_order": {"after": {**ORDER, "evidence": []}, "place": HERE, **WHY},
    "void_order": WHY,
    "acknowledge_order": WHEN,
    "report_progress": {"text": "已完成回访的一半", **WHEN},
    "submit_evidence": {"text": "逾期回访已全部完成", "evidence": [1], **WHEN},
    "return_order": SAID_WHY,
    "verify_order": WHEN,
    "write_off_order": WHEN,
    "void_write_off": WHY,
    "escalate_order": {"step": "reminder", **SAID_WHY},
    "extend_deadline": {"after": "2019-04-15", **SAID_WHY},
}

PLAN: Final[Body] = {
    "scope": "历下区2019年第一季度结案个案",
    "as_of": 1,
    "rules_version": "2019",
    "sample_size": 20,
    "seed": "历下-2019-1",
}
FINDING: Final[Body] = {
    "id": RECORD,
    "case": CASE,
    "rule": "一案一档",
    "text": "缺少评估记录",
    "severity": "minor",
}

REVIEWS: Final[dict[str, Body]] = {
    "open_review": {"plan": PLAN, "place": HERE, "id": SECOND_RECORD, **WHEN},
    "draw_sample": {"population": [CASE], **WHEN},
    "raise_finding": {"finding": FINDING, **WHEN},
    "answer_finding": {"text": "评估记录已补充", **WHEN},
    "settle_finding": {"settlement": "rectified", "text": "已复核", **WHEN},
    "close_review": WHEN,
}

SELECTION: Final[Body] = {"kind": "case", "what": "个案台账", "rows": 20, "purpose": "supervision"}

ERASURES: Final[dict[str, Body]] = {
    "place_hold": {"hold": {"id": RECORD, "ground": "litigation"}, **WHEN},
    "lift_hold": WHEN,
    "erase": {"ground": "retention-over", "parts": ["wife", "couple"]},
}

ACCESS: Final[dict[str, Body]] = {
    "make_print": {"selection": SELECTION},
    "request_access": {
        "request": {
            "id": RECORD,
            "record": CASE,
            "kind": "sealed-note",
            "reason": "danger",
            "why": "当事人失联，须核实住址",
            "until": "2019-03-01T12:00:00+08:00",
        },
        **AT,
    },
    "grant_access": {"until": "2019-03-01T12:00:00+08:00", **AT},
    "refuse_access": {"reason": "可由承办人查阅", **AT},
    "review_access": {"verdict": "justified", "text": "事由属实", **AT},
}

PINS: Final[dict[str, Body]] = {
    "pin_statistics": {
        "question": {
            "region": "370000",
            "first": "2019-01-01",
            "last": "2019-12-31",
            "by": "city",
            "columns": "quarter",
            "boundaries": "then",
            "indicators": ["applications", "couples_counselled", "counselling_rate"],
        },
        "id": RECORD,
    },
}
