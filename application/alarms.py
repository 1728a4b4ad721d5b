"""Alarms: what must be looked at by a person before anybody relies on the log again."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from application.memory import held, write_durably

LOG: Final = logging.getLogger("huhang")
READABLE: Final = 200  # characters that are shown of a line that cannot be read


class Alarm(Exception):  # noqa: N818 - said to people
    """The log or its seal is not what was signed; sealing stops, and a person must look."""


class NotStanding(Exception):  # noqa: N818 - said to people
    """An alarm that somebody wants to settle and that does not stand."""


def ring(home: Path, alarm: Exception) -> None:
    """Keep an alarm where every status shows it, and in the list of all alarms for good.

    One that stands already is not rung again, and none hides another. It is said in the program's
    own log too, where a full disk, which is one of the reasons to ring, cannot silence it.
    """
    said = in_one_line(str(alarm))
    if said in (standing(home) or "").splitlines():
        return
    LOG.error("alarm: %s", said)
    try:
        with held(_standing(home)):
            if said in (standing(home) or "").splitlines():
                return
            _list(home, "alarm", said)
            with _standing(home).open("a", encoding="utf-8") as file:
                file.write(f"{said}\n")
    except OSError as error:
        LOG.error("the alarm could not be kept: %s", error)


def standing(home: Path) -> str | None:
    """The alarms that nobody has settled yet, a line each, the first rung first."""
    try:  # at once: the last one may be settled at any moment, and the file goes with it
        return _standing(home).read_text(encoding="utf-8", errors="replace").rstrip("\n")
    except (FileNotFoundError, NotADirectoryError):
        return None


def in_one_line(said: str) -> str:
    """What somebody outside may have said a part of, so that it moves no terminal's cursor."""
    words = " ".join(said.split())
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in words)


def numbered(home: Path) -> dict[int, str]:
    """The alarms that stand, each under its number in the list of all; 0 for one not in it."""
    listed = enumerate(rung(home), start=1)
    number_of = {one["said"]: number for number, one in listed if one["what"] == "alarm"}
    found: dict[int, str] = {}
    for line in (standing(home) or "").splitlines():
        found.setdefault(number_of.get(line, 0), line)
    return found


def settle(home: Path, reason: str, numbers: Collection[int]) -> None:
    """Note that a person looked at these alarms, and why they are none any more.

    One that he has not named stands on, as it may have rung since he looked. Raises `NotStanding`.
    """
    with held(_standing(home)):
        known = numbered(home)
        unknown = sorted(set(numbers) - known.keys())
        if unknown:
            raise NotStanding(
                f"No alarm stands under the number {unknown[0]}; nothing was settled. Look at "
                "huhang alarms, and name those that you have read."
            )
        settled = {known[number] for number in numbers}
        _list(home, "settled", f"{', '.join(map(str, sorted(numbers)))}: {reason}")
        left = [one for one in (standing(home) or "").splitlines() if one not in settled]
        if left:
            write_durably(_standing(home), "".join(f"{one}\n" for one in left).encode())
        else:
            _standing(home).unlink(missing_ok=True)


def note_anew(home: Path, reason: str) -> None:
    """Note that a person let something begin anew, such as the seal, and why."""
    _list(home, "anew", reason)


def rung(home: Path) -> list[dict[str, str]]:
    """All alarms and why they were settled: `at`, `what` (alarm, settled or anew) and `said`.

    A line that cannot be read says so in its place, at no time, as `cut`.
    """
    path = _listed(home)
    lines = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    return [_read(line) for line in lines.split("\n") if line]


def _read(line: str) -> dict[str, str]:
    with suppress(ValueError):
        one = json.loads(line)
        if isinstance(one, dict) and one.keys() == {"at", "what", "said"}:
            return one
    return {
        "at": "",
        "what": "cut",
        "said": "A line of seal/alarms.jsonl cannot be read; it was cut, as a crash or a full disk "
        f"does, or changed. It begins: {in_one_line(line[:READABLE])}",
    }


def _list(home: Path, what: str, said: str) -> None:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    path = _listed(home)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = json.dumps({"at": at, "what": what, "said": said}, ensure_ascii=False)
    with path.open("a+b") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            line = line if file.read() == b"\n" else f"\n{line}"
        file.write(f"{line}\n".encode())
        file.flush()
        os.fsync(file.fileno())


def _listed(home: Path) -> Path:
    return home / "seal" / "alarms.jsonl"


def _standing(home: Path) -> Path:
    return home / "seal" / "alarm"
