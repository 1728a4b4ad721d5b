"""Audits the lines that the log signs with SM2 beside Ed25519: by which key, and if they hold.

Checking one takes some 50 ms in plain Python, and a log seals every second: so the newest are
checked, and it is said how many of how many. Ed25519 vouches for all of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final, NamedTuple

from application import sm2
from application.eventlog import Position
from application.inspection import Check, Defect
from application.note import SM2, Note, Signature, Verifier, key_id
from application.seal import Sealed

NEWEST: Final = 100  # lines that are checked: some five seconds


class Line(NamedTuple):
    """A line that is to be checked: of a checkpoint of this size, under this key."""

    size: int
    text: str
    public: bytes
    signature: Signature


class Sm2Audit:
    """Takes checkpoints that the log signed, and checks the newest of their lines of SM2.

    `keys` are those that the log names, each with its position; a line of the log that none of them
    made is of no known key. From the first on every checkpoint bears a line of one of them: with
    Ed25519 alone it was stripped, or signed where `HUHANG_SM2` was not set.
    """

    def __init__(self, origin: str, keys: Mapping[bytes, Position]) -> None:
        self._keys = {key_id(origin, SM2, public): public for public in keys}
        self._lines: deque[Line] = deque(maxlen=NEWEST)
        self._count = 0
        self._strange = 0
        self._since = min(keys.values(), default=None)
        self._due = 0
        self._bare = 0
        self.said = ""

    def take(self, sealed: Sealed, log: Verifier) -> None:
        """Take a checkpoint whose Ed25519 signature holds."""
        note = Note.parse(sealed.note)
        bare = True
        for signature in note.signatures:
            if (signature.name, signature.key_id) == (log.name, log.key_id):
                continue
            self._count += 1
            public = self._keys.get(signature.key_id) if signature.name == log.name else None
            if public is None:
                self._strange += 1
            else:
                bare = False
                self._lines.append(Line(sealed.size, note.text, public, signature))
        if self._since is not None and sealed.size >= self._since:
            self._due += 1
            self._bare += bare

    def finish(self, unchecked: dict[Check, str], idle: dict[Check, str]) -> None:
        """Check the newest lines; say what could not be checked. Raises `Defect`."""
        if sm2.installed():
            for line in self._lines:
                if not sm2.verifies(line.public, line.text.encode(), line.signature.value):
                    raise Defect(line.size, Check.SM2, "the SM2 signature does not hold.")
        if self._strange:
            unchecked[Check.SM2] = (
                f"{self._strange:,} of {self._count:,} further lines are by a key that the log "
                "does not name"
            )
        elif self._bare:
            unchecked[Check.SM2] = (
                f"{self._bare:,} of the {self._due:,} checkpoints since position {self._since:,}, "
                "where the log names its key of SM2, bear no line of it"
            )
        elif self._count == 0:
            idle[Check.SM2] = "no checkpoint bears one"
        elif not sm2.installed():
            unchecked[Check.SM2] = (
                f"there are {self._count:,}, and nothing here can check them; install the extra sm2"
            )
        else:
            self.said = f"passed for the newest {len(self._lines):,} of {self._count:,}"
