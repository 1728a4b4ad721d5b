"""What an administrator can do to the tables themselves: their indexes, columns, policies, rows.

The rows of the log are whole, and whoever reads a stream does not see all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from application.alarms import Alarm
from application.database import nameless
from application.fence import schema_fingerprint
from application.inspection import Check, Defect
from application.patrol import patrol
from application.seal_health import seal_health
from application.sealer import Sealer
from application.table_audit import (
    BY_INDEX,
    OURS,
    Index,
    as_wanted,
    only_by,
    planned,
    require_complete,
)
from application.verification import trust_of
from tests.conftest import Run
from tests.proof.ledger import Ledger
from tests.proof.test_attacks import found, verified

pytestmark = pytest.mark.attack

BY_STREAM = "log.event_originator_id_originator_version_key"
DESTROYED = "log.event_key_destroyed"
KEY_DESTROYED = "subject.key-destroyed.v1"


@contextmanager
def kept_from_new_rows(ledger: Ledger, index: str) -> Iterator[None]:
    """An index that takes no rows for a while, and looks as it did before afterwards."""
    query = "update pg_index set indisready = %s where indexrelid = %s::regclass"
    for ready in (False, True):
        with psycopg.connect(ledger.database.administrator) as attacker:
            attacker.execute(query, (ready, index))
        if not ready:
            yield


def fingerprint(ledger: Ledger) -> str:
    with psycopg.connect(ledger.database.reader, autocommit=True) as connection:
        return schema_fingerprint(connection)


def test_an_index_without_some_rows_is_found_although_the_table_has_them(ledger: Ledger) -> None:
    stream = ledger.record(3)
    ledger.record(300)
    ledger.seal()
    before = fingerprint(ledger)
    with kept_from_new_rows(ledger, BY_STREAM):
        ledger.record(2, stream)
        assert fingerprint(ledger) != before, "and the fence sees it while it lasts"
    ledger.seal()
    assert len(ledger.records.recorder.select_events(stream)) == 3, "two are hidden"
    assert found(verified(ledger)) == (305, Check.TABLES)
    went = patrol(ledger.database.reader, ledger.settings, trust_of(ledger.settings), 1)
    assert went.defect is not None
    assert (went.defect.position, went.defect.check) == (305, Check.TABLES)


@contextmanager
def places_left_behind(ledger: Ledger, index: str, *rows: str) -> Iterator[None]:
    """Places of rows that never were, still named by an index, which takes no rows for a while.

    `rows` are stream, version, topic and position of each, in SQL.
    """
    never = """
        insert into log.event
        select {3}, {0}, {1}, {2}, state, recorded_at, author, signature, leaf
        from log.event where position = 2
    """
    with psycopg.connect(ledger.database.administrator) as attacker:
        for row in rows:
            attacker.execute(never.format(*row.split(", ")))
        attacker.rollback()
    with kept_from_new_rows(ledger, index):
        with psycopg.connect(ledger.database.administrator, autocommit=True) as attacker:
            attacker.execute("vacuum (index_cleanup on, truncate false) log.event")
        yield


def stream_and_version(stream: UUID, version: int, position: int = 999) -> str:
    return f"'{stream}', {version}, topic, {position}"


def versions_of(ledger: Ledger, stream: UUID) -> list[int]:
    """As whoever reads a stream by its index sees it."""
    by_stream = (
        "select originator_version from log.event where originator_id = %s"
        " order by originator_version"
    )
    with psycopg.connect(ledger.database.reader) as connection:
        connection.execute("set enable_seqscan = off")
        return [version for (version,) in connection.execute(by_stream, (stream,))]


@pytest.mark.parametrize(
    "beside", [0x1234, 1], ids=["anywhere", "where the row itself would stand in its order"]
)
def test_a_row_that_came_to_where_one_of_another_name_had_lain_is_found(
    ledger: Ledger, beside: int
) -> None:
    """The index has as many entries as there are rows, and one of them names another stream."""
    stream = ledger.record(3)
    ledger.record(5)
    ledger.seal()
    before = fingerprint(ledger)
    another = UUID(int=stream.int ^ beside if beside != 1 else stream.int + 1)
    with places_left_behind(ledger, BY_STREAM, stream_and_version(another, 1)):
        ledger.record(1, stream)
    assert fingerprint(ledger) == before
    assert versions_of(ledger, stream) == [1, 2, 3], "the fourth is hidden"
    ledger.seal()
    assert found(verified(ledger)) == (10, Check.TABLES)
    went = patrol(ledger.database.reader, ledger.settings, trust_of(ledger.settings), 1)
    assert went.defect is not None
    assert (went.defect.position, went.defect.check) == (10, Check.TABLES)


def test_two_rows_that_lie_where_the_other_should_are_found(ledger: Ledger) -> None:
    """The index names each of the rows, and leads to the other."""
    one, other = ledger.record(2), ledger.record(2)
    ledger.seal()
    rows = stream_and_version(other, 3, 998), stream_and_version(one, 3, 999)
    with places_left_behind(ledger, BY_STREAM, *rows):
        ledger.record(1, one)
        ledger.record(1, other)
    ledger.seal()
    assert found(verified(ledger)) == (6, Check.TABLES)


def test_an_index_of_some_rows_that_leads_to_others_is_found(ledger: Ledger) -> None:
    """A destroyed key that is in no index, and another row that stands there in its stead."""
    ledger.record(3)
    row = "select {}, gen_random_uuid(), 1, {}, state, recorded_at, author, signature, leaf"
    destroyed = f"gen_random_uuid(), 1, '{KEY_DESTROYED}', 5"
    with (
        places_left_behind(ledger, DESTROYED, destroyed),
        psycopg.connect(ledger.database.administrator) as attacker,
    ):
        for position, topic in ((5, "topic"), (6, f"'{KEY_DESTROYED}'")):
            a_row = row.format(position, topic)
            attacker.execute(f"insert into log.event {a_row} from log.event where position = 2")
    with (
        psycopg.connect(ledger.database.reader, autocommit=True) as connection,
        pytest.raises(Defect, match="Position 6: the index event_key_destroyed"),
    ):
        require_complete(connection)


@pytest.mark.parametrize("index", OURS, ids=[index.name for index in OURS])
def test_an_index_is_read_alone_and_then_with_its_rows(ledger: Ledger, index: Index) -> None:
    """Else what is compared would come from one reading, or be put in order by another."""
    ledger.record(300)
    ledger.seal()
    with psycopg.connect(ledger.database.reader) as connection:
        only_by(connection, BY_INDEX)
        plan = planned(connection, index)
    alone, with_rows = f"Index Only Scan using {index.name} ", f" Index Scan using {index.name} "
    assert (plan.count(alone), plan.count(with_rows), plan.count("Scan")) == (1, 1, 2)
    assert "Sort" not in plan
    assert as_wanted(plan, index)


@pytest.mark.parametrize(
    ("attack", "said"),
    [
        ("alter table log.event drop constraint event_pkey;"
         "create unique index event_pkey on log.event (position desc, leaf)", "does not read"),
        ("alter table log.event drop constraint event_pkey;"
         "create unique index event_pkey on log.event (leaf)", "does not read"),
    ],
)  # fmt: skip
def test_an_index_in_another_order_under_the_name_of_ours_is_not_believed(
    ledger: Ledger, attack: str, said: str
) -> None:
    ledger.seal()
    with psycopg.connect(ledger.database.administrator) as attacker:
        attacker.execute(attack)
    assert said in verified(ledger).outcomes()[Check.TABLES]


def test_an_index_that_lets_two_rows_be_of_one_place_is_named(ledger: Ledger) -> None:
    ledger.seal()
    with psycopg.connect(ledger.database.administrator) as attacker:
        attacker.execute("alter table log.event drop constraint event_pkey")
        attacker.execute("create index event_pkey on log.event (position)")
    assert found(verified(ledger)) == (1, Check.TABLES)
    went = patrol(ledger.database.reader, ledger.settings, trust_of(ledger.settings), 1)
    assert "event_pkey of log.event lets two rows" in str(went.defect)


def test_two_checkpoints_of_one_size_are_named(ledger: Ledger) -> None:
    ledger.record(3)
    ledger.seal()
    ledger.attack(
        "alter table seal.timestamp drop constraint timestamp_size_fkey",
        "alter table seal.cosignature drop constraint cosignature_size_fkey",
        "alter table seal.checkpoint drop constraint checkpoint_pkey",
        "insert into seal.checkpoint select size, root, 'garbage', sealed_at from seal.checkpoint",
        "update seal.checkpoint set note = note where note <> 'garbage'",  # read last
        "create index checkpoint_pkey on seal.checkpoint (size)",
    )
    verification = verified(ledger)
    assert found(verification) == (4, Check.CHECKPOINTS)
    assert "more than one checkpoint of this size" in str(verification.defect)


def test_a_sealer_knows_what_it_sealed_itself_better_than_an_index(ledger: Ledger) -> None:
    """Who decides by what the index shows records a version twice; it is not sealed twice."""
    stream = ledger.record(3)
    with Sealer(ledger.database, ledger.settings) as sealer:
        sealer.seal_next()
        with kept_from_new_rows(ledger, BY_STREAM):
            ledger.record(1, stream)
        sealer.seal_next()
        ledger.versions[stream] = len(versions_of(ledger, stream))
        ledger.record(1, stream)
        with pytest.raises(Alarm, match=f"version 4 of {stream} comes where 5 belongs"):
            sealer.seal_next()


@pytest.mark.parametrize(
    ("attack", "said"),
    [
        (f"update pg_index set indisready = false where indexrelid = '{DESTROYED}'::regclass",
         "not kept up with its table"),
        (f"drop index {DESTROYED}", "is missing"),
        ("alter table log.event enable row level security", "hides rows of log.event"),
        ("alter table log.event alter recorded_at type text", "recorded_at text"),
        ("alter table seal.checkpoint alter sealed_at type text", "sealed_at text"),
        ("alter table seal.timestamp alter token type text", "token text"),
        ("alter table seal.warning rename to w; alter table seal.tile rename to warning;"
         " create view seal.tile as select * from seal.warning", "no table of rows"),
    ],
)  # fmt: skip
def test_a_table_that_is_not_as_ours_is_named(ledger: Ledger, attack: str, said: str) -> None:
    ledger.record(3)
    ledger.seal()
    with psycopg.connect(ledger.database.administrator) as attacker:
        attacker.execute("drop view log.stored_events")  # else no column of it changes
        attacker.execute(attack)
        attacker.execute("grant select on all tables in schema seal to huhang_reader")
    verification = verified(ledger)
    assert found(verification)[1] is Check.TABLES
    assert said in str(verification.defect)
    went = patrol(ledger.database.reader, ledger.settings, trust_of(ledger.settings), 1)
    assert said in str(went.defect)


def test_an_index_of_somebody_else_is_one_by_which_rows_may_be_hidden(ledger: Ledger) -> None:
    ledger.seal()
    assert verified(ledger).outcomes()[Check.TABLES] == "passed"
    with psycopg.connect(ledger.database.administrator) as attacker:
        attacker.execute("create index further on log.event (originator_id, originator_version)")
    verification = verified(ledger)
    assert not verification.sound
    assert "none of ours, further" in verification.outcomes()[Check.TABLES]


@pytest.mark.parametrize(
    ("attack", "check"),
    [
        ("insert into seal.tile values (32767, 9223372036854775807, %(row)s, %(root)s)",
         Check.TILES),
        ("insert into seal.tile values (0, 9223372036854775807, %(row)s, %(root)s)", Check.TILES),
        ("alter table seal.tile drop constraint tile_pkey;"
         "alter table seal.tile alter level drop not null;"
         "insert into seal.tile values (null, 1, %(row)s, %(root)s)", Check.TILES),
        ("alter table seal.checkpoint drop constraint checkpoint_size_check;"
         "insert into seal.checkpoint values (-5, %(root)s, '', now())", Check.CHECKPOINTS),
        ("alter table seal.checkpoint drop constraint checkpoint_pkey cascade;"
         "alter table seal.checkpoint alter size drop not null;"
         "insert into seal.checkpoint values (null, %(root)s, '', now())", Check.CHECKPOINTS),
    ],
)  # fmt: skip
def test_a_row_of_the_seal_that_is_of_nothing_is_named(
    ledger: Ledger, attack: str, check: Check
) -> None:
    ledger.record(3)
    ledger.seal()
    with psycopg.connect(ledger.database.administrator) as attacker:
        for statement in attack.split(";"):
            attacker.execute(statement, {"row": bytes(8192), "root": bytes(32)})
    assert found(verified(ledger))[1] is check


@pytest.mark.parametrize("time", ["infinity", "-infinity", "2001-01-01", "2400-01-01"])
def test_a_checkpoint_of_a_time_at_which_it_was_not_sealed_is_named(
    ledger: Ledger, time: str
) -> None:
    ledger.record(3)
    ledger.seal()
    ledger.attack(f"update seal.checkpoint set sealed_at = '{time}'")
    verification = verified(ledger)
    assert not verification.sound
    assert verification.outcomes()[Check.SEALING_TIMES].startswith("FAILED: Position 4")
    assert seal_health(ledger.database, ledger.settings.home).sealing.sealed == 4


@pytest.mark.parametrize("said", [b"9" * 5000, b"\xff", b"9" * 19])
def test_a_patrol_begins_anew_where_it_cannot_read_how_far_it_came(
    ledger: Ledger, said: bytes
) -> None:
    ledger.seal()
    (ledger.settings.home / "seal" / "patrol").write_bytes(said)
    assert patrol(ledger.database.reader, ledger.settings, trust_of(ledger.settings), 1).sound


def test_nobody_elses_operator_or_setting_comes_between_a_query_and_its_rows(
    ledger: Ledger,
) -> None:
    """As `alter system set search_path` would bring it, and the settings of a database do."""
    stream = ledger.record(3)
    ledger.seal()
    before = fingerprint(ledger)
    with psycopg.connect(ledger.database.administrator, autocommit=True) as attacker:
        for statement in (
            "create schema evil",
            "grant usage on schema evil to public",
            "create function evil.never(uuid, uuid) returns boolean language sql as 'select false'",
            "create operator evil.= (leftarg = uuid, rightarg = uuid, function = evil.never)",
        ):
            attacker.execute(statement)
        assert fingerprint(ledger) != before
        for name, value in (
            ("search_path", "evil, pg_catalog"),
            ("datestyle", "SQL, DMY"),
            ("client_encoding", "SQL_ASCII"),
        ):
            of_database = SQL("alter database {} set {} to ").format(
                Identifier(attacker.info.dbname), Identifier(name)
            )
            attacker.execute(of_database + SQL(value if name == "search_path" else f"'{value}'"))
    further = Ledger.under(ledger.database, ledger.settings)
    assert len(further.records.recorder.select_events(stream)) == 3
    further.records.close()
    assert verified(ledger).sound


def test_rows_that_a_policy_hides_are_missed_loudly_by_whoever_reads(ledger: Ledger) -> None:
    stream = ledger.record(3)
    with psycopg.connect(ledger.database.administrator) as attacker:
        attacker.execute("alter table log.event enable row level security")
    with (
        psycopg.connect(ledger.database.application) as application,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"),
    ):
        application.execute("select from log.event where originator_id = %s", (stream,))


def test_the_fence_that_the_log_did_not_note_is_a_check_that_failed(
    ledger: Ledger, huhang: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record(3)
    ledger.seal()
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(ledger.database.administrator))
    monkeypatch.setenv("HUHANG_HOME", str(ledger.settings.home))
    code, out, _ = huhang("verify")
    assert (code, "fence around the log: passed" in out) == (0, True)
    with psycopg.connect(ledger.database.administrator) as attacker:
        attacker.execute("alter table log.event disable trigger user")
        attacker.execute("alter table log.event enable always trigger event_is_final")
    for arguments in (("verify",), ("verify", "--patrol", "1")):
        code, out, _ = huhang(*arguments)
        assert (code, "fence around the log: FAILED" in out) == (1, True)


@pytest.mark.parametrize(
    "attack",
    [
        "alter table log.event alter recorded_at type text",
        "alter table log.event enable row level security",
    ],
)
def test_a_log_that_cannot_be_read_is_named_by_every_command_that_looks(
    ledger: Ledger, attack: str, huhang: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record(3)
    ledger.seal()
    with psycopg.connect(ledger.database.administrator) as attacker:
        attacker.execute(attack)
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(ledger.database.administrator))
    monkeypatch.setenv("HUHANG_HOME", str(ledger.settings.home))
    code, out, _ = huhang("verify")
    assert (code, "tables and their indexes: FAILED: Position 1: " in out) == (1, True)
    code, _, err = huhang("seal", "--once")
    assert (code, "log.event" in err, len(err.splitlines())) == (1, True, 1)
