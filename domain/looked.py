"""What a look was at (查阅内容), as its trace says it: a closed list of codes with their Chinese.

A trace is kept for good; the code in it stays, its wording may become better.
"""

from __future__ import annotations

from typing import Final

from domain.values import Labelled

BOTH: Final = "both"
"""Behind `NOTES`: of what was said together."""


class Looked(Labelled):
    """Which list or which sealed fields; behind some stands of whom, of where or when."""

    ACCOUNTS = "accounts", "账号清单"
    BEHIND = "behind", "统计数字的明细"
    CONTACTS = "safe contacts", "安全联系方式"
    DEADLINES = "moved deadlines", "届满日有变动的申请"
    DIFFERENCE = "difference of", "统计数字的前后差异"
    HOLDINGS = "holdings", "所持个人信息"
    HOLDS = "legal holds", "依法保全清单"
    IDENTITIES = "identities", "当事人身份"
    LEDGER = "ledger", "台账"
    NOTES = "sealed notes of", "密封笔记"
    NOTICES = "notices of break-glass", "紧急查阅的告知"
    OVERDUE = "overdue requests", "逾期的个人信息权益申请"
    OVERLAPS = "overlapping sessions", "时间重叠的辅导"
    OWN_ACCESSES = "own requests for break-glass", "本人的紧急查阅申请"
    PERMISSIONS = "permissions of then", "当时的查阅权限"
    PERSONS = "persons by", "查找当事人"
    READER = "reader", "查阅人姓名"
    RETENTION = "cases whose retention is over", "保管期限届满的个案"
    SHELTER = "protected address of", "保护地址"
    TEXTS = "texts", "客观记录与摘要"
    UNUSUAL = "unusual looks", "异常查阅"
    VERDICTS = "verdicts owed on break-glass", "待复核的紧急查阅"
    WORDS = "words of a request", "申请内容与答复"

    def named(self, of: str = "") -> str:
        """What a trace says."""
        return f"{self} {of}".rstrip()


class Printed(Labelled):
    """What can be printed; a closed list, so that nothing of what stands in it is written there."""

    CASE_FILE = "case file", "个案档案"
    HISTORY = "history", "记录经过"
    LEDGER = "ledger", "台账"
    LIST = "list", "清单"
    FIGURES = "figures", "统计数字"
    REPORT = "report", "报表"
    FINDINGS = "findings", "核查结果"
    NOTICE = "notice", "告知文书"
