"""Who opens a reader's name by a look that nobody signed; this shows a hole."""

from __future__ import annotations

import psycopg

from domain.values import Role
from tests.api.cast import County, Service
from tests.api.test_access import case_of, joined, looks


def test_no_name_is_opened_by_a_look_that_stands_in_the_read_models_alone(
    county: County, service: Service
) -> None:
    """The read models bear no signature: their login writes there whose look it likes."""
    victim, _ = joined(county, Role.SUPERVISOR, "远方的人")
    elsewhere = County.founded(service)
    manager, stranger = elsewhere.person(Role.CENTRE_MANAGER), elsewhere.person(Role.AUDITOR)
    _, case = case_of(elsewhere)
    manager.reads(f"/history/{case}")
    assert looks(stranger, elsewhere)
    path = f"/access/readers/{victim.actor.id}/identity"
    assert stranger.ask(path).status_code == 404
    with psycopg.connect(service.database.projector) as projector:
        projector.execute(
            "update build_1.ledger_looks set reader = %s where reader = %s",
            (victim.actor.id, manager.actor.id),
        )
    answer = stranger.ask(path)
    assert answer.status_code in (404, 503), answer.json()
