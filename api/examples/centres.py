"""Bodies of the commands on centres."""

from __future__ import annotations

from typing import Final

from api.examples.shared import AT, CENTRE, PERSON, RECORD, REGION, WHEN, WHY, Body

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
