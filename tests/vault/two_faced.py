"""A ciphertext that AES-GCM alone opens under two keys: why an envelope commits to its key.

GCM's tag is linear in the ciphertext. Whoever knows both keys picks the ciphertext so that the two
tags are equal (Dodis, Grubbs, Ristenpart, Woodage: “Fast Message Franking”, CRYPTO 2018).
"""

from __future__ import annotations

from tests.vault.reference import Gcm, xor


def two_faced(first: Gcm, second: Gcm, associated: bytes, beginning: bytes, length: int) -> bytes:
    """A ciphertext with its tag, authentic under both.

    Under the first it is ASCII text of `length` bytes with this beginning; under the second it is
    something else.
    """
    plaintext = beginning.ljust(length, b"\0")
    ciphertext = xor(plaintext, first.keystream(length))

    def difference(candidate: bytes) -> int:
        tags = (gcm.tag(associated, candidate) for gcm in (first, second))
        return int.from_bytes(xor(*tags), "big")

    base = difference(ciphertext)
    # The lower seven bits of every byte after the beginning are free: it stays ASCII.
    free = [1 << (8 * i + bit) for i in range(length - len(beginning)) for bit in range(7)]
    effects = {bit: difference(flipped(ciphertext, bit)) ^ base for bit in free}
    ciphertext = flipped(ciphertext, combination(effects, base))
    return ciphertext + first.tag(associated, ciphertext)


def flipped(ciphertext: bytes, bits: int) -> bytes:
    return (int.from_bytes(ciphertext, "big") ^ bits).to_bytes(len(ciphertext), "big")


def combination(effects: dict[int, int], target: int) -> int:
    """The bits whose effects add up to the target: Gauss' elimination over GF(2)."""
    basis: dict[int, tuple[int, int]] = {}
    for bit, effect in effects.items():
        bits, left = reduced(basis, bit, effect)
        if left:
            basis[left.bit_length()] = bits, left
    bits, left = reduced(basis, 0, target)
    assert left == 0, "too few free bits"
    return bits


def reduced(basis: dict[int, tuple[int, int]], bits: int, effect: int) -> tuple[int, int]:
    while effect and effect.bit_length() in basis:
        more, known = basis[effect.bit_length()]
        bits, effect = bits ^ more, effect ^ known
    return bits, effect
