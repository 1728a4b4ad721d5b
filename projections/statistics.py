"""Figures of any period, region and moment: sums of signed entries, and the entries behind them.

A flow of a column is the sum of the entries dated in it; a stock is the sum of all entries dated up
to the column's end; a ratio is two such sums. Everything is read at one position (domain §4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from domain.base import FIRST_DAY
from domain.values import IndicatorKind
from projections import builds, indicators
from projections.indicators import NUMBERED, Indicator
from projections.layout import (
    Piece,
    Rows,
    Scope,
    cut_into,
    lines_of,
    months_and_days,
    pieces_of,
    scope_in,
)
from projections.questions import (
    By,
    Column,
    Columns,
    Counted,
    Figure,
    Line,
    Period,
    QuestionRefused,
    Table,
    no_region,
)
from projections.reach import days_between, require_in_reach
from projections.readings import Boundaries, Reading, Readings

MOST_CELLS: Final = 200_000  # of one answer; more is a mistake or an attack

HIDDEN: Final = (
    "敏感指标中小于五的数字及可据以推算的数字已隐去。"
    "Hidden are cells of a sensitive figure below five, and others from which they could be "
    "worked out."
)
PARTIAL: Final = (
    "标为 partial 的行只计您职权范围内的数据，不是该地区的全部。"
    "Lines that are partial count only what lies in your reach, and are not the whole of a region."
)


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
        rows = Rows(scope, by, self.readings.places(reading), reading.sight)
        there = (rows.places, rows.regions(pieces), rows.centres(pieces))
        most = 1 if by is By.TOTAL else max(map(len, there))
        if most * len(cut) * len(wanted) > MOST_CELLS:
            raise QuestionRefused(
                "This table is too large; ask for a shorter period or fewer indicators.",
                "表格过大，请缩短时段或减少指标。",
            )
        sums = self._sums(reading, rows, pieces, numbers)
        lines = lines_of(rows, cut, pieces, sums, wanted)
        for indicator in wanted:
            if indicator.kind is IndicatorKind.MEDIAN:
                self._add_medians(reading, rows, pieces, lines, indicator)
        self.readings.require_same_build(reading)
        notes = self._notes(scope, period)
        if any(one.suppressed for line in lines for of in line.figures.values() for one in of):
            notes.append(HIDDEN)
        if any(line.partial for line in lines):
            notes.append(PARTIAL)
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
        denominator. What is of records with which whoever asks declared a conflict is not among
        them: `hidden_behind` tells how much. Raises `QuestionRefused`.
        """
        values = self._behind(reading, code, region, period, boundaries, by, row)
        with self.readings.connection() as connection:
            rows = connection.execute(
                builds.file("behind.sql"), {**values, "after": after, "limit": limit}
            ).fetchall()
        self.readings.require_same_build(reading)
        return [Counted(**row) for row in rows]

    def hidden_behind(
        self,
        reading: Reading,
        code: str,
        region: str | UUID,
        period: Period,
        *,
        boundaries: Boundaries = "then",
        by: By = By.TOTAL,
        row: UUID | None = None,
    ) -> int:
        """How much of a number is of records with which whoever asks declared a conflict.

        Together with the things behind it, it is the number. Raises `QuestionRefused`.
        """
        if not reading.sight.without:
            return 0
        values = self._behind(reading, code, region, period, boundaries, by, row)
        with self.readings.connection() as connection:
            found = connection.execute(builds.file("hidden_behind.sql"), values).fetchone()
        self.readings.require_same_build(reading)
        assert found is not None, "a sum is one row"
        return int(found["quantity"])

    def _behind(
        self,
        reading: Reading,
        code: str,
        region: str | UUID,
        period: Period,
        boundaries: Boundaries,
        by: By,
        row: UUID | None,
    ) -> dict[str, object]:
        """The entries that a number is the sum of, as parameters."""
        indicator = indicators.get(code)
        scope = self.scope(reading, region, period, boundaries)
        require_open(indicator, scope, row)
        if row is not None and not {*scope.territory.regions, *scope.territory.centres} >= {row}:
            raise QuestionRefused(
                f"No line of a table bears the id {row}; copy it from the table.",
                f"统计表中没有编号为 {row} 的行，请从表中复制。",
            )
        return {
            **self.spans(reading, scope, period, indicator.kind, by, row),
            "indicators": list(indicators.numbers_of(code)),
            "position": reading.position,
            "without": list(reading.sight.without),
        }

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
        days = [fixed] if fixed else days_between(found.territory, period.first, period.last)
        require_in_reach(found.territory, reading.sight, found.region, days)
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
                    "rollup_places": [builds.TOTAL] if total else places,
                    "places": places,
                    "total": total,
                    "block": reading.position // builds.BLOCK,
                    "size": builds.BLOCK,
                    "position": reading.position,
                },
                prepare=True,
            ).fetchall()
        return {(row["col"], row["place"], row["indicator"]): row["quantity"] for row in sums}

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
        """What became of the region, and part successions: they are said, never silently split."""
        territory, on = scope.territory, scope.fixed or period.last
        notes = []
        heir = territory.region_at(scope.region, on)
        if heir is not None and heir != scope.region:
            here, there = territory.name_at(scope.region, on), territory.name_at(heir, on)
            notes.append(
                f"{here}已并入{there}，原辖区自此计入后者，按 now 口径则始终计入后者。"
                f"{here} went to {there}; what lay here counts there from then on, and with "
                "boundaries “now” for all time."
            )
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
                here = territory.name_at(succession.region, on)
                there = territory.name_at(succession.successor, on)
                notes.append(
                    f"{here}的一部分于 {on} 划入{there}，有机构的按机构所在地计，其余不拆分。"
                    f"Part of {here} went to {there} on {on}; what lay there counts where its "
                    "centre is, and is not split where no centre tells."
                )
        return notes


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
