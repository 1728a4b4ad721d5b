"""What one request asks of the policy is answered from one reading of territory and conflicts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from application.jurisdiction import Jurisdiction, Tree
from application.records import Actor, Command, Records
from domain import region_boundaries
from domain.account import Account
from domain.account_events import Conflict, Opening, account_id
from domain.base import Sealed
from domain.case import Case
from domain.record import present
from domain.region import Region
from domain.region_boundaries import founded_id
from domain.region_events import Founding
from domain.values import ConflictRelation, RegionKind, RegionLevel, Role

LI = Actor(uuid4(), Role.COUNSELLOR, uuid4())
CASE = uuid4()


@pytest.fixture
def jurisdiction(records: Records) -> Jurisdiction:
    tree = Tree(records.recorder.datastore.get_connection)
    return Jurisdiction(records, tree, lambda: datetime.now(UTC))


def establish(records: Records, code: str) -> None:
    """A province more."""
    founding = Founding(
        scheme="test",
        code=code,
        name="某省",
        level=RegionLevel.PROVINCE,
        kind=RegionKind.PROVINCE,
        valid_from=date(2010, 1, 1),
    )
    decision = region_boundaries.establish
    records.change(Command(LI), Region, founded_id(founding), decision, founding)


def open_account(records: Records) -> None:
    """Li has an account."""
    name = Sealed(z=1, k="k:key", n="nonce", h="commitment", c="cipher")
    opening = Opening(person=LI.id, login="lilin", name=name, office=LI.office)
    administrator = Actor(uuid4(), Role.ADMINISTRATOR, LI.office)
    records.change(Command(administrator), Account, account_id(LI.id), Account.open, opening)


def declare(records: Records, case: UUID) -> None:
    """Li must not work with a case."""
    conflict = Conflict(id=uuid4(), relation=ConflictRelation.RELATIVE, case=case)
    records.change(Command(LI), Account, account_id(LI.id), Account.declare_conflict, conflict)


def test_a_boundary_moved_meanwhile_counts_for_the_next_request(
    records: Records, jurisdiction: Jurisdiction
) -> None:
    establish(records, "370000")
    once = jurisdiction.at_once()
    before = once.territory
    establish(records, "410000")
    assert once.territory is before
    assert jurisdiction.at_once().territory is jurisdiction.territory is not before


def test_a_conflict_declared_meanwhile_counts_for_the_next_request(
    records: Records, jurisdiction: Jurisdiction
) -> None:
    open_account(records)
    once, case = jurisdiction.at_once(), Case(CASE)
    assert not once.stays_out(LI, case)
    declare(records, CASE)
    assert not once.stays_out(LI, case)
    assert jurisdiction.stays_out(LI, case)
    assert jurisdiction.at_once().stays_out(LI, case)


def test_who_was_let_in_is_judged_by_what_he_had_declared_then(
    records: Records, jurisdiction: Jurisdiction
) -> None:
    open_account(records)
    declare(records, CASE)
    account = records.get(Account, account_id(LI.id))
    declared = {LI.id: present(account.conflicts)}
    assert jurisdiction.at_once(declared).stays_out(LI, Case(CASE))
    assert not jurisdiction.at_once({LI.id: []}).stays_out(LI, Case(CASE))


def test_what_a_record_is_read_with_tells_of_a_boundary_moved_just_before(
    records: Records, jurisdiction: Jurisdiction
) -> None:
    open_account(records)
    establish(records, "370000")
    before = records.record_at(account_id(LI.id), 0).tree
    known = jurisdiction.at_once({}, before).territory
    assert known is jurisdiction.territory
    establish(records, "410000")
    found = records.record_at(account_id(LI.id), 0)
    assert (found.tree, found.version) == (records.recorder.max_notification_id(), 0)
    assert jurisdiction.at_once({}, before).territory is known, "the log is not asked again"
    assert jurisdiction.at_once({}, found.tree).territory is jurisdiction.territory is not known
