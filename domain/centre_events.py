"""What happens to a centre, station or room (中心/站/室): its values and its events.

Source: the “five ones” (五个一) of Shandong's review of 2019. `place` of an event is where the fact
counts; a correction names the place of both sides, so that figures reverse just what they counted.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from domain.base import (
    Count,
    Day,
    Event,
    Fen,
    FreeText,
    Instant,
    Minutes,
    Place,
    Stamp,
    Text,
    Value,
    day,
)
from domain.calendar import ClosingTime
from domain.record import Record
from domain.values import AssistanceStatus, CentreGrade, CentreKind, FundSource, OutreachKind


class RegistryOffice(Value):
    """A marriage-registration office (婚姻登记处) that a centre covers, and when it closes."""

    id: UUID
    name: Text
    county_level: bool
    closing: ClosingTime | None = None


class Establishment(Value):
    """What a centre is and where, from its first day on."""

    kind: CentreKind
    name: Text
    region: UUID
    established_on: Day
    registry_offices: tuple[RegistryOffice, ...] = ()
    address: Text | None = None


class Inspection(Value):
    """Facilities compared, point by point, with one version of a standard."""

    id: UUID
    standard: Text
    version: Text
    inspected_on: Day
    passed: tuple[Text, ...] = ()
    failed: tuple[Text, ...] = ()


class Evidence(Value):
    """What a decision about a grade rests on; an inspection named here is one of this centre."""

    document: Text
    inspection: UUID | None = None


class Outreach(Record):
    """A training or publicity event (培训宣传); attendance is `persons`, couples are apart."""

    kind: OutreachKind
    held_on: Day
    title: Text
    persons: Count
    couples: Count = 0
    materials: Count = 0
    online_views: Count = 0

    @property
    def on(self) -> date:
        return self.held_on


class Shift(Record):
    """A practitioner's duty at the centre."""

    practitioner: UUID
    started_at: Instant
    minutes: Minutes

    @property
    def on(self) -> date:
        return day(self.started_at)

    @property
    def ends_at(self) -> datetime:
        """The instant at which it ended."""
        return self.started_at + timedelta(minutes=self.minutes)


class Appropriation(Record):
    """Funds granted to the centre, in fen, by a numbered document."""

    source: FundSource
    document: Text
    fen: Fen
    appropriated_on: Day

    @property
    def on(self) -> date:
        return self.appropriated_on


class Spending(Record):
    """Funds spent by the centre, in fen."""

    purpose: Text
    fen: Fen
    spent_on: Day

    @property
    def on(self) -> date:
        return self.spent_on


class Subsidy(Record):
    """A subsidy paid to a practitioner, in fen."""

    practitioner: UUID
    fen: Fen
    paid_on: Day

    @property
    def on(self) -> date:
        return self.paid_on


class AssistanceRequest(Record):
    """The station whistles (吹哨): it asks for volunteers."""

    requested_at: Instant
    what: FreeText

    @property
    def on(self) -> date:
        return day(self.requested_at)


class Assistance(AssistanceRequest):
    """A whistle and what has become of it; the answer is the first arrival (报到)."""

    status: AssistanceStatus = AssistanceStatus.REQUESTED
    dispatched_at: Instant | None = None
    arrived_at: Instant | None = None
    response_minutes: int | None = None


class CentreEvent(Event):
    """A fact of a centre; `place` is where it counts.

    The region is the one the centre lay in on the fact's own date, so that a late entry counts
    where it happened.
    """

    place: Place

    @classmethod
    def of(cls, aggregate: Any, by: Stamp, **facts: Any) -> Self:
        """The next event of a centre, at its place on the stamp's date unless another is given."""
        if "place" not in facts:
            facts["place"] = aggregate.place_on(by.occurred_on)
        return super().of(aggregate, by, **facts)


class CentreStatusEvent(CentreEvent):
    """A step in a centre's life, dated by its stamp, with what the stocks need."""

    kind: CentreKind
    registry_offices: tuple[RegistryOffice, ...]


class CentreEstablished(CentreEvent, topic="centre.established.v1"):
    """A centre, station or room exists from `established_on` on."""

    establishment: Establishment


class EstablishmentCorrected(CentreEvent, topic="centre.establishment-corrected.v1"):
    """The establishment was entered wrongly; no step in the centre's life had followed yet."""

    place_before: Place
    before: Establishment
    after: Establishment


class EstablishmentVoided(CentreEvent, topic="centre.establishment-voided.v1"):
    """The centre was entered by mistake and never existed."""

    establishment: Establishment


class CentreRelocated(CentreEvent, topic="centre.relocated.v1"):
    """The centre moved to another address within its region."""

    before: Text | None = None
    after: Text


class RegistryOfficesRevised(CentreEvent, topic="centre.registry-offices-revised.v1"):
    """From the stamp's date on the centre covers other registry offices."""

    before: tuple[RegistryOffice, ...]
    after: tuple[RegistryOffice, ...]
    suspended: bool


class CentreSuspended(CentreStatusEvent, topic="centre.suspended.v1"):
    """The centre stops work for a time."""


class CentreResumed(CentreStatusEvent, topic="centre.resumed.v1"):
    """The centre works again."""


class CentreClosed(CentreStatusEvent, topic="centre.closed.v1"):
    """The centre is closed for good; `suspended` says whether it had stopped work before."""

    suspended: bool


class ClosingVoided(CentreStatusEvent, topic="centre.closing-voided.v1"):
    """The closing of `closed_on` was entered by mistake."""

    closed_on: Day
    suspended: bool


class CentreReassigned(CentreStatusEvent, topic="centre.reassigned.v1"):
    """After a change of boundaries the centre lies in another region, from `effective_on` on.

    `place` is the new place, of facts from that day on; facts recorded earlier keep theirs.
    """

    from_region: UUID
    to_region: UUID
    effective_on: Day
    suspended: bool


class FacilitiesInspected(CentreEvent, topic="centre.facilities-inspected.v1"):
    """The facilities were compared with a standard."""

    inspection: Inspection


class GradeAwarded(CentreEvent, topic="centre.grade-awarded.v1"):
    """The centre reached a grade, its first or a higher one."""

    before: CentreGrade | None = None
    grade: CentreGrade
    evidence: Evidence


class GradeReviewed(CentreEvent, topic="centre.grade-reviewed.v1"):
    """The grade was looked at again and stands."""

    grade: CentreGrade
    evidence: Evidence


class GradeLowered(CentreEvent, topic="centre.grade-lowered.v1"):
    """The grade was lowered."""

    before: CentreGrade
    grade: CentreGrade
    evidence: Evidence


class GradeRevoked(CentreEvent, topic="centre.grade-revoked.v1"):
    """The grade was taken away."""

    before: CentreGrade
    evidence: Evidence


class OutreachHeld(CentreEvent, topic="centre.outreach-held.v1"):
    """A training or publicity event took place."""

    outreach: Outreach


class OutreachCorrected(CentreEvent, topic="centre.outreach-corrected.v1"):
    """An outreach event was entered wrongly: `before` at `place_before`, `after` at `place`."""

    place_before: Place
    before: Outreach
    after: Outreach


class OutreachVoided(CentreEvent, topic="centre.outreach-voided.v1"):
    """An outreach event counts no longer."""

    outreach: Outreach


class AssistanceRequested(CentreEvent, topic="centre.assistance-requested.v1"):
    """The station whistled (吹哨)."""

    assistance: Assistance


class VolunteerDispatched(CentreEvent, topic="centre.volunteer-dispatched.v1"):
    """A volunteer was sent to answer a whistle."""

    assistance: Assistance
    practitioner: UUID
    dispatched_at: Instant


class VolunteerArrived(CentreEvent, topic="centre.volunteer-arrived.v1"):
    """A volunteer reported (报到); the `first` one answers the whistle.

    `response_minutes` are whole minutes from the request to this arrival.
    """

    assistance: Assistance
    practitioner: UUID
    requested_at: Instant
    arrived_at: Instant
    response_minutes: int
    first: bool


class AssistanceCompleted(CentreEvent, topic="centre.assistance-completed.v1"):
    """The whistle was answered and its matter settled."""

    assistance: Assistance
    completed_at: Instant
    result: FreeText | None = None


class AssistanceCancelled(CentreEvent, topic="centre.assistance-cancelled.v1"):
    """The station needed no help any more before anyone arrived."""

    assistance: Assistance


class AssistanceCorrected(CentreEvent, topic="centre.assistance-corrected.v1"):
    """A whistle or its answer was entered wrongly."""

    place_before: Place
    before: Assistance
    after: Assistance


class AssistanceVoided(CentreEvent, topic="centre.assistance-voided.v1"):
    """A whistle, with its answer, counts no longer."""

    assistance: Assistance


class ShiftWorked(CentreEvent, topic="centre.shift-worked.v1"):
    """A practitioner was on duty."""

    shift: Shift


class ShiftCorrected(CentreEvent, topic="centre.shift-corrected.v1"):
    """A shift was entered wrongly."""

    place_before: Place
    before: Shift
    after: Shift


class ShiftVoided(CentreEvent, topic="centre.shift-voided.v1"):
    """A shift counts no longer."""

    shift: Shift


class FundsAppropriated(CentreEvent, topic="centre.funds-appropriated.v1"):
    """Funds were granted to the centre."""

    appropriation: Appropriation


class AppropriationCorrected(CentreEvent, topic="centre.appropriation-corrected.v1"):
    """An appropriation was entered wrongly."""

    place_before: Place
    before: Appropriation
    after: Appropriation


class AppropriationVoided(CentreEvent, topic="centre.appropriation-voided.v1"):
    """An appropriation counts no longer."""

    appropriation: Appropriation


class FundsSpent(CentreEvent, topic="centre.funds-spent.v1"):
    """Funds were spent; more than was appropriated is a finding of a review, not refused."""

    spending: Spending


class SpendingCorrected(CentreEvent, topic="centre.spending-corrected.v1"):
    """A spending was entered wrongly."""

    place_before: Place
    before: Spending
    after: Spending


class SpendingVoided(CentreEvent, topic="centre.spending-voided.v1"):
    """A spending counts no longer."""

    spending: Spending


class SubsidyPaid(CentreEvent, topic="centre.subsidy-paid.v1"):
    """A practitioner was paid a subsidy."""

    subsidy: Subsidy


class SubsidyCorrected(CentreEvent, topic="centre.subsidy-corrected.v1"):
    """A subsidy was entered wrongly."""

    place_before: Place
    before: Subsidy
    after: Subsidy


class SubsidyVoided(CentreEvent, topic="centre.subsidy-voided.v1"):
    """A subsidy counts no longer."""

    subsidy: Subsidy


AnyCentreEvent = (
    ShiftWorked
    | OutreachHeld
    | AssistanceRequested
    | VolunteerDispatched
    | VolunteerArrived
    | AssistanceCompleted
    | SubsidyPaid
    | FundsSpent
    | FundsAppropriated
    | ShiftCorrected
    | ShiftVoided
    | OutreachCorrected
    | OutreachVoided
    | AssistanceCancelled
    | AssistanceCorrected
    | AssistanceVoided
    | SubsidyCorrected
    | SubsidyVoided
    | SpendingCorrected
    | SpendingVoided
    | AppropriationCorrected
    | AppropriationVoided
    | CentreEstablished
    | EstablishmentCorrected
    | EstablishmentVoided
    | CentreRelocated
    | RegistryOfficesRevised
    | CentreSuspended
    | CentreResumed
    | CentreClosed
    | ClosingVoided
    | CentreReassigned
    | FacilitiesInspected
    | GradeAwarded
    | GradeReviewed
    | GradeLowered
    | GradeRevoked
)
