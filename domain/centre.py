"""A centre, station or room (中心/站/室): its life, facilities, grade, outreach, help and funds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple, Self, assert_never
from uuid import UUID

from domain.base import Aggregate, Event, Place, Refused, Stamp, Text
from domain.centre_events import (
    AnyCentreEvent,
    Appropriation,
    AppropriationCorrected,
    AppropriationVoided,
    Assistance,
    AssistanceCancelled,
    AssistanceCompleted,
    AssistanceCorrected,
    AssistanceRequest,
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
    Evidence,
    FacilitiesInspected,
    FundsAppropriated,
    FundsSpent,
    GradeAwarded,
    GradeLowered,
    GradeReviewed,
    GradeRevoked,
    Inspection,
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
    AnyRecord,
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
    require_reason,
)
from domain.values import AssistanceStatus, CentreGrade

GRADES = tuple(reversed(CentreGrade))  # the lowest first


class Whistle(NamedTuple):
    """A request for assistance, where it counts, and who was sent and came."""

    assistance: Assistance
    place: Place
    dispatched: Mapping[UUID, datetime]
    arrived: frozenset[UUID] = frozenset()


class Suspension(NamedTuple):
    """The days strictly between stopping and resuming work take no facts; None: not resumed yet."""

    suspended_on: date
    resumed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Centre(Aggregate):
    """A centre, station or room."""

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
    outreach: Book[Outreach] = field(default_factory=dict)
    shifts: Book[Shift] = field(default_factory=dict)
    appropriations: Book[Appropriation] = field(default_factory=dict)
    spendings: Book[Spending] = field(default_factory=dict)
    subsidies: Book[Subsidy] = field(default_factory=dict)
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

    def establish(self, establishment: Establishment, by: Stamp) -> Iterator[Event]:
        """Found the centre; its id is never used for a second one."""
        if self.version:
            raise Refused("centre-exists")
        require_happened(establishment.established_on, by)
        require_distinct(establishment.registry_offices)
        place = Place(centre=self.id, region=establishment.region)
        yield CentreEstablished.of(self, by, place=place, establishment=establishment)

    def correct_establishment(self, after: Establishment, by: Stamp) -> Iterator[Event]:
        """Put right what was entered at the founding, as long as no step in its life followed.

        Region and first day stay once facts were counted there: a later region is a reassignment.
        """
        before = self.require_unstepped(by)
        if before == after:
            raise Refused("correction-changes-nothing", record=self.id)
        if (before.region, before.established_on) != (after.region, after.established_on):
            self.require_no_records()
        require_happened(after.established_on, by)
        require_distinct(after.registry_offices)
        yield EstablishmentCorrected.of(
            self,
            by,
            place_before=self.places[0][1],
            place=Place(centre=self.id, region=after.region),
            before=before,
            after=after,
        )

    def void_establishment(self, by: Stamp) -> Iterator[Event]:
        """Take back a centre entered by mistake; whatever it counted must be voided first."""
        establishment = self.require_unstepped(by)
        self.require_no_records()
        yield EstablishmentVoided.of(self, by, place=self.places[0][1], establishment=establishment)

    def relocate(self, address: Text, by: Stamp) -> Iterator[Event]:
        """Move to another address within the region."""
        self.require_step(by.occurred_on)
        yield CentreRelocated.of(self, by, before=self.address, after=address)

    def revise_registry_offices(
        self, offices: tuple[RegistryOffice, ...], by: Stamp
    ) -> Iterator[Event]:
        """Cover these registry offices from the stamp's date on."""
        self.require_step(by.occurred_on)
        require_distinct(offices)
        yield RegistryOfficesRevised.of(
            self, by, before=self.registry_offices, after=offices, suspended=self.suspended
        )

    def suspend(self, by: Stamp) -> Iterator[Event]:
        """Stop work after the stamp's date; refused when later work was counted already."""
        self.require_step(by.occurred_on)
        if self.suspended:
            raise Refused("centre-already-suspended")
        self.require_no_work_after(by.occurred_on)
        yield CentreSuspended.of(self, by, **self.stocks)

    def resume(self, by: Stamp) -> Iterator[Event]:
        """Work again from the stamp's date on."""
        self.require_step(by.occurred_on)
        if not self.suspended:
            raise Refused("centre-not-suspended")
        yield CentreResumed.of(self, by, **self.stocks)

    def close(self, by: Stamp) -> Iterator[Event]:
        """Close after the stamp's date; facts of days up to it may still be entered late."""
        self.require_step(by.occurred_on)
        self.require_no_work_after(by.occurred_on)
        yield CentreClosed.of(self, by, **self.stocks, suspended=self.suspended)

    def void_closing(self, by: Stamp) -> Iterator[Event]:
        """Take back a closing entered by mistake."""
        self.require_established()
        require_reason(by)
        if self.closed_on is None:
            raise Refused("centre-not-closed")
        yield ClosingVoided.of(
            self,
            by,
            place=self.place_on(self.closed_on),
            **self.stocks,
            closed_on=self.closed_on,
            suspended=self.suspended,
        )

    def reassign(self, to_region: UUID, effective_on: date, by: Stamp) -> Iterator[Event]:
        """Follow a change of boundaries: facts from `effective_on` on count in the new region."""
        self.require_step(effective_on)
        require_happened(effective_on, by)
        from_region = self.places[-1][1].region
        if to_region == from_region:
            raise Refused("region-unchanged", region=to_region)
        yield CentreReassigned.of(
            self,
            by,
            place=Place(centre=self.id, region=to_region),
            **self.stocks,
            from_region=from_region,
            to_region=to_region,
            effective_on=effective_on,
            suspended=self.suspended,
        )

    def inspect_facilities(self, inspection: Inspection, by: Stamp) -> Iterator[Event]:
        """Record an inspection; every point of the standard either passed or failed, once."""
        self.require_existing(inspection.inspected_on)
        require_happened(inspection.inspected_on, by)
        if inspection.id in self.inspections:
            raise Refused("record-exists", record=inspection.id)
        points = inspection.passed + inspection.failed
        if not points:
            raise Refused("inspection-empty")
        if len(set(points)) < len(points):
            raise Refused("inspection-point-twice")
        yield FacilitiesInspected.of(
            self, by, place=self.place_on(inspection.inspected_on), inspection=inspection
        )

    def award_grade(self, grade: CentreGrade, evidence: Evidence, by: Stamp) -> Iterator[Event]:
        """Award a first or a higher grade."""
        self.require_gradable(evidence, by)
        if self.grade is not None and GRADES.index(grade) <= GRADES.index(self.grade):
            raise Refused("grade-not-higher", grade=self.grade)
        yield GradeAwarded.of(self, by, before=self.grade, grade=grade, evidence=evidence)

    def review_grade(self, evidence: Evidence, by: Stamp) -> Iterator[Event]:
        """Confirm the grade after a review."""
        self.require_gradable(evidence, by)
        yield GradeReviewed.of(self, by, grade=self.require_grade(), evidence=evidence)

    def lower_grade(self, grade: CentreGrade, evidence: Evidence, by: Stamp) -> Iterator[Event]:
        """Lower the grade."""
        self.require_gradable(evidence, by)
        before = self.require_grade()
        if GRADES.index(grade) >= GRADES.index(before):
            raise Refused("grade-not-lower", grade=before)
        yield GradeLowered.of(self, by, before=before, grade=grade, evidence=evidence)

    def revoke_grade(self, evidence: Evidence, by: Stamp) -> Iterator[Event]:
        """Take the grade away."""
        self.require_gradable(evidence, by)
        yield GradeRevoked.of(self, by, before=self.require_grade(), evidence=evidence)

    def hold_outreach(self, outreach: Outreach, by: Stamp) -> Iterator[Event]:
        """Record a training or publicity event on a day on which the centre works."""
        self.require_working(outreach.on)
        require_new(self.outreach, outreach, by)
        yield OutreachHeld.of(self, by, place=self.place_on(outreach.on), outreach=outreach)

    def correct_outreach(self, after: Outreach, by: Stamp) -> Iterator[Event]:
        """Put an outreach event right."""
        before = find_corrected(self.outreach, after, by)
        self.require_working(after.on)
        yield OutreachCorrected.of(self, by, **self.correction(before, after))

    def void_outreach(self, outreach_id: UUID, by: Stamp) -> Iterator[Event]:
        """Take an outreach event out of the figures."""
        outreach, place = find_voided(self.outreach, outreach_id, by)
        yield OutreachVoided.of(self, by, place=place, outreach=outreach)

    def work_shift(self, shift: Shift, by: Stamp) -> Iterator[Event]:
        """Record a shift on a day on which the centre works."""
        self.require_working(shift.on)
        require_new(self.shifts, shift, by)
        require_happened(shift.started_at, by)
        yield ShiftWorked.of(self, by, place=self.place_on(shift.on), shift=shift)

    def correct_shift(self, after: Shift, by: Stamp) -> Iterator[Event]:
        """Put a shift right."""
        before = find_corrected(self.shifts, after, by)
        self.require_working(after.on)
        require_happened(after.started_at, by)
        yield ShiftCorrected.of(self, by, **self.correction(before, after))

    def void_shift(self, shift_id: UUID, by: Stamp) -> Iterator[Event]:
        """Take a shift out of the figures."""
        shift, place = find_voided(self.shifts, shift_id, by)
        yield ShiftVoided.of(self, by, place=place, shift=shift)

    def appropriate_funds(self, appropriation: Appropriation, by: Stamp) -> Iterator[Event]:
        """Record funds granted while the centre exists."""
        self.require_existing(appropriation.on)
        require_new(self.appropriations, appropriation, by)
        yield FundsAppropriated.of(
            self, by, place=self.place_on(appropriation.on), appropriation=appropriation
        )

    def correct_appropriation(self, after: Appropriation, by: Stamp) -> Iterator[Event]:
        """Put an appropriation right."""
        before = find_corrected(self.appropriations, after, by)
        self.require_existing(after.on)
        yield AppropriationCorrected.of(self, by, **self.correction(before, after))

    def void_appropriation(self, appropriation_id: UUID, by: Stamp) -> Iterator[Event]:
        """Take an appropriation out of the figures."""
        appropriation, place = find_voided(self.appropriations, appropriation_id, by)
        yield AppropriationVoided.of(self, by, place=place, appropriation=appropriation)

    def spend_funds(self, spending: Spending, by: Stamp) -> Iterator[Event]:
        """Record a spending; a closed centre may still settle its bills."""
        self.require_begun(spending.on)
        require_new(self.spendings, spending, by)
        yield FundsSpent.of(self, by, place=self.place_on(spending.on), spending=spending)

    def correct_spending(self, after: Spending, by: Stamp) -> Iterator[Event]:
        """Put a spending right."""
        before = find_corrected(self.spendings, after, by)
        self.require_begun(after.on)
        yield SpendingCorrected.of(self, by, **self.correction(before, after))

    def void_spending(self, spending_id: UUID, by: Stamp) -> Iterator[Event]:
        """Take a spending out of the figures."""
        spending, place = find_voided(self.spendings, spending_id, by)
        yield SpendingVoided.of(self, by, place=place, spending=spending)

    def pay_subsidy(self, subsidy: Subsidy, by: Stamp) -> Iterator[Event]:
        """Record a subsidy; a closed centre may still pay for work done before."""
        self.require_begun(subsidy.on)
        require_new(self.subsidies, subsidy, by)
        yield SubsidyPaid.of(self, by, place=self.place_on(subsidy.on), subsidy=subsidy)

    def correct_subsidy(self, after: Subsidy, by: Stamp) -> Iterator[Event]:
        """Put a subsidy right."""
        before = find_corrected(self.subsidies, after, by)
        self.require_begun(after.on)
        yield SubsidyCorrected.of(self, by, **self.correction(before, after))

    def void_subsidy(self, subsidy_id: UUID, by: Stamp) -> Iterator[Event]:
        """Take a subsidy out of the figures."""
        subsidy, place = find_voided(self.subsidies, subsidy_id, by)
        yield SubsidyVoided.of(self, by, place=place, subsidy=subsidy)

    def request_assistance(self, request: AssistanceRequest, by: Stamp) -> Iterator[Event]:
        """Whistle for volunteers (吹哨), on a day on which the station works."""
        self.require_working(request.on)
        if request.id in self.whistles:
            raise Refused("record-exists", record=request.id)
        require_happened(request.requested_at, by)
        assistance = Assistance(id=request.id, requested_at=request.requested_at, what=request.what)
        yield AssistanceRequested.of(
            self, by, place=self.place_on(request.on), assistance=assistance
        )

    def dispatch_volunteer(
        self, assistance_id: UUID, practitioner: UUID, dispatched_at: datetime, by: Stamp
    ) -> Iterator[Event]:
        """Send a volunteer; several may be sent, each once, until the matter is settled."""
        whistle = self.require_whistle(assistance_id)
        before = whistle.assistance
        self.require_unsettled(before)
        if practitioner in whistle.dispatched:
            raise Refused("volunteer-already-dispatched", practitioner=practitioner)
        require_in_order(before.requested_at, dispatched_at)
        require_happened(dispatched_at, by)
        changes: dict[str, Any] = {}
        if before.status is AssistanceStatus.REQUESTED:
            changes["status"] = AssistanceStatus.DISPATCHED
        if before.dispatched_at is None:
            changes["dispatched_at"] = dispatched_at
        yield VolunteerDispatched.of(
            self,
            by,
            place=whistle.place,
            assistance=before.model_copy(update=changes),
            practitioner=practitioner,
            dispatched_at=dispatched_at,
        )

    def volunteer_arrives(
        self, assistance_id: UUID, practitioner: UUID, arrived_at: datetime, by: Stamp
    ) -> Iterator[Event]:
        """A volunteer who was sent reports (报到); the first one answers the whistle."""
        whistle = self.require_whistle(assistance_id)
        before = whistle.assistance
        self.require_unsettled(before)
        if practitioner not in whistle.dispatched:
            raise Refused("volunteer-not-dispatched", practitioner=practitioner)
        if practitioner in whistle.arrived:
            raise Refused("volunteer-already-arrived", practitioner=practitioner)
        require_in_order(whistle.dispatched[practitioner], arrived_at)
        require_happened(arrived_at, by)
        first = before.arrived_at is None
        yield VolunteerArrived.of(
            self,
            by,
            place=whistle.place,
            assistance=answered(before, arrived_at) if first else before,
            practitioner=practitioner,
            requested_at=before.requested_at,
            arrived_at=arrived_at,
            response_minutes=minutes_between(before.requested_at, arrived_at),
            first=first,
        )

    def complete_assistance(
        self, assistance_id: UUID, completed_at: datetime, result: Text | None, by: Stamp
    ) -> Iterator[Event]:
        """Settle the matter, after a volunteer came."""
        whistle = self.require_whistle(assistance_id)
        self.require_unsettled(whistle.assistance)
        if whistle.assistance.arrived_at is None:
            raise Refused("assistance-unanswered", record=assistance_id)
        require_in_order(whistle.assistance.arrived_at, completed_at)
        require_happened(completed_at, by)
        completed = {"status": AssistanceStatus.COMPLETED}
        yield AssistanceCompleted.of(
            self,
            by,
            place=whistle.place,
            assistance=whistle.assistance.model_copy(update=completed),
            completed_at=completed_at,
            result=result,
        )

    def cancel_assistance(self, assistance_id: UUID, by: Stamp) -> Iterator[Event]:
        """Call the request off before anyone arrived."""
        whistle = self.require_whistle(assistance_id)
        self.require_unsettled(whistle.assistance)
        if whistle.assistance.arrived_at is not None:
            raise Refused("assistance-answered", record=assistance_id)
        cancelled = {"status": AssistanceStatus.CANCELLED}
        yield AssistanceCancelled.of(
            self,
            by,
            place=whistle.place,
            assistance=whistle.assistance.model_copy(update=cancelled),
        )

    def correct_assistance(
        self, after: AssistanceRequest, arrived_at: datetime | None, by: Stamp
    ) -> Iterator[Event]:
        """Put a whistle right, and the time of its first answer.

        None as `arrived_at` takes a wrongly entered arrival back, unless the matter is settled.
        """
        require_reason(by)
        whistle = self.require_whistle(after.id)
        before = whistle.assistance
        self.require_working(after.on)
        require_happened(after.requested_at, by)
        require_in_order(after.requested_at, before.dispatched_at)
        corrected = before.model_copy(
            update={"requested_at": after.requested_at, "what": after.what}
        )
        if arrived_at is not None:
            if before.arrived_at is None:
                raise Refused("assistance-unanswered", record=after.id)
            require_in_order(before.dispatched_at, arrived_at)
            require_happened(arrived_at, by)
            corrected = answered(corrected, arrived_at)
        elif before.arrived_at is not None:
            if before.status is AssistanceStatus.COMPLETED:
                raise Refused("assistance-settled", record=after.id)
            corrected = unanswered(corrected)
        if corrected == before:
            raise Refused("correction-changes-nothing", record=after.id)
        yield AssistanceCorrected.of(
            self,
            by,
            place_before=whistle.place,
            place=whistle.place if after.on == before.on else self.place_on(after.on),
            before=before,
            after=corrected,
        )

    def void_assistance(self, assistance_id: UUID, by: Stamp) -> Iterator[Event]:
        """Take a whistle, with its answer, out of the figures."""
        require_reason(by)
        whistle = self.require_whistle(assistance_id)
        yield AssistanceVoided.of(self, by, place=whistle.place, assistance=whistle.assistance)

    @property
    def stocks(self) -> dict[str, Any]:
        """What the stocks of centres and registry offices need."""
        return {"kind": self.require_established().kind, "registry_offices": self.registry_offices}

    def correction(self, before: Entered[AnyRecord], after: AnyRecord) -> dict[str, Any]:
        """The facts of a correction: a record that keeps its date keeps its place."""
        same_day = before.record.on == after.on
        return {
            "place_before": before.place,
            "place": before.place if same_day else self.place_on(after.on),
            "before": before.record,
            "after": after,
        }

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
        for suspended_on, resumed_on in self.suspensions:
            if suspended_on < on and (resumed_on is None or on < resumed_on):
                raise Refused("centre-suspended", suspended_on=suspended_on)

    def require_step(self, on: date) -> None:
        """Refuse a step in the life of a closed centre, or one dated before the last step."""
        self.require_established()
        if self.closed_on is not None:
            raise Refused("centre-closed", closed_on=self.closed_on)
        if on < self.changed_on:
            raise Refused("steps-out-of-order", changed_on=self.changed_on)

    def require_unstepped(self, by: Stamp) -> Establishment:
        """The establishment, as long as nothing in the centre's life builds on it."""
        require_reason(by)
        establishment = self.require_established()
        if self.stepped:
            raise Refused("establishment-built-upon")
        return establishment

    def require_no_records(self) -> None:
        """Refuse while anything counts at the centre."""
        books: tuple[Mapping[UUID, Any], ...] = (
            self.outreach,
            self.shifts,
            self.appropriations,
            self.spendings,
            self.subsidies,
            self.whistles,
        )
        if any(present(book) for book in books):
            raise Refused("establishment-has-records")

    def require_no_work_after(self, on: date) -> None:
        """Refuse to stop work before work that was counted already."""
        days = [
            *(held.record.on for held in present(self.outreach)),
            *(worked.record.on for worked in present(self.shifts)),
            *(whistle.assistance.on for whistle in present(self.whistles)),
        ]
        if (last := max(days, default=on)) > on:
            raise Refused("work-recorded-after", last_work_on=last)

    def require_gradable(self, evidence: Evidence, by: Stamp) -> None:
        """Refuse a grade of a closed centre, and evidence that names an inspection of another."""
        self.require_existing(by.occurred_on)
        if evidence.inspection is not None and evidence.inspection not in self.inspections:
            raise Refused("inspection-unknown", inspection=evidence.inspection)

    def require_grade(self) -> CentreGrade:
        """Refuse to judge a grade that was never awarded."""
        if self.grade is None:
            raise Refused("centre-not-graded")
        return self.grade

    def require_whistle(self, assistance_id: UUID) -> Whistle:
        """The request as it stands now."""
        self.require_established()
        return find(self.whistles, assistance_id)

    def require_unsettled(self, assistance: Assistance) -> None:
        """Refuse a further step once a request is completed or cancelled."""
        if assistance.status in (AssistanceStatus.COMPLETED, AssistanceStatus.CANCELLED):
            raise Refused("assistance-settled", record=assistance.id)

    def evolve(self, event: AnyCentreEvent) -> Self:
        """The state after one more event."""
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
                return self.stepping(on, suspensions=(*self.suspensions, Suspension(on)))
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
            case GradeAwarded(grade=grade) | GradeReviewed(grade=grade) | GradeLowered(grade=grade):
                return replace(self, grade=grade)
            case GradeRevoked():
                return replace(self, grade=None)
            case _:
                assert_never(event)

    def with_whistle(self, assistance: Assistance, whistle: Whistle) -> Self:
        """The state with this request as it stands now."""
        now = whistle._replace(assistance=assistance)
        return replace(self, whistles={**self.whistles, assistance.id: now})

    def stepping(self, on: date, **changes: Any) -> Self:
        """The state after a step in the centre's life."""
        return replace(self, stepped=True, changed_on=on, **changes)


def answered(assistance: Assistance, arrived_at: datetime) -> Assistance:
    """The request with its first answer; one that is settled stays so."""
    settled = assistance.status is AssistanceStatus.COMPLETED
    return assistance.model_copy(
        update={
            "status": assistance.status if settled else AssistanceStatus.ARRIVED,
            "arrived_at": arrived_at,
            "response_minutes": minutes_between(assistance.requested_at, arrived_at),
        }
    )


def unanswered(assistance: Assistance) -> Assistance:
    """The request as if nobody had come yet."""
    return assistance.model_copy(
        update={
            "status": AssistanceStatus.DISPATCHED,
            "arrived_at": None,
            "response_minutes": None,
        }
    )


def require_distinct(offices: tuple[RegistryOffice, ...]) -> None:
    """Refuse a registry office named twice: it is counted once."""
    if len({office.id for office in offices}) < len(offices):
        raise Refused("registry-office-twice")
