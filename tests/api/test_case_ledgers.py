"""Every ledger of cases shows and hands out the rows of one's own cases, and of nobody else's."""

from __future__ import annotations

import pytest

from domain.values import Role
from projections.ledgers import LEDGERS
from tests.api.cast import County, session
from tests.api.test_access import head

OF_CASES = ("cases", "sessions", "follow_ups")
"""Written down here: what a ledger is taken for decides who sees it."""


def test_these_are_the_ledgers_of_cases() -> None:
    assert {name for name, one in LEDGERS.items() if "case_id" in one.positions} | {"cases"} == set(
        OF_CASES
    )


@pytest.mark.parametrize("ledger", OF_CASES)
def test_a_ledger_of_cases_lists_ones_own_and_is_taken_along_by_who_is_in_charge(
    county: County, ledger: str
) -> None:
    counsellor, on = county.person(Role.COUNSELLOR), "2019-03-01"
    case = county.opened(counsellor)
    counsellor.does(f"{case}/offers", occurred=on)
    counsellor.does(f"{case}/consents", party="wife", occurred=on)
    held = session(present=["wife"])
    counsellor.does(f"{case}/sessions", session=held, occurred="2019-03-01T11:00:00+08:00")
    wanted = {"id": held["id"], "kind": "phone", "due_on": "2019-03-20"}
    counsellor.does(f"{case}/follow-ups", follow_up=wanted, occurred=on)
    record = case.rpartition("/")[2]
    county.opened(county.person(Role.COUNSELLOR))  # which is none of hers

    def shown(role: Role) -> tuple[int, int, int]:
        """How many rows the list has, and what the file answers with how many lines."""
        by = counsellor if role is Role.COUNSELLOR else county.person(role)
        rows = by.reads(f"/ledgers/{ledger}", min_position=head(county))["rows"]
        file = by.ask(f"/ledgers/{ledger}.csv")
        lines = file.text.count(record) if file.status_code == 200 else 0
        return len(rows), file.status_code, lines

    whole = 2 if ledger == "cases" else 1
    assert shown(Role.COUNSELLOR) == (1, 403, 0)
    assert shown(Role.CENTRE_MANAGER) == (whole, 200, 1)
    for role in (Role.VOLUNTEER, Role.STATION_WORKER):
        assert shown(role) == (0, 403, 0)
    stranger = county.person(Role.COUNSELLOR)
    assert stranger.reads(f"/ledgers/{ledger}", min_position=head(county))["rows"] == []
    assert stranger.ask(f"/ledgers/{ledger}.csv").status_code == 403
