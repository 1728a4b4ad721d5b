"""The retention schedule (保管期限表): how long the personal data of each class are kept, and why.

What ends is the readability of what was sealed: the keys are destroyed, the events stay.
"""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from domain.values import Labelled


class RecordClass(Labelled):
    """A class of records that are kept equally long."""

    CASE = "case", "一般个案"
    CASE_OF_VIOLENCE = "case-of-violence", "涉家庭暴力个案"
    PRACTITIONER = "practitioner", "人员档案"
    REQUEST = "request", "个人信息权益申请"
    ASSESSMENT = "assessment", "个人信息保护影响评估"
    LOOKS = "looks", "查阅记录"


class Retention(NamedTuple):
    """How many years a class is kept, counted from what, and who says so.

    `disposed` says whether its records are disposed of by appraisal; the others hold nothing
    sealed of their own, and their events stay in the log.
    """

    kind: RecordClass
    years: int
    since: str
    disposed: bool
    source: str


POLICY: Final = (
    "Policy, to be set by each province: no national rule on counselling files is known to us. The "
    "Personal Information Protection Law (art. 19) demands the shortest time that the purpose needs"
)

SCHEDULE: Final[tuple[Retention, ...]] = (
    Retention(RecordClass.CASE, 10, "归档", True, f"{POLICY}."),
    Retention(
        RecordClass.CASE_OF_VIOLENCE,
        30,
        "归档",
        True,
        f"{POLICY}; records of violence are evidence for longer.",
    ),
    Retention(RecordClass.PRACTITIONER, 10, "离队", True, f"{POLICY}."),
    Retention(
        RecordClass.REQUEST,
        3,
        "办结",
        False,
        "Policy, after the limitation of actions of three years (Civil Code, art. 188); what the "
        "person wrote goes with the keys of the record that it is about.",
    ),
    Retention(
        RecordClass.ASSESSMENT,
        3,
        "评估",
        False,
        "Personal Information Protection Law, art. 56 para. 2: at least three years.",
    ),
    Retention(
        RecordClass.LOOKS,
        3,
        "查阅",
        False,
        "Policy; the Cybersecurity Law (2017, art. 21) demands six months at least for network "
        "logs.",
    ),
)
"""The schedule, one row a class."""

YEARS: Final = {row.kind: row.years for row in SCHEDULE}
DISPOSED: Final = frozenset(row.kind for row in SCHEDULE if row.disposed)


def years_after(on: date, years: int) -> date:
    """The same day so many years later; of 29 February, the last of that month."""
    try:
        return on.replace(year=on.year + years)
    except ValueError:
        return on.replace(year=on.year + years, day=28)
