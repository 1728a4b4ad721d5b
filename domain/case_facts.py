"""What the facts of a case (个案) are made of, and what all of its events share.

`place` of an event is where the fact counts. A new fact counts at the case's present place; a
correction, a voiding or a later step of a fact counts where that fact was first counted, also after
a transfer. An application, the time it is pending and its outcome count where the application was
made.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from domain.base import (
    Day,
    Event,
    FreeText,
    Instant,
    Minutes,
    Occurred,
    Place,
    Sealed,
    Stamp,
    Text,
    Value,
    day,
)
from domain.calendar import Deadlines
from domain.values import (
    AnswerKind,
    CaseChannel,
    CaseOutcome,
    ClosureKind,
    DivorceReason,
    FollowUpKind,
    MarriageLength,
    OutcomeSource,
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

REPORT_WITHIN = timedelta(hours=24)  # severe danger is reported within a day (domain §3)
TRIES_UNTIL_LOST = 3  # policy: a couple that three tries did not reach is lost
REVISIT_MONTHS = {RiskLevel.RED: 1, RiskLevel.YELLOW: 3, RiskLevel.GREEN: 6}
"""Policy: how many months after one contact the next revisit is due by default (domain §7)."""

SATISFIED_FROM = 4  # of 5: the score from which a rating counts as satisfied

Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
"""A number that people write: of a case file, a receipt, an order."""


def in_order(parties: tuple[Party, ...]) -> tuple[Party, ...]:
    """Each once, in the order of the value list, so that equal facts are equal bytes."""
    return tuple(party for party in Party if party in parties)


def each_once(people: tuple[UUID, ...]) -> tuple[UUID, ...]:
    """Each once, the leading one first as written."""
    return tuple(dict.fromkeys(people))


Parties = Annotated[tuple[Party, ...], Field(min_length=1), AfterValidator(in_order)]
Practitioners = Annotated[tuple[UUID, ...], Field(min_length=1), AfterValidator(each_once)]


Words = Sealed | Text
"""What was written about the people of a case; clear text in records from before it was sealed."""


class Opening(Value):
    """What a case is opened with; `number` is the case number on the file."""

    number: Number
    service: ServiceType
    channel: CaseChannel
    visit: Visit


class Profile(Value):
    """Coarse attributes of a party for statistics only; nothing here names a person."""

    sex: Sex
    birth_decade: Annotated[int, Field(ge=1900, le=2100, multiple_of=10)] | None = None
    marriage_length: MarriageLength | None = None
    divorce_reason: DivorceReason | None = None


class Application(Value):
    """An application for agreement divorce; with a receipt and periods from 2021-01-01 on."""

    on: Day
    receipt: Number | None = None
    deadlines: Deadlines | None = None


class Answer(Value):
    """An offer of counselling to the couple, or one party's answer to it.

    `withdrawn_on` is the first day on which a consent no longer holds.
    """

    kind: AnswerKind
    on: Day
    party: Party | None = None
    withdrawn_on: Day | None = None


class Milestone(Value):
    """When and where a couple reached something that counts once a case."""

    on: Day
    place: Place


class Response(Value):
    """How the couple stands towards counselling, each counted once a case.

    A couple counts as declined only while nobody of it has consented.
    """

    offered: Milestone | None = None
    accepted: Milestone | None = None
    declined: Milestone | None = None


class Began(Value):
    """The couple is counselled since its earliest standing session, which was held at `place`.

    A couple that applied for divorce is counted `applied_at` the place of its application.
    """

    on: Day
    place: Place
    applied_at: Place | None = None

    @property
    def applied(self) -> bool:
        """Whether the couple had applied for divorce."""
        return self.applied_at is not None


class Screening(Value):
    """A safety screening of one party; it was `alone`, or it does not count as one."""

    id: UUID
    party: Party
    tool: Text
    tool_version: Number
    level: SafetyLevel
    alone: bool


class ScreeningRecord(Value):
    """A screening with its business time and the instant by which a mandatory report is due."""

    screening: Screening
    at: Occurred
    report_due: Instant | None = None

    @property
    def on(self) -> date:
        """The business date of the screening."""
        return day(self.at)


class RiskReading(Value):
    """The risk level from a day on."""

    level: RiskLevel
    on: Day


class Stay(Value):
    """A stretch of time that counts in a stock at one place: from `since` until before `until`."""

    place: Place
    since: Day
    until: Day | None = None


class Compartment(Value):
    """Sealed process notes; with a party, what that party said alone and the other never sees."""

    note: Sealed
    party: Party | None = None


class Session(Value):
    """A counselling session with its three layers of text: facts, service summary, process notes.

    Facts and summary are sealed for who was there `alone`, or else for the couple.
    """

    id: UUID
    started_at: Instant
    minutes: Minutes
    form: SessionForm
    present: Parties
    practitioners: Practitioners
    appointment: UUID | None = None
    facts: Words | None = None
    summary: Words | None = None
    notes: tuple[Compartment, ...] | None = None

    @property
    def held_on(self) -> date:
        """The business date in Asia/Shanghai on which it started."""
        return day(self.started_at)

    @property
    def ends_at(self) -> datetime:
        """The instant at which it ended."""
        return self.started_at + timedelta(minutes=self.minutes)

    @property
    def joint(self) -> bool:
        """Whether parties sat together."""
        return len(self.present) > 1

    @property
    def alone(self) -> Party | None:
        """Who was there without another; None where parties sat together."""
        return None if self.joint else self.present[0]


class Assessment(Value):
    """What the counsellor found out about the couple and its needs."""

    id: UUID
    method: FreeText
    summary: Words


class Plan(Value):
    """What the couple and the counsellor agreed to work on."""

    id: UUID
    goals: Words
    sessions: Annotated[int, Field(ge=1, le=100)] | None = None
    review_on: Day | None = None


class Appointment(Value):
    """A session agreed for a later time."""

    id: UUID
    starts_at: Instant
    form: SessionForm
    parties: Parties
    practitioner: UUID | None = None


class OutcomeRecord(Value):
    """How the case ended, as counted now.

    `at` is when the registry registered, or the couple acted: an instant where closing time tells.
    `applied` says whether the couple had applied for divorce, `counselled_on` since when it is
    counselled; `place` is where the outcome counts; `broken_on` is when a deferral came to an end.
    """

    outcome: CaseOutcome
    at: Occurred
    source: OutcomeSource
    applied: bool
    counselled_on: Day | None = None
    place: Place
    broken_on: Day | None = None

    @property
    def on(self) -> date:
        """The business date on which it counts."""
        return day(self.at)

    @property
    def counselled(self) -> bool:
        """Whether the couple was counselled."""
        return self.counselled_on is not None

    @property
    def settled_on(self) -> date:
        """Since when it counts as it does: of a couple counselled after it, since that day."""
        return max(self.on, self.counselled_on or self.on)


class Referral(Value):
    """A referral of the case to another body."""

    id: UUID
    kind: ReferralKind
    to: FreeText | None = None
    summary: Words | None = None


class ReferralRecord(Value):
    """A referral and how far it got."""

    referral: Referral
    made_on: Day
    accepted_on: Day | None = None
    declined_on: Day | None = None
    completed_on: Day | None = None


class Report(Value):
    """A mandatory report; `screening` is the finding of severe danger that it answers."""

    id: UUID
    to: ReportedTo
    screening: UUID | None = None
    summary: Words | None = None


class ReportRecord(Value):
    """A mandatory report with its instant; it counts as required when it was `due`."""

    report: Report
    made_at: Instant
    due: Instant | None = None
    within_24h: bool
    minutes_late: Annotated[int, Field(ge=0)]

    @property
    def on(self) -> date:
        """The business date on which it was made."""
        return day(self.made_at)


class SafetyDocument(Value):
    """A warning letter (告诫书) or personal protection order (人身安全保护令)."""

    id: UUID
    number: Number
    issuer: Text
    issued_on: Day
    expires_on: Day | None = None
    protects: Party | None = None


class FollowUpWanted(Value):
    """A follow-up that is to be scheduled; without a day the risk level says when it is due."""

    id: UUID
    kind: FollowUpKind
    due_on: Day | None = None


class FollowUp(Value):
    """A follow-up that is to be made by a day."""

    id: UUID
    kind: FollowUpKind
    due_on: Day


class FollowUpRecord(Value):
    """A follow-up and what became of it; at most one of the three dates is set.

    It is overdue from the day after `due_on` until before the day it was made, lost or cancelled.
    Cancelled before or on its due day, it was never due.
    """

    follow_up: FollowUp
    made_on: Day | None = None
    lost_on: Day | None = None
    cancelled_on: Day | None = None
    tries: Annotated[int, Field(ge=0, le=TRIES_UNTIL_LOST)] = 0

    @property
    def settled_on(self) -> date | None:
        """The day from which nobody waits for it any more."""
        return self.made_on or self.lost_on or self.cancelled_on

    @property
    def ever_due(self) -> bool:
        """Whether its due day passed while it stood."""
        return self.cancelled_on is None or self.cancelled_on > self.follow_up.due_on

    @property
    def overdue_since(self) -> date:
        """The first day on which it is overdue unless it was settled before."""
        return self.follow_up.due_on + timedelta(days=1)


class Rating(Value):
    """How satisfied a party was, 1 to 5."""

    id: UUID
    score: Annotated[int, Field(ge=1, le=5)]
    party: Party | None = None
    follow_up: UUID | None = None

    @property
    def satisfied(self) -> bool:
        """Whether it counts as satisfied."""
        return self.score >= SATISFIED_FROM


class RatingRecord(Value):
    """A rating and the day it was given."""

    rating: Rating
    on: Day


class ClosureProposal(Value):
    """Why a case is to be closed."""

    kind: ClosureKind
    summary: Words | None = None


class ClosureRecord(Value):
    """An approved closure.

    `number` tells the closures of a case apart, from 1; one that was voided gives its number on.
    Those recorded before there were numbers have none.

    `filed` (建档): a party is identified or they are noted as anonymous, and the file holds an
    assessment, a plan, or a session with facts or a summary.
    """

    on: Day
    kind: ClosureKind
    counselled: bool
    sessions: Annotated[int, Field(ge=0)]
    filed: bool
    risk: RiskLevel | None = None
    number: Annotated[int, Field(ge=1)] | None = None


class NoteReading(Value):
    """Which sealed notes are read, what for, and by which approved access if one was needed."""

    session: UUID
    party: Party | None = None
    purpose: Text
    access: UUID | None = None


class Tally(Value):
    """Everything that a case counted at one place, so that all of it can be taken back exactly.

    `open` and `red` are the stretches in the stocks of open and of high-risk cases; an application
    without an outcome is pending since `application.on`, with one until `outcome.on`.
    """

    place: Place
    opened_on: Day | None = None
    opening: Opening | None = None
    open: tuple[Stay, ...] = ()
    red: tuple[Stay, ...] = ()
    application: Application | None = None
    offered_on: Day | None = None
    accepted_on: Day | None = None
    declined_on: Day | None = None
    began: Began | None = None
    sessions: tuple[Session, ...] = ()
    outcome: OutcomeRecord | None = None
    screenings: tuple[ScreeningRecord, ...] = ()
    reports: tuple[ReportRecord, ...] = ()
    referrals: tuple[ReferralRecord, ...] = ()
    follow_ups: tuple[FollowUpRecord, ...] = ()
    ratings: tuple[RatingRecord, ...] = ()
    closures: tuple[ClosureRecord, ...] = ()


class CaseEvent(Event):
    """A fact of a case, and where it counts."""

    place: Place

    @classmethod
    def of(cls, aggregate: Any, by: Stamp, **facts: Any) -> Self:
        """The next event of a case; it counts at the present place unless another is given."""
        facts.setdefault("place", aggregate.place)
        return super().of(aggregate, by, **facts)
