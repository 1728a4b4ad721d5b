"""The vault over a log of its own, begun with its keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from application.beginning import open_records
from application.database import Database
from application.settings import Settings
from application.vault import Vault
from tests.unasked import Unasked
from tests.vault.world import World


@pytest.fixture
def world(database: Database, vault: Vault, tmp_path: Path) -> Iterator[World]:
    records = open_records(database, Settings(home=tmp_path), Unasked)
    yield World(database, records, vault)
    records.close()
