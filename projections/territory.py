"""Where a place lay at any date, as known at any position: the dated tree of regions and centres.

Boundaries change by succession. A whole succession says where everything of a region went; a part
succession does not, so what lay there is assigned by its centre alone and reported, never split.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Final, NamedTuple, TypeVar
from uuid import UUID

from application.eventlog import Position, Recorded
from domain.centre_events import CentreEstablished, CentreReassigned, EstablishmentCorrected
from domain.region_events import (
    RegionEstablished,
    RegionMoved,
    RegionRenamed,
    RegionSucceeded,
)
from domain.values import Extent

T = TypeVar("T")


class TerritoryFact(NamedTuple):
    """One fact about the tree, in the order of the columns of its table."""

    position: Position
    fact: str
    subject: UUID
    effective: date
    other: UUID | None = None
    code: str | None = None
    name: str | None = None
    level: str | None = None


ESTABLISHED: Final = "region-established"
RENAMED: Final = "region-renamed"
MOVED: Final = "region-moved"
SUCCEEDED: Final = "region-succeeded"
SUCCEEDED_IN_PART: Final = "region-succeeded-in-part"
CENTRE: Final = "centre-established"
REASSIGNED: Final = "centre-reassigned"

TERRITORIAL: Final = frozenset(
    event.topic
    for event in (
        RegionEstablished,
        RegionRenamed,
        RegionMoved,
        RegionSucceeded,
        CentreEstablished,
        EstablishmentCorrected,
        CentreReassigned,
    )
)


def territory_facts_of(recorded: Recorded) -> Iterator[TerritoryFact]:
    """What one event says about the tree."""
    event, position, _ = recorded
    subject = event.originator_id
    match event:
        case RegionEstablished():
            yield TerritoryFact(
                position, ESTABLISHED, subject, event.valid_from, event.parent,
                event.code, event.name, event.level,
            )  # fmt: skip
        case RegionRenamed():
            yield TerritoryFact(position, RENAMED, subject, event.effective_on, name=event.after)
        case RegionMoved():
            yield TerritoryFact(position, MOVED, subject, event.effective_on, event.to_parent)
        case RegionSucceeded():
            whole = event.extent is Extent.WHOLE
            yield TerritoryFact(
                position, SUCCEEDED if whole else SUCCEEDED_IN_PART, subject,
                event.effective_on, event.successor,
            )  # fmt: skip
        case CentreEstablished():
            yield TerritoryFact(
                position, CENTRE, subject, event.establishment.established_on, event.place.region,
                name=event.establishment.name, level=event.establishment.kind,
            )  # fmt: skip
        case EstablishmentCorrected():
            yield TerritoryFact(
                position, CENTRE, subject, event.after.established_on, event.after.region,
                name=event.after.name, level=event.after.kind,
            )  # fmt: skip
        case CentreReassigned():
            yield TerritoryFact(position, REASSIGNED, subject, event.effective_on, event.to_region)


@dataclass(slots=True)
class Node:
    """A region or a centre with its dated history."""

    id: UUID
    code: str | None
    name: str
    level: str
    since: date
    names: list[tuple[date, str]] = field(default_factory=list)
    parents: list[tuple[date, UUID | None]] = field(default_factory=list)


class Succession(NamedTuple):
    """One region's territory going to another, whole or in part."""

    region: UUID
    successor: UUID
    effective: date
    whole: bool


class Territory:
    """The tree as known at one position."""

    def __init__(self, facts: Iterable[TerritoryFact]) -> None:
        self.regions: dict[UUID, Node] = {}
        self.centres: dict[UUID, Node] = {}
        self.successions: list[Succession] = []
        for fact in facts:
            self._take(fact)
        self._whole = {s.region: s for s in self.successions if s.whole}
        self._predecessors: dict[UUID, list[Succession]] = {}
        for succession in self.successions:
            self._predecessors.setdefault(succession.successor, []).append(succession)
        self.region_at = cache(self._region_at)
        self.path_at = cache(self._path_at)
        self.tops_at = cache(self._tops_at)

    def _take(self, fact: TerritoryFact) -> None:
        match fact.fact:
            case "region-established":
                self.regions[fact.subject] = Node(
                    fact.subject, fact.code, fact.name or "", fact.level or "", fact.effective,
                    parents=[(date.min, fact.other)],
                )  # fmt: skip
            case "region-renamed":
                self.regions[fact.subject].names.append((fact.effective, fact.name or ""))
            case "region-moved":
                self.regions[fact.subject].parents.append((fact.effective, fact.other))
            case "centre-established":
                self.centres[fact.subject] = Node(
                    fact.subject, None, fact.name or "", fact.level or "", fact.effective,
                    parents=[(date.min, fact.other)],
                )  # fmt: skip
            case "centre-reassigned":
                self.centres[fact.subject].parents.append((fact.effective, fact.other))
            case _:
                assert fact.other is not None
                whole = fact.fact == SUCCEEDED
                self.successions.append(Succession(fact.subject, fact.other, fact.effective, whole))

    def of_place(self, centre: UUID | None, region: UUID, on: date) -> UUID | None:
        """The region of a place on a date; None where only a part succession could tell."""
        node = self.centres.get(centre) if centre is not None else None
        if node is not None:
            lay = _at(node.parents, on)
            if lay is not None:
                region = lay
        return self.region_at(region, on)

    def _region_at(self, region: UUID, on: date) -> UUID | None:
        """A region on a date: itself, its whole successor, or its only whole predecessor."""
        seen = {region}
        while True:
            gone = self._whole.get(region)
            node = self.regions.get(region)
            if gone is not None and gone.effective <= on:
                region = gone.successor
            elif node is not None and on < node.since:
                before = self._predecessors.get(region, [])
                if not before:
                    return (
                        region  # of the time before nothing is known: it counts where it does now
                    )
                if len(before) > 1 or not before[0].whole:
                    return None
                region = before[0].region
            else:
                return region
            if region in seen:
                return region
            seen.add(region)

    def _path_at(self, region: UUID, on: date) -> tuple[UUID, ...]:
        """A region and those above it on a date, lowest first."""
        path: list[UUID] = []
        current: UUID | None = region
        while current is not None and current not in path:
            path.append(current)
            node = self.regions.get(current)
            current = _at(node.parents, on) if node else None
            if current is not None:
                current = self.region_at(current, on)
        return tuple(path)

    def _tops_at(self, on: date) -> frozenset[UUID]:
        """The regions above which there is none on a date."""
        return frozenset(
            self.path_at(node, on)[-1] for node in self.regions if self.region_at(node, on) == node
        )

    def name_at(self, node: UUID, on: date) -> str:
        """What a region or centre was called on a date."""
        found = self.regions.get(node) or self.centres.get(node)
        if found is None:
            return str(node)
        return _at([(date.min, found.name), *found.names], on) or found.name

    def changes(self) -> list[date]:
        """The dates on which any boundary changed, in order."""
        dated = {succession.effective for succession in self.successions}
        for node in (*self.regions.values(), *self.centres.values()):
            dated.update(since for since, _ in node.parents if since != date.min)
        return sorted(dated)

    def with_code(self, code: str, on: date) -> UUID | None:
        """The region that bore an official code on a date, else the last one that ever did."""
        bearers = [node for node in self.regions.values() if node.code == code]
        valid = [
            node for node in bearers if node.since <= on and self.region_at(node.id, on) == node.id
        ]
        for nodes in (valid, bearers):
            if nodes:
                return max(nodes, key=lambda node: node.since).id
        return None


def _at(dated: list[tuple[date, T]], on: date) -> T | None:
    """The last of dated values that was in force on a date."""
    known = [(since, value) for since, value in dated if since <= on]
    return max(known, key=lambda pair: pair[0])[1] if known else None
