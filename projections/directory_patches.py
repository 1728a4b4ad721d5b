"""What centres and practitioners write in their directories: one row each, as it stands now.

A practitioner is listed at the last post; before the first one, at the office that registered.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from application.eventlog import Recorded
from domain.base import Place
from domain.centre_events import (
    CentreClosed,
    CentreEstablished,
    CentreEvent,
    CentreReassigned,
    CentreRelocated,
    CentreResumed,
    CentreSuspended,
    ClosingVoided,
    Establishment,
    EstablishmentCorrected,
    EstablishmentVoided,
    FacilitiesInspected,
    GradeAwarded,
    GradeLowered,
    GradeReviewed,
    GradeRevoked,
    RegistryOffice,
    RegistryOfficesRevised,
)
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
    PractitionerEvent,
    PractitionerRegistered,
    PrimaryPostMoved,
    RegistrationCorrected,
    RegistrationVoided,
    Standing,
    StandingEvent,
    StarAwarded,
    StarRevoked,
    TrainingCompleted,
    TrainingCorrected,
    TrainingVoided,
)
from domain.values import CentreStatus, PostStatus, RecordStatus
from projections.patches import NOTHING_ADDED, Kinds, Patch, Patchers

DAY: Final = timedelta(days=1)
NOTHING_YET: Final[dict[str, object]] = {"posts": 0, "certificates": 0, "service_minutes": 0}


def of_centre(
    event: CentreEvent, recorded: Recorded, values: dict[str, object], place: Place | None = None
) -> list[Patch]:
    """A change of the centre's row."""
    return [Patch("centres", event.originator_id, recorded.position, place, values)]


def established(event: CentreEstablished, recorded: Recorded) -> list[Patch]:
    values = {
        **establishment_values(event.establishment),
        "status": CentreStatus.WORKING,
        "recorded_at": recorded.recorded_at,
    }
    return of_centre(event, recorded, values, event.place)


def establishment_corrected(event: EstablishmentCorrected, recorded: Recorded) -> list[Patch]:
    return of_centre(event, recorded, establishment_values(event.after), event.place)


def establishment_voided(event: EstablishmentVoided, recorded: Recorded) -> list[Patch]:
    return of_centre(event, recorded, {"status": RecordStatus.VOIDED})


def relocated(event: CentreRelocated, recorded: Recorded) -> list[Patch]:
    return of_centre(event, recorded, {"address": event.after})


def offices_revised(event: RegistryOfficesRevised, recorded: Recorded) -> list[Patch]:
    return of_centre(event, recorded, {"registry_offices": named(event.after)})


def suspended(event: CentreSuspended, recorded: Recorded) -> list[Patch]:
    values = {"status": CentreStatus.SUSPENDED, "suspended_on": event.stamp.occurred_on}
    return of_centre(event, recorded, values)


def resumed(event: CentreResumed, recorded: Recorded) -> list[Patch]:
    return of_centre(event, recorded, {"status": CentreStatus.WORKING, "suspended_on": None})


def closed(event: CentreClosed, recorded: Recorded) -> list[Patch]:
    values = {"status": CentreStatus.CLOSED, "closed_on": event.stamp.occurred_on}
    return of_centre(event, recorded, values)


def closing_voided(event: ClosingVoided, recorded: Recorded) -> list[Patch]:
    status = CentreStatus.SUSPENDED if event.suspended else CentreStatus.WORKING
    return of_centre(event, recorded, {"status": status, "closed_on": None})


def reassigned(event: CentreReassigned, recorded: Recorded) -> list[Patch]:
    return of_centre(event, recorded, {}, event.place)


def graded(event: GradeAwarded | GradeLowered, recorded: Recorded) -> list[Patch]:
    return of_centre(event, recorded, {"grade": event.grade})


def grade_revoked(event: GradeRevoked, recorded: Recorded) -> list[Patch]:
    return of_centre(event, recorded, {"grade": None})


def establishment_values(establishment: Establishment) -> dict[str, object]:
    return {
        "kind": establishment.kind,
        "name": establishment.name,
        "established_on": establishment.established_on,
        "registry_offices": named(establishment.registry_offices),
        "address": establishment.address,
    }


def named(offices: tuple[RegistryOffice, ...]) -> str | None:
    return "、".join(office.name for office in offices) or None


def of_practitioner(
    event: PractitionerEvent,
    recorded: Recorded,
    values: dict[str, object],
    place: Place | None = None,
    added: dict[str, int] = NOTHING_ADDED,
) -> list[Patch]:
    """A change of the practitioner's row."""
    return [Patch("practitioners", event.originator_id, recorded.position, place, values, added)]


def registered(event: PractitionerRegistered, recorded: Recorded) -> list[Patch]:
    values = {
        **NOTHING_YET,
        "kind": event.registration.kind,
        "source": event.registration.source,
        "status": PostStatus.WAITING,
        "registered_on": event.stamp.occurred_on,
        "recorded_at": recorded.recorded_at,
    }
    # An office is a centre or a region, and the event does not say which: the territory knows.
    office = event.stamp.office
    return of_practitioner(event, recorded, values, Place(centre=office, region=office))


def registration_corrected(event: RegistrationCorrected, recorded: Recorded) -> list[Patch]:
    values: dict[str, object] = {"kind": event.after.kind, "source": event.after.source}
    return of_practitioner(event, recorded, values)


def registration_voided(event: RegistrationVoided, recorded: Recorded) -> list[Patch]:
    return of_practitioner(event, recorded, {"status": RecordStatus.VOIDED})


def deregistered(event: PractitionerDeregistered, recorded: Recorded) -> list[Patch]:
    return of_practitioner(event, recorded, {"deregistered_on": event.stamp.occurred_on})


def deregistration_voided(event: DeregistrationVoided, recorded: Recorded) -> list[Patch]:
    return of_practitioner(event, recorded, {"deregistered_on": None})


def post_assumed(event: PostAssumed, recorded: Recorded) -> list[Patch]:
    return restanding(event, recorded, {"posts": 1})


def post_left(event: PostLeft, recorded: Recorded) -> list[Patch]:
    return restanding(event, recorded, {"posts": -1})


def primary_moved(event: PrimaryPostMoved, recorded: Recorded) -> list[Patch]:
    return restanding(event, recorded)


def post_corrected(event: PostCorrected, recorded: Recorded) -> list[Patch]:
    held = (event.after.left_on is None) - (event.before.left_on is None)
    return restanding(event, recorded, {"posts": held})


def post_voided(event: PostVoided, recorded: Recorded) -> list[Patch]:
    return restanding(event, recorded, {"posts": -(event.tenure.left_on is None)})


def certificate_registered(event: CertificateRegistered, recorded: Recorded) -> list[Patch]:
    return of_practitioner(event, recorded, {}, added={"certificates": 1})


def certificate_verified(
    event: CertificateVerified | CertificateCorrected, recorded: Recorded
) -> list[Patch]:
    return restanding(event, recorded)


def certificate_revoked(event: CertificateRevoked, recorded: Recorded) -> list[Patch]:
    return restanding(event, recorded, {"certificates": -1})


def certificate_voided(event: CertificateVoided, recorded: Recorded) -> list[Patch]:
    return restanding(event, recorded, {"certificates": -(event.credential.revoked_on is None)})


def star_awarded(event: StarAwarded, recorded: Recorded) -> list[Patch]:
    return of_practitioner(event, recorded, {"star": event.star})


def star_revoked(event: StarRevoked, recorded: Recorded) -> list[Patch]:
    return of_practitioner(event, recorded, {"star": event.after})


def served(event: PractitionerEvent, recorded: Recorded, minutes: int) -> list[Patch]:
    """So many more minutes of service, or fewer."""
    return of_practitioner(event, recorded, {}, added={"service_minutes": minutes})


def restanding(
    event: StandingEvent, recorded: Recorded, added: dict[str, int] = NOTHING_ADDED
) -> list[Patch]:
    """A change of posts or certificates: where the person counts now, and whether qualified."""
    standing = event.standing_after
    place = standing.present[-1].place if standing.present else None
    return of_practitioner(event, recorded, standing_values(standing), place, added)


def standing_values(standing: Standing) -> dict[str, object]:
    """What the last days at a post say: posts are never dated ahead, only certificates end so."""
    post = standing.present[-1] if standing.present else None
    qualified = standing.qualified[-1] if standing.qualified else None
    if post is None:
        status = PostStatus.WAITING
    else:
        status = PostStatus.ON_POST if post.to_on is None else PostStatus.OFF_POST
    return {
        "status": status,
        "post_since": post and post.from_on,
        "left_on": post and post.to_on,
        "qualified_from": qualified and qualified.from_on,
        "qualified_until": qualified and qualified.to_on and qualified.to_on - DAY,
    }


PATCHERS: Final[Patchers] = {
    CentreEstablished: established,
    EstablishmentCorrected: establishment_corrected,
    EstablishmentVoided: establishment_voided,
    CentreRelocated: relocated,
    RegistryOfficesRevised: offices_revised,
    CentreSuspended: suspended,
    CentreResumed: resumed,
    CentreClosed: closed,
    ClosingVoided: closing_voided,
    CentreReassigned: reassigned,
    GradeAwarded: graded,
    GradeLowered: graded,
    GradeRevoked: grade_revoked,
    PractitionerRegistered: registered,
    RegistrationCorrected: registration_corrected,
    RegistrationVoided: registration_voided,
    PractitionerDeregistered: deregistered,
    DeregistrationVoided: deregistration_voided,
    PostAssumed: post_assumed,
    PostLeft: post_left,
    PrimaryPostMoved: primary_moved,
    PostCorrected: post_corrected,
    PostVoided: post_voided,
    CertificateRegistered: certificate_registered,
    CertificateVerified: certificate_verified,
    CertificateCorrected: certificate_verified,
    CertificateRevoked: certificate_revoked,
    CertificateVoided: certificate_voided,
    StarAwarded: star_awarded,
    StarRevoked: star_revoked,
}

UNLISTED: Final[Kinds] = frozenset(
    {
        FacilitiesInspected,
        GradeReviewed,
        AppointmentLetterIssued,
        TrainingCompleted,
        TrainingCorrected,
        TrainingVoided,
        AppraisalRecorded,
        AppraisalCorrected,
    }
)
