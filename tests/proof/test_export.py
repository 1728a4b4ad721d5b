"""Handing a case out: recorded first, sealed, set in Chinese type, proven; or not handed out."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from application import dossier, typesetting
from application.casefile import CLOSED, Line, legible, lines_of, unsealed
from application.cosigning import Cosigning, KnownWitness
from application.database import nameless
from application.dossier import Exported
from application.envelope import Unopened
from application.evidence import NotProven, Order
from application.heads import note_heads
from application.keystore import KeySpoiled
from application.note import Cosigner
from application.records import Command, NotFound
from application.settings import Settings
from application.timestamp import NotStamped
from application.typesetting import NotSet, chinese_fonts, set_in_type
from application.vault import KeyLost, open_vault
from application.verifier import verify as verifier
from application.witness import Witness, make_memory, witness_app
from domain.access import ExportMade, access_id
from domain.base import Refused, decide, fold
from domain.case import Case
from domain.case_counselling_events import SessionHeld
from domain.values import AccessPurpose
from tests.api.conftest import served
from tests.conftest import Run
from tests.domain.case_cast import HER, a_case, consented, held, offered, opened, session
from tests.proof.authority import TestAuthority, openssl
from tests.proof.casebook import CASE, OFFICER, STEPS, resigned
from tests.proof.ledger import Ledger
from tests.skipping import skip_loudly
from tests.vault.world import World

COURT = "济南市历下区人民法院"


@pytest.fixture
def fonts(pytestconfig: pytest.Config) -> None:
    """Chinese fonts, or a loud word that nothing was set in type."""
    try:
        chinese_fonts(Settings())
    except NotSet as missing:
        skip_loudly(pytestconfig, f"NO PDF WAS SET: {missing}")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other sealer is at work, so none is waited for."""
    monkeypatch.setattr(dossier, "AT_WORK", 0.0)


PLAIN = (opened, offered, consented(HER), held(session("session", HER)))
"""Steps in which nothing is sealed."""


def live(ledger: Ledger, noise: int = 2) -> None:
    """The case takes its steps in a real log, with other work in between."""
    case = Case(CASE)
    for step in PLAIN:
        if noise:
            ledger.record(noise)
        events = decide(case, step)
        ledger.records.save(*events)
        case = fold(case, events)


def order_of(ledger: Ledger, case: Any = CASE) -> Order:
    with psycopg.connect(ledger.database.reader) as connection:
        row = connection.execute(
            "select position, recorded_at from log.event order by position desc limit 1"
        ).fetchone()
    assert row is not None
    return Order(case, row[0], row[1], AccessPurpose.LEGAL_REQUEST, COURT, OFFICER)


def exported(ledger: Ledger, out: Path, order: Order | None = None, wait: float = 0.0) -> Exported:
    order = order or order_of(ledger)
    with open_vault(ledger.database, ledger.settings) as vault:
        return dossier.export(
            ledger.database, ledger.records, vault, ledger.settings, order, {}, out, wait
        )


# From a real log ----------------------------------------------------------------------------------


def test_a_case_of_a_real_log_goes_out_and_verifies(
    ledger: Ledger, tmp_path: Path, fonts: None
) -> None:
    live(ledger)
    made = exported(ledger, tmp_path / "out")
    findings = verifier.verify(str(made.folder), key=ledger.signer.verifier.text)
    assert findings.failures == []
    assert findings.facts["versions"] == len(made.evidence.events) == 5


def test_the_export_is_in_the_log_with_its_purpose_and_recipient(
    ledger: Ledger, tmp_path: Path, fonts: None
) -> None:
    live(ledger)
    order = order_of(ledger)
    made = exported(ledger, tmp_path / "out", order)
    event = made.evidence.export.event
    assert isinstance(event, ExportMade)
    assert made.evidence.export.row.position == order.as_of + 1
    assert (event.selection.record, event.selection.recipient) == (CASE, COURT)
    assert event.selection.purpose is AccessPurpose.LEGAL_REQUEST
    today = event.stamp.occurred_on
    assert event.originator_id == access_id(OFFICER.id, OFFICER.office, today)


def test_a_running_sealer_is_waited_for(
    ledger: Ledger, tmp_path: Path, fonts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(ledger)
    monkeypatch.setattr(dossier, "PAUSE", 0)
    monkeypatch.setattr(dossier.time, "sleep", lambda _: ledger.seal())
    monkeypatch.setattr(dossier, "AT_WORK", 60.0)
    assert exported(ledger, tmp_path / "out").folder.exists()


def test_a_log_that_cannot_be_sealed_hands_nothing_out(
    ledger: Ledger, tmp_path: Path, fonts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(ledger)
    ledger.seal()
    shutil.rmtree(tmp_path / "seal")  # the sealer's memory
    monkeypatch.setattr(dossier, "SEALED_WITHIN", 0.3)
    with pytest.raises(NotProven, match="memory"):
        exported(ledger, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_changed_row_is_not_handed_out(ledger: Ledger, tmp_path: Path, fonts: None) -> None:
    live(ledger)
    ledger.seal()
    ledger.attack(
        "update log.event set state = replace(convert_from(state, 'UTF8'), '2019-0001',"
        " '2019-0002')::bytea where topic = 'case.opened.v1'"
    )
    with pytest.raises(NotProven, match="does not prove this case"):
        exported(ledger, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_case_that_is_not_there_is_not_recorded_as_handed_out(
    ledger: Ledger, tmp_path: Path, fonts: None
) -> None:
    live(ledger)
    order = order_of(ledger, case=OFFICER.id)
    with pytest.raises(NotFound):
        exported(ledger, tmp_path / "out", order)
    assert order_of(ledger).as_of == order.as_of


def test_without_a_chinese_font_nothing_is_recorded_or_made(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(ledger)
    before = order_of(ledger).as_of
    monkeypatch.setattr(typesetting, "FAMILIES", ("No Such Song",))
    with pytest.raises(NotSet, match="install fonts-noto-cjk"):
        exported(ledger, tmp_path / "out")
    assert order_of(ledger).as_of == before
    assert not (tmp_path / "out").exists()


def test_as_of_an_earlier_position_later_events_stay_out(
    ledger: Ledger, tmp_path: Path, fonts: None
) -> None:
    live(ledger)
    order = order_of(ledger)
    with psycopg.connect(ledger.database.reader) as connection:
        row = connection.execute(
            "select position, recorded_at from log.event"
            " where originator_id = %s and originator_version = 3",
            (CASE,),
        ).fetchone()
    assert row is not None
    as_of, known_at = row
    made = exported(ledger, tmp_path / "out", replace(order, as_of=as_of, known_at=known_at))
    assert len(made.evidence.events) == 3


def test_the_stream_heads_of_a_real_log_prove_that_nothing_is_missing(
    ledger: Ledger, tmp_path: Path, fonts: None
) -> None:
    live(ledger)
    size = order_of(ledger).as_of
    with psycopg.connect(ledger.database.reader, autocommit=True) as connection:
        note_heads(connection, ledger.records, Command(OFFICER), ledger.settings.home)
    made = exported(ledger, tmp_path / "out")
    findings = verifier.verify(str(made.folder))
    assert findings.sound
    assert findings.facts["complete_up_to"] == size


def test_the_checkpoint_of_a_dossier_is_stamped_where_an_authority_is_configured(
    ledger: Ledger, tmp_path: Path, fonts: None
) -> None:
    live(ledger)
    with TestAuthority(tmp_path / "authority").serving() as tsa:
        ledger.settings = ledger.settings.model_copy(
            update={"tsa_url": tsa.url, "tsa_certificates": tsa.roots}
        )
        made = exported(ledger, tmp_path / "out")
        findings = verifier.verify(str(made.folder))
        assert findings.sound
        assert "timestamp" in findings.passed
        assert any("未核验签名" in line for line in verifier.sheet_of(findings))
        assert any(tsa.url in limit for limit in findings.limits)
        done = openssl(
            "ts", "-verify", "-token_in", "-in", made.folder / verifier.STAMP,
            "-data", made.folder / verifier.STAMPED, "-CAfile", tsa.roots,
        )  # fmt: skip
        assert done.returncode == 0
    token = made.folder / verifier.STAMP
    token.write_bytes(token.read_bytes().replace(b"\x04\x20", b"\x04\x21"))
    resigned(made.folder, ledger.signer)
    assert [one.check for one in verifier.verify(str(made.folder)).failures] == ["timestamp"]
    token.write_bytes(token.read_bytes().replace(b"\x04\x21", b"\x04\x20"))
    summary = made.folder / verifier.SUMMARY
    said = json.loads(summary.read_text(encoding="utf-8"))
    said["timestamp"]["stamped_at"] = "2019-01-01T00:00:00+00:00"
    summary.write_text(json.dumps(said), encoding="utf-8")
    resigned(made.folder, ledger.signer)
    (failure,) = verifier.verify(str(made.folder)).failures
    assert failure.check == "timestamp"
    assert "2019-01-01" in failure.sentence


def test_a_time_stamp_is_checked_as_the_bag_says_when_its_certificate_has_expired(
    ledger: Ledger, tmp_path: Path, fonts: None
) -> None:
    live(ledger)
    with TestAuthority(tmp_path / "authority").serving() as tsa:
        ledger.settings = ledger.settings.model_copy(
            update={"tsa_url": tsa.url, "tsa_certificates": tsa.roots}
        )
        made = exported(ledger, tmp_path / "out").folder

    limits = verifier.verify(str(made)).limits
    readme = (made / "README.txt").read_text(encoding="utf-8")
    (command,) = re.findall(r"openssl (ts -verify (?:[^\\\n]*\\\n)+.*)", readme)
    words = command.replace("\\\n", " ").replace("机构证书.pem", str(tsa.roots)).split()
    at = words.index("-attime") + 1
    assert any(f"-attime {words[at]}）" in limit for limit in limits)
    words = [str(made / word) if word.startswith("data/") else word for word in words]
    assert openssl(*words).returncode == 0
    years = str(int(words[at]) + 10 * 365 * 86400)
    assert openssl(*words[:at], years, *words[at + 1 :]).returncode != 0, "as without -attime then"


def test_where_the_authority_is_down_the_dossier_goes_out_and_says_so_and_why(
    ledger: Ledger, tmp_path: Path, fonts: None
) -> None:
    live(ledger)
    with TestAuthority(tmp_path / "authority").serving() as tsa:
        ledger.settings = ledger.settings.model_copy(
            update={"tsa_url": tsa.url, "tsa_certificates": tsa.roots}
        )
    made = exported(ledger, tmp_path / "out")
    findings = verifier.verify(str(made.folder))
    assert findings.sound
    assert "timestamp" not in findings.asked
    (said,) = (limit for limit in findings.limits if tsa.url in limit)
    assert "没有可信时间戳" in said
    assert "does not answer" in said
    assert "未能盖戳" in dict(made.document["heading"])["时间戳"]


def test_a_wrong_setting_of_the_authority_is_said_before_anything_is_recorded(
    ledger: Ledger, tmp_path: Path, fonts: None
) -> None:
    live(ledger)
    before = order_of(ledger).as_of
    ledger.settings = ledger.settings.model_copy(update={"tsa_url": "https://tsa.example/"})
    with pytest.raises(NotStamped, match="HUHANG_TSA_CERTIFICATES"):
        exported(ledger, tmp_path / "out")
    assert order_of(ledger).as_of == before


def test_a_folder_that_is_taken_is_said_before_anything_is_recorded(
    ledger: Ledger, tmp_path: Path, fonts: None
) -> None:
    live(ledger)
    order = order_of(ledger)
    exported(ledger, tmp_path / "out", order)
    before = order_of(ledger).as_of
    with pytest.raises(NotProven, match="exists already"):
        exported(ledger, tmp_path / "out", order)
    assert order_of(ledger).as_of == before


WITNESS = Cosigner("witness.example/w1", bytes(range(1, 33)))


def test_a_dossier_waits_for_its_witnesses_when_asked_to_and_says_who_cosigned(
    ledger: Ledger, tmp_path: Path, fonts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(ledger)
    make_memory(tmp_path / "memory.sqlite")
    log = ledger.signer.verifier
    witness = Witness(tmp_path / "memory.sqlite", WITNESS, {log.name: [log]})
    with served(witness_app(witness)) as address, httpx.Client() as client:
        (tmp_path / "witnesses").write_text(f"{address} {WITNESS.verifier.text}\n")
        known = KnownWitness(address, WITNESS.verifier)
        cosigning = Cosigning(ledger.database, ledger.settings)

        def asking(seconds: float) -> None:
            ledger.seal()
            cosigning.ask(client, known)

        alone = exported(ledger, tmp_path / "alone")
        monkeypatch.setattr(dossier, "AT_WORK", 60.0)
        monkeypatch.setattr(dossier.time, "sleep", asking)
        made = exported(ledger, tmp_path / "out", wait=20.0)
    assert alone.evidence.witnessed == {}
    assert "无" in dict(alone.document["heading"])["见证人联署"]
    assert any("未经外部见证人联署" in said for said in verifier.verify(str(alone.folder)).limits)
    assert made.evidence.witnessed.keys() == {WITNESS.name}
    assert WITNESS.name in dict(made.document["heading"])["见证人联署"]
    unasked = verifier.verify(str(made.folder))
    assert unasked.facts["signatures_not_checked"] == [WITNESS.name]
    asked = verifier.verify(str(made.folder), witnesses=(WITNESS.verifier.text,))
    assert asked.sound
    assert asked.facts["cosigned_by"] == [WITNESS.name]


def test_a_witness_that_does_not_come_is_waited_for_no_longer_than_asked(
    ledger: Ledger, tmp_path: Path, fonts: None
) -> None:
    live(ledger)
    (tmp_path / "witnesses").write_text(f"http://nobody {WITNESS.verifier.text}\n")
    assert exported(ledger, tmp_path / "out", wait=0.2).evidence.witnessed == {}


# What the vault opens -----------------------------------------------------------------------------


def disclosed(folder: Path) -> set[str]:
    """The texts that a dossier shows."""
    findings = verifier.verify(str(folder))
    assert findings.failures == []
    fields = [field for event in findings.events for field in event["fields"]]
    return {field["text"] for field in fields if not field["sealed"]}


@pytest.mark.parametrize(
    ("parts", "texts"),
    [
        ((), set()),
        (("wife",), {'{"name":"王丽"}', "她担心他酗酒"}),
        (("couple",), {"共同讨论了抚养安排"}),
        (("all",), {'{"name":"王丽"}', '{"name":"李强"}', "她担心他酗酒", "共同讨论了抚养安排"}),
    ],
)
def test_a_dossier_discloses_what_the_vault_opened_for_it_and_the_log_says_so(
    ledger: Ledger, tmp_path: Path, fonts: None, parts: tuple[str, ...], texts: set[str]
) -> None:
    with open_vault(ledger.database, ledger.settings) as vault:
        case = World(ledger.database, ledger.records, vault).case()
    order = replace(order_of(ledger, case), parts=parts)
    made = exported(ledger, tmp_path / "out", order)
    assert disclosed(made.folder) == texts
    with psycopg.connect(ledger.database.reader) as connection:
        traces = connection.execute(
            "select position from log.event where topic = 'access.key-released.v1'"
        ).fetchall()
    assert len(traces) == (parts != ())
    assert all(position < made.evidence.export.row.position for (position,) in traces)


def test_nothing_of_somebody_who_is_not_there_can_be_disclosed(
    ledger: Ledger, tmp_path: Path, fonts: None
) -> None:
    with open_vault(ledger.database, ledger.settings) as vault:
        case = World(ledger.database, ledger.records, vault).case()
    order = replace(order_of(ledger, case), parts=("other",))
    with pytest.raises(Unopened, match="nothing to open"):
        exported(ledger, tmp_path / "out", order)
    assert order_of(ledger).as_of == order.as_of, "no export was recorded"


def test_a_dossier_of_all_is_not_made_without_what_a_damaged_key_seals(
    ledger: Ledger, tmp_path: Path, fonts: None
) -> None:
    """It would say of every field that it was not disclosed to who gets it."""
    with open_vault(ledger.database, ledger.settings) as vault:
        case = World(ledger.database, ledger.records, vault).case()
    ledger.attack(
        "update vault.key set wrapped = other.wrapped from vault.key as other"
        f" where key.record = '{case}' and other.record = key.record"
        " and (key.part, other.part) in (('wife', 'husband'), ('husband', 'wife'))"
    )
    with pytest.raises(KeySpoiled, match="in the place of the key"):
        exported(ledger, tmp_path / "out", replace(order_of(ledger, case), parts=("all",)))


@pytest.mark.parametrize("whose", ["true", "part = 'husband'"])
def test_a_dossier_of_all_is_not_made_without_what_a_lost_key_seals(
    ledger: Ledger, tmp_path: Path, fonts: None, whose: str
) -> None:
    with open_vault(ledger.database, ledger.settings) as vault:
        case = World(ledger.database, ledger.records, vault).case()
    ledger.attack(f"delete from vault.key where record = '{case}' and {whose}")
    with pytest.raises(KeyLost, match="is not in the key store"):
        exported(ledger, tmp_path / "out", replace(order_of(ledger, case), parts=("all",)))


def test_what_no_case_can_hold_is_refused_by_name(ledger: Ledger, tmp_path: Path) -> None:
    with open_vault(ledger.database, ledger.settings) as vault:
        case = World(ledger.database, ledger.records, vault).case()
    order = replace(order_of(ledger, case), parts=("husband", "cuple"))
    with pytest.raises(Refused, match="part-unknown"):
        exported(ledger, tmp_path / "out", order)
    assert order_of(ledger).as_of == order.as_of, "nothing was opened and no export recorded"


# The command --------------------------------------------------------------------------------------


@pytest.fixture
def run(ledger: Ledger, huhang: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(ledger.database.administrator))
    monkeypatch.setenv("HUHANG_OWNER_URL", ledger.database.administrator)
    monkeypatch.setenv("HUHANG_HOME", str(ledger.settings.home))
    return huhang


ASKED = ("--purpose", "legal-request", "--recipient", COURT)


def test_the_command_makes_a_dossier(run: Run, ledger: Ledger, tmp_path: Path, fonts: None) -> None:
    live(ledger, noise=0)  # it would not fit into any territory
    code, out, err = run("dossier", str(CASE), "--out", str(tmp_path / "out"), *ASKED, "--json")
    assert code == 0, err
    answer = json.loads(out)
    assert answer["versions"] == 5
    assert verifier.main([answer["folder"]]) == 3, "nobody compared it with a key from outside"
    assert verifier.main([answer["folder"], "--key", ledger.signer.verifier.text]) == 0


FILING = ("--fonds", "Z001", "--class", "HY", "--responsible", "某中心", "--retention", "30年")


@pytest.mark.parametrize("command", [("dossier",), ("archive", *FILING)], ids=lambda one: one[0])
@pytest.mark.parametrize("below", [".", "a/b"])
def test_where_no_folder_can_be_is_said_before_anything_is_recorded(
    run: Run, ledger: Ledger, tmp_path: Path, command: tuple[str, ...], below: str
) -> None:
    live(ledger, noise=0)
    before = order_of(ledger).as_of
    out = tmp_path / "README.md"
    out.write_text("a file")
    name, *more = command
    code, _, err = run(name, str(CASE), "--out", str(out / below), *ASKED, *more)
    assert code == 2
    assert re.fullmatch(r"Nothing can be written in .+ \(Not a directory\); .+--out\..+\n", err)
    assert order_of(ledger).as_of == before


def test_a_package_that_is_there_is_said_before_anything_is_recorded(
    run: Run, ledger: Ledger, tmp_path: Path
) -> None:
    live(ledger, noise=0)
    before = order_of(ledger).as_of
    (tmp_path / f"archive-{CASE}-{before}").mkdir()
    code, _, err = run("archive", str(CASE), "--out", str(tmp_path), *ASKED, *FILING)
    assert (code, "exists already" in err) == (1, True)
    assert order_of(ledger).as_of == before


def test_the_command_makes_an_archive_package_and_its_report_again(
    run: Run, ledger: Ledger, tmp_path: Path, fonts: None
) -> None:
    live(ledger, noise=0)
    code, out, err = run(
        "archive", str(CASE), "--out", str(tmp_path / "out"), *ASKED, *FILING, "--json"
    )
    assert code == 0, err
    answer = json.loads(out)
    assert answer["report"]["passed"] is True
    code, out, _ = run("archive-report", answer["folder"])
    assert code == 3, "it cannot exclude that all of it is forged, and verify.py says 3 too"
    assert answer["report"]["proven"] is False
    assert out == Path(answer["folder"], "report.txt").read_text(encoding="utf-8")
    key = json.loads(run("keys", "--json")[1])["log"]
    code, out, _ = run("archive-report", answer["folder"], "--key", key, "--json")
    assert (code, json.loads(out)["proven"]) == (0, True)
    shutil.copytree(answer["folder"], tmp_path / "bare")
    shutil.rmtree(tmp_path / "bare" / "proofs")
    code, out, _ = run("archive-report", str(tmp_path / "bare"))
    assert (code, "未证明" in out) == (3, True)
    assert run("archive-report", str(tmp_path / "bare"), "--key", key)[0] == 1
    for none in ("", "any"):
        code, _, err = run("archive-report", answer["folder"], "--key", none)
        assert (code, "is no public key of a log" in err) == (2, True)
    Path(answer["folder"], "casefile.pdf").unlink()
    assert run("archive-report", answer["folder"], "--json")[0] == 1
    assert run("archive-report", str(tmp_path / "nowhere"))[0] == 2


def test_the_commands_disclose_what_is_asked_and_the_archive_everything(
    run: Run, ledger: Ledger, tmp_path: Path, fonts: None
) -> None:
    with open_vault(ledger.database, ledger.settings) as vault:
        case = str(World(ledger.database, ledger.records, vault).case())
    asked = (case, "--out", str(tmp_path / "out"), *ASKED, "--json")
    code, out, err = run("dossier", *asked, "--disclose", "wife", "--disclose", "couple")
    assert code == 0, err
    assert disclosed(json.loads(out)["folder"]) == {
        '{"name":"王丽"}', "她担心他酗酒", "共同讨论了抚养安排"
    }  # fmt: skip
    filing = ("--fonds", "Z001", "--class", "HY", "--responsible", "某中心", "--retention", "永久")
    code, out, err = run("archive", *asked, *filing)
    assert code == 0, err
    document = Path(json.loads(out)["folder"], "casefile.xml").read_text(encoding="utf-8")
    assert all(text in document for text in ("王丽", "李强", "她担心他酗酒", "共同讨论了抚养安排"))
    code, _, err = run("dossier", *asked, "--disclose", "nobody")
    assert (code, err.count("\n")) == (2, 1)


def test_two_checkpoints_are_compared_with_the_proof_that_the_command_gives(
    run: Run, ledger: Ledger, tmp_path: Path, fonts: None
) -> None:
    live(ledger, noise=0)
    old = ledger.seal()
    code, known, _ = run("checkpoint")
    assert code == 0
    (tmp_path / "known").write_text(known, encoding="utf-8")
    folder = exported(ledger, tmp_path / "out").folder
    code, proof, _ = run("consistency", str(old), str(old + 1))
    assert code == 0
    (tmp_path / "proof").write_text(proof)
    outside = ["--checkpoint", str(tmp_path / "known")]
    assert verifier.main([str(folder), *outside]) == 2, "the proof between the two lacks"
    assert verifier.main([str(folder), *outside, "--consistency", str(tmp_path / "proof")]) == 0
    assert run("consistency", "2", "1")[0] == 2
    assert run("consistency", "1", "99999")[0] == 1


def test_the_program_that_checks_can_be_had_without_a_dossier(run: Run, tmp_path: Path) -> None:
    code, program, _ = run("verifier")
    assert code == 0
    assert program.encode() == Path(verifier.__file__).read_bytes()


def test_the_command_says_in_one_line_why_not(
    run: Run, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(ledger, noise=0)
    into = ("--out", str(tmp_path / "out"))
    code, _, err = run("dossier", str(OFFICER.id), *into, *ASKED)
    assert (code, err.count("\n")) == (2, 1)
    monkeypatch.setattr(typesetting, "FAMILIES", ("No Such Song",))
    code, _, err = run("dossier", str(CASE), *into, *ASKED)
    assert (code, err.count("\n")) == (1, 1)
    assert "fonts-noto-cjk" in err


# The readable part --------------------------------------------------------------------------------

DOCUMENT: dict[str, Any] = {
    "title": "个案案卷",
    "author": "护航",
    "simulated": False,
    "as_of": "2026-11-25 09:00:00",
    "position": 4711,
    "case": CASE,
    "heading": [["个案编号", str(CASE)]],
    "qr": None,
    "preface": ["说明。"],
    "moments": [
        {
            "number": "1.",
            "title": "立案",
            "about": "位置 17",
            "lines": [{"depth": 0, "label": "摘要", "text": "一段文字", "sealed": False}] * 60,
        }
    ],
}
WRITTEN = datetime(2026, 11, 25, 1, tzinfo=UTC)


def pages_of(pdf: bytes, config: pytest.Config) -> list[str]:
    """The text of each page, as a stranger's program reads it."""
    if shutil.which("pdftotext") is None:
        skip_loudly(config, "NO PDF WAS READ: apt-get install poppler-utils")
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True)
    return done.stdout.decode().split("\f")[:-1]


def test_every_page_says_as_of_when_and_which_page_it_is(
    fonts: None, pytestconfig: pytest.Config
) -> None:
    pages = pages_of(set_in_type(DOCUMENT, WRITTEN, Settings()), pytestconfig)
    assert len(pages) > 1
    for number, page in enumerate(pages, start=1):
        assert "截至 2026-11-25 09:00:00（日志位置 4711）" in page
        assert f"第 {number} 页，共 {len(pages)} 页" in page
        assert "SIMULATED" not in page


def test_every_page_of_a_simulated_log_says_so(fonts: None, pytestconfig: pytest.Config) -> None:
    pages = pages_of(set_in_type(DOCUMENT | {"simulated": True}, WRITTEN, Settings()), pytestconfig)
    assert all("模拟数据" in page for page in pages)


def test_a_letter_without_a_shape_is_written_as_its_number(
    fonts: None, pytestconfig: pytest.Config
) -> None:
    odd = DOCUMENT | {"preface": ["一只\N{UNICORN FACE}和\uf8ff。"], "title": "案卷\U0001f984"}
    text = "".join(pages_of(set_in_type(odd, WRITTEN, Settings()), pytestconfig))
    assert "一只〔U+1F984〕和〔U+F8FF〕。" in text


def test_markup_in_a_text_stays_a_text(fonts: None, pytestconfig: pytest.Config) -> None:
    text = '#panic("no") *strong* $x$ \\ "quoted" `raw` <label> @ref'
    pdf = set_in_type(DOCUMENT | {"preface": [text]}, WRITTEN, Settings())
    assert text in pages_of(pdf, pytestconfig)[0]


def test_the_same_case_is_set_in_the_same_bytes(fonts: None) -> None:
    assert set_in_type(DOCUMENT, WRITTEN, Settings()) == set_in_type(DOCUMENT, WRITTEN, Settings())


def test_a_template_that_is_wrong_is_said_so(fonts: None) -> None:
    with pytest.raises(NotSet, match="cannot be set"):
        set_in_type({"title": "nothing else"}, WRITTEN, Settings())


def test_letters_that_cannot_be_seen_are_written_as_their_numbers() -> None:
    assert legible("一\x1b二\n三\u202e") == "一〔U+001B〕二\n三〔U+202E〕"


def test_an_identity_is_read_part_by_part_and_any_other_text_as_it_is() -> None:
    assert unsealed('{"name":"王丽","phone":"138"}') == "姓名 王丽；电话 138"
    for text in ('{"other":1}', "{}", "[]", "12", "说过的话", '{"name":'):
        assert unsealed(text) == text


def test_what_was_disclosed_stands_in_its_place_and_the_rest_stays_sealed() -> None:
    case = a_case(*STEPS[1:-2]).aggregate
    event = decide(case, STEPS[-2])[0]
    assert isinstance(event, SessionHeld)
    assert event.session.notes is not None
    first, second = event.session.notes
    known = first.model_copy(update={"note": first.note.model_copy(update={"n": "other"})})
    held = event.session.model_copy(update={"notes": (known, second)})
    event = event.model_copy(update={"session": held})
    lines = list(lines_of(event, {second.note.n: "说过的话"}, "济南市 历下区"))
    assert Line(0, "所属", "济南市 历下区") in lines
    notes = [(line.text, line.sealed) for line in lines if line.label == "过程记录"]
    assert notes == [(CLOSED, True), ("说过的话", False)]
    assert Line(1, "到场方", "女方") in lines
