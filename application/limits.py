"""How often a stranger may knock: buckets of tries in this process, refilled with time."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import Final

REMEMBERED: Final = 10_000  # keys; whoever knocks from more addresses meets the bounds on hashing


class TooMany(Exception):  # noqa: N818 - said to people
    """Too many tries; how many seconds to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = max(1, ceil(seconds))


class Places:
    """Some places at what takes long; who finds none is sent away at once instead of waiting."""

    def __init__(self, places: int) -> None:
        self._free = threading.BoundedSemaphore(places)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """One of them. Raises `TooMany` where all are taken."""
        if not self._free.acquire(blocking=False):
            raise TooMany(1)
        try:
            yield
        finally:
            self._free.release()


@dataclass(slots=True)
class Buckets:
    """A bucket of `burst` tries for each key, refilled by `rate` tries a second."""

    rate: float
    burst: int
    clock: Callable[[], float] = time.monotonic
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def take(self, key: str) -> None:
        """Take one try. Raises `TooMany` where none is left."""
        now = self.clock()
        with self._turn:
            left, since = self._left.pop(key, (float(self.burst), now))
            left = min(float(self.burst), left + (now - since) * self.rate)
            self._left[key] = (max(left - 1, 0.0) if left >= 1 else left, now)
            if len(self._left) > REMEMBERED:
                self._left.popitem(last=False)
        if left < 1:
            raise TooMany((1 - left) / self.rate)
