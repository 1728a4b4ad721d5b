"""Who may administer whose account: administrators of the office, or of one above it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.accounts import AcquaintanceFacts, OpeningFacts
from application.blind_index import NumberKind
from application.eventlog import Conflict as Overtaken
from application.jurisdiction import Forbidden
from application.keys import author_of
from application.records import Actor, Command, Records
from application.sign_in import SignInRefused
from application.territory import Regions
from domain import centre_existence
from domain.account_events import Conflict, Post, account_id
from domain.base import Refused, Sealed
from domain.centre import Centre
from domain.centre_events import Establishment
from domain.log import LOG_ID
from domain.region_events import Founding
from domain.values import (
    AcquaintanceRelation,
    CentreKind,
    ConflictRelation,
    RegionKind,
    RegionLevel,
    Role,
)
from tests.identity.world import World
from tests.unasked import Unasked

LATE = "补录"


@pytest.fixture
def tree(world: World) -> dict[str, UUID]:
    """A province, two counties of its one city, and a centre in one of them."""
    records = Records(
        world.database, author_of(world.settings), clock=world.clock, jurisdiction=Unasked
    )
    desk, by = Regions(records), Command(Actor(uuid4(), Role.ADMINISTRATOR, uuid4()))
    found: dict[str, UUID] = {}
    for name, level, kind, code, parent in (
        ("province", RegionLevel.PROVINCE, RegionKind.PROVINCE, "0001", None),
        ("city", RegionLevel.CITY, RegionKind.PREFECTURE_CITY, "000101", "province"),
        ("county", RegionLevel.COUNTY, RegionKind.COUNTY, "00010121", "city"),
        ("other", RegionLevel.COUNTY, RegionKind.COUNTY, "00010122", "city"),
    ):
        founding = Founding(
            scheme="test",
            code=code,
            name=name,
            level=level,
            kind=kind,
            parent=found[parent] if parent else None,
            valid_from=date(2000, 1, 1),
        )
        receipt = desk.establish(founding, Command(by.by, reason=LATE))
        found[name] = world.records.recorder.aggregate_of(receipt.request) or uuid4()
    found["centre"] = uuid4()
    establishment = Establishment(
        kind=CentreKind.CENTRE,
        name="县中心",
        region=found["county"],
        established_on=date(2019, 1, 1),
    )
    records.change(
        Command(by.by, reason=LATE),
        Centre,
        found["centre"],
        centre_existence.establish,
        establishment,
    )
    records.close()
    world.office = found["centre"]
    return found


@pytest.mark.parametrize(
    ("where", "may"),
    [("centre", True), ("county", True), ("city", True), ("province", True), ("other", False)],
)
@pytest.mark.parametrize("act", ["grant_role", "lock", "reset_password", "open", "end_role"])
def test_an_administrator_reaches_his_office_and_those_below(
    world: World, tree: dict[str, UUID], where: str, may: bool, act: str
) -> None:
    person, by = world.opened("lw-1", Role.COUNSELLOR), world.administrator(tree[where])
    desk = world.identity.accounts
    acts = {
        "open": lambda: desk.open(
            uuid4(), OpeningFacts(login="lw-2", name="王某", office=tree["centre"]), by
        ),
        "grant_role": lambda: desk.grant_role(
            person,
            Post(role=Role.VOLUNTEER, office=tree["centre"], since=date(2026, 3, 2)),
            by,
        ),
        "lock": lambda: desk.lock(person, by),
        "reset_password": lambda: desk.reset_password(person, by),
        "end_role": lambda: desk.end_role(person, Role.COUNSELLOR, tree["centre"], by),
    }
    if may:
        acts[act]()
    elif act == "open":
        with pytest.raises(Forbidden):
            acts[act]()
    else:
        with pytest.raises(Refused, match="account-not-opened"):
            acts[act]()


def test_nobody_but_an_administrator_reaches_an_account(
    world: World, tree: dict[str, UUID]
) -> None:
    person = world.opened("lw-1", Role.COUNSELLOR)
    for role in Role:
        if role in (Role.ADMINISTRATOR, Role.SYSTEM):
            continue
        by = Command(Actor(uuid4(), role, tree["province"]))
        with pytest.raises(Forbidden):
            world.identity.accounts.lock(person, by)


def test_who_has_posts_in_two_places_is_reached_only_from_above_both(
    world: World, tree: dict[str, UUID]
) -> None:
    person = world.opened("lw-1", Role.COUNSELLOR)
    world.granted(person, Role.VOLUNTEER, office=tree["other"])
    desk = world.identity.accounts
    for where in ("county", "other"):
        with pytest.raises(Refused, match="account-not-opened"):
            desk.reset_password(person, world.administrator(tree[where]))
    desk.reset_password(person, world.administrator(tree["city"]))


def test_an_administrator_cannot_tell_an_account_beyond_his_reach_from_none(
    world: World, tree: dict[str, UUID]
) -> None:
    there, nobody = world.opened("lw-1", Role.COUNSELLOR), uuid4()
    desk, by = world.identity.accounts, world.administrator(tree["other"])
    own, foreign = (
        Post(role=Role.VOLUNTEER, office=tree[office], since=date(2026, 3, 2))
        for office in ("other", "centre")
    )
    clash = Conflict(id=uuid4(), relation=ConflictRelation.RELATIVE, case=uuid4())
    nobodys = near("不详")
    acts: list[Callable[[UUID, Command], object]] = [
        lambda person, by: desk.read(person, by.by),
        lambda person, by: desk.grant_role(person, own, by),
        lambda person, by: desk.grant_role(person, foreign, by),
        lambda person, by: desk.end_role(person, Role.COUNSELLOR, tree["other"], by),
        lambda person, by: desk.end_role(person, Role.COUNSELLOR, tree["centre"], by),
        lambda person, by: desk.lock(person, by),
        lambda person, by: desk.unlock(person, by),
        lambda person, by: desk.reset_password(person, by),
        lambda person, by: desk.remove_factor(person, uuid4(), by),
        lambda person, by: desk.unlink_identity(person, uuid4(), by),
        lambda person, by: desk.revoke_token(person, uuid4(), by),
        lambda person, by: desk.declare_conflict(person, clash, by),
        lambda person, by: desk.withdraw_conflict(person, clash.id, by),
        lambda person, by: desk.declare_acquaintance(person, nobodys, by),
        lambda person, by: desk.withdraw_acquaintance(person, nobodys.id, by),
    ]
    for act in acts:
        for person, version in product((there, nobody), (None, 99)):
            with pytest.raises(Refused, match="account-not-opened"):
                act(person, replace(by, expected_version=version))


def test_who_does_not_administer_learns_of_no_account(world: World, tree: dict[str, UUID]) -> None:
    there, nobody = world.opened("lw-1", Role.COUNSELLOR), uuid4()
    desk, by = world.identity.accounts, Command(Actor(uuid4(), Role.SUPERVISOR, tree["centre"]))
    for person in (there, nobody):
        with pytest.raises(Forbidden):
            desk.read(person, by.by)
        with pytest.raises(Forbidden):
            desk.revoke_token(person, uuid4(), by)


@pytest.mark.parametrize("act", ["reset_password", "unlock"])
def test_what_was_asked_for_once_is_not_given_again_beyond_ones_reach(
    world: World, tree: dict[str, UUID], act: str
) -> None:
    person, by = world.opened("lw-1", Role.COUNSELLOR), world.administrator(tree["county"])
    desk = world.identity.accounts
    if act == "unlock":
        desk.lock(person, by)
        by = replace(by, request=uuid4())
    getattr(desk, act)(person, by)
    kept = world.fetch("select * from identity.password")
    world.granted(person, Role.CENTRE_MANAGER, office=tree["other"])
    with pytest.raises(Refused, match="account-not-opened"):
        getattr(desk, act)(person, by)
    assert world.fetch("select * from identity.password") == kept


def test_a_list_holds_what_one_administers(world: World, tree: dict[str, UUID]) -> None:
    person = world.opened("lw-1", Role.COUNSELLOR)
    desk = world.identity.accounts

    def seen(where: str) -> list[UUID]:
        actor = world.administrator(tree[where]).by
        return [line.person for line in desk.listed(actor, "")]

    assert seen("county") == [person]
    assert seen("other") == []


def test_one_reads_ones_own_account_and_those_one_administers(
    world: World, tree: dict[str, UUID]
) -> None:
    person = world.opened("lw-1", Role.COUNSELLOR)
    desk = world.identity.accounts
    assert desk.read(person, Actor(person, Role.COUNSELLOR, tree["centre"])).posts
    assert desk.read(person, world.administrator(tree["city"]).by).posts
    with pytest.raises(Refused, match="account-not-opened"):
        desk.read(person, world.administrator(tree["other"]).by)
    with pytest.raises(Refused, match="account-not-opened"):
        desk.read(uuid4(), world.administrator(tree["city"]).by)


def test_a_login_name_is_one_accounts_and_is_given_back_when_nothing_came_of_it(
    world: World,
) -> None:
    world.opened("lw-1")
    desk, facts = world.identity.accounts, OpeningFacts(login="lw-1", name="王某", office=uuid4())
    with pytest.raises(Refused, match="login-taken"):
        desk.open(uuid4(), facts, world.system())
    personal = OpeningFacts(login="13812345678", name="王某", office=uuid4())
    with pytest.raises(Refused, match="login-is-personal"):
        desk.open(uuid4(), personal, world.system())
    assert world.identity.store.account_of("13812345678") is None


def test_an_opening_that_is_repeated_opens_one_account(world: World) -> None:
    person, by = uuid4(), world.system()
    facts = OpeningFacts(login="lw-1", name="王某", office=uuid4())
    first = world.identity.accounts.open(person, facts, by)
    assert world.identity.accounts.open(person, facts, by) == first


def test_a_persons_name_is_sealed_under_a_key_of_its_own(world: World) -> None:
    person = world.opened("lw-1")
    opening = world.account(person).opening
    assert opening is not None
    assert isinstance(opening.name, Sealed)
    keys = world.identity.accounts.vault.store.parts_of(account_id(person))
    assert f"k:{keys['self']}" == opening.name.k


def test_a_conflict_is_declared_by_oneself_or_by_who_administers(world: World) -> None:
    person, desk = world.opened("lw-1", Role.COUNSELLOR), world.identity.accounts
    own = Command(Actor(person, Role.COUNSELLOR, world.office))
    clash = Conflict(id=uuid4(), relation=ConflictRelation.RELATIVE, case=uuid4())
    desk.declare_conflict(person, clash, own)
    with pytest.raises(Forbidden):
        desk.declare_conflict(
            person,
            clash.model_copy(update={"id": uuid4()}),
            Command(Actor(uuid4(), Role.COUNSELLOR, world.office)),
        )
    desk.withdraw_conflict(person, clash.id, Command(world.administrator().by, reason="误报"))
    assert world.account(person).conflicts == {clash.id: None}


def near(number: str) -> AcquaintanceFacts:
    """A relative with a telephone."""
    return AcquaintanceFacts(
        id=uuid4(), relation=AcquaintanceRelation.RELATIVE, by=NumberKind.PHONE, number=number
    )


def test_who_is_near_is_declared_by_oneself_or_by_who_administers(world: World) -> None:
    person, desk = world.opened("lw-1", Role.COUNSELLOR), world.identity.accounts
    own, relative = Command(Actor(person, Role.COUNSELLOR, world.office)), near("13800138000")
    desk.declare_acquaintance(person, relative, own)
    again = desk.declare_acquaintance(person, relative, own)
    assert again.first_position == world.records.recorder.max_notification_id()
    desk.declare_acquaintance(person, near("13800138001"), world.administrator())
    other = Command(Actor(uuid4(), Role.COUNSELLOR, world.office))
    with pytest.raises(Forbidden):
        desk.declare_acquaintance(person, near("13800138002"), other)
    administrator = Command(world.administrator().by, reason="误报")
    desk.withdraw_acquaintance(person, relative.id, administrator)
    assert world.account(person).acquaintances[relative.id] is None
    assert world.topics(person)[-3:] == [
        "acquaintance-declared",
        "acquaintance-declared",
        "acquaintance-withdrawn",
    ]


def test_a_declared_number_lies_under_a_key_of_its_own(world: World) -> None:
    person, desk = world.opened("lw-1", Role.COUNSELLOR), world.identity.accounts
    own, facts = Command(Actor(person, Role.COUNSELLOR, world.office)), near("13800138000")
    with pytest.raises(Refused, match="number-missing"):
        desk.declare_acquaintance(person, near("不详"), own)
    assert set(desk.vault.store.parts_of(account_id(person))) == {"self"}
    desk.declare_acquaintance(person, facts, own)
    parts = desk.vault.store.parts_of(account_id(person))
    assert set(parts) == {"self", f"relative:{facts.id}"}
    declared = world.account(person).acquaintances[facts.id]
    assert declared is not None
    assert declared.number.k == f"k:{parts[f'relative:{facts.id}']}"
    terms = "select key, nonce from vault.term"
    assert world.fetch(terms) == [(parts[f"relative:{facts.id}"], declared.number.n)]


def test_an_account_that_was_unlocked_or_reset_is_guessed_at_anew(world: World) -> None:
    person = world.joined("lw-1")
    for _ in range(5):
        with pytest.raises(SignInRefused):
            world.signs_in("lw-1", "wrong")
    world.noted()
    given = world.identity.accounts.reset_password(person, world.system())
    assert world.signs_in("lw-1", given.password).person == person
    world.identity.accounts.lock(person, world.system())
    world.identity.accounts.unlock(person, world.system())
    assert not world.account(person).locked


def test_no_account_has_the_id_of_something_else_or_of_the_system(
    world: World, tree: dict[str, UUID]
) -> None:
    administrator = world.administrator(tree["province"])
    facts = OpeningFacts(login="lw-1", name="王某", office=tree["county"])
    system = author_of(world.settings).pseudonym
    for taken in (system, LOG_ID, account_id(world.opened("lw-2")), *tree.values()):
        with pytest.raises(Refused, match="account-exists"):
            world.identity.accounts.open(taken, facts, replace(administrator, request=uuid4()))
    assert world.identity.store.account_of("lw-1") is None


def test_who_is_to_be_locked_does_not_put_it_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, save, desk = world.opened("lw-1"), world.records.save, world.identity.accounts
    own = Actor(person, Role.COUNSELLOR, world.office)
    changes = iter(range(12))

    def faster(*events: Any, **options: Any) -> Any:
        if next(changes, None) is not None:
            monkeypatch.setattr(world.records, "save", save)
            clash = Conflict(id=uuid4(), relation=ConflictRelation.RELATIVE, case=uuid4())
            desk.declare_conflict(person, clash, Command(own))
            monkeypatch.setattr(world.records, "save", faster)
        return save(*events, **options)

    monkeypatch.setattr(world.records, "save", faster)
    desk.lock(person, world.administrator())
    assert world.account(person).locked
    assert world.topics(person).count("conflict-declared") == 12


def test_who_names_the_version_looked_at_is_told_of_a_change(world: World) -> None:
    person, desk = world.opened("lw-1"), world.identity.accounts
    with pytest.raises(Overtaken):
        desk.lock(person, replace(world.administrator(), expected_version=7))
