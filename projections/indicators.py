"""The dictionary of indicators (指标口径): what a figure counts, in which unit, for which cohort.

An indicator with a number is stored in the journal; the others are sums, ratios and medians of
those. A number is never used again for something else, and a changed definition has a new version.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Final, TypedDict, Unpack

from domain.values import CaseOutcome, Counts, IndicatorKind, IndicatorSource, Unit

FLOW, STOCK, RATIO, MEDIAN = IndicatorKind
FEDERATION, REGISTRY = IndicatorSource
THINGS, QUANTITY = Counts

FIRST_DAY: Final = date(2019, 1, 1)  # of this version of the dictionary
REGIME_A_ENDS: Final = date(2020, 12, 31)  # the day before the Civil Code's cooling-off period
REGIME_B_BEGINS: Final = date(2021, 1, 1)
MEASURED: Final = frozenset({Unit.MINUTE, Unit.FEN, Unit.COPY, Unit.VIEW, Unit.COUPLE_ATTENDANCE})
"""Units of which one thing may bring more than one."""

SMALL_CELL: Final = 5  # a sensitive figure from 1 to below this is not shown


class UnknownIndicator(Exception):  # noqa: N818 - said to people
    """There is no indicator of that code; `closest` are codes that look like it."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.closest = tuple(get_close_matches(code, INDICATORS, n=3, cutoff=0.5))
        hint = (
            f"did you mean {' or '.join(self.closest)}?"
            if self.closest
            else "see the list of indicators."
        )
        super().__init__(f"There is no indicator “{code}”; {hint}")


class UnitsDiffer(Exception):  # noqa: N818 - said to people
    """Quantities of two units cannot be added."""


class CohortsDiffer(Exception):  # noqa: N818 - said to people
    """A rate across different cohorts says nothing, unless the dictionary names it."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure's definition (口径).

    A flow over a period is the sum of its entries dated in it; a stock at a date that of all
    entries up to it; `terms` are the codes that a sum adds up; a ratio divides `numerator` by
    `denominator`; a median is that of the quantities of `numerator` by subject.

    `counts` says what the list behind a number holds: as many `things` as the number says, or rows
    whose `quantity` adds up to it; a ratio or median has no list.

    `cohort` says who is counted and on which date; equal texts are equal cohorts. `since` and
    `until` are the days on which the definition applies. Figures that may still change for
    `matures_after` days are preliminary until then. Cells below five of a `sensitive` figure are
    suppressed, with those that would betray them.
    """

    number: int | None
    code: str
    zh: str
    en: str
    unit: Unit
    kind: IndicatorKind
    cohort: str
    version: int = 1
    since: date = FIRST_DAY
    until: date | None = None
    source: IndicatorSource = FEDERATION
    sensitive: bool = False
    terms: tuple[str, ...] = ()
    numerator: str | None = None
    denominator: str | None = None
    matures_after: int | None = None
    counts: Counts | None = None


INDICATORS: Final[dict[str, Indicator]] = {}
"""Every indicator by its code."""

NUMBERED: Final[dict[int, Indicator]] = {}
"""The indicators that the journal stores, by number."""


def get(code: str) -> Indicator:
    """The indicator of a code. Raises `UnknownIndicator` with the codes that look like it."""
    try:
        return INDICATORS[code]
    except KeyError:
        raise UnknownIndicator(code) from None


def numbers_of(code: str) -> tuple[int, ...]:
    """The stored indicators whose entries add up to this one; a ratio has none of its own."""
    indicator = get(code)
    if indicator.number is not None:
        return (indicator.number,)
    return tuple(number for term in indicator.terms for number in numbers_of(term))


def common_unit(codes: Iterable[str]) -> Unit:
    """The unit in which these indicators can be added. Raises `UnitsDiffer`."""
    indicators = [get(code) for code in codes]
    units = {indicator.unit for indicator in indicators}
    kinds = {indicator.kind for indicator in indicators}
    if len(units) == 1 and len(kinds) == 1 and not kinds & {RATIO, MEDIAN}:
        return units.pop()
    named = ", ".join(f"{i.code} ({i.kind} in {i.unit.label})" for i in indicators)
    raise UnitsDiffer(f"These cannot be added: {named}. Add figures of one unit and kind.")


def rate(numerator: str, denominator: str) -> Indicator:
    """The ratio of two indicators: one that the dictionary names, or of one cohort and unit.

    Raises `CohortsDiffer`.
    """
    above, below = get(numerator), get(denominator)
    for indicator in INDICATORS.values():
        if (indicator.kind, indicator.numerator, indicator.denominator) == (
            RATIO,
            numerator,
            denominator,
        ):
            return indicator
    alike = (above.cohort, above.unit, above.kind) == (below.cohort, below.unit, below.kind)
    if not alike or above.kind in (RATIO, MEDIAN):
        raise CohortsDiffer(
            f"{numerator} and {denominator} count different cohorts or units; "
            "ask for a rate that the dictionary names."
        )
    return Indicator(
        None,
        f"{numerator}/{denominator}",
        f"{above.zh}占{below.zh}",
        f"{above.en} per {below.en}",
        Unit.RATIO,
        RATIO,
        above.cohort,
        sensitive=above.sensitive or below.sensitive,
        numerator=numerator,
        denominator=denominator,
    )


APPLICANTS = "申请协议离婚的夫妻，按申请日期，计在受理申请的地点"
RESPONDENTS = "个案，每案一次，按首次告知、首次同意或首次拒绝的日期；一方同意后不再计为拒绝"
COUNSELLED = "已申请离婚且接受过辅导的夫妻，每案一次，按首次有效辅导日期，计在受理申请的地点"
COUNSELLED_OTHER = "未申请离婚而接受过辅导的个案，每案一次，按首次有效辅导日期"
ENDED = (
    "已申请离婚且接受过辅导的夫妻，按结果日期，结果之后才首次辅导的按首次有效辅导日期，"
    "计在受理申请的地点"
)
ENDED_UNCOUNSELLED = (
    "已申请离婚、未接受辅导的夫妻，按结果日期，计在受理申请的地点；"
    "结果之后才接受辅导的，自首次有效辅导日期起转计为已辅导，当日记负数"
)
ENDED_OTHER = "未申请离婚的个案，按结果日期"
ENDED_ALL = "全部个案，不论是否申请、是否接受辅导，按结果日期"
WAITING = "已申请离婚、尚无结果的夫妻，自申请日起至结果日止"
WAITING_COUNSELLED = (
    "已申请离婚且接受过辅导、尚无结果的夫妻，自首次辅导日起至结果日止，计在受理申请的地点"
)
DEFERRED = "接受过辅导且取消、暂缓或撤回的夫妻，按该结果的日期归期，其后才首次辅导的按首次辅导日期"
OPENED = "个案，按开案日期"
CLOSED = "经批准的结案，按结案日期；重开后再次结案另计"
OPEN = "在办个案，自开案日起至结案日止，计在当时的承办地点"
HELD = "有效辅导记录，按辅导日期，计给主持人"
ASSISTED = "有效辅导记录，按辅导日期，计给协同人员"
DUE = "应做的回访，按到期日归期；到期前取消的不计"
FOLLOWED = "回访，按实际日期"
RATED = "满意度评价，按评价日期；夫妻双方可各评一次"
REFERRED = "转介，按该步骤的日期"
SCREENED = "单独安全筛查，按筛查日期"
REPORTABLE = "应强制报告的筛查发现，按筛查日期归期"
OUTREACH = "培训宣传活动，按举办日期"
WHISTLED = "吹哨求助，按吹哨日期归期"
ON_POST = "人员，按主要岗位，自到岗日起至离岗日止；一人只计一次"
IN_POST = "岗位，自到岗日起至离岗日止；一人可有多个"
SERVED = "服务时长，按服务日期，计在服务地点"
ON_DUTY = "值班，按开始日期"
TRAINED = "完成的培训，按完成日期，计在当日主要岗位；无岗位者不计"
WORKING = "运行中的机构，自设立日起；暂停和关闭期间不计"
MONEY_IN = "拨款，按拨付日期"
MONEY_OUT = "支出，按支出日期"
SUBSIDIES = "补贴，按发放日期"
COUNTIES = "县级行政区（不含功能区），自设立日起"
MEETINGS = "会议，按召开日期，计在召开的行政区"
SHEETS = "应报送的报表，按到期日归期；免报的不计"
ORDERED = "督办单，按签发日期归期"
RECORDED = "计入统计的记录，按业务日期；派生记录不计"
CORRECTED = "更正、作废和修订，按办理日期"


class Details(TypedDict, total=False):
    """What not every definition states."""

    since: date
    until: date | None
    source: IndicatorSource
    sensitive: bool
    matures_after: int
    counts: Counts


def stored(
    number: int,
    code: str,
    zh: str,
    en: str,
    unit: Unit,
    cohort: str,
    kind: IndicatorKind = FLOW,
    **more: Unpack[Details],
) -> Indicator:
    """An indicator whose entries the journal holds."""
    more.setdefault("counts", QUANTITY if unit in MEASURED else THINGS)
    return Indicator(number, code, zh, en, unit, kind, cohort, **more)


def total(
    code: str, zh: str, en: str, terms: tuple[str, ...], cohort: str, **more: Unpack[Details]
) -> Indicator:
    """A sum of indicators of one unit and kind."""
    unit, kind = common_unit(terms), get(terms[0]).kind
    more["sensitive"] = any(get(term).sensitive for term in terms)
    if "counts" not in more:
        [counts] = {get(term).counts for term in terms}
        assert counts is not None
        more["counts"] = counts
    return Indicator(None, code, zh, en, unit, kind, cohort, terms=terms, **more)


def ratio(
    code: str, zh: str, en: str, numerator: str, denominator: str, until: date | None = None
) -> Indicator:
    """A named ratio; where the cohorts differ, its name is the permission."""
    above, below = get(numerator), get(denominator)
    cohort = above.cohort if above.cohort == below.cohort else f"{above.cohort} ÷ {below.cohort}"
    return Indicator(
        None,
        code,
        zh,
        en,
        Unit.RATIO,
        RATIO,
        cohort,
        until=until,
        sensitive=above.sensitive or below.sensitive,
        numerator=numerator,
        denominator=denominator,
        matures_after=above.matures_after,
    )


def define(indicators: Iterable[Indicator]) -> None:
    """Enter definitions in the dictionary; a code or number is given once."""
    for indicator in indicators:
        assert indicator.code not in INDICATORS, indicator.code
        assert indicator.number not in NUMBERED, indicator.number
        INDICATORS[indicator.code] = indicator
        if indicator.number is not None:
            NUMBERED[indicator.number] = indicator


OUTCOMES: Final = {
    CaseOutcome.CANCELLED: ("cancelled", "cancelled the divorce"),
    CaseOutcome.POSTPONED: ("postponed", "postponed the divorce"),
    CaseOutcome.WITHDRAWN: ("withdrawn", "withdrew the application"),
    CaseOutcome.LAPSED: ("lapsed", "application deemed withdrawn"),
    CaseOutcome.REGISTERED: ("registered", "divorce registered"),
    CaseOutcome.LITIGATION: ("litigation", "went to court"),
    CaseOutcome.SAFETY_DIVERTED: ("safety_diverted", "diverted for safety"),
    CaseOutcome.LOST: ("lost", "lost from sight"),
}
"""The indicator of each outcome, counting the couples counselled, and its English name."""

WITHOUT_APPLICATION: Final = frozenset(
    {CaseOutcome.LITIGATION, CaseOutcome.SAFETY_DIVERTED, CaseOutcome.LOST}
)
"""The outcomes that a case without an application can have."""


def outcome_indicators() -> Iterator[Indicator]:
    """Each outcome for couples counselled, couples not counselled, cases without an application."""
    for number, (outcome, (code, en)) in enumerate(OUTCOMES.items(), start=20):
        more: Details = {"sensitive": outcome is CaseOutcome.SAFETY_DIVERTED}
        if outcome in (CaseOutcome.CANCELLED, CaseOutcome.POSTPONED):
            more["until"] = REGIME_A_ENDS
        elif outcome in (CaseOutcome.WITHDRAWN, CaseOutcome.LAPSED):
            more["since"] = REGIME_B_BEGINS
            more["source"] = REGISTRY
        elif outcome is CaseOutcome.REGISTERED:
            more["source"] = REGISTRY
        moving: Details = {**more, "counts": QUANTITY}  # −1 where one turns out to be counselled
        zh = outcome.label
        yield stored(
            number, code, f"{zh}（已辅导）", f"Counselled: {en}", Unit.COUPLE, ENDED, **more
        )
        yield stored(
            number + 10,
            f"{code}_uncounselled",
            f"{zh}（未辅导）",
            f"Not counselled: {en}",
            Unit.COUPLE,
            ENDED_UNCOUNSELLED,
            **moving,
        )
        if outcome in WITHOUT_APPLICATION:
            yield stored(
                number + 20,
                f"{code}_other",
                f"{zh}（未申请）",
                f"Without application: {en}",
                Unit.COUPLE,
                ENDED_OTHER,
                **more,
            )


def outcome_totals() -> Iterator[Indicator]:
    """Each outcome, whoever reached it."""
    for outcome, (code, en) in OUTCOMES.items():
        terms = [code, f"{code}_uncounselled"]
        if outcome in WITHOUT_APPLICATION:
            terms.append(f"{code}_other")
        one = get(code)
        yield total(
            f"{code}_all",
            f"{outcome.label}（合计）",
            f"All: {en}",
            tuple(terms),
            ENDED_ALL,
            since=one.since,
            until=one.until,
            source=one.source,
            counts=THINGS,  # what moves between the terms leaves nothing in their sum
        )


COUPLE, CASE, PERSON, MINUTE = Unit.COUPLE, Unit.CASE, Unit.PERSON, Unit.MINUTE
TIMES, VISIT = Unit.ATTENDANCE, Unit.FOLLOW_UP

define((
    stored(1, "applications", "离婚申请", "Applications for divorce", COUPLE, APPLICANTS,
           source=REGISTRY),
    stored(2, "offered", "告知辅导", "Counselling offered", COUPLE, RESPONDENTS),
    stored(3, "accepted", "同意辅导", "Counselling accepted", COUPLE, RESPONDENTS),
    stored(4, "declined", "拒绝辅导", "Counselling declined", COUPLE, RESPONDENTS),
    stored(5, "couples_counselled", "辅导夫妻", "Couples counselled", COUPLE, COUNSELLED),
    stored(6, "couples_counselled_other", "辅导个案（未申请离婚）",
           "Courses of counselling without an application", COUPLE, COUNSELLED_OTHER),
    stored(7, "sessions", "辅导场次", "Counselling sessions", Unit.SESSION, HELD),
    stored(8, "session_minutes", "辅导时长", "Minutes of counselling", MINUTE, HELD),
    stored(9, "sessions_assisted", "协同辅导场次", "Sessions assisted", TIMES, ASSISTED),
    stored(10, "session_minutes_assisted", "协同辅导时长", "Minutes of sessions assisted",
           MINUTE, ASSISTED),
    stored(11, "cases_premarital", "婚前辅导开案", "Premarital cases opened", CASE, OPENED),
    stored(12, "cases_relationship", "关系辅导开案", "Relationship cases opened", CASE, OPENED),
    stored(13, "cases_divorce_adjustment", "离婚调适开案", "Divorce-adjustment cases opened",
           CASE, OPENED),
    stored(14, "cases_closed", "结案", "Closures of cases", CASE, CLOSED),
    stored(15, "cases_filed", "建档结案", "Closures with a complete file", CASE, CLOSED),
    stored(16, "open_cases", "在办个案", "Open cases", CASE, OPEN, STOCK),
    stored(17, "open_high_risk", "在办红色风险个案", "Open cases at high risk", CASE, OPEN, STOCK,
           sensitive=True),
    stored(18, "pending", "申请待结", "Applications without outcome", COUPLE, WAITING, STOCK),
    stored(19, "pending_counselled", "申请待结（已辅导）", "Counselled couples without outcome",
           COUPLE, WAITING_COUNSELLED, STOCK),
    *outcome_indicators(),
    stored(50, "deferrals_broken_180", "180日内反复", "Deferrals broken within 180 days", COUPLE,
           DEFERRED, matures_after=180),
    stored(51, "deferrals_broken_365", "365日内反复", "Deferrals broken within 365 days", COUPLE,
           DEFERRED, matures_after=365),
    stored(52, "deferrals_sustained_180", "180日未反复", "Deferrals that held 180 days", COUPLE,
           DEFERRED, matures_after=180),
    stored(53, "deferrals_sustained_365", "365日未反复", "Deferrals that held 365 days", COUPLE,
           DEFERRED, matures_after=365),
    stored(60, "followups_due", "应回访", "Follow-ups due", VISIT, DUE),
    stored(61, "followups_due_made", "应回访已完成", "Follow-ups due and made", VISIT, DUE),
    stored(62, "followups_in_time", "按期完成回访", "Follow-ups made in time", VISIT, DUE),
    stored(63, "followups_made", "完成回访", "Follow-ups made", VISIT, FOLLOWED),
    stored(64, "followups_lost", "失访", "Follow-ups lost", VISIT, FOLLOWED),
    stored(65, "followups_overdue", "逾期未回访", "Follow-ups overdue", VISIT,
           "应做而未做的回访，自到期次日起至完成、失访或取消日止", STOCK),
    stored(66, "rated", "评价人次", "Ratings", TIMES, RATED),
    stored(67, "satisfied", "满意人次", "Satisfied ratings (4 or 5 of 5)", TIMES, RATED),
    stored(68, "rated_at_followup", "回访时评价人次", "Ratings given at a follow-up", TIMES,
           RATED),
    stored(70, "referrals_made", "转介", "Referrals made", Unit.REFERRAL, REFERRED),
    stored(71, "referrals_accepted", "转介接收", "Referrals accepted", Unit.REFERRAL, REFERRED),
    stored(72, "referrals_completed", "转介办结", "Referrals completed", Unit.REFERRAL, REFERRED),
    stored(73, "screenings", "安全筛查", "Safety screenings", TIMES, SCREENED),
    stored(74, "screenings_positive", "筛查发现家庭暴力", "Screenings that showed violence",
           TIMES, SCREENED, sensitive=True),
    stored(75, "reports_required", "应强制报告", "Mandatory reports required", Unit.REPORT,
           REPORTABLE, sensitive=True),
    stored(76, "reports_within_24h", "24小时内报告", "Mandatory reports made within 24 hours",
           Unit.REPORT, REPORTABLE, sensitive=True),
    stored(77, "reports_made", "已作强制报告", "Mandatory reports made", Unit.REPORT,
           "强制报告，按报告日期，含并非必须的报告", sensitive=True),
    stored(78, "reports_owed", "逾期未强制报告", "Mandatory reports overdue", Unit.REPORT,
           "应强制报告而逾期未报的筛查发现，自期限届满日起至报告日止", STOCK, sensitive=True),
    stored(80, "outreach_events", "培训宣传活动", "Outreach events", Unit.EVENT, OUTREACH),
    stored(81, "outreach_attendance", "培训宣传受益人次", "Outreach attendance", TIMES,
           OUTREACH, counts=QUANTITY),
    stored(82, "outreach_couples", "培训宣传到场夫妻", "Couples attending outreach",
           Unit.COUPLE_ATTENDANCE, OUTREACH),
    stored(83, "outreach_materials", "发放资料", "Materials handed out", Unit.COPY, OUTREACH),
    stored(84, "outreach_online_views", "线上浏览", "Online views", Unit.VIEW, OUTREACH),
    stored(85, "whistles", "吹哨", "Requests for assistance", Unit.REQUEST, WHISTLED),
    stored(86, "whistles_answered", "报到", "Requests answered", Unit.REQUEST, WHISTLED),
    stored(87, "whistles_cancelled", "取消的吹哨", "Requests called off", Unit.REQUEST, WHISTLED),
    stored(88, "response_minutes", "响应时长", "Minutes until the first arrival", MINUTE,
           WHISTLED),
    stored(90, "counsellors", "专职辅导员", "Full-time counsellors", PERSON, ON_POST, STOCK),
    stored(91, "volunteers", "志愿者", "Volunteers", PERSON, ON_POST, STOCK),
    stored(92, "counsellors_qualified", "持证专职辅导员", "Qualified counsellors", PERSON, ON_POST,
           STOCK),
    stored(93, "volunteers_qualified", "持证志愿者", "Qualified volunteers", PERSON, ON_POST,
           STOCK),
    stored(94, "posts", "岗位", "Posts held", Unit.POST, IN_POST, STOCK),
    stored(95, "service_minutes", "志愿服务时长", "Minutes of service credited", MINUTE, SERVED),
    stored(96, "shifts", "值班班次", "Shifts worked", Unit.SHIFT, ON_DUTY),
    stored(97, "shift_minutes", "值班时长", "Minutes of shifts", MINUTE, ON_DUTY),
    stored(98, "training_minutes", "培训时长", "Minutes of training completed", MINUTE, TRAINED),
    stored(99, "trainings", "完成培训", "Courses completed", TIMES, TRAINED),
    stored(100, "centres_centre", "辅导中心", "Counselling centres", Unit.CENTRE, WORKING, STOCK),
    stored(101, "centres_station", "辅导站", "Counselling stations", Unit.CENTRE, WORKING, STOCK),
    stored(102, "centres_room", "辅导室", "Counselling rooms", Unit.CENTRE, WORKING, STOCK),
    stored(103, "registry_offices", "有辅导中心的婚姻登记处", "Registry offices with a centre",
           Unit.OFFICE, WORKING, STOCK),
    stored(104, "registry_offices_county", "有辅导中心的县级婚姻登记处",
           "County registry offices that have a centre", Unit.OFFICE, WORKING, STOCK),
    stored(110, "funds_appropriated", "拨款", "Funds appropriated", Unit.FEN, MONEY_IN),
    stored(111, "funds_spent", "支出", "Funds spent", Unit.FEN, MONEY_OUT),
    stored(112, "subsidies_paid", "补贴", "Subsidies paid", Unit.FEN, SUBSIDIES),
    stored(113, "counties", "县级行政区", "Counties", Unit.REGION, COUNTIES, STOCK),
    stored(114, "joint_meetings", "联席会议", "Joint meetings", Unit.MEETING, MEETINGS),
    stored(115, "dispatches", "情况调度", "Situation round-ups", Unit.MEETING, MEETINGS),
    stored(116, "sheets_due", "应报报表", "Statutory sheets due", Unit.SHEET, SHEETS),
    stored(117, "sheets_overdue", "逾期报表", "Statutory sheets overdue", Unit.SHEET,
           "应报而未报的报表，自到期次日起至报送日止；退回的自新期限次日起", STOCK),
    stored(120, "orders_issued", "签发督办单", "Supervision orders issued", Unit.ORDER, ORDERED),
    stored(121, "orders_written_off", "销号督办单", "Supervision orders written off", Unit.ORDER,
           ORDERED),
    stored(122, "orders_overdue", "逾期督办单", "Supervision orders overdue", Unit.ORDER,
           "未销号的督办单，自期限次日起至销号日止", STOCK),
    stored(140, "records", "统计记录", "Records of counted facts", Unit.RECORD, RECORDED),
    stored(141, "late_entries", "补录", "Records more than three days late", Unit.RECORD, RECORDED),
    stored(142, "corrections", "更正与作废", "Corrections and voidings", Unit.RECORD, CORRECTED),
))  # fmt: skip

define(outcome_totals())

define((
    total("deferred", "取消或暂缓（已辅导）", "Counselled: cancelled or postponed",
          ("cancelled", "postponed"), ENDED, until=REGIME_A_ENDS),
    total("deferrals", "取消、暂缓或撤回（已辅导）", "Counselled: gave up the divorce for now",
          ("cancelled", "postponed", "withdrawn"), DEFERRED),
    total("cases_opened", "开案", "Cases opened",
          ("cases_premarital", "cases_relationship", "cases_divorce_adjustment"), OPENED),
    total("centres", "辅导机构", "Centres, stations and rooms",
          ("centres_centre", "centres_station", "centres_room"), WORKING),
    total("practitioners", "队伍人数", "Counsellors and volunteers",
          ("counsellors", "volunteers"), ON_POST),
))  # fmt: skip

define((
    ratio("counselling_rate", "辅导率", "Counselling rate", "couples_counselled", "applications"),
    ratio("deferral_rate", "取消暂缓率", "Deferral rate", "deferred", "couples_counselled",
          until=REGIME_A_ENDS),
    ratio("deferral_rate_of_applications", "取消暂缓占申请比", "Deferrals per application",
          "deferred", "applications", until=REGIME_A_ENDS),
    ratio("sustained_rate_180", "180日巩固率", "Sustained rate at 180 days",
          "deferrals_sustained_180", "deferrals"),
    ratio("sustained_rate_365", "365日巩固率", "Sustained rate at 365 days",
          "deferrals_sustained_365", "deferrals"),
    ratio("acceptance_rate", "同意率", "Acceptance rate", "accepted", "offered"),
    ratio("followup_rate", "回访完成率", "Follow-up rate", "followups_due_made", "followups_due"),
    ratio("followup_in_time_rate", "按期回访率", "Follow-ups made in time", "followups_in_time",
          "followups_due"),
    ratio("satisfaction_rate", "满意率", "Satisfaction rate", "satisfied", "rated"),
    ratio("satisfaction_response_rate", "评价回收率", "Ratings per follow-up made",
          "rated_at_followup", "followups_made"),
    ratio("filing_rate", "建档率", "Filing rate", "cases_filed", "cases_closed"),
    ratio("qualified_rate", "志愿者持证率", "Qualified volunteers", "volunteers_qualified",
          "volunteers"),
    ratio("qualified_rate_counsellors", "专职辅导员持证率", "Qualified counsellors",
          "counsellors_qualified", "counsellors"),
    ratio("positive_rate", "筛查阳性率", "Screenings that showed violence", "screenings_positive",
          "screenings"),
    ratio("reports_within_24h_rate", "24小时报告率", "Reports made within 24 hours",
          "reports_within_24h", "reports_required"),
    ratio("whistle_answer_rate", "报到率", "Requests answered", "whistles_answered", "whistles"),
    ratio("whistle_response_mean", "平均响应时长（分钟）", "Mean minutes until the first arrival",
          "response_minutes", "whistles_answered"),
    Indicator(None, "whistle_response_median", "响应时长中位数",
              "Median minutes until the first arrival", MINUTE, MEDIAN, WHISTLED,
              numerator="response_minutes"),
    ratio("write_off_rate", "销号率", "Orders written off", "orders_written_off", "orders_issued"),
    ratio("centre_coverage", "县级登记处覆盖率", "County registry offices with a centre",
          "registry_offices_county", "counties"),
    ratio("late_rate", "补录率", "Late entries", "late_entries", "records"),
    ratio("correction_rate", "更正率", "Corrections per record", "corrections", "records"),
    ratio("funds_execution", "资金执行率", "Funds spent of those appropriated", "funds_spent",
          "funds_appropriated"),
))  # fmt: skip
