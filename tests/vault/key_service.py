#!/usr/bin/env python3
"""A key service for tests, as a program: it wraps each time otherwise, unlike AES-KWP.

Of the standard library alone, so that it starts in no time.
"""

from __future__ import annotations

import os
import sys
from hashlib import shake_256
from hmac import compare_digest, digest
from pathlib import Path


def main(folder: Path, operation: str, name: str) -> int:
    key = folder / f"kms-{name}"
    if operation == "begin":
        if not key.exists():
            key.write_bytes(os.urandom(32))
        return 0
    if operation == "holds":
        return 0 if key.exists() else 4
    if operation == "destroy":
        key.unlink(missing_ok=True)
        return 0
    if not key.exists():
        sys.stderr.write(f"there is no key {name}\n")
        return 1
    secret, given = key.read_bytes(), sys.stdin.buffer.read()
    if operation == "wrap":
        nonce = os.urandom(16)
        hidden = nonce + masked(secret, nonce, given)
        sys.stdout.buffer.write(hidden + digest(secret, hidden, "sha256"))
        return 0
    hidden, tag = given[:-32], given[-32:]
    if not compare_digest(tag, digest(secret, hidden, "sha256")):
        return 3
    sys.stdout.buffer.write(masked(secret, hidden[:16], hidden[16:]))
    return 0


def masked(secret: bytes, nonce: bytes, text: bytes) -> bytes:
    mask = shake_256(secret + nonce).digest(len(text))
    return bytes(one ^ other for one, other in zip(text, mask, strict=True))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:4]))
