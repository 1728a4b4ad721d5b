"""Texts from tables into which somebody may have written bytes that are no text.

A database takes them in by way of a cast that says nothing of encodings, and they would end
whatever reads the row in an error. Read with a mark in front they are a text that nobody wrote
here: a name that nobody bears, a line that nobody signed, the topic of no event.
"""

from __future__ import annotations

from typing import Final

from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, Loader
from psycopg.pq import Format

MARK: Final = "�"  # U+FFFD; no text of ours begins so


class AnyText(Loader):
    """Loads UTF-8 as ever, and other bytes marked, with `\\x` before each that is no text."""

    def load(self, data: Buffer) -> str:
        """A text, which can be printed, hashed and sent back like any other."""
        try:
            return str(data, "utf-8")
        except UnicodeDecodeError:
            return MARK + str(data, "utf-8", "backslashreplace")


class AnyBinaryText(AnyText):
    """The same for what is sent in binary form."""

    format = Format.BINARY


def read_any_text(adapters: AdaptersMap) -> None:
    """Have connections read texts so; their sessions speak UTF-8 (`database.SESSION`)."""
    for kind in ("text", "varchar", "bpchar", "name"):
        adapters.register_loader(kind, AnyText)
        adapters.register_loader(kind, AnyBinaryText)
