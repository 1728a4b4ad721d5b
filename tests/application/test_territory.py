"""The territory desk: no region below itself, and one change of the tree at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from application import territory_lock
from application.centres import Centres
from application.database import Database, nameless
from application.jurisdiction import Forbidden
from application.keys import author_of
from application.records import Actor, Command, Records
from application.settings import Settings
from application.territory import Regions, id_of
from application.territory_lock import TerritoryHeldUp
from domain.base import Refused, Stamp
from domain.centre_events import Establishment
from domain.region import Region
from domain.region_events import Founding, Move, MoveVoided, RegionMoved, Succession
from domain.values import CentreKind, Extent, RegionKind, RegionLevel, Role
from tests.author import AUTHOR
from tests.conftest import Run
from tests.unasked import Unasked

LONG_AGO = date(2000, 1, 1)
FIRST, SECOND, THIRD = date(2019, 6, 1), date(2019, 9, 1), date(2020, 1, 1)
TIMES = 8  # tries of what comes at once; without the lock nearly each of them went wrong


def command(reason: str | None = None) -> Command:
    return Command(Actor(uuid4(), Role.SUPERVISOR, uuid4()), reason=reason)


def founding(code: str, parent: UUID | None, since: date = LONG_AGO) -> Founding:
    level = RegionLevel.PROVINCE if parent is None else RegionLevel.COUNTY
    kind = RegionKind.PROVINCE if parent is None else RegionKind.DISTRICT
    return Founding(
        scheme="test", code=code, name=code, level=level, kind=kind, parent=parent, valid_from=since
    )


def passing(successor: UUID, on: date) -> Succession:
    return Succession(
        successor=successor, extent=Extent.WHOLE, announced_on=on, effective_on=on, area=None
    )


class Tree:
    """Regions by their names, below one province."""

    def __init__(self, records: Records) -> None:
        self.records, self.desk = records, Regions(records)
        self.top = self.found("370000", None)

    def found(self, code: str, parent: UUID | None) -> UUID:
        entered = founding(code, parent)
        self.desk.establish(entered, command())
        return id_of(entered)

    def move(self, region: UUID, to: UUID, on: date) -> None:
        self.desk.move(region, to, on, command())

    def path(self, region: UUID, on: date = THIRD) -> tuple[UUID, ...]:
        return self.records.jurisdiction.territory.path_at(region, on)


@pytest.fixture
def tree(records: Records) -> Tree:
    return Tree(records)


@pytest.fixture
def beside(database: Database) -> Iterator[Records]:
    """Another process."""
    records = Records(database, AUTHOR, jurisdiction=Unasked)
    yield records
    records.close()


def test_a_move_taken_back_puts_no_region_below_itself(tree: Tree) -> None:
    b, c = tree.found("370101", tree.top), tree.found("370102", tree.top)
    tree.move(b, c, FIRST)
    tree.move(b, tree.top, SECOND)
    tree.move(c, b, THIRD)
    with pytest.raises(Refused, match="region-below-itself"):
        tree.desk.void_move(b, command("误录"))
    assert tree.path(c) == (c, b, tree.top)
    tree.desk.void_move(c, command("误录"))
    tree.desk.void_move(b, command("误录"))
    assert tree.path(b) == (b, c, tree.top)


def test_a_move_that_was_in_force_for_a_time_puts_no_region_below_itself_then(tree: Tree) -> None:
    b, c = tree.found("370101", tree.top), tree.found("370102", tree.top)
    tree.move(b, c, FIRST)
    tree.move(b, tree.top, THIRD)
    with pytest.raises(Refused, match="region-below-itself"):
        tree.move(c, b, SECOND)
    tree.move(c, b, THIRD)


def test_a_succession_taken_back_puts_no_region_below_itself(tree: Tree) -> None:
    p = tree.found("370100", tree.top)
    b = tree.found("370101", p)
    d, c = tree.found("370102", b), tree.found("370103", tree.top)
    tree.desk.succeed(b, passing(c, FIRST), command())
    tree.move(p, d, SECOND)
    assert tree.path(p) == (p, d, c, tree.top)
    with pytest.raises(Refused, match="region-below-itself"):
        tree.desk.void_succession(b, c, FIRST, command("误录"))
    with pytest.raises(Refused, match="region-below-itself"):
        tree.desk.correct_succession(b, c, FIRST, passing(c, THIRD), command("误录"))
    tree.desk.void_move(p, command("误录"))
    tree.desk.void_succession(b, c, FIRST, command("误录"))


def test_a_founding_put_right_puts_no_region_below_itself_before_its_first_day(tree: Tree) -> None:
    old = tree.found("370101", tree.top)
    since = founding("370102", tree.top, SECOND)
    tree.desk.establish(since, command())
    tree.desk.succeed(old, passing(id_of(since), SECOND), command())
    below = founding("370103", id_of(since))
    tree.desk.establish(below, command())
    tree.desk.void_succession(old, id_of(since), SECOND, command("误录"))
    astray = founding("370101", id_of(below))
    tree.desk.correct_founding(old, astray, command("误录"))
    # Before its first day the new region is the old one, which would lie in what lies in it.
    with pytest.raises(Refused, match="region-below-itself"):
        tree.desk.succeed(old, passing(id_of(since), SECOND), command())


def at_once(*jobs: Callable[[], Any]) -> list[str]:
    """What becomes of jobs that begin at the same moment."""
    gate = Barrier(len(jobs))

    def done(job: Callable[[], Any]) -> str:
        gate.wait()
        try:
            job()
        except Refused as refused:
            return refused.code
        return "recorded"

    with ThreadPoolExecutor(len(jobs)) as threads:
        return sorted(threads.map(done, jobs))


def test_of_two_moves_at_once_that_would_tie_regions_one_is_refused(
    tree: Tree, beside: Records
) -> None:
    there = Regions(beside)
    for n in range(TIMES):
        b, c = tree.found(f"3701{n:02}", tree.top), tree.found(f"3702{n:02}", tree.top)
        became = at_once(
            lambda b=b, c=c: tree.desk.move(b, c, FIRST, command()),  # type: ignore[misc]
            lambda b=b, c=c: there.move(c, b, FIRST, command()),  # type: ignore[misc]
        )
        assert became == ["recorded", "region-below-itself"]
        assert tree.path(b)[-1] == tree.path(c)[-1] == tree.top


def test_of_two_foundings_at_once_with_one_code_one_is_refused(tree: Tree, beside: Records) -> None:
    there = Regions(beside)
    for n in range(TIMES):
        code = f"3701{n:02}"
        one, other = founding(code, tree.top), founding(code, tree.top, FIRST)
        became = at_once(
            lambda one=one: tree.desk.establish(one, command()),  # type: ignore[misc]
            lambda other=other: there.establish(other, command()),  # type: ignore[misc]
        )
        assert became == ["recorded", "region-code-borne"]


def test_a_centre_and_a_region_wait_for_the_change_before_them_and_not_for_ever(
    tree: Tree, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(territory_lock, "PATIENCE", 1)
    centre = Establishment(
        kind=CentreKind.CENTRE,
        name="中心",
        region=tree.top,
        established_on=date.today(),  # noqa: DTZ011
    )
    last, asked = tree.records.recorder.max_notification_id(), command()
    with psycopg.connect(database.application) as holder:
        holder.execute("select log.hold_territory()")
        with pytest.raises(TerritoryHeldUp, match="nothing was recorded"):
            tree.found("370101", tree.top)
        with pytest.raises(TerritoryHeldUp):
            Centres(tree.records).establish(uuid4(), centre, asked)
        assert tree.records.recorder.max_notification_id() == last
    Centres(tree.records).establish(uuid4(), centre, asked)


def test_who_waits_in_this_process_waits_no_longer(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(territory_lock, "PATIENCE", 1)
    with tree.records._territory_lock.held(), pytest.raises(TerritoryHeldUp):
        tree.found("370101", tree.top)
    tree.found("370101", tree.top)


def test_who_holds_the_tree_and_hangs_loses_it_and_records_nothing(
    tree: Tree, beside: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(territory_lock, "HELD_AT_MOST", 1)
    with tree.records._territory_lock.held() as require_held:
        require_held()
        Regions(beside).establish(founding("370101", tree.top), command())
        with pytest.raises(TerritoryHeldUp):
            require_held()


def test_the_same_command_again_has_the_first_receipt(tree: Tree) -> None:
    entered, asked = founding("370101", tree.top), command()
    first = tree.desk.establish(entered, asked)
    assert tree.desk.establish(entered, asked) == first


def tied(records: Records) -> tuple[UUID, UUID, UUID]:
    """The top and two regions that an older program let lie in each other."""
    tree = Tree(records)
    b, c = tree.found("370101", tree.top), tree.found("370102", tree.top)
    for region, other in ((b, c), (c, b)):
        recorded_beside(
            records,
            region,
            lambda state, by, other=other: RegionMoved.of(  # type: ignore[misc]
                state, by, from_parent=tree.top, to_parent=other, effective_on=FIRST
            ),
        )
    assert tree.path(b) == (b, c)
    return tree.top, b, c


def recorded_beside(
    records: Records, region: UUID, event: Callable[[Region, Stamp], RegionMoved | MoveVoided]
) -> None:
    by = records.stamp(command("误录"))
    records.save(event(records.get(Region, region), by))


def test_regions_tied_by_an_older_program_are_untied_by_the_system(records: Records) -> None:
    top, b, c = tied(records)
    desk = Regions(records)
    with pytest.raises(Refused, match="region-not-below-itself"):
        desk.untie(top, command("误录"))
    desk.untie(b, command("误录"))
    assert records.jurisdiction.territory.path_at(c, THIRD) == (c, b, top)
    with pytest.raises(Refused, match="region-not-below-itself"):
        desk.untie(b, command("误录"))


def test_what_lies_below_tied_regions_is_not_untied_and_work_elsewhere_goes_on(
    records: Records,
) -> None:
    top, b, c = tied(records)
    desk = Regions(records)
    below, elsewhere = founding("370103", top), founding("370104", top)
    desk.establish(elsewhere, command())
    desk.establish(below, command())
    with pytest.raises(Refused, match="region-below-itself"):
        desk.move(id_of(below), b, SECOND, command())
    with pytest.raises(Refused, match="region-not-below-itself"):
        desk.untie(id_of(below), command("误录"))
    desk.move(id_of(below), id_of(elsewhere), SECOND, command())
    desk.move(c, top, THIRD, command())
    assert records.jurisdiction.territory.path_at(b, THIRD) == (b, c, top)


def test_only_the_system_unties(database: Database, records: Records) -> None:
    _, b, _ = tied(records)
    strict = Records(database, AUTHOR)
    try:
        for role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
            by = Command(Actor(uuid4(), role, b), reason="误录")
            with pytest.raises(Forbidden):
                Regions(strict).untie(b, by)
    finally:
        strict.close()


def test_who_has_the_machine_unties_a_region(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, huhang: Run
) -> None:
    from application.beginning import open_records

    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(database.administrator or ""))
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path))
    settings = Settings()
    records = open_records(database, settings, jurisdiction=Unasked)
    try:
        assert author_of(settings)
        top, b, c = tied(records)
        code, _, said = huhang("untie-region", str(top), "--reason", "互相隶属")
        assert (code, "does not lie in itself" in said) == (2, True), said
        code, _, said = huhang("untie-region", str(b), "--reason", " ")
        assert (code, "Say why" in said) == (2, True)
        code, told, said = huhang("untie-region", str(b), "--reason", "互相隶属")
        assert (code, said) == (0, "")
        assert "taken back at position" in told
        assert records.jurisdiction.territory.path_at(c, THIRD) == (c, b, top)
        voided = records.events_of(b)[-1]
        assert isinstance(voided, MoveVoided)
        assert voided.stamp.role is Role.SYSTEM
        assert voided.move == Move(from_parent=top, to_parent=c, effective_on=FIRST)
    finally:
        records.close()
