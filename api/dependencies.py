"""What routes ask for by type: who acts, the command, the desks, the reading, the wiring itself."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final, cast
from uuid import UUID, uuid4, uuid5

from fastapi import Body, Depends, Header, Query, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import ErrorDetails
from starlette.concurrency import run_in_threadpool

from api.admission import Admitted, admitted, require_same_origin, session_of
from api.errors import CommandInThePast
from api.transport import require_json
from api.upkeep import kept_up
from application.access import Accesses
from application.accounts import Accounts
from application.api_tokens import ApiTokens
from application.as_of import no_position
from application.assessments import Assessments
from application.beginning import open_records
from application.casework import Casework
from application.centres import Centres
from application.database import Database
from application.disposals import Disposals
from application.erasure import Erasures
from application.eventlog import Receipt, head
from application.identity import Identity, open_identity
from application.keystore import rotated
from application.pins import Pins
from application.protection import Protection
from application.records import Actor, Command, Records
from application.requests import Requests
from application.reviews import Reviews
from application.sessions import Session
from application.settings import Settings
from application.sign_in import SignIn
from application.supervision import Supervision
from application.team import Team
from application.territory import Regions
from application.vault import Vault, open_vault
from domain.base import UNSEALED, Occurred, Text
from projections.history import version_at
from projections.projector import Lagging, Projector, running
from projections.questions import Period
from projections.readings import (
    ISO_DATE,
    Boundaries,
    Reading,
    Readings,
    boundaries_from,
    moment_from,
)
from projections.statistics import Statistics

LAST_POSITION: Final = 2**63 - 1  # as PostgreSQL's bigint
STARTUP: Final = 30.0  # seconds until there are read models at all
WAIT: Final = 5.0  # seconds that a query waits for what its client wrote before
SIMULATED: Final = "模拟数据，不代表真实工作。Simulated – no real work."


@dataclass(frozen=True, slots=True)
class System:
    """Everything that routes use, wired once."""

    settings: Settings
    database: Database
    records: Records
    readings: Readings
    projector: Projector
    identity: Identity
    vault: Vault


@contextmanager
def wired(database: Database, settings: Settings) -> Iterator[System]:
    """The system over a database, its projector running live until the end."""
    projector = Projector(database)
    records = open_records(database, settings)
    readings = Readings(database)
    try:
        with (
            running(projector),
            kept_up(database, settings, records),
            open_vault(database, settings) as vault,
            rotated(vault.store),
            open_identity(database, settings, records, vault) as identity,
        ):
            projector.wait(0, STARTUP)
            Erasures(records, vault).heal()
            yield System(settings, database, records, readings, projector, identity, vault)
    finally:
        readings.close()
        records.close()


def system_of(request: Request) -> System:
    """The wiring of the application that got a request."""
    return cast("System", request.app.state.system)


SystemDep = Annotated[System, Depends(system_of)]

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="接口令牌，或由命令 huhang token 签发的令牌；网页用登录后的 cookie。"
    "An API token, or one issued by `huhang token`; pages send the cookie of their session.",
)


def current(
    request: Request,
    _: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)],
) -> Admitted:
    """Who sends the request, and by what."""
    return admitted(request)


def current_actor(who: Annotated[Admitted, Depends(current)]) -> Actor:
    """Who acts."""
    return who.actor


CurrentActor = Annotated[Actor, Depends(current_actor)]


def current_session(request: Request) -> Session:
    """The session that a request belongs to, also one that is not finished."""
    return session_of(request)


CurrentSession = Annotated[Session, Depends(current_session)]


class BodyRoute(APIRoute):
    """Lets in who may come, then reads the body strictly.

    A misspelt `occurred` must not pass for none, nor “60” for 60, and a text with the character
    U+0000 could not be read again as a text of the database.
    """

    def admit(self, request: Request) -> object:
        """Refuse who may not come, before the body is looked at."""
        raise NotImplementedError

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the framework behind ours."""
        handle = super().get_route_handler()
        assert self.body_field is not None, "a command has at least `occurred` and `reason`"
        body_model = cast("type[BaseModel]", self.body_field.field_info.annotation)
        required = self.body_field.field_info.is_required()

        async def handle_strictly(request: Request) -> Response:
            await run_in_threadpool(self.admit, request)
            body = await request.body()
            if body:
                require_json(request)
            if body or required:
                read_strictly(body_model, body)
            return await handle(request)

        return handle_strictly


class CommandRoute(BodyRoute):
    """A change by who acts."""

    def admit(self, request: Request) -> object:
        """Who acts."""
        return admitted(request)


class SessionRoute(BodyRoute):
    """A step in a session, also in one that is not finished."""

    def admit(self, request: Request) -> object:
        """Whose session it is."""
        return session_of(request)


class DoorRoute(BodyRoute):
    """A step of somebody who is nobody yet."""

    def admit(self, request: Request) -> object:
        """Any page of ours, and any program that is no page."""
        require_same_origin(request)
        return None


def read_strictly(body_model: type[BaseModel], body: bytes) -> None:
    """Refuse a body that is not exactly what is asked for. Raises `RequestValidationError`."""
    if rb"\u0000" in body:
        raise RequestValidationError(
            [{"loc": ("body",), "type": "string_nul", "msg": "A text holds the character U+0000"}]
        )
    try:
        body_model.model_validate_json(body, strict=True, extra="forbid")
    except ValidationError as error:
        faults = [fault for fault in error.errors() if not is_whole_number(fault)]
        if faults:
            raise RequestValidationError(
                [{**fault, "loc": ("body", *fault["loc"])} for fault in faults]
            ) from None


def is_whole_number(fault: ErrorDetails) -> bool:
    """Whether an integer was just written as 60.0, which is the same number in JSON."""
    given = fault["input"]
    return fault["type"] == "int_type" and isinstance(given, float) and given.is_integer()


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
    if "as_of" in request.query_params:
        raise CommandInThePast
    return Command(
        by=actor,
        request=idempotency_key or uuid4(),
        occurred=occurred,
        reason=reason,
        expected_version=int(if_match.strip('"')) if if_match else None,
    )


CommandDep = Annotated[Command, Depends(command_of)]


def casework_of(system: SystemDep) -> Casework:
    return Casework(system.records, system.vault)


def centres_of(system: SystemDep) -> Centres:
    return Centres(system.records)


def team_of(system: SystemDep) -> Team:
    return Team(system.records, system.vault)


def regions_of(system: SystemDep) -> Regions:
    return Regions(system.records)


def supervision_of(system: SystemDep) -> Supervision:
    return Supervision(system.records)


def reviews_of(system: SystemDep) -> Reviews:
    return Reviews(system.records)


def erasures_of(system: SystemDep) -> Erasures:
    return Erasures(system.records, system.vault)


def accesses_of(system: SystemDep) -> Accesses:
    return Accesses(system.records)


def accounts_of(system: SystemDep) -> Accounts:
    return system.identity.accounts


def api_tokens_of(system: SystemDep) -> ApiTokens:
    return system.identity.api_tokens


def sign_in_of(system: SystemDep) -> SignIn:
    return system.identity.sign_in


ErasuresDep = Annotated[Erasures, Depends(erasures_of)]


def pins_of(system: SystemDep) -> Pins:
    return Pins(system.records)


def protection_of(system: SystemDep) -> Protection:
    return Protection(system.records, system.vault)


def requests_of(system: SystemDep) -> Requests:
    return Requests(system.records, system.vault)


def assessments_of(system: SystemDep) -> Assessments:
    return Assessments(system.records)


def disposals_of(system: SystemDep) -> Disposals:
    return Disposals(system.records, system.vault)


CaseworkDep = Annotated[Casework, Depends(casework_of)]
CentresDep = Annotated[Centres, Depends(centres_of)]
TeamDep = Annotated[Team, Depends(team_of)]
RegionsDep = Annotated[Regions, Depends(regions_of)]
SupervisionDep = Annotated[Supervision, Depends(supervision_of)]
ReviewsDep = Annotated[Reviews, Depends(reviews_of)]
AccessesDep = Annotated[Accesses, Depends(accesses_of)]
PinsDep = Annotated[Pins, Depends(pins_of)]
AccountsDep = Annotated[Accounts, Depends(accounts_of)]
ApiTokensDep = Annotated[ApiTokens, Depends(api_tokens_of)]
SignInDep = Annotated[SignIn, Depends(sign_in_of)]
ProtectionDep = Annotated[Protection, Depends(protection_of)]
RequestsDep = Annotated[Requests, Depends(requests_of)]
AssessmentsDep = Annotated[Assessments, Depends(assessments_of)]
DisposalsDep = Annotated[Disposals, Depends(disposals_of)]

NewId = Annotated[
    UUID | None,
    Body(
        alias="id",
        description="新记录的编号，可由客户端给定。Id of the new record; the client may choose it.",
    ),
]


def new_id(chosen: UUID | None, by: Command) -> UUID:
    """The id of a new aggregate: the same for a command that is repeated."""
    return chosen or uuid5(by.request, "aggregate")


class Recorded(BaseModel):
    """The receipt of a command: which record is at which version now, and where the log says so."""

    request: UUID
    id: UUID
    version: int = Field(examples=[3])
    first_position: int = Field(examples=[1234])
    last_position: int = Field(examples=[1235])
    recorded_at: datetime


class Answer:
    """Turns a receipt into the answer to a command."""

    def __init__(self, response: Response, system: SystemDep) -> None:
        self._response = response
        self._readings = system.readings

    def __call__(self, aggregate: UUID, receipt: Receipt) -> Recorded:
        """The answer, with the version as ETag and the position to wait for."""
        version = version_at(self._readings, receipt.last_position)
        self._response.headers["ETag"] = f'"{version}"'
        self._response.headers["Location"] = f"/api/v1/history/{aggregate}"
        self._response.headers["Huhang-Position"] = str(receipt.last_position)
        return Recorded(
            request=receipt.request,
            id=aggregate,
            version=version,
            first_position=receipt.first_position,
            last_position=receipt.last_position,
            recorded_at=receipt.recorded_at,
        )


AnswerDep = Annotated[Answer, Depends(Answer)]


class ReadAt(BaseModel):
    """The moment of an answer: everything recorded up to `position`, nothing after it.

    `lag` is how many recorded events the read models still miss; `notice` warns of a simulated log.
    """

    position: int
    recorded_at: datetime
    lag: int
    simulated: bool
    notice: str | None = None

    @classmethod
    def of(cls, reading: Reading) -> ReadAt:
        """What an answer says about its reading."""
        return cls(
            position=reading.position,
            recorded_at=reading.recorded_at,
            lag=reading.lag,
            simulated=reading.simulated,
            notice=SIMULATED if reading.simulated else None,
        )


PositionNumber = Annotated[int, Field(ge=1, le=LAST_POSITION)]

Moment = Annotated[
    str,
    Query(
        max_length=40,
        pattern=r"^[0-9TZ:.+\- ]+$",
        description="截至：位置、日期（当日终了）或带时区的时刻，缺省为现在。"
        "As of a position, a date (its end in Asia/Shanghai) or an instant with its offset.",
        examples=["2019-12-31"],
    ),
]


def read_at(readings: Readings, moment: str | None) -> Reading:
    """The reading at what a person wrote. Raises `AsOfRefused`, `Lagging`."""
    # A plus sign that nobody escaped arrives as a space.
    return readings.at(moment_from(moment.replace(" ", "+")) if moment else None)


def last_position(readings: Readings) -> int:
    """The last position of the log."""
    with readings.connection() as connection:
        return head(connection)


def reading_of(
    system: SystemDep,
    as_of: Moment | None = None,
    min_position: Annotated[
        PositionNumber | None,
        Query(description="等待查询数据更新到该位置。Wait until readings hold this position."),
    ] = None,
    huhang_position: Annotated[
        PositionNumber | None,
        Header(description="同 min_position。The same as `min_position`."),
    ] = None,
) -> Reading:
    """The reading of a query. Raises `AsOfRefused`, `Lagging`."""
    wanted = max(min_position or 0, huhang_position or 0)
    if wanted:
        last = last_position(system.readings)
        if wanted > last:
            raise no_position(last, wanted)
        system.projector.wait(wanted, WAIT)
    try:
        return read_at(system.readings, as_of)
    except Lagging as behind:
        # Today's end is the last position, ahead of the read models whenever somebody records:
        # that very position is waited for, once.
        system.projector.wait(behind.position, WAIT)
        return system.readings.at(behind.position)


ReadingDep = Annotated[Reading, Depends(reading_of)]


def region_from(value: Any) -> Any:
    """A region's id, or its official code."""
    try:
        return UUID(value) if isinstance(value, str) and "-" in value else value
    except ValueError:
        return value


RegionParameter = Annotated[
    UUID | Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,36}$")],
    BeforeValidator(region_from),
    Query(
        description="区划代码或编号。Official code or id of a region.",
        examples=["370000"],
    ),
]


def boundaries_of(
    boundaries: Annotated[
        str,
        Query(
            pattern=r"^(then|now|[0-9]{4}-[0-9]{2}-[0-9]{2})$",
            description="区划口径：then 当时，now 现行，或某日。"
            "Whose boundaries count: then, now, or those of a date.",
            examples=["then"],
        ),
    ] = "then",
) -> Boundaries:
    """Whose boundaries count. Raises `AsOfRefused`."""
    return boundaries_from(boundaries)


BoundariesDep = Annotated[Boundaries, Depends(boundaries_of)]


def iso(value: Any) -> Any:
    """A date is written YYYY-MM-DD and in no other way."""
    if not isinstance(value, str) or not ISO_DATE.fullmatch(value):
        raise ValueError("write the date like 2019-12-31")
    return value


Day = Annotated[date, BeforeValidator(iso), WithJsonSchema({"type": "string", "format": "date"})]


def period_of(
    first: Annotated[Day, Query(alias="from", examples=["2019-01-01"])],
    last: Annotated[Day, Query(alias="to", examples=["2019-12-31"])],
) -> Period:
    """The period of a question, both days included. Raises `QuestionRefused`."""
    return Period(first, last)


PeriodDep = Annotated[Period, Depends(period_of)]


def statistics_of(system: SystemDep) -> Statistics:
    return Statistics(system.readings)


StatisticsDep = Annotated[Statistics, Depends(statistics_of)]
