"""Random walks of aggregates: decisions in any order, of which the refused ones leave no trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Generic, TypeVar
from uuid import UUID

from hypothesis import strategies as st

from application.eventlog import Recorded
from domain.base import Aggregate, Event, Refused, decide, fold
from projections.entries import Entry
from projections.indicators import INDICATORS, NUMBERED, numbers_of
from projections.journal import entries_of
from projections.ledgers import patches_of

A = TypeVar("A", bound=Aggregate)
Decision = Callable[[A], Iterator[Event]]

ABOUT_RECORDS = {"records", "late_entries", "corrections"}


@dataclass
class Walk(Generic[A]):
    """An aggregate and everything that happened to it, recorded the moment it happened."""

    aggregate: A
    events: list[Event] = field(default_factory=list)

    def take(self, decision: Decision[A]) -> bool:
        """Whether the decision was taken; a refused one changes nothing."""
        try:
            events = decide(self.aggregate, decision)
        except Refused:
            return False
        self.aggregate = fold(self.aggregate, events)
        self.events += events
        return True

    def must(self, *decisions: Decision[A]) -> Walk[A]:
        for decision in decisions:
            events = decide(self.aggregate, decision)
            self.aggregate = fold(self.aggregate, events)
            self.events += events
        return self


Step = Callable[[A, Random, date], Decision[A]]
"""A decision for an aggregate, at random, entered on a day."""


def walks(
    start: Callable[[], A], first: Sequence[Decision[A]], step: Step[A], since: date
) -> st.SearchStrategy[Walk[A]]:
    """Walks that begin with these decisions and go on for some weeks, a few days at a time."""

    def walked(seed: int, length: int) -> Walk[A]:
        walk = Walk(start()).must(*first)
        random, clock = Random(seed), since
        for _ in range(length):
            clock += timedelta(days=random.choice((0, 0, 0, 1, 3, 10)))
            walk.take(step(walk.aggregate, random, clock))
        return walk

    return st.builds(walked, st.integers(0, 2**32), st.sampled_from((100, 50, 10)))


def recorded(events: Iterable[Event], late: int = 0) -> list[Recorded]:
    """The events as a log holds them, each recorded on its own day or so many days late."""
    return [
        Recorded(event, position, evening(event.stamp.occurred_on + timedelta(days=late)))
        for position, event in enumerate(events, start=1)
    ]


def evening(on: date) -> datetime:
    """An instant late on a day in China."""
    return datetime.combine(on, time(15, 30), UTC)


def journal(events: Iterable[Event], late: int = 0) -> list[Entry]:
    """The entries of events."""
    return [entry for one in recorded(events, late) for entry in entries_of(one)]


def figure(entries: Iterable[Entry], code: str, **where: Any) -> int:
    """The sum of an indicator's entries, at a place or up to a date if asked for."""
    numbers = numbers_of(code)
    until = where.pop("until", date.max)
    return sum(
        entry.quantity
        for entry in entries
        if entry.indicator in numbers
        and entry.occurred_on <= until
        and all(getattr(entry, name) == value for name, value in where.items())
    )


def figures(entries: Iterable[Entry]) -> dict[str, int]:
    """Every stored figure that is not zero, leaving out those about the records themselves."""
    sums: Counter[str] = Counter()
    for entry in entries:
        sums[NUMBERED[entry.indicator].code] += entry.quantity
    return {code: sum_ for code, sum_ in sums.items() if sum_ and code not in ABOUT_RECORDS}


def netted(entries: Iterable[Entry]) -> dict[Entry, int]:
    """What is left of entries of one kind, date, place and subject, without those about records."""
    sums: Counter[Entry] = Counter()
    for entry in entries:
        if NUMBERED[entry.indicator].code not in ABOUT_RECORDS:
            sums[entry._replace(quantity=0)] += entry.quantity
    return {entry: sum_ for entry, sum_ in sums.items() if sum_}


def ledger(events: Iterable[Event], name: str) -> dict[UUID, dict[str, Any]]:
    """The current rows of a ledger, with their place."""
    rows: dict[UUID, dict[str, Any]] = {}
    for one in recorded(events):
        seen = set()
        for patch in patches_of(one):
            assert (patch.ledger, patch.row) not in seen, "a row is patched once an event"
            seen.add((patch.ledger, patch.row))
            if patch.ledger != name:
                continue
            row = rows.setdefault(patch.row, {})
            row |= patch.values
            for column, amount in patch.added.items():
                row[column] = row.get(column, 0) + amount
            if patch.place is not None:
                row["place"] = patch.place
            assert "place" in row
    return rows


STORED = [indicator for indicator in INDICATORS.values() if indicator.number is not None]
