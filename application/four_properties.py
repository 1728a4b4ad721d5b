"""The four-property report (四性检测) of an archive package: what was checked, with which outcome.

The properties are those of DA/T 70-2018: authenticity, integrity, usability, security. The same
package gives the same report, whenever and by whomever it is asked. A check that could not run says
so and why; it is never counted as passed. Whatever a check stumbles over is a finding of it.

The XML is built anew from the proofs and compared, but for what the archive alone decides; without
the proofs the package is not proven, and the conclusion says so.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple
from xml.etree import ElementTree

import bagit  # type: ignore[import-untyped]
import orjson

from application.archive import PDF, PROOFS, XML, xml_of
from application.archived import Broken, NotRun, Package, found_in, same
from application.dossier import json_bytes
from application.verifier import verify as verifier

REPORTS: Final = ("report.json", "report.txt")
METADATA: Final = (
    "fonds", "class", "identifier", "number", "title", "responsible", "from", "to", "retention",
    "keep_until", "secrecy", "versions", "language", "format", "case", "log", "as_of", "known_at",
    "simulated",
)  # fmt: skip
REQUIRED: Final = tuple(name for name in METADATA if name != "keep_until")
LONG: Final = rb"/(?:JavaScript|Launch|EmbeddedFile|OpenAction|RichMedia)\b"
ACTIVE: Final = re.compile(LONG + rb"|/(?:JS|AA)\b")
MEANT: Final = re.compile(
    LONG + rb"|/(?:JS|AA)(?:[\0\s]|%[^\r\n]*[\r\n])*(?:[(<]|\d+[\0\s]+\d+[\0\s]+R\b)"
)
"""The same in bytes that may be compressed, where so short a name stands by chance now and then.

One that is meant has a value behind it: a text, a dictionary or a reference (ISO 32000-1 §7.3).
"""

STREAM: Final = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")  # in a name of a PDF (ISO 32000-1 §7.3.5)
ASCII_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]*", re.IGNORECASE)
SAID: Final = 200  # letters of an error that nobody foresaw

PROVEN, PINNED = "电子签名、日志位置与检查点", "日志公钥与外部取得的比对"
SAME, SAME_METADATA, BAG = "内容与证明一致", "元数据与证明一致", "证明文件包齐全"
FILED: Final = "随包报告与重算一致"
BY_PROOFS: Final = frozenset({PROVEN, SAME, SAME_METADATA, BAG})
NO_KEY: Final = "未给出外部取得的日志公钥。"
REPORTS_FIT: Final = f"{' 和 '.join(REPORTS)} 与重算的逐字节相同。"
NOT_PROVEN: Final = (
    "全宗号、类别号、责任者、保管期限和密级由归档单位所定，档号由其组成，不由日志证明。",
    "所属地的名称取自日志之外，不由日志证明。",
    f"{PDF} 的文字未逐字核对；有出入时以 {PROOFS}/data/events 中的原文为准。",
    "随包报告不能代替重新检测：伪造整个包的人也能重作报告。",
)

# What it finds it also raises; it would print the names of files as they are.
bagit.LOGGER.disabled = True


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
    def consistent(self) -> bool:
        """Whether the proofs are there, hold, and say the same."""
        return all(self._outcome(what) is Outcome.PASSED for what in BY_PROOFS)

    @property
    def proven(self) -> bool:
        """Whether they do so under the log's key as it is known outside of the package.

        Whoever forged all of it would have made the proofs too, under a key of his own.
        """
        return self.consistent and self._outcome(PINNED) is Outcome.PASSED

    @property
    def verdict(self) -> str:
        """What it all comes to."""
        if not self.passed:
            return "不通过"
        if not self.consistent:
            return (
                f"未证明：证明未随包保存，无从核验 {XML} 和 {PDF} 是否被改动或伪造，"
                "请勿单凭本包采信；其余各项未发现问题"
            )
        if not self.proven:
            return "未发现问题，与证明前后一致；未与外部公钥比对，不能排除连同证明整份伪造"
        return "未发现问题，与证明一致"

    def _outcome(self, what: str) -> Outcome:
        return next(check.outcome for check in self.checks if check.what == what)

    @property
    def answer(self) -> dict[str, Any]:
        """What programs read."""
        return {
            "standard": "DA/T 70-2018",
            "identifier": self.identifier,
            "passed": self.passed,
            "proven": self.proven,
            "verdict": self.verdict,
            "not_proven": list(NOT_PROVEN),
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
        yield f"结论：{self.verdict}；{left} 项未检测。"
        yield ""
        yield "本检测不证明："
        yield from (f"  · {limit}" for limit in NOT_PROVEN)


def report_of(folder: Path, key: str | None = None) -> Report:
    """The report on the package in a folder; `key` is the log's public key, known from outside."""
    package = Package(folder, key)
    checks = checks_of(package)
    identifier = identifier_of(package)
    expected = as_filed(identifier, checks)
    filed = outcome_of(FILED_CHECK.of, FILED, lambda it: reports_fit(it, expected), package)
    return Report(identifier, (*checks, filed))


def file_report(folder: Path) -> Report:
    """The report on a package that was just made, filed in it."""
    package = Package(folder, None)
    report = as_filed(identifier_of(package), checks_of(package))
    for name, content in written(report).items():
        (folder / name).write_bytes(content)
    return report


def checks_of(package: Package) -> tuple[Check, ...]:
    """All checks but that of the reports themselves, run."""
    return tuple(outcome_of(of, what, step, package) for of, what, step in CHECKS)


def identifier_of(package: Package) -> str:
    """The number under which the archive has the file; what keeps it unread the checks say."""
    with suppress(Exception):
        return verifier.printable(package.metadata().get("identifier", "-"))
    return "-"


def as_filed(identifier: str, checks: tuple[Check, ...]) -> Report:
    """The report that lies in the package: made without a key, and right about itself."""
    without_key = (
        check._replace(outcome=Outcome.NOT_RUN, sentence=NO_KEY) if check.what == PINNED else check
        for check in checks
    )
    return Report(identifier, (*without_key, FILED_CHECK))


def written(report: Report) -> dict[str, bytes]:
    """The files of a report."""
    return dict(zip(REPORTS, (json_bytes(report.answer), report.text), strict=True))


def outcome_of(of: Property, what: str, step: Callable[[Package], str], package: Package) -> Check:
    """One check, run. Nothing that a sentence quotes moves the cursor of a terminal."""
    try:
        outcome, sentence = Outcome.PASSED, step(package)
    except NotRun as why:
        outcome, sentence = Outcome.NOT_RUN, str(why)
    except Broken as wrong:
        outcome, sentence = Outcome.FAILED, str(wrong)
    except Exception as error:
        outcome, sentence = Outcome.FAILED, f"无法检测：{repr(error)[:SAID]}。"
    return Check(of, what, outcome, verifier.printable(sentence))


def proven(package: Package) -> str:
    """The dossier proves itself."""
    findings = package.findings
    for failure in findings.failures:
        if failure.check != "key":
            raise Broken(f"{failure.where}：{failure.sentence}")
    return f"{findings.facts['versions']} 件记录的签名、位置与检查点均相符。"


def pinned(package: Package) -> str:
    """The log's key is the one known from outside; who gave one wants it compared."""
    if package.key is None:
        raise NotRun(NO_KEY)
    if package.dropped:
        raise Broken("给出了日志公钥，但证明未随包保存，无从比对：内容未证明。")
    for failure in package.findings.failures:
        if failure.check == "key":
            raise Broken(failure.sentence)
    return "日志公钥与外部取得的一致。"


def same_as_proven(package: Package) -> str:
    """The XML says what the proven records say, and the PDF is the one that lies beside them."""
    rebuilt = rebuilt_of(package)
    for due in unlike(package, rebuilt, "records/record"):
        raise Broken(f"{XML} 中第 {due.get('version')} 版与其已证明的原文不一致。")
    for _ in unlike(package, rebuilt, "records"):
        raise Broken(f"{XML} 的记录中有多出的内容。")
    if same(package.xml, rebuilt) and package.read(XML) != package.rebuilt:
        raise Broken(f"{XML} 的写法与由证明重建的不同。")
    readable = verifier.Bag(str(package.proofs()), package.findings).read(verifier.READABLE)
    if package.pdf() != readable:
        raise Broken(f"{PDF} 与证明文件夹中的不是同一份。")
    return f"{XML} 与已证明的原文一致（所属地的名称除外）；{PDF} 与证明文件夹中的是同一份。"


def same_metadata(package: Package) -> str:
    """The metadata is what follows from the proofs, but for what the archive alone decides."""
    rebuilt = rebuilt_of(package)
    for due in unlike(package, rebuilt, "metadata/item"):
        raise Broken(f"元数据“{due.get('title')}”应为“{due.text or ''}”。")
    for _ in unlike(package, rebuilt, "metadata"):
        raise Broken("元数据缺少或多出内容。")
    return "元数据与证明一致（归档单位所定的除外）。"


def rebuilt_of(package: Package) -> ElementTree.Element:
    """The XML as it follows from the proofs. Raises `Broken`, `NotRun` where they were dropped."""
    package.proofs()
    return ElementTree.fromstring(package.rebuilt)  # noqa: S314 - ours


def unlike(
    package: Package, rebuilt: ElementTree.Element, path: str
) -> Iterator[ElementTree.Element]:
    """The elements at a path as they should be, where the package has others."""
    for said, due in zip(package.all(path), found_in(rebuilt, path), strict=False):
        if not same(said, due):
            yield due


def reports_fit(package: Package, expected: Report) -> str:
    """The reports in the package are those that are due.

    Where the proofs were dropped later, what they had shown cannot be computed again.
    """
    kept = {name: package.read(name) for name in REPORTS}
    if kept == written(expected):
        return REPORTS_FIT
    if package.dropped:
        said = report_said(kept["report.json"])
        theirs, ours = (
            {check for check in report.checks if check.what not in BY_PROOFS}
            for report in (said, expected)
        )
        if theirs == ours and kept == written(said):
            raise NotRun("证明未随包保存，随包报告中依赖证明的各项无从重算；其余与重算一致。")
    raise Broken(f"{' 或 '.join(REPORTS)} 与重算的不同：被改动，或出自另一版本的程序。")


def report_said(content: bytes) -> Report:
    """A report as its JSON says it."""
    said = orjson.loads(content)
    checks = (
        Check(of, one["check"], Outcome(one["outcome"]), one["sentence"])
        for of in Property
        for one in said["properties"][of.value]
    )
    return Report(said["identifier"], tuple(checks))


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
    due = ElementTree.fromstring(xml_of({}, content, ()))  # noqa: S314 - ours
    for _ in unlike(package, due, "files"):
        raise Broken(f"{XML} 的文件清单中有多出的内容。")
    return f"{PDF} 的大小和 SHA-256 与 {XML} 所载相符。"


def metadata_complete(package: Package) -> str:
    """All metadata that must be there is there, once."""
    found = package.metadata()
    missing = [name for name in REQUIRED if not found.get(name)]
    if missing:
        raise Broken(f"缺少必备元数据：{'、'.join(missing)}。")
    if [item.get("name") for item in package.all("metadata/item")] != list(METADATA):
        raise Broken("元数据重复、多出或次序不对。")
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
    _ = package.xml
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
    for path in package.paths():
        if ASCII_NAME.fullmatch(path.rpartition("/")[2]) is None:
            raise Broken(f"文件名不规范：{path}。")
    return "文件名均为 ASCII 字符。"


def not_encrypted(package: Package) -> str:
    """The PDF opens without a password."""
    if b"/Encrypt" in unescaped(package.pdf()):
        raise Broken(f"{PDF} 已加密。")
    return f"{PDF} 未加密。"


def nothing_active(package: Package) -> str:
    """Nothing in the PDF runs or hides."""
    content = package.pdf()
    plain = STREAM.sub(b"", content)
    for names, part in ((ACTIVE, plain), *((MEANT, one) for one in (content, *inflated(content)))):
        found = names.search(unescaped(part))
        if found is not None:
            name = re.match(rb"/\w+", found[0])
            assert name is not None
            raise Broken(f"{PDF} 含有 {name[0].decode()}。")
    return f"{PDF} 不含脚本、附件和自动动作。"


def nothing_else(package: Package) -> str:
    """There is nothing in the package but what belongs there."""
    expected = {PDF, XML, PROOFS, *REPORTS}
    paths = package.paths()
    others = [path for path in paths if "/" not in path and path not in expected]
    links = [path for path in paths if (package.folder / path).is_symlink()]
    if others or links:
        raise Broken(f"包内有多余的文件：{'、'.join([*others, *links])}。")
    return "包内没有多余的文件和链接。"


def viruses(_: Package) -> str:
    """No virus scanner is part of this program."""
    raise NotRun("本程序不含病毒检测，请由归档单位以杀毒软件检测。")


def medium(_: Package) -> str:
    """Nobody here knows on which medium the package is kept."""
    raise NotRun("载体由归档单位检测。")


def unescaped(content: bytes) -> bytes:
    """A PDF in which no letter of a name is written as its number: /J#61vaScript."""
    return ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), content)


def inflated(content: bytes) -> Iterator[bytes]:
    """The compressed streams of a PDF, in plain bytes."""
    for stream in STREAM.finditer(content):
        try:
            yield zlib.decompress(stream[1])
        except zlib.error:
            continue  # not compressed, or an image


CHECKS: Final[tuple[tuple[Property, str, Callable[[Package], str]], ...]] = (
    (Property.AUTHENTICITY, PROVEN, proven),
    (Property.AUTHENTICITY, PINNED, pinned),
    (Property.AUTHENTICITY, SAME, same_as_proven),
    (Property.AUTHENTICITY, SAME_METADATA, same_metadata),
    (Property.AUTHENTICITY, "内容数字摘要", digests),
    (Property.INTEGRITY, "必备元数据", metadata_complete),
    (Property.INTEGRITY, "记录连续、件数相符", versions_dense),
    (Property.INTEGRITY, BAG, bag_valid),
    (Property.USABILITY, "XML 可读", xml_readable),
    (Property.USABILITY, "PDF 可读", pdf_readable),
    (Property.USABILITY, "文件名规范", names_plain),
    (Property.USABILITY, "未加密", not_encrypted),
    (Property.SECURITY, "PDF 无脚本、附件和自动动作", nothing_active),
    (Property.SECURITY, "包内无多余文件", nothing_else),
    (Property.SECURITY, "病毒", viruses),
    (Property.SECURITY, "载体", medium),
)
FILED_CHECK: Final = Check(Property.AUTHENTICITY, FILED, Outcome.PASSED, REPORTS_FIT)
