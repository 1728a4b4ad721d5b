"""Signed notes, checkpoints, cosignatures: what the log says of its tree, and who vouches for it.

C2SP signed-note v1.0.0, tlog-checkpoint v1.0.0 and tlog-cosignature as of 2025 (https://c2sp.org),
with the text encodings of keys that Go's golang.org/x/mod/sumdb/note introduced. Stricter than they
ask: a signature of a known key that fails, or stands there twice, rejects the whole note, and there
is one spelling only of each number and each base64.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import ClassVar, Final, NamedTuple, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from application import signatures, sm2

# Signature types of signed-note. One without an assigned byte is b"\xff" and a longer name.
ED25519: Final = b"\x01"
COSIGNATURE: Final = b"\x04"  # Ed25519 with the time at which a witness signed
SM2: Final = b"\xffsm2-with-sm3/v1"

KEY_ID_BYTES: Final = 4
KEY_BYTES: Final = 32  # of Ed25519, public and private alike
TIME_BYTES: Final = 8
HASH_BYTES: Final = 32
NUMBER_LIMIT: Final = 2**63 - 1
NOTE_LIMIT: Final = 1_000_000  # bytes, as Go's implementation has it
SIGNATURES_LIMIT: Final = 100  # likewise; the specification asks for 16 at least

NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class MalformedNote(ValueError):  # noqa: N818 - said to people
    """Not a signed note, or not the text that it should hold."""


class MalformedKey(ValueError):  # noqa: N818 - said to people
    """Not the text of a key."""


class ExtraMissing(MalformedKey):
    """A key of a type that only an extra can read; whoever lacks it passes its lines over."""


class Unverified(Exception):  # noqa: N818 - said to people
    """A note that is not signed by whom it should be."""


class Signature(NamedTuple):
    """A signature line of a note: whose key, and what it says."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        """The line, with its newline."""
        return f"— {self.name} {b64encode(self.key_id + self.value).decode('ascii')}\n"

    @classmethod
    def parse(cls, line: str) -> Signature:
        """A line without its newline. Raises `MalformedNote`."""
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "—" or not is_name(parts[1]):
            raise MalformedNote(f"“{line}” is no signature line.")
        value = parse_base64(parts[2])
        if len(value) <= KEY_ID_BYTES:
            raise MalformedNote(f"“{line}” holds no signature.")
        return cls(parts[1], value[:KEY_ID_BYTES], value[KEY_ID_BYTES:])


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under its name, and the one type of signature that is accepted from it."""

    name: str
    kind: bytes
    public: bytes

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise MalformedKey(f"“{self.name}” is no name of a key.")
        if self.kind == SM2:
            if not sm2.installed():
                raise ExtraMissing(
                    f"The key of “{self.name}” is for SM2, whose lines are passed over here; "
                    "install the extra sm2 to check them."
                )
            if not sm2.is_public(self.public):
                raise MalformedKey(f"The key of “{self.name}” is no point of the SM2 curve.")
        elif self.kind not in (ED25519, COSIGNATURE) or len(self.public) != KEY_BYTES:
            raise MalformedKey(f"The key of “{self.name}” is of a type that is not known here.")

    @classmethod
    def of_text(cls, text: str) -> Verifier:
        """The key that `name+id+base64` encodes. Raises `MalformedKey`."""
        name, _, rest = text.partition("+")
        verifier = cls(name, *_key_material(rest))
        if verifier.text != text:
            raise MalformedKey(f"The key id in “{text}” is another key's.")
        return verifier

    @property
    def text(self) -> str:
        """The key as configurations write it."""
        return key_text(self.name, self.kind, self.public)

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return key_id(self.name, self.kind, self.public)

    def accepts(self, text: str, value: bytes) -> bool:
        """Whether this key signed the text with this value."""
        if self.kind == SM2:
            return sm2.verifies(self.public, text.encode(), value)
        if self.kind == COSIGNATURE:
            time, value = value[:TIME_BYTES], value[TIME_BYTES:]
            if len(time) != TIME_BYTES or int.from_bytes(time) > NUMBER_LIMIT:
                return False
            text = cosigned_text(text, int.from_bytes(time))
        return signatures.holds(self.public, text.encode(), value)


def key_id(name: str, kind: bytes, public: bytes) -> bytes:
    """Four bytes that tell keys of one name apart."""
    return sha256(name.encode() + b"\n" + kind + public).digest()[:KEY_ID_BYTES]


def key_text(name: str, kind: bytes, public: bytes) -> str:
    """A public key as configurations write it, also of a type that only an extra can read."""
    material = b64encode(kind + public).decode("ascii")
    return f"{name}+{key_id(name, kind, public).hex()}+{material}"


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A private key under its name; its text is a secret."""

    kind: ClassVar[bytes]

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not is_name(self.name) or len(self.seed) != KEY_BYTES:
            raise MalformedKey(f"“{self.name}” with {len(self.seed)} bytes is no private key.")

    @classmethod
    def generate(cls, name: str) -> Self:
        """A new key."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def of_text(cls, text: str) -> Self:
        """The key that `PRIVATE+KEY+name+id+base64` encodes. Raises `MalformedKey`."""
        if not text.startswith("PRIVATE+KEY+"):
            raise MalformedKey("A private key begins with “PRIVATE+KEY+”.")
        name, _, rest = text.removeprefix("PRIVATE+KEY+").partition("+")
        kind, seed = _key_material(rest)
        if kind != cls.kind:
            raise MalformedKey(f"The private key of “{name}” is for another type of signature.")
        key = cls(name, seed)
        if key.text != text:
            raise MalformedKey(f"The key id of the private key of “{name}” is another key's.")
        return key

    @property
    def text(self) -> str:
        """The key as its file holds it: whoever reads it can sign."""
        material = b64encode(self.kind + self.seed).decode("ascii")
        return f"PRIVATE+KEY+{self.name}+{self.verifier.key_id.hex()}+{material}"

    @property
    def verifier(self) -> Verifier:
        """The public key, to be handed out."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return Verifier(self.name, self.kind, public.public_bytes(Encoding.Raw, PublicFormat.Raw))

    def _signature(self, signed: str, before: bytes = b"") -> Signature:
        value = Ed25519PrivateKey.from_private_bytes(self.seed).sign(signed.encode())
        return Signature(self.name, self.verifier.key_id, before + value)


class Signer(PrivateKey):
    """The key of who writes notes, such as the log."""

    __slots__ = ()
    kind = ED25519

    def sign(self, text: str) -> Signature:
        """The signature over a note's text."""
        return self._signature(text)


class Sm2Signer(Signer):
    """The key with which who writes notes signs them a second time, by the Chinese standard."""

    __slots__ = ()
    kind = SM2

    @property
    def verifier(self) -> Verifier:
        """The public key, to be handed out."""
        return Verifier(self.name, self.kind, sm2.Sm2Key(self.seed).public)

    def sign(self, text: str) -> Signature:
        """The signature over a note's text."""
        key = sm2.Sm2Key(self.seed)
        verifier = Verifier(self.name, self.kind, key.public)
        return Signature(self.name, verifier.key_id, key.sign(text.encode()))


class Cosigner(PrivateKey):
    """The key of a witness.

    It must serve one witness only and no other purpose: what it signs does not hold its name.
    """

    __slots__ = ()
    kind = COSIGNATURE

    def cosign(self, text: str, time: int) -> Signature:
        """The cosignature over a checkpoint's text; `time` in seconds since 1970, UTC."""
        return self._signature(cosigned_text(text, time), time.to_bytes(TIME_BYTES))


def cosigned_text(text: str, time: int) -> str:
    """What a witness signs."""
    return f"cosignature/v1\ntime {time}\n{text}"


class Note(NamedTuple):
    """A text and its signatures. The text says nothing until `verified` has answered."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, message: bytes) -> Note:
        """The note in a message; its signatures are not verified yet. Raises `MalformedNote`."""
        if len(message) > NOTE_LIMIT:
            raise MalformedNote(f"The note has {len(message)} bytes; {NOTE_LIMIT} are the most.")
        try:
            decoded = message.decode()
        except UnicodeDecodeError:
            raise MalformedNote("The note is not UTF-8.") from None
        text, blank, lines = decoded.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise MalformedNote("The note has no signatures after its last empty line.")
        return cls(_checked(f"{text}\n"), parse_signatures(lines))

    def encode(self) -> bytes:
        """The message. Raises `MalformedNote` for a text that no note can hold."""
        lines = "".join(signature.line for signature in self.signatures)
        message = f"{_checked(self.text)}\n{lines}".encode()
        if Note.parse(message) != self:
            raise MalformedNote("The signatures do not fit into a note.")
        return message

    def verified(self, verifiers: Iterable[Verifier]) -> dict[Verifier, Signature]:
        """The signatures of known keys; others are passed over.

        Raises `Unverified` when there is none, and when one of them fails or stands there twice.
        """
        known: dict[tuple[str, bytes], Verifier] = {}
        for verifier in verifiers:
            if known.setdefault((verifier.name, verifier.key_id), verifier) != verifier:
                raise ValueError(f"Two keys of “{verifier.name}” share their id.")
        found: dict[Verifier, Signature] = {}
        for signature in self.signatures:
            key = known.get((signature.name, signature.key_id))
            if key is None:
                continue
            if key in found:
                raise Unverified(f"The note is signed twice by “{key.name}”.")
            if not key.accepts(self.text, signature.value):
                raise Unverified(f"The signature of “{key.name}” does not hold.")
            found[key] = signature
        if not found:
            raise Unverified("The note is signed by no key that is known here.")
        return found

    def also_signed(self, signatures: Iterable[Signature]) -> Note:
        """The note with more signatures; a new one replaces an older one of the same key."""
        by_key = {(signature.name, signature.key_id): signature for signature in self.signatures}
        by_key.update({(signature.name, signature.key_id): signature for signature in signatures})
        return Note(self.text, tuple(by_key.values()))


class Checkpoint(NamedTuple):
    """What a log says of its tree: so many leaves, under this root.

    `extensions` are further lines that nobody can check; ours has none.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text to sign. Raises `MalformedNote`."""
        lines = (self.origin, str(self.size), b64encode(self.root).decode(), *self.extensions)
        text = "".join(f"{line}\n" for line in lines)
        if Checkpoint.parse(_checked(text)) != self:
            raise MalformedNote(f"These fields make no checkpoint: {self}.")
        return text

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """What the text of a note says. Raises `MalformedNote`."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() or not all(lines):
            raise MalformedNote("A checkpoint has three lines or more and no empty one.")
        origin, size, root, *extensions = lines
        return cls(origin, parse_number(size), parse_hash(root), tuple(extensions))


class Opened(NamedTuple):
    """A checkpoint that its log signed, and the time at which each known witness cosigned it.

    `witnessed` maps the names of witnesses to seconds since 1970, UTC.
    """

    checkpoint: Checkpoint
    note: Note
    witnessed: dict[str, int]


def open_checkpoint(
    message: bytes, origin: str, log: Sequence[Verifier], witnesses: Sequence[Verifier] = ()
) -> Opened:
    """The checkpoint in a message, signed by a key of the log.

    How many witnesses are enough is the caller's to say. Raises `MalformedNote`, `Unverified`.
    """
    known = [*log, *witnesses]
    if len({verifier.public for verifier in known}) != len(known):
        raise ValueError("The log and each witness need a key of their own.")
    note = Note.parse(message)
    checkpoint = Checkpoint.parse(note.text)
    signed = note.verified(known)
    if not any(verifier in signed for verifier in log):
        raise Unverified(f"The checkpoint is not signed by the log “{origin}”.")
    if checkpoint.origin != origin:
        raise Unverified(f"This is a checkpoint of “{checkpoint.origin}”, not of “{origin}”.")
    witnessed = {
        verifier.name: int.from_bytes(signed[verifier].value[:TIME_BYTES])
        for verifier in witnesses
        if verifier in signed and verifier.kind == COSIGNATURE
    }
    return Opened(checkpoint, note, witnessed)


def is_name(text: str) -> bool:
    """Whether a key may be called so: no space of any script, no plus, no control character."""
    return (
        text != ""
        and "+" not in text
        and not any(letter.isspace() for letter in text)
        and CONTROL.search(text) is None
    )


def parse_signatures(lines: str) -> tuple[Signature, ...]:
    """Signature lines, one or more, as a note ends and as a witness answers.

    Raises `MalformedNote`.
    """
    if not lines.endswith("\n"):
        raise MalformedNote("The last signature line does not end.")
    found = lines[:-1].split("\n")
    if len(found) > SIGNATURES_LIMIT:
        raise MalformedNote(f"{len(found)} signatures; {SIGNATURES_LIMIT} are the most.")
    return tuple(Signature.parse(_checked(f"{line}\n")[:-1]) for line in found)


def moment_of(cosignature: Signature) -> datetime:
    """When a witness says that it signed, in UTC. Raises `Unverified`."""
    try:
        return datetime.fromtimestamp(int.from_bytes(cosignature.value[:TIME_BYTES]), UTC)
    except (OSError, OverflowError, ValueError):
        raise Unverified("it says that it signed at a time that no calendar has.") from None


def parse_number(text: str) -> int:
    """A decimal number in its one spelling, up to 2**63 - 1. Raises `MalformedNote`."""
    if NUMBER.fullmatch(text) is None or int(text) > NUMBER_LIMIT:
        raise MalformedNote(f"“{text}” is no number.")
    return int(text)


def parse_hash(text: str) -> bytes:
    """A SHA-256 hash in base64. Raises `MalformedNote`."""
    found = parse_base64(text)
    if len(found) != HASH_BYTES:
        raise MalformedNote(f"“{text}” is no hash of {HASH_BYTES} bytes.")
    return found


def parse_base64(text: str) -> bytes:
    """Bytes in their one standard base64 with padding (RFC 4648 §4). Raises `MalformedNote`."""
    try:
        found = b64decode(text, validate=True)
    except ValueError:
        raise MalformedNote(f"“{text}” is no base64.") from None
    if b64encode(found).decode("ascii") != text:
        raise MalformedNote(f"“{text}” is not how base64 is written.")
    return found


def _checked(text: str) -> str:
    if not text.endswith("\n") or CONTROL.search(text) is not None:
        raise MalformedNote("A note's text ends in a newline and holds no control characters.")
    return text


def _key_material(text: str) -> tuple[bytes, bytes]:
    try:
        material = parse_base64(text.partition("+")[2])
    except MalformedNote as malformed:
        raise MalformedKey(f"The text of the key is cut or changed: {malformed}") from None
    if material.startswith(SM2):
        return SM2, material.removeprefix(SM2)
    return material[:1], material[1:]
