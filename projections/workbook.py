"""A whole work ledger (工作台账) as an Excel workbook, for who counts and files in spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime
from tempfile import SpooledTemporaryFile, TemporaryDirectory
from typing import IO, Any, Final, NamedTuple

import xlsxwriter

from domain.base import SHANGHAI
from projections.ledger_reading import (
    ALL,
    NOTICE,
    PLACE_COLUMNS,
    Wanted,
    cell,
    count,
    every_row,
    find_ledger,
)
from projections.ledgers import Column, Ledger
from projections.questions import QuestionRefused
from projections.readings import Reading, Readings

LONGEST: Final = 1_048_576
"""Rows of a sheet: Excel specifications and limits, “Worksheet and workbook specifications”."""

KEPT_IN_MEMORY: Final = 8 * 2**20  # bytes of a finished workbook; a longer one waits on the disk
ABOUT: Final = "说明"
DAY: Final = "yyyy-mm-dd"
INSTANT: Final = "yyyy-mm-dd hh:mm:ss"
WIDTHS: Final = {"date": 11, "instant": 19, "integer": 10, "uuid": 37, "text": 18}  # characters
BOUNDARIES: Final = {"then": "按业务发生时的区划", "now": "按现行区划"}


class Workbook(NamedTuple):
    """A finished workbook, at its first byte, and how many rows of the ledger it holds.

    Whoever takes it closes the file.
    """

    file: IO[bytes]
    rows: int


def workbook(readings: Readings, reading: Reading, name: str, wanted: Wanted = ALL) -> Workbook:
    """A whole ledger on one sheet, and on another what it is of and as of when.

    Days, instants (Asia/Shanghai) and numbers are what Excel calculates with; texts are texts, in
    which nothing runs, also where somebody saves the sheet as CSV. Raises as `page` does, and
    `QuestionRefused` for more rows than a sheet can have.
    """
    ledger = find_ledger(name)
    above = 2 if reading.simulated else 1
    rows = count(readings, reading, name, wanted)
    if rows > LONGEST - above:
        raise QuestionRefused(
            f"The ledger has {rows:,} rows here, and a sheet holds {LONGEST - above:,};"
            " ask for a shorter period, or take CSV.",
            f"该台账共 {rows:,} 行，工作表最多容纳 {LONGEST - above:,} 行；"
            "请缩短期间，或导出 CSV。",
        )
    title, created = ledger.zh, reading.recorded_at.replace(tzinfo=None)
    with ExitStack() as unfinished, TemporaryDirectory() as drafts:
        file = unfinished.enter_context(SpooledTemporaryFile(max_size=KEPT_IN_MEMORY))
        # Row by row: as a whole it would take some hundred times its size in memory.
        book = xlsxwriter.Workbook(
            file, {"constant_memory": True, "tmpdir": drafts, "use_zip64": True}
        )
        with book:
            book.set_properties({"title": title, "created": created})
            sheet = book.add_worksheet(title)
            _fill(book, sheet, ledger, reading, every_row(readings, reading, name, wanted))
            _describe(book.add_worksheet(ABOUT), ledger, reading, wanted, rows)
        unfinished.pop_all()
    file.seek(0)
    return Workbook(file, rows)


def _fill(
    book: Any, sheet: Any, ledger: Ledger, reading: Reading, rows: Iterator[dict[str, Any]]
) -> None:
    columns = (*PLACE_COLUMNS, *ledger.columns)
    bold = book.add_format({"bold": True})
    formats = {"date": book.add_format({"num_format": DAY})}
    formats["instant"] = book.add_format({"num_format": INSTANT})
    for number, column in enumerate(columns):
        sheet.set_column(number, number, WIDTHS[column.kind])
    heading = 0
    if reading.simulated:
        sheet.write_string(0, 0, NOTICE, bold)
        heading = 1
    sheet.freeze_panes(heading + 1, 0)
    for number, column in enumerate(columns):
        sheet.write_string(heading, number, column.zh, bold)
    last = heading
    for last, row in enumerate(rows, heading + 1):
        for number, column in enumerate(columns):
            value = row[column.name]
            if value is not None:
                _write(sheet, last, number, value, column, formats.get(column.kind))
    sheet.autofilter(heading, 0, last, len(columns) - 1)


def _write(sheet: Any, row: int, number: int, value: Any, column: Column, look: Any) -> None:
    if isinstance(value, datetime):
        local = value.astimezone(SHANGHAI).replace(tzinfo=None)
        sheet.write_datetime(row, number, local, look)
    elif isinstance(value, date):
        sheet.write_datetime(row, number, value, look)
    elif isinstance(value, int):
        sheet.write_number(row, number, value)
    else:
        sheet.write_string(row, number, cell(value, column))


def _describe(sheet: Any, ledger: Ledger, reading: Reading, wanted: Wanted, rows: int) -> None:
    boundaries = wanted.boundaries
    tells = {
        "台账": ledger.zh,
        "截至": f"{reading.recorded_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}（北京时间）",
        "日志位置": str(reading.position),
        "期间": f"{wanted.first} – {wanted.last}",
        "地区": str(wanted.region or "权限范围内全部"),
        "区划口径": BOUNDARIES.get(str(boundaries), f"按 {boundaries} 的区划"),
        "筛选": "；".join(f"{name}:{value}" for name, value in sorted(wanted.equals.items())),
        "行数": str(rows),
        "数据性质": NOTICE if reading.simulated else "真实记录",
    }
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 1, 60)
    for row, (title, text) in enumerate(tells.items()):
        sheet.write_string(row, 0, title)
        sheet.write_string(row, 1, cell(text, Column("", "", "text")))
