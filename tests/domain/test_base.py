"""The rules of every record: its stamp, its events, its fold, its refusals."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from domain import base, values
from domain.base import (
    EVENTS,
    SHANGHAI,
    Aggregate,
    Event,
    Occurred,
    Place,
    Refused,
    Stamp,
    Text,
    Value,
    day,
    decide,
    fold,
    moment,
)
from domain.log import LOG_ID, Log, LogGenesis
from domain.numbers import checks, names_somebody
from domain.values import Labelled, RiskLevel, Role
from tests.author import KEYS
from tests.domain.scenario import known, stamp

NOON = datetime(2019, 3, 5, 12, tzinfo=SHANGHAI)
TODAY = NOON.date()
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
CIVIL = st.dates(date(1992, 1, 1), date(2100, 1, 1))  # before, China had summer time
INSTANTS = st.builds(
    lambda on, microseconds: datetime.combine(on, time(), UTC) + timedelta(0, 0, microseconds),
    CIVIL,
    st.integers(0, 24 * 60 * 60 * 10**6 - 1),
)


def issued(occurred: Occurred, *, now: datetime = NOON, reason: str | None = None) -> Stamp:
    return Stamp.issue(
        now=now,
        actor=known("li"),
        role=Role.COUNSELLOR,
        office=known("centre"),
        occurred=occurred,
        reason=reason,
        request=known("request"),
    )


def refusal_of(occurred: Occurred, *, now: datetime = NOON) -> Refused:
    with pytest.raises(Refused) as refused:
        issued(occurred, now=now)
    return refused.value


def test_a_stamp_says_who_when_and_why() -> None:
    given = issued(TODAY, reason="补录")
    assert (given.actor, given.office, given.request) == (
        known("li"),
        known("centre"),
        known("request"),
    )
    assert (given.role, given.occurred, given.reason) == (Role.COUNSELLOR, TODAY, "补录")


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002X",  # the example of GB 11643
        "11010519491231002x",
        "110105 19491231 002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "138.0013.8000",
        "138–0013–8000",
        "138\u200b0013\u200b8000",
        "+8613800138000",
        "008613800138000",
        "+86 138 0013 8000",
        "110105 1949 1231 002X",
        "110105.19491231.002X",
    ],
)
def test_a_reason_holds_no_number_of_a_person(number: str) -> None:
    for reason in (number, f"她的丈夫（{number}）来电", f"电话{number}打不通"):
        with pytest.raises(Refused, match="number-in-reason"):
            issued(TODAY, reason=reason)


@pytest.mark.parametrize(
    "number",
    [
        "110105194912310021",
        "2019-03-01 13:80",
        "0531-66600000",
        "213800138000",
        "鲁民〔2019〕12 号",
    ],
)
def test_a_reason_may_hold_numbers_of_files_days_and_offices(number: str) -> None:
    assert issued(TODAY, reason=f"见 {number}").reason == f"见 {number}"


@for_all(st.text(st.sampled_from("0123456789 -Xx年号"), max_size=40), st.integers(0, 10**17 - 1))
def test_a_citizens_number_is_found_in_whatever_text(around: str, digits: int) -> None:
    number = f"{digits:017}"
    check = next(sign for sign in "0123456789X" if checks(number + sign))
    assert names_somebody(f"{around}。{number}{check}。{around}")
    wrong = next(sign for sign in "0123456789" if sign != check)
    assert names_somebody(f"。{number}{wrong}。") is False


def test_what_happens_this_moment_is_stamped() -> None:
    assert issued(NOON).occurred == NOON


def test_what_happens_a_moment_later_is_refused() -> None:
    refusal = refusal_of(NOON + SECOND)
    assert (refusal.code, refusal.context) == ("occurred-in-future", {"occurred": NOON + SECOND})


def test_today_is_not_in_the_future() -> None:
    assert issued(TODAY).occurred_on == TODAY


def test_tomorrow_is_in_the_future() -> None:
    assert refusal_of(TODAY + DAY).code == "occurred-in-future"


@pytest.mark.parametrize("reason", ["系统停用", None])
def test_the_future_needs_no_reason_to_be_refused(reason: str | None) -> None:
    with pytest.raises(Refused, match="occurred-in-future"):
        issued(TODAY + DAY, reason=reason)


def test_a_day_begins_in_china_at_sixteen_hours_of_the_day_before_in_utc() -> None:
    sixteen = datetime(2019, 3, 5, 16, tzinfo=UTC)
    assert refusal_of(TODAY + DAY, now=sixteen - SECOND).code == "occurred-in-future"
    assert issued(TODAY + DAY, now=sixteen).occurred_on == TODAY + DAY


@pytest.mark.parametrize("days", [0, 1, 3])
def test_up_to_three_days_back_a_date_needs_no_reason(days: int) -> None:
    assert issued(TODAY - days * DAY).reason is None


@pytest.mark.parametrize("days", [4, 5, 400])
def test_more_than_three_days_back_a_date_needs_a_reason(days: int) -> None:
    refusal = refusal_of(TODAY - days * DAY)
    assert (refusal.code, refusal.context) == ("late-entry-needs-reason", {"days": days})


def test_a_late_entry_with_a_reason_is_stamped() -> None:
    assert issued(TODAY - 400 * DAY, reason="补录").occurred_on == TODAY - 400 * DAY


def test_lateness_counts_days_in_china_and_not_hours() -> None:
    soon_after_midnight = datetime(2019, 3, 5, 0, 30, tzinfo=SHANGHAI)
    third = datetime(2019, 3, 2, 0, 0, tzinfo=SHANGHAI)
    assert issued(third, now=soon_after_midnight).occurred_on == TODAY - 3 * DAY
    refusal = refusal_of(third - SECOND, now=soon_after_midnight)
    assert (refusal.code, refusal.context) == ("late-entry-needs-reason", {"days": 4})


def test_an_instant_of_another_zone_counts_on_its_day_in_china() -> None:
    at = datetime(2019, 3, 1, 16, tzinfo=UTC)
    assert issued(at).occurred_on == date(2019, 3, 2)
    assert refusal_of(at - SECOND).context == {"days": 4}


@for_all(CIVIL, st.integers(-3, 10))
def test_a_date_is_stamped_without_reason_from_today_to_three_days_back(
    today: date, back: int
) -> None:
    now = moment(today) + timedelta(hours=9)
    try:
        issued(today - back * DAY, now=now)
        code = None
    except Refused as refusal:
        code = refusal.code
    wanted = "occurred-in-future" if back < 0 else "late-entry-needs-reason" if back > 3 else None
    assert code == wanted


def test_an_empty_reason_is_none() -> None:
    with pytest.raises(ValidationError):
        issued(TODAY, reason="  ")


def test_a_time_without_a_zone_is_no_business_time() -> None:
    with pytest.raises(ValidationError):
        issued(NOON.replace(tzinfo=None))


def test_a_stamp_takes_no_fact_that_it_does_not_know() -> None:
    with pytest.raises(ValidationError):
        Stamp.issue(now=NOON, **{**dict(stamp(TODAY)), "place": "here"})


@for_all(st.one_of(CIVIL, INSTANTS))
def test_a_stamp_is_read_as_it_was_written(occurred: Occurred) -> None:
    written = stamp(occurred)
    read = Stamp.model_validate_json(written.model_dump_json())
    assert read == written
    assert isinstance(read.occurred, datetime) is isinstance(occurred, datetime)


def test_when_a_command_was_received_is_known_to_the_decision_and_not_recorded() -> None:
    given = issued(TODAY - DAY)
    assert given.received_on == TODAY
    read = Stamp.model_validate_json(given.model_dump_json())
    assert read.received_on == TODAY - DAY


@for_all(CIVIL)
def test_a_date_counts_from_its_first_moment_in_china(on: date) -> None:
    first = moment(on)
    assert first == datetime(on.year, on.month, on.day, tzinfo=SHANGHAI)
    assert (day(first), day(first - SECOND)) == (on, on - DAY)


@for_all(INSTANTS)
def test_the_day_of_an_instant_is_that_of_eight_hours_later_in_utc(instant: datetime) -> None:
    assert day(instant) == (instant + timedelta(hours=8)).date()
    assert moment(day(instant)) <= moment(instant) < moment(day(instant) + DAY)


def test_the_moment_of_an_instant_is_in_utc() -> None:
    assert moment(NOON).tzinfo is UTC
    assert moment(NOON) == NOON


@pytest.mark.parametrize(
    "written", ["", " ", "字" * 2001, "a\0b", "\u200b", "\ufeff \u2060", "ab\u202edc", "\u2067a"]
)
def test_a_text_is_neither_empty_nor_endless_nor_reads_otherwise_than_written(
    written: str,
) -> None:
    class Note(BaseModel):
        text: Text

    with pytest.raises(ValidationError):
        Note(text=written)


@pytest.mark.parametrize("written", ["字", "a\u200bb", "–", "第1次\n第2次", "👩\u200d👦"])
def test_a_text_keeps_what_a_person_can_see(written: str) -> None:
    assert TypeAdapter(Text).validate_python(written) == written


@pytest.mark.parametrize(
    ("on", "possible"),
    [
        (date(1899, 12, 31), False),
        (date(1900, 1, 1), True),
        (date(2199, 12, 31), True),
        (date(2200, 1, 1), False),
    ],
)
def test_no_fact_has_a_day_that_no_ledger_and_no_figure_reaches(on: date, possible: bool) -> None:
    noon = datetime.combine(on, time(12), timezone(timedelta(hours=8)))
    for occurred in (on, noon):
        if possible:
            assert TypeAdapter(Occurred).validate_python(occurred) == occurred
        else:
            with pytest.raises(ValidationError):
                TypeAdapter(Occurred).validate_python(occurred)


def test_a_value_is_never_edited() -> None:
    place = Place(region=known("region"))
    with pytest.raises(ValidationError):
        place.region = known("other")  # type: ignore[misc]


def test_a_value_takes_no_fact_that_it_does_not_know() -> None:
    with pytest.raises(ValidationError):
        Place(region=known("region"), floor=3)  # type: ignore[call-arg]


def test_a_refusal_names_its_rule_and_what_it_is_about() -> None:
    refusal = Refused("record-voided", record=known("one"))
    assert (refusal.code, refusal.context) == ("record-voided", {"record": known("one")})


def test_a_refusal_comes_back_whole_from_a_worker_process() -> None:
    refusal = pickle.loads(pickle.dumps(Refused("late-entry-needs-reason", days=4)))
    assert (refusal.code, refusal.context) == ("late-entry-needs-reason", {"days": 4})


def test_an_event_is_found_by_its_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "EVENTS", {})

    class DoorOpened(Event, topic="door.opened.v1"):
        pass

    assert DoorOpened.topic == "door.opened.v1"
    assert {"door.opened.v1": DoorOpened} == base.EVENTS


def test_two_events_never_have_one_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "EVENTS", {})

    class DoorOpened(Event, topic="door.opened.v1"):
        pass

    with pytest.raises(AssertionError, match=r"two events are called door\.opened\.v1"):

        class DoorOpenedAgain(Event, topic="door.opened.v1"):
            pass

    assert {"door.opened.v1": DoorOpened} == base.EVENTS


def test_a_base_of_events_is_no_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "EVENTS", {})

    class DoorEvent(Event):
        pass

    assert base.EVENTS == {}
    assert not hasattr(DoorEvent, "topic")


class Pressed(LogGenesis):
    """A press of a bell that is `loud`, or changes nothing."""

    loud: bool = True


@dataclass(frozen=True, slots=True)
class Bell(Aggregate):
    """Something that counts how often it rang."""

    rang: int = 0

    def press(self, times: int, by: Stamp, loud: bool = True) -> Iterator[Event]:
        if times > 3:
            raise Refused("too-often", times=times)
        for _ in range(times):
            yield Pressed.of(self, by, simulated=True, note="ring", keys=KEYS, loud=loud)

    def press_then_refuse(self, by: Stamp) -> Iterator[Event]:
        yield from self.press(1, by)
        raise Refused("too-late")

    def evolve(self, event: Pressed) -> Bell:
        return replace(self, rang=self.rang + 1) if event.loud else self


BELL = Bell(known("bell"))


def pressed(bell: Bell, times: int, loud: bool = True) -> list[Event]:
    return decide(bell, lambda b: b.press(times, stamp(), loud))


def test_an_event_of_an_aggregate_is_its_next_one() -> None:
    seventh = replace(BELL, version=6)
    (event,) = pressed(seventh, 1)
    assert (event.originator_id, event.originator_version) == (BELL.id, 7)
    assert event.stamp == stamp()


def test_the_events_of_one_decision_are_numbered_one_after_the_other() -> None:
    events = pressed(replace(BELL, version=6), 3)
    assert [event.originator_version for event in events] == [7, 8, 9]


@for_all(st.integers(0, 9), st.lists(st.booleans(), max_size=4))
def test_a_record_exists_after_its_first_event_wherever_its_stream_is(
    behind: int, louds: list[bool]
) -> None:
    """Rows that are no events of it may stand in front of the first."""
    bell = replace(BELL, version=behind)
    for loud in louds:
        bell = fold(bell, pressed(bell, 1, loud))
    assert (bell.version, bell.exists) == (behind + len(louds), bool(louds))


def test_no_decision_tells_by_the_version_whether_a_record_exists() -> None:
    """Somebody else may have written into its stream before."""
    for module in Path(str(base.__file__)).parent.glob("*.py"):
        assert not re.search(r"\bif (not )?\w+\.version\b", module.read_text("utf-8")), module


def test_a_decision_that_changes_nothing_has_no_events() -> None:
    assert pressed(BELL, 0) == []


def test_a_refused_decision_has_no_events() -> None:
    with pytest.raises(Refused, match="too-often"):
        pressed(BELL, 4)


def test_a_decision_refused_half_way_has_no_events_either() -> None:
    with pytest.raises(Refused, match="too-late"):
        decide(BELL, lambda b: b.press_then_refuse(stamp()))


def test_a_fold_ends_with_the_version_of_the_last_event() -> None:
    bell = fold(BELL, pressed(BELL, 3))
    assert (bell.rang, bell.version) == (3, 3)


def test_an_event_that_changes_no_state_counts_as_a_version() -> None:
    bell = fold(BELL, pressed(BELL, 2, loud=False))
    assert (bell.rang, bell.version) == (0, 2)


def test_a_fold_leaves_the_aggregate_it_began_with_as_it_was() -> None:
    for loud in (True, False):
        fold(BELL, pressed(BELL, 2, loud))
        assert (BELL.rang, BELL.version) == (0, 0)


def test_a_fold_of_nothing_is_the_aggregate_itself() -> None:
    assert fold(BELL, []) is BELL


@for_all(st.lists(st.integers(0, 3), max_size=6))
def test_a_fold_of_all_is_the_fold_of_the_rest_after_the_first(presses: list[int]) -> None:
    bell, events = BELL, []
    for times in presses:
        decided = pressed(bell, times)
        bell = fold(bell, decided)
        events += decided
    assert bell == fold(BELL, events)
    for cut in range(len(events) + 1):
        assert fold(fold(BELL, events[:cut]), events[cut:]) == bell


@pytest.mark.parametrize("wrong", ["skipped", "repeated", "swapped"])
def test_events_out_of_order_are_noticed(wrong: str) -> None:
    first, second, third = pressed(BELL, 3)
    orders = {
        "skipped": [first, third],
        "repeated": [first, first],
        "swapped": [second, first],
    }
    with pytest.raises(AssertionError, match="events out of order"):
        fold(BELL, orders[wrong])


def test_an_aggregate_says_itself_how_it_changes() -> None:
    event = LogGenesis.of(Log(LOG_ID), stamp(), simulated=True, note="ring", keys=KEYS)
    with pytest.raises(NotImplementedError):
        fold(Aggregate(known("bell")), [event])


def test_a_labelled_value_is_stored_as_its_value_and_read_as_its_label() -> None:
    assert RiskLevel("red") is RiskLevel.RED
    assert (RiskLevel.RED == "red", RiskLevel.RED.label) == (True, "红色")
    assert f"{RiskLevel.RED}" == "red"


def test_a_labelled_value_is_written_to_json_without_its_label() -> None:
    class Case(Value):
        risk: RiskLevel

    written = Case(risk=RiskLevel.RED).model_dump_json()
    assert written == '{"risk":"red"}'
    assert Case.model_validate_json(written).risk is RiskLevel.RED


def test_a_value_that_is_not_in_the_list_is_refused() -> None:
    with pytest.raises(ValueError, match="purple"):
        RiskLevel("purple")


LISTS: list[Any] = [
    kind
    for kind in vars(values).values()
    if isinstance(kind, type) and issubclass(kind, Labelled) and kind is not Labelled
]


@pytest.mark.parametrize("kind", LISTS, ids=lambda kind: kind.__name__)
def test_every_value_of_a_list_is_kebab_case_with_a_chinese_label(kind: type[Labelled]) -> None:
    for member in kind:
        assert str(member).replace("-", "").isalnum()
        assert str(member) == str(member).lower()
        assert any("\u4e00" <= letter <= "\u9fff" for letter in member.label)


@pytest.mark.parametrize("kind", LISTS, ids=lambda kind: kind.__name__)
def test_no_two_values_of_a_list_have_one_label(kind: type[Labelled]) -> None:
    labels = [member.label for member in kind]
    assert len(set(labels)) == len(labels)


def test_the_tests_of_this_module_leave_no_event_behind() -> None:
    assert all(event.__module__ != __name__ for event in EVENTS.values())
