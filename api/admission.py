"""Who is let in: by a session's cookie, an API token, or a token of `huhang token`; and from where.

A cookie alone changes nothing: that needs our own origin and the token of the session as well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Final, cast

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from api import parts
from application.api_tokens import PREFIX
from application.records import Actor
from application.sessions import Session
from application.settings import Settings
from domain.account import Account
from domain.account_events import ApiToken, Conflict
from domain.base import Refused
from domain.record import present

if TYPE_CHECKING:
    from application.identity import Identity

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})  # RFC 9110, 9.2.1
FOR_PEOPLE: Final = frozenset({"session", "accounts", "tokens", "oidc", "searches"})
"""Parts of the API that no token of a program opens, whatever its scopes."""
SEALED: Final = frozenset(
    {
        "holdings",
        "identities",
        "identity",
        "notes",
        "protected-addresses",
        "safe-contacts",
        "texts",
        "words",
    }
)
"""What of a case or a request is opened for people alone; a program may note it."""

CSRF_HEADER: Final = "Huhang-CSRF"
NEIGHBOURS: Final = 64  # bits of an IPv6 address: one household or office has all that follow


class Unauthenticated(Exception):  # noqa: N818 - said to people
    """Nobody said who acts."""


class CrossSite(Exception):  # noqa: N818 - said to people
    """A change that another page asked for, or that does not come with the session's token."""


class TokenTooNarrow(Exception):  # noqa: N818 - said to people
    """The token was not issued for this; the text names the scope that would be needed."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who sends a request, by what, and the account that lets him in; an operator may have none."""

    actor: Actor
    account: Account | None
    session: Session | None = None
    token: ApiToken | None = None

    @property
    def conflicts(self) -> list[Conflict]:
        """What who acts had declared when the request was let in."""
        return [] if self.account is None else present(self.account.conflicts)


async def admitted(request: Request) -> Admitted:
    """Who sends a request, found out once.

    Raises `Unauthenticated`, `TokenRefused`, `TokenTooNarrow`, `SessionOver`, `CrossSite`,
    `NotActing`.
    """
    known: Admitted | None = getattr(request.state, "admitted", None)
    if known is None:
        known = await run_in_threadpool(admit, request)
        request.state.admitted = known
    return known


def admit(request: Request) -> Admitted:
    """Who sends a request, by its token or else its cookie."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() == "bearer" and token:
        if token.startswith(PREFIX):
            actor, account, found = identity_of(request).api_tokens.check(token)
            require_scope(request, found)
            return Admitted(actor, account, token=found)
        return Admitted(*identity_of(request).operator(token))
    session = session_of(request)
    identity_of(request).sessions.require_finished(session)
    return Admitted(session.actor, session.account, session)


def session_of(request: Request) -> Session:
    """The session of a request's cookie, also one that is not finished.

    Raises `Unauthenticated`, `SessionOver`, `CrossSite`.
    """
    secret = request.cookies.get(cookie_name(request))
    if not secret:
        raise Unauthenticated
    sessions = identity_of(request).sessions
    session = sessions.check(secret)
    if session.secret is not None:
        send_cookie(request, session.secret)
    if request.method not in SAFE_METHODS:
        require_same_origin(request)
        if not sessions.knows_csrf_token(session, request.headers.get(CSRF_HEADER, "")):
            raise CrossSite
    return session


def require_scope(request: Request, token: ApiToken) -> None:
    """Refuse what a token was not issued for. Raises `TokenTooNarrow`."""
    # As the operation that answers is written, not as a client spelt its address.
    area, _, within = request.scope["route"].path.removeprefix("/").partition("/")
    kind = "read" if request.method in SAFE_METHODS else "write"
    opens = kind == "read" and within.rpartition("/")[2] in SEALED
    if area in FOR_PEOPLE or opens or not token.admits(area, kind):
        raise TokenTooNarrow(f"{area}:{kind}")


def require_known_scopes(request: Request, scopes: Collection[str]) -> None:
    """Refuse a scope that opens nothing: it would be a slip, found when a program is sent away."""
    known = known_scopes(request.app.openapi()["paths"])
    for scope in scopes:
        if scope not in known:
            raise Refused("scope-unknown", scope=scope, known=", ".join(known))


def known_scopes(paths: Mapping[str, Mapping[str, object]]) -> tuple[str, ...]:
    """The scopes that open something, by the paths of the API's document."""
    found = {"*:read", "*:write"}
    for path, methods in paths.items():
        _, versioned, within = path.partition(f"{parts.PREFIX}/")
        area, last = within.partition("/")[0], within.rpartition("/")[2]
        for method in methods:
            kind = "read" if method.upper() in SAFE_METHODS else "write"
            if versioned and area not in FOR_PEOPLE and (kind == "write" or last not in SEALED):
                found.add(f"{area}:{kind}")
    return tuple(sorted(found))


def require_same_origin(request: Request) -> None:
    """Refuse what a page of another site asks a browser to send. Raises `CrossSite`."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site not in (None, "same-origin") or origin not in (None, own_origin(request)):
        raise CrossSite


def identity_of(request: Request) -> Identity:
    """What tells who somebody is, as it was wired."""
    return cast("Identity", request.app.state.system.identity)


def settings_of(request: Request) -> Settings:
    """How this installation runs."""
    return cast("Settings", request.app.state.system.settings)


def own_origin(request: Request) -> str:
    """The origin of our own pages, as a browser names it."""
    asked = f"{request.url.scheme}://{request.headers.get('host', '')}"
    return settings_of(request).public_url or asked


def is_secure(request: Request) -> bool:
    """Whether people reach us by TLS."""
    return own_origin(request).startswith("https:")


def cookie_name(request: Request) -> str:
    """The name of the session's cookie; by TLS one that no other host or path can set."""
    return "__Host-huhang" if is_secure(request) else "huhang"


def send_cookie(request: Request, secret: str | None) -> None:
    """Give the browser the secret of its session, or take it away; errors carry it as well."""
    attributes = ["Path=/", "HttpOnly", "SameSite=Strict"]
    if is_secure(request):
        attributes.append("Secure")
    if secret is None:
        attributes.append("Max-Age=0")
    request.state.set_cookie = "; ".join([f"{cookie_name(request)}={secret or ''}", *attributes])


def cookie_to_set(scope: Scope) -> str | None:
    """The cookie that an answer brings, if any."""
    return cast("str | None", scope.get("state", {}).get("set_cookie"))


def client_address(request: Request) -> str:
    """From where a request comes, as far as it can be believed; of IPv6 the network.

    The last address in X-Forwarded-For that is not a proxy of ours: what stands before it anybody
    can have written.
    """
    peer = request.client.host if request.client else ""
    hops = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    while is_ours(peer, settings_of(request)) and hops:
        hop = hops.pop().strip()
        if parsed(hop) is None:
            break
        peer = hop
    address = parsed(peer)
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((address, NEIGHBOURS), strict=False))
    return peer


def is_ours(peer: str, settings: Settings) -> bool:
    """Whether a peer is a proxy of ours."""
    address = parsed(peer)
    return address is not None and any(address in network for network in settings.trusted_proxies)


def parsed(text: str) -> IPv4Address | IPv6Address | None:
    """An address, if it is one."""
    try:
        return ip_address(text)
    except ValueError:
        return None
