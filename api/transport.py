"""What every exchange over HTTP keeps to: methods, media types, sizes, headers of the answer."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import errors
from api.admission import cookie_to_set

METHODS: Final = ("GET", "POST")  # that any address takes; HEAD and OPTIONS follow from them
WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS: Final = {".csv": "text/csv", ".xlsx": WORKBOOK}
"""The media type of addresses that end so; of all others it is JSON."""

UNKNOWN: Final = "There is no such parameter here"
TWICE: Final = "This parameter is given once"

SAFE: Final = {
    "Cache-Control": "no-store",  # what is personal stays in no cache, neither shared nor local
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Headers of every answer that does not set them itself."""

BY_TLS: Final = {"Strict-Transport-Security": "max-age=31536000"}  # a year: never without again
"""Headers of an installation that people reach by TLS."""


class SafeAnswers:
    """Sends the safe headers with every answer, and answers HEAD as GET without the body.

    Every answer about a simulated log says so, also one that has no reading.
    """

    def __init__(self, app: ASGIApp, *, by_tls: bool = False) -> None:
        self.app = app
        self.safe = {**SAFE, **BY_TLS} if by_tls else SAFE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        only_head = scope["method"] == "HEAD"
        served = {**scope, "method": "GET"} if only_head else scope
        served["state"] = {**scope.get("state", {})}  # of this request, to find its cookie in

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.safe.items():
                    headers.setdefault(name, value)
                system = getattr(scope["app"].state, "system", None)
                if system is not None and system.readings.known_simulated:
                    headers["Huhang-Simulated"] = "true"
                cookie = cookie_to_set(served)
                if cookie is not None:
                    headers.append("Set-Cookie", cookie)
            elif only_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app(served, receive, send_safely)


async def other_method(request: Request, error: Exception) -> Response:
    """The answer to a method that an address does not take: OPTIONS asks which ones it does."""
    assert isinstance(error, HTTPException)
    taken = [
        method
        for method in METHODS
        for route in request.app.routes
        if route.matches({**request.scope, "method": method})[0] is Match.FULL
    ]
    also = ["HEAD", "OPTIONS"] if "GET" in taken else ["OPTIONS"]
    error.headers = {"Allow": ", ".join(sorted({*taken, *also}))}
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=error.headers)
    return await errors.answer(request, error)


async def require_acceptable(request: Request) -> None:
    """Refuse to answer in a form that the client does not take (RFC 9110, 12.5.1)."""
    kind = KINDS.get(PurePosixPath(request.url.path).suffix, "application/json")
    if not accepts(request.headers.get("accept", ""), kind):
        raise HTTPException(406)


def accepts(accept: str, kind: str) -> bool:
    """Whether an Accept header admits a media type; the most specific range decides."""
    ranges = {"*/*": 0, f"{kind.split('/')[0]}/*": 1, kind: 2}
    found = (-1, not accept.strip())
    for part in accept.split(","):
        name, *parameters = (word.strip().lower() for word in part.split(";"))
        refused = any(
            word.removeprefix("q=").rstrip("0") in ("", ".", "0.")
            for word in parameters
            if word.startswith("q=")
        )
        if name in ranges:
            found = max(found, (ranges[name], not refused))
    return found[1]


async def require_known_parameters(request: Request) -> None:
    """Refuse a misspelt parameter, or one given twice: either would be ignored without a word.

    `as_of` at a command has an error of its own. Raises `RequestValidationError`.
    """
    taken = request.app.parameters[request.scope["route"].name]
    faults = []
    for name in dict.fromkeys(request.query_params):
        if name not in taken and (request.method, name) != ("POST", "as_of"):
            faults.append({"loc": ("query", name), "type": "extra_forbidden", "msg": UNKNOWN})
        elif len(request.query_params.getlist(name)) > 1 and not taken.get(name):
            faults.append({"loc": ("query", name), "type": "given_twice", "msg": TWICE})
    if faults:
        raise RequestValidationError(faults)


def require_json(request: Request) -> None:
    """Refuse a body that does not call itself JSON, or says that it is compressed."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, headers={"Accept": "application/json"})
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise HTTPException(415, headers={"Accept-Encoding": "identity"})


class WholeAddresses:
    """Answers an address that holds a line end as one that is not there.

    No address of ours has one, and the framework takes one at the end for the address in front of
    it: the `$` of its patterns also matches before a last line end.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or "\n" not in scope["path"]:
            await self.app(scope, receive, send)
            return
        nowhere = errors.told(HTTPException(404))
        answer = errors.problem(nowhere, Headers(scope=scope).get("accept-language", ""))
        await answer(scope, receive, send)


class BodyLimit:
    """Takes a whole body in before anything else sees it, and refuses one above the limit."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        announced = headers.get("content-length", "")
        too_large = announced.isdigit() and int(announced) > self.limit
        body = bytearray()
        more = True
        while more and not too_large:
            message = await receive()
            if message["type"] == "http.disconnect":
                return  # a broken upload: nothing was asked for, nothing is written
            body += message.get("body", b"")
            more = message.get("more_body", False)
            too_large = len(body) > self.limit
        if too_large:
            refusal = errors.told(errors.TooLarge(self.limit))
            answer = errors.problem(refusal, headers.get("accept-language", ""))
            await answer(scope, receive, send)
            return
        taken = False

        async def receive_taken() -> Message:
            nonlocal taken
            if taken:
                return await receive()
            taken = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self.app(scope, receive_taken, send)
