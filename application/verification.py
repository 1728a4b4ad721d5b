"""Verifies the log from its rows alone: each row, its leaf and author, and the tree over all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg.rows import tuple_row

from application.codec import UnknownTopic
from application.eventlog import Position, Row, decoded, head
from application.inspection import Check, Defect, Inspector, SealedRow
from application.keys import public_keys
from application.tree import Frontier
from domain.base import fold
from domain.log import LOG_ID, AuthorKey, Log

PAGE: Final = 4096  # rows read at once

ROWS: Final = """
select position, originator_id, originator_version, topic, state, recorded_at,
       author, signature, leaf
from log.event
where position > %(after)s and position <= %(until)s
order by position
limit %(limit)s
"""
GENESIS: Final = """
select position, originator_id, originator_version, topic, state, recorded_at
from log.event
where position = 1 and originator_id = %s
"""

Progress = Callable[[int, int], None]
"""Told how many of how many rows are done."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found: the tree over the rows that are in order, and the first one that is not.

    `unchecked` are the checks that could not run, each with the reason; they count as failures.
    """

    size: int
    root: bytes
    defect: Defect | None
    unchecked: Mapping[Check, str]

    def outcomes(self) -> dict[str, str]:
        """Every check by name: passed, why it could not run, or what is wrong first.

        The inspection stops at the first defect, so what other checks would find after it is open.
        """
        found = {check.value: "passed" for check in Check}
        found |= {check.value: f"COULD NOT RUN: {why}" for check, why in self.unchecked.items()}
        if self.defect is not None:
            found = dict.fromkeys(found, f"passed up to position {self.size:,}") | {
                check.value: f"COULD NOT RUN: {why}" for check, why in self.unchecked.items()
            }
            found[self.defect.check.value] = f"FAILED: {self.defect}"
        return found

    @property
    def sound(self) -> bool:
        """Whether every check ran and found nothing."""
        return self.defect is None and not self.unchecked


def verify(
    connection: psycopg.Connection[Any], progress: Progress, known: AuthorKey | None
) -> Verification:
    """Check the whole log row by row, up to the first that is wrong.

    `known` is an author's key held outside the database; who rewrote the whole log under a key of
    his own is found by it alone.
    """
    until = head(connection)
    log = log_of(connection)
    inspector = Inspector(public_keys(log.authors) if log.begun else None)
    frontier = Frontier()
    defect = None
    try:
        if known is not None and log.authors.get(known.name, known.key) != known.key:
            raise Defect(
                1,
                Check.AUTHOR,
                f"the log names another key for “{known.name}” than this installation keeps.",
            )
        while inspector.position < until:
            for row in page(connection, inspector.position, until):
                frontier.push(inspector.take(row))
            progress(inspector.position, until)
    except Defect as found:
        defect = found
    unchecked = {} if log.begun else {Check.AUTHOR: "the log does not begin with its keys"}
    return Verification(frontier.size, frontier.root(), defect, unchecked)


def log_of(connection: psycopg.Connection[Any]) -> Log:
    """What the first event says of the log, such as its authors' keys.

    A later one could only have been put in; one that cannot be read says nothing.
    """
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        rows = [Row(*row) for row in cursor.execute(GENESIS, (LOG_ID,))]
    try:
        return fold(Log(LOG_ID), [recorded.event for recorded in decoded(rows)])
    except (ValueError, TypeError, AssertionError, UnknownTopic):
        return Log(LOG_ID)


def page(connection: psycopg.Connection[Any], after: Position, until: Position) -> list[SealedRow]:
    """The next rows after a position; where the next one is missing, at least one from beyond it.

    Raises `Defect` when the log ends too early.
    """
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        asked = {"after": after, "until": until, "limit": PAGE}
        rows = [SealedRow(*row) for row in cursor.execute(ROWS, asked, prepare=True)]
    if not rows:
        raise Defect(after + 1, Check.DENSE, "the row is missing, and all after it.")
    return rows
