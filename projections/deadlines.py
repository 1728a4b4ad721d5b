"""Deadlines to compute again (期限待更正): those that a later holiday notice moved.

A receipt printed before next year's notice was out shows ends that may have moved since; a registry
must know of which couples. Correcting the application computes its deadlines anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from application.calendars import calendar_on
from domain.base import FIRST_DAY, LAST_DAY
from domain.calendar import Deadlines, deadlines, outdated
from projections import builds
from projections.ledger_reading import fixed_day, spans_of
from projections.ledgers import LEDGERS
from projections.readings import Boundaries, Reading, Readings

CASES: Final = LEDGERS["cases"]


@dataclass(frozen=True, slots=True)
class Moved:
    """An open application whose deadlines moved: as recorded, and by the calendar known now.

    The case counts at `centre`, in `region`, by the boundaries asked for.
    """

    case: UUID
    number: str
    receipt: str | None
    accepted_on: date
    recorded: Deadlines
    now: Deadlines
    centre: UUID | None
    centre_name: str | None
    region: UUID
    region_name: str


def moved_deadlines(
    readings: Readings,
    reading: Reading,
    region: str | UUID | None = None,
    boundaries: Boundaries = "then",
) -> list[Moved]:
    """The open applications whose deadlines are outdated at a reading, the soonest to end first.

    Open is one without an outcome, of a case that was not voided. The calendar is the one known on
    the day of the reading; a case lies in a region as its row of the ledger does. Raises
    `QuestionRefused` for an unknown region.
    """
    territory, fixed = readings.territory(reading), fixed_day(CASES, boundaries, reading)
    spans = spans_of(readings, reading, CASES, territory, region, boundaries, FIRST_DAY, LAST_DAY)
    with readings.connection() as connection:
        rows = connection.execute(
            builds.file("provisional_deadlines.sql"),
            {
                "places": [span.place for span in spans],
                "firsts": [span.first for span in spans],
                "lasts": [span.last for span in spans],
                "position": reading.position,
                "seen": [place for place, _, _ in readings.places(reading)],
            },
        ).fetchall()
    readings.require_same_build(reading)
    if not rows:
        return []
    calendar = calendar_on(reading.today)
    found = []
    for row in rows:
        recorded = Deadlines(**{name: row[name] for name in Deadlines.model_fields})
        accepted_on, centre = row["applied_on"], row["centre"]
        if row["row"] in reading.sight.without or not outdated(recorded, accepted_on, calendar):
            continue
        on = fixed or row["opened_on"]
        lies_in = territory.of_place(centre, row["region"], on) or row["region"]
        found.append(
            Moved(
                row["row"],
                row["number"],
                row["receipt"],
                accepted_on,
                recorded,
                deadlines(accepted_on, calendar, recorded.closing),
                centre,
                territory.name_at(centre, on) if centre is not None else None,
                lies_in,
                territory.name_at(lies_in, on),
            )
        )
    return found
