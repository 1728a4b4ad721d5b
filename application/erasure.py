"""The erasure desk: legal holds, and the end of the keys of personal data.

The order is: no hold, the key destroyed, the log says so, the case says so, a certificate. From the
second step on there is no way back, so what a crash leaves undone is done by `heal`.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

import orjson

from application.alarms import Alarm
from application.destroyed import NotRemembered
from application.drafts import COUPLE, OF_CASE, SELF, name_of, owner_of, require_parts
from application.epochs import EPOCH
from application.eventlog import Position, Receipt, RequestReused, reused
from application.inspection import Defect
from application.key_use import NotWhole, keys_named
from application.keys_named import INDEX
from application.keystore import Erasure, KeysHeldUp
from application.nothing_hidden import Extent, KnownSeal, one_moment
from application.records import Actor, Command, NotFound, Records
from application.repetition import NotSaid
from application.settings import DangerousSetting
from application.subjects import signed_subject
from application.vault import Vault, fields_of
from domain import case_file
from domain.account import Account
from domain.account_events import AcquaintanceDeclared
from domain.base import Aggregate, Event, KeyName, Refused, Value
from domain.case import Case
from domain.case_file_events import PersonalDataErased
from domain.practitioner import Practitioner
from domain.rights import PersonPart
from domain.sentence import Sentence
from domain.subject import LegalHold, Subject, SubjectKeyDestroyed, subject_id
from domain.values import ErasureGround

LOG: Final = logging.getLogger("huhang")

PROVES: Final = (
    "密钥已从密钥库删除，并已记入日志：其密封的 {fields} 个字段（身份、客观记录、摘要和过程记录）"
    "在本系统中无法再读取；日志、证明和已公布的统计数据不受影响。"
    "The keys were deleted from the key store and the log says so: what they sealed (identities, "
    "facts, summaries and process notes; fields: {fields}) can no longer be read in this system; "
    "the log, its proofs and published figures stand."
)
STAYS: Final = (
    "仍以明文保留：理由等未密封的文字（见本记录第 {versions} 版），日期、地点、类别等"
    "统计属性，以及经办人代号；此前已交付的案卷、归档包和打印件不受影响。"
    "In clear text stay: reasons and other text that was not sealed (in versions {versions} of "
    "this record), dates, places and coarse attributes, and pseudonyms of who acted; dossiers, "
    "archive packages and prints handed out before are not affected."
)
STAYS_WITHOUT_TEXT: Final = (
    "仍以明文保留：日期、地点、类别等统计属性，以及经办人代号；本记录没有未密封的文字。此前已交付"
    "的案卷、归档包和打印件不受影响。"
    "In clear text stay: dates, places and coarse attributes, and pseudonyms of who acted; this "
    "record holds no text that was not sealed. Dossiers, archive packages and prints handed out "
    "before are not affected."
)
READABLE: Final = (
    "本次只删除了一部分：本记录中{zh}的密封内容未删除，有权查阅者仍可读取。"
    "Only some parts were erased: what is sealed in this record under the keys of {en} can still "
    "be read by whoever may."
)
PROVES_NOT: Final = (
    "不能证明此前无人复制密钥或者明文；在 {horizon:%Y-%m-%d %H:%M} UTC 之前，同时持有密钥库旧备份"
    "和当期包装密钥者仍可恢复。It does not prove that nobody copied a key or a text before; until "
    "{horizon:%Y-%m-%d %H:%M} UTC, who has both an older backup of the key store and the wrapping "
    "key of its time can restore them."
)
MISSING: Final = (
    "其中 {keys} 在删除时已不在密钥库中，不能证明此前无人取走；即使放回，本系统也不再用其读取。"
    "Of these, {keys} were not in the key store when they were to be destroyed: it is not proven "
    "that nobody took them out. Put back, they open nothing in this system."
)
OR_MORE: Final = " (or this request was used again to erase more than at first)"
UNKNOWN_YET: Final[Position] = 1
"""In a rehearsal of what notes an erasure, for where the log will say that there was one."""

NAMES: Final[Mapping[str, Sentence]] = {
    **{part.value: Sentence(part.value, part.label) for part in PersonPart},
    COUPLE: Sentence(
        "couple (joint sessions, assessment, plan, referral and the like, also where they speak of "
        "who was erased)",
        "双方共同部分（共同谈话、评估、方案、转介等，其中可能涉及已删除的一方）",
    ),
}
"""The people of a record, as a certificate names those whose data stay, in its order."""

KEEPING: Final = (Case, Practitioner, Account)
"""The records under whose keys personal data lie; of any other they lie under one of these."""

TEXTS: Final = frozenset({"facts", "goals", "method", "reason", "summary", "text", "to", "why"})
"""Members of an event that hold what a person wrote in clear text."""


class NotAll(Alarm):
    """Keys were destroyed, and it is not shown that these were all."""

    def __init__(self, erasure: Erasure, why: str) -> None:
        super().__init__(
            f"The erasure {erasure.request} destroyed keys of {erasure.record}, and is not "
            f"certified: {why} Find out who administers the database, and erase the record again."
        )


class Looked(NamedTuple):
    """What one moment of the log says of a record: the keys it names, whose, and since where."""

    named: Mapping[tuple[UUID, str], Position]
    subject: Subject


class Certificate(Value):
    """What was erased, on what ground, where the log says so, what stays, and what this is worth.

    `fields` is how many sealed fields of the record the keys opened, `texts` the versions of it
    that hold text which was never sealed, `missing` the keys that the log names and the key store
    did not have. `readable` says whose sealed data stay where some people's alone were erased.
    `horizon` is when the wrapping key of the time is destroyed, if rotation runs when due.
    """

    record: UUID
    keys: tuple[KeyName, ...]
    missing: tuple[KeyName, ...] = ()
    fields: int
    texts: tuple[int, ...]
    readable: tuple[str, ...] = ()
    ground: ErasureGround
    erased_at: datetime
    positions: tuple[int, int]
    case_position: int | None
    horizon: datetime
    epoch_days: int
    proves: str
    stays: str
    proves_not: str

    def beside(self, readable: Collection[str]) -> Certificate:
        """The same of an erasure beside which the data of these people can still be read."""
        if not readable:
            return self
        left = tuple(one for one in NAMES if one in readable)
        said = READABLE.format(
            zh="、".join(NAMES[one].zh for one in left), en=", ".join(NAMES[one].en for one in left)
        )
        return self.model_copy(update={"readable": left, "stays": f"{self.stays} {said}"})


@dataclass(frozen=True, slots=True)
class Erasures:
    """The commands on the keys of a record."""

    records: Records
    vault: Vault

    def place_hold(self, record: UUID, hold: LegalHold, by: Command) -> Receipt:
        """Keep the personal data of a record, whoever asks for its erasure."""
        with self.alone(record):
            return self.records.change(
                by,
                Subject,
                subject_id(record),
                Subject.place_hold,
                record,
                hold,
                check=lambda _: self.keeping(record),
                found=partial(self.subject, record),
            )

    def lift_hold(self, record: UUID, hold_id: UUID, by: Command) -> Receipt:
        """End a legal hold."""
        with self.alone(record):
            return self.records.change(
                by,
                Subject,
                subject_id(record),
                Subject.lift_hold,
                record,
                hold_id,
                found=partial(self.subject, record),
            )

    def erase(
        self,
        record: UUID,
        ground: ErasureGround,
        by: Command,
        parts: Collection[str] | None = None,
    ) -> Certificate:
        """Destroy the keys of a record, all of them or those of some of its people.

        Raises `Refused` as `destroy` does, and for what is over by the retention schedule: that is
        disposed of by two persons.
        """
        if ground is ErasureGround.RETENTION_OVER:
            raise Refused("retention-over-by-disposal")
        return self.destroy(record, ground, by, parts)

    def destroy(
        self,
        record: UUID,
        ground: ErasureGround,
        by: Command,
        parts: Collection[str] | None = None,
    ) -> Certificate:
        """Destroy keys on a ground that was decided on.

        The ground is all that is said of the reason. Raises `Refused` under a hold, to anybody but
        a privacy officer, for a part that such a record cannot have, and for what is in use: a case
        still open, a practitioner still on the team, an account with a post. Raises `RequestReused`
        where a request comes again for something else; to erase more, as long as this process
        lives: which keys were destroyed is written down, and not whether more were asked for.
        """
        whose = None if parts is None else frozenset(parts)
        with self.alone(record):
            begun = self.vault.store.erasure(by.request)
            if begun is not None:
                asked = (record, ground, by.by.id, by.by.role, by.by.office)
                if asked != (begun.record, begun.ground, begun.actor, begun.role, begun.office):
                    raise reused(by.request)
                if self.vault.asked.get(by.request, whose) != whose:
                    raise reused(by.request)
                if parts is not None:
                    named = self.look(record).named
                    if any(key in begun.keys and owner not in parts for key, owner in named):
                        raise reused(by.request)
                return self.certify_all(begun, parts, again=True)
            subject = Subject(subject_id(record))
            # Before anything is destroyed: the log would refuse to say it afterwards.
            self.records.jurisdiction.require(by.by, Subject.destroy_keys, subject, (record,))
            looked = self.look(record)
            if parts is not None:
                require_parts(parts, self.parts_of(record))
            chosen = self.left_of(looked, record, parts)
            if not chosen:
                raise Refused("no-personal-data", record=record)
            gone = chosen - self.vault.store.standing(chosen)
            erasure = Erasure(
                request=by.request,
                record=record,
                keys=tuple(sorted(chosen)),
                missing=tuple(sorted(self.vault.store.lost(record, gone))),
                ground=ground,
                actor=by.by.id,
                role=by.by.role,
                office=by.by.office,
                occurred=self.vault.clock(),
            )
            self.require_erasable(erasure, looked.subject)
            if whose is not None:
                self.vault.asked[by.request] = whose
            self.vault.store.destroy(erasure)
            if erasure.missing:
                self.vault.store.ring(
                    f"{len(erasure.missing):,} keys of the record {record}, such as "
                    f"{name_of(erasure.missing[0])}, which the log names, were not in the key "
                    "store when they were to be destroyed. They open nothing when they come back; "
                    "find out who took them out."
                )
            return self.certify_all(erasure, parts)

    def certify_all(
        self, erasure: Erasure, parts: Collection[str] | None, *, again: bool = False
    ) -> Certificate:
        """Certify what was destroyed, if that is every key that the log names up to there.

        Whoever hid rows while we decided can do so no longer: they lie in front of what the log has
        said since, and their places are not filled by others. Raises `NotAll` and, where the log
        does not say what was done, `Refused`, each with an alarm.
        """
        store = self.vault.store
        certificate = self.said(erasure)
        until = max(certificate.positions[1], certificate.case_position or 0)
        try:
            named = self.read(erasure.record, until).named
            gone = store.learn_of(erasure.record).keys()
            for (key, owner), position in named.items():
                ours = parts is None or owner in parts
                if ours and position <= until and key not in gone:
                    raise NotAll(
                        erasure,
                        f"position {position:,} names {name_of(key)}, which was hidden while the "
                        f"erasure looked{OR_MORE if again else ''}, and is not destroyed.",
                    )
        except (NotAll, NotWhole) as wrong:
            alarm = wrong if isinstance(wrong, NotAll) else NotAll(erasure, str(wrong.why))
            store.ring(str(alarm))
            raise alarm from None
        if parts is None:
            return certificate
        return certificate.beside({owner for key, owner in named if key not in gone})

    def done_before(self, record: UUID) -> Certificate | None:
        """What certifies the end of a record's keys, where none is left; None while one is."""
        with self.alone(record):
            last = self.vault.store.last_erasure(record)
            if last is None or self.left(record):
                return None
            return self.said(last)

    def said(self, erasure: Erasure) -> Certificate:
        """What certifies an erasure that was done. Raises `Refused`, with an alarm."""
        try:
            return self.certify(erasure)
        except (Refused, NotWhole) as refused:
            why = refused.code if isinstance(refused, Refused) else refused.why
            self.vault.store.ring(unsaid(erasure, why))
            raise Refused("destroyed-and-unsaid", record=erasure.record) from refused

    def left(self, record: UUID, parts: Collection[str] | None = None) -> frozenset[UUID]:
        """The keys of a record, or of some of its people, of which the log says no destruction.

        Those that the log names, there or in a person's request about it, for a row of the key
        store may be hidden for as long as we look; and those in the key store that are of this
        record, whatever their rows say. Raises `NotWhole` and `AnotherBeginning`, with an alarm;
        `DangerousSetting` where only a wrapping key tells whose one is.
        """
        return self.left_of(self.look(record), record, parts)

    def left_of(
        self, looked: Looked, record: UUID, parts: Collection[str] | None
    ) -> frozenset[UUID]:
        """The keys of a record that are left, by what was looked at. Raises `DangerousSetting`."""
        if record == INDEX.record:
            return frozenset()
        store = self.vault.store
        there = {(key, owner_of(part)) for part, key in self.vault.living(record).items()}
        named = looked.named.keys()
        known = {key for key, _ in named}
        ours = known | store.bound_to(record, {key for key, _ in there} - known)
        chosen = frozenset(key for key, owner in there | named if parts is None or owner in parts)
        # What this disk alone remembers is to be said again, as after a restore of an older log.
        return (chosen & ours) - store.learn_of(record).keys()

    def look(self, record: UUID) -> Looked:
        """What the log says of a record, shown to hide nothing of it.

        Raises `NotWhole` and `AnotherBeginning`, with an alarm.
        """
        try:
            return self.read(record)
        except NotWhole as alarm:
            self.vault.store.ring(str(alarm))
            raise

    def read(self, record: UUID, pinned: Position = 0) -> Looked:
        """What the log, which goes on to a position at least, says of a record in one moment.

        Raises `NotWhole`; `AnotherBeginning`, with an alarm.
        """
        store = self.vault.store
        try:
            home, seal = store.custody.home, self.seal()
            with one_moment(store.pool) as connection:
                subject = signed_subject(connection, record, home, seal)
                extent = Extent(connection, home, seal, self.vault.begun, pinned)
                extent.require(subject.id, subject.version)
                requests = self.vault.requests.record(connection, record)
                named = keys_named(connection, record, extent, requests)
        except Defect as hidden:
            raise NotWhole(record, hidden) from None
        return Looked(named, subject)

    def heal(self) -> None:
        """Let the log say of every erasure what a crash kept it from saying.

        Where another process still works on one, or a key service is away, it is left to the next
        time: a start goes on.
        """
        for erasure in self.vault.store.unrecorded():
            try:
                with self.alone(erasure.record):
                    pass  # what is begun on a record is finished before anything else
            except (KeysHeldUp, DangerousSetting) as error:
                LOG.warning("the erasure %s was not finished: %s", erasure.request, error)

    @contextmanager
    def alone(self, record: UUID) -> Iterator[None]:
        """Hold a record, with all that was begun on it finished."""
        with self.vault.store.alone(record):
            for erasure in self.vault.store.unrecorded():
                if erasure.record == record:
                    self.finish(erasure)
            yield

    def finish(self, erasure: Erasure) -> None:
        """Let the log say what a crash kept it from saying.

        Where it refuses, or somebody wrote that it was said, a person must look, and whatever else
        is to be done goes on.
        """
        try:
            self.certify(erasure)
        except (Refused, RequestReused, NotSaid, NotRemembered, NotWhole) as error:
            match error:
                case Refused(code=why) | NotWhole(why=why):
                    self.vault.store.ring(unsaid(erasure, why))
                case _:
                    self.vault.store.ring(unsaid(erasure, error))

    def keeping(self, record: UUID) -> Aggregate:
        """A record with keys of its own, as authors signed it.

        Any other names keys of one, whose holds and rules would not be asked. Raises `NotFound`,
        `Refused`.
        """
        found = self.records.proved(record)
        if not isinstance(found, KEEPING):
            raise Refused("keys-kept-elsewhere", record=record)
        return found

    def parts_of(self, record: UUID) -> Iterator[str]:
        """Whose data a record can hold. Raises what `keeping` does."""
        found = self.keeping(record)
        if isinstance(found, Case):
            yield from OF_CASE
            return
        yield SELF
        for event in self.records.proved_events_of(record, (AcquaintanceDeclared.topic,)):
            if isinstance(event, AcquaintanceDeclared):
                yield f"{event.acquaintance.relation}:{event.acquaintance.id}"

    def require_erasable(self, erasure: Erasure, subject: Subject) -> None:
        """Refuse what the log could not say afterwards."""
        found = self.keeping(erasure.record)
        command, names = command_of(erasure), names_in(erasure)
        stamp = self.records.stamp(command)
        tuple(subject.destroy_keys(erasure.record, names, erasure.ground, stamp))
        match found:
            case Case() as case:
                tuple(case_file.erase(case, names, stamp))
            case Practitioner(registration=known, deregistered_on=left) if known and not left:
                raise Refused("still-in-service")
            case Account(posts=posts) if any(post.lasts_to(stamp.received_on) for post in posts):
                raise Refused("post-in-use")

    def subject(self, record: UUID) -> Subject:
        """The holds on a record and its destroyed keys, as far as an instance of ours signed them.

        Raises `NotWhole` and `AnotherBeginning`, with an alarm.
        """
        try:
            return self.subject_of(record)
        except NotWhole as alarm:
            self.vault.store.ring(str(alarm))
            raise

    def subject_of(self, record: UUID) -> Subject:
        """The same, without a word about it: what was done already is said by who does it."""
        store = self.vault.store
        try:
            seal = self.seal()
        except Defect as unread:
            raise NotWhole(record, unread) from None
        with store.pool.connection() as connection:
            return signed_subject(connection, record, store.custody.home, seal)

    def seal(self) -> KnownSeal:
        """What is sealed, as far as it is known here. Raises `Defect`."""
        with self.records.recorder.datastore.get_connection() as connection:
            return KnownSeal.read(self.vault.store.custody.home, connection)

    def case_of(self, record: UUID) -> Case | None:
        """The case that a record is; None for a record of another kind."""
        try:
            return self.records.get(Case, record)
        except NotFound:
            return None

    def certify(self, erasure: Erasure) -> Certificate:
        """Let this installation remember what was destroyed and the log say it, and certify it.

        Again changes nothing, and what the log does not hold is not certified: raises `NotSaid`.
        Raises `NotRemembered` before the log says anything.

        Whether it was permitted was asked before it was destroyed, and is not asked of who is in
        charge after a crash.
        """
        command, names = command_of(erasure), names_in(erasure)
        self.vault.store.destroy_again(erasure.keys)
        said = self.records.change(
            command,
            Subject,
            subject_id(erasure.record),
            Subject.destroy_keys,
            erasure.record,
            names,
            erasure.ground,
            permitted=True,
            answers=partial(says_destroyed, names),
            found=partial(self.subject_of, erasure.record),
        )
        told = None
        if self.case_of(erasure.record) is not None:
            # A case that somebody reopened meanwhile is told when it is closed again.
            with suppress(Refused):
                told = self.records.change(
                    replace(command, request=uuid5(erasure.request, "case")),
                    Case,
                    erasure.record,
                    case_file.erase,
                    names,
                    permitted=True,
                    answers=partial(says_erased, names),
                )
            if told is not None:
                self.vault.store.note_recorded(erasure.request)
        else:
            self.vault.store.note_recorded(erasure.request)
        # Whoever sets the database's clock back makes no horizon come sooner: ours was noted, too.
        horizon = self.vault.store.epochs.horizon_of(max(said.recorded_at, erasure.occurred))
        fields = sum(found.sealed.k in names for found in fields_of(self.records, erasure.record))
        missing = tuple(sorted(map(name_of, erasure.missing)))
        texts = tuple(versions_with_text(self.records, erasure.record))
        return Certificate(
            record=erasure.record,
            keys=names,
            missing=missing,
            fields=fields,
            texts=texts,
            ground=erasure.ground,
            erased_at=said.recorded_at,
            positions=(said.first_position, said.last_position),
            case_position=told and told.first_position,
            horizon=horizon,
            epoch_days=EPOCH.days,
            proves=PROVES.format(fields=fields),
            stays=what_stays(texts),
            proves_not=" ".join(
                [
                    PROVES_NOT.format(horizon=horizon),
                    *([MISSING.format(keys=", ".join(missing))] if missing else []),
                ]
            ),
        )


def what_stays(texts: Sequence[int]) -> str:
    """What stays in clear text, of a record in whose versions such text stands."""
    if not texts:
        return STAYS_WITHOUT_TEXT
    return STAYS.format(versions=", ".join(map(str, texts)))


def unsaid(erasure: Erasure, why: object) -> str:
    """What rings where the log does not say of destroyed keys that they are."""
    return (
        f"Keys of {erasure.record} were destroyed by the erasure {erasure.request}, and "
        f"what the log is to say of it was not said: {why}. Mend that, and it will be."
    )


def says_destroyed(names: tuple[KeyName, ...], events: Sequence[Event]) -> bool:
    """Whether events say of each key that it was destroyed."""
    return names == tuple(event.key for event in events if isinstance(event, SubjectKeyDestroyed))


def says_erased(names: tuple[KeyName, ...], events: Sequence[Event]) -> bool:
    """Whether events tell a case which keys are gone."""
    return [names] == [event.keys for event in events if isinstance(event, PersonalDataErased)]


def versions_with_text(records: Records, record: UUID) -> Iterator[int]:
    """The versions of a record whose events hold what a person wrote in clear text."""
    for stored in records.recorder.select_events(record):
        if stored.topic == PersonalDataErased.topic:
            continue  # its reason is the ground, of a closed list
        try:
            left: list[Any] = [orjson.loads(stored.state)]
        except orjson.JSONDecodeError:
            continue  # nothing of ours is recorded so
        while left:
            value = left.pop()
            if isinstance(value, dict):
                if any(isinstance(value.get(name), str) for name in TEXTS):
                    yield stored.originator_version
                    break
                left.extend(value.values())
            elif isinstance(value, list):
                left.extend(value)


def command_of(erasure: Erasure) -> Command:
    """The command of an erasure, the same however often it is given."""
    return Command(
        Actor(erasure.actor, erasure.role, erasure.office),
        erasure.request,
        erasure.occurred,
        erasure.ground.label,
    )


def names_in(erasure: Erasure) -> tuple[KeyName, ...]:
    """The keys as the log names them."""
    return tuple(sorted(map(name_of, erasure.keys)))
