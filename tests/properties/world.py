"""A world that acts: every step is taken by the system and written down in the plain account."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from application.casework import Casework, Identity, SessionFacts
from application.policy import ROLES
from application.records import Actor, Command, Records
from application.vault import Vault
from domain import (
    case_care,
    case_counselling,
    case_file,
    case_registry,
    case_safety,
    centre_existence,
    region_boundaries,
)
from domain.access import Access, AccessRequest, Viewing, access_id
from domain.account import Account
from domain.account_events import Conflict, Opening, Post, account_id
from domain.base import SHANGHAI, Place, Refused, Sealed
from domain.case import Case
from domain.case_facts import FollowUpWanted
from domain.centre import Centre
from domain.centre_events import Establishment
from domain.region import Region
from domain.region_events import Founding, Succession, region_id
from domain.request import Demand, Due, PersonRequest
from domain.rights import Applicant, PersonPart, RequestChannel, RequestKind
from domain.subject import LegalHold, Subject, subject_id
from domain.supervision import LADDER, Order, SupervisionOrder
from domain.values import (
    AccessPurpose,
    AccessReason,
    CentreKind,
    ConflictRelation,
    Extent,
    FollowUpKind,
    HoldGround,
    Party,
    RecordKind,
    RecordSurface,
    RegionKind,
    RegionLevel,
    RiskLevel,
    Role,
)
from tests.domain.case_cast import OPENING, referral, session
from tests.domain.scenario import known
from tests.properties.plain import (
    CENTRES,
    CITIES,
    COUNTIES,
    FOUNDED,
    PEOPLE,
    PROVINCE,
    Counted,
    File,
    Held,
    Plain,
    Row,
)

BEGAN = date(2019, 3, 1)
SOMEBODY, OFFICE = known("somebody"), known("office")
NAME = Sealed(z=1, k="k:name", n="n", h="h", c="c")
WINDOW = (Role.COUNSELLOR, Role.REGISTRAR, Role.STATION_WORKER, Role.CENTRE_MANAGER)
"""Who receives cases."""

FIRST = (
    *((person, Role.COUNSELLOR, CENTRES[0]) for person in PEOPLE),
    (PEOPLE[0], Role.CENTRE_MANAGER, CENTRES[0]),
    (PEOPLE[1], Role.SUPERVISOR, CITIES[0]),
    (PEOPLE[2], Role.PRIVACY_OFFICER, COUNTIES[0]),
)
"""The posts that people have from the beginning."""

ONE_OF_EACH = (
    *("hold_session", "schedule", "refer", "apply", "weigh"),
    *("look", "ask_access", "receive_request", "hold"),
    "issue",
)
"""What brings a case, and an order, into every ledger and figure."""

STEPS = (
    *("open", "open", "open", "transfer", "transfer", "assign", "assign", "recuse"),
    *("hold_session", "hold_session", "schedule", "visit", "refer", "apply", "weigh"),
    *("look", "look", "ask_access", "receive_request", "declare", "declare"),
    *("hold", "hold", "issue", "issue", "escalate", "readdress", "readdress"),
    *("grant", "grant", "end", "lock", "move", "reassign", "merge", "replace", "replace"),
)


class Past(NamedTuple):
    """A moment after some step: its last position, its day, and how things stood."""

    position: int
    day: date
    plain: Plain


@dataclass
class World:
    """The system and the plain account of it, side by side."""

    records: Records
    vault: Vault
    plain: Plain = field(default_factory=Plain)
    day: date = BEGAN
    last: int = 0
    counties: list[UUID] = field(default_factory=lambda: [*COUNTIES])
    past: list[Past] = field(default_factory=list)
    given: dict[UUID, list[Held]] = field(default_factory=lambda: {one: [] for one in PEOPLE})

    def change(
        self,
        kind: type[Any],
        of: UUID,
        decision: Any,
        *facts: Any,
        who: UUID = SOMEBODY,
        role: Role = Role.COUNSELLOR,
        office: UUID = OFFICE,
    ) -> int:
        """Let the system decide; the position reached."""
        command = Command(Actor(who, role, office), occurred=self.noon, reason="r")
        self.last = self.records.change(command, kind, of, decision, *facts).last_position
        return self.last

    def take(self, step: str, a: int, b: int, who: int) -> None:
        """One step of the plan; what the domain refuses is not written down either."""
        self.day += timedelta(days=1)
        with suppress(Refused):
            getattr(self, step)(a, b, PEOPLE[who])
        self.remember()

    def remember(self) -> None:
        """Keep how things stand."""
        self.past.append(Past(self.last, self.day, deepcopy(self.plain)))

    @property
    def noon(self) -> datetime:
        """When everything of a day happens."""
        return datetime.combine(self.day, time(12), SHANGHAI)

    def place(self, centre: UUID) -> Place:
        """A centre, where it lies today."""
        return Place(centre=centre, region=self.plain.above(centre)[1])

    def case(self, number: int) -> tuple[UUID, File]:
        """One of the cases."""
        cases = list(self.plain.files.items())
        return cases[number % len(cases)]

    def count(self, code: str, case: UUID, subject: UUID | None = None) -> None:
        """Write down that something of a case counts today, where the case lies."""
        lies = self.plain.files[case].lies
        counted = Counted(case, lies, self.plain.above(lies))
        self.plain.counted[code][subject or case] = counted

    def found(self) -> None:
        """The tree, the centres, the people with posts, and a case with a row in every ledger."""
        levels = [(PROVINCE, None, RegionLevel.PROVINCE, RegionKind.PROVINCE)]
        levels += [(c, PROVINCE, RegionLevel.CITY, RegionKind.PREFECTURE_CITY) for c in CITIES]
        for n, county in enumerate(COUNTIES):
            levels.append((county, CITIES[n % 2], RegionLevel.COUNTY, RegionKind.COUNTY))
            self.plain.city[county] = CITIES[n % 2]
        for n, (region, parent, level, kind) in enumerate(levels):
            self.establish(region, f"37{n:04}", parent, level, kind, FOUNDED)
        for n, centre in enumerate(CENTRES):
            facts = {"kind": CentreKind.CENTRE, "name": f"centre {n}", "region": COUNTIES[n]}
            made = Establishment(**facts, established_on=date(2019, 1, 1))
            self.change(Centre, centre, centre_existence.establish, made)
            self.plain.county[centre] = COUNTIES[n]
        for person in PEOPLE:
            facts = {"person": person, "login": f"p-{str(person)[:8]}", "name": NAME}
            account = Opening(**facts, office=PROVINCE)
            self.change(Account, account_id(person), Account.open, account)
        for person, role, office in FIRST:
            self.post(person, Held(role, office, FOUNDED, None))
        self.remember()
        self.take("open", 0, 0, 0)
        for step in ONE_OF_EACH:
            self.take(step, 0, 1, 0)
        self.take("look", 0, 0, 1)
        self.take("open", 0, 0, 1)
        self.take("declare", 1, 0, 0)  # the first of the people, against the second
        self.take("declare", 1, 1, 0)  # and against the second case
        self.take("issue", 0, 0, 0)
        self.take("declare", 3, 1, 0)  # and against the second order

    def establish(
        self,
        region: UUID,
        code: str,
        parent: UUID | None,
        level: RegionLevel,
        kind: RegionKind,
        valid_from: date,
    ) -> None:
        """Found a region."""
        facts = {"scheme": "test", "code": code, "name": f"region {code}", "level": level}
        facts |= {"kind": kind, "parent": parent, "valid_from": valid_from}
        self.change(Region, region, region_boundaries.establish, Founding(**facts))

    # What happens to cases.

    def open(self, a: int, b: int, who: UUID) -> None:
        case, centre = known(f"case {len(self.plain.files)}"), CENTRES[a]
        opening = OPENING.model_copy(update={"number": str(case)[:8]})
        facts = (case_file.open_case, opening, self.place(centre))
        self.change(Case, case, *facts, who=who, role=WINDOW[b])
        self.plain.files[case] = File(centre, who, WINDOW[b] is Role.REGISTRAR)
        self.count("cases_opened", case)
        self.change(Case, case, case_counselling.offer)
        self.change(Case, case, case_counselling.consent, Party.WIFE)
        her = Identity(name="王丽", document=str(case), born_on=date(1980, 1, 1))
        by = Command(Actor(SOMEBODY, Role.COUNSELLOR, OFFICE), occurred=self.noon, reason="r")
        identified = Casework(self.records, self.vault).identify(case, Party.WIFE, her, None, by)
        self.last = identified.last_position

    def transfer(self, a: int, b: int, who: UUID) -> None:
        (case, file), to, role = self.case(a), CENTRES[b], WINDOW[(a + b) % 4]
        self.change(Case, case, case_file.request_transfer, self.place(to))
        try:
            self.change(Case, case, case_file.accept_transfer, who=who, role=role, office=to)
        except Refused:
            self.change(Case, case, case_file.reject_transfer, office=to)
            return
        file.lies, file.receiver, file.window, file.hands = to, who, role is Role.REGISTRAR, set()
        for key, row in self.plain.rows["follow_ups"].items():
            if row.case == case and key in self.plain.waiting:
                row.place = to

    def assign(self, a: int, _: int, who: UUID) -> None:
        case, file = self.case(a)
        self.change(Case, case, case_care.assign, who)
        file.hands.add(who)

    def recuse(self, a: int, _: int, who: UUID) -> None:
        case, file = self.case(a)
        self.change(Case, case, case_care.recuse, who)
        file.hands.discard(who)
        if file.receiver == who:
            file.receiver = None

    def hold_session(self, a: int, b: int, who: UUID) -> None:
        case, file = self.case(a)
        words = {"facts": f"said {self.day}", "summary": f"summed {self.day}" if b % 2 else None}
        written = session(f"session {self.day}", on=self.day, practitioners=(who,), **words)
        held = SessionFacts(**dict(written)).draft(self.vault.drafts(case))
        self.change(Case, case, case_counselling.hold_session, held, who=who)
        self.plain.rows["sessions"][held.id] = Row(case, file.lies)
        self.count("sessions", case, held.id)
        file.facts.add(f"said {self.day}")
        file.summaries |= {words["summary"]} if words["summary"] else set()

    def schedule(self, a: int, b: int, _: UUID) -> None:
        (case, file), due_on = self.case(a), self.day + timedelta(days=7 * b)
        facts = {"id": known(f"follow-up {self.day}"), "kind": FollowUpKind.PHONE}
        wanted = FollowUpWanted(**facts, due_on=due_on)
        self.change(Case, case, case_care.schedule_follow_up, wanted)
        self.plain.rows["follow_ups"][wanted.id] = Row(case, file.lies)
        self.plain.waiting.add(wanted.id)

    def visit(self, a: int, b: int, _: UUID) -> None:
        for made in sorted(self.plain.waiting)[:1]:
            case = self.plain.rows["follow_ups"][made].case
            self.change(Case, case, case_care.make_follow_up, made, None)
            self.plain.waiting.remove(made)

    def refer(self, a: int, b: int, _: UUID) -> None:
        (case, _), made = self.case(a), referral(f"referral {self.day}")
        self.change(Case, case, case_care.refer, made)
        self.count("referrals_made", case, made.id)

    def apply(self, a: int, b: int, _: UUID) -> None:
        case, file = self.case(a)
        self.change(Case, case, case_registry.observe_application)
        file.applied_on = self.day
        self.count("applications", case)

    def weigh(self, a: int, b: int, _: UUID) -> None:
        (case, file), level = self.case(a), [*RiskLevel][b % 3]
        self.change(Case, case, case_safety.set_risk, level)
        file.risk = level

    # Who looks at them, and asks about them.

    def look(self, a: int, b: int, who: UUID) -> None:
        (case, file), stream = self.case(a), access_id(who, OFFICE, self.day)
        facts = {"record": case, "kind": RecordKind.CASE, "surface": RecordSurface.API}
        facts |= {"purpose": AccessPurpose.SERVICE, "place": self.place(file.lies)}
        at = self.change(Access, stream, Access.open_record, Viewing(**facts), who=who)
        self.plain.rows["looks"][UUID(int=at)] = Row(case, file.lies, who)

    def ask_access(self, a: int, b: int, who: UUID) -> None:
        (case, file), stream = self.case(a), access_id(who, OFFICE, self.day)
        facts = {"id": known(f"access {self.day}"), "record": case, "kind": RecordKind.CASE}
        facts |= {"reason": AccessReason.DANGER, "until": self.noon + timedelta(hours=1)}
        asked = AccessRequest(**facts, why="why")
        at = self.change(Access, stream, Access.request, asked, self.place(file.lies), who=who)
        self.plain.rows["looks"][UUID(int=at)] = Row(case, file.lies, who)
        self.plain.rows["accesses"][asked.id] = Row(case, file.lies, who)

    def receive_request(self, a: int, b: int, _: UUID) -> None:
        (case, file), request = self.case(a), known(f"request {self.day}")
        facts = {"record": case, "part": PersonPart.WIFE, "kind": RequestKind.COPY}
        facts |= {"applicant": Applicant.SELF, "channel": RequestChannel.IN_PERSON}
        due = Due(on=self.day + timedelta(days=30), calendar_version="2019")
        received = self.plain.above(file.lies)[b]
        place = Place(region=received) if b else self.place(file.lies)
        self.change(PersonRequest, request, PersonRequest.receive, Demand(**facts), due, place)
        self.plain.rows["requests"][request] = Row(case, received)

    def hold(self, a: int, b: int, _: UUID) -> None:
        (case, _), officer = self.case(a), {"role": Role.PRIVACY_OFFICER}
        standing = [one for one, (of, stands) in self.plain.holds.items() if stands and of == case]
        if b > 1 and standing:
            of, lifted = subject_id(case), standing[0]
            self.change(Subject, of, Subject.lift_hold, case, lifted, **officer)
            self.plain.holds[lifted] = (case, False)
        else:
            placed = LegalHold(id=known(f"hold {self.day}"), ground=HoldGround.AUDIT)
            self.change(Subject, subject_id(case), Subject.place_hold, case, placed, **officer)
            self.plain.holds[placed.id] = (case, True)

    # What offices are told to put right.

    def issue(self, a: int, b: int, _: UUID) -> None:
        order, deadline = known(f"order {self.day}"), self.day + timedelta(days=7)
        lies, place = self.addressed(a, b)
        told = Order(addressee=lies, what="r", issued_on=self.day, deadline=deadline)
        self.change(SupervisionOrder, order, SupervisionOrder.issue, told, place)
        tells = {"addressee": lies, "issued_on": self.day, "deadline": deadline}
        tells |= {"escalated_to": None, "escalations": 0}
        self.plain.rows["orders"][order] = Row(None, lies, tells=tells)

    def readdress(self, a: int, b: int, _: UUID) -> None:
        order, row = self.order(a)
        lies, place = self.addressed(b, a)
        days = {name: row.tells[name] for name in ("issued_on", "deadline")}
        after = Order(addressee=lies, what="r", **days)
        self.change(SupervisionOrder, order, SupervisionOrder.correct, after, place)
        row.place, row.tells["addressee"] = lies, lies

    def escalate(self, a: int, b: int, _: UUID) -> None:
        order, row = self.order(a)
        step = LADDER[row.tells["escalations"] % len(LADDER)]
        self.change(SupervisionOrder, order, SupervisionOrder.escalate, step)
        row.tells["escalated_to"] = step
        row.tells["escalations"] += 1

    def order(self, number: int) -> tuple[UUID, Row]:
        """One of the orders."""
        orders = list(self.plain.rows["orders"].items())
        return orders[number % len(orders)]

    def addressed(self, number: int, whose: int) -> tuple[UUID, Place]:
        """A centre, or the county or city in which it lies, as who is told to do something."""
        centre = CENTRES[number]
        if whose < 2:
            return centre, self.place(centre)
        office = self.plain.above(centre)[whose - 1]
        return office, Place(region=office)

    # Who may act, and with what not.

    def declare(self, a: int, b: int, who: UUID) -> None:
        person, orders = PEOPLE[a % 3], self.plain.rows["orders"]
        case, _ = self.order(b) if a > 2 and orders else self.case(a)
        about: dict[str, Any] = {"case": case} if b % 2 else {"person": person}
        conflict = Conflict(id=uuid4(), relation=ConflictRelation.RELATIVE, **about)
        self.change(Account, account_id(who), Account.declare_conflict, conflict)
        what = case if b % 2 else person
        if what != who:
            self.plain.concerned.add((who, what))

    def grant(self, a: int, b: int, who: UUID) -> None:
        role = ROLES[(4 * a + b) % len(ROLES)]
        office = posted(role)[b % len(posted(role))]
        since = self.day + timedelta(days=2 * a - 3)
        until = since + timedelta(days=3 * a) if b % 2 else None
        self.post(who, Held(role, office, since, until))

    def post(self, who: UUID, held: Held) -> None:
        """Give a post."""
        post = Post(role=held.role, office=held.office, since=held.since, until=held.until)
        self.change(Account, account_id(who), Account.grant_role, post)
        self.plain.posts[who].append(held)
        self.given[who].append(held)

    def end(self, a: int, b: int, who: UUID) -> None:
        held = self.plain.posts[who]
        for role, office, *_ in held[(a + b) % len(held) :][:1] if held else ():
            self.change(Account, account_id(who), Account.end_role, role, office)
            self.plain.posts[who] = [one for one in held if one[:2] != (role, office)]

    def lock(self, _: int, b: int, who: UUID) -> None:
        if b % 2 or who in self.plain.locked:
            is_locked = who in self.plain.locked
            decision = Account.unlock if is_locked else Account.lock
            self.change(Account, account_id(who), decision)
            self.plain.locked ^= {who}

    # What becomes of the tree.

    def move(self, a: int, b: int, _: UUID) -> None:
        county, city = self.counties[a % len(self.counties)], CITIES[b % 2]
        self.change(Region, county, region_boundaries.move, city, self.day)
        self.plain.city[county] = city

    def reassign(self, a: int, b: int, _: UUID) -> None:
        to = self.counties[-1 - b]
        if to not in self.plain.heir:
            self.change(Centre, CENTRES[a], centre_existence.reassign, to, self.day)
            self.plain.county[CENTRES[a]] = to

    def merge(self, a: int, b: int, _: UUID) -> None:
        county, into = COUNTIES[a], self.counties[-1 - b]
        if into not in (county, *self.plain.heir):
            self.succeed(county, into)

    def replace(self, a: int, b: int, _: UUID) -> None:
        county, code = COUNTIES[a], f"38{len(self.counties):04}"
        if county not in self.plain.heir:
            new = region_id("test", code, self.day)
            city, kinds = self.plain.city[county], (RegionLevel.COUNTY, RegionKind.DISTRICT)
            self.establish(new, code, city, *kinds, self.day)
            self.counties.append(new)
            self.plain.city[new] = city
            self.succeed(county, new)
            self.plain.stead[county] = new

    def succeed(self, county: UUID, into: UUID) -> None:
        """Let all of a county go to another one."""
        facts: dict[str, Any] = {"announced_on": self.day, "effective_on": self.day}
        passing = Succession(successor=into, extent=Extent.WHOLE, **facts)
        self.change(Region, county, region_boundaries.succeed, passing)
        self.plain.heir[county] = into


def posted(role: Role) -> list[UUID]:
    """The offices at which there are posts of a role."""
    if role in (Role.SUPERVISOR, Role.AUDITOR, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR):
        return [PROVINCE, *CITIES, *COUNTIES[:3]]
    return CENTRES
