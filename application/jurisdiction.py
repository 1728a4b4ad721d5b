"""Whether an action of the policy reaches a record: where it lies, and whose hands it is in.

Territory is the dated tree of regions as the log knows it now, on the present day: a boundary that
changed yesterday changes today who is in charge. (What somebody could see on a past day is a
question to the same functions with the tree and the day of then.)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self
from uuid import UUID

from psycopg import sql
from psycopg.rows import tuple_row

from application.action_words import WORDS
from application.destructions import ROWS
from application.eventlog import Position
from application.inspection import SealedRow
from application.issuers import issuers, level_asked, office_of_level
from application.policy import Action, Actor, Reach, action_of, reach
from application.recorder import OF_THE_TREE
from application.unsigned import Authors, proved
from domain import case_care, case_file, practitioner_posts, region_boundaries
from domain.access import Access, AccessRequest
from domain.account import Account
from domain.account_events import Conflict, account_id
from domain.assessment import ImpactAssessment
from domain.base import Aggregate, AnyAggregate, Place, Refused, Value, day
from domain.case import COUNSELLING, Case
from domain.centre import Centre
from domain.centre_events import Establishment, Shift, Subsidy
from domain.disposal import Disposal, Proposal
from domain.log import Log
from domain.pin import Pin, Question
from domain.practitioner import Practitioner
from domain.practitioner_events import Post, ServiceHours, Tenure, Training
from domain.record import present
from domain.region import Region
from domain.region_events import Founding, Succession
from domain.request import Demand, PersonRequest
from domain.review import Finding, Review
from domain.subject import Subject
from domain.supervision import SupervisionOrder
from domain.territory import Territory, TerritoryFact, territory_facts_of
from domain.wording import Said

if TYPE_CHECKING:
    from application.records import Records

ANEW: Final = 3600.0  # seconds: how long a row that somebody changed for a moment moves a boundary

NEW_FACTS: Final = (
    sql.SQL(ROWS + "where {of_the_tree} and position > {after} order by position")
    .format(of_the_tree=OF_THE_TREE, after=sql.Placeholder())
    .as_bytes(None)
)


class NotFound(Said):
    """There is no such record."""


class Forbidden(Said):
    """The policy does not let the actor do or see this."""


def kept_out() -> Forbidden:
    """The refusal of a record with which somebody declared a conflict."""
    return Forbidden(
        "You declared a conflict with what this is about; leave it to somebody not concerned.",
        "您已就此申报回避，请由无利害关系的人员办理。",
    )


def of_another_office() -> Forbidden:
    """The refusal of what only another office, or one above it, is to decide."""
    return Forbidden(
        "This is for the office that issued, entered, opened, locked or requires it, or one above; "
        "a level of a report for the office of that level. Ask there.",
        "该事项由签发、登记、发起、锁定或布置的单位或其上级办理，报表各级审核由该级单位办理，请联系该单位。",
    )


def of_several_offices() -> Forbidden:
    """The refusal of what changes the posts or the figures of another office of a person."""
    return Forbidden(
        "This also changes a post, the service or the head count of another office at which the "
        "person is; let that office do its part first, such as ending its own post, or ask the "
        "office above both.",
        "此操作同时改变该人员在其他单位的岗位、服务记录或人数统计，"
        "请先由该单位办理（例如结束本单位岗位），或者由共同的上级单位办理。",
    )


OPENED_IN_EMERGENCY: Final = frozenset(
    {
        Action.READ_CASES,
        Action.READ_SUMMARIES,
        Action.READ_IDENTITIES,
        Action.READ_CONTACTS,
        Action.READ_NOTES,
        Action.READ_WORK,
    }
)
"""What a break-glass access shows of a record; never where somebody hides, and it does nothing."""


def forbidden(actor: Actor, *actions: Action) -> Forbidden:
    """The refusal of an action, or of which of several it may be, in the words of the roster."""
    named = ", ".join(f"{WORDS[action]} ({action})" for action in actions)
    labels = "、".join(action.label for action in actions)
    if all(reach(actor, action) is Reach.NONE for action in actions):
        return Forbidden(
            f"As {actor.role} you may not do this – {named}; ask whose office it is.",
            f"{actor.role.label}无权办理“{labels}”，请联系有权的单位或人员。",
        )
    opens = not OPENED_IN_EMERGENCY.isdisjoint(actions)
    emergency = (", or for access in an emergency", "，或者申请紧急查阅") if opens else ("", "")
    return Forbidden(
        f"This record lies outside of what you may act on as {actor.role} – {named}; ask the "
        f"office in charge{emergency[0]}.",
        f"该记录不在您作为{actor.role.label}的职权范围内（{labels}），请联系主管单位{emergency[1]}。",
    )


class Spot(NamedTuple):
    """A place of a record: of a centre, or of a region itself."""

    centre: UUID | None
    region: UUID


class Whereabouts(NamedTuple):
    """Where a record lies, and the people who take care of it: actors and members of the team.

    Without a spot it belongs to the office that acts. Who is at the `window` received it as
    registrar.
    """

    spots: tuple[Spot, ...] = ()
    hands: frozenset[UUID] = frozenset()
    window: UUID | None = None


def sees_all(_: UUID | None, __: UUID) -> bool:
    """Every place."""
    return True


def rules_all(_: UUID) -> bool:
    """Every region."""
    return True


def rules_none(_: UUID) -> bool:
    """No region."""
    return False


@dataclass(frozen=True, slots=True)
class Sight:
    """Which rows of a list or of figures an actor sees.

    `everything`, or what lies at places that `sees` says yes to; with `hands`, only cases that are
    in one of these hands, and now lie where `near` says yes; who is `apart` counsels, and what he
    received as registrar is not in his hands. All that lies in a region is seen
    where `rules` says yes of it. Lists leave out the cases and people `without`, with which the
    actor declared a conflict; figures count them like any other.
    """

    everything: bool
    sees: Callable[[UUID | None, UUID], bool]
    hands: tuple[UUID, ...] | None = None
    near: Callable[[UUID | None, UUID], bool] = sees_all
    apart: bool = False
    without: frozenset[UUID] = frozenset()
    rules: Callable[[UUID], bool] = rules_all


LOOKING: Final[Mapping[type[Aggregate], Action]] = {
    Case: Action.READ_CASES,
    Access: Action.READ_LOOKS,
    Account: Action.MANAGE_ACCOUNTS,
    Centre: Action.READ_WORK,
    Practitioner: Action.READ_WORK,
    SupervisionOrder: Action.READ_WORK,
    Review: Action.READ_WORK,
    PersonRequest: Action.READ_REQUESTS,
    ImpactAssessment: Action.READ_ASSESSMENTS,
    Disposal: Action.READ_REQUESTS,
    Subject: Action.ERASE,
    Region: Action.READ_REGIONS,
    Pin: Action.READ_FIGURES,
    Log: Action.JUDGE_ACCESS,
}
"""The action of looking at a record of each kind."""


def sees_none(_: UUID | None, __: UUID) -> bool:
    """No place."""
    return False


EVERYTHING: Final = Sight(True, sees_all)
"""What the system itself sees."""

NOTHING: Final = Sight(False, sees_none, rules=rules_none)
"""What is seen before it is known by which action."""


NOBODY_YET: Final[Mapping[UUID, list[Conflict]]] = {}
"""Of nobody is it known what he declared."""


def nobody(_: Sequence[Position]) -> None:
    """Tell nobody of rows that are passed over."""


class Tree:
    """The territory as the log knows it now, caught up with at every question.

    It gives power, so each row is proved once, and `passed_over` hears of those that nobody signed.
    Each hour it is read from its beginning.
    """

    def __init__(
        self,
        connection: Callable[[], AbstractContextManager[Any]],
        passed_over: Callable[[Sequence[Position]], None] = nobody,
        authors: Authors | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._connection = connection
        self._authors = authors or Authors()
        self._passed_over = passed_over
        self._clock = clock
        self._lock = Lock()
        self._begin()

    def _begin(self) -> None:
        self._begun_at = self._clock()
        self._facts: list[TerritoryFact] = []
        self._reached: Position = 0
        self._territory = Territory(())

    def now(self, newest: Position | None = None) -> Territory:
        """The territory after every event recorded so far.

        Where the caller was just told which is the `newest` of them, the log is asked only for
        what is not known yet.
        """
        with self._lock:
            if newest is None or newest > self._reached or self._outdated:
                self._catch_up()
            return self._territory

    def at(self, position: Position) -> StillTree:
        """The territory as known at a position."""
        with self._lock:
            self._catch_up()
            facts = [fact for fact in self._facts if fact.position <= position]
        return StillTree(Territory(facts))

    @property
    def _outdated(self) -> bool:
        return self._clock() - self._begun_at > ANEW

    def _catch_up(self) -> None:
        anew = self._outdated
        with (
            self._connection() as connection,
            connection.cursor(row_factory=tuple_row, binary=True) as cursor,
        ):
            after = 0 if anew else self._reached
            rows = [
                SealedRow(*row)
                for row in cursor.execute(NEW_FACTS, (after,), prepare=True).fetchall()
            ]
            authors = self._authors.of(connection, rows) if rows else None
        if anew:
            self._begin()
        if rows:
            facts: list[TerritoryFact] = []
            unsigned: list[Position] = []
            for row, event in proved(rows, authors):
                if event is None:
                    unsigned.append(row.position)
                else:
                    facts.extend(territory_facts_of(event, row.position))
            self._reached = rows[-1].position
            self._facts.extend(facts)
            self._territory = self._territory.extended(facts)
            if unsigned:
                self._passed_over(unsigned)


class StillTree(NamedTuple):
    """The territory as known at a position, whatever is recorded since."""

    territory: Territory

    def now(self, _: Position | None = None) -> Territory:
        """The territory of then."""
        return self.territory


class ReadOnce:
    """A territory as known when it is first asked for, or when its `newest` event was told."""

    def __init__(self, tree: Tree | StillTree | ReadOnce, newest: Position | None) -> None:
        self._tree = tree
        self._newest = newest

    def now(self, _: Position | None = None) -> Territory:
        """The territory of then."""
        return self._territory

    @cached_property
    def _territory(self) -> Territory:
        return self._tree.now(self._newest)


class Jurisdiction:
    """The policy applied to the records of a log."""

    def __init__(
        self,
        records: Records,
        tree: Tree | StillTree | ReadOnce,
        clock: Callable[[], datetime],
        position: Position | None = None,
    ) -> None:
        self._records = records
        self._tree = tree
        self._clock = clock
        self._position = position
        self._declared: dict[UUID, list[Conflict]] | None = None

    def require(
        self,
        actor: Actor,
        decision: Callable[..., Any],
        aggregate: AnyAggregate,
        facts: tuple[object, ...],
    ) -> None:
        """Refuse a decision that the policy does not let an actor take on a record.

        Raises `Forbidden`, `PolicyGap`.
        """
        action = action_of(decision)
        found = reach(actor, action)
        if found is Reach.NONE or (
            found is not Reach.ALL
            and not self.reaches(actor, action, self.whereabouts(aggregate, decision, facts))
        ):
            raise forbidden(actor, action)
        if decision is not case_care.recuse and self.stays_out(actor, aggregate, facts):
            raise kept_out()
        if found is Reach.ALL:
            return
        self.require_issuer(actor, action, aggregate, decision, facts)
        if aggregate.exists and decision is not case_file.request_transfer:
            # Where a record is put must be in reach as well: heads and rows would count elsewhere.
            for spot in (*spots_in(facts), *spots_joined(action, aggregate, decision, facts)):
                if not self.reaches(actor, action, Whereabouts((spot,))):
                    raise forbidden(actor, action)
        if isinstance(aggregate, Practitioner):
            for spot in spots_changed(aggregate, decision, facts):
                if not self.reaches(actor, action, Whereabouts((spot,))):
                    raise of_several_offices()

    def require_issuer(
        self,
        actor: Actor,
        action: Action,
        aggregate: AnyAggregate,
        decision: Callable[..., Any],
        facts: tuple[object, ...],
    ) -> None:
        """Refuse to be done from below with what another office issued, opened, locked or expects.

        A level of a report is passed by its own office alone, not by one above. Raises `Forbidden`.
        """
        for office in issuers(aggregate, decision, facts, self.today):
            if not self.reaches(actor, action, Whereabouts((self.spot_of_office(office),))):
                raise of_another_office()
        level = level_asked(decision, facts)
        if level is not None:
            territory, today = self._tree.now(), self.today
            passing = office_of_level(territory, aggregate.id, level, today)
            if passing is None or ruled_from(territory, actor.office, today) != passing:
                raise of_another_office()

    def require_question(
        self, actor: Actor, action: Action, question: Question, position: Position, at: datetime
    ) -> None:
        """Refuse a question about a region that is out of reach, as known at a reading.

        A code may have been another region's then, and the figures are of that one. Raises
        `Forbidden`, `NotFound`.
        """
        found = reach(actor, action)
        if found is Reach.ALL:
            return
        asked = Whereabouts((self.as_of(position, at).region_of(question),))
        if found is Reach.NONE or not self.reaches(actor, action, asked):
            raise forbidden(actor, action)

    def require_offices(self, actor: Actor, action: Action, offices: Iterable[UUID]) -> None:
        """Refuse an action on anything of offices that are not all in reach. Raises `Forbidden`."""
        for office in offices:
            where = Whereabouts((self.spot_of_office(office),))
            found = reach(actor, action)
            if found is Reach.NONE or (
                found is not Reach.ALL and not self.reaches(actor, action, where)
            ):
                raise forbidden(actor, action)

    def name_of(self, office: UUID) -> str:
        """What a centre or a region is called today."""
        return self._tree.now().name_at(office, self.today)

    def is_below(self, actor: Actor, office: UUID) -> bool:
        """Whether an actor works at a centre of a region, or in a region below it."""
        territory, own = self._tree.now(), self.spot_of_office(actor.office)
        return office in territory.path_at(own.region, self.today)

    def require_sight(self, actor: Actor, action: Action, aggregate: AnyAggregate) -> None:
        """Refuse to show a record. Raises `Forbidden`."""
        if self.stays_out(actor, aggregate):
            raise kept_out()
        if not self.may_see(actor, action, aggregate):
            raise forbidden(actor, action)

    def may_see(self, actor: Actor, action: Action, aggregate: AnyAggregate) -> bool:
        """Whether an action of looking reaches a record."""
        found = reach(actor, action)
        if found is Reach.NONE or self.stays_out(actor, aggregate):
            return False
        return found is Reach.ALL or self.reaches(actor, action, self.whereabouts(aggregate))

    def require_with(self, record: Aggregate, place: Place) -> None:
        """Refuse a place that a record does not lie with: its office would decide on it.

        It lies with its own place and with the regions above.
        """
        territory, asked = self._tree.now(), spot_of(place)
        for spot in self.whereabouts(record).spots:
            lies_in = territory.of_place(spot.centre, spot.region, self.today) or spot.region
            if asked.centre is None and asked.region in territory.path_at(lies_in, self.today):
                return
            if asked.centre is not None and asked.centre == spot.centre:
                return
        raise Refused("record-elsewhere", record=record.id)

    def stays_out(
        self, actor: Actor, aggregate: AnyAggregate, facts: Collection[object] = ()
    ) -> bool:
        """Whether an actor declared a conflict (回避) with what a record is about."""
        about = concerned(aggregate, facts) - {actor.id, account_id(actor.id)}
        return bool(about) and any(
            not about.isdisjoint({conflict.case, *streams_of(conflict.person)})
            for conflict in self.conflicts_of(actor)
        )

    def conflicts_of(self, actor: Actor) -> list[Conflict]:
        """What an actor declared, and nobody took back."""
        if self._declared is None:
            return self._conflicts_now(actor)
        if actor.id not in self._declared:
            self._declared[actor.id] = self._conflicts_now(actor)
        return self._declared[actor.id]

    def _conflicts_now(self, actor: Actor) -> list[Conflict]:
        stream, version = account_id(actor.id), None
        if self._position is not None:
            version = self._records.recorder.version_at(stream, self._position)
        account = None if version == 0 else self._records.find(Account, stream, version)
        return present(account.conflicts) if account is not None else []

    def sight(self, actor: Actor, action: Action) -> Sight:
        """Which rows an action of looking reaches. Raises `Forbidden` when it reaches none."""
        conflicts = self.conflicts_of(actor)
        without = frozenset(one.case for one in conflicts if one.case is not None).union(
            *(streams_of(one.person) for one in conflicts)
        )
        without -= {actor.id, account_id(actor.id)}
        return replace(self._sight(actor, action), without=without)

    def _sight(self, actor: Actor, action: Action) -> Sight:
        found = reach(actor, action)
        if found is Reach.NONE:
            raise forbidden(actor, action)
        if found is Reach.ALL:
            return EVERYTHING
        territory, today = self._tree.now(), self.today
        if found is Reach.OWN:

            def near(centre: UUID | None, region: UUID) -> bool:
                return is_near(territory, today, actor, Spot(centre, region))

            apart = actor.role in COUNSELLING
            return Sight(False, sees_all, (actor.id,), near, apart, rules=rules_none)
        whole = {ruled_from(territory, actor.office, today)}
        if found is Reach.REGION and territory.tops_at(today) == whole:
            return EVERYTHING

        def sees(centre: UUID | None, region: UUID) -> bool:
            return covers(territory, today, actor, found, Spot(centre, region))

        below = found is Reach.REGION and actor.office not in territory.centres

        def rules(region: UUID) -> bool:
            lies_in = territory.of_place(None, region, today) if below else None
            return lies_in is not None and not whole.isdisjoint(territory.path_at(lies_in, today))

        return Sight(False, sees, rules=rules)

    def as_of(self, position: Position, at: datetime) -> Jurisdiction:
        """The policy of today over what was known at a position, on the day of a moment."""
        assert isinstance(self._tree, Tree), "the past has no past of its own"
        return Jurisdiction(self._records, self._tree.at(position), lambda: at, position)

    def at_once(
        self,
        declared: Mapping[UUID, list[Conflict]] = NOBODY_YET,
        newest: Position | None = None,
    ) -> Self:
        """The same policy as known at this moment, for all that one request asks of it.

        Territory and declared conflicts are read once instead of at each question; what is known
        to be `declared`, by actor, not at all, nor a territory of which the `newest` event is.
        """
        once = copy(self)
        once._tree = ReadOnce(self._tree, newest)
        once._declared = {**declared}
        return once

    @property
    def territory(self) -> Territory:
        """The tree of regions and centres that the policy goes by."""
        return self._tree.now()

    @property
    def today(self) -> date:
        """The present day in Asia/Shanghai."""
        return day(self._clock())

    def reaches(self, actor: Actor, action: Action, where: Whereabouts) -> bool:
        """Whether an action of an actor reaches what lies there."""
        found = reach(actor, action)
        if not where.spots:
            return True
        territory, today = self._tree.now(), self.today
        if found is Reach.OWN:
            if actor.role in COUNSELLING and actor.id == where.window:
                return False
            return actor.id in where.hands and any(
                is_near(territory, today, actor, spot) for spot in where.spots
            )
        return any(covers(territory, today, actor, found, spot) for spot in where.spots)

    def whereabouts(
        self,
        aggregate: AnyAggregate,
        decision: Callable[..., Any] | None = None,
        facts: Iterable[object] = (),
    ) -> Whereabouts:
        """Where a record lies; of a new one, where its facts put it."""
        match aggregate:
            case Case(place=Place() as place):
                if decision in (case_file.accept_transfer, case_file.reject_transfer):
                    # Who is asked to take a case over decides, not who has it.
                    place = aggregate.transfer_to or place
                hands = aggregate.assigned | {aggregate.receiver} - {None}
                return Whereabouts(
                    (spot_of(place),), frozenset(filter(None, hands)), aggregate.window
                )
            case Account() if aggregate.opening is not None:
                offices = {aggregate.opening.office, *(post.office for post in aggregate.posts)}
                return Whereabouts(tuple(map(self.spot_of_office, sorted(offices))))
            case Centre(id=centre, places=[*_, (_, place)]):
                return Whereabouts((Spot(centre, place.region),))
            case Practitioner() if aggregate.exists:
                return Whereabouts(tuple(self.posts_of(aggregate)))
            case Region(id=region):
                # A new one lies below the region that its founding names; a village, its township.
                named = (f.parent if isinstance(f, Founding) else f for f in facts)
                above = next((f for f in named if isinstance(f, UUID)), region)
                return Whereabouts((Spot(None, region if aggregate.exists else above),))
            case (
                SupervisionOrder(place=Place() as place)
                | Review(place=Place() as place)
                | PersonRequest(place=Place() as place)
                | ImpactAssessment(place=Place() as place)
                | Disposal(place=Place() as place)
            ):
                return Whereabouts((spot_of(place),))
            case Subject():
                record = aggregate.record or next(f for f in facts if isinstance(f, UUID))
                return self.of_record(record)
            case Access() if (asked := named_access(aggregate, facts)) is not None:
                # Who is in charge of the record decides, not who is of the reader.
                return self.of_record(asked)
            case Access() if aggregate.office is not None and aggregate.reader is not None:
                spot = self.spot_of_office(aggregate.office)
                return Whereabouts((spot,), frozenset({aggregate.reader}))
            case Pin(report=report):
                questions = (f for f in facts if isinstance(f, Question))
                question = report.question if report is not None else next(questions)
                return Whereabouts((self.region_of(question),))
            case Log():
                return Whereabouts()
        return Whereabouts(tuple(spots_in(facts)))

    def of_record(self, record: UUID) -> Whereabouts:
        """Where the record lies that an access or an erasure is about. Raises `NotFound`.

        As authors signed it: who is in charge of it opens what is sealed there, or destroys it.
        """
        return self.whereabouts(self._records.proved(record))

    def spot_of_office(self, office: UUID) -> Spot:
        """Where an office is."""
        territory = self._tree.now()
        if office not in territory.centres:
            return Spot(None, office)
        return Spot(office, territory.of_place(office, office, self.today) or office)

    def posts_of(self, practitioner: Practitioner) -> Iterator[Spot]:
        """Where a member of the team has posts, or was registered as long as there is none."""
        posts = [t.post.place for t in present(practitioner.tenures) if t.left_on is None]
        yield from map(spot_of, posts)
        if not posts and practitioner.registered_at is not None:
            yield self.spot_of_office(practitioner.registered_at)

    def region_of(self, question: Question) -> Spot:
        """The region that a question is about: the one that bore its code on the day it asks for.

        Raises `NotFound`: a code that is not known lies in nobody's reach.
        """
        try:
            return Spot(None, UUID(question.region))
        except ValueError:
            on = {"then": question.last, "now": self.today}.get(question.boundaries)
            found = self._tree.now().with_code(
                question.region, on or date.fromisoformat(question.boundaries)
            )
            if found is None:
                raise NotFound(
                    f"There is no region “{question.region}”; write its code, such as 370000: "
                    "huhang regions or GET /regions lists them.",
                    f"没有区划“{question.region}”，请填写区划代码（如 370000），"
                    "可由 huhang regions 或 GET /regions 查得。",
                ) from None
            return Spot(None, found)


def concerned(aggregate: AnyAggregate, facts: Collection[object]) -> frozenset[UUID]:
    """The streams that a record is about: itself, whose request or data it is, who looked.

    Of what is done, also whom it assigns, pays or puts on duty. A review is about every case that
    is or may be drawn, a disposal about every candidate. What a reader opened on a day is not named
    by itself: nobody who declares something keeps the trace of a look from being written.
    """
    match aggregate:
        case Case():
            return frozenset({aggregate.id, *(fact for fact in facts if isinstance(fact, UUID))})
        case Centre():
            served = (fact.practitioner for fact in facts if isinstance(fact, (Shift, Subsidy)))
            return frozenset({aggregate.id, *served})
        case Disposal(proposal=proposal):
            proposals = (proposal, *(fact for fact in facts if isinstance(fact, Proposal)))
            candidates = (one.candidates for one in filter(None, proposals))
            records = (candidate.record for several in candidates for candidate in several)
            return frozenset({aggregate.id, *records})
        case PersonRequest(demand=demand):
            demands = (demand, *(f for f in facts if isinstance(f, Demand)))
            return frozenset({aggregate.id, *(one.record for one in demands if one is not None)})
        case Subject(record=record):
            named = (record, next((f for f in facts if isinstance(f, UUID)), None))
            return frozenset({aggregate.id, *filter(None, named)})
        case Review(sample=sample):
            raised = {fact.case for fact in facts if isinstance(fact, Finding)}
            return frozenset({aggregate.id, *(sample or ())}).union(
                raised, *(fact for fact in facts if isinstance(fact, tuple))
            )
        case Access(reader=reader):
            asked = (fact.record for fact in facts if isinstance(fact, AccessRequest))
            return frozenset(asked).union(filter(None, (reader, named_access(aggregate, facts))))
        case _:
            return frozenset({aggregate.id})


def streams_of(person: UUID | None) -> tuple[UUID, ...]:
    """The streams of a member of the team: the person's own and the account's."""
    return () if person is None else (person, account_id(person))


def named_access(access: Access, facts: Iterable[object]) -> UUID | None:
    """The record of the break-glass access that a decision names first."""
    first = next(iter(facts), None)
    glass = access.accesses.get(first) if isinstance(first, UUID) else None
    return None if glass is None else glass.record


def place_of(spot: Spot) -> Place:
    """A spot as a place."""
    return Place(centre=spot.centre, region=spot.region)


def spots_in(facts: Iterable[object]) -> Iterator[Spot]:
    """Where facts put a record: every place in them, however deep."""
    for fact in facts:
        yield from map(spot_of, places_in(fact))
        if isinstance(fact, Establishment):
            yield Spot(None, fact.region)
        elif isinstance(fact, Succession):
            yield Spot(None, fact.successor)


def places_in(fact: object) -> Iterator[Place]:
    """The places that a fact is or holds."""
    if isinstance(fact, Place):
        yield fact
    elif isinstance(fact, Value):
        for _, held in fact:
            yield from places_in(held)
    elif isinstance(fact, (tuple, list, frozenset)):
        for held in fact:
            yield from places_in(held)


def spots_changed(
    practitioner: Practitioner, decision: Callable[..., Any], facts: Sequence[object]
) -> Iterator[Spot]:
    """Where the posts and the service lie that a decision on a member of the team changes.

    Whoever has a post here may have another one elsewhere, and was counted there before.
    """
    named = {name_in(fact) for fact in facts}
    tenures = present(practitioner.tenures)
    leaves = decision is practitioner_posts.deregister
    for tenure in tenures:
        if tenure.post.id in named or (leaves and tenure.left_on is None):
            yield spot_of(tenure.post.place)
    for record, place in (*present(practitioner.hours), *present(practitioner.trainings)):
        if record.id in named and place is not None:
            yield spot_of(place)
    since = claimed_from(practitioner, decision, facts)
    if since is not None and practitioner.standing is not None:
        for span in practitioner.standing.present:
            if span.to_on is None or since < span.to_on:
                yield spot_of(span.place)


def name_in(fact: object) -> UUID | None:
    """The id of the post or the service that a fact names or puts right."""
    match fact:
        case UUID():
            return fact
        case Tenure(post=post):
            return post.id
        case ServiceHours(id=named) | Training(id=named):
            return named
        case _:
            return None


def claimed_from(
    practitioner: Practitioner, decision: Callable[..., Any], facts: Sequence[object]
) -> date | None:
    """The first day from which a decision lets a person be counted at another post than before."""
    match next(iter(facts), None):
        case UUID() as post if decision is practitioner_posts.move_primary:
            tenure = practitioner.tenures.get(post)
            return None if tenure is None else tenure.post.from_on
        case Post(primary=True, from_on=since):
            return since
        case Tenure(post=post, primary_from=primary_from):
            before = practitioner.tenures.get(post.id)
            if before is None or before.primary_from == primary_from:
                return None
            return min(post.from_on, before.post.from_on)
        case _:
            return None


def spots_joined(
    action: Action, aggregate: AnyAggregate, decision: Callable[..., Any], facts: Iterable[object]
) -> Iterator[Spot]:
    """The other regions whose territory a decision on a boundary changes, named by their ids."""
    if action not in (Action.GOVERN_REGIONS, Action.GOVERN_CENTRES):
        return
    for fact in facts:
        if isinstance(fact, UUID):
            yield Spot(None, fact)
    if isinstance(aggregate, Region):
        lay = aggregate.founding.parent if aggregate.founding is not None else None
        for fact in facts:
            # The name of a region is put right by its own office, which does not reach above it.
            if isinstance(fact, Founding) and fact.parent not in (None, lay):
                yield Spot(None, fact.parent)
        if decision is region_boundaries.void_move and aggregate.moves:
            yield Spot(None, aggregate.moves[-1].from_parent)


def spot_of(place: Place) -> Spot:
    """A place as a spot."""
    return Spot(place.centre, place.region)


def covers(territory: Territory, today: date, actor: Actor, how_far: Reach, spot: Spot) -> bool:
    """Whether an office covers a spot: its own, or by region one in it or below."""
    if actor.office in (spot.centre, spot.region if spot.centre is None else None):
        return True
    if how_far is not Reach.REGION or actor.office in territory.centres:
        return False
    office = ruled_from(territory, actor.office, today)
    lies_in = territory.of_place(spot.centre, spot.region, today)
    return lies_in is not None and office in territory.path_at(lies_in, today)


def is_near(territory: Territory, today: date, actor: Actor, spot: Spot) -> bool:
    """Whether an office and a spot share their region, or one lies in that of the other.

    A case in one's hands is one's own at the office for which one has it, not at the next one.
    """
    office = actor.office
    lies_at = territory.of_place(office if office in territory.centres else None, office, today)
    lies_in = territory.of_place(spot.centre, spot.region, today)
    if lies_at is None or lies_in is None:
        return False
    return lies_at in territory.path_at(lies_in, today) or lies_in in territory.path_at(
        lies_at, today
    )


def ruled_from(territory: Territory, office: UUID, today: date) -> UUID | None:
    """The region that an office is in charge of: its own, or the one that was founded in its stead.

    None of an office that was merged into another or founded by mistake: who worked there is not in
    charge of all that the other one is.
    """
    heir = territory.region_at(office, today)
    if heir in (office, None):
        return heir
    passed = [one.effective for one in territory.successions if one.whole and one.region == office]
    if not passed:
        return None
    eve = max(passed) - timedelta(days=1)
    return heir if heir and territory.region_at(heir, eve) == office else None
