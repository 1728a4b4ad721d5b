"""The policy table is complete: no decision, operation or role without a cell."""

from __future__ import annotations

import asyncio
import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args, get_origin
from uuid import UUID

import pytest

import domain
from api.app import create_app
from api.cli_roles import roster
from api.permissions import OPEN, OPERATIONS, SURFACES, require_listed
from application.access import Accesses
from application.action_words import WORDS
from application.casework import Casework
from application.database import Database
from application.disposals import Disposals
from application.jurisdiction import Spot, forbidden, spots_in
from application.pins import Pins
from application.policy import (
    ACTIONS,
    DECIDED,
    POLICY,
    ROLES,
    Action,
    Actor,
    PolicyGap,
    Reach,
    action_of,
    name_of,
    reach,
)
from application.records import KINDS
from application.requests import Requests
from application.settings import Settings
from application.team import Team
from application.territory import Regions
from domain.base import Event, Place, Value
from domain.values import Role
from tests.api.test_commands import DOCUMENT
from tests.domain.scenario import known

HELD_BY_DESKS = {
    name_of(method): decision
    for method, decision in (
        (Accesses.request, "domain.access.Access.request"),
        (Accesses.make_print, "domain.access.Access.make_print"),
        (Casework.accept_application, "domain.case_registry.accept_application"),
        (Casework.correct_application, "domain.case_registry.correct_application"),
        (Casework.correct_referral, "domain.case_care.correct_referral"),
        (Casework.correct_report, "domain.case_safety.correct_report"),
        (Casework.correct_session, "domain.case_counselling.correct_session"),
        (Casework.identify, "domain.case_file.identify"),
        (Casework.correct_identity, "domain.case_file.correct_identity"),
        (Requests.receive, "domain.request.PersonRequest.receive"),
        (Requests.extend, "domain.request.PersonRequest.extend"),
        (Disposals.propose, "domain.disposal.Disposal.propose"),
        (Team.award_star, "domain.practitioner_service.award_star"),
        (Pins.pin, "domain.pin.Pin.pin"),
        (Regions.establish_village, "domain.region_boundaries.establish_village"),
    )
}
"""Decisions that a desk's method takes with something of its own: they go by the method's name."""

PARTS = {"domain.case_counselling.beginning"}
"""What looks like a decision, and is a part of others."""


def decisions() -> Iterator[str]:
    """Every function and method of the domain that yields events under a stamp."""
    for module in vars(domain).values():
        if not inspect.ismodule(module):
            continue
        functions = [one for _, one in inspect.getmembers(module, inspect.isfunction)]
        methods = [
            method
            for _, kind in inspect.getmembers(module, inspect.isclass)
            if kind in KINDS.values()
            for _, method in inspect.getmembers(kind, inspect.isfunction)
        ]
        for one in (*functions, *methods):
            if one.__module__ == module.__name__ and decides(one):
                yield name_of(one)


def decides(function: Callable[..., Any]) -> bool:
    """Whether a function takes a stamp last and yields events."""
    given = inspect.signature(function).parameters.values()
    parameters = [one.name for one in given if one.kind is one.POSITIONAL_OR_KEYWORD]
    answers = str(inspect.signature(function).return_annotation)
    return bool(parameters) and parameters[-1] == "by" and answers.startswith("Iterator[")


def test_every_decision_of_the_domain_stands_in_one_row() -> None:
    asked = {HELD_BY_DESKS.get(name, name) for name in ACTIONS}
    assert asked == set(decisions()) - PARTS


def test_no_decision_stands_in_two_rows() -> None:
    names = [
        one if isinstance(one, str) else name_of(one) for row in DECIDED.values() for one in row
    ]
    assert [name for name, times in Counter(names).items() if times > 1] == []


def test_a_decision_that_stands_in_no_row_is_refused() -> None:
    def new_decision(by: object) -> Iterator[Event]:
        yield from ()

    with pytest.raises(PolicyGap, match=r"test_a_decision"):
        action_of(new_decision)


def test_every_action_has_words_of_its_own_in_a_refusal() -> None:
    assert set(WORDS) == set(Action)
    assert len(set(WORDS.values())) == len(Action)
    said = str(forbidden(Actor(UUID(int=1), Role.COUNSELLOR, UUID(int=2)), Action.READ_HOLDS))
    assert said.startswith("As counsellor you may not do this – list legal holds (holds.read);")


def test_every_action_says_for_every_role_how_far_it_reaches() -> None:
    assert set(POLICY) == set(Action)
    assert {*ROLES, Role.SYSTEM} == set(Role)
    for action in Action:
        assert tuple(POLICY[action]) == ROLES


def test_every_operation_of_the_api_stands_in_a_row_and_every_row_is_of_the_api() -> None:
    operations = {
        operation["operationId"]
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
    }
    assert operations == {*SURFACES, *OPEN}
    require_listed(operations)


def test_an_operation_that_stands_in_no_row_does_not_start() -> None:
    with pytest.raises(PolicyGap, match="read_everything"):
        require_listed(["read_everything"])


def test_an_application_with_a_route_that_stands_in_no_row_does_not_start(
    database: Database, tmp_path: Path
) -> None:
    app = create_app(database, Settings(home=tmp_path))

    @app.get("/api/v1/everything")
    def read_everything() -> str:
        return "everything"

    async def start() -> None:
        async with app.router.lifespan_context(app):
            pass

    with pytest.raises(PolicyGap, match="read_everything"):
        asyncio.run(start())


@pytest.mark.parametrize("action", [action for action in Action if action in DECIDED])
def test_every_action_that_decides_can_be_asked_for_by_somebody(action: Action) -> None:
    by_people = any(found is not Reach.NONE for found in POLICY[action].values())
    by_system = reach(Actor(known("system"), Role.SYSTEM, known("log")), action)
    assert by_people or by_system is Reach.ALL
    assert OPERATIONS.get(action) or action in (Action.KEEP_LOG, Action.READ_NOTES)


def test_who_keeps_the_system_sees_no_case() -> None:
    seeing = [action for action in Action if action.startswith(("cases.", "figures.", "persons."))]
    assert {POLICY[action][Role.ADMINISTRATOR] for action in seeing} == {Reach.NONE}


def test_process_notes_are_for_who_counsels_alone() -> None:
    readers = {role for role in ROLES if POLICY[Action.READ_NOTES][role] is not Reach.NONE}
    assert readers == {Role.COUNSELLOR}


def test_nobody_who_works_with_cases_erases_and_nobody_who_erases_works_with_them() -> None:
    erasing = {role for role in ROLES if POLICY[Action.ERASE][role] is not Reach.NONE}
    assert erasing == {Role.PRIVACY_OFFICER}
    assert POLICY[Action.COUNSEL][Role.PRIVACY_OFFICER] is Reach.NONE


def test_the_page_of_roles_is_what_the_table_says() -> None:
    page = Path(domain.__file__).parent.parent / "docs" / "roles.md"
    assert page.read_text() == "\n".join(roster()) + "\n"


def holds_place(annotation: Any) -> bool:
    """Whether a value of this type may hold a place."""
    if isinstance(annotation, type) and issubclass(annotation, Value):
        return annotation is Place or any(
            holds_place(field.annotation) for field in annotation.model_fields.values()
        )
    return any(holds_place(inner) for inner in get_args(annotation))


def holding(annotation: Any) -> Any:
    """A value of a type that holds a place, with that place in every field that may hold it."""
    if annotation is Place:
        return Place(region=UUID(int=7))
    if isinstance(annotation, type) and issubclass(annotation, Value):
        fields = {
            name: holding(field.annotation)
            for name, field in annotation.model_fields.items()
            if holds_place(field.annotation)
        }
        return annotation.model_construct(**fields)
    inner = holding(next(inner for inner in get_args(annotation) if holds_place(inner)))
    return (inner,) if get_origin(annotation) is tuple else inner


def values_with_a_place(kind: type[Value] = Value) -> Iterator[type[Value]]:
    """Every value of the domain that holds a place; events are no facts of a command."""
    for below in kind.__subclasses__():
        if issubclass(below, Event):
            continue
        if below.__module__.startswith("domain.") and holds_place(below):
            yield below
        yield from values_with_a_place(below)


@pytest.mark.parametrize("value", sorted(set(values_with_a_place()), key=str), ids=str)
def test_no_place_is_hidden_in_a_fact(value: type[Value]) -> None:
    assert set(spots_in([holding(value)])) == {Spot(None, UUID(int=7))}
