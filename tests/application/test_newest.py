"""What is folded once and then only goes on is what a fold of everything makes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from application import newest
from application.access import Accesses
from application.database import Database
from application.eventlog import Conflict, Receipt
from application.newest import Newest
from application.records import Actor, Command, Records
from domain.access import Access, AccessRequest, Viewing, access_id
from domain.base import Event, Place, Refused, day
from domain.values import AccessPurpose, AccessReason, RecordKind, RecordSurface, Role
from tests.author import AUTHOR
from tests.unasked import Unasked

WANG = Actor(uuid4(), Role.SUPERVISOR, uuid4())
LI = Actor(uuid4(), Role.PRIVACY_OFFICER, uuid4())


def viewing(record: UUID, access: UUID | None = None) -> Viewing:
    return Viewing(
        record=record,
        kind=RecordKind.CASE,
        surface=RecordSurface.API,
        purpose=AccessPurpose.SUPERVISION if access is None else AccessPurpose.EMERGENCY,
        access=access,
    )


def look(records: Records) -> UUID:
    """Wang opens a record; the stream of his day."""
    desk = Accesses(records)
    stream = access_id(WANG.id, WANG.office, day(desk.clock()))
    desk.open_record(stream, viewing(uuid4()), Command(WANG, fresh=True))
    return stream


def begun(records: Records, stream: UUID, of: Viewing | None = None) -> Callable[[], Receipt]:
    """Wang's look begins; what is returned waits for its end."""
    return Accesses(records).begin_opening(
        stream, of or viewing(uuid4()), Command(WANG, fresh=True), records.jurisdiction
    )


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
    asked, after = [], records.recorder.events_after

    def selected(stream: UUID, version: int) -> object:
        asked.append(version)
        return after(stream, version)

    monkeypatch.setattr(records.recorder, "events_after", selected)
    assert records.get(Access, stream).version == 1
    assert asked == [1]


def test_a_second_look_of_the_day_reads_nothing_of_it(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(records)
    monkeypatch.setattr(records.recorder, "events_after", pytest.fail)
    look(records)


def test_looks_of_one_reader_at_once_are_all_recorded(database: Database) -> None:
    here, there = (Records(database, AUTHOR, jurisdiction=Unasked) for _ in range(2))
    try:
        with ThreadPoolExecutor(8) as threads:
            streams = list(threads.map(look, [here, there] * 20))
        assert here.get(Access, streams[0]).version == 40
    finally:
        here.close()
        there.close()


def test_a_look_that_is_read_meanwhile_stands_when_its_end_was_waited_for(
    database: Database,
) -> None:
    here, there = (Records(database, AUTHOR, jurisdiction=Unasked) for _ in range(2))
    try:
        stream = look(here)
        ends = [begun(here, stream), begun(there, stream), begun(here, stream)]
        versions = [here.version_at(end().last_position) for end in ends]
        assert sorted(versions) == [2, 3, 4]
        assert here.get(Access, stream).version == 4
    finally:
        here.close()
        there.close()


def test_what_another_process_opened_a_moment_ago_is_open(database: Database) -> None:
    """Who remembers the day from before the grant would refuse what was just granted."""
    here, there = (Records(database, AUTHOR, jurisdiction=Unasked) for _ in range(2))
    try:
        stream, soon = look(here), datetime.now(UTC) + timedelta(hours=1)
        request = AccessRequest(
            id=uuid4(),
            record=uuid4(),
            kind=RecordKind.CASE,
            reason=AccessReason.DANGER,
            why="当事人失联",
            until=soon,
        )
        place = Place(centre=None, region=uuid4())
        there.change(Command(WANG), Access, stream, Access.request, request, place)
        there.change(
            Command(LI), Access, stream, Access.grant, request.id, soon, soon.date() + timedelta(7)
        )
        under = viewing(request.record, request.id)
        begun(here, stream, under)()
        look(here)
        desk = Accesses(here)
        desk.open_record(stream, under, Command(WANG, fresh=True))
        assert here.get(Access, stream).version == 6
    finally:
        here.close()
        there.close()


def test_a_look_that_is_refused_is_refused_at_its_end_and_not_recorded(records: Records) -> None:
    stream = look(records)
    end = begun(records, stream, viewing(uuid4(), access=uuid4()))
    with pytest.raises(Refused):
        end()
    assert records.get(Access, stream).version == 1


def test_a_look_that_met_another_goes_on_from_what_is_recorded(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From what it remembers, which is outdated, it would only meet it again."""
    here, there = (Records(database, AUTHOR, jurisdiction=Unasked) for _ in range(2))
    try:
        stream, saves, save = look(here), list[int](), here.save

        def counted(*events: Event, **how: Any) -> Any:
            saves.append(events[0].originator_version)
            return save(*events, **how)

        monkeypatch.setattr(here, "save", counted)
        look(there)
        begun(here, stream)()
        assert saves == [2, 3]
    finally:
        here.close()
        there.close()


def test_a_look_that_meets_others_without_end_is_told_of_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.records.INSISTING", 3)
    here, there = (Records(database, AUTHOR, jurisdiction=Unasked) for _ in range(2))
    try:
        stream, saves, save = look(here), list[int](), here.save

        def met(*events: Event, **how: Any) -> Any:
            saves.append(events[0].originator_version)
            assert len(saves) < 10, "it goes on for ever"
            look(there)
            return save(*events, **how)

        monkeypatch.setattr(here, "save", met)
        with pytest.raises(Conflict) as faster:
            look(here)
        assert saves == [2, 3, 4]
        assert faster.value.current_version == here.get(Access, stream).version == 4
    finally:
        here.close()
        there.close()


def test_who_was_asked_for_longest_ago_is_forgotten_first(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest, "REMEMBERED", 2)
    days = Newest(Access, records.advanced)
    first, second, third = uuid4(), uuid4(), uuid4()
    for stream in (first, second, first, third):
        known = days.known(stream) or Access(stream)
        days.went_on(known, replace(known, version=known.version + 1))
    assert days.known(second) is None
    assert days.known(first) is not None
    assert days.known(third) is not None


def test_ids_of_nothing_push_out_nobody(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest, "REMEMBERED", 2)
    stream, days = look(records), Newest(Access, records.advanced)
    days.of(stream)
    for _ in range(3):
        assert days.of(uuid4()).version == 0
    assert days.known(stream) is not None


class Tape:
    """A clock in seconds, and what was read meanwhile."""

    def __init__(self) -> None:
        self.now = 0.0
        self.read: list[int] = []

    def __call__(self) -> float:
        return self.now


def test_an_aggregate_is_folded_from_its_beginning_again_after_some_minutes() -> None:
    tape, stream = Tape(), uuid4()

    def advance(known: Access) -> Access:
        tape.read.append(known.version)
        return replace(known, version=known.version + 1)

    days = Newest(Access, advance, clock=tape)
    for tape.now in (0.0, newest.ANEW, newest.ANEW + 1, newest.ANEW + 2):
        days.of(stream)
    assert tape.read == [0, 1, 0, 1]


def test_what_is_recorded_meanwhile_makes_no_memory_younger() -> None:
    tape, stream = Tape(), uuid4()
    days = Newest(Access, lambda known: known if known.version else first, clock=tape)
    first = replace(Access(stream), version=1)
    assert days.of(stream) is first
    tape.now = newest.ANEW
    days.went_on(first, later := replace(first, version=2))
    assert days.known(stream) is later
    tape.now = newest.ANEW + 1
    assert days.known(stream) is None
    days.went_on(later, replace(first, version=3))
    assert days.known(stream) is None, "what was decided on a memory that is over is none"


def test_what_was_decided_on_another_memory_replaces_none() -> None:
    stream = uuid4()
    days = Newest(Access, lambda known: known)
    old, anew = replace(Access(stream), version=1), replace(Access(stream), version=1)
    days.went_on(Access(stream), anew)
    days.went_on(old, replace(old, version=2))
    assert days.known(stream) is anew


def test_a_day_that_this_process_does_not_remember_goes_on_where_another_left_it(
    database: Database,
) -> None:
    here, there = (Records(database, AUTHOR, jurisdiction=Unasked) for _ in range(2))
    try:
        stream = look(here)
        look(here)
        assert there.version_at(begun(there, stream)().last_position) == 3
        assert there.get(Access, stream) == here.get(Access, stream)
    finally:
        here.close()
        there.close()


def test_the_first_look_of_a_day_asks_the_log_for_nothing(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records.recorder, "events_after", pytest.fail)
    stream = access_id(WANG.id, WANG.office, day(datetime.now(UTC)))
    begun(records, stream)()
    monkeypatch.undo()
    assert records.get(Access, stream).version == 1
