"""The plain account: what happened, as anybody would write it down, and who sees what of it.

Nothing of the system is asked here. Who may see what stands in one table, written by hand from the
roles of the domain; the rest is a screen of rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from application.records import Actor
from domain.region_events import region_id
from domain.values import Role
from tests.domain.scenario import known

FOUNDED = date(2010, 1, 1)
PROVINCE, *BELOW = (region_id("test", f"37{n:04}", FOUNDED) for n in range(7))
CITIES, COUNTIES = BELOW[:2], BELOW[2:]
CENTRES = [known(f"centre {n}") for n in range(4)]
PEOPLE = [known(f"person {n}") for n in range(3)]
STRANGER = known("stranger")
"""Somebody of whom nobody wrote anything down."""

MAY = {
    Role.COUNSELLOR: {
        "own": "list read summaries notes identities contacts addresses find looks",
        "centre": "figures orders",
    },
    Role.VOLUNTEER: {"own": "list read summaries", "centre": "orders"},
    Role.STATION_WORKER: {
        "own": "list read summaries identities contacts find",
        "centre": "figures orders",
    },
    Role.REGISTRAR: {"own": "identities contacts", "centre": "list read find figures drill orders"},
    Role.CENTRE_MANAGER: {
        "centre": "list export read summaries identities contacts addresses find figures drill"
        " looks requests orders"
    },
    Role.SUPERVISOR: {"region": "list export read summaries figures drill looks orders"},
    Role.AUDITOR: {"region": "list export read figures drill looks requests holds orders"},
    Role.PRIVACY_OFFICER: {"region": "read identities contacts find looks requests holds"},
    Role.ADMINISTRATOR: {},
}
"""What each role may do, and how far: with one's own cases, at the centre, in the region."""

LEDGERS = {
    "cases": ("list", "export"),
    "sessions": ("list", "export"),
    "follow_ups": ("list", "export"),
    "orders": ("orders", "orders"),
    "requests": ("requests", "requests"),
    "looks": ("looks", "looks"),
    "accesses": ("looks", "looks"),
}
"""What one must be able to do who reads a ledger, and who takes it along."""

OPENING = ("read", "summaries", "notes", "identities", "contacts", "addresses", "find")
"""What somebody may have been able to do with a case on a past day."""

CODES = ("cases_opened", "open_cases", "sessions", "referrals_made", "applications")
MASK = "〔无权查看〕"


def how_far(role: Role, action: str) -> str | None:
    """How far a role may do something; None: not at all."""
    return next((far for far, named in MAY[role].items() if action in named.split()), None)


@dataclass
class File:
    """A case: where it lies, in whose hands it is, and whether the window received it."""

    lies: UUID
    receiver: UUID | None
    window: bool
    hands: set[UUID] = field(default_factory=set)
    risk: str | None = None
    applied_on: date | None = None
    facts: set[str] = field(default_factory=set)
    summaries: set[str] = field(default_factory=set)


@dataclass
class Row:
    """A row of a ledger: of which case if any, where it counts, whose look it is, what it tells."""

    case: UUID | None
    place: UUID
    reader: UUID | None = None
    tells: dict[str, Any] = field(default_factory=dict)


class Held(NamedTuple):
    """A post that somebody was given."""

    role: Role
    office: UUID
    since: date
    until: date | None

    def on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


class Counted(NamedTuple):
    """Of which case something is that counts, where, and in which regions that lay on its day."""

    case: UUID
    place: UUID
    regions: list[UUID]


@dataclass
class Plain:
    """The state of affairs after some step; each earlier one is kept as a copy."""

    city: dict[UUID, UUID] = field(default_factory=dict)
    county: dict[UUID, UUID] = field(default_factory=dict)
    heir: dict[UUID, UUID] = field(default_factory=dict)
    stead: dict[UUID, UUID] = field(default_factory=dict)
    files: dict[UUID, File] = field(default_factory=dict)
    rows: dict[str, dict[UUID, Row]] = field(default_factory=lambda: {name: {} for name in LEDGERS})
    waiting: set[UUID] = field(default_factory=set)
    counted: dict[str, dict[UUID, Counted]] = field(default_factory=lambda: {c: {} for c in CODES})
    holds: dict[UUID, tuple[UUID, bool]] = field(default_factory=dict)
    concerned: set[tuple[UUID, UUID]] = field(default_factory=set)
    posts: dict[UUID, list[Held]] = field(default_factory=lambda: {one: [] for one in PEOPLE})
    locked: set[UUID] = field(default_factory=set)

    def above(self, place: UUID) -> list[UUID]:
        """A place and the regions in which it lies today, the lowest first."""
        if place in self.county:
            return [place, *self.above(self.county[place])]
        while place in self.heir:
            place = self.heir[place]
        return [place, *([self.city[place]] if place in self.city else []), PROVINCE]

    def regions(self, place: UUID) -> list[UUID]:
        """The regions in which a place lies today, itself if it is one."""
        return [one for one in self.above(place) if one not in self.county]

    def covers(self, by: Actor, far: str, place: UUID) -> bool:
        """Whether a place is of one's office, or lies in the region of which it is in charge.

        An office that a new one was founded in the stead of goes on there; one that was merged
        into another is in charge of nothing.
        """
        if by.office == place or far != "region" or by.office in CENTRES:
            return by.office == place
        office = by.office
        while office in self.stead:
            office = self.stead[office]
        return office not in self.heir and office in self.above(place)

    def near(self, office: UUID, place: UUID) -> bool:
        """Whether one of them lies in the region of the other."""
        here, there = self.regions(office), self.regions(place)
        return here[0] in there or there[0] in here

    def mine(self, by: Actor, case: UUID) -> bool:
        """Whether a case is in one's hands at that office; what the window received is not."""
        file, counsels = self.files[case], by.role in (Role.COUNSELLOR, Role.VOLUNTEER)
        received = file.receiver == by.id and not (file.window and counsels)
        return (received or by.id in file.hands) and self.near(by.office, file.lies)

    def may(self, by: Actor, action: str, case: UUID) -> bool:
        """Whether somebody may do something with a case."""
        far = how_far(by.role, action)
        if far is None or (by.id, case) in self.concerned:
            return False
        return self.mine(by, case) if far == "own" else self.covers(by, far, self.files[case].lies)

    def listed(self, by: Actor, action: str, name: str, then: Plain) -> dict[UUID, dict[str, Any]]:
        """The rows of a ledger that somebody sees now of what was there then, and what they tell.

        A case or an order is listed where it lay then and lies now; work, where it was done.
        """
        shown, far = {}, how_far(by.role, action)
        for key, row in then.entries(name):
            if {(by.id, about) for about in (key, row.case, row.reader)} & self.concerned:
                continue
            if far == "own":
                seen = row.case is not None and self.mine(by, row.case)
            else:
                places = {row.place, self.lies(name, key) or row.place}
                seen = all(self.covers(by, far or "", place) for place in places)
            if seen:
                shown[key] = row.tells
        return shown

    def lies(self, name: str, key: UUID) -> UUID | None:
        """Where the record lies that a row of a ledger is; None of work that was done there."""
        match name:
            case "cases":
                return self.files[key].lies
            case "orders":
                return self.rows[name][key].place
        return None

    def written(self, by: Actor, case: UUID) -> set[str] | None:
        """What somebody reads of what was written in a case; None where he may not."""
        if not self.may(by, "read", case):
            return None
        file = self.files[case]
        return file.facts | (file.summaries if self.may(by, "summaries", case) else set())

    def entries(self, name: str) -> Iterator[tuple[UUID, Row]]:
        """The rows of a ledger, whoever looks."""
        yield from self.rows[name].items()
        for case, file in self.files.items() if name == "cases" else ():
            hands = ",".join(map(str, sorted(file.hands))) or None
            tells = {"receiver": file.receiver, "counsellors": hands}
            tells |= {"risk": file.risk, "applied_on": file.applied_on}
            yield case, Row(case, file.lies, tells=tells)

    def number(self, by: Actor, code: str, region: UUID, tree: str, then: Plain) -> set[UUID]:
        """What somebody sees counted in a region, of what was known then, a conflict or none.

        By the boundaries `now` it counts where its place lies, else where that lay on its day; a
        stock counts where things are.
        """
        far, counted = how_far(by.role, "figures"), then.counted[code]
        if code == "open_cases":
            lying = [(case, file.lies) for case, file in then.files.items()]
            counted = {case: Counted(case, lies, then.above(lies)) for case, lies in lying}
        return {
            subject
            for subject, (_, place, regions) in counted.items()
            if far is not None
            and self.covers(by, far, place)
            and region in (regions if tree == "then" else then.above(place))
        }

    def closed_to(self, by: Actor) -> set[UUID]:
        """What was counted of the cases with which somebody declared a conflict."""
        counted = [one for things in self.counted.values() for one in things.items()]
        return {subject for subject, (case, *_) in counted if (by.id, case) in self.concerned}

    def held_back(self, by: Actor, then: Plain) -> dict[UUID, bool]:
        """The legal holds that somebody is told of now, of those of then, and whether they stood.

        On cases that lie in one's reach now.
        """
        return {
            hold: stands
            for hold, (case, stands) in then.holds.items()
            if self.may(by, "holds", case)
        }

    def held(self, person: UUID, on: date) -> list[Held]:
        """The posts of a person on a day, in which he may act."""
        held = [] if person in self.locked else self.posts.get(person, [])
        return [post for post in held if post.on(on)]

    def could_see(self, person: UUID, case: UUID, on: date) -> list[tuple[Held, list[str]]]:
        """What somebody may do with a case from each post of that day."""
        return [
            (post, [one for one in OPENING if self.may(Actor(person, *post[:2]), one, case)])
            for post in self.held(person, on)
        ]

    def told(
        self, by: Actor, person: UUID, found: list[tuple[Held, list[str]]]
    ) -> list[tuple[Held, list[str]]] | None:
        """Which of these posts somebody is told of; None: there is no such person to him."""
        far = how_far(by.role, "looks") or ""

        def in_reach(office: UUID) -> bool:
            return self.near(by.office, office) if far == "own" else self.covers(by, far, office)

        told = [one for one in found if one[1] or (far == "region" and in_reach(one[0].office))]
        offices = {PROVINCE, *(post.office for post in self.posts[person])}
        return told if told or any(map(in_reach, offices)) else None
