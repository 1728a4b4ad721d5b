"""The boundaries of a region (行政区): founding, renaming, move and succession, by legal dates."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from domain.base import Event, Refused, Stamp, Text
from domain.record import present, require_in_order, require_past, require_reason
from domain.region import Region, closing, succession_key
from domain.region_events import (
    Founding,
    FoundingCorrected,
    FoundingVoided,
    MoveVoided,
    RegionEstablished,
    RegionMoved,
    RegionRenamed,
    RegionSucceeded,
    RenamingVoided,
    Succession,
    SuccessionCorrected,
    SuccessionVoided,
    Village,
    region_id,
)
from domain.values import Extent, RegionKind, RegionLevel, ReportStatus

LEVEL_OF: Mapping[RegionKind, RegionLevel] = {
    RegionKind.PROVINCE: RegionLevel.PROVINCE,
    RegionKind.PREFECTURE_CITY: RegionLevel.CITY,
    RegionKind.DISTRICT: RegionLevel.COUNTY,
    RegionKind.COUNTY_CITY: RegionLevel.COUNTY,
    RegionKind.COUNTY: RegionLevel.COUNTY,
    RegionKind.FUNCTIONAL_ZONE: RegionLevel.FUNCTIONAL_ZONE,
    RegionKind.SUBDISTRICT: RegionLevel.TOWNSHIP,
    RegionKind.TOWN: RegionLevel.TOWNSHIP,
    RegionKind.RURAL_TOWNSHIP: RegionLevel.TOWNSHIP,
    RegionKind.TOWNSHIP_LIKE: RegionLevel.TOWNSHIP,
    RegionKind.VILLAGE: RegionLevel.VILLAGE,
    RegionKind.RESIDENTIAL_COMMUNITY: RegionLevel.VILLAGE,
}


def establish(region: Region, founding: Founding, by: Stamp) -> Iterator[Event]:
    """Begin the region, once or after voiding; its id is of its scheme, code and first day.

    Villages are reference data: see `establish_village`.
    """
    if founding.level is RegionLevel.VILLAGE:
        raise Refused("village-needs-room")
    yield established(region, founding, by)


def establish_village(
    region: Region, township: Region, village: Village, by: Stamp
) -> Iterator[Event]:
    """Make a region of a village in which a room is to open, once; it lies in its township."""
    above = township.require_open(by.occurred_on)
    if above.level is not RegionLevel.TOWNSHIP:
        raise Refused("village-outside-township", level=above.level)
    yield established(region, village.founding_in(township.id, above), by)


def established(region: Region, founding: Founding, by: Stamp) -> Event:
    """The founding of a region that does not exist, or not any more."""
    if region.founding is not None:
        raise Refused("region-exists")
    if founded_id(founding) != region.id:
        raise Refused("region-id-differs", region=founding.code)
    require_sound(founding)
    require_past(founding.valid_from, by)
    return RegionEstablished.of(region, by, **dict(founding))


def correct_founding(region: Region, after: Founding, by: Stamp) -> Iterator[Event]:
    """Put name, level, kind or parent right, as long as no change of them stands.

    Scheme, code and first day are the region itself: another one is established instead.
    """
    before = require_unchanged(region, by)
    if before == after:
        raise Refused("correction-changes-nothing")
    if founded_id(after) != region.id:
        raise Refused("region-identity-fixed", region=before.code)
    if (before.level is RegionLevel.VILLAGE) is not (after.level is RegionLevel.VILLAGE):
        raise Refused("village-needs-room")
    require_sound(after)
    yield FoundingCorrected.of(region, by, before=before, after=after)


def void_founding(region: Region, by: Stamp) -> Iterator[Event]:
    """Take back a region entered by mistake; whatever it counted must be taken back first."""
    founding = require_unchanged(region, by)
    require_no_records(region)
    yield FoundingVoided.of(region, by, founding=founding)


def rename(region: Region, name: Text, effective_on: date, by: Stamp) -> Iterator[Event]:
    """Bear another name under the same code."""
    region.require_open(effective_on)
    require_past(effective_on, by)
    if region.renamings:
        require_in_order(region.renamings[-1].effective_on, effective_on)
    if name == region.name:
        raise Refused("region-name-unchanged", name=name)
    yield RegionRenamed.of(region, by, before=region.name, after=name, effective_on=effective_on)


def void_renaming(region: Region, by: Stamp) -> Iterator[Event]:
    """Take back the last renaming that stands."""
    require_reason(by)
    region.require_established()
    if not region.renamings:
        raise Refused("region-not-renamed")
    yield RenamingVoided.of(region, by, renaming=region.renamings[-1])


def move(region: Region, to_parent: UUID, effective_on: date, by: Stamp) -> Iterator[Event]:
    """Lie in another region under the same code."""
    region.require_open(effective_on)
    require_past(effective_on, by)
    if region.moves:
        require_in_order(region.moves[-1].effective_on, effective_on)
    if region.parent is None:
        raise Refused("region-parent-not-possible")
    if to_parent in (region.parent, region.id):
        raise Refused("region-parent-unchanged", parent=to_parent)
    yield RegionMoved.of(
        region, by, from_parent=region.parent, to_parent=to_parent, effective_on=effective_on
    )


def void_move(region: Region, by: Stamp) -> Iterator[Event]:
    """Take back the last move that stands."""
    require_reason(by)
    region.require_established()
    if not region.moves:
        raise Refused("region-not-moved")
    yield MoveVoided.of(region, by, move=region.moves[-1])


def untie(region: Region, by: Stamp) -> Iterator[Event]:
    """Take back the last move that stands, of a region that no office above reaches any more."""
    yield from void_move(region, by)


def succeed(region: Region, succession: Succession, by: Stamp) -> Iterator[Event]:
    """Pass all or part of the territory on; after all of it is passed on the region is closed.

    A part says what it consists of. What was already passed on as a whole cannot be passed on.
    """
    founding = region.require_open(succession.effective_on)
    if region.closed_on is not None:
        raise Refused("region-closed", closed_on=region.closed_on)
    require_possible(region, succession, region.successions.values(), by)
    yield RegionSucceeded.of(region, by, level=founding.level, **dict(succession))


def correct_succession(
    region: Region, successor: UUID, effective_on: date, after: Succession, by: Stamp
) -> Iterator[Event]:
    """Put the succession to a region on a day right."""
    require_reason(by)
    founding = region.require_begun(after.effective_on)
    before = require_succession(region, successor, effective_on)
    if before == after:
        raise Refused("correction-changes-nothing")
    others = [other for other in region.successions.values() if other != before]
    require_possible(region, after, others, by)
    yield SuccessionCorrected.of(region, by, level=founding.level, before=before, after=after)


def void_succession(
    region: Region, successor: UUID, effective_on: date, by: Stamp
) -> Iterator[Event]:
    """Take the succession to a region on a day back; after a whole one the region lives on."""
    require_reason(by)
    level = region.require_established().level
    succession = require_succession(region, successor, effective_on)
    yield SuccessionVoided.of(region, by, level=level, succession=succession)


def require_unchanged(region: Region, by: Stamp) -> Founding:
    """The founding, as long as no renaming, move or succession builds on it."""
    require_reason(by)
    founding = region.require_established()
    if region.renamings or region.moves or region.successions:
        raise Refused("founding-built-upon")
    return founding


def require_no_records(region: Region) -> None:
    """Refuse while anything counts in the region."""
    books: tuple[Mapping[UUID, Any], ...] = (region.groups, region.meetings, region.dispatches)
    required = [f for f in region.filings.values() if f.status is not ReportStatus.WAIVED]
    if required or any(present(book) for book in books):
        raise Refused("founding-has-records")


def require_succession(region: Region, successor: UUID, effective_on: date) -> Succession:
    """The succession to a region on a day."""
    if (successor, effective_on) not in region.successions:
        raise Refused("region-succession-unknown", effective_on=effective_on)
    return region.successions[successor, effective_on]


def require_possible(
    region: Region, succession: Succession, others: Collection[Succession], by: Stamp
) -> None:
    """Refuse a succession that cannot be, or not beside the others: none follows a whole."""
    require_past(succession.announced_on, by)
    require_past(succession.effective_on, by)
    if succession.successor == region.id:
        raise Refused("region-succeeds-itself")
    if succession_key(succession) in map(succession_key, others):
        raise Refused("region-succession-exists", effective_on=succession.effective_on)
    if succession.extent is Extent.PART and succession.area is None:
        raise Refused("region-part-needs-area")
    require_in_order(succession.announced_on, succession.adopted_on)
    closed_on, whole = closing(others), succession.extent is Extent.WHOLE
    if closed_on is not None and (whole or succession.effective_on > closed_on):
        raise Refused("region-closed", closed_on=closed_on)
    if whole:
        for other in others:
            require_in_order(other.effective_on, succession.effective_on)


def founded_id(founding: Founding) -> UUID:
    """The id of the region that this founds."""
    return region_id(founding.scheme, founding.code, founding.valid_from)


def require_sound(founding: Founding) -> None:
    """Refuse a kind that stands at another level, and a parent where none can be or is missing."""
    if LEVEL_OF[founding.kind] is not founding.level:
        raise Refused("region-kind-of-other-level", kind=founding.kind, level=founding.level)
    if founding.parent is None and founding.level is not RegionLevel.PROVINCE:
        raise Refused("region-parent-missing", level=founding.level)
    if founding.parent is not None and founding.level is RegionLevel.PROVINCE:
        raise Refused("region-parent-not-possible")
    if founding.parent == founded_id(founding):
        raise Refused("region-parent-unchanged", parent=founding.parent)
