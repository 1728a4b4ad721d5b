"""What a centre (中心/站/室) does and spends: outreach, shifts, funds and subsidies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from domain.base import Event, Stamp
from domain.centre import Centre
from domain.centre_events import (
    Appropriation,
    AppropriationCorrected,
    AppropriationVoided,
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
)
from domain.record import (
    AnyRecord,
    Entered,
    find_corrected,
    find_voided,
    require_happened,
    require_new,
    require_over,
)


def hold_outreach(centre: Centre, outreach: Outreach, by: Stamp) -> Iterator[Event]:
    """Record a training or publicity event on a day on which the centre works."""
    centre.require_working(outreach.on)
    require_new(centre.outreach, outreach, by)
    yield OutreachHeld.of(centre, by, place=centre.place_on(outreach.on), outreach=outreach)


def correct_outreach(centre: Centre, after: Outreach, by: Stamp) -> Iterator[Event]:
    """Put an outreach event right."""
    before = find_corrected(centre.outreach, after, by)
    centre.require_working(after.on)
    yield OutreachCorrected.of(centre, by, **correction(centre, before, after))


def void_outreach(centre: Centre, outreach_id: UUID, by: Stamp) -> Iterator[Event]:
    """Take an outreach event out of the figures."""
    outreach, place = find_voided(centre.outreach, outreach_id, by)
    yield OutreachVoided.of(centre, by, place=place, outreach=outreach)


def work_shift(centre: Centre, shift: Shift, by: Stamp) -> Iterator[Event]:
    """Record a shift on a day on which the centre works."""
    centre.require_working(shift.on)
    require_new(centre.shifts, shift, by)
    require_happened(shift.started_at, by)
    require_over(shift.ends_at, by)
    yield ShiftWorked.of(centre, by, place=centre.place_on(shift.on), shift=shift)


def correct_shift(centre: Centre, after: Shift, by: Stamp) -> Iterator[Event]:
    """Put a shift right."""
    before = find_corrected(centre.shifts, after, by)
    centre.require_working(after.on)
    require_happened(after.started_at, by)
    require_over(after.ends_at, by)
    yield ShiftCorrected.of(centre, by, **correction(centre, before, after))


def void_shift(centre: Centre, shift_id: UUID, by: Stamp) -> Iterator[Event]:
    """Take a shift out of the figures."""
    shift, place = find_voided(centre.shifts, shift_id, by)
    yield ShiftVoided.of(centre, by, place=place, shift=shift)


def appropriate_funds(centre: Centre, appropriation: Appropriation, by: Stamp) -> Iterator[Event]:
    """Record funds granted while the centre exists."""
    centre.require_existing(appropriation.on)
    require_new(centre.appropriations, appropriation, by)
    yield FundsAppropriated.of(
        centre, by, place=centre.place_on(appropriation.on), appropriation=appropriation
    )


def correct_appropriation(centre: Centre, after: Appropriation, by: Stamp) -> Iterator[Event]:
    """Put an appropriation right."""
    before = find_corrected(centre.appropriations, after, by)
    centre.require_existing(after.on)
    yield AppropriationCorrected.of(centre, by, **correction(centre, before, after))


def void_appropriation(centre: Centre, appropriation_id: UUID, by: Stamp) -> Iterator[Event]:
    """Take an appropriation out of the figures."""
    appropriation, place = find_voided(centre.appropriations, appropriation_id, by)
    yield AppropriationVoided.of(centre, by, place=place, appropriation=appropriation)


def spend_funds(centre: Centre, spending: Spending, by: Stamp) -> Iterator[Event]:
    """Record a spending; a closed centre may still settle its bills."""
    centre.require_begun(spending.on)
    require_new(centre.spendings, spending, by)
    yield FundsSpent.of(centre, by, place=centre.place_on(spending.on), spending=spending)


def correct_spending(centre: Centre, after: Spending, by: Stamp) -> Iterator[Event]:
    """Put a spending right."""
    before = find_corrected(centre.spendings, after, by)
    centre.require_begun(after.on)
    yield SpendingCorrected.of(centre, by, **correction(centre, before, after))


def void_spending(centre: Centre, spending_id: UUID, by: Stamp) -> Iterator[Event]:
    """Take a spending out of the figures."""
    spending, place = find_voided(centre.spendings, spending_id, by)
    yield SpendingVoided.of(centre, by, place=place, spending=spending)


def pay_subsidy(centre: Centre, subsidy: Subsidy, by: Stamp) -> Iterator[Event]:
    """Record a subsidy; a closed centre may still pay for work done before."""
    centre.require_begun(subsidy.on)
    require_new(centre.subsidies, subsidy, by)
    yield SubsidyPaid.of(centre, by, place=centre.place_on(subsidy.on), subsidy=subsidy)


def correct_subsidy(centre: Centre, after: Subsidy, by: Stamp) -> Iterator[Event]:
    """Put a subsidy right."""
    before = find_corrected(centre.subsidies, after, by)
    centre.require_begun(after.on)
    yield SubsidyCorrected.of(centre, by, **correction(centre, before, after))


def void_subsidy(centre: Centre, subsidy_id: UUID, by: Stamp) -> Iterator[Event]:
    """Take a subsidy out of the figures."""
    subsidy, place = find_voided(centre.subsidies, subsidy_id, by)
    yield SubsidyVoided.of(centre, by, place=place, subsidy=subsidy)


def correction(centre: Centre, before: Entered[AnyRecord], after: AnyRecord) -> dict[str, Any]:
    """The facts of a correction: a record that keeps its date keeps its place."""
    same_day = before.record.on == after.on
    return {
        "place_before": before.place,
        "place": before.place if same_day else centre.place_on(after.on),
        "before": before.record,
        "after": after,
    }
