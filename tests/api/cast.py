"""Who acts in the tests of the API, and where: persons with tokens, a county with its centre."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from api.permissions import SURFACES
from application.centres import Centres
from application.database import Database
from application.eventlog import Receipt
from application.policy import POLICY, ROLES, Reach
from application.records import Actor, Command, Records
from application.settings import Settings
from application.territory import Regions, id_of
from application.tokens import Tokens
from domain.centre_events import Establishment
from domain.region_events import Founding, region_id
from domain.values import CentreKind, RegionKind, RegionLevel, Role

NUMBERS = count(1)
WORKING = (
    Role.COUNSELLOR,
    Role.CENTRE_MANAGER,
    Role.REGISTRAR,
    Role.SUPERVISOR,
    Role.PRIVACY_OFFICER,
    Role.ADMINISTRATOR,
)
READING = (Role.SUPERVISOR, Role.AUDITOR, Role.PRIVACY_OFFICER, Role.COUNSELLOR)
OF_REGIONS = (Role.SUPERVISOR, Role.AUDITOR, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR)
VALID_FROM = date(2000, 1, 1)
LATE = "年底补录"  # the tests enter 2019 long after it
COUNSELLOR = "6f1c2b1e-0000-4000-8000-000000000001"
"""The one who holds the sessions; the service knows her from its start."""

CLIENT = httpx.Client(
    timeout=30,
    verify=False,  # there is no TLS on loopback, and reading all certificates takes 70 ms
    cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    limits=httpx.Limits(keepalive_expiry=1),
)
"""Sends for everybody, as a connection a request takes as long as a short answer.

It keeps nobody's session, and lets go of connections before a server does.
"""

REGISTRATION = {
    "kind": "volunteer",
    "source": "volunteer",
    "identity": {"name": "李某"},
    "sex": "female",
    "birth_year": 1975,
    "education": "bachelor",
}


@dataclass(frozen=True)
class Service:
    """A running system."""

    address: str
    app: FastAPI
    database: Database
    settings: Settings
    recorded: list[int] = field(default_factory=lambda: [0], compare=False)

    @property
    def records(self) -> Records:
        """Its records, for what is prepared without requests."""
        records: Records = self.app.state.system.records
        return records

    def noted(self, receipt: Receipt) -> None:
        """Let queries wait for what was recorded without requests."""
        self.recorded[0] = receipt.last_position

    def person(self, role: Role | None = None, office: UUID | None = None) -> Person:
        """Somebody with a token; without a role, a team of which always the entitled one acts."""
        office = office or uuid4()
        return self.team(office, office) if role is None else self.member(uuid4(), role, office)

    def member(self, who: UUID, role: Role, office: UUID) -> Person:
        """Somebody with a token of one role."""
        actor = Actor(who, role, office)
        token = Tokens(self.settings).issue(actor)
        return Person(self, actor, {"Authorization": f"Bearer {token}", "Accept-Language": "en"})

    def team(self, centre: UUID, region: UUID) -> Team:
        """People of every role; who registers is another than who counsels."""
        who, registrar = uuid4(), uuid4()
        members = {
            role: self.member(
                registrar if role is Role.REGISTRAR else who,
                role,
                region if role in OF_REGIONS else centre,
            )
            for role in ROLES
        }
        counsellor = members[Role.COUNSELLOR]
        return Team(self, counsellor.actor, counsellor.headers, members=members)

    @cached_property
    def operations(self) -> list[tuple[str, re.Pattern[str], str]]:
        """Method, pattern of its address and name of each operation."""
        return [
            (method.upper(), re.compile(re.sub(r"{[^}]+}", "[^/]+", template)), told["operationId"])
            for template, methods in self.app.openapi()["paths"].items()
            for method, told in methods.items()
        ]

    def operation(self, method: str, path: str) -> str | None:
        """The operation at an address."""
        address = path.partition("?")[0]
        for told, pattern, operation in self.operations:
            if told == method and pattern.fullmatch(address):
                return operation
        return None

    def stranger(self) -> Person:
        """Somebody without a token."""
        return Person(self, Actor(uuid4(), Role.COUNSELLOR, uuid4()), {"Accept-Language": "en"})


@dataclass(frozen=True)
class Person:
    """Somebody who sends requests."""

    service: Service
    actor: Actor
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send anything to the API; headers given here come on top."""
        headers = {**self.headers, **options.pop("headers", {})}
        prefix = "" if path.endswith("z") else "/api/v1"
        return CLIENT.request(
            method, f"{self.service.address}{prefix}{path}", headers=headers, **options
        )

    def ask(self, path: str, **parameters: Any) -> httpx.Response:
        """Query; it waits for the last command, as a client does."""
        newest = self.service.recorded[0]
        waits = {"Huhang-Position": str(newest)} if newest and "as_of" not in parameters else {}
        return self.send("GET", path, params=parameters, headers=waits)

    def order(self, path: str, **facts: Any) -> httpx.Response:
        """Command; what happened in the past is a late entry with its reason."""
        if "occurred" in facts:
            facts.setdefault("reason", LATE)
        return self.send("POST", path, json=facts)

    def does(self, path: str, **facts: Any) -> dict[str, Any]:
        """Command that must succeed."""
        answer = self.order(path, **facts)
        assert answer.status_code == 201, answer.text
        receipt: dict[str, Any] = answer.json()
        self.service.recorded[0] = receipt.get("last_position", self.service.recorded[0])
        return receipt

    def reads(self, path: str, **parameters: Any) -> dict[str, Any]:
        """Query that must succeed."""
        answer = self.ask(path, **parameters)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@dataclass(frozen=True)
class Team(Person):
    """People of every role, for tests that are not about who may do what."""

    members: dict[Role, Person] = field(default_factory=dict)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Let one send it whose role may do such a thing: who works first, who reads first."""
        prefix = "" if path.endswith("z") else "/api/v1"
        operation = self.service.operation(method, prefix + path)
        person = self.entitled(operation or "", method) or super()
        return person.send(method, path, **options)

    def entitled(self, operation: str, method: str) -> Person | None:
        """Whose role may do such a thing; None when it is not known what it is."""
        actions = SURFACES.get(operation, ())
        for role in WORKING if method == "POST" else READING:
            if any(POLICY[action][role] is not Reach.NONE for action in actions):
                return self.members[role]
        return None


@dataclass(frozen=True)
class County:
    """A county with one centre; the log is shared, the county is not."""

    service: Service
    supervisor: Person
    manager: Person
    code: str
    region: str
    centre: str

    @classmethod
    def founded(cls, service: Service) -> County:
        """Found a county and what lies above it, and its centre, in 2019, from the province.

        By the desks and not by requests: every test needs one, and other tests ask for all of this.
        """
        province = f"{next(NUMBERS):04}"
        office = region_id("test", province, VALID_FROM)
        supervisor = service.person(Role.SUPERVISOR, office)
        above = None
        for level, kind, code in (
            (RegionLevel.PROVINCE, RegionKind.PROVINCE, province),
            (RegionLevel.CITY, RegionKind.PREFECTURE_CITY, f"{province}01"),
            (RegionLevel.COUNTY, RegionKind.COUNTY, f"{province}0121"),
        ):
            above = cls.region_founded(supervisor, code, level, kind, above)
        assert above is not None
        return cls.with_centre(service, supervisor, code, above)

    @staticmethod
    def region_founded(
        by: Person, code: str, level: RegionLevel, kind: RegionKind, parent: UUID | None
    ) -> UUID:
        """A region that is there since 2000."""
        founding = Founding(
            scheme="test",
            code=code,
            name=code,
            level=level,
            kind=kind,
            parent=parent,
            valid_from=VALID_FROM,
        )
        desk = Regions(by.service.records)
        by.service.noted(desk.establish(founding, Command(by.actor)))
        return id_of(founding)

    @classmethod
    def with_centre(
        cls,
        service: Service,
        supervisor: Person,
        code: str,
        region: UUID,
        since: date = date(2019, 1, 1),
    ) -> County:
        """A county that is there, with a centre founded in it in 2019 from the province."""
        establishment = Establishment(
            kind=CentreKind.CENTRE,
            name=f"{code}婚姻家庭辅导中心",
            region=region,
            established_on=since,
        )
        centre, by = uuid4(), Command(supervisor.actor, reason=LATE)
        service.noted(Centres(service.records).establish(centre, establishment, by))
        manager = service.team(centre, supervisor.actor.office)
        return cls(service, supervisor, manager, code, str(region), str(centre))

    def neighbour(self, digits: str = "0122") -> County:
        """Another county of the same city with a centre; the province is in charge of both."""
        code = f"{self.province}{digits}"
        city = region_id("test", f"{self.province}01", VALID_FROM)
        county = self.region_founded(
            self.supervisor, code, RegionLevel.COUNTY, RegionKind.COUNTY, city
        )
        return self.with_centre(self.service, self.supervisor, code, county)

    @property
    def province(self) -> str:
        """The code of the province it lies in."""
        return self.code[:4]

    @property
    def place(self) -> dict[str, str]:
        """Where facts count."""
        return {"centre": self.centre, "region": self.region}

    def person(self, role: Role | None = None) -> Person:
        """Somebody who acts for the centre, or in a role of the county office for that.

        Without a role, a team of centre and province.
        """
        if role is None:
            return self.service.team(UUID(self.centre), self.supervisor.actor.office)
        return self.service.person(role, UUID(self.region if role in OF_REGIONS else self.centre))

    def accounted(self, by: Person, name: str = "李某") -> str:
        """Let somebody have an account at the office where he acts; the login name."""
        administrator = self.person(Role.ADMINISTRATOR)
        person, office = str(by.actor.id), str(by.actor.office)
        login = f"k{by.actor.id.hex[:8]}"
        account = {"login": login, "name": name, "office": office}
        administrator.does("/accounts", account=account, id=person)
        post = {"role": by.actor.role, "office": office, "since": "2019-03-01"}
        administrator.does(f"/accounts/{person}/roles", post=post)
        return login

    def opening(self) -> dict[str, Any]:
        """What a case is opened with."""
        return {
            "number": f"{self.code}-{next(NUMBERS)}",
            "service": "divorce-adjustment",
            "channel": "registry-window",
            "visit": "first",
        }

    def opened(self, by: Person, occurred: str = "2019-03-01") -> str:
        """The path of a case opened on a day."""
        receipt = by.does("/cases", opening=self.opening(), place=self.place, occurred=occurred)
        return f"/cases/{receipt['id']}"

    def figures(self, by: Person, *codes: str, **parameters: Any) -> dict[str, Any]:
        """The county's figures of March 2019."""
        asked = {"region": self.code, "from": "2019-03-01", "to": "2019-03-31", **parameters}
        table = by.reads("/statistics", indicators=list(codes), **asked)
        (line,) = table["lines"]
        return {code: line["figures"][code][0]["value"] for code in codes}


def session(**changes: Any) -> dict[str, Any]:
    """A joint session on 2019-03-01."""
    return {
        "id": str(uuid4()),
        "started_at": "2019-03-01T10:00:00+08:00",
        "minutes": 60,
        "form": "on-site",
        "present": ["wife", "husband"],
        "practitioners": [COUNSELLOR],
        **changes,
    }


def screening(party: str, **changes: Any) -> dict[str, Any]:
    """A screening of one party alone that shows nothing."""
    return {
        "id": str(uuid4()),
        "party": party,
        "tool": "家庭暴力筛查问卷",
        "tool_version": "2019",
        "level": "none",
        "alone": True,
        **changes,
    }
