"""Pinned answers: made from a reading, and computed again later to be compared cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
import psycopg
from psycopg.rows import tuple_row
from pydantic import ValidationError

import application
import domain
import projections
from application.as_of import AsOfRefused
from application.codec import UnknownTopic
from application.eventlog import Position, Row, decoded
from application.inspection import Check, Continuity, Defect
from application.log_pages import pages
from application.log_stream import beginning_of
from application.seal import LEAVES, newest_checkpoint, read_tile
from application.tree import Frontier, RightEdge, Unproven
from application.verification import Progress, Trust, require_trusted
from domain.pin import (
    PinnedDefinition,
    PinnedFigures,
    PinnedLine,
    PinnedReport,
    Question,
    ReportPinned,
    digest_of,
)
from projections import indicators
from projections.indicators import Indicator
from projections.questions import By, Columns, Figure, Period, QuestionRefused, Table, no_region
from projections.readings import Boundaries, Reading, boundaries_from
from projections.statistics import Statistics

MOST_PINNED: Final = 20_000  # cells; they are kept in the event itself
COUNTING: Final = (domain, application, projections)  # the packages that decide what a figure is
SOURCES: Final = frozenset({".py", ".sql", ".csv", ".gz", ".json"})

PINNED: Final = """
select position, originator_id, originator_version, topic, state, recorded_at
from only log.event
where originator_id = %s and position <= coalesce(%s, position)
order by originator_version
limit 1
"""

Connection = psycopg.Connection[Any]

RootAt = Callable[[Position], bytes]
"""The root over the first so many events as it is now. Raises `Defect`, `Unproven`."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure that is another now; None where the answer has no such cell."""

    line: UUID
    name: str
    column: str
    indicator: str
    pinned: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something else than a figure that is not as it was: of what kind, and a sentence on it."""

    kind: str
    said: str


class RecordedPin(NamedTuple):
    """A pin in the log, and where it stands."""

    report: PinnedReport
    position: Position


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A pinned answer beside the one computed now.

    Another program that counts the same is no fault: `code` may differ from the pinned one.
    """

    report: PinnedReport
    digest: str | None
    root: str | None
    code: str
    faults: tuple[Fault, ...]
    cells: tuple[Cell, ...]

    @property
    def equal(self) -> bool:
        """Whether the figures, their definitions and the log under them are those pinned."""
        return not self.faults and not self.cells


def question_of(
    region: str | UUID,
    period: Period,
    codes: Sequence[str],
    by: By,
    columns: Columns,
    boundaries: Boundaries,
) -> Question:
    """A question as it is pinned. Raises `UnknownIndicator`, `QuestionRefused`."""
    wanted = tuple(indicators.get(code).code for code in dict.fromkeys(codes))
    try:
        return Question(
            region=str(region),
            first=period.first,
            last=period.last,
            by=by.value,
            columns=columns.value,
            boundaries=str(boundaries),
            indicators=wanted,
        )
    except ValidationError:  # all but the region are well formed already
        raise no_region(region) from None


def pinned(
    statistics: Statistics, reading: Reading, question: Question, root_at: RootAt
) -> PinnedReport:
    """The answer to a question at a reading, ready to be pinned.

    Raises `QuestionRefused`, `UnknownIndicator`.
    """
    if reading.position == 0:
        raise QuestionRefused(
            "The log is empty; record something before you pin an answer.",
            "日志尚无记录，暂无可固定的报表。",
        )
    table = answer_to(statistics, reading, question)
    if len(table.lines) * len(table.columns) * len(table.indicators) > MOST_PINNED:
        raise QuestionRefused(
            f"A pinned answer has at most {MOST_PINNED:,} figures; ask for a shorter period or "
            "fewer indicators.",
            f"固定报表最多 {MOST_PINNED:,} 个数字，请缩短时段或减少指标。",
        )
    columns, lines = spelled(table)
    return PinnedReport(
        question=question,
        size=reading.position,
        root=root_at(reading.position).hex(),
        simulated=reading.simulated,
        columns=columns,
        lines=lines,
        digest=digest_of(columns, lines),
        definitions=tuple(
            PinnedDefinition(indicator=code, digest=digest)
            for code, digest in sorted(definitions_of(question.indicators).items())
        ),
        code=code_version(),
    )


def shows(statistics: Statistics, reading: Reading, report: PinnedReport) -> bool:
    """Whether a reading, as somebody sees it, shows all that was pinned at its position.

    A pin of the part that one sees would be taken for the whole, and differ when computed again.
    """
    if reading.sight.everything:
        return True
    return spelled(answer_to(statistics, reading, report.question)) == (
        report.columns,
        report.lines,
    )


def reproduced(statistics: Statistics, report: PinnedReport, root_at: RootAt) -> Reproduction:
    """Compute a pinned answer again and compare. Raises `Lagging`.

    What went wrong with the log, a definition or the pin itself is told as a fault.
    """
    faults = []
    if digest_of(report.columns, report.lines) != report.digest:
        faults.append(Fault("pin", "The pinned figures are not those of their own digest."))
    root: str | None = None
    try:
        root = root_at(report.size).hex()
        if root != report.root:
            faults.append(
                Fault(
                    "root",
                    f"The first {report.size:,} events are others than when the answer was pinned.",
                )
            )
    except (Defect, Unproven) as wrong:
        faults.append(Fault("log", str(wrong)))
    then = {one.indicator: one.digest for one in report.definitions}
    now = definitions_of(report.question.indicators)
    for code in sorted({*now, *then}):
        if now.get(code) != then.get(code):
            faults.append(Fault("definition", f"{code} is defined in another way."))
    known = [code for code in report.question.indicators if code in indicators.INDICATORS]
    columns: tuple[str, ...] = ()
    lines: tuple[PinnedLine, ...] = ()
    digest = None
    try:
        reading = statistics.readings.at(report.size)
        if known:
            columns, lines = spelled(answer_to(statistics, reading, report.question, known))
            digest = digest_of(columns, lines)
    except (AsOfRefused, QuestionRefused) as refused:
        faults.append(Fault("question", str(refused)))
    cells = tuple(different(report.columns, report.lines, columns, lines)) if digest else ()
    if digest not in (None, report.digest) and not cells and not faults:
        faults.append(Fault("lines", "The names, codes or order of the lines are others now."))
    return Reproduction(report, digest, root, code_version(), tuple(faults), cells)


def answer_to(
    statistics: Statistics,
    reading: Reading,
    question: Question,
    codes: list[str] | None = None,
) -> Table:
    """The table that a question asks for."""
    return statistics.table(
        reading,
        codes or question.indicators,
        region_of(question.region),
        Period(question.first, question.last),
        by=By(question.by),
        columns=Columns(question.columns),
        boundaries=boundaries_from(question.boundaries),
    )


def region_of(text: str) -> str | UUID:
    """An official code, or the id of a region."""
    try:
        return UUID(text) if "-" in text else text
    except ValueError:
        return text


def spelled(table: Table) -> tuple[tuple[str, ...], tuple[PinnedLine, ...]]:
    """The columns and lines of an answer, each figure as one text."""
    lines = tuple(
        PinnedLine(
            id=line.id,
            code=line.code,
            name=line.name,
            figures=tuple(
                PinnedFigures(indicator=code, values=tuple(map(text_of, figures)))
                for code, figures in line.figures.items()
            ),
        )
        for line in table.lines
    )
    return tuple(column.label for column in table.columns), lines


def text_of(figure: Figure) -> str:
    """A figure as one text that tells any two figures apart.

    Such as `215`, `0.5488 = 118/215`, `35 of 12`, `none` or `hidden`.
    """
    if figure.suppressed:
        return "hidden"
    value = "none" if figure.value is None else str(figure.value)
    if figure.denominator is None:
        return value
    if figure.numerator is None:
        return f"{value} of {figure.denominator}"
    return f"{value} = {figure.numerator}/{figure.denominator}"


def different(
    pinned_columns: tuple[str, ...],
    pinned_lines: tuple[PinnedLine, ...],
    columns: tuple[str, ...],
    lines: tuple[PinnedLine, ...],
) -> Iterator[Cell]:
    """The cells in which two answers differ, line by line."""
    before, after = cells_of(pinned_columns, pinned_lines), cells_of(columns, lines)
    names = {line.id: line.name for line in (*lines, *pinned_lines)}
    for key in {**before, **after}:
        if before.get(key) != after.get(key):
            line, column, indicator = key
            yield Cell(line, names[line], column, indicator, before.get(key), after.get(key))


def cells_of(
    columns: tuple[str, ...], lines: tuple[PinnedLine, ...]
) -> dict[tuple[UUID, str, str], str]:
    """Every figure of an answer by line, column and indicator."""
    return {
        (line.id, column, figures.indicator): value
        for line in lines
        for figures in line.figures
        for column, value in zip(columns, figures.values, strict=False)
    }


def definitions_of(codes: tuple[str, ...]) -> dict[str, str]:
    """The digest of the definition of each indicator and of those it is worked out from."""
    found: dict[str, str] = {}
    remaining = list(codes)
    while remaining:
        code = remaining.pop()
        indicator = indicators.INDICATORS.get(code)
        if code not in found and indicator is not None:
            found[code] = digest_of_definition(indicator)
            parts = (*indicator.terms, indicator.numerator, indicator.denominator)
            remaining += [part for part in parts if part is not None]
    return found


def digest_of_definition(indicator: Indicator) -> str:
    """SHA-256, in hexadecimal, over the definition as JSON with its keys in order."""
    return sha256(orjson.dumps(asdict(indicator), option=orjson.OPT_SORT_KEYS)).hexdigest()


@cache
def code_version() -> str:
    """The program's version, and the beginning of a digest over what decides figures in it."""
    digest = sha256()
    for package in COUNTING:
        folder = Path(str(package.__file__)).parent
        for path in sorted(folder.rglob("*")):
            if path.suffix in SOURCES:
                name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
                digest.update(f"{name} {sha256(path.read_bytes()).hexdigest()}\n".encode())
    return f"{version('huhang')}+{digest.hexdigest()[:16]}"


def kept_root(connection: Connection, size: Position) -> bytes:
    """The root over the first events, from the tiles and leaves as they are kept.

    Raises `Unproven` where a tile is missing.
    """
    sealed = newest_checkpoint(connection, size)
    edge = RightEdge(sealed.size if sealed else 0, partial(read_tile, connection))
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        for (leaf,) in cursor.execute(LEAVES, (edge.size, size)):
            edge.push(leaf)
    return edge.root()


def inspected_root(
    conninfo: str,
    size: Position,
    progress: Progress,
    trust: Trust,
    workers: int = 1,
    until: Position = 0,
) -> bytes:
    """The root over the first events, each inspected and its leaf computed anew.

    The inspection goes on `until` that of the pin itself, so that nobody changes it and the figures
    alike. `conninfo` is a reader's. Raises `Defect` for the first event that is not what was
    recorded.
    """
    continuity, tree, until = Continuity(), Frontier(), max(size, until)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        beginning = beginning_of(connection)
        require_trusted(beginning, trust)
        for page in pages(connection, conninfo, until, beginning, workers):
            continuity.follow(page)
            for leaf in page.leaves[: max(0, size - page.after)]:
                tree.push(leaf)
            progress(continuity.position, until)
    return tree.root()


def recorded_pin(
    connection: Connection, pin_id: UUID, position: Position | None = None
) -> RecordedPin | None:
    """What the log says was pinned under an id, as known now or at a position, if anything.

    Raises `Defect` when nobody can read it any more.
    """
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        rows = [Row(*row) for row in cursor.execute(PINNED, (pin_id, position))]
    for row in rows:
        try:
            [recorded] = decoded([row])
        except (ValueError, TypeError, UnknownTopic):
            raise Defect(row.position, Check.LEAF, "it cannot be read.") from None
        if isinstance(recorded.event, ReportPinned):
            return RecordedPin(recorded.event.report, recorded.position)
    return None
