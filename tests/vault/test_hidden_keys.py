"""Keys that somebody takes out of the key store, for as long as an erasure looks or for good."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID, uuid4

import pytest

from application.alarms import standing
from application.blind_index import IndexLost
from application.casework import Identity
from application.envelope import Context, Unopened
from application.key_use import NotWhole
from application.keys_named import INDEX
from application.keystore import KeySpoiled
from application.protection import LOST, Protection
from application.requests import Claim
from application.settings import Settings
from application.unsealing import Unsealing
from application.vault import KeyLost, fields_of, open_vault
from domain.base import Place
from domain.request import Due, PersonRequest
from domain.rights import Applicant, PersonPart, RequestChannel, RequestKind
from domain.values import Party, Role
from tests.domain.case_cast import HER, HIM
from tests.vault.test_administrator import Clock, clock, dumped, put_back, rewrite, run, world
from tests.vault.test_blind_index import DOCUMENT, NUMBER, found, identified
from tests.vault.test_destructions import append, append_event
from tests.vault.test_erasure import erase, officer
from tests.vault.test_rights import asked, look
from tests.vault.test_rights import desk as rights
from tests.vault.world import NAMES, NOTES, OFFICE, SECRETS, World, command, viewing

pytestmark = pytest.mark.attack

__all__ = ["clock", "world"]  # fixtures of the key store with a clock


def of_hers(world: World, case: UUID) -> list[Any]:
    return [row for row in dumped(world, case) if row[2] == HER]


def deleted(world: World, row: Any) -> None:
    run(world, "delete from vault.key where id = %s", row[0])


def moved(world: World, row: Any) -> None:
    run(world, "update vault.key set record = %s where id = %s", uuid4(), row[0])


def renamed(world: World, row: Any) -> None:
    run(world, "delete from vault.term where key = %s", row[0])
    run(world, "update vault.key set id = %s where id = %s", uuid4(), row[0])


@pytest.mark.parametrize("hide", [deleted, moved, renamed])
def test_a_key_that_is_hidden_during_an_erasure_is_destroyed_with_the_others(
    world: World, tmp_path: Path, clock: Clock, hide: Any
) -> None:
    case = world.closed_case()
    (hers,) = of_hers(world, case)
    hide(world, hers)
    by = officer()
    certificate = erase(world, case, by=by)
    assert len(certificate.keys) == 3
    assert certificate.fields == len(SECRETS)
    run(world, "delete from vault.key where record = %s", case)
    put_back(world, [hers])
    assert world.texts(case) == []
    assert dumped(world, case) == [], "it was destroyed again"
    assert world.vault.store.unsaid() == frozenset(), "the log says it of each"
    put_back(world, [hers])
    with open_vault(world.database, Settings(home=tmp_path)) as vault:
        assert World(world.database, world.records, vault).texts(case) == []
    put_back(world, [hers])
    clock.gone = timedelta(days=31)
    world.vault.rotate()
    assert dumped(world, case) == [], "it was not wrapped anew"
    again = erase(world, case, by=by)
    assert (again.keys, again.missing) == (certificate.keys, certificate.missing)


def test_a_certificate_names_what_was_not_there_to_be_destroyed(
    world: World, tmp_path: Path
) -> None:
    case, other = world.closed_case(), world.closed_case()
    (hers,) = of_hers(world, case)
    deleted(world, hers)
    by = officer()
    certificate = erase(world, case, by=by)
    assert certificate.missing == (f"k:{hers[0]}",)
    assert f"k:{hers[0]} 在删除时已不在密钥库中" in certificate.proves_not
    assert f"such as k:{hers[0]}, which the log names" in (standing(tmp_path) or "")
    assert erase(world, case, by=by) == certificate
    whole = erase(world, other)
    assert whole.missing == ()
    assert "不在密钥库中" not in whole.proves_not


def test_one_persons_erasure_reaches_all_of_hers_and_nobody_elses(world: World) -> None:
    case = world.case()
    Protection(world.records, world.vault).note_safe_contact(
        case, HER, "13800000000", False, command()
    )
    world.close(case)
    for row in of_hers(world, case):
        deleted(world, row)
    certificate = erase(world, case, HER)
    assert certificate.fields == 3
    assert world.texts(case) == [NAMES[HIM], NOTES[None]]


def test_a_record_whose_keys_were_all_hidden_is_not_taken_for_erased(world: World) -> None:
    case = world.closed_case()
    erase(world, case, HER)
    for row in dumped(world, case):
        deleted(world, row)
    assert world.erasures.done_before(case) is None
    assert len(erase(world, case).missing) == 2


@pytest.mark.parametrize(
    "change",
    [
        "update log.event set state = replace(encode(state, 'escape'), 'k:', 'k:1')::bytea"
        " where originator_id = %s and topic = 'case.party-identified.v1'",
        "delete from log.event where originator_id = %s and topic = 'case.party-identified.v1'",
        "update log.event set originator_id = gen_random_uuid() where originator_id = %s"
        " and topic = 'case.party-identified.v1'",
    ],
)
def test_nothing_is_certified_of_a_record_that_is_not_whole(
    world: World, tmp_path: Path, change: LiteralString
) -> None:
    case = world.closed_case()
    rewrite(world, change, case)
    with pytest.raises(NotWhole):
        erase(world, case)
    assert len(dumped(world, case)) == 3
    assert f"The record {case} is not whole" in (standing(tmp_path) or "")


def test_no_key_of_another_record_is_destroyed_because_an_unsigned_row_names_it(
    world: World,
) -> None:
    case, victim = world.closed_case(), world.closed_case()
    (field, *_) = fields_of(world.records, victim)
    append_event(world, case, field)
    with pytest.raises(NotWhole, match="signed"):
        erase(world, case)
    assert len(world.texts(victim)) == len(SECRETS)


def test_no_key_of_another_record_is_destroyed_because_its_row_was_moved(world: World) -> None:
    case, victim = world.closed_case(), world.closed_case()
    kept = dumped(world, victim)
    run(
        world,
        "update vault.key set record = %s, part = 'x' || part where record = %s",
        case,
        victim,
    )
    assert len(erase(world, case).keys) == 3
    run(world, "delete from vault.key")
    put_back(world, kept)
    assert len(world.texts(victim)) == len(SECRETS)


def test_what_was_kept_for_a_record_and_never_recorded_goes_with_it(world: World) -> None:
    case = world.closed_case()
    draft = world.vault.drafts(case).of(Party.OTHER, "x")
    draft.sealed(Context(case, 99, "case.party-identified.v1", "identity"))
    assert len(dumped(world, case)) == 4
    assert len(erase(world, case).keys) == 4


def test_a_lost_key_is_told_from_a_destroyed_one(world: World, tmp_path: Path) -> None:
    case, desk = world.closed_case(), Unsealing(world.records, world.vault)
    erase(world, case, HIM)
    ((position,),) = run(
        world, "select position from log.event where topic = 'subject.key-destroyed.v1'"
    )
    hers, his = desk.identities(viewing(case), command())
    assert hers.identity is not None
    assert (hers.identity.name, hers.instead) == (NAMES[HER], None)
    assert (his.identity, his.instead) == (None, f"〔已删除，见日志位置 {position}〕")
    assert standing(tmp_path) is None
    (row,) = of_hers(world, case)
    deleted(world, row)
    with pytest.raises(KeyLost, match="must be restored"):
        desk.identities(viewing(case), command())
    (joint,) = desk.notes(None, None, viewing(case), command())
    assert joint.text == NOTES[None]
    said = standing(tmp_path) or ""
    assert f"such as k:{row[0]}, which the log names, are not in the key store" in said
    assert len(said.splitlines()) == 1, "it rings once"


def test_who_is_lost_hides_nobody_else(world: World) -> None:
    case, desk = world.case(), Unsealing(world.records, world.vault)
    (row,) = of_hers(world, case)
    deleted(world, row)
    hers, his = desk.identities(viewing(case), command())
    assert (hers.identity, hers.instead) == (None, LOST)
    assert his.identity is not None
    with pytest.raises(KeyLost):
        desk.notes(HER, None, viewing(case), command())


@pytest.mark.parametrize(
    "change",
    [
        "update vault.key set record = gen_random_uuid() where id = %s",
        "update vault.key set part = 'nobody' where id = %s",
        "update vault.key set part = 'husband+contact' where id = %s",
    ],
)
def test_a_key_that_was_moved_is_told_from_a_destroyed_one(
    world: World, tmp_path: Path, change: LiteralString
) -> None:
    case, desk = world.case(), Unsealing(world.records, world.vault)
    (row,) = of_hers(world, case)
    run(world, change, row[0])
    hers, his = desk.identities(viewing(case), command())
    assert (hers.identity, hers.instead) == (None, LOST)
    assert his.identity is not None
    assert f"such as k:{row[0]}, which the log names" in (standing(tmp_path) or "")
    with pytest.raises(KeyLost, match="must be restored"):
        desk.notes(HER, None, viewing(case), command())


EXCHANGED: LiteralString = (
    "update vault.key set wrapped = other.wrapped from vault.key as other"
    " where key.record = %s and other.record = key.record"
    " and (key.part, other.part) in (('wife', 'husband'), ('husband', 'wife'))"
)


def test_keys_that_were_exchanged_are_damage_and_not_erased(world: World, tmp_path: Path) -> None:
    case, desk = world.case(), Unsealing(world.records, world.vault)
    (row,) = of_hers(world, case)
    run(world, EXCHANGED, case)
    with pytest.raises(KeySpoiled, match=f"in the place of the key {row[0]}") as told:
        desk.notes(HER, None, viewing(case), command())
    assert str(told.value) in (standing(tmp_path) or "")
    with pytest.raises(KeySpoiled):
        desk.identities(viewing(case), command())
    assert [note.text for note in desk.notes(None, None, viewing(case), command())]
    run(world, EXCHANGED, case)
    assert len(world.texts(case)) == len(SECRETS)


def test_nothing_is_sealed_beside_a_key_that_was_exchanged(world: World, tmp_path: Path) -> None:
    case = world.case()
    run(world, EXCHANGED, case)
    told = Identity(name=NAMES[HER], document=NUMBER)
    with pytest.raises(KeySpoiled, match="in the place of the key"):
        world.casework.correct_identity(case, HER, told, None, command(reason="更正"))
    assert "in the place of the key" in (standing(tmp_path) or "")


def test_his_damaged_key_does_not_keep_her_address_out_of_the_log(world: World) -> None:
    case, desk = world.case(), Protection(world.records, world.vault)
    run(
        world,
        "update vault.key set wrapped = set_byte(wrapped, 0, get_byte(wrapped, 0) # 1)"
        " where (record, part) = (%s, %s)",
        case,
        HIM,
    )
    shelter = "历山路救助站三楼"
    desk.note_protected_address(case, HER, shelter, command())
    assert desk.address(HER, viewing(case), command()).text == shelter


def test_parts_that_were_exchanged_are_damage_too(world: World, tmp_path: Path) -> None:
    case, desk = world.case(), Unsealing(world.records, world.vault)
    for there, then in (("wife", "nobody"), ("husband", "wife"), ("nobody", "husband")):
        run(
            world,
            "update vault.key set part = %s where (record, part) = (%s, %s)",
            then,
            case,
            there,
        )
    with pytest.raises(KeySpoiled):
        desk.notes(HER, None, viewing(case), command())
    assert "in the place of the key" in (standing(tmp_path) or "")


def test_the_key_of_the_index_is_not_made_anew_beside_its_digests(
    world: World, tmp_path: Path
) -> None:
    case = identified(world, NUMBER)
    kept = dumped(world, INDEX.record)
    run(world, "delete from vault.key where record = %s", INDEX.record)
    told = Identity(name=NAMES[HER], document=NUMBER)
    for ask in (
        lambda: found(world, DOCUMENT, NUMBER),
        lambda: world.casework.correct_identity(case, HER, told, None, command(reason="更正")),
    ):
        with pytest.raises(IndexLost, match="restored from its newest backup"):
            ask()
    assert dumped(world, INDEX.record) == []
    assert "The key of the index of persons" in (standing(tmp_path) or "")
    put_back(world, kept)
    assert len(found(world, DOCUMENT, NUMBER)) == 1


def test_a_row_that_somebody_wrote_hides_no_erasure_that_was_begun(world: World) -> None:
    case = world.closed_case()
    certificate = erase(world, case)
    run(
        world,
        "insert into vault.erasure select (jsonb_populate_record(erasure, jsonb_build_object("
        "'request', gen_random_uuid(), 'occurred', occurred + interval '1 day'))).*"
        " from vault.erasure where record = %s",
        case,
    )
    again = world.erasures.done_before(case)
    assert again is not None
    assert again.keys == certificate.keys


def test_a_key_that_sealed_nothing_but_a_request_is_destroyed_although_it_was_hidden(
    world: World,
) -> None:
    first, case = world.closed_case(), world.closed_case()
    requests = [asked(world, first, part=PersonPart.OTHER)]
    assert len(erase(world, first).keys) == 4, "what was asked by then was read"
    requests += [asked(world, case, part=part) for part in (PersonPart.OTHER, PersonPart.WIFE)]
    (others,) = (row for row in dumped(world, case) if row[2] == PersonPart.OTHER)
    assert rights(world).read(requests[1], look(requests[1]), command()).details
    deleted(world, others)
    certificate = erase(world, case)
    assert certificate.missing == (f"k:{others[0]}",)
    assert len(certificate.keys) == 4
    put_back(world, [others])
    for request in requests[1:]:
        with pytest.raises(Unopened):
            rights(world).read(request, look(request), command())
    assert dumped(world, case) == []


def test_her_request_names_no_key_of_his(world: World) -> None:
    case = world.closed_case()
    asked(world, case, part=PersonPart.WIFE)
    assert len(erase(world, case, HIM).keys) == 1


def test_a_request_that_nobody_signed_is_named_before_anything_is_destroyed(
    world: World, tmp_path: Path
) -> None:
    case, other = world.closed_case(), world.closed_case()
    append(world, b"no json", uuid4(), topic="request.received.v1")
    append(world, b'{"demand":[]}', uuid4(), topic="request.received.v1")
    append(world, b'{"demand":{"record":1}}', uuid4(), topic="request.received.v1")
    about = f'{{"demand":{{"record":"{case}"}}}}'.encode()
    append(world, about, uuid4(), topic="request.received.v1")
    ((position,),) = run(world, "select max(position) from log.event")
    with pytest.raises(NotWhole, match=f"Position {position}"):
        erase(world, case)
    assert f"The record {case} is not whole" in (standing(tmp_path) or "")
    assert len(dumped(world, case)) == 3
    assert len(erase(world, other).keys) == 3


def test_a_request_that_stands_where_another_row_was_is_read(world: World) -> None:
    """The last row that was read is taken out before it is sealed, and its place taken again."""
    first, case = world.closed_case(), world.closed_case()
    append(world, b"{}", uuid4(), topic="request.received.v1")
    assert world.erasures.left(first)
    rewrite(world, "delete from log.event where position = (select max(position) from log.event)")
    draft = world.vault.drafts(case)
    place = Place(region=OFFICE)
    claim = Claim(
        record=case,
        part=PersonPart.OTHER,
        kind=RequestKind.ERASE,
        applicant=Applicant.SELF,
        channel=RequestChannel.WRITTEN,
        details="x",
    )
    due = Due(on=date(2100, 1, 1), calendar_version="x")
    world.records.change(
        command(Role.REGISTRAR),
        PersonRequest,
        uuid4(),
        PersonRequest.receive,
        claim.draft(draft),
        due,
        place,
    )
    (others,) = (row for row in dumped(world, case) if row[2] == PersonPart.OTHER)
    deleted(world, others)
    assert others[0] in world.erasures.left(case)
