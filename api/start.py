"""Loads the command line; an interrupt meanwhile ends the program without a word."""

import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)

from api.cli import main as main  # noqa: E402 - it takes a second to load

signal.signal(signal.SIGINT, signal.default_int_handler)
