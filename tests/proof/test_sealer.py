"""The sealer signs what it inspected, never two trees of one size, and stops at what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree, rmtree
from threading import Event

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from application import alarms
from application.alarms import Alarm
from application.database import Database, nameless
from application.first_seal import FirstSeal, NotGone
from application.inspection import Check
from application.keys import checkpoint_signers, signer_of
from application.memory import Busy, Memory
from application.note import Cosigner, Note, open_checkpoint
from application.patrol import patrol
from application.seal import (
    NotSealed,
    RolledBack,
    hashes_at,
    newest_checkpoint,
    proof_of,
    require_extension,
)
from application.sealer import Sealer, keep_sealed
from application.settings import DangerousSetting, Settings
from application.simulation import silently
from application.tree import (
    TILE_WIDTH,
    RightEdge,
    Tile,
    completed_tiles,
    leaf_hash,
    root_at,
    root_of,
)
from application.vault import require_continued
from application.verification import trust_of, verify
from tests.conftest import Run
from tests.proof.ledger import Ledger


def newest(ledger: Ledger):
    with psycopg.connect(ledger.database.reader) as connection:
        return newest_checkpoint(connection)


def test_what_was_recorded_is_sealed_under_the_root_of_its_leaves(ledger: Ledger) -> None:
    ledger.record(3)
    assert ledger.seal() == 4
    checkpoint = newest(ledger)
    verifier = ledger.signer.verifier
    opened = open_checkpoint(checkpoint.note, verifier.name, [verifier])
    assert opened.checkpoint.size == 4
    assert opened.checkpoint.root == ledger.root(4)


def test_a_checkpoint_is_signed_with_sm2_too_where_that_is_asked_for(ledger: Ledger) -> None:
    both = ledger.settings.model_copy(update={"sm2": True})
    with Sealer(ledger.database, both) as sealer:
        sealer.seal_next()
    first, second = checkpoint_signers(both)
    note = Note.parse(newest(ledger).note)
    signed = note.verified([first.verifier, second.verifier])
    assert signed.keys() == {first.verifier, second.verifier}


@pytest.mark.parametrize("size", [255, 256, 257])
def test_tiles_are_made_where_they_are_full(ledger: Ledger, size: int) -> None:
    ledger.record(size - 1)
    ledger.seal()
    ledger.record(300)
    ledger.seal()
    with psycopg.connect(ledger.database.reader) as connection:
        for known in (1, size, size + 300):
            assert root_at(known, hashes_at(connection, known)) == ledger.root(known)
        rows = connection.execute("select level, number from seal.tile order by 1, 2").fetchall()
    assert rows == [(tile.level, tile.number) for tile in completed_tiles(0, size + 300)]


def test_every_record_has_a_proof_under_the_newest_checkpoint(ledger: Ledger) -> None:
    ledger.record(300)
    ledger.seal()
    ledger.record(5)
    ledger.seal()
    verifier = ledger.signer.verifier
    with psycopg.connect(ledger.database.reader) as connection:
        for position, leaf in enumerate(ledger.leaves(), start=1):
            opened = proof_of(connection, position).check(leaf, verifier.name, [verifier])
            assert opened.checkpoint.size == 306


@pytest.mark.parametrize(("many", "witnessed"), [(0, 1), (150, 0)])
def test_what_somebody_wrote_among_the_cosignatures_stops_no_proof(
    ledger: Ledger, many: int, witnessed: int
) -> None:
    """Not even a line in the log's own name, which would take the place of its signature."""
    ledger.record(3)
    ledger.seal()
    checkpoint = newest(ledger)
    witness = Cosigner("witness.example/w1", bytes(range(1, 33)))
    good = witness.cosign(Note.parse(checkpoint.note).text, 1_700_000_000).line
    (own,) = Note.parse(checkpoint.note).signatures
    lines = {
        "witness.example/w0": "garbage",
        "witness.example/w1": good,
        "witness.example/w2": good,
        own.name: own._replace(value=bytes(64)).line,
        **{f"many.example/{n}": f"— many.example/{n} {'A' * 12}\n" for n in range(many)},
    }
    with psycopg.connect(ledger.database.administrator) as attacker:
        for name, line in lines.items():
            attacker.execute("insert into seal.cosignature values (4, %s, %s, now())", (name, line))
    verifier = ledger.signer.verifier
    with psycopg.connect(ledger.database.reader) as connection:
        message = proof_of(connection, 3).checkpoint
    opened = open_checkpoint(message, verifier.name, [verifier], [witness.verifier])
    assert len(opened.witnessed) == witnessed


def test_what_is_not_sealed_yet_has_no_proof(ledger: Ledger) -> None:
    ledger.seal()
    ledger.record(1)
    with psycopg.connect(ledger.database.reader) as connection, pytest.raises(NotSealed):
        proof_of(connection, 2)


def test_a_sealer_that_starts_again_goes_on(ledger: Ledger) -> None:
    for events in (1, 254, 1, 300, 7):
        ledger.record(events)
        size = ledger.seal()
        assert newest(ledger).root == ledger.root(size)


def test_a_checkpoint_that_was_signed_before_a_crash_is_the_one_published(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record(300)
    with monkeypatch.context() as crash:
        crash.setattr(Sealer, "_publish", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ledger.seal()
    signed = Memory(ledger.settings.home / "seal").read()
    assert newest(ledger) is None
    ledger.record(5)
    ledger.seal()
    with psycopg.connect(ledger.database.reader) as connection:
        first = newest_checkpoint(connection, 301)
        assert first is not None
        assert first.note == signed
        assert newest_checkpoint(connection).size == 306


def test_sealing_never_ends_unheard(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(Memory, "keep", full)
    keep_sealed(ledger.database, ledger.settings, Event())
    keep_sealed(ledger.database, ledger.settings, Event())
    assert "No space left on device" in str(alarms.standing(ledger.settings.home))
    assert len(alarms.rung(ledger.settings.home)) == 1, "what stands already is not rung again"


def test_one_sealer_runs_at_a_time(ledger: Ledger, tmp_path: Path) -> None:
    with Sealer(ledger.database, ledger.settings):
        with pytest.raises(Busy), Sealer(ledger.database, ledger.settings):
            pass
        elsewhere = ledger.settings.model_copy(update={"home": tmp_path / "other"})
        with pytest.raises(Busy), Sealer(ledger.database, elsewhere):
            pass


def test_the_next_sealer_begins_though_the_server_has_not_noticed_that_the_last_one_left(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sealer(ledger.database, ledger.settings) as leaving:
        left = leaving._connection
        monkeypatch.setattr(left, "close", lambda: None)
    with Sealer(ledger.database, ledger.settings):
        monkeypatch.undo()
        left.close()


@pytest.mark.parametrize("rows", [1, 256, 257])
def test_a_tail_that_was_cut_off_is_an_alarm(ledger: Ledger, rows: int) -> None:
    ledger.record(300)
    ledger.seal()
    ledger.attack(f"delete from log.event where position > {301 - rows}")
    with pytest.raises(Alarm, match=r"ends at position|do not lead|not whole"):
        ledger.seal()


def test_a_seal_cut_back_with_its_log_is_an_alarm(ledger: Ledger) -> None:
    ledger.seal()
    ledger.record(300)
    ledger.seal()
    ledger.attack(
        "delete from log.event where position > 1",
        "delete from seal.checkpoint where size > 1",
        "delete from seal.tile",
    )
    with pytest.raises(Alarm, match="ends at position 1, but this sealer signed 301"):
        ledger.seal()


def test_a_log_cut_back_and_continued_is_an_alarm(ledger: Ledger) -> None:
    ledger.seal()
    ledger.record(3)
    ledger.seal()
    ledger.attack(
        "delete from log.event where position > 1", "delete from seal.checkpoint where size > 1"
    )
    ledger.record(3)
    with pytest.raises(Alarm, match="not those that this sealer signed"):
        ledger.seal()


def test_a_lost_memory_is_an_alarm_until_a_checkpoint_from_outside_is_shown(ledger: Ledger) -> None:
    ledger.record(3)
    ledger.seal()
    outside = newest(ledger).note
    ledger.record(3)
    ledger.seal()
    (ledger.settings.home / "seal" / "checkpoint").unlink()
    with pytest.raises(Alarm, match=r"memory .* is lost"):
        ledger.seal()
    Sealer(ledger.database, ledger.settings).accept(outside)
    ledger.record(1)
    assert ledger.seal() == 8


def test_a_memory_that_is_there_is_not_replaced_by_what_the_log_does_not_go_on_from(
    ledger: Ledger,
) -> None:
    """Else the log's key signs two trees of one size."""
    ledger.record(10)
    ledger.seal()
    old = newest(ledger).message
    ledger.record(10)
    ledger.seal()
    memory = Memory(ledger.settings.home / "seal")
    signed = memory.read()
    ledger.attack(
        "delete from log.event where position > 11", "delete from seal.checkpoint where size > 11"
    )
    for _ in range(2):
        with pytest.raises(RolledBack, match="does not go on from what this sealer remembers"):
            Sealer(ledger.database, ledger.settings).accept(old)
        further = Ledger.under(ledger.database, ledger.settings)
        further.record(10)
        further.records.close()
        with pytest.raises(Alarm, match=r"ends at position|not those that this sealer signed"):
            ledger.seal()
    assert memory.read() == signed


@pytest.mark.parametrize("said", [b"", b"nonsense"])
def test_a_memory_that_cannot_be_read_is_taken_away_by_hand(ledger: Ledger, said: bytes) -> None:
    ledger.record(3)
    ledger.seal()
    memory = Memory(ledger.settings.home / "seal")
    memory.keep(said)
    with pytest.raises(RolledBack, match="moves the file seal/checkpoint"):
        Sealer(ledger.database, ledger.settings).accept(newest(ledger).note)
    (ledger.settings.home / "seal" / "checkpoint").unlink()
    Sealer(ledger.database, ledger.settings).accept(newest(ledger).note)
    assert ledger.seal() == 4


def test_an_older_memory_is_begun_anew_from_a_checkpoint_that_goes_on_from_it(
    ledger: Ledger,
) -> None:
    ledger.seal()
    memory = Memory(ledger.settings.home / "seal")
    older = memory.read()
    ledger.record(3)
    ledger.seal()
    memory.keep(older)
    Sealer(ledger.database, ledger.settings).accept(newest(ledger).message)
    assert open_memory(ledger) == 4
    assert ledger.seal() == 4


def open_memory(ledger: Ledger) -> int:
    """How many records the sealer remembers to have sealed."""
    verifier = ledger.signer.verifier
    note = Memory(ledger.settings.home / "seal").read()
    assert note is not None
    return open_checkpoint(note, verifier.name, [verifier]).checkpoint.size


def crashed_before_publication(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as crash:
        crash.setattr(Sealer, "_publish", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ledger.seal()


@pytest.mark.parametrize("events", [5, 300], ids=["within a tile", "beyond a tile"])
def test_what_was_signed_and_not_published_is_no_record_that_is_missing(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, events: int
) -> None:
    ledger.record(10)
    ledger.seal()
    outside = newest(ledger).message
    ledger.record(events)
    crashed_before_publication(ledger, monkeypatch)
    require_continued(ledger.database, ledger.settings)
    assert patrol(ledger.database.reader, ledger.settings, trust_of(ledger.settings), 5).sound
    Sealer(ledger.database, ledger.settings).accept(outside)
    assert open_memory(ledger) == 11 + events, "what was signed last is still remembered"
    assert ledger.seal() == 11 + events


@pytest.mark.parametrize(
    "attack",
    [
        "update log.event set leaf = sha256('') where position = 13",
        "delete from log.event where position = 13",
        "delete from log.event where position > 13",
    ],
)
def test_what_was_signed_and_then_changed_before_its_publication_is_found_by_the_gate(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, attack: str
) -> None:
    ledger.record(10)
    ledger.seal()
    ledger.record(5)
    crashed_before_publication(ledger, monkeypatch)
    ledger.attack(attack)
    with pytest.raises(RolledBack, match=r"records are missing|not those that a known"):
        require_continued(ledger.database, ledger.settings)


def test_a_checkpoint_from_outside_begins_a_memory_where_the_published_ones_are_gone(
    ledger: Ledger,
) -> None:
    """No smaller one is remembered: up to the one from outside everything was signed."""
    ledger.record(3)
    ledger.seal()
    ledger.record(300)
    ledger.seal()
    outside = newest(ledger).message
    take_all_away(ledger)
    Sealer(ledger.database, ledger.settings).accept(outside)
    assert open_memory(ledger) == 304
    assert ledger.seal() == 304
    assert newest(ledger).root == ledger.root(304)


def test_the_restore_drill_can_be_done(ledger: Ledger) -> None:
    """As docs/audit.md writes it: on a computer without the folder seal."""
    ledger.record(3)
    ledger.seal()
    outside = newest(ledger).message
    rmtree(ledger.settings.home / "seal")
    Sealer(ledger.database, ledger.settings).accept(outside)
    assert ledger.seal() == 4
    take_all_away(ledger)
    with pytest.raises(Alarm, match="has signed checkpoints before"):
        ledger.seal()


@pytest.mark.parametrize("origin", [None, "log.example.gov.cn/huhang"])
def test_a_drill_needs_not_know_the_name_that_the_log_has_on_its_checkpoints(
    database: Database, tmp_path: Path, origin: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder keys of the backup is all that a drill has; HUHANG_ORIGIN it does not set."""
    live = Ledger(database, Settings(home=tmp_path / "live", origin=origin))
    live.record(3)
    live.seal()
    outside = newest(live).message
    live.records.close()
    copytree(tmp_path / "live" / "keys", tmp_path / "drill" / "keys")
    monkeypatch.delenv("HUHANG_ORIGIN", raising=False)
    drill = Settings(home=tmp_path / "drill")
    trust = trust_of(drill).knowing({"FILE": outside})
    assert verify(database.reader, silently, trust).sound
    Sealer(database, drill).accept(outside)
    with Sealer(database, drill) as sealer:
        assert sealer.size == 4
    if origin is not None:
        assert (tmp_path / "drill" / "keys" / "log.origin").read_text() == f"{origin}\n"


def test_a_log_under_another_name_by_the_same_key_is_told_so(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.seal()
    outside = newest(ledger).message
    named = Settings(home=ledger.settings.home, origin="another.example/log")
    said = "goes under another name, “another.example/log”, by the same key: set HUHANG_ORIGIN"
    with pytest.raises(Alarm, match=said), Sealer(ledger.database, named):
        pass
    with pytest.raises(Alarm, match=said):
        Sealer(ledger.database, named).accept(outside)
    found = verify(ledger.database.reader, silently, trust_of(named))
    assert said in found.outcomes()[Check.KEYS]
    stranger = Settings(home=tmp_path / "stranger")
    signer_of(stranger)
    with pytest.raises(Alarm, match="names another key for its checkpoints"):
        Sealer(ledger.database, stranger).accept(outside)


@pytest.mark.parametrize("said", [b"", b"two words", b"\xff"])
def test_a_damaged_name_of_the_log_is_told(ledger: Ledger, said: bytes) -> None:
    ledger.seal()
    (ledger.settings.home / "keys" / "log.origin").write_bytes(said)
    with pytest.raises(DangerousSetting, match="is damaged, which holds the log's name"):
        ledger.seal()


def test_a_checkpoint_that_somebody_put_in_is_named_and_not_the_file_that_is_shown(
    ledger: Ledger,
) -> None:
    ledger.record(3)
    ledger.seal()
    outside = newest(ledger).message
    rmtree(ledger.settings.home / "seal")
    ledger.attack("insert into seal.checkpoint values (1000, sha256('x'), 'x', now())")
    with pytest.raises(RolledBack, match="newest checkpoint in the database, over 1,000 records"):
        Sealer(ledger.database, ledger.settings).accept(outside)
    ledger.attack("delete from seal.checkpoint where size = 1000")
    Sealer(ledger.database, ledger.settings).accept(outside)
    assert ledger.seal() == 4


def test_a_seal_that_is_there_does_not_begin_anew(ledger: Ledger) -> None:
    """The permission would wait for whoever empties the seal."""
    ledger.record(3)
    ledger.seal()
    first = FirstSeal(ledger.settings)
    with psycopg.connect(ledger.database.reader, autocommit=True) as connection:
        with pytest.raises(NotGone, match="There are checkpoints in the database"):
            first.allow_anew(connection, "by mistake")
        ledger.attack("delete from seal.checkpoint")
        with pytest.raises(NotGone, match="The sealer remembers what it signed"):
            first.allow_anew(connection, "by mistake")
    assert alarms.rung(ledger.settings.home) == []
    assert not (ledger.settings.home / "seal" / "anew").exists()


def take_all_away(ledger: Ledger) -> None:
    """Empty the seal and take the sealer's folder away, as after a restore or an attack."""
    ledger.attack(
        "alter table seal.timestamp disable trigger user",
        "truncate seal.timestamp, seal.cosignature, seal.checkpoint, seal.tile",
        "alter table seal.timestamp enable always trigger timestamp_is_final",
    )
    rmtree(ledger.settings.home / "seal")


def test_a_seal_and_a_memory_that_are_both_gone_are_no_beginning(ledger: Ledger) -> None:
    """Else two checkpoints of one size would be signed over two pasts, and verified each."""
    ledger.record(300)
    ledger.seal()
    take_all_away(ledger)
    for _ in range(2):
        with pytest.raises(Alarm, match="has signed checkpoints before"):
            ledger.seal()
    with pytest.raises(RolledBack, match="has signed checkpoints before"):
        require_continued(ledger.database, ledger.settings)
    assert newest(ledger) is None


def test_who_says_why_all_is_gone_lets_the_seal_begin_anew_once(
    ledger: Ledger, huhang: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record(3)
    ledger.seal()
    take_all_away(ledger)
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(ledger.database.administrator))
    monkeypatch.setenv("HUHANG_HOME", str(ledger.settings.home))
    code, _, err = huhang("seal", "--once")
    assert (code, "huhang seal --anew REASON" in err) == (1, True)
    assert huhang("seal", "--once", "--anew", "the drill of November")[0] == 0
    assert newest(ledger).size == 4
    said = [(one["what"], one["said"]) for one in alarms.rung(ledger.settings.home)]
    assert said[-1] == ("anew", "the drill of November"), "it is kept beside the alarms"
    take_all_away(ledger)
    with pytest.raises(Alarm, match="has signed checkpoints before"):
        ledger.seal()


def test_records_of_days_ago_that_nobody_sealed_are_no_beginning_either(ledger: Ledger) -> None:
    """Where even the note beside the key is missing, as after a restore of its first backup."""
    ledger.record(3)
    tomorrow = datetime.now(UTC) + timedelta(days=1, minutes=1)
    with (
        pytest.raises(Alarm, match="for more than 1 day"),
        Sealer(ledger.database, ledger.settings, clock=lambda: tomorrow),
    ):
        pass
    assert ledger.seal() == 4, "of today they are"


def test_an_old_memory_is_an_alarm(ledger: Ledger) -> None:
    ledger.seal()
    old = Memory(ledger.settings.home / "seal").read()
    ledger.record(3)
    ledger.seal()
    Memory(ledger.settings.home / "seal").keep(old)
    with pytest.raises(Alarm, match="memory is older than the seal"):
        ledger.seal()


@pytest.mark.parametrize(
    ("events", "attack"),
    [
        (3, "update log.event set leaf = sha256('') where position = 3"),
        (3, "update seal.checkpoint set root = sha256('')"),
        (3, "update seal.checkpoint set note = substr(note, 2)"),
        (300, "update seal.tile set root = sha256('')"),
        (300, "delete from seal.tile"),
    ],
)
def test_a_sealer_does_not_build_on_a_changed_seal(
    ledger: Ledger, events: int, attack: str
) -> None:
    ledger.record(events)
    ledger.seal()
    ledger.attack(attack)
    ledger.record(1)
    with pytest.raises(Alarm):
        ledger.seal()


@pytest.mark.parametrize(
    ("attack", "said"),
    [
        ("update log.event set state = '{}' where position = 5", "leaf of the row"),
        ("update log.event set topic = 'region.voided.v1' where position = 5", "leaf of the row"),
        ("delete from log.event where position = 5", "dense positions"),
        (
            "update log.event set originator_version = originator_version + 1 where position = 6",
            "versions without a hole",
        ),
    ],
)
def test_a_row_changed_before_it_was_sealed_is_an_alarm(
    ledger: Ledger, attack: str, said: str
) -> None:
    ledger.seal()
    ledger.record(5)
    ledger.attack(attack)
    with pytest.raises(Alarm, match=said):
        ledger.seal()


def test_a_clock_that_was_set_forward_or_back_is_a_warning(ledger: Ledger) -> None:
    hour = timedelta(hours=1)
    for lag, expected in ((timedelta(0), 0), (hour, 1), (-hour, 2)):
        clock = lambda lag=lag: datetime.now(UTC) + lag  # noqa: E731
        with Sealer(ledger.database, ledger.settings, clock=clock) as sealer:
            while sealer.seal_next() is not None:
                pass
            ledger.record(1)
            sealer.seal_next()
        with psycopg.connect(ledger.database.reader) as connection:
            (warnings,) = connection.execute("select count(*) from seal.warning").fetchone()
        assert warnings == expected


def test_a_log_must_extend_a_checkpoint_that_is_known_outside(ledger: Ledger) -> None:
    verifier = ledger.signer.verifier
    ledger.record(3)
    ledger.seal()
    outside = newest(ledger).note
    ledger.record(300)
    ledger.seal()
    with psycopg.connect(ledger.database.reader) as connection:
        opened = require_extension(connection, outside, verifier.name, [verifier])
    assert opened.checkpoint.size == 4
    later = newest(ledger).note
    ledger.attack(
        "delete from seal.checkpoint where size > 4",
        "delete from seal.tile",
        "delete from log.event where position > 4",
    )
    with (
        psycopg.connect(ledger.database.reader) as connection,
        pytest.raises(RolledBack, match="a checkpoint of 304 is known"),
    ):
        require_extension(connection, later, verifier.name, [verifier])


@given(st.lists(st.integers(1, 700), min_size=1, max_size=4))
def test_a_right_edge_makes_the_tiles_and_roots_of_its_leaves(growths: list[int]) -> None:
    leaves = [leaf_hash(str(number).encode()) for number in range(sum(growths))]
    roots: dict[Tile, bytes] = {}

    def read(tile: Tile) -> bytes:
        first = tile.number * TILE_WIDTH
        if tile.level == 0:
            return b"".join(leaves[first : first + tile.width])
        below = (Tile(tile.level - 1, number) for number in range(first, first + tile.width))
        return b"".join(roots[full] for full in below)

    size = 0
    for growth in growths:
        edge = RightEdge(size, read)
        grown = [tile for leaf in leaves[size : size + growth] for tile in edge.push(leaf)]
        assert sorted(tile for tile, _, _ in grown) == sorted(completed_tiles(size, size + growth))
        assert all(row == read(tile) for tile, row, _ in grown if tile.level == 0)
        roots |= {tile: root for tile, _, root in grown}
        size += growth
        assert edge.root() == root_of(leaves[:size])


@given(st.lists(st.integers(1, TILE_WIDTH), min_size=1, max_size=8))
def test_a_right_edge_takes_several_leaves_of_one_tile_at_once(pieces: list[int]) -> None:
    leaves = [leaf_hash(str(number).encode()) for number in range(sum(pieces))]
    one_by_one, at_once = RightEdge(0, lambda _: b""), RightEdge(0, lambda _: b"")
    for piece in pieces:
        new = b"".join(leaves[at_once.size : at_once.size + piece])
        if at_once.size % TILE_WIDTH + piece > TILE_WIDTH:
            with pytest.raises(ValueError, match="beyond the end of the tile"):
                at_once.push(new)
            continue
        grown = [
            tile for leaf in leaves[one_by_one.size :][:piece] for tile in one_by_one.push(leaf)
        ]
        assert at_once.push(new) == grown
        assert (at_once.size, at_once.root()) == (one_by_one.size, one_by_one.root())
