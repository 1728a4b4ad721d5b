"""Wrapping keys with a service that manages keys (KMS), by a program that speaks to it.

Each service has its own protocol, login and library; what is the same stands here. The program is
called as `PROGRAM OPERATION NAME`, where NAME is the whole name of a wrapping key (lower-case
letters, digits and hyphens, no two key stores have the same), and gets a secret or what was wrapped
on its standard input, never as an argument:

    begin NAME       make the wrapping key; one that is there stays
    wrap NAME        standard input is a secret of 32 or 64 bytes; standard output is it wrapped
    unwrap NAME      the other way round
    holds NAME       end with 0 where there is the wrapping key, with 4 where there is none
    destroy NAME     destroy the wrapping key for good; one that is gone is no error

It ends with 0; with 3 where what is to be unwrapped was wrapped under another key or changed;
with anything else where the key is missing or the service does not answer, and says why in one line
on standard error.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

from application.alarms import in_one_line
from application.settings import DangerousSetting
from application.wrapping import WrongWrappingKey, where_in_a_file

ANSWERED_WITHIN: Final = 30.0  # seconds; a command that seals waits for it
ANSWER_LIMIT: Final = 4096  # bytes; services wrap 32 bytes into some hundreds
WRONG_KEY: Final = 3  # how the program ends for what another key wrapped
NO_KEY: Final = 4  # how it ends when it is asked about a key that is not there


class CommandKeys:
    """Wrapping keys of which only another program knows where they are."""

    def __init__(self, program: Path) -> None:
        self._program = program.absolute()

    def begin(self, name: str) -> None:
        """Let the service make a wrapping key."""
        self._ask("begin", name)

    def wrap(self, name: str, secret: bytes) -> bytes:
        """A secret wrapped by the service."""
        return self._answer("wrap", name, secret)

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        """A secret unwrapped by the service."""
        return self._answer("unwrap", name, wrapped)

    def holds(self, name: str) -> bool:
        """Whether the service has a wrapping key."""
        return self._ask("holds", name) is not None

    def destroy(self, name: str) -> None:
        """Let the service destroy a wrapping key."""
        self._ask("destroy", name)

    def close(self) -> None:
        """Nothing is held open between two calls."""

    def _answer(self, operation: str, name: str, given: bytes) -> bytes:
        answer = self._ask(operation, name, given) or b""
        if not 0 < len(answer) <= ANSWER_LIMIT:
            raise DangerousSetting(
                f"{self._program} answers “{operation}” with {len(answer):,} bytes; mend it."
            )
        return answer

    def _ask(self, operation: str, name: str, given: bytes = b"") -> bytes | None:
        """What the program answers; None where it was asked about a key that is not there."""
        # What is set for us, such as a PIN, is not for the program.
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith("HUHANG_")
        }
        try:
            done = subprocess.run(  # noqa: S603 - the program that the operator named
                [self._program, operation, name],
                input=given,
                capture_output=True,
                timeout=ANSWERED_WITHIN,
                env=environment,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise DangerousSetting(
                f"The program of the key service cannot be used ({type(error).__name__}); check "
                "HUHANG_KMS_COMMAND."
            ) from None
        if done.returncode == WRONG_KEY and operation == "unwrap":
            raise WrongWrappingKey
        if done.returncode == NO_KEY and operation == "holds":
            return None
        if done.returncode != 0:
            said = in_one_line(done.stderr.decode("utf-8", "replace"))[:200]
            raise DangerousSetting(
                f"The key service does not “{operation}” for the key {name} "
                f"({said or 'no reason'}); without it no personal data of that time can be read or "
                f"sealed. {where_in_a_file(name)}"
            )
        return done.stdout
