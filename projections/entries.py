"""Signed entries, the currency of figures, and the rules by which events become entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from operator import attrgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

from domain.base import Event, Place
from projections.indicators import numbers_of


class Entry(NamedTuple):
    """A signed quantity of an indicator, on a business date at a place.

    `subject` is the thing counted, which a figure opens to: a case, a session, a person.
    """

    indicator: int
    centre: UUID | None
    region: UUID
    subject: UUID
    occurred_on: date
    quantity: int
    practitioner: UUID | None = None


class Rule(NamedTuple):
    """How an event counts.

    `on` is the business date of the fact that it records, `place` where it counts as a record. What
    follows from another event of the same save is no `record` of its own.
    """

    entries: Callable[[Any], list[Entry]]
    on: Callable[[Any], date] = attrgetter("stamp.occurred_on")
    place: Callable[[Any], Place | None] = attrgetter("place")
    record: bool = True
    corrects: bool = False


Rules = Mapping[type[Event], Rule]
"""How each event counts that counts at all."""

Kinds = frozenset[type[Event]]
"""Events that change no figure, named so that a forgotten one is noticed."""


def correcting(entries: Callable[[Any], list[Entry]]) -> Rule:
    """The rule of an event that puts a counted fact right."""
    return Rule(entries, corrects=True)


def nothing(_: Event) -> list[Entry]:
    """No figure changes."""
    return []


ONLY_CORRECTS: Final = Rule(nothing, record=False, corrects=True)
"""The rule of an event that puts a fact right which is not counted."""


def number(code: str) -> int:
    """The number of a stored indicator."""
    (stored,) = numbers_of(code)
    return stored


def taken_back(entries: Iterable[Entry]) -> list[Entry]:
    """The entries that undo these."""
    return [entry._replace(quantity=-entry.quantity) for entry in entries]


def changed(before: Iterable[Entry], after: Iterable[Entry]) -> list[Entry]:
    """The old entries taken back and the new ones made."""
    return [*taken_back(before), *after]


def net(before: Iterable[Entry], after: Iterable[Entry]) -> list[Entry]:
    """Only what differs; for entries of a whole life, of which a change touches little."""
    sums: Counter[Entry] = Counter()
    for entry in after:
        sums[entry._replace(quantity=1)] += entry.quantity
    for entry in before:
        sums[entry._replace(quantity=1)] -= entry.quantity
    return [entry._replace(quantity=quantity) for entry, quantity in sums.items() if quantity]
