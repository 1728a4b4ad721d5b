"""Commands that pin a figure or the log to something that can be checked much later."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import psycopg
import typer
from pydantic import BaseModel, ConfigDict, ValidationError

from api.asking import asking
from api.cli_readings import (
    MAIN_FIGURES,
    BoundariesText,
    First,
    Indicators,
    Last,
    RegionCode,
)
from api.terminal import (
    FAILED,
    AsOfText,
    Json,
    Workers,
    asked,
    bar,
    codes,
    day,
    fail,
    heading,
    local,
    out,
    require_file,
    show,
)
from application.beginning import by_the_system
from application.inspection import Defect
from application.installation import open_as_it_is, open_database
from application.keys import author_of
from application.pins import Pins
from application.records import Command, NotFound
from application.settings import Settings
from application.timestamp import (
    Stamp,
    StoredTimestamp,
    authority_of,
    certificates_of,
    check_stored,
    missing_stamps,
    remembered_stamps,
    stamp_newest,
    stamps_file,
)
from application.verification import trust_of
from domain.pin import Pin, PinnedReport
from projections.pins import (
    Fault,
    Reproduction,
    inspected_root,
    kept_root,
    pinned,
    question_of,
    recorded_pin,
    reproduced,
)
from projections.questions import By, Columns, Period, QuestionRefused
from projections.readings import boundaries_from
from projections.statistics import Statistics

stamps = typer.Typer()


class PinFile(BaseModel):
    """A pinned answer as a file: whoever has the log can compute it again."""

    model_config = ConfigDict(extra="forbid")

    huhang_pin: Literal[1] = 1
    id: UUID
    position: int
    report: PinnedReport


@stamps.command()
def pin(
    region: RegionCode = "370000",
    first: First = "2019-01-01",
    last: Last = "2019-12-31",
    as_of: AsOfText = None,
    boundaries: BoundariesText = "then",
    by: Annotated[By, typer.Option(help="What the rows are.")] = By.TOTAL,
    columns: Annotated[Columns, typer.Option(help="How the period is cut.")] = Columns.TOTAL,
    indicators: Indicators = MAIN_FIGURES,
    to_file: Annotated[
        Path | None, typer.Option("--out", help="The file; default: pins below HUHANG_HOME.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Pin figures: record their digest with the log's size and root, and write them to a file."""
    settings = Settings()
    question = question_of(
        region,
        Period(day(first), day(last)),
        codes(indicators),
        by,
        columns,
        boundaries_from(boundaries),
    )
    if to_file is not None:
        require_file(to_file, "--out")
    with asking() as ask:
        reading = asked(ask.readings, as_of)
        with ask.readings.connection() as connection:
            root_at = partial(kept_root, connection)
            report = pinned(Statistics(ask.readings), reading, question, root_at)
        ask.require_pinnable(report)
        pins, pin_id = Pins(ask.records), uuid4()
        who = ask.bearer or by_the_system(author_of(settings)).by
        receipt = pins.pin(pin_id, question, report.size, Command(who), lambda _: report)
    file = PinFile(id=pin_id, position=receipt.last_position, report=report)
    written = json.dumps(file.model_dump(mode="json", exclude_none=True), ensure_ascii=False)
    path = to_file or settings.home / "pins" / f"{pin_id}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{written}\n", encoding="utf-8")
    except OSError as error:
        fail(f"Pinned as {pin_id}, but not written to a file: {error}. The id is enough.", FAILED)
    if not show({**file.model_dump(mode="json", exclude_none=True), "file": str(path)}, as_json):
        out.print(
            f"Pinned as {pin_id}: {figures_in(report)} figures, sha256 {report.digest}\n"
            f"{heading(reading)}, root {report.root}\n{path}",
            highlight=False, soft_wrap=True,
        )  # fmt: skip


@stamps.command()
def reproduce(
    what: Annotated[
        str, typer.Argument(metavar="FILE_OR_ID", help="A file of `huhang pin`, or its id.")
    ],
    workers: Workers = 2,
    as_json: Json = False,
) -> None:
    """Compute pinned figures again from the log; exit 1 when anything is another."""
    file = pin_file(what)
    pin_id = file.id if file else id_of(what)
    with asking() as ask:
        with ask.readings.connection() as connection:
            try:
                recorded = recorded_pin(connection, pin_id)
            except Defect as defect:
                fail(f"{defect} Look with: huhang verify", FAILED)
        if file is not None:
            report = file.report
        elif recorded is not None:
            report = recorded.report
        else:
            raise NotFound(f"The log holds no pin {pin_id}; check the number.")
        ask.require_pin(Pin(pin_id, report=report))
        root_at = partial(
            inspected_root,
            ask.database.reader,
            trust=trust_of(Settings()),
            workers=workers,
            until=recorded.position if recorded else 0,
        )
        with bar("inspecting the log") as progress:
            found = reproduced(
                Statistics(ask.readings),
                report,
                lambda size: root_at(size, progress),
            )
    faults = list(found.faults)
    if recorded is None:
        faults.append(Fault("record", f"The log holds no pin {pin_id}."))
    elif recorded.report != report:
        faults.append(Fault("record", "The file is not what was recorded when it was pinned."))
    equal = not faults and not found.cells
    if not show(answer(pin_id, equal, found, faults), as_json):
        tell(equal, found, faults)
    if not equal:
        raise typer.Exit(FAILED)


@stamps.command()
def timestamp(
    check: Annotated[
        bool, typer.Option("--check", help="Ask nobody; check the time stamps that are stored.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Have the newest checkpoint stamped by the authority at HUHANG_TSA_URL, once."""
    settings = Settings()
    gone: list[Stamp] = []
    with (open_as_it_is if check else open_database)(settings) as database:
        if check:
            trusted = certificates_of(settings)
            remembered = remembered_stamps(stamps_file(settings))
            with psycopg.connect(database.reader, autocommit=True) as connection:
                found = list(check_stored(connection, trusted))
                gone = missing_stamps(connection, remembered)
        else:
            found = [stamp_newest(database, authority_of(settings))]
    if not show([*map(missed, gone), *(one._asdict() for one in found)], as_json):
        for stamp in gone:
            out.print(
                f"{stamp.size:,} events: {stamp.authority} stamped this, as is remembered here, "
                f"and {MISSING}",
                highlight=False, soft_wrap=True,
            )  # fmt: skip
        for one in found:
            out.print(in_words(one), highlight=False, soft_wrap=True)
        if not found and not gone:
            out.print("No time stamp is stored.")
    if not found or gone or any(one.wrong for one in found):
        raise typer.Exit(FAILED)


MISSING = (
    "the database has another time stamp or none; find out who took it away, and restore it from "
    "a backup."
)


def missed(stamp: Stamp) -> dict[str, Any]:
    """A time stamp that is remembered and not there, to programs, in the shape of a stored one."""
    wrong = f"It is remembered here, and {MISSING}"
    return {"size": stamp.size, "authority": stamp.authority, "stamped_at": None, "wrong": wrong}


def in_words(one: StoredTimestamp) -> str:
    """A stored time stamp, to people, and what is wrong with it."""
    said = f"{one.size:,} events, stamped {local(one.stamped_at)} (UTC+8) by {one.authority}"
    return f"{said}: {one.wrong}" if one.wrong else said


def pin_file(what: str) -> PinFile | None:
    """The file of a pin; None when an id was meant. Raises `QuestionRefused`."""
    path = Path(what)
    if not path.is_file():
        return None
    try:
        return PinFile.model_validate_json(path.read_bytes())
    except (ValidationError, OSError):
        raise QuestionRefused(
            f"{what} is no file of huhang pin, or was cut; give its id."
        ) from None


def id_of(what: str) -> UUID:
    """The id of a pin. Raises `QuestionRefused`."""
    try:
        return UUID(what)
    except ValueError:
        raise QuestionRefused(
            f"“{what}” is neither a file nor the id of a pin; copy it from huhang pin."
        ) from None


def answer(pin_id: UUID, equal: bool, found: Reproduction, faults: list[Fault]) -> dict[str, Any]:
    """What a reproduction says to programs."""
    report = found.report
    return {
        "id": pin_id,
        "equal": equal,
        "simulated": report.simulated,
        "size": report.size,
        "pinned": {"root": report.root, "digest": report.digest, "code": report.code},
        "now": {"root": found.root, "digest": found.digest, "code": found.code},
        "faults": faults,
        "cells": found.cells,
    }


def tell(equal: bool, found: Reproduction, faults: list[Fault]) -> None:
    """Say to people how a reproduction came out."""
    report = found.report
    for fault in faults:
        out.print(f"{fault.kind}: {fault.said}", highlight=False, soft_wrap=True)
    for cell in found.cells:
        out.print(
            f"{cell.name}, {cell.column}, {cell.indicator}: pinned {cell.pinned or 'nothing'}, "
            f"now {cell.now or 'nothing'}",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
    if found.code != report.code:
        out.print(f"Counted then by {report.code}, now by {found.code}.", highlight=False)
    outcome = "equal" if equal else "NOT EQUAL"
    out.print(
        f"{outcome}: {figures_in(report)} figures as of position {report.size:,}, "
        f"sha256 {report.digest}",
        highlight=False, soft_wrap=True,
    )  # fmt: skip


def figures_in(report: PinnedReport) -> int:
    """How many figures an answer holds."""
    return sum(len(figures.values) for line in report.lines for figures in line.figures)
