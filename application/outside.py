"""Asks somebody outside over HTTP, who may be away, slow without end, or mean to fill memory."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Final, NamedTuple

import httpx

STEP: Final = 5.0  # seconds for a connection, and between two pieces of an answer
PLAIN: Final = {"Accept-Encoding": "identity"}  # a small packed answer can be a huge one


class NotAnswered(Exception):  # noqa: N818 - said to people
    """Nobody answered, or not in the time and length that are enough for it."""


class Answer(NamedTuple):
    """What came back, whole."""

    status: int
    content: bytes

    @property
    def text(self) -> str:
        """The content, where it is meant for people or is ASCII."""
        return self.content.decode("utf-8", "replace")


def post(
    client: httpx.Client,
    url: httpx.URL | str,
    content: bytes,
    *,
    limit: int,
    seconds: float,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Post some bytes; the answer of at most `limit` bytes within some `seconds`.

    Raises `NotAnswered`.
    """
    deadline = monotonic() + seconds
    received = bytearray()
    try:
        with client.stream(
            "POST", url, content=content, headers={**PLAIN, **(headers or {})}, timeout=STEP
        ) as answer:
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                raise NotAnswered("the answer is packed")
            for piece in answer.iter_bytes():
                received += piece
                if len(received) > limit:
                    raise NotAnswered(f"the answer has more than {limit:,} bytes")
                if monotonic() > deadline:
                    raise NotAnswered(f"the answer takes longer than {seconds:g} seconds")
            return Answer(answer.status_code, bytes(received))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotAnswered(str(error) or type(error).__name__) from error
