"""What of a region lies in the sight of whoever asks; of nothing there is no figure and no list."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from application.jurisdiction import Forbidden, Sight
from domain.territory import Territory


def partly_seen(territory: Territory, sight: Sight, on: date) -> frozenset[UUID]:
    """The regions in which something is in sight: those that are, and all above them on a date."""
    spots = [
        *((None, region) for region in territory.regions),
        *((centre, centre) for centre in territory.centres),
    ]
    found: set[UUID] = set()
    for centre, region in spots:
        if sight.sees(centre, region):
            lies_in = territory.of_place(centre, region, on)
            found.update(territory.path_at(lies_in, on) if lies_in is not None else ())
    return frozenset(found)


def require_in_reach(
    territory: Territory, sight: Sight, region: UUID, days: Collection[date]
) -> None:
    """Refuse a region of which nothing was in sight on any of these days.

    Zero, or no row, would be read as what is there. Raises `Forbidden`.
    """
    if sight.rules(region):
        return
    for on in sorted(set(days)):
        if region in partly_seen(territory, sight, on):
            return
    name = territory.name_at(region, max(days))
    raise Forbidden(
        f"Nothing of {name} lies in your reach; ask for your own region.",
        f"{name}不在您的职权范围内，请查询本人所在地区。",
    )
