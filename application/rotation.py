"""The change of the wrapping key when it is due, and the alarm when it is not done."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import psycopg
from psycopg_pool import PoolTimeout

from application.alarms import Alarm, ring
from application.custody import NotCustodian
from application.keystore import KeysHeldUp, KeysLost
from application.settings import DangerousSetting
from application.vault import Vault
from application.watch import Watch

LOOK: Final = 3600.0  # seconds between two looks whether a rotation is due
REACH: Final = 300.0  # seconds between two looks whether the wrapping key is within reach
STOPPED: Final = 3.0  # seconds within which a rotation is waited for; a later one takes it up
LATE: Final = timedelta(days=1)  # after it was due: whoever was to rotate did not, for many looks

LOG: Final = logging.getLogger("huhang")


@contextmanager
def rotated(vault: Vault, home: Path) -> Iterator[None]:
    """Rotate whenever it is due, and see that wrapping keys are within reach, until the block ends.

    In threads of this process.
    """
    stop = threading.Event()
    threads = [
        threading.Thread(target=duty, args=(vault, home, stop), daemon=True)
        for duty in (keep_rotated, keep_reached)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(STOPPED)


def keep_reached(vault: Vault, home: Path, stop: threading.Event, pause: float = REACH) -> None:
    """Look whether the wrapping key is within reach, again and again, and ring where it is not."""
    watch = Watch(home, "whether the wrapping key is within reach", pause)
    while not stop.wait(pause):
        with watch.look():
            ring_of_the_unreached(vault, home)


def ring_of_the_unreached(vault: Vault, home: Path) -> None:
    """Ring where nothing sealed can be opened or sealed now."""
    try:
        vault.store.require_wrapping()
    except DangerousSetting as unreached:
        ring(home, Alarm(f"Personal data can neither be opened nor sealed. {unreached}"))


def keep_rotated(vault: Vault, home: Path, stop: threading.Event, pause: float = LOOK) -> None:
    """Look whether it is time, again and again; what fails is tried anew the next time."""
    watch = Watch(
        home, "whether keys are lost, or the log no longer says which were destroyed", pause
    )
    last = uuid4()  # anywhere: where a process lives for a day, the next one begins elsewhere
    while not stop.wait(pause):
        with watch.look():
            rotate_when_due(vault, home)
            ring_of_the_unsaid(vault, home)
            ring_of_the_lost(vault, home)
            last = ring_of_the_spoiled(vault, home, last)


def rotate_when_due(vault: Vault, home: Path) -> None:
    """Rotate if it is time, and ring when that fails or is late.

    Until it is done an older backup of the key store goes on to bring back what was erased since,
    whatever its certificate says. Who has not the custody of the wrapping keys waits for who has.
    """
    try:
        vault.rotate()
    except (KeysHeldUp, NotCustodian, PoolTimeout, psycopg.OperationalError) as error:
        LOG.info("the wrapping key was not changed: %s", error)
        if vault.store.epochs.overdue() < LATE:
            return
        told = f"The wrapping key is not changed although it is time. {error}"
    except Alarm as alarm:
        told = str(alarm)
    except Exception as error:
        told = f"The wrapping key could not be changed. {error}"
    else:
        return
    ring(home, Alarm(told))


def ring_of_the_unsaid(vault: Vault, home: Path) -> None:
    """Ring where the log no longer says of a key that it was destroyed, and it was."""
    unsaid = vault.store.unsaid()
    if unsaid:
        ring(
            home,
            Alarm(
                f"The log does not say of {len(unsaid):,} keys, such as {min(unsaid)}, that they "
                "were destroyed, and this installation remembers that they were. They are not "
                "opened; find out who changed or removed records."
            ),
        )


def ring_of_the_lost(vault: Vault, home: Path) -> None:
    """Ring where keys that the log names are gone from the key store, and nobody destroyed them."""
    lost = vault.store.lost_of_all()
    if lost:
        ring(home, KeysLost(lost))


def ring_of_the_spoiled(vault: Vault, home: Path, after: UUID) -> UUID:
    """Ring where some keys behind an id do not open any more; the id to go on from."""
    try:
        spoiled, last = vault.store.spoiled(after)
    except NotCustodian:
        return after
    if spoiled:
        ring(
            home,
            Alarm(
                f"The key store holds something else in the place of {len(spoiled):,} keys, such "
                f"as {min(spoiled)}, and whose personal data they seal cannot be read. Restore "
                "these rows from a backup of before, change the passwords, and find out who did it."
            ),
        )
    return last
