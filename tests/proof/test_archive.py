"""The archive package: whole without its proofs, and a report that is the same for everybody."""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from application.archive import Filing, NotArchived, package
from application.casefile import document_of
from application.dossier import Exported, write
from application.four_properties import Outcome, Property, Report, file_report, report_of
from application.note import Signer
from tests.author import SIGNER
from tests.proof.casebook import TEXTS, Casebook, a_casebook, resigned

FILING = Filing("Z001", "HY", "历下区婚姻家庭辅导中心", "30年", "内部")
PDF = (
    b"%PDF-1.7\n<pdfaid:part>2</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance>\n"
    b"trailer\n%%EOF\n"
)


def a_package(out: Path, book: Casebook | None = None, pdf: bytes = PDF) -> Path:
    book = book or a_casebook()
    evidence = book.evidence(book.go_out())
    document = document_of(evidence, {4: "济南市 历下区"}, book.opening)
    folder = write(out, evidence, pdf, book.opening, book.signer)
    packed = package(Exported(folder, evidence, document), FILING)
    file_report(packed)
    return packed


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_package(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def packed(whole: Path, tmp_path: Path) -> Path:
    """A copy, to be damaged."""
    return Path(shutil.copytree(whole, tmp_path / whole.name))


def outcomes(report: Report) -> dict[str, Outcome]:
    return {check.what: check.outcome for check in report.checks}


def failed(folder: Path, key: str | None = None) -> list[str]:
    return [what for what, found in outcomes(report_of(folder, key)).items() if found == "不通过"]


def test_a_package_passes_and_says_what_was_not_checked(packed: Path) -> None:
    report = report_of(packed)
    assert report.passed
    assert [what for what, found in outcomes(report).items() if found is Outcome.NOT_RUN] == [
        "日志公钥与外部取得的比对",
        "病毒",
        "载体",
    ]
    assert {check.of for check in report.checks} == set(Property)


def test_the_report_is_repeatable_and_lies_in_the_package(packed: Path) -> None:
    report = report_of(packed)
    assert json.loads((packed / "report.json").read_bytes()) == report.answer
    assert (packed / "report.txt").read_bytes() == report.text == report_of(packed).text
    assert "3 项未检测" in report.text.decode()


def test_the_key_known_from_outside_is_compared(packed: Path) -> None:
    assert outcomes(report_of(packed, SIGNER.verifier.text))["日志公钥与外部取得的比对"] == "通过"
    other = Signer.generate(SIGNER.name).verifier.text
    assert failed(packed, other) == ["日志公钥与外部取得的比对"]


def test_the_package_is_whole_without_its_proofs_and_says_that_they_are_gone(packed: Path) -> None:
    shutil.rmtree(packed / "proofs")
    report = report_of(packed)
    assert report.passed
    assert outcomes(report)["电子签名、日志位置与检查点"] is Outcome.NOT_RUN
    assert outcomes(report)["内容与证明一致"] is Outcome.NOT_RUN
    assert outcomes(report)["内容数字摘要"] is Outcome.PASSED


def test_the_xml_holds_metadata_and_every_fact_in_plain_text(packed: Path) -> None:
    root = ElementTree.parse(packed / "casefile.xml").getroot()
    space = {"a": "urn:huhang:archive-package:1"}
    said = {item.get("title"): item.text for item in root.findall("a:metadata/a:item", space)}
    assert said["档号"] == "Z001-HY-2019-2019-0001"
    assert (said["保管期限"], said["件数"], said["模拟数据"]) == ("30年", "7", "否")
    facts = [fact.text for fact in root.findall("a:records/a:record/a:fact", space)]
    assert set(TEXTS.values()) <= set(facts)
    assert "济南市 历下区" in facts


Damage = Callable[[Path], object]


def edit(path: str, old: str, new: str) -> Damage:
    def damage(folder: Path) -> None:
        text = (folder / path).read_text(encoding="utf-8")
        assert old in text
        (folder / path).write_text(text.replace(old, new, 1), encoding="utf-8")

    return damage


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (edit("casefile.xml", TEXTS["session/notes/0/note"], "另一段话。"), ["内容与证明一致"]),
        (edit("casefile.xml", "女方", "男方"), ["内容与证明一致"]),
        (edit("casefile.xml", 'role="辅导员"', 'role="督导员"'), ["内容与证明一致"]),
        (edit("casefile.xml", "30年", ""), ["必备元数据"]),
        (
            edit("casefile.xml", 'version="2"', 'version="3"'),
            ["内容与证明一致", "记录连续、件数相符"],
        ),
        (edit("casefile.xml", ">7<", ">8<"), ["记录连续、件数相符"]),
        (edit("casefile.xml", 'sha256="', 'sha256="0'), ["内容数字摘要"]),
        (edit("casefile.xml", 'bytes="', 'bytes="1'), ["内容数字摘要"]),
        (edit("casefile.xml", 'path="casefile.pdf"', 'path="other.pdf"'), ["内容数字摘要"]),
        (
            edit("casefile.pdf", "trailer", "/JavaScript"),
            ["内容与证明一致", "内容数字摘要", "PDF 无脚本、附件和自动动作"],
        ),
        (
            edit("casefile.pdf", "%%EOF", "/Encrypt"),
            ["内容与证明一致", "内容数字摘要", "PDF 可读", "未加密"],
        ),
        (
            edit("casefile.pdf", "conformance>U", "conformance>X"),
            ["内容与证明一致", "内容数字摘要", "PDF 可读"],
        ),
        (lambda folder: (folder / "casefile.pdf").unlink(), None),
        (lambda folder: (folder / "casefile.xml").write_text("<no"), None),
        (lambda folder: (folder / "casefile.xml").write_text("<other/>"), None),
        (lambda folder: (folder / "run.exe").write_text(""), ["包内无多余文件"]),
        (lambda folder: (folder / "名.txt").write_text(""), ["文件名规范", "包内无多余文件"]),
        (
            edit("proofs/README.txt", "证据包", "另一个"),
            ["电子签名、日志位置与检查点", "证明文件包齐全"],
        ),
    ],
)
def test_damage_is_found_by_the_check_that_is_there_for_it(
    packed: Path, damage: Damage, found: list[str] | None
) -> None:
    damage(packed)
    assert failed(packed) == found if found is not None else failed(packed)


def test_a_script_in_a_compressed_stream_of_the_pdf_is_found(tmp_path: Path) -> None:
    hidden = b"stream\n" + zlib.compress(b"<< /S /JavaScript /JS (x) >>") + b"\nendstream\n"
    folder = a_package(tmp_path, pdf=PDF.replace(b"trailer", hidden + b"trailer"))
    assert failed(folder) == ["PDF 无脚本、附件和自动动作"]


def test_a_record_left_out_of_the_proofs_is_found(packed: Path) -> None:
    summary = packed / "proofs" / "data" / "dossier.json"
    said = json.loads(summary.read_text(encoding="utf-8"))
    said["events"].pop()
    summary.write_text(json.dumps(said), encoding="utf-8")
    resigned(packed / "proofs")
    assert "内容与证明一致" in failed(packed)


def test_a_package_is_never_written_over_another(tmp_path: Path) -> None:
    book = a_casebook()
    evidence = book.evidence(book.go_out())
    document = document_of(evidence, {}, book.opening)
    folder = write(tmp_path, evidence, PDF, book.opening, SIGNER)
    package(Exported(folder, evidence, document), FILING)
    again = write(tmp_path, evidence, PDF, book.opening, SIGNER)
    with pytest.raises(NotArchived, match="exists already"):
        package(Exported(again, evidence, document), FILING)
    assert again.exists(), "the dossier stays"
