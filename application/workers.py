"""Worker processes leave an interrupt (Ctrl-C) to the process that started them."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed() -> Iterator[None]:
    """Processes that are started within never hear of an interrupt, not even while they load.

    A terminal sends it to all of them. Whoever waits for them hears it after the block, ends them
    and says so once.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
