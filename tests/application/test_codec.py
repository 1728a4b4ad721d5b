"""Events ⇄ bytes: stable names, canonical JSON, old versions upcast, stored bytes untouched."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from functools import cache
from re import fullmatch
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from application import codec
from application.codec import UnknownTopic, decode, encode
from application.records import Records
from domain.base import EVENTS, FIRST_DAY, LAST_DAY, SHANGHAI, Event, Value
from tests.domain.scenario import stamp

pytestmark = pytest.mark.exhaustive

LARGEST = 2**53 - 1  # RFC 8785, 3.2.2.3: what every JSON reader keeps exactly
EVERY_EVENT = pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS.keys())


class Noted(Event):
    """An event for these tests; not one of the domain's."""

    topic = "test.noted.v3"

    note: str
    minutes: int
    place: str | None = None


@pytest.fixture(autouse=True)
def _noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EVENTS, Noted.topic, Noted)


def noted(**fields: Any) -> Noted:
    return Noted(
        originator_id=uuid4(),
        originator_version=1,
        stamp=stamp(),
        **{"note": "x", "minutes": 1, **fields},
    )


def decoded(event: Event, state: bytes | None = None, topic: str | None = None) -> Event:
    return decode(
        topic or event.topic,
        event.originator_id,
        event.originator_version,
        encode(event) if state is None else state,
    )


def instances(annotation: Any, constraints: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    """Values of an annotated type as events use them."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return instances(arguments[0], (*constraints, *arguments[1:]))
    if origin in (Union, types.UnionType):
        return st.one_of(*(instances(argument, constraints) for argument in arguments))
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            least = limits_of(constraints).get("min_length", 0)
            return st.lists(instances(arguments[0]), min_size=least, max_size=least + 2).map(tuple)
        return st.tuples(*map(instances, arguments))
    if origin is dict:
        return st.dictionaries(*map(instances, arguments), min_size=1, max_size=2)
    if issubclass(annotation, BaseModel):
        return models(annotation)
    if issubclass(annotation, Enum):
        return st.sampled_from(list(annotation))
    limits = limits_of(constraints)
    if annotation is int:
        least, most = limits.get("ge", -LARGEST), limits.get("le", LARGEST)
        factor = limits.get("multiple_of", 1)
        return st.integers(-(-least // factor), most // factor).map(lambda n: n * factor)
    if annotation is str:
        return texts(limits)
    return SCALARS[annotation]


SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    UUID: st.uuids(),
    date: st.dates(FIRST_DAY, LAST_DAY),
    AwareDatetime: st.datetimes(
        datetime(2000, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
        datetime(2100, 1, 1),  # noqa: DTZ001
        timezones=st.sampled_from([UTC, SHANGHAI, timezone(timedelta(hours=-3, minutes=-30))]),
    ),
    types.NoneType: st.none(),
}


def texts(limits: dict[str, Any]) -> st.SearchStrategy[str]:
    if limits.get("pattern") is not None:
        return st.from_regex(limits["pattern"], fullmatch=True)
    least, most = limits.get("min_length") or 0, limits.get("max_length") or 100
    text = st.text(min_size=least, max_size=min(most, 100))
    return text.filter(lambda text: len(text.strip()) >= least)


def limits_of(constraints: tuple[Any, ...]) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    for constraint in constraints:
        if isinstance(constraint, FieldInfo):
            limits |= limits_of(tuple(constraint.metadata))
        elif isinstance(constraint, StringConstraints):
            limits |= {
                name: found
                for name in ("min_length", "max_length", "pattern")
                if (found := getattr(constraint, name)) is not None
            }
        else:
            limits |= {name: getattr(constraint, name) for name in constraint.__slots__}
    return limits


@cache
def models(kind: type[BaseModel]) -> st.SearchStrategy[Any]:
    return st.builds(
        kind,
        **{
            name: instances(field.annotation, tuple(field.metadata))
            for name, field in kind.model_fields.items()
        },
    )


@EVERY_EVENT
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(choices=st.data())
def test_every_event_is_stored_as_canonical_json_and_comes_back_as_it_was(
    kind: type[Event], choices: st.DataObject
) -> None:
    event = choices.draw(models(kind))
    assert decoded(event) == event
    state = encode(event)
    parsed = json.loads(state, parse_float=refuse, parse_constant=refuse)
    again = json.dumps(parsed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert state == again.encode()
    assert not any(leaf is None for leaf in leaves(parsed))


def refuse(text: str) -> None:
    raise AssertionError(f"{text} is no integer")


def leaves(parsed: Any) -> Iterator[Any]:
    if isinstance(parsed, dict | list):
        for part in parsed.values() if isinstance(parsed, dict) else parsed:
            yield from leaves(part)
    else:
        yield parsed


def test_strings_are_escaped_as_rfc_8785_shows() -> None:
    note = "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/"  # RFC 8785, 3.2.2.2
    assert b'"note":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"' in encode(noted(note=note))


def test_keys_are_sorted_and_absent_facts_left_out() -> None:
    state = encode(noted(minutes=5, place=None))
    assert state.startswith(b'{"minutes":5,"note":"x","stamp":{"actor":')
    assert b"place" not in state


def test_the_aggregates_id_and_version_are_columns_not_state() -> None:
    assert b"originator" not in encode(noted())


def field_types(annotation: Any) -> Iterator[Any]:
    """Every type that occurs in a field, nested models included."""
    yield annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for field in annotation.model_fields.values():
            yield from field_types(field.annotation)
    else:
        for argument in get_args(annotation):
            yield from field_types(argument)


@EVERY_EVENT
def test_events_hold_no_fractions(kind: type[Event]) -> None:
    assert float not in set(field_types(kind))


@EVERY_EVENT
def test_events_hold_nothing_whose_order_is_left_to_chance(kind: type[Event]) -> None:
    collections = {get_origin(annotation) for annotation in field_types(kind)}
    assert collections <= {None, Annotated, Union, types.UnionType, tuple}


@EVERY_EVENT
def test_events_hold_no_null_within_a_list(kind: type[Event]) -> None:
    for annotation in field_types(kind):
        if get_origin(annotation) is tuple:
            for element in get_args(annotation):
                assert types.NoneType not in get_args(element)


def values_of(kind: type[BaseModel]) -> set[type[BaseModel]]:
    return {
        annotation
        for annotation in field_types(kind)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel)
    }


@EVERY_EVENT
def test_what_may_be_absent_is_none_by_default(kind: type[Event]) -> None:
    for value in values_of(kind):
        for name, field in value.model_fields.items():
            if types.NoneType in get_args(field.annotation):
                assert field.default is None, f"{value.__name__}.{name}"


@EVERY_EVENT
def test_events_and_their_values_cannot_be_changed(kind: type[Event]) -> None:
    for value in values_of(kind):
        assert issubclass(value, Value)
        assert value.model_config["frozen"]


@EVERY_EVENT
def test_a_topic_is_a_stable_name_with_a_version(kind: type[Event]) -> None:
    assert fullmatch(r"[a-z]+(-[a-z]+)*\.[a-z0-9]+(-[a-z0-9]+)*\.v[1-9]\d*", kind.topic)
    assert EVENTS[kind.topic] is kind


def test_an_unknown_topic_is_told_and_not_skipped() -> None:
    with pytest.raises(UnknownTopic, match=r"thing\.happened\.v9.*update the program"):
        decode("thing.happened.v9", uuid4(), 1, b"{}")


def test_a_field_that_the_event_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="colour"):
        decoded(noted(), b'{"colour":"red"}')


@pytest.fixture
def first_version(monkeypatch: pytest.MonkeyPatch) -> tuple[str, bytes]:
    """An event of version 1, which held hours; version 2 held minutes, version 3 has a note."""

    def to_minutes(state: dict[str, Any]) -> dict[str, Any]:
        hours = state.pop("hours")
        return {**state, "minutes": hours * 60}

    def with_note(state: dict[str, Any]) -> dict[str, Any]:
        return {**state, "note": "entered before notes were kept"}

    monkeypatch.setitem(codec.UPCASTERS, "test.noted.v1", ("test.noted.v2", to_minutes))
    monkeypatch.setitem(codec.UPCASTERS, "test.noted.v2", ("test.noted.v3", with_note))
    stamped = stamp().model_dump_json(exclude_none=True)
    return "test.noted.v1", b'{"hours":2,"stamp":%s}' % stamped.encode()


def test_an_old_version_is_upcast_step_by_step(first_version: tuple[str, bytes]) -> None:
    topic, state = first_version
    now = noted(minutes=120, note="entered before notes were kept")
    assert decoded(now, state, topic) == now


def test_upcasting_never_rewrites_what_is_stored(
    first_version: tuple[str, bytes], records: Records
) -> None:
    topic, state = first_version
    stream = uuid4()
    stored = codec.StoredEvent(stream, 1, topic, state)
    records.recorder.insert_events([stored])
    (event,) = records.events.get(stream)
    assert isinstance(event, Noted)
    assert event.minutes == 120
    assert records.recorder.select_events(stream) == [stored]
