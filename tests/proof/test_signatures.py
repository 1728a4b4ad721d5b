"""Crafted Ed25519 signatures: signer, sealer, notes and `verify.py` say the same of each.

The twelve are those of “Taming the many EdDSAs” (Chalkias, Garillot, Nikolaenko: SSR 2020, and IACR
ePrint 2020/1244), as published in `cases.json` of the repository novifinancial/ed25519-speccheck.
What follows them is crafted here, by the arithmetic of `verify.py`: keys and first halves with a
part of small order, alone or besides their own, in each of their spellings.
"""

from __future__ import annotations

from hashlib import sha512
from itertools import product
from typing import Final

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from application import signatures
from application.codec import statement_of
from application.leaf import NotAuthored
from application.log_stream import Registered
from application.note import COSIGNATURE, ED25519, Verifier
from application.verifier import verify as verifier
from application.verifier.verify import BASE, NEUTRAL, Point, added, encoded_point
from domain.log import LOG_ID

ORDER: Final = verifier.Q
SMALL: Final = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"
MIXED: Final = "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43"
OTHER: Final = "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d"
LARGE: Final = "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623"
SPELT: Final = "ec" + "ff" * 31  # a key of order 2, with a sign that it has not

PUBLISHED: Final = [
    pytest.param(
        SMALL,
        "8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "00" * 32,
        id="0: S = 0, key and R small",
    ),
    pytest.param(
        SMALL,
        "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
        MIXED,
        "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
        id="1: key small, R mixed",
    ),
    pytest.param(
        MIXED,
        "aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab",
        SMALL,
        "8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e",
        id="2: key mixed, R small",
    ),
    pytest.param(
        OTHER,
        "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
        "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f",
        "87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009",
        id="3: key and R mixed, without cofactor",
    ),
    pytest.param(
        OTHER,
        "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
        "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed512",
        "5ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09",
        id="4: key and R mixed, with cofactor alone",
    ),
    pytest.param(
        OTHER,
        "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
        "21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7",
        "e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405",
        id="5: key mixed, with cofactor and reduced late alone",
    ),
    pytest.param(
        LARGE,
        "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
        "e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e",
        "547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514",
        id="6: S larger than the order",
    ),
    pytest.param(
        LARGE,
        "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
        "8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa1942",
        "7e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22",
        id="7: S much larger than the order",
    ),
    pytest.param(
        MIXED,
        "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
        SPELT,
        "03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f",
        id="8: R small and spelt otherwise, reduced for the hash",
    ),
    pytest.param(
        MIXED,
        "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
        SPELT,
        "ca8c5b64cd208982aa38d4936621a4775aa233aa0505711d8fdcfdaa943d4908",
        id="9: R small and spelt otherwise",
    ),
    pytest.param(
        SPELT,
        "e96b7021eb39c1a163b6da4e3093dcd3f21387da4cc4572be588fafae23c155b",
        "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc",
        "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
        id="10: key small and spelt otherwise, reduced for the hash",
    ),
    pytest.param(
        SPELT,
        "39a591f5321bbe07fd5a23dc2f39d025d74526615746727ceefd6e82ae65c06f",
        "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc",
        "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
        id="11: key small and spelt otherwise",
    ),
]
"""Key, message, and the two halves of the signature."""


def by_openssl(public: bytes, text: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except InvalidSignature:
        return False
    return True


def agreed(public: bytes, text: bytes, signature: bytes) -> bool:
    """What all say of a signature; the library that signs takes whatever they do."""
    said = signatures.holds(public, text, signature)
    assert verifier.ed25519_verifies(public, text, signature) is said
    assert by_openssl(public, text, signature) or not said
    return said


@pytest.mark.parametrize(("key", "message", "first", "second"), PUBLISHED)
def test_all_say_the_same_of_the_published_vectors(
    key: str, message: str, first: str, second: str, request: pytest.FixtureRequest
) -> None:
    given = [bytes.fromhex(text) for text in (key, message, first + second)]
    assert agreed(given[0], given[1], given[2]) is ("3: key and R mixed" in request.node.name)


def times(number: int, point: Point) -> Point:
    total = NEUTRAL
    for bit in f"{number:b}":
        total = added(total, total)
        total = added(total, point) if bit == "1" else total
    return total


def eighth() -> Point:
    point = verifier.point_of(bytes.fromhex(SMALL))
    assert point is not None
    return point


SMALL_ORDER: Final = [times(number, eighth()) for number in range(8)]
SPELLINGS: Final = [
    *map(encoded_point, SMALL_ORDER),
    *map(
        bytes.fromhex,
        (
            "ed" + "ff" * 30 + "7f",
            "ed" + "ff" * 31,
            "ee" + "ff" * 30 + "7f",
            "ee" + "ff" * 31,
            "01" + "00" * 30 + "80",
            SPELT,
        ),
    ),
]
"""Each way in which a point of small order can be written, the last six not as RFC 8032 says."""


def hashed(first: bytes, key: bytes, text: bytes) -> int:
    return int.from_bytes(sha512(first + key + text).digest(), "little") % ORDER


def same(one: Point, other: Point) -> bool:
    return encoded_point(one) == encoded_point(other)


@pytest.mark.parametrize(("secret", "nonce"), [(7, 11), (7, 0), (0, 11), (0, 0)])
def test_all_say_the_same_of_keys_and_first_halves_with_a_part_of_small_order(
    secret: int, nonce: int
) -> None:
    """It holds without the cofactor, and where neither is of small order itself."""
    held = 0
    for torsion, other in product(SMALL_ORDER, repeat=2):
        key = encoded_point(added(times(secret, BASE), torsion))
        first = encoded_point(added(times(nonce, BASE), other))
        for text in (b"one", b"two", b"three", b"four"):
            challenge = hashed(first, key, text)
            second = (nonce + challenge * secret) % ORDER
            cancelled = same(added(other, times(challenge % 8, torsion)), NEUTRAL)
            said = agreed(key, text, first + second.to_bytes(32, "little"))
            assert said is bool(cancelled and secret and nonce)
            held += said and not same(torsion, NEUTRAL)
    assert (held > 4) is bool(secret and nonce)


def test_nothing_holds_by_a_point_of_small_order_however_it_is_spelt() -> None:
    own = encoded_point(times(7, BASE))
    forged = 0
    for weak, text in product(SPELLINGS, (b"one", b"two", b"three", b"four", b"five")):
        for first in SPELLINGS:
            forged += by_openssl(weak, text, first + bytes(32))
            assert not agreed(weak, text, first + bytes(32))
        second = (11).to_bytes(32, "little")
        assert not agreed(weak, text, encoded_point(times(11, BASE)) + second)
        second = (hashed(weak, own, text) * 7 % ORDER).to_bytes(32, "little")
        assert not agreed(own, text, weak + second)
    assert forged > len(SPELLINGS), "the library that signs takes many of them"


def test_a_signature_has_one_second_half() -> None:
    key, first = (encoded_point(times(number, BASE)) for number in (7, 11))
    second = (11 + hashed(first, key, b"text") * 7) % ORDER
    assert agreed(key, b"text", first + second.to_bytes(32, "little"))
    for larger in range(second + ORDER, 2**256, ORDER):
        assert not agreed(key, b"text", first + larger.to_bytes(32, "little"))


def test_what_has_another_length_is_no_signature() -> None:
    key, first = (encoded_point(times(number, BASE)) for number in (7, 11))
    second = (11 + hashed(first, key, b"text") * 7) % ORDER
    value = first + second.to_bytes(32, "little")
    assert agreed(key, b"text", value)
    for shorter in (b"", value[:32], value[:-1], value + b"t"):
        assert not signatures.holds(key, b"text", shorter)
        assert not verifier.ed25519_verifies(key, b"text", shorter)
    for other in (b"", key[:-1], key + b"\0"):
        assert not signatures.holds(other, b"text", value)
        assert not verifier.ed25519_verifies(other, b"text", value)


def test_under_a_key_by_which_anybody_signs_nobody_vouches_and_nobody_writes() -> None:
    """The neutral element, to which the library that signs says yes."""
    neutral = encoded_point(NEUTRAL)
    value = neutral + bytes(32)
    assert by_openssl(neutral, b"whatever", value)
    assert not Verifier("log", ED25519, neutral).accepts("whatever", value)
    assert not Verifier("witness", COSIGNATURE, neutral).accepts("whatever", bytes(8) + value)
    author = Registered(Ed25519PublicKey.from_public_bytes(neutral), 1)
    with pytest.raises(NotAuthored, match="does not hold"):
        author.require(statement_of(LOG_ID, 1, "log.begun.v1", b"{}"), value)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300))
def test_a_signature_is_the_one_that_openssl_makes(seed: bytes, text: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    assert signatures.signed(key, text) == key.sign(text)
    assert signatures.holds(key.public_key().public_bytes_raw(), text, key.sign(text))
