"""The counties of the simulated year as their people see them: places, actors, and the team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from random import Random
from typing import Final
from uuid import UUID

from application.casework import Identity
from application.divisions import PROVINCE, load_successions, region_id
from application.records import Actor
from application.simulation_life import FIRST_DAY, name, random_of
from application.simulation_plan import CountyPlan
from domain.base import Place
from domain.values import PractitionerKind, Role

LEFT: Final = 0.035  # of a team during the year, beyond those who stay to its end
JOINED: Final = 0.15  # of those who stay, during the year
SURNAMES: Final = tuple("王李张刘陈杨赵孙周徐马朱胡高林郭宋郑于曹")
HER_NAMES: Final = ("秀英", "丽华", "桂芳", "晓敏", "海燕", "雪梅", "文静", "玉兰", "春霞", "佳怡")
HIS_NAMES: Final = ("建国", "志强", "明亮", "海涛", "文斌", "立新", "永刚", "晓东", "振华", "子轩")


@dataclass(frozen=True, slots=True)
class Member:
    """A counsellor or volunteer at a county's centre, from one day until before another.

    `qualified` is meant for the end of the year; who leaves before counts no longer.
    """

    id: UUID
    number: int
    kind: PractitionerKind
    from_on: date
    left_on: date | None
    qualified: bool

    def serves_on(self, on: date) -> bool:
        """Whether the post is held on a date."""
        return self.from_on <= on and (self.left_on is None or on < self.left_on)


class Year:
    """The simulated year: its scale, its seed and its counties."""

    def __init__(self, scale: Fraction, seed: int, plans: list[CountyPlan]) -> None:
        self.scale = scale
        self.seed = seed
        staffed = any(plan.counsellors for plan in plans)
        self.counsels = PractitionerKind.COUNSELLOR if staffed else PractitionerKind.VOLUNTEER
        self.counties = [County(self, plan) for plan in plans]
        self.province = region_id(PROVINCE, FIRST_DAY)
        self.administrator = Actor(name(seed, "administrator"), Role.ADMINISTRATOR, self.province)


class County:
    """A legal county with its centre, registry office and team."""

    def __init__(self, year: Year, plan: CountyPlan) -> None:
        self.year = year
        self.plan = plan
        self.seed = year.seed
        self.code = plan.county.code
        self.title = plan.county.name
        self.centre = name(self.seed, "centre", self.code)
        self.registry_office = name(self.seed, "registry-office", self.code)
        announced = {s.new_code: s.announced_on for s in load_successions()}
        self.codes = [
            (since, announced.get(code, since) if number else since, code)
            for number, (since, code) in enumerate(plan.county.codes)
        ]
        self._places = {
            code: Place(centre=self.centre, region=region_id(code, since))
            for since, _, code in self.codes
        }

    def rng(self, *parts: object) -> Random:
        """A source of chance for one thing of this county."""
        return random_of(self.seed, self.code, *parts)

    def code_on(self, on: date, known_on: date | None = None) -> str:
        """The county's code on a date, as known then or on another day: laws come out late."""
        known_on = known_on or on
        for since, announced_on, code in reversed(self.codes):
            if since <= on and announced_on <= known_on:
                return code
        return self.codes[0][2]

    def place_on(self, on: date, known_on: date | None = None) -> Place:
        """The centre, in the region it lay in on a date as known then or on another day."""
        return self._places[self.code_on(on, known_on)]

    def region_on(self, on: date) -> UUID:
        """The county's region on a date."""
        return self.place_on(on).region

    def city_on(self, on: date) -> str:
        """The code of the city above it on a date."""
        return f"{self.code_on(on)[:4]}00"

    def registrar(self, rng: Random, on: date) -> Actor:
        """One of those at the window of the registry office, acting for the county."""
        number = rng.randrange(3)
        return Actor(
            name(self.seed, self.code, "registrar", number),
            Role.REGISTRAR,
            self.region_on(on),
        )

    @cached_property
    def manager(self) -> Actor:
        """Who runs the centre."""
        return Actor(name(self.seed, self.code, "manager"), Role.CENTRE_MANAGER, self.centre)

    @cached_property
    def administrator(self) -> Actor:
        """Who enters centres and follows boundaries, for the province."""
        return self.year.administrator

    def supervisor(self, on: date) -> Actor:
        """Who supervises for the county's federation."""
        person = name(self.seed, self.code, "supervisor")
        return Actor(person, Role.SUPERVISOR, self.region_on(on))

    def acting(self, member: Member) -> Actor:
        """A member of a team at work for this centre."""
        role = Role.COUNSELLOR if member.kind is PractitionerKind.COUNSELLOR else Role.VOLUNTEER
        return Actor(member.id, role, self.centre)

    @cached_property
    def team(self) -> list[Member]:
        """Who belongs to this centre at some time of the year, counsellors first."""
        plan = self.plan
        return [
            *self._members(PractitionerKind.COUNSELLOR, plan.counsellors, plan.counsellors),
            *self._members(PractitionerKind.VOLUNTEER, plan.volunteers, plan.volunteers_qualified),
        ]

    @cached_property
    def serving(self) -> list[Member]:
        """Who counsels here: the counsellors, or else the qualified volunteers, or the lender's."""
        if self.plan.lender != self.plan.index:
            return self.year.counties[self.plan.lender].serving
        counsellors = [m for m in self.team if m.kind is PractitionerKind.COUNSELLOR]
        return counsellors or [m for m in self.team if m.qualified or m.number == 0]

    def someone(self, rng: Random, on: date) -> Member:
        """One of those who counsel here on a date."""
        serving = self.serving
        for _ in range(8):
            member = rng.choice(serving)
            if member.serves_on(on):
                return member
        return next((m for m in serving if m.serves_on(on)), serving[0])

    def neighbour(self, rng: Random) -> County:
        """Another county, most often one nearby."""
        counties = self.year.counties
        away = rng.choice((-3, -2, -1, 1, 2, 3, 40))
        return counties[(self.plan.index + away) % len(counties)]

    def _members(self, kind: PractitionerKind, staying: int, qualified: int) -> list[Member]:
        rng = self.rng("team", kind)
        leaving = sum(rng.random() < LEFT for _ in range(staying))
        chosen = set(rng.sample(range(staying), qualified))
        members = []
        for number in range(staying + leaving):
            joined = FIRST_DAY - timedelta(days=20 + int(rng.expovariate(1 / 500)))
            left = None
            if number >= staying:
                left = FIRST_DAY + timedelta(days=rng.randrange(20, 360))
            elif (number > 0 or kind is not self.year.counsels) and rng.random() < JOINED:
                # The first of those who counsel is there all the year: no centre is without one.
                joined = FIRST_DAY + timedelta(days=rng.randrange(3, 350))
            members.append(
                Member(
                    id=name(self.seed, self.code, kind, number),
                    number=number,
                    kind=kind,
                    from_on=joined,
                    left_on=left,
                    qualified=number in chosen or (number >= staying and rng.random() < 0.4),
                )
            )
        return members


def person_of(rng: Random, her: bool, code: str) -> str:
    """A made-up person as the vault keeps one: no such name and number belong to anybody."""
    given = rng.choice(HER_NAMES if her else HIS_NAMES)
    person = Identity(
        name=f"{rng.choice(SURNAMES)}{given}（模拟）",
        document=f"SIM{code}{rng.randrange(10**9):09d}",
    )
    return person.model_dump_json(exclude_none=True)
