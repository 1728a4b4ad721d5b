"""Signed notes: what the C2SP specifications and Go's implementation accept, and nothing looser."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.note import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    Cosigner,
    MalformedKey,
    MalformedNote,
    Note,
    Signature,
    Signer,
    Unverified,
    Verifier,
    cosigned_text,
    open_checkpoint,
    parse_number,
    parse_signatures,
)

# From the tests of golang.org/x/mod/sumdb/note.
PETER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
ENOCH_KEY = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"
    "KvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01"
    "oOTGwnWLox33WWd1RvMc+QQ=\n"
)
PETER = Verifier.of_text(PETER_KEY)
ENOCH = Verifier.of_text(ENOCH_KEY)
# From the tests of github.com/transparency-dev/formats/note: a key of type 0x04.
REMORA_KEY = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
# The signature lines of the example in C2SP tlog-cosignature; it was made at 1679315147.
SOFA_LINE = (
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dl"
    "rDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)

LOG = Signer("log.example/huhang", bytes(range(32)))
WITNESS = Cosigner("witness.example/w1", bytes(range(1, 33)))
SECOND = Cosigner("witness.example/w2", bytes(range(2, 34)))
CHECKPOINT = Checkpoint("log.example/huhang", 20852163, bytes(range(32)))
TIME = 1679315147

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(
    lambda name: "+" not in name and not any(c.isspace() or c < " " for c in name)
)
SEEDS = st.binary(min_size=32, max_size=32)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], min_codepoint=0x20)).map("{}\n".format)


def message(*lines: str, text: str = TEXT) -> bytes:
    return f"{text}\n{''.join(lines)}".encode()


def checkpoint(*signatures: Signature, of: Checkpoint = CHECKPOINT) -> bytes:
    return Note(of.text, signatures).encode()


def test_the_keys_of_gos_tests_are_read_and_written() -> None:
    assert PETER.text == PETER_KEY
    assert Signer.of_text(PETER_PRIVATE).text == PETER_PRIVATE
    assert Signer.of_text(PETER_PRIVATE).verifier == PETER
    assert Verifier.of_text(REMORA_KEY).kind == COSIGNATURE
    assert Verifier.of_text(REMORA_KEY).text == REMORA_KEY


def test_a_note_is_signed_as_go_signs_it() -> None:
    signature = Signer.of_text(PETER_PRIVATE).sign(TEXT)
    assert signature.line == PETER_LINE
    assert Note(TEXT, (signature,)).encode() == message(PETER_LINE)


def test_known_keys_are_verified_and_others_passed_over() -> None:
    note = Note.parse(message(PETER_LINE, ENOCH_LINE))
    assert note.text == TEXT
    assert set(note.verified([PETER])) == {PETER}
    assert set(note.verified([ENOCH, PETER])) == {ENOCH, PETER}


def test_a_note_without_a_known_signature_is_refused() -> None:
    note = Note.parse(message(PETER_LINE))
    for known in ([], [ENOCH], [Verifier("Another", ED25519, PETER.public)]):
        with pytest.raises(Unverified, match="no key that is known"):
            note.verified(known)


def test_a_failing_signature_of_a_known_key_rejects_the_note() -> None:
    changed = message(PETER_LINE, ENOCH_LINE).replace(b"problem is", b"problem was")
    for known in ([PETER], [PETER, ENOCH]):
        with pytest.raises(Unverified, match="does not hold"):
            Note.parse(changed).verified(known)
    forged = Signature(ENOCH.name, ENOCH.key_id, bytes(64))
    with pytest.raises(Unverified, match="“EnochRoot” does not hold"):
        Note.parse(message(PETER_LINE, forged.line)).verified([PETER, ENOCH])


@pytest.mark.parametrize("length", [1, 63, 65, 72])
def test_a_signature_of_another_length_does_not_hold(length: int) -> None:
    forged = Signature(PETER.name, PETER.key_id, bytes(length))
    with pytest.raises(Unverified, match="does not hold"):
        Note.parse(message(forged.line)).verified([PETER])


def test_a_known_key_signs_once() -> None:
    note = Note.parse(message(PETER_LINE, PETER_LINE))
    with pytest.raises(Unverified, match="signed twice"):
        note.verified([PETER])
    assert set(Note.parse(message(PETER_LINE, ENOCH_LINE, ENOCH_LINE)).verified([PETER]))


def test_a_signature_with_bytes_inserted_does_not_hold() -> None:
    line = PETER_LINE[:60] + "ABCD" + PETER_LINE[60:]
    with pytest.raises(Unverified, match="does not hold"):
        Note.parse(message(line)).verified([PETER])


@pytest.mark.parametrize(
    "malformed",
    [
        b"",
        TEXT.encode(),
        message(),
        message(PETER_LINE)[:-1],
        message(PETER_LINE) + b"\n",
        message(PETER_LINE, "Unexpected line.\n"),
        message(PETER_LINE, "\n"),
        b"\x01" + message(PETER_LINE),
        b"\xff" + message(PETER_LINE),
        b"\xed\xa0\x80" + message(PETER_LINE),
        message(PETER_LINE).replace(b" problem", b"\tproblem"),
        message(PETER_LINE).replace(b"\n", b"\r\n"),
        message(PETER_LINE.replace("PeterNeumann", "Peter Neumann")),
        message(PETER_LINE.replace("PeterNeumann", "Peter\u2003Neumann")),
        message(PETER_LINE.replace("PeterNeumann", "Peter\u0085Neumann")),
        message(PETER_LINE.replace("PeterNeumann", "Peter+Neumann")),
        message(PETER_LINE.replace("PeterNeumann", "")),
        message(PETER_LINE.replace("—", "-")),
        message(PETER_LINE.replace("—", " —")),
        message(PETER_LINE.replace("AM=", "AN=")),  # the same bytes with padding bits set
        message(PETER_LINE.replace("AM=", "AM")),
        message(PETER_LINE.replace("AM=", "AM==")),
        message(PETER_LINE.replace("AM=", "A*M=")),
        message(PETER_LINE.replace("/", "_")),
        message("— PeterNeumann x08gow==\n"),
        message("— PeterNeumann \n"),
        message(*[PETER_LINE] * 101),
        message(PETER_LINE, text="a" * 1_000_000 + "\n"),
    ],
)
def test_a_message_of_another_shape_is_refused(malformed: bytes) -> None:
    with pytest.raises(MalformedNote):
        Note.parse(malformed)


def test_sixteen_signatures_and_more_are_accepted() -> None:
    assert len(Note.parse(message(*[ENOCH_LINE] * 99, PETER_LINE)).signatures) == 100


def test_the_last_empty_line_ends_the_text() -> None:
    text = f"one\n\n{PETER_LINE}\ntwo\n\n\n"
    note = Note(text, (LOG.sign(text),))
    assert Note.parse(note.encode()) == note
    assert set(note.verified([PETER, LOG.verifier])) == {LOG.verifier}


@given(TEXTS, st.lists(st.builds(Signer, NAMES, SEEDS), min_size=1, max_size=5))
def test_a_note_is_read_as_it_was_written(text: str, keys: list[Signer]) -> None:
    note = Note(text, tuple(key.sign(text) for key in keys))
    assert Note.parse(note.encode()) == note


@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused_in_a_sentence(junk: bytes) -> None:
    with pytest.raises(MalformedNote):
        Note.parse(junk)


@given(st.builds(Signer, NAMES, SEEDS) | st.builds(Cosigner, NAMES, SEEDS))
def test_a_key_is_read_as_it_was_written(key: Signer | Cosigner) -> None:
    assert type(key).of_text(key.text) == key
    assert Verifier.of_text(key.verifier.text) == key.verifier
    assert "seed" not in repr(key)


@pytest.mark.parametrize("key", [PETER_KEY, REMORA_KEY])
def test_a_public_key_with_any_change_is_refused(key: str) -> None:
    for start in range(len(key)):
        for stop in range(start + 1, len(key) + 1):
            if stop - start < len(key):
                with pytest.raises(MalformedKey):
                    Verifier.of_text(key[start:stop])
    for place in range(len(key)):
        changed = f"{key[:place]}{chr(ord(key[place]) + 1)}{key[place + 1 :]}"
        with pytest.raises(MalformedKey):
            Verifier.of_text(changed)


def test_a_private_key_with_any_change_is_refused() -> None:
    for place in range(len(PETER_PRIVATE)):
        changed = f"{PETER_PRIVATE[:place]}{chr(ord(PETER_PRIVATE[place]) + 1)}"
        for text in (PETER_PRIVATE[:place], changed + PETER_PRIVATE[place + 1 :]):
            with pytest.raises(MalformedKey):
                Signer.of_text(text)


def test_a_key_is_good_for_one_type_of_signature() -> None:
    with pytest.raises(MalformedKey, match="another type"):
        Signer.of_text(WITNESS.text)
    with pytest.raises(MalformedKey, match="another type"):
        Cosigner.of_text(LOG.text)
    with pytest.raises(MalformedKey, match="not known here"):
        Verifier("PeterNeumann", b"\x06", PETER.public)
    signature = WITNESS.cosign(CHECKPOINT.text, TIME)
    as_note = Verifier(WITNESS.name, ED25519, WITNESS.verifier.public)
    assert not as_note.accepts(CHECKPOINT.text, signature.value[8:])
    assert not WITNESS.verifier.accepts(CHECKPOINT.text, LOG.sign(CHECKPOINT.text).value)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\tb", "a\nb", "a\x01b", "a\u3000b"])
def test_a_key_is_called_by_one_word(name: str) -> None:
    with pytest.raises(MalformedKey):
        Verifier(name, ED25519, PETER.public)
    with pytest.raises(MalformedKey):
        Signer(name, LOG.seed)


def test_a_capital_key_id_is_refused() -> None:
    with pytest.raises(MalformedKey):
        Verifier.of_text(PETER_KEY.replace("c74f20a3", "C74F20A3"))


def test_two_keys_that_cannot_be_told_apart_are_refused() -> None:
    # Ids are short on purpose, so two keys of one name that collide are found by trying.
    seen: dict[bytes, Verifier] = {}
    for number in range(1_000_000):
        key = Verifier("a", ED25519, number.to_bytes(32))
        if (other := seen.setdefault(key.key_id, key)) != key:
            break
    assert (other.name, other.key_id) == (key.name, key.key_id)
    with pytest.raises(ValueError, match="share their id"):
        Note.parse(message(PETER_LINE)).verified([other, key])


def test_a_checkpoint_has_three_lines() -> None:
    assert CHECKPOINT.text == (
        "log.example/huhang\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    )
    assert Checkpoint.parse(CHECKPOINT.text) == CHECKPOINT
    extended = CHECKPOINT._replace(extensions=("more", "lines"))
    assert Checkpoint.parse(extended.text) == extended


ROOT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"o\n1\n{ROOT}",
        "o\n1\n",
        f"\n1\n{ROOT}\n",
        f"o\n\n{ROOT}\n",
        f"o\n1\n{ROOT}\n\n",
        f"o\n1\n{ROOT}\n\nmore\n",
        f"o\n01\n{ROOT}\n",
        f"o\n1_0\n{ROOT}\n",
        f"o\n+1\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n 1\n{ROOT}\n",
        f"o\n１\n{ROOT}\n",
        f"o\n9223372036854775808\n{ROOT}\n",
        f"o\n1\n{ROOT[:-1]}\n",
        f"o\n1\n{ROOT} \n",
        f"o\n1\n{ROOT[:-2]}9=\n",
        f"o\n1\n{b64encode(bytes(31)).decode()}\n",
        f"o\n1\n{b64encode(bytes(33)).decode()}\n",
    ],
)
def test_a_text_of_another_shape_is_no_checkpoint(text: str) -> None:
    with pytest.raises(MalformedNote):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    "fields",
    [
        CHECKPOINT._replace(origin=""),
        CHECKPOINT._replace(origin="a\nb"),
        CHECKPOINT._replace(origin="a\tb"),
        CHECKPOINT._replace(size=-1),
        CHECKPOINT._replace(root=b""),
        CHECKPOINT._replace(extensions=("",)),
        CHECKPOINT._replace(extensions=("a\nb",)),
    ],
)
def test_fields_that_make_no_checkpoint_are_refused(fields: Checkpoint) -> None:
    with pytest.raises(MalformedNote):
        _ = fields.text


@given(st.integers(0, 2**63 - 1))
def test_a_number_has_one_spelling(number: int) -> None:
    assert parse_number(str(number)) == number
    for other in (f"0{number}", f"+{number}", f"{number} ", f"{number}\n", f"{number}_0", ""):
        with pytest.raises(MalformedNote):
            parse_number(other)


def test_a_cosignature_holds_the_time_before_the_signature() -> None:
    (signature,) = parse_signatures(SOFA_LINE)
    assert signature.name == "witness.example.com/w1"
    assert signature.key_id.hex() == "8d66cf3f"
    assert int.from_bytes(signature.value[:8]) == TIME
    assert len(signature.value) == 8 + 64


def test_a_witness_signs_the_text_that_the_specification_shows() -> None:
    assert cosigned_text(CHECKPOINT.text, TIME) == (
        "cosignature/v1\n"
        "time 1679315147\n"
        "log.example/huhang\n"
        "20852163\n"
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    )


def test_a_cosignature_holds_for_its_time_and_text_only() -> None:
    value = WITNESS.cosign(CHECKPOINT.text, TIME).value
    accepts = WITNESS.verifier.accepts
    assert accepts(CHECKPOINT.text, value)
    assert not accepts(CHECKPOINT.text, (TIME + 1).to_bytes(8) + value[8:])
    assert not accepts(CHECKPOINT._replace(size=1).text, value)
    assert not accepts(CHECKPOINT._replace(extensions=("more",)).text, value)
    assert not accepts(CHECKPOINT.text, value[:8])
    assert not accepts(CHECKPOINT.text, value[:7])


def test_a_cosignature_of_a_time_that_no_clock_shows_is_refused() -> None:
    value = WITNESS.cosign(CHECKPOINT.text, 2**63).value
    assert not WITNESS.verifier.accepts(CHECKPOINT.text, value)


def test_a_checkpoint_opens_with_the_signature_of_its_log() -> None:
    signed = checkpoint(LOG.sign(CHECKPOINT.text), WITNESS.cosign(CHECKPOINT.text, TIME))
    opened = open_checkpoint(
        signed, CHECKPOINT.origin, [LOG.verifier], [WITNESS.verifier, SECOND.verifier]
    )
    assert opened.checkpoint == CHECKPOINT
    assert opened.witnessed == {WITNESS.name: TIME}
    assert open_checkpoint(signed, CHECKPOINT.origin, [LOG.verifier]).witnessed == {}


def test_witnesses_cannot_speak_for_the_log() -> None:
    signed = checkpoint(WITNESS.cosign(CHECKPOINT.text, TIME))
    with pytest.raises(Unverified, match="not signed by the log"):
        open_checkpoint(signed, CHECKPOINT.origin, [LOG.verifier], [WITNESS.verifier])


def test_a_checkpoint_of_another_log_is_refused() -> None:
    other = CHECKPOINT._replace(origin="log.example/other")
    with pytest.raises(Unverified, match=r"not of “log\.example/huhang”"):
        open_checkpoint(
            checkpoint(LOG.sign(other.text), of=other), CHECKPOINT.origin, [LOG.verifier]
        )


def test_a_failing_cosignature_of_a_known_witness_rejects_the_checkpoint() -> None:
    forged = WITNESS.cosign(CHECKPOINT._replace(size=1).text, TIME)
    signed = checkpoint(LOG.sign(CHECKPOINT.text), forged)
    assert open_checkpoint(signed, CHECKPOINT.origin, [LOG.verifier])
    with pytest.raises(Unverified, match="does not hold"):
        open_checkpoint(signed, CHECKPOINT.origin, [LOG.verifier], [WITNESS.verifier])


def test_one_key_is_not_two_witnesses() -> None:
    twin = Cosigner("witness.example/w9", WITNESS.seed)
    signed = checkpoint(LOG.sign(CHECKPOINT.text))
    with pytest.raises(ValueError, match="key of their own"):
        open_checkpoint(
            signed, CHECKPOINT.origin, [LOG.verifier], [WITNESS.verifier, twin.verifier]
        )


def test_a_plain_signature_of_a_witness_is_no_cosignature() -> None:
    plain = Signer(WITNESS.name, WITNESS.seed)
    signed = checkpoint(LOG.sign(CHECKPOINT.text), plain.sign(CHECKPOINT.text))
    opened = open_checkpoint(signed, CHECKPOINT.origin, [LOG.verifier], [plain.verifier])
    assert opened.witnessed == {}


def test_a_newer_cosignature_replaces_an_older_one() -> None:
    old = WITNESS.cosign(CHECKPOINT.text, TIME)
    new = WITNESS.cosign(CHECKPOINT.text, TIME + 60)
    note = Note(CHECKPOINT.text, (LOG.sign(CHECKPOINT.text), old))
    assert note.also_signed([new]).signatures == (note.signatures[0], new)
    both = note.also_signed([SECOND.cosign(CHECKPOINT.text, TIME)])
    assert len(both.signatures) == 3
