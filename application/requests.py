"""The desk of persons' requests (个人信息权益申请): received, decided, answered within the term."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID, uuid5

from application.calendars import calendar_on
from application.erasure import UNKNOWN_YET, Certificate, Erasures
from application.eventlog import Position, Receipt
from application.jurisdiction import LOOKING
from application.policy import Action
from application.records import Actor, Command, Records, decoded
from application.territory import require_place, require_position
from application.unsigned import UNREAD
from application.vault import Drafts, Released, Vault
from domain.access import ExportMade, KeyReleased, ListOpened, RecordOpened, Viewing
from domain.base import Aggregate, Event, KeyName, Place, Refused, Sealed, Stamp, Text, Value, day
from domain.calendar import PROVISIONAL
from domain.case import Case
from domain.case_protection_events import ProtectedAddressNoted, SafeContactNoted
from domain.own_part import puts_right, puts_something_right, sealed_in
from domain.practitioner import Practitioner
from domain.request import GRANTED, REFUSED, Demand, Due, PersonRequest, RequestRefused
from domain.rights import (
    TERM,
    Applicant,
    PersonPart,
    RequestChannel,
    RequestKind,
    RequestRefusal,
    RequestStatus,
    VerificationMeans,
)
from domain.subject import SubjectKeyDestroyed
from domain.values import AccessPurpose, ErasureGround

FULFILLED: Final = RequestStatus.FULFILLED


class Claim(Value):
    """What somebody asks for, in plain text; `details` says what, such as which fact is wrong."""

    record: UUID
    part: PersonPart
    kind: RequestKind
    applicant: Applicant
    channel: RequestChannel
    details: Text | None = None

    def draft(self, drafts: Drafts) -> Demand:
        """The demand as the domain passes it on; its details under the person's own key."""
        details = None if self.details is None else drafts.of(self.part, self.details)
        return Demand(**{**dict(self), "details": details})


class Words(Value):
    """What a person wrote, and what it was told."""

    details: Text | None = None
    explanation: Text | None = None


@dataclass(frozen=True, slots=True)
class Requests:
    """The commands on persons' requests."""

    records: Records
    vault: Vault
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def receive(self, request_id: UUID, claim: Claim, place: Place, by: Command) -> Receipt:
        """Receive a request; its term follows from the day, by the calendar known today.

        It is received by an office that the record lies with: another one to which the person
        comes hands it on. Raises `Forbidden`, `NotFound`, `Refused`.
        """
        demand = claim.draft(self.vault.drafts(claim.record))

        def receive(
            request: PersonRequest, demand: Demand, place: Place, stamp: Stamp
        ) -> Iterator[Event]:
            due = self.due_after(stamp.occurred_on, TERM.working_days)
            return request.receive(demand, due, place, stamp)

        def check(stamp: Stamp) -> None:
            record = self.record_of(demand)
            self.records.jurisdiction.require_sight(by.by, Action.RECEIVE_REQUESTS, record)
            require_part(type(record), claim.part, claim.record)
            self.require_kept(demand)
            require_place(self.records, place, stamp.occurred_on)
            self.records.jurisdiction.require_with(record, place)

        return self.records.change(
            by, PersonRequest, request_id, receive, demand, place, check=check
        )

    def verify_identity(self, request_id: UUID, means: VerificationMeans, by: Command) -> Receipt:
        """Note by what it was made sure who asks."""
        return self.records.change(
            by, PersonRequest, request_id, PersonRequest.verify_identity, means
        )

    def extend(self, request_id: UUID, by: Command) -> Receipt:
        """Give the answer so many more working days, once, for a reason."""

        def extend(request: PersonRequest, stamp: Stamp) -> Iterator[Event]:
            due_on = request.due.on if request.due else stamp.occurred_on
            return request.extend(self.due_after(due_on, TERM.extension), stamp)

        return self.records.change(by, PersonRequest, request_id, extend)

    def grant(self, request_id: UUID, ground: ErasureGround | None, by: Command) -> Receipt:
        """Let the person have it, as who may see the record; an erasure not while it is held."""

        def check(_: Stamp) -> None:
            record = self.record_of(demand_of(self.records.get_proved(PersonRequest, request_id)))
            self.records.jurisdiction.require_sight(by.by, LOOKING[type(record)], record)
            if ground:
                self.require_free(request_id)

        return self.records.change(
            by,
            PersonRequest,
            request_id,
            PersonRequest.grant,
            ground,
            check=check,
        )

    def refuse(
        self, request_id: UUID, ground: RequestRefusal, explanation: Text, by: Command
    ) -> Receipt:
        """Say no, and tell the person why; what it is told is sealed."""
        demand = demand_of(self.records.get_proved(PersonRequest, request_id))
        told = self.vault.drafts(demand.record).of(demand.part, explanation)
        return self.records.change(
            by, PersonRequest, request_id, PersonRequest.refuse, ground, told
        )

    def fulfil(self, request_id: UUID, answer: Position, by: Command) -> Receipt:
        """Note that it was done: `answer` is the position of the event that did it."""
        return self.records.change(
            by,
            PersonRequest,
            request_id,
            PersonRequest.fulfil,
            answer,
            check=lambda stamp: self.require_answer(request_id, answer, by.by, stamp),
        )

    def withdraw(self, request_id: UUID, by: Command) -> Receipt:
        """Note that the person no longer asks."""
        return self.records.change(by, PersonRequest, request_id, PersonRequest.withdraw)

    def erase(self, request_id: UUID, by: Command) -> Certificate:
        """Destroy the person's keys as was granted, and note that the request is fulfilled."""
        request = self.records.get_proved(PersonRequest, request_id)
        self.records.jurisdiction.require(by.by, PersonRequest.fulfil, request, ())
        demand = require_granted(request, (RequestKind.ERASE,), again=True)
        assert request.ground is not None, "an erasure is granted on a ground"
        erasure = uuid5(by.request, "erasure")
        if self.vault.store.erasure(erasure) is None:
            self.records.rehearse(by, PersonRequest, request_id, PersonRequest.fulfil, UNKNOWN_YET)
        certificate = Erasures(self.records, self.vault).destroy(
            demand.record,
            request.ground,
            replace(by, request=erasure, expected_version=None),
            (demand.part,),
        )
        answer = certificate.positions[0]
        self.records.change(by, PersonRequest, request_id, PersonRequest.fulfil, answer)
        return certificate

    def read(self, request_id: UUID, viewing: Viewing, by: Command) -> Words:
        """What the person wrote and was told, opened under a trace. Raises `Unopened`."""
        request = self.records.get_proved(PersonRequest, request_id)
        demand = demand_of(request)
        parts = (demand.part,)
        released = self.vault.release(self.records, viewing, by, parts, keys_of=demand.record)
        return Words(
            details=opened(released, demand.details),
            explanation=opened(released, self.explanation_of(request)),
        )

    def explanation_of(self, request: PersonRequest) -> Sealed | None:
        """What the person was told when the request was refused."""
        if request.status is not REFUSED:
            return None
        event = self.records.proved_events_of(request.id, (RequestRefused.topic,))[-1]
        assert isinstance(event, RequestRefused)
        return event.explanation

    def due_after(self, on: date, working_days: int) -> Due:
        """The last of so many working days after a date; provisional while a notice may move it."""
        calendar = calendar_on(day(self.clock()))
        due_on = calendar.working_days_after(on, working_days)
        version = calendar.version
        if calendar.is_provisional(due_on):
            version = f"{version}+{due_on.year}-{PROVISIONAL}"
        return Due(on=due_on, calendar_version=version)

    def require_free(self, request_id: UUID) -> None:
        """Refuse to grant an erasure that a legal hold forbids. Raises `NotWhole`."""
        demand = demand_of(self.records.get_proved(PersonRequest, request_id))
        subject = Erasures(self.records, self.vault).subject(demand.record)
        if subject.holds:
            raise Refused("record-held", ground=subject.holds[0].ground)

    def record_of(self, demand: Demand) -> Aggregate:
        """The record that a person asks about, as authors signed it. Raises `NotFound`."""
        return self.records.proved(demand.record)

    def require_kept(self, demand: Demand) -> None:
        """Refuse words of a person whose key is gone: they would outlive the erasure.

        What a person is told when its request is refused is owed to it, whatever was erased.
        """
        if demand.details is None or demand.part in self.vault.store.parts_of(demand.record):
            return
        if self.vault.store.learn_of(demand.record):
            raise Refused("part-erased", part=demand.part)

    def require_answer(
        self, request_id: UUID, answer: Position, actor: Actor, stamp: Stamp
    ) -> None:
        """Refuse an event that does not do what was asked for.

        What lies where in the log is told to nobody but who may see the record of a request that
        waits for its answer. Raises `AsOfRefused`, `Forbidden`, `Refused`.
        """
        request = self.records.get_proved(PersonRequest, request_id)
        demand = request.require(stamp, GRANTED)
        request.require_other_than_verifier(actor.id)
        record = self.record_of(demand)
        self.records.jurisdiction.require_sight(actor, LOOKING[type(record)], record)
        require_position(self.records, answer)
        (stored,) = self.records.recorder.select_notifications(answer, 1)
        assert isinstance(stored.originator_id, UUID)
        try:
            event = decoded(stored)
        except UNREAD:
            raise Refused("answer-is-another", position=answer, kind=demand.kind) from None
        signed = self.records.signed(stored.originator_id, stored.originator_version)
        if (
            not signed
            or not self.granted_at(request_id, answer)
            or not self.answers(event, request)
        ):
            raise Refused("answer-is-another", position=answer, kind=demand.kind)

    def granted_at(self, request_id: UUID, position: Position) -> bool:
        """Whether a request stood granted with the event at a position: what was before is none."""
        version = self.records.recorder.version_at(request_id, position)
        then = self.records.proved(request_id, version) if version else None
        return isinstance(then, PersonRequest) and then.status is GRANTED

    def answers(self, event: Event, request: PersonRequest) -> bool:
        """Whether an event does what was asked for; what is only said leaves the decision."""
        demand = demand_of(request)
        match demand.kind, event:
            case RequestKind.ERASE, SubjectKeyDestroyed(record=record, key=key):
                return record == demand.record and key in self.keys_of(demand)
            case ((RequestKind.RESTRICT | RequestKind.EXPLAIN), _):
                return event.originator_id in (demand.record, request.id)
            case _:
                return answering(event, demand)

    def keys_of(self, demand: Demand) -> frozenset[KeyName]:
        """The names of the keys that ever sealed what is of whom a demand is about."""
        party = demand.part.party
        record = self.records.proved_events_of(demand.record)
        found = (part for event in record for part in sealed_in(event))
        own = {part.sealed.k for part in found if part.party is party}
        return frozenset(own if demand.details is None else own | {demand.details.k})


def answering(event: Event, demand: Demand) -> bool:
    """Whether an event shows, copies or corrects what was asked for, for the person who asked."""
    match demand.kind, event:
        case RequestKind.COPY, ExportMade(selection=selection):
            told = (selection.record, selection.purpose, selection.recipient)
            return told == (demand.record, AccessPurpose.SUBJECT_REQUEST, recipient_of(demand))
        case (_, RecordOpened(viewing=seen) | KeyReleased(viewing=seen)) if shows(demand):
            return (seen.record, seen.purpose) == (demand.record, AccessPurpose.SUBJECT_REQUEST)
        case RequestKind.INSPECT, ListOpened(selection=seen) | ExportMade(selection=seen):
            return (seen.record, seen.purpose) == (demand.record, AccessPurpose.SUBJECT_REQUEST)
        case RequestKind.CORRECT, _:
            corrects = event.originator_id == demand.record and is_correction(event)
            return corrects and puts_right(event, demand.part.party)
        case _:
            return False


def shows(demand: Demand) -> bool:
    """Whether a look answers a demand: to inspect, and of a member of the team also to copy."""
    team = demand.part is PersonPart.SELF
    return demand.kind is RequestKind.INSPECT or (team and demand.kind is RequestKind.COPY)


NOTED_ANEW: Final = (SafeContactNoted, ProtectedAddressNoted)
"""What is of one party, and put right by the next fact of its kind."""


def is_correction(event: Event) -> bool:
    """Whether an event puts a fact right or takes one back.

    A safe contact and a protected address are put right by the next one.
    """
    return isinstance(event, NOTED_ANEW) or puts_something_right(event)


def recipient_of(demand: Demand) -> str:
    """Who gets a copy, as the log says it."""
    return f"{demand.part.label}本人"


def demand_of(request: PersonRequest) -> Demand:
    """What is asked for."""
    assert request.demand is not None, "a request begins with a demand"
    return request.demand


def require_granted(
    request: PersonRequest, kinds: tuple[RequestKind, ...], *, again: bool = False
) -> Demand:
    """What was granted; refused for a request of another kind or at another step.

    `again` lets one pass that is fulfilled, whose command may be sent a second time.
    """
    demand = demand_of(request)
    if demand.kind not in kinds:
        raise Refused("request-of-other-kind", kind=demand.kind)
    if request.status is not GRANTED and not (again and request.status is FULFILLED):
        raise Refused("request-at-other-step", status=request.status)
    return demand


def require_part(kind: type[Aggregate], part: PersonPart, record: UUID) -> None:
    """Refuse a record of no person, or that has no such part."""
    if kind not in (Case, Practitioner):
        raise Refused("record-without-persons", record=record)
    if (kind is Practitioner) is not (part is PersonPart.SELF):
        raise Refused("part-of-other-record", part=part)


def opened(released: Released, sealed: Sealed | None) -> str | None:
    """The text of a field, if there is one."""
    return None if sealed is None else released.open(sealed)
