"""Commands on the tree of regions: what no office can put right any more."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import Annotated
from uuid import UUID

import typer

from api.asking import require_machine
from api.terminal import Json, out, require_reason, show
from application.beginning import by_the_system, open_records
from application.installation import open_database
from application.keys import author_of
from application.settings import Settings
from application.territory import Regions

territory = typer.Typer()


@territory.command("untie-region")
def untie_region(
    region: Annotated[UUID, typer.Argument(help="Id of a region that lies in itself.")],
    reason: Annotated[str, typer.Option(help="Why, for the record of the region.")],
    as_json: Json = False,
) -> None:
    """Take back the last move of a region that lies in itself, so that offices reach it again."""
    require_machine()
    require_reason("--reason", reason)
    settings = Settings()
    with (
        open_database(settings) as database,
        closing(open_records(database, settings)) as records,
    ):
        by = replace(by_the_system(author_of(settings)), reason=reason)
        receipt = Regions(records).untie(region, by)
    if not show({"position": receipt.first_position}, as_json):
        out.print(f"The last move is taken back at position {receipt.first_position:,}.")
