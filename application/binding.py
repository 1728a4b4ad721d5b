"""A key as it is wrapped: with what it belongs to, so that no row of the store does for another."""

from __future__ import annotations

from hashlib import sha256
from typing import Final
from uuid import UUID

from application.drafts import Key, Whose
from application.envelope import KEY_BYTES
from application.wrapping import WrongWrappingKey

BOUND: Final = b"rec-key/v1\0"


def bound(key: Key, whose: Whose) -> bytes:
    """What is wrapped of somebody's key: the secret, then what it belongs to."""
    return key.secret + belonging(key.id, whose)


def unbound(unwrapped: bytes, key: UUID, whose: Whose) -> Key:
    """Somebody's key from what was wrapped. Raises `WrongWrappingKey` for anybody else's."""
    secret, belongs = unwrapped[:KEY_BYTES], unwrapped[KEY_BYTES:]
    if belongs != belonging(key, whose):
        raise WrongWrappingKey
    return Key(key, secret)


def belonging(key: UUID, whose: Whose) -> bytes:
    """The SHA-256 of a key's id, its record and its part.

    Neither modules nor services agree on associated data: it is wrapped, and compared.
    """
    return sha256(BOUND + key.bytes + whose.record.bytes + whose.part.encode()).digest()
