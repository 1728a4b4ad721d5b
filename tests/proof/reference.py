"""The definitions of RFC 6962 §2.1, word by word and slow: what our arithmetic is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from application.tree import Hashes, Tile


def tree_hash(entries: Sequence[bytes]) -> bytes:
    """MTH(D[n])."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = split(len(entries))
    return sha256(b"\x01" + tree_hash(entries[:k]) + tree_hash(entries[k:])).digest()


def audit_path(m: int, entries: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n])."""
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if m < k:
        return [*audit_path(m, entries[:k]), tree_hash(entries[k:])]
    return [*audit_path(m - k, entries[k:]), tree_hash(entries[:k])]


def consistency(m: int, entries: Sequence[bytes], known: bool = True) -> list[bytes]:
    """PROOF(m, D[n]), which is SUBPROOF(m, D[n], true)."""
    if m == len(entries):
        return [] if known else [tree_hash(entries)]
    k = split(len(entries))
    if m <= k:
        return [*consistency(m, entries[:k], known), tree_hash(entries[k:])]
    return [*consistency(m - k, entries[k:], False), tree_hash(entries[:k])]


def split(size: int) -> int:
    k = 1
    while k * 2 < size:
        k *= 2
    return k


class Forest:
    """Every complete subtree over some entries, kept in memory."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        self.size = len(entries)
        self._levels = [[sha256(b"\x00" + entry).digest() for entry in entries]]
        while len(below := self._levels[-1]) > 1:
            pairs = zip(below[::2], below[1::2], strict=False)
            self._levels.append([sha256(b"\x01" + left + right).digest() for left, right in pairs])

    @property
    def leaves(self) -> list[bytes]:
        return self._levels[0]

    @property
    def hashes(self) -> Hashes:
        return lambda level, index: self._levels[level][index]

    def tile(self, tile: Tile) -> bytes:
        first = tile.number * 256
        row = self._levels[tile.level * 8][first : first + tile.width]
        assert len(row) == tile.width, f"{tile} is not in a tree of {self.size}"
        return b"".join(row)
