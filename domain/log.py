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


@dataclass(frozen=True, slots=True)
class Log(Aggregate):
    """The log as a record of its own."""

    about = "log"

    begun: bool = False
    authors: Mapping[str, str] = field(default_factory=dict)

    def begin(self, simulated: bool, note: Text, keys: LogKeys, by: Stamp) -> Iterator[LogGenesis]:
        """Say what kind of log this is and which keys prove it; once, before anything else."""
        if self.begun:
            raise Refused("log-already-begun")
        yield LogGenesis.of(self, by, simulated=simulated, note=note, keys=keys)

    def evolve(self, event: LogGenesis) -> Log:
        match event:
            case LogGenesis(keys=keys):
                return replace(
                    self,
                    begun=True,
                    authors={author.name: author.key for author in keys.authors},
                )
            case _:
                assert_never(event)
