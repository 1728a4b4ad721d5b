"""The rules of the log's beginning."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from domain import log
from domain.base import Event
from domain.log import (
    LOG_ID,
    AuthorKey,
    AuthorRegistered,
    Log,
    LogGenesis,
    ReadingsDigested,
    SchemaChanged,
    Sm2KeyRegistered,
    StreamHeads,
    TableDigest,
)
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


SECOND = AuthorKey(name="app2", key=KEYS.checkpoint_key)


def register(open_: Log) -> Iterator[Event]:
    return open_.register_author(SECOND, stamp())


def test_a_further_instance_is_registered_under_a_name_that_nobody_had() -> None:
    (event,) = given(Log(LOG_ID), begun).when(register).then(AuthorRegistered)
    assert event.author == SECOND
    given(Log(LOG_ID), begun, register).when(register).refused(
        "author-already-registered", name="app2"
    )


SM2_KEY = f"BA{'A' * 85}="


def register_sm2(open_: Log) -> Iterator[Event]:
    return open_.register_sm2_key(SM2_KEY, stamp())


def test_a_key_of_sm2_is_named_once() -> None:
    (event,) = given(Log(LOG_ID), begun).when(register_sm2).then(Sm2KeyRegistered)
    assert event.key == SM2_KEY
    given(Log(LOG_ID), begun, register_sm2).when(register_sm2).refused("sm2-key-already-registered")


def test_the_heads_of_the_streams_are_noted_for_an_ever_larger_log() -> None:
    def note(size: int) -> Callable[[Log], Iterator[Event]]:
        return lambda log: log.note_heads(size, 3, "a" * 64, stamp())

    given(Log(LOG_ID), begun, note(7)).when(note(8)).then(StreamHeads)
    given(Log(LOG_ID), begun, note(7)).when(note(7)).refused("heads-already-noted", size=7)


def test_only_a_change_of_the_fence_is_noted() -> None:
    def note(fingerprint: str) -> Callable[[Log], Iterator[Event]]:
        return lambda log: log.note_schema(fingerprint, stamp())

    (changed,) = given(Log(LOG_ID), begun).when(note("1" * 64)).then(SchemaChanged)
    assert (changed.before, changed.after) == (KEYS.schema_fingerprint, "1" * 64)
    given(Log(LOG_ID), begun, note("1" * 64)).when(note("1" * 64)).refused("schema-unchanged")


def test_what_the_read_models_said_is_noted_with_its_position() -> None:
    digest = TableDigest(table="journal", rows=2, digest="b" * 64)
    (noted,) = (
        given(Log(LOG_ID), begun)
        .when(lambda log: log.note_readings(5, "2", (digest,), stamp()))
        .then(ReadingsDigested)
    )
    assert (noted.position, noted.digests) == (5, (digest,))


@pytest.mark.parametrize(
    "decision",
    [
        register,
        register_sm2,
        lambda log: log.note_heads(1, 1, "a" * 64, stamp()),
        lambda log: log.note_schema("1" * 64, stamp()),
        lambda log: log.note_readings(1, "2", (), stamp()),
    ],
)
def test_a_log_that_has_not_begun_says_nothing_of_itself(
    decision: Callable[[Log], Iterator[Event]],
) -> None:
    given(Log(LOG_ID)).when(decision).refused("log-not-begun")


@pytest.mark.parametrize(("code", "context"), sorted(refusals_of(log).items()))
def test_every_refusal_has_a_sentence_that_its_context_fills(code: str, context: set[str]) -> None:
    assert not unfilled(code, context)


def test_every_event_has_a_chinese_title() -> None:
    assert topics_of(log) == set(LOG_TITLES)
