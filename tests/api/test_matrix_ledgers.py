"""Roles × ledgers × offices, in the list, as CSV and as a workbook: who sees the rows, who only
that there are none for him, and who is refused. There is no other export: a print is the reader's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import psycopg
import pytest

from domain.values import Role
from projections.ledger_reading import NAMING
from projections.ledgers import LEDGERS
from tests.api.cast import Person
from tests.api.matrix_world import (
    COLUMNS,
    SEALED,
    World,
    listed,
    reaches,
)
from tests.api.test_conflicts import concerned
from tests.api.test_matrix import BY_LEDGER, readers
from tests.workbooks import all_told, rows_told

pytestmark = pytest.mark.exhaustive

LAST: Final = 2**62  # behind every position

LISTED: Final = listed("""
oooccrr-- cases sessions follow_ups
cccccrr-- outreach volunteer_service assistance orders centres practitioners
c-c-crr-- funds
----c-rr- requests disposals
----crrr- assessments
o---crrr- looks accesses
""")
"""Whose rows each role sees in a list."""

TAKEN: Final = {**LISTED, **listed("----crr-- cases sessions follow_ups")}
"""Whose rows each role takes along, as CSV or as a workbook."""

KINDS: Final = [
    "case",
    "centre",
    "practitioner",
    "order",
    "review",
    "request",
    "assessment",
    "disposal",
    "pin",
    "region",
]
"""The records whose history an auditor opens, but for the log's own and the day of a reader."""


def test_every_ledger_is_listed_with_a_row_of_the_world(world: World) -> None:
    by = world.person(Role.AUDITOR, "county")
    there = {ledger["name"] for ledger in world.send(by, "list_ledgers").json()["ledgers"]}
    assert there == set(LEDGERS) == set(LISTED) == set(TAKEN) == set(world.rows)
    assert {len(cells) for cells in (*LISTED.values(), *TAKEN.values())} == {len(COLUMNS)}


@pytest.mark.parametrize("operation", BY_LEDGER)
@pytest.mark.parametrize("role", COLUMNS)
def test_a_role_sees_the_rows_that_the_roster_says(
    role: Role, operation: str, world: World
) -> None:
    roster = LISTED if operation == "read_ledger" else TAKEN
    narrow = {"looks": {"equals": f"reader:{world.rows['looks']}"}}  # every look adds one
    column, wrong = COLUMNS.index(role), []
    for office, own, by in readers(world, role):
        for ledger, cells in roster.items():
            cell = cells[column]
            seen = reaches(cell, office, own=own)
            answer = world.send(by, operation, ids={"name": ledger}, params=narrow.get(ledger))
            if answer.status_code != (403 if cell == "-" else 200):
                wrong.append((ledger, office, own, answer.status_code, answer.text[:200]))
            if (world.rows[ledger] in rows_told(answer)) is not seen:
                wrong.append((ledger, office, own, "hidden" if seen else "seen"))
            if any(word in all_told(answer) for word in SEALED):
                wrong.append((ledger, office, own, "what is sealed"))
    assert wrong == []


@pytest.mark.parametrize("role", COLUMNS)
def test_a_ledger_of_a_region_out_of_reach_holds_nothing(role: Role, world: World) -> None:
    column, county = COLUMNS.index(role), {"region": world.county.code}
    for office, own, by in readers(world, role):
        for ledger, cells in LISTED.items():
            if cells[column] != "-" and not reaches(cells[column], office, own=own):
                answer = world.send(by, "read_ledger", ids={"name": ledger}, params=county)
                assert answer.status_code in (200, 403), (ledger, office, answer.text)
                assert world.rows[ledger] not in answer.text, (ledger, office)


def of_the_world(world: World, by: Person, ledger: str) -> list[str]:
    """The rows of a ledger at the world's place that somebody finds."""
    told = by.reads(f"/ledgers/{ledger}", region=world.county.code, limit=1000)["rows"]
    return [row["row"] for row in told]


@pytest.mark.parametrize("ledger", LEDGERS)
def test_who_declared_a_conflict_with_a_row_of_a_ledger_does_not_find_it(
    ledger: str, world: World
) -> None:
    auditor, other = (world.service.person(Role.AUDITOR, office) for office in two_of(world))
    row = of_the_world(world, auditor, ledger)[0]
    concerned(world.county, auditor, f"/any/{row}")
    assert row in of_the_world(world, other, ledger)
    assert row not in of_the_world(world, auditor, ledger)
    assert row not in auditor.ask(f"/ledgers/{ledger}.csv", region=world.county.code).text


def test_a_disposal_is_listed_to_nobody_who_declared_a_conflict_with_what_it_names(
    world: World,
) -> None:
    """It opens to no such person, who would know by that what it names."""
    auditor, other, apart = (
        world.service.person(Role.AUDITOR, UUID(world.county.region)) for _ in range(3)
    )
    disposal = world.ids["disposal"]
    concerned(world.county, auditor, f"/cases/{world.ids['case_id']}")
    concerned(world.county, apart, person=str(world.county.manager.actor.id))  # who proposed it
    for by, seen in ((auditor, False), (other, True), (apart, True)):
        assert (disposal in of_the_world(world, by, "disposals")) is seen
        taken = by.ask("/ledgers/disposals.csv", region=world.county.code)
        assert (disposal in taken.text) is seen
        assert by.ask(f"/history/{disposal}").status_code == (200 if seen else 403)


def test_of_the_events_of_a_disposal_the_proposal_alone_is_searched_for_what_it_names(
    world: World,
) -> None:
    """There is one more for each record that is disposed of, and others in the log."""
    asked = {"position": LAST, "declared": [world.ids["case_id"]]}
    with psycopg.connect(world.service.database.administrator or "") as connection:
        assert connection.execute(NAMING, asked).fetchall() == [(UUID(world.ids["disposal"]),)]
        explained = connection.execute(f"explain (analyze, format json) {NAMING}", asked).fetchone()
    assert explained is not None
    assert sum(events_in(explained[0][0]["Plan"])) == 1


def events_in(plan: dict[str, Any]) -> Iterator[int]:
    """How many events each step of a plan reads."""
    if plan.get("Relation Name") == "event":
        yield round(plan["Actual Rows"] * plan["Actual Loops"])
    for step in plan.get("Plans", ()):
        yield from events_in(step)


@pytest.mark.parametrize("kind", KINDS)
def test_who_declared_a_conflict_with_a_record_does_not_open_it(kind: str, world: World) -> None:
    auditor, other = (world.service.person(Role.AUDITOR, office) for office in two_of(world))
    record = world.records()[kind]
    assert other.ask(f"/history/{record}").status_code == 200
    concerned(world.county, auditor, f"/any/{record}")
    refused = auditor.ask(f"/history/{record}")
    assert (refused.status_code, "declared a conflict" in refused.text) == (403, True)


def two_of(world: World) -> list[UUID]:
    return [UUID(world.county.region)] * 2
