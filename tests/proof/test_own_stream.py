"""Rows of the log's own stream that no instance of ours signed.

Who has the application's login of the database, and no key of ours, appends them.
"""

from __future__ import annotations

import re
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from api.upkeep import is_due, note, watch_fence
from application.alarms import Alarm, numbered, settle, standing
from application.beginning import by_the_system, open_records
from application.database import Database
from application.eventlog import head
from application.fence import fence_now, note_fence, schema_fingerprint
from application.heads import note_heads
from application.keys import author_of
from application.log_stream import beginning_of, newest_noted
from application.records import Records
from application.simulation import silently
from application.verification import trust_of, verify
from domain.log import (
    LOG_ID,
    AuthorKey,
    AuthorRegistered,
    Log,
    LogGenesis,
    ReadingsDigested,
    SchemaChanged,
    Sm2KeyRegistered,
    StreamHeads,
)
from projections.projector import Halted, Projector
from tests.conftest import Run
from tests.proof.ledger import Ledger
from tests.unasked import Unasked

pytestmark = pytest.mark.attack

DOCUMENT = Path(__file__).parents[2] / "docs" / "audit.md"

APPEND = """
select outcome from log.append(
    array[gen_random_uuid()], array[sha256('x')], array[1], array[%s::uuid],
    array[(
        select coalesce(max(originator_version), 0) + 1 from log.event where originator_id = %s
    )],
    array[%s], array[%s::bytea], array[gen_random_uuid()], array['-'],
    array[sha256('x')], array[decode(repeat('00', 64), 'hex')], 'app1'
)
"""
MANY = """
select outcome from log.append(
    array[gen_random_uuid()], array[sha256('x')], array[%(many)s::int],
    array_fill(%(stream)s::uuid, array[%(many)s]),
    array(select version::bigint from generate_series(2, %(many)s + 1) version),
    array_fill(%(topic)s::text, array[%(many)s]), array_fill('3'::bytea, array[%(many)s]),
    array_fill(gen_random_uuid(), array[%(many)s]), array_fill('-'::text, array[%(many)s]),
    array_fill(sha256('x'), array[%(many)s]),
    array_fill(decode(repeat('00', 64), 'hex'), array[%(many)s]), 'app1'
)
"""
STAMP = {
    "actor": str(uuid4()),
    "role": "system",
    "office": str(LOG_ID),
    "occurred": "2026-11-28T00:00:00Z",
    "request": str(uuid4()),
}
OTHER_KEY = "A" * 43 + "="


class Counting(psycopg.Cursor[Any]):
    """A cursor that counts what is asked of the server."""

    queries = 0

    def execute(self, *args: Any, **kwargs: Any) -> Counting:
        Counting.queries += 1
        return super().execute(*args, **kwargs)


def append(ledger: Ledger, topic: str, state: bytes, stream: UUID = LOG_ID) -> int:
    """Append, to the log's own stream, as the application's role does, without a key; its place."""
    return append_to(ledger.database, topic, state, stream)


def append_to(database: Database, topic: str, state: bytes, stream: UUID) -> int:
    """The same, to any stream of a log."""
    with psycopg.connect(database.application, autocommit=True) as connection:
        appended = connection.execute(APPEND, (stream, stream, topic, state)).fetchone()
        assert appended == ("recorded",)
        return head(connection)


def said(**fields: Any) -> bytes:
    """A state like those of ours."""
    return orjson.dumps({"stamp": STAMP, **fields}, option=orjson.OPT_SORT_KEYS)


RUBBISH = [
    (LogGenesis.topic, b"null"),
    (LogGenesis.topic, b"\xff"),
    (AuthorRegistered.topic, b"[]"),
    (AuthorRegistered.topic, b"9" * 5000),
    (AuthorRegistered.topic, b'{"stamp":{"actor":5}}'),
    (AuthorRegistered.topic, said(author={"name": "app1", "key": OTHER_KEY})),
    (AuthorRegistered.topic, said(author={"name": "app9", "key": OTHER_KEY})),
    (Sm2KeyRegistered.topic, said(key="BA" + "A" * 85 + "=")),
    (StreamHeads.topic, b"12"),
    (StreamHeads.topic, said(size=2**63 - 1, streams=1, root="0" * 64)),
    (SchemaChanged.topic, b"3"),
    (SchemaChanged.topic, said(before="0" * 64, after="1" * 64)),
    (ReadingsDigested.topic, b"{}"),
]


@pytest.mark.parametrize(("topic", "state"), RUBBISH)
def test_a_row_that_nobody_signed_stops_no_start_and_nothing_that_the_log_notes(
    ledger: Ledger, topic: str, state: bytes
) -> None:
    ledger.record(3)
    ledger.seal()
    at = append(ledger, topic, state)
    by = by_the_system(author_of(ledger.settings))
    home = ledger.settings.home
    records = open_records(ledger.database, ledger.settings, Unasked)
    try:
        assert f"row at position {at} is one of the log's own, and no instance" in (
            standing(home) or ""
        )
        with psycopg.connect(ledger.database.application, autocommit=True) as connection:
            assert fence_now(connection, beginning_of(connection)) == "passed"
            assert note_fence(connection, records, by) is None
            assert not is_due(connection, datetime.now(UTC))
            heads = note_heads(connection, records, by, home)
            assert heads is not None
            noted = newest_noted(connection, StreamHeads, head(connection))
            assert noted is not None
            assert (noted[0], noted[1].size) == (heads.last_position, at)
        author = AuthorKey(name="app9", key=OTHER_KEY)
        records.change(
            by_the_system(author_of(ledger.settings)), Log, LOG_ID, Log.register_author, author
        )
        log = records.find(Log, LOG_ID)
        assert log is not None
        assert set(log.authors) == {"app1", "app9"}
    finally:
        records.close()
    with pytest.raises(Alarm, match=f"Position {at}:"):
        ledger.seal()


@pytest.mark.parametrize("topic", ["unknown.v1", "x\n\x1b[2J" * 50])
def test_nor_does_one_of_a_topic_that_nobody_knows(ledger: Ledger, topic: str) -> None:
    append(ledger, topic, b"{}")
    open_records(ledger.database, ledger.settings, Unasked).close()
    with pytest.raises(Alarm, match="Position 2:"):
        ledger.seal()


def test_the_night_is_noted_behind_it(
    ledger: Ledger, huhang: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUHANG_HOME", str(ledger.settings.home))
    monkeypatch.setenv("HUHANG_DATABASE_URL", make_conninfo(ledger.database.administrator))
    at = append(ledger, SchemaChanged.topic, b"3")
    code, out, _ = huhang("nightly")
    assert (code, out) == (0, f"Noted at {at + 1}, {at + 2}.\n")
    assert f"position {at} is one of the log's own" in huhang("alarms")[1].replace("\n", " ")


def test_it_rings_once_while_a_process_runs(ledger: Ledger) -> None:
    home, rung = ledger.settings.home, list[Exception]()
    append(ledger, SchemaChanged.topic, b"3")
    records = Records(
        ledger.database, author_of(ledger.settings), jurisdiction=Unasked, alarm=rung.append
    )
    records.find(Log, LOG_ID)
    records.find(Log, LOG_ID)
    append(ledger, StreamHeads.topic, b"3")
    records.find(Log, LOG_ID)
    records.close()
    assert [str(alarm)[:22] for alarm in rung] == [
        "The row at position 2 ",
        "The row at position 3 ",
    ]
    open_records(ledger.database, ledger.settings, Unasked).close()
    settle(home, "who had the password is known", numbered(home))
    open_records(ledger.database, ledger.settings, Unasked).close()
    (again,) = numbered(home).values()
    assert again.startswith(
        "The row at position 2 is one of the log's own, and no instance of ours"
    )
    assert "signed it, nor 1 other like it" in again, "another start says it again, in one alarm"


def test_many_of_them_are_read_at_once_and_ring_once(ledger: Ledger) -> None:
    home, many = ledger.settings.home, 2500
    asked = {"many": many, "stream": LOG_ID, "topic": SchemaChanged.topic}
    with psycopg.connect(
        ledger.database.application, autocommit=True, cursor_factory=Counting
    ) as connection:
        assert connection.execute(MANY, asked).fetchone() == ("recorded",)
        Counting.queries = 0
        assert newest_noted(connection, SchemaChanged, many + 1) is None
        assert Counting.queries <= 8, "pages of 1, 10, 100 and thousands, and what the log says"
    open_records(ledger.database, ledger.settings, Unasked).close()
    (alarm,) = numbered(home).values()
    assert "position 2 is one" in alarm
    assert "nor 2,499 others like it" in alarm


def test_the_fence_does_not_pass_by_a_row_that_nobody_signed(ledger: Ledger) -> None:
    """Else who takes it away says so himself, and nothing rings."""
    by = by_the_system(author_of(ledger.settings))
    with psycopg.connect(ledger.database.administrator, autocommit=True) as administrator:
        assert fence_now(administrator, beginning_of(administrator)) == "passed"
        administrator.execute("create table log.hidden ()")
        now = schema_fingerprint(administrator)
        append(ledger, SchemaChanged.topic, said(before="0" * 64, after=now))
        assert fence_now(administrator, beginning_of(administrator)).startswith("FAILED: ")
        receipt = watch_fence(administrator, ledger.settings, ledger.records)
        assert receipt is not None
        noted = newest_noted(administrator, SchemaChanged, receipt.last_position)
        assert noted is not None
        assert (noted[0], noted[1].after) == (receipt.last_position, now)
        assert fence_now(administrator, beginning_of(administrator)) == "passed"
        assert note_fence(administrator, ledger.records, by) is None
    assert "was changed, as position 3 notes" in (standing(ledger.settings.home) or "")


def test_what_the_read_models_do_not_read_does_not_halt_them(ledger: Ledger) -> None:
    ledger.record(2)
    for topic, state in RUBBISH:
        append(ledger, topic, state)
    ledger.record(2)
    projector = Projector(ledger.database)
    with psycopg.connect(ledger.database.application, autocommit=True) as connection:
        assert projector.catch_up() == head(connection)
        assert all(note(connection, ledger.settings, ledger.records))


def cut_off(ledger: Ledger, first: int) -> None:
    """What docs/audit.md lets an administrator do when such a row ended the sealing."""
    block = re.search(
        r"test_own_stream.py runs this block. -->\n +```sql\n(.*?)```", DOCUMENT.read_text(), re.S
    )
    assert block is not None
    assert "'13'" in block[1]
    with psycopg.connect(ledger.database.administrator, autocommit=True) as administrator:
        administrator.execute(block[1].replace("'13'", f"'{first}'"))


def test_what_was_recorded_by_itself_before_such_a_row_stays(ledger: Ledger) -> None:
    """It is not sealed yet, and whole."""
    stream = ledger.record(3)
    sealed = ledger.seal()
    for _ in range(2):
        ledger.record(1, stream)
    at = append(ledger, SchemaChanged.topic, b"3")
    assert at == sealed + 3
    cut_off(ledger, at)
    assert positions(ledger) == [*range(1, at)]


@pytest.mark.parametrize(
    ("topic", "of", "halted"), [(SchemaChanged.topic, LOG_ID, False), ("x.v1", UUID(int=7), True)]
)
def test_the_log_is_cut_off_in_front_of_such_a_row_and_goes_on(
    ledger: Ledger, topic: str, of: UUID, halted: bool
) -> None:
    stream = ledger.record(3)
    assert ledger.seal() == 4
    at = append(ledger, topic, b"3", of)
    ledger.record(2, stream)
    projector = Projector(ledger.database)
    with pytest.raises(Halted) if halted else nullcontext():
        projector.catch_up()
    with pytest.raises(Alarm, match=f"Position {at}:"):
        ledger.seal()
    cut_off(ledger, at)
    ledger.versions[stream] -= 2
    assert projector.rebuild(despite=lambda _: None).position == at - 1
    assert ledger.seal() == at - 1
    with psycopg.connect(ledger.database.application, autocommit=True) as connection:
        assert watch_fence(connection, ledger.settings, ledger.records) is not None
        ledger.record(2, stream)
        assert ledger.seal() == at + 2
        assert projector.catch_up() == at + 2
        projector.check()
        assert all(note(connection, ledger.settings, ledger.records))
        assert fence_now(connection, beginning_of(connection)) == "passed"
    ledger.seal()
    found = verify(ledger.database.reader, silently, trust_of(ledger.settings))
    assert found.sound, found.defect


def test_nothing_is_cut_off_in_the_midst_of_what_was_recorded_together(ledger: Ledger) -> None:
    """Half of it would stand for good, and nobody could repeat the whole."""
    stream = ledger.record(3)
    assert ledger.seal() == 4
    ledger.record(4, stream)
    ledger.attack("update log.event set state = '3' where position = 7")
    with pytest.raises(Alarm, match="Position 7:"):
        ledger.seal()
    for inside in (6, 7, 8):
        with pytest.raises(psycopg.errors.RaiseException, match="Say 5 instead"):
            cut_off(ledger, inside)
    assert positions(ledger) == [1, 2, 3, 4, 5, 6, 7, 8]
    cut_off(ledger, 5)
    assert positions(ledger) == [1, 2, 3, 4]
    ledger.versions[stream] -= 4
    ledger.record(4, stream)
    assert ledger.seal() == 8
    found = verify(ledger.database.reader, silently, trust_of(ledger.settings))
    assert found.sound, found.defect


def test_of_what_is_sealed_in_part_the_rest_is_cut_off(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that is sealed may end in the midst of it."""
    for limit in ("application.sealer.PAGE", "application.inspection.PAGE"):
        monkeypatch.setattr(limit, 3)
    ledger.record(9)
    ledger.attack("update log.event set state = '3' where position = 9")
    with pytest.raises(Alarm, match="Position 9:"):
        ledger.seal()
    for inside in (8, 9, 10):
        with pytest.raises(psycopg.errors.RaiseException, match="Say 7 instead"):
            cut_off(ledger, inside)
    with pytest.raises(psycopg.errors.RaiseException, match="sealed"):
        cut_off(ledger, 6)
    cut_off(ledger, 7)
    assert positions(ledger) == [1, 2, 3, 4, 5, 6]
    assert ledger.seal() == 6


def positions(ledger: Ledger) -> list[int]:
    with psycopg.connect(ledger.database.reader) as connection:
        rows = connection.execute("select position from log.event order by position")
        return [position for (position,) in rows]


def test_nothing_that_is_sealed_is_cut_off(ledger: Ledger) -> None:
    ledger.record(3)
    assert ledger.seal() == 4
    with pytest.raises(psycopg.errors.RaiseException, match="sealed"):
        cut_off(ledger, 4)
    ledger.record(1)
    assert ledger.seal() == 5
