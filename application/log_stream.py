"""What the log says of itself: its keys and authors, and the newest of each thing it notes."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeVar

import psycopg
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from psycopg.rows import tuple_row

from application.codec import UnknownTopic, decode, statement_of
from application.eventlog import Position
from application.keys import public_keys
from application.leaf import Leaf, MalformedLeaf
from application.tree import leaf_hash
from domain.base import Event
from domain.log import LOG_ID, AuthorRegistered, LogGenesis, Sm2KeyRegistered

SAID: Final = """
select position, originator_version, topic, state, author, signature, recorded_at
from only log.event
where originator_id = %s and topic = any(%s)
  and recorded_at >= '0001-01-02' and recorded_at < '9999-12-31'
order by position
"""
NEWEST: Final = """
select position, originator_version, topic, state
from only log.event
where originator_id = %s and topic = %s and position <= %s
order by position desc
limit 1
"""
Noted = TypeVar("Noted", bound=Event)


class Registered(NamedTuple):
    """An author's key, and the position from which on it may sign."""

    key: Ed25519PublicKey
    since: Position


class Beginning(NamedTuple):
    """What the log says of itself, as far as it can be believed; nothing else says it.

    `first` is the leaf hash of the row that was read as its first event. `sm2_keys` are those that
    sign checkpoints as well, each since the position that names it.
    """

    genesis: LogGenesis | None
    authors: dict[str, Registered]
    sm2_keys: Mapping[bytes, Position] = MappingProxyType({})
    first: bytes = b""

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
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        asked = (LOG_ID, [LogGenesis.topic, AuthorRegistered.topic, Sm2KeyRegistered.topic])
        rows = cursor.execute(SAID, asked).fetchall()
    for row in rows:
        if None in row:
            continue
        position, version, topic, state, author, signature, recorded_at = row
        try:
            event = decode(topic, LOG_ID, version, state)
            match event:
                case LogGenesis() if position == 1:
                    genesis = event
                    said = statement_of(LOG_ID, version, topic, state)
                    first = leaf_hash(Leaf(0, recorded_at, said, author, signature).entry())
                    keys = public_keys({known.name: known.key for known in event.keys.authors})
                    authors = {name: Registered(key, 1) for name, key in keys.items()}
                case AuthorRegistered(author=new) if new.name not in authors:
                    said = statement_of(LOG_ID, version, topic, state)
                    authors[author].key.verify(signature, said.signed_bytes())
                    key = public_keys({new.name: new.key})[new.name]
                    authors[new.name] = Registered(key, position + 1)
                case Sm2KeyRegistered(key=public):
                    said = statement_of(LOG_ID, version, topic, state)
                    authors[author].key.verify(signature, said.signed_bytes())
                    sm2_keys.setdefault(b64decode(public), position)
                case _:
                    pass
        except (ValueError, TypeError, KeyError, UnknownTopic, InvalidSignature, MalformedLeaf):
            continue
    return Beginning(genesis, authors, sm2_keys, first)


def newest_noted(
    connection: psycopg.Connection[Any], kind: type[Noted], until: Position
) -> tuple[Position, Noted] | None:
    """The newest event of a kind that the log notes of itself among the first records."""
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        row = cursor.execute(NEWEST, (LOG_ID, kind.topic, until)).fetchone()
    if row is None:
        return None
    position, version, topic, state = row
    event = decode(topic, LOG_ID, version, state)
    assert isinstance(event, kind)
    return position, event
