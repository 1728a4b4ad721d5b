"""The application instance that records in tests, and the keys of their logs."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Final
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.keys import Author
from application.note import Signer
from domain.log import LogKeys

AUTHOR: Final = Author("tests", Ed25519PrivateKey.from_private_bytes(bytes(32)))
SIGNER: Final = Signer("tests.invalid/log", bytes(31) + b"\1")
KEYS: Final = LogKeys(
    origin=SIGNER.name,
    checkpoint_key=b64encode(SIGNER.verifier.public).decode(),
    authors=(AUTHOR.registered,),
    schema_fingerprint="0" * 64,
)

APPEND: Final = "log.append(" + ", ".join(["%s"] * 12) + ")"


def by_hand(
    stream: UUID, *versions: int, topic: str = "thing.happened.v1", lasts: list[int] | None = None
) -> tuple[Any, ...]:
    """What `APPEND` takes to record a save in plain SQL; the events are empty and unsigned."""
    events = len(versions)
    return (
        [uuid4()] if lasts is None else [uuid4() for _ in lasts] or [uuid4()],
        [b""] if lasts is None else [b"" for _ in lasts] or [b""],
        [events] if lasts is None else lasts,
        [stream] * events,
        list(versions),
        [topic] * events,
        [b"{}"] * events,
        [UUID(int=0)] * events,
        ["-"] * events,
        [bytes(32)] * events,
        [bytes(64)] * events,
        "tests",
    )
