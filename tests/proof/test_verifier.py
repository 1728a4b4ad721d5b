"""The verifier's own algorithms against published vectors and a library, and what it runs on."""

from __future__ import annotations

import ast
import hashlib
import json
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4
from cryptography.hazmat.primitives.ciphers.modes import ECB, GCM
from cryptography.hazmat.primitives.hashes import SM3, Hash
from hypothesis import given, settings
from hypothesis import strategies as st

from application import tree
from application.timestamp import Authority, read_certificates
from application.verifier import verify as verifier
from application.verifier.verify import Wrong
from tests.author import SIGNER
from tests.proof.authority import TestAuthority
from tests.proof.casebook import a_dossier
from tests.proof.reference import audit_path, consistency, tree_hash

SOURCE = Path(verifier.__file__)
OLDEST = (3, 8)
PYTHONS = [f"python3.{minor}" for minor in range(8, 16)]


# What it runs on ----------------------------------------------------------------------------------


def test_it_uses_no_syntax_that_its_oldest_python_does_not_know() -> None:
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=OLDEST)


def test_it_imports_nothing_but_the_standard_library() -> None:
    imported = set()
    for node in ast.walk(ast.parse(SOURCE.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "nothing beside it"
            imported.add(str(node.module).partition(".")[0])
    assert imported <= sys.stdlib_module_names
    assert not imported & {"socket", "ssl", "urllib", "http", "subprocess", "ctypes"}


def runs(python: str) -> bool:
    """Whether this computer has a Python of that name that starts."""
    if shutil.which(python) is None:
        return False
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("python", [python for python in PYTHONS if runs(python)] or ["python3"])
def test_it_runs_on_each_python_of_this_computer(tmp_path: Path, python: str) -> None:
    bag = a_dossier(tmp_path)
    done = subprocess.run(
        [python, "-I", str(bag / "verify.py"), "--json", "--key", SIGNER.verifier.text],
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["sound"] is True
    assert not list(bag.rglob("*.pyc")), "it leaves nothing in the bag"


def test_it_says_in_any_encoding_of_a_terminal_what_it_found(tmp_path: Path) -> None:
    bag = a_dossier(tmp_path)
    for encoding in ("ascii", "gbk", "utf-8"):
        done = subprocess.run(
            [sys.executable, str(bag / "verify.py"), "--key", SIGNER.verifier.text],
            capture_output=True, check=False, env={"PYTHONIOENCODING": encoding},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert not done.stderr


def test_wrong_arguments_end_with_2(tmp_path: Path) -> None:
    for arguments in (
        ["/no/such/folder"],
        ["--checkpoint", "/no/such/file"],
        ["--consistency", "-"],
    ):
        with pytest.raises(SystemExit) as ended:
            verifier.main(arguments)
        assert ended.value.code == 2


def test_an_empty_folder_is_no_dossier(tmp_path: Path) -> None:
    findings = verifier.verify(str(tmp_path))
    assert {failure.check for failure in findings.failures} == set(verifier.CHECKS)


def test_a_text_cannot_move_the_cursor_of_a_terminal() -> None:
    assert verifier.printable("好\x1b[2J\r\n\u202e") == "好\\u001b[2J\\u000d\\u000a\\u202e"


# Ed25519 ------------------------------------------------------------------------------------------

RFC_8032 = [  # §7.1: secret key, public key, message, signature
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf"
        "9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f"
        "11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984"
        "dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("secret", "public", "message", "signature"), RFC_8032)
def test_the_vectors_of_rfc_8032_verify(
    secret: str, public: str, message: str, signature: str
) -> None:
    given = [bytes.fromhex(text) for text in (public, message, signature)]
    assert verifier.ed25519_verifies(*given)
    assert Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)).sign(given[1]) == given[2]


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.data())
def test_a_signature_verifies_where_the_library_says_so(
    seed: bytes, message: bytes, data: st.DataObject
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verifier.ed25519_verifies(public, message, signature)
    changed = bytearray(public + signature + message)
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    parts = bytes(changed[:32]), bytes(changed[96:]), bytes(changed[32:96])
    assert verifier.ed25519_verifies(*parts) is accepted(*parts)


def accepted(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_a_signature_has_one_spelling() -> None:
    _, public, message, signature = RFC_8032[1]
    key, text, value = (bytes.fromhex(part) for part in (public, message, signature))
    order = (2**252 + 27742317777372353535851937790883648493).to_bytes(32, "little")
    larger = int.from_bytes(value[32:], "little") + int.from_bytes(order, "little")
    assert not verifier.ed25519_verifies(key, text, value[:32] + larger.to_bytes(32, "little"))
    assert not verifier.ed25519_verifies(key, text, value[:-1])
    assert not verifier.ed25519_verifies(key[:-1], text, value)
    assert not verifier.ed25519_verifies(b"\xff" * 32, text, value), "no point of the curve"


# Digests and ciphers ------------------------------------------------------------------------------


def test_the_examples_of_gb_t_32905() -> None:
    assert verifier.sm3(b"abc").hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )
    assert verifier.sm3(b"abcd" * 16).hex() == (
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    )


@given(st.binary(max_size=300))
def test_sm3_is_that_of_the_library(message: bytes) -> None:
    digest = Hash(SM3())
    digest.update(message)
    assert verifier.sm3(message) == digest.finalize()


def test_the_example_of_fips_197() -> None:
    encrypted = verifier.aes(bytes(range(32)))(bytes.fromhex("00112233445566778899aabbccddeeff"))
    assert encrypted.hex() == "8ea2b7ca516745bfeafc49904b496089"


def test_the_example_of_gb_t_32907() -> None:
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    assert verifier.sm4(key)(key).hex() == "681edf34d206965e86b3e94f536e4246"


blocks = st.binary(min_size=16, max_size=16)


@given(st.binary(min_size=32, max_size=32), blocks)
def test_aes_is_that_of_the_library(key: bytes, block: bytes) -> None:
    assert verifier.aes(key)(block) == Cipher(AES(key), ECB()).encryptor().update(block)


@given(blocks, blocks)
def test_sm4_is_that_of_the_library(key: bytes, block: bytes) -> None:
    assert verifier.sm4(key)(block) == Cipher(SM4(key), ECB()).encryptor().update(block)


def test_test_case_16_of_the_gcm_specification() -> None:
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
    plaintext = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )
    box = bytes.fromhex(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b"
    )
    nonce = bytes.fromhex("cafebabefacedbaddecaf888")
    associated = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    assert verifier.gcm_open(verifier.aes(key), nonce, box, associated) == plaintext


@given(st.binary(max_size=100), st.binary(max_size=100), st.data())
def test_gcm_opens_what_the_library_sealed_and_nothing_changed(
    text: bytes, associated: bytes, data: st.DataObject
) -> None:
    key, nonce = bytes(range(32)), bytes(range(12))
    box = AESGCM(key).encrypt(nonce, text, associated)
    assert verifier.gcm_open(verifier.aes(key), nonce, box, associated) == text
    national = Cipher(SM4(key[:16]), GCM(nonce)).encryptor()
    national.authenticate_additional_data(associated)
    other = national.update(text) + national.finalize() + national.tag
    assert verifier.gcm_open(verifier.sm4(key[:16]), nonce, other, associated) == text
    changed = bytearray(box)
    changed[data.draw(st.integers(0, len(box) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Wrong):
        verifier.gcm_open(verifier.aes(key), nonce, bytes(changed), associated)


# The tree -----------------------------------------------------------------------------------------

ENTRIES = [b"entry %d" % number for number in range(70)]


@given(st.data())
def test_proofs_of_inclusion_hold_for_their_leaf_only(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1))
    root, proof = tree_hash(ENTRIES[:size]), audit_path(index, ENTRIES[:size])
    verifier.check_inclusion(index, size, tree.leaf_hash(ENTRIES[index]), root, proof)
    attempts = [
        (index, size, tree.leaf_hash(b"another"), root, proof),
        (index, size, tree.leaf_hash(ENTRIES[index]), root, [*proof, bytes(32)]),
        (index, size, tree.leaf_hash(ENTRIES[index]), bytes(32), proof),
    ]
    if other != index:
        attempts.append((other, size, tree.leaf_hash(ENTRIES[index]), root, proof))
    if proof:
        attempts.append((index, size, tree.leaf_hash(ENTRIES[index]), root, proof[:-1]))
    for attempt in attempts:
        with pytest.raises(Wrong):
            verifier.check_inclusion(*attempt)


@given(st.data())
def test_proofs_of_consistency_hold_for_their_trees_only(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, 70))
    old = data.draw(st.integers(1, new - 1))
    old_root, new_root = tree_hash(ENTRIES[:old]), tree_hash(ENTRIES[:new])
    proof = consistency(old, ENTRIES[:new])
    verifier.check_consistency(old, new, old_root, new_root, proof)
    for attempt in (
        (old, new, bytes(32), new_root, proof),
        (old, new, old_root, bytes(32), proof),
        (old, new, old_root, new_root, [*proof, bytes(32)]),
        (old, new, old_root, new_root, proof[:-1]),
    ):
        with pytest.raises(Wrong):
            verifier.check_consistency(*attempt)


# Time stamps --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, datetime]:
    """What `openssl ts` stamped over b"note", and when."""
    with TestAuthority(tmp_path_factory.mktemp("once") / "authority").serving() as tsa:
        return Authority(httpx.URL(tsa.url), read_certificates(tsa.roots)).stamp(b"note")


def test_the_token_of_an_authority_says_what_was_stamped_and_when(
    token: tuple[bytes, datetime],
) -> None:
    digest, time = verifier.stamped_in(token[0])
    assert digest == hashlib.sha256(b"note").digest()
    assert time == f"{token[1]:%Y%m%d%H%M%S}"


@given(data=st.data())
def test_a_changed_token_is_none_or_says_what_it_says_in_the_one_place_for_it(
    token: tuple[bytes, datetime], data: st.DataObject
) -> None:
    changed = bytearray(token[0])
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        digest, time = verifier.stamped_in(bytes(changed))
    except Wrong:
        return
    assert len(digest) == 32
    assert len(time) == 14


@given(cut=st.integers(0, 2**20))
def test_a_token_cut_short_or_prolonged_is_none(token: tuple[bytes, datetime], cut: int) -> None:
    for changed in (token[0][: cut % len(token[0])], token[0] + b"\0", token[0] + token[0]):
        with pytest.raises(Wrong):
            verifier.stamped_in(changed)


def test_a_digest_and_a_date_somewhere_are_no_token() -> None:
    forged = b"\x04\x20" + hashlib.sha256(b"note").digest() + b"\x18\x0f20190102000000Z"
    for bare in (forged, b"\x30" + bytes([len(forged)]) + forged):
        with pytest.raises(Wrong):
            verifier.stamped_in(bare)


@pytest.mark.parametrize("spelling", ["80", "8100", "817f", "820080", "8500000000ff", "ff", ""])
def test_a_length_has_one_spelling(spelling: str) -> None:
    with pytest.raises(Wrong):
        verifier.der_length(bytes.fromhex(spelling), 0)
