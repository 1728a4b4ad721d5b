"""The register of builds: each version of the read models is a schema with one position."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, LiteralString, cast

import psycopg
from psycopg import sql

from application.database import APPLICATION, READER
from application.eventlog import Position
from projections.ledgers import LEDGERS

VERSION: Final = "8"  # of the projecting code; another version needs a rebuild before it is live

BLOCK = 4096  # positions a rollup block: a reading adds the entries of less than one to the sums
TOTAL: Final = 0  # the rollup's place that stands for all

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Build:
    """One version of all read models; `epoch` tells which runner may write to it."""

    number: int
    version: str
    status: str
    position: Position
    epoch: int

    @property
    def schema(self) -> str:
        return f"build_{self.number}"


def install(connection: Connection) -> None:
    """Make the register once."""
    connection.execute(file("reading.sql"))


def live(connection: Connection) -> Build | None:
    """The build that readings use."""
    row = connection.execute(
        "select number, version, status, position, epoch from reading.build where status = 'live'"
    ).fetchone()
    return Build(*row) if row else None


def take_over(connection: Connection) -> Build | None:
    """Become the runner of the live build: the one before can commit no more."""
    row = connection.execute(
        "update reading.build set epoch = epoch + 1 where status = 'live'"
        " returning number, version, status, position, epoch"
    ).fetchone()
    return Build(*row) if row else None


def is_attended(connection: Connection) -> bool:
    """Whether a runner projects live."""
    row = connection.execute(
        "select exists (select from reading.build"
        " where status = 'live' and attended_until > clock_timestamp())"
    ).fetchone()
    return bool(row and row[0])


def begin(connection: Connection) -> Build:
    """A new build with empty tables and no indexes yet."""
    with connection.transaction():
        row = connection.execute(
            "insert into reading.build (version, status) values (%s, 'building')"
            " returning number, version, status, position, epoch",
            (VERSION,),
        ).fetchone()
        assert row is not None
        build = Build(*row)
        schema = sql.Identifier(build.schema)
        connection.execute(sql.SQL("create schema {}").format(schema))
        connection.execute(within(build, "build.sql"))
        connection.execute(within(build, "ledgers.sql"))
        for role in (APPLICATION, READER):
            connection.execute(
                sql.SQL(
                    "grant usage on schema {schema} to {role};"
                    "grant select on all tables in schema {schema} to {role}"
                ).format(schema=schema, role=sql.Identifier(role))
            )
    return build


def indexes(build: Build) -> Iterator[sql.Composed]:
    """The statements that give a build the indexes that readings need."""
    for name in ("build_indexes.sql", "ledgers_indexes.sql"):
        for statement in filter(str.strip, file(name).split(";\n")):
            yield sql.SQL(statement).format(schema=sql.Identifier(build.schema))


def first(connection: Connection) -> Build:
    """The live build; the first one is made here, empty."""
    with connection.transaction():
        connection.execute("lock table reading.build in share row exclusive mode")
        found = live(connection)
        if found is None:
            found = begin(connection)
            for statement in indexes(found):
                connection.execute(statement)
            make_live(connection, found)
    return found


def make_live(connection: Connection, build: Build) -> None:
    """Let the stable names under which readings ask mean this build."""
    connection.execute("update reading.build set status = 'retired' where status = 'live'")
    connection.execute(
        "update reading.build set status = 'live' where number = %s", (build.number,)
    )
    for name in tables():
        view = sql.Identifier("reading", name)
        connection.execute(sql.SQL("drop view if exists {}").format(view))
        connection.execute(
            sql.SQL("create view {} as select * from {}").format(
                view, sql.Identifier(build.schema, name)
            )
        )
    connection.execute(
        "grant select on all tables in schema reading to huhang_application, huhang_reader"
    )


def displaced(connection: Connection, build: Build) -> list[str]:
    """The stable names that do not mean just this build's tables, so that readings ask another."""
    meaning = "select pg_get_viewdef(to_regclass(%s))"
    found = []
    with connection.transaction(force_rollback=True):
        for name in tables():
            connection.execute(
                sql.SQL("create view reading.compared as select * from {}").format(
                    sql.Identifier(build.schema, name)
                )
            )
            should = connection.execute(meaning, ("reading.compared",)).fetchone()
            if connection.execute(meaning, (f"reading.{name}",)).fetchone() != should:
                found.append(name)
            connection.execute("drop view reading.compared")
    return found


def drop(connection: Connection, build: Build) -> None:
    """Drop a build that never went live."""
    with connection.transaction():
        connection.execute(
            "delete from reading.build where number = %s and status = 'building'", (build.number,)
        )
        connection.execute(
            sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(build.schema))
        )


def drop_unused(connection: Connection) -> list[str]:
    """Drop the builds that no reading uses: retired ones, and rebuilds that never ended."""
    with connection.transaction():
        rows = connection.execute(
            "delete from reading.build where status <> 'live' returning number"
        ).fetchall()
        dropped = [f"build_{number}" for (number,) in rows]
        for schema in dropped:
            connection.execute(
                sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema))
            )
    return dropped


def tables() -> Iterator[str]:
    """The names of a build's tables."""
    yield from ("place", "journal", "rollup", "territory")
    for name in LEDGERS:
        yield f"ledger_{name}"


def file(name: str) -> LiteralString:
    """An SQL file of the projections."""
    text: Any = (files("projections") / "sql" / name).read_text()
    return cast("LiteralString", text)


def within(build: Build, name: str) -> sql.Composed:
    """An SQL file for one build's schema."""
    return sql.SQL(file(name)).format(schema=sql.Identifier(build.schema))
