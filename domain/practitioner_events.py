"""What happens to a practitioner (辅导员/志愿者): the values and the events.

Figures count heads by `Standing`, which every event that may change it carries before and after.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field

from domain.base import (
    Day,
    Event,
    FreeText,
    Instant,
    Minutes,
    Place,
    Sealed,
    Stamp,
    Text,
    Value,
    day,
)
from domain.record import Record
from domain.values import (
    AppraisalGrade,
    CertificateKind,
    Education,
    PractitionerKind,
    PractitionerSource,
    Sex,
)

Star = Annotated[int, Field(ge=1, le=5)]
"""A volunteer's stars (星级志愿者), one to five."""

CourseMinutes = Annotated[int, Field(ge=1, le=60 * 24 * 60)]
"""How long a course took in all; it may run over several weeks."""


class Registration(Value):
    """Who joins the team; `account` is the pseudonym under which the person acts, if any."""

    kind: PractitionerKind
    source: PractitionerSource
    identity: Sealed
    sex: Sex
    birth_year: Annotated[int, Field(ge=1900, le=2100)]
    education: Education
    account: UUID | None = None


class Certificate(Value):
    """A certificate; `expires_on` is its last valid day, None if it never expires."""

    id: UUID
    kind: CertificateKind
    number: Text | Sealed | None = None
    issuer: Text
    issued_on: Day
    expires_on: Day | None = None


class Credential(Value):
    """A certificate and what was found out about it."""

    certificate: Certificate
    registered_by: UUID
    presented_on: Day
    verified_on: Day | None = None
    revoked_on: Day | None = None


class Post(Value):
    """A post at a centre; the primary one is where the person is counted as a head."""

    id: UUID
    place: Place
    title: Text
    from_on: Day
    primary: bool = False


class Tenure(Value):
    """A post and how long it is held: `left_on` is the first day without it.

    `primary_from`: from when on it was meant to be the primary post.
    """

    post: Post
    left_on: Day | None = None
    primary_from: Day | None = None


class Span(Value):
    """Days at one place: from `from_on`, up to but not including `to_on`; open-ended when None."""

    place: Place
    from_on: Day
    to_on: date | None = None


class Standing(Value):
    """What a practitioner counts as, by day: present at the primary post, and qualified there.

    Canonical: spans are sorted, disjoint and as long as possible, and may end in the future where a
    certificate expires. Figures take entries(after) − entries(before).
    """

    kind: PractitionerKind
    present: tuple[Span, ...] = ()
    qualified: tuple[Span, ...] = ()


class AppointmentLetter(Value):
    """A letter of appointment (聘书)."""

    id: UUID
    number: Text
    title: Text
    issuer: Text
    issued_on: Day
    expires_on: Day | None = None


class Training(Record):
    """A course completed."""

    title: Text
    completed_on: Day
    minutes: CourseMinutes

    @property
    def on(self) -> date:
        return self.completed_on


class ServiceHours(Record):
    """Service at a place; `rule` says why other minutes are credited than passed."""

    place: Place
    started_at: Instant
    ended_at: Instant
    credited: Minutes
    rule: Text | None = None

    @property
    def on(self) -> date:
        return day(self.started_at)


class StarPolicy(Value):
    """Hours of service that each star takes, from the first on."""

    version: Text
    hours: tuple[int, int, int, int, int]


DEFAULT_STARS = StarPolicy(version="2019", hours=(100, 300, 600, 1000, 1500))


class Appraisal(Value):
    """The appraisal of one year."""

    year: Annotated[int, Field(ge=1900, le=2100)]
    grade: AppraisalGrade
    remark: FreeText | None = None


class PractitionerEvent(Event):
    """A fact of a practitioner; `place` is the primary post on its date, or None."""

    place: Place | None = None

    @classmethod
    def of(cls, aggregate: Any, by: Stamp, **facts: Any) -> Self:
        """The next event of a practitioner, at the primary post unless another place is given."""
        if "place" not in facts:
            facts["place"] = aggregate.primary_on(by.occurred_on)
        return super().of(aggregate, by, **facts)


class StandingEvent(PractitionerEvent):
    """A fact that may change how the practitioner counts, on any day, past or future."""

    standing_before: Standing
    standing_after: Standing


class PostEvent(StandingEvent):
    """A fact about a post: `place` is the post's own; the primary place moves from before to after.

    Both primary places are those of the stamp's date.
    """

    primary_before: Place | None = None
    primary_after: Place | None = None


class PractitionerRegistered(PractitionerEvent, topic="practitioner.registered.v1"):
    """A person joined the team; without a post nobody is counted yet."""

    registration: Registration


class RegistrationCorrected(StandingEvent, topic="practitioner.registration-corrected.v1"):
    """The registration was entered wrongly."""

    before: Registration
    after: Registration


class RegistrationVoided(PractitionerEvent, topic="practitioner.registration-voided.v1"):
    """The person was registered by mistake; everything counted was voided before."""

    registration: Registration


class CertificateRegistered(PractitionerEvent, topic="practitioner.certificate-registered.v1"):
    """A certificate was presented; it counts once verified."""

    certificate: Certificate


class CertificateVerified(StandingEvent, topic="practitioner.certificate-verified.v1"):
    """Someone else found the certificate genuine; it counts from the stamp's date on."""

    certificate: Certificate


class CertificateRevoked(StandingEvent, topic="practitioner.certificate-revoked.v1"):
    """The certificate is valid no longer, from the stamp's date on."""

    certificate: Certificate


class CertificateCorrected(StandingEvent, topic="practitioner.certificate-corrected.v1"):
    """A certificate was entered wrongly."""

    before: Certificate
    after: Certificate


class CertificateVoided(StandingEvent, topic="practitioner.certificate-voided.v1"):
    """A certificate was entered by mistake and never counted."""

    credential: Credential


class AppointmentLetterIssued(PractitionerEvent, topic="practitioner.letter-issued.v1"):
    """A letter of appointment was handed over."""

    letter: AppointmentLetter


class PostAssumed(PostEvent, topic="practitioner.post-assumed.v1"):
    """The practitioner took a post."""

    post: Post


class PostLeft(PostEvent, topic="practitioner.post-left.v1"):
    """The practitioner left a post; `left_on` is the first day without it."""

    post: Post
    left_on: Day


class PrimaryPostMoved(PostEvent, topic="practitioner.primary-post-moved.v1"):
    """Another post that the practitioner holds is the primary one from the stamp's date on."""

    post: Post


class PostCorrected(PostEvent, topic="practitioner.post-corrected.v1"):
    """A post, or its end, was entered wrongly."""

    before: Tenure
    after: Tenure


class PostVoided(PostEvent, topic="practitioner.post-voided.v1"):
    """A post was entered by mistake and was never held."""

    tenure: Tenure


class TrainingCompleted(PractitionerEvent, topic="practitioner.training-completed.v1"):
    """A course was completed."""

    training: Training


class TrainingCorrected(PractitionerEvent, topic="practitioner.training-corrected.v1"):
    """A course was entered wrongly: `before` at `place_before`, `after` at `place`."""

    place_before: Place | None = None
    before: Training
    after: Training


class TrainingVoided(PractitionerEvent, topic="practitioner.training-voided.v1"):
    """A course counts no longer."""

    training: Training


class ServiceHoursCredited(PractitionerEvent, topic="practitioner.service-hours-credited.v1"):
    """Service was credited, at the place where it was done."""

    hours: ServiceHours


class ServiceHoursCorrected(PractitionerEvent, topic="practitioner.service-hours-corrected.v1"):
    """Service hours were entered wrongly; one person asked, the stamp's actor verified."""

    place_before: Place
    before: ServiceHours
    after: ServiceHours
    requested_by: UUID


class ServiceHoursVoided(PractitionerEvent, topic="practitioner.service-hours-voided.v1"):
    """Service hours count no longer."""

    hours: ServiceHours


class StarAwarded(PractitionerEvent, topic="practitioner.star-awarded.v1"):
    """A volunteer reached a star by hours of service."""

    star: Star
    minutes: int
    policy: StarPolicy


class StarRevoked(PractitionerEvent, topic="practitioner.star-revoked.v1"):
    """A star was taken back, with the reason in the stamp; `after` is None when none is left."""

    before: Star
    after: Star | None = None


class AppraisalRecorded(PractitionerEvent, topic="practitioner.appraisal-recorded.v1"):
    """A year was appraised."""

    appraisal: Appraisal


class AppraisalCorrected(PractitionerEvent, topic="practitioner.appraisal-corrected.v1"):
    """The appraisal of a year was entered wrongly."""

    before: Appraisal
    after: Appraisal


class PractitionerDeregistered(PractitionerEvent, topic="practitioner.deregistered.v1"):
    """The person left the team; every post held was left the same day, each by its own event."""


class DeregistrationVoided(PractitionerEvent, topic="practitioner.deregistration-voided.v1"):
    """The deregistration was a mistake; posts are taken up again by correcting their ends."""

    deregistered_on: Day


AnyPractitionerEvent = (
    ServiceHoursCredited
    | TrainingCompleted
    | PractitionerRegistered
    | PostAssumed
    | CertificateRegistered
    | CertificateVerified
    | AppointmentLetterIssued
    | PostLeft
    | StarAwarded
    | AppraisalRecorded
    | ServiceHoursCorrected
    | ServiceHoursVoided
    | TrainingCorrected
    | TrainingVoided
    | CertificateRevoked
    | CertificateCorrected
    | CertificateVoided
    | PrimaryPostMoved
    | PostCorrected
    | PostVoided
    | StarRevoked
    | AppraisalCorrected
    | RegistrationCorrected
    | RegistrationVoided
    | PractitionerDeregistered
    | DeregistrationVoided
)
