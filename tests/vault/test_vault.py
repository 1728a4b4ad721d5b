"""The vault: what is sealed on its way into the log, and opened only under a trace."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import orjson
import psycopg
import pytest
from eventsourcing.persistence import StoredEvent
from pydantic import ValidationError

from application.alarms import standing
from application.casework import Identity, Note
from application.codec import NotSealed, encode
from application.database import Database
from application.drafts import Draft, Key, Whose, sealed
from application.envelope import INTERNATIONAL, NATIONAL, Unopened, envelopes_in, open_with_okm
from application.eventlog import Conflict, RequestReused
from application.keystore import KeyStore
from application.seal import RolledBack
from application.sealer import Sealer
from application.settings import Settings
from application.vault import open_vault
from domain import case_file
from domain.access import Access, KeyReleased, access_id
from domain.base import Place, Refused, day
from domain.case import Case
from domain.case_file_events import PartyIdentified
from tests.domain.case_cast import HER, HIM, OPENING, stamp
from tests.vault.world import NAMES, NOTES, SECRETS, World, command, viewing

KEY = Key(UUID(int=7), bytes(range(32)))


def stored(world: World, record: UUID) -> list[StoredEvent]:
    return list(world.records.recorder.select_events(record))


def test_no_text_of_a_person_stands_in_the_log_nor_in_any_table(world: World) -> None:
    world.case()
    world.practitioner()
    tables = world.fetch(
        "select oid::regclass::text from pg_class where relkind = 'r' and relnamespace in"
        " ('log'::regnamespace, 'seal'::regnamespace, 'vault'::regnamespace,"
        " 'identity'::regnamespace)"
    )
    for (table,) in tables:
        rows = world.fetch(f"select convert_from(to_jsonb(t)::text::bytea, 'UTF8') from {table} t")
        states = world.fetch("select convert_from(state, 'UTF8') from log.event")
        for (text,) in [*rows, *states]:
            assert not any(secret in text for secret in (*SECRETS, "赵敏"))


def test_what_was_sealed_is_opened_under_a_trace(world: World) -> None:
    case = world.case()
    assert world.texts(case) == [*NAMES.values(), *NOTES.values()]


def test_a_practitioners_identity_is_opened_too(world: World) -> None:
    assert world.texts(world.practitioner()) == ["赵敏"]


def test_the_log_names_the_keys_that_were_used(world: World) -> None:
    case = world.case()
    names = {f"k:{key}" for key in world.vault.store.parts_of(case).values()}
    used = {s.k for row in stored(world, case) for _, s in envelopes_in(orjson.loads(row.state))}
    assert used == names
    assert len(names) == 3


def test_each_person_and_the_couple_have_a_key_of_their_own(world: World) -> None:
    one, other = world.case(), world.case()
    keys = [*world.vault.store.parts_of(one).values(), *world.vault.store.parts_of(other).values()]
    assert len(set(keys)) == 6
    assert set(world.vault.store.parts_of(one)) == {HER, HIM, "couple"}


def test_a_release_is_recorded_with_keys_purpose_and_record(world: World) -> None:
    case, by = world.case(), command()
    released = world.vault.release(world.records, viewing(case), by, [HER])
    (row,) = world.fetch(
        "select topic, convert_from(state, 'UTF8')::jsonb, originator_id, recorded_at::date"
        " from log.event where position = %s",
        released.receipt.first_position,
    )
    topic, state, stream, _ = row
    assert topic == KeyReleased.topic
    assert state["keys"] == [f"k:{world.vault.store.parts_of(case)[HER]}"]
    assert state["viewing"]["record"] == str(case)
    assert state["viewing"]["purpose"] == "service"
    assert state["stamp"]["actor"] == str(by.by.id)
    assert world.records.get(Access, stream).version == 1


def test_a_release_opens_what_was_asked_for_and_no_more(world: World) -> None:
    case = world.case()
    hers = world.release(case, [HER])
    assert [hers.open(field.sealed) for field in hers.fields][1:] == [NOTES[HER]]
    for field in world.release(case, [HIM]).fields:
        with pytest.raises(Unopened, match="not released"):
            hers.open(field.sealed)


def test_no_key_is_printed(world: World) -> None:
    released = world.release(world.case())
    keys = [*released.keys.values(), KEY]
    printed = repr(released) + repr(keys) + repr(Draft.of(KEY, "王丽"))
    assert not any(repr(key.secret) in printed for key in keys)


def test_what_cannot_be_recorded_is_not_opened(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.case()
    unwrapped: list[bytes] = []
    monkeypatch.setattr(
        world.vault.store.wrapping, "unwrap", lambda epoch, wrapped: unwrapped.append(wrapped)
    )
    elsewhere = access_id(uuid4(), uuid4(), date(2020, 1, 1))
    with pytest.raises(Refused, match="access-of-another"):
        world.vault.release(world.records, viewing(case), command(), stream=elsewhere)
    assert unwrapped == []


def test_a_field_is_disclosed_without_its_key(world: World) -> None:
    case = world.case()
    released = world.release(case, [HIM])
    (field,) = released.fields
    okm = released.disclose(field.sealed)
    assert released.disclosed() == {(field.place.version, "identity"): okm}
    assert open_with_okm(okm, released.place_of(field.sealed), field.sealed) == released.open(
        field.sealed
    )
    for other in world.release(case, [HER]).fields:
        with pytest.raises(Unopened):
            open_with_okm(okm, other.place, other.sealed)


def test_a_repeated_release_is_answered_for_a_while_only(world: World) -> None:
    case, by = world.case(), command()
    first = world.vault.release(world.records, viewing(case), by)
    again = world.vault.release(world.records, viewing(case), by)
    assert again.receipt == first.receipt
    world.vault.clock = lambda: first.receipt.recorded_at + timedelta(minutes=6)
    with pytest.raises(Unopened, match="new request id"):
        world.vault.release(
            world.records,
            viewing(case),
            by,
            stream=access_id(by.by.id, by.by.office, day(first.receipt.recorded_at)),
        )


def test_notes_that_a_correction_left_alone_are_opened_where_they_were_sealed(world: World) -> None:
    case = world.case()
    held = world.session().model_copy(update={"minutes": 2, "notes": None})
    world.casework.correct_session(case, held, replace(command(), reason="笔误"))
    rewritten = held.model_copy(update={"notes": (Note(text="改写"),)})
    world.casework.correct_session(case, rewritten, replace(command(), reason="补记"))
    states = [orjson.loads(row.state) for row in stored(world, case)]
    corrected = [state for state in states if "before" in state and "minutes" in state["before"]]
    copies = [s for state in corrected for _, s in envelopes_in(state["before"])]
    released = world.release(case)
    assert [released.open(copy) for copy in copies] == [*NOTES.values()] * 2
    assert world.texts(case)[-1] == "改写"


def test_a_request_is_recognised_by_its_text_as_long_as_there_is_the_key(world: World) -> None:
    """Whoever has the key can find out which text was asked for, and once it is gone nobody."""
    case, by = world.case(), command(reason="同名")
    first = world.casework.correct_identity(case, HER, Identity(name="王莉"), None, by)
    assert world.casework.correct_identity(case, HER, Identity(name="王莉"), None, by) == first
    with pytest.raises(RequestReused):
        world.casework.correct_identity(case, HER, Identity(name="王丽"), None, by)
    world.fetch("delete from vault.key returning id")
    with pytest.raises(RequestReused):
        world.casework.correct_identity(case, HER, Identity(name="王莉"), None, by)


def test_the_tag_of_a_draft_depends_on_the_key(world: World) -> None:
    assert Draft.of(KEY, "王丽") == Draft.of(KEY, "王丽")
    assert Draft.of(KEY, "王丽").c != Draft.of(KEY, "李强").c
    assert Draft.of(KEY, "王丽").c != Draft.of(Key(KEY.id, bytes(32)), "王丽").c


def identified(draft: Draft) -> PartyIdentified:
    return PartyIdentified(
        originator_id=uuid4(), originator_version=2, stamp=stamp(), party=HER,
        place=Place(region=uuid4()),
        identity=draft,
    )  # fmt: skip


def test_a_draft_is_neither_printed_nor_encoded_nor_sent_away() -> None:
    draft = Draft.of(KEY, "王丽")
    event = identified(draft)
    assert "王丽" not in repr(event) + str(event) + event.model_dump_json()
    with pytest.raises(NotSealed):
        encode(event)
    with pytest.raises(TypeError, match="does not leave"):
        pickle.dumps(event)
    assert encode(sealed(event))


def test_a_draft_is_sealed_for_its_own_place(world: World) -> None:
    event = sealed(identified(Draft.of(KEY, "王丽")))
    ((path, found),) = envelopes_in(orjson.loads(encode(event)))
    assert path == "identity"
    assert found.k == KEY.name
    assert found.z == 1


def test_who_is_refused_makes_no_key(world: World) -> None:
    with pytest.raises(Refused, match="case-not-opened"):
        world.casework.identify(uuid4(), HER, Identity(name="王丽"), None, command())
    assert world.fetch("select count(*) from vault.key") == [(0,)]


def test_who_is_overtaken_in_making_the_first_key_is_told_so_and_repeats_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, by = uuid4(), command()
    world.records.change(command(), Case, case, case_file.open_case, OPENING, Place(region=case))
    keep = KeyStore.keep

    def overtaken(store: KeyStore, whose: Whose, key: Key, *_: object) -> None:
        monkeypatch.undo()
        keep(store, whose, Key(uuid4(), bytes(32)))
        keep(store, whose, key)

    monkeypatch.setattr(KeyStore, "keep", overtaken)
    with pytest.raises(Conflict, match="now at version 1"):
        world.casework.identify(case, HER, Identity(name="王丽"), None, by)
    world.casework.identify(case, HER, Identity(name="王丽"), None, by)
    assert world.texts(case) == ["王丽"]


@pytest.mark.parametrize("role", ["application", "projector", "sealer", "reader"])
@pytest.mark.parametrize("table", ["vault.key", "vault.epoch", "vault.erasure"])
def test_no_other_role_sees_a_key(database: Database, role: str, table: str) -> None:
    with (
        psycopg.connect(getattr(database, role)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(f"select from {table}")


@pytest.mark.parametrize("table", ["log.request", "log.schema_version", "seal.checkpoint"])
def test_the_vault_reads_nothing_of_the_log_but_its_events(database: Database, table: str) -> None:
    with (
        psycopg.connect(database.vault) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(f"select from {table}")


def test_the_suite_is_chosen_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().suite == INTERNATIONAL
    monkeypatch.setenv("HUHANG_SUITE", "2")
    assert Settings().suite == NATIONAL
    for none in ("0", "3", "SM4"):
        monkeypatch.setenv("HUHANG_SUITE", none)
        with pytest.raises(ValidationError):
            Settings()


def test_new_data_are_sealed_by_either_suite_and_all_are_read(world: World) -> None:
    world.vault.suite = 2
    national = world.practitioner()
    world.vault.suite = 1
    international = world.practitioner()
    for person, expected in ((national, 2), (international, 1)):
        (field,) = world.release(person).fields
        assert field.sealed.z == expected
        assert world.texts(person) == ["赵敏"]


def test_the_gate_stays_shut_until_the_log_goes_on_from_what_is_known_outside(
    world: World, database: Database, tmp_path: Path
) -> None:
    case, settings = world.case(), Settings(home=tmp_path)
    with Sealer(database, settings) as sealer:
        sealer.seal_next()
    with open_vault(database, settings) as vault:
        assert vault.release(world.records, viewing(case), command()).fields
    (tmp_path / "seal" / "checkpoint").unlink()
    with open_vault(database, settings) as vault:
        with pytest.raises(RolledBack, match="no checkpoint"):
            vault.release(world.records, viewing(case), command())
        for change in (lambda: vault.rotate(at_once=True), vault.take_over):
            with pytest.raises(RolledBack, match="no checkpoint"):
                change()
    assert "no checkpoint is known here" in (standing(tmp_path) or "")
