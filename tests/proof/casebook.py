"""A log with one case in it, in memory, whose keys the tests hold: to be exhibited and attacked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from application.codec import encode, statement_of
from application.dossier import manifest, write
from application.envelope import INTERNATIONAL, Context, disclose, seal
from application.evidence import Evidence, Order, evidence_of
from application.heads import HeadProof
from application.inspection import SealedRow
from application.keys import Author
from application.leaf import Leaf
from application.note import Checkpoint, Note, Signer
from application.records import Actor
from application.tree import inclusion_proof, leaf_hash, root_at
from application.verifier import verify as verifier
from domain import case_counselling, case_file
from domain.access import Access, Selection, access_id
from domain.base import Event, decide, fold
from domain.case import Case
from domain.case_facts import CaseEvent
from domain.case_file_events import PersonalDataErased
from domain.log import LOG_ID, Log, LogKeys
from domain.region import Region
from domain.values import AccessPurpose, RecordKind, Role
from tests.author import AUTHOR, KEYS, SIGNER
from tests.domain.case_cast import (
    HER,
    SEALED,
    Step,
    compartment,
    consented,
    held,
    offered,
    opened,
    session,
    why,
)
from tests.domain.scenario import known, stamp
from tests.proof.ledger import met
from tests.proof.reference import Forest

BEGAN = datetime(2026, 11, 25, 1, 2, 3, 456789, tzinfo=UTC)
KEY, KEY_ID = bytes(range(32)), "k:5f0c7b0e-3d0a-4f57-9c41-8a1f8a8a8b01"
PDF = b"%PDF-1.7\nnobody reads this one\n%%EOF\n"
CASE = known("case")
OFFICER = Actor(known("officer"), Role.PRIVACY_OFFICER, known("centre"))
TEXTS = {
    "identity": '{"name":"王某","number":"370102199001011234"}',
    "session/notes/0/note": "沟通困难，已约定下次会谈。",
    "session/notes/1/note": "单独会谈时说的话。",
}
REPEATED = {
    f"{side}/notes/{n}/note": f"session/notes/{n}/note"
    for side in ("before", "after")
    for n in (0, 1)
}
"""What a correction repeats, and where it was sealed first."""


def identified(case: Case) -> Iterator[CaseEvent]:
    return case_file.identify(case, HER, SEALED, None, stamp())


def corrected(case: Case) -> Iterator[CaseEvent]:
    after = SESSION.model_copy(update={"minutes": 40})
    return case_counselling.correct_session(case, after, why())


def gone(case: Case) -> Iterator[CaseEvent]:
    """The key of all that is sealed in the case was destroyed."""
    yield PersonalDataErased.of(case, why(), keys=(KEY_ID,))


SESSION = session("session", HER, notes=(compartment(), compartment(HER)))
SHORT = (opened, identified)
STEPS = (opened, offered, consented(HER), identified, held(SESSION), corrected)

Forge = Callable[[dict[str, Any]], None]
"""Changes a state before it is recorded."""


@dataclass
class Casebook:
    """Rows of a log as the database would hold them, and what opens their sealed fields."""

    author: Author = AUTHOR
    signer: Signer = SIGNER
    suite: int = INTERNATIONAL
    rows: list[SealedRow] = field(default_factory=list)
    opening: dict[tuple[int, str], bytes] = field(default_factory=dict)
    sealed: dict[str, dict[str, Any]] = field(default_factory=dict)

    def record(self, *events: Event, forge: Forge | None = None) -> int:
        """Record events, their placeholders sealed; the last position."""
        for event in events:
            position = len(self.rows) + 1
            fields = orjson.loads(encode(event))
            for path, holder, member in placeholders(fields):
                if path in REPEATED:
                    holder[member] = self.sealed[REPEATED[path]]
                    continue
                context = Context(event.originator_id, event.originator_version, event.topic, path)
                sealed = seal(KEY, KEY_ID, context, TEXTS[path], self.suite, random=randomly(path))
                self.opening[position, path] = disclose(KEY, context, sealed)
                holder[member] = self.sealed[path] = sealed.model_dump()
            if forge is not None:
                forge(fields)
            state = orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
            self.put(event.originator_id, event.originator_version, event.topic, state)
        return len(self.rows)

    def put(self, stream: UUID, version: int, topic: str, state: bytes) -> None:
        position = len(self.rows) + 1
        statement = statement_of(stream, version, topic, state)
        recorded_at = BEGAN + timedelta(seconds=position)
        signature = statement.sign(self.author.key)
        leaf = Leaf(position - 1, recorded_at, statement, self.author.name, signature)
        self.rows.append(
            SealedRow(
                position, stream, version, topic, state, recorded_at,
                self.author.name, signature, leaf_hash(leaf.entry()),
            )
        )  # fmt: skip

    def begin(self, keys: LogKeys = KEYS, simulated: bool = False) -> None:
        log = Log(LOG_ID)
        self.record(*decide(log, lambda log: log.begin(simulated, "Tests.", keys, stamp())))

    def noise(self, events: int = 1) -> None:
        """Something else happens in the log."""
        region = Region(known(f"region {len(self.rows)}"))
        self.record(*decide(region, lambda region: met(region, events)))

    def live(
        self, steps: Iterable[Step] = STEPS, *, forges: dict[int, Forge] | None = None
    ) -> Case:
        """The case takes its steps, with other work in between; `forges` by version."""
        case = Case(CASE)
        for step in steps:
            self.noise(2)
            for event in decide(case, step):
                self.record(event, forge=(forges or {}).get(event.originator_version))
                case = fold(case, [event])
        return case

    def go_out(self, recipient: str = "历下区人民法院") -> int:
        """The export is recorded."""
        by = stamp(BEGAN, actor="officer", role=Role.PRIVACY_OFFICER)
        selection = Selection(
            kind=RecordKind.CASE,
            what="案卷（证据包）",
            rows=len(STEPS),
            purpose=AccessPurpose.LEGAL_REQUEST,
            record=CASE,
            recipient=recipient,
        )
        day = Access(access_id(by.actor, by.office, by.occurred_on))
        return self.record(*decide(day, lambda day: day.make_export(selection, by)))

    def note_heads(self) -> HeadProof:
        """The log commits to the last version of each stream, and proves that of the case."""
        size = len(self.rows)
        last = {row.originator_id: row for row in self.rows}
        lines = [
            f"{stream} {last[stream].originator_version} {last[stream].position - 1}\n".encode()
            for stream in sorted(last)
        ]
        forest = Forest(lines)
        root = root_at(len(lines), forest.hashes).hex()
        log = Log(LOG_ID, version=last[LOG_ID].originator_version, keys=KEYS)
        position = self.record(
            *decide(log, lambda log: log.note_heads(size, len(lines), root, stamp()))
        )
        place = sorted(last).index(CASE)
        hashes = tuple(inclusion_proof(place, len(lines), forest.hashes))
        return HeadProof(lines[place].decode(), place, len(lines), hashes, size, position)

    def register(self, author: Author) -> None:
        version = max(row.originator_version for row in self.rows if row.originator_id == LOG_ID)
        log = Log(LOG_ID, version=version, keys=KEYS)
        self.record(*decide(log, lambda log: log.register_author(author.registered, stamp())))

    @property
    def forest(self) -> Forest:
        return Forest([entry_of(row) for row in self.rows])

    def checkpoint(self, size: int | None = None) -> bytes:
        size = size or len(self.rows)
        text = Checkpoint(self.signer.name, size, root_at(size, self.forest.hashes)).text
        return Note(text, (self.signer.sign(text),)).encode()

    def order(self, as_of: int) -> Order:
        known_at = self.rows[as_of - 1].recorded_at
        purpose, recipient = AccessPurpose.LEGAL_REQUEST, "历下区人民法院"
        return Order(CASE, as_of, known_at, purpose, recipient, OFFICER)

    def evidence(
        self, export: int, as_of: int | None = None, heads: HeadProof | None = None
    ) -> Evidence:
        order = self.order(as_of or export - 1)
        return evidence_of(order, self.rows, export, self.checkpoint(), self.forest.hashes, heads)


def a_casebook(**with_: Any) -> Casebook:
    """A log in which the case took its steps and nothing went out yet."""
    book = Casebook(**with_)
    book.begin()
    book.live()
    book.noise()
    return book


def a_dossier(
    out: Path, book: Casebook | None = None, *, disclosed: Iterable[str] | None = None
) -> Path:
    """The bag of that case; all sealed fields are disclosed, or those with these paths."""
    book = book or a_casebook()
    export = book.go_out()
    book.noise(3)
    disclosures = {
        (position, path): okm
        for (position, path), okm in book.opening.items()
        if disclosed is None or path in disclosed
    }
    return write(out, book.evidence(export), PDF, disclosures, book.signer)


def resigned(folder: Path, signer: Signer = SIGNER) -> Path:
    """The bag with new manifests, signed anew by whoever holds the log's key."""
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    payload = {path: files[path] for path in files if path.startswith("data/")}
    (folder / verifier.MANIFEST).write_bytes(manifest(payload))
    tags = {
        path: (folder / path).read_bytes()
        for path in files
        if path not in payload and path not in verifier.ADDED
    }
    (folder / verifier.TAGMANIFEST).write_bytes(manifest(tags))
    text = f"{verifier.FORMAT}\n{manifest(tags).decode()}"
    (folder / verifier.SIGNATURE).write_bytes(Note(text, (signer.sign(text),)).encode())
    return folder


def entry_of(row: SealedRow) -> bytes:
    statement = statement_of(row.originator_id, row.originator_version, row.topic, row.state)
    return Leaf(row.position - 1, row.recorded_at, statement, row.author, row.signature).entry()


def placeholders(fields: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every sealed field with its path, the object or array that holds it, and its place there."""
    members = fields.items() if isinstance(fields, dict) else enumerate(fields)
    for name, value in list(members):
        inner = f"{path}/{name}" if path else str(name)
        if isinstance(value, dict) and "z" in value:
            yield inner, fields, name
        elif isinstance(value, dict | list):
            yield from placeholders(value, inner)


def randomly(path: str) -> Callable[[int], bytes]:
    """Bytes that are the same in every run."""
    return lambda length: sha256(path.encode()).digest()[:length]
