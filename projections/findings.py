"""What only shows when cases are held side by side: findings, for a person to look into.

A finding refuses nothing and counts nothing. It is read as of a position, over the facts as they
stood then: what was voided is gone, and what was corrected counts as corrected.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
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
LONGEST: Final = timedelta(days=1)  # of a session: an earlier one began no longer before a later


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session as it stood, and where it counts; the names are those of its day.

    One of an office that whoever asks does not see has neither id nor case.
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
    """Where a page of overlaps ended, in the order in which they are listed."""

    at: datetime
    practitioner: UUID
    later: UUID
    earlier: UUID

    def text(self) -> str:
        """The mark as a client hands it back."""
        said = " ".join((self.at.isoformat(), *map(str, self[1:])))
        return urlsafe_b64encode(said.encode()).decode()

    @classmethod
    def read(cls, text: str) -> Mark:
        """A mark that a client hands back. Raises `QuestionRefused`."""
        try:
            at, practitioner, later, earlier = urlsafe_b64decode(text.encode()).decode().split(" ")
            began = datetime.fromisoformat(at)
            if began.tzinfo is None:
                raise ValueError(at)
            return cls(began, UUID(practitioner), UUID(later), UUID(earlier))
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
    overlap with it. A group session is recorded in the case of each couple: two of the form group
    with the same beginning and length are one sitting. Raises `QuestionRefused`.
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
                "since": begun - LONGEST,
                "begun": begun,
                "until": datetime.combine(last + timedelta(days=1), time(), SHANGHAI),
                "after_at": mark.at if mark else None,
                "after_practitioner": mark.practitioner if mark else None,
                "after_later": mark.later if mark else None,
                "after_earlier": mark.earlier if mark else None,
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
        seen = reading.sight.sees(centre, of)
        on = fixed_day(SESSIONS, boundaries, reading) or started_at.date()
        return Sitting(
            session=row[which] if seen else None,
            case=row[f"{which}_case"] if seen else None,
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
    end = Mark(*(rows[limit - 1][name] for name in ORDER)) if len(rows) > limit else None
    return Overlaps(reading, found, end.text() if end else None)


ORDER: Final = ("later_started_at", "practitioner", "later", "earlier")
"""The columns of a mark."""


def region_name(territory: Territory, centre: UUID | None, region: UUID, on: date) -> str:
    """What the region in which a place lies on a day is called."""
    return territory.name_at(territory.of_place(centre, region, on) or region, on)
