"""A verification says how far it came: one that ended early does not look like an empty log."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from application.database import nameless
from application.inspection import Inspected
from application.patrol import patrol
from application.simulation import silently
from application.tree import EMPTY_ROOT
from application.verification import Trust, verify
from tests.conftest import Run
from tests.proof.ledger import Ledger

UNKNOWN = "not known, as the inspection ended before it verified any record"


def lengthen(ledger: Ledger, position: int) -> None:
    """Change what a record says."""
    ledger.attack(f"update log.event set state = state || ' '::bytea where position = {position}")


def test_what_ended_before_anything_was_verified_does_not_look_like_an_empty_log(
    ledger: Ledger, huhang: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record(4)
    ledger.seal()
    lengthen(ledger, 3)
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(ledger.database.owner))
    monkeypatch.setenv("HUHANG_HOME", str(ledger.settings.home))
    code, out, _ = huhang("verify")
    assert code == 1
    assert "records: 5\nended_at: 3\n" in out
    assert f"size: {UNKNOWN}\n" in out
    assert f"root: {UNKNOWN}\n" in out
    assert EMPTY_ROOT.hex() not in out
    code, out, _ = huhang("verify", "--json")
    found = json.loads(out)
    assert code == 1
    assert (found["records"], found["ended_at"], found["sealed"]) == (5, 3, 5)
    assert (found["size"], found["root"]) == (None, None)


def test_of_what_ended_later_it_is_told_how_far_it_came(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.log_pages.PAGE", 4)
    ledger.record(9)
    lengthen(ledger, 6)
    found = verify(ledger.database.reader, silently).summary()
    assert (found["records"], found["ended_at"], found["size"]) == (10, 6, 4)
    assert found["root"] == ledger.root(4).hex()


def test_of_a_log_that_could_not_be_read_no_number_is_told(ledger: Ledger) -> None:
    ledger.seal()
    ledger.attack("alter table log.event add column more text")
    found = verify(ledger.database.reader, silently).summary()
    assert found.pop("ended_at") == 1
    assert set(found.values()) == {None}
    patrolled = patrol(ledger.database.reader, ledger.settings, Trust(), 1)
    assert set(patrolled.summary().values()) == {None}


def test_an_empty_log_has_the_root_of_nothing(ledger: Ledger) -> None:
    ledger.attack("delete from log.event")
    found = verify(ledger.database.reader, silently).summary()
    assert (found["records"], found["ended_at"], found["size"]) == (0, None, 0)
    assert found["root"] == EMPTY_ROOT.hex()


def test_who_interrupts_a_verification_does_not_wait_until_the_indexes_are_counted(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = threading.Event()

    def slowly(connection: psycopg.Connection) -> None:
        counting.set()
        connection.execute("select pg_sleep(20)")

    def interrupted(*_: object) -> Iterator[Inspected]:
        assert counting.wait(10)
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr("application.verification.require_complete", slowly)
    monkeypatch.setattr("application.verification.pages", interrupted)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        verify(ledger.database.reader, silently)
    assert time.monotonic() - began < 10
