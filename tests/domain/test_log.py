"""The rules of the log's beginning."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain import log
from domain.base import Event
from domain.log import LOG_ID, Log, LogGenesis
from domain.wording import LOG_TITLES
from tests.author import KEYS
from tests.domain.refusals import refusals_of, topics_of, unfilled
from tests.domain.scenario import given, stamp


def begun(empty: Log) -> Iterator[Event]:
    return empty.begin(True, "模拟数据", KEYS, stamp())


def test_a_log_says_at_its_beginning_whether_it_is_simulated() -> None:
    (event,) = given(Log(LOG_ID)).when(begun).then(LogGenesis)
    assert event.simulated
    assert event.note == "模拟数据"


def test_a_real_log_says_that_it_is_real() -> None:
    (event,) = (
        given(Log(LOG_ID))
        .when(lambda empty: empty.begin(False, "正式", KEYS, stamp()))
        .then(LogGenesis)
    )
    assert not event.simulated


def test_a_log_begins_once() -> None:
    given(Log(LOG_ID), begun).when(begun).refused("log-already-begun")


@pytest.mark.parametrize(("code", "context"), sorted(refusals_of(log).items()))
def test_every_refusal_has_a_sentence_that_its_context_fills(code: str, context: set[str]) -> None:
    assert not unfilled(code, context)


def test_every_event_has_a_chinese_title() -> None:
    assert topics_of(log) == set(LOG_TITLES)
