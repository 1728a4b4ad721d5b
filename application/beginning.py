"""Opens the log for recording: begins an empty one, refuses a key that the log does not know."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from uuid import uuid4

import psycopg

from application.alarms import ring
from application.database import Database
from application.eventlog import Conflict, head
from application.fence import schema_fingerprint
from application.jurisdiction import Jurisdiction
from application.keys import Author, author_of, log_keys, sm2_public
from application.records import Actor, Command, Records
from application.settings import DangerousSetting, Settings
from domain.base import Refused
from domain.log import LOG_ID, Log
from domain.values import Role


def open_records(
    database: Database, settings: Settings, jurisdiction: type[Jurisdiction] = Jurisdiction
) -> Records:
    """The records of this installation, its log begun. Raises `DangerousSetting`."""
    author = author_of(settings)
    alarm = partial(ring, settings.home)
    records = Records(database, author, jurisdiction=jurisdiction, alarm=alarm)
    try:
        with psycopg.connect(database.application, autocommit=True) as connection:
            if head(connection) == 0:
                begin(records, settings, author, schema_fingerprint(connection))
        require_registered(records, author)
        register_sm2(records, settings, author)
    except BaseException:
        records.close()
        raise
    return records


def begin(records: Records, settings: Settings, author: Author, fingerprint: str) -> None:
    """Begin an empty log as one of real work: its first event names the keys that prove it."""
    by = by_the_system(author)
    keys = log_keys(settings, fingerprint)
    with suppress(Refused, Conflict):  # another process began it meanwhile
        records.change(by, Log, LOG_ID, Log.begin, False, "正式记录。Records of real work.", keys)


def register_sm2(records: Records, settings: Settings, author: Author) -> None:
    """Let the log name the key of SM2 under which its checkpoints are signed, once.

    Raises `DangerousSetting`.
    """
    key = sm2_public(settings)
    log = records.find(Log, LOG_ID)
    if key is None or log is None or key in log.sm2_keys:
        return
    with suppress(Refused, Conflict):  # another process named it meanwhile
        records.change(by_the_system(author), Log, LOG_ID, Log.register_sm2_key, key)


def by_the_system(author: Author) -> Command:
    """What the system does by itself, under a new request."""
    return Command(Actor(author.pseudonym, Role.SYSTEM, LOG_ID), request=uuid4())


def require_registered(records: Records, author: Author) -> None:
    """Refuse to record under a key that the log does not know: it would all look forged.

    Raises `DangerousSetting`.
    """
    log = records.find(Log, LOG_ID)
    if log is not None and log.authors.get(author.name) != author.registered.key:
        raise DangerousSetting(
            f"The log does not know the key with which “{author.name}” signs here; restore the "
            "folder keys of the HUHANG_HOME that began the log, and start again."
        )
