"""Says of a watch that cannot look that nobody looks: who ends its connections else silences it.

One look that fails is for the program's log, as the database may come back in a moment. What keeps
failing rings under the name of what is not looked at.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Final

from application.alarms import Alarm, ring

UNSEEN: Final = 300.0  # seconds: longer than a server takes to start anew
ROUNDS: Final = 3  # in a row that may fail, where one comes seldom

LOG: Final = logging.getLogger("huhang")


@dataclass(slots=True)
class Watch:
    """Looks at one thing every so many seconds, and is told of each look.

    `home` is the HUHANG_HOME in which it rings, `what` what nobody saw else.
    """

    home: Path
    what: str
    pause: float
    steady: Callable[[], float] = monotonic
    looked_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.looked_at = self.steady()

    @property
    def allowed(self) -> float:
        """Seconds for which nobody may have looked."""
        return max(UNSEEN, ROUNDS * self.pause)

    @contextmanager
    def look(self) -> Iterator[None]:
        """Take a look; what it raises is said, and rings when none has ended well for long."""
        try:
            yield
        except Exception as error:
            LOG.warning("nobody saw %s: %s", self.what, error)
            if self.steady() - self.looked_at > self.allowed:
                ring(
                    self.home,
                    Alarm(
                        f"For more than {self.allowed:,.0f} seconds nobody saw {self.what}. The "
                        "program's log says why: mend that, or find out who ends connections to "
                        "the database again and again."
                    ),
                )
        else:
            self.looked_at = self.steady()
