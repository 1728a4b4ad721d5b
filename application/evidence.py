"""What proves a case: its events as they are stored, each with its place in the sealed log."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
import psycopg
from psycopg.rows import tuple_row

from application import seal
from application.codec import decode, statement_of
from application.eventlog import Position
from application.heads import HeadProof, head_proof
from application.inspection import SealedRow, entry_of
from application.leaf import MalformedLeaf
from application.note import Checkpoint, Note
from application.proof import LogProof
from application.records import Actor
from application.tree import Hashes, inclusion_proof
from domain.base import Event
from domain.case_file_events import PersonalDataErased
from domain.log import LOG_ID, AuthorRegistered, LogGenesis
from domain.own_part import own_part
from domain.values import AccessPurpose, Party
from domain.wording import Said

ROWS: Final = """
select position, originator_id, originator_version, topic, state, recorded_at,
       author, signature, leaf
from only log.event
where originator_id = %(case)s and position <= %(as_of)s
   or originator_id = %(case)s and topic = %(erased)s and position <= %(sealed)s
   or originator_id = %(log)s and topic = %(registered)s and position <= %(sealed)s
   or position = any(%(others)s)
order by position
"""
STAMPED: Final = """
select stamped_at, note, token
from seal.timestamp join seal.checkpoint using (size)
where authority = %s and size = %s
"""

Disclosures = Mapping[tuple[Position, str], bytes]
"""What opens single sealed fields, by where each was sealed first: the position of the event, and
the path in its state. A later event that repeats it is opened with it."""


class NotProven(Said):
    """The log cannot prove the case at this moment."""


@dataclass(frozen=True, slots=True)
class Order:
    """Who gets which case, as of which position, what for, and by whom.

    `known_at` is when the event at `as_of` was recorded. `recipient` is an office or a party's
    role, never a person's name: the log keeps it for good. `parts` says whose sealed data are
    disclosed, such as `wife`; `all`: everybody's, as far as the keys still exist. `own` is the
    party that gets its own part and nothing else.
    """

    case: UUID
    as_of: Position
    known_at: datetime
    purpose: AccessPurpose
    recipient: str
    by: Actor
    parts: Collection[str] = ()
    own: Party | None = None


class Exhibit(NamedTuple):
    """An event as evidence."""

    row: SealedRow
    entry: bytes
    proof: bytes

    @property
    def event(self) -> Event:
        """The event that was stored."""
        row = self.row
        return decode(row.topic, row.originator_id, row.originator_version, row.state)


class Stamped(NamedTuple):
    """What a time-stamping authority says of the checkpoint: its token over the log's own note."""

    authority: str
    stamped_at: datetime
    note: bytes
    token: bytes


class Unstamped(NamedTuple):
    """A time-stamping authority that was asked in vain, and why it was."""

    authority: str
    reason: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The events of a case and those that prove them, under one checkpoint.

    `authors` registered more authors than the log's first event did; `overview` is the event that
    holds the root of `heads`. `unstamped` says which authority did not stamp it, and why;
    `witnessed` which of the witnesses known here cosigned, and when in seconds since 1970, UTC.
    `erasures` came later and tell of keys under which something in `events` is sealed, so that
    nobody can show it any more. Of a copy for a party (`own`), `withheld` events before the last
    one of it are left out, and with them the proof that none is; that there are later ones is not
    said.
    """

    case: UUID
    as_of: Position
    known_at: datetime
    genesis: Exhibit
    authors: tuple[Exhibit, ...]
    events: tuple[Exhibit, ...]
    export: Exhibit
    heads: HeadProof | None
    overview: Exhibit | None
    checkpoint: bytes
    stamped: Stamped | None = None
    unstamped: Unstamped | None = None
    witnessed: Mapping[str, int] = field(default_factory=dict)
    own: Party | None = None
    withheld: int = 0
    erasures: tuple[Exhibit, ...] = ()

    @property
    def exhibits(self) -> tuple[Exhibit, ...]:
        """All of them."""
        overview = (self.overview,) if self.overview else ()
        events = (*self.events, *self.erasures)
        return (self.genesis, *self.authors, *events, self.export, *overview)

    @property
    def simulated(self) -> bool:
        """Whether the log holds no real work."""
        return bool(orjson.loads(self.genesis.row.state)["simulated"])


def gather(
    connection: psycopg.Connection[Any],
    order: Order,
    export: Position,
    size: int,
    authority: str | None = None,
) -> Evidence:
    """The evidence under the checkpoint of a size, which covers the export, and its time stamp.

    Raises `NotProven`; `Unproven` where a tree is not what the log says.
    """
    sealed = seal.newest_checkpoint(connection, size)
    assert sealed is not None, "the export is sealed"
    heads = head_proof(connection, order.case, order.as_of)
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        asked = {
            "case": order.case,
            "as_of": order.as_of,
            "others": [1, export, *([heads.noted_at] if heads else [])],
            "log": LOG_ID,
            "registered": AuthorRegistered.topic,
            "erased": PersonalDataErased.topic,
            "sealed": sealed.size,
        }
        rows = [SealedRow(*row) for row in cursor.execute(ROWS, asked)]
    hashes = seal.hashes_at(connection, sealed.size)
    evidence = evidence_of(order, rows, export, sealed.message, hashes, heads)
    return replace(evidence, stamped=stamped_by(connection, authority, size) if authority else None)


def stamped_by(connection: psycopg.Connection[Any], authority: str, size: int) -> Stamped:
    """The time stamp of an authority over the checkpoint of a size."""
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        row = cursor.execute(STAMPED, (authority, size)).fetchone()
    assert row is not None, "it was just stamped"
    return Stamped(authority, *row)


def evidence_of(
    order: Order,
    rows: Sequence[SealedRow],
    export: Position,
    checkpoint: bytes,
    hashes: Hashes,
    heads: HeadProof | None = None,
) -> Evidence:
    """The evidence from rows of the log and its tree."""
    size = Checkpoint.parse(Note.parse(checkpoint).text).size
    if rows[0].topic != LogGenesis.topic:
        raise NotProven("The log does not begin with its keys, so that nobody can prove it.")
    found = {row.position: exhibit_of(row, size, checkpoint, hashes) for row in rows}
    events = tuple(
        one
        for one in found.values()
        if one.row.originator_id == order.case and one.row.position <= order.as_of
    )
    shown = events if order.own is None else own_exhibits(events, order.own)
    heads = heads if order.own is None else None
    later = [
        one
        for one in found.values()
        if one.row.originator_id == order.case and one.row.position > order.as_of
    ]
    return Evidence(
        order.case,
        order.as_of,
        order.known_at,
        genesis=found[1],
        authors=tuple(one for one in found.values() if one.row.topic == AuthorRegistered.topic),
        events=shown,
        export=found[export],
        heads=heads,
        overview=found[heads.noted_at] if heads else None,
        checkpoint=checkpoint,
        own=order.own,
        withheld=shown[-1].row.originator_version - len(shown) if shown else 0,
        # One tells of both parties' keys, so that it is in nobody's own part.
        erasures=tuple(erasures_of(shown, later)) if order.own is None else (),
    )


def erasures_of(shown: Sequence[Exhibit], later: Sequence[Exhibit]) -> Iterator[Exhibit]:
    """Those of later events that tell of a destroyed key under which something shown is sealed."""
    sealed = {key for one in shown for key in keys_of(one.row)}
    for one in later:
        if one.row.topic == PersonalDataErased.topic:
            event = one.event
            assert isinstance(event, PersonalDataErased)
            if not sealed.isdisjoint(event.keys):
                yield one


def keys_of(row: SealedRow) -> tuple[str, ...]:
    """The keys under which something in an event is sealed, as its entry names them."""
    return statement_of(row.originator_id, row.originator_version, row.topic, row.state).keys


def own_exhibits(events: Sequence[Exhibit], party: Party) -> tuple[Exhibit, ...]:
    """Those of a case's events that are handed out to a party."""
    own = {event.originator_version for event in own_part([one.event for one in events], party)}
    return tuple(one for one in events if one.row.originator_version in own)


def exhibit_of(row: SealedRow, size: int, checkpoint: bytes, hashes: Hashes) -> Exhibit:
    """A row with its entry and its proof."""
    at = row.position - 1
    try:
        entry = entry_of(row)
    except MalformedLeaf as malformed:
        raise NotProven(f"Position {row.position} was changed: {malformed}") from None
    proof = LogProof(at, tuple(inclusion_proof(at, size, hashes)), checkpoint)
    return Exhibit(row, entry, proof.encode())
