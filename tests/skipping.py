"""A check that cannot run here says so where people see it, not only as a skipped test."""

from __future__ import annotations

from typing import NoReturn

import pytest


def skip_loudly(config: pytest.Config, reason: str) -> NoReturn:
    """Print why a check does not run, past what pytest keeps of the output, and skip it."""
    capture = config.pluginmanager.getplugin("capturemanager")
    assert capture is not None
    with capture.global_and_fixture_disabled():
        print(f"\n*** {reason} ***")
    pytest.skip(reason)
