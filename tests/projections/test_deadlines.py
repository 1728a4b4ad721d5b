"""Deadlines that a later holiday notice moved are found, and those that it did not are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.calendars import calendar_on
from application.database import Database
from application.records import Actor, Records
from domain import case_file, case_registry
from domain.base import SHANGHAI
from domain.calendar import deadlines
from domain.case import Case
from domain.case_facts import Application
from domain.values import CaseOutcome, Role
from projections.deadlines import moved_deadlines
from projections.projector import Projector
from projections.questions import QuestionRefused
from projections.readings import Readings
from tests.domain.case_cast import OPENING
from tests.domain.scenario import known
from tests.projections.work import PLACE, command, establish_regions

ACCEPTED = date(2022, 11, 22)  # ends in the Spring Festival that the notice of 8 December fixed
CONFIRMED = date(2022, 11, 10)  # its ends stayed as they were
NOTICE = date(2022, 12, 8)


class Registry:
    """A registry office that accepted applications in the autumn of 2022."""

    def __init__(self, database: Database, records: Records) -> None:
        self.database, self.records, self.readings = database, records, Readings(database)

    def does(self, case: UUID, decision: Callable[..., Any], *facts: object, on: date) -> int:
        by = replace(command(on), by=Actor(known("qian"), Role.REGISTRAR, known("centre")))
        return int(self.records.change(by, Case, case, decision, *facts).last_position)

    def accepts(self, on: date) -> UUID:
        case = uuid4()
        opening = OPENING.model_copy(update={"number": str(case)})
        self.does(case, case_file.open_case, opening, PLACE, on=on)
        ends = deadlines(on, calendar_on(on))
        self.does(case, case_registry.accept_application, f"R {on}", ends, on=on)
        return case

    def finds(
        self, known_on: date, *, position: int | None = None, region: str | None = None
    ) -> list[UUID]:
        """The cases whose deadlines moved, as known on a date at a position."""
        return [moved.case for moved in self.moved(known_on, position, region)]

    def moved(self, known_on: date, position: int | None = None, region: str | None = None) -> Any:
        Projector(self.database).catch_up()
        noon = datetime.combine(known_on, datetime.min.time(), SHANGHAI) + timedelta(hours=12)
        reading = replace(self.readings.at(position), recorded_at=noon)
        return moved_deadlines(self.readings, reading, region)


@pytest.fixture
def registry(database: Database, records: Records) -> Iterator[Registry]:
    establish_regions(records)
    registry = Registry(database, records)
    yield registry
    registry.readings.close()


def test_only_an_end_that_the_notice_moved_is_to_be_computed_again(registry: Registry) -> None:
    moved = registry.accepts(ACCEPTED)
    registry.accepts(CONFIRMED)
    assert registry.finds(NOTICE - timedelta(days=1)) == []
    assert registry.finds(NOTICE) == [moved]


def test_it_says_what_was_printed_and_what_it_is_now_and_where(registry: Registry) -> None:
    registry.accepts(ACCEPTED)
    [found] = registry.moved(NOTICE)
    assert (found.receipt, found.accepted_on) == ("R 2022-11-22", ACCEPTED)
    assert found.recorded.window_effective == date(2023, 1, 23)
    assert found.now.window_effective == date(2023, 1, 28)
    assert found.recorded.window_nominal == found.now.window_nominal
    assert found.region_name == "历下区"


def test_the_soonest_end_comes_first(registry: Registry) -> None:
    cases = [registry.accepts(ACCEPTED + timedelta(days=days)) for days in (1, 0)]
    assert registry.finds(NOTICE) == cases[::-1]


def test_an_application_that_ended_or_was_corrected_or_voided_is_done(registry: Registry) -> None:
    ended, corrected, voided, left = (registry.accepts(ACCEPTED) for _ in range(4))
    before = registry.does(
        ended, case_registry.declare_outcome, CaseOutcome.WITHDRAWN, ACCEPTED, on=ACCEPTED
    )
    after = Application(
        on=ACCEPTED, receipt="R 2022-11-22", deadlines=deadlines(ACCEPTED, calendar_on(NOTICE))
    )
    registry.does(corrected, case_registry.correct_application, after, on=NOTICE)
    registry.does(voided, case_file.void, None, on=NOTICE)
    assert registry.finds(NOTICE) == [left]
    assert set(registry.finds(NOTICE, position=before)) == {corrected, voided, left}


def test_they_are_those_of_a_region(registry: Registry) -> None:
    moved = registry.accepts(ACCEPTED)
    assert registry.finds(NOTICE, region="370000") == [moved]
    assert registry.finds(NOTICE, region="370102") == [moved]
    with pytest.raises(QuestionRefused, match="379999"):
        registry.finds(NOTICE, region="379999")
