"""A passkey in software: makes and shows credentials as a browser with a device does."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class Device:
    """One credential of one person, for one site."""

    origin: str
    name: str
    counter: int = 0
    flags: int = PRESENT | VERIFIED
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def client(self, kind: str, challenge: str) -> bytes:
        """What the browser says it was asked, by whom."""
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def data(self, flags: int, more: bytes = b"") -> bytes:
        """What the device says of itself (authenticatorData)."""
        self.counter += 1
        rp = sha256(self.name.encode()).digest()
        return rp + bytes([flags]) + self.counter.to_bytes(4, "big") + more

    def made(self, options: Any) -> dict[str, Any]:
        """The answer of `navigator.credentials.create`."""
        numbers = self.key.public_key().public_numbers()
        cose = {
            1: 2, 3: -7, -1: 1,
            -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big"),
        }  # fmt: skip
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        attestation = {
            "fmt": "none",
            "attStmt": {},
            "authData": self.data(self.flags | ATTESTED, attested),
        }
        return self.answer(
            {
                "clientDataJSON": b64(self.client("webauthn.create", options["challenge"])),
                "attestationObject": b64(cbor2.dumps(attestation)),
            }
        )

    def shown(self, options: Any) -> dict[str, Any]:
        """The answer of `navigator.credentials.get`."""
        client, data = self.client("webauthn.get", options["challenge"]), self.data(self.flags)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self.answer(
            {
                "clientDataJSON": b64(client),
                "authenticatorData": b64(data),
                "signature": b64(signature),
            }
        )

    def answer(self, response: dict[str, str]) -> dict[str, Any]:
        return {
            "id": b64(self.id),
            "rawId": b64(self.id),
            "type": "public-key",
            "response": response,
        }
