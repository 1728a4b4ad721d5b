"""A pin (固定报表): an answer of the statistics with everything needed to compute it again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Annotated, Self, assert_never
from uuid import UUID

from pydantic import Field, StringConstraints

from domain.base import Aggregate, Event, Refused, Stamp, Text, Value
from domain.log import LogPosition, Sha256

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_/]{1,100}$")]
"""The code of an indicator."""

RegionText = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,36}$")]
"""The official code of a region, or its id."""

RowsText = Annotated[str, StringConstraints(pattern=r"^(total|city|county|township|centre)$")]
"""What the rows of an answer are."""

ColumnsText = Annotated[str, StringConstraints(pattern=r"^(total|month|quarter|year)$")]
"""How a period is cut into columns."""

BoundariesText = Annotated[
    str, StringConstraints(pattern=r"^(then|now|[0-9]{4}-[0-9]{2}-[0-9]{2})$")
]
"""Whose regions count: those of each fact's own date, of the moment of reading, or of a date."""


class Question(Value):
    """What was asked: figures of a region for a period, both days included, by row and column."""

    region: RegionText
    first: date
    last: date
    by: RowsText
    columns: ColumnsText
    boundaries: BoundariesText
    indicators: tuple[Code, ...] = Field(min_length=1)


class PinnedFigures(Value):
    """The figures of one indicator in one row: a text a column, such as `215` or `hidden`."""

    indicator: Code
    values: tuple[Text, ...]


class PinnedLine(Value):
    """One row of an answer: a region or centre."""

    id: UUID
    code: Text | None = None
    name: Text
    figures: tuple[PinnedFigures, ...]


class PinnedDefinition(Value):
    """The digest of an indicator's definition."""

    indicator: Code
    digest: Sha256


class PinnedReport(Value):
    """An answer, what was asked, and what it rests on.

    It was read from the first `size` events of the log, whose tree has this root. `digest` is that
    of the columns and lines; `definitions` are those of each indicator and of what it is worked out
    from; `code` names the program that counted.
    """

    question: Question
    size: LogPosition
    root: Sha256
    simulated: bool
    columns: tuple[Text, ...]
    lines: tuple[PinnedLine, ...]
    digest: Sha256
    definitions: tuple[PinnedDefinition, ...]
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
