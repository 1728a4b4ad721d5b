"""The Merkle tree: the roots, tiles and proofs that RFC 6962, RFC 9162 and tlog-tiles define."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from application.tree import (
    EMPTY_ROOT,
    SIZE_LIMIT,
    Frontier,
    MalformedPath,
    Tile,
    Unproven,
    check_consistency,
    check_inclusion,
    completed_tiles,
    consistency_proof,
    hashes_of_tiles,
    inclusion_proof,
    leaf_hash,
    node_hash,
    partial_tiles,
    root_at,
    root_of,
    tile_above,
)
from tests.proof.reference import Forest, audit_path, consistency, tree_hash

# The reference leaves, roots and proofs of Certificate Transparency, as published in
# transparency-dev/merkle: testonly/constants.go, testonly/reference_test.go, proof/verify_test.go.
LEAVES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    bytes.fromhex(root)
    for root in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
A = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"  # leaf 0
B = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"  # leaf 1
E = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"  # leaf 4
G = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"  # leaf 6
AB = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
CD = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
EF = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
GH = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
ABCD = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
EFGH = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"

INCLUSION = [
    (0, 1, []),
    (0, 2, [B]),
    (1, 2, [A]),
    (2, 3, [AB]),
    (1, 5, [A, CD, E]),
    (0, 8, [B, CD, EFGH]),
    (5, 8, [E, GH, ABCD]),
]
CONSISTENCY = [
    (1, 1, []),
    (1, 8, [B, CD, EFGH]),
    (2, 5, [CD, E]),
    (6, 7, [EF, G, ABCD]),
    (6, 8, [EF, GH, ABCD]),
]

SIZES = [0, 1, 2, 255, 256, 257, 65_535, 65_536, 65_537]
ENTRIES = [b"entry %d" % index for index in range(65_537)]
LARGE = Forest(ENTRIES)
HASHES = st.binary(min_size=32, max_size=32)


@st.composite
def places(draw: st.DrawFn, limit: int = 300) -> tuple[int, int]:
    """A tree size and one of its leaves."""
    size = draw(st.integers(1, limit))
    return draw(st.integers(0, size - 1)), size


@st.composite
def growths(draw: st.DrawFn, limit: int = 300) -> tuple[int, int]:
    """Two sizes, the second not smaller."""
    new = draw(st.integers(0, limit))
    return draw(st.integers(0, new)), new


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_reference_implementation(size: int) -> None:
    assert root_of(map(leaf_hash, LEAVES[:size])) == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_inclusion_proofs_are_those_of_the_reference_implementation(
    index: int, size: int, proof: list[str]
) -> None:
    expected = [bytes.fromhex(node) for node in proof]
    assert inclusion_proof(index, size, Forest(LEAVES).hashes) == expected
    check_inclusion(index, size, leaf_hash(LEAVES[index]), ROOTS[size], expected)


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCY)
def test_consistency_proofs_are_those_of_the_reference_implementation(
    old: int, new: int, proof: list[str]
) -> None:
    expected = [bytes.fromhex(node) for node in proof]
    assert consistency_proof(old, new, Forest(LEAVES).hashes) == expected
    check_consistency(old, new, ROOTS[old], ROOTS[new], expected)


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_a_root_is_the_recursive_definition(entries: list[bytes]) -> None:
    assert root_of(map(leaf_hash, entries)) == tree_hash(entries)


@given(places())
def test_an_inclusion_proof_is_the_recursive_definition_and_holds(place: tuple[int, int]) -> None:
    index, size = place
    tree = ENTRIES[:size]
    proof = inclusion_proof(index, size, LARGE.hashes)
    assert proof == audit_path(index, tree)
    check_inclusion(index, size, leaf_hash(tree[index]), tree_hash(tree), proof)


@given(growths())
def test_a_consistency_proof_is_the_recursive_definition_and_holds(
    growth: tuple[int, int],
) -> None:
    old, new = growth
    tree = ENTRIES[:new]
    proof = consistency_proof(old, new, LARGE.hashes)
    assert proof == (consistency(old, tree) if old else [])
    check_consistency(old, new, tree_hash(tree[:old]), tree_hash(tree), proof)


@given(places(), st.data())
def test_an_inclusion_proof_that_was_changed_anywhere_is_refused(
    place: tuple[int, int], data: st.DataObject
) -> None:
    index, size = place
    leaf, root = LARGE.leaves[index], root_at(size, LARGE.hashes)
    proof = inclusion_proof(index, size, LARGE.hashes)
    changed = data.draw(changed_proofs(proof))
    with pytest.raises(Unproven):
        check_inclusion(index, size, leaf, root, changed)


@given(places(), st.integers(0, 300), HASHES)
def test_an_inclusion_proof_shows_no_other_leaf_place_or_tree(
    place: tuple[int, int], other: int, hash_: bytes
) -> None:
    index, size = place
    leaf, root = LARGE.leaves[index], root_at(size, LARGE.hashes)
    proof = inclusion_proof(index, size, LARGE.hashes)
    with pytest.raises(Unproven):
        check_inclusion(index, size, hash_, root, proof)
    with pytest.raises(Unproven):
        check_inclusion(index, size, leaf, hash_, proof)
    if other != index:
        with pytest.raises(Unproven):
            check_inclusion(other, size, leaf, root, proof)


@given(growths(), st.data())
def test_a_consistency_proof_that_was_changed_anywhere_is_refused(
    growth: tuple[int, int], data: st.DataObject
) -> None:
    old, new = growth
    proof = consistency_proof(old, new, LARGE.hashes)
    changed = data.draw(changed_proofs(proof))
    with pytest.raises(Unproven):
        check_consistency(old, new, root_at(old, LARGE.hashes), root_at(new, LARGE.hashes), changed)


@given(growths(), HASHES)
def test_a_consistency_proof_shows_no_other_tree(growth: tuple[int, int], hash_: bytes) -> None:
    old, new = growth
    proof = consistency_proof(old, new, LARGE.hashes)
    old_root, new_root = root_at(old, LARGE.hashes), root_at(new, LARGE.hashes)
    with pytest.raises(Unproven):
        check_consistency(old, new, hash_, new_root, proof)
    if old:
        with pytest.raises(Unproven):
            check_consistency(old, new, old_root, hash_, proof)
    if old < new:
        with pytest.raises(Unproven):
            check_consistency(new, old, new_root, old_root, proof)


@st.composite
def changed_proofs(draw: st.DrawFn, proof: list[bytes]) -> list[bytes]:
    """A proof with a hash exchanged, added, dropped, cut or swapped."""
    place = draw(st.integers(0, len(proof)))
    hash_ = draw(HASHES)
    changes = [[*proof[:place], added, *proof[place:]] for added in (hash_, b"")]
    if place < len(proof):
        before, after = proof[:place], proof[place + 1 :]
        changes += [
            [*before, hash_, *after],
            [*before, *after],
            [*before, proof[place][:31], *after],
        ]
        if after:
            changes.append([*before, after[0], proof[place], *after[1:]])
    changed = draw(st.sampled_from(changes))
    assume(changed != proof)
    return changed


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 1), (7, 7), (0, SIZE_LIMIT + 1)])
def test_a_leaf_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="has no leaf"):
        inclusion_proof(index, size, LARGE.hashes)
    with pytest.raises(Unproven, match="has no leaf"):
        check_inclusion(index, size, EMPTY_ROOT, EMPTY_ROOT, [])


def test_a_proof_of_another_length_is_refused_even_if_it_ends_at_the_root() -> None:
    a, b, c, d = LARGE.leaves[:4]
    with pytest.raises(Unproven, match="too short"):
        check_inclusion(0, 2, a, a, [])
    with pytest.raises(Unproven, match="too long"):
        check_inclusion(0, 1, a, node_hash(b, a), [b])
    with pytest.raises(Unproven, match="too short"):
        check_consistency(1, 4, a, node_hash(a, b), [b])
    ab = node_hash(a, b)
    old, new = node_hash(ab, c), node_hash(ab, node_hash(c, d))
    check_consistency(3, 4, old, new, [c, d, ab])
    with pytest.raises(Unproven, match="too long"):
        check_consistency(3, 4, node_hash(a, old), node_hash(a, new), [c, d, ab, a])


def test_hashes_cut_at_another_place_are_refused() -> None:
    a, b = LARGE.leaves[:2]
    root = node_hash(a, b)
    check_inclusion(0, 2, a, root, [b])
    with pytest.raises(Unproven, match="32 bytes"):
        check_inclusion(0, 2, a + b[:1], root, [b[1:]])
    with pytest.raises(Unproven, match="32 bytes"):
        check_consistency(1, 2, a + b[:1], root, [b[1:]])


def test_a_tree_never_begins_with_a_larger_one() -> None:
    with pytest.raises(ValueError, match="does not begin"):
        consistency_proof(2, 1, LARGE.hashes)
    with pytest.raises(Unproven, match="does not begin"):
        check_consistency(2, 1, ROOTS[2], ROOTS[1], [])


def test_a_node_is_never_mistaken_for_a_leaf() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


@pytest.mark.parametrize("size", SIZES)
def test_the_right_edge_is_enough_to_go_on(size: int) -> None:
    frontier = Frontier.of(size, LARGE.hashes)
    assert frontier.root() == root_of(LARGE.leaves[:size])
    resumed = Frontier(frontier.size, frontier.edge)
    for leaf in LARGE.leaves[size : size + 300]:
        resumed.push(leaf)
        frontier.push(leaf)
    assert (resumed.size, resumed.root()) == (frontier.size, frontier.root())
    assert resumed.root() == root_at(resumed.size, LARGE.hashes)


@given(st.lists(st.integers(0, 9), max_size=20))
def test_a_tree_grows_by_whole_subtrees_as_by_their_leaves(levels: list[int]) -> None:
    frontier = Frontier()
    for level in levels:
        if frontier.size % (1 << level):
            with pytest.raises(ValueError, match=f"no subtree of level {level} begins"):
                frontier.push(EMPTY_ROOT, level)
        elif frontier.size + (1 << level) <= LARGE.size:
            frontier.push(LARGE.hashes(level, frontier.size >> level), level)
        assert frontier.root() == root_at(frontier.size, LARGE.hashes)


@pytest.mark.parametrize(
    ("size", "edge"), [(1, []), (2, [EMPTY_ROOT] * 2), (-1, []), (1, [b"short"])]
)
def test_a_right_edge_that_does_not_fit_its_size_is_refused(size: int, edge: list[bytes]) -> None:
    with pytest.raises(ValueError, match="right edge"):
        Frontier(size, edge)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 999), "tile/0/999"),
        (Tile(0, 1000), "tile/0/x001/000"),
        (Tile(0, 1_234_067), "tile/0/x001/x234/067"),
        (Tile(63, 5, 255), "tile/63/005.p/255"),
    ],
)
def test_a_tile_has_the_path_of_the_specification(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert Tile.of_path(path) == tile


@given(st.builds(Tile, st.integers(0, 63), st.integers(0, 10**15), st.integers(1, 256)))
def test_a_tile_is_found_again_by_its_path(tile: Tile) -> None:
    assert Tile.of_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/00/000",
        "tile/0/000\n",
        "tile/0/x000/001",
        "tile/0/001/000",
        "tile/64/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/٠٠٠",
        "tile/8/0/000",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
    ],
)
def test_another_spelling_names_no_tile(path: str) -> None:
    with pytest.raises(MalformedPath):
        Tile.of_path(path)


def test_a_tree_of_70_000_leaves_has_the_tiles_that_the_specification_counts() -> None:
    full = list(completed_tiles(0, 70_000))
    assert [tile.level for tile in full].count(0) == 273
    assert [tile.level for tile in full].count(1) == 1
    assert list(partial_tiles(70_000)) == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(partial_tiles(256)) == [Tile(1, 0, 1)]
    assert list(partial_tiles(0)) == []


@given(st.lists(st.integers(0, 200_000), min_size=2, max_size=6))
def test_growing_in_steps_completes_each_tile_once(sizes: list[int]) -> None:
    sizes.sort()
    steps = [tile for old, new in pairwise(sizes) for tile in completed_tiles(old, new)]
    assert sorted(steps) == sorted(completed_tiles(sizes[0], sizes[-1]))


def stored(size: int) -> dict[Tile, bytes]:
    """What a log of that size stores: its full tiles, each made from the leaves or tiles below."""
    tiles: dict[Tile, bytes] = {}
    for tile in completed_tiles(0, size):
        tiles[tile] = LARGE.tile(tile) if tile.level == 0 else tile_above(tile, tiles.__getitem__)
    return tiles


STORED = stored(LARGE.size)


def read(tile: Tile) -> bytes:
    """A tile of the log: a full one as stored, a partial one from what lies below."""
    if tile in STORED:
        return STORED[tile]
    return LARGE.tile(tile) if tile.level == 0 else tile_above(tile, STORED.__getitem__)


@pytest.mark.parametrize("size", SIZES)
def test_full_tiles_and_leaves_are_enough_for_each_root(size: int) -> None:
    assert root_at(size, hashes_of_tiles(size, read)) == root_of(LARGE.leaves[:size])


@given(st.sampled_from(SIZES[1:]), st.data())
def test_tiles_are_enough_for_each_proof(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1) | st.sampled_from([0, size - 1]))
    old = data.draw(st.integers(0, size) | st.sampled_from([s for s in SIZES if s <= size]))
    hashes = hashes_of_tiles(size, read)
    root = root_at(size, hashes)
    check_inclusion(index, size, LARGE.leaves[index], root, inclusion_proof(index, size, hashes))
    proof = consistency_proof(old, size, hashes)
    assert proof == consistency_proof(old, size, LARGE.hashes)
    check_consistency(old, size, root_at(old, LARGE.hashes), root, proof)


def test_a_proof_reads_a_tile_for_each_level_and_edge_only() -> None:
    asked: list[Tile] = []
    hashes = hashes_of_tiles(65_537, lambda tile: asked.append(tile) or read(tile))  # type: ignore[func-returns-value]
    inclusion_proof(300, 65_537, hashes)
    assert sorted(asked) == [Tile(0, 1), Tile(0, 256, 1), Tile(1, 0)]


def test_a_tile_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match=r"tile/0/000\.p/2 holds 32 bytes"):
        root_at(2, hashes_of_tiles(2, lambda tile: EMPTY_ROOT))


def test_a_hash_beyond_the_tree_is_refused() -> None:
    with pytest.raises(ValueError, match="no hash"):
        hashes_of_tiles(3, read)(1, 1)
