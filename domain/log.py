"""The log itself: its first event says what kind it is and which keys prove it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, assert_never
from uuid import UUID

from pydantic import Field, StringConstraints

from domain.base import Aggregate, Event, Refused, Stamp, Text, Value

LOG_ID = UUID("00000000-0000-5000-8000-000000000001")
"""The one log has one id, so that a second beginning is a conflict."""

LogPosition = Annotated[int, Field(ge=1, le=2**63 - 1)]
"""A position in the log; what was on screen or served as evidence is pinned by it."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest, in hexadecimal."""

PublicKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{43}=$")]
"""An Ed25519 public key (RFC 8032), in base64."""

Sm2PublicKey = Annotated[str, StringConstraints(pattern=r"^B[A-P][A-Za-z0-9+/]{85}=$")]
"""A public key of SM2 (GB/T 32918): a point that is not compressed, its 65 bytes in base64."""

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


class TableDigest(Value):
    """The digest of a read model's rows."""

    table: Text
    rows: int = Field(ge=0)
    digest: Sha256


class LogGenesis(Event, topic="log.genesis.v1"):
    """The log begins. A simulated log says so for good, on every page and export."""

    simulated: bool
    note: Text
    keys: LogKeys


class AuthorRegistered(Event, topic="log.author-registered.v1"):
    """One more application instance records here; from now on its key signs what it records."""

    author: AuthorKey


class Sm2KeyRegistered(Event, topic="log.sm2-key-registered.v1"):
    """Checkpoints are signed with SM2 as well from now on, and this is the public key of it."""

    key: Sm2PublicKey


class StreamHeads(Event, topic="log.stream-heads.v1"):
    """How far each stream of the log went, so that nothing in it can be missing up to then.

    `root` is that of a Merkle tree (RFC 9162) with one leaf a stream, in the order of their ids:
    the line `stream SP version SP index LF` of its last event among the first `size` of the log.
    """

    size: LogPosition
    streams: LogPosition
    root: Sha256


class SchemaChanged(Event, topic="log.schema-changed.v1"):
    """What may be done to the log in its database, or by whom, is no longer what it was."""

    before: Sha256
    after: Sha256


class ReadingsDigested(Event, topic="log.readings-digested.v1"):
    """What the read models said at a position, so that a cell changed later is found.

    `digests` names each table and the digest of its rows as of the position.
    """

    position: LogPosition
    version: Text
    digests: tuple[TableDigest, ...]


LogEvent = (
    LogGenesis
    | AuthorRegistered
    | Sm2KeyRegistered
    | StreamHeads
    | SchemaChanged
    | ReadingsDigested
)


@dataclass(frozen=True, slots=True)
class Log(Aggregate):
    """The log as a record of its own."""

    about = "log"

    keys: LogKeys | None = None
    simulated: bool = False
    authors: Mapping[str, str] = field(default_factory=dict)
    sm2_keys: frozenset[str] = frozenset()
    schema_fingerprint: str | None = None
    heads: StreamHeads | None = None

    @property
    def begun(self) -> bool:
        """Whether its first event is there."""
        return self.keys is not None

    def begin(self, simulated: bool, note: Text, keys: LogKeys, by: Stamp) -> Iterator[LogGenesis]:
        """Say what kind of log this is and which keys prove it; once, before anything else."""
        if self.begun:
            raise Refused("log-already-begun")
        yield LogGenesis.of(self, by, simulated=simulated, note=note, keys=keys)

    def register_author(self, author: AuthorKey, by: Stamp) -> Iterator[AuthorRegistered]:
        """Let one more application instance record, under a name that nobody had."""
        self.require_begun()
        if author.name in self.authors:
            raise Refused("author-already-registered", name=author.name)
        yield AuthorRegistered.of(self, by, author=author)

    def register_sm2_key(self, key: Sm2PublicKey, by: Stamp) -> Iterator[Sm2KeyRegistered]:
        """Name a key of SM2 under which checkpoints are signed from now on."""
        self.require_begun()
        if key in self.sm2_keys:
            raise Refused("sm2-key-already-registered")
        yield Sm2KeyRegistered.of(self, by, key=key)

    def note_heads(self, size: int, streams: int, root: Sha256, by: Stamp) -> Iterator[StreamHeads]:
        """Note how far each stream went; never for a smaller log than the last time."""
        self.require_begun()
        if self.heads is not None and size <= self.heads.size:
            raise Refused("heads-already-noted", size=self.heads.size)
        yield StreamHeads.of(self, by, size=size, streams=streams, root=root)

    def note_schema(self, fingerprint: Sha256, by: Stamp) -> Iterator[SchemaChanged]:
        """Note that the fence around the log changed."""
        self.require_begun()
        if fingerprint == self.schema_fingerprint:
            raise Refused("schema-unchanged")
        yield SchemaChanged.of(self, by, before=self.schema_fingerprint, after=fingerprint)

    def note_readings(
        self, position: int, version: Text, digests: tuple[TableDigest, ...], by: Stamp
    ) -> Iterator[ReadingsDigested]:
        """Note what the read models said at a position."""
        self.require_begun()
        yield ReadingsDigested.of(self, by, position=position, version=version, digests=digests)

    def require_begun(self) -> None:
        """Refuse what a log without a beginning cannot say."""
        if not self.begun:
            raise Refused("log-not-begun")

    def evolve(self, event: LogEvent) -> Log:
        match event:
            case LogGenesis(keys=keys, simulated=simulated):
                return replace(
                    self,
                    keys=keys,
                    simulated=simulated,
                    authors={author.name: author.key for author in keys.authors},
                    schema_fingerprint=keys.schema_fingerprint,
                )
            case AuthorRegistered(author=author):
                return replace(self, authors={**self.authors, author.name: author.key})
            case Sm2KeyRegistered(key=key):
                return replace(self, sm2_keys=self.sm2_keys | {key})
            case StreamHeads():
                return replace(self, heads=event)
            case SchemaChanged(after=after):
                return replace(self, schema_fingerprint=after)
            case ReadingsDigested():
                return self
            case _:
                assert_never(event)
