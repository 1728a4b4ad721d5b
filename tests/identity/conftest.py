"""A fresh installation for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from application.database import Database
from tests.identity.world import World, world_over


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[World]:
    """An installation over a fresh database."""
    with world_over(database, tmp_path) as world:
        yield world
