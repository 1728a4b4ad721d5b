"""Commands on the keys of personal data: holds, erasure, and the change of the wrapping key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated
from uuid import UUID, uuid4

import typer

from api.asking import bearer_of
from api.terminal import WRONG_ARGUMENT, Json, fail, out, require_reason, show
from application.alarms import note_anew
from application.beginning import open_records
from application.erasure import Erasures
from application.installation import open_database
from application.records import Actor, Command
from application.settings import Settings
from application.vault import open_vault
from domain.subject import LegalHold
from domain.values import ErasureGround, HoldGround, Role

vault = typer.Typer()

RecordArgument = Annotated[UUID, typer.Argument(help="Id of the case, team member or account.")]
Officer = Annotated[
    UUID | None,
    typer.Option(
        help="Pseudonym of the privacy officer who acts; default: the bearer of HUHANG_TOKEN."
    ),
]
Office = Annotated[
    UUID | None, typer.Option(help="Id of the centre or region that the officer acts for.")
]


@contextmanager
def erasures(officer: UUID | None, office: UUID | None) -> Iterator[tuple[Erasures, Command]]:
    """The erasure desk, with all that a crash cut short finished, and the command of who acts."""
    settings = Settings()
    # The records first: what the vault believes of the log begins with what they note of it.
    with (
        open_database(settings) as database,
        closing(open_records(database, settings)) as records,
        open_vault(database, settings) as opened,
    ):
        by = command(bearer_of(database, settings, records, opened), officer, office)
        desk = Erasures(records, opened)
        desk.heal()
        yield desk, by


def command(bearer: Actor | None, officer: UUID | None, office: UUID | None) -> Command:
    """A command of the bearer of a token, or else of the privacy officer who is named."""
    if bearer is not None:
        if (officer, office) != (None, None):
            fail("HUHANG_TOKEN says who acts; leave out --officer and --office.", WRONG_ARGUMENT)
        return Command(bearer)
    if officer is None or office is None:
        fail("Name the privacy officer who acts: --officer and --office.", WRONG_ARGUMENT)
    return Command(Actor(officer, Role.PRIVACY_OFFICER, office))


@vault.command()
def hold(
    record: RecordArgument,
    ground: Annotated[HoldGround, typer.Option(help="Why the data must be kept.")],
    officer: Officer = None,
    office: Office = None,
    as_json: Json = False,
) -> None:
    """Keep the personal data of a record, whoever asks for their erasure."""
    placed = LegalHold(id=uuid4(), ground=ground)
    with erasures(officer, office) as (desk, by):
        receipt = desk.place_hold(record, placed, by)
    if not show({"hold": placed.id, "position": receipt.last_position}, as_json):
        out.print(f"Held under {placed.id}, recorded at position {receipt.last_position}.")


@vault.command("lift-hold")
def lift_hold(
    record: RecordArgument,
    hold_id: Annotated[UUID, typer.Argument(help="What huhang hold printed.")],
    officer: Officer = None,
    office: Office = None,
    as_json: Json = False,
) -> None:
    """End a legal hold."""
    with erasures(officer, office) as (desk, by):
        receipt = desk.lift_hold(record, hold_id, by)
    if not show({"hold": hold_id, "position": receipt.last_position}, as_json):
        out.print(f"Lifted, recorded at position {receipt.last_position}.")


@vault.command()
def erase(
    record: RecordArgument,
    ground: Annotated[ErasureGround, typer.Option(help="Why the data are erased.")],
    officer: Officer = None,
    office: Office = None,
    part: Annotated[
        list[str] | None,
        typer.Option(
            help="Of a case wife, husband, other or couple; of a member of the team or an account "
            "self, and of an account one declared near, such as relative:ID; again for more; "
            "default: all."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Destroy the keys of a record for good, and print the certificate."""
    if not yes:
        typer.confirm(f"Erase personal data of {record} for good?", abort=True, err=True)
    with erasures(officer, office) as (desk, by):
        certificate = desk.erase(record, ground, by, part)
    if not show(certificate, as_json):
        first, last = certificate.positions
        at = f"position {first}" if first == last else f"positions {first} to {last}"
        out.print(
            f"Erased: {', '.join(certificate.keys)}\nRecorded at {at}.\n"
            f"{certificate.proves}\n{certificate.stays}\n{certificate.proves_not}",
            highlight=False, soft_wrap=True,
        )  # fmt: skip


@vault.command("rotate-keys")
def rotate_keys(
    at_once: Annotated[
        bool,
        typer.Option(
            "--at-once",
            help="Also before it is due; backups of the key store from before open nothing then.",
        ),
    ] = False,
    take_over: Annotated[
        bool,
        typer.Option(
            "--take-over",
            help="From now on this installation changes the wrapping keys: it came from a backup "
            "or was moved, and the one before is out of use for good. Never in a drill.",
        ),
    ] = False,
    give_up: Annotated[
        str | None,
        typer.Option(
            "--give-up",
            metavar="REASON",
            help="Destroy wrapping keys again although keys were lost, which no backup holds; why, "
            "for the list of alarms.",
        ),
    ] = None,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Do not ask before --at-once, --take-over and --give-up."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Change the wrapping key when it is due and destroy the old one; to be run every day."""
    if take_over and not yes:
        typer.confirm(
            "Is the installation that used these wrapping keys out of use for good?",
            abort=True, err=True,
        )  # fmt: skip
    if at_once and not yes:
        typer.confirm(
            "Destroy the wrapping key of now? No backup of the key store from before will open "
            "anything then.",
            abort=True, err=True,
        )  # fmt: skip
    require_reason("--give-up", give_up)
    settings = Settings()
    with open_database(settings) as database, open_vault(database, settings) as opened:
        if take_over:
            opened.take_over()
        if give_up is not None and (lost := opened.lost_of_all()):
            if not yes:
                some = f"{len(lost):,} keys, such as {min(lost)}"
                typer.confirm(f"Give {some}, up for good?", abort=True, err=True)
            opened.store.give_up(lost)
            note_anew(settings.home, f"{len(lost):,} lost keys are given up: {give_up}")
        rotation = opened.rotate(at_once=at_once)
    if not show(rotation._asdict(), as_json):
        destroyed = ", ".join(map(str, rotation.destroyed)) or "none"
        out.print(
            f"Epoch {rotation.epoch}; {rotation.rewrapped:,} keys wrapped anew; wrapping keys "
            f"destroyed: {destroyed}.",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
