"""The record of the rules, docs/rules.md, names for each rule a test that exists and expects it."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from domain.wording import REFUSALS

HERE = Path(__file__).resolve().parents[2]
RECORD = HERE / "docs" / "rules.md"
CODE = re.compile(r"`([a-z0-9-]+)`")
TEST = re.compile(r"(tests/[\w/]+\.py)::(test_\w+)")


class Rule(NamedTuple):
    """A row of the record."""

    text: str
    codes: tuple[str, ...]
    tests: tuple[tuple[str, str], ...]


def rules() -> list[Rule]:
    """The rows of all tables of the record, without their headings."""
    found = []
    for line in RECORD.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] != "rule":
            text, refused_as, tests = cells
            found.append(Rule(text, tuple(CODE.findall(refused_as)), tuple(TEST.findall(tests))))
    return found


@cache
def texts_by_test(path: str) -> dict[str, frozenset[str]]:
    """The tests of a file, each with every text that stands in it or in its parameters."""
    return {
        node.name: frozenset(
            one.value.removeprefix("urn:huhang:refused:")
            for one in ast.walk(node)
            if isinstance(one, ast.Constant) and isinstance(one.value, str)
        )
        for node in ast.parse((HERE / path).read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


RULES = rules()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.text)
def test_a_rule_names_tests_that_exist_and_expect_each_of_its_refusals(rule: Rule) -> None:
    assert rule.tests
    missing = [f"{path}::{name}" for path, name in rule.tests if name not in texts_by_test(path)]
    assert not missing
    expected = frozenset[str]().union(*(texts_by_test(path)[name] for path, name in rule.tests))
    assert expected >= set(rule.codes)


def test_every_refusal_is_on_record_once() -> None:
    on_record = sorted(code for rule in RULES for code in rule.codes)
    assert on_record == sorted(REFUSALS)


def test_no_rule_is_on_record_twice() -> None:
    texts = [rule.text for rule in RULES]
    assert len(texts) == len(set(texts)) > 100


def test_every_refusal_that_has_words_is_made_somewhere() -> None:
    made = {
        text
        for folder in ("domain", "application", "api")
        for path in (HERE / folder).glob("*.py")
        if not path.stem.endswith("wording")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused"
        for text in texts_of(node.args[0])
    }
    assert made == set(REFUSALS)


def texts_of(code: ast.expr) -> set[str]:
    """The codes that an expression stands for; a closed case says which state it is in."""
    if isinstance(code, ast.JoinedStr):
        return {one for one in REFUSALS if re.fullmatch("case-(open|closed|archived|voided)", one)}
    return {
        one.value
        for one in ast.walk(code)
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }
