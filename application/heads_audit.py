"""Audits the noted heads while the log is read: whether each stream went as far as the log says.

A tree over the heads costs a hash a stream, and there is one each night. So the newest is always
computed anew, and of the older ones as many as cost no more than some of the reading itself.
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


class HeadsAudit:
    """Takes the streams of the log's events in order and holds the noted heads against them.

    `computed` is how many were computed anew.
    """

    def __init__(self, connection: psycopg.Connection[Any], until: Position) -> None:
        self._noted: dict[int, Noted] = {}
        self._heads: dict[bytes, tuple[int, int]] = {}
        self._size = 0
        self._budget = 0
        self.computed = 0
        with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
            asked = (LOG_ID, StreamHeads.topic, until)
            for position, version, state in cursor.execute(NOTED, asked).fetchall():
                self._note(position, version, state)
        self._newest = max(self._noted, default=0)

    def take(self, streams: Sequence[bytes], versions: Sequence[int]) -> None:
        """Take the next events, by the ids of their streams and their versions. Raises `Defect`."""
        for stream, version in zip(streams, versions, strict=True):
            self._heads[stream] = (version, self._size)
            self._size += 1
            self._budget += BUDGET
            noted = self._noted.get(self._size)
            if noted is not None and (
                self._size == self._newest or self._budget >= len(self._heads)
            ):
                self._budget -= len(self._heads)
                self._compare(noted)

    @property
    def count(self) -> int:
        """How many are noted."""
        return len(self._noted)

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
            f"{UUID(bytes=stream)} {version} {index}\n".encode("ascii")
            for stream, (version, index) in sorted(self._heads.items())
        )
        said = noted.heads
        root = root_of(map(leaf_hash, lines)).hex()
        if said.size >= noted.position or (said.streams, said.root) != (len(self._heads), root):
            raise Defect(
                noted.position,
                Check.HEADS,
                f"the streams of the first {said.size:,} records do not end where it says.",
            )
        self.computed += 1
