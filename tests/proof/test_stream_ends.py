"""How far streams go: known by what is sealed, whatever the database shows for a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from api.upkeep import know_ends
from application import stream_ends
from application.alarms import standing
from application.beginning import by_the_system, open_records
from application.first_event import AnotherBeginning, first_file, note_first
from application.heads import note_heads
from application.inspection import Defect, SealedRow, read_rows
from application.keys import author_of
from application.memory import Memory
from application.stream_ends import StreamEnds, require_whole
from tests.proof.ledger import Ledger
from tests.unasked import Unasked

Connection = psycopg.Connection[Any]


@pytest.fixture
def connection(ledger: Ledger) -> Iterator[Connection]:
    """A connection as the application has it."""
    with psycopg.connect(ledger.database.application, autocommit=True) as connection:
        yield connection


def ends(ledger: Ledger) -> StreamEnds:
    """What a process knows that starts now."""
    return StreamEnds(ledger.settings.home)


def heads_noted(ledger: Ledger) -> None:
    by = by_the_system(author_of(ledger.settings))
    with psycopg.connect(ledger.database.application, autocommit=True) as connection:
        assert note_heads(connection, ledger.records, by, ledger.settings.home)


def renamed(ledger: Ledger, stream: UUID, version: int) -> None:
    """Hide a stream's rows from a version on."""
    ledger.attack(
        f"update log.event set originator_id = '{uuid4()}'"
        f" where originator_id = '{stream}' and originator_version >= {version}"
    )


def test_a_stream_goes_as_far_as_it_is_sealed(ledger: Ledger, connection: Connection) -> None:
    known, stream = ends(ledger), ledger.record(3)
    assert known.of(connection, stream) == (0, 0), "nothing is sealed"
    ledger.seal()
    assert known.of(connection, stream) == ends(ledger).of(connection, stream) == (3, 3)
    ledger.record(2, stream)
    assert known.of(connection, stream) == (3, 3)
    known.met(stream, 5)
    known.met(stream, 4)
    assert known.of(connection, stream) == (3, 5)
    ledger.seal()
    assert known.of(connection, stream) == (5, 5)
    assert known.of(connection, uuid4()) == (0, 0)


@pytest.mark.parametrize("noted", [False, True])
def test_who_hides_what_is_sealed_from_the_start_is_met(
    ledger: Ledger, connection: Connection, *, noted: bool
) -> None:
    stream = ledger.record(3)
    ledger.record(2)
    ledger.seal()
    if noted:
        heads_noted(ledger)
        ledger.record(1)
        ledger.seal()
    known = ends(ledger)
    assert known.of(connection, stream) == (3, 3)
    renamed(ledger, stream, 3)
    assert known.of(connection, stream) == (3, 3)
    with pytest.raises(Defect, match="Position 4: the row is not the one that its leaf"):
        ends(ledger).of(connection, stream)
    ledger.attack("update log.event set leaf = sha256('x') where position = 4")
    with pytest.raises(Defect):
        ends(ledger).of(connection, stream)


def test_of_what_the_heads_speak_is_not_inspected_again(
    ledger: Ledger, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, read = ledger.record(3), list[int]()

    def counted(connection: Connection, after: int, until: int) -> list[SealedRow]:
        read.append(after)
        return read_rows(connection, after, until)

    monkeypatch.setattr(stream_ends, "read_rows", counted)
    ledger.seal()
    heads_noted(ledger)
    ledger.seal()
    known = ends(ledger)
    assert known.of(connection, stream) == known.of(connection, stream) == (3, 3)
    assert read == [4]


def test_a_start_learns_how_far_streams_go_before_somebody_asks(
    ledger: Ledger, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = ledger.record(3)
    ledger.seal()
    with closing(open_records(ledger.database, ledger.settings, Unasked)) as records:
        know_ends(ledger.database, records)
        monkeypatch.delattr(stream_ends, "read_rows")  # nothing is left to be read
        assert records.ends is not None
        assert records.ends.of(connection, stream) == (3, 3)
    with closing(open_records(ledger.database, ledger.settings, Unasked)) as records:
        (ledger.settings.home / "seal" / "checkpoint").write_bytes(b"x")
        know_ends(ledger.database, records)
        assert standing(ledger.settings.home) is None, "said to who opens something"


def test_what_is_known_stays_while_an_older_checkpoint_is_shown(
    ledger: Ledger, connection: Connection
) -> None:
    stream = ledger.record(1)
    ledger.seal()
    ledger.record(1, stream)
    ledger.seal()
    memory = Memory(ledger.settings.home / "seal").read()
    known = ends(ledger)
    assert known.of(connection, stream) == (2, 2)
    ledger.attack("delete from seal.checkpoint where size = 3")
    assert known.of(connection, stream) == (2, 2)
    assert ends(ledger).of(connection, stream) == (2, 2), "the disk remembers it as well"
    assert memory == Memory(ledger.settings.home / "seal").read()


def test_a_note_that_the_log_did_not_sign_hides_none_before_it(
    ledger: Ledger, connection: Connection
) -> None:
    stream = ledger.record(1)
    ledger.seal()
    (ledger.settings.home / "seal" / "checkpoint").unlink()
    ledger.attack(
        "insert into seal.checkpoint (size, root, note, sealed_at)"
        " select 9, root, note, sealed_at from seal.checkpoint"
    )
    assert ends(ledger).of(connection, stream) == (1, 1)


def test_a_disk_that_cannot_be_read_is_told(ledger: Ledger, connection: Connection) -> None:
    ledger.record(1)
    ledger.seal()
    (ledger.settings.home / "seal" / "checkpoint").write_bytes(b"x")
    with pytest.raises(Defect, match="the checkpoint on this disk cannot be read"):
        ends(ledger).of(connection, uuid4())


def test_nothing_is_known_by_the_word_of_another_first_event(
    ledger: Ledger, connection: Connection
) -> None:
    stream = ledger.record(1)
    ledger.seal()
    first = first_file(ledger.settings.home)
    first.unlink(missing_ok=True)
    note_first(ledger.settings.home, bytes(32))
    with pytest.raises(AnotherBeginning):
        ends(ledger).of(connection, stream)


def rows_of(*rows: tuple[int, bool]) -> list[tuple[SealedRow, Any]]:
    """Rows of a stream by their versions, each signed or not."""
    return [
        (SealedRow(7 + version, UUID(int=1), version, "", b"", None, "", b"", b""), signed or None)  # type: ignore[arg-type]
        for version, signed in rows
    ]


@pytest.mark.parametrize(
    ("rows", "sealed", "known"),
    [
        ([(1, True), (2, True)], 3, 3),
        ([(1, True), (2, True)], 2, 3),
        ([(1, True), (3, True)], 0, 0),
        ([(1, True), (3, True)], 3, 3),
        ([(1, True), (2, False), (3, True)], 3, 3),
        ([(1, True), (2, True), (3, False)], 2, 3),
        ([], 1, 1),
    ],
)
def test_a_record_of_which_something_is_missing_is_not_whole(
    rows: list[tuple[int, bool]], sealed: int, known: int
) -> None:
    with pytest.raises(Defect, match="Position"):
        require_whole(UUID(int=1), rows_of(*rows), sealed, known)


@pytest.mark.parametrize(
    ("rows", "sealed", "known", "last"),
    [
        ([], 0, 0, 0),
        ([(1, True), (2, True)], 2, 2, 2),
        ([(1, True), (2, True)], 1, 1, 2),
        ([(1, True), (2, False)], 1, 1, 1),
        ([(1, False), (2, True), (3, False)], 0, 2, 2),
    ],
)
def test_what_nobody_signed_behind_the_seal_takes_nothing_away(
    rows: list[tuple[int, bool]], sealed: int, known: int, last: int
) -> None:
    assert require_whole(UUID(int=1), rows_of(*rows), sealed, known) == last
