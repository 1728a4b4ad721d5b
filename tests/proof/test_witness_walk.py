"""Whatever logs, thieves of their key, crashes and clocks do: a witness vouches for one history."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from application.note import Checkpoint, Cosigner, Note, Signer, open_checkpoint
from application.tree import EMPTY_ROOT, check_consistency, consistency_proof, root_at
from application.witness import AddCheckpoint, Known, Refusal, Witness, make_memory
from tests.proof.reference import Forest

LOGS = [Signer(f"log.example/{name}", bytes([at]) * 32) for at, name in enumerate("ab", start=1)]
KEY = Cosigner("witness.example/w1", bytes(range(1, 33)))
LARGEST = 40


def branch(shared: int, name: bytes) -> Forest:
    """A history that leaves the common one after so many entries."""
    common = [b"entry %d" % at for at in range(shared)]
    return Forest([*common, *(b"%s %d" % (name, at) for at in range(shared, LARGEST))])


BRANCHES = [branch(LARGEST, b""), branch(3, b"early"), branch(16, b"middle"), branch(33, b"late")]
SIZES = st.integers(0, LARGEST)


class WitnessWalk(RuleBasedStateMachine):
    """The log's key signs whatever is asked; the witness must not."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.memory = Path(self.folder.name, "witness.sqlite")
        self.now = 1_800_000_000
        self.cosigned: dict[str, list[tuple[Known, Forest]]] = {log.name: [] for log in LOGS}
        self.told: tuple[str, int | None] = (LOGS[0].name, None)
        make_memory(self.memory)
        self.restart()

    @rule()
    def restart(self) -> None:
        logs = {log.name: [log.verifier] for log in LOGS}
        self.witness = Witness(self.memory, KEY, logs, clock=lambda: self.now)

    @rule(seconds=st.integers(-5000, 5000))
    def the_clock_is_set(self, seconds: int) -> None:
        self.now += seconds

    @rule(log=st.sampled_from(LOGS), tree=st.sampled_from(BRANCHES), grown=SIZES)
    def an_honest_request_from_where_the_witness_is(
        self, log: Signer, tree: Forest, grown: int
    ) -> None:
        known = self.witness.known(log.name)
        size = min(LARGEST, known.size + grown)
        grows = root_at(known.size, tree.hashes) == known.root
        answered = self.send(log, tree, known.size, size, tree)
        assert answered == grows

    @rule(
        log=st.sampled_from(LOGS),
        tree=st.sampled_from(BRANCHES),
        proved=st.sampled_from(BRANCHES),
        old=SIZES,
        new=SIZES,
    )
    def any_request_at_all(
        self, log: Signer, tree: Forest, proved: Forest, old: int, new: int
    ) -> None:
        self.send(log, tree, old, new, proved)

    @precondition(lambda self: any(self.cosigned.values()))
    @rule(log=st.sampled_from(LOGS), data=st.data())
    def an_earlier_checkpoint_again(self, log: Signer, data: st.DataObject) -> None:
        if self.cosigned[log.name]:
            earlier, tree = data.draw(st.sampled_from(self.cosigned[log.name]))
            answered = self.send(log, tree, earlier.size, earlier.size, tree)
            assert answered == (earlier.size == self.witness.known(log.name).size)

    @invariant()
    def the_witness_remembers_its_last_word(self) -> None:
        for origin, words in self.cosigned.items():
            assert self.witness.known(origin) == (words[-1][0] if words else Known())
            assert (self.witness.latest(origin) is None) == (not words)

    @invariant()
    def a_conflict_tells_its_size(self) -> None:
        origin, size = self.told
        assert size in (None, self.witness.known(origin).size)

    @invariant()
    def all_its_words_are_one_growing_history(self) -> None:
        for words in self.cosigned.values():
            for (before, _), (after, tree) in pairwise(words):
                assert before.size <= after.size
                assert before.cosigned_at <= after.cosigned_at
                proof = consistency_proof(before.size, after.size, tree.hashes)
                check_consistency(before.size, after.size, before.root, after.root, proof)

    def send(self, log: Signer, tree: Forest, old: int, new: int, proved: Forest) -> bool:
        text = Checkpoint(log.name, new, root_at(new, tree.hashes)).text
        proof = consistency_proof(old, new, proved.hashes) if old <= new else []
        signed = Note(text, (log.sign(text),)).encode()
        self.told = (log.name, None)
        try:
            note = self.witness.add_checkpoint(AddCheckpoint(old, tuple(proof), signed).encode())
        except Refusal as refusal:
            self.told = (log.name, refusal.known_size)
            return False
        opened = open_checkpoint(note.encode(), log.name, [log.verifier], [KEY.verifier])
        _, size, root, _ = opened.checkpoint
        self.cosigned[log.name].append((Known(size, root, opened.witnessed[KEY.name]), tree))
        return True

    def teardown(self) -> None:
        self.folder.cleanup()


TestWitnessWalk = WitnessWalk.TestCase
TestWitnessWalk.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)


def test_the_branches_of_the_walk_are_forks() -> None:
    assert len({root_at(LARGEST, tree.hashes) for tree in BRANCHES}) == len(BRANCHES)
    assert {root_at(3, tree.hashes) for tree in BRANCHES} == {root_at(3, BRANCHES[0].hashes)}
    assert root_at(0, BRANCHES[0].hashes) == EMPTY_ROOT
