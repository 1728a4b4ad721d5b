"""A little real work to project: cases that go through the application into the log."""

from __future__ import annotations

from datetime import date
from itertools import count
from uuid import UUID, uuid4

from application.eventlog import Receipt
from application.records import Actor, Command, Records
from domain import case_counselling, case_file, case_registry, case_safety, region_boundaries
from domain.base import Place
from domain.case import Case
from domain.region import Region
from domain.region_events import Founding, region_id
from domain.values import RegionKind, RegionLevel, Role
from tests.domain.case_cast import HER, OPENING, D, screening, session
from tests.domain.scenario import known

NUMBERS = count(1)
ACTOR = Actor(known("li"), Role.COUNSELLOR, known("centre"))
PROVINCE = region_id("test", "370000", date(2010, 1, 1))
COUNTY = region_id("test", "370102", date(2010, 1, 1))
PLACE = Place(centre=known("centre"), region=COUNTY)


def command(occurred: object = D) -> Command:
    return Command(ACTOR, occurred=occurred, reason="entered for a test")  # type: ignore[arg-type]


def establish_regions(records: Records) -> None:
    """A province with one county."""
    for id_, code, name, level, kind, parent in (
        (PROVINCE, "370000", "山东省", RegionLevel.PROVINCE, RegionKind.PROVINCE, None),
        (COUNTY, "370102", "历下区", RegionLevel.COUNTY, RegionKind.DISTRICT, PROVINCE),
    ):
        records.change(
            command(),
            Region,
            id_,
            region_boundaries.establish,
            Founding(
                scheme="test",
                code=code,
                name=name,
                level=level,
                kind=kind,
                parent=parent,
                valid_from=date(2010, 1, 1),
            ),
        )


def open_case(records: Records, case: UUID | None = None) -> UUID:
    """One event: a case is opened."""
    case = case or uuid4()
    opening = OPENING.model_copy(update={"number": f"2019-{next(NUMBERS):04}"})
    records.change(command(), Case, case, case_file.open_case, opening, PLACE)
    return case


def counsel(records: Records, case: UUID) -> Receipt:
    """Application, offer, consent, screening, one session: the couple is counselled."""
    records.change(command(), Case, case, case_registry.observe_application)
    records.change(command(), Case, case, case_counselling.offer)
    records.change(command(), Case, case, case_counselling.consent, HER)
    screened = screening(HER).model_copy(update={"id": uuid4()})
    records.change(command(), Case, case, case_safety.screen, screened)
    held = session("session", HER).model_copy(update={"id": uuid4()})
    return records.change(command(held.started_at), Case, case, case_counselling.hold_session, held)
