"""How counsellors and volunteers live through the simulated year: certificates, posts, service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final
from uuid import UUID

from application.drafts import SELF, Whose
from application.simulation_life import (
    CORRECTION_REASONS,
    DAY,
    FIRST_DAY,
    LAST_DAY,
    MINUTE,
    SET_UP_REASON,
    VOIDING_REASONS,
    Decision,
    Happening,
    Life,
    Row,
    Seal,
    at,
    chosen,
    month_after,
    name,
    new_id,
    office_hour,
    set_up,
)
from application.simulation_people import County, Member, person_of
from domain import practitioner_certificates, practitioner_posts, practitioner_service
from domain.base import Place, day
from domain.practitioner import Practitioner
from domain.practitioner_events import (
    DEFAULT_STARS,
    AppointmentLetter,
    Appraisal,
    Certificate,
    Post,
    Registration,
    ServiceHours,
    Training,
)
from domain.values import (
    AppraisalGrade,
    CertificateKind,
    Education,
    PractitionerKind,
    PractitionerSource,
    Sex,
)

COUNSELLOR, VOLUNTEER = PractitionerKind

# Shares, set so that the team looks lived in; only its size and qualification are published.
EARLY: Final = 0.70  # of the qualified: certificate at hand from the start
GAINED: Final = 0.93  # added up: gained during the year; the others renew one that expires
LAPSED: Final = 0.05  # of the unqualified: a certificate that expires during the year
REVOKED: Final = 0.062  # added up
UNRELATED: Final = 0.10  # added up: a certificate that qualifies for nothing
UNVERIFIED: Final = 0.115  # added up
DEVOTED: Final = 0.022  # of the volunteers: a hundred hours and more
MOVED: Final = 0.14  # of those who join during the year: they come from another centre

SOURCES: Final = (
    (PractitionerSource.PURCHASED_SERVICE, 0.72), (PractitionerSource.OPEN_RECRUITMENT, 0.22),
    (PractitionerSource.OTHER, 0.06),
)  # fmt: skip
DEGREES: Final = (
    (Education.BACHELOR, 0.52), (Education.COLLEGE, 0.28), (Education.MASTER, 0.09),
    (Education.SECONDARY, 0.105), (Education.DOCTOR, 0.005),
)  # fmt: skip
CERTIFICATES: Final = (
    (CertificateKind.PSYCHOLOGICAL_COUNSELLOR, 0.36), (CertificateKind.SOCIAL_WORKER, 0.2),
    (CertificateKind.FAMILY_COUNSELLOR, 0.22), (CertificateKind.LAWYER, 0.08),
    (CertificateKind.PEOPLES_MEDIATOR, 0.09), (CertificateKind.FAMILY_EDUCATION_ADVISER, 0.05),
)  # fmt: skip
GRADES: Final = (
    (AppraisalGrade.COMPETENT, 0.78), (AppraisalGrade.EXCELLENT, 0.17),
    (AppraisalGrade.BARELY_COMPETENT, 0.04), (AppraisalGrade.INCOMPETENT, 0.01),
)  # fmt: skip
COURSES: Final = (
    "婚姻家庭辅导基础课程", "反家庭暴力干预培训", "离婚调适个案督导", "家庭教育指导培训",
    "心理危机干预培训", "婚姻法律知识培训",
)  # fmt: skip
ISSUERS: Final = {
    CertificateKind.LAWYER: "司法部",
    CertificateKind.PEOPLES_MEDIATOR: "县司法局",
    CertificateKind.FAMILY_COUNSELLOR: "中国妇女发展基金会",
}


def team_of(county: County, seal: Seal) -> Iterator[Row]:
    """Every event of everyone in a county's team."""
    for member in county.team:
        yield from MemberLife(county, member, seal).lived()


class MemberLife:
    """One counsellor or volunteer."""

    def __init__(self, county: County, member: Member, seal: Seal) -> None:
        self.county = county
        self.member = member
        self.seal = seal
        self.rng = rng = county.rng("member", member.kind, member.number)
        self.life = Life(Practitioner(member.id), rng)
        self.joined_early = member.from_on < FIRST_DAY
        self.until = min(member.left_on or LAST_DAY, LAST_DAY)  # of what is planned

    def lived(self) -> list[Row]:
        """Join, serve, and perhaps leave."""
        life, member, rng = self.life, self.member, self.rng
        came_from = None
        if not self.joined_early and rng.random() < MOVED:
            came_from = self.county.neighbour(rng)
        if self.joined_early or came_from is not None:
            when = set_up(rng, date(2018, 12, 19) + rng.randrange(9) * DAY)
            life.promptly()
            self.register(when, SET_UP_REASON)
        else:
            when = office_hour(rng, member.from_on)
            life.meet(when)
            self.register(when, None)
        if came_from is not None:
            self.move(came_from, when)
        else:
            self.join(when + 2 * MINUTE, SET_UP_REASON if self.joined_early else None)
        self.certify(when + 4 * MINUTE)
        self.learn()
        if member.kind is VOLUNTEER:
            self.serve()
        elif rng.random() < 0.92 and member.left_on is None:
            life.plan(at(date(2020, 1, 8), 540 + rng.randrange(420)), self.appraise)
        if member.left_on is not None:
            life.plan(at(member.left_on, 540 + rng.randrange(400)), self.leave)
        return life.run()

    @property
    def place(self) -> Place:
        """The centre, in the region it lay in when the post began."""
        return self.county.place_on(self.member.from_on)

    def later(self, first: date | None = None) -> date:
        """A day of the year on which the member is in the team."""
        first = max(first or FIRST_DAY, self.member.from_on, FIRST_DAY)
        return first + self.rng.randrange(max((self.until - first).days, 1)) * DAY

    def register(self, when: datetime, reason: str | None) -> None:
        rng, member = self.rng, self.member
        counsellor = member.kind is COUNSELLOR
        her = rng.random() < 0.74
        registration = Registration(
            kind=member.kind,
            source=chosen(rng, SOURCES) if counsellor else PractitionerSource.VOLUNTEER,
            identity=self.seal(Whose(member.id, SELF), person_of(rng, her, self.county.code)),
            sex=Sex.FEMALE if her else Sex.MALE,
            birth_year=int(rng.triangular(1952, 1996, 1977)),
            education=chosen(rng, DEGREES),
            account=member.id,
        )
        self.life.take(
            practitioner_posts.register,
            registration,
            by=self.county.manager,
            occurred=when,
            reason=reason,
        )

    def join(self, when: datetime, reason: str | None) -> None:
        """Take the post, with a letter for most."""
        rng, county, member = self.rng, self.county, self.member
        title = "专职辅导员" if member.kind is COUNSELLOR else "婚姻家庭辅导志愿者"
        post = Post(
            id=name(county.seed, member.id, "post"), place=self.place, title=title,
            from_on=member.from_on, primary=True,
        )  # fmt: skip
        self.life.take(
            practitioner_posts.assume_post, post, by=county.manager, occurred=when, reason=reason
        )
        if rng.random() < 0.86:
            issued_on = max(member.from_on, day(when) - 900 * DAY)
            letter = AppointmentLetter(
                id=new_id(rng), number=f"{county.code}聘〔{issued_on.year}〕{member.number + 1}号",
                title=title, issuer=f"{county.title}妇女联合会", issued_on=issued_on,
                expires_on=issued_on + 1096 * DAY,
            )  # fmt: skip
            self.life.take(
                practitioner_posts.issue_letter, letter, by=county.manager, occurred=when + MINUTE,
                reason=reason,
            )  # fmt: skip

    def move(self, there: County, when: datetime) -> None:
        """Serve at another county's centre first, and come here on the first day of the post."""
        member, life = self.member, self.life
        since = date(2018, 3, 1)
        earlier = Post(
            id=name(self.county.seed, member.id, "earlier-post"), place=there.place_on(since),
            title="婚姻家庭辅导人员", from_on=since, primary=True,
        )  # fmt: skip
        life.take(
            practitioner_posts.assume_post, earlier, by=there.manager, occurred=when + MINUTE,
            reason=SET_UP_REASON,
        )  # fmt: skip

        def change(then: datetime) -> None:
            if self.rng.random() < 0.5:
                life.take(
                    practitioner_posts.leave_post, earlier.id, by=there.manager, occurred=then
                )
                self.join(then + MINUTE, None)
                return
            self.join(then, None)
            new = name(self.county.seed, member.id, "post")
            held = life.aggregate.tenures[new]
            primary = life.aggregate.primary_on(day(then))
            if held is not None and primary != held.post.place:
                life.take(
                    practitioner_posts.move_primary, new, by=there.manager, occurred=then + MINUTE
                )
            life.take(
                practitioner_posts.leave_post,
                earlier.id,
                by=there.manager,
                occurred=then + 2 * MINUTE,
            )

        life.plan(at(member.from_on, 520 + self.rng.randrange(300)), change)

    def certify(self, when: datetime) -> None:
        """Certificates, so that at the year's end just those meant to be are qualified."""
        rng, member = self.rng, self.member
        dice = rng.random()
        early = self.joined_early
        reason = SET_UP_REASON if early else None
        gained_on = self.later(max(member.from_on, FIRST_DAY) + 3 * DAY)
        valid_on = min(gained_on, date(2019, 12, 16))
        if member.qualified and (dice < EARLY or not early):
            expires_on = None if rng.random() < 0.6 else date(2020, 3, 1) + rng.randrange(900) * DAY
            self.present(chosen(rng, CERTIFICATES), when, expires_on, reason)
        elif member.qualified and dice < GAINED:
            self.gain(valid_on)
        elif member.qualified:
            expires_on = max(valid_on, date(2019, 1, 20))
            self.present(chosen(rng, CERTIFICATES), when, expires_on, reason)
            self.gain(min(expires_on + rng.randrange(-12, 30) * DAY, date(2019, 12, 16)))
        elif dice < LAPSED and early:
            expires_on = date(2019, 1, 10) + rng.randrange(340) * DAY
            self.present(chosen(rng, CERTIFICATES), when, expires_on, reason)
        elif dice < REVOKED and early:
            self.present(chosen(rng, CERTIFICATES), when, None, reason, revoked=True)
        elif dice < UNRELATED:
            self.present(CertificateKind.OTHER, when, None, reason)
        elif dice < UNVERIFIED:
            self.present(chosen(rng, CERTIFICATES), when, None, reason, verified=False)

    def gain(self, on: date) -> None:
        """Gain a certificate during the year, unless the member has left by then."""
        if self.member.left_on is not None and on >= self.member.left_on:
            return
        kind = chosen(self.rng, CERTIFICATES)
        self.life.plan(office_hour(self.rng, on), lambda then: self.present(kind, then, None, None))

    def present(
        self,
        kind: CertificateKind,
        when: datetime,
        expires_on: date | None,
        reason: str | None,
        *,
        verified: bool = True,
        revoked: bool = False,
    ) -> None:
        """Present a certificate, have it verified by the county, and perhaps lose it."""
        rng, life, county = self.rng, self.life, self.county
        issued_on = day(when) - rng.randrange(10, 1500) * DAY
        certificate = Certificate(
            id=new_id(rng), kind=kind, number=f"SIM{rng.randrange(10**10):010d}",
            issuer=ISSUERS.get(kind, "山东省人力资源和社会保障厅"), issued_on=issued_on,
            expires_on=expires_on,
        )  # fmt: skip
        life.take(
            practitioner_certificates.register_certificate, certificate, by=county.manager,
            occurred=when, reason=reason,
        )  # fmt: skip
        if not verified:
            return
        checker = county.supervisor(day(when))

        def verify(then: datetime) -> None:
            life.take(
                practitioner_certificates.verify_certificate, certificate.id, by=checker,
                occurred=then, reason=reason,
            )  # fmt: skip

        if reason is not None:
            verify(when + 20 * MINUTE)
        else:
            life.plan(when + rng.randrange(1, 9) * DAY, verify)
        if revoked:
            life.plan(
                office_hour(rng, self.later(date(2019, 2, 1))),
                lambda then: life.take(
                    practitioner_certificates.revoke_certificate, certificate.id, by=checker,
                    occurred=then, reason="发证机构公告撤销",
                ),
            )  # fmt: skip

    def learn(self) -> None:
        """Courses, of which some are entered wrongly."""
        rng, counsellor = self.rng, self.member.kind is COUNSELLOR
        courses = rng.choice((1, 2, 2, 3, 4)) if counsellor else rng.choice((0, 0, 0, 1, 1, 2))
        for _ in range(courses):
            on = self.later()
            training = Training(
                id=new_id(rng), title=rng.choice(COURSES), completed_on=on,
                minutes=rng.choice((120, 180, 360, 420, 840, 1260)),
            )  # fmt: skip
            self.life.plan(at(on, 1020), self.completing(training))

    def completing(self, training: Training) -> Happening:
        def complete(when: datetime) -> None:
            rng = self.rng
            self.take(practitioner_service.complete_training, training, when)
            if rng.random() < 0.008:
                after = training.model_copy(update={"minutes": training.minutes + 60})
                self.correct(practitioner_service.correct_training, after, when)
            elif rng.random() < 0.004:
                again = training.model_copy(update={"id": new_id(rng)})
                self.take(practitioner_service.complete_training, again, when)
                self.void(practitioner_service.void_training, again.id, when)

        return complete

    def serve(self) -> None:
        """Service hours: most some days a year, the devoted many; stars when they are reached."""
        rng = self.rng
        devoted = rng.random() < DEVOTED and self.joined_early and self.member.left_on is None
        times = rng.randrange(14, 52) if devoted else min(int(rng.expovariate(1 / 3.4)), 11)
        for on in sorted(self.later() for _ in range(times)):
            started_at = at(on, 510 + rng.randrange(0, 60) if devoted else rng.randrange(510, 960))
            passed = rng.randrange(400, 490, 5) if devoted else rng.randrange(40, 245, 5)
            travelled = rng.random() < 0.03
            hours = ServiceHours(
                id=new_id(rng), place=self.county.place_on(on), started_at=started_at,
                ended_at=started_at + passed * MINUTE, credited=passed + 30 * travelled,
                rule="往返路途计 30 分钟" if travelled else None,
            )  # fmt: skip
            self.life.plan(hours.ended_at + 5 * MINUTE, self.crediting(hours))
        if devoted:
            self.life.plan(at(date(2019, 12, 20), 600), self.reward)

    def crediting(self, hours: ServiceHours) -> Happening:
        def credit(when: datetime) -> None:
            rng, life = self.rng, self.life
            self.take(practitioner_service.credit_hours, hours, when)
            if rng.random() < 0.008:
                ended_at = hours.ended_at - 20 * MINUTE
                after = hours.model_copy(
                    update={"ended_at": ended_at, "credited": hours.credited - 20}
                )
                asked_by = self.member.id
                life.plan(
                    self.checked(when),
                    lambda then: life.take(
                        practitioner_service.correct_hours, after, asked_by, by=self.county.manager,
                        occurred=then, reason=rng.choice(CORRECTION_REASONS),
                    ),
                )  # fmt: skip
            elif rng.random() < 0.004:
                again = hours.model_copy(update={"id": new_id(rng)})
                self.take(practitioner_service.credit_hours, again, when)
                self.void(practitioner_service.void_hours, again.id, when)
            self.reward(when)

        return credit

    def reward(self, when: datetime) -> None:
        """Award the highest star that is reached and not held yet."""
        life = self.life
        minutes = life.aggregate.credited_until(day(when))
        reached = sum(minutes >= hours * 60 for hours in DEFAULT_STARS.hours)
        if reached > (life.aggregate.star or 0):
            life.take(
                practitioner_service.award_star, reached, DEFAULT_STARS, by=self.county.manager,
                occurred=when + 10 * MINUTE,
            )  # fmt: skip

    def appraise(self, when: datetime) -> None:
        appraisal = Appraisal(year=2019, grade=chosen(self.rng, GRADES))
        self.take(practitioner_service.record_appraisal, appraisal, when)

    def leave(self, when: datetime) -> None:
        """Leave the team, or the post alone."""
        life = self.life
        post = name(self.county.seed, self.member.id, "post")
        if self.rng.random() < 0.7:
            life.take(practitioner_posts.deregister, by=self.county.manager, occurred=when)
        else:
            life.take(practitioner_posts.leave_post, post, by=self.county.manager, occurred=when)

    def checked(self, when: datetime) -> datetime:
        """When the ledger of that month is checked."""
        return office_hour(self.rng, month_after(day(when)) + self.rng.randrange(10) * DAY)

    def take(self, decision: Decision, fact: object, when: datetime) -> None:
        self.life.take(decision, fact, by=self.county.manager, occurred=when)

    def correct(self, decision: Decision, after: object, when: datetime) -> None:
        self.life.plan(
            self.checked(when),
            lambda then: self.life.take(
                decision, after, by=self.county.manager, occurred=then,
                reason=self.rng.choice(CORRECTION_REASONS),
            ),
        )  # fmt: skip

    def void(self, decision: Decision, record: UUID, when: datetime) -> None:
        self.life.plan(
            self.checked(when),
            lambda then: self.life.take(
                decision, record, by=self.county.manager, occurred=then,
                reason=self.rng.choice(VOIDING_REASONS),
            ),
        )  # fmt: skip
