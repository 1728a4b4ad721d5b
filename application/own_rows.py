"""Rows that this installation wrote, told from those that somebody put into its database.

A row that gives power – lets somebody in, or has the log say something – bears a mark: a keyed
digest of all that it says. Whoever administers the database reads and deletes such a row; under
another name, with another content or from nothing he does not make one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hmac import compare_digest, digest
from pathlib import Path
from typing import Any, Final

import orjson

from application.keys import shared_key

MARK: Final = "mark"  # the column that bears it


@dataclass(frozen=True, slots=True)
class OwnRows:
    """The key with which rows of one schema are marked."""

    key: bytes = field(repr=False)

    def mark(self, table: str, facts: Mapping[str, Any]) -> bytes:
        """What a row of a table with these columns bears, in whatever zone they show times."""
        said = {
            name: fact.astimezone(UTC) if isinstance(fact, datetime) else fact
            for name, fact in facts.items()
        }
        text = orjson.dumps([table, said], bytes.hex, orjson.OPT_SORT_KEYS)
        return digest(self.key, text, "sha256")

    def marked(self, table: str, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of a row with its mark."""
        return {**facts, MARK: self.mark(table, facts)}

    def wrote(self, table: str, row: Mapping[str, Any]) -> bool:
        """Whether a row bears the mark of all its other columns."""
        facts = {name: value for name, value in row.items() if name != MARK}
        try:
            return compare_digest(row[MARK], self.mark(table, facts))
        except TypeError:  # no mark, or a number beyond 64 bits: nothing that we write
            return False


def own_rows(home: Path, schema: str) -> OwnRows:
    """The marks of a schema; instances that serve one log make the same."""
    return OwnRows(shared_key(home, f"rows {schema}"))
