"""The administrative divisions of Shandong by date, and the figures published for 2019.

Snapshot dates are observations, not legal effect: a change counts from its legal date where one is
known (`successions.csv`), else from the first snapshot that shows it. See `data/README.md`.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from domain import region_events
from domain.region_events import Founding
from domain.values import Extent, RegionKind, RegionLevel

SCHEME: Final = "cn-stats"  # the codes of the National Bureau of Statistics (统计用区划代码)
PROVINCE: Final = "370000"
BASE: Final = date(2018, 12, 31)
"""The day on which the simulated network is set up: before the merger of Laiwu."""

SNAPSHOTS: Final = (
    date(2016, 7, 31),
    date(2017, 10, 31),
    date(2018, 10, 31),
    date(2019, 10, 31),
    date(2020, 6, 30),
    date(2021, 10, 31),
    date(2022, 10, 31),
    date(2023, 6, 30),
)

SUBDISTRICT_OFFICES: Final = ("街道办事处", "街道办事", "街道办")  # all written 街道 later on


@dataclass(frozen=True, slots=True)
class Division:
    """An administrative unit under one name; `valid_until` is the first day it no longer holds.

    `established_on` is the first day of its code without a gap, under whatever name: the id of its
    region comes from there. Both are observations unless a succession gives the legal date.
    """

    code: str
    name: str
    parent: str | None
    level: RegionLevel
    kind: RegionKind
    established_on: date
    valid_from: date
    valid_until: date | None

    @property
    def region(self) -> UUID:
        """The id of its region."""
        return region_events.region_id(SCHEME, self.code, self.established_on)

    def holds_on(self, on: date) -> bool:
        """Whether it exists under this name on a date."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)


@dataclass(frozen=True, slots=True)
class Change:
    """A county-level change, as listed by year."""

    year: int
    change: str
    old_code: str | None
    old_name: str | None
    new_code: str
    new_name: str
    approval: str | None


@dataclass(frozen=True, slots=True)
class Succession:
    """Where the territory of a unit went, with the dates that the law and its publication give."""

    old_code: str
    new_code: str
    extent: Extent
    approved_on: date | None
    announced_on: date
    effective_on: date
    adopted_on: date | None
    document: str | None
    area: str | None


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """A published figure of 2019, and the interval that its rounding allows."""

    code: str
    value: int | float
    unit: str
    kind: str
    published: str
    interval: tuple[int | float, int | float]


@dataclass(frozen=True, slots=True)
class LegalCounty:
    """A county, district or county-level city in 2019, and the townships it began the year with.

    `codes` are its codes with the first day of each; `code` is the one at the start of the year.
    """

    code: str
    name: str
    city: str
    codes: tuple[tuple[date, str], ...]
    townships: tuple[Division, ...]


@cache
def load_divisions() -> list[Division]:
    """Every unit under every name since 2016, by code and time."""
    by_code: dict[str, list[Division]] = defaultdict(list)
    ended, begun = legal_dates(load_successions())
    for row in rows_of("divisions-history.csv.gz"):
        unit = observed(row)
        county = unit.code[:6]
        if unit.valid_until is not None and county in ended:
            unit = replace(unit, valid_until=min(unit.valid_until, ended[county]))
        if unit.valid_from != SNAPSHOTS[0] and county in begun:
            unit = replace(unit, valid_from=legal_start(unit.valid_from, begun[county]))
        by_code[unit.code].append(unit)
    return [unit for code in sorted(by_code) for unit in chained(by_code[code])]


@cache
def divisions_on(on: date) -> Mapping[str, Division]:
    """The units of a date by code: by legal effect where known, else as first observed.

    Before the first snapshot the units are those of the first snapshot.
    """
    on = max(on, SNAPSHOTS[0])
    return MappingProxyType({unit.code: unit for unit in load_divisions() if unit.holds_on(on)})


@cache
def load_successions() -> tuple[Succession, ...]:
    """The dated successions of cities and counties from 2019 on."""
    return tuple(
        Succession(
            old_code=row["old_code"],
            new_code=row["new_code"],
            extent=EXTENTS[row["extent"]],
            approved_on=optional_date(row["approved_on"]),
            announced_on=date.fromisoformat(row["announced_on"]),
            effective_on=date.fromisoformat(row["effective_on"]),
            adopted_on=optional_date(row["adopted_on"]),
            document=row["document"] or None,
            area=row["area"] or None,
        )
        for row in rows_of("successions.csv")
    )


def township_successions(succession: Succession) -> Iterator[Succession]:
    """The townships of a wholly succeeded county, each with the township that it became.

    By name, as digits are given anew in some mergers; what is left by the last three digits, as
    names change in others.
    """
    before = townships_of(succession.old_code, succession.effective_on - date.resolution)
    after = townships_of(succession.new_code, succession.effective_on)
    by_name = {stem(unit.name): unit for unit in after}
    pairs = {old.code: by_name.get(stem(old.name)) for old in before}
    taken = {unit.code for unit in pairs.values() if unit is not None}
    by_digits = {unit.code[6:]: unit for unit in after if unit.code not in taken}
    for old in before:
        new = pairs[old.code] or by_digits.get(old.code[6:])
        if new is not None:
            yield replace(succession, old_code=old.code, new_code=new.code)


@cache
def load_changes() -> tuple[Change, ...]:
    """The county-level changes from 2016 on, as listed; they bear no dates."""
    return tuple(
        Change(
            year=int(row["year"]),
            change=row["change"],
            old_code=row["old_code"] or None,
            old_name=row["old_name"] or None,
            new_code=row["new_code"],
            new_name=row["new_name"],
            approval=row["approval"] or None,
        )
        for row in rows_of("division-changes.csv")
    )


@cache
def load_published() -> tuple[PublishedFigure, ...]:
    """The published figures of 2019."""
    published: dict[str, Any] = json.loads(text_of("published-2019.json"))
    return tuple(
        PublishedFigure(**{**figure, "interval": tuple(figure["interval"])})
        for figure in published["figures"]
    )


def published_figures() -> dict[str, int]:
    """The published counts of 2019 by code; ratios are no counts."""
    return {f.code: f.value for f in load_published() if isinstance(f.value, int)}


def region_id(code: str, on: date) -> UUID:
    """The id of the region that bore a code on a date, else the one that bore it nearest to it.

    Raises `KeyError` for a code that no unit ever bore.
    """
    bearers = units_by_code()[code]
    return min(bearers, key=lambda unit: distance(unit, on)).region


def founding_of(unit: Division) -> Founding:
    """What it takes to establish a unit's region."""
    return Founding(
        scheme=SCHEME,
        code=unit.code,
        name=unit.name,
        level=unit.level,
        kind=unit.kind,
        parent=None if unit.parent is None else region_id(unit.parent, unit.established_on),
        valid_from=unit.established_on,
    )


@cache
def legal_counties() -> tuple[LegalCounty, ...]:
    """The counties of 2019, without the functional zones, by their codes at its start."""
    start = divisions_on(BASE)
    later = {
        s.old_code: (s.effective_on, s.new_code)
        for s in load_successions()
        if s.extent is Extent.WHOLE and s.effective_on.year == 2019
    }
    return tuple(
        LegalCounty(
            code=unit.code,
            name=unit.name,
            city=unit.parent or PROVINCE,
            codes=(
                (unit.established_on, unit.code),
                *([later[unit.code]] if unit.code in later else []),
            ),
            townships=tuple(townships_of(unit.code, BASE)),
        )
        for unit in start.values()
        if unit.level is RegionLevel.COUNTY
    )


@cache
def units_by_code() -> Mapping[str, Sequence[Division]]:
    """Every unit under every name, by its code."""
    by_code: dict[str, list[Division]] = defaultdict(list)
    for unit in load_divisions():
        by_code[unit.code].append(unit)
    return MappingProxyType(dict(by_code))


def townships_of(county: str, on: date) -> list[Division]:
    """The townships of a county on a date, by code."""
    return [unit for unit in divisions_on(on).values() if unit.parent == county]


def observed(row: Mapping[str, str]) -> Division:
    """A unit as the snapshots show it: it ends with the first snapshot that lacks it."""
    kind = KINDS[row["kind"]]
    first, last = date.fromisoformat(row["first_snapshot"]), optional_date(row["last_snapshot"])
    following = None if last is None else SNAPSHOTS[SNAPSHOTS.index(last) + 1]
    zone = kind is RegionKind.FUNCTIONAL_ZONE
    return Division(
        code=row["code"],
        name=row["name"],
        parent=row["parent"] or None,
        level=RegionLevel.FUNCTIONAL_ZONE if zone else LEVELS[row["level"]],
        kind=kind,
        established_on=first,
        valid_from=first,
        valid_until=following,
    )


KINDS: Final = {kind.label: kind for kind in RegionKind}
LEVELS: Final = {level.value: level for level in RegionLevel}
EXTENTS: Final = {extent.value: extent for extent in Extent}


def chained(units: Iterable[Division]) -> Iterator[Division]:
    """The names of one code in order; without a gap between them they are one region."""
    ordered = sorted(units, key=lambda unit: unit.valid_from)
    established_on = ordered[0].valid_from
    yield replace(ordered[0], established_on=established_on)
    for before, unit in pairwise(ordered):
        if before.valid_until != unit.valid_from:
            established_on = unit.valid_from
        yield replace(unit, established_on=established_on)


def legal_dates(
    successions: Iterable[Succession],
) -> tuple[dict[str, date], dict[str, date]]:
    """The days on which units ended and began by law: whole successions only."""
    whole = [s for s in successions if s.extent is Extent.WHOLE]
    ended = {s.old_code: s.effective_on for s in whole}
    first_seen = {row["code"] for row in rows_of("divisions-history.csv.gz")
                  if row["first_snapshot"] == SNAPSHOTS[0].isoformat()}  # fmt: skip
    begun = {s.new_code: s.effective_on for s in whole if s.new_code not in first_seen}
    return ended, begun


def legal_start(seen_on: date, began_on: date) -> date:
    """The legal first day, when the unit was seen in the first snapshot after it."""
    first_after = next(snapshot for snapshot in SNAPSHOTS if snapshot >= began_on)
    return began_on if seen_on == first_after else seen_on


def distance(unit: Division, on: date) -> int:
    """How many days a unit's validity lies from a date; none when it holds then."""
    if on < unit.valid_from:
        return (unit.valid_from - on).days
    if unit.valid_until is not None and on >= unit.valid_until:
        return (on - unit.valid_until).days + 1
    return 0


def stem(name: str) -> str:
    """A name without the words for an office, which were dropped from the lists over the years."""
    for ending in SUBDISTRICT_OFFICES:
        if name.endswith(ending):
            return f"{name.removesuffix(ending)}街道"
    return name


def optional_date(text: str) -> date | None:
    """A date, or None for an empty cell."""
    return date.fromisoformat(text) if text else None


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of a table of the data folder."""
    return list(csv.DictReader(text_of(name).splitlines()))


def text_of(name: str) -> str:
    """A file of the data folder, unpacked."""
    packed = files("application").joinpath("data", name).read_bytes()
    return (gzip.decompress(packed) if name.endswith(".gz") else packed).decode("utf-8")
