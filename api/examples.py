"""One body for every command, by the name of its operation: what the OpenAPI page shows."""

from __future__ import annotations

from typing import Any, Final

Body = dict[str, Any]

CASE: Final = "0b6f1c1e-6f1a-4c55-9f0a-2f6b7a3d1c01"
RECORD: Final = "5d0c5a3e-1b7e-4c3c-8a52-9a1e6f3b7c02"
SECOND_RECORD: Final = "5d0c5a3e-1b7e-4c3c-8a52-9a1e6f3b7c03"
PERSON: Final = "9c2e4d7a-3f60-4b0e-b7d9-6a5f8e1c2d04"
CENTRE: Final = "c1d2e3f4-0a1b-4c2d-8e3f-4a5b6c7d8e05"
REGION: Final = "d2e3f4a5-1b2c-4d3e-9f4a-5b6c7d8e9f06"

WHEN: Final[Body] = {"occurred": "2019-03-01"}
AT: Final[Body] = {"occurred": "2019-03-01T09:30:00+08:00"}
WHY: Final[Body] = {"reason": "录入有误，经核对更正"}
HERE: Final[Body] = {"centre": CENTRE, "region": REGION}

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
OUTCOME: Final[Body] = {"outcome": "cancelled", "on": "2019-03-01", **WHEN}

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
    "record_assessment": {
        "assessment": {"id": RECORD, "method": "面谈", "summary": "沟通不足，双方有意改善"}
    },
    "agree_plan": {
        "plan": {"id": RECORD, "goals": "改善沟通", "sessions": 4, "review_on": "2019-04-01"}
    },
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
    "revise_outcome": {"outcome": "postponed", "on": "2019-03-01", **WHY},
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

ESTABLISHMENT: Final[Body] = {
    "kind": "centre",
    "name": "历下区婚姻家庭辅导中心",
    "region": REGION,
    "established_on": "2019-01-01",
    "registry_offices": [{"id": RECORD, "name": "历下区婚姻登记处", "county_level": True}],
    "address": "山东省济南市历下区",
}
EVIDENCE: Final[Body] = {"document": "鲁妇字〔2019〕1号"}
OUTREACH: Final[Body] = {
    "id": RECORD,
    "kind": "premarital-training",
    "held_on": "2019-03-01",
    "title": "婚前辅导课堂",
    "persons": 60,
    "couples": 25,
    "materials": 60,
    "online_views": 0,
}
WHISTLE: Final[Body] = {
    "id": RECORD,
    "requested_at": "2019-03-01T09:00:00+08:00",
    "what": "夫妻争吵，需志愿者上门",
}
SHIFT: Final[Body] = {
    "id": RECORD,
    "practitioner": PERSON,
    "started_at": "2019-03-01T08:30:00+08:00",
    "minutes": 480,
}
APPROPRIATION: Final[Body] = {
    "id": RECORD,
    "source": "county",
    "document": "历下财〔2019〕1号",
    "fen": 5_000_000,
    "appropriated_on": "2019-03-01",
}
SPENDING: Final[Body] = {
    "id": RECORD,
    "purpose": "宣传资料印制",
    "fen": 120_000,
    "spent_on": "2019-03-01",
}
SUBSIDY: Final[Body] = {
    "id": RECORD,
    "practitioner": PERSON,
    "fen": 20_000,
    "paid_on": "2019-03-01",
}

CENTRES: Final[dict[str, Body]] = {
    "establish_centre": {"establishment": ESTABLISHMENT, "id": CENTRE, "reason": "历史数据补录"},
    "correct_establishment": {"after": ESTABLISHMENT, **WHY},
    "void_establishment": WHY,
    "relocate_centre": {"address": "山东省济南市历下区新址"},
    "revise_registry_offices": {"offices": ESTABLISHMENT["registry_offices"]},
    "suspend_centre": {"reason": "装修"},
    "resume_centre": {},
    "close_centre": {"reason": "机构撤并"},
    "void_closing": WHY,
    "reassign_centre": {"to_region": REGION, "effective_on": "2019-01-09", **WHY},
    "inspect_facilities": {
        "inspection": {
            "id": RECORD,
            "standard": "辅导中心设施标准",
            "version": "2019",
            "inspected_on": "2019-03-01",
            "passed": ["独立辅导室"],
            "failed": ["无障碍通道"],
        }
    },
    "award_grade": {"grade": "standard", "evidence": EVIDENCE},
    "review_grade": {"evidence": EVIDENCE},
    "lower_grade": {"grade": "standard", "evidence": EVIDENCE},
    "revoke_grade": {"evidence": EVIDENCE},
    "hold_outreach": {"outreach": OUTREACH, **WHEN},
    "correct_outreach": {"after": {**OUTREACH, "persons": 58}, **WHY},
    "void_outreach": WHY,
    "request_assistance": {"request": WHISTLE, **AT},
    "correct_assistance": {"after": WHISTLE, "arrived_at": "2019-03-01T09:25:00+08:00", **WHY},
    "dispatch_volunteer": {
        "practitioner": PERSON,
        "dispatched_at": "2019-03-01T09:05:00+08:00",
        **AT,
    },
    "record_arrival": {"practitioner": PERSON, "arrived_at": "2019-03-01T09:25:00+08:00", **AT},
    "complete_assistance": {
        "completed_at": "2019-03-01T11:00:00+08:00",
        "result": "双方和解",
        "occurred": "2019-03-01T11:00:00+08:00",
    },
    "cancel_assistance": WHEN,
    "void_assistance": WHY,
    "work_shift": {"shift": SHIFT, "occurred": "2019-03-01T17:00:00+08:00"},
    "correct_shift": {"after": {**SHIFT, "minutes": 240}, **WHY},
    "void_shift": WHY,
    "appropriate_funds": {"appropriation": APPROPRIATION, **WHEN},
    "correct_appropriation": {"after": APPROPRIATION, **WHY},
    "void_appropriation": WHY,
    "spend_funds": {"spending": SPENDING, **WHEN},
    "correct_spending": {"after": SPENDING, **WHY},
    "void_spending": WHY,
    "pay_subsidy": {"subsidy": SUBSIDY, **WHEN},
    "correct_subsidy": {"after": SUBSIDY, **WHY},
    "void_subsidy": WHY,
}

REGISTRATION: Final[Body] = {
    "kind": "volunteer",
    "source": "volunteer",
    "identity": {"name": "李某", "document": "370102197501010000", "phone": "13800000000"},
    "sex": "female",
    "birth_year": 1975,
    "education": "bachelor",
}
CERTIFICATE: Final[Body] = {
    "id": RECORD,
    "kind": "psychological-counsellor",
    "number": "XL2018-0001",
    "issuer": "人力资源和社会保障部",
    "issued_on": "2018-05-01",
}
POST: Final[Body] = {
    "id": RECORD,
    "place": HERE,
    "title": "志愿辅导员",
    "from_on": "2019-03-01",
    "primary": True,
}
TRAINING: Final[Body] = {
    "id": RECORD,
    "title": "婚姻家庭辅导实务",
    "completed_on": "2019-03-01",
    "minutes": 480,
}
HOURS: Final[Body] = {
    "id": RECORD,
    "place": HERE,
    "started_at": "2019-03-01T09:00:00+08:00",
    "ended_at": "2019-03-01T11:00:00+08:00",
    "credited": 120,
}
APPRAISAL: Final[Body] = {"year": 2019, "grade": "competent", "remark": "工作认真"}

PRACTITIONERS: Final[dict[str, Body]] = {
    "register_practitioner": {"registration": REGISTRATION, "id": PERSON, **WHEN},
    "correct_registration": {"after": REGISTRATION, **WHY},
    "void_registration": WHY,
    "deregister_practitioner": {"reason": "本人申请退出"},
    "void_deregistration": WHY,
    "register_certificate": {"certificate": CERTIFICATE},
    "correct_certificate": {"after": CERTIFICATE, **WHY},
    "verify_certificate": {},
    "revoke_certificate": {"reason": "发证机关撤销"},
    "void_certificate": WHY,
    "issue_letter": {
        "letter": {
            "id": RECORD,
            "number": "聘〔2019〕1号",
            "title": "婚姻家庭辅导志愿者",
            "issuer": "历下区妇女联合会",
            "issued_on": "2019-03-01",
        }
    },
    "assume_post": {"post": POST, **WHEN},
    "correct_post": {"after": {"post": POST, "primary_from": "2019-03-01"}, **WHY},
    "leave_post": {},
    "move_primary_post": {},
    "void_post": WHY,
    "complete_training": {"training": TRAINING, **WHEN},
    "correct_training": {"after": {**TRAINING, "minutes": 240}, **WHY},
    "void_training": WHY,
    "credit_hours": {"hours": HOURS, "occurred": "2019-03-01T11:00:00+08:00"},
    "correct_hours": {"after": {**HOURS, "credited": 120}, "requested_by": PERSON, **WHY},
    "void_hours": WHY,
    "award_star": {"star": 1},
    "revoke_star": {"after": None, "reason": "时长更正后未达到标准"},
    "record_appraisal": {"appraisal": APPRAISAL},
    "correct_appraisal": {"after": {**APPRAISAL, "grade": "excellent"}, **WHY},
}

PERIOD: Final[Body] = {"first": "2019-01-01", "last": "2019-01-31"}
GROUP: Final[Body] = {
    "id": RECORD,
    "formed_on": "2019-03-01",
    "leader": "分管副区长",
    "members": ["民政局", "妇女联合会"],
    "document": "历下政办字〔2019〕1号",
}
MEETING: Final[Body] = {
    "id": RECORD,
    "held_on": "2019-03-01",
    "title": "第一次联席会议",
    "departments": ["民政局", "妇女联合会", "司法局"],
    "attendance": 12,
}
DISPATCH: Final[Body] = {
    "id": RECORD,
    "held_on": "2019-03-01",
    "title": "二月份情况调度",
    "position": 1,
    "conclusions": "加快回访进度",
}
REPORT_FORM: Final[Body] = {"form": "月报一", "period": PERIOD}
SHEET: Final[Body] = {
    **REPORT_FORM,
    "definitions": "2019",
    "position": 1,
    "head": "张某",
    "statistician": "李某",
    "prepared_by": "王某",
}

REGIONS: Final[dict[str, Body]] = {
    "establish_region": {
        "founding": {
            "scheme": "gb2260",
            "code": "370000",
            "name": "山东省",
            "level": "province",
            "kind": "province",
            "valid_from": "1949-10-01",
        },
        "reason": "基础数据录入",
    },
    "rename_region": {"name": "济南市莱芜区", "effective_on": "2019-01-09", **WHY},
    "move_region": {"to_parent": REGION, "effective_on": "2019-01-09", **WHY},
    "succeed_region": {
        "succession": {
            "successor": REGION,
            "extent": "whole",
            "announced_on": "2019-01-09",
            "effective_on": "2019-01-09",
            "document": "国函〔2018〕162号",
        },
        **WHY,
    },
    "form_leading_group": {"group": GROUP, **WHEN},
    "correct_leading_group": {"after": GROUP, **WHY},
    "void_leading_group": WHY,
    "hold_joint_meeting": {"meeting": MEETING, **WHEN},
    "correct_joint_meeting": {"after": {**MEETING, "attendance": 11}, **WHY},
    "void_joint_meeting": WHY,
    "hold_dispatch": {"dispatch": DISPATCH, **WHEN},
    "correct_dispatch": {"after": DISPATCH, **WHY},
    "void_dispatch": WHY,
    "require_report": {
        "requirement": {**REPORT_FORM, "due_on": "2019-02-05", "levels": ["city", "province"]}
    },
    "waive_report": {**REPORT_FORM, **WHY},
    "submit_report": {"report": SHEET, "occurred": "2019-02-03"},
    "return_report": {
        **REPORT_FORM,
        "level": "city",
        "due_on": "2019-02-10",
        "reason": "数据与台账不符",
    },
    "approve_report": {**REPORT_FORM, "level": "city"},
    "restate_report": {"after": SHEET, **WHY},
    "lock_period": {"period": PERIOD, "position": 1},
    "reopen_period": {"period": PERIOD, "expires_on": "2019-04-01", "reason": "更正登记错误"},
}

EXAMPLES: Final[dict[str, Body]] = {**CASES, **CENTRES, **PRACTITIONERS, **REGIONS}
