"""The keys that the log names, as an installation remembers them, so that none goes unnoticed.

Who has the rights of the vault on the key store can delete its rows, as an erasure does, and the
log still names them. They stand in the folder `seal`, which no backup holds: the log is read once,
and then what came since.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg
from psycopg.rows import tuple_row

from application.destructions import ROWS
from application.drafts import Whose, id_of
from application.envelope import Unopened, envelopes_in
from application.eventlog import Position
from application.first_event import known_beginning
from application.inspection import Defect, SealedRow, inspect_leaf
from application.log_stream import Registered
from application.memory import held, sync_folder, write_durably

INDEX: Final = Whose(UUID("00000000-0000-5000-8000-000000000009"), "blind-index")
"""Under which the key store keeps the key of all digests, wrapped and rotated like any other."""

PAGE: Final = 20_000  # rows that are read, and noted, at a time
ID: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
KEY: Final = re.compile(f'"k":"k:({ID})"'.encode())
LINE: Final = re.compile(f"^{ID}$", re.MULTILINE)
SEALED: Final = ROWS + (
    """where position > %s and position <= %s and position('"k":"k:'::bytea in state) > 0"""
)
HEAD: Final = "select position from only log.event order by position desc limit 1"
END_OF_PAGE: Final = """
select max(position)
from (select position from only log.event where position > %s order by position limit %s) as page
"""
LEAF: Final = "select leaf from only log.event where position = %s"
OF_INDEX: Final = "select id from vault.key where record = %s and part = %s"


LOG: Final = logging.getLogger("huhang")


class KeysNamed:
    """Every key that a signed row of the log named once, whatever the log says today.

    With them the key of the index of persons, which no row names. Those that a person gave up are
    none of them. They are texts here, of which hundreds of thousands are compared in no time.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._folder = home / "seal"

    def all(self, connection: psycopg.Connection[Any]) -> frozenset[str]:
        """Read on in the log, and return the ids of the keys that are not given up.

        Raises `AnotherBeginning`, with an alarm, where the log names other authors than here.
        """
        named = set(self._in("keys-named"))
        position = self._read_to(connection, len(named))
        head = connection.execute(HEAD).fetchone()
        until: Position = 0 if head is None else head[0]
        self._add("keys-named", named, {str(key) for (key,) in connection.execute(OF_INDEX, INDEX)})
        if position < until:
            authors = known_beginning(connection, self._home).authors
            # By rows: one that somebody moved far behind for a moment would else never end it.
            while (end := end_of_page(connection, position)) is not None:
                found = found_between(connection, position, end, named, authors)
                self._add("keys-named", named, found)
                self._note(connection, end, len(named))
                position = end
        return frozenset(named.difference(self._in("keys-given-up")))

    def give_up(self, keys: Collection[UUID]) -> None:
        """Ask no more about keys that nothing brings back. Raises `OSError`."""
        with held(self._folder / "keys-given-up"):
            self._write("keys-given-up", set(map(str, keys)))

    def ask_again(self, standing: Collection[str]) -> None:
        """Ask again about keys that were given up and stand there after all."""
        if not set(self._in("keys-given-up")).intersection(standing):
            return
        try:
            with held(self._folder / "keys-given-up"):
                left = sorted(set(self._in("keys-given-up")).difference(standing))
                lines = "".join(f"{key}\n" for key in left)
                write_durably(self._folder / "keys-given-up", lines.encode())
        except OSError as error:
            LOG.warning("which keys are not given up any more was not noted: %s", error)

    def _in(self, name: str) -> list[str]:
        try:
            there = (self._folder / name).read_text("ascii", "replace")
        except FileNotFoundError:
            return []
        return LINE.findall(there)

    def _add(self, name: str, known: set[str], keys: Collection[str]) -> None:
        new = set(keys) - known
        known.update(new)
        try:
            self._write(name, new)
        except OSError as error:
            LOG.warning("which keys the log names was not noted: %s", error)

    def _write(self, name: str, keys: Collection[str]) -> None:
        if not keys:
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / name).open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # What a crash left of a line is no key; the first one begins a line of its own.
            file.write(b"".join(b"\n%s\n" % key.encode() for key in sorted(keys)))
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self._folder)

    def _read_to(self, connection: psycopg.Connection[Any], known: int) -> Position:
        """Up to where the log was read; 0 where it has another row there, or keys are missing."""
        with suppress(OSError, ValueError):
            position, leaf, keys = (self._folder / "keys-named-to").read_text("ascii").split()
            stands = connection.execute(LEAF, (int(position),)).fetchone()
            if stands == (bytes.fromhex(leaf),) and known >= int(keys):
                return int(position)
        return 0

    def _note(self, connection: psycopg.Connection[Any], position: Position, keys: int) -> None:
        leaf = connection.execute(LEAF, (position,)).fetchone()
        if leaf is None or leaf[0] is None:
            return
        try:
            said = f"{position} {leaf[0].hex()} {keys}\n".encode()
            write_durably(self._folder / "keys-named-to", said)
        except OSError as error:
            LOG.warning("how far the log was read for keys was not noted: %s", error)


def end_of_page(connection: psycopg.Connection[Any], after: Position) -> Position | None:
    """Where the next rows after a position end; None where there are none."""
    row = connection.execute(END_OF_PAGE, (after, PAGE)).fetchone()
    return None if row is None else row[0]


def found_between(
    connection: psycopg.Connection[Any],
    after: Position,
    until: Position,
    known: Collection[str],
    authors: Mapping[str, Registered],
) -> set[str]:
    """The keys not known yet that rows name, each from a row that an instance of ours signed.

    One that nobody signed names nothing: else who appends could hold up each rotation.
    """
    found: set[str] = set()
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        for row in map(SealedRow._make, cursor.execute(SEALED, (after, until))):
            roughly = map(bytes.decode, KEY.findall(row.state))
            if any(key not in known and key not in found for key in roughly):
                with suppress(Defect, Unopened, ValueError, TypeError):
                    found.update(named_by(row, authors))
    return found - set(known)


def named_by(row: SealedRow, authors: Mapping[str, Registered]) -> set[str]:
    """The keys that a row names, its leaf and its author's signature inspected.

    Raises `Defect`, `Unopened`, `ValueError` or `TypeError` for a row of which nothing is believed.
    """
    if None in row:
        raise ValueError("somebody left something out")
    inspect_leaf(row, authors)
    return {str(id_of(sealed.k)) for _, sealed in envelopes_in(orjson.loads(row.state))}
