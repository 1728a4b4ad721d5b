"""Loads the command line; an interrupt meanwhile ends the program without a word."""

import gc
import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)
gc.disable()  # what is loaded stays until the end: going through it takes a third of the time

from api.cli import main as main  # noqa: E402 - it takes a second to load

gc.freeze()
gc.enable()
signal.signal(signal.SIGINT, signal.default_int_handler)
