"""Who must not work with a case, and what must not be put where one has no say."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from domain.values import Role
from tests.api.cast import REGISTRATION, County, Person, session
from tests.api.test_commands import consented

OTHER = "上一申报写错个案"


def member(county: County) -> str:
    """A member of the team."""
    facts = {"registration": REGISTRATION, "occurred": "2019-02-01"}
    return str(county.manager.does("/practitioners", **facts)["id"])


def declared(county: County, person: str, case: str) -> tuple[Person, str]:
    """An administrator, and a conflict of a person with a case that he noted."""
    office = county.supervisor.actor.office
    administrator = county.service.person(Role.ADMINISTRATOR, office)
    account = {"login": f"k{person[:8]}", "name": "李某", "office": county.centre}
    administrator.does("/accounts", account=account, id=person)
    conflict = {"id": str(uuid4()), "relation": "relative", "case": case.rpartition("/")[2]}
    administrator.does(f"/accounts/{person}/conflicts", conflict=conflict)
    return administrator, conflict["id"]


def code(by: Person, path: str, **facts: Any) -> str:
    """The rule by which a command is refused."""
    answer = by.order(path, **facts)
    assert answer.status_code == 422, answer.text
    return str(answer.json()["code"])


def test_who_declared_a_conflict_with_a_case_neither_gets_nor_counsels_it(county: County) -> None:
    case, other = (consented(county, county.manager) for _ in range(2))
    person = member(county)
    administrator, conflict = declared(county, person, case)
    assigned = {"practitioner": person, "occurred": "2019-03-01"}
    held = {"session": session(practitioners=[person]), "occurred": "2019-03-01T11:00:00+08:00"}
    assert code(county.manager, f"{case}/counsellors", **assigned) == "conflict-declared"
    assert code(county.manager, f"{case}/sessions", **held) == "conflict-declared"
    county.manager.does(f"{other}/counsellors", **assigned)
    administrator.does(f"/accounts/{person}/conflicts/{conflict}/withdrawal", reason=OTHER)
    county.manager.does(f"{case}/counsellors", **assigned)
    county.manager.does(f"{case}/sessions", **held)


def test_who_declared_a_conflict_with_a_case_does_nothing_in_it_and_does_not_open_it(
    county: County,
) -> None:
    case = consented(county, county.manager)
    record = f"/history/{case.rpartition('/')[2]}"
    concerned = county.person(Role.CENTRE_MANAGER)
    assert concerned.ask(record).status_code == 200
    administrator, conflict = declared(county, str(concerned.actor.id), case)
    post = {"role": "centre-manager", "office": county.centre, "since": "2019-01-01"}
    administrator.does(f"/accounts/{concerned.actor.id}/roles", post=post)
    refused = concerned.order(f"{case}/risk", level="red")
    assert refused.status_code == concerned.ask(record).status_code == 403
    assert "declared a conflict" in refused.json()["detail"]
    administrator.does(
        f"/accounts/{concerned.actor.id}/conflicts/{conflict}/withdrawal", reason=OTHER
    )
    assert concerned.ask(record).status_code == 200


def test_a_manager_gives_a_post_at_his_own_centre_only(county: County) -> None:
    other = County.founded(county.service)
    manager, person = county.person(Role.CENTRE_MANAGER), member(county)

    def post(place: dict[str, str]) -> dict[str, Any]:
        given = {"id": str(uuid4()), "place": place, "title": "辅导员", "from_on": "2019-03-01"}
        return {"post": given, "occurred": "2019-03-01"}

    refused = manager.order(f"/practitioners/{person}/posts", **post(other.place))
    assert refused.status_code == 403
    manager.does(f"/practitioners/{person}/posts", **post(county.place))
