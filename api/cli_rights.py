"""Commands on the rights of persons: their copy, what is overdue, whose time is over."""

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
from api.terminal import AsOfText, Json, asked, heading, out, questions, show
from application.beginning import open_records
from application.policy import Action
from application.settings import Settings
from application.vault import open_vault
from domain.rights import Stage
from domain.values import RecordKind
from projections.ledger_reading import Wanted, page, readable
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
        ask.looks.list(RecordKind.REQUEST, "overdue requests", len(found.rows))
    if not show(found.rows, as_json):
        table = Table("request", "件", "status", "due", caption=heading(reading))
        columns = {column.name: column for column in found.ledger.columns}
        for row in found.rows:
            kind = readable(row["kind"], columns["kind"])
            status = readable(row["status"], columns["status"])
            table.add_row(str(row["row"]), kind, status, str(row["due_on"]))
        out.print(table)


@rights.command("retention-over")
def retention_over(as_of: AsOfText = None, as_json: Json = False) -> None:
    """Archived cases that were kept as long as they had to be, the longest first."""
    with asking() as ask, open_vault(ask.database, Settings()) as vault:
        reading = ask.reading(as_of, "read_retention_over")
        found = over(ask.readings, reading, vault.store, MOST)
        ask.looks.list(RecordKind.CASE, "cases whose retention is over", len(found))
    if not show([one._asdict() for one in found], as_json):
        table = Table("case", "number", "kept until", caption=heading(reading))
        for one in found:
            table.add_row(str(one.case_id), one.number, str(one.keep_until))
        out.print(table)
