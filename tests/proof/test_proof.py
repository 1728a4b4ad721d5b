"""A tlog-proof: everything that shows one event to be in the log, in one text."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.note import Checkpoint, Cosigner, Note, Signer, Unverified
from application.proof import LogProof, MalformedProof
from application.tree import Unproven, inclusion_proof, leaf_hash, root_at
from tests.proof.reference import Forest

LOG = Signer("log.example/huhang", bytes(range(32)))
WITNESS = Cosigner("witness.example/w1", bytes(range(1, 33)))
ENTRIES = [b"entry %d" % index for index in range(100)]
TREE = Forest(ENTRIES)
TIME = 1_800_000_000


def checkpoint(size: int) -> bytes:
    text = Checkpoint(LOG.name, size, root_at(size, TREE.hashes)).text
    return Note(text, (LOG.sign(text), WITNESS.cosign(text, TIME))).encode()


def proof_of(index: int, size: int) -> LogProof:
    return LogProof(index, tuple(inclusion_proof(index, size, TREE.hashes)), checkpoint(size))


PROOF = proof_of(73, 94)


def test_a_proof_has_the_form_of_the_specification() -> None:
    hashes = "".join(f"{b64encode(hash_).decode()}\n" for hash_ in PROOF.hashes)
    expected = f"c2sp.org/tlog-proof@v1\nindex 73\n{hashes}\n{PROOF.checkpoint.decode()}"
    assert PROOF.encode() == expected.encode()
    extra = LogProof(73, PROOF.hashes, PROOF.checkpoint, b"more")
    assert extra.encode() == expected.replace("index", "extra bW9yZQ==\nindex", 1).encode()


@given(
    st.builds(
        LogProof,
        st.integers(0, 2**63 - 1),
        st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
        st.just(PROOF.checkpoint),
        st.none() | st.binary(max_size=50),
    )
)
def test_a_proof_is_read_as_it_was_written(proof: LogProof) -> None:
    assert LogProof.parse(proof.encode()) == proof


@given(st.data())
def test_the_proof_of_each_leaf_in_each_tree_holds(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 100))
    index = data.draw(st.integers(0, size - 1))
    opened = proof_of(index, size).check(
        leaf_hash(ENTRIES[index]), LOG.name, [LOG.verifier], [WITNESS.verifier]
    )
    assert opened.checkpoint.size == size
    assert opened.witnessed == {WITNESS.name: TIME}


def test_a_proof_shows_no_other_leaf() -> None:
    with pytest.raises(Unproven):
        PROOF.check(leaf_hash(ENTRIES[74]), LOG.name, [LOG.verifier])


def test_a_proof_needs_the_signature_of_its_log() -> None:
    leaf = leaf_hash(ENTRIES[73])
    with pytest.raises(Unverified):
        PROOF.check(leaf, LOG.name, [Signer.generate(LOG.name).verifier])
    with pytest.raises(Unverified):
        PROOF.check(leaf, "log.example/other", [LOG.verifier])


TEXT = PROOF.encode()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n\n",
        TEXT.replace(b"@v1", b"@v2"),
        TEXT.replace(b"index 73\n", b""),
        TEXT.replace(b"index 73", b"index 073"),
        TEXT.replace(b"index 73", b"index -73"),
        TEXT.replace(b"index 73", b"index 73 "),
        TEXT.replace(b"index 73", b"index 7_3"),
        TEXT.replace(b"index 73", b"index 9223372036854775808"),
        TEXT.replace(b"index 73", b"index 73\nextra bW9yZQ=="),
        TEXT.replace(b"index 73", b"extra bW9yZQ\nindex 73"),
        TEXT.replace(b"index 73", b"extra bW9yZQ==\nextra bW9yZQ==\nindex 73"),
        TEXT.replace(b"index 73", b"index 73\n!!"),
        TEXT.replace(b"index 73", b"index 73\n" + b64encode(bytes(31))),
        TEXT.replace(b"index 73", b"index 73\n" + b64encode(bytes(64))),
        TEXT.replace(b"index 73", b"index 73\n" + b"\n".join([b64encode(bytes(32))] * 64)),
        TEXT.replace(b"index 73", "index ７３".encode()),
        TEXT.replace(b"\n", b"\r\n"),
        TEXT.partition(b"\n\n")[0] + b"\n\n",
        b"\n" + TEXT,
    ],
)
def test_a_text_of_another_shape_is_refused(text: bytes) -> None:
    with pytest.raises(MalformedProof):
        LogProof.parse(text)


@pytest.mark.parametrize(
    "proof",
    [
        LogProof(-1, PROOF.hashes, PROOF.checkpoint),
        LogProof(73, (b"short",), PROOF.checkpoint),
        LogProof(73, PROOF.hashes, b""),
    ],
)
def test_fields_that_make_no_proof_are_refused(proof: LogProof) -> None:
    with pytest.raises(MalformedProof):
        proof.encode()
