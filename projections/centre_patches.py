"""What centres and practitioners write in the ledgers of outreach, service, funds, assistance."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from application.eventlog import Recorded
from domain.base import Place
from domain.centre_events import (
    Appropriation,
    AppropriationCorrected,
    AppropriationVoided,
    Assistance,
    AssistanceCancelled,
    AssistanceCompleted,
    AssistanceCorrected,
    AssistanceRequested,
    AssistanceVoided,
    FundsAppropriated,
    FundsSpent,
    Outreach,
    OutreachCorrected,
    OutreachHeld,
    OutreachVoided,
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
from domain.practitioner_events import (
    ServiceHours,
    ServiceHoursCorrected,
    ServiceHoursCredited,
    ServiceHoursVoided,
)
from domain.values import FundsKind, RecordStatus, ServiceKind
from projections.directory_patches import served
from projections.patches import Patch, Patchers


def entered(
    ledger: str, row: UUID, recorded: Recorded, place: Place, values: dict[str, object]
) -> list[Patch]:
    """A new row."""
    entry = {**values, "status": RecordStatus.VALID, "recorded_at": recorded.recorded_at}
    return [Patch(ledger, row, recorded.position, place, entry)]


def corrected(
    ledger: str, row: UUID, recorded: Recorded, place: Place, values: dict[str, object]
) -> list[Patch]:
    """A row put right, perhaps at another place."""
    right = {**values, "status": RecordStatus.CORRECTED}
    return [Patch(ledger, row, recorded.position, place, right)]


def struck(ledger: str, row: UUID, recorded: Recorded) -> list[Patch]:
    """A row marked as voided; it stays in the ledger."""
    return [Patch(ledger, row, recorded.position, None, {"status": RecordStatus.VOIDED})]


def outreach_held(event: OutreachHeld, recorded: Recorded) -> list[Patch]:
    held = event.outreach
    return entered("outreach", held.id, recorded, event.place, outreach_values(held))


def outreach_corrected(event: OutreachCorrected, recorded: Recorded) -> list[Patch]:
    after = event.after
    return corrected("outreach", after.id, recorded, event.place, outreach_values(after))


def outreach_voided(event: OutreachVoided, recorded: Recorded) -> list[Patch]:
    return struck("outreach", event.outreach.id, recorded)


def outreach_values(outreach: Outreach) -> dict[str, object]:
    return {
        "held_on": outreach.held_on,
        "kind": outreach.kind,
        "title": outreach.title,
        "persons": outreach.persons,
        "couples": outreach.couples,
        "materials": outreach.materials,
        "online_views": outreach.online_views,
    }


def shift_worked(event: ShiftWorked, recorded: Recorded) -> list[Patch]:
    shift = event.shift
    return entered("volunteer_service", shift.id, recorded, event.place, shift_values(shift))


def shift_corrected(event: ShiftCorrected, recorded: Recorded) -> list[Patch]:
    after = event.after
    return corrected("volunteer_service", after.id, recorded, event.place, shift_values(after))


def shift_voided(event: ShiftVoided, recorded: Recorded) -> list[Patch]:
    return struck("volunteer_service", event.shift.id, recorded)


def shift_values(shift: Shift) -> dict[str, object]:
    return {
        "practitioner": shift.practitioner,
        "kind": ServiceKind.SHIFT,
        "served_on": shift.on,
        "started_at": shift.started_at,
        "ended_at": shift.started_at + timedelta(minutes=shift.minutes),
        "minutes": shift.minutes,
    }


def hours_credited(event: ServiceHoursCredited, recorded: Recorded) -> list[Patch]:
    hours = event.hours
    values = hours_values(event.originator_id, hours)
    return [
        *entered("volunteer_service", hours.id, recorded, hours.place, values),
        *served(event, recorded, hours.credited),
    ]


def hours_corrected(event: ServiceHoursCorrected, recorded: Recorded) -> list[Patch]:
    after = event.after
    values = hours_values(event.originator_id, after)
    return [
        *corrected("volunteer_service", after.id, recorded, after.place, values),
        *served(event, recorded, after.credited - event.before.credited),
    ]


def hours_voided(event: ServiceHoursVoided, recorded: Recorded) -> list[Patch]:
    return [
        *struck("volunteer_service", event.hours.id, recorded),
        *served(event, recorded, -event.hours.credited),
    ]


def hours_values(practitioner: UUID, hours: ServiceHours) -> dict[str, object]:
    return {
        "practitioner": practitioner,
        "kind": ServiceKind.SERVICE,
        "served_on": hours.on,
        "started_at": hours.started_at,
        "ended_at": hours.ended_at,
        "minutes": hours.credited,
        "rule": hours.rule,
    }


def appropriated(event: FundsAppropriated, recorded: Recorded) -> list[Patch]:
    granted = event.appropriation
    return entered("funds", granted.id, recorded, event.place, appropriation_values(granted))


def appropriation_corrected(event: AppropriationCorrected, recorded: Recorded) -> list[Patch]:
    after = event.after
    return corrected("funds", after.id, recorded, event.place, appropriation_values(after))


def appropriation_voided(event: AppropriationVoided, recorded: Recorded) -> list[Patch]:
    return struck("funds", event.appropriation.id, recorded)


def appropriation_values(appropriation: Appropriation) -> dict[str, object]:
    return {
        "kind": FundsKind.APPROPRIATION,
        "booked_on": appropriation.appropriated_on,
        "fen": appropriation.fen,
        "source": appropriation.source,
        "document": appropriation.document,
    }


def spent(event: FundsSpent, recorded: Recorded) -> list[Patch]:
    spending = event.spending
    return entered("funds", spending.id, recorded, event.place, spending_values(spending))


def spending_corrected(event: SpendingCorrected, recorded: Recorded) -> list[Patch]:
    after = event.after
    return corrected("funds", after.id, recorded, event.place, spending_values(after))


def spending_voided(event: SpendingVoided, recorded: Recorded) -> list[Patch]:
    return struck("funds", event.spending.id, recorded)


def spending_values(spending: Spending) -> dict[str, object]:
    return {
        "kind": FundsKind.SPENDING,
        "booked_on": spending.spent_on,
        "fen": spending.fen,
        "purpose": spending.purpose,
    }


def subsidy_paid(event: SubsidyPaid, recorded: Recorded) -> list[Patch]:
    paid = event.subsidy
    return entered("funds", paid.id, recorded, event.place, subsidy_values(paid))


def subsidy_corrected(event: SubsidyCorrected, recorded: Recorded) -> list[Patch]:
    after = event.after
    return corrected("funds", after.id, recorded, event.place, subsidy_values(after))


def subsidy_voided(event: SubsidyVoided, recorded: Recorded) -> list[Patch]:
    return struck("funds", event.subsidy.id, recorded)


def subsidy_values(subsidy: Subsidy) -> dict[str, object]:
    return {
        "kind": FundsKind.SUBSIDY,
        "booked_on": subsidy.paid_on,
        "fen": subsidy.fen,
        "practitioner": subsidy.practitioner,
    }


def whistled(event: AssistanceRequested, recorded: Recorded) -> list[Patch]:
    values = {
        **assistance_values(event.assistance),
        "volunteers": 0,
        "recorded_at": recorded.recorded_at,
    }
    row = event.assistance.id
    return [Patch("assistance", row, recorded.position, event.place, values)]


def dispatched(event: VolunteerDispatched, recorded: Recorded) -> list[Patch]:
    assistance = event.assistance
    values: dict[str, object] = {
        "status": assistance.status,
        "dispatched_at": assistance.dispatched_at,
    }
    added = {"volunteers": 1}
    return [Patch("assistance", assistance.id, recorded.position, None, values, added)]


def arrived(event: VolunteerArrived, recorded: Recorded) -> list[Patch]:
    if not event.first:
        return []
    values = {**assistance_values(event.assistance), "volunteer": event.practitioner}
    return [Patch("assistance", event.assistance.id, recorded.position, None, values)]


def completed(event: AssistanceCompleted, recorded: Recorded) -> list[Patch]:
    values: dict[str, object] = {
        "status": event.assistance.status,
        "completed_at": event.completed_at,
        "result": event.result,
    }
    return [Patch("assistance", event.assistance.id, recorded.position, None, values)]


def assistance_cancelled(event: AssistanceCancelled, recorded: Recorded) -> list[Patch]:
    values: dict[str, object] = {"status": event.assistance.status}
    return [Patch("assistance", event.assistance.id, recorded.position, None, values)]


def assistance_corrected(event: AssistanceCorrected, recorded: Recorded) -> list[Patch]:
    after = event.after
    values = assistance_values(after)
    if after.arrived_at is None:
        values["volunteer"] = None
    return [Patch("assistance", after.id, recorded.position, event.place, values)]


def assistance_voided(event: AssistanceVoided, recorded: Recorded) -> list[Patch]:
    return struck("assistance", event.assistance.id, recorded)


def assistance_values(assistance: Assistance) -> dict[str, object]:
    return {
        "requested_on": assistance.on,
        "requested_at": assistance.requested_at,
        "what": assistance.what,
        "status": assistance.status,
        "dispatched_at": assistance.dispatched_at,
        "arrived_at": assistance.arrived_at,
        "response_minutes": assistance.response_minutes,
    }


PATCHERS: Final[Patchers] = {
    OutreachHeld: outreach_held,
    OutreachCorrected: outreach_corrected,
    OutreachVoided: outreach_voided,
    ShiftWorked: shift_worked,
    ShiftCorrected: shift_corrected,
    ShiftVoided: shift_voided,
    ServiceHoursCredited: hours_credited,
    ServiceHoursCorrected: hours_corrected,
    ServiceHoursVoided: hours_voided,
    FundsAppropriated: appropriated,
    AppropriationCorrected: appropriation_corrected,
    AppropriationVoided: appropriation_voided,
    FundsSpent: spent,
    SpendingCorrected: spending_corrected,
    SpendingVoided: spending_voided,
    SubsidyPaid: subsidy_paid,
    SubsidyCorrected: subsidy_corrected,
    SubsidyVoided: subsidy_voided,
    AssistanceRequested: whistled,
    VolunteerDispatched: dispatched,
    VolunteerArrived: arrived,
    AssistanceCompleted: completed,
    AssistanceCancelled: assistance_cancelled,
    AssistanceCorrected: assistance_corrected,
    AssistanceVoided: assistance_voided,
}
