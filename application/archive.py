"""The archive package (归档信息包): a case in plain PDF and XML, its proofs beside it.

An archive keeps what people read for as long as it must be kept; proofs it may drop. So it is the
dossier the other way round:

    casefile.pdf    the case as people read it, PDF/A-2u
    casefile.xml    the same as data, with the metadata of a file (after DA/T 46-2009)
    report.json     the four-property report (after DA/T 70-2018); report.txt says the same
    proofs/         the dossier as it is; the package is whole without it
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID
from xml.etree import ElementTree

from application.casefile import Line, legible
from application.dossier import Exported
from application.eventlog import Position
from application.evidence import Evidence
from application.verifier import verify as verifier
from domain.base import SHANGHAI, Event
from domain.case_file_events import CaseArchived, CaseOpened
from domain.members import MEMBERS
from domain.wording import TITLES, Said

NAMESPACE: Final = "urn:huhang:archive-package:1"
PDF, XML, PROOFS = "casefile.pdf", "casefile.xml", "proofs"
PLACE: Final = MEMBERS["place"]
DECLARATION: Final = b"<?xml version='1.0' encoding='utf-8'?>\n"

Metadata = Mapping[str, tuple[str, str]]
"""By name: the Chinese name, and the value."""


class NotArchived(Said):
    """The package cannot be made."""


class Filing(NamedTuple):
    """What the archive says of a file and the log does not; `retention` is such as 永久 or 30年."""

    fonds: str
    class_code: str
    responsible: str
    retention: str
    secrecy: str


class Source(NamedTuple):
    """What the log says of a file; a report on the package takes it from the proofs."""

    case: UUID
    log: str
    as_of: Position
    known_at: datetime
    simulated: bool
    events: Sequence[Event]


def package(exported: Exported, filing: Filing) -> Path:
    """Make the package beside a dossier, which moves into it; its report comes after.

    Raises `NotArchived`.
    """
    folder = require_free(exported.folder)
    metadata = metadata_of(source_of(exported.evidence), filing)
    draft = folder.with_name(f".{folder.name}")
    try:
        draft.mkdir()
        shutil.copyfile(exported.folder / verifier.READABLE, draft / PDF)
        document = xml_of(metadata, (draft / PDF).read_bytes(), records_of(exported))
        (draft / XML).write_bytes(document)
        exported.folder.rename(draft / PROOFS)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def require_free(dossier: Path) -> Path:
    """The folder of the package that a dossier moves into. Raises `NotArchived` where it is."""
    folder = dossier.with_name(dossier.name.replace("dossier", "archive"))
    if folder.exists():
        raise NotArchived(f"{folder} exists already; move it away or choose another --out.")
    return folder


def source_of(evidence: Evidence) -> Source:
    """What the log says of a case."""
    return Source(
        case=evidence.case,
        log=json.loads(evidence.genesis.row.state)["keys"]["origin"],
        as_of=evidence.as_of,
        known_at=evidence.known_at,
        simulated=evidence.simulated,
        events=[one.event for one in evidence.events],
    )


def metadata_of(source: Source, filing: Filing) -> Metadata:
    """The metadata by name: the Chinese name, and the value."""
    events = source.events
    opened = next(event for event in events if isinstance(event, CaseOpened))
    archived = [event for event in events if isinstance(event, CaseArchived)]
    keep_until = archived[-1].keep_until if archived else None
    first, last = (event.stamp.occurred_on for event in (events[0], events[-1]))
    number = opened.opening.number
    known_at = source.known_at.astimezone(SHANGHAI)
    return {
        "fonds": ("全宗号", filing.fonds),
        "class": ("类别号", filing.class_code),
        "identifier": ("档号", f"{filing.fonds}-{filing.class_code}-{first.year}-{number}"),
        "number": ("文件编号", number),
        "title": ("题名", f"婚姻家庭辅导个案案卷（{number}）"),
        "responsible": ("责任者", filing.responsible),
        "from": ("起始日期", first.isoformat()),
        "to": ("终止日期", last.isoformat()),
        "retention": ("保管期限", filing.retention),
        "keep_until": ("保管至", "" if keep_until is None else keep_until.isoformat()),
        "secrecy": ("密级", filing.secrecy),
        "versions": ("件数", str(len(events))),
        "language": ("语种", "zh-CN"),
        "format": ("格式", "PDF/A-2u; XML 1.0"),
        "case": ("个案标识", str(source.case)),
        "log": ("来源日志", source.log),
        "as_of": ("截至日志位置", str(source.as_of)),
        "known_at": ("截至时间", known_at.isoformat(timespec="seconds")),
        "simulated": ("模拟数据", "是" if source.simulated else "否"),
    }


def xml_of(metadata: Metadata, pdf: bytes, records: Iterable[ElementTree.Element]) -> bytes:
    """The case as data: metadata, the digest of the PDF, each event with its facts."""
    root = ElementTree.Element("package", xmlns=NAMESPACE)
    head = ElementTree.SubElement(root, "metadata")
    for name, (title, value) in metadata.items():
        ElementTree.SubElement(head, "item", name=name, title=title).text = value
    files = ElementTree.SubElement(root, "files")
    digest = sha256(pdf).hexdigest()
    ElementTree.SubElement(files, "file", path=PDF, bytes=str(len(pdf)), sha256=digest)
    ElementTree.SubElement(root, "records").extend(records)
    ElementTree.indent(root, " ")
    document: bytes = ElementTree.tostring(root, encoding="utf-8")
    return DECLARATION + document + b"\n"


def records_of(exported: Exported) -> Iterator[ElementTree.Element]:
    """The events as data, with the facts that the PDF shows."""
    for one, moment in zip(exported.evidence.events, exported.document["moments"], strict=True):
        lines = [Line(**line) for line in moment["lines"]]
        yield record_of(one.event, one.row.position, one.row.recorded_at, one.row.state, lines)


def record_of(
    event: Event, position: Position, recorded_at: datetime, state: bytes, lines: Iterable[Line]
) -> ElementTree.Element:
    """An event as data: its stamp, the digest of the state that proves it, its facts."""
    stamp = event.stamp
    record = ElementTree.Element(
        "record",
        version=str(event.originator_version),
        position=str(position),
        topic=event.topic,
        title=TITLES[event.topic],
        occurred=stamp.occurred.isoformat(),
        recorded=recorded_at.astimezone(UTC).isoformat(),
        actor=str(stamp.actor),
        role=stamp.role.label,
        sha256=sha256(state).hexdigest(),
    )
    if stamp.reason is not None:
        ElementTree.SubElement(record, "reason").text = legible(stamp.reason)
    for line in lines:
        fact = ElementTree.SubElement(record, "fact", depth=str(line.depth), name=line.label)
        fact.text = line.text
        if line.sealed:
            fact.set("sealed", "true")
    return record
