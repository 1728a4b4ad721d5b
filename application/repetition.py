"""What a repeated request is answered with: believed where the log itself says so, and only there.

The answer stands in `log.request`, which nothing signs: who administers the database can write in
it that something was recorded which never was. The rows of the log bear their author's signature.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from application.alarms import Alarm
from application.codec import UnknownTopic, decode
from application.eventlog import Receipt
from application.first_event import known_beginning
from application.inspection import Defect, inspect, read_rows
from application.keys import Author
from application.log_stream import Registered, beginning_of
from domain.base import Event

Answers = Callable[[Sequence[Event]], bool]
"""Whether what the log holds of a request says what it asked for."""


class NotSaid(Alarm):
    """A request is said to be recorded, and the log does not hold it."""

    def __init__(self, receipt: Receipt, why: str) -> None:
        super().__init__(
            f"Request {receipt.request} is said to be recorded at positions "
            f"{receipt.first_position} to {receipt.last_position}, and it is not ({why}). Somebody "
            "changed log.request or the log; nothing was done."
        )


def whatever(_: Sequence[Event]) -> bool:
    """Any events of the request are an answer to it."""
    return True


def require_said(
    connection: psycopg.Connection[Any],
    receipt: Receipt,
    own: Author,
    home: Path | None,
    aggregate: UUID,
    actor: UUID,
    answers: Answers,
) -> None:
    """Check that the log holds what a receipt says, as somebody's request on an aggregate.

    Every row is inspected as before it is sealed; of this instance's own, the key is not asked of
    the log; whose else is, the first event says, as `home` knows it. Raises `NotSaid`,
    `AnotherBeginning`.
    """
    before, last = receipt.first_position - 1, receipt.last_position
    beginning = beginning_of(connection) if home is None else known_beginning(connection, home)
    try:
        rows = read_rows(connection, before, last)
        authors = {
            **beginning.authors,
            own.name: Registered(own.key.public_key(), 0),
        }
        inspect(rows, before, authors)
        events = [
            decode(row.topic, row.originator_id, row.originator_version, row.state) for row in rows
        ]
    except (Defect, UnknownTopic, ValueError) as wrong:
        raise NotSaid(receipt, str(wrong)) from None
    if len(events) != last - before:
        raise NotSaid(receipt, "rows are missing")
    if any(row.recorded_at != receipt.recorded_at for row in rows):
        raise NotSaid(receipt, "it was recorded at another time")
    wanted = (receipt.request, actor, aggregate)
    for event in events:
        if (event.stamp.request, event.stamp.actor, event.originator_id) != wanted:
            raise NotSaid(receipt, "what stands there is of another request")
    if not answers(events):
        raise NotSaid(receipt, "what stands there says something else")
