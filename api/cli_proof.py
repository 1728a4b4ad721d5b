"""Commands that seal the log, prove it and check it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from pydantic import ValidationError

from api.asking import require_machine
from api.terminal import (
    FAILED,
    SIMULATED,
    UNCOMPARED,
    WRONG_ARGUMENT,
    Json,
    Workers,
    bar,
    end_in_order,
    fail,
    out,
    require_file,
    require_reason,
    sentence,
    show,
    warn,
)
from api.upkeep import note, watch_fence
from application import seal as sealed
from application import verification
from application.alarms import Alarm, in_one_line, note_anew, numbered, ring, rung, settle, standing
from application.beginning import by_the_system, name_sm2, open_records
from application.cosigning import Cosigning, KnownWitness, known_witnesses
from application.database import Database, DatabaseUnavailable
from application.eventlog import head
from application.fence import fence_now
from application.first_seal import FirstSeal
from application.inspection import Defect, entry_of, read_rows
from application.installation import open_as_it_is, open_database
from application.keys import anew_sm2_key, author_of, checkpoint_verifier, encoded
from application.log_stream import Beginning, beginning_of
from application.note import SM2, MalformedKey, MalformedNote, Unverified, Verifier, key_text
from application.patrol import Patrol, patrol
from application.rotation import ring_of_the_lost
from application.sealer import Sealer, follow
from application.sealing_times import allow_ahead
from application.settings import DangerousSetting, Settings
from application.table_audit import require_shapes
from application.vault import open_vault
from application.verification import Verification
from application.verified_before import NotRemembered, VerifiedBefore
from domain.log import LOG_ID, AuthorKey, Log
from projections.comparison import ComparisonFailed
from projections.projector import Projector

proof = typer.Typer()


@proof.command()
def seal(
    once: Annotated[bool, typer.Option(help="Seal what is there and end.")] = False,
    from_: Annotated[
        Path | None,
        typer.Option("--from", help="A checkpoint kept outside, where the memory is lost."),
    ] = None,
    anew: Annotated[
        str | None,
        typer.Option(
            "--anew",
            metavar="REASON",
            help="Begin the seal anew where all that was sealed is gone; why, for the list of "
            "alarms.",
        ),
    ] = None,
    clock_right: Annotated[
        str | None,
        typer.Option(
            "--clock-right",
            metavar="REASON",
            help="Seal although the newest record is a day or more ahead of the clocks, as they "
            "were ahead before and are right now; why, for the list of alarms.",
        ),
    ] = None,
    new_sm2: Annotated[
        str | None,
        typer.Option(
            "--new-sm2",
            metavar="REASON",
            help="Make another key of SM2 where the one that the log names is lost for good; why, "
            "for the list of alarms.",
        ),
    ] = None,
) -> None:
    """Inspect what is recorded and sign checkpoints over it; ends with exit 1 at an alarm."""
    require_reason("--anew", anew)
    require_reason("--clock-right", clock_right)
    require_reason("--new-sm2", new_sm2)
    settings = Settings()
    end_in_order()
    with open_database(settings) as database:
        if once:
            require_begun(database)
        if new_sm2 is not None:
            anew_sm2_key(settings)
            note_anew(settings.home, new_sm2)
        name_sm2(database, settings)
        try:
            if from_ is not None:
                Sealer(database, settings).accept(read(from_))
            if anew is not None:
                with psycopg.connect(database.reader, autocommit=True) as connection:
                    FirstSeal(settings).allow_anew(connection, anew)
            if clock_right is not None:
                with psycopg.connect(database.reader, autocommit=True) as connection:
                    allow_ahead(connection, settings.home, clock_right)
            if not once:
                out.print("Sealing what is recorded; stop with Ctrl-C.")
                follow(database, settings, threading.Event())
            with Sealer(database, settings) as sealer:
                while sealer.seal_next() is not None:
                    pass
                out.print(f"{sealer.size:,} records are sealed.")
        except Alarm as alarm:
            ring(settings.home, alarm)
            raise


def require_begun(database: Database) -> None:
    """Refuse to seal a log in which there is nothing. Raises `NotSealed`."""
    with psycopg.connect(database.reader, autocommit=True) as connection:
        if head(connection) == 0:
            raise sealed.NotSealed(
                "Nothing is recorded yet, so there is nothing to seal; huhang serve begins the log."
            )


@proof.command()
def checkpoint(
    size: Annotated[
        int | None, typer.Option(min=1, help="The newest of at most that size.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the newest signed checkpoint with its cosignatures; keep it where nobody of us can."""
    with (
        open_as_it_is(Settings()) as database,
        psycopg.connect(database.reader, autocommit=True) as connection,
    ):
        found = sealed.newest_checkpoint(connection, size)
        oldest = sealed.oldest_size(connection) if found is None else None
    if oldest is not None:
        fail(f"There is no checkpoint of at most {size:,}; the oldest is of {oldest:,}: --size "
             f"{oldest}", WRONG_ARGUMENT)  # fmt: skip
    if found is None:
        raise sealed.NotSealed("Nothing is sealed yet; run huhang seal --once, or huhang serve.")
    answer = {
        "size": found.size,
        "root": found.root.hex(),
        "sealed_at": found.sealed_at,
        "note": found.message.decode(),
    }
    if not show(answer, as_json):
        sys.stdout.write(found.message.decode())


@proof.command()
def keys(as_json: Json = False) -> None:
    """Print the public keys of this log: its checkpoints' (for witnesses), and its authors'."""
    with (
        open_as_it_is(Settings()) as database,
        psycopg.connect(database.reader, autocommit=True) as connection,
    ):
        beginning = beginning_of(connection)
    genesis, authors = beginning.genesis, beginning.authors
    if genesis is None:
        fail("The log has not begun; start the system once, which begins it.", FAILED)
    answer = {
        "log": checkpoint_verifier(genesis.keys).text,
        "sm2": [key_text(genesis.keys.origin, SM2, public) for public in beginning.sm2_keys],
        "authors": {name: encoded(known.key) for name, known in authors.items()},
    }
    if not show(answer, as_json):
        out.print(f"log     {answer['log']}", highlight=False, soft_wrap=True)
        for text in answer["sm2"]:
            out.print(f"sm2     {text}", highlight=False, soft_wrap=True)
        for name, known in authors.items():
            out.print(f"author  {name} {encoded(known.key)}", highlight=False, soft_wrap=True)


@proof.command()
def alarms(
    numbers: Annotated[
        list[int] | None, typer.Argument(help="Of the alarms to settle, as they are listed.")
    ] = None,
    settle_: Annotated[
        str | None, typer.Option("--settle", help="Why what rang is no alarm any more.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List every alarm that rang here; settle those that you name by saying why they are over."""
    require_reason("--settle", settle_)
    home = Settings().home
    if settle_ is None and numbers:
        fail("Say why they are no alarms any more: --settle REASON", WRONG_ARGUMENT)
    if settle_ is not None and not numbers:
        known = "; ".join(f"{number}: {said}" for number, said in numbered(home).items())
        fail(
            "Name the alarms that you have read by their numbers, for another may have rung since: "
            f"huhang alarms NUMBER… --settle REASON. Now stand: {known or 'none'}",
            WRONG_ARGUMENT,
        )
    if settle_ is not None:
        settle(home, settle_, numbers or ())
    answer = {"standing": standing(home), "numbered": numbered(home), "rung": rung(home)}
    if not show(answer, as_json):
        for number, one in enumerate(rung(home), start=1):
            said = f"{number}  {one['at']}  {one['what']}: {one['said']}"
            out.print(said, highlight=False, soft_wrap=True)
        for number, said in numbered(home).items():
            out.print(f"standing: {number}  {said}", highlight=False, soft_wrap=True)
        if standing(home) is None:
            out.print("standing: none", highlight=False)


@proof.command()
def nightly(as_json: Json = False) -> None:
    """Note in the log how far each stream goes, what the read models say, how the fence is.

    Ring where keys of personal data are lost. huhang serve does all that by itself: this each
    hour, the rest after each day's end.
    """
    settings = Settings()
    with open_database(settings) as database:
        records = open_records(database, settings)
        with psycopg.connect(database.reader, autocommit=True) as connection:
            watched = watch_fence(connection, settings, records)
            Projector(database).catch_up()
            try:
                noted = [watched, *note(connection, settings, records)]
            finally:  # whatever the log did not take: what is lost is lost
                records.close()
                with open_vault(database, settings) as vault:
                    ring_of_the_lost(vault, settings.home)
    positions = [receipt.last_position for receipt in noted if receipt is not None]
    if not show({"positions": positions}, as_json):
        out.print(f"Noted at {', '.join(map(str, positions)) or 'no position: nothing is new'}.")


@proof.command("register-author")
def register_author(
    name: Annotated[str, typer.Argument(help="HUHANG_INSTANCE of the new installation.")],
    key: Annotated[str, typer.Argument(help="Its public key: huhang author.")],
) -> None:
    """Let one more installation record in this log."""
    require_machine()
    try:
        author = AuthorKey(name=name, key=key)
    except ValidationError:
        fail(f"“{name} {key}” is no author; copy what huhang author printed there.", WRONG_ARGUMENT)
    settings = Settings()
    with open_database(settings) as database:
        records = open_records(database, settings)
        by = by_the_system(author_of(settings))
        records.change(by, Log, LOG_ID, Log.register_author, author)
        records.close()
    out.print(f"“{name}” may record from now on.")


@proof.command()
def author() -> None:
    """Print the name and public key under which this installation signs what it records."""
    own = author_of(Settings()).registered
    out.print(f"{own.name} {own.key}", highlight=False, soft_wrap=True)


@proof.command()
def receipt(
    position: Annotated[int, typer.Argument(min=1, help="Of the record, as its receipt says.")],
    as_json: Json = False,
) -> None:
    """Print the proof that a record is in the log (C2SP tlog-proof), for a *.tlog-proof file."""
    with (
        open_as_it_is(Settings()) as database,
        psycopg.connect(database.reader, autocommit=True) as connection,
    ):
        if position > (last := head(connection)):
            fail(f"The log has no position {position:,}; its last is {last:,}.", WRONG_ARGUMENT)
        proof_ = sealed.proof_of(connection, position).encode().decode()
        simulated = beginning_of(connection).simulated
    if not show({"position": position, "simulated": simulated, "proof": proof_}, as_json):
        sys.stdout.write(proof_)
        if simulated:
            warn(SIMULATED)


@proof.command()
def entry(
    position: Annotated[int, typer.Argument(min=1, help="Of the record.")],
    state: Annotated[
        bool, typer.Option("--state", help="The stored bytes instead of what is hashed.")
    ] = False,
) -> None:
    """Print the entry whose hash is a record's leaf, rebuilt from its row, for checks by hand."""
    require_machine()
    with (
        open_as_it_is(Settings()) as database,
        psycopg.connect(database.reader, autocommit=True) as connection,
    ):
        try:
            row = read_rows(connection, position - 1, position)[0]
        except Defect:
            fail(f"The log has no position {position}.", WRONG_ARGUMENT)
        simulated = beginning_of(connection).simulated
    printed = row.state if state else entry_of(row)
    sys.stdout.buffer.write(printed)
    if simulated:
        warn(SIMULATED)


@proof.command("cosign-request")
def cosign_request(
    witness: Annotated[str, typer.Argument(help="Name of a witness where no network leads.")],
    file: Annotated[Path, typer.Argument(help="Where to write what it needs.")],
    knows: Annotated[
        int | None,
        typer.Option(min=0, help="How many records it says it knows, if an answer got lost."),
    ] = None,
) -> None:
    """Write what an offline witness needs to cosign the newest checkpoint."""
    settings = Settings()
    known = named(known_witnesses(settings), witness)
    if known.retired:
        fail(f"“{witness}” is retired in the file of witnesses; ask another one.", WRONG_ARGUMENT)
    require_file(file, "FILE")
    with (
        open_database(settings) as database,
        psycopg.connect(database.sealer, autocommit=True) as connection,
    ):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(Cosigning(database, settings).request(connection, known.key, knows))
        except Alarm as alarm:
            ring(settings.home, alarm)
            raise
    out.print(f"Carry {file} to “{witness}”, and bring its answer back: huhang cosigned FILE")


@proof.command()
def cosigned(
    file: Annotated[Path, typer.Argument(help="What the witness answered.")],
) -> None:
    """Keep the cosignature that an offline witness gave."""
    settings = Settings()
    keys = [witness.key for witness in known_witnesses(settings) if not witness.retired]
    with (
        open_database(settings) as database,
        psycopg.connect(database.sealer, autocommit=True) as connection,
    ):
        try:
            names = Cosigning(database, settings).accept(connection, read(file), keys)
        except (MalformedNote, Unverified) as wrong:
            fail(f"{file} is no answer of a witness of this log: {wrong}", FAILED)
    out.print(f"Cosigned by {', '.join(names)}.")


@proof.command()
def verify(
    workers: Workers = 2,
    min_checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint kept outside; may be repeated.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="The log's public key as you got it: huhang keys.")
    ] = None,
    tiles: Annotated[
        int | None,
        typer.Option(
            "--patrol", min=1, help="Check only so many old tiles of 256 rows, the next in turn."
        ),
    ] = None,
    projections: Annotated[
        bool, typer.Option("--projections", help="Build the read models anew too, and compare.")
    ] = False,
    remember: Annotated[
        Path | None,
        typer.Option(
            help="A file of yours that keeps what you verified: who signed records that are still "
            "the same is not asked again."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check the log: rows, leaves, authors, tiles, checkpoints; exit 1 when anything is wrong.

    Exit 3 where all is in order, and no key or checkpoint was known to compare it with.
    """
    if remember is not None and tiles is not None:
        fail("--remember keeps what a whole verification found; without --patrol.", WRONG_ARGUMENT)
    settings = Settings()
    trust = verification.trust_of(settings)
    trust = trust.knowing({str(path): read(path) for path in min_checkpoint or ()})
    if remember is not None:
        trust = replace(trust, verified=read_verified(remember))
    if key is not None:
        trust = replace(trust, log=key_of(key))
    with open_as_it_is(settings) as database, bar("verifying") as progress:
        if tiles is not None:
            found: Verification | Patrol = patrol(database.reader, settings, trust, tiles)
        else:
            found = verification.verify(database.reader, progress, trust, workers)
        checks, bad, sound = found.outcomes(), found.bad_positions(), found.sound
        if projections:
            told = checked(database, settings.home, workers)
            checks[READ_MODELS], sound = told, sound and told == PASSED
        with psycopg.connect(database.reader, autocommit=True) as connection:
            beginning, checks[FENCE] = said_by_itself(connection)
        sound = sound and checks[FENCE] == PASSED
        authors = {name: encoded(known.key) for name, known in beginning.authors.items()}
    compared = trust.author is not None and trust.author.name in authors
    answer = {
        "sound": sound,
        "simulated": beginning.simulated,
        "authors": authors,
        "compared_with_own_key": compared,
        "compared_with_outside": sound and trust.compares,
        **found.summary(),
        "checks": checks,
        "bad_positions": {check: bad.get(check) for check in checks},
    }
    if not show(answer, as_json):
        for check, outcome in checks.items():
            out.print(in_one_line(f"{check}: {outcome}"), highlight=False, soft_wrap=True)
        for line in reached(found.summary()):
            out.print(line, highlight=False, soft_wrap=True)
        if beginning.simulated:
            out.print(SIMULATED, highlight=False)
        if not compared:
            keys = ", ".join(f"{name} {key}" for name, key in authors.items())
            out.print(
                f"The authors' keys are the log's own word; compare them with yours: {keys}",
                highlight=False, soft_wrap=True,
            )  # fmt: skip
    if not sound:
        raise typer.Exit(FAILED)
    if not trust.compares:
        fail(
            "In order, and compared with nothing that is known outside of the log: one made anew "
            "as a whole would pass too. Give the log's public key as it was published: --key KEY",
            UNCOMPARED,
        )
    if remember is not None and isinstance(found, Verification) and found.newest[0]:
        keep_verified(remember, VerifiedBefore.now(*found.newest))


def reached(summary: Mapping[str, object]) -> Iterator[str]:
    """How far the checks came, line by line."""
    for name, value in summary.items():
        if value is not None:
            yield f"{name}: {value}"
        elif name != "ended_at":
            yield f"{name}: not known, as the inspection ended before it verified any record"


READ_MODELS = "read models"
FENCE = "fence around the log"
PASSED = "passed"


def said_by_itself(connection: psycopg.Connection[Any]) -> tuple[Beginning, str]:
    """What the log says of itself, and how its fence is against that."""
    try:
        require_shapes(connection)
    except Defect as misshapen:
        return Beginning(None, {}), f"COULD NOT RUN: {misshapen}"
    beginning = beginning_of(connection)
    return beginning, fence_now(connection, beginning)


def checked(database: Database, home: Path, workers: int) -> str:
    """What rebuilding and comparing the read models came to; a difference rings."""
    try:
        Projector(database).check(workers)
    except ComparisonFailed as different:
        ring(home, different)
        return f"FAILED: {different}"
    except (DangerousSetting, DatabaseUnavailable, psycopg.OperationalError) as unreached:
        return f"COULD NOT RUN: {sentence(unreached)}"
    return PASSED


def named(witnesses: list[KnownWitness], name: str) -> KnownWitness:
    """The witness of a name."""
    by_name = {witness.key.name: witness for witness in witnesses}
    if name not in by_name:
        known = ", ".join(by_name) or "none"
        fail(f"“{name}” is no witness of this log; known here: {known}.", WRONG_ARGUMENT)
    return by_name[name]


def key_of(text: str) -> Verifier:
    """A public key that a person gave."""
    try:
        return Verifier.of_text(text.strip())
    except MalformedKey as malformed:
        fail(f"{malformed} Copy the key whole.", WRONG_ARGUMENT)


def read_verified(path: Path) -> VerifiedBefore | None:
    """What a person verified before, by the file that he named, whose folder must be there."""
    try:
        folder = Path(os.path.realpath(path)).parent  # a link is followed, as when it is written
        if not folder.exists():
            fail(
                f"There is no folder {folder}; make it, or name another file as --remember. "
                "Nothing was verified.",
                WRONG_ARGUMENT,
            )
        require_file(path, "--remember")
        return VerifiedBefore.read(path)
    except OSError as error:
        fail(f"{path} cannot be read ({error.strerror}).", WRONG_ARGUMENT)
    except NotRemembered as other:
        fail(str(other), WRONG_ARGUMENT)


def keep_verified(path: Path, verified: VerifiedBefore) -> None:
    """Keep what was verified in the file that a person named."""
    try:
        verified.write(path)
    except OSError as error:
        fail(
            f"All is in order, but {path} cannot be written ({error.strerror}): nothing is "
            "remembered.",
            WRONG_ARGUMENT,
        )


def read(path: Path) -> bytes:
    """A file that a person named."""
    try:
        return path.read_bytes()
    except OSError as error:
        fail(f"{path} cannot be read ({error.strerror}).", WRONG_ARGUMENT)
