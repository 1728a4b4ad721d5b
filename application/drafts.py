"""Personal data between a person and the log: plain text that a fact carries until it is sealed.

What a field is sealed for is its place: stream, version and topic of the event and the path in it.
That is known only once the domain has decided, and until then a fact holds a draft.
"""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable
from functools import cache
from hmac import digest
from typing import Any, Final, NamedTuple, NoReturn, TypeVar, cast, get_args
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from pydantic import BaseModel, PrivateAttr

from application.envelope import INTERNATIONAL, KEY_BYTES, Context, seal
from application.eventlog import Conflict
from domain.base import Event, Refused, Sealed
from domain.values import Party

DRAFT: Final = 0  # no suite: what says so was never sealed
COUPLE: Final = "couple"  # what the parties of a case said together
SELF: Final = "self"  # own data of a practitioner, or of who has an account
CONTACT: Final = "+contact"  # behind a party: how it is reached without danger
ADDRESS: Final = "+address"  # behind a party: where it stays and the other must not learn
EVERYBODY: Final = "all"  # of whom a case holds data, without what is behind a party

OF_CASE: Final = (*map(str, Party), COUPLE)
"""Whose data a case can hold: what is behind a party ends with the party's."""

DISCLOSED: Final = (
    *OF_CASE,
    *(f"{party}{behind}" for party in Party for behind in (CONTACT, ADDRESS)),
)
"""What of a case can be opened by its own name."""

AnyEvent = TypeVar("AnyEvent", bound=Event)


def guarded(part: str) -> bool:
    """Whether a part is opened only where it is asked for by its own name."""
    return part.endswith((CONTACT, ADDRESS))


def owner_of(part: str) -> str:
    """The person behind a part: all parts of one are erased together."""
    return part.partition("+")[0]


def require_parts(parts: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a part that is none of those that a record can have: nobody meant to leave it out."""
    known = tuple(known)
    for part in parts:
        if part not in known:
            raise Refused("part-unknown", part=part, parts=", ".join(known))


class Whose(NamedTuple):
    """Whose personal data in a record: a party's of a case, its couple's, a practitioner's own."""

    record: UUID
    part: str


class Key(NamedTuple):
    """A key that seals and opens."""

    id: UUID
    secret: bytes

    @property
    def name(self) -> str:
        """As envelopes and the log name it."""
        return name_of(self.id)

    def __repr__(self) -> str:
        return f"Key({self.name})"


def name_of(key: UUID) -> str:
    """How envelopes and the log name a key."""
    return f"k:{key}"


def id_of(name: str) -> UUID:
    """The id of a key by its name."""
    return UUID(name.removeprefix("k:"))


class KeyDestroyed(Exception):  # noqa: N818 - said to people by who catches it
    """A key was destroyed between reading it and keeping what it sealed."""


class KeyTaken(Exception):  # noqa: N818 - not an error: whoever was faster has made the key
    """Somebody has another key by now."""


def already_kept(_: Sealed) -> None:
    """Store nothing: the key is there."""


class Draft(Sealed):
    """A text that is to be sealed under a key: it prints and compares as anything but the text.

    It stands where sealed data will stand, says that it is a draft (`z`), under which key (`k`) it
    will be sealed, and a tag of the text (`c`) that only the key can make: so a repeated request
    is recognised, and no digest is kept by which a text could be found by trying.
    """

    z: int = DRAFT
    n: str = ""
    h: str = ""

    _text: str = PrivateAttr()
    _key: Key = PrivateAttr()
    _suite: int = PrivateAttr()
    _random: Callable[[int], bytes] = PrivateAttr()
    _keep: Callable[[Sealed], object] = PrivateAttr()

    @classmethod
    def of(
        cls,
        key: Key,
        text: str,
        suite: int = INTERNATIONAL,
        random: Callable[[int], bytes] = secrets.token_bytes,
        keep: Callable[[Sealed], object] = already_kept,
    ) -> Draft:
        """A draft of a text under a key, for a suite of the envelope.

        `keep` stores the key once the text is sealed, and by what that is found: who asks for what
        is refused makes no key.
        """
        tag = digest(tag_key(key.secret), text.encode("utf-8", "surrogatepass"), "sha256")
        draft = cls(k=key.name, c=b64encode(tag).decode())
        draft._text, draft._key, draft._suite = text, key, suite
        draft._random, draft._keep = random, keep
        return draft

    def sealed(self, place: Context) -> Sealed:
        """What is recorded at a place. Raises `Unsealable`.

        Raises `Conflict` when somebody else made the person's first key just now, and `Refused`
        when its data were erased just now: what was asked for before does not outlive that.
        """
        sealed = seal(self._key.secret, self.k, place, self._text, self._suite, random=self._random)
        try:
            self._keep(sealed)
        except KeyTaken:
            raise Conflict(place.stream, place.version - 1) from None
        except KeyDestroyed:
            raise Refused("erased-meanwhile") from None
        return sealed

    def __reduce__(self) -> NoReturn:
        raise TypeError("a draft does not leave its process")


def tag_key(secret: bytes) -> bytes:
    """The key of the tags of drafts, which opens nothing."""
    return HKDFExpand(SHA256(), KEY_BYTES, b"rec-draft/v1\0").derive(secret)


def sealed(event: AnyEvent) -> AnyEvent:
    """The event with every draft in it sealed for its place; raises what `Draft.sealed` does."""
    place = Context(event.originator_id, event.originator_version, event.topic, "")
    return _sealed(event, place, ())  # type: ignore[no-any-return]


def _sealed(value: Any, place: Context, path: tuple[str, ...]) -> Any:
    match value:
        case Draft():
            return value.sealed(place._replace(path="/".join(path)))
        case BaseModel() if may_hold_sealed(type(value)):
            changed = {}
            for name, part in vars(value).items():
                after = _sealed(part, place, (*path, name))
                if after is not part:
                    changed[name] = after
            return value.model_copy(update=changed) if changed else value
        case tuple():
            parts = tuple(
                _sealed(part, place, (*path, str(index))) for index, part in enumerate(value)
            )
            unchanged = all(before is after for before, after in zip(value, parts, strict=True))
            return value if unchanged else parts
    return value


@cache
def may_hold_sealed(kind: Any) -> bool:
    """Whether a model, or a type that a field of one has, can hold sealed data."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return issubclass(kind, Sealed) or any(
            may_hold_sealed(cast("Any", field.annotation)) for field in kind.model_fields.values()
        )
    return any(map(may_hold_sealed, get_args(kind)))
