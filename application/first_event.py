"""The log's first event, which names who may sign in it, as it is known outside of the database.

Who administers the database can put another in its place for a moment, which names a key of his
own. So its leaf hash stands beside our keys, which are kept and restored with it; whoever destroys
or opens anything because of what the log says compares it first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg

from application.alarms import Alarm, ring
from application.inspection import Defect, inspect, read_rows
from application.keys import Author, log_file
from application.log_stream import Beginning, Registered, beginning_of
from application.memory import write_durably
from application.settings import DangerousSetting, Settings
from application.tree import HASH_BYTES
from domain.log import LogGenesis


class AnotherBeginning(Alarm):
    """The log's first event is not the one that is known outside of it."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "The first event of the log, which names who may sign in it, is not the one that is "
            f"noted in {path}: somebody exchanged it, perhaps for a moment. Nothing is opened or "
            "destroyed by its word; find out who administers the database, and run huhang verify."
        )


def first_file(home: Path) -> Path:
    """Where the leaf hash of the log's first event is kept."""
    return home / "keys" / "log.first"


def first_noted(home: Path) -> bytes | None:
    """The leaf hash of the log's first event as it was noted. Raises `DangerousSetting`."""
    path = first_file(home)
    try:
        leaf = bytes.fromhex(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except ValueError:
        leaf = b""
    if len(leaf) != HASH_BYTES:
        raise DangerousSetting(
            f"{path} is damaged, by which the first event of the log is known. Restore it from "
            "where the folder keys is kept, or copy it from another installation over this log."
        )
    return leaf


def note_first(home: Path, leaf: bytes) -> None:
    """Note the leaf hash of the log's first event, once."""
    if not first_file(home).exists():
        write_durably(first_file(home), f"{leaf.hex()}\n".encode())


def note_known_first(
    connection: psycopg.Connection[Any], settings: Settings, author: Author
) -> None:
    """Note the log's first event where nobody can have exchanged it: our own key signed it.

    A further installation, which keeps no key of the log, notes what it finds when it comes first,
    unless somebody copied the note to it.
    """
    if first_file(settings.home).exists():
        return
    if not log_file(settings).exists():
        beginning = beginning_of(connection)
        if beginning.genesis is not None:
            note_first(settings.home, beginning.first)
        return
    try:
        rows = read_rows(connection, 0, 1)
        own = {author.name: Registered(author.key.public_key(), 0)}
        leaves = inspect(rows, 0, own).leaves
    except Defect:
        return
    if leaves and rows[0].topic == LogGenesis.topic:
        note_first(settings.home, leaves[0])


def known_beginning(connection: psycopg.Connection[Any], home: Path) -> Beginning:
    """What the log says of itself, if it begins as is known here.

    Raises `AnotherBeginning`, with an alarm; `DangerousSetting` where the note is damaged.
    """
    beginning = beginning_of(connection)
    try:
        require_known(beginning, home)
    except AnotherBeginning as alarm:
        ring(home, alarm)
        raise
    return beginning


def require_known(beginning: Beginning, home: Path) -> None:
    """Check that a log begins as was noted here, if it was.

    Raises `AnotherBeginning`; `DangerousSetting` where the note is damaged.
    """
    known = first_noted(home)
    if known is not None and beginning.first != known:
        raise AnotherBeginning(first_file(home))
