"""What an installation remembers of destroyed keys, on its own disk.

Who administers the database can take back in it that a key was destroyed, and put back the key from
a dump; what was destroyed stands here too, in the folder `seal`, which no backup holds.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Collection
from pathlib import Path
from uuid import UUID

from application.memory import sync_folder


class Destroyed:
    """The keys of one key store that are gone for good: what stands in the file is never opened.

    A line is the id of a key; lines are only ever added. Several processes may use the file.
    """

    def __init__(self, home: Path, store: UUID) -> None:
        self._file = home / "seal" / f"destroyed-{store}"
        self._known: set[UUID] = set()
        self._read = 0  # bytes that were read
        self._lock = threading.Lock()

    def all(self) -> frozenset[UUID]:
        """Every key that is remembered."""
        with self._lock:
            self._read_on()
            return frozenset(self._known)

    def __contains__(self, key: UUID) -> bool:
        return bool(self.among([key]))

    def among(self, keys: Collection[UUID]) -> frozenset[UUID]:
        """Those of some keys that are remembered."""
        with self._lock:
            self._read_on()
            return frozenset(key for key in keys if key in self._known)

    def remember(self, keys: Collection[UUID]) -> None:
        """Note keys that were destroyed: when this returns, they are on the disk."""
        with self._lock:
            self._read_on()
            new = sorted(set(keys) - self._known)
            if not new:
                return
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._file.open("ab") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                # What a crash left of a line is no key; the first one begins a line of its own.
                file.write(b"".join(b"\n%s\n" % str(key).encode() for key in new))
                file.flush()
                os.fsync(file.fileno())
            sync_folder(self._file.parent)
            self._known |= set(new)

    def _read_on(self) -> None:
        """Read what was added since the last time, by this process or another."""
        if not self._file.exists() or self._file.stat().st_size == self._read:
            return
        with self._file.open("rb") as file:
            file.seek(self._read)
            added = file.read()
        whole = added[: added.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.split():
            try:
                self._known.add(UUID(line.decode("ascii")))
            except ValueError:
                continue  # the beginning of a line whose end a crash kept from the disk
