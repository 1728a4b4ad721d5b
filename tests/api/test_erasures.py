"""Erasure by address: who may, what is answered, and that work and figures go on."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg

from domain.values import Role
from tests.api.cast import County, Person, screening, session
from tests.api.test_conflicts import concerned
from tests.api.test_rights import claim


def closed(county: County) -> tuple[str, str]:
    """A closed case with one party identified: its path and its id."""
    counsellor, manager = county.person(), county.person(Role.CENTRE_MANAGER)
    case = county.opened(counsellor)
    identity = {"name": "王丽", "phone": "13800000000"}
    counsellor.does(f"{case}/parties", party="wife", identity=identity, occurred="2019-03-01")
    proposal = {"kind": "goals-reached"}
    counsellor.does(f"{case}/closure/proposal", proposal=proposal, occurred="2019-03-02")
    manager.does(f"{case}/closure/approval", occurred="2019-03-03")
    return case, case.rpartition("/")[2]


def test_a_privacy_officer_erases_a_closed_case_and_gets_a_certificate(county: County) -> None:
    _, record = closed(county)
    officer = county.person(Role.PRIVACY_OFFICER)
    alone = officer.order(f"/records/{record}/erasure", ground="retention-over")
    assert alone.json()["code"] == "retention-over-by-disposal"
    certificate = officer.does(f"/records/{record}/erasure", ground="unlawful")
    assert certificate["record"] == record
    assert len(certificate["keys"]) == 1
    assert "不能证明" in certificate["proves_not"]
    history = officer.reads(f"/history/{record}", min_position=certificate["case_position"])
    assert "case.personal-data-erased.v1" in str(history)
    again = officer.order(f"/records/{record}/erasure", ground="unlawful")
    assert again.json()["code"] == "no-personal-data"


def test_a_misspelt_part_is_refused_by_name_and_nobodys_key_is_destroyed(county: County) -> None:
    case, record = closed(county)
    officer = county.person(Role.PRIVACY_OFFICER)
    for parts in (["wife", "husbend"], ["both"], ["wife+contact"], ["self"]):
        answer = officer.order(f"/records/{record}/erasure", ground="unlawful", parts=parts)
        assert (answer.status_code, answer.json()["code"]) == (422, "part-unknown")
        for said in (f"“{parts[-1]}”", "wife, husband, other, couple"):
            assert said in answer.json()["detail"]
    assert "王丽" in county.person(Role.CENTRE_MANAGER).ask(f"{case}/identities").text
    certificate = officer.does(f"/records/{record}/erasure", ground="unlawful", parts=["wife"])
    assert (len(certificate["keys"]), certificate["readable"]) == (1, [])


def test_nobody_else_erases(county: County) -> None:
    _, record = closed(county)
    answer = county.person(Role.CENTRE_MANAGER).order(
        f"/records/{record}/erasure", ground="unlawful"
    )
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:huhang:forbidden"


def test_a_hold_keeps_what_would_be_erased(county: County) -> None:
    _, record = closed(county)
    officer, hold = county.person(Role.PRIVACY_OFFICER), str(uuid4())
    officer.does(f"/records/{record}/holds", hold={"id": hold, "ground": "litigation"})
    answer = officer.order(f"/records/{record}/erasure", ground="consent-withdrawn")
    assert answer.json()["code"] == "legal-hold"
    officer.does(f"/records/{record}/holds/{hold}/lifting")
    officer.does(f"/records/{record}/erasure", ground="consent-withdrawn")


def test_holds_are_listed_to_who_watches_over_them_in_reach_and_leave_a_trace(
    county: County,
) -> None:
    officer, auditor = county.person(Role.PRIVACY_OFFICER), county.person(Role.AUDITOR)
    (_, first), (_, second), elsewhere = closed(county), closed(county), county.neighbour()
    held = {one: str(uuid4()) for one in (first, second)}
    for record, hold in held.items():
        officer.does(f"/records/{record}/holds", hold={"id": hold, "ground": "audit"}, reason="函")
    officer.does(f"/records/{first}/holds/{held[first]}/lifting")
    for by in (officer, auditor):
        told = by.reads("/records/holds")
        assert [one["record"] for one in told["holds"]] == [first, second]
        (stands,) = by.reads("/records/holds", standing=True)["holds"]
        assert (stands["id"], stands["label"]) == (held[second], "审计")
        assert (stands["placed"]["reason"], stands["lifted"]) == ("函", None)
        page = by.reads("/records/holds", limit=1)
        assert by.reads("/records/holds", after=page["next"])["holds"] == [stands]
        traced = [one for one in looked(county, by) if one["what"] == "legal holds"]
        assert [(one["kind"], one["rows"], one.get("record")) for one in traced] == [
            ("case", 2, None),
            ("case", 1, second),
            ("case", 1, first),
            ("case", 1, second),
        ]
        there = elsewhere.person(by.actor.role)
        assert there.reads("/records/holds")["holds"] == []
    before = told["holds"][1]["placed"]["position"]
    assert officer.reads("/records/holds", as_of=before)["holds"][0]["lifted"] is None


def looked(county: County, by: Person) -> list[dict[str, Any]]:
    """What the log says of the lists that somebody saw, in its order."""
    with psycopg.connect(county.service.database.reader) as connection:
        rows = connection.execute(
            "select told -> 'selection' from log.event,"
            " lateral (select convert_from(state, 'UTF8')::jsonb as told) as state"
            " where topic = 'access.list-opened.v1' and told -> 'stamp' ->> 'actor' = %s"
            " order by position",
            (str(by.actor.id),),
        ).fetchall()
    return [row[0] for row in rows]


def test_whoever_declared_a_conflict_with_a_held_case_is_told_of_no_hold_on_it(
    county: County,
) -> None:
    officer, (case, record) = county.person(Role.PRIVACY_OFFICER), closed(county)
    officer.does(f"/records/{record}/holds", hold={"id": str(uuid4()), "ground": "litigation"})
    assert len(officer.reads("/records/holds")["holds"]) == 1
    concerned(county, officer, case)
    assert officer.reads("/records/holds")["holds"] == []


def test_a_text_too_long_to_be_sealed_is_refused_in_a_sentence(county: County) -> None:
    counsellor = county.person()
    case = county.opened(counsellor)
    counsellor.does(f"{case}/offers", occurred="2019-03-01")
    counsellor.does(f"{case}/consents", party="wife", occurred="2019-03-01")
    counsellor.does(
        f"{case}/screenings", screening=screening("wife"), occurred="2019-03-01T09:00:00+08:00"
    )
    held = session(present=["wife"], notes=[{"text": "😀" * 20_000, "party": "wife"}])
    when = "2019-03-01T11:00:00+08:00"
    answer = counsellor.order(f"{case}/sessions", session=held, occurred=when)
    assert answer.json()["type"] == "urn:huhang:unsealable"
    assert answer.status_code == 422


def test_what_a_person_asks_is_held_and_erased_with_the_record_that_it_is_about(
    county: County,
) -> None:
    """Under the key of the case: erasing the request took the case's, whatever held it."""
    case, record = closed(county)
    officer, hold = county.person(Role.PRIVACY_OFFICER), str(uuid4())
    officer.does(f"/records/{record}/holds", hold={"id": hold, "ground": "litigation"})
    asked = officer.does("/requests", claim=claim(record), place={"region": county.region})["id"]
    erased = officer.order(f"/records/{asked}/erasure", ground="unlawful")
    assert (erased.status_code, erased.json()["code"]) == (422, "keys-kept-elsewhere")
    held = officer.order(
        f"/records/{asked}/holds", hold={"id": str(uuid4()), "ground": "litigation"}
    )
    assert (held.status_code, held.json()["code"]) == (422, "keys-kept-elsewhere")
    assert "王丽" in county.person(Role.CENTRE_MANAGER).ask(f"{case}/identities").text
