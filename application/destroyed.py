"""What an installation remembers of destroyed keys, on its own disk.

Who administers the database can take back in it that a key was destroyed, and put back the key from
a dump; what was destroyed stands here too, in the folder `seal`, which no backup holds.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

from application.alarms import Alarm
from application.memory import sync_folder

BEFORE: Final = "destroyed-"  # then the name of the key store, which the database gives


class NotRemembered(Alarm):
    """What was destroyed is not on the disk."""

    def __init__(self, folder: Path, why: OSError) -> None:
        super().__init__(
            f"Which keys were destroyed cannot be noted in {folder} ({why.strerror}): nothing is "
            "certified, and after a start from here they are known from the log alone. Make room "
            "on the disk, or mend it, and repeat the erasure."
        )


class Destroyed:
    """The keys that are gone for good: what stands in a file here is never opened.

    A line is the id of a key; lines are only ever added, to the file of this key store, and those
    of all files are read: what a store is called is said by its database. Several processes may use
    the files. What a process has read it knows to its end, whoever takes it out.
    """

    def __init__(self, home: Path, store: UUID) -> None:
        self._folder = home / "seal"
        self._file = self._folder / f"{BEFORE}{store}"
        self._known: set[UUID] = set()
        self._written: set[UUID] = set()  # what stands on the disk
        self._unsure: set[UUID] = set()  # what we wrote, and the disk did not confirm
        self._seen: dict[str, tuple[int, int, int]] = {}
        self._read: dict[str, bytes] = {}
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
        """Note keys that were destroyed: when this returns, they are on the disk.

        Raises `NotRemembered`; then this process alone knows them.
        """
        with self._lock:
            self._read_on()
            self._known.update(keys)
            new = sorted(set(keys) - (self._written - self._unsure))
            if not new:
                return
            try:
                self._write(new)
            except OSError as error:
                self._unsure.update(new)
                raise NotRemembered(self._folder, error) from None
            self._written.update(new)
            self._unsure.difference_update(new)

    def _write(self, new: Collection[UUID]) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._file.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # What a crash left of a line is no key; the first one begins a line of its own.
            file.write(b"".join(b"\n%s\n" % str(key).encode() for key in new))
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self._folder)

    def _read_on(self) -> None:
        """Read what was added since the last time, by this process or another."""
        changed = dict(self._changed())
        if not changed:
            return
        if any(not there.startswith(self._read.get(name, b"")) for name, there in changed.items()):
            # Somebody took lines out, and what came after them stands elsewhere now.
            self._written.clear()
            changed = {**self._read, **changed}
            self._read.clear()
        for name, there in changed.items():
            self._written.update(keys_in(there[len(self._read.get(name, b"")) :]))
            self._read[name] = there
        self._known |= self._written

    def _changed(self) -> Iterator[tuple[str, bytes]]:
        """The files that are not as they were read, with their whole lines."""
        try:
            names = [entry.name for entry in os.scandir(self._folder)]
        except FileNotFoundError:
            names = []
        for name in {*self._read, *(name for name in names if name.startswith(BEFORE))}:
            try:
                stat = (self._folder / name).stat()
                seen = stat.st_ino, stat.st_size, stat.st_mtime_ns
                if self._seen.get(name) == seen:
                    continue
                there = (self._folder / name).read_bytes()
            except FileNotFoundError:
                seen, there = (0, 0, 0), b""
                if self._seen.get(name) == seen:
                    continue
            self._seen[name] = seen
            yield name, there[: there.rfind(b"\n") + 1]


def keys_in(lines: bytes) -> Iterator[UUID]:
    """The keys that some lines name."""
    for line in lines.split():
        try:
            yield UUID(line.decode("ascii"))
        except ValueError:
            continue  # the beginning of a line whose end a crash kept from the disk
