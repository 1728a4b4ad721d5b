"""Figures of any period, region and moment: sums of signed entries, and the entries behind them.

A flow of a column is the sum of the entries dated in it; a stock is the sum of all entries dated up
to the column's end; a ratio is two such sums. Everything is read at one position (domain §4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from application.eventlog import Position
from domain.base import FIRST_DAY, LAST_DAY
from domain.territory import Territory
from domain.values import IndicatorKind, RegionLevel
from domain.wording import Said
from projections import builds, indicators
from projections.indicators import NUMBERED, Indicator
from projections.readings import Boundaries, Reading, Readings
from projections.suppression import Cell, hidden_cells, shown_codes

MOST_CELLS: Final = 200_000  # of one answer; more is a mistake or an attack
TOTAL: Final = 0  # the rollup's place that stands for all


class Columns(StrEnum):
    """How a period is cut into columns."""

    TOTAL = "total"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class By(StrEnum):
    """What the rows of a table are."""

    TOTAL = "total"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    CENTRE = "centre"


HIDDEN: Final = (
    "Hidden are cells of a sensitive figure below five, and others from which they could be "
    "worked out."
)

LEVELS: Final = {
    By.CITY: (RegionLevel.CITY,),
    By.COUNTY: (RegionLevel.COUNTY, RegionLevel.FUNCTIONAL_ZONE),
    By.TOWNSHIP: (RegionLevel.TOWNSHIP,),
}
"""Whose rows are meant; functional zones (功能区) stand beside the counties."""


class QuestionRefused(Said):
    """A question that has no answer; the sentence says how to ask."""


def no_region(region: str | UUID) -> QuestionRefused:
    """The refusal of a region that is not known at a reading."""
    return QuestionRefused(
        f"There is no region “{region}”; look it up in the list of regions.",
        f"没有区划“{region}”，请查看区划列表。",
    )


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last date, both included, in Asia/Shanghai."""

    first: date
    last: date

    def __post_init__(self) -> None:
        for on in (self.first, self.last):
            if not FIRST_DAY <= on <= LAST_DAY:
                raise QuestionRefused(
                    f"{on} is outside {FIRST_DAY} to {LAST_DAY}; choose another day.",
                    f"{on} 不在 {FIRST_DAY} 至 {LAST_DAY} 之间，请另选日期。",
                )
        if self.last < self.first:
            raise QuestionRefused(
                f"The period ends on {self.last}, before it starts on {self.first}; swap them.",
                f"起始日期 {self.first} 晚于截止日期 {self.last}，请对调。",
            )


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an answer: its label, first and last date."""

    label: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. A ratio shows what it is made of.

    A small sensitive cell is suppressed, and so is one from which it could be worked out.

    A median shows as `denominator` of how many things it is one.
    """

    value: int | float | None
    numerator: int | None = None
    denominator: int | None = None
    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: a region or centre, and for each indicator one figure a column."""

    id: UUID
    code: str | None
    name: str
    figures: dict[str, list[Figure]]


@dataclass(frozen=True, slots=True)
class Table:
    """An answer: what was asked, as of when, and the figures."""

    reading: Reading
    boundaries: Boundaries
    columns: list[Column]
    indicators: list[Indicator]
    lines: list[Line]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Counted:
    """One thing that a number counts, and the last event that touched it."""

    subject: UUID
    quantity: int
    occurred_on: date
    position: Position
    aggregate: UUID
    topic: str
    recorded_at: datetime
    centre: UUID | None
    region: UUID


@dataclass(frozen=True, slots=True)
class Scope:
    """The region asked for, and the tree in which its places are found."""

    region: UUID
    territory: Territory
    boundaries: Boundaries
    fixed: date | None
    everything: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a column in which no boundary changes; column −1 is the time before the period."""

    column: int
    first: date
    last: date


class Statistics:
    """The questions about figures."""

    def __init__(self, readings: Readings) -> None:
        self.readings = readings

    def table(
        self,
        reading: Reading,
        codes: Sequence[str],
        region: str | UUID,
        period: Period,
        *,
        by: By = By.TOTAL,
        columns: Columns = Columns.TOTAL,
        boundaries: Boundaries = "then",
    ) -> Table:
        """Figures of a region for a period, by row and column.

        Units as in the dictionary. Raises `UnknownIndicator`, `QuestionRefused`.
        """
        wanted = [indicators.get(code) for code in dict.fromkeys(codes)]
        scope = self.scope(reading, region, period, boundaries)
        cut = cut_into(period, columns)
        numbers = sorted({number for indicator in wanted for number in summed(indicator)})
        stocks = any(NUMBERED[number].kind is IndicatorKind.STOCK for number in numbers)
        pieces = pieces_of(cut, scope, by, stocks)
        rows = Rows(scope, by, self.readings.places(reading))
        if (1 if by is By.TOTAL else len(rows.places)) * len(cut) * len(wanted) > MOST_CELLS:
            raise QuestionRefused(
                "This table is too large; ask for a shorter period or fewer indicators.",
                "表格过大，请缩短时段或减少指标。",
            )
        sums = self._sums(reading, rows, pieces, numbers)
        lines = self._lines(rows, cut, pieces, sums, wanted)
        for indicator in wanted:
            if indicator.kind is IndicatorKind.MEDIAN:
                self._add_medians(reading, rows, pieces, lines, indicator)
        self.readings.require_same_build(reading)
        notes = self._notes(scope, period)
        if any(one.suppressed for line in lines for of in line.figures.values() for one in of):
            notes.append(HIDDEN)
        return Table(reading, boundaries, cut, wanted, lines, notes)

    def figure(
        self,
        reading: Reading,
        code: str,
        region: str | UUID,
        period: Period,
        boundaries: Boundaries = "then",
    ) -> Figure:
        """One number."""
        table = self.table(reading, [code], region, period, boundaries=boundaries)
        return table.lines[0].figures[code][0]

    def behind(
        self,
        reading: Reading,
        code: str,
        region: str | UUID,
        period: Period,
        *,
        boundaries: Boundaries = "then",
        by: By = By.TOTAL,
        row: UUID | None = None,
        after: UUID | None = None,
        limit: int = 100,
    ) -> list[Counted]:
        """The things that a number counts, in the order of their ids; `after` is the last one seen.

        Of a table `by` cities, centres and so on, `row` is the line in which the number stands;
        without it, the number is that of the region. A ratio is opened through its numerator or
        denominator. Raises `QuestionRefused`.
        """
        indicator = indicators.get(code)
        scope = self.scope(reading, region, period, boundaries)
        require_open(indicator, scope, row)
        with self.readings.connection() as connection:
            rows = connection.execute(
                builds.file("behind.sql"),
                {
                    **self.spans(reading, scope, period, indicator.kind, by, row),
                    "indicators": list(indicators.numbers_of(code)),
                    "position": reading.position,
                    "after": after,
                    "limit": limit,
                },
            ).fetchall()
        self.readings.require_same_build(reading)
        return [Counted(**row) for row in rows]

    def scope(
        self, reading: Reading, region: str | UUID, period: Period, boundaries: Boundaries
    ) -> Scope:
        """The region asked for, as known at a reading. Raises `QuestionRefused`."""
        fixed = boundaries if isinstance(boundaries, date) else None
        if boundaries == "now":
            fixed = reading.today
        found = scope_in(self.readings.territory(reading), region, period, boundaries, fixed)
        if found is None:
            raise no_region(region)
        return replace(found, everything=found.everything and reading.sight.everything)

    def _sums(
        self,
        reading: Reading,
        rows: Rows,
        pieces: Sequence[Piece],
        numbers: Sequence[int],
    ) -> dict[tuple[int, int, int], int]:
        """Piece, place and indicator → sum."""
        total = rows.whole
        months: list[tuple[int, date, date]] = []
        days: list[tuple[int, date, date]] = []
        for number, piece in enumerate(pieces):
            whole, odd = months_and_days(piece.first, piece.last)
            months += [(number, *span) for span in whole]
            days += [(number, *span) for span in odd]
        if total and not days:
            places: list[int] = []
        else:
            dates = {piece.first for piece in pieces}
            places = [place for place in rows.places if any(rows.counts(place, on) for on in dates)]
        with self.readings.connection() as connection:
            sums = connection.execute(
                builds.file("sums.sql"),
                {
                    "month_columns": [column for column, _, _ in months],
                    "month_firsts": [first for _, first, _ in months],
                    "month_afters": [after for _, _, after in months],
                    "day_columns": [column for column, _, _ in days],
                    "day_firsts": [first for _, first, _ in days],
                    "day_lasts": [last for _, _, last in days],
                    "indicators": list(numbers),
                    "first_month": min((first for _, first, _ in months), default=FIRST_DAY),
                    "after_month": max((after for _, _, after in months), default=FIRST_DAY),
                    "rollup_places": [TOTAL] if total else places,
                    "places": places,
                    "total": total,
                    "block": reading.position // builds.BLOCK,
                    "size": builds.BLOCK,
                    "position": reading.position,
                },
                prepare=True,
            ).fetchall()
        return {(row["col"], row["place"], row["indicator"]): row["quantity"] for row in sums}

    def _lines(
        self,
        rows: Rows,
        columns: Sequence[Column],
        pieces: Sequence[Piece],
        sums: dict[tuple[int, int, int], int],
        wanted: Sequence[Indicator],
    ) -> list[Line]:
        flows: dict[tuple[UUID, int, int], int] = defaultdict(int)
        changes: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        for (number, place, indicator), quantity in sums.items():
            piece = pieces[number]
            changes[piece.column].append((place, indicator, quantity))
            if piece.column >= 0 and (row := rows.of(place, piece.first)) is not None:
                flows[row, piece.column, indicator] += quantity
        stocks: dict[tuple[UUID, int, int], int] = defaultdict(int)
        running: dict[tuple[int, int], int] = defaultdict(int)
        for column in range(-1, len(columns)):
            for place, indicator, quantity in changes[column]:
                if NUMBERED[indicator].kind is IndicatorKind.STOCK:
                    running[place, indicator] += quantity
            if column < 0:
                continue
            for (place, indicator), quantity in running.items():
                if (row := rows.of(place, columns[column].last)) is not None:
                    stocks[row, column, indicator] += quantity

        def total(row: UUID, column: int, code: str) -> int:
            return sum(
                (stocks if NUMBERED[number].kind is IndicatorKind.STOCK else flows).get(
                    (row, column, number), 0
                )
                for number in indicators.numbers_of(code)
            )

        def figure(row: UUID, column: int, indicator: Indicator) -> Figure:
            if any((row, column, code) in hidden for code in shown_codes([indicator])):
                return Figure(None, suppressed=True)
            if indicator.kind is IndicatorKind.RATIO:
                assert indicator.numerator is not None
                assert indicator.denominator is not None
                above = total(row, column, indicator.numerator)
                below = total(row, column, indicator.denominator)
                return Figure(round(above / below, 4) if below else None, above, below)
            if indicator.kind is IndicatorKind.MEDIAN:
                return Figure(None, denominator=0)  # filled in where anything was counted
            return Figure(total(row, column, indicator.code))

        scope = rows.scope
        found = {row for row, _, _ in (*flows, *stocks)}
        on = scope.fixed or columns[-1].last
        shown = [scope.region] if rows.by is By.TOTAL else sorted(found)
        hidden = frozenset[Cell]()
        if not rows.whole and any(indicator.sensitive for indicator in wanted):
            regions = {row: rows.region_of(row, on) for row in shown}
            hidden = hidden_cells(regions, len(columns), wanted, total)
        lines = []
        for row in shown:
            node = scope.territory.regions.get(row)
            lines.append(
                Line(
                    row,
                    node.code if node else None,
                    scope.territory.name_at(row, on),
                    {
                        indicator.code: [
                            figure(row, column, indicator) for column in range(len(columns))
                        ]
                        for indicator in wanted
                    },
                )
            )
        return sorted(lines, key=lambda line: (line.code or "~", line.name))

    def _add_medians(
        self,
        reading: Reading,
        rows: Rows,
        pieces: Sequence[Piece],
        lines: Sequence[Line],
        indicator: Indicator,
    ) -> None:
        assert indicator.numerator is not None
        numbers = {line.id: number for number, line in enumerate(lines)}
        spans = [
            (numbers[row], piece.column, place, piece.first, piece.last)
            for place in rows.places
            for piece in pieces
            if piece.column >= 0 and (row := rows.of(place, piece.first)) in numbers
        ]
        with self.readings.connection() as connection:
            medians = connection.execute(
                builds.file("medians.sql"),
                {
                    "lines": [span[0] for span in spans],
                    "cols": [span[1] for span in spans],
                    "span_places": [span[2] for span in spans],
                    "span_firsts": [span[3] for span in spans],
                    "span_lasts": [span[4] for span in spans],
                    "indicators": list(indicators.numbers_of(indicator.numerator)),
                    "position": reading.position,
                },
            ).fetchall()
        for found in medians:
            lines[found["line"]].figures[indicator.code][found["col"]] = Figure(
                found["median"], denominator=found["things"]
            )

    def spans(
        self,
        reading: Reading,
        scope: Scope,
        period: Period,
        kind: IndicatorKind,
        by: By = By.TOTAL,
        row: UUID | None = None,
    ) -> dict[str, list[Any]]:
        """Which place counts from when to when: the rows that drill-down and difference look at.

        All that count in the region, or those that count in one row of a table of it.
        """
        stock = kind is IndicatorKind.STOCK
        first = FIRST_DAY if stock else period.first
        column = Column("", first, period.last)
        pieces = pieces_of([column], scope, By.CENTRE, stocks=False)
        rows = Rows(scope, by, self.readings.places(reading))

        def counts(place: int, on: date) -> bool:
            return rows.counts(place, on) if row is None else rows.of(place, on) == row

        spans = [
            (place, piece.first, piece.last)
            for place in rows.places
            for piece in pieces
            if counts(place, period.last if stock else piece.first)
        ]
        return {
            "span_places": [place for place, _, _ in spans],
            "span_firsts": [first for _, first, _ in spans],
            "span_lasts": [last for _, _, last in spans],
        }

    def _notes(self, scope: Scope, period: Period) -> list[str]:
        """Part successions that touch the region: they are said, never silently split."""
        territory = scope.territory
        notes = []
        for succession in territory.successions:
            if succession.whole or succession.effective > max(period.last, scope.fixed or date.min):
                continue
            if scope.boundaries == "then" and succession.effective <= period.first:
                continue
            on = succession.effective
            involved = {
                *territory.path_at(succession.region, on),
                *territory.path_at(succession.successor, on),
            }
            if scope.region in involved:
                notes.append(
                    f"Part of {territory.name_at(succession.region, on)} went to "
                    f"{territory.name_at(succession.successor, on)} on {on}; what lay there counts "
                    "where its centre is, and is not split where no centre tells."
                )
        return notes


def scope_in(
    territory: Territory,
    region: str | UUID,
    period: Period,
    boundaries: Boundaries,
    fixed: date | None,
) -> Scope | None:
    """The region asked for in a tree; None when that tree does not know it."""
    on = fixed or period.last
    found = territory.with_code(region, on) if isinstance(region, str) else region
    if found is None or found not in territory.regions:
        return None
    return Scope(found, territory, boundaries, fixed, territory.tops_at(on) == {found})


def require_open(indicator: Indicator, scope: Scope, row: UUID | None = None) -> None:
    """Refuse to open what is no sum of entries, or what could point at persons."""
    if indicator.numerator is not None:
        parts = " or ".join(filter(None, (indicator.numerator, indicator.denominator)))
        raise QuestionRefused(
            f"{indicator.code} is worked out from other figures; open {parts} instead.",
            f"{indicator.code} 由其他指标算得，请改为查看 {parts.replace(' or ', ' 或 ')}。",
        )
    if indicator.sensitive and (row is not None or not scope.everything):
        raise QuestionRefused(
            f"{indicator.code} is sensitive: it opens for the whole province only, because the few "
            "cases of a smaller region could point at persons.",
            f"{indicator.code} 为敏感指标，地区个案过少可能指向个人，只能在全省范围查看。",
        )


def summed(indicator: Indicator) -> tuple[int, ...]:
    """The stored indicators whose sums a figure needs."""
    match indicator.kind:
        case IndicatorKind.RATIO:
            assert indicator.numerator is not None
            assert indicator.denominator is not None
            return (
                *indicators.numbers_of(indicator.numerator),
                *indicators.numbers_of(indicator.denominator),
            )
        case IndicatorKind.MEDIAN:
            return ()
        case _:
            return indicators.numbers_of(indicator.code)


class Rows:
    """In which row of a table each place counts on a date."""

    def __init__(
        self, scope: Scope, by: By, places: Iterable[tuple[int, UUID | None, UUID]]
    ) -> None:
        self.scope = scope
        self.by = by
        self.places = {place: (centre, region) for place, centre, region in places}
        self.whole = scope.everything and by is By.TOTAL
        self._found: dict[tuple[int, date], UUID | None] = {}

    def of(self, place: int, on: date) -> UUID | None:
        """The region or centre of the row; None outside the region asked for."""
        if place == TOTAL:
            return self.scope.region
        key = (place, self.scope.fixed or on)
        if key not in self._found:
            self._found[key] = self._row(*self.places[place], key[1])
        return self._found[key]

    def counts(self, place: int, on: date) -> bool:
        """Whether what is of a place and date counts in the region asked for."""
        return self.scope.everything or self.of(place, on) is not None

    def region_of(self, row: UUID, on: date) -> UUID:
        """The region of whose own figure a row is a part; of what lies nowhere nearer, itself."""
        territory = self.scope.territory
        node = territory.regions.get(row)
        if node is not None:
            whole = self.by is By.CENTRE or node.level not in LEVELS.get(self.by, ())
            return row if whole else next(iter(territory.path_at(row, on)[1:]), row)
        regions = (region for centre, region in self.places.values() if centre == row)
        return territory.of_place(row, next(regions, row), on) or row

    def _row(self, centre: UUID | None, region: UUID, on: date) -> UUID | None:
        territory = self.scope.territory
        lies_in = territory.of_place(centre, region, on)
        if lies_in is None:
            return None
        path = territory.path_at(lies_in, on)
        if self.scope.region not in path:
            return None
        if self.by is By.TOTAL:
            return self.scope.region
        if self.by is By.CENTRE:
            return centre or lies_in
        for node in path:
            if territory.regions[node].level in LEVELS[self.by]:
                return node
        return lies_in


def cut_into(period: Period, columns: Columns) -> list[Column]:
    """The columns of a period; the first and last may be parts of a month, quarter or year."""
    if columns is Columns.TOTAL:
        return [Column(f"{period.first} – {period.last}", period.first, period.last)]
    months = {Columns.MONTH: 1, Columns.QUARTER: 3, Columns.YEAR: 12}[columns]
    cut = []
    first = period.first
    while first <= period.last:
        month = (first.month - 1) // months * months + 1
        after = add_months(date(first.year, month, 1), months)
        label = {
            Columns.MONTH: f"{first:%Y-%m}",
            Columns.QUARTER: f"{first.year}-Q{(first.month + 2) // 3}",
            Columns.YEAR: f"{first.year}",
        }[columns]
        cut.append(Column(label, first, min(period.last, after - timedelta(days=1))))
        first = after
    return cut


def pieces_of(columns: Sequence[Column], scope: Scope, by: By, stocks: bool) -> list[Piece]:
    """Columns cut at every date on which a boundary changed, where that matters to the rows."""
    matters = scope.boundaries == "then" and not (scope.everything and by is By.TOTAL)
    changes = scope.territory.changes() if matters else []
    pieces = [
        Piece(number, first, after - timedelta(days=1))
        for number, column in enumerate(columns)
        for first, after in pairwise(
            (
                column.first,
                *(on for on in changes if column.first < on <= column.last),
                column.last + timedelta(days=1),
            )
        )
    ]
    if stocks and columns[0].first > FIRST_DAY:
        pieces.append(Piece(-1, FIRST_DAY, columns[0].first - timedelta(days=1)))
    return pieces


def months_and_days(
    first: date, last: date
) -> tuple[list[tuple[date, date]], list[tuple[date, date]]]:
    """The whole months of a span as (first day, day after), and its odd days as (first, last)."""
    start = first if first.day == 1 else add_months(first.replace(day=1), 1)
    after = last + timedelta(days=1)
    end = after.replace(day=1)
    if start >= end:
        return [], [(first, last)]
    days = []
    if first < start:
        days.append((first, start - timedelta(days=1)))
    if end < after:
        days.append((end, last))
    return [(start, end)], days


def add_months(on: date, months: int) -> date:
    """The first day of the month so many months later."""
    years, month = divmod(on.month - 1 + months, 12)
    return date(on.year + years, month + 1, 1)


def everything_behind(
    statistics: Statistics,
    reading: Reading,
    code: str,
    region: str | UUID,
    period: Period,
    boundaries: Boundaries = "then",
) -> Iterator[Counted]:
    """Everything behind a number, page after page."""
    after: UUID | None = None
    while page := statistics.behind(
        reading, code, region, period, boundaries=boundaries, after=after, limit=1000
    ):
        yield from page
        after = page[-1].subject
