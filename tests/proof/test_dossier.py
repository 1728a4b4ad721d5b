"""A dossier: what its own verifier accepts, and each attack that it must detect and name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from application.casefile import document_of
from application.dossier import write
from application.envelope import NATIONAL, SUITES
from application.evidence import Evidence, NotProven, evidence_of, exhibit_of
from application.keys import Author
from application.note import Cosigner, Note, Signer
from application.timestamp import Authority, read_certificates
from application.tree import consistency_proof
from application.verifier import verify as verifier
from application.verifier.verify import verify
from domain.base import decide
from tests.author import KEYS, SIGNER
from tests.proof.authority import TestAuthority
from tests.proof.casebook import (
    CASE,
    KEY_ID,
    PDF,
    REPEATED,
    SHORT,
    STEPS,
    TEXTS,
    Casebook,
    a_casebook,
    a_dossier,
    gone,
    resigned,
)
from tests.vault.reference import Gcm, commitment_of, info_of
from tests.vault.two_faced import two_faced


def failures(folder: Path, **outside: Any) -> list[tuple[str, str]]:
    """What the verifier finds wrong: the check and the file."""
    return [(one.check, one.where) for one in verify(str(folder), **outside).failures]


def event_folder(folder: Path, version: int) -> Path:
    """Where the event of a version of the case is."""
    summary = json.loads((folder / verifier.SUMMARY).read_text(encoding="utf-8"))
    return folder / verifier.folder_of(summary["events"][version - 1])


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_dossier(tmp_path_factory.mktemp("dossier"))


@pytest.fixture
def bag(original: Path, tmp_path: Path) -> Path:
    return copytree(original, tmp_path / original.name)


# What is right passes -----------------------------------------------------------------------------


def test_a_dossier_verifies_itself(bag: Path) -> None:
    findings = verify(str(bag))
    assert findings.failures == []
    assert findings.sound
    assert set(findings.passed) == set(verifier.CHECKS)
    assert findings.facts["versions"] == 7


def test_bagit_accepts_the_bag(bag: Path) -> None:
    program = [sys.executable, "-m", "bagit", "--validate", str(bag)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "is valid" in done.stderr
    (bag / "data" / "dossier.pdf").write_bytes(PDF.replace(b"nobody", b"nobodi"))
    assert subprocess.run(program, capture_output=True, check=False).returncode == 1


def test_the_program_in_the_bag_runs_alone(bag: Path) -> None:
    program = [sys.executable, "-I", "-S", str(bag / "verify.py")]
    key = ("--key", SIGNER.verifier.text)
    done = subprocess.run([*program, *key], capture_output=True, check=False, cwd="/", env={})
    assert done.returncode == 0, done.stderr
    assert "核验通过" in done.stdout.decode()
    (bag / "data" / "dossier.pdf").write_bytes(b"")
    done = subprocess.run([*program, "--json"], capture_output=True, check=False, cwd="/", env={})
    assert done.returncode == 1
    assert json.loads(done.stdout)["failures"][0]["where"] == "data/dossier.pdf"


def test_disclosed_fields_are_shown_as_proven(bag: Path) -> None:
    shown = {
        field["path"]: field["text"]
        for event in verify(str(bag)).events
        for field in event["fields"]
    }
    repeated = {path: TEXTS[first] for path, first in REPEATED.items()}
    assert shown == TEXTS | repeated


def test_what_a_later_event_repeats_is_opened_with_the_place_where_it_was_sealed(bag: Path) -> None:
    fields = [field for event in verify(str(bag)).events for field in event["fields"]]
    firsts = {field["path"]: field["first"]["path"] for field in fields if "first" in field}
    assert firsts == REPEATED
    assert {field["first"]["version"] for field in fields if "first" in field} == {5}


def test_what_a_later_event_repeats_must_be_the_same(tmp_path: Path) -> None:
    def differ(fields: dict[str, Any]) -> None:
        note = fields["before"]["notes"][0]["note"]
        fields["before"]["notes"][0]["note"] = note | {"c": note["c"][::-1]}

    book = Casebook()
    book.begin()
    book.live(forges={7: differ})
    with pytest.raises(NotProven, match="不是其所重复的密封内容"):
        a_dossier(tmp_path, book)


def test_a_field_that_is_not_disclosed_is_said_to_be_sealed(tmp_path: Path) -> None:
    findings = verify(str(a_dossier(tmp_path, disclosed=["identity"])))
    assert findings.sound
    fields = [field for event in findings.events for field in event["fields"]]
    assert [field["path"] for field in fields if not field["sealed"]] == ["identity"]
    assert len(fields) == 3 + len(REPEATED)
    assert all("text" not in field for field in fields if field["sealed"])
    assert any("2 个密封字段未向您公开" in limit for limit in findings.limits)


def test_what_nobody_can_open_any_more_is_not_said_to_be_withheld(tmp_path: Path) -> None:
    """Else a court reads that the office keeps from it what the law had destroyed."""
    book = Casebook()
    book.begin()
    book.live((*STEPS, gone))
    erased_at = book.rows[-1].position
    book.noise()
    bag = a_dossier(tmp_path, book, disclosed=["identity"])
    findings = verify(str(bag))
    assert findings.sound
    fields = [field for event in findings.events for field in event["fields"]]
    assert {field["path"] for field in fields if "destroyed" not in field} == {"identity"}
    assert {field.get("destroyed") for field in fields} == {None, erased_at}
    said = "\n".join(verifier.sheet_of(findings))
    assert f"密钥已依法销毁（日志位置 {erased_at}），无法公开" in said
    assert "未公开" not in said.replace("无法公开", "")
    assert "未向您公开" not in said
    document = document_of(book.evidence(len(book.rows) - 3), {}, {})
    assert ["密封字段", "公开 0 个，未公开 0 个；密钥已依法销毁、无法公开 7 个"] in document[
        "heading"
    ]


def a_later_erasure(out: Path) -> tuple[Path, int, Evidence]:
    """A dossier as of before an erasure, where it is in the log, and what the dossier holds."""
    book = Casebook()
    book.begin()
    case = book.live()
    as_of = len(book.rows)
    book.noise(2)
    erased_at = book.record(*decide(case, gone))
    evidence = book.evidence(book.go_out(), as_of)
    disclosures = {place: okm for place, okm in book.opening.items() if place[1] == "identity"}
    return write(out, evidence, PDF, disclosures, book.signer), erased_at, evidence


def test_nor_where_it_was_destroyed_after_the_time_as_of_which_the_case_is_shown(
    tmp_path: Path,
) -> None:
    bag, erased_at, evidence = a_later_erasure(tmp_path)
    findings = verify(str(bag))
    assert findings.failures == []
    assert len(findings.events) == len(evidence.events), "it is no event of the case as of then"
    fields = [field for event in findings.events for field in event["fields"]]
    assert {field["path"] for field in fields if "destroyed" not in field} == {"identity"}
    assert {field.get("destroyed") for field in fields} == {None, erased_at}
    assert "未向您公开" not in "\n".join(verifier.sheet_of(findings))
    heading = dict(document_of(evidence, {}, {})["heading"])
    assert heading["密封字段"] == "公开 0 个，未公开 0 个；密钥已依法销毁、无法公开 7 个"


def test_a_dossier_without_a_later_erasure_has_no_member_for_it(bag: Path) -> None:
    """So that who has the verifier of before checks it, too."""
    assert "erasures" not in json.loads((bag / verifier.SUMMARY).read_bytes())


@pytest.mark.parametrize("of", ["another stream", "another topic", "before", "twice", "no number"])
def test_a_later_erasure_is_believed_of_no_other_event(tmp_path: Path, of: str) -> None:
    bag, erased_at, _ = a_later_erasure(tmp_path)
    summary = bag / verifier.SUMMARY
    said = json.loads(summary.read_bytes())
    last = said["events"].pop() if of == "another topic" else None
    said["erasures"] = {
        "another stream": [said["export"]],
        "another topic": [last, erased_at],
        "before": [erased_at, said["events"][0]],
        "twice": [erased_at, erased_at],
        "no number": [str(erased_at)],
    }[of]
    if of == "another stream":
        said["export"] = erased_at
    if of == "another topic":
        said["as_of"] = last - 1
    summary.write_text(json.dumps(said), encoding="utf-8")
    findings = verify(str(resigned(bag)))
    assert findings.failures
    if of in ("another stream", "another topic"):
        assert "不是本案在截至位置之后的销毁记录" in str(findings.failures)


def test_an_erasure_of_keys_that_seal_nothing_in_the_case_is_not_handed_out(
    tmp_path: Path,
) -> None:
    book = Casebook()
    book.begin()
    case = book.live(SHORT[:1])
    as_of = len(book.rows)
    book.record(*decide(case, gone))
    evidence = book.evidence(book.go_out(), as_of)
    assert evidence.erasures == ()


def test_that_a_key_was_destroyed_is_not_believed_of_an_event_that_is_not_proven(
    tmp_path: Path,
) -> None:
    bag = a_dossier(tmp_path, disclosed=["identity"])
    summary = bag / verifier.SUMMARY
    said = json.loads(summary.read_bytes())
    summary.write_text(json.dumps({**said, "destroyed": {KEY_ID: said["as_of"]}}))
    findings = verify(str(resigned(bag)))
    assert not findings.sound
    assert not any("destroyed" in field for event in findings.events for field in event["fields"])


def test_a_state_that_is_missing_accuses_no_other_file(bag: Path) -> None:
    missing = event_folder(bag, 2) / "state.json"
    missing.unlink()
    where = missing.relative_to(bag).as_posix()
    accused = {one.where for one in verify(str(bag)).failures}
    assert where in accused
    assert not [path for path in accused if path.startswith("data/schemas/")]


def test_json_that_is_broken_is_said_so_in_words(bag: Path) -> None:
    (bag / verifier.SUMMARY).write_text('{"format": ')
    said = " ".join(one.sentence for one in verify(str(resigned(bag))).failures)
    assert "内容不是 JSON：第 1 行第 12 字起无法读取。" in said
    assert "JSONDecodeError" not in said


def test_a_dossier_in_the_national_suite_is_opened_too(tmp_path: Path) -> None:
    findings = verify(str(a_dossier(tmp_path, a_casebook(suite=NATIONAL))))
    assert findings.sound
    texts = [f["text"] for e in findings.events for f in e["fields"] if "first" not in f]
    assert texts == list(TEXTS.values())


def test_a_simulated_log_says_so(tmp_path: Path) -> None:
    book = Casebook()
    book.begin(simulated=True)
    book.live()
    folder = a_dossier(tmp_path, book)
    assert verify(str(folder)).facts["simulated"] is True
    assert "模拟数据" in (folder / "README.txt").read_text(encoding="utf-8")
    assert any("SIMULATED" in line for line in verifier.sheet_of(verify(str(folder))))


def test_authors_that_registered_later_are_known(tmp_path: Path) -> None:
    book = Casebook()
    book.begin()
    second = Author("app2", Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32))
    book.register(second)
    book.author = second
    book.live()
    assert verify(str(a_dossier(tmp_path, book))).sound


def test_an_author_that_never_registered_is_not_known(tmp_path: Path) -> None:
    book = Casebook()
    book.begin()
    book.author = Author("app2", Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32))
    book.live()
    with pytest.raises(NotProven, match="app2"):
        a_dossier(tmp_path, book)
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


def test_what_the_outcome_does_not_prove_is_said(bag: Path) -> None:
    limits = " ".join(verify(str(bag)).limits)
    assert "未从案卷之外给出日志公钥" in limits
    assert "之后没有更新的记录" in limits
    pinned = " ".join(verify(str(bag), key=SIGNER.verifier.text).limits)
    assert "未从案卷之外给出日志公钥" not in pinned


# What is known outside ----------------------------------------------------------------------------


def test_the_key_known_outside_is_compared(bag: Path) -> None:
    assert failures(bag, key=SIGNER.verifier.text) == []
    assert failures(bag, key=KEYS.checkpoint_key) == []
    other = Signer.generate(SIGNER.name).verifier.text
    assert failures(bag, key=other) == [("key", verifier.KEYS)]


def test_a_forged_dossier_with_keys_of_its_own_is_found_by_the_key_known_outside(
    tmp_path: Path,
) -> None:
    forger = Signer(SIGNER.name, bytes([9]) * 32)
    book = Casebook(signer=forger)
    key = b64encode(forger.verifier.public).decode()
    book.begin(KEYS.model_copy(update={"checkpoint_key": key}))
    book.live()
    folder = a_dossier(tmp_path, book)
    assert failures(folder) == [], "alone it is consistent, which is why the output says so"
    assert failures(folder, key=SIGNER.verifier.text) == [("key", verifier.KEYS)]


def test_a_checkpoint_of_the_same_size_must_have_the_same_root(tmp_path: Path) -> None:
    book = a_casebook()
    folder = a_dossier(tmp_path, book)
    assert failures(folder, checkpoint=book.checkpoint()) == []
    fork = a_casebook()
    fork.noise(2)
    fork.go_out("另一个接收方")
    fork.noise(1)
    assert len(fork.rows) == len(book.rows)
    assert failures(folder, checkpoint=fork.checkpoint()) == [("known", "-")]


@pytest.mark.parametrize("grown", [-9, -1, 1, 40])
def test_a_checkpoint_of_another_size_needs_the_proof_between_the_two(
    tmp_path: Path, grown: int
) -> None:
    book = a_casebook()
    folder = a_dossier(tmp_path, book)
    size = len(book.rows)
    book.noise(max(grown, 1))
    known, hashes = book.checkpoint(size + grown), book.forest.hashes
    assert failures(folder, checkpoint=known) == [("known", "-")], "never a skip"
    proof = consistency_proof(*sorted((size, size + grown)), hashes)
    lines = "".join(f"{b64encode(hash_).decode()}\n" for hash_ in proof).encode()
    assert failures(folder, checkpoint=known, consistency=lines) == []
    wrong = lines.replace(lines[:1], b"B" if lines[:1] != b"B" else b"C", 1)
    assert failures(folder, checkpoint=known, consistency=wrong) == [("known", "-")]


def test_a_witness_that_is_asked_for_must_have_cosigned(tmp_path: Path) -> None:
    witness = Cosigner("witness.example/w1", bytes([5]) * 32)
    book = a_casebook()
    export = book.go_out()
    note = Note.parse(book.checkpoint())
    cosigned = note.also_signed([witness.cosign(note.text, 1_800_000_000)]).encode()
    bare = write(tmp_path / "bare", book.evidence(export), PDF, {}, SIGNER)
    evidence = evidence_of(book.order(export - 1), book.rows, export, cosigned, book.forest.hashes)
    folder = write(tmp_path / "cosigned", evidence, PDF, {}, SIGNER)
    assert failures(folder, witnesses=(witness.verifier.text,)) == []
    assert failures(bare, witnesses=(witness.verifier.text,)) == [
        ("witnesses", verifier.CHECKPOINT)
    ]
    other = Cosigner("witness.example/w1", bytes([6]) * 32).verifier.text
    assert failures(folder, witnesses=(other,)) == [("witnesses", verifier.CHECKPOINT)]


def test_a_checkpoint_that_a_witness_has_not_cosigned_yet_is_said_to_be_that_and_no_forgery(
    bag: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    witness = Cosigner("witness.example/w1", bytes([5]) * 32).verifier.text
    asked = [str(bag), "--witness", witness, "--key", SIGNER.verifier.text]
    assert verifier.main(asked) == 1
    sheet = capsys.readouterr().out
    assert "检查点没有 witness.example/w1 的联署，可能尚未联署" in sheet
    assert "the checkpoint is not cosigned by witness.example/w1 (perhaps not yet)." in sheet
    assert "未见联署  外部见证人的联署" in sheet
    assert verifier.FORGED.sentence not in sheet
    assert verifier.main([*asked, "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["sound"], answer["verdict"]) == (False, "not-cosigned")
    assert "is not cosigned by witness.example/w1" in answer["sentence"]
    assert answer["not_cosigned_by"] == ["witness.example/w1"]
    assert answer["checks"]["witnesses"]["outcome"] == "not-cosigned"


def test_what_lacks_a_cosignature_and_was_compared_with_nothing_may_still_be_forged(
    bag: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    witness = Cosigner("witness.example/w1", bytes([5]) * 32).verifier.text
    assert verifier.main([str(bag), "--witness", witness]) == 1
    told = capsys.readouterr().out
    assert "也未与外部公钥比对，不能排除整份伪造" in told
    assert "nor was anything compared with a key from outside" in told


def falsely_cosigned(folder: Path, witness: Cosigner) -> str:
    """A dossier whose checkpoint has a cosignature of a witness that is of another text."""
    book = a_casebook()
    export = book.go_out()
    note = Note.parse(book.checkpoint())
    other = witness.cosign(note.text.replace("\n", "1\n", 1), 1_800_000_000)
    false = note.also_signed([other]).encode()
    evidence = evidence_of(book.order(export - 1), book.rows, export, false, book.forest.hashes)
    return str(write(folder, evidence, PDF, {}, SIGNER))


def test_a_cosignature_that_is_false_is_a_forgery_and_not_one_that_is_missing(
    tmp_path: Path,
) -> None:
    witness = Cosigner("witness.example/w1", bytes([5]) * 32)
    absent = Cosigner("witness.example/w2", bytes([6]) * 32)
    folder = falsely_cosigned(tmp_path, witness)
    keys = (witness.verifier.text, absent.verifier.text)
    findings = verify(folder, SIGNER.verifier.text, witnesses=keys)
    assert findings.verdict == verifier.FORGED
    assert findings.outcome("witnesses") == "failed"


def test_a_false_cosignature_behind_a_name_that_did_not_sign_is_a_forgery(tmp_path: Path) -> None:
    absent = Cosigner("w.one/1", bytes([5]) * 32)
    false = Cosigner("w.two/2", absent.seed)
    folder = falsely_cosigned(tmp_path, false)
    keys = (absent.verifier.text, false.verifier.text)
    assert verify(folder, SIGNER.verifier.text, witnesses=keys).verdict == verifier.FORGED


def test_a_changed_dossier_stays_forged_where_a_cosignature_is_missing_too(bag: Path) -> None:
    (bag / "data" / "dossier.pdf").write_bytes(b"")
    witness = Cosigner("witness.example/w1", bytes([5]) * 32).verifier.text
    findings = verify(str(bag), SIGNER.verifier.text, witnesses=(witness,))
    assert findings.verdict == verifier.FORGED
    assert findings.outcome("witnesses") == "not-cosigned"


def test_witnesses_are_counted_by_their_keys_and_not_by_their_names(tmp_path: Path) -> None:
    one = Cosigner("w.one/1", bytes([5]) * 32)
    again = Cosigner("w.two/2", one.seed)
    other = Cosigner("w.three/3", bytes([6]) * 32)
    book = a_casebook()
    export = book.go_out()
    note = Note.parse(book.checkpoint())
    lines = [witness.cosign(note.text, 1_800_000_000) for witness in (one, again, other)]
    evidence = book.evidence(export)
    cosigned = note.also_signed(lines).encode()
    evidence = evidence_of(book.order(export - 1), book.rows, export, cosigned, book.forest.hashes)
    folder = str(write(tmp_path, evidence, PDF, {}, SIGNER))
    keys = tuple(witness.verifier.text for witness in (one, again, one, other))
    findings = verify(folder, witnesses=keys)
    assert findings.sound
    assert findings.facts["cosigned_by"] == ["w.one/1", "w.three/3"]
    assert findings.passed["witnesses"] == 2
    assert any("w.two/2 与上列见证人用的是同一把密钥" in n for n in verifier.sheet_of(findings))
    assert findings.facts["signatures_not_checked"] == []


def test_a_bag_that_fits_its_own_keys_alone_is_called_consistent_and_not_verified(
    bag: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A forged bag brings a forged key along."""
    assert verifier.main([str(bag)]) == 3
    sheet = capsys.readouterr().out
    assert "结论：前后一致；未与外部公钥比对" in sheet
    assert "核验通过" not in sheet
    assert verifier.main([str(bag), "--json"]) == 3
    answer = json.loads(capsys.readouterr().out)
    assert (answer["verdict"], answer["compared_with_outside"]) == ("consistent", False)


def test_a_bag_that_was_compared_with_what_is_known_outside_is_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = a_casebook()
    bag = a_dossier(tmp_path / "out", book)
    (tmp_path / "known").write_bytes(book.checkpoint())
    for outside in (
        ("--key", SIGNER.verifier.text),
        ("--checkpoint", str(tmp_path / "known")),
    ):
        assert verifier.main([str(bag), *outside, "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert (answer["verdict"], answer["compared_with_outside"]) == ("verified", True)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "abc",
        f"log     {SIGNER.verifier.text}",  # the line that huhang keys prints
        SIGNER.verifier.text.replace("+", "-"),
        f"x{SIGNER.verifier.text}",
        Cosigner("w.one/1", bytes([5]) * 32).verifier.text,
    ],
)
@pytest.mark.parametrize("json_asked", [False, True])
def test_what_is_no_key_of_a_log_is_a_wrong_argument_and_no_forgery(
    bag: Path, key: str, json_asked: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        verifier.main([str(bag), "--key", key, *["--json"] * json_asked])
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert verifier.NO_KEY % key in told.err
    assert verifier.FORGED.sentence not in told.out
    if json_asked:
        answer = json.loads(told.out)
        assert answer == {"verdict": "wrong-argument", "sentence": verifier.NO_KEY % key}
    else:
        assert told.out == ""


WITNESS_KEY = Cosigner("w.one/1", bytes([5]) * 32).verifier.text


@pytest.mark.parametrize(
    "key",
    [
        "",
        "w.one/1",
        WITNESS_KEY[:-1],
        WITNESS_KEY.replace("+", "-", 1),
        f"x{WITNESS_KEY}",
        SIGNER.verifier.text,
        KEYS.checkpoint_key,
    ],
)
@pytest.mark.parametrize("json_asked", [False, True])
def test_what_is_no_key_of_a_witness_is_a_wrong_argument_and_no_forgery(
    bag: Path, key: str, json_asked: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    good = ("--witness", WITNESS_KEY)
    with pytest.raises(SystemExit) as ended:
        verifier.main([str(bag), *good, "--witness", key, *["--json"] * json_asked])
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert verifier.NO_WITNESS % key in told.err
    if json_asked:
        answer = json.loads(told.out)
        assert answer == {"verdict": "wrong-argument", "sentence": verifier.NO_WITNESS % key}
    else:
        assert told.out == ""


@pytest.mark.parametrize(
    ("option", "key"), [("--key", SIGNER.verifier.text), ("--witness", WITNESS_KEY)]
)
def test_a_key_with_letters_that_no_text_has_is_a_wrong_argument_and_no_forgery(
    bag: Path, option: str, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pasted = f"\udcb2\udce2{key}"  # as Python hands over what another encoding's terminal gave
    with pytest.raises(SystemExit) as ended:
        verifier.main([str(bag), option, pasted, "--json"])
    assert ended.value.code == 2
    assert json.loads(capsys.readouterr().out)["verdict"] == "wrong-argument"


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"PK\x03\x04", b"log\n7\nAAAA\n", b"log\n7\nAAAA\n\n\xe2\x80\x94 a AAAA\n"],
)
def test_a_file_that_is_no_checkpoint_or_no_proof_is_a_wrong_argument_and_no_forgery(
    bag: Path, tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "known").write_bytes((bag / verifier.CHECKPOINT).read_bytes())
    (tmp_path / "wrong").write_bytes(content)
    wrong = str(tmp_path / "wrong")
    for outside, sentence in (
        (["--checkpoint", wrong], verifier.NO_CHECKPOINT),
        (
            ["--checkpoint", str(tmp_path / "known"), "--consistency", wrong],
            verifier.NO_CONSISTENCY,
        ),
    ):
        with pytest.raises(SystemExit) as ended:
            verifier.main([str(bag), *outside])
        assert ended.value.code == 2
        told = capsys.readouterr()
        assert sentence % wrong in told.err
        assert told.out == ""


def test_a_checkpoint_of_another_size_without_its_proof_is_a_lacking_argument_and_no_forgery(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = a_casebook()
    folder = a_dossier(tmp_path, book)
    book.noise(1)
    (tmp_path / "known").write_bytes(book.checkpoint())
    asked = [str(folder), "--checkpoint", str(tmp_path / "known")]
    assert verifier.main(asked) == 2
    told = capsys.readouterr().out
    assert verifier.INCOMPLETE.sentence in told
    assert "未能比对  与外部取得的检查点比对" in told
    assert verifier.main([*asked, "--json"]) == 2
    answer = json.loads(capsys.readouterr().out)
    assert (answer["verdict"], answer["sound"]) == ("wrong-argument", False)
    assert not answer["compared_with_outside"]
    (Path(folder) / "data" / "dossier.pdf").write_bytes(b"")
    assert verifier.main(asked) == 1
    assert verifier.FORGED.sentence in capsys.readouterr().out


def test_where_a_witness_has_not_cosigned_either_the_lacking_proof_does_not_hide_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = a_casebook()
    folder = a_dossier(tmp_path, book)
    book.noise(1)
    (tmp_path / "known").write_bytes(book.checkpoint())
    asked = [str(folder), "--checkpoint", str(tmp_path / "known"), "--witness", WITNESS_KEY]
    assert verifier.main([*asked, "--json"]) == 2
    answer = json.loads(capsys.readouterr().out)
    assert answer["verdict"] == "wrong-argument"
    assert "也没有 w.one/1 的联署" in answer["sentence"]


def test_a_key_of_another_log_is_one_and_makes_the_dossier_fail(bag: Path) -> None:
    for key in (Signer.generate(SIGNER.name).verifier.text, b64encode(bytes(32)).decode()):
        assert verifier.main([str(bag), "--key", key]) == 1
    for key in (SIGNER.verifier.text, f" {KEYS.checkpoint_key}\n"):
        assert verifier.main([str(bag), "--key", key]) == 0


# Time stamps --------------------------------------------------------------------------------------


def stamped(bag: Path, token: bytes, at: str) -> Path:
    """The bag with a time stamp, signed anew by whoever holds the log's key."""
    note = (bag / verifier.CHECKPOINT).read_bytes()
    (bag / verifier.STAMPED).parent.mkdir()
    (bag / verifier.STAMPED).write_bytes(note)
    (bag / verifier.STAMP).write_bytes(token)
    said = {"authority": "国家授时中心", "stamped_at": at}
    return rewritten(bag, verifier.SUMMARY, lambda summary: summary.update(timestamp=said))


def test_a_time_stamp_is_shown_as_not_checked_for_who_signed_it(bag: Path, tmp_path: Path) -> None:
    with TestAuthority(tmp_path / "authority").serving() as tsa:
        authority = Authority(httpx.URL(tsa.url), read_certificates(tsa.roots))
        token, at = authority.stamp((bag / verifier.CHECKPOINT).read_bytes())
    findings = verify(str(stamped(bag, token, at.isoformat())))
    assert findings.failures == []
    (line,) = (line for line in verifier.sheet_of(findings) if "openssl ts 核验（" in line)
    assert "未核验签名" in line
    assert "相符" not in line
    outcome = verifier.answer_of(findings)["checks"]["timestamp"]["outcome"]
    assert outcome == "signature-not-checked"


def test_forty_four_bytes_are_no_time_stamp(bag: Path) -> None:
    digest = sha256((bag / verifier.CHECKPOINT).read_bytes()).digest()
    forged = b"\x04\x20" + digest + b"\x18\x0f20190102000000Z"
    assert failures(stamped(bag, forged, "2019-01-02T00:00:00+00:00")) == [
        ("timestamp", verifier.STAMP)
    ]


# Completeness -------------------------------------------------------------------------------------


def with_heads(book: Casebook, out: Path, drop: int = 0) -> Path:
    """A dossier with the proof of completeness; without the last events if asked."""
    heads = book.note_heads()
    export = book.go_out()
    evidence = book.evidence(export, heads=heads)
    if drop:
        evidence = replace(evidence, events=evidence.events[:-drop])
    return write(out, evidence, PDF, {}, SIGNER)


def test_a_proof_of_the_heads_shows_that_nothing_is_missing(tmp_path: Path) -> None:
    book = a_casebook()
    size = len(book.rows)
    findings = verify(str(with_heads(book, tmp_path)))
    assert findings.sound
    assert findings.facts["complete_up_to"] == size
    assert any(f"本案记录至日志位置 {size} 一条不缺" in limit for limit in findings.limits)


def test_a_dossier_without_its_last_event_does_not_fit_the_heads(tmp_path: Path) -> None:
    with pytest.raises(NotProven):
        with_heads(a_casebook(), tmp_path, drop=1)


def test_without_heads_a_cut_tail_is_not_found_and_the_output_says_so(tmp_path: Path) -> None:
    book = a_casebook()
    evidence = book.evidence(book.go_out())
    cut = write(tmp_path, replace(evidence, events=evidence.events[:-1]), PDF, {}, SIGNER)
    findings = verify(str(cut))
    assert findings.sound
    assert any("之后没有更新的记录" in limit for limit in findings.limits)


def test_an_event_missing_in_the_middle_is_found(tmp_path: Path) -> None:
    book = a_casebook()
    evidence = book.evidence(book.go_out())
    events = evidence.events[:2] + evidence.events[3:]
    with pytest.raises(NotProven, match="第 3 版记录缺失"):
        write(tmp_path, replace(evidence, events=events), PDF, {}, SIGNER)


# Files removed, truncated, exchanged --------------------------------------------------------------


@cache
def pristine() -> dict[str, bytes]:
    """The files of a small dossier."""
    book = Casebook()
    book.begin()
    book.live(SHORT)
    with TemporaryDirectory() as folder:
        bag = a_dossier(Path(folder), book)
        return {
            path.relative_to(bag).as_posix(): path.read_bytes()
            for path in bag.rglob("*")
            if path.is_file()
        }


FILES = sorted(pristine())


def written(folder: Path, files: dict[str, bytes]) -> Path:
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder


def named(folder: Path, path: str) -> bool:
    """Whether a failure names the file; both manifests stand for each other."""
    found = verify(str(folder)).failures
    return any(path in one.where or path in one.sentence for one in found)


@pytest.mark.exhaustive
@pytest.mark.parametrize("path", FILES)
def test_a_removed_file_is_named(tmp_path: Path, path: str) -> None:
    files = pristine() | {}
    del files[path]
    assert named(written(tmp_path, files), path)


@pytest.mark.exhaustive
@pytest.mark.parametrize("path", FILES)
def test_a_truncated_file_is_named(tmp_path: Path, path: str) -> None:
    content = pristine()[path]
    for kept in (0, len(content) // 2, len(content) - 1):
        folder = written(tmp_path / str(kept), pristine() | {path: content[:kept]})
        assert not verify(str(folder)).sound
        assert named(folder, path) or path in verifier.ADDED | {verifier.MANIFEST}


@pytest.mark.parametrize("name", ["state.json", "entry.txt", "proof.tlog-proof"])
def test_exchanged_files_are_named(bag: Path, name: str) -> None:
    first, second = (event_folder(bag, version) / name for version in (2, 3))
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)
    for file in (first, second):
        assert named(bag, file.relative_to(bag).as_posix())
    wrong = {check for check, _ in failures(resigned(bag))}
    assert wrong & {"states", "proofs"}, "also when the manifests are made to fit"


def test_an_added_file_is_named(bag: Path) -> None:
    (bag / "data" / "more.txt").write_text("more")
    assert failures(bag) == [("files", "data/more.txt")]
    (bag / "data" / "more.txt").unlink()
    (bag / "data" / "link").symlink_to("/etc")
    assert failures(bag) == [("files", "data/link")]


def test_a_file_that_leads_elsewhere_is_none(bag: Path) -> None:
    pdf = bag / verifier.READABLE
    pdf.rename(bag.parent / "elsewhere.pdf")
    pdf.symlink_to(bag.parent / "elsewhere.pdf")
    assert ("files", verifier.READABLE) in failures(bag)


@pytest.mark.parametrize("linked", ["data", "data/events"])
def test_a_folder_that_leads_elsewhere_is_none(bag: Path, linked: str) -> None:
    (bag / linked).rename(bag.parent / "elsewhere")
    (bag / linked).symlink_to(bag.parent / "elsewhere")
    findings = verify(str(bag))
    assert ("files", linked) in failures(bag)
    assert findings.events == [], "nothing was read from there"


def test_an_event_folder_that_leads_elsewhere_is_none(bag: Path) -> None:
    event_folder(bag, 2).rename(bag.parent / "elsewhere")
    event_folder(bag, 2).symlink_to(bag.parent / "elsewhere")
    assert 2 not in {event["version"] for event in verify(str(bag)).events}


def test_a_folder_that_cannot_be_read_is_not_passed_over(
    bag: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bag / "data" / "hidden").mkdir()
    scandir = os.scandir

    def denied(path: str) -> Any:
        if path.endswith("hidden"):
            raise PermissionError(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", denied)
    assert failures(bag) == [("files", verifier.TAGMANIFEST)]


def test_an_empty_folder_is_named(bag: Path) -> None:
    (bag / "data" / "guilty").mkdir()
    assert failures(bag) == [("files", "data/guilty/")]


def test_sm3_never_runs_over_what_sha_256_tells_apart(
    bag: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = event_folder(bag, 2) / "state.json"
    state.write_bytes(b"A" * 2**20)
    long: list[int] = []
    sm3 = verifier.sm3
    monkeypatch.setattr(verifier, "sm3", lambda message: long.append(len(message)) or sm3(message))
    assert ("states", event_folder(bag, 2).relative_to(bag).as_posix()) in failures(bag)
    assert max(long) < 2**20


def test_a_state_that_is_too_long_is_not_read(bag: Path) -> None:
    state = event_folder(bag, 2) / "state.json"
    with state.open("r+b") as file:
        file.truncate(verifier.STATE_LIMIT + 1)
    assert "过大" in " ".join(one.sentence for one in verify(str(bag)).failures)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_flipped_bit_in_any_file_is_found(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(FILES))
    content = bytearray(pristine()[path])
    offset = data.draw(st.integers(0, len(content) - 1))
    content[offset] ^= 1 << data.draw(st.integers(0, 7))
    with TemporaryDirectory() as folder:
        written(Path(folder), pristine() | {path: bytes(content)})
        assert not verify(folder).sound


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_flipped_bit_in_what_is_proven_is_found_even_under_new_manifests(
    data: st.DataObject,
) -> None:
    proven = [path for path in FILES if path.startswith("data/events/")]
    path = data.draw(st.sampled_from([*proven, verifier.CHECKPOINT, verifier.KEYS]))
    content = bytearray(pristine()[path])
    offset = data.draw(st.integers(0, len(content) - 1))
    content[offset] ^= 1 << data.draw(st.integers(0, 7))
    with TemporaryDirectory() as folder:
        resigned(written(Path(folder), pristine() | {path: bytes(content)}))
        found = verify(folder).failures
        assert any(one.check not in {"files", "signature"} for one in found)


def test_manifests_made_to_fit_need_the_logs_signature(bag: Path) -> None:
    (bag / "data" / "dossier.pdf").write_bytes(PDF.replace(b"nobody", b"nobodi"))
    resigned(bag, Signer.generate(SIGNER.name))
    assert failures(bag) == [("signature", verifier.SIGNATURE)]


# The deeper layers: whoever attacks holds keys of the log -----------------------------------------


def rewritten(bag: Path, path: str, change: Callable[[Any], object]) -> Path:
    """The bag with a JSON file changed and everything signed anew."""
    content = json.loads((bag / path).read_text(encoding="utf-8"))
    change(content)
    (bag / path).write_text(json.dumps(content), encoding="utf-8")
    return resigned(bag)


@pytest.mark.parametrize(
    "path",
    [
        "data/judgement.pdf",
        "data/events/000000000002/state.json",
        "data/timestamp/token.tst",
        "data/schemas/case.judged.v1.json",
        "judgement.txt",
    ],
)
def test_a_signed_manifest_does_not_prove_what_no_event_asks_for(bag: Path, path: str) -> None:
    (bag / path).parent.mkdir(parents=True, exist_ok=True)
    (bag / path).write_text('{"forged":"丈夫承认家暴"}', encoding="utf-8")
    assert failures(resigned(bag)) == [("files", path)]


def test_a_second_state_beside_a_proven_one_is_not_proven(bag: Path) -> None:
    beside = event_folder(bag, 2) / "state.txt"
    beside.write_text("forged")
    assert failures(resigned(bag)) == [("files", beside.relative_to(bag).as_posix())]


def test_what_is_only_listed_is_named_beside_the_verdict(bag: Path) -> None:
    for path in ("README.txt", "bag-info.txt"):
        (bag / path).write_text("forged")
    for schema in (bag / "data" / "schemas").iterdir():
        schema.write_text("{}")
    findings = verify(str(resigned(bag)))
    assert findings.sound, "nothing in these files can be proven"
    sheet = list(verifier.sheet_of(findings))
    at = next(n for n, line in enumerate(sheet) if line.startswith("结论"))
    for name in ("data/dossier.pdf", "data/schemas/", "README.txt", "bag-info.txt", "verify.py"):
        assert name in sheet[at + 1]
    assert set(verifier.answer_of(findings)["unproven_files"]) >= {
        path.relative_to(bag).as_posix() for path in (bag / "data" / "schemas").iterdir()
    }


ADDED_MEMBERS: dict[str, tuple[str, Callable[[Any], object]]] = {
    "of the dossier": (verifier.SUMMARY, lambda said: said.update(judgement="丈夫承认家暴")),
    "of the time stamp": (
        verifier.SUMMARY,
        lambda said: said.update(timestamp={"authority": "a", "missing": "b", "stamped_at": "c"}),
    ),
    "of the keys": (verifier.KEYS, lambda said: said.update(court="key")),
    "of a disclosure": (verifier.DISCLOSURES, lambda said: said[0].update(text="别的内容")),
}


@pytest.mark.parametrize("which", ADDED_MEMBERS)
def test_a_member_that_nothing_checks_is_refused_whoever_signed(bag: Path, which: str) -> None:
    path, add = ADDED_MEMBERS[which]
    (failure,) = (
        one for one in verify(str(rewritten(bag, path, add))).failures if one.where.startswith("d")
    )
    assert "中的成员应当恰为" in failure.sentence


def test_the_time_of_the_last_position_lies_between_what_is_proven(bag: Path) -> None:
    def at(known_at: str) -> list[tuple[str, str]]:
        change = lambda summary: summary.update(known_at=known_at)  # noqa: E731
        return failures(rewritten(bag, verifier.SUMMARY, change))

    events = verify(str(bag)).events
    assert at("1999-01-01T00:00:00.000000Z") == [("versions", verifier.SUMMARY)]
    assert at("2199-01-01T00:00:00.000000Z") == [("versions", verifier.SUMMARY)]
    assert at(events[-1]["recorded"]) == [], "nothing in the bag says that it was later"


def test_what_no_event_proves_is_shown_as_the_word_of_who_made_the_dossier(tmp_path: Path) -> None:
    book = a_casebook()
    bag = a_dossier(tmp_path / "later", book)
    missing = {"authority": "国家授时中心", "missing": "停电"}
    findings = verify(
        str(rewritten(bag, verifier.SUMMARY, lambda summary: summary.update(timestamp=missing)))
    )
    assert findings.sound
    words = ["as_of", "known_at", "timestamp.authority", "timestamp.missing"]
    assert verifier.answer_of(findings)["according_to_issuer"] == words
    sheet = list(verifier.sheet_of(findings))
    assert any("截至位置" in line and "位置和时间据出具方所述" in line for line in sheet)
    assert any(
        "据出具方所述，时间戳机构 国家授时中心 当时未能盖戳（停电）" in line for line in sheet
    )
    last = book.evidence(book.go_out(), as_of=verify(str(bag)).events[-1]["position"])
    proven = verify(str(write(tmp_path / "last", last, PDF, {}, SIGNER)))
    assert proven.sound
    assert proven.word == ["as_of"], "its last event says when that was"


def test_an_event_of_another_stream_is_no_version_of_this_case(tmp_path: Path) -> None:
    book = a_casebook()
    export = book.go_out()
    note = book.checkpoint()
    foreign = exhibit_of(book.rows[1], len(book.rows), note, book.forest.hashes)
    evidence = book.evidence(export)
    events = (foreign, *evidence.events[1:])
    with pytest.raises(NotProven, match="不属于本案"):
        write(tmp_path, replace(evidence, events=events), PDF, {}, SIGNER)


def test_an_earlier_export_does_not_stand_for_this_one(tmp_path: Path) -> None:
    book = a_casebook()
    earlier = book.go_out()
    book.noise()
    with pytest.raises(NotProven, match="不是本次调取"):
        write(tmp_path, book.evidence(earlier, as_of=len(book.rows)), PDF, {}, SIGNER)


def test_a_dossier_without_its_export_is_none(bag: Path) -> None:
    def without(summary: dict[str, Any]) -> None:
        summary["export"] = summary["events"][0]

    assert not verify(str(rewritten(bag, verifier.SUMMARY, without))).sound


def test_a_simulated_log_cannot_be_called_real(tmp_path: Path) -> None:
    book = Casebook()
    book.begin(simulated=True)
    book.live()
    bag = rewritten(
        a_dossier(tmp_path, book), verifier.SUMMARY, lambda summary: summary.update(simulated=False)
    )
    assert failures(bag) == [("keys", verifier.SUMMARY)]


def test_a_cut_summary_leaves_every_check_undone(bag: Path) -> None:
    rewritten(bag, verifier.SUMMARY, lambda summary: summary.pop("events"))
    assert {check for check, _ in failures(bag)} == set(verifier.CHECKS)


ODD = [None, True, -1, 1.5, 10**30, "x", "", [], [[]], [None], {}, {"position": "x"}, {"n": []}]


@pytest.mark.exhaustive
@pytest.mark.parametrize("path", [verifier.SUMMARY, verifier.KEYS, verifier.DISCLOSURES])
def test_whatever_a_file_says_is_a_finding_and_never_a_crash(tmp_path: Path, path: str) -> None:
    bag = written(tmp_path, pristine())
    original = json.loads((bag / path).read_text(encoding="utf-8"))
    members = list(original) if isinstance(original, dict) else range(len(original))
    changes = [odd for odd in ODD if odd not in (original, [], {})]
    for member in members:
        for odd in ODD:
            if original[member] != odd:
                changes.append(original.copy())
                changes[-1][member] = odd
    for changed in changes:
        (bag / path).write_text(json.dumps(changed), encoding="utf-8")
        assert not verify(str(resigned(bag))).sound, changed


def swapped(fields: dict[str, Any]) -> None:
    first, second = (compartment["note"] for compartment in fields["session"]["notes"])
    first["c"], second["c"] = second["c"], first["c"]


def test_a_ciphertext_swapped_between_fields_does_not_open(tmp_path: Path) -> None:
    book = Casebook()
    book.begin()
    book.live(forges={5: swapped})
    with pytest.raises(NotProven, match="密文已被改动，或从别处移来"):
        a_dossier(tmp_path, book)


def test_a_whole_envelope_swapped_between_fields_does_not_open(tmp_path: Path) -> None:
    def exchange(fields: dict[str, Any]) -> None:
        first, second = fields["session"]["notes"]
        first["note"], second["note"] = second["note"], first["note"]

    book = Casebook()
    book.begin()
    book.live(forges={5: exchange})
    with pytest.raises(NotProven, match="不是密封时所用的那一个"):
        a_dossier(tmp_path, book)
    # Even with the disclosures swapped along, the place does not fit.
    position = next(p for p, path in book.opening if path.startswith("session"))
    one, other = ((position, f"session/notes/{n}/note") for n in (0, 1))
    book.opening[one], book.opening[other] = book.opening[other], book.opening[one]
    with pytest.raises(NotProven, match="密文已被改动，或从别处移来"):
        a_dossier(tmp_path, book)


@pytest.mark.parametrize("suite", sorted(SUITES))
def test_a_ciphertext_built_to_open_two_ways_opens_one_way_only(tmp_path: Path, suite: int) -> None:
    okms = [bytes([n]) * SUITES[suite].okm_bytes for n in (1, 2)]
    first, second = (Gcm(suite, okm) for okm in okms)
    path = "session/notes/0/note"
    info = info_of(str(CASE), 5, "case.session-held.v1", path)
    commitment = commitment_of(suite, okms[0])
    length = 62
    beginning = length.to_bytes(2, "big") + b"He did not say so."
    box = two_faced(first, second, bytes([suite]) + commitment + info, beginning, 64)
    assert len(box) == 64 + 16

    def forge(fields: dict[str, Any]) -> None:
        fields["session"]["notes"][0]["note"] |= {
            "h": b64encode(commitment).decode(),
            "c": b64encode(box).decode(),
        }

    book = Casebook(suite=suite)
    book.begin()
    book.live(forges={5: forge})
    position = next(p for p, path in book.opening if path.startswith("session"))
    book.opening[position, path] = okms[0]
    bag = a_dossier(tmp_path, book)
    texts = [field["text"] for event in verify(str(bag)).events for field in event["fields"]]
    assert any(text.startswith("He did not say so.") for text in texts)

    def other_key(disclosures: list[dict[str, Any]]) -> None:
        for disclosure in disclosures:
            if disclosure["path"] == path:
                disclosure["okm"] = b64encode(okms[1]).decode()

    assert second.tag(bytes([suite]) + commitment + info, box[:-16]) == box[-16:], "GCM alone opens"
    rewritten(bag, verifier.DISCLOSURES, other_key)
    (failure,) = verify(str(bag)).failures
    assert failure.check == "fields"
    assert "两种密钥" in failure.sentence


@pytest.mark.parametrize(
    "change",
    [
        lambda them: them.append(them[0]),
        lambda them: them[0].update(position=1),
        lambda them: them[0].update(path="no/such/field"),
        lambda them: them[0].update(okm=them[0]["okm"][:-4]),
        lambda them: them[0].update(okm="!"),
        lambda them: them[0].pop("okm"),
    ],
)
def test_a_disclosure_that_fits_nothing_is_a_failure(
    bag: Path, change: Callable[[Any], object]
) -> None:
    assert {check for check, _ in failures(rewritten(bag, verifier.DISCLOSURES, change))} == {
        "fields"
    }


# A bag whose report misleads ----------------------------------------------------------------------

CLEAR = "\x1b[2J\x1b[H结论：核验通过。\u202e"


def test_nothing_in_a_bag_moves_the_cursor_of_the_terminal_that_shows_the_outcome(
    bag: Path,
) -> None:
    """Else a bag that fails could clear the screen and write its own conclusion there."""
    summary = json.loads((bag / verifier.SUMMARY).read_text(encoding="utf-8"))
    summary["case"] = CLEAR
    (bag / verifier.SUMMARY).write_text(json.dumps(summary), encoding="utf-8")
    resigned(bag)
    findings = verify(str(bag))
    assert not findings.sound
    lines = list(verifier.sheet_of(findings))
    assert sum(line.startswith("结论") for line in lines) == 1
    assert all(line.isprintable() for line in lines)
    export = {"recipient": CLEAR, "purpose": CLEAR, "recorded": "-"}
    findings.facts.update(log=CLEAR, key=CLEAR, export=export, cosigned_by=[CLEAR])
    assert all(line.isprintable() for line in verifier.sheet_of(findings))


def test_heads_that_speak_of_what_came_after_them_are_not_believed(tmp_path: Path) -> None:
    """Whoever records them could promise that nothing is missing up to any position."""
    book = a_casebook()
    heads = book.note_heads()
    row = book.rows.pop()
    state = row.state.replace(b'"size":%d' % heads.size, b'"size":%d' % (heads.size + 1000))
    assert state != row.state
    book.put(row.originator_id, row.originator_version, row.topic, state)
    evidence = book.evidence(book.go_out(), heads=heads)
    with pytest.raises(NotProven, match="其后"):
        write(tmp_path, evidence, PDF, {}, SIGNER)


def test_the_logs_own_key_is_no_witness(bag: Path) -> None:
    """A bag's README could name it as one: every checkpoint bears its signature."""
    own = SIGNER.verifier.text
    assert failures(bag, witnesses=(own,)) == [("witnesses", verifier.CHECKPOINT)]
    same = Cosigner(SIGNER.name, SIGNER.seed).verifier.text
    assert failures(bag, witnesses=(same,)) == [("witnesses", verifier.CHECKPOINT)]


def test_the_record_of_the_export_is_shown_with_whom_it_was_for(tmp_path: Path) -> None:
    """Who hands a case out again without recording it can show only the earlier record."""
    folder = a_dossier(tmp_path)
    findings = verify(str(folder))
    assert findings.facts["export"]["recipient"] == "历下区人民法院"
    assert any("接收方 历下区人民法院" in line for line in verifier.sheet_of(findings))
