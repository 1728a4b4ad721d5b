"""What is counselling itself in a case (个案): offers and their answers, and sessions."""

from __future__ import annotations

from datetime import date

from domain.case_facts import Answer, Began, CaseEvent, Milestone, OutcomeRecord, Response, Session
from domain.values import Party


class CounsellingOffered(CaseEvent, topic="case.counselling-offered.v1"):
    """Counselling was offered as voluntary and free; `first` for the case counts."""

    first: bool


class ConsentGiven(CaseEvent, topic="case.consent-given.v1"):
    """A party consents; `first` of the case counts and takes back `declined`."""

    party: Party
    first: bool
    declined: Milestone | None = None


class CounsellingDeclined(CaseEvent, topic="case.counselling-declined.v1"):
    """A party declines; `first` counts: nobody of the case consented or declined before."""

    party: Party
    first: bool


class ConsentWithdrawn(CaseEvent, topic="case.consent-withdrawn.v1"):
    """A party no longer consents, from this day on; sessions held before stay."""

    party: Party


class AnswerCorrected(CaseEvent, topic="case.answer-corrected.v1"):
    """An offer or answer was of another day; figures go from `counted_before` to `_after`."""

    before: Answer
    after: Answer
    counted_before: Response
    counted_after: Response


class AnswerVoided(CaseEvent, topic="case.answer-voided.v1"):
    """An offer or answer never was; figures go from `counted_before` to `counted_after`."""

    record: Answer
    counted_before: Response
    counted_after: Response


class SessionHeld(CaseEvent, topic="case.session-held.v1"):
    """A counselling session took place."""

    session: Session


class SessionCorrected(CaseEvent, topic="case.session-corrected.v1"):
    """A session was other than recorded."""

    before: Session
    after: Session


class SessionVoided(CaseEvent, topic="case.session-voided.v1"):
    """A session never was."""

    record: Session


class CounsellingBegan(CaseEvent, topic="case.counselling-began.v1"):
    """The first counted session: the couple is counselled from here on, once.

    `outcome` is the one counted so far as of a couple not counselled; it counts among those
    counselled from its day on, or from that of the session where this came later.
    """

    began: Began
    outcome: OutcomeRecord | None = None

    @property
    def applied(self) -> bool:
        """Whether the couple had applied for divorce."""
        return self.began.applied

    @property
    def held_on(self) -> date:
        """The day of the first session."""
        return self.began.on


class CounsellingRedated(CaseEvent, topic="case.counselling-redated.v1"):
    """A late entry, correction or voiding changed which session is the earliest one.

    `outcome` is the one counted so far as of a couple counselled since the day before.
    """

    before: Began
    after: Began
    outcome: OutcomeRecord | None = None


class CounsellingUndone(CaseEvent, topic="case.counselling-undone.v1"):
    """The last standing session was voided: the couple is no longer counted as counselled.

    `outcome` is the one counted so far as of a couple counselled. A later session begins anew.
    """

    began: Began
    outcome: OutcomeRecord | None = None


CounsellingEvent = (
    CounsellingOffered
    | ConsentGiven
    | CounsellingDeclined
    | ConsentWithdrawn
    | AnswerCorrected
    | AnswerVoided
    | SessionHeld
    | SessionCorrected
    | SessionVoided
    | CounsellingBegan
    | CounsellingRedated
    | CounsellingUndone
)
