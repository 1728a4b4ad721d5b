"""Signing in by another system of ours (统一身份认证, OpenID Connect)."""

from __future__ import annotations

from html import escape
from typing import Annotated, Final

from fastapi import Body, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, StringConstraints

from api.admission import client_address, is_secure, send_cookie
from api.commands import SessionRoute
from api.dependencies import CurrentSession, SystemDep
from api.parts import Part
from application.oidc import ASKED, Departure
from application.sign_in import SignInRefused

TAGS: Final = ["统一身份认证 OpenID Connect"]

router = Part(prefix="/oidc", tags=[*TAGS])
linking = Part(prefix="/oidc", tags=[*TAGS], route_class=SessionRoute)

PAGE: Final = r"^/([A-Za-z0-9_~.-][A-Za-z0-9_~./?=&-]*)?$"  # of ours: no host, no backslash
LANDING: Final = "/docs"

Page = Annotated[str, StringConstraints(max_length=200, pattern=PAGE)]
Handed = Annotated[str, StringConstraints(max_length=2000)]

ARRIVED: Final = """<!doctype html>
<html lang="zh"><meta charset="utf-8"><title>护航</title>
<meta http-equiv="refresh" content="0;url={to}">
<p><a href="{to}">继续 Go on</a></p></html>
"""
"""A page, no redirection: the browser sends a strict cookie only where a page of ours leads."""


class DepartureView(BaseModel):
    """Where the page sends the browser to be linked."""

    location: str


def cookie_of(request: Request) -> str:
    """The name of the cookie that a browser brings back from the provider."""
    return "__Host-huhang-oidc" if is_secure(request) else "huhang-oidc"


def remember(request: Request, response: Response, departure: Departure) -> None:
    """Let the browser bring back what tells that it is the one that departed.

    Lax, since the provider's page leads back to us.
    """
    response.set_cookie(
        cookie_of(request),
        departure.state,
        max_age=int(ASKED.total_seconds()),
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )


@router.get("/start", status_code=303, response_class=RedirectResponse)
def start_oidc(
    request: Request,
    system: SystemDep,
    to: Annotated[
        Page, Query(description="登录后前往的本系统页面。Page of ours to go on to.")
    ] = LANDING,
) -> Response:
    """前往统一身份认证 Send the browser to the provider."""
    departure = system.identity.oidc.depart(to, client_address(request))
    answer = RedirectResponse(departure.location, status_code=303)
    remember(request, answer, departure)
    return answer


@linking.post("/link", status_code=201)
def link_provider(
    request: Request,
    response: Response,
    session: CurrentSession,
    system: SystemDep,
    to: Annotated[Page, Body(embed=True, description="Page of ours to go on to.")] = LANDING,
) -> DepartureView:
    """关联统一身份 Where to send the browser, so that the provider vouches for oneself."""
    departure = system.identity.oidc.depart_to_link(session, to)
    remember(request, response, departure)
    return DepartureView(location=departure.location)


@router.get("/callback", response_class=HTMLResponse)
def arrive_from_oidc(
    request: Request,
    system: SystemDep,
    state: Annotated[Handed, Query()] = "",
    code: Annotated[Handed, Query()] = "",
    iss: Annotated[Handed | None, Query(description="RFC 9207.")] = None,
    error: Annotated[Handed | None, Query()] = None,
    _why: Annotated[Handed | None, Query(alias="error_description")] = None,
    _session: Annotated[Handed | None, Query(alias="session_state")] = None,
) -> Response:
    """自统一身份认证返回 Begin a session of who comes back, and go on to a page of ours."""
    if error is not None:
        raise SignInRefused
    brought = request.cookies.get(cookie_of(request), "")
    session, to = system.identity.oidc.arrive(code, state, brought, iss)
    if session is not None and session.secret is not None:
        send_cookie(request, session.secret)
    answer = HTMLResponse(ARRIVED.format(to=escape(to, quote=True)))
    answer.delete_cookie(cookie_of(request), secure=is_secure(request), httponly=True)
    return answer
