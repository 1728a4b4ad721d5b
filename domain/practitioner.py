"""Practitioner (辅导员/志愿者): who counsels and helps, how they count, and how that evolves.

The decisions are functions of this state in the modules beside it: `practitioner_posts`,
`practitioner_certificates` and `practitioner_service`. “Qualified” (有专业资格) is a rule over
certificates at a date, never a tick box.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Self, assert_never
from uuid import UUID

from domain import standing as standings
from domain.base import Aggregate, Place, Refused
from domain.practitioner_events import (
    AnyPractitionerEvent,
    AppointmentLetterIssued,
    Appraisal,
    AppraisalCorrected,
    AppraisalRecorded,
    CertificateCorrected,
    CertificateRegistered,
    CertificateRevoked,
    CertificateVerified,
    CertificateVoided,
    Credential,
    DeregistrationVoided,
    Post,
    PostAssumed,
    PostCorrected,
    PostLeft,
    PostVoided,
    PractitionerDeregistered,
    PractitionerRegistered,
    PrimaryPostMoved,
    Registration,
    RegistrationCorrected,
    RegistrationVoided,
    ServiceHours,
    ServiceHoursCorrected,
    ServiceHoursCredited,
    ServiceHoursVoided,
    Span,
    Standing,
    StandingEvent,
    Star,
    StarAwarded,
    StarRevoked,
    Tenure,
    Training,
    TrainingCompleted,
    TrainingCorrected,
    TrainingVoided,
)
from domain.record import (
    Book,
    Entered,
    find,
    present,
)
from domain.values import PostStatus, PractitionerKind


@dataclass(frozen=True, slots=True)
class Practitioner(Aggregate):
    """A full-time counsellor or a volunteer; `deregistered_by` is the office that let them go.

    `settled_by` are the offices that ended or put right a post or service, verified, revoked or put
    right a certificate, or appraised a year, by the id of the record or the year; and those that
    awarded or revoked a star, by the id of the person.
    """

    about = "practitioner"

    registration: Registration | None = None
    registered_by: UUID | None = None
    registered_at: UUID | None = None
    deregistered_on: date | None = None
    deregistered_by: UUID | None = None
    standing: Standing | None = None
    credentials: Mapping[UUID, Credential | None] = field(default_factory=dict)
    tenures: Mapping[UUID, Tenure | None] = field(default_factory=dict)
    letters: frozenset[UUID] = frozenset()
    trainings: Book[Training] = field(default_factory=dict)
    hours: Book[ServiceHours] = field(default_factory=dict)
    star: Star | None = None
    appraisals: Mapping[int, Appraisal] = field(default_factory=dict)
    settled_by: Mapping[UUID | int, frozenset[UUID]] = field(default_factory=dict)

    @property
    def acting(self) -> frozenset[UUID]:
        """The ids under which the person acts: its own, and that of its account."""
        account = self.registration.account if self.registration is not None else None
        return frozenset({self.id, account or self.id})

    def primary_on(self, on: date) -> Place | None:
        """The primary post on a date."""
        return place_on(self.standing.present, on) if self.standing else None

    def qualified_on(self, on: date) -> bool:
        """Whether a verified, unexpired, unrevoked certificate makes qualified on a date."""
        valid = filter(None, map(standings.validity, present(self.credentials)))
        return any(first <= on < end for first, end in valid)

    def status_on(self, on: date) -> PostStatus:
        """On post, off post again, or still waiting for a first one."""
        if self.primary_on(on) is not None:
            return PostStatus.ON_POST
        began = any(tenure.post.from_on <= on for tenure in present(self.tenures))
        return PostStatus.OFF_POST if began else PostStatus.WAITING

    def credited_until(self, on: date) -> int:
        """Minutes of service credited up to and including a date."""
        return sum(e.record.credited for e in present(self.hours) if e.record.on <= on)

    def restated(
        self,
        kind: PractitionerKind | None = None,
        tenure: Tenure | None = None,
        credential: Credential | None = None,
        without_post: UUID | None = None,
        without_certificate: UUID | None = None,
    ) -> dict[str, Standing]:
        """The standing before and after a post or certificate changes or goes."""
        assert self.standing is not None
        tenures = self.tenures if tenure is None else with_tenure(self.tenures, tenure)
        credentials = dict(self.credentials)
        if credential is not None:
            credentials[credential.certificate.id] = credential
        after = standings.standing_of(
            kind or self.standing.kind,
            [t for t in present(tenures) if t.post.id != without_post],
            [c for c in present(credentials) if c.certificate.id != without_certificate],
        )
        return {"standing_before": self.standing, "standing_after": after}

    def require_registered(self) -> Registration:
        """Refuse anything before the registration, or after it was voided."""
        if self.registration is None:
            raise Refused("practitioner-not-registered")
        return self.registration

    def require_team(self) -> Registration:
        """Refuse what only a member of the team can take."""
        registration = self.require_registered()
        if self.deregistered_on is not None:
            raise Refused("practitioner-deregistered", left_on=self.deregistered_on)
        return registration

    def evolve(self, event: AnyPractitionerEvent) -> Self:
        """The state after one more event."""
        after, settled = self.changed(event), settled_in(event)
        if settled is None:
            return after
        offices = self.settled_by.get(settled, frozenset()) | {event.stamp.office}
        return replace(after, settled_by={**self.settled_by, settled: offices})

    def changed(self, event: AnyPractitionerEvent) -> Self:
        """The state after what one more event says of the person."""
        match event:
            case ServiceHoursCredited(hours=served, place=place):
                return replace(self, hours={**self.hours, served.id: Entered(served, place)})
            case TrainingCompleted(training=course, place=place):
                return replace(
                    self, trainings={**self.trainings, course.id: Entered(course, place)}
                )
            case PractitionerRegistered(registration=registration):
                return replace(
                    self,
                    registration=registration,
                    registered_by=event.stamp.actor,
                    registered_at=event.stamp.office,
                    standing=Standing(kind=registration.kind),
                )
            case PostAssumed(post=post):
                return self.restanding(event, tenures=with_tenure(self.tenures, taken(post)))
            case CertificateRegistered(certificate=c):
                presented = Credential(
                    certificate=c,
                    registered_by=event.stamp.actor,
                    presented_on=event.stamp.occurred_on,
                )
                return replace(self, credentials={**self.credentials, c.id: presented})
            case CertificateVerified(certificate=c):
                return self.with_credential(event, c.id, verified_on=event.stamp.occurred_on)
            case AppointmentLetterIssued(letter=letter):
                return replace(self, letters=self.letters | {letter.id})
            case PostLeft(post=post, left_on=left_on):
                left = find(self.tenures, post.id).model_copy(update={"left_on": left_on})
                return self.restanding(event, tenures=with_tenure(self.tenures, left))
            case StarAwarded(star=star):
                return replace(self, star=star)
            case AppraisalRecorded(appraisal=year) | AppraisalCorrected(after=year):
                return replace(self, appraisals={**self.appraisals, year.year: year})
            case ServiceHoursCorrected(after=after, place=place):
                return replace(self, hours={**self.hours, after.id: Entered(after, place)})
            case ServiceHoursVoided(hours=served):
                return replace(self, hours={**self.hours, served.id: None})
            case TrainingCorrected(after=after, place=place):
                return replace(self, trainings={**self.trainings, after.id: Entered(after, place)})
            case TrainingVoided(training=course):
                return replace(self, trainings={**self.trainings, course.id: None})
            case CertificateRevoked(certificate=c):
                return self.with_credential(event, c.id, revoked_on=event.stamp.occurred_on)
            case CertificateCorrected(after=c):
                return self.with_credential(event, c.id, certificate=c)
            case CertificateVoided(credential=credential):
                gone = {**self.credentials, credential.certificate.id: None}
                return self.restanding(event, credentials=gone)
            case PrimaryPostMoved(post=post):
                moved = {"primary_from": event.stamp.occurred_on}
                primary = find(self.tenures, post.id).model_copy(update=moved)
                return self.restanding(event, tenures=with_tenure(self.tenures, primary))
            case PostCorrected(after=tenure):
                return self.restanding(event, tenures=with_tenure(self.tenures, tenure))
            case PostVoided(tenure=tenure):
                return self.restanding(event, tenures={**self.tenures, tenure.post.id: None})
            case StarRevoked(after=star):
                return replace(self, star=star)
            case RegistrationCorrected(after=registration):
                return self.restanding(event, registration=registration)
            case RegistrationVoided():
                return replace(self, registration=None)
            case PractitionerDeregistered():
                return replace(
                    self,
                    deregistered_on=event.stamp.occurred_on,
                    deregistered_by=event.stamp.office,
                )
            case DeregistrationVoided():
                return replace(self, deregistered_on=None, deregistered_by=None)
            case _:
                assert_never(event)

    def restanding(self, event: StandingEvent, **changes: Any) -> Self:
        """The state after an event that may change the standing."""
        return replace(self, standing=event.standing_after, **changes)

    def with_credential(self, event: StandingEvent, certificate_id: UUID, **changes: Any) -> Self:
        """The state after something was found out about a certificate."""
        credential = find(self.credentials, certificate_id).model_copy(update=changes)
        return self.restanding(event, credentials={**self.credentials, certificate_id: credential})


def settled_in(event: AnyPractitionerEvent) -> UUID | int | None:
    """The record that an event ends, verifies or puts right, the year that it appraises.

    A star is the person's, and has no id of its own.
    """
    match event:
        case PostLeft(post=post):
            return post.id
        case PostCorrected(after=tenure):
            return tenure.post.id
        case TrainingCorrected(after=record) | ServiceHoursCorrected(after=record):
            return record.id
        case CertificateVerified(certificate=shown) | CertificateRevoked(certificate=shown):
            return shown.id
        case CertificateCorrected(after=shown):
            return shown.id
        case StarAwarded() | StarRevoked():
            return event.originator_id
        case AppraisalRecorded(appraisal=year) | AppraisalCorrected(after=year):
            return year.year
        case _:
            return None


def taken(post: Post) -> Tenure:
    """A post as it is held from its first day on."""
    return Tenure(post=post, primary_from=post.from_on if post.primary else None)


def with_tenure(tenures: Mapping[UUID, Tenure | None], tenure: Tenure) -> dict[UUID, Tenure | None]:
    """The posts with this one as it is now; no other was made primary on the same day."""
    changed = {**tenures, tenure.post.id: tenure}
    for other in present(tenures):
        same_day = other.primary_from is not None and other.primary_from == tenure.primary_from
        if same_day and other.post.id != tenure.post.id:
            changed[other.post.id] = other.model_copy(update={"primary_from": None})
    return changed


def place_on(spans: Iterable[Span], on: date) -> Place | None:
    """The place of the span that holds a date."""
    for span in spans:
        if span.from_on <= on and (span.to_on is None or on < span.to_on):
            return span.place
    return None
