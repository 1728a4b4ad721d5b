"""The work ledgers say what the aggregates know; a voided row stays, marked."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib.resources import files
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
    centre_assistance,
    centre_existence,
    centre_work,
    practitioner_service,
)
from domain.base import EVENTS, Event
from domain.case import Case
from domain.case_rules import standing
from domain.centre import Centre
from domain.practitioner import Practitioner
from domain.rights import Stage
from domain.supervision import SupervisionOrder
from domain.values import (
    AnswerKind,
    AssistanceStatus,
    CaseOutcome,
    CaseStatus,
    EscalationStep,
    FollowUpStatus,
    FundsKind,
    Labelled,
    OrderStatus,
    RecordStatus,
    RiskLevel,
    ServiceKind,
)
from projections.ledger_reading import cell, readable
from projections.ledgers import (
    LEDGERED,
    LEDGERS,
    PATCHERS,
    UNLISTED,
    Column,
    labels_of,
    patches_of,
)
from tests.domain import case_cast as cast
from tests.domain.case_cast import HER, JINAN, QINGDAO, SEALED, D, later, session, why
from tests.domain.scenario import known, stamp
from tests.projections import centre_walk as town
from tests.projections import order_walk as oversight
from tests.projections import team_walk as team
from tests.projections.case_walk import case_walks
from tests.projections.centre_walk import AT_JINAN, FOUNDED, centre_walks
from tests.projections.order_walk import ISSUED, ZHANGQIU, order_walks
from tests.projections.team_walk import JOINED, practitioner_walks
from tests.projections.walks import Walk, ledger, recorded

TYPES = {
    "text": "text",
    "date": "date",
    "instant": "timestamptz",
    "integer": "bigint",
    "uuid": "uuid",
}
VERSION = ["row", "from_position", "to_position", "place"]
NOT_VOIDED = (RecordStatus.VALID, RecordStatus.CORRECTED)


def test_no_event_is_forgotten() -> None:
    assert set(EVENTS.values()) == {*PATCHERS, *UNLISTED}


def test_no_event_is_both_listed_and_not() -> None:
    assert not PATCHERS.keys() & UNLISTED


def test_only_ledgered_topics_change_ledgers() -> None:
    walk = a_case(lambda c: case_file.identify(c, HER, SEALED, None, stamp(D)))
    silent = [one for one in recorded(walk.events) if one.event.topic not in LEDGERED]
    assert silent
    assert [patch for one in silent for patch in patches_of(one)] == []


def test_the_work_ledgers_the_directories_the_registers_and_those_of_access_are_there() -> None:
    assert set(LEDGERS) == {
        "cases",
        "sessions",
        "follow_ups",
        "outreach",
        "volunteer_service",
        "funds",
        "assistance",
        "orders",
        "centres",
        "practitioners",
        "requests",
        "assessments",
        "disposals",
        "looks",
        "accesses",
    }


@pytest.mark.parametrize("name", LEDGERS)
def test_a_table_has_the_columns_of_its_ledger_in_order(name: str) -> None:
    columns = [(name, kind) for name, kind, *_ in tables()[name]]
    assert [name for name, _ in columns[:4]] == VERSION
    assert columns[4:] == [(column.name, TYPES[column.kind]) for column in LEDGERS[name].columns]


@pytest.mark.parametrize("name", LEDGERS)
def test_a_ledger_is_sorted_by_a_column_that_is_never_empty(name: str) -> None:
    assert (
        f"{LEDGERS[name].sorted_by} " in f"{' '.join(c for c, _, rest in tables()[name] if rest)} "
    )


@pytest.mark.parametrize("name", LEDGERS)
def test_a_ledger_has_an_index_for_its_rows_and_one_for_its_pages(name: str) -> None:
    indexes = (files("projections") / "sql" / "ledgers_indexes.sql").read_text()
    assert f"ledger_{name} (row, to_position)" in indexes
    assert f"ledger_{name} (place, {LEDGERS[name].sorted_by}, row)" in indexes


def tables() -> dict[str, list[tuple[str, str, str]]]:
    """The columns of each table: name, type and what else is said of it."""
    ddl = (files("projections") / "sql" / "ledgers.sql").read_text()
    return {
        name: re.findall(r"^    (\w+) +(\w+)(.*?),?$", body, re.MULTILINE)
        for name, body in re.findall(
            r"create table {schema}\.ledger_(\w+) \((.*?)\n\);", ddl, re.DOTALL
        )
    }


TEXTS = [
    (name, column) for name in LEDGERS for column in LEDGERS[name].columns if column.kind == "text"
]


@settings(deadline=None, max_examples=150)
@for_all(st.one_of(case_walks, centre_walks, practitioner_walks, order_walks))
def test_a_text_is_free_or_of_the_value_lists_that_its_column_names(walk: Walk[Any]) -> None:
    for name, column in TEXTS:
        for row in ledger(walk.events, name).values():
            stored = row.get(column.name)
            if stored is None:
                continue
            if isinstance(stored, Labelled):
                assert type(stored) in column.values
            if column.values:
                assert set(stored.split(",")) <= labels_of(column.values).keys()


def test_only_what_people_write_and_names_are_free_text() -> None:
    free = {(name, column.name) for name, column in TEXTS if not column.values}
    assert free == {
        ("assessments", "activity"),
        ("assessments", "assessors"),
        ("cases", "number"),
        ("cases", "receipt"),
        ("cases", "counsellors"),
        ("cases", "closing"),  # a time of the day
        ("cases", "calendar_version"),  # a name, of which each notice makes one more
        ("sessions", "assistants"),  # ids, as many as there are
        ("outreach", "title"),
        ("volunteer_service", "rule"),
        ("funds", "document"),
        ("funds", "purpose"),
        ("assistance", "what"),
        ("assistance", "result"),
        ("centres", "name"),
        ("centres", "registry_offices"),
        ("centres", "address"),
        ("looks", "what"),
        ("looks", "recipient"),
        ("accesses", "why"),
    }


def test_people_read_the_label_of_a_stored_value() -> None:
    assert column("cases", "status").label("archived") == "已归档"


def test_people_read_the_label_of_each_of_several_stored_values() -> None:
    assert column("sessions", "present").label("wife,husband") == "女方、男方"


def test_people_read_the_label_of_a_value_of_either_list() -> None:
    status = column("follow_ups", "status")
    assert (status.label("made"), status.label("voided")) == ("已回访", "已作废")


def test_a_free_text_is_read_as_it_was_written() -> None:
    assert column("outreach", "title").label("wife,husband") == "wife,husband"


def test_a_value_that_no_list_knows_any_more_is_read_as_it_is_stored() -> None:
    assert column("cases", "risk").label("purple") == "purple"


def test_no_value_list_of_a_column_gives_one_stored_value_two_labels() -> None:
    for _, of in TEXTS:
        stored = [str(one) for members in of.values for one in members]
        assert len(stored) == len(set(stored))


def test_an_instant_is_read_as_the_clock_showed_it_in_china() -> None:
    started_at = datetime(2019, 3, 1, 16, 30, tzinfo=UTC)
    assert readable(started_at, column("sessions", "started_at")) == "2019-03-02 00:30:00+08:00"


def test_nothing_is_read_where_nothing_is_stored() -> None:
    assert readable(None, column("cases", "risk")) == ""


@pytest.mark.parametrize(
    "written", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠sum"]
)
def test_a_text_in_an_export_is_no_formula(written: str) -> None:
    assert cell(written, column("outreach", "title")) == f"'{written}"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a\n=1+1", "a\n'=1+1"),
        ("a; =1", "a;' =1"),
        ("\ufeff=1", "'\ufeff=1"),
        ("\u200b\u200d=1", "'\u200b\u200d=1"),
        (" \u3000@sum", "' \u3000@sum"),
        ("a; b-1 = 2", "a; b-1 = 2"),
    ],
)
def test_no_formula_hides_behind_a_line_a_semicolon_or_what_is_unseen(
    written: str, shown: str
) -> None:
    assert cell(written, column("outreach", "title")) == shown


def test_a_number_below_zero_in_an_export_is_a_number() -> None:
    assert cell(-5, column("funds", "fen")) == "-5"


def column(ledger: str, name: str) -> Column:
    return next(column for column in LEDGERS[ledger].columns if column.name == name)


@settings(deadline=None, max_examples=150)
@for_all(case_walks)
def test_the_row_of_a_case_is_what_the_case_knows(walk: Walk[Case]) -> None:
    case = walk.aggregate
    (row,) = ledger(walk.events, "cases").values()
    sessions = [placed.fact for placed in standing(case.sessions)]
    ratings = [placed.fact.rating for placed in standing(case.ratings)]
    application = case.application.fact if case.application else None
    outcome, closed = case.outcome, case.status is not CaseStatus.OPEN
    closure = case.closures[-1].fact if closed else None
    accepted, declined = case.response.accepted, case.response.declined
    assert case.opening is not None
    expected: dict[str, Any] = {
        "number": case.opening.number,
        "service": case.opening.service,
        "channel": case.opening.channel,
        "visit": case.opening.visit,
        "opened_on": case.opened_on,
        "status": case.status,
        "place": case.place,
        "risk": case.risk,
        "applied_on": application.on if application else None,
        "accepted_on": accepted.on if accepted else None,
        "declined_on": declined.on if declined else None,
        "counselled_on": case.began.on if case.began else None,
        "sessions": len(sessions),
        "minutes": sum(session.minutes for session in sessions),
        "outcome": outcome.outcome if outcome else None,
        "outcome_on": outcome.on if outcome else None,
        "outcome_source": outcome.source if outcome else None,
        "broken_on": outcome.broken_on if outcome else None,
        "rated": len(ratings),
        "satisfied": sum(rating.satisfied for rating in ratings),
        "closed_on": closure.on if closure else None,
        "closure": closure.kind if closure else None,
        "filed": int(closure.filed) if closure else None,
    }
    assert {name: row.get(name) for name in expected} == expected


@settings(deadline=None, max_examples=100)
@for_all(case_walks)
def test_the_sessions_of_a_case_are_rows_and_the_voided_ones_are_marked(walk: Walk[Case]) -> None:
    rows, sessions = ledger(walk.events, "sessions"), walk.aggregate.sessions
    assert rows.keys() == sessions.keys()
    for row_id, placed in sessions.items():
        row = rows[row_id]
        assert (row["status"] in NOT_VOIDED) is (placed is not None)
        if placed is not None:
            held = placed.fact
            assert row["case_id"] == walk.aggregate.id
            assert row["place"] == placed.place
            assert (row["held_on"], row["started_at"]) == (held.held_on, held.started_at)
            assert (row["minutes"], row["form"]) == (held.minutes, held.form)
            assert row["practitioner"] == held.practitioners[0]
            assert row["assisting"] == len(held.practitioners) - 1
            assisting = row["assistants"].split(",") if row["assistants"] else []
            assert [row["practitioner"], *map(UUID, assisting)] == list(held.practitioners)


@settings(deadline=None, max_examples=100)
@for_all(case_walks)
def test_the_follow_ups_of_a_case_are_rows_with_what_became_of_them(walk: Walk[Case]) -> None:
    rows, follow_ups = ledger(walk.events, "follow_ups"), walk.aggregate.follow_ups
    assert rows.keys() == follow_ups.keys()
    for row_id, placed in follow_ups.items():
        row = rows[row_id]
        assert (row["status"] == RecordStatus.VOIDED) is (placed is None)
        if placed is not None:
            record = placed.fact
            assert row["place"] == placed.place
            assert row["due_on"] == record.follow_up.due_on
            assert (row["made_on"], row["lost_on"]) == (record.made_on, record.lost_on)
            assert (row["cancelled_on"], row["tries"]) == (record.cancelled_on, record.tries)
            waiting = record.settled_on is None
            assert (row["status"] == FollowUpStatus.SCHEDULED) is waiting


@settings(deadline=None, max_examples=100)
@for_all(case_walks)
def test_the_rows_of_a_voided_case_stay_and_are_all_marked(walk: Walk[Case]) -> None:
    walk.must(lambda c: case_file.void(c, known("other"), why(later(900))))
    rows = [
        *ledger(walk.events, "cases").values(),
        *ledger(walk.events, "sessions").values(),
        *ledger(walk.events, "follow_ups").values(),
    ]
    assert rows
    assert all(row["status"] == "voided" for row in rows)


@settings(deadline=None, max_examples=100)
@for_all(centre_walks)
def test_the_books_of_a_centre_are_rows_and_the_voided_ones_are_marked(walk: Walk[Centre]) -> None:
    centre = walk.aggregate
    funds = {**centre.appropriations, **centre.spendings, **centre.subsidies}
    for name, book in (
        ("outreach", centre.outreach),
        ("volunteer_service", centre.shifts),
        ("funds", funds),
    ):
        rows = ledger(walk.events, name)
        assert rows.keys() == book.keys()
        for row_id, entered in book.items():
            if name == "funds" and is_of_many_kinds(walk, row_id):
                continue
            row = rows[row_id]
            assert (row["status"] in NOT_VOIDED) is (entered is not None)
            if entered is not None:
                assert row["place"] == entered.place
                assert on_of(row) == entered.record.on


@settings(deadline=None, max_examples=100)
@for_all(centre_walks)
def test_the_whistles_of_a_centre_are_rows_with_their_answers(walk: Walk[Centre]) -> None:
    rows, whistles = ledger(walk.events, "assistance"), walk.aggregate.whistles
    assert rows.keys() == whistles.keys()
    for row_id, whistle in whistles.items():
        row = rows[row_id]
        if whistle is None:
            assert row["status"] == RecordStatus.VOIDED
            continue
        assistance = whistle.assistance
        assert row["place"] == whistle.place
        assert (row["requested_at"], row["requested_on"]) == (
            assistance.requested_at,
            assistance.on,
        )
        assert row["status"] == assistance.status
        assert row["dispatched_at"] == assistance.dispatched_at
        assert row["arrived_at"] == assistance.arrived_at
        assert row["response_minutes"] == assistance.response_minutes
        assert row["volunteers"] == len(whistle.dispatched)


@settings(deadline=None, max_examples=100)
@for_all(practitioner_walks)
def test_the_service_of_a_practitioner_is_rows(walk: Walk[Practitioner]) -> None:
    rows, book = ledger(walk.events, "volunteer_service"), walk.aggregate.hours
    assert rows.keys() == book.keys()
    for row_id, entered in book.items():
        row = rows[row_id]
        assert (row["status"] in NOT_VOIDED) is (entered is not None)
        if entered is not None:
            assert row["practitioner"] == walk.aggregate.id
            assert (row["minutes"], row["place"]) == (entered.record.credited, entered.record.place)


def test_a_transferred_case_is_in_the_ledger_of_its_new_place_and_its_sessions_are_not() -> None:
    walk = a_case(
        *cast.WILLING, cast.held(session()), cast.transfer_requested(), cast.transferred(later(2))
    )
    (case_row,) = ledger(walk.events, "cases").values()
    (session_row,) = ledger(walk.events, "sessions").values()
    assert (case_row["place"], session_row["place"]) == (QINGDAO, JINAN)


def test_a_corrected_row_says_so() -> None:
    walk = a_case(*cast.WILLING, cast.held(session()))
    walk.must(
        lambda c: case_counselling.correct_session(c, session(minutes=80), why(cast.hour(40)))
    )
    (row,) = ledger(walk.events, "sessions").values()
    assert (row["status"], row["minutes"]) == (RecordStatus.CORRECTED, 80)


def test_a_row_keeps_the_time_at_which_it_was_first_recorded() -> None:
    walk = a_case(lambda c: case_counselling.offer(c, stamp(later(9))))
    first, *_ = recorded(walk.events)
    (row,) = ledger(walk.events, "cases").values()
    assert row["recorded_at"] == first.recorded_at


def test_the_risk_and_the_counsellor_of_a_case_are_in_its_row() -> None:
    walk = a_case(cast.risk(RiskLevel.RED), lambda c: case_care.assign(c, known("wang"), stamp(D)))
    (row,) = ledger(walk.events, "cases").values()
    assert (row["risk"], row["counsellor"]) == ("red", known("wang"))


def test_the_row_of_a_case_says_who_takes_care_of_it() -> None:
    wang, li = known("wang"), known("li")
    walk = a_case(
        lambda c: case_care.assign(c, wang, stamp(D)), lambda c: case_care.assign(c, li, stamp(D))
    )
    (row,) = ledger(walk.events, "cases").values()
    assert row["receiver"] == walk.events[0].stamp.actor
    assert set(str(row["counsellors"]).split(",")) == {str(wang), str(li)}
    walk.must(lambda c: case_care.recuse(c, wang, stamp(D, reason="亲属")))
    (row,) = ledger(walk.events, "cases").values()
    assert row["counsellors"] == str(li)


def test_a_receipt_is_in_the_row_of_its_case() -> None:
    walk = Walk(Case(known("case"))).must(cast.opened_in_2021, cast.accepted)
    (row,) = ledger(walk.events, "cases").values()
    assert (row["receipt"], row["applied_on"]) == ("R-1", cast.B)


def test_the_deadlines_of_an_application_are_in_the_row_of_its_case_while_it_stands() -> None:
    walk = Walk(Case(known("case"))).must(cast.opened_in_2021, cast.accepted)
    application = walk.aggregate.application
    assert application is not None
    assert application.fact.deadlines is not None
    ends = application.fact.deadlines.model_dump()
    (row,) = ledger(walk.events, "cases").values()
    assert {name: row[name] for name in ends} == ends
    mistaken = cast.registry(later(9, cast.B), reason="entered wrongly")
    walk.must(lambda c: case_registry.void_application(c, mistaken))
    (row,) = ledger(walk.events, "cases").values()
    assert {row[name] for name in ends} == {None}


def test_an_archived_case_says_how_long_it_is_kept() -> None:
    walk = a_case(*cast.CLOSED, lambda c: case_file.archive(c, later(9999), stamp(later(1))))
    (row,) = ledger(walk.events, "cases").values()
    assert row["status"] == CaseStatus.ARCHIVED
    assert (row["archived_on"], row["keep_until"]) == (later(1), later(9999))


def test_a_broken_deferral_is_in_the_row_of_its_case() -> None:
    walk = a_case(
        cast.applied,
        cast.ended(CaseOutcome.CANCELLED),
        lambda c: case_registry.break_deferral(c, stamp(later(50))),
    )
    (row,) = ledger(walk.events, "cases").values()
    assert row["broken_on"] == later(50)


def test_a_break_taken_back_is_no_longer_in_the_row_of_its_case() -> None:
    walk = a_case(
        cast.applied,
        cast.ended(CaseOutcome.CANCELLED),
        lambda c: case_registry.break_deferral(c, stamp(later(50))),
        lambda c: case_registry.void_deferral_break(c, why(later(51))),
    )
    (row,) = ledger(walk.events, "cases").values()
    assert row["broken_on"] is None


def test_a_consent_taken_back_is_no_longer_in_the_row_of_its_case() -> None:
    walk = a_case(
        cast.offered,
        cast.consented(HER),
        lambda c: case_counselling.void_answer(c, AnswerKind.CONSENTED, HER, why(later(1))),
    )
    (row,) = ledger(walk.events, "cases").values()
    assert row["accepted_on"] is None


def test_a_consent_of_another_day_is_corrected_in_the_row_of_its_case() -> None:
    walk = a_case(
        cast.offered,
        cast.consented(HER, later(1)),
        lambda c: case_counselling.correct_answer(c, AnswerKind.CONSENTED, HER, D, why(later(2))),
    )
    (row,) = ledger(walk.events, "cases").values()
    assert row["accepted_on"] == D


def test_the_parties_present_are_named_in_the_order_of_the_value_list() -> None:
    walk = a_case(*cast.SAFE, cast.held(session("s", cast.HIM, HER)))
    (row,) = ledger(walk.events, "sessions").values()
    assert row["present"] == "wife,husband"


def test_money_has_its_kind_and_what_belongs_to_it() -> None:
    walk = Walk(Centre(known("centre"))).must(
        town.established,
        lambda c: centre_work.appropriate_funds(c, town.appropriation("one"), stamp(FOUNDED)),
        lambda c: centre_work.spend_funds(c, town.spending("two"), stamp(FOUNDED)),
        lambda c: centre_work.pay_subsidy(c, town.subsidy("three"), stamp(FOUNDED)),
    )
    rows = ledger(walk.events, "funds")
    granted, spent, paid = rows[known("one")], rows[known("two")], rows[known("three")]
    assert (granted["kind"], granted["source"], granted["fen"]) == (
        FundsKind.APPROPRIATION,
        "county",
        100_000,
    )
    assert (spent["kind"], spent["purpose"], spent["fen"]) == (
        FundsKind.SPENDING,
        "资料印刷",
        40_000,
    )
    assert (paid["kind"], paid["practitioner"], paid["fen"]) == (
        FundsKind.SUBSIDY,
        known("wang"),
        5_000,
    )


def test_money_put_right_is_listed_as_corrected() -> None:
    walk = Walk(Centre(known("centre"))).must(
        town.established,
        lambda c: centre_work.appropriate_funds(c, town.appropriation("one"), stamp(FOUNDED)),
        lambda c: centre_work.spend_funds(c, town.spending("two"), stamp(FOUNDED)),
        lambda c: centre_work.pay_subsidy(c, town.subsidy("three"), stamp(FOUNDED)),
        lambda c: centre_work.correct_appropriation(
            c, town.appropriation("one", fen=1), town.why(later(9))
        ),
        lambda c: centre_work.correct_spending(c, town.spending("two", fen=2), town.why(later(9))),
        lambda c: centre_work.correct_subsidy(c, town.subsidy("three", fen=3), town.why(later(9))),
    )
    rows = ledger(walk.events, "funds")
    assert [rows[known(name)]["fen"] for name in ("one", "two", "three")] == [1, 2, 3]
    assert {row["status"] for row in rows.values()} == {RecordStatus.CORRECTED}


def test_outreach_is_listed_with_all_that_it_reached() -> None:
    held = town.outreach(persons=40, couples=12, materials=200, online_views=900)
    walk = Walk(Centre(known("centre"))).must(
        town.established, lambda c: centre_work.hold_outreach(c, held, stamp(FOUNDED))
    )
    (row,) = ledger(walk.events, "outreach").values()
    assert (row["persons"], row["couples"]) == (40, 12)
    assert (row["materials"], row["online_views"]) == (200, 900)
    assert (row["kind"], row["title"], row["held_on"]) == ("lecture", "婚前课堂", FOUNDED)


def test_outreach_corrected_to_a_day_in_another_region_moves_there() -> None:
    walk = Walk(Centre(known("centre"))).must(
        town.established,
        lambda c: centre_work.hold_outreach(c, town.outreach(), stamp(FOUNDED)),
        lambda c: centre_existence.reassign(
            c, AT_JINAN.region, later(9, FOUNDED), town.why(later(20))
        ),
        lambda c: centre_work.correct_outreach(
            c, town.outreach(on=later(10, FOUNDED)), town.why(later(21))
        ),
    )
    (row,) = ledger(walk.events, "outreach").values()
    assert row["place"] == AT_JINAN


def test_a_whistle_names_the_first_volunteer_who_came_and_how_it_ended() -> None:
    nine, ten, noon = (town.at(FOUNDED, hour) for hour in (9, 10, 12))
    walk = Walk(Centre(known("centre"))).must(
        town.established,
        lambda c: centre_assistance.request_assistance(
            c, town.whistle(), stamp(town.at(FOUNDED, 8))
        ),
        *(
            (
                lambda c, who=who: centre_assistance.dispatch_volunteer(
                    c, known("one"), known(who), nine, stamp(nine)
                )
            )
            for who in ("wang", "zhao")
        ),
        lambda c: centre_assistance.volunteer_arrives(
            c, known("one"), known("zhao"), ten, stamp(ten)
        ),
        lambda c: centre_assistance.volunteer_arrives(
            c, known("one"), known("wang"), noon, stamp(noon)
        ),
        lambda c: centre_assistance.complete_assistance(
            c, known("one"), noon, "settled", stamp(noon)
        ),
    )
    (row,) = ledger(walk.events, "assistance").values()
    assert (row["volunteer"], row["volunteers"]) == (known("zhao"), 2)
    assert (row["arrived_at"], row["completed_at"]) == (ten, noon)
    assert (row["status"], row["result"]) == (AssistanceStatus.COMPLETED, "settled")


def test_an_arrival_taken_back_leaves_no_volunteer_in_the_row() -> None:
    nine, ten = town.at(FOUNDED, 9), town.at(FOUNDED, 10)
    walk = Walk(Centre(known("centre"))).must(
        town.established,
        lambda c: centre_assistance.request_assistance(
            c, town.whistle(), stamp(town.at(FOUNDED, 8))
        ),
        lambda c: centre_assistance.dispatch_volunteer(
            c, known("one"), known("wang"), nine, stamp(nine)
        ),
        lambda c: centre_assistance.volunteer_arrives(
            c, known("one"), known("wang"), ten, stamp(ten)
        ),
        lambda c: centre_assistance.correct_assistance(c, town.whistle(), None, town.why(ten)),
    )
    (row,) = ledger(walk.events, "assistance").values()
    assert (row["volunteer"], row["arrived_at"]) == (None, None)


def test_shifts_and_service_hours_stand_in_one_ledger_apart_by_kind() -> None:
    centre = Walk(Centre(known("centre"))).must(
        town.established,
        lambda c: centre_work.work_shift(c, town.shift(), stamp(town.at(FOUNDED, 20))),
    )
    person = Walk(Practitioner(known("person"))).must(
        team.registered,
        lambda p: practitioner_service.credit_hours(p, team.hours(), stamp(later(1, JOINED))),
    )
    (shift,) = ledger(centre.events, "volunteer_service").values()
    (service,) = ledger(person.events, "volunteer_service").values()
    assert (shift["kind"], service["kind"]) == (ServiceKind.SHIFT, ServiceKind.SERVICE)
    assert (shift["minutes"], shift["ended_at"]) == (240, town.at(FOUNDED, 12))
    assert service["practitioner"] == known("person")


@settings(deadline=None, max_examples=150)
@for_all(order_walks)
def test_the_row_of_an_order_is_what_the_order_knows(walk: Walk[SupervisionOrder]) -> None:
    known_of, order = walk.aggregate, walk.aggregate.order
    (row,) = ledger(walk.events, "orders").values()
    assert order is not None

    def steps(what: str) -> list[Event]:
        return [event for event in walk.events if event.topic == f"order.{what}.v1"]

    def last(what: str) -> Any:
        return steps(what)[-1].stamp.occurred_on if steps(what) else None

    checked = known_of.status in (OrderStatus.VERIFIED, OrderStatus.WRITTEN_OFF)
    expected = {
        "place": known_of.place,
        "addressee": order.addressee,
        "issued_by": known_of.issued_by,
        "issuer": walk.events[0].stamp.actor,
        "issued_on": order.issued_on,
        "deadline": order.deadline,
        "status": known_of.status,
        "stage": Stage.SETTLED if known_of.written_off_on else Stage.WAITING,
        "escalated_to": known_of.escalated_to,
        "escalated_on": last("escalated"),
        "escalations": len(steps("escalated")),
        "extensions": len(steps("deadline-extended")),
        "acknowledged_on": last("acknowledged"),
        "reported_on": last("progress-reported"),
        "submitted_on": last("evidence-submitted"),
        "returns": len(steps("returned")),
        "verified_on": last("verified") if checked else None,
        "verified_by": steps("verified")[-1].stamp.actor if checked else None,
        "written_off_on": known_of.written_off_on,
        "recorded_at": recorded(walk.events)[0].recorded_at,
    }
    assert expected.keys() - {"place"} == LEDGERS["orders"].positions.keys()
    assert {name: row.get(name) for name in expected} == expected


def test_an_order_escalated_while_it_waits_says_how_far_and_since_when() -> None:
    walk = an_order(
        lambda o: o.escalate(EscalationStep.REMINDER, why(later(31))),
        lambda o: o.escalate(EscalationStep.SUPERVISION, why(later(40))),
    )
    (row,) = ledger(walk.events, "orders").values()
    assert (row["escalated_to"], row["escalations"]) == (EscalationStep.SUPERVISION, 2)
    assert row["escalated_on"] == later(40)
    assert (row["status"], row["stage"]) == (OrderStatus.ISSUED, Stage.WAITING)


def test_an_order_says_who_issued_and_who_verified_it_and_when_it_was_settled() -> None:
    walk = an_order(*oversight.rectified(later(9)))
    (row,) = ledger(walk.events, "orders").values()
    assert row["issuer"] == walk.events[0].stamp.actor
    assert (row["verified_by"], row["verified_on"]) == (known("supervisor"), later(9))
    assert (row["acknowledged_on"], row["submitted_on"]) == (later(9), later(9))
    assert (row["stage"], row["written_off_on"]) == (Stage.SETTLED, later(9))


def test_an_order_sent_back_after_a_hasty_verification_is_verified_no_longer() -> None:
    *steps, _ = oversight.rectified(later(9))
    walk = an_order(*steps, lambda o: o.send_back(why(later(12))))
    (row,) = ledger(walk.events, "orders").values()
    assert (row["status"], row["returns"]) == (OrderStatus.RETURNED, 1)
    assert (row["verified_on"], row["verified_by"]) == (None, None)
    assert row["submitted_on"] == later(9)


def test_an_order_whose_write_off_was_a_mistake_waits_again() -> None:
    walk = an_order(*oversight.rectified(later(9)), lambda o: o.void_write_off(why(later(12))))
    (row,) = ledger(walk.events, "orders").values()
    assert (row["status"], row["stage"]) == (OrderStatus.VERIFIED, Stage.WAITING)
    assert row["written_off_on"] is None


def test_an_order_corrected_to_another_office_moves_there_and_keeps_who_issued_it() -> None:
    moved = oversight.order(later(-3), place=ZHANGQIU)
    walk = an_order(lambda o: o.correct(moved, ZHANGQIU, why(later(2))))
    (row,) = ledger(walk.events, "orders").values()
    assert (row["place"], row["addressee"]) == (ZHANGQIU, ZHANGQIU.centre)
    assert (row["issued_on"], row["deadline"]) == (moved.issued_on, moved.deadline)
    assert row["issuer"] == walk.events[0].stamp.actor


@settings(deadline=None, max_examples=50)
@for_all(order_walks)
def test_a_voided_order_stays_in_the_ledger_and_waits_for_nobody(
    walk: Walk[SupervisionOrder],
) -> None:
    walk.must(lambda o: o.void(why(later(900))))
    (row,) = ledger(walk.events, "orders").values()
    assert (row["status"], row["stage"]) == (OrderStatus.VOIDED, Stage.SETTLED)


def test_no_word_of_an_order_stands_in_its_row() -> None:
    said = ("补做逾期回访", "half done", "done", "entered wrongly")
    walk = an_order(
        lambda o: o.acknowledge(stamp(later(2), actor="centre")),
        lambda o: o.report_progress("half done", stamp(later(2), actor="centre")),
        lambda o: o.submit_evidence("done", (), stamp(later(2), actor="centre")),
        lambda o: o.escalate(EscalationStep.REMINDER, why(later(3))),
    )
    assert set(said) <= {text for event in walk.events for text in texts_in(event)}
    (row,) = ledger(walk.events, "orders").values()
    assert not set(said) & {*row.values()}


def texts_in(event: Any) -> set[Any]:
    """What somebody wrote in an event of an order."""
    order = getattr(event, "order", None)
    return {getattr(order, "what", None), getattr(event, "text", None), event.stamp.reason}


def an_order(*then: Any) -> Walk[SupervisionOrder]:
    """An order issued on 1 March 2019 in Licheng to which this happened."""
    assert D == ISSUED
    return Walk(SupervisionOrder(known("order"))).must(oversight.issued, *then)


def a_case(*then: Any) -> Walk[Case]:
    """A case opened on 1 March 2019 in Jinan to which this happened."""
    return Walk(Case(known("case"))).must(cast.opened, *then)


def on_of(row: dict[str, Any]) -> Any:
    """The business date of a row, whatever its ledger calls it."""
    return next(row[name] for name in ("held_on", "served_on", "booked_on") if name in row)


def is_of_many_kinds(walk: Walk[Centre], row: UUID) -> bool:
    """Whether the walk used one id for records of several kinds, which no id generator does."""
    centre = walk.aggregate
    books = (centre.appropriations, centre.spendings, centre.subsidies)
    return sum(row in book for book in books) > 1
