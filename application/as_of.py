"""Which position of the log a moment means: nothing recorded after it is known as of then."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg

from application.eventlog import Position, head
from domain.base import SHANGHAI
from domain.wording import Said

AsOf = Position | datetime | date | None
"""A moment to read at: a position, an instant, a date (its end in Asia/Shanghai), or now."""


class AsOfRefused(Said):
    """There is no such moment to read at."""


def position_at(connection: psycopg.Connection[Any], as_of: AsOf, *, now: datetime) -> Position:
    """The last position known at a moment.

    Raises `AsOfRefused` for a moment in the future, before the log begins, or past its last
    position, and for an instant without a time zone.
    """
    if as_of is None or isinstance(as_of, int):
        last = head(connection)
        if as_of is None:
            return last
        if not 0 < as_of <= last:
            raise no_position(last, as_of)
        return as_of
    if isinstance(as_of, datetime):
        if as_of.tzinfo is None:
            raise AsOfRefused(
                f"{as_of.isoformat()} has no time zone; add one, such as +08:00.",
                f"{as_of.isoformat()} 未带时区，请补上，如 +08:00。",
            )
        instant = as_of
        future = instant > now
    else:
        future = as_of > now.astimezone(SHANGHAI).date()
        instant = now if future else end_of(as_of)
    if future:
        raise AsOfRefused(
            f"{as_of.isoformat()} is in the future; nothing is known as of then.",
            f"{as_of.isoformat()} 在未来，届时的情况尚不可知，请另选时点。",
        )
    with connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        # Pass behind whoever is recording: its save got its time before it can be seen, and a
        # moment that was read once must never show more later.
        # Not held on to: a reader in a transaction of its own would keep everyone from recording.
        cursor.execute("select log.wait_for_writers()", prepare=True)
        row = cursor.execute(
            "select position from only log.event where recorded_at <= %s"
            " order by recorded_at desc, position desc limit 1",
            (instant,),
            prepare=True,
        ).fetchone()
    if row is None:
        raise AsOfRefused(
            f"The log began after {as_of.isoformat()}; choose a later moment.",
            f"日志始于 {as_of.isoformat()} 之后，请选择更晚的时点。",
        )
    return int(row[0])


def no_position(last: Position, position: Position) -> AsOfRefused:
    """The refusal of a position that the log does not hold."""
    return AsOfRefused(
        f"The log has positions 1 to {last}; {position} is none of them.",
        f"日志只有位置 1 至 {last}，没有位置 {position}，请另选。",
    )


def end_of(on: date) -> datetime:
    """The last microsecond of a date in Asia/Shanghai, in UTC."""
    midnight = datetime.combine(on + timedelta(days=1), datetime.min.time(), SHANGHAI)
    return midnight.astimezone(UTC) - timedelta(microseconds=1)
