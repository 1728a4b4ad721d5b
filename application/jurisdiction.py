"""Whose office lies below whose: the one question that administering accounts asks.

`require_administrator` is the whole permission to administer accounts, until the policy table
decides it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from application.records import Actor, NotFound, Records
from domain.base import AnyAggregate, Refused
from domain.centre import Centre
from domain.region import Region
from domain.values import Role


def require_administrator(
    records: Records, actor: Actor, offices: Iterable[UUID], on: date
) -> None:
    """Refuse whoever is no administrator of each of these offices or of one above it.

    The system itself may: it acts for who runs commands on the machine.
    """
    if actor.role is Role.SYSTEM:
        return
    for office in offices:
        if actor.role is not Role.ADMINISTRATOR or actor.office not in above(records, office, on):
            raise Refused("account-out-of-reach")


def above(records: Records, office: UUID, on: date) -> Iterator[UUID]:
    """An office and those above it, the nearest first; a centre where it lay on a date."""
    yield office
    centre = found(records, Centre, office)
    if centre is not None:
        office = centre.place_on(on).region
        yield office
    region = found(records, Region, office)
    while region is not None and region.parent is not None:
        yield region.parent
        region = found(records, Region, region.parent)


def found(records: Records, kind: type[AnyAggregate], record: UUID) -> AnyAggregate | None:
    """A record of this kind; None when there is none, or it is of another kind."""
    try:
        return records.find(kind, record)
    except NotFound:
        return None
