"""Whether the system is ready, found out at most once a second however many ask."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Final

from starlette.concurrency import run_in_threadpool

from projections.health import Health

REMEMBERED: Final = 1.0  # seconds; a probe asks every few, and without a token anybody can ask


class Readiness:
    """The state of things as it was found within the last second.

    Whoever asks while it is found out waits for that, and holds no thread and no connection; what
    failed is told to all of them as well.
    """

    def __init__(
        self, find_out: Callable[[], Health], clock: Callable[[], float] = monotonic
    ) -> None:
        self._find_out = find_out
        self._clock = clock
        self._begun = 0.0
        self._found: asyncio.Future[Health] | None = None

    async def health(self) -> Health:
        """The state of things; raises what finding it out raised."""
        found, now = self._found, self._clock()
        if found is None or (found.done() and now - self._begun >= REMEMBERED):
            found = asyncio.ensure_future(run_in_threadpool(self._find_out))
            self._found, self._begun = found, now
        return await asyncio.shield(found)  # who goes away takes it from nobody
