"""What is folded once and then only goes on is what a fold of everything makes."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from application import newest
from application.access import Accesses
from application.database import Database
from application.newest import Newest
from application.records import Actor, Command, Records
from domain.access import Access, Viewing, access_id
from domain.base import day
from domain.values import AccessPurpose, RecordKind, RecordSurface, Role
from tests.author import AUTHOR
from tests.unasked import Unasked

WANG = Actor(uuid4(), Role.SUPERVISOR, uuid4())


def look(records: Records) -> UUID:
    """Wang opens a record; the stream of his day."""
    desk = Accesses(records)
    viewing = Viewing(
        record=uuid4(),
        kind=RecordKind.CASE,
        surface=RecordSurface.API,
        purpose=AccessPurpose.SUPERVISION,
    )
    stream = access_id(WANG.id, WANG.office, day(desk.clock()))
    desk.open_record(stream, viewing, Command(WANG))
    return stream


def test_a_readers_day_goes_on_from_where_another_process_left_it(database: Database) -> None:
    here, there = (Records(database, AUTHOR, jurisdiction=Unasked) for _ in range(2))
    try:
        for records in (here, there, there, here):
            stream = look(records)
        assert here.get(Access, stream) == there.get(Access, stream)
        assert here.get(Access, stream) == here.get(Access, stream, version=4)
    finally:
        here.close()
        there.close()


def test_a_day_is_read_from_where_it_was_read_before(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = look(records)
    records.get(Access, stream)
    asked, select = [], records.recorder.select_events

    def selected(stream: UUID, *, gt: int | None = None) -> object:
        asked.append(gt)
        return select(stream, gt=gt)

    monkeypatch.setattr(records.recorder, "select_events", selected)
    assert records.get(Access, stream).version == 1
    assert asked == [1]


def test_who_was_asked_for_longest_ago_is_forgotten_first(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest, "REMEMBERED", 2)
    days = Newest(Access, records.advanced)
    first, second, third = uuid4(), uuid4(), uuid4()
    for stream in (first, second, first, third):
        days.of(stream)
    assert days.known(second) is None
    assert days.known(first) is not None
    assert days.known(third) is not None
