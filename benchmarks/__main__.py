"""`make bench`: every figure beside its plain way, from the same run on the same server."""

from __future__ import annotations

import json
import os
import platform
import tempfile
from fractions import Fraction
from pathlib import Path

from rich.console import Console
from rich.table import Table

from application.installation import open_database
from application.settings import Settings
from application.simulation import simulate
from benchmarks import access, append, proof, readings, rebuild, sign_in, vault, year
from projections.projector import Projector

RESULTS = Path(__file__).parent / "results.json"
GOALS = {
    "append_1_ratio": "≥ 0.7",
    "append_32_ratio": "≥ 0.5",
    "rebuild_events_per_second": "≥ 100,000",
    "province_months_p95_ms": "≤ 20, flat",
    "inspect_events_per_second_a_core": "≥ 65,000",
    "sign_in_other_answers": "0",
    "sign_in_waits_without_retry_after": "0",
    "others_p95_ms_meanwhile": "≤ 500",
    "open_case_overhead_percent": "≤ 30",
    "full_year_seconds": "≤ 180",
    "full_year_peak_mib": "≤ 2,048",
}


def main() -> None:
    """Measure, print a table, write results.json."""
    found: dict[str, object] = {"machine": platform.processor() or platform.machine()}
    found["cores"] = os.cpu_count()
    with tempfile.TemporaryDirectory(prefix="huhang-bench-", dir=Path.cwd()) as folder:
        Path(folder).chmod(0o755)
        appending = Settings(home=Path(folder, "append"))
        with open_database(appending) as database:
            keep(found, append.measure(database))
        signing_in = Settings(home=Path(folder, "sign-in"))
        with open_database(signing_in) as database:
            keep(found, sign_in.measure(database, signing_in))
        tenth = Settings(home=Path(folder, "tenth"))
        with open_database(tenth) as database:
            simulate(database, tenth, Fraction(1, 10))
            Projector(database).rebuild()
            keep(found, rebuild.measure(database))
            keep(found, proof.measure(database, tenth))
            keep(found, readings.measure(database))
            keep(found, vault.measure(database, tenth))
            keep(found, access.measure(database, tenth))
        keep(found, year.measure(Path(folder, "year")))
    table = Table(title=f"Huhang on {found['cores']} cores")
    for title in ("figure", "measured", "goal"):
        table.add_column(title, justify="right")
    for name, value in found.items():
        shown = f"{value:,.2f}" if isinstance(value, float) else str(value)
        table.add_row(name, shown, GOALS.get(name, ""))
    Console().print(table)


def keep(found: dict[str, object], measured: dict[str, float]) -> None:
    """Add figures and write them at once: a later one that fails must not lose them."""
    found |= measured
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
