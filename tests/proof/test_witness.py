"""The witness: it cosigns growth, and nothing that contradicts what it has cosigned before."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.note import (
    Checkpoint,
    Cosigner,
    MalformedNote,
    Note,
    Signer,
    Verifier,
    open_checkpoint,
    parse_signatures,
)
from application.tree import EMPTY_ROOT, consistency_proof, root_at
from application.witness import (
    BODY_LIMIT,
    AddCheckpoint,
    Known,
    Refusal,
    Witness,
    WitnessWithoutMemory,
    cosign_file,
    make_memory,
    witness_app,
)
from tests.api.conftest import served
from tests.proof.reference import Forest

LOG = Signer("log.example/huhang", bytes(range(32)))
KEY = Cosigner("witness.example/w1", bytes(range(1, 33)))
TREE = Forest([b"entry %d" % index for index in range(40)])
FORK = Forest([b"entry %d" % index for index in range(10)] + [b"other"] * 30)
NOON = 1_800_000_000


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    path = tmp_path / "witness.sqlite"
    make_memory(path)
    return path


@pytest.fixture
def witness(memory: Path) -> Witness:
    return started(memory)


def started(memory: Path, clock: Callable[[], float] = lambda: NOON) -> Witness:
    return Witness(memory, KEY, {LOG.name: [LOG.verifier]}, clock=clock)


@pytest.fixture
def service(witness: Witness) -> Iterator[str]:
    with served(witness_app(witness)) as address:
        yield f"{address}/add-checkpoint"


def posted(service: str, body: bytes) -> httpx.Response:
    return httpx.post(service, content=body, verify=False)


def checkpoint(size: int, tree: Forest = TREE, key: Signer = LOG, origin: str = LOG.name) -> bytes:
    text = Checkpoint(origin, size, root_at(size, tree.hashes)).text
    return Note(text, (key.sign(text),)).encode()


def request(old: int, new: int, tree: Forest = TREE) -> bytes:
    proof = consistency_proof(old, new, tree.hashes) if old <= new else []
    return AddCheckpoint(old, tuple(proof), checkpoint(new, tree)).encode()


def refused(witness: Witness, body: bytes) -> tuple[int, int | None]:
    with pytest.raises(Refusal) as refusal:
        witness.add_checkpoint(body)
    return refusal.value.status, refusal.value.known_size


def test_growth_is_cosigned_step_by_step(witness: Witness) -> None:
    for old, new in [(0, 1), (1, 7), (7, 7), (7, 40)]:
        opened = open_checkpoint(
            witness.add_checkpoint(request(old, new)).encode(),
            LOG.name,
            [LOG.verifier],
            [KEY.verifier],
        )
        assert opened.checkpoint.size == new
        assert opened.witnessed == {KEY.name: NOON}
        assert witness.known(LOG.name) == Known(new, root_at(new, TREE.hashes), NOON)
        assert witness.latest(LOG.name) == opened.note.encode()


def test_a_new_witness_knows_the_empty_tree(witness: Witness) -> None:
    assert witness.known(LOG.name) == Known(0, EMPTY_ROOT, 0)
    assert witness.latest(LOG.name) is None
    witness.add_checkpoint(request(0, 0))
    assert witness.known(LOG.name) == Known(0, EMPTY_ROOT, NOON)


def test_a_fork_of_the_same_size_is_refused_and_kept(witness: Witness) -> None:
    witness.add_checkpoint(request(0, 20))
    assert refused(witness, request(20, 20, FORK)) == (409, 20)
    assert refused(witness, request(3, 20, FORK)) == (409, 20)
    assert witness.known(LOG.name).root == root_at(20, TREE.hashes)
    assert witness.suspects(LOG.name) == [checkpoint(20, FORK)]


def test_a_fork_that_grew_is_refused_and_kept(witness: Witness) -> None:
    witness.add_checkpoint(request(0, 20))
    assert refused(witness, request(20, 30, FORK)) == (422, None)
    assert witness.known(LOG.name).size == 20
    assert witness.suspects(LOG.name) == [checkpoint(30, FORK)]


def test_a_rollback_is_refused(witness: Witness) -> None:
    witness.add_checkpoint(request(0, 20))
    assert refused(witness, request(0, 10)) == (409, 20)
    assert refused(witness, request(5, 10)) == (409, 20)
    assert refused(witness, request(20, 10)) == (400, None)
    assert witness.known(LOG.name).size == 20
    assert witness.suspects(LOG.name) == []


def test_a_log_that_forgot_asks_with_zero_and_learns_the_size(witness: Witness) -> None:
    witness.add_checkpoint(request(0, 20))
    assert refused(witness, request(0, 30)) == (409, 20)
    witness.add_checkpoint(request(20, 30))


def test_a_proof_must_lead_from_the_known_root_to_the_new_one(witness: Witness) -> None:
    witness.add_checkpoint(request(0, 20))
    proof = consistency_proof(20, 30, TREE.hashes)
    for wrong in ([], proof[1:], proof[:-1], [*proof, EMPTY_ROOT], proof[::-1]):
        body = AddCheckpoint(20, tuple(wrong), checkpoint(30)).encode()
        assert refused(witness, body) == (422, None)
    extra = AddCheckpoint(20, (EMPTY_ROOT,), checkpoint(20)).encode()
    assert refused(witness, extra) == (422, None)


def test_the_first_checkpoint_comes_without_a_proof(witness: Witness) -> None:
    body = AddCheckpoint(0, (EMPTY_ROOT,), checkpoint(20)).encode()
    assert refused(witness, body) == (422, None)


def test_a_log_that_is_not_watched_is_not_found(witness: Witness) -> None:
    body = AddCheckpoint(0, (), checkpoint(1, origin="log.example/other")).encode()
    assert refused(witness, body) == (404, None)


def test_a_checkpoint_needs_a_signature_of_its_log(witness: Witness) -> None:
    stranger = Signer.generate(LOG.name)
    assert refused(witness, AddCheckpoint(0, (), checkpoint(1, key=stranger)).encode())[0] == 403
    signed = checkpoint(1)
    root = b"\n" + signed.split(b"\n")[2] + b"\n"
    other = b"\n" + checkpoint(2).split(b"\n")[2] + b"\n"
    assert refused(witness, AddCheckpoint(0, (), signed.replace(root, other)).encode())[0] == 403
    assert witness.known(LOG.name).size == 0


def test_other_signatures_on_the_checkpoint_are_passed_over(witness: Witness) -> None:
    note = Note.parse(checkpoint(5))
    others = [Signer.generate(f"other{number}").sign(note.text) for number in range(99)]
    body = AddCheckpoint(0, (), note.also_signed(others).encode()).encode()
    assert [line.name for line in witness.add_checkpoint(body).signatures] == [LOG.name, KEY.name]


def test_during_a_change_of_keys_either_key_signs_for_the_log(memory: Path) -> None:
    new = Signer.generate(LOG.name)
    witness = Witness(memory, KEY, {LOG.name: [LOG.verifier, new.verifier]})
    witness.add_checkpoint(request(0, 5))
    proof = consistency_proof(5, 9, TREE.hashes)
    witness.add_checkpoint(AddCheckpoint(5, tuple(proof), checkpoint(9, key=new)).encode())
    assert witness.known(LOG.name).size == 9


def test_a_witness_remembers_each_log_apart(memory: Path) -> None:
    other = Signer.generate("log.example/other")
    logs: dict[str, list[Verifier]] = {LOG.name: [LOG.verifier], other.name: [other.verifier]}
    witness = Witness(memory, KEY, logs)
    witness.add_checkpoint(request(0, 20))
    signed = checkpoint(3, FORK, other, other.name)
    witness.add_checkpoint(AddCheckpoint(0, (), signed).encode())
    assert (witness.known(LOG.name).size, witness.known(other.name).size) == (20, 3)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 0\n\n",
        request(0, 5).replace(b"old 0", b"old 00"),
        request(0, 5).replace(b"old 0", b"old -0"),
        request(0, 5).replace(b"old 0", b"Old 0"),
        request(0, 5).replace(b"old 0", b"old  0"),
        request(0, 5).replace(b"old 0", b"old 0 "),
        request(0, 5).replace(b"old 0\n", b"old 0\n!!\n"),
        request(0, 5).replace(b"old 0\n", b"old 0\nAAAA\n"),
        request(0, 5).replace(b"old 0\n", b"old 0\r\n"),
        request(0, 5).replace(b"old 0\n", "old ０\n".encode()),
        request(0, 5).replace(b"\n5\n", b"\n05\n"),
        request(0, 5)[:-1],
        AddCheckpoint(0, (bytes(32),) * 64, checkpoint(5)).encode(),
    ],
)
def test_a_request_of_another_shape_is_refused(witness: Witness, body: bytes) -> None:
    assert refused(witness, body) == (400, None)


@given(
    st.builds(
        AddCheckpoint,
        st.integers(0, 2**63 - 1),
        st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
        st.binary(max_size=50),
    )
)
def test_a_request_is_read_as_it_was_written(request: AddCheckpoint) -> None:
    assert AddCheckpoint.parse(request.encode()) == request


@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused_in_a_sentence(junk: bytes) -> None:
    with pytest.raises(MalformedNote):
        AddCheckpoint.parse(junk)


def test_a_clock_set_back_makes_no_older_statement(memory: Path) -> None:
    started(memory, lambda: NOON + 0.9).add_checkpoint(request(0, 5))
    cosigned = started(memory, lambda: NOON - 3600).add_checkpoint(request(5, 9))
    opened = open_checkpoint(cosigned.encode(), LOG.name, [LOG.verifier], [KEY.verifier])
    assert opened.witnessed == {KEY.name: NOON}


def test_a_restarted_witness_remembers(memory: Path) -> None:
    started(memory).add_checkpoint(request(0, 20))
    assert refused(started(memory), request(0, 10)) == (409, 20)
    assert refused(started(memory), request(20, 30, FORK))[0] == 422


def test_a_witness_without_its_file_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(WitnessWithoutMemory, match="is not there"):
        started(tmp_path / "gone.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_witness_whose_file_vanished_cosigns_nothing_more(memory: Path) -> None:
    witness = started(memory)
    memory.unlink()
    with pytest.raises(WitnessWithoutMemory):
        witness.add_checkpoint(request(0, 5))


@pytest.mark.parametrize("content", [b"", b"not a database" * 100])
def test_a_witness_does_not_start_on_a_file_that_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(WitnessWithoutMemory, match="not the file of a witness"):
        started(path)


def test_the_file_of_a_witness_is_never_made_anew(memory: Path) -> None:
    started(memory).add_checkpoint(request(0, 20))
    with pytest.raises(FileExistsError):
        make_memory(memory)
    assert started(memory).known(LOG.name).size == 20


def test_a_log_without_a_key_that_signs_notes_cannot_be_watched(memory: Path) -> None:
    for keys in ([], [KEY.verifier]):
        with pytest.raises(ValueError, match="needs keys"):
            Witness(memory, KEY, {LOG.name: keys})


def test_of_many_requests_at_once_one_branch_wins(memory: Path) -> None:
    started(memory).add_checkpoint(request(0, 10))
    bodies = [request(10, size, tree) for size in range(11, 31) for tree in (TREE, FORK)]

    statuses: set[int] = set()

    def outcome(body: bytes) -> Note | None:
        try:
            return started(memory).add_checkpoint(body)
        except Refusal as refusal:
            statuses.add(refusal.status)
            return None

    with ThreadPoolExecutor(8) as threads:
        cosigned = [note for note in threads.map(outcome, bodies) if note]
    assert len(cosigned) == 1
    assert statuses == {409}
    known = started(memory).known(LOG.name)
    assert Checkpoint.parse(cosigned[0].text) == Checkpoint(LOG.name, known.size, known.root)


def test_nobody_decides_while_another_does(memory: Path) -> None:
    started(memory).add_checkpoint(request(0, 10))
    with ThreadPoolExecutor(1) as thread:
        rivals: list[Future[tuple[int, int | None]]] = []

        def clock_read_amid_the_decision() -> float:
            rivals.append(thread.submit(refused, started(memory), request(10, 20, FORK)))
            assert not wait(rivals, timeout=0.3).done, "the rival did not wait"
            return NOON

        started(memory, clock_read_amid_the_decision).add_checkpoint(request(10, 20))
    assert [rival.result() for rival in rivals] == [(409, 20)]


def test_a_request_that_cannot_be_remembered_is_not_answered(memory: Path) -> None:
    started(memory).add_checkpoint(request(0, 10))
    code = """if True:
        import resource, signal, sys
        from tests.proof.test_witness import *

        with served(witness_app(started(Path(sys.argv[1])))) as address:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))  # as if the disk were full
            answer = posted(f"{address}/add-checkpoint", request(10, 20))
        print(answer.status_code, answer.text)
    """
    answer = subprocess.run(
        [sys.executable, "-c", code, str(memory)], capture_output=True, text=True, check=True
    ).stdout
    assert answer.startswith("503 ")
    assert KEY.name not in answer
    assert started(memory).known(LOG.name).size == 10


def test_the_suspects_of_a_log_never_fill_the_disk(
    witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.witness.SUSPECTS_LIMIT", 2)
    witness.add_checkpoint(request(0, 11))
    for size in (20, 21, 21, 22, 23):
        assert refused(witness, request(11, size, FORK))[0] == 422
    assert witness.suspects(LOG.name) == [checkpoint(20, FORK), checkpoint(21, FORK)]


def test_true_checkpoints_with_false_proofs_never_crowd_out_the_proof_of_a_fork(
    witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checkpoints are public: anybody can send them, and so fill what is kept of suspects."""
    monkeypatch.setattr("application.witness.SUSPECTS_LIMIT", 3)
    witness.add_checkpoint(request(0, 11))
    for size in range(12, 20):
        junk = AddCheckpoint(11, (bytes(32),), checkpoint(size)).encode()
        assert refused(witness, junk)[0] == 422
    assert len(witness.suspects(LOG.name)) == 3
    assert refused(witness, request(11, 11, FORK))[0] == 409
    assert checkpoint(11, FORK) in witness.suspects(LOG.name)


# The protocol, as a log sees it.


def test_the_answer_is_the_cosignature_line(service: str) -> None:
    answer = posted(service, request(0, 20))
    assert answer.status_code == 200
    (line,) = parse_signatures(answer.text)
    note = Note.parse(checkpoint(20)).also_signed([line])
    assert set(note.verified([KEY.verifier])) == {KEY.verifier}


def test_a_conflict_is_answered_with_the_known_size(service: str) -> None:
    posted(service, request(0, 20))
    for body in (request(0, 30), request(20, 20, FORK)):
        answer = posted(service, body)
        assert answer.status_code == 409
        assert answer.headers["content-type"] == "text/x.tlog.size"
        assert answer.text == "20\n"


def test_each_refusal_has_the_status_of_the_protocol(service: str) -> None:
    def status(body: bytes) -> int:
        return posted(service, body).status_code

    posted(service, request(0, 20))
    assert status(b"old") == 400
    assert status(request(20, 10)) == 400
    unsigned = AddCheckpoint(20, (), checkpoint(20, key=Signer.generate(LOG.name)))
    assert status(unsigned.encode()) == 403
    unknown = AddCheckpoint(20, (), checkpoint(20, origin="log.example/other"))
    assert status(unknown.encode()) == 404
    assert status(b"o" * (BODY_LIMIT + 1)) == 413
    assert status(request(20, 30, FORK)) == 422
    assert httpx.get(service, verify=False).status_code == 405


# The offline way.


def test_a_file_comes_back_cosigned(witness: Witness, tmp_path: Path) -> None:
    asked, answered = tmp_path / "day.request", tmp_path / "day.checkpoint"
    asked.write_bytes(request(0, 20))
    cosign_file(witness, asked, answered)
    opened = open_checkpoint(answered.read_bytes(), LOG.name, [LOG.verifier], [KEY.verifier])
    assert opened.checkpoint.size == 20
    assert opened.witnessed == {KEY.name: NOON}
    assert witness.known(LOG.name).size == 20


def test_a_refused_file_leaves_no_answer(witness: Witness, tmp_path: Path) -> None:
    asked, answered = tmp_path / "day.request", tmp_path / "day.checkpoint"
    asked.write_bytes(request(0, 20))
    cosign_file(witness, asked, answered)
    before = answered.read_bytes()
    for body in (request(20, 30, FORK), request(0, 5), b"o" * (BODY_LIMIT + 1)):
        asked.write_bytes(body)
        with pytest.raises(Refusal):
            cosign_file(witness, asked, answered)
    assert answered.read_bytes() == before
    assert sorted(path.name for path in tmp_path.glob("day*")) == ["day.checkpoint", "day.request"]
    assert not list(tmp_path.glob("tmp*"))


def test_the_witness_needs_nothing_of_the_system_that_it_watches() -> None:
    code = (
        "import sys, application.witness;"
        "print(*sorted(name for name in sys.modules if name.split('.')[0] in"
        " {'application', 'domain', 'projections', 'api', 'psycopg', 'eventsourcing'}))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.split() == [
        "application",
        "application.note",
        "application.signatures",
        "application.sm2",  # whose library is loaded only for a key of that kind
        "application.tree",
        "application.witness",
    ]
