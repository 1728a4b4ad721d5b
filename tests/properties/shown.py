"""What is compared: rows of a file, and how many there are of each."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

from tests.workbooks import sheets

YEARS = {"from": "2019-01-01", "to": "2020-12-31"}
"""All days on which anything happens."""


def in_file(text: str) -> list[tuple[str, str | None]]:
    """The rows of a file and what was said in them."""
    lines = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    return sorted((line["记录编号"], line.get("事实记录")) for line in lines)


def in_workbook(content: bytes) -> list[tuple[str, str | None]]:
    """The same of a workbook."""
    heading, *rows = next(iter(sheets(content).values()))
    lines = [dict(zip(heading, row, strict=True)) for row in rows]
    return sorted((line["记录编号"], line.get("事实记录")) for line in lines)


def of_file(wanted: dict[UUID, dict[str, Any]]) -> list[tuple[str, str | None]]:
    """The rows that a file is to have."""
    return sorted((str(row), tells.get("facts")) for row, tells in wanted.items())


def sizes(wanted: dict[str, set[UUID]]) -> dict[str, int]:
    """How many there are of each."""
    return {code: len(things) for code, things in wanted.items()}
