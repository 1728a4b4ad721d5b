"""The desk of disposals (鉴定销毁): whose time is over, who agrees, and the end of their keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid5

from application.erasure import UNKNOWN_YET, Certificate, Erasures
from application.eventlog import Receipt
from application.jurisdiction import LOOKING
from application.records import Actor, Command, Records
from application.territory import require_place
from application.vault import Vault
from domain import case_file
from domain.base import Aggregate, Event, Place, Refused, Stamp, Text, day
from domain.case import ARCHIVED, Case
from domain.case_file_events import CaseArchived
from domain.disposal import APPROVED, Candidate, Disposal, Proposal
from domain.practitioner import Practitioner
from domain.practitioner_events import PractitionerDeregistered
from domain.retention import YEARS, RecordClass, years_after
from domain.values import ErasureGround


@dataclass(frozen=True, slots=True)
class Disposals:
    """The commands on disposals."""

    records: Records
    vault: Vault

    def propose(
        self,
        disposal: UUID,
        kind: RecordClass,
        records: tuple[UUID, ...],
        appraisal: Text,
        place: Place,
        by: Command,
    ) -> Receipt:
        """Propose to dispose of records of a place, which the log itself says are over."""

        def propose(
            state: Disposal,
            kind: RecordClass,
            records: tuple[UUID, ...],
            appraisal: Text,
            place: Place,
            stamp: Stamp,
        ) -> Iterator[Event]:
            candidates = tuple(self.candidate(record, kind, by.by, place) for record in records)
            proposal = Proposal(kind=kind, candidates=candidates, appraisal=appraisal)
            return state.propose(proposal, place, stamp)

        return self.records.change(
            by,
            Disposal,
            disposal,
            propose,
            kind,
            records,
            appraisal,
            place,
            check=lambda stamp: require_place(self.records, place, stamp.occurred_on),
        )

    def approve(
        self, disposal: UUID, kept: tuple[UUID, ...], appraisal: Text, by: Command
    ) -> Receipt:
        """Agree as a second person who may see the records, but for what has lasting value."""

        def check(_: Stamp) -> None:
            proposal = self.records.get_proved(Disposal, disposal).proposal
            for candidate in proposal.candidates if proposal else ():
                self.seen(candidate.record, by.by)

        return self.records.change(
            by, Disposal, disposal, Disposal.approve, kept, appraisal, check=check
        )

    def send_back(self, disposal: UUID, by: Command) -> Receipt:
        """Disagree, for a reason."""
        return self.records.change(by, Disposal, disposal, Disposal.send_back)

    def dispose(self, disposal: UUID, record: UUID, by: Command) -> Certificate:
        """Destroy the keys of an approved record, and note it; again changes nothing.

        Of one whose keys were destroyed since, as a person asked or by another disposal, that is
        noted. Raises `Forbidden`, and `Refused` under a legal hold and for what was not approved.
        """
        state = self.records.get_proved(Disposal, disposal)
        self.records.jurisdiction.require(by.by, Disposal.dispose, state, (record,))
        erasure = uuid5(by.request, str(record))
        if self.vault.store.erasure(erasure) is None:
            if state.status is not APPROVED or record not in state.left:
                raise Refused("not-to-be-disposed", record=record)
            self.records.rehearse(by, Disposal, disposal, Disposal.dispose, record, UNKNOWN_YET)
        erasures = Erasures(self.records, self.vault)
        certificate = erasures.done_before(record) or erasures.destroy(
            record,
            ErasureGround.RETENTION_OVER,
            replace(by, request=erasure, expected_version=None),
        )
        evidence = certificate.positions[0]
        self.records.change(by, Disposal, disposal, Disposal.dispose, record, evidence)
        return certificate

    def candidate(self, record: UUID, kind: RecordClass, by: Actor, place: Place) -> Candidate:
        """A record with keys and the last day on which it has to be kept, for who may see it.

        That is no earlier than the years of its class after the log came to know of its end: a
        date that somebody writes shortens nothing. Raises `Forbidden`, `NotFound`, `Refused`.
        """
        found = self.seen(record, by)
        self.records.jurisdiction.require_with(found, place)
        match found:
            case Case() if kind in (RecordClass.CASE, RecordClass.CASE_OF_VIOLENCE):
                keep_until = found.keep_until if found.status is ARCHIVED else None
                known = self.kept_to(record, CaseArchived, case_file.class_of(found))
            case Practitioner(deregistered_on=left_on) if kind is RecordClass.PRACTITIONER:
                keep_until = left_on and years_after(left_on, YEARS[kind])
                known = self.kept_to(record, PractitionerDeregistered, kind)
            case _:
                raise Refused("class-of-other-record", record=record, kind=kind)
        if keep_until is None or known is None:
            raise Refused("kept-for-good", record=record)
        if not Erasures(self.records, self.vault).left(record):
            raise Refused("no-personal-data", record=record)
        return Candidate(record=record, keep_until=max(keep_until, known))

    def seen(self, record: UUID, by: Actor) -> Aggregate:
        """A record that somebody may see. Raises `Forbidden`, `NotFound`."""
        found = self.records.record(record)
        self.records.jurisdiction.require_sight(by, LOOKING[type(found)], found)
        return found

    def kept_to(self, record: UUID, end: type[Event], kind: RecordClass) -> date | None:
        """The years of a class after the day on which the end of a record was recorded."""
        recorded_at = self.records.recorder.recorded_at(record, end.topic)
        return None if recorded_at is None else years_after(day(recorded_at), YEARS[kind])
