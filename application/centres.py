"""The centres desk: every change of a centre, station or room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from application.eventlog import Receipt
from application.membership import require_members, require_paid
from application.records import Command, Records
from application.territory import require_site
from domain import centre_assistance, centre_existence, centre_work
from domain.base import Stamp, Text, day
from domain.centre import Centre
from domain.centre_events import (
    Appropriation,
    AssistanceRequest,
    Establishment,
    Evidence,
    Inspection,
    Outreach,
    RegistryOffice,
    Shift,
    Spending,
    Subsidy,
)
from domain.values import CentreGrade


@dataclass(frozen=True, slots=True)
class Centres:
    """The commands on centres, stations and rooms."""

    records: Records

    def establish(self, centre_id: UUID, establishment: Establishment, by: Command) -> Receipt:
        """Found a centre in a region that exists; a room in the region of its village."""
        return self.records.change(
            by,
            Centre,
            centre_id,
            centre_existence.establish,
            establishment,
            check=lambda _: require_site(self.records, establishment.kind, establishment.region),
        )

    def correct_establishment(self, centre_id: UUID, after: Establishment, by: Command) -> Receipt:
        """Put right what was entered at the founding, as long as no step in its life followed."""
        return self.records.change(
            by,
            Centre,
            centre_id,
            centre_existence.correct_establishment,
            after,
            check=lambda _: require_site(self.records, after.kind, after.region),
        )

    def void_establishment(self, centre_id: UUID, by: Command) -> Receipt:
        """Take back a centre entered by mistake; whatever it counted must be voided first."""
        return self.records.change(by, Centre, centre_id, centre_existence.void_establishment)

    def relocate(self, centre_id: UUID, address: Text, by: Command) -> Receipt:
        """Move to another address within the region."""
        return self.records.change(by, Centre, centre_id, centre_existence.relocate, address)

    def revise_registry_offices(
        self, centre_id: UUID, offices: tuple[RegistryOffice, ...], by: Command
    ) -> Receipt:
        """Cover these registry offices from the stamp's date on."""
        return self.records.change(
            by, Centre, centre_id, centre_existence.revise_registry_offices, offices
        )

    def suspend(self, centre_id: UUID, by: Command) -> Receipt:
        """Stop work after the stamp's date; refused when later work was counted already."""
        return self.records.change(by, Centre, centre_id, centre_existence.suspend)

    def resume(self, centre_id: UUID, by: Command) -> Receipt:
        """Work again from the stamp's date on."""
        return self.records.change(by, Centre, centre_id, centre_existence.resume)

    def close(self, centre_id: UUID, by: Command) -> Receipt:
        """Close after the stamp's date; facts of days up to it may still be entered late."""
        return self.records.change(by, Centre, centre_id, centre_existence.close)

    def void_closing(self, centre_id: UUID, by: Command) -> Receipt:
        """Take back a closing entered by mistake."""
        return self.records.change(by, Centre, centre_id, centre_existence.void_closing)

    def reassign(
        self, centre_id: UUID, to_region: UUID, effective_on: date, by: Command
    ) -> Receipt:
        """Follow a change of boundaries: later facts count in the new region."""

        def require_same_site(_: Stamp) -> None:
            kind = self.records.get(Centre, centre_id).require_established().kind
            require_site(self.records, kind, to_region)

        return self.records.change(
            by,
            Centre,
            centre_id,
            centre_existence.reassign,
            to_region,
            effective_on,
            check=require_same_site,
        )

    def inspect_facilities(self, centre_id: UUID, inspection: Inspection, by: Command) -> Receipt:
        """Record an inspection; every point of the standard either passed or failed, once."""
        return self.records.change(
            by, Centre, centre_id, centre_existence.inspect_facilities, inspection
        )

    def award_grade(
        self, centre_id: UUID, grade: CentreGrade, evidence: Evidence, by: Command
    ) -> Receipt:
        """Award a first or a higher grade."""
        return self.records.change(
            by, Centre, centre_id, centre_existence.award_grade, grade, evidence
        )

    def review_grade(self, centre_id: UUID, evidence: Evidence, by: Command) -> Receipt:
        """Confirm the grade after a review."""
        return self.records.change(by, Centre, centre_id, centre_existence.review_grade, evidence)

    def lower_grade(
        self, centre_id: UUID, grade: CentreGrade, evidence: Evidence, by: Command
    ) -> Receipt:
        """Lower the grade."""
        return self.records.change(
            by, Centre, centre_id, centre_existence.lower_grade, grade, evidence
        )

    def revoke_grade(self, centre_id: UUID, evidence: Evidence, by: Command) -> Receipt:
        """Take the grade away."""
        return self.records.change(by, Centre, centre_id, centre_existence.revoke_grade, evidence)

    def hold_outreach(self, centre_id: UUID, outreach: Outreach, by: Command) -> Receipt:
        """Record a training or publicity event on a day on which the centre works."""
        return self.records.change(by, Centre, centre_id, centre_work.hold_outreach, outreach)

    def correct_outreach(self, centre_id: UUID, after: Outreach, by: Command) -> Receipt:
        """Put an outreach event right."""
        return self.records.change(by, Centre, centre_id, centre_work.correct_outreach, after)

    def void_outreach(self, centre_id: UUID, outreach_id: UUID, by: Command) -> Receipt:
        """Take an outreach event out of the figures."""
        return self.records.change(by, Centre, centre_id, centre_work.void_outreach, outreach_id)

    def work_shift(self, centre_id: UUID, shift: Shift, by: Command) -> Receipt:
        """Record a shift on a day on which the centre works."""
        return self.records.change(
            by,
            Centre,
            centre_id,
            centre_work.work_shift,
            shift,
            check=lambda _: require_members(self.records, [shift.practitioner], shift.on),
        )

    def correct_shift(self, centre_id: UUID, after: Shift, by: Command) -> Receipt:
        """Put a shift right."""
        return self.records.change(
            by,
            Centre,
            centre_id,
            centre_work.correct_shift,
            after,
            check=lambda _: require_members(self.records, [after.practitioner], after.on),
        )

    def void_shift(self, centre_id: UUID, shift_id: UUID, by: Command) -> Receipt:
        """Take a shift out of the figures."""
        return self.records.change(by, Centre, centre_id, centre_work.void_shift, shift_id)

    def appropriate_funds(
        self, centre_id: UUID, appropriation: Appropriation, by: Command
    ) -> Receipt:
        """Record funds granted while the centre exists."""
        return self.records.change(
            by, Centre, centre_id, centre_work.appropriate_funds, appropriation
        )

    def correct_appropriation(self, centre_id: UUID, after: Appropriation, by: Command) -> Receipt:
        """Put an appropriation right."""
        return self.records.change(by, Centre, centre_id, centre_work.correct_appropriation, after)

    def void_appropriation(self, centre_id: UUID, appropriation_id: UUID, by: Command) -> Receipt:
        """Take an appropriation out of the figures."""
        return self.records.change(
            by, Centre, centre_id, centre_work.void_appropriation, appropriation_id
        )

    def spend_funds(self, centre_id: UUID, spending: Spending, by: Command) -> Receipt:
        """Record a spending; a closed centre may still settle its bills."""
        return self.records.change(by, Centre, centre_id, centre_work.spend_funds, spending)

    def correct_spending(self, centre_id: UUID, after: Spending, by: Command) -> Receipt:
        """Put a spending right."""
        return self.records.change(by, Centre, centre_id, centre_work.correct_spending, after)

    def void_spending(self, centre_id: UUID, spending_id: UUID, by: Command) -> Receipt:
        """Take a spending out of the figures."""
        return self.records.change(by, Centre, centre_id, centre_work.void_spending, spending_id)

    def pay_subsidy(self, centre_id: UUID, subsidy: Subsidy, by: Command) -> Receipt:
        """Record a subsidy; a closed centre may still pay for work done before."""
        return self.records.change(
            by,
            Centre,
            centre_id,
            centre_work.pay_subsidy,
            subsidy,
            check=lambda stamp: require_paid(self.records, subsidy.practitioner, stamp),
        )

    def correct_subsidy(self, centre_id: UUID, after: Subsidy, by: Command) -> Receipt:
        """Put a subsidy right."""
        return self.records.change(
            by,
            Centre,
            centre_id,
            centre_work.correct_subsidy,
            after,
            check=lambda stamp: require_paid(self.records, after.practitioner, stamp),
        )

    def void_subsidy(self, centre_id: UUID, subsidy_id: UUID, by: Command) -> Receipt:
        """Take a subsidy out of the figures."""
        return self.records.change(by, Centre, centre_id, centre_work.void_subsidy, subsidy_id)

    def request_assistance(
        self, centre_id: UUID, request: AssistanceRequest, by: Command
    ) -> Receipt:
        """Whistle for volunteers (吹哨), on a day on which the station works."""
        return self.records.change(
            by, Centre, centre_id, centre_assistance.request_assistance, request
        )

    def dispatch_volunteer(
        self,
        centre_id: UUID,
        assistance_id: UUID,
        practitioner: UUID,
        dispatched_at: datetime,
        by: Command,
    ) -> Receipt:
        """Send a volunteer; several may be sent, each once, until the matter is settled."""
        return self.records.change(
            by,
            Centre,
            centre_id,
            centre_assistance.dispatch_volunteer,
            assistance_id,
            practitioner,
            dispatched_at,
            check=lambda _: require_members(self.records, [practitioner], day(dispatched_at)),
        )

    def volunteer_arrives(
        self,
        centre_id: UUID,
        assistance_id: UUID,
        practitioner: UUID,
        arrived_at: datetime,
        by: Command,
    ) -> Receipt:
        """A volunteer who was sent reports (报到); the first one answers the whistle."""
        return self.records.change(
            by,
            Centre,
            centre_id,
            centre_assistance.volunteer_arrives,
            assistance_id,
            practitioner,
            arrived_at,
        )

    def complete_assistance(
        self,
        centre_id: UUID,
        assistance_id: UUID,
        completed_at: datetime,
        result: Text | None,
        by: Command,
    ) -> Receipt:
        """Settle the matter, after a volunteer came."""
        return self.records.change(
            by,
            Centre,
            centre_id,
            centre_assistance.complete_assistance,
            assistance_id,
            completed_at,
            result,
        )

    def cancel_assistance(self, centre_id: UUID, assistance_id: UUID, by: Command) -> Receipt:
        """Call the request off before anyone arrived."""
        return self.records.change(
            by, Centre, centre_id, centre_assistance.cancel_assistance, assistance_id
        )

    def correct_assistance(
        self, centre_id: UUID, after: AssistanceRequest, arrived_at: datetime | None, by: Command
    ) -> Receipt:
        """Put a whistle right, and the time of its first answer."""
        return self.records.change(
            by, Centre, centre_id, centre_assistance.correct_assistance, after, arrived_at
        )

    def void_assistance(self, centre_id: UUID, assistance_id: UUID, by: Command) -> Receipt:
        """Take a whistle, with its answer, out of the figures."""
        return self.records.change(
            by, Centre, centre_id, centre_assistance.void_assistance, assistance_id
        )
