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

    The refusal is the same for who declared a conflict and for who is a party or its relative.
    Raises `NotFound`, `Refused`.
    """
    for practitioner in practitioners:
        person = records.get(Practitioner, practitioner)
        require_member(person, on)
        declared = any(has_declared(records, acting, case) for acting in person.acting)
        if declared or Acquaintances(records, vault).keep_out(person.acting, case):
            raise Refused("conflict-declared", practitioner=practitioner)


def require_unrelated(records: Records, vault: Vault, case: UUID, by: Stamp) -> None:
    """Refuse counselling in a case by who is a party of it or a relative of one. Raises `Refused`.

    Whoever has a conflict that he declared himself is kept out by the policy.
    """
    person = records.find(Practitioner, by.actor)
    acting = frozenset({by.actor}) if person is None else person.acting
    if Acquaintances(records, vault).keep_out(acting, case):
        raise Refused("conflict-declared", practitioner=by.actor)


def has_declared(records: Records, person: UUID, case: UUID) -> bool:
    """Whether a conflict with a case was declared of somebody, and not taken back."""
    account = records.find(Account, account_id(person))
    declared = account.conflicts.values() if account is not None else ()
    return any(one is not None and one.case == case for one in declared)
