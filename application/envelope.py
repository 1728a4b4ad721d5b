"""One sealed field of a state: the envelope of personal data, to the byte.

An envelope is a JSON object with exactly these members; binary ones are base64 (RFC 4648 §4, with
padding, canonical):

    z   the suite, a number
    k   the id of the key: `k:` and 1 to 64 lower-case letters, digits and `-`
    n   32 random bytes
    h   32 bytes, the commitment
    c   the ciphertext and its tag of 16 bytes

Any object of a state that has a member `z` is an envelope. Its path is made of the names of members
and the indexes in arrays, from 0, that lead to it from the top, with `/` between, such as
`before/notes/0/note`. The names on it are not empty and have neither `/` nor U+0000.

The context is the bytes

    "rec-field/v1" 0x00 stream 0x00 version 0x00 topic 0x00 path

with the stream as a UUID in lower case, the version in decimal without leading zeros, all in UTF-8.
Suites differ in their algorithms only:

    z   hash      cipher        key
    1   SHA-256   AES-256-GCM   32 bytes
    2   SM3       SM4-GCM       16 bytes

    okm   HKDF (RFC 5869) of the suite's hash: secret = the key of 32 bytes, salt = n, info = the
          context; as long as the cipher's key and 12 bytes more
    h     the suite's hash of "rec-kc/v1" 0x00 okm
    c     GCM (NIST SP 800-38D) under the first bytes of okm, its last 12 being the nonce;
          associated data = z as one byte, h, the context

The plaintext is the length of the text in bytes as two bytes, the most significant first, the text
in UTF-8, and zero bytes up to the next multiple of 32: how long a text is shows only roughly.

The context ties a ciphertext to its place. `h` ties it to one key: GCM alone lets a ciphertext be
made that opens under two keys, to two texts (“Fast Message Franking”, 2018). Whoever is given okm
reads this field and no other, and learns nothing of the key.
"""

from __future__ import annotations

import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, CipherAlgorithm
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA256, SM3, Hash, HashAlgorithm
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.base import Sealed

KEY_BYTES: Final = 32
SALT_BYTES: Final = 32
COMMITMENT_BYTES: Final = 32
NONCE_BYTES: Final = 12  # as NIST SP 800-38D recommends for GCM
TAG_BYTES: Final = 16
LENGTH_BYTES: Final = 2
BLOCK: Final = 32  # bytes of plaintext by which an envelope grows
TEXT_LIMIT: Final = 2 ** (8 * LENGTH_BYTES) - 1  # bytes
KEY_ID: Final = re.compile(r"k:[0-9a-z-]{1,64}")
NAME: Final = re.compile(r"[^/\0\ud800-\udfff]+")
MEMBERS: Final = {"z", "k", "n", "h", "c"}


class Unopened(Exception):  # noqa: N818 - said to people
    """Sealed data that cannot be read, or that is no sealed data."""


class Spoiled(Unopened):
    """Sealed data that was changed or moved, or sealed as this program does not know."""


class Unsealable(ValueError):  # noqa: N818 - said to people
    """A text that cannot be sealed."""


class Suite(NamedTuple):
    """The algorithms that `z` names."""

    hash: type[SHA256 | SM3]
    cipher: Callable[[bytes], CipherAlgorithm]
    cipher_key_bytes: int

    @property
    def okm_bytes(self) -> int:
        """The cipher's key and its nonce."""
        return self.cipher_key_bytes + NONCE_BYTES


INTERNATIONAL: Final = 1
NATIONAL: Final = 2  # 商用密码: GB/T 32905 (SM3), GB/T 32907 (SM4)

SUITES: Final = {
    INTERNATIONAL: Suite(SHA256, AES, 32),
    NATIONAL: Suite(SM3, SM4, 16),
}
"""Every suite that was ever sealed with; none is taken away."""


class Context(NamedTuple):
    """Where a field stands: the stream, version and topic of its event, the path in its state."""

    stream: UUID
    version: int
    topic: str
    path: str

    def __bytes__(self) -> bytes:
        parts = ("rec-field/v1", str(self.stream), str(self.version), self.topic, self.path)
        # A zero inside a part would let two places have one context.
        if self.version < 0 or any("\0" in part for part in parts):
            raise ValueError(f"no place of a field: {self}")
        return "\0".join(parts).encode()


def seal(
    key: bytes,
    key_id: str,
    context: Context,
    text: str,
    suite: int = INTERNATIONAL,
    *,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> Sealed:
    """Seal a text of at most 65,535 bytes in UTF-8. Raises `Unsealable`."""
    if KEY_ID.fullmatch(key_id) is None:
        raise Unsealable(f"“{key_id}” is no id of a key.")
    if suite not in SUITES:
        raise Unsealable(f"There is no suite {suite}; take one of {sorted(SUITES)}.")
    plaintext = padded(text)
    salt = random(SALT_BYTES)
    okm = derived(suite, key, salt, context)
    commitment = committed(suite, okm)
    encryptor = Cipher(*cipher(suite, okm)).encryptor()
    encryptor.authenticate_additional_data(associated(suite, commitment, context))
    ciphertext = encryptor.update(plaintext) + encryptor.finalize()
    return Sealed(
        z=suite,
        k=key_id,
        n=b64encode(salt).decode(),
        h=b64encode(commitment).decode(),
        c=b64encode(ciphertext + encryptor.tag).decode(),
    )


def open_with_key(key: bytes, context: Context, sealed: Sealed) -> str:
    """The text that stands sealed at a place. Raises `Spoiled`."""
    return open_with_okm(disclose(key, context, sealed), context, sealed)


def disclose(key: bytes, context: Context, sealed: Sealed) -> bytes:
    """What opens this one field for somebody who must not have the key. Raises `Spoiled`."""
    parts = parts_of(sealed)
    okm = derived(sealed.z, key, parts.salt, context)
    require_committed(sealed.z, okm, parts)
    return okm


def open_with_okm(okm: bytes, context: Context, sealed: Sealed) -> str:
    """The text that stands sealed at a place, by what was disclosed for it. Raises `Unopened`."""
    parts = parts_of(sealed)
    if len(okm) != SUITES[sealed.z].okm_bytes:
        raise Unopened(f"A disclosure of suite {sealed.z} has {SUITES[sealed.z].okm_bytes} bytes.")
    require_committed(sealed.z, okm, parts)
    algorithm, mode = cipher(sealed.z, okm, parts.tag)
    try:
        decryptor = Cipher(algorithm, mode).decryptor()
        decryptor.authenticate_additional_data(associated(sealed.z, parts.commitment, context))
        plaintext = decryptor.update(parts.ciphertext) + decryptor.finalize()
    except InvalidTag:
        raise Spoiled("The sealed data was changed, or moved from another place.") from None
    return unpadded(plaintext)


def envelopes_in(state: Any) -> Iterator[tuple[str, Sealed]]:
    """Every envelope of a parsed JSON state with its path, in the order of the document.

    Raises `Spoiled` for what has a member `z` and is no envelope of a known suite, and for an
    envelope whose path is ambiguous.
    """
    left: list[tuple[tuple[str, ...], Any]] = [((), state)]
    while left:  # a stack of its own: a state from outside may be deeper than calls can go
        path, value = left.pop()
        match value:
            case {"z": _}:
                if not all(map(NAME.fullmatch, path)):
                    raise Spoiled(f"{path} is no path of a field.")
                yield "/".join(path), parsed(value)
            case dict():
                left += [((*path, name), value[name]) for name in reversed(value)]
            case list():
                left += [((*path, str(i)), value[i]) for i in reversed(range(len(value)))]


def keys_in(state: Any) -> tuple[str, ...]:
    """The ids of the keys used in a parsed JSON state, as the leaf names them: sorted, each once.

    Raises `Spoiled`.
    """
    return tuple(sorted({sealed.k for _, sealed in envelopes_in(state)}))


def parsed(value: dict[Any, Any]) -> Sealed:
    """The envelope that a JSON object is. Raises `Spoiled`."""
    if value.keys() != MEMBERS:
        raise Spoiled(f"An envelope has the members {', '.join(sorted(MEMBERS))} and no other.")
    suite, *texts = (value[name] for name in ("z", "k", "n", "h", "c"))
    if type(suite) is not int or any(type(text) is not str for text in texts):
        raise Spoiled("In an envelope z is a number and all else is text.")
    sealed = Sealed(**value)
    parts_of(sealed)
    return sealed


class Parts(NamedTuple):
    """The binary members of an envelope."""

    salt: bytes
    commitment: bytes
    ciphertext: bytes
    tag: bytes


def parts_of(sealed: Sealed) -> Parts:
    """The binary members of an envelope, which is well-formed. Raises `Spoiled`."""
    if sealed.z not in SUITES:
        raise Spoiled(
            f"Sealed with suite {sealed.z}, which this program does not know; update the program."
        )
    if KEY_ID.fullmatch(sealed.k) is None:
        raise Spoiled(f"“{sealed.k}” is no id of a key.")
    salt, commitment, box = (decoded(text) for text in (sealed.n, sealed.h, sealed.c))
    ciphertext, tag = box[:-TAG_BYTES], box[-TAG_BYTES:]
    if (
        len(salt) != SALT_BYTES
        or len(commitment) != COMMITMENT_BYTES
        or not 0 < len(ciphertext) < LENGTH_BYTES + TEXT_LIMIT + BLOCK
        or len(ciphertext) % BLOCK
    ):
        raise Spoiled("A part of the sealed data has a wrong length.")
    return Parts(salt, commitment, ciphertext, tag)


def decoded(text: str) -> bytes:
    """Canonical base64, decoded. Raises `Spoiled`."""
    try:
        binary = b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Spoiled("A part of the sealed data is no base64.") from None
    if b64encode(binary).decode() != text:
        raise Spoiled("A part of the sealed data is no canonical base64.")
    return binary


def derived(suite: int, key: bytes, salt: bytes, context: Context) -> bytes:
    """okm, from the key of a subject."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
    hash_, _, _ = SUITES[suite]
    hkdf = HKDF(hash_(), SUITES[suite].okm_bytes, salt=salt, info=bytes(context))
    return hkdf.derive(key)


def committed(suite: int, okm: bytes) -> bytes:
    """h."""
    algorithm: HashAlgorithm = SUITES[suite].hash()
    digest = Hash(algorithm)
    digest.update(b"rec-kc/v1\0" + okm)
    return digest.finalize()


def require_committed(suite: int, okm: bytes, parts: Parts) -> None:
    """Raises `Spoiled` for a key other than the one that the envelope commits to."""
    if not bytes_eq(committed(suite, okm), parts.commitment):
        raise Spoiled("The data was sealed under another key or at another place, or changed.")


def cipher(suite: int, okm: bytes, tag: bytes | None = None) -> tuple[CipherAlgorithm, GCM]:
    """The cipher under its derived key, and GCM with its derived nonce."""
    _, algorithm, key_bytes = SUITES[suite]
    return algorithm(okm[:key_bytes]), GCM(okm[key_bytes:], tag)


def associated(suite: int, commitment: bytes, context: Context) -> bytes:
    """What GCM authenticates beside the text."""
    return bytes([suite]) + commitment + bytes(context)


def padded(text: str) -> bytes:
    """The plaintext of a text. Raises `Unsealable`."""
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        raise Unsealable("The text has half a character; type it again.") from None
    if len(encoded) > TEXT_LIMIT:
        raise Unsealable(
            f"The text has {len(encoded)} bytes, {TEXT_LIMIT} fit; shorten it or split it."
        )
    measured = len(encoded).to_bytes(LENGTH_BYTES, "big") + encoded
    return measured + bytes(-len(measured) % BLOCK)


def unpadded(plaintext: bytes) -> str:
    """The text of a plaintext that is padded as far as needed, with zeros. Raises `Spoiled`."""
    length = int.from_bytes(plaintext[:LENGTH_BYTES], "big")
    try:
        text = plaintext[LENGTH_BYTES : LENGTH_BYTES + length].decode()
        if padded(text) != plaintext:
            raise Spoiled("The sealed data is padded in a wrong way.")
    except UnicodeDecodeError:
        raise Spoiled("The sealed data is no text.") from None
    return text
