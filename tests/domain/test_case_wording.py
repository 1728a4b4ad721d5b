"""Every refusal and every event of a case has its words."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import pytest

import domain
from domain.base import EVENTS, Refused
from domain.values import CaseStatus, Party
from domain.wording import REFUSALS, TITLES, refusal


def refusals() -> list[tuple[str, frozenset[str]]]:
    """Code and names of the context of each `Refused(...)` in the modules of the case."""
    found = [(f"case-{status}", frozenset[str]()) for status in CaseStatus]
    for path in Path(domain.__file__).parent.glob("case*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    found.append((code.value, frozenset(k.arg for k in node.keywords if k.arg)))
    return found


@pytest.mark.parametrize(("code", "context"), sorted(set(refusals()), key=str))
def test_every_refusal_has_a_sentence_that_its_context_fills(code, context) -> None:
    for sentence in REFUSALS[code]:
        names = {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
        assert names <= context


@pytest.mark.parametrize("topic", sorted(t for t in EVENTS if t.startswith("case.")))
def test_every_event_has_a_chinese_title(topic: str) -> None:
    assert TITLES[topic]


def test_an_instant_is_said_as_it_is_written_in_china() -> None:
    late = datetime(2021, 2, 3, 16, 30, 15, 250_000, UTC)
    said = refusal(Refused("access-too-long", until=late))
    assert said.en.startswith("Until 2021-02-04 00:30 is more")
    assert said.zh.startswith("截止 2021-02-04 00:30 超过")


def test_a_value_of_a_list_is_said_in_chinese() -> None:
    assert "女方" in refusal(Refused("consent-missing", party=Party.WIFE)).zh
