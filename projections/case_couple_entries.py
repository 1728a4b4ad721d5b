"""What couples count: who applied, who was counselled, how it ended and whether that held."""

from __future__ import annotations

from datetime import date
from operator import attrgetter
from typing import Final
from uuid import UUID

from domain.base import Place
from domain.case_counselling_events import CounsellingBegan, CounsellingRedated, CounsellingUndone
from domain.case_facts import Application, Began, OutcomeRecord
from domain.case_registry_events import (
    ApplicationAccepted,
    ApplicationCorrected,
    ApplicationObserved,
    ApplicationVoided,
    DeferralBreakVoided,
    DeferralBroken,
    OutcomeConfirmed,
    OutcomeDeclared,
    OutcomeRevised,
    OutcomeVoided,
)
from projections.entries import Entry, Rule, Rules, changed, correcting, net, number, taken_back
from projections.indicators import OUTCOMES, WITHOUT_APPLICATION

APPLICATIONS: Final = number("applications")
COUPLES_COUNSELLED: Final = number("couples_counselled")
COUPLES_COUNSELLED_OTHER: Final = number("couples_counselled_other")
PENDING: Final = number("pending")
PENDING_COUNSELLED: Final = number("pending_counselled")
DEFERRALS_BROKEN_180: Final = number("deferrals_broken_180")
DEFERRALS_BROKEN_365: Final = number("deferrals_broken_365")
DEFERRALS_SUSTAINED_180: Final = number("deferrals_sustained_180")
DEFERRALS_SUSTAINED_365: Final = number("deferrals_sustained_365")
ENDED: Final = {outcome: number(code) for outcome, (code, _) in OUTCOMES.items()}
ENDED_UNCOUNSELLED: Final = {
    outcome: number(f"{code}_uncounselled") for outcome, (code, _) in OUTCOMES.items()
}
ENDED_OTHER: Final = {
    outcome: number(f"{OUTCOMES[outcome][0]}_other") for outcome in WITHOUT_APPLICATION
}
SUSTAINED: Final = (
    (180, DEFERRALS_BROKEN_180, DEFERRALS_SUSTAINED_180),
    (365, DEFERRALS_BROKEN_365, DEFERRALS_SUSTAINED_365),
)


def applied(event: ApplicationObserved | ApplicationAccepted) -> list[Entry]:
    subject, began = event.originator_id, event.began
    entries = application_entries(subject, event.application, event.place)
    if began is not None:
        applied_at = began.model_copy(update={"applied_at": event.place})
        entries += changed(began_entries(subject, began), began_entries(subject, applied_at))
    return entries


def application_corrected(event: ApplicationCorrected) -> list[Entry]:
    subject, place = event.originator_id, event.place
    return changed(
        application_entries(subject, event.before, place),
        application_entries(subject, event.after, place),
    )


def application_voided(event: ApplicationVoided) -> list[Entry]:
    subject, began = event.originator_id, event.began
    entries = taken_back(application_entries(subject, event.application, event.place))
    if began is not None:
        unapplied = began.model_copy(update={"applied_at": None})
        entries += changed(began_entries(subject, began), began_entries(subject, unapplied))
    return entries


def application_entries(subject: UUID, application: Application, place: Place) -> list[Entry]:
    at = (place.centre, place.region, subject, application.on)
    return [Entry(APPLICATIONS, *at, 1), Entry(PENDING, *at, 1)]


def counselling_began(event: CounsellingBegan) -> list[Entry]:
    subject, began = event.originator_id, event.began
    return began_entries(subject, began) + outcome_moved(subject, event.outcome, began.on)


def counselling_redated(event: CounsellingRedated) -> list[Entry]:
    subject, before, after = event.originator_id, event.before, event.after
    return changed(began_entries(subject, before), began_entries(subject, after)) + outcome_moved(
        subject, event.outcome, after.on
    )


def counselling_undone(event: CounsellingUndone) -> list[Entry]:
    subject = event.originator_id
    undone = taken_back(began_entries(subject, event.began))
    return undone + outcome_moved(subject, event.outcome, None)


def began_entries(subject: UUID, began: Began) -> list[Entry]:
    """A couple is counselled, once a case; one that applied counts where, and awaits an outcome."""
    at = began.applied_at
    if at is None:
        place = began.place
        return [Entry(COUPLES_COUNSELLED_OTHER, place.centre, place.region, subject, began.on, 1)]
    return [
        Entry(indicator, at.centre, at.region, subject, began.on, 1)
        for indicator in (COUPLES_COUNSELLED, PENDING_COUNSELLED)
    ]


def outcome_moved(subject: UUID, record: OutcomeRecord | None, on: date | None) -> list[Entry]:
    """What an outcome counts otherwise, of a couple that turns out to be counselled since then."""
    if record is None:
        return []
    after = record.model_copy(update={"counselled_on": on})
    return net(outcome_entries(subject, record), outcome_entries(subject, after))


def outcome_declared(event: OutcomeDeclared) -> list[Entry]:
    return outcome_entries(event.originator_id, event.record)


def outcome_confirmed(event: OutcomeConfirmed) -> list[Entry]:
    entries = outcome_entries(event.originator_id, event.record)
    if event.before is None:
        return entries
    return changed(outcome_entries(event.originator_id, event.before), entries)


def outcome_revised(event: OutcomeRevised) -> list[Entry]:
    return changed(
        outcome_entries(event.originator_id, event.before),
        outcome_entries(event.originator_id, event.after),
    )


def outcome_voided(event: OutcomeVoided) -> list[Entry]:
    return taken_back(outcome_entries(event.originator_id, event.record))


def deferral_broken(event: DeferralBroken) -> list[Entry]:
    if not (event.record.applied and event.record.counselled):
        return []
    before = event.record.model_copy(update={"broken_on": None})
    return changed(
        sustained_entries(event.originator_id, before),
        sustained_entries(event.originator_id, event.record),
    )


def deferral_break_voided(event: DeferralBreakVoided) -> list[Entry]:
    if not (event.record.applied and event.record.counselled):
        return []
    after = event.record.model_copy(update={"broken_on": None})
    return changed(
        sustained_entries(event.originator_id, event.record),
        sustained_entries(event.originator_id, after),
    )


def outcome_entries(subject: UUID, record: OutcomeRecord) -> list[Entry]:
    """An outcome, which ends the waiting; counselled couples are counted apart from all others.

    A couple counselled only after its outcome counts as not counselled until that day.
    """
    at = (record.place.centre, record.place.region, subject)
    outcome, on, settled_on = record.outcome, record.on, record.settled_on
    if not record.applied:
        return [Entry(ENDED_OTHER[outcome], *at, on, 1)]
    entries = [Entry(PENDING, *at, on, -1)]
    if settled_on > on or not record.counselled:
        entries.append(Entry(ENDED_UNCOUNSELLED[outcome], *at, on, 1))
    if settled_on > on:
        entries.append(Entry(ENDED_UNCOUNSELLED[outcome], *at, settled_on, -1))
    if record.counselled:
        entries += [
            Entry(ENDED[outcome], *at, settled_on, 1),
            Entry(PENDING_COUNSELLED, *at, settled_on, -1),
            *sustained_entries(subject, record),
        ]
    return entries


def sustained_entries(subject: UUID, record: OutcomeRecord) -> list[Entry]:
    """Whether a deferral held so many days, dated where it counts: it holds until it is broken."""
    if not record.outcome.deferral:
        return []
    at = (record.place.centre, record.place.region, subject, record.settled_on, 1)
    days = None if record.broken_on is None else (record.broken_on - record.on).days
    return [
        Entry(broken if days is not None and days <= within else sustained, *at)
        for within, broken, sustained in SUSTAINED
    ]


RULES: Final[Rules] = {
    ApplicationObserved: Rule(applied, on=attrgetter("application.on")),
    ApplicationAccepted: Rule(applied, on=attrgetter("application.on")),
    ApplicationCorrected: correcting(application_corrected),
    ApplicationVoided: correcting(application_voided),
    CounsellingBegan: Rule(counselling_began, record=False),
    CounsellingRedated: Rule(counselling_redated, record=False),
    CounsellingUndone: Rule(counselling_undone, record=False),
    OutcomeDeclared: Rule(outcome_declared, on=attrgetter("record.on")),
    OutcomeConfirmed: Rule(outcome_confirmed, on=attrgetter("record.on")),
    OutcomeRevised: correcting(outcome_revised),
    OutcomeVoided: correcting(outcome_voided),
    DeferralBroken: Rule(deferral_broken),
    DeferralBreakVoided: correcting(deferral_break_voided),
}
