"""Figures, what is behind them, by what two readings differ, and the dictionary of indicators."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.dependencies import CurrentActor
from api.looks import LooksDep
from api.questions import (
    BoundariesDep,
    Moment,
    PeriodDep,
    PositionNumber,
    ReadAt,
    ReadingDep,
    RegionParameter,
    StatisticsDep,
    read_at,
)
from api.seeing import SeenDep
from domain.looked import Looked
from domain.values import RecordKind
from projections import indicators as dictionary
from projections.differences import Change, Moved, difference
from projections.indicators import Indicator
from projections.ledger_reading import only
from projections.questions import By, Column, Columns, Counted, Line

router = APIRouter(tags=["统计 Statistics"])

Codes = Annotated[
    list[str],
    Query(
        alias="indicators",
        min_length=1,
        max_length=100,
        description="指标代码，可多次给出。Codes of the dictionary; may be repeated.",
        examples=[["applications", "couples_counselled", "counselling_rate"]],
    ),
]


class Figures(BaseModel):
    """A table of figures.

    `notes` name the boundaries that changed in part and were not split, and say when cells of a
    sensitive figure are hidden.
    """

    reading: ReadAt
    boundaries: str
    columns: list[Column]
    indicators: list[Indicator]
    lines: list[Line]
    notes: list[str]


class Behind(BaseModel):
    """The things that a number counts; `next` leads to the following page.

    Of those of a case or person with which whoever asks declared a conflict only the sum is told:
    `masked`.
    """

    reading: ReadAt
    boundaries: str
    counted: list[Counted]
    masked: int
    next: UUID | None


class TwoReadings(BaseModel):
    """By what the later reading differs from the earlier: `changes` and `moves` add up to it.

    `changes` are the entries recorded between; `next` leads on. `moves` is what a change of
    boundaries moved into the region (+) or out of it (−), whole on the first page.
    """

    reading: ReadAt
    earlier: ReadAt
    boundaries: str
    changes: list[Change]
    moves: list[Moved]
    next: int | None


class Dictionary(BaseModel):
    """The indicators and what each of them counts."""

    reading: ReadAt
    boundaries: str
    indicators: list[Indicator]


@router.get("/statistics")
def read_statistics(
    _: CurrentActor,
    codes: Codes,
    region: RegionParameter,
    period: PeriodDep,
    seen: SeenDep,
    boundaries: BoundariesDep,
    statistics: StatisticsDep,
    by: By = By.TOTAL,
    columns: Columns = Columns.TOTAL,
) -> Figures:
    """统计表 Figures of a region and period, by row and column, as known at a moment."""
    reading = seen.reading
    table = statistics.table(
        reading, codes, region, period, by=by, columns=columns, boundaries=boundaries
    )
    return Figures(
        reading=ReadAt.of(reading),
        boundaries=str(boundaries),
        columns=table.columns,
        indicators=table.indicators,
        lines=table.lines,
        notes=table.notes,
    )


@router.get("/statistics/behind")
def read_behind(
    _: CurrentActor,
    indicator: Annotated[str, Query(examples=["couples_counselled"])],
    region: RegionParameter,
    period: PeriodDep,
    seen: SeenDep,
    boundaries: BoundariesDep,
    statistics: StatisticsDep,
    looks: LooksDep,
    by: By = By.TOTAL,
    row: Annotated[
        UUID | None,
        Query(
            description="统计表中的一行（其 id），与 by 同用；缺省为整个地区。"
            "The id of a line of a table `by` something; else the whole region."
        ),
    ] = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Behind:
    """数字明细 What a number counts, one by one; together they are the number."""
    reading = seen.reading
    counted = statistics.behind(
        reading,
        indicator,
        region,
        period,
        boundaries=boundaries,
        by=by,
        row=row,
        after=after,
        limit=limit,
    )
    masked = statistics.hidden_behind(
        reading, indicator, region, period, boundaries=boundaries, by=by, row=row
    )
    looks.list(
        RecordKind.CASE,
        Looked.BEHIND,
        len(counted),
        only(one.aggregate for one in counted),
        f"{indicator} {region} {period.first}/{period.last}",
    )
    return Behind(
        reading=ReadAt.of(reading),
        boundaries=str(boundaries),
        counted=counted,
        masked=masked,
        next=counted[-1].subject if len(counted) == limit else None,
    )


@router.get("/statistics/difference")
def read_difference(
    _: CurrentActor,
    codes: Codes,
    region: RegionParameter,
    period: PeriodDep,
    earlier: Annotated[Moment, Query(alias="from_as_of")],
    seen: SeenDep,
    boundaries: BoundariesDep,
    statistics: StatisticsDep,
    looks: LooksDep,
    after: PositionNumber | None = None,
    limit: Annotated[int, Query(ge=100, le=5000)] = 1000,
) -> TwoReadings:
    """前后差异 Each entry and move by which figures as of `as_of` differ from `from_as_of`."""
    reading = seen.reading
    before = read_at(statistics.readings, earlier).seen(reading.sight)
    found = difference(
        statistics,
        before,
        reading,
        codes,
        region,
        period,
        boundaries=boundaries,
        after=after,
        limit=limit,
    )
    looks.list(
        RecordKind.CASE,
        Looked.DIFFERENCE,
        len(found.changes),
        only(one.aggregate for one in found.changes),
        f"{', '.join(codes)} {region} {period.first}/{period.last}",
    )
    return TwoReadings(
        reading=ReadAt.of(reading),
        earlier=ReadAt.of(before),
        boundaries=str(boundaries),
        changes=found.changes,
        moves=found.moves,
        next=found.next,
    )


@router.get("/indicators")
def read_indicators(_: CurrentActor, reading: ReadingDep, boundaries: BoundariesDep) -> Dictionary:
    """指标目录 The dictionary: what each indicator counts, in which unit, since when."""
    return Dictionary(
        reading=ReadAt.of(reading),
        boundaries=str(boundaries),
        indicators=list(dictionary.INDICATORS.values()),
    )
