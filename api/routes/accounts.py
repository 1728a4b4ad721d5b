"""Accounts (账号), as administrators of their offices see and change them."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Annotated
from uuid import UUID

from fastapi import Body, Depends, Query
from pydantic import BaseModel

from api.admission import Admitted
from api.commands import AnswerDep, CommandDep, CommandRoute, NewId, Recorded, new_id
from api.dependencies import CurrentActor, SystemDep, current, lately_proved
from api.desks import AccountsDep
from api.looks import LooksDep
from api.parts import Part
from application.accounts import AcquaintanceFacts, OpeningFacts
from domain.account_events import ApiToken, Conflict, Post, account_id
from domain.looked import Looked
from domain.values import AcquaintanceRelation, FactorKind, RecordKind, Role

TAGS = ["账号 Accounts"]
MOST = 200  # accounts in one answer; each is folded the first time it is asked for

router = Part(prefix="/accounts", tags=[*TAGS], route_class=CommandRoute)
queries = Part(prefix="/accounts", tags=[*TAGS])


class OpenedAccount(Recorded):
    """The receipt of an account that was opened, and who its person is in every stamp."""

    person: UUID


class ResetPassword(Recorded):
    """A password for one sign-in, said this once."""

    password: str
    expires_at: datetime


class AccountLine(BaseModel):
    """An account in the list."""

    person: UUID
    login: str
    office: UUID
    posts: list[Post]
    factors: int
    locked: bool


class AccountList(BaseModel):
    """Accounts in the order of login names; ask again with `after` while `next` is not null."""

    accounts: list[AccountLine]
    next: str | None


class AcquaintanceLine(BaseModel):
    """Somebody near who was declared; the number is sealed and shown to nobody."""

    id: UUID
    relation: AcquaintanceRelation


class AccountView(BaseModel):
    """An account; the name of its person is sealed and read by way of the vault."""

    person: UUID
    account: UUID
    login: str
    office: UUID
    posts: list[Post]
    factors: dict[UUID, FactorKind]
    links: list[UUID]
    tokens: list[ApiToken]
    conflicts: list[Conflict]
    acquaintances: list[AcquaintanceLine]
    locked: bool
    must_change_password: bool


@router.post("", status_code=201)
def open_account(
    account: OpeningFacts,
    by: CommandDep,
    desk: AccountsDep,
    answer: AnswerDep,
    id_: NewId = None,
) -> OpenedAccount:
    """开通账号 Open an account; of a counsellor or volunteer `id` is the practitioner's."""
    person = id_ or new_id(None, by)
    receipt = answer(account_id(person), desk.open(person, account, by))
    return OpenedAccount(**dict(receipt), person=person)


@queries.get("")
def list_accounts(
    actor: CurrentActor,
    desk: AccountsDep,
    looks: LooksDep,
    after: Annotated[str, Query(max_length=32, pattern=r"^[a-z0-9._-]*$")] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> AccountList:
    """账号列表 The accounts that one administers."""
    found = list(islice(desk.listed(actor, after), limit + 1))
    looks.list(RecordKind.ACCOUNT, Looked.ACCOUNTS, len(found[:limit]))
    return AccountList(
        accounts=[AccountLine(**one._asdict()) for one in found[:limit]],
        next=found[limit - 1].login if len(found) > limit else None,
    )


@queries.get("/{person}")
def read_account(
    person: UUID, actor: CurrentActor, desk: AccountsDep, looks: LooksDep
) -> AccountView:
    """账号 An account that one administers, or one's own."""
    account = desk.read(person, actor)
    opening = account.opening
    assert opening is not None, "an account that is read was opened"
    looks.record(account.id, RecordKind.ACCOUNT, desk.spot_of(account))
    return AccountView(
        person=person,
        account=account.id,
        login=opening.login,
        office=opening.office,
        posts=list(account.posts),
        factors=dict(account.factors),
        links=sorted(account.links),
        tokens=[token for token in account.tokens.values() if token],
        conflicts=[conflict for conflict in account.conflicts.values() if conflict],
        acquaintances=[
            AcquaintanceLine(id=one.id, relation=one.relation)
            for one in account.acquaintances.values()
            if one
        ],
        locked=account.locked,
        must_change_password=account.must_change,
    )


@router.post("/{person}/roles", status_code=201)
def grant_role(
    person: UUID, post: Post, by: CommandDep, desk: AccountsDep, answer: AnswerDep
) -> Recorded:
    """授予岗位 Give a post at an office of one's own or below."""
    return answer(account_id(person), desk.grant_role(person, post, by))


@router.post("/{person}/roles/end", status_code=201)
def end_role(
    person: UUID,
    role: Annotated[Role, Body()],
    office: Annotated[UUID, Body()],
    by: CommandDep,
    desk: AccountsDep,
    answer: AnswerDep,
) -> Recorded:
    """终止岗位 End a post; whoever acts in it is refused from now on."""
    return answer(account_id(person), desk.end_role(person, role, office, by))


@router.post("/{person}/password-reset", status_code=201)
def reset_password(
    person: UUID, by: CommandDep, desk: AccountsDep, answer: AnswerDep
) -> ResetPassword:
    """重置口令 Give a password for one sign-in, within 72 hours; all sessions and tokens end.

    Repeated with the same key, it is another password in place of the first.
    """
    given = desk.reset_password(person, by)
    receipt = answer(account_id(person), given.receipt)
    return ResetPassword(**dict(receipt), password=given.password, expires_at=given.expires_at)


@router.post("/{person}/lock", status_code=201)
def lock_account(person: UUID, by: CommandDep, desk: AccountsDep, answer: AnswerDep) -> Recorded:
    """锁定账号 Let nobody act under an account; all sessions end."""
    return answer(account_id(person), desk.lock(person, by))


@router.post("/{person}/unlock", status_code=201)
def unlock_account(person: UUID, by: CommandDep, desk: AccountsDep, answer: AnswerDep) -> Recorded:
    """解锁账号 Let the person sign in again."""
    return answer(account_id(person), desk.unlock(person, by))


def proved_of_own(
    person: UUID, who: Annotated[Admitted, Depends(current)], system: SystemDep
) -> None:
    """Refuse to change how one signs in oneself long after one did. Raises `StaleProof`."""
    if who.actor.id == person:
        lately_proved(who, system)


@router.post("/{person}/factors/{factor}/removal", status_code=201)
def remove_factor(
    person: UUID, factor: UUID, by: CommandDep, desk: AccountsDep, answer: AnswerDep
) -> Recorded:
    """注销第二因子 Remove a second factor that another person has lost; all sessions end."""
    return answer(account_id(person), desk.remove_factor(person, factor, by))


@router.post(
    "/{person}/links/{link}/removal", status_code=201, dependencies=[Depends(proved_of_own)]
)
def unlink_identity(
    person: UUID, link: UUID, by: CommandDep, desk: AccountsDep, answer: AnswerDep
) -> Recorded:
    """解除统一身份关联 Let a provider vouch no longer; one's own, shortly after signing in."""
    return answer(account_id(person), desk.unlink_identity(person, link, by))


@router.post("/{person}/tokens/{token}/revocation", status_code=201)
def revoke_token(
    person: UUID, token: UUID, by: CommandDep, desk: AccountsDep, answer: AnswerDep
) -> Recorded:
    """吊销接口令牌 Let an API token open nothing any more; also one's own."""
    return answer(account_id(person), desk.revoke_token(person, token, by))


@router.post("/{person}/conflicts", status_code=201)
def declare_conflict(
    person: UUID, conflict: Conflict, by: CommandDep, desk: AccountsDep, answer: AnswerDep
) -> Recorded:
    """申报回避 Say with which case or person somebody, or oneself, must not work."""
    return answer(account_id(person), desk.declare_conflict(person, conflict, by))


@router.post("/{person}/conflicts/{conflict}/withdrawal", status_code=201)
def withdraw_conflict(
    person: UUID, conflict: UUID, by: CommandDep, desk: AccountsDep, answer: AnswerDep
) -> Recorded:
    """撤销回避 Take a declaration of somebody else back, with a reason."""
    return answer(account_id(person), desk.withdraw_conflict(person, conflict, by))


@router.post("/{person}/acquaintances", status_code=201)
def declare_acquaintance(
    person: UUID,
    acquaintance: AcquaintanceFacts,
    by: CommandDep,
    desk: AccountsDep,
    answer: AnswerDep,
) -> Recorded:
    """申报近亲属、近邻 Say by a number who is near to somebody, or to oneself.

    By `self` the own number of who is not of the team; the number is sealed and never shown.
    """
    return answer(account_id(person), desk.declare_acquaintance(person, acquaintance, by))


@router.post("/{person}/acquaintances/{acquaintance}/withdrawal", status_code=201)
def withdraw_acquaintance(
    person: UUID, acquaintance: UUID, by: CommandDep, desk: AccountsDep, answer: AnswerDep
) -> Recorded:
    """撤销近亲属、近邻申报 Take such a declaration of somebody else back, with a reason."""
    return answer(account_id(person), desk.withdraw_acquaintance(person, acquaintance, by))
