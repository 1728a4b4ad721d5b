"""The work ledgers (工作台账) as of any moment, as pages, as CSV and as Excel workbooks."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from typing import IO, Annotated, Any, Final
from urllib.parse import quote

from fastapi import Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from api.dependencies import CurrentActor, SystemDep
from api.looks import LooksDep
from api.parts import Part
from api.questions import BoundariesDep, Day, ReadAt, ReadingDep, RegionParameter
from api.seeing import SeenDep
from api.transport import WORKBOOK
from application.policy import Action
from domain.base import FIRST_DAY, LAST_DAY
from domain.looked import Looked
from domain.values import RecordKind
from projections.deadlines import Moved, moved_deadlines
from projections.ledger_reading import (
    Wanted,
    count,
    csv_lines,
    find_ledger,
    only,
    page,
    sole_exported,
    sole_record,
)
from projections.ledgers import LEDGERS, Ledger
from projections.questions import QuestionRefused
from projections.readings import Reading
from projections.workbook import workbook

PIECE: Final = 2**16  # bytes of a file that are sent at once
REGISTERS: Final = frozenset({"requests", "assessments", "disposals"})
BY_NAME: Final = {
    "assessments": Action.READ_ASSESSMENTS,
    "funds": Action.LIST_FUNDS,
}
BY_KIND: Final = {
    RecordKind.CASE: Action.LIST_CASES,
    RecordKind.REQUEST: Action.READ_REQUESTS,
    RecordKind.ACCESS: Action.READ_LOOKS,
}


def listing(name: str) -> Action:
    """Which action looking at a ledger is. Raises `NotFound`."""
    return BY_NAME.get(name) or BY_KIND.get(kind_of(name), Action.LIST_WORK)


def taking(name: str) -> Action:
    """Which action taking a ledger along is. Raises `NotFound`."""
    action = listing(name)
    return Action.EXPORT_CASES if action is Action.LIST_CASES else action


def kind_of(name: str) -> RecordKind:
    """Whose records the rows of a ledger are. Raises `NotFound`."""
    columns = find_ledger(name).positions
    if name in REGISTERS:
        return RecordKind.REQUEST
    if name == "cases" or "case_id" in columns:
        return RecordKind.CASE
    if name == "orders":
        return RecordKind.ORDER
    if name in ("looks", "accesses"):
        return RecordKind.ACCESS
    if name == "practitioners" or "practitioner" in columns:
        return RecordKind.PRACTITIONER
    return RecordKind.CENTRE


router = Part(prefix="/ledgers", tags=["台账 Ledgers"])


class Heading(BaseModel):
    """A fixed column of a ledger."""

    name: str
    title: str
    kind: str


class Sheet(BaseModel):
    """A ledger: its name, its Chinese title and its columns."""

    name: str
    title: str
    sorted_by: str
    columns: list[Heading]

    @classmethod
    def of(cls, ledger: Ledger) -> "Sheet":
        """How a ledger is described."""
        return cls(
            name=ledger.name,
            title=ledger.zh,
            sorted_by=ledger.sorted_by,
            columns=[Heading(name=c.name, title=c.zh, kind=c.kind) for c in ledger.columns],
        )


class LedgerPage(BaseModel):
    """Rows of a ledger in its order; `next` leads to the following page.

    A row has the ledger's columns, its id as `row`, and where it counts; a look also has
    `what_name`, what it was at in words.
    """

    reading: ReadAt
    boundaries: str
    ledger: Sheet
    rows: list[dict[str, Any]]
    next: str | None


class Ledgers(BaseModel):
    """The ledgers there are, with their fixed columns."""

    reading: ReadAt
    boundaries: str
    ledgers: list[Sheet]


class MovedDeadlines(BaseModel):
    """Applications whose deadlines are to be computed again; `total` are all that there are."""

    reading: ReadAt
    boundaries: str
    total: int
    deadlines: list[Moved]


class Filter:
    """Which rows of a ledger are wanted, and in which order."""

    def __init__(
        self,
        boundaries: BoundariesDep,
        region: RegionParameter | None = None,
        first: Annotated[Day, Query(alias="from")] = FIRST_DAY,
        last: Annotated[Day, Query(alias="to")] = LAST_DAY,
        equals: Annotated[
            list[Annotated[str, Query(pattern=r"^[a-z_]{1,40}:[^\x00]{1,200}$")]] | None,
            Query(
                max_length=20,
                description="按列或单位（centre）筛选，写作 列名:值，可多次给出。"
                "Column:value, or centre:id; may be repeated.",
                examples=[["status:open"]],
            ),
        ] = None,
        sort: Annotated[
            str | None,
            Query(
                pattern=r"^-?[a-z_]{1,40}$",
                description="按哪一列排序，前加减号为降序，空值在后。"
                "A column, with a minus from the greatest down; missing values come last.",
                examples=["-closed_on"],
            ),
        ] = None,
    ) -> None:
        by = dict(each.split(":", 1) for each in equals or ())
        if len(by) < len(equals or ()):
            raise QuestionRefused(
                "A column is filtered by one value; give it once.",
                "每列只能按一个值筛选，请只填一次。",
            )
        self.wanted = Wanted(region, boundaries, first, last, by, sort)

    def named(self, ledger: str) -> str:
        """Which of it was looked at, without what stands in it."""
        wanted = self.wanted
        by = ", ".join(sorted(wanted.equals))
        where = f" of {wanted.region}" if wanted.region else ""
        return f"{ledger}{where} {wanted.first}/{wanted.last}{f' by {by}' if by else ''}"


FilterDep = Annotated[Filter, Depends(Filter)]

AfterParameter = Annotated[str | None, Query(max_length=800)]
"""The `next` of the page before; it may hold a hundred characters of a text."""


@router.get("")
def list_ledgers(_: CurrentActor, reading: ReadingDep, boundaries: BoundariesDep) -> Ledgers:
    """台账目录 The ledgers there are, with their columns."""
    return Ledgers(
        reading=ReadAt.of(reading),
        boundaries=str(boundaries),
        ledgers=[Sheet.of(ledger) for ledger in LEDGERS.values()],
    )


@router.get("/cases/deadlines")
def read_moved_deadlines(
    _: CurrentActor,
    seen: SeenDep,
    boundaries: BoundariesDep,
    system: SystemDep,
    looks: LooksDep,
    region: RegionParameter | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> MovedDeadlines:
    """期限待更正 Open applications whose deadlines a later holiday notice moved, soonest first.

    The calendar is the one known on the day of the reading. To put one right, correct its
    application: its deadlines are computed anew.
    """
    reading = seen.reading
    found = moved_deadlines(system.readings, reading, region, boundaries)
    sole = only(one.case for one in found[:limit])
    looks.list(RecordKind.CASE, Looked.DEADLINES, min(limit, len(found)), sole)
    return MovedDeadlines(
        reading=ReadAt.of(reading),
        boundaries=str(boundaries),
        total=len(found),
        deadlines=found[:limit],
    )


@router.get(
    "/{name}.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def download_ledger(
    _: CurrentActor,
    name: str,
    asked: FilterDep,
    seen: SeenDep,
    system: SystemDep,
    looks: LooksDep,
) -> StreamingResponse:
    """台账导出 A whole ledger as CSV, with Chinese headings; a simulated one says so first."""
    reading = seen.by(taking(name))
    lines = csv_lines(system.readings, reading, name, asked.wanted)
    begun = chain([next(lines)], lines)  # a refusal comes before the answer begins
    rows = count(system.readings, reading, name, asked.wanted)
    sole = sole_exported(system.readings, reading, name, asked.wanted, rows)
    looks.export(kind_of(name), Looked.LEDGER, rows, sole, asked.named(name))
    return taken_along(reading, name, "csv", "text/csv; charset=utf-8", encoded(begun))


@router.get(
    "/{name}.xlsx",
    response_class=StreamingResponse,
    responses={200: {"content": {WORKBOOK: {"schema": {"type": "string", "format": "binary"}}}}},
)
def download_workbook(
    _: CurrentActor,
    name: str,
    asked: FilterDep,
    seen: SeenDep,
    system: SystemDep,
    looks: LooksDep,
) -> StreamingResponse:
    """台账导出（Excel） A whole ledger as a workbook; the second sheet says what it is of."""
    reading = seen.by(taking(name))
    made = workbook(system.readings, reading, name, asked.wanted)
    with ExitStack() as unanswered:
        unanswered.enter_context(made.file)
        sole = sole_exported(system.readings, reading, name, asked.wanted, made.rows)
        looks.export(kind_of(name), Looked.LEDGER, made.rows, sole, asked.named(name))
        unanswered.pop_all()
    return taken_along(reading, name, "xlsx", WORKBOOK, pieces(made.file))


@router.get("/{name}")
def read_ledger(
    _: CurrentActor,
    name: str,
    asked: FilterDep,
    seen: SeenDep,
    system: SystemDep,
    looks: LooksDep,
    after: AfterParameter = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> LedgerPage:
    """台账 A page of a ledger, in its order."""
    reading = seen.by(listing(name))
    found = page(system.readings, reading, name, asked.wanted, after=after, limit=limit)
    sole = sole_record(found.ledger, found.rows)
    looks.list(kind_of(name), Looked.LEDGER, len(found.rows), sole, asked.named(name))
    return LedgerPage(
        reading=ReadAt.of(reading),
        boundaries=str(asked.wanted.boundaries),
        ledger=Sheet.of(found.ledger),
        rows=found.rows,
        next=found.next,
    )


def taken_along(
    reading: Reading, name: str, ending: str, kind: str, content: Iterator[bytes]
) -> StreamingResponse:
    """A file of a ledger, named by what it is of and as of which position."""
    filename = quote(f"{find_ledger(name).zh}-{reading.position}.{ending}")
    return StreamingResponse(
        content,
        media_type=kind,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{filename}",
            "Huhang-Position": str(reading.position),
            "Huhang-Simulated": "true" if reading.simulated else "false",
        },
    )


def encoded(lines: Iterator[str]) -> Iterator[bytes]:
    """Lines as bytes."""
    return (line.encode() for line in lines)


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """What a file holds, which then is no more."""
    with file:
        while piece := file.read(PIECE):
            yield piece
