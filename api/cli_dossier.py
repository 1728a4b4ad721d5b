"""Commands that hand a case out: as evidence, and to the archive."""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import psycopg
import typer

from api.asking import Asking, asking
from api.terminal import (
    FAILED,
    WRONG_ARGUMENT,
    AsOfText,
    Json,
    asked,
    fail,
    out,
    require_folder,
    sentence,
    show,
    warn,
)
from application.beginning import by_the_system
from application.drafts import EVERYBODY
from application.installation import open_database
from application.keys import author_of
from application.records import Actor
from application.settings import Settings
from application.vault import open_vault
from domain.values import AccessPurpose, Role

if TYPE_CHECKING:
    from application.dossier import Exported

UNPROVEN = 3  # nothing is wrong, but nothing shows it: no key, or no proofs

handing_out = typer.Typer()

Case = Annotated[UUID, typer.Argument(metavar="CASE", help="Id of the case.")]
Out = Annotated[Path, typer.Option("--out", help="Folder in which to make the package.")]
Purpose = Annotated[AccessPurpose, typer.Option(help="What for; the log keeps it.")]
Recipient = Annotated[
    str,
    typer.Option(help="A court or authority, never a person; the log keeps it."),
]
By = Annotated[
    UUID | None,
    typer.Option(
        "--actor",
        help="Who asks, in a post of his account; default: the bearer of HUHANG_TOKEN, or else "
        "who has this machine.",
    ),
]
ByRole = Annotated[Role | None, typer.Option("--role", help="What that person is.")]
Disclosed = Annotated[
    list[str] | None,
    typer.Option(
        "--disclose",
        help="Whose sealed data: wife, husband, other, couple or all; again for more. By its own "
        "name alone: a safe contact (wife+contact), a protected address (wife+address).",
    ),
]
Wait = Annotated[
    float, typer.Option("--wait", min=0, help="Seconds to wait for the witnesses' cosignatures.")
]
ByOffice = Annotated[
    UUID | None, typer.Option("--office", help="Id of the centre or region acted for.")
]


@handing_out.command()
def dossier(
    case: Case,
    folder: Out,
    purpose: Purpose,
    recipient: Recipient,
    disclose: Disclosed = None,
    as_of: AsOfText = None,
    wait: Wait = 0.0,
    actor: By = None,
    role: ByRole = None,
    office: ByOffice = None,
    as_json: Json = False,
) -> None:
    """A whole case as evidence (案卷): a package that verifies itself, without us or a network.

    For courts and authorities only: it holds what each said alone. A person gets the own part, by
    huhang copy.
    """
    require_folder(folder, "--out")
    with said_in_one_line():
        parts = disclose or []
        made = handed_out(case, folder, purpose, recipient, parts, as_of, wait, actor, role, office)
    answer = summary_of(made, made.folder)
    if not show(answer, as_json):
        said(answer, "Whoever gets it checks it with: python3 verify.py --key KEY")


@handing_out.command()
def archive(
    case: Case,
    folder: Out,
    purpose: Purpose,
    recipient: Recipient,
    fonds: Annotated[str, typer.Option(help="Number of the fonds (全宗号).")],
    class_: Annotated[str, typer.Option("--class", help="Number of the class (类别号).")],
    responsible: Annotated[str, typer.Option(help="Who is responsible for the file (责任者).")],
    retention: Annotated[str, typer.Option(help="How long it is kept, such as 永久 or 30年.")],
    secrecy: Annotated[str, typer.Option(help="How secret it is (密级).")] = "内部",
    disclose: Disclosed = None,
    as_of: AsOfText = None,
    wait: Wait = 0.0,
    actor: By = None,
    role: ByRole = None,
    office: ByOffice = None,
    as_json: Json = False,
) -> None:
    """A case for the archive (归档): PDF and XML in plain text, metadata, report; proofs beside.

    Everybody's sealed data are disclosed unless --disclose says whose.
    """
    from application.archive import Filing, package, require_free
    from application.four_properties import file_report

    require_folder(folder, "--out")
    with said_in_one_line():
        parts = disclose or [EVERYBODY]
        made = handed_out(
            case, folder, purpose, recipient, parts, as_of, wait, actor, role, office, require_free
        )
        packed = package(made, Filing(fonds, class_, responsible, retention, secrecy))
    report = file_report(packed)
    if not show({**summary_of(made, packed), "report": report.answer}, as_json):
        said(summary_of(made, packed), "The report is in report.txt.")
    if not report.passed:
        raise typer.Exit(FAILED)


@handing_out.command("archive-report")
def archive_report(
    folder: Annotated[Path, typer.Argument(help="The folder of an archive package.")],
    key: Annotated[str | None, typer.Option(help="The log's public key, from outside.")] = None,
    as_json: Json = False,
) -> None:
    """The four-property report (四性检测) on an archive package, anew.

    Exit 1 when it fails, or a key that was given could not be compared; 3 when nothing is wrong but
    nothing is proven either, as no key was given or the proofs were dropped.
    """
    from application.four_properties import report_of
    from application.verifier.verify import is_key

    if key is not None and not is_key(key.strip()):
        fail(
            f"“{key}” is no public key of a log; copy it whole, as the log published it "
            "(huhang keys prints it behind “log”).",
            WRONG_ARGUMENT,
        )
    if not folder.is_dir():
        fail(f"There is no folder {folder}; name that of an archive package.", WRONG_ARGUMENT)
    report = report_of(folder, key)
    if not show(report.answer, as_json):
        out.print(report.text.decode(), highlight=False, soft_wrap=True, markup=False, end="")
    if not report.passed:
        raise typer.Exit(FAILED)
    if not report.proven:
        raise typer.Exit(UNPROVEN)


@handing_out.command()
def verifier() -> None:
    """Print the program that checks dossiers, to be published where recipients find it."""
    from application.dossier import VERIFIER

    sys.stdout.write(VERIFIER.read_text(encoding="utf-8"))


@handing_out.command()
def consistency(
    old: Annotated[int, typer.Argument(min=1, help="Size of the older checkpoint.")],
    new: Annotated[int, typer.Argument(min=1, help="Size of the newer one.")],
) -> None:
    """The proof that the log of one size begins with that of another; for verify.py."""
    from application.seal import NotSealed, hashes_at, newest_checkpoint
    from application.tree import consistency_proof

    with (
        open_database(Settings()) as database,
        psycopg.connect(database.reader, autocommit=True) as connection,
    ):
        sealed = newest_checkpoint(connection)
        if sealed is None or sealed.size < new:
            raise NotSealed(f"The log is not sealed up to {new} yet; name an earlier size.")
        if old > new:
            fail("Name the older size first.", WRONG_ARGUMENT)
        proof = consistency_proof(old, new, hashes_at(connection, new))
    sys.stdout.write("".join(f"{b64encode(hash_).decode()}\n" for hash_ in proof))


def handed_out(
    case: UUID,
    folder: Path,
    purpose: AccessPurpose,
    recipient: str,
    parts: list[str],
    as_of: str | None,
    wait: float,
    actor: UUID | None,
    role: Role | None,
    office: UUID | None,
    require: Callable[[Path], object] = lambda _: None,
) -> Exported:
    """The dossier of a case, its export recorded under whoever asks.

    `require` may refuse by the dossier's folder before anything is recorded.
    """
    from application.dossier import export, folder_of
    from application.evidence import Order
    from projections.history import timeline

    settings = Settings()
    with asking() as ask:
        by = who_asks(ask, actor, role, office)
        reading = asked(ask.readings, as_of)
        order = Order(
            case=case,
            as_of=reading.position,
            known_at=reading.recorded_at,
            purpose=purpose,
            recipient=recipient,
            by=by,
            parts=parts,
        )
        require(folder_of(folder, case, reading.position))
        places = {one.position: one.where for one in timeline(ask.readings, reading, case)}
        with open_vault(ask.database, settings) as vault:
            return export(ask.database, ask.records, vault, settings, order, places, folder, wait)


def who_asks(ask: Asking, actor: UUID | None, role: Role | None, office: UUID | None) -> Actor:
    """The bearer of a token, somebody in a post that he holds, or else who has this machine.

    Raises `Forbidden`, `TokenRefused`.
    """
    from application.dossier import require_held

    if ask.bearer is None and (actor, role, office) == (None, None, None):
        return by_the_system(author_of(Settings())).by
    if ask.bearer is not None:
        if (actor, role, office) != (None, None, None):
            fail("HUHANG_TOKEN says who asks; leave out --actor, --role, --office.", WRONG_ARGUMENT)
        return ask.bearer
    if actor is None or role is None or office is None:
        fail("Name --actor, --role and --office together, or none of them.", WRONG_ARGUMENT)
    named = Actor(actor, role, office)
    require_held(ask.records, named)
    return named


def summary_of(made: Exported, folder: Path) -> dict[str, Any]:
    """What was made."""
    from application.casefile import destroyed_in

    return {
        "folder": folder,
        "versions": len(made.evidence.events),
        "as_of": made.evidence.as_of,
        "export": made.evidence.export.row.position,
        "cosigned_by": sorted(made.evidence.witnessed),
        "time_stamp": "stamped" if made.evidence.stamped else "none",
        "keys_destroyed": destroyed_in(made.evidence),
        "no_time_stamp_because": made.evidence.unstamped and made.evidence.unstamped.reason,
    }


def said(answer: dict[str, Any], then: str) -> None:
    """Say what was made, and what to do with it."""
    out.print(
        f"{answer['folder']}\n{answer['versions']} events, as of position {answer['as_of']:,}; "
        f"recorded as an export at position {answer['export']:,}. {then}\n"
        f"Checkpoint cosigned by: {', '.join(answer['cosigned_by']) or 'nobody yet'}; "
        f"time stamp: {answer['time_stamp']}.",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    if answer["keys_destroyed"]:
        positions = sorted(set(answer["keys_destroyed"].values()))
        warn(
            f"Keys of this case were destroyed, as position {', '.join(map(str, positions))} of "
            "the log says: what they sealed nobody can disclose; the package says so."
        )
    if answer["no_time_stamp_because"]:
        warn(f"Without a time stamp: {answer['no_time_stamp_because']}")


@contextmanager
def said_in_one_line() -> Iterator[None]:
    """What keeps a package from being made, as one clear line."""
    from application.archive import NotArchived
    from application.envelope import Unopened
    from application.evidence import NotProven
    from application.typesetting import NotSet

    try:
        yield
    except (NotArchived, NotProven, NotSet, OSError, Unopened) as error:
        fail(sentence(error), FAILED)
