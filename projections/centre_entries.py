"""What the events of a centre count: centres and offices, outreach, help, shifts, funds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from operator import attrgetter
from typing import Final
from uuid import UUID, uuid5

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
    CentreClosed,
    CentreEstablished,
    CentreReassigned,
    CentreRelocated,
    CentreResumed,
    CentreStatusEvent,
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
from domain.values import AssistanceStatus, CentreKind
from projections.entries import (
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

OUTREACH_EVENTS: Final = number("outreach_events")
OUTREACH_ATTENDANCE: Final = number("outreach_attendance")
OUTREACH_COUPLES: Final = number("outreach_couples")
OUTREACH_MATERIALS: Final = number("outreach_materials")
OUTREACH_ONLINE_VIEWS: Final = number("outreach_online_views")
WHISTLES: Final = number("whistles")
WHISTLES_ANSWERED: Final = number("whistles_answered")
WHISTLES_CANCELLED: Final = number("whistles_cancelled")
RESPONSE_MINUTES: Final = number("response_minutes")
SHIFTS: Final = number("shifts")
SHIFT_MINUTES: Final = number("shift_minutes")
REGISTRY_OFFICES: Final = number("registry_offices")
REGISTRY_OFFICES_COUNTY: Final = number("registry_offices_county")
FUNDS_APPROPRIATED: Final = number("funds_appropriated")
FUNDS_SPENT: Final = number("funds_spent")
SUBSIDIES_PAID: Final = number("subsidies_paid")
CENTRES: Final = {
    CentreKind.CENTRE: number("centres_centre"),
    CentreKind.STATION: number("centres_station"),
    CentreKind.ROOM: number("centres_room"),
}


def established(event: CentreEstablished) -> list[Entry]:
    return establishment_entries(event.originator_id, event.establishment, event.place)


def establishment_corrected(event: EstablishmentCorrected) -> list[Entry]:
    subject = event.originator_id
    return changed(
        establishment_entries(subject, event.before, event.place_before),
        establishment_entries(subject, event.after, event.place),
    )


def establishment_voided(event: EstablishmentVoided) -> list[Entry]:
    return taken_back(establishment_entries(event.originator_id, event.establishment, event.place))


def establishment_entries(subject: UUID, establishment: Establishment, place: Place) -> list[Entry]:
    kind, offices = establishment.kind, establishment.registry_offices
    return centre_entries(subject, kind, offices, place, establishment.established_on)


def offices_revised(event: RegistryOfficesRevised) -> list[Entry]:
    if event.suspended:
        return []
    on = event.stamp.occurred_on
    return net(
        office_entries(event.before, event.place, on), office_entries(event.after, event.place, on)
    )


def suspended(event: CentreSuspended) -> list[Entry]:
    return taken_back(status_entries(event, event.place, event.stamp.occurred_on))


def resumed(event: CentreResumed) -> list[Entry]:
    return status_entries(event, event.place, event.stamp.occurred_on)


def centre_closed(event: CentreClosed) -> list[Entry]:
    if event.suspended:
        return []
    return taken_back(status_entries(event, event.place, event.stamp.occurred_on))


def closing_voided(event: ClosingVoided) -> list[Entry]:
    return [] if event.suspended else status_entries(event, event.place, event.closed_on)


def reassigned(event: CentreReassigned) -> list[Entry]:
    if event.suspended:
        return []
    place, on = event.place, event.effective_on
    return changed(
        status_entries(event, Place(centre=place.centre, region=event.from_region), on),
        status_entries(event, place, on),
    )


def status_entries(event: CentreStatusEvent, place: Place, on: date) -> list[Entry]:
    return centre_entries(event.originator_id, event.kind, event.registry_offices, place, on)


def centre_entries(
    subject: UUID,
    kind: CentreKind,
    offices: Iterable[RegistryOffice],
    place: Place,
    on: date,
) -> list[Entry]:
    """A centre that works, and the registry offices it covers."""
    entry = Entry(CENTRES[kind], place.centre, place.region, subject, on, 1)
    return [entry, *office_entries(offices, place, on)]


def office_entries(offices: Iterable[RegistryOffice], place: Place, on: date) -> Iterator[Entry]:
    """The offices that a centre covers; one that two centres cover is covered twice."""
    assert place.centre is not None, "an office is covered by a centre"
    for office in offices:
        at = (place.centre, place.region, uuid5(place.centre, f"office:{office.id}"), on, 1)
        yield Entry(REGISTRY_OFFICES, *at)
        if office.county_level:
            yield Entry(REGISTRY_OFFICES_COUNTY, *at)


def outreach_held(event: OutreachHeld) -> list[Entry]:
    return outreach_entries(event.outreach, event.place)


def outreach_corrected(event: OutreachCorrected) -> list[Entry]:
    return changed(
        outreach_entries(event.before, event.place_before),
        outreach_entries(event.after, event.place),
    )


def outreach_voided(event: OutreachVoided) -> list[Entry]:
    return taken_back(outreach_entries(event.outreach, event.place))


def outreach_entries(outreach: Outreach, place: Place) -> list[Entry]:
    at = (place.centre, place.region, outreach.id, outreach.held_on)
    quantities = (
        (OUTREACH_EVENTS, 1),
        (OUTREACH_ATTENDANCE, outreach.persons),
        (OUTREACH_COUPLES, outreach.couples),
        (OUTREACH_MATERIALS, outreach.materials),
        (OUTREACH_ONLINE_VIEWS, outreach.online_views),
    )
    return [Entry(indicator, *at, quantity) for indicator, quantity in quantities if quantity]


def whistled(event: AssistanceRequested) -> list[Entry]:
    return assistance_entries(event.assistance, event.place)


def arrived(event: VolunteerArrived) -> list[Entry]:
    if not event.first:
        return []
    at = whistle(event.assistance, event.place)
    return [Entry(WHISTLES_ANSWERED, *at, 1), Entry(RESPONSE_MINUTES, *at, event.response_minutes)]


def whistle_cancelled(event: AssistanceCancelled) -> list[Entry]:
    return [Entry(WHISTLES_CANCELLED, *whistle(event.assistance, event.place), 1)]


def assistance_corrected(event: AssistanceCorrected) -> list[Entry]:
    return changed(
        assistance_entries(event.before, event.place_before),
        assistance_entries(event.after, event.place),
    )


def assistance_voided(event: AssistanceVoided) -> list[Entry]:
    return taken_back(assistance_entries(event.assistance, event.place))


def assistance_entries(assistance: Assistance, place: Place) -> list[Entry]:
    """A whistle and its answer, both on the day of the whistle."""
    at = whistle(assistance, place)
    entries = [Entry(WHISTLES, *at, 1)]
    if assistance.response_minutes is not None:
        entries.append(Entry(WHISTLES_ANSWERED, *at, 1))
        entries.append(Entry(RESPONSE_MINUTES, *at, assistance.response_minutes))
    if assistance.status is AssistanceStatus.CANCELLED:
        entries.append(Entry(WHISTLES_CANCELLED, *at, 1))
    return entries


def whistle(assistance: Assistance, place: Place) -> tuple[UUID | None, UUID, UUID, date]:
    return place.centre, place.region, assistance.id, assistance.on


def shift_worked(event: ShiftWorked) -> list[Entry]:
    return shift_entries(event.shift, event.place)


def shift_corrected(event: ShiftCorrected) -> list[Entry]:
    return changed(
        shift_entries(event.before, event.place_before), shift_entries(event.after, event.place)
    )


def shift_voided(event: ShiftVoided) -> list[Entry]:
    return taken_back(shift_entries(event.shift, event.place))


def shift_entries(shift: Shift, place: Place) -> list[Entry]:
    at = (place.centre, place.region, shift.id, shift.on)
    return [
        Entry(SHIFTS, *at, 1, shift.practitioner),
        Entry(SHIFT_MINUTES, *at, shift.minutes, shift.practitioner),
    ]


def appropriated(event: FundsAppropriated) -> list[Entry]:
    return [money_entry(FUNDS_APPROPRIATED, event.appropriation, event.place)]


def appropriation_corrected(event: AppropriationCorrected) -> list[Entry]:
    return money_corrected(FUNDS_APPROPRIATED, event)


def appropriation_voided(event: AppropriationVoided) -> list[Entry]:
    return taken_back([money_entry(FUNDS_APPROPRIATED, event.appropriation, event.place)])


def spent(event: FundsSpent) -> list[Entry]:
    return [money_entry(FUNDS_SPENT, event.spending, event.place)]


def spending_corrected(event: SpendingCorrected) -> list[Entry]:
    return money_corrected(FUNDS_SPENT, event)


def spending_voided(event: SpendingVoided) -> list[Entry]:
    return taken_back([money_entry(FUNDS_SPENT, event.spending, event.place)])


def subsidy_paid(event: SubsidyPaid) -> list[Entry]:
    return [money_entry(SUBSIDIES_PAID, event.subsidy, event.place)]


def subsidy_corrected(event: SubsidyCorrected) -> list[Entry]:
    return money_corrected(SUBSIDIES_PAID, event)


def subsidy_voided(event: SubsidyVoided) -> list[Entry]:
    return taken_back([money_entry(SUBSIDIES_PAID, event.subsidy, event.place)])


Money = Appropriation | Spending | Subsidy
MoneyCorrected = AppropriationCorrected | SpendingCorrected | SubsidyCorrected


def money_corrected(indicator: int, event: MoneyCorrected) -> list[Entry]:
    before: Money = event.before
    after: Money = event.after
    return changed(
        [money_entry(indicator, before, event.place_before)],
        [money_entry(indicator, after, event.place)],
    )


def money_entry(indicator: int, money: Money, place: Place) -> Entry:
    who = money.practitioner if isinstance(money, Subsidy) else None
    return Entry(indicator, place.centre, place.region, money.id, money.on, money.fen, who)


RULES: Final[Rules] = {
    CentreEstablished: Rule(established, on=attrgetter("establishment.established_on")),
    EstablishmentCorrected: correcting(establishment_corrected),
    EstablishmentVoided: correcting(establishment_voided),
    RegistryOfficesRevised: Rule(offices_revised),
    CentreSuspended: Rule(suspended),
    CentreResumed: Rule(resumed),
    CentreClosed: Rule(centre_closed),
    ClosingVoided: correcting(closing_voided),
    CentreReassigned: Rule(reassigned),
    OutreachHeld: Rule(outreach_held, on=attrgetter("outreach.held_on")),
    OutreachCorrected: correcting(outreach_corrected),
    OutreachVoided: correcting(outreach_voided),
    AssistanceRequested: Rule(whistled, on=attrgetter("assistance.on")),
    VolunteerArrived: Rule(arrived),
    AssistanceCancelled: Rule(whistle_cancelled),
    AssistanceCorrected: correcting(assistance_corrected),
    AssistanceVoided: correcting(assistance_voided),
    ShiftWorked: Rule(shift_worked, on=attrgetter("shift.on")),
    ShiftCorrected: correcting(shift_corrected),
    ShiftVoided: correcting(shift_voided),
    FundsAppropriated: Rule(appropriated, on=attrgetter("appropriation.on")),
    AppropriationCorrected: correcting(appropriation_corrected),
    AppropriationVoided: correcting(appropriation_voided),
    FundsSpent: Rule(spent, on=attrgetter("spending.on")),
    SpendingCorrected: correcting(spending_corrected),
    SpendingVoided: correcting(spending_voided),
    SubsidyPaid: Rule(subsidy_paid, on=attrgetter("subsidy.on")),
    SubsidyCorrected: correcting(subsidy_corrected),
    SubsidyVoided: correcting(subsidy_voided),
}

UNCOUNTED: Final[Kinds] = frozenset(
    {
        CentreRelocated,
        FacilitiesInspected,
        GradeAwarded,
        GradeReviewed,
        GradeLowered,
        GradeRevoked,
        VolunteerDispatched,
        AssistanceCompleted,
    }
)
