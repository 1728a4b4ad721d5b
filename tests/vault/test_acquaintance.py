"""Who is near to a party by number: as it stands today, in any spelling, and no further."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from application import keystore
from application.accounts import AcquaintanceFacts
from application.acquaintance import Acquaintances
from application.blind_index import Term
from application.casework import Identity
from application.drafts import Key, Whose, id_of
from application.envelope import KEY_BYTES
from application.team import RegistrationFacts
from domain.account import Account
from domain.account_events import Opening, account_id
from domain.values import (
    AcquaintanceRelation,
    Education,
    ErasureGround,
    PractitionerKind,
    PractitionerSource,
    Sex,
)
from tests.domain.case_cast import HER, HIM
from tests.vault.test_blind_index import DOCUMENT, NUMBER, OTHER, identified
from tests.vault.world import World, command, officer

SELF, RELATIVE = AcquaintanceRelation.SELF, AcquaintanceRelation.RELATIVE


def member(world: World, number: str, account: UUID | None = None) -> UUID:
    """Somebody of the team who bears a number."""
    person = uuid4()
    told = RegistrationFacts(
        kind=PractitionerKind.VOLUNTEER,
        source=PractitionerSource.VOLUNTEER,
        identity=Identity(name="赵敏", document=number),
        sex=Sex.FEMALE,
        birth_year=1980,
        education=Education.BACHELOR,
        account=account,
    )
    world.team.register(person, told, command())
    return person


def declared(world: World, number: str, relation: AcquaintanceRelation = RELATIVE) -> UUID:
    """Somebody with an account who declared a number."""
    person = uuid4()
    stream = account_id(person)
    name = world.vault.drafts(stream).of("self", "李某")
    opening = Opening(person=person, login=f"k{person.hex[:8]}", name=name, office=uuid4())
    world.records.change(command(), Account, stream, Account.open, opening)
    facts = AcquaintanceFacts(id=uuid4(), relation=relation, by=DOCUMENT, number=number)
    near = facts.draft(world.vault.drafts(stream))
    world.records.change(command(), Account, stream, Account.declare_acquaintance, near)
    return person


def near(world: World) -> set[tuple[UUID, UUID, AcquaintanceRelation]]:
    return set(Acquaintances(world.records, world.vault).all())


def both(world: World, hers: str, his: str) -> UUID:
    """A case whose parties bear a number each."""
    case = identified(world, hers)
    told = Identity(name="李强", document=his)
    world.casework.correct_identity(case, HIM, told, None, command(reason="补登证件"))
    return case


def test_who_is_a_party_and_who_stands_beside_are_near_under_each_id(world: World) -> None:
    account = uuid4()
    person = member(world, NUMBER, account)
    own, later = both(world, NUMBER, OTHER), identified(world, OTHER)
    identified(world, "370102198001019999")
    assert near(world) == {
        (who, case, relation)
        for who in (person, account)
        for case, relation in ((own, SELF), (later, RELATIVE))
    }


def test_a_declared_number_leads_in_any_spelling_and_to_nobody_beside(world: World) -> None:
    person = declared(world, "110105 491231 002")
    case = both(world, NUMBER, OTHER)
    identified(world, OTHER)
    assert near(world) == {(person, case, RELATIVE)}


def test_ones_own_declared_number_leads_to_who_stands_beside(world: World) -> None:
    person = declared(world, NUMBER, SELF)
    own, again = both(world, NUMBER, OTHER), both(world, NUMBER, OTHER)
    later = identified(world, OTHER)
    assert near(world) == {(person, own, SELF), (person, again, SELF), (person, later, RELATIVE)}


def test_a_corrected_identity_is_near_by_what_it_is_now(world: World) -> None:
    person = declared(world, NUMBER)
    case = identified(world, NUMBER)
    assert near(world) == {(person, case, RELATIVE)}
    told = Identity(name="王丽", document=OTHER)
    world.casework.correct_identity(case, HER, told, None, command(reason="证件号录错"))
    assert near(world) == set()


def test_what_was_sealed_for_a_declaration_that_never_came_leads_nowhere(world: World) -> None:
    case, person = identified(world, NUMBER), declared(world, OTHER)
    stream = account_id(person)
    facts = AcquaintanceFacts(id=uuid4(), relation=RELATIVE, by=DOCUMENT, number=NUMBER)
    number = facts.draft(world.vault.drafts(stream)).number
    key = Key(id_of(number.k), bytes(KEY_BYTES))
    digests = world.vault.index.digests([Term(DOCUMENT, NUMBER)])
    world.vault.store.keep(Whose(stream, f"relative:{facts.id}"), key, "no event", digests)
    assert [one.way[-1].record for one in world.vault.store.near()] == [case]
    assert near(world) == set()


def test_an_erased_party_is_near_to_nobody(world: World) -> None:
    person = declared(world, NUMBER)
    case, other = identified(world, NUMBER), identified(world, NUMBER)
    world.close(case)
    world.erasures.erase(case, ErasureGround.UNLAWFUL, officer(), [HER])
    assert near(world) == {(person, other, RELATIVE)}


def test_what_an_erased_account_declared_is_gone_with_its_digest(world: World) -> None:
    person, other = declared(world, NUMBER), declared(world, NUMBER)
    case = identified(world, NUMBER)
    assert near(world) == {(person, case, RELATIVE), (other, case, RELATIVE)}
    assert world.fetch("select count(*) from vault.term") == [(3,)]
    world.erasures.erase(account_id(person), ErasureGround.UNLAWFUL, officer())
    assert near(world) == {(other, case, RELATIVE)}
    assert world.fetch("select count(*) from vault.term") == [(2,)]


def test_a_number_that_many_parties_bear_is_nobodys_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keystore, "SHARED", 2)
    declared(world, NUMBER)
    cases = {identified(world, NUMBER) for _ in range(2)}
    assert {case for _, case, _ in near(world)} == cases
    identified(world, NUMBER)
    assert near(world) == set()
