"""The registry office in a case (个案): its decisions on applications and outcomes."""

from __future__ import annotations

from collections.abc import Iterator

from domain.base import Occurred, Refused, Stamp, day
from domain.calendar import Deadlines, regime_on
from domain.case import OPEN, STANDING, Case
from domain.case_facts import Application, CaseEvent, OutcomeRecord
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
from domain.case_rules import Placed, require_change, require_periods, require_possible
from domain.record import require_happened, require_reason
from domain.values import CaseOutcome, OutcomeSource, Regime


def observe_application(case: Case, by: Stamp) -> Iterator[CaseEvent]:
    """Note an application made on the stamp's day under regime A, which left no receipt."""
    require_unapplied(case, by)
    if regime_on(by.occurred_on) is not Regime.A:
        raise Refused("receipt-needed", on=by.occurred_on)
    application = Application(on=by.occurred_on)
    yield ApplicationObserved.of(case, by, application=application, began=case.began)


def accept_application(
    case: Case, receipt: str, deadlines: Deadlines, by: Stamp
) -> Iterator[CaseEvent]:
    """Note an application that the registry accepted on the stamp's day under regime B."""
    require_unapplied(case, by)
    case.require_no_counsellor(by.actor)
    application = Application(on=by.occurred_on, receipt=receipt, deadlines=deadlines)
    require_periods(application)
    yield ApplicationAccepted.of(case, by, application=application, began=case.began)


def correct_application(case: Case, after: Application, by: Stamp) -> Iterator[CaseEvent]:
    """Correct the day, receipt or periods; one of the other regime is another application."""
    case.require(by, *STANDING)
    require_reason(by)
    before = require_application(case)
    if before.fact.receipt is not None:
        case.require_no_counsellor(by.actor)
    require_happened(after.on, by)
    if before.fact == after:
        raise Refused("correction-changes-nothing")
    if regime_on(before.fact.on) is not regime_on(after.on):
        raise Refused("application-of-other-regime")
    require_periods(after)
    if case.outcome is not None:
        require_possible(case.outcome.outcome, case.outcome.at, after)
    yield ApplicationCorrected.of(case, by, place=before.place, before=before.fact, after=after)


def void_application(case: Case, by: Stamp) -> Iterator[CaseEvent]:
    """Take back an application that was none; its outcome is to be voided first."""
    case.require(by, *STANDING)
    require_reason(by)
    application = require_application(case)
    if application.fact.receipt is not None:
        case.require_no_counsellor(by.actor)
    if case.outcome is not None:
        raise Refused("outcome-stands")
    yield ApplicationVoided.of(
        case, by, place=application.place, application=application.fact, began=case.began
    )


def declare_outcome(
    case: Case, outcome: CaseOutcome, at: Occurred, by: Stamp
) -> Iterator[CaseEvent]:
    """Note how and when it ended, as the parties say; it counts until the registry confirms.

    Counselling is no precondition of any outcome.
    """
    case.require(by, *STANDING)
    if case.outcome is not None:
        raise Refused("outcome-stands")
    record = ended(case, outcome, at, OutcomeSource.DECLARED, by)
    yield OutcomeDeclared.of(case, by, place=record.place, record=record)


def confirm_outcome(
    case: Case, outcome: CaseOutcome, at: Occurred, by: Stamp
) -> Iterator[CaseEvent]:
    """Note how and when it ended, as the registry says; this replaces what the parties said."""
    case.require(by, *STANDING)
    case.require_no_counsellor(by.actor)
    if case.outcome is not None and case.outcome.source is OutcomeSource.CONFIRMED:
        raise Refused("outcome-confirmed")
    record = ended(case, outcome, at, OutcomeSource.CONFIRMED, by)
    yield OutcomeConfirmed.of(case, by, place=record.place, record=record, before=case.outcome)


def revise_outcome(
    case: Case, outcome: CaseOutcome, at: Occurred, by: Stamp
) -> Iterator[CaseEvent]:
    """Correct an outcome that was another one, or of another time; its source stays."""
    case.require(by, *STANDING)
    require_reason(by)
    before = require_outcome(case)
    require_official(case, before, by)
    after = ended(case, outcome, at, before.source, by)
    require_change(before, after)
    yield OutcomeRevised.of(case, by, place=before.place, before=before, after=after)


def void_outcome(case: Case, by: Stamp) -> Iterator[CaseEvent]:
    """Take back an outcome: there is none yet."""
    case.require(by, *STANDING)
    require_reason(by)
    record = require_outcome(case)
    require_official(case, record, by)
    yield OutcomeVoided.of(case, by, place=record.place, record=record)


def break_deferral(case: Case, by: Stamp) -> Iterator[CaseEvent]:
    """Note that the couple came back to the divorce on the stamp's day."""
    case.require(by, *STANDING)
    record = require_outcome(case)
    if not record.outcome.deferral:
        raise Refused("no-deferral", outcome=record.outcome)
    if record.broken_on is not None:
        raise Refused("deferral-already-broken", broken_on=record.broken_on)
    if by.occurred_on < record.on:
        raise Refused("times-out-of-order", on=by.occurred_on)
    yield DeferralBroken.of(
        case,
        by,
        place=record.place,
        record=record.model_copy(update={"broken_on": by.occurred_on}),
        deferred_on=record.on,
        broken_on=by.occurred_on,
        days=(by.occurred_on - record.on).days,
    )


def void_deferral_break(case: Case, by: Stamp) -> Iterator[CaseEvent]:
    """Take back that the couple came back to the divorce."""
    case.require(by, *STANDING)
    require_reason(by)
    record = require_outcome(case)
    if record.broken_on is None:
        raise Refused("deferral-not-broken")
    yield DeferralBreakVoided.of(
        case,
        by,
        place=record.place,
        record=record,
        deferred_on=record.on,
        broken_on=record.broken_on,
        days=(record.broken_on - record.on).days,
    )


def ended(
    case: Case, outcome: CaseOutcome, at: Occurred, source: OutcomeSource, by: Stamp
) -> OutcomeRecord:
    """The record of an outcome, which must be possible for the application and at that time.

    It counts where the application was made, or where the previous outcome counted, or here.
    """
    require_happened(at, by)
    on = day(at)
    application = case.application
    require_possible(outcome, at, application.fact if application is not None else None)
    if application is None and on < case.opened_on:
        raise Refused("before-opening", opened_on=case.opened_on)
    before = case.outcome
    place = application.place if application is not None else case.place
    broken_on = before.broken_on if before is not None and outcome.deferral else None
    if broken_on is not None and broken_on < on:
        raise Refused("times-out-of-order", on=on)
    return OutcomeRecord(
        outcome=outcome,
        at=at,
        source=source,
        applied=application is not None,
        counselled_on=case.began.on if case.began is not None else None,
        place=before.place if before is not None else place,
        broken_on=broken_on,
    )


def require_unapplied(case: Case, by: Stamp) -> None:
    """Refuse a second application, and one after the outcome; it may precede the opening."""
    case.require_status(OPEN)
    case.require_apart(by)
    if case.application is not None:
        raise Refused("application-exists")
    if case.outcome is not None:
        raise Refused("outcome-stands")


def require_application(case: Case) -> Placed[Application]:
    """The application; refused when there is none."""
    if case.application is None:
        raise Refused("no-application")
    return case.application


def require_outcome(case: Case) -> OutcomeRecord:
    """The outcome; refused when there is none."""
    if case.outcome is None:
        raise Refused("no-outcome")
    return case.outcome


def require_official(case: Case, record: OutcomeRecord, by: Stamp) -> None:
    """Refuse to change what the registry confirmed to whoever counselled the couple."""
    if record.source is OutcomeSource.CONFIRMED:
        case.require_no_counsellor(by.actor)
