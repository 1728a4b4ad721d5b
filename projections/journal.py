"""The journal of figures: one event becomes signed entries, and every figure is a sum of entries.

A pure function of one recorded event, so that a rebuild can split the log in any way. A correction
takes the old entries back and makes the new ones; what lies in the future, such as an expiry or an
overdue follow-up, is an entry dated in the future.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final, get_args
from uuid import UUID

from application.eventlog import Recorded
from domain.account_events import AnyAccountEvent
from domain.base import LATE_AFTER, Event, day
from domain.log import LogEvent
from domain.pin import ReportPinned
from projections import case_entries, centre_entries, oversight_entries, practitioner_entries
from projections.entries import Entry, Kinds, Rules, number

RULES: Final[Rules] = {
    **case_entries.RULES,
    **centre_entries.RULES,
    **practitioner_entries.RULES,
    **oversight_entries.RULES,
}

UNCOUNTED: Final[Kinds] = frozenset(
    {
        *get_args(LogEvent),
        ReportPinned,
        *get_args(AnyAccountEvent),
        *case_entries.UNCOUNTED,
        *centre_entries.UNCOUNTED,
        *practitioner_entries.UNCOUNTED,
        *oversight_entries.UNCOUNTED,
    }
)

JOURNALLED: Final = frozenset(kind.topic for kind in RULES)
"""The topics that can yield entries; a rebuild reads only those."""

RECORDS: Final = number("records")
LATE_ENTRIES: Final = number("late_entries")
CORRECTIONS: Final = number("corrections")


def happened_on(event: Event) -> date:
    """The business date of the fact that an event records; its stamp may be of another one."""
    rule = RULES.get(type(event))
    return event.stamp.occurred_on if rule is None else rule.on(event)


def entries_of(recorded: Recorded) -> Iterator[Entry]:
    """What one recorded event adds to the figures and takes from them."""
    event, position, recorded_at = recorded
    rule = RULES.get(type(event))
    if rule is None:
        return iter(())
    entries = rule.entries(event)
    place = rule.place(event)
    if place is not None:
        # A record is counted by its position: it is the thing that is late or puts another right.
        on = happened_on(event)
        at = (place.centre, place.region, UUID(int=position), on, 1)
        if rule.record:
            entries.append(Entry(RECORDS, *at))
            if day(recorded_at) - on > LATE_AFTER:
                entries.append(Entry(LATE_ENTRIES, *at))
        if rule.corrects:
            entries.append(Entry(CORRECTIONS, *at))
    return iter(entries)
