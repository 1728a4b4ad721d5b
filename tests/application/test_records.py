"""Load, decide, append, answer with a receipt: once for each request, whatever happens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from application.database import Database
from application.eventlog import Conflict, Receipt, RequestReused, decoded, read_page
from application.records import Actor, Command, DangerousSetting, NotFound, Records
from domain.access import Access
from domain.base import EVENTS, Aggregate, Event, Refused, Stamp
from domain.case import Case
from domain.values import Role
from tests.author import AUTHOR
from tests.unasked import Unasked
from tests.writers import until

LI = Actor(uuid4(), Role.COUNSELLOR, uuid4())


class Counted(Event):
    """An event for these tests; not one of the domain's."""

    topic = "test.counted.v1"

    step: int


@dataclass(frozen=True, slots=True)
class Counter(Aggregate):
    """Counts up to ten."""

    about = "test"

    total: int = 0

    def count(self, number: int, stamp: Stamp) -> Iterator[Counted]:
        if self.total + number > 10:
            raise Refused("counter-is-full", total=self.total)
        for _ in range(number):
            yield Counted.of(self, stamp, step=1)

    def discount(self, number: int, stamp: Stamp) -> Iterator[Counted]:
        yield Counted.of(self, stamp, step=-number)

    def evolve(self, event: Counted) -> Counter:
        return replace(self, total=self.total + event.step)


@pytest.fixture(autouse=True)
def _counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EVENTS, Counted.topic, Counted)


def count(records: Records, counter: UUID, number: int = 1, **command: Any) -> Receipt:
    return records.change(Command(**{"by": LI, **command}), Counter, counter, Counter.count, number)


def test_a_change_is_recorded_and_answered_with_its_receipt(records: Records) -> None:
    request, counter = uuid4(), uuid4()
    receipt = count(records, counter, 3, request=request)
    assert (receipt.request, receipt.first_position, receipt.last_position) == (request, 1, 3)
    assert records.get(Counter, counter).total == 3


def test_an_aggregate_is_found_as_of_a_version_of_its_own(records: Records) -> None:
    counter = uuid4()
    count(records, counter, 3)
    assert records.get(Counter, counter, version=2).total == 2


def test_find_returns_nothing_where_get_refuses(records: Records) -> None:
    nobody = uuid4()
    assert records.find(Counter, nobody) is None
    with pytest.raises(NotFound, match=str(nobody)):
        records.get(Counter, nobody)


@pytest.mark.parametrize("kind", [Access, Case])
def test_an_id_of_another_kind_of_record_is_not_found(
    records: Records, kind: type[Aggregate]
) -> None:
    counter = uuid4()
    count(records, counter)
    with pytest.raises(NotFound, match=f"is no {kind.about}"):
        records.find(kind, counter)


def test_a_refused_decision_writes_nothing(records: Records) -> None:
    counter = uuid4()
    with pytest.raises(Refused, match="counter-is-full"):
        count(records, counter, 11)
    assert records.find(Counter, counter) is None


def test_the_events_stamp_says_who_when_and_by_which_request(records: Records) -> None:
    request, counter = uuid4(), uuid4()
    count(records, counter, request=request, occurred=date(2019, 3, 1), reason="补录")
    (event,) = records.events.get(counter)
    assert isinstance(event, Counted)
    assert event.stamp == Stamp(
        actor=LI.id,
        role=LI.role,
        office=LI.office,
        occurred=date(2019, 3, 1),
        reason="补录",
        request=request,
    )


def test_a_change_occurs_now_unless_told_otherwise(database: Database) -> None:
    now = datetime(2019, 3, 1, 8, 0, tzinfo=UTC)
    records = Records(database, AUTHOR, clock=lambda: now, jurisdiction=Unasked)
    counter = uuid4()
    count(records, counter)
    (event,) = records.events.get(counter)
    records.close()
    assert isinstance(event, Counted)
    assert event.stamp.occurred == now


def test_a_change_in_the_future_is_refused(records: Records) -> None:
    with pytest.raises(Refused, match="occurred-in-future"):
        count(records, uuid4(), occurred=datetime.now(UTC) + timedelta(days=1))


def test_a_repeated_command_is_answered_with_the_first_receipt(records: Records) -> None:
    request, counter = uuid4(), uuid4()
    first = count(records, counter, request=request)
    assert count(records, counter, request=request) == first
    assert records.get(Counter, counter).total == 1


def test_a_repeated_command_is_answered_where_it_would_be_refused_by_now(records: Records) -> None:
    request, counter = uuid4(), uuid4()
    first = count(records, counter, 10, request=request)
    assert count(records, counter, 10, request=request) == first


def test_a_repeated_command_is_answered_though_its_expected_version_is_past(
    records: Records,
) -> None:
    request, counter = uuid4(), uuid4()
    first = count(records, counter, request=request, expected_version=0)
    assert count(records, counter, request=request, expected_version=0) == first


@pytest.mark.parametrize(
    "other",
    [
        {"number": 2},
        {"counter": uuid4()},
        {"occurred": date(2019, 3, 2), "reason": "补录"},
        {"reason": "另一原因"},
        {"actor": Actor(uuid4(), LI.role, LI.office)},
    ],
    ids=lambda other: ", ".join(other),
)
def test_a_request_id_with_another_body_is_refused(records: Records, other: dict[str, Any]) -> None:
    request, counter = uuid4(), uuid4()
    count(records, counter, request=request)
    changed = dict(other)
    actor = changed.pop("actor", LI)
    with pytest.raises(RequestReused):
        records.change(
            Command(actor, request, changed.get("occurred"), changed.get("reason")),
            Counter,
            changed.get("counter", counter),
            Counter.count,
            changed.get("number", 1),
        )


def test_a_request_id_with_another_decision_is_refused(records: Records) -> None:
    request, counter = uuid4(), uuid4()
    count(records, counter, request=request)
    with pytest.raises(RequestReused):
        records.change(Command(LI, request), Counter, counter, Counter.discount, 1)


def test_a_change_of_a_version_that_is_past_is_a_conflict(records: Records) -> None:
    counter = uuid4()
    count(records, counter, 2)
    with pytest.raises(Conflict) as conflict:
        count(records, counter, expected_version=1)
    assert conflict.value.current_version == 2
    assert records.get(Counter, counter).total == 2


def test_somebody_faster_between_loading_and_recording_makes_a_conflict(records: Records) -> None:
    counter = uuid4()

    def overtaken(state: Counter, stamp: Stamp) -> Iterator[Counted]:
        count(records, counter)
        yield from state.count(1, stamp)

    with pytest.raises(Conflict) as conflict:
        records.change(Command(LI), Counter, counter, overtaken)
    assert conflict.value.current_version == 1


def test_the_same_command_overtaking_itself_is_answered_with_the_first_receipt(
    records: Records,
) -> None:
    command, counter = Command(LI), uuid4()
    overtaken = threading.Event()

    def full(state: Counter, stamp: Stamp) -> Iterator[Counted]:
        if not overtaken.is_set():
            overtaken.set()
            receipts.append(records.change(command, Counter, counter, full))
            raise Refused("counter-is-full")
        yield from state.count(1, stamp)

    receipts: list[Receipt] = []
    assert records.change(command, Counter, counter, full) == receipts[0]
    assert records.get(Counter, counter).total == 1


def test_of_many_threads_with_one_request_one_records_and_all_get_its_receipt(
    records: Records,
) -> None:
    request, counter = uuid4(), uuid4()
    with ThreadPoolExecutor(8) as threads:
        receipts = set(threads.map(lambda _: count(records, counter, request=request), range(8)))
    assert len(receipts) == 1
    assert records.get(Counter, counter).total == 1


def test_a_page_of_the_log_is_read_as_events_with_their_positions(
    records: Records, database: Database
) -> None:
    counter = uuid4()
    receipt = count(records, counter, 2)
    with psycopg.connect(database.reader) as connection:
        recorded = list(decoded(read_page(connection, 0, 10)))
    assert [(r.position, r.recorded_at) for r in recorded] == [
        (1, receipt.recorded_at),
        (2, receipt.recorded_at),
    ]
    assert [r.event for r in recorded] == list(records.events.get(counter))


@pytest.mark.parametrize("prefix", ["", "STORED_"])
@pytest.mark.parametrize("switch", ["y", "true", "1", "perhaps"])
def test_the_librarys_switch_that_loses_events_is_refused_at_start(
    database: Database, monkeypatch: pytest.MonkeyPatch, prefix: str, switch: str
) -> None:
    monkeypatch.setenv(f"{prefix}POSTGRES_ENABLE_DB_FUNCTIONS", switch)
    with pytest.raises(DangerousSetting, match="readers skip events"):
        Records(database, AUTHOR, jurisdiction=Unasked)


def test_the_switch_is_refused_from_the_settings_of_the_application_too(database: Database) -> None:
    with pytest.raises(DangerousSetting):
        Records(database, AUTHOR, env={"POSTGRES_ENABLE_DB_FUNCTIONS": "y"}, jurisdiction=Unasked)


def test_the_switch_may_be_off(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_ENABLE_DB_FUNCTIONS", "no")
    Records(database, AUTHOR, jurisdiction=Unasked).close()


def test_closing_leaves_no_connection_behind(database: Database) -> None:
    records = Records(database, AUTHOR, jurisdiction=Unasked)
    count(records, uuid4())
    records.close()
    query = (
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and usename = 'huhang_application'"
    )
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        until(lambda: connection.execute(query).fetchone() == (0,))
