"""The entry of a leaf: one text for one event, to the byte, and nothing else is one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from application.codec import id_of_text
from application.leaf import (
    ENTRY_LIMIT,
    Digests,
    Leaf,
    MalformedLeaf,
    MissingDigest,
    NotAuthored,
    Statement,
    check_author,
    is_author,
    is_topic,
    parse,
    signed_part,
    sm3_of,
    sm3_of_nothing,
    state_text,
)
from application.tree import leaf_hash

# The key pair of RFC 8032 §7.1, test 1.
SECRET = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
KEY = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(SECRET))
AUTHORS = {"app1": Ed25519PublicKey.from_public_bytes(bytes.fromhex(PUBLIC))}

STATE = b'{"minutes":50}'
STATEMENT = Statement(
    stream=UUID("6f1c2b1e-0d6b-4f0e-9a55-0c5e2a7f4b11"),
    version=17,
    topic="case.session-held.v1",
    actor=UUID("4c0b5f0a-7d1e-4c3a-8b1f-2f9d6e5a3c20"),
    keys=("k:1b", "k:2c"),
    state=Digests.of(STATE),
)
LEAF = Leaf(
    index=123456,
    recorded=datetime(2026, 11, 23, 8, 15, 4, 123456, tzinfo=UTC),
    statement=STATEMENT,
    author="app1",
    signature=STATEMENT.sign(KEY),
)
SIGNED = b"""\
rec-author/v1
stream 6f1c2b1e-0d6b-4f0e-9a55-0c5e2a7f4b11
version 17
topic case.session-held.v1
actor s:4c0b5f0a-7d1e-4c3a-8b1f-2f9d6e5a3c20
keys k:1b,k:2c
state sha256:f315af216f36d79767cbf3bcb261ee6f8221a10895f05327dbcb766a8f074026 \
sm3:116ac70d28b98a301c6d9f0adacade2ef1b97e2d1c4cf30e8c54a221107aade0
"""
ENTRY = b"""\
rec-leaf/v1
index 123456
stream 6f1c2b1e-0d6b-4f0e-9a55-0c5e2a7f4b11
version 17
topic case.session-held.v1
recorded 2026-11-23T08:15:04.123456Z
actor s:4c0b5f0a-7d1e-4c3a-8b1f-2f9d6e5a3c20
keys k:1b,k:2c
state sha256:f315af216f36d79767cbf3bcb261ee6f8221a10895f05327dbcb766a8f074026 \
sm3:116ac70d28b98a301c6d9f0adacade2ef1b97e2d1c4cf30e8c54a221107aade0
author app1 iDNxpJhHbNo+Aelizqo9zSsWbk6fPkkPfaHlmo0xcSXRXMidCfOva1ClXkjFSQbC\
yRLAxi5ioDeiDHZ33eg9CQ==
"""
HASH = "eaf57aac44002a55e9d70386429a4e47f42eef5540df7941da2b3915e4416262"

NUMBERS = st.integers(0, 2**63 - 1)
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
ZONES = st.builds(timezone, st.timedeltas(timedelta(hours=-14), timedelta(hours=14)))
EARLIEST = datetime.fromisoformat("0001-01-02T00:00:00")  # a day from the edges in any zone
LATEST = datetime.fromisoformat("9999-12-30T00:00:00")
STATEMENTS = st.builds(
    Statement,
    stream=st.uuids(),
    version=NUMBERS,
    topic=st.from_regex(r"[a-z0-9][a-z0-9.-]{0,60}", fullmatch=True),
    actor=st.uuids(),
    keys=st.sets(
        st.text(f"{LETTERS}-", min_size=1, max_size=40).map("k:{}".format), max_size=20
    ).map(lambda keys: tuple(sorted(keys))),
    state=st.binary(max_size=80).map(Digests.of),
)
LEAVES = st.builds(
    Leaf,
    index=NUMBERS,
    recorded=st.datetimes(EARLIEST, LATEST, timezones=ZONES),
    statement=STATEMENTS,
    author=st.from_regex(r"[a-z0-9][a-z0-9-]{0,31}", fullmatch=True),
    signature=st.binary(min_size=64, max_size=64),
)


def test_an_entry_has_exactly_these_bytes() -> None:
    assert LEAF.entry() == ENTRY


def test_a_leaf_hash_is_what_sha256sum_computes() -> None:
    command = ["sh", "-c", 'printf "\\000%s\\n" "$1" | sha256sum', "sh", ENTRY.decode().rstrip()]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert answer.split()[0] == leaf_hash(ENTRY).hex() == HASH


def test_a_leaf_without_keys_says_so() -> None:
    leaf = replace(LEAF, statement=STATEMENT._replace(keys=()))
    assert b"\nkeys -\n" in leaf.entry()
    assert parse(leaf.entry()) == leaf


def test_an_instant_is_written_in_utc_whatever_zone_it_came_in() -> None:
    shanghai = LEAF.recorded.astimezone(timezone(timedelta(hours=8))).replace(microsecond=0)
    assert b"\nrecorded 2026-11-23T08:15:04.000000Z\n" in replace(LEAF, recorded=shanghai).entry()


def test_the_author_signs_exactly_these_bytes() -> None:
    assert STATEMENT.signed_bytes() == SIGNED
    AUTHORS["app1"].verify(LEAF.signature, SIGNED)


def test_the_state_is_digested_by_sha256_and_sm3() -> None:
    # GB/T 32905-2016, appendix A.1; FIPS 180-2, appendix B.1.
    assert Digests.of(b"abc").sm3.hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )
    assert Digests.of(b"abc").sha256.hex() == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_agrees_on_the_digests_and_the_authors_signature(tmp_path: Path) -> None:
    state, signed, signature, key = (tmp_path / name for name in "abcd")
    state.write_bytes(STATE)
    signed.write_bytes(SIGNED)
    signature.write_bytes(LEAF.signature)
    key.write_bytes(AUTHORS["app1"].public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    sm3 = ["openssl", "dgst", "-sm3", "-r", str(state)]
    answer = subprocess.run(sm3, check=True, capture_output=True, text=True).stdout
    assert answer.split()[0] == STATEMENT.state.sm3.hex()
    verify = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(key), "-rawin"]
    verify += ["-in", str(signed), "-sigfile", str(signature)]
    assert subprocess.run(verify, capture_output=True, check=False).returncode == 0


@given(LEAVES)
def test_parsing_an_entry_gives_the_leaf_it_was_built_from(leaf: Leaf) -> None:
    assert parse(leaf.entry()) == leaf


@given(LEAVES)
def test_what_the_author_signed_can_be_cut_from_the_entry(leaf: Leaf) -> None:
    assert signed_part(leaf.entry()) == leaf.statement.signed_bytes()


@given(st.binary(max_size=80))
def test_a_state_is_written_by_its_digests(state: bytes) -> None:
    assert state_text(state) == str(Digests.of(state))


@given(LEAVES, st.data())
def test_two_entries_never_mean_the_same_leaf(leaf: Leaf, data: st.DataObject) -> None:
    entry = leaf.entry()
    place = data.draw(st.integers(0, len(entry)))
    inserted = data.draw(
        st.sampled_from([b"", b" ", b"\n", b"0", b"-", b"=", b"\r\n", b"\t", b"+"])
    )
    removed = data.draw(st.integers(0, 2))
    other = entry[:place] + inserted + entry[place + removed :]
    try:
        found = parse(other)
    except MalformedLeaf:
        return
    assert found.entry() == other
    assert (found == leaf) == (other == entry)


@given(st.binary(max_size=5000))
def test_any_other_bytes_are_refused_in_a_sentence(junk: bytes) -> None:
    with pytest.raises(MalformedLeaf):
        parse(junk)


def without(line: bytes) -> bytes:
    return b"".join(kept for kept in ENTRY.splitlines(True) if not kept.startswith(line))


@pytest.mark.parametrize(
    "entry",
    [
        ENTRY.replace(b"rec-leaf/v1", b"rec-leaf/v2"),
        ENTRY.replace(b"index 123456", b"index 0123456"),
        ENTRY.replace(b"index 123456", b"index 123_456"),
        ENTRY.replace(b"index 123456", b"index +123456"),
        ENTRY.replace(b"index 123456", b"index -1"),
        ENTRY.replace(b"index 123456", b"index  123456"),
        ENTRY.replace(b"index 123456", b"index 9223372036854775808"),
        ENTRY.replace(b"index 123456", "index １２３".encode()),
        ENTRY.replace(b"stream 6f1c2b1e", b"stream 6F1C2B1E"),
        ENTRY.replace(b"stream 6f1c2b1e-", b"stream 6f1c2b1e"),
        ENTRY.replace(b"stream 6f1c2b1e", b"stream urn:uuid:6f1c2b1e"),
        ENTRY.replace(b"version 17", b"version "),
        ENTRY.replace(b"topic case", b"topic Case"),
        ENTRY.replace(b"topic case", b"topic .case"),
        ENTRY.replace(b"topic case.session-held.v1", b"topic "),
        ENTRY.replace(b".123456Z", b".1234560Z"),
        ENTRY.replace(b".123456Z", b".12345Z"),
        ENTRY.replace(b".123456Z", b".123456+00:00"),
        ENTRY.replace(b"08:15:04.123456Z", b"16:15:04.123456+08:00"),
        ENTRY.replace(b".123456Z", b",123456Z"),
        ENTRY.replace(b"2026-11-23T", b"2026-11-23 "),
        ENTRY.replace(b"2026-11-23T", b"2026-11-31T"),
        ENTRY.replace(b"08:15:04", b"24:00:00"),
        ENTRY.replace(b"08:15:04", b"08:15:60"),
        ENTRY.replace(b"actor s:", b"actor "),
        ENTRY.replace(b"k:1b,k:2c", b"k:2c,k:1b"),
        ENTRY.replace(b"k:1b,k:2c", b"k:1b,k:1b"),
        ENTRY.replace(b"k:1b,k:2c", b"k:1b,"),
        ENTRY.replace(b"k:1b,k:2c", b"k:"),
        ENTRY.replace(b"k:1b,k:2c", b"k:" + b"1" * 65),
        ENTRY.replace(b"k:1b,k:2c", b"1b"),
        ENTRY.replace(b"k:1b,k:2c", b""),
        ENTRY.replace(b"sha256:f3", b"sha256:F3"),
        ENTRY.replace(b"sha256:f3", b"sha256:f"),
        ENTRY.replace(b" sm3:", b"  sm3:"),
        ENTRY.replace(b" sm3:", b" sm4:"),
        ENTRY.replace(b"author app1", b"author App1"),
        ENTRY.replace(b"author app1", b"author -app1"),
        ENTRY.replace(b"author app1", b"author "),
        ENTRY.replace(b"author app1", b"author " + b"a" * 33),
        ENTRY.replace(b"CQ==", b"CR=="),  # the same signature with padding bits set
        ENTRY.replace(b"CQ==", b"CQ"),
        ENTRY.replace(b"CQ==", b"CQ==\n"),
        ENTRY.replace(b"CQ==", b"CQ== "),
        ENTRY.replace(b"\n", b"\r\n"),
        ENTRY.replace(b"app1 iDNx", b"app1 "),
        ENTRY[:-1],
        ENTRY + b"\n",
        b"\n" + ENTRY,
        without(b"version"),
        without(b"keys"),
        ENTRY + b"note more\n",
        ENTRY.replace(b"version 17\ntopic", b"topic").replace(b"\nactor", b"\nversion 17\nactor"),
        b"",
    ],
)
def test_an_entry_of_another_shape_is_refused(entry: bytes) -> None:
    with pytest.raises(MalformedLeaf):
        parse(entry)


@pytest.mark.parametrize(
    "leaf",
    [
        replace(LEAF, index=-1),
        replace(LEAF, index=2**63),
        replace(LEAF, recorded=LEAF.recorded.replace(tzinfo=None)),
        replace(LEAF, author="app 1"),
        replace(LEAF, author=""),
        replace(LEAF, author="app1\n"),
        replace(LEAF, signature=bytes(63)),
        *(
            replace(LEAF, statement=statement)
            for statement in (
                STATEMENT._replace(version=-1),
                STATEMENT._replace(version=2**63),
                STATEMENT._replace(topic="case\nversion 1"),
                STATEMENT._replace(topic="case\n"),
                STATEMENT._replace(topic="案"),
                STATEMENT._replace(topic=""),
                STATEMENT._replace(keys=("k:2", "k:1")),
                STATEMENT._replace(keys=("k:1", "k:1")),
                STATEMENT._replace(keys=("k:2,k:1",)),
                STATEMENT._replace(keys=("k:1\n",)),
                STATEMENT._replace(keys=("",)),
                STATEMENT._replace(keys=("-",)),
                STATEMENT._replace(state=Digests(b"", bytes(32))),
                STATEMENT._replace(state=Digests(bytes(32), bytes(33))),
            )
        ),
    ],
)
def test_fields_that_make_no_leaf_are_refused(leaf: Leaf) -> None:
    with pytest.raises(MalformedLeaf):
        leaf.entry()


def test_an_entry_has_at_most_4096_bytes() -> None:
    def with_keys(last: int) -> Leaf:
        keys = (*(f"k:{at:064}" for at in range(54)), f"k:{'9' * last}")
        return replace(LEAF, statement=STATEMENT._replace(keys=keys))

    spare = ENTRY_LIMIT - len(with_keys(1).entry())
    fits = with_keys(1 + spare)
    assert len(fits.entry()) == ENTRY_LIMIT
    assert parse(fits.entry()) == fits
    with pytest.raises(MalformedLeaf, match="4097 bytes"):
        with_keys(2 + spare).entry()
    with pytest.raises(MalformedLeaf, match="4097 bytes"):
        parse(fits.entry().replace(b"k:9", b"k:99"))


def test_a_leaf_of_a_known_author_is_accepted() -> None:
    check(parse(ENTRY))


@given(STATEMENTS)
def test_a_statement_with_another_field_is_not_authored(other: Statement) -> None:
    for field in Statement._fields:
        changed = STATEMENT._replace(**{field: getattr(other, field)})
        if changed != STATEMENT:
            with pytest.raises(NotAuthored, match="does not hold"):
                check(replace(LEAF, statement=changed))


def test_index_and_time_are_the_logs_to_give() -> None:
    check(replace(LEAF, index=7, recorded=LEAF.recorded + timedelta(days=1)))


def test_an_unknown_author_is_refused() -> None:
    with pytest.raises(NotAuthored, match="unknown author “app2”"):
        check(replace(LEAF, author="app2"))


def test_the_signature_of_another_instance_is_refused() -> None:
    forged = STATEMENT.sign(Ed25519PrivateKey.generate())
    assert b64encode(forged) not in ENTRY
    with pytest.raises(NotAuthored, match="does not hold"):
        check(replace(LEAF, signature=forged))


def test_sm3_is_computed_by_whichever_library_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """GB/T 32905-2016, example A.1."""
    abc = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    sm3_of_nothing.cache_clear()
    assert sm3_of(b"abc").hex() == abc

    def lacking(*_: object) -> object:
        raise ValueError("unsupported hash type sm3")

    monkeypatch.setattr("application.leaf.hashlib.new", lacking)
    sm3_of_nothing.cache_clear()
    assert sm3_of(b"abc").hex() == abc

    def lacking_too(*_: object) -> object:
        raise UnsupportedAlgorithm("sm3")

    monkeypatch.setattr("application.leaf.Hash", lacking_too)
    sm3_of_nothing.cache_clear()
    with pytest.raises(MissingDigest, match="lack SM3"):
        sm3_of(b"abc")


def test_a_key_under_which_anybody_can_sign_is_nobodys() -> None:
    """The neutral element: each signature by it holds in the equation of RFC 8032 §5.1.7."""
    neutral = (1).to_bytes(32, "little")
    weak = Ed25519PublicKey.from_public_bytes(neutral)
    with pytest.raises(NotAuthored, match="does not hold"):
        check_author(7, "app1", weak, STATEMENT.signed_bytes(), neutral + bytes(32))


def check(leaf: Leaf) -> None:
    """Check a leaf's author against those who are known here."""
    key = AUTHORS.get(leaf.author)
    check_author(leaf.index, leaf.author, key, signed_part(leaf.entry()), leaf.signature)


@pytest.mark.parametrize("asked", [is_topic, is_author, id_of_text])
@pytest.mark.parametrize("long", ["a" * 100_000, "{" * 100_000 + str(UUID(int=5)), "a-" * 5000])
def test_what_is_too_long_is_not_remembered(asked: Callable[[str], object], long: str) -> None:
    """Two thousand texts of some megabytes, which any row may have, would fill the memory."""
    before = sys.getrefcount(long)
    answers = []
    with suppress(ValueError):
        answers.append(asked(long))
    assert sys.getrefcount(long) == before
    assert answers in ([], [False], [UUID(int=5)])
