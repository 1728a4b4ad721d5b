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
from domain.case_facts import Appointment, Compartment, OutcomeRecord, Session
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


DERIVED: Final[dict[type[BaseModel], frozenset[str]]] = {
    ApplicationObserved: frozenset({"began"}),
    ApplicationAccepted: frozenset({"began"}),
    ApplicationVoided: frozenset({"began"}),
    OutcomeRecord: frozenset({"counselled_on"}),
    ConsentGiven: frozenset({"first", "declined"}),
    CounsellingDeclined: frozenset({"first"}),
    AnswerCorrected: frozenset({"counted_before", "counted_after"}),
    AnswerVoided: frozenset({"counted_before", "counted_after"}),
    CaseArchived: frozenset({"keep_until"}),
}
"""What the couple counts as, beside a fact of its own: it follows from the other's steps as well.

When the other came alone, consented or declined; and how long the file is kept, which is longer
where one of them spoke of violence.
"""

OF_THE_COUPLE: Final = frozenset[str]().union(*DERIVED.values())
"""The names of what is left out of an own part, whether there is something or not."""


def is_own_alone(event: Event, party: Party) -> bool:
    """Whether a fact belongs to a party and has no place for what the couple counts as.

    Only such a one is handed out as it is stored. It goes by the kind of fact and not by what
    stands there: that a fact is missing would tell as much.
    """
    return is_own(event, party) and not any(kind in DERIVED for kind in kinds_in(event))


def kinds_in(value: Any) -> Iterator[type[BaseModel]]:
    """The kinds of all that a fact is made of."""
    if isinstance(value, BaseModel):
        yield type(value)
        for _, inner in value:
            yield from kinds_in(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from kinds_in(inner)


def is_own(event: Event, party: Party) -> bool:
    """Whether a fact of a case belongs to a party, but for what is derived in it."""
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
