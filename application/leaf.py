"""The leaf of an event in the Merkle tree: a strict text of everything that must not change.

An entry is these ten lines in this order, each `key SP value LF`, none left out, in ASCII and at
most 4,096 bytes:

    rec-leaf/v1
    index      place in the log from 0; the position less one
    stream     the aggregate's id, a UUID in lower case
    version    the event's version in its stream
    topic      lower-case letters, digits, `.` and `-`
    recorded   UTC as 2026-11-23T08:15:04.123456Z, always six digits of the second
    actor      the pseudonym of who acted, `s:` and a UUID in lower case
    keys       ids of the personal-data keys used in the state, `k:` and lower-case letters, digits
               and `-`, in byte order, each once, with commas between; `-` when there are none
    state      `sha256:` and `sm3:` with 64 lower-case hexadecimal digits each, one space between:
               digests of the stored bytes of the state
    author     the name of the application instance, and base64 of its signature

Numbers are decimal without leading zeros and at most 2**63 - 1. The author signs, with Ed25519 (RFC
8032), exactly these bytes:

    "rec-author/v1\\n" and then the lines stream, version, topic, actor, keys and state, each as in
    the entry, with its newline

so the signature does not cover index and time: those the log gives. Building and parsing share no
code, so that one does not repeat the other's mistake.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from binascii import b2a_base64
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import Final, NamedTuple
from uuid import UUID

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SM3, Hash

from application import signatures
from application.signatures import SIGNATURE_BYTES

ENTRY_LIMIT: Final = 4096  # bytes
NUMBER_LIMIT: Final = 2**63 - 1
DIGEST_BYTES: Final = 32
TOPIC: Final = re.compile(r"[a-z0-9][a-z0-9.-]*")
KEYS: Final = re.compile(r"k:[0-9a-z-]{1,64}(?:,k:[0-9a-z-]{1,64})*")
AUTHOR: Final = re.compile(r"[0-9a-z][0-9a-z-]{0,31}")
ALGORITHM: Final = SM3()
REMEMBERED: Final = 2048  # ids and names that are written anew only once: a page repeats most
remembered_topic: Final = lru_cache(REMEMBERED)(TOPIC.fullmatch)  # none longer than an entry
remembered_author: Final = lru_cache(REMEMBERED)(AUTHOR.fullmatch)


class MalformedLeaf(ValueError):  # noqa: N818 - said to people
    """Not the entry of a leaf, or fields that would make none."""


class NotAuthored(Exception):  # noqa: N818 - said to people
    """A leaf that none of the known application instances wrote."""


class MissingDigest(Exception):  # noqa: N818 - said to people
    """The cryptographic library of this computer cannot compute SM3."""


class Digests(NamedTuple):
    """Digests of the stored bytes of a state."""

    sha256: bytes
    sm3: bytes

    @classmethod
    def of(cls, state: bytes) -> Digests:
        """The digests of a state. Raises `MissingDigest`."""
        return cls(sha256(state).digest(), sm3_of(state))

    def __str__(self) -> str:
        """As the entry writes them. Raises `MalformedLeaf`."""
        if any(len(digest) != DIGEST_BYTES for digest in self):
            raise MalformedLeaf(f"Each digest has {DIGEST_BYTES} bytes.")
        return f"sha256:{self.sha256.hex()} sm3:{self.sm3.hex()}"


def state_text(state: bytes) -> str:
    """The digests of a state as the entry writes them. Raises `MissingDigest`."""
    return f"sha256:{sha256(state).hexdigest()} sm3:{sm3_of(state).hex()}"


def sm3_of(state: bytes) -> bytes:
    """The SM3 digest (GB/T 32905) of some bytes. Raises `MissingDigest`."""
    sm3 = sm3_of_nothing().copy()
    sm3.update(state)
    return sm3.finalize() if isinstance(sm3, Hash) else sm3.digest()


@cache  # to find the algorithm again takes as long as to digest 200 bytes
def sm3_of_nothing() -> Hash | hashlib._Hash:
    """What an SM3 digest begins with, by whichever library has it. Raises `MissingDigest`."""
    with suppress(ValueError):  # Python's own OpenSSL may be built without it
        return hashlib.new("sm3")
    try:
        return Hash(ALGORITHM)
    except UnsupportedAlgorithm:
        raise MissingDigest(
            "This computer's cryptographic libraries lack SM3 (GB/T 32905); install the wheel of "
            "“cryptography”, which brings an OpenSSL that has it."
        ) from None


class Statement(NamedTuple):
    """What an application instance says of an event, and signs.

    `actor` is the pseudonym without its `s:`; `keys` have their `k:`, are sorted and named once.
    """

    stream: UUID
    version: int
    topic: str
    actor: UUID
    keys: tuple[str, ...]
    state: Digests

    @property
    def keys_text(self) -> str:
        """The keys as the entry writes them."""
        return ",".join(self.keys) or "-"

    def signed_bytes(self) -> bytes:
        """The bytes that the author signs. Raises `MalformedLeaf`."""
        stream, version, topic, actor, keys, state = self
        require_writable(stream, version, topic, keys)
        return (
            f"rec-author/v1\nstream {id_text(stream.int)}\nversion {version}\ntopic {topic}\n"
            f"actor s:{id_text(actor.int)}\nkeys {self.keys_text}\nstate {state}\n"
        ).encode("ascii")

    def sign(self, key: Ed25519PrivateKey) -> bytes:
        """The author's signature. Raises `MalformedLeaf`."""
        return signatures.signed(key, self.signed_bytes())


@dataclass(frozen=True, slots=True)
class Leaf:
    """What an entry says.

    `recorded` must know its zone. `author` names the application instance.
    """

    index: int
    recorded: datetime
    statement: Statement
    author: str
    signature: bytes

    def entry(self) -> bytes:
        """The bytes of the entry. Raises `MalformedLeaf`."""
        stream, version, topic, actor, keys, state = self.statement
        return build_entry(
            self.index, stream, version, topic, self.recorded, actor, keys, str(state),
            self.author, self.signature,
        )  # fmt: skip


def build_entry(
    index: int,
    stream: UUID,
    version: int,
    topic: str,
    recorded: datetime,
    actor: UUID,
    keys: Sequence[str],
    state: str,
    author: str,
    signature: bytes,
) -> bytes:
    """The bytes of an entry by what it says, the state as `state_text`. Raises `MalformedLeaf`."""
    if not 0 <= index <= NUMBER_LIMIT:
        raise MalformedLeaf(f"{index} is no place in the log.")
    require_writable(stream, version, topic, keys)
    entry = (
        f"rec-leaf/v1\nindex {index}\nstream {id_text(stream.int)}\nversion {version}\n"
        f"topic {topic}\nrecorded {moment_text(recorded)}\nactor s:{id_text(actor.int)}\n"
        f"keys {','.join(keys) or '-'}\nstate {state}\n{author_line(author, signature)}"
    ).encode("ascii")
    if len(entry) > ENTRY_LIMIT:
        raise MalformedLeaf(f"The entry has {len(entry)} bytes; {ENTRY_LIMIT} are the most.")
    return entry


def require_writable(stream: UUID, version: int, topic: str, keys: Sequence[str]) -> None:
    """Check that lines can be written of an event. Raises `MalformedLeaf`."""
    if not 0 <= version <= NUMBER_LIMIT:
        raise MalformedLeaf(f"{version} is no version.")
    if not is_topic(topic):
        raise MalformedLeaf(f"“{topic}” is no topic.")
    if not keys:
        return
    text = ",".join(keys)
    if KEYS.fullmatch(text) is None or text.count(",") != len(keys) - 1:
        raise MalformedLeaf(f"The keys of leaf {stream} {version} are no ids of keys.")
    if any(left >= right for left, right in pairwise(keys)):
        raise MalformedLeaf(f"The keys of leaf {stream} {version} are not sorted, or twice.")


def signed_part(entry: bytes) -> bytes:
    """What the author of an entry signed of it."""
    lines = entry.split(b"\n")
    return b"\n".join([b"rec-author/v1", *lines[2:5], *lines[6:9], b""])


def check_author(
    index: int, author: str, key: Ed25519PublicKey | None, signed: bytes, signature: bytes
) -> None:
    """Check that the author of a leaf signed so, whose key is None where nobody knows him.

    Raises `NotAuthored`.
    """
    if key is None:
        raise NotAuthored(f"Leaf {index} names an unknown author “{author}”.")
    if not signatures.holds(key.public_bytes_raw(), signed, signature):
        raise NotAuthored(f"The signature of “{author}” on leaf {index} does not hold.")


@lru_cache(REMEMBERED)
def id_text(number: int) -> str:
    """A UUID, by its number, as an entry writes it."""
    digits = f"{number:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def is_topic(text: str) -> bool:
    """Whether an event can have this topic."""
    return len(text) <= ENTRY_LIMIT and remembered_topic(text) is not None


def moment_text(recorded: datetime) -> str:
    """An instant as the entry writes it. Raises `MalformedLeaf` for one without a zone."""
    if recorded.tzinfo is not UTC:
        if recorded.utcoffset() is None:
            raise MalformedLeaf(f"{recorded} is no instant without its zone.")
        recorded = recorded.astimezone(UTC)
    # By its halves: together they are written in half the time of the whole.
    return f"{recorded.date().isoformat()}T{recorded.time().isoformat('microseconds')}Z"


def author_line(author: str, signature: bytes) -> str:
    """The last line of an entry. Raises `MalformedLeaf`."""
    if not is_author(author) or len(signature) != SIGNATURE_BYTES:
        raise MalformedLeaf(f"“{author}” with {len(signature)} bytes is no author's signature.")
    return f"author {author} {b2a_base64(signature).decode('ascii')}"  # which ends the line itself


def is_author(text: str) -> bool:
    """Whether an application instance can have this name."""
    return len(text) <= ENTRY_LIMIT and remembered_author(text) is not None


def parse(entry: bytes) -> Leaf:
    """What an entry says; there is one entry for each leaf. Raises `MalformedLeaf`."""
    if len(entry) > ENTRY_LIMIT:
        raise MalformedLeaf(f"The entry has {len(entry)} bytes; {ENTRY_LIMIT} are the most.")
    try:
        lines = entry.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise MalformedLeaf("The entry is not ASCII.") from None
    if len(lines) != len(NAMES) + 2 or lines[0] != "rec-leaf/v1" or lines[-1]:
        raise MalformedLeaf("The entry has not the lines of a rec-leaf/v1.")
    values = []
    for name, line in zip(NAMES, lines[1:-1], strict=True):
        key, space, value = line.partition(" ")
        if (key, space) != (name, " "):
            raise MalformedLeaf(f"The entry says “{key}” where “{name}” belongs.")
        values.append(value)
    index, stream, version, topic, recorded, actor, keys, state, author = values
    if not set(topic) <= TOPIC_LETTERS or topic[:1] in {"", ".", "-"}:
        raise MalformedLeaf(f"“{topic}” is no topic.")
    if not actor.startswith("s:"):
        raise MalformedLeaf(f"“{actor}” is no actor.")
    statement = Statement(
        stream=_id(stream),
        version=_number(version),
        topic=topic,
        actor=_id(actor.removeprefix("s:")),
        keys=_keys(keys),
        state=_digests(state),
    )
    name, signature = _author(author)
    return Leaf(_number(index), _moment(recorded), statement, name, signature)


NAMES: Final = (
    "index",
    "stream",
    "version",
    "topic",
    "recorded",
    "actor",
    "keys",
    "state",
    "author",
)
DIGITS: Final = frozenset("0123456789")
HEXADECIMAL: Final = DIGITS | frozenset("abcdef")
KEY_LETTERS: Final = DIGITS | frozenset("abcdefghijklmnopqrstuvwxyz-")
TOPIC_LETTERS: Final = KEY_LETTERS | frozenset(".")


def _number(text: str) -> int:
    if not text or not set(text) <= DIGITS or (text[0] == "0" and text != "0"):
        raise MalformedLeaf(f"“{text}” is no number.")
    number = int(text)
    if number > NUMBER_LIMIT:
        raise MalformedLeaf(f"{number} is too large.")
    return number


def _id(text: str) -> UUID:
    try:
        found = UUID(text)
    except ValueError:
        raise MalformedLeaf(f"“{text}” is no id.") from None
    if str(found) != text:
        raise MalformedLeaf(f"“{text}” is not how the id {found} is written.")
    return found


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise MalformedLeaf(f"“{text}” is no instant.") from None
    # Python reads many spellings of an instant; one of them is ours.
    if found.tzinfo is None or found.strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0") != text:
        raise MalformedLeaf(f"“{text}” is not how an instant is written.")
    return found.replace(tzinfo=UTC)


def _keys(text: str) -> tuple[str, ...]:
    if text == "-":
        return ()
    keys = tuple(text.split(","))
    for key in keys:
        if not 3 <= len(key) <= 66 or key[:2] != "k:" or not set(key[2:]) <= KEY_LETTERS:
            raise MalformedLeaf(f"“{key}” is no key.")
    if list(keys) != sorted(set(keys)):
        raise MalformedLeaf("The keys are not sorted and each named once.")
    return keys


def _digests(text: str) -> Digests:
    first, space, second = text.partition(" ")
    if (first[:7], space, second[:4]) != ("sha256:", " ", "sm3:"):
        raise MalformedLeaf("The state is not given by its two digests.")
    digests = (first[7:], second[4:])
    if not all(len(digest) == 64 and set(digest) <= HEXADECIMAL for digest in digests):
        raise MalformedLeaf("A digest of the state is not 64 hexadecimal digits.")
    return Digests(*map(bytes.fromhex, digests))


def _author(text: str) -> tuple[str, bytes]:
    name, _, encoded = text.partition(" ")
    if not 1 <= len(name) <= 32 or not set(name) <= KEY_LETTERS or name[0] == "-":
        raise MalformedLeaf(f"“{name}” is no author.")
    try:
        signature = b64decode(encoded, validate=True)
    except ValueError:
        raise MalformedLeaf("The author's signature is not base64.") from None
    if len(signature) != SIGNATURE_BYTES or b64encode(signature).decode("ascii") != encoded:
        raise MalformedLeaf("The author's signature is not 64 bytes in plain base64.")
    return name, signature
