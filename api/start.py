"""Starts the command line, and loads it only then: worker processes of it need nothing of it."""

import gc
import signal


def main() -> None:
    """Run a command; an interrupt while the program loads ends it without a word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.disable()  # what is loaded stays until the end: going through it takes a third of the time
    from api.cli import main as run

    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run()
