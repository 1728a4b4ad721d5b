"""Whatever the tree and the people: every surface shows what a few lines of plain Python say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.routes.ledgers import listing, taking
from application.beginning import open_records
from application.blind_index import NumberKind
from application.database import Database
from application.hindsight import could_see
from application.holds import holds
from application.jurisdiction import Forbidden
from application.keys import author_of
from application.policy import ROLES, Action
from application.records import Actor, Records
from application.searches import Searches
from application.settings import Settings
from application.vault import open_vault
from domain.base import SHANGHAI, day
from domain.case import Case
from projections.differences import difference
from projections.ledger_reading import count, csv_lines, page
from projections.projector import Projector
from projections.questions import Period
from projections.readings import Reading, Readings
from projections.statistics import Statistics, everything_behind
from tests.conftest import Databases
from tests.properties.doors import Door, opened
from tests.properties.plain import (
    CENTRES,
    CITIES,
    CODES,
    COUNTIES,
    LEDGERS,
    MAY,
    PEOPLE,
    PROVINCE,
    STRANGER,
    how_far,
)
from tests.properties.shown import in_file, of_file, sizes
from tests.properties.world import STEPS, Past, World, posted
from tests.unasked import Unasked

ALL_DAYS = Period(date(2019, 1, 1), date(2020, 12, 31))
STEP = st.tuples(st.sampled_from(STEPS), st.integers(0, 3), st.integers(0, 3), st.integers(0, 2))
LOOKING = {
    "read": Action.READ_CASES,
    "summaries": Action.READ_SUMMARIES,
    "notes": Action.READ_NOTES,
    "identities": Action.READ_IDENTITIES,
    "contacts": Action.READ_CONTACTS,
    "addresses": Action.READ_ADDRESSES,
    "find": Action.FIND_PERSONS,
}
QUESTIONS = st.tuples(st.sampled_from([PROVINCE, *CITIES]), st.sampled_from(["then", "now"]))


@dataclass
class Asked:
    """The system as somebody asks it, and when; the world says what is to be answered."""

    world: World
    readings: Readings
    by: Actor
    past: Past
    whole: Reading

    def sight(self, action: Action, far: str | None) -> Reading | None:
        """The reading as an action shows it; None where the plain account says that none may."""
        try:
            sight = self.world.records.jurisdiction.sight(self.by, action)
        except Forbidden:
            assert far is None, f"{self.by.role} is refused {action}"
            return None
        assert far is not None, f"{self.by.role} may {action}"
        return self.whole.seen(sight)

    def ledgers(self) -> None:
        """Every ledger of cases and that of orders, as pages, as a number and as a file."""
        plain, then = self.world.plain, self.past.plain
        for name, (reads, takes) in LEDGERS.items():
            if reading := self.sight(listing(name), how_far(self.by.role, reads)):
                wanted = plain.listed(self.by, reads, name, then)
                rows = list(pages(self.readings, reading, name))
                assert told(rows, wanted) == wanted, name
                assert count(self.readings, reading, name) == len(rows) == len(wanted)
            if reading := self.sight(taking(name), how_far(self.by.role, takes)):
                wanted = plain.listed(self.by, takes, name, then)
                lines = "".join(csv_lines(self.readings, reading, name))
                assert in_file(lines) == of_file(wanted), name

    def holds(self) -> None:
        """The legal holds as known then, and those of them that stood."""
        wanted = self.world.plain.held_back(self.by, self.past.plain)
        asked = (self.world.records, self.by, self.past.position)
        found = {one.id: one.lifted is None for one in holds(*asked, limit=1000).found}
        assert found == wanted, self.by.role
        still = [one.id for one in holds(*asked, standing=True, limit=1000).found]
        assert still == [hold for hold, stands in wanted.items() if stands]

    def figures(self, region: UUID, tree: Any) -> None:
        """What counts in a region, what is behind it, and by what it came to be."""
        plain, then, statistics = self.world.plain, self.past.plain, Statistics(self.readings)
        wanted = {code: plain.number(self.by, code, region, tree, then) for code in CODES}
        try:
            if reading := self.sight(Action.READ_FIGURES, how_far(self.by.role, "figures")):
                asked: Any = (reading, CODES, region, ALL_DAYS)
                (line,) = statistics.table(*asked, boundaries=tree).lines
                assert {c: line.figures[c][0].value for c in CODES} == sizes(wanted)
            if reading := self.sight(Action.OPEN_FIGURES, how_far(self.by.role, "drill")):
                for code in CODES:
                    behind = everything_behind(statistics, reading, code, region, ALL_DAYS, tree)
                    told_of = wanted[code] - plain.closed_to(self.by)
                    assert {one.subject for one in behind} == told_of, code
                begun = self.readings.at(self.world.past[0].position).seen(reading.sight)
                asked = (statistics, begun, reading, CODES, region, ALL_DAYS)
                self.changed(difference(*asked, boundaries=tree), wanted)
        except Forbidden:
            assert not any(wanted.values()), "what lies in nobody's reach has no figure"

    def changed(self, found: Any, wanted: dict[str, set[UUID]]) -> None:
        """By what figures differ from nothing; of a conflict only the number is told."""
        moved = sum(one.quantity for one in (*found.changes, *found.moves))
        assert moved == sum(sizes(wanted).values())
        named = {one.subject for one in found.changes if not one.masked}
        closed = self.world.plain.closed_to(self.by)
        assert not named & closed
        assert set().union(*wanted.values()) - closed <= named

    def records(self) -> None:
        """Each case itself, and the woman in it, by the number that is hers alone."""
        plain, world = self.world.plain, self.world
        searches = Searches(world.records, world.vault, pause=lambda _: None)
        for case in plain.files:
            record = world.records.get(Case, case)
            for name, action in LOOKING.items():
                may = world.records.jurisdiction.may_see(self.by, action, record)
                assert may is plain.may(self.by, name, case), (self.by.role, name)
            found = searches.find(NumberKind.DOCUMENT, str(case), self.by)
            wanted = [case] if plain.may(self.by, "find", case) else []
            assert [one.record for one in found] == wanted


def pages(readings: Readings, reading: Reading, name: str) -> Iterator[dict[str, Any]]:
    """All rows of a ledger, page after page."""
    after = None
    while True:
        found = page(readings, reading, name, after=after, limit=5)
        yield from found.rows
        if (after := found.next) is None:
            return


def told(rows: Iterable[dict[str, Any]], wanted: dict[UUID, dict[str, Any]]) -> dict[UUID, Any]:
    """What rows tell of what is known of them."""
    return {row["row"]: {name: row[name] for name in wanted.get(row["row"], row)} for row in rows}


def watchers(draw: st.DataObject) -> Iterator[Actor]:
    """Some in every role: all people where they may have cases, else where the first case lay."""
    for role in ROLES:
        offices = [draw.draw(st.sampled_from(posted(role)), f"office of a {role}")]
        has_cases = "own" in MAY[role]
        if not has_cases:
            offices.append(CENTRES[0] if CENTRES[0] in posted(role) else COUNTIES[0])
        for office in dict.fromkeys(offices):
            for person in PEOPLE if has_cases else PEOPLE[:1]:
                yield Actor(person, role, office)


def hindsight(records: Records, past: Past) -> None:
    """What each of them could see that day, post by post."""
    noon = datetime.combine(past.day, time(12), SHANGHAI)
    for person, case in product(PEOPLE, past.plain.files):
        found = could_see(records, person, case, past.position, noon)
        wanted = past.plain.could_see(person, case, past.day)
        told = [((p.role, p.office, p.since, p.until), list(actions)) for p, actions in found]
        assert told == [(post, [LOOKING[name] for name in names]) for post, names in wanted]


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(plan=st.lists(STEP, min_size=8, max_size=20), draw=st.data())
def test_every_surface_shows_what_lies_in_ones_part_today(
    plan: list[tuple[str, int, int, int]], draw: st.DataObject, databases: Databases
) -> None:
    with TemporaryDirectory() as home, databases() as database:
        settings = Settings(home=Path(home))
        with open_vault(database, settings) as vault:
            world = World(open_records(database, settings, Unasked), vault)
            try:
                world.found()
                for step in plan:
                    world.take(*step)
            finally:
                world.records.close()
            Projector(database).catch_up()
            past = world.past[draw.draw(st.integers(0, len(world.past) - 1), "as of step")]
            question = draw.draw(QUESTIONS, "figures of")
            looked_at(database, settings, world, past, question, [*watchers(draw)])
        asked_at_the_door(database, settings, world, past, question, draw)


def looked_at(
    database: Database,
    settings: Settings,
    world: World,
    past: Past,
    question: tuple[UUID, str],
    watchers: list[Actor],
) -> None:
    """What each of them sees now and of a moment in between, and could see then."""
    later = datetime.combine(world.day + timedelta(days=30), time(12), SHANGHAI)
    world.records = Records(database, author_of(settings), clock=lambda: later)
    readings = Readings(database)
    try:
        for moment in (past, world.past[-1]):
            reading = readings.at(moment.position)
            for by in watchers:
                asked = Asked(world, readings, by, moment, reading)
                asked.ledgers()
                asked.holds()
                asked.figures(*question)
        for moment in world.past[::3]:
            hindsight(world.records, moment)
        for by in watchers:
            Asked(world, readings, by, world.past[-1], reading).records()
    finally:
        readings.close()
        world.records.close()


def asked_at_the_door(
    database: Database,
    settings: Settings,
    world: World,
    past: Past,
    question: tuple[UUID, str],
    draw: st.DataObject,
) -> None:
    """The same of some of them through the real API, in posts that they hold today or do not."""
    today = day(datetime.now(UTC))
    given = [Actor(who, *post[:2]) for who, posts in world.given.items() for post in posts]
    with opened(database, settings) as client:
        for role in draw.draw(st.permutations(ROLES), "roles")[:3]:
            posts = [one for one in given if one.role is role]
            posts = posts or [Actor(STRANGER, role, office) for office in posted(role)]
            by = draw.draw(st.sampled_from(posts), "at the door")
            Door.of(client, settings, world, by, past, today).everything(*question)
