"""What of a region lies in the sight of whoever asks; of nothing there is no figure and no list."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from application.jurisdiction import Forbidden, Sight
from domain.territory import Territory


def seen_spots(territory: Territory, sight: Sight) -> list[tuple[UUID | None, UUID]]:
    """The centres and regions that are in sight."""
    spots = [
        *((None, region) for region in territory.regions),
        *((centre, centre) for centre in territory.centres),
    ]
    return [(centre, region) for centre, region in spots if sight.sees(centre, region)]


def partly_seen(territory: Territory, sight: Sight, on: date) -> frozenset[UUID]:
    """The regions in which something is in sight: those that are, and all above them on a date."""
    found: set[UUID] = set()
    for centre, region in seen_spots(territory, sight):
        lies_in = territory.of_place(centre, region, on)
        found.update(territory.path_at(lies_in, on) if lies_in is not None else ())
    return frozenset(found)


def days_between(territory: Territory, first: date, last: date) -> list[date]:
    """A day of each stretch of a period in which nothing moved."""
    return [first, *(on for on in territory.changes if first < on <= last)]


def require_in_reach(
    territory: Territory, sight: Sight, region: UUID, days: Collection[date]
) -> None:
    """Refuse a region of which nothing was in sight on any of these days.

    Zero, or no row, would be read as what is there. Raises `Forbidden`.
    """
    if sight.rules(region):
        return
    spots = seen_spots(territory, sight)
    for on in sorted(set(days)):
        for centre, lay_in in spots:
            lies_in = territory.of_place(centre, lay_in, on)
            if lies_in is not None and region in territory.path_at(lies_in, on):
                return
    name = territory.name_at(region, max(days))
    raise Forbidden(
        f"Nothing of {name} lies in your reach; ask for your own region.",
        f"{name}不在您的职权范围内，请查询本人所在地区。",
    )
