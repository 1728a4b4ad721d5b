"""Ed25519 signatures of events, and whether one holds: asked in one way, wherever one is looked at.

By libsodium: it takes half the time of OpenSSL, accepts nothing that OpenSSL refuses, and refuses
keys and first halves of small order, by which one signature holds for whatever text. `verify.py`,
which does without libraries, refuses the same.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

SIGNATURE_BYTES: Final = 64


def signed(key: Ed25519PrivateKey, text: bytes) -> bytes:
    """The signature over a text; a key and a text have but one (RFC 8032)."""
    return signing_key(key).sign(text).signature


@lru_cache(16)  # an installation has one
def signing_key(key: Ed25519PrivateKey) -> SigningKey:
    """The same key, for libsodium."""
    return SigningKey(key.private_bytes_raw())


def holds(public: bytes, text: bytes, signature: bytes) -> bool:
    """Whether the owner of a public key signed a text; neither need be of the right length."""
    if len(signature) != SIGNATURE_BYTES:
        return False
    try:
        VerifyKey(public).verify(text, signature)
    except CryptoError:
        return False
    return True
