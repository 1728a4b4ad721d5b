"""Whether the log was sealed before, where neither its seal nor the sealer's memory says so.

Who empties the tables of the seal and takes the sealer's folder away must not get a second
beginning: two trees of one size, both signed by the log's key. So it is noted beside the key that
it has signed, which is kept and restored with it; and where even that note is missing, records of
real work that have been there for a day were sealed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg

from application.alarms import note_anew
from application.first_event import note_first
from application.keys import note_origin
from application.log_stream import beginning_of
from application.memory import Memory, write_durably
from application.settings import Settings
from domain.log import LOG_ID

UNSEALED_FOR: Final = timedelta(days=1)
"""How long a new log may hold records before its first seal: sealing takes a second."""

ANY_CHECKPOINT: Final = "select from seal.checkpoint limit 1"
OLDEST: Final = """
select recorded_at <= %s from only log.event where originator_id <> %s
order by position limit 1
"""
SAY_SO: Final = (
    "If a checkpoint was kept outside, restore the seal and show it: huhang seal --from FILE. If "
    "nothing was ever sealed, or you know why all of it is gone, say so: huhang seal --anew REASON"
)


class NotGone(Exception):  # noqa: N818 - said to people
    """Something that was sealed is there, in the database or in the sealer's memory."""


class FirstSeal:
    """What an installation knows outside of the database of whether it sealed before."""

    def __init__(self, settings: Settings) -> None:
        self._signed = settings.home / "keys" / "log.signed"
        self._anew = settings.home / "seal" / "anew"
        self._memory = Memory(settings.home / "seal")
        self._home: Path = settings.home
        self._settings = settings

    def note(self, first: bytes) -> None:
        """Note beside the log's key that it has signed, under which name, and over which beginning.

        That is the leaf hash of the log's first event; each is noted once.
        What began anew has begun.
        """
        note_origin(self._settings)
        note_first(self._home, first)
        if not self._signed.exists():
            write_durably(self._signed, b"This key has signed checkpoints of its log.\n")
        self._anew.unlink(missing_ok=True)

    def allow_anew(self, connection: psycopg.Connection[Any], reason: str) -> None:
        """Let the next sealer begin without a seal and without a memory; kept among the alarms.

        Raises `NotGone` while either is there: the permission would wait for whoever empties them.
        """
        if connection.execute(ANY_CHECKPOINT).fetchone() is not None:
            raise NotGone(
                "There are checkpoints in the database, so the seal does not begin anew. Where the "
                "sealer's memory is lost, show a checkpoint: huhang seal --from FILE"
            )
        if self._memory.read() is not None:
            raise NotGone(
                "The sealer remembers what it signed (seal/checkpoint of HUHANG_HOME), so the seal "
                "does not begin anew. Restore the newest backup of the database, with its seal."
            )
        note_anew(self._home, reason)
        write_durably(self._anew, f"{reason}\n".encode())

    def doubt(self, connection: psycopg.Connection[Any], now: datetime) -> str | None:
        """Why a sealer must not begin with nothing, in a sentence; None where it may."""
        if self._anew.exists():
            return None
        if self._signed.exists():
            return (
                "Nothing is sealed in the database and the sealer's memory (the folder seal of "
                f"HUHANG_HOME) is lost, but the log's key has signed checkpoints before. {SAY_SO}"
            )
        beginning = beginning_of(connection)
        if beginning.genesis is None or beginning.simulated:
            return None  # a simulated year is made at once, of long ago
        row = connection.execute(OLDEST, (now - UNSEALED_FOR, LOG_ID)).fetchone()
        if row == (True,):
            return (
                "Nothing is sealed in the database and the sealer remembers nothing, but records "
                f"have been in the log for more than {UNSEALED_FOR.days} day. {SAY_SO}"
            )
        return None
