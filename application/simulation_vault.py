"""What seals the invented people of a simulated year: keys and salts that one secret repeats.

The secret is thrown away with the run. Whoever has kept none cannot make a key again that was
destroyed; a test that gives its own gets the same bytes twice.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from itertools import count
from typing import NamedTuple
from uuid import UUID

from application.binding import bound
from application.drafts import Draft, Key, Whose
from application.envelope import INTERNATIONAL
from application.wrapping import WrappingKeys


class KeyRow(NamedTuple):
    """A key as the key store keeps it."""

    id: UUID
    record: UUID
    part: str
    wrapped: bytes


class SimulatedVault:
    """Makes a key for each invented person as it is first needed."""

    def __init__(self, secret: bytes, suite: int = INTERNATIONAL) -> None:
        self._secret = secret
        self._suite = suite
        self._made: dict[Whose, tuple[Key, Callable[[int], bytes]]] = {}

    def draft(self, whose: Whose, text: str) -> Draft:
        """A text on its way into the log."""
        if whose not in self._made:
            self._made[whose] = self._make(whose)
        key, salts = self._made[whose]
        return Draft.of(key, text, self._suite, salts)

    def take_rows(self, wrapping: WrappingKeys, name: str) -> Iterator[KeyRow]:
        """The keys made since the last time, wrapped for the key store under a wrapping key."""
        for whose, (key, _) in self._made.items():
            yield KeyRow(key.id, *whose, wrapping.wrap(name, bound(key, whose)))
        self._made.clear()

    def _make(self, whose: Whose) -> tuple[Key, Callable[[int], bytes]]:
        def drawn(what: str) -> bytes:
            return hmac.digest(
                self._secret, f"{what} {whose.record} {whose.part}".encode(), "sha256"
            )

        salt, numbers = drawn("salt"), count()

        def salts(size: int) -> bytes:
            return hmac.digest(salt, str(next(numbers)).encode(), "sha256")[:size]

        return Key(UUID(bytes=drawn("id")[:16], version=4), drawn("key")), salts
