"""Audits the noted heads while the log is read: whether each stream went as far as the log says.

A tree over the heads costs a hash a stream, and there is one each night. So the newest is always
computed anew, and of the older ones as many as cost no more than some of the reading itself.

Heads that are wrong end no other check: they stay in the log, and would hide all that comes later.
What an accident left, a person may name beforehand, with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row

from application.codec import UnknownTopic, decode
from application.eventlog import Position
from application.inspection import Check, Defect
from application.sealing_times import Accident, accidents_in
from application.settings import Settings
from application.tree import leaf_hash, root_of
from domain.log import LOG_ID, StreamHeads

NOTED: Final = """
select position, originator_version, state from only log.event
where originator_id = %s and topic = %s and position <= %s
order by position
"""
BUDGET: Final = 4  # hashes allowed for each event read: about a quarter of what reading it costs


class Noted(NamedTuple):
    """What the log says at a position of how far its streams went."""

    position: Position
    heads: StreamHeads


def known_misnoted(settings: Settings) -> tuple[Accident, ...]:
    """Between which positions heads were noted wrongly by an accident. Raises `DangerousSetting`.

    Each line of the file `misnoted` is two positions with a hyphen between, a space, and why.
    """
    return accidents_in(settings.home / "misnoted", "noted heads", "position")


class HeadsAudit:
    """Takes the streams of the log's events in order and holds the noted heads against them.

    `computed` is how many were computed anew, `known` what accidents people named.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        until: Position,
        known: Sequence[Accident] = (),
    ) -> None:
        self._until = until
        self._known = known
        self._wrong: list[Defect] = []
        self._accidents: dict[Accident, int] = {}
        self._noted: dict[int, Noted] = {}
        self._heads: dict[int, tuple[int, int]] = {}
        self._size = 0
        self._budget = 0
        self.computed = 0
        with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
            asked = (LOG_ID, StreamHeads.topic, until)
            for position, version, state in cursor.execute(NOTED, asked).fetchall():
                self._note(position, version, state)
        self._newest = max(self._noted, default=0)

    def take(self, streams: Sequence[int], versions: Sequence[int]) -> None:
        """Take the next events, by the numbers of their streams' ids and their versions."""
        start = self._size
        until = start + len(streams)
        for size in sorted({until, *(size for size in self._noted if start < size < until)}):
            these = slice(self._size - start, size - start)
            ends = zip(versions[these], range(self._size, size), strict=True)
            self._heads.update(zip(streams[these], ends, strict=True))
            self._budget += BUDGET * (size - self._size)
            self._size = size
            if size in self._noted and (size == self._newest or self._budget >= len(self._heads)):
                self._budget -= len(self._heads)
                self._compare(self._noted[size])

    @property
    def count(self) -> int:
        """How many are noted."""
        return len(self._noted)

    @property
    def defect(self) -> Defect | None:
        """The first that is wrong and of which nobody said why."""
        if not self._wrong:
            return None
        first = min(self._wrong, key=lambda defect: defect.position)
        if len(self._wrong) == 1:
            return first
        last = max(defect.position for defect in self._wrong)
        more = f"{first.what} So it is with {len(self._wrong):,} in all, the last at {last:,}."
        return Defect(first.position, first.check, more)

    @property
    def unchecked(self) -> str | None:
        """Why this is not believed: who names what is still to come could name anything."""
        ahead = max((known.last for known in self._known), default=0)
        if ahead <= self._until:
            return None
        return (
            f"the file misnoted names positions of up to {ahead:,}, and the log has "
            f"{self._until:,}; name none that is still to come"
        )

    @property
    def said(self) -> str:
        """For how many it passed, and for which it did but by somebody's word."""
        passed = f"passed for {self.computed:,} of {self.count:,}"
        if not self._accidents:
            return passed
        named = ", ".join(
            f"{count:,} at positions {accident.first:,} to {accident.last:,} ({accident.why})"
            for accident, count in self._accidents.items()
        )
        return f"{passed} but for {named}, as the file misnoted says"

    def _note(self, position: Position, version: int, state: bytes) -> None:
        try:
            heads = decode(StreamHeads.topic, LOG_ID, version, state)
        except (ValueError, TypeError, KeyError, UnknownTopic):
            return  # the leaf of the row tells what is wrong with it
        assert isinstance(heads, StreamHeads)
        # One that speaks of what came after it is looked at where it stands, and found wrong.
        self._noted[min(heads.size, position)] = Noted(position, heads)

    def _compare(self, noted: Noted) -> None:
        lines = (
            f"{UUID(int=stream)} {version} {index}\n".encode("ascii")
            for stream, (version, index) in sorted(self._heads.items())
        )
        said = noted.heads
        root = root_of(map(leaf_hash, lines)).hex()
        if said.size >= noted.position or (said.streams, said.root) != (len(self._heads), root):
            self._take_wrong(noted)
        self.computed += 1

    def _take_wrong(self, noted: Noted) -> None:
        for accident in self._known:
            if accident.first <= noted.position <= accident.last:
                self._accidents[accident] = self._accidents.get(accident, 0) + 1
                return
        what = f"the streams of the first {noted.heads.size:,} records do not end where it says."
        self._wrong.append(Defect(noted.position, Check.HEADS, what))
