"""Bodies of the commands on regions."""

from __future__ import annotations

from typing import Final

from api.examples.shared import RECORD, REGION, WHEN, WHY, Body

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
VILLAGE: Final[Body] = {
    "code": "370102001001",
    "name": "解放路第一社区",
    "kind": "residential-community",
}
FOUNDING: Final[Body] = {
    "scheme": "gb2260",
    "code": "370000",
    "name": "山东省",
    "level": "province",
    "kind": "province",
    "valid_from": "1949-10-01",
}
SUCCESSION: Final[Body] = {
    "successor": REGION,
    "extent": "whole",
    "announced_on": "2019-01-09",
    "effective_on": "2019-01-09",
    "document": "国函〔2018〕162号",
}

REGIONS: Final[dict[str, Body]] = {
    "establish_village": {"village": VILLAGE, "reason": "开设村居辅导室"},
    "establish_region": {"founding": FOUNDING, "reason": "基础数据录入"},
    "correct_founding": {"after": FOUNDING, **WHY},
    "void_founding": WHY,
    "rename_region": {"name": "济南市莱芜区", "effective_on": "2019-01-09", **WHY},
    "void_renaming": WHY,
    "move_region": {"to_parent": REGION, "effective_on": "2019-01-09", **WHY},
    "void_move": WHY,
    "succeed_region": {"succession": SUCCESSION, **WHY},
    "correct_succession": {
        "successor": REGION,
        "effective_on": "2019-01-09",
        "after": SUCCESSION,
        **WHY,
    },
    "void_succession": {"successor": REGION, "effective_on": "2019-01-09", **WHY},
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
