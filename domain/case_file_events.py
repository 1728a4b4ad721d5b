"""What becomes of the file of a case (个案): opening, parties, transfer, closure, archive."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from domain.base import Day, KeyName, Place, Sealed
from domain.case_facts import (
    CaseEvent,
    ClosureProposal,
    ClosureRecord,
    NoteReading,
    Opening,
    Profile,
    Stay,
    Tally,
)
from domain.values import Party, RiskLevel


class CaseOpened(CaseEvent, topic="case.opened.v1"):
    """A couple or a person came; the case is open from this day on."""

    opening: Opening


class OpeningCorrected(CaseEvent, topic="case.opening-corrected.v1"):
    """The case was opened with other facts or on another day than recorded."""

    before: Opening
    after: Opening
    before_on: Day
    after_on: Day


class PartyIdentified(CaseEvent, topic="case.party-identified.v1"):
    """A party said who it is; only the vault can read the identity."""

    party: Party
    identity: Sealed
    profile: Profile | None = None


class PartyIdentityCorrected(CaseEvent, topic="case.party-identity-corrected.v1"):
    """A party is someone else than recorded, or its profile differs."""

    party: Party
    identity: Sealed
    before: Profile | None = None
    after: Profile | None = None


class AnonymousNoted(CaseEvent, topic="case.anonymous-noted.v1"):
    """They prefer to stay unnamed; counselling does not depend on names."""


class EncounterLinked(CaseEvent, topic="case.encounter-linked.v1"):
    """An earlier encounter, such as an outreach event or a hotline call, belongs to this case."""

    encounter: UUID


class TransferRequested(CaseEvent, topic="case.transfer-requested.v1"):
    """Another centre is asked to take over; until it accepts, the first receiver is responsible."""

    to_place: Place


class TransferAccepted(CaseEvent, topic="case.transfer-accepted.v1"):
    """The other centre took over; `place` is the new one, and the stocks move with the case.

    `risk` is the level at that moment. Facts counted before stay where they are counted.
    """

    from_place: Place
    to_place: Place
    risk: RiskLevel | None = None


class TransferRejected(CaseEvent, topic="case.transfer-rejected.v1"):
    """The other centre does not take over."""

    to_place: Place


class ClosureProposed(CaseEvent, topic="case.closure-proposed.v1"):
    """The counsellor proposes to close the case."""

    proposal: ClosureProposal


class ClosureApproved(CaseEvent, topic="case.closure-approved.v1"):
    """Someone else approved: the case is closed from this day on."""

    record: ClosureRecord


class ClosureReturned(CaseEvent, topic="case.closure-returned.v1"):
    """The proposal goes back, for a reason; the case stays open."""


class ClosureVoided(CaseEvent, topic="case.closure-voided.v1"):
    """The closure was a mistake: the case counts as open all the time since.

    Stretches at red go from `red_before` to `red_after`.
    """

    record: ClosureRecord
    red_before: tuple[Stay, ...]
    red_after: tuple[Stay, ...]


class CaseReopened(CaseEvent, topic="case.reopened.v1"):
    """Work goes on from this day; the closure stays counted, the stocks grow again."""

    closed: ClosureRecord
    risk: RiskLevel | None = None


class CaseArchived(CaseEvent, topic="case.archived.v1"):
    """The file went to the archive, to be kept until a day or for good."""

    keep_until: Day | None = None


class SealedNoteOpened(CaseEvent, topic="case.sealed-note-opened.v1"):
    """Someone read sealed process notes."""

    reading: NoteReading


class PersonalDataErased(CaseEvent, topic="case.personal-data-erased.v1"):
    """The vault destroyed these keys: what they sealed can never be read again."""

    keys: Annotated[tuple[KeyName, ...], Field(min_length=1)]


class CaseVoided(CaseEvent, topic="case.voided.v1"):
    """The case should not exist, such as a duplicate: all that it counted is taken back.

    `counted` has one element for each place, in the order in which the case came there.
    """

    counted: tuple[Tally, ...]
    duplicate_of: UUID | None = None


FileEvent = (
    CaseOpened
    | OpeningCorrected
    | PartyIdentified
    | PartyIdentityCorrected
    | AnonymousNoted
    | EncounterLinked
    | TransferRequested
    | TransferAccepted
    | TransferRejected
    | ClosureProposed
    | ClosureApproved
    | ClosureReturned
    | ClosureVoided
    | CaseReopened
    | CaseArchived
    | SealedNoteOpened
    | PersonalDataErased
    | CaseVoided
)
