"""Commands that hand a case out: as evidence, and to the archive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from api.terminal import FAILED, AsOfText, Json, asked, fail, out, questions, sentence, show
from application.beginning import open_records
from application.keys import author_of
from application.records import Actor
from application.settings import Settings
from domain.log import LOG_ID
from domain.values import AccessPurpose, Role

handing_out = typer.Typer()

Case = Annotated[UUID, typer.Argument(metavar="CASE", help="Id of the case.")]
Out = Annotated[Path, typer.Option("--out", help="Folder in which to make the package.")]
Purpose = Annotated[AccessPurpose, typer.Option(help="What for; the log keeps it.")]
Recipient = Annotated[
    str,
    typer.Option(help="An office or a party's role, never a person's name; the log keeps it."),
]
By = Annotated[
    UUID | None, typer.Option("--actor", help="Pseudonym of who asks; default: the system itself.")
]
ByRole = Annotated[Role, typer.Option("--role", help="What that person is.")]
ByOffice = Annotated[
    UUID | None, typer.Option("--office", help="Id of the centre or region acted for.")
]


@handing_out.command()
def dossier(
    case: Case,
    folder: Out,
    purpose: Purpose,
    recipient: Recipient,
    as_of: AsOfText = None,
    actor: By = None,
    role: ByRole = Role.SYSTEM,
    office: ByOffice = None,
    as_json: Json = False,
) -> None:
    """A case as evidence (案卷): a package that verifies itself, without us or a network."""
    from application import dossier
    from application.evidence import Order
    from projections.history import timeline

    settings = Settings()
    with said_in_one_line(), questions() as (database, readings):
        reading = asked(readings, as_of)
        places = {one.position: one.where for one in timeline(readings, reading, case)}
        records = open_records(database, settings)
        try:
            by = Actor(actor or author_of(settings).pseudonym, role, office or LOG_ID)
            order = Order(case, reading.position, reading.recorded_at, purpose, recipient, by)
            made = dossier.export(database, records, settings, order, places, {}, folder)
        finally:
            records.close()
    answer = {
        "folder": made.folder,
        "versions": len(made.evidence.events),
        "as_of": made.evidence.as_of,
        "export": made.evidence.export.row.position,
    }
    if not show(answer, as_json):
        out.print(
            f"{made.folder}\n{len(made.evidence.events)} events, recorded as an export at position "
            f"{made.evidence.export.row.position:,}. Whoever gets it checks it with: "
            "python3 verify.py",
            highlight=False, soft_wrap=True,
        )  # fmt: skip


@contextmanager
def said_in_one_line() -> Iterator[None]:
    """What keeps a package from being made, as one clear line."""
    from application.evidence import NotProven
    from application.tree import Unproven
    from application.typesetting import NotSet

    try:
        yield
    except (NotProven, NotSet, Unproven, OSError) as error:
        fail(sentence(error), FAILED)
