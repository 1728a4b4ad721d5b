"""Who must not work with a case, and what must not be put where one has no say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from application.jurisdiction import concerned as about
from domain.disposal import Candidate, Disposal, Proposal
from domain.retention import RecordClass
from domain.review import Finding, Review
from domain.values import FindingSeverity, Role
from tests.api.cast import REGISTRATION, County, Person, session
from tests.api.test_access import asked, soon
from tests.api.test_commands import consented
from tests.api.test_queries import MARCH
from tests.api.test_rights import claim

OTHER = "上一申报写错个案"
SIDES = ("earlier", "later")


def member(county: County, who: UUID | None = None) -> str:
    """A member of the team."""
    facts = {"registration": REGISTRATION, "occurred": "2019-02-01", "id": str(who or uuid4())}
    return str(county.manager.does("/practitioners", **facts)["id"])


def declared(
    county: County, who: str, case: str | None = None, **with_whom: str
) -> tuple[Person, str]:
    """An administrator, and a conflict of a person that he noted, with a case or somebody."""
    office = county.supervisor.actor.office
    administrator = county.service.person(Role.ADMINISTRATOR, office)
    account = {"login": f"k{who[:8]}", "name": "李某", "office": county.centre}
    administrator.does("/accounts", account=account, id=who)
    conflict = {"id": str(uuid4()), "relation": "relative", **with_whom}
    if case is not None:
        conflict["case"] = case.rpartition("/")[2]
    administrator.does(f"/accounts/{who}/conflicts", conflict=conflict)
    return administrator, conflict["id"]


def concerned(county: County, by: Person, case: str | None = None, **with_whom: str) -> Person:
    """Somebody who acts on, and declared a conflict; who administers the account is returned."""
    administrator, _ = declared(county, str(by.actor.id), case, **with_whom)
    post = {"role": by.actor.role, "office": str(by.actor.office), "since": "2019-01-01"}
    administrator.does(f"/accounts/{by.actor.id}/roles", post=post)
    return administrator


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
    relative = county.person(Role.CENTRE_MANAGER)
    assert relative.ask(record).status_code == 200
    administrator, conflict = declared(county, str(relative.actor.id), case)
    post = {"role": "centre-manager", "office": county.centre, "since": "2019-01-01"}
    administrator.does(f"/accounts/{relative.actor.id}/roles", post=post)
    refused = relative.order(f"{case}/risk", level="red")
    assert refused.status_code == relative.ask(record).status_code == 403
    assert "declared a conflict" in refused.json()["detail"]
    administrator.does(
        f"/accounts/{relative.actor.id}/conflicts/{conflict}/withdrawal", reason=OTHER
    )
    assert relative.ask(record).status_code == 200


def test_a_conflict_with_a_case_keeps_out_of_whatever_is_about_it(county: County) -> None:
    case = county.opened(county.manager)
    record = case.rpartition("/")[2]
    officer, reviewer = county.person(Role.PRIVACY_OFFICER), county.person(Role.SUPERVISOR)
    registrar = county.person(Role.REGISTRAR)
    plan = {"scope": "三月个案", "as_of": county.service.recorded[0], "rules_version": "2019"}
    plan |= {"sample_size": 1, "seed": "s"}
    opened = reviewer.does("/reviews", plan=plan, place=county.place, occurred="2019-03-01")
    review = f"/reviews/{opened['id']}"
    reviewer.does(f"{review}/sample", population=[record], occurred="2019-03-02")
    raised = {"case": record, "rule": "一案一档", "text": "缺评估", "severity": "minor"}
    finding = {"id": str(uuid4()), **raised}
    reviewer.does(f"{review}/findings", finding=finding, occurred="2019-03-03")
    hold = {"id": str(uuid4()), "ground": "litigation"}
    subject = officer.does(f"/records/{record}/holds", hold={**hold, "id": str(uuid4())})["id"]
    request = registrar.does("/requests", claim=claim(record), place=county.place)["id"]
    registrar.does(f"/requests/{request}/identity", means="identity-document")
    stream, access = asked(County.founded(county.service).person(Role.COUNSELLOR), record)
    glass = f"/access/{stream}/requests/{access}"
    for somebody in (officer, reviewer, registrar):
        concerned(county, somebody, case)
    orders: list[tuple[Person, str, dict[str, Any]]] = [
        (officer, f"/records/{record}/holds", {"hold": hold}),
        (officer, f"/records/{record}/erasure", {"ground": "unlawful"}),
        (registrar, "/requests", {"claim": claim(record), "place": county.place}),
        (reviewer, f"{review}/findings", {"finding": {**finding, "id": str(uuid4())}}),
        (reviewer, f"{review}/findings/{finding['id']}/settlement", {"settlement": "rectified"}),
        (officer, f"/requests/{request}/grant", {}),
        (officer, f"{glass}/grant", {"until": soon(hours=1)}),
        (reviewer, f"{glass}/verdict", {"verdict": "justified", "text": "属实"}),
    ]
    for by, path, facts in orders:
        refused = by.order(path, **facts)
        assert refused.status_code == 403, (path, refused.text)
        assert "declared a conflict" in refused.json()["detail"]
    asks = f"/requests/{request}"
    for path in (f"/history/{subject}", f"{asks}/words", f"{asks}/holdings"):
        assert "declared a conflict" in officer.ask(path).json()["detail"], path


def test_a_conflict_with_a_case_hides_it_in_findings_and_in_what_differs(county: County) -> None:
    ours, others = consented(county, county.manager), consented(county, county.manager)
    supervisor = county.person(Role.SUPERVISOR)
    concerned(county, supervisor, ours)
    of_ours, of_others = ours.rpartition("/")[2], others.rpartition("/")[2]
    for case in (ours, others):
        held = {"session": session(), "occurred": "2019-03-01T11:00:00+08:00"}
        county.manager.does(f"{case}/sessions", **held)
    before = county.manager.does(f"{ours}/risk", level="red")["last_position"]
    for case in (ours, others):
        voided = county.manager.does(f"{case}/application/voiding", reason=OTHER)
    after = {"region": county.code, "min_position": voided["last_position"]}
    overlaps = supervisor.reads("/findings/overlapping-sessions", **after)["found"]
    sittings = [one[which] for one in overlaps for which in SIDES]
    assert {one["case"] for one in sittings} == {None, of_others}
    assert all((one["case"] is None) == (one["session"] is None) for one in sittings)
    asked = {"indicators": ["applications"], "from_as_of": before, **after, **MARCH}
    hidden, told = sorted(
        supervisor.reads("/statistics/difference", **asked)["changes"],
        key=lambda one: not one["masked"],
    )
    assert hidden["quantity"] == told["quantity"] == -1
    assert (told["aggregate"], told["reason"], told["masked"]) == (of_others, OTHER, False)
    assert {hidden[name] for name in ("aggregate", "subject", "actor", "reason")} == {None}
    assert hidden["masked"]
    assert of_ours in str(county.manager.reads("/statistics/difference", **asked))


def test_a_session_with_which_a_conflict_was_declared_by_its_own_id_is_hidden_in_findings(
    county: County,
) -> None:
    cases = [consented(county, county.manager) for _ in range(2)]
    for case in cases:
        held = {"session": session(), "occurred": "2019-03-01T11:00:00+08:00"}
        last = county.manager.does(f"{case}/sessions", **held)["last_position"]
    supervisor, other = (county.person(Role.SUPERVISOR) for _ in range(2))
    asked = {"region": county.code, "min_position": last}

    def found(by: Person) -> set[tuple[str, str]]:
        overlaps = by.reads("/findings/overlapping-sessions", **asked)["found"]
        return {(one[which]["session"], one[which]["case"]) for one in overlaps for which in SIDES}

    all_of_them = found(supervisor)
    (mine,) = (one for one in all_of_them if one[1] == cases[0].rpartition("/")[2])
    concerned(county, supervisor, f"/any/{mine[0]}")
    assert found(supervisor) == all_of_them - {mine} | {(None, None)}
    assert found(other) == all_of_them


def test_what_a_number_counts_is_hidden_behind_it_from_who_declared_a_conflict_with_it(
    county: County,
) -> None:
    case = consented(county, county.manager)
    before = county.manager.reads("/log")["now"]["position"]
    held = [session() for _ in range(2)]
    for one in held:
        done = county.manager.does(
            f"{case}/sessions", session=one, occurred="2019-03-01T11:00:00+08:00"
        )
    mine, others = (one["id"] for one in held)
    supervisor = county.person(Role.SUPERVISOR)
    asked = {"region": county.code, "min_position": done["last_position"], **MARCH}

    def seen() -> tuple[set[str], int, set[str]]:
        behind = supervisor.reads("/statistics/behind", indicator="sessions", **asked)
        since = {"indicators": ["sessions"], "from_as_of": before}
        changes = supervisor.reads("/statistics/difference", **since, **asked)["changes"]
        told = {one["subject"] for one in changes}
        assert all(one["masked"] == (one["subject"] is None) for one in changes)
        return {one["subject"] for one in behind["counted"]}, behind["masked"], told

    counted, hidden, told = seen()
    assert (counted >= {mine, others}, hidden, told) == (True, 0, {mine, others})
    concerned(county, supervisor, f"/any/{mine}")
    assert seen() == (counted - {mine}, 1, {None, others})


def test_looks_at_a_case_with_a_conflict_are_no_finding_for_who_declared_it(county: County) -> None:
    of_ours, of_others = (consented(county, county.manager).rpartition("/")[2] for _ in range(2))
    reader, auditor = county.person(Role.CENTRE_MANAGER), county.person(Role.AUDITOR)
    contact = {"party": "wife", "contact": "周二上午", "do_not_contact": True}
    for record in (of_ours, of_others):
        county.manager.does(f"/cases/{record}/safe-contacts", **contact)
        reader.reads(f"/cases/{record}/safe-contacts")

    def found() -> set[str]:
        position = county.manager.reads("/log")["now"]["position"]
        asked = {"reason": "unassigned", "min_position": position}
        return {one["record"] for one in auditor.reads("/findings/unusual-looks", **asked)["found"]}

    assert found() >= {of_ours, of_others}
    administrator = concerned(county, auditor, f"/cases/{of_ours}")
    assert of_others in found()
    assert of_ours not in found()
    (look,) = auditor.reads("/ledgers/looks", equals=[f"record:{of_others}"])["rows"]
    conflict = {"id": str(uuid4()), "relation": "relative", "case": look["row"]}
    administrator.does(f"/accounts/{auditor.actor.id}/conflicts", conflict=conflict)
    assert of_others not in found(), "nor is a look itself"


def test_a_conflict_with_somebody_leaves_that_person_out_of_lists(county: County) -> None:
    relative = county.person(Role.COUNSELLOR)
    who = member(county, relative.actor.id)
    office = county.supervisor.actor.office
    administrator = county.service.person(Role.ADMINISTRATOR, office)
    account = {"login": f"k{who[:8]}", "name": "李某", "office": county.centre}
    administrator.does("/accounts", account=account, id=who)
    post = {"role": "counsellor", "office": county.centre, "since": "2019-01-01"}
    administrator.does(f"/accounts/{who}/roles", post=post)
    given = {"id": str(uuid4()), "place": county.place, "title": "辅导员", "from_on": "2019-03-01"}
    county.manager.does(f"/practitioners/{who}/posts", post=given, occurred="2019-03-01")
    case = county.opened(relative).rpartition("/")[2]
    relative.reads(f"/history/{case}")
    auditor, supervisor = county.person(Role.AUDITOR), county.person(Role.SUPERVISOR)

    def told(by: Person) -> dict[str, int]:
        """How often each list names the person."""
        now = {"min_position": county.manager.reads("/log")["now"]["position"]}
        asked: dict[str, dict[str, Any]] = {
            "/ledgers/practitioners": {},
            "/ledgers/looks": {"equals": f"reader:{who}"},
            "/ledgers/looks.csv": {"equals": f"reader:{who}"},
            "/findings/unusual-looks": {},
        }
        answers = {path: by.ask(path, **now, **more) for path, more in asked.items()}
        return {
            path: answer.text.count(who)
            for path, answer in answers.items()
            if answer.status_code == 200
        }

    def permissions(by: Person) -> int:
        return by.ask("/access/permissions", person=who, record=case).status_code

    assert all(told(auditor)[path] for path in ("/ledgers/looks", "/ledgers/looks.csv"))
    assert told(supervisor)["/ledgers/practitioners"]
    assert permissions(auditor) == 200
    for by in (auditor, supervisor):
        concerned(county, by, person=who)
        assert not any(told(by).values()), told(by)
    assert permissions(auditor) == 403


def test_an_old_reset_gives_no_password_once_a_conflict_is_declared(county: County) -> None:
    who, office = member(county), county.supervisor.actor.office
    administrator = county.service.person(Role.ADMINISTRATOR, office)
    other = county.service.person(Role.ADMINISTRATOR, office)
    account = {"login": f"k{who[:8]}", "name": "李某", "office": county.centre}
    administrator.does("/accounts", account=account, id=who)
    again = {"Idempotency-Key": str(uuid4())}
    path = f"/accounts/{who}/password-reset"
    assert other.send("POST", path, json={}, headers=again).status_code == 201
    assert other.ask(f"/accounts/{who}").status_code == 200
    concerned(county, other, person=who)
    assert other.send("POST", path, json={}, headers=again).status_code != 201
    assert other.ask(f"/accounts/{who}").status_code != 200
    assert who not in other.ask("/accounts").text
    assert administrator.ask(f"/accounts/{who}").status_code == 200


def test_nobody_pays_assigns_or_puts_on_duty_with_whom_he_declared_a_conflict(
    county: County,
) -> None:
    relative, other = member(county), member(county)
    manager, case = county.person(Role.CENTRE_MANAGER), consented(county, county.manager)
    concerned(county, manager, person=relative)
    centre = f"/centres/{county.centre}"

    def orders(who: str) -> list[int]:
        money = {"id": str(uuid4()), "practitioner": who, "fen": 100, "paid_on": "2019-03-02"}
        duty = {"id": str(uuid4()), "practitioner": who, "minutes": 60}
        duty["started_at"] = "2019-03-01T09:00:00+08:00"
        paid = manager.order(f"{centre}/funds/subsidies", subsidy=money, occurred="2019-03-02")
        shift = manager.order(f"{centre}/shifts", shift=duty, occurred="2019-03-02")
        taken = {"practitioner": who, "occurred": "2019-03-01"}
        return [
            answer.status_code
            for answer in (paid, shift, manager.order(f"{case}/counsellors", **taken))
        ]

    assert orders(relative) == [403, 403, 403]
    assert orders(other) == [201, 201, 201]


def test_a_review_and_a_disposal_are_about_every_case_that_they_name() -> None:
    mine, drawn, raised = uuid4(), uuid4(), uuid4()
    candidate = Candidate(record=mine, keep_until=date(2019, 1, 1))
    proposal = Proposal(kind=RecordClass.CASE, candidates=(candidate,), appraisal="期满")
    disposal = Disposal(uuid4())
    assert about(disposal, (proposal,)) == {disposal.id, mine}
    assert about(replace(disposal, proposal=proposal), ()) == {disposal.id, mine}
    facts = {"rule": "一案一档", "text": "缺", "severity": FindingSeverity.MINOR}
    finding = Finding(id=uuid4(), case=raised, **facts)
    review = Review(uuid4(), sample=frozenset({drawn}))
    assert about(review, ()) == {review.id, drawn}
    assert about(review, (finding,)) == {review.id, drawn, raised}
    assert about(replace(review, sample=None), ((mine, drawn),)) == {review.id, mine, drawn}


def test_what_was_received_at_the_window_is_no_volunteers_own(county: County) -> None:
    registrar, centre = county.person(Role.REGISTRAR), UUID(county.centre)
    volunteer = county.service.member(registrar.actor.id, Role.VOLUNTEER, centre)
    case, other = county.opened(registrar), county.opened(county.person(Role.COUNSELLOR))
    assigned = {"practitioner": member(county, registrar.actor.id), "occurred": "2019-03-01"}
    assert code(county.manager, f"{case}/counsellors", **assigned) == "registrar-counsels"
    county.manager.does(f"{other}/counsellors", **assigned)
    now = {"min_position": county.manager.reads("/log")["now"]["position"]}
    history = f"/history/{case.rpartition('/')[2]}"
    assert registrar.ask(history, **now).status_code == 200
    assert volunteer.ask(history, **now).status_code == 403
    rows = volunteer.reads("/ledgers/cases", **now)["rows"]
    assert [row["row"] for row in rows] == [other.rpartition("/")[2]]


def test_a_conflict_with_somebody_keeps_out_of_that_persons_record_and_account(
    county: County,
) -> None:
    relative, other = member(county), member(county)
    manager = county.person(Role.CENTRE_MANAGER)
    administrator = concerned(county, manager, person=relative)
    colleague = concerned(county, administrator, person=relative)
    account = {"login": f"k{relative[:8]}", "name": "李某", "office": county.centre}
    colleague.does("/accounts", account=account, id=relative)

    def post() -> dict[str, Any]:
        given = {"id": str(uuid4()), "place": county.place, "title": "辅导员"}
        return {"post": {**given, "from_on": "2019-03-01"}, "occurred": "2019-03-01"}

    manager.does(f"/practitioners/{other}/posts", **post())
    assert manager.order(f"/practitioners/{relative}/posts", **post()).status_code == 403
    assert manager.ask(f"/history/{relative}").status_code == 403
    assert manager.ask(f"/history/{other}").status_code == 200
    role = {"role": "counsellor", "office": county.centre, "since": "2019-03-01"}
    # As with any account out of reach, nothing says that there is one.
    assert administrator.order(f"/accounts/{relative}/roles", post=role).status_code == 404
    colleague.does(f"/accounts/{relative}/roles", post=role)


def test_a_manager_gives_a_post_at_his_own_centre_only(county: County) -> None:
    other = County.founded(county.service)
    manager, person = county.person(Role.CENTRE_MANAGER), member(county)

    def post(place: dict[str, str]) -> dict[str, Any]:
        given = {"id": str(uuid4()), "place": place, "title": "辅导员", "from_on": "2019-03-01"}
        return {"post": given, "occurred": "2019-03-01"}

    refused = manager.order(f"/practitioners/{person}/posts", **post(other.place))
    assert refused.status_code == 403
    manager.does(f"/practitioners/{person}/posts", **post(county.place))


def test_a_conflict_with_a_reader_keeps_out_of_the_readers_emergencies(county: County) -> None:
    relative = County.founded(county.service).person(Role.COUNSELLOR)
    case = county.opened(county.manager).removeprefix("/cases/")
    stream, access = asked(relative, case)
    path, kept_out = f"/access/{stream}/requests/{access}", []
    verdict = {"verdict": "justified", "text": "属实", "reason": OTHER}
    for role in (Role.CENTRE_MANAGER, Role.SUPERVISOR, Role.PRIVACY_OFFICER):
        kept_out.append(by := county.person(role))
        concerned(county, by, person=str(relative.actor.id))
        for step, facts in (("grant", {"until": soon(hours=1)}), ("refusal", {"reason": OTHER})):
            answer = by.order(f"{path}/{step}", **facts)
            assert answer.status_code == 403
            assert "declared a conflict" in answer.json()["detail"]
    county.person(Role.PRIVACY_OFFICER).does(f"{path}/grant", until=soon(hours=1))
    for by in kept_out[1:]:
        answer = by.order(f"{path}/verdict", **verdict)
        assert answer.status_code == 403
        assert "declared a conflict" in answer.json()["detail"]
