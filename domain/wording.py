"""What people read: a sentence for every refusal in English and Chinese, a title for every event.

What concerns one kind of record stands in the module of its name; here is what all of them share.
"""

from __future__ import annotations

from datetime import datetime

from domain.access_wording import ACCESS_REFUSALS, ACCESS_TITLES
from domain.account_wording import ACCOUNT_REFUSALS, ACCOUNT_TITLES
from domain.assessment_wording import ASSESSMENT_REFUSALS, ASSESSMENT_TITLES
from domain.base import SHANGHAI, Refused
from domain.case_wording import CASE_REFUSALS, CASE_TITLES
from domain.centre_wording import CENTRE_REFUSALS, CENTRE_TITLES
from domain.disposal_wording import DISPOSAL_REFUSALS, DISPOSAL_TITLES
from domain.log_wording import LOG_REFUSALS, LOG_TITLES
from domain.pin_wording import PIN_REFUSALS, PIN_TITLES
from domain.practitioner_wording import PRACTITIONER_REFUSALS, PRACTITIONER_TITLES
from domain.region_wording import REGION_REFUSALS, REGION_TITLES
from domain.request_wording import REQUEST_REFUSALS, REQUEST_TITLES
from domain.review_wording import REVIEW_REFUSALS, REVIEW_TITLES
from domain.sentence import Sentence
from domain.subject_wording import SUBJECT_REFUSALS, SUBJECT_TITLES
from domain.supervision_wording import SUPERVISION_REFUSALS, SUPERVISION_TITLES
from domain.values import Labelled


class Said(Exception):  # noqa: N818 - said to people
    """An error in a sentence for people: in English as its text, in Chinese as `zh`."""

    def __init__(self, en: str, zh: str | None = None) -> None:
        super().__init__(en)
        self.zh = en if zh is None else zh


STAMP = {
    "occurred-in-future": Sentence(
        "The business time {occurred} lies in the future; enter when it really happened.",
        "业务时间 {occurred} 在未来，请填写实际发生的时间。",
    ),
    "number-in-reason": Sentence(
        "The reason holds a person's identity or telephone number, and is kept in clear for good; "
        "say it without the number.",
        "原因中含有个人证件号码或手机号码，而原因以明文永久保存，请去掉号码后重新填写。",
    ),
    "number-in-text": Sentence(
        "This text ({member}) holds a person's identity or telephone number, and is kept in clear "
        "for good; say it without the number.",
        "此处文字（{member}）含有个人证件号码或手机号码，而该文字以明文永久保存，"
        "请去掉号码后重新填写。",
    ),
    "late-entry-needs-reason": Sentence(
        "This happened {days} days ago; give a reason for the late entry.",
        "该事项发生于 {days} 天前，补录须填写原因。",
    ),
}

APPLICATION_REFUSALS = {
    "purpose-does-not-fit": Sentence(
        "As {role} you do not look at records for “{purpose}”; leave the purpose out or say the "
        "true one. An emergency is asked for and granted; then name its access and stream instead.",
        "{role}不得以“{purpose}”为查阅目的；请不填或者如实填写。"
        "紧急查阅须先申请并获批准，再填 access 和 stream 打开，不填查阅目的。",
    ),
    "whole-case-for-a-person": Sentence(
        "A whole case holds what each said alone; it goes to courts and authorities only. A person "
        "gets the own part, as its request was granted: huhang copy.",
        "完整案卷含有各方单独陈述的内容，只提供给法院和有权机关；当事人只能按获准的申请取得本人部分副本"
        "（huhang copy）。",
    ),
    "place-elsewhere": Sentence(
        "On that day the centre lay in another region ({region}); enter that one.",
        "该中心当日所属的行政区为 {region}，请填写该行政区。",
    ),
    "room-outside-village": Sentence(
        "A room is in a village, and this is a region of level {level}; make the village a region "
        "first and name it.",
        "辅导室设在村居，所填行政区的层级为 {level}，请先登记所在村居并填写。",
    ),
    "birthday-beside-number": Sentence(
        "The birthday is another one than in the citizen's number; put the wrong one right, or "
        "leave the birthday out.",
        "出生日期与身份证号码中的出生日期不一致，请更正有误的一项，或者不填出生日期。",
    ),
    "record-elsewhere": Sentence(
        "This record does not lie with that office; name the centre or region that it lies with.",
        "该档案不属于所填单位或者地区，请填写档案所在的单位或者地区。",
    ),
    "nothing-to-copy": Sentence(
        "Nothing of this case is to be handed out to this party ({part}) as it is stored; show "
        "what is held, or answer that nothing is.",
        "该个案没有可以按原记录交付{part}的内容，请出示所持信息，或者答复未持有。",
    ),
    "case-out-of-scope": Sentence(
        "{case} was no case of the reviewed place at that position; draw only from its cases.",
        "{case} 在所选位置不是被检查单位的个案，请只从其个案中抽样。",
    ),
    "requester-unknown": Sentence(
        "Nobody is known as {requester}; name who asks: a member of the team or somebody with an "
        "account.",
        "没有编号为 {requester} 的人员，请填写申请人：团队成员或者有账号的人员。",
    ),
    "id-not-random": Sentence(
        "{id} is no random id; leave the id out, or take a UUID of version 4 or 7.",
        "{id} 不是随机编号，请不填编号，或使用第 4 版或第 7 版 UUID。",
    ),
    "region-code-borne": Sentence(
        "Another region bears the code {region} at that time; check the code, or enter first which "
        "region succeeded that one.",
        "代码 {region} 在该期间已由另一行政区使用，请核对代码，或先登记原行政区的整体承继。",
    ),
    "region-below-itself": Sentence(
        "The region {other} would lie in itself on a day; name another one, or first put right "
        "when it and those above it were moved or succeeded.",
        "行政区 {other} 将在某日隶属于其自身，请改填其他行政区，或先更正有关的隶属变更或者承继。",
    ),
    "region-not-below-itself": Sentence(
        "The region {region} does not lie in itself today; let an office above it take its move "
        "back.",
        "行政区 {region} 今日并未隶属于其自身，请由上级单位撤销其隶属变更。",
    ),
    "number-missing": Sentence(
        "There is no {by} number in what was entered; enter it as it stands on the paper.",
        "所填内容中没有{by}，请按证件或登记材料填写。",
    ),
    "erased-meanwhile": Sentence(
        "The personal data of this person were erased while this was entered, and nothing was "
        "recorded; look at the record, and enter it again if it still applies.",
        "录入期间该人的个人信息已被删除，本次未作记录；请查看记录后，如仍需要再重新提交。",
    ),
    "report-beside-its-pin": Sentence(
        "The pin holds figures of another period or moment (position {position}); name its "
        "position and period, or pin the figures of this sheet.",
        "所引固定报表的期间或时点不同（位置 {position}），请填写其位置和期间，或固定本表的数字。",
    ),
}

CALENDAR_REFUSALS = {
    "calendar-missing": Sentence(
        "There is no holiday calendar of {year}; add the State Council's notice of that year to "
        "the reference data first.",
        "缺少 {year} 年的节假日安排，请先在基础数据中补充国务院办公厅当年的放假通知。",
    ),
    "no-cooling-off": Sentence(
        "On {on} there was no cooling-off period yet; enter the application as registered on the "
        "spot.",
        "{on} 时尚未实行离婚冷静期，请按即时登记录入。",
    ),
}

REFUSALS: dict[str, Sentence] = {
    **STAMP,
    **APPLICATION_REFUSALS,
    **CALENDAR_REFUSALS,
    **CASE_REFUSALS,
    **CENTRE_REFUSALS,
    **PRACTITIONER_REFUSALS,
    **LOG_REFUSALS,
    **REGION_REFUSALS,
    **SUPERVISION_REFUSALS,
    **REVIEW_REFUSALS,
    **ACCESS_REFUSALS,
    **SUBJECT_REFUSALS,
    **PIN_REFUSALS,
    **ACCOUNT_REFUSALS,
    **REQUEST_REFUSALS,
    **ASSESSMENT_REFUSALS,
    **DISPOSAL_REFUSALS,
}

TITLES: dict[str, str] = {
    **CASE_TITLES,
    **CENTRE_TITLES,
    **PRACTITIONER_TITLES,
    **LOG_TITLES,
    **REGION_TITLES,
    **SUPERVISION_TITLES,
    **REVIEW_TITLES,
    **ACCESS_TITLES,
    **SUBJECT_TITLES,
    **PIN_TITLES,
    **ACCOUNT_TITLES,
    **REQUEST_TITLES,
    **ASSESSMENT_TITLES,
    **DISPOSAL_TITLES,
}


def refusal(error: Refused) -> Sentence:
    """What a refusal says to people: instants as they are written in Asia/Shanghai."""
    sentence, context = REFUSALS[error.code], error.context
    return Sentence(
        sentence.en.format(**{name: written(value) for name, value in context.items()}),
        sentence.zh.format(**{name: written(label(value)) for name, value in context.items()}),
    )


def written(value: object) -> object:
    """A value as a sentence names it."""
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return value


def label(value: object) -> object:
    """A value of a list in Chinese."""
    return value.label if isinstance(value, Labelled) else value
