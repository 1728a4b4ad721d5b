"""A pin (固定报表): an answer of the statistics with everything needed to compute it again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Annotated, Literal, Self, assert_never
from uuid import UUID

from pydantic import Field, StringConstraints

from domain.base import Aggregate, Event, Refused, Stamp, Text, Value
from domain.log import LogPosition, Sha256

Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_/-]{1,100}$")]
"""A code of the dictionary."""


class Question(Value):
    """What was asked: figures of a region for a period, both days included, by row and column.

    `region` is an official code or an id. `boundaries` say whose regions count: those of each
    fact's own date, those of the moment of reading, or those of a date.
    """

    region: str
    first: date
    last: date
    by: Literal["total", "city", "county", "township", "centre"]
    columns: Literal["total", "month", "quarter", "year"]
    boundaries: Annotated[Literal["then", "now"] | date, Field(union_mode="left_to_right")]
    indicators: tuple[Word, ...] = Field(min_length=1)


class PinnedLine(Value):
    """One row of an answer: a region or centre, and for each indicator one text a column."""

    id: UUID
    code: str | None = None
    name: str
    figures: dict[Word, tuple[str, ...]]


class PinnedReport(Value):
    """An answer, what was asked, and what it rests on.

    It was read from the first `size` events of the log, whose tree has this root. `digest` is that
    of the columns and lines; `definitions` has the digest of each indicator's definition, those
    that it is worked out from included; `code` names the program that counted.
    """

    question: Question
    size: LogPosition
    root: Sha256
    simulated: bool
    columns: tuple[str, ...]
    lines: tuple[PinnedLine, ...]
    digest: Sha256
    definitions: dict[Word, Sha256]
    code: Text


class ReportPinned(Event, topic="pin.report-pinned.v1"):
    """An answer was pinned: whoever has the log can compute it again and compare."""

    report: PinnedReport


@dataclass(frozen=True, slots=True)
class Pin(Aggregate):
    """A pinned answer; it never changes."""

    about = "pin"

    report: PinnedReport | None = None

    def pin(self, report: PinnedReport, by: Stamp) -> Iterator[Event]:
        """Pin an answer, once."""
        if self.report is not None:
            raise Refused("pin-exists")
        yield ReportPinned.of(self, by, report=report)

    def evolve(self, event: ReportPinned) -> Self:
        """The state after one more event."""
        match event:
            case ReportPinned(report=report):
                return replace(self, report=report)
            case _:
                assert_never(event)


def digest_of(columns: Sequence[str], lines: Sequence[PinnedLine]) -> str:
    """SHA-256, in hexadecimal, over the canonical JSON (RFC 8785) of the columns and lines."""
    said = {
        "columns": list(columns),
        "lines": [line.model_dump(mode="json", exclude_none=True) for line in lines],
    }
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(canonical.encode()).hexdigest()
