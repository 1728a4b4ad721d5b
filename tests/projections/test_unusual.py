"""Looks that somebody should ask about: many at once, at night, without assignment, as several."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from application.acquaintance import Acquainted
from application.database import Database
from application.records import Actor, Command, Records
from domain.access import Access, Viewing, access_id
from domain.base import SHANGHAI, day
from domain.values import (
    AccessPurpose,
    AcquaintanceRelation,
    RecordKind,
    RecordSurface,
    Role,
    UnusualLook,
)
from projections.projector import Projector
from projections.readings import Readings
from projections.unusual import MANY, Unusual, unusual_looks
from tests.domain.scenario import known
from tests.projections.work import PLACE, establish_regions, open_case

NOON = datetime(2019, 3, 1, 12, tzinfo=SHANGHAI)
READER = known("reader")


def look(
    records: Records,
    at: datetime,
    record: UUID,
    office: str = "centre",
    role: Role = Role.COUNSELLOR,
    released: bool = False,
) -> None:
    viewing = Viewing(
        record=record,
        kind=RecordKind.CASE,
        surface=RecordSurface.API,
        purpose=AccessPurpose.SERVICE,
        place=PLACE,
    )
    by = Command(Actor(READER, role, known(office)), occurred=at, reason="test")
    stream = access_id(READER, known(office), day(at))
    if released:
        records.change(by, Access, stream, Access.release_keys, viewing, ("k:" + str(record),))
    else:
        records.change(by, Access, stream, Access.open_record, viewing)


def found(database: Database, reason: UnusualLook, *near: Acquainted) -> list[Unusual]:
    Projector(database).catch_up()
    readings = Readings(database)
    try:
        return unusual_looks(readings, readings.at(), lambda: near, reason=reason).found
    finally:
        readings.close()


def test_many_records_in_ten_minutes_are_unusual_and_one_less_are_not(
    database: Database, records: Records
) -> None:
    establish_regions(records)
    for number in range(MANY - 1):
        look(records, NOON + timedelta(seconds=30 * number), known(f"case {number}"))
    assert found(database, UnusualLook.MANY) == []
    look(records, NOON + timedelta(seconds=590), known("one more"))
    (one,) = found(database, UnusualLook.MANY)
    assert (one.reader, one.looks, one.records) == (READER, MANY, MANY)


def test_the_night_is_from_ten_to_six(database: Database, records: Records) -> None:
    establish_regions(records)
    for hours in (9.99, 10, 17.99, 18):  # after noon
        look(records, NOON + timedelta(hours=hours), known("case"))
    (night,) = found(database, UnusualLook.NIGHT)
    assert (night.looks, night.first_at) == (2, NOON + timedelta(hours=10))


def test_one_record_opened_for_two_offices_is_unusual(database: Database, records: Records) -> None:
    establish_regions(records)
    look(records, NOON, known("case"))
    look(records, NOON, known("another"))
    look(records, NOON + timedelta(days=3), known("case"), office="other centre")
    (one,) = found(database, UnusualLook.SEVERAL_OFFICES)
    assert (one.record, one.looks, len(one.offices)) == (known("case"), 2, 2)


def test_a_case_that_was_not_assigned_is_unusual_to_open(
    database: Database, records: Records
) -> None:
    establish_regions(records)
    look(records, NOON, open_case(records))
    assert [one.reader for one in found(database, UnusualLook.UNASSIGNED)] == [READER]


@pytest.mark.parametrize("released", [False, True])
def test_a_look_at_the_case_of_who_is_near_is_unusual_on_each_day(
    database: Database, records: Records, released: bool
) -> None:
    establish_regions(records)
    case, other = open_case(records), known("other")
    for record, days in ((case, 0), (case, 0.01), (case, 2), (other, 0)):
        look(records, NOON + timedelta(days=days), record, released=released)
    near = (
        Acquainted(READER, case, AcquaintanceRelation.RELATIVE),
        Acquainted(known("somebody else"), other, AcquaintanceRelation.RELATIVE),
    )
    first, second = found(database, UnusualLook.RELATIVE, *near)
    assert (first.reader, first.record, first.looks, first.label) == (
        READER,
        case,
        2,
        "查阅亲属的个案",
    )
    assert second.looks == 1
    assert found(database, UnusualLook.OWN_CASE, *near) == []
    assert found(database, UnusualLook.RELATIVE) == []


@pytest.mark.parametrize(
    "role",
    [Role.REGISTRAR, Role.CENTRE_MANAGER, Role.SUPERVISOR, Role.AUDITOR, Role.PRIVACY_OFFICER],
)
def test_who_looks_at_a_centre_or_region_is_asked_only_about_what_is_sealed(
    database: Database, records: Records, role: Role
) -> None:
    establish_regions(records)
    case = open_case(records)
    look(records, NOON, case, role=role)
    assert found(database, UnusualLook.UNASSIGNED) == []
    look(records, NOON, case, role=role, released=True)
    (one,) = found(database, UnusualLook.UNASSIGNED)
    assert (one.record, one.looks) == (case, 1)
