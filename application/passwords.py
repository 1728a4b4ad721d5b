"""Passwords: which are good enough, their hashes (argon2id), and how many are worked on at once.

Hashing is slow on purpose. So few run at a time, few more wait, and whoever comes then is told to
come again: a flood of guesses leaves processor, memory and threads to everybody else.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Collection
from hmac import digest
from typing import Final
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from application.guessable import is_guessable
from application.limits import Places
from domain.base import Refused

LEAST: Final = 12  # characters (NIST SP 800-63B asks for 8 beside a second factor, 15 without)
MOST: Final = 128  # characters; a longer one only costs time

HASHER: Final = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
"""Argon2id with 46 MiB in one lane (OWASP): about 0.1 s of one core."""

SLOTS: Final = max(1, (os.cpu_count() or 1) // 2)  # half of the cores stay for everybody else
WAITING: Final = 8  # who waits for a slot holds a thread of the server, which has 40

WORDS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # for people to read out: nothing that looks alike


class Passwords:
    """Hashes and compares passwords, a few at a time."""

    def __init__(
        self,
        pepper: bytes,
        hasher: PasswordHasher = HASHER,
        slots: int = SLOTS,
        waiting: int = WAITING,
    ) -> None:
        self._pepper = pepper
        self._hasher = hasher
        self._slots = threading.Semaphore(slots)
        self.places = Places(slots + waiting)
        """Taken before a try is counted: who is sent away has not failed."""
        self._decoy = hasher.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """The hash to keep of a password, by who has a place."""
        with self._slots:
            return self._hasher.hash(self._peppered(password))

    def matches(self, kept: str | None, password: str) -> bool:
        """Whether this is the password, by who has a place; without one kept it takes as long."""
        with self._slots:
            try:
                same = self._hasher.verify(kept or self._decoy, self._peppered(password))
            except (VerificationError, InvalidHashError):
                return False
            return same and kept is not None

    def _peppered(self, password: str) -> bytes:
        """A password as it is hashed: guessed by nobody who lacks the key of sign-in."""
        return digest(self._pepper, plain(password).encode(), "sha256")


def require_fit(password: str, login: str, names: Collection[str] = ()) -> None:
    """Refuse a password that is too short, or among those that are tried first.

    `names` are those that anybody knows of who bears it, such as that of the office.
    """
    text = plain(password)
    if len(text) < LEAST:
        raise Refused("password-short", least=LEAST)
    if len(text) > MOST:
        raise Refused("password-long", most=MOST)
    lower = text.lower()
    if login in lower or login in lower[::-1]:
        raise Refused("password-personal")
    if is_guessable(text, names):
        raise Refused("password-known")


def plain(password: str) -> str:
    """The one way of writing it, whatever keyboard it comes from (RFC 8265)."""
    return normalize("NFKC", password)[: MOST * 4]


def once() -> str:
    """A password that an administrator tells somebody, for the first sign-in: 80 bits."""
    letters = "".join(secrets.choice(WORDS) for _ in range(16))
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))
