"""Passwords: which are good enough, their hashes (argon2id), and how many are worked on at once.

Hashing is slow on purpose. So few run at a time, few more wait, and whoever comes then is told to
come again: a flood of guesses leaves processor, memory and threads to everybody else.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
from hmac import digest
from typing import Final
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from application.limits import Places
from domain.base import Refused

LEAST: Final = 12  # characters (NIST SP 800-63B asks for 8 beside a second factor, 15 without)
MOST: Final = 128  # characters; a longer one only costs time
DISTINCT: Final = 5  # characters; fewer are no password, however often repeated

HASHER: Final = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
"""Argon2id with 46 MiB in one lane (OWASP): about 0.1 s of one core."""

SLOTS: Final = max(1, (os.cpu_count() or 1) // 2)  # half of the cores stay for everybody else
WAITING: Final = 8  # who waits for a slot holds a thread of the server, which has 40

KNOWN: Final = frozenset(
    {"password", "passw", "rd", "passwrd", "wodemima", "mima", "admin", "administrator", "root",
     "huhang", "iloveyou", "woaini", "welcome", "letmein", "qwerty", "qazwsx", "abc", "changeme",
     "default", "test", "secret", "login", "monkey", "dragon", "user", "guest"}
)  # fmt: skip
"""What is tried first, once digits and signs around it are taken away."""

ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
RUN: Final = 6  # characters in the order of a row that count for one

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


def require_fit(password: str, login: str) -> None:
    """Refuse a password that is too short, or among those that are tried first."""
    text = plain(password)
    if len(text) < LEAST:
        raise Refused("password-short", least=LEAST)
    if len(text) > MOST:
        raise Refused("password-long", most=MOST)
    lower = text.lower()
    if login in lower or login in lower[::-1]:
        raise Refused("password-personal")
    if is_known(lower):
        raise Refused("password-known")


def is_known(lower: str) -> bool:
    """Whether a password is made of few characters, one repeated part, runs, or a known word."""
    if len(set(lower)) < DISTINCT or re.fullmatch(r"(.{1,6})\1+.{0,5}", lower):
        return True
    return re.sub(r"[\W\d_]+", "", without_runs(lower)) in KNOWN | {""}


def without_runs(lower: str) -> str:
    """A text without what goes along a row of the alphabet or the keyboard, either way."""
    for row in ROWS:
        for line in (row, row[::-1]):
            for length in range(min(len(lower), len(line)), RUN - 1, -1):
                for start in range(len(line) - length + 1):
                    lower = lower.replace(line[start : start + length], "")
    return lower


def plain(password: str) -> str:
    """The one way of writing it, whatever keyboard it comes from (RFC 8265)."""
    return normalize("NFKC", password)[: MOST * 4]


def once() -> str:
    """A password that an administrator tells somebody, for the first sign-in: 80 bits."""
    letters = "".join(secrets.choice(WORDS) for _ in range(16))
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))
