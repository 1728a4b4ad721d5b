"""Proof for one event that it is in the log: C2SP tlog-proof, version 1, as of 2025.

A proof is a text that needs nothing else to be checked but the leaf's entry and the public keys of
the log and its witnesses (https://c2sp.org/tlog-proof); its file is called `*.tlog-proof`:

    c2sp.org/tlog-proof@v1
    extra <base64>                  left out when there is none; nothing vouches for it
    index <place in the log from 0>
    <base64 of each hash of the inclusion proof, from the leaf's sibling up>

    <the checkpoint, a signed note>
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from application.note import (
    Checkpoint,
    MalformedNote,
    Note,
    Opened,
    Verifier,
    open_checkpoint,
    parse_base64,
    parse_hash,
    parse_number,
)
from application.tree import check_inclusion

HEADER: Final = "c2sp.org/tlog-proof@v1"
HASHES_LIMIT: Final = 63  # the height of the tallest tree that a size can say
PROOF_LIMIT: Final = 1_100_000  # bytes; the longest note and what stands before it


class MalformedProof(ValueError):  # noqa: N818 - said to people
    """Not a tlog-proof."""


@dataclass(frozen=True, slots=True)
class LogProof:
    """The place of a leaf, the hashes from there to the root, and the checkpoint with the root."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def encode(self) -> bytes:
        """The text of the proof. Raises `MalformedProof`."""
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {b64encode(self.extra).decode('ascii')}")
        lines.append(f"index {self.index}")
        lines += [b64encode(hash_).decode("ascii") for hash_ in self.hashes]
        text = "\n".join(lines).encode("ascii") + b"\n\n" + self.checkpoint
        if LogProof.parse(text) != self:
            raise MalformedProof("These fields make no proof.")
        return text

    @classmethod
    def parse(cls, text: bytes) -> LogProof:
        """The proof in a text; nothing is checked yet. Raises `MalformedProof`."""
        head, blank, checkpoint = text.partition(b"\n\n")
        if not blank or not checkpoint or len(text) > PROOF_LIMIT:
            raise MalformedProof("The proof has no checkpoint after an empty line.")
        try:
            lines = head.decode("ascii").split("\n")
            extra = None
            if lines[1:] and lines[1].startswith("extra "):
                extra = parse_base64(lines.pop(1).removeprefix("extra "))
            if lines[0] != HEADER or not lines[1:] or not lines[1].startswith("index "):
                raise MalformedProof(f"The proof does not begin with “{HEADER}” and an index.")
            index = parse_number(lines[1].removeprefix("index "))
            hashes = tuple(parse_hash(line) for line in lines[2:])
        except (MalformedNote, UnicodeDecodeError) as malformed:
            raise MalformedProof(f"The proof cannot be read: {malformed}") from None
        if len(hashes) > HASHES_LIMIT:
            raise MalformedProof(f"{len(hashes)} hashes; {HASHES_LIMIT} are the most.")
        return cls(index, hashes, checkpoint, extra)

    def check_path(self, leaf: bytes) -> Checkpoint:
        """Check that the hashes lead from the leaf hash to the root that the checkpoint states.

        Nobody's signature is looked at. Raises `MalformedNote`, `Unproven`.
        """
        stated = Checkpoint.parse(Note.parse(self.checkpoint).text)
        check_inclusion(self.index, stated.size, leaf, stated.root, self.hashes)
        return stated

    def check(
        self,
        leaf: bytes,
        origin: str,
        log: Sequence[Verifier],
        witnesses: Sequence[Verifier] = (),
    ) -> Opened:
        """Check that the leaf hash is in the log of this origin, and answer with its checkpoint.

        Raises `MalformedNote`, `Unverified`, `Unproven`.
        """
        opened = open_checkpoint(self.checkpoint, origin, log, witnesses)
        self.check_path(leaf)
        return opened
