"""Commands that prove the log and check it."""

from __future__ import annotations

import psycopg
import typer

from api.terminal import FAILED, Json, bar, out, show
from application import verification
from application.installation import open_database
from application.keys import known_author
from application.settings import Settings

proof = typer.Typer()


@proof.command()
def verify(as_json: Json = False) -> None:
    """Check every row of the log, its leaf and its author; exit 1 when anything is wrong."""
    with (
        open_database(Settings()) as database,
        psycopg.connect(database.reader, autocommit=True) as connection,
        bar("verifying") as progress,
    ):
        known = known_author(Settings())
        found = verification.verify(connection, progress, known)
        authors = verification.log_of(connection).authors
    answer = {
        "sound": found.sound,
        "authors": authors,
        "compared_with_own_key": known is not None,
        "size": found.size,
        "root": found.root.hex(),
        "checks": found.outcomes(),
    }
    if not show(answer, as_json):
        for check, outcome in found.outcomes().items():
            out.print(f"{check}: {outcome}", highlight=False)
        out.print(
            f"{found.size:,} events, tree root\n{found.root.hex()}", highlight=False, soft_wrap=True
        )
        if known is None:
            keys = ", ".join(f"{name} {key}" for name, key in authors.items())
            out.print(
                f"The authors' keys are the log's own word; compare them with yours: {keys}",
                highlight=False, soft_wrap=True,
            )  # fmt: skip
    if not found.sound:
        raise typer.Exit(FAILED)
