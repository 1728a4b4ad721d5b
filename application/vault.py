"""The vault: what personal data are sealed under, and the only way in which they are read again.

Nothing is opened before the log says that it is: whoever reads leaves a trace by construction.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, NamedTuple
from uuid import UUID, uuid4

import orjson
import psycopg

from application.blind_index import BlindIndex, Term
from application.codec import UnknownTopic
from application.database import Database
from application.drafts import Draft, Key, Whose, id_of, name_of, owner_of
from application.envelope import (
    INTERNATIONAL,
    KEY_BYTES,
    Context,
    Spoiled,
    Unopened,
    disclose,
    envelopes_in,
    open_with_key,
)
from application.eventlog import Position, Receipt
from application.first_seal import FirstSeal
from application.key_use import RequestsAbout, used_in
from application.keys import require_log_key, signer_of
from application.keystore import Entry, KeyStore, Rotation, open_store
from application.memory import Memory
from application.note import MalformedNote, Unverified
from application.nothing_hidden import Begun
from application.records import Command, Records
from application.seal import RolledBack, newest_checkpoint, require_extension
from application.settings import Settings
from application.tree import Unproven
from application.wrapping import wrapping_keys
from domain.access import Access, KeyReleased, Viewing, access_id
from domain.base import Event, Sealed, day, moment
from domain.case import Case

ANSWERED_WITHIN: Final = timedelta(minutes=5)
"""How long a repeated request is given what its first was: a trace is of one reading."""

NUMBERED: Final = ("identity", "acquaintance/number")  # sealed members found by their numbers
APART: Final = timedelta(minutes=1)  # clocks that differ by more are said to


class NothingToOpen(Unopened):
    """Of what was asked for nothing was sealed, or it was erased; `traced` says who looked."""

    traced: Receipt | None = None

    def __init__(self) -> None:
        super().__init__("There is nothing to open: nothing was sealed, or it was erased.")


class KeyLost(Unopened):
    """A key that the log names is not in the key store, and nobody destroyed it."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The key {name} is not in the key store, and it was not destroyed; the key store must "
            "be restored from its newest backup."
        )


class Field(NamedTuple):
    """A sealed field of a record where it was sealed; later events may repeat it."""

    place: Context
    sealed: Sealed


@dataclass(frozen=True, slots=True)
class Released:
    """What one release opens, and nothing else; `receipt` is that of its trace in the log."""

    receipt: Receipt
    fields: tuple[Field, ...]
    keys: Mapping[UUID, Key] = field(repr=False)
    ring: Callable[[str], object] = field(repr=False)
    """Lets a person look at what was damaged."""
    gone: Mapping[UUID, Position] = field(default_factory=dict)
    """Where the log says of keys of the record that they were destroyed."""
    lost: frozenset[UUID] = frozenset()
    """Keys that the record names, and that are not there although nobody destroyed them."""

    def open(self, sealed: Sealed) -> str:
        """The text of a field.

        Raises `Spoiled`, with an alarm, for one that was changed, `Unopened` for one that was not
        released.
        """
        place, key = self.found(sealed)
        with rung(place, self.ring):
            return open_with_key(key.secret, place, sealed)

    def disclose(self, sealed: Sealed) -> bytes:
        """What opens this one field for others (okm), and tells nothing of its key.

        Raises as `open` does.
        """
        place, key = self.found(sealed)
        with rung(place, self.ring):
            return disclose(key.secret, place, sealed)

    def disclosed(self) -> dict[tuple[int, str], bytes]:
        """What opens each released field, by its version and path. Raises `Unopened`."""
        return {(place.version, place.path): self.disclose(sealed) for place, sealed in self.fields}

    def place_of(self, sealed: Sealed) -> Context:
        """Where a field was sealed first. Raises `Unopened`."""
        return self.found(sealed)[0]

    def found(self, sealed: Sealed) -> tuple[Context, Key]:
        """The place of a field and its key."""
        for place, other in self.fields:
            if other.n == sealed.n and other.k == sealed.k:
                key = self.keys.get(id_of(other.k))
                if key is None:
                    break
                return place, key
        if id_of(sealed.k) in self.lost:
            raise KeyLost(sealed.k)
        raise Unopened("This field was not released; ask for it under a trace of its own.")


class Drafts:
    """What one command says of the people of a record, on its way into the log."""

    def __init__(self, store: KeyStore, suite: int, record: UUID) -> None:
        self._store = store
        self._suite = suite
        self._record = record
        self._keys: dict[str, Key] = {}
        self._index = BlindIndex(store)

    def of(self, part: str, text: str, terms: Collection[Term] = ()) -> Draft:
        """A text under the key of whom it is about, found again by the numbers that it holds.

        A key that is new is stored as the text is sealed.
        """
        whose = Whose(self._record, part)
        if part not in self._keys:
            # Of nobody else's: one that is damaged must not keep her address out of the log.
            kept = self._store.key_of(whose)
            self._keys[part] = kept or Key(uuid4(), secrets.token_bytes(KEY_BYTES))
        key = self._keys[part]
        digests = self._index.digests(terms)

        def keep(sealed: Sealed) -> None:
            self._store.keep(whose, key, sealed.n, digests)

        return Draft.of(key, text, self._suite, keep=keep)


@dataclass(slots=True)
class Vault:
    """Seals personal data under the keys of the store, and opens them under a trace.

    `extends` raises unless the log goes on from the last checkpoint that is known outside.
    """

    store: KeyStore
    extends: Callable[[], None]
    suite: int = INTERNATIONAL
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    passed: bool = field(default=False, init=False)
    requests: RequestsAbout = field(default_factory=RequestsAbout, init=False, repr=False)
    begun: Begun = field(default_factory=Begun, init=False, repr=False)
    asked: dict[UUID, frozenset[str]] = field(default_factory=dict, init=False, repr=False)
    """Whose data each request to erase some people's was for; nothing outside of memory says it."""

    @property
    def index(self) -> BlindIndex:
        """How persons are found by their numbers."""
        return BlindIndex(self.store)

    def drafts(self, record: UUID) -> Drafts:
        """What one command is to seal in a record."""
        return Drafts(self.store, self.suite, record)

    def release(
        self,
        records: Records,
        viewing: Viewing,
        by: Command,
        parts: Collection[str] | None = None,
        stream: UUID | None = None,
        keys_of: UUID | None = None,
    ) -> Released:
        """Open what is sealed in a record, all of it or what belongs to some of its people.

        Recorded before any key leaves the store, in the reader's day, or in `stream` where a
        break-glass access was granted in an earlier one. `keys_of` is the record under whose keys
        the fields were sealed, where it is another, as for a person's request. Raises `Unopened`
        when nothing is left to open, `Refused` as the domain does, `NotSaid` when the trace is only
        said to be there; what cannot be recorded is not opened.
        """
        self.pass_gate()
        owner = keys_of or viewing.record
        # In this order: a key is there before anything that was sealed under it.
        sealed = self.fields_of(records, viewing.record)
        belong = owners_in(records, viewing.record) if keys_of is None else frozenset()
        gone = self.store.learn_of(owner)
        there = self.store.parts_of(owner)
        whose = {key: owner_of(part) for part, key in there.items()}
        wanted = {key for part, key in there.items() if parts is None or part in parts}
        named = {id_of(found.sealed.k) for found in sealed}
        strayed = {key for key, person in belong if whose.get(key, person) != person}
        lost = self.lost(owner, (named - whose.keys() | strayed) - gone.keys())
        fields = tuple(found for found in sealed if id_of(found.sealed.k) in wanted)
        used = named & wanted
        if not used and lost:
            raise KeyLost(name_of(min(lost)))
        if not used:
            raise NothingToOpen
        names = tuple(sorted(map(name_of, used)))
        today = access_id(by.by.id, by.by.office, day(by.occurred or self.clock()))

        repeated = False

        def traced(events: Sequence[Event]) -> bool:
            """Whether they are the trace of this, and not an old one: what was signed says when."""
            nonlocal repeated
            repeated = True
            match events:
                case [KeyReleased(viewing=seen, keys=opened, stamp=stamp)]:
                    self.require_recent(moment(stamp.occurred))
                    return (seen, opened) == (viewing, names)
            return False

        receipt = records.insist(
            by, Access, stream or today, Access.release_keys, viewing, names, answers=traced
        )
        if repeated:
            self.require_recent(receipt.recorded_at)
        keys = self.store.keys(used)
        return Released(receipt, fields, keys, self.store.ring, gone, lost)

    def fields_of(self, records: Records, record: UUID) -> tuple[Field, ...]:
        """Every sealed field of a record. Raises `Spoiled`, with an alarm, as `fields_of` does."""
        with rung(Context(record, 0, "", ""), self.store.ring):
            return tuple(fields_of(records, record))

    def lost(self, record: UUID, keys: Collection[UUID]) -> frozenset[UUID]:
        """Those of some keys that are not there although nobody destroyed them; rings for them."""
        lost = self.store.lost(record, keys) if keys else frozenset[UUID]()
        if lost:
            self.store.ring(
                f"{len(lost):,} keys of the record {record}, such as {name_of(min(lost))}, which "
                "the log names, are not in the key store, and nobody destroyed them. Restore the "
                "key store from its newest backup, and find out who took them out."
            )
        return lost

    def require_recent(self, answered_at: datetime) -> None:
        """Refuse to open again what was opened long ago. Raises `Unopened`."""
        if self.clock() - answered_at > ANSWERED_WITHIN:
            apart = abs(self.clock() - self.store.database_clock())
            clocks = (
                f" The clocks of this machine and of the database are {apart.total_seconds():,.0f} "
                "seconds apart: set them right."
            )
            raise Unopened(
                f"This request was answered at {answered_at:%Y-%m-%d %H:%M} UTC already; "
                f"ask again under a new request id.{clocks if apart > APART else ''}"
            )

    def living(self, record: UUID) -> Mapping[str, UUID]:
        """The keys of a record by whose data they seal, but for those that the log says are gone.

        One that stands there all the same came from a backup, and is destroyed again.
        """
        self.store.learn_of(record)
        return self.store.parts_of(record)

    def standing(self, records: Records, entries: Collection[Entry]) -> frozenset[Entry]:
        """Those of which the log says so, and nothing later: sealing comes before it is recorded.

        A key that was destroyed and put back leads to nobody.
        """
        said: dict[tuple[UUID, str], str] = {}
        living: dict[UUID, frozenset[UUID]] = {}
        for record in {entry.record for entry in entries}:
            living[record] = frozenset(self.living(record).values())
            for one in self.fields_of(records, record):
                if one.place.path.endswith(NUMBERED):
                    said[record, one.sealed.k] = one.sealed.n
        return frozenset(
            entry
            for entry in entries
            if entry.key in living[entry.record]
            and said.get((entry.record, name_of(entry.key))) == entry.nonce
        )

    def rotate(self, *, at_once: bool = False) -> Rotation:
        """Change the wrapping key when it is due or wanted, once the restore gate was passed.

        Raises what `extends` and `KeyStore.rotate` do.
        """
        self.pass_gate()
        return self.store.rotate(at_once=at_once)

    def take_over(self) -> None:
        """Change the wrapping keys from this installation on; raises what `extends` raises."""
        self.pass_gate()
        self.store.take_over()

    def lost_of_all(self) -> frozenset[UUID]:
        """The keys that are lost now; raises what `extends` raises."""
        self.pass_gate()
        return self.store.lost_of_all()

    def pass_gate(self) -> None:
        """Look whether the log or the keys were taken back to an older state.

        As a whole once, and of the destructions each time. Raises what `extends` raises, and
        `RolledBack`, with an alarm; then nothing is opened.
        """
        try:
            self.require_destructions()
            if not self.passed:
                self.extends()
                self.passed = True
        except (MalformedNote, RolledBack, Unverified) as wrong:
            self.store.ring(str(wrong))
            raise

    def require_destructions(self) -> None:
        """Learn what was destroyed since; the log says of all before that it was, or `RolledBack`.

        What came back into the key store was destroyed again when it was opened. Where the newest
        stands further in front than it did, each that is remembered must be said by a signed row.
        """
        # Before the log is asked: another thread may see more of it meanwhile.
        known = self.store.destructions.newest
        if self.store.learn() < known and not self.store.learn_anew():
            raise RolledBack(
                f"The log said at position {known:,} that a key was destroyed and says so no "
                "longer: records were removed. Nothing is opened; restore the newest backup."
            )


@contextmanager
def rung(place: Context, ring: Callable[[str], object]) -> Iterator[None]:
    """Ring where what is sealed at a place, or somewhere in its record, turns out to be damaged."""
    try:
        yield
    except Spoiled as spoiled:
        there = f"at {place.path} in version {place.version} " if place.version else ""
        ring(
            f"What is sealed {there}of the record {place.stream} cannot be read: {spoiled} An "
            "instance of ours signed it like that: a newer program, to which this one is to be "
            "updated, or one with a fault, which is to be reported."
        )
        raise


def fields_of(records: Records, record: UUID) -> Iterator[Field]:
    """Every sealed field of a record at the place where it was sealed first.

    What cannot be read has none where no author signed it, nor has what stands in front of the
    first version, which nobody is asked to have signed. Raises `Spoiled`.
    """
    seen: set[str] = set()
    for stored in records.recorder.select_events(record, gt=0):
        if b'"z":' not in stored.state:
            continue
        try:
            found = envelopes_of(stored.state)
        except (Spoiled, ValueError):
            if records.signed(record, stored.originator_version):
                raise
            continue
        place = Context(record, stored.originator_version, stored.topic, "")
        for path, sealed in found:
            if sealed.n not in seen:
                seen.add(sealed.n)
                yield Field(place._replace(path=path), sealed)


def envelopes_of(state: bytes) -> list[tuple[str, Sealed]]:
    """Every envelope of a stored state with its path. Raises `Spoiled`, `ValueError`."""
    found = list(envelopes_in(orjson.loads(state)))
    for _, sealed in found:
        id_of(sealed.k)
    return found


def owners_in(records: Records, record: UUID) -> frozenset[tuple[UUID, str]]:
    """The keys that a case names, and whose they are; what cannot be read names none.

    In other records all is of one person, under parts that the log does not tell.
    """
    owners = set[tuple[UUID, str]]()
    for stored in records.recorder.select_events(record, gt=0):
        if b'"z":' in stored.state and stored.topic.partition(".")[0] == Case.about:
            with suppress(UnknownTopic, ValueError, TypeError):
                owners.update(used_in(stored, record))
    return frozenset(owners)


def require_continued(database: Database, settings: Settings) -> None:
    """Check that the log goes on from what this installation knows of it outside of the database.

    Raises `RolledBack`, `MalformedNote`, `Unverified`; `DangerousSetting` without the log's key.
    """
    note = Memory(settings.home / "seal").read()
    with psycopg.connect(database.reader, autocommit=True) as connection:
        if note is None:
            if newest_checkpoint(connection) is not None:
                raise RolledBack(
                    "The log is sealed, but no checkpoint is known here outside of it (the folder "
                    "seal of HUHANG_HOME); bring one kept elsewhere: huhang seal --from FILE"
                )
            doubt = FirstSeal(settings).doubt(connection, datetime.now(UTC))
            if doubt is not None:
                raise RolledBack(doubt)
            return
        require_log_key(settings)
        signer = signer_of(settings)
        try:
            require_extension(connection, note, signer.name, [signer.verifier])
        except Unproven as unproven:
            raise RolledBack(
                f"That the log goes on from what is known here cannot be proved. {unproven} Run "
                "huhang verify."
            ) from None


@contextmanager
def open_vault(database: Database, settings: Settings) -> Iterator[Vault]:
    """The vault of this installation. Raises `DangerousSetting` without its wrapping keys."""
    with open_store(database, wrapping_keys(settings), settings.home) as store:
        yield Vault(store, partial(require_continued, database, settings), settings.suite)
