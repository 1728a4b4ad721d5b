"""What counts, where and when, and what takes it back; each figure is a sum of entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain import (
    case_care,
    case_counselling,
    case_file,
    case_registry,
    case_safety,
    centre_assistance,
    centre_existence,
    centre_work,
    practitioner_certificates,
    practitioner_posts,
    practitioner_service,
    region_boundaries,
    region_mechanism,
)
from domain.base import EVENTS, Event
from domain.case import Case
from domain.case_facts import Application, ReferralRecord
from domain.case_file_events import ClosureApproved
from domain.centre import Centre
from domain.practitioner import Practitioner
from domain.region import Region
from domain.region_events import Founding, Succession, region_id
from domain.supervision import SupervisionOrder
from domain.values import (
    AnswerKind,
    CaseOutcome,
    CentreKind,
    Counts,
    Extent,
    IndicatorKind,
    PractitionerKind,
    RegionKind,
    RegionLevel,
    RiskLevel,
    SafetyLevel,
    ServiceType,
)
from projections.case_entries import tally_entries
from projections.entries import Entry
from projections.indicators import INDICATORS, NUMBERED, numbers_of
from projections.journal import JOURNALLED, RULES, UNCOUNTED, entries_of
from projections.suppression import BALANCES
from tests.domain import case_cast as cast
from tests.domain.case_cast import (
    HER,
    HIM,
    JINAN,
    QINGDAO,
    B,
    D,
    follow_up,
    hour,
    later,
    referral,
    session,
    why,
)
from tests.domain.scenario import known, stamp
from tests.projections import centre_walk as town
from tests.projections import order_walk as oversight
from tests.projections import team_walk as team
from tests.projections.case_walk import case_walks
from tests.projections.centre_walk import AT_JINAN, AT_LAIWU, FOUNDED, LAIWU, centre_walks
from tests.projections.order_walk import DUE, order_walks
from tests.projections.team_walk import COUNTY, JOINED, TOWN, practitioner_walks
from tests.projections.walks import (
    ABOUT_RECORDS,
    STORED,
    Walk,
    figure,
    figures,
    journal,
    netted,
    recorded,
)

END = date(2023, 1, 1)
Step = Callable[[Any], Iterator[Event]]
OPENED, WILLING, APPLIED = cast.opened, cast.WILLING, cast.applied
COUNSELLED = (OPENED, *WILLING, cast.held(session()))
MOVED = (cast.transfer_requested(), cast.transferred(later(2)))
SUSTAINED = {f"deferrals_{how}_{days}" for how in ("sustained", "broken") for days in (180, 365)}


def opened_for(service: ServiceType) -> Step:
    opening = cast.OPENING.model_copy(update={"service": service})
    return lambda c: case_file.open_case(c, opening, JINAN, stamp(D))


IN_2021: tuple[Step, ...] = (
    cast.opened_in_2021,
    lambda c: case_counselling.offer(c, stamp(B)),
    lambda c: case_counselling.consent(c, HER, stamp(B)),
    cast.accepted,
)
COUNSELLED_IN_2021 = (*IN_2021, cast.held(session(on=B)))


def void_case(c: Case) -> Iterator[Event]:
    return case_file.void(c, None, why(END))


def void_outcome(c: Case) -> Iterator[Event]:
    return case_registry.void_outcome(c, why(END))


def void_session(c: Case) -> Iterator[Event]:
    return case_counselling.void_session(c, known("session"), why(END))


def void_follow_up(c: Case) -> Iterator[Event]:
    return case_care.void_follow_up(c, known("follow-up"), why(END))


def broken(days: int) -> tuple[Step, ...]:
    return (
        APPLIED,
        cast.ended(CaseOutcome.CANCELLED),
        lambda c: case_registry.break_deferral(c, stamp(later(days))),
    )


def void_break(c: Case) -> Iterator[Event]:
    return case_registry.void_deferral_break(c, why(END))


@dataclass(frozen=True)
class Example:
    """Steps after which an indicator shows a quantity, and those that bring it back to nothing."""

    start: Callable[[], Any]
    counts: tuple[Step, ...]
    quantity: int
    takes_back: tuple[Step, ...]


def of_case(*counts: Step, back: Step | tuple[Step, ...] = void_case, quantity: int = 1) -> Example:
    return Example(lambda: Case(known("case")), counts, quantity, steps(back))


def of_centre(*counts: Step, back: Step | tuple[Step, ...], quantity: int = 1) -> Example:
    return Example(
        lambda: Centre(known("centre")), (town.established, *counts), quantity, steps(back)
    )


def of_person(*counts: Step, back: Step | tuple[Step, ...], quantity: int = 1) -> Example:
    return Example(
        lambda: Practitioner(known("person")), (team.registered, *counts), quantity, steps(back)
    )


def of_region(*counts: Step, back: Step | tuple[Step, ...]) -> Example:
    return Example(
        lambda: Region(oversight.COUNTY_ID), (oversight.founded, *counts), 1, steps(back)
    )


def of_order(*counts: Step, back: Step | tuple[Step, ...]) -> Example:
    return Example(
        lambda: SupervisionOrder(known("order")), (oversight.issued, *counts), 1, steps(back)
    )


def steps(back: Step | tuple[Step, ...]) -> tuple[Step, ...]:
    return back if isinstance(back, tuple) else (back,)


def centre_of(kind: CentreKind) -> Example:
    return Example(
        lambda: Centre(known("centre")),
        (lambda c: centre_existence.establish(c, town.founding(kind=kind), stamp(FOUNDED)),),
        1,
        (lambda c: centre_existence.close(c, stamp(later(9))),),
    )


def as_counsellor(p: Practitioner) -> Iterator[Event]:
    joining = team.JOINING.model_copy(update={"kind": PractitionerKind.COUNSELLOR})
    return practitioner_posts.correct_registration(p, joining, team.why(JOINED))


def assumed(p: Practitioner) -> Iterator[Event]:
    return practitioner_posts.assume_post(p, team.post(), stamp(JOINED))


def presented(p: Practitioner) -> Iterator[Event]:
    return practitioner_certificates.register_certificate(
        p, team.certificate(), stamp(JOINED, actor="registrar")
    )


def verified(p: Practitioner) -> Iterator[Event]:
    return practitioner_certificates.verify_certificate(
        p, known("one"), stamp(JOINED, actor="colleague")
    )


def left(p: Practitioner) -> Iterator[Event]:
    return practitioner_posts.leave_post(p, known("one"), stamp(later(30)))


def revoked(p: Practitioner) -> Iterator[Event]:
    return practitioner_certificates.revoke_certificate(p, known("one"), team.why(later(9)))


def whistled(c: Centre) -> Iterator[Event]:
    return centre_assistance.request_assistance(c, town.whistle(), stamp(town.at(FOUNDED, 8)))


def dispatched(c: Centre) -> Iterator[Event]:
    at = town.at(FOUNDED, 9)
    return centre_assistance.dispatch_volunteer(c, known("one"), known("wang"), at, stamp(at))


def arrived(c: Centre) -> Iterator[Event]:
    at = town.at(FOUNDED, 10)
    return centre_assistance.volunteer_arrives(c, known("one"), known("wang"), at, stamp(at))


def cancelled(c: Centre) -> Iterator[Event]:
    return centre_assistance.cancel_assistance(c, known("one"), stamp(town.at(FOUNDED, 11)))


def void_whistle(c: Centre) -> Iterator[Event]:
    return centre_assistance.void_assistance(c, known("one"), why(later(9)))


def held_outreach(c: Centre) -> Iterator[Event]:
    outreach = town.outreach(persons=40, couples=12, materials=200, online_views=900)
    return centre_work.hold_outreach(c, outreach, stamp(FOUNDED))


def void_outreach(c: Centre) -> Iterator[Event]:
    return centre_work.void_outreach(c, known("one"), why(later(9)))


def worked(c: Centre) -> Iterator[Event]:
    return centre_work.work_shift(c, town.shift(), stamp(town.at(FOUNDED, 20)))


def void_shift(c: Centre) -> Iterator[Event]:
    return centre_work.void_shift(c, known("one"), why(later(9)))


def trained(p: Practitioner) -> Iterator[Event]:
    return practitioner_service.complete_training(p, team.training(), stamp(JOINED))


def void_training(p: Practitioner) -> Iterator[Event]:
    return practitioner_service.void_training(p, known("one"), team.why(later(9)))


REPORTED = (OPENED, cast.SEVERE, cast.reported(hour(20)))
FOLLOWED_UP = (
    OPENED,
    cast.scheduled(),
    lambda c: case_care.make_follow_up(c, known("follow-up"), None, stamp(later(20))),
)
REFERRED = (
    OPENED,
    cast.referred,
    lambda c: case_care.accept_referral(c, known("referral"), stamp(later(1))),
    lambda c: case_care.complete_referral(c, known("referral"), stamp(later(2))),
)


def void_referral(c: Case) -> Iterator[Event]:
    return case_care.void_referral(c, known("referral"), why(END))


def void_rating(c: Case) -> Iterator[Event]:
    return case_care.void_rating(c, known("rating"), why(END))


def void_screening(c: Case) -> Iterator[Event]:
    return case_safety.void_screening(c, known(f"screening {HER}"), why(END))


def void_report(c: Case) -> Iterator[Event]:
    return case_safety.void_report(c, known("report"), why(END))


FILED = (
    OPENED,
    *WILLING,
    lambda c: case_file.note_anonymous(c, stamp(D)),
    cast.held(session(facts="they came because of money")),
    *cast.CLOSED,
)


def void_closure(c: Case) -> Iterator[Event]:
    return case_file.void_closure(c, why(END))


def ended(outcome: CaseOutcome) -> Step:
    return cast.ended(outcome)


def absorbed(r: Region) -> Iterator[Event]:
    succession = Succession(
        successor=known("successor"),
        extent=Extent.WHOLE,
        announced_on=later(30),
        effective_on=later(30),
    )
    return region_boundaries.succeed(r, succession, stamp(later(30)))


EXAMPLES: dict[str, Example] = {
    "applications": of_case(
        OPENED, APPLIED, back=lambda c: case_registry.void_application(c, why(END))
    ),
    "offered": of_case(
        OPENED,
        cast.offered,
        back=lambda c: case_counselling.void_answer(c, AnswerKind.OFFERED, None, why(END)),
    ),
    "accepted": of_case(
        OPENED,
        *WILLING,
        back=(
            lambda c: case_counselling.void_answer(c, AnswerKind.CONSENTED, HER, why(END)),
            lambda c: case_counselling.void_answer(c, AnswerKind.CONSENTED, HIM, why(END)),
        ),
    ),
    "declined": of_case(
        OPENED, cast.offered, cast.declined(HER), back=cast.consented(HER, later(1))
    ),
    "couples_counselled": of_case(*COUNSELLED, APPLIED, back=void_session),
    "couples_counselled_other": of_case(*COUNSELLED, back=APPLIED),
    "sessions": of_case(*COUNSELLED, back=void_session),
    "session_minutes": of_case(*COUNSELLED, back=void_session, quantity=50),
    "sessions_assisted": of_case(
        OPENED,
        *WILLING,
        cast.held(session(practitioners=(known("wang"), known("zhao"), known("sun")))),
        back=void_session,
        quantity=2,
    ),
    "session_minutes_assisted": of_case(
        OPENED,
        *WILLING,
        cast.held(session(practitioners=(known("wang"), known("zhao")))),
        back=void_session,
        quantity=50,
    ),
    "cases_premarital": of_case(opened_for(ServiceType.PREMARITAL)),
    "cases_relationship": of_case(opened_for(ServiceType.RELATIONSHIP)),
    "cases_divorce_adjustment": of_case(opened_for(ServiceType.DIVORCE_ADJUSTMENT)),
    "cases_closed": of_case(OPENED, *cast.CLOSED, back=void_closure),
    "cases_filed": of_case(*FILED, back=void_closure),
    "open_cases": of_case(OPENED, back=cast.CLOSED),
    "open_high_risk": of_case(
        OPENED, cast.risk(RiskLevel.RED), back=cast.risk(RiskLevel.GREEN, later(1))
    ),
    "pending": of_case(OPENED, APPLIED, back=ended(CaseOutcome.REGISTERED)),
    "pending_counselled": of_case(*COUNSELLED, APPLIED, back=ended(CaseOutcome.REGISTERED)),
    **{
        code: of_case(*COUNSELLED, APPLIED, ended(outcome), back=void_outcome)
        for code, outcome in {
            "cancelled": CaseOutcome.CANCELLED,
            "postponed": CaseOutcome.POSTPONED,
            "registered": CaseOutcome.REGISTERED,
            "litigation": CaseOutcome.LITIGATION,
            "safety_diverted": CaseOutcome.SAFETY_DIVERTED,
            "lost": CaseOutcome.LOST,
        }.items()
    },
    **{
        f"{code}_uncounselled": of_case(OPENED, APPLIED, ended(outcome), back=void_outcome)
        for code, outcome in {
            "cancelled": CaseOutcome.CANCELLED,
            "postponed": CaseOutcome.POSTPONED,
            "registered": CaseOutcome.REGISTERED,
            "litigation": CaseOutcome.LITIGATION,
            "safety_diverted": CaseOutcome.SAFETY_DIVERTED,
            "lost": CaseOutcome.LOST,
        }.items()
    },
    **{
        f"{code}_other": of_case(OPENED, ended(outcome), back=void_outcome)
        for code, outcome in {
            "litigation": CaseOutcome.LITIGATION,
            "safety_diverted": CaseOutcome.SAFETY_DIVERTED,
            "lost": CaseOutcome.LOST,
        }.items()
    },
    "withdrawn": of_case(
        *COUNSELLED_IN_2021, cast.ended(CaseOutcome.WITHDRAWN, later(3, B)), back=void_outcome
    ),
    "lapsed": of_case(
        *COUNSELLED_IN_2021, cast.ended(CaseOutcome.LAPSED, later(90, B)), back=void_outcome
    ),
    "withdrawn_uncounselled": of_case(
        *IN_2021, cast.ended(CaseOutcome.WITHDRAWN, later(3, B)), back=void_outcome
    ),
    "lapsed_uncounselled": of_case(
        *IN_2021, cast.ended(CaseOutcome.LAPSED, later(90, B)), back=void_outcome
    ),
    "deferrals_broken_180": of_case(*COUNSELLED, *broken(180), back=void_break),
    "deferrals_broken_365": of_case(*COUNSELLED, *broken(365), back=void_break),
    "deferrals_sustained_180": of_case(*COUNSELLED, *broken(181), back=void_outcome),
    "deferrals_sustained_365": of_case(*COUNSELLED, *broken(366), back=void_outcome),
    "followups_due": of_case(OPENED, cast.scheduled(), back=void_follow_up),
    "followups_due_made": of_case(*FOLLOWED_UP, back=void_follow_up),
    "followups_in_time": of_case(*FOLLOWED_UP, back=void_follow_up),
    "followups_made": of_case(*FOLLOWED_UP, back=void_follow_up),
    "followups_lost": of_case(
        OPENED,
        cast.scheduled(),
        *3 * ((lambda c: case_care.miss_follow_up(c, known("follow-up"), stamp(later(40)))),),
        back=void_follow_up,
    ),
    "followups_overdue": of_case(
        OPENED,
        cast.scheduled(),
        back=lambda c: case_care.make_follow_up(c, known("follow-up"), None, stamp(later(40))),
    ),
    "rated": of_case(OPENED, cast.rated, back=void_rating),
    "satisfied": of_case(OPENED, cast.rated, back=void_rating),
    "rated_at_followup": of_case(
        *FOLLOWED_UP,
        lambda c: case_care.rate(c, cast.rating(follow_up=known("follow-up")), stamp(later(20))),
        back=void_rating,
    ),
    "referrals_made": of_case(*REFERRED, back=void_referral),
    "referrals_accepted": of_case(*REFERRED, back=void_referral),
    "referrals_completed": of_case(*REFERRED, back=void_referral),
    "screenings": of_case(OPENED, cast.screened(HER), back=void_screening),
    "screenings_positive": of_case(OPENED, cast.SEVERE, back=void_screening),
    "reports_required": of_case(OPENED, cast.SEVERE, back=void_screening),
    "reports_within_24h": of_case(*REPORTED, back=void_report),
    "reports_made": of_case(*REPORTED, back=void_report),
    "reports_owed": of_case(OPENED, cast.SEVERE, back=cast.reported(hour(40))),
    "outreach_events": of_centre(held_outreach, back=void_outreach),
    "outreach_attendance": of_centre(held_outreach, back=void_outreach, quantity=40),
    "outreach_couples": of_centre(held_outreach, back=void_outreach, quantity=12),
    "outreach_materials": of_centre(held_outreach, back=void_outreach, quantity=200),
    "outreach_online_views": of_centre(held_outreach, back=void_outreach, quantity=900),
    "whistles": of_centre(whistled, back=void_whistle),
    "whistles_answered": of_centre(whistled, dispatched, arrived, back=void_whistle),
    "whistles_cancelled": of_centre(whistled, cancelled, back=void_whistle),
    "response_minutes": of_centre(whistled, dispatched, arrived, back=void_whistle, quantity=120),
    "counsellors": of_person(as_counsellor, assumed, back=left),
    "volunteers": of_person(assumed, back=left),
    "counsellors_qualified": of_person(as_counsellor, assumed, presented, verified, back=revoked),
    "volunteers_qualified": of_person(assumed, presented, verified, back=revoked),
    "posts": of_person(assumed, back=left),
    "service_minutes": of_person(
        lambda p: practitioner_service.credit_hours(
            p, team.hours(), stamp(later(0, JOINED) + timedelta(days=1))
        ),
        back=lambda p: practitioner_service.void_hours(p, known("one"), team.why(later(9))),
        quantity=90,
    ),
    "shifts": of_centre(worked, back=void_shift),
    "shift_minutes": of_centre(worked, back=void_shift, quantity=240),
    "trainings": of_person(assumed, trained, back=void_training),
    "training_minutes": of_person(assumed, trained, back=void_training, quantity=90),
    "centres_centre": centre_of(CentreKind.CENTRE),
    "centres_station": centre_of(CentreKind.STATION),
    "centres_room": centre_of(CentreKind.ROOM),
    "registry_offices": of_centre(
        back=lambda c: centre_existence.revise_registry_offices(c, (), stamp(later(9))),
    ),
    "registry_offices_county": of_centre(
        back=lambda c: centre_existence.revise_registry_offices(
            c, (town.TOWNSHIP_OFFICE,), stamp(later(9))
        ),
    ),
    "funds_appropriated": of_centre(
        lambda c: centre_work.appropriate_funds(c, town.appropriation(), stamp(FOUNDED)),
        back=lambda c: centre_work.void_appropriation(c, known("one"), why(later(9))),
        quantity=100_000,
    ),
    "funds_spent": of_centre(
        lambda c: centre_work.spend_funds(c, town.spending(), stamp(FOUNDED)),
        back=lambda c: centre_work.void_spending(c, known("one"), why(later(9))),
        quantity=40_000,
    ),
    "subsidies_paid": of_centre(
        lambda c: centre_work.pay_subsidy(c, town.subsidy(), stamp(FOUNDED)),
        back=lambda c: centre_work.void_subsidy(c, known("one"), why(later(9))),
        quantity=5_000,
    ),
    "counties": of_region(back=absorbed),
    "joint_meetings": of_region(
        lambda r: region_mechanism.hold_joint_meeting(
            r, oversight.meeting(), stamp(oversight.ISSUED)
        ),
        back=lambda r: region_mechanism.void_joint_meeting(r, known("meeting"), why(END)),
    ),
    "dispatches": of_region(
        lambda r: region_mechanism.hold_dispatch(r, oversight.dispatch(), stamp(oversight.ISSUED)),
        back=lambda r: region_mechanism.void_dispatch(r, known("dispatch"), why(END)),
    ),
    "sheets_due": of_region(oversight.required, back=oversight.waived(DUE)),
    "sheets_overdue": of_region(oversight.required, back=oversight.submitted(later(9, DUE))),
    "orders_issued": of_order(back=lambda o: o.void(why(END))),
    "orders_written_off": of_order(
        *oversight.rectified(later(9)), back=lambda o: o.void_write_off(why(END))
    ),
    "orders_overdue": of_order(back=oversight.rectified(later(60))),
}


@pytest.mark.parametrize("code", EXAMPLES)
def test_what_an_indicator_counts_can_be_taken_back(code: str) -> None:
    example = EXAMPLES[code]
    walk = Walk(example.start()).must(*example.counts)
    assert figure(journal(walk.events), code) == example.quantity
    walk.must(*example.takes_back)
    assert figure(journal(walk.events), code) == 0


def test_every_stored_indicator_has_an_example() -> None:
    assert {indicator.code for indicator in STORED} == {*EXAMPLES, *ABOUT_RECORDS}


def test_no_event_is_forgotten() -> None:
    assert set(EVENTS.values()) == {*RULES, *UNCOUNTED}


def test_no_event_both_counts_and_does_not() -> None:
    assert not RULES.keys() & UNCOUNTED


def test_only_journalled_topics_yield_entries() -> None:
    walk = Walk(Case(known("case"))).must(
        *COUNSELLED, lambda c: case_care.assign(c, known("li"), stamp(D))
    )
    silent = [event for event in walk.events if event.topic not in JOURNALLED]
    assert silent
    assert journal(silent) == []


def test_every_correction_and_voiding_has_a_rule_that_counts_it() -> None:
    ends = ("Corrected", "Voided", "Revised")
    steps_in_a_life = {"RegistryOfficesRevised"}
    of_no_figure = {"AssessmentCorrected", "AssessmentVoided", "PlanCorrected", "PlanVoided"}
    for kind in EVENTS.values():
        if kind.__name__.endswith(ends) and kind.__name__ not in steps_in_a_life | of_no_figure:
            assert RULES[kind].corrects, kind


@settings(deadline=None, max_examples=200)
@for_all(case_walks)
def test_the_entries_of_a_case_are_at_any_time_what_it_says_it_counts(walk: Walk[Case]) -> None:
    case = walk.aggregate
    counted = [e for tally in case.tallies() for e in tally_entries(case.id, tally)]
    assert netted(journal(walk.events)) == netted(counted)


@settings(deadline=None, max_examples=100)
@for_all(case_walks)
def test_a_voided_case_leaves_nothing_on_any_day_at_any_place(walk: Walk[Case]) -> None:
    walk.must(void_case)
    assert netted(journal(walk.events)) == {}


@settings(deadline=None, max_examples=100)
@for_all(case_walks)
def test_a_case_is_open_or_not_at_one_place_at_most_on_any_date(walk: Walk[Case]) -> None:
    entries = journal(walk.events)
    for on in {entry.occurred_on for entry in entries}:
        here = figure(entries, "open_cases", until=on, centre=JINAN.centre)
        there = figure(entries, "open_cases", until=on, centre=QINGDAO.centre)
        assert (here, there) in {(0, 0), (1, 0), (0, 1)}
        red = figure(entries, "open_high_risk", until=on)
        assert 0 <= red <= here + there


@settings(deadline=None, max_examples=100)
@for_all(case_walks)
def test_counselled_couples_are_those_with_an_outcome_and_those_without(walk: Walk[Case]) -> None:
    sums = figures(journal(walk.events))
    ended_after_counselling = sum(
        sums.get(code, 0)
        for code in ("cancelled", "postponed", "withdrawn", "lapsed", "registered", "litigation",
                     "safety_diverted", "lost", "pending_counselled")
    )  # fmt: skip
    assert sums.get("couples_counselled", 0) == ended_after_counselling


@settings(deadline=None, max_examples=200)
@for_all(case_walks)
def test_couples_wait_or_have_ended_on_any_date_at_any_place_as_known_at_any_position(
    walk: Walk[Case],
) -> None:
    """No stock of couples is ever negative, and what came in is what ended and what waits."""
    codes = {*BALANCES, *(code for flows in BALANCES.values() for code in flows), *SUSTAINED}
    known_so_far: list[Entry] = []
    for event in walk.events:
        new = [e for e in journal([event]) if NUMBERED[e.indicator].code in codes]
        known_so_far += new
        for place in {entry.region for entry in known_so_far} if new else ():
            sums: Counter[str] = Counter()
            here = sorted(
                (entry for entry in known_so_far if entry.region == place),
                key=lambda entry: entry.occurred_on,
            )
            for _, entries in groupby(here, key=lambda entry: entry.occurred_on):
                for entry in entries:
                    sums[NUMBERED[entry.indicator].code] += entry.quantity
                for stock, (flowing_in, *flowing_out) in BALANCES.items():
                    assert sums[stock] in (0, 1)
                    assert sums[stock] == sums[flowing_in] - sum(sums[code] for code in flowing_out)
                deferrals = sums["cancelled"] + sums["postponed"] + sums["withdrawn"]
                for days in (180, 365):
                    held = sums[f"deferrals_sustained_{days}"] + sums[f"deferrals_broken_{days}"]
                    assert held == deferrals


@settings(deadline=None, max_examples=100)
@for_all(practitioner_walks)
def test_heads_on_any_date_are_those_who_hold_a_primary_post(walk: Walk[Practitioner]) -> None:
    entries, person = journal(walk.events), walk.aggregate
    for on in dates_around(entries):
        place = person.primary_on(on)
        heads = {
            at: figure(entries, "practitioners", until=on, region=at.region)
            for at in (COUNTY, TOWN)
        }
        assert heads == {at: int(at == place) for at in (COUNTY, TOWN)}


@settings(deadline=None, max_examples=100)
@for_all(practitioner_walks)
def test_the_qualified_on_any_date_are_heads_with_a_valid_certificate(
    walk: Walk[Practitioner],
) -> None:
    entries, person = journal(walk.events), walk.aggregate
    assert person.registration is not None
    kind = person.registration.kind
    for on in dates_around(entries):
        qualified = person.primary_on(on) is not None and person.qualified_on(on)
        assert figure(entries, f"{kind}s_qualified", until=on) == qualified


@settings(deadline=None, max_examples=100)
@for_all(practitioner_walks)
def test_posts_on_any_date_are_those_held(walk: Walk[Practitioner]) -> None:
    entries = journal(walk.events)
    tenures = [tenure for tenure in walk.aggregate.tenures.values() if tenure is not None]
    for on in dates_around(entries):
        held = [t for t in tenures if t.post.from_on <= on < (t.left_on or date.max)]
        assert figure(entries, "posts", until=on) == len(held)


@settings(deadline=None, max_examples=100)
@for_all(practitioner_walks)
def test_training_and_service_are_those_that_stand(walk: Walk[Practitioner]) -> None:
    entries, person = journal(walk.events), walk.aggregate
    hours = [entered.record.credited for entered in person.hours.values() if entered]
    courses = [e.record.minutes for e in person.trainings.values() if e and e.place]
    assert figure(entries, "service_minutes") == sum(hours)
    assert figure(entries, "training_minutes") == sum(courses)
    assert figure(entries, "trainings") == len(courses)


@settings(deadline=None, max_examples=150)
@for_all(centre_walks)
def test_the_work_of_a_centre_is_what_stands_in_its_books(walk: Walk[Centre]) -> None:
    entries, centre = journal(walk.events), walk.aggregate
    outreach = [entered.record for entered in centre.outreach.values() if entered]
    shifts = [entered.record for entered in centre.shifts.values() if entered]
    whistles = [w.assistance for w in centre.whistles.values() if w]
    answered = [w.response_minutes for w in whistles if w.response_minutes is not None]
    expected = {
        "outreach_events": len(outreach),
        "outreach_attendance": sum(o.persons for o in outreach),
        "outreach_couples": sum(o.couples for o in outreach),
        "shifts": len(shifts),
        "shift_minutes": sum(s.minutes for s in shifts),
        "whistles": len(whistles),
        "whistles_answered": len(answered),
        "response_minutes": sum(answered),
        "funds_appropriated": sum(e.record.fen for e in centre.appropriations.values() if e),
        "funds_spent": sum(e.record.fen for e in centre.spendings.values() if e),
        "subsidies_paid": sum(e.record.fen for e in centre.subsidies.values() if e),
    }
    assert {code: figure(entries, code) for code in expected} == expected


@settings(deadline=None, max_examples=150)
@for_all(centre_walks)
def test_a_centre_that_works_counts_once_where_it_lies_with_its_offices(
    walk: Walk[Centre],
) -> None:
    entries, centre = journal(walk.events), walk.aggregate
    works = not centre.suspended and centre.closed_on is None
    lies_in = centre.places[-1][1].region
    assert figure(entries, "centres") == works
    assert figure(entries, "centres", region=lies_in) == works
    assert figure(entries, "registry_offices") == works * len(centre.registry_offices)
    county = [office for office in centre.registry_offices if office.county_level]
    assert figure(entries, "registry_offices_county", region=lies_in) == works * len(county)


@settings(deadline=None, max_examples=300)
@for_all(
    st.one_of(
        case_walks, practitioner_walks, centre_walks, order_walks, oversight.region_walks
    )
)  # fmt: skip
def test_what_counts_things_counts_each_of_them_once(walk: Walk[Any]) -> None:
    """So that the list behind any figure, of any period and place, is as long as the figure."""
    entries = journal(walk.events)
    for indicator in INDICATORS.values():
        if indicator.counts is not Counts.THINGS:
            continue
        numbers = numbers_of(indicator.code)
        counted = [entry for entry in entries if entry.indicator in numbers]
        ever: Counter[UUID] = Counter()
        there: Counter[tuple[UUID, date, UUID | None, UUID]] = Counter()
        for entry in counted:
            ever[entry.subject] += entry.quantity
            key = (entry.subject, entry.occurred_on, entry.centre, entry.region)
            there[key] += entry.quantity
        assert set(ever.values()) <= {0, 1}, indicator.code
        if indicator.kind is IndicatorKind.FLOW:
            assert set(there.values()) <= {0, 1}, indicator.code
        else:
            for on in {entry.occurred_on for entry in counted}:
                so_far: Counter[UUID] = Counter()
                for entry in counted:
                    if entry.occurred_on <= on:
                        so_far[entry.subject] += entry.quantity
                assert set(so_far.values()) <= {0, 1}, indicator.code


def test_a_case_closed_twice_is_two_closures_even_on_one_day() -> None:
    case = a_case(*cast.CLOSED)
    closed_on = case.aggregate.closures[-1].fact.on
    case.must(cast.reopened(closed_on), cast.proposed(closed_on), cast.approved(closed_on))
    entries = [e for e in entries_after(case) if NUMBERED[e.indicator].code == "cases_closed"]
    assert [entry.quantity for entry in entries] == [1, 1]
    assert len({entry.subject for entry in entries}) == 2
    case.must(void_closure)
    assert figure(entries_after(case), "cases_closed") == 1


def test_a_closure_recorded_before_closures_were_numbered_counts_for_its_case() -> None:
    case = a_case(*cast.CLOSED)
    [closed] = [e for e in case.events if isinstance(e, ClosureApproved)]
    old = closed.model_copy(update={"record": closed.record.model_copy(update={"number": None})})
    assert figure(journal([old]), "cases_closed", subject=case.aggregate.id) == 1


def test_an_application_counts_where_and_when_it_was_made() -> None:
    entries = entries_after(a_case(APPLIED))
    assert figure(entries, "applications", centre=JINAN.centre, until=D) == 1


def test_a_couple_is_counselled_once_however_many_sessions() -> None:
    entries = entries_after(a_case(APPLIED, *WILLING, *(cast.held(session(n)) for n in "abc")))
    assert figure(entries, "couples_counselled") == 1
    assert figure(entries, "sessions") == 3


def test_a_couple_that_applies_later_moves_among_those_who_applied() -> None:
    entries = entries_after(a_case(*WILLING, cast.held(session()), APPLIED))
    assert figures(entries).get("couples_counselled_other") is None
    assert figure(entries, "couples_counselled", until=D) == 1


def test_an_outcome_known_before_counselling_moves_among_the_counselled() -> None:
    entries = entries_after(
        a_case(APPLIED, *WILLING, ended(CaseOutcome.CANCELLED), cast.held(session()))
    )
    assert figure(entries, "cancelled") == 1
    assert figure(entries, "cancelled_uncounselled") == 0
    assert figure(entries, "deferrals_sustained_180") == 1


def test_a_couple_counselled_after_its_outcome_counts_as_not_counselled_until_then() -> None:
    case = a_case(APPLIED, *WILLING, cast.ended(CaseOutcome.CANCELLED, later(2)))
    case.must(cast.held(session(on=later(5))))
    assert of_the_cancelled(case, later(4)) == (1, 0, 0, 0)
    assert of_the_cancelled(case, later(5)) == (0, 1, 1, 1)


def test_counselling_found_to_have_begun_before_the_outcome_moves_it_back_to_its_day() -> None:
    case = a_case(APPLIED, *WILLING, cast.ended(CaseOutcome.CANCELLED, later(2)))
    case.must(cast.held(session("second", on=later(5))), cast.held(session("first", on=later(1))))
    assert of_the_cancelled(case, later(1)) == (0, 0, 1, 0)
    assert of_the_cancelled(case, later(2)) == (0, 1, 1, 1)
    assert figure(entries_after(case), "pending_counselled", until=later(1)) == 1
    assert figure(entries_after(case), "pending_counselled", until=later(2)) == 0


def of_the_cancelled(walk: Walk[Case], until: date) -> tuple[int, int, int, int]:
    """How a cancelling couple counts on a day: not counselled, counselled, and what follows."""
    entries = entries_after(walk)
    uncounselled, cancelled, counselled, held = (
        figure(entries, code, until=until)
        for code in (
            "cancelled_uncounselled",
            "cancelled",
            "couples_counselled",
            "deferrals_sustained_180",
        )
    )
    return uncounselled, cancelled, counselled, held


def test_a_couple_counselled_after_a_transfer_counts_where_it_applied() -> None:
    case = a_case(APPLIED, *WILLING, *MOVED, cast.held(session(on=later(2))))
    entries = entries_after(case)
    for code in ("couples_counselled", "pending_counselled"):
        assert figure(entries, code, centre=JINAN.centre) == 1
        assert figure(entries, code, centre=QINGDAO.centre) == 0
    assert figure(entries, "sessions", centre=QINGDAO.centre) == 1


def test_a_confirmed_outcome_replaces_the_declared_one() -> None:
    case = a_case(APPLIED, *WILLING, cast.held(session()), ended(CaseOutcome.CANCELLED))
    case.must(
        lambda c: case_registry.confirm_outcome(
            c, CaseOutcome.REGISTERED, later(5), cast.registry(later(5))
        )
    )
    entries = entries_after(case)
    assert (figure(entries, "cancelled"), figure(entries, "registered")) == (0, 1)
    assert figure(entries, "pending", until=D) == 1
    assert figure(entries, "pending", until=later(5)) == 0


def test_a_deferral_that_breaks_is_dated_at_the_deferral() -> None:
    entries = journal(Walk(Case(known("case"))).must(*COUNSELLED, *broken(100)).events)
    assert figure(entries, "deferrals_broken_180", until=D) == 1
    assert figure(entries, "deferrals_sustained_180") == 0
    assert figure(entries, "deferrals_sustained_365") == 0


def test_a_deferral_that_breaks_after_half_a_year_held_180_days() -> None:
    entries = journal(Walk(Case(known("case"))).must(*COUNSELLED, *broken(181)).events)
    assert figure(entries, "deferrals_sustained_180") == 1
    assert figure(entries, "deferrals_broken_365") == 1


def test_a_deferral_without_counselling_is_in_no_sustained_rate() -> None:
    entries = journal(Walk(Case(known("case"))).must(OPENED, *broken(10)).events)
    assert figure(entries, "cancelled_uncounselled") == 1
    assert figure(entries, "deferrals_broken_180") == 0
    assert figure(entries, "deferrals_sustained_180") == 0


def test_a_follow_up_is_overdue_from_the_day_after_it_is_due_until_it_is_made() -> None:
    case = a_case(cast.scheduled(follow_up(due_on=later(30))))
    case.must(lambda c: case_care.make_follow_up(c, known("follow-up"), None, stamp(later(40))))
    entries = entries_after(case)
    overdue = [figure(entries, "followups_overdue", until=later(n)) for n in (30, 31, 39, 40)]
    assert overdue == [0, 1, 1, 0]
    assert figure(entries, "followups_due", until=later(30)) == 1
    assert figure(entries, "followups_due_made", until=later(30)) == 1
    assert figure(entries, "followups_made", until=later(39)) == 0
    assert figure(entries, "followups_in_time") == 0


def test_a_follow_up_made_in_time_is_never_overdue() -> None:
    entries = journal(Walk(Case(known("case"))).must(*FOLLOWED_UP).events)
    assert not any(figure(entries, "followups_overdue", until=later(n)) for n in range(60))
    assert figure(entries, "followups_in_time", until=later(30)) == 1


def test_a_follow_up_cancelled_before_it_was_due_was_never_due() -> None:
    case = a_case(cast.scheduled())
    case.must(lambda c: case_care.cancel_follow_up(c, known("follow-up"), stamp(later(5))))
    assert figure(entries_after(case), "followups_due") == 0


def test_a_rating_of_three_is_not_satisfied() -> None:
    entries = entries_after(a_case(lambda c: case_care.rate(c, cast.rating(3), stamp(D))))
    assert (figure(entries, "rated"), figure(entries, "satisfied")) == (1, 0)


def test_a_mandatory_report_is_owed_when_24_hours_have_passed() -> None:
    entries = entries_after(a_case(cast.SEVERE))
    owed = [figure(entries, "reports_owed", until=later(n)) for n in (0, 1)]
    assert owed == [0, 1]


def test_a_mandatory_report_in_time_is_dated_at_the_screening() -> None:
    case = a_case(cast.screened(HER, SafetyLevel.SEVERE, hour(20)), cast.reported(hour(26)))
    entries = entries_after(case)
    assert figure(entries, "reports_within_24h", until=D) == 1
    assert figure(entries, "reports_made", until=D) == 0
    assert figure(entries, "reports_owed") == 0


def test_a_late_mandatory_report_is_made_but_not_in_time() -> None:
    entries = entries_after(a_case(cast.SEVERE, cast.reported(hour(60))))
    assert figure(entries, "reports_made") == 1
    assert figure(entries, "reports_within_24h") == 0


def test_a_transfer_moves_the_stocks_and_leaves_the_flows() -> None:
    case = a_case(
        *WILLING,
        cast.held(session()),
        cast.risk(RiskLevel.RED),
        cast.transfer_requested(),
        cast.transferred(later(2)),
    )
    entries = entries_after(case)
    for stock in ("open_cases", "open_high_risk"):
        assert figure(entries, stock, centre=JINAN.centre, until=later(1)) == 1
        assert figure(entries, stock, centre=JINAN.centre) == 0
        assert figure(entries, stock, centre=QINGDAO.centre) == 1
    assert figure(entries, "sessions", centre=JINAN.centre) == 1


def test_a_reopened_case_is_open_again_from_that_day() -> None:
    case = a_case(cast.risk(RiskLevel.RED), *cast.CLOSED, cast.reopened(later(10)))
    entries = entries_after(case)
    assert figure(entries, "open_high_risk", until=later(9)) == 0
    assert figure(entries, "open_high_risk", until=later(10)) == 1
    assert figure(entries, "cases_closed") == 1


def test_a_corrected_session_counts_as_corrected_on_its_new_day() -> None:
    right = session(minutes=80, on=later(2))
    case = a_case(*WILLING, cast.held(session()))
    case.must(lambda c: case_counselling.correct_session(c, right, why(hour(80))))
    entries = entries_after(case)
    assert figure(entries, "session_minutes", until=D) == 0
    assert figure(entries, "session_minutes", until=later(2)) == 80
    assert figure(entries, "couples_counselled_other", until=D) == 0


def test_a_session_counts_for_who_led_it_and_apart_for_who_assisted() -> None:
    both = session(practitioners=(known("wang"), known("zhao")))
    entries = entries_after(a_case(*WILLING, cast.held(both)))
    assert figure(entries, "sessions", practitioner=known("wang")) == 1
    assert figure(entries, "sessions", practitioner=known("zhao")) == 0
    assert figure(entries, "sessions_assisted", practitioner=known("zhao")) == 1


def test_a_corrected_opening_moves_the_case_to_its_day_and_service() -> None:
    opening = cast.OPENING.model_copy(update={"service": ServiceType.PREMARITAL})
    entries = entries_after(
        a_case(lambda c: case_file.correct_opening(c, opening, later(-3), why(D)))
    )
    assert figure(entries, "cases_premarital", until=later(-3)) == 1
    assert figure(entries, "cases_divorce_adjustment") == 0
    assert figure(entries, "open_cases", until=later(-3)) == 1


def test_a_corrected_application_is_pending_since_its_right_day() -> None:
    right = Application(on=later(-5))
    entries = entries_after(
        a_case(APPLIED, lambda c: case_registry.correct_application(c, right, why(D)))
    )
    assert figure(entries, "pending", until=later(-5)) == 1
    assert figure(entries, "applications") == 1


def test_a_referral_corrected_to_not_accepted_is_no_longer_accepted() -> None:
    case = Walk(Case(known("case"))).must(OPENED, cast.referred)
    case.must(lambda c: case_care.accept_referral(c, known("referral"), stamp(later(1))))
    record = ReferralRecord(referral=referral(), made_on=D)
    case.must(lambda c: case_care.correct_referral(c, record, why(later(2))))
    entries = journal(case.events)
    assert figure(entries, "referrals_accepted") == 0
    assert figure(entries, "referrals_made") == 1


def test_the_qualified_leave_the_stock_the_day_after_the_certificate_ends() -> None:
    ending = team.certificate(expires_on=later(30))
    walk = Walk(Practitioner(known("person"))).must(
        team.registered,
        assumed,
        lambda p: practitioner_certificates.register_certificate(
            p, ending, stamp(JOINED, actor="registrar")
        ),
        verified,
    )
    entries = journal(walk.events)
    assert figure(entries, "volunteers_qualified", until=later(30)) == 1
    assert figure(entries, "volunteers_qualified", until=later(31)) == 0


def test_a_second_post_makes_no_second_head() -> None:
    walk = Walk(Practitioner(known("person"))).must(
        team.registered,
        assumed,
        lambda p: practitioner_posts.assume_post(p, team.post("two", TOWN), stamp(JOINED)),
    )
    entries = journal(walk.events)
    assert (figure(entries, "volunteers"), figure(entries, "posts")) == (1, 2)


def test_training_without_a_post_counts_nowhere() -> None:
    walk = Walk(Practitioner(known("person"))).must(team.registered, trained)
    assert figures(journal(walk.events)) == {}


def test_a_whistle_and_its_answer_are_dated_at_the_whistle() -> None:
    late_answer = town.at(later(1, FOUNDED), 9)
    walk = Walk(Centre(known("centre"))).must(
        town.established,
        whistled,
        dispatched,
        lambda c: centre_assistance.volunteer_arrives(
            c, known("one"), known("wang"), late_answer, stamp(late_answer)
        ),
    )
    entries = journal(walk.events)
    assert figure(entries, "whistles_answered", until=FOUNDED) == 1
    assert figure(entries, "response_minutes", until=FOUNDED) == 25 * 60


def test_a_suspended_centre_is_out_of_the_stock_until_it_resumes() -> None:
    walk = Walk(Centre(known("centre"))).must(
        town.established,
        lambda c: centre_existence.suspend(c, stamp(later(1))),
        lambda c: centre_existence.resume(c, stamp(later(5))),
    )
    entries = journal(walk.events)
    assert [figure(entries, "centres", until=later(n)) for n in (0, 1, 4, 5)] == [1, 0, 0, 1]


def test_a_reassigned_centre_moves_to_its_new_region_on_the_day_it_takes_effect() -> None:
    walk = Walk(Centre(known("centre"))).must(
        town.established,
        lambda c: centre_existence.reassign(c, AT_JINAN.region, later(9, FOUNDED), why(later(20))),
    )
    entries = journal(walk.events)
    assert figure(entries, "centres", region=LAIWU, until=later(8, FOUNDED)) == 1
    assert figure(entries, "centres", region=AT_LAIWU.region) == 0
    assert figure(entries, "registry_offices", region=AT_JINAN.region) == 1


def test_corrected_outreach_moves_between_the_places_of_its_days() -> None:
    walk = Walk(Centre(known("centre"))).must(
        town.established,
        held_outreach,
        lambda c: centre_existence.reassign(c, AT_JINAN.region, later(9, FOUNDED), why(later(20))),
        lambda c: centre_work.correct_outreach(
            c, town.outreach(on=later(10, FOUNDED)), why(later(21))
        ),
    )
    entries = journal(walk.events)
    assert figure(entries, "outreach_events", region=LAIWU) == 0
    assert figure(entries, "outreach_events", region=AT_JINAN.region) == 1


@settings(deadline=None, max_examples=100)
@for_all(order_walks)
def test_an_order_is_overdue_from_after_its_deadline_until_written_off(
    walk: Walk[SupervisionOrder],
) -> None:
    entries, order = journal(walk.events), walk.aggregate.order
    assert order is not None
    done_on = walk.aggregate.written_off_on or date.max
    for on in dates_around(entries):
        assert figure(entries, "orders_issued", until=on) == (order.issued_on <= on)
        assert figure(entries, "orders_overdue", until=on) == (order.deadline < on < done_on)


@settings(deadline=None, max_examples=50)
@for_all(order_walks)
def test_a_voided_order_leaves_nothing(walk: Walk[SupervisionOrder]) -> None:
    walk.must(lambda o: o.void(why(END)))
    assert netted(journal(walk.events)) == {}


def test_a_write_off_is_dated_at_the_issue_of_its_order() -> None:
    walk = Walk(SupervisionOrder(known("order"))).must(
        oversight.issued, *oversight.rectified(later(9))
    )
    entries = journal(walk.events)
    assert figure(entries, "orders_written_off", until=oversight.ISSUED) == 1


def test_a_sheet_returned_is_overdue_again_after_its_new_day() -> None:
    walk = Walk(Region(oversight.COUNTY_ID)).must(
        oversight.founded,
        oversight.required,
        oversight.submitted(DUE),
        oversight.returned(later(1, DUE), due_on=later(5, DUE)),
        oversight.submitted(later(8, DUE)),
    )
    entries = journal(walk.events)
    overdue = [figure(entries, "sheets_overdue", until=later(n, DUE)) for n in (1, 5, 6, 7, 8)]
    assert overdue == [0, 0, 1, 1, 0]


def test_a_sheet_waived_when_overdue_is_so_no_longer_and_was_never_due() -> None:
    walk = Walk(Region(oversight.COUNTY_ID)).must(
        oversight.founded, oversight.required, oversight.waived(later(5, DUE))
    )
    entries = journal(walk.events)
    overdue = [figure(entries, "sheets_overdue", until=later(n, DUE)) for n in (0, 1, 4, 5)]
    assert overdue == [0, 1, 1, 0]
    assert figure(entries, "sheets_due") == 0


def test_an_accepted_application_counts_like_an_observed_one() -> None:
    entries = journal(Walk(Case(known("case"))).must(*IN_2021).events)
    assert figure(entries, "applications", until=B) == 1
    assert figure(entries, "pending", until=B) == 1


def test_a_centre_that_never_existed_counts_nowhere() -> None:
    walk = Walk(Centre(known("centre"))).must(
        town.established, lambda c: centre_existence.void_establishment(c, why(later(9)))
    )
    assert figures(journal(walk.events)) == {}


def test_a_corrected_whistle_counts_once_with_its_right_answer() -> None:
    right = town.whistle(hour=7)
    walk = Walk(Centre(known("centre"))).must(
        town.established,
        whistled,
        dispatched,
        arrived,
        lambda c: centre_assistance.correct_assistance(
            c, right, town.at(FOUNDED, 11), town.why(later(1))
        ),
    )
    entries = journal(walk.events)
    assert figure(entries, "response_minutes") == 4 * 60
    assert figure(entries, "whistles") == figure(entries, "whistles_answered") == 1


def test_an_arrival_taken_back_leaves_a_whistle_without_an_answer() -> None:
    walk = Walk(Centre(known("centre"))).must(
        town.established,
        whistled,
        dispatched,
        arrived,
        lambda c: centre_assistance.correct_assistance(c, town.whistle(), None, town.why(later(1))),
    )
    assert figures(journal(walk.events)).keys() & {"whistles_answered", "response_minutes"} == set()


def test_a_corrected_meeting_counts_on_its_right_day() -> None:
    right = oversight.meeting(later(-5))
    walk = Walk(Region(oversight.COUNTY_ID)).must(
        oversight.founded,
        lambda r: region_mechanism.hold_joint_meeting(
            r, oversight.meeting(), stamp(oversight.ISSUED)
        ),
        lambda r: region_mechanism.correct_joint_meeting(r, right, oversight.why(later(3))),
    )
    assert figure(journal(walk.events), "joint_meetings", until=later(-5)) == 1


def test_a_corrected_dispatch_counts_on_its_right_day() -> None:
    right = oversight.dispatch(later(-3))
    walk = Walk(Region(oversight.COUNTY_ID)).must(
        oversight.founded,
        lambda r: region_mechanism.hold_dispatch(r, oversight.dispatch(), stamp(oversight.ISSUED)),
        lambda r: region_mechanism.correct_dispatch(r, right, oversight.why(later(3))),
    )
    assert figure(journal(walk.events), "dispatches", until=later(-3)) == 1


def test_a_county_that_passes_on_a_part_is_a_county_still() -> None:
    part = Succession(
        successor=known("successor"),
        extent=Extent.PART,
        announced_on=later(30),
        effective_on=later(30),
        area="four villages",
    )
    walk = Walk(Region(oversight.COUNTY_ID)).must(
        oversight.founded, lambda r: region_boundaries.succeed(r, part, stamp(later(30)))
    )
    assert figure(journal(walk.events), "counties") == 1


def a_county(*then: Step) -> list[Entry]:
    """The entries of a county founded on the first of January to which this happened."""
    return journal(Walk(Region(oversight.COUNTY_ID)).must(oversight.founded, *then).events)


def corrected_founding(**changes: Any) -> Step:
    right = oversight.COUNTY.model_copy(update=changes)
    return lambda r: region_boundaries.correct_founding(r, right, oversight.why(later(3)))


def passing(on: date, extent: Extent = Extent.WHOLE) -> Succession:
    return Succession(
        successor=known("successor"),
        extent=extent,
        announced_on=on,
        effective_on=on,
        area="four villages",
    )


def passed_on(on: date, extent: Extent = Extent.WHOLE) -> Step:
    return lambda r: region_boundaries.succeed(r, passing(on, extent), stamp(later(30)))


def corrected_succession(on: date, right: Succession) -> Step:
    return lambda r: region_boundaries.correct_succession(
        r, right.successor, on, right, why(later(40))
    )


def void_succession(r: Region) -> Iterator[Event]:
    return region_boundaries.void_succession(r, known("successor"), later(30), why(later(40)))


@settings(deadline=None, max_examples=150)
@for_all(oversight.region_walks)
def test_a_region_is_one_county_from_its_first_day_until_all_of_it_is_passed_on(
    walk: Walk[Region],
) -> None:
    entries, region = journal(walk.events), walk.aggregate
    founding = region.founding
    for on in (*dates_around(entries), oversight.FOUNDED, END):
        is_county = (
            founding is not None
            and founding.level is RegionLevel.COUNTY
            and founding.valid_from <= on < (region.closed_on or date.max)
        )
        assert figure(entries, "counties", until=on) == is_county


def test_a_voided_region_is_no_county() -> None:
    assert (
        netted(a_county(lambda r: region_boundaries.void_founding(r, oversight.why(later(3)))))
        == {}
    )


def test_a_voided_township_takes_no_county_away() -> None:
    to_town = corrected_founding(kind=RegionKind.TOWN, level=RegionLevel.TOWNSHIP)
    entries = a_county(
        to_town, lambda r: region_boundaries.void_founding(r, oversight.why(later(3)))
    )
    assert netted(entries) == {}


def test_a_region_established_again_is_one_county() -> None:
    entries = a_county(
        lambda r: region_boundaries.void_founding(r, oversight.why(later(3))), oversight.founded
    )
    assert figure(entries, "counties") == 1


def test_a_county_that_turns_out_to_be_a_town_is_none() -> None:
    to_town = corrected_founding(kind=RegionKind.TOWN, level=RegionLevel.TOWNSHIP)
    assert netted(a_county(to_town)) == {}


def test_a_town_that_turns_out_to_be_a_county_is_one_from_its_first_day_on() -> None:
    town = {"kind": RegionKind.TOWN, "level": RegionLevel.TOWNSHIP}
    entries = a_county(corrected_founding(**town), corrected_founding())
    assert figure(entries, "counties", until=oversight.FOUNDED) == 1


def test_a_corrected_name_changes_no_figure_but_that_of_corrections() -> None:
    entries = a_county(corrected_founding(name="莱城区"))
    assert len(entries) == len(a_county()) + 1
    assert figure(entries, "corrections") == 1


def test_a_county_whose_succession_is_voided_is_a_county_still() -> None:
    entries = a_county(passed_on(later(30)), void_succession)
    assert netted(entries) == netted(a_county())


def test_a_part_succession_that_is_voided_adds_no_county() -> None:
    entries = a_county(passed_on(later(30), Extent.PART), void_succession)
    assert netted(entries) == netted(a_county())


def test_a_county_is_one_until_the_corrected_day_of_its_succession() -> None:
    entries = a_county(passed_on(later(30)), corrected_succession(later(30), passing(later(20))))
    assert figure(entries, "counties", until=later(19)) == 1
    assert figure(entries, "counties", until=later(20)) == 0
    assert figure(entries, "counties") == 0


@pytest.mark.parametrize(("before", "after"), [("whole", "part"), ("part", "whole")])
def test_a_county_is_one_still_where_only_a_part_turns_out_to_have_gone(
    before: str, after: str
) -> None:
    right = passing(later(30), Extent(after))
    entries = a_county(passed_on(later(30), Extent(before)), corrected_succession(later(30), right))
    assert figure(entries, "counties") == (after == "part")


def test_what_is_taken_back_in_the_life_of_a_region_is_counted_as_corrections() -> None:
    entries = a_county(
        lambda r: region_boundaries.rename(r, "莱城区", later(1), stamp(later(1))),
        lambda r: region_boundaries.void_renaming(r, why(later(2))),
        lambda r: region_boundaries.move(r, known("laiwu"), later(1), stamp(later(1))),
        lambda r: region_boundaries.void_move(r, why(later(2))),
        passed_on(later(30)),
        corrected_succession(later(30), passing(later(20))),
        lambda r: region_boundaries.void_succession(
            r, known("successor"), later(20), why(later(41))
        ),
        corrected_founding(name="嬴城区"),
        lambda r: region_boundaries.void_founding(r, why(later(42))),
    )
    assert figure(entries, "corrections") == 6
    assert figure(entries, "records") == 0


def test_a_township_is_no_county() -> None:
    facts = {"level": RegionLevel.TOWNSHIP, "kind": RegionKind.TOWN, "code": "370116101"}
    town_of_it = Founding(**{**dict(oversight.COUNTY), **facts})
    town_id = region_id(town_of_it.scheme, town_of_it.code, town_of_it.valid_from)
    walk = Walk(Region(town_id)).must(
        lambda r: region_boundaries.establish(r, town_of_it, stamp(oversight.FOUNDED))
    )
    assert journal(walk.events) == []


def test_a_fact_recorded_three_days_after_it_happened_is_not_late() -> None:
    walk = Walk(Case(known("case"))).must(OPENED)
    assert figure(journal(walk.events, late=3), "late_entries") == 0


def test_a_fact_recorded_four_days_after_it_happened_is_late_on_its_day() -> None:
    walk = Walk(Case(known("case"))).must(OPENED)
    entries = journal(walk.events, late=4)
    assert figure(entries, "late_entries", until=D) == 1
    assert figure(entries, "records", until=D) == 1


def test_lateness_is_measured_from_the_fact_and_not_from_its_stamp() -> None:
    walk = Walk(Centre(known("centre"))).must(
        town.established, lambda c: centre_work.hold_outreach(c, town.outreach(), why(later(30)))
    )
    entries = journal(walk.events)
    assert figure(entries, "late_entries", until=FOUNDED) == 1


def test_lateness_counts_days_in_china() -> None:
    walk = Walk(Case(known("case"))).must(OPENED)
    (event,) = recorded(walk.events)
    fourth_day_in_china = hour(96) + timedelta(minutes=1)
    third_day_in_china = hour(96) - timedelta(minutes=1)
    for moment, late in ((fourth_day_in_china, 1), (third_day_in_china, 0)):
        entries = [*entries_of(event._replace(recorded_at=moment))]
        assert figure(entries, "late_entries") == late


def test_what_follows_from_a_session_is_not_a_record_of_its_own() -> None:
    entries = entries_after(a_case(*WILLING, cast.held(session())))
    opening_offer_two_consents_and_a_session = 5
    assert figure(entries, "records") == opening_offer_two_consents_and_a_session


def test_a_correction_is_counted_on_the_day_it_was_made() -> None:
    case = a_case(*WILLING, cast.held(session()))
    case.must(lambda c: case_counselling.void_session(c, known("session"), why(later(9))))
    entries = entries_after(case)
    assert figure(entries, "corrections", until=later(8)) == 0
    assert figure(entries, "corrections") == 1


def test_putting_an_uncounted_fact_right_is_a_correction_all_the_same() -> None:
    case = a_case(lambda c: case_file.identify(c, HER, cast.SEALED, None, stamp(D)))
    case.must(lambda c: case_file.correct_identity(c, HER, cast.SEALED, None, why(D)))
    assert figure(entries_after(case), "corrections") == 1


def test_a_figure_opens_to_as_many_things_as_it_counts() -> None:
    case = a_case(
        APPLIED,
        *WILLING,
        *(cast.held(session(n, practitioners=(known("wang"),))) for n in "abc"),
        lambda c: case_counselling.void_session(c, known("b"), why(D)),
    )
    entries = [e for e in entries_after(case) if NUMBERED[e.indicator].code == "sessions"]
    net: dict[Any, int] = {}
    for entry in entries:
        net[entry.subject] = net.get(entry.subject, 0) + entry.quantity
    assert {subject for subject, quantity in net.items() if quantity} == {known("a"), known("c")}


def a_case(*then: Step) -> Walk[Case]:
    """A case opened on 1 March 2019 in Jinan to which this happened."""
    return Walk(Case(known("case"))).must(OPENED, *then)


def entries_after(walk: Walk[Case]) -> list[Entry]:
    """The entries of everything that happened to a case."""
    return journal(walk.events)


def dates_around(entries: list[Entry]) -> list[date]:
    """Each date of an entry, the day before and the day after."""
    return sorted({e.occurred_on + timedelta(days=n) for e in entries for n in (-1, 0, 1)})
