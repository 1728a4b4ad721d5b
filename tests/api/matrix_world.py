"""The world that the matrix of roles is tried in: two counties, and records of every kind.

Everything lies at the first centre or its county; what is written in it are words that stand
nowhere else, so that an answer tells which of them it holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import httpx

from api.examples import EXAMPLES
from api.examples.shared import CASE, CENTRE, PERSON, REGION
from application.casework import Casework, Identity
from application.keys import author_of
from application.records import Command, Records
from domain import case_care, case_file
from domain.access import Access, AccessRequest, access_id
from domain.account_events import account_id
from domain.base import Place, day
from domain.case import Case
from domain.case_facts import ClosureProposal, Opening
from domain.disposal import Candidate, Disposal, Proposal
from domain.log import LOG_ID
from domain.retention import RecordClass
from domain.subject import subject_id
from domain.values import AccessReason, ClosureKind, Party, RecordKind, Role
from tests.api.cast import COUNSELLOR, REGISTRATION, County, Person, Service, session
from tests.api.test_commands import DOCUMENT, consented
from tests.api.test_rights import since_2010
from tests.unasked import Unasked

COLUMNS: Final = (
    Role.COUNSELLOR, Role.VOLUNTEER, Role.STATION_WORKER, Role.REGISTRAR, Role.CENTRE_MANAGER,
    Role.SUPERVISOR, Role.AUDITOR, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR,
)  # fmt: skip
"""The columns of every roster, in the order of its cells.

What each role may do or see, as the issue and the roster say: o own, c the centre's, r those of the
region and below, a all, - nothing.
"""

OFFICES: Final = ("centre", "another centre", "county", "another county")
RANDOM: Final = str(UUID(int=7, version=4))

SUMMARY, GOALS, REVISITED = "愿意继续沟通", "先把孩子的作息定下来", "回访时说已和好"
FACTS, MOVED_FACTS = "双方到场并交谈", "她随母亲迁往外县"
NAME, PHONE, WHEN, SHELTER = "王丽娟", "13800005678", "周二上午拨打单位座机", "历山路救助站三楼"
NOTE, ASKED, READER = "共同讨论了抚养安排", "想知道记了些什么", "中心主任孟某"
WRITTEN: Final = (FACTS, SUMMARY, GOALS, REVISITED)
SEALED: Final = (NAME, PHONE, WHEN, SHELTER, NOTE, ASKED, READER, MOVED_FACTS, *WRITTEN)
"""What lies sealed in the world's records."""
WHISTLED, SETTLED = "三楼夫妻争吵", "双方同意明日来中心"
LEADER, MEMBER, DECIDED, CONCLUDED = "副区长周某", "民政局郑某", "每月通报一次", "加快补录回访"
ORDERED, HALF, REMARK = "补齐王某一案的回访", "已联系王某两次", "沟通急躁，须跟班学习"
SIGNED: Final = ("负责人孙某", "统计员钱某", "填表人赵某")
FOUND, BECAUSE = "回访记录与通话不符", "已核对三月通话清单"

OPERATIONS: Final = {
    operation["operationId"]: (method.upper(), path)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def listed(roster: str) -> dict[str, str]:
    """The cells of each operation or name."""
    rows = (line.split() for line in roster.strip().splitlines())
    return {operation: cells for cells, *operations in rows for operation in operations}


def reaches(cell: str, office: str, at_region: bool = False, own: bool = False) -> bool:
    """Whether a role's reach covers what lies at the first centre, or at its county itself."""
    match cell:
        case "a":
            return True
        case "o":
            return own
        case "c":
            return office == ("county" if at_region else "centre")
        case "r":
            return office == "county" or (office == "centre" and not at_region)
    return False


@dataclass
class World:
    """Two counties, records of every kind in the first, and how to send anything about them.

    `hands` are the people at the first centre to whom its case is assigned, by their roles; `rows`
    names the row of each ledger that is of the world's records, and `moved` the session of a case
    that was handed on to the other centre.
    """

    service: Service
    client: httpx.Client
    offices: dict[str, UUID]
    county: County
    there: County
    ids: dict[str, str] = field(default_factory=dict)
    hands: dict[Role, UUID] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)
    moved: str = ""

    def person(self, role: Role, office: str) -> Person:
        return self.service.person(role, self.offices[office])

    def assigned(self, role: Role, office: str) -> Person:
        """Who has the world's case in his hands, in a role in which one can have it."""
        return self.service.member(self.hands[role], role, self.offices[office])

    def send(self, by: Person, operation: str, **options: Any) -> httpx.Response:
        """Send what an operation's example says, about the records there are."""
        method, template = OPERATIONS[operation]
        ids = {**self.ids, **options.pop("ids", {})}
        path = re.sub(r"{(\w+)}", lambda found: ids.get(found[1], RANDOM), template)
        headers = {**by.headers, **options.pop("headers", {})}
        if method == "POST" and "json" not in options:
            options["json"] = json.loads(self.body(operation, ids))
        return self.client.request(method, path, headers=headers, **options)

    def body(self, operation: str, ids: Mapping[str, str]) -> str:
        # Without the id that the example chooses: a new record is a new one.
        body = {name: value for name, value in EXAMPLES[operation].items() if name != "id"}
        if operation == "establish_region":
            body["founding"] = {**body["founding"], "parent": REGION}
        if operation in ("approve_report", "return_report"):
            body["level"] = "county"  # the county's own turn; the city's is the city's
        text = json.dumps(body)
        for example, real in (
            (CASE, ids["case_id"]),
            (CENTRE, ids["centre_id"]),
            (REGION, ids["region_id"]),
            (PERSON, COUNSELLOR),
            ('"370000"', f'"{self.county.code}"'),
        ):
            text = text.replace(example, real)
        return text

    def records(self) -> dict[str, str]:
        """The record of each kind whose history can be opened."""
        ids = self.ids
        return {
            "case": ids["case_id"],
            "centre": ids["centre_id"],
            "practitioner": ids["practitioner_id"],
            "order": ids["order_id"],
            "review": ids["review_id"],
            "access": ids["day"],
            "subject": str(subject_id(UUID(ids["case_id"]))),
            "account": str(account_id(UUID(ids["person"]))),
            "request": ids["request_id"],
            "assessment": ids["assessment"],
            "disposal": ids["disposal"],
            "pin": ids["pin_id"],
            "region": ids["region_id"],
            "log": str(LOG_ID),
        }

    def received(self, by: Person) -> str:
        """A case of the first centre that somebody received."""
        opening = Opening.model_validate(self.county.opening())
        case, place = uuid4(), Place(**self.county.place)
        with unasked(self.service) as records:
            command = Command(by.actor)
            records.change(command, Case, case, case_file.open_case, opening, place)
        return str(case)


@contextmanager
def unasked(service: Service, now: datetime | None = None) -> Iterator[Records]:
    """The records of the service, under which everybody may do everything, at any moment."""
    records = Records(
        service.database,
        author_of(service.settings),
        clock=lambda: now or datetime.now(UTC),
        jurisdiction=Unasked,
    )
    try:
        yield records
    finally:
        records.close()


@contextmanager
def founded(service: Service) -> Iterator[World]:
    """The world of a service."""
    here, there = since_2010(County.founded(service)), County.founded(service)
    places = (here.centre, there.centre, here.region, there.region)
    offices = dict(zip(OFFICES, map(UUID, places), strict=True))
    with httpx.Client(base_url=service.address, timeout=60) as client:
        world = World(service, client, offices, here, there)
        for fill in (fill_cases, fill_centre, fill_region, fill_oversight, fill_rights, fill_looks):
            fill(world)
        yield world


def fill_cases(world: World) -> None:
    """A case with everything in it, of which something is sealed; and one that was handed on."""
    here, there, team = world.county, world.there, world.county.person()
    case = consented(here, team)
    at = {"occurred": "2019-03-01T11:00:00+08:00"}
    on = {"occurred": "2019-03-01"}
    team.does(f"{case}/parties", party="wife", identity={"name": NAME, "phone": PHONE}, **on)
    held = session(summary=SUMMARY, facts=FACTS, notes=[{"text": NOTE}])
    team.does(f"{case}/sessions", session=held, **at)
    plan = {"id": str(uuid4()), "goals": GOALS, "sessions": 4, "review_on": "2019-04-01"}
    team.does(f"{case}/plans", plan=plan, **on)
    planned = {"id": str(uuid4()), "kind": "phone", "due_on": "2019-03-20"}
    team.does(f"{case}/follow-ups", follow_up=planned, **on)
    made = {"summary": REVISITED, "occurred": "2019-03-19"}
    team.does(f"{case}/follow-ups/{planned['id']}/completion", **made)
    team.does(f"{case}/safe-contacts", party="wife", contact=WHEN, do_not_contact=True)
    team.does(f"{case}/protected-addresses", party="wife", address=SHELTER)
    record = case.rpartition("/")[2]
    world.ids |= {"case_id": record, "record": record}
    world.rows |= {"cases": record, "sessions": held["id"], "follow_ups": planned["id"]}
    with unasked(world.service) as records:
        for role in (Role.COUNSELLOR, Role.VOLUNTEER, Role.STATION_WORKER):
            world.hands[role] = uuid4()
            by = Command(here.manager.actor)
            records.change(by, Case, UUID(record), case_care.assign, world.hands[role])
    handed = consented(here, team)
    world.moved = str(uuid4())
    # It overlaps with the other one, of the same counsellor.
    told = session(id=world.moved, facts=MOVED_FACTS, started_at="2019-03-01T10:30:00+08:00")
    team.does(f"{handed}/sessions", session=told, occurred="2019-03-01T12:00:00+08:00")
    here.person(Role.CENTRE_MANAGER).does(f"{handed}/transfer/request", to=there.place)
    there.person(Role.CENTRE_MANAGER).does(f"{handed}/transfer/acceptance")


def fill_centre(world: World) -> None:
    """What a centre works, spends and is asked for, and somebody of its team."""
    here, manager = world.county, world.county.person(Role.CENTRE_MANAGER)
    on, at = {"occurred": "2019-03-01"}, {"occurred": "2019-03-01T11:00:00+08:00"}
    rows = {name: str(uuid4()) for name in ("outreach", "volunteer_service", "funds", "assistance")}
    centre = f"/centres/{here.centre}"
    held = {**EXAMPLES["hold_outreach"]["outreach"], "id": rows["outreach"]}
    manager.does(f"{centre}/outreach", outreach=held, **on)
    spent = {"id": rows["funds"], "purpose": "资料印制", "fen": 98765, "spent_on": "2019-03-01"}
    manager.does(f"{centre}/funds/spendings", spending=spent, **on)
    whistle = {**EXAMPLES["request_assistance"]["request"], "id": rows["assistance"]}
    manager.does(f"{centre}/assistance", request={**whistle, "what": WHISTLED}, **at)
    asked = f"{centre}/assistance/{rows['assistance']}"
    for step in ("dispatch_volunteer", "record_arrival"):
        body = {**EXAMPLES[step], "practitioner": COUNSELLOR}
        manager.does(f"{asked}/{'dispatch' if 'dispatch' in step else 'arrival'}", **body)
    done = {"completed_at": "2019-03-01T11:00:00+08:00", "result": SETTLED}
    manager.does(f"{asked}/completion", **done, **at)
    registered = {"registration": REGISTRATION, "occurred": "2019-02-01"}
    member = manager.does("/practitioners", **registered)["id"]
    served = {
        "id": rows["volunteer_service"],
        "place": here.place,
        "started_at": "2019-03-05T09:00:00+08:00",
        "ended_at": "2019-03-05T19:00:00+08:00",
        "credited": 600,
    }
    manager.does(f"/practitioners/{member}/hours", hours=served, reason="补录")
    appraised = {**EXAMPLES["record_appraisal"]["appraisal"], "remark": REMARK}
    manager.does(f"/practitioners/{member}/appraisals", appraisal=appraised, reason="补录")
    world.ids |= {"centre_id": here.centre, "practitioner_id": member}
    world.rows |= {**rows, "centres": here.centre, "practitioners": member}


def fill_region(world: World) -> None:
    """What the offices of a county concluded, and who signed for its figures."""
    region = f"/regions/{world.county.region}"
    # What the county did is not for the centre to undo; this is done by who works there.
    supervisor, on = world.county.person(Role.SUPERVISOR), {"occurred": "2019-03-01"}
    group = {**EXAMPLES["form_leading_group"]["group"], "id": str(uuid4()), "leader": LEADER}
    supervisor.does(f"{region}/leading-groups", group={**group, "members": [MEMBER]}, **on)
    meeting = {**EXAMPLES["hold_joint_meeting"]["meeting"], "id": str(uuid4())}
    supervisor.does(f"{region}/joint-meetings", meeting={**meeting, "decisions": DECIDED}, **on)
    called = {**EXAMPLES["hold_dispatch"]["dispatch"], "id": str(uuid4())}
    supervisor.does(f"{region}/dispatches", dispatch={**called, "conclusions": CONCLUDED}, **on)
    form = {"form": "月报表", "period": {"first": "2019-02-01", "last": "2019-02-28"}}
    wanted = {**form, "due_on": "2019-04-05", "levels": ["county"]}
    supervisor.does(f"{region}/reports/requirement", requirement=wanted)
    signed = dict(zip(("head", "statistician", "prepared_by"), SIGNED, strict=True))
    sheet = {**form, "definitions": "2019", "position": 1, **signed}
    supervisor.does(f"{region}/reports/submission", report=sheet)
    question = json.loads(json.dumps(EXAMPLES["pin_statistics"]["question"]))
    question |= {"region": world.county.code, "by": "total", "columns": "total"}
    pinned = supervisor.does("/statistics/pins", question=question)["id"]
    world.ids |= {"region_id": world.county.region, "pin_id": pinned}


def fill_oversight(world: World) -> None:
    """An order, a review that found something, and an account."""
    here, on = world.county, {"occurred": "2019-03-01"}
    # What a centre issued is for those above it too; what the county did, not for the centre.
    lowest = world.service.person(Role.SUPERVISOR, UUID(here.centre))
    order = {"addressee": here.centre, "what": ORDERED, "issued_on": "2019-03-01"}
    order |= {"deadline": "2019-03-31", "evidence": [1]}
    issued = lowest.does("/orders", order=order, place=here.place, **on)["id"]
    manager = here.person(Role.CENTRE_MANAGER)
    manager.does(f"/orders/{issued}/acknowledgement", **on)
    manager.does(f"/orders/{issued}/progress", text=HALF, **on)
    plan = {"scope": "个案", "rules_version": "2019", "sample_size": 1, "seed": "s"}
    plan |= {"as_of": world.service.recorded[0]}
    review = lowest.does("/reviews", plan=plan, place=here.place)["id"]
    lowest.does(f"/reviews/{review}/sample", population=[world.ids["case_id"]])
    finding = {**EXAMPLES["raise_finding"]["finding"], "id": str(uuid4()), "text": FOUND}
    finding |= {"case": world.ids["case_id"]}
    lowest.does(f"/reviews/{review}/findings", finding=finding, reason=BECAUSE)
    administrator = world.service.person(Role.ADMINISTRATOR, UUID(here.centre))
    account = {"login": f"lw-{issued[:8]}", "name": "李某", "office": here.centre}
    person = administrator.does("/accounts", account=account)["person"]
    world.ids |= {"order_id": issued, "review_id": review, "person": person}
    world.rows["orders"] = issued


def fill_rights(world: World) -> None:
    """What a person asked for and nobody answered in time, an assessment, a disposal, a hold."""
    here, case = world.county, world.ids["case_id"]
    registrar, lowest = (
        world.service.person(role, UUID(here.centre)) for role in (Role.REGISTRAR, Role.SUPERVISOR)
    )
    claim = {**EXAMPLES["receive_request"]["claim"], "record": case, "details": ASKED}
    claim |= {"kind": "inspect"}
    asked = registrar.does("/requests", claim=claim, place=here.place, occurred="2019-03-04")["id"]
    registrar.does(f"/requests/{asked}/identity", means="identity-document")
    findings = EXAMPLES["record_impact_assessment"]["findings"]
    assessed = lowest.does(
        "/impact-assessments", findings=findings, place=here.place, occurred="2019-03-01"
    )["id"]
    world.ids["held"] = str(uuid4())
    here.person(Role.PRIVACY_OFFICER).does(
        f"/records/{case}/holds", hold={"id": world.ids["held"], "ground": "litigation"}
    )
    disposal = uuid4()
    long_ago = Candidate(record=UUID(case), keep_until=date(2018, 12, 31))
    proposal = Proposal(kind=RecordClass.CASE, candidates=(long_ago,), appraisal="期满")
    place = Place(**here.place)
    with unasked(world.service) as records:
        by = Command(here.manager.actor)
        records.change(by, Disposal, disposal, Disposal.propose, proposal, place)
    world.ids |= {"request_id": asked, "assessment": assessed, "disposal": str(disposal)}
    world.rows |= {"requests": asked, "assessments": assessed, "disposals": str(disposal)}
    world.ids["over"] = archived_in_2012(world)


def archived_in_2012(world: World) -> str:
    """A case that the log itself says was archived so long ago that its time is over."""
    case, proposal = uuid4(), ClosureProposal(kind=ClosureKind.GOALS_REACHED)
    opening = Opening.model_validate(world.county.opening())
    proposer, approver = (Command(world.service.person(Role.SYSTEM).actor) for _ in range(2))
    place, kept = Place(**world.county.place), date(2022, 3, 1)
    with unasked(world.service, datetime(2012, 3, 1, 2, tzinfo=UTC)) as records:
        records.change(proposer, Case, case, case_file.open_case, opening, place)
        desk = Casework(records, world.service.app.state.system.vault)
        desk.identify(case, Party.WIFE, Identity(name=NAME), None, anew(proposer))
        records.change(anew(proposer), Case, case, case_file.propose_closure, proposal)
        records.change(approver, Case, case, case_file.approve_closure)
        records.change(anew(approver), Case, case, case_file.archive, kept)
    return str(case)


def anew(command: Command) -> Command:
    """The next request of somebody."""
    return replace(command, request=uuid4())


def fill_looks(world: World) -> None:
    """Who looked at the case, who was let in and has no verdict, and who waits to be let in."""
    here, case = world.county, world.ids["case_id"]
    manager = here.person(Role.CENTRE_MANAGER)
    here.accounted(manager, READER)
    manager.reads(f"/history/{case}")
    manager.reads(f"/cases/{case}/identities")
    reader = world.there.person(Role.COUNSELLOR)
    wanted = {"id": str(uuid4()), "record": case, "kind": "case", "reason": "danger"}
    wanted |= {"why": "当事人失联", "until": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
    stream = reader.does("/access/requests", request=wanted)["id"]
    world.ids |= {"stream": stream, "access": wanted["id"]}
    world.rows |= {"accesses": str(let_in(world)), "looks": str(manager.actor.id)}
    selection = {"kind": "case", "what": "list", "rows": 1, "purpose": "supervision"}
    reader = world.assigned(Role.COUNSELLOR, "centre")
    world.ids["day"] = reader.does("/access/prints", selection=selection)["id"]
    manager.reads("/ledgers/centres")  # until all of it can be read


def let_in(world: World) -> UUID:
    """An access to the case that was granted two hours ago for one, and has no verdict."""
    then, access = datetime.now(UTC) - timedelta(hours=2), uuid4()
    reader = world.there.person(Role.COUNSELLOR).actor
    officer = world.county.person(Role.PRIVACY_OFFICER).actor
    until, stream = then + timedelta(hours=1), access_id(reader.id, reader.office, day(then))
    wanted = AccessRequest(
        id=access,
        record=UUID(world.ids["case_id"]),
        kind=RecordKind.CASE,
        reason=AccessReason.DANGER,
        why="当事人失联",
        until=until,
    )
    place, due = Place(**world.county.place), day(until) + timedelta(days=7)
    with unasked(world.service, then) as records:
        records.change(Command(reader), Access, stream, Access.request, wanted, place)
        records.change(Command(officer), Access, stream, Access.grant, access, until, due)
    return access
