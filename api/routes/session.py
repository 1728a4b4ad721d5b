"""Signing in and out (登录), the second factor, the password, and the post one acts in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body, Depends, Request
from pydantic import BaseModel, Field, StringConstraints

from api.admission import client_address, own_origin, require_same_origin, send_cookie
from api.commands import DoorRoute, SessionRoute
from api.dependencies import CurrentSession, SystemDep
from api.desks import SignInDep
from api.parts import Part
from application.passkeys import Site
from application.sessions import Session
from domain.account_events import Label, Post
from domain.base import Value, day
from domain.values import FactorKind, Role, SignInMethod, SignInStep

TAGS = ["登录 Session"]

door = Part(prefix="/session", tags=[*TAGS], route_class=DoorRoute)
router = Part(prefix="/session", tags=[*TAGS], route_class=SessionRoute)
plain = Part(prefix="/session", tags=[*TAGS])

Password = Annotated[str, StringConstraints(min_length=1, max_length=512)]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class ChosenPost(Value):
    """The post to act in, of those that one holds."""

    role: Role
    office: UUID


class OwnFactor(BaseModel):
    """A second factor of one's own."""

    id: UUID
    kind: FactorKind
    label: str


class SessionView(BaseModel):
    """The session: who acts, in which post, and what is still to be done before acting.

    `csrf` goes into the header Huhang-CSRF of every change. `next` is null once one may act.
    """

    id: UUID
    person: UUID
    role: Role
    office: UUID
    posts: list[Post]
    methods: list[SignInMethod]
    next: SignInStep | None
    csrf: str
    opened_at: datetime
    ends_at: datetime
    factors: list[OwnFactor]


class TotpEnrolment(BaseModel):
    """The secret for an authenticator; it counts once a code of it is confirmed."""

    factor: UUID
    secret: str
    uri: str = Field(description="For a QR code (otpauth).")


class SignedOutView(BaseModel):
    """The session is over."""

    session: UUID


def site_of(request: Request) -> Site:
    """Our pages, to which passkeys are bound."""
    return Site(own_origin(request))


def shown(request: Request, session: Session, system: SystemDep) -> SessionView:
    """A session as its person sees it; a new secret goes into the cookie."""
    if session.secret is not None:
        send_cookie(request, session.secret)
    identity, kept = system.identity, session.kept
    now = identity.clock()
    return SessionView(
        id=kept.id,
        person=session.person,
        role=kept.role,
        office=kept.office,
        posts=list(session.account.posts_on(day(now))),
        methods=list(kept.methods),
        next=session.step(now),
        csrf=identity.sessions.csrf_token(session),
        opened_at=kept.opened_at,
        ends_at=kept.ends_at,
        factors=[
            OwnFactor(id=factor.id, kind=factor.kind, label=factor.label)
            for factor in identity.store.factors_of(session.account.id)
            if factor.id in session.account.factors
        ],
    )


@door.post("", status_code=201)
def sign_in(
    request: Request,
    login: Annotated[str, Body(min_length=1, max_length=64)],
    password: Annotated[Password, Body()],
    steps: SignInDep,
    system: SystemDep,
    post: Annotated[ChosenPost | None, Body()] = None,
) -> SessionView:
    """登录 Begin a session with login name and password; `next` says what is still to be done."""
    chosen = (post.role, post.office) if post else None
    session = steps.with_password(login, password, chosen, client_address(request))
    return shown(request, session, system)


@plain.get("")
def read_session(request: Request, session: CurrentSession, system: SystemDep) -> SessionView:
    """当前会话 Who is signed in, in which post, and what is still to be done."""
    return shown(request, session, system)


@router.post("/code", status_code=201)
def enter_code(
    request: Request,
    code: Annotated[Code, Body(embed=True)],
    session: CurrentSession,
    steps: SignInDep,
    system: SystemDep,
) -> SessionView:
    """动态验证码 Prove the second factor by a code."""
    return shown(request, steps.with_code(session, code), system)


@router.post("/password", status_code=201)
def change_password(
    request: Request,
    present: Annotated[Password, Body()],
    new: Annotated[Password, Body()],
    session: CurrentSession,
    steps: SignInDep,
    system: SystemDep,
) -> SessionView:
    """修改口令 Choose another password; all other sessions end."""
    return shown(request, steps.change_password(session, present, new), system)


@router.post("/post", status_code=201)
def switch_post(
    request: Request, post: ChosenPost, session: CurrentSession, system: SystemDep
) -> SessionView:
    """切换岗位 Go on in another post that one holds."""
    switched = system.identity.sessions.switch(session, post.role, post.office)
    return shown(request, switched, system)


@router.post("/end", status_code=201)
def sign_out(
    request: Request,
    session: CurrentSession,
    system: SystemDep,
    everywhere: Annotated[
        bool, Body(embed=True, description="所有设备。Also all other sessions of one's own.")
    ] = False,
) -> SignedOutView:
    """退出 End the session."""
    send_cookie(request, None)
    system.identity.sessions.end(session, everywhere=everywhere)
    return SignedOutView(session=session.kept.id)


@router.post("/factors/totp", status_code=201)
def begin_totp(
    label: Annotated[Label, Body(embed=True)], session: CurrentSession, steps: SignInDep
) -> TotpEnrolment:
    """登记动态验证码 Get a secret for an authenticator."""
    return TotpEnrolment(**steps.enrol(session, label)._asdict())


@router.post("/factors/totp/confirmation", status_code=201)
def confirm_totp(
    request: Request,
    factor: Annotated[UUID, Body()],
    code: Annotated[Code, Body()],
    session: CurrentSession,
    steps: SignInDep,
    system: SystemDep,
) -> SessionView:
    """确认动态验证码 Add the second factor by its first code."""
    return shown(request, steps.confirm(session, factor, code), system)


@plain.post("/passkey/challenge", status_code=201, dependencies=[Depends(require_same_origin)])
def challenge_passkey(request: Request, system: SystemDep) -> dict[str, Any]:
    """通行密钥质询 What `navigator.credentials.get` takes, as `publicKey` in JSON."""
    return dict(system.identity.passkeys.challenge(site_of(request), client_address(request)))


@door.post("/passkey", status_code=201)
def show_passkey(
    request: Request,
    credential: Annotated[dict[str, Any], Body(description="As the browser answered, in JSON.")],
    system: SystemDep,
    post: Annotated[ChosenPost | None, Body()] = None,
) -> SessionView:
    """通行密钥登录 Begin a session with a passkey alone, which is two factors."""
    chosen = (post.role, post.office) if post else None
    keys = system.identity.passkeys
    session = keys.sign_in(credential, chosen, site_of(request), client_address(request))
    return shown(request, session, system)


@router.post("/factors/passkey/challenge", status_code=201)
def begin_passkey(
    request: Request,
    label: Annotated[Label, Body(embed=True)],
    session: CurrentSession,
    system: SystemDep,
) -> dict[str, Any]:
    """登记通行密钥 What `navigator.credentials.create` takes, as `publicKey` in JSON."""
    return dict(system.identity.passkeys.begin_adding(session, label, site_of(request)))


@router.post("/factors/passkey", status_code=201)
def add_passkey(
    request: Request,
    credential: Annotated[
        dict[str, Any], Body(embed=True, description="As the browser answered, in JSON.")
    ],
    session: CurrentSession,
    system: SystemDep,
) -> SessionView:
    """确认通行密钥 Add the passkey that the browser made."""
    added = system.identity.passkeys.add(session, credential, site_of(request))
    return shown(request, added, system)


@plain.post("/factors/{factor}/removal", status_code=201)
def drop_factor(
    request: Request, factor: UUID, session: CurrentSession, steps: SignInDep, system: SystemDep
) -> SessionView:
    """注销第二因子 Remove a second factor of one's own; the last stays where a post asks for it."""
    return shown(request, steps.remove(session, factor), system)
