"""Opens the log for recording: begins an empty one, refuses a key that the log does not know."""

from __future__ import annotations

from base64 import b64decode
from contextlib import suppress
from functools import partial
from uuid import uuid4

import psycopg

from application.alarms import ring
from application.database import Database
from application.eventlog import Conflict, head
from application.fence import schema_fingerprint
from application.first_event import note_known_first
from application.jurisdiction import Jurisdiction
from application.keys import (
    Author,
    author_of,
    log_keys,
    make_identity_key,
    require_author_key,
    require_sm2_key,
    sm2_public,
)
from application.log_stream import beginning_of
from application.records import Actor, Command, Records
from application.settings import DangerousSetting, Settings
from domain.base import Refused
from domain.log import LOG_ID, Log
from domain.values import Role


def open_records(
    database: Database, settings: Settings, jurisdiction: type[Jurisdiction] = Jurisdiction
) -> Records:
    """The records of this installation, its log begun. Raises `DangerousSetting`."""
    with psycopg.connect(database.application, autocommit=True) as connection:
        fingerprint = schema_fingerprint(connection) if head(connection) == 0 else None
    if fingerprint is None:
        require_author_key(settings)
    author = author_of(settings)
    alarm = partial(ring, settings.home)
    home = settings.home
    records = Records(database, author, jurisdiction=jurisdiction, alarm=alarm, home=home)
    try:
        if fingerprint is not None:
            begin(records, settings, author, fingerprint)
        require_registered(records, author)
        register_sm2(records, settings, author)
        with psycopg.connect(database.application, autocommit=True) as connection:
            note_known_first(connection, settings, author)
    except BaseException:
        records.close()
        raise
    return records


def begin(records: Records, settings: Settings, author: Author, fingerprint: str) -> None:
    """Begin an empty log as one of real work: its first event names the keys that prove it."""
    by = by_the_system(author)
    make_identity_key(settings.home)
    keys = log_keys(settings, fingerprint)
    with suppress(Refused, Conflict):  # another process began it meanwhile
        records.change(by, Log, LOG_ID, Log.begin, False, "正式记录。Records of real work.", keys)


def register_sm2(records: Records, settings: Settings, author: Author) -> None:
    """Let the log name the key of SM2 under which its checkpoints are signed, once.

    Raises `DangerousSetting`.
    """
    log = records.find(Log, LOG_ID)
    if log is not None and log.sm2_keys:
        require_sm2_key(settings)
    key = sm2_public(settings)
    if key is None or log is None or key in log.sm2_keys:
        return
    with suppress(Refused, Conflict):  # another process named it meanwhile
        records.change(by_the_system(author), Log, LOG_ID, Log.register_sm2_key, key)


def name_sm2(database: Database, settings: Settings) -> None:
    """Let a log that has begun name the key of SM2 before anything is signed with it.

    Raises `DangerousSetting`.
    """
    if not settings.sm2:
        return
    with psycopg.connect(database.application, autocommit=True) as connection:
        beginning = beginning_of(connection)
    if beginning.sm2_keys:
        require_sm2_key(settings)
    if beginning.genesis is not None:
        public = sm2_public(settings)
        if public is not None and b64decode(public) not in beginning.sm2_keys:
            open_records(database, settings).close()


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
