"""How couples come in the simulated year, and how they are counselled."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from application.drafts import Whose
from application.records import Actor
from application.simulation_care import (
    CANCELLED,
    DIVERTED,
    LITIGATION,
    LOST,
    POSTPONED,
    REGISTERED,
    CaseCare,
    Couple,
    workday_from,
)
from application.simulation_life import (
    DAY,
    LAST_DAY,
    MINUTE,
    VOIDING_REASONS,
    Row,
    Seal,
    at,
    chosen,
    month_after,
    name,
    new_id,
    office_hour,
    random_of,
)
from application.simulation_people import County, person_of
from application.simulation_plan import CountyPlan, calendar_day
from domain import case_care, case_counselling, case_file, case_registry, case_safety
from domain.base import day
from domain.case_facts import (
    Application,
    Appointment,
    Assessment,
    Compartment,
    Opening,
    Plan,
    Profile,
    Report,
    SafetyDocument,
    Screening,
    Session,
)
from domain.record import find
from domain.values import (
    CaseChannel,
    DivorceReason,
    MarriageLength,
    Party,
    ReferralKind,
    ReportedTo,
    RiskLevel,
    SafetyLevel,
    ServiceType,
    SessionForm,
    Sex,
    Visit,
)

WIFE, HUSBAND = Party.WIFE, Party.HUSBAND
COUPLE: Final = (WIFE, HUSBAND)

# Shares. The published review names none of these; they are set so that a year looks lived in and
# holds about 1.7 million events at scale 1.
OFFERED: Final = 0.34  # of the couples who are then not counselled
DECLINED: Final = 0.64  # of those offers
JOINT: Final = 0.10  # of first sessions
SCREENED: Final = 0.16  # of parties who come alone
IDENTIFIED: Final = 0.72  # of parties counselled
PUT_OFF: Final = 0.08  # first sessions on a later day, by appointment
MISSED: Final = 0.16  # of appointments
VIOLENCE: Final = 0.009  # of couples counselled who end otherwise than by deferral
SEVERE: Final = 0.07  # of those
BROKEN: Final = 0.05  # of deferrals
CLOSED_UNCOUNSELLED: Final = 0.20
CORRECTED: Final = 0.006  # of counselled cases
MISRECORDED: Final = 0.0008  # sessions entered in the wrong file, voided later
TRANSFERRED: Final = 0.0022  # of counselled cases

CHANNELS: Final = (
    (CaseChannel.REGISTRY_WINDOW, 0.9), (CaseChannel.WALK_IN, 0.045),
    (CaseChannel.COMMUNITY, 0.025), (CaseChannel.HOTLINE, 0.015), (CaseChannel.REFERRAL, 0.012),
    (CaseChannel.COURT, 0.003),
)  # fmt: skip
OTHER_CHANNELS: Final = (
    (CaseChannel.WALK_IN, 0.4), (CaseChannel.COMMUNITY, 0.25), (CaseChannel.HOTLINE, 0.2),
    (CaseChannel.REFERRAL, 0.15),
)  # fmt: skip
FORMS: Final = (
    (SessionForm.ON_SITE, 0.89), (SessionForm.PHONE, 0.05), (SessionForm.ONLINE, 0.03),
    (SessionForm.HOME_VISIT, 0.02), (SessionForm.GROUP, 0.01),
)  # fmt: skip
SESSIONS: Final = ((1, 0.89), (2, 0.07), (3, 0.028), (4, 0.012))
OTHERWISE: Final = ((REGISTERED, 0.93), (LITIGATION, 0.017), (LOST, 0.018), (None, 0.035))
UNCOUNSELLED: Final = (
    (REGISTERED, 0.95), (LITIGATION, 0.011), (LOST, 0.009), (CANCELLED, 0.006), (None, 0.024),
)  # fmt: skip
LENGTHS: Final = tuple(
    zip(MarriageLength, (0.09, 0.13, 0.14, 0.21, 0.2, 0.14, 0.06, 0.027, 0.003), strict=True)
)
REASONS: Final = tuple(
    zip(
        DivorceReason,
        (0.34, 0.12, 0.08, 0.06, 0.04, 0.19, 0.03, 0.01, 0.07, 0.04, 0.02),
        strict=True,
    )
)
FACTS: Final = (
    "双方到场，介绍辅导服务", "一方到场，了解婚姻状况", "讨论子女抚养与老人赡养",
    "讨论家庭开支与债务", "练习表达与倾听", "约定冷静一段时间再作决定",
)  # fmt: skip
SUMMARIES: Final = ("情绪平稳，愿意继续沟通", "意见分歧仍大，已告知后续服务", "初步达成共识")


def cases_of(county: County, seal: Seal) -> Iterator[Row]:
    """Every event of every case of a county, case by case in the order of their numbers."""
    couples = list(couples_of(county.plan, county.rng("couples")))
    cast_returns(couples, county.rng("returns"))
    for couple in couples:
        yield from CaseLife(county, couple, seal).lived()
    number = len(couples)
    for days, service in (
        (county.plan.premarital, ServiceType.PREMARITAL),
        (county.plan.relationship, ServiceType.RELATIONSHIP),
    ):
        for on in days:
            number += 1
            couple = Couple(number, calendar_day(on), None, counselled=True, identity=number)
            yield from CaseLife(county, couple, seal).lived_without_application(service)
    originals = [couple for couple in couples if not couple.counselled] or couples
    for on in county.plan.duplicates if originals else ():
        number += 1
        original = min(originals, key=lambda c: abs((c.on - calendar_day(on)).days))
        couple = Couple(number, original.on, None, counselled=False, identity=original.number)
        yield from CaseLife(county, couple, seal).entered_twice(original)


def couples_of(plan: CountyPlan, rng: Random) -> Iterator[Couple]:
    """The couples who apply in a county, numbered in the order of their days."""
    kinds: list[tuple[int, float, str]] = [
        (on, rng.random(), kind)
        for kind in ("cancelled", "postponed", "counselled_otherwise", "uncounselled")
        for on in getattr(plan, kind)
    ]
    for number, (on, _, kind) in enumerate(sorted(kinds), start=1):
        if kind == "uncounselled":
            outcome = chosen(rng, UNCOUNSELLED)
        elif kind == "counselled_otherwise":
            outcome = DIVERTED if rng.random() < VIOLENCE else chosen(rng, OTHERWISE)
        else:
            outcome = CANCELLED if kind == "cancelled" else POSTPONED
        yield Couple(
            number, calendar_day(on), outcome, counselled=kind != "uncounselled", identity=number
        )


def cast_returns(couples: Sequence[Couple], rng: Random) -> None:
    """Some who gave up the divorce come back: a later couple of the county is then the same one."""
    days = [couple.on for couple in couples]
    for couple in couples:
        if couple.outcome not in (CANCELLED, POSTPONED) or not couple.counselled:
            continue
        if rng.random() >= BROKEN:
            continue
        wanted = couple.on + timedelta(days=30 + int(rng.expovariate(1 / 70)))
        number = bisect_left(days, wanted)
        if number < len(couples) and couples[number].first:
            later = couples[number]
            later.first = False
            later.identity = couple.identity
            couple.returns_on = later.on


class CaseLife(CaseCare):
    """One case of a county, from the registry window to its last session."""

    def lived(self) -> list[Row]:
        """The case of a couple that applies for divorce."""
        life, rng = self.life, self.rng
        when = office_hour(rng, self.couple.on)
        life.meet(when)
        self.apply(when)
        if self.couple.counselled:
            self.accept(when + 4 * MINUTE)
            if rng.random() < PUT_OFF and self.couple.on < LAST_DAY - 20 * DAY:
                self.put_off(when + 15 * MINUTE)
            else:
                self.begin(when + rng.randrange(6, 30) * MINUTE)
        else:
            self.go_without(when + 4 * MINUTE)
        return life.run()

    def lived_without_application(self, service: ServiceType) -> list[Row]:
        """A course of premarital or relationship counselling."""
        life, rng = self.life, self.rng
        when = office_hour(rng, self.couple.on)
        life.meet(when)
        self.open(when, service, chosen(rng, OTHER_CHANNELS), self.counsellor)
        self.accept(when + 3 * MINUTE)
        self.begin(when + 8 * MINUTE)
        return life.run()

    def entered_twice(self, original: Couple) -> list[Row]:
        """A case that another registrar entered again, voided when somebody noticed."""
        life, rng = self.life, self.rng
        when = office_hour(rng, self.couple.on)
        life.meet(when)
        self.apply(when)
        if rng.random() < 0.4:
            life.take(case_counselling.offer, by=self.registrar, occurred=when + 2 * MINUTE)
        noticed = rng.choice(
            (self.couple.on + rng.randrange(1, 6) * DAY, month_after(self.couple.on))
        )
        twin = name(self.county.seed, self.county.code, "case", original.number)
        life.plan(office_hour(rng, noticed), lambda on: self.void(twin, on))
        return life.run()

    def void(self, twin: UUID, when: datetime) -> None:
        self.life.promptly()
        self.life.take(
            case_file.void, twin, by=self.manager, occurred=when, reason="与另一个案重复录入"
        )

    def open(self, when: datetime, service: ServiceType, channel: CaseChannel, by: Actor) -> None:
        opening = Opening(
            number=f"{self.county.code_on(self.couple.on)}-{self.couple.on.year}-{self.couple.number:05d}",
            service=service,
            channel=channel,
            visit=Visit.FIRST if self.couple.first else Visit.REPEAT,
        )
        place = self.county.place_on(self.couple.on, day(when + self.life.lag))
        self.life.take(case_file.open_case, opening, place, by=by, occurred=when)
        if self.rng.random() < 0.0018:
            other = next(c for c in (CaseChannel.REFERRAL, CaseChannel.WALK_IN) if c is not channel)
            after = opening.model_copy(update={"channel": other})
            on = self.couple.on
            self.correct_later(on, case_file.correct_opening, after, on)

    def apply(self, when: datetime) -> None:
        channel = chosen(self.rng, CHANNELS)
        self.open(when, ServiceType.DIVORCE_ADJUSTMENT, channel, self.registrar)
        self.life.take(case_registry.observe_application, by=self.registrar, occurred=when + MINUTE)
        if self.rng.random() < 0.0012 and self.couple.on > date(2019, 1, 5):
            after = Application(on=self.couple.on - self.rng.randrange(1, 4) * DAY)
            self.correct_later(self.couple.on, case_registry.correct_application, after)

    def go_without(self, when: datetime) -> None:
        """Not counselled: perhaps never asked, perhaps not willing."""
        life, rng, couple = self.life, self.rng, self.couple
        if rng.random() < OFFERED:
            life.take(case_counselling.offer, by=self.registrar, occurred=when)
            if rng.random() < DECLINED:
                party = rng.choice(COUPLE)
                life.take(
                    case_counselling.decline, party, by=self.registrar, occurred=when + MINUTE
                )
        if couple.outcome is not None:
            later = rng.randrange(1, 40) if couple.outcome in (LITIGATION, LOST) else 0
            if later:
                life.plan(
                    office_hour(rng, workday_from(couple.on + later * DAY)),
                    lambda then: self.end(then, couple.outcome),
                )
            else:
                self.end(when + 25 * MINUTE, couple.outcome)
            if rng.random() < CLOSED_UNCOUNSELLED:
                closing = couple.on + (later + rng.choice((0, 0, 1, 2, 5, 9, 20))) * DAY
                life.plan(at(workday_from(closing), 1015 + rng.randrange(20)), self.close)
        if rng.random() < MISRECORDED and life.aggregate.answers:
            self.misrecord(when + 10 * MINUTE)

    def misrecord(self, when: datetime) -> None:
        """A session of another couple is entered here, and voided when the ledger is checked."""
        answered = {answer.fact.party for answer in self.life.aggregate.answers}
        party = HUSBAND if WIFE in answered else WIFE
        self.consent(party, when)
        session = self.session_at(when + MINUTE, (party,))
        self.record(session)
        self.correct_later(
            day(when), case_counselling.void_session, session.id, reasons=VOIDING_REASONS
        )

    def accept(self, when: datetime) -> None:
        """The couple, or one of it, agrees to what is offered."""
        life, rng = self.life, self.rng
        life.take(case_counselling.offer, by=self.registrar, occurred=when)
        joint = rng.random() < JOINT and not self.violence
        self.present = COUPLE if joint else (rng.choice(COUPLE),)
        if self.violence and rng.random() < 0.9:
            self.present = (WIFE,)
        if not joint and rng.random() < 0.02:
            # The other one declines at first: this counts until somebody of the couple consents.
            other = HUSBAND if self.present == (WIFE,) else WIFE
            life.take(case_counselling.decline, other, by=self.registrar, occurred=when)
        for party in self.present:
            self.consent(party, when + MINUTE)
        if rng.random() < 0.012:
            life.take(case_file.note_anonymous, by=self.counsellor, occurred=when + MINUTE)
            return
        for party in self.present:
            if rng.random() < IDENTIFIED:
                self.identify(party, when + 2 * MINUTE)

    def consent(self, party: Party, when: datetime) -> None:
        self.life.take(case_counselling.consent, party, by=self.counsellor, occurred=when)

    def identify(self, party: Party, when: datetime) -> None:
        rng = self.rng
        person = random_of(self.county.seed, self.county.code, self.couple.identity, party)
        profile = Profile(
            sex=Sex.FEMALE if party is WIFE else Sex.MALE,
            birth_decade=person.choice((1950, 1960, 1970, 1970, 1980, 1980, 1980, 1990, 1990)),
            marriage_length=chosen(person, LENGTHS),
            divorce_reason=chosen(rng, REASONS) if self.couple.outcome is not None else None,
        )
        identity = self.seal(
            Whose(self.id, party.value), person_of(person, party is WIFE, self.county.code)
        )
        self.life.take(
            case_file.identify, party, identity, profile, by=self.counsellor, occurred=when
        )

    def screen(self, party: Party, when: datetime, level: SafetyLevel | None = None) -> Screening:
        """Screen one alone; without a level given nothing or a concern is found."""
        rng = self.rng
        if level is None:
            level = SafetyLevel.CONCERN if rng.random() < 0.035 else SafetyLevel.NONE
        screening = Screening(
            id=new_id(rng), party=party, tool="婚姻家庭安全筛查表", tool_version="2018",
            level=level, alone=True,
        )  # fmt: skip
        self.life.take(case_safety.screen, screening, by=self.counsellor, occurred=when)
        if level is SafetyLevel.CONCERN:
            self.set_risk(RiskLevel.YELLOW, when)
        return screening

    def put_off(self, when: datetime) -> None:
        """The first session is agreed for another day."""
        rng = self.rng
        on = workday_from(self.couple.on + rng.randrange(1, 9) * DAY)
        if on == self.couple.on:
            self.begin(when)
            return
        appointment = Appointment(
            id=new_id(rng), starts_at=office_hour(rng, on), form=SessionForm.ON_SITE,
            parties=self.present, practitioner=self.member.id,
        )  # fmt: skip
        self.life.take(case_care.book, appointment, by=self.counsellor, occurred=when)
        self.life.plan(
            appointment.starts_at, lambda then: self.come(appointment, then, missed=False)
        )

    def come(self, appointment: Appointment, when: datetime, *, missed: bool) -> None:
        """The day of an appointment: most come, some do not, some ask for another day."""
        life, rng = self.life, self.rng
        if not missed and rng.random() < MISSED and day(when) < LAST_DAY - 15 * DAY:
            parties = self.present if rng.random() < 0.7 else self.present[:1]
            life.take(
                case_care.miss,
                appointment.id,
                parties,
                by=self.counsellor,
                occurred=when + 30 * MINUTE,
            )
            again = appointment.model_copy(
                update={
                    "id": new_id(rng),
                    "starts_at": office_hour(
                        rng, workday_from(day(when) + rng.randrange(1, 7) * DAY)
                    ),
                }
            )
            life.take(case_care.book, again, by=self.counsellor, occurred=when + 31 * MINUTE)
            life.plan(again.starts_at, lambda then: self.come(again, then, missed=True))
            return
        self.begin(when, appointment.id)

    def begin(self, when: datetime, appointment: UUID | None = None) -> None:
        """The first session, and what follows from it."""
        life, rng = self.life, self.rng
        if self.violence:
            self.find_violence(when)
            when += 6 * MINUTE
        elif len(self.present) > 1:
            for party in self.present:
                self.screen(party, when)
            when += 4 * MINUTE
        elif rng.random() < SCREENED:
            self.screen(self.present[0], when)
            when += 2 * MINUTE
        if rng.random() < 0.04:
            life.take(case_care.assign, self.member.id, by=self.manager, occurred=when)
        if rng.random() < 0.02:
            found = self.words(rng.choice(SUMMARIES))
            assessment = Assessment(id=new_id(rng), method="首次面谈评估", summary=found)
            life.take(case_care.assess, assessment, by=self.counsellor, occurred=when)
        self.hold(when + MINUTE, appointment)
        sessions = chosen(rng, SESSIONS)
        if sessions > 1 and rng.random() < 0.3:
            goals = self.words("改善沟通，共同商定子女与财务安排")
            plan = Plan(id=new_id(rng), goals=goals, sessions=sessions)
            life.take(case_care.agree_plan, plan, by=self.counsellor, occurred=when + 30 * MINUTE)
        if rng.random() < TRANSFERRED and not self.violence and self.couple.on < date(2019, 12, 1):
            moved = office_hour(rng, workday_from(day(when) + rng.randrange(1, 6) * DAY))
            life.plan(moved, self.transfer)
        self.go_on(sessions - 1, when + timedelta(minutes=rng.randrange(40, 70)))

    def session_at(
        self, when: datetime, present: tuple[Party, ...], appointment: UUID | None = None
    ) -> Session:
        rng = self.rng
        notes = None
        if rng.random() < 0.02:
            note = self.seal(Whose(self.id, present[0].value), "过程记录（模拟）")
            notes = (Compartment(note=note, party=present[0]),)
        return Session(
            id=new_id(rng),
            started_at=when,
            minutes=int(rng.triangular(10, 95, 28)),
            form=chosen(rng, FORMS),
            present=present,
            practitioners=(self.member.id,),
            appointment=appointment,
            facts=self.words(rng.choice(FACTS), *present) if rng.random() < 0.94 else None,
            summary=self.words(rng.choice(SUMMARIES), *present) if rng.random() < 0.12 else None,
            notes=notes,
        )

    def record(self, session: Session) -> None:
        """Enter a session once it is over."""
        self.life.take(
            case_counselling.hold_session,
            session,
            by=self.counsellor,
            occurred=session.started_at,
            over=session.ends_at,
        )

    def hold(self, when: datetime, appointment: UUID | None = None) -> None:
        """Hold a session with those who come, and now and then correct its record later."""
        life, rng = self.life, self.rng
        session = self.session_at(when, self.present, appointment)
        self.record(session)
        if rng.random() < CORRECTED:
            minutes = max(5, session.minutes + rng.choice((-20, -10, 10, 15, 30)))
            held = find(life.aggregate.sessions, session.id).fact  # its notes sealed, and kept so
            after = held.model_copy(update={"minutes": minutes, "form": chosen(rng, FORMS)})
            if after != held:
                self.correct_later(day(when), case_counselling.correct_session, after)
        if rng.random() < MISRECORDED:
            twice = session.model_copy(update={"id": new_id(rng), "appointment": None})
            self.record(twice)
            self.correct_later(
                day(when), case_counselling.void_session, twice.id, reasons=VOIDING_REASONS
            )

    def go_on(self, sessions: int, when: datetime) -> None:
        """Further sessions by appointment, then the outcome."""
        rng = self.rng
        on = workday_from(day(when) + rng.randrange(3, 15) * DAY)
        if not sessions or on > LAST_DAY - 3 * DAY:
            self.settle(when)
            return
        appointment = Appointment(
            id=new_id(rng), starts_at=office_hour(rng, on), form=SessionForm.ON_SITE,
            parties=self.present, practitioner=self.member.id,
        )  # fmt: skip
        booked = rng.random() < 0.7
        if booked:
            self.life.take(case_care.book, appointment, by=self.counsellor, occurred=when)

        def again(then: datetime) -> None:
            if booked and rng.random() < MISSED:
                self.life.take(
                    case_care.miss, appointment.id, self.present, by=self.counsellor,
                    occurred=then + 30 * MINUTE,
                )  # fmt: skip
            else:
                self.hold(then, appointment.id if booked else None)
            self.go_on(sessions - 1, then + 60 * MINUTE)

        if booked and rng.random() < 0.08:
            moved = appointment.model_copy(
                update={"starts_at": office_hour(rng, workday_from(on + DAY))}
            )
            if moved.starts_at > appointment.starts_at:
                self.life.take(case_care.reschedule, moved, by=self.counsellor, occurred=when)
                appointment = moved
        self.life.plan(appointment.starts_at, again)

    def find_violence(self, when: datetime) -> None:
        """Screening shows violence: no joint session, red, papers and help; danger is reported."""
        life, rng = self.life, self.rng
        severe = rng.random() < SEVERE
        level = SafetyLevel.SEVERE if severe else SafetyLevel.VIOLENCE
        screening = self.screen(self.present[0], when, level)
        self.set_risk(RiskLevel.RED, when + MINUTE)
        if severe:
            hours = rng.uniform(0.4, 20) if rng.random() < 0.9 else rng.uniform(26, 60)
            report = Report(id=new_id(rng), to=ReportedTo.POLICE, screening=screening.id)
            life.plan(
                when + timedelta(minutes=int(hours * 60)),
                lambda then: life.take(
                    case_safety.report, report, by=self.counsellor, occurred=then
                ),
            )
        papers = (
            (case_safety.note_warning_letter, 0.16, "告诫"),
            (case_safety.note_protection_order, 0.06, "保护令"),
        )
        for decision, part, title in papers:
            if rng.random() < part:
                document = SafetyDocument(
                    id=new_id(rng), number=f"{title}〔2019〕{rng.randrange(1, 400)}号",
                    issuer=f"{self.county.title}{'公安局' if title == '告诫' else '人民法院'}",
                    issued_on=day(when) - rng.randrange(0, 20) * DAY,
                    expires_on=day(when) + 180 * DAY if title == "保护令" else None,
                    protects=self.present[0],
                )  # fmt: skip
                life.take(decision, document, by=self.counsellor, occurred=when + MINUTE)
        self.refer(when + 2 * MINUTE, rng.choice((ReferralKind.POLICE, ReferralKind.LEGAL_AID,
                                                  ReferralKind.WOMENS_FEDERATION)))  # fmt: skip
        self.follow_up(when + 3 * MINUTE)
