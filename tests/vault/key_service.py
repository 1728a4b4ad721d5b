#!/usr/bin/env python3
"""A key service for tests, as a program: it wraps each time otherwise, unlike AES-KWP."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def main(folder: Path, operation: str, epoch: str) -> int:
    key = folder / f"kms-{epoch}"
    if operation == "begin":
        if not key.exists():
            key.write_bytes(os.urandom(32))
        return 0
    if operation == "destroy":
        key.unlink(missing_ok=True)
        return 0
    if not key.exists():
        sys.stderr.write(f"there is no key {epoch}\n")
        return 1
    box, given = AESGCM(key.read_bytes()), sys.stdin.buffer.read()
    if operation == "wrap":
        nonce = os.urandom(12)
        sys.stdout.buffer.write(nonce + box.encrypt(nonce, given, None))
        return 0
    try:
        sys.stdout.buffer.write(box.decrypt(given[:12], given[12:], None))
    except InvalidTag:
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:4]))
