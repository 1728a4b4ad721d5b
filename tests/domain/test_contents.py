"""The domain is complete: modules are named, events have titles, refusals have sentences."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from types import ModuleType
from typing import NamedTuple

import pytest

import domain
from domain import values
from domain.base import EVENTS, Aggregate, Sealed, Stamp
from domain.members import MEMBERS
from domain.sentence import Sentence
from domain.values import Labelled
from domain.wording import REFUSALS, TITLES

FOLDER = Path(domain.__file__).parent
PROJECT = FOLDER.parent


def of_domain(kind: type) -> bool:
    """Whether a class is the domain's own and not one of the tests."""
    return kind.__module__.startswith("domain.")


DOMAIN_EVENTS = {topic: event for topic, event in EVENTS.items() if of_domain(event)}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


class Raised(NamedTuple):
    """A `Refused(…)` in the source: where, with which code and the names in its context."""

    where: str
    code: str
    context: frozenset[str]


def raised(package: str) -> Iterator[Raised]:
    """Every refusal that a package can raise; a code that ends in a status stands for each one."""
    for path in sorted((PROJECT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) != "Refused":
                continue
            context = frozenset(word.arg for word in node.keywords if word.arg)
            for code in codes(node.args[0]):
                yield Raised(f"{path.name}:{node.lineno}", code, context)


def codes(argument: ast.expr) -> list[str]:
    """The codes that an expression can be: the one written out, or one for each status of a case.

    The variable `code` is that of a refusal which is put together again after pickling.
    """
    if ast.unparse(argument) == "code":
        return []
    if isinstance(argument, ast.JoinedStr):
        beginning, status = argument.values
        assert isinstance(beginning, ast.Constant)
        assert ast.unparse(status) == "{self.status}"
        return [f"{beginning.value}{one}" for one in values.CaseStatus]
    assert isinstance(argument, ast.Constant), f"no one can tell what {ast.unparse(argument)} is"
    return [argument.value]


PACKAGES = ("domain", "application", "projections", "api")
ANYWHERE = [refusal for package in PACKAGES for refusal in raised(package)]


def parts_of_the_wording() -> list[dict[str, object]]:
    """The dictionaries from which the two of the whole wording are put together, each once."""
    modules = [module for name, module in vars(domain).items() if name.endswith("wording")]
    found = {
        id(part): part
        for module in modules
        for name, part in vars(module).items()
        if isinstance(part, dict) and not name.startswith("_")
    }
    return [part for part in found.values() if part is not REFUSALS and part is not TITLES]


def test_the_contents_page_names_every_module_of_the_folder() -> None:
    page = ast.parse((FOLDER / "__init__.py").read_text(encoding="utf-8"))
    named = [
        alias.asname
        for node in page.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    assert sorted(filter(None, named)) == sorted(
        path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__"
    )


def test_what_the_contents_page_names_is_a_module() -> None:
    for path in FOLDER.glob("*.py"):
        if path.stem != "__init__":
            assert isinstance(getattr(domain, path.stem), ModuleType)


@pytest.mark.parametrize("topic", sorted(DOMAIN_EVENTS))
def test_a_topic_is_a_thing_what_happened_to_it_and_a_version(topic: str) -> None:
    assert re.fullmatch(r"[a-z-]+\.[a-z0-9-]+\.v\d+", topic)


def test_the_first_word_of_a_topic_tells_whose_event_it_is() -> None:
    kinds = {kind.__name__: kind.about for kind in Aggregate.__subclasses__() if of_domain(kind)}
    assert sorted(kinds.values()) == sorted({topic.partition(".")[0] for topic in DOMAIN_EVENTS})


def test_every_event_has_a_title_and_every_title_an_event() -> None:
    assert TITLES.keys() == DOMAIN_EVENTS.keys()


@pytest.mark.parametrize(("topic", "title"), sorted(TITLES.items()))
def test_a_title_is_chinese(topic: str, title: str) -> None:
    assert CHINESE.search(title), topic


def members_of(schema: object) -> Iterator[str]:
    """The names of all members in a JSON schema."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for inner in schema.values():
            yield from members_of(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from members_of(inner)


def test_every_member_of_a_case_has_a_chinese_name_and_every_name_a_member() -> None:
    cases = [event for topic, event in DOMAIN_EVENTS.items() if topic.startswith("case.")]
    unsaid = {"originator_id", "originator_version", "stamp"}  # who and when stand apart
    unsaid |= {*Stamp.model_fields, *Sealed.model_fields} - {"reason"}
    names = {name for event in cases for name in members_of(event.model_json_schema())}
    assert names - unsaid - {"reason"} == set(MEMBERS)
    assert all(CHINESE.search(name) for name in MEMBERS.values())


def test_every_event_says_what_it_means() -> None:
    for topic, event in DOMAIN_EVENTS.items():
        assert event.__doc__, topic


@pytest.mark.parametrize("refusal", ANYWHERE, ids=lambda refusal: f"{refusal.code}@{refusal.where}")
def test_a_refusal_has_a_sentence_in_two_languages_that_its_context_fills(refusal: Raised) -> None:
    for sentence in REFUSALS[refusal.code]:
        assert placeholders(sentence) <= refusal.context


def test_no_sentence_is_left_over() -> None:
    assert REFUSALS.keys() <= {refusal.code for refusal in ANYWHERE}


@pytest.mark.parametrize(("code", "sentence"), sorted(REFUSALS.items()))
def test_a_sentence_is_english_and_chinese_and_ends(code: str, sentence: Sentence) -> None:
    assert not CHINESE.search(sentence.en), code
    assert sentence.en.endswith(".")
    assert CHINESE.search(sentence.zh)
    assert sentence.zh.endswith("。")


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_a_code_is_a_word_that_can_stand_in_an_address(code: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)


def test_no_code_and_no_topic_is_worded_twice() -> None:
    worded = Counter(key for part in parts_of_the_wording() for key in part)
    assert [key for key, times in worded.items() if times > 1] == []


def test_every_part_of_the_wording_is_in_use() -> None:
    worded = {key for part in parts_of_the_wording() for key in part}
    assert worded == REFUSALS.keys() | TITLES.keys()


def test_every_value_list_says_what_it_is() -> None:
    for kind in vars(values).values():
        if isinstance(kind, type) and issubclass(kind, Labelled):
            assert kind.__doc__, kind


def placeholders(sentence: str) -> set[str]:
    """What a sentence is filled with."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
