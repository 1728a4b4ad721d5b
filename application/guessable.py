"""What is guessed first (弱口令): common passwords, rows of the keyboard, repetition, known names.

NIST SP 800-63B-4 asks for a list of what is common, expected or leaked, and for nothing about kinds
of characters. What anybody would add is taken away before: digits and signs around it, signs that
look like letters, the digits behind the signs of a keyboard.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from typing import Final
from unicodedata import normalize

DISTINCT: Final = 5  # characters; fewer are no password, however often repeated
ONCE: Final = 8  # characters, each taken once where it stands several times in a row
LEFT: Final = 4  # letters; fewer beside what is common make it no less common

ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "zaq1xsw2cde3vfr4bgt5nhy6mju7",
    "qazwsxedcrfvtgbyhnujm",
)
RUN: Final = 4  # characters in the order of a row that count for one

ALIKE: Final = str.maketrans("@4031!$57", "aaoeiisst")
ADDED: Final = re.compile(r"\A\d+|[\W\d_]+\Z")  # a sign in front may stand for a letter
SHIFTED: Final = str.maketrans("!@#$%^&*()", "1234567890")


def is_guessable(password: str, names: Collection[str] = ()) -> bool:
    """Whether it is nothing but what is tried first; `names` are what anybody knows here."""
    lower = password.lower()
    spelled = {normalize("NFKC", name).lower() for name in names}
    words = {*common(), *spelled, *map(letters_of, spelled)} - {""}
    known = sorted(sorted(words), key=len, reverse=True)
    # Digits that were added would else be read as letters, and make the word look longer.
    bare = ADDED.sub("", without_runs(lower))
    written = (lower, lower.translate(ALIKE), bare.translate(ALIKE), lower.translate(SHIFTED))
    return (
        is_repeated(lower)
        or any(is_made_of(known, one, LEFT) for one in written)
        or is_made_of(known, letters_of(lower), 1)
    )


@cache
def common() -> frozenset[str]:
    """The commonest passwords and the words they are made of."""
    text = files("application").joinpath("data", "common-passwords.txt").read_text("utf-8")
    return frozenset(text.split())


def is_repeated(lower: str) -> bool:
    """Whether it is few characters, or one part again and again."""
    once = re.sub(r"(.)\1+", r"\1", lower)
    few = len(set(lower)) < DISTINCT or len(once) < ONCE
    return few or re.fullmatch(r"(.{1,6})\1+.{0,5}", lower) is not None


def is_made_of(known: Collection[str], lower: str, least: int) -> bool:
    """Whether fewer letters are left without known words and runs; digits alone never count."""
    left = without_runs(lower)
    for word in known:
        left = left.replace(word, " ")
    letters = letters_of(left)
    return not letters if left == lower else len(letters) < least


def letters_of(text: str) -> str:
    """A text without digits and signs."""
    return re.sub(r"[\W\d_]+", "", text)


def without_runs(lower: str) -> str:
    """A text without what goes along a row of the alphabet or the keyboard, either way."""
    for row in ROWS:
        for line in (row, row[::-1]):
            for length in range(min(len(lower), len(line)), RUN - 1, -1):
                for start in range(len(line) - length + 1):
                    lower = lower.replace(line[start : start + length], " ")
    return lower
