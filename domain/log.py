"""The log itself: what kind it is, which keys prove it, and what was noted about it as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, assert_never
from uuid import UUID

from pydantic import Field, StringConstraints

from domain.base import Aggregate, Event, Refused, Stamp, Text, Value

LOG_ID = UUID("00000000-0000-5000-8000-000000000001")
"""The one log has one id, so that a second beginning is a conflict."""

LogPosition = Annotated[int, Field(ge=1)]
"""A position in the log; what was on screen or served as evidence is pinned by it."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest, in hexadecimal."""

PublicKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{43}=$")]
"""An Ed25519 public key (RFC 8032), in base64."""

InstanceName = Annotated[str, StringConstraints(pattern=r"^[0-9a-z][0-9a-z-]{0,31}$")]
"""The name under which an application instance signs what it records."""

Origin = Annotated[str, StringConstraints(pattern=r"^[!-*,-~]{1,120}$")]
"""The log's name on its checkpoints; no space and no plus (C2SP signed-note)."""


class AuthorKey(Value):
    """The key with which an application instance signs what it records."""

    name: InstanceName
    key: PublicKey


class LogKeys(Value):
    """What is needed to check the log: its name, the key that signs checkpoints, and the authors.

    `schema_fingerprint` is the digest of the database's tables, functions, triggers, roles and
    grants as they were in the beginning.
    """

    origin: Origin
    checkpoint_key: PublicKey
    authors: tuple[AuthorKey, ...] = Field(min_length=1)
    schema_fingerprint: Sha256


class LogGenesis(Event, topic="log.genesis.v1"):
    """The log begins. A simulated log says so for good, on every page and export."""

    simulated: bool
    note: Text
    keys: LogKeys


class AuthorRegistered(Event, topic="log.author-registered.v1"):
    """One more application instance signs what it records."""

    author: AuthorKey


class SchemaChanged(Event, topic="log.schema-changed.v1"):
    """The database's schema, roles or grants are no longer what they were."""

    before: Sha256
    after: Sha256


class StreamHeads(Event, topic="log.stream-heads.v1"):
    """How far every stream had come at a position: a tree over `stream SP version SP index` lines.

    `root` is the RFC 6962 tree hash over the lines, sorted by stream; a line's index is that of the
    stream's last event up to the position.
    """

    position: LogPosition
    streams: int
    root: Sha256


class ReadingsDigested(Event, topic="log.readings-digested.v1"):
    """What the read models said at a position: a digest of each of their tables."""

    position: LogPosition
    version: Text
    digests: dict[str, Sha256]


AnyLogEvent = LogGenesis | AuthorRegistered | SchemaChanged | StreamHeads | ReadingsDigested


@dataclass(frozen=True, slots=True)
class Log(Aggregate):
    """The log as a record of its own."""

    about = "log"

    begun: bool = False
    authors: Mapping[str, str] = field(default_factory=dict)
    schema_fingerprint: str = ""
    heads_at: int = 0

    def begin(self, simulated: bool, note: Text, keys: LogKeys, by: Stamp) -> Iterator[LogGenesis]:
        """Say what kind of log this is and which keys prove it; once, before anything else."""
        if self.begun:
            raise Refused("log-already-begun")
        yield LogGenesis.of(self, by, simulated=simulated, note=note, keys=keys)

    def register_author(self, author: AuthorKey, by: Stamp) -> Iterator[AuthorRegistered]:
        """Let one more application instance record; a name is never given a second key."""
        self.require_begun()
        if author.name in self.authors:
            raise Refused("author-exists", author=author.name)
        yield AuthorRegistered.of(self, by, author=author)

    def note_schema(self, fingerprint: Sha256, by: Stamp) -> Iterator[SchemaChanged]:
        """Note that the database's schema is another one now."""
        self.require_begun()
        if fingerprint == self.schema_fingerprint:
            raise Refused("schema-unchanged")
        yield SchemaChanged.of(self, by, before=self.schema_fingerprint, after=fingerprint)

    def note_heads(
        self, position: LogPosition, streams: int, root: Sha256, by: Stamp
    ) -> Iterator[StreamHeads]:
        """Commit to the completeness of every stream up to a position later than the last one."""
        self.require_begun()
        if position <= self.heads_at:
            raise Refused("heads-known", position=position)
        yield StreamHeads.of(self, by, position=position, streams=streams, root=root)

    def note_readings(
        self, position: LogPosition, version: Text, digests: dict[str, Sha256], by: Stamp
    ) -> Iterator[ReadingsDigested]:
        """Commit to what the read models say at a position."""
        self.require_begun()
        yield ReadingsDigested.of(self, by, position=position, version=version, digests=digests)

    def require_begun(self) -> None:
        """Refuse what comes before the beginning."""
        if not self.begun:
            raise Refused("log-not-begun")

    def evolve(self, event: AnyLogEvent) -> Log:
        match event:
            case LogGenesis(keys=keys):
                return replace(
                    self,
                    begun=True,
                    authors={author.name: author.key for author in keys.authors},
                    schema_fingerprint=keys.schema_fingerprint,
                )
            case AuthorRegistered(author=author):
                return replace(self, authors={**self.authors, author.name: author.key})
            case SchemaChanged(after=after):
                return replace(self, schema_fingerprint=after)
            case StreamHeads(position=position):
                return replace(self, heads_at=position)
            case ReadingsDigested():
                return self
            case _:
                assert_never(event)
