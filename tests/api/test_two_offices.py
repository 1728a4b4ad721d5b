"""Whatever fits the document and names records of one office: another learns nothing of them."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode

from domain.values import Role
from tests.api.cast import County, Service, session
from tests.api.test_commands import DOCUMENT, consented

pytestmark = pytest.mark.exhaustive

READING = [
    operation["operationId"]
    for methods in DOCUMENT["paths"].values()
    for method, operation in methods.items()
    if method == "get"
]
MARK = "只在甲县的记录"


@pytest.fixture(scope="module")
def ours(service: Service) -> County:
    """The office whose records are looked for."""
    return County.founded(service)


@pytest.fixture(scope="module")
def theirs(service: Service) -> County:
    """The office that looks."""
    return County.founded(service)


@pytest.fixture(scope="module")
def ids(ours: County) -> dict[str, Any]:
    """What the other office would have to know."""
    counsellor = ours.person()
    case = consented(ours, counsellor).rpartition("/")[2]
    held = session(facts=MARK, summary=MARK)
    receipt = counsellor.does(
        f"/cases/{case}/sessions", session=held, occurred="2019-03-01T11:00:00+08:00"
    )
    return {
        "aggregate_id": case,
        "name": "sessions",
        "session": held["id"],
        "position": receipt["last_position"],
    }


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.CENTRE_MANAGER, Role.COUNSELLOR])
@pytest.mark.parametrize("name", READING)
def test_an_office_reads_nothing_of_another(
    name: str,
    role: Role,
    document: schemathesis.BaseSchema,
    ours: County,
    theirs: County,
    ids: dict[str, Any],
) -> None:
    operation = document.find_operation_by_id(name)
    stranger = theirs.person(role)

    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    @settings(
        max_examples=3,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def asked(case: Case) -> None:
        for parameter in case.path_parameters or {}:
            case.path_parameters[parameter] = ids.get(parameter, ids["aggregate_id"])
        known = {parameter.name for parameter in operation.query}
        aimed = {"region": ours.code, "from": "2019-01-01", "to": "2019-12-31"}
        aimed |= {"indicator": "sessions", "indicators": ["sessions"], "from_as_of": "1"}
        query = {key: value for key, value in aimed.items() if key in known}
        case.query = {**query, **({"limit": 1000} if "limit" in known else {})}
        answer = case.call(headers=stranger.headers)
        assert answer.status_code < 500, answer.text
        told = answer.content.decode()
        # An id that was asked for is repeated by a refusal.
        secrets = [MARK, ids["session"], *([] if case.path_parameters else [ids["aggregate_id"]])]
        assert not [secret for secret in secrets if secret in told], told[:300]

    asked()


def test_the_office_itself_reads_what_another_does_not(ours: County, ids: dict[str, Any]) -> None:
    supervisor = ours.person(Role.SUPERVISOR)
    position = ids["position"]
    for path in (f"/history/{ids['aggregate_id']}", "/ledgers/sessions", "/ledgers/sessions.csv"):
        answer = supervisor.ask(path, min_position=position)
        assert MARK in answer.text, path


def test_a_figure_of_what_lies_out_of_reach_is_no_zero(service: Service) -> None:
    here, there = County.founded(service), County.founded(service)
    for county in (here, there):
        county.opened(county.manager)
    question = {"indicators": "cases_opened", "from": "2019-03-01", "to": "2019-03-31"}
    manager = here.person(Role.CENTRE_MANAGER)
    refused = manager.ask("/statistics", region=there.code, **question)
    assert refused.status_code == 403
    assert "lies in your reach" in refused.json()["detail"]
    behind = {**question, "indicator": "cases_opened", "region": there.code}
    del behind["indicators"]
    assert manager.ask("/statistics/behind", **behind).status_code == 403
    table = manager.reads("/statistics", region=here.code, **question)
    assert table["lines"][0]["partial"] is True
    assert any("not the whole of a region" in note for note in table["notes"])
    whole = here.person(Role.SUPERVISOR).reads("/statistics", region=here.code, **question)
    assert whole["lines"][0]["partial"] is False
    by_county = here.supervisor.reads("/statistics", region=here.code, by="county", **question)
    assert [line["code"] for line in by_county["lines"]] == [here.code]
