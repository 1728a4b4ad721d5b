"""Whatever happens to the log and its machine, nobody outside is told two pasts.

A machine appends, seals, crashes, is witnessed, restored from backups and cut back in any order.
Outside stand an observer, who keeps every checkpoint that was ever published, and a witness.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psycopg
import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from application.alarms import Alarm
from application.cosigning import Cosigning, KnownWitness, WitnessAway
from application.memory import Memory
from application.note import Checkpoint, Cosigner, Note
from application.seal import NotSealed
from application.sealer import Sealer
from application.settings import Settings
from application.tree import Unproven
from application.witness import Refusal, Witness, make_memory
from tests.conftest import Databases
from tests.proof.ledger import Ledger

KEY = Cosigner("witness.example/w1", bytes(range(1, 33)))


class Crash(Exception):  # noqa: N818
    """The machine lost its power."""


class CrashingSealer(Sealer):
    """Loses its power after the note was remembered and before it was published."""

    def _publish(self, *_: object) -> None:
        raise Crash


def machine(databases: Databases) -> type[RuleBasedStateMachine]:
    class SealedLog(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            self.fresh = databases()
            self.folder = TemporaryDirectory(prefix="huhang-machine-")
            home = Path(self.folder.name)
            self.ledger = Ledger(self.fresh.__enter__(), Settings(home=home / "home"))
            make_memory(home / "witness.sqlite")
            verifier = self.ledger.signer.verifier
            self.witness = Witness(home / "witness.sqlite", KEY, {verifier.name: [verifier]})
            self.cosigning = Cosigning(self.ledger.database, self.ledger.settings)
            self.memory = Memory(self.ledger.settings.home / "seal")
            self.published: dict[int, set[bytes]] = {}
            self.leaves_of: dict[bytes, list[bytes]] = {}
            self.cosigned: list[Checkpoint] = []
            self.memories: list[bytes] = []
            self.restored_memory = False

        def teardown(self) -> None:
            if hasattr(self, "ledger"):
                self.ledger.records.close()
                self.fresh.__exit__(None, None, None)
                self.folder.cleanup()

        @rule(events=st.integers(1, 300))
        def append(self, events: int) -> None:
            self.ledger.record(events)

        @rule()
        def seal(self) -> None:
            self.sealed_by(Sealer)

        @rule()
        def crash_while_sealing(self) -> None:
            self.sealed_by(CrashingSealer)

        @rule()
        def be_witnessed(self) -> None:
            transport = httpx.MockTransport(self.answer)
            refusals = (Alarm, WitnessAway, NotSealed, Unproven)
            with httpx.Client(transport=transport) as client, suppress(*refusals):
                self.cosigning.ask(client, KnownWitness("http://witness", KEY.verifier))

        @precondition(lambda self: self.memories)
        @rule(data=st.data())
        def restore_the_machine(self, data: st.DataObject) -> None:
            """The database and the sealer's memory come from an old backup."""
            note = data.draw(st.sampled_from(self.memories))
            self.cut_back_to(note)
            self.memory.keep(note)
            self.restored_memory = True

        @precondition(lambda self: self.memories)
        @rule(data=st.data())
        def restore_the_database(self, data: st.DataObject) -> None:
            self.cut_back_to(data.draw(st.sampled_from(self.memories)))

        @rule(events=st.integers(1, 300))
        def truncate(self, events: int) -> None:
            """Somebody removes the last rows and leaves the seal alone."""
            size = len(self.ledger.leaves())
            self.ledger.attack(f"delete from log.event where position > {max(size - events, 1)}")
            self.forget()

        def cut_back_to(self, note: bytes) -> None:
            size = Checkpoint.parse(Note.parse(note).text).size
            self.ledger.attack(
                f"delete from log.event where position > {size}",
                f"delete from seal.cosignature where size > {size}",
                f"delete from seal.checkpoint where size > {size}",
                "delete from seal.tile"
                f" where (number + 1) * power(256::numeric, level + 1) > {size}",
            )
            self.forget()

        def forget(self) -> None:
            """The streams end where the log was cut."""
            self.ledger.versions.clear()

        def answer(self, request: httpx.Request) -> httpx.Response:
            try:
                note = self.witness.add_checkpoint(request.content)
            except Refusal as refusal:
                known = refusal.known_size
                text = str(refusal) if known is None else f"{known}\n"
                return httpx.Response(refusal.status, text=text)
            self.cosigned.append(Checkpoint.parse(note.text))
            return httpx.Response(200, text=note.signatures[-1].line)

        def sealed_by(self, kind: type[Sealer]) -> None:
            with (
                suppress(Alarm, Crash),
                kind(self.ledger.database, self.ledger.settings) as sealer,
            ):
                while sealer.seal_next() is not None:
                    pass
            self.observe()

        def observe(self) -> None:
            with psycopg.connect(self.ledger.database.reader) as connection:
                notes = [n for (n,) in connection.execute("select note from seal.checkpoint")]
            leaves = self.ledger.leaves()
            for note in notes:
                stated = Checkpoint.parse(Note.parse(note).text)
                self.published.setdefault(stated.size, set()).add(stated.root)
                self.leaves_of.setdefault(stated.root, leaves[: stated.size])
                if note not in self.memories:
                    self.memories.append(note)

        @invariant()
        def no_two_trees_of_one_size_are_published(self) -> None:
            if hasattr(self, "published") and not self.restored_memory:
                assert all(len(roots) == 1 for roots in self.published.values())

        @invariant()
        def what_is_cosigned_only_grows(self) -> None:
            for before, after in pairwise(getattr(self, "cosigned", ())):
                assert before.size <= after.size
                earlier, later = self.leaves_of[before.root], self.leaves_of[after.root]
                assert later[: before.size] == earlier

        @invariant()
        def every_published_record_is_in_every_later_checkpoint(self) -> None:
            if hasattr(self, "published") and not self.restored_memory:
                for before, after in pairwise(sorted(self.published)):
                    (old,), (new,) = self.published[before], self.published[after]
                    assert self.leaves_of[new][:before] == self.leaves_of[old]

    return SealedLog


@pytest.mark.exhaustive
def test_nobody_outside_is_ever_told_two_pasts(databases: Databases) -> None:
    run_state_machine_as_test(
        machine(databases),
        settings=hypothesis_settings(max_examples=12, stateful_step_count=12),
    )


def test_the_machine_would_notice_a_sealer_without_memory(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sealer that remembers nothing signs a second past, and the observer tells."""
    monkeypatch.setattr(Memory, "read", lambda self: None)
    monkeypatch.setattr(Sealer, "_require_no_more", lambda *_: None)
    sealed_log = machine(databases)()
    sealed_log.begin()
    for _ in range(2):
        sealed_log.append(3)
        sealed_log.seal()
    sealed_log.cut_back_to(sealed_log.memories[0])
    sealed_log.append(5)
    sealed_log.seal()
    with pytest.raises(AssertionError):
        sealed_log.every_published_record_is_in_every_later_checkpoint()
    sealed_log.teardown()
