"""The envelope: one text for one key at one place, to the byte, and nothing else opens."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from application.codec import encode
from application.envelope import (
    INTERNATIONAL,
    NATIONAL,
    SUITES,
    TEXT_LIMIT,
    Context,
    Unopened,
    Unsealable,
    disclose,
    envelopes_in,
    keys_in,
    open_with_key,
    open_with_okm,
    seal,
)
from domain.base import EVENTS, Sealed
from tests.domain.case_cast import HER
from tests.vault import reference
from tests.vault.two_faced import two_faced

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
KEY_ID = "k:5f0c7b0e-3d0a-4f57-9c41-8a1f8a8a8b01"
STREAM = UUID("6f1c2b1e-0d6b-4f0e-9a55-0c5e2a7f4b11")
PLACE = Context(STREAM, 17, "case.session-held.v1", "session/notes/0/note")
VECTORS: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("envelopes.json").read_text(encoding="utf-8")
)

texts = st.text(st.characters(codec="utf-8"), max_size=200)
suites = st.sampled_from(sorted(SUITES))
keys = st.binary(min_size=32, max_size=32)
places = st.builds(
    Context,
    st.uuids(),
    st.integers(0, 2**63 - 1),
    st.from_regex(r"[a-z][a-z0-9.-]{0,30}", fullmatch=True),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40),
)


def place_of(vector: dict[str, Any]) -> Context:
    return Context(UUID(vector["stream"]), vector["version"], vector["topic"], vector["path"])


def flipped(text: str, bit: int) -> str:
    """Base64 with one bit of what it stands for changed."""
    binary = bytearray(b64decode(text))
    binary[bit // 8 % len(binary)] ^= 1 << bit % 8
    return b64encode(binary).decode()


@pytest.mark.parametrize("vector", VECTORS)
def test_what_was_sealed_once_opens_for_ever(vector: dict[str, Any]) -> None:
    key, sealed = bytes.fromhex(vector["key"]), Sealed(**vector["envelope"])
    assert open_with_key(key, place_of(vector), sealed) == vector["text"]
    assert disclose(key, place_of(vector), sealed).hex() == vector["okm"]
    assert open_with_okm(bytes.fromhex(vector["okm"]), place_of(vector), sealed) == vector["text"]


@pytest.mark.parametrize("vector", VECTORS)
def test_the_same_randomness_seals_to_the_same_bytes(vector: dict[str, Any]) -> None:
    envelope = vector["envelope"]
    sealed = seal(
        bytes.fromhex(vector["key"]),
        envelope["k"],
        place_of(vector),
        vector["text"],
        envelope["z"],
        random=lambda length: b64decode(envelope["n"])[:length],
    )
    assert sealed.model_dump() == envelope


@pytest.mark.parametrize("vector", VECTORS)
def test_a_stranger_opens_it_from_the_description_alone(vector: dict[str, Any]) -> None:
    envelope = vector["envelope"]
    info = reference.info_of(vector["stream"], vector["version"], vector["topic"], vector["path"])
    key, salt = bytes.fromhex(vector["key"]), b64decode(envelope["n"])
    okm = reference.okm_of(envelope["z"], key, salt, info)
    assert okm.hex() == vector["okm"]
    assert reference.open_envelope(okm, info, envelope) == vector["text"]


def test_the_stranger_does_gcm_as_the_library_does() -> None:
    okm, associated, plaintext = bytes(range(44)), b"associated", b"plaintext" * 5
    box = AESGCM(okm[:32]).encrypt(okm[32:], plaintext, associated)
    assert reference.Gcm(INTERNATIONAL, okm).encrypt(plaintext, associated) == box


@settings(max_examples=30, deadline=None)
@given(keys, places, texts, suites)
def test_a_stranger_opens_whatever_we_seal(
    key: bytes, place: Context, text: str, suite: int
) -> None:
    sealed = seal(key, KEY_ID, place, text, suite)
    okm = reference.okm_of(suite, key, b64decode(sealed.n), bytes(place))
    assert reference.open_envelope(okm, bytes(place), sealed.model_dump()) == text


@given(keys, places, texts, suites)
def test_what_is_sealed_can_be_opened_with_the_key_and_with_what_was_disclosed(
    key: bytes, place: Context, text: str, suite: int
) -> None:
    sealed = seal(key, KEY_ID, place, text, suite)
    assert open_with_key(key, place, sealed) == text
    assert open_with_okm(disclose(key, place, sealed), place, sealed) == text


@given(st.data(), keys, places, texts, suites)
def test_no_bit_of_any_part_can_be_changed(
    data: st.DataObject, key: bytes, place: Context, text: str, suite: int
) -> None:
    sealed = seal(key, KEY_ID, place, text, suite)
    part = data.draw(st.sampled_from("nhc"))
    bits = 8 * len(b64decode(getattr(sealed, part)))
    changed = sealed.model_copy(
        update={part: flipped(getattr(sealed, part), data.draw(st.integers(0, bits - 1)))}
    )
    with pytest.raises(Unopened):
        open_with_key(key, place, changed)
    if part != "n":  # okm follows from n: who has okm needs no n
        with pytest.raises(Unopened):
            open_with_okm(disclose(key, place, sealed), place, changed)


@given(keys, places, places, texts, suites, st.sampled_from(Context._fields))
def test_a_ciphertext_opens_nowhere_else(
    key: bytes, place: Context, other: Context, text: str, suite: int, field: str
) -> None:
    moved = place._replace(**{field: getattr(other, field)})
    if moved == place:
        return
    sealed = seal(key, KEY_ID, place, text, suite)
    with pytest.raises(Unopened, match="another place"):
        open_with_key(key, moved, sealed)
    with pytest.raises(Unopened, match="another place"):
        open_with_okm(disclose(key, place, sealed), moved, sealed)


@given(keys, keys, texts, suites)
def test_no_other_key_opens_or_discloses(key: bytes, other: bytes, text: str, suite: int) -> None:
    if key == other:
        return
    sealed = seal(key, KEY_ID, PLACE, text, suite)
    for attempt in (open_with_key, disclose):
        with pytest.raises(Unopened, match="another key"):
            attempt(other, PLACE, sealed)


@pytest.mark.parametrize("suite", SUITES)
def test_ciphertexts_of_two_fields_cannot_be_swapped(suite: int) -> None:
    there = PLACE._replace(path="session/notes/1/note")
    here = seal(KEY, KEY_ID, PLACE, "她说", suite), seal(KEY, KEY_ID, there, "他说", suite)
    for place, sealed in zip((there, PLACE), here, strict=True):
        with pytest.raises(Unopened):
            open_with_key(KEY, place, sealed)


def test_a_suite_is_not_passed_off_as_the_other() -> None:
    for suite, other in ((INTERNATIONAL, NATIONAL), (NATIONAL, INTERNATIONAL)):
        sealed = seal(KEY, KEY_ID, PLACE, "她说", suite).model_copy(update={"z": other})
        with pytest.raises(Unopened):
            open_with_key(KEY, PLACE, sealed)


def test_two_places_never_have_one_context() -> None:
    with pytest.raises(ValueError, match="no place"):
        bytes(PLACE._replace(path="a\0b"))
    with pytest.raises(ValueError, match="no place"):
        bytes(PLACE._replace(topic="case.opened.v1\0identity", path=""))


def test_the_same_text_seals_differently_each_time() -> None:
    assert seal(KEY, KEY_ID, PLACE, "王某").c != seal(KEY, KEY_ID, PLACE, "王某").c


@given(st.text(st.characters(codec="ascii"), max_size=70))
def test_an_envelope_shows_how_long_its_text_is_only_in_steps(text: str) -> None:
    box = b64decode(seal(KEY, KEY_ID, PLACE, text).c)
    assert len(box) == 32 * (1 + (len(text) + 1) // 32) + 16


# The attack: one ciphertext, two keys, both of its tags right.


def test_gcm_alone_opens_one_ciphertext_to_two_texts_and_the_commitment_refuses_one() -> None:
    salt, associated_context = bytes(32), bytes(PLACE)
    first, second = (
        reference.okm_of(INTERNATIONAL, key, salt, associated_context) for key in (KEY, OTHER_KEY)
    )
    commitment = reference.commitment_of(INTERNATIONAL, first)
    associated = bytes([INTERNATIONAL]) + commitment + associated_context
    box = two_faced(
        reference.Gcm(INTERNATIONAL, first),
        reference.Gcm(INTERNATIONAL, second),
        associated,
        (62).to_bytes(2, "big") + b"He never hit me.",
        64,
    )
    opened = [AESGCM(okm[:32]).decrypt(okm[32:], box, associated) for okm in (first, second)]
    assert opened[0] != opened[1], "both are authentic to AES-GCM"

    sealed = Sealed(
        z=INTERNATIONAL,
        k=KEY_ID,
        n=b64encode(salt).decode(),
        h=b64encode(commitment).decode(),
        c=b64encode(box).decode(),
    )
    assert open_with_okm(first, PLACE, sealed).startswith("He never hit me.")
    for refused in (
        lambda: open_with_okm(second, PLACE, sealed),
        lambda: open_with_key(OTHER_KEY, PLACE, sealed),
        lambda: disclose(OTHER_KEY, PLACE, sealed),
    ):
        with pytest.raises(Unopened, match="another key"):
            refused()


def test_a_commitment_that_was_exchanged_breaks_the_tag() -> None:
    sealed = seal(KEY, KEY_ID, PLACE, "她说")
    other = reference.okm_of(INTERNATIONAL, OTHER_KEY, b64decode(sealed.n), bytes(PLACE))
    commitment = b64encode(reference.commitment_of(INTERNATIONAL, other)).decode()
    with pytest.raises(Unopened):
        open_with_okm(other, PLACE, sealed.model_copy(update={"h": commitment}))
    okm = disclose(KEY, PLACE, sealed)
    associated = bytes([INTERNATIONAL]) + b64decode(commitment) + bytes(PLACE)
    with pytest.raises(InvalidTag):
        AESGCM(okm[:32]).decrypt(okm[32:], b64decode(sealed.c), associated)


# What is no envelope, and what cannot be sealed.

GOOD = seal(KEY, KEY_ID, PLACE, "她说")
ODD_LENGTH = b64encode(b64decode(GOOD.c)[:-1]).decode()


@pytest.mark.parametrize(
    "change",
    [
        {"z": 0},
        {"z": 3},
        {"z": -1},
        {"k": "wife"},
        {"k": "k:"},
        {"k": "k:ABC"},
        {"k": KEY_ID + "\n"},
        {"n": GOOD.n[:-4]},
        {"n": GOOD.n + "\n"},
        {"n": GOOD.n.replace("=", "")},
        {"n": GOOD.n[:-2] + "F="},
        {"h": ""},
        {"h": "中" * 44},
        {"c": ""},
        {"c": ODD_LENGTH},
        {"c": b64encode(bytes(16)).decode()},
        {"c": b64encode(bytes(65536 + 64 + 16)).decode()},
        {"c": GOOD.c.replace("+", "-").replace("/", "_") + "-"},
    ],
)
def test_what_is_no_envelope_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Unopened):
        open_with_key(KEY, PLACE, GOOD.model_copy(update=change))


def test_base64_has_one_form_only() -> None:
    # The last character before `=` holds two bits that mean nothing; they must be zero.
    last = GOOD.n[-2]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = GOOD.n[:-2] + alphabet[alphabet.index(last) + 1] + "="
    assert b64decode(other) == b64decode(GOOD.n)
    with pytest.raises(Unopened, match="canonical"):
        open_with_key(KEY, PLACE, GOOD.model_copy(update={"n": other}))


@pytest.mark.parametrize("length", [0, 28, 43, 45])
def test_a_disclosure_has_its_length(length: int) -> None:
    with pytest.raises(Unopened, match="disclosure"):
        open_with_okm(bytes(length), PLACE, GOOD)


@pytest.mark.parametrize(
    "plaintext",
    [
        b"\0\1a\1".ljust(32, b"\0"),  # something in the padding
        b"\0\1a".ljust(64, b"\0"),  # more padding than needed
        b"\0\x1f" + b"a" * 30,  # longer than what is there
        b"\0\1\xff".ljust(32, b"\0"),  # no UTF-8
    ],
)
def test_a_plaintext_has_one_form_only(plaintext: bytes) -> None:
    okm = disclose(KEY, PLACE, GOOD)
    commitment = b64decode(GOOD.h)
    associated = bytes([INTERNATIONAL]) + commitment + bytes(PLACE)
    box = reference.Gcm(INTERNATIONAL, okm).encrypt(plaintext, associated)
    with pytest.raises(Unopened):
        open_with_key(KEY, PLACE, GOOD.model_copy(update={"c": b64encode(box).decode()}))


def test_the_longest_text_fits_and_a_longer_one_is_refused() -> None:
    longest = "a" * TEXT_LIMIT
    assert open_with_key(KEY, PLACE, seal(KEY, KEY_ID, PLACE, longest)) == longest
    with pytest.raises(Unsealable, match="65536 bytes, 65535 fit"):
        seal(KEY, KEY_ID, PLACE, longest + "a")


def test_what_cannot_be_sealed_is_refused() -> None:
    with pytest.raises(Unsealable, match="half a character"):
        seal(KEY, KEY_ID, PLACE, "\ud800")
    with pytest.raises(Unsealable, match="no id"):
        seal(KEY, "case:1:wife", PLACE, "")
    with pytest.raises(Unsealable, match="no suite 3"):
        seal(KEY, KEY_ID, PLACE, "", 3)
    with pytest.raises(ValueError, match="32 bytes"):
        seal(KEY[1:], KEY_ID, PLACE, "")


# The envelopes of a state.

names = st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=5)
names = names.filter(lambda name: name != "z")
scalars = st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"))
sealed_ones = st.integers(0, 9).map(lambda n: GOOD.model_copy(update={"k": f"k:{n}"}).model_dump())
states = st.recursive(
    scalars | sealed_ones,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
)


@given(states)
def test_every_envelope_of_a_state_is_found_at_its_path(state: Any) -> None:
    found = list(envelopes_in(state))
    for path, sealed in found:
        value = state
        for name in filter(None, path.split("/")):
            value = value[int(name)] if isinstance(value, list) else value[name]
        assert value == sealed.model_dump()
    assert len({path for path, _ in found}) == len(found)
    assert len(found) == json.dumps(state).count('"z": 1, "k": ')
    assert list(keys_in(state)) == sorted({sealed.k for _, sealed in found})


def test_the_paths_are_those_of_the_document_in_its_order() -> None:
    sealed = GOOD.model_dump()
    state = {
        "before": {"notes": [{"note": sealed, "party": "wife"}, {"note": sealed}]},
        "a": sealed,
    }
    paths = [path for path, _ in envelopes_in(state)]
    assert paths == ["before/notes/0/note", "before/notes/1/note", "a"]


def test_keys_are_named_once_in_byte_order() -> None:
    state = [GOOD.model_copy(update={"k": k}).model_dump() for k in ("k:b", "k:-", "k:a", "k:b")]
    assert keys_in(state) == ("k:-", "k:a", "k:b")
    assert keys_in({"minutes": 50}) == ()


@pytest.mark.parametrize(
    "almost",
    [
        {"z": 1},
        {**GOOD.model_dump(), "more": 1},
        {**GOOD.model_dump(), "z": True},
        {**GOOD.model_dump(), "z": "1"},
        {**GOOD.model_dump(), "z": 3},
        {**GOOD.model_dump(), "n": None},
        {**GOOD.model_dump(), "c": ["AAAA"]},
        {name: value for name, value in GOOD.model_dump().items() if name != "h"},
    ],
)
def test_what_is_almost_an_envelope_is_not_passed_over(almost: dict[str, Any]) -> None:
    with pytest.raises(Unopened):
        keys_in({"identity": almost})


@pytest.mark.parametrize("name", ["", "a/b", "a\0b", "\ud800"])
def test_an_envelope_stands_at_one_path_only(name: str) -> None:
    with pytest.raises(Unopened, match="no path"):
        keys_in({name: GOOD.model_dump()})
    assert keys_in({name: 1}) == ()


def test_a_state_of_any_depth_is_walked() -> None:
    state: Any = GOOD.model_dump()
    for _ in range(5000):
        state = [state]
    assert keys_in(state) == (KEY_ID,)


def test_nothing_in_the_domain_but_an_envelope_has_a_member_z() -> None:
    for topic, event in EVENTS.items():
        definitions = event.model_json_schema().get("$defs", {})
        with_z = {name for name, each in definitions.items() if "z" in each.get("properties", {})}
        assert with_z <= {"Sealed"}, topic
        assert "z" not in event.model_fields, topic


def test_the_envelopes_of_a_stored_event_are_found() -> None:
    kind = EVENTS["case.party-identified.v1"]
    event = kind.model_construct(
        originator_id=STREAM, originator_version=17, party=HER, identity=GOOD
    )
    state = json.loads(encode(event))
    assert list(envelopes_in(state)) == [("identity", GOOD)]
