"""How a table of figures is laid out: in which row and column what counts where and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

from application.jurisdiction import EVERYTHING, Sight
from domain.base import FIRST_DAY
from domain.territory import Territory
from domain.values import IndicatorKind
from projections import indicators
from projections.builds import TOTAL
from projections.indicators import NUMBERED, Indicator
from projections.questions import LEVELS, By, Column, Columns, Figure, Line, Period
from projections.reach import partly_seen
from projections.readings import Boundaries
from projections.suppression import Cell, hidden_cells, shown_codes


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


class Rows:
    """In which row of a table each place counts on a date."""

    def __init__(
        self,
        scope: Scope,
        by: By,
        places: Iterable[tuple[int, UUID | None, UUID]],
        sight: Sight = EVERYTHING,
    ) -> None:
        self.scope = scope
        self.by = by
        self.sight = sight
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

    def regions(self, pieces: Sequence[Piece]) -> frozenset[UUID]:
        """The regions that are rows because they existed in the period, whatever counts there."""
        territory, fixed = self.scope.territory, self.scope.fixed
        levels = LEVELS.get(self.by, ())
        found = set()
        for node in territory.regions.values():
            if node.level not in levels:
                continue
            for piece in pieces:
                on = fixed or max(piece.first, node.since)
                if (
                    piece.column >= 0
                    and node.since <= on <= (fixed or piece.last)
                    and territory.region_at(node.id, on) == node.id
                    and self.scope.region in territory.path_at(node.id, on)
                ):
                    found.add(node.id)
                    break
        return frozenset(found)

    def centres(self, pieces: Sequence[Piece]) -> frozenset[UUID]:
        """The centres in sight that are rows because they existed in the period."""
        if self.by is not By.CENTRE:
            return frozenset()
        territory, fixed = self.scope.territory, self.scope.fixed
        found = set()
        for node in territory.centres.values():
            for piece in pieces:
                on = fixed or max(piece.first, node.since)
                if piece.column < 0 or not node.since <= on <= (fixed or piece.last):
                    continue
                lies_in = territory.of_place(node.id, node.id, on)
                if lies_in is None or self.scope.region not in territory.path_at(lies_in, on):
                    continue
                if self.sight.sees(node.id, lies_in):
                    found.add(node.id)
                    break
        return frozenset(found)

    def sees_whole(self, row: UUID) -> bool:
        """Whether all that counts in a row is in sight."""
        if row in self.scope.territory.centres:
            return self.sight.sees(row, row)
        return self.sight.rules(row)

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


def lines_of(
    rows: Rows,
    columns: Sequence[Column],
    pieces: Sequence[Piece],
    sums: Mapping[tuple[int, int, int], int],
    wanted: Sequence[Indicator],
) -> list[Line]:
    """The lines of a table, from the sum of each piece, place and indicator; medians are left open.

    A region that existed in the period has a line though nothing counts in it, and so has a centre:
    a table with holes would be read as one with missing figures, and where a single row is left its
    hidden figure is the total's. What lies out of sight altogether has none: its zero would be read
    as a figure.
    """
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
    shown = (
        [scope.region]
        if rows.by is By.TOTAL
        else sorted(found | rows.regions(pieces) | rows.centres(pieces))
    )
    partial = {row for row in shown if not rows.sees_whole(row)}
    if partial and rows.by is not By.TOTAL:  # of a total something was in sight on some day
        begun = partly_seen(scope.territory, rows.sight, on) | found
        shown = [row for row in shown if row not in partial or row in begun]
    hidden = frozenset[Cell]()
    if not rows.whole and any(indicator.sensitive for indicator in wanted):
        regions = {row: rows.region_of(row, on) for row in shown}
        hidden = hidden_cells(regions, len(columns), wanted, total)

    def figures(row: UUID) -> dict[str, list[Figure]]:
        return {
            indicator.code: [figure(row, column, indicator) for column in range(len(columns))]
            for indicator in wanted
        }

    own = found | {row for row, _, _ in hidden}
    empty = next((figures(row) for row in shown if row not in own), {})
    lines = []
    for row in shown:
        node = scope.territory.regions.get(row)
        cells = figures(row) if row in own else {code: [*of] for code, of in empty.items()}
        lines.append(
            Line(
                row,
                node.code if node else None,
                scope.territory.name_at(row, on),
                cells,
                row in partial,
            )
        )
    return sorted(lines, key=lambda line: (line.code or "~", line.name))


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
    changes = scope.territory.changes if matters else []
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
