"""Examples of accounts, tokens and signing in."""

from __future__ import annotations

from typing import Final

from api.examples.shared import CASE, CENTRE, PERSON, RECORD, SECOND_RECORD, Body

ACCOUNTS: Final[dict[str, Body]] = {
    "open_account": {
        "id": PERSON,
        "account": {"login": "lw-0412", "name": "李某", "office": CENTRE},
    },
    "grant_role": {"post": {"role": "counsellor", "office": CENTRE, "since": "2019-03-01"}},
    "end_role": {"role": "counsellor", "office": CENTRE},
    "reset_password": {},
    "lock_account": {"reason": "人员离岗，待核实"},
    "unlock_account": {},
    "remove_factor": {"reason": "手机遗失，已当面核实身份"},
    "unlink_identity": {},
    "revoke_token": {},
    "declare_conflict": {
        "conflict": {"id": RECORD, "relation": "relative", "case": CASE},
    },
    "withdraw_conflict": {"reason": "个案编号填写有误"},
    "declare_acquaintance": {
        "acquaintance": {
            "id": RECORD,
            "relation": "relative",
            "by": "document",
            "number": "11010519491231002X",
        },
    },
    "withdraw_acquaintance": {"reason": "证件号码填写有误"},
    "issue_token": {
        "token": {
            "label": "月度统计",
            "scopes": ["statistics:read", "ledgers:read"],
            "expires_at": "2019-06-30T00:00:00+08:00",
        },
    },
}

PASSKEY: Final[Body] = {
    "id": "q83vEjRWeJA",
    "rawId": "q83vEjRWeJA",
    "type": "public-key",
    "response": {
        "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0",
        "authenticatorData": "q83vEjRWeJA",
        "signature": "q83vEjRWeJA",
    },
}
MADE: Final[Body] = {
    **PASSKEY,
    "response": {
        "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIn0",
        "attestationObject": "q83vEjRWeJA",
    },
}

SESSIONS: Final[dict[str, Body]] = {
    "sign_in": {"login": "lw-0412", "password": "kz7m-4wqn-c2ht-y9pf"},
    "enter_code": {"code": "492039"},
    "change_password": {"present": "kz7m-4wqn-c2ht-y9pf", "new": "四月 湖边 自行车 与 茶"},
    "switch_post": {"role": "centre-manager", "office": CENTRE},
    "sign_out": {"everywhere": False},
    "begin_totp": {"label": "我的手机"},
    "confirm_totp": {"factor": SECOND_RECORD, "code": "492039"},
    "drop_factor": {},
    "link_provider": {"to": "/docs"},
    "challenge_passkey": {},
    "show_passkey": {"credential": PASSKEY},
    "begin_passkey": {"label": "办公室电脑"},
    "add_passkey": {"credential": MADE},
}
