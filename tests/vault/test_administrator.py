"""Who administers the database, and has no wrapping key, no author's key and not the disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from shutil import copytree
from typing import Any, LiteralString
from uuid import UUID, uuid4, uuid5

import orjson
import psycopg
import pytest
from pydantic_core import to_jsonable_python

from application.access import Accesses
from application.alarms import numbered, settle, standing
from application.beginning import open_records
from application.blind_index import Term
from application.database import Database
from application.destroyed import Destroyed
from application.drafts import Whose, id_of
from application.drafts import name_of as key_name
from application.envelope import Unopened
from application.epochs import EPOCH, Epochs
from application.erasure import command_of, names_in
from application.eventlog import Receipt, fingerprint_of
from application.keystore import Erasure, open_store
from application.recorder import EventLog
from application.records import Command, name_of
from application.repetition import NotSaid
from application.rotation import LATE, ring_of_the_unsaid, rotate_when_due
from application.sealer import Sealer
from application.settings import Settings
from application.vault import Vault, fields_of, open_vault, require_continued
from application.verification import trust_of, verify
from application.wrapping import wrapping_keys
from domain import case_file
from domain.access import Access, access_id
from domain.base import day
from domain.subject import Subject, SubjectKeyDestroyed, subject_id
from tests.domain.case_cast import HER
from tests.unasked import Unasked
from tests.vault.test_blind_index import DOCUMENT, NUMBER, found, identified
from tests.vault.test_erasure import HOLD, crash_at, erase, topics
from tests.vault.world import SECRETS, World, command, officer, viewing

pytestmark = pytest.mark.attack


class Clock:
    """The time, and days that a test lets go by."""

    def __init__(self) -> None:
        self.gone = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.gone


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(database: Database, tmp_path: Path, clock: Clock) -> Iterator[World]:
    """An installation whose key store has the test's clock."""
    settings = Settings(home=tmp_path)
    records = open_records(database, settings, Unasked)
    with open_store(database, wrapping_keys(settings), tmp_path, clock) as store:
        vault = Vault(store, partial(require_continued, database, settings), settings.suite)
        yield World(database, records, vault)
    records.close()


def run(world: World, query: LiteralString, *values: object) -> list[Any]:
    """What the administrator says to the database."""
    with psycopg.connect(world.database.administrator, autocommit=True) as connection:
        done = connection.execute(query, values or None)
        return done.fetchall() if done.description else []


def dumped(world: World, record: UUID) -> list[Any]:
    """The rows of keys that any dump holds."""
    return run(world, "select * from vault.key where record = %s", record)


def put_back(world: World, rows: list[Any]) -> None:
    """Put rows of keys where they stood, and take back that they were destroyed."""
    run(world, "delete from vault.destroyed")
    for row in rows:
        run(world, "insert into vault.key values (%s, %s, %s, %s, %s, %s)", *row)


def unsay(world: World) -> list[Any]:
    """Let the log name other keys as destroyed; returns what it said."""
    run(world, "update pg_class set relhastriggers = false where oid = 'log.event'::regclass")
    said = run(
        world, "select position, state from log.event where topic = %s", SubjectKeyDestroyed.topic
    )
    for position, state in said:
        other = orjson.dumps({**orjson.loads(state), "key": f"k:{uuid4()}"})
        run(world, "update log.event set state = %s where position = %s", other, position)
    return said


def say_again(world: World, said: list[Any]) -> None:
    """Put everything in the log as it was."""
    for position, state in said:
        run(world, "update log.event set state = %s where position = %s", state, position)
    run(world, "update pg_class set relhastriggers = true where oid = 'log.event'::regclass")


def test_an_erasure_is_not_undone_by_changing_what_the_database_says_of_it(
    world: World, tmp_path: Path
) -> None:
    settings, case = Settings(home=tmp_path), world.closed_case()
    kept = dumped(world, case)
    assert world.texts(case), "the gate was passed"
    erase(world, case)
    assert world.texts(case) == []
    with Sealer(world.database, settings) as sealer:
        while sealer.seal_next() is not None:
            pass
    said = unsay(world)
    put_back(world, kept)
    assert world.texts(case) == []
    assert dumped(world, case) == [], "they were destroyed again"
    put_back(world, kept)
    with open_vault(world.database, settings) as vault:
        assert World(world.database, world.records, vault).texts(case) == []
        ring_of_the_unsaid(vault, tmp_path)
    assert "does not say of 3 keys" in (standing(tmp_path) or "")
    say_again(world, said)
    assert verify(world.database.reader, lambda *_: None, trust_of(settings)).sound


@pytest.mark.parametrize("state", [b"", b"{}", b"[]", b'{"key": 7}', b'{"key": "k:7"}', b"\xff"])
def test_a_record_of_a_destruction_that_names_no_key_stops_nothing_and_rings(
    world: World, tmp_path: Path, state: bytes
) -> None:
    settings, case, other = Settings(home=tmp_path), world.closed_case(), world.closed_case()
    kept = dumped(world, case)
    erase(world, case)
    run(world, "update pg_class set relhastriggers = false where oid = 'log.event'::regclass")
    ((first,),) = run(
        world,
        "update log.event set state = %s where position = (select min(position) from log.event"
        " where topic = %s) returning position",
        state,
        SubjectKeyDestroyed.topic,
    )
    put_back(world, kept)
    with open_vault(world.database, settings) as vault:
        assert vault.store.parts_of(case) == {}, "they were destroyed again"
        assert World(world.database, world.records, vault).texts(other)
        told = f"A row at position {first} says that keys were destroyed, and no instance of ours"
        assert told in (standing(tmp_path) or "")
        settle(tmp_path, "asked who it was", numbered(tmp_path))
        ring_of_the_unsaid(vault, tmp_path)
        vault.rotate(at_once=True)
    assert "does not say of 1 keys" in (standing(tmp_path) or "")


ABSURD = pytest.mark.parametrize("time", ["infinity", "-infinity", "20000-01-01", "0044-03-15 BC"])


@ABSURD
def test_an_erasure_of_a_time_that_no_calendar_has_is_none_of_ours_and_rings(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, time: str
) -> None:
    case, other = world.closed_case(), world.closed_case()
    by = officer()
    with crash_at(monkeypatch, Subject):
        erase(world, case, by=by)
    run(world, "update vault.erasure set occurred = %s::timestamptz", time)
    world.erasures.heal()
    assert "1 rows of vault.erasure were put there or changed by somebody else than this " in (
        standing(tmp_path) or ""
    )
    assert world.vault.store.erasure(by.request) is None
    assert erase(world, other).fields


@ABSURD
def test_an_epoch_of_a_time_that_no_calendar_has_stops_nothing(
    world: World, tmp_path: Path, time: str
) -> None:
    run(world, "update vault.epoch set began_at = %s::timestamptz", time)
    case = world.closed_case()
    assert world.texts(case)
    assert erase(world, case).horizon < datetime(2100, 1, 1, tzinfo=UTC)
    rotate_when_due(world.vault, tmp_path)
    assert "Somebody changed vault.epoch" in (standing(tmp_path) or "")


def test_another_installation_learns_from_the_log_what_was_destroyed(
    world: World, tmp_path: Path
) -> None:
    case, other = world.closed_case(), world.closed_case()
    kept = dumped(world, case)
    copytree(tmp_path / "keys", tmp_path / "two" / "keys")
    with open_store(
        world.database, wrapping_keys(Settings(home=tmp_path)), tmp_path / "two"
    ) as store:
        second = World(world.database, world.records, Vault(store, lambda: None))
        assert second.texts(case)
        erase(world, case)
        assert second.texts(other)
        unsay(world)
        put_back(world, kept)
        assert second.texts(case) == []


def test_a_key_is_remembered_once_it_was_destroyed_and_not_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.closed_case()
    keys = set(world.vault.store.parts_of(case).values())
    with monkeypatch.context() as patch:
        patch.setattr(type(world.vault.store), "bury", refused)
        with pytest.raises(psycopg.OperationalError):
            erase(world, case)
    assert world.vault.store.destroyed.all() == frozenset()
    assert len(world.texts(case)) == 4
    with crash_at(monkeypatch, Subject):
        erase(world, case)
    assert world.vault.store.destroyed.all() == keys
    assert world.vault.store.unsaid() == frozenset(), "it is to be healed"
    world.erasures.heal()
    assert world.vault.store.unsaid() == frozenset()


def refused(*_: object) -> None:
    raise psycopg.OperationalError("the server went away")


def test_a_memory_of_destroyed_keys_survives_a_crash_in_the_middle_of_a_line(
    tmp_path: Path,
) -> None:
    store, one, two = uuid4(), uuid4(), uuid4()
    first, second = Destroyed(tmp_path, store), Destroyed(tmp_path, store)
    first.remember([one])
    assert one in second
    with (tmp_path / "seal" / f"destroyed-{store}").open("a") as file:
        file.write(str(two)[:20])
    assert two not in second
    second.remember([two])
    for memory in (first, second, Destroyed(tmp_path, store)):
        assert memory.all() == {one, two}
    assert two in Destroyed(tmp_path, uuid4()), "whatever the database calls its key store"


def rewrite(world: World, query: LiteralString, *values: object) -> None:
    """Change what nobody may change, and leave everything else as it was."""
    with psycopg.connect(world.database.administrator) as connection:
        silence = "update pg_class set relhastriggers = %s where relnamespace = 'log'::regnamespace"
        silence += " and relname in ('event', 'request')"
        connection.execute(silence, (False,))
        connection.commit()
        connection.execute(query, values or None)
        connection.execute(silence, (True,))


def forge(world: World, request: UUID, body: list[Any], first: int, last: int) -> None:
    """Write that a request was recorded, under a fingerprint that anybody can compute."""
    encoded = orjson.dumps(to_jsonable_python(body), option=orjson.OPT_SORT_KEYS)
    rewrite(
        world,
        "insert into log.request values (%s, %s, %s, %s, now()) on conflict (request_id)"
        " do update set fingerprint = excluded.fingerprint, recorded_at = now()",
        request, fingerprint_of(encoded), first, last,
    )  # fmt: skip


def forge_erasure(world: World, erasure: Erasure, last: int = 5) -> None:
    """Write that the log says all of an erasure."""
    by, names = command_of(erasure), names_in(erasure)
    said = [by.by.id, by.occurred, by.reason]
    subject = [name_of(Subject.destroy_keys), subject_id(erasure.record), *said]
    forge(world, by.request, [*subject, (erasure.record, names, erasure.ground)], 3, last)
    told = [name_of(case_file.erase), erasure.record, *said, (names,)]
    forge(world, uuid5(erasure.request, "case"), told, 3, last)


def test_no_certificate_is_issued_on_a_receipt_for_what_the_log_does_not_say(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, by = world.closed_case(), officer()
    with crash_at(monkeypatch, Subject):
        erase(world, case, by=by)
    (begun,) = world.vault.store.unrecorded()
    forge_erasure(world, begun)
    for _ in range(2):
        with pytest.raises(NotSaid, match="Somebody changed"):
            erase(world, case, by=by)
    assert "nothing was done" in (standing(tmp_path) or "")
    assert world.vault.store.unrecorded() == [begun], "it is still to be said"
    forged = [by.request, uuid5(by.request, "case")]
    rewrite(world, "delete from log.request where request_id = any(%s)", forged)
    certificate = erase(world, case, by=by)
    assert certificate.positions == (len(topics(world)) - 3, len(topics(world)) - 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [("last_position = first_position", "is not"), ("fingerprint = sha256('')", "another body")],
)
def test_an_erasure_whose_receipt_was_changed_stops_no_other(
    world: World, tmp_path: Path, change: str, said: str
) -> None:
    """Of one that was said long ago: it is taken for unsaid again, and its receipt for another."""
    case, held, by = world.closed_case(), world.closed_case(), officer()
    erase(world, case, by=by)
    size = len(topics(world))
    rewrite(world, "update vault.erasure set recorded_at = null")
    rewrite(world, f"update log.request set {change} where request_id = %s", by.request)
    world.erasures.heal()
    assert said in (standing(tmp_path) or "")
    world.erasures.place_hold(held, HOLD, officer())
    assert len(topics(world)) == size + 1


@pytest.mark.parametrize("last", [3, 5])
def test_nor_on_one_that_is_forged_while_the_log_is_held_up(
    world: World, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    """The append answers that it was repeated, with the connection cut meanwhile or not."""
    case, other = world.closed_case(), world.closed_case()
    asked = world.records.recorder.receipt_of

    def held_up(request: UUID, fingerprint: bytes) -> Receipt | None:
        for begun in world.vault.store.unrecorded():
            if begun.request == request and asked(request, fingerprint) is None:
                forge_erasure(world, begun, last)
                return None
        return asked(request, fingerprint)

    monkeypatch.setattr(world.records.recorder, "receipt_of", held_up)
    with pytest.raises(NotSaid):
        erase(world, case)
    settle_ = partial(EventLog._settle, world.records.recorder)
    cut = lambda save, answer, **_: settle_(save, answer, asked_again=True)  # noqa: E731
    monkeypatch.setattr(world.records.recorder, "_settle", cut)
    with pytest.raises(NotSaid):
        erase(world, other)
    assert SubjectKeyDestroyed.topic not in topics(world)


def release_of(world: World, case: UUID, by: Command) -> list[Any]:
    """The body of the request that traces a release."""
    living = set(world.vault.living(case).values())
    used = {id_of(field.sealed.k) for field in fields_of(world.records, case)} & living
    names = tuple(sorted(map(key_name, used)))
    today = access_id(by.by.id, by.by.office, day(world.vault.clock()))
    facts = (viewing(case), names)
    return [name_of(Access.release_keys), today, by.by.id, by.occurred, by.reason, facts]


def test_nothing_is_opened_under_a_trace_that_is_only_said_to_be_there(
    world: World, tmp_path: Path
) -> None:
    case, by = world.case(), command()
    size = len(topics(world))
    forge(world, by.request, release_of(world, case, by), 1, 1)
    with pytest.raises(NotSaid):
        world.vault.release(world.records, viewing(case), by)
    assert len(topics(world)) == size
    assert str(by.request) in (standing(tmp_path) or "")


@pytest.mark.parametrize("meanwhile", [False, True])
def test_no_look_is_answered_under_a_trace_that_is_only_said_to_be_there(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: bool
) -> None:
    """Its id is seen in an append that is cut off, and written down before the next one comes."""
    by, desk, size = replace(command(), fresh=True), Accesses(world.records), len(topics(world))
    day_of = access_id(by.by.id, by.by.office, day(desk.clock()))
    rewrite(world, "insert into log.request values (%s, '', 1, 1, now())", by.request)
    settle_ = partial(EventLog._settle, world.records.recorder)
    cut = lambda save, answer, **_: settle_(save, answer, asked_again=True)  # noqa: E731
    policy = world.records.jurisdiction
    begun = lambda *asked: desk.begin_opening(*asked, policy)()  # noqa: E731 - its end is waited for
    look = begun if meanwhile else desk.open_record
    with monkeypatch.context() as patch:
        patch.setattr(world.records.recorder, "_settle", cut)
        with pytest.raises(NotSaid):
            look(day_of, viewing(uuid4()), by)
    assert len(topics(world)) == size
    assert str(by.request) in (standing(tmp_path) or "")
    desk.open_record(day_of, viewing(uuid4()), replace(by, request=uuid4()))
    assert len(topics(world)) == size + 1, "what is remembered of the day is what was recorded"


def test_the_trace_of_one_record_opens_no_other(world: World) -> None:
    case, other, by = world.case(), world.case(), command()
    receipt = world.vault.release(world.records, viewing(other), by).receipt
    forge(world, by.request, release_of(world, case, by), *receipt[1:3])
    moved(world, receipt)
    with pytest.raises(NotSaid, match="says something else"):
        world.vault.release(world.records, viewing(case), by)


def moved(world: World, receipt: Receipt) -> None:
    """Let the answer to a request have the time of the record that it names."""
    rewrite(
        world,
        "update log.request set recorded_at = event.recorded_at from log.event"
        " where position = first_position and request_id = %s",
        receipt.request,
    )


def test_an_old_trace_is_not_made_a_new_one(world: World) -> None:
    case, by = world.case(), command()
    receipt = world.vault.release(world.records, viewing(case), by).receipt
    rewrite(world, "update log.request set recorded_at = recorded_at + interval '6 minutes'"
        " where request_id = %s", by.request)  # fmt: skip
    with pytest.raises(NotSaid, match="another time"):
        world.vault.release(world.records, viewing(case), by)
    moved(world, receipt)
    assert world.vault.release(world.records, viewing(case), by).receipt == receipt
    world.vault.clock = lambda: receipt.recorded_at + timedelta(minutes=6)
    today = access_id(by.by.id, by.by.office, day(receipt.recorded_at))
    with pytest.raises(Unopened, match="new request id"):
        world.vault.release(world.records, viewing(case), by, stream=today)


def test_a_trace_that_another_key_signed_is_none(world: World) -> None:
    case, by = world.case(), command()
    receipt = world.vault.release(world.records, viewing(case), by).receipt
    rewrite(
        world,
        "update log.event set signature = decode(repeat('00', 64), 'hex') where position = %s",
        receipt.first_position,
    )
    with pytest.raises(NotSaid):
        world.vault.release(world.records, viewing(case), by)


def test_an_honest_request_is_answered_again_also_by_another_installation(
    world: World, tmp_path: Path
) -> None:
    by = command()
    person = world.practitioner()
    first = world.team.deregister(person, by)
    assert world.team.deregister(person, by) == first
    second = open_records(world.database, Settings(home=tmp_path), Unasked)
    assert World(world.database, second, world.vault).team.deregister(person, by) == first
    second.close()
    assert standing(tmp_path) is None


def wrapping_files(home: Path) -> list[str]:
    """The numbers of the epochs whose wrapping keys there are."""
    return sorted(path.stem.rpartition("-")[2] for path in (home / "keys").glob("vault-*"))


def look(world: World, home: Path) -> str:
    """Look whether the wrapping key is to be changed; returns what rings, and settles it."""
    rotate_when_due(world.vault, home)
    rung = standing(home) or ""
    settle(home, "looked at", numbered(home))
    return rung


def test_the_horizon_is_not_held_off_by_moving_the_beginning_of_an_epoch(
    world: World, tmp_path: Path, clock: Clock
) -> None:
    certificate = erase(world, world.closed_case())
    for days in (1, 11, 21, 30):
        clock.gone = timedelta(days=days)
        run(world, "update vault.epoch set began_at = %s where ended_at is null", clock())
        assert "Somebody changed vault.epoch: epoch 1 began at" in look(world, tmp_path)
    assert wrapping_files(tmp_path) == ["2"]
    assert clock() < certificate.horizon + LATE
    assert look(world, tmp_path) == ""


def test_a_certificate_names_no_horizon_that_is_too_early(
    world: World, tmp_path: Path, clock: Clock
) -> None:
    ((began_at,),) = run(world, "select began_at from vault.epoch")
    run(world, "update vault.epoch set began_at = now() - interval '29 days 23 hours'")
    assert erase(world, world.closed_case()).horizon == began_at + EPOCH
    run(world, "update vault.epoch set began_at = now() + interval '1 year'")
    assert world.vault.store.epochs.overdue() < -EPOCH + LATE
    clock.gone = EPOCH + LATE
    assert world.vault.store.epochs.overdue() >= LATE


def test_an_epoch_that_a_clock_began_too_late_is_over_at_once(world: World, clock: Clock) -> None:
    store = world.vault.store
    clock.gone = timedelta(days=400)
    assert store.rotate(at_once=True).epoch == 2
    clock.gone = timedelta(hours=1)
    assert store.rotate().epoch == 3
    assert store.rotate().epoch == 3


def test_a_horizon_comes_no_sooner_by_the_clock_of_the_database(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[datetime] = []
    horizon_of = Epochs.horizon_of

    def heard(epochs: Epochs, at: datetime) -> datetime:
        asked.append(at)
        return horizon_of(epochs, at)

    monkeypatch.setattr(Epochs, "horizon_of", heard)
    ahead = datetime.now(UTC) + timedelta(minutes=2)  # by which the database's is slow
    monkeypatch.setattr(world.vault, "clock", lambda: ahead)
    monkeypatch.setattr(world.records, "_clock", lambda: ahead)
    erase(world, world.closed_case())
    ((occurred,),) = run(world, "select occurred from vault.erasure")
    assert asked == [occurred]


def test_no_wrapping_key_is_left_behind_when_the_row_of_its_epoch_is_taken_out(
    world: World, tmp_path: Path, clock: Clock
) -> None:
    broken = uuid4()
    certificate = erase(world, world.closed_case())
    run(
        world,
        "insert into vault.key values (%s, %s, 'wife', 1, decode(repeat('00', 72), 'hex'), now())",
        broken, uuid4(),
    )  # fmt: skip
    clock.gone = timedelta(days=31)
    assert "could not be changed" in look(world, tmp_path)
    assert wrapping_files(tmp_path) == ["1", "2"]
    assert world.vault.store.epochs.horizon_of(certificate.erased_at) >= clock() - timedelta(
        minutes=1
    )
    run(world, "delete from vault.key where id = %s", broken)
    run(world, "delete from vault.epoch where number = 1")
    assert "knows nothing of it" in look(world, tmp_path)
    assert wrapping_files(tmp_path) == ["2"]
    assert look(world, tmp_path) == ""


def test_an_epoch_that_is_over_does_not_go_on_again(
    world: World, tmp_path: Path, clock: Clock
) -> None:
    case = world.case()
    clock.gone = EPOCH
    assert look(world, tmp_path) == ""
    with psycopg.connect(world.database.administrator) as connection:
        connection.execute("update vault.epoch set ended_at = now() where number = 2")
        connection.execute("update vault.epoch set ended_at = null where number = 1")
    assert "epoch 2 goes on, and it says that 1 does" in look(world, tmp_path)
    assert wrapping_files(tmp_path) == ["3"]
    assert len(world.texts(case)) == len(SECRETS)


def test_an_epoch_that_nobody_noted_is_noted_at_the_next_look(
    world: World, tmp_path: Path, clock: Clock
) -> None:
    store = world.vault.store
    (noted,) = store.custody.epochs(store.id).values()
    note = tmp_path / "seal" / f"custody-{store.id}"
    note.write_bytes(note.read_bytes().splitlines(keepends=True)[0])
    assert look(world, tmp_path) == ""
    assert list(store.custody.epochs(store.id).values()) == [noted]


def test_nobody_is_found_by_a_number_again_after_an_erasure(world: World, clock: Clock) -> None:
    case = identified(world, NUMBER)
    world.close(case)
    keys, terms = dumped(world, case), run(world, "select * from vault.term")
    unopened = [(*key[:3], 2, bytes(72), key[5]) for key in keys if key[2] == HER]
    erase(world, case)
    clock.gone = timedelta(days=40)
    assert world.vault.rotate().destroyed == (1,)
    for unsaid in (False, True):
        if unsaid:
            unsay(world)
        put_back(world, unopened)
        for term in terms:
            run(world, "insert into vault.term values (%s, %s, %s)", *term)
        assert found(world, DOCUMENT, NUMBER) == []
        assert dumped(world, case) == [], "it was destroyed again"


def test_what_stands_in_the_place_of_a_new_key_and_was_destroyed_makes_room(world: World) -> None:
    case = world.closed_case()
    kept = dumped(world, case)
    (hers,) = [row[0] for row in kept if row[2] == HER]
    erase(world, case)
    unsay(world)
    put_back(world, kept)
    store = world.vault.store
    drafts = world.vault.drafts(case)
    draft = drafts.of(HER, "x", [Term(DOCUMENT, NUMBER)])
    assert draft.k != key_name(hers)
    draft._keep(draft)
    assert set(store.parts_of(case)) == {HER}
    assert store.keys([hers]) == {}
    assert store.parts_of(case)[HER] == id_of(draft.k)
    assert Whose(case, HER)


NO_TEXT = "('\\xff41'::bytea)::text"


def test_an_erasure_said_in_bytes_that_are_no_text_ends_no_work(
    world: World, tmp_path: Path
) -> None:
    """Neither a start, nor another erasure, nor the hourly look: the row is nobody's, and rings."""
    gone, other = world.closed_case(), world.closed_case()
    erase(world, gone, HER)
    run(world, "create cast (bytea as text) without function")
    run(world, "insert into vault.erasure select (jsonb_populate_record(erasure,"
        " jsonb_build_object('request', gen_random_uuid(), 'recorded_at', null))).*"
        " from vault.erasure limit 1")  # fmt: skip
    run(world, f"update vault.erasure set ground = {NO_TEXT} where recorded_at is null")
    with open_vault(world.database, Settings(home=tmp_path)):
        pass
    assert erase(world, other).keys
    ring_of_the_unsaid(world.vault, tmp_path)
    assert "1 rows of vault.erasure were put there or changed" in str(standing(tmp_path))


def test_a_key_under_bytes_that_are_no_text_ends_no_reading_of_another(
    world: World, tmp_path: Path
) -> None:
    case, other = world.closed_case(), world.closed_case()
    texts = world.texts(other)
    run(world, "create cast (bytea as text) without function")
    run(world, f"update vault.key set part = {NO_TEXT} where record = %s and part = %s", case, HER)
    assert world.texts(other) == texts
    with pytest.raises(Unopened, match="something else in the place of 1 keys"):
        world.vault.rotate(at_once=True)
    assert world.texts(other) == texts
    world.texts(case)
    assert f"1 keys of the record {case}, such as" in str(standing(tmp_path))
