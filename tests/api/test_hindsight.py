"""What somebody could see on a past day, by the posts, hands and boundaries of then."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from domain.account_events import account_id
from domain.values import Role
from tests.api.cast import REGISTRATION, County, Person

LOOKING = [
    "cases.read",
    "cases.summaries",
    "cases.notes",
    "cases.identities",
    "cases.contacts",
    "cases.addresses",
    "persons.find",
]
MANAGING = [action for action in LOOKING if action != "cases.notes"]


def hired(county: County, role: Role, login: str) -> tuple[Person, str]:
    """An administrator of the province, and a person with an account and a post at the centre."""
    office = county.supervisor.actor.office
    administrator = county.service.person(Role.ADMINISTRATOR, office)
    account = {"login": login, "name": "李某", "office": county.centre}
    person = administrator.does("/accounts", account=account, id=str(uuid4()))["person"]
    post = {"role": role, "office": county.centre, "since": date(2019, 1, 1).isoformat()}
    administrator.does(f"/accounts/{person}/roles", post=post)
    return administrator, person


def seen(auditor: Person, person: str, case: str, last: dict[str, Any]) -> list[list[str]]:
    """The actions of looking from each post, as of the last receipt."""
    position = last["last_position"]
    auditor.reads("/log", min_position=position)
    answer = auditor.reads(
        "/access/permissions", person=person, record=case.rpartition("/")[2], as_of=position
    )
    return [post["actions"] for post in answer["permissions"]]


def test_what_a_person_could_see_goes_by_the_post_held_then(county: County) -> None:
    administrator, person = hired(county, Role.CENTRE_MANAGER, f"m{county.code}")
    auditor = county.person(Role.AUDITOR)
    case = county.opened(county.manager)
    held = county.manager.does(f"{case}/offers", occurred="2019-03-01")
    ended = administrator.does(
        f"/accounts/{person}/roles/end", role=Role.CENTRE_MANAGER, office=county.centre
    )
    assert seen(auditor, person, case, held) == [MANAGING]
    assert seen(auditor, person, case, ended) == []


def test_what_a_counsellor_could_see_goes_by_whose_hands_the_case_was_in_then(
    county: County,
) -> None:
    _, person = hired(county, Role.COUNSELLOR, f"c{county.code}")
    auditor = county.person(Role.AUDITOR)
    case = county.opened(county.manager)
    before = county.manager.does(f"{case}/offers", occurred="2019-03-01")
    registered = county.manager.does(
        "/practitioners", registration=REGISTRATION, id=person, occurred="2019-01-02"
    )
    given = county.manager.does(f"{case}/counsellors", practitioner=person, occurred="2019-03-01")
    assert registered["id"] == person
    assert seen(auditor, person, case, before) == [[]]
    assert seen(auditor, person, case, given) == [LOOKING]


def test_a_conflict_declared_since_takes_nothing_from_what_was_seen_before(
    county: County,
) -> None:
    administrator, person = hired(county, Role.CENTRE_MANAGER, f"k{county.code}")
    auditor = county.person(Role.AUDITOR)
    case = county.opened(county.manager)
    before = county.manager.does(f"{case}/offers", occurred="2019-03-01")
    conflict = {"id": str(uuid4()), "relation": "relative", "case": case.rpartition("/")[2]}
    since = administrator.does(f"/accounts/{person}/conflicts", conflict=conflict)
    assert seen(auditor, person, case, before) == [MANAGING]
    assert seen(auditor, person, case, since) == [[]]


def test_what_somebody_could_see_is_told_to_who_may_read_the_reading_log(county: County) -> None:
    _, person = hired(county, Role.COUNSELLOR, f"x{county.code}")
    case = county.opened(county.manager).rpartition("/")[2]
    asked = {"person": person, "record": case}
    county.manager.reads("/log")  # which waits until the reading knows of both
    assert county.person(Role.AUDITOR).ask("/access/permissions", **asked).status_code == 200
    for role in (Role.REGISTRAR, Role.STATION_WORKER, Role.ADMINISTRATOR):
        assert county.person(role).ask("/access/permissions", **asked).status_code == 403
    elsewhere = County.founded(county.service).person(Role.AUDITOR)
    assert elsewhere.ask("/access/permissions", **asked).status_code == 403


def test_a_post_that_allows_nothing_is_told_only_to_who_reads_looks_for_a_region(
    county: County,
) -> None:
    _, person = hired(county, Role.COUNSELLOR, f"n{county.code}")
    counsellor = county.person(Role.COUNSELLOR)
    case = county.opened(counsellor).rpartition("/")[2]
    asked = {"person": person, "record": case}
    for by in (counsellor, county.person(Role.CENTRE_MANAGER)):
        assert by.reads("/access/permissions", **asked)["permissions"] == []
    (post,) = county.person(Role.AUDITOR).reads("/access/permissions", **asked)["permissions"]
    assert post["actions"] == []


def test_somebody_elsewhere_answers_as_somebody_unknown(county: County) -> None:
    there = county.neighbour()
    _, person = hired(there, Role.COUNSELLOR, f"e{there.code}")
    auditor = county.person(Role.AUDITOR)
    case = county.opened(county.manager).rpartition("/")[2]
    county.manager.reads("/log")

    def said(who: str) -> tuple[int, str]:
        answer = auditor.ask("/access/permissions", person=who, record=case)
        told: str = answer.json().get("detail", "")
        return answer.status_code, told.replace(str(account_id(UUID(who))), "…")

    assert said(person) == said(str(uuid4()))
    assert said(person)[0] == 404
    above = county.service.person(Role.AUDITOR, county.supervisor.actor.office)
    (post,) = above.reads("/access/permissions", person=person, record=case)["permissions"]
    assert (post["office"], post["actions"]) == (there.centre, [])


def test_of_posts_that_allow_nothing_only_those_in_reach_are_told(county: County) -> None:
    there = county.neighbour()
    administrator, person = hired(county, Role.COUNSELLOR, f"b{county.code}")
    post = {"role": Role.COUNSELLOR, "office": there.centre, "since": "2019-01-01"}
    administrator.does(f"/accounts/{person}/roles", post=post)
    case = county.opened(county.manager).rpartition("/")[2]
    county.manager.reads("/log")
    answer = county.person(Role.AUDITOR).reads("/access/permissions", person=person, record=case)
    assert [post["office"] for post in answer["permissions"]] == [county.centre]
