"""The HTTP application: its wiring, routes, errors and limits, and the OpenAPI document."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache, cached_property, partial
from typing import Any, ClassVar, Final

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from api import documentation, errors, permissions
from api.dependencies import wired
from api.examples import EXAMPLES
from api.parts import PREFIX
from api.routes import (
    access,
    accounts,
    case_results,
    cases,
    centres,
    disposals,
    erasures,
    findings,
    hindsight,
    history,
    impact_assessments,
    ledgers,
    log,
    oidc,
    pins,
    practitioners,
    protection,
    regions,
    requests,
    reviews,
    searches,
    session,
    statistics,
    supervision,
    tokens,
    unsealing,
)
from api.seeing import require_permitted
from api.transport import (
    BodyLimit,
    SafeAnswers,
    WholeAddresses,
    other_method,
    require_acceptable,
    require_known_parameters,
)
from application.database import Database
from application.settings import Settings

ALWAYS: Final = (401, 403, 404, 406, 413, 422, 503)
"""The errors that any operation may answer with."""

DESCRIPTION: Final = """护航：婚姻家庭辅导工作记录系统。
每一项操作都是一条不可更改的记录，每一个数字都可按任一时点重建。

Huhang: the records of a marriage-and-family counselling network. Every action is an event that
is never edited; every figure can be rebuilt as known at any past moment.

* **Commands** are `POST`. Their body holds the facts by name, and beside them `occurred` (when it
  happened; default: now) and `reason`. `Idempotency-Key` (a UUID) makes repeating safe,
  `If-Match` refuses to change a version you have not seen. The answer's `Huhang-Position` may be
  handed to a query as `min_position`.
* **Queries** are `GET` and take `as_of` (a position, a date, an instant) and `boundaries`
  (`then`, `now` or a date). Commands refuse `as_of`. Only a search for a person is a `POST`: no
  number stands in an address.
* **Errors** are `application/problem+json` (RFC 9457) with a stable `type`, in Chinese or English
  by `Accept-Language`.
"""


def create_app(database: Database, settings: Settings) -> FastAPI:
    """The application over an installed database."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        permissions.require_listed(application.parameters)
        wiring = wired(database, settings)
        app.state.system = await run_in_threadpool(wiring.__enter__)
        try:
            yield
        finally:
            await run_in_threadpool(wiring.__exit__, None, None, None)

    app = application = Application(
        title="护航 Huhang",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        routes=[*operations()],
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.by_tls = (settings.public_url or "").startswith("https:")
    errors.install(app)
    app.add_exception_handler(405, other_method)
    app.add_middleware(BodyLimit, limit=settings.body_limit)
    app.add_middleware(WholeAddresses)  # before a body is taken in
    return app


@cache
def operations() -> Sequence[BaseRoute]:
    """All operations at their addresses, with what is asked of a request and how it may fail.

    Made once a process: to work them out takes the framework a second.
    """
    router = APIRouter(generate_unique_id_function=operation_id)
    # Each straight into one router: the framework works out every route anew at each level.
    versioned = partial(
        router.include_router,
        prefix=PREFIX,
        dependencies=[
            Depends(require_acceptable),
            Depends(require_known_parameters),
            Depends(require_permitted),
        ],
    )
    for commands in (
        cases,
        case_results,
        centres,
        practitioners,
        regions,
        supervision,
        reviews,
        access,
        erasures,
        pins,
        accounts,
        tokens,
        protection,
        requests,
        impact_assessments,
        disposals,
    ):
        versioned(commands.router, responses=problems(*ALWAYS, 409, 412, 415, 429))
    for steps in (session.door, session.router, session.plain, oidc.linking):
        versioned(steps, responses=problems(*ALWAYS, 409, 415, 429))
    for queries in (statistics, ledgers, findings, history, hindsight, log, unsealing):
        versioned(queries.router, responses=problems(*ALWAYS))
    versioned(oidc.router, responses=problems(*ALWAYS, 429))
    versioned(searches.router, responses=problems(*ALWAYS, 415, 429))
    for queried in (
        regions,
        access,
        accounts,
        tokens,
        pins,
        protection,
        requests,
        disposals,
        erasures,
    ):
        versioned(queried.queries, responses=problems(*ALWAYS))
    router.include_router(log.probes, responses=problems(503))
    router.include_router(documentation.router)
    return router.routes


def operation_id(route: APIRoute) -> str:
    """The name of a route's function: unique, and stable when its path changes."""
    return route.name


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How the document describes these errors."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": "Problem (RFC 9457)",
            "content": {errors.MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


class Application(FastAPI):
    """The framework's application, its answers made safe and its document completed."""

    by_tls = False
    documents: ClassVar[dict[int, dict[str, Any]]] = {}

    def build_middleware_stack(self) -> ASGIApp:
        """Everything, failures that nobody foresaw included, goes out with the safe headers."""
        return SafeAnswers(super().build_middleware_stack(), by_tls=self.by_tls)

    @cached_property
    def parameters(self) -> dict[str, dict[str, bool]]:
        """The parameters in the address of each operation, and whether one may be repeated."""
        return {
            operation["operationId"]: {
                parameter["name"]: takes_several(parameter["schema"])
                for parameter in operation.get("parameters", ())
                if parameter["in"] == "query"
            }
            for path in self.openapi()["paths"].values()
            for operation in path.values()
        }

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document: strict bodies, the schema of problems, an example a command."""
        # Made once a process: it takes seconds, and all applications have the same operations,
        # unless somebody adds one.
        self.openapi_schema = self.openapi_schema or self.documents.get(len(self.routes))
        if self.openapi_schema is None:
            document = super().openapi()
            schemas = document["components"]["schemas"]
            schemas["Problem"] = errors.Problem.model_json_schema()
            for name, schema in schemas.items():
                if name.startswith("Body_"):
                    schema["additionalProperties"] = False
                demand_text(schema)
            for path in document["paths"].values():
                for operation in path.values():
                    add_example(operation)
                    documentation.tell_people(operation)
                    for parameter in operation.get("parameters", ()):
                        leave_out_null(parameter["schema"])
            self.documents[len(self.routes)] = document
        assert self.openapi_schema is not None
        return self.openapi_schema


def add_example(operation: dict[str, Any]) -> None:
    """Show a body that a command takes."""
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        content["example"] = EXAMPLES[operation["operationId"]]


def demand_text(schema: Any) -> None:
    """A text that must not be empty is stripped first: blanks alone are none."""
    if isinstance(schema, dict):
        if schema.get("type") == "string" and schema.get("minLength") == 1:
            schema.setdefault("pattern", r"\S")
        for part in schema.values():
            demand_text(part)
    elif isinstance(schema, list):
        for part in schema:
            demand_text(part)


def takes_several(schema: dict[str, Any]) -> bool:
    """Whether a parameter is a list."""
    return any(one.get("type") == "array" for one in (schema, *schema.get("anyOf", ())))


def leave_out_null(schema: dict[str, Any]) -> None:
    """A parameter is given or left out; there is no way to write null in an address or a header."""
    if "anyOf" in schema:
        schema["anyOf"] = [choice for choice in schema["anyOf"] if choice != {"type": "null"}]
