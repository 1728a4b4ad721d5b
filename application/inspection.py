"""Inspects rows of the log, page by page: whether each is what was recorded, and in order.

The sealer does this before it signs, and the verifier again for anybody who asks. It shares no code
with `log.append`, which computed each leaf when the event was recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row
from psycopg.types.string import TextBinaryLoader

from application.codec import said_in
from application.eventlog import Position
from application.leaf import (
    MalformedLeaf,
    NotAuthored,
    build_entry,
    check_author,
    signed_part,
    state_text,
)
from application.log_stream import Registered
from application.texts import read_any_text
from application.tree import leaf_hash

PAGE: Final = 4096  # rows read at once

ROWS: Final = """
select position, originator_id, originator_version, topic, state, recorded_at,
       author, signature, leaf
from only log.event
where position > %(after)s and position <= %(until)s
order by position
limit %(limit)s
"""
TIMELESS: Final = """
select position from only log.event
where position > %(after)s and position <= %(until)s
  and not (recorded_at >= '0001-01-02' and recorded_at < '9999-12-31')
order by position
limit 1
"""
BEFORE: Final = """
(select position from only log.event where position < 1 order by position limit 1)
union all
(select 0 from only log.event where position is null limit 1)
"""
NEXT: Final = "select min(position) from only log.event where position > %s"


class SealedRow(NamedTuple):
    """A row of the log with what proves it."""

    position: Position
    originator_id: UUID
    originator_version: int
    topic: str
    state: bytes
    recorded_at: datetime
    author: str
    signature: bytes
    leaf: bytes


Row = tuple[Position, UUID, int, str, bytes, datetime, str, bytes, bytes]
"""The same as it comes from the database, where there are too many to name their parts."""


class Check(StrEnum):
    """What is inspected of every row, and of the seal over them."""

    KEYS = "keys known outside"
    TABLES = "tables and their indexes"
    DENSE = "dense positions"
    VERSIONS = "versions without a hole"
    TIMES = "times in order"
    LEAF = "leaf of the row"
    AUTHOR = "author's signature"
    HEADS = "noted heads of streams"
    TILES = "tiles of the tree"
    CHECKPOINTS = "signed checkpoints"
    SEALING_TIMES = "times of sealing"
    SM2 = "SM2 signatures of checkpoints"
    COSIGNATURES = "cosignatures of witnesses"
    OUTSIDE = "checkpoints kept outside"
    STAMPS = "time stamps"


class Defect(Exception):  # noqa: N818 - said to people
    """The first thing that is wrong with the log; names the position and the check."""

    def __init__(self, position: Position, check: Check, what: str) -> None:
        super().__init__(f"Position {position}: {what}")
        self.position = position
        self.check = check
        self.what = what

    def __reduce__(self) -> tuple[Any, ...]:
        """Worker processes hand it to their parent."""
        return Defect, (self.position, self.check, self.what)


class Span(NamedTuple):
    """What a page holds of one stream, without a hole; `position` is where it begins."""

    first_version: int
    last_version: int
    position: Position


class Inspected(NamedTuple):
    """A page of rows that are in order among themselves, with their leaf hashes computed anew.

    `streams` has each row's id as a number, and `spans` goes by it: numbers are found faster than
    ids, and go faster between processes.
    """

    after: Position
    leaves: list[bytes]
    spans: dict[int, Span]
    streams: list[int]
    versions: list[int]
    recorded_from: datetime
    recorded_to: datetime


def read_rows(
    connection: psycopg.Connection[Any], after: Position, until: Position
) -> list[SealedRow]:
    """The next rows after a position, as `read_page` has them. Raises `Defect`."""
    return list(map(SealedRow._make, read_page(connection, after, until)))


def read_page(connection: psycopg.Connection[Any], after: Position, until: Position) -> list[Row]:
    """The next rows after a position, a page at most; at least one.

    One more is read than a page has positions: so a second row of the last one is seen. Raises
    `Defect` when there is none although the log goes on, or one whose time cannot be read.
    """
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        asked = {"after": after, "until": until, "limit": PAGE + 1}
        try:
            rows = fetched(cursor, asked)
        except psycopg.DataError:
            timeless = cursor.execute(TIMELESS, asked).fetchone()
            if timeless is None:
                raise
            raise Defect(
                timeless[0], Check.TIMES, "it was recorded at a time that no calendar has."
            ) from None
        if not rows:
            following = cursor.execute(NEXT, (after,)).fetchone()
            raise missing(after + 1, following[0] if following else None)
    return rows


def fetched(cursor: psycopg.Cursor[Row], asked: Mapping[str, Position]) -> list[Row]:
    """The rows as they are stored, also where somebody wrote bytes into them that are no text."""
    cursor.adapters.register_loader("text", TextBinaryLoader)  # the faster of both
    try:
        return cursor.execute(ROWS, asked, prepare=True).fetchall()
    except UnicodeDecodeError:
        read_any_text(cursor.adapters)
        return cursor.execute(ROWS, asked, prepare=True).fetchall()


def missing(at: Position, following: Position | None) -> Defect:
    """The defect of a row that is not there, by the position of the next one that is."""
    if following is None:
        return Defect(at, Check.DENSE, "the row is missing, and all after it.")
    return Defect(at, Check.DENSE, f"the row is missing; the next that is there has {following}.")


def require_none_before(connection: psycopg.Connection[Any]) -> None:
    """Check that no row stands in front of the log, where only who reads a stream would meet it.

    Raises `Defect`.
    """
    row = connection.execute(BEFORE).fetchone()
    if row is not None:
        raise Defect(row[0], Check.DENSE, "the log begins at 1; somebody put this row in.")


def inspect(
    rows: Sequence[Row],
    after: Position,
    authors: Mapping[str, Registered] | None,
    before: Position = 0,
) -> Inspected:
    """Inspect the rows after a position. Raises `Defect`.

    Without authors, signatures are not looked at; with them, those of the first `before` of the log
    are not.
    """
    leaves, streams, versions = [], [], []
    begun: dict[int, tuple[int, Position]] = {}
    ended: dict[int, int] = {}
    *_, recorded_from, _, _, _ = rows[0]
    recorded_at = recorded_from
    for at, row in enumerate(rows, start=after + 1):
        position, stream_id, version, _, _, recorded, _, _, _ = row
        if position != at:
            if position < at:
                raise Defect(position, Check.DENSE, "two rows have this position.")
            raise missing(at, position)
        if stream_id is None or None in row[2:]:  # an id is compared slowly
            raise emptied(row)
        stream = stream_id.int
        last = ended.get(stream)
        if last is None:
            begun[stream] = (version, at)
        elif version != last + 1:
            raise misplaced(at, stream_id, version, last + 1)
        ended[stream] = version
        if recorded < recorded_at:
            raise set_back(at)
        recorded_at = recorded
        leaves.append(inspect_leaf(row, authors if at > before else None))
        streams.append(stream)
        versions.append(version)
    spans = {key: Span(first, ended[key], place) for key, (first, place) in begun.items()}
    return Inspected(after, leaves, spans, streams, versions, recorded_from, recorded_at)


def inspect_leaf(row: Row, authors: Mapping[str, Registered] | None) -> bytes:
    """The leaf hash of a row, computed anew. Raises `Defect` when it is not the one stored."""
    at, _, _, _, _, _, author, signature, leaf = row
    try:
        entry = entry_of(row)
    except MalformedLeaf as malformed:
        raise Defect(at, Check.LEAF, str(malformed)) from None
    found = leaf_hash(entry)
    if found != leaf:
        raise Defect(at, Check.LEAF, "the row is not the one that its leaf was computed from.")
    if authors is not None:
        try:
            known = authors.get(author)
            key = known.key if known is not None and known.since <= at else None
            check_author(at - 1, author, key, signed_part(entry), signature)
        except NotAuthored as forged:
            raise Defect(at, Check.AUTHOR, str(forged)) from None
    return found


def entry_of(row: Row) -> bytes:
    """The entry of a row, made from the row alone. Raises `MalformedLeaf`."""
    at, stream, version, topic, state, recorded, author, signature, _ = row
    actor, keys = said_in(state)
    return build_entry(
        at - 1, stream, version, topic, recorded, actor, keys, state_text(state), author, signature
    )


class Continuity:
    """What the next page must fit: it goes on where the one before ended.

    `versions` knows the last version of each stream that is met, by the number of its id; streams
    not in it are new.
    """

    def __init__(self, position: Position = 0, recorded_at: datetime | None = None) -> None:
        self.position = position
        self.recorded_at = recorded_at
        self.versions: dict[int, int] = {}

    def follow(self, page: Inspected) -> None:
        """Take the next page. Raises `Defect`."""
        for stream, span in page.spans.items():
            expected = self.versions.get(stream, 0) + 1
            if span.first_version != expected:
                raise misplaced(span.position, UUID(int=stream), span.first_version, expected)
            self.versions[stream] = span.last_version
        if self.recorded_at is not None and page.recorded_from < self.recorded_at:
            raise set_back(page.after + 1)
        self.position = page.after + len(page.leaves)
        self.recorded_at = page.recorded_to


def emptied(row: Row) -> Defect:
    """The defect of a row in which somebody left something out."""
    names = [name for name, value in zip(SealedRow._fields, row, strict=True) if value is None]
    check = Check.TIMES if "recorded_at" in names else Check.LEAF
    return Defect(row[0], check, f"nothing is left of its {', '.join(names)}.")


def misplaced(at: Position, stream: UUID, version: int, expected: int) -> Defect:
    """The defect of an event that does not follow the one before in its stream."""
    return Defect(
        at,
        Check.VERSIONS,
        f"version {version} of {stream} comes where {expected} belongs: an event was taken out, "
        "put in or moved.",
    )


def set_back(at: Position) -> Defect:
    """The defect of a row that says it is older than the one in front of it."""
    return Defect(at, Check.TIMES, "it was recorded before the one in front of it.")
