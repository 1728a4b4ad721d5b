"""Bodies of the commands on practitioners."""

from __future__ import annotations

from typing import Final

from api.examples.shared import HERE, PERSON, RECORD, WHEN, WHY, Body

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
