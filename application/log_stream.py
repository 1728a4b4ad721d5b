"""What the log says of itself: its keys and authors, and the newest of each thing it notes.

Only rows that a known author signed say it. Whoever can append to the log without such a key could
else end every start by one row, or let the fence pass that he took away.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeVar

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from psycopg.rows import tuple_row

from application import signatures
from application.codec import decode, statement_of
from application.eventlog import Position
from application.keys import public_keys
from application.leaf import Leaf, NotAuthored, Statement
from application.tree import leaf_hash
from domain.log import (
    LOG_ID,
    AuthorRegistered,
    Log,
    LogEvent,
    LogGenesis,
    ReadingsDigested,
    SchemaChanged,
    Sm2KeyRegistered,
    StreamHeads,
)

SAID: Final = """
select position, originator_version, topic, state, author, signature, recorded_at
from only log.event
where originator_id = %s and topic = any(%s)
  and recorded_at >= '0001-01-02' and recorded_at < '9999-12-31'
order by position
"""
NEWEST: Final = """
select position, originator_version, topic, state, author, signature
from only log.event
where originator_id = %s and topic = %s and position <= %s
order by position desc
limit %s
"""
VERSION: Final = """
select coalesce(max(originator_version), 0) from only log.event where originator_id = %s
"""
MOST: Final = 1000  # rows read at once
LAST: Final = 2**63 - 1  # the last position that a log can have
Noted = TypeVar("Noted", bound=StreamHeads | SchemaChanged | ReadingsDigested)
NOTED: Final[tuple[type[StreamHeads | SchemaChanged | ReadingsDigested], ...]] = (
    StreamHeads, SchemaChanged, ReadingsDigested,
)  # fmt: skip


class Registered(NamedTuple):
    """An author's key, and the position from which on it may sign."""

    key: Ed25519PublicKey
    since: Position

    def require(self, said: Statement, signature: bytes) -> None:
        """Check that he signed a statement. Raises `NotAuthored`."""
        if not signatures.holds(self.key.public_bytes_raw(), said.signed_bytes(), signature):
            raise NotAuthored(f"The signature of {said.stream} {said.version} does not hold.")


class Beginning(NamedTuple):
    """What the log says of itself, as far as it can be believed; nothing else says it.

    `first` is the leaf hash of the row that was read as its first event. `sm2_keys` are those that
    sign checkpoints as well, each since the position that names it. `events` are what was believed,
    in order, and `unsigned` the places of the rows that were not.
    """

    genesis: LogGenesis | None
    authors: dict[str, Registered]
    sm2_keys: Mapping[bytes, Position] = MappingProxyType({})
    first: bytes = b""
    events: tuple[LogEvent, ...] = ()
    unsigned: tuple[Position, ...] = ()

    @property
    def simulated(self) -> bool:
        """Whether the log declares itself to be simulated."""
        return self.genesis is not None and self.genesis.simulated


def beginning_of(connection: psycopg.Connection[Any]) -> Beginning:
    """The log's first event, and its authors by name.

    A first event that is not in front says nothing, nor does one that cannot be read, or was
    recorded at a time that no calendar has; a further author, or a key of SM2, is one whose row a
    known author signed.
    """
    genesis: LogGenesis | None = None
    authors: dict[str, Registered] = {}
    sm2_keys: dict[bytes, Position] = {}
    first = b""
    events: list[LogEvent] = []
    unsigned: list[Position] = []
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        asked = (LOG_ID, [LogGenesis.topic, AuthorRegistered.topic, Sm2KeyRegistered.topic])
        rows = cursor.execute(SAID, asked).fetchall()
    for row in rows:
        position, version, topic, state, author, signature, recorded_at = row
        try:
            event = decode(topic, LOG_ID, version, state)
            said = statement_of(LOG_ID, version, topic, state)
            if not isinstance(event, LogGenesis):  # what follows is signed by those whom it names
                authors[author].require(said, signature)
            match event:
                case LogGenesis() if position == 1:
                    genesis = event
                    first = leaf_hash(Leaf(0, recorded_at, said, author, signature).entry())
                    keys = public_keys({known.name: known.key for known in event.keys.authors})
                    authors = {name: Registered(key, 1) for name, key in keys.items()}
                case AuthorRegistered(author=new) if new.name not in authors:
                    key = public_keys({new.name: new.key})[new.name]
                    authors[new.name] = Registered(key, position + 1)
                case Sm2KeyRegistered(key=public):
                    sm2_keys.setdefault(b64decode(public), position)
                case LogGenesis():
                    unsigned.append(position)
                    continue
                case _:
                    continue
        except (ValueError, TypeError, KeyError, NotAuthored):
            unsigned.append(position)
            continue
        events.append(event)
    return Beginning(genesis, authors, sm2_keys, first, tuple(events), tuple(unsigned))


def log_now(connection: psycopg.Connection[Any]) -> tuple[Log, list[Position]]:
    """The log as a record of its own, and the rows that it passes over, as nobody signed them.

    It has the version that its stream has, so that what is decided on it goes on behind them.
    """
    version = own_version(connection)  # first: what is recorded from here on makes a conflict
    beginning = beginning_of(connection)
    log, passed_over = Log(LOG_ID), list(beginning.unsigned)
    for event in beginning.events:
        log = log.evolve(event)
    for kind in NOTED:
        noted, unsigned = newest_of(connection, kind, LAST, beginning.authors)
        log = log if noted is None else log.evolve(noted[1])
        passed_over += unsigned
    return replace(log, version=version, exists=version > 0), sorted(passed_over)


def own_version(connection: psycopg.Connection[Any]) -> int:
    """The last version of the log's own stream; 0 before it has begun."""
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        (version,) = cursor.execute(VERSION, (LOG_ID,)).fetchone() or (0,)
    return int(version)


def newest_noted(
    connection: psycopg.Connection[Any], kind: type[Noted], until: Position
) -> tuple[Position, Noted] | None:
    """The newest event of a kind that the log notes of itself among the first records."""
    return newest_of(connection, kind, until, beginning_of(connection).authors)[0]


def newest_of(
    connection: psycopg.Connection[Any],
    kind: type[Noted],
    until: Position,
    authors: Mapping[str, Registered],
) -> tuple[tuple[Position, Noted] | None, Sequence[Position]]:
    """The newest such event that a known author signed, and the rows that none did behind it."""
    unsigned: list[Position] = []
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        for row in newest_first(cursor, kind.topic, until):
            position, version, topic, state, author, signature = row
            try:
                event = decode(topic, LOG_ID, version, state)
                known = authors[author]
                if position < known.since:
                    raise KeyError(author)
                said = statement_of(LOG_ID, version, topic, state)
                known.require(said, signature)
            except (ValueError, TypeError, KeyError, NotAuthored):
                unsigned.append(position)
                continue
            assert isinstance(event, kind)
            return (position, event), unsigned
    return None, unsigned


def newest_first(
    cursor: psycopg.Cursor[tuple[Any, ...]], topic: str, until: Position
) -> Iterator[tuple[Any, ...]]:
    """The rows of a topic, the newest first: one, and then ten times as many at a time.

    Each question sorts all that there are; who appends may have put any number in front.
    """
    count = 1
    while rows := cursor.execute(NEWEST, (LOG_ID, topic, until, count)).fetchall():
        yield from rows
        until, count = rows[-1][0] - 1, min(count * 10, MOST)
