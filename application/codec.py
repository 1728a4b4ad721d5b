"""Events ⇄ bytes: stable topic names, canonical JSON, old versions upcast on reading.

The stored bytes are canonical JSON (RFC 8785 restricted to what events hold: objects with ASCII
keys in order, arrays, strings, integers, booleans; no null, no fraction), UTF-8, never rewritten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent

import domain  # noqa: F401 - its contents page registers every event
from application.leaf import REMEMBERED, Digests, Statement
from domain.base import EVENTS, Event

ENVELOPE = {"originator_id", "originator_version"}  # columns of the log, not part of the state

SAYS_DRAFT = b'"z":0'  # as sorted JSON says it; inside of a text the quotes would be escaped

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

UPCASTERS: dict[str, tuple[str, Upcaster]] = {}
"""Old topic → the next version's topic, and the state's way there."""


class UnknownTopic(Exception):  # noqa: N818 - said to people
    """The log holds an event that this program does not know; it must not be skipped."""


class NotSealed(Exception):  # noqa: N818 - a mistake of this program
    """Personal data would be recorded that nobody sealed."""


def encode(event: Event) -> bytes:
    """The bytes under which an event is stored. Raises `NotSealed` for what holds a draft."""
    state = event.model_dump(mode="json", exclude=ENVELOPE, exclude_none=True)
    encoded = orjson.dumps(state, option=orjson.OPT_SORT_KEYS)
    if SAYS_DRAFT in encoded:
        raise NotSealed(f"{event.topic} holds a draft, which is never recorded.")
    return encoded


def decode(topic: str, originator_id: UUID, originator_version: int, state: bytes) -> Event:
    """The event that was stored. Raises `UnknownTopic`."""
    fields = orjson.loads(state)
    while topic in UPCASTERS:
        topic, upcast = UPCASTERS[topic]
        fields = upcast(fields)
    try:
        kind = EVENTS[topic]
    except KeyError:
        raise UnknownTopic(
            f"The log holds an event “{topic}” that this program does not know; update the program."
        ) from None
    fields["originator_id"] = originator_id
    fields["originator_version"] = originator_version
    return kind.model_validate(fields)


NOBODY = UUID(int=0)
"""The actor of what names none; every event of ours has a stamp."""


def statement_of(stream: UUID, version: int, topic: str, state: bytes) -> Statement:
    """What the author of an event signs; who acted and which keys were used stand in the state."""
    return Statement(stream, version, topic, *said_in(state), Digests.of(state))


def said_in(state: bytes) -> tuple[UUID, tuple[str, ...]]:
    """Who acted, as a state says, and the ids of the keys that were used in it."""
    try:
        fields = orjson.loads(state)
        actor = id_of_text(fields["stamp"]["actor"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return NOBODY, ()
    # One byte is found far faster than a name, and hardly a state has it that seals nothing.
    return actor, key_ids_of(fields) if b"z" in state and b'"z":' in state else ()


ID_LENGTH: Final = 36  # characters
remembered_id: Final = lru_cache(REMEMBERED)(UUID)


def id_of_text(text: str) -> UUID:
    """The id that a text spells. Raises as `UUID` does, and `TypeError`.

    Few act, each again and again; but a text that only somebody else spells so is not remembered,
    for hyphens and braces it may have without end.
    """
    return remembered_id(text) if len(text) == ID_LENGTH else UUID(text)


def key_ids_of(fields: object) -> tuple[str, ...]:
    """The ids of the keys under which anything in a state is sealed, sorted, each once."""
    found: set[str] = set()
    remaining = [fields]
    for inner in remaining:  # which grows
        if isinstance(inner, dict):
            key = key_of_envelope(inner) if "z" in inner else None
            if key is None:
                remaining += inner.values()
            else:
                found.add(key)
        elif isinstance(inner, list):
            remaining += inner
    return tuple(sorted(found))


def key_of_envelope(fields: Mapping[str, object]) -> str | None:
    """The id of the key under which something is sealed; None where these are no envelope."""
    match fields:
        case {"z": int(), "k": str(key), "n": str(), "h": str(), "c": str()}:
            return key
    return None


class Codec(Mapper[UUID]):
    """The library's mapper, for our events."""

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """The row of an event."""
        assert isinstance(domain_event, Event)
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=domain_event.topic,
            state=encode(domain_event),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """The event of a row."""
        assert isinstance(stored_event.originator_id, UUID)
        return decode(
            stored_event.topic,
            stored_event.originator_id,
            stored_event.originator_version,
            stored_event.state,
        )
