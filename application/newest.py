"""Aggregates that are asked for again and again: folded once, then only what was recorded since."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, Generic
from uuid import UUID

from domain.base import AnyAggregate

REMEMBERED: Final = 10_000  # aggregates of a kind, some kilobytes each
ANEW: Final = 600.0  # seconds: how long a row that was another for a moment is believed


@dataclass(frozen=True, slots=True)
class Newest(Generic[AnyAggregate]):
    """What aggregates of one kind are now; `advance` folds what was recorded of one since.

    Each is folded from its beginning again after some minutes.
    """

    kind: type[AnyAggregate]
    advance: Callable[[AnyAggregate], AnyAggregate]
    clock: Callable[[], float] = monotonic
    _known: OrderedDict[UUID, tuple[AnyAggregate, float]] = field(default_factory=OrderedDict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def of(self, aggregate: UUID) -> AnyAggregate:
        """An aggregate after all of its events; without any, a new one."""
        known = self.known(aggregate) or self.kind(aggregate)
        newest = self.advance(known)
        self.went_on(known, newest)
        return newest

    def went_on(self, known: AnyAggregate, newest: AnyAggregate) -> None:
        """Remember what an aggregate is after events, if what is remembered is what it was before.

        Else somebody folded it anew meanwhile, or it is forgotten.
        """
        if not newest.version:
            return  # else ids of nothing, which anybody makes up, would push out those of somebody
        with self._turn:
            kept, folded_at = self._known.get(newest.id, (None, self.clock()))
            if kept is known or (kept is None and not known.version):
                self._known[newest.id] = (newest, folded_at)
                self._known.move_to_end(newest.id)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def known(self, aggregate: UUID) -> AnyAggregate | None:
        """An aggregate as it was when it was last asked for, if it is remembered."""
        with self._turn:
            kept, folded_at = self._known.get(aggregate, (None, 0.0))
            if kept is not None and self.clock() - folded_at > ANEW:
                del self._known[aggregate]
                return None
            return kept
