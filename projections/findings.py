"""What only shows when cases are held side by side: findings, for a person to look into.

A finding refuses nothing and counts nothing. It is read as of a position, over the facts as they
stood then: what was voided is gone, and what was corrected counts as corrected.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from application.jurisdiction import EVERYTHING
from domain.base import FIRST_DAY, LAST_DAY, SHANGHAI
from domain.territory import Territory
from projections import builds
from projections.ledger_reading import fixed_day, spans_of
from projections.ledgers import LEDGERS
from projections.questions import Period, QuestionRefused
from projections.readings import Boundaries, Reading, Readings

SESSIONS: Final = LEDGERS["sessions"]
COUNT: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
LONGEST: Final = timedelta(days=1)  # of a session: an earlier one began no longer before a later


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session as it stood, and where it counts; the names are those of its day.

    One of an office that whoever asks does not see, or that he declared a conflict with, by its own
    id or its case's, has neither id nor case.
    """

    session: UUID | None
    case: UUID | None
    started_at: datetime
    minutes: int
    centre: UUID | None
    centre_name: str | None
    region: UUID
    region_name: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """One practitioner in two sessions at once, for so many `minutes`.

    It counts on the day on which the later session began, and in the region of each.
    """

    practitioner: UUID
    minutes: int
    earlier: Sitting
    later: Sitting


class Mark(NamedTuple):
    """Where a page of overlaps ended: how many of one practitioner and beginning were shown.

    It names no session, as those that are not shown to whoever asks have no id for him.
    """

    at: datetime
    practitioner: UUID
    shown: int

    def text(self) -> str:
        """The mark as a client hands it back."""
        said = f"{self.at.isoformat()} {self.practitioner} {self.shown}"
        return urlsafe_b64encode(said.encode()).decode()

    @classmethod
    def after(cls, rows: Sequence[Mapping[str, Any]], before: Mark | None) -> Mark:
        """Where a page of these rows ends, which begins where the one before ended."""
        ends = [(row["later_started_at"], row["practitioner"]) for row in rows]
        at, practitioner = ends[-1]
        goes_on = before is not None and before[:2] == ends[-1]
        shown = before.shown if before is not None and goes_on else 0
        return cls(at, practitioner, shown + ends.count(ends[-1]))

    @classmethod
    def read(cls, text: str) -> Mark:
        """A mark that a client hands back. Raises `QuestionRefused`."""
        try:
            at, practitioner, shown = urlsafe_b64decode(text.encode()).decode().split(" ")
            began = datetime.fromisoformat(at)
            if began.tzinfo is None or not COUNT.fullmatch(shown):
                raise ValueError(text)
            return cls(began, UUID(practitioner), int(shown))
        except ValueError:
            raise QuestionRefused(
                f"“{text}” is no place in this list; take `next` of the page before.",
                f"“{text}”不是清单中的位置，请使用上一页的 next。",
            ) from None


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Overlaps by the time they began; `next` leads to the following page, None after the last."""

    reading: Reading
    found: list[Overlap]
    next: str | None


def overlaps(
    readings: Readings,
    reading: Reading,
    *,
    region: str | UUID | None = None,
    boundaries: Boundaries = "then",
    first: date = FIRST_DAY,
    last: date = LAST_DAY,
    after: str | None = None,
    limit: int = 100,
) -> Overlaps:
    """Sessions of one practitioner that overlap (时间重叠), which no case can see (domain §3).

    Of those that overlapped from `first` to `last` (both included, Asia/Shanghai), each pair in
    which either session counts in the region. A session that begins when another ends does not
    overlap with it; those of somebody with whom who asks declared a conflict are left out. A group
    session is recorded in the case of each couple: two of the form group with the same beginning
    and length are one sitting. Raises `QuestionRefused`.
    """
    asked = Period(first, last)
    territory = readings.territory(reading)
    eve = max(asked.first - LONGEST, FIRST_DAY)
    spans = spans_of(readings, reading, SESSIONS, territory, region, boundaries, eve, last)
    begun = datetime.combine(first, time(), SHANGHAI)
    mark = Mark.read(after) if after else None
    with readings.connection() as connection:
        rows = connection.execute(
            builds.file("overlaps.sql"),
            {
                "places": [span.place for span in spans],
                "firsts": [span.first for span in spans],
                "lasts": [span.last for span in spans],
                "position": reading.position,
                "without": list(reading.sight.without),
                "since": begun - LONGEST,
                "begun": begun,
                "until": datetime.combine(last + timedelta(days=1), time(), SHANGHAI),
                "after_at": mark.at if mark else None,
                "after_practitioner": mark.practitioner if mark else None,
                "shown": mark.shown if mark else 0,
                "limit": limit + 1,
            },
        ).fetchall()
    places = {
        place: (centre, of) for place, centre, of in readings.places(reading.seen(EVERYTHING))
    }
    readings.require_same_build(reading)

    def sitting(row: dict[str, Any], which: str) -> Sitting:
        started_at = row[f"{which}_started_at"].astimezone(SHANGHAI)
        centre, of = places[row[f"{which}_place"]]
        case = row[f"{which}_case"]
        concerned = not reading.sight.without.isdisjoint((row[which], case))
        seen = reading.sight.sees(centre, of) and not concerned
        on = fixed_day(SESSIONS, boundaries, reading) or started_at.date()
        return Sitting(
            session=row[which] if seen else None,
            case=case if seen else None,
            started_at=started_at,
            minutes=row[f"{which}_minutes"],
            centre=centre,
            centre_name=territory.name_at(centre, on) if centre else None,
            region=of,
            region_name=region_name(territory, centre, of, on),
        )

    found = [
        Overlap(row["practitioner"], row["minutes"], sitting(row, "earlier"), sitting(row, "later"))
        for row in rows[:limit]
    ]
    end = Mark.after(rows[:limit], mark) if len(rows) > limit else None
    return Overlaps(reading, found, end.text() if end else None)


def region_name(territory: Territory, centre: UUID | None, region: UUID, on: date) -> str:
    """What the region in which a place lies on a day is called."""
    return territory.name_at(territory.of_place(centre, region, on) or region, on)
