"""Whoever is asked over the network may be mean: nobody waits for ever or reads without end."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import httpx
import pytest

from application.outside import Answer, NotAnswered, post


@contextmanager
def answering(*pieces: bytes, pause: float = 0.0) -> Iterator[str]:
    """A server that sends pieces, again and again the last one."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            caller, _ = door.accept()
            with caller:
                caller.recv(65536)
                try:
                    for piece in pieces:
                        caller.sendall(piece)
                    while pause and not done.wait(pause):
                        caller.sendall(pieces[-1])
                except OSError:
                    pass  # who asked has hung up

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}/"
        finally:
            done.set()
            thread.join()


def asked(url: str, limit: int = 100, seconds: float = 5.0) -> Answer:
    with httpx.Client() as client:
        return post(client, url, b"question", limit=limit, seconds=seconds)


def head(length: int, more: str = "") -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n{more}\r\n".encode()


def test_an_answer_comes_back_whole() -> None:
    with answering(head(5), b"hello") as url:
        assert asked(url) == Answer(200, b"hello")


def test_an_answer_that_is_too_long_is_read_no_further() -> None:
    with (
        answering(head(10**12), b"x" * 4096, pause=0.001) as url,
        pytest.raises(NotAnswered, match="more than 100 bytes"),
    ):
        asked(url)


def test_an_answer_that_drips_is_waited_for_no_longer_than_agreed() -> None:
    began = monotonic()
    with (
        answering(head(10**6), b"x", pause=0.05) as url,
        pytest.raises(NotAnswered, match=r"longer than 0\.3 seconds"),
    ):
        asked(url, seconds=0.3)
    assert monotonic() - began < 3


def test_an_answer_that_is_packed_is_not_unpacked() -> None:
    packed = gzip.compress(bytes(10**6))
    with (
        answering(head(len(packed), "Content-Encoding: gzip\r\n"), packed) as url,
        pytest.raises(NotAnswered, match="packed"),
    ):
        asked(url)


@pytest.mark.parametrize("url", ["http://[::1", "nonsense", "http://127.0.0.1:1/"])
def test_an_address_where_nobody_is_is_no_crash(url: str) -> None:
    with pytest.raises(NotAnswered):
        asked(url)
