"""Commands on the rights of persons: their copy, what is overdue, held, or over."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table

from api.asking import asking, bearer_of
from api.cli_dossier import said, said_in_one_line, summary_of
from api.cli_vault import Office, Officer, command
from api.terminal import (
    AsOfText,
    Json,
    asked,
    heading,
    local,
    only_first,
    out,
    print_rows,
    questions,
    require_folder,
    show,
)
from application.beginning import open_records
from application.holds import Step, holds
from application.policy import Action
from application.settings import Settings
from application.vault import open_vault
from domain.looked import Looked
from domain.rights import Stage
from domain.values import RecordKind
from projections.ledger_reading import Wanted, only, page, readable
from projections.retention import over

rights = typer.Typer()

MOST = 1000  # rows that a list shows at once
DAY = timedelta(days=1)


@rights.command()
def copy(
    request: Annotated[UUID, typer.Argument(help="Id of the person's request, granted.")],
    folder: Annotated[Path, typer.Option("--out", help="Folder in which to make the copy.")],
    officer: Officer = None,
    office: Office = None,
    as_json: Json = False,
) -> None:
    """A person's own part of a case as a package that verifies itself; fulfils the request.

    It holds nothing of the other party: neither words nor identity, nor any address.
    """
    from application.copies import Copies
    from projections.history import timeline

    settings = Settings()
    require_folder(folder, "--out")
    with (
        said_in_one_line(),
        questions() as (database, readings),
        closing(open_records(database, settings)) as records,
        open_vault(database, settings) as vault,
    ):
        by = command(bearer_of(database, settings, records, vault), officer, office)
        reading = asked(readings, None)
        desk = Copies(database, records, vault, settings)
        order = desk.order(request, reading.position, reading.recorded_at, by)
        places = {one.position: one.where for one in timeline(readings, reading, order.case)}
        made = desk.make(request, order, places, folder, by)
    answer = {**summary_of(made, made.folder), "withheld": made.evidence.withheld}
    if not show(answer, as_json):
        said(answer, f"{made.evidence.withheld} events are not the person's own and left out.")


@rights.command("overdue-requests")
def overdue_requests(as_of: AsOfText = None, as_json: Json = False) -> None:
    """Persons' requests that wait for an answer past their day, the longest first."""
    with asking() as ask:
        reading = ask.reading(as_of, "read_ledger", Action.READ_REQUESTS)
        found = page(
            ask.readings,
            reading,
            "requests",
            Wanted(last=reading.today - DAY, equals={"stage": Stage.WAITING}),
            limit=MOST,
        )
        ask.looks.list(RecordKind.REQUEST, Looked.OVERDUE, len(found.rows))
    if not show(found.rows, as_json):
        table = Table("request", "件", "status", "due", caption=heading(reading))
        columns = {column.name: column for column in found.ledger.columns}
        for row in found.rows:
            kind = readable(row["kind"], columns["kind"])
            status = readable(row["status"], columns["status"])
            table.add_row(str(row["row"]), kind, status, str(row["due_on"]))
        print_rows(table, reading, "No person's request waits for an answer past its day.")


@rights.command("retention-over")
def retention_over(as_of: AsOfText = None, as_json: Json = False) -> None:
    """Archived cases that were kept as long as they had to be, the longest first."""
    with asking() as ask, open_vault(ask.database, Settings()) as vault:
        reading = ask.reading(as_of, "read_retention_over")
        found = over(ask.readings, reading, vault.store, MOST)
        sole = only(one.case_id for one in found)
        ask.looks.list(RecordKind.CASE, Looked.RETENTION, len(found), sole)
    if not show([one._asdict() for one in found], as_json):
        table = Table("case", "number", "kept until", caption=heading(reading))
        for one in found:
            table.add_row(str(one.case_id), one.number, str(one.keep_until))
        print_rows(table, reading, "No archived case was kept as long as it had to be.")


@rights.command("holds")
def list_holds(
    as_of: AsOfText = None,
    standing: Annotated[
        bool, typer.Option("--standing", help="Only those that were not lifted.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="At most so many.")] = MOST,
    as_json: Json = False,
) -> None:
    """Legal holds: which records are held, since when, by whom, why, and what ended them."""
    with asking() as ask:
        reading = ask.reading(as_of, "read_holds")
        found = holds(ask.records, ask.bearer, reading.position, standing=standing, limit=limit)
        held = only(one.record for one in found.found)
        ask.looks.list(RecordKind.CASE, Looked.HOLDS, len(found.found), held)
    if show({"reading": reading, "holds": found.found, "next": found.next}, as_json):
        return
    table = Table(title="Legal holds 依法保全", caption=heading(reading), show_lines=True)
    for title in ("hold", "record", "why", "placed", "lifted"):
        table.add_column(title, overflow="fold")
    for one in found.found:
        steps = map(told, (one.placed, one.lifted))
        table.add_row(str(one.id), str(one.record), one.label, *steps)
    print_rows(table, reading, f"No legal hold {'stands' if standing else 'was placed'}.")
    if found.next is not None:
        out.print(f"{only_first(limit)}.")


def told(step: Step | None) -> str:
    """When a hold was placed or lifted, by whom, and for what reason; nothing where it stands."""
    if step is None:
        return ""
    by = f"{step.role.label} {str(step.actor)[:8]}"
    return "\n".join(filter(None, (local(step.occurred), by, step.reason)))
