"""Every error as problem+json (RFC 9457): a stable type, and a sentence in the reader's language.

Types: `urn:huhang:refused:<code>` for the rules of the domain, `urn:huhang:<kind>` for the rest.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial, singledispatch
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from api.admission import CrossSite, TokenTooNarrow, Unauthenticated
from api.wording import (
    EITHER,
    OUT_OF_RANGE,
    SAID_BY_THE_FRAMEWORK,
    UNKNOWN,
    fault_of,
    is_out_of_range,
)
from application import eventlog
from application.as_of import AsOfRefused
from application.blind_index import IndexLost
from application.database import DatabaseUnavailable
from application.destroyed import NotRemembered
from application.envelope import Spoiled, Unopened, Unsealable
from application.erasure import NotAll
from application.eventlog import Conflict, RequestReused
from application.first_event import AnotherBeginning
from application.jurisdiction import Forbidden
from application.key_use import NotWhole
from application.keystore import KeysHeldUp, KeySpoiled
from application.limits import TooMany
from application.oidc import NoProvider, ProviderAway
from application.records import NotFound
from application.repetition import NotSaid
from application.seal import RolledBack
from application.sessions import NotActing, SessionOver, StaleProof
from application.settings import DangerousSetting
from application.sign_in import SignInRefused
from application.territory_lock import TerritoryHeldUp
from application.tokens import TokenRefused
from application.vault import KeyLost, NothingToOpen
from domain.base import Refused
from domain.sentence import Sentence
from domain.wording import Said, refusal
from projections.indicators import CohortsDiffer, UnitsDiffer, UnknownIndicator
from projections.projector import Lagging
from projections.questions import QuestionRefused

LOG: Final = logging.getLogger("huhang")

MEDIA_TYPE: Final = "application/problem+json"
RETRY_LAGGING: Final = "1"  # seconds; a projector that runs is back within that
RETRY_DATABASE: Final = "5"  # seconds; a restart of the server takes about that

# What records.py raises while the database stays away; the library's name, by way of our log.
LogUnreachable: type[Exception] = eventlog.OperationalError  # type: ignore[attr-defined]

MOST_FAULTS: Final = 1_000  # of one request that are told; more are an attack, or a broken program

INVALID: Final = (
    "urn:huhang:invalid",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    Sentence("The request is not valid", "请求内容不符合要求"),
)
DATE_OUT_OF_RANGE: Final = (
    "urn:huhang:date-out-of-range",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    Sentence("The date is out of range", "日期超出范围"),
)

MISSING: Final = frozenset(
    {
        "case-not-opened",
        "centre-not-established",
        "practitioner-not-registered",
        "region-not-established",
        "order-not-issued",
        "review-not-opened",
        "account-not-opened",
    }
)
"""Refusals that say there is no such thing yet."""

FORBIDDEN: Final = frozenset({"account-out-of-reach"})
"""Refusals that say somebody else may."""


class CommandInThePast(Exception):  # noqa: N818 - said to people
    """A command was sent while reading as of a past moment."""


class TooLarge(Exception):  # noqa: N818 - said to people
    """A body above the limit, in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class NotReady(Said):
    """The system answers, but not everything it needs works; the sentence says what does not."""


class Problem(BaseModel):
    """An error. `type` is stable, `detail` says what happened and what to do next.

    Further members by type: `code` and `context` of a refusal, `current_version` of a conflict,
    `errors` of an invalid request, `closest` of an unknown indicator.
    """

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:huhang:refused:consent-missing"])
    title: str
    status: int = Field(ge=400, le=599)
    detail: str


class Told(NamedTuple):
    """What an error says to people and to programs."""

    type: str
    status: HTTPStatus
    title: Sentence
    detail: Sentence
    more: Mapping[str, Any] = {}
    headers: Mapping[str, str] = {}


def install(app: FastAPI) -> None:
    """Let every error of an application answer as problem+json."""
    for kind in told.registry:
        if issubclass(kind, Exception):
            app.add_exception_handler(kind, answer)


async def answer(request: Request, error: Exception) -> JSONResponse:
    """The answer to an error, in the language of the request.

    A conflict with the version that the request named is a precondition that failed (RFC 9110,
    13.1.1).
    """
    said = told(error)
    if isinstance(error, Conflict) and "if-match" in request.headers:
        said = said._replace(status=HTTPStatus.PRECONDITION_FAILED)
    return problem(said, request.headers.get("accept-language", ""))


def problem(told: Told, accept_language: str) -> JSONResponse:
    """The answer that says this, in English or Chinese."""
    english = prefers_english(accept_language)
    body = {
        "type": told.type,
        "title": told.title.en if english else told.title.zh,
        "status": told.status.value,
        "detail": told.detail.en if english else told.detail.zh,
        **spoken(told.more, english),
    }
    headers = {**told.headers, "Content-Language": "en" if english else "zh"}
    return JSONResponse(body, told.status.value, headers, MEDIA_TYPE)


def spoken(more: Mapping[str, Any], english: bool) -> dict[str, Any]:
    """Further members of a problem, their sentences in one language."""

    def said(value: Any) -> Any:
        if isinstance(value, Sentence):
            return value.en if english else value.zh
        if isinstance(value, list):
            return [said(one) for one in value]
        return spoken(value, english) if isinstance(value, dict) else value

    return {name: said(value) for name, value in more.items()}


def prefers_english(accept_language: str) -> bool:
    """Whether English is wanted more than Chinese (RFC 9110, 12.5.4); else Chinese."""
    wanted = {"en": 0.0, "zh": 0.0}
    for part in accept_language.split(","):
        tag, _, weight = part.strip().partition(";q=")
        language = tag.split("-")[0].lower()
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if language in wanted:
            wanted[language] = max(wanted[language], quality)
    return wanted["en"] > wanted["zh"]


@singledispatch
def told(_error: Exception) -> Told:
    """What an error says; one that nobody foresaw tells nothing about the inside."""
    return Told(
        "urn:huhang:internal",
        HTTPStatus.INTERNAL_SERVER_ERROR,
        Sentence("Something went wrong here", "系统内部错误"),
        Sentence(
            "The system failed; nothing can be said about this request. Repeat it with the same "
            "Idempotency-Key, or tell the administrator.",
            "系统出错，本次请求结果未知。请用相同的 Idempotency-Key 重试，或联系管理员。",
        ),
    )


@told.register
def _(error: Exception) -> Told:
    LOG.error("unforeseen error", exc_info=error)
    return told.dispatch(object)(error)


@told.register
def _(error: Refused) -> Told:
    return Told(
        f"urn:huhang:refused:{error.code}",
        status_of(error.code),
        Sentence("A rule of the work says no", "业务规则不允许"),
        refusal(error),
        {"code": error.code, "context": {name: str(it) for name, it in error.context.items()}},
    )


def status_of(code: str) -> HTTPStatus:
    """The status of a refusal."""
    if code in MISSING:
        return HTTPStatus.NOT_FOUND
    return HTTPStatus.FORBIDDEN if code in FORBIDDEN else HTTPStatus.UNPROCESSABLE_ENTITY


@told.register
def _(error: TooMany) -> Told:
    return Told(
        "urn:huhang:too-many",
        HTTPStatus.TOO_MANY_REQUESTS,
        Sentence("Too many tries", "尝试过于频繁"),
        Sentence(
            f"Too many tries; come again in {error.seconds} s.",
            f"尝试过于频繁，请在 {error.seconds} 秒后重试。",
        ),
        headers={"Retry-After": str(error.seconds)},
    )


@told.register
def _(error: Conflict) -> Told:
    version = error.current_version
    return Told(
        "urn:huhang:conflict",
        HTTPStatus.CONFLICT,
        Sentence("Somebody was faster", "记录已被他人修改"),
        Sentence(
            str(error), f"该记录已被他人修改，现为第 {version} 版；请查看后，如仍需修改再提交。"
        ),
        {"current_version": version},
        {"ETag": f'"{version}"'},
    )


@told.register
def _(error: UnknownIndicator) -> Told:
    closest = "、".join(error.closest)
    hint = f"是否指 {closest}？" if closest else "请查看指标目录。"
    return Told(
        "urn:huhang:unknown-indicator",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        Sentence("There is no such indicator", "没有这个指标"),
        Sentence(str(error), f"没有指标“{error.code}”，{hint}"),
        {"closest": list(error.closest)},
    )


@told.register(eventlog.NotRecorded)
def _(error: Exception) -> Told:
    LOG.warning("the log is held up: %s", error)
    return Told(
        "urn:huhang:log-held-up",
        HTTPStatus.SERVICE_UNAVAILABLE,
        Sentence("The log is held up", "记录暂时受阻"),
        Sentence(
            "The log is held up, and nothing was recorded. Repeat the request in a moment with the "
            "same Idempotency-Key.",
            "记录暂时受阻，本次请求未被记录，请稍后用相同的 Idempotency-Key 重试。",
        ),
        headers={"Retry-After": RETRY_DATABASE},
    )


@told.register
def _(error: KeysHeldUp) -> Told:
    LOG.warning("the key store is held up: %s", error)
    return Told(
        "urn:huhang:keys-held-up",
        HTTPStatus.SERVICE_UNAVAILABLE,
        Sentence("The key store is held up", "密钥库暂时受阻"),
        Sentence(
            "The key store of personal data is held up, and nothing was done. Repeat the request "
            "in a moment with the same Idempotency-Key.",
            "个人信息的密钥库暂时受阻，本次请求未执行，请稍后用相同的 Idempotency-Key 重试。",
        ),
        headers={"Retry-After": RETRY_DATABASE},
    )


@told.register
def _(error: DangerousSetting) -> Told:
    LOG.warning("something that this installation needs is missing: %s", error)
    return Told(
        "urn:huhang:keys-out-of-reach",
        HTTPStatus.SERVICE_UNAVAILABLE,
        Sentence("The keys are out of reach", "密钥暂时无法使用"),
        Sentence(
            "What wraps the keys of personal data is out of reach, so nothing sealed is opened and "
            "nothing sealed. Tell whoever runs the system, whose log says what is missing, and "
            "repeat the request later with the same Idempotency-Key.",
            "包装密钥暂时无法使用，密封内容未能打开或者写入。请联系系统管理员（系统日志载明原因），"
            "恢复后用相同的 Idempotency-Key 重试。",
        ),
        headers={"Retry-After": RETRY_DATABASE},
    )


@told.register
def _(error: TerritoryHeldUp) -> Told:
    LOG.warning("the tree of regions is held up: %s", error)
    return Told(
        "urn:huhang:territory-held-up",
        HTTPStatus.SERVICE_UNAVAILABLE,
        Sentence("Changes of regions and centres are held up", "区划和机构变更暂时受阻"),
        Sentence(
            "Another change of regions or centres takes long, and nothing was recorded. Repeat the "
            "request in a moment with the same Idempotency-Key.",
            "另一项区划或机构变更尚未办结，本次请求未被记录，请稍后用相同的 Idempotency-Key 重试。",
        ),
        headers={"Retry-After": RETRY_DATABASE},
    )


@told.register(psycopg.OperationalError)
@told.register(psycopg.InterfaceError)
@told.register(LogUnreachable)
@told.register(DatabaseUnavailable)
def _(error: Exception) -> Told:
    LOG.warning("the database does not answer: %s", error)
    return Told(
        "urn:huhang:database-away",
        HTTPStatus.SERVICE_UNAVAILABLE,
        Sentence("The database does not answer", "数据库无应答"),
        Sentence(
            "The database does not answer. Repeat the request with the same Idempotency-Key: what "
            "was recorded is not recorded twice.",
            "数据库无应答，请稍后用相同的 Idempotency-Key 重试，已记录的不会重复记录。",
        ),
        headers={"Retry-After": RETRY_DATABASE},
    )


@told.register
def _(error: TokenRefused) -> Told:
    kind, title = "token-refused", Sentence("The token lets nobody in", "令牌无效")
    if error.expired:
        kind, title = "token-expired", Sentence("The token has expired", "令牌已过期")
    return Told(
        f"urn:huhang:{kind}",
        HTTPStatus.UNAUTHORIZED,
        title,
        Sentence(str(error), f"{title.zh}，请重新签发。"),
        headers={"WWW-Authenticate": 'Bearer realm="huhang", error="invalid_token"'},
    )


@told.register
def _(error: RequestValidationError) -> Told:
    return invalid(error.errors())


@told.register
def _(error: HTTPException) -> Told:
    status = HTTPStatus(error.status_code)
    kind, title, detail = SAID_BY_THE_FRAMEWORK.get(status, (f"http-{status.value}", *UNKNOWN))
    return Told(
        f"urn:huhang:{kind}",
        status,
        Sentence(status.phrase, title),
        detail,
        headers=error.headers or {},
    )


PLAIN: Final[Mapping[tuple[type[Exception], ...], Told]] = {
    (RequestReused,): Told(
        "urn:huhang:request-reused",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        Sentence("The request id was used before", "请求编号已使用"),
        Sentence("{error}", "该 Idempotency-Key 已用于内容不同的请求，新请求请换新编号。"),
    ),
    (NotFound,): Told(
        "urn:huhang:not-found",
        HTTPStatus.NOT_FOUND,
        Sentence("There is no such record", "没有这条记录"),
        Sentence("{error}", "{error.zh}"),
    ),
    (Forbidden,): Told(
        "urn:huhang:forbidden",
        HTTPStatus.FORBIDDEN,
        Sentence("This is not yours to do or see", "无权操作或查看"),
        Sentence("{error}", "{error.zh}"),
    ),
    (AsOfRefused,): Told(
        "urn:huhang:as-of-refused",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        Sentence("There is no such moment to read at", "没有可供查询的时点"),
        Sentence("{error}", "{error.zh}"),
    ),
    (QuestionRefused,): Told(
        "urn:huhang:question-refused",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        Sentence("The question has no answer", "该问题无法回答"),
        Sentence("{error}", "{error.zh}"),
    ),
    (CohortsDiffer, UnitsDiffer): Told(
        "urn:huhang:question-refused",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        Sentence("The question has no answer", "该问题无法回答"),
        Sentence("{error}", "所选指标的单位或人群口径不同，不能合并，请分开查询。"),
    ),
    (Lagging,): Told(
        "urn:huhang:lagging",
        HTTPStatus.SERVICE_UNAVAILABLE,
        Sentence("The read models are not there yet", "查询数据尚未更新到该位置"),
        Sentence("{error}", "查询数据尚未更新到该位置，请稍后再查。"),
        headers={"Retry-After": RETRY_LAGGING},
    ),
    (NotReady,): Told(
        "urn:huhang:not-ready",
        HTTPStatus.SERVICE_UNAVAILABLE,
        Sentence("The system is not ready", "系统尚未就绪"),
        Sentence("{error}", "{error.zh}"),
        headers={"Retry-After": RETRY_DATABASE},
    ),
    (Unsealable,): Told(
        "urn:huhang:unsealable",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        Sentence("The text cannot be sealed", "文字无法密封"),
        Sentence("{error}", "文字超过可密封的长度，请缩短或者分开填写。"),
    ),
    (NothingToOpen,): Told(
        "urn:huhang:nothing-to-open",
        HTTPStatus.NOT_FOUND,
        Sentence("There is nothing to open", "没有可以打开的内容"),
        Sentence("{error}", "没有可以打开的内容：未曾密封，或者已经删除。"),
    ),
    (Unopened,): Told(
        "urn:huhang:not-opened",
        HTTPStatus.SERVICE_UNAVAILABLE,
        Sentence("It could not be opened", "密封内容未能打开"),
        Sentence(
            "{error}",
            "密封内容未能打开，并非没有内容，请重新查询，仍不成功的请联系系统管理员。",
        ),
    ),
    (Spoiled,): Told(
        "urn:huhang:sealed-spoiled",
        HTTPStatus.SERVICE_UNAVAILABLE,
        Sentence("Sealed data is damaged", "密封内容损坏"),
        Sentence(
            "{error} It is there and cannot be read now; tell whoever runs the system.",
            "密封内容被改动、移位，或者本程序的版本过旧，现在无法读取，并非没有内容，"
            "请联系系统管理员。",
        ),
    ),
    (KeyLost,): Told(
        "urn:huhang:key-lost",
        HTTPStatus.SERVICE_UNAVAILABLE,
        Sentence("A key is lost", "密钥缺失"),
        Sentence("{error}", "所需的密钥不在密钥库中，且没有删除记录，请系统管理员恢复密钥库。"),
    ),
    (KeySpoiled,): Told(
        "urn:huhang:key-spoiled",
        HTTPStatus.SERVICE_UNAVAILABLE,
        Sentence("A key is damaged", "密钥损坏"),
        Sentence(
            "{error}",
            "密钥库中所需的密钥被改动或者调换，其密封的内容现在无法读取，并非没有内容，"
            "请系统管理员恢复密钥库。",
        ),
    ),
    (IndexLost,): Told(
        "urn:huhang:index-lost",
        HTTPStatus.SERVICE_UNAVAILABLE,
        Sentence("The key of the index of persons is lost", "查找索引的密钥缺失"),
        Sentence(
            "{error}",
            "查找索引的密钥不在密钥库中，恢复之前不能按号码查找或者登记号码，请联系系统管理员。",
        ),
    ),
    (AnotherBeginning,): Told(
        "urn:huhang:another-beginning",
        HTTPStatus.SERVICE_UNAVAILABLE,
        Sentence("The log begins otherwise than is known", "日志的开头与已知的不同"),
        Sentence(
            "The first event of the log is not the one that is known here, so nothing is opened or "
            "destroyed by its word until an operator has looked.",
            "日志的第一条事件与本机所知的不同，查明之前不据此打开或者删除任何内容，"
            "请联系系统管理员。",
        ),
    ),
    (NotWhole,): Told(
        "urn:huhang:record-not-whole",
        HTTPStatus.SERVICE_UNAVAILABLE,
        Sentence("The record is not whole in the log", "该记录在日志中不完整"),
        Sentence(
            "The record is not in the log as it was signed, so nothing of it was opened and no key "
            "of it destroyed; nothing is done until an operator has looked.",
            "该记录在日志中与签名时不一致，未打开任何内容，也未删除任何密钥，请联系系统管理员。",
        ),
    ),
    (NotAll,): Told(
        "urn:huhang:erasure-not-all",
        HTTPStatus.SERVICE_UNAVAILABLE,
        Sentence("Not every key is shown to be destroyed", "不能证明密钥已全部销毁"),
        Sentence(
            "Keys of the record were destroyed, but it is not shown that these were all, so "
            "nothing is certified; let an operator look at the alarm, then erase the record again.",
            "该记录的密钥已销毁，但不能证明已全部销毁，因此未出具证明。请系统管理员查看报警后再次删除。",
        ),
    ),
    (NotRemembered,): Told(
        "urn:huhang:not-remembered",
        HTTPStatus.SERVICE_UNAVAILABLE,
        Sentence("What was destroyed cannot be noted", "无法记下已删除的密钥"),
        Sentence(
            "The keys were destroyed, and this installation's disk does not take the note of it, "
            "so nothing is certified. Let an operator make room, and repeat the request with the "
            "same Idempotency-Key.",
            "密钥已删除，但本机磁盘无法记下，因此未出具证明。请系统管理员清理磁盘，"
            "再用相同的 Idempotency-Key 重试。",
        ),
    ),
    (RolledBack,): Told(
        "urn:huhang:rolled-back",
        HTTPStatus.SERVICE_UNAVAILABLE,
        Sentence("The log or the keys were taken back", "日志或者密钥被退回"),
        Sentence(
            "The log does not go on from what is known of it; nothing sealed is opened until an "
            "operator has looked.",
            "日志与已知的检查点不能衔接，查明之前不打开任何密封内容，请联系系统管理员。",
        ),
    ),
    (NotSaid,): Told(
        "urn:huhang:not-said",
        HTTPStatus.SERVICE_UNAVAILABLE,
        Sentence("The log does not hold what it is said to hold", "日志中没有所称的记录"),
        Sentence(
            "This request is said to be recorded, and the log does not hold it; nothing is done "
            "until an operator has looked.",
            "该请求被称为已经记录，但日志中没有对应的记录，未作任何处理，请联系系统管理员。",
        ),
    ),
    (Unauthenticated,): Told(
        "urn:huhang:unauthenticated",
        HTTPStatus.UNAUTHORIZED,
        Sentence("Nobody said who acts", "未出示令牌"),
        Sentence(
            "Sign in, or send “Authorization: Bearer <token>”; `huhang token` issues one.",
            "请先登录，或者在请求头中出示令牌：Authorization: Bearer <token>。",
        ),
        headers={"WWW-Authenticate": 'Bearer realm="huhang"'},
    ),
    (SessionOver,): Told(
        "urn:huhang:session-over",
        HTTPStatus.UNAUTHORIZED,
        Sentence("The session is over", "会话已结束"),
        Sentence("The session is over; sign in again.", "会话已结束，请重新登录。"),
        headers={"WWW-Authenticate": 'Bearer realm="huhang"'},
    ),
    (SignInRefused,): Told(
        "urn:huhang:sign-in-refused",
        HTTPStatus.UNAUTHORIZED,
        Sentence("Nobody is let in so", "登录失败"),
        Sentence(
            "This lets nobody in; check what you entered, or ask an administrator of your office.",
            "登录失败，请核对所填内容，或联系本单位管理员。",
        ),
        headers={"WWW-Authenticate": 'Bearer realm="huhang"'},
    ),
    (NoProvider,): Told(
        "urn:huhang:no-provider",
        HTTPStatus.NOT_FOUND,
        Sentence("There is no provider here", "未启用统一身份认证"),
        Sentence(
            "Nobody signs in by OpenID Connect here; use login name and password, or a passkey.",
            "本系统未启用统一身份认证，请用登录名和口令或通行密钥登录。",
        ),
    ),
    (ProviderAway,): Told(
        "urn:huhang:provider-away",
        HTTPStatus.SERVICE_UNAVAILABLE,
        Sentence("The provider does not answer", "统一身份认证无应答"),
        Sentence(
            "The provider does not answer as it should; sign in another way, or come again.",
            "统一身份认证暂不可用，请用其他方式登录或稍后再试。",
        ),
        headers={"Retry-After": RETRY_DATABASE},
    ),
    (NotActing,): Told(
        "urn:huhang:sign-in-unfinished",
        HTTPStatus.FORBIDDEN,
        Sentence("Signing in is not finished", "登录尚未完成"),
        Sentence(
            "One more step is needed before acting; GET /api/v1/session says which.",
            "登录尚未完成，所缺步骤见 GET /api/v1/session。",
        ),
    ),
    (StaleProof,): Told(
        "urn:huhang:prove-again",
        HTTPStatus.FORBIDDEN,
        Sentence("Prove again who you are", "请重新验证身份"),
        Sentence(
            "This is done only shortly after signing in; sign in again.",
            "该事项须在登录后短时间内办理，请重新登录。",
        ),
    ),
    (CrossSite,): Told(
        "urn:huhang:cross-site",
        HTTPStatus.FORBIDDEN,
        Sentence("Another page asked for this", "请求来源不符"),
        Sentence(
            "A change comes from a page of this installation, with the header Huhang-CSRF that "
            "GET /api/v1/session gives.",
            "更改须由本系统页面提交，并在请求头 Huhang-CSRF 中出示 GET /api/v1/session 所给的值。",
        ),
    ),
    (TokenTooNarrow,): Told(
        "urn:huhang:token-too-narrow",
        HTTPStatus.FORBIDDEN,
        Sentence("The token does not open this", "令牌权限不足"),
        Sentence(
            "The token was not issued for {error}; use one that is, or sign in.",
            "令牌未授权 {error}，请使用有此权限的令牌，或登录办理。",
        ),
    ),
    (CommandInThePast,): Told(
        "urn:huhang:command-in-the-past",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        Sentence("The past cannot be changed", "不能更改过去"),
        Sentence(
            "A command is recorded now; leave `as_of` out and say in `occurred` when it happened.",
            "操作只能记录在当前，请去掉 as_of；业务发生时间请填写 occurred。",
        ),
    ),
    (TooLarge,): Told(
        "urn:huhang:too-large",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        Sentence("The body is too large", "请求内容过大"),
        Sentence(
            "A body has at most {error.limit:,} bytes; send less at once.",
            "请求内容不得超过 {error.limit:,} 字节，请分次提交。",
        ),
    ),
    (OverflowError,): Told(
        *DATE_OUT_OF_RANGE,
        Sentence(
            "A date or time lies at the end of the calendar; enter one that can be meant.",
            "日期或时间超出历法范围，请填写真实的日期。",
        ),
    ),
}
"""Errors that say the same of every case but for themselves: `{error}`."""


def filled(plain: Told, error: Exception) -> Told:
    """What an error of the table says of itself."""
    en, zh = (text.format(error=error) for text in plain.detail)
    return plain._replace(detail=Sentence(en, zh))


for kinds, plain in PLAIN.items():
    for kind in kinds:
        told.register(kind, partial(filled, plain))


def invalid(faults: Sequence[Any]) -> Told:
    """What is wrong with a request, place by place; never what was sent: that may be personal.

    As many as `MOST_FAULTS`: nobody else is answered while they are put together. A request that
    fits the document but for the range of a day has a type of its own.
    """
    found = faults_by_place(faults[:MOST_FAULTS])
    places = ", ".join(found)
    kind = DATE_OUT_OF_RANGE if {*found.values()} == {OUT_OF_RANGE} else INVALID
    return Told(
        *kind,
        Sentence(f"Correct these and send it again: {places}", f"请更正后重新提交：{places}"),
        {"errors": [{"where": where, "what": what} for where, what in found.items()]},
    )


def faults_by_place(faults: Sequence[Any]) -> dict[str, Sentence]:
    """One sentence a place; what fits neither of two kinds is one fault, not two."""
    kinds: dict[tuple[str | int, ...], set[str | int]] = {}
    for fault in faults:
        kinds.setdefault(fault["loc"][:-1], set()).add(fault["loc"][-1])
    neither = {place: EITHER.get(frozenset(of)) for place, of in kinds.items()}
    found: dict[str, Sentence] = {}
    for fault in faults:
        place = fault["loc"]
        either = neither[place[:-1]]
        if either is not None:
            place = place[:-1]
        what = either or fault_of(place, fault["type"], fault["msg"], fault.get("ctx", {}))
        where = ".".join(map(str, place))
        found[where] = OUT_OF_RANGE if is_out_of_range(fault) else found.get(where, what)
    return found
