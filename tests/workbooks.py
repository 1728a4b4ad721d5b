"""Excel workbooks as another program than ours reads them."""

from __future__ import annotations

import io
from html import unescape
from typing import Any
from zipfile import ZipFile

import httpx
from python_calamine import CalamineWorkbook

from api.transport import WORKBOOK

Rows = list[list[Any]]
"""The cells of a sheet: texts, numbers, days and instants; an empty text where there is nothing."""


def sheets(content: bytes) -> dict[str, Rows]:
    """The sheets of a workbook, by their names."""
    book = CalamineWorkbook.from_object(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def rows_told(answer: httpx.Response) -> str:
    """What the rows of an answer tell; on its other sheet a workbook repeats the question."""
    if answer.headers.get("content-type") != WORKBOOK:
        return answer.text
    return str(next(iter(sheets(answer.content).values())))


def all_told(answer: httpx.Response) -> str:
    """Whatever an answer tells, of a workbook everything that stands in any part of it."""
    if answer.headers.get("content-type") != WORKBOOK:
        return answer.text
    with ZipFile(io.BytesIO(answer.content)) as parts:
        return unescape(" ".join(parts.read(part).decode() for part in parts.namelist()))
