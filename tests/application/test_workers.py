"""An interrupt ends a command in one line: neither workers nor a program that loads print of it."""

from __future__ import annotations

import multiprocessing
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from threading import get_ident

from application.workers import undisturbed

INTERRUPTED_WHILE_LOADING = """
import os, signal, sys
class Interrupt:
    def find_spec(self, name, *_):
        if name == "api.cli":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupt())
import api.start
api.start.main()
"""


def deaf() -> bool:
    """Whether this process does not hear an interrupt."""
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_a_worker_never_hears_of_an_interrupt_but_who_started_it_does() -> None:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        with undisturbed():
            started = pool.submit(deaf)
        assert started.result()
    assert not deaf()


def test_an_interrupt_meanwhile_is_heard_after_the_workers_were_started() -> None:
    heard = False

    def hear(*_: object) -> None:
        nonlocal heard
        heard = True

    before = signal.signal(signal.SIGINT, hear)
    try:
        with undisturbed():
            signal.pthread_kill(get_ident(), signal.SIGINT)
            assert not heard
        assert heard
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_interrupt_of_a_program_that_still_loads_ends_it_without_a_word() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_WHILE_LOADING], capture_output=True, timeout=60
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, b"", b"")


RUN = """
import gc, sys
import api.start
print("api.cli" in sys.modules)
sys.argv[1:] = ["roles"]
try:
    api.start.main()
finally:
    print(gc.isenabled(), gc.get_freeze_count() > 100_000)
"""


def test_a_command_is_loaded_when_it_runs_and_what_it_forgets_then_is_collected() -> None:
    """A worker process imports the program's start by itself, and would load all of it."""
    told = subprocess.run([sys.executable, "-c", RUN], capture_output=True, text=True, timeout=60)
    first, *_, last = told.stdout.splitlines()
    assert (first, last) == ("False", "True True"), told.stderr
