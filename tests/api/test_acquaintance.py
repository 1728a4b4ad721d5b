"""Looks at who is near: own cases, relatives and neighbours, found by sealed numbers alone."""

from __future__ import annotations

from itertools import count
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from domain.account_events import account_id
from domain.values import Role
from tests.api.cast import REGISTRATION, County, Person, Service, session
from tests.api.test_access import head
from tests.api.test_commands import consented
from tests.api.test_conflicts import code

NUMBERS = count(1)
MISTAKEN = "号码填写有误"


def phone() -> str:
    """A telephone that nobody else has."""
    return f"15{next(NUMBERS):09}"


def bears(by: Person, case: str, party: str, number: str) -> None:
    """Let a party of a case be known by a number."""
    identity = {"name": "王丽", "phone": number}
    by.does(f"{case}/parties", party=party, identity=identity, occurred="2019-03-01")


def case_of(county: County, **numbers: str) -> str:
    """The id of a case whose parties bear numbers."""
    case = county.opened(county.manager)
    for party, number in numbers.items():
        bears(county.manager, case, party, number)
    return case.rpartition("/")[2]


def registered(county: County, number: str, who: UUID | None = None, **more: str) -> str:
    """A member of the team with a telephone."""
    identity = {"name": "李某", "phone": number}
    facts = {"registration": {**REGISTRATION, "identity": identity, **more}}
    facts |= {"id": str(who or uuid4()), "occurred": "2019-02-01"}
    return str(county.manager.does("/practitioners", **facts)["id"])


def administered(county: County, by: Person) -> Person:
    """Who administers the account that somebody has and acts on under."""
    administrator = county.service.person(Role.ADMINISTRATOR, county.supervisor.actor.office)
    who = str(by.actor.id)
    account = {"login": f"k{who[:8]}", "name": "李某", "office": county.centre}
    administrator.does("/accounts", account=account, id=who)
    post = {"role": by.actor.role, "office": str(by.actor.office), "since": "2019-01-01"}
    administrator.does(f"/accounts/{who}/roles", post=post)
    return administrator


def declares(by: Person, who: UUID, relation: str, number: str) -> str:
    """The address of a declaration of who is near to somebody."""
    near = {"id": str(uuid4()), "relation": relation, "by": "phone", "number": number}
    by.does(f"/accounts/{who}/acquaintances", acquaintance=near)
    return f"/accounts/{who}/acquaintances/{near['id']}"


def looked(county: County, *readers: Person, case: str) -> None:
    for reader in readers:
        assert reader.ask(f"/history/{case}", min_position=head(county)).status_code == 200


def found(county: County) -> set[tuple[str, str, str]]:
    """Reader, record and reason of each look at who is near that an auditor is told of."""
    answer = county.person(Role.AUDITOR).reads("/findings/unusual-looks", min_position=head(county))
    near = {"own-case", "relative", "neighbour"}
    return {
        (one["reader"], one["record"], one["reason"])
        for one in answer["found"]
        if one["reason"] in near
    }


@pytest.mark.parametrize("by", ["practitioner", "account"])
def test_a_look_at_the_case_in_which_one_is_a_party_is_found(county: County, by: str) -> None:
    number, (reader, other) = phone(), (county.person(Role.CENTRE_MANAGER) for _ in range(2))
    own, another = case_of(county, wife=f"+86 {number}"), case_of(county, wife=phone())
    if by == "practitioner":
        registered(county, number, reader.actor.id)
    else:
        registered(county, number, account=str(reader.actor.id))
    for case in (own, another):
        looked(county, reader, other, case=case)
    assert found(county) == {(str(reader.actor.id), own, "own-case")}


def test_a_look_at_who_stands_beside_oneself_in_a_case_is_found(county: County) -> None:
    number, spouse = phone(), phone()
    reader, other = (county.person(Role.CENTRE_MANAGER) for _ in range(2))
    registered(county, number, reader.actor.id)
    own = case_of(county, wife=number, husband=spouse)
    later, strangers = case_of(county, husband=spouse), case_of(county, husband=phone())
    for case in (own, later, strangers):
        looked(county, reader, other, case=case)
    who = str(reader.actor.id)
    assert found(county) == {(who, own, "own-case"), (who, later, "relative")}


@pytest.mark.parametrize(
    ("relation", "reason"),
    [("self", "own-case"), ("relative", "relative"), ("neighbour", "neighbour")],
)
def test_a_look_at_whom_one_declared_is_found_until_that_is_withdrawn(
    county: County, relation: str, reason: str
) -> None:
    number, (reader, other) = phone(), (county.person(Role.CENTRE_MANAGER) for _ in range(2))
    case, another = case_of(county, husband=number), case_of(county, husband=phone())
    administrator = administered(county, reader)
    declared = declares(reader, reader.actor.id, relation, number)
    for record in (case, another):
        looked(county, reader, other, case=record)
    assert found(county) == {(str(reader.actor.id), case, reason)}
    administrator.does(f"{declared}/withdrawal", reason=MISTAKEN)
    assert found(county) == set()


def test_what_is_opened_of_a_relative_in_ones_own_hands_is_found(county: County) -> None:
    counsellor, number = county.person(), phone()
    case = county.opened(counsellor)
    bears(counsellor, case, "wife", number)
    contact = {"party": "wife", "contact": "周二上午", "do_not_contact": True}
    counsellor.does(f"{case}/safe-contacts", **contact)
    reader = counsellor.members[Role.COUNSELLOR]
    declares(administered(county, reader), reader.actor.id, "relative", number)
    reader.reads(f"{case}/safe-contacts")
    assert found(county) == {(str(reader.actor.id), case.rpartition("/")[2], "relative")}


def test_what_is_read_of_a_relative_in_a_list_that_holds_nothing_else_is_found(
    county: County,
) -> None:
    number = phone()
    case, reader = case_of(county, wife=number), county.person(Role.CENTRE_MANAGER)
    case_of(county, wife=phone())
    declares(administered(county, reader), reader.actor.id, "relative", number)
    rows = reader.reads("/ledgers/cases", region=county.code)["rows"]
    assert found(county) == set(), "among others nobody is sought out"
    (sought,) = [row["number"] for row in rows if row["row"] == case]
    reader.reads("/ledgers/cases", equals=f"number:{sought}")
    assert found(county) == {(str(reader.actor.id), case, "relative")}


def test_what_was_erased_with_an_account_or_a_party_is_found_no_more(county: County) -> None:
    one, two = phone(), phone()
    reader, officer = county.person(Role.CENTRE_MANAGER), county.person(Role.PRIVACY_OFFICER)
    case, other = case_of(county, wife=one), case_of(county, wife=two)
    administrator = administered(county, reader)
    for number in (one, two):
        declares(administrator, reader.actor.id, "neighbour", number)
    for record in (case, other):
        looked(county, reader, case=record)
    who = str(reader.actor.id)
    assert found(county) == {(who, case, "neighbour"), (who, other, "neighbour")}
    proposed = {"proposal": {"kind": "goals-reached"}, "occurred": "2019-03-02"}
    county.manager.does(f"/cases/{other}/closure/proposal", **proposed)
    manager = county.person(Role.CENTRE_MANAGER)
    manager.does(f"/cases/{other}/closure/approval", occurred="2019-03-03")
    officer.does(f"/records/{other}/erasure", ground="unlawful")
    assert found(county) == {(who, case, "neighbour")}
    ended = {"role": reader.actor.role, "office": str(reader.actor.office)}
    administrator.does(f"/accounts/{who}/roles/end", **ended)
    officer.does(f"/records/{account_id(reader.actor.id)}/erasure", ground="unlawful")
    assert found(county) == set()


def test_a_relative_of_a_party_neither_gets_nor_counsels_the_case(county: County) -> None:
    case, other = (consented(county, county.manager) for _ in range(2))
    number = phone()
    person = registered(county, phone())
    administrator = county.service.person(Role.ADMINISTRATOR, county.supervisor.actor.office)
    account = {"login": f"k{person[:8]}", "name": "李某", "office": county.centre}
    administrator.does("/accounts", account=account, id=person)
    bears(county.manager, case, "husband", number)
    declares(administrator, UUID(person), "neighbour", number)
    relative = declares(administrator, UUID(person), "relative", number)
    assigned = {"practitioner": person, "occurred": "2019-03-01"}
    held = {"session": session(practitioners=[person]), "occurred": "2019-03-01T11:00:00+08:00"}
    refused = county.manager.order(f"{case}/counsellors", **assigned)
    assert refused.json()["code"] == "conflict-declared"
    assert number not in refused.text
    assert code(county.manager, f"{case}/sessions", **held) == "conflict-declared"
    county.manager.does(f"{other}/counsellors", **assigned)
    administrator.does(f"{relative}/withdrawal", reason=MISTAKEN)
    county.manager.does(f"{case}/counsellors", **assigned)
    county.manager.does(f"{case}/sessions", **held)


def test_a_session_is_put_right_also_once_who_held_it_is_known_as_a_relative(
    county: County,
) -> None:
    case, number, another = consented(county, county.manager), phone(), phone()
    holder, near = registered(county, phone()), registered(county, phone())
    held = session(practitioners=[holder])
    county.manager.does(f"{case}/sessions", session=held, occurred="2019-03-01T11:00:00+08:00")
    administrator = county.service.person(Role.ADMINISTRATOR, county.supervisor.actor.office)
    for party, shared, person in (("husband", number, holder), ("wife", another, near)):
        account = {"login": f"k{person[:8]}", "name": "李某", "office": county.centre}
        administrator.does("/accounts", account=account, id=person)
        bears(county.manager, case, party, shared)
        declares(administrator, UUID(person), "relative", shared)
    conflict = {"id": str(uuid4()), "relation": "relative", "case": case.rpartition("/")[2]}
    administrator.does(f"/accounts/{holder}/conflicts", conflict=conflict)
    added = {"after": {**held, "practitioners": [holder, near]}, "reason": MISTAKEN}
    assert code(county.manager, f"{case}/sessions/correction", **added) == "conflict-declared"
    shorter = {"after": {**held, "minutes": 45}, "reason": MISTAKEN}
    county.manager.does(f"{case}/sessions/correction", **shorter)


def test_a_party_counsels_no_case_of_its_own(county: County) -> None:
    case, number = consented(county, county.manager), phone()
    bears(county.manager, case, "husband", number)
    assigned = {"practitioner": registered(county, number), "occurred": "2019-03-01"}
    assert code(county.manager, f"{case}/counsellors", **assigned) == "conflict-declared"
    party = county.person(Role.CENTRE_MANAGER)
    registered(county, number, party.actor.id)
    at = {"occurred": "2019-03-01T11:00:00+08:00"}
    for path, facts in (
        ("sessions", {"session": session(), **at}),  # by a colleague, he says
        ("assessments", {"assessment": {"id": str(uuid4()), "method": "面谈", "summary": "好"}}),
        ("plans", {"plan": {"id": str(uuid4()), "goals": "好"}}),
    ):
        assert code(party, f"{case}/{path}", **facts) == "conflict-declared", path
        county.manager.does(f"{case}/{path}", **facts)


def test_a_conflict_that_an_account_declared_counts_for_the_member_who_has_it(
    county: County,
) -> None:
    case, reader = consented(county, county.manager), county.person(Role.CENTRE_MANAGER)
    member = registered(county, phone(), account=str(reader.actor.id))
    administered(county, reader)
    conflict = {"id": str(uuid4()), "relation": "relative", "case": case.rpartition("/")[2]}
    reader.does(f"/accounts/{reader.actor.id}/conflicts", conflict=conflict)
    assigned = {"practitioner": member, "occurred": "2019-03-01"}
    assert code(county.manager, f"{case}/counsellors", **assigned) == "conflict-declared"


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.PRIVACY_OFFICER, Role.AUDITOR])
def test_who_is_near_is_told_to_who_may_look_for_persons_and_never_of_himself(
    county: County, role: Role
) -> None:
    number, reader, asks = phone(), county.person(Role.CENTRE_MANAGER), county.person(role)
    case = case_of(county, husband=number)
    registered(county, number, account=str(reader.actor.id))  # whose number that is, they say
    administered(county, asks)
    declares(asks, asks.actor.id, "neighbour", number)
    looked(county, reader, asks, case=case)
    answer = asks.reads("/findings/unusual-looks", min_position=head(county))
    told = {(one["reader"], one["reason"]) for one in answer["found"] if one["record"] == case}
    near = {(who, reason) for who, reason in told if reason in ("own-case", "neighbour")}
    expected = set() if role is Role.SUPERVISOR else {(str(reader.actor.id), "own-case")}
    assert near == expected


def test_nobody_takes_back_what_he_declared_of_himself(county: County) -> None:
    reader = county.person(Role.CENTRE_MANAGER)
    administered(county, reader)
    declared = declares(reader, reader.actor.id, "relative", phone())
    assert code(reader, f"{declared}/withdrawal", reason=MISTAKEN) == "self-administered"


def test_nobody_declares_for_somebody_whose_account_he_does_not_administer(county: County) -> None:
    reader, other = county.person(Role.CENTRE_MANAGER), county.person(Role.CENTRE_MANAGER)
    administered(county, reader)
    near = {"id": str(uuid4()), "relation": "relative", "by": "phone", "number": phone()}
    path = f"/accounts/{reader.actor.id}/acquaintances"
    assert other.order(path, acquaintance=near).status_code == 403


def test_a_declaration_without_a_number_is_refused(county: County) -> None:
    reader = county.person(Role.CENTRE_MANAGER)
    administered(county, reader)
    near = {"id": str(uuid4()), "relation": "relative", "by": "phone", "number": "不详"}
    path = f"/accounts/{reader.actor.id}/acquaintances"
    assert code(reader, path, acquaintance=near) == "number-missing"


def test_of_a_declaration_the_relation_is_shown_and_the_number_nowhere(
    county: County, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    reader, number = county.person(Role.CENTRE_MANAGER), phone()
    administrator = administered(county, reader)
    case = case_of(county, wife=number)
    declared = declares(reader, reader.actor.id, "relative", number)
    looked(county, reader, case=case)
    assert found(county)
    near = declared.rpartition("/")[2]
    shown = administrator.ask(f"/accounts/{reader.actor.id}")
    assert shown.json()["acquaintances"] == [{"id": near, "relation": "relative"}]
    history = administrator.ask(
        f"/history/{account_id(reader.actor.id)}", min_position=head(county)
    )
    (moment,) = [one for one in history.json()["moments"] if "acquaintance" in one["topic"]]
    assert moment["title"] == "申报近亲属、近邻"
    told: dict[str, Any] = {"id": near, "relation": "relative", "number": "〔密封〕"}
    assert moment["facts"] == {"acquaintance": told}
    listed = county.person(Role.AUDITOR).ask("/findings/unusual-looks", min_position=head(county))
    wrong = {"id": str(uuid4()), "relation": "friend", "by": "phone", "number": number}
    mistaken = reader.order(f"/accounts/{reader.actor.id}/acquaintances", acquaintance=wrong)
    assert mistaken.status_code == 422
    assert not any(number in answer.text for answer in (shown, history, listed, mistaken))
    with psycopg.connect(service.database.administrator) as connection:
        states = connection.execute("select state from log.event").fetchall()
        keys = connection.execute("select part from vault.key").fetchall()
    assert not any(number.encode() in bytes(state) for (state,) in states)
    assert not any(number in part for (part,) in keys)
    written = [path for path in service.settings.home.rglob("*") if path.is_file()]
    assert written
    assert not any(number.encode() in path.read_bytes() for path in written)
    assert number not in caplog.text
