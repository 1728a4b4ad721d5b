"""How events become rows of a build: entries, facts and versions, copied in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import sql

from application.eventlog import Position, Recorded
from domain.territory import TERRITORIAL, TerritoryFact, territory_facts_of
from projections.journal import JOURNALLED, entries_of
from projections.ledgers import LEDGERED, LEDGERS, Ledger, Patch, patches_of
from projections.packing import (
    CELLS,
    HEADER,
    NULL,
    TRAILER,
    integer_of,
    journal_row,
    version_row,
)

OPEN: Final = 9223372036854775807  # to_position of a version that nothing superseded yet
TERRITORY_TYPES: Final = ("int8", "text", "uuid", "date", "uuid", "text", "text", "text")

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
    patches: defaultdict[str, list[Patch]] = field(default_factory=lambda: defaultdict(list))

    def take(self, recorded: Recorded) -> None:
        """Add one event's rows."""
        topic = recorded.event.topic
        if topic in JOURNALLED:
            self._take_entries(recorded)
        if topic in LEDGERED:
            for patch in patches_of(recorded):
                self.patches[patch.ledger].append(patch)
        if topic in TERRITORIAL:
            self.facts.extend(territory_facts_of(recorded.event, recorded.position))

    def _take_entries(self, recorded: Recorded) -> None:
        # An event's entries mostly share one place; looking it up costs as much as packing a row.
        centre = region = None
        place = 0
        for entry in entries_of(recorded):
            if entry.region is not region or entry.centre is not centre:
                centre, region = entry.centre, entry.region
                place = self.places.number(centre, region)
            self.entries.append(journal_row(recorded.position, entry, place))


@dataclass(slots=True)
class Version:
    """One version of a ledger's row, valid from a position to before another; its cells packed."""

    row: UUID
    from_position: Position
    to_position: Position
    place: int
    cells: list[bytes]


def write(connection: Connection, schema: str, batch: Batch, *, onto_existing: bool) -> None:
    """Write a batch in the caller's transaction.

    Onto existing rows, versions go on from the current ones; a bulk load of aggregates has none.
    """
    _copy(connection, schema, "journal", batch.entries)
    _copy_facts(connection, schema, batch.facts)
    for name, patches in batch.patches.items():
        ledger = LEDGERS[name]
        current = _current(connection, schema, ledger, patches) if onto_existing else {}
        found = list(current.values())
        made = versions(ledger, patches, current, batch.places)
        _end(connection, schema, ledger, found)
        _copy(
            connection,
            schema,
            f"ledger_{name}",
            (version_row(v.row, v.from_position, v.to_position, v.place, v.cells) for v in made),
        )


def versions(
    ledger: Ledger, patches: Iterable[Patch], current: dict[UUID, Version], places: Places
) -> list[Version]:
    """The new versions that a ledger's patches make, in order, on top of the current ones."""
    columns = ledger.positions
    made: list[Version] = []
    for patch in patches:
        before = current.get(patch.row)
        cells = before.cells.copy() if before else [NULL] * len(ledger.columns)
        for name, value in patch.values.items():
            number, kind = columns[name]
            cells[number] = NULL if value is None else CELLS[kind](value)
        for name, amount in patch.added.items():
            number, kind = columns[name]
            cells[number] = CELLS[kind](integer_of(cells[number]) + amount)
        if patch.place is not None:
            place = places.number(patch.place.centre, patch.place.region)
        else:
            assert before is not None, f"the first patch of {patch.ledger} {patch.row} has no place"
            place = before.place
        if before is not None:
            before.to_position = patch.position
        version = Version(patch.row, patch.position, OPEN, place, cells)
        current[patch.row] = version
        made.append(version)
    return made


def _current(
    connection: Connection, schema: str, ledger: Ledger, patches: Sequence[Patch]
) -> dict[UUID, Version]:
    rows = connection.execute(
        sql.SQL(
            "select row, from_position, to_position, place, {} from {}"
            " where row = any(%s) and to_position = %s"
        ).format(
            sql.SQL(", ").join(sql.Identifier(column.name) for column in ledger.columns),
            sql.Identifier(schema, f"ledger_{ledger.name}"),
        ),
        (list({patch.row for patch in patches}), OPEN),
    ).fetchall()
    return {
        row: Version(
            row, from_position, to_position, place,
            [
                NULL if value is None else CELLS[column.kind](value)
                for column, value in zip(ledger.columns, values, strict=True)
            ],
        )
        for row, from_position, to_position, place, *values in rows
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


def _copy(connection: Connection, schema: str, table: str, rows: Iterable[bytes]) -> None:
    statement = sql.SQL("copy {} from stdin (format binary)").format(sql.Identifier(schema, table))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(b"".join(chain((HEADER,), rows, (TRAILER,))))


def _copy_facts(connection: Connection, schema: str, facts: Sequence[TerritoryFact]) -> None:
    statement = sql.SQL("copy {} from stdin (format binary)").format(
        sql.Identifier(schema, "territory")
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(TERRITORY_TYPES)
        for fact in facts:
            copy.write_row(fact)
