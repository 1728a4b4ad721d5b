"""Who was kept out of a case is let in by no hidden end of it, also for one request."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from uuid import UUID, uuid4

import psycopg
import pytest

from api.app import create_app
from application import drafts
from application.alarms import standing
from application.database import Database
from application.envelope import INTERNATIONAL, SUITES, Context, seal
from application.eventlog import head
from application.records import Command
from application.seal import sealed_size
from domain import case_care
from domain.case import Case
from domain.case_counselling_events import SessionHeld
from domain.values import Role
from tests.api.cast import County, Person, Service
from tests.api.conftest import served
from tests.api.test_access import outsider
from tests.api.test_rights import HERS, HIS, holdings, team_case
from tests.api.test_unsealing import SEALED, TOGETHER, case_of
from tests.api.test_unsigned import alone
from tests.vault.test_first_event import TRIGGERS

pytestmark = pytest.mark.attack

__all__ = ["alone"]  # a county in a log of its own

HIDE = """
update log.event set originator_id = %s where originator_id = %s and originator_version >= %s
"""
CHANGE = """
update log.event set state = state || convert_to(' ', 'utf8')
where originator_id = %s and originator_version >= %s
"""
BACK = """
update log.event set state = convert_to(rtrim(convert_from(state, 'utf8')), 'utf8')
where originator_id = %s and originator_version >= %s
"""

AWAY = Context(uuid4(), 1, "case.x.v1", "elsewhere")

Attack = Callable[[Database, UUID, int], AbstractContextManager[None]]


def ran(database: Database, statement: str, *values: object) -> None:
    """Run a statement as who administers the database; no trigger of the log runs."""
    with psycopg.connect(database.administrator or "") as connection:
        connection.execute(TRIGGERS, (False,))
        connection.commit()
        connection.execute(statement, values)
        connection.execute(TRIGGERS, (True,))


@contextmanager
def hidden(database: Database, stream: UUID, since: int) -> Iterator[None]:
    """A stream without its rows from a version on, for a moment."""
    elsewhere = uuid4()
    ran(database, HIDE, elsewhere, stream, since)
    try:
        yield
    finally:
        ran(database, HIDE, stream, elsewhere, since)


@contextmanager
def changed(database: Database, stream: UUID, since: int) -> Iterator[None]:
    """A stream with other rows from a version on, for a moment."""
    ran(database, CHANGE, stream, since)
    try:
        yield
    finally:
        ran(database, BACK, stream, since)


def recused_of(county: County) -> tuple[str, Person, int]:
    """The path of a case with everything sealed, who was kept out of it, and since when."""
    _, case, _ = case_of(county)
    record, manager = UUID(case.rpartition("/")[2]), county.person(Role.CENTRE_MANAGER)
    second, records = county.person(Role.COUNSELLOR), county.service.records
    who = second.actor.id
    by = Command(manager.actor)
    records.change(by, Case, record, case_care.assign, who, permitted=True)
    for path, more in SEALED.items():
        assert second.ask(f"{case}/{path}", **more).status_code == 200
    since = records.get(Case, record).version + 1
    by = Command(manager.actor, reason="亲属")
    records.change(by, Case, record, case_care.recuse, who, permitted=True)
    return case, second, since


def wait_until_sealed(county: County) -> None:
    """Wait for the sealer, which runs beside."""
    with psycopg.connect(county.service.database.reader, autocommit=True) as connection:
        deadline = time.monotonic() + 20
        while sealed_size(connection) < head(connection):
            assert time.monotonic() < deadline, "the sealer is asleep"
            time.sleep(0.05)


@contextmanager
def restarted(county: County) -> Iterator[Service]:
    """The same installation in another process, which remembers nothing."""
    one = county.service
    app = create_app(one.database, one.settings)
    with served(app) as address:
        yield Service(address, app, one.database, one.settings)


@pytest.mark.parametrize("attack", [hidden, changed])
@pytest.mark.parametrize("path", SEALED)
def test_who_was_kept_out_opens_nothing_while_the_end_of_the_case_is_hidden(
    alone: County, path: str, attack: Attack
) -> None:
    """Also what this process recorded a moment ago, and nobody sealed yet."""
    case, kept_out, since = recused_of(alone)
    record, home = UUID(case.rpartition("/")[2]), alone.service.settings.home
    with attack(alone.service.database, record, since):
        answer = kept_out.ask(f"{case}/{path}", **SEALED[path])
    told = (answer.status_code, answer.json()["type"])
    assert told == (503, "urn:huhang:record-not-whole")
    assert f"The record {record} is not whole in the log" in (standing(home) or "")
    assert kept_out.ask(f"{case}/{path}", **SEALED[path]).status_code == 403


@pytest.mark.parametrize("attack", [hidden, changed])
def test_what_was_sealed_is_known_to_a_process_that_remembers_nothing(
    alone: County, attack: Attack
) -> None:
    case, kept_out, since = recused_of(alone)
    wait_until_sealed(alone)
    record = UUID(case.rpartition("/")[2])
    with restarted(alone) as other:
        actor = kept_out.actor
        again = other.member(actor.id, actor.role, actor.office)
        with attack(alone.service.database, record, since):
            answer = again.ask(f"{case}/notes")
        told = (answer.status_code, answer.json()["type"])
        assert told == (503, "urn:huhang:record-not-whole")
        assert again.ask(f"{case}/notes").status_code == 403
        assert TOGETHER not in answer.text


def test_who_may_reads_a_case_that_is_sealed_in_part(alone: County) -> None:
    counsellor, case, _ = case_of(alone)
    wait_until_sealed(alone)
    counsellor.does(f"{case}/consents", party="other")
    for path, more in SEALED.items():
        assert counsellor.ask(f"{case}/{path}", **more).status_code == 200
    with restarted(alone) as other:
        actor = counsellor.actor
        again = other.member(actor.id, actor.role, actor.office)
        assert TOGETHER in again.ask(f"{case}/notes").text
    assert standing(alone.service.settings.home) is None


IN_FRONT = """
insert into log.event
select 0, originator_id, 0, topic, state, recorded_at, author, signature, leaf
from log.event where originator_id = %s and originator_version = %s
"""


@pytest.mark.parametrize("path", SEALED)
def test_a_row_in_front_of_the_first_keeps_nobody_from_what_is_sealed(
    alone: County, path: str
) -> None:
    own, case, _ = case_of(alone)
    before = own.reads(f"{case}/{path}", **SEALED[path])
    for event in alone.service.records.events_of(UUID(case[7:])):
        ran(alone.service.database, IN_FRONT, event.originator_id, event.originator_version)
        assert own.reads(f"{case}/{path}", **SEALED[path]) == before
        ran(alone.service.database, "delete from log.event where originator_version = 0")


TWO_FACED = """
create table log.event_forged as
select position, originator_id, originator_version, topic,
       convert_to(replace(convert_from(state, 'utf8'), %s, %s), 'utf8') as state,
       recorded_at, author, signature, leaf
from log.event where originator_id = %s and originator_version = %s;
alter table log.event rename to event_kept;
create view log.event as
select * from log.event_kept
where current_user <> 'huhang_reader' or position not in (select position from log.event_forged)
union all
select * from log.event_forged where current_user = 'huhang_reader';
create function log.keep() returns trigger language plpgsql as $$
begin
    insert into log.event_kept select new.*;
    return new;
end $$;
create trigger keep instead of insert on log.event for each row execute function log.keep();
alter view log.event owner to huhang_owner;
grant select on log.event_forged to huhang_owner;
grant select on log.event to huhang_application, huhang_vault, huhang_identity, huhang_reader,
    huhang_projector, huhang_sealer
"""


def test_who_asks_what_is_held_is_not_told_what_the_other_said_by_a_row_that_one_login_is_shown(
    alone: County,
) -> None:
    """As if both had been there, in the rows of the login by which people read alone."""
    _, _, record = team_case(alone)
    assert HERS in holdings(alone, record, "wife", 1).text
    held = next(
        event
        for event in alone.service.records.events_of(UUID(record))
        if isinstance(event, SessionHeld)
    )
    with psycopg.connect(
        alone.service.database.administrator or "", cursor_factory=psycopg.ClientCursor
    ) as connection:
        hers, both = '"present":["wife"]', '"present":["wife","husband"]'
        connection.execute(TWO_FACED, (hers, both, record, held.originator_version))
    answer = holdings(alone, record, "husband", 1)
    assert answer.status_code == 200, answer.text
    shown = [moment["version"] for moment in answer.json()["moments"]]
    assert held.originator_version in shown, "the row that nobody signed"
    assert HIS in answer.text
    assert HERS not in answer.text


def test_of_what_is_held_and_cannot_be_opened_nobody_is_told_that_there_is_nothing(
    alone: County,
) -> None:
    _, _, record = team_case(alone)
    ran(alone.service.database, "delete from vault.key where record = %s", record)
    held = holdings(alone, record, "wife", 1)
    assert (held.status_code, held.json()["type"]) == (503, "urn:huhang:key-lost")


def test_what_is_sealed_under_exchanged_keys_is_damaged_and_not_nothing(alone: County) -> None:
    counsellor, case, _ = case_of(alone)
    ran(
        alone.service.database,
        "update vault.key set wrapped = other.wrapped from vault.key as other"
        " where key.record = %s and other.record = key.record"
        " and (key.part, other.part) in (('wife', 'husband'), ('husband', 'wife'))",
        case.rpartition("/")[2],
    )
    note = {"party": "wife", "identity": {"name": "王丽"}, "reason": "写错"}
    for answer in (
        counsellor.ask(f"{case}/identities"),
        counsellor.ask(f"{case}/notes", party="wife"),
        counsellor.order(f"{case}/parties/correction", **note),
    ):
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:huhang:key-spoiled")
        said = answer.json()["detail"]
        assert "The key store holds something else in the place of the key" in said
        assert said in (standing(alone.service.settings.home) or "")
    assert counsellor.ask(f"{case}/notes").status_code == 200, "of both, whose key is whole"


def test_what_is_sealed_and_was_changed_or_moved_is_damaged_and_not_nothing(
    alone: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(
            drafts, "seal", lambda key, name, _, *of, **how: seal(key, name, AWAY, *of, **how)
        )
        counsellor, case, _ = case_of(alone)
    stranger = outsider(alone.service)
    for path, of in SEALED.items():
        answer = counsellor.ask(f"{case}/{path}", **of)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:huhang:sealed-spoiled")
        assert "sealed under another key or at another place, or changed" in answer.json()["detail"]
        assert stranger.ask(f"{case}/{path}", **of).status_code == 403, "nor what was damaged"
    rang = standing(alone.service.settings.home) or ""
    assert f"of the record {case.rpartition('/')[2]} cannot be read: The data was sealed" in rang


def test_what_is_sealed_as_a_newer_program_does_is_not_nothing(
    alone: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    counsellor, case, _ = case_of(alone)
    monkeypatch.delitem(SUITES, INTERNATIONAL)
    answer = counsellor.ask(f"{case}/identities")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:huhang:sealed-spoiled")
    assert "update the program" in answer.json()["detail"]
    assert "update the program" in (standing(alone.service.settings.home) or "")
