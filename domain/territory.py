"""Where a place lay at any date, as known at any position: the dated tree of regions and centres.

Boundaries change by succession. A whole succession says where everything of a region went; a part
succession does not, so what lay there is assigned by its centre alone and reported, never split.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Final, Literal, NamedTuple, TypeVar, assert_never, get_args
from uuid import UUID

from domain.base import Event, Refused
from domain.centre_events import (
    CentreEstablished,
    CentreReassigned,
    EstablishmentCorrected,
    EstablishmentVoided,
)
from domain.log import LogPosition
from domain.region_events import (
    FoundingCorrected,
    FoundingVoided,
    MoveVoided,
    RegionEstablished,
    RegionMoved,
    RegionRenamed,
    RegionSucceeded,
    RenamingVoided,
    SuccessionCorrected,
    SuccessionVoided,
)
from domain.region_events import Succession as Passing
from domain.values import Extent

T = TypeVar("T")

Fact = Literal[
    "region-established",
    "region-corrected",
    "region-voided",
    "region-renamed",
    "region-renaming-voided",
    "region-moved",
    "region-move-voided",
    "region-succeeded",
    "region-succeeded-in-part",
    "region-succession-voided",
    "region-part-succession-voided",
    "centre-established",
    "centre-corrected",
    "centre-voided",
    "centre-reassigned",
]
"""What is said about the tree; facts are only added, so that a past reading stays as it was."""


class TerritoryFact(NamedTuple):
    """One fact about the tree, in the order of the columns of its table."""

    position: LogPosition
    fact: Fact
    subject: UUID
    effective: date
    other: UUID | None = None
    code: str | None = None
    name: str | None = None
    level: str | None = None


TerritorialEvent = (
    RegionEstablished
    | FoundingCorrected
    | FoundingVoided
    | RegionRenamed
    | RenamingVoided
    | RegionMoved
    | MoveVoided
    | RegionSucceeded
    | SuccessionCorrected
    | SuccessionVoided
    | CentreEstablished
    | EstablishmentCorrected
    | EstablishmentVoided
    | CentreReassigned
)

TERRITORIAL: Final = frozenset(event.topic for event in get_args(TerritorialEvent))
"""The topics that say something about the tree."""


def territory_facts_of(event: Event, position: LogPosition) -> Iterator[TerritoryFact]:
    """What one territorial event says about the tree, in an order that does not matter."""
    assert isinstance(event, TerritorialEvent), f"{event.topic} says nothing about the tree"
    subject = event.originator_id
    match event:
        case RegionEstablished():
            yield TerritoryFact(
                position, "region-established", subject, event.valid_from, event.parent,
                event.code, event.name, event.level,
            )  # fmt: skip
        case FoundingCorrected(after=founding):
            yield TerritoryFact(
                position, "region-corrected", subject, founding.valid_from, founding.parent,
                founding.code, founding.name, founding.level,
            )  # fmt: skip
        case FoundingVoided(founding=founding):
            yield TerritoryFact(position, "region-voided", subject, founding.valid_from)
        case RegionRenamed():
            yield TerritoryFact(
                position, "region-renamed", subject, event.effective_on, name=event.after
            )
        case RenamingVoided(renaming=renaming):
            yield TerritoryFact(
                position, "region-renaming-voided", subject, renaming.effective_on,
                name=renaming.after,
            )  # fmt: skip
        case RegionMoved():
            yield TerritoryFact(
                position, "region-moved", subject, event.effective_on, event.to_parent
            )
        case MoveVoided(move=move):
            yield TerritoryFact(
                position, "region-move-voided", subject, move.effective_on, move.to_parent
            )
        case RegionSucceeded():
            yield succeeded(position, subject, event.succession)
        case SuccessionCorrected(before=before, after=after):
            if succeeded(position, subject, before) != succeeded(position, subject, after):
                yield succession_voided(position, subject, before)
                yield succeeded(position, subject, after)
        case SuccessionVoided(succession=before):
            yield succession_voided(position, subject, before)
        case CentreEstablished(establishment=establishment, place=place):
            yield TerritoryFact(
                position, "centre-established", subject, establishment.established_on,
                place.region, name=establishment.name, level=establishment.kind,
            )  # fmt: skip
        case EstablishmentCorrected(after=establishment):
            yield TerritoryFact(
                position, "centre-corrected", subject, establishment.established_on,
                establishment.region, name=establishment.name, level=establishment.kind,
            )  # fmt: skip
        case EstablishmentVoided(establishment=establishment):
            yield TerritoryFact(position, "centre-voided", subject, establishment.established_on)
        case CentreReassigned():
            yield TerritoryFact(
                position, "centre-reassigned", subject, event.effective_on, event.to_region
            )
        case _:
            assert_never(event)


def succeeded(position: LogPosition, region: UUID, passing: Passing) -> TerritoryFact:
    """A succession, whole or in part."""
    whole = passing.extent is Extent.WHOLE
    fact: Fact = "region-succeeded" if whole else "region-succeeded-in-part"
    return TerritoryFact(position, fact, region, passing.effective_on, passing.successor)


def succession_voided(position: LogPosition, region: UUID, passing: Passing) -> TerritoryFact:
    """A succession, whole or in part, that was none."""
    whole = passing.extent is Extent.WHOLE
    fact: Fact = "region-succession-voided" if whole else "region-part-succession-voided"
    return TerritoryFact(position, fact, region, passing.effective_on, passing.successor)


@dataclass(slots=True)
class Node:
    """A region or a centre with its dated history, in the order of its dates."""

    id: UUID
    code: str | None
    name: str
    level: str
    since: date
    names: list[tuple[date, str]] = field(default_factory=list)
    parents: list[tuple[date, UUID | None]] = field(default_factory=list)

    def copied(self) -> Node:
        """The same, to be changed without it."""
        return replace(self, names=list(self.names), parents=list(self.parents))

    @classmethod
    def of(cls, fact: TerritoryFact) -> Node:
        """What was founded, as it was entered; it lay there from ever on."""
        return cls(
            fact.subject, fact.code, fact.name or "", fact.level or "", fact.effective,
            parents=[(date.min, fact.other)],
        )  # fmt: skip


class Succession(NamedTuple):
    """One region's territory going to another, whole or in part."""

    region: UUID
    successor: UUID
    effective: date
    whole: bool


class Territory:
    """The tree as known at one position.

    `voided` are regions and centres that never existed. What was entered in such a region counts
    in the one in which it was said to lie, so that no figure is lost above it.
    """

    def __init__(self, facts: Iterable[TerritoryFact]) -> None:
        self.regions: dict[UUID, Node] = {}
        self.centres: dict[UUID, Node] = {}
        self.voided: dict[UUID, Node] = {}
        self.successions: list[Succession] = []
        for fact in facts:
            self._take(fact)
        self._settle()

    def extended(self, facts: Sequence[TerritoryFact]) -> Territory:
        """The tree after more facts; this one stays as it is."""
        after = Territory(())
        after.regions, after.centres = dict(self.regions), dict(self.centres)
        after.voided, after.successions = dict(self.voided), list(self.successions)
        for subject in {fact.subject for fact in facts}:
            for nodes in (after.regions, after.centres):
                if subject in nodes:
                    nodes[subject] = nodes[subject].copied()
        for fact in facts:
            after._take(fact)
        after._settle()
        return after

    def _settle(self) -> None:
        """Work out what follows from all facts."""
        self._whole = {s.region: s for s in self.successions if s.whole}
        self._predecessors: dict[UUID, list[Succession]] = {}
        for succession in self.successions:
            node = self.regions.get(succession.successor)
            if node is not None and succession.effective <= node.since:
                self._predecessors.setdefault(node.id, []).append(succession)
        self.changes = self._dates_of_change()
        self._region_from = cache(self._region_of_era)
        self._path_from = cache(self._path_of_era)
        self._tops_from = cache(self._tops_of_era)

    def _take(self, fact: TerritoryFact) -> None:
        subject = fact.subject
        match fact.fact:
            case "region-established" | "region-corrected":
                self.voided.pop(subject, None)
                self.regions[subject] = Node.of(fact)
            case "region-voided":
                self.voided[subject] = self.regions.pop(subject)
            case "region-renamed":
                self.regions[subject].names.append((fact.effective, fact.name or ""))
            case "region-renaming-voided":
                _take_last(self.regions[subject].names, (fact.effective, fact.name or ""))
            case "region-moved":
                self.regions[subject].parents.append((fact.effective, fact.other))
            case "region-move-voided":
                _take_last(self.regions[subject].parents, (fact.effective, fact.other))
            case "region-succeeded" | "region-succeeded-in-part":
                self.successions.append(_succession(fact, fact.fact == "region-succeeded"))
            case "region-succession-voided" | "region-part-succession-voided":
                self.successions.remove(_succession(fact, fact.fact == "region-succession-voided"))
            case "centre-established" | "centre-corrected":
                self.centres[subject] = Node.of(fact)
            case "centre-voided":
                self.voided[subject] = self.centres.pop(subject)
            case "centre-reassigned":
                self.centres[subject].parents.append((fact.effective, fact.other))
            case _:
                assert_never(fact.fact)

    def of_place(self, centre: UUID | None, region: UUID, on: date) -> UUID | None:
        """The region of a place on a date; None where only a part succession could tell."""
        node = self.centres.get(centre) if centre is not None else None
        if node is not None:
            lay = _at(node.parents, on)
            if lay is not None:
                region = lay
        return self.region_at(region, on)

    def region_at(self, region: UUID, on: date) -> UUID | None:
        """A region on a date: itself, its whole successor, or its only whole predecessor."""
        return self._region_from(region, self._era(on))

    def path_at(self, region: UUID, on: date) -> tuple[UUID, ...]:
        """A region and those above it on a date, lowest first."""
        return self._path_from(region, self._era(on))

    def tops_at(self, on: date) -> frozenset[UUID]:
        """The regions above which there is none on a date."""
        return self._tops_from(self._era(on))

    def _era(self, on: date) -> date:
        # From one change to the next every day has the same tree; each is worked out once.
        changed = bisect_right(self.changes, on)
        return self.changes[changed - 1] if changed else date.min

    def _region_of_era(self, region: UUID, on: date) -> UUID | None:
        seen = {region}
        while True:
            gone = self._whole.get(region)
            node = self.regions.get(region)
            mistaken = self.voided.get(region)
            if mistaken is not None:
                parent = _at(mistaken.parents, on)
                if parent is None:
                    return region
                region = parent
            elif gone is not None and gone.effective <= on:
                region = gone.successor
            elif node is not None and on < node.since:
                before = self._predecessors.get(region, [])
                if not before:
                    # Of the time before nothing is known: it counts where it does now.
                    return region
                if len(before) > 1 or not before[0].whole:
                    return None
                region = before[0].region
            else:
                return region
            if region in seen:
                return region
            seen.add(region)

    def _path_of_era(self, region: UUID, on: date) -> tuple[UUID, ...]:
        path = [region]
        while (above := self._above(path[-1], on)) is not None and above not in path:
            path.append(above)
        return tuple(path)

    def _above(self, region: UUID, on: date) -> UUID | None:
        node = self.regions.get(region)
        parent = _at(node.parents, on) if node else None
        above = None if parent is None else self.region_at(parent, on)
        return above if above in self.regions else None

    def round_at(self, region: UUID, on: date) -> UUID | None:
        """The region to which the way up from one comes back on a date; None where it ends.

        No decision lets it come back, but an older program did.
        """
        return self._above(self.path_at(region, on)[-1], on)

    def require_ends(self, facts: Sequence[TerritoryFact]) -> None:
        """Refuse facts after which a region would lie below itself on any day.

        No office above would reach it, nor count it. Where one does already, what leaves it so is
        no worse. A way up that changes leads through what a fact names, so no other is looked at.
        """
        after = self.extended(facts)
        named = {one for fact in facts for one in (fact.subject, fact.other) if one is not None}
        for day in sorted({date.min, *self.changes, *after.changes}):
            for one in sorted(named):
                now, then = self.region_at(one, day), after.region_at(one, day)
                tied = None if then is None else after.round_at(then, day)
                if tied is not None and (now is None or self.round_at(now, day) is None):
                    raise Refused("region-below-itself", other=tied)

    def _tops_of_era(self, on: date) -> frozenset[UUID]:
        return frozenset(
            self.path_at(node, on)[-1] for node in self.regions if self.region_at(node, on) == node
        )

    def name_at(self, node: UUID, on: date) -> str:
        """What a region or centre was called on a date; one that was voided, as it was entered."""
        found = self.regions.get(node) or self.centres.get(node) or self.voided.get(node)
        if found is None:
            return str(node)
        return _at([(date.min, found.name), *found.names], on) or found.name

    def _dates_of_change(self) -> list[date]:
        """The dates on which any boundary changed, in order."""
        dated = {succession.effective for succession in self.successions}
        dated.update(self.regions[begun].since for begun in self._predecessors)
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

    def bearers(self, code: str, first: date, until: date = date.max) -> list[UUID]:
        """The regions that bear an official code on any day from the first on, before the other.

        A region bears its code from its own first day until it is succeeded as a whole.
        """
        return [
            node.id
            for node in self.regions.values()
            if node.code == code and node.since < until and first < self._borne_until(node.id)
        ]

    def _borne_until(self, region: UUID) -> date:
        gone = self._whole.get(region)
        return date.max if gone is None else gone.effective


def _succession(fact: TerritoryFact, whole: bool) -> Succession:
    assert fact.other is not None, "a succession names the successor"
    return Succession(fact.subject, fact.other, fact.effective, whole)


def _take_last(dated: list[tuple[date, T]], expected: tuple[date, T]) -> None:
    """Take the last of dated values back, which must be this one."""
    last = dated.pop()
    assert last == expected, "only the last change that stands is taken back"


def _at(dated: list[tuple[date, T]], on: date) -> T | None:
    """The value in force on a date, of values in the order of their dates."""
    return next((value for since, value in reversed(dated) if since <= on), None)
