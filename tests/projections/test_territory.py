"""Where a place lay at any date: what the tree of regions and centres says as of any position."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import permutations
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain import centre_existence, region_boundaries
from domain.base import Aggregate, Event, Refused, decide
from domain.centre import Centre
from domain.centre_events import AnyCentreEvent, Establishment
from domain.region import Region
from domain.region_boundaries import LEVEL_OF
from domain.region_events import AnyRegionEvent, Founding, Move, Renaming, Succession, region_id
from domain.territory import TERRITORIAL, Territory, TerritoryFact, _at, territory_facts_of
from domain.values import CentreKind, Extent, RegionKind
from tests.domain.scenario import known, stamp
from tests.projections.walks import Walk, recorded

DAY = timedelta(days=1)
LONG_AGO = date(2000, 1, 1)
MERGER = date(2019, 1, 9)
LATER = date(2020, 7, 1)
NOW = stamp(date(2022, 1, 1), reason="核对后更正")
WHOLE, PART = Extent.WHOLE, Extent.PART
DISTRICT, CITY, PROVINCE = RegionKind.DISTRICT, RegionKind.PREFECTURE_CITY, RegionKind.PROVINCE


class World:
    """Regions and centres to which things happen, one after the other, in one log."""

    def __init__(self) -> None:
        self.walks: dict[UUID, Walk[Any]] = {}
        self.events: list[Event] = []
        self.province = self.region("370000", PROVINCE)
        self.laiwu = self.region("371200", CITY, self.province)
        self.jinan = self.region("370100", CITY, self.province)

    def region(
        self,
        code: str,
        kind: RegionKind = DISTRICT,
        parent: UUID | None = None,
        *,
        since: date = LONG_AGO,
        scheme: str = "official",
    ) -> UUID:
        if kind is not PROVINCE:
            parent = parent or self.jinan
        founding = Founding(
            scheme=scheme,
            code=code,
            name=f"{code}区",
            level=LEVEL_OF[kind],
            kind=kind,
            parent=parent,
            valid_from=since,
        )
        return self.begin(
            Region(region_id(scheme, code, since)),
            lambda r: region_boundaries.establish(r, founding, NOW),
        )

    def centre(self, region: UUID) -> UUID:
        return self.begin(
            Centre(known("centre")),
            lambda c: centre_existence.establish(c, establishment(region), NOW),
        )

    def begin(self, aggregate: Aggregate, decision: Callable[[Any], Any]) -> UUID:
        self.walks.setdefault(aggregate.id, Walk(aggregate))
        self.do(aggregate.id, decision)
        return aggregate.id

    def do(self, aggregate: UUID, decision: Callable[[Any], Any]) -> None:
        """Something that must be possible."""
        assert self.tries(aggregate, decision)

    def tries(self, aggregate: UUID, decision: Callable[[Any], Any]) -> bool:
        """Something that happens if it is possible."""
        walk = self.walks[aggregate]
        before = len(walk.events)
        taken = walk.take(decision)
        self.events += walk.events[before:]
        return taken

    def tries_in_a_tree(self, region: UUID, decision: Callable[[Any], Any]) -> bool:
        """Something that happens if it is possible and leaves every region a top above it."""
        try:
            events = decide(self.walks[region].aggregate, decision)
            self.now.require_ends([one for e in events for one in territory_facts_of(e, 1)])
        except Refused:
            return False
        return self.tries(region, decision)

    def move_in_a_tree(self, region: UUID, to: UUID, on: date = MERGER) -> None:
        events = decide(self.walks[region].aggregate, move(to, on))
        self.now.require_ends([one for e in events for one in territory_facts_of(e, 1)])
        self.do(region, move(to, on))

    def pass_on(
        self, region: UUID, successor: UUID, on: date = MERGER, extent: Extent = WHOLE
    ) -> None:
        self.do(region, lambda r: region_boundaries.succeed(r, passing(successor, on, extent), NOW))

    @property
    def facts(self) -> list[TerritoryFact]:
        return [
            fact
            for one in recorded(self.events)
            if one.event.topic in TERRITORIAL
            for fact in territory_facts_of(one.event, one.position)
        ]

    def at(self, position: int) -> Territory:
        """What was known at a position."""
        return Territory(fact for fact in self.facts if fact.position <= position)

    @property
    def now(self) -> Territory:
        return Territory(self.facts)

    @property
    def before(self) -> Territory:
        """What was known before the last event."""
        return self.at(len(self.events) - 1)


def establishment(region: UUID, name: str = "辅导中心") -> Establishment:
    return Establishment(kind=CentreKind.CENTRE, name=name, region=region, established_on=LONG_AGO)


def passing(successor: UUID, on: date = MERGER, extent: Extent = WHOLE) -> Succession:
    return Succession(
        successor=successor,
        extent=extent,
        announced_on=on,
        effective_on=on,
        area="四个村" if extent is PART else None,
    )


def move(to: UUID, on: date = MERGER) -> Callable[[Region], Any]:
    return lambda r: region_boundaries.move(r, to, on, NOW)


def rename(name: str, on: date = MERGER) -> Callable[[Region], Any]:
    return lambda r: region_boundaries.rename(r, name, on, NOW)


def void_founding(r: Region) -> Any:
    return region_boundaries.void_founding(r, NOW)


def correct_founding(**changes: Any) -> Callable[[Region], Any]:
    def correct(r: Region) -> Any:
        assert r.founding is not None
        return region_boundaries.correct_founding(r, r.founding.model_copy(update=changes), NOW)

    return correct


def void_succession(successor: UUID, on: date = MERGER) -> Callable[[Region], Any]:
    return lambda r: region_boundaries.void_succession(r, successor, on, NOW)


def reassign(to: UUID, on: date = MERGER) -> Callable[[Centre], Any]:
    return lambda c: centre_existence.reassign(c, to, on, NOW)


def void_centre(c: Centre) -> Any:
    return centre_existence.void_establishment(c, NOW)


@pytest.fixture
def world() -> World:
    return World()


def test_a_region_is_itself_until_the_day_of_its_whole_succession(world: World) -> None:
    old, new = world.region("371202"), world.region("370116", since=MERGER)
    world.pass_on(old, new)
    assert world.now.region_at(old, MERGER - DAY) == old
    assert world.now.region_at(old, MERGER) == new


def test_a_region_whose_successor_was_succeeded_is_the_last_of_them(world: World) -> None:
    first, second, third = (world.region(code) for code in ("371202", "370116", "370117"))
    world.pass_on(first, second)
    world.pass_on(second, third, LATER)
    days = (MERGER - DAY, MERGER, LATER - DAY, LATER)
    assert [world.now.region_at(first, on) for on in days] == [first, second, second, third]


def test_after_a_part_succession_a_region_is_still_itself(world: World) -> None:
    old, new = world.region("371202"), world.region("370116")
    world.pass_on(old, new, extent=PART)
    assert world.now.region_at(old, LATER) == old


def test_regions_that_succeed_each_other_lie_somewhere(world: World) -> None:
    one, other = world.region("371202"), world.region("370116")
    world.pass_on(one, other)
    world.pass_on(other, one)
    assert world.now.region_at(one, LATER) in (one, other)


def test_before_its_first_day_a_region_is_its_only_whole_predecessor(world: World) -> None:
    old, new = world.region("371202"), world.region("370116", since=MERGER)
    world.pass_on(old, new)
    assert world.now.region_at(new, MERGER - DAY) == old
    assert world.now.region_at(new, MERGER) == new


def test_predecessors_are_followed_back_as_far_as_they_are_known(world: World) -> None:
    first, second = world.region("371202"), world.region("370116", since=MERGER)
    third = world.region("370117", since=LATER)
    world.pass_on(first, second)
    world.pass_on(second, third, LATER)
    assert world.now.region_at(third, MERGER - DAY) == first


def test_before_its_first_day_a_region_made_of_two_is_nowhere(world: World) -> None:
    penglai, changdao = world.region("370684"), world.region("370634")
    new = world.region("370614", since=LATER)
    world.pass_on(penglai, new, LATER)
    world.pass_on(changdao, new, LATER)
    assert world.now.region_at(new, LATER - DAY) is None
    assert world.now.of_place(None, new, LATER - DAY) is None


def test_before_its_first_day_a_region_made_of_a_part_is_nowhere(world: World) -> None:
    old, new = world.region("371202"), world.region("370116", since=MERGER)
    world.pass_on(old, new, extent=PART)
    assert world.now.region_at(new, MERGER - DAY) is None


def test_before_its_first_day_a_region_without_predecessor_counts_as_itself(world: World) -> None:
    new = world.region("370116", since=MERGER)
    assert world.now.region_at(new, MERGER - DAY) == new


def test_a_region_taken_in_later_does_not_say_what_was_before(world: World) -> None:
    old, new = world.region("371202"), world.region("370116", since=MERGER)
    world.pass_on(old, new, LATER)
    assert world.now.region_at(new, MERGER - DAY) == new


def test_an_unknown_region_is_itself_and_lies_in_no_other(world: World) -> None:
    assert world.now.region_at(known("unknown"), LATER) == known("unknown")
    assert world.now.path_at(known("unknown"), LATER) == (known("unknown"),)


def test_a_path_leads_from_a_region_to_the_province(world: World) -> None:
    county = world.region("371202", parent=world.laiwu)
    assert world.now.path_at(county, LATER) == (county, world.laiwu, world.province)


def test_a_path_follows_the_move_of_its_region_from_its_day_on(world: World) -> None:
    county = world.region("371202", parent=world.laiwu)
    world.do(county, move(world.jinan))
    assert world.now.path_at(county, MERGER - DAY)[1] == world.laiwu
    assert world.now.path_at(county, MERGER)[1] == world.jinan


def test_a_path_follows_the_succession_of_what_a_region_lies_in(world: World) -> None:
    county = world.region("371202", parent=world.laiwu)
    world.pass_on(world.laiwu, world.jinan)
    assert world.now.path_at(county, MERGER - DAY) == (county, world.laiwu, world.province)
    assert world.now.path_at(county, MERGER) == (county, world.jinan, world.province)


def test_regions_that_lie_in_each_other_have_a_path_that_ends(world: World) -> None:
    one = world.region("371202", CITY, world.province)
    world.do(world.jinan, move(one))
    world.do(one, move(world.jinan))
    assert world.now.path_at(one, MERGER) == (one, world.jinan)


def test_the_top_is_the_province(world: World) -> None:
    world.pass_on(world.laiwu, world.jinan)
    assert world.now.tops_at(LATER) == {world.province}


def test_a_region_bears_the_name_of_the_day(world: World) -> None:
    world.do(world.laiwu, rename("莱芜"))
    world.do(world.laiwu, rename("嬴", LATER))
    days = (MERGER - DAY, MERGER, LATER - DAY, LATER)
    assert [world.now.name_at(world.laiwu, on) for on in days] == ["371200区", "莱芜", "莱芜", "嬴"]


def test_of_two_names_from_one_day_on_the_one_entered_last_is_in_force(world: World) -> None:
    world.do(world.laiwu, rename("莱芜"))
    world.do(world.laiwu, rename("嬴"))
    assert world.now.name_at(world.laiwu, MERGER) == "嬴"


def test_what_is_not_known_has_no_name_but_its_id(world: World) -> None:
    assert world.now.name_at(known("unknown"), LATER) == str(known("unknown"))


def test_a_centre_lies_where_it_was_assigned_from_its_day_on(world: World) -> None:
    centre = world.centre(world.laiwu)
    world.do(centre, reassign(world.jinan))
    of_place = world.now.of_place
    assert of_place(centre, world.laiwu, MERGER - DAY) == world.laiwu
    assert of_place(centre, world.laiwu, MERGER) == world.jinan
    assert of_place(centre, world.jinan, MERGER - DAY) == world.laiwu


def test_where_a_part_went_is_told_by_the_centre_that_lies_there(world: World) -> None:
    old, new = world.region("371202"), world.region("370116")
    centre = world.centre(old)
    world.pass_on(old, new, extent=PART)
    world.do(centre, reassign(new))
    assert world.now.of_place(centre, old, MERGER) == new
    assert world.now.of_place(None, old, MERGER) == old


def test_a_centre_lies_in_the_successor_of_its_region(world: World) -> None:
    centre = world.centre(world.laiwu)
    world.pass_on(world.laiwu, world.jinan)
    assert world.now.of_place(centre, world.laiwu, MERGER) == world.jinan


def test_a_place_of_an_unknown_centre_lies_in_its_region(world: World) -> None:
    assert world.now.of_place(known("unknown"), world.laiwu, LATER) == world.laiwu


def test_a_renaming_taken_back_was_none(world: World) -> None:
    world.do(world.laiwu, rename("莱芜"))
    world.do(world.laiwu, rename("嬴"))
    world.do(world.laiwu, lambda r: region_boundaries.void_renaming(r, NOW))
    assert world.before.name_at(world.laiwu, MERGER) == "嬴"
    assert world.now.name_at(world.laiwu, MERGER) == "莱芜"


def test_a_move_taken_back_was_none(world: World) -> None:
    county = world.region("371202", parent=world.laiwu)
    for to in (world.jinan, world.laiwu, world.jinan):
        world.do(county, move(to))
    world.do(county, lambda r: region_boundaries.void_move(r, NOW))
    assert world.before.path_at(county, MERGER)[1] == world.jinan
    assert world.now.path_at(county, MERGER)[1] == world.laiwu


def test_a_whole_succession_taken_back_was_none(world: World) -> None:
    world.pass_on(world.laiwu, world.jinan)
    world.do(world.laiwu, void_succession(world.jinan))
    assert world.before.region_at(world.laiwu, LATER) == world.jinan
    assert world.now.region_at(world.laiwu, LATER) == world.laiwu
    assert world.now.successions == []


def test_a_part_succession_taken_back_is_told_no_more(world: World) -> None:
    world.pass_on(world.laiwu, world.jinan, extent=PART)
    world.do(world.laiwu, void_succession(world.jinan))
    assert len(world.before.successions) == 1
    assert world.now.successions == []


def test_a_corrected_succession_is_that_of_its_right_day(world: World) -> None:
    world.pass_on(world.laiwu, world.jinan, LATER)
    right = passing(world.jinan, MERGER)
    world.do(
        world.laiwu,
        lambda r: region_boundaries.correct_succession(r, world.jinan, LATER, right, NOW),
    )
    assert world.before.region_at(world.laiwu, MERGER) == world.laiwu
    assert world.now.region_at(world.laiwu, MERGER) == world.jinan
    assert world.now.changes == [MERGER]


@pytest.mark.parametrize(("before", "after"), [(WHOLE, PART), (PART, WHOLE)])
def test_a_succession_may_turn_out_whole_or_in_part(
    world: World, before: Extent, after: Extent
) -> None:
    world.pass_on(world.laiwu, world.jinan, extent=before)
    right = passing(world.jinan, extent=after)
    world.do(
        world.laiwu,
        lambda r: region_boundaries.correct_succession(r, world.jinan, MERGER, right, NOW),
    )
    lies_in = world.jinan if after is WHOLE else world.laiwu
    assert world.now.region_at(world.laiwu, LATER) == lies_in


def test_the_two_sides_of_a_correction_may_be_read_in_any_order(world: World) -> None:
    world.pass_on(world.laiwu, world.jinan)
    right = passing(world.jinan, extent=PART)
    world.do(
        world.laiwu,
        lambda r: region_boundaries.correct_succession(r, world.jinan, MERGER, right, NOW),
    )
    *before, one, other = world.facts
    assert one.position == other.position
    for sides in permutations((one, other)):
        assert Territory([*before, *sides]).successions == world.now.successions


def test_a_correction_of_a_document_moves_nothing(world: World) -> None:
    world.pass_on(world.laiwu, world.jinan)
    right = passing(world.jinan).model_copy(update={"document": "国函〔2018〕163号"})
    world.do(
        world.laiwu,
        lambda r: region_boundaries.correct_succession(r, world.jinan, MERGER, right, NOW),
    )
    assert all(fact.position < len(world.events) for fact in world.facts)


def test_a_corrected_region_is_what_it_was_corrected_to(world: World) -> None:
    county = world.region("371202", parent=world.laiwu)
    world.do(county, correct_founding(name="莱城区", parent=world.jinan))
    assert world.before.path_at(county, LATER)[1] == world.laiwu
    assert world.now.path_at(county, LONG_AGO)[1] == world.jinan
    assert world.now.name_at(county, LONG_AGO) == "莱城区"


def test_a_corrected_region_has_its_right_level(world: World) -> None:
    town = world.region("371202")
    world.do(town, correct_founding(kind=RegionKind.TOWN, level=LEVEL_OF[RegionKind.TOWN]))
    assert (world.before.regions[town].level, world.now.regions[town].level) == (
        "county",
        "township",
    )


def test_a_voided_region_is_no_region(world: World) -> None:
    county = world.region("371202")
    world.do(county, void_founding)
    assert county in world.before.regions
    assert county not in world.now.regions
    assert world.before.with_code("371202", LATER) == county
    assert world.now.with_code("371202", LATER) is None


def test_what_was_entered_in_a_voided_region_counts_in_the_one_above_it(world: World) -> None:
    county = world.region("371202", parent=world.laiwu)
    town = world.region("371202001", RegionKind.TOWN, county)
    centre = world.centre(county)
    world.do(county, void_founding)
    world.pass_on(world.laiwu, world.jinan)
    assert world.now.of_place(centre, county, MERGER - DAY) == world.laiwu
    assert world.now.of_place(None, county, MERGER) == world.jinan
    assert world.now.path_at(town, LATER) == (town, world.jinan, world.province)


def test_a_voided_region_keeps_the_name_under_which_it_was_entered(world: World) -> None:
    county = world.region("371202")
    world.do(county, void_founding)
    assert world.now.name_at(county, LATER) == "371202区"


def test_when_the_province_is_voided_its_cities_are_on_top(world: World) -> None:
    world.do(world.province, void_founding)
    assert world.now.region_at(world.province, LATER) == world.province
    assert world.now.path_at(world.jinan, LATER) == (world.jinan,)
    assert world.now.tops_at(LATER) == {world.jinan, world.laiwu}


def test_a_region_established_again_after_voiding_is_one(world: World) -> None:
    county = world.region("371202", parent=world.jinan)
    world.do(county, void_founding)
    assert world.region("371202", parent=world.laiwu) == county
    assert world.now.path_at(county, LATER) == (county, world.laiwu, world.province)
    assert county not in world.now.voided


def test_a_corrected_centre_lies_in_its_right_region(world: World) -> None:
    centre = world.centre(world.laiwu)
    right = establishment(world.jinan, "市中心")
    world.do(centre, lambda c: centre_existence.correct_establishment(c, right, NOW))
    assert world.before.of_place(centre, world.laiwu, LATER) == world.laiwu
    assert world.now.of_place(centre, world.laiwu, LATER) == world.jinan
    assert world.now.name_at(centre, LATER) == "市中心"


def test_what_was_entered_in_a_voided_centre_counts_in_the_region_of_its_place(
    world: World,
) -> None:
    centre = world.centre(world.laiwu)
    world.do(centre, void_centre)
    assert world.before.of_place(centre, world.jinan, LATER) == world.laiwu
    assert world.now.of_place(centre, world.jinan, LATER) == world.jinan
    assert centre not in world.now.centres
    assert world.now.name_at(centre, LATER) == "辅导中心"


def test_a_code_is_that_of_the_region_that_bore_it_on_the_day(world: World) -> None:
    old = world.region("370100103", RegionKind.TOWN, since=LONG_AGO)
    new = world.region("370100103", RegionKind.TOWN, since=LATER)
    world.pass_on(old, world.region("370100104", RegionKind.TOWN))
    assert world.now.with_code("370100103", MERGER - DAY) == old
    assert world.now.with_code("370100103", LATER) == new


def test_a_code_that_no_region_bears_any_more_is_that_of_the_last_that_did(world: World) -> None:
    world.pass_on(world.laiwu, world.jinan)
    assert world.now.with_code("371200", LATER) == world.laiwu


def test_a_code_is_known_before_its_first_day(world: World) -> None:
    new = world.region("370116", since=MERGER)
    assert world.now.with_code("370116", MERGER - DAY) == new


def test_of_two_schemes_with_one_code_the_younger_region_bears_it(world: World) -> None:
    official = world.region("371202", since=LONG_AGO)
    local = world.region("371202", since=MERGER, scheme="local")
    assert official != local
    assert world.now.with_code("371202", MERGER - DAY) == official
    assert world.now.with_code("371202", MERGER) == local


def test_a_code_that_nobody_bears_is_that_of_no_region(world: World) -> None:
    assert world.now.with_code("110000", LATER) is None


def test_the_days_of_change_are_those_of_successions_moves_and_reassignments(
    world: World,
) -> None:
    county, centre = world.region("371202", parent=world.laiwu), world.centre(world.laiwu)
    world.do(county, move(world.jinan, LATER))
    world.do(centre, reassign(world.jinan, LATER + DAY))
    world.pass_on(world.laiwu, world.jinan, extent=PART)
    world.do(world.laiwu, rename("莱芜", LATER + 2 * DAY))
    assert world.now.changes == [MERGER, LATER, LATER + DAY]


def test_a_day_on_which_two_things_changed_is_named_once(world: World) -> None:
    county = world.region("371202", parent=world.laiwu)
    world.do(county, move(world.jinan))
    world.pass_on(world.laiwu, world.jinan)
    assert world.now.changes == [MERGER]


def test_a_change_taken_back_is_no_day_of_change(world: World) -> None:
    county = world.region("371202", parent=world.laiwu)
    world.do(county, move(world.jinan))
    world.do(county, lambda r: region_boundaries.void_move(r, NOW))
    assert world.before.changes == [MERGER]
    assert world.now.changes == []


def test_an_unknown_fact_is_noticed(world: World) -> None:
    strange: Any = world.facts[0]._replace(fact="region-painted")
    with pytest.raises(AssertionError):
        Territory([strange])


def test_a_change_that_is_not_the_last_is_not_taken_back(world: World) -> None:
    world.do(world.laiwu, rename("莱芜"))
    world.do(world.laiwu, rename("嬴"))
    wrong = world.facts[-2]._replace(fact="region-renaming-voided")
    with pytest.raises(AssertionError, match="last change"):
        Territory([*world.facts, wrong])


def test_an_event_that_says_nothing_about_the_tree_is_noticed(world: World) -> None:
    centre = world.centre(world.laiwu)
    world.do(centre, lambda c: centre_existence.suspend(c, NOW))
    with pytest.raises(AssertionError, match="says nothing about the tree"):
        list(territory_facts_of(world.events[-1], 1))


def test_every_event_that_says_what_a_region_or_centre_is_and_from_when_is_territorial() -> None:
    values = (Founding, Succession, Renaming, Move, Establishment)
    shaping = {
        kind.topic
        for kind in (*get_args(AnyRegionEvent), *get_args(AnyCentreEvent))
        if kind.model_fields.keys() & {"valid_from", "effective_on"}
        or any(field.annotation in values for field in kind.model_fields.values())
    }
    assert shaping == TERRITORIAL


Happening = tuple[str, int, int, date, Extent]

days = st.dates(date(2018, 12, 20), date(2019, 1, 20))
happenings = st.lists(
    st.tuples(
        st.sampled_from(["succeed", "move", "reassign", "rename", "void"]),
        st.integers(0, 4),
        st.integers(0, 4),
        days,
        st.sampled_from([WHOLE, WHOLE, PART]),
    ),
    max_size=12,
)
beginnings = st.tuples(*[days] * 3)


def worlds(since: tuple[date, ...], happened: list[Happening]) -> World:
    """A world with three counties begun on these days and one centre, after all that."""
    world = World()
    counties = [
        world.region(f"37010{n}", parent=world.laiwu, since=begun) for n, begun in enumerate(since)
    ]
    regions = [world.laiwu, world.jinan, *counties]
    centre = world.centre(counties[0])
    for what, one, other, on, extent in happened:
        match what:
            case "succeed":
                pass_on = passing(regions[other], on, extent)
                world.tries(regions[one], lambda r, p=pass_on: region_boundaries.succeed(r, p, NOW))
            case "move":
                world.tries(counties[one % 3], move(regions[other % 2], on))
            case "reassign":
                world.tries(centre, reassign(regions[other], on))
            case "rename":
                world.tries(regions[one], rename(f"{other}区", on))
            case "void":
                take_back(world, regions[one])
    return world


def take_back(world: World, region: UUID) -> bool:
    """Whether there was a change of a region to take back."""
    one_of = world.walks[region].aggregate.successions
    return (
        any(world.tries(region, void_succession(*key)) for key in [*one_of][:1])
        or world.tries(region, lambda r: region_boundaries.void_move(r, NOW))
        or world.tries(region, lambda r: region_boundaries.void_renaming(r, NOW))
    )


@settings(deadline=None)
@for_all(beginnings, happenings)
def test_between_two_days_of_change_nothing_lies_elsewhere(
    since: tuple[date, ...], happened: list[Happening]
) -> None:
    # The tree is worked out once from one change to the next; here for every day.
    tree = worlds(since, happened).now
    on = date(2018, 12, 15)
    while on < date(2019, 1, 25):
        for region in (*tree.regions, *tree.voided):
            assert tree.region_at(region, on) == tree._region_of_era(region, on)
            assert tree.path_at(region, on) == tree._path_of_era(region, on)
        assert tree.tops_at(on) == tree._tops_of_era(on)
        on += DAY


@settings(deadline=None)
@for_all(beginnings, happenings, days)
def test_a_region_on_a_day_is_the_region_it_is_on_that_day(
    since: tuple[date, ...], happened: list[Happening], on: date
) -> None:
    tree = worlds(since, happened).now
    for region in tree.regions:
        found = tree.region_at(region, on)
        assert found is None or tree.region_at(found, on) == found


@settings(deadline=None)
@for_all(beginnings, happenings, days)
def test_a_path_names_known_regions_once_each(
    since: tuple[date, ...], happened: list[Happening], on: date
) -> None:
    tree = worlds(since, happened).now
    for region in tree.regions:
        path = tree.path_at(region, on)
        assert path[0] == region
        assert len(set(path)) == len(path)
        assert set(path) <= tree.regions.keys()


@settings(deadline=None)
@for_all(beginnings, happenings)
def test_when_every_change_is_taken_back_the_tree_is_as_it_began(
    since: tuple[date, ...], happened: list[Happening]
) -> None:
    began = worlds(since, []).now
    ended = worlds(since, [one for one in happened if one[0] != "reassign"])
    for region in began.regions:
        while take_back(ended, region):
            pass
    assert (ended.now.regions, ended.now.centres) == (began.regions, began.centres)
    assert ended.now.successions == []


@settings(deadline=None)
@for_all(beginnings, happenings)
def test_what_is_recorded_later_does_not_change_what_was_known(
    since: tuple[date, ...], happened: list[Happening]
) -> None:
    half = worlds(since, happened[: len(happened) // 2])
    whole = worlds(since, happened)
    for on in (date(2018, 12, 15), date(2019, 1, 5), LATER):
        assert where(whole.at(len(half.events)), on) == where(half.now, on)


def where(tree: Territory, on: date) -> list[object]:
    """Where every region and the centre lie on a day."""
    return [
        *((node, tree.region_at(node, on), tree.path_at(node, on)) for node in tree.regions),
        *(tree.of_place(centre, known("a region"), on) for centre in tree.centres),
    ]


def ends(tree: Territory, region: UUID, on: date) -> bool:
    """Whether the way up from a region ends on a day, step by step and by nothing remembered."""
    for _ in range(len(tree.regions) + 1):
        node = tree.regions.get(region)
        parent = _at(node.parents, on) if node else None
        above = None if parent is None else tree._region_of_era(parent, on)
        if above not in tree.regions:
            return True
        assert above is not None
        region = above
    return False


def test_a_tree_that_is_tied_is_read_to_its_end_and_may_be_untied(world: World) -> None:
    one = world.region("371202", CITY, world.province)
    below = world.region("371203", parent=one)
    world.do(world.jinan, move(one))
    world.do(one, move(world.jinan))
    tied = world.now
    assert tied.round_at(one, MERGER) == one
    assert tied.round_at(below, MERGER) == one
    assert tied.round_at(one, MERGER - DAY) is tied.round_at(world.laiwu, MERGER) is None
    assert tied.of_place(None, below, MERGER) == below
    assert world.province in tied.tops_at(MERGER)
    with pytest.raises(Refused, match="region-below-itself"):
        world.move_in_a_tree(world.laiwu, below)
    world.move_in_a_tree(one, world.province, LATER)
    assert ends(world.now, below, LATER)


Change = tuple[str, int, int, date, Extent]

changes = st.lists(
    st.tuples(
        st.sampled_from(
            ["found", "move", "move", "succeed", "void move", "void succession", "void founding",
             "correct founding", "correct succession"]
        ),
        st.integers(0, 9),
        st.integers(0, 9),
        days,
        st.sampled_from([WHOLE, WHOLE, PART]),
    ),
    max_size=25,
)  # fmt: skip


@settings(deadline=None)
@for_all(changes)
def test_no_change_lets_a_region_lie_below_itself_on_any_day(changed: list[Change]) -> None:
    world = World()
    regions = [world.laiwu, world.jinan]
    for number, (what, one, other, on, extent) in enumerate(changed):
        region, to = regions[one % len(regions)], regions[other % len(regions)]
        state = world.walks[region].aggregate
        passed = [*state.successions][: 1 + other % 2][-1:]
        match what:
            case "found" if len(regions) < 8:
                regions.append(world.region(f"3702{number:02}", parent=to, since=on))
            case "move":
                world.tries_in_a_tree(region, move(to, on))
            case "void move":
                world.tries_in_a_tree(region, lambda r: region_boundaries.void_move(r, NOW))
            case "succeed":
                went = passing(to, on, extent)
                world.tries_in_a_tree(
                    region, lambda r, w=went: region_boundaries.succeed(r, w, NOW)
                )
            case "void succession" if passed:
                world.tries_in_a_tree(region, void_succession(*passed[0]))
            case "correct succession" if passed:
                right = passing(to, on, extent)
                world.tries_in_a_tree(
                    region,
                    lambda r, key=passed[0], after=right: region_boundaries.correct_succession(
                        r, *key, after, NOW
                    ),
                )
            case "correct founding" if state.founding is not None:
                world.tries_in_a_tree(region, correct_founding(parent=to))
            case "void founding":
                world.tries_in_a_tree(region, void_founding)
    tree = world.now
    dates = {date(2018, 12, 15), *tree.changes, LATER}
    for on in sorted(dates | {one - DAY for one in dates}):
        for one_of in tree.regions:
            assert ends(tree, one_of, on), (one_of, on)


def test_a_tree_that_is_extended_fact_by_fact_is_that_of_all_facts_and_none_before_changes(
    world: World,
) -> None:
    world.do(world.laiwu, rename("莱芜"))
    centre = world.centre(world.laiwu)
    trees = [Territory(())]
    for fact in world.facts:
        trees.append(trees[-1].extended([fact]))
    for number, tree in enumerate(trees):
        whole = Territory(world.facts[:number])
        assert (tree.regions, tree.centres, tree.voided) == (
            whole.regions,
            whole.centres,
            whole.voided,
        )
        assert tree.successions == whole.successions
        assert tree.changes == whole.changes
    assert set(trees[-1].centres) == {centre}
