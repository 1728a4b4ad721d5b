"""Requests that are sent when their time has come, whether or not earlier ones were answered.

An open loop in a process of its own: a server that slows down is not spared the next request, and
what a request waits to be sent counts as time that it took.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple, cast

import httptools
import uvloop


class Stream(NamedTuple):
    """Requests as they go over the wire, and how many of them a second."""

    requests: Sequence[bytes]
    rate: float


class Answer(NamedTuple):
    """What came back: the status, 0 for a connection that was cut, and the names of the headers.

    `due`, `sent` and `done` are seconds since the first request was due.
    """

    status: int
    headers: frozenset[bytes]
    due: float
    sent: float
    done: float

    @property
    def took(self) -> float:
        """Milliseconds from when the request was due until its answer was there."""
        return (self.done - self.due) * 1000


class Connection(asyncio.Protocol):
    """A connection that is kept, with one request on its way at a time."""

    def __init__(self) -> None:
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It can be used."""
        self._transport = cast("asyncio.Transport", transport)
        self._answered: asyncio.Future[int] | None = None
        self.open = True

    def connection_lost(self, _: Exception | None) -> None:
        """It can be used no more; what was on its way has no answer."""
        self.open = False
        self._answer(0)

    async def ask(self, request: bytes) -> tuple[int, frozenset[bytes]]:
        """The status of the answer and the names of its headers."""
        self._parser = httptools.HttpResponseParser(self)
        self._headers: set[bytes] = set()
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answered, frozenset(self._headers)

    def data_received(self, received: bytes) -> None:
        """Part of an answer."""
        self._parser.feed_data(received)

    def on_header(self, name: bytes, _: bytes) -> None:
        """A header of the answer."""
        self._headers.add(name.lower())

    def on_message_complete(self) -> None:
        """The answer is there."""
        self._answer(self._parser.get_status_code())

    def _answer(self, status: int) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(status)


def answers(host: str, port: int, *streams: Stream) -> list[list[Answer]]:
    """The answers to the requests of each stream, all of which begin at once."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(sent, host, port, streams).result()


def sent(host: str, port: int, streams: Sequence[Stream]) -> list[list[Answer]]:
    """The same, in this process."""
    return uvloop.run(together(host, port, streams))


async def together(host: str, port: int, streams: Sequence[Stream]) -> list[list[Answer]]:
    """Send the streams side by side."""
    loop = asyncio.get_running_loop()
    idle: list[Connection] = []
    start = loop.time()

    async def one(request: bytes, due: float) -> Answer:
        await asyncio.sleep(start + due - loop.time())
        while idle and not idle[-1].open:
            idle.pop()
        if idle:
            connection = idle.pop()
        else:
            _, connection = await loop.create_connection(Connection, host, port)
        at = loop.time() - start
        status, headers = await connection.ask(request)
        idle.append(connection)
        return Answer(status, headers, due, at, loop.time() - start)

    async def paced(stream: Stream) -> list[Answer]:
        due = (number / stream.rate for number in range(len(stream.requests)))
        return await asyncio.gather(*map(one, stream.requests, due))

    return await asyncio.gather(*map(paced, streams))
