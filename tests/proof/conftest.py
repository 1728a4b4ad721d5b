"""A small log with its sealer for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from application.database import Database
from application.settings import Settings
from tests.proof.ledger import Ledger


@pytest.fixture
def ledger(database: Database, tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(database, Settings(home=tmp_path))
    yield ledger
    ledger.records.close()
