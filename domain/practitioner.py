"""A practitioner (辅导员/志愿者): certificates, posts, training, service hours, stars, appraisals.

“Qualified” (有专业资格) is a rule over certificates at a date, never a tick box.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Self, assert_never
from uuid import UUID

from domain import standing as standings
from domain.base import Aggregate, Event, Place, Refused, Stamp, fold
from domain.practitioner_events import (
    AnyPractitionerEvent,
    AppointmentLetter,
    AppointmentLetterIssued,
    Appraisal,
    AppraisalCorrected,
    AppraisalRecorded,
    Certificate,
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
    StarPolicy,
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
    find_corrected,
    find_voided,
    minutes_between,
    present,
    require_happened,
    require_in_order,
    require_new,
    require_past,
    require_reason,
)
from domain.values import PostStatus, PractitionerKind


@dataclass(frozen=True, slots=True)
class Practitioner(Aggregate):
    """A full-time counsellor or a volunteer."""

    about = "practitioner"

    registration: Registration | None = None
    registered_by: UUID | None = None
    deregistered_on: date | None = None
    standing: Standing | None = None
    credentials: Mapping[UUID, Credential | None] = field(default_factory=dict)
    tenures: Mapping[UUID, Tenure | None] = field(default_factory=dict)
    letters: frozenset[UUID] = frozenset()
    trainings: Book[Training] = field(default_factory=dict)
    hours: Book[ServiceHours] = field(default_factory=dict)
    star: Star | None = None
    appraisals: Mapping[int, Appraisal] = field(default_factory=dict)

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

    def register(self, registration: Registration, by: Stamp) -> Iterator[Event]:
        """Join the team; nobody is counted before the first post."""
        if self.version:
            raise Refused("practitioner-exists")
        yield PractitionerRegistered.of(self, by, registration=registration)

    def correct_registration(self, after: Registration, by: Stamp) -> Iterator[Event]:
        """Put right what was entered at registration, the kind included."""
        require_reason(by)
        before = self.require_registered()
        if before == after:
            raise Refused("correction-changes-nothing", record=self.id)
        yield RegistrationCorrected.of(
            self, by, before=before, after=after, **self.restated(kind=after.kind)
        )

    def void_registration(self, by: Stamp) -> Iterator[Event]:
        """Take back a registration made by mistake; whatever it counted must be voided first."""
        require_reason(by)
        registration = self.require_registered()
        books: tuple[Mapping[UUID, Any], ...] = (
            self.credentials,
            self.tenures,
            self.trainings,
            self.hours,
        )
        if any(present(book) for book in books):
            raise Refused("registration-has-records")
        yield RegistrationVoided.of(self, by, registration=registration)

    def deregister(self, by: Stamp) -> Iterator[Event]:
        """Leave the team: every post still held is left the same day, the primary one last."""
        self.require_team()
        on = by.occurred_on
        for tenure in present(self.tenures):
            if max(tenure.post.from_on, tenure.left_on or date.min) > on:
                raise Refused("post-after-leaving", post=tenure.post.id)
        person = self
        for tenure in self.leaving_order(on):
            left = person.leaving(tenure, by)
            yield left
            person = fold(person, [left])
        yield PractitionerDeregistered.of(person, by)

    def void_deregistration(self, by: Stamp) -> Iterator[Event]:
        """Take back a leaving entered by mistake; posts resume by correcting their ends."""
        require_reason(by)
        self.require_registered()
        if self.deregistered_on is None:
            raise Refused("practitioner-not-deregistered")
        yield DeregistrationVoided.of(self, by, deregistered_on=self.deregistered_on)

    def register_certificate(self, certificate: Certificate, by: Stamp) -> Iterator[Event]:
        """Present a certificate; it counts for nothing until someone else verified it."""
        self.require_team()
        if certificate.id in self.credentials:
            raise Refused("record-exists", record=certificate.id)
        self.require_sound(certificate, by)
        yield CertificateRegistered.of(self, by, certificate=certificate)

    def verify_certificate(self, certificate_id: UUID, by: Stamp) -> Iterator[Event]:
        """Confirm that a certificate is genuine, neither as its holder nor as who registered it."""
        self.require_registered()
        credential = find(self.credentials, certificate_id)
        self.require_unrevoked(credential)
        if credential.verified_on is not None:
            raise Refused("certificate-already-verified", verified_on=credential.verified_on)
        self.require_second_person(credential, by)
        certificate = credential.certificate
        require_in_order(certificate.issued_on, by.occurred_on)
        if certificate.expires_on is not None and by.occurred_on > certificate.expires_on:
            raise Refused("certificate-expired", expires_on=certificate.expires_on)
        verified = credential.model_copy(update={"verified_on": by.occurred_on})
        yield CertificateVerified.of(
            self, by, certificate=certificate, **self.restated(credential=verified)
        )

    def revoke_certificate(self, certificate_id: UUID, by: Stamp) -> Iterator[Event]:
        """Note, with the reason, that a certificate is valid no longer from the stamp's date on."""
        self.require_registered()
        if by.reason is None:
            raise Refused("revocation-needs-reason")
        credential = find(self.credentials, certificate_id)
        self.require_unrevoked(credential)
        require_in_order(credential.certificate.issued_on, by.occurred_on)
        revoked = credential.model_copy(update={"revoked_on": by.occurred_on})
        yield CertificateRevoked.of(
            self, by, certificate=credential.certificate, **self.restated(credential=revoked)
        )

    def correct_certificate(self, after: Certificate, by: Stamp) -> Iterator[Event]:
        """Put a certificate right; one that was verified takes a second person again."""
        require_reason(by)
        self.require_registered()
        credential = find(self.credentials, after.id)
        if credential.certificate == after:
            raise Refused("correction-changes-nothing", record=after.id)
        if credential.verified_on is not None:
            self.require_second_person(credential, by)
        self.require_sound(after, by)
        corrected = credential.model_copy(update={"certificate": after})
        yield CertificateCorrected.of(
            self,
            by,
            before=credential.certificate,
            after=after,
            **self.restated(credential=corrected),
        )

    def void_certificate(self, certificate_id: UUID, by: Stamp) -> Iterator[Event]:
        """Take back a certificate entered by mistake: it never counted."""
        require_reason(by)
        self.require_registered()
        credential = find(self.credentials, certificate_id)
        yield CertificateVoided.of(
            self, by, credential=credential, **self.restated(without_certificate=certificate_id)
        )

    def issue_letter(self, letter: AppointmentLetter, by: Stamp) -> Iterator[Event]:
        """Hand over a letter of appointment (聘书)."""
        self.require_team()
        if letter.id in self.letters:
            raise Refused("record-exists", record=letter.id)
        require_happened(letter.issued_on, by)
        require_in_order(letter.issued_on, letter.expires_on)
        yield AppointmentLetterIssued.of(self, by, letter=letter)

    def assume_post(self, post: Post, by: Stamp) -> Iterator[Event]:
        """Take a post; while no other is held it is the primary one, whatever was asked for."""
        self.require_team()
        if post.id in self.tenures:
            raise Refused("record-exists", record=post.id)
        require_happened(post.from_on, by)
        self.require_sound_post(Tenure(post=post))
        if self.primary_on(post.from_on) is None:
            post = post.model_copy(update={"primary": True})
        yield PostAssumed.of(self, by, place=post.place, post=post, **self.moved(taken(post), by))

    def leave_post(self, post_id: UUID, by: Stamp) -> Iterator[Event]:
        """Leave a post: the stamp's date is the first day without it."""
        self.require_registered()
        yield self.leaving(self.require_held(post_id, by), by)

    def move_primary(self, post_id: UUID, by: Stamp) -> Iterator[Event]:
        """Be counted at another post that is held, from the stamp's date on."""
        self.require_registered()
        tenure = self.require_held(post_id, by)
        primary = standings.primary_on(present(self.tenures), by.occurred_on)
        if primary is not None and primary.post.id == post_id:
            raise Refused("post-already-primary", post=post_id)
        moved = tenure.model_copy(update={"primary_from": by.occurred_on})
        yield PrimaryPostMoved.of(
            self, by, place=tenure.post.place, post=tenure.post, **self.moved(moved, by)
        )

    def correct_post(self, after: Tenure, by: Stamp) -> Iterator[Event]:
        """Put a post, its end or its being primary right; without an end it is held again."""
        require_reason(by)
        self.require_registered()
        before = find(self.tenures, after.post.id)
        if before == after:
            raise Refused("correction-changes-nothing", record=after.post.id)
        for day_of_post in (after.post.from_on, after.left_on, after.primary_from):
            if day_of_post is not None:
                require_happened(day_of_post, by)
        require_in_order(after.post.from_on, after.left_on)
        require_in_order(after.post.from_on, after.primary_from)
        gone_on = self.deregistered_on
        if gone_on is not None and (after.left_on is None or after.left_on > gone_on):
            raise Refused("practitioner-deregistered", left_on=gone_on)
        self.require_sound_post(after)
        yield PostCorrected.of(
            self, by, place=after.post.place, before=before, after=after, **self.moved(after, by)
        )

    def void_post(self, post_id: UUID, by: Stamp) -> Iterator[Event]:
        """Take back a post entered by mistake: it was never held."""
        require_reason(by)
        self.require_registered()
        tenure = find(self.tenures, post_id)
        yield PostVoided.of(
            self,
            by,
            place=tenure.post.place,
            tenure=tenure,
            **primary_moves(self.restated(without_post=post_id), by.occurred_on),
        )

    def complete_training(self, training: Training, by: Stamp) -> Iterator[Event]:
        """Record a course; it counts at the primary post of its last day."""
        self.require_member(training.on)
        require_new(self.trainings, training, by)
        yield TrainingCompleted.of(self, by, place=self.primary_on(training.on), training=training)

    def correct_training(self, after: Training, by: Stamp) -> Iterator[Event]:
        """Put a course right; one that keeps its date keeps its place."""
        self.require_member(after.on)
        before, place = find_corrected(self.trainings, after, by)
        yield TrainingCorrected.of(
            self,
            by,
            place_before=place,
            place=place if before.on == after.on else self.primary_on(after.on),
            before=before,
            after=after,
        )

    def void_training(self, training_id: UUID, by: Stamp) -> Iterator[Event]:
        """Take a course out of the figures."""
        self.require_registered()
        training, place = find_voided(self.trainings, training_id, by)
        yield TrainingVoided.of(self, by, place=place, training=training)

    def credit_hours(self, hours: ServiceHours, by: Stamp) -> Iterator[Event]:
        """Credit service; other minutes than passed need the rule that gives them."""
        self.require_member(hours.on)
        require_new(self.hours, hours, by)
        require_sound_hours(hours, by)
        yield ServiceHoursCredited.of(self, by, place=hours.place, hours=hours)

    def correct_hours(self, after: ServiceHours, requested_by: UUID, by: Stamp) -> Iterator[Event]:
        """Put service hours right: one person asks for it, another one verifies and enters it."""
        self.require_member(after.on)
        before, place = find_corrected(self.hours, after, by)
        if requested_by == by.actor:
            raise Refused("requester-verifies")
        require_sound_hours(after, by)
        yield ServiceHoursCorrected.of(
            self,
            by,
            place_before=place,
            place=after.place,
            before=before,
            after=after,
            requested_by=requested_by,
        )

    def void_hours(self, hours_id: UUID, by: Stamp) -> Iterator[Event]:
        """Take service hours out of the figures."""
        self.require_registered()
        hours, place = find_voided(self.hours, hours_id, by)
        yield ServiceHoursVoided.of(self, by, place=place, hours=hours)

    def credited_until(self, on: date) -> int:
        """Minutes of service credited up to and including a date."""
        return sum(e.record.credited for e in present(self.hours) if e.record.on <= on)

    def award_star(self, star: Star, policy: StarPolicy, by: Stamp) -> Iterator[Event]:
        """Award a volunteer a star reached by the hours credited up to the stamp's date."""
        registration = self.require_team()
        if registration.kind is not PractitionerKind.VOLUNTEER:
            raise Refused("stars-are-for-volunteers")
        if not 1 <= star <= len(policy.hours):
            raise Refused("star-unknown", star=star)
        if self.star is not None and star <= self.star:
            raise Refused("star-already-held", star=self.star)
        minutes = self.credited_until(by.occurred_on)
        if minutes < policy.hours[star - 1] * 60:
            raise Refused("star-not-reached", hours=policy.hours[star - 1], credited=minutes)
        yield StarAwarded.of(self, by, star=star, minutes=minutes, policy=policy)

    def revoke_star(self, after: Star | None, by: Stamp) -> Iterator[Event]:
        """Take a star back, down to a lower one or to none, with the reason."""
        self.require_registered()
        if by.reason is None:
            raise Refused("revocation-needs-reason")
        if self.star is None or (after is not None and after >= self.star):
            raise Refused("star-not-held", star=self.star)
        yield StarRevoked.of(self, by, before=self.star, after=after)

    def record_appraisal(self, appraisal: Appraisal, by: Stamp) -> Iterator[Event]:
        """Appraise a year that has begun, once."""
        self.require_registered()
        if appraisal.year > by.occurred_on.year:
            raise Refused("not-yet-happened", occurred=appraisal.year)
        if appraisal.year in self.appraisals:
            raise Refused("year-already-appraised", year=appraisal.year)
        yield AppraisalRecorded.of(self, by, appraisal=appraisal)

    def correct_appraisal(self, after: Appraisal, by: Stamp) -> Iterator[Event]:
        """Put the appraisal of a year right."""
        require_reason(by)
        self.require_registered()
        before = self.appraisals.get(after.year)
        if before is None:
            raise Refused("year-not-appraised", year=after.year)
        if before == after:
            raise Refused("correction-changes-nothing", record=after.year)
        yield AppraisalCorrected.of(self, by, before=before, after=after)

    def leaving(self, tenure: Tenure, by: Stamp) -> PostLeft:
        """The event of leaving a post on the stamp's date."""
        left = tenure.model_copy(update={"left_on": by.occurred_on})
        return PostLeft.of(
            self,
            by,
            place=tenure.post.place,
            post=tenure.post,
            left_on=by.occurred_on,
            **self.moved(left, by),
        )

    def leaving_order(self, on: date) -> list[Tenure]:
        """The posts still held, the primary one last."""
        held = [tenure for tenure in present(self.tenures) if tenure.left_on is None]
        primary = standings.primary_on(held, on)
        return sorted(held, key=lambda tenure: tenure is primary)

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

    def moved(self, tenure: Tenure, by: Stamp) -> dict[str, Any]:
        """The standing and the primary place before and after a post changes."""
        return primary_moves(self.restated(tenure=tenure), by.occurred_on)

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

    def require_member(self, on: date) -> None:
        """Refuse work after the leaving; earlier days may still be entered late."""
        self.require_registered()
        if self.deregistered_on is not None and on > self.deregistered_on:
            raise Refused("practitioner-deregistered", left_on=self.deregistered_on)

    def require_sound(self, certificate: Certificate, by: Stamp) -> None:
        """Refuse a certificate of the future, one that ends before it begins, and a second copy."""
        require_past(certificate.issued_on, by)
        require_in_order(certificate.issued_on, certificate.expires_on)
        for other in present(self.credentials):
            known = other.certificate
            same = isinstance(known.number, str) and known.number == certificate.number
            if same and known.kind is certificate.kind and known.id != certificate.id:
                raise Refused("certificate-registered-twice", certificate=known.id)

    def require_unrevoked(self, credential: Credential) -> None:
        """Refuse a certificate that was revoked."""
        if credential.revoked_on is not None:
            raise Refused("certificate-revoked", revoked_on=credential.revoked_on)

    def require_second_person(self, credential: Credential, by: Stamp) -> None:
        """Refuse the holder, and who registered the certificate, as its verifier."""
        account = self.require_registered().account
        if by.actor in (self.id, account, credential.registered_by):
            raise Refused("verifier-not-independent")

    def require_held(self, post_id: UUID, by: Stamp) -> Tenure:
        """A post that is held on the stamp's date."""
        tenure = find(self.tenures, post_id)
        if tenure.left_on is not None:
            raise Refused("post-already-left", left_on=tenure.left_on)
        require_in_order(tenure.post.from_on, by.occurred_on)
        return tenure

    def require_sound_post(self, tenure: Tenure) -> None:
        """Refuse a post without a centre, and two posts at one centre at a time."""
        centre, end = tenure.post.place.centre, tenure.left_on or date.max
        if centre is None:
            raise Refused("post-needs-centre")
        for other in present(self.tenures):
            if other.post.id == tenure.post.id or other.post.place.centre != centre:
                continue
            if tenure.post.from_on < (other.left_on or date.max) and other.post.from_on < end:
                raise Refused("post-already-held", post=other.post.id)

    def evolve(self, event: AnyPractitionerEvent) -> Self:
        """The state after one more event."""
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
                    standing=Standing(kind=registration.kind),
                )
            case PostAssumed(post=post):
                return self.restanding(event, tenures=with_tenure(self.tenures, taken(post)))
            case CertificateRegistered(certificate=c):
                presented = Credential(certificate=c, registered_by=event.stamp.actor)
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
                return replace(self, deregistered_on=event.stamp.occurred_on)
            case DeregistrationVoided():
                return replace(self, deregistered_on=None)
            case _:
                assert_never(event)

    def restanding(self, event: StandingEvent, **changes: Any) -> Self:
        """The state after an event that may change the standing."""
        return replace(self, standing=event.standing_after, **changes)

    def with_credential(self, event: StandingEvent, certificate_id: UUID, **changes: Any) -> Self:
        """The state after something was found out about a certificate."""
        credential = find(self.credentials, certificate_id).model_copy(update=changes)
        return self.restanding(event, credentials={**self.credentials, certificate_id: credential})


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


def primary_moves(restated: dict[str, Standing], on: date) -> dict[str, Any]:
    """The primary place before and after, on a date, beside the standing."""
    return {
        **restated,
        "primary_before": place_on(restated["standing_before"].present, on),
        "primary_after": place_on(restated["standing_after"].present, on),
    }


def require_sound_hours(hours: ServiceHours, by: Stamp) -> None:
    """Refuse service that ends before it starts, and other minutes than passed without a rule."""
    require_happened(hours.started_at, by)
    if hours.ended_at <= hours.started_at:
        raise Refused("times-out-of-order", on=hours.ended_at)
    passed = minutes_between(hours.started_at, hours.ended_at)
    if hours.credited != passed and hours.rule is None:
        raise Refused("hours-need-rule", passed=passed, credited=hours.credited)
