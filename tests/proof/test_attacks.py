"""The attacks of a database administrator on what is sealed, and how each is found out by name.

What the rows alone betray is in test_verification.py, what a witness betrays in test_cosigning.py.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import run
from typing import Any

import psycopg
import pytest
from psycopg.rows import tuple_row

from application.alarms import Alarm
from application.beginning import by_the_system, open_records
from application.codec import statement_of
from application.embedded import PROGRAMS, embedded_server
from application.fence import note_fence, schema_fingerprint
from application.inspection import Check, Defect
from application.installation import install
from application.keys import Author, author_of, signer_of
from application.log_stream import newest_noted
from application.note import Checkpoint, Note
from application.patrol import patrol
from application.seal import newest_checkpoint
from application.sealer import Sealer
from application.settings import Settings
from application.simulation import silently
from application.tree import RightEdge
from application.verification import Trust, Verification, trust_of, verify
from domain.log import SchemaChanged
from tests.proof.ledger import Ledger

pytestmark = pytest.mark.attack

STATE = "某街道".encode()


def verified(ledger: Ledger, trust: Trust | None = None, workers: int = 1) -> Verification:
    trust = trust_of(ledger.settings) if trust is None else trust
    return verify(ledger.database.reader, silently, trust, workers)


def found(verification: Verification) -> tuple[int, Check]:
    assert not verification.sound
    assert verification.defect is not None
    assert verification.outcomes()[verification.defect.check].startswith("FAILED")
    return verification.defect.position, verification.defect.check


def rewrite(ledger: Ledger, position: int, author: Author | None = None) -> None:
    """Change a row as whoever stole the application's key can: state, signature and leaf fit."""
    author = author_of(ledger.settings) if author is None else author
    with psycopg.connect(ledger.database.administrator) as attacker:
        stream, version, topic, state = attacker.execute(
            "select originator_id, originator_version, topic, state from log.event"
            " where position = %s",
            (position,),
        ).fetchone()
        changed = state.replace(STATE, "他街道".encode())
        said = statement_of(stream, version, topic, changed)
        signature = said.sign(author.key)
        attacker.execute("alter table log.event disable trigger user")
        attacker.execute(
            "update log.event set state = %(state)s, signature = %(signature)s, leaf = log.leaf("
            " position - 1, originator_id, originator_version, topic, recorded_at, %(actor)s, '-',"
            " %(state)s, %(sm3)s, author, %(signature)s) where position = %(position)s",
            {
                "state": changed,
                "signature": signature,
                "actor": said.actor,
                "sm3": said.state.sm3,
                "position": position,
            },
        )
        attacker.execute("alter table log.event enable always trigger event_is_final")


def reseal(ledger: Ledger) -> None:
    """Compute tiles and the checkpoint anew, as whoever stole the log's key can."""
    leaves = ledger.leaves()
    edge = RightEdge(0, lambda _: b"")
    tiles = [tile for leaf in leaves for tile in edge.push(leaf)]
    text = Checkpoint(ledger.signer.name, len(leaves), edge.root()).text
    note = Note(text, (ledger.signer.sign(text),)).encode()
    ledger.attack("delete from seal.checkpoint", "delete from seal.tile")
    with psycopg.connect(ledger.database.sealer) as sealer:
        for tile, row, root in tiles:
            sealer.execute(
                "insert into seal.tile values (%s, %s, %s, %s)",
                (tile.level, tile.number, row, root),
            )
        sealer.execute(
            "insert into seal.checkpoint values (%s, %s, %s, now())",
            (len(leaves), edge.root(), note),
        )


def test_a_row_rewritten_with_the_authors_key_is_not_under_its_tile(ledger: Ledger) -> None:
    ledger.record(300)
    ledger.seal()
    rewrite(ledger, 7)
    assert found(verified(ledger)) == (7, Check.TILES)


def test_a_row_rewritten_with_the_authors_key_is_not_under_its_checkpoint(ledger: Ledger) -> None:
    ledger.record(9)
    ledger.seal()
    rewrite(ledger, 7)
    assert found(verified(ledger)) == (10, Check.OUTSIDE)
    assert found(verified(ledger, Trust())) == (10, Check.CHECKPOINTS)


def test_tiles_and_checkpoints_recomputed_with_every_key_are_found_by_what_is_kept_outside(
    ledger: Ledger,
) -> None:
    ledger.record(300)
    ledger.seal()
    with psycopg.connect(ledger.database.reader) as connection:
        outside = newest_checkpoint(connection).message
    rewrite(ledger, 7)
    reseal(ledger)
    assert verified(ledger, Trust()).sound, "nobody finds it who believes the database alone"
    assert found(verified(ledger)) == (301, Check.OUTSIDE)
    shown = Trust().knowing({"the court": outside})
    verification = verified(ledger, shown)
    assert found(verification) == (301, Check.OUTSIDE)
    assert "known to the court" in verification.outcomes()[Check.OUTSIDE]


def test_the_newest_checkpoint_removed_is_missed_by_whoever_knows_it(ledger: Ledger) -> None:
    """All records are there, and stand under no checkpoint any more."""
    ledger.record(3)
    older = ledger.seal()
    ledger.record(3)
    ledger.seal()
    with psycopg.connect(ledger.database.reader) as connection:
        outside = newest_checkpoint(connection).message
    ledger.attack(f"delete from seal.checkpoint where size > {older}")
    assert verified(ledger, Trust()).sound, "who believes the database alone cannot know"
    for trust in (trust_of(ledger.settings), Trust().knowing({"the court": outside})):
        assert found(verified(ledger, trust)) == (older + 1, Check.CHECKPOINTS)
    ledger.seal()
    assert verified(ledger).sound, "the sealer publishes again what it remembers"


@pytest.mark.parametrize("rows", [1, 256, 257])
def test_a_tail_cut_off_is_found(ledger: Ledger, rows: int) -> None:
    ledger.record(600)
    ledger.seal()
    ledger.attack(f"delete from log.event where position > {601 - rows}")
    assert found(verified(ledger)) == (602 - rows, Check.CHECKPOINTS)


@pytest.mark.parametrize("rows", [1, 256, 257])
def test_a_tail_cut_off_with_its_seal_is_found_by_what_is_kept_outside(
    ledger: Ledger, rows: int
) -> None:
    ledger.record(600 - rows)
    ledger.seal()
    ledger.record(rows)
    ledger.seal()
    left = 601 - rows
    ledger.attack(
        f"delete from log.event where position > {left}",
        f"delete from seal.checkpoint where size > {left}",
        f"delete from seal.tile where (number + 1) * power(256::numeric, level + 1) > {left}",
    )
    assert verified(ledger, Trust()).sound
    assert found(verified(ledger)) == (left + 1, Check.OUTSIDE)


def test_a_tile_changed_is_found_with_the_first_record_under_it(ledger: Ledger) -> None:
    ledger.record(600)
    ledger.seal()
    ledger.attack("update seal.tile set hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1)"
                  " where number = 1")  # fmt: skip
    assert found(verified(ledger)) == (258, Check.TILES)


@pytest.mark.parametrize(
    ("attack", "position", "check"),
    [
        ("delete from seal.tile where number = 1", 257, Check.TILES),
        (
            "insert into seal.tile select 0, 9, hashes, root from seal.tile limit 1",
            602,
            Check.TILES,
        ),
        ("update seal.checkpoint set root = sha256('')", 601, Check.CHECKPOINTS),
        ("update seal.checkpoint set note = 'nonsense'", 601, Check.CHECKPOINTS),
    ],
)
def test_a_seal_with_gaps_or_additions_is_found(
    ledger: Ledger, attack: str, position: int, check: Check
) -> None:
    ledger.record(600)
    ledger.seal()
    ledger.attack(attack)
    assert found(verified(ledger, Trust())) == (position, check)


def test_a_checkpoint_signed_by_another_key_is_found(ledger: Ledger, tmp_path: Path) -> None:
    ledger.record(3)
    ledger.seal()
    forger = Settings(home=tmp_path / "forger", origin=ledger.signer.name)
    text = Checkpoint(ledger.signer.name, 4, ledger.root(4)).text
    note = Note(text, (signer_of(forger).sign(text),)).encode()
    ledger.attack(f"update seal.checkpoint set note = '\\x{note.hex()}'")
    assert found(verified(ledger)) == (4, Check.CHECKPOINTS)


def test_nothing_sealed_is_a_check_that_could_not_run(ledger: Ledger) -> None:
    """Partial input is a failure, never a skip."""
    ledger.record(3)
    verification = verified(ledger)
    assert not verification.sound
    assert verification.outcomes()[Check.CHECKPOINTS].startswith("COULD NOT RUN")
    for check in (Check.TILES, Check.SEALING_TIMES):
        assert verification.outcomes()[check] == "nothing to check: nothing is sealed yet"


def test_a_file_that_is_no_checkpoint_of_this_log_is_a_check_that_could_not_run(
    ledger: Ledger,
) -> None:
    ledger.seal()
    verification = verified(ledger, trust_of(ledger.settings).knowing({"a file": b"nonsense"}))
    assert not verification.sound
    assert "COULD NOT RUN: a file" in verification.outcomes()[Check.OUTSIDE]


def test_a_column_rewritten_by_alter_is_found_in_the_rows_and_by_the_fence(ledger: Ledger) -> None:
    ledger.record(3)
    ledger.seal()
    with psycopg.connect(ledger.database.administrator) as attacker:
        before = schema_fingerprint(attacker)
        attacker.execute(
            "drop view log.stored_events;"
            "alter table log.event alter column topic type text"
            " using case when position = 3 then 'region.voided.v1' else topic end;"
            "create view log.stored_events as select position as notification_id, originator_id,"
            " originator_version, topic, state from log.event"
        )
        assert schema_fingerprint(attacker) != before
    assert found(verified(ledger)) == (3, Check.LEAF)


@pytest.mark.parametrize(
    "attack",
    [
        "drop trigger event_is_final on log.event;"
        "create trigger event_is_final before update or delete or truncate on log.event"
        " for each statement execute function log.refuse();"
        "alter table log.event enable always trigger event_is_final",
        "alter table log.event disable trigger event_is_final;"
        "alter table log.event enable always trigger event_is_final",
        "create or replace function log.refuse() returns trigger language plpgsql as"
        " $$ begin return null; end $$",
    ],
)
def test_a_trigger_taken_away_and_put_back_is_noted_by_the_log(ledger: Ledger, attack: str) -> None:
    by = by_the_system(author_of(ledger.settings))
    with psycopg.connect(ledger.database.administrator, autocommit=True) as connection:
        assert note_fence(connection, ledger.records, by) is None
        connection.execute(attack)
        assert note_fence(connection, ledger.records, by) is not None
        position, changed = newest_noted(connection, SchemaChanged, 100)
    assert position == 2
    assert changed.before != changed.after


@pytest.mark.parametrize(
    "attack",
    [
        "create view public.peek as select state from log.event",
        "create function public.peek() returns int language sql security definer as 'select 1'",
        "create policy few on log.event using (position > 1)",
        "alter role postgres in database {name} set session_replication_role = replica",
    ],
)
def test_what_shows_or_hides_rows_from_outside_the_fence_is_part_of_it(
    ledger: Ledger, attack: str
) -> None:
    with psycopg.connect(ledger.database.administrator, autocommit=True) as attacker:
        before = schema_fingerprint(attacker)
        attacker.execute(attack.format(name=attacker.info.dbname))
        assert schema_fingerprint(attacker) != before


def recorded_under(ledger: Ledger, shift: str, events: int = 1) -> timedelta:
    """Record while the clock of the database is set so far; how far from ours it then came.

    A session that began before knows how its functions were, so this is one that begins then.
    """
    with psycopg.connect(ledger.database.administrator) as attacker:
        attacker.execute(
            "create or replace function pg_catalog.clock_timestamp() returns timestamptz"
            f" language sql volatile as $$ select statement_timestamp() + interval '{shift}' $$"
        )
    another = Ledger.under(ledger.database, ledger.settings)
    another.record(events)
    another.records.close()
    with psycopg.connect(ledger.database.reader) as connection:
        (at,) = connection.execute("select max(recorded_at) from log.event").fetchone()
    return at - datetime.now(UTC)


def test_nothing_is_sealed_while_the_clock_of_the_database_is_days_from_ours(
    ledger: Ledger,
) -> None:
    apart = r"The clock here says .*, the database's .*: nothing is sealed while they are more than"
    ledger.seal()
    assert abs(recorded_under(ledger, "-2 days")) < timedelta(minutes=1), "the log never goes back"
    with pytest.raises(Alarm, match=apart):
        ledger.seal()
    recorded_under(ledger, "0")
    assert ledger.seal() == 3
    assert verified(ledger).sound
    assert recorded_under(ledger, "2 days") > timedelta(days=1)
    with pytest.raises(Alarm, match=apart):
        ledger.seal()
    assert recorded_under(ledger, "0") > timedelta(days=1), "nor ahead of itself"
    with pytest.raises(Alarm, match=r"but the newest record came at .* more than 1 day ahead"):
        ledger.seal()


@pytest.mark.parametrize("shift", ["1 hour", "-1 hour"])
def test_a_clock_of_the_database_that_was_set_forward_or_back_by_less_is_noted(
    ledger: Ledger, shift: str
) -> None:
    """Minutes pass between the records: set back it shows, as the log stays where it was."""

    def warnings_after(minutes: int, shift: str) -> list[tuple[int, str]]:
        clock = lambda: datetime.now(UTC) + timedelta(minutes=minutes)  # noqa: E731
        with Sealer(ledger.database, ledger.settings, clock=clock) as sealer:
            assert sealer.seal_next() is None
            recorded_under(ledger, shift)
            assert sealer.seal_next() is not None
        with psycopg.connect(ledger.database.reader) as connection:
            return connection.execute("select position, sentence from seal.warning").fetchall()

    ledger.seal()
    assert warnings_after(1, "1 minute") == []
    assert warnings_after(2, "2 minutes") == []
    [(position, said)] = warnings_after(3, shift)
    with psycopg.connect(ledger.database.reader) as connection:
        (recorded,) = connection.execute("select max(recorded_at) from log.event").fetchone()
    assert position == 4
    assert said.startswith(f"Recorded at {recorded.isoformat()} by the database's clock, but")
    assert verified(ledger).sound, "a warning stops nothing"


def retime(ledger: Ledger, position: int, shift: str) -> None:
    """Change when a row was recorded, with the leaf that fits it: no author signs the time."""
    with psycopg.connect(ledger.database.reader, row_factory=tuple_row) as connection:
        stream, version, topic, state = connection.execute(
            "select originator_id, originator_version, topic, state from log.event"
            " where position = %s",
            (position,),
        ).fetchone()
    said = statement_of(stream, version, topic, state)
    ledger.attack(
        f"update log.event set recorded_at = recorded_at + interval '{shift}'"
        f" where position = {position}",
        "update log.event set leaf = log.leaf(position - 1, originator_id, originator_version,"
        f" topic, recorded_at, '{said.actor}', '-', state, '\\x{said.state.sm3.hex()}', author,"
        f" signature) where position = {position}",
    )


@pytest.mark.parametrize(
    ("position", "shift", "before", "after"),
    [
        (4, "-1 hour", r"Position 4: it was recorded before .* \(times in order\)", Check.TIMES),
        (3, "1 hour", r"Position 4: it was recorded before .* \(times in order\)", Check.TIMES),
        (4, "2 days", r"but the newest record came at .* more than 1 day ahead", Check.OUTSIDE),
    ],
)
def test_a_time_rewritten_with_its_leaf_is_found_before_it_is_sealed_and_after(
    ledger: Ledger, position: int, shift: str, before: str, after: Check
) -> None:
    ledger.record(1)
    ledger.seal()
    ledger.record(1)
    ledger.record(1)
    retime(ledger, position, shift)
    with pytest.raises(Alarm, match=before):
        ledger.seal()
    retime(ledger, position, f"{shift}' * -1 + interval '0")
    assert ledger.seal() == 4
    assert verified(ledger).sound
    retime(ledger, position, shift)
    assert found(verified(ledger)) == (4, after)


def test_rows_edited_in_the_files_of_a_stopped_server_are_found(tmp_path: Path) -> None:
    """With its checksums, which the server notices; and with the checksums switched off."""
    folder = tmp_path / "postgres"
    tmp_path.chmod(0o755)
    settings = Settings(home=tmp_path)
    with embedded_server(folder) as database:
        install(database)
        ledger = Ledger(database, settings)
        ledger.record(5)
        ledger.seal()
        ledger.records.close()
        with psycopg.connect(database.administrator, autocommit=True) as connection:
            (file,) = connection.execute("select pg_relation_filepath('log.event')").fetchone()
            connection.execute("checkpoint")
    heap = folder / file
    content = bytearray(heap.read_bytes())
    at = content.index(STATE)
    content[at : at + len(STATE)] = "他街道".encode()
    heap.write_bytes(content)
    with embedded_server(folder) as database:
        assert found(verify(database.reader, silently)) == (1, Check.DENSE)
    run([PROGRAMS / "pg_checksums", "--disable", "-D", folder], check=True, capture_output=True)
    with embedded_server(folder) as database:
        position, check = found(verify(database.reader, silently))
        assert check is Check.LEAF
        assert position > 1


def test_a_patrol_comes_round_to_every_row_and_finds_the_changed_one(ledger: Ledger) -> None:
    ledger.record(900)
    ledger.seal()
    trust = trust_of(ledger.settings)

    def patrolled() -> tuple[int, int, Defect | None]:
        went = patrol(ledger.database.reader, ledger.settings, trust, 2)
        return went.first, went.last, went.defect

    assert [patrolled() for _ in range(3)] == [(1, 512, None), (513, 901, None), (1, 512, None)]
    rewrite(ledger, 600)
    first, last, defect = patrolled()
    assert (first, last) == (513, 901)
    assert defect is not None
    assert defect.check is Check.TILES
    first, last, defect = patrolled()
    assert (first, last) == (1, 512), "it goes on"
    assert defect is not None, "and looks again where something was wrong"
    assert defect.position == 600
    ledger.attack("update log.event set leaf = sha256(leaf) where position in (5, 20, 300)")
    tile, leaves = (600, Check.TILES), [(5, Check.LEAF), (300, Check.LEAF)]
    for slice_, named in (
        ((513, 901), [tile]),
        ((1, 512), [*leaves, tile]),
        ((513, 901), [*leaves, tile]),
    ):
        went = patrol(ledger.database.reader, ledger.settings, trust, 2)
        assert (went.first, went.last) == slice_
        assert [(defect.position, defect.check) for defect in went.defects] == named
    assert went.outcomes()[Check.LEAF].endswith("So it is elsewhere too: 300.")


def test_a_patrol_looks_again_until_what_was_wrong_is_mended(ledger: Ledger) -> None:
    ledger.record(900)
    ledger.seal()
    trust = trust_of(ledger.settings)
    ledger.attack(
        "create table public.kept as select * from log.event where position = 5",
        "update log.event set leaf = sha256(leaf) where position = 5",
    )
    for _ in range(6):
        went = patrol(ledger.database.reader, ledger.settings, trust, 1)
        assert went.defect is not None
        assert went.defect.position == 5
    ledger.attack(
        "delete from log.event where position = 5",
        "insert into log.event select * from public.kept",
    )
    for _ in range(2):
        assert patrol(ledger.database.reader, ledger.settings, trust, 1).sound


@pytest.mark.parametrize(("number", "records"), [(0, 700), (1, 700), (10, 5400)])
def test_a_patrol_names_the_tile_that_is_missing_and_no_other(
    ledger: Ledger, number: int, records: int
) -> None:
    """Proofs of others lead over it, and so does the tree with which a slice begins."""
    ledger.record(records)
    ledger.seal()
    ledger.attack(f"delete from seal.tile where level = 0 and number = {number}")
    trust = trust_of(ledger.settings)
    assert found(verified(ledger, Trust())) == (number * 256 + 1, Check.TILES)
    for tiles in (1, 100):
        went = patrol(ledger.database.reader, ledger.settings, trust, tiles)
        named = [(defect.position, defect.check) for defect in went.defects]
        assert named == [(number * 256 + 1, Check.TILES)]
        assert f"tile/0/{number:03}" in went.outcomes()[Check.TILES]


def test_no_emptied_seal_makes_a_patrol_read_the_whole_log(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.patrol.GONE", 1)
    ledger.record(900)
    ledger.seal()
    ledger.attack("delete from seal.tile where number > 0")
    went = patrol(ledger.database.reader, ledger.settings, trust_of(ledger.settings), 1)
    said = [
        (defect.position, defect.what) for defect in went.defects if defect.check is Check.TILES
    ]
    assert said[0] == (1, "The tree cannot be read: tile/1/000.p/3 is not whole.")
    assert said[1] == (257, "tile/0/001 is missing, or its root. So it is with more than 1.")


def test_a_patrol_goes_round_although_somebody_put_in_checkpoints_of_nothing(
    ledger: Ledger,
) -> None:
    ledger.record(900)
    ledger.seal()
    ledger.attack(
        "insert into seal.checkpoint select size + 1000000, root, note, sealed_at"
        " from seal.checkpoint",
        "insert into seal.checkpoint values (7000, sha256('x'), 'x', now())",
    )
    trust = trust_of(ledger.settings)
    for slice_ in ((1, 512), (513, 901), (1, 512)):
        went = patrol(ledger.database.reader, ledger.settings, trust, 2)
        assert (went.first, went.last) == slice_
        named = [(defect.position, defect.check) for defect in went.defects]
        assert named == [(1000901, Check.CHECKPOINTS), (7000, Check.CHECKPOINTS)]


def test_no_flood_of_checkpoints_of_nothing_ends_a_patrol(ledger: Ledger) -> None:
    ledger.record(300)
    ledger.seal()
    ledger.attack(
        "insert into seal.checkpoint select size + n, root, note, sealed_at"
        " from seal.checkpoint, generate_series(1, 2500) as n",
        "update seal.checkpoint set note = ''::bytea where size % 2 = 0 and size > 1000",
    )
    rewrite(ledger, 5)
    went = patrol(ledger.database.reader, ledger.settings, trust_of(ledger.settings), 2)
    assert (went.first, went.last, went.size) == (1, 301, 301)
    assert [(one.position, one.check) for one in went.defects if one.position < 301] == [
        (5, Check.TILES)
    ]
    assert "Of 2,400 that are not named it is the same" in went.outcomes()[Check.CHECKPOINTS]
    ledger.attack("delete from seal.checkpoint where size = 301")
    went = patrol(ledger.database.reader, ledger.settings, trust_of(ledger.settings), 2)
    assert (went.size, went.defects[0].position) == (0, 2801), "none is signed"


def test_a_patrol_compares_with_checkpoints_kept_outside_too(ledger: Ledger) -> None:
    ledger.record(300)
    ledger.seal()
    with psycopg.connect(ledger.database.reader) as connection:
        outside = newest_checkpoint(connection).message
    shown = Trust().knowing({"the court": outside})
    assert patrol(ledger.database.reader, ledger.settings, shown, 1).sound
    rewrite(ledger, 290)
    reseal(ledger)
    went = patrol(ledger.database.reader, ledger.settings, shown, 1)
    assert went.defect is not None
    assert went.defect.check is Check.OUTSIDE
    assert "the court" in went.outcomes()[Check.OUTSIDE]


def test_worker_processes_find_the_same_as_one(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.log_pages.INLINE", 0)
    ledger.record(300)
    second = Settings(home=ledger.settings.home / "second", instance="app2")
    ledger.let_in(author_of(second).registered)
    ledger.seal()
    assert verified(ledger, workers=2) == verified(ledger)
    assert verified(ledger).sound
    ledger.attack("update log.event set state = '{}' where position = 200")
    assert found(verified(ledger, workers=2)) == found(verified(ledger)) == (200, Check.LEAF)


def test_a_row_far_behind_is_missed_before_it(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages up to there would fill the memory, were they all asked for at once."""

    class Counting(ProcessPoolExecutor):
        asked = 0

        def submit(self, *args: Any, **kwargs: Any) -> Any:
            Counting.asked += 1
            assert Counting.asked <= 1000
            return super().submit(*args, **kwargs)

    monkeypatch.setattr("application.log_pages.INLINE", 0)
    monkeypatch.setattr("application.log_pages.ProcessPoolExecutor", Counting)
    ledger.record(3)
    ledger.seal()
    ledger.attack("update log.event set position = 1000000000000 where position = 4")
    assert found(verified(ledger, workers=2)) == (4, Check.DENSE)


def test_a_further_instance_records_once_the_log_let_it_in(ledger: Ledger, tmp_path: Path) -> None:
    second = Settings(home=tmp_path / "second", instance="app2")
    ledger.let_in(author_of(second).registered)
    open_records(ledger.database, second).close()
    theirs = Ledger.under(ledger.database, second)
    theirs.record(2)
    theirs.records.close()
    ledger.seal()
    assert verified(ledger).sound


def test_a_further_instance_that_let_itself_in_is_found(ledger: Ledger, tmp_path: Path) -> None:
    second = Settings(home=tmp_path / "second", instance="app2")
    forger = Ledger.under(ledger.database, second)
    forger.let_in(author_of(second).registered)
    forger.records.close()
    assert found(verified(ledger)) == (2, Check.AUTHOR)
