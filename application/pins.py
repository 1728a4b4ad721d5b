"""The pin desk: answers of the statistics that are recorded with what they rest on (固定报表)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from application.eventlog import Position, Receipt
from application.records import Command, Records
from domain.base import Event, Stamp
from domain.pin import Pin, PinnedReport, Question


@dataclass(frozen=True, slots=True)
class Pins:
    """The commands on pins."""

    records: Records

    def pin(
        self,
        pin_id: UUID,
        question: Question,
        position: Position | None,
        by: Command,
        answer: Callable[[Question], PinnedReport],
    ) -> Receipt:
        """Pin the answer to a question at a position, or at whatever is known when it is asked.

        The same request again pins no other answer.
        """

        def pin_answer(
            pin: Pin, question: Question, _: Position | None, by: Stamp
        ) -> Iterator[Event]:
            yield from pin.pin(answer(question), by)

        return self.records.change(by, Pin, pin_id, pin_answer, question, position)
