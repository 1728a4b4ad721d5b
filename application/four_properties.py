"""The four-property report (四性检测) of an archive package: what was checked, with which outcome.

The properties are those of DA/T 70-2018: authenticity, integrity, usability, security. The same
package gives the same report, whenever and by whomever it is asked. A check that could not run says
so and why; it is never counted as passed.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID
from xml.etree import ElementTree

import bagit  # type: ignore[import-untyped]
import orjson

from application.archive import NAMESPACE, PDF, PLACE, PROOFS, XML, record_of
from application.casefile import lines_of
from application.codec import UnknownTopic, decode
from application.dossier import json_bytes
from application.envelope import envelopes_in
from application.verifier import verify as verifier

REPORTS: Final = ("report.json", "report.txt")
REQUIRED: Final = (
    "fonds", "class", "identifier", "number", "title", "responsible", "from", "to", "retention",
    "secrecy", "versions", "language", "format", "case", "log", "as_of", "known_at", "simulated",
)  # fmt: skip
ACTIVE: Final = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|OpenAction|RichMedia|AA)\b")
STREAM: Final = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
ASCII_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]*", re.IGNORECASE)


class Property(StrEnum):
    """What an archive asks of an electronic record."""

    AUTHENTICITY = "真实性"
    INTEGRITY = "完整性"
    USABILITY = "可用性"
    SECURITY = "安全性"


class Outcome(StrEnum):
    """What a check came to."""

    PASSED = "通过"
    FAILED = "不通过"
    NOT_RUN = "未检测"


class Check(NamedTuple):
    """A check of a property, and what it found or why it did not run."""

    of: Property
    what: str
    outcome: Outcome
    sentence: str


class NotRun(Exception):  # noqa: N818 - why a check did not run
    """A check that needs what is not there."""


class Broken(Exception):  # noqa: N818 - what a check found
    """A check that found something wrong."""


@dataclass(frozen=True, slots=True)
class Report:
    """All checks of a package, in a fixed order."""

    identifier: str
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether no check that ran found anything wrong."""
        return all(check.outcome is not Outcome.FAILED for check in self.checks)

    @property
    def answer(self) -> dict[str, Any]:
        """What programs read."""
        return {
            "standard": "DA/T 70-2018",
            "identifier": self.identifier,
            "passed": self.passed,
            "not_run": sum(check.outcome is Outcome.NOT_RUN for check in self.checks),
            "properties": {
                of.value: [
                    {"check": one.what, "outcome": one.outcome.value, "sentence": one.sentence}
                    for one in self.checks
                    if one.of is of
                ]
                for of in Property
            },
        }

    @property
    def text(self) -> bytes:
        """What people read."""
        return "".join(f"{line}\n" for line in self._lines()).encode()

    def _lines(self) -> Iterator[str]:
        yield f"四性检测报告（DA/T 70-2018）  档号 {self.identifier}"
        for of in Property:
            yield ""
            yield of.value
            for check in self.checks:
                if check.of is of:
                    yield f"  {check.outcome.value}  {check.what}：{check.sentence}"
        left = self.answer["not_run"]
        yield ""
        yield f"结论：{'未发现问题' if self.passed else '不通过'}；{left} 项未检测。"


class Package:
    """A package as it lies in its folder."""

    def __init__(self, folder: Path, key: str | None) -> None:
        self.folder = folder
        self.key = key

    def xml(self) -> ElementTree.Element:
        """The case as data. Raises `Broken`."""
        try:
            # Expat itself refuses entities that grow without end.
            root = ElementTree.fromstring((self.folder / XML).read_bytes())  # noqa: S314
        except (OSError, ElementTree.ParseError) as error:
            raise Broken(f"{XML} 无法读取：{error}。") from None
        if root.tag != f"{{{NAMESPACE}}}package":
            raise Broken(f"{XML} 不是归档信息包。")
        return root

    def all(self, path: str) -> list[ElementTree.Element]:
        """The elements at a path of the XML."""
        return self.xml().findall("/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/")))

    def metadata(self) -> dict[str, str]:
        """The values of the metadata by name."""
        return {item.get("name", ""): item.text or "" for item in self.all("metadata/item")}

    def pdf(self) -> bytes:
        """The case as people read it. Raises `Broken`."""
        try:
            return (self.folder / PDF).read_bytes()
        except OSError:
            raise Broken(f"{PDF} 缺失。") from None

    def proofs(self) -> Path:
        """The proofs. Raises `NotRun` where they were dropped."""
        if not (self.folder / PROOFS).is_dir():
            raise NotRun("证明文件夹 proofs 未随包保存。")
        return self.folder / PROOFS


def report_of(folder: Path, key: str | None = None) -> Report:
    """The report on the package in a folder; `key` is the log's public key, known from outside."""
    package = Package(folder, key)
    checks = tuple(outcome_of(of, what, step, package) for of, what, step in CHECKS)
    try:
        identifier = package.metadata().get("identifier", "-")
    except Broken:
        identifier = "-"
    return Report(identifier, checks)


def file_report(folder: Path) -> Report:
    """The report on a package that was just made, filed in it."""
    report = report_of(folder)
    for name, content in zip(REPORTS, (json_bytes(report.answer), report.text), strict=True):
        (folder / name).write_bytes(content)
    return report


def outcome_of(of: Property, what: str, step: Callable[[Package], str], package: Package) -> Check:
    """One check, run."""
    try:
        return Check(of, what, Outcome.PASSED, step(package))
    except NotRun as why:
        return Check(of, what, Outcome.NOT_RUN, str(why))
    except Broken as wrong:
        return Check(of, what, Outcome.FAILED, str(wrong))


def proven(package: Package) -> str:
    """The dossier proves itself."""
    findings = verifier.verify(str(package.proofs()))
    if not findings.sound:
        first = findings.failures[0]
        raise Broken(f"{first.where}：{first.sentence}")
    return f"{findings.facts['versions']} 件记录的签名、位置与检查点均相符。"


def pinned(package: Package) -> str:
    """The log's key is the one known from outside."""
    proofs = package.proofs()
    if package.key is None:
        raise NotRun("未给出外部取得的日志公钥。")
    failures = verifier.verify(str(proofs), key=package.key).failures
    for failure in failures:
        if failure.check == "key":
            raise Broken(failure.sentence)
    return "日志公钥与外部取得的一致。"


def same_as_proven(package: Package) -> str:
    """The XML says what the proven records say, and the PDF is the one that lies beside them."""
    findings = verifier.verify(str(package.proofs()))
    records = package.all("records/record")
    if len(records) != len(findings.events):
        raise Broken(f"{XML} 所列的件数与证明文件夹中的不一致。")
    for record, event in zip(records, findings.events, strict=True):
        if flat(record) != flat(proven_record(package, findings.facts["case"], event, record)):
            raise Broken(f"{XML} 中第 {event['version']} 版与其已证明的原文不一致。")
    if package.pdf() != (package.proofs() / verifier.READABLE).read_bytes():
        raise Broken(f"{PDF} 与证明文件夹中的不是同一份。")
    return f"{XML} 与已证明的原文一致（所属地的名称除外）；{PDF} 与证明文件夹中的是同一份。"


def proven_record(
    package: Package, case: str, event: dict[str, Any], said: ElementTree.Element
) -> ElementTree.Element:
    """A record as its proven state says it; the name of its place is taken from what is said."""
    folder = package.proofs() / verifier.folder_of(event["position"])
    state = (folder / "state.json").read_bytes()
    try:
        decoded = decode(event["topic"], UUID(case), event["version"], state)
    except (UnknownTopic, ValueError) as error:
        raise Broken(f"第 {event['version']} 版的原文无法读取：{error}") from None
    texts = {one["path"]: one["text"] for one in event["fields"] if not one["sealed"]}
    opened = {
        sealed.n: texts[path]
        for path, sealed in (envelopes_in(orjson.loads(state)) if texts else ())
        if path in texts
    }
    places = [one.text for one in said if (one.get("name"), one.get("depth")) == (PLACE, "0")]
    lines = lines_of(decoded, opened, places[0] if places else None)
    recorded_at = datetime.fromisoformat(event["recorded"])
    return record_of(decoded, event["position"], recorded_at, state, lines)


def flat(record: ElementTree.Element) -> list[Any]:
    """A record in a form that can be compared."""
    facts = [(one.tag.rpartition("}")[2], one.attrib, one.text or "") for one in record]
    return [record.attrib, *facts]


def digests(package: Package) -> str:
    """The files are those whose digests the XML has."""
    listed = package.all("files/file")
    if [one.get("path") for one in listed] != [PDF]:
        raise Broken(f"{XML} 未列出 {PDF} 的数字摘要。")
    content = package.pdf()
    if listed[0].get("sha256") != sha256(content).hexdigest():
        raise Broken(f"{PDF} 的 SHA-256 与 {XML} 所载不符。")
    if listed[0].get("bytes") != str(len(content)):
        raise Broken(f"{PDF} 的大小与 {XML} 所载不符。")
    return f"{PDF} 的大小和 SHA-256 与 {XML} 所载相符。"


def metadata_complete(package: Package) -> str:
    """All metadata that must be there is there."""
    found = package.metadata()
    missing = [name for name in REQUIRED if not found.get(name)]
    if missing:
        raise Broken(f"缺少必备元数据：{'、'.join(missing)}。")
    return f"{len(REQUIRED)} 项必备元数据齐全。"


def versions_dense(package: Package) -> str:
    """The records are as many as the metadata says, numbered from 1."""
    versions = [one.get("version") for one in package.all("records/record")]
    if versions != [str(number) for number in range(1, len(versions) + 1)] or not versions:
        raise Broken("记录的版本不连续。")
    if package.metadata().get("versions") != str(len(versions)):
        raise Broken("记录的件数与元数据所载不符。")
    return f"第 1 至 {len(versions)} 版连续，件数与元数据相符。"


def bag_valid(package: Package) -> str:
    """An independent program finds the bag of proofs whole."""
    try:
        bagit.Bag(str(package.proofs())).validate()
    except bagit.BagError as error:
        raise Broken(f"BagIt 校验不通过：{error}") from None
    return "BagIt 校验通过。"


def xml_readable(package: Package) -> str:
    """The XML can be read."""
    package.xml()
    return f"{XML} 为格式良好的 XML。"


def pdf_readable(package: Package) -> str:
    """The PDF is whole, and of the kind made for archives."""
    content = package.pdf()
    if not content.startswith(b"%PDF-") or not content.rstrip().endswith(b"%%EOF"):
        raise Broken(f"{PDF} 不是完整的 PDF。")
    if b"<pdfaid:part>2" not in content or b"<pdfaid:conformance>U" not in content:
        raise Broken(f"{PDF} 未声明为 PDF/A-2u。")
    return f"{PDF} 首尾完整，声明为 PDF/A-2u（声明本身未由独立的 PDF/A 检验工具核实）。"


def names_plain(package: Package) -> str:
    """File names survive any system."""
    for path in sorted(package.folder.rglob("*")):
        if ASCII_NAME.fullmatch(path.name) is None:
            raise Broken(f"文件名不规范：{path.relative_to(package.folder)}。")
    return "文件名均为 ASCII 字符。"


def not_encrypted(package: Package) -> str:
    """The PDF opens without a password."""
    if b"/Encrypt" in package.pdf():
        raise Broken(f"{PDF} 已加密。")
    return f"{PDF} 未加密。"


def nothing_active(package: Package) -> str:
    """Nothing in the PDF runs or hides."""
    content = package.pdf()
    for part in (content, *inflated(content)):
        found = ACTIVE.search(part)
        if found is not None:
            raise Broken(f"{PDF} 含有 {found[0].decode()}。")
    return f"{PDF} 不含脚本、附件和自动动作。"


def nothing_else(package: Package) -> str:
    """There is nothing in the package but what belongs there."""
    expected = {PDF, XML, PROOFS, *REPORTS}
    others = sorted(path.name for path in package.folder.iterdir() if path.name not in expected)
    links = sorted(path.name for path in package.folder.rglob("*") if path.is_symlink())
    if others or links:
        raise Broken(f"包内有多余的文件：{'、'.join([*others, *links])}。")
    return "包内没有多余的文件和链接。"


def viruses(_: Package) -> str:
    """No virus scanner is part of this program."""
    raise NotRun("本程序不含病毒检测，请由归档单位以杀毒软件检测。")


def medium(_: Package) -> str:
    """Nobody here knows on which medium the package is kept."""
    raise NotRun("载体由归档单位检测。")


def inflated(content: bytes) -> Iterator[bytes]:
    """The compressed streams of a PDF, in plain bytes."""
    for stream in STREAM.finditer(content):
        try:
            yield zlib.decompress(stream[1])
        except zlib.error:
            continue  # not compressed, or an image


CHECKS: Final[tuple[tuple[Property, str, Callable[[Package], str]], ...]] = (
    (Property.AUTHENTICITY, "电子签名、日志位置与检查点", proven),
    (Property.AUTHENTICITY, "日志公钥与外部取得的比对", pinned),
    (Property.AUTHENTICITY, "内容与证明一致", same_as_proven),
    (Property.AUTHENTICITY, "内容数字摘要", digests),
    (Property.INTEGRITY, "必备元数据", metadata_complete),
    (Property.INTEGRITY, "记录连续、件数相符", versions_dense),
    (Property.INTEGRITY, "证明文件包齐全", bag_valid),
    (Property.USABILITY, "XML 可读", xml_readable),
    (Property.USABILITY, "PDF 可读", pdf_readable),
    (Property.USABILITY, "文件名规范", names_plain),
    (Property.USABILITY, "未加密", not_encrypted),
    (Property.SECURITY, "PDF 无脚本、附件和自动动作", nothing_active),
    (Property.SECURITY, "包内无多余文件", nothing_else),
    (Property.SECURITY, "病毒", viruses),
    (Property.SECURITY, "载体", medium),
)
