"""What every record has: an event with its stamp, an aggregate that decides, a refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, ClassVar, Final, Self, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
)

from domain.numbers import names_somebody
from domain.values import Role

SHANGHAI = ZoneInfo("Asia/Shanghai")  # every business date is a date there
FIRST_DAY = date(1900, 1, 1)  # no fact is dated earlier and no figure asked for: no slip is kept
LAST_DAY = date(2199, 12, 31)  # nor is anything dated or due later
LATE_AFTER = timedelta(days=3)  # past this a late entry (补录) must say why

Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
"""A day that a fact or an appointment can have."""

Instant = Annotated[
    AwareDatetime,
    Field(
        ge=datetime.combine(FIRST_DAY, time(), UTC),  # no day before it, wherever one is
        lt=datetime.combine(LAST_DAY, time(16), UTC),  # when it ends in Asia/Shanghai
    ),
]
"""A moment of such a day, with its offset from UTC."""

Occurred = Instant | Day
"""Business time: an instant, or a date in Asia/Shanghai where only the day is known."""

NEVER = r"\x00\u202a-\u202e\u2066-\u2069"  # U+0000, and what makes a text read in another order
UNSEEN = r"\s\u00ad\u115f\u1160\u200b-\u200f\u2060-\u2064\u3164\ufeff\uffa0"  # alone, no reason

Text = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=2000,
        pattern=f"^[^{NEVER}]*[^{NEVER}{UNSEEN}][^{NEVER}]*$",
    ),
]
"""A short text that a person wrote: something can be seen of it, in the order it was written in.

It holds no U+0000, which no jsonb can hold, and no control character of bidirectional text, which
would show a reason or a name as another one.
"""

UNSEALED: Final = (
    "不写姓名、证件号、电话、住址：此处文字不加密，永久保存，不能删除。"
    "No names, numbers or addresses of persons: this text is not sealed, is kept for good, and no "
    "erasure reaches it."
)
FreeText = Annotated[Text, Field(description=UNSEALED)]
"""A text that stands in the log as it was written: of what officials do, not of whom they serve."""

Minutes = Annotated[int, Field(ge=1, le=24 * 60)]
"""A duration within one day."""

Fen = Annotated[int, Field(ge=1, le=10**13)]
"""An amount of money, in fen (1/100 yuan)."""

Count = Annotated[int, Field(ge=0, le=10**7)]
"""How many persons, couples or things were counted."""


class Refused(Exception):  # noqa: N818 - a decision that says no, in the field's words
    """A rule of the domain says no; nothing was written.

    `code` is stable and names the rule; `domain.wording` holds its sentence for people.
    """

    def __init__(self, code: str, **context: object) -> None:
        super().__init__(code, context)
        self.code = code
        self.context = context

    def __reduce__(self) -> tuple[object, ...]:
        """Worker processes hand it to their parent."""
        return _refused, (self.code, self.context)


def _refused(code: str, context: dict[str, object]) -> Refused:
    return Refused(code, **context)


class Value(BaseModel):
    """An immutable value of the domain; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(Value):
    """Where a fact counts: a centre, station or room, and the region it lay in then.

    Facts of a region itself, such as a joint meeting, have no centre.
    """

    centre: UUID | None = None
    region: UUID


class Sealed(Value):
    """Personal data that only the vault can read; the domain passes it on unopened.

    `application.envelope` says what the members are.
    """

    z: Annotated[int, Field(ge=1)]
    k: str
    n: str
    h: str
    c: str


KeyName = Annotated[str, StringConstraints(pattern=r"^k:[0-9a-z-]{1,64}$")]
"""The name of a key in the vault."""


class Stamp(Value):
    """Who did it, in which role and office at that time, when it happened, and why.

    `actor` is a pseudonym; `office` the centre or region the person acted for; `request` the
    command that caused the event.
    """

    actor: UUID
    role: Role
    office: UUID
    occurred: Occurred
    reason: Text | None = None
    request: UUID
    _received: datetime | None = PrivateAttr(default=None)

    @property
    def occurred_on(self) -> date:
        """The business date in Asia/Shanghai."""
        return day(self.occurred)

    @property
    def received_on(self) -> date:
        """The date of recording in Asia/Shanghai, for decisions on facts with dates of their own.

        It is no part of the record, whose log has the time; once read back, the business date.
        """
        return day(self._received or self.occurred)

    @property
    def received_at(self) -> datetime | None:
        """When the command reached us, where it is still being decided; None once read back."""
        return self._received

    @classmethod
    def issue(cls, *, now: datetime, **fields: Any) -> Stamp:
        """Stamp a command that reached us at `now`.

        Refused when the business date lies in the future, when it lies more than three days back
        and no reason is given (domain §2), and when the reason holds a person's number, which no
        erasure would reach.
        """
        stamp = cls(**fields)
        stamp._received = now
        lateness = day(now) - stamp.occurred_on
        if moment(stamp.occurred) > now:
            raise Refused("occurred-in-future", occurred=stamp.occurred)
        if lateness > LATE_AFTER and stamp.reason is None:
            raise Refused("late-entry-needs-reason", days=lateness.days)
        if stamp.reason is not None and names_somebody(stamp.reason):
            raise Refused("number-in-reason")
        return stamp


def day(occurred: Occurred) -> date:
    """The business date of an instant or a date, in Asia/Shanghai."""
    if isinstance(occurred, datetime):
        return occurred.astimezone(SHANGHAI).date()
    return occurred


def moment(occurred: Occurred) -> datetime:
    """The instant of a business time, in UTC; a date counts from its start in Asia/Shanghai."""
    if isinstance(occurred, datetime):
        return occurred.astimezone(UTC)
    return datetime.combine(occurred, datetime.min.time(), SHANGHAI).astimezone(UTC)


EVENTS: dict[str, type[Event]] = {}
"""Every event class by its topic: the stable name with a version under which it is stored."""


class Event(Value):
    """A fact in the past tense: it happened and is never edited."""

    topic: ClassVar[str]

    originator_id: UUID
    originator_version: int
    stamp: Stamp

    def __init_subclass__(cls, *, topic: str | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if topic is not None:
            assert topic not in EVENTS, f"two events are called {topic}"
            cls.topic = topic
            EVENTS[topic] = cls

    @classmethod
    def of(cls, aggregate: Aggregate, by: Stamp, **facts: Any) -> Self:
        """The next event of an aggregate."""
        return cls(
            originator_id=aggregate.id,
            originator_version=aggregate.version + 1,
            stamp=by,
            **facts,
        )


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A consistent whole: its state is the fold of its events, its methods decide new ones.

    State holds only what decisions need. `version` is the last of its stream, which more may stand
    in than its events; it `exists` after the first of these. `about` is the first word of the
    topics of its events, by which they are told from those of another kind.
    """

    about: ClassVar[str]

    id: UUID
    version: int = 0
    exists: bool = field(default=False, kw_only=True)

    def evolve(self, event: Any) -> Self:
        """The state after one more event; `fold` keeps the version, and that it exists."""
        raise NotImplementedError


AnyAggregate = TypeVar("AnyAggregate", bound=Aggregate)
AnyEvent = TypeVar("AnyEvent", bound=Event)


def fold(aggregate: AnyAggregate, events: Iterable[Event]) -> AnyAggregate:
    """The aggregate after these events, which must be its next ones in order."""
    for event in events:
        assert event.originator_version == aggregate.version + 1, "events out of order"
        evolved = aggregate.evolve(event)
        if evolved is aggregate:
            evolved = replace(aggregate)
        # The instance is ours alone, seen by nobody yet; a second `replace` would double the cost.
        object.__setattr__(evolved, "version", event.originator_version)
        object.__setattr__(evolved, "exists", True)
        aggregate = evolved
    return aggregate


def decide(
    aggregate: AnyAggregate, decision: Callable[[AnyAggregate], Iterator[Event]]
) -> list[Event]:
    """The events that a decision yields, numbered from the aggregate's version on.

    Raises `Refused` when the decision says no; then there are no events at all.
    """
    return [
        event
        if event.originator_version == number
        else event.model_copy(update={"originator_version": number})
        for number, event in enumerate(decision(aggregate), start=aggregate.version + 1)
    ]
