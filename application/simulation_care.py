"""What follows counselling in the simulated year: outcome, revisits, closure, transfer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from application.drafts import COUPLE, Draft, Whose
from application.records import Actor
from application.simulation_life import (
    CORRECTION_REASONS,
    DAY,
    LAST_DAY,
    MINUTE,
    Decision,
    Happening,
    Life,
    Seal,
    at,
    chosen,
    month_after,
    name,
    new_id,
    office_hour,
)
from application.simulation_people import County
from application.simulation_plan import calendar
from domain import case_care, case_counselling, case_file, case_registry, case_safety
from domain.base import day
from domain.case import Case
from domain.case_facts import ClosureProposal, FollowUpWanted, Rating, Referral
from domain.case_rules import revisit_due
from domain.retention import YEARS, RecordClass
from domain.values import (
    CaseOutcome,
    CaseStatus,
    ClosureKind,
    FollowUpKind,
    Party,
    ReferralKind,
    RiskLevel,
)

CANCELLED, POSTPONED = CaseOutcome.CANCELLED, CaseOutcome.POSTPONED
REGISTERED, LITIGATION = CaseOutcome.REGISTERED, CaseOutcome.LITIGATION
DIVERTED, LOST = CaseOutcome.SAFETY_DIVERTED, CaseOutcome.LOST

# Shares, set like those of `simulation_cases`: nothing of this is published.
FOLLOWED_UP: Final = 0.42  # of deferrals
CLOSED: Final = 0.58  # of counselled cases, in good time
REVISED: Final = 0.007  # of outcomes
SCORES: Final = ((5, 0.62), (4, 0.27), (3, 0.08), (2, 0.02), (1, 0.01))
FOLLOW_UPS: Final = (
    (FollowUpKind.PHONE, 0.78), (FollowUpKind.HOME_VISIT, 0.1), (FollowUpKind.ONLINE, 0.07),
    (FollowUpKind.ON_SITE, 0.05),
)  # fmt: skip
REFERRALS: Final = (
    (ReferralKind.LEGAL_AID, 0.34), (ReferralKind.PSYCHOLOGICAL, 0.24),
    (ReferralKind.MEDIATION, 0.24), (ReferralKind.SOCIAL_ASSISTANCE, 0.08),
    (ReferralKind.WOMENS_FEDERATION, 0.1),
)  # fmt: skip
CLOSURES: Final = {
    CANCELLED: ClosureKind.GOALS_REACHED,
    POSTPONED: ClosureKind.GOALS_REACHED,
    REGISTERED: ClosureKind.OUTCOME_KNOWN,
    LITIGATION: ClosureKind.OUTCOME_KNOWN,
    DIVERTED: ClosureKind.REFERRED,
    LOST: ClosureKind.LOST_CONTACT,
}

CONFIRMED_REASON: Final = "与婚姻登记处核对后补录"


@dataclass(slots=True)
class Couple:
    """Who came, when, and what is known of how it will end."""

    number: int
    on: date
    outcome: CaseOutcome | None
    counselled: bool
    first: bool = True
    identity: int = 0
    returns_on: date | None = None


def workday_from(on: date) -> date:
    """The first working day from a date on."""
    return calendar.next_working_day(on)


class CaseCare:
    """One case of a county and the people around it, once they have been counselled or not."""

    def __init__(self, county: County, couple: Couple, seal: Seal) -> None:
        self.county = county
        self.couple = couple
        self.seal = seal
        self.rng = rng = county.rng("case", couple.number)
        self.id = name(county.seed, county.code, "case", couple.number)
        self.life = Life(Case(self.id), rng)
        self.registrar = county.registrar(rng, couple.on)
        self.here = county
        self.member = county.someone(rng, couple.on)
        self.violence = couple.outcome is DIVERTED or (
            couple.counselled and couple.outcome is REGISTERED and rng.random() < 0.003
        )
        self.present: tuple[Party, ...] = ()

    def words(self, text: str, *present: Party) -> Draft:
        """What was written, sealed for who was there alone, or else for the couple."""
        part = present[0].value if len(present) == 1 else COUPLE
        return self.seal(Whose(self.id, part), text)

    @property
    def counsellor(self) -> Actor:
        """Who counsels, acting for the centre that holds the case now."""
        return self.here.acting(self.member)

    @property
    def manager(self) -> Actor:
        """Who answers for the centre that holds the case now."""
        return self.here.manager

    def settle(self, when: datetime) -> None:
        """The end of the course: outcome, revisits, closure, and what may come much later."""
        life, rng, couple = self.life, self.rng, self.couple
        if rng.random() < 0.07:
            self.rate(when)
        if rng.random() < 0.013:
            self.refer(when, chosen(rng, REFERRALS))
        if rng.random() < 0.003 and len(self.present) == 1:
            life.plan(when + rng.randrange(1, 4) * DAY, self.withdraw)
        delay = 0
        if couple.outcome is not None and rng.random() < 0.22:
            delay = rng.randrange(1, 40 if couple.outcome is POSTPONED else 25)
        on = min(workday_from(day(when) + delay * DAY), LAST_DAY)
        if couple.outcome is None:
            self.close_later(on)
        elif delay and on > day(when):
            life.plan(office_hour(rng, on), self.end_well)
        else:
            self.end_well(when + 5 * MINUTE)
        if couple.returns_on is not None:
            life.plan(at(couple.returns_on, 1040), self.come_back)

    def withdraw(self, when: datetime) -> None:
        if self.life.aggregate.status is CaseStatus.OPEN:
            self.life.take(
                case_counselling.withdraw_consent,
                self.present[0],
                by=self.counsellor,
                occurred=when,
            )

    def end_well(self, when: datetime) -> None:
        """The outcome of a couple that was counselled, and the care after it."""
        rng, outcome = self.rng, self.couple.outcome
        assert outcome is not None
        self.end(when, outcome)
        if outcome.deferral and rng.random() < FOLLOWED_UP:
            level = RiskLevel.YELLOW if rng.random() < 0.45 else RiskLevel.GREEN
            if rng.random() < 0.3:
                self.set_risk(level, when + MINUTE)
            self.follow_up(when + 2 * MINUTE, level)
        self.close_later(day(when))

    def end(self, when: datetime, outcome: CaseOutcome | None) -> None:
        """Note the outcome; sometimes it is another one, and revised when the ledger is checked."""
        assert outcome is not None
        life, rng, couple = self.life, self.rng, self.couple
        on = day(when)
        first = outcome
        if couple.counselled and couple.returns_on is None and rng.random() < REVISED:
            first = {CANCELLED: POSTPONED, POSTPONED: CANCELLED, REGISTERED: POSTPONED}.get(
                outcome, outcome
            )
        confirmed = first is REGISTERED or (first.deferral and rng.random() < 0.06)
        decision = case_registry.confirm_outcome if confirmed else case_registry.declare_outcome
        by = self.registrar if confirmed else self.counsellor
        life.take(decision, first, on, by=by, occurred=when)
        if first is not outcome:
            self.correct_later(on, case_registry.revise_outcome, outcome, on)
        elif not confirmed and rng.random() < 0.02:
            life.plan(
                office_hour(rng, workday_from(on + rng.randrange(1, 12) * DAY)),
                lambda then: life.take(
                    case_registry.confirm_outcome,
                    outcome,
                    on,
                    by=self.registrar,
                    occurred=then,
                    reason=CONFIRMED_REASON,
                ),
            )

    def come_back(self, when: datetime) -> None:
        """The couple applies again: what was given up did not last."""
        outcome = self.life.aggregate.outcome
        if outcome is not None and outcome.on <= day(when) and outcome.outcome.deferral:
            self.life.take(case_registry.break_deferral, by=self.registrar, occurred=when)

    def set_risk(self, level: RiskLevel, when: datetime) -> None:
        """Set the risk level from now on, if it is another one."""
        if level is not self.life.aggregate.risk:
            self.life.take(case_safety.set_risk, level, by=self.counsellor, occurred=when)

    def follow_up(self, when: datetime, level: RiskLevel = RiskLevel.RED, turn: int = 1) -> None:
        """Schedule the next revisit by the risk level, and what comes of it."""
        life, rng = self.life, self.rng
        due_on = revisit_due(level, day(when))
        wanted = FollowUpWanted(id=new_id(rng), kind=chosen(rng, FOLLOW_UPS), due_on=due_on)
        life.take(case_care.schedule_follow_up, wanted, by=self.counsellor, occurred=when)
        dice = rng.random()
        if dice < 0.74:
            on = max(due_on - rng.randrange(0, 12) * DAY, day(when) + DAY)
        elif dice < 0.9:
            on = due_on + rng.randrange(1, 26) * DAY
        else:
            return
        life.plan(office_hour(rng, on), lambda then: self.revisit(wanted, then, level, turn))

    def revisit(self, wanted: FollowUpWanted, when: datetime, level: RiskLevel, turn: int) -> None:
        """Try to reach them; a third try in vain is the last one."""
        life, rng = self.life, self.rng
        record = life.aggregate.follow_ups[wanted.id]
        assert record is not None
        if record.fact.settled_on is not None:
            return
        if rng.random() < 0.012:
            life.take(case_care.cancel_follow_up, wanted.id, by=self.counsellor, occurred=when)
            return
        if rng.random() < 0.15:
            life.take(case_care.miss_follow_up, wanted.id, by=self.counsellor, occurred=when)
            if record.fact.tries < 2:
                life.plan(
                    office_hour(rng, day(when) + rng.randrange(2, 9) * DAY),
                    lambda then: self.revisit(wanted, then, level, turn),
                )
            return
        summary = self.words("关系稳定") if rng.random() < 0.3 else None
        life.take(case_care.make_follow_up, wanted.id, summary, by=self.counsellor, occurred=when)
        if rng.random() < 0.45:
            self.rate(when + 5 * MINUTE, wanted.id)
        if turn < 6 and rng.random() < (0.85 if level is RiskLevel.RED else 0.3):
            self.follow_up(when + 6 * MINUTE, level, turn + 1)

    def rate(self, when: datetime, follow_up: UUID | None = None) -> None:
        rng = self.rng
        party = self.present[0] if self.present else None
        rating = Rating(id=new_id(rng), score=chosen(rng, SCORES), party=party, follow_up=follow_up)
        self.life.take(case_care.rate, rating, by=self.counsellor, occurred=when)

    def refer(self, when: datetime, kind: ReferralKind) -> None:
        """Refer the case; most bodies accept, and many of these are done in some weeks."""
        life, rng = self.life, self.rng
        referral = Referral(id=new_id(rng), kind=kind, to=f"{self.county.title}{kind.label}")
        life.take(case_care.refer, referral, by=self.counsellor, occurred=when)
        answered = office_hour(rng, workday_from(day(when) + rng.randrange(1, 8) * DAY))
        done = answered + rng.randrange(5, 60) * DAY

        def step(decision: Decision) -> Happening:
            def answer(then: datetime) -> None:
                if life.aggregate.status is not CaseStatus.ARCHIVED:
                    life.take(decision, referral.id, by=self.counsellor, occurred=then)

            return answer

        if rng.random() < 0.82:
            life.plan(answered, step(case_care.accept_referral))
            if rng.random() < 0.66:
                life.plan(done, step(case_care.complete_referral))
        elif rng.random() < 0.6:
            life.plan(answered, step(case_care.decline_referral))

    def close_later(self, on: date) -> None:
        """Most cases are closed some days or weeks after; some stay open."""
        if self.rng.random() < CLOSED:
            # Never before a danger that was found is reported, at the latest on the third day.
            days = int(self.rng.expovariate(1 / 9)) + 5 * self.violence
            closing = workday_from(on + days * DAY)
            self.life.plan(at(closing, 1010 + self.rng.randrange(30)), self.close)

    def close(self, when: datetime) -> None:
        """The counsellor proposes, the manager approves, or sends it back once."""
        life, rng, case = self.life, self.rng, self.life.aggregate
        if case.transfer_to is not None or case.proposed is not None:
            life.plan(when + DAY, self.close)
            return
        outcome = case.outcome.outcome if case.outcome is not None else None
        kind = CLOSURES.get(outcome, ClosureKind.OTHER) if outcome else ClosureKind.OTHER
        if not self.couple.counselled and outcome is not REGISTERED:
            kind = ClosureKind.DECLINED
        life.take(
            case_file.propose_closure, ClosureProposal(kind=kind), by=self.counsellor, occurred=when
        )
        decided = when + rng.randrange(4, 40) * MINUTE + rng.choice((0, 0, 0, 1, 2, 3)) * DAY
        life.plan(decided, self.decide_closure)

    def decide_closure(self, when: datetime) -> None:
        life, rng = self.life, self.rng
        if rng.random() < 0.02:
            life.take(
                case_file.return_closure,
                by=self.manager,
                occurred=when,
                reason="材料不全，请补充后再报",
            )
            life.plan(when + rng.randrange(1, 6) * DAY, self.close)
            return
        life.take(case_file.approve_closure, by=self.manager, occurred=when)
        if rng.random() < 0.0025:
            life.plan(when + rng.randrange(10, 50) * DAY, self.reopen)
        elif rng.random() < 0.02:
            archived = max(at(date(2020, 1, 6), 500 + rng.randrange(480)), when + DAY)
            life.plan(archived, self.archive)

    def reopen(self, when: datetime) -> None:
        if self.life.aggregate.closures:
            self.life.take(
                case_file.reopen, by=self.manager, occurred=when, reason="当事人再次求助，继续服务"
            )

    def archive(self, when: datetime) -> None:
        waiting = self.life.aggregate.follow_ups.values()
        if all(f is None or f.fact.settled_on is not None for f in waiting):
            # As long as a case of violence has to be kept, the longest there is.
            until = date(day(when).year + YEARS[RecordClass.CASE_OF_VIOLENCE], 12, 31)
            self.life.take(case_file.archive, until, by=self.manager, occurred=when)

    def transfer(self, when: datetime) -> None:
        """Another county, where they live, is asked to take over."""
        life, rng, case = self.life, self.rng, self.life.aggregate
        if case.status is not CaseStatus.OPEN or case.proposed is not None:
            return
        there = self.county.neighbour(rng)
        to = there.place_on(day(when))
        life.take(case_file.request_transfer, to, by=self.counsellor, occurred=when)

        def answer(then: datetime) -> None:
            if rng.random() < 0.15:
                life.take(
                    case_file.reject_transfer,
                    by=there.manager,
                    occurred=then,
                    reason="当事人户籍不在本地",
                )
                return
            life.take(case_file.accept_transfer, by=there.manager, occurred=then)
            self.here, self.member = there, there.someone(rng, day(then))

        life.plan(when + rng.randrange(2, 50) * 60 * MINUTE, answer)

    def correct_later(
        self,
        on: date,
        decision: Decision,
        *facts: object,
        reasons: Sequence[str] = CORRECTION_REASONS,
    ) -> None:
        """Somebody finds a mistake when the month's ledger is checked."""
        rng, life = self.rng, self.life

        def found(when: datetime) -> None:
            if life.aggregate.status is CaseStatus.VOIDED:
                return
            life.promptly()
            reason = rng.choice(reasons)
            life.take(decision, *facts, by=self.manager, occurred=when, reason=reason)

        life.plan(office_hour(rng, month_after(on) + rng.randrange(12) * DAY), found)
