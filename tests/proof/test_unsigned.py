"""Rows in the streams of records that no instance of ours signed, and that nothing stops at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from application import inspection, jurisdiction, unsigned
from application.alarms import Alarm, ring, standing
from application.beginning import open_records
from application.codec import UnknownTopic, statement_of
from application.eventlog import Conflict, Receipt
from application.first_event import AnotherBeginning, first_file, known_beginning, note_first
from application.inspection import SealedRow, inspect_leaf
from application.keys import author_of
from application.leaf import Leaf
from application.log_stream import Beginning, Registered, beginning_of
from application.records import Command, NotFound, Records
from application.tree import leaf_hash
from application.unsigned import fold_proved
from domain import region_boundaries
from domain.access import Access, Selection, access_id
from domain.account import Account
from domain.account_events import account_id
from domain.base import EVENTS, Aggregate, Refused, day, fold
from domain.case import Case
from domain.centre_events import CentreEstablished
from domain.log import LOG_ID, AuthorKey, Log, SchemaChanged, StreamHeads
from domain.region import Region
from domain.region_boundaries import founded_id
from domain.region_events import Founding, JointMeetingHeld, RegionEstablished, RegionMoved
from domain.values import AccessPurpose, AccessReason, RecordKind, RegionKind, RegionLevel
from projections.history import Moment, timeline
from projections.projector import Projector
from projections.readings import Readings
from tests.application.test_jurisdiction import LI, declare, open_account
from tests.author import APPEND, AUTHOR, by_hand
from tests.proof.ledger import Ledger
from tests.proof.test_own_stream import OTHER_KEY, append, said
from tests.unasked import Unasked

pytestmark = pytest.mark.attack

RUBBISH = (b"3", b"null", b"\xff", b"{}", b"9" * 5000, b'{"stamp":5}')


@pytest.fixture
def records(ledger: Ledger) -> Iterator[Records]:
    """The records of another process, which rings."""
    records = open_records(ledger.database, ledger.settings, Unasked)
    yield records
    records.close()


def rung(ledger: Ledger) -> list[str]:
    return (standing(ledger.settings.home) or "").splitlines()


def founding(code: str) -> Founding:
    return Founding(
        scheme="test",
        code=code,
        name="某省",
        level=RegionLevel.PROVINCE,
        kind=RegionKind.PROVINCE,
        valid_from=date(2010, 1, 1),
    )


FORGED = said(**founding("990000").model_dump(mode="json", exclude_none=True))


def establish(records: Records, code: str) -> UUID:
    """A province more."""
    region = founded_id(founding(code))
    records.change(Command(LI), Region, region, region_boundaries.establish, founding(code))
    return region


@pytest.mark.parametrize("state", RUBBISH)
@pytest.mark.parametrize("topic", [RegionEstablished.topic, CentreEstablished.topic])
def test_the_tree_passes_over_what_is_no_event(
    ledger: Ledger, records: Records, topic: str, state: bytes
) -> None:
    first = establish(records, "370000")
    ledger.seal()
    at = append(ledger, topic, state, uuid4())
    append(ledger, RegionMoved.topic, state, first)
    assert records.jurisdiction.territory.tops_at(date(2020, 1, 1)) == {first}
    second = establish(records, "410000")
    assert records.jurisdiction.territory.tops_at(date(2020, 1, 1)) == {first, second}
    (alarm,) = rung(ledger)
    assert alarm.startswith(
        f"The row at position {at} says where an office is, and no instance of ours signed it, "
        "nor 1 other like it: it is passed over"
    )
    with pytest.raises(Alarm, match=f"Position {at}:"):
        ledger.seal()


def test_nobody_is_put_in_charge_by_a_row_that_nobody_signed(
    ledger: Ledger, records: Records
) -> None:
    """It has the form of ours, and would give an office what is another's."""
    above, below = establish(records, "370000"), establish(records, "410000")
    state = said(
        effective_on="2015-01-01", from_parent=str(below), to_parent=str(below), document="x"
    )
    append(ledger, RegionMoved.topic, state, above)
    append(ledger, RegionEstablished.topic, FORGED, uuid4())
    assert records.jurisdiction.territory.tops_at(date(2020, 1, 1)) == {above, below}
    assert len(rung(ledger)) == 1


def test_who_may_sign_is_read_again_only_for_a_name_that_is_not_known(
    ledger: Ledger, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever fills the log with authors whom nobody let in has them read at each question."""
    reads = list[psycopg.Connection[Any]]()

    def counted(connection: psycopg.Connection[Any], home: Path) -> Beginning:
        reads.append(connection)
        return known_beginning(connection, home)

    monkeypatch.setattr(unsigned, "known_beginning", counted)
    for code in ("370000", "410000", "420000"):
        establish(records, code)
        assert records.jurisdiction.territory.tops_at(date(2020, 1, 1))
    open_account(records)
    declare(records, uuid4())
    assert len(reads) == 1


def test_a_row_that_was_another_for_a_moment_is_in_the_tree_after_an_hour(
    ledger: Ledger, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who administers the database changes it while a later one is read, and puts it back."""
    codes = ("370000", "410000", "420000")
    first, second, third = (establish(ledger.records, code) for code in codes)
    ledger.attack(
        f"create table kept as select state from log.event where originator_id = '{second}'",
        f"update log.event set state = '3' where originator_id = '{second}'",
    )
    assert records.jurisdiction.territory.tops_at(date(2020, 1, 1)) == {first, third}
    ledger.attack(
        f"update log.event set state = kept.state from kept where originator_id = '{second}'"
    )
    assert records.jurisdiction.territory.tops_at(date(2020, 1, 1)) == {first, third}
    monkeypatch.setattr(jurisdiction, "ANEW", -1.0)
    assert records.jurisdiction.territory.tops_at(date(2020, 1, 1)) == {first, second, third}


def test_a_row_that_is_signed_and_was_changed_is_passed_over_too(
    ledger: Ledger, records: Records
) -> None:
    first, second = establish(records, "370000"), establish(records, "410000")
    ledger.attack(f"update log.event set state = '3' where originator_id = '{second}'")
    assert records.jurisdiction.territory.tops_at(date(2020, 1, 1)) == {first}
    assert len(rung(ledger)) == 1


ROWS = [
    ("account.conflict-declared.v1", b"3"),
    ("account.conflict-declared.v1", b"{}"),
    ("account.unknown.v1", b"{}"),
    ("what nobody knows", b"{}"),
    (
        RegionEstablished.topic,
        said(**founding("990000").model_dump(mode="json", exclude_none=True)),
    ),
]


@pytest.mark.parametrize(("topic", "state"), ROWS)
def test_a_record_passes_over_what_is_no_event_of_it_and_goes_on_behind_it(
    ledger: Ledger, records: Records, topic: str, state: bytes
) -> None:
    open_account(records)
    first, second, third = uuid4(), uuid4(), uuid4()
    declare(records, first)
    stream = account_id(LI.id)

    def declared(records: Records) -> set[UUID | None]:
        return {conflict.case for conflict in records.get(Account, stream).conflicts.values()}

    def folded(records: Records) -> set[UUID | None]:
        account = records.record(stream)
        assert isinstance(account, Account)
        return {conflict.case for conflict in account.conflicts.values()}

    assert declared(records) == {first}
    at = append(ledger, topic, state, stream)
    assert declared(records) == folded(records) == {first}
    declare(records, second)
    assert declared(records) == folded(records) == {first, second}
    another = Records(
        ledger.database, author_of(ledger.settings), jurisdiction=Unasked,
        alarm=partial(ring, ledger.settings.home),
    )  # fmt: skip
    try:
        assert declared(another) == folded(another) == {first, second}
        declare(another, third)
        assert records.kind_of(stream) is Account
        version = records.get(Account, stream).version
        assert [folded(records), folded(another)] == [{first, second, third}] * 2
        then = records.find(Account, stream, version - 1)
        assert then is not None
        assert {one.case for one in then.conflicts.values()} == {first, second}
    finally:
        another.close()
    (alarm,) = rung(ledger)
    assert alarm.startswith(f"The row at position {at} is one of a record's, and no instance of")
    with pytest.raises(Alarm, match=f"Position {at}:"):
        ledger.seal()


@pytest.mark.parametrize("state", RUBBISH)
def test_a_day_of_looks_that_began_with_rubbish_goes_on(
    ledger: Ledger, records: Records, state: bytes
) -> None:
    """Its id is known beforehand, and whoever cannot be traced sees nothing."""
    now = datetime.now(UTC)
    stream = access_id(LI.id, LI.office, day(now))
    append(ledger, "access.list-opened.v1", state, stream)
    selection = Selection(kind=RecordKind.CASE, what="cases", rows=3, purpose=AccessPurpose.SERVICE)
    receipt = records.change(Command(LI, occurred=now), Access, stream, Access.open_list, selection)
    assert records.get(Access, stream).version == 2
    assert receipt.last_position == 3


def test_a_region_begins_behind_a_row_of_version_nought(ledger: Ledger, records: Records) -> None:
    """Some streams of the library begin so, and none of ours; none begins before it."""
    region = founded_id(founding("370000"))
    written = by_hand(region, 0, topic=RegionEstablished.topic)
    with psycopg.connect(ledger.database.application, autocommit=True) as connection:
        with pytest.raises(psycopg.Error):
            connection.execute(f"select {APPEND}", by_hand(region, -1))
        connection.execute(f"select {APPEND}", written)
    assert records.find(Region, region) is None
    assert establish(records, "370000") == region
    assert records.get(Region, region) == records.record(region)
    assert records.get(Region, region).version == 1


OPENED = {"person": str(LI.id), "login": "other", "office": str(uuid4())}
SEALED = {"z": 1, "k": "k:key", "n": "nonce", "h": "commitment", "c": "cipher"}
WRITTEN_BEFORE = [
    *((RegionEstablished.topic, state) for state in RUBBISH),
    ("what nobody knows", b"{}"),
    ("case.opened.v1", b"3"),
    ("account.signed-out.v1", said(session=str(uuid4()))),
    ("account.opened.v1", said(opening={**OPENED, "name": SEALED})),
    (
        RegionEstablished.topic,
        said(**{**founding("370000").model_dump(mode="json", exclude_none=True), "name": "他省"}),
    ),
]
"""What anybody may write into a stream whose id can be foretold, before it has begun."""


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize(("topic", "state"), WRITTEN_BEFORE)
def test_a_region_begins_behind_what_nobody_signed(
    ledger: Ledger, records: Records, topic: str, state: bytes, times: int
) -> None:
    region = founded_id(founding("370000"))
    for _ in range(times):
        append(ledger, topic, state, region)
    assert records.find(Region, region) is None
    with pytest.raises(NotFound):
        records.record(region)
    assert establish(records, "370000") == region
    begun = records.get(Region, region)
    assert (begun.name, begun.version) == ("某省", times + 1)
    assert records.record(region) == begun == records.get(Region, region, times + 1)
    assert records.find(Region, region, times) is None
    assert records.jurisdiction.territory.tops_at(date(2020, 1, 1)) == {region}
    with pytest.raises(Refused, match="region-exists"):
        establish(records, "370000")
    assert rung(ledger)


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize(("topic", "state"), WRITTEN_BEFORE)
def test_an_account_begins_behind_what_nobody_signed(
    ledger: Ledger, records: Records, topic: str, state: bytes, times: int
) -> None:
    stream = account_id(LI.id)
    for _ in range(times):
        append(ledger, topic, state, stream)
    assert records.find(Account, stream) is None
    open_account(records)
    account = records.get(Account, stream)
    assert (account.require_opened().office, account.version) == (LI.office, times + 1)
    assert records.record(stream) == account == records.get(Account, stream, times + 1)
    with pytest.raises(Refused, match="account-exists"):
        open_account(records)


def test_a_new_region_lies_where_its_founding_says_whatever_stands_in_its_stream(
    ledger: Ledger, records: Records
) -> None:
    """Else only who may found everywhere could found it."""
    named = founding("370000").model_copy(update={"parent": uuid4()})
    region = founded_id(named)
    append(ledger, RegionEstablished.topic, b"3", region)
    seen = list[Aggregate]()

    class Watched(Unasked):
        def require(self, *asked: Any) -> None:
            seen.append(asked[2])

    watched = Records(ledger.database, author_of(ledger.settings), jurisdiction=Watched)
    try:
        with pytest.raises(Refused):
            watched.change(Command(LI), Region, region, region_boundaries.void_founding)
    finally:
        watched.close()
    (new,) = seen
    assert (new.version, new.exists) == (1, False)
    where = records.jurisdiction.whereabouts(new, region_boundaries.establish, (named,))
    assert [spot.region for spot in where.spots] == [named.parent]


@pytest.mark.parametrize("rows", [0, 1, 3])
@pytest.mark.parametrize("state", [b"3", FORGED])
def test_who_begins_behind_what_nobody_signed_conflicts_with_whatever_comes_meanwhile(
    ledger: Ledger, records: Records, rows: int, state: bytes
) -> None:
    """The version is the one that was read: two who begin it at once never both do.

    What changes the tree is decided twice, the second time while nobody else changes it.
    """
    region = founded_id(founding("370000"))
    for _ in range(rows):
        append(ledger, RegionEstablished.topic, state, region)

    def change(check: Callable[[object], object]) -> Receipt:
        decision = region_boundaries.establish
        return records.change(
            Command(LI), Region, region, decision, founding("370000"), check=check
        )

    def at(call: int, what: Callable[[], object]) -> Callable[[object], object]:
        calls = iter([*[lambda: None] * (call - 1), what])
        return lambda _: next(calls, lambda: None)()

    with pytest.raises(Conflict) as faster:
        change(at(2, lambda: append(ledger, RegionEstablished.topic, state, region)))
    assert faster.value.current_version == rows + 1
    with pytest.raises(Refused, match="region-exists"):
        change(at(1, lambda: change(lambda _: None)))
    assert [event.topic for event in records.events_of(region)[-1:]] == [RegionEstablished.topic]
    assert records.get(Region, region).version == rows + 2
    with pytest.raises(Refused, match="region-exists"):
        change(lambda _: None)


def test_an_account_as_of_before_is_what_was_signed_then(ledger: Ledger, records: Records) -> None:
    """The conflicts of then decide what is seen of then."""
    open_account(records)
    declare(records, uuid4())
    stream = account_id(LI.id)
    (conflict,) = records.get(Account, stream).conflicts
    append(ledger, "account.conflict-withdrawn.v1", said(conflict=str(conflict)), stream)
    declare(records, uuid4())
    then = records.get(Account, stream, 3)
    assert (then.version, set(then.conflicts)) == (3, {conflict})
    assert records.record(stream, 3) == then
    assert records.record(stream) == records.get(Account, stream)
    assert len(records.get(Account, stream).conflicts) == 2


def test_nobody_opens_a_record_to_himself_by_a_row_that_nobody_signed(
    ledger: Ledger, records: Records
) -> None:
    now = datetime.now(UTC)
    stream, asked = access_id(LI.id, LI.office, day(now)), uuid4()
    selection = Selection(kind=RecordKind.CASE, what="cases", rows=3, purpose=AccessPurpose.SERVICE)
    records.change(Command(LI, occurred=now), Access, stream, Access.open_list, selection)
    request = {
        "id": str(asked),
        "record": str(uuid4()),
        "kind": RecordKind.CASE,
        "reason": AccessReason.DANGER,
        "why": "x",
        "until": "2026-11-28T01:00:00Z",
    }
    place = {"region": str(uuid4())}
    append(ledger, "access.requested.v1", said(request=request, place=place), stream)
    assert len(fold(Access(stream), records.events_of(stream)).accesses) == 1
    opened = records.get(Access, stream)
    assert (opened.version, opened.accesses) == (2, {})
    assert records.record(stream) == records.record(stream, 2) == opened
    assert records.get(Access, stream, 2) == opened


def test_an_account_is_what_is_signed(ledger: Ledger, records: Records) -> None:
    """Whoever has the application's login alone makes himself an auditor by no row."""
    open_account(records)
    declare(records, uuid4())
    stream = account_id(LI.id)
    before = records.get(Account, stream)
    (conflict,) = before.conflicts
    post = {"role": "auditor", "office": str(uuid4()), "since": "2020-01-01"}
    at = append(ledger, "account.role-granted.v1", said(post=post), stream)
    append(ledger, "account.conflict-withdrawn.v1", said(conflict=str(conflict)), stream)
    append(ledger, "account.locked.v1", said(), stream)
    another = Records(ledger.database, author_of(ledger.settings), jurisdiction=Unasked)
    try:
        for one in (records, another):
            account = one.get(Account, stream)
            assert account == replace(before, version=before.version + 3)
            assert one.record(stream) == account
    finally:
        another.close()
    (alarm,) = rung(ledger)
    assert f"position {at} is one of a record's, and no instance of ours signed it, nor 2" in alarm
    declare(records, uuid4())
    assert len(records.get(Account, stream).conflicts) == 2


def test_what_changes_nothing_of_an_account_is_not_proved(
    ledger: Ledger, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each sign-in there is a row, and a thousand would cost a fifth of a second."""
    open_account(records)
    stream, proofs = account_id(LI.id), list[int]()
    assert records.get(Account, stream).version == 1

    def counted(row: SealedRow, *authors: Any) -> bytes:
        proofs.append(row.position)
        return inspect_leaf(row, *authors)

    monkeypatch.setattr(unsigned, "inspect_leaf", counted)
    for _ in range(3):
        append(ledger, "account.signed-out.v1", said(session=str(uuid4())), stream)
    assert records.get(Account, stream).version == 4
    assert proofs == []
    declare(records, uuid4())
    assert records.get(Account, stream).version == 5
    assert len(proofs) == 1
    another = Records(ledger.database, author_of(ledger.settings), jurisdiction=Unasked)
    assert another.get(Account, stream).version == 5
    another.close()
    assert len(proofs) == 3


KINDS_OF_ROW = st.tuples(st.sampled_from(["changes", "leaves", "rubbish"]), st.booleans())


def row_of(version: int, kind: str, signed: bool) -> SealedRow:
    """A row of an account that changes it, leaves it as it is or is no event of it."""
    topic = {"leaves": "account.signed-out.v1"}.get(kind, "account.conflict-declared.v1")
    conflict = {"id": str(UUID(int=version)), "relation": "relative", "case": str(UUID(int=9))}
    state = {
        "changes": said(conflict=conflict),
        "leaves": said(session=str(UUID(int=8))),
        "rubbish": b"3",
    }[kind]
    statement = statement_of(LI.id, version, topic, state)
    signature = statement.sign(AUTHOR.key) if signed else bytes(64)
    now = datetime(2026, 11, 28, tzinfo=UTC)
    leaf = leaf_hash(Leaf(version - 1, now, statement, AUTHOR.name, signature).entry())
    return SealedRow(version, LI.id, version, topic, state, now, AUTHOR.name, signature, leaf)


@given(st.lists(KINDS_OF_ROW.filter(lambda row: row != ("rubbish", True)), max_size=9), st.data())
def test_what_is_folded_is_what_was_signed_wherever_it_was_read_before(
    kinds: list[tuple[str, bool]], data: st.DataObject
) -> None:
    rows = [row_of(version, *kind) for version, kind in enumerate(kinds, start=1)]
    authors = {AUTHOR.name: Registered(AUTHOR.key.public_key(), 1)}
    changes = {UUID(int=v) for v, kind in enumerate(kinds, 1) if kind == ("changes", True)}
    begun = any(signed for _, signed in kinds)
    account, read = Account(LI.id), 0
    while read < len(rows):
        following = rows[read : read + data.draw(st.integers(1, 9))]
        account = fold_proved(account, unsigned.proved_changes(account, following, authors))
        read += len(following)
    assert set(account.conflicts) == changes
    assert (account.version, account.exists) == (len(rows), begun)


def test_where_nothing_is_signed_there_is_no_record(ledger: Ledger, records: Records) -> None:
    stream = uuid4()
    append(ledger, "x.v1", b"3", stream)
    assert records.find(Case, stream) is None
    for asked in (records.record, records.kind_of):
        with pytest.raises(NotFound):
            asked(stream)
    region = founded_id(founding("370000"))
    append(ledger, "case.opened.v1", b"3", region)
    assert records.find(Region, region) is None


def test_the_id_of_another_kind_of_record_is_still_a_mistake(
    ledger: Ledger, records: Records
) -> None:
    region = establish(records, "370000")
    with pytest.raises(NotFound, match="is no case"):
        records.find(Case, region)
    with pytest.raises(NotFound, match="is no account"):
        records.find(Account, region)
    append(ledger, JointMeetingHeld.topic, b"3", region)
    with pytest.raises(NotFound, match="is no case"):
        records.find(Case, region)
    with pytest.raises(NotFound, match="is no account"):
        records.find(Account, region)


def test_a_signed_event_that_this_program_does_not_know_is_not_passed_over(
    ledger: Ledger, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    region = establish(records, "370000")
    monkeypatch.delitem(EVENTS, RegionEstablished.topic)
    with pytest.raises(UnknownTopic):
        records.find(Region, region)
    with pytest.raises(UnknownTopic):
        _ = records.jurisdiction.territory
    assert rung(ledger) == []


@pytest.fixture
def readings(ledger: Ledger) -> Iterator[Readings]:
    readings = Readings(ledger.database)
    yield readings
    readings.close()


def test_the_history_of_a_record_passes_over_it(
    ledger: Ledger, records: Records, readings: Readings
) -> None:
    stream = account_id(LI.id)
    open_account(records)
    append(ledger, "account.conflict-declared.v1", b"3", stream)
    for _ in range(3):
        declare(records, uuid4())
    Projector(ledger.database).catch_up()
    now = readings.at()
    assert versions(timeline(readings, now, stream)) == [1, 3, 4, 5]
    assert versions(timeline(readings, now, stream, limit=2)) == [1, 3]
    assert versions(timeline(readings, now, stream, after=3, limit=9)) == [4, 5]


def versions(moments: list[Moment]) -> list[int]:
    return [moment.version for moment in moments]


def test_the_history_of_the_log_tells_what_is_signed(
    ledger: Ledger, records: Records, readings: Readings
) -> None:
    append(ledger, SchemaChanged.topic, said(before="0" * 64, after="1" * 64))
    append(ledger, StreamHeads.topic, b"3")
    for number in range(3):
        ledger.let_in(AuthorKey(name=f"app{7 + number}", key=OTHER_KEY))
    Projector(ledger.database).catch_up()
    now = readings.at()
    assert versions(timeline(readings, now, LOG_ID)) == [1, 4, 5, 6]
    assert versions(timeline(readings, now, LOG_ID, limit=2)) == [1, 4]
    assert versions(timeline(readings, now, LOG_ID, after=4, limit=2)) == [5, 6]
    log = records.record(LOG_ID)
    assert isinstance(log, Log)
    assert (log.version, set(log.authors)) == (6, {"app1", "app7", "app8", "app9"})


def test_a_first_event_that_is_hidden_for_a_moment_makes_nobody_an_author(ledger: Ledger) -> None:
    authors = unsigned.Authors()
    with psycopg.connect(ledger.database.reader, autocommit=True) as connection:
        first, *_ = inspection.read_rows(connection, 0, 1)
        known = authors.of(connection, [first])
        ledger.attack("update log.event set topic = 'log.hidden.v1' where position = 1")
        assert known
        assert authors.of(connection, [first._replace(author="nobody")]) == known


def test_who_was_read_before_the_first_event_was_noted_is_not_kept(ledger: Ledger) -> None:
    home, now = ledger.settings.home, [1000.0]
    authors = unsigned.Authors(home, lambda: now[0])
    with psycopg.connect(ledger.database.reader, autocommit=True) as connection:
        first, *_ = inspection.read_rows(connection, 0, 1)
        found = authors.of(connection, [first])
        assert found
        note_first(home, bytes(32))
        with pytest.raises(AnotherBeginning):
            authors.of(connection, [first])
        assert "first event of the log" in rung(ledger)[0]
        first_file(home).unlink()
        note_first(home, first.leaf)
        assert authors.of(connection, [first]) == found
        ledger.attack("update log.event set topic = 'log.hidden.v1' where position = 1")
        assert authors.of(connection, [first]) == found, "who is known is not read again"
        now[0] += unsigned.AGAIN
        with pytest.raises(AnotherBeginning):
            authors.of(connection, [first._replace(author="nobody")])


def test_a_name_that_is_no_authors_is_looked_for_once(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever puts one such row among ours has the authors read at each question."""
    reads, now = list[psycopg.Connection[Any]](), [1000.0]

    def counted(connection: psycopg.Connection[Any]) -> Beginning:
        reads.append(connection)
        return beginning_of(connection)

    monkeypatch.setattr(unsigned, "beginning_of", counted)
    authors = unsigned.Authors(clock=lambda: now[0])
    with psycopg.connect(ledger.database.reader, autocommit=True) as connection:
        first, *_ = inspection.read_rows(connection, 0, 1)

        def asked(name: str) -> set[str]:
            return set(authors.of(connection, [first._replace(author=name)]) or ())

        for name in ("nobody", "nobody", "somebody", "app7"):
            assert asked(name) == {"app1"}
        assert len(reads) == 1
        ledger.record(3)  # in other streams: nobody was let in
        assert asked("app7") == {"app1"}
        assert len(reads) == 1
        ledger.let_in(AuthorKey(name="app7", key=OTHER_KEY))
        assert asked("app7") == {"app1", "app7"}
        assert asked("nobody") == {"app1", "app7"}
        assert len(reads) == 2
        now[0] += unsigned.AGAIN
        asked("nobody")
        assert len(reads) == 3


def test_an_author_who_was_hidden_for_a_moment_is_known_again(ledger: Ledger) -> None:
    ledger.let_in(AuthorKey(name="app7", key=OTHER_KEY))
    now = [1000.0]
    authors = unsigned.Authors(clock=lambda: now[0])
    with psycopg.connect(ledger.database.reader, autocommit=True) as connection:
        first, *_ = inspection.read_rows(connection, 0, 1)
        theirs = first._replace(author="app7")
        ledger.attack("update log.event set topic = 'log.hidden.v1' where position = 2")
        assert set(authors.of(connection, [theirs]) or ()) == {"app1"}
        ledger.attack("update log.event set topic = 'log.author-registered.v1' where position = 2")
        now[0] += unsigned.AGAIN
        assert set(authors.of(connection, [theirs]) or ()) == {"app1", "app7"}
