"""Who signed what somebody verified before is not asked again, and nothing is believed for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import tuple_row

from application import inspection, verification
from application.inspection import PAGE, Check, Row
from application.keys import author_of
from application.log_stream import Beginning, Registered
from application.settings import Settings
from application.simulation import silently
from application.tree import root_of
from application.verification import Trust, Verification, trust_of, verify
from application.verified_before import PROGRAM, NotRemembered, VerifiedBefore
from domain.base import SHANGHAI
from tests.proof.ledger import Ledger
from tests.proof.test_attacks import found, reseal, rewrite

pytestmark = pytest.mark.attack


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The positions of the rows of which it is asked who signed them."""
    positions: list[int] = []
    inspected = inspection.inspect_leaf

    def noting(row: Row, authors: Mapping[str, Registered] | None) -> bytes:
        if authors is not None:
            positions.append(row[0])
        return inspected(row, authors)

    monkeypatch.setattr(inspection, "inspect_leaf", noting)
    return positions


def verified(ledger: Ledger, before: VerifiedBefore | None, workers: int = 1) -> Verification:
    trust = replace(trust_of(ledger.settings), verified=before)
    return verify(ledger.database.reader, silently, trust, workers)


def remembered(ledger: Ledger) -> VerifiedBefore:
    found_ = verified(ledger, None)
    assert found_.sound
    return VerifiedBefore.now(*found_.newest)


def test_who_signed_the_same_records_is_not_asked_again(ledger: Ledger, asked: list[int]) -> None:
    ledger.record(PAGE + 10)
    size = ledger.seal()
    asked.clear()
    before = remembered(ledger)
    assert (before.size, asked) == (size, [*range(1, size + 1)])
    ledger.record(1)
    ledger.seal()
    asked.clear()
    verification = verified(ledger, before)
    assert verification.sound
    assert asked == [size + 1]
    assert verification.size == size + 1
    outcomes = verification.outcomes()
    assert outcomes[Check.AUTHOR].startswith(f"passed; the first {size:,} are those of your ")
    assert outcomes[Check.OUTSIDE] == "passed"


def test_only_what_a_checkpoint_covers_is_remembered(ledger: Ledger) -> None:
    """What is not sealed yet may have to be cut off (decision 194)."""
    ledger.record(3)
    size = ledger.seal()
    ledger.record(2)
    assert remembered(ledger).size == size


@pytest.mark.parametrize("workers", [1, 2])
def test_records_that_were_rewritten_since_are_found_and_who_signed_them_is_asked(
    ledger: Ledger, tmp_path: Path, workers: int
) -> None:
    """By a stranger who has the log's key, so that all but the signature fits."""
    ledger.record(5 * PAGE if workers > 1 else PAGE)
    ledger.seal()
    before = remembered(ledger)
    stranger = Settings(home=tmp_path / "stranger")
    rewrite(ledger, 7, author_of(stranger))
    reseal(ledger)
    verification = verified(ledger, before, workers)
    assert found(verification) == (7, Check.AUTHOR)


def test_records_rewritten_with_every_key_are_not_those_that_were_verified(ledger: Ledger) -> None:
    ledger.record(300)
    ledger.seal()
    before = remembered(ledger)
    rewrite(ledger, 7)
    reseal(ledger)
    trust = Trust(verified=before)
    verification = verify(ledger.database.reader, silently, trust)
    assert found(verification) == (before.size, Check.OUTSIDE)
    assert str(before) in verification.outcomes()[Check.OUTSIDE]
    assert verification.outcomes()[Check.AUTHOR] == "passed up to position 301", "by asking"


def test_a_log_that_ends_before_what_was_verified_is_found(ledger: Ledger) -> None:
    ledger.record(20)
    ledger.seal()
    before = remembered(ledger)
    ledger.attack("delete from log.event where position > 10")
    reseal(ledger)
    verification = verify(ledger.database.reader, silently, Trust(verified=before))
    assert found(verification) == (11, Check.OUTSIDE)


def test_checkpoints_that_were_removed_are_missed_while_all_records_are_there(
    ledger: Ledger,
) -> None:
    """Else what was remembered would go back with the seal, and the records could follow."""
    ledger.record(10)
    older = ledger.seal()
    ledger.record(10)
    newer = ledger.seal()
    before = remembered(ledger)
    ledger.attack(f"delete from seal.checkpoint where size > {older}")
    verification = verify(ledger.database.reader, silently, Trust(verified=before))
    assert found(verification) == (older + 1, Check.CHECKPOINTS)
    assert (
        f"{newer} records were sealed (your verification of "
        in verification.outcomes()[Check.CHECKPOINTS]
    )


def test_a_row_that_is_put_right_once_the_reading_begins_anew_was_wrong_all_the_same(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever watches the statements of the session sees it begin anew, and has its time."""
    ledger.record(300)
    ledger.seal()
    before = remembered(ledger)
    honest = row_at(ledger, 7)
    rewrite(ledger, 7, author_of(Settings(home=tmp_path / "stranger")))
    begun: list[None] = []
    head = verification.head

    def watched(connection: psycopg.Connection[Any]) -> int:
        begun.append(None)
        if len(begun) == 2:
            ledger.attack(
                "update log.event set state = '\\x{}', signature = '\\x{}', leaf = '\\x{}'"
                " where position = 7".format(*(value.hex() for value in honest))
            )
        return head(connection)

    monkeypatch.setattr(verification, "head", watched)
    seen = verified(ledger, before)
    assert found(seen) == (7, Check.TILES)
    assert "somebody put it right meanwhile" in seen.outcomes()[Check.TILES]


def row_at(ledger: Ledger, position: int) -> tuple[bytes, bytes, bytes]:
    with psycopg.connect(ledger.database.reader, row_factory=tuple_row) as connection:
        row = connection.execute(
            "select state, signature, leaf from log.event where position = %s", (position,)
        ).fetchone()
    assert row is not None
    return row


def test_a_first_event_that_was_exchanged_for_a_moment_is_said(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record(3)
    ledger.seal()
    before = remembered(ledger)
    shown: list[Beginning] = []
    beginning_of = verification.beginning_of

    def exchanged(connection: psycopg.Connection[Any]) -> Beginning:
        shown.append(beginning_of(connection))
        return shown[0]._replace(first=bytes(32)) if len(shown) == 1 else shown[-1]

    monkeypatch.setattr(verification, "beginning_of", exchanged)
    assert found(verified(ledger, before)) == (1, Check.KEYS)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 512, 601])
def test_a_root_of_any_size_is_compared(ledger: Ledger, size: int) -> None:
    ledger.record(600)
    ledger.seal()
    right = VerifiedBefore.now(size, root_of(ledger.leaves()[:size]))
    assert verified(ledger, right).sound
    wrong = VerifiedBefore.now(size, bytes(32))
    assert found(verified(ledger, wrong)) == (size, Check.OUTSIDE)


def test_what_another_program_verified_is_compared_and_asked_again(
    ledger: Ledger, asked: list[int]
) -> None:
    ledger.record(PAGE)
    ledger.seal()
    other = remembered(ledger).model_copy(update={"program": "0.0.9"})
    asked.clear()
    assert verified(ledger, other).sound
    assert asked == [*range(1, other.size + 1)]
    wrong = other.model_copy(update={"root": "0" * 64})
    assert found(verified(ledger, wrong)) == (wrong.size, Check.OUTSIDE)


def test_what_was_verified_is_something_to_compare_with() -> None:
    assert not Trust().compares
    assert Trust(verified=VerifiedBefore.now(1, bytes(32))).compares


def test_it_is_kept_as_it_was_and_anything_else_is_refused(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert VerifiedBefore.read(kept) is None
    known = VerifiedBefore(
        size=3, root="ab" * 32, verified=datetime(2026, 11, 29, tzinfo=UTC), program=PROGRAM
    )
    known.write(kept)
    assert VerifiedBefore.read(kept) == known
    whole = kept.read_text()
    (tmp_path / "link").symlink_to(kept)
    known.write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    elsewhere = known.model_copy(update={"verified": known.verified.astimezone(SHANGHAI)})
    assert str(elsewhere) == str(known) == "your verification of 2026-11-29 00:00:00 UTC"
    for other in (
        "", "{}", "nonsense", whole.replace("3,", "0,"), whole.replace("abab", "ABAB"),
        whole.replace("abab", "ab"), whole.replace("T00:00:00Z", "T00:00:00"),
        whole.replace('"size"', '"length"'), whole.replace("}", ', "more": 1}'),
    ):  # fmt: skip
        assert other != whole
        kept.write_text(other)
        with pytest.raises(NotRemembered, match="does not say what was verified"):
            VerifiedBefore.read(kept)
