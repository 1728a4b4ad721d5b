"""What a command is given by: its body read strictly, who gives it, its receipt."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any, Final, cast
from uuid import UUID, uuid4, uuid5

from fastapi import Body, Depends, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import (
    BaseModel,
    Field,
    ValidationError,
)
from pydantic_core import ErrorDetails
from starlette.concurrency import run_in_threadpool

from api.admission import admitted, require_same_origin, session_of
from api.dependencies import CurrentActor, System, SystemDep
from api.errors import MOST_FAULTS, CommandInThePast
from api.transport import require_json
from application.eventlog import Receipt
from application.records import Command
from domain.base import UNSEALED, Occurred, Refused, Text
from projections.history import version_and_leaf_at

TOO_MANY: Final = f"More than {MOST_FAULTS:,} things are wrong here"
MOST_PARTS: Final = 20_000  # lists, objects and what is in them, or signs of them in texts
TOO_NESTED: Final = f"More than {MOST_PARTS:,} opening brackets and commas are in the body"

RANDOM: Final = (4, 7)  # versions of UUIDs that nobody can work out (RFC 9562)


class BodyRoute(APIRoute):
    """Lets in who may come, then reads the body strictly.

    A misspelt `occurred` must not pass for none, nor “60” for 60, and a text with the character
    U+0000 could not be read again as a text of the database.
    """

    async def admit(self, request: Request) -> None:
        """Refuse who may not come, before the body is looked at."""
        raise NotImplementedError

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the framework behind ours."""
        handle = super().get_route_handler()
        assert self.body_field is not None, "a command has at least `occurred` and `reason`"
        body_model = cast("type[BaseModel]", self.body_field.field_info.annotation)
        required = self.body_field.field_info.is_required()

        async def handle_strictly(request: Request) -> Response:
            await self.admit(request)
            body = await request.body()
            if body:
                require_json(request)
            if body or required:
                read_strictly(body_model, body)
            return await handle(request)

        return handle_strictly


class CommandRoute(BodyRoute):
    """A change by who acts."""

    async def admit(self, request: Request) -> None:
        """Who acts."""
        await admitted(request)


class SessionRoute(BodyRoute):
    """A step in a session, also in one that is not finished."""

    async def admit(self, request: Request) -> None:
        """Whose session it is."""
        await run_in_threadpool(session_of, request)


class DoorRoute(BodyRoute):
    """A step of somebody who is nobody yet."""

    async def admit(self, request: Request) -> None:
        """Any page of ours, and any program that is no page."""
        require_same_origin(request)


def read_strictly(body_model: type[BaseModel], body: bytes) -> None:
    """Refuse a body that is not exactly what is asked for. Raises `RequestValidationError`."""
    if rb"\u0000" in body:
        raise RequestValidationError(
            [{"loc": ("body",), "type": "string_nul", "msg": "A text holds the character U+0000"}]
        )
    # Each costs a Python object on the loop that answers everybody, a megabyte of them seconds.
    if sum(map(body.count, (b"[", b"{", b","))) > MOST_PARTS:
        raise RequestValidationError([{"loc": ("body",), "type": "too_nested", "msg": TOO_NESTED}])
    try:
        body_model.model_validate_json(body, strict=True, extra="forbid")
    except ValidationError as error:
        if error.error_count() > MOST_FAULTS:
            raise RequestValidationError(
                [{"loc": ("body",), "type": "too_many_faults", "msg": TOO_MANY}]
            ) from None
        faults = [fault for fault in error.errors() if not is_whole_number(fault)]
        if faults:
            raise RequestValidationError(
                [{**fault, "loc": ("body", *fault["loc"])} for fault in faults]
            ) from None


def is_whole_number(fault: ErrorDetails) -> bool:
    """Whether an integer was just written as 60.0, which is the same number in JSON."""
    given = fault["input"]
    return fault["type"] == "int_type" and isinstance(given, float) and given.is_integer()


def require_now(request: Request) -> None:
    """Refuse to act while reading as of a past moment. Raises `CommandInThePast`."""
    if "as_of" in request.query_params:
        raise CommandInThePast


NowDep = Annotated[None, Depends(require_now)]


async def command_of(
    request: Request,
    actor: CurrentActor,
    occurred: Annotated[
        Occurred | None,
        Body(
            description="业务时间：时刻（带时区）或日期，缺省为现在。"
            "When it happened: an instant with its offset, or a date in Asia/Shanghai; else now."
        ),
    ] = None,
    reason: Annotated[
        Text | None,
        Body(
            description="原因：补录超过三天、更正、作废时必填。"
            "Why; required for late entries past 3 days, corrections and voidings. " + UNSEALED
        ),
    ] = None,
    idempotency_key: Annotated[
        UUID | None,
        Header(
            description="同一编号重复提交只记录一次。The same key again returns the first receipt."
        ),
    ] = None,
    if_match: Annotated[
        str | None,
        Header(
            pattern=r'^"[0-9]{1,15}"$',
            description="所见版本的 ETag；已被他人修改则答 412。"
            "The ETag of the version looked at; 412 when there is a newer one.",
            examples=['"3"'],
        ),
    ] = None,
) -> Command:
    """The command of a request. Raises `CommandInThePast`."""
    require_now(request)
    return Command(
        by=actor,
        request=idempotency_key or uuid4(),
        occurred=occurred,
        reason=reason,
        expected_version=int(if_match.strip('"')) if if_match else None,
    )


CommandDep = Annotated[Command, Depends(command_of)]
NewId = Annotated[
    UUID | None,
    Body(
        alias="id",
        description="新记录的编号，可由客户端给定。Id of the new record; the client may choose it.",
    ),
]


def new_id(chosen: UUID | None, by: Command) -> UUID:
    """The id of a new aggregate: the same for a command that is repeated.

    Raises `Refused` for one that is not random: streams of the system's own, such as a reader's
    day, have names made of what they are about, and nobody else may take them.
    """
    if chosen is not None and chosen.version not in RANDOM:
        raise Refused("id-not-random", id=chosen)
    return chosen or uuid5(by.request, "aggregate")


class Recorded(BaseModel):
    """The receipt of a command: which record is at which version now, and where the log says so."""

    request: UUID
    id: UUID
    version: int = Field(examples=[3])
    first_position: int = Field(examples=[1234])
    last_position: int = Field(examples=[1235])
    leaf: str = Field(
        pattern="^[0-9a-f]{64}$",
        description="最后一条记录的叶子散列。The leaf hash of what stands at the last position.",
    )
    recorded_at: datetime


class Answer:
    """Turns a receipt into the answer to a command."""

    def __init__(self, response: Response, system: System) -> None:
        self._response = response
        self._readings = system.readings

    def __call__(self, aggregate: UUID, receipt: Receipt) -> Recorded:
        """The answer, with the version as ETag and the position to wait for."""
        version, leaf = version_and_leaf_at(self._readings, receipt.last_position)
        self._response.headers["ETag"] = f'"{version}"'
        self._response.headers["Location"] = f"/api/v1/history/{aggregate}"
        self._response.headers["Huhang-Position"] = str(receipt.last_position)
        return Recorded(
            request=receipt.request,
            id=aggregate,
            version=version,
            first_position=receipt.first_position,
            last_position=receipt.last_position,
            leaf=leaf.hex(),
            recorded_at=receipt.recorded_at,
        )


async def answer_of(response: Response, system: SystemDep) -> Answer:
    """What turns the receipt of a request into its answer."""
    return Answer(response, system)


AnswerDep = Annotated[Answer, Depends(answer_of)]
