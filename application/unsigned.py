"""Rows that no instance of ours signed: what they would stop passes them over, and a person reads.

Whoever can append to the log without an author's key could else end every request by one row that
is no event. To prove a row takes a tenth of a millisecond and more, so a record is read as it
stands, and by its signatures where it cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row

from application.alarms import Alarm
from application.codec import UnknownTopic, decode
from application.destructions import ROWS
from application.eventlog import Position
from application.first_event import first_noted, known_beginning
from application.inspection import Defect, SealedRow, emptied, inspect_leaf
from application.log_stream import LAST, Beginning, Registered, beginning_of, own_version
from application.seal import sealed_size
from domain.base import Aggregate, AnyAggregate, Event, Refused, fold

UNREAD: Final = (
    ValueError, TypeError, LookupError, AttributeError, AssertionError, UnknownTopic, Refused,
)  # fmt: skip
"""What comes of a row that is no event of its stream, wherever it is met first."""

AGAIN: Final = 60.0
"""Seconds after which authors are read anew all the same: one may have been hidden for a moment."""

OF_STREAM: Final = (
    ROWS
    + """
where originator_id = %s and originator_version > %s and originator_version <= %s and position <= %s
order by originator_version
limit 1000
"""
)


UNSEALED: Final = (
    ROWS
    + """
where originator_id = %s and position > %s
order by originator_version
"""
)


class PassedOver(Alarm):
    """Rows that no instance of ours signed, and that nothing believes."""

    def __init__(self, positions: Sequence[Position], whose: str) -> None:
        others = len(positions) - 1
        like = f", nor {others:,} {'other' if others == 1 else 'others'} like it" if others else ""
        super().__init__(
            f"The row at position {min(positions):,} {whose}, and no instance of ours signed it"
            f"{like}: it is passed over, and nothing is sealed from there on. Somebody wrote it "
            "under a login of the database; renew the passwords (huhang init-db "
            "--renew-passwords), and find out who it was."
        )


def proved(
    rows: Iterable[SealedRow], authors: Mapping[str, Registered] | None
) -> Iterator[tuple[SealedRow, Event | None]]:
    """Each row with its event; None where no author signed it. Raises `UnknownTopic`.

    Without authors, as in a log that has not begun, no signature is looked at.
    """
    for row in rows:
        try:
            if None in row:
                raise emptied(row)
            inspect_leaf(row, authors)
        except Defect:
            yield row, None
        else:
            yield row, decode(row.topic, row.originator_id, row.originator_version, row.state)


def proved_changes(
    aggregate: Aggregate, rows: Iterable[SealedRow], authors: Mapping[str, Registered] | None
) -> Iterator[tuple[SealedRow, Event | None]]:
    """The further rows of an aggregate; what would change it needs an author, the rest does not.

    Its first event makes it exist, whatever it changes. Raises `UnknownTopic`.
    """
    for row in rows:
        said = leaving(aggregate, row) if aggregate.exists else None
        if said is not None:
            yield row, said
            continue
        for _, event in proved([row], authors):
            if event is not None:
                with suppress(*UNREAD):  # whoever folds them says what is wrong
                    aggregate = replace(aggregate.evolve(event), exists=True)
            yield row, event


def leaving(aggregate: Aggregate, row: SealedRow) -> Event | None:
    """The event of a row that leaves an aggregate as it is; None of one that does not."""
    with suppress(*UNREAD):
        event = decode(row.topic, row.originator_id, row.originator_version, row.state)
        return event if leaves(aggregate, event) else None
    return None


def leaves(aggregate: Aggregate, event: Event) -> bool:
    """Whether an event leaves an aggregate that exists as it is."""
    return aggregate.evolve(event) is aggregate


class AuthorsRead(NamedTuple):
    """Authors as they were read, at which version of the log's own stream, and when."""

    authors: Mapping[str, Registered]
    version: int
    at: float


class Authors:
    """Who may sign in a log, as one process read it, and again where a name was not known.

    However many rows somebody puts among those that let authors in, or signs with a name that is
    none, they are not read each time: nobody is let in while the log's own stream stands still.

    The first event, which names the first of them, must be the one that is noted in the `home`;
    before it is noted there, nothing that was read is kept. Without a `home` it is not compared.
    """

    def __init__(self, home: Path | None = None, clock: Callable[[], float] = monotonic) -> None:
        self._home = home
        self._clock = clock
        self._read = AuthorsRead({}, 0, 0.0)

    def of(
        self, connection: psycopg.Connection[Any], rows: Iterable[SealedRow]
    ) -> Mapping[str, Registered] | None:
        """The authors, those of these rows among them; None in a log that has not begun.

        Raises `AnotherBeginning`, with an alarm; `DangerousSetting` where the note is damaged.
        """
        known, version_read, read_at = self._read
        if not known or any(row.author not in known for row in rows):
            version, now = own_version(connection), self._clock()
            if known and version == version_read and now < read_at + AGAIN:
                return known
            # Before it is read: what is noted meanwhile was not compared.
            lasts = self._home is None or first_noted(self._home) is not None
            beginning = self._beginning(connection)
            if beginning.genesis is None:
                return known or None  # hidden just now, it makes nobody an author
            known = beginning.authors
            if lasts:
                self._read = AuthorsRead(known, version, now)
        return known

    def _beginning(self, connection: psycopg.Connection[Any]) -> Beginning:
        if self._home is None:
            return beginning_of(connection)
        return known_beginning(connection, self._home)


def rows_of(
    connection: psycopg.Connection[Any],
    stream: UUID,
    after: int = 0,
    to: int = LAST,
    until: Position = LAST,
) -> Iterator[SealedRow]:
    """The rows of a stream behind a version, up to another, and up to a position."""
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        while rows := cursor.execute(OF_STREAM, (stream, after, to, until)).fetchall():
            yield from (SealedRow(*row) for row in rows)
            after = rows[-1][2]


def unsealed_of(connection: psycopg.Connection[Any], stream: UUID) -> list[SealedRow]:
    """The rows of a stream that no sealer looked at yet."""
    asked = (stream, sealed_size(connection))
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        return [SealedRow(*row) for row in cursor.execute(UNSEALED, asked, prepare=True)]


def fold_proved(
    aggregate: AnyAggregate, rows: Iterable[tuple[SealedRow, Event | None]]
) -> AnyAggregate:
    """The aggregate after its further events, at the version that its stream has."""
    for row, event in rows:
        if event is None:
            aggregate = replace(aggregate, version=row.originator_version)
        else:
            aggregate = fold(aggregate, [event])
    return aggregate
