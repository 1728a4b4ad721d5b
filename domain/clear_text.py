"""What stays in clear in the log for good, and must therefore name nobody (decision 221)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from pydantic import BaseModel

from domain.base import Event, Refused
from domain.numbers import names_somebody

WRITTEN: Final = frozenset({"method", "remark", "result", "text", "to", "tool", "what", "why"})
"""Members of facts that hold what somebody wrote, and that nobody seals.

Not the numbers of cases and papers: some have as many digits as a telephone number.
"""


def require_nobody(events: Iterable[Event], given: tuple[object, ...]) -> None:
    """Refuse facts in which a text that stays in clear holds a person's number, as it was given.

    What was recorded before is repeated as it stands there: else nobody could take it back.
    """
    naming = {
        text: member
        for event in events
        for member, text in texts_in(event)
        if member in WRITTEN and names_somebody(text)
    }
    for _, said in texts_in(given) if naming else ():
        if said in naming:
            raise Refused("number-in-text", member=naming[said])


def texts_in(value: Any, member: str = "") -> Iterator[tuple[str, str]]:
    """The texts in facts with their members' names, if they have one."""
    match value:
        case str():
            yield member, value
        case BaseModel():
            for name, inner in value:
                yield from texts_in(inner, name)
        case tuple():
            for inner in value:
                yield from texts_in(inner, member)
