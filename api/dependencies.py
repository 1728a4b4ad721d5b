"""The system that every route uses, wired once, and who acts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Final, cast

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from api.errors import Unauthenticated
from api.upkeep import kept_up
from application.beginning import open_records
from application.database import Database
from application.erasure import Erasures
from application.keystore import rotated
from application.records import Actor, Records
from application.settings import Settings
from application.tokens import Tokens
from application.vault import Vault, open_vault
from projections.projector import Projector, running
from projections.readings import (
    Readings,
)

STARTUP: Final = 30.0  # seconds until there are read models at all


@dataclass(frozen=True, slots=True)
class System:
    """Everything that routes use, wired once."""

    settings: Settings
    database: Database
    records: Records
    readings: Readings
    projector: Projector
    tokens: Tokens
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
        ):
            projector.wait(0, STARTUP)
            Erasures(records, vault).heal()
            yield System(settings, database, records, readings, projector, Tokens(settings), vault)
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
    bearerFormat="JWT",
    description="令牌由命令 huhang token 签发。A token issued by `huhang token`.",
)


def actor_of(request: Request) -> Actor:
    """Who acts. Raises `Unauthenticated`, `TokenRefused`."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    return system_of(request).tokens.actor_of(token.strip())


def current_actor(
    request: Request,
    _: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)],
) -> Actor:
    """Who acts, by the token."""
    return actor_of(request)


CurrentActor = Annotated[Actor, Depends(current_actor)]
