"""The history of any aggregate, straight from the log: what, when, recorded when, by whom, why."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

import psycopg
from pydantic import BaseModel

from application.eventlog import Position, Recorded, Row, decoded
from application.log_stream import beginning_of
from application.policy import MASKED
from application.records import NotFound
from application.unsigned import UNREAD, proved, rows_of
from domain.access import AccessRefused, AccessRequested, Selection, Viewing
from domain.base import Event, Occurred, Place, Sealed, day
from domain.log import LOG_ID
from domain.territory import Territory
from domain.wording import TITLES
from projections.journal import happened_on
from projections.looked import in_words
from projections.readings import Boundaries, Reading, Readings

SEALED: Final = "〔密封〕"  # what stands where only the vault can read
ENVELOPE: Final = frozenset({"originator_id", "originator_version", "stamp"})
SUMMARIES: Final = ("goals", "summary")  # of a case, for those who counsel and supervise alone
FINDINGS: Final = ("case", "cases", "text", "reason")  # of a review, for those who read the cases
MEETINGS: Final = (
    "leader",
    "members",
    "decisions",
    "conclusions",
    "head",
    "statistician",
    "prepared_by",
    "reason",
)  # of a region, for those who read its ledgers alone
LEDGERS: Final = ("result", "what")  # of a centre, for those who read its ledgers alone
FUNDS: Final = ("fen",)  # of a centre, for those who read its ledger of funds alone
ORDERS: Final = ("what", "text", "reason")  # of an order, for those who read its centre's ledgers
APPRAISALS: Final = ("remark",)  # of somebody of the team, for those who appraise and review
OF_AGGREGATE: Final = """
select position, originator_id, originator_version, topic, state, recorded_at
from only log.event
where originator_id = %s and originator_version > %s and position <= %s
order by originator_version
limit %s
"""
SIDES: Final = ("before", "after")  # of a correction
CLOSED: Final = (AccessRequested, AccessRefused)
"""Asked for and not granted: where such a record lies is told by its own office's ledger alone."""

ALL: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Moment:
    """One event in a history.

    `occurred` is when the fact happened: its day, where the stamp is of another one; `late_days` is
    how many days later it was recorded; `where` names region and centre; `before` and `after` are
    the two sides of a correction, `facts` all the rest.
    """

    position: Position
    version: int
    topic: str
    title: str
    occurred: Occurred
    recorded_at: datetime
    late_days: int
    actor: UUID
    role: str
    office: UUID
    where: str | None
    reason: str | None
    facts: dict[str, Any]
    before: Any
    after: Any


def timeline(
    readings: Readings,
    reading: Reading,
    aggregate: UUID,
    *,
    boundaries: Boundaries = "then",
    after: int = 0,
    limit: int = ALL,
    masked: Collection[str] = (),
    left_out: Collection[str] = (),
    of: Callable[[Event], bool] = lambda _: True,
    unexplained: Collection[type[Event]] = (),
) -> list[Moment]:
    """What happened to an aggregate, as known at a reading, in the order of recording.

    `of` says which events are wanted, `after` is the last version seen; of the facts named
    `masked` stands only that they are there, of those `left_out` not even that; of `unexplained`
    kinds of events no reason. Raises `NotFound`
    when nothing was known of it then.
    """
    with readings.connection() as connection:
        recorded = recorded_of(connection, aggregate, reading.position, after, limit)
    if not recorded and after == 0:
        raise not_known(aggregate, reading)
    territory = readings.territory(reading)
    return [
        unreasoned(moment) if type(one.event) in unexplained else moment
        for one in recorded
        if of(one.event)
        for moment in [moment_of(one, territory, boundaries, reading.today, masked, left_out)]
    ]


def not_known(aggregate: UUID, reading: Reading) -> NotFound:
    """What is said of a record of which nothing was known at a reading."""
    return NotFound(
        f"There is no record {aggregate} as of position {reading.position}; "
        "check the number, or ask for a later moment.",
        f"截至位置 {reading.position} 没有编号为 {aggregate} 的记录，请核对编号，"
        "或查询更晚的时点。",
    )


def recorded_of(
    connection: psycopg.Connection[Any], aggregate: UUID, position: Position, after: int, limit: int
) -> list[Recorded]:
    """The next events of an aggregate, behind a version and up to a position.

    Those that an author signed, where one cannot be read; of the log itself always, as it says only
    what is signed.
    """
    if aggregate != LOG_ID:
        found = connection.execute(OF_AGGREGATE, (aggregate, after, position, limit)).fetchall()
        with suppress(*UNREAD):
            return list(decoded([Row(**row) for row in found]))
    beginning = beginning_of(connection)
    authors = None if beginning.genesis is None else beginning.authors
    rows = proved(rows_of(connection, aggregate, after, until=position), authors)
    signed = (
        Recorded(event, row.position, row.recorded_at) for row, event in rows if event is not None
    )
    return list(islice(signed, limit))


def unreasoned(moment: Moment) -> Moment:
    """A moment without what somebody wrote why."""
    return replace(moment, reason=None)


def moment_of(
    recorded: Recorded,
    territory: Territory,
    boundaries: Boundaries,
    today: date,
    masked: Collection[str] = (),
    left_out: Collection[str] = (),
) -> Moment:
    """One event as people read it."""
    event, position, recorded_at = recorded
    stamp = event.stamp
    fact_on = happened_on(event)
    facts = shown(event, masked, ENVELOPE.union(left_out))
    if isinstance(event, CLOSED):
        facts["place"] = MASKED
    on = {"then": stamp.occurred_on, "now": today}.get(str(boundaries), boundaries)
    assert isinstance(on, date)
    return Moment(
        position=position,
        version=event.originator_version,
        topic=event.topic,
        title=TITLES.get(event.topic, event.topic),
        occurred=stamp.occurred if stamp.occurred_on == fact_on else fact_on,
        recorded_at=recorded_at,
        late_days=max(0, (day(recorded_at) - fact_on).days),
        actor=stamp.actor,
        role=stamp.role.label,
        office=stamp.office,
        where=None if isinstance(event, CLOSED) else where(event, territory, on),
        reason=MASKED if stamp.reason and "reason" in masked else stamp.reason,
        before=facts.pop(SIDES[0], None),
        after=facts.pop(SIDES[1], None),
        facts=facts,
    )


def shown(value: Any, masked: Collection[str] = (), left_out: Collection[str] = ()) -> Any:
    """A fact as a reader may see it: sealed values stay sealed, masked ones say that they are.

    What a look was at stands there as its trace has it, and in words (`what_name`).
    """
    if isinstance(value, Sealed):
        return SEALED
    if isinstance(value, BaseModel):
        members = {
            name: MASKED if name in masked else shown(inner, masked, left_out)
            for name, inner in value
            if inner is not None and name not in left_out
        }
        if isinstance(value, Viewing | Selection) and "what" in members:
            members["what_name"] = in_words(members["what"])
        return members
    if isinstance(value, (tuple, list, frozenset)):
        return [shown(inner, masked, left_out) for inner in value]
    return value


def where(event: Event, territory: Territory, on: date) -> str | None:
    """The names, on a date, of the region and centre where an event counts."""
    place = getattr(event, "place", None)
    if not isinstance(place, Place):
        return None
    region = territory.of_place(place.centre, place.region, on) or place.region
    names = [territory.name_at(node, on) for node in reversed(territory.path_at(region, on))]
    if place.centre is not None:
        names.append(territory.name_at(place.centre, on))
    return " ".join(names)


def version_and_leaf_at(readings: Readings, position: Position) -> tuple[int, bytes]:
    """The version that an aggregate reached with the event at a position, and the event's leaf."""
    with readings.connection() as connection:
        row = connection.execute(
            "select originator_version, leaf from only log.event where position = %s", (position,)
        ).fetchone()
    assert row is not None, "a receipt names a position of the log"
    return int(row["originator_version"]), bytes(row["leaf"])
