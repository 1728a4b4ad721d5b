"""Who may change what lies at another office, or came from one above: each way round is closed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from api.examples.practitioners import CERTIFICATE
from application.beginning import by_the_system
from application.keys import author_of
from domain.account import Account
from domain.account_events import account_id
from domain.log import LOG_ID
from domain.region_events import region_id
from domain.values import Role
from projections.history import MASKED
from tests.api.cast import REGISTRATION, VALID_FROM, County, Person, Service
from tests.api.test_erasures import closed

WHY = {"reason": "补录"}
TOLD = "丈夫三次未到"
GOOD = {"year": 2019, "grade": "competent"}
MONTH = {"first": "2019-03-01", "last": "2019-03-31"}
SIGNED = {"head": "甲", "statistician": "乙", "prepared_by": "丙"}


@pytest.fixture
def other(county: County) -> County:
    """Another county of the same province."""
    return county.neighbour()


def of_province(county: County, role: Role) -> Person:
    """Somebody of the office above the county and the city."""
    return county.service.person(role, region_id("test", county.province, VALID_FROM))


def member(county: County) -> str:
    """The path of somebody of the team without a post."""
    receipt = county.manager.does(
        "/practitioners", registration=REGISTRATION, occurred="2019-02-01"
    )
    return f"/practitioners/{receipt['id']}"


def post_at(county: County, **changes: Any) -> dict[str, Any]:
    """A post at the centre of a county."""
    return {
        "id": str(uuid4()),
        "place": county.place,
        "title": "辅导员",
        "from_on": "2019-03-01",
        **changes,
    }


def hours_at(county: County) -> dict[str, Any]:
    """Ten hours of service at the centre of a county."""
    return {
        "id": str(uuid4()),
        "place": county.place,
        "started_at": "2019-03-05T09:00:00+08:00",
        "ended_at": "2019-03-05T19:00:00+08:00",
        "credited": 600,
    }


def forbidden(answer: httpx.Response, why: str = "") -> None:
    """Refused by the policy, for this reason."""
    assert answer.status_code == 403, answer.text
    assert why in answer.json()["detail"]


def refused(answer: httpx.Response, code: str) -> None:
    """Refused by this rule."""
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"].endswith(code), answer.text


def test_a_place_within_what_is_entered_must_be_in_reach_too(county: County, other: County) -> None:
    manager, worker = county.person(Role.CENTRE_MANAGER), county.person(Role.STATION_WORKER)
    person, mine = member(county), post_at(county)
    manager.does(f"{person}/posts", post=mine, occurred="2019-03-01")
    there = {"post": {**mine, "place": other.place}}
    forbidden(manager.order(f"{person}/posts/correction", after=there, **WHY))
    forbidden(worker.order(f"{person}/hours", hours=hours_at(other), **WHY))
    served = hours_at(county)
    worker.does(f"{person}/hours", hours=served, **WHY)
    moved = {**served, "place": other.place}
    asks = str(manager.actor.id)
    manager.does("/practitioners", id=asks, registration=REGISTRATION, occurred="2019-02-01")
    forbidden(worker.order(f"{person}/hours/correction", after=moved, requested_by=asks, **WHY))
    figures = other.figures(other.person(), "service_minutes", "posts")
    assert figures == {"service_minutes": 0, "posts": 0}


def test_a_post_and_service_at_another_office_are_left_to_it(county: County, other: County) -> None:
    here, there = county.person(Role.CENTRE_MANAGER), other.person(Role.CENTRE_MANAGER)
    above, person = of_province(county, Role.SUPERVISOR), member(county)
    ours, theirs, served = post_at(county), post_at(other), hours_at(other)
    here.does(f"{person}/posts", post=ours, occurred="2019-03-01")
    above.does(f"{person}/posts", post=theirs, occurred="2019-03-01")
    other.person(Role.STATION_WORKER).does(f"{person}/hours", hours=served, **WHY)
    post = f"{person}/posts/{theirs['id']}"
    drawn = {"post": {**theirs, "place": county.place}}
    for path, facts in (
        (f"{post}/leaving", {"occurred": "2019-03-05"}),
        (f"{post}/voiding", WHY),
        (f"{person}/posts/correction", {"after": drawn, **WHY}),
        (f"{person}/hours/{served['id']}/voiding", WHY),
        (f"{person}/deregistration", {"occurred": "2019-04-05"}),
    ):
        forbidden(here.order(path, **facts), "the office above both")
    there.does(f"{post}/leaving", occurred="2019-04-01")
    here.does(f"{person}/deregistration", occurred="2019-04-05")


def test_the_office_above_both_lets_somebody_of_two_offices_go(
    county: County, other: County
) -> None:
    above, person = of_province(county, Role.SUPERVISOR), member(county)
    for one in (county, other):
        above.does(f"{person}/posts", post=post_at(one), occurred="2019-03-01")
    above.does(f"{person}/deregistration", occurred="2019-04-05")


def test_nobody_draws_the_head_of_another_office_to_his_own(county: County, other: County) -> None:
    here, above, person = (
        county.person(Role.CENTRE_MANAGER),
        of_province(county, Role.SUPERVISOR),
        member(county),
    )
    above.does(f"{person}/posts", post=post_at(other), occurred="2019-03-01")
    ours = post_at(county, from_on="2019-03-02")
    above.does(f"{person}/posts", post=ours, occurred="2019-03-02")
    forbidden(
        here.order(f"{person}/posts/{ours['id']}/primary", occurred="2019-03-05"), "above both"
    )
    marked = {"post": ours, "primary_from": "2019-03-05"}
    forbidden(here.order(f"{person}/posts/correction", after=marked, **WHY), "above both")
    above.does(f"{person}/posts/{ours['id']}/primary", occurred="2019-03-05")


def test_nobody_pays_or_appoints_himself(county: County) -> None:
    manager, colleague = (county.person(Role.CENTRE_MANAGER) for _ in range(2))
    own = str(manager.actor.id)
    county.manager.does("/practitioners", registration=REGISTRATION, id=own, occurred="2019-02-01")
    paid = {"id": str(uuid4()), "practitioner": own, "fen": 20000, "paid_on": "2019-03-01"}
    post = post_at(county)
    funds = f"/centres/{county.centre}/funds/subsidies"
    more = {**paid, "fen": 90000}
    orders: list[tuple[str, dict[str, Any]]] = [
        (funds, {"subsidy": paid, "occurred": "2019-03-01"}),
        (f"/practitioners/{own}/posts", {"post": post, "occurred": "2019-03-01"}),
    ]
    for path, facts in orders:
        refused(manager.order(path, **facts), "own-service")
        colleague.does(path, **facts)
    refused(manager.order(f"{funds}/correction", after=more, **WHY), "own-service")
    colleague.does(f"{funds}/correction", after=more, **WHY)


def test_who_has_an_account_elsewhere_is_not_taken_into_the_team_from_here(county: County) -> None:
    administrator = of_province(county, Role.ADMINISTRATOR)
    manager, people = county.person(Role.CENTRE_MANAGER), (uuid4(), uuid4())
    for who, role, office in zip(
        people, (Role.SUPERVISOR, Role.COUNSELLOR), (county.region, county.centre), strict=True
    ):
        account = {"login": f"k{str(who)[:8]}", "name": "李某", "office": office}
        administrator.does("/accounts", account=account, id=str(who))
        post = {"role": role, "office": office, "since": "2019-01-01"}
        administrator.does(f"/accounts/{who}/roles", post=post)
    supervisor, counsellor = map(str, people)
    registered = {"registration": REGISTRATION, "occurred": "2019-02-01"}
    forbidden(manager.order("/practitioners", id=supervisor, **registered))
    named = {**registered, "registration": {**REGISTRATION, "account": supervisor}}
    forbidden(manager.order("/practitioners", **named))
    manager.does("/practitioners", id=counsellor, **registered)
    elsewhere = {"role": Role.COUNSELLOR, "office": county.region, "since": "2019-03-01"}
    administrator.does(f"/accounts/{counsellor}/roles", post=elsewhere)
    after = {**REGISTRATION, "birth_year": 1981}
    correction = f"/practitioners/{counsellor}/registration/correction"
    manager.does(correction, after=after, **WHY)  # a post elsewhere leaves his record with us
    drawn = {**after, "account": supervisor}
    forbidden(manager.order(correction, after=drawn, **WHY))


def test_whose_account_an_office_above_keeps_is_taken_into_the_team_while_he_has_no_post(
    county: County, other: County
) -> None:
    low, elsewhere = county.person(Role.ADMINISTRATOR), other.person(Role.CENTRE_MANAGER)
    manager, who = county.person(Role.CENTRE_MANAGER), str(uuid4())
    account = {"login": f"k{who[:8]}", "name": "李某", "office": county.region}
    low.does("/accounts", account=account, id=who)
    registered = {"registration": REGISTRATION, "occurred": "2019-02-01", "id": who}
    forbidden(elsewhere.order("/practitioners", **registered))
    post = {"role": Role.SUPERVISOR, "office": county.region, "since": "2019-01-01"}
    low.does(f"/accounts/{who}/roles", post=post)
    forbidden(manager.order("/practitioners", **registered))
    low.does(f"/accounts/{who}/roles/end", role=post["role"], office=post["office"])
    manager.does("/practitioners", **registered)


def test_a_report_required_below_does_not_forestall_the_one_required_above(county: County) -> None:
    low, colleague = (county.person(Role.SUPERVISOR) for _ in range(2))
    above, path = of_province(county, Role.SUPERVISOR), f"/regions/{county.region}/reports"
    named = {"form": "月报表", "period": MONTH}
    asked = {**named, "due_on": "2019-04-05"}
    low.does(f"{path}/requirement", requirement={**asked, "levels": ["county"]})
    report = {**named, "definitions": "2019", "position": 1, **SIGNED}
    low.does(f"{path}/submission", report=report)
    colleague.does(f"{path}/approval", **named, level="county")
    higher = {**asked, "levels": ["county", "city", "province"]}
    refused(above.order(f"{path}/requirement", requirement=higher), "correction-needs-reason")
    above.does(f"{path}/requirement", requirement=higher, reason="全省统一报表")
    forbidden(low.order(f"{path}/requirement", requirement={**asked, "levels": ["county"]}, **WHY))
    forbidden(low.order(f"{path}/waiver", **named, **WHY))
    due = county.figures(county.person(), "sheets_due", to="2019-04-30")
    assert due == {"sheets_due": 1}
    low.does(f"{path}/submission", report=report)
    colleague.does(f"{path}/approval", **named, level="county")
    forbidden(low.order(f"{path}/approval", **named, level="city"))


def test_an_office_above_closes_what_is_closed_and_it_stays_so(county: County) -> None:
    low, above = county.person(Role.SUPERVISOR), of_province(county, Role.SUPERVISOR)
    path, period = f"/regions/{county.region}/periods", {"period": MONTH}
    opening = {**period, "expires_on": "2099-12-31", "reason": "更正"}
    low.does(f"{path}/lock", **period, position=1)
    above.does(f"{path}/lock", **period, position=1)
    refused(above.order(f"{path}/lock", **period, position=1), "period-already-locked")
    forbidden(low.order(f"{path}/reopening", **opening))
    another = {"period": {"first": "2019-04-01", "last": "2019-04-30"}}
    above.does(f"{path}/lock", **another, position=1)
    forbidden(low.order(f"{path}/lock", **another, position=1))


def test_a_hold_placed_above_is_lifted_above(county: County) -> None:
    _, record = closed(county)
    low, above = county.person(Role.PRIVACY_OFFICER), of_province(county, Role.PRIVACY_OFFICER)
    first, second = str(uuid4()), str(uuid4())
    path = f"/records/{record}/holds"
    above.does(path, hold={"id": first, "ground": "litigation"})
    low.does(path, hold={"id": second, "ground": "litigation"})
    forbidden(low.order(f"{path}/{first}/lifting"), "one above")
    low.does(f"{path}/{second}/lifting")
    refused(low.order(f"/records/{record}/erasure", ground="unlawful"), "legal-hold")
    above.does(f"{path}/{first}/lifting")
    low.does(f"/records/{record}/erasure", ground="unlawful")


def test_what_an_office_above_did_to_a_centre_is_undone_above(county: County) -> None:
    manager, low = county.person(Role.CENTRE_MANAGER), county.person(Role.SUPERVISOR)
    above, centre = of_province(county, Role.SUPERVISOR), f"/centres/{county.centre}"
    granted = {
        "id": str(uuid4()),
        "source": "provincial",
        "document": "鲁财〔2019〕1号",
        "fen": 5000000,
        "appropriated_on": "2019-03-01",
    }
    funds, by = f"{centre}/funds/appropriations", {"document": "1号"}
    above.does(funds, appropriation=granted, occurred="2019-03-01")
    for lower in (manager, low):
        forbidden(lower.order(f"{funds}/{granted['id']}/voiding", **WHY))
        after = {**granted, "fen": 1}
        forbidden(lower.order(f"{funds}/correction", after=after, **WHY))
    above.does(f"{funds}/{granted['id']}/voiding", **WHY)
    above.does(f"{centre}/grade/award", grade="standard", evidence=by, occurred="2019-03-02")
    forbidden(low.order(f"{centre}/grade/revocation", evidence=by, occurred="2019-03-03"))
    low.does(f"{centre}/grade/review", evidence=by, occurred="2019-03-03")
    above.does(f"{centre}/grade/revocation", evidence=by, occurred="2019-03-04")
    award = {"grade": "county-model", "evidence": by, "occurred": "2019-03-05"}
    forbidden(low.order(f"{centre}/grade/award", **award))
    above.does(f"{centre}/suspension", occurred="2019-03-06")
    for lower in (manager, low):
        forbidden(lower.order(f"{centre}/resumption", occurred="2019-03-07"))
    above.does(f"{centre}/resumption", occurred="2019-03-07")
    manager.does(f"{centre}/suspension", occurred="2019-03-08")
    low.does(f"{centre}/resumption", occurred="2019-03-09")


def test_what_an_office_above_ended_or_put_right_of_a_member_is_put_right_there(
    county: County,
) -> None:
    manager, above = county.person(Role.CENTRE_MANAGER), of_province(county, Role.SUPERVISOR)
    person, post, served = member(county), post_at(county), hours_at(county)
    manager.does(f"{person}/posts", post=post, occurred="2019-03-01")
    manager.does(f"{person}/hours", hours=served, occurred="2019-03-05")
    manager.does(f"{person}/appraisals", appraisal=GOOD, occurred="2019-12-31")
    asked = {"requested_by": person.rpartition("/")[2]}
    fewer = {"after": {**served, "credited": 300, "rule": "半数计入"}, **asked}
    ended = {"after": {"post": post, "left_on": "2019-03-06"}}
    for path, facts in (
        ("posts/correction", ended),
        ("hours/correction", fewer),
        ("appraisals/correction", {"after": {**GOOD, "grade": "incompetent"}}),
    ):
        above.does(f"{person}/{path}", **facts, **WHY)
    back: tuple[tuple[str, dict[str, Any]], ...] = (
        ("posts/correction", {"after": {"post": post}}),
        (f"posts/{post['id']}/voiding", {}),
        ("hours/correction", {"after": served, **asked}),
        (f"hours/{served['id']}/voiding", {}),
        ("appraisals/correction", {"after": GOOD}),
    )
    for path, facts in back:
        forbidden(manager.order(f"{person}/{path}", **facts, **WHY), "one above")
        above.does(f"{person}/{path}", **facts, **WHY)


def test_a_star_awarded_or_taken_above_is_settled_above(county: County) -> None:
    manager, above = county.person(Role.CENTRE_MANAGER), of_province(county, Role.SUPERVISOR)
    volunteers = member(county), member(county)
    for person in volunteers:
        for day in range(1, 11):
            served = {
                **hours_at(county),
                "started_at": f"2019-03-{day:02}T08:00:00+08:00",
                "ended_at": f"2019-03-{day:02}T18:00:00+08:00",
            }
            manager.does(f"{person}/hours", hours=served, occurred="2019-03-10")
    starred, unstarred = (f"{person}/stars" for person in volunteers)
    one, none = {"star": 1, "occurred": "2019-04-01"}, {"occurred": "2019-04-02", **WHY}
    above.does(starred, **one)
    forbidden(manager.order(f"{starred}/revocation", **none), "one above")
    manager.does(unstarred, **one)
    above.does(f"{unstarred}/revocation", **none)
    forbidden(manager.order(unstarred, **{**one, "occurred": "2019-04-03"}), "one above")
    above.does(unstarred, **{**one, "occurred": "2019-04-03"})


def test_a_certificate_verified_at_the_centre_is_settled_there(county: County) -> None:
    manager, colleague = (county.person(Role.CENTRE_MANAGER) for _ in range(2))
    path = f"{member(county)}/certificates"
    manager.does(path, certificate=CERTIFICATE, occurred="2019-03-01")
    colleague.does(f"{path}/{CERTIFICATE['id']}/verification", occurred="2019-03-02")
    after = {**CERTIFICATE, "issuer": "民政部"}
    colleague.does(f"{path}/correction", after=after, occurred="2019-03-03", **WHY)
    manager.does(f"{path}/{CERTIFICATE['id']}/revocation", occurred="2019-03-04", **WHY)
    manager.does(f"{path}/{CERTIFICATE['id']}/voiding", occurred="2019-03-05", **WHY)


@pytest.mark.parametrize("step", ["verification", "revocation"])
def test_a_certificate_verified_or_revoked_above_is_settled_above(
    county: County, step: str
) -> None:
    manager, above = county.person(Role.CENTRE_MANAGER), of_province(county, Role.SUPERVISOR)
    path, other = f"{member(county)}/certificates", {**CERTIFICATE, "issuer": "民政部"}
    manager.does(path, certificate=CERTIFICATE, occurred="2019-03-01")
    above.does(f"{path}/{CERTIFICATE['id']}/{step}", occurred="2019-03-02", **WHY)
    back: tuple[tuple[str, dict[str, Any]], ...] = (
        ("correction", {"after": other}),
        (f"{CERTIFICATE['id']}/revocation", {}),
        (f"{CERTIFICATE['id']}/voiding", {}),
    )
    for end, facts in back:
        late = {**facts, "occurred": "2019-03-03", **WHY}
        forbidden(manager.order(f"{path}/{end}", **late), "one above")
    above.does(f"{path}/{CERTIFICATE['id']}/voiding", occurred="2019-03-03", **WHY)


def test_who_was_let_go_or_locked_out_above_is_taken_back_above(county: County) -> None:
    manager, above = county.person(Role.CENTRE_MANAGER), of_province(county, Role.SUPERVISOR)
    person = member(county)
    above.does(f"{person}/deregistration", occurred="2019-03-05")
    forbidden(manager.order(f"{person}/deregistration/voiding", **WHY))
    above.does(f"{person}/deregistration/voiding", **WHY)
    low, high = county.person(Role.ADMINISTRATOR), of_province(county, Role.ADMINISTRATOR)
    who = str(uuid4())
    facts = {"login": f"k{who[:8]}", "name": "李某", "office": county.centre}
    low.does("/accounts", account=facts, id=who)
    account = f"/accounts/{who}"
    high.does(f"{account}/lock", **WHY)
    forbidden(low.order(f"{account}/unlock", **WHY))
    high.does(f"{account}/unlock", **WHY)
    low.does(f"{account}/lock", **WHY)
    low.does(f"{account}/unlock", **WHY)


def test_who_is_locked_out_at_the_machine_is_let_in_by_who_administers_him(county: County) -> None:
    low, who, service = county.person(Role.ADMINISTRATOR), uuid4(), county.service
    facts = {"login": f"k{str(who)[:8]}", "name": "李某", "office": county.centre}
    low.does("/accounts", account=facts, id=str(who))
    records = service.app.state.system.records
    operator = by_the_system(author_of(service.settings))
    records.change(replace(operator, reason="离岗"), Account, account_id(who), Account.lock)
    low.does(f"/accounts/{who}/unlock", **WHY)


def test_a_dispatch_and_an_assessment_from_above_are_changed_above(county: County) -> None:
    low, above = county.person(Role.SUPERVISOR), of_province(county, Role.SUPERVISOR)
    held = {"id": str(uuid4()), "held_on": "2019-03-01", "title": "三月调度", "position": 1}
    path = f"/regions/{county.region}/dispatches"
    above.does(path, dispatch=held, occurred="2019-03-01")
    forbidden(low.order(f"{path}/{held['id']}/voiding", **WHY))
    forbidden(low.order(f"{path}/correction", after={**held, "title": "会"}, **WHY))
    above.does(f"{path}/{held['id']}/voiding", **WHY)
    findings = {
        "activity": "向法院提供涉家庭暴力个案材料",
        "triggers": ["sensitive-information"],
        "assessed_on": "2019-02-28",
        "assessors": "省妇联权益部",
        "lawful": "履行法定职责所必需",
        "risks": "对方可能获知保护地址",
        "measures": "不足",
        "outcome": "stop",
    }
    entered = above.does(
        "/impact-assessments", findings=findings, place=county.place, occurred="2019-03-01"
    )
    entry, goes_on = f"/impact-assessments/{entered['id']}", {**findings, "outcome": "proceed"}
    forbidden(low.order(f"{entry}/correction", after=goes_on, **WHY))
    forbidden(low.order(f"{entry}/return", **WHY))
    above.does(f"{entry}/return", **WHY)
    above.does(f"{entry}/correction", after=goes_on, **WHY)


def test_what_was_found_about_a_case_is_read_by_who_reads_cases(county: County) -> None:
    case = county.opened(county.manager).removeprefix("/cases/")
    reviewer, manager = county.person(Role.SUPERVISOR), county.person(Role.CENTRE_MANAGER)
    plan = {"scope": "三月", "as_of": 1, "rules_version": "1", "sample_size": 1, "seed": "s"}
    plan["as_of"] = county.service.recorded[0]
    opened = reviewer.does("/reviews", plan=plan, place=county.place, occurred="2019-03-01")
    review, found = f"/reviews/{opened['id']}", str(uuid4())
    reviewer.does(f"{review}/sample", population=[case], occurred="2019-03-02")
    finding = {"id": found, "case": case, "rule": "一案一档", "text": TOLD, "severity": "minor"}
    reviewer.does(f"{review}/findings", finding=finding, occurred="2019-03-03")
    manager.does(f"{review}/findings/{found}/answer", text=TOLD, occurred="2019-03-04")
    settled = {"settlement": "rectified", "text": TOLD, "occurred": "2019-03-05", "reason": TOLD}
    reviewer.does(f"{review}/findings/{found}/settlement", **settled)
    for role in (Role.CENTRE_MANAGER, Role.SUPERVISOR, Role.AUDITOR, Role.PRIVACY_OFFICER):
        history = str(county.person(role).reads(f"/history/{opened['id']}"))
        assert TOLD in history, role
        assert case in history, role
    for role in (Role.ADMINISTRATOR, Role.VOLUNTEER, Role.COUNSELLOR, Role.STATION_WORKER):
        history = str(county.person(role).reads(f"/history/{opened['id']}"))
        assert TOLD not in history, role
        assert case not in history, role
        assert MASKED in history, role


def test_what_an_appraisal_remarks_is_read_by_whom_it_is_about_under_either_id(
    county: County,
) -> None:
    manager, colleague = county.person(Role.CENTRE_MANAGER), county.person(Role.COUNSELLOR)
    acting = county.person(Role.COUNSELLOR)
    registration = {**REGISTRATION, "account": str(acting.actor.id)}
    registered = {"registration": registration, "occurred": "2019-02-01"}
    person = manager.does("/practitioners", **registered)["id"]
    record = f"/practitioners/{person}"
    manager.does(f"{record}/posts", post=post_at(county), occurred="2019-03-01")
    appraised = {"appraisal": {**GOOD, "remark": TOLD}, "occurred": "2019-12-31"}
    manager.does(f"{record}/appraisals", **appraised)
    own = county.service.member(UUID(person), Role.COUNSELLOR, UUID(county.centre))
    for reader, shown in ((own, True), (acting, True), (colleague, False)):
        history = str(reader.reads(f"/history/{person}"))
        assert (TOLD in history, MASKED in history) == (shown, not shown)


def test_what_an_office_concluded_is_read_within_its_reach(service: Service) -> None:
    county, elsewhere = County.founded(service), County.founded(service)
    above = of_province(county, Role.SUPERVISOR)
    held = {"id": str(uuid4()), "held_on": "2019-03-01", "title": "三月调度", "position": 1}
    dispatch = {**held, "conclusions": TOLD}
    above.does(f"/regions/{county.region}/dispatches", dispatch=dispatch, occurred="2019-03-01")
    for reader in (above, county.person(Role.SUPERVISOR), county.person(Role.AUDITOR)):
        assert TOLD in str(reader.reads(f"/history/{county.region}"))
    for reader in (
        elsewhere.person(Role.VOLUNTEER),
        elsewhere.person(Role.SUPERVISOR),
        county.person(Role.VOLUNTEER),
    ):
        history = str(reader.reads(f"/history/{county.region}"))
        assert TOLD not in history
        assert county.code in history


def test_the_history_of_the_log_is_read_by_who_oversees(county: County) -> None:
    for role in (Role.SUPERVISOR, Role.AUDITOR, Role.PRIVACY_OFFICER):
        assert county.person(role).ask(f"/history/{LOG_ID}").status_code == 200, role
    for role in (Role.VOLUNTEER, Role.COUNSELLOR, Role.CENTRE_MANAGER, Role.ADMINISTRATOR):
        forbidden(county.person(role).ask(f"/history/{LOG_ID}"))


def test_a_region_in_which_ones_centre_lay_for_a_while_has_figures(county: County) -> None:
    for_a_while, after = county.neighbour("0122"), county.neighbour("0123")
    county.opened(county.person(Role.COUNSELLOR), occurred="2019-03-02")
    for region, since in ((for_a_while.region, "2019-03-10"), (after.region, "2019-03-20")):
        county.supervisor.does(
            f"/centres/{county.centre}/reassignment",
            to_region=region,
            effective_on=since,
            occurred=since,
        )
    manager = county.person(Role.CENTRE_MANAGER)
    march = {"from": "2019-03-01", "to": "2019-03-31", "indicators": "cases_opened"}
    for code, opened in ((county.code, 1), (for_a_while.code, 0), (after.code, 0)):
        (line,) = manager.reads("/statistics", region=code, **march)["lines"]
        assert (line["figures"]["cases_opened"][0]["value"], line["partial"]) == (opened, True)
    april = {**march, "from": "2019-04-01", "to": "2019-04-30"}
    forbidden(manager.ask("/statistics", region=for_a_while.code, **april))
