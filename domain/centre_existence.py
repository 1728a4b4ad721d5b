"""What a centre (中心/站/室) is: founding, moves, suspension, closing, facilities and grades."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from domain.base import Event, Place, Refused, Stamp, Text
from domain.centre import Centre
from domain.centre_events import (
    CentreClosed,
    CentreEstablished,
    CentreReassigned,
    CentreRelocated,
    CentreResumed,
    CentreSuspended,
    ClosingVoided,
    Establishment,
    EstablishmentCorrected,
    EstablishmentVoided,
    Evidence,
    FacilitiesInspected,
    GradeAwarded,
    GradeLowered,
    GradeReviewed,
    GradeRevoked,
    Inspection,
    RegistryOffice,
    RegistryOfficesRevised,
)
from domain.record import present, require_happened, require_reason
from domain.values import CentreGrade

GRADES = tuple(reversed(CentreGrade))  # the lowest first


def establish(centre: Centre, establishment: Establishment, by: Stamp) -> Iterator[Event]:
    """Found the centre; its id is never used for a second one."""
    if centre.exists:
        raise Refused("centre-exists")
    require_happened(establishment.established_on, by)
    require_distinct(establishment.registry_offices)
    place = Place(centre=centre.id, region=establishment.region)
    yield CentreEstablished.of(centre, by, place=place, establishment=establishment)


def correct_establishment(centre: Centre, after: Establishment, by: Stamp) -> Iterator[Event]:
    """Put right what was entered at the founding, as long as no step in its life followed.

    Region and first day stay once facts were counted there: a later region is a reassignment.
    """
    before = require_unstepped(centre, by)
    if before == after:
        raise Refused("correction-changes-nothing", record=centre.id)
    if (before.region, before.established_on) != (after.region, after.established_on):
        require_no_records(centre)
    require_happened(after.established_on, by)
    require_distinct(after.registry_offices)
    yield EstablishmentCorrected.of(
        centre,
        by,
        place_before=centre.places[0][1],
        place=Place(centre=centre.id, region=after.region),
        before=before,
        after=after,
    )


def void_establishment(centre: Centre, by: Stamp) -> Iterator[Event]:
    """Take back a centre entered by mistake; whatever it counted must be voided first."""
    establishment = require_unstepped(centre, by)
    require_no_records(centre)
    yield EstablishmentVoided.of(centre, by, place=centre.places[0][1], establishment=establishment)


def relocate(centre: Centre, address: Text, by: Stamp) -> Iterator[Event]:
    """Move to another address within the region."""
    require_step(centre, by.occurred_on)
    yield CentreRelocated.of(centre, by, before=centre.address, after=address)


def revise_registry_offices(
    centre: Centre, offices: tuple[RegistryOffice, ...], by: Stamp
) -> Iterator[Event]:
    """Cover these registry offices from the stamp's date on."""
    require_step(centre, by.occurred_on)
    require_distinct(offices)
    yield RegistryOfficesRevised.of(
        centre, by, before=centre.registry_offices, after=offices, suspended=centre.suspended
    )


def suspend(centre: Centre, by: Stamp) -> Iterator[Event]:
    """Stop work after the stamp's date; refused when later work was counted already."""
    require_step(centre, by.occurred_on)
    if centre.suspended:
        raise Refused("centre-already-suspended")
    require_no_work_after(centre, by.occurred_on)
    yield CentreSuspended.of(centre, by, **centre.stocks)


def resume(centre: Centre, by: Stamp) -> Iterator[Event]:
    """Work again from the stamp's date on."""
    require_step(centre, by.occurred_on)
    if not centre.suspended:
        raise Refused("centre-not-suspended")
    yield CentreResumed.of(centre, by, **centre.stocks)


def close(centre: Centre, by: Stamp) -> Iterator[Event]:
    """Close after the stamp's date; facts of days up to it may still be entered late."""
    require_step(centre, by.occurred_on)
    require_no_work_after(centre, by.occurred_on)
    yield CentreClosed.of(centre, by, **centre.stocks, suspended=centre.suspended)


def void_closing(centre: Centre, by: Stamp) -> Iterator[Event]:
    """Take back a closing entered by mistake."""
    centre.require_established()
    require_reason(by)
    if centre.closed_on is None:
        raise Refused("centre-not-closed")
    yield ClosingVoided.of(
        centre,
        by,
        place=centre.place_on(centre.closed_on),
        **centre.stocks,
        closed_on=centre.closed_on,
        suspended=centre.suspended,
    )


def reassign(centre: Centre, to_region: UUID, effective_on: date, by: Stamp) -> Iterator[Event]:
    """Follow a change of boundaries: facts from `effective_on` on count in the new region."""
    require_step(centre, effective_on)
    require_happened(effective_on, by)
    from_region = centre.places[-1][1].region
    if to_region == from_region:
        raise Refused("region-unchanged", region=to_region)
    yield CentreReassigned.of(
        centre,
        by,
        place=Place(centre=centre.id, region=to_region),
        **centre.stocks,
        from_region=from_region,
        to_region=to_region,
        effective_on=effective_on,
        suspended=centre.suspended,
    )


def inspect_facilities(centre: Centre, inspection: Inspection, by: Stamp) -> Iterator[Event]:
    """Record an inspection; every point of the standard either passed or failed, once."""
    centre.require_existing(inspection.inspected_on)
    require_happened(inspection.inspected_on, by)
    if inspection.id in centre.inspections:
        raise Refused("record-exists", record=inspection.id)
    points = inspection.passed + inspection.failed
    if not points:
        raise Refused("inspection-empty")
    if len(set(points)) < len(points):
        raise Refused("inspection-point-twice")
    yield FacilitiesInspected.of(
        centre, by, place=centre.place_on(inspection.inspected_on), inspection=inspection
    )


def award_grade(
    centre: Centre, grade: CentreGrade, evidence: Evidence, by: Stamp
) -> Iterator[Event]:
    """Award a first or a higher grade."""
    require_gradable(centre, evidence, by)
    if centre.grade is not None and GRADES.index(grade) <= GRADES.index(centre.grade):
        raise Refused("grade-not-higher", grade=centre.grade)
    yield GradeAwarded.of(centre, by, before=centre.grade, grade=grade, evidence=evidence)


def review_grade(centre: Centre, evidence: Evidence, by: Stamp) -> Iterator[Event]:
    """Confirm the grade after a review."""
    require_gradable(centre, evidence, by)
    yield GradeReviewed.of(centre, by, grade=require_grade(centre), evidence=evidence)


def lower_grade(
    centre: Centre, grade: CentreGrade, evidence: Evidence, by: Stamp
) -> Iterator[Event]:
    """Lower the grade."""
    require_gradable(centre, evidence, by)
    before = require_grade(centre)
    if GRADES.index(grade) >= GRADES.index(before):
        raise Refused("grade-not-lower", grade=before)
    yield GradeLowered.of(centre, by, before=before, grade=grade, evidence=evidence)


def revoke_grade(centre: Centre, evidence: Evidence, by: Stamp) -> Iterator[Event]:
    """Take the grade away."""
    require_gradable(centre, evidence, by)
    yield GradeRevoked.of(centre, by, before=require_grade(centre), evidence=evidence)


def require_step(centre: Centre, on: date) -> None:
    """Refuse a step in the life of a closed centre, or one dated before the last step."""
    centre.require_established()
    if centre.closed_on is not None:
        raise Refused("centre-closed", closed_on=centre.closed_on)
    if on < centre.changed_on:
        raise Refused("steps-out-of-order", changed_on=centre.changed_on)


def require_unstepped(centre: Centre, by: Stamp) -> Establishment:
    """The establishment, as long as nothing in the centre's life builds on it."""
    require_reason(by)
    establishment = centre.require_established()
    if centre.stepped:
        raise Refused("establishment-built-upon")
    return establishment


def require_no_records(centre: Centre) -> None:
    """Refuse while anything counts at the centre."""
    books: tuple[Mapping[UUID, Any], ...] = (
        centre.outreach,
        centre.shifts,
        centre.appropriations,
        centre.spendings,
        centre.subsidies,
        centre.whistles,
    )
    if any(present(book) for book in books):
        raise Refused("establishment-has-records")


def require_no_work_after(centre: Centre, on: date) -> None:
    """Refuse to stop work before work that was counted already."""
    days = [
        *(held.record.on for held in present(centre.outreach)),
        *(worked.record.on for worked in present(centre.shifts)),
        *(whistle.assistance.on for whistle in present(centre.whistles)),
    ]
    if (last := max(days, default=on)) > on:
        raise Refused("work-recorded-after", last_work_on=last)


def require_gradable(centre: Centre, evidence: Evidence, by: Stamp) -> None:
    """Refuse a grade of a closed centre, and evidence that names an inspection of another."""
    centre.require_existing(by.occurred_on)
    if evidence.inspection is not None and evidence.inspection not in centre.inspections:
        raise Refused("inspection-unknown", inspection=evidence.inspection)


def require_grade(centre: Centre) -> CentreGrade:
    """Refuse to judge a grade that was never awarded."""
    if centre.grade is None:
        raise Refused("centre-not-graded")
    return centre.grade


def require_distinct(offices: tuple[RegistryOffice, ...]) -> None:
    """Refuse a registry office named twice: it is counted once."""
    if len({office.id for office in offices}) < len(offices):
        raise Refused("registry-office-twice")
