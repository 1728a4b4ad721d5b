"""Alarms: what must be looked at by a person before anybody relies on the log again."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path


class Alarm(Exception):  # noqa: N818 - said to people
    """The log or its seal is not what was signed; sealing stops, and a person must look."""


def ring(home: Path, alarm: Alarm) -> None:
    """Keep an alarm where every status shows it, and in the list of all alarms for good."""
    rung = json.dumps(
        {"at": datetime.now(UTC).isoformat(timespec="seconds"), "alarm": str(alarm)},
        ensure_ascii=False,
    )
    home.joinpath("seal").mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / "seal" / "alarms.jsonl").open("a") as file:
        file.write(f"{rung}\n")
        file.flush()
        os.fsync(file.fileno())
    _standing(home).write_text(str(alarm))


def standing(home: Path) -> str | None:
    """The alarm that nobody has settled yet."""
    path = _standing(home)
    return path.read_text() if path.exists() else None


def settle(home: Path) -> None:
    """Note that the cause is gone: the sealer found the log to be what was signed again."""
    _standing(home).unlink(missing_ok=True)


def _standing(home: Path) -> Path:
    return home / "seal" / "alarm"
