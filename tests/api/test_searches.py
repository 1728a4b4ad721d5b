"""Finding a person by a number: as far as one may see, with a trace, and nobody's number in it."""

from __future__ import annotations

from itertools import count
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from application.access import Accesses
from application.eventlog import NotRecorded
from application.keys_named import INDEX
from domain.values import Role
from tests.api.cast import County, Person, Service
from tests.api.test_access import head

NUMBERS = count(1)


def identified(county: County, by: Person | None = None) -> tuple[str, str]:
    """A case of a woman with a phone that nobody else has; its id and the phone."""
    counsellor, phone = by or county.person(), f"13{next(NUMBERS):09}"
    case = county.opened(counsellor)
    identity = {"name": "王丽", "phone": phone}
    counsellor.does(f"{case}/parties", party="wife", identity=identity, occurred="2019-03-01")
    return case.rpartition("/")[2], phone


def search(by: Person, phone: str) -> list[dict[str, Any]]:
    answer = by.order("/searches", by="phone", number=phone)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["found"]
    return found


@pytest.mark.parametrize(
    ("role", "finds"),
    [
        (Role.REGISTRAR, True),
        (Role.CENTRE_MANAGER, True),
        (Role.PRIVACY_OFFICER, True),
        (Role.COUNSELLOR, False),
        (Role.STATION_WORKER, False),
    ],
)
def test_one_finds_what_lies_in_ones_reach(county: County, role: Role, finds: bool) -> None:
    case, phone = identified(county)
    found = [one["record"] for one in search(county.person(role), f"+86 {phone}")]
    assert found == ([case] if finds else [])


@pytest.mark.parametrize(
    "role", [Role.VOLUNTEER, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR]
)
def test_who_serves_nobody_looks_for_nobody(county: County, role: Role) -> None:
    answer = county.person(role).order("/searches", by="phone", number="13800000000")
    assert answer.status_code == 403


def test_who_has_the_case_finds_it(county: County) -> None:
    mine = county.person()
    case, phone = identified(county, mine)
    (found,) = search(mine.members[Role.COUNSELLOR], phone)
    assert found.pop("number").startswith(county.code)
    assert found == {"record": case, "kind": "case", "part": "wife", "status": "open"}


def test_another_office_is_told_nothing(service: Service, county: County) -> None:
    _, phone = identified(county)
    other = County.founded(service)
    for role in (Role.REGISTRAR, Role.CENTRE_MANAGER, Role.PRIVACY_OFFICER):
        assert search(other.person(role), phone) == []


def test_a_search_leaves_a_trace_without_the_number(county: County, service: Service) -> None:
    case, phone = identified(county)
    registrar = county.person(Role.REGISTRAR)
    assert [one["record"] for one in search(registrar, phone)] == [case]
    manager = county.person(Role.CENTRE_MANAGER)
    rows = manager.reads("/ledgers/looks", min_position=head(county), limit=1000)["rows"]
    (row,) = [row for row in rows if row["reader"] == str(registrar.actor.id)]
    assert (row["happened"], row["what"], row["rows"]) == ("searched", "persons by phone", 1)
    with psycopg.connect(service.database.application) as connection:
        states = connection.execute("select convert_from(state, 'UTF8') from log.event").fetchall()
    assert not any(phone in state for (state,) in states)


def test_a_number_in_an_address_is_refused(county: County) -> None:
    registrar = county.person(Role.REGISTRAR)
    assert registrar.ask("/searches", number="13800000000").status_code in (404, 405, 422)


@pytest.mark.parametrize(("by", "text"), [("phone", "no idea"), ("document", "——")])
def test_what_holds_no_number_is_said_and_not_looked_for(
    county: County, by: str, text: str
) -> None:
    answer = county.person(Role.REGISTRAR).order("/searches", by=by, number=text)
    assert answer.status_code == 422
    assert answer.json()["code"] == "number-missing"


def test_who_tries_many_is_told_to_wait(county: County) -> None:
    registrar = county.person(Role.REGISTRAR)
    answers = [registrar.order("/searches", by="phone", number=f"1380000{n:04}") for n in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert answers[-1].headers["retry-after"]


def test_a_search_without_a_trace_has_no_answer(
    county: County, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, phone = identified(county)

    def unrecorded(*_: Any) -> None:
        raise NotRecorded("The log is held up")

    monkeypatch.setattr(Accesses, "make_search", unrecorded)
    answer = county.person(Role.REGISTRAR).order("/searches", by="phone", number=phone)
    assert answer.status_code == 503
    assert case not in answer.text


def test_a_search_in_another_kind_of_body_is_refused(county: County) -> None:
    answer = county.person(Role.REGISTRAR).send("POST", "/searches", data={"number": "1"})
    assert answer.status_code == 415


def test_nobody_erases_the_key_by_which_everybody_is_found(county: County) -> None:
    case, phone = identified(county)
    officer = county.person(Role.PRIVACY_OFFICER)
    for path in ("erasure", "holds"):
        facts = {"hold": {"id": str(uuid4()), "ground": "litigation"}, "ground": "unlawful"}
        wanted = {"holds": "hold", "erasure": "ground"}[path]
        answer = officer.order(f"/records/{INDEX.record}/{path}", **{wanted: facts[wanted]})
        assert answer.status_code == 404, answer.text
    assert [one["record"] for one in search(officer, phone)] == [case]


def test_what_was_erased_is_not_found(county: County) -> None:
    counsellor, manager = county.person(), county.person(Role.CENTRE_MANAGER)
    case, phone = identified(county, counsellor)
    counsellor.does(
        f"/cases/{case}/closure/proposal", proposal={"kind": "goals-reached"}, occurred="2019-03-02"
    )
    manager.does(f"/cases/{case}/closure/approval", occurred="2019-03-03")
    officer = county.person(Role.PRIVACY_OFFICER)
    assert len(search(officer, phone)) == 1
    officer.does(f"/records/{case}/erasure", ground="unlawful")
    assert search(officer, phone) == []
