"""The log itself: its first event says whether what follows is real or simulated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, assert_never
from uuid import UUID

from pydantic import Field

from domain.base import Aggregate, Event, Refused, Stamp, Text

LOG_ID = UUID("00000000-0000-5000-8000-000000000001")
"""The one log has one id, so that a second beginning is a conflict."""

LogPosition = Annotated[int, Field(ge=1)]
"""A position in the log; what was on screen or served as evidence is pinned by it."""


class LogGenesis(Event, topic="log.genesis.v1"):
    """The log begins. A simulated log says so for good, on every page and export."""

    simulated: bool
    note: Text


@dataclass(frozen=True, slots=True)
class Log(Aggregate):
    """The log as a record of its own."""

    about = "log"

    begun: bool = False

    def begin(self, simulated: bool, note: Text, by: Stamp) -> Iterator[LogGenesis]:
        """Say what kind of log this is; once, before anything else."""
        if self.begun:
            raise Refused("log-already-begun")
        yield LogGenesis.of(self, by, simulated=simulated, note=note)

    def evolve(self, event: LogGenesis) -> Log:
        match event:
            case LogGenesis():
                return replace(self, begun=True)
            case _:
                assert_never(event)
