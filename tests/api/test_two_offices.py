"""Whatever fits the document and names records of one office: another learns and changes nothing.

Nine persons of the other office, one a role, send each operation of the API about a record of every
kind; what the answers and the log may hold of it all the same stands here, written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote_plus
from uuid import UUID

import httpx
import psycopg
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode

from api.permissions import SURFACES
from application.policy import POLICY, ROLES, Reach
from domain.values import Role
from projections.ledgers import LEDGERS
from tests.api.cast import County, Service
from tests.api.office import CREATED, OPERATIONS, Office, Own, aimed, example, parameters
from tests.workbooks import all_told

pytestmark = pytest.mark.exhaustive

Sending = tuple[Mapping[str, str], Any]
"""Whose records are named in the address, and the parameters or the body."""

DRAWN: Final = 2  # questions of each operation, or its example and a body, from every such role
OURS, THEIRS = "只在甲县的", "只在乙县的"
FORMS: Final = {"by", "columns", "boundaries", "depth", "party", "overdue", "reason", "sort"}
"""Parameters that say in which form to answer, and are drawn as the document says."""

SHOWN: Final[Mapping[tuple[str, str], set[str]]] = {
    # That a region met, and which paper says so, is no secret; what was said there is.
    ("read_history", "region_id"): {"document", "title", "group", "meeting", "dispatch"},
    # Who asked for an emergency access named the record himself.
    ("list_own_accesses", ""): {"case_id"},
}
"""What another office is told of ours, by operation and what its address names."""

RECORDED: Final = {
    # The team is one for the whole network: whoever is in it may serve elsewhere too.
    "case.counsellor-assigned.v1": {"practitioner_id"},
    "case.appointment-booked.v1": {"practitioner_id"},
    "centre.volunteer-dispatched.v1": {"practitioner_id"},
    "centre.volunteer-arrived.v1": {"practitioner_id"},
    "centre.shift-worked.v1": {"practitioner_id"},
    "centre.shift-corrected.v1": {"practitioner_id"},
    "centre.subsidy-paid.v1": {"practitioner_id"},
    "centre.subsidy-corrected.v1": {"practitioner_id"},
    # A case of theirs says what it belongs together with; nothing is asked of the other case.
    "case.encounter-linked.v1": {"case_id"},
    "case.voided.v1": {"case_id"},
    # A case of theirs is offered to us; whether it is taken is ours to say.
    "case.transfer-requested.v1": {"centre_id", "region_id"},
    # Anybody may ask for an emergency access; who is in charge of the record grants it.
    "access.requested.v1": {"case_id", "centre_id", "region_id"},
    # Whoever has a conflict stays out, wherever the case lies.
    "account.conflict-declared.v1": {"case_id"},
}
"""What another office may record that names a record of ours, by topic and what is named."""

TOGETHER: Final = {
    Role.COUNSELLOR, Role.CENTRE_MANAGER, Role.SUPERVISOR, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR,
}  # fmt: skip
"""Who together read all that an office has."""

NEVER_TOLD: Final = {"subject", "pin_id", "review_id", "region_id", "姓名"}
"""Names of streams that only their own address has, the public region, and sealed for good."""


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[httpx.Client]:
    """A client with an address of its own: tries to sign in are counted by address."""
    headers = {"X-Forwarded-For": "2001:db8:2:ff::1"}
    with httpx.Client(base_url=service.address, timeout=60, headers=headers) as client:
        yield client


@pytest.fixture(scope="module")
def ours(service: Service, client: httpx.Client) -> Office:
    """The office whose records are looked for."""
    return Office.furnished(County.founded(service), client, OURS, "0019")


@pytest.fixture(scope="module")
def theirs(service: Service, client: httpx.Client, ours: Office) -> Office:
    """The office that looks; somebody of it asked for an emergency access to our case."""
    office = Office.furnished(County.founded(service), client, THEIRS, "0027")
    office.asks(ours.ids["case_id"])
    return office


def senders(operation: str) -> tuple[Role, ...]:
    """Who may do such a thing somewhere; at the door roles are not asked.

    Who may do it nowhere is turned away at once, which tests/api/test_matrix.py shows of everybody.
    """
    actions = SURFACES.get(operation)
    if actions is None:
        return ROLES[:1]
    return tuple(
        role for role in ROLES if any(POLICY[one][role] is not Reach.NONE for one in actions)
    )


def asked(
    operation: str, office: Office, drawn: Mapping[str, Any], moment: int | None
) -> Iterator[Sending]:
    """Questions about an office's records, now or as of a moment, also under its own access."""
    known = parameters(operation)
    aims = {
        "region": office.county.code,
        "from": "2019-01-01",
        "to": "2019-12-31",
        "indicator": "sessions",
        "indicators": ["sessions", "cases_opened"],
        "from_as_of": "1",
        "limit": 1000,
        "party": "wife",
        "record": office.ids["case_id"],
        "person": str(office.members[Role.COUNSELLOR].actor.id),
        **({"as_of": moment} if moment else {}),
        **{name: value for name, value in drawn.items() if name in FORMS},
    }
    query = {name: value for name, value in aims.items() if name in known}
    match operation:
        case "read_history":
            named = [{"aggregate_id": record} for record in office.records.values()]
        case "read_ledger" | "download_ledger" | "download_workbook":
            named = [{"name": name} for name in LEDGERS]
        case _:
            named = [office.ids]
    for ids in named:
        yield ids, query
    if "stream" in known:
        under = {name: office.ids[name] for name in ("access", "stream")}
        yield {**office.ids, "aggregate_id": office.ids["case_id"]}, {**query, **under}


def told(operation: str, ours: Office, theirs: Office, drawn: Any) -> Iterator[Sending]:
    """Commands about our records, as drawn or, where nothing is drawn, by example.

    What is drawn is to become a record under the id of ours.
    An example that names our records is sent about theirs too, with our place and with theirs.
    """
    mixed = {**ours.ids, **{name: theirs.ids[name] for name in ("centre_id", "region_id")}}
    thing = operation.removeprefix("correct_")
    if drawn is not None:
        drawn = drawn if isinstance(drawn, dict) else None
        if operation in CREATED:
            drawn = {**drawn, "id": ours.ids[CREATED[operation]]}
        yield ours.ids, aimed(drawn, mixed, Own(ours.ids), thing)
        return
    if operation == "find_persons":
        for by, number in zip(("document", "phone") * 2, ours.numbers, strict=True):
            yield ours.ids, {"by": by, "number": number}
        return
    body, kept = example(operation), Own(theirs.ids)
    changing = operation.startswith(("correct_", "reschedule_"))
    yield ours.ids, aimed(body, ours.ids, Own(ours.ids if changing else {}), thing)
    tried = [aimed(body, theirs.ids, kept, thing)]
    for ids in (ours.ids, mixed) if "{" in OPERATIONS[operation][1] else (mixed,):
        if (about := aimed(body, ids, kept, thing)) not in tried:
            tried.append(about)
            yield theirs.ids, about if changing else aimed(body, ids, Own(), thing)


def learned(answer: httpx.Response, office: Office) -> set[str]:
    """What of an office an answer tells that its request did not."""
    sent = unquote_plus(str(answer.request.url)) + answer.request.content.decode()
    found = f"{answer.headers} {all_told(answer)}"
    texts = set(re.findall(rf"{office.mark}(\w+)", found))
    numbers = {number for number in office.numbers if number in found and number not in sent}
    return texts | numbers | (office.named_in(found, but=sent) - {"region_id"})


def versions(service: Service, office: Office) -> dict[UUID, int]:
    """How many events there are of each record of an office."""
    with psycopg.connect(service.database.reader) as connection:
        rows = connection.execute(
            "select originator_id, count(*) from log.event"
            " where originator_id = any(%s::uuid[]) group by originator_id",
            (list(office.records.values()),),
        )
        return dict(rows.fetchall())


def recorded(service: Service, office: Office, after: int) -> Iterator[tuple[str, set[str]]]:
    """The topics of later events that name a record of an office, and which they name."""
    with psycopg.connect(service.database.reader) as connection:
        rows = connection.execute(
            "select topic, convert_from(state, 'UTF8') from log.event where position > %s", (after,)
        )
        for topic, state in rows:
            if named := office.named_in(state):
                yield topic, named


def head(service: Service) -> int:
    """The newest position of the log."""
    with psycopg.connect(service.database.reader) as connection:
        row = connection.execute("select max(position) from log.event").fetchone()
    assert row is not None
    return int(row[0])


# Last what ends a case of theirs, about which all the rest is tried.
@pytest.mark.parametrize("operation", sorted(OPERATIONS, key="void_case".__eq__))
def test_another_office_learns_nothing_of_ours_and_changes_nothing(
    operation: str,
    document: schemathesis.BaseSchema,
    service: Service,
    ours: Office,
    theirs: Office,
) -> None:
    reading = OPERATIONS[operation][0] == "GET"
    strategy = document.find_operation_by_id(operation).as_strategy(
        generation_mode=GenerationMode.POSITIVE
    )
    before, start = versions(service, ours), head(service)
    tried: list[Case] = []

    @given(case=strategy)
    @settings(
        max_examples=DRAWN,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def attempted(case: Case) -> None:
        first = not tried
        tried.append(case)
        if reading:
            sendings = asked(operation, ours, case.query or {}, None if first else ours.position)
        else:
            # The first that is drawn is the smallest: what it would say, the example says better.
            sendings = told(operation, ours, theirs, None if first else case.body)
        for ids, sent in sendings:
            shown = SHOWN.get((operation, ours.names.get(ids.get("aggregate_id", ""), "")), set())
            for role in senders(operation):
                answer = theirs.sent(theirs.members[role], operation, ids, sent, at=ours.position)
                assert answer.status_code < 500, answer.text
                assert learned(answer, ours) <= shown, (role, answer.request.url, answer.text)

    attempted()
    assert tried
    assert versions(service, ours) == before
    for topic, named in recorded(service, ours, start):
        assert named <= RECORDED.get(topic, set()), topic


def test_the_office_itself_is_told_all_of_it(ours: Office) -> None:
    seen: set[str] = set()
    for operation, (method, _) in OPERATIONS.items():
        for ids, query in asked(operation, ours, {}, None) if method == "GET" else ():
            for role in TOGETHER.intersection(senders(operation)):
                answer = ours.sent(ours.members[role], operation, ids, query, at=ours.position)
                seen |= learned(answer, ours)
    members = set(ours.numbers[:2])  # by which one of the team is found, and nobody reads them
    assert {*ours.texts, *ours.numbers, *ours.names.values()} - seen == NEVER_TOLD | members


def test_a_figure_of_what_lies_out_of_reach_is_no_zero(service: Service) -> None:
    here, there = County.founded(service), County.founded(service)
    for county in (here, there):
        county.opened(county.manager)
    question = {"indicators": "cases_opened", "from": "2019-03-01", "to": "2019-03-31"}
    manager = here.person(Role.CENTRE_MANAGER)
    newest = {"Huhang-Position": str(service.recorded[0])}  # before, the region is not known there
    asked = {"region": there.code, **question}
    refused = manager.send("GET", "/statistics", params=asked, headers=newest)
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
