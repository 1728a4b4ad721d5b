"""The own part of a case: nothing of the other's, and nothing of which nobody knows whose it is."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given as holds
from hypothesis import settings

from domain import case_counselling, case_file
from domain.base import Event
from domain.case import AnyCaseEvent
from domain.case_counselling_events import SessionCorrected, SessionHeld
from domain.own_part import OF_ONE, SHARED, TOGETHER, is_own, owners_in
from domain.values import Party, SafetyLevel
from tests.domain.case_cast import (
    COUNSELLED,
    HER,
    HIM,
    SAFE,
    SEALED,
    WILLING,
    Step,
    a_case,
    booked,
    compartment,
    held,
    rated,
    reported,
    screened,
    session,
    why,
)
from tests.domain.case_cast import SEVERE as IN_DANGER
from tests.domain.scenario import stamp
from tests.projections.case_walk import case_walks
from tests.projections.walks import Walk

ALONE = session("alone", HER, facts="她说他酗酒")
JOINT = session("joint", HER, HIM, facts="商量抚养")


def the(step: Step, *before: Step) -> Event:
    """The one event of a step."""
    (event,) = a_case(*before).when(step).events[:1]
    return event


def identified(party: Party) -> Step:
    return lambda c: case_file.identify(c, party, SEALED, None, stamp())


def test_what_one_said_alone_is_not_the_others() -> None:
    event = the(held(ALONE), *WILLING)
    assert isinstance(event, SessionHeld)
    assert is_own(event, HER)
    assert not is_own(event, HIM)


def test_what_both_said_is_both_s() -> None:
    event = the(held(JOINT), *SAFE)
    assert is_own(event, HER)
    assert is_own(event, HIM)


def test_a_compartment_of_one_takes_the_session_from_the_other() -> None:
    mixed = session("joint", HER, HIM, notes=(compartment(), compartment(HER, "k:her")))
    event = the(held(mixed), *SAFE)
    assert is_own(event, HER)
    assert not is_own(event, HIM)


def test_a_session_put_right_is_whose_both_sides_are() -> None:
    both = ALONE.model_copy(update={"present": (HER, HIM)})
    steps = (*SAFE, held(ALONE))
    event = the(lambda c: case_counselling.correct_session(c, both, why()), *steps)
    assert isinstance(event, SessionCorrected)
    assert is_own(event, HER)
    assert not is_own(event, HIM)


@pytest.mark.parametrize("party", [HER, HIM])
def test_identity_consent_and_screening_are_of_one(party: Party) -> None:
    (other,) = {HER, HIM} - {party}
    for event in (
        the(identified(party)),
        the(screened(party, SafetyLevel.VIOLENCE)),
        a_case(*WILLING).when(identified(party)).events[0],
    ):
        assert is_own(event, party)
        assert not is_own(event, other)


def test_reports_to_the_police_and_ratings_of_nobody_stay_out() -> None:
    from tests.domain.case_cast import hour

    report = the(reported(hour(20)), IN_DANGER)
    rating = the(rated, *COUNSELLED)
    for party in (HER, HIM):
        assert not is_own(report, party)
        assert not is_own(rating, party)


def test_an_appointment_is_of_those_who_are_to_come() -> None:
    event = the(booked, *WILLING)
    assert is_own(event, HER)
    assert is_own(event, HIM)


def test_every_kind_of_event_stands_in_one_list_at_most() -> None:
    kinds = {kind for family in get_args(AnyCaseEvent) for kind in (get_args(family) or (family,))}
    assert kinds > SHARED | TOGETHER | OF_ONE
    assert not SHARED & TOGETHER
    assert not SHARED & OF_ONE
    assert not TOGETHER & OF_ONE


@settings(deadline=None, max_examples=60)
@holds(case_walks)
def test_no_event_that_names_the_other_alone_is_anybody_elses(walk: Walk[Any]) -> None:
    for event in walk.events:
        owners = [owned for _, value in event for owned in owners_in(value)]
        for party in Party:
            if any(party not in owned for owned in owners):
                assert type(event) in SHARED or not is_own(event, party)
            if type(event) in SHARED:
                assert not owners
