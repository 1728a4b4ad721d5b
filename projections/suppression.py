"""What a table must not show: small cells of sensitive figures, and those that would betray them.

Cell suppression as statistical offices do it: a cell from 1 to below five is hidden (primary), and
further cells are hidden (secondary) until none can be solved from the sums that the others obey.

Protected is one answer, even from a reader who knows its totals: those of the rows that lie in one
region, of all rows, and of the columns of a flow; and within it each sum beside all of its terms,
each ratio beside its parts, and each stock beside all that flows in and out. Not protected is what
follows from several answers side by side, and the only row of its region against that region's own
figure. See docs/decisions/0022.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Final
from uuid import UUID

from domain.values import IndicatorKind
from projections import indicators
from projections.indicators import OUTCOMES, SMALL_CELL, Indicator

Cell = tuple[UUID, int, str]
"""A row, the number of a column, and the code of a figure that is a sum of entries."""

OF_NOTHING: Final = 10**12  # what hiding a zero costs: everyone guesses it, so only if need be

COUNSELLED: Final = tuple(code for code, _ in OUTCOMES.values())
BALANCES: Final[Mapping[str, tuple[str, ...]]] = {
    "pending": ("applications", *COUNSELLED, *(f"{code}_uncounselled" for code in COUNSELLED)),
    "pending_counselled": ("couples_counselled", *COUNSELLED),
}
"""Stocks that are what came in, the first, less what went out, the others."""


def hidden_cells(
    regions: Mapping[UUID, UUID],
    columns: int,
    wanted: Sequence[Indicator],
    value: Callable[[UUID, int, str], int],
) -> frozenset[Cell]:
    """The cells of a table that are not shown; a ratio is hidden with any of its parts.

    `regions` tells in which region each row lies, whose own figure is the sum of its rows.
    """
    codes = [code for code in shown_codes(wanted) if indicators.get(code).sensitive]
    small = dict.fromkeys(small_cells(regions, columns, wanted, codes, value))
    hidden, safe = set(small), set[Cell]()
    beside: dict[UUID, list[UUID]] = defaultdict(list)
    for row, region in regions.items():
        beside[region].append(row)

    def cost(cell: Cell) -> int:
        if cell in hidden:
            return 0
        return abs(value(*cell)) or OF_NOTHING

    def others_than(row: UUID) -> list[UUID]:
        near = [other for other in beside[regions[row]] if other != row]
        return near or [other for other in regions if other != row]

    for cell in small:
        if cell in safe:
            continue
        # A box with the cell at one corner: what is added at a corner and taken at the next leaves
        # every sum as it is, so no corner can be solved.
        box = [cell]
        for others in alternatives(cell, others_than(cell[0]), columns, codes):
            mirrored = [[other(corner) for corner in box] for other in others]
            if mirrored:
                box += min(mirrored, key=lambda corners: sum(map(cost, corners)))
        hidden.update(box)
        # A box that had to reach into another region protects nothing from that region's sum.
        safe.update(corner for corner in box if regions[corner[0]] == regions[cell[0]])
    shown = {number for code in shown_codes(wanted) for number in indicators.numbers_of(code)}
    betrayed = {number for _, _, code in hidden for number in indicators.numbers_of(code)}
    for stock, flows in BALANCES.items():
        balance = {number for code in (stock, *flows) for number in indicators.numbers_of(code)}
        if balance <= shown and balance & betrayed:
            hidden.update((row, column, stock) for row in regions for column in range(columns))
    return frozenset(hidden)


def shown_codes(wanted: Sequence[Indicator]) -> list[str]:
    """The sums that an answer shows, be it as the parts of a ratio."""
    codes = [
        code
        for indicator in wanted
        for code in (indicator.numerator or indicator.code, indicator.denominator)
        if code is not None
    ]
    return list(dict.fromkeys(codes))


def small_cells(
    regions: Mapping[UUID, UUID],
    columns: int,
    wanted: Sequence[Indicator],
    codes: Sequence[str],
    value: Callable[[UUID, int, str], int],
) -> Iterator[Cell]:
    """The cells below five, and the sensitive parts of a ratio of which any part is."""
    ratios = [i for i in wanted if i.kind is IndicatorKind.RATIO and i.sensitive]
    groups: list[tuple[tuple[str, ...], tuple[str, ...]]] = [((code,), (code,)) for code in codes]
    for ratio in ratios:
        parts = tuple(filter(None, (ratio.numerator, ratio.denominator)))
        groups.append((parts, tuple(part for part in parts if part in codes)))
    for row, column, (looked_at, sensitive) in product(regions, range(columns), groups):
        if any(0 < abs(value(row, column, code)) < SMALL_CELL for code in looked_at):
            yield from ((row, column, code) for code in sensitive)


def alternatives(
    cell: Cell, rows: Sequence[UUID], columns: int, codes: Sequence[str]
) -> Iterator[list[Callable[[Cell], Cell]]]:
    """For each kind of sum that a cell is in, the ways from its cells to others of that sum."""
    _, column, code = cell
    if indicators.get(code).kind is IndicatorKind.FLOW:
        yield [moved_to(column=other) for other in range(columns) if other != column]
    yield [moved_to(row=other) for other in rows]
    yield [moved_to(code=other) for other in family(code, codes) if other != code]


def moved_to(
    *, row: UUID | None = None, column: int | None = None, code: str | None = None
) -> Callable[[Cell], Cell]:
    """The way from a cell to the one in another row or column, or of another code."""
    return lambda cell: (
        cell[0] if row is None else row,
        cell[1] if column is None else column,
        cell[2] if code is None else code,
    )


def family(code: str, codes: Sequence[str]) -> tuple[str, ...]:
    """A sum and its terms, when an answer shows all of them and this is one of them."""
    for total in codes:
        members = (total, *indicators.get(total).terms)
        if len(members) > 1 and code in members and set(members) <= set(codes):
            return members
    return (code,)
