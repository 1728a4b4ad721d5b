"""Erasure: held, irrevocable, said by the log, healed after a crash, and no figure moves."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from application import alarms
from application.accounts import AcquaintanceFacts
from application.beginning import open_records
from application.casework import AssessmentFacts, Identity
from application.database import Database
from application.destructions import Last
from application.drafts import SELF
from application.envelope import Context
from application.epochs import EPOCH, Epochs
from application.erasure import Certificate, NotAll
from application.eventlog import RequestReused
from application.evidence import Order, gather
from application.inspection import Check
from application.jurisdiction import Forbidden, Jurisdiction
from application.keystore import KeysHeldUp, KeyStore
from application.records import Actor, Command, Records
from application.seal import RolledBack
from application.sealer import Sealer
from application.settings import DangerousSetting, Settings
from application.simulation import silently, simulate
from application.tree import Unproven
from application.vault import open_vault
from application.verification import trust_of, verify
from domain import case_counselling
from domain.account import Account
from domain.account_events import Opening, Post, account_id
from domain.base import SHANGHAI, Refused
from domain.case import Case
from domain.case_facts import Session
from domain.case_file_events import PersonalDataErased
from domain.subject import LegalHold, Subject, SubjectKeyDestroyed, subject_id
from domain.values import (
    AccessPurpose,
    AcquaintanceRelation,
    ErasureGround,
    HoldGround,
    Party,
    Role,
)
from domain.wording import refusal
from projections.indicators import INDICATORS
from projections.projector import Projector
from projections.questions import Period
from projections.readings import Readings
from projections.statistics import Statistics
from tests.domain.case_cast import HER, HIM
from tests.unasked import Unasked
from tests.vault.test_blind_index import DOCUMENT, NUMBER
from tests.vault.world import NAMES, OFFICE, World, command, officer, viewing

UNLAWFUL = ErasureGround.UNLAWFUL
TODAY = datetime.now(SHANGHAI).date()
HOLD = LegalHold(id=UUID(int=5), ground=HoldGround.LITIGATION)


def topics(world: World) -> list[str]:
    return [topic for (topic,) in world.fetch("select topic from log.event order by position")]


def erase(world: World, record: UUID, *parts: str, by: Command | None = None) -> Certificate:
    return world.erasures.erase(record, UNLAWFUL, by or officer(), parts or None)


def test_what_was_erased_is_never_opened_again_and_the_rest_is(world: World) -> None:
    case, other = world.closed_case(), world.closed_case()
    erase(world, case, HER)
    assert world.texts(case) == [NAMES[HIM], "共同讨论了抚养安排"]
    erase(world, case)
    assert world.texts(case) == []
    assert len(world.texts(other)) == 4


def test_a_request_is_not_used_again_for_the_data_of_somebody_else(
    world: World, tmp_path: Path
) -> None:
    case, by = world.closed_case(), officer()
    first = erase(world, case, HER, by=by)
    with pytest.raises(RequestReused):
        erase(world, case, HIM, by=by)
    assert erase(world, case, HER, by=by).positions == first.positions
    assert NAMES[HIM] in world.texts(case)
    assert alarms.standing(tmp_path) is None, "nobody hid anything"


@pytest.mark.parametrize("more", [(HER, HIM), (HER, "couple"), ()])
def test_a_request_is_not_used_again_to_erase_more(
    world: World, tmp_path: Path, more: tuple[str, ...]
) -> None:
    case, by = world.closed_case(), officer()
    first = erase(world, case, HER, by=by)
    with pytest.raises(RequestReused, match="take a new id"):
        erase(world, case, *more, by=by)
    assert alarms.standing(tmp_path) is None, "nobody hid anything"
    assert erase(world, case, HER, by=by).positions == first.positions
    assert NAMES[HIM] in world.texts(case)


def test_what_was_asked_for_first_is_not_known_after_a_restart(
    world: World, tmp_path: Path
) -> None:
    """Neither the log nor the vault keeps whose data were to be erased, only which keys."""
    case, by = world.closed_case(), officer()
    erase(world, case, HER, by=by)
    with open_vault(world.database, Settings(home=tmp_path)) as vault:
        again = replace(world, vault=vault)
        with pytest.raises(
            NotAll, match=r"while the erasure looked \(or this request was used again"
        ):
            erase(again, case, by=by)
        assert len(erase(again, case).keys) == 2
    assert "this request was used again to erase more" in (alarms.standing(tmp_path) or "")


def test_the_log_and_the_case_say_which_keys_are_gone_and_name_nobody(world: World) -> None:
    case = world.closed_case()
    keys = {f"k:{key}" for key in world.vault.store.parts_of(case).values()}
    certificate = erase(world, case)
    assert set(certificate.keys) == keys
    assert topics(world)[-4:] == [SubjectKeyDestroyed.topic] * 3 + [PersonalDataErased.topic]
    assert world.records.get(Case, case).erased == keys
    assert world.records.get(Subject, subject_id(case)).destroyed == keys
    assert certificate.positions == (len(topics(world)) - 3, len(topics(world)) - 1)
    assert certificate.case_position == len(topics(world))


def test_free_text_of_who_asks_does_not_reach_the_log(world: World) -> None:
    case = world.closed_case()
    erase(world, case, by=replace(officer(), reason="王丽来电要求"))
    said = world.fetch(
        "select distinct convert_from(state, 'UTF8')::jsonb #>> '{stamp,reason}' from log.event"
        " where topic in (%s, %s)",
        SubjectKeyDestroyed.topic,
        PersonalDataErased.topic,
    )
    assert said == [(UNLAWFUL.label,)]


def test_a_certificate_says_what_was_erased_and_what_stays_in_clear_text(world: World) -> None:
    case = world.case()
    told = world.session().model_copy(update={"id": uuid4(), "summary": "双方愿意再谈一次"})
    reasoned = world.casework.hold_session(case, told, command(reason="补录"))
    unsealed = Session(**dict(told) | {"id": uuid4(), "notes": None})  # as all were at first
    plain = world.records.change(command(), Case, case, case_counselling.hold_session, unsealed)
    found = AssessmentFacts(id=uuid4(), method="与双方及其母亲面谈", summary="愿意修复")
    assessed = world.casework.assess(case, found, command())
    world.close(case)
    opened = len(world.texts(case))
    certificate = erase(world, case)
    versions = tuple(
        version
        for receipt in (reasoned, plain, assessed)
        for (version,) in world.fetch(
            "select originator_version from log.event where position = %s", receipt.first_position
        )
    )
    assert certificate.fields == opened == 8
    assert certificate.texts == versions
    assert f"{opened} 个字段" in certificate.proves
    for said in ("理由等未密封的文字", "reasons and other text that was not sealed"):
        assert said in certificate.stays
    assert f"第 {', '.join(map(str, versions))} 版" in certificate.stays


@pytest.mark.parametrize("named", ["husbend", "both", "Wife", "", "self", "wife+contact"])
def test_a_part_that_a_case_cannot_have_is_refused_before_anything_is_destroyed(
    world: World, named: str
) -> None:
    case, said = world.closed_case(), len(topics(world))
    with pytest.raises(Refused, match="part-unknown") as refused:
        erase(world, case, HER, named)
    assert refused.value.context == {"part": named, "parts": "wife, husband, other, couple"}
    sentence = refusal(refused.value)
    assert f"“{named}”" in sentence.en
    assert f"“{named}”" in sentence.zh
    assert len(topics(world)) == said
    assert len(world.texts(case)) == 4
    assert world.vault.store.unrecorded() == []


def test_a_certificate_of_some_peoples_erasure_says_whose_data_stay_readable(world: World) -> None:
    case = world.closed_case()
    hers = erase(world, case, HER)
    assert hers.readable == (HIM, "couple")
    for said in ("男方", "双方共同部分", "couple", "husband"):
        assert said in hers.stays
    his = erase(world, case, HIM)
    assert his.readable == ("couple",)
    assert "husband" not in his.stays
    both = erase(world, case, "couple", "other")
    assert both.readable == ()
    assert "Only some parts" not in both.stays
    assert erase(world, world.closed_case()).readable == ()


def test_what_a_hidden_key_sealed_is_said_to_stay(world: World) -> None:
    case = world.closed_case()
    with psycopg.connect(world.database.administrator, autocommit=True) as connection:
        connection.execute("delete from vault.key where record = %s and part = 'husband'", (case,))
    assert erase(world, case, HER).readable == (HIM, "couple")


def test_of_a_record_without_clear_text_none_stays(world: World) -> None:
    certificate = erase(world, world.closed_case(), HER)
    assert (certificate.fields, certificate.texts) == (2, ())
    for said in ("本记录没有未密封的文字。", "this record holds no text that was not sealed."):
        assert said in certificate.stays
    for said in ("第 - 版", "versions -", "reasons and other text"):
        assert said not in certificate.stays


def test_a_certificate_says_until_when_a_backup_could_bring_a_key_back(world: World) -> None:
    certificate = erase(world, world.closed_case())
    ((began_at,),) = world.fetch("select began_at from vault.epoch")
    assert certificate.horizon == began_at + EPOCH
    assert f"{certificate.horizon:%Y-%m-%d %H:%M}" in certificate.proves_not
    assert certificate.epoch_days == 30


def test_a_record_under_a_legal_hold_is_not_erased(world: World) -> None:
    case = world.closed_case()
    world.erasures.place_hold(case, HOLD, officer())
    with pytest.raises(Refused, match="legal-hold"):
        erase(world, case)
    assert len(world.texts(case)) == 4
    world.erasures.lift_hold(case, HOLD.id, officer())
    assert erase(world, case).keys


def test_a_hold_waits_for_an_erasure_of_the_same_record_and_for_no_other(world: World) -> None:
    case, other = world.closed_case(), world.closed_case()
    with ThreadPoolExecutor() as threads:
        with world.vault.store.alone(case):
            waiting = threads.submit(world.erasures.place_hold, case, HOLD, officer())
            world.erasures.place_hold(other, HOLD, officer())
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
        assert waiting.result(timeout=10).first_position == len(topics(world))


@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.ADMINISTRATOR, Role.SYSTEM])
def test_nobody_but_a_privacy_officer_erases(world: World, role: Role) -> None:
    case = world.closed_case()
    with pytest.raises(Refused, match="privacy-officer-only"):
        erase(world, case, by=command(role))
    assert len(world.texts(case)) == 4


def test_what_is_still_in_use_is_not_erased(world: World) -> None:
    case, person = world.case(), world.practitioner()
    with pytest.raises(Refused, match="case-open"):
        erase(world, case)
    with pytest.raises(Refused, match="still-in-service"):
        erase(world, person)
    assert len(world.texts(case)) == 4
    assert world.texts(person) == ["赵敏"]


def test_a_practitioner_who_left_is_erased(world: World) -> None:
    person = world.practitioner()
    world.team.deregister(person, command())
    certificate = erase(world, person)
    assert certificate.case_position is None
    assert world.texts(person) == []
    assert world.vault.store.unrecorded() == []


def test_an_account_is_erased_when_its_last_post_has_ended(world: World) -> None:
    person = uuid4()
    account = account_id(person)
    until_today = Post(role=Role.COUNSELLOR, office=OFFICE, since=TODAY, until=TODAY)
    opened(world, person)
    posted(world, account, until_today)
    with pytest.raises(Refused, match="post-in-use"):
        erase(world, account)
    ended(world, account, until_today)
    assert world.texts(account) == ["赵敏"]
    assert erase(world, account).fields == 1
    assert world.texts(account) == []
    assert world.vault.store.unrecorded() == []


def opened(world: World, person: UUID) -> None:
    account = account_id(person)
    name = world.vault.drafts(account).of(SELF, "赵敏")
    opening = Opening(person=person, login="zhaomin", name=name, office=OFFICE)
    world.records.change(command(), Account, account, Account.open, opening)


def declared(world: World, account: UUID, relation: AcquaintanceRelation) -> str:
    """Somebody near whom an account declared, by its part."""
    facts = AcquaintanceFacts(id=uuid4(), relation=relation, by=DOCUMENT, number=NUMBER)
    acquaintance = facts.draft(world.vault.drafts(account))
    world.records.change(command(), Account, account, Account.declare_acquaintance, acquaintance)
    return f"{relation}:{facts.id}"


def test_of_an_account_parts_are_its_own_and_each_whom_it_declared(world: World) -> None:
    person = uuid4()
    account = account_id(person)
    opened(world, person)
    relative = declared(world, account, AcquaintanceRelation.RELATIVE)
    neighbour = declared(world, account, AcquaintanceRelation.NEIGHBOUR)
    for unknown in (f"relative:{uuid4()}", f"neighbour:{relative.partition(':')[2]}", HER):
        with pytest.raises(Refused, match="part-unknown") as refused:
            erase(world, account, neighbour, unknown)
        assert refused.value.context["parts"] == f"self, {relative}, {neighbour}"
    certificate = erase(world, account, neighbour)
    assert len(certificate.keys) == 1
    assert certificate.readable == (SELF,)
    assert "人员本人" in certificate.stays
    assert erase(world, account, SELF).readable == ()


def test_of_a_member_of_the_team_there_is_one_part(world: World) -> None:
    person = world.practitioner()
    world.team.deregister(person, command())
    with pytest.raises(Refused, match="part-unknown") as refused:
        erase(world, person, HER)
    assert refused.value.context["parts"] == SELF
    assert erase(world, person, SELF).readable == ()


def posted(world: World, account: UUID, post: Post) -> None:
    world.records.change(command(), Account, account, Account.grant_role, post)


def ended(world: World, account: UUID, post: Post) -> None:
    world.records.change(command(), Account, account, Account.end_role, post.role, post.office)


def test_where_nothing_is_sealed_nothing_is_erased(world: World) -> None:
    with pytest.raises(Refused, match="no-personal-data"):
        erase(world, uuid4())
    case = world.closed_case()
    erase(world, case)
    with pytest.raises(Refused, match="no-personal-data"):
        erase(world, case)


def test_a_repeated_erasure_gets_its_certificate(world: World) -> None:
    case, by = world.closed_case(), officer()
    first = erase(world, case, by=by)
    assert erase(world, case, by=by) == first
    with pytest.raises(RequestReused):
        world.erasures.erase(case, ErasureGround.PURPOSE_ACHIEVED, by)
    with pytest.raises(RequestReused):
        erase(world, uuid4(), by=by)


class Crash(BaseException):
    """The process ends here."""


@contextmanager
def crash_at(monkeypatch: pytest.MonkeyPatch, kind: type) -> Iterator[None]:
    """The first change of an aggregate of this kind never happens."""
    change = Records.change

    def crashing(self: Records, by: Command, of: type, *facts: Any, **more: Any) -> Any:
        if of is kind:
            raise Crash
        return change(self, by, of, *facts, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Records, "change", crashing)
        with pytest.raises(Crash):
            yield


@pytest.mark.parametrize("kind", [Subject, Case])
def test_a_crash_between_two_steps_is_healed_by_replaying(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: type
) -> None:
    case, by = world.closed_case(), officer()
    with crash_at(monkeypatch, kind):
        erase(world, case, by=by)
    assert world.texts(case) == []
    world.erasures.heal()
    assert topics(world).count(SubjectKeyDestroyed.topic) == 3
    assert topics(world).count(PersonalDataErased.topic) == 1
    world.erasures.heal()
    assert erase(world, case, by=by).keys
    assert topics(world).count(PersonalDataErased.topic) == 1
    assert world.vault.store.unrecorded() == []


class NotInCharge(Jurisdiction):
    """The office of the officer was merged since: nothing is in its reach."""

    def require(self, actor: Actor, *_: Any) -> None:
        """Refuse it."""
        raise Forbidden(f"{actor.role} is in charge of nothing", "无权")


def test_it_is_healed_also_when_the_officer_is_in_charge_no_longer(
    world: World, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.closed_case()
    with crash_at(monkeypatch, Subject):
        erase(world, case)
    records = open_records(database, Settings(home=tmp_path), NotInCharge)
    later = World(database, records, world.vault)
    with pytest.raises(Forbidden):
        erase(later, world.closed_case())
    later.erasures.heal()
    records.close()
    assert topics(world).count(SubjectKeyDestroyed.topic) == 3
    assert topics(world)[-1] == PersonalDataErased.topic


def test_it_is_healed_whatever_zone_the_server_has(
    world: World, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.closed_case()
    with crash_at(monkeypatch, Case):
        erase(world, case)
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"alter database {name} set timezone = 'Asia/Shanghai'")
    with open_vault(database, Settings(home=tmp_path)) as vault:
        World(database, world.records, vault).erasures.heal()
    assert topics(world).count(SubjectKeyDestroyed.topic) == 3
    assert topics(world)[-1] == PersonalDataErased.topic


def test_a_hold_that_comes_after_a_crash_comes_after_the_destruction(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.closed_case()
    with crash_at(monkeypatch, Subject):
        erase(world, case)
    world.erasures.place_hold(case, HOLD, officer())
    assert topics(world)[-1] == "subject.legal-hold-placed.v1"
    assert topics(world).count(SubjectKeyDestroyed.topic) == 3


def test_a_case_reopened_after_a_crash_is_told_once_it_is_closed_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.closed_case()
    with crash_at(monkeypatch, Case):
        erase(world, case)
    world.casework.reopen(case, command(reason="来访"))
    world.erasures.heal()
    assert PersonalDataErased.topic not in topics(world)
    world.close(case)
    world.erasures.heal()
    assert topics(world)[-1] == PersonalDataErased.topic


FORGED = """
insert into vault.erasure (request, record, keys, ground, actor, role, office, occurred, mark)
select gen_random_uuid(), %s, array_agg(id), 'unlawful', %s, 'privacy-officer', %s, now(), %s
from vault.key where record = %s
"""


def forge(world: World, record: UUID, victim: UUID, mark: bytes = bytes(32)) -> None:
    """An erasure that who administers the database invents, in the name of an officer."""
    with psycopg.connect(world.database.administrator) as connection:
        connection.execute(FORGED, (record, victim, uuid4(), mark, record))


def rung(tmp_path: Path) -> str:
    return alarms.standing(tmp_path) or ""


def test_an_erasure_that_somebody_put_into_the_database_is_said_in_nobodys_name(
    world: World, tmp_path: Path
) -> None:
    case, victim = world.closed_case(), uuid4()
    said = len(topics(world))
    forge(world, case, victim)
    world.erasures.heal()
    assert len(topics(world)) == said
    assert len(world.texts(case)) == 4
    assert "1 rows of vault.erasure were put there or changed" in rung(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        "actor = gen_random_uuid()",
        "office = gen_random_uuid()",
        "role = 'counsellor'",
        "ground = 'consent-withdrawn'",
        "occurred = occurred - interval '1 day'",
        "record = gen_random_uuid()",
        "keys = keys || gen_random_uuid()",
        "request = gen_random_uuid()",
    ],
)
def test_an_erasure_that_somebody_changed_after_a_crash_is_not_said(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    case = world.closed_case()
    with crash_at(monkeypatch, Subject):
        erase(world, case)
    with psycopg.connect(world.database.administrator) as connection:
        connection.execute(f"update vault.erasure set {change}")
    world.erasures.heal()
    assert SubjectKeyDestroyed.topic not in topics(world)
    assert "vault.erasure" in rung(tmp_path)


def test_a_forged_erasure_of_a_held_record_stops_nothing(world: World) -> None:
    held, other = world.closed_case(), world.closed_case()
    world.erasures.place_hold(held, HOLD, officer())
    forge(world, held, uuid4())
    forge(world, other, uuid4())
    world.erasures.heal()
    assert erase(world, other).keys
    with pytest.raises(Refused, match="legal-hold"):
        erase(world, held)
    world.erasures.lift_hold(held, HOLD.id, officer())
    assert erase(world, held).keys


def test_what_the_log_refuses_to_say_of_one_record_is_said_of_the_others(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, other = world.closed_case(), world.closed_case()
    for case in (held, other):
        with crash_at(monkeypatch, Subject):
            erase(world, case)
    by = officer()  # by another way than the desk, which would have healed first
    world.records.change(by, Subject, subject_id(held), Subject.place_hold, held, HOLD)
    world.erasures.heal()
    assert world.records.get(Subject, subject_id(other)).destroyed
    assert "was not said: legal-hold" in rung(tmp_path)
    world.erasures.lift_hold(held, HOLD.id, officer())
    world.erasures.heal()
    assert world.records.get(Subject, subject_id(held)).destroyed
    assert world.vault.store.unrecorded() == []


def test_who_comes_again_after_an_erasure_has_a_new_key(world: World) -> None:
    case = world.closed_case()
    erase(world, case, HER)
    world.casework.reopen(case, command(reason="来访"))
    again = replace(command(), reason="重新登记")
    world.casework.correct_identity(case, HER, Identity(name="王丽"), None, again)
    assert world.texts(case) == ["李强", "共同讨论了抚养安排", "王丽"]


def keys_of(database: Database) -> list[Any]:
    with psycopg.connect(database.administrator) as connection:
        return connection.execute("select * from vault.key").fetchall()


def restore(database: Database, rows: list[Any]) -> None:
    """Put an older copy of the key store in the place of the present one."""
    with psycopg.connect(database.administrator) as connection:
        connection.execute("delete from vault.key")
        connection.execute("delete from vault.erasure")
        connection.execute("delete from vault.destroyed")
        for row in rows:
            connection.execute("insert into vault.key values (%s, %s, %s, %s, %s, %s)", row)


def test_an_old_key_store_restored_after_an_erasure_brings_nobody_back(
    world: World, database: Database, tmp_path: Path
) -> None:
    case, other = world.closed_case(), world.closed_case()
    before = keys_of(database)
    erase(world, case, HER)
    restore(database, before)
    with open_vault(database, Settings(home=tmp_path)) as vault:
        reopened = World(database, world.records, vault)
        assert NAMES[HER] not in reopened.texts(case)
        assert len(reopened.texts(other)) == 4
    assert len(keys_of(database)) == len(before) - 1


def test_keys_put_back_under_the_running_system_are_destroyed_again(
    world: World, database: Database
) -> None:
    case, other = world.closed_case(), world.closed_case()
    assert len(world.texts(case)) == 4, "the gate was passed"
    before = keys_of(database)
    erase(world, case, HER)
    restore(database, before)
    assert NAMES[HER] not in world.texts(case)
    assert len(world.texts(other)) == 4
    assert len(keys_of(database)) == len(before) - 1


def test_a_key_that_came_back_keeps_nobody_from_erasing_the_record(
    world: World, database: Database
) -> None:
    case = world.closed_case()
    before = keys_of(database)
    hers = world.vault.store.parts_of(case)[HER]
    erase(world, case, HER)
    restore(database, before)
    assert f"k:{hers}" not in erase(world, case).keys
    assert world.vault.store.parts_of(case) == {}


def test_destructions_that_are_taken_out_of_the_running_log_shut_the_gate(
    world: World, database: Database, tmp_path: Path
) -> None:
    case = world.closed_case()
    erase(world, case, HER)
    assert world.texts(case)
    with psycopg.connect(database.administrator) as connection:
        connection.execute("alter table log.event disable trigger all")
        connection.execute("delete from log.event where topic = %s", (SubjectKeyDestroyed.topic,))
    with pytest.raises(RolledBack, match="says so no longer"):
        world.texts(case)
    assert "says so no longer" in rung(tmp_path)


def test_a_destruction_that_another_thread_sees_first_is_no_rollback(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, other = world.closed_case(), world.closed_case()
    erase(world, case, HER)
    world.vault.pass_gate()
    asked = KeyStore.last_destruction

    def overtaken(store: KeyStore) -> Last:
        newest = asked(store)
        monkeypatch.setattr(KeyStore, "last_destruction", asked)
        erase(world, other, HER)
        world.vault.pass_gate()
        return newest

    monkeypatch.setattr(KeyStore, "last_destruction", overtaken)
    world.vault.pass_gate()
    assert world.vault.store.destructions.newest == asked(world.vault.store).position


def test_what_cannot_be_proved_of_the_log_opens_nothing_and_says_so(
    world: World, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, case = Settings(home=tmp_path), world.closed_case()
    seal(database, settings)

    def unproven(*_: object) -> None:
        raise Unproven("The tile 0/7 is missing.")

    monkeypatch.setattr("application.vault.require_extension", unproven)
    with open_vault(database, settings) as vault:
        with pytest.raises(RolledBack, match="cannot be proved"):
            vault.release(world.records, viewing(case), command(), [HER])
        assert vault.passed is False


def test_what_was_under_way_when_a_key_was_destroyed_does_not_bring_it_back(world: World) -> None:
    case = world.closed_case()
    draft = world.vault.drafts(case).of(HER, "x")
    erase(world, case)
    with pytest.raises(Refused, match="erased-meanwhile"):
        draft.sealed(Context(uuid4(), 1, "request.received.v1", "details"))
    assert world.texts(case) == []


def test_an_old_log_restored_with_its_keys_opens_nothing(
    world: World, database: Database, tmp_path: Path
) -> None:
    settings, case = Settings(home=tmp_path), world.closed_case()
    before, size = keys_of(database), len(topics(world))
    with Sealer(database, settings) as sealer:
        sealer.seal_next()
        erase(world, case, HER)
        sealer.seal_next()
    restore(database, before)
    with psycopg.connect(database.administrator) as connection:
        for table in ("log.event", "seal.checkpoint"):
            connection.execute(f"alter table {table} disable trigger all")
        connection.execute("delete from log.event where position > %s", (size,))
        connection.execute("delete from seal.checkpoint where size > %s", (size,))
    with open_vault(database, settings) as vault:
        with pytest.raises(RolledBack, match="records are missing"):
            vault.release(world.records, viewing(case), command(), [HER])
        assert vault.passed is False


@pytest.fixture(scope="module")
def simulated(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Settings]]:
    """A simulated year that the tests below erase from."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    simulate(module_database, settings, 0.001, workers=1)
    return module_database, settings


def seal(database: Database, settings: Settings) -> None:
    """Seal all that the log holds."""
    with Sealer(database, settings) as sealer:
        while sealer.seal_next() is not None:
            pass


def figures(database: Database) -> list[str]:
    """Every figure of the province, by county and month."""
    Projector(database).catch_up()
    readings = Readings(database)
    try:
        reading = readings.at()
        year = Period(date(2019, 1, 1), date(2019, 12, 31))
        table = Statistics(readings).table(reading, list(INDICATORS), "370000", year)
        return [repr(line) for line in table.lines]
    finally:
        readings.close()


def test_no_figure_leaf_or_checkpoint_changes_with_an_erasure(
    simulated: tuple[Database, Settings],
) -> None:
    database, settings = simulated
    leaves = "select position, leaf, state from log.event order by position limit %s"
    checkpoints = "select size, root, note from seal.checkpoint where size <= %s order by size"
    records = open_records(database, settings, Unasked)
    with (
        open_vault(database, settings) as vault,
        psycopg.connect(database.reader, autocommit=True) as reader,
    ):
        world = World(database, records, vault)
        before, size = figures(database), len(topics(world))
        rows = reader.execute(leaves, (size,)).fetchall()
        seal(database, settings)
        sealed = reader.execute(checkpoints, (size,)).fetchall()
        ((case,), *_) = world.fetch(
            "select record from vault.key join log.event on originator_id = record"
            " where topic = 'case.closure-approved.v1' order by record"
        )
        assert len(world.texts(case)) > 0
        erase(world, case)
        assert world.texts(case) == []
        assert figures(database) == before
        assert reader.execute(leaves, (size,)).fetchall() == rows
        seal(database, settings)
        assert reader.execute(checkpoints, (size,)).fetchall() == sealed
        assert sealed[-1][0] == size
        trust = trust_of(settings).knowing({"before": bytes(sealed[-1][2])})
        found = verify(database.reader, silently, trust)
        assert (found.defect, found.outcomes()[Check.OUTSIDE]) == (None, "passed")
    records.close()


def test_the_invented_people_of_a_simulated_year_are_read_through_the_vault(
    simulated: tuple[Database, Settings],
) -> None:
    database, settings = simulated
    records = open_records(database, settings, Unasked)
    with open_vault(database, settings) as vault:
        world = World(database, records, vault)
        rows = world.fetch("select distinct record from vault.key")
        assert len(rows) > 50
        assert all(world.texts(record) for (record,) in rows[:20])
    records.close()


def test_no_read_model_holds_sealed_data_or_the_name_of_a_key(
    simulated: tuple[Database, Settings],
) -> None:
    database, _ = simulated
    Projector(database).catch_up()
    with psycopg.connect(database.administrator) as connection:
        tables = connection.execute(
            "select oid::regclass::text from pg_class where relkind in ('r', 'm')"
            " and relnamespace::regnamespace::text !~ '^(log|seal|vault|pg_.*|information_schema)$'"
        ).fetchall()
        assert len(tables) > 5
        for (table,) in tables:
            found = connection.execute(
                f"select count(*) from {table} t where to_jsonb(t)::text ~ 'k:[0-9a-f]{{8}}-'"
            ).fetchone()
            assert found == (0,), table


def test_the_evidence_as_of_before_an_erasure_tells_of_it(world: World, tmp_path: Path) -> None:
    case, other = world.closed_case(), world.closed_case()
    ((as_of, known_at),) = world.fetch(
        "select position, recorded_at from log.event order by position desc limit 1"
    )
    erased_at = erase(world, case).case_position
    erase(world, other)
    with Sealer(world.database, Settings(home=tmp_path)) as sealer:
        while sealer.seal_next() is not None:
            pass
        size = sealer.size
    order = Order(
        case, as_of, known_at, AccessPurpose.LEGAL_REQUEST, "历下区人民法院", officer().by
    )
    with psycopg.connect(world.database.reader) as connection:
        evidence = gather(connection, order, size, size)
        own = gather(connection, replace(order, own=Party.WIFE), size, size)
    assert [one.row.position for one in evidence.erasures] == [erased_at]
    assert own.erasures == (), "it tells of the other party's keys"


def test_a_start_goes_on_while_another_process_erases(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, case = world.closed_case(), world.closed_case()
    for one in (held, case):
        with crash_at(monkeypatch, Subject):
            erase(world, one)
    monkeypatch.setattr("application.keystore.LOCK_TIMEOUT", 1)
    with world.vault.store.alone(held):
        world.erasures.heal()
        (left,) = world.vault.store.unrecorded()
        assert left.record == held, "the other one was finished"
    world.erasures.heal()
    assert world.vault.store.unrecorded() == []


def test_a_start_goes_on_while_the_key_service_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.closed_case()
    with crash_at(monkeypatch, Subject):
        erase(world, case)

    def away(*_: Any) -> bool:
        raise DangerousSetting("The key service does not answer.")

    with monkeypatch.context() as patch:
        patch.setattr(Epochs, "horizon_of", away)
        world.erasures.heal()
    world.erasures.heal()
    assert topics(world).count(SubjectKeyDestroyed.topic) == 3
    assert world.vault.store.unrecorded() == []


def test_a_record_that_somebody_locked_for_good_is_told_and_rung_and_a_start_goes_on(
    world: World, tmp_path: Path
) -> None:
    """With the password of the vault: no work commits such a row."""
    case = world.closed_case()
    erase(world, case, HER)
    with psycopg.connect(world.database.vault, autocommit=True) as connection:
        connection.execute("update vault.erasure set recorded_at = null")
        connection.execute("insert into vault.record_lock (record) values (%s)", (case,))
    world.erasures.heal()
    told = f"A row of vault.record_lock keeps the record {case} from every erasure"
    with pytest.raises(KeysHeldUp, match=told):
        erase(world, case)
    assert told in (alarms.standing(tmp_path) or "")
