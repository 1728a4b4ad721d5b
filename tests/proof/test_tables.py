"""What an administrator can do to the tables themselves: their indexes, columns, policies, rows.

The rows of the log are whole, and whoever reads a stream does not see all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from application.database import nameless
from application.fence import schema_fingerprint
from application.inspection import Check
from application.patrol import patrol
from application.seal_health import seal_health
from application.verification import trust_of
from tests.conftest import Run
from tests.proof.ledger import Ledger
from tests.proof.test_attacks import found, verified

BY_STREAM = "log.event_originator_id_originator_version_key"
DESTROYED = "log.event_key_destroyed"


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
    assert found(verified(ledger)) == (4, Check.CHECKPOINTS)
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
