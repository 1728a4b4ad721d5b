"""A reader's day: looks of every kind, and accesses asked for, decided, used and judged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from domain.access import Access, AccessRequest, Selection, Viewing, access_id
from domain.base import SHANGHAI, Event, Place, Stamp
from domain.values import (
    AccessPurpose,
    AccessReason,
    AccessVerdict,
    RecordKind,
    RecordSurface,
)
from tests.domain.scenario import known, stamp
from tests.projections.walks import Decision, walks

DAY = date(2019, 3, 1)
THERE = Place(centre=known("centre"), region=known("county"))
LONG_AGO = datetime.combine(DAY, time(8), SHANGHAI)
GLASSES = [known(f"glass {number}") for number in range(3)]


def clock(random: Random) -> datetime:
    """Some time of the day."""
    return LONG_AGO + timedelta(minutes=random.randrange(16 * 60))


def viewing(random: Random) -> Viewing:
    under = random.random() < 0.5
    return Viewing(
        record=known("case"),
        kind=random.choice((RecordKind.CASE, RecordKind.SEALED_NOTE)),
        surface=RecordSurface.API,
        purpose=AccessPurpose.EMERGENCY if under else AccessPurpose.SERVICE,
        place=random.choice((THERE, None)),
        access=random.choice(GLASSES) if under else None,
    )


def selection(random: Random) -> Selection:
    return Selection(
        kind=RecordKind.CASE,
        what="个案台账",
        rows=random.randrange(50),
        purpose=AccessPurpose.FIGURES,
        place=THERE,
        record=random.choice((None, known("case"))),
    )


def step(_: Access, random: Random, __: date) -> Decision[Access]:
    """Something that might happen in a reader's day."""
    at, glass = clock(random), random.choice(GLASSES)

    def by(actor: str = "li") -> Stamp:
        return stamp(at, actor=actor, reason="为何")

    def requested(a: Access) -> Iterator[Event]:
        asked = AccessRequest(
            id=glass,
            record=known("case"),
            kind=RecordKind.CASE,
            reason=random.choice(tuple(AccessReason)),
            why="当事人失联",
            until=at + timedelta(hours=2),
        )
        return a.request(asked, THERE, by())

    def granted(a: Access) -> Iterator[Event]:
        return a.grant(glass, at + timedelta(hours=1), date(2019, 3, 8), by("chief"))

    many: list[Decision[Access]] = [
        lambda a: a.open_record(viewing(random), by()),
        lambda a: a.release_keys(viewing(random), ("k:a",), by()),
        lambda a: a.open_list(selection(random), by()),
        lambda a: a.make_search(selection(random), by()),
        lambda a: a.make_export(selection(random), by()),
        lambda a: a.make_print(selection(random), by()),
        requested,
        granted,
        granted,
        lambda a: a.refuse(glass, by("chief")),
        lambda a: a.expire(glass, by("system")),
        lambda a: a.after_review(glass, random.choice(tuple(AccessVerdict)), "属实", by("officer")),
    ]
    return random.choice(many)


access_walks = walks(lambda: Access(access_id(known("li"), known("centre"), DAY)), (), step, DAY)
