"""Whether the people whom a command names belong to the team, and may work with a case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from application.acquaintance import Acquaintances
from application.records import Records
from application.vault import Vault
from domain.account import Account
from domain.account_events import account_id
from domain.base import Refused, Stamp
from domain.practitioner import Practitioner
from domain.practitioner_service import require_member, require_other


def require_practitioner(records: Records, practitioner: UUID) -> None:
    """Refuse whom nobody registered. Raises `NotFound`, `Refused`."""
    records.get(Practitioner, practitioner).require_registered()


def require_paid(records: Records, practitioner: UUID, by: Stamp) -> None:
    """Refuse to pay whom nobody registered, and oneself. Raises `NotFound`, `Refused`."""
    require_other(records.get(Practitioner, practitioner), by)


def require_members(records: Records, practitioners: Iterable[UUID], on: date) -> None:
    """Refuse work of a day by people whom nobody registered or who had left the team by then.

    Raises `NotFound`, `Refused`.
    """
    for practitioner in practitioners:
        require_member(records.get(Practitioner, practitioner), on)


def require_counsellors(
    records: Records, vault: Vault, case: UUID, practitioners: Iterable[UUID], on: date
) -> None:
    """Refuse for a case who is not of the team, or declared a conflict with it, or is too near.

    Who is a party of it or a relative of one is told from who declared a conflict by nothing.
    Raises `NotFound`, `Refused`.
    """
    named = tuple(practitioners)
    require_members(records, named, on)
    for practitioner in named:
        account = records.find(Account, account_id(practitioner))
        declared = account.conflicts.values() if account is not None else ()
        concerned = any(one is not None and one.case == case for one in declared)
        if concerned or Acquaintances(records, vault).keep_out(practitioner, case):
            raise Refused("conflict-declared", practitioner=practitioner)
