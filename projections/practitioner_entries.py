"""What the events of a practitioner count: heads, posts, training, service."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Final
from uuid import UUID

from domain.base import Place
from domain.practitioner_events import (
    AppointmentLetterIssued,
    AppraisalCorrected,
    AppraisalRecorded,
    CertificateCorrected,
    CertificateRegistered,
    CertificateRevoked,
    CertificateVerified,
    CertificateVoided,
    DeregistrationVoided,
    PostAssumed,
    PostCorrected,
    PostLeft,
    PostVoided,
    PractitionerDeregistered,
    PractitionerRegistered,
    PrimaryPostMoved,
    RegistrationCorrected,
    RegistrationVoided,
    ServiceHours,
    ServiceHoursCorrected,
    ServiceHoursCredited,
    ServiceHoursVoided,
    Standing,
    StandingEvent,
    StarAwarded,
    StarRevoked,
    Tenure,
    Training,
    TrainingCompleted,
    TrainingCorrected,
    TrainingVoided,
)
from domain.values import PractitionerKind
from projections.entries import (
    ONLY_CORRECTS,
    Entry,
    Kinds,
    Rule,
    Rules,
    changed,
    correcting,
    net,
    number,
    taken_back,
)

POSTS: Final = number("posts")
SERVICE_MINUTES: Final = number("service_minutes")
TRAINING_MINUTES: Final = number("training_minutes")
TRAININGS: Final = number("trainings")
PRESENT: Final = {
    PractitionerKind.COUNSELLOR: number("counsellors"),
    PractitionerKind.VOLUNTEER: number("volunteers"),
}
QUALIFIED: Final = {
    PractitionerKind.COUNSELLOR: number("counsellors_qualified"),
    PractitionerKind.VOLUNTEER: number("volunteers_qualified"),
}


def standing_changed(event: StandingEvent) -> list[Entry]:
    person = event.originator_id
    return net(
        standing_entries(person, event.standing_before),
        standing_entries(person, event.standing_after),
    )


def standing_entries(person: UUID, standing: Standing) -> Iterator[Entry]:
    """A head on each day at the primary post, and among the qualified while that lasts."""
    for indicator, spans in (
        (PRESENT[standing.kind], standing.present),
        (QUALIFIED[standing.kind], standing.qualified),
    ):
        for span in spans:
            at = (span.place.centre, span.place.region, person)
            yield Entry(indicator, *at, span.from_on, 1, person)
            if span.to_on is not None:
                yield Entry(indicator, *at, span.to_on, -1, person)


def post_assumed(event: PostAssumed) -> list[Entry]:
    tenure = Tenure(post=event.post)
    return [*standing_changed(event), *tenure_entries(event.originator_id, tenure)]


def post_left(event: PostLeft) -> list[Entry]:
    person, post = event.originator_id, event.post
    at = (post.place.centre, post.place.region, post.id)
    return [*standing_changed(event), Entry(POSTS, *at, event.left_on, -1, person)]


def post_corrected(event: PostCorrected) -> list[Entry]:
    person = event.originator_id
    posts = changed(tenure_entries(person, event.before), tenure_entries(person, event.after))
    return [*standing_changed(event), *posts]


def post_voided(event: PostVoided) -> list[Entry]:
    posts = taken_back(tenure_entries(event.originator_id, event.tenure))
    return [*standing_changed(event), *posts]


def tenure_entries(person: UUID, tenure: Tenure) -> list[Entry]:
    post = tenure.post
    at = (post.place.centre, post.place.region, post.id)
    entries = [Entry(POSTS, *at, post.from_on, 1, person)]
    if tenure.left_on is not None:
        entries.append(Entry(POSTS, *at, tenure.left_on, -1, person))
    return entries


def trained(event: TrainingCompleted) -> list[Entry]:
    return training_entries(event.originator_id, event.training, event.place)


def training_corrected(event: TrainingCorrected) -> list[Entry]:
    person = event.originator_id
    return changed(
        training_entries(person, event.before, event.place_before),
        training_entries(person, event.after, event.place),
    )


def training_voided(event: TrainingVoided) -> list[Entry]:
    return taken_back(training_entries(event.originator_id, event.training, event.place))


def training_entries(person: UUID, training: Training, place: Place | None) -> list[Entry]:
    """A course, at the primary post of its last day; without a post it counts nowhere."""
    if place is None:
        return []
    at = (place.centre, place.region, training.id, training.on)
    return [
        Entry(TRAININGS, *at, 1, person),
        Entry(TRAINING_MINUTES, *at, training.minutes, person),
    ]


def hours_credited(event: ServiceHoursCredited) -> list[Entry]:
    return [hours_entry(event.originator_id, event.hours, event.hours.place)]


def hours_corrected(event: ServiceHoursCorrected) -> list[Entry]:
    person = event.originator_id
    return changed(
        [hours_entry(person, event.before, event.place_before)],
        [hours_entry(person, event.after, event.after.place)],
    )


def hours_voided(event: ServiceHoursVoided) -> list[Entry]:
    return taken_back([hours_entry(event.originator_id, event.hours, event.hours.place)])


def hours_entry(person: UUID, hours: ServiceHours, place: Place) -> Entry:
    at = (place.centre, place.region, hours.id, hours.on)
    return Entry(SERVICE_MINUTES, *at, hours.credited, person)


RULES: Final[Rules] = {
    RegistrationCorrected: correcting(standing_changed),
    RegistrationVoided: ONLY_CORRECTS,
    CertificateVerified: Rule(standing_changed),
    CertificateRevoked: Rule(standing_changed),
    CertificateCorrected: correcting(standing_changed),
    CertificateVoided: correcting(standing_changed),
    PostAssumed: Rule(post_assumed, on=attrgetter("post.from_on")),
    PostLeft: Rule(post_left, on=attrgetter("left_on")),
    PrimaryPostMoved: Rule(standing_changed),
    PostCorrected: correcting(post_corrected),
    PostVoided: correcting(post_voided),
    TrainingCompleted: Rule(trained, on=attrgetter("training.on")),
    TrainingCorrected: correcting(training_corrected),
    TrainingVoided: correcting(training_voided),
    ServiceHoursCredited: Rule(hours_credited, on=attrgetter("hours.on")),
    ServiceHoursCorrected: correcting(hours_corrected),
    ServiceHoursVoided: correcting(hours_voided),
    AppraisalCorrected: ONLY_CORRECTS,
    DeregistrationVoided: ONLY_CORRECTS,
}

UNCOUNTED: Final[Kinds] = frozenset(
    {
        PractitionerRegistered,
        CertificateRegistered,
        AppointmentLetterIssued,
        StarAwarded,
        StarRevoked,
        AppraisalRecorded,
        PractitionerDeregistered,
    }
)
