"""No hidden cell of an answer can be solved from the sums that the shown ones obey."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.values import IndicatorKind
from projections.indicators import INDICATORS, SMALL_CELL, get
from projections.suppression import BALANCES, Cell, hidden_cells, shown_codes
from tests.projections.case_walk import case_walks
from tests.projections.walks import Walk, figure, journal

SENSITIVE = sorted(code for code, indicator in INDICATORS.items() if indicator.sensitive)
REGIONS = [UUID(int=900 + number) for number in range(3)]
DIVERTED = ("safety_diverted_all", "safety_diverted", "safety_diverted_uncounselled",
            "safety_diverted_other")  # fmt: skip


@dataclass
class Asked:
    """A table with its true values."""

    regions: dict[UUID, UUID]
    columns: int
    codes: list[str]
    values: dict[Cell, int]

    @property
    def hidden(self) -> frozenset[Cell]:
        wanted = [get(code) for code in self.codes]
        return hidden_cells(self.regions, self.columns, wanted, self.value)

    def value(self, row: UUID, column: int, code: str) -> int:
        return sum(self.values.get((row, column, term), 0) for term in get(code).terms or (code,))

    @property
    def cells(self) -> Iterator[Cell]:
        return product(self.regions, range(self.columns), shown_codes([get(c) for c in self.codes]))

    @property
    def small(self) -> set[Cell]:
        return {
            cell
            for cell in self.cells
            if get(cell[2]).sensitive and 0 < self.value(*cell) < SMALL_CELL
        }


@st.composite
def tables(draw: st.DrawFn) -> Asked:
    count = draw(st.integers(1, 6))
    regions = {UUID(int=1 + row): draw(st.sampled_from(REGIONS)) for row in range(count)}
    columns = draw(st.integers(1, 4))
    codes = draw(
        st.one_of(
            st.just([*DIVERTED]),
            st.lists(st.sampled_from(SENSITIVE), min_size=1, max_size=6, unique=True),
        )
    )
    quantity = st.sampled_from((0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 20))
    stored = [code for code in INDICATORS if INDICATORS[code].number is not None]
    needed = [
        code for code in stored
        if any(code in (part, *get(part).terms) for part in shown_codes([get(c) for c in codes]))
    ]  # fmt: skip
    values = {cell: draw(quantity) for cell in product(regions, range(columns), needed)}
    return Asked(regions, columns, codes, values)


Sum = frozenset[tuple[Cell, int]]


def sums(asked: Asked, *, of_regions: bool) -> Iterator[dict[Cell, int]]:
    """Every sum whose value may be known: cells and their signs."""
    codes = shown_codes([get(code) for code in asked.codes])
    together: list[list[UUID]] = [list(asked.regions)]
    if of_regions:
        together += [[r for r, of in asked.regions.items() if of == region] for region in REGIONS]
    for rows, column, code in product(together, range(asked.columns), codes):
        if len(rows) > 1:
            yield {(row, column, code): 1 for row in rows}
    for row, code in product(asked.regions, codes):
        if get(code).kind is IndicatorKind.FLOW and asked.columns > 1:
            yield {(row, column, code): 1 for column in range(asked.columns)}
    for row, column, code in asked.cells:
        terms = get(code).terms
        if terms and set(terms) <= set(codes):
            yield {(row, column, code): -1, **{(row, column, term): 1 for term in terms}}


def solvable(unknown: Iterable[Cell], known: Iterable[dict[Cell, int]]) -> set[Cell]:
    """The unknown cells to which linear equations leave one value only (Gauss and Jordan)."""
    order = sorted(unknown)
    rows = [[Fraction(equation.get(cell, 0)) for cell in order] for equation in known]
    done = 0
    for place in range(len(order)):
        pivot = next((r for r in range(done, len(rows)) if rows[r][place]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        rows[done] = [number / rows[done][place] for number in rows[done]]
        for other, row in enumerate(rows):
            if other != done and row[place]:
                rows[other] = [a - row[place] * b for a, b in zip(row, rows[done], strict=True)]
        done += 1
    return {
        order[next(place for place, number in enumerate(row) if number)]
        for row in rows
        if sum(1 for number in row if number) == 1
    }


@given(tables())
def test_every_small_cell_is_hidden(asked: Asked) -> None:
    assert asked.small <= asked.hidden


@given(tables())
def test_where_nothing_is_small_nothing_is_hidden(asked: Asked) -> None:
    asked.values = {cell: value and value + SMALL_CELL for cell, value in asked.values.items()}
    assert asked.hidden == frozenset()


@given(tables())
def test_no_hidden_cell_can_be_solved_from_the_sums_of_one_answer(asked: Asked) -> None:
    hidden = asked.hidden
    assert solvable(hidden, sums(asked, of_regions=False)) == set()


@given(tables())
def test_nor_a_small_one_by_who_knows_the_sums_of_each_region_of_several_rows(
    asked: Asked,
) -> None:
    hidden = asked.hidden
    alone = {r for r, of in asked.regions.items() if list(asked.regions.values()).count(of) == 1}
    solved = solvable(hidden, sums(asked, of_regions=True))
    assert not {cell for cell in solved & asked.small if cell[0] not in alone}


def test_the_next_smallest_is_hidden_beside_a_small_one_and_no_zero_without_need() -> None:
    rows = [UUID(int=number) for number in range(1, 5)]
    values = dict(zip(rows, (3, 0, 9, 30), strict=True))
    found = hidden_cells(
        dict.fromkeys(rows, REGIONS[0]), 1, [get("screenings_positive")],
        lambda row, _column, _code: values[row],
    )  # fmt: skip
    assert {row for row, _, _ in found} == {rows[0], rows[2]}


def test_a_stock_is_hidden_where_its_balance_would_betray_a_hidden_outcome() -> None:
    row = UUID(int=1)
    flows = BALANCES["pending_counselled"]
    for codes, betrays in ((("pending_counselled", *flows), True),
                           (("pending_counselled", *flows[1:]), False)):  # fmt: skip
        found = hidden_cells(
            {row: row}, 2, [get(code) for code in codes],
            lambda _row, _column, code: 2 if code == "safety_diverted" else 50,
        )  # fmt: skip
        assert ((row, 0, "pending_counselled") in found) is betrays


@given(case_walks)
def test_the_balances_hold_in_any_life_of_a_case(walk: Walk) -> None:  # type: ignore[type-arg]
    entries = journal(walk.events)
    for stock, (flowing_in, *flowing_out) in BALANCES.items():
        out = sum(figure(entries, code) for code in flowing_out)
        assert figure(entries, stock) == figure(entries, flowing_in) - out


def test_sums_of_sensitive_figures_are_told_apart_by_their_terms() -> None:
    """What the boxes rely on: all terms are sensitive, and none is in two sums."""
    totals = [i for i in INDICATORS.values() if i.sensitive and i.terms]
    terms = [term for total in totals for term in total.terms]
    assert all(get(term).sensitive and get(term).number for term in terms)
    assert len(set(terms)) == len(terms)
