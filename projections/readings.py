"""A reading: one position of the log, resolved once, that every figure of an answer is read at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any, Final, Literal
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from application.as_of import AsOf, AsOfRefused, position_at
from application.database import Database
from application.eventlog import Position, head
from application.jurisdiction import EVERYTHING, Sight
from domain.base import FIRST_DAY, LAST_DAY, SHANGHAI
from domain.territory import Territory, TerritoryFact
from projections.projector import Lagging

TREES: Final[tuple[Literal["then", "now"], ...]] = ("then", "now")
ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
WHOLE_NUMBER: Final = re.compile(r"\d{1,19}", re.ASCII)  # as many digits as PostgreSQL's bigint
TERRITORIES: Final = 64  # trees kept; one a change of boundaries that somebody reads around

Connection = psycopg.Connection[dict[str, Any]]

Boundaries = Literal["then", "now"] | date
"""Which tree counts: that of each fact's own date, that of the reading, or that of a date."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A moment to read at: everything recorded up to `position`, nothing after it.

    Of that, `sight` says what whoever asks may see, everything at first; every question goes by it.

    `today` is the business date of the moment in Asia/Shanghai; `lag` is how many recorded events
    the read models still miss; a `simulated` log holds no real work.
    """

    position: Position
    recorded_at: datetime
    lag: int
    simulated: bool
    build: int

    @property
    def today(self) -> date:
        return self.recorded_at.astimezone(SHANGHAI).date()

    @property
    def sight(self) -> Sight:
        return EVERYTHING

    def seen(self, sight: Sight) -> SeenReading:
        """The same moment as somebody sees it."""
        given = {one.name: getattr(self, one.name) for one in fields(Reading)}
        return SeenReading(**given, sight=sight)


@dataclass(frozen=True, slots=True)
class SeenReading(Reading):
    """A moment as somebody sees it."""

    sight: Sight


class Readings:
    """Where all questions begin: connections that may only read, and moments to read at."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        size: int = 8,
    ) -> None:
        self._clock = clock
        self._territories: dict[tuple[int, Position], Territory] = {}
        self._simulated: bool | None = None
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            database.reader,
            min_size=1,
            max_size=size,
            kwargs={"autocommit": True, "row_factory": dict_row},
            open=True,
        )

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection that may read the log and the live read models."""
        with self._pool.connection() as connection:
            yield connection

    def at(self, as_of: AsOf = None) -> Reading:
        """The reading at a moment; now means all that the read models hold.

        Raises `AsOfRefused` for no such moment, `Lagging` when the read models are not there yet.
        """
        with self.connection() as connection:
            build = connection.execute(
                "select number, position from reading.build where status = 'live'"
            ).fetchone()
            last = head(connection)
            reached = build["position"] if build else 0
            position = position_at(connection, as_of, now=self._clock())
            if as_of is None:
                position = min(position, reached)
            elif position > reached:
                raise Lagging(
                    f"The read models are at position {reached}, not yet at {position}; ask again.",
                    position,
                )
            event = connection.execute(
                "select recorded_at from only log.event where position = %s", (position,)
            ).fetchone()
        return Reading(
            position,
            event["recorded_at"] if event else self._clock(),
            last - reached,
            self.simulated(),
            build["number"] if build else 0,
        )

    @property
    def known_simulated(self) -> bool:
        """Whether it was seen that the log is simulated; asks nobody."""
        return self._simulated is True

    def simulated(self) -> bool:
        """Whether the log declares itself to be simulated; an empty one does not yet."""
        if self._simulated is None:
            with self.connection() as connection:
                genesis = connection.execute(
                    "select convert_from(state, 'UTF8')::jsonb as state from only log.event"
                    " where position = 1"
                ).fetchone()
            if genesis is None:
                return False
            self._simulated = genesis["state"].get("simulated") is True  # and so for ever
        return self._simulated

    def require_same_build(self, reading: Reading) -> None:
        """Refuse an answer during which another build became the live one: its places have other
        numbers. Raises `Lagging`; the question may be asked again at once."""
        with self.connection() as connection:
            live = connection.execute(
                "select number from reading.build where status = 'live'"
            ).fetchone()
        if live is None or live["number"] != reading.build:
            raise Lagging("The read models were just rebuilt; ask again.")

    def territory(self, reading: Reading) -> Territory:
        """The tree of regions and centres as known at a reading."""
        with self.connection() as connection:
            newest = connection.execute(
                "select coalesce(max(position), 0) as position from reading.territory"
                " where position <= %s",
                (reading.position,),
            ).fetchone()
            assert newest is not None
            key = (reading.build, newest["position"])
            if key not in self._territories:
                if len(self._territories) >= TERRITORIES:
                    self._territories.clear()
                self._territories[key] = _territory(connection, newest["position"])
            return self._territories[key]

    def places(self, reading: Reading) -> list[tuple[int, UUID | None, UUID]]:
        """Every place of the live build that is in sight: its number, centre and region."""
        with self.connection() as connection:
            return [
                (row["place"], row["centre"], row["region"])
                for row in connection.execute("select place, centre, region from reading.place")
                if reading.sight.sees(row["centre"], row["region"])
            ]


def date_from(text: str) -> date:
    """A date that a person wrote YYYY-MM-DD, and in no other way: 20190630 may be a position.

    Raises `ValueError`.
    """
    if not ISO_DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def moment_from(text: str) -> AsOf:
    """What a person wrote as a moment: a position, a date, or an instant with its offset from UTC.

    Raises `AsOfRefused`.
    """
    if WHOLE_NUMBER.fullmatch(text):
        return int(text)
    try:
        if "T" not in text.upper():
            return date_from(text)
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise AsOfRefused(
            f"“{text}” is no moment; write a position such as 1234, a date such as 2019-12-31, "
            "or an instant such as 2019-12-31T18:00:00+08:00.",
            f"“{text}”不是时点，请填写位置（如 1234）、日期（如 2019-12-31）或"
            "带时区的时刻（如 2019-12-31T18:00:00+08:00）。",
        )
    return instant


def boundaries_from(text: str) -> Boundaries:
    """Which tree a person asked for: then, now, or that of a date. Raises `AsOfRefused`."""
    for tree in TREES:
        if text == tree:
            return tree
    try:
        on = date_from(text)
    except ValueError:
        raise AsOfRefused(
            f"“{text}” is no boundaries; write then, now, or a date such as 2019-12-31.",
            f"“{text}”不是区划口径，请填写 then、now 或日期（如 2019-12-31）。",
        ) from None
    if not FIRST_DAY <= on <= LAST_DAY:
        raise AsOfRefused(
            f"{on} is outside {FIRST_DAY} to {LAST_DAY}; choose other boundaries.",
            f"区划日期须在 {FIRST_DAY} 至 {LAST_DAY} 之间，{on} 不在其中，请另选日期。",
        )
    return on


def _territory(connection: Connection, position: Position) -> Territory:
    rows = connection.execute(
        "select position, fact, subject, effective, other, code, name, level"
        " from reading.territory where position <= %s order by position",
        (position,),
    )
    return Territory(TerritoryFact(**row) for row in rows)
