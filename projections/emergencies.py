"""Break-glass (紧急查阅) as the people concerned see it: notices, verdicts owed, how often.

All are questions to the ledger of accesses at a reading. What is still open is asked of a clock:
an access ends by itself, whether or not anybody notes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from psycopg import sql

from domain.base import FIRST_DAY, LAST_DAY, SHANGHAI, day
from domain.values import AccessReason, AccessStatus
from projections.ledger_reading import named, spans_of, wanted_from, wanted_values
from projections.ledgers import LEDGERS
from projections.readings import Boundaries, Reading, Readings

ACCESSES: Final = LEDGERS["accesses"]


@dataclass(frozen=True, slots=True)
class Notice:
    """An access that was granted, to whom and why, and how long it opens the record from now on.

    `seconds_left` is 0 once it is over. It was used `opened` times.
    """

    access: UUID
    stream: UUID
    record: UUID
    kind: str
    region_name: str
    centre_name: str | None
    reader: UUID
    role: str
    office: UUID
    reason: str
    why: str
    requested_at: datetime
    granted_at: datetime
    granted_by: UUID
    until: datetime
    seconds_left: int
    opened: int
    last_opened_at: datetime | None
    review_due: date
    overdue: bool
    verdict: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An access that was asked for and not decided: by whom, to what, why and until when."""

    access: UUID
    stream: UUID
    record: UUID
    kind: str
    region_name: str
    centre_name: str | None
    reader: UUID
    role: str
    office: UUID
    reason: str
    why: str
    requested_at: datetime
    asked_until: datetime


@dataclass(frozen=True, slots=True)
class Own:
    """An access that somebody asked for himself, and what became of it; never where it lies.

    `seconds_left` is 0 unless it is open now.
    """

    access: UUID
    stream: UUID
    record: UUID
    kind: str
    role: str
    office: UUID
    reason: str
    why: str
    requested_at: datetime
    asked_until: datetime
    status: str
    decided_at: datetime | None
    until: datetime | None
    seconds_left: int
    opened: int


@dataclass(frozen=True, slots=True)
class Use:
    """How often break-glass was asked for, granted and used, by what it was asked for.

    `waiting` are not decided; `unused` were granted and opened nothing; of those that are over,
    `owed` have no verdict yet, `overdue` of them past their day.
    """

    reason: AccessReason
    label: str
    requested: int
    granted: int
    refused: int
    waiting: int
    unused: int
    justified: int
    unjustified: int
    owed: int
    overdue: int


Picked = TypeVar("Picked", Waiting, Own)

NOTICES: Final = sql.SQL(
    "select ledger.*, place.centre, place.region {wanted} and ledger.until is not null{owed}"
    " order by {order}, ledger.row limit %(limit)s"
)
WAITING: Final = sql.SQL(
    "select ledger.*, place.centre, place.region {wanted} and ledger.status = 'requested'"
    " order by ledger.requested_at desc, ledger.row limit %(limit)s"
)
OWN: Final = sql.SQL(
    "select * from reading.ledger_accesses as ledger where ledger.reader = %(reader)s"
    " and ledger.from_position <= %(position)s and ledger.to_position > %(position)s"
    " order by ledger.requested_at desc, ledger.row limit %(limit)s"
)
NEWEST: Final = sql.SQL("ledger.decided_at desc")
MOST_URGENT: Final = sql.SQL("ledger.review_due")
OWED: Final = sql.SQL(" and ledger.reviewed_at is null and ledger.until <= %(now)s")
OVERDUE: Final = sql.SQL(
    " and ledger.reviewed_at is null and ledger.until <= %(now)s and ledger.review_due < %(today)s"
)
USE: Final = sql.SQL(
    "select ledger.reason, count(*) as requested, count(ledger.until) as granted,"
    " count(*) filter (where ledger.status = 'refused') as refused,"
    " count(*) filter (where ledger.status = 'requested') as waiting,"
    " count(*) filter (where ledger.until is not null and ledger.opened = 0) as unused,"
    " count(*) filter (where ledger.verdict = 'justified') as justified,"
    " count(*) filter (where ledger.verdict = 'unjustified') as unjustified,"
    " count(*) filter (where true {owed}) as owed,"
    " count(*) filter (where true {overdue}) as overdue"
    " {wanted} group by ledger.reason order by ledger.reason"
)


def notices(readings: Readings, reading: Reading, now: datetime, *, limit: int) -> list[Notice]:
    """The granted accesses to records that are in sight, the newest first."""
    return _granted(readings, reading, now, sql.SQL(""), NEWEST, limit)


def waiting(readings: Readings, reading: Reading, *, limit: int) -> list[Waiting]:
    """The accesses in sight that nobody has decided on, the newest first."""
    statement = WAITING.format(wanted=wanted_from(ACCESSES, reading, {}))
    rows = _in_sight(readings, reading, statement, limit=limit)
    return [_picked(Waiting, row) for row in rows]


def own(
    readings: Readings, reading: Reading, now: datetime, reader: UUID, *, limit: int
) -> list[Own]:
    """The accesses that somebody asked for himself, in whatever post, the newest first."""
    with readings.connection() as connection:
        asked = {"reader": reader, "position": reading.position, "limit": limit}
        rows = connection.execute(OWN, asked).fetchall()
    readings.require_same_build(reading)
    return [
        _picked(Own, row, seconds_left=0 if row["until"] is None else _left(row["until"], now))
        for row in rows
    ]


def verdicts_owed(
    readings: Readings, reading: Reading, now: datetime, *, overdue: bool, limit: int
) -> list[Notice]:
    """The accesses in sight that are over and not judged, the most urgent first."""
    return _granted(readings, reading, now, OVERDUE if overdue else OWED, MOST_URGENT, limit)


def use(
    readings: Readings,
    reading: Reading,
    now: datetime,
    *,
    region: str | UUID | None = None,
    boundaries: Boundaries = "then",
    first: date = FIRST_DAY,
    last: date = LAST_DAY,
) -> list[Use]:
    """What became of the accesses asked for from `first` to `last` (both included).

    One line a reason, those that nobody gave with zeros. Raises `QuestionRefused`.
    """
    statement = USE.format(wanted=wanted_from(ACCESSES, reading, {}), owed=OWED, overdue=OVERDUE)
    territory = readings.territory(reading)
    spans = spans_of(readings, reading, ACCESSES, territory, region, boundaries, first, last)
    with readings.connection() as connection:
        rows = connection.execute(
            statement, {**wanted_values(readings, spans, reading, {}), **_at(now)}
        ).fetchall()
    readings.require_same_build(reading)
    counts: Mapping[str, dict[str, Any]] = {row.pop("reason"): row for row in rows}
    nothing = dict.fromkeys(Use.__slots__[2:], 0)
    return [Use(one, one.label, **counts.get(one, nothing)) for one in AccessReason]


def _granted(
    readings: Readings,
    reading: Reading,
    now: datetime,
    owed: sql.Composable,
    order: sql.Composable,
    limit: int,
) -> list[Notice]:
    statement = NOTICES.format(wanted=wanted_from(ACCESSES, reading, {}), owed=owed, order=order)
    rows = _in_sight(readings, reading, statement, **_at(now), limit=limit)
    return [_notice(row, now) for row in rows]


def _in_sight(
    readings: Readings, reading: Reading, statement: sql.Composed, **values: object
) -> list[dict[str, Any]]:
    """Rows of the ledger, with the names of where they lie."""
    territory = readings.territory(reading)
    spans = spans_of(readings, reading, ACCESSES, territory, None, "then", FIRST_DAY, LAST_DAY)
    with readings.connection() as connection:
        rows = connection.execute(
            statement, {**wanted_values(readings, spans, reading, {}), **values}
        ).fetchall()
    readings.require_same_build(reading)
    return [named(row, ACCESSES, reading, territory, "then") for row in rows]


def _picked(kind: type[Picked], row: Mapping[str, Any], **more: object) -> Picked:
    """What a list says of a row, its instants as people in Asia/Shanghai write them."""
    told = {**row, "access": row["row"], **more}
    wanted: dict[str, Any] = {field.name: told[field.name] for field in fields(kind)}
    for name, value in wanted.items():
        if isinstance(value, datetime):
            wanted[name] = value.astimezone(SHANGHAI)
    return kind(**wanted)


def _left(until: datetime, now: datetime) -> int:
    return max(0, int((until - now).total_seconds()))


def _notice(row: dict[str, Any], now: datetime) -> Notice:
    over = row["until"] <= now
    return Notice(
        access=row["row"],
        granted_at=row["decided_at"].astimezone(SHANGHAI),
        granted_by=row["decided_by"],
        until=row["until"].astimezone(SHANGHAI),
        seconds_left=_left(row["until"], now),
        overdue=over and row["status"] != AccessStatus.REVIEWED and row["review_due"] < day(now),
        **{
            name: row[name]
            for name in (
                "stream", "record", "kind", "region_name", "centre_name", "reader", "role",
                "office", "reason", "why", "requested_at", "opened", "last_opened_at", "review_due",
                "verdict",
            )
        },
    )  # fmt: skip


def _at(now: datetime) -> dict[str, object]:
    return {"now": now, "today": day(now)}
