"""By what two readings differ: the entries recorded between them, and what boundaries moved.

The difference of two figures is the sum of both, exactly. An entry recorded between the readings is
judged once, by the later tree of regions; what was there before counts as moved where it lies in
the region under one tree and not under the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from application.eventlog import Position
from domain.base import FIRST_DAY
from domain.territory import Territory
from domain.values import IndicatorKind
from projections import builds, indicators
from projections.indicators import NUMBERED
from projections.layout import Rows, Scope, scope_in
from projections.questions import By, Period, QuestionRefused
from projections.readings import Boundaries, Reading, Readings
from projections.statistics import Statistics, require_open

FLOW, STOCK = IndicatorKind.FLOW, IndicatorKind.STOCK


@dataclass(frozen=True, slots=True)
class Change:
    """One entry by which two readings differ: its event, who made it when, and why.

    Of a case with which whoever asks declared a conflict, only the number is told: it is `masked`.
    """

    position: Position
    indicator: str
    quantity: int
    occurred_on: date
    subject: UUID | None
    centre: UUID | None
    region: UUID
    topic: str | None
    aggregate: UUID | None
    version: int | None
    recorded_at: datetime
    actor: str | None
    role: str | None
    office: str | None
    occurred: str | None
    reason: str | None
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """What boundaries moved into the region asked for (+) or out of it (−), unchanged in itself.

    It is dated `first` to `last` at one centre or region and counts so many `things`. The event is
    the boundary change by which it moved: as soon as that was on record, it counted otherwise.
    """

    position: Position
    indicator: str
    quantity: int
    things: int
    first: date
    last: date
    centre: UUID | None
    region: UUID
    topic: str
    aggregate: UUID
    version: int
    recorded_at: datetime
    actor: str | None
    role: str | None
    office: str | None
    occurred: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A page of changes in log order; `next` is the position after which the following begins.

    What boundaries moved is told whole, on the first page.
    """

    changes: list[Change]
    moves: list[Moved]
    next: Position | None


class Span(NamedTuple):
    """The dates of a place that count under one tree only; `sign` is + where it is the later."""

    place: int
    first: date
    last: date
    on: date
    sign: int


def difference(
    statistics: Statistics,
    earlier: Reading,
    later: Reading,
    codes: Sequence[str],
    region: str | UUID,
    period: Period,
    *,
    boundaries: Boundaries = "then",
    after: Position | None = None,
    limit: int = 1000,
) -> Difference:
    """By what figures as known at the later reading differ from those as known at the earlier.

    The quantities of changes and moves add up to the difference of the two figures exactly. An
    entry that two codes count is told once. A page has whole positions, `limit` changes or a few
    more; `after` is the `next` of the page before. A region that the earlier reading does not know
    had nothing then. Raises `UnknownIndicator`, `QuestionRefused`, `Lagging`.
    """
    if later.position < earlier.position:
        raise QuestionRefused(
            "The second reading is earlier than the first; swap them.",
            "第二个时点早于第一个，请对调。",
        )
    scope = statistics.scope(later, region, period, boundaries)
    question = Question(statistics.readings, earlier, later, region, period, boundaries, scope)
    stored: dict[IndicatorKind, set[int]] = defaultdict(set)
    for indicator in map(indicators.get, codes):
        for known in filter(None, (scope, question.was)):
            require_open(indicator, known)
        stored[indicator.kind].update(indicators.numbers_of(indicator.code))
    changes: list[Change] = []
    ends: list[Position] = []
    for kind, numbers in stored.items():
        with statistics.readings.connection() as connection:
            rows = connection.execute(
                builds.file("difference.sql"),
                {
                    **statistics.spans(later, scope, period, kind),
                    "indicators": sorted(numbers),
                    "from_position": max(earlier.position, after or 0),
                    "to_position": later.position,
                    "limit": limit,
                },
            ).fetchall()
        changes += [change_of(row, later.sight.without) for row in rows]
        if len(rows) >= limit:
            ends.append(rows[-1]["position"])
    end = min(ends, default=None)
    moves = question.moves(stored) if after is None else []
    statistics.readings.require_same_build(later)
    return Difference(
        sorted(
            (change for change in changes if end is None or change.position <= end),
            key=lambda change: (change.position, change.indicator, change.quantity),
        ),
        moves,
        end,
    )


def change_of(row: Mapping[str, Any], without: Collection[UUID]) -> Change:
    """The change of a row; nothing but its number where it is of something left out, or is that."""
    change = Change(**{**row, "indicator": code_of(row)})
    if change.aggregate not in without and change.subject not in without:
        return change
    return replace(
        change,
        subject=None,
        topic=None,
        aggregate=None,
        version=None,
        actor=None,
        role=None,
        office=None,
        occurred=None,
        reason=None,
        masked=True,
    )


class Question:
    """A region and period under the trees of two readings."""

    def __init__(
        self,
        readings: Readings,
        earlier: Reading,
        later: Reading,
        region: str | UUID,
        period: Period,
        boundaries: Boundaries,
        scope: Scope,
    ) -> None:
        self.readings = readings
        self.earlier = earlier
        self.later = later
        self.region = region
        self.period = period
        self.boundaries = boundaries
        self.scope = scope
        fixed = earlier.today if boundaries == "now" else scope.fixed
        self.was = self._scope(readings.territory(earlier), fixed)
        self._rows: dict[Position, Rows | None] = {}

    def moves(self, stored: Mapping[IndicatorKind, set[int]]) -> list[Moved]:
        """What boundaries moved, in the order of the events by which it did."""
        if self._same_tree():
            return []
        found = [
            (span, row)
            for kind, numbers in stored.items()
            for span, row in self._counted(self._spans(kind), numbers)
        ]
        causes = {
            (span.place, span.on): self._cause(span.place, span.on)
            for span in dict.fromkeys(span for span, _ in found)
        }
        with self.readings.connection() as connection:
            events = {
                row["position"]: row
                for row in connection.execute(
                    builds.file("recorded.sql"), {"positions": list(set(causes.values()))}
                )
            }
        moved = []
        for span, row in found:
            centre, region = self.now.places[span.place]
            moved.append(
                Moved(
                    indicator=code_of(row),
                    quantity=span.sign * row["quantity"],
                    things=row["things"],
                    first=span.first,
                    last=span.last,
                    centre=centre,
                    region=region,
                    **events[causes[span.place, span.on]],
                )
            )
        return sorted(moved, key=lambda one: (one.position, one.indicator, one.first, one.region))

    def _scope(self, territory: Territory, fixed: date | None) -> Scope | None:
        found = scope_in(territory, self.region, self.period, self.boundaries, fixed)
        if found is None:
            return None
        return replace(found, everything=found.everything and self.later.sight.everything)

    def _rows_of(self, scope: Scope | None) -> Rows | None:
        return Rows(scope, By.TOTAL, self.places) if scope else None

    def _same_tree(self) -> bool:
        """Whether nothing about boundaries was recorded or took effect: the usual case."""
        was, now = self.was, self.scope
        if was is None or replace(was, fixed=now.fixed) != now:
            return False
        if was.fixed is None or now.fixed is None:
            return True
        return not any(was.fixed < on <= now.fixed for on in now.territory.changes)

    def _spans(self, kind: IndicatorKind) -> list[Span]:
        """What counts under one of the trees only."""
        period, cuts = self.period, set[date]()
        if kind is FLOW and self.boundaries == "then":
            trees = [scope.territory for scope in (self.was, self.scope) if scope]
            cuts = {on for tree in trees for on in tree.changes if period.first < on <= period.last}
        first = FIRST_DAY if kind is STOCK else period.first
        spans = []
        for begin, after in pairwise((first, *sorted(cuts), period.last + timedelta(days=1))):
            on = period.last if kind is STOCK else begin
            for place in self.now.places:
                sign = self.now.counts(place, on) - counts(self.before, place, on)
                if sign:
                    spans.append(Span(place, begin, after - timedelta(days=1), on, sign))
        return spans

    def _counted(
        self, spans: Sequence[Span], numbers: set[int]
    ) -> list[tuple[Span, dict[str, Any]]]:
        """What the earlier reading held of these spans."""
        with self.readings.connection() as connection:
            rows = connection.execute(
                builds.file("moved.sql"),
                {
                    "numbers": list(range(len(spans))),
                    "span_places": [span.place for span in spans],
                    "span_firsts": [span.first for span in spans],
                    "span_lasts": [span.last for span in spans],
                    "indicators": sorted(numbers),
                    "position": self.earlier.position,
                },
            ).fetchall()
        return [(spans[row["number"]], row) for row in rows]

    def _cause(self, place: int, on: date) -> Position:
        """The boundary change by which a place came to count, or counts no more."""
        counted = counts(self.before, place, on)
        # Halve the changes: one by which it flips is found in a few trees, however many there are.
        low, high = 0, len(self.recorded) - 1
        while low < high:
            middle = (low + high) // 2
            if counts(self._rows_at(self.recorded[middle]), place, on) == counted:
                low = middle + 1
            else:
                high = middle
        return self.recorded[high]

    @cached_property
    def places(self) -> list[tuple[int, UUID | None, UUID]]:
        return self.readings.places(self.later)

    @cached_property
    def before(self) -> Rows | None:
        return self._rows_of(self.was)

    @cached_property
    def now(self) -> Rows:
        return Rows(self.scope, By.TOTAL, self.places)

    @cached_property
    def recorded(self) -> list[Position]:
        """What was recorded of boundaries between the readings, and the last before them.

        The domain lets no boundary be recorded before it holds; the last before is looked at for
        the seconds by which two clocks may differ at midnight.
        """
        with self.readings.connection() as connection:
            rows = connection.execute(
                "select distinct position from reading.territory where position <= %(later)s"
                " and position >= (select coalesce(max(position), 0) from reading.territory"
                " where position <= %(earlier)s) order by position",
                {"earlier": self.earlier.position, "later": self.later.position},
            ).fetchall()
        return [row["position"] for row in rows]

    def _rows_at(self, position: Position) -> Rows | None:
        """Which places count under the tree known at a position, with the dates of the later."""
        if position not in self._rows:
            territory = self.readings.territory(replace(self.later, position=position))
            self._rows[position] = self._rows_of(self._scope(territory, self.scope.fixed))
        return self._rows[position]


def counts(rows: Rows | None, place: int, on: date) -> bool:
    """Whether a place counts on a date; in a region that is not known nothing does."""
    return rows is not None and rows.counts(place, on)


def code_of(row: Mapping[str, Any]) -> str:
    """The code of a stored indicator."""
    return NUMBERED[row["indicator"]].code
