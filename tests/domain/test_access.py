"""The rules of access to personal data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as holds
from hypothesis import strategies as st

from domain import access
from domain.access import (
    Access,
    AccessExpired,
    AccessGranted,
    AccessRefused,
    AccessRequest,
    AccessRequested,
    AfterReviewed,
    ExportMade,
    ListOpened,
    PrintMade,
    RecordOpened,
    SearchMade,
    Selection,
    Viewing,
    access_id,
)
from domain.access_wording import ACCESS_REFUSALS, ACCESS_TITLES
from domain.base import SHANGHAI, Event, Place, Refused, decide
from domain.values import (
    AccessPurpose,
    AccessReason,
    AccessVerdict,
    RecordKind,
    RecordSurface,
    Role,
)
from tests.domain.refusals import refusals_of, topics_of, unfilled
from tests.domain.scenario import Given, given, known, stamp

Step = Callable[[Access], Iterator[Event]]

LI, CHIEF, OFFICER, OTHER = known("li"), "chief", "privacy officer", known("other")
CENTRE, COUNTY = known("centre"), known("county")
CASE, GLASS = known("case"), known("glass")
THERE = Place(centre=known("centre"), region=known("county"))
EVENING = datetime(2019, 3, 1, 22, tzinfo=SHANGHAI)
GRANTED = EVENING + timedelta(minutes=10)
UNTIL = EVENING + timedelta(hours=3)  # past midnight
REVIEW_DUE = date(2019, 3, 8)


def at(when: datetime, who: str = "li", reason: str | None = None, **post: Any) -> Any:
    return stamp(when, actor=who, reason=reason, **post)


def viewing(**changes: Any) -> Viewing:
    facts = {
        "record": CASE,
        "kind": RecordKind.CASE,
        "surface": RecordSurface.RECORD_PAGE,
        "purpose": AccessPurpose.SERVICE,
    }
    return Viewing(**{**facts, **changes})


UNDER_GLASS = viewing(purpose=AccessPurpose.EMERGENCY, access=GLASS)
ROWS = Selection(kind=RecordKind.CASE, what="本月结案个案", rows=120, purpose=AccessPurpose.FIGURES)


def asking(**changes: Any) -> AccessRequest:
    facts = {
        "id": GLASS,
        "record": CASE,
        "kind": RecordKind.SEALED_NOTE,
        "reason": AccessReason.DANGER,
        "why": "当事人来电称遭受殴打",
        "until": UNTIL,
    }
    return AccessRequest(**{**facts, **changes})


def requested(a: Access) -> Iterator[Event]:
    return a.request(asking(), THERE, at(EVENING))


def granted(a: Access) -> Iterator[Event]:
    return a.grant(GLASS, UNTIL, REVIEW_DUE, at(GRANTED, CHIEF))


def refused(a: Access) -> Iterator[Event]:
    return a.refuse(GLASS, at(GRANTED, CHIEF, "可由承办人办理"))


def expired(a: Access) -> Iterator[Event]:
    return a.expire(GLASS, at(UNTIL, "system"))


def opened(when: datetime = GRANTED, **changes: Any) -> Step:
    return lambda a: a.open_record(UNDER_GLASS.model_copy(update=changes), at(when))


def reviewed(when: datetime = UNTIL, who: str = OFFICER, reason: str | None = None) -> Step:
    return lambda a: a.after_review(
        GLASS, AccessVerdict.JUSTIFIED, "情况属实", at(when, who, reason)
    )


def after(*steps: Step) -> Given[Access]:
    return given(Access(access_id(LI, CENTRE, EVENING.date())), *steps)


def test_a_reader_has_one_stream_an_office_and_day() -> None:
    friday, saturday = date(2019, 3, 1), date(2019, 3, 2)
    streams = {
        access_id(reader, office, on)
        for reader in (LI, OTHER)
        for office in (CENTRE, COUNTY)
        for on in (friday, saturday, friday)
    }
    assert len(streams) == 8


def test_the_name_of_a_stream_is_the_same_in_every_version_of_the_program() -> None:
    # sha1sum over the 16 bytes of the namespace and "{reader} {office} 2019-03-01", as in RFC 9562
    assert str(access_id(LI, CENTRE, date(2019, 3, 1))) == "5e24de88-9b38-5772-bd89-a6bc6881476f"


def test_an_opened_record_leaves_who_what_where_and_for_what() -> None:
    (event,) = after().when(lambda a: a.open_record(viewing(), at(EVENING))).then(RecordOpened)
    assert event.viewing == viewing()
    assert event.stamp.actor == LI


def test_the_same_record_may_be_opened_again() -> None:
    again: Step = lambda a: a.open_record(viewing(), at(EVENING))  # noqa: E731
    after(again).when(again).then(RecordOpened)


TRACES: dict[type[Event], Callable[[Access, Any], Iterator[Event]]] = {
    ListOpened: lambda a, by: a.open_list(ROWS, by),
    SearchMade: lambda a, by: a.make_search(ROWS, by),
    ExportMade: lambda a, by: a.make_export(ROWS, by),
    PrintMade: lambda a, by: a.make_print(ROWS, by),
}


@pytest.mark.parametrize("kind", TRACES)
def test_a_list_search_export_and_print_leave_what_how_many_rows_and_for_what(
    kind: type[Event],
) -> None:
    (event,) = after().when(lambda a: TRACES[kind](a, at(EVENING))).then(kind)
    assert event.selection == ROWS


def test_a_trace_needs_no_more_than_its_day() -> None:
    after().when(lambda a: a.open_list(ROWS, stamp(EVENING.date()))).then(ListOpened)


DECISIONS = [
    *TRACES.values(),
    lambda a, by: a.open_record(viewing(), by),
    lambda a, by: a.request(asking(), THERE, by),
]


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_trace_lies_in_the_stream_of_its_own_reader_office_and_day(decision: Any) -> None:
    after().when(lambda a: decision(a, at(EVENING, "zhao"))).refused("access-of-another")
    after().when(lambda a: decision(a, at(EVENING, office="county"))).refused("access-of-another")
    after().when(lambda a: decision(a, at(UNTIL))).refused("access-of-another")


def test_the_day_of_a_stream_is_a_day_in_shanghai() -> None:
    early = datetime(2019, 3, 1, 0, 30, tzinfo=SHANGHAI)  # still February in Greenwich
    after().when(lambda a: a.open_record(viewing(), at(early))).then(RecordOpened)


def test_a_request_says_which_record_why_and_until_when() -> None:
    (event,) = after().when(requested).then(AccessRequested)
    assert (event.request, event.place) == (asking(), THERE)


@pytest.mark.parametrize("kind", [RecordKind.ACCESS, RecordKind.ACCOUNT, RecordKind.REQUEST])
def test_no_emergency_opens_who_looked_who_may_sign_in_or_what_persons_ask(
    kind: RecordKind,
) -> None:
    after().when(lambda a: a.request(asking(kind=kind), THERE, at(EVENING))).refused(
        "access-never-opens", kind=kind
    )


def test_a_request_is_made_once_under_its_id() -> None:
    after(requested).when(requested).refused("record-exists", record=GLASS)


@pytest.mark.parametrize(
    ("lasting", "code"),
    [
        (timedelta(0), "access-ends-first"),
        (timedelta(seconds=-1), "access-ends-first"),
        (timedelta(seconds=1), None),
        (timedelta(hours=4), None),
        (timedelta(hours=4, seconds=1), "access-too-long"),
    ],
)
def test_an_access_is_asked_for_and_granted_for_at_most_four_hours(
    lasting: timedelta, code: str | None
) -> None:
    asked = after().when(lambda a: a.request(asking(until=EVENING + lasting), THERE, at(EVENING)))
    given_ = after(requested).when(
        lambda a: a.grant(GLASS, GRANTED + lasting, REVIEW_DUE, at(GRANTED, CHIEF))
    )
    if code is None:
        asked.then(AccessRequested)
        given_.then(AccessGranted)
    else:
        asked.refused(code)
        given_.refused(code)


def test_a_request_and_a_grant_say_the_hour() -> None:
    day = EVENING.date()
    after().when(lambda a: a.request(asking(), THERE, stamp(day))).refused("access-needs-instant")
    after(requested).when(
        lambda a: a.grant(GLASS, UNTIL, REVIEW_DUE, stamp(day, actor=CHIEF))
    ).refused("access-needs-instant")


def test_a_grant_carries_the_record_its_end_and_the_day_of_the_verdict() -> None:
    (event,) = after(requested).when(granted).then(AccessGranted)
    assert (event.access, event.record) == (GLASS, CASE)
    assert (event.kind, event.place) == (RecordKind.SEALED_NOTE, THERE)
    assert (event.until, event.review_due) == (UNTIL, REVIEW_DUE)


def test_nobody_grants_or_refuses_his_own_request() -> None:
    after(requested).when(lambda a: a.grant(GLASS, UNTIL, REVIEW_DUE, at(GRANTED))).refused(
        "self-grant"
    )
    after(requested).when(lambda a: a.refuse(GLASS, at(GRANTED, reason="不用了"))).refused(
        "self-grant"
    )


@pytest.mark.parametrize("first", [granted, refused])
@pytest.mark.parametrize("second", [granted, refused])
def test_a_request_is_decided_once(first: Step, second: Step) -> None:
    after(requested, first).when(second).refused("access-already-decided", access=GLASS)


@pytest.mark.parametrize("step", [granted, refused, expired, opened(), reviewed()])
def test_what_was_not_asked_for_is_neither_decided_nor_used(step: Step) -> None:
    after().when(step).refused("record-unknown", record=GLASS)


@pytest.mark.parametrize("step", [expired, opened(), reviewed()])
@pytest.mark.parametrize("before", [(requested,), (requested, refused)])
def test_only_a_granted_access_is_used_ended_and_judged(
    step: Step, before: tuple[Step, ...]
) -> None:
    after(*before).when(step).refused("access-not-granted")


def test_a_decision_follows_the_request() -> None:
    early = EVENING - timedelta(minutes=1)
    after(requested).when(lambda a: a.grant(GLASS, UNTIL, REVIEW_DUE, at(early, CHIEF))).refused(
        "times-out-of-order"
    )


def test_a_refusal_says_why() -> None:
    (event,) = after(requested).when(refused).then(AccessRefused)
    assert (event.access, event.record) == (GLASS, CASE)
    after(requested).when(lambda a: a.refuse(GLASS, at(GRANTED, CHIEF))).refused(
        "access-refusal-needs-reason"
    )


@pytest.mark.parametrize(("due", "early"), [(UNTIL.date(), True), (date(2019, 3, 3), False)])
def test_the_verdict_is_due_after_the_day_of_the_end(due: date, early: bool) -> None:
    outcome = after(requested).when(lambda a: a.grant(GLASS, UNTIL, due, at(GRANTED, CHIEF)))
    if early:
        outcome.refused("review-due-too-early", until=UNTIL)
    else:
        outcome.then(AccessGranted)


def test_a_granted_record_opens_until_the_very_end_past_midnight_too() -> None:
    after(requested, granted).when(opened()).then(RecordOpened)
    after(requested, granted).when(opened(UNTIL - timedelta(seconds=1))).then(RecordOpened)
    after(requested, granted).when(opened(UNTIL)).refused("access-over", until=UNTIL)


def test_a_record_does_not_open_before_the_grant() -> None:
    after(requested, granted).when(opened(EVENING)).refused("times-out-of-order")


def test_an_access_opens_no_other_record() -> None:
    other = known("another case")
    after(requested, granted).when(opened(record=other)).refused(
        "access-to-another-record", record=other
    )


def test_an_access_to_a_case_opens_no_sealed_notes() -> None:
    def for_the_case(a: Access) -> Iterator[Event]:
        return a.request(asking(kind=RecordKind.CASE), THERE, at(EVENING))

    notes = opened(kind=RecordKind.SEALED_NOTE)
    after(for_the_case, granted).when(notes).refused("access-not-to-notes")
    after(for_the_case, granted).when(opened()).then(RecordOpened)
    after(requested, granted).when(notes).then(RecordOpened)


def test_an_access_serves_nobody_else() -> None:
    after(requested, granted).when(
        lambda a: a.open_record(UNDER_GLASS, at(GRANTED, "zhao"))
    ).refused("access-of-another")


@pytest.mark.parametrize("post", [{"role": Role.VOLUNTEER}, {"office": "county"}])
def test_an_access_serves_only_the_post_in_which_it_was_asked_for(post: dict[str, Any]) -> None:
    after(requested, granted).when(
        lambda a: a.open_record(UNDER_GLASS, at(GRANTED, **post))
    ).refused("access-in-other-post", role=Role.COUNSELLOR)


def test_the_end_of_an_access_is_noted_once_and_not_before_it() -> None:
    before = UNTIL - timedelta(seconds=1)
    after(requested, granted).when(lambda a: a.expire(GLASS, at(before, "system"))).refused(
        "access-not-over", until=UNTIL
    )
    (event,) = after(requested, granted).when(expired).then(AccessExpired)
    assert (event.access, event.record, event.until) == (GLASS, CASE, UNTIL)
    after(requested, granted, expired).when(expired).refused("access-already-expired")


def test_an_access_is_not_judged_before_it_ended() -> None:
    after(requested, granted).when(reviewed(UNTIL - timedelta(seconds=1))).refused(
        "access-not-over", until=UNTIL
    )
    after(requested, granted).when(reviewed()).then(AfterReviewed)


def test_a_verdict_carries_the_day_it_was_due() -> None:
    (event,) = after(requested, granted, expired).when(reviewed()).then(AfterReviewed)
    assert (event.access, event.record, event.due) == (GLASS, CASE, REVIEW_DUE)
    assert (event.verdict, event.text) == (AccessVerdict.JUSTIFIED, "情况属实")


def test_nobody_judges_his_own_access() -> None:
    after(requested, granted, expired).when(reviewed(who="li")).refused("verdict-by-reader")


def test_nobody_judges_an_access_that_he_granted() -> None:
    after(requested, granted, expired).when(reviewed(who=CHIEF)).refused("verdict-by-grantor")


def test_there_is_one_verdict() -> None:
    after(requested, granted, reviewed()).when(reviewed()).refused("access-already-reviewed")


def test_an_access_that_was_judged_no_longer_expires() -> None:
    after(requested, granted, reviewed()).when(expired).refused("access-already-expired")


def test_a_late_verdict_says_why() -> None:
    last_day = datetime(2019, 3, 8, 23, 59, tzinfo=SHANGHAI)
    day_after = last_day + timedelta(minutes=1)
    after(requested, granted).when(reviewed(last_day)).then(AfterReviewed)
    after(requested, granted).when(reviewed(day_after)).refused(
        "late-verdict-needs-reason", due=REVIEW_DUE
    )
    after(requested, granted).when(reviewed(day_after, reason="人员休假")).then(AfterReviewed)


def test_two_accesses_of_a_day_do_not_mix() -> None:
    second: Step = lambda a: a.request(  # noqa: E731
        asking(id=known("second"), record=known("another case")), THERE, at(EVENING)
    )
    after(requested, second, granted).when(opened(access=known("second"))).refused(
        "access-not-granted"
    )
    after(requested, second, granted).when(opened()).then(RecordOpened)


@holds(
    st.timedeltas(timedelta(0), timedelta(hours=2)),
    st.timedeltas(timedelta(minutes=-30), timedelta(hours=6)),
    st.timedeltas(timedelta(0), timedelta(hours=9)),
)
def test_a_record_is_never_seen_over_four_hours_after_its_grant(
    wait: timedelta, lasting: timedelta, used: timedelta
) -> None:
    granted_at = EVENING + wait
    state = after(requested)
    try:
        state.and_then(
            lambda a: a.grant(GLASS, granted_at + lasting, REVIEW_DUE, at(granted_at, CHIEF))
        )
        decide(state.aggregate, opened(EVENING + used))
    except Refused:
        return
    assert timedelta(0) <= used - wait < min(lasting, timedelta(hours=4))


def test_every_event_of_access_has_its_chinese_title() -> None:
    assert topics_of(access) == set(ACCESS_TITLES)


@pytest.mark.parametrize(("code", "context"), refusals_of(access).items())
def test_every_refusal_of_access_has_a_sentence_that_its_context_fills(
    code: str, context: set[str]
) -> None:
    assert not unfilled(code, context)


def test_no_sentence_about_access_is_left_over() -> None:
    assert set(ACCESS_REFUSALS) <= set(refusals_of(access))
