"""Roles × what is written × offices: shown, masked or denied, as a history tells it.

What a role may open and not read stands there as masked, so that nobody takes it for nothing; what
is sealed stands as sealed to everybody, and an operation of its own opens it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args, get_origin
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel

from api.routes.history import masked_of
from application.jurisdiction import LOOKING
from domain.base import EVENTS
from domain.base import Sealed as SealedValue
from domain.values import Role
from projections.history import ENVELOPE, MASKED
from projections.history import SEALED as SEAL
from tests.api.cast import Person
from tests.api.matrix_world import (
    BECAUSE,
    COLUMNS,
    CONCLUDED,
    DECIDED,
    FOUND,
    HALF,
    LEADER,
    MEMBER,
    OPERATIONS,
    ORDERED,
    REMARK,
    SETTLED,
    SIGNED,
    WHISTLED,
    World,
    listed,
    reaches,
)
from tests.api.test_matrix import HISTORIES, readers

pytestmark = pytest.mark.exhaustive

MASKS: Final[Mapping[str, Mapping[str, str]]] = {
    "case": listed("ooo-cr--- goals summary"),
    "centre": {**listed("c-c-crr-- fen"), **listed("cccccrr-- result what")},
    "order": listed("cccccrr-- what text reason"),
    "practitioner": listed("--c-crr-- remark"),
    "review": listed("---ccrrr- case cases text reason"),
    "region": listed(
        "cccccrr-- leader members decisions conclusions head statistician prepared_by reason"
    ),
}
"""To whom the history of a record of each kind shows these facts; to others it masks them.

What a case came to is for who counsels and who supervises. What a centre was called for, what it
was ordered and what a county concluded, are for who reads their ledgers, and what it spent for who
reads that of funds; what was found about a case, for who reads cases; how somebody of the team is
appraised, for who appraises.
"""

WORDS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "centre": {"fen": ("98765",), "result": (SETTLED,), "what": (WHISTLED,)},
    "order": {"what": (ORDERED,), "text": (HALF,)},
    "practitioner": {"remark": (REMARK,)},
    "review": {"text": (FOUND,), "reason": (BECAUSE,)},
    "region": {
        "leader": (LEADER,),
        "members": (MEMBER,),
        "decisions": (DECIDED,),
        "conclusions": (CONCLUDED,),
        "head": SIGNED[:1],
        "statistician": SIGNED[1:2],
        "prepared_by": SIGNED[2:],
    },
}
"""What is masked in the world, in the words that are written there."""

OPENED_BY: Final[Mapping[str, str | None]] = {
    "case identity": "read_identities",
    "case note": "read_notes",
    "case facts": "read_texts",
    "case goals": "read_texts",
    "case summary": "read_texts",
    "case contact": "read_safe_contacts",
    "case address": "read_protected_addresses",
    "request details": "read_request_words",
    "request explanation": "read_request_words",
    "practitioner identity": None,
    "practitioner number": None,
    "account name": None,
    "account number": None,
    "account subject": None,
}
"""What is sealed, and the operation that opens it; None where no operation does."""

TOLD: Final = {
    "case": "facts method to tool tool_version number receipt closing calendar_version issuer"
    " purpose keys",
    "centre": "address name title document purpose standard version passed failed closing"
    " before after",
    "practitioner": "issuer rule title version number",
    "review": "scope seed rule rules_version population_digest",
    "access": "what why text recipient keys",
    "account": "login label scopes issuer",
    "request": "calendar_version",
    "disposal": "appraisal",
    "assessment": "activity assessors lawful risks measures",
    "subject": "key",
    "region": "scheme code name area document departments title form definitions before after",
    "pin": "region by columns boundaries indicators indicator code name values digest root",
    "log": "origin checkpoint_key note name key schema_fingerprint before after root table digest"
    " version",
}
"""The other texts of each kind, read by whoever opens the history."""


def fields_of(kind: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every text and every sealed value that a type holds, and where."""
    if kind is str or (isinstance(kind, type) and issubclass(kind, SealedValue)):
        yield path, kind
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if path or name not in ENVELOPE:
                yield from fields_of(field.annotation, (*path, name))
    elif get_origin(kind) is not None:
        for inner in get_args(kind):
            yield from fields_of(inner, path)


def written() -> dict[str, set[tuple[str, bool]]]:
    """Of each kind of record its texts, and whether they are sealed."""
    found: dict[str, set[tuple[str, bool]]] = {}
    for topic, event in EVENTS.items():
        texts = found.setdefault(topic.partition(".")[0], set())
        texts |= {(path[-1], kind is not str) for path, kind in fields_of(event)}
    return found


def test_every_text_and_every_sealed_value_is_listed() -> None:
    for kind, texts in written().items():
        plain = {name for name, is_sealed in texts if not is_sealed}
        assert plain - MASKS.get(kind, {}).keys() == set(TOLD.get(kind, "").split()), kind
    sealed = {f"{kind} {name}" for kind, texts in written().items() for name, is_ in texts if is_}
    assert sealed == OPENED_BY.keys()
    assert set(OPERATIONS) >= set(filter(None, OPENED_BY.values()))


def test_what_is_masked_of_a_record_is_listed(world: World) -> None:
    records = world.service.records
    stranger = world.service.person(Role.ADMINISTRATOR).actor
    for kind, record in world.records().items():
        found = records.find(records.kind_of(UUID(record)), UUID(record))
        assert found is not None
        masked = masked_of(records.jurisdiction, stranger, found)
        assert set(masked) == set(MASKS.get(kind, {})), kind
    assert world.records().keys() == {kind.about for kind in LOOKING}


def named(name: str, told: Any) -> Iterator[Any]:
    """What stands under a name, however deep."""
    if isinstance(told, Mapping):
        for key, value in told.items():
            if key == name:
                yield value
            yield from named(name, value)
    elif isinstance(told, list):
        for one in told:
            yield from named(name, one)


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize("role", COLUMNS)
def test_a_fact_is_shown_masked_or_denied_as_the_roster_says(
    role: Role, kind: str, world: World
) -> None:
    column, at_region, wrong = COLUMNS.index(role), kind == "region", []
    for office, own, by in readers(world, role):
        answer = world.send(
            by, "read_history", ids={"aggregate_id": world.records()[kind]}, params={"limit": 1000}
        )
        denied = not reaches(HISTORIES[kind][column], office, at_region, own)
        assert (answer.status_code == 403) is denied, (office, answer.text)
        words = WORDS.get(kind, {})  # of a case they are sealed to everybody
        for name, cells in MASKS[kind].items():
            values = [one for one in named(name, answer.json()) if one is not None]
            shown = reaches(cells[column], office, at_region, own)
            if denied:
                right = not values
            elif shown:
                right = MASKED not in values
            else:
                right = set(map(str, values)) <= {MASKED}
            if not right or not (denied or values or name == "cases"):
                wrong.append((name, office, own, values))
            told = {word in answer.text for word in words.get(name, ())}
            if told - {shown and not denied}:
                wrong.append((name, office, own, told))
    assert wrong == []


def at(path: tuple[str, ...], told: Any) -> Iterator[Any]:
    """What stands at a path, of each in a list."""
    if isinstance(told, list):
        for one in told:
            yield from at(path, one)
    elif not path:
        yield told
    elif isinstance(told, Mapping) and path[0] in told:
        yield from at(path[1:], told[path[0]])


@pytest.mark.parametrize("role", COLUMNS)
def test_what_is_sealed_stands_there_as_sealed_to_everybody(role: Role, world: World) -> None:
    own, column, found = role in world.hands, COLUMNS.index(role), set()
    by = world.assigned(role, "centre") if own else world.person(role, "centre")
    for kind, record in world.records().items():
        answer = world.send(by, "read_history", ids={"aggregate_id": record})
        for moment in answer.json().get("moments", ()):
            told = {**moment["facts"], "before": moment["before"], "after": moment["after"]}
            for path, of in fields_of(EVENTS[moment["topic"]]):
                if of is not str:
                    found |= {(kind, value) for value in at(path, told)}
    masked = {("case", MASKED)} if MASKS["case"]["summary"][column] == "-" else set()
    assert {(kind, value) for kind, value in found if value != SEAL} <= masked
    holding = {"case", "practitioner", "account", "request"}
    opened = {kind for kind in holding if reaches(HISTORIES[kind][column], "centre", own=own)}
    assert {kind for kind, _ in found} == opened


def test_whoever_is_appraised_reads_what_is_said_of_him(world: World) -> None:
    member = UUID(world.ids["practitioner_id"])
    himself = world.service.member(member, Role.VOLUNTEER, world.offices["centre"])
    answer = world.send(himself, "read_history", ids={"aggregate_id": str(member)})
    assert REMARK in answer.text


OPENING_FIGURES: Final = (Role.REGISTRAR, Role.CENTRE_MANAGER, Role.SUPERVISOR, Role.AUDITOR)


@pytest.mark.parametrize("role", OPENING_FIGURES)
def test_who_declared_a_conflict_sees_of_figures_that_something_is_masked(
    role: Role, world: World
) -> None:
    office = "county" if role in (Role.SUPERVISOR, Role.AUDITOR) else "centre"
    by, free = world.person(role, office), world.person(role, office)
    declared(world, by)
    month = {"region": world.county.code, "from": "2019-03-01", "to": "2019-03-31"}
    case, at = world.ids["case_id"], {"Huhang-Position": str(world.service.recorded[0])}
    changed = {**month, "indicators": "sessions", "from_as_of": "1"}
    counted = {**month, "indicator": "sessions"}
    for one, hidden in ((by, True), (free, False)):
        told = world.send(one, "read_difference", params=changed, headers=at).json()["changes"]
        assert any(change["masked"] for change in told) is hidden
        behind = world.send(one, "read_behind", params=counted, headers=at).json()
        assert (behind["masked"], len(behind["counted"])) == ((1, 1) if hidden else (0, 2))
        assert (case in str(told), case in str(behind["counted"])) == (not hidden, not hidden)


def declared(world: World, by: Person) -> None:
    """Somebody with an account who declared a conflict with the world's case."""
    world.county.accounted(by)
    administrator, person = world.person(Role.ADMINISTRATOR, "county"), str(by.actor.id)
    conflict = {"id": str(uuid4()), "relation": "relative", "case": world.ids["case_id"]}
    administrator.does(f"/accounts/{person}/conflicts", conflict=conflict)
