"""SM2 signatures: the standard's own example, OpenSSL as a yardstick, and notes that carry them."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from application import alarms, sm2
from application.beginning import by_the_system, open_records
from application.database import nameless
from application.inspection import Check
from application.keys import author_of, checkpoint_signers, signer_of
from application.log_stream import beginning_of
from application.note import (
    SM2,
    Checkpoint,
    ExtraMissing,
    MalformedKey,
    Note,
    Signature,
    Signer,
    Sm2Signer,
    Unverified,
    Verifier,
    open_checkpoint,
)
from application.seal import newest_checkpoint
from application.settings import DangerousSetting, Settings
from application.simulation import silently
from application.sm2 import ORDER, Sm2Key, is_public, is_secret, new_secret, verifies
from application.verification import Verification, trust_of, verify
from domain.log import LOG_ID, Log
from tests.conftest import Run
from tests.proof.authority import openssl
from tests.proof.ledger import Ledger

# GB/T 32918.5-2017, annex A.2: a signature on the recommended curve with a nonce that is told.
D = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
PUBLIC = bytes.fromhex(
    "04"
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
K = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
MESSAGE = b"message digest"
SIGNATURE = bytes.fromhex(
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)

NAME = "log.example/huhang"
PLAIN = Signer(NAME, bytes(range(32)))
SIGNER = Sm2Signer(NAME, D)
CHECKPOINT = Checkpoint(NAME, 20852163, bytes(range(32)))
# What comes before the point in a public key for programs: an EC key on the SM2 curve (RFC 5480).
KEY_HEADER = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
secret_keys = st.integers(1, ORDER - 2).map(lambda d: d.to_bytes(32))


def told(*_: int) -> int:
    return K


def test_the_example_of_the_standard_is_signed_and_verified() -> None:
    key = Sm2Key(D, told)
    assert key.public == PUBLIC
    assert key.sign(MESSAGE) == SIGNATURE
    assert verifies(PUBLIC, MESSAGE, SIGNATURE)
    assert not verifies(PUBLIC, b"message digesT", SIGNATURE)


def test_openssl_verifies_what_we_sign(tmp_path: Path) -> None:
    key = Sm2Key(new_secret())
    (tmp_path / "key").write_bytes(KEY_HEADER + key.public)
    (tmp_path / "message").write_bytes(CHECKPOINT.text.encode())
    signed = key.sign(CHECKPOINT.text.encode())
    for signature, holds in ((signed, True), (signed[32:] + signed[:32], False)):
        r, s = (int.from_bytes(half) for half in (signature[:32], signature[32:]))
        (tmp_path / "signature").write_bytes(encode_dss_signature(r, s))
        found = openssl(
            "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", tmp_path / "key",
            "-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678",
            "-in", tmp_path / "message", "-sigfile", tmp_path / "signature",
        )  # fmt: skip
        assert (found.returncode == 0) == holds, found


def test_we_verify_what_openssl_signs(tmp_path: Path) -> None:
    openssl("genpkey", "-algorithm", "SM2", "-out", tmp_path / "secret")
    public = openssl("pkey", "-in", tmp_path / "secret", "-pubout", "-outform", "DER").stdout
    assert public.startswith(KEY_HEADER)
    (tmp_path / "message").write_bytes(MESSAGE)
    signed = openssl(
        "pkeyutl", "-sign", "-inkey", tmp_path / "secret", "-rawin", "-digest", "sm3",
        "-pkeyopt", "distid:1234567812345678", "-in", tmp_path / "message",
    )  # fmt: skip
    r, s = decode_dss_signature(signed.stdout)
    signature = r.to_bytes(32) + s.to_bytes(32)
    assert verifies(public[len(KEY_HEADER) :], MESSAGE, signature)
    assert not verifies(PUBLIC, MESSAGE, signature)


@given(secret=secret_keys, message=st.binary(max_size=200), at=st.integers(0, 511))
@settings(max_examples=10, deadline=None)
def test_a_signature_holds_and_no_bit_of_it_may_change(
    secret: bytes, message: bytes, at: int
) -> None:
    key = Sm2Key(secret)
    assert is_public(key.public)
    signature = key.sign(message)
    assert verifies(key.public, message, signature)
    changed = (int.from_bytes(signature) ^ 1 << at).to_bytes(64)
    assert not verifies(key.public, message, changed)
    assert not verifies(key.public, message + b"\0", signature)


def test_no_two_signatures_share_their_nonce() -> None:
    key = Sm2Key(D)
    assert len({key.sign(MESSAGE)[:32] for _ in range(3)}) == 3


@pytest.mark.parametrize(("further", "zero"), [(313, 0), (25, 32)])
def test_a_short_half_of_a_signature_is_filled_up(further: int, zero: int) -> None:
    """With this nonce r, or s, begins with a zero byte, as one of 256 does."""
    signature = Sm2Key(D, lambda _: K + further).sign(MESSAGE)
    assert len(signature) == 64
    assert signature[zero] == 0
    assert verifies(PUBLIC, MESSAGE, signature)


@pytest.mark.parametrize(
    ("d", "valid"), [(0, False), (1, True), (ORDER - 2, True), (ORDER - 1, False), (ORDER, False)]
)
def test_a_secret_key_lies_within_the_order(d: int, valid: bool) -> None:
    secret = d.to_bytes(32)
    assert is_secret(secret) == valid
    if not valid:
        with pytest.raises(ValueError, match="no secret key"):
            Sm2Key(secret)


@pytest.mark.parametrize(
    "public",
    [
        b"",
        PUBLIC[1:],
        b"\x02" + PUBLIC[1:33],
        b"\x06" + PUBLIC[1:],
        PUBLIC[:-1] + bytes([PUBLIC[-1] ^ 1]),
        b"\x04" + bytes(64),
        b"\x04" + (sm2.P + 1).to_bytes(32) + PUBLIC[33:],
    ],
)
def test_what_is_no_point_of_the_curve_is_no_key(public: bytes) -> None:
    assert not is_public(public)
    assert not verifies(public, MESSAGE, SIGNATURE)
    with pytest.raises(MalformedKey, match="no point of the SM2 curve"):
        Verifier(NAME, SM2, public)


@pytest.mark.parametrize("signature", [b"", SIGNATURE[:-1], SIGNATURE + b"\0", bytes(64)])
def test_what_is_no_signature_does_not_verify(signature: bytes) -> None:
    assert not verifies(PUBLIC, MESSAGE, signature)


def test_the_key_id_is_over_name_type_and_key() -> None:
    named = NAME.encode() + b"\n" + b"\xffsm2-with-sm3/v1" + PUBLIC
    assert SIGNER.verifier.key_id == sha256(named).digest()[:4]


def test_a_key_is_written_and_read_as_text() -> None:
    assert Verifier.of_text(SIGNER.verifier.text) == SIGNER.verifier
    assert Sm2Signer.of_text(SIGNER.text) == SIGNER
    with pytest.raises(MalformedKey, match="another type of signature"):
        Signer.of_text(SIGNER.text)


def signed(*signers: Signer, change: Callable[[Signature], Signature] = lambda s: s) -> bytes:
    said = CHECKPOINT.text
    return Note(said, tuple(change(signer.sign(said)) for signer in signers)).encode()


def test_a_checkpoint_carries_both_lines_and_either_key_opens_it() -> None:
    message = signed(PLAIN, SIGNER)
    for known in ([PLAIN], [SIGNER], [PLAIN, SIGNER]):
        opened = open_checkpoint(message, NAME, [signer.verifier for signer in known])
        assert opened.checkpoint == CHECKPOINT
        assert opened.witnessed == {}


def test_a_line_of_sm2_that_does_not_hold_rejects_the_note() -> None:
    def broken(signature: Signature) -> Signature:
        if signature.key_id != SIGNER.verifier.key_id:
            return signature
        return signature._replace(value=signature.value[:-1] + bytes([signature.value[-1] ^ 1]))

    both = [PLAIN.verifier, SIGNER.verifier]
    with pytest.raises(Unverified, match="does not hold"):
        open_checkpoint(signed(PLAIN, SIGNER, change=broken), NAME, both)


def test_without_the_extra_the_line_is_passed_over_and_the_key_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message, key = signed(PLAIN, SIGNER), SIGNER.verifier.text
    monkeypatch.setattr(sm2, "installed", lambda: False)
    assert open_checkpoint(message, NAME, [PLAIN.verifier]).checkpoint == CHECKPOINT
    with pytest.raises(ExtraMissing, match="passed over here; install the extra sm2"):
        Verifier.of_text(key)


def test_the_settings_decide_who_signs_checkpoints(tmp_path: Path) -> None:
    plain = Settings(home=tmp_path)
    assert checkpoint_signers(plain) == [signer_of(plain)]
    assert not (tmp_path / "keys" / "log-sm2.key").exists()
    both = Settings(home=tmp_path, sm2=True)
    first, second = checkpoint_signers(both)
    assert first == signer_of(plain)
    assert isinstance(second, Sm2Signer)
    assert second.name == first.name
    assert checkpoint_signers(both) == [first, second], "the key is made once"
    kept = tmp_path / "keys" / "log-sm2.key"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert is_secret(kept.read_bytes())
    assert kept.read_bytes() != (tmp_path / "keys" / "log.key").read_bytes()


def test_sm2_without_the_extra_is_refused_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sm2, "installed", lambda: False)
    with pytest.raises(DangerousSetting, match="HUHANG_SM2 is set, but nothing here"):
        checkpoint_signers(Settings(home=tmp_path, sm2=True))
    assert not (tmp_path / "keys" / "log-sm2.key").exists()


def test_the_library_is_loaded_only_for_a_key_of_that_kind() -> None:
    code = "import sys, application.note; print('gmalg' in sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout == "False\n"


# As the log names its key, and as what is verified


@pytest.fixture
def signing(ledger: Ledger) -> Ledger:
    """A log whose checkpoints are signed with SM2 too."""
    ledger.settings = ledger.settings.model_copy(update={"sm2": True})
    return ledger


def verified(ledger: Ledger) -> Verification:
    return verify(ledger.database.reader, silently, trust_of(ledger.settings))


def test_the_log_names_its_key_of_sm2_once_and_its_lines_are_verified(signing: Ledger) -> None:
    signing.seal()
    assert verified(signing).outcomes()[Check.SM2].startswith("COULD NOT RUN: 1 of 1")
    for _ in range(2):
        open_records(signing.database, signing.settings).close()
    signing.seal()
    found = verified(signing)
    assert found.sound, found.outcomes()
    assert found.outcomes()[Check.SM2] == "passed for the newest 2 of 2"
    with psycopg.connect(signing.database.reader) as connection:
        (key,) = beginning_of(connection).sm2_keys
    assert key == checkpoint_signers(signing.settings)[1].verifier.public


def test_the_command_that_seals_lets_the_log_name_its_key_first(
    signing: Ledger, huhang: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(signing.database.owner))
    monkeypatch.setenv("HUHANG_HOME", str(signing.settings.home))
    monkeypatch.setenv("HUHANG_SM2", "true")
    code, _, err = huhang("seal", "--once")
    assert code == 0, err
    found = verified(signing)
    assert found.sound, found.outcomes()
    assert found.outcomes()[Check.SM2] == "passed for the newest 1 of 1"


def test_a_key_of_sm2_that_is_lost_is_made_anew_only_on_purpose(
    signing: Ledger, huhang: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(signing.database.owner))
    monkeypatch.setenv("HUHANG_HOME", str(signing.settings.home))
    monkeypatch.setenv("HUHANG_SM2", "true")
    assert huhang("seal", "--once")[0] == 0
    code, _, err = huhang("seal", "--once", "--new-sm2", "I like another one")
    assert (code, "is made anew only where" in err) == (1, True)
    key = signing.settings.home / "keys" / "log-sm2.key"
    key.unlink()
    signing.record(1)
    code, _, err = huhang("seal", "--once")
    assert (code, "is not here, and the log names the key in it" in err) == (1, True)
    with pytest.raises(DangerousSetting, match="the log names the key in it"):
        open_records(signing.database, signing.settings)
    assert not key.exists()
    assert huhang("seal", "--once", "--new-sm2", "the disk burnt")[0] == 0
    assert alarms.rung(signing.settings.home)[-1]["said"] == "the disk burnt"
    found = verified(signing)
    assert found.sound, found.outcomes()
    assert found.outcomes()[Check.SM2] == "passed for the newest 2 of 2"


def test_a_log_without_sm2_has_nothing_to_check(ledger: Ledger) -> None:
    ledger.seal()
    assert verified(ledger).outcomes()[Check.SM2] == "nothing to check: no checkpoint bears one"


def test_without_the_extra_lines_of_sm2_are_a_check_that_could_not_run(
    signing: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_records(signing.database, signing.settings).close()
    signing.seal()
    monkeypatch.setattr(sm2, "installed", lambda: False)
    found = verified(signing)
    assert not found.sound
    assert "install the extra sm2" in found.outcomes()[Check.SM2]


def test_a_line_of_sm2_that_was_changed_or_made_by_another_key_is_found(signing: Ledger) -> None:
    open_records(signing.database, signing.settings).close()
    signing.seal()
    with psycopg.connect(signing.database.reader) as connection:
        newest = newest_checkpoint(connection)
    assert newest is not None
    note = Note.parse(newest.note)
    first, second = note.signatures
    changed = second._replace(value=bytes([second.value[0] ^ 1]) + second.value[1:])
    exchange(signing, Note(note.text, (first, changed)))
    defect = verified(signing).defect
    assert defect is not None
    assert (defect.position, defect.check) == (newest.size, Check.SM2)
    stranger = Sm2Signer(signing.signer.name, D).sign(note.text)
    exchange(signing, Note(note.text, (first, stranger)))
    assert verified(signing).outcomes()[Check.SM2].startswith("COULD NOT RUN: 1 of 1 further")


def test_a_line_of_sm2_that_was_taken_away_is_missed(signing: Ledger) -> None:
    """The log says that from then on each checkpoint bears one."""
    open_records(signing.database, signing.settings).close()
    signing.seal()
    with psycopg.connect(signing.database.reader) as connection:
        newest = newest_checkpoint(connection)
    assert newest is not None
    note = Note.parse(newest.note)
    exchange(signing, Note(note.text, note.signatures[:1]))
    found = verified(signing)
    assert not found.sound
    said = found.outcomes()[Check.SM2]
    assert said.startswith("COULD NOT RUN: 1 of the 1 checkpoints since position 2")


def exchange(ledger: Ledger, note: Note) -> None:
    ledger.attack(f"update seal.checkpoint set note = '\\x{note.encode().hex()}'")


def test_only_a_known_author_names_a_key_of_sm2(ledger: Ledger, tmp_path: Path) -> None:
    stranger = Settings(home=tmp_path / "stranger", instance="app2", sm2=True)
    theirs = Ledger.under(ledger.database, stranger)
    key = b64encode(PUBLIC).decode()
    by = by_the_system(author_of(stranger))
    theirs.records.change(by, Log, LOG_ID, Log.register_sm2_key, key)
    theirs.records.close()
    with psycopg.connect(ledger.database.reader) as connection:
        assert beginning_of(connection).sm2_keys == {}
    assert verified(ledger).defect.check is Check.AUTHOR  # type: ignore[union-attr]
