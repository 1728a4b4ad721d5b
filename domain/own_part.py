"""The own part of a case (本人部分): which facts belong to one party, for what it may have of it.

What is not known to be its own is left out. What one party said alone, how it was assessed, its
dangers, reports to the police and where it hides never belong to the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic import BaseModel

from domain.base import Event, Sealed, fold
from domain.case import Case
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
from domain.case_facts import (
    Answer,
    Appointment,
    Compartment,
    Opening,
    OutcomeRecord,
    Session,
)
from domain.case_file_events import (
    AnonymousNoted,
    CaseArchived,
    CaseOpened,
    CaseVoided,
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
from domain.case_rules import standing
from domain.case_safety_events import (
    ProtectionOrderNoted,
    SafetyScreened,
    ScreeningCorrected,
    ScreeningVoided,
    WarningLetterNoted,
)
from domain.values import AnswerKind, CaseOutcome, Party

TOLD: Final = frozenset(
    {
        CaseOutcome.CANCELLED,
        CaseOutcome.POSTPONED,
        CaseOutcome.WITHDRAWN,
        CaseOutcome.LAPSED,
        CaseOutcome.REGISTERED,
    }
)
"""The outcomes of which the registry tells both, or which both came to.

That one was brought to safety, cannot be found or goes to court tells the other what that one said
or means to do; from a court both hear themselves.
"""

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
"""What both did together, or everybody knows who was there; of outcomes only those of `TOLD`."""

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

WITH_OPEN_REASON: Final = SHARED | TOGETHER
"""What is shown to more than one: whoever wrote why may have written what one of them said."""


MOVING: Final[frozenset[type[Event]]] = frozenset({AppointmentCancelled, AppointmentRescheduled})
"""After what an appointment is no longer for when it was booked."""

Name = UUID | type | tuple[type, Party | None]
"""By what a later fact names what an earlier one is about."""

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

    Only such a one is handed out as it is stored, and where more than one is concerned, none that
    has a reason. The first goes by the kind of fact and not by what stands there: that a fact is
    missing would tell as much. That a reason was written tells nothing of the other.
    """
    if event.stamp.reason is not None and concerns_others(event, party):
        return False
    return is_own(event, party) and not any(kind in DERIVED for kind in kinds_in(event))


def concerns_others(event: Event, party: Party) -> bool:
    """Whether a fact is shown to more than one, so that its reason may tell what another said."""
    if type(event) in TOGETHER:
        owners = [owned for _, value in event for owned in owners_in(value)]
        return any(owned != {party} for owned in owners)
    return type(event) in WITH_OPEN_REASON


def own_part(facts: Sequence[Event], party: Party) -> list[Event]:
    """Those of all facts of a case that are handed out to a party.

    What was put right or taken back by a fact that is not handed out is left out with it: it would
    be read as what holds, and may be of another couple. So is all of a case that should not exist.
    """
    if not facts or any(isinstance(fact, CaseVoided) for fact in facts):
        return []
    case = fold(Case(facts[0].originator_id), facts)
    handed: list[Event] = []
    for event in facts:
        if is_own_alone(event, party) and is_shown(event, party, case):
            handed.append(event)
        elif puts_something_right(event) or type(event) in MOVING:
            wrong = named_in(event)
            handed = [one for one in handed if wrong.isdisjoint(named_in(one))]
    return handed


def told_only(facts: Sequence[Event], party: Party) -> list[Session]:
    """The sessions that a party is only told of, as they stand: none of their facts is handed out.

    Why such a one was put right, or entered late, may say what another said there. One of which
    anything ever was another's alone is not told either.
    """
    if not facts or any(isinstance(fact, CaseVoided) for fact in facts):
        return []
    handed = {fact.originator_version for fact in own_part(facts, party)}
    kept_back = {
        name
        for fact in facts
        if isinstance(fact, SessionHeld | SessionCorrected | SessionVoided)
        and (fact.originator_version in handed or not is_own(fact, party))
        for name in named_in(fact)
    }
    case = fold(Case(facts[0].originator_id), facts)
    return [session for session, _ in standing(case.sessions) if session.id not in kept_back]


def puts_something_right(event: Event) -> bool:
    """Whether a fact puts an earlier one right or takes one back, by the last word of its name."""
    return type(event).__name__.endswith(("Corrected", "Revised", "Voided"))


def no_longer_standing(facts: Sequence[Event]) -> frozenset[str]:
    """The salts of what is sealed in the facts of a case and was written anew or taken back."""
    gone: set[str] = set()
    newest: dict[Party, str] = {}
    for event in facts:
        match event:
            case (
                PartyIdentified(party=party, identity=identity)
                | PartyIdentityCorrected(party=party, identity=identity)
            ):
                gone.add(newest.get(party, identity.n))
                newest[party] = identity.n
            case _ if puts_something_right(event):
                kept = {part.sealed.n for part in sealed_in(getattr(event, "after", None))}
                gone.update(part.sealed.n for part in sealed_in(event))
                gone -= kept
    return frozenset(gone.difference(newest.values()))


def named_in(value: Any) -> frozenset[Name]:
    """What a fact is about, as later ones name it: ids, or what a case or a party has one of."""
    match value:
        case ConsentWithdrawn(party=party):
            return frozenset({(ConsentWithdrawn, party)})
        case AnswerVoided(record=Answer(kind=AnswerKind.CONSENTED, party=party)):
            return frozenset({(ConsentWithdrawn, party)})
        case CounsellingOffered():
            return frozenset({Answer})
        case Opening():
            return frozenset({Opening})
        case Answer(kind=kind):
            return frozenset({Answer} if kind is AnswerKind.OFFERED else ())
        case BaseModel():
            own = getattr(value, "id", None)
            names = frozenset[Name]({own} if isinstance(own, UUID) else ())
            return names.union(*(named_in(inner) for _, inner in value))
        case tuple():
            return frozenset().union(*map(named_in, value))
    return frozenset()


def is_shown(event: Event, party: Party, case: Case) -> bool:
    """Whether a fact of a case is shown to a party: its own, and what both know if it was there."""
    return is_own(event, party) and (type(event) not in SHARED or party in present_in(case))


def present_in(case: Case) -> frozenset[Party]:
    """The parties that appeared: screened, at a session, or that answered.

    Who somebody is may have been told by the other.
    """
    answered = (answer.fact.party for answer in case.answers)
    screened = (record.screening.party for record, _ in standing(case.screenings))
    sessions = (party for session, _ in standing(case.sessions) for party in session.present)
    return frozenset(filter(None, (*answered, *screened, *sessions)))


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
        return all(outcome in TOLD for outcome in outcomes_in(event))
    if kind not in TOGETHER | OF_ONE:
        return False
    owners = [owned for _, value in event for owned in owners_in(value)]
    return bool(owners) and all(party in owned for owned in owners)


def puts_right(event: Event, party: Party | None) -> bool:
    """Whether a correction or voiding may put right what a party has to do with.

    Of a session at which it was, whoever else was there; not what the other said there alone.
    Elsewhere whatever says of nothing that it is another's.
    """
    match event:
        case SessionCorrected(before=before, after=after):
            was_there = party in (*before.present, *after.present)
            return was_there and without_others(before, party) != without_others(after, party)
        case SessionVoided(record=session):
            return party in session.present
    owners = (owned for _, value in event for owned in owners_in(value))
    return party is None or all(party in owned for owned in owners)


def without_others(session: Session, party: Party | None) -> Session:
    """A session without the notes of what others said there alone."""
    notes = (note for note in session.notes or () if note.party in (None, party))
    return session.model_copy(update={"notes": tuple(notes)})


class SealedPart(NamedTuple):
    """Something sealed in a fact: of which party, none where it is of all or of one; its name."""

    sealed: Sealed
    party: Party | None
    name: str


def sealed_in(value: Any, owner: Party | None = None, name: str = "") -> Iterator[SealedPart]:
    """What is sealed in a fact. What a session came to is of who was there alone."""
    match value:
        case Sealed():
            yield SealedPart(value, owner, name)
        case BaseModel():
            owner = getattr(value, "party", owner)
            for member, inner in value:
                alone = value.alone if isinstance(value, Session) and member != "notes" else owner
                yield from sealed_in(inner, alone, member)
        case tuple():
            for inner in value:
                yield from sealed_in(inner, owner, name)


def outcomes_in(value: Any) -> Iterator[CaseOutcome]:
    """The outcomes that a fact names, on whichever side."""
    match value:
        case OutcomeRecord(outcome=outcome):
            yield outcome
        case BaseModel():
            for _, inner in value:
                yield from outcomes_in(inner)


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
