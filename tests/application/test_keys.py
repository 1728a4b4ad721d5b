"""Key files: made once, whole, and read by their owner alone."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from application.keys import kept_key
from application.settings import DangerousSetting


def test_only_its_owner_may_read_a_key_file(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "x.key"
    kept_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_key_is_made_once_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "x.key"
    assert kept_key(path) == kept_key(path)
    assert [each.name for each in path.parent.iterdir()] == ["x.key"]


def test_who_comes_second_takes_the_key_of_who_came_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.key"
    first = kept_key(path)
    monkeypatch.setattr(Path, "exists", lambda self: False)
    assert kept_key(path) == first


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_that_was_cut_is_said_and_not_replaced(tmp_path: Path, length: int) -> None:
    path = tmp_path / "log.key"
    path.write_bytes(bytes(length))
    with pytest.raises(DangerousSetting, match=f"it has {length} bytes, and a key has 32"):
        kept_key(path)
    assert path.read_bytes() == bytes(length)
