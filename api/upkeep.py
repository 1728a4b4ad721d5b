"""What a serving process does beside serving: seals, asks witnesses, watches the fence, notes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from math import inf
from typing import Any, Final
from uuid import uuid4

import psycopg

from application.access import Accesses
from application.alarms import Alarm, ring
from application.beginning import by_the_system
from application.cosigning import keep_cosigned
from application.database import AT_LENGTH, Database, impatient
from application.eventlog import Conflict, Receipt, head
from application.fence import note_fence
from application.heads import note_heads
from application.inspection import Defect
from application.keys import author_of
from application.lag import LagWatch
from application.log_stream import beginning_of, newest_noted
from application.records import Records
from application.sealer import keep_sealed
from application.settings import DangerousSetting, Settings
from application.watch import Watch
from domain.base import SHANGHAI, Refused
from domain.log import LOG_ID, StreamHeads
from projections.digests import changed_since, note_readings

LAG: Final = 10.0  # seconds between two looks whether the seal keeps up
REFUSED: Final = 3600.0  # seconds before the notes of a night that were refused are tried again
WATCH: Final = 300.0  # seconds between two looks at the fence (audit §5)
STOPPED: Final = 3.0  # seconds within which each duty ends
UNNOTED: Final = """
select true from only log.event
where position > %s and originator_id <> %s and recorded_at < %s
limit 1
"""
ENDED: Final = """
select stream, row from reading.ledger_accesses
where to_position = 9223372036854775807 and status = 'granted' and until <= %s
"""


@contextmanager
def kept_up(database: Database, settings: Settings, records: Records) -> Iterator[None]:
    """Do all that in threads of this process, until the block ends."""
    stop = threading.Event()
    duties: list[Callable[[], None]] = [
        lambda: keep_sealed(database, settings, stop),
        lambda: keep_cosigned(database, settings, stop),
        lambda: keep_noted(database, settings, records, stop),
        lambda: keep_prompt(database, settings, stop),
        lambda: know_ends(database, records),
    ]
    threads = [threading.Thread(target=duty, daemon=True) for duty in duties]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(STOPPED)


def keep_noted(
    database: Database,
    settings: Settings,
    records: Records,
    stop: threading.Event,
    pause: float = WATCH,
) -> None:
    """Watch the fence, note the end of accesses, and after each day what only the night sees.

    What fails is said and tried anew, as another process may have noted the same: a watch that ends
    unseen is worse than none.
    """
    watch = Watch(settings.home, "whether the fence around the log stands", pause)
    patience = impatient(database.application, AT_LENGTH)
    again = -inf  # when what was refused is tried anew; it may have read the whole log
    while not stop.wait(pause):
        with watch.look(), psycopg.connect(patience, autocommit=True) as connection:
            watch_fence(connection, settings, records)
            note_ended(connection, settings, records)
            if time.monotonic() >= again and is_due(connection, datetime.now(UTC)):
                try:
                    note(connection, settings, records)
                except Alarm:  # it has rung
                    again = time.monotonic() + REFUSED


def know_ends(database: Database, records: Records) -> None:
    """Learn once how far streams go, which reads much, before somebody opens what is sealed.

    What is wrong is said to him, and rings then.
    """
    with (
        suppress(Alarm, Defect, DangerousSetting, psycopg.Error),
        psycopg.connect(database.application, autocommit=True) as connection,
    ):
        if records.ends is not None:
            records.ends.of(connection, LOG_ID)


def keep_prompt(
    database: Database, settings: Settings, stop: threading.Event, pause: float = LAG
) -> None:
    """Ring when the sealer or a witness lags behind; work goes on."""
    watch = Watch(settings.home, "whether the seal and its witnesses keep up", pause)
    lag = LagWatch(settings)
    patience = impatient(database.reader)
    while not stop.wait(pause):
        with watch.look(), psycopg.connect(patience, autocommit=True) as connection:
            for alarm in lag.look(connection):
                ring(settings.home, alarm)


def watch_fence(
    connection: psycopg.Connection[Any], settings: Settings, records: Records
) -> Receipt | None:
    """Note a change of the fence, and ring: whoever made it must say so."""
    receipt = note_fence(connection, records, by_the_system(author_of(settings)))
    if receipt is not None:
        ring(
            settings.home,
            Alarm(
                "What may be done to the log in its database was changed, as position "
                f"{receipt.last_position:,} notes; find out who did it, and run huhang verify."
            ),
        )
    return receipt


def note_ended(
    connection: psycopg.Connection[Any], settings: Settings, records: Records
) -> list[Receipt]:
    """Note the end of each break-glass access that is over; it opens nothing since, noted or not.

    One that was judged or noted meanwhile needs no note.
    """
    by, desk, noted = by_the_system(author_of(settings)), Accesses(records), []
    for stream, access in connection.execute(ENDED, (datetime.now(UTC),)).fetchall():
        with suppress(Refused, Conflict):
            noted.append(desk.expire(stream, access, replace(by, request=uuid4())))
    return noted


def note(
    connection: psycopg.Connection[Any], settings: Settings, records: Records
) -> list[Receipt | None]:
    """Note how far each stream goes and what the read models say.

    Rings where they say something else of the past than was noted the night before; and raises the
    `Alarm` that it rang where the log itself does not read as it was recorded.
    """
    changed = changed_since(connection)
    if changed is not None:
        ring(settings.home, Alarm(changed))
    author = author_of(settings)
    try:
        heads = note_heads(connection, records, by_the_system(author), settings.home)
    except Alarm as alarm:
        ring(settings.home, alarm)
        raise
    return [heads, note_readings(connection, records, by_the_system(author))]


def is_due(connection: psycopg.Connection[Any], now: datetime) -> bool:
    """Whether something was recorded on a day that is over since heads were noted last."""
    midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    noted = newest_noted(connection, StreamHeads, head(connection))
    after = 0 if noted is None else noted[1].size
    row = connection.execute(UNNOTED, (after, LOG_ID, midnight)).fetchone()
    return row is not None and not beginning_of(connection).simulated
