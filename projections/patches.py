"""Patches, the way in which events change the rows of the work ledgers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

from application.eventlog import Recorded
from domain.base import Event, Place

NOTHING_ADDED: Final[dict[str, int]] = {}


class Patch(NamedTuple):
    """What one event changes in one row of a ledger.

    `values` replace columns; `added` increases integer columns, which begin at 0. No place: the row
    stays where it is.
    """

    ledger: str
    row: UUID
    position: int
    place: Place | None
    values: dict[str, object]
    added: dict[str, int] = NOTHING_ADDED


Patcher = Callable[[Any, Recorded], list[Patch]]
Patchers = Mapping[type[Event], Patcher]
"""How each event changes ledgers that changes any."""

Kinds = frozenset[type[Event]]
"""Events that change no ledger, named so that a forgotten one is noticed."""
