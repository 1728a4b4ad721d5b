"""A dossier (案卷): one case as evidence, in a BagIt bag that verifies itself without us.

The bag (RFC 8493) holds what `application/verifier/verify.py` reads; that program is the exact
description. The log's key signs the tag manifest as a note whose text is the line `rec-dossier/v1`
and then the manifest: no checkpoint can be mistaken for one, for its second line is a number.

The export is recorded in the log before the bag is made, and the bag proves that too.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import time
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from string import Template
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

import orjson
import psycopg
import segno
from psycopg.rows import tuple_row

from application import seal
from application.access import Accesses
from application.codec import decode, statement_of
from application.database import Database
from application.envelope import Context, Unopened, envelopes_in, open_with_okm
from application.eventlog import Position
from application.inspection import SealedRow
from application.keys import signer_of
from application.leaf import Leaf
from application.note import Checkpoint, Note, Signer
from application.proof import LogProof
from application.readable import lines_of
from application.records import Actor, Command, NotFound, Records
from application.settings import Settings
from application.tree import Hashes, inclusion_proof
from application.typesetting import chinese_fonts, set_in_type
from application.verifier import verify as verifier
from domain.access import Selection, access_id
from domain.base import EVENTS, SHANGHAI, Event, day
from domain.log import LOG_ID
from domain.values import AccessPurpose, RecordKind
from domain.wording import TITLES, Said

FORMAT: Final = verifier.FORMAT
VERIFIER: Final = Path(verifier.__file__)
README: Final = VERIFIER.with_name("README.txt")
SEALED_WITHIN: Final = timedelta(seconds=30)  # the sealer needs one; then something is wrong
PAUSE: Final = 0.2  # seconds between two looks at the newest checkpoint

ROWS: Final = """
select position, originator_id, originator_version, topic, state, recorded_at,
       author, signature, leaf
from log.event
where originator_id = %(case)s and position <= %(as_of)s or position = any(%(others)s)
order by position
"""

Disclosures = Mapping[tuple[Position, str], bytes]
"""What opens single sealed fields, by the position of the event and the path in its state."""

Places = Mapping[Position, str | None]
"""The names of the place where each event counts."""


class NotProven(Said):
    """The log cannot prove the case at this moment."""


@dataclass(frozen=True, slots=True)
class Order:
    """Who gets which case, as of which position, what for, and by whom.

    `recipient` is an office or a party's role, never a person's name: the log keeps it for good.
    """

    case: UUID
    as_of: Position
    purpose: AccessPurpose
    recipient: str
    by: Actor


class Exhibit(NamedTuple):
    """An event as evidence."""

    row: SealedRow
    entry: bytes
    proof: bytes

    @property
    def event(self) -> Event:
        """The event that was stored."""
        row = self.row
        return decode(row.topic, row.originator_id, row.originator_version, row.state)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The events of a case, the log's first and that of the export, under one checkpoint."""

    case: UUID
    as_of: Position
    genesis: Exhibit
    events: tuple[Exhibit, ...]
    export: Exhibit
    checkpoint: bytes

    @property
    def exhibits(self) -> tuple[Exhibit, ...]:
        """All of them, in the order of the log."""
        every = {one.row.position: one for one in (self.genesis, *self.events, self.export)}
        return tuple(every[position] for position in sorted(every))

    @property
    def simulated(self) -> bool:
        """Whether the log holds no real work."""
        return bool(orjson.loads(self.genesis.row.state)["simulated"])


def export(
    database: Database,
    records: Records,
    settings: Settings,
    order: Order,
    places: Places,
    disclosures: Disclosures,
    out: Path,
) -> Path:
    """Record the export, wait for its seal, and write the dossier; returns its folder in `out`.

    Raises `NotSet` before anything is recorded where no PDF can be made, `NotFound`, `NotProven`.
    """
    chinese_fonts(settings)
    with psycopg.connect(database.reader, autocommit=True) as connection:
        versions = version_at(connection, order)
        position = record_export(records, order, versions)
        evidence = gather(connection, order, position)
    return write(out, evidence, places, disclosures, signer_of(settings), settings)


def version_at(connection: psycopg.Connection[Any], order: Order) -> int:
    """The version that the case had reached. Raises `NotFound`."""
    row = connection.execute(
        "select coalesce(max(originator_version), 0) from log.event"
        " where originator_id = %s and position <= %s and topic like 'case.%%'",
        (order.case, order.as_of),
    ).fetchone()
    assert row is not None
    if row[0] == 0:
        raise NotFound(
            f"There is no case {order.case} as of position {order.as_of}; check the number.",
            f"截至位置 {order.as_of} 没有编号为 {order.case} 的个案，请核对编号。",
        )
    return int(row[0])


def record_export(records: Records, order: Order, versions: int) -> Position:
    """Record in the log that the case goes out; the position of that event."""
    selection = Selection(
        kind=RecordKind.CASE,
        what="案卷（证据包）",
        rows=versions,
        purpose=order.purpose,
        record=order.case,
        recipient=order.recipient,
    )
    command = Command(order.by, request=uuid4(), occurred=records.now())
    assert command.occurred is not None
    stream = access_id(order.by.id, day(command.occurred))
    return Accesses(records).make_export(stream, selection, command).last_position


def gather(connection: psycopg.Connection[Any], order: Order, export: Position) -> Evidence:
    """The evidence, once a checkpoint covers the export. Raises `NotProven`."""
    note = covering(connection, export)
    size = Checkpoint.parse(Note.parse(note).text).size
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        asked = {"case": order.case, "as_of": order.as_of, "others": [1, export]}
        rows = [SealedRow(*row) for row in cursor.execute(ROWS, asked)]
    return evidence_of(order, rows, export, note, seal.hashes_at(connection, size))


def covering(connection: psycopg.Connection[Any], position: Position) -> bytes:
    """The newest checkpoint, once it covers a position. Raises `NotProven`."""
    until = time.monotonic() + SEALED_WITHIN.total_seconds()
    while True:
        note = seal.newest_checkpoint(connection)
        size = Checkpoint.parse(Note.parse(note).text).size if note else 0
        if note and size >= position:
            return note
        if time.monotonic() > until:
            raise NotProven(
                f"The export is recorded at position {position}, but the log is sealed up to {size}"
                " only, and nothing was handed out; start the sealer (huhang seal) and ask again.",
                f"本次调取已登记在位置 {position}，但日志只封存到位置 {size}，案卷未生成；"
                "请启动封存程序（huhang seal）后重试。",
            )
        time.sleep(PAUSE)


def evidence_of(
    order: Order, rows: Sequence[SealedRow], export: Position, checkpoint: bytes, hashes: Hashes
) -> Evidence:
    """The evidence from rows of the log and its tree."""
    size = Checkpoint.parse(Note.parse(checkpoint).text).size
    found = {row.position: exhibit_of(row, size, checkpoint, hashes) for row in rows}
    return Evidence(
        order.case,
        order.as_of,
        genesis=found[1],
        events=tuple(
            one
            for one in found.values()
            if one.row.originator_id == order.case and one.row.position <= order.as_of
        ),
        export=found[export],
        checkpoint=checkpoint,
    )


def exhibit_of(row: SealedRow, size: int, checkpoint: bytes, hashes: Hashes) -> Exhibit:
    """A row with its entry and its proof."""
    at = row.position - 1
    statement = statement_of(row.originator_id, row.originator_version, row.topic, row.state)
    entry = Leaf(at, row.recorded_at, statement, row.author, row.signature).entry()
    proof = LogProof(at, tuple(inclusion_proof(at, size, hashes)), checkpoint)
    return Exhibit(row, entry, proof.encode())


def write(
    out: Path,
    evidence: Evidence,
    places: Places,
    disclosures: Disclosures,
    signer: Signer,
    settings: Settings,
) -> Path:
    """Write the bag below `out`, whole or not at all, and check it as its recipient will.

    Raises `NotProven` when the check finds anything, as when the log itself was changed;
    `Unopened` for a disclosure that opens nothing.
    """
    folder = out / f"dossier-{evidence.case}-{evidence.as_of}"
    if folder.exists():
        raise NotProven(f"{folder} exists already; move it away or choose another --out.")
    payload = {
        **payload_of(evidence, disclosures, signer),
        "data/dossier.pdf": readable(evidence, places, disclosures, settings),
    }
    draft = out / f".{folder.name}.{os.getpid()}"
    try:
        for path, content in (payload | tags_of(evidence, payload, signer)).items():
            file = draft / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        findings = verifier.verify(str(draft), key=signer.verifier.text)
        if not findings.sound:
            first = findings.failures[0]
            raise NotProven(
                f"The log does not prove this case ({first.where}: {first.sentence}); nothing was "
                "handed out. Find the reason with: huhang verify"
            )
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def payload_of(
    evidence: Evidence, disclosures: Disclosures, signer: Signer
) -> dict[str, bytes]:
    """The files below data, but for the PDF."""
    genesis = orjson.loads(evidence.genesis.row.state)
    files = {
        verifier.SUMMARY: json_bytes(
            {
                "format": FORMAT,
                "case": str(evidence.case),
                "as_of": evidence.as_of,
                "simulated": evidence.simulated,
                "genesis": evidence.genesis.row.position,
                "events": [one.row.position for one in evidence.events],
                "export": evidence.export.row.position,
            }
        ),
        verifier.CHECKPOINT: evidence.checkpoint,
        verifier.KEYS: json_bytes(
            {"log": signer.verifier.text, "authors": genesis["keys"]["authors"]}
        ),
        verifier.DISCLOSURES: json_bytes(
            [
                {"position": position, "path": path, "okm": b64encode(okm).decode()}
                for (position, path), okm in sorted(disclosures.items())
            ]
        ),
    }
    for one in evidence.exhibits:
        files[f"{verifier.folder_of(one.row.position)}/state.json"] = one.row.state
        files[f"{verifier.folder_of(one.row.position)}/entry.txt"] = one.entry
        files[f"{verifier.folder_of(one.row.position)}/proof.tlog-proof"] = one.proof
        schema = {**EVENTS[one.row.topic].model_json_schema(), "title": TITLES[one.row.topic]}
        files[f"data/schemas/{one.row.topic}.json"] = json_bytes(schema)
    return files


def tags_of(evidence: Evidence, payload: Mapping[str, bytes], signer: Signer) -> dict[str, bytes]:
    """The files beside data: what a bag must have, README, verifier, and the signature."""
    written = evidence.export.row.recorded_at.astimezone(SHANGHAI)
    octets = sum(map(len, payload.values()))
    tags = {
        "bagit.txt": verifier.BAGIT,
        "bag-info.txt": (
            f"Bag-Software-Agent: Huhang\n"
            f"Bagging-Date: {written.date()}\n"
            f"External-Identifier: {evidence.case}\n"
            f"Payload-Oxum: {octets}.{len(payload)}\n"
            f"Source-Organization: {signer.name}\n"
        ).encode(),
        "README.txt": Template(README.read_text(encoding="utf-8"))
        .substitute(
            case=evidence.case,
            as_of=evidence.as_of,
            versions=len(evidence.events),
            key=signer.verifier.text,
            simulated="\n！！模拟数据，不是真实业务 SIMULATED ！！\n" if evidence.simulated else "",
        )
        .encode(),
        "verify.py": VERIFIER.read_bytes(),
        verifier.MANIFEST: manifest(payload),
    }
    tags[verifier.TAGMANIFEST] = manifest(tags)
    text = f"{FORMAT}\n{tags[verifier.TAGMANIFEST].decode()}"
    tags[verifier.SIGNATURE] = Note(text, (signer.sign(text),)).encode()
    return tags


def manifest(files: Mapping[str, bytes]) -> bytes:
    """The lines of a manifest, by path."""
    lines = (f"{sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files))
    return "".join(lines).encode()


def json_bytes(value: object) -> bytes:
    """JSON for programs and for people."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def readable(
    evidence: Evidence, places: Places, disclosures: Disclosures, settings: Settings
) -> bytes:
    """The PDF."""
    document = document_of(evidence, places, disclosures)
    return set_in_type(document, evidence.export.row.recorded_at, settings)


def document_of(
    evidence: Evidence, places: Places, disclosures: Disclosures
) -> dict[str, Any]:
    """What the PDF says."""
    checkpoint = Checkpoint.parse(Note.parse(evidence.checkpoint).text)
    selection = orjson.loads(evidence.export.row.state)["selection"]
    opened = {one.row.position: texts_of(one, disclosures) for one in evidence.events}
    sealed = sum(len(list(envelopes_in(orjson.loads(one.row.state)))) for one in evidence.events)
    as_of = evidence.events[-1].row.recorded_at.astimezone(SHANGHAI)
    return {
        "title": "个案案卷",
        "author": "护航 Huhang",
        "simulated": evidence.simulated,
        "as_of": f"{as_of:%Y-%m-%d %H:%M:%S}",
        "position": evidence.as_of,
        "case": evidence.case,
        "heading": [
            ["个案编号", str(evidence.case)],
            ["记录", f"第 1 至 {len(evidence.events)} 版，截至日志位置 {evidence.as_of}"],
            ["用途", AccessPurpose(selection["purpose"]).label],
            ["接收方", selection["recipient"]],
            ["调取登记", f"日志位置 {evidence.export.row.position}"],
            ["密封字段", f"共 {sealed} 个，公开 {len(disclosures)} 个"],
            ["日志", checkpoint.origin],
            ["检查点", f"大小 {checkpoint.size}，根 {checkpoint.root.hex()}"],
        ],
        "qr": code_of(evidence.checkpoint),
        "preface": [
            "本件由日志中的记录自动生成，供阅读；有出入时以证据包 data/events 中的原文为准。",
            "核验：在证据包文件夹中运行 python3 verify.py，说明见 README.txt。"
            "二维码是日志的检查点，可与公布的检查点比对。",
        ],
        "moments": [
            moment_of(one, places.get(one.row.position), opened[one.row.position])
            for one in evidence.events
        ],
    }


def moment_of(one: Exhibit, place: str | None, opened: Mapping[str, str]) -> dict[str, Any]:
    """One event of the PDF."""
    event, row = one.event, one.row
    stamp = event.stamp
    recorded = row.recorded_at.astimezone(SHANGHAI)
    about = [
        f"位置 {row.position}",
        f"业务日期 {stamp.occurred_on}",
        f"记录于 {recorded:%Y-%m-%d %H:%M:%S}",
        f"{stamp.role.label} {stamp.actor}",
        *([f"理由：{stamp.reason}"] if stamp.reason else []),
    ]
    return {
        "number": f"{row.originator_version}.",
        "title": TITLES[event.topic],
        "about": "　".join(about),
        "lines": [line._asdict() for line in lines_of(event, opened, place)],
    }


def texts_of(one: Exhibit, disclosures: Disclosures) -> dict[str, str]:
    """The texts of the disclosed fields of an event, by path. Raises `Unopened`."""
    row = one.row
    wanted = {path: okm for (position, path), okm in disclosures.items() if position == row.position}
    texts = {}
    for path, sealed in envelopes_in(orjson.loads(row.state)) if wanted else ():
        if path in wanted:
            context = Context(row.originator_id, row.originator_version, row.topic, path)
            texts[path] = open_with_okm(wanted.pop(path), context, sealed)
    if wanted:
        raise Unopened(f"At position {row.position} nothing is sealed at {sorted(wanted)}.")
    return texts


def code_of(checkpoint: bytes) -> str:
    """The checkpoint with the log's own signature as a QR code (ISO/IEC 18004), in SVG."""
    note = Note.parse(checkpoint)
    own = Note(note.text, note.signatures[:1]).encode()
    drawn = io.BytesIO()
    segno.make_qr(own.decode(), error="m").save(drawn, kind="svg", border=2)
    return drawn.getvalue().decode()
