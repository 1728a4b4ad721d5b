"""What concerns no single county in the simulated year: the log's beginning, regions, supervision.

Dispatches, reports and orders pin what was on screen by a position in the log. Positions are known
once every county's year is staged, so the province lives last, and twice: first to learn which
moments it pins, then with their positions. Chance does not depend on them, so both lives are the
same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import chain
from random import Random
from typing import Final
from uuid import UUID

from application.divisions import (
    BASE,
    PROVINCE,
    Division,
    divisions_on,
    founding_of,
    load_successions,
    region_id,
    township_successions,
)
from application.divisions import Succession as DatedSuccession
from application.records import Actor
from application.simulation_life import (
    CORRECTION_REASONS,
    DAY,
    LAST_DAY,
    MINUTE,
    OPENS,
    SET_UP_REASON,
    Decision,
    Happening,
    Life,
    Row,
    at,
    month_after,
    name,
    new_id,
    office_hour,
    random_of,
)
from application.simulation_people import County, Year
from application.simulation_plan import calendar_day
from domain import region_boundaries, region_mechanism, region_reporting
from domain.base import day
from domain.log import LOG_ID, Log, LogKeys
from domain.region import Region
from domain.region_events import (
    Dispatch,
    JointMeeting,
    LeadingGroup,
    Report,
    ReportingPeriod,
    Requirement,
    Succession,
)
from domain.supervision import LADDER, Order, SupervisionOrder
from domain.values import EscalationStep, Extent, RegionLevel, Role

FORM: Final = "婚姻家庭辅导工作情况季报表"
DEFINITIONS: Final = "2019-1"
QUARTERS: Final = tuple(
    (date(2019, month, 1), month_after(date(2019, month + 2, 1)).replace(day=1) - DAY)
    for month in (1, 4, 7, 10)
)
MONTHS: Final = tuple(
    month_after(date(2019, month, 1)).replace(day=1) - DAY for month in range(1, 13)
)
"""The last days of the months."""
DEPARTMENTS: Final = ("妇联", "民政局", "人民法院", "公安局", "司法局", "卫生健康局")
MATTERS: Final = (
    "台账登记不及时，限期补录并说明原因", "逾期未回访个案较多，限期整改", "档案未按一案一档归集",
    "值班安排与公示不一致", "强制报告流程培训不到位",
)  # fmt: skip

PositionAt = Callable[[datetime], int]
"""The last position of the log at an instant."""


def province_of(
    year: Year, keys: LogKeys, counted: Callable[[Sequence[datetime]], Sequence[int]]
) -> list[Row]:
    """Every event of the province; `counted` says how many county events lie before moments."""
    asked: set[datetime] = set()

    def ask(moment: datetime) -> int:
        asked.add(moment)
        return (moment - OPENS).days  # any number that differs from one day to another

    draft = sorted(row.recorded_at for row in ProvinceLife(year, keys, ask).lived())
    moments = sorted(asked)
    positions = {
        moment: count + bisect_left(draft, moment)
        for moment, count in zip(moments, counted(moments), strict=True)
    }
    return ProvinceLife(year, keys, positions.__getitem__).lived()


class ProvinceLife:
    """The log's beginning, the tree of regions with its changes, and supervision."""

    def __init__(self, year: Year, keys: LogKeys, position_at: PositionAt) -> None:
        self.year = year
        self.keys = keys
        self.position_at = position_at
        self.clock = at(date(2018, 12, 15), 540)  # of entries made one after the other
        self.regions: dict[UUID, Life[Region]] = {}

    def lived(self) -> list[Row]:
        """Everything, region by region and order by order."""
        log = self.begin()
        for unit in sorted(divisions_on(BASE).values(), key=from_the_top):
            self.found(unit)
        for succession in successions_of_the_year():
            self.succeed(succession)
        self.observe(LAST_DAY - 60 * DAY)
        cities = sorted({county.city_on(LAST_DAY) for county in self.year.counties})
        self.convene(PROVINCE, leads=True, meetings=2)
        self.dispatch(PROVINCE, MONTHS)
        for city in cities:
            self.convene(city, leads=True, meetings=self.chance("meetings", city).randrange(1, 3))
            self.dispatch(city, [last for _, last in QUARTERS])
        for county in self.year.counties:
            chance = self.chance("meetings", county.code)
            self.convene(county.code_on(LAST_DAY), leads=chance.random() < 0.7,
                         meetings=int(chance.random() < 0.6))  # fmt: skip
            for first, last in QUARTERS:
                Filing(self, county, first, last).plan()
        orders = [
            OrderLife(self, county, number, calendar_day(on)).lived()
            for county in self.year.counties
            for number, on in enumerate(county.plan.orders)
        ]
        return list(chain(log, *(life.run() for life in self.regions.values()), *orders))

    def chance(self, *parts: object) -> Random:
        """A source of chance for one thing of the province."""
        return random_of(self.year.seed, "province", *parts)

    def begin(self) -> list[Row]:
        """Declare the log simulated."""
        life = Life(Log(LOG_ID), self.chance("log"))
        life.recorded_at = OPENS - DAY
        life.lag = timedelta(0)
        note = (
            "模拟数据：按 2019 年公开数字生成，其中的人和事均属虚构。"
            f"比例 {self.year.scale}，种子 {self.year.seed}。"
        )
        life.take(Log.begin, True, note, self.keys, by=self.year.administrator, occurred=OPENS)
        return life.rows

    def found(self, unit: Division) -> None:
        """Enter a region of the tree."""
        life = Life(Region(unit.region), self.chance("region", unit.code, unit.established_on))
        self.regions[unit.region] = life
        self.enter(life, region_boundaries.establish, founding_of(unit))

    def succeed(self, dated: DatedSuccession) -> None:
        """On the morning of its announcement a region's territory goes to its successor."""
        self.clock = max(at(dated.announced_on, 470), self.clock)
        before = region_id(dated.old_code, dated.effective_on - DAY)
        after = divisions_on(dated.effective_on)[dated.new_code]
        if after.region not in self.regions:
            self.found(after)
        succession = Succession(
            successor=after.region, extent=dated.extent, announced_on=dated.announced_on,
            effective_on=dated.effective_on, adopted_on=dated.adopted_on, document=dated.document,
            area=dated.area,
        )  # fmt: skip
        self.enter(self.regions[before], region_boundaries.succeed, succession)

    def observe(self, seen_on: date) -> None:
        """Enter what the lists of the year show: new townships, and names written otherwise."""
        self.clock = max(at(seen_on, 540), self.clock)
        for unit in sorted(divisions_on(seen_on).values(), key=from_the_top):
            if unit.region not in self.regions:
                self.found(unit)
            elif self.regions[unit.region].aggregate.name != unit.name:
                life = self.regions[unit.region]
                self.enter(life, region_boundaries.rename, unit.name, unit.valid_from)

    def enter(self, life: Life[Region], decision: Decision, *facts: object) -> None:
        """Enter something at once, a few seconds after the entry before it."""
        self.clock += timedelta(seconds=4)
        life.lag = timedelta(0)
        life.take(decision, *facts, by=self.year.administrator, occurred=self.clock)

    def supervisor(self, code: str, on: date) -> Actor:
        """Who supervises for a city's or the province's federation."""
        person = name(self.year.seed, code, "supervisor")
        return Actor(person, Role.SUPERVISOR, region_id(code, on))

    def convene(self, code: str, *, leads: bool, meetings: int) -> None:
        """The leading group of a region, formed long ago, and its joint meetings in the year."""
        life = self.regions[region_id(code, LAST_DAY)]
        rng, region = life.rng, life.aggregate
        by = self.supervisor(code, LAST_DAY)
        if leads:
            formed_on = max(date(2017, 3, 1) + rng.randrange(600) * DAY, region.valid_from)
            group = LeadingGroup(
                id=new_id(rng), formed_on=formed_on, leader="分管副职", members=DEPARTMENTS[:4],
                document=f"妇联发〔{formed_on.year}〕{rng.randrange(1, 60)}号",
            )  # fmt: skip
            entered = max(at(date(2018, 12, 17), 600), at(formed_on + 5 * DAY, 600))

            def form(when: datetime) -> None:
                life.promptly()
                life.take(
                    region_mechanism.form_leading_group,
                    group,
                    by=by,
                    occurred=when,
                    reason=SET_UP_REASON,
                )

            life.plan(entered, form)
        for number in range(meetings):
            self.meet(life, by, date(2019, 3 + 6 * number, 1) + rng.randrange(100) * DAY)

    def meet(self, life: Life[Region], by: Actor, on: date) -> None:
        """A joint meeting, whose attendance is corrected now and then."""
        rng = life.rng
        meeting = JointMeeting(
            id=new_id(rng), held_on=max(on, life.aggregate.valid_from),
            title="婚姻家庭工作联席会议",
            departments=DEPARTMENTS[: rng.randrange(3, 7)], attendance=rng.randrange(8, 40),
        )  # fmt: skip
        wrong = rng.random() < 0.05
        entered = meeting.model_copy(update={"attendance": meeting.attendance + 2})

        def hold(when: datetime) -> None:
            life.take(
                region_mechanism.hold_joint_meeting,
                entered if wrong else meeting,
                by=by,
                occurred=when,
            )
            if wrong:
                life.plan(at(month_after(day(when)), 600), correct)

        def correct(when: datetime) -> None:
            reason = rng.choice(CORRECTION_REASONS)
            life.take(
                region_mechanism.correct_joint_meeting, meeting, by=by, occurred=when, reason=reason
            )

        life.plan(at(meeting.held_on, 960 + rng.randrange(60)), hold)

    def dispatch(self, code: str, periods: Iterable[date]) -> None:
        """A situation round-up after each period, on the figures of the evening before."""
        life = self.regions[region_id(code, LAST_DAY)]
        by = self.supervisor(code, LAST_DAY)
        for last in periods:
            when = office_hour(life.rng, last + life.rng.randrange(3, 9) * DAY)
            dispatch = Dispatch(
                id=new_id(life.rng), held_on=day(when), title="婚姻家庭辅导工作情况调度",
                position=self.evening_before(when), conclusions="通报进度，部署回访与补录",
            )  # fmt: skip
            life.plan(when, holding(life, dispatch, by))

    def evening_before(self, when: datetime) -> int:
        """The log's position at the end of the day before."""
        return self.position_at(at(day(when), 0))


def holding(life: Life[Region], dispatch: Dispatch, by: Actor) -> Happening:
    """What happens when a dispatch is held."""
    return lambda when: life.take(region_mechanism.hold_dispatch, dispatch, by=by, occurred=when)


def from_the_top(unit: Division) -> tuple[int, str]:
    """Regions in the order in which they are entered: those above first."""
    return ORDER.index(unit.level), unit.code


ORDER: Final = (
    RegionLevel.PROVINCE, RegionLevel.CITY, RegionLevel.COUNTY, RegionLevel.FUNCTIONAL_ZONE,
    RegionLevel.TOWNSHIP, RegionLevel.VILLAGE,
)  # fmt: skip


def successions_of_the_year() -> Iterator[DatedSuccession]:
    """The whole successions of 2019 with those of the townships below, the lowest first."""
    for succession in sorted(load_successions(), key=lambda s: (s.announced_on, s.old_code)):
        if succession.announced_on > LAST_DAY or succession.extent is not Extent.WHOLE:
            continue
        if not succession.old_code.endswith("00"):
            yield from township_successions(succession)
        yield succession


class Filing:
    """A county's quarterly report on its way up, pinned by what its figures were."""

    def __init__(self, province: ProvinceLife, county: County, first: date, last: date) -> None:
        self.province = province
        self.county = county
        self.region = county.region_on(last)
        self.life = province.regions[self.region]
        self.rng = self.life.rng
        first = max(first, self.life.aggregate.valid_from)
        self.period = ReportingPeriod(first=first, last=last)
        self.by = county.supervisor(last)
        self.levels = (
            (RegionLevel.CITY, province.supervisor(county.city_on(last), last)),
            (RegionLevel.PROVINCE, province.supervisor(PROVINCE, last)),
        )

    def plan(self) -> None:
        """Required at the start, submitted after the end; some are late, returned or restated."""
        rng, period = self.rng, self.period
        due_on = period.last + 10 * DAY
        requirement = Requirement(
            form=FORM, period=period, due_on=due_on, levels=tuple(level for level, _ in self.levels)
        )
        required = at(max(period.first, date(2019, 1, 2)) + 2 * DAY, 560 + rng.randrange(60))
        _, by = self.levels[-1]
        self.life.plan(
            required,
            lambda when: self.life.take(
                region_reporting.require_report, requirement, by=by, occurred=when
            ),
        )
        if rng.random() < 0.012:
            return  # still owed at the end
        late = rng.random() < 0.08
        submitted = due_on + (rng.randrange(1, 12) if late else -rng.randrange(0, 7)) * DAY
        self.life.plan(office_hour(rng, submitted), self.submit)

    def report(self, when: datetime) -> Report:
        return Report(
            form=FORM, period=self.period, definitions=DEFINITIONS,
            position=self.province.evening_before(when), head="中心负责人", statistician="统计员",
            prepared_by="填表人",
        )  # fmt: skip

    def submit(self, when: datetime) -> None:
        self.life.take(region_reporting.submit_report, self.report(when), by=self.by, occurred=when)
        self.life.plan(self.some_days_after(when), lambda then: self.judge(then, 0))

    def judge(self, when: datetime, turn: int) -> None:
        """A level passes the report or returns it; the last one makes it final."""
        level, by = self.levels[turn]
        if turn == 0 and self.rng.random() < 0.07:
            self.life.take(
                region_reporting.return_report, FORM, self.period, level, day(when) + 5 * DAY,
                by=by, occurred=when, reason="与台账数不一致，核对后重报",
            )  # fmt: skip
            self.life.plan(self.some_days_after(when), self.submit)
            return
        self.life.take(
            region_reporting.approve_report, FORM, self.period, level, by=by, occurred=when
        )
        if turn + 1 < len(self.levels):
            self.life.plan(self.some_days_after(when), lambda then: self.judge(then, turn + 1))
        elif self.rng.random() < 0.03:
            self.life.plan(when + self.rng.randrange(8, 30) * DAY, self.restate)

    def restate(self, when: datetime) -> None:
        """Corrections after the period make a new edition."""
        self.life.take(
            region_reporting.restate_report, self.report(when), by=self.by, occurred=when,
            reason="期后更正较多，重报",
        )  # fmt: skip
        self.life.plan(self.some_days_after(when), lambda then: self.judge(then, 0))

    def some_days_after(self, when: datetime) -> datetime:
        return office_hour(self.rng, day(when) + self.rng.randrange(1, 6) * DAY)


class OrderLife:
    """A supervision order to a county's centre, from issue to write-off."""

    def __init__(self, province: ProvinceLife, county: County, number: int, on: date) -> None:
        self.province = province
        self.rng = rng = province.chance("order", county.code, number)
        self.issued = office_hour(rng, on)
        identity = name(province.year.seed, county.code, "order", number)
        self.life = Life(SupervisionOrder(identity), rng)
        self.place = county.place_on(on)
        self.to_centre = rng.random() < 0.75
        self.by = province.supervisor(county.city_on(on), on)
        self.rectifier = county.manager if self.to_centre else county.supervisor(on)
        self.deadline = on + rng.randrange(12, 31) * DAY

    def lived(self) -> list[Row]:
        """Issue, rectify, verify, write off; some are late and escalated, a few stay open."""
        rng, life = self.rng, self.life
        life.plan(self.issued, self.issue)
        if rng.random() < 0.02:
            life.plan(self.issued + rng.randrange(1, 5) * DAY, self.void)
            return life.run()
        life.plan(self.issued + rng.randrange(3, 50) * 60 * MINUTE, self.acknowledge)
        if rng.random() < 0.06:
            life.plan(at(self.deadline - 2 * DAY, 615), self.extend)
        dice = rng.random()
        if dice < 0.8:
            shown = self.deadline - rng.randrange(1, 8) * DAY
        else:
            shown = self.deadline + rng.randrange(2, 30) * DAY
            self.escalate_until(shown if dice < 0.95 else LAST_DAY)
        if rng.random() < 0.5:
            middle = self.issued + (at(min(shown, self.deadline), 0) - self.issued) / 2
            life.plan(max(middle, self.issued + 3 * DAY), self.report_progress)
        if dice < 0.95:
            life.plan(at(shown, 600 + rng.randrange(300)), self.show)
        return life.run()

    def issue(self, when: datetime) -> None:
        addressee = self.place.centre if self.to_centre else self.place.region
        assert addressee is not None
        order = Order(
            addressee=addressee, what=self.rng.choice(MATTERS), issued_on=day(when),
            deadline=self.deadline, evidence=(self.province.evening_before(when),),
        )  # fmt: skip
        self.life.take(SupervisionOrder.issue, order, self.place, by=self.by, occurred=when)

    def void(self, when: datetime) -> None:
        reason = "误发，事项已另行督办"
        self.life.take(SupervisionOrder.void, by=self.by, occurred=when, reason=reason)

    def acknowledge(self, when: datetime) -> None:
        self.life.take(SupervisionOrder.acknowledge, by=self.rectifier, occurred=when)

    def extend(self, when: datetime) -> None:
        if self.life.aggregate.written_off_on is None:
            self.life.take(
                SupervisionOrder.extend_deadline, self.deadline + 10 * DAY, by=self.by,
                occurred=when, reason="材料需上级部门出具，同意延期",
            )  # fmt: skip

    def escalate_until(self, end: date) -> None:
        """One step up the ladder each fortnight after the deadline."""
        for number, step in enumerate(LADDER[:4]):
            on = self.deadline + (1 + 14 * number) * DAY
            if on < end:
                self.life.plan(at(on, 520), self.escalating(step))

    def escalating(self, step: EscalationStep) -> Happening:
        return lambda when: self.life.take(
            SupervisionOrder.escalate, step, by=self.by, occurred=when, reason="逾期未销号"
        )

    def report_progress(self, when: datetime) -> None:
        text = "已补录部分记录，其余正在核对"
        self.life.take(SupervisionOrder.report_progress, text, by=self.rectifier, occurred=when)

    def show(self, when: datetime) -> None:
        """Show that it is done; the supervisor verifies, or sends it back once."""
        evidence = (self.province.evening_before(when),)
        self.life.take(
            SupervisionOrder.submit_evidence, "已整改，见台账", evidence, by=self.rectifier,
            occurred=when,
        )  # fmt: skip
        self.life.plan(when + self.rng.randrange(1, 4) * DAY, self.check)

    def check(self, when: datetime) -> None:
        if self.rng.random() < 0.1:
            reason = "仍有个案未回访"
            self.life.take(SupervisionOrder.send_back, by=self.by, occurred=when, reason=reason)
            self.life.plan(when + self.rng.randrange(2, 6) * DAY, self.show)
            return
        self.life.take(SupervisionOrder.verify, by=self.by, occurred=when)
        settled = when + MINUTE if self.rng.random() < 0.7 else when + DAY
        self.life.plan(settled, self.write_off)

    def write_off(self, when: datetime) -> None:
        self.life.take(SupervisionOrder.write_off, by=self.by, occurred=when)
