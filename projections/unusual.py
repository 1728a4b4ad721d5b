"""Unusual looks (异常查阅): of the reading log, what somebody should ask about.

A finding accuses nobody: who manages a centre may have to open what is sealed in a case that is not
assigned to him. It is read as of a position and counts only looks that lie in sight, and none at a
case or by a person with which whoever asks declared a conflict. Who is near to a party is told by
numbers that are sealed: as they stand today, and not as of the position.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from application.acquaintance import Acquainted
from application.policy import POLICY, Action, Reach
from domain.base import FIRST_DAY, LAST_DAY, SHANGHAI
from domain.values import AcquaintanceRelation, UnusualLook
from projections import builds
from projections.ledger_reading import spans_of
from projections.ledgers import LEDGERS
from projections.questions import Period, QuestionRefused
from projections.readings import Boundaries, Reading, Readings

LOOKS: Final = LEDGERS["looks"]
MANY: Final = 20  # different records within the window: no case is read in half a minute
WINDOW: Final = timedelta(minutes=10)
EVENING: Final = 22  # o'clock in Asia/Shanghai; the night lasts until the morning
MORNING: Final = 6
OWN: Final = [str(role) for role, found in POLICY[Action.READ_CASES].items() if found is Reach.OWN]
"""Whose duty ends at their own cases; all others look at a centre or region in theirs."""

NEAR: Final = {
    AcquaintanceRelation.SELF: UnusualLook.OWN_CASE,
    AcquaintanceRelation.RELATIVE: UnusualLook.RELATIVE,
    AcquaintanceRelation.NEIGHBOUR: UnusualLook.NEIGHBOUR,
}
REASONS: Final = {str(reason): reason for reason in UnusualLook}


@dataclass(frozen=True, slots=True)
class Unusual:
    """What one reader did, and why it is listed.

    `many` counts the fullest ten minutes of a day, `night` all looks of a night, `unassigned` the
    looks at one case on a day by who has only own cases, and what anybody opened there of what is
    sealed, but for an emergency that was granted; `several-offices` those at one record;
    `own-case`, `relative` and `neighbour` whatever was done on a day with the case of who is near,
    in whoever's hands it is. `record` is that one. `accesses` are the break-glass accesses under
    which it was opened.
    """

    reason: UnusualLook
    label: str
    reader: UUID
    record: UUID | None
    first_at: datetime
    last_at: datetime
    looks: int
    records: int
    roles: list[str]
    offices: list[UUID]
    accesses: list[UUID]


class Mark(NamedTuple):
    """Where a page ended, in the order in which unusual looks are listed."""

    at: datetime
    reader: UUID
    reason: UnusualLook
    record: UUID

    def text(self) -> str:
        """The mark as a client hands it back."""
        said = " ".join((self.at.isoformat(), *map(str, self[1:])))
        return urlsafe_b64encode(said.encode()).decode()

    @classmethod
    def read(cls, text: str) -> Mark:
        """A mark that a client hands back. Raises `QuestionRefused`."""
        try:
            at, reader, reason, record = urlsafe_b64decode(text.encode()).decode().split(" ")
            began = datetime.fromisoformat(at)
            if began.tzinfo is None:
                raise ValueError(at)
            return cls(began, UUID(reader), REASONS[reason], UUID(record))
        except (ValueError, KeyError):
            raise QuestionRefused(
                f"“{text}” is no place in this list; take `next` of the page before.",
                f"“{text}”不是清单中的位置，请使用上一页的 next。",
            ) from None


@dataclass(frozen=True, slots=True)
class UnusualLooks:
    """Unusual looks by when they began; `next` leads to the following page, None after the last."""

    reading: Reading
    found: list[Unusual]
    next: str | None


def unusual_looks(
    readings: Readings,
    reading: Reading,
    acquainted: Callable[[], Collection[Acquainted]],
    *,
    region: str | UUID | None = None,
    boundaries: Boundaries = "then",
    first: date = FIRST_DAY,
    last: date = LAST_DAY,
    reason: UnusualLook | None = None,
    after: str | None = None,
    limit: int = 100,
) -> UnusualLooks:
    """Looks from `first` to `last` (both included, Asia/Shanghai) that are unusual.

    At many records in a short time, at night, at a case that is not in the reader's hands, at one
    record for several offices, at the case of who is near by what is `acquainted` today; all, or
    those of one reason. Raises `QuestionRefused`, and what asking for acquaintances does.
    """
    asked = Period(first, last)
    territory = readings.territory(reading)
    spans = spans_of(readings, reading, LOOKS, territory, region, boundaries, first, last)
    mark = Mark.read(after) if after else None
    sought = reason is None or reason in NEAR.values()
    near = sorted(acquainted()) if sought else []
    with readings.connection() as connection:
        rows = connection.execute(
            builds.file("unusual_looks.sql"),
            {
                "places": [span.place for span in spans],
                "firsts": [span.first for span in spans],
                "lasts": [span.last for span in spans],
                "position": reading.position,
                "without": list(reading.sight.without),
                "since": datetime.combine(asked.first, time(), SHANGHAI),
                "until": datetime.combine(asked.last + timedelta(days=1), time(), SHANGHAI),
                "window": WINDOW,
                "many": MANY,
                "evening": EVENING,
                "morning": MORNING,
                "reason": reason,
                "own": OWN,
                "near_readers": [one.person for one in near],
                "near_records": [one.case for one in near],
                "near_reasons": [NEAR[one.relation] for one in near],
                "after_at": mark.at if mark else None,
                "after_reader": mark.reader if mark else None,
                "after_reason": mark.reason if mark else None,
                "after_record": mark.record if mark else None,
                "limit": limit + 1,
            },
        ).fetchall()
    readings.require_same_build(reading)
    found = [
        Unusual(
            **{
                **row,
                "reason": REASONS[row["reason"]],
                "label": REASONS[row["reason"]].label,
                "first_at": row["first_at"].astimezone(SHANGHAI),
                "last_at": row["last_at"].astimezone(SHANGHAI),
            }
        )
        for row in rows[:limit]
    ]
    if len(rows) <= limit:
        return UnusualLooks(reading, found, None)
    end = found[-1]
    mark = Mark(end.first_at, end.reader, end.reason, end.record or end.reader)
    return UnusualLooks(reading, found, mark.text())
