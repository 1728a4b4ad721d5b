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

SELECTION: Final[Body] = {"kind": "case", "what": "ledger", "rows": 20, "purpose": "supervision"}

ERASURES: Final[dict[str, Body]] = {
    "place_hold": {"hold": {"id": RECORD, "ground": "litigation"}, **WHEN},
    "lift_hold": WHEN,
    "erase": {"ground": "unlawful", "parts": ["wife", "couple"]},
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

CLAIM: Final[Body] = {
    "record": CASE,
    "part": "wife",
    "kind": "correct",
    "applicant": "self",
    "channel": "in-person",
    "details": "登记的电话号码有误",
}

REQUESTS: Final[dict[str, Body]] = {
    "receive_request": {"claim": CLAIM, "place": HERE, "id": RECORD, **WHEN},
    "verify_identity": {"means": "identity-document", **WHEN},
    "extend_request": {"reason": "须调阅纸质档案", "occurred": "2019-03-20"},
    "grant_request": {"ground": "consent-withdrawn", **WHEN},
    "refuse_request": {
        "ground": "others-privacy",
        "explanation": "所申请的内容涉及对方的隐私",
        **WHEN,
    },
    "fulfil_request": {"position": 1, **WHEN},
    "withdraw_request": {"reason": "申请人当面表示不再申请", **WHEN},
    "erase_as_requested": {},
}

ASSESSED: Final[Body] = {
    "activity": "向法院提供涉家庭暴力个案材料",
    "triggers": ["sensitive-information", "entrusted-or-shared"],
    "assessed_on": "2019-02-28",
    "assessors": "区妇联权益部",
    "lawful": "履行法定职责所必需",
    "risks": "对方可能获知保护地址",
    "measures": "分隔、遮蔽、登记",
    "outcome": "with-measures",
}

ASSESSMENTS: Final[dict[str, Body]] = {
    "record_impact_assessment": {"findings": ASSESSED, "place": HERE, "id": RECORD, **WHEN},
    "correct_impact_assessment": {"after": {**ASSESSED, "risks": "无"}, **WHY},
    "approve_impact_assessment": WHEN,
    "return_impact_assessment": {"reason": "风险分析不足", "occurred": "2019-03-20"},
}

DISPOSALS: Final[dict[str, Body]] = {
    "propose_disposal": {
        "kind": "case",
        "records": [CASE],
        "appraisal": "保管期限届满，无继续保存价值",
        "place": HERE,
        "id": RECORD,
        **WHEN,
    },
    "approve_disposal": {"kept": [], "appraisal": "同意", **WHEN},
    "return_disposal": {"reason": "其中有涉诉个案", "occurred": "2019-03-20"},
    "dispose_record": {},
}

PROTECTION: Final[dict[str, Body]] = {
    "note_safe_contact": {
        "party": "wife",
        "contact": "工作日上午致电单位座机，勿留言",
        "do_not_contact": True,
        **WHEN,
    },
    "note_protected_address": {"party": "wife", "address": "市救助站", **WHEN},
    "approve_minor": {"party": "other", "age": "under-14", "guardian_consented": True, **WHEN},
}

SEARCHES: Final[dict[str, Body]] = {
    "find_persons": {"by": "document", "number": "370102197501010000"}
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
