"""The blind index (盲索引): who bears a document or a phone, found by a keyed digest of its number.

No number is stored anywhere but sealed. Its digest lies beside the key of the identity that it
stands in, never in the log, and goes with that key. Whoever has the database alone can try no
number; whoever has the wrapping key as well could read the identities themselves.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from hmac import digest
from typing import Final, NamedTuple
from unicodedata import normalize
from uuid import uuid4

from application.drafts import Key, KeyTaken
from application.envelope import KEY_BYTES, Unopened
from application.keys_named import INDEX
from application.keystore import Entry, KeyStore
from domain.values import Labelled

WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS: Final = "10X98765432"
"""The weights and check characters of the citizen number (GB 11643-1999, ISO 7064 MOD 11-2)."""


class IndexLost(Unopened):
    """The key of all digests is not in the key store, and they are."""

    def __init__(self) -> None:
        super().__init__(
            "The key of the index of persons is not in the key store, although there are numbers "
            "in the index. Nobody is searched for and no number is recorded until the key store is "
            "restored from its newest backup; find out who took it out."
        )


class NumberKind(Labelled):
    """By which number somebody is looked for."""

    DOCUMENT = "document", "证件号码"
    PHONE = "phone", "电话号码"


class Term(NamedTuple):
    """A number in the one way of writing it."""

    kind: NumberKind
    number: str

    @classmethod
    def of(cls, kind: NumberKind, text: str) -> Term | None:
        """What a person wrote, in the one way of writing it; None where there is no number in it.

        A citizen number of 15 digits, as issued until 1999, is that of 18 it became. A mobile
        number is the same with and without +86; of others, as many digits as were written.
        """
        plain = re.sub(r"[\W_]+", "", normalize("NFKC", text)).upper()
        match kind:
            case NumberKind.DOCUMENT:
                number = lengthened(plain) if re.fullmatch(r"[0-9]{15}", plain) else plain
            case NumberKind.PHONE:
                number = re.sub(r"^(0086|86)(?=1[0-9]{10}$)", "", re.sub(r"\D+", "", plain))
        return cls(kind, number) if number else None


def lengthened(number: str) -> str:
    """The citizen number of 18 characters for one of 15 digits (GB 11643-1999)."""
    body = f"{number[:6]}19{number[6:]}"
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, body, strict=True))
    return body + CHECKS[total % 11]


@dataclass(frozen=True, slots=True)
class BlindIndex:
    """Makes the digests of numbers, and finds whose identities hold one."""

    store: KeyStore

    def digests(self, terms: Collection[Term]) -> list[bytes]:
        """The digests of numbers under the key of this installation: HMAC-SHA-256."""
        if not terms:
            return []
        secret = self.key().secret
        return [
            digest(secret, f"rec-blind-index/v1\0{term.kind}\0{term.number}".encode(), "sha256")
            for term in terms
        ]

    def find(self, term: Term) -> list[Entry]:
        """Every sealed identity that held a number, also one that was corrected since."""
        (sought,) = self.digests([term])
        return self.store.entries(sought)

    def key(self) -> Key:
        """The key of all digests, made when it is needed first.

        Raises `IndexLost`, with an alarm, where there are digests and it is not there: under a new
        one nobody would be found by the old.
        """
        kept = self.store.key_of(INDEX)
        if kept is not None:
            return kept
        if self.store.indexed():
            # Another process may have made it since, and the first digest under it.
            kept = self.store.key_of(INDEX)
            if kept is not None:
                return kept
            lost = IndexLost()
            self.store.ring(str(lost))
            raise lost
        made = Key(uuid4(), secrets.token_bytes(KEY_BYTES))
        try:
            self.store.keep(INDEX, made)
        except KeyTaken:
            taken = self.store.key_of(INDEX)
            assert taken is not None, "another process has just made it"
            return taken
        return made
