"""The refusals that a module can raise, read from its source."""

from __future__ import annotations

import ast
from pathlib import Path
from string import Formatter
from types import ModuleType

from domain.base import EVENTS
from domain.wording import REFUSALS


def topics_of(module: ModuleType) -> set[str]:
    """The topics of the events of a module."""
    return {topic for topic, event in EVENTS.items() if event.__module__ == module.__name__}


def refusals_of(module: ModuleType) -> dict[str, set[str]]:
    """The names in the context of every `Refused(...)` of one code in a module, by its code."""
    assert module.__file__ is not None
    found: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
            (code,) = node.args
            assert isinstance(code, ast.Constant)
            assert isinstance(code.value, str)
            context = {word.arg for word in node.keywords if word.arg}
            found[code.value] = found.get(code.value, context) & context
    return found


def unfilled(code: str, context: set[str]) -> set[str]:
    """What the sentences of a refusal ask for that its context does not give."""
    return {
        name
        for sentence in REFUSALS[code]
        for _, name, _, _ in Formatter().parse(sentence)
        if name is not None and name not in context
    }
