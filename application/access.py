"""The access desk: what readers of personal data saw, and break-glass (紧急查阅)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from application.calendars import calendar_on
from application.eventlog import Receipt
from application.jurisdiction import LOOKING, Jurisdiction, NotFound, place_of
from application.records import Actor, Command, Records
from domain.access import (
    Access,
    AccessRequest,
    Selection,
    Viewing,
    access_id,
    require_granted,
)
from domain.account import Account
from domain.base import Aggregate, Event, Place, Stamp, Text, day
from domain.calendar import SATURDAY
from domain.case import Case
from domain.centre import Centre
from domain.practitioner import Practitioner
from domain.record import find
from domain.request import PersonRequest
from domain.review import Review
from domain.supervision import SupervisionOrder
from domain.values import AccessVerdict, RecordKind

REVIEW_DAYS: Final = 5  # working days after its end within which an access is judged

RECORDS: Final[Mapping[RecordKind, type[Aggregate]]] = {
    RecordKind.CASE: Case,
    RecordKind.SEALED_NOTE: Case,
    RecordKind.PRACTITIONER: Practitioner,
    RecordKind.CENTRE: Centre,
    RecordKind.ORDER: SupervisionOrder,
    RecordKind.REVIEW: Review,
    RecordKind.ACCESS: Access,
    RecordKind.ACCOUNT: Account,
    RecordKind.REQUEST: PersonRequest,
}
"""What a record of each kind is."""


@dataclass(frozen=True, slots=True)
class Accesses:
    """The commands on access; `stream` is that of a reader's day for an office, `access_id`."""

    records: Records
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def own_day(self, by: Command) -> UUID:
        """The stream of the reader's day; of a command sent again, that in which it stands."""
        recorded = self.records.recorder.aggregate_of(by.request)
        return recorded or access_id(by.by.id, by.by.office, day(by.occurred or self.clock()))

    def open_record(self, stream: UUID, viewing: Viewing, by: Command) -> Receipt:
        """Trace that a record was seen, under a break-glass access or without one."""
        return self.records.change(by, Access, stream, Access.open_record, viewing)

    def begin_opening(
        self, stream: UUID, viewing: Viewing, by: Command, policy: Jurisdiction
    ) -> Callable[[], Receipt]:
        """Trace that a record is seen while it is read; what is returned waits for the trace."""
        return self.records.begin_change(by, policy, Access, stream, Access.open_record, viewing)

    def open_list(self, stream: UUID, selection: Selection, by: Command) -> Receipt:
        """Trace that a list was seen."""
        return self.records.change(by, Access, stream, Access.open_list, selection)

    def make_search(self, stream: UUID, selection: Selection, by: Command) -> Receipt:
        """Trace a search."""
        return self.records.change(by, Access, stream, Access.make_search, selection)

    def make_export(self, stream: UUID, selection: Selection, by: Command) -> Receipt:
        """Trace an export."""
        return self.records.change(by, Access, stream, Access.make_export, selection)

    def make_print(self, stream: UUID, selection: Selection, by: Command) -> Receipt:
        """Trace a print; its place is the office of who prints, whatever he says.

        Raises `Forbidden` for a record that he may not see and that no emergency opened to him on
        this day: whoever takes care of it would read of a look that there never was.
        """

        def printed(access: Access, selection: Selection, stamp: Stamp) -> Iterator[Event]:
            opened = {glass.record for glass in access.accesses.values() if glass.grant}
            if selection.record is not None and selection.record not in opened:
                self.require_seen(selection.record, by.by)
            placed = selection.model_copy(update={"place": self.office_of(by)})
            return access.make_print(placed, stamp)

        return self.records.insist(by, Access, stream, printed, selection)

    def request(self, stream: UUID, request: AccessRequest, by: Command) -> Receipt:
        """Ask to see a closed record, for at most four hours from now.

        Raises `NotFound` when there is no such record of that kind.
        """

        def asked(access: Access, request: AccessRequest, stamp: Stamp) -> Iterator[Event]:
            return access.request(request, self.place_of(request), stamp)

        return self.records.insist(by, Access, stream, asked, request)

    def grant(self, stream: UUID, access: UUID, until: datetime, by: Command) -> Receipt:
        """Open the record for at most four hours from now; never to oneself."""
        return self.records.insist(
            by, Access, stream, Access.grant, access, until, review_due(day(until))
        )

    def refuse(self, stream: UUID, access: UUID, by: Command) -> Receipt:
        """Keep the record closed, saying why."""
        return self.records.insist(by, Access, stream, Access.refuse, access)

    def expire(self, stream: UUID, access: UUID, by: Command) -> Receipt:
        """Note that the time of an access is over, once."""
        return self.records.insist(by, Access, stream, Access.expire, access)

    def after_review(
        self, stream: UUID, access: UUID, verdict: AccessVerdict, text: Text, by: Command
    ) -> Receipt:
        """Judge an access after its end, as another than who used it and who granted it."""
        return self.records.insist(by, Access, stream, Access.after_review, access, verdict, text)

    def open_until(self, stream: UUID, access: UUID) -> datetime:
        """When a granted access ends. Raises `NotFound`, `Refused`."""
        return require_granted(find(self.records.get(Access, stream).accesses, access)).until

    def require_open(
        self, stream: UUID, access: UUID, record: UUID, kind: RecordKind, by: Command
    ) -> None:
        """Refuse what a break-glass access does not open now. Raises `NotFound`, `Refused`."""
        asked = self.records.get(Access, stream)
        asked.require_open_access(access, record, kind, self.records.stamp(by))

    def office_of(self, by: Command) -> Place:
        """Where the office of who acts is."""
        return place_of(self.records.jurisdiction.spot_of_office(by.by.office))

    def require_seen(self, record: UUID, by: Actor) -> None:
        """Refuse a record that somebody may not look at. Raises `Forbidden`, `NotFound`."""
        found = self.records.record(record)
        self.records.jurisdiction.require_sight(by, LOOKING[type(found)], found)

    def lies(self, record: UUID) -> Place | None:
        """Where a record lies now; None of one that lies nowhere. Raises `NotFound`."""
        spots = self.records.jurisdiction.whereabouts(self.records.record(record)).spots
        return place_of(spots[0]) if spots else None

    def place_of(self, request: AccessRequest) -> Place:
        """Where the record lies that somebody asks to see. Raises `NotFound`."""
        record = self.records.get_proved(RECORDS[request.kind], request.record)
        spots = self.records.jurisdiction.whereabouts(record).spots
        if not spots:
            raise NotFound(
                f"The record {request.record} lies nowhere yet; check the number.",
                f"编号为 {request.record} 的记录没有所属单位，请核对编号。",
            )
        return place_of(spots[0])


def review_due(ended_on: date) -> date:
    """The fifth working day after the end of an access.

    In a year whose holidays nobody has announced yet every weekday counts: an emergency does not
    wait for a notice.
    """
    calendar, due, left = calendar_on(ended_on), ended_on, REVIEW_DAYS
    while left:
        due += timedelta(days=1)
        announced = due.year in calendar.years
        left -= calendar.is_working_day(due) if announced else due.weekday() < SATURDAY
    return due
