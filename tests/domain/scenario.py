"""Given events, when a decision, then events: the language of the tests of the domain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, Self, TypeVar
from uuid import UUID, uuid5

from domain.base import Aggregate, Event, Refused, Stamp, decide, fold
from domain.values import Role

NAMESPACE = UUID("6f1c2b1e-0000-4000-8000-000000000000")


def known(name: str) -> UUID:
    """A stable id for a name: the same in every run."""
    return uuid5(NAMESPACE, name)


def stamp(
    occurred: Any = date(2019, 3, 1),
    *,
    actor: str = "li",
    role: Role = Role.COUNSELLOR,
    office: str = "centre",
    reason: str | None = None,
    request: str = "request",
) -> Stamp:
    return Stamp(
        actor=known(actor),
        role=role,
        office=known(office),
        occurred=occurred,
        reason=reason,
        request=known(request),
    )


A = TypeVar("A", bound=Aggregate)


@dataclass
class Given(Generic[A]):
    """An aggregate with a past."""

    aggregate: A

    def and_then(self, decision: Callable[[A], Iterator[Event]]) -> Self:
        """Let one more decision happen before the one under test."""
        self.aggregate = fold(self.aggregate, decide(self.aggregate, decision))
        return self

    def when(self, decision: Callable[[A], Iterator[Event]]) -> Outcome:
        """Take the decision under test."""
        try:
            return Outcome(decide(self.aggregate, decision), None)
        except Refused as refusal:
            return Outcome([], refusal)


@dataclass
class Outcome:
    """What a decision came to."""

    events: list[Event]
    refusal: Refused | None

    def then(self, *expected: type[Event] | Event) -> list[Any]:
        """Exactly these events happened: an event class, or an event compared by its facts."""
        assert self.refusal is None, f"refused: {self.refusal}"
        kinds = [e if isinstance(e, type) else type(e) for e in expected]
        assert [type(e) for e in self.events] == kinds
        for actual, wanted in zip(self.events, expected, strict=True):
            if not isinstance(wanted, type):
                assert facts(actual) == facts(wanted)
        return self.events

    def refused(self, code: str, **context: object) -> None:
        """The decision said no, with this code and at least this context."""
        assert self.refusal is not None, f"not refused: {self.events}"
        assert self.refusal.code == code
        assert context.items() <= self.refusal.context.items()


def facts(event: Event) -> dict[str, Any]:
    return event.model_dump(exclude={"originator_version"})


def given(start: A, *steps: Callable[[A], Iterator[Event]]) -> Given[A]:
    """An aggregate that has taken these decisions; each must succeed."""
    scenario = Given(start)
    for step in steps:
        scenario.and_then(step)
    return scenario
