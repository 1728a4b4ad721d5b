"""The directories of centres and practitioners say what the aggregates know, and no name."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from application.database import Database
from application.records import Records
from domain import (
    centre_existence,
    practitioner_certificates,
    practitioner_posts,
    practitioner_service,
)
from domain.base import Event, Place
from domain.centre import Centre
from domain.practitioner import Practitioner
from domain.practitioner_events import DEFAULT_STARS, Registration
from domain.record import present
from domain.values import CentreGrade, CentreKind, CentreStatus, PostStatus, RecordStatus
from projections import projector as module
from projections.ledgers import LEDGERS
from projections.projector import Projector
from tests.author import AUTHOR
from tests.conftest import Databases
from tests.domain.case_cast import later
from tests.domain.scenario import known, stamp
from tests.projections import centre_walk as town
from tests.projections import team_walk as team
from tests.projections.centre_walk import AT_JINAN, AT_LAIWU, FOUNDED, RULING, centre_walks
from tests.projections.team_walk import COUNTY, JOINED, TOWN, practitioner_walks
from tests.projections.walks import Walk, ledger

DAY = timedelta(days=1)
OFFICE = known("centre")  # of every stamp


@settings(deadline=None, max_examples=150)
@for_all(centre_walks)
def test_the_row_of_a_centre_is_what_the_centre_knows(walk: Walk[Centre]) -> None:
    centre = walk.aggregate
    (row,) = ledger(walk.events, "centres").values()
    assert centre.establishment is not None
    if centre.closed_on is not None:
        status = CentreStatus.CLOSED
    else:
        status = CentreStatus.SUSPENDED if centre.suspended else CentreStatus.WORKING
    stopped_on = centre.suspensions[-1].suspended_on if centre.suspended else None
    covered = "、".join(office.name for office in centre.registry_offices)
    expected: dict[str, Any] = {
        "kind": centre.establishment.kind,
        "name": centre.establishment.name,
        "status": status,
        "grade": centre.grade,
        "registry_offices": covered or None,
        "address": centre.address,
        "established_on": centre.establishment.established_on,
        "suspended_on": stopped_on,
        "closed_on": centre.closed_on,
        "place": centre.places[-1][1],
    }
    assert {name: row.get(name) for name in expected} == expected


@settings(deadline=None, max_examples=150)
@for_all(practitioner_walks)
def test_the_row_of_a_practitioner_is_what_the_practitioner_knows(
    walk: Walk[Practitioner],
) -> None:
    person = walk.aggregate
    (row,) = ledger(walk.events, "practitioners").values()
    assert person.registration is not None
    assert person.standing is not None
    posts, papers = present(person.tenures), present(person.credentials)
    held = person.standing.present[-1:]
    qualified = person.standing.qualified[-1:]
    expected: dict[str, Any] = {
        "kind": person.registration.kind,
        "source": person.registration.source,
        "status": status_of(person),
        "post_since": held[0].from_on if held else None,
        "left_on": held[0].to_on if held else None,
        "posts": sum(tenure.left_on is None for tenure in posts),
        "certificates": sum(paper.revoked_on is None for paper in papers),
        "qualified_from": qualified[0].from_on if qualified else None,
        "star": person.star,
        "service_minutes": person.credited_until(date.max),
        "registered_on": JOINED,
        "deregistered_on": person.deregistered_on,
    }
    assert {name: row.get(name) for name in expected} == expected
    if held:
        assert row["place"] == held[0].place


@settings(deadline=None, max_examples=150)
@for_all(practitioner_walks)
def test_whether_somebody_is_qualified_on_post_is_read_from_the_row(
    walk: Walk[Practitioner],
) -> None:
    person, today = walk.aggregate, walk.events[-1].stamp.occurred_on
    (row,) = ledger(walk.events, "practitioners").values()
    for on in (today, today + 20 * DAY, today + 40 * DAY):
        first, last = row.get("qualified_from"), row.get("qualified_until")
        said = first is not None and first <= on <= (last or date.max)
        assert said is (person.primary_on(on) is not None and person.qualified_on(on))


class Life:
    """What happened to a centre or a practitioner; no dataclass, whose repr would be long."""

    def __init__(self, walk: Walk[Any], random: Random) -> None:
        self.events = walk.events
        self.positions = sorted(random.sample(range(len(walk.events) + 1), 2))


either = st.builds(
    Life, st.one_of(centre_walks, practitioner_walks), st.builds(Random, st.integers())
)


@settings(
    max_examples=4,
    phases=[Phase.generate],  # a failure shows itself; each smaller one would cost a rebuild
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@for_all(either)
def test_a_directory_of_any_position_is_the_fold_of_the_log_live_and_rebuilt(
    databases: Databases, monkeypatch: pytest.MonkeyPatch, life: Life
) -> None:
    monkeypatch.setattr(module, "PAGE", 7)  # versions go on from one page to the next
    with databases() as database:
        records = Records(database, AUTHOR)
        for event in life.events:
            records.save(event)
        records.close()
        projector = Projector(database)
        projector.catch_up()
        for rebuilt in (False, True):
            if rebuilt:
                projector.rebuild(workers=1)  # compared with the live rows by itself
            for position in life.positions:
                for name in ("centres", "practitioners"):
                    said = rows_at(database, name, position)
                    assert said == told(life.events[:position], name)


def told(events: list[Event], name: str) -> dict[UUID, dict[str, Any]]:
    """What the events say of a directory's rows, but for the time of recording."""
    columns = [column.name for column in LEDGERS[name].columns if column.name != "recorded_at"]
    return {
        row_id: {column: row.get(column) for column in columns} | {"place": row["place"]}
        for row_id, row in ledger(events, name).items()
    }


def rows_at(database: Database, name: str, position: int) -> dict[UUID, dict[str, Any]]:
    """What the table says of a directory's rows as of a position."""
    with psycopg.connect(database.reader, row_factory=psycopg.rows.dict_row) as connection:
        rows = connection.execute(
            f"select * from reading.ledger_{name} join reading.place using (place)"  # type: ignore[arg-type]
            " where from_position <= %s and to_position > %s",
            (position, position),
        ).fetchall()
    unsaid = ("row", "from_position", "to_position", "recorded_at", "centre", "region")
    return {
        row["row"]: {k: v for k, v in row.items() if k not in unsaid}
        | {"place": Place(centre=row["centre"], region=row["region"])}
        for row in rows
    }


def status_of(person: Practitioner) -> PostStatus:
    """On post while any is held; waiting until one was held for a day."""
    assert person.standing is not None
    if any(tenure.left_on is None for tenure in present(person.tenures)):
        return PostStatus.ON_POST
    return PostStatus.OFF_POST if person.standing.present else PostStatus.WAITING


def test_no_column_of_practitioners_tells_who_somebody_is() -> None:
    columns = LEDGERS["practitioners"].columns
    assert [column.name for column in columns if column.kind == "text" and not column.values] == []
    assert not {column.name for column in columns} & set(Registration.model_fields) - {
        "kind",
        "source",
    }


def test_a_centre_entered_by_mistake_stays_in_the_directory_marked() -> None:
    walk = a_centre(lambda c: centre_existence.void_establishment(c, town.why(FOUNDED)))
    (row,) = ledger(walk.events, "centres").values()
    assert row["status"] is RecordStatus.VOIDED


def test_a_closing_taken_back_leaves_the_centre_as_it_was_before() -> None:
    walk = a_centre(
        lambda c: centre_existence.suspend(c, stamp(FOUNDED)),
        lambda c: centre_existence.close(c, stamp(FOUNDED + DAY)),
        lambda c: centre_existence.void_closing(c, town.why(FOUNDED + 2 * DAY)),
    )
    (row,) = ledger(walk.events, "centres").values()
    assert (row["status"], row["suspended_on"], row["closed_on"]) == (
        CentreStatus.SUSPENDED,
        FOUNDED,
        None,
    )


def test_a_centre_lies_where_the_last_change_of_boundaries_put_it() -> None:
    walk = a_centre()
    (row,) = ledger(walk.events, "centres").values()
    assert row["place"] == AT_LAIWU
    walk.must(
        lambda c: centre_existence.reassign(
            c, AT_JINAN.region, later(9, FOUNDED), town.why(later(20))
        )
    )
    (row,) = ledger(walk.events, "centres").values()
    assert row["place"] == AT_JINAN


def test_a_grade_stands_in_the_row_of_its_centre_until_it_is_revoked() -> None:
    by = stamp(FOUNDED)
    walk = a_centre(lambda c: centre_existence.award_grade(c, CentreGrade.CITY_MODEL, RULING, by))
    (row,) = ledger(walk.events, "centres").values()
    assert row["grade"] is CentreGrade.CITY_MODEL
    walk.must(lambda c: centre_existence.revoke_grade(c, RULING, by))
    (row,) = ledger(walk.events, "centres").values()
    assert row["grade"] is None


def test_whoever_waits_for_a_first_post_is_listed_at_the_office_that_registered() -> None:
    walk = Walk(Practitioner(known("person"))).must(team.registered)
    (row,) = ledger(walk.events, "practitioners").values()
    assert (row["status"], row["place"]) == (
        PostStatus.WAITING,
        Place(centre=OFFICE, region=OFFICE),
    )


def test_whoever_left_is_listed_at_the_last_post() -> None:
    walk = Walk(Practitioner(known("person"))).must(
        team.registered,
        lambda p: practitioner_posts.assume_post(p, team.post("one", COUNTY), stamp(JOINED)),
        lambda p: practitioner_posts.leave_post(p, known("one"), stamp(later(3, JOINED))),
        lambda p: practitioner_posts.assume_post(
            p, team.post("two", TOWN, later(4, JOINED)), stamp(later(4, JOINED))
        ),
        lambda p: practitioner_posts.deregister(p, stamp(later(9, JOINED))),
    )
    (row,) = ledger(walk.events, "practitioners").values()
    assert (row["status"], row["place"]) == (PostStatus.OFF_POST, TOWN)
    assert (row["post_since"], row["left_on"]) == (later(4, JOINED), later(9, JOINED))
    assert row["deregistered_on"] == later(9, JOINED)


def test_a_registration_made_by_mistake_stays_in_the_directory_marked() -> None:
    walk = Walk(Practitioner(known("person"))).must(
        team.registered,
        lambda p: practitioner_posts.void_registration(p, team.why(JOINED)),
    )
    (row,) = ledger(walk.events, "practitioners").values()
    assert row["status"] is RecordStatus.VOIDED


def test_a_certificate_qualifies_until_its_last_valid_day() -> None:
    paper = team.certificate(expires_on=later(30, JOINED))
    walk = Walk(Practitioner(known("person"))).must(
        team.registered,
        lambda p: practitioner_posts.assume_post(p, team.post(), stamp(JOINED)),
        lambda p: practitioner_certificates.register_certificate(
            p, paper, stamp(JOINED, actor="registrar")
        ),
        lambda p: practitioner_certificates.verify_certificate(
            p, paper.id, stamp(later(1, JOINED), actor="colleague")
        ),
    )
    (row,) = ledger(walk.events, "practitioners").values()
    assert (row["qualified_from"], row["qualified_until"]) == (later(1, JOINED), later(30, JOINED))
    assert row["certificates"] == 1
    walk.must(
        lambda p: practitioner_certificates.revoke_certificate(
            p, paper.id, team.why(later(10, JOINED))
        )
    )
    (row,) = ledger(walk.events, "practitioners").values()
    assert (row["qualified_until"], row["certificates"]) == (later(9, JOINED), 0)
    walk.must(
        lambda p: practitioner_certificates.void_certificate(
            p, paper.id, team.why(later(11, JOINED))
        )
    )
    (row,) = ledger(walk.events, "practitioners").values()
    assert (row["qualified_from"], row["certificates"]) == (None, 0)


def test_stars_and_the_service_they_rest_on_stand_in_the_row() -> None:
    served = [
        (lambda p, n=n: practitioner_service.credit_hours(
            p, team.hours(f"day {n}", later(n, JOINED), 1200), stamp(later(n + 1, JOINED))
        ))
        for n in range(5)
    ]  # fmt: skip
    walk = Walk(Practitioner(known("person"))).must(
        team.registered,
        *served,
        lambda p: practitioner_service.award_star(p, 1, DEFAULT_STARS, stamp(later(9, JOINED))),
    )
    (row,) = ledger(walk.events, "practitioners").values()
    assert (row["star"], row["service_minutes"]) == (1, 6000)
    walk.must(
        lambda p: practitioner_service.revoke_star(p, None, team.why(later(10, JOINED))),
        lambda p: practitioner_service.void_hours(p, known("day 0"), team.why(later(11, JOINED))),
    )
    (row,) = ledger(walk.events, "practitioners").values()
    assert (row["star"], row["service_minutes"]) == (None, 4800)


def test_a_directory_names_the_kind_in_the_words_of_the_field() -> None:
    kinds = {column.name: column for column in LEDGERS["centres"].columns}
    assert kinds["kind"].label(CentreKind.ROOM) == "辅导室"
    assert kinds["status"].label("voided") == "已作废"


def a_centre(*then: Any) -> Walk[Centre]:
    """A centre founded in Laiwu to which this happened."""
    return Walk(Centre(known("centre"))).must(town.established, *then)
