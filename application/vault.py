"""The vault of personal data, interim suite: one key file gives every name a key of its own.

A later vault keeps a key per person and can destroy it; what is sealed here names its suite (`z`).
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256
from hmac import digest
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from application.envelope import Unopened
from application.keys import kept_key
from application.settings import Settings
from domain.base import Sealed

SUITE: Final = 0  # AES-256-GCM under a key derived from the key file
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12  # as NIST SP 800-38D recommends for GCM


class Vault:
    """Seals personal data under named keys, and opens it."""

    def __init__(self, settings: Settings) -> None:
        self._root = kept_key(settings.home / "keys" / "vault.key")

    def seal(self, text: str, key: str) -> Sealed:
        """Seal a text under a key; the key's name is bound to it.

        The same text under the same key is the same sealed value, so that a command that is
        repeated after a lost answer is recognised as the same.
        """
        encrypt, authenticate = self._keys(key)
        # Derived from the text (the idea of RFC 8452): no two texts of a key share a nonce, and it
        # tells only whether two texts of one key are equal.
        nonce = digest(authenticate, text.encode(), sha256)[:NONCE_BYTES]
        sealed = AESGCM(encrypt).encrypt(nonce, text.encode(), key.encode())
        return Sealed(z=SUITE, k=key, n=b64encode(nonce).decode(), c=b64encode(sealed).decode())

    def open(self, sealed: Sealed) -> str:
        """The text that was sealed. Raises `Unopened`."""
        if sealed.z != SUITE:
            raise Unopened(f"Sealed with suite {sealed.z}, which this vault does not know.")
        encrypt, _ = self._keys(sealed.k)
        try:
            text = AESGCM(encrypt).decrypt(
                b64decode(sealed.n), b64decode(sealed.c), sealed.k.encode()
            )
        except (InvalidTag, ValueError):
            raise Unopened(
                "The sealed data was changed or sealed by another vault; it cannot be read."
            ) from None
        return text.decode()

    def _keys(self, name: str) -> tuple[bytes, bytes]:
        """The keys of a name, to encrypt and to derive nonces."""
        derive = HKDF(SHA256(), 2 * KEY_BYTES, salt=None, info=b"huhang vault 0:" + name.encode())
        derived = derive.derive(self._root)
        return derived[:KEY_BYTES], derived[KEY_BYTES:]
