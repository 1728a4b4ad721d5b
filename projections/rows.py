"""How events become rows of a build: entries, facts and versions, copied in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from struct import Struct
from typing import Any, Final, cast
from uuid import UUID

import psycopg
from psycopg import sql

from application.eventlog import Position, Recorded
from projections.entries import Entry
from projections.journal import JOURNALLED, entries_of
from projections.ledgers import LEDGERED, LEDGERS, Ledger, Patch, patches_of
from projections.territory import TERRITORIAL, TerritoryFact, territory_facts_of

OPEN: Final = 9223372036854775807  # to_position of a version that nothing superseded yet

COPY_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # PostgreSQL manual, COPY, binary format
COPY_TRAILER: Final = b"\xff\xff"
DAY_ZERO: Final = date(2000, 1, 1).toordinal()  # PostgreSQL counts dates from here

# A journal row in COPY's binary format: the number of columns, then each one's length and value in
# the order of the table. Half of a rebuild is journal rows; packing them whole is four times as
# fast as column by column. One shape with a practitioner, one with null (length -1).
JOURNAL_ROW: Final = Struct(">h iq iq i16s i16s ii ii ih")
JOURNAL_ROW_ALONE: Final = Struct(">h iq iq i16s i ii ii ih")
TERRITORY_TYPES: Final = ("int8", "text", "uuid", "date", "uuid", "text", "text", "text")
COLUMN_TYPES: Final = {
    "text": "text",
    "date": "date",
    "instant": "timestamptz",
    "integer": "int8",
    "uuid": "uuid",
}

Connection = psycopg.Connection[Any]

TOPICS: Final = JOURNALLED | LEDGERED | TERRITORIAL
"""Events of any other topic leave no row."""


class Places:
    """The numbers of the places of one build, made as they are met."""

    def __init__(self, connection: Connection, schema: str) -> None:
        self._connection = connection
        self._table = sql.Identifier(schema, "place")
        self._numbers: dict[tuple[UUID | None, UUID], int] = {}

    def number(self, centre: UUID | None, region: UUID) -> int:
        """The number of a pair of centre and region."""
        key = (centre, region)
        known = self._numbers.get(key)
        if known is None:
            known = self._numbers[key] = self._find_or_make(key)
        return known

    def forget(self) -> None:
        """After a rollback, numbers may not exist any more."""
        self._numbers.clear()

    def _find_or_make(self, key: tuple[UUID | None, UUID]) -> int:
        find = sql.SQL(
            "select place from {} where centre is not distinct from %s and region = %s"
        ).format(self._table)
        row = self._connection.execute(find, key).fetchone()
        if row is None:
            make = sql.SQL(
                "insert into {} (centre, region) values (%s, %s) on conflict do nothing"
            ).format(self._table)
            self._connection.execute(make, key)
            row = self._connection.execute(find, key).fetchone()
        assert row is not None
        return int(row[0])


@dataclass(slots=True)
class Batch:
    """What events become, ready to be copied into a build's tables."""

    places: Places
    entries: list[bytes] = field(default_factory=list)
    facts: list[TerritoryFact] = field(default_factory=list)
    patches: list[Patch] = field(default_factory=list)

    def take(self, recorded: Recorded) -> None:
        """Add one event's rows."""
        topic = recorded.event.topic
        if topic in JOURNALLED:
            position = recorded.position
            number = self.places.number
            for entry in entries_of(recorded):
                self.entries.append(
                    journal_row(position, entry, number(entry.centre, entry.region))
                )
        if topic in LEDGERED:
            self.patches.extend(patches_of(recorded))
        if topic in TERRITORIAL:
            self.facts.extend(territory_facts_of(recorded))


def journal_row(position: Position, entry: Entry, place: int) -> bytes:
    """An entry as a row of the journal in COPY's binary format."""
    indicator, _, _, subject, occurred_on, quantity, practitioner = entry
    on = occurred_on.toordinal() - DAY_ZERO
    if practitioner is None:
        return JOURNAL_ROW_ALONE.pack(
            7, 8, position, 8, quantity, 16, subject.bytes, -1, 4, place, 4, on, 2, indicator
        )
    return JOURNAL_ROW.pack(
        7, 8, position, 8, quantity, 16, subject.bytes, 16, practitioner.bytes,
        4, place, 4, on, 2, indicator,
    )  # fmt: skip


@dataclass(slots=True)
class Version:
    """One version of a ledger's row, valid from a position to before another."""

    ledger: str
    row: UUID
    from_position: Position
    to_position: Position
    place: int
    values: dict[str, object]


def write(connection: Connection, schema: str, batch: Batch, *, onto_existing: bool) -> None:
    """Write a batch in the caller's transaction.

    Onto existing rows, versions go on from the current ones; a bulk load of aggregates has none.
    """
    _copy_packed(connection, schema, "journal", batch.entries)
    _copy(connection, schema, "territory", TERRITORY_TYPES, batch.facts)
    for ledger in LEDGERS.values():
        patches = [patch for patch in batch.patches if patch.ledger == ledger.name]
        if not patches:
            continue
        current = _current(connection, schema, ledger, patches) if onto_existing else {}
        found = list(current.values())
        made = versions(patches, current, batch.places)
        _end(connection, schema, ledger, found)
        _copy(
            connection,
            schema,
            f"ledger_{ledger.name}",
            ("uuid", "int8", "int8", "int4", *(COLUMN_TYPES[c.kind] for c in ledger.columns)),
            (
                (
                    version.row,
                    version.from_position,
                    version.to_position,
                    version.place,
                    *(version.values.get(column.name) for column in ledger.columns),
                )
                for version in made
            ),
        )


def versions(
    patches: Iterable[Patch], current: dict[UUID, Version], places: Places
) -> list[Version]:
    """The new versions that one ledger's patches make, in order, on top of the current ones."""
    made: list[Version] = []
    for patch in patches:
        before = current.get(patch.row)
        values = {**before.values, **patch.values} if before else dict(patch.values)
        for name, amount in patch.added.items():
            values[name] = cast("int", values.get(name) or 0) + amount
        if patch.place is not None:
            place = places.number(patch.place.centre, patch.place.region)
        else:
            assert before is not None, f"the first patch of {patch.ledger} {patch.row} has no place"
            place = before.place
        if before is not None:
            before.to_position = patch.position
        version = Version(patch.ledger, patch.row, patch.position, OPEN, place, values)
        current[patch.row] = version
        made.append(version)
    return made


def _current(
    connection: Connection, schema: str, ledger: Ledger, patches: Sequence[Patch]
) -> dict[UUID, Version]:
    names = [column.name for column in ledger.columns]
    rows = connection.execute(
        sql.SQL(
            "select row, from_position, to_position, place, {} from {}"
            " where row = any(%s) and to_position = %s"
        ).format(
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.Identifier(schema, f"ledger_{ledger.name}"),
        ),
        (list({patch.row for patch in patches}), OPEN),
    ).fetchall()
    return {
        row: Version(
            ledger.name, row, from_position, to_position, place,
            dict(zip(names, cells, strict=True)),
        )
        for row, from_position, to_position, place, *cells in rows
    }  # fmt: skip


def _end(connection: Connection, schema: str, ledger: Ledger, found: Sequence[Version]) -> None:
    ended = [version for version in found if version.to_position != OPEN]
    if ended:
        connection.execute(
            sql.SQL(
                "update {} as old set to_position = ended.position"
                " from unnest(%s::bigint[], %s::uuid[]) as ended (position, row)"
                " where old.row = ended.row and old.to_position = %s"
            ).format(sql.Identifier(schema, f"ledger_{ledger.name}")),
            (
                [version.to_position for version in ended],
                [version.row for version in ended],
                OPEN,
            ),
        )


def _copy_packed(connection: Connection, schema: str, table: str, rows: Sequence[bytes]) -> None:
    statement = sql.SQL("copy {} from stdin (format binary)").format(sql.Identifier(schema, table))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(b"".join((COPY_HEADER, *rows, COPY_TRAILER)))


def _copy(
    connection: Connection,
    schema: str,
    table: str,
    types: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> None:
    statement = sql.SQL("copy {} from stdin (format binary)").format(sql.Identifier(schema, table))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)
