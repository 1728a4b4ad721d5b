"""An archive package as it lies in its folder: read strictly, and built anew from its proofs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from xml.etree import ElementTree

import orjson

from application.archive import (
    DECLARATION,
    NAMESPACE,
    PDF,
    PLACE,
    PROOFS,
    XML,
    Filing,
    Source,
    metadata_of,
    record_of,
    xml_of,
)
from application.casefile import lines_of
from application.codec import UnknownTopic, decode
from application.envelope import envelopes_in
from application.verifier import verify as verifier
from domain.base import Event
from domain.case_file_events import CaseOpened

FILED_AS: Final = ("fonds", "class", "responsible", "retention", "secrecy")  # as in `Filing`


class NotRun(Exception):  # noqa: N818 - why a check did not run
    """A check that needs what is not there."""


class Broken(Exception):  # noqa: N818 - what a check found
    """A check that found something wrong."""


class Package:
    """A package as it lies in its folder."""

    def __init__(self, folder: Path, key: str | None) -> None:
        self.folder = folder
        self.key = key

    def read(self, name: str) -> bytes:
        """The bytes of a file beside the proofs. Raises `Broken`."""
        path = self.folder / name
        if path.is_symlink() or not path.is_file():
            raise Broken(f"{name} 缺失。")
        return path.read_bytes()

    def paths(self) -> list[str]:
        """The paths of all there is. Raises `OSError` for a folder that cannot be read."""
        return sorted(
            os.path.relpath(Path(top, name), self.folder)
            for top, folders, files in os.walk(self.folder, onerror=verifier.refuse)
            for name in (*folders, *files)
        )

    @cached_property
    def xml(self) -> ElementTree.Element:
        """The case as data: elements and text, nothing else. Raises `Broken`."""
        content = self.read(XML)
        try:
            text = content.removeprefix(DECLARATION).decode("utf-8")
            # Neither entities nor anything that a reader sees and the tree below does not hold.
            if not content.startswith(DECLARATION) or "<!" in text or "<?" in text:
                raise Broken(f"{XML} 含有归档信息包不应有的声明、注释或指令。")
            root = ElementTree.fromstring(text)  # noqa: S314
        except (UnicodeDecodeError, ElementTree.ParseError) as error:
            raise Broken(f"{XML} 无法读取：{error}。") from None
        parts = [f"{{{NAMESPACE}}}{name}" for name in ("metadata", "files", "records")]
        between = [root.text, *(part.tail for part in root)]
        if root.tag != f"{{{NAMESPACE}}}package" or root.attrib or "".join(filled(between)).strip():
            raise Broken(f"{XML} 不是归档信息包。")
        if [part.tag for part in root] != parts:
            raise Broken(f"{XML} 应依次含有元数据、文件和记录，且不含其他内容。")
        return root

    def all(self, path: str) -> list[ElementTree.Element]:
        """The elements at a path of the XML."""
        return found_in(self.xml, path)

    def metadata(self) -> dict[str, str]:
        """The values of the metadata by name."""
        return {item.get("name", ""): item.text or "" for item in self.all("metadata/item")}

    def pdf(self) -> bytes:
        """The case as people read it. Raises `Broken`."""
        return self.read(PDF)

    @property
    def dropped(self) -> bool:
        """Whether there are no proofs."""
        return not os.path.lexists(self.folder / PROOFS)

    def proofs(self) -> Path:
        """The proofs. Raises `NotRun` where they were dropped, `Broken` for what is no folder."""
        if self.dropped:
            raise NotRun(f"证明文件夹 {PROOFS} 未随包保存。")
        folder = self.folder / PROOFS
        if folder.is_symlink() or not folder.is_dir():
            raise Broken(f"{PROOFS} 不是文件夹。")
        return folder

    @cached_property
    def findings(self) -> verifier.Findings:
        """What the dossier's own verifier finds in the proofs."""
        return verifier.verify(str(self.proofs()), key=self.key)

    @cached_property
    def rebuilt(self) -> bytes:
        """The XML as it follows from the proofs, with what the archive alone decides as it stands.

        Raises `Broken`.
        """
        said, events = self.all("records/record"), self.findings.events
        if len(said) != len(events):
            raise Broken(f"{XML} 所列的件数与证明文件夹中的不一致。")
        states = [self.state(event) for event in events]
        decoded = [self.decoded(*pair) for pair in zip(events, states, strict=True)]
        metadata = self.metadata()
        filing = Filing(*(metadata.get(name, "") for name in FILED_AS))
        records = map(proven_record, events, states, decoded, map(place_in, said))
        return xml_of(metadata_of(self.source(decoded), filing), self.pdf(), records)

    def state(self, event: Mapping[str, Any]) -> bytes:
        """The proven state of an event. Raises `Broken`."""
        path = f"{verifier.folder_of(event['position'])}/state.json"
        try:
            return verifier.Bag(str(self.proofs()), self.findings).read(path)
        except verifier.Wrong as wrong:
            raise Broken(str(wrong)) from None

    def decoded(self, event: Mapping[str, Any], state: bytes) -> Event:
        """An event as its proven state says it. Raises `Broken`."""
        case, version = UUID(self.findings.facts["case"]), event["version"]
        try:
            return decode(event["topic"], case, version, state)
        except (UnknownTopic, ValueError) as error:
            raise Broken(f"第 {version} 版的原文无法读取：{error}") from None

    def source(self, events: list[Event]) -> Source:
        """What the proofs say of the whole file. Raises `Broken`."""
        facts = self.findings.facts
        if not any(isinstance(event, CaseOpened) for event in events) or facts["part"] is not None:
            raise Broken("证明文件夹中的不是全案。")
        if "log" not in facts:
            raise Broken("证明文件夹中的日志公钥无法读取。")
        return Source(
            case=UUID(facts["case"]),
            log=facts["log"],
            as_of=facts["as_of"],
            known_at=datetime.strptime(facts["known_at"], verifier.RECORDED).replace(tzinfo=UTC),
            simulated=facts["simulated"],
            events=events,
        )


def proven_record(
    event: Mapping[str, Any], state: bytes, decoded: Event, place: str | None
) -> ElementTree.Element:
    """A record as its proven state says it; the name of its place is given."""
    texts = {one["path"]: one["text"] for one in event["fields"] if not one["sealed"]}
    opened = {
        sealed.n: texts[path]
        for path, sealed in (envelopes_in(orjson.loads(state)) if texts else ())
        if path in texts
    }
    gone = {one["path"]: one["destroyed"] for one in event["fields"] if "destroyed" in one}
    destroyed = {
        sealed.k: gone[path]
        for path, sealed in (envelopes_in(orjson.loads(state)) if gone else ())
        if path in gone
    }
    recorded_at = datetime.fromisoformat(event["recorded"])
    lines = lines_of(decoded, opened, place, destroyed)
    return record_of(decoded, event["position"], recorded_at, state, lines)


def place_in(record: ElementTree.Element) -> str | None:
    """The name of the place that a record in the XML says, which comes from outside of the log."""
    places = (one.text for one in record if (one.get("name"), one.get("depth")) == (PLACE, "0"))
    return next(places, None)


def same(one: ElementTree.Element, other: ElementTree.Element) -> bool:
    """Whether two elements say the same, with all that is in them and what follows them."""
    mine, theirs = ((it.tag, it.attrib, it.text, it.tail) for it in (one, other))
    return mine == theirs and len(one) == len(other) and all(map(same, one, other))


def found_in(root: ElementTree.Element, path: str) -> list[ElementTree.Element]:
    """The elements of a package at a path."""
    return root.findall("/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/")))


def filled(texts: list[str | None]) -> Iterator[str]:
    """The texts that are there."""
    return (text for text in texts if text is not None)
