"""Who may do and see what: one table, read from left to right like a duty roster.

A row is an action; a column a role; the cell says how far from the actor's office it reaches. What
no row allows is refused, and a decision or a route that stands in no row does not start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from domain import (
    case_care,
    case_counselling,
    case_file,
    case_protection,
    case_registry,
    case_safety,
    centre_assistance,
    centre_existence,
    centre_work,
    practitioner_certificates,
    practitioner_posts,
    practitioner_service,
    region_boundaries,
    region_mechanism,
    region_reporting,
)
from domain.access import Access
from domain.account import Account
from domain.assessment import ImpactAssessment
from domain.disposal import Disposal
from domain.log import Log
from domain.request import PersonRequest
from domain.review import Review
from domain.subject import Subject
from domain.supervision import SupervisionOrder
from domain.values import Labelled, Role

MASKED: Final = "〔无权查看〕"  # what stands where a role may not read


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a pseudonym, in a role, for an office (a centre or region).

    A member of the team acts under the id of its own record, under which cases are assigned to it.
    """

    id: UUID
    role: Role
    office: UUID


class Reach(Labelled):
    """How far an action reaches, the narrowest first."""

    NONE = "-", "无权"
    OWN = "own", "本人承办"
    CENTRE = "centre", "本单位"
    REGION = "region", "本辖区及下级"
    ALL = "all", "全部"


class Action(Labelled):
    """What a person does with records, in the words of the roster."""

    OPEN_CASES = "cases.open", "立案登记"
    IDENTIFY_PARTIES = "cases.identify", "登记当事人身份"
    OBSERVE_REGISTRY = "cases.observe", "登记申请与当事人声明的结果"
    REGISTER = "cases.register", "婚姻登记机关受理与确认"
    RECTIFY_REGISTRY = "cases.rectify", "更正申请与结果"
    COUNSEL = "cases.counsel", "辅导、回访、转介"
    PROTECT = "cases.protect", "安全筛查与强制报告"
    SHELTER = "cases.shelter", "登记安全联系方式与保护地址"
    APPROVE_MINORS = "cases.minors", "审批登记未成年人信息"
    ASSIGN = "cases.assign", "指派辅导员"
    RECUSE = "cases.recuse", "回避"
    TRANSFER = "cases.transfer", "个案移交"
    PROPOSE_CLOSURE = "cases.propose-closure", "提出结案"
    DECIDE_CLOSURE = "cases.decide-closure", "审批结案、归档、作废"
    ERASE = "persons.erase", "依法保全与删除个人信息"
    RECEIVE_REQUESTS = "requests.receive", "受理个人信息权益申请"
    DECIDE_REQUESTS = "requests.decide", "审批个人信息权益申请"
    ANSWER_REQUESTS = "requests.answer", "办结个人信息权益申请"
    ASSESS_IMPACT = "assessments.keep", "个人信息保护影响评估"
    PROPOSE_DISPOSAL = "disposals.propose", "提出鉴定销毁"
    DECIDE_DISPOSAL = "disposals.decide", "审批和执行鉴定销毁"

    GOVERN_CENTRES = "centres.govern", "设立、变更、撤销中心站室"
    RUN_CENTRES = "centres.run", "中心日常变更"
    WORK_AT_CENTRES = "centres.work", "培训宣传与值班"
    KEEP_FUNDS = "centres.funds", "经费"
    GRADE_CENTRES = "centres.grade", "设施检查与评级"
    ASSIST = "centres.assist", "吹哨报到"

    MANAGE_TEAM = "team.manage", "人员登记与岗位"
    VERIFY_CERTIFICATES = "team.verify", "核验证书"
    CREDIT_SERVICE = "team.credit", "培训、服务时长、星级、考核"

    GOVERN_REGIONS = "regions.govern", "行政区划变更"
    COORDINATE = "regions.coordinate", "领导小组、联席会议、情况调度"
    REPORT = "regions.report", "报表上报、审批与锁定"

    ISSUE_ORDERS = "orders.issue", "签发与核销督办单"
    ANSWER_ORDERS = "orders.answer", "签收与整改督办单"
    REVIEW = "reviews.conduct", "开展合规检查"
    ANSWER_FINDINGS = "reviews.answer", "答复检查问题"

    ASK_ACCESS = "access.ask", "申请紧急查阅"
    DECIDE_ACCESS = "access.decide", "审批紧急查阅"
    JUDGE_ACCESS = "access.judge", "复核紧急查阅、查看异常查阅"
    READ_NEAR = "access.near", "查看对本人、亲属、近邻个案的查阅"
    TRACE = "access.trace", "留下查阅痕迹"

    MANAGE_ACCOUNTS = "accounts.manage", "管理账号与岗位"
    KEEP_OWN_ACCOUNT = "accounts.own", "管理本人账号"

    PIN = "figures.pin", "固定报表"
    KEEP_LOG = "log.keep", "维护日志"

    READ_FIGURES = "figures.read", "查看统计数字"
    OPEN_FIGURES = "figures.open", "查看数字明细与前后差异"
    LIST_CASES = "cases.list", "查看个案、辅导、回访台账"
    EXPORT_CASES = "cases.export", "导出个案、辅导、回访台账"
    READ_CASES = "cases.read", "查阅个案"
    READ_SUMMARIES = "cases.summaries", "查看服务小结"
    READ_NOTES = "cases.notes", "查看密封笔记"
    READ_IDENTITIES = "cases.identities", "查看当事人身份"
    READ_CONTACTS = "cases.contacts", "查看安全联系方式"
    FIND_PERSONS = "persons.find", "按证件号码或电话查找"
    READ_ADDRESSES = "cases.addresses", "查看保护地址"
    LIST_WORK = "work.list", "查看其他台账"
    LIST_FUNDS = "funds.list", "查看经费台账"
    READ_WORK = "work.read", "查阅中心、人员、督办、检查档案"
    READ_LOOKS = "access.read", "查看查阅记录"
    READ_REQUESTS = "requests.read", "查看个人信息权益申请、鉴定销毁"
    READ_HOLDS = "holds.read", "查看依法保全清单"
    READ_ASSESSMENTS = "assessments.read", "查看个人信息保护影响评估"
    READ_REGIONS = "public.read", "查看区划、指标与系统状态"


ROLES: Final = (
    Role.COUNSELLOR,
    Role.VOLUNTEER,
    Role.STATION_WORKER,
    Role.REGISTRAR,
    Role.CENTRE_MANAGER,
    Role.SUPERVISOR,
    Role.AUDITOR,
    Role.PRIVACY_OFFICER,
    Role.ADMINISTRATOR,
)
"""The columns of the table, in its order; the system itself stands below it."""

CELLS: Final = {
    "–": Reach.NONE,
    "own": Reach.OWN,
    "ctr": Reach.CENTRE,
    "reg": Reach.REGION,
    "all": Reach.ALL,
}


def row(cells: str) -> dict[Role, Reach]:
    """A row of the table."""
    return {role: CELLS[cell] for role, cell in zip(ROLES, cells.split(), strict=True)}


# fmt: off
POLICY: Final[Mapping[Action, Mapping[Role, Reach]]] = {
    #                          couns volun statn regis mangr super audit priva admin
    Action.OPEN_CASES:          row("ctr   –   ctr   ctr   ctr   –     –     –     –"),
    Action.IDENTIFY_PARTIES:    row("own   –   own   own   ctr   –     –     –     –"),
    Action.OBSERVE_REGISTRY:    row("own   –   own   ctr   ctr   –     –     –     –"),
    Action.REGISTER:            row("–     –   –     ctr   –     –     –     –     –"),
    Action.RECTIFY_REGISTRY:    row("–     –   –     ctr   ctr   –     –     –     –"),
    Action.COUNSEL:             row("own   own own   –     ctr   –     –     –     –"),
    Action.PROTECT:             row("own   –   own   own   ctr   –     –     –     –"),
    Action.SHELTER:             row("own   –   own   own   ctr   –     –     –     –"),
    Action.APPROVE_MINORS:      row("–     –   –     –     ctr   –     –     reg   –"),
    Action.ASSIGN:              row("–     –   –     –     ctr   –     –     –     –"),
    Action.RECUSE:              row("own   own own   –     ctr   –     –     –     –"),
    Action.TRANSFER:            row("–     –   –     –     ctr   –     –     –     –"),
    Action.PROPOSE_CLOSURE:     row("own   –   own   –     ctr   –     –     –     –"),
    Action.DECIDE_CLOSURE:      row("–     –   –     –     ctr   –     –     –     –"),
    Action.ERASE:               row("–     –   –     –     –     –     –     reg   –"),
    Action.RECEIVE_REQUESTS:    row("ctr   –   ctr   ctr   ctr   –     –     reg   –"),
    Action.DECIDE_REQUESTS:     row("–     –   –     –     –     –     –     reg   –"),
    Action.ANSWER_REQUESTS:     row("–     –   –     –     ctr   –     –     reg   –"),
    Action.ASSESS_IMPACT:       row("–     –   –     –     –     reg   –     reg   –"),
    Action.PROPOSE_DISPOSAL:    row("–     –   –     –     ctr   –     –     reg   –"),
    Action.DECIDE_DISPOSAL:     row("–     –   –     –     –     –     –     reg   –"),

    Action.GOVERN_CENTRES:      row("–     –   –     –     –     reg   –     –     reg"),
    Action.RUN_CENTRES:         row("–     –   –     –     ctr   reg   –     –     –"),
    Action.WORK_AT_CENTRES:     row("ctr   –   ctr   –     ctr   –     –     –     –"),
    Action.KEEP_FUNDS:          row("–     –   –     –     ctr   reg   –     –     –"),
    Action.GRADE_CENTRES:       row("–     –   –     –     –     reg   –     –     –"),
    Action.ASSIST:              row("ctr   ctr ctr   –     ctr   reg   –     –     –"),

    Action.MANAGE_TEAM:         row("–     –   –     –     ctr   reg   –     –     –"),
    Action.VERIFY_CERTIFICATES: row("–     –   –     –     ctr   reg   –     –     –"),
    Action.CREDIT_SERVICE:      row("–     –   ctr   –     ctr   reg   –     –     –"),

    Action.GOVERN_REGIONS:      row("–     –   –     –     –     reg   –     –     reg"),
    Action.COORDINATE:          row("–     –   –     –     –     reg   –     –     –"),
    Action.REPORT:              row("–     –   –     –     –     reg   –     –     –"),

    Action.ISSUE_ORDERS:        row("–     –   –     –     –     reg   –     –     –"),
    Action.ANSWER_ORDERS:       row("–     –   –     –     ctr   reg   –     –     –"),
    Action.REVIEW:              row("–     –   –     –     –     reg   reg   –     –"),
    Action.ANSWER_FINDINGS:     row("–     –   –     –     ctr   reg   –     –     –"),

    Action.ASK_ACCESS:          row("all   –   all   all   all   all   all   –     –"),
    Action.DECIDE_ACCESS:       row("–     –   –     –     ctr   reg   –     reg   –"),
    Action.JUDGE_ACCESS:        row("–     –   –     –     –     reg   reg   reg   –"),
    Action.READ_NEAR:           row("–     –   –     –     –     –     reg   reg   –"),
    Action.TRACE:               row("all   all all   all   all   all   all   all   all"),

    Action.MANAGE_ACCOUNTS:     row("–     –   –     –     –     –     –     –     reg"),
    Action.KEEP_OWN_ACCOUNT:    row("all   all all   all   all   all   all   all   all"),

    Action.PIN:                 row("–     –   –     –     –     reg   reg   –     –"),
    Action.KEEP_LOG:            row("–     –   –     –     –     –     –     –     –"),

    Action.READ_FIGURES:        row("ctr   –   ctr   ctr   ctr   reg   reg   –     –"),
    Action.OPEN_FIGURES:        row("–     –   –     ctr   ctr   reg   reg   –     –"),
    Action.LIST_CASES:          row("own   own own   ctr   ctr   reg   reg   –     –"),
    Action.EXPORT_CASES:        row("–     –   –     –     ctr   reg   reg   –     –"),
    Action.READ_CASES:          row("own   own own   ctr   ctr   reg   reg   reg   –"),
    Action.READ_SUMMARIES:      row("own   own own   –     ctr   reg   –     –     –"),
    Action.READ_NOTES:          row("own   –   –     –     –     –     –     –     –"),
    Action.READ_IDENTITIES:     row("own   –   own   own   ctr   –     –     reg   –"),
    Action.FIND_PERSONS:        row("own   –   own   ctr   ctr   –     –     reg   –"),
    Action.READ_CONTACTS:       row("own   –   own   own   ctr   –     –     reg   –"),
    Action.READ_ADDRESSES:      row("own   –   –     –     ctr   –     –     –     –"),
    Action.LIST_WORK:           row("ctr   ctr ctr   ctr   ctr   reg   reg   –     –"),
    Action.LIST_FUNDS:          row("ctr   –   ctr   –     ctr   reg   reg   –     –"),
    Action.READ_WORK:           row("ctr   ctr ctr   ctr   ctr   reg   reg   reg   reg"),
    Action.READ_LOOKS:          row("own   –   –     –     ctr   reg   reg   reg   –"),
    Action.READ_REQUESTS:       row("–     –   –     –     ctr   –     reg   reg   –"),
    Action.READ_HOLDS:          row("–     –   –     –     –     –     reg   reg   –"),
    Action.READ_ASSESSMENTS:    row("–     –   –     –     ctr   reg   reg   reg   –"),
    Action.READ_REGIONS:        row("all   all all   all   all   all   all   all   all"),
}
# fmt: on
"""The table."""

SYSTEM: Final = frozenset(
    {Action.KEEP_LOG, Action.PIN, Action.TRACE, Action.MANAGE_ACCOUNTS, Action.KEEP_OWN_ACCOUNT}
)
"""What the system does by itself."""


def reach(actor: Actor, action: Action) -> Reach:
    """How far an action of an actor reaches."""
    if actor.role is Role.SYSTEM:
        return Reach.ALL if action in SYSTEM else Reach.NONE
    return POLICY[action][actor.role]


def name_of(decision: Callable[..., Any]) -> str:
    """The stable name of a decision; one that a desk's method holds goes by the method's name."""
    return f"{decision.__module__}.{decision.__qualname__.partition('.<locals>')[0]}"


DECIDED: Final[Mapping[Action, tuple[Callable[..., Any] | str, ...]]] = {
    Action.OPEN_CASES: (
        case_file.open_case,
        case_file.correct_opening,
        case_file.note_anonymous,
        case_file.link_encounter,
    ),
    Action.IDENTIFY_PARTIES: (
        "application.casework.Casework.identify",
        "application.casework.Casework.correct_identity",
    ),
    Action.SHELTER: (
        case_protection.note_safe_contact,
        case_protection.note_protected_address,
    ),
    Action.APPROVE_MINORS: (case_protection.approve_minor,),
    Action.OBSERVE_REGISTRY: (
        case_registry.observe_application,
        case_registry.declare_outcome,
        case_registry.break_deferral,
        case_registry.void_deferral_break,
    ),
    Action.REGISTER: (
        "application.casework.Casework.accept_application",
        case_registry.confirm_outcome,
    ),
    Action.RECTIFY_REGISTRY: (
        "application.casework.Casework.correct_application",
        case_registry.void_application,
        case_registry.revise_outcome,
        case_registry.void_outcome,
    ),
    Action.COUNSEL: (
        case_counselling.offer,
        case_counselling.consent,
        case_counselling.decline,
        case_counselling.withdraw_consent,
        case_counselling.correct_answer,
        case_counselling.void_answer,
        case_counselling.hold_session,
        "application.casework.Casework.correct_session",
        case_counselling.void_session,
        case_care.assess,
        case_care.correct_assessment,
        case_care.void_assessment,
        case_care.agree_plan,
        case_care.correct_plan,
        case_care.void_plan,
        case_care.book,
        case_care.reschedule,
        case_care.miss,
        case_care.cancel_appointment,
        case_care.refer,
        case_care.accept_referral,
        case_care.decline_referral,
        case_care.complete_referral,
        "application.casework.Casework.correct_referral",
        case_care.void_referral,
        case_care.schedule_follow_up,
        case_care.make_follow_up,
        case_care.miss_follow_up,
        case_care.cancel_follow_up,
        case_care.correct_follow_up,
        case_care.void_follow_up,
        case_care.rate,
        case_care.correct_rating,
        case_care.void_rating,
    ),
    Action.PROTECT: (
        case_safety.screen,
        case_safety.correct_screening,
        case_safety.void_screening,
        case_safety.set_risk,
        case_safety.correct_risk,
        case_safety.void_risk,
        case_safety.report,
        "application.casework.Casework.correct_report",
        case_safety.void_report,
        case_safety.note_warning_letter,
        case_safety.note_protection_order,
        case_safety.void_document,
    ),
    Action.ASSIGN: (case_care.assign,),
    Action.RECUSE: (case_care.recuse,),
    Action.TRANSFER: (
        case_file.request_transfer,
        case_file.accept_transfer,
        case_file.reject_transfer,
    ),
    Action.PROPOSE_CLOSURE: (case_file.propose_closure,),
    Action.DECIDE_CLOSURE: (
        case_file.approve_closure,
        case_file.return_closure,
        case_file.void_closure,
        case_file.reopen,
        case_file.archive,
        case_file.void,
    ),
    Action.READ_NOTES: (case_file.read_note,),
    Action.ERASE: (
        case_file.erase,
        Subject.place_hold,
        Subject.lift_hold,
        Subject.destroy_keys,
    ),
    Action.RECEIVE_REQUESTS: (
        "application.requests.Requests.receive",
        PersonRequest.verify_identity,
        PersonRequest.withdraw,
    ),
    Action.DECIDE_REQUESTS: (
        "application.requests.Requests.extend",
        PersonRequest.grant,
        PersonRequest.refuse,
    ),
    Action.ANSWER_REQUESTS: (PersonRequest.fulfil,),
    Action.ASSESS_IMPACT: (
        ImpactAssessment.record,
        ImpactAssessment.correct,
        ImpactAssessment.approve,
        ImpactAssessment.send_back,
    ),
    Action.PROPOSE_DISPOSAL: ("application.disposals.Disposals.propose",),
    Action.DECIDE_DISPOSAL: (
        Disposal.approve,
        Disposal.send_back,
        Disposal.dispose,
    ),
    Action.GOVERN_CENTRES: (
        centre_existence.establish,
        centre_existence.correct_establishment,
        centre_existence.void_establishment,
        centre_existence.close,
        centre_existence.void_closing,
        centre_existence.reassign,
    ),
    Action.RUN_CENTRES: (
        centre_existence.relocate,
        centre_existence.revise_registry_offices,
        centre_existence.suspend,
        centre_existence.resume,
    ),
    Action.GRADE_CENTRES: (
        centre_existence.inspect_facilities,
        centre_existence.award_grade,
        centre_existence.review_grade,
        centre_existence.lower_grade,
        centre_existence.revoke_grade,
    ),
    Action.WORK_AT_CENTRES: (
        centre_work.hold_outreach,
        centre_work.correct_outreach,
        centre_work.void_outreach,
        centre_work.work_shift,
        centre_work.correct_shift,
        centre_work.void_shift,
    ),
    Action.KEEP_FUNDS: (
        centre_work.appropriate_funds,
        centre_work.correct_appropriation,
        centre_work.void_appropriation,
        centre_work.spend_funds,
        centre_work.correct_spending,
        centre_work.void_spending,
        centre_work.pay_subsidy,
        centre_work.correct_subsidy,
        centre_work.void_subsidy,
    ),
    Action.ASSIST: (
        centre_assistance.request_assistance,
        centre_assistance.dispatch_volunteer,
        centre_assistance.volunteer_arrives,
        centre_assistance.complete_assistance,
        centre_assistance.cancel_assistance,
        centre_assistance.correct_assistance,
        centre_assistance.void_assistance,
    ),
    Action.MANAGE_TEAM: (
        practitioner_posts.register,
        practitioner_posts.correct_registration,
        practitioner_posts.void_registration,
        practitioner_posts.deregister,
        practitioner_posts.void_deregistration,
        practitioner_posts.issue_letter,
        practitioner_posts.assume_post,
        practitioner_posts.leave_post,
        practitioner_posts.move_primary,
        practitioner_posts.correct_post,
        practitioner_posts.void_post,
        practitioner_certificates.register_certificate,
        practitioner_certificates.correct_certificate,
        practitioner_certificates.void_certificate,
    ),
    Action.VERIFY_CERTIFICATES: (
        practitioner_certificates.verify_certificate,
        practitioner_certificates.revoke_certificate,
    ),
    Action.CREDIT_SERVICE: (
        practitioner_service.complete_training,
        practitioner_service.correct_training,
        practitioner_service.void_training,
        practitioner_service.credit_hours,
        practitioner_service.correct_hours,
        practitioner_service.void_hours,
        "application.team.Team.award_star",
        practitioner_service.revoke_star,
        practitioner_service.record_appraisal,
        practitioner_service.correct_appraisal,
    ),
    Action.GOVERN_REGIONS: (
        region_boundaries.establish,
        "application.territory.Regions.establish_village",
        region_boundaries.correct_founding,
        region_boundaries.void_founding,
        region_boundaries.rename,
        region_boundaries.void_renaming,
        region_boundaries.move,
        region_boundaries.void_move,
        region_boundaries.succeed,
        region_boundaries.correct_succession,
        region_boundaries.void_succession,
    ),
    Action.COORDINATE: (
        region_mechanism.form_leading_group,
        region_mechanism.correct_leading_group,
        region_mechanism.void_leading_group,
        region_mechanism.hold_joint_meeting,
        region_mechanism.correct_joint_meeting,
        region_mechanism.void_joint_meeting,
        region_mechanism.hold_dispatch,
        region_mechanism.correct_dispatch,
        region_mechanism.void_dispatch,
    ),
    Action.REPORT: (
        region_reporting.require_report,
        region_reporting.waive_report,
        region_reporting.submit_report,
        region_reporting.return_report,
        region_reporting.approve_report,
        region_reporting.restate_report,
        region_reporting.lock_period,
        region_reporting.reopen_period,
    ),
    Action.ISSUE_ORDERS: (
        SupervisionOrder.issue,
        SupervisionOrder.send_back,
        SupervisionOrder.verify,
        SupervisionOrder.write_off,
        SupervisionOrder.void_write_off,
        SupervisionOrder.escalate,
        SupervisionOrder.extend_deadline,
        SupervisionOrder.correct,
        SupervisionOrder.void,
    ),
    Action.ANSWER_ORDERS: (
        SupervisionOrder.acknowledge,
        SupervisionOrder.report_progress,
        SupervisionOrder.submit_evidence,
    ),
    Action.REVIEW: (
        Review.open,
        Review.draw_sample,
        Review.raise_finding,
        Review.settle_finding,
        Review.close,
    ),
    Action.ANSWER_FINDINGS: (Review.answer_finding,),
    Action.ASK_ACCESS: ("application.access.Accesses.request",),
    Action.DECIDE_ACCESS: (Access.grant, Access.refuse),
    Action.JUDGE_ACCESS: (Access.after_review,),
    Action.TRACE: (
        Access.open_record,
        Access.open_list,
        Access.make_search,
        Access.make_export,
        "application.access.Accesses.make_print",
        Access.release_keys,
        Access.expire,
    ),
    Action.MANAGE_ACCOUNTS: (
        Account.open,
        Account.grant_role,
        Account.end_role,
        Account.reset_password,
        Account.lock,
        Account.unlock,
    ),
    Action.KEEP_OWN_ACCOUNT: (
        Account.change_password,
        Account.add_factor,
        Account.remove_factor,
        Account.link_identity,
        Account.unlink_identity,
        Account.lock_out,
        Account.issue_token,
        Account.revoke_token,
        Account.declare_conflict,
        Account.withdraw_conflict,
        Account.declare_acquaintance,
        Account.withdraw_acquaintance,
        Account.sign_in,
        Account.switch_post,
        Account.sign_out,
    ),
    Action.PIN: ("application.pins.Pins.pin",),
    Action.KEEP_LOG: (
        Log.begin,
        Log.register_author,
        Log.register_sm2_key,
        Log.note_heads,
        Log.note_schema,
        Log.note_readings,
        region_boundaries.untie,
    ),
}
"""Which decisions an action takes."""

ACTIONS: Final[Mapping[str, Action]] = {
    decision if isinstance(decision, str) else name_of(decision): action
    for action, decisions in DECIDED.items()
    for decision in decisions
}
"""The action of each decision, by its name."""


class PolicyGap(Exception):  # noqa: N818 - a mistake of the programmer: the answer is no
    """A decision or a route that stands in no row of the policy."""


def action_of(decision: Callable[..., Any]) -> Action:
    """The action that a decision belongs to. Raises `PolicyGap`."""
    name = name_of(decision)
    if name not in ACTIONS:
        raise PolicyGap(f"{name} stands in no row of the policy; add it to application.policy.")
    return ACTIONS[name]
