"""Numbers by which a person is known, where they stand in a text that nobody seals."""

from __future__ import annotations

import re
from typing import Final
from unicodedata import normalize

GAP: Final = r"[ .\-\u00ad\u200b-\u200f\u2010-\u2015\u2060]?"  # between groups, seen or not
CITIZEN: Final = re.compile(
    f"(?<![0-9])([0-9]{{6}}){GAP}([0-9]{{4}}){GAP}([0-9]{{4}}){GAP}([0-9]{{3}}[0-9Xx])(?![0-9])"
)
MOBILE: Final = re.compile(
    f"(?<![0-9])(?:(?:00)?86{GAP})?1[3-9][0-9](?:{GAP}[0-9]{{4}}){{2}}(?![0-9])"
)
WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, 6.1
CHECKS: Final = "10X98765432"


def names_somebody(text: str) -> bool:
    """Whether a citizen's number (GB 11643) or a mobile number stands in a text.

    In whatever width its digits are written. A number of eighteen digits whose last one does not
    check is another one, such as that of a file.
    """
    plain = normalize("NFKC", text)
    citizens = ("".join(found.groups()).upper() for found in CITIZEN.finditer(plain))
    return MOBILE.search(plain) is not None or any(map(checks, citizens))


def checks(number: str) -> bool:
    """Whether the last sign of a citizen's number is what the others demand."""
    weighed = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, number[:-1], strict=True))
    return CHECKS[weighed % 11] == number[-1]
