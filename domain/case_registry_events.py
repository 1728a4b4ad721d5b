"""What the registry office does with a couple of a case (个案): applications and outcomes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from domain.base import Day
from domain.case_facts import Application, Began, CaseEvent, OutcomeRecord


class ApplicationObserved(CaseEvent, topic="case.application-observed.v1"):
    """The couple applied for agreement divorce before 2021 (regime A).

    `began` is set when the couple was counselled already: it then no longer counts among those
    without an application.
    """

    application: Application
    began: Began | None = None


class ApplicationAccepted(CaseEvent, topic="case.application-accepted.v1"):
    """The registry accepted an application for agreement divorce (regime B); `began` as above."""

    application: Application
    began: Began | None = None


class ApplicationCorrected(CaseEvent, topic="case.application-corrected.v1"):
    """The application was made on another day or with another receipt than recorded."""

    before: Application
    after: Application


class ApplicationVoided(CaseEvent, topic="case.application-voided.v1"):
    """There was no application; `began` counts among those without one from here on."""

    application: Application
    began: Began | None = None


class OutcomeDeclared(CaseEvent, topic="case.outcome-declared.v1"):
    """The parties say how it ended; this counts until the registry confirms another."""

    record: OutcomeRecord


class OutcomeConfirmed(CaseEvent, topic="case.outcome-confirmed.v1"):
    """The registry confirms how it ended; `before` is what counted until now."""

    record: OutcomeRecord
    before: OutcomeRecord | None = None

    @property
    def first(self) -> bool:
        """Whether the case had no outcome before."""
        return self.before is None


class OutcomeRevised(CaseEvent, topic="case.outcome-revised.v1"):
    """The outcome was another than recorded. A deferral that broke later is `DeferralBroken`."""

    before: OutcomeRecord
    after: OutcomeRecord


class OutcomeVoided(CaseEvent, topic="case.outcome-voided.v1"):
    """There is no outcome yet; an application is pending again since the day it was made."""

    record: OutcomeRecord


class DeferralBroken(CaseEvent, topic="case.deferral-broken.v1"):
    """A couple that had given up the divorce came back to it, so many `days` later.

    The deferral itself stays: it was one. The renewed application opens a case of its own.
    """

    record: OutcomeRecord
    deferred_on: Day
    broken_on: Day
    days: Annotated[int, Field(ge=0)]


class DeferralBreakVoided(CaseEvent, topic="case.deferral-break-voided.v1"):
    """The couple did not come back to the divorce."""

    record: OutcomeRecord
    deferred_on: Day
    broken_on: Day
    days: Annotated[int, Field(ge=0)]


RegistryEvent = (
    ApplicationObserved
    | ApplicationAccepted
    | ApplicationCorrected
    | ApplicationVoided
    | OutcomeDeclared
    | OutcomeConfirmed
    | OutcomeRevised
    | OutcomeVoided
    | DeferralBroken
    | DeferralBreakVoided
)
