"""The ledger of supervision orders (督办单台账): which wait, where, how old, how far escalated."""

from __future__ import annotations

from typing import Any

import pytest

from domain.values import Role
from tests.api.cast import County, Person
from tests.api.test_access import head, looks
from tests.api.test_conflicts import concerned

WORDS = ("完成逾期回访", "已回访一半", "迟缓", "材料不全", "笔误")
"""What people wrote in orders."""


def issued(by: Person, county: County, deadline: str = "2019-03-31", on: str = "2019-03-01") -> str:
    """The path of an order to the centre of a county."""
    order = {"addressee": county.centre, "what": WORDS[0], "issued_on": on, "deadline": deadline}
    told = by.does("/orders", order={**order, "evidence": [1]}, place=county.place, occurred=on)
    return f"/orders/{told['id']}"


def listed(by: Person, county: County, **asked: Any) -> list[dict[str, Any]]:
    """The rows of the ledger that somebody sees."""
    rows: list[dict[str, Any]]
    rows = by.reads("/ledgers/orders", **{"min_position": head(county), **asked})["rows"]
    return rows


def ids(rows: list[dict[str, Any]]) -> list[str]:
    """The paths of the orders in these rows."""
    return [f"/orders/{row['row']}" for row in rows]


def test_a_supervisor_asks_which_orders_wait_whose_are_due_first_and_how_far_they_came(
    county: County,
) -> None:
    above, centre = county.supervisor, county.person(Role.CENTRE_MANAGER)
    late, other = issued(above, county, "2019-04-30"), county.neighbour()
    soon, settled = issued(above, other, "2019-03-20"), issued(above, county)
    above.does(f"{soon}/escalation", step="reminder", occurred="2019-03-21", reason=WORDS[2])
    centre.does(f"{settled}/acknowledgement", occurred="2019-03-02")
    centre.does(f"{settled}/progress", text=WORDS[1], occurred="2019-03-03")
    centre.does(f"{settled}/evidence", text="完成", evidence=[1], occurred="2019-03-04")
    above.does(f"{settled}/return", occurred="2019-03-05", reason=WORDS[3])
    centre.does(f"{settled}/evidence", text="补充", evidence=[1], occurred="2019-03-06")
    above.does(f"{settled}/verification", occurred="2019-03-07")
    above.does(f"{settled}/write-off", occurred="2019-03-08")
    province = {"region": county.province}
    waiting = listed(above, county, equals="stage:waiting", sort="deadline", **province)
    assert ids(waiting) == [soon, late]
    assert (waiting[0]["escalated_to"], waiting[0]["escalated_on"]) == ("reminder", "2019-03-21")
    assert waiting[0]["addressee"] == other.centre
    assert waiting[0]["issued_by"] == str(above.actor.office)
    assert waiting[0]["issuer"] == str(above.actor.id)
    (done,) = listed(above, county, equals="status:written-off", **province)
    steps = ("acknowledged_on", "reported_on", "submitted_on", "verified_on", "written_off_on")
    assert [done[step][-2:] for step in steps] == ["02", "03", "06", "07", "08"]
    assert (done["returns"], done["verified_by"]) == (1, str(above.actor.id))
    assert ids(listed(above, county, equals=f"addressee:{other.centre}")) == [soon]


def test_the_ledger_shows_an_order_as_it_stood_at_a_past_moment(county: County) -> None:
    order = issued(county.supervisor, county)
    before = head(county)
    county.person(Role.CENTRE_MANAGER).does(f"{order}/acknowledgement", occurred="2019-03-02")
    then = listed(county.supervisor, county, as_of=before, region=county.code)
    now = listed(county.supervisor, county, region=county.code)
    assert [(row["status"], row["acknowledged_on"]) for row in (*then, *now)] == [
        ("issued", None),
        ("acknowledged", "2019-03-02"),
    ]


def test_no_word_of_an_order_leaves_by_its_ledger(county: County) -> None:
    above = county.supervisor
    order = issued(above, county)
    county.person(Role.CENTRE_MANAGER).does(f"{order}/acknowledgement", occurred="2019-03-02")
    county.person(Role.CENTRE_MANAGER).does(
        f"{order}/progress", text=WORDS[1], occurred="2019-03-02"
    )
    above.does(f"{order}/escalation", step="reminder", occurred="2019-03-03", reason=WORDS[2])
    asked = {"region": county.code, "min_position": head(county)}
    for path in ("/ledgers/orders", "/ledgers/orders.csv"):
        told = above.ask(path, **asked).text
        assert order.removeprefix("/orders/") in told
        assert not [word for word in WORDS if word in told]
    assert "提醒" in told
    assert "已签收" in told


def test_an_order_put_right_to_be_another_offices_is_not_read_by_way_of_the_past(
    county: County,
) -> None:
    """Who may not open it must not find it in the ledger of the day before (decision 224)."""
    order, other = issued(county.supervisor, county), county.neighbour()
    before = head(county)
    manager, theirs = (one.person(Role.CENTRE_MANAGER) for one in (county, other))
    assert ids(listed(manager, county)) == [order]
    after = {"addressee": other.centre, "what": WORDS[0], "issued_on": "2019-03-01"}
    after |= {"deadline": "2019-03-31"}
    county.supervisor.does(f"{order}/correction", after=after, place=other.place, reason=WORDS[4])
    history = order.replace("orders", "history")
    assert manager.ask(history, min_position=head(county)).status_code == 403
    assert listed(manager, county) == listed(manager, county, as_of=before) == []
    assert ids(listed(theirs, county)) == [order]
    assert ids(listed(county.supervisor, county, as_of=before, region=county.province)) == [order]


@pytest.mark.parametrize("ending", ["", ".csv", ".xlsx"])
def test_a_list_of_one_order_is_a_look_at_it(ending: str, county: County) -> None:
    order, reader = issued(county.supervisor, county), county.person(Role.SUPERVISOR)
    asked = {"region": county.code, "min_position": head(county)}
    assert reader.ask(f"/ledgers/orders{ending}", **asked).status_code == 200
    record = f"record:{order.removeprefix('/orders/')}"
    (row,) = looks(county.person(Role.CENTRE_MANAGER), county, equals=[record])
    assert (row["reader"], row["kind"]) == (str(reader.actor.id), "order")
    assert (row["happened"], row["rows"]) == ("exported" if ending else "listed", 1)


def test_who_declared_a_conflict_with_an_order_finds_it_in_no_ledger(county: County) -> None:
    order, other = (issued(county.supervisor, county) for _ in range(2))
    reader = county.person(Role.SUPERVISOR)
    concerned(county, reader, order)
    assert reader.ask(order.replace("orders", "history")).status_code == 403
    assert ids(listed(reader, county, region=county.code)) == [other]
    told = reader.ask("/ledgers/orders.csv", region=county.code).text
    assert [one in told for one in (order[8:], other[8:])] == [False, True]


@pytest.mark.parametrize("role", [Role.PRIVACY_OFFICER, Role.ADMINISTRATOR])
def test_who_reads_no_ledger_of_work_is_refused_that_of_orders(role: Role, county: County) -> None:
    issued(county.supervisor, county)
    by = county.person(role)
    for path in ("/ledgers/orders", "/ledgers/orders.csv", "/ledgers/orders.xlsx"):
        assert by.ask(path, min_position=head(county)).status_code == 403
