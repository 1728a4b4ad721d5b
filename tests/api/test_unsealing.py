"""What is sealed of a case: opened by whom the policy lets, kept apart by party, and traced."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from domain.values import Role
from projections.history import SEALED as SEAL
from tests.api.cast import County, Person, Service, screening, session
from tests.api.test_access import asked, granted, head, looks, outsider, refusal, soon

BOTH = ["wife", "husband"]
FACTS, SUMMARY = "双方到场，谈到存折", "愿意再来一次"
NAME, PHONE, SHELTER, WHEN = "王丽", "13800000001", "历山路救助站三楼", "周二上午"
TOGETHER, HERS = "共同讨论了抚养安排", "她担心他酗酒"
SEALED: dict[str, dict[str, str]] = {
    "identities": {},
    "notes": {},
    "texts": {},
    "safe-contacts": {},
    "protected-addresses": {"party": "wife"},
}


def case_of(county: County) -> tuple[Person, str, str]:
    """A counsellor, the path of her case with everything sealed in it, and its session."""
    counsellor = county.person(Role.COUNSELLOR)
    case, on = county.opened(counsellor), "2019-03-01"
    identity = {"name": "王莉", "phone": PHONE}
    counsellor.does(f"{case}/parties", party="wife", identity=identity, occurred=on)
    counsellor.does(f"{case}/parties", party="husband", identity={"name": "李强"}, occurred=on)
    corrected = {"party": "wife", "identity": {**identity, "name": NAME}, "reason": "写错"}
    counsellor.does(f"{case}/parties/correction", **corrected)
    counsellor.does(f"{case}/offers", occurred=on)
    before = {"occurred": "2019-03-01T09:00:00+08:00"}
    for party in ("wife", "husband"):
        counsellor.does(f"{case}/consents", party=party, occurred=on)
        counsellor.does(f"{case}/screenings", screening=screening(party), **before)
    notes = [{"text": TOGETHER}, {"text": HERS, "party": "wife"}]
    held = session(present=BOTH, facts=FACTS, summary=SUMMARY, notes=notes)
    counsellor.does(f"{case}/sessions", session=held, occurred="2019-03-01T11:00:00+08:00")
    contact = {"party": "wife", "contact": WHEN, "do_not_contact": True}
    counsellor.does(f"{case}/safe-contacts", **contact)
    counsellor.does(f"{case}/protected-addresses", party="wife", address=SHELTER)
    return counsellor, case, held["id"]


def test_who_counsels_reads_whom_she_entered_and_her_own_notes_each_compartment_apart(
    county: County,
) -> None:
    counsellor, case, held = case_of(county)
    found = counsellor.reads(f"{case}/identities")
    assert found["parties"] == [
        {"party": "wife", "identity": {"name": NAME, "document": None, "phone": PHONE,
                                       "born_on": None}, "instead": None},
        {"party": "husband", "identity": {"name": "李强", "document": None, "phone": None,
                                          "born_on": None}, "instead": None},
    ]  # fmt: skip
    both = counsellor.ask(f"{case}/notes")
    assert [(note["session"], note["text"]) for note in both.json()["notes"]] == [(held, TOGETHER)]
    assert HERS not in both.text
    hers = counsellor.reads(f"{case}/notes", party="wife", session=held)["notes"]
    assert [(note["party"], note["text"]) for note in hers] == [("wife", HERS)]
    for empty in ({"party": "husband"}, {"session": case.rpartition("/")[2]}):
        answer = counsellor.ask(f"{case}/notes", **empty)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:huhang:nothing-to-open")


def test_a_note_of_who_was_there_alone_is_that_partys_and_ends_with_its_key(county: County) -> None:
    counsellor, case, _ = case_of(county)
    alone = session(present=["wife"], notes=[{"text": "她想先回娘家"}])
    counsellor.does(f"{case}/sessions", session=alone, occurred="2019-03-01T11:00:00+08:00")
    of = {"session": alone["id"]}
    (note,) = counsellor.reads(f"{case}/notes", party="wife", **of)["notes"]
    assert (note["party"], note["text"]) == ("wife", "她想先回娘家")
    assert counsellor.ask(f"{case}/notes", **of).status_code == 404


def test_a_trace_says_what_was_opened_and_nothing_that_stood_in_it(county: County) -> None:
    counsellor, case, _ = case_of(county)
    for path, of in SEALED.items():
        assert counsellor.ask(f"{case}/{path}", **of).status_code == 200
    counsellor.reads(f"{case}/notes", party="wife", purpose="supervision")
    rows = looks(county.person(Role.AUDITOR), county, equals=[f"record:{case.rpartition('/')[2]}"])
    assert [(row["happened"], row["kind"], row["what"], row["purpose"]) for row in rows] == [
        ("released", "case", "identities", "service"),
        ("released", "sealed-note", "sealed notes of both", "service"),
        ("released", "case", "texts", "service"),
        ("released", "case", "safe contacts", "service"),
        ("released", "case", "protected address of wife", "service"),
        ("released", "sealed-note", "sealed notes of wife", "supervision"),
    ]
    assert not any(text in str(rows) for text in (NAME, PHONE, SHELTER, WHEN, TOGETHER, HERS))


def test_facts_are_read_by_who_reads_the_case_and_summaries_by_who_counsels_and_supervises(
    county: County,
) -> None:
    counsellor, case, _ = case_of(county)
    version = counsellor.reads(f"/history/{case.rpartition('/')[2]}")["moments"][-4]["version"]
    said = {"version": version, "title": "开展辅导", "on": "2019-03-01", "stands": True}
    facts = {**said, "name": "facts", "label": "客观记录", "text": FACTS}
    summary = {**said, "name": "summary", "label": "摘要", "text": SUMMARY}
    found = counsellor.reads(f"{case}/texts")
    assert found["texts"] == [facts, summary]
    assert next(iter(found)) == "safety", "before anything that might be called about"
    for role in (Role.CENTRE_MANAGER, Role.SUPERVISOR):
        assert county.person(role).reads(f"{case}/texts")["texts"] == [facts, summary]
    for role in (Role.REGISTRAR, Role.AUDITOR, Role.PRIVACY_OFFICER):
        masked = {**summary, "text": "〔无权查看〕"}
        assert county.person(role).reads(f"{case}/texts")["texts"] == [facts, masked]


def test_what_a_correction_wrote_anew_is_read_beside_what_stood_there(county: County) -> None:
    counsellor, case, held = case_of(county)
    after = session(id=held, present=BOTH, facts="双方到场，谈到房子")
    counsellor.does(f"{case}/sessions/correction", after=after, reason="写错")
    found = counsellor.reads(f"{case}/texts")["texts"]
    assert [(one["title"], one["text"], one["stands"]) for one in found] == [
        ("开展辅导", FACTS, False),
        ("开展辅导", SUMMARY, True),
        ("更正辅导记录", "双方到场，谈到房子", True),
    ]
    *_, last = counsellor.reads(f"/history/{case.rpartition('/')[2]}")["moments"]
    assert last["after"]["summary"] == SEAL, "what is left out stays as it is"
    counsellor.does(f"{case}/sessions/{held}/voiding", reason="录错个案")
    found = counsellor.reads(f"{case}/texts")["texts"]
    assert [one["stands"] for one in found] == [False, False, False]


def test_a_case_in_which_nothing_was_written_yet_says_so_and_that_somebody_looked(
    county: County,
) -> None:
    counsellor = county.person(Role.COUNSELLOR)
    case = county.opened(counsellor)
    assert counsellor.reads(f"{case}/texts")["texts"] == []
    (row,) = looks(county.person(Role.AUDITOR), county, equals=[f"record:{case[7:]}"])
    assert (row["happened"], row["what"]) == ("opened", "texts")


MAY: dict[str, set[Role]] = {
    "identities": {Role.CENTRE_MANAGER, Role.PRIVACY_OFFICER},
    "notes": set(),
    "texts": {
        Role.REGISTRAR,
        Role.CENTRE_MANAGER,
        Role.SUPERVISOR,
        Role.AUDITOR,
        Role.PRIVACY_OFFICER,
    },
    "safe-contacts": {Role.CENTRE_MANAGER, Role.PRIVACY_OFFICER},
    "protected-addresses": {Role.CENTRE_MANAGER},
}


@pytest.mark.parametrize("path", SEALED)
def test_what_is_sealed_opens_to_nobody_whom_the_roster_does_not_name(
    county: County, service: Service, path: str
) -> None:
    _, case, _ = case_of(county)
    for role in Role:
        if role is Role.SYSTEM:
            continue
        answer = county.person(role).ask(f"{case}/{path}", **SEALED[path])
        assert answer.status_code == (200 if role in MAY[path] else 403), role
    elsewhere = County.founded(service)
    for role in (Role.COUNSELLOR, Role.CENTRE_MANAGER, Role.PRIVACY_OFFICER):
        answer = elsewhere.person(role).ask(f"{case}/{path}", **SEALED[path])
        assert answer.status_code == 403
        assert not any(text in answer.text for text in (NAME, SHELTER, WHEN, TOGETHER))
    allowed = {str(role) for role in MAY[path]}
    rows = looks(county.person(Role.AUDITOR), county, equals=[f"record:{case.rpartition('/')[2]}"])
    assert {row["role"] for row in rows} == allowed, "nothing was opened to anybody else"


def test_an_emergency_opens_who_they_are_and_how_they_are_reached_and_no_address_or_note(
    county: County, service: Service
) -> None:
    _, case, _ = case_of(county)
    reader, record = outsider(service), case.rpartition("/")[2]
    assert "emergency" in reader.ask(f"{case}/safe-contacts").json()["detail"]
    stream, access, _ = granted(county, reader, record)
    under: dict[str, Any] = {"access": access, "stream": stream}
    assert reader.reads(f"{case}/safe-contacts", **under)["contacts"][0]["text"] == WHEN
    assert NAME in reader.ask(f"{case}/identities", **under).text
    for row in looks(county.person(Role.AUDITOR), county, equals=[f"access:{access}"])[2:]:
        assert (row["happened"], row["purpose"]) == ("released", "emergency")
    notes = reader.ask(f"{case}/notes", **under)
    assert (notes.status_code, notes.json()["code"]) == (422, "access-not-to-notes")
    address = f"{case}/protected-addresses"
    refused = reader.ask(address, party="wife")
    assert (refused.status_code, "emergency" in refused.json()["detail"]) == (403, False)
    assert reader.ask(address, party="wife", **under).status_code == 422, "no such parameter"
    thief = outsider(service)
    assert thief.ask(f"{case}/identities", **under).json()["code"] == "access-of-another"


def test_an_emergency_that_was_asked_for_sealed_notes_opens_them(
    county: County, service: Service
) -> None:
    _, case, _ = case_of(county)
    reader, officer = outsider(service), county.person(Role.PRIVACY_OFFICER)
    stream, access = asked(reader, case.rpartition("/")[2], wanted={"kind": "sealed-note"})
    under = {"access": access, "stream": stream}
    assert reader.ask(f"{case}/notes", **under).json()["code"] == "access-not-granted"
    officer.does(f"/access/{stream}/requests/{access}/grant", until=soon(hours=1))
    (note,) = reader.reads(f"{case}/notes", party="wife", **under)["notes"]
    assert note["text"] == HERS
    rows = looks(county.person(Role.AUDITOR), county, equals=[f"access:{access}"])
    assert (rows[-1]["kind"], rows[-1]["what"]) == ("sealed-note", "sealed notes of wife")


def test_who_asked_sees_what_became_of_it_and_never_where_the_record_lies(
    county: County, service: Service
) -> None:
    _, case, _ = case_of(county)
    record, reader = case.rpartition("/")[2], outsider(service)
    refused, granted_ = asked(reader, record), asked(reader, record)
    manager = county.person(Role.CENTRE_MANAGER)
    path = "/access/{}/requests/{}"
    manager.does(f"{path.format(*refused)}/refusal", reason="无正当理由")
    manager.does(f"{path.format(*granted_)}/grant", until=soon(hours=1))
    answer = reader.ask("/access/requests", min_position=head(county))
    found = {one["access"]: one for one in answer.json()["accesses"]}
    assert found[refused[1]]["status"] == "refused"
    assert found[granted_[1]]["status"] == "granted"
    assert found[granted_[1]]["stream"] == granted_[0]
    assert 0 < found[granted_[1]]["seconds_left"] <= 3600
    assert county.centre not in answer.text
    assert county.region not in answer.text
    assert outsider(service).reads("/access/requests")["accesses"] == []
    assert county.person(Role.VOLUNTEER).ask("/access/requests").status_code == 403


def test_what_waits_for_a_decision_is_told_to_who_decides_and_to_nobody_else(
    county: County, service: Service
) -> None:
    counsellor, case, _ = case_of(county)
    reader = outsider(service)
    stream, access = asked(reader, case.rpartition("/")[2])

    def told(by: Person) -> list[str]:
        found = by.reads("/access/notices", min_position=head(county))
        return [one["access"] for one in found["waiting"]]

    deciding = (Role.CENTRE_MANAGER, Role.SUPERVISOR, Role.PRIVACY_OFFICER)
    for role in deciding:
        assert told(county.person(role)) == [access]
    for other in (counsellor, county.person(Role.AUDITOR)):
        assert told(other) == []
    elsewhere = County.founded(service)
    assert told(elsewhere.person(Role.CENTRE_MANAGER)) == []
    own = service.member(reader.actor.id, Role.CENTRE_MANAGER, UUID(county.centre))
    assert refusal(own, f"/access/{stream}/requests/{access}/grant", until=soon(hours=1)) == (
        "self-grant"
    )
    county.person(Role.CENTRE_MANAGER).does(
        f"/access/{stream}/requests/{access}/grant", until=soon(hours=1)
    )
    assert told(county.person(Role.SUPERVISOR)) == []


def test_an_invented_emergency_tells_nothing_of_what_there_is(county: County) -> None:
    _, case, held = case_of(county)
    empty = county.opened(county.person(Role.COUNSELLOR))
    stranger = outsider(county.service)
    for kind, more in (("notes", {"party": "wife", "session": held}), ("identities", {})):
        invented = {"access": str(UUID(int=7)), "stream": str(UUID(int=8)), **more}
        answers = [stranger.ask(f"{one}/{kind}", **invented) for one in (case, empty)]
        assert [answer.status_code for answer in answers] == [404, 404]
        told = {answer.json()["detail"] for answer in answers}
        assert len(told) == 1
        assert "nothing to open" not in told.pop()


def test_that_there_is_nothing_to_read_leaves_a_trace(county: County) -> None:
    counsellor = county.person(Role.COUNSELLOR)
    case = county.opened(counsellor)
    for kind in ("notes", "identities"):
        assert counsellor.ask(f"{case}/{kind}").status_code == 404
    rows = looks(county.person(Role.AUDITOR), county, equals=[f"record:{case.rpartition('/')[2]}"])
    assert [(row["happened"], row["reader"]) for row in rows] == [
        ("opened", str(counsellor.actor.id))
    ] * 2


def test_looks_at_nothing_at_the_same_time_are_each_answered_and_each_traced(
    county: County,
) -> None:
    counsellor = county.person(Role.COUNSELLOR)
    case = county.opened(counsellor)
    with ThreadPoolExecutor(16) as tabs:
        answers = list(tabs.map(counsellor.ask, [f"{case}/identities"] * 32))
    assert {answer.status_code for answer in answers} == {404}
    rows = looks(county.person(Role.AUDITOR), county, equals=[f"record:{case.rpartition('/')[2]}"])
    assert len(rows) == 32


def test_looks_of_one_reader_at_the_same_time_are_each_answered_and_each_traced(
    county: County,
) -> None:
    """A page asks for several things at once; each look adds to the stream of the same day."""
    counsellor, case, _ = case_of(county)
    paths = (f"/history/{case.rpartition('/')[2]}", f"{case}/identities", "/ledgers/cases") * 16
    with ThreadPoolExecutor(16) as tabs:
        answers = list(tabs.map(counsellor.ask, paths))
    assert {answer.status_code for answer in answers} == {200}
    rows = looks(county.person(Role.AUDITOR), county, equals=[f"reader:{counsellor.actor.id}"])
    assert Counter(row["happened"] for row in rows) == {"opened": 16, "released": 16, "listed": 16}
