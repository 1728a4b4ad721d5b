"""Verifies the log: each row, its leaf and author, the tree over all, and what was signed of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import psycopg
from cryptography.x509 import Certificate

from application.cosigning import cosigned_sizes, retired_witnesses, witness_keys
from application.eventlog import Position, head
from application.first_event import first_noted
from application.heads_audit import HeadsAudit, known_misnoted
from application.inspection import (
    Check,
    Continuity,
    Defect,
    require_none_before,
)
from application.keys import (
    another_key,
    checkpoint_verifier,
    encoded,
    known_author,
    known_signer,
)
from application.log_pages import pages, uncollected, unreadable
from application.log_stream import Beginning, beginning_of
from application.memory import Memory
from application.note import Verifier
from application.seal_audit import SealAudit
from application.sealing_times import Accident, SealingTimes, known_accidents
from application.settings import Settings
from application.table_audit import require_complete, require_shapes
from application.timestamp import Stamp, certificates_of, remembered_stamps, stamps_file
from application.tree import EMPTY_ROOT
from application.verified_before import VerifiedBefore
from domain.log import AuthorKey

PAGE_BY_PAGE: Final = (
    Check.DENSE, Check.VERSIONS, Check.TIMES, Check.LEAF, Check.AUTHOR, Check.SEALING_TIMES,
)  # fmt: skip
"""The checks that go as far as the pages do."""

Progress = Callable[[int, int], None]
"""Told how many of how many rows are done."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What is known without the database: what it says of itself must agree with it.

    `checkpoints` are signed notes that were kept elsewhere, each under the name of where.
    `cosigned` says how large a tree each witness has cosigned, as this installation remembers.
    `authorities` are the certificates of those who stamp checkpoints with the time, and `stamps`
    the time stamps that this installation got. `accidents` are those of clocks that somebody named,
    `misnoted` those of noted heads, `retired` the names of witnesses that are asked no more.
    `first` is the leaf hash of the log's first event, as it was noted beside the keys. `verified`
    is what who asks verified himself before.
    """

    author: AuthorKey | None = None
    log: Verifier | None = None
    witnesses: tuple[Verifier, ...] = ()
    checkpoints: Mapping[str, bytes] = field(default_factory=dict)
    authorities: tuple[Certificate, ...] = ()
    cosigned: Mapping[str, int] = field(default_factory=dict)
    stamps: frozenset[Stamp] = frozenset()
    accidents: tuple[Accident, ...] = ()
    retired: frozenset[str] = frozenset()
    misnoted: tuple[Accident, ...] = ()
    first: bytes | None = None
    verified: VerifiedBefore | None = None

    @property
    def compares(self) -> bool:
        """Whether anything is known by which another log, made as a whole, would be told.

        An author's key alone is none: whoever makes a log may name in it who never signed there.
        """
        known = (self.log, self.first, self.verified)
        return any(one is not None for one in known) or bool(self.checkpoints)

    def knowing(self, checkpoints: Mapping[str, bytes]) -> Trust:
        """The same with more checkpoints from outside."""
        return replace(self, checkpoints={**self.checkpoints, **checkpoints})


def trust_of(settings: Settings) -> Trust:
    """What this installation keeps outside the database."""
    signer = known_signer(settings)
    own = Memory(settings.home / "seal").read()
    return Trust(
        author=known_author(settings),
        log=None if signer is None else signer.verifier,
        witnesses=tuple(witness_keys(settings)),
        checkpoints={} if own is None else {"the sealer's own memory": own},
        authorities=certificates_of(settings) if settings.tsa_certificates else (),
        cosigned=cosigned_sizes(settings),
        stamps=remembered_stamps(stamps_file(settings)),
        accidents=known_accidents(settings),
        retired=retired_witnesses(settings),
        misnoted=known_misnoted(settings),
        first=first_noted(settings.home),
    )


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found: the tree over the rows that are in order, and the first one that is not.

    `sealed` records are under a signed checkpoint. `unchecked` are the checks that could not run,
    each with the reason; they count as failures, and so do those that `failed` without ending the
    inspection. What `ended` it is one of its rows, or of what is sealed of them. `idle` are those
    that had nothing to look at, and `said` tells of others how far they went. `reached` is how far
    each came before the defect.

    Of the `checkpoints` that are there the `oldest` is over so many records. The newest covers all:
    older ones may be missing, which takes nothing from what is proven. `newest` is the size and the
    root of the last that was in order. `records` are those that the log has; None where it could
    not be asked, of which nothing is known then.
    """

    size: int
    root: bytes
    sealed: int
    defect: Defect | None
    unchecked: Mapping[Check, str]
    idle: Mapping[Check, str]
    said: Mapping[Check, str] = field(default_factory=dict)
    reached: Mapping[Check, Position] = field(default_factory=dict)
    checkpoints: int = 0
    oldest: int = 0
    failed: Mapping[Check, Defect] = field(default_factory=dict)
    ended: Defect | None = None
    newest: tuple[int, bytes] = (0, EMPTY_ROOT)
    records: int | None = None

    def also(self, once: Defect) -> Verification:
        """The same where something was wrong that is not any more."""
        said = f"{once.what} Looked at again it was right: somebody put it right meanwhile."
        defect = Defect(once.position, once.check, said)
        failed = {**self.failed, once.check: defect}
        return replace(self, defect=self.defect or defect, failed=failed)

    def outcomes(self) -> dict[str, str]:
        """Every check by name: passed, why it could not run, or what is wrong first.

        The inspection of rows stops at the first that is wrong: what these checks would find after
        it is open, and of those that had found nothing yet to look at nothing is said. The others
        run whatever it found.
        """
        found = {check.value: self._passed(check) for check in Check}
        found |= Outcomes(self.unchecked, self.idle, self.said, self.failed).in_words()
        if self.ended is not None:
            also = self.failed.get(self.ended.check)
            found[self.ended.check.value] = f"FAILED: {self.ended}{f' {also}' if also else ''}"
        return found

    def bad_positions(self) -> dict[str, Position]:
        """Of each check that failed the first position at which it did."""
        ended = [] if self.ended is None else [self.ended]
        return first_positions([*ended, *self.failed.values()])

    def _passed(self, check: Check) -> str:
        if self.ended is None:
            return "passed"
        if reached := self.reached.get(check):
            return f"passed up to position {reached:,}"
        return f"not reached: the inspection ended at position {self.ended.position:,}"

    def summary(self) -> dict[str, object]:
        """How far the checks came; None for what they did not reach, unlike in an empty log."""
        asked = self.records is not None
        reached = self.ended is None or self.size > 0
        return {
            "records": self.records,
            "ended_at": None if self.ended is None else self.ended.position,
            "size": self.size if reached else None,
            "sealed": self.sealed if asked else None,
            "root": self.root.hex() if reached else None,
            "checkpoints": self.checkpoints if asked else None,
            "oldest_checkpoint": self.oldest if asked else None,
        }

    @property
    def sound(self) -> bool:
        """Whether every check ran and found nothing."""
        return self.defect is None and not self.unchecked and not self.failed


def verify(
    conninfo: str,
    progress: Progress,
    trust: Trust = Trust(),
    workers: int = 1,
) -> Verification:
    """Check the whole log row by row, and its seal, up to the first that is wrong.

    `conninfo` is a reader's. Who rewrote the whole log under keys of his own is found by what is
    trusted alone. Who signed the records that were verified before is not asked again, unless
    something is wrong.
    """
    before = 0 if trust.verified is None else trust.verified.authors_asked
    try:
        with psycopg.connect(conninfo, autocommit=True) as connection, uncollected():
            require_shapes(connection)
            found = verified(connection, conninfo, progress, trust, workers, before)
            if not before or found.ended is None:
                return found
            again = verified(connection, conninfo, progress, trust, workers)
            return again if again.ended is not None else again.also(found.ended)
    except Defect as misshapen:
        return ended_at(misshapen)
    except psycopg.errors.DataCorrupted as corrupted:
        return ended_at(unreadable(0, corrupted))


def ended_at(defect: Defect) -> Verification:
    """What is known where nothing could be looked at."""
    return Verification(0, EMPTY_ROOT, 0, defect, {}, {}, ended=defect)


@contextmanager
def collected(defects: list[Defect]) -> Iterator[None]:
    """Keep the defect that a check finds, so that the others run all the same."""
    try:
        yield
    except Defect as found:
        defects.append(found)


def verified(
    connection: psycopg.Connection[Any],
    conninfo: str,
    progress: Progress,
    trust: Trust,
    workers: int,
    before: Position = 0,
) -> Verification:
    """The same over a connection that is open already, asking nobody's signature `before`."""
    beginning = beginning_of(connection)
    audit = SealAudit(
        connection,
        log_verifier(beginning, trust),
        trust.witnesses,
        trust.cosigned,
        beginning.sm2_keys,
        retired=trust.retired,
    )
    until = head(connection)  # after what is sealed: else more could be sealed than is read
    heads = HeadsAudit(connection, until, trust.misnoted)
    times = SealingTimes(connection, trust.accidents)
    continuity = Continuity()
    keys = Outcomes()
    alone: list[Defect] = []  # what ends nothing
    ending: list[Defect] = []
    uncounted = None
    with collected(alone):
        require_none_before(connection)
    with collected(alone):
        keys = said_of_keys(beginning, trust, require_trusted(beginning, trust))
    audit.expect(trust.checkpoints)
    if trust.verified is not None:
        audit.know(trust.verified.size, bytes.fromhex(trust.verified.root), str(trust.verified))
    with counted_beside(conninfo) as counting, collected(ending):
        for page in pages(connection, conninfo, until, beginning, workers, before):
            continuity.follow(page)
            times.take(page.after, continuity.position)
            audit.take(page.leaves)
            heads.take(page.streams, page.versions)
            progress(continuity.position, until)
        audit.finish()
    ended = ending[0] if ending else None
    with collected(alone):
        audit.check_stamps(trust.authorities, trust.stamps)
    with collected(alone):
        uncounted = counting.result()
    alone += [wrong for wrong in (heads.defect, audit.miscosigned) if wrong is not None]
    passed = "passed" if ended is None else f"passed up to position {continuity.position:,}"
    timely = said_of_times(times, min(audit.sealed, until), passed)
    unchecked = {**audit.unchecked, **keys.unchecked, **timely.unchecked}
    idle = {**audit.idle, **keys.idle}
    said = {**audit.said, Check.TABLES: "passed", **keys.said, **timely.said}
    if before and ended is None:
        asked = f"the first {before:,} are those of {trust.verified}, and are not asked again"
        said[Check.AUTHOR] = f"passed; {asked}"
    reached = dict.fromkeys(PAGE_BY_PAGE, continuity.position) | audit.reached
    if beginning.genesis is None:
        unchecked[Check.AUTHOR] = "the log does not begin with its keys"
    if uncounted is not None:
        unchecked[Check.TABLES] = uncounted
    if heads.unchecked is not None:
        unchecked[Check.HEADS] = heads.unchecked
    elif not heads.count:
        idle[Check.HEADS] = "none is noted yet; huhang nightly notes them"
    elif heads.computed or ended is None:
        said[Check.HEADS] = heads.said
    failed = dict(timely.failed)
    for defect in reversed(alone):
        failed[defect.check] = defect
    return Verification(
        audit.tree.size,
        audit.tree.root(),
        audit.sealed,
        next(iter([*by_the_first_event(alone), *ending, *alone]), None),
        unchecked,
        idle,
        said,
        reached,
        audit.checkpoints,
        audit.oldest,
        failed,
        ended,
        audit.newest,
        until,
    )


@contextmanager
def counted_beside(conninfo: str) -> Iterator[Future[str | None]]:
    """Have the server count the indexes of all tables meanwhile, as `require_complete`.

    Whoever is interrupted, or meets what ends everything, does not wait until they are counted.
    """
    with psycopg.connect(conninfo, autocommit=True) as other, ThreadPoolExecutor(1) as beside:
        counting = beside.submit(require_complete, other)
        try:
            yield counting
            counting.exception()  # waits here, where an interrupt ends it too
        except BaseException:
            with suppress(psycopg.Error):  # which would hide why it ended
                other.cancel_safe()
            raise


def by_the_first_event(defects: Sequence[Defect]) -> list[Defect]:
    """Those that stand before what any row can tell: of the keys, and of rows before the first."""
    return [defect for defect in defects if defect.check in (Check.KEYS, Check.DENSE)]


class Outcomes(NamedTuple):
    """What is to be said of some checks: as in `Verification`."""

    unchecked: Mapping[Check, str] = MappingProxyType({})
    idle: Mapping[Check, str] = MappingProxyType({})
    said: Mapping[Check, str] = MappingProxyType({})
    failed: Mapping[Check, Defect] = MappingProxyType({})

    def also(self, other: Outcomes) -> Outcomes:
        """What is to be said of the checks of both."""
        return Outcomes(
            {**self.unchecked, **other.unchecked},
            {**self.idle, **other.idle},
            {**self.said, **other.said},
            {**self.failed, **other.failed},
        )

    def in_words(self) -> dict[str, str]:
        """Each check by name: how far it went, or why it did not."""
        found = {check.value: said for check, said in self.said.items()}
        found |= {check.value: f"nothing to check: {why}" for check, why in self.idle.items()}
        found |= {check.value: f"COULD NOT RUN: {why}" for check, why in self.unchecked.items()}
        found |= {check.value: f"FAILED: {wrong}" for check, wrong in self.failed.items()}
        return found


def first_positions(defects: Iterable[Defect]) -> dict[str, Position]:
    """Of each check, by name, the first position at which something is wrong."""
    found: dict[str, Position] = {}
    for defect in defects:
        name = defect.check.value
        found[name] = min(defect.position, found.get(name, defect.position))
    return found


def said_of_times(times: SealingTimes, sealed: int, passed: str) -> Outcomes:
    """What is to be said of the times of sealing, where the rest `passed`."""
    wrong, unchecked, said = times.wrong(), times.unchecked(sealed), times.said(passed)
    if wrong is not None:
        return Outcomes(failed={Check.SEALING_TIMES: wrong})
    if unchecked is not None:
        return Outcomes(unchecked={Check.SEALING_TIMES: unchecked})
    return Outcomes() if said is None else Outcomes(said={Check.SEALING_TIMES: said})


def require_trusted(beginning: Beginning, trust: Trust) -> tuple[str, ...]:
    """Compare what the log says of its keys with what is known; what was compared, in words.

    An author that the log does not know is not compared. Raises `Defect`.
    """
    if beginning.genesis is None:
        return ()
    compared = []
    if trust.log is not None:
        if trust.log != verifier_of(beginning):
            raise Defect(1, Check.KEYS, f"{another_key(beginning.genesis.keys, trust.log)}.")
        compared.append("the log's key")
    if trust.first is not None:
        if trust.first != beginning.first:
            raise Defect(
                1,
                Check.KEYS,
                "the first event is not the one that is noted here in keys/log.first; the "
                "installation that began the log knows which is right.",
            )
        compared.append("the log's first event")
    known = trust.author
    if known is not None and known.name in beginning.authors:
        if encoded(beginning.authors[known.name].key) != known.key:
            raise Defect(
                1,
                Check.KEYS,
                f"the log names another key for “{known.name}” than this installation keeps.",
            )
        compared.append(f"the author “{known.name}”")
    return tuple(compared)


def said_of_keys(beginning: Beginning, trust: Trust, compared: Sequence[str]) -> Outcomes:
    """What the comparison of the keys came to: passed where one was compared, naming which."""
    if trust.log is None and trust.first is None and trust.author is None:
        own_word = "none was given, so the keys are the log's own word; compare them"
        return Outcomes(idle={Check.KEYS: own_word})
    if beginning.genesis is None:
        return Outcomes(unchecked={Check.KEYS: "the log does not begin with its keys"})
    stranger = ""
    if trust.author is not None and trust.author.name not in beginning.authors:
        stranger = f"the log does not know the author “{trust.author.name}”, whose key is kept here"
    if not compared:
        give = "register it there, or give the log's key: --key"
        return Outcomes(unchecked={Check.KEYS: f"{stranger}; {give}"})
    said = [f"passed for {' and '.join(compared)}"]
    if trust.log is None and trust.first is None:
        said.append("the key of the checkpoints is the log's own word; give it: --key")
    if stranger:
        said.append(stranger)
    return Outcomes(said={Check.KEYS: "; ".join(said)})


def log_verifier(beginning: Beginning, trust: Trust) -> Verifier | None:
    """The key that must have signed the checkpoints: the one known, else the log's own word."""
    return trust.log or verifier_of(beginning)


def verifier_of(beginning: Beginning) -> Verifier | None:
    """The key of the log's checkpoints, as its first event says."""
    genesis = beginning.genesis
    return None if genesis is None else checkpoint_verifier(genesis.keys)
