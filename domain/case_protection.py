"""Protection of the people of a case (个案): the decisions on contact, addresses and minors."""

from __future__ import annotations

from collections.abc import Iterator

from domain.base import Refused, Sealed, Stamp
from domain.case import LIVE, STANDING, Case
from domain.case_facts import CaseEvent
from domain.case_protection_events import MinorApproved, ProtectedAddressNoted, SafeContactNoted
from domain.rights import Age
from domain.values import Party


def note_safe_contact(
    case: Case, party: Party, contact: Sealed, do_not_contact: bool, by: Stamp
) -> Iterator[CaseEvent]:
    """Note how and when a party is reached without danger."""
    case.require(by, *STANDING)
    yield SafeContactNoted.of(case, by, party=party, contact=contact, do_not_contact=do_not_contact)


def note_protected_address(
    case: Case, party: Party, address: Sealed, by: Stamp
) -> Iterator[CaseEvent]:
    """Note where a party stays and the other must not learn."""
    case.require(by, *STANDING)
    yield ProtectedAddressNoted.of(case, by, party=party, address=address)


def approve_minor(
    case: Case, party: Party, age: Age, guardian_consented: bool, by: Stamp
) -> Iterator[CaseEvent]:
    """Allow that a minor's identity is recorded by somebody else.

    Of a child under 14 only with the consent of a parent or guardian (Personal Information
    Protection Law, art. 31).
    """
    case.require(by, *LIVE)
    if age is Age.UNDER_14 and not guardian_consented:
        raise Refused("guardian-consent-missing")
    yield MinorApproved.of(case, by, party=party, age=age, guardian_consented=guardian_consented)


def require_minor_approved(case: Case, party: Party, age: Age | None, by: Stamp) -> None:
    """Refuse to record a minor whom nobody else approved as being that young."""
    if age is None:
        return
    approval = case.minors.get(party)
    if approval is None or approval.age is not age:
        raise Refused("minor-not-approved", party=party, age=age)
    if approval.by == by.actor:
        raise Refused("minor-approved-by-oneself")
