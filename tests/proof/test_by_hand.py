"""What docs/audit.md tells auditors to type is typed here, and its formats are what is signed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import orjson
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from psycopg.conninfo import make_conninfo

from application.codec import statement_of
from application.cosigning import known_witnesses
from application.database import nameless
from application.envelope import Context, disclose, envelopes_in, open_with_key
from application.erasure import Certificate
from application.heads import Heads
from application.inspection import Check
from application.keys import checkpoint_signers
from application.leaf import check_author, parse, signed_part
from application.note import Checkpoint, Cosigner, Verifier
from application.proof import LogProof
from application.records import Actor
from application.settings import Settings
from application.timestamp import Authority, read_certificates, stamp_newest
from application.tokens import issue
from application.tree import leaf_hash
from application.vault import open_vault
from domain.base import Event, Value
from domain.case_file_events import PersonalDataErased
from domain.log import (
    AuthorKey,
    AuthorRegistered,
    LogGenesis,
    LogKeys,
    ReadingsDigested,
    Sm2KeyRegistered,
    StreamHeads,
    TableDigest,
)
from domain.pin import PinnedReport, ReportPinned
from domain.subject import SubjectKeyDestroyed
from domain.values import Role
from tests.conftest import Run
from tests.proof.authority import TestAuthority
from tests.proof.ledger import Ledger

DOCUMENT = Path(__file__).parents[2] / "docs" / "audit.md"
FORMAT = re.compile(r"\brec-[a-z-]+/v[0-9]+")


PROGRAM = f'huhang() {{ {sys.executable} -m api "$@"; }}\n'


def typed(
    ledger: Ledger, folder: Path, position: int, shell: str = "sh", huhang: str = PROGRAM
) -> str:
    block = re.search(
        r"test_by_hand.py runs this block. -->\n```sh\n(.*?)```", DOCUMENT.read_text(), re.S
    )
    assert block is not None
    done = subprocess.run(
        [shell, "-eu", "-c", f"cd {folder}; {huhang}{block[1]}"],
        env={
            "PATH": "/usr/bin:/bin",
            "POSITION": str(position),
            "PYTHONPATH": str(DOCUMENT.parents[1]),
            "HUHANG_HOME": str(ledger.settings.home),
            "HUHANG_DATABASE_URL": make_conninfo(ledger.database.administrator),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(("position", "shell"), [(1, "sh"), (5, "bash"), (8, "sh")])
def test_one_record_is_checked_by_hand_in_any_shell(
    ledger: Ledger, tmp_path: Path, position: int, shell: str
) -> None:
    ledger.record(7)
    ledger.seal()
    said = typed(ledger, tmp_path, position, shell)
    assert said == "The record is in the log of 8 records.\n"


def test_a_changed_record_fails_by_hand(ledger: Ledger, tmp_path: Path) -> None:
    ledger.record(7)
    ledger.seal()
    ledger.attack(
        "update log.event set recorded_at = recorded_at + interval '1 s' where position = 5"
    )
    assert "NOT in the log" in typed(ledger, tmp_path, 5)


def test_a_record_whose_state_is_another_is_never_said_to_be_in_the_log(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.record(7)
    ledger.seal()
    huhang = f"""huhang() {{
        case "$*" in
            *--state) echo forged ;;
            *) {sys.executable} -m api "$@" ;;
        esac
    }}
"""
    said = typed(ledger, tmp_path, 5, huhang=huhang)
    assert said == "The state is not the one recorded: do not believe this record.\n"


def test_a_position_that_is_not_there_is_said_to_be_none(ledger: Ledger, tmp_path: Path) -> None:
    ledger.seal()
    said = typed(ledger, tmp_path, 9)
    assert "There is no sealed record at position 9 to be checked.\n" in said
    assert "NOT in the log" not in said


def shown(name: str) -> str:
    """A block of the example in the document, without its last newline."""
    block = re.search(rf"<!-- example: {name} -->\n```\n(.*?)\n```", DOCUMENT.read_text(), re.S)
    assert block is not None, f"docs/audit.md has no example of the {name}."
    return block[1]


def plain_seal(okm: bytes, text: str, context: bytes) -> tuple[bytes, bytes]:
    """The commitment and ciphertext of a field, made by the document's words alone."""
    commitment = sha256(b"rec-kc/v1\0" + okm).digest()
    said = text.encode()
    plain = len(said).to_bytes(2, "big") + said
    plain += bytes(-len(plain) % 32)
    sealed = AESGCM(okm[:32]).encrypt(okm[32:], plain, b"\1" + commitment + context)
    return commitment, sealed


AUTHOR, LOG, WITNESS = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3))
STREAM = "6f1c2b1e-0d6b-4f0e-9a55-0c5e2a7f4b11"
KEY_NAME = "k:0b9a6d0e-3f51-4d6c-8a57-2f0c9b1e7d44"
ACTOR = "4c0b5f0a-7d1e-4c3a-8b1f-2f9d6e5a3c20"
TEXT = "李某"
SEALED_UNDER, SALT = bytes([4]) * 32, bytes([5]) * 32
BEFORE, AFTER = bytes([0x11]) * 32, bytes([0x33]) * 32
WITNESSED = 1795421710  # 2026-11-23T08:15:10Z


def base64(content: bytes) -> str:
    return b64encode(content).decode()


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def by_the_document() -> dict[str, str]:
    """Every block of the example, computed without the program, by what the document says."""
    context = b"\0".join(
        part.encode() for part in ("rec-field/v1", STREAM, "1", "example.noted.v1", "note")
    )
    okm = HKDF(SHA256(), 44, salt=SALT, info=context).derive(SEALED_UNDER)
    commitment, ciphertext = plain_seal(okm, TEXT, context)
    state = (
        f'{{"note":{{"c":"{base64(ciphertext)}","h":"{base64(commitment)}","k":"{KEY_NAME}",'
        f'"n":"{base64(SALT)}","z":1}},"stamp":{{"actor":"{ACTOR}"}}}}'
    )
    sm3 = subprocess.run(
        ["openssl", "dgst", "-sm3", "-r"], input=state.encode(), capture_output=True, check=True
    ).stdout[:64].decode()  # fmt: skip
    before = f"stream {STREAM}\nversion 1\ntopic example.noted.v1\n"
    after = (
        f"actor s:{ACTOR}\nkeys {KEY_NAME}\n"
        f"state sha256:{sha256(state.encode()).hexdigest()} sm3:{sm3}\n"
    )
    signature = AUTHOR.sign(f"rec-author/v1\n{before}{after}".encode())
    entry = (
        f"rec-leaf/v1\nindex 1\n{before}recorded 2026-11-23T08:15:04.123456Z\n{after}"
        f"author app1 {base64(signature)}\n"
    )
    leaf = sha256(b"\0" + entry.encode()).digest()
    below = sha256(b"\1" + BEFORE + leaf).digest()
    root = sha256(b"\1" + below + AFTER).digest()
    text = f"example.org/log\n3\n{base64(root)}\n"
    witness = "witness.example.org/w1"
    log_id = sha256(b"example.org/log\n\1" + public(LOG)).digest()[:4]
    witness_id = sha256(f"{witness}\n\4".encode() + public(WITNESS)).digest()[:4]
    cosigned = WITNESS.sign(f"cosignature/v1\ntime {WITNESSED}\n{text}".encode())
    checkpoint = f"{text}\n— example.org/log {base64(log_id + LOG.sign(text.encode()))}\n"
    cosignature = f"— {witness} {base64(witness_id + WITNESSED.to_bytes(8, 'big') + cosigned)}\n"
    head = sha256(f"\0{STREAM} 1 1\n".encode()).hexdigest()
    return {
        "state": state,
        "okm": okm.hex(),
        "entry": entry[:-1],
        "leaf hash": leaf.hex(),
        "proof": f"c2sp.org/tlog-proof@v1\nindex 1\n{base64(BEFORE)}\n{base64(AFTER)}\n\n"
        f"{checkpoint}{cosignature}"[:-1],
        "keys": f"app1 {base64(public(AUTHOR))}\n"
        f"example.org/log+{log_id.hex()}+{base64(bytes([1]) + public(LOG))}\n"
        f"{witness}+{witness_id.hex()}+{base64(bytes([4]) + public(WITNESS))}",
        "heads": f"{STREAM} 1 1\n{head}",
    }


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
@pytest.mark.parametrize("name", sorted(by_the_document()))
def test_an_example_of_the_formats_is_what_their_description_makes(name: str) -> None:
    assert shown(name) == by_the_document()[name]


def test_the_program_reads_the_example_as_its_description_says() -> None:
    state, entry = shown("state").encode(), f"{shown('entry')}\n".encode()
    author, log, witness = shown("keys").split("\n")
    leaf = parse(entry)
    assert leaf.entry() == entry
    assert statement_of(UUID(STREAM), 1, "example.noted.v1", state) == leaf.statement
    key = Ed25519PublicKey.from_public_bytes(b64decode(author.removeprefix("app1 ")))
    check_author(1, "app1", key, signed_part(leaf.entry()), leaf.signature)
    assert leaf_hash(entry).hex() == shown("leaf hash")
    [(path, sealed)] = envelopes_in(orjson.loads(state))
    context = Context(UUID(STREAM), 1, "example.noted.v1", path)
    assert open_with_key(SEALED_UNDER, context, sealed) == TEXT
    assert disclose(SEALED_UNDER, context, sealed).hex() == shown("okm")
    proof = LogProof.parse(f"{shown('proof')}\n".encode())
    opened = proof.check(
        leaf_hash(entry), "example.org/log", [Verifier.of_text(log)], [Verifier.of_text(witness)]
    )
    assert opened.witnessed == {"witness.example.org/w1": WITNESSED}
    line, root = shown("heads").split("\n")
    heads = Heads(3, [(UUID(STREAM), 1, 1)])
    assert (heads.proof(UUID(STREAM), 1).line, heads.root.hex()) == (f"{line}\n", root)


def described() -> str:
    return DOCUMENT.read_text().partition("\n## Formats\n")[2].partition("\n## ")[0]


def missing(names: Iterable[str], about: str) -> set[str]:
    """The names that no paragraph of the formats that is about something has."""
    paragraphs = [part for part in described().split("\n\n") if about in part]
    assert paragraphs, f"The formats say nothing about {about}."
    return {name for name in names if all(f"`{name}`" not in part for part in paragraphs)}


def test_every_format_of_ours_is_described() -> None:
    """What is signed or hashed begins with a name of its own, and no auditor has to search it."""
    sources = (DOCUMENT.parents[1] / "application").rglob("*.py")
    names = {name for source in sources for name in FORMAT.findall(source.read_text())}
    assert names >= {"rec-leaf/v1", "rec-author/v1", "rec-field/v1", "rec-dossier/v1"}
    assert names - set(FORMAT.findall(described())) == set()


@pytest.mark.parametrize(
    ("event", "value"),
    [
        (LogGenesis, LogKeys),
        (AuthorRegistered, AuthorKey),
        (Sm2KeyRegistered, None),
        (StreamHeads, None),
        (ReadingsDigested, TableDigest),
        (SubjectKeyDestroyed, None),
        (PersonalDataErased, None),
        (ReportPinned, PinnedReport),
    ],
)
def test_what_an_event_of_the_proof_holds_is_described(
    event: type[Event], value: type[Value] | None
) -> None:
    names = {*event.__annotations__, *(value.model_fields if value else ())}
    assert missing(names, f"`{event.topic}`") == set()


def test_what_a_certificate_of_erasure_says_is_described() -> None:
    assert missing(Certificate.model_fields, "The **certificate**") == set()


def test_every_file_among_the_keys_is_described(ledger: Ledger) -> None:
    """Whoever backs the folder up, or replaces what was stolen, learns what each is for."""
    ledger.seal()
    checkpoint_signers(ledger.settings.model_copy(update={"sm2": True}))
    issue(ledger.settings, Actor(uuid4(), Role.SYSTEM, uuid4()))
    with open_vault(ledger.database, ledger.settings):
        files = {path.name for path in (ledger.settings.home / "keys").iterdir()}
    kinds = {re.sub("author-.*", "author-NAME.key", name) for name in files}
    kinds = {re.sub("vault-.*", "vault-ID-EPOCH.key", name) for name in kinds}
    assert len(kinds) == 9
    section = DOCUMENT.read_text().partition("\n## Keys\n")[2].partition("\n## ")[0]
    assert {name for name in kinds if f"`{name}`" not in section} == set()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_in_a_drill_all_that_stands_beside_the_seal_is_checked_too(
    ledger: Ledger, huhang: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The witness and the authority are known there by what was backed up, and not asked."""
    home = ledger.settings.home
    ledger.record(3)
    vouched_for_outside(ledger, tmp_path / "authority")
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(ledger.database.administrator))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bare").mkdir()
    shutil.copytree(home / "keys", tmp_path / "bare" / "keys")
    monkeypatch.setenv("HUHANG_HOME", "bare")
    assert could_not_run(huhang) == {Check.COSIGNATURES, Check.STAMPS}

    (tmp_path / "BACKUP").mkdir()
    shutil.copytree(home / "keys", tmp_path / "BACKUP" / "keys")
    monkeypatch.setenv("HUHANG_HOME", str(home))
    monkeypatch.setenv("HUHANG_TSA_CERTIFICATES", str(tmp_path / "authority" / "roots.pem"))
    said = subprocess.run(
        ["sh", "-eu", "-c", f"cd BACKUP; {block('trust')}\ncd ..; {block('drill')}"
         "\nprintf %s $HUHANG_TSA_CERTIFICATES"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    monkeypatch.setenv("HUHANG_HOME", "drill")
    monkeypatch.setenv("HUHANG_TSA_CERTIFICATES", said)
    assert could_not_run(huhang) == set()
    [witness] = known_witnesses(Settings(home=tmp_path / "drill"))
    assert (witness.key, witness.address) == (OUTSIDE.verifier, None)


OUTSIDE = Cosigner("witness.example.org/w1", bytes([3]) * 32)


def vouched_for_outside(ledger: Ledger, folder: Path) -> None:
    """Have a witness cosign what is sealed, and an authority stamp it."""
    size = ledger.seal()
    (ledger.settings.home / "witnesses").write_text(
        f"# of the court\nhttp://127.0.0.1:1/w1 {OUTSIDE.verifier.text}\n"
    )
    text = Checkpoint(ledger.signer.name, size, ledger.root(size)).text
    line = OUTSIDE.cosign(text, WITNESSED).line
    with psycopg.connect(ledger.database.sealer) as sealer:
        sealer.execute(
            "insert into seal.cosignature values (%s, %s, %s, now())", (size, OUTSIDE.name, line)
        )
    with TestAuthority(folder).serving() as tsa:
        stamp_newest(ledger.database, Authority(httpx.URL(tsa.url), read_certificates(tsa.roots)))


def block(name: str) -> str:
    """What the document says is to be typed."""
    found = re.search(
        rf"runs this: {name} -->\n *```sh\n(.*?)\n *```", DOCUMENT.read_text(), re.DOTALL
    )
    assert found is not None
    return found[1]


def could_not_run(huhang: Run) -> set[str]:
    checks = json.loads(huhang("verify", "--json")[1])["checks"]
    assert not [said for said in checks.values() if said.startswith("FAILED")]
    return {check for check, said in checks.items() if said.startswith("COULD NOT RUN")}
