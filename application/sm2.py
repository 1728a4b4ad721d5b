"""SM2 signatures with SM3 (GB/T 32918.2 on the curve of GB/T 32918.5), as an optional extra.

The library is plain Python: it signs a few times a second, and who can measure its time on this
machine could learn the key. Ed25519 signs every checkpoint beside it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Final

SECRET_BYTES: Final = 32
PUBLIC_BYTES: Final = 65  # 04 ‖ x ‖ y, a point that is not compressed (GB/T 32918.1 §4.2.9)
SIGNATURE_BYTES: Final = 64  # r ‖ s
USER: Final = b"1234567812345678"  # who signs, where nobody says otherwise (GB/T 35276 §10)

# The curve y² = x³ + ax + b over the integers modulo P, and its order (GB/T 32918.5 §2).
P: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A: Final = P - 3
B: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
ORDER: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123


def installed() -> bool:
    """Whether the extra `sm2` is there."""
    return find_spec("gmalg") is not None


def new_secret() -> bytes:
    """A secret key, drawn evenly from those that there are."""
    return (1 + secrets.randbelow(ORDER - 2)).to_bytes(SECRET_BYTES)


def is_secret(secret: bytes) -> bool:
    """Whether these bytes are a secret key."""
    return len(secret) == SECRET_BYTES and 0 < int.from_bytes(secret) < ORDER - 1


def is_public(public: bytes) -> bool:
    """Whether these bytes are a public key: a point on the curve, which has no other subgroup."""
    if len(public) != PUBLIC_BYTES or public[0] != 4:
        return False
    x, y = int.from_bytes(public[1:33]), int.from_bytes(public[33:])
    return x < P and y < P and (y * y - (x * x * x + A * x + B)) % P == 0


class Sm2Key:
    """A secret key and its public one."""

    __slots__ = ("_library", "public")

    def __init__(self, secret: bytes, draw: Callable[[int], int] = secrets.randbits) -> None:
        if not is_secret(secret):
            raise ValueError("This is no secret key of SM2.")
        self.public: bytes = library().SM2().generate_pk(secret)
        self._library = library().SM2(sk=secret, pk=self.public, uid=USER, rnd_fn=draw)

    def sign(self, message: bytes) -> bytes:
        """A signature over a message; no two are alike."""
        r, s = self._library.sign(message)
        half = SIGNATURE_BYTES // 2
        signature: bytes = r.rjust(half, b"\0") + s.rjust(half, b"\0")
        return signature


def verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of a public key signed a message."""
    if not is_public(public) or len(signature) != SIGNATURE_BYTES:
        return False
    half = SIGNATURE_BYTES // 2
    key = library().SM2(pk=public, uid=USER)
    return bool(key.verify(message, signature[:half], signature[half:]))


def library() -> Any:
    """The library of the extra, which has no types."""
    import gmalg  # type: ignore[import-not-found,import-untyped,unused-ignore]

    return gmalg
