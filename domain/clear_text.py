"""What stays in clear in the log for good, and must therefore name nobody (decision 221)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from pydantic import BaseModel

from domain.base import Event, Refused
from domain.case_facts import Opening, SafetyDocument
from domain.numbers import names_somebody

WRITTEN: Final = frozenset({"method", "remark", "result", "text", "to", "tool", "what", "why"})
"""Members of facts that hold what somebody wrote, and that nobody seals."""

OF_BEFORE: Final = frozenset({"before", "record", "counted"})
"""Members that repeat what was recorded before: it is put right by what stands beside it."""


def require_nobody(events: Iterable[Event]) -> None:
    """Refuse facts in which a text that stays in clear holds a person's number.

    Nor may the number of a case, or of a paper for somebody's safety, be one.
    """
    for event in events:
        for member, text in texts_in(event):
            if names_somebody(text):
                raise Refused("number-in-text", member=member)


def texts_in(value: Any) -> Iterator[tuple[str, str]]:
    """The texts in facts that stay in clear, with their members' names."""
    match value:
        case BaseModel():
            numbered = isinstance(value, Opening | SafetyDocument)
            for member, inner in value:
                if member in OF_BEFORE:
                    continue
                if isinstance(inner, str):
                    if member in WRITTEN or (numbered and member == "number"):
                        yield member, inner
                else:
                    yield from texts_in(inner)
        case tuple():
            for inner in value:
                yield from texts_in(inner)
