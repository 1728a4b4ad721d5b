"""The province's whole year: wall time and peak memory of `huhang simulate --scale 1`."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

SAMPLE = 0.5  # seconds between two looks at the memory


def measure(home: Path) -> dict[str, float]:
    """Seconds of simulation and projection, and the peak of memory in MiB.

    Memory is the proportional set size, so that shared pages count once; `full_year_peak_mib` is
    that of the command's own processes, the other figure adds its PostgreSQL.
    """
    started = time.perf_counter()
    command = subprocess.Popen(
        [sys.executable, "-m", "api", "simulate", "--scale", "1", "--json"],
        env={**os.environ, "HUHANG_HOME": str(home)},
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
