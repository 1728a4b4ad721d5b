"""What the sealer remembers outside the database, on its own disk.

Never to be restored from a backup: an old memory would let it sign a second tree of one size.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Busy(Exception):  # noqa: N818 - said to people
    """Another sealer does the work."""


class Memory:
    """What the sealer signed last, on its own disk; never to be restored from a backup."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._newest = folder / "checkpoint"

    def read(self) -> bytes | None:
        """The note of the newest checkpoint."""
        return self._newest.read_bytes() if self._newest.exists() else None

    def keep(self, note: bytes) -> None:
        """Remember a note: when this returns, it and its name are on the disk."""
        write_durably(self._newest, note)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the memory for oneself. Raises `Busy` when another sealer does."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy("Another sealer is at work here; it seals what is recorded.") from None
            yield


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a file against other processes: what it says now is read, and what it is to say written.

    Not again by who holds it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.with_name(f"lock-{path.name}").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_durably(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all: when this returns, it and its name are on the disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}.new")
    with draft.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Have the names in a folder on the disk when this returns."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
