"""The reading log has a row a look; the ledger of accesses says what became of each."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from hypothesis import given as for_all
from hypothesis import settings

from domain.access import (
    Access,
    AccessRequested,
    ExportMade,
    KeyReleased,
    ListOpened,
    PrintMade,
    RecordOpened,
    SearchMade,
)
from domain.base import Place
from domain.values import AccessStatus, LookKind
from projections.ledgers import LEDGERS
from tests.projections.access_walk import THERE, access_walks
from tests.projections.walks import Walk, ledger

ABOUT_ONE = (RecordOpened, KeyReleased)
ABOUT_MANY = (ListOpened, SearchMade, ExportMade, PrintMade)


@settings(deadline=None, max_examples=100)
@for_all(access_walks)
def test_every_look_and_step_of_an_access_is_a_row_of_its_reader(walk: Walk[Access]) -> None:
    rows = ledger(walk.events, "looks")
    assert len(rows) == len(walk.events)
    for position, event in enumerate(walk.events, start=1):
        row = rows[UUID(int=position)]
        stamp = event.stamp
        assert (row["reader"], row["role"], row["office"]) == (
            stamp.actor,
            stamp.role,
            stamp.office,
        )
        assert (row["at"], row["request"]) == (stamp.occurred, stamp.request)
        assert row["happened"] in LookKind


@settings(deadline=None, max_examples=100)
@for_all(access_walks)
def test_a_look_says_at_what_and_for_what(walk: Walk[Access]) -> None:
    rows = ledger(walk.events, "looks")
    for position, event in enumerate(walk.events, start=1):
        row = rows[UUID(int=position)]
        if isinstance(event, ABOUT_ONE):
            said = event.viewing
            assert (row["surface"], row["access"], row["rows"]) == (said.surface, said.access, 1)
        elif isinstance(event, ABOUT_MANY):
            many = event.selection
            assert (row["what"], row["rows"]) == (many.what, many.rows)
        if isinstance(event, (*ABOUT_ONE, *ABOUT_MANY)):
            of = event.viewing if isinstance(event, ABOUT_ONE) else event.selection
            assert (row["record"], row["kind"]) == (of.record, of.kind)
            assert row["purpose"] == of.purpose
            assert row["place"] == (of.place or Place(region=event.stamp.office))


@settings(deadline=None, max_examples=150)
@for_all(access_walks)
def test_the_row_of_an_access_is_what_the_access_knows(walk: Walk[Access]) -> None:
    rows, accesses = ledger(walk.events, "accesses"), walk.aggregate.accesses
    assert rows.keys() == accesses.keys()
    opened = Counter(event.viewing.access for event in walk.events if isinstance(event, ABOUT_ONE))
    for access, glass in accesses.items():
        row = rows[access]
        assert (row["stream"], row["reader"]) == (walk.aggregate.id, walk.aggregate.reader)
        assert (row["record"], row["kind"], row["place"]) == (glass.record, glass.kind, THERE)
        assert (row["status"], row["requested_at"]) == (glass.status, glass.requested_at)
        assert row["opened"] == opened[access]
        assert (row.get("until") is None) is (glass.grant is None)
        if glass.grant is not None:
            assert (row["until"], row["review_due"]) == (glass.grant.until, glass.grant.review_due)
            assert (row["decided_at"], row["decided_by"]) == (glass.grant.since, glass.grant.by)
        assert ("verdict" in row) is (glass.status is AccessStatus.REVIEWED)


@settings(deadline=None, max_examples=50)
@for_all(access_walks)
def test_the_ledger_says_why_an_access_was_asked_for(walk: Walk[Access]) -> None:
    rows = ledger(walk.events, "accesses")
    for event in walk.events:
        if isinstance(event, AccessRequested):
            row = rows[event.request.id]
            assert (row["reason"], row["why"]) == (event.request.reason, event.request.why)


def test_the_reading_log_holds_nothing_of_what_was_seen() -> None:
    assert {column.name for column in LEDGERS["looks"].columns} == {
        "reader", "role", "office", "at", "happened", "record", "kind", "surface", "purpose",
        "rows", "what", "recipient", "access", "request", "recorded_at",
    }  # fmt: skip
