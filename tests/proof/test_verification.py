"""Whoever changes the past without the application's key is found out, by check and position.

The attacks are those of a superuser of the database, who may drop triggers and write any row.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import orjson
import psycopg
import pytest
from psycopg.rows import tuple_row

from application.alarms import Alarm
from application.beginning import begin, open_records
from application.codec import encode, statement_of
from application.database import Database
from application.fence import schema_fingerprint
from application.inspection import Check
from application.keys import author_of
from application.leaf import Digests
from application.records import Actor, Command, Records
from application.sealer import Sealer
from application.settings import DangerousSetting, Settings
from application.simulation import silently
from application.tree import root_of
from application.verification import Trust, Verification, verify
from domain import region_boundaries
from domain.log import AuthorKey
from domain.region import Region
from domain.region_events import Founding, RegionRenamed, region_id
from domain.values import RegionKind, RegionLevel, Role
from projections.projector import Projector
from tests.author import APPEND
from tests.unasked import Unasked

pytestmark = pytest.mark.attack

EVENTS = 5
Attack = Callable[[psycopg.Connection], object]


@pytest.fixture
def begun(database: Database, tmp_path: Path) -> Database:
    """A log of its beginning and a few renamings of one region."""
    settings = Settings(home=tmp_path)
    author = author_of(settings)
    records = Records(database, author, jurisdiction=Unasked)
    with psycopg.connect(database.application) as connection:
        fingerprint = schema_fingerprint(connection)
    begin(records, settings, author, fingerprint)
    for number in range(EVENTS - 1):
        found(records, number)
    records.close()
    sealed(database, settings)
    return database


def sealed(database: Database, settings: Settings) -> None:
    with Sealer(database, settings) as sealer:
        while sealer.seal_next() is not None:
            pass


def found(records: Records, number: int) -> None:
    founding = Founding(
        scheme="gb-t-2260",
        code=f"37{number:04}",
        name="某市",
        level=RegionLevel.PROVINCE,
        kind=RegionKind.PROVINCE,
        valid_from="2000-01-01",
    )
    by = Command(Actor(uuid4(), Role.ADMINISTRATOR, uuid4()), reason="启用")
    id_ = region_id(founding.scheme, founding.code, founding.valid_from)
    records.change(by, Region, id_, region_boundaries.establish, founding)


def verified(database: Database, known: AuthorKey | None = None) -> Verification:
    return verify(database.reader, silently, Trust(author=known))


def attacked(database: Database, *statements: str) -> Verification:
    with psycopg.connect(database.administrator) as attacker:
        attacker.execute("alter table log.event disable trigger user")
        for statement in statements:
            attacker.execute(statement)  # type: ignore[arg-type]
        attacker.execute("alter table log.event enable always trigger event_is_final")
    return verified(database)


def test_an_honest_log_is_sound_and_its_tree_is_that_of_its_leaves(begun: Database) -> None:
    verification = verified(begun)
    with psycopg.connect(begun.reader, row_factory=tuple_row) as connection:
        leaves = connection.execute("select leaf from log.event order by position").fetchall()
    assert verification.sound
    assert verification.size == EVENTS
    assert verification.root == root_of(leaf for (leaf,) in leaves)
    assert {said.partition(":")[0] for said in verification.outcomes().values()} == {
        "passed",
        "nothing to check",
    }


AGAIN = """
update log.event set leaf = log.leaf(
    position - 1, originator_id, originator_version, topic, recorded_at,
    (convert_from(state, 'UTF8')::jsonb #>> '{stamp,actor}')::uuid, '-', state,
    decode('%s', 'hex'), author, signature)
where position = 3
"""

ATTACKS = {
    "a row changed": (
        ["update log.event set state = replace(convert_from(state, 'UTF8'), '某市', '他市')::bytea"
         " where position = 3"],
        3, Check.LEAF,
    ),
    "a topic changed": (
        ["update log.event set topic = 'region.renamed.v1' where position = 3"], 3, Check.LEAF,
    ),
    "an actor changed": (
        ["update log.event set state = regexp_replace(convert_from(state, 'UTF8'),"
         " '\"actor\":\"[^\"]*\"',"
         " '\"actor\":\"00000000-0000-4000-8000-000000000000\"')::bytea where position = 3"],
        3, Check.LEAF,
    ),
    "a stream changed": (
        ["update log.event set originator_id = gen_random_uuid() where position = 3"],
        3, Check.LEAF,
    ),
    "a time changed": (
        ["update log.event set recorded_at = recorded_at + interval '1 microsecond'"
         " where position = 3"],
        3, Check.LEAF,
    ),
    "a time set back": (
        ["update log.event set recorded_at = '2001-01-01' where position = 3"], 3, Check.TIMES,
    ),
    "a leaf changed": (
        ["update log.event set leaf = sha256(leaf) where position = 3"], 3, Check.LEAF,
    ),
    "an old row removed": (["delete from log.event where position = 2"], 2, Check.DENSE),
    "two rows swapped": (
        ["update log.event set position = -position where position in (2, 3)",
         "update log.event set position = 5 + position where position < 0"],
        2, Check.LEAF,
    ),
    "old rows removed": (["delete from log.event where position in (2, 3)"], 2, Check.DENSE),
    "a first row at no time": (
        ["update log.event set recorded_at = 'infinity' where position = 1"], 1, Check.TIMES,
    ),
    "a state emptied": (
        ["alter table log.event alter state drop not null",
         "update log.event set state = null where position = 3"],
        3, Check.LEAF,
    ),
    "a first state emptied": (
        ["alter table log.event alter state drop not null",
         "update log.event set state = null where position = 1"],
        1, Check.LEAF,
    ),
    "a time emptied": (
        ["alter table log.event alter recorded_at drop not null",
         "update log.event set recorded_at = null where position = 3"],
        3, Check.TIMES,
    ),
    "a first time emptied": (
        ["alter table log.event alter recorded_at drop not null",
         "update log.event set recorded_at = null where position = 1"],
        1, Check.TIMES,
    ),
    "a leaf emptied": (
        ["alter table log.event alter leaf drop not null",
         "update log.event set leaf = null where position = 5"],
        5, Check.LEAF,
    ),
    "a row of no position": (
        ["alter table log.event drop constraint event_pkey",
         "alter table log.event alter position drop not null",
         "insert into log.event select null, gen_random_uuid(), 1, topic, state, now(), author,"
         " signature, leaf from log.event where position = 5"],
        0, Check.DENSE,
    ),
    "a row moved to a table that inherits": (
        ["create table public.child () inherits (log.event)",
         "with moved as (delete from only log.event where position = 3 returning *)"
         " insert into public.child select * from moved"],
        3, Check.DENSE,
    ),
    "a row put in by plain SQL": (
        ["insert into log.event select 6, gen_random_uuid(), 1, topic, state, now(), author,"
         " signature, leaf from log.event where position = 5"],
        6, Check.LEAF,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_on_the_rows_is_named_with_its_position(begun: Database, name: str) -> None:
    statements, position, check = ATTACKS[name]
    verification = attacked(begun, *statements)
    assert not verification.sound
    assert verification.defect is not None
    assert (verification.defect.position, verification.defect.check) == (position, check)
    assert f"Position {position}: " in verification.outcomes()[check]


def test_a_row_changed_with_its_leaf_lacks_the_authors_signature(begun: Database) -> None:
    """Whoever can write the database can compute a leaf, but not sign as the application."""
    with psycopg.connect(begun.administrator) as attacker:
        attacker.execute("alter table log.event disable trigger user")
        state = attacker.execute(
            "update log.event set state = replace(convert_from(state, 'UTF8'), '某市', '他市')"
            "::bytea where position = 3 returning state"
        ).fetchone()
        assert state is not None
        attacker.execute(AGAIN % sm3(state[0]).hex())  # type: ignore[arg-type]
    verification = verified(begun)
    assert verification.defect is not None
    assert (verification.defect.position, verification.defect.check) == (3, Check.AUTHOR)


@pytest.mark.parametrize(
    ("author", "signed", "said"),
    [
        ("app1", "by the forger", "The signature of “app1” on leaf 5 does not hold."),
        ("app1", "as another row", "The signature of “app1” on leaf 5 does not hold."),
        ("app2", "by the forger", "Leaf 5 names an unknown author “app2”."),
    ],
)
def test_an_event_forged_through_the_append_function_lacks_its_author(
    begun: Database, tmp_path: Path, author: str, signed: str, said: str
) -> None:
    """A region renamed: the event is one that its region could have, the digests and leaf fit."""
    forger = author_of(Settings(home=tmp_path / "forger", instance=author))
    with psycopg.connect(begun.application, row_factory=tuple_row) as connection:
        row = connection.execute(
            "select originator_id, state, author, signature from log.event where position = 3"
        ).fetchone()
        assert row is not None
        stream, founded, registered, of_row_3 = row
        assert registered == "app1"
        fields = orjson.loads(founded)
        renamed = RegionRenamed(
            originator_id=stream,
            originator_version=2,
            place=fields["place"],
            stamp={**fields["stamp"], "request": uuid4()},
            before="某市",
            after="他市",
            effective_on="2020-01-01",
        )
        state = encode(renamed)
        statement = statement_of(stream, 2, renamed.topic, state)
        signature = statement.sign(forger.key) if signed == "by the forger" else of_row_3
        outcome = connection.execute(
            f"select outcome from {APPEND}",
            (
                [uuid4()], [b"forged"], [1], [stream], [2], [renamed.topic], [state],
                [statement.actor], ["-"], [statement.state.sm3], [signature], author,
            ),
        ).fetchone()  # fmt: skip
        assert outcome == ("recorded",)
    verification = verified(begun)
    assert verification.defect is not None
    assert (verification.defect.position, verification.defect.check) == (EVENTS + 1, Check.AUTHOR)
    assert verification.defect.what == said
    with pytest.raises(Alarm) as rung:
        sealed(begun, Settings(home=tmp_path))
    assert str(rung.value) == f"Position {EVENTS + 1}: {said} ({Check.AUTHOR})"


def test_an_author_that_nobody_registered_is_found(begun: Database, tmp_path: Path) -> None:
    stranger = author_of(Settings(home=tmp_path / "elsewhere", instance="app2"))
    records = Records(begun, stranger, jurisdiction=Unasked)
    found(records, 99)
    records.close()
    verification = verified(begun)
    assert verification.defect is not None
    assert verification.defect.check == Check.AUTHOR
    assert "app2" in verification.defect.what


def test_a_log_rewritten_whole_under_another_key_is_found_by_the_key_kept_outside(
    database: Database, tmp_path: Path
) -> None:
    """An administrator without our key can make a log of his own that is sound in itself."""
    forger = Settings(home=tmp_path / "forger")
    author = author_of(forger)
    records = Records(database, author, jurisdiction=Unasked)
    begin(records, forger, author, "0" * 64)
    records.close()
    sealed(database, forger)
    assert verified(database).sound
    ours = author_of(Settings(home=tmp_path / "ours")).registered
    verification = verified(database, ours)
    assert verification.defect is not None
    assert (verification.defect.position, verification.defect.check) == (1, Check.KEYS)


def test_keys_put_in_after_the_beginning_are_not_believed(begun: Database, tmp_path: Path) -> None:
    """The row is put in with its right leaf and the forger's own signature."""
    forger = author_of(Settings(home=tmp_path / "forger", instance="app2"))
    key = forger.registered.key
    with psycopg.connect(begun.administrator) as attacker:
        row = attacker.execute(
            "select originator_id, topic, state, recorded_at from log.event where position = 1"
        ).fetchone()
        assert row is not None
        stream, topic, state, recorded_at = row
        fields = orjson.loads(state)
        fields["keys"]["authors"] = [{"name": "app2", "key": key}]
        forged = orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
        said = statement_of(stream, 2, topic, forged)
        recorded_at = attacker.execute("select max(recorded_at) from log.event").fetchone()
        signature = said.sign(forger.key)
        attacker.execute(
            "insert into log.event values (%s, %s, 2, %s, %s, %s, 'app2', %s,"
            " log.leaf(%s, %s, 2, %s, %s, %s, '-', %s, %s, 'app2', %s))",
            (
                EVENTS + 1, stream, topic, forged, recorded_at[0], signature,
                EVENTS, stream, topic, recorded_at[0], said.actor, forged, said.state.sm3,
                signature,
            ),
        )  # fmt: skip
    verification = verified(begun)
    assert verification.defect is not None
    assert (verification.defect.position, verification.defect.check) == (EVENTS + 1, Check.AUTHOR)


@pytest.mark.parametrize("state", ["{}", "nonsense", '{"stamp":{"actor":7}}', "[]"])
def test_a_beginning_that_cannot_be_read_is_a_defect_and_no_crash(
    begun: Database, state: str
) -> None:
    verification = attacked(begun, f"update log.event set state = '{state}' where position = 1")
    assert not verification.sound
    assert verification.defect is not None
    assert (verification.defect.position, verification.defect.check) == (1, Check.LEAF)


def test_no_other_key_records_under_a_registered_name(begun: Database, tmp_path: Path) -> None:
    with pytest.raises(DangerousSetting, match="does not know the key"):
        open_records(begun, Settings(home=tmp_path / "elsewhere"))
    open_records(begun, Settings(home=tmp_path)).close()


def test_of_two_that_begin_the_log_one_does(database: Database, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    author = author_of(settings)
    records = Records(database, author, jurisdiction=Unasked)
    for _ in range(2):
        begin(records, settings, author, "0" * 64)
    records.close()
    assert verified(database, author.registered).size == 1


def test_a_log_without_its_keys_says_which_check_could_not_run(
    database: Database, records: Records
) -> None:
    found(records, 1)
    verification = verified(database)
    assert not verification.sound
    assert verification.unchecked.keys() == {Check.AUTHOR, Check.CHECKPOINTS}
    assert verification.outcomes()[Check.AUTHOR].startswith("COULD NOT RUN")
    known = verified(database, AuthorKey(name="app1", key="A" * 43 + "="))
    assert known.outcomes()[Check.KEYS].startswith("COULD NOT RUN: the log does not begin with")


ON_DATABASE = (
    "do $$ begin execute format('grant {} on database %I to public', current_database()); end $$"
)


@pytest.mark.parametrize(
    "statement",
    [
        "alter table log.event disable trigger event_is_final",
        "grant update on log.event to huhang_application",
        "alter table log.event add column note text",
        "create or replace function log.refuse() returns trigger language plpgsql"
        " as $$ begin return null; end $$",
        "create role evil superuser login",
        "create role evil bypassrls",
        "create role evil createrole",
        "create role evil replication",
        "create role go_between in role huhang_owner; create role evil in role go_between",
        "create role evil; grant postgres to evil",
        "create role evil; grant pg_execute_server_program to evil",
        "create table public.child () inherits (log.event)",
        "create table public.child () inherits (seal.checkpoint)",
        "create table public.child () inherits (build_1.journal)",
        "create publication evil for table log.event",
        "create publication evil for tables in schema vault",
        "create publication evil for all tables",
        "create subscription evil connection 'dbname=evil' publication evil with (connect = false)",
        "create trigger evil before insert on build_1.rollup for each row"
        " execute function suppress_redundant_updates_trigger()",
        "create rule evil as on update to build_1.journal do instead nothing",
        "create table public.t (x text); create rule evil as on insert to public.t"
        " do also select * from vault.key",
        "create view reading.evil as select * from vault.key",
        "create view build_1.evil as select * from identity.password",
        "create materialized view build_1.evil as select position from log.event, vault.key",
        "create function pg_catalog.max(bigint, bigint) returns bigint language sql as 'select 1'",
        "create foreign data wrapper evil; create server evil foreign data wrapper evil;"
        "create user mapping for public server evil",
        "alter default privileges in schema vault grant select on tables to huhang_reader",
        "alter default privileges grant select on tables to public",
        "grant create on schema public to public",
        ON_DATABASE.format("connect"),
        ON_DATABASE.format("create"),
        ON_DATABASE.format("temporary"),
        "alter table vault.term disable trigger all",
        "alter table vault.term disable trigger all; alter table vault.term enable trigger all",
        "update pg_class set relhastriggers = false where oid = 'log.event'::regclass",
        "update pg_class set relhasindex = false where oid = 'log.event'::regclass",
        "update pg_class set relhasrules = true where oid = 'log.event'::regclass",
        "update pg_class set relchecks = 0 where oid = 'vault.key'::regclass",
        "update pg_index set indisready = false where indexrelid = 'log.event_pkey'::regclass",
        "update pg_index set indislive = false where indexrelid = 'log.event_pkey'::regclass",
        "update pg_index set indisvalid = false where indexrelid = 'log.event_pkey'::regclass",
        "update pg_index set indisunique = false where indexrelid = 'log.event_pkey'::regclass",
        "update pg_index set indimmediate = false where indexrelid = 'log.event_pkey'::regclass",
        "alter role huhang_sealer connection limit 0",
        "alter role huhang_vault valid until '2000-01-01'",
        "create cast (text as integer) with inout as implicit",
        "create default conversion public.evil for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8",
    ],
)
def test_the_fingerprint_tells_what_opens_the_fence(begun: Database, statement: str) -> None:
    Projector(begun).catch_up()
    with psycopg.connect(begun.administrator) as connection:
        before = schema_fingerprint(connection)
        assert schema_fingerprint(connection) == before
        with connection.transaction(force_rollback=True):
            connection.execute(statement)  # type: ignore[arg-type]
            assert schema_fingerprint(connection) != before
        assert schema_fingerprint(connection) == before


def test_the_fingerprint_is_the_same_for_whoever_looks_and_after_a_rebuild(begun: Database) -> None:
    def seen() -> set[str]:
        found = set()
        for who in (begun.administrator, begun.application, begun.reader):
            with psycopg.connect(who) as connection:
                found.add(schema_fingerprint(connection))
        return found

    before = seen()
    assert len(before) == 1
    Projector(begun).catch_up()
    Projector(begun).rebuild(1)
    assert seen() == before


def sm3(state: bytes) -> bytes:
    return Digests.of(state).sm3
