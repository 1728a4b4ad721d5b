"""What readers write in the reading log (查阅记录), a row a look, and in that of break-glass.

A row of the reading log lies where the record lay, or at the office of who looked at many; one of a
trace that says neither, at the office in its stamp.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from application.eventlog import Position, Recorded
from domain.access import (
    AccessExpired,
    AccessGranted,
    AccessRefused,
    AccessRequested,
    AfterReviewed,
    ExportMade,
    KeyReleased,
    ListOpened,
    PrintMade,
    RecordOpened,
    SearchMade,
)
from domain.base import Event, Place
from domain.values import AccessStatus, LookKind
from projections.patches import Patch, Patchers


def look(
    event: Event, recorded: Recorded, happened: LookKind, place: Place | None, **values: object
) -> Patch:
    """A row of the reading log; as such it is known by its position."""
    stamp = event.stamp
    return Patch(
        "looks",
        UUID(int=recorded.position),
        recorded.position,
        place or Place(region=stamp.office),
        {
            "reader": stamp.actor,
            "role": stamp.role,
            "office": stamp.office,
            "at": when(recorded),
            "happened": happened,
            "request": stamp.request,
            "recorded_at": recorded.recorded_at,
            **values,
        },
    )


def position_of(row: UUID) -> Position:
    """At which position the look is recorded that a row of the reading log is of."""
    return row.int


def when(recorded: Recorded) -> datetime:
    """When somebody looked; where only the day is known, when it was recorded."""
    occurred = recorded.event.stamp.occurred
    return occurred if isinstance(occurred, datetime) else recorded.recorded_at


def opened(event: RecordOpened | KeyReleased, recorded: Recorded) -> list[Patch]:
    viewing = event.viewing
    happened = LookKind.OPENED if isinstance(event, RecordOpened) else LookKind.RELEASED
    patches = [
        look(
            event,
            recorded,
            happened,
            viewing.place,
            record=viewing.record,
            kind=viewing.kind,
            surface=viewing.surface,
            purpose=viewing.purpose,
            rows=1,
            access=viewing.access,
            what=viewing.what,
        )
    ]
    if viewing.access is not None:
        last: dict[str, object] = {"last_opened_at": when(recorded)}
        patches.append(
            Patch("accesses", viewing.access, recorded.position, None, last, {"opened": 1})
        )
    return patches


SELECTED = {
    ListOpened: LookKind.LISTED,
    SearchMade: LookKind.SEARCHED,
    ExportMade: LookKind.EXPORTED,
    PrintMade: LookKind.PRINTED,
}


def selected(
    event: ListOpened | SearchMade | ExportMade | PrintMade, recorded: Recorded
) -> list[Patch]:
    selection = event.selection
    return [
        look(
            event,
            recorded,
            SELECTED[type(event)],
            selection.place,
            record=selection.record,
            kind=selection.kind,
            purpose=selection.purpose,
            rows=selection.rows,
            what=selection.what,
            recipient=selection.recipient,
            surface=selection.surface,
        )
    ]


def requested(event: AccessRequested, recorded: Recorded) -> list[Patch]:
    request, stamp = event.request, event.stamp
    about = {"record": request.record, "kind": request.kind}
    return [
        look(event, recorded, LookKind.REQUESTED, event.place, **about, access=request.id),
        Patch(
            "accesses",
            request.id,
            recorded.position,
            event.place,
            {
                **about,
                "stream": event.originator_id,
                "reader": stamp.actor,
                "role": stamp.role,
                "office": stamp.office,
                "reason": request.reason,
                "why": request.why,
                "requested_at": when(recorded),
                "asked_until": request.until,
                "status": AccessStatus.REQUESTED,
                "opened": 0,
                "recorded_at": recorded.recorded_at,
            },
        ),
    ]


Decided = AccessGranted | AccessRefused | AccessExpired | AfterReviewed


def changed(
    event: Decided, recorded: Recorded, happened: LookKind, status: AccessStatus, **values: object
) -> list[Patch]:
    """What becomes of an access."""
    return [
        look(
            event,
            recorded,
            happened,
            event.place,
            record=event.record,
            kind=event.kind,
            access=event.access,
        ),
        Patch("accesses", event.access, recorded.position, None, {"status": status, **values}),
    ]


def granted(event: AccessGranted, recorded: Recorded) -> list[Patch]:
    return changed(
        event,
        recorded,
        LookKind.GRANTED,
        AccessStatus.GRANTED,
        decided_at=when(recorded),
        decided_by=event.stamp.actor,
        until=event.until,
        review_due=event.review_due,
    )


def refused(event: AccessRefused, recorded: Recorded) -> list[Patch]:
    return changed(
        event,
        recorded,
        LookKind.REFUSED,
        AccessStatus.REFUSED,
        decided_at=when(recorded),
        decided_by=event.stamp.actor,
    )


def expired(event: AccessExpired, recorded: Recorded) -> list[Patch]:
    return changed(event, recorded, LookKind.EXPIRED, AccessStatus.EXPIRED)


def reviewed(event: AfterReviewed, recorded: Recorded) -> list[Patch]:
    return changed(
        event,
        recorded,
        LookKind.REVIEWED,
        AccessStatus.REVIEWED,
        reviewed_at=when(recorded),
        reviewed_by=event.stamp.actor,
        verdict=event.verdict,
    )


PATCHERS: Patchers = {
    RecordOpened: opened,
    KeyReleased: opened,
    ListOpened: selected,
    SearchMade: selected,
    ExportMade: selected,
    PrintMade: selected,
    AccessRequested: requested,
    AccessGranted: granted,
    AccessRefused: refused,
    AccessExpired: expired,
    AfterReviewed: reviewed,
}
