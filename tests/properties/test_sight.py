"""Whatever the tree and the people: every surface shows what a few lines of plain Python say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.blind_index import NumberKind
from application.casework import Casework, Identity
from application.database import Database
from application.jurisdiction import Forbidden
from application.policy import Action
from application.records import Actor, Command, Records
from application.searches import Searches
from application.settings import Settings
from application.vault import Vault, open_vault
from domain import case_care, case_file, centre_existence, region_boundaries
from domain.account import Account
from domain.account_events import Conflict, Opening, account_id
from domain.base import SHANGHAI, Place, Refused, Sealed
from domain.case import Case
from domain.centre import Centre
from domain.centre_events import Establishment
from domain.region import Region
from domain.region_events import Founding, Succession, region_id
from domain.values import CentreKind, ConflictRelation, Extent, Party, RegionKind, RegionLevel, Role
from projections.differences import difference
from projections.ledger_reading import count, csv_lines, page
from projections.projector import Projector
from projections.questions import Period
from projections.readings import Reading, Readings
from projections.statistics import Statistics, everything_behind
from tests.author import AUTHOR
from tests.conftest import Databases
from tests.domain.case_cast import OPENING
from tests.domain.scenario import known
from tests.unasked import Unasked

FOUNDED = date(2010, 1, 1)
PROVINCE, *BELOW = (region_id("test", f"37{n:04}", FOUNDED) for n in range(7))
CITIES, COUNTIES = BELOW[:2], BELOW[2:]
CENTRES = [known(f"centre {n}") for n in range(4)]
PEOPLE = [known(f"person {n}") for n in range(3)]
BEGAN, ALL_DAYS = date(2019, 3, 1), Period(date(2019, 1, 1), date(2020, 12, 31))
NAME = Sealed(z=1, k="k:name", n="n", h="h", c="c")
CARE = ("open", "open", "open", "transfer", "assign", "recuse", "conflict")
WHAT = (*CARE, "move", "reassign", "succeed")
STEP = st.tuples(st.sampled_from(WHAT), st.integers(0, 3), st.integers(0, 3), st.integers(0, 2))


@dataclass
class Plain:
    """What happened, as anybody would write it down: no dates, for all of it is past."""

    city: dict[Any, Any] = field(default_factory=dict)
    county: dict[Any, Any] = field(default_factory=dict)
    heir: dict[Any, Any] = field(default_factory=dict)
    opened_at: dict[Any, Any] = field(default_factory=dict)
    lies: dict[Any, Any] = field(default_factory=dict)
    hands: dict[Any, set[Any]] = field(default_factory=dict)
    receiver: dict[Any, Any] = field(default_factory=dict)
    window: set[Any] = field(default_factory=set)
    concerned: set[tuple[Any, Any]] = field(default_factory=set)
    then: list[tuple[int, dict[Any, Any]]] = field(default_factory=list)

    def above(self, centre: Any) -> list[Any]:
        """The centre, its county, its city and the province, today."""
        county = self.county[centre]
        while county in self.heir:
            county = self.heir[county]
        return [centre, county, self.city[county], PROVINCE]

    def regions_of(self, office: Any) -> list[Any]:
        """The region of an office and those above it, today."""
        if office in CENTRES:
            return self.above(office)[1:]
        while office in self.heir:
            office = self.heir[office]
        return [office, *([self.city[office]] if office in self.city else []), PROVINCE]

    def covers(self, office: Any, how_far: str, centre: Any) -> bool:
        if how_far == "region" and office not in CENTRES:
            return office in self.above(centre)
        return bool(office == centre)

    def sees(self, by: Actor, how_far: str, case: Any) -> bool:
        if (by.id, case) in self.concerned:
            return False
        if how_far == "own":
            lies_in = self.above(self.lies[case])[1:]
            near = self.regions_of(by.office)[0] in lies_in or lies_in[0] in self.regions_of(
                by.office
            )
            mine = set() if case in self.window else {self.receiver[case]}
            return near and by.id in mine | self.hands[case]
        return self.covers(by.office, how_far, self.lies[case])

    def lay(self, position: int) -> dict[Any, Any]:
        """Which cases there were at a position, and where."""
        return next((lay for at, lay in reversed(self.then) if at <= position), {})


FAR = {
    Role.COUNSELLOR: ("own", "own", "centre", "own"),
    Role.REGISTRAR: ("centre", "centre", "centre", "centre"),
    Role.CENTRE_MANAGER: ("centre", "centre", "centre", "centre"),
    Role.SUPERVISOR: ("region", "region", "region", ""),
    Role.AUDITOR: ("region", "region", "region", ""),
    Role.PRIVACY_OFFICER: ("", "region", "", "region"),
    Role.ADMINISTRATOR: ("", "", "", ""),
}
"""How far a list of cases, opening one, figures and a search for a person go for a role."""


@dataclass
class World:
    """The system and the plain account of it, side by side."""

    records: Records
    plain: Plain
    vault: Vault
    day: date = BEGAN

    def change(
        self,
        kind: type[Any],
        of: Any,
        decision: Any,
        *facts: Any,
        who: Any = None,
        role: Role = Role.COUNSELLOR,
    ) -> int:
        by = Actor(who or known("somebody"), role, known("office"))
        command = Command(by, occurred=self.day, reason="r")
        return self.records.change(command, kind, of, decision, *facts).last_position

    def found(self) -> None:
        levels = [(PROVINCE, None, RegionLevel.PROVINCE, RegionKind.PROVINCE)]
        levels += [(c, PROVINCE, RegionLevel.CITY, RegionKind.PREFECTURE_CITY) for c in CITIES]
        for n, county in enumerate(COUNTIES):
            levels.append((county, CITIES[n % 2], RegionLevel.COUNTY, RegionKind.COUNTY))
            self.plain.city[county] = CITIES[n % 2]
        for n, (region, parent, level, kind) in enumerate(levels):
            facts = {"scheme": "test", "code": f"37{n:04}", "name": f"region {n}", "level": level}
            facts |= {"kind": kind, "parent": parent, "valid_from": FOUNDED}
            self.change(Region, region, region_boundaries.establish, Founding(**facts))
        for n, centre in enumerate(CENTRES):
            facts = {"kind": CentreKind.CENTRE, "name": f"centre {n}", "region": COUNTIES[n]}
            made = Establishment(**facts, established_on=date(2019, 1, 1))
            place = (centre_existence.establish, made)
            self.change(Centre, centre, *place)
            self.plain.county[centre] = COUNTIES[n]
        for person in PEOPLE:
            facts = {"person": person, "login": f"p-{str(person)[:8]}", "name": NAME}
            account = Opening(**facts, office=PROVINCE)
            self.change(Account, account_id(person), Account.open, account)

    def identify(self, case: Any) -> None:
        """Who the wife is, by a number that is hers alone."""
        counsellor = Actor(known("somebody"), Role.COUNSELLOR, known("office"))
        by = Command(counsellor, occurred=self.day, reason="r")
        her = Identity(name="王丽", document=str(case), born_on=date(1980, 1, 1))
        Casework(self.records, self.vault).identify(case, Party.WIFE, her, None, by)

    def received(self, case: Any, role: Role) -> None:
        """A registrar's case is at the window, and no counsellor's own."""
        if role is Role.REGISTRAR:
            self.plain.window.add(case)
        else:
            self.plain.window.discard(case)

    def take(self, what: str, a: int, b: int, who: int) -> None:
        """One step of the plan; what the domain refuses is not written down either."""
        plain, cases = self.plain, list(self.plain.lies)
        self.day += timedelta(days=1)
        case = cases[a % len(cases)] if cases else None
        role = Role.REGISTRAR if b % 2 else Role.COUNSELLOR
        try:
            if what == "open":
                case = known(f"case {len(cases)}")
                place = Place(centre=CENTRES[a], region=plain.above(CENTRES[a])[1])
                opening = OPENING.model_copy(update={"number": str(case)[:8]})
                at = self.change(
                    Case, case, case_file.open_case, opening, place, who=PEOPLE[who], role=role
                )
                self.received(case, role)
                plain.opened_at[case] = plain.lies[case] = CENTRES[a]
                plain.receiver[case], plain.hands[case] = PEOPLE[who], set()
                self.identify(case)
            elif what == "transfer" and case:
                place = Place(centre=CENTRES[b], region=plain.above(CENTRES[b])[1])
                self.change(Case, case, case_file.request_transfer, place)
                at = self.change(Case, case, case_file.accept_transfer, who=PEOPLE[who], role=role)
                self.received(case, role)
                plain.lies[case], plain.receiver[case] = CENTRES[b], PEOPLE[who]
                plain.hands[case] = set()
            elif what == "assign" and case:
                at = self.change(Case, case, case_care.assign, PEOPLE[who])
                plain.hands[case].add(PEOPLE[who])
            elif what == "recuse" and case:
                at = self.change(Case, case, case_care.recuse, PEOPLE[who])
                plain.hands[case].discard(PEOPLE[who])
                if plain.receiver[case] == PEOPLE[who]:
                    plain.receiver[case] = None
            elif what == "conflict" and case:
                facts = {"id": uuid4(), "relation": ConflictRelation.RELATIVE, "case": case}
                at = self.change(
                    Account, account_id(PEOPLE[who]), Account.declare_conflict, Conflict(**facts)
                )
                plain.concerned.add((PEOPLE[who], case))
            elif what == "move":
                at = self.change(
                    Region, COUNTIES[a], region_boundaries.move, CITIES[b % 2], self.day
                )
                plain.city[COUNTIES[a]] = CITIES[b % 2]
            elif what == "reassign":
                to = COUNTIES[b]
                if to in plain.heir:
                    return
                at = self.change(Centre, CENTRES[a], centre_existence.reassign, to, self.day)
                plain.county[CENTRES[a]] = to
            elif what == "succeed" and a != b and COUNTIES[b] not in plain.heir:
                passing = Succession(
                    successor=COUNTIES[b],
                    extent=Extent.WHOLE,
                    announced_on=self.day,
                    effective_on=self.day,
                )
                at = self.change(Region, COUNTIES[a], region_boundaries.succeed, passing)
                plain.heir[COUNTIES[a]] = COUNTIES[b]
            else:
                return
        except Refused:
            return
        plain.then.append((at, dict(plain.lies)))


def held_against(world: World, readings: Readings, by: Actor, moment: int | None) -> None:
    """Every surface against the plain account."""
    listing, opening, figures, finding = FAR[by.role]
    plain, statistics, asked = world.plain, Statistics(readings), world.records.jurisdiction
    whole = readings.at(moment)
    lay = plain.lay(whole.position)

    def seen(action: Action, how_far: str) -> Reading | None:
        try:
            sight = asked.sight(by, action)
        except Forbidden:
            assert how_far == ""
            return None
        assert how_far
        return whole.seen(sight)

    for case in plain.lies:
        record = world.records.get(Case, case)
        assert asked.may_see(by, Action.READ_CASES, record) is plain.sees(by, opening, case)

    if moment is None:
        searches = Searches(world.records, world.vault, pause=lambda _: None)
        for case in plain.lies:
            found = searches.find(NumberKind.DOCUMENT, str(case), by)
            wanted = [case] if finding and plain.sees(by, finding, case) else []
            assert [one.record for one in found] == wanted

    if reading := seen(Action.LIST_CASES, listing):
        wanted = {
            case
            for case, centre in lay.items()
            if plain.sees(by, listing, case)
            and (listing == "own" or plain.covers(by.office, listing, centre))
        }
        rows = [row["row"] for row in page(readings, reading, "cases").rows]
        assert sorted(rows) == sorted(wanted)
        assert count(readings, reading, "cases") == len(wanted)
        lines = "".join(csv_lines(readings, reading, "cases")).strip().splitlines()
        assert {line.split(",")[0] for line in lines[1:]} == {str(case) for case in wanted}

    if reading := seen(Action.READ_FIGURES, figures):
        here = [c for c in CENTRES if plain.covers(by.office, figures, c)]
        counted = {
            "cases_opened": {c for c in lay if plain.opened_at[c] in here},
            "open_cases": {c for c, centre in lay.items() if centre in here},
        }
        first = Reading(1, whole.recorded_at, 0, False, whole.build).seen(reading.sight)
        for boundaries in ("then", "now"):
            for code, cases in counted.items():
                question: Any = (reading, code, PROVINCE, ALL_DAYS)
                try:
                    figure = statistics.figure(*question, boundaries)
                except Forbidden:
                    assert here == [], "what lies in nobody's reach has no figure"
                    continue
                assert figure.value == len(cases)
                things = list(everything_behind(statistics, *question, boundaries))
                assert {one.subject for one in things} == cases
                changed = difference(
                    statistics, first, reading, [code], PROVINCE, ALL_DAYS, boundaries=boundaries
                )
                moved = sum(one.quantity for one in (*changed.changes, *changed.moves))
                assert moved == len(cases)


OFFICES = {
    Role.SUPERVISOR: [PROVINCE, *CITIES, *COUNTIES],
    Role.AUDITOR: [CITIES[0], COUNTIES[1], CENTRES[1]],
    Role.PRIVACY_OFFICER: [CITIES[1], COUNTIES[2]],
    Role.ADMINISTRATOR: [PROVINCE],
    Role.REGISTRAR: [CENTRES[2]],
    Role.CENTRE_MANAGER: CENTRES,
    Role.COUNSELLOR: CENTRES[:1],
}


def everybody() -> list[Actor]:
    """Everybody who might look."""
    return [
        Actor(person, role, office)
        for role, offices in OFFICES.items()
        for office in offices
        for person in (PEOPLE if role is Role.COUNSELLOR else PEOPLE[:1])
    ]


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(plan=st.lists(STEP, min_size=6, max_size=16), moments=st.data())
def test_every_surface_shows_what_lies_in_ones_part_today(
    plan: list[tuple[str, int, int, int]], moments: st.DataObject, databases: Databases
) -> None:
    with (
        TemporaryDirectory() as home,
        databases() as database,
        open_vault(database, Settings(home=Path(home))) as vault,
    ):
        world = World(Records(database, AUTHOR, jurisdiction=Unasked), Plain(), vault)
        try:
            world.found()
            for step in plan:
                world.take(*step)
        finally:
            world.records.close()
        looked_at(database, world, moments)


def looked_at(database: Database, world: World, moments: st.DataObject) -> None:
    """What everybody sees now and at a moment in between."""
    Projector(database).catch_up()
    noon = datetime.combine(world.day + timedelta(days=30), time(12), SHANGHAI)
    world.records = Records(database, AUTHOR, clock=lambda: noon)
    readings = Readings(database)
    last = readings.at().position
    moment = moments.draw(st.integers(len(COUNTIES) + len(CENTRES) + 3, last), "as of")
    try:
        for by in everybody():
            for at in (None, moment):
                held_against(world, readings, by, at)
    finally:
        readings.close()
        world.records.close()
