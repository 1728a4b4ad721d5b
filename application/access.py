"""The access desk: what readers of personal data saw, and break-glass (紧急查阅)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from application.calendars import calendar_on
from application.eventlog import Receipt
from application.records import Command, Records
from domain.access import Access, AccessRequest, Selection, Viewing, access_id
from domain.base import Text, day
from domain.calendar import SATURDAY
from domain.values import AccessVerdict

REVIEW_DAYS: Final = 5  # working days after its end within which an access is judged


@dataclass(frozen=True, slots=True)
class Accesses:
    """The commands on access; `stream` is that of a reader's day, `access_id`."""

    records: Records
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def own_day(self, by: Command) -> UUID:
        """The stream of the reader's day; of a command sent again, that in which it stands."""
        recorded = self.records.recorder.aggregate_of(by.request)
        return recorded or access_id(by.by.id, day(by.occurred or self.clock()))

    def open_record(self, stream: UUID, viewing: Viewing, by: Command) -> Receipt:
        """Trace that a record was seen, under a break-glass access or without one."""
        return self.records.change(by, Access, stream, Access.open_record, viewing)

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
        """Trace a print."""
        return self.records.change(by, Access, stream, Access.make_print, selection)

    def request(self, stream: UUID, request: AccessRequest, by: Command) -> Receipt:
        """Ask to see a closed record, for at most four hours from now."""
        return self.records.change(by, Access, stream, Access.request, request)

    def grant(self, stream: UUID, access: UUID, until: datetime, by: Command) -> Receipt:
        """Open the record for at most four hours from now; never to oneself."""
        return self.records.change(
            by, Access, stream, Access.grant, access, until, review_due(day(until))
        )

    def refuse(self, stream: UUID, access: UUID, by: Command) -> Receipt:
        """Keep the record closed, saying why."""
        return self.records.change(by, Access, stream, Access.refuse, access)

    def expire(self, stream: UUID, access: UUID, by: Command) -> Receipt:
        """Note that the time of an access is over, once."""
        return self.records.change(by, Access, stream, Access.expire, access)

    def notify_owner(self, stream: UUID, access: UUID, owner: UUID, by: Command) -> Receipt:
        """Note that who is responsible for the record was told, each once."""
        return self.records.change(by, Access, stream, Access.notify_owner, access, owner)

    def after_review(
        self, stream: UUID, access: UUID, verdict: AccessVerdict, text: Text, by: Command
    ) -> Receipt:
        """Judge an access after its end: once, by another than the reader, late with a reason."""
        return self.records.change(by, Access, stream, Access.after_review, access, verdict, text)


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
