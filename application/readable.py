"""An event as people read it: its facts line by line in Chinese, with what was disclosed opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from pydantic import BaseModel

from domain.base import SHANGHAI, Event, Place, Sealed
from domain.member_wording import MEMBERS
from domain.values import Labelled

CLOSED: Final = "〔密封，未公开〕"
ENVELOPE: Final = frozenset({"originator_id", "originator_version", "stamp"})

Opened = Mapping[str, str]
"""The texts of disclosed fields of one event, by the path of the field in its state."""


class Line(NamedTuple):
    """One fact; one without text is the heading of those below it, which are deeper."""

    depth: int
    label: str
    text: str | None
    sealed: bool = False


def lines_of(event: Event, opened: Opened, where: str | None) -> Iterator[Line]:
    """The facts of an event.

    `where` names the place at which it counts, whose members are ids.
    """
    for name, value in event:
        if name == "place" and where is not None:
            yield Line(0, MEMBERS["place"], where)
        elif name not in ENVELOPE and value is not None:
            yield from fact_lines(value, MEMBERS.get(name, name), name, opened, 0)


def fact_lines(value: Any, label: str, path: str, opened: Opened, depth: int) -> Iterator[Line]:
    """A fact and what it is made of."""
    match value:
        case Sealed():
            text = opened.get(path)
            yield Line(depth, label, CLOSED if text is None else text, text is None)
        case Place(centre=centre, region=region):
            yield Line(depth, label, said(centre or region))
        case BaseModel():
            yield Line(depth, label, None)
            for name, inner in value:
                if inner is not None:
                    inner_label = MEMBERS.get(name, name)
                    yield from fact_lines(inner, inner_label, f"{path}/{name}", opened, depth + 1)
        case (tuple() | list()) as several if any(isinstance(one, BaseModel) for one in several):
            for index, one in enumerate(several):
                numbered = f"{label} {index + 1}"
                yield from fact_lines(one, numbered, f"{path}/{index}", opened, depth)
        case tuple() | list() | frozenset():
            texts = map(said, value)
            listed = sorted(texts) if isinstance(value, frozenset) else texts
            yield Line(depth, label, "、".join(listed) or "无")
        case _:
            yield Line(depth, label, said(value))


def said(value: Any) -> str:
    """A single value as people write it; instants in Asia/Shanghai."""
    match value:
        case Labelled():
            return value.label
        case bool():
            return "是" if value else "否"
        case datetime():
            return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case _:
            return str(value)
