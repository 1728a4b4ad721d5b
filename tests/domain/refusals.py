"""The refusals that modules can raise, read from their source."""

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


def refusals_of(*modules: ModuleType) -> dict[str, set[str]]:
    """The names in the context of every `Refused(...)` of one code in some modules, by its code."""
    found: dict[str, set[str]] = {}
    for node in (node for module in modules for node in ast.walk(source_of(module))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
            (code,) = node.args
            assert isinstance(code, ast.Constant)
            assert isinstance(code.value, str)
            context = {word.arg for word in node.keywords if word.arg}
            found[code.value] = found.get(code.value, context) & context
    return found


def source_of(module: ModuleType) -> ast.Module:
    """The source of a module as a tree."""
    assert module.__file__ is not None
    return ast.parse(Path(module.__file__).read_text(encoding="utf-8"))


def unfilled(code: str, context: set[str]) -> set[str]:
    """What the sentences of a refusal ask for that its context does not give."""
    return {
        name
        for sentence in REFUSALS[code]
        for _, name, _, _ in Formatter().parse(sentence)
        if name is not None and name not in context
    }
