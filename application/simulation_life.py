"""How one aggregate lives in the simulated year: its decisions, and when they are recorded.

Everything goes through the real decision methods. Business time is simulated, and recorded time
after it: most facts are entered within the hour, some in the evening, a few weeks late.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import Final, Generic, NamedTuple, TypeVar
from uuid import UUID, uuid5

from application.codec import encode
from application.drafts import Draft, Whose, sealed
from application.records import Actor
from domain.base import SHANGHAI, Aggregate, Event, Stamp, decide, fold

NAMESPACE: Final = UUID("3d0b1f5c-7a51-5d0e-9a3c-2019370000aa")  # of every name in a simulated year
FIRST_DAY: Final = date(2019, 1, 1)
LAST_DAY: Final = date(2019, 12, 31)
OPENS: Final = datetime(2018, 12, 15, tzinfo=SHANGHAI).astimezone(UTC)  # the log's first instant
HORIZON: Final = datetime(2020, 2, 21, tzinfo=SHANGHAI).astimezone(UTC)  # nothing happens after it
ENDS: Final = datetime(2020, 2, 28, tzinfo=SHANGHAI).astimezone(UTC)  # nothing is entered after it
MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)
REASON_AFTER: Final = timedelta(days=3)  # an entry later than this says why

PROMPT, SAME_DAY, IN_DAYS = 0.845, 0.945, 0.988  # shares of entries, added up; the rest is late
TAIL: Final = (
    1.15  # of the Pareto distribution of late entries: half within a week, some for months
)

LATE_REASONS: Final = (
    "纸质记录补录",
    "网络故障，事后补录",
    "经办人出差，返岗后补录",
    "月底核对台账时补录",
    "交接班遗漏，补录",
)
CORRECTION_REASONS: Final = (
    "月末核对台账发现录入有误",
    "与纸质登记表核对后更正",
    "上级数据审核退回，更正",
    "当事人反映信息有误，核实后更正",
)
VOIDING_REASONS: Final = ("重复录入", "误录入其他个案的记录", "核查确认该记录不存在")

SET_UP_REASON: Final = "系统启用，历史信息录入"

Seal = Callable[[Whose, str], Draft]
"""Puts a text under the key of whom it is about, to be sealed where it is recorded."""

Decision = Callable[..., Iterator[Event]]
"""A decision method of an aggregate, its stamp last."""

Happening = Callable[[datetime], None]
"""What happens at an instant."""

AnyAggregate = TypeVar("AnyAggregate", bound=Aggregate)
T = TypeVar("T")


class Row(NamedTuple):
    """An event as it is staged, before it has a position."""

    recorded_at: datetime
    originator_id: UUID
    originator_version: int
    topic: str
    state: bytes


def name(seed: int, *parts: object) -> UUID:
    """The id of a thing by its name: the same in every run with this seed."""
    return uuid5(NAMESPACE, "/".join(map(str, (seed, *parts))))


def random_of(seed: int, *parts: object) -> Random:
    """A source of chance of its own, so that no life depends on how another one went."""
    return Random("/".join(map(str, (seed, *parts))))  # noqa: S311 - it must repeat itself


def new_id(rng: Random) -> UUID:
    """An id for a record or request."""
    return UUID(int=rng.getrandbits(128), version=4)


def at(on: date, minutes: float) -> datetime:
    """The instant so many minutes after midnight of a day in Asia/Shanghai."""
    midnight = datetime(on.year, on.month, on.day, tzinfo=UTC) - timedelta(hours=8)
    return midnight + timedelta(seconds=int(minutes * 60))


def office_hour(rng: Random, on: date) -> datetime:
    """An instant of that day while offices are open: 8:30 to 11:30 or 13:30 to 16:45."""
    if rng.random() < 0.58:  # people come in the morning
        return at(on, rng.triangular(510, 690, 545))
    return at(on, rng.triangular(810, 1005, 855))


def chosen(rng: Random, weighted: Sequence[tuple[T, float]]) -> T:
    """One of several by shares that add up to 1."""
    dice = rng.random()
    for value, part in weighted:
        dice -= part
        if dice < 0:
            return value
    return weighted[0][0]


class Life(Generic[AnyAggregate]):
    """One aggregate that lives: each decision is stamped, recorded and folded."""

    def __init__(self, aggregate: AnyAggregate, rng: Random) -> None:
        self.aggregate = aggregate
        self.rng = rng
        self.rows: list[Row] = []
        self.recorded_at = OPENS
        self.lag = MINUTE
        self._agenda: list[tuple[datetime, int, Happening]] = []
        self._numbers = count()

    def meet(self, when: datetime) -> None:
        """Something happens: from here on facts are recorded with one delay."""
        rng = self.rng
        dice = rng.random()
        if dice < PROMPT:
            self.lag = timedelta(seconds=60 + int(rng.expovariate(1 / 1100)))
        elif dice < SAME_DAY:
            self.lag = timedelta(minutes=rng.randrange(90, 360))
        else:
            days = rng.randrange(1, 4) if dice < IN_DAYS else int(3 + rng.paretovariate(TAIL))
            self.lag = min(days, 120) * DAY + timedelta(minutes=rng.randrange(5, 50))
        self.lag = min(self.lag, max(ENDS - when, MINUTE))

    def promptly(self) -> None:
        """What follows is recorded at once."""
        self.lag = timedelta(seconds=self.rng.randrange(20, 90))

    def take(
        self,
        decision: Decision,
        *facts: object,
        by: Actor,
        occurred: datetime,
        over: datetime | None = None,
        reason: str | None = None,
    ) -> None:
        """Let the aggregate decide on a fact of this time, and record it after the lag.

        What lasts is recorded when it is `over`.
        """
        rng = self.rng
        earliest = self.recorded_at + timedelta(microseconds=rng.randrange(4_000_000, 45_000_000))
        now = max((over or occurred) + self.lag, earliest)
        if reason is None and now - occurred > REASON_AFTER:
            reason = rng.choice(LATE_REASONS)
        stamp = Stamp.issue(
            now=now,
            actor=by.id,
            role=by.role,
            office=by.office,
            occurred=occurred,
            reason=reason,
            request=new_id(rng),
        )
        aggregate = self.aggregate
        decided = decide(aggregate, lambda state: decision(state, *facts, stamp))
        events = [sealed(event) for event in decided]
        self.aggregate = fold(aggregate, events)
        self.recorded_at = now
        self.rows += [
            Row(now, event.originator_id, event.originator_version, event.topic, encode(event))
            for event in events
        ]

    def plan(self, when: datetime, happening: Happening) -> None:
        """Put a happening on the agenda; what lies beyond the horizon does not happen."""
        if when < HORIZON:
            heapq.heappush(self._agenda, (when, next(self._numbers), happening))

    def run(self) -> list[Row]:
        """Let everything on the agenda happen in the order of time; returns what was recorded."""
        while self._agenda:
            when, _, happening = heapq.heappop(self._agenda)
            self.meet(when)
            happening(when)
        return self.rows


def month_after(on: date) -> date:
    """The fifth day of the month after the one of a date, when ledgers are checked."""
    return date(on.year + on.month // 12, on.month % 12 + 1, 5)


def set_up(rng: Random, on: date) -> datetime:
    """An instant of that day of the set-up, between 9:00 and 17:00."""
    return datetime.combine(on, time(1), UTC) + timedelta(seconds=rng.randrange(8 * 3600))
