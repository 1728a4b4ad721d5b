"""An office with a record of every kind, each text of which bears its mark."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import httpx

from api.examples import EXAMPLES
from application.policy import ROLES
from domain.account_events import account_id
from domain.subject import subject_id
from domain.values import Role
from tests.api.cast import County, Person
from tests.api.test_commands import DOCUMENT

OPERATIONS: Final = {
    operation["operationId"]: (method.upper(), path)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}

NAMES: Final = {
    "account": "person",
    "addressee": "centre_id",
    "appointment": "appointment",
    "case": "case_id",
    "centre": "centre_id",
    "duplicate_of": "case_id",
    "encounter": "case_id",
    "factor": "factor",
    "follow_up": "follow_up",
    "inspection": "inspection",
    "kept": "case_id",
    "office": "centre_id",
    "parent": "region_id",
    "person": "person",
    "pin": "pin_id",
    "population": "case_id",
    "practitioner": "practitioner_id",
    "practitioners": "practitioner_id",
    "record": "case_id",
    "records": "case_id",
    "region": "region_id",
    "regions": "region_id",
    "requested_by": "practitioner_id",
    "screening": "screening",
    "session": "session",
    "successor": "region_id",
    "to_parent": "region_id",
    "to_region": "region_id",
}
"""Fields of bodies that name a record, and which one."""

CREATED: Final = {
    "establish_centre": "centre_id",
    "issue_order": "order_id",
    "open_account": "person",
    "open_case": "case_id",
    "open_review": "review_id",
    "pin_statistics": "pin_id",
    "receive_request": "request_id",
    "record_impact_assessment": "assessment",
    "register_practitioner": "practitioner_id",
}
"""What is created under an id that a client may choose."""

TEXTS: Final = frozenset(
    {
        "activity", "address", "assessors", "conclusions", "contact", "details", "document",
        "facts", "goals", "head", "issuer", "lawful", "leader", "measures", "method", "name",
        "number", "prepared_by", "purpose", "remark", "result", "risks", "rule", "scope", "seed",
        "statistician", "summary", "text", "title", "tool", "what", "why",
    }
)  # fmt: skip
"""Fields that hold what somebody wrote."""

ON: Final = {"occurred": "2019-03-01"}
AFTER: Final = {"occurred": "2019-03-01T11:00:00+08:00"}
SAME: Final = {"record": "case_id", "practitioner": "practitioner_id"}
"""Parameters of addresses that have two names."""

NOTHING: Final = str(UUID(int=7, version=4))
UUID_TEXT: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def hour(**later: int) -> str:
    """A moment from now on."""
    return (datetime.now(UTC) + timedelta(**later)).isoformat()


@dataclass
class Office:
    """A county's centre and its office, somebody of every role, and ids of what is recorded there.

    `ids` goes by the names of the parameters in addresses; `numbers` are a member's and a party's.
    """

    county: County
    client: httpx.Client
    mark: str
    members: Mapping[Role, Person]
    numbers: tuple[str, ...]
    ids: dict[str, str] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)
    position: int = 0

    @classmethod
    def furnished(cls, county: County, client: httpx.Client, mark: str, digits: str) -> Office:
        """Let its people record everything once; `digits` are four that no other office has."""
        office = cls(
            county=county,
            client=client,
            mark=mark,
            members={role: county.person(role) for role in ROLES},
            numbers=(
                f"37010219750101{digits}",
                f"1380000{digits}",
                f"37010219760202{digits}",
                f"1380001{digits}",
            ),
            ids={"centre_id": county.centre, "region_id": county.region},
        )
        office.team()
        office.case()
        office.oversight()
        office.others()
        return office

    def team(self) -> None:
        """A member of the team: the counsellor herself."""
        who = str(self.members[Role.COUNSELLOR].actor.id)
        document, phone, *_ = self.numbers
        identity = {"name": f"{self.mark}姓名", "document": document, "phone": phone}
        registration = {**EXAMPLES["register_practitioner"]["registration"], "identity": identity}
        manager, worker = Role.CENTRE_MANAGER, Role.STATION_WORKER
        told = {"id": who, "registration": registration, "occurred": "2019-02-01"}
        self.does(manager, "register_practitioner", told, kept="practitioner_id")
        for operation in ("assume_post", "register_certificate", "issue_letter"):
            self.does(manager, operation)
        for operation in ("complete_training", "credit_hours", "record_appraisal"):
            self.does(worker, operation)

    def case(self) -> None:
        """A case in which everything happened that happens before its end."""
        by, manager, registrar = Role.COUNSELLOR, Role.CENTRE_MANAGER, Role.REGISTRAR
        self.does(by, "open_case", kept="case_id")
        self.does(by, "offer_counselling")
        *_, document, phone = self.numbers
        for party in ("wife", "husband"):
            identity = {"name": f"{self.mark}{party}"}
            identity |= {"document": document, "phone": phone} if party == "wife" else {}
            self.does(by, "identify_party", {"party": party, "identity": identity, **ON})
            self.does(by, "give_consent", {"party": party})
            screening = {**EXAMPLES["screen_party"]["screening"], "party": party}
            self.does(by, "screen_party", {"screening": screening})
        for operation in (
            "observe_application", "set_risk", "note_safe_contact",
            "note_protected_address", "record_assessment", "agree_plan", "book_appointment",
        ):  # fmt: skip
            self.does(by, operation)
        self.does(manager, "assign_counsellor")
        self.does(by, "hold_session", AFTER)
        referral = {**EXAMPLES["make_referral"]["referral"], "to": f"{self.mark}去处"}
        self.does(by, "make_referral", {"referral": referral})
        report = {**EXAMPLES["make_report"]["report"], "screening": None}
        self.does(by, "make_report", {"report": report})
        for operation in (
            "note_warning_letter", "schedule_follow_up",
            "make_follow_up", "schedule_follow_up", "rate_satisfaction",
        ):  # fmt: skip
            self.does(by, operation)
        self.does(registrar, "receive_request", kept="request_id")
        self.does(registrar, "verify_identity")

    def oversight(self) -> None:
        """What the county office does about the centre, and an emergency access to the case."""
        above, manager, officer = Role.SUPERVISOR, Role.CENTRE_MANAGER, Role.PRIVACY_OFFICER
        self.does(above, "issue_order", kept="order_id")
        self.does(manager, "acknowledge_order")
        self.does(manager, "report_progress")
        plan = {**EXAMPLES["open_review"]["plan"], "as_of": self.position}
        self.does(above, "open_review", {"plan": plan}, kept="review_id")
        for operation in ("draw_sample", "raise_finding"):
            self.does(above, operation)
        self.does(manager, "answer_finding")
        self.does(officer, "record_impact_assessment", kept="assessment")
        self.does(officer, "place_hold")
        for operation in ("form_leading_group", "hold_joint_meeting", "hold_dispatch"):
            self.does(above, operation)
        question = {**EXAMPLES["pin_statistics"]["question"], "region": self.county.code}
        question |= {"by": "total", "columns": "total"}
        self.does(above, "pin_statistics", {"question": question}, kept="pin_id")
        self.asks(self.ids["case_id"])
        until = {"until": hour(hours=1), "occurred": None, "reason": None}
        self.does(officer, "grant_access", until)

    def asks(self, record: str) -> None:
        """Ask for an emergency access to a case."""
        request = {**EXAMPLES["request_access"]["request"], "until": hour(hours=2)}
        request |= {"kind": "case", "record": record}
        asked = {"request": request, "occurred": None, "reason": None}
        self.does(Role.STATION_WORKER, "request_access", asked, kept="stream", named=record)
        self.ids["access"] = self.ids.pop("request")

    def others(self) -> None:
        """What happens at the centre beside its cases, and an account."""
        by, manager = Role.COUNSELLOR, Role.CENTRE_MANAGER
        for operation in ("hold_outreach", "request_assistance", "work_shift"):
            self.does(by, operation)
        self.ids["assistance"] = self.ids.pop("request")
        for operation in ("appropriate_funds", "spend_funds", "pay_subsidy"):
            self.does(manager, operation)
        who = str(uuid4())
        account = {"login": f"lw-{who[:8]}", "name": f"{self.mark}姓名"}
        account["office"] = self.county.centre
        opened = {"id": who, "account": account}
        self.does(Role.ADMINISTRATOR, "open_account", opened, kept="person")
        self.ids["person"] = who
        self.does(Role.ADMINISTRATOR, "grant_role")

    def does(
        self,
        role: Role,
        operation: str,
        changes: Mapping[str, Any] | None = None,
        *,
        kept: str = "",
        named: str = "",
    ) -> None:
        """Let somebody do what an example says, about the records of this office."""
        body = self.marked({**example(operation, f"{self.mark}理由"), **(changes or {})})
        if operation in CREATED:
            body.setdefault("id", str(uuid4()))
        ids = {**self.ids, "case_id": named} if named else self.ids
        own = Own()
        answer = self.sent(self.members[role], operation, ids, aimed(body, ids, own))
        assert answer.status_code in (200, 201), (operation, answer.text)
        receipt = answer.json()
        self.ids |= own
        self.position = receipt.get("last_position", self.position)
        if kept:
            self.ids[kept] = receipt["id"]

    def marked(self, value: Any, name: str = "") -> Any:
        """The same with the mark in every text."""
        match value:
            case dict():
                told = {key: self.marked(part, key) for key, part in value.items()}
                return {key: part for key, part in told.items() if part is not None}
            case list():
                return [self.marked(part, name) for part in value]
            case str() if name in TEXTS and not set(self.numbers) & {value}:
                value = value if value.startswith(self.mark) else f"{self.mark}{name}"
                self.texts.add(value.removeprefix(self.mark))
        return value

    def sent(
        self, by: Person, operation: str, ids: Mapping[str, str], what: Any = None, at: int = 0
    ) -> httpx.Response:
        """Send anything about the records that ids name; a question waits for a position."""
        method, template = OPERATIONS[operation]
        path = re.sub(
            r"{(\w+)}", lambda found: ids.get(SAME.get(found[1], found[1]), NOTHING), template
        )
        if method == "POST":
            return self.client.post(path, headers=by.headers, json=what)
        headers = {**by.headers, "Huhang-Position": str(at)}
        return self.client.get(path, headers=headers, params=what)

    @property
    def records(self) -> dict[str, str]:
        """The streams of the log in which all of it stands, by what they are."""
        named = (
            "case_id", "centre_id", "region_id", "practitioner_id", "order_id", "review_id",
            "request_id", "assessment", "pin_id", "stream",
        )  # fmt: skip
        return {
            **{name: self.ids[name] for name in named},
            "subject": str(subject_id(UUID(self.ids["case_id"]))),
            "account": str(account_id(UUID(self.ids["person"]))),
        }

    @property
    def names(self) -> dict[str, str]:
        """What each id names."""
        return {id_: name for name, id_ in {**self.ids, **self.records}.items()}

    def named_in(self, text: str, but: str = "") -> set[str]:
        """The names of what a text names and another text does not."""
        return {name for id_, name in self.names.items() if id_ in text and id_ not in but}


class Own(dict[str, str]):
    """Ids that things recorded in a body have of their own; what has none yet gets one."""

    def __missing__(self, thing: str) -> str:
        return self.setdefault(thing, str(uuid4()))


def aimed(value: Any, ids: Mapping[str, str], own: Own, thing: str = "", name: str = "") -> Any:
    """A body that is about the records which ids name; `thing` is what a correction is of."""
    match value:
        case dict():
            body = {key: aimed(part, ids, own, thing, key) for key, part in value.items()}
            if "id" in body and name:
                body["id"] = own[thing if name == "after" else name]
            return body
        case list():
            return [aimed(part, ids, own, thing, name) for part in value]
        case str() if name in NAMES and UUID_TEXT.fullmatch(value):
            return ids.get(NAMES[name], value)
    return value


def parameters(operation: str) -> set[str]:
    """The parameters that an operation takes beside its address."""
    method, path = OPERATIONS[operation]
    taken = DOCUMENT["paths"][path][method.lower()].get("parameters", [])
    return {parameter["name"] for parameter in taken if parameter["in"] == "query"}


def example(operation: str, reason: str = "年底补录") -> dict[str, Any]:
    """The example of a command, with why it is entered so late, where it can be said.

    Without the id that the example chooses: a new record is a new one.
    """
    _, path = OPERATIONS[operation]
    takes_body = DOCUMENT["paths"][path]["post"].get("requestBody")
    if takes_body is None:
        return {}
    schema = takes_body["content"]["application/json"]["schema"]
    schema = DOCUMENT["components"]["schemas"].get(schema["$ref"].rpartition("/")[2])
    late = {"reason": reason} if "reason" in schema["properties"] else {}
    said = {name: value for name, value in EXAMPLES[operation].items() if name != "id"}
    return {**late, **said}
