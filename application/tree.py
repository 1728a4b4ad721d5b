"""The Merkle tree over the log: hashes, roots, tiles, and proofs that anybody can check.

Hashing and proofs are those of RFC 6962 §2.1 and RFC 9162 §2.1 with SHA-256; tiles are those of
C2SP tlog-tiles (https://c2sp.org/tlog-tiles, as of 2025). Nothing here reads or stores: whoever
asks for a proof brings a function that knows the hashes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

HASH_BYTES: Final = 32
SIZE_LIMIT: Final = 2**63 - 1  # leaves; what a signed 64-bit column holds, and what proofs assume
TILE_BITS: Final = 8  # levels of the tree in one tile
TILE_WIDTH: Final = 1 << TILE_BITS  # hashes in a full tile
EMPTY_ROOT: Final = sha256(b"").digest()

Hashes = Callable[[int, int], bytes]
"""`hashes(level, index)` is the hash over the leaves `index << level` to `(index + 1) << level`,
the last one excluded: level 0 is the leaf hashes. It is asked for complete subtrees only."""

TILE_PATH = re.compile(
    r"tile/(?P<level>0|[1-9][0-9]?)/(?P<number>(?:x[0-9]{3}/)*[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


class Unproven(Exception):  # noqa: N818 - said to people
    """A proof that does not show what it should."""


class MalformedPath(ValueError):  # noqa: N818 - said to people
    """A path that names no tile."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf with this entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a tree: all that is needed to append and to know the root.

    `edge` holds the roots of the complete subtrees that make up the tree, the largest first: one
    for each binary digit 1 of `size`. A push costs two hashes on average, whatever the size.
    """

    __slots__ = ("_edge", "_size")

    def __init__(self, size: int = 0, edge: Sequence[bytes] = ()) -> None:
        if not 0 <= size <= SIZE_LIMIT or len(edge) != size.bit_count():
            raise ValueError(f"A tree of {size} leaves has another right edge.")
        if any(len(hash_) != HASH_BYTES for hash_ in edge):
            raise ValueError(f"Each hash of a right edge has {HASH_BYTES} bytes.")
        self._size = size
        self._edge = list(edge)

    @classmethod
    def of(cls, size: int, hashes: Hashes) -> Frontier:
        """The right edge of a tree whose hashes are known."""
        return cls(size, [hashes(level, index) for level, index in _complete(0, size)])

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self._size

    @property
    def edge(self) -> tuple[bytes, ...]:
        """The roots of the complete subtrees, the largest first."""
        return tuple(self._edge)

    def push(self, hash_: bytes, level: int = 0) -> None:
        """Append a leaf hash, or the root over the next `1 << level` leaves in one.

        Raises `ValueError` where no complete subtree of this level begins.
        """
        size, beside = divmod(self._size, 1 << level)
        if beside:
            raise ValueError(f"After {self._size} leaves no subtree of level {level} begins.")
        while size & 1:
            hash_ = node_hash(self._edge.pop(), hash_)
            size >>= 1
        self._edge.append(hash_)
        self._size += 1 << level

    def root(self) -> bytes:
        """The root of the tree as it is now."""
        return _folded(self._edge) if self._edge else EMPTY_ROOT


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.push(leaf)
    return frontier.root()


def root_at(size: int, hashes: Hashes) -> bytes:
    """The root of the tree of the first `size` leaves."""
    return _range_hash(0, size, hashes) if size else EMPTY_ROOT


class Tile(NamedTuple):
    """A row of up to 256 neighbouring hashes on each eighth level of the tree.

    Hash `i` of the tile covers the leaves from `(number * 256 + i) * 256**level` on. A full tile
    never changes; of a partial one the growing tree has a wider one.
    """

    level: int
    number: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """The path below the log's prefix, such as `tile/0/x001/x234/067` or `tile/1/000.p/7`."""
        left, last = divmod(self.number, 1000)
        path = f"{last:03}"
        while left:
            left, group = divmod(left, 1000)
            path = f"x{group:03}/{path}"
        suffix = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{self.level}/{path}{suffix}"

    @classmethod
    def of_path(cls, path: str) -> Tile:
        """The tile that a path names. Raises `MalformedPath` for any other spelling than ours."""
        found = TILE_PATH.fullmatch(path)
        if found is None:
            raise MalformedPath(f"“{path}” names no tile.")
        number = int(found["number"].replace("x", "").replace("/", ""))
        tile = cls(int(found["level"]), number, int(found["width"] or TILE_WIDTH))
        if tile.path != path or tile.level > 63 or number > SIZE_LIMIT:
            raise MalformedPath(f"“{path}” names no tile.")
        return tile


class GrownTile(NamedTuple):
    """A tile that a growing tree completed, and the hash that stands for it in the tile above."""

    tile: Tile
    row: bytes
    root: bytes


class RightEdge:
    """The partial tiles at the right edge of a tree: what is needed to append, and to make tiles.

    `read` is asked for each of them, as `partial_tiles` names them. They are as good as what it
    answers: compare `root()` with one that is known.
    """

    def __init__(self, size: int, read: Callable[[Tile], bytes]) -> None:
        self.size = size
        self._rows = [bytearray() for _ in range(1 + size.bit_length() // TILE_BITS)]
        for tile in partial_tiles(size):
            self._rows[tile.level] += read(tile)

    def push(self, leaves: bytes) -> list[GrownTile]:
        """Append leaf hashes, one or several; the tiles they complete, the lower levels first.

        Raises `ValueError` for more than there is room for in the lowest tile.
        """
        if len(self._rows[0]) + len(leaves) > TILE_WIDTH * HASH_BYTES:
            raise ValueError(f"{len(leaves)} bytes of leaves go beyond the end of the tile.")
        self.size += len(leaves) // HASH_BYTES
        grown: list[GrownTile] = []
        level, hashes = 0, leaves
        while True:
            if level == len(self._rows):
                self._rows.append(bytearray())
            self._rows[level] += hashes
            if len(self._rows[level]) < TILE_WIDTH * HASH_BYTES:
                return grown
            row = bytes(self._rows[level])
            self._rows[level].clear()
            hashes = tile_root(row)
            number = (self.size >> TILE_BITS * (level + 1)) - 1
            grown.append(GrownTile(Tile(level, number), row, hashes))
            level += 1

    def row(self, level: int) -> bytes:
        """The hashes of the partial tile of a level."""
        return bytes(self._rows[level])

    def root(self) -> bytes:
        """The root of the tree as it is now."""
        return root_at(self.size, hashes_of_tiles(self.size, lambda tile: self.row(tile.level)))


def completed_tiles(old_size: int, new_size: int) -> Iterator[Tile]:
    """The full tiles that a growth completes, the lower levels first."""
    level = 0
    while new_size >> TILE_BITS * (level + 1):
        shift = TILE_BITS * (level + 1)
        for number in range(old_size >> shift, new_size >> shift):
            yield Tile(level, number)
        level += 1


def partial_tiles(size: int) -> Iterator[Tile]:
    """The partial tiles at the right edge of a tree, the lower levels first."""
    level = 0
    while width := size >> TILE_BITS * level:
        if width % TILE_WIDTH:
            yield Tile(level, width // TILE_WIDTH, width % TILE_WIDTH)
        level += 1


def tile_above(tile: Tile, read: Callable[[Tile], bytes]) -> bytes:
    """The bytes of a tile of level 1 or more, full or partial, from the full tiles below it.

    Whoever keeps the root of each full tile (`tile_root`) need not read those tiles again.
    """
    if tile.level == 0:
        raise ValueError("Below the tiles of level 0 there are only leaves.")
    first = tile.number * TILE_WIDTH
    below = (Tile(tile.level - 1, number) for number in range(first, first + tile.width))
    return b"".join(tile_root(read(full)) for full in below)


def tile_root(row: bytes) -> bytes:
    """The hash that stands for a full tile, given its bytes, in the tile above."""
    if len(row) != TILE_WIDTH * HASH_BYTES:
        raise ValueError(f"A full tile has {TILE_WIDTH * HASH_BYTES} bytes, not {len(row)}.")
    return _subtree_root(row)


def hashes_of_tiles(size: int, read: Callable[[Tile], bytes]) -> Hashes:
    """The hashes of the tree of the first `size` leaves, from its tiles.

    `read` is asked for each tile at most once, for full and for partial ones. The hashes are as
    good as what it answers: check the proof, or the root, that is made from them.
    """
    known: dict[Tile, bytes] = {}

    def hashes(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, TILE_BITS)
        start = index << height  # among the hashes of this level of tiles
        number, offset = divmod(start, TILE_WIDTH)
        width = min(TILE_WIDTH, (size >> TILE_BITS * tile_level) - number * TILE_WIDTH)
        stop = offset + (1 << height)
        if stop > width:
            raise ValueError(f"A tree of {size} leaves has no hash {index} on level {level}.")
        tile = Tile(tile_level, number, width)
        if tile not in known:
            row = read(tile)
            if len(row) != width * HASH_BYTES:
                raise ValueError(f"{tile.path} holds {len(row)} bytes; it must be {width} hashes.")
            known[tile] = row
        return _subtree_root(known[tile][offset * HASH_BYTES : stop * HASH_BYTES])

    return hashes


def inclusion_proof(index: int, size: int, hashes: Hashes) -> list[bytes]:
    """The proof that leaf `index` is in the tree of `size` leaves (RFC 9162 §2.1.3.1)."""
    if not 0 <= index < size <= SIZE_LIMIT:
        raise ValueError(f"A tree of {size} leaves has no leaf {index}.")
    proof = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_range_hash(middle, end, hashes))
            end = middle
        else:
            proof.append(_range_hash(start, middle, hashes))
            start = middle
    return proof[::-1]


def consistency_proof(old_size: int, new_size: int, hashes: Hashes) -> list[bytes]:
    """The proof that the tree of `new_size` leaves begins with that of `old_size` leaves.

    RFC 9162 §2.1.4.1; empty from an empty tree and between equal ones.
    """
    if not 0 <= old_size <= new_size <= SIZE_LIMIT:
        raise ValueError(f"A tree of {new_size} leaves does not begin with {old_size} leaves.")
    if old_size == 0:
        return []
    proof = []
    start, end = 0, new_size
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            proof.append(_range_hash(middle, end, hashes))
            end = middle
        else:
            proof.append(_range_hash(start, middle, hashes))
            start = middle
    if start:  # else this subtree is the whole old tree, whose root the verifier has
        proof.append(_range_hash(start, end, hashes))
    return proof[::-1]


def check_inclusion(
    index: int, size: int, leaf: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the leaf hash stands at `index` in the tree with this root.

    RFC 9162 §2.1.3.2. Raises `Unproven`.
    """
    _check_hashes(leaf, root, *proof)
    if not 0 <= index < size <= SIZE_LIMIT:
        raise Unproven(f"A tree of {size} leaves has no leaf {index}.")
    node, last = index, size - 1
    found = leaf
    for sibling in proof:
        if last == 0:
            raise Unproven("The inclusion proof is too long.")
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            found = node_hash(found, sibling)
        node >>= 1
        last >>= 1
    if last:
        raise Unproven("The inclusion proof is too short.")
    if found != root:
        raise Unproven(f"The proof does not lead from leaf {index} to the root of size {size}.")


def check_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the new tree begins with the old one.

    RFC 9162 §2.1.4.2; the proof is empty from an empty tree and between equal ones. Raises
    `Unproven`.
    """
    _check_hashes(old_root, new_root, *proof)
    if not 0 <= old_size <= new_size <= SIZE_LIMIT:
        raise Unproven(f"A tree of {new_size} leaves does not begin with {old_size} leaves.")
    if old_size == 0 and old_root != EMPTY_ROOT:
        raise Unproven("This is not the root of the empty tree.")
    if old_size in (0, new_size):
        if proof:
            raise Unproven("The consistency proof must be empty.")
        if old_size == new_size and old_root != new_root:
            raise Unproven(f"There are two different trees of {new_size} leaves.")
        return
    if not proof:
        raise Unproven("The consistency proof is missing.")
    path = list(proof)
    if not old_size & (old_size - 1):
        path.insert(0, old_root)
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node >>= 1
        last >>= 1
    old_found = new_found = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise Unproven("The consistency proof is too long.")
        if node & 1 or node == last:
            old_found = node_hash(sibling, old_found)
            new_found = node_hash(sibling, new_found)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            new_found = node_hash(new_found, sibling)
        node >>= 1
        last >>= 1
    if last:
        raise Unproven("The consistency proof is too short.")
    if old_found != old_root:
        raise Unproven(f"The proof does not lead to the root of size {old_size}.")
    if new_found != new_root:
        raise Unproven(f"The proof does not lead to the root of size {new_size}.")


def _subtree_root(row: bytes) -> bytes:
    while len(row) > HASH_BYTES:
        pairs = (row[at : at + 2 * HASH_BYTES] for at in range(0, len(row), 2 * HASH_BYTES))
        row = b"".join([sha256(b"\x01" + pair).digest() for pair in pairs])
    return row


def _check_hashes(*hashes: bytes) -> None:
    # Two hashes of other lengths could be cut anew into the same node.
    if any(len(hash_) != HASH_BYTES for hash_ in hashes):
        raise Unproven(f"Each hash has {HASH_BYTES} bytes.")


def _split(size: int) -> int:
    # The largest power of two below size: where a tree of two leaves or more is divided.
    return 1 << (size - 1).bit_length() - 1


def _complete(start: int, end: int) -> Iterator[tuple[int, int]]:
    # The complete subtrees, as (level, index), that make up a range; its start is a multiple of
    # the power of two that holds it, so the largest subtree comes first.
    for level in reversed(range((end - start).bit_length())):
        if (end - start) >> level & 1:
            yield level, start >> level
            start += 1 << level


def _range_hash(start: int, end: int, hashes: Hashes) -> bytes:
    return _folded([hashes(level, index) for level, index in _complete(start, end)])


def _folded(subtrees: Sequence[bytes]) -> bytes:
    root = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        root = node_hash(left, root)
    return root
