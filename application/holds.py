"""The list of legal holds (依法保全): which records are held, since when, by whom, why, until when.

It tells what an instance of ours signed: who can append to the log shows nobody a hold that there
is not, nor the end of one that stands.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row

from application.destructions import ROWS
from application.eventlog import Position
from application.inspection import SealedRow
from application.jurisdiction import Jurisdiction, NotFound
from application.key_use import NotWhole
from application.policy import Action, Actor
from application.records import Records
from application.unsigned import UNREAD, Authors, proved
from domain.base import Event, Occurred
from domain.subject import LegalHoldLifted, LegalHoldPlaced
from domain.values import HoldGround, Role

# The topics stand in the statement, so that the index of just them can answer it.
SAID: Final = (
    ROWS
    + """
where topic in ('subject.legal-hold-placed.v1', 'subject.legal-hold-lifted.v1') and position <= %s
order by position
"""
)


@dataclass(frozen=True, slots=True)
class Step:
    """A hold was placed or lifted: when, by whom, for what reason, and where the log says so."""

    position: Position
    occurred: Occurred
    recorded_at: datetime
    actor: UUID
    role: Role
    office: UUID
    reason: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """A hold on a record; without `lifted` it stands."""

    id: UUID
    record: UUID
    ground: HoldGround
    label: str
    placed: Step
    lifted: Step | None = None


class Page(NamedTuple):
    """Holds in the order in which they were placed; `next` leads to those after them."""

    found: list[Held]
    next: Position | None


def holds(
    records: Records,
    by: Actor | None,
    until: Position,
    *,
    standing: bool = False,
    after: Position = 0,
    limit: int,
) -> Page:
    """The holds as known at a position on what lies in somebody's reach now; None sees all.

    `standing` leaves out those that ended; `after` is the `next` of the page before. None is
    listed on what who asks declared a conflict with.
    """
    jurisdiction = records.jurisdiction.at_once()
    with records.recorder.datastore.get_connection() as connection:
        there = told(connection, until, records.authors)
    seen = (
        one
        for one in there
        if one.placed.position > after
        and not (standing and one.lifted)
        and (by is None or reaches(records, jurisdiction, by, one.record))
    )
    found = list(islice(seen, limit + 1))
    return Page(found[:limit], found[limit - 1].placed.position if len(found) > limit else None)


def reaches(records: Records, policy: Jurisdiction, by: Actor, record: UUID) -> bool:
    """Whether a record lies in somebody's reach, as authors signed it.

    One that cannot be read so is in nobody's: whoever hid rows of it ends no list.
    """
    with suppress(*UNREAD, NotFound, NotWhole):
        return policy.may_see(by, Action.READ_HOLDS, records.proved(record))
    return False


def told(connection: psycopg.Connection[Any], until: Position, authors: Authors) -> list[Held]:
    """Every hold that the log tells of up to a position, as it was placed and lifted."""
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        rows = [SealedRow(*row) for row in cursor.execute(SAID, (until,))]
    there: dict[tuple[UUID, UUID], Held] = {}
    for row, event in proved(rows, authors.of(connection, rows)):
        match event:
            case LegalHoldPlaced(record=record, hold=hold):
                placed = step(row, event)
                there[record, hold.id] = Held(
                    hold.id, record, hold.ground, hold.ground.label, placed
                )
            case LegalHoldLifted(record=record, hold=hold) if (record, hold.id) in there:
                there[record, hold.id] = replace(there[record, hold.id], lifted=step(row, event))
            case _:
                pass  # nobody signed it, or the row is hidden that placed it: the seal rings
    return list(there.values())


def step(row: SealedRow, event: Event) -> Step:
    """What a signed row says of who did it, and when."""
    stamp = event.stamp
    return Step(
        row.position,
        stamp.occurred,
        row.recorded_at,
        stamp.actor,
        stamp.role,
        stamp.office,
        stamp.reason,
    )
