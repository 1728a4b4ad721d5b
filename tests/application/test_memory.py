"""What an installation notes on its own disk, by several processes at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from time import sleep
from uuid import UUID

import httpx
import pytest

from application.cosigning import cosigned_sizes, remember_cosigned
from application.custody import Custody, Epoch
from application.database import Database
from application.keystore import ROTATING, KeysHeldUp, open_store
from application.settings import Settings
from application.timestamp import Authority, Stamp, remembered_stamps, stamps_file
from application.wrapping import FileKeys

TIMES = 60
STORE = UUID(int=1)
BEGAN = datetime(2026, 3, 2, tzinfo=UTC)


def witnesses(home: Path, who: int) -> None:
    """Note a witness more each time."""
    for time in range(TIMES):
        remember_cosigned(Settings(home=home), f"witness.example/{who}-{time}", 1 + time)


def stamps(home: Path, who: int) -> None:
    """Note a time stamp more each time."""
    settings = Settings(home=home)
    authority = Authority(httpx.URL("http://tsa.example"), (), stamps_file(settings))
    for time in range(TIMES):
        authority.remember([Stamp(2 * time + who + 1, authority.address, "0" * 64)])


def epochs(home: Path, who: int) -> None:
    """Note an epoch more each time."""
    for time in range(TIMES):
        Custody(home).note(STORE, Epoch(2 * time + who + 1, BEGAN))


def at_once(what: Callable[[Path, int], None], home: Path, who: int) -> None:
    """Begin when the other process is there, too."""
    (home / f"there-{who}").touch()
    while not (home / f"there-{1 - who}").exists():
        sleep(0.001)
    what(home, who)


def noted(home: Path, what: Callable[[Path, int], None]) -> int:
    """How many of all that stand in the note."""
    if what is witnesses:
        return len(cosigned_sizes(Settings(home=home)))
    if what is stamps:
        return len(remembered_stamps(stamps_file(Settings(home=home))))
    return len(Custody(home).epochs(STORE))


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    """Two processes of their own."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        yield pool


@pytest.mark.parametrize("what", [witnesses, stamps, epochs])
def test_what_two_processes_note_at_once_is_noted_of_both(
    what: Callable[[Path, int], None], processes: ProcessPoolExecutor, tmp_path: Path
) -> None:
    (tmp_path / "seal").mkdir()
    (tmp_path / "seal" / f"custody-{STORE}").write_text("cluster 1 database 1\n")
    for working in [processes.submit(at_once, what, tmp_path, who) for who in (0, 1)]:
        working.result(timeout=60)
    assert noted(tmp_path, what) == 2 * TIMES


def test_the_custody_is_not_taken_while_somebody_rotates(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.keystore.LOCK_TIMEOUT", 0.05)
    with open_store(database, FileKeys(tmp_path), tmp_path) as store:
        with store.holding(ROTATING), pytest.raises(KeysHeldUp, match="nothing was done"):
            store.take_over()
        store.take_over()
