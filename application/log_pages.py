"""Inspects the whole log page by page, in this process or in workers of its own.

Workers load this module and what it needs, not the program: their start is what they cost a small
log.
"""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final

import psycopg

from application.eventlog import Position
from application.inspection import PAGE, Check, Defect, Inspected, inspect, read_page
from application.log_stream import Beginning, Registered, beginning_of
from application.workers import undisturbed

AHEAD: Final = 256 * PAGE  # positions that workers are asked for at once: each takes memory
INLINE: Final = 4 * PAGE  # rows up to which starting worker processes would take longer


def pages(
    connection: psycopg.Connection[Any],
    conninfo: str,
    until: Position,
    beginning: Beginning,
    workers: int,
    before: Position = 0,
) -> Iterator[Inspected]:
    """The log's pages in order, each inspected; by worker processes where that is faster.

    Of the first `before` rows no signatures are looked at. Raises `Defect`.
    """
    if workers < 2 or until <= INLINE:
        for after in range(0, until, PAGE):
            page = inspect_range(connection, after, until, authors_of(beginning), before)
            require_same(beginning, page)
            yield page
        return
    context = multiprocessing.get_context("spawn")
    started = (conninfo, beginning.first, before)
    with ProcessPoolExecutor(workers, context, open_worker, started) as pool:
        try:
            for start in range(0, until, AHEAD):
                with undisturbed():
                    asked = range(start, min(start + AHEAD, until), PAGE)
                    pages = pool.map(work, asked, repeat(until))
                for page in pages:
                    require_same(beginning, page)
                    yield page
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def require_same(beginning: Beginning, page: Inspected) -> None:
    """Check that the authors are those of the first event that was inspected. Raises `Defect`.

    Else somebody could show another one, with an author of his own, while the authors are read.
    """
    if page.after == 0 and beginning.genesis is not None and beginning.first != page.leaves[0]:
        raise another_first()


def another_first() -> Defect:
    """The defect of a first event that was exchanged for a moment."""
    return Defect(1, Check.KEYS, "the first event was another one while its keys were read.")


def authors_of(beginning: Beginning) -> Mapping[str, Registered] | None:
    """By whom rows may be signed; None where the log does not say."""
    return None if beginning.genesis is None else beginning.authors


def inspect_range(
    connection: psycopg.Connection[Any],
    after: Position,
    until: Position,
    authors: Mapping[str, Registered] | None,
    before: Position = 0,
) -> Inspected:
    """Inspect the next page after a position, which must be whole. Raises `Defect`."""
    end = min(after + PAGE, until)
    try:
        rows = read_page(connection, after, end)
    except psycopg.errors.DataCorrupted as corrupted:
        raise unreadable(after, corrupted) from None
    page = inspect(rows, after, authors, before)
    if len(page.leaves) < end - after:
        raise Defect(after + len(page.leaves) + 1, Check.DENSE, "the row is missing.")
    return page


def unreadable(after: Position, corrupted: psycopg.Error) -> Defect:
    """The defect of rows that the server itself finds damaged."""
    said = str(corrupted).splitlines()[0]
    return Defect(after + 1, Check.DENSE, f"here or later rows cannot be read: {said}.")


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no circles of objects meanwhile: rows hold none, and looking takes a twentieth."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


@dataclass(slots=True)
class Worker:
    """What a worker process keeps between pages."""

    connection: psycopg.Connection[Any]
    beginning: Beginning
    first: bytes
    before: Position


def open_worker(conninfo: str, first: bytes, before: Position) -> None:
    """Prepare a worker process, for a log that begins with this leaf."""
    global worker
    connection = psycopg.connect(conninfo, autocommit=True)
    worker = Worker(connection, beginning_of(connection), first, before)
    gc.disable()  # as `uncollected`


def work(after: Position, until: Position) -> Inspected:
    """Inspect a page in a worker process."""
    beginning = worker.beginning
    if beginning.first != worker.first:
        raise another_first()
    return inspect_range(worker.connection, after, until, authors_of(beginning), worker.before)


worker: Worker
