"""The value lists in use in the field: what code calls them, and the Chinese that people read."""

from __future__ import annotations

from enum import StrEnum


class Labelled(StrEnum):
    """An enumeration whose members carry the Chinese label beside the stored value."""

    label: str

    def __new__(cls, value: str, label: str) -> Labelled:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class Role(Labelled):
    """What a person may be at an office for a period."""

    COUNSELLOR = "counsellor", "辅导员"
    VOLUNTEER = "volunteer", "志愿者"
    STATION_WORKER = "station-worker", "站点工作人员"
    REGISTRAR = "registrar", "婚姻登记员"
    CENTRE_MANAGER = "centre-manager", "中心负责人"
    SUPERVISOR = "supervisor", "督导员"
    AUDITOR = "auditor", "审计员"
    PRIVACY_OFFICER = "privacy-officer", "个人信息保护负责人"
    ADMINISTRATOR = "administrator", "系统管理员"
    SYSTEM = "system", "系统"


class CentreKind(Labelled):
    """At which level a centre works: county, township or village."""

    CENTRE = "centre", "辅导中心"
    STATION = "station", "辅导站"
    ROOM = "room", "辅导室"


class CentreStatus(Labelled):
    """Whether a centre works."""

    WORKING = "working", "正常服务"
    SUSPENDED = "suspended", "暂停服务"
    CLOSED = "closed", "已撤销"


class CentreGrade(Labelled):
    """How a centre was graded, the highest first."""

    PROVINCIAL_MODEL = "provincial-model", "省级示范"
    CITY_MODEL = "city-model", "市级示范"
    COUNTY_MODEL = "county-model", "县级示范"
    STANDARD = "standard", "达标"


class OutreachKind(Labelled):
    """What kind of training or publicity event was held."""

    PREMARITAL_TRAINING = "premarital-training", "婚前辅导培训"
    PUBLICITY = "publicity", "宣传活动"
    LECTURE = "lecture", "讲座"
    FAMILY_EDUCATION = "family-education", "家庭教育"


class AssistanceStatus(Labelled):
    """How far a request for assistance (吹哨报到) has come."""

    REQUESTED = "requested", "已吹哨"
    DISPATCHED = "dispatched", "已派员"
    ARRIVED = "arrived", "已报到"
    COMPLETED = "completed", "已办结"
    CANCELLED = "cancelled", "已取消"


class FundSource(Labelled):
    """Whose budget an appropriation comes from."""

    PROVINCIAL = "provincial", "省级专项"
    CITY = "city", "市级配套"
    COUNTY = "county", "县级配套"
    OTHER = "other", "其他"


class PractitionerKind(Labelled):
    """Full-time or volunteer."""

    COUNSELLOR = "counsellor", "专职辅导员"
    VOLUNTEER = "volunteer", "志愿者"


class PractitionerSource(Labelled):
    """How a practitioner came to the network (人员来源)."""

    PURCHASED_SERVICE = "purchased-service", "政府购买服务"
    OPEN_RECRUITMENT = "open-recruitment", "公开招募"
    VOLUNTEER = "volunteer", "志愿者"
    OTHER = "other", "其他"


class Sex(Labelled):
    """As in GB/T 2261.1."""

    FEMALE = "female", "女"
    MALE = "male", "男"
    UNSTATED = "unstated", "未说明"


class Education(Labelled):
    """The highest level of education completed."""

    SECONDARY = "secondary", "高中及以下"
    COLLEGE = "college", "大专"
    BACHELOR = "bachelor", "本科"
    MASTER = "master", "硕士"
    DOCTOR = "doctor", "博士"


class CertificateKind(Labelled):
    """The certificates that practitioners bring; the last one qualifies for nothing."""

    SOCIAL_WORKER = "social-worker", "社会工作师"
    PSYCHOLOGICAL_COUNSELLOR = "psychological-counsellor", "心理咨询师"
    FAMILY_COUNSELLOR = "family-counsellor", "婚姻家庭咨询师"
    LAWYER = "lawyer", "律师"
    PEOPLES_MEDIATOR = "peoples-mediator", "人民调解员"
    FAMILY_EDUCATION_ADVISER = "family-education-adviser", "家庭教育指导师"
    OTHER = "other", "其他证书"


class PostStatus(Labelled):
    """Whether a practitioner holds a post on a date."""

    ON_POST = "on-post", "在岗"
    OFF_POST = "off-post", "离岗"
    WAITING = "waiting", "待岗"


class AppraisalGrade(Labelled):
    """The result of a yearly appraisal."""

    EXCELLENT = "excellent", "优秀"
    COMPETENT = "competent", "合格"
    BARELY_COMPETENT = "barely-competent", "基本合格"
    INCOMPETENT = "incompetent", "不合格"


class Party(Labelled):
    """Who takes part in a case: one of the couple, or another of the family."""

    WIFE = "wife", "女方"
    HUSBAND = "husband", "男方"
    OTHER = "other", "其他家庭成员"


class ServiceType(Labelled):
    """The three services of the one-stop service (一条龙服务)."""

    PREMARITAL = "premarital", "婚前辅导"
    RELATIONSHIP = "relationship", "关系辅导"
    DIVORCE_ADJUSTMENT = "divorce-adjustment", "离婚调适"


class CaseChannel(Labelled):
    """How a couple or person came."""

    REGISTRY_WINDOW = "registry-window", "登记窗口引导"
    WALK_IN = "walk-in", "主动求助"
    HOTLINE = "hotline", "热线"
    REFERRAL = "referral", "部门转介"
    COMMUNITY = "community", "社区排查"
    COURT = "court", "法院委托"


class Visit(Labelled):
    """Whether they come for the first time."""

    FIRST = "first", "首次来访"
    REPEAT = "repeat", "再次来访"


class MarriageLength(Labelled):
    """Completed years of marriage, in the nine bands of the statutory sheet."""

    UP_TO_1 = "up-to-1", "1年及以下"
    FROM_2_TO_3 = "2-3", "2—3年"
    FROM_4_TO_5 = "4-5", "4—5年"
    FROM_6_TO_9 = "6-9", "6—9年"
    FROM_10_TO_15 = "10-15", "10—15年"
    FROM_16_TO_25 = "16-25", "16—25年"
    FROM_26_TO_35 = "26-35", "26—35年"
    FROM_36_TO_50 = "36-50", "36—50年"
    OVER_50 = "over-50", "50年以上"


class DivorceReason(Labelled):
    """Why they want a divorce; domestic violence is no reason here but an axis of its own."""

    LOST_AFFECTION = "lost-affection", "感情不和"
    MONEY = "money", "经济困难"
    THIRD_PERSON = "third-person", "第三者插足"
    LIVING_APART = "living-apart", "两地生活"
    RAISING_CHILDREN = "raising-children", "教育子女"
    FAMILY_DISPUTES = "family-disputes", "家庭纠纷"
    INTIMACY = "intimacy", "夫妻生活不和谐"
    CRIME = "crime", "一方违法犯罪"
    BAD_HABITS = "bad-habits", "一方不良习惯"
    HASTY_MARRIAGE = "hasty-marriage", "婚前缺乏了解"
    OTHER = "other", "其他"


class SafetyLevel(Labelled):
    """What a screening for domestic violence showed."""

    NONE = "none", "未见异常"
    CONCERN = "concern", "需关注"
    VIOLENCE = "violence", "存在家庭暴力"
    SEVERE = "severe", "现实严重危险"

    @property
    def positive(self) -> bool:
        """Whether domestic violence is shown."""
        return self in (SafetyLevel.VIOLENCE, SafetyLevel.SEVERE)


class RiskLevel(Labelled):
    """How closely a case is followed."""

    RED = "red", "红色"
    YELLOW = "yellow", "黄色"
    GREEN = "green", "绿色"


class SessionForm(Labelled):
    """In what form counselling took place."""

    ON_SITE = "on-site", "现场"
    PHONE = "phone", "电话"
    ONLINE = "online", "线上"
    HOME_VISIT = "home-visit", "上门"
    GROUP = "group", "团体"


class AnswerKind(Labelled):
    """A step of the voluntary agreement to counselling."""

    OFFERED = "offered", "告知"
    CONSENTED = "consented", "同意"
    DECLINED = "declined", "拒绝"


class CaseOutcome(Labelled):
    """How a case ended for the couple."""

    CANCELLED = "cancelled", "取消离婚"
    POSTPONED = "postponed", "暂缓离婚"
    WITHDRAWN = "withdrawn", "撤回申请"
    LAPSED = "lapsed", "视为撤回"
    REGISTERED = "registered", "登记离婚"
    LITIGATION = "litigation", "转入诉讼"
    SAFETY_DIVERTED = "safety-diverted", "安全分流"
    LOST = "lost", "失去联系"

    @property
    def deferral(self) -> bool:
        """Whether the couple gave up the divorce for now, of which one can ask if it lasted."""
        return self in (CaseOutcome.CANCELLED, CaseOutcome.POSTPONED, CaseOutcome.WITHDRAWN)


class OutcomeSource(Labelled):
    """Who said so."""

    DECLARED = "declared", "当事人告知"
    CONFIRMED = "confirmed", "登记机关确认"


class ReferralKind(Labelled):
    """To whom a case is referred (转介)."""

    LEGAL_AID = "legal-aid", "法律援助"
    PSYCHOLOGICAL = "psychological", "心理咨询"
    MEDIATION = "mediation", "人民调解委员会"
    POLICE = "police", "公安机关"
    COURT = "court", "人民法院"
    HOSPITAL = "hospital", "医疗机构"
    SOCIAL_ASSISTANCE = "social-assistance", "社会救助"
    WOMENS_FEDERATION = "womens-federation", "妇联"
    OTHER = "other", "其他"


class ReportedTo(Labelled):
    """Who receives a mandatory report (强制报告)."""

    POLICE = "police", "公安机关"
    WOMENS_FEDERATION = "womens-federation", "妇联"
    CIVIL_AFFAIRS = "civil-affairs", "民政部门"
    PROCURATORATE = "procuratorate", "检察机关"


class SafetyDocumentKind(Labelled):
    """A paper of the police or the court that shows domestic violence."""

    WARNING_LETTER = "warning-letter", "告诫书"
    PROTECTION_ORDER = "protection-order", "人身安全保护令"


class FollowUpKind(Labelled):
    """How a couple is followed up."""

    HOME_VISIT = "home-visit", "上门回访"
    PHONE = "phone", "电话回访"
    ONLINE = "online", "线上回访"
    ON_SITE = "on-site", "到站回访"


class ClosureKind(Labelled):
    """Why a case is closed."""

    GOALS_REACHED = "goals-reached", "目标达成"
    OUTCOME_KNOWN = "outcome-known", "结果已定"
    DECLINED = "declined", "不接受辅导"
    REFERRED = "referred", "已转介"
    MOVED_AWAY = "moved-away", "迁离"
    LOST_CONTACT = "lost-contact", "失去联系"
    OTHER = "other", "其他"


class CaseStatus(Labelled):
    """Where a case file stands."""

    OPEN = "open", "在办"
    CLOSED = "closed", "已结案"
    ARCHIVED = "archived", "已归档"
    VOIDED = "voided", "已作废"


class Unit(Labelled):
    """In what a figure counts; quantities of two units are never added."""

    COUPLE = "couple", "对"
    PERSON = "person", "人"
    ATTENDANCE = "attendance", "人次"
    COUPLE_ATTENDANCE = "couple-attendance", "对次"
    CASE = "case", "件"
    SESSION = "session", "次"
    FOLLOW_UP = "follow-up", "次回访"
    REQUEST = "request", "次求助"
    EVENT = "event", "场"
    MEETING = "meeting", "次会议"
    SHIFT = "shift", "班次"
    POST = "post", "个岗位"
    CENTRE = "centre", "个"
    OFFICE = "office", "处"
    REGION = "region", "个区划"
    REFERRAL = "referral", "件转介"
    REPORT = "report", "份报告"
    ORDER = "order", "份督办单"
    SHEET = "sheet", "张报表"
    COPY = "copy", "份"
    VIEW = "view", "次浏览"
    RECORD = "record", "条"
    MINUTE = "minute", "分钟"
    FEN = "fen", "分（人民币）"
    RATIO = "ratio", "比率"


class IndicatorKind(Labelled):
    """How entries make a figure."""

    FLOW = "flow", "流量"
    STOCK = "stock", "存量"
    RATIO = "ratio", "比率"
    MEDIAN = "median", "中位数"


class Counts(Labelled):
    """What the list behind a figure holds: a row for each one counted, or quantities to add."""

    THINGS = "things", "逐条计数"
    QUANTITY = "quantity", "数量累计"


class IndicatorSource(Labelled):
    """From whose books a figure comes."""

    FEDERATION = "federation", "妇联台账"
    REGISTRY = "registry", "婚姻登记机关"


class RecordStatus(Labelled):
    """How a row of a work ledger stands."""

    VALID = "valid", "有效"
    CORRECTED = "corrected", "已更正"
    VOIDED = "voided", "已作废"


class FollowUpStatus(Labelled):
    """What became of a follow-up."""

    SCHEDULED = "scheduled", "待回访"
    MADE = "made", "已回访"
    LOST = "lost", "失访"
    CANCELLED = "cancelled", "已取消"


class FundsKind(Labelled):
    """What a row of the funds ledger is."""

    APPROPRIATION = "appropriation", "拨款"
    SPENDING = "spending", "支出"
    SUBSIDY = "subsidy", "补贴"


class ServiceKind(Labelled):
    """What a row of the volunteer-service ledger is."""

    SHIFT = "shift", "值班"
    SERVICE = "service", "服务时长"


class Regime(Labelled):
    """How agreement divorce is registered, by the law of the day."""

    A = "spot", "即时登记"
    B = "cooling-off", "冷静期"


class RegionLevel(Labelled):
    """Where a region stands in the tree."""

    PROVINCE = "province", "省"
    CITY = "city", "市"
    COUNTY = "county", "县"
    TOWNSHIP = "township", "乡镇"
    VILLAGE = "village", "村居"
    FUNCTIONAL_ZONE = "functional-zone", "功能区"


class RegionKind(Labelled):
    """What a region legally is; a functional zone is a statistical unit only."""

    PROVINCE = "province", "省"
    PREFECTURE_CITY = "prefecture-city", "地级市"
    DISTRICT = "district", "市辖区"
    COUNTY_CITY = "county-city", "县级市"
    COUNTY = "county", "县"
    FUNCTIONAL_ZONE = "functional-zone", "功能区"
    SUBDISTRICT = "subdistrict", "街道"
    TOWN = "town", "镇"
    RURAL_TOWNSHIP = "rural-township", "乡"
    TOWNSHIP_LIKE = "township-like", "类似乡级单位"
    VILLAGE = "village", "村"
    RESIDENTIAL_COMMUNITY = "residential-community", "社区"


class Extent(Labelled):
    """Whether all of a region went to its successor."""

    WHOLE = "whole", "整体"
    PART = "part", "部分"


class ReportStatus(Labelled):
    """How far a report has come in the chain; each level passes it on or returns it."""

    REQUIRED = "required", "待上报"
    SUBMITTED = "submitted", "已上报"
    RETURNED = "returned", "退回"
    APPROVED = "approved", "通过"
    WAIVED = "waived", "免报"


class EscalationStep(Labelled):
    """The ladder of supervision, the mildest step first."""

    REMINDER = "reminder", "提醒"
    SUPERVISION = "supervision", "督办"
    NOTICE = "notice", "通报"
    INTERVIEW = "interview", "约谈"
    RECTIFICATION = "rectification", "限期整改"
    LISTED = "listed", "挂牌督办"


class OrderStatus(Labelled):
    """How far a supervision order (督办单) has come."""

    ISSUED = "issued", "已下达"
    ACKNOWLEDGED = "acknowledged", "已签收"
    SUBMITTED = "submitted", "待核验"
    RETURNED = "returned", "退回整改"
    VERIFIED = "verified", "已核验"
    WRITTEN_OFF = "written-off", "已销号"
    VOIDED = "voided", "已作废"


class FindingStatus(Labelled):
    """How far a finding of a review has come."""

    RAISED = "raised", "已提出"
    ANSWERED = "answered", "已答复"
    SETTLED = "settled", "已办结"


class FindingSeverity(Labelled):
    """How grave a finding of a review is."""

    MINOR = "minor", "一般"
    SERIOUS = "serious", "较重"
    GRAVE = "grave", "严重"


class FindingSettlement(Labelled):
    """How a finding ended: the answer satisfied, the fault was put right, or there was none."""

    ACCEPTED = "accepted", "采纳说明"
    RECTIFIED = "rectified", "已整改"
    WITHDRAWN = "withdrawn", "撤回"


class RecordSurface(Labelled):
    """Where personal data were seen."""

    RECORD_PAGE = "record-page", "档案页面"
    LIST = "list", "列表"
    SEARCH = "search", "查询"
    API = "api", "接口"
    COMMAND_LINE = "command-line", "命令行"


class RecordKind(Labelled):
    """Whose or what record was seen."""

    CASE = "case", "个案"
    SEALED_NOTE = "sealed-note", "密封笔记"
    PRACTITIONER = "practitioner", "人员"
    CENTRE = "centre", "机构"
    ORDER = "order", "督办单"
    REVIEW = "review", "合规检查"
    ACCESS = "access", "查阅记录"
    ACCOUNT = "account", "账号"
    REQUEST = "request", "个人信息权益申请"


class AccessPurpose(Labelled):
    """For what personal data were seen."""

    SERVICE = "service", "承办服务"
    SUPERVISION = "supervision", "督导"
    REVIEW = "review", "合规检查"
    FIGURES = "figures", "数据核对"
    SUBJECT_REQUEST = "subject-request", "当事人申请"
    LEGAL_REQUEST = "legal-request", "依法调取"
    EMERGENCY = "emergency", "紧急查阅"


class HoldGround(Labelled):
    """Why personal data must be kept (依法保全)."""

    LITIGATION = "litigation", "诉讼或者仲裁"
    INVESTIGATION = "investigation", "监察、侦查或者检察办案"
    AUDIT = "audit", "审计"
    COMPLAINT = "complaint", "信访、投诉处理"


class ErasureGround(Labelled):
    """Why personal data are erased (Personal Information Protection Law, art. 47)."""

    PURPOSE_ACHIEVED = "purpose-achieved", "处理目的已实现或者不再必要"
    RETENTION_OVER = "retention-over", "保存期限届满"
    CONSENT_WITHDRAWN = "consent-withdrawn", "个人撤回同意"
    UNLAWFUL = "unlawful", "违反规定或者约定处理"


class LookKind(Labelled):
    """What a row of the reading log says that somebody did."""

    OPENED = "opened", "查阅"
    LISTED = "listed", "查看列表"
    SEARCHED = "searched", "查询"
    EXPORTED = "exported", "导出"
    PRINTED = "printed", "打印"
    RELEASED = "released", "启封"
    REQUESTED = "requested", "申请紧急查阅"
    GRANTED = "granted", "批准紧急查阅"
    REFUSED = "refused", "不予批准紧急查阅"
    EXPIRED = "expired", "紧急查阅到期"
    REVIEWED = "reviewed", "复核紧急查阅"


class UnusualLook(Labelled):
    """Why looks are listed for somebody to ask about."""

    MANY = "many", "短时间内查阅大量档案"
    NIGHT = "night", "夜间查阅"
    UNASSIGNED = "unassigned", "查阅非本人承办的个案"
    SEVERAL_OFFICES = "several-offices", "以多个单位名义查阅同一档案"
    OWN_CASE = "own-case", "查阅本人为当事人的个案"
    RELATIVE = "relative", "查阅亲属的个案"
    NEIGHBOUR = "neighbour", "查阅近邻的个案"


class AccessReason(Labelled):
    """Why a closed record must be seen at once."""

    DANGER = "danger", "人身安全危险"
    MANDATORY_REPORT = "mandatory-report", "强制报告"
    COURT_OR_POLICE = "court-or-police", "司法机关紧急调取"
    COUNSELLOR_ABSENT = "counsellor-absent", "承办人无法到岗"
    COMPLAINT = "complaint", "投诉核查"
    OTHER = "other", "其他"


class AccessStatus(Labelled):
    """How far an access in an emergency has come."""

    REQUESTED = "requested", "待审批"
    GRANTED = "granted", "已批准"
    REFUSED = "refused", "未批准"
    EXPIRED = "expired", "已到期"
    REVIEWED = "reviewed", "已复核"


class AccessVerdict(Labelled):
    """What an after-review found about an approved access."""

    JUSTIFIED = "justified", "正当"
    UNJUSTIFIED = "unjustified", "不正当"


class SignInMethod(Labelled):
    """What a person proved to sign in."""

    PASSWORD = "password", "口令"
    PASSKEY = "passkey", "通行密钥"
    TOTP = "totp", "动态验证码"
    OIDC = "oidc", "统一身份认证"


class FactorKind(Labelled):
    """What a person has beside a password."""

    PASSKEY = "passkey", "通行密钥"
    TOTP = "totp", "动态验证码"


class SignInStep(Labelled):
    """What a person must still do before acting."""

    SECOND_FACTOR = "second-factor", "第二因子验证"
    ADD_FACTOR = "add-factor", "登记第二因子"
    CHANGE_PASSWORD = "change-password", "修改口令"


class ConflictRelation(Labelled):
    """Why a person must not work with a case or somebody (回避事由)."""

    RELATIVE = "relative", "近亲属"
    INTEREST = "interest", "利害关系"
    ACQUAINTANCE = "acquaintance", "熟人、邻里或者同事"


class AcquaintanceRelation(Labelled):
    """Whose number a person declares (近亲属、近邻申报)."""

    SELF = "self", "本人"
    RELATIVE = "relative", "近亲属"
    NEIGHBOUR = "neighbour", "近邻"
