"""What was seen once by a verification that remembers, and is not said; this shows a hole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from application import verification
from application.inspection import Check
from application.keys import author_of
from application.log_stream import Beginning
from application.settings import Settings
from application.simulation import silently
from application.verification import trust_of, verify
from tests.proof.ledger import Ledger
from tests.proof.test_attacks import found, rewrite
from tests.proof.test_verified_before import remembered


def test_a_row_that_is_put_right_once_the_reading_begins_anew_was_wrong_all_the_same(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever watches the statements of the session sees it begin anew, and has its time."""
    ledger.record(300)
    ledger.seal()
    trust = replace(trust_of(ledger.settings), verified=remembered(ledger))
    with psycopg.connect(ledger.database.administrator) as attacker:
        honest = attacker.execute(
            "select state, signature, leaf from log.event where position = 7"
        ).fetchone()
    rewrite(ledger, 7, author_of(Settings(home=tmp_path / "stranger")))
    begun: list[int] = []
    head = verification.head

    def watched(connection: psycopg.Connection[Any]) -> int:
        begun.append(len(begun))
        if len(begun) == 2:
            with psycopg.connect(ledger.database.administrator) as attacker:
                attacker.execute("alter table log.event disable trigger user")
                attacker.execute(
                    "update log.event set state = %s, signature = %s, leaf = %s where position = 7",
                    honest,
                )
                attacker.execute("alter table log.event enable always trigger event_is_final")
        return head(connection)

    monkeypatch.setattr(verification, "head", watched)
    assert not verify(ledger.database.reader, silently, trust).sound


def test_a_first_event_that_was_exchanged_for_a_moment_is_said(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record(3)
    ledger.seal()
    trust = replace(trust_of(ledger.settings), verified=remembered(ledger))
    shown: list[Beginning] = []
    beginning_of = verification.beginning_of

    def exchanged(connection: psycopg.Connection[Any]) -> Beginning:
        shown.append(beginning_of(connection))
        return shown[0]._replace(first=bytes(32)) if len(shown) == 1 else shown[-1]

    monkeypatch.setattr(verification, "beginning_of", exchanged)
    assert found(verify(ledger.database.reader, silently, trust)) == (1, Check.KEYS)
