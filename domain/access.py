"""Access (查阅): who saw which personal data and why; one stream per reader, office and day.

Closed records open in an emergency (break-glass) for at most four hours; who takes care of them
sees it at once, and somebody else judges it afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, NamedTuple, Self, assert_never
from uuid import UUID, uuid5

from pydantic import Field

from domain.base import (
    Aggregate,
    Count,
    Event,
    FreeText,
    Instant,
    KeyName,
    Place,
    Refused,
    Stamp,
    Text,
    Value,
    day,
)
from domain.record import find, require_in_order
from domain.values import (
    AccessPurpose,
    AccessReason,
    AccessStatus,
    AccessVerdict,
    RecordKind,
    RecordSurface,
    Role,
)

LONGEST_ACCESS = timedelta(hours=4)  # an emergency is over or someone else is on duty by then

NEVER_OPENED = frozenset({RecordKind.ACCESS, RecordKind.ACCOUNT, RecordKind.REQUEST})
"""Whose records no emergency opens: who looked, who may sign in, and what persons ask."""

NAMESPACE = UUID("00000000-0000-5000-8000-000000000002")
"""Of the names of streams."""


@lru_cache(10_000)  # each look of a reader asks for his day
def access_id(reader: UUID, office: UUID, on: date) -> UUID:
    """The stream of a reader's day in Asia/Shanghai, so that readers never wait for each other.

    It is of one office: who is in charge there reads it, and who works for two has two.
    """
    return uuid5(NAMESPACE, f"{reader} {office} {on.isoformat()}")


class Viewing(Value):
    """One record opened; `access` names the break-glass access under which it was.

    `place` is where the record lay: who is in charge there sees who looked. `what` names the fields
    that were opened, where they were sealed, never the personal data in them.
    """

    record: UUID
    kind: RecordKind
    surface: RecordSurface
    purpose: AccessPurpose
    place: Place | None = None
    access: UUID | None = None
    what: Text | None = None


class Selection(Value):
    """Several records listed, searched, exported or printed.

    `what` names the list or the fields asked for, never the personal data in them. `record` is the
    one record that all rows belong to, if there is one. `place` is where that lies, or the office
    of who looked at many. `recipient` is who gets an export: an office or a party's role, never a
    person's name.
    """

    kind: RecordKind
    what: Text
    rows: Count
    purpose: AccessPurpose
    place: Place | None = None
    record: UUID | None = None
    recipient: Text | None = None
    surface: RecordSurface | None = None


class AccessRequest(Value):
    """Break-glass: which record must be seen at once, why, and until when."""

    id: UUID
    record: UUID
    kind: RecordKind
    reason: AccessReason
    why: FreeText
    until: Instant


class RecordOpened(Event, topic="access.record-opened.v1"):
    """The stamp's actor saw a record."""

    viewing: Viewing


class ListOpened(Event, topic="access.list-opened.v1"):
    """The stamp's actor saw a list."""

    selection: Selection


class SearchMade(Event, topic="access.search-made.v1"):
    """The stamp's actor searched; `rows` were found."""

    selection: Selection


class ExportMade(Event, topic="access.export-made.v1"):
    """The stamp's actor took rows out of the system."""

    selection: Selection


class PrintMade(Event, topic="access.print-made.v1"):
    """The stamp's actor printed rows."""

    selection: Selection


class KeyReleased(Event, topic="access.key-released.v1"):
    """The vault opened what these keys sealed in a record, for the stamp's actor."""

    viewing: Viewing
    keys: Annotated[tuple[KeyName, ...], Field(min_length=1)]


class AccessRequested(Event, topic="access.requested.v1"):
    """The reader asks to see a record that is closed to him; it lies at `place`."""

    request: AccessRequest
    place: Place


class AccessGranted(Event, topic="access.granted.v1"):
    """The record is open to the reader until then; a verdict is due by the end of `review_due`."""

    access: UUID
    record: UUID
    kind: RecordKind
    place: Place
    until: Instant
    review_due: date


class AccessRefused(Event, topic="access.refused.v1"):
    """The record stays closed; the stamp says why."""

    access: UUID
    record: UUID
    kind: RecordKind
    place: Place


class AccessExpired(Event, topic="access.expired.v1"):
    """The time of an access is over."""

    access: UUID
    record: UUID
    kind: RecordKind
    place: Place
    until: Instant


class AfterReviewed(Event, topic="access.after-reviewed.v1"):
    """Someone else judged the access afterwards; `due` was the last day for it."""

    access: UUID
    record: UUID
    kind: RecordKind
    place: Place
    verdict: AccessVerdict
    text: FreeText
    due: date


AnyAccessEvent = (
    RecordOpened
    | ListOpened
    | SearchMade
    | ExportMade
    | PrintMade
    | KeyReleased
    | AccessRequested
    | AccessGranted
    | AccessRefused
    | AccessExpired
    | AfterReviewed
)


class Grant(NamedTuple):
    """By whom a record was opened, from when until when, and by when a verdict is due."""

    by: UUID
    since: datetime
    until: datetime
    review_due: date


class BreakGlass(NamedTuple):
    """A request for access, in which role and office it was made, and what became of it."""

    record: UUID
    kind: RecordKind
    place: Place
    requested_at: datetime
    role: Role
    office: UUID
    status: AccessStatus = AccessStatus.REQUESTED
    grant: Grant | None = None


@dataclass(frozen=True, slots=True)
class Access(Aggregate):
    """What one reader saw for one office on one day, and the accesses asked for there on it."""

    about = "access"

    reader: UUID | None = None
    office: UUID | None = None
    accesses: Mapping[UUID, BreakGlass] = field(default_factory=dict)

    def open_record(self, viewing: Viewing, by: Stamp) -> Iterator[Event]:
        """Trace that a record was seen.

        Under a break-glass access only its record and within its time, which may be past midnight.
        """
        self.require_opening(viewing, by)
        yield RecordOpened.of(self, by, viewing=viewing)

    def open_list(self, selection: Selection, by: Stamp) -> Iterator[Event]:
        """Trace that a list was seen."""
        self.require_own_day(by)
        yield ListOpened.of(self, by, selection=selection)

    def make_search(self, selection: Selection, by: Stamp) -> Iterator[Event]:
        """Trace a search."""
        self.require_own_day(by)
        yield SearchMade.of(self, by, selection=selection)

    def make_export(self, selection: Selection, by: Stamp) -> Iterator[Event]:
        """Trace an export."""
        self.require_own_day(by)
        yield ExportMade.of(self, by, selection=selection)

    def make_print(self, selection: Selection, by: Stamp) -> Iterator[Event]:
        """Trace a print."""
        self.require_own_day(by)
        yield PrintMade.of(self, by, selection=selection)

    def release_keys(
        self, viewing: Viewing, keys: tuple[KeyName, ...], by: Stamp
    ) -> Iterator[Event]:
        """Trace that the vault opens what these keys sealed; it opens nothing without this."""
        self.require_opening(viewing, by)
        yield KeyReleased.of(self, by, viewing=viewing, keys=tuple(sorted(set(keys))))

    def request(self, request: AccessRequest, place: Place, by: Stamp) -> Iterator[Event]:
        """Ask to see a closed record that lies at a place, for at most four hours from now."""
        self.require_own_day(by)
        if request.kind in NEVER_OPENED:
            raise Refused("access-never-opens", kind=request.kind)
        if request.id in self.accesses:
            raise Refused("record-exists", record=request.id)
        require_short(instant(by), request.until)
        yield AccessRequested.of(self, by, request=request, place=place)

    def grant(self, access: UUID, until: datetime, review_due: date, by: Stamp) -> Iterator[Event]:
        """Open the record for at most four hours from now; never to oneself.

        `review_due` is the fifth working day after the end.
        """
        glass = self.require_undecided(access, by)
        require_short(instant(by), until)
        if review_due <= day(until):
            raise Refused("review-due-too-early", until=until)
        yield AccessGranted.of(
            self, by, **of_what(access, glass), until=until, review_due=review_due
        )

    def refuse(self, access: UUID, by: Stamp) -> Iterator[Event]:
        """Keep the record closed, saying why."""
        glass = self.require_undecided(access, by)
        if by.reason is None:
            raise Refused("access-refusal-needs-reason")
        yield AccessRefused.of(self, by, **of_what(access, glass))

    def expire(self, access: UUID, by: Stamp) -> Iterator[Event]:
        """Note that the time of an access is over, once."""
        glass = find(self.accesses, access)
        grant = require_ended(glass, by)
        if glass.status is not AccessStatus.GRANTED:
            raise Refused("access-already-expired", access=access)
        yield AccessExpired.of(self, by, **of_what(access, glass), until=grant.until)

    def after_review(
        self, access: UUID, verdict: AccessVerdict, text: Text, by: Stamp
    ) -> Iterator[Event]:
        """Judge an access after its end: once, late with a reason.

        It is judged by another than who used it and who granted it.
        """
        glass = find(self.accesses, access)
        grant = require_ended(glass, by)
        if glass.status is AccessStatus.REVIEWED:
            raise Refused("access-already-reviewed", access=access)
        if by.actor == self.reader:
            raise Refused("verdict-by-reader")
        if by.actor == grant.by:
            raise Refused("verdict-by-grantor")
        if by.occurred_on > grant.review_due and by.reason is None:
            raise Refused("late-verdict-needs-reason", due=grant.review_due)
        yield AfterReviewed.of(
            self,
            by,
            **of_what(access, glass),
            verdict=verdict,
            text=text,
            due=grant.review_due,
        )

    def require_own_day(self, by: Stamp) -> None:
        """Refuse a trace in the stream of another reader, office or day."""
        if access_id(by.actor, by.office, by.occurred_on) != self.id:
            raise Refused("access-of-another")

    def require_opening(self, viewing: Viewing, by: Stamp) -> None:
        """Refuse what belongs to another day, or what the break-glass access does not cover."""
        if viewing.access is None:
            self.require_own_day(by)
        else:
            self.require_open_access(viewing.access, viewing.record, viewing.kind, by)

    def require_open_access(self, access: UUID, record: UUID, kind: RecordKind, by: Stamp) -> None:
        """Refuse an opening that the break-glass access does not cover.

        Sealed notes open only where they were asked for by name; their case opens with them.
        """
        glass = find(self.accesses, access)
        grant = require_granted(glass)
        if by.actor != self.reader:
            raise Refused("access-of-another")
        if (by.role, by.office) != (glass.role, glass.office):
            raise Refused("access-in-other-post", role=glass.role)
        if record != glass.record:
            raise Refused("access-to-another-record", record=record)
        if kind is RecordKind.SEALED_NOTE and glass.kind is not kind:
            raise Refused("access-not-to-notes")
        require_in_order(grant.since, instant(by))
        if instant(by) >= grant.until:
            raise Refused("access-over", until=grant.until)

    def require_undecided(self, access: UUID, by: Stamp) -> BreakGlass:
        """A request on which someone else than the reader may decide now."""
        glass = find(self.accesses, access)
        if glass.status is not AccessStatus.REQUESTED:
            raise Refused("access-already-decided", access=access)
        if by.actor == self.reader:
            raise Refused("self-grant")
        require_in_order(glass.requested_at, instant(by))
        return glass

    def evolve(self, event: AnyAccessEvent) -> Self:
        """The state after one more event."""
        match event:
            case RecordOpened() | ListOpened() | SearchMade() | ExportMade() | PrintMade():
                return self.begun(event.stamp)
            case KeyReleased():
                return self.begun(event.stamp)
            case AccessRequested(request=request, place=place):
                by = event.stamp
                glass = BreakGlass(
                    request.record, request.kind, place, instant(by), by.role, by.office
                )
                accesses = {**self.accesses, request.id: glass}
                return replace(self.begun(event.stamp), accesses=accesses)
            case AccessGranted(access=access, until=until, review_due=due):
                grant = Grant(event.stamp.actor, instant(event.stamp), until, due)
                return self.having(access, status=AccessStatus.GRANTED, grant=grant)
            case AccessRefused(access=access):
                return self.having(access, status=AccessStatus.REFUSED)
            case AccessExpired(access=access):
                return self.having(access, status=AccessStatus.EXPIRED)
            case AfterReviewed(access=access):
                return self.having(access, status=AccessStatus.REVIEWED)
            case _:
                assert_never(event)

    def begun(self, by: Stamp) -> Self:
        """The state with the reader known, and the office that he acts for."""
        if self.reader is not None:
            return self
        return replace(self, reader=by.actor, office=by.office)

    def having(self, access: UUID, **changes: Any) -> Self:
        """The state with this access changed."""
        glass = self.accesses[access]._replace(**changes)
        return replace(self, accesses={**self.accesses, access: glass})


def of_what(access: UUID, glass: BreakGlass) -> dict[str, Any]:
    """What every event on an access says of it."""
    return {"access": access, "record": glass.record, "kind": glass.kind, "place": glass.place}


def instant(by: Stamp) -> datetime:
    """When it happened; refused when only the day is known."""
    if not isinstance(by.occurred, datetime):
        raise Refused("access-needs-instant")
    return by.occurred


def require_short(since: datetime, until: datetime) -> None:
    """Refuse an access that ends before it begins, or lasts over four hours."""
    if until <= since:
        raise Refused("access-ends-first", until=until)
    if until - since > LONGEST_ACCESS:
        raise Refused("access-too-long", until=until)


def require_granted(glass: BreakGlass) -> Grant:
    """The grant; refused when there is none."""
    if glass.grant is None:
        raise Refused("access-not-granted")
    return glass.grant


def require_ended(glass: BreakGlass, by: Stamp) -> Grant:
    """The grant, once its time is over."""
    grant = require_granted(glass)
    if instant(by) < grant.until:
        raise Refused("access-not-over", until=grant.until)
    return grant
