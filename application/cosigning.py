"""Asks witnesses to cosign the newest checkpoint, over HTTP or by files (C2SP tlog-witness)."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any, Final, NamedTuple

import httpx
import psycopg
from pydantic import TypeAdapter, ValidationError

from application import outside
from application.alarms import Alarm, in_one_line, ring
from application.database import AT_LENGTH, Database, impatient
from application.memory import held, write_durably
from application.note import (
    COSIGNATURE,
    Checkpoint,
    MalformedKey,
    MalformedNote,
    Note,
    Signature,
    Unverified,
    Verifier,
    moment_of,
    parse_number,
    parse_signatures,
)
from application.outside import Answer, NotAnswered
from application.seal import NotSealed, Sealed, hashes_at, newest_checkpoint
from application.settings import DangerousSetting, Settings
from application.tree import Unproven, consistency_proof
from application.witness import AddCheckpoint

ANSWERED_WITHIN: Final = 10.0  # seconds for one witness: the others wait meanwhile
ANSWER_LIMIT: Final = 16 * 1024  # bytes; a cosignature has some 150
OVERTAKEN: Final = 5  # times in a row that another instance may be faster at a witness
RETIRED: Final = "retired"  # in the place of a witness's address
ASKED_AT: Final = "/add-checkpoint"  # C2SP tlog-witness, behind the address of a witness
PAUSE: Final = 1.0  # seconds between rounds
LONGEST_PAUSE: Final = 300.0  # seconds between attempts at a witness that is away

COSIGN: Final = """
insert into seal.cosignature (size, witness, line, cosigned_at) values (%s, %s, %s, %s)
on conflict do nothing
"""


class WitnessAway(Exception):  # noqa: N818 - said to people
    """A witness that cannot be reached, or that answers nothing useful; to be asked again."""


class ImplausibleSize(Exception):  # noqa: N818 - said to people
    """How many records a witness knows, as a person typed it, cannot be."""


class KnownWitness(NamedTuple):
    """A witness of this log: its address, if one leads there, and its public key.

    One that is `retired` is asked no more; what it cosigned before is verified as ever.
    """

    address: str | None
    key: Verifier
    retired: bool = False


def known_witnesses(settings: Settings) -> list[KnownWitness]:
    """The witnesses that this installation believes. Raises `DangerousSetting`.

    Each line of the file is an address, or `-` where only files go, or `retired`, a space, and the
    key's text.
    """
    path = settings.witnesses or settings.home / "witnesses"
    if not path.exists():
        return []
    found: list[KnownWitness] = []
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DangerousSetting(f"{path} cannot be read as text ({error}).") from None
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        address, _, text = line.strip().partition(" ")
        try:
            key = Verifier.of_text(text.strip())
        except MalformedKey as malformed:
            raise DangerousSetting(f"{path} names no witness in “{line}”: {malformed}") from None
        if key.kind != COSIGNATURE:
            raise DangerousSetting(f"The key of “{key.name}” in {path} is not that of a witness.")
        if any(known.key.name == key.name for known in found):
            raise DangerousSetting(
                f"{path} names the witness “{key.name}” twice; take one of the lines away."
            )
        if any(known.key.public == key.public for known in found):
            raise DangerousSetting(
                f"{path} gives one key two names; two witnesses have two keys. Take the line of "
                f"“{key.name}” away."
            )
        reached = None if address in ("-", RETIRED) else address.removesuffix(ASKED_AT)
        found.append(KnownWitness(reached, key, address == RETIRED))
    return found


def witness_keys(settings: Settings) -> list[Verifier]:
    """The keys of the witnesses that this installation believes. Raises `DangerousSetting`."""
    return [witness.key for witness in known_witnesses(settings)]


def retired_witnesses(settings: Settings) -> frozenset[str]:
    """The names of those that are asked no more. Raises `DangerousSetting`."""
    return frozenset(one.key.name for one in known_witnesses(settings) if one.retired)


def cosigned_sizes(settings: Settings) -> dict[str, int]:
    """How large a tree each witness has cosigned, as this installation remembers by itself.

    Raises `DangerousSetting` where that memory is damaged.
    """
    memory = cosigned_file(settings)
    if not memory.exists():
        return {}
    try:
        return TypeAdapter(dict[str, int]).validate_json(memory.read_bytes())
    except ValidationError:
        raise DangerousSetting(
            f"{memory} is damaged. Find out by what; then remove it: each witness knows what it "
            "cosigned, and is asked anew."
        ) from None


def remember_cosigned(settings: Settings, witness: str, size: int) -> None:
    """Note how large a tree a witness cosigned; one that was larger is not forgotten.

    Raises `DangerousSetting` as `cosigned_sizes` does.
    """
    with held(cosigned_file(settings)):
        sizes = cosigned_sizes(settings)
        if size > sizes.get(witness, 0):
            write_durably(cosigned_file(settings), json.dumps({**sizes, witness: size}).encode())


def cosigned_file(settings: Settings) -> Path:
    """Where this installation remembers what witnesses cosigned, beside what it sealed."""
    return settings.home / "seal" / "witnesses.json"


class Cosigning:
    """Brings the newest checkpoint to each witness and keeps what it answers.

    It remembers how large a tree each witness has cosigned: one that then knows less has lost its
    memory, and one that knows more has seen a log that was taken back.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._conninfo = impatient(database.sealer, AT_LENGTH)
        self._settings = settings

    def ask(self, client: httpx.Client, witness: KnownWitness) -> int:
        """Let a witness cosign the newest checkpoint; the size that it cosigned.

        Raises `WitnessAway`, `NotSealed`; `Alarm` when it knows what must not be.
        """
        name = witness.key.name
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            known, newest = self._standing(connection, name)
            if known == newest.size:
                return known
            for _ in range(OVERTAKEN):
                answer = post(client, witness, request_from(connection, newest, known))
                said = size_said(name, answer) if answer.status == httpx.codes.CONFLICT else known
                if said == known:
                    break  # the answer, or another tree of the very size
                known, newest = self._grown(connection, name, said, known)
            else:
                raise WitnessAway(f"Others are faster at the witness “{name}” again and again.")
            if answer.status in (httpx.codes.UNPROCESSABLE_ENTITY, httpx.codes.CONFLICT):
                raise Alarm(
                    f"The witness “{name}” knows another tree than this log has: the past was "
                    f"changed, or somebody else signs in its name. It says: {said_by(answer)}"
                )
            if answer.status != httpx.codes.OK:
                raise WitnessAway(
                    f"The witness “{name}” answers {answer.status}: {said_by(answer)}"
                )
            try:
                self._keep(connection, newest, witness.key, parse_signatures(answer.text))
            except (MalformedNote, Unverified) as wrong:
                raise WitnessAway(f"The witness “{name}” did not cosign: {wrong}") from None
            return newest.size

    def request(
        self, connection: psycopg.Connection[Any], witness: Verifier, known: int | None = None
    ) -> bytes:
        """What a witness where no network leads needs as a file.

        `known` is how many records it says it knows, where an answer of its got lost; a person
        typed it, so what cannot be is refused and rings nothing. Raises `NotSealed`,
        `ImplausibleSize`; `Alarm` when it cosigned more than is sealed.
        """
        remembered, newest = self._standing(connection, witness.name)
        if known is not None:
            require_possible(witness.name, known, remembered, newest.size)
        known = remembered if known is None else known
        return request_from(connection, newest, known).encode()

    def accept(
        self, connection: psycopg.Connection[Any], message: bytes, witnesses: Sequence[Verifier]
    ) -> list[str]:
        """Keep the cosignatures in a note that came back as a file; the names of the witnesses.

        Raises `MalformedNote`, `Unverified`.
        """
        note = Note.parse(message)
        size = Checkpoint.parse(note.text).size
        sealed = newest_checkpoint(connection, size)
        if sealed is None or Note.parse(sealed.note).text != note.text:
            raise Unverified("The file holds no checkpoint that this log published.")
        found = note.verified(witnesses)
        for witness in found:
            self._keep(connection, sealed, witness, note.signatures)
        return [witness.name for witness in found]

    def remembered(self, witness: str) -> int:
        """How large a tree a witness has cosigned."""
        return cosigned_sizes(self._settings).get(witness, 0)

    def _keep(
        self,
        connection: psycopg.Connection[Any],
        sealed: Sealed,
        witness: Verifier,
        signatures: Sequence[Signature],
    ) -> None:
        text = Note.parse(sealed.note).text
        signature = Note(text, tuple(signatures)).verified([witness])[witness]
        moment = moment_of(signature)
        connection.execute(COSIGN, (sealed.size, witness.name, signature.line, moment))
        remember_cosigned(self._settings, witness.name, sealed.size)

    def _standing(self, connection: psycopg.Connection[Any], name: str) -> tuple[int, Sealed]:
        """How large a tree a witness has cosigned, and the newest checkpoint. Raises `Alarm`.

        In this order: what was cosigned meanwhile was sealed before, so no other instance that is
        faster looks like a log that was taken back.
        """
        remembered = self.remembered(name)
        newest = required(connection)
        if remembered > newest.size:
            raise taken_back(name, remembered, newest.size)
        return remembered, newest

    def _grown(
        self, connection: psycopg.Connection[Any], name: str, said: int, asked: int
    ) -> tuple[int, Sealed]:
        """How large a tree a witness says it knows, and the newest checkpoint since.

        What it was `asked` to go on from was cosigned before, or a part of that. Raises `Alarm`.
        """
        if said < asked:
            raise Alarm(
                f"The witness “{name}” knows {said:,} records, but cosigned {asked:,}: it lost its "
                "memory and can vouch for nothing; set up a new one with a new key."
            )
        newest = required(connection)
        if said > newest.size:
            raise taken_back(name, said, newest.size)
        return said, newest


def keep_cosigned(database: Database, settings: Settings, stop: threading.Event) -> None:
    """Ask every witness that has an address, again and again, until told to stop.

    One that is away is asked less and less often; an alarm is kept for people to see. The file that
    names them is read in each round.
    """
    witnesses: list[KnownWitness] = []
    pauses: defaultdict[KnownWitness, float] = defaultdict(lambda: PAUSE)
    due: defaultdict[KnownWitness, float] = defaultdict(float)
    cosigning = Cosigning(database, settings)
    with httpx.Client() as client:
        while not stop.wait(PAUSE):
            try:
                witnesses = known_witnesses(settings)
            except DangerousSetting as unreadable:  # those known before are asked all the same
                ring(settings.home, unreadable)
            for witness in witnesses:
                if witness.address is None or monotonic() < due[witness]:
                    continue
                try:
                    cosigning.ask(client, witness)
                    pauses[witness] = PAUSE
                except NotSealed:
                    continue
                except (WitnessAway, psycopg.OperationalError):
                    pauses[witness] = min(2 * pauses[witness], LONGEST_PAUSE)
                except (Alarm, Unproven) as wrong:
                    ring(settings.home, wrong)
                    pauses[witness] = LONGEST_PAUSE
                except Exception as error:
                    # Whatever one of them answers must not keep the others from being asked.
                    name = witness.key.name
                    ring(settings.home, Alarm(f"The witness “{name}” was not asked ({error})."))
                    pauses[witness] = LONGEST_PAUSE
                due[witness] = monotonic() + pauses[witness]


def require_possible(name: str, typed: int, cosigned: int, sealed: int) -> None:
    """Refuse what a person typed of a witness and cannot be. Raises `ImplausibleSize`."""
    if cosigned <= typed <= sealed:
        return
    raise ImplausibleSize(
        f"“{name}” has cosigned {cosigned:,} records and {sealed:,} are sealed here, so it cannot "
        f"know {typed:,}. Look what it says and type that; if it says this very number, it lost "
        "its memory or the log was taken back: keep its answer and call the auditor."
    )


def taken_back(name: str, cosigned: int, sealed: int) -> Alarm:
    """The alarm of a log that is smaller than what a witness vouched for."""
    return Alarm(
        f"The witness “{name}” cosigned {cosigned:,} records, but {sealed:,} are sealed here: the "
        "log was taken back, as after a restore from an old backup."
    )


def post(client: httpx.Client, witness: KnownWitness, request: AddCheckpoint) -> Answer:
    """Send a request to a witness. Raises `WitnessAway`."""
    try:
        return outside.post(
            client,
            f"{witness.address}{ASKED_AT}",
            request.encode(),
            limit=ANSWER_LIMIT,
            seconds=ANSWERED_WITHIN,
        )
    except NotAnswered as error:
        raise WitnessAway(
            f"The witness “{witness.key.name}” at {witness.address} does not answer as it should "
            f"({error})."
        ) from None


def required(connection: psycopg.Connection[Any]) -> Sealed:
    """The newest checkpoint. Raises `NotSealed`."""
    newest = newest_checkpoint(connection)
    if newest is None:
        raise NotSealed("Nothing is sealed yet; run huhang seal --once, or huhang serve.")
    return newest


def request_from(connection: psycopg.Connection[Any], newest: Sealed, known: int) -> AddCheckpoint:
    """What a witness that knows so many records needs to cosign the newest checkpoint."""
    proof = consistency_proof(known, newest.size, hashes_at(connection, newest.size))
    return AddCheckpoint(known, tuple(proof), newest.note)


def size_said(name: str, answer: Answer) -> int:
    """How many records a witness says that it knows. Raises `WitnessAway`."""
    try:
        return parse_number(answer.text.strip())
    except MalformedNote:
        raise WitnessAway(f"The witness “{name}” answers 409 without a size.") from None


def said_by(answer: Answer) -> str:
    """The beginning of what an answer says, in one line."""
    return in_one_line(answer.text)[:200]
