"""The witness: a program apart that vouches for a log's growth and refuses forks and rollbacks.

It speaks C2SP tlog-witness as of 2025 (https://c2sp.org/tlog-witness): `POST /add-checkpoint`, or
the same text as a file where no network leads. It shares nothing with the system that it watches
but the arithmetic of `tree` and `note`: own key, own SQLite file, best another computer and office.

For each log it remembers the largest tree that it cosigned. A witness without memory would vouch
for any fork: so it never makes a new file by itself, and its file must never come from a backup.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from application.note import (
    ED25519,
    Checkpoint,
    Cosigner,
    MalformedNote,
    Note,
    Unverified,
    Verifier,
    parse_hash,
    parse_number,
)
from application.tree import EMPTY_ROOT, Unproven, check_consistency

PROOF_LIMIT: Final = 63  # hashes, as the protocol says
BODY_LIMIT: Final = 64 * 1024  # bytes; a request of ours has less than 4,000
BUSY_SECONDS: Final = 10.0  # how long a request waits for another's transaction
SUSPECTS_LIMIT: Final = 1000  # kept for each log; the first ones tell the story
FORKS_LIMIT: Final = 1000  # kept beyond those: anybody can send true checkpoints with false proofs
APPLICATION_ID: Final = 0x68775731  # “hwW1”: marks the file as a witness's memory, version 1

SCHEMA: Final = f"""
pragma application_id = {APPLICATION_ID};
-- One row is the largest tree of a log that was cosigned.
create table latest (
    origin      text    not null primary key,
    size        integer not null,
    root        blob    not null,
    cosigned_at integer not null, -- seconds since 1970, UTC
    note        blob    not null
);
-- One row is a checkpoint that the log signed and that could not be reconciled with its tree.
create table suspect (
    origin      text    not null,
    size        integer not null,
    root        blob    not null,
    received_at integer not null,
    note        blob    not null,
    primary key (origin, size, root)
);
"""


class Refusal(Exception):  # noqa: N818 - said to people
    """A checkpoint that the witness does not cosign; `status` is HTTP's and the protocol's.

    `known_size` is set with 409: how large the log's tree is as far as the witness knows.
    """

    def __init__(self, status: int, sentence: str, known_size: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.known_size = known_size


class WitnessWithoutMemory(Exception):  # noqa: N818 - said to people
    """The witness's file is missing or is none."""


class AddCheckpoint(NamedTuple):
    """What a log asks of a witness: to cosign a checkpoint that extends a tree which it knows."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    def encode(self) -> bytes:
        """The body of the request, and the content of the file that stands for it."""
        hashes = "".join(f"{b64encode(hash_).decode('ascii')}\n" for hash_ in self.proof)
        return f"old {self.old_size}\n{hashes}\n".encode("ascii") + self.checkpoint

    @classmethod
    def parse(cls, body: bytes) -> AddCheckpoint:
        """The request in a body; its checkpoint is not read yet. Raises `MalformedNote`."""
        head, blank, checkpoint = body.partition(b"\n\n")
        try:
            first, *hashes = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            raise MalformedNote("The request is not ASCII before its checkpoint.") from None
        if not blank or not first.startswith("old ") or len(hashes) > PROOF_LIMIT:
            raise MalformedNote(
                f"The request is no “old” line, up to {PROOF_LIMIT} hashes, an empty line and a "
                "checkpoint."
            )
        old_size = parse_number(first.removeprefix("old "))
        return cls(old_size, tuple(parse_hash(line) for line in hashes), checkpoint)


class Known(NamedTuple):
    """The largest tree of a log that the witness cosigned, and when; at first the empty one."""

    size: int = 0
    root: bytes = EMPTY_ROOT
    cosigned_at: int = 0


class Witness:
    """Cosigns checkpoints of the logs that it watches.

    `logs` maps each origin to the keys that may sign for it; `clock` tells seconds since 1970, UTC.
    Any number of threads and processes may share the file. Raises `WitnessWithoutMemory`.
    """

    def __init__(
        self,
        path: Path,
        key: Cosigner,
        logs: Mapping[str, Sequence[Verifier]],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        for origin, keys in logs.items():
            if not keys or any(verifier.kind != ED25519 for verifier in keys):
                raise ValueError(f"The log “{origin}” needs keys that sign notes.")
        self._path = path
        self._key = key
        self._logs = {origin: tuple(keys) for origin, keys in logs.items()}
        self._clock = clock
        self._opened().close()

    def add_checkpoint(self, body: bytes) -> Note:
        """The checkpoint in a request, signed by its log and at last by us, once it is remembered.

        Raises `Refusal`.
        """
        try:
            request = AddCheckpoint.parse(body)
            note = Note.parse(request.checkpoint)
            checkpoint = Checkpoint.parse(note.text)
        except MalformedNote as malformed:
            raise Refusal(400, str(malformed)) from None
        keys = self._logs.get(checkpoint.origin)
        if keys is None:
            raise Refusal(404, f"This witness does not watch “{checkpoint.origin}”.")
        try:
            note = Note(note.text, tuple(note.verified(keys).values()))
        except Unverified as unverified:
            raise Refusal(403, str(unverified)) from None
        if request.old_size > checkpoint.size:
            raise Refusal(400, "The checkpoint is smaller than the size that it should extend.")

        with self._memory() as memory:
            memory.execute("begin immediate")  # until the commit nobody else decides
            known = _known(memory, checkpoint.origin)
            try:
                _check_growth(known, request, checkpoint)
            except Refusal as refusal:
                # Two trees of one size are a fork, whatever else is wrong with the request.
                forked = checkpoint.size == known.size and checkpoint.root != known.root
                if forked or refusal.status == 422:
                    most = SUSPECTS_LIMIT + (FORKS_LIMIT if forked else 0)
                    _keep_suspect(memory, checkpoint, note, int(self._clock()), most)
                    memory.execute("commit")
                raise
            # A clock set back must not make an older statement look like the newest.
            now = max(int(self._clock()), known.cosigned_at)
            cosigned = note.also_signed([self._key.cosign(note.text, now)])
            _remember(memory, known, checkpoint, cosigned, now)
            memory.execute("commit")
        return cosigned

    def known(self, origin: str) -> Known:
        """The largest tree of a log that was cosigned."""
        with self._memory() as memory:
            return _known(memory, origin)

    def latest(self, origin: str) -> bytes | None:
        """The note of that tree with our cosignature: what a restored log must extend."""
        with self._memory() as memory:
            row = memory.execute("select note from latest where origin = ?", (origin,)).fetchone()
        return None if row is None else bytes(row[0])

    def suspects(self, origin: str) -> list[bytes]:
        """Notes that the log signed and that do not fit its tree, the first received first.

        Another root of a size that was cosigned proves a fork. One whose consistency proof failed
        proves nothing yet, but somebody should ask the log for a better proof.
        """
        with self._memory() as memory:
            rows = memory.execute(
                "select note from suspect where origin = ? order by received_at, size", (origin,)
            ).fetchall()
        return [bytes(row[0]) for row in rows]

    @contextmanager
    def _memory(self) -> Iterator[sqlite3.Connection]:
        # What was not committed is rolled back when the connection closes.
        with closing(self._opened()) as memory:
            yield memory

    def _opened(self) -> sqlite3.Connection:
        try:
            memory = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=rw",
                uri=True,
                timeout=BUSY_SECONDS,
                isolation_level=None,
            )
        except sqlite3.OperationalError:
            raise WitnessWithoutMemory(
                f"The witness's file {self._path} is not there. Make one only for a new witness "
                "with a new key; one that lost its file must not go on under its old name."
            ) from None
        try:
            # The answer must not outlive its reason: a commit reaches the disk, and its folder too.
            memory.execute("pragma synchronous = extra")
            marked = memory.execute("pragma application_id").fetchone() == (APPLICATION_ID,)
        except sqlite3.OperationalError:
            memory.close()
            raise
        except sqlite3.DatabaseError:
            marked = False
        if not marked:
            memory.close()
            raise WitnessWithoutMemory(f"{self._path} is not the file of a witness.")
        return memory


def make_memory(path: Path) -> None:
    """Make the file of a new witness. Raises `FileExistsError` when there is one."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(path, isolation_level=None)) as memory:
        memory.executescript(f"begin; {SCHEMA} commit;")


def cosign_file(witness: Witness, request: Path, answer: Path) -> None:
    """The offline way: a file with what would be posted in, the cosigned checkpoint out.

    The answer is there whole or not at all. Raises `Refusal`, and then there is none.
    """
    with request.open("rb") as file:
        body = file.read(BODY_LIMIT + 1)
    if len(body) > BODY_LIMIT:
        raise Refusal(400, f"{request} has more than {BODY_LIMIT} bytes and is no request.")
    note = witness.add_checkpoint(body)
    with tempfile.NamedTemporaryFile(dir=answer.parent, delete=False) as draft:
        draft.write(note.encode())
        draft.flush()
        os.fsync(draft.fileno())
    Path(draft.name).replace(answer)


def witness_app(witness: Witness) -> FastAPI:
    """The witness as a web service."""
    app = FastAPI(title="Witness", openapi_url=None)

    @app.post("/add-checkpoint")
    async def add_checkpoint(request: Request) -> Response:
        """Cosign a checkpoint."""
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_LIMIT:
                return _plain(413, f"The request has more than {BODY_LIMIT} bytes.")
        try:
            note = await run_in_threadpool(witness.add_checkpoint, body)
        except Refusal as refusal:
            if refusal.known_size is not None:
                # The protocol wants exactly this type, without a character set.
                return Response(
                    f"{refusal.known_size}\n",
                    refusal.status,
                    headers={"Content-Type": "text/x.tlog.size"},
                )
            return _plain(refusal.status, str(refusal))
        except sqlite3.OperationalError:
            return _plain(503, "The witness is busy or cannot write; send the request again.")
        return Response(note.signatures[-1].line, media_type="text/plain")

    return app


def _plain(status: int, sentence: str) -> Response:
    return Response(f"{sentence}\n", status, media_type="text/plain")


def _known(memory: sqlite3.Connection, origin: str) -> Known:
    row = memory.execute(
        "select size, root, cosigned_at from latest where origin = ?", (origin,)
    ).fetchone()
    return Known() if row is None else Known(row[0], bytes(row[1]), row[2])


def _check_growth(known: Known, request: AddCheckpoint, checkpoint: Checkpoint) -> None:
    if request.old_size != known.size:
        raise Refusal(
            409,
            f"The witness knows a tree of {known.size} leaves, not of {request.old_size}; where "
            f"files are carried: huhang cosign-request NAME FILE --knows {known.size}",
            known.size,
        )
    if checkpoint.size == known.size and checkpoint.root != known.root:
        raise Refusal(409, f"The witness knows another tree of {known.size} leaves.", known.size)
    try:
        check_consistency(known.size, checkpoint.size, known.root, checkpoint.root, request.proof)
    except Unproven as unproven:
        raise Refusal(422, str(unproven)) from None


def _keep_suspect(
    memory: sqlite3.Connection, checkpoint: Checkpoint, note: Note, received_at: int, most: int
) -> None:
    memory.execute(
        """
        insert or ignore into suspect (origin, size, root, received_at, note)
        select :origin, :size, :root, :received_at, :note
        where (select count(*) from suspect where origin = :origin) < :most
        """,
        {
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": checkpoint.root,
            "received_at": received_at,
            "note": note.encode(),
            "most": most,
        },
    )


def _remember(
    memory: sqlite3.Connection, known: Known, checkpoint: Checkpoint, note: Note, now: int
) -> None:
    # Compare and set: should the transaction ever not protect us, nothing is overwritten.
    changed = memory.execute(
        """
        insert into latest (origin, size, root, cosigned_at, note)
        values (:origin, :size, :root, :now, :note)
        on conflict (origin) do update
        set size = excluded.size, root = excluded.root,
            cosigned_at = excluded.cosigned_at, note = excluded.note
        where latest.size = :known_size and latest.root = :known_root
        """,
        {
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": checkpoint.root,
            "now": now,
            "note": note.encode(),
            "known_size": known.size,
            "known_root": known.root,
        },
    ).rowcount
    if changed != 1:
        raise Refusal(409, "Another request was faster.", known.size)
