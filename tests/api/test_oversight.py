"""Orders, reviews and corrections of regions: their whole way, read back as history."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from domain.region_events import region_id
from domain.values import Role
from tests.api.cast import LATE, County, Person


def moments(by: Person, last: dict[str, Any]) -> list[dict[str, Any]]:
    """What happened to a record up to its last receipt, in the order of recording."""
    history = by.reads(f"/history/{last['id']}", min_position=last["last_position"])
    found: list[dict[str, Any]] = history["moments"]
    return found


def topics(by: Person, last: dict[str, Any]) -> list[str]:
    """The names of what happened."""
    return [moment["topic"] for moment in moments(by, last)]


def refused(by: Person, path: str, **facts: Any) -> str:
    """The rule by which a command is refused."""
    answer = by.order(path, **facts)
    assert answer.status_code == 422, answer.text
    return str(answer.json()["type"]).removeprefix("urn:huhang:refused:")


def order_to(county: County) -> dict[str, Any]:
    return {
        "addressee": county.centre,
        "what": "完成逾期回访",
        "issued_on": "2019-03-01",
        "deadline": "2019-03-31",
        "evidence": [1],
    }


def test_an_order_goes_from_issue_to_write_off(county: County) -> None:
    supervisor, rectifier = county.person(Role.SUPERVISOR), county.person(Role.SUPERVISOR)
    issued = supervisor.does(
        "/orders", order=order_to(county), place=county.place, occurred="2019-03-01"
    )
    order = f"/orders/{issued['id']}"
    rectifier.does(f"{order}/acknowledgement", occurred="2019-03-02")
    rectifier.does(f"{order}/progress", text="一半", occurred="2019-03-03")
    supervisor.does(f"{order}/escalation", step="reminder", occurred="2019-03-04", reason="迟缓")
    supervisor.does(f"{order}/deadline", after="2019-04-15", occurred="2019-03-05", reason="延期")
    rectifier.does(f"{order}/evidence", text="完成", evidence=[1], occurred="2019-03-06")
    supervisor.does(f"{order}/return", occurred="2019-03-07", reason="材料不全")
    rectifier.does(f"{order}/evidence", text="补充", occurred="2019-03-08")
    assert (
        refused(rectifier, f"{order}/verification", occurred="2019-03-09") == "verifier-rectified"
    )
    supervisor.does(f"{order}/verification", occurred="2019-03-09")
    last = supervisor.does(f"{order}/write-off", occurred="2019-03-10")
    figures = county.figures(
        supervisor, "orders_issued", "orders_written_off", min_position=last["last_position"]
    )
    assert figures == {"orders_issued": 1, "orders_written_off": 1}
    supervisor.does(f"{order}/write-off/voiding", reason="误销")
    supervisor.does(
        f"{order}/correction",
        after={**order_to(county), "what": "更正事项"},
        place=county.place,
        reason="笔误",
    )
    voided = supervisor.does(f"{order}/voiding", reason="误下达")
    assert topics(supervisor, voided)[-3:] == [
        "order.write-off-voided.v1",
        "order.corrected.v1",
        "order.voided.v1",
    ]


def test_a_review_goes_from_its_seed_to_its_closure(county: County) -> None:
    reviewer, manager = county.person(Role.SUPERVISOR), county.person(Role.CENTRE_MANAGER)
    case = county.opened(manager).removeprefix("/cases/")
    plan = {
        "scope": "三月个案",
        "as_of": county.service.recorded[0],
        "rules_version": "2019",
        "sample_size": 1,
        "seed": county.code,
    }
    opened = reviewer.does("/reviews", plan=plan, place=county.place, occurred="2019-03-01")
    review = f"/reviews/{opened['id']}"
    reviewer.does(f"{review}/sample", population=[case], occurred="2019-03-02")
    finding = {
        "id": str(uuid4()),
        "case": case,
        "rule": "一案一档",
        "text": "缺评估",
        "severity": "minor",
    }
    reviewer.does(f"{review}/findings", finding=finding, occurred="2019-03-03")
    assert refused(reviewer, f"{review}/closure", occurred="2019-03-04") == "findings-unsettled"
    said = f"{review}/findings/{finding['id']}"
    manager.does(f"{said}/answer", text="已补充", occurred="2019-03-04")
    reviewer.does(f"{said}/settlement", settlement="rectified", occurred="2019-03-05")
    closed = reviewer.does(f"{review}/closure", occurred="2019-03-06")
    assert topics(reviewer, closed)[-1] == "review.closed.v1"


def test_a_region_is_corrected_step_by_step_back_to_its_voiding(county: County) -> None:
    manager = county.manager
    founding = {
        "scheme": "test",
        "code": f"{county.province}02",
        "name": "误录市",
        "level": "city",
        "kind": "prefecture-city",
        "parent": above(county),
        "valid_from": "2000-01-01",
    }
    region = manager.does("/regions", founding=founding)["id"]
    path = f"/regions/{region}"
    manager.does(f"{path}/founding/correction", after={**founding, "name": "某市"}, reason="误录")
    on = {"effective_on": "2019-01-09"}
    manager.does(f"{path}/renaming", name="新市", **on)
    manager.does(f"{path}/renaming/voiding", reason="误录")
    manager.does(f"{path}/move", to_parent=county.region, **on)
    manager.does(f"{path}/move/voiding", reason="误录")
    succession = {
        "successor": county.region,
        "extent": "whole",
        "announced_on": "2019-01-09",
        **on,
    }
    named = {"successor": county.region, **on}
    manager.does(f"{path}/succession", succession=succession)
    manager.does(
        f"{path}/succession/correction",
        after={**succession, "document": "国函〔2018〕162号"},
        reason="补充文号",
        **named,
    )
    assert refused(manager, f"{path}/founding/voiding", reason="误录") == "founding-built-upon"
    manager.does(f"{path}/succession/voiding", reason="误录", **named)
    voided = manager.does(f"{path}/founding/voiding", reason="误录")
    assert topics(manager, voided)[-1] == "region.founding-voided.v1"


def above(county: County) -> str:
    """The province of a county."""
    return str(region_id("test", county.province, date(2000, 1, 1)))


def denied(by: Person, path: str, **facts: Any) -> bool:
    """Whether a command is forbidden as a matter of another office."""
    answer = by.order(path, **facts)
    return answer.status_code == 403 and "Ask there" in answer.text


def city_of(county: County) -> UUID:
    """The city of a county."""
    return region_id("test", f"{county.province}01", date(2000, 1, 1))


def test_an_order_from_above_is_rectified_below_and_settled_above(county: County) -> None:
    top, low, low2 = county.supervisor, *(county.person(Role.SUPERVISOR) for _ in range(2))
    to_county = {**order_to(county), "addressee": county.region, "deadline": "2098-12-31"}
    place = {"centre": None, "region": county.region}
    issued = top.does("/orders", order=to_county, place=place, reason=LATE)
    order = f"/orders/{issued['id']}"
    low.does(f"{order}/acknowledgement")
    low.does(f"{order}/evidence", text="完成", evidence=[1])
    why = {"reason": "不服"}
    for by in (low, low2):
        assert denied(by, f"{order}/deadline", after="2099-12-31", **why)
        assert denied(by, f"{order}/escalation", step="reminder", **why)
        assert denied(by, f"{order}/return", **why)
        assert denied(by, f"{order}/verification")
        later = {**to_county, "deadline": "2099-12-31"}
        assert denied(by, f"{order}/correction", after=later, place=place, **why)
        assert denied(by, f"{order}/voiding", **why)
    top.does(f"{order}/verification")
    assert denied(low2, f"{order}/write-off")
    top.does(f"{order}/write-off")
    assert denied(low2, f"{order}/write-off/voiding", **why)


def test_a_rectifier_neither_extends_nor_voids_an_order_of_his_own_office(county: County) -> None:
    issuer, rectifier = (county.person(Role.SUPERVISOR) for _ in range(2))
    facts = {**order_to(county), "deadline": "2098-12-31"}
    issued = issuer.does("/orders", order=facts, place=county.place, reason=LATE)
    order = f"/orders/{issued['id']}"
    rectifier.does(f"{order}/acknowledgement")
    rectifier.does(f"{order}/progress", text="一半")
    why = {"reason": "延期"}
    assert refused(rectifier, f"{order}/deadline", after="2099-12-31", **why) == (
        "verifier-rectified"
    )
    assert refused(rectifier, f"{order}/voiding", **why) == "verifier-rectified"
    county.supervisor.does(f"{order}/deadline", after="2099-12-31", **why)


def test_each_level_of_a_report_is_passed_by_its_own_office(county: County) -> None:
    top, low, low2 = county.supervisor, *(county.person(Role.SUPERVISOR) for _ in range(2))
    city = county.service.person(Role.SUPERVISOR, city_of(county))
    path = f"/regions/{county.region}/reports"
    month = {"first": "2019-03-01", "last": "2019-03-31"}
    named = {"form": "月报表", "period": month}
    requirement = {**named, "due_on": "2019-04-05", "levels": ["county", "city", "province"]}
    top.does(f"{path}/requirement", requirement=requirement)
    assert denied(low, f"{path}/waiver", **named, reason="不报")
    report = {
        **named, "definitions": "2019", "position": 1, "head": "甲", "statistician": "乙",
        "prepared_by": "丙",
    }  # fmt: skip
    low.does(f"{path}/submission", report=report)
    assert denied(top, f"{path}/approval", **named, level="county")
    low2.does(f"{path}/approval", **named, level="county")
    back = {**named, "level": "city", "due_on": "2098-12-31", "reason": "退回"}
    for by in (low2, top):
        assert denied(by, f"{path}/approval", **named, level="city")
        assert denied(by, f"{path}/return", **back)
    city.does(f"{path}/approval", **named, level="city")
    for by in (low2, city):
        assert denied(by, f"{path}/approval", **named, level="province")
    top.does(f"{path}/approval", **named, level="province")


def test_a_period_locked_from_above_is_opened_from_above(county: County) -> None:
    top, low = county.supervisor, county.person(Role.SUPERVISOR)
    path = f"/regions/{county.region}/periods"
    period = {"period": {"first": "2019-03-01", "last": "2019-03-31"}}
    opening = {**period, "expires_on": "2099-12-31", "reason": "更正"}
    top.does(f"{path}/lock", **period, position=1)
    assert denied(low, f"{path}/reopening", **opening)
    top.does(f"{path}/reopening", **opening)
    low.does(f"{path}/lock", **period, position=1)
    assert denied(low, f"{path}/reopening", **opening)  # locked from above before


def test_a_review_from_above_is_answered_below_and_settled_above(county: County) -> None:
    auditor = county.service.person(Role.AUDITOR, county.supervisor.actor.office)
    low, low2 = county.person(Role.AUDITOR), county.person(Role.SUPERVISOR)
    case = county.opened(county.person(Role.CENTRE_MANAGER)).removeprefix("/cases/")
    plan = {"scope": "个案", "as_of": county.service.recorded[0], "rules_version": "1"}
    plan |= {"sample_size": 1, "seed": "1"}
    facts = {"case": case, "rule": "一案一档", "text": "缺评估", "severity": "grave"}

    def reviewed_by(by: Person) -> str:
        return f"/reviews/{by.does('/reviews', plan=plan, place=county.place)['id']}"

    review = reviewed_by(auditor)
    assert denied(low, f"{review}/sample", population=[case])
    auditor.does(f"{review}/sample", population=[case])
    finding = {**facts, "id": str(uuid4())}
    auditor.does(f"{review}/findings", finding=finding)
    withdrawn = {"settlement": "withdrawn"}
    for by in (low, low2):
        assert denied(by, f"{review}/findings/{finding['id']}/settlement", **withdrawn)
        assert denied(by, f"{review}/closure")
    own = reviewed_by(low)
    low.does(f"{own}/sample", population=[case])
    raised = {**facts, "id": str(uuid4())}
    auditor.does(f"{own}/findings", finding=raised)
    assert denied(low, f"{own}/findings/{raised['id']}/settlement", **withdrawn)


def test_a_sample_is_drawn_from_cases_of_the_reviewed_place(county: County) -> None:
    there, auditor = county.neighbour(), county.person(Role.AUDITOR)
    own, other = (
        one.opened(one.person(Role.CENTRE_MANAGER)).removeprefix("/cases/")
        for one in (county, there)
    )
    plan = {"scope": "个案", "as_of": county.service.recorded[0], "rules_version": "1"}
    plan |= {"sample_size": 1, "seed": "1"}
    later = county.opened(county.person(Role.CENTRE_MANAGER)).removeprefix("/cases/")
    for place in (county.place, {"centre": None, "region": county.region}):
        review = f"/reviews/{auditor.does('/reviews', plan=plan, place=place)['id']}"
        for stranger in (other, later, county.centre, str(uuid4())):
            population = [own, stranger]
            assert refused(auditor, f"{review}/sample", population=population) == (
                "case-out-of-scope"
            )
        auditor.does(f"{review}/sample", population=[own])
