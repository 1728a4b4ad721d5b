"""What somebody's own verification found, kept by him: who signed what is the same since.

The leaf of a row holds its author's signature, and a root all leaves under it. So whose signatures
held under a root need not be asked again under the same root, and asking is most of a verification.
The file is believed: it belongs where nobody but who verifies can write.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from application.eventlog import Position
from application.memory import write_durably

PROGRAM: Final = version("huhang")


class NotRemembered(Exception):  # noqa: N818 - said to people
    """A file that does not say what was verified."""


class VerifiedBefore(BaseModel):
    """A tree in which everything was in order: its size, its root in hexadecimal, when that was.

    Another `program` may have asked less strictly who signed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: Annotated[Position, Field(gt=0, lt=2**63)]
    root: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    verified: AwareDatetime
    program: str

    @classmethod
    def read(cls, path: Path) -> VerifiedBefore | None:
        """What a file says; None where there is none yet. Raises `NotRemembered` and `OSError`."""
        if not path.exists():
            return None
        if not path.is_file():
            raise NotRemembered(f"{path} is no file; name one that --remember may write.")
        try:
            return cls.model_validate_json(path.read_bytes())
        except ValidationError:
            raise NotRemembered(
                f"{path} does not say what was verified; name the file that --remember wrote, or "
                "one that is not there yet."
            ) from None

    @classmethod
    def now(cls, size: Position, root: bytes) -> VerifiedBefore:
        """What was verified just now."""
        moment = datetime.now(UTC).replace(microsecond=0)
        return cls(size=size, root=root.hex(), verified=moment, program=PROGRAM)

    def write(self, path: Path) -> None:
        """Keep it in a file; where that is a link, in the one that it leads to."""
        target = Path(os.path.realpath(path))
        write_durably(target, self.model_dump_json(indent=2).encode() + b"\n")

    @property
    def authors_asked(self) -> Position:
        """Of how many records this program need not ask again who signed them."""
        return self.size if self.program == PROGRAM else 0

    def __str__(self) -> str:
        """Who knows its root, in the sentence about records that are not under it."""
        return f"your verification of {self.verified.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
