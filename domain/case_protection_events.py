"""What protects the people of a case (个案): how to reach them safely, where they hide, minors."""

from __future__ import annotations

from domain.base import Sealed
from domain.case_facts import CaseEvent
from domain.rights import Age
from domain.values import Party


class SafeContactNoted(CaseEvent, topic="case.safe-contact-noted.v1"):
    """How and when a party is reached without danger, sealed; the newest counts.

    With `do_not_contact` nobody gets in touch by any other way.
    """

    party: Party
    contact: Sealed
    do_not_contact: bool


class ProtectedAddressNoted(CaseEvent, topic="case.protected-address-noted.v1"):
    """Where a party stays and the other must not learn, sealed; the newest counts."""

    party: Party
    address: Sealed


class MinorApproved(CaseEvent, topic="case.minor-approved.v1"):
    """Somebody allowed that the identity of a minor is recorded."""

    party: Party
    age: Age
    guardian_consented: bool


ProtectionEvent = SafeContactNoted | ProtectedAddressNoted | MinorApproved
