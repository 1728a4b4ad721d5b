"""What couples count: who applied, who was counselled, how it ended and whether that held."""

from __future__ import annotations

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
from projections.entries import Entry, Rule, Rules, changed, correcting, number, taken_back
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
        entries += changed(
            began_entries(subject, began, applied=False),
            began_entries(subject, began, applied=True),
        )
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
        entries += changed(
            began_entries(subject, began, applied=True),
            began_entries(subject, began, applied=False),
        )
    return entries


def application_entries(subject: UUID, application: Application, place: Place) -> list[Entry]:
    at = (place.centre, place.region, subject, application.on)
    return [Entry(APPLICATIONS, *at, 1), Entry(PENDING, *at, 1)]


def counselling_began(event: CounsellingBegan) -> list[Entry]:
    subject, outcome = event.originator_id, event.outcome
    entries = began_entries(subject, event.began, applied=event.began.applied)
    if outcome is not None:
        entries += changed(
            outcome_entries(subject, outcome, counselled=False),
            outcome_entries(subject, outcome, counselled=True),
        )
    return entries


def counselling_redated(event: CounsellingRedated) -> list[Entry]:
    subject, before, after = event.originator_id, event.before, event.after
    return changed(
        began_entries(subject, before, applied=before.applied),
        began_entries(subject, after, applied=after.applied),
    )


def counselling_undone(event: CounsellingUndone) -> list[Entry]:
    subject, outcome = event.originator_id, event.outcome
    entries = taken_back(began_entries(subject, event.began, applied=event.began.applied))
    if outcome is not None:
        entries += changed(
            outcome_entries(subject, outcome, counselled=True),
            outcome_entries(subject, outcome, counselled=False),
        )
    return entries


def began_entries(subject: UUID, began: Began, *, applied: bool) -> list[Entry]:
    """A couple is counselled, once a case; of those who applied an outcome is awaited."""
    at = (began.place.centre, began.place.region, subject, began.on, 1)
    if not applied:
        return [Entry(COUPLES_COUNSELLED_OTHER, *at)]
    return [Entry(COUPLES_COUNSELLED, *at), Entry(PENDING_COUNSELLED, *at)]


def outcome_declared(event: OutcomeDeclared) -> list[Entry]:
    return outcome_as_recorded(event.originator_id, event.record)


def outcome_confirmed(event: OutcomeConfirmed) -> list[Entry]:
    entries = outcome_as_recorded(event.originator_id, event.record)
    if event.before is None:
        return entries
    return changed(outcome_as_recorded(event.originator_id, event.before), entries)


def outcome_revised(event: OutcomeRevised) -> list[Entry]:
    return changed(
        outcome_as_recorded(event.originator_id, event.before),
        outcome_as_recorded(event.originator_id, event.after),
    )


def outcome_voided(event: OutcomeVoided) -> list[Entry]:
    return taken_back(outcome_as_recorded(event.originator_id, event.record))


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


def outcome_as_recorded(subject: UUID, record: OutcomeRecord) -> list[Entry]:
    return outcome_entries(subject, record, counselled=record.counselled)


def outcome_entries(subject: UUID, record: OutcomeRecord, *, counselled: bool) -> list[Entry]:
    """An outcome, which ends the waiting; counselled couples are counted apart from all others."""
    at = (record.place.centre, record.place.region, subject, record.on)
    outcome = record.outcome
    if not record.applied:
        return [Entry(ENDED_OTHER[outcome], *at, 1)]
    if not counselled:
        return [Entry(ENDED_UNCOUNSELLED[outcome], *at, 1), Entry(PENDING, *at, -1)]
    return [
        Entry(ENDED[outcome], *at, 1),
        Entry(PENDING, *at, -1),
        Entry(PENDING_COUNSELLED, *at, -1),
        *sustained_entries(subject, record),
    ]


def sustained_entries(subject: UUID, record: OutcomeRecord) -> list[Entry]:
    """Whether a deferral held so many days, dated at the deferral: it holds until it is broken."""
    if not record.outcome.deferral:
        return []
    at = (record.place.centre, record.place.region, subject, record.on, 1)
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
