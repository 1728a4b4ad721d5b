"""When checkpoints were sealed, as far as that can be: no key signs it, so it proves nothing.

A time that cannot be is named and ends no other check, else one unsigned column would hide all that
lies behind it. What an accident of a clock left, a person may name beforehand, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import psycopg

from application.alarms import note_anew
from application.eventlog import Position, head
from application.inspection import Check, Defect, read_rows
from application.memory import write_durably
from application.settings import DangerousSetting, Settings

CLOCKS_APART: Final = timedelta(days=1)
"""How far clocks may be apart: what differs by less only warns; by more, nothing is sealed."""

UNTIMELY: Final = """
select size from seal.checkpoint join only log.event on position = size
where size > %(after)s and size <= %(until)s
  and not coalesce(sealed_at >= recorded_at - %(apart)s and sealed_at <= now() + %(apart)s, false)
order by size
"""
LINE: Final = re.compile(r"([1-9][0-9]{0,17})-([1-9][0-9]{0,17}) (.*\S)")


class Accident(NamedTuple):
    """What stands from `first` to `last` may say what is wrong; and why it does.

    These are the sizes of checkpoints, or the positions of noted heads.
    """

    first: int
    last: int
    why: str


def known_accidents(settings: Settings) -> tuple[Accident, ...]:
    """What accidents of clocks are known here. Raises `DangerousSetting`.

    Each line of the file `untimely` is two sizes with a hyphen between, a space, and the reason.
    """
    return accidents_in(settings.home / "untimely", "checkpoints", "size")


def accidents_in(path: Path, named: str, unit: str) -> tuple[Accident, ...]:
    """The accidents that a file names by the sizes or positions of what they left.

    Raises `DangerousSetting`.
    """
    if not path.exists():
        return ()
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DangerousSetting(f"{path} cannot be read as text ({error}).") from None
    found = []
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        parts = LINE.fullmatch(line.strip())
        if parts is None or int(parts[1]) > int(parts[2]):
            raise DangerousSetting(
                f"{path} names no {named} in “{line}”; write the first {unit}, a hyphen, the "
                "last, a space, and why they say what is wrong."
            )
        found.append(Accident(int(parts[1]), int(parts[2]), parts[3]))
    return tuple(found)


def allow_ahead(connection: psycopg.Connection[Any], home: Path, reason: str) -> None:
    """Let records be sealed that are as far ahead of all clocks as the newest; kept among alarms.

    Raises `Defect` where the newest has no time.
    """
    until = head(connection)
    if until:
        recorded_at = read_rows(connection, until - 1, until)[0].recorded_at
        note_anew(home, reason)
        write_durably(home / "seal" / "ahead", recorded_at.isoformat().encode())


def is_allowed_ahead(home: Path, recorded_at: datetime) -> bool:
    """Whether a person said that records of about that time are ahead of clocks that are right."""
    with suppress(OSError, ValueError):
        allowed = datetime.fromisoformat((home / "seal" / "ahead").read_text())
        return recorded_at <= allowed + CLOCKS_APART
    return False


class SealingTimes:
    """Looks at the times of the checkpoints of one range after another."""

    def __init__(self, connection: psycopg.Connection[Any], known: Sequence[Accident]) -> None:
        self._connection = connection
        self._known = known
        self._wrong: list[int] = []
        self._accidents: dict[Accident, int] = {}

    def take(self, after: Position, until: Position) -> None:
        """Look at the checkpoints over more than `after` and up to `until` records."""
        asked = {"after": after, "until": until, "apart": CLOCKS_APART}
        for (size,) in self._connection.execute(UNTIMELY, asked).fetchall():
            for accident in self._known:
                if accident.first <= size <= accident.last:
                    self._accidents[accident] = self._accidents.get(accident, 0) + 1
                    break
            else:
                self._wrong.append(size)

    def wrong(self) -> Defect | None:
        """What is wrong first; None where nothing is but what a person named."""
        if not self._wrong:
            return None
        return Defect(
            min(self._wrong),
            Check.SEALING_TIMES,
            "its checkpoint says that it was sealed before it was recorded, or will be, or at no "
            f"time at all; so do {len(self._wrong):,}, the last over {max(self._wrong):,} records. "
            "No key signs that time, so it proves nothing; all else was looked at.",
        )

    def unchecked(self, sealed: int) -> str | None:
        """Why this could not be looked at: who names what is not sealed yet could name anything."""
        ahead = [known.last for known in self._known if known.last > sealed]
        if not ahead:
            return None
        return (
            f"the file untimely names checkpoints of up to {max(ahead):,} records, and "
            f"{sealed:,} are sealed; name none that is still to come"
        )

    def said(self, passed: str) -> str | None:
        """That it `passed` but for what somebody named; None where nothing needed that."""
        if not self._accidents:
            return None
        named = [
            f"{count:,} over {accident.first:,} to {accident.last:,} records ({accident.why})"
            for accident, count in self._accidents.items()
        ]
        return f"{passed} but for {', '.join(named)}, as the file untimely says"
