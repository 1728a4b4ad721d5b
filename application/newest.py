"""Aggregates that are asked for again and again: folded once, then only what was recorded since."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Generic
from uuid import UUID

from domain.base import AnyAggregate

REMEMBERED: Final = 10_000  # aggregates of a kind, some kilobytes each


@dataclass(frozen=True, slots=True)
class Newest(Generic[AnyAggregate]):
    """What aggregates of one kind are now; `advance` folds what was recorded of one since."""

    kind: type[AnyAggregate]
    advance: Callable[[AnyAggregate], AnyAggregate]
    _known: OrderedDict[UUID, AnyAggregate] = field(default_factory=OrderedDict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def of(self, aggregate: UUID) -> AnyAggregate:
        """An aggregate after all of its events; without any, a new one."""
        newest = self.advance(self.known(aggregate) or self.kind(aggregate))
        self.keep(newest)
        return newest

    def keep(self, newest: AnyAggregate) -> None:
        """Remember what an aggregate is after an event that was recorded."""
        if not newest.version:
            return  # else ids of nothing, which anybody makes up, would push out those of somebody
        with self._turn:
            kept = self._known.get(newest.id)
            if kept is None or kept.version < newest.version:
                self._known[newest.id] = newest
            self._known.move_to_end(newest.id)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def known(self, aggregate: UUID) -> AnyAggregate | None:
        """An aggregate as it was when it was last asked for, if it is remembered."""
        with self._turn:
            return self._known.get(aggregate)
