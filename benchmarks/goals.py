"""What the figures should reach, and whether they do: no goal is printed that is not compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Goal(NamedTuple):
    """The least or the most that a figure should be."""

    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        if self.least is not None:
            return f"≥ {self.least:,g}"
        return f"≤ {self.most:,g}"

    def is_met(self, measured: float) -> bool:
        """Whether a figure reaches it; what is no number reaches nothing."""
        if self.least is not None:
            return measured >= self.least
        return self.most is not None and measured <= self.most


class Verdict(NamedTuple):
    """A goal beside what was measured; nothing measured meets no goal."""

    goal: Goal
    measured: float | None

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.measured is not None and self.goal.is_met(self.measured)

    def __str__(self) -> str:
        return "met" if self.met else "missed"


GOALS: Final[Mapping[str, Goal]] = {
    "append_1_ratio": Goal(least=0.7),
    "append_32_ratio": Goal(least=0.5),
    "rebuild_events_per_second": Goal(least=100_000),
    "province_months_p95_ms": Goal(most=20),
    "province_months_growth": Goal(most=1.5),  # flat: six times the log is no slower, but for noise
    "verify_again_events_per_second_one_process": Goal(least=65_000),
    "inspect_events_per_second_a_core": Goal(least=65_000),
    "inspect_events_per_second_a_core_without_signatures": Goal(least=65_000),
    "sign_in_attempted_per_second": Goal(least=200),
    "sign_in_other_answers": Goal(most=0),
    "sign_in_waits_without_retry_after": Goal(most=0),
    "others_other_answers": Goal(most=0),
    "others_p95_ms_meanwhile": Goal(most=500),
    "open_case_overhead_percent": Goal(most=30),
    "full_year_seconds": Goal(most=180),
    "full_year_peak_mib": Goal(most=2_048),
    "full_year_verify_again_events_per_second_a_core": Goal(least=65_000),
}


def judged(found: Mapping[str, object]) -> dict[str, Verdict]:
    """The verdict on every goal."""
    return {name: Verdict(goal, number(found.get(name))) for name, goal in GOALS.items()}


def number(value: object) -> float | None:
    """A figure as it was measured; None where there is none."""
    return float(value) if isinstance(value, int | float) else None
