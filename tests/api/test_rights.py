"""Persons' rights by address: requests and their terms, what is held, protection, retention."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.recorder import EventLog
from domain.base import day
from domain.retention import YEARS, RecordClass, years_after
from domain.values import Role
from tests.api.cast import REGISTRATION, County, Person, screening, session
from tests.api.test_commands import consented

HERS, HIS, SHELTER = "她说她害怕", "他说他有外债", "历山路救助站三楼"
BOTH = "两人商量了抚养"


def team_case(county: County) -> tuple[Person, str, str]:
    """A case in which each of the couple said something alone: its team, path and id."""
    team = county.person()
    case = county.opened(team)
    team.does(f"{case}/offers", occurred="2019-03-01")
    for party, words in (("wife", HERS), ("husband", HIS)):
        team.does(f"{case}/parties", party=party, identity={"name": words}, occurred="2019-03-01")
        team.does(f"{case}/consents", party=party, occurred="2019-03-01")
        team.does(
            f"{case}/screenings", screening=screening(party), occurred="2019-03-01T09:00:00+08:00"
        )
        alone = session(present=[party], facts=words)
        team.does(f"{case}/sessions", session=alone, occurred="2019-03-01T11:00:00+08:00")
    return team, case, case.rpartition("/")[2]


def claim(record: str, kind: str = "inspect") -> dict[str, str]:
    return {
        "record": record,
        "part": "wife",
        "kind": kind,
        "applicant": "self",
        "channel": "in-person",
        "details": "想知道你们记了我什么",
    }


def received(county: County, record: str, kind: str = "inspect", **when: Any) -> dict[str, Any]:
    """A request received at the centre."""
    registrar = county.person(Role.REGISTRAR)
    return registrar.does("/requests", claim=claim(record, kind), place=county.place, **when)


def verified(county: County, record: str, kind: str = "inspect") -> str:
    """The path of a request whose identity is verified."""
    path = f"/requests/{received(county, record, kind)['id']}"
    county.person(Role.REGISTRAR).does(f"{path}/identity", means="identity-document")
    return path


def test_who_asks_sees_what_is_held_and_nothing_of_the_other(county: County) -> None:
    _, _, record = team_case(county)
    path, officer = verified(county, record), county.person(Role.PRIVACY_OFFICER)
    answer = officer.ask(f"{path}/holdings", min_position=last(officer))
    assert answer.status_code == 200, answer.text
    held = answer.json()
    assert HERS in answer.text
    assert HIS not in answer.text
    assert held["withheld"] > 0
    granted = officer.does(f"{path}/grant")
    looked = officer.reads(f"/history/{granted['id']}", min_position=granted["last_position"])
    assert looked["moments"][-1]["title"] == "准予申请"


def test_what_is_held_is_told_also_where_all_that_was_written_is_erased(county: County) -> None:
    team, case, record = team_case(county)
    path, officer = verified(county, record), county.person(Role.PRIVACY_OFFICER)
    assert [one["text"] for one in officer.reads(f"{path}/holdings")["texts"]] == [HERS]
    team.does(f"{case}/closure/proposal", proposal={"kind": "goals-reached"})
    county.person(Role.CENTRE_MANAGER).does(f"{case}/closure/approval")
    officer.does(f"/records/{record}/erasure", ground="unlawful")
    held = officer.reads(f"{path}/holdings")
    assert [one["text"] for one in held["texts"]] == ["〔已删除〕"]
    assert "case.session-held.v1" in [one["topic"] for one in held["moments"]]


def test_nobody_alone_asks_in_the_name_of_a_party_and_sees_what_is_held(county: County) -> None:
    _, _, record = team_case(county)
    officer, other = county.person(Role.PRIVACY_OFFICER), county.person(Role.PRIVACY_OFFICER)
    path = f"/requests/{officer.does('/requests', claim=claim(record), place=county.place)['id']}"
    officer.does(f"{path}/identity", means="call-back")
    for answer in (officer.ask(f"{path}/holdings"), officer.order(f"{path}/grant")):
        assert answer.json()["code"] == "verifier-answers"
    assert other.ask(f"{path}/holdings").status_code == 200
    other.does(f"{path}/withdrawal", reason="当事人来电撤回")
    assert other.ask(f"{path}/holdings").json()["code"] == "request-at-other-step"


def test_what_is_held_says_nothing_of_when_the_other_came_or_answered(county: County) -> None:
    team, manager = county.person(), county.person(Role.CENTRE_MANAGER)
    case = county.opened(team)
    record = case.rpartition("/")[2]
    team.does(f"{case}/offers", occurred="2019-03-01")
    team.does(f"{case}/refusals", party="husband", occurred="2019-03-02")
    team.does(f"{case}/consents", party="wife", occurred="2019-03-03")
    husband = session(present=["husband"], started_at="2019-03-04T10:00:00+08:00")
    team.does(f"{case}/consents", party="husband", occurred="2019-03-04")
    team.does(f"{case}/sessions", session=husband, occurred="2019-03-04T11:00:00+08:00")
    done = team.does(f"{case}/application/observation", occurred="2019-03-05")
    path, officer = verified(county, record), county.person(Role.PRIVACY_OFFICER)
    held = officer.ask(f"{path}/holdings", min_position=done["last_position"]).json()["moments"]
    assert [moment["topic"] for moment in held] == [
        "case.opened.v1",
        "case.counselling-offered.v1",
        "case.consent-given.v1",
        "case.application-observed.v1",
    ]
    assert all(day not in str(held) for day in ("2019-03-02", "2019-03-04"))
    assert not {"first", "declined", "began"} & {name for one in held for name in one["facts"]}
    whole = manager.ask(f"/history/{record}", min_position=done["last_position"]).text
    assert "2019-03-02" in whole


def last(by: Person) -> int:
    position: int = by.reads("/log")["now"]["position"]
    return position


def test_nothing_is_shown_before_it_is_known_who_asks(county: County) -> None:
    _, _, record = team_case(county)
    receipt = received(county, record)
    answer = county.person(Role.PRIVACY_OFFICER).ask(
        f"/requests/{receipt['id']}/holdings", min_position=receipt["last_position"]
    )
    assert answer.json()["code"] == "request-at-other-step"


def test_what_the_person_wrote_is_read_by_the_privacy_officer_alone(county: County) -> None:
    _, _, record = team_case(county)
    path = verified(county, record)
    words = county.person(Role.PRIVACY_OFFICER).reads(f"{path}/words")
    assert words["details"] == "想知道你们记了我什么"
    for role in (Role.REGISTRAR, Role.CENTRE_MANAGER, Role.AUDITOR, Role.ADMINISTRATOR):
        assert county.person(role).ask(f"{path}/words").status_code == 403


def test_a_request_of_another_county_is_not_shown(county: County, service: Any) -> None:
    _, _, record = team_case(county)
    path = verified(county, record)
    stranger = County.founded(service).person(Role.PRIVACY_OFFICER)
    for look in ("words", "holdings"):
        assert stranger.ask(f"{path}/{look}").status_code == 403


def test_a_request_is_received_by_an_office_that_the_record_lies_with(
    county: County, service: Any
) -> None:
    _, _, record = team_case(county)
    other = County.founded(service)
    for role in (Role.COUNSELLOR, Role.CENTRE_MANAGER, Role.PRIVACY_OFFICER):
        stranger = other.person(role)
        for place in (other.place, county.place):
            answer = stranger.order("/requests", claim=claim(record), place=place)
            assert answer.status_code == 403
    for role in (Role.COUNSELLOR, Role.PRIVACY_OFFICER):
        county.person(role).does("/requests", claim=claim(record), place=county.place)


def test_who_received_a_request_is_told_whether_it_was_answered_and_not_what(
    county: County,
) -> None:
    _, _, record = team_case(county)
    path, officer = verified(county, record, "copy"), county.person(Role.PRIVACY_OFFICER)
    window = county.person(Role.REGISTRAR)
    waiting = window.reads(path)
    assert (waiting["stage"], waiting["label"]) == ("waiting", "在办")
    assert waiting["settled_on"] is None
    officer.does(f"{path}/refusal", ground="legal-duty", explanation=HERS)
    answer = window.ask(path)
    told = answer.json()
    assert (told["label"], told["settled_on"]) == ("已了结", str(day(datetime.now(UTC))))
    assert set(told) == {"request", "stage", "label", "due_on", "settled_on"}
    assert (record in answer.text, "refused" in answer.text, HERS in answer.text) == (False,) * 3
    looks = county.person(Role.CENTRE_MANAGER).reads(
        "/ledgers/looks", equals=f"reader:{window.actor.id}", min_position=last(window)
    )["rows"]
    assert {(row["kind"], row["record"]) for row in looks} == {("request", told["request"])}


def test_how_far_a_request_came_is_told_to_nobody_elsewhere(county: County) -> None:
    _, _, record = team_case(county)
    path, other = verified(county, record), County.founded(county.service)
    for role in (Role.REGISTRAR, Role.CENTRE_MANAGER, Role.PRIVACY_OFFICER):
        assert other.person(role).ask(path).status_code == 403
    for role in (Role.VOLUNTEER, Role.SUPERVISOR, Role.ADMINISTRATOR):
        assert county.person(role).ask(path).status_code == 403
    assert county.person(Role.REGISTRAR).ask(path).status_code == 200


def test_a_request_past_its_day_is_overdue_until_it_is_answered(county: County) -> None:
    _, _, record = team_case(county)
    old = received(county, record, occurred="2019-03-04")
    new = received(county, record)
    officer = county.person(Role.PRIVACY_OFFICER)
    overdue = officer.reads("/requests/overdue", min_position=new["last_position"])
    (row,) = overdue["rows"]
    assert (row["row"], row["due_on"], row["status"]) == (old["id"], "2019-03-25", "received")
    then = officer.reads("/requests/overdue", as_of=old["last_position"] - 1)
    assert then["rows"] == []
    done = county.person(Role.REGISTRAR).does(
        f"/requests/{old['id']}/withdrawal", reason="当事人当面撤回"
    )
    settled = officer.reads("/requests/overdue", min_position=done["last_position"])
    assert settled["rows"] == []
    ledger = officer.reads("/ledgers/requests", min_position=done["last_position"])
    assert {row["stage"] for row in ledger["rows"]} == {"waiting", "settled"}


@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.VOLUNTEER, Role.SUPERVISOR])
def test_who_decides_nothing_sees_no_list_of_requests(county: County, role: Role) -> None:
    assert county.person(role).ask("/requests/overdue").status_code == 403
    assert county.person(role).ask("/ledgers/requests").status_code == 403


def test_a_request_to_erase_ends_in_the_vault(county: County) -> None:
    team, case, record = team_case(county)
    team.does(f"{case}/closure/proposal", proposal={"kind": "goals-reached"}, occurred="2019-03-02")
    county.person(Role.CENTRE_MANAGER).does(f"{case}/closure/approval", occurred="2019-03-03")
    path, officer = verified(county, record, "erase"), county.person(Role.PRIVACY_OFFICER)
    assert officer.order(f"{path}/erasure").json()["code"] == "request-at-other-step"
    officer.does(f"{path}/grant", ground="consent-withdrawn")
    certificate = officer.does(f"{path}/erasure")
    assert (certificate["record"], len(certificate["keys"])) == (record, 1)
    again = officer.order(f"{path}/withdrawal").json()
    assert again["code"] == "request-at-other-step"


def test_an_address_is_read_by_who_cares_and_shown_nowhere_else(county: County) -> None:
    team, case, record = team_case(county)
    noted = team.does(f"{case}/protected-addresses", party="wife", address=SHELTER)
    manager = county.person(Role.CENTRE_MANAGER)
    found = manager.reads(f"{case}/protected-addresses", party="wife")
    assert found["text"] == SHELTER
    for role in (Role.REGISTRAR, Role.SUPERVISOR, Role.AUDITOR, Role.PRIVACY_OFFICER):
        answer = county.person(role).ask(f"{case}/protected-addresses", party="wife")
        assert answer.status_code == 403
    history = manager.ask(f"/history/{record}", min_position=noted["last_position"])
    assert SHELTER not in history.text
    assert "〔密封〕" in history.text


def test_where_nothing_was_sealed_there_is_nothing_to_open(county: County) -> None:
    _, case, record = team_case(county)
    silent = {name: said for name, said in claim(record).items() if name != "details"}
    receipt = county.person(Role.REGISTRAR).does("/requests", claim=silent, place=county.place)
    officer, manager = county.person(Role.PRIVACY_OFFICER), county.person(Role.CENTRE_MANAGER)
    auditor = county.person(Role.AUDITOR)
    for answer in (
        officer.ask(f"/requests/{receipt['id']}/words"),
        manager.ask(f"{case}/safe-contacts"),
        manager.ask(f"{case}/protected-addresses", party="wife"),
    ):
        assert answer.status_code == 404
        assert answer.json()["type"] == "urn:huhang:nothing-to-open"
    reader = f"reader:{manager.actor.id}"
    seen = auditor.reads("/ledgers/looks", equals=reader, min_position=last(auditor))["rows"]
    assert [row["happened"] for row in seen] == ["opened", "opened"], "that there is none is known"


def test_safe_contact_comes_first_where_nobody_may_call_otherwise(county: County) -> None:
    team, case, record = team_case(county)
    for party, only in (("husband", False), ("wife", True)):
        team.does(
            f"{case}/safe-contacts", party=party, contact=f"{party}周二上午", do_not_contact=only
        )
    violence = screening("wife", level="violence")
    when = "2019-03-01T12:00:00+08:00"
    seen = team.does(f"{case}/screenings", screening=violence, occurred=when)
    manager = county.person(Role.CENTRE_MANAGER)
    found = manager.reads(f"{case}/safe-contacts")
    assert found["violence_known"] is True
    assert [reach["party"] for reach in found["contacts"]] == ["wife", "husband"]
    told = {
        "history": manager.reads(f"/history/{record}", min_position=seen["last_position"]),
        "beside the numbers to call": manager.reads(f"{case}/identities"),
    }
    for where, answer in told.items():
        assert next(iter(answer)) == "safety", where
        assert answer["safety"]["violence_known"] is True
        assert answer["safety"]["only_by_safe_contact"] == ["wife"]


def test_a_minor_needs_two_persons(county: County) -> None:
    team, case, _ = team_case(county)
    child = {"name": "小明", "born_on": "2010-05-01"}
    body = {"party": "other", "identity": child, "occurred": "2019-03-01"}
    assert team.order(f"{case}/parties", **body).json()["code"] == "minor-not-approved"
    manager = county.person(Role.CENTRE_MANAGER)
    approval = {"party": "other", "age": "under-14", "occurred": "2019-03-01"}
    refused = manager.order(f"{case}/minors", guardian_consented=False, **approval)
    assert refused.json()["code"] == "guardian-consent-missing"
    manager.does(f"{case}/minors", guardian_consented=True, **approval)
    team.does(f"{case}/parties", **body)


def test_the_birthday_of_a_minor_is_read_from_the_number_however_it_is_written(
    county: County,
) -> None:
    team, case, _ = team_case(county)
    body = {"party": "other", "occurred": "2019-03-01"}
    number = "370102201505011234"
    for written in (
        number,
        "370102 20150501 1234",
        "３７０１０２２０１５０５０１１２３４",
        f"身份证{number}",
    ):
        child = {"name": "小明", "document": written}
        answer = team.order(f"{case}/parties", identity=child, **body).json()
        assert answer["code"] == "minor-not-approved"
        lying = team.order(f"{case}/parties", identity={**child, "born_on": "1990-01-01"}, **body)
        assert lying.json()["code"] == "birthday-beside-number"


def test_a_contact_is_put_right_by_the_next_one_of_that_party(county: County) -> None:
    team, case, record = team_case(county)
    path, officer = verified(county, record, "correct"), county.person(Role.PRIVACY_OFFICER)
    officer.does(f"{path}/grant")

    def noted(party: str) -> int:
        facts = {"party": party, "contact": "周二上午", "do_not_contact": False}
        position: int = team.does(f"{case}/safe-contacts", **facts)["last_position"]
        return position

    refused = officer.order(f"{path}/fulfilment", position=noted("husband"))
    assert refused.json()["code"] == "answer-is-another"
    officer.does(f"{path}/fulfilment", position=noted("wife"))


@pytest.mark.parametrize(
    ("path", "name"), [("assessments", "assessment"), ("plans", "plan")], ids=lambda one: one
)
def test_an_assessment_or_a_plan_is_put_right_as_the_person_asks(
    county: County, path: str, name: str
) -> None:
    team, case, record = team_case(county)
    entered: dict[str, Any] = {"id": str(uuid4())}
    entered |= (
        {"method": "面谈", "summary": "她常饮酒"} if name == "assessment" else {"goals": "戒酒"}
    )
    team.does(f"{case}/{path}", **{name: entered})
    request, officer = verified(county, record, "correct"), county.person(Role.PRIVACY_OFFICER)
    officer.does(f"{request}/grant")
    routine = team.does(f"{case}/{path}", **{name: {**entered, "id": str(uuid4())}})
    refused = officer.order(f"{request}/fulfilment", position=routine["last_position"])
    assert refused.json()["code"] == "answer-is-another"
    after = {**entered, "summary" if name == "assessment" else "goals": "记录有误，她不饮酒"}
    done = team.does(f"{case}/{path}/correction", after=after, reason="当事人指出记录有误")
    officer.does(f"{request}/fulfilment", position=done["last_position"])


def test_an_assessment_is_approved_by_another_and_stands_in_the_register(county: County) -> None:
    author, head = county.person(Role.PRIVACY_OFFICER), county.person(Role.SUPERVISOR)
    findings = {
        "activity": "向法院提供涉家庭暴力个案材料",
        "triggers": ["sensitive-information"],
        "assessed_on": "2019-02-28",
        "assessors": "区妇联权益部",
        "lawful": "履行法定职责所必需",
        "risks": "对方可能获知保护地址",
        "measures": "分隔、遮蔽、登记",
        "outcome": "with-measures",
    }
    entered = author.does(
        "/impact-assessments", findings=findings, place=county.place, occurred="2019-03-01"
    )
    path = f"/impact-assessments/{entered['id']}"
    for role in (Role.AUDITOR, Role.CENTRE_MANAGER):
        other = county.person(role)
        facts = {"findings": findings, "place": county.place, "occurred": "2019-03-01"}
        assert other.order("/impact-assessments", **facts).status_code == 403
        assert other.order(f"{path}/approval").status_code == 403
    assert author.order(f"{path}/approval").json()["code"] == "approver-is-author"
    done = head.does(f"{path}/approval")
    now = {"min_position": done["last_position"]}
    for reader in (author, head):  # who approves reads what he approves
        register = reader.reads("/ledgers/assessments", **now)
        row = next(row for row in register["rows"] if row["row"] == entered["id"])
        assert (row["status"], row["keep_until"]) == ("approved", "2022-02-28")
        assert reader.ask(f"/history/{entered['id']}", **now).status_code == 200
    assert head.ask("/ledgers/requests", **now).status_code == 403
    assert county.person(Role.COUNSELLOR).ask("/ledgers/assessments", **now).status_code == 403


def since_2010(county: County) -> County:
    """The same county with a centre that is there longer than any term."""
    return County.with_centre(
        county.service, county.supervisor, county.code, UUID(county.region), date(2010, 1, 1)
    )


def closed_in_2012(county: County) -> str:
    """The path of a case entered late of which the dates say that it was closed in 2012."""
    team, manager = county.person(), county.person(Role.CENTRE_MANAGER)
    case = county.opened(team, occurred="2012-03-01")
    team.does(f"{case}/parties", party="wife", identity={"name": HERS}, occurred="2012-03-01")
    team.does(f"{case}/closure/proposal", proposal={"kind": "goals-reached"}, occurred="2012-03-02")
    manager.does(f"{case}/closure/approval", occurred="2012-03-03")
    return case


def test_what_is_over_is_listed_proposed_approved_and_disposed_of(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The case is archived as if it were 2012, for nobody waits ten years for a test."""
    county = since_2010(county)
    manager, officer = county.person(Role.CENTRE_MANAGER), county.person(Role.PRIVACY_OFFICER)
    case = closed_in_2012(county)
    record = case.rpartition("/")[2]
    then = datetime(2012, 3, 4, 9, tzinfo=UTC)
    monkeypatch.setattr(EventLog, "recorded_at", lambda *_: then)
    monkeypatch.setattr(county.service.records, "_clock", lambda: then)
    soon = manager.order(f"{case}/archiving", keep_until="2014-03-04", occurred="2012-03-04").json()
    assert soon["code"] == "retention-too-short"
    assert "2022-03-04" in soon["detail"]
    archived = manager.does(f"{case}/archiving", keep_until="2022-03-04", occurred="2012-03-04")
    monkeypatch.setattr(county.service.records, "_clock", lambda: datetime.now(UTC))
    over = officer.reads("/retention/over", min_position=archived["last_position"])
    assert [one["case_id"] for one in over["cases"]] == [record]
    told = county.person(Role.AUDITOR).reads(
        "/ledgers/looks", equals=[f"record:{record}"], min_position=last(officer)
    )
    assert "cases whose retention is over" in [row["what"] for row in told["rows"]]
    stranger = County.founded(county.service).person(Role.PRIVACY_OFFICER)
    assert stranger.reads("/retention/over")["cases"] == []
    body = {"kind": "case", "records": [record], "appraisal": "期满", "place": county.place}
    proposed = manager.does("/disposals", **body)
    path = f"/disposals/{proposed['id']}"
    other = f"/disposals/{manager.does('/disposals', **body)['id']}"
    assert manager.order(f"{path}/approval", kept=[], appraisal="同意").status_code == 403
    early = officer.order(f"{path}/records/{record}").json()
    assert early["code"] == "not-to-be-disposed"
    officer.does(f"{path}/approval", kept=[], appraisal="同意")
    certificate = officer.does(f"{path}/records/{record}")
    assert certificate["ground"] == "retention-over"
    register = officer.reads("/ledgers/disposals", min_position=last(officer))
    row = next(row for row in register["rows"] if row["row"] == proposed["id"])
    assert (row["status"], row["disposed"], row["kept"]) == ("done", 1, 0)
    gone = officer.order(f"/records/{record}/erasure", ground="unlawful").json()
    assert gone["code"] == "no-personal-data"
    assert manager.order("/disposals", **body).json()["code"] == "no-personal-data"
    assert officer.reads("/retention/over", min_position=last(officer))["cases"] == []
    officer.does(f"{other}/approval", kept=[], appraisal="同意")
    again = officer.does(f"{other}/records/{record}")
    assert again["positions"] == certificate["positions"]
    register = officer.reads("/ledgers/disposals", min_position=last(officer))
    status = {row["row"]: row["status"] for row in register["rows"]}
    assert status[other.rpartition("/")[2]] == "done"


def test_dates_of_long_ago_shorten_no_retention(county: County) -> None:
    """A case and a member of the team of today, all of whose dates are made old."""
    county = since_2010(county)
    manager, officer = county.person(Role.CENTRE_MANAGER), county.person(Role.PRIVACY_OFFICER)
    case = closed_in_2012(county)
    archiving = {"keep_until": "2022-03-04", "occurred": "2012-03-04"}
    assert manager.order(f"{case}/archiving", **archiving).json()["code"] == "retention-too-short"
    now = datetime.now(UTC).date()
    kept = years_after(now + timedelta(days=1), YEARS[RecordClass.CASE])
    manager.does(f"{case}/archiving", keep_until=kept.isoformat(), occurred="2012-03-04")
    member = manager.does("/practitioners", registration=REGISTRATION, occurred="2012-02-01")["id"]
    manager.does(f"/practitioners/{member}/deregistration", occurred="2013-02-01")
    for kind, record in (("case", case.rpartition("/")[2]), ("practitioner", member)):
        body = {"kind": kind, "records": [record], "appraisal": "期满", "place": county.place}
        for by in (manager, officer):
            assert by.order("/disposals", **body).json()["code"] == "still-to-be-kept"


def test_a_case_of_today_is_not_made_older_than_its_centre_or_its_facts(county: County) -> None:
    team, manager = county.person(), county.person(Role.CENTRE_MANAGER)
    case = county.opened(team, occurred="2019-03-01")
    violence = screening("wife", level="violence")
    team.does(f"{case}/screenings", screening=violence, occurred="2019-03-02")
    for on in ("1990-03-01", "2018-12-31"):
        older = manager.order(
            f"{case}/opening/correction", after=county.opening(), on=on, reason="误"
        )
        assert older.json()["code"] == "before-establishment"
        opened = team.order("/cases", opening=county.opening(), place=county.place, occurred=on)
        assert opened.json()["code"] == "before-establishment"
    manager.does(f"{case}/opening/correction", after=county.opening(), on="2019-01-01", reason="误")
    team.does(f"{case}/closure/proposal", proposal={"kind": "goals-reached"}, occurred="2019-02-01")
    approval = manager.order(f"{case}/closure/approval", occurred="2019-02-02").json()
    assert approval["code"] == "before-last-fact"
    assert "2019-03-02" in approval["detail"]


def test_what_is_held_tells_him_neither_of_her_safety_nor_why_somebody_wrote(
    county: County,
) -> None:
    team, case, record = team_case(county)
    violence = screening("wife", level="violence")
    team.does(f"{case}/screenings", screening=violence, occurred="2019-03-01T12:00:00+08:00")
    words = "妻子单独筛查时说丈夫打她，已送庇护"
    diverted = {"outcome": "safety-diverted", "at": "2019-03-02", "occurred": "2019-03-02"}
    team.does(f"{case}/application/observation", occurred="2019-03-01", reason=words)
    done = team.does(f"{case}/outcome/declaration", reason=words, **diverted)
    answer = holdings(county, record, "husband", done["last_position"])
    assert HIS in answer.text
    for said in ("safety-diverted", words, HERS):
        assert said not in answer.text
    topics = {moment["topic"] for moment in answer.json()["moments"]}
    assert "case.application-observed.v1" in topics


def holdings(county: County, record: str, part: str, position: int) -> Any:
    """What is held about a party, as it is shown to the officer."""
    registrar, officer = county.person(Role.REGISTRAR), county.person(Role.PRIVACY_OFFICER)
    asks = {**claim(record), "part": part}
    path = f"/requests/{registrar.does('/requests', claim=asks, place=county.place)['id']}"
    registrar.does(f"{path}/identity", means="identity-document")
    return officer.ask(f"{path}/holdings", min_position=position)


def test_a_look_at_what_is_held_leaves_one_trace_also_where_there_is_nothing_to_open(
    county: County,
) -> None:
    team = county.person()
    case = county.opened(team)
    done = team.does(f"{case}/offers", occurred="2019-03-01")
    look = holdings(county, case[7:], "wife", done["last_position"]).json()["look"]
    told = county.person(Role.AUDITOR).reads(
        "/ledgers/looks", equals=[f"record:{case[7:]}"], min_position=look
    )
    assert [row["what"] for row in told["rows"]] == ["holdings"]
    assert [row["what_name"] for row in told["rows"]] == ["所持个人信息"]


def test_what_both_said_is_told_to_both_also_where_it_was_first_taken_for_what_one_said(
    county: County,
) -> None:
    team = county.person()
    case = consented(county, team)
    wrong = session(present=["wife"], facts=HERS)
    team.does(f"{case}/sessions", session=wrong, occurred="2019-03-01T11:00:00+08:00")
    path, right = f"{case}/sessions/correction", {**wrong, "present": ["wife", "husband"]}
    team.does(path, after={**right, "facts": BOTH}, reason="两人都在场")
    shorter = {name: fact for name, fact in right.items() if name != "facts"} | {"minutes": 50}
    done = team.does(path, after=shorter, reason="时长写错")
    held = {
        part: [
            (text["version"] == done["version"], text["text"])
            for text in holdings(county, case[7:], part, done["last_position"]).json()["texts"]
        ]
        for part in ("wife", "husband")
    }
    assert held == {"wife": [(False, HERS), (False, BOTH)], "husband": [(True, BOTH)]}


def test_who_never_came_is_told_nothing_of_a_case(county: County) -> None:
    team = county.person()
    case = county.opened(team)
    done = team.does(f"{case}/offers", occurred="2019-03-01")
    for part in ("husband", "other"):
        held = holdings(county, case[7:], part, done["last_position"]).json()
        assert (held["moments"], held["withheld"]) == ([], 2)


def test_a_request_to_inspect_is_answered_by_the_look_that_was_shown(county: County) -> None:
    _, _, record = team_case(county)
    path, officer = verified(county, record), county.person(Role.PRIVACY_OFFICER)
    early = officer.reads(f"{path}/holdings")["look"]
    officer.does(f"{path}/grant")
    refused = officer.order(f"{path}/fulfilment", position=early).json()
    assert refused["code"] == "answer-is-another"
    officer.does(f"{path}/fulfilment", position=officer.reads(f"{path}/holdings")["look"])


def test_who_verified_answers_no_request_in_any_way(county: County) -> None:
    team, case, record = team_case(county)
    team.does(f"{case}/closure/proposal", proposal={"kind": "goals-reached"}, occurred="2019-03-02")
    manager = county.person(Role.CENTRE_MANAGER)
    manager.does(f"{case}/closure/approval", occurred="2019-03-03")
    a, b = county.person(Role.PRIVACY_OFFICER), county.person(Role.PRIVACY_OFFICER)

    def asked(by: Person, kind: str) -> str:
        path = f"/requests/{received(county, record, kind)['id']}"
        by.does(f"{path}/identity", means="call-back")
        return path

    path = asked(a, "erase")
    refusal = {"ground": "not-held", "explanation": "没有"}
    for step, body in (("refusal", refusal), ("withdrawal", {"reason": "撤回"})):
        assert a.order(f"{path}/{step}", **body).json()["code"] == "verifier-answers"
    b.does(f"{path}/grant", ground="consent-withdrawn")
    assert a.order(f"{path}/erasure").json()["code"] == "verifier-answers"
    path = asked(manager, "explain")
    granted = b.does(f"{path}/grant")
    done = manager.order(f"{path}/fulfilment", position=granted["last_position"]).json()
    assert done["code"] == "verifier-answers"
    b.does(f"{path}/fulfilment", position=granted["last_position"])


def test_a_verified_request_is_withdrawn_by_who_decides_and_says_why(county: County) -> None:
    _, _, record = team_case(county)
    path, officer = verified(county, record), county.person(Role.PRIVACY_OFFICER)
    counsellor = county.person(Role.COUNSELLOR)
    said = counsellor.order(f"{path}/withdrawal", reason="当事人说不再申请").json()
    assert said["code"] == "privacy-officer-only"
    assert officer.order(f"{path}/withdrawal").json()["code"] == "withdrawal-needs-reason"
    officer.does(f"{path}/withdrawal", reason="窗口转告，已回拨核实")


def test_a_request_and_a_disposal_lie_where_the_record_does(county: County) -> None:
    """Who is in charge of two counties names the one for a case of the other."""
    _, _, record = team_case(county)
    other = county.neighbour()
    office = county.supervisor.actor.office
    officer = county.service.person(Role.PRIVACY_OFFICER, office)
    for place in (other.place, {"centre": None, "region": other.region}):
        refused = officer.order("/requests", claim=claim(record), place=place).json()
        assert refused["code"] == "record-elsewhere"
        body = {"kind": "case", "records": [record], "appraisal": "期满", "place": place}
        assert officer.order("/disposals", **body).json()["code"] == "record-elsewhere"
    for region in (county.region, str(office)):
        place = {"centre": None, "region": region}
        officer.does("/requests", claim=claim(record), place=place)


def test_the_kind_of_a_record_is_told_to_nobody_elsewhere(county: County) -> None:
    other = County.founded(county.service)
    _, _, record = team_case(other)
    counsellor = county.person(Role.COUNSELLOR)
    for one in (record, other.centre, other.region):
        answer = counsellor.order("/requests", claim=claim(one), place=county.place)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:huhang:forbidden")


def test_what_is_printed_is_named_from_a_list(county: County) -> None:
    manager = county.person(Role.CENTRE_MANAGER)
    printed = {"kind": "case", "rows": 1, "purpose": "service"}
    for free in ({"what": "张三 370102198505011234"}, {"what": "ledger", "recipient": "张三"}):
        answer = manager.order("/access/prints", selection={**printed, **free})
        assert answer.status_code == 422
    manager.does("/access/prints", selection={**printed, "what": "ledger"})


def test_the_schedule_says_who_says_so(county: County) -> None:
    rules = county.person(Role.COUNSELLOR).reads("/retention")["rules"]
    assert {rule["kind"] for rule in rules} >= {"case", "assessment"}
    assert all(rule["source"] for rule in rules)


def test_nobody_proposes_records_of_another_county(county: County) -> None:
    _, _, record = team_case(county)
    other = County.founded(county.service)
    body = {"kind": "case", "records": [record], "appraisal": "期满", "place": other.place}
    assert other.person(Role.CENTRE_MANAGER).order("/disposals", **body).status_code == 403
    unknown = {**body, "records": [str(uuid4())]}
    assert other.person(Role.CENTRE_MANAGER).order("/disposals", **unknown).status_code == 404
