"""A pinned answer is computed again from the log alone; whatever changed under it is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random
from uuid import UUID, uuid4, uuid5

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from application.beginning import begin
from application.codec import decode, encode
from application.database import Database
from application.keys import Author, author_of
from application.pins import Pins
from application.records import Records
from application.settings import Settings
from application.simulation import silently
from application.verification import Trust
from domain import region_boundaries
from domain.base import Event, Refused
from domain.case import Case
from domain.pin import PinnedFigures, PinnedReport, Question, digest_of
from domain.region import Region
from domain.region_events import Founding, region_id
from domain.values import RegionKind, RegionLevel
from projections import builds, indicators
from projections import pins as pinning
from projections.indicators import INDICATORS
from projections.pins import (
    Cell,
    Reproduction,
    inspected_root,
    kept_root,
    pinned,
    question_of,
    recorded_pin,
    reproduced,
)
from projections.projector import Projector
from projections.questions import By, Columns, Figure, Period, QuestionRefused
from projections.readings import Readings
from projections.statistics import Statistics
from tests.author import AUTHOR
from tests.conftest import Databases
from tests.domain.case_cast import JINAN, QINGDAO, WILLING, D, opened
from tests.projections.case_walk import step
from tests.projections.walks import Walk
from tests.projections.work import COUNTY, PROVINCE, command, counsel, establish_regions, open_case
from tests.proof.ledger import Ledger
from tests.unasked import Unasked

YEAR = Period(date(2019, 1, 1), date(2019, 12, 31))
SINCE = date(2010, 1, 1)
CITY, HERE, THERE = (region_id("test", code, SINCE) for code in ("370100", "370102", "370202"))
PLACES = {
    JINAN.region: HERE,
    JINAN.centre: JINAN.centre,
    QINGDAO.region: THERE,
    QINGDAO.centre: QINGDAO.centre,
}
LEVELS = {
    RegionKind.PROVINCE: RegionLevel.PROVINCE,
    RegionKind.PREFECTURE_CITY: RegionLevel.CITY,
    RegionKind.DISTRICT: RegionLevel.COUNTY,
}


def asked(*codes: str, by: By = By.COUNTY, columns: Columns = Columns.QUARTER) -> Question:
    return question_of("370000", YEAR, codes, by, columns, "then")


class Desk:
    """Pins answers and computes them again, as the command line does."""

    def __init__(self, database: Database, records: Records) -> None:
        self.database = database
        self.records = records
        self.projector = Projector(database)
        self.projector.catch_up()
        self.readings = Readings(database)
        self.statistics = Statistics(self.readings)

    def pin(self, question: Question, as_of: int | None = None) -> PinnedReport:
        self.projector.catch_up()
        with self.readings.connection() as connection:
            return pinned(
                self.statistics, self.readings.at(as_of), question, partial(kept_root, connection)
            )

    def record(self, report: PinnedReport) -> UUID:
        pin_id = uuid4()
        Pins(self.records).pin(pin_id, report.question, None, command(), lambda _: report)
        return pin_id

    def reproduce(self, report: PinnedReport) -> Reproduction:
        self.projector.catch_up()
        return reproduced(
            self.statistics,
            report,
            lambda size: inspected_root(self.database.reader, size, silently, Trust()),
        )


@contextmanager
def working(database: Database, author: Author = AUTHOR) -> Iterator[Desk]:
    records = Records(database, author, jurisdiction=Unasked)
    desk = Desk(database, records)
    try:
        yield desk
    finally:
        desk.readings.close()
        records.close()


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Iterator[Desk]:
    """Two couples counselled in a county, in a log that has begun."""
    settings = Settings(home=tmp_path)
    author = author_of(settings)
    with working(database, author) as desk:
        begin(desk.records, settings, author, "0" * 64)
        establish_regions(desk.records)
        for _ in range(2):
            counsel(desk.records, open_case(desk.records))
        yield desk


def tampered(database: Database, *statements: str) -> None:
    with psycopg.connect(database.administrator) as attacker:
        attacker.execute("alter table log.event disable trigger user")
        for statement in statements:
            attacker.execute(statement)  # type: ignore[arg-type]
        attacker.execute("alter table log.event enable always trigger event_is_final")


def kinds(found: Reproduction) -> set[str]:
    return {fault.kind for fault in found.faults}


def test_a_pin_holds_the_question_the_figures_and_what_they_rest_on(desk: Desk) -> None:
    report = desk.pin(asked("applications", "counselling_rate"))
    reading = desk.readings.at()
    assert report.size == reading.position
    assert report.columns == ("2019-Q1", "2019-Q2", "2019-Q3", "2019-Q4")
    [line] = report.lines
    assert (line.id, line.name) == (COUNTY, "历下区")
    assert [(figures.indicator, figures.values) for figures in line.figures] == [
        ("applications", ("2", "0", "0", "0")),
        ("counselling_rate", ("1.0 = 2/2", *["none = 0/0"] * 3)),
    ]
    assert [definition.indicator for definition in report.definitions] == [
        "applications",
        "counselling_rate",
        "couples_counselled",
    ]
    assert report.digest == digest_of(report.columns, report.lines)


def test_a_pin_is_recorded_and_read_back_as_it_was(desk: Desk) -> None:
    report = desk.pin(asked("applications", "positive_rate", by=By.CENTRE, columns=Columns.MONTH))
    pin_id = desk.record(report)
    with desk.readings.connection() as connection:
        recorded = recorded_pin(connection, pin_id)
        assert recorded is not None
        assert recorded == (report, recorded.position)
        assert recorded.position > report.size
        assert recorded_pin(connection, pin_id, recorded.position - 1) is None
        assert recorded_pin(connection, uuid4()) is None


def test_what_is_recorded_later_changes_no_pin(desk: Desk) -> None:
    report = desk.pin(asked("applications", "couples_counselled", "open_cases"))
    counsel(desk.records, open_case(desk.records))
    found = desk.reproduce(report)
    assert found.equal
    assert (found.digest, found.root) == (report.digest, report.root)
    assert desk.pin(report.question).digest != report.digest


def test_a_changed_cell_of_the_read_models_is_named(desk: Desk) -> None:
    report = desk.pin(asked("applications", "couples_counselled"))
    desk.reproduce(report)
    with psycopg.connect(desk.database.administrator) as attacker:
        attacker.execute(
            "update reading.journal set quantity = 7 where indicator = %s"
            " and position = (select min(position) from reading.journal where indicator = %s)",
            [indicators.numbers_of("applications")[0]] * 2,
        )
    found = desk.reproduce(report)
    assert not found.equal
    assert not found.faults
    [cell] = found.cells
    assert cell == Cell(COUNTY, "历下区", "2019-Q1", "applications", "2", "8")


@pytest.mark.parametrize("changed", ["applications", "couples_counselled"])
def test_a_changed_definition_is_named_even_if_no_figure_moves(
    desk: Desk, changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = desk.pin(asked("counselling_rate"))
    other = replace(INDICATORS[changed], cohort="另一种口径", version=2)
    monkeypatch.setitem(INDICATORS, changed, other)
    found = desk.reproduce(report)
    assert not found.equal
    assert [str(fault.said) for fault in found.faults] == [f"{changed} is defined in another way."]
    assert not found.cells


def test_an_indicator_that_is_gone_is_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    report = desk.pin(asked("screenings", "applications"))
    monkeypatch.delitem(INDICATORS, "screenings")
    found = desk.reproduce(report)
    assert kinds(found) == {"definition"}
    assert {(cell.indicator, cell.now) for cell in found.cells} == {("screenings", None)}


def test_a_changed_row_of_the_log_is_named_with_its_position(desk: Desk) -> None:
    report = desk.pin(asked("applications"))
    tampered(
        desk.database,
        "update log.event set state = replace(convert_from(state, 'UTF8'), '历下区', '历上区')"
        "::bytea where position = 3",
    )
    found = desk.reproduce(report)
    assert not found.equal
    assert kinds(found) == {"log"}
    assert found.faults[0].said.startswith("Position 3: ")


def test_a_log_cut_short_is_named(desk: Desk) -> None:
    report = desk.pin(asked("applications"))
    tampered(desk.database, f"delete from log.event where position = {report.size}")
    found = desk.reproduce(report)
    assert not found.equal
    assert "log" in kinds(found)


def test_another_log_with_the_same_figures_has_another_root(
    desk: Desk, databases: Databases
) -> None:
    report = desk.pin(asked("applications"))
    with databases() as database, working(database) as other:
        establish_regions(other.records)
        while other.readings.at().position < report.size:
            counsel(other.records, open_case(other.records))
            other.projector.catch_up()
        assert "root" in kinds(other.reproduce(report))


def test_a_pin_whose_figures_were_changed_betrays_itself(desk: Desk) -> None:
    report = desk.pin(asked("applications", columns=Columns.TOTAL))
    line = report.lines[0].model_copy(
        update={"figures": (PinnedFigures(indicator="applications", values=("3",)),)}
    )
    found = desk.reproduce(report.model_copy(update={"lines": (line,)}))
    assert kinds(found) == {"pin"}
    assert [(cell.pinned, cell.now) for cell in found.cells] == [("3", "2")]


def test_a_row_that_is_called_otherwise_now_is_seen(desk: Desk) -> None:
    report = desk.pin(asked("applications"))
    line = report.lines[0].model_copy(update={"name": "历上区"})
    other = report.model_copy(
        update={"lines": (line,), "digest": digest_of(report.columns, (line,))}
    )
    assert kinds(desk.reproduce(other)) == {"lines"}


def test_another_program_that_counts_the_same_is_said_and_no_fault(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = desk.pin(asked("applications"))
    monkeypatch.setattr(pinning, "code_version", lambda: "0.2.0+0123456789abcdef")
    found = desk.reproduce(report)
    assert found.equal
    assert (found.code, found.report.code) == ("0.2.0+0123456789abcdef", report.code)


def test_the_version_of_the_code_moves_with_any_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "module.py").write_text("FIVE = 5\n")
    package = type(pinning)("counting")
    package.__file__ = str(tmp_path / "__init__.py")
    monkeypatch.setattr(pinning, "COUNTING", (package,))
    before = pinning.code_version.__wrapped__()
    (tmp_path / "module.py").write_text("FIVE = 6\n")
    assert pinning.code_version.__wrapped__() != before


def test_an_empty_log_pins_nothing(database: Database) -> None:
    with working(database) as desk, pytest.raises(QuestionRefused, match="The log is empty"):
        desk.pin(asked("applications"))


def test_more_than_fits_into_an_event_is_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinning, "MOST_PINNED", 7)
    with pytest.raises(QuestionRefused, match="at most 7 figures"):
        desk.pin(asked("applications", "sessions"))


figures = st.one_of(
    st.just(Figure(None, suppressed=True)),
    st.builds(Figure, st.none() | st.integers()),
    st.builds(lambda a, b: Figure(round(a / b, 4) if b else None, a, b), st.integers(0, 999),
              st.integers(0, 999)),
    st.builds(lambda a, b: Figure(a, denominator=b), st.none() | st.integers(0), st.integers(0)),
)  # fmt: skip


@given(one=figures, other=figures)
def test_two_figures_have_one_text_only_if_they_are_equal(one: Figure, other: Figure) -> None:
    assert (pinning.text_of(one) == pinning.text_of(other)) == (one == other)


def established(records: Records) -> None:
    """The places of the case walks: two counties of a province, one of them below a city."""
    for id_, code, kind, parent in (
        (PROVINCE, "370000", RegionKind.PROVINCE, None),
        (CITY, "370100", RegionKind.PREFECTURE_CITY, PROVINCE),
        (HERE, "370102", RegionKind.DISTRICT, CITY),
        (THERE, "370202", RegionKind.DISTRICT, PROVINCE),
    ):
        founding = Founding(
            scheme="test", code=code, name=code, level=LEVELS[kind], kind=kind,
            parent=parent, valid_from=SINCE,
        )  # fmt: skip
        records.change(command(), Region, id_, region_boundaries.establish, founding)


def moved(records: Records, random: Random) -> None:
    """A county comes under another region, or back; sometimes it is also called otherwise."""
    county = random.choice((HERE, THERE))
    to = PROVINCE if records.get(Region, county).parent == CITY else CITY
    on = date(2019, random.randint(4, 12), 1)
    decisions: list[tuple[Callable[..., Iterator[Event]], tuple[object, ...]]] = [
        (region_boundaries.move, (to, on)),
        (region_boundaries.void_move, ()),
    ]
    decision, facts = random.choice(decisions)
    with suppress(Refused):
        records.change(command(date(2019, 12, 31)), Region, county, decision, *facts)


codes = st.lists(st.sampled_from(sorted(INDICATORS)), min_size=1, max_size=6)


def life(random: Random, length: int) -> list[Event]:
    """Whatever may happen to one case, in the order in which it is entered."""
    walk = Walk(Case(uuid4())).must(opened, *WILLING)
    clock = D
    for _ in range(length):
        clock += timedelta(days=random.choice((0, 0, 0, 1, 3, 10)))
        walk.take(step(walk.aggregate, random, clock))
    return [own(event) for event in walk.events]


def own(event: Event) -> Event:
    """The event at the regions of this test, with records and persons of its own case."""

    def renamed(found: re.Match[bytes]) -> bytes:
        id_ = UUID(found[0].decode())
        return str(PLACES.get(id_) or uuid5(event.originator_id, str(id_))).encode()

    return decode(
        event.topic,
        event.originator_id,
        event.originator_version,
        re.sub(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", renamed, encode(event)),
    )


# Drawn are seeds alone: the pools of an example before may still use the random module meanwhile.
@given(
    lengths=st.lists(st.integers(10, 60), min_size=1, max_size=3),
    wanted=st.lists(codes, min_size=3, max_size=3),
    seed=st.integers(0, 2**32),
)
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_pin_of_any_moment_is_equal_after_whatever_comes_later(
    databases: Databases,
    monkeypatch: pytest.MonkeyPatch,
    lengths: list[int],
    wanted: list[list[str]],
    seed: int,
) -> None:
    monkeypatch.setattr(builds, "BLOCK", 16)
    random = Random(seed)
    remaining = [life(random, length) for length in lengths]
    with databases() as database, working(database) as desk:
        established(desk.records)
        pins: list[PinnedReport] = []
        while any(remaining):
            events = random.choice([events for events in remaining if events])
            length = random.randint(1, 12)
            for event in events[:length]:
                desk.records.save(event)
            del events[:length]
            if random.random() < 0.4:
                moved(desk.records, random)
            if random.random() < 0.3 or not pins:
                question = some_question(random, random.choice(wanted))
                desk.projector.catch_up()
                earlier = random.randint(4, desk.readings.at().position)
                pins.append(desk.pin(question, random.choice((None, earlier))))
                desk.record(pins[-1])
        for report in pins:
            found = desk.reproduce(report)
            assert found.equal, (found.faults, found.cells)
        desk.projector.rebuild(workers=1)
        for report in pins:
            assert desk.reproduce(report).equal


def some_question(random: Random, wanted: list[str]) -> Question:
    return question_of(
        random.choice(("370000", "370100", "370202", HERE)),
        random.choice((YEAR, Period(date(2019, 3, 10), date(2019, 8, 20)))),
        wanted,
        random.choice([*By]),
        random.choice([*Columns]),
        random.choice(("then", "now", date(2019, 6, 30))),
    )


def test_the_root_of_a_pin_is_that_of_the_log_sealed_or_not(
    database: Database, tmp_path: Path
) -> None:
    ledger = Ledger(database, Settings(home=tmp_path))
    ledger.record(300)
    sealed = ledger.seal()
    ledger.record(300)
    with psycopg.connect(database.reader) as connection:
        for size in (1, 255, 256, sealed - 1, sealed, sealed + 1, sealed + 300):
            assert kept_root(connection, size) == ledger.root(size)
    ledger.records.close()
