"""Bodies of the commands on cases."""

from __future__ import annotations

from typing import Final

from api.examples.shared import AT, CASE, HERE, PERSON, RECORD, SECOND_RECORD, WHEN, WHY, Body

OPENING: Final[Body] = {
    "number": "历下2019-0001",
    "service": "divorce-adjustment",
    "channel": "registry-window",
    "visit": "first",
}
IDENTITY: Final[Body] = {"name": "王某", "document": "370102198001010000"}
PROFILE: Final[Body] = {
    "sex": "female",
    "birth_decade": 1980,
    "marriage_length": "6-9",
    "divorce_reason": "family-disputes",
}
SCREENING: Final[Body] = {
    "id": RECORD,
    "party": "wife",
    "tool": "家庭暴力筛查问卷",
    "tool_version": "2019",
    "level": "none",
    "alone": True,
}
ASSESSMENT: Final[Body] = {"id": RECORD, "method": "面谈", "summary": "沟通不足，双方有意改善"}
PLAN: Final[Body] = {
    "id": RECORD,
    "goals": "改善沟通",
    "sessions": 4,
    "review_on": "2019-04-01",
}
APPOINTMENT: Final[Body] = {
    "id": RECORD,
    "starts_at": "2019-03-05T09:00:00+08:00",
    "form": "on-site",
    "parties": ["wife", "husband"],
    "practitioner": PERSON,
}
SESSION: Final[Body] = {
    "id": RECORD,
    "started_at": "2019-03-01T09:30:00+08:00",
    "minutes": 60,
    "form": "on-site",
    "present": ["wife", "husband"],
    "practitioners": [PERSON],
    "facts": "双方到场，就子女教育分歧进行沟通",
    "summary": "达成继续沟通的意愿",
    "notes": [{"text": "过程记录，密封保存", "party": "wife"}],
}
REFERRAL: Final[Body] = {"id": RECORD, "kind": "legal-aid", "to": "历下区法律援助中心"}
REPORT: Final[Body] = {"id": RECORD, "to": "police", "screening": SECOND_RECORD}
DOCUMENT: Final[Body] = {
    "id": RECORD,
    "number": "鲁公告诫〔2019〕1号",
    "issuer": "历下区公安分局",
    "issued_on": "2019-02-28",
    "protects": "wife",
}
FOLLOW_UP: Final[Body] = {"id": RECORD, "kind": "phone", "due_on": "2019-06-01"}
RATING: Final[Body] = {"id": RECORD, "score": 5, "party": "wife"}
OUTCOME: Final[Body] = {"outcome": "cancelled", "at": "2019-03-01", **WHEN}

CASES: Final[dict[str, Body]] = {
    "open_case": {"opening": OPENING, "place": HERE, "id": CASE, **WHEN},
    "correct_case_opening": {"after": OPENING, "on": "2019-02-28", **WHY},
    "identify_party": {"party": "wife", "identity": IDENTITY, "profile": PROFILE},
    "correct_party": {"party": "wife", "identity": IDENTITY, "profile": PROFILE, **WHY},
    "note_anonymous": {},
    "link_encounter": {"encounter": RECORD},
    "observe_application": WHEN,
    "accept_application": {"receipt": "鲁历下受〔2021〕0001", "occurred": "2021-01-04"},
    "correct_application": {"on": "2021-01-05", "receipt": "鲁历下受〔2021〕0001", **WHY},
    "void_application": WHY,
    "offer_counselling": WHEN,
    "give_consent": {"party": "wife", **WHEN},
    "decline_counselling": {"party": "husband", **WHEN},
    "withdraw_consent": {"party": "wife", **WHEN},
    "correct_answer": {"kind": "consented", "party": "wife", "on": "2019-02-28", **WHY},
    "void_answer": {"kind": "declined", "party": "husband", **WHY},
    "screen_party": {"screening": SCREENING, **AT},
    "correct_screening": {"after": SCREENING, "at": "2019-03-01T09:00:00+08:00", **WHY},
    "void_screening": WHY,
    "set_risk": {"level": "yellow", **WHEN},
    "correct_risk": {
        "on": "2019-03-01",
        "after": {"level": "red", "on": "2019-03-01"},
        **WHY,
    },
    "void_risk": {"on": "2019-03-01", **WHY},
    "record_assessment": {"assessment": ASSESSMENT},
    "correct_assessment": {"after": {**ASSESSMENT, "method": "面谈和量表"}, **WHY},
    "void_assessment": WHY,
    "agree_plan": {"plan": PLAN},
    "correct_plan": {"after": {**PLAN, "sessions": 6}, **WHY},
    "void_plan": WHY,
    "assign_counsellor": {"practitioner": PERSON},
    "recuse_counsellor": {"reason": "与当事人有亲属关系"},
    "book_appointment": {"appointment": APPOINTMENT, **WHEN},
    "reschedule_appointment": {"after": APPOINTMENT, **WHEN},
    "miss_appointment": {"absent": ["husband"], "occurred": "2019-03-05"},
    "cancel_appointment": WHEN,
    "hold_session": {"session": SESSION, **AT},
    "correct_session": {"after": {**SESSION, "minutes": 45}, **WHY},
    "void_session": WHY,
    "declare_outcome": OUTCOME,
    "confirm_outcome": OUTCOME,
    "revise_outcome": {"outcome": "postponed", "at": "2019-03-01", **WHY},
    "void_outcome": WHY,
    "break_deferral": {"occurred": "2019-06-01"},
    "void_deferral_break": WHY,
    "make_referral": {"referral": REFERRAL, **WHEN},
    "correct_referral": {"after": {"referral": REFERRAL, "made_on": "2019-03-01"}, **WHY},
    "accept_referral": WHEN,
    "decline_referral": WHEN,
    "complete_referral": WHEN,
    "void_referral": WHY,
    "make_report": {"report": REPORT, **AT},
    "correct_report": {"after": REPORT, "at": "2019-03-01T10:00:00+08:00", **WHY},
    "void_report": WHY,
    "note_warning_letter": {"document": DOCUMENT, **WHEN},
    "note_protection_order": {
        "document": {**DOCUMENT, "issuer": "历下区人民法院", "expires_on": "2019-08-28"},
        **WHEN,
    },
    "void_safety_document": WHY,
    "schedule_follow_up": {"follow_up": FOLLOW_UP, **WHEN},
    "correct_follow_up": {"after": {"follow_up": FOLLOW_UP, "made_on": "2019-05-30"}, **WHY},
    "make_follow_up": {"summary": "关系稳定", "occurred": "2019-05-30"},
    "miss_follow_up": {"occurred": "2019-05-30"},
    "cancel_follow_up": WHEN,
    "void_follow_up": WHY,
    "rate_satisfaction": {"rating": RATING, **WHEN},
    "correct_rating": {"after": {"rating": RATING, "on": "2019-03-01"}, **WHY},
    "void_rating": WHY,
    "request_transfer": {"to": HERE, **WHEN},
    "accept_transfer": WHEN,
    "reject_transfer": {"reason": "当事人户籍不在本县"},
    "propose_closure": {
        "proposal": {"kind": "outcome-known", "summary": "已取消离婚申请"},
        **WHEN,
    },
    "approve_closure": WHEN,
    "return_closure": {"reason": "缺少回访安排"},
    "void_closure": WHY,
    "reopen_case": {"reason": "当事人再次求助"},
    "archive_case": {"keep_until": "2049-03-01"},
    "void_case": {"duplicate_of": RECORD, "reason": "重复立案"},
}
