"""Centre (中心/站/室): a place of counselling, and how it evolves.

The decisions are functions of this state in the modules beside it: `centre_existence`,
`centre_work` and `centre_assistance`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple, Self, assert_never
from uuid import UUID

from domain.base import Aggregate, Place, Refused
from domain.centre_events import (
    AnyCentreEvent,
    Appropriation,
    AppropriationCorrected,
    AppropriationVoided,
    Assistance,
    AssistanceCancelled,
    AssistanceCompleted,
    AssistanceCorrected,
    AssistanceRequested,
    AssistanceVoided,
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
    FacilitiesInspected,
    FundsAppropriated,
    FundsSpent,
    GradeAwarded,
    GradeLowered,
    GradeReviewed,
    GradeRevoked,
    Outreach,
    OutreachCorrected,
    OutreachHeld,
    OutreachVoided,
    RegistryOffice,
    RegistryOfficesRevised,
    Shift,
    ShiftCorrected,
    ShiftVoided,
    ShiftWorked,
    Spending,
    SpendingCorrected,
    SpendingVoided,
    Subsidy,
    SubsidyCorrected,
    SubsidyPaid,
    SubsidyVoided,
    VolunteerArrived,
    VolunteerDispatched,
)
from domain.record import (
    Book,
    Entered,
    find,
)
from domain.values import CentreGrade


class Whistle(NamedTuple):
    """A request for assistance, where it counts, and who was sent and came."""

    assistance: Assistance
    place: Place
    dispatched: Mapping[UUID, datetime]
    arrived: frozenset[UUID] = frozenset()


class Suspension(NamedTuple):
    """The days strictly between stopping and resuming work take no facts; None: not resumed yet.

    `suspended_by` is the office that stopped it.
    """

    suspended_on: date
    suspended_by: UUID
    resumed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Centre(Aggregate):
    """A centre, station or room.

    `graded_by` is the office that awarded, lowered or took its grade last, `booked_by` are those
    that entered or corrected its funds, by the ids of the records.
    """

    about = "centre"

    establishment: Establishment | None = None
    stepped: bool = False
    changed_on: date = date.min
    closed_on: date | None = None
    suspensions: tuple[Suspension, ...] = ()
    places: tuple[tuple[date, Place], ...] = ()
    registry_offices: tuple[RegistryOffice, ...] = ()
    address: str | None = None
    inspections: frozenset[UUID] = frozenset()
    grade: CentreGrade | None = None
    graded_by: UUID | None = None
    outreach: Book[Outreach] = field(default_factory=dict)
    shifts: Book[Shift] = field(default_factory=dict)
    appropriations: Book[Appropriation] = field(default_factory=dict)
    spendings: Book[Spending] = field(default_factory=dict)
    subsidies: Book[Subsidy] = field(default_factory=dict)
    booked_by: Mapping[UUID, frozenset[UUID]] = field(default_factory=dict)
    whistles: Mapping[UUID, Whistle | None] = field(default_factory=dict)

    @property
    def suspended(self) -> bool:
        """Whether the centre has stopped work for a time."""
        return bool(self.suspensions) and self.suspensions[-1].resumed_on is None

    def place_on(self, on: date) -> Place:
        """Where facts of a date count: the centre in the region it lay in then."""
        for since, place in reversed(self.places):
            if since <= on:
                return place
        return self.places[0][1]

    @property
    def stocks(self) -> dict[str, Any]:
        """What the stocks of centres and registry offices need."""
        return {"kind": self.require_established().kind, "registry_offices": self.registry_offices}

    def require_established(self) -> Establishment:
        """Refuse anything before a centre is established, or after it was voided."""
        if self.establishment is None:
            raise Refused("centre-not-established")
        return self.establishment

    def require_begun(self, on: date) -> None:
        """Refuse a fact before the centre's first day."""
        if on < (first := self.require_established().established_on):
            raise Refused("before-establishment", established_on=first)

    def require_existing(self, on: date) -> None:
        """Refuse a fact before the centre's first day or after its last."""
        self.require_begun(on)
        if self.closed_on is not None and on > self.closed_on:
            raise Refused("centre-closed", closed_on=self.closed_on)

    def require_working(self, on: date) -> None:
        """Refuse a fact on a day on which the centre does not work."""
        self.require_existing(on)
        for suspended_on, _, resumed_on in self.suspensions:
            if suspended_on < on and (resumed_on is None or on < resumed_on):
                raise Refused("centre-suspended", suspended_on=suspended_on)

    def require_whistle(self, assistance_id: UUID) -> Whistle:
        """The request as it stands now."""
        self.require_established()
        return find(self.whistles, assistance_id)

    def evolve(self, event: AnyCentreEvent) -> Self:
        """The state after one more event."""
        after, entry = self.changed(event), entry_of_funds(event)
        if entry is None:
            return after
        offices = self.booked_by.get(entry, frozenset()) | {event.stamp.office}
        return replace(after, booked_by={**self.booked_by, entry: offices})

    def changed(self, event: AnyCentreEvent) -> Self:
        """The state after what one more event says of the centre."""
        match event:
            case ShiftWorked(shift=record, place=place):
                return replace(self, shifts={**self.shifts, record.id: Entered(record, place)})
            case OutreachHeld(outreach=held, place=place):
                return replace(self, outreach={**self.outreach, held.id: Entered(held, place)})
            case AssistanceRequested(assistance=asked, place=place):
                return self.with_whistle(asked, Whistle(asked, place, {}))
            case VolunteerDispatched(assistance=a, practitioner=who, dispatched_at=at):
                whistle = self.require_whistle(a.id)
                return self.with_whistle(
                    a, whistle._replace(dispatched={**whistle.dispatched, who: at})
                )
            case VolunteerArrived(assistance=a, practitioner=who):
                whistle = self.require_whistle(a.id)
                return self.with_whistle(a, whistle._replace(arrived=whistle.arrived | {who}))
            case AssistanceCompleted(assistance=a) | AssistanceCancelled(assistance=a):
                return self.with_whistle(a, self.require_whistle(a.id))
            case SubsidyPaid(subsidy=paid, place=place):
                return replace(self, subsidies={**self.subsidies, paid.id: Entered(paid, place)})
            case FundsSpent(spending=spent, place=place):
                return replace(self, spendings={**self.spendings, spent.id: Entered(spent, place)})
            case FundsAppropriated(appropriation=granted, place=place):
                entered = Entered(granted, place)
                return replace(self, appropriations={**self.appropriations, granted.id: entered})
            case ShiftCorrected(after=after, place=place):
                return replace(self, shifts={**self.shifts, after.id: Entered(after, place)})
            case ShiftVoided(shift=record):
                return replace(self, shifts={**self.shifts, record.id: None})
            case OutreachCorrected(after=after, place=place):
                return replace(self, outreach={**self.outreach, after.id: Entered(after, place)})
            case OutreachVoided(outreach=held):
                return replace(self, outreach={**self.outreach, held.id: None})
            case AssistanceCorrected(after=after, place=place):
                whistle = self.require_whistle(after.id)._replace(place=place)
                if after.arrived_at is None:
                    whistle = whistle._replace(arrived=frozenset())
                return self.with_whistle(after, whistle)
            case AssistanceVoided(assistance=a):
                return replace(self, whistles={**self.whistles, a.id: None})
            case SubsidyCorrected(after=after, place=place):
                return replace(self, subsidies={**self.subsidies, after.id: Entered(after, place)})
            case SubsidyVoided(subsidy=paid):
                return replace(self, subsidies={**self.subsidies, paid.id: None})
            case SpendingCorrected(after=after, place=place):
                return replace(self, spendings={**self.spendings, after.id: Entered(after, place)})
            case SpendingVoided(spending=spent):
                return replace(self, spendings={**self.spendings, spent.id: None})
            case AppropriationCorrected(after=after, place=place):
                revised = Entered(after, place)
                return replace(self, appropriations={**self.appropriations, after.id: revised})
            case AppropriationVoided(appropriation=granted):
                return replace(self, appropriations={**self.appropriations, granted.id: None})
            case (
                CentreEstablished(establishment=founded, place=place)
                | EstablishmentCorrected(after=founded, place=place)
            ):
                return replace(
                    self,
                    establishment=founded,
                    changed_on=founded.established_on,
                    places=((founded.established_on, place),),
                    registry_offices=founded.registry_offices,
                    address=founded.address,
                )
            case EstablishmentVoided():
                return replace(self, establishment=None)
            case CentreRelocated(after=address):
                return self.stepping(event.stamp.occurred_on, address=address)
            case RegistryOfficesRevised(after=offices):
                return self.stepping(event.stamp.occurred_on, registry_offices=offices)
            case CentreSuspended():
                on = event.stamp.occurred_on
                stopped = Suspension(on, event.stamp.office)
                return self.stepping(on, suspensions=(*self.suspensions, stopped))
            case CentreResumed():
                on = event.stamp.occurred_on
                ended = self.suspensions[-1]._replace(resumed_on=on)
                return self.stepping(on, suspensions=(*self.suspensions[:-1], ended))
            case CentreClosed():
                return replace(self, stepped=True, closed_on=event.stamp.occurred_on)
            case ClosingVoided():
                return replace(self, closed_on=None)
            case CentreReassigned(effective_on=on, place=place):
                return self.stepping(on, places=(*self.places, (on, place)))
            case FacilitiesInspected(inspection=inspection):
                return replace(self, inspections=self.inspections | {inspection.id})
            case GradeAwarded(grade=grade) | GradeLowered(grade=grade):
                return replace(self, grade=grade, graded_by=event.stamp.office)
            case GradeReviewed(grade=grade):
                return replace(self, grade=grade)
            case GradeRevoked():
                return replace(self, grade=None, graded_by=event.stamp.office)
            case _:
                assert_never(event)

    def with_whistle(self, assistance: Assistance, whistle: Whistle) -> Self:
        """The state with this request as it stands now."""
        now = whistle._replace(assistance=assistance)
        return replace(self, whistles={**self.whistles, assistance.id: now})

    def stepping(self, on: date, **changes: Any) -> Self:
        """The state after a step in the centre's life."""
        return replace(self, stepped=True, changed_on=on, **changes)


def entry_of_funds(event: AnyCentreEvent) -> UUID | None:
    """The id of the record of funds that an event enters or corrects."""
    match event:
        case FundsAppropriated(appropriation=entry) | AppropriationCorrected(after=entry):
            return entry.id
        case FundsSpent(spending=entry) | SpendingCorrected(after=entry):
            return entry.id
        case SubsidyPaid(subsidy=entry) | SubsidyCorrected(after=entry):
            return entry.id
        case _:
            return None
