"""How centres, stations and rooms live through the simulated year: outreach, shifts, funds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final
from uuid import UUID

from application.divisions import (
    Division,
    founding_of,
    load_successions,
    region_id,
    township_successions,
)
from application.records import Actor
from application.simulation_life import (
    CORRECTION_REASONS,
    DAY,
    FIRST_DAY,
    LAST_DAY,
    MINUTE,
    SET_UP_REASON,
    VOIDING_REASONS,
    Decision,
    Life,
    Row,
    at,
    chosen,
    month_after,
    name,
    new_id,
    office_hour,
    set_up,
)
from application.simulation_people import County, Member
from application.simulation_plan import DAYS, calendar
from application.territory import id_of
from domain import centre_assistance, centre_existence, centre_work, region_boundaries
from domain.base import day
from domain.centre import Centre
from domain.centre_events import (
    Appropriation,
    AssistanceRequest,
    Establishment,
    Evidence,
    Inspection,
    Outreach,
    RegistryOffice,
    Shift,
    Spending,
    Subsidy,
)
from domain.region import Region
from domain.region_events import Village
from domain.values import (
    CentreGrade,
    CentreKind,
    FundSource,
    OutreachKind,
    PractitionerKind,
    RegionKind,
    Role,
)

STANDARD: Final = "山东省婚姻家庭辅导中心建设规范"
POINTS: Final = ("独立接待室", "专用辅导室", "儿童活动区", "档案柜上锁", "服务公示", "紧急联络电话")
GRADES: Final = (
    (CentreGrade.STANDARD, 0.42), (CentreGrade.COUNTY_MODEL, 0.3), (CentreGrade.CITY_MODEL, 0.2),
    (CentreGrade.PROVINCIAL_MODEL, 0.08),
)  # fmt: skip
OUTREACH: Final = (
    (OutreachKind.PUBLICITY, "婚姻家庭辅导进社区宣传", 0.4),
    (OutreachKind.LECTURE, "幸福婚姻讲座", 0.26),
    (OutreachKind.PREMARITAL_TRAINING, "新婚夫妇婚前辅导", 0.2),
    (OutreachKind.FAMILY_EDUCATION, "家庭教育公开课", 0.14),
)
WHISTLES: Final = (
    "夫妻纠纷需要调解", "居民求助婚姻问题", "需要心理疏导志愿者", "老人与子女赡养矛盾",
    "疑似家庭暴力，请求支援",
)  # fmt: skip
SPENDINGS: Final = ("购买服务费", "培训费", "宣传资料印制", "办公用品", "志愿者保险", "场地维护")
SOURCES: Final = (
    (FundSource.PROVINCIAL, date(2019, 3, 20), 6_000_000),
    (FundSource.CITY, date(2019, 5, 10), 4_500_000),
    (FundSource.COUNTY, date(2019, 2, 25), 9_000_000),
)  # fen, the usual amount


Payment = Appropriation | Spending | Subsidy


def centres_of(county: County) -> Iterator[Row]:
    """Every event of a county's centre, stations and rooms."""
    plan = county.plan
    sites = [
        SiteLife(county, kind, code, number)
        for kind, codes in ((CentreKind.STATION, plan.stations), (CentreKind.ROOM, plan.rooms))
        for number, code in enumerate(codes)
    ]
    centre = CentreLife(county)
    callers: list[CentreLife | SiteLife] = [*sites] or [centre]
    rng = county.rng("whistles")
    for on in plan.whistles:
        rng.choice(callers).calls.append(DAYS[on])
    yield from centre.lived()
    for site in sites:
        yield from site.lived()


class CentreLife:
    """The centre at a county's registry office."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.rng = county.rng("centre")
        self.life = Life(Centre(county.centre), self.rng)
        self.calls: list[date] = []

    def lived(self) -> list[Row]:
        rng, county, life = self.rng, self.county, self.life
        plan = county.plan
        when = set_up(rng, date(2018, 12, 17) + rng.randrange(2) * DAY)
        life.promptly()
        self.establish(when)
        for since, announced_on, code in county.codes[1:]:
            following(life, county, region_id(code, since), since, announced_on)
        self.be_inspected()
        for day_number, persons in plan.outreach:
            self.reach_out(DAYS[day_number], persons)
        self.keep_shifts()
        self.handle_funds()
        for on in self.calls:
            Whistle(county, life, county.manager, on).plan()
        if plan.index % 41 == 7:
            moved = office_hour(rng, date(2019, 6, 10) + rng.randrange(60) * DAY)
            life.plan(moved, lambda then: life.take(
                centre_existence.relocate, f"{county.title}政务服务中心二楼",
                by=county.manager, occurred=then,
            ))  # fmt: skip
        return life.run()

    def establish(self, when: datetime) -> None:
        county, rng = self.county, self.rng
        office = RegistryOffice(
            id=county.registry_office, name=f"{county.title}民政局婚姻登记处", county_level=True
        )
        founded = date(2013, 1, 1) + rng.randrange(1900) * DAY
        establishment = Establishment(
            kind=CentreKind.CENTRE,
            name=f"{county.title}婚姻家庭辅导中心",
            region=county.place_on(founded).region,
            established_on=founded,
            registry_offices=(office,),
            address=f"{county.title}婚姻登记处一楼",
        )
        self.life.take(
            centre_existence.establish, establishment, by=county.administrator, occurred=when,
            reason=SET_UP_REASON,
        )  # fmt: skip
        if rng.random() < 0.83:
            grade = chosen(rng, GRADES)
            evidence = Evidence(document=f"{county.title}评定〔2018〕{rng.randrange(1, 60)}号")
            self.life.take(
                centre_existence.award_grade, grade, evidence, by=county.supervisor(day(when)),
                occurred=when + 10 * MINUTE, reason=SET_UP_REASON,
            )  # fmt: skip

    def be_inspected(self) -> None:
        """Once a year against the standard; the grade is reviewed, raised, lowered or lost."""
        rng, life, county = self.rng, self.life, self.county
        on = date(2019, 3, 11) + rng.randrange(110) * DAY
        while not calendar.is_working_day(on):
            on += DAY
        failed = tuple(point for point in POINTS if rng.random() < 0.07)
        passed = tuple(point for point in POINTS if point not in failed)
        inspection = Inspection(
            id=new_id(rng), standard=STANDARD, version="2018", inspected_on=on, passed=passed,
            failed=failed,
        )  # fmt: skip

        def inspect(when: datetime) -> None:
            life.take(
                centre_existence.inspect_facilities,
                inspection,
                by=county.supervisor(on),
                occurred=when,
            )

        def judge(when: datetime) -> None:
            grade, by = life.aggregate.grade, county.supervisor(day(when))
            evidence = Evidence(
                document=f"评定〔2019〕{rng.randrange(1, 300)}号", inspection=inspection.id
            )
            better = {
                None: CentreGrade.STANDARD,
                CentreGrade.STANDARD: CentreGrade.COUNTY_MODEL,
                CentreGrade.COUNTY_MODEL: CentreGrade.CITY_MODEL,
                CentreGrade.CITY_MODEL: CentreGrade.PROVINCIAL_MODEL,
            }
            if len(failed) > 1 and grade is not None:
                if grade is CentreGrade.STANDARD:
                    life.take(centre_existence.revoke_grade, evidence, by=by, occurred=when)
                else:
                    lower = CentreGrade.STANDARD
                    life.take(centre_existence.lower_grade, lower, evidence, by=by, occurred=when)
            elif not failed and grade in better and rng.random() < 0.25:
                life.take(
                    centre_existence.award_grade, better[grade], evidence, by=by, occurred=when
                )
            elif grade is not None:
                life.take(centre_existence.review_grade, evidence, by=by, occurred=when)

        life.plan(office_hour(rng, on), inspect)
        life.plan(office_hour(rng, on + rng.randrange(15, 60) * DAY), judge)

    def reach_out(self, on: date, persons: int) -> None:
        """An outreach event; some records are wrong at first, some are entered twice."""
        rng, life = self.rng, self.life
        kind, title, _ = rng.choices(OUTREACH, [part for *_, part in OUTREACH])[0]
        couples = persons // 4 if kind is OutreachKind.PREMARITAL_TRAINING else 0
        held = Outreach(
            id=new_id(rng), kind=kind, held_on=on, title=title, persons=persons, couples=couples,
            materials=rng.randrange(0, 3 * persons + 1) if rng.random() < 0.6 else 0,
            online_views=rng.randrange(50, 4000) if rng.random() < 0.15 else 0,
        )  # fmt: skip
        wrong = rng.random() < 0.035
        entered = held.model_copy(update={"persons": persons + 10}) if wrong else held
        twice = held.model_copy(update={"id": new_id(rng)}) if rng.random() < 0.012 else None

        def hold(when: datetime) -> None:
            self.take(centre_work.hold_outreach, entered, when)
            if wrong:
                self.later(centre_work.correct_outreach, held, when, CORRECTION_REASONS)
            if twice is not None:
                self.take(centre_work.hold_outreach, twice, when)
                self.later(centre_work.void_outreach, twice.id, when, VOIDING_REASONS)

        life.plan(at(on, rng.randrange(600, 1080)), hold)

    def keep_shifts(self) -> None:
        """The counsellors' duty at the registry window: about one recorded shift a week each."""
        rng = self.rng
        for member in self.county.team:
            if member.kind is not PractitionerKind.COUNSELLOR:
                continue
            on = FIRST_DAY + rng.randrange(1, 8) * DAY
            while on <= LAST_DAY:
                if calendar.is_working_day(on) and member.serves_on(on):
                    self.plan_shift(member, on)
                on += rng.randrange(6, 9) * DAY

    def plan_shift(self, member: Member, on: date) -> None:
        rng = self.rng
        shift = Shift(
            id=new_id(rng), practitioner=member.id, started_at=at(on, rng.choice((510, 510, 810))),
            minutes=rng.choice((180, 210, 210, 420)),
        )  # fmt: skip

        def work(when: datetime) -> None:
            self.take(centre_work.work_shift, shift, when)
            if rng.random() < 0.006:
                after = shift.model_copy(update={"minutes": 240})
                self.later(centre_work.correct_shift, after, when, CORRECTION_REASONS)
            elif rng.random() < 0.002:
                self.later(centre_work.void_shift, shift.id, when, VOIDING_REASONS)

        self.life.plan(shift.started_at + shift.minutes * MINUTE + 3 * MINUTE, work)

    def handle_funds(self) -> None:
        """Appropriations early in the year, spendings month by month, subsidies by quarter."""
        rng, plan = self.rng, self.county.plan
        granted = 0
        for source, on, usual in SOURCES:
            if source is FundSource.CITY and rng.random() < 0.3:
                continue
            fen = usual * rng.randrange(60, 160) // 100 // 100 * 100
            granted += fen
            appropriation = Appropriation(
                id=new_id(rng), source=source, fen=fen,
                appropriated_on=on + rng.randrange(25) * DAY,
                document=f"财行〔2019〕{rng.randrange(1, 200)}号",
            )  # fmt: skip
            self.settling(
                centre_work.appropriate_funds,
                appropriation,
                centre_work.correct_appropriation,
                0.01,
            )
        executed = rng.uniform(0.72, 1.0)
        for month in range(1, 13):
            spending = Spending(
                id=new_id(rng), purpose=rng.choice(SPENDINGS),
                fen=max(100, int(granted * executed / 12 * rng.uniform(0.5, 1.5))),
                spent_on=date(2019, month, rng.randrange(8, 29)),
            )  # fmt: skip
            self.settling(centre_work.spend_funds, spending, centre_work.correct_spending, 0.015)
        for quarter in (
            date(2019, 3, 28),
            date(2019, 6, 27),
            date(2019, 9, 26),
            date(2019, 12, 26),
        ):
            served = [m for m in self.county.team if m.serves_on(quarter)]
            for member in rng.sample(served, min(len(served), 1 + plan.volunteers // 16)):
                subsidy = Subsidy(
                    id=new_id(rng), practitioner=member.id, fen=rng.randrange(5, 40) * 1000,
                    paid_on=quarter,
                )  # fmt: skip
                self.settling(centre_work.pay_subsidy, subsidy, centre_work.correct_subsidy, 0.006)

    def settling(
        self, enter: Decision, payment: Payment, correct: Decision, mistaken: float
    ) -> None:
        """Enter a payment on its day, with a wrong amount now and then."""
        rng = self.rng
        wrong = rng.random() < mistaken
        entered = payment.model_copy(update={"fen": payment.fen * 10}) if wrong else payment

        def pay(when: datetime) -> None:
            self.take(enter, entered, when)
            if wrong:
                self.later(correct, payment, when, CORRECTION_REASONS)

        self.life.plan(office_hour(rng, payment.on), pay)

    def take(self, decision: Decision, fact: object, when: datetime) -> None:
        self.life.take(decision, fact, by=self.county.manager, occurred=when)

    def later(
        self, decision: Decision, fact: object, when: datetime, reasons: tuple[str, ...]
    ) -> None:
        """Put right, when the month's ledger is checked, what was entered wrongly."""
        rng, life = self.rng, self.life

        def found(then: datetime) -> None:
            life.promptly()
            life.take(
                decision, fact, by=self.county.manager, occurred=then, reason=rng.choice(reasons)
            )

        life.plan(office_hour(rng, month_after(day(when)) + rng.randrange(12) * DAY), found)


def following(
    life: Life[Centre], county: County, region: UUID, since: date, announced_on: date
) -> None:
    """Follow a change of boundaries on the morning it is announced."""

    def follow(when: datetime) -> None:
        life.promptly()
        life.take(
            centre_existence.reassign, region, since, by=county.administrator, occurred=when,
            reason="行政区划调整",
        )  # fmt: skip

    life.plan(at(announced_on, 485), follow)


class SiteLife:
    """A township's station or a village's room, which whistles for volunteers."""

    def __init__(self, county: County, kind: CentreKind, township: str, number: int) -> None:
        self.county = county
        self.kind = kind
        self.township = township
        self.calls: list[date] = []
        self.rng = county.rng(kind, township, number)
        self.life = Life(Centre(name(county.seed, kind, township, number)), self.rng)
        self.worker = Actor(
            name(county.seed, "worker", kind, township, number),
            Role.STATION_WORKER,
            self.life.aggregate.id,
        )
        self.number = number
        self.rows: list[Row] = []
        self.founded = date(2016, 1, 1) + self.rng.randrange(1060) * DAY
        if self.rng.random() < 0.2 and len(county.codes) == 1:
            self.founded = FIRST_DAY + self.rng.randrange(7, 120) * DAY

    def lived(self) -> list[Row]:
        rng, life = self.rng, self.life
        if self.founded < FIRST_DAY:
            life.promptly()
            when = set_up(rng, date(2018, 12, 18) + rng.randrange(2) * DAY)
            self.establish(when, SET_UP_REASON)
        else:
            when = office_hour(rng, self.founded)
            life.meet(when)
            self.establish(when, None)
        if self.kind is CentreKind.STATION:  # a village goes where its township goes
            for since, announced_on, code in self.county.codes[1:]:
                region = self.region_after(code, since)
                following(life, self.county, region, since, announced_on)
        for on in self.calls:
            Whistle(self.county, life, self.worker, max(on, self.founded + DAY)).plan()
        if rng.random() < 0.02:
            life.plan(at(date(2020, 1, 13), 600), self.suspend)
        elif rng.random() < 0.01:
            life.plan(at(date(2020, 1, 15), 620), self.close)
        return [*self.rows, *life.run()]

    def establish(self, when: datetime, reason: str | None) -> None:
        county = self.county
        township = next(t for t in county.plan.county.townships if t.code == self.township)
        if self.kind is CentreKind.STATION:
            title, region = f"{township.name}婚姻家庭辅导站", region_id(self.township, self.founded)
        else:
            village = self.village(township)
            region = self.make_region(village, township, when - 10 * MINUTE, reason)
            title = f"{township.name}{village.name}婚姻家庭辅导室"
        establishment = Establishment(
            kind=self.kind,
            name=title,
            region=region,
            established_on=self.founded,
        )
        self.life.take(
            centre_existence.establish,
            establishment,
            by=county.administrator,
            occurred=when,
            reason=reason,
        )

    def village(self, township: Division) -> Village:
        """An invented village of a township: there are no villages in the reference data."""
        if township.kind is RegionKind.SUBDISTRICT:
            kind, title = RegionKind.RESIDENTIAL_COMMUNITY, f"第{self.number + 1}社区"
        else:
            kind, title = RegionKind.VILLAGE, f"模拟{self.number + 1}村"
        return Village(code=f"{township.code}{900 + self.number:03}", name=title, kind=kind)

    def make_region(
        self, village: Village, township: Division, when: datetime, reason: str | None
    ) -> UUID:
        """Make a region of the village in which the room is about to open."""
        above = Region(township.region, version=1, founding=founding_of(township))
        founding = village.founding_in(above.id, above.require_established())
        region = id_of(founding)
        life = Life(Region(region), self.county.rng("village", founding.code))
        life.promptly()
        life.take(
            region_boundaries.establish_village, above, village, by=self.county.administrator,
            occurred=when, reason=reason,
        )  # fmt: skip
        self.rows += life.rows
        return region

    def region_after(self, code: str, since: date) -> UUID:
        """The township that this one became, or else the county it went to."""
        change = next(s for s in load_successions() if s.new_code == code)
        became = {t.old_code: t.new_code for t in township_successions(change)}
        return region_id(became.get(self.township, code), since)

    def suspend(self, when: datetime) -> None:
        """Closed for rebuilding, and open again some weeks later."""
        self.life.take(centre_existence.suspend, by=self.worker, occurred=when)
        self.life.plan(
            when + 21 * DAY,
            lambda then: self.life.take(centre_existence.resume, by=self.worker, occurred=then),
        )

    def close(self, when: datetime) -> None:
        self.life.take(centre_existence.close, by=self.worker, occurred=when)


class Whistle:
    """A station whistles, a volunteer is sent and reports; some calls are called off."""

    def __init__(self, county: County, life: Life[Centre], worker: Actor, on: date) -> None:
        self.life = life
        self.rng = rng = life.rng
        self.worker = worker
        self.sender = county.manager
        self.request = AssistanceRequest(
            id=new_id(rng),
            requested_at=at(on, rng.randrange(500, 1230)),
            what=rng.choice(WHISTLES),
        )
        team = [m for m in county.team if m.kind is PractitionerKind.VOLUNTEER]
        helpers = [member for member in team or county.serving if member.serves_on(on)]
        self.helper = rng.choice(helpers).id if helpers and rng.random() < 0.94 else None
        self.sent = self.request.requested_at + rng.randrange(3, 45) * MINUTE
        self.came = self.sent + (8 + int(rng.lognormvariate(3.3, 0.7))) * MINUTE
        self.entered = self.came + 30 * MINUTE if rng.random() < 0.012 else self.came
        self.done = self.entered + rng.randrange(30, 180) * MINUTE

    def plan(self) -> None:
        """Put the call and what follows from it on the agenda."""
        life = self.life
        life.plan(self.request.requested_at, self.ask)
        if self.helper is not None:
            life.plan(self.sent, self.send)
            life.plan(self.entered, self.arrive)
            life.plan(self.done, self.complete)
        elif self.rng.random() < 0.6:
            life.plan(self.sent + self.rng.randrange(60, 900) * MINUTE, self.cancel)

    def ask(self, when: datetime) -> None:
        self.life.take(
            centre_assistance.request_assistance, self.request, by=self.worker, occurred=when
        )

    def send(self, when: datetime) -> None:
        facts = (self.request.id, self.helper, self.sent)
        self.life.take(centre_assistance.dispatch_volunteer, *facts, by=self.sender, occurred=when)

    def arrive(self, when: datetime) -> None:
        facts = (self.request.id, self.helper, self.entered)
        self.life.take(centre_assistance.volunteer_arrives, *facts, by=self.worker, occurred=when)
        if self.entered != self.came:
            checked = month_after(day(when)) + self.rng.randrange(10) * DAY
            self.life.plan(office_hour(self.rng, checked), self.correct)

    def complete(self, when: datetime) -> None:
        facts = (self.request.id, self.done, "已调解，双方情绪稳定")
        self.life.take(centre_assistance.complete_assistance, *facts, by=self.worker, occurred=when)

    def cancel(self, when: datetime) -> None:
        self.life.take(
            centre_assistance.cancel_assistance, self.request.id, by=self.worker, occurred=when
        )

    def correct(self, when: datetime) -> None:
        """The volunteer had come earlier than entered."""
        reason = self.rng.choice(CORRECTION_REASONS)
        facts = (self.request, self.came)
        self.life.take(
            centre_assistance.correct_assistance,
            *facts,
            by=self.worker,
            occurred=when,
            reason=reason,
        )
