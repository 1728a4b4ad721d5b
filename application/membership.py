"""Whether the people whom a command names belong to the team."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from application.records import Records
from domain.practitioner import Practitioner
from domain.practitioner_service import require_member


def require_practitioner(records: Records, practitioner: UUID) -> None:
    """Refuse whom nobody registered. Raises `NotFound`, `Refused`."""
    records.get(Practitioner, practitioner).require_registered()


def require_members(records: Records, practitioners: Iterable[UUID], on: date) -> None:
    """Refuse work of a day by people whom nobody registered or who had left the team by then.

    Raises `NotFound`, `Refused`.
    """
    for practitioner in practitioners:
        require_member(records.get(Practitioner, practitioner), on)
