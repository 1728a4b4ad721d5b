"""Figures are pinned over the API and computed again."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.api.cast import County, Person, Service
from tests.api.test_queries import MARCH


def question(county: County, **changes: Any) -> dict[str, Any]:
    return {
        "region": county.code,
        "first": MARCH["from"],
        "last": MARCH["to"],
        "by": "total",
        "columns": "total",
        "boundaries": "then",
        "indicators": ["cases_opened", "acceptance_rate"],
        **changes,
    }


def recorded_case(county: County) -> tuple[Person, int]:
    """Somebody of the county, and the position of a case that the read models hold."""
    person = county.person()
    path = county.opened(person)
    position = person.does(f"{path}/offers", occurred="2019-03-01")["last_position"]
    person.reads("/log", min_position=position)
    return person, position


def test_figures_are_pinned_and_stay_equal_when_more_is_recorded(county: County) -> None:
    person, position = recorded_case(county)
    pin = person.does("/statistics/pins", question=question(county), position=position)
    [line] = pin["report"]["lines"]
    assert line["figures"] == [
        {"indicator": "cases_opened", "values": ["1"]},
        {"indicator": "acceptance_rate", "values": ["0.0 = 0/1"]},
    ]
    assert pin["report"]["size"] == position
    county.opened(person)
    found = person.reads(
        f"/statistics/pins/{pin['id']}/reproduced", min_position=pin["last_position"]
    )
    assert found["equal"] is True
    assert (found["faults"], found["cells"]) == ([], [])
    assert found["report"] == pin["report"]
    assert (found["digest"], found["root"]) == (pin["report"]["digest"], pin["report"]["root"])


def test_a_figure_that_is_another_now_is_named(county: County, service: Service) -> None:
    person, position = recorded_case(county)
    pin = person.does("/statistics/pins", question=question(county), position=position)
    with psycopg.connect(service.database.owner) as attacker:
        attacker.execute(
            "update reading.journal set quantity = quantity + 1 where position <= %s"
            " and position > %s - 2",
            (position, position),
        )
    found = person.reads(
        f"/statistics/pins/{pin['id']}/reproduced", min_position=pin["last_position"]
    )
    assert found["equal"] is False
    assert [(c["indicator"], c["pinned"], c["now"]) for c in found["cells"]] == [
        ("cases_opened", "1", "2"),
        ("acceptance_rate", "0.0 = 0/1", "0.0 = 0/2"),
    ]


def test_the_same_key_again_pins_once(county: County) -> None:
    person, _ = recorded_case(county)
    key = {"Idempotency-Key": str(uuid4())}
    body = {"question": question(county)}
    first = person.send("POST", "/statistics/pins", json=body, headers=key)
    recorded_case(county)
    second = person.send("POST", "/statistics/pins", json=body, headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()


def test_a_pin_is_not_known_before_it_was_made(county: County) -> None:
    person, position = recorded_case(county)
    pin = person.does("/statistics/pins", question=question(county))
    path = f"/statistics/pins/{pin['id']}/reproduced"
    assert person.ask(path, min_position=pin["last_position"]).status_code == 200
    assert person.ask(path, as_of=position).status_code == 404
    unknown = person.ask(f"/statistics/pins/{uuid4()}/reproduced")
    assert unknown.status_code == 404
    assert unknown.json()["type"] == "urn:huhang:not-found"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"region": "999999"}, "not-found"),
        ({"first": "2019-04-01"}, "question-refused"),
        ({"last": "2999-01-01"}, "question-refused"),
        ({"indicators": ["aplications"]}, "unknown-indicator"),
        ({"indicators": []}, "invalid"),
        ({"by": "street"}, "invalid"),
        ({"boundaries": "never"}, "invalid"),
    ],
)
def test_a_question_that_cannot_be_answered_pins_nothing(
    county: County, changes: dict[str, Any], kind: str
) -> None:
    founded = county.service.records.recorder.max_notification_id()
    county.manager.reads("/log", min_position=founded)  # else there is no such region yet
    answer = county.manager.order("/statistics/pins", question=question(county, **changes))
    assert answer.status_code == (404 if kind == "not-found" else 422)
    assert answer.json()["type"] == f"urn:huhang:{kind}"
