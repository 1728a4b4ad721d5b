"""Commands of a witness: another program's conscience, best on another office's computer.

A witness has a folder of its own and knows nothing of the system that it watches but public keys.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from api.terminal import WRONG_ARGUMENT, fail, out, require_file
from application.note import Cosigner, MalformedKey, Verifier
from application.witness import Witness, cosign_file, make_memory, witness_app

witness = typer.Typer(no_args_is_help=True, help="Vouch for a log's growth; run it elsewhere.")

Folder = Annotated[Path, typer.Option("--dir", help="The witness's folder.")]
Log = Annotated[
    list[str], typer.Option("--log", help="Public key of a log: huhang keys; may be repeated.")
]


@witness.command()
def new(
    name: Annotated[str, typer.Argument(help="Such as witness.example.org/huhang.")],
    folder: Folder = Path("witness"),
) -> None:
    """Make the key and the empty memory of a new witness, once."""
    try:
        key = Cosigner.generate(name)
    except MalformedKey as malformed:
        fail(f"{malformed} A name has no space and no plus.", WRONG_ARGUMENT)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        make_memory(folder / "memory.sqlite")
        file = os.open(folder / "key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        fail(f"{folder} holds a witness already; give the new one another folder.", WRONG_ARGUMENT)
    with os.fdopen(file, "w") as opened:
        opened.write(f"{key.text}\n")
    out.print(
        "Let the log's installation know its public key, in the file HUHANG_WITNESSES names, after "
        f"its address or “-”:\n{key.verifier.text}",
        highlight=False, soft_wrap=True,
    )  # fmt: skip


@witness.command()
def serve(
    log: Log,
    folder: Folder = Path("witness"),
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8100,
) -> None:
    """Cosign what the watched logs post (C2SP tlog-witness)."""
    import uvicorn

    app = witness_app(witness_of(folder, log))
    out.print(f"http://{host}:{port} – a witness of {len(log)} log(s)")
    uvicorn.run(app, host=host, port=port, log_level="warning", server_header=False)


@witness.command()
def cosign(
    request: Annotated[Path, typer.Argument(help="What huhang cosign-request wrote.")],
    answer: Annotated[Path, typer.Argument(help="Where to write the cosigned checkpoint.")],
    log: Log,
    folder: Folder = Path("witness"),
) -> None:
    """Cosign a checkpoint that came as a file."""
    if not request.is_file():
        fail(f"There is no file {request}.", WRONG_ARGUMENT)
    require_file(answer, "ANSWER")
    answer.parent.mkdir(parents=True, exist_ok=True)
    cosign_file(witness_of(folder, log), request, answer)
    out.print(f"Cosigned; carry {answer} back.")


def witness_of(folder: Path, logs: list[str]) -> Witness:
    """The witness in a folder, watching logs."""
    try:
        verifiers = [Verifier.of_text(log) for log in logs]
        key = Cosigner.of_text((folder / "key").read_text().strip())
    except OSError:
        fail(f"{folder} holds no witness; make one: huhang witness new NAME", WRONG_ARGUMENT)
    except MalformedKey as malformed:
        fail(f"{malformed} Copy the key whole.", WRONG_ARGUMENT)
    watched = {verifier.name: [verifier] for verifier in verifiers}
    return Witness(folder / "memory.sqlite", key, watched)
