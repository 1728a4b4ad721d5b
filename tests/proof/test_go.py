"""An outside yardstick: Go's golang.org/x/mod/sumdb reads our notes, tiles and proofs, and we its.

Needs Debian's packages golang-go and golang-golang-x-mod-dev, and no network.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from base64 import b64decode, b64encode
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from application.note import Checkpoint, Cosigner, Note, Signer, Sm2Signer, Unverified, Verifier
from application.tree import (
    Tile,
    check_consistency,
    check_inclusion,
    completed_tiles,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    partial_tiles,
    root_at,
    tile_above,
)
from tests.proof.reference import Forest
from tests.proof.test_leaf import LEAF
from tests.skipping import skip_loudly

PROGRAM = Path(__file__).parent / "go" / "check.go"
GOPATH = "/usr/share/gocode"  # where Debian keeps the sources of Go libraries
SUMDB = Path(GOPATH, "src/golang.org/x/mod/sumdb/tlog")

LOG = Signer("log.example/huhang", bytes(range(32)))
SM2 = Sm2Signer(LOG.name, bytes(range(32)))  # a type that Go does not know, and passes over
WITNESS = Cosigner("witness.example/w1", bytes(range(1, 33)))
TIME = 1_800_000_000
SIZES = [1, 2, 3, 7, 8, 100, 255, 256, 257, 511, 512, 1000, 65_535, 65_536, 65_537, 65_793]
LARGEST = SIZES[-1]  # full tiles on two levels, a partial one on three
ENTRIES = [
    replace(LEAF, index=at).entry() if at < 50 else b"entry %d" % at for at in range(LARGEST)
]


class Go:
    """What the program was given, and what it answered."""

    def __init__(self) -> None:
        self.tree = Forest(ENTRIES)
        self.root = root_at(LARGEST, self.tree.hashes)
        self.answer = self.run(self.document())

    def document(self) -> dict[str, Any]:
        growths = [*pairwise(SIZES), *((old, LARGEST) for old in SIZES)]
        return {
            "LogKey": LOG.verifier.text,
            "LogPrivate": LOG.text,
            "WitnessKey": WITNESS.verifier.text,
            "Entries": [text(entry) for entry in ENTRIES],
            "Trees": [self.grown(size) for size in SIZES],
            "Growths": [
                {
                    "Old": old,
                    "New": new,
                    "Proof": texts(consistency_proof(old, new, self.tree.hashes)),
                    "Tiles": sorted(tile.path for tile in completed_tiles(old, new)),
                }
                for old, new in growths
            ],
            "Tiles": {tile.path: text(row) for tile, row in self.tiles().items()},
        }

    def grown(self, size: int) -> dict[str, Any]:
        said = Checkpoint(LOG.name, size, root_at(size, self.tree.hashes)).text
        note = Note(said, (LOG.sign(said), SM2.sign(said), WITNESS.cosign(said, TIME + size)))
        return {
            "Checkpoint": text(note.encode()),
            "Time": TIME + size,
            "Inclusion": [
                {"Index": at, "Proof": texts(inclusion_proof(at, size, self.tree.hashes))}
                for at in sorted({0, size // 3, size // 2, size - 1})
            ],
        }

    def tiles(self) -> dict[Tile, bytes]:
        found: dict[Tile, bytes] = {}
        for tile in (*completed_tiles(0, LARGEST), *partial_tiles(LARGEST)):
            if tile.level == 0:
                found[tile] = self.tree.tile(tile)
            else:
                found[tile] = tile_above(tile, found.__getitem__)
        return found

    def run(self, document: dict[str, Any], *, fails: bool = False) -> dict[str, Any]:
        done = subprocess.run(
            ["go", "run", str(PROGRAM)],
            input=json.dumps(document),
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "GO111MODULE": "off", "GOPATH": GOPATH, "GOTOOLCHAIN": "local"},
        )
        if fails:
            assert done.returncode != 0, "Go accepts it"
            return {"Says": done.stderr}
        assert done.returncode == 0, f"Go disagrees: {done.stderr}"
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


@pytest.fixture(scope="module")
def go(pytestconfig: pytest.Config) -> Go:
    missing = [
        what
        for what, there in (("the command go", shutil.which("go")), (str(SUMDB), SUMDB.exists()))
        if not there
    ]
    if missing:
        reason = f"NOT CHECKED AGAINST GO: {' and '.join(missing)} not found"
        skip_loudly(pytestconfig, f"{reason}; apt-get install golang-go golang-golang-x-mod-dev")
    return Go()


def text(data: bytes) -> str:
    return b64encode(data).decode()


def texts(proof: list[bytes]) -> list[str]:
    return [text(hash_) for hash_ in proof]


def proof_in(answer: dict[str, Any]) -> list[bytes]:
    return [b64decode(hash_) for hash_ in answer["Proof"]]


def test_go_accepts_our_checkpoints_tiles_and_proofs(go: Go) -> None:
    # A check that was skipped over would be missing here.
    assert go.answer["Checks"] > len(go.tiles()) + 7 * len(SIZES)


def test_we_accept_gos_inclusion_proofs_and_make_the_same(go: Go) -> None:
    assert len(go.answer["Includes"]) == 5
    for found in go.answer["Includes"]:
        index = found["Index"]
        assert proof_in(found) == inclusion_proof(index, LARGEST, go.tree.hashes)
        check_inclusion(index, LARGEST, leaf_hash(ENTRIES[index]), go.root, proof_in(found))


def test_we_accept_gos_consistency_proofs_and_make_the_same(go: Go) -> None:
    assert len(go.answer["Grows"]) == 2 * len(SIZES) - 1
    for found in go.answer["Grows"]:
        old, new = found["Old"], found["New"]
        assert proof_in(found) == consistency_proof(old, new, go.tree.hashes)
        old_root, new_root = (root_at(size, go.tree.hashes) for size in (old, new))
        check_consistency(old, new, old_root, new_root, proof_in(found))


def test_go_signs_with_our_key_as_we_do(go: Go) -> None:
    signed = Note.parse(b64decode(go.answer["Note"]))
    assert Checkpoint.parse(signed.text) == Checkpoint(LOG.name, LARGEST, go.root)
    assert signed.signatures == (LOG.sign(signed.text),)


def test_we_accept_a_note_that_go_signs_with_a_key_of_its_own(go: Go) -> None:
    key = Verifier.of_text(go.answer["NewKey"])
    assert set(Note.parse(b64decode(go.answer["Foreign"])).verified([key])) == {key}
    with pytest.raises(Unverified):
        Note.parse(b64decode(go.answer["Foreign"])).verified([LOG.verifier])


def test_go_would_notice_a_wrong_hash_in_each_place(go: Go) -> None:
    # The yardstick itself: a document with one bit changed must not pass.
    document = go.document()
    growth = document["Growths"][3]
    leaf = document["Trees"][5]["Inclusion"][1]
    path = Tile(1, 1, 1).path
    wrong = [
        (growth, "Proof", [flipped(growth["Proof"][0]), *growth["Proof"][1:]]),
        (growth, "Tiles", [Tile(0, 0).path]),
        (leaf, "Proof", [flipped(leaf["Proof"][0]), *leaf["Proof"][1:]]),
        (document["Tiles"], path, flipped(document["Tiles"][path])),
        (document["Trees"][5], "Time", 1),
        (document, "LogKey", Signer(LOG.name, bytes(32)).verifier.text),
    ]
    for place, name, value in wrong:
        kept = place[name]
        place[name] = value
        assert go.run(document, fails=True)["Says"]
        place[name] = kept


def flipped(encoded: str) -> str:
    data = b64decode(encoded)
    return text(bytes([data[0] ^ 1]) + data[1:])
