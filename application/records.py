"""The event-sourced application: the one place that loads, decides, appends and gives a receipt."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple, cast
from uuid import UUID, uuid4

import orjson
from eventsourcing.application import Application
from eventsourcing.persistence import Mapper, StoredEvent
from eventsourcing.utils import Environment, EnvType
from pydantic_core import to_jsonable_python

from application.codec import Codec, decode
from application.database import Database
from application.drafts import sealed
from application.eventlog import (
    AlreadyRecorded,
    Conflict,
    Position,
    Receipt,
    Recorded,
    Save,
    fingerprint_of,
)
from application.inspection import Defect, SealedRow
from application.jurisdiction import Jurisdiction, Tree
from application.jurisdiction import NotFound as NotFound
from application.key_use import NotWhole
from application.keys import Author
from application.log_stream import LAST, log_now
from application.newest import Newest
from application.policy import Actor as Actor
from application.policy import name_of
from application.recorder import EventLog, datastore_of
from application.repetition import Answers, NotSaid, require_said, whatever
from application.settings import DangerousSetting
from application.stream_ends import StreamEnds, require_whole
from application.territory_lock import TerritoryLock
from application.unsigned import (
    UNREAD,
    Authors,
    PassedOver,
    fold_proved,
    leaves,
    proved,
    proved_changes,
    rows_of,
    unsealed_of,
)
from domain.access import Access
from domain.account import Account
from domain.assessment import ImpactAssessment
from domain.base import Aggregate, AnyAggregate, Event, Occurred, Refused, Stamp, decide, fold
from domain.case import Case
from domain.centre import Centre
from domain.clear_text import require_nobody
from domain.disposal import Disposal
from domain.log import LOG_ID, Log
from domain.pin import Pin
from domain.practitioner import Practitioner
from domain.region import Region
from domain.request import PersonRequest
from domain.review import Review
from domain.subject import Subject
from domain.supervision import SupervisionOrder
from domain.territory import TERRITORIAL, territory_facts_of

BESIDE: Final = 40  # saves on their way at once, as many as requests are worked on
INSISTING: Final = 100  # tries: beside 16 threads that change it all the time, 1 in 400 fails
NOT_YET: Final[Position] = 0  # of what is not in the log
SWITCHED_OFF: Final = {"", "0", "f", "false", "n", "no", "off"}  # as the library reads a switch


@dataclass(frozen=True, slots=True)
class Command:
    """Who asks for a change, under which request id, when it happened, and why.

    `occurred` defaults to now. `expected_version` is the version the person looked at; a change
    made meanwhile is then a conflict. Repeating a command with the same `request` changes nothing;
    one that is `fresh`, of an aggregate in `Records.newest`, has an id that was made just now: it
    was not recorded before, and whoever is faster does not stop it.
    """

    by: Actor
    request: UUID = field(default_factory=uuid4)
    occurred: Occurred | None = None
    reason: str | None = None
    expected_version: int | None = None
    fresh: bool = False


def decoded(stored: StoredEvent) -> Event:
    """An event as the library hands it out of the log."""
    assert isinstance(stored.originator_id, UUID)
    return decode(stored.topic, stored.originator_id, stored.originator_version, stored.state)


def extended(aggregate: AnyAggregate, events: Sequence[Event]) -> AnyAggregate:
    """An aggregate after further events. Raises `NotFound` where they are of another kind."""
    require_kind(aggregate, events)
    return fold(aggregate, events)


def extended_by_proved(
    aggregate: AnyAggregate, rows: Sequence[tuple[SealedRow, Event | None]]
) -> AnyAggregate:
    """An aggregate after further rows, those without an event passed over. Raises `NotFound`."""
    require_kind(aggregate, [event for _, event in rows if event is not None])
    return fold_proved(aggregate, rows)


def require_kind(aggregate: Aggregate, events: Sequence[Event]) -> None:
    """Refuse the id of another kind of record: a mistake of the caller, not a broken log.

    Raises `NotFound`.
    """
    for event in events[:1]:
        if event.topic.partition(".")[0] != aggregate.about:
            raise another_kind(aggregate.id, type(aggregate))


def another_kind(aggregate_id: UUID, kind: type[Aggregate]) -> NotFound:
    """What is said of an id that another kind of record bears."""
    return NotFound(
        f"{aggregate_id} is no {kind.__name__.lower()}; check the number.",
        f"编号 {aggregate_id} 属于另一类记录，请核对编号。",
    )


Decision = Callable[..., Iterator[Event]]
"""A decision method of an aggregate: takes the aggregate, its facts, and the stamp last.

A desk's method may hold one of its own that adds what follows from the facts, such as a deadline.
"""

KINDS: Final[Mapping[str, type[Aggregate]]] = {
    kind.about: kind
    for kind in (
        Access,
        Account,
        Case,
        Centre,
        Disposal,
        ImpactAssessment,
        Log,
        PersonRequest,
        Pin,
        Practitioner,
        Region,
        Review,
        Subject,
        SupervisionOrder,
    )
}
"""Every kind of record, by the first part of the topics of its events."""


FORETOLD: Final[frozenset[type[Aggregate]]] = frozenset({Region})
"""Kinds of which anybody can compute the id before there is one: what begins it is proved.

Of `Records.newest` each change is, and of `Subject` each row.
"""


OPENED: Final[frozenset[type[Aggregate]]] = frozenset({Case, Disposal, PersonRequest})
"""Kinds by whose state it is decided who is shown what is sealed, and what is destroyed."""


def no_record(aggregate_id: UUID) -> NotFound:
    """What is said of an id that nobody knows, or that is to be no more than that to who asks."""
    return NotFound(
        f"There is no record {aggregate_id}; check the number.",
        f"没有编号为 {aggregate_id} 的记录，请核对编号。",
    )


def kind_among(aggregate_id: UUID, events: Sequence[Event]) -> type[Aggregate]:
    """What kind of record has these events. Raises `NotFound` where there are none."""
    for event in events[:1]:
        return KINDS[event.topic.partition(".")[0]]
    raise no_record(aggregate_id)


def folded_proved(aggregate_id: UUID, rows: Sequence[tuple[SealedRow, Event | None]]) -> Aggregate:
    """The record of which these are the rows, each with its event if signed. Raises `NotFound`."""
    kind = kind_among(aggregate_id, [event for _, event in rows if event is not None])
    return fold_proved(kind(aggregate_id), rows)


Check = Callable[[Stamp], object]
"""Looks at what a decision cannot see, such as other records, and raises what is wrong."""


class Found(NamedTuple):
    """A record as it is now, the version that it had at a position, 0 before its first event.

    `tree` is the position of the last event on the tree of regions, told at the same moment.
    """

    record: Aggregate
    version: int
    tree: Position


def unchecked(_: Stamp) -> None:
    """Nothing else is to be looked at."""


def unheard(_: Exception) -> None:
    """Ring no alarm: the error itself is all that is said."""


class Records(Application[UUID]):
    """All aggregates of the system over one log."""

    name = "stored"
    env: ClassVar[dict[str, str]] = {"PERSISTENCE_MODULE": "eventsourcing.popo"}
    recorder: EventLog

    def __init__(
        self,
        database: Database,
        author: Author,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        jurisdiction: type[Jurisdiction] = Jurisdiction,
        alarm: Callable[[Exception], None] = unheard,
        home: Path | None = None,
        env: EnvType | None = None,
    ) -> None:
        settings = Environment(self.name, {**os.environ, **(env or {})})
        if settings.get("POSTGRES_ENABLE_DB_FUNCTIONS", "n").lower() not in SWITCHED_OFF:
            raise DangerousSetting(
                "POSTGRES_ENABLE_DB_FUNCTIONS is set: its function takes no lock and lets readers "
                "skip events. Unset it and start again."
            )
        self._datastore = datastore_of(database.application)
        self._territory_lock = TerritoryLock(database.application)
        self._author = author
        self._clock = clock
        self._alarm = alarm
        self._home = home
        self._passed_over: set[Position] = set()
        self.authors: Final = Authors(home)
        self.ends: Final = None if home is None else StreamEnds(home)
        super().__init__(env)
        # Asked for with every request: whoever acts, and the day to which each look adds an event.
        self.newest: Final[Mapping[type[Aggregate], Newest[Any]]] = {
            kind: Newest(kind, self.advanced) for kind in (Account, Access)
        }
        self._beside = ThreadPoolExecutor(BESIDE, thread_name_prefix="recording")
        tree = Tree(
            self._datastore.get_connection,
            partial(self._pass_over, "says where an office is"),
            self.authors,
        )
        self.jurisdiction = jurisdiction(self, tree, clock)

    def construct_mapper(self) -> Mapper[UUID]:
        """Our codec in place of the library's."""
        return Codec(transcoder=self.construct_transcoder())

    def construct_recorder(self) -> EventLog:
        """Our log in place of the library's table."""
        return EventLog(self._datastore, self._author)

    def close(self) -> None:
        """Close every connection."""
        self._beside.shutdown()
        super().close()
        self.recorder.close()
        self._datastore.close()

    def change(
        self,
        command: Command,
        kind: type[AnyAggregate],
        aggregate_id: UUID,
        decision: Decision,
        *facts: object,
        check: Check = unchecked,
        permitted: bool = False,
        answers: Answers = whatever,
        found: Callable[[], AnyAggregate] | None = None,
    ) -> Receipt:
        """Permit, load an aggregate, check, let it decide, record its events.

        The first request with an id is checked and decided; the same again returns its receipt,
        whatever has changed since: the facts are those that the caller gave, never anything that
        is derived from them, from the day or from other records. Of personal data the fingerprint
        has the tag of the draft, so that no digest of them is kept. What was `permitted` before and
        cannot be undone is not asked about again. A receipt that was given before is believed when
        the log holds events of the request at its positions, and they are what `answers` it.
        `found` loads the aggregate where it also matters who signed its events. What changes the
        tree of regions and centres is decided anew by what the change before it left.

        Raises `Forbidden`, `Refused` when the domain says no, `Conflict` when somebody was faster,
        `RequestReused`, `Unsealable`, `TerritoryHeldUp`; `NotSaid`, with an alarm, for a receipt
        that is not believed.
        """
        if command.fresh:
            assert (check, permitted, found) == (unchecked, False, None), "a look asks for none"
            remembered = self._remembered(kind, aggregate_id)
            return self._change_fresh(command, remembered, decision, facts)
        body = [
            name_of(decision),
            aggregate_id,
            command.by.id,
            command.occurred,
            command.reason,
            facts,
        ]
        fingerprint = fingerprint_of(
            orjson.dumps(to_jsonable_python(body), option=orjson.OPT_SORT_KEYS)
        )

        def believed(receipt: Receipt) -> Receipt:
            self._require_said(receipt, command.by.id, aggregate_id, answers)
            return receipt

        receipt = self.recorder.receipt_of(command.request, fingerprint)
        if receipt is not None:
            return believed(receipt)
        save = Save(command.request, fingerprint)

        def decided() -> list[Event]:
            aggregate = found() if found else self._to_decide_on(kind, aggregate_id)
            policy = None if permitted else self.jurisdiction.at_once()
            return self._decided(command, aggregate, decision, facts, check, policy)

        try:
            events = decided()
            if any(event.topic in TERRITORIAL for event in events):
                self._save_alone(decided, save)
            else:
                self.save(*map(sealed, events), save=save)
        except AlreadyRecorded as repeated:
            return believed(repeated.receipt)
        except (Refused, Conflict):
            # Perhaps only because the same request was recorded meanwhile, in another thread.
            receipt = self.recorder.receipt_of(command.request, fingerprint)
            if receipt is None:
                raise
            return believed(receipt)
        assert save.receipt is not None, "a decision yields at least one event or refuses"
        if save.repeated:
            return believed(save.receipt)
        if kind in OPENED and self.ends is not None:
            self.ends.met(aggregate_id, events[-1].originator_version)
        return save.receipt

    def _save_alone(self, decided: Callable[[], list[Event]], save: Save) -> None:
        """Decide what changes the tree, and record it, beside nobody else who does.

        Rules of the tree span streams, so no version guards them. Raises `TerritoryHeldUp`.
        """
        with self._territory_lock.held() as require_held:
            events = decided()
            self.jurisdiction.territory.require_ends(
                [
                    fact
                    for event in events
                    if event.topic in TERRITORIAL
                    for fact in territory_facts_of(event, NOT_YET)
                ]
            )
            require_held()
            self.save(*map(sealed, events), save=save)

    def insist(
        self,
        command: Command,
        kind: type[AnyAggregate],
        aggregate_id: UUID,
        decision: Decision,
        *facts: object,
        check: Check = unchecked,
        answers: Answers = whatever,
    ) -> Receipt:
        """`change`, decided anew as often as the aggregate changes meanwhile.

        For what does not rest on what else was recorded there. Who names the version that he looked
        at is told of a change as ever. Raises as `change`, `Conflict` after very many changes.
        """
        for _ in range(INSISTING if command.expected_version is None else 0):
            with suppress(Conflict):
                return self.change(
                    command, kind, aggregate_id, decision, *facts, check=check, answers=answers
                )
        return self.change(
            command, kind, aggregate_id, decision, *facts, check=check, answers=answers
        )

    def begin_change(
        self,
        command: Command,
        policy: Jurisdiction,
        kind: type[AnyAggregate],
        aggregate_id: UUID,
        decision: Decision,
        *facts: object,
    ) -> Callable[[], Receipt]:
        """Begin what `change` does for a `fresh` command; what is returned waits for its end.

        The policy is that by which the request is answered. Decided and signed is it here: a second
        thread that does more than wait for the log takes the interpreter from the first.
        """
        aggregate = self._remembered(kind, aggregate_id)
        save = Save(command.request, beside=self._beside)
        with suppress(Refused):  # perhaps only because it is outdated, as the end will find
            events = self._decided(command, aggregate, decision, facts, unchecked, policy)
            self.save(*map(sealed, events), save=save)

        def end() -> Receipt:
            if save.pending is not None:
                with suppress(Conflict):
                    save.pending.result()
                    return self._kept(command, aggregate, events, save)
            now = self.newest[kind].of(aggregate_id)
            return self._change_fresh(command, now, decision, facts)

        return end

    def _remembered(self, kind: type[Aggregate], aggregate_id: UUID) -> Aggregate:
        """An aggregate of `newest` as it is remembered, which may be outdated.

        What is not remembered is taken for new: where it is not, the append conflicts.
        """
        return cast("Aggregate", self.newest[kind].known(aggregate_id) or kind(aggregate_id))

    def _change_fresh(
        self,
        command: Command,
        aggregate: Aggregate,
        decision: Decision,
        facts: tuple[object, ...],
    ) -> Receipt:
        """Decide on what is known of an aggregate, and anew where that is outdated.

        Nobody looked at it before, so whoever was faster changes nothing that was asked for.
        Raises `Conflict` after very many changes.
        """
        for tries_left in reversed(range(INSISTING)):
            save = Save(command.request)
            try:
                policy = self.jurisdiction.at_once()
                events = self._decided(command, aggregate, decision, facts, unchecked, policy)
                self.save(*map(sealed, events), save=save)
                break
            except (Refused, Conflict):
                outdated, aggregate = aggregate, self.newest[type(aggregate)].of(aggregate.id)
                if not tries_left or aggregate.version == outdated.version:
                    raise
        return self._kept(command, aggregate, events, save)

    def _kept(
        self, command: Command, aggregate: Aggregate, events: Sequence[Event], save: Save
    ) -> Receipt:
        """The receipt of a save; what the aggregate is after it is remembered.

        One that answers a second append is looked for in the log: whoever cut off the first may
        have written it. Raises `NotSaid`.
        """
        assert save.receipt is not None, "a decision yields at least one event or refuses"
        if save.repeated:
            self._require_said(save.receipt, command.by.id, aggregate.id, whatever)
        self.newest[type(aggregate)].went_on(aggregate, extended(aggregate, events))
        return save.receipt

    def _require_said(
        self, receipt: Receipt, actor: UUID, aggregate: UUID, answers: Answers
    ) -> None:
        try:
            with self._datastore.get_connection() as connection:
                require_said(
                    connection, receipt, self._author, self._home, aggregate, actor, answers
                )
        except NotSaid as alarm:
            self._alarm(alarm)
            raise

    def rehearse(
        self,
        command: Command,
        kind: type[AnyAggregate],
        aggregate_id: UUID,
        decision: Decision,
        *facts: object,
    ) -> None:
        """Refuse what `change` would refuse, and record nothing.

        For what cannot be undone and has to come first: what the log would refuse to say
        afterwards is not done.
        """
        aggregate = self._to_decide_on(kind, aggregate_id)
        policy = self.jurisdiction.at_once()
        self._decided(command, aggregate, decision, facts, unchecked, policy)

    def _to_decide_on(self, kind: type[AnyAggregate], aggregate_id: UUID) -> AnyAggregate:
        """An aggregate as it is; where something is opened by it, as authors signed it.

        Else a decision, which is signed, would rest on rows that nobody signed. What is sealed was
        looked at by the sealer, so only what was recorded since is proved.
        """
        aggregate = self._as_it_is(kind, aggregate_id)
        if kind not in OPENED:
            return aggregate
        with self._datastore.get_connection() as connection:
            unsealed = unsealed_of(connection, aggregate_id)
            authors = self.authors.of(connection, unsealed) if unsealed else None
        if all(event is not None for _, event in proved(unsealed, authors)):
            return aggregate
        return extended_by_proved(kind(aggregate_id), self._proved(aggregate_id))

    def _decided(
        self,
        command: Command,
        aggregate: Aggregate,
        decision: Decision,
        facts: tuple[object, ...],
        check: Check,
        policy: Jurisdiction | None,
    ) -> list[Event]:
        if policy is not None:
            policy.require(command.by, decision, aggregate, facts)
        if command.expected_version not in (None, aggregate.version):
            raise Conflict(aggregate.id, aggregate.version)
        stamp = self.stamp(command)
        # After the load: what is recorded from here on makes the append a conflict.
        check(stamp)
        events = decide(aggregate, lambda state: decision(state, *facts, stamp))
        require_nobody(events, facts)
        return events

    def stamp(self, command: Command) -> Stamp:
        """The stamp of a command that reaches us now. Raises `Refused`."""
        now = self._clock()
        return Stamp.issue(
            now=now,
            actor=command.by.id,
            role=command.by.role,
            office=command.by.office,
            occurred=command.occurred or now,
            reason=command.reason,
            request=command.request,
        )

    def find(
        self, kind: type[AnyAggregate], aggregate_id: UUID, version: int | None = None
    ) -> AnyAggregate | None:
        """An aggregate as of now or as of a version of its own, if it exists."""
        found = self._as_it_is(kind, aggregate_id, version)
        return found if found.exists else None

    def _as_it_is(
        self, kind: type[AnyAggregate], aggregate_id: UUID, version: int | None = None
    ) -> AnyAggregate:
        """An aggregate, or what begins one, at the version that its stream has.

        Rows that nobody signed may stand in the stream before anything is recorded there.
        """
        if aggregate_id == LOG_ID and kind is Log and version is None:
            return cast("AnyAggregate", self._log_now())
        new = kind(aggregate_id)
        if remembered := self.newest.get(kind):
            if version is None:
                return cast("AnyAggregate", remembered.of(aggregate_id))
            return extended_by_proved(new, self._proved(aggregate_id, to=version, known=new))

        def project(_: AnyAggregate | None, events: Iterable[Any]) -> AnyAggregate | None:
            return extended(new, list(events))

        with suppress(*UNREAD, NotFound):
            found = self.repository.get(aggregate_id, version=version, projector_func=project)
            if kind not in FORETOLD or not found.exists or self.signed(aggregate_id, 1):
                return found
        return extended_by_proved(new, self._proved(aggregate_id, to=version))

    def _log_now(self) -> Log:
        """The log itself, as far as it is signed."""
        with self._datastore.get_connection() as connection:
            log, passed_over = log_now(connection)
        self._pass_over("is one of the log's own", passed_over)
        return log

    def _proved(
        self,
        aggregate_id: UUID,
        after: int = 0,
        to: int | None = None,
        known: Aggregate | None = None,
    ) -> list[tuple[SealedRow, Event | None]]:
        """The rows of a stream between two versions, each with its event if it is signed.

        Where it is `known` what they follow, only what would change that need be.
        """
        with self._datastore.get_connection() as connection:
            sealed = list(rows_of(connection, aggregate_id, after, LAST if to is None else to))
            authors = self.authors.of(connection, sealed)
        rows = list(
            proved(sealed, authors) if known is None else proved_changes(known, sealed, authors)
        )
        self._pass_over("is one of a record's", [row.position for row, event in rows if not event])
        return rows

    def _whole(
        self, aggregate_id: UUID, to: int | None = None
    ) -> list[tuple[SealedRow, Event | None]]:
        """The rows of a stream, each with its event if it is signed, as far as it is known to go.

        Up to a version, if one is named. Raises `NotWhole` and `AnotherBeginning`, with an alarm.
        """
        try:
            if self.ends is None:
                return self._proved(aggregate_id, to=to)
            with self._datastore.get_connection() as connection:  # before the rows are read
                ends = self.ends.of(connection, aggregate_id)
            rows = self._proved(aggregate_id, to=to)
            sealed, known = (end if to is None else min(end, to) for end in ends)
            self.ends.met(aggregate_id, require_whole(aggregate_id, rows, sealed, known))
        except Defect as wrong:
            alarm = NotWhole(aggregate_id, wrong)
            self._alarm(alarm)
            raise alarm from None
        return rows

    def _pass_over(self, whose: str, positions: Sequence[Position]) -> None:
        """Ring for rows that nobody signed, once."""
        new = sorted(set(positions) - self._passed_over)
        if new:
            self._passed_over.update(new)
            self._alarm(PassedOver(new, whose))

    def advanced(self, aggregate: AnyAggregate) -> AnyAggregate:
        """An aggregate that was folded before, with whatever was recorded of it since.

        It gives power, so what changes it is believed where an author signed it.
        """
        with suppress(*UNREAD, NotFound):
            events = self.recorder.events_after(aggregate.id, aggregate.version)
            # Each by itself: the second of two that cancel out may be nobody's.
            if not events or (aggregate.exists and all(leaves(aggregate, one) for one in events)):
                return extended(aggregate, events)
        return extended_by_proved(
            aggregate, self._proved(aggregate.id, aggregate.version, known=aggregate)
        )

    def version_at(self, position: Position) -> int:
        """The version that an aggregate reached with the event at a position."""
        (notification,) = self.recorder.select_notifications(position, 1)
        return int(notification.originator_version)

    def record(self, aggregate_id: UUID, version: int | None = None) -> Aggregate:
        """The record that bears an id, of whatever kind. Raises `NotFound`."""
        if aggregate_id == LOG_ID and version is None:
            return self._log_now()
        return self._folded(
            aggregate_id, self.recorder.select_events(aggregate_id, lte=version), version
        )

    def record_at(self, aggregate_id: UUID, position: Position) -> Found:
        """The record that bears an id, by one statement. Raises `NotFound`."""
        numbered, tree = self.recorder.numbered(aggregate_id)
        known = [stored.originator_version for at, stored in numbered if at <= position]
        stored = [one for _, one in numbered]
        is_log = aggregate_id == LOG_ID
        record = self._log_now() if is_log else self._folded(aggregate_id, stored)
        return Found(record, max(known, default=0), tree)

    def _folded(
        self, aggregate_id: UUID, stored: Sequence[StoredEvent], version: int | None = None
    ) -> Aggregate:
        if not stored:
            raise no_record(aggregate_id)
        with suppress(*UNREAD, NotFound):
            events = list(map(decoded, stored))
            kind = kind_among(aggregate_id, events)
            if kind in self.newest or kind in FORETOLD:
                return self.get(kind, aggregate_id, version)
            return fold(kind(aggregate_id), events)
        return folded_proved(aggregate_id, self._proved(aggregate_id, to=version))

    def proved(self, aggregate_id: UUID, version: int | None = None) -> Aggregate:
        """The record that bears an id, as authors signed it: by that is decided what is opened.

        As far as it is known to go. To prove it takes a tenth of a millisecond and more for each of
        its rows, so it is not for what is read as it stands. Raises `NotFound`; `NotWhole` and
        `AnotherBeginning`, with an alarm.
        """
        return folded_proved(aggregate_id, self._whole(aggregate_id, version))

    def get_proved(self, kind: type[AnyAggregate], aggregate_id: UUID) -> AnyAggregate:
        """An aggregate that must exist, as authors signed it. Raises what `proved` raises."""
        record = self.proved(aggregate_id)
        if not isinstance(record, kind):
            raise another_kind(aggregate_id, kind)
        return record

    def events_of(
        self, aggregate_id: UUID, topics: Collection[str] = (), until: int | None = None
    ) -> list[Event]:
        """The events of a record, of these topics if any are named, up to a version."""
        stored = self.recorder.select_events(aggregate_id, lte=until)
        try:
            return [decoded(one) for one in stored if not topics or one.topic in topics]
        except UNREAD:
            rows = self._proved(aggregate_id, to=until)
            found = [event for _, event in rows if event is not None]
            return [event for event in found if not topics or event.topic in topics]

    def proved_events_of(self, aggregate_id: UUID, topics: Collection[str] = ()) -> list[Event]:
        """The events of a record, of these topics or all, that authors signed.

        As far as it is known to go. Raises `NotWhole` and `AnotherBeginning`, with an alarm.
        """
        events = [event for _, event in self._whole(aggregate_id) if event is not None]
        return [event for event in events if not topics or event.topic in topics]

    def signed_at(self, position: Position) -> Recorded | None:
        """The event at a position, if an author signed its row; rings where none did."""
        for found in self.recorder.select_notifications(position, 1):
            assert isinstance(found.originator_id, UUID)
            version = found.originator_version
            for row, event in self._proved(found.originator_id, after=version - 1, to=version):
                if event is not None and row.position == position:
                    return Recorded(event, position, row.recorded_at)
        return None

    def signed(self, aggregate_id: UUID, version: int) -> bool:
        """Whether an author signed the row of a record at a version; rings where none did."""
        return any(
            event is not None
            for _, event in self._proved(aggregate_id, after=version - 1, to=version)
        )

    def kind_of(self, aggregate_id: UUID) -> type[Aggregate]:
        """What kind of record bears an id. Raises `NotFound`."""
        first = self.recorder.select_events(aggregate_id, limit=1)
        if not first:
            raise no_record(aggregate_id)
        kind = KINDS.get(first[0].topic.partition(".")[0])
        return kind or type(self.record(aggregate_id))

    def get(
        self, kind: type[AnyAggregate], aggregate_id: UUID, version: int | None = None
    ) -> AnyAggregate:
        """An aggregate that must exist. Raises `NotFound`."""
        aggregate = self.find(kind, aggregate_id, version)
        if aggregate is None:
            raise NotFound(
                f"There is no {kind.__name__.lower()} {aggregate_id}; check the number.",
                f"没有编号为 {aggregate_id} 的记录，请核对编号。",
            )
        return aggregate
