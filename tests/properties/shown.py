"""What is compared: the rows of a file, and how many there are of each."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

from tests.workbooks import sheets

YEARS = {"from": "2019-01-01", "to": "2020-12-31"}
"""All days on which anything happens."""


def in_file(text: str) -> list[str]:
    """The rows of a file."""
    return sorted(
        line["记录编号"] for line in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    )


def in_workbook(content: bytes) -> list[str]:
    """The rows of a workbook."""
    heading, *rows = next(iter(sheets(content).values()))
    return sorted(str(row[heading.index("记录编号")]) for row in rows)


def of_file(wanted: dict[UUID, dict[str, Any]]) -> list[str]:
    """The rows that a file is to have."""
    return sorted(map(str, wanted))


def sizes(wanted: dict[str, set[UUID]]) -> dict[str, int]:
    """How many there are of each."""
    return {code: len(things) for code, things in wanted.items()}
