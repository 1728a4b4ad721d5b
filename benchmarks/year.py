"""The province's whole year: what it takes to simulate, to seal and to verify it, by commands."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import psutil

HUHANG = (sys.executable, "-m", "api")
ALONE = ("--workers", "1")
SAMPLE = 0.5  # seconds between two looks at the memory


class Run(NamedTuple):
    """What a command printed, and the seconds it took: by the clock, and of its processors."""

    printed: dict[str, Any]
    seconds: float
    processor: float


def measure(home: Path) -> dict[str, float]:
    """Seconds of simulation and projection, the peak of memory in MiB, and what proof takes.

    Memory is the proportional set size, so that shared pages count once; `full_year_peak_mib` is
    that of the command's own processes, the other figure adds its PostgreSQL.
    """
    return simulated(home) | proved(home)


def simulated(home: Path) -> dict[str, float]:
    """The same of `huhang simulate --scale 1`."""
    started = time.perf_counter()
    command = subprocess.Popen(
        [*HUHANG, "simulate", "--scale", "1", "--json"],
        env=at(home),
        stdout=subprocess.PIPE,
        text=True,
    )
    own_peak = whole_peak = 0.0
    while command.poll() is None:
        own, server = memory(command.pid, home)
        own_peak, whole_peak = max(own_peak, own), max(whole_peak, own + server)
        time.sleep(SAMPLE)
    seconds = time.perf_counter() - started
    assert command.returncode == 0, "huhang simulate --scale 1 failed"
    return {
        "full_year_seconds": seconds,
        "full_year_peak_mib": own_peak,
        "full_year_peak_with_server_mib": whole_peak,
    }


def proved(home: Path) -> dict[str, float]:
    """Of the log at `home`: what sealing and verifying it takes, later times remembering.

    Events a core are those of one process, for each second of a processor that the whole command
    took, its start included; the server's own are not in it.
    """
    sealing = run(home, "seal", "--once")
    verify = ("verify", "--json", "--remember", str(home / "verified"))
    first, again, alone = run(home, *verify), run(home, *verify), run(home, *verify, *ALONE)
    size = alone.printed["size"]
    assert first.printed["size"] == size == alone.printed["sealed"], "not all is sealed"
    return {
        "full_year_events": size,
        "full_year_seal_seconds": sealing.seconds,
        "full_year_verify_seconds": first.seconds,
        "full_year_verify_again_seconds": again.seconds,
        "full_year_verify_again_seconds_one_process": alone.seconds,
        "full_year_verify_again_events_per_second_a_core": size / alone.processor,
    }


def run(home: Path, *arguments: str) -> Run:
    """Run a command of ours to its end, which must be in order."""
    started, before = time.perf_counter(), processor_of_children()
    command = subprocess.run(
        [*HUHANG, *arguments], env=at(home), check=True, stdout=subprocess.PIPE, text=True
    )
    seconds, processor = time.perf_counter() - started, processor_of_children() - before
    return Run(json.loads(command.stdout) if "--json" in arguments else {}, seconds, processor)


def processor_of_children() -> float:
    """Seconds that all commands until now took of processors."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def at(home: Path) -> dict[str, str]:
    """The environment of commands whose data lie at `home`."""
    return {**os.environ, "HUHANG_HOME": str(home)}


def memory(pid: int, home: Path) -> tuple[float, float]:
    """MiB of the command with its children, and of the server whose cluster lies in `home`."""
    own = server = 0.0
    with contextlib.suppress(psutil.Error):
        command = psutil.Process(pid)
        for process in (command, *command.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                own += process.memory_full_info().pss
    for process in psutil.process_iter(["name", "cmdline"]):
        with contextlib.suppress(psutil.Error):
            if process.info["name"] == "postgres":
                of_ours = process.parent()
                line = " ".join(process.info["cmdline"] or [])
                parent = " ".join(of_ours.cmdline()) if of_ours else ""
                if str(home) in line or str(home) in parent:
                    server += process.memory_full_info().pss
    return own / 2**20, server / 2**20
