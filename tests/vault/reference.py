"""The envelope as a stranger would write it from its description: no code shared with ours.

HKDF by `hmac`, digests by the computer's own OpenSSL, GCM from one block of the cipher at a time
(NIST SP 800-38D); slow, and right where it agrees with the library.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher, CipherAlgorithm
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4
from cryptography.hazmat.primitives.ciphers.modes import ECB

HASHES = {1: "sha256", 2: "sm3"}
CIPHERS: dict[int, Callable[[bytes], CipherAlgorithm]] = {1: AES, 2: SM4}
KEY_BYTES = {1: 32, 2: 16}
POLYNOMIAL = 0xE1 << 120
ONE = 1 << 127  # GCM counts bits from the left


def hkdf(hash_: str, secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 §2."""
    pseudorandom = hmac.new(salt, secret, hash_).digest()
    block, okm = b"", b""
    for counter in range(1, 256):
        if len(okm) >= length:
            break
        block = hmac.new(pseudorandom, block + info + bytes([counter]), hash_).digest()
        okm += block
    return okm[:length]


def times(x: int, y: int) -> int:
    """SP 800-38D §6.3."""
    z = 0
    for bit in range(127, -1, -1):
        if x >> bit & 1:
            z ^= y
        y = (y >> 1) ^ (POLYNOMIAL if y & 1 else 0)
    return z


def in_blocks(data: bytes) -> list[int]:
    return [
        int.from_bytes(data[i : i + 16].ljust(16, b"\0"), "big") for i in range(0, len(data), 16)
    ]


class Gcm:
    """GCM under one key and one nonce of 12 bytes."""

    def __init__(self, suite: int, okm: bytes) -> None:
        key, self.nonce = okm[: KEY_BYTES[suite]], okm[KEY_BYTES[suite] :]
        self._cipher = Cipher(CIPHERS[suite](key), ECB())
        self.h = int.from_bytes(self._block(bytes(16)), "big")

    def _block(self, block: bytes) -> bytes:
        return self._cipher.encryptor().update(block)

    def keystream(self, length: int) -> bytes:
        blocks = -(-length // 16)
        return b"".join(
            self._block(self.nonce + (2 + i).to_bytes(4, "big")) for i in range(blocks)
        )[:length]

    def mask(self) -> int:
        return int.from_bytes(self._block(self.nonce + b"\0\0\0\1"), "big")

    def tag(self, associated: bytes, ciphertext: bytes) -> bytes:
        lengths = (8 * len(associated)) << 64 | 8 * len(ciphertext)
        hashed = 0
        for block in (*in_blocks(associated), *in_blocks(ciphertext), lengths):
            hashed = times(hashed ^ block, self.h)
        return (hashed ^ self.mask()).to_bytes(16, "big")

    def encrypt(self, plaintext: bytes, associated: bytes) -> bytes:
        ciphertext = xor(plaintext, self.keystream(len(plaintext)))
        return ciphertext + self.tag(associated, ciphertext)

    def decrypt(self, box: bytes, associated: bytes) -> bytes:
        assert self.tag(associated, box[:-16]) == box[-16:], "not authentic"
        return xor(box[:-16], self.keystream(len(box) - 16))


def xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def info_of(stream: str, version: int, topic: str, path: str) -> bytes:
    return b"\x00".join(
        [b"rec-field/v1", stream.encode(), b"%d" % version, topic.encode(), path.encode()]
    )


def okm_of(suite: int, key: bytes, salt: bytes, info: bytes) -> bytes:
    return hkdf(HASHES[suite], key, salt, info, KEY_BYTES[suite] + 12)


def commitment_of(suite: int, okm: bytes) -> bytes:
    return hashlib.new(HASHES[suite], b"rec-kc/v1\x00" + okm).digest()


def open_envelope(okm: bytes, info: bytes, envelope: dict[str, object]) -> str:
    """The text of an envelope, from the description alone."""
    suite = envelope["z"]
    assert isinstance(suite, int)
    commitment, box = (b64decode(str(envelope[name])) for name in ("h", "c"))
    assert commitment_of(suite, okm) == commitment
    plaintext = Gcm(suite, okm).decrypt(box, bytes([suite]) + commitment + info)
    length = plaintext[0] << 8 | plaintext[1]
    assert not any(plaintext[2 + length :])
    assert len(plaintext) == -(-(2 + length) // 32) * 32
    return plaintext[2 : 2 + length].decode()
