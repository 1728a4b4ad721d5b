"""The archive package: whole without its proofs, and a report that is the same for everybody."""

from __future__ import annotations

import json
import os
import re
import shutil
import zlib
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
import segno

from application.archive import Filing, NotArchived, package
from application.casefile import document_of, receipt_in
from application.dossier import Exported, write
from application.four_properties import (
    FILED,
    Outcome,
    Property,
    Report,
    file_report,
    report_of,
    written,
)
from application.note import Signer, open_checkpoint
from domain.base import decide
from tests.author import SIGNER
from tests.proof.casebook import STEPS, TEXTS, Casebook, a_casebook, gone, resigned

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
    assert not report.proven
    assert "结论：未证明" in report.text.decode()
    assert report.answer["verdict"].startswith("未证明")
    assert outcomes(report)[FILED] is Outcome.NOT_RUN, "what the proofs had shown is not known"
    assert outcomes(report)["电子签名、日志位置与检查点"] is Outcome.NOT_RUN
    assert outcomes(report)["内容与证明一致"] is Outcome.NOT_RUN
    assert outcomes(report)["内容数字摘要"] is Outcome.PASSED


def test_a_key_that_could_not_be_compared_fails(packed: Path) -> None:
    """Who gives one would take the outcome for proven."""
    shutil.rmtree(packed / "proofs")
    assert failed(packed, SIGNER.verifier.text) == ["日志公钥与外部取得的比对"]
    (packed / "proofs").mkdir()
    assert "日志公钥与外部取得的比对" in failed(packed, SIGNER.verifier.text)
    (packed / "proofs").rmdir()
    (packed / "proofs").write_text("")
    assert "电子签名、日志位置与检查点" in failed(packed), "a file in their place"


def test_the_conclusion_says_whether_a_key_from_outside_was_compared(packed: Path) -> None:
    assert "未与外部公钥比对" in report_of(packed).verdict
    assert not report_of(packed).answer["proven"]
    compared = report_of(packed, SIGNER.verifier.text)
    assert compared.verdict == "未发现问题，与证明一致"
    assert compared.answer["proven"]


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
        (edit("casefile.xml", "30年", ""), ["内容与证明一致", "必备元数据"]),
        (
            edit("casefile.xml", 'version="2"', 'version="3"'),
            ["内容与证明一致", "记录连续、件数相符"],
        ),
        (edit("casefile.xml", ">7<", ">8<"), ["元数据与证明一致", "记录连续、件数相符"]),
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
    if found is None:
        assert failed(packed)
    else:
        assert failed(packed) == [*found, FILED], "and the report that was filed is not due"


ANOTHER = "49d9bf3a-cab6-59c3-8c18-a8d2b59213b9"
METADATA_LIES = {
    "simulated": "是",
    "case": ANOTHER,
    "number": "2019-0002",
    "title": "另一案卷",
    "log": "huhang.invalid/other",
    "as_of": "12345",
    "known_at": "2026-11-25T09:02:04+08:00",
    "from": "2018-01-01",
    "to": "2030-01-01",
    "identifier": "Z001-HY-2019-2019-0002",
    "keep_until": "2049-01-01",
    "language": "en",
    "format": "PDF/A-1b",
    "fonds": "Z002",
}


def lied(name: str, value: str) -> Damage:
    """The metadata says something else."""

    def damage(folder: Path) -> None:
        text = (folder / "casefile.xml").read_text(encoding="utf-8")
        item = re.compile(rf'(<item name="{name}" title="[^"]+") ?(?:/>|>[^<]*</item>)')
        changed, times = item.subn(rf"\g<1>>{value}</item>", text)
        assert (times, changed != text) == (1, True)
        (folder / "casefile.xml").write_text(changed, encoding="utf-8")

    return damage


@pytest.mark.parametrize("name", METADATA_LIES)
def test_metadata_that_lies_is_found(packed: Path, name: str) -> None:
    lied(name, METADATA_LIES[name])(packed)
    assert "元数据与证明一致" in failed(packed)


def test_what_the_archive_alone_decides_may_be_anything_and_is_said_to_be_unproven(
    packed: Path,
) -> None:
    lied("retention", "永久")(packed)
    report = report_of(packed)
    assert report.passed
    assert "保管期限" in report.text.decode().partition("本检测不证明")[2]
    assert any("所属地的名称" in limit for limit in report.answer["not_proven"])


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (edit("casefile.xml", "</fact>", "<b>forged</b></fact>"), "内容与证明一致"),
        (edit("casefile.xml", "</fact>", "</fact>forged"), "内容与证明一致"),
        (edit("casefile.xml", "</record>", "forged</record>"), "内容与证明一致"),
        (edit("casefile.xml", "</record>", "</record>forged"), "内容与证明一致"),
        (
            edit("casefile.xml", "</records>", "<judgement>x</judgement></records>"),
            "内容与证明一致",
        ),
        (edit("casefile.xml", "</records>", '<record xmlns="urn:x"/></records>'), "内容与证明一致"),
        (edit("casefile.xml", "<records>", '<records says="guilty">'), "内容与证明一致"),
        (edit("casefile.xml", "<records>", '<records xmlns:guilty="urn:x">'), "内容与证明一致"),
        (
            edit("casefile.xml", "</item>", f'</item><item name="case">{ANOTHER}</item>'),
            "必备元数据",
        ),
        (edit("casefile.xml", "</metadata>", "<annex/></metadata>"), "元数据与证明一致"),
        (edit("casefile.xml", "</files>", "<annex/></files>"), "内容数字摘要"),
        (edit("casefile.xml", "</package>", "<annex>guilty</annex></package>"), "XML 可读"),
        (edit("casefile.xml", "</package>", "guilty</package>"), "XML 可读"),
        (edit("casefile.xml", "<files>", "<!-- guilty --><files>"), "XML 可读"),
        (edit("casefile.xml", "<package", '<?xml-stylesheet href="x"?><package'), "XML 可读"),
        (edit("casefile.xml", "<package", "<!DOCTYPE package><package"), "XML 可读"),
    ],
)
def test_nothing_can_be_added_to_the_xml(packed: Path, damage: Damage, found: str) -> None:
    damage(packed)
    assert found in failed(packed)


@pytest.mark.parametrize("dropped", [False, True])
@pytest.mark.parametrize("name", ["report.json", "report.txt"])
def test_a_report_in_the_package_that_is_not_the_one_that_is_due_is_found(
    packed: Path, name: str, dropped: bool
) -> None:
    if dropped:
        shutil.rmtree(packed / "proofs")
    kept = (packed / name).read_bytes()
    for forged in (
        kept + b"\n",
        kept.replace("未检测  病毒".encode(), "通过  病毒".encode(), 1) + b" ",
        b"{}",
        b"",
        None,
    ):
        (packed / name).unlink()
        if forged is not None:
            (packed / name).write_bytes(forged)
        assert failed(packed) == [FILED]


def test_a_report_that_claims_more_than_it_checked_is_found_without_the_proofs_too(
    packed: Path,
) -> None:
    shutil.rmtree(packed / "proofs")
    filed = report_of(packed)
    checks = tuple(
        check._replace(outcome=Outcome.PASSED, sentence="未发现病毒。")
        if check.what == "病毒"
        else check
        for check in filed.checks
    )
    for name, content in written(Report(filed.identifier, checks)).items():
        (packed / name).write_bytes(content)
    assert failed(packed) == [FILED]


# Packages that were made to trip the program ------------------------------------------------------


def rewrite(path: str, content: bytes) -> Damage:
    def damage(folder: Path) -> None:
        (folder / path).write_bytes(content)

    return damage


def replaced_by_a_pipe(folder: Path) -> None:
    (folder / "casefile.pdf").unlink()
    os.mkfifo(folder / "casefile.pdf")


@pytest.mark.parametrize(
    "damage",
    [
        *(
            rewrite("casefile.xml", f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode())
            for encoding in ("utf-99", "gbk", "utf-16")
        ),
        rewrite("casefile.xml", b"\xff\xfe"),
        rewrite("casefile.xml", b"<a>" * 100_000),
        rewrite("proofs/bagit.txt", b"\xff\xfe"),
        rewrite("proofs/manifest-sha256.txt", b"\xff\xfe"),
        rewrite("proofs/data/dossier.json", b"[]"),
        rewrite("report.json", b"\xff"),
        lambda folder: (folder / "proofs/data/dossier.pdf").unlink(),
        lambda folder: (folder / os.fsdecode(b"proofs/data/\xff")).write_bytes(b""),
        lambda folder: (folder / "proofs/\x1b[2Jx").write_bytes(b""),
        replaced_by_a_pipe,
    ],
)
def test_whatever_a_package_holds_is_a_finding_that_a_terminal_can_show(
    packed: Path, damage: Damage, capfd: pytest.CaptureFixture[str]
) -> None:
    damage(packed)
    report = report_of(packed, SIGNER.verifier.text)
    assert not report.passed
    assert all(line.isprintable() for line in report.text.decode().splitlines())
    assert "\x1b" not in "".join(capfd.readouterr()), "nor does the library print it"


def test_an_identifier_cannot_write_a_conclusion_of_its_own(packed: Path) -> None:
    lied("identifier", "x\n结论：未发现问题")(packed)
    text = report_of(packed).text.decode()
    assert sum(line.startswith("结论") for line in text.splitlines()) == 1


@pytest.mark.parametrize("name", [b"/J#61vaScript", b"/#4aS", b"/L#61unch", b"/Op#65nAction"])
def test_a_name_in_the_pdf_that_is_written_in_numbers_is_read(tmp_path: Path, name: bytes) -> None:
    folder = a_package(tmp_path, pdf=PDF.replace(b"trailer", name + b" trailer"))
    assert failed(folder) == ["PDF 无脚本、附件和自动动作"]


def test_a_script_in_a_compressed_stream_of_the_pdf_is_found(tmp_path: Path) -> None:
    hidden = b"stream\n" + zlib.compress(b"<< /S /JavaScript /JS (x) >>") + b"\nendstream\n"
    folder = a_package(tmp_path, pdf=PDF.replace(b"trailer", hidden + b"trailer"))
    assert failed(folder) == ["PDF 无脚本、附件和自动动作"]


def in_a_stream(content: bytes) -> bytes:
    """The PDF with a stream that holds these bytes as they are."""
    return PDF.replace(b"trailer", b"stream\n" + content + b"\nendstream\ntrailer")


@pytest.mark.parametrize("chance", [b"\x8f/JS\x01", b"\xf0/AA\xff", b"/AA \x90", b"/JS%\n\x03"])
def test_what_compressed_bytes_spell_by_chance_is_no_script(tmp_path: Path, chance: bytes) -> None:
    assert failed(a_package(tmp_path, pdf=in_a_stream(chance))) == []


@pytest.mark.parametrize(
    "meant",
    [b"/JS (x)", b"/JS<78>", b"/J#53 7 0 R", b"/AA<</O 5 0 R>>", b"/AA%x\n5\x000 R", b"/Launch"],
)
def test_a_script_within_what_passes_for_a_stream_is_found(tmp_path: Path, meant: bytes) -> None:
    folder = a_package(tmp_path, pdf=in_a_stream(meant))
    assert failed(folder) == ["PDF 无脚本、附件和自动动作"]


def test_a_record_left_out_of_the_proofs_is_found(packed: Path) -> None:
    summary = packed / "proofs" / "data" / "dossier.json"
    said = json.loads(summary.read_text(encoding="utf-8"))
    said["events"].pop()
    summary.write_text(json.dumps(said), encoding="utf-8")
    resigned(packed / "proofs")
    assert "内容与证明一致" in failed(packed)


def test_what_was_destroyed_is_said_in_the_xml_and_follows_from_the_proofs(tmp_path: Path) -> None:
    book = Casebook()
    book.begin()
    book.live((*STEPS, gone))
    at = book.rows[-1].position
    book.noise()
    book.opening.clear()
    packed = a_package(tmp_path, book)
    assert failed(packed, SIGNER.verifier.text) == []
    assert f"密钥已依法销毁（日志位置 {at}），无法公开" in (packed / "casefile.xml").read_text(
        "utf-8"
    )


def test_so_is_what_was_destroyed_after_the_time_as_of_which_the_case_is_kept(
    tmp_path: Path,
) -> None:
    book = Casebook()
    book.begin()
    case = book.live()
    as_of = len(book.rows)
    at = book.record(*decide(case, gone))
    book.opening.clear()
    evidence = book.evidence(book.go_out(), as_of)
    folder = write(tmp_path, evidence, PDF, {}, book.signer)
    packed = package(Exported(folder, evidence, document_of(evidence, {}, {})), FILING)
    file_report(packed)
    assert failed(packed, SIGNER.verifier.text) == []
    told = (packed / "casefile.xml").read_text("utf-8")
    assert f"密钥已依法销毁（日志位置 {at}），无法公开" in told


def test_the_code_of_the_pdf_is_the_receipt_of_the_last_record_and_can_be_read(
    tmp_path: Path,
) -> None:
    book = a_casebook()
    evidence = book.evidence(book.go_out())
    receipt = receipt_in(evidence)
    head, _, checkpoint = receipt.partition("\n\n")
    last = evidence.events[-1]
    leaf = b64decode(head.partition("leaf ")[2])
    assert head.startswith(f"index {last.row.position - 1}\n")
    assert leaf == last.row.leaf
    assert open_checkpoint(checkpoint.encode(), SIGNER.name, [SIGNER.verifier]).checkpoint.size
    assert int(segno.make_qr(receipt, error="m").version) <= 15, "3.6 cm, half a millimetre a dot"


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
