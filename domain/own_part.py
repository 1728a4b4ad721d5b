"""The own part of a case (本人部分): which facts belong to one party, for what it may have of it.

What is not known to be its own is left out. What one party said alone, how it was assessed, its
dangers, reports to the police and where it hides never belong to the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel

from domain.base import Event, Sealed
from domain.case_care_events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentRescheduled,
    SatisfactionCorrected,
    SatisfactionRated,
    SatisfactionVoided,
)
from domain.case_counselling_events import (
    AnswerCorrected,
    AnswerVoided,
    ConsentGiven,
    ConsentWithdrawn,
    CounsellingDeclined,
    CounsellingOffered,
    SessionCorrected,
    SessionHeld,
    SessionVoided,
)
from domain.case_facts import Appointment, Compartment, Session
from domain.case_file_events import (
    AnonymousNoted,
    CaseArchived,
    CaseOpened,
    OpeningCorrected,
    PartyIdentified,
    PartyIdentityCorrected,
)
from domain.case_protection_events import MinorApproved, ProtectedAddressNoted, SafeContactNoted
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
from domain.case_safety_events import (
    ProtectionOrderNoted,
    SafetyScreened,
    ScreeningCorrected,
    ScreeningVoided,
    WarningLetterNoted,
)
from domain.values import Party

SHARED: Final[frozenset[type[Event]]] = frozenset(
    {
        CaseOpened,
        OpeningCorrected,
        AnonymousNoted,
        CaseArchived,
        CounsellingOffered,
        ApplicationObserved,
        ApplicationAccepted,
        ApplicationCorrected,
        ApplicationVoided,
        OutcomeDeclared,
        OutcomeConfirmed,
        OutcomeRevised,
        OutcomeVoided,
        DeferralBroken,
        DeferralBreakVoided,
    }
)
"""What both did together, or everybody knows who was there."""

TOGETHER: Final[frozenset[type[Event]]] = frozenset(
    {
        SessionHeld,
        SessionCorrected,
        SessionVoided,
        AppointmentBooked,
        AppointmentRescheduled,
        AppointmentMissed,
        AppointmentCancelled,
    }
)
"""What belongs to everybody who was there, unless something in it belongs to one of the others."""

OF_ONE: Final[frozenset[type[Event]]] = frozenset(
    {
        PartyIdentified,
        PartyIdentityCorrected,
        ConsentGiven,
        ConsentWithdrawn,
        CounsellingDeclined,
        AnswerCorrected,
        AnswerVoided,
        SafetyScreened,
        ScreeningCorrected,
        ScreeningVoided,
        WarningLetterNoted,
        ProtectionOrderNoted,
        SatisfactionRated,
        SatisfactionCorrected,
        SatisfactionVoided,
        SafeContactNoted,
        ProtectedAddressNoted,
        MinorApproved,
    }
)
"""What belongs to the party that it names; where it names none, to nobody."""


def is_own(event: Event, party: Party) -> bool:
    """Whether a fact of a case belongs to a party."""
    kind = type(event)
    if kind in SHARED:
        return True
    if kind not in TOGETHER | OF_ONE:
        return False
    owners = [owned for _, value in event for owned in owners_in(value)]
    return bool(owners) and all(party in owned for owned in owners)


def owners_in(value: Any) -> Iterator[frozenset[Party]]:
    """To whom each part of a fact belongs."""
    match value:
        case Party():
            yield frozenset({value})
        case Session():
            yield frozenset(value.present)
            for note in value.notes or ():
                yield from owners_in(note)
        case Appointment():
            yield frozenset(value.parties)
        case Compartment(party=None) | Sealed():
            return
        case BaseModel():
            for _, inner in value:
                yield from owners_in(inner)
        case tuple():
            for inner in value:
                yield from owners_in(inner)
