"""Inspects rows of the log, one after another: whether each is what was recorded, and in order.

The sealer does this before it signs, and the verifier again for anybody who asks. It shares no code
with `log.append`, which computed each leaf when the event was recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from application.codec import decode, statement_of
from application.eventlog import Position
from application.keys import public_keys
from application.leaf import Leaf, MalformedLeaf, NotAuthored
from application.tree import leaf_hash
from domain.log import LOG_ID, AuthorRegistered


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


class Check(StrEnum):
    """What is inspected of every row."""

    DENSE = "dense positions"
    VERSIONS = "versions without a hole"
    TIMES = "times in order"
    LEAF = "leaf of the row"
    AUTHOR = "author's signature"


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


class Inspector:
    """Takes rows in order and remembers what the next one must fit.

    `versions` knows the last version of each stream that is met; streams not in it are new.
    `authors` are the registered instances; a row of theirs may register one more. Without any,
    signatures are not looked at.
    """

    def __init__(
        self,
        authors: Mapping[str, Ed25519PublicKey] | None,
        position: Position = 0,
        recorded_at: datetime | None = None,
    ) -> None:
        self.authors = None if authors is None else dict(authors)
        self.position = position
        self.recorded_at = recorded_at
        self.versions: dict[UUID, int] = {}

    def take(self, row: SealedRow) -> bytes:
        """Inspect the next row; returns its leaf hash, computed anew. Raises `Defect`."""
        at = self.position + 1
        if row.position != at:
            raise Defect(
                at, Check.DENSE, f"the row is missing; the next that is there has {row.position}."
            )
        version = self.versions.get(row.originator_id, 0) + 1
        if row.originator_version != version:
            raise Defect(
                at,
                Check.VERSIONS,
                f"version {row.originator_version} of {row.originator_id} comes where {version} "
                "belongs: an event was taken out, put in or moved.",
            )
        if self.recorded_at is not None and row.recorded_at < self.recorded_at:
            raise Defect(at, Check.TIMES, "it was recorded before the one in front of it.")
        try:
            statement = statement_of(row.originator_id, version, row.topic, row.state)
            leaf = Leaf(at - 1, row.recorded_at, statement, row.author, row.signature)
            found = leaf_hash(leaf.entry())
        except MalformedLeaf as malformed:
            raise Defect(at, Check.LEAF, str(malformed)) from None
        if found != row.leaf:
            raise Defect(at, Check.LEAF, "the row is not the one that its leaf was computed from.")
        if self.authors is not None:
            try:
                leaf.check_author(self.authors)
            except NotAuthored as forged:
                raise Defect(at, Check.AUTHOR, str(forged)) from None
            if row.topic == AuthorRegistered.topic:
                self.authors |= registered(row)
        self.position = at
        self.recorded_at = row.recorded_at
        self.versions[row.originator_id] = version
        return found


def registered(row: SealedRow) -> dict[str, Ed25519PublicKey]:
    """The author that a row of the log's own stream registers; none for any other stream."""
    event = decode(row.topic, row.originator_id, row.originator_version, row.state)
    if row.originator_id != LOG_ID or not isinstance(event, AuthorRegistered):
        return {}
    return public_keys({event.author.name: event.author.key})
