"""API tokens (接口令牌) of one's own: what lets a program act in one's post."""

from __future__ import annotations

from fastapi import Request
from pydantic import BaseModel

from api.admission import require_known_scopes
from api.commands import AnswerDep, CommandDep, CommandRoute, Recorded
from api.dependencies import CurrentActor, ProvedSession
from api.desks import ApiTokensDep
from api.parts import Part
from application.api_tokens import TokenFacts
from domain.account_events import ApiToken, account_id

TAGS = ["接口令牌 API tokens"]

router = Part(prefix="/tokens", tags=[*TAGS], route_class=CommandRoute)
queries = Part(prefix="/tokens", tags=[*TAGS])


class IssuedView(Recorded):
    """A new token; its secret is said this once."""

    token: str
    secret: str


class OwnTokens(BaseModel):
    """The tokens of one's own that open something."""

    tokens: list[ApiToken]


@router.post("", status_code=201)
def issue_token(
    request: Request,
    token: TokenFacts,
    session: ProvedSession,
    by: CommandDep,
    desk: ApiTokensDep,
    answer: AnswerDep,
) -> IssuedView:
    """签发接口令牌 Let a program act in the present post, for half a year at most.

    A scope is a part of the API, or `*` for all that a program may do, to `read` or to `write`.

    Only shortly after signing in: a token issues none, which could outlive it. Repeated with the
    same key, it is another secret in place of the first.
    """
    require_known_scopes(request, token.scopes)
    issued = desk.issue(token, session, by)
    receipt = answer(account_id(by.by.id), issued.receipt)
    return IssuedView(**dict(receipt), token=str(issued.token), secret=issued.secret)


@queries.get("")
def list_tokens(actor: CurrentActor, desk: ApiTokensDep) -> OwnTokens:
    """本人接口令牌 One's own tokens that open something now."""
    return OwnTokens(tokens=desk.live(actor.id))
