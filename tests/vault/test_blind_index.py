"""The blind index: numbers are found in any spelling, stored in none, and gone with the person."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.blind_index import BlindIndex, NumberKind, Term, lengthened
from application.casework import Identity
from application.drafts import Whose
from application.keys_named import INDEX
from application.keystore import KeyStore
from application.limits import TooMany
from application.records import Actor
from application.searches import Found, Searches
from application.team import RegistrationFacts
from domain.base import Refused
from domain.values import (
    Education,
    ErasureGround,
    Party,
    PractitionerKind,
    PractitionerSource,
    RecordKind,
    Role,
    Sex,
)
from tests.domain.case_cast import HER, HIM
from tests.vault.world import World, command, officer

DOCUMENT, PHONE = NumberKind.DOCUMENT, NumberKind.PHONE
NUMBER, OTHER = "11010519491231002X", "370102198001010018"
ANYBODY = Actor(UUID(int=5), Role.PRIVACY_OFFICER, UUID(int=370102))


def identified(world: World, number: str, phone: str | None = None) -> UUID:
    """A case of whose parties one bears a number."""
    case = world.case()
    told = Identity(name="王丽", document=number, phone=phone)
    world.casework.correct_identity(case, HER, told, None, command(reason="补登证件"))
    return case


def found(world: World, kind: NumberKind, text: str) -> list[tuple[UUID, str]]:
    searches = Searches(world.records, world.vault)
    return [(one.record, one.part) for one in searches.find(kind, text, ANYBODY)]


@pytest.mark.parametrize(
    "written",
    [
        "11010519491231002X",
        "110105 19491231 002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105491231002",
    ],
)
def test_a_citizen_number_is_found_however_it_is_written(world: World, written: str) -> None:
    case = identified(world, written)
    assert found(world, DOCUMENT, NUMBER) == [(case, HER)]
    assert found(world, DOCUMENT, written) == [(case, HER)]
    assert found(world, DOCUMENT, OTHER) == []
    assert found(world, PHONE, NUMBER) == []


@pytest.mark.parametrize(
    "written",
    ["13800138000", "+86 138-0013-8000", "0086 138 0013 8000", "８６１３８００１３８０００"],
)
def test_a_phone_is_found_however_it_is_written(world: World, written: str) -> None:
    case = identified(world, NUMBER, written)
    assert found(world, PHONE, "138 0013 8000") == [(case, HER)]
    assert found(world, PHONE, "13800138001") == []


def test_the_number_of_18_characters_is_that_of_the_standard() -> None:
    # GB 11643-1999 shows this number as its example.
    assert lengthened("110105491231002") == "11010519491231002X"


@given(st.text(), st.sampled_from(NumberKind))
def test_one_way_of_writing_is_written_so_again(text: str, kind: NumberKind) -> None:
    term = Term.of(kind, text)
    assert term is None or Term.of(kind, term.number) == term


def test_a_practitioner_is_found_too(world: World) -> None:
    member = world.practitioner()
    told = RegistrationFacts(
        kind=PractitionerKind.VOLUNTEER,
        source=PractitionerSource.VOLUNTEER,
        identity=Identity(name="赵敏", document=NUMBER),
        sex=Sex.FEMALE,
        birth_year=1980,
        education=Education.BACHELOR,
    )
    world.team.correct_registration(member, told, command(reason="补登证件"))
    assert found(world, DOCUMENT, NUMBER) == [(member, "self")]


def test_a_corrected_identity_is_found_by_what_it_is_now(world: World) -> None:
    case = identified(world, OTHER)
    told = Identity(name="王丽", document=NUMBER)
    world.casework.correct_identity(case, HER, told, None, command(reason="证件号录错"))
    assert found(world, DOCUMENT, NUMBER) == [(case, HER)]
    assert found(world, DOCUMENT, OTHER) == []


def test_a_session_note_under_the_same_key_hides_no_identity(world: World) -> None:
    assert found(world, DOCUMENT, OTHER) == []
    case = identified(world, OTHER)
    assert world.texts(case)
    assert found(world, DOCUMENT, OTHER) == [(case, HER)]


def test_what_was_refused_is_not_found(world: World) -> None:
    case = world.case()
    told = Identity(name="王丽", document=NUMBER)
    with pytest.raises(Refused):
        world.casework.correct_identity(case, Party.OTHER, told, None, command(reason="更正"))
    assert found(world, DOCUMENT, NUMBER) == []


def test_what_was_kept_for_an_event_that_never_came_is_not_found(world: World) -> None:
    case = identified(world, OTHER)
    key = world.vault.store.key_of(Whose(case, HER))
    assert key is not None
    digests = world.vault.index.digests([Term(DOCUMENT, NUMBER)])
    world.vault.store.keep(Whose(case, HER), key, "nonce of no event", digests)
    assert world.vault.index.find(Term(DOCUMENT, NUMBER))
    assert found(world, DOCUMENT, NUMBER) == []


def test_an_erased_person_is_not_found_and_the_other_still_is(world: World) -> None:
    case = identified(world, NUMBER)
    told = Identity(name="李强", document=OTHER)
    world.casework.correct_identity(case, HIM, told, None, command(reason="补登证件"))
    world.close(case)
    world.erasures.erase(case, ErasureGround.UNLAWFUL, officer(), [HER])
    assert found(world, DOCUMENT, NUMBER) == []
    assert found(world, DOCUMENT, OTHER) == [(case, HIM)]
    assert world.fetch("select count(*) from vault.term") == [(1,)]


def test_no_number_stands_in_any_table_and_no_digest_in_the_log(world: World) -> None:
    identified(world, NUMBER, "13800138000")
    digests = world.vault.index.digests([Term(DOCUMENT, NUMBER), Term(PHONE, "13800138000")])
    kept = world.fetch("select digest from vault.term order by digest")
    assert [bytes(digest) for (digest,) in kept] == sorted(digests)
    states = world.fetch("select convert_from(state, 'UTF8') from log.event")
    for (state,) in states:
        assert NUMBER not in state
        assert "13800138000" not in state
        assert not any(digest.hex() in state for digest in digests)


def test_another_installation_makes_other_digests(world: World) -> None:
    before = world.vault.index.digests([Term(DOCUMENT, NUMBER)])
    assert world.vault.index.digests([Term(DOCUMENT, NUMBER)]) == before
    with psycopg.connect(world.database.administrator) as connection:
        connection.execute("delete from vault.key where part = %s", (INDEX.part,))
    assert BlindIndex(world.vault.store).digests([Term(DOCUMENT, NUMBER)]) != before


def test_a_rotation_of_the_wrapping_key_loses_nobody(world: World) -> None:
    case = identified(world, NUMBER)
    world.vault.store.rotate(at_once=True)
    assert found(world, DOCUMENT, NUMBER) == [(case, HER)]


def test_who_goes_through_numbers_is_stopped(world: World) -> None:
    searches = Searches(world.records, world.vault)
    for _ in range(30):
        searches.find(DOCUMENT, NUMBER, ANYBODY)
    with pytest.raises(TooMany):
        searches.find(DOCUMENT, NUMBER, ANYBODY)
    other = Actor(uuid4(), Role.REGISTRAR, UUID(int=370102))
    assert searches.find(DOCUMENT, NUMBER, other) == []


def test_what_is_told_is_where_it_stands(world: World) -> None:
    case = identified(world, NUMBER)
    (one,) = Searches(world.records, world.vault).find(DOCUMENT, NUMBER, ANYBODY)
    assert one == Found(
        record=case, kind=RecordKind.CASE, part=HER, number=one.number, status=one.status
    )
    assert one.number
    assert one.status == "open"


def test_a_key_that_another_process_makes_meanwhile_is_not_taken_for_lost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexed = KeyStore.indexed

    def after_another(store: KeyStore) -> bool:
        monkeypatch.setattr(KeyStore, "indexed", indexed)
        identified(world, NUMBER)
        return indexed(store)

    monkeypatch.setattr(KeyStore, "indexed", after_another)
    made = world.vault.index.key()
    assert made == world.vault.index.key()
    assert len(found(world, DOCUMENT, NUMBER)) == 1
