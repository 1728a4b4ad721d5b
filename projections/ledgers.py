"""The work ledgers (工作台账): fixed columns, one row a fact, a new version with every change.

A pure function of one recorded event. A voided row stays, marked in its status; `recorded_at` is
when the row was first entered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final, Literal, NamedTuple, get_args

from application.eventlog import Recorded
from domain.account_events import AnyAccountEvent
from domain.log import LogEvent
from domain.pin import ReportPinned
from domain.region_events import AnyRegionEvent
from domain.retention import RecordClass
from domain.review import AnyReviewEvent
from domain.rights import (
    Applicant,
    AssessmentOutcome,
    AssessmentStatus,
    AssessmentTrigger,
    DisposalStatus,
    PersonPart,
    RequestChannel,
    RequestKind,
    RequestStatus,
    Stage,
)
from domain.subject import SubjectEvent
from domain.values import (
    AccessPurpose,
    AccessReason,
    AccessStatus,
    AccessVerdict,
    AssistanceStatus,
    CaseChannel,
    CaseOutcome,
    CaseStatus,
    CentreGrade,
    CentreKind,
    CentreStatus,
    ClosureKind,
    EscalationStep,
    FollowUpKind,
    FollowUpStatus,
    FundsKind,
    FundSource,
    Labelled,
    LookKind,
    OrderStatus,
    OutcomeSource,
    OutreachKind,
    Party,
    PostStatus,
    PractitionerKind,
    PractitionerSource,
    RecordKind,
    RecordStatus,
    RecordSurface,
    RiskLevel,
    Role,
    ServiceKind,
    ServiceType,
    SessionForm,
    Visit,
)
from projections import (
    access_patches,
    case_patches,
    centre_patches,
    directory_patches,
    order_patches,
    rights_patches,
)
from projections.packing import Kind
from projections.patches import Kinds, Patch, Patchers

__all__ = ["LEDGERED", "LEDGERS", "PATCHERS", "UNLISTED", "Column", "Ledger", "Patch", "patches_of"]


class Column(NamedTuple):
    """A fixed column; instants are with a zone, money is in fen, durations are in minutes.

    `values` are the lists that hold every value of the column; a text of none is free. `several`
    says that a text may hold more than one, with commas between: values, or ids. `looked` says
    that it is what a look was at, which has words of its own.
    """

    name: str
    zh: str
    kind: Kind
    values: tuple[type[Labelled], ...] = ()
    several: Literal["values", "ids"] | None = None
    looked: bool = False

    def label(self, stored: str) -> str:
        """What people read for a stored text: the Chinese of each value that it names."""
        if not self.values:
            return stored
        labels = labels_of(self.values)
        return "、".join(labels.get(value, value) for value in stored.split(","))


@cache
def labels_of(values: tuple[type[Labelled], ...]) -> dict[str, str]:
    """The Chinese of every value of these lists."""
    return {str(one): one.label for members in values for one in members}


@dataclass(frozen=True)
class Ledger:
    """A work ledger; every row has a value in the column by which it is sorted.

    A row of a directory is no fact of one day but what lasts, and lies where it lies at the
    reading.
    """

    name: str
    zh: str
    columns: tuple[Column, ...]
    sorted_by: str
    directory: bool = False

    @cached_property
    def positions(self) -> dict[str, tuple[int, Kind]]:
        """Where a column stands, and its kind."""
        return {column.name: (at, column.kind) for at, column in enumerate(self.columns)}


STATUS = Column("status", "状态", "text", (RecordStatus,))
RECORDED_AT = Column("recorded_at", "录入时间", "instant")

LEDGERS: Final[dict[str, Ledger]] = {
    ledger.name: ledger
    for ledger in (
        Ledger(
            "cases",
            "个案台账",
            (
                Column("number", "个案编号", "text"),
                Column("service", "服务类型", "text", (ServiceType,)),
                Column("channel", "来源渠道", "text", (CaseChannel,)),
                Column("visit", "初访或再访", "text", (Visit,)),
                Column("opened_on", "开案日期", "date"),
                Column("status", "状态", "text", (CaseStatus,)),
                Column("risk", "风险等级", "text", (RiskLevel,)),
                Column("applied_on", "离婚申请日期", "date"),
                Column("receipt", "受理回执编号", "text"),
                Column("cooling_off_nominal", "冷静期届满日（回执）", "date"),
                Column("cooling_off_effective", "冷静期届满日（实际）", "date"),
                Column("window_nominal", "领证期届满日（回执）", "date"),
                Column("window_effective", "领证期届满日（实际）", "date"),
                Column("calendar_version", "节假日安排版本", "text"),
                Column("closing", "登记处下班时间", "text"),
                Column("accepted_on", "同意辅导日期", "date"),
                Column("declined_on", "拒绝辅导日期", "date"),
                Column("receiver", "首接负责人", "uuid"),
                Column("received_as", "首接岗位", "text", (Role,)),
                Column("counsellor", "最近指派的辅导员", "uuid"),
                Column("counsellors", "承办的辅导员", "text", several="ids"),
                Column("counselled_on", "首次辅导日期", "date"),
                Column("sessions", "辅导次数", "integer"),
                Column("minutes", "辅导时长（分钟）", "integer"),
                Column("outcome", "结果", "text", (CaseOutcome,)),
                Column("outcome_on", "结果日期", "date"),
                Column("outcome_source", "结果来源", "text", (OutcomeSource,)),
                Column("broken_on", "反复日期", "date"),
                Column("rated", "评价人次", "integer"),
                Column("satisfied", "满意人次", "integer"),
                Column("closed_on", "结案日期", "date"),
                Column("closure", "结案原因", "text", (ClosureKind,)),
                Column("filed", "档案齐全（1是0否）", "integer"),
                Column("archived_on", "归档日期", "date"),
                Column("keep_until", "保管期限至", "date"),
                Column("duplicate_of", "重复于个案", "uuid"),
                RECORDED_AT,
            ),
            "opened_on",
        ),
        Ledger(
            "sessions",
            "辅导记录台账",
            (
                Column("case_id", "个案", "uuid"),
                Column("held_on", "辅导日期", "date"),
                Column("started_at", "开始时间", "instant"),
                Column("minutes", "时长（分钟）", "integer"),
                Column("form", "形式", "text", (SessionForm,)),
                Column("present", "在场人员", "text", (Party,), "values"),
                Column("practitioner", "主持人", "uuid"),
                Column("assisting", "协同人数", "integer"),
                Column("assistants", "协同人员", "text", several="ids"),
                STATUS,
                RECORDED_AT,
            ),
            "started_at",
        ),
        Ledger(
            "follow_ups",
            "回访台账",
            (
                Column("case_id", "个案", "uuid"),
                Column("kind", "方式", "text", (FollowUpKind,)),
                Column("due_on", "到期日期", "date"),
                Column("status", "状态", "text", (FollowUpStatus, RecordStatus)),
                Column("tries", "未联系上次数", "integer"),
                Column("made_on", "完成日期", "date"),
                Column("lost_on", "失访日期", "date"),
                Column("cancelled_on", "取消日期", "date"),
                RECORDED_AT,
            ),
            "due_on",
        ),
        Ledger(
            "outreach",
            "培训宣传台账",
            (
                Column("held_on", "举办日期", "date"),
                Column("kind", "类型", "text", (OutreachKind,)),
                Column("title", "名称", "text"),
                Column("persons", "人次", "integer"),
                Column("couples", "夫妻对次", "integer"),
                Column("materials", "发放资料（份）", "integer"),
                Column("online_views", "线上浏览（次）", "integer"),
                STATUS,
                RECORDED_AT,
            ),
            "held_on",
        ),
        Ledger(
            "volunteer_service",
            "志愿服务台账",
            (
                Column("practitioner", "人员", "uuid"),
                Column("kind", "类型", "text", (ServiceKind,)),
                Column("served_on", "服务日期", "date"),
                Column("started_at", "开始时间", "instant"),
                Column("ended_at", "结束时间", "instant"),
                Column("minutes", "认定时长（分钟）", "integer"),
                Column("rule", "认定规则", "text"),
                STATUS,
                RECORDED_AT,
            ),
            "started_at",
        ),
        Ledger(
            "funds",
            "经费台账",
            (
                Column("booked_on", "日期", "date"),
                Column("kind", "类型", "text", (FundsKind,)),
                Column("fen", "金额（分）", "integer"),
                Column("source", "资金来源", "text", (FundSource,)),
                Column("document", "文号", "text"),
                Column("purpose", "用途", "text"),
                Column("practitioner", "领取人", "uuid"),
                STATUS,
                RECORDED_AT,
            ),
            "booked_on",
        ),
        Ledger(
            "assistance",
            "吹哨报到台账",
            (
                Column("requested_on", "吹哨日期", "date"),
                Column("requested_at", "吹哨时间", "instant"),
                Column("what", "事项", "text"),
                Column("status", "状态", "text", (AssistanceStatus, RecordStatus)),
                Column("volunteers", "派出人数", "integer"),
                Column("dispatched_at", "派员时间", "instant"),
                Column("volunteer", "首位报到人", "uuid"),
                Column("arrived_at", "报到时间", "instant"),
                Column("response_minutes", "响应时长（分钟）", "integer"),
                Column("completed_at", "办结时间", "instant"),
                Column("result", "办理结果", "text"),
                RECORDED_AT,
            ),
            "requested_at",
        ),
        Ledger(
            "orders",
            "督办单台账",
            (
                Column("addressee", "承办单位", "uuid"),
                Column("issued_by", "下达单位", "uuid"),
                Column("issuer", "下达人", "uuid"),
                Column("issued_on", "下达日期", "date"),
                Column("deadline", "办结期限", "date"),
                Column("status", "进度", "text", (OrderStatus,)),
                Column("stage", "状态", "text", (Stage,)),
                Column("escalated_to", "督办级别", "text", (EscalationStep,)),
                Column("escalated_on", "最近升级日期", "date"),
                Column("escalations", "升级次数", "integer"),
                Column("extensions", "延期次数", "integer"),
                Column("acknowledged_on", "签收日期", "date"),
                Column("reported_on", "最近报告进展日期", "date"),
                Column("submitted_on", "最近提交整改材料日期", "date"),
                Column("returns", "退回次数", "integer"),
                Column("verified_on", "核验日期", "date"),
                Column("verified_by", "核验人", "uuid"),
                Column("written_off_on", "销号日期", "date"),
                RECORDED_AT,
            ),
            "issued_on",
        ),
        Ledger(
            "centres",
            "机构名册",
            (
                Column("kind", "类型", "text", (CentreKind,)),
                Column("name", "名称", "text"),
                Column("status", "状态", "text", (CentreStatus, RecordStatus)),
                Column("grade", "等级", "text", (CentreGrade,)),
                Column("registry_offices", "覆盖的婚姻登记处", "text"),
                Column("address", "地址", "text"),
                Column("established_on", "设立日期", "date"),
                Column("suspended_on", "暂停服务日期", "date"),
                Column("closed_on", "撤销日期", "date"),
                RECORDED_AT,
            ),
            "established_on",
            directory=True,
        ),
        Ledger(
            "practitioners",
            "人员名册",
            (
                Column("kind", "类型", "text", (PractitionerKind,)),
                Column("source", "人员来源", "text", (PractitionerSource,)),
                Column("status", "状态", "text", (PostStatus, RecordStatus)),
                Column("post_since", "在现单位任职起", "date"),
                Column("left_on", "离岗日期", "date"),
                Column("posts", "现任岗位数", "integer"),
                Column("certificates", "有效登记证书数", "integer"),
                Column("qualified_from", "持证在岗起", "date"),
                Column("qualified_until", "持证在岗至", "date"),
                Column("star", "星级", "integer"),
                Column("service_minutes", "认定服务时长（分钟）", "integer"),
                Column("registered_on", "入队日期", "date"),
                Column("deregistered_on", "离队日期", "date"),
                RECORDED_AT,
            ),
            "registered_on",
            directory=True,
        ),
        Ledger(
            "requests",
            "个人信息权益申请台账",
            (
                Column("record", "所涉记录", "uuid"),
                Column("part", "所涉人员", "text", (PersonPart,)),
                Column("kind", "申请事项", "text", (RequestKind,)),
                Column("applicant", "申请人", "text", (Applicant,)),
                Column("channel", "申请方式", "text", (RequestChannel,)),
                Column("received_on", "受理日期", "date"),
                Column("due_on", "办理期限至", "date"),
                Column("status", "进度", "text", (RequestStatus,)),
                Column("stage", "状态", "text", (Stage,)),
                Column("settled_on", "了结日期", "date"),
                RECORDED_AT,
            ),
            "due_on",
        ),
        Ledger(
            "assessments",
            "个人信息保护影响评估登记簿",
            (
                Column("activity", "处理活动", "text"),
                Column("triggers", "评估事由", "text", (AssessmentTrigger,), "values"),
                Column("assessed_on", "评估日期", "date"),
                Column("assessors", "评估人", "text"),
                Column("outcome", "评估结论", "text", (AssessmentOutcome,)),
                Column("status", "状态", "text", (AssessmentStatus,)),
                Column("approved_on", "审定日期", "date"),
                Column("keep_until", "至少保存至", "date"),
                RECORDED_AT,
            ),
            "assessed_on",
        ),
        Ledger(
            "disposals",
            "鉴定销毁登记簿",
            (
                Column("kind", "记录类别", "text", (RecordClass,)),
                Column("proposed", "提出件数", "integer"),
                Column("kept", "鉴定留存件数", "integer"),
                Column("disposed", "已销毁件数", "integer"),
                Column("status", "状态", "text", (DisposalStatus,)),
                Column("proposed_on", "提出日期", "date"),
                Column("approved_on", "批准日期", "date"),
                RECORDED_AT,
            ),
            "proposed_on",
        ),
        Ledger(
            "looks",
            "查阅记录",
            (
                Column("reader", "查阅人", "uuid"),
                Column("role", "身份", "text", (Role,)),
                Column("office", "查阅人单位", "uuid"),
                Column("at", "时间", "instant"),
                Column("happened", "行为", "text", (LookKind,)),
                Column("record", "被查阅的档案", "uuid"),
                Column("kind", "档案类型", "text", (RecordKind,)),
                Column("surface", "途径", "text", (RecordSurface,)),
                Column("purpose", "目的", "text", (AccessPurpose,)),
                Column("rows", "条数", "integer"),
                Column("what", "清单或字段", "text", looked=True),
                Column("recipient", "接收单位", "text"),
                Column("access", "紧急查阅", "uuid"),
                Column("request", "请求编号", "uuid"),
                RECORDED_AT,
            ),
            "at",
        ),
        Ledger(
            "accesses",
            "紧急查阅台账",
            (
                Column("stream", "申请当日的查阅记录", "uuid"),
                Column("reader", "申请人", "uuid"),
                Column("role", "身份", "text", (Role,)),
                Column("office", "申请人单位", "uuid"),
                Column("record", "申请查阅的档案", "uuid"),
                Column("kind", "档案类型", "text", (RecordKind,)),
                Column("reason", "事由", "text", (AccessReason,)),
                Column("why", "说明", "text"),
                Column("requested_at", "申请时间", "instant"),
                Column("asked_until", "申请至", "instant"),
                Column("status", "状态", "text", (AccessStatus,)),
                Column("decided_at", "审批时间", "instant"),
                Column("decided_by", "审批人", "uuid"),
                Column("until", "批准至", "instant"),
                Column("opened", "查阅次数", "integer"),
                Column("last_opened_at", "最近查阅时间", "instant"),
                Column("review_due", "复核期限", "date"),
                Column("reviewed_at", "复核时间", "instant"),
                Column("reviewed_by", "复核人", "uuid"),
                Column("verdict", "复核结论", "text", (AccessVerdict,)),
                RECORDED_AT,
            ),
            "requested_at",
        ),
    )
}
"""Every work ledger by its name."""

PATCHERS: Final[Patchers] = {
    **access_patches.PATCHERS,
    **case_patches.PATCHERS,
    **centre_patches.PATCHERS,
    **directory_patches.PATCHERS,
    **order_patches.PATCHERS,
    **rights_patches.PATCHERS,
}

UNLISTED: Final[Kinds] = frozenset(
    {
        *case_patches.UNLISTED,
        *directory_patches.UNLISTED,
        *get_args(LogEvent),
        ReportPinned,
        *get_args(AnyRegionEvent),
        *get_args(AnyReviewEvent),
        *get_args(SubjectEvent),
        *get_args(AnyAccountEvent),
    }
)
"""Events that write in no ledger; of what administers, only looks do."""

LEDGERED: Final = frozenset(kind.topic for kind in PATCHERS)
"""The topics that can change a ledger; a rebuild reads only those."""


def patches_of(recorded: Recorded) -> Iterator[Patch]:
    """What one recorded event changes in the ledgers, at most once a row."""
    patcher = PATCHERS.get(type(recorded.event))
    return iter(()) if patcher is None else iter(patcher(recorded.event, recorded))
