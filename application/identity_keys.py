"""The key of sign-in: seals second factors, tags what must not be found by trying.

Whoever has the database alone can neither read secrets of TOTP nor tell whose failures are counted,
nor make what is kept of a session, a token or a password.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from hmac import digest
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from application.keys import shared_key
from application.settings import DangerousSetting, Settings

NONCE_BYTES: Final = 12
SECRET_BYTES: Final = 32  # of randomness: beyond all trying, so a digest of it may be kept


@dataclass(frozen=True, slots=True)
class IdentityKeys:
    """What is derived from the key file of sign-in."""

    sealing: bytes = field(repr=False)
    tagging: bytes = field(repr=False)
    pepper: bytes = field(repr=False)
    """Goes into each password before it is hashed: the hash alone is not tried."""

    def seal(self, factor: UUID, secret: bytes) -> bytes:
        """The secret of a second factor as the database keeps it."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self.sealing).encrypt(nonce, secret, factor.bytes)

    def unseal(self, factor: UUID, sealed: bytes) -> bytes:
        """The secret of a second factor. Raises `DangerousSetting` under another key."""
        nonce, box = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return AESGCM(self.sealing).decrypt(nonce, box, factor.bytes)
        except InvalidTag:
            raise DangerousSetting(
                "The key of sign-in is not the one under which second factors were sealed; restore "
                "keys/identity.key of the installation that sealed them."
            ) from None

    def tag(self, purpose: str, text: str) -> bytes:
        """A keyed hash of a text, another one for each purpose."""
        return digest(self.tagging, f"{purpose}\0{text}".encode(), "sha256")

    def hash_of(self, secret: str) -> bytes:
        """What is kept of a secret that a browser or a program has."""
        return self.tag("secret", secret)


def identity_keys(settings: Settings) -> IdentityKeys:
    """The keys of this installation; several that serve one log share the file."""
    return IdentityKeys(*(shared_key(settings.home, use) for use in ("seal", "tag", "pepper")))


def new_secret() -> str:
    """A secret that a browser or a program keeps."""
    return secrets.token_urlsafe(SECRET_BYTES)
