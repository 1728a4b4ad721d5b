"""`make bench`: every figure beside its plain way, from the same run on the same server."""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from rich.console import Console
from rich.table import Table

from application.installation import open_database
from application.settings import Settings
from application.simulation import simulate
from benchmarks import access, append, proof, readings, rebuild, sign_in, vault, year
from benchmarks.goals import judged
from projections.projector import Projector

RESULTS = Path(__file__).parent / "results.json"


def main() -> int:
    """Measure, print a table, write results.json; 1 where a goal is missed."""
    return concluded(measured())


def measured() -> dict[str, object]:
    """Every figure, written as soon as it is known."""
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
    return found


def concluded(found: dict[str, object]) -> int:
    """Hold the figures against their goals, and say and write which are missed; 1 if any is."""
    verdicts = judged(found)
    table = Table(title=f"Huhang on {found.get('cores')} cores")
    for title in ("figure", "measured", "goal", "verdict"):
        table.add_column(title, justify="right")
    for name in dict.fromkeys((*found, *verdicts)):
        value, verdict = found.get(name, "not measured"), verdicts.get(name)
        shown = f"{value:,.2f}" if isinstance(value, float) else str(value)
        table.add_row(name, shown, *((str(verdict.goal), str(verdict)) if verdict else ()))
    missed = [name for name, verdict in verdicts.items() if not verdict.met]
    said = {name: f"{verdict.goal}, {verdict}" for name, verdict in verdicts.items()}
    keep(found, {"goals": said})
    Console().print(table)
    Console().print(f"{len(missed)} of {len(verdicts)} goals missed: {', '.join(missed) or '–'}")
    return 1 if missed else 0


def keep(found: dict[str, object], measured: Mapping[str, object]) -> None:
    """Add figures and write them at once: a later one that fails must not lose them."""
    found |= measured
    RESULTS.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
