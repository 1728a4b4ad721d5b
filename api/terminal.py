"""What every command of `huhang` shares: its options, how it prints, asks and fails."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated, Any, Final, NoReturn

import typer
from pydantic_core import to_jsonable_python
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as Sheet

from application.alarms import in_one_line
from application.database import Database
from application.installation import open_database
from application.settings import Settings
from domain.base import SHANGHAI, Occurred, Refused
from projections.projector import Projector
from projections.questions import Figure, QuestionRefused, Table
from projections.readings import Reading, Readings, date_from, moment_from

WRONG_ARGUMENT = 2
FAILED = 1
UNCOMPARED = 3
"""All is in order, and was compared with nothing: as `verify.py` of a dossier ends too."""
UNREAD = 141
"""Nobody read the answer to its end: as a program ends by SIGPIPE, whatever it would have found."""
WIDE = 200  # columns of what goes into a file or a pipe, where nobody wants a table cut to 80
WHO_SEES: Final = {reading: {"sight"} for reading in ("reading", "earlier", "later")}
"""What of a reading is no part of an answer."""
NARROWEST = 6  # columns that a figure takes, its border and blanks included


def end_unread() -> NoReturn:
    """End without a word, as whoever read what is printed has seen enough."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:  # what it still holds goes nowhere, and into no broken pipe
            os.dup2(nowhere, stream.fileno())
    sys.exit(UNREAD)


class Terminal(Console):
    """Where people read; when they no longer do, the command ends."""

    def on_broken_pipe(self) -> None:
        """End, as who reads has gone."""
        end_unread()


# What is printed comes from records and from files of others: it is never read as markup.
out = Terminal(
    width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDE,
    markup=False,
    emoji=False,
)
err = Terminal(stderr=True, markup=False, emoji=False)

SIMULATED: Final = "SIMULATED – no real work (模拟数据)"

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Processes.")]
AsOfText = Annotated[
    str | None,
    typer.Option("--as-of", help="A position, a date (its end) or an instant; default: now."),
]


def fail(message: str, code: int) -> NoReturn:
    """Say one line on standard error and end."""
    err.print(in_one_line(message), style="red", highlight=False, soft_wrap=True)
    sys.exit(code)


def require_folder(folder: Path, option: str) -> None:
    """Refuse a folder in which nothing can be written, be it there or still to be made.

    It is asked before anything is recorded.
    """
    try:
        nearest = next(one for one in (folder, *folder.parents) if one.is_symlink() or one.exists())
        TemporaryFile(dir=nearest).close()
    except OSError as error:
        fail(
            f"Nothing can be written in {folder} ({error.strerror}); choose another {option}. "
            "Nothing was done.",
            WRONG_ARGUMENT,
        )


def require_file(file: Path, option: str) -> None:
    """Refuse a file that cannot be written, before anything is recorded."""
    if file.is_dir():
        fail(f"{file} is a folder; name a file as {option}. Nothing was done.", WRONG_ARGUMENT)
    require_folder(file.parent, option)


def require_reason(option: str, reason: str | None) -> None:
    """Refuse an option whose reason says nothing, before anything is done."""
    if reason is not None and not reason.strip():
        fail(f"Say why, in words: {option} REASON. Nothing was done.", WRONG_ARGUMENT)


def warn(message: str) -> None:
    """Say one line on standard error, and go on."""
    err.print(in_one_line(message), style="yellow", highlight=False, soft_wrap=True)


def sentence(error: BaseException) -> str:
    """What an error says to people, in one line."""
    if isinstance(error, Refused):
        from domain.wording import refusal

        return refusal(error).en
    return " ".join(str(error).split())


@contextmanager
def questions() -> Iterator[tuple[Database, Readings]]:
    """The database with its read models caught up, ready for questions."""
    with open_database(Settings()) as database:
        Projector(database).catch_up()
        readings = Readings(database)
        try:
            yield database, readings
        finally:
            readings.close()


def asked(readings: Readings, as_of: str | None) -> Reading:
    """The reading a person asked for. Raises `QuestionRefused` while there is nothing to read."""
    now = readings.at()
    if now.position + now.lag == 0:
        raise QuestionRefused(
            "Nothing is recorded yet; run make demo for a simulated year, or make serve and begin "
            "recording."
        )
    return now if as_of is None else readings.at(moment_from(as_of))


def day(text: str) -> date:
    """A date a person wrote."""
    try:
        return date_from(text)
    except ValueError:
        raise QuestionRefused(f"“{text}” is no date; write it like 2019-12-31.") from None


@contextmanager
def bar(title: str) -> Iterator[Any]:
    """A progress bar as a callable that is told how many of how many parts are done."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,  # an answer in JSON stays one
        disable=not err.is_terminal,
    ) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)


def show(answer: object, as_json: bool) -> bool:
    """Print an answer as JSON if that was asked for."""
    if as_json:
        plain = to_jsonable_python(answer, exclude=WHO_SEES)
        print(json.dumps(plain, ensure_ascii=False), flush=True)
    return as_json


def heading(reading: Reading) -> str:
    """As of when, and the warning that every page of a simulated log carries."""
    moment = f"as of position {reading.position}, recorded {local(reading.recorded_at)} (UTC+8)"
    lag = f", {reading.lag} events behind" if reading.lag else ""
    simulated = f"  {SIMULATED}" if reading.simulated else ""
    return f"{moment}{lag}{simulated}"


def local(occurred: Occurred) -> str:
    """A business time or instant as people in Asia/Shanghai write it."""
    if isinstance(occurred, datetime):
        return f"{occurred.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return str(occurred)


def cell(figure: Figure) -> str:
    """A figure as people read it."""
    if figure.suppressed:
        return "*"
    if figure.value is None:
        return "–"
    if figure.denominator is not None:
        return f"{figure.value:.2%} ({figure.numerator}/{figure.denominator})"
    return f"{figure.value:,}"


def sheet(table: Table, title: str) -> Sheet:
    """A table of figures for the terminal: one line a region and indicator.

    Raises `QuestionRefused` for one so wide that no figure could be read.
    """
    if len(table.columns) * NARROWEST > out.width:
        raise QuestionRefused(
            f"{len(table.columns)} columns do not fit on {out.width} characters; ask for a "
            "shorter period or wider --columns, or for --json."
        )
    printed = Sheet(title=title, caption=heading(table.reading))
    printed.add_column("region 地区", overflow="fold")
    printed.add_column("indicator 指标", overflow="fold")
    for column in table.columns:
        printed.add_column(column.label, justify="right", overflow="fold")
    for line in table.lines:
        for indicator in table.indicators:
            figures = line.figures[indicator.code]
            printed.add_row(line.name, f"{indicator.zh} {indicator.code}", *map(cell, figures))
    return printed


def print_rows(printed: Sheet, reading: Reading, none: str) -> None:
    """Print a table; where it has no row, a sentence, and as of when that is so."""
    if printed.row_count:
        out.print(printed)
    else:
        out.print(f"{none}\n{heading(reading)}", highlight=False, soft_wrap=True)


def so_many(number: int, one: str, several: str) -> str:
    """So many of something, in words."""
    return f"{number:,} {one if number == 1 else several}"


def only_first(limit: int, one: str = "row", several: str = "rows") -> str:
    """That a list was cut, and how to get more of it."""
    shown = f"The first {one}" if limit == 1 else f"The first {limit:,} {several}"
    return f"{shown}; ask for more with --limit"


def codes(text: str) -> list[str]:
    """What a person wrote one after another, separated by commas."""
    return [code.strip() for code in text.split(",")]


def fraction(text: str) -> Fraction:
    """A scale a person wrote. Raises `QuestionRefused`."""
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise QuestionRefused(f"“{text}” is no scale; write 1, 0.1 or 1/100.") from None


def end_in_order() -> None:
    """Let SIGTERM, as of systemd, end the program so that what it started ends with it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
