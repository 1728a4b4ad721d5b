"""The goals of `make bench`: each is compared with what was measured, and a missed one is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks.goals import GOALS, Goal, Verdict


@pytest.mark.parametrize(
    ("goal", "measured", "verdict"),
    [
        (Goal(least=0.7), 0.7, "met"),
        (Goal(least=0.7), 0.69, "missed"),
        (Goal(most=500), 500.0, "met"),
        (Goal(most=500), 500.1, "missed"),
        (Goal(most=0), 0.0, "met"),
        (Goal(most=0), 1.0, "missed"),
        (Goal(least=0.7), None, "missed"),
        (Goal(most=500), None, "missed"),
        (Goal(most=500), float("nan"), "missed"),
    ],
)
def test_a_goal_is_met_or_missed(goal: Goal, measured: float | None, verdict: str) -> None:
    assert str(Verdict(goal, measured)) == verdict


def test_a_bench_says_and_writes_which_goals_are_missed_and_ends_with_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "results.json")
    reached = {name: goal.least or goal.most or 0.0 for name, goal in GOALS.items()}
    assert bench.concluded({**reached}) == 0
    assert f"0 of {len(GOALS)} goals missed" in capsys.readouterr().out
    slow = {**reached, "others_p95_ms_meanwhile": 501.0}
    del slow["full_year_seconds"]
    assert bench.concluded({**slow}) == 1
    said = capsys.readouterr().out
    assert f"2 of {len(GOALS)} goals missed: others_p95_ms_meanwhile, full_year_seconds" in said
    written = json.loads(bench.RESULTS.read_text())["goals"]
    assert written["others_p95_ms_meanwhile"] == "≤ 500, missed"
    assert written["full_year_seconds"] == "≤ 180, missed"
    assert written["append_1_ratio"] == "≥ 0.7, met"
