"""What a question is asked by: its moment, region, boundaries and days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Header, Query
from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from api.dependencies import SystemDep
from application.as_of import no_position
from application.eventlog import head
from projections.projector import Lagging
from projections.questions import Period
from projections.readings import (
    ISO_DATE,
    Boundaries,
    Reading,
    Readings,
    boundaries_from,
    moment_from,
)
from projections.statistics import Statistics

LAST_POSITION: Final = 2**63 - 1  # as PostgreSQL's bigint
WAIT: Final = 5.0  # seconds that a query waits for what its client wrote before
SIMULATED: Final = "模拟数据，不代表真实工作。Simulated – no real work."


class ReadAt(BaseModel):
    """The moment of an answer: everything recorded up to `position`, nothing after it.

    `lag` is how many recorded events the read models still miss; `notice` warns of a simulated log.
    """

    position: int
    recorded_at: datetime
    lag: int
    simulated: bool
    notice: str | None = None

    @classmethod
    def of(cls, reading: Reading) -> ReadAt:
        """What an answer says about its reading."""
        return cls(
            position=reading.position,
            recorded_at=reading.recorded_at,
            lag=reading.lag,
            simulated=reading.simulated,
            notice=SIMULATED if reading.simulated else None,
        )


PositionNumber = Annotated[int, Field(ge=1, le=LAST_POSITION)]
Moment = Annotated[
    str,
    Query(
        max_length=40,
        pattern=r"^[0-9TZ:.+\- ]+$",
        description="截至：位置、日期（当日终了）或带时区的时刻，缺省为现在。"
        "As of a position, a date (its end in Asia/Shanghai) or an instant with its offset.",
        examples=["2019-12-31"],
    ),
]


def read_at(readings: Readings, moment: str | None) -> Reading:
    """The reading at what a person wrote. Raises `AsOfRefused`, `Lagging`."""
    # A plus sign that nobody escaped arrives as a space.
    return readings.at(moment_from(moment.replace(" ", "+")) if moment else None)


def last_position(readings: Readings) -> int:
    """The last position of the log."""
    with readings.connection() as connection:
        return head(connection)


def reading_of(
    system: SystemDep,
    as_of: Moment | None = None,
    min_position: Annotated[
        PositionNumber | None,
        Query(description="等待查询数据更新到该位置。Wait until readings hold this position."),
    ] = None,
    huhang_position: Annotated[
        PositionNumber | None,
        Header(description="同 min_position。The same as `min_position`."),
    ] = None,
) -> Reading:
    """The reading of a query. Raises `AsOfRefused`, `Lagging`."""
    wanted = max(min_position or 0, huhang_position or 0)
    if wanted:
        last = last_position(system.readings)
        if wanted > last:
            raise no_position(last, wanted)
        system.projector.wait(wanted, WAIT)
    try:
        return read_at(system.readings, as_of)
    except Lagging as behind:
        # Today's end is the last position, ahead of the read models whenever somebody records:
        # that very position is waited for, once.
        system.projector.wait(behind.position, WAIT)
        return system.readings.at(behind.position)


ReadingDep = Annotated[Reading, Depends(reading_of)]


def region_from(value: Any) -> Any:
    """A region's id, or its official code."""
    try:
        return UUID(value) if isinstance(value, str) and "-" in value else value
    except ValueError:
        return value


RegionParameter = Annotated[
    UUID | Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,36}$")],
    BeforeValidator(region_from),
    Query(
        description="区划代码或编号。Official code or id of a region.",
        examples=["370000"],
    ),
]


async def boundaries_of(
    boundaries: Annotated[
        str,
        Query(
            pattern=r"^(then|now|[0-9]{4}-[0-9]{2}-[0-9]{2})$",
            description="区划口径：then 当时，now 现行，或某日。"
            "Whose boundaries count: then, now, or those of a date.",
            examples=["then"],
        ),
    ] = "then",
) -> Boundaries:
    """Whose boundaries count. Raises `AsOfRefused`."""
    return boundaries_from(boundaries)


BoundariesDep = Annotated[Boundaries, Depends(boundaries_of)]


def iso(value: Any) -> Any:
    """A date is written YYYY-MM-DD and in no other way."""
    if not isinstance(value, str) or not ISO_DATE.fullmatch(value):
        raise ValueError("write the date like 2019-12-31")
    return value


Day = Annotated[date, BeforeValidator(iso), WithJsonSchema({"type": "string", "format": "date"})]


async def period_of(
    first: Annotated[Day, Query(alias="from", examples=["2019-01-01"])],
    last: Annotated[Day, Query(alias="to", examples=["2019-12-31"])],
) -> Period:
    """The period of a question, both days included. Raises `QuestionRefused`."""
    return Period(first, last)


PeriodDep = Annotated[Period, Depends(period_of)]


async def statistics_of(system: SystemDep) -> Statistics:
    return Statistics(system.readings)


StatisticsDep = Annotated[Statistics, Depends(statistics_of)]
